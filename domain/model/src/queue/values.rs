//! The words that a queue's events are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::agent::Obstacle;
use crate::few::Few;
use crate::ids::{AgentId, EntryId, GroupId, OfferId, SkillId};
use crate::skills::SkillLevel;
use crate::{Millis, Timestamp};

/// The most agents that one decision may ring.
pub const OFFERS_AT_ONCE_MAX: usize = 50;
/// The most candidates that one decision records; the matcher keeps those that came nearest.
pub const CANDIDATES_MAX: usize = 100;
/// The most obstacles that are recorded of one candidate.
pub const OBSTACLES_MAX: usize = 8;

/// How the agent is chosen among those who may answer. Ties break by who is idle for longest, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Strategy {
    /// Who has been without a contact for longest.
    LongestIdle,
    /// Who has been without a contact of this queue for longest.
    LongestIdleInQueue,
    /// Each in turn.
    RoundRobin,
    /// By their priority in the group, from the top each time.
    TopDown,
    /// Who had the fewest contacts today.
    FewestContacts,
    /// Who talked least today.
    LeastTalkTime,
    /// Who was occupied least today.
    LeastOccupied,
    /// By chance, drawn outside and recorded.
    Random,
    /// Who has the most of the skills needed.
    MostSkilled,
    /// All at once: the first to accept gets it.
    RingAll,
}

impl Strategy {
    /// Returns its name, as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LongestIdle => "longest_idle",
            Self::LongestIdleInQueue => "longest_idle_in_queue",
            Self::RoundRobin => "round_robin",
            Self::TopDown => "top_down",
            Self::FewestContacts => "fewest_contacts",
            Self::LeastTalkTime => "least_talk_time",
            Self::LeastOccupied => "least_occupied",
            Self::Random => "random",
            Self::MostSkilled => "most_skilled",
            Self::RingAll => "ring_all",
        }
    }
}

/// How urgent an entry is: 1 is the most urgent, 100 the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Priority(u8);

/// The number was no priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{given} is no priority: 1, the most urgent, to 100 is expected")]
pub struct InvalidPriority {
    /// What was given.
    pub given: u8,
}

impl Priority {
    /// Nothing is more urgent.
    pub const HIGHEST: Self = Self(1);
    /// Nothing is less urgent.
    pub const LOWEST: Self = Self(100);

    /// Makes a priority from its number.
    ///
    /// # Errors
    /// [`InvalidPriority`] unless it is 1 to 100.
    pub const fn new(number: u8) -> Result<Self, InvalidPriority> {
        if number >= Self::HIGHEST.0 && number <= Self::LOWEST.0 {
            Ok(Self(number))
        } else {
            Err(InvalidPriority { given: number })
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the priority this many steps more urgent, at most the highest.
    #[must_use]
    pub fn raised(self, steps: u64) -> Self {
        let steps = u8::try_from(steps).unwrap_or(u8::MAX);
        Self(self.0.saturating_sub(steps).max(Self::HIGHEST.0))
    }
}

impl TryFrom<u8> for Priority {
    type Error = InvalidPriority;

    fn try_from(number: u8) -> Result<Self, InvalidPriority> {
        Self::new(number)
    }
}

impl From<Priority> for u8 {
    fn from(priority: Priority) -> Self {
        priority.0
    }
}

/// A key of a telephone: 0 to 9, `*` or `#`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct ExitKey(char);

/// The character was no key of a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no key of a telephone: 0 to 9, * or # is expected")]
pub struct InvalidKey {
    /// What was given.
    pub given: char,
}

impl ExitKey {
    /// Makes a key.
    ///
    /// # Errors
    /// [`InvalidKey`] unless a telephone has it.
    pub const fn new(key: char) -> Result<Self, InvalidKey> {
        match key {
            '0'..='9' | '*' | '#' => Ok(Self(key)),
            given => Err(InvalidKey { given }),
        }
    }
}

impl TryFrom<char> for ExitKey {
    type Error = InvalidKey;

    fn try_from(key: char) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

impl From<ExitKey> for char {
    fn from(key: ExitKey) -> Self {
        key.0
    }
}

impl fmt::Display for ExitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The number of a queue's lease. Each new lease has a higher one, so that whoever held an earlier one is known by it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FencingToken(pub u64);

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Where in the line an entry was put by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Place {
    /// Before all that were not put there, whatever their priority.
    Front,
    /// Behind all that were not put there, whatever their priority.
    Back,
}

/// What a decision was made by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Inputs {
    /// The version of the settings.
    pub settings: u32,
    /// Their strategy, by which the candidates were scored.
    pub strategy: Strategy,
    /// How urgent the entry was, with ageing.
    pub priority: Priority,
    /// How long the customer had waited, here and in queues before.
    pub waited_ms: Millis,
    /// The groups that could answer by then.
    pub groups: BTreeSet<GroupId>,
    /// The skills that were still needed by then.
    pub skills: BTreeMap<SkillId, SkillLevel>,
}

/// An agent for whom a decision reserves an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Chosen {
    /// The offer to them.
    pub offer: OfferId,
    /// The agent.
    pub agent: AgentId,
}

/// An agent whom a decision considered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Candidate {
    /// The agent.
    pub agent: AgentId,
    /// How well they suited by the queue's strategy; the highest wins.
    pub score: i64,
    /// Since when they have had nothing in hand, which breaks ties; none if they have.
    pub idle_since: Option<Timestamp>,
    /// Why they were not chosen; none if they were.
    pub lost: Option<Lost>,
}

/// Why a candidate was not chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Lost {
    /// Something stands in the way.
    Unavailable {
        /// What.
        obstacles: Few<Obstacle, OBSTACLES_MAX>,
    },
    /// They were offered this entry and did not take it.
    HadTheirChance,
    /// They are kept for an entry before this one.
    TakenBy {
        /// That entry.
        entry: EntryId,
    },
    /// The entry is kept for the agent that the customer had last.
    KeptForLastAgent,
    /// Another scored higher.
    Outscored,
    /// Another with the same score has been idle for longer.
    IdleLater,
    /// Another with the same score, idle for as long, has the lower id.
    HigherId,
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{ExitKey, FencingToken, Priority};
    use proptest::prelude::*;

    impl Arbitrary for Priority {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (1_u8..=100).prop_map(Self).boxed()
        }
    }

    impl Arbitrary for ExitKey {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            proptest::sample::select("0123456789*#".chars().collect::<Vec<_>>())
                .prop_map(Self)
                .boxed()
        }
    }

    impl Arbitrary for FencingToken {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        // From a small range, so that generated commands often hold the lease.
        fn arbitrary_with((): ()) -> Self::Strategy {
            (1_u64..4).prop_map(Self).boxed()
        }
    }
}
