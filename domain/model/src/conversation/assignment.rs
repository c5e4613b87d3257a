//! Assignment: who is responsible for a conversation. At most one agent at any time.

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::channel::Inbox;
use super::event::Event;
use super::offer::{self, WithdrawReason};
use super::state::State;
use crate::Timestamp;
use crate::context::Actor;
use crate::ids::{AgentId, OfferId};

/// How an agent became responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum How {
    /// By accepting an offer.
    Accepted {
        /// The offer.
        offer: OfferId,
    },
    /// By picking it themselves.
    Picked,
    /// By somebody else: a supervisor, a routing policy, the CRM.
    Given,
}

/// Why an agent is no longer responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum UnassignReason {
    /// They put it back.
    Released,
    /// It goes on to somebody else, who is yet to be found.
    Transferred,
    /// They left.
    Away,
    /// The conversation was archived.
    Archived,
}

/// What somebody wants of the assignment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum AssignmentCommand {
    /// Makes an agent responsible for a conversation that nobody has.
    Assign {
        /// The agent.
        agent: AgentId,
        /// Who wants it: the agent, or somebody else.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Makes an agent responsible, whoever was before.
    TakeOver {
        /// The agent.
        agent: AgentId,
        /// Who wants it: the agent, or somebody else.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Makes an agent no longer responsible.
    Unassign {
        /// The agent.
        agent: AgentId,
        /// Why.
        reason: UnassignReason,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(state: &State, command: AssignmentCommand) -> Result<Vec<Event>, Rejection> {
    match command {
        AssignmentCommand::Assign { agent, by, at } => {
            state.live()?;
            state.free_for(agent)?;
            match state.assigned {
                Some(holder) if holder == agent => Ok(vec![]),
                Some(by) => Err(Rejection::Taken { by }),
                None => Ok(assign(state, agent, by, at)),
            }
        }
        AssignmentCommand::TakeOver { agent, by, at } => {
            state.live()?;
            state.free_for(agent)?;
            match state.assigned {
                Some(holder) if holder == agent => Ok(vec![]),
                Some(from) => Ok(vec![Event::TakenOver { agent, from, by, at }]),
                // The other agent let go a moment ago; whoever wants it still gets it.
                None => Ok(assign(state, agent, by, at)),
            }
        }
        AssignmentCommand::Unassign {
            agent,
            reason,
            by,
            at,
        } => {
            state.opened()?;
            if state.assigned != Some(agent) {
                return Ok(vec![]);
            }
            Ok(vec![Event::Unassigned {
                agent,
                reason,
                by,
                at,
            }])
        }
    }
}

fn assign(state: &State, agent: AgentId, by: Actor, at: Timestamp) -> Vec<Event> {
    let how = if by == Actor::Agent(agent) {
        How::Picked
    } else {
        How::Given
    };
    let mut events = offer::withdraw(state, WithdrawReason::Taken, at, |_| true);
    events.push(Event::Assigned { agent, how, by, at });
    events
}

pub(super) fn set_inbox(
    state: &State,
    inbox: Inbox,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.live()?;
    if state.inbox == Some(inbox) {
        return Ok(vec![]);
    }
    match (state.inbox, inbox) {
        (Some(Inbox::Personal { of }), _) => Err(Rejection::Personal { of }),
        (None | Some(Inbox::Shared { .. }), Inbox::Shared { .. }) => {
            Ok(vec![Event::InboxSet { inbox, by, at }])
        }
        (None | Some(Inbox::Shared { .. }), Inbox::Personal { of }) => {
            if let Some(by) = state.assigned.filter(|holder| *holder != of) {
                return Err(Rejection::Taken { by });
            }
            // Nobody else will see it, so nobody else can answer its offers.
            let of_others = |offer| state.offers.get(&offer).is_some_and(|open| open.agent != of);
            let mut events = offer::withdraw(state, WithdrawReason::Moved, at, of_others);
            events.push(Event::InboxSet { inbox, by, at });
            Ok(events)
        }
    }
}
