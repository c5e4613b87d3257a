//! How long each kind of content is kept.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::context::Actor;
use crate::{Millis, Timestamp};

use super::State;
use super::event::Event;

/// A kind of content that retention rules are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Content {
    /// Recordings of calls.
    Recordings,
    /// Voicemail messages.
    Voicemails,
    /// Transcripts of recordings.
    Transcripts,
    /// Messages of conversations, with what is attached to them.
    Messages,
    /// The personal data of whole journeys: their events stay, and say nothing of people any more.
    Journeys,
}

impl Content {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Recordings,
        Self::Voicemails,
        Self::Transcripts,
        Self::Messages,
        Self::Journeys,
    ];
}

/// How long content is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", content = "days", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Keep {
    /// As long as the tenant is there.
    #[default]
    Ever,
    /// For so many days from its making.
    Days(Days),
}

/// A number of days, 1 to 36,500.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Days(u16);

/// The number of days was out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given} days are no retention time: 1 to 36500 are possible")]
pub struct InvalidDays {
    /// What was given.
    pub given: u16,
}

/// What somebody wants of the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Sets how long a kind of content is kept.
    Set {
        /// The kind of content.
        content: Content,
        /// How long.
        keep: Keep,
        /// Who sets it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

impl Days {
    /// Checks and takes a number of days.
    ///
    /// # Errors
    /// [`InvalidDays`] outside 1 to 36,500.
    pub const fn new(given: u16) -> Result<Self, InvalidDays> {
        if 1 <= given && given <= 36_500 {
            Ok(Self(given))
        } else {
            Err(InvalidDays { given })
        }
    }

    const fn length(self) -> Millis {
        Millis(self.0 as u64 * 24 * 60 * 60 * 1000)
    }
}

impl Keep {
    /// Returns until when something is kept that was made at a moment; none if for ever.
    #[must_use]
    pub fn until(self, made: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ever => None,
            Self::Days(days) => Some(made.plus(days.length())),
        }
    }
}

impl State {
    pub(super) fn rule_set(&mut self, content: Content, keep: Keep) {
        self.rules.insert(content, keep);
    }
}

pub(super) fn decide(state: &State, command: Command) -> Vec<Event> {
    match command {
        Command::Set {
            content,
            keep,
            by,
            at,
        } => {
            let was = state.keep(content);
            let set = Event::RuleSet {
                content,
                was,
                now: keep,
                by,
                at,
            };
            (was != keep).then_some(set).into_iter().collect()
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recordings => "a recording",
            Self::Voicemails => "a voicemail",
            Self::Transcripts => "a transcript",
            Self::Messages => "a message",
            Self::Journeys => "a journey",
        })
    }
}

impl TryFrom<u16> for Days {
    type Error = InvalidDays;

    fn try_from(given: u16) -> Result<Self, InvalidDays> {
        Self::new(given)
    }
}

impl From<Days> for u16 {
    fn from(days: Days) -> Self {
        days.0
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for Days {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        (1_u16..=36_500).prop_map(Self).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::at;

    #[test]
    fn a_retention_time_is_a_day_to_a_century() {
        assert_eq!(Days::new(0), Err(InvalidDays { given: 0 }));
        assert_eq!(Days::new(36_501), Err(InvalidDays { given: 36_501 }));
        let day = Days::new(1).map(|day| Keep::Days(day).until(at(0)));
        assert_eq!(day, Ok(Some(at(86_400))));
        assert_eq!(Keep::Ever.until(at(0)), None);
    }
}
