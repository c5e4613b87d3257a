//! How offers end and why entries leave.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::values::{ExitKey, OBSTACLES_MAX};
use crate::Timestamp;
use crate::agent::Obstacle;
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, OfferId, QueueId};

/// How an offer ended that did not lead to a connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OfferFailure {
    /// The agent said no.
    Rejected,
    /// It rang for its whole time, and the agent did not answer.
    Missed,
    /// The customer left first.
    CallerGone,
    /// No device of the agent could be rung.
    DeviceUnreachable,
    /// It was taken back.
    Withdrawn,
    /// The agent left while it rang: they chose a state that takes no contacts, signed out, or were set aside.
    Away,
    /// Its time ran out and nobody reported how it ended.
    Lapsed,
    /// The customer was rung back and not reached.
    NotReached {
        /// From when on they are rung again; none if they are not.
        again_from: Option<Timestamp>,
    },
    /// Between decision and offer something came in the way.
    Unavailable {
        /// What.
        obstacles: Few<Obstacle, OBSTACLES_MAX>,
    },
}

/// How an offer ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OfferEnd {
    /// The agent and the customer were connected.
    Answered,
    /// Another agent who was rung at the same time accepted first.
    AnotherWasFirst,
    /// The agent said no.
    Rejected,
    /// It rang for its whole time, and the agent did not answer.
    Missed,
    /// The customer left first.
    CallerGone,
    /// No device of the agent could be rung.
    DeviceUnreachable,
    /// It was taken back.
    Withdrawn,
    /// The agent left while it rang: they chose a state that takes no contacts, signed out, or were set aside.
    Away,
    /// Its time ran out and nobody reported how it ended.
    Lapsed,
    /// The customer was rung back and not reached.
    NotReached {
        /// From when on they are rung again; none if they are not.
        again_from: Option<Timestamp>,
    },
    /// Between decision and offer something came in the way.
    Unavailable {
        /// What.
        obstacles: Few<Obstacle, OBSTACLES_MAX>,
    },
}

impl From<OfferFailure> for OfferEnd {
    fn from(failure: OfferFailure) -> Self {
        match failure {
            OfferFailure::Rejected => Self::Rejected,
            OfferFailure::Missed => Self::Missed,
            OfferFailure::CallerGone => Self::CallerGone,
            OfferFailure::DeviceUnreachable => Self::DeviceUnreachable,
            OfferFailure::Withdrawn => Self::Withdrawn,
            OfferFailure::Away => Self::Away,
            OfferFailure::Lapsed => Self::Lapsed,
            OfferFailure::NotReached { again_from } => Self::NotReached { again_from },
            OfferFailure::Unavailable { obstacles } => Self::Unavailable { obstacles },
        }
    }
}

impl fmt::Display for OfferEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "it was answered",
            Self::AnotherWasFirst => "another agent was first",
            Self::Rejected => "the agent rejected it",
            Self::Missed => "the agent missed it",
            Self::CallerGone => "the customer left",
            Self::DeviceUnreachable => "no device could be rung",
            Self::Withdrawn => "it was taken back",
            Self::Away => "the agent left",
            Self::Lapsed => "its time ran out",
            Self::NotReached { .. } => "the customer was rung back and not reached",
            Self::Unavailable { .. } => "the agent could not be offered it",
        })
    }
}

/// Why an entry leaves because of the customer or somebody who acts for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Departure {
    /// The customer hung up, or closed the chat.
    Abandoned,
    /// The customer pressed a key that leads out.
    PressedKey {
        /// The key.
        key: ExitKey,
    },
    /// It was moved to another queue by hand or by a routing policy.
    MovedTo {
        /// The other queue.
        queue: QueueId,
        /// Who moved it.
        by: Actor,
    },
    /// It was taken out by hand or by a routing policy.
    Removed {
        /// Who took it out.
        by: Actor,
    },
    /// The callback for which the place was kept was cancelled.
    CallbackCancelled {
        /// Who cancelled it.
        by: Actor,
    },
    /// The customer was rung back as often as it should be, and not reached.
    NotReached,
}

/// Why an entry leaves by the rules of its queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Expulsion {
    /// It waited as long as entries may.
    MaxWait,
    /// It waited so long that another queue helps out: the one set.
    Overflow,
    /// No agent is logged in to any of the groups.
    NobodyLoggedIn,
    /// Every agent logged in is in a state that takes no contacts.
    NobodyAvailable,
}

/// Why an entry left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LeftBecause {
    /// An agent was connected.
    Answered {
        /// The offer that led to it.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
    },
    /// The customer hung up, or closed the chat.
    Abandoned,
    /// The customer pressed a key that leads out.
    PressedKey {
        /// The key.
        key: ExitKey,
    },
    /// It was moved to another queue by hand or by a routing policy.
    MovedTo {
        /// The other queue.
        queue: QueueId,
        /// Who moved it.
        by: Actor,
    },
    /// It was taken out by hand or by a routing policy.
    Removed {
        /// Who took it out.
        by: Actor,
    },
    /// The callback for which the place was kept was cancelled.
    CallbackCancelled {
        /// Who cancelled it.
        by: Actor,
    },
    /// The customer was rung back as often as it should be, and not reached.
    NotReached,
    /// It waited as long as entries may.
    MaxWait,
    /// It waited so long that another queue helps out.
    Overflowed {
        /// The other queue; none if the routing policy says where to.
        to: Option<QueueId>,
    },
    /// No agent is logged in to any of the groups.
    NobodyLoggedIn,
    /// Every agent logged in is in a state that takes no contacts.
    NobodyAvailable,
}

impl From<Departure> for LeftBecause {
    fn from(departure: Departure) -> Self {
        match departure {
            Departure::Abandoned => Self::Abandoned,
            Departure::PressedKey { key } => Self::PressedKey { key },
            Departure::MovedTo { queue, by } => Self::MovedTo { queue, by },
            Departure::Removed { by } => Self::Removed { by },
            Departure::CallbackCancelled { by } => Self::CallbackCancelled { by },
            Departure::NotReached => Self::NotReached,
        }
    }
}
