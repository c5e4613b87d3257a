//! Customers who write, and what is done about them.

use domain_model::Millis;
use domain_model::conversation::channel::Channel;
use domain_model::ids::{AgentId, QueueId};

/// A customer who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    /// Their number among all who write.
    pub number: u64,
    /// Which customer they are.
    pub customer: u64,
    /// How they write.
    pub channel: Channel,
    /// The queue that the conversation waits in.
    pub queue: QueueId,
    /// How long they wait each time before they close it; for ever if none.
    pub patience: Option<Millis>,
    /// How long an agent is busy with it each time.
    pub talk: Millis,
    /// Whether they write once more.
    pub returns: Option<Returns>,
    /// What the first agent who has it does instead of serving them to the end.
    pub passed_on: Option<PassedOn>,
}

/// A customer writes once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returns {
    /// How long after the agent was done.
    pub after: Millis,
    /// Where.
    pub to: To,
}

/// Where a customer writes once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// In the same conversation: the agent put it down and left it open.
    TheSame,
    /// In another: the first was archived.
    Another,
}

/// An agent passes a conversation on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOn {
    /// How long after they took it.
    pub after: Millis,
    /// Where it goes.
    pub whom: Whom,
}

/// Where an agent passes a conversation on to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// To a colleague, who has it at once.
    Colleague(AgentId),
    /// To a queue.
    Queue(QueueId),
}
