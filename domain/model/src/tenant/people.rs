//! Who a user is: the personal part, each value under the key of the person that it is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Private;
use crate::ids::PersonId;
use crate::text::Name;

/// Who a user is. All of it is one person's data, so that erasing them leaves nothing of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// The name that colleagues see.
    name: Private<Name>,
    /// The address with which they sign in.
    email: Private<EmailAddress>,
}

/// An address of the form `local@domain`; the domain is kept in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// The text was no email address. It never repeats the text, which is personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no email address, such as ann@example.com")]
pub struct InvalidEmail;

/// A PIN as a password-hashing function left it, in the form `$algorithm$parameters$salt$hash`; never the PIN.
///
/// A PIN has so few digits that even this gives it away to who can try them all: it is private data besides.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinHash(String);

/// The text was no hash of a PIN. It never repeats the text, which may be the PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no password hash of the form $algorithm$parameters$salt$hash")]
pub struct InvalidPinHash;

/// What a user may do on the platform's own pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Role {
    /// Takes calls and messages and sees their own.
    Basic,
    /// Also sees and steers their groups.
    TeamLeader,
    /// Also changes everything that the tenant has.
    Admin,
}

impl Identity {
    /// Makes one person's identity.
    #[must_use]
    pub const fn new(person: PersonId, name: Name, email: EmailAddress) -> Self {
        Self {
            name: Private::new(person, name),
            email: Private::new(person, email),
        }
    }

    /// Returns whose it is.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.name.of()
    }

    /// Returns the name that colleagues see.
    #[must_use]
    pub const fn name(&self) -> &Private<Name> {
        &self.name
    }

    /// Returns the address with which the user signs in.
    #[must_use]
    pub const fn email(&self) -> &Private<EmailAddress> {
        &self.email
    }

    /// Says whether both would sign in as the same; an erased person as nobody.
    pub(super) fn signs_in_as(&self, other: &Self) -> bool {
        match (self.email.reveal(), other.email.reveal()) {
            (Some(one), Some(other)) => one.0.eq_ignore_ascii_case(&other.0),
            (None, _) | (_, None) => false,
        }
    }
}

impl EmailAddress {
    /// Checks and takes an address. Only a message that arrives would show more than this does.
    ///
    /// # Errors
    /// [`InvalidEmail`] unless it has the shape above, at most 254 characters, and none that need quoting.
    pub fn new(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let domain_is_right = domain.split('.').count() >= 2
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let local_is_right = (1..=64).contains(&local.len())
            && local.split('.').all(|part| !part.is_empty())
            && local
                .chars()
                .all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        if text.len() <= 254 && domain_is_right && local_is_right {
            Ok(Self(format!("{local}@{}", domain.to_lowercase())))
        } else {
            Err(InvalidEmail)
        }
    }

    /// Returns the address. Whoever calls this shows it to nobody without a right to it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PinHash {
    /// Checks the form and takes a hash.
    ///
    /// # Errors
    /// [`InvalidPinHash`] unless it has the shape above and at most 255 characters.
    pub fn new(text: &str) -> Result<Self, InvalidPinHash> {
        let parts = text.strip_prefix('$').ok_or(InvalidPinHash)?.split('$');
        let right = parts.clone().count() >= 3 && parts.clone().all(|part| !part.is_empty());
        if right && text.len() <= 255 && text.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPinHash)
        }
    }

    /// Returns the hash, to compare a PIN with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

// Neither prints itself where a log could catch it: both are seen through Private, and this is the second lock.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹email›")
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹hash›")
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::new(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl TryFrom<String> for PinHash {
    type Error = InvalidPinHash;

    fn try_from(text: String) -> Result<Self, InvalidPinHash> {
        Self::new(&text)
    }
}

impl From<PinHash> for String {
    fn from(hash: PinHash) -> Self {
        hash.0
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{EmailAddress, Identity, PinHash};
    use crate::ids::PersonId;
    use crate::text::Name;
    use proptest::prelude::*;

    impl Arbitrary for Identity {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (any::<PersonId>(), any::<Name>(), any::<EmailAddress>())
                .prop_map(|(person, name, email)| Self::new(person, name, email))
                .boxed()
        }
    }

    impl Arbitrary for EmailAddress {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (0_u8..12)
                .prop_map(|n| Self(format!("user{n}@example.com")))
                .boxed()
        }
    }

    impl Arbitrary for PinHash {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (0_u8..3)
                .prop_map(|n| Self(format!("$argon2id$v=19$salt$hash{n}")))
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_people_write_it() {
        for right in [
            "ann@example.com",
            "a.b+c@x-y.example.co.uk",
            "jürgen@müller.example",
        ] {
            assert_eq!(
                EmailAddress::new(right).map(String::from),
                Ok(right.to_owned()),
                "{right}"
            );
        }
        assert_eq!(
            EmailAddress::new(" Ann@Example.COM ").map(String::from),
            Ok("Ann@example.com".to_owned())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@localhost",
            "a b@example.com",
            "ann@ex..com",
            "ann@-x.com",
            ".ann@example.com",
            "ann@example.com\r\nBcc: all@example.com",
        ] {
            assert_eq!(EmailAddress::new(wrong), Err(InvalidEmail), "{wrong}");
        }
    }

    #[test]
    fn a_plain_pin_is_never_taken_for_its_hash() {
        for wrong in ["1234", "", "$1234", "$a$b", "$a$$b", "$a$b c$d"] {
            assert_eq!(PinHash::new(wrong), Err(InvalidPinHash), "{wrong}");
        }
        assert!(PinHash::new("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA").is_ok());
    }
}
