//! Why things ended: calls, legs, offers, waits, consults, transfers, recordings and callbacks.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::parties::Who;
use crate::ids::{AgentId, CallbackId, OfferId, QueueId, StepId, UserId};
use crate::queue::ExitKey;
use crate::text::Key;

/// Why a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum EndCause {
    /// Whom the call was for hung up: the caller, or on a call of ours the customer.
    CallerHungUp,
    /// An agent hung up, and nobody was left to talk to the caller.
    AgentHungUp {
        /// Who.
        agent: AgentId,
    },
    /// Somebody else outside hung up, such as the number that the caller was handed on to.
    OtherHungUp,
    /// The customer we rang was on another call.
    Busy,
    /// The customer we rang did not answer in time.
    NoAnswer,
    /// The customer we rang could not be reached: a number not in use, a telephone that is off.
    Unreachable,
    /// The customer we rang, or their carrier, turned the call down.
    Rejected,
    /// Whoever placed the call gave up before it was answered.
    Cancelled,
    /// The routing policy came to its end.
    PolicyEnded {
        /// The step that ended it, where there was one.
        step: Option<StepId>,
    },
    /// The call was not let through: a blocked caller, a forbidden destination, a spending limit.
    Blocked {
        /// The rule that forbade it.
        reason: Key,
    },
    /// The caller was handed back to the carrier and goes on without us.
    TransferredAway,
    /// The call reached the longest time that is allowed.
    TimeLimit,
    /// No sound came from the far end any more.
    MediaLost,
    /// The carrier or a part of ours refused or broke.
    Failed {
        /// What went wrong: a status such as `sip-503`.
        reason: Key,
    },
    /// The machine that held the call is gone.
    NodeLost,
    /// A supervisor ended it.
    SupervisorEnded {
        /// Who.
        by: UserId,
    },
}

/// Why a leg ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LegCause {
    /// Who was at its far end hung up.
    HungUp,
    /// We ended it, since its part was over.
    Released,
    /// Whoever had it rung gave up before it was answered.
    Cancelled,
    /// Another leg or another agent answered first.
    AnsweredElsewhere,
    /// The caller was gone before it was answered.
    CallerGone,
    /// Its party handed the caller on, or the carrier took it over.
    Transferred,
    /// Its party was on another call.
    Busy,
    /// Its party did not answer in time.
    NoAnswer,
    /// Its party turned it down.
    Rejected,
    /// Its device or number could not be reached.
    Unreachable {
        /// Why not.
        why: Unreached,
    },
    /// It was not let through.
    Blocked {
        /// The rule that forbade it.
        reason: Key,
    },
    /// No sound came from it any more.
    MediaLost,
    /// The carrier or a part of ours refused or broke.
    Failed {
        /// What went wrong: a status such as `sip-503`.
        reason: Key,
    },
    /// The machine that held it is gone.
    NodeLost,
    /// The call as a whole ended.
    CallEnded,
}

/// Why a device or a number could not be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Unreached {
    /// No device of theirs is registered.
    NotRegistered,
    /// The device says that it is on another call.
    Busy,
    /// The device is registered and does not reply.
    NoReply,
    /// Nobody knows a way to the number.
    NoRoute,
    /// Something broke on the way.
    Failed,
}

/// Why somebody takes an offer back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Recall {
    /// The agent became unavailable while their device rang.
    AgentUnavailable,
    /// A supervisor takes it back.
    Supervisor {
        /// Who.
        by: UserId,
    },
    /// Whoever started the ringing stops it.
    Cancelled,
}

impl From<Recall> for Withdrawal {
    fn from(recall: Recall) -> Self {
        match recall {
            Recall::AgentUnavailable => Self::AgentUnavailable,
            Recall::Supervisor { by } => Self::Supervisor { by },
            Recall::Cancelled => Self::Cancelled,
        }
    }
}

/// Why an offer was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Withdrawal {
    /// Another agent took the caller.
    AnsweredElsewhere {
        /// Who.
        by: AgentId,
    },
    /// The caller left this queue for another reason.
    LeftQueue,
    /// The call ended.
    CallEnded,
    /// The agent became unavailable while their device rang.
    AgentUnavailable,
    /// A supervisor took it back.
    Supervisor {
        /// Who.
        by: UserId,
    },
    /// The ringing was stopped by whoever started it.
    Cancelled,
}

/// How an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The agent took it.
    Accepted,
    /// The agent turned it down.
    Rejected,
    /// The agent did not answer in time.
    Missed,
    /// The caller was gone first.
    CallerGone,
    /// No device of the agent could be reached.
    Unreachable,
    /// It was taken back.
    Withdrawn,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "it was accepted",
            Self::Rejected => "it was rejected",
            Self::Missed => "it was missed",
            Self::CallerGone => "the caller is gone",
            Self::Unreachable => "the agent could not be reached",
            Self::Withdrawn => "it was withdrawn",
        })
    }
}

