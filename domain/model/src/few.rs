//! Short lists with a limit that the type names.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// A list of at most `MAX` things, in the order given; in JSON an array.
///
/// Whatever comes from outside and is recorded whole has such a limit, so that no single event can fill a stream.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<T>")]
pub struct Few<T, const MAX: usize>(Vec<T>);

/// The list was longer than its limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the list has {length} things, {max} are allowed")]
pub struct TooMany {
    /// How long it is.
    pub length: usize,
    /// How long it may be.
    pub max: usize,
}

impl<T, const MAX: usize> Few<T, MAX> {
    /// Checks and takes a list.
    ///
    /// # Errors
    /// [`TooMany`] if it is longer than `MAX`.
    pub fn new(things: Vec<T>) -> Result<Self, TooMany> {
        if things.len() > MAX {
            return Err(TooMany {
                length: things.len(),
                max: MAX,
            });
        }
        Ok(Self(things))
    }

    /// Takes the first `MAX` things of what may be more.
    #[must_use]
    pub fn first(things: impl IntoIterator<Item = T>) -> Self {
        Self(things.into_iter().take(MAX).collect())
    }

    /// Makes the list without anything in it.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> Default for Few<T, MAX> {
    fn default() -> Self {
        Self::none()
    }
}

impl<T, const MAX: usize> Deref for Few<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> IntoIterator for Few<T, MAX> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for Few<T, MAX> {
    type Error = TooMany;

    fn try_from(things: Vec<T>) -> Result<Self, TooMany> {
        Self::new(things)
    }
}

impl<T: fmt::Debug, const MAX: usize> fmt::Debug for Few<T, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(any(test, feature = "contract"))]
impl<T, const MAX: usize> proptest::arbitrary::Arbitrary for Few<T, MAX>
where
    T: proptest::arbitrary::Arbitrary + 'static,
{
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    // Short ones: a list's length is checked by its type, so that long ones teach nothing.
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::prelude::*;
        proptest::collection::vec(any::<T>(), 0..=MAX.min(3))
            .prop_map(Self)
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_is_refused_wherever_it_comes_from() {
        let refused = TooMany { length: 3, max: 2 };
        assert_eq!(Few::<u8, 2>::new(vec![1, 2, 3]), Err(refused.clone()));
        let read = serde_json::from_str::<Few<u8, 2>>("[1,2,3]").expect_err("too long");
        assert!(read.to_string().contains(&refused.to_string()), "{read}");
        assert_eq!(Few::<u8, 2>::first([1, 2, 3]), Few(vec![1, 2]));
    }

    #[test]
    fn a_list_reads_back_as_an_array() {
        let list = Few::<u8, 2>::first([1, 2]);
        let json = serde_json::to_string(&list).expect("plain data");
        assert_eq!(json, "[1,2]");
        assert_eq!(
            serde_json::from_str::<Few<u8, 2>>(&json).expect("as written"),
            list
        );
    }
}
