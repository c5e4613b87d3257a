//! The names of streams and of kinds of events.

use std::fmt;
use std::sync::Arc;

use domain_model::Decider;
use domain_model::ids::TenantId;
use serde::{Deserialize, Serialize};

/// The name of a stream: `category-tenant_id`, such as `call-acme_0198c0de-…`.
///
/// 1 to 255 bytes of UTF-8 without control characters, not beginning with `$`, which KurrentDB keeps for itself. What
/// stands before the first `-` is the category.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamName(pub(crate) Arc<str>);

/// The kind of an event: `CallOffered`. 1 to 128 bytes under the rules of [`StreamName`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kind(pub(crate) Arc<str>);

/// Why a name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing in it.
    #[error("the {what} is empty")]
    Empty {
        /// Which name.
        what: &'static str,
    },
    /// Longer than allowed.
    #[error("the {what} has {length} bytes, {max} are allowed")]
    TooLong {
        /// Which name.
        what: &'static str,
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// A control character.
    #[error("the {what} has a control character at byte {place}")]
    Control {
        /// Which name.
        what: &'static str,
        /// Where.
        place: usize,
    },
    /// Begins with `$`.
    #[error("the {what} begins with $, which is reserved")]
    Reserved {
        /// Which name.
        what: &'static str,
    },
}

fn check(what: &'static str, text: &str, max: usize) -> Result<(), InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty { what });
    }
    if text.len() > max {
        return Err(InvalidName::TooLong {
            what,
            length: text.len(),
            max,
        });
    }
    if text.starts_with('$') {
        return Err(InvalidName::Reserved { what });
    }
    match text.char_indices().find(|(_, c)| c.is_control()) {
        Some((place, _)) => Err(InvalidName::Control { what, place }),
        None => Ok(()),
    }
}

impl StreamName {
    /// The longest name, in bytes.
    pub const BYTES_MAX: usize = 255;

    /// Takes a name.
    ///
    /// # Errors
    /// [`InvalidName`] unless it has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check("stream name", text, Self::BYTES_MAX).map(|()| Self(text.into()))
    }

    /// Names an aggregate's stream.
    #[must_use]
    pub fn of<D: Decider>(tenant: &TenantId, id: D::Id) -> Self {
        Self(format!("{}-{tenant}_{id}", D::CATEGORY).into())
    }

    /// Returns what stands before the first `-`; all of it where there is none.
    #[must_use]
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or(&*self.0, |(category, _)| category)
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Kind {
    /// The longest kind, in bytes.
    pub const BYTES_MAX: usize = 128;

    /// Takes a kind.
    ///
    /// # Errors
    /// [`InvalidName`] unless it has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidName> {
        check("kind of event", text, Self::BYTES_MAX).map(|()| Self(text.into()))
    }

    /// Returns the kind as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! as_text {
    ($($Name:ident),*) => {$(
        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        impl TryFrom<String> for $Name {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(&text)
            }
        }

        impl From<$Name> for String {
            fn from(name: $Name) -> Self {
                name.as_str().to_owned()
            }
        }
    )*};
}

as_text!(StreamName, Kind);

// So that sets of kinds can be asked by text; a kind is ordered and compared as its text is.
impl std::borrow::Borrow<str> for Kind {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain_model::consent::Consent;
    use domain_model::ids::ConsentId;

    #[test]
    fn a_stream_is_named_after_its_aggregate() {
        let acme = TenantId::new("acme-eu").expect("a right tenant");
        let name = StreamName::of::<Consent>(&acme, ConsentId::new(uuid::Uuid::from_u128(1)));
        assert_eq!(
            name.as_str(),
            "consent-acme-eu_00000000-0000-0000-0000-000000000001"
        );
        assert_eq!(name.category(), "consent");
    }

    #[test]
    fn a_wrong_name_says_which_and_why() {
        for (text, why) in [
            ("", "the stream name is empty"),
            ("$all", "the stream name begins with $, which is reserved"),
            ("a\nb", "the stream name has a control character at byte 1"),
        ] {
            assert_eq!(StreamName::new(text).expect_err(text).to_string(), why);
        }
        assert!(StreamName::new(&"ü".repeat(128)).is_err(), "256 bytes");
        assert!(StreamName::new("Anruf-größe_ß漢字🦀").is_ok());
    }
}