/// Why a caller is taken out of a queue by somebody who decides so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Exit {
    /// The queue hands its callers on.
    Overflow {
        /// To this queue, unless to somewhere else.
        to: Option<QueueId>,
    },
    /// The caller pressed the key that leaves the queue.
    ExitKey {
        /// The key.
        key: ExitKey,
    },
    /// The longest wait that is allowed was reached.
    MaxWait,
    /// Nobody is there to answer, and the queue is set not to wait for them.
    NoAgents,
    /// The queue is full.
    Full,
    /// The queue is closed.
    Closed,
    /// The queue cannot take the caller, or does not exist any more.
    Refused,
    /// The routing policy goes on elsewhere.
    Policy,
}

/// Why a caller left a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LeaveReason {
    /// An agent talks to the caller.
    Answered {
        /// The offer that led to it.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
    },
    /// The caller hung up.
    Abandoned,
    /// The queue handed its callers on.
    Overflow {
        /// To this queue, unless to somewhere else.
        to: Option<QueueId>,
    },
    /// The caller pressed the key that leaves the queue.
    ExitKey {
        /// The key.
        key: ExitKey,
    },
    /// The longest wait that is allowed was reached.
    MaxWait,
    /// Nobody was there to answer, and the queue is set not to wait for them.
    NoAgents,
    /// The queue was full.
    Full,
    /// The queue was closed.
    Closed,
    /// The queue could not take the caller, or did not exist any more.
    Refused,
    /// The caller asked to be rung back and keeps the place.
    Callback {
        /// The promise.
        callback: CallbackId,
    },
    /// The routing policy went on elsewhere.
    Policy,
    /// An agent accepted, and the connection to the caller failed: the caller is to be queued again, in the same place.
    ConnectFailed {
        /// The offer that had been accepted.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
    },
    /// The call ended by other means than the caller hanging up.
    Ended,
}

impl From<Exit> for LeaveReason {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Overflow { to } => Self::Overflow { to },
            Exit::ExitKey { key } => Self::ExitKey { key },
            Exit::MaxWait => Self::MaxWait,
            Exit::NoAgents => Self::NoAgents,
            Exit::Full => Self::Full,
            Exit::Closed => Self::Closed,
            Exit::Refused => Self::Refused,
            Exit::Policy => Self::Policy,
        }
    }
}

/// Why a consult ended without a transfer or a conference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum ConsultEnd {
    /// The agent gave it up.
    Abandoned,
    /// Who was asked did not answer, turned it down or hung up.
    TargetGone,
    /// The agent hung up.
    AgentGone,
    /// The call ended.
    CallEnded,
}

/// How a caller was handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum TransferKind {
    /// Without asking first.
    Blind,
    /// After a consult.
    Attended,
}

/// Why something was stopped or did not come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum StopReason {
    /// Somebody asked for it.
    Asked,
    /// The routing policy came to the step that says so.
    Policy,
    /// The leg it hangs on ended.
    LegEnded,
    /// The call ended.
    CallEnded,
    /// A part of ours broke.
    Failed,
}

/// Why something kept was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum DeleteReason {
    /// The time for which it was to be kept is over.
    Retention,
    /// Somebody who may asked for it.
    Asked,
    /// A person asked to be forgotten.
    Erasure,
    /// It should never have been made.
    Unlawful,
}

/// Why a promise to ring back ended without being kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum CallbackEnd {
    /// It was offered, and the caller did not take it.
    NotTaken,
    /// Somebody called it off.
    Asked,
    /// The customer was served another way.
    Served,
    /// All attempts failed.
    Unreachable,
    /// The time until which it was to be kept is over.
    Expired,
}

/// Why a wrap-up failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WrapUpFailure {
    /// The time ran out before the mandatory code was chosen.
    NotDispositioned,
    /// The agent signed out or their desk was lost.
    AgentGone,
}

impl LegCause {
    // What the end of this leg says about the call, when nobody is left who talks.
    pub(super) fn ends_call(&self, who: Who, caller: bool) -> EndCause {
        match self {
            Self::HungUp if caller => EndCause::CallerHungUp,
            Self::HungUp => who
                .agent()
                .map_or(EndCause::OtherHungUp, |agent| EndCause::AgentHungUp { agent }),
            Self::CallerGone => EndCause::CallerHungUp,
            Self::Released | Self::CallEnded => EndCause::PolicyEnded { step: None },
            Self::Cancelled | Self::AnsweredElsewhere => EndCause::Cancelled,
            Self::Transferred => EndCause::TransferredAway,
            Self::Busy => EndCause::Busy,
            Self::NoAnswer => EndCause::NoAnswer,
            Self::Rejected => EndCause::Rejected,
            Self::Unreachable { .. } => EndCause::Unreachable,
            Self::Blocked { reason } => EndCause::Blocked {
                reason: reason.clone(),
            },
            Self::MediaLost => EndCause::MediaLost,
            Self::Failed { reason } => EndCause::Failed {
                reason: reason.clone(),
            },
            Self::NodeLost => EndCause::NodeLost,
        }
    }
}
