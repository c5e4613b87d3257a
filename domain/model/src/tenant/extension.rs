//! Short numbers inside a tenant: extensions and group pickup codes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, UserId};

use super::State;
use super::rejection::{Rejection, Thing};

/// A four-digit number that rings a user or a group inside the tenant; 2000 to 7999.
///
/// What lies below is left to emergency and service numbers, what lies above to speed dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Extension(u16);

/// The number was no extension.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given} is no extension: 2000 to 7999 are")]
pub struct InvalidExtension {
    /// What was given.
    pub given: u16,
}

/// Who has an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A user: their devices ring.
    User(UserId),
    /// A group: its members ring.
    Group(GroupId),
}

/// What is dialled to pick up a call that rings at another member of the group: `*` and two to four digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PickupCode(String);

/// The text was no pickup code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a pickup code is * and two to four digits, such as *81")]
pub struct InvalidPickupCode;

impl Extension {
    const FIRST: u16 = 2000;
    const LAST: u16 = 7999;

    /// Checks and takes an extension.
    ///
    /// # Errors
    /// [`InvalidExtension`] outside 2000 to 7999.
    pub const fn new(given: u16) -> Result<Self, InvalidExtension> {
        if given >= Self::FIRST && given <= Self::LAST {
            Ok(Self(given))
        } else {
            Err(InvalidExtension { given })
        }
    }
}

impl PickupCode {
    /// Checks and takes a pickup code.
    ///
    /// # Errors
    /// [`InvalidPickupCode`] unless it has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidPickupCode> {
        let digits = text.strip_prefix('*').ok_or(InvalidPickupCode)?;
        if (2..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidPickupCode)
        }
    }
}

impl State {
    /// Returns who rings when an extension is dialled.
    #[must_use]
    pub fn dialled(&self, extension: Extension) -> Option<Holder> {
        self.extensions().get(&extension).copied()
    }

    fn extensions(&self) -> BTreeMap<Extension, Holder> {
        let users = self
            .active_users()
            .map(|(id, user)| (user.account.extension, Holder::User(*id)));
        let groups = self.groups.iter().filter_map(|(id, group)| {
            let extension = group.details.extension?;
            Some((extension, Holder::Group(*id)))
        });
        users.chain(groups).collect()
    }

    /// Refuses an extension that another than `holder` has.
    pub(super) fn extension_is_free(
        &self,
        extension: Extension,
        holder: Holder,
        field: &'static str,
    ) -> Result<(), Rejection> {
        match self.dialled(extension) {
            Some(other) if other != holder => Err(Rejection::Taken {
                field,
                thing: match other {
                    Holder::User(_) => Thing::User,
                    Holder::Group(_) => Thing::Group,
                },
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// Finds the lowest extension that nobody has.
    pub(super) fn lowest_free_extension(&self) -> Result<Extension, Rejection> {
        let taken = self.extensions();
        (Extension::FIRST..=Extension::LAST)
            .map(Extension)
            .find(|extension| !taken.contains_key(extension))
            .ok_or(Rejection::NoExtensionFree)
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl TryFrom<u16> for Extension {
    type Error = InvalidExtension;

    fn try_from(given: u16) -> Result<Self, InvalidExtension> {
        Self::new(given)
    }
}

impl From<Extension> for u16 {
    fn from(extension: Extension) -> Self {
        extension.0
    }
}

impl TryFrom<String> for PickupCode {
    type Error = InvalidPickupCode;

    fn try_from(text: String) -> Result<Self, InvalidPickupCode> {
        Self::new(&text)
    }
}

impl From<PickupCode> for String {
    fn from(code: PickupCode) -> Self {
        code.0
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Extension, PickupCode};
    use proptest::prelude::*;

    // From small ranges, so that generated histories ask for what is taken.
    impl Arbitrary for Extension {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (2000_u16..2006).prop_map(Self).boxed()
        }
    }

    impl Arbitrary for PickupCode {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (80_u8..84).prop_map(|n| Self(format!("*{n}"))).boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_digits_between_service_numbers_and_speed_dials_are_extensions() {
        assert_eq!(Extension::new(1999), Err(InvalidExtension { given: 1999 }));
        assert_eq!(Extension::new(2000), Ok(Extension(2000)));
        assert_eq!(Extension::new(7999), Ok(Extension(7999)));
        assert_eq!(Extension::new(8000), Err(InvalidExtension { given: 8000 }));
    }

    #[test]
    fn a_pickup_code_is_a_star_and_digits() {
        assert!(PickupCode::new("*81").is_ok());
        for wrong in ["", "81", "*8", "*81234", "*8a"] {
            assert_eq!(PickupCode::new(wrong), Err(InvalidPickupCode), "{wrong}");
        }
    }
}
