//! Personal data: never printed, and encrypted under its person's key before it reaches the log.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::PersonId;

/// A value that says something about a person: a number, a name, what they wrote.
///
/// It prints as `‹private›`. In JSON it is `{"$person": id, "$private": value}`; the log's codec replaces
/// `$private` by `$sealed` (the value under that person's key), and once the key is destroyed the value reads back
/// as `{"$person": id, "$erased": true}`: whoever folds it sees that there was something, and nothing of what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<T> {
    of: PersonId,
    value: Option<T>,
}

impl<T> Private<T> {
    /// Marks a value as personal data of somebody.
    #[must_use]
    pub const fn new(of: PersonId, value: T) -> Self {
        Self {
            of,
            value: Some(value),
        }
    }

    /// Makes what is left of a value after its person was erased.
    #[must_use]
    pub const fn erased(of: PersonId) -> Self {
        Self { of, value: None }
    }

    /// Returns whose data it is.
    #[must_use]
    pub const fn of(&self) -> PersonId {
        self.of
    }

    /// Returns the value, unless its person was erased. Whoever calls this shows it to nobody without a right to it.
    #[must_use]
    pub const fn reveal(&self) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹private›")
    }
}

#[derive(Serialize, Deserialize)]
struct Wire<T> {
    #[serde(rename = "$person")]
    of: PersonId,
    #[serde(
        rename = "$private",
        skip_serializing_if = "Option::is_none",
        default = "none"
    )]
    value: Option<T>,
    #[serde(rename = "$erased", skip_serializing_if = "std::ops::Not::not", default)]
    erased: bool,
}

fn none<T>() -> Option<T> {
    None
}

impl<T: Serialize> Serialize for Private<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire {
            of: self.of,
            value: self.value.as_ref(),
            erased: self.value.is_none(),
        }
        .serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Private<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        match (wire.value, wire.erased) {
            (Some(value), false) => Ok(Self::new(wire.of, value)),
            (None, true) => Ok(Self::erased(wire.of)),
            (Some(_), true) => Err(D::Error::custom(
                "private data is marked $erased and yet has a value",
            )),
            (None, false) => Err(D::Error::custom("private data has neither $private nor $erased")),
        }
    }
}

#[cfg(any(test, feature = "contract"))]
impl<T: proptest::arbitrary::Arbitrary + 'static> proptest::arbitrary::Arbitrary for Private<T> {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::prelude::*;
        (any::<PersonId>(), any::<T>())
            .prop_map(|(of, value)| Self::new(of, value))
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> PersonId {
        PersonId::new(uuid::Uuid::from_u128(1))
    }

    #[test]
    fn it_never_prints_its_value() {
        let number = Private::new(ann(), "+442079460000");
        assert_eq!(
            format!("{number} {number:?} {:?}", Some(&number)),
            "‹private› ‹private› Some(‹private›)"
        );
    }

    #[test]
    fn it_reads_back_known_and_erased() {
        let known = Private::new(ann(), 7);
        let json = serde_json::to_string(&known).expect("plain data");
        assert_eq!(
            json,
            r#"{"$person":"00000000-0000-0000-0000-000000000001","$private":7}"#
        );
        assert_eq!(
            serde_json::from_str::<Private<i32>>(&json).expect("as written"),
            known
        );

        let erased = Private::<i32>::erased(ann());
        let json = serde_json::to_string(&erased).expect("plain data");
        assert_eq!(
            json,
            r#"{"$person":"00000000-0000-0000-0000-000000000001","$erased":true}"#
        );
        assert_eq!(
            serde_json::from_str::<Private<i32>>(&json).expect("as written"),
            erased
        );
        assert_eq!(erased.reveal(), None);
    }

    #[test]
    fn sealed_data_is_not_mistaken_for_known() {
        let sealed = r#"{"$person":"00000000-0000-0000-0000-000000000001","$sealed":"abc"}"#;
        let refused = serde_json::from_str::<Private<i32>>(sealed)
            .expect_err("not opened")
            .to_string();
        assert!(refused.contains("neither $private nor $erased"), "{refused}");
    }
}
