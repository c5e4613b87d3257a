//! What agents take: a contact, on a channel.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::conversation::channel::Channel;
use crate::ids::{CallId, CallbackId, ConversationId};

/// How work reaches an agent; capacity is counted for each.
///
/// Wider than the [`Channel`] of a conversation, for calls and tasks take capacity too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WorkChannel {
    /// A call.
    Voice,
    /// Web chat.
    Chat,
    /// Text messages.
    Sms,
    /// Email.
    Email,
    /// WhatsApp.
    Whatsapp,
    /// Work without a customer on the line, such as a callback that is due.
    Task,
}

impl fmt::Display for WorkChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Voice => "voice",
            Self::Chat => "chat",
            Self::Sms => "SMS",
            Self::Email => "email",
            Self::Whatsapp => "WhatsApp",
            Self::Task => "task",
        })
    }
}

impl From<Channel> for WorkChannel {
    fn from(channel: Channel) -> Self {
        match channel {
            // Pictures beside the text are no other work.
            Channel::Sms | Channel::Mms => Self::Sms,
            Channel::Chat => Self::Chat,
            Channel::Email => Self::Email,
            Channel::Whatsapp => Self::Whatsapp,
        }
    }
}

/// One piece of work for an agent. An agent has each at most once at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Contact {
    /// A call.
    Call(CallId),
    /// An exchange of messages.
    Conversation(ConversationId),
    /// A promise to ring a customer back.
    Callback(CallbackId),
}

/// No such contact goes over this channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {contact} does not go over the channel {channel}")]
pub struct WrongChannel {
    /// The contact.
    pub contact: Contact,
    /// The channel.
    pub channel: WorkChannel,
}

impl Contact {
    /// Says whether it is an exchange of messages.
    #[must_use]
    pub const fn is_conversation(self) -> bool {
        match self {
            Self::Conversation(_) => true,
            Self::Call(_) | Self::Callback(_) => false,
        }
    }

    /// Says whether it is a promise to ring back.
    #[must_use]
    pub const fn is_callback(self) -> bool {
        match self {
            Self::Callback(_) => true,
            Self::Call(_) | Self::Conversation(_) => false,
        }
    }

    /// Checks that such a contact goes over a channel.
    ///
    /// # Errors
    /// [`WrongChannel`] if it does not.
    pub const fn check_channel(self, channel: WorkChannel) -> Result<(), WrongChannel> {
        let goes = match self {
            Self::Call(_) => matches!(channel, WorkChannel::Voice),
            Self::Conversation(_) => !matches!(channel, WorkChannel::Voice | WorkChannel::Task),
            Self::Callback(_) => matches!(channel, WorkChannel::Voice | WorkChannel::Task),
        };
        if goes {
            Ok(())
        } else {
            Err(WrongChannel {
                contact: self,
                channel,
            })
        }
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(id) => write!(f, "call {id}"),
            Self::Conversation(id) => write!(f, "conversation {id}"),
            Self::Callback(id) => write!(f, "callback {id}"),
        }
    }
}
