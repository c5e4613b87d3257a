//! Who asks for something, when, for whom and why: what goes with each command, and into each event's metadata.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{AgentId, CommandId, EventId, JourneyId, TenantId, UserId};
use crate::text::Key;

/// What the edge knows of one command. Made once, where the command enters; a repeat carries the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The command's id; its events' ids derive from it, so that a repeat records nothing.
    pub command: CommandId,
    /// The customer organisation. A command touches no other tenant's streams.
    pub tenant: TenantId,
    /// Who asks.
    pub actor: Actor,
    /// The edge's clock when the command came in.
    pub time: Timestamp,
    /// The journey it belongs to; its id is the correlation id of every event in it.
    pub journey: Option<JourneyId>,
    /// The event that led to this command, where a process sends it.
    pub cause: Option<EventId>,
}

/// Who asked for something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Actor {
    /// The customer: the caller, or who writes.
    Customer,
    /// An agent at their desk.
    Agent(AgentId),
    /// A supervisor or an admin.
    User(UserId),
    /// A process, a sink or the gateway, by its name: `offer-timeout`.
    System(Key),
    /// Somebody in the customer's CRM org, through its link.
    Crm(Key),
    /// A program with an API key, by the key's name.
    Api(Key),
}
