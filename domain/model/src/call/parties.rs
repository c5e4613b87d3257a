//! Who takes part in a call, where it came in and where it may go.

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, DeviceId, GroupId, QueueId, RoutingPolicyId, UserId};
use crate::text::Key;
use crate::{PhoneNumber, Private, Text};

/// A short number inside one tenant, such as `2104`.
pub type Extension = Text<16>;

/// Which way a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Direction {
    /// A customer rings us.
    Inbound,
    /// We ring a customer.
    Outbound,
    /// A colleague rings a colleague or a service of ours.
    Internal,
}

/// Who rings us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Caller {
    /// Somebody outside who shows their number.
    Number {
        /// Their number.
        number: Private<PhoneNumber>,
    },
    /// Somebody outside who hides their number, or whose carrier gave none.
    Withheld,
    /// One of our own.
    Colleague {
        /// Whose agent it is.
        agent: AgentId,
    },
}

/// Where a call comes in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Entrance {
    /// A number of ours was dialled.
    Number {
        /// The number.
        number: PhoneNumber,
    },
    /// An extension was dialled.
    Extension {
        /// The extension.
        extension: Extension,
    },
    /// A trunk handed it over, whosever the number is that was dialled there.
    Trunk {
        /// The trunk's name.
        trunk: Key,
        /// The number that was dialled, where the trunk says it.
        called: Option<PhoneNumber>,
    },
    /// A named destination was invoked, by a device or another system.
    Destination {
        /// Its name.
        name: Key,
    },
    /// Something happened elsewhere that starts a call: a web form, a record in the CRM.
    Event {
        /// What happened.
        event: Key,
    },
}

/// Who is at the far end of a leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Party {
    /// The customer that the call is about.
    Customer {
        /// Their number, unless they hide it.
        number: Option<Private<PhoneNumber>>,
    },
    /// One of our own at a desk.
    Agent {
        /// Whose agent it is.
        agent: AgentId,
        /// The device that rings, where it is known.
        device: Option<DeviceId>,
    },
    /// Somebody else outside: a consulted expert, a supplier, a mobile telephone.
    Number {
        /// Their number.
        number: Private<PhoneNumber>,
    },
    /// A recorder outside that gets a live copy.
    Recorder,
    /// A supervisor who listens, whispers or barges in.
    Supervisor {
        /// The supervisor.
        user: UserId,
        /// The device that rings, where it is known.
        device: Option<DeviceId>,
    },
}

/// What decisions need to know of a [`Party`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Who {
    /// The customer that the call is about.
    Customer,
    /// One of our own at a desk.
    Agent {
        /// Whose agent it is.
        agent: AgentId,
    },
    /// Somebody else outside.
    Number,
    /// A recorder outside.
    Recorder,
    /// A supervisor.
    Supervisor {
        /// The supervisor.
        user: UserId,
    },
}

/// Whom an agent may ask before handing the caller on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Callee {
    /// A colleague.
    Agent {
        /// Whose agent it is.
        agent: AgentId,
    },
    /// Somebody outside.
    Number {
        /// Their number.
        number: Private<PhoneNumber>,
    },
}

/// Where a caller may be handed on to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Destination {
    /// A colleague.
    Agent {
        /// Whose agent it is.
        agent: AgentId,
    },
    /// Somebody outside.
    Number {
        /// Their number.
        number: Private<PhoneNumber>,
    },
    /// A queue.
    Queue {
        /// The queue.
        queue: QueueId,
    },
    /// A group, rung without a queue.
    Group {
        /// The group.
        group: GroupId,
    },
    /// Another routing policy.
    Policy {
        /// The routing policy.
        policy: RoutingPolicyId,
    },
    /// A voicemail box.
    Voicemail {
        /// Whose box it is.
        mailbox: Mailbox,
    },
}

/// Whose voicemail box a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Mailbox {
    /// One user's.
    User {
        /// The user.
        user: UserId,
    },
    /// A group's.
    Group {
        /// The group.
        group: GroupId,
    },
    /// A queue's.
    Queue {
        /// The queue.
        queue: QueueId,
    },
    /// A routing policy's own.
    Policy {
        /// The routing policy.
        policy: RoutingPolicyId,
    },
}

impl Caller {
    pub(super) fn direction(&self) -> Direction {
        match self {
            Self::Number { .. } | Self::Withheld => Direction::Inbound,
            Self::Colleague { .. } => Direction::Internal,
        }
    }
}

impl From<&Caller> for Party {
    fn from(caller: &Caller) -> Self {
        match caller {
            Caller::Number { number } => Self::Customer {
                number: Some(number.clone()),
            },
            Caller::Withheld => Self::Customer { number: None },
            Caller::Colleague { agent } => Self::Agent {
                agent: *agent,
                device: None,
            },
        }
    }
}

impl From<&Callee> for Party {
    fn from(callee: &Callee) -> Self {
        match callee {
            Callee::Agent { agent } => Self::Agent {
                agent: *agent,
                device: None,
            },
            Callee::Number { number } => Self::Number {
                number: number.clone(),
            },
        }
    }
}

impl From<Callee> for Destination {
    fn from(callee: Callee) -> Self {
        match callee {
            Callee::Agent { agent } => Self::Agent { agent },
            Callee::Number { number } => Self::Number { number },
        }
    }
}

impl From<&Party> for Who {
    fn from(party: &Party) -> Self {
        match party {
            Party::Customer { .. } => Self::Customer,
            Party::Agent { agent, .. } => Self::Agent { agent: *agent },
            Party::Number { .. } => Self::Number,
            Party::Recorder => Self::Recorder,
            Party::Supervisor { user, .. } => Self::Supervisor { user: *user },
        }
    }
}

impl Who {
    pub(super) fn agent(self) -> Option<AgentId> {
        match self {
            Self::Agent { agent } => Some(agent),
            Self::Customer | Self::Number | Self::Recorder | Self::Supervisor { .. } => None,
        }
    }

    // Whoever only listens in keeps no call alive.
    pub(super) fn takes_part(self) -> bool {
        match self {
            Self::Customer | Self::Agent { .. } | Self::Number => true,
            Self::Recorder | Self::Supervisor { .. } => false,
        }
    }
}
