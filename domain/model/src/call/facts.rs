//! What the events of a call say in detail: inputs, candidates, prompts, recordings, quality.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::few::Few;
use crate::ids::{AgentId, LegId, SoundId, StepId};
use crate::text::{Key, Line};
use crate::{Millis, Private};

/// The most properties that a call carries.
pub const PROPERTIES_MAX: usize = 64;
/// The most inputs that one decision of a routing policy names.
pub const INPUTS_MAX: usize = 16;
/// The most fields that one answer brings.
pub const FIELDS_MAX: usize = 64;
/// The most candidates that one offer names.
pub const CANDIDATES_MAX: usize = 32;

/// How many times something had happened, this time included: 1, 2, 3 and so on.
///
/// Whoever reports counts; a report with a number that is not above the last one was heard already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nth(pub u32);

/// Keys pressed on a telephone: 1 to 64 of `0`–`9`, `*`, `#` and `A`–`D`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digits(String);

/// The text had other signs than a telephone's keys, none at all or too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are no telephone keys: 1 to 64 of 0-9, *, # and A-D are expected")]
pub struct InvalidDigits;

impl Digits {
    /// Checks and takes the keys.
    ///
    /// # Errors
    /// [`InvalidDigits`] unless they have the shape above.
    pub fn new(keys: &str) -> Result<Self, InvalidDigits> {
        let right = |key: u8| key.is_ascii_digit() || matches!(key, b'*' | b'#' | b'A'..=b'D');
        if (1..=64).contains(&keys.len()) && keys.bytes().all(right) {
            Ok(Self(keys.to_owned()))
        } else {
            Err(InvalidDigits)
        }
    }

    /// Returns the keys in the order pressed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Digits {
    type Error = InvalidDigits;

    fn try_from(keys: String) -> Result<Self, InvalidDigits> {
        Self::new(&keys)
    }
}

impl From<Digits> for String {
    fn from(keys: Digits) -> Self {
        keys.0
    }
}

// Keys may be a card's number or a PIN: they are shown to nobody by accident.
impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

/// Something known that a decision or a prompt used; in JSON a text, or what [`Private`] looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Value {
    /// It says nothing about a person.
    Plain(Line),
    /// It says something about a person.
    Private(Private<Line>),
}

/// A custom property that a call carries from policy to policy, to the desk and to the CRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Property {
    /// Its name.
    pub name: Key,
    /// Its value; none where it holds nothing any more.
    pub value: Option<Private<Line>>,
}

/// One thing that a decision was based on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Input {
    /// What it is.
    pub name: Key,
    /// What it was at that moment.
    pub value: Value,
}

/// A field of a record that a lookup found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Field {
    /// Its name, with dots where it lies deeper: `Owner.Name`.
    pub name: Line,
    /// What it holds, cut at 255 characters.
    pub value: Private<Line>,
}

/// Several who are rung at once for one caller, the first of whom wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Hunt {
    /// The step of the routing policy that rings them.
    pub step: StepId,
    /// Whether whoever answers has to take the caller first: until one is connected the others ring on.
    pub screened: bool,
}

/// An agent who could have been offered a caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Candidate {
    /// The agent.
    pub agent: AgentId,
    /// What the queue's strategy gave them; the highest is chosen.
    pub score: i64,
    /// Why they could not be chosen, where there was a reason besides the score.
    pub passed_over: Option<Key>,
}

/// What an outside system said to a lookup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LookupOutcome {
    /// It found something.
    Found {
        /// How many records.
        records: u32,
        /// What the routing policy asked for of the first of them; it decides by it.
        fields: Few<Field, FIELDS_MAX>,
    },
    /// It found nothing.
    NotFound,
    /// It could not say.
    Error {
        /// What went wrong, in the system's own word: `REQUEST_LIMIT_EXCEEDED`.
        reason: Key,
    },
}

/// What somebody heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Prompt {
    /// An uploaded or recorded sound.
    Sound {
        /// The sound.
        sound: SoundId,
    },
    /// A text read out by a synthetic voice.
    Speech {
        /// The text, cut at 255 characters.
        text: Value,
    },
}

/// What a waiting caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Announcement {
    /// How many are in front of them, themselves included.
    Position {
        /// The place, from 1.
        place: u32,
    },
    /// How long they will probably wait.
    EstimatedWait {
        /// The estimate.
        wait_ms: Millis,
    },
    /// A comforting sound.
    Comfort {
        /// The sound.
        sound: SoundId,
    },
    /// What the routing policy has them told.
    Speech {
        /// Which of the policy's speeches, from 0.
        place: u8,
    },
}

/// How asking for keys ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Collected {
    /// The keys fit what was asked for.
    Matched,
    /// Keys were pressed, and they fit nothing.
    Invalid,
    /// No key was pressed in time.
    Nothing,
}

/// Which sides of a call are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum RecordedLegs {
    /// What this leg says.
    This {
        /// The leg.
        leg: LegId,
    },
    /// What those say whom this leg hears.
    Other {
        /// The leg.
        leg: LegId,
    },
    /// Both.
    Both {
        /// The leg.
        leg: LegId,
    },
}

impl RecordedLegs {
    /// Returns the leg that the recording hangs on.
    #[must_use]
    pub const fn leg(self) -> LegId {
        match self {
            Self::This { leg } | Self::Other { leg } | Self::Both { leg } => leg,
        }
    }
}

/// What made a recording begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum RecordingStart {
    /// The routing policy, at once.
    Now,
    /// The routing policy, as soon as the parties hear each other.
    OnConnect,
    /// An agent or a supervisor.
    OnDemand,
}

/// Who hears the beep that says that a call is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Beep {
    /// Nobody.
    Off,
    /// Who rang.
    Calling,
    /// Who was rung.
    Called,
    /// Both.
    Both,
}

/// What an agent may do with a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct RecordingRights {
    /// Pause and resume it, for instance while a card is read out.
    pub pause: bool,
    /// Stop it for good.
    pub stop: bool,
}

/// How a supervisor takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum SupervisionMode {
    /// Hears all, is heard by nobody.
    Listen,
    /// Hears all, is heard by the agent alone.
    Whisper,
    /// Hears all, is heard by all.
    Barge,
}

/// What a customer answered to one question of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum SurveyAnswer {
    /// A number on the question's scale.
    Score {
        /// The number.
        score: u8,
    },
    /// Their own words.
    Words {
        /// What they said or wrote.
        words: Private<Line>,
    },
}

/// How well a leg was heard, summed up at its end. Integers only, so that every reader computes the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Quality {
    /// The codec it mostly used: `opus`, `pcma`.
    pub codec: Key,
    /// Packets that came in.
    pub packets_received: u64,
    /// Packets that should have come in and did not.
    pub packets_lost: u64,
    /// The mean jitter, in microseconds.
    pub jitter_us: u32,
    /// The mean time there and back; none where the far end sends no reports.
    pub round_trip_ms: Option<Millis>,
    /// The estimated mean opinion score over the whole leg, in hundredths: 100 (bad) to 500 (excellent).
    pub mos_hundredths: u16,
    /// The lowest score of any ten seconds, in hundredths.
    pub mos_hundredths_min: u16,
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Digits, Nth};
    use proptest::prelude::*;

    impl Arbitrary for Nth {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![9 => 0_u32..6, 1 => any::<u32>()]
                .prop_map(Self)
                .boxed()
        }
    }

    impl Arbitrary for Digits {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            "[0-9*#A-D]{1,4}".prop_map(Self).boxed()
        }
    }
}
