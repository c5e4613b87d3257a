//! What begins a routing policy, and of which kinds there are policies.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::PhoneNumber;
use crate::conversation::channel::{Address, Channel};
use crate::text::Key;

/// What a routing policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum PolicyKind {
    /// Runs while a call is set up.
    Call,
    /// Runs after a call, on an event or on a message, and works on data.
    DataAnalytics,
    /// Runs when a message needs a home.
    Digital,
    /// Came with the platform, for what no other policy takes: it can be changed and not retired.
    System,
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call => "call",
            Self::DataAnalytics => "data analytics",
            Self::Digital => "digital",
            Self::System => "system",
        })
    }
}

/// What begins a routing policy. That each begins one policy only is kept by the tenant's inventory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Start {
    /// A call to a number of ours.
    Number {
        /// The number.
        number: PhoneNumber,
    },
    /// A call to an extension.
    Extension {
        /// The extension, or a pattern of extensions such as `8xxx`.
        pattern: Key,
    },
    /// A destination that other policies and devices name.
    Destination {
        /// Its name.
        name: Key,
    },
    /// A call over a SIP trunk.
    Trunk {
        /// The trunk's name.
        trunk: Key,
    },
    /// A call to a user's own number.
    DirectNumbers,
    /// A message to an address of ours.
    Address {
        /// The channel.
        channel: Channel,
        /// The address.
        address: Address,
    },
    /// Any message, in either direction.
    Message,
    /// An event of the platform.
    Event {
        /// The event's kind, such as `CallEnded`.
        kind: Key,
    },
}

impl Start {
    /// Says whether a policy of some kind can begin with this.
    #[must_use]
    pub const fn begins(&self, kind: PolicyKind) -> bool {
        match (self, kind) {
            (
                Self::Number { .. } | Self::Extension { .. } | Self::Destination { .. } | Self::Trunk { .. },
                PolicyKind::Call | PolicyKind::System,
            )
            | (Self::DirectNumbers, PolicyKind::System)
            | (Self::Address { .. }, PolicyKind::Digital | PolicyKind::System)
            | (Self::Message, PolicyKind::DataAnalytics | PolicyKind::System)
            | (Self::Event { .. }, PolicyKind::DataAnalytics) => true,
            (
                Self::Number { .. } | Self::Extension { .. } | Self::Destination { .. } | Self::Trunk { .. },
                PolicyKind::DataAnalytics | PolicyKind::Digital,
            )
            | (Self::DirectNumbers, PolicyKind::Call | PolicyKind::DataAnalytics | PolicyKind::Digital)
            | (Self::Address { .. }, PolicyKind::Call | PolicyKind::DataAnalytics)
            | (Self::Message, PolicyKind::Call | PolicyKind::Digital)
            | (Self::Event { .. }, PolicyKind::Call | PolicyKind::Digital | PolicyKind::System) => false,
        }
    }
}
