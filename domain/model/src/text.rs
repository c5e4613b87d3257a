//! Short text from people, checked once where it enters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Text of 1 to `MAX` characters with something visible in it and no control characters but line feed and tab.
///
/// Space around it is cut off. Whoever reads it from outside names the field beside the reason.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

/// A name that people see in a list: a queue's, a group's, a state's.
pub type Name = Text<120>;
/// A key that integrations use: a property's name, a macro's, a reason code.
pub type Key = Text<64>;
/// A line that explains.
pub type Line = Text<255>;
/// A note, a message, a prompt.
pub type Body = Text<4096>;

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing visible in it.
    #[error("the text is empty")]
    Empty,
    /// Longer than allowed.
    #[error("the text has {length} characters, {max} are allowed")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// A character that no person types.
    #[error("the text has the control character U+{code:04X} at place {place}")]
    Control {
        /// Its code point.
        code: u32,
        /// Its place, counted in characters from 0.
        place: usize,
    },
}

impl<const MAX: usize> Text<MAX> {
    /// Checks and takes a text.
    ///
    /// # Errors
    /// [`InvalidText`] unless the text has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidText> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidText::Empty);
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(InvalidText::TooLong { length, max: MAX });
        }
        let control = |(_, c): &(usize, char)| c.is_control() && !matches!(c, '\n' | '\t');
        match text.chars().enumerate().find(control) {
            Some((place, c)) => Err(InvalidText::Control {
                code: c.into(),
                place,
            }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::new(&text)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

#[cfg(any(test, feature = "contract"))]
impl<const MAX: usize> proptest::arbitrary::Arbitrary for Text<MAX> {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::prelude::*;
        prop_oneof![
            3 => "[a-c]{1,2}",
            1 => "\\PC{1,40}",
        ]
        .prop_filter_map("too little or too much", |text| Self::new(&text).ok())
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_text_says_why() {
        assert_eq!(Name::new(" \n "), Err(InvalidText::Empty));
        assert_eq!(
            Text::<2>::new("äöü"),
            Err(InvalidText::TooLong { length: 3, max: 2 })
        );
        assert_eq!(
            Name::new("a\u{7}b"),
            Err(InvalidText::Control { code: 7, place: 1 })
        );
        assert_eq!(Name::new("  Sales\tEMEA "), Ok(Text("Sales\tEMEA".to_owned())));
    }
}
