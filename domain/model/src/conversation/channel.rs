//! Where a conversation takes place: its channel, the addresses at both ends, and the inbox it is seen in.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, InboxId};
use crate::{Private, Text};

/// A digital channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Channel {
    /// Text messages.
    Sms,
    /// Text messages with pictures or sound.
    Mms,
    /// The chat widget of a web site.
    Chat,
    /// Electronic mail.
    Email,
    /// WhatsApp Business.
    Whatsapp,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sms => "SMS",
            Self::Mms => "MMS",
            Self::Chat => "chat",
            Self::Email => "email",
            Self::Whatsapp => "WhatsApp",
        })
    }
}

/// An address as its channel writes it: a number in E.164, a mailbox, the name of a widget or of its visitor.
///
/// 320 characters are the longest mailbox of RFC 5321: 64 before the `@`, 255 after it.
pub type Address = Text<320>;

/// Both ends of an exchange: an address of ours, the customer's, and the channel between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Pair {
    /// The channel.
    pub channel: Channel,
    /// Our address.
    pub ours: Address,
    /// The customer's address.
    pub theirs: Private<Address>,
}

/// Where agents see a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Inbox {
    /// An inbox whose members all see it, assign it to themselves and take it over.
    Shared {
        /// The inbox.
        inbox: InboxId,
    },
    /// One agent's own inbox: nobody else sees it, and it stays there until it is archived.
    Personal {
        /// Whose.
        of: AgentId,
    },
}
