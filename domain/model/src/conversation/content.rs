//! What messages are made of. Nothing large is in the log: long bodies and attachments are named by their content hash.

use serde::{Deserialize, Serialize};

use super::Rejection;
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{PersonId, TemplateId};
use crate::text::{self, Key, Line};
use crate::{Private, Text};

/// How many attachments one message may have.
pub const ATTACHMENTS_MAX: usize = 10;
/// How many placeholders one template may have.
pub const PLACEHOLDERS_MAX: usize = 5;

/// What a message says and brings along: text, attachments, or both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Content {
    /// The text, unless there are attachments only.
    pub body: Option<Body>,
    /// The attachments, in the order sent.
    pub attachments: Few<Attachment, ATTACHMENTS_MAX>,
}

/// A message's text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Body {
    /// Up to 4,096 characters, in the event itself.
    Inline {
        /// The text.
        text: Private<text::Body>,
    },
    /// A longer one, kept outside the log.
    Kept {
        /// SHA-256 of the bytes as kept, which are sealed under the person's key, so that it gives nothing away.
        hash: ContentHash,
        /// How long the text is in UTF-8.
        length_bytes: u64,
    },
}

/// A file that came with a message, kept outside the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Attachment {
    /// SHA-256 of the bytes as kept, which are sealed under the person's key, so that it gives nothing away.
    pub hash: ContentHash,
    /// What it says it is, such as `image/png`.
    pub media_type: MediaType,
    /// How long the file is.
    pub length_bytes: u64,
}

/// A media type of RFC 6838, such as `image/png`: two names of at most 127 characters.
pub type MediaType = Text<255>;

impl Content {
    pub(super) fn check(&self) -> Result<(), Rejection> {
        if self.body.is_none() && self.attachments.is_empty() {
            return Err(Rejection::EmptyMessage);
        }
        Ok(())
    }
}

/// What a provider calls a message: by it a repeat is known, and replies and receipts find their message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct ProviderRef {
    /// SHA-256 of the provider's name and id: opaque, and still known after the person was erased.
    pub key: ContentHash,
    /// The provider's id itself; some have the customer's address in them.
    pub id: Private<Line>,
}

impl ProviderRef {
    /// Names a message as its provider does; `of` is the customer.
    #[must_use]
    pub fn new(of: PersonId, provider: &Key, id: Line) -> Self {
        // The length in front keeps the name and the id apart, whatever is in them.
        let name = provider.as_str();
        let key = ContentHash::of(format!("{} {name} {id}", name.len()).as_bytes());
        Self {
            key,
            id: Private::new(of, id),
        }
    }
}

/// The template that a message was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct TemplateUse {
    /// The template.
    pub template: TemplateId,
    /// Its version at the time.
    pub version: u32,
    /// What was put in, in the template's order.
    pub placeholders: Few<Placeholder, PLACEHOLDERS_MAX>,
}

/// One gap of a template, filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Placeholder {
    /// The gap's name.
    pub name: Key,
    /// What was put in.
    pub value: Private<Key>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::{person, text};

    #[test]
    fn a_provider_and_its_id_do_not_run_into_each_other() {
        let one = ProviderRef::new(person(1), &text("a b"), text("c"));
        let other = ProviderRef::new(person(1), &text("a"), text("b c"));
        assert_ne!(one.key, other.key);
    }

    #[test]
    fn the_key_is_the_same_whoever_the_customer_is() {
        let before = ProviderRef::new(person(1), &text("twilio"), text("SM1"));
        let after = ProviderRef::new(person(2), &text("twilio"), text("SM1"));
        assert_eq!(before.key, after.key);
    }
}
