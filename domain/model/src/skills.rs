//! What users can do and what callers need: levels of a skill, and requests that give way while the caller waits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::few::Few;
use crate::ids::SkillId;

/// How well somebody has a skill, from 0 (not at all) to 100; in JSON that number.
///
/// Eight levels have names, which is what people pick from; any number between them is the ninth choice, a custom
/// level. All compare by the number, so that a request for a level is met by that level and every higher one.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SkillLevel(u8);

/// The number or the word was no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no skill level: a number from 0 to 100 or a name such as intermediate is expected")]
pub struct InvalidLevel {
    /// What was given, cut at 64 characters.
    pub given: String,
}

impl SkillLevel {
    /// Nothing of it.
    pub const NO_KNOWLEDGE: Self = Self(0);
    /// Has heard of it.
    pub const MINIMAL: Self = Self(10);
    /// Can start.
    pub const BASIC: Self = Self(25);
    /// Can do the usual with help.
    pub const NOVICE: Self = Self(40);
    /// Can do the usual alone.
    pub const INTERMEDIATE: Self = Self(55);
    /// Can do the unusual.
    pub const ADVANCED: Self = Self(70);
    /// Is asked by others.
    pub const EXPERT: Self = Self(85);
    /// Nobody is better.
    pub const GURU: Self = Self(100);

    /// The levels with names, lowest first.
    pub const NAMED: [(Self, &'static str); 8] = [
        (Self::NO_KNOWLEDGE, "no_knowledge"),
        (Self::MINIMAL, "minimal"),
        (Self::BASIC, "basic"),
        (Self::NOVICE, "novice"),
        (Self::INTERMEDIATE, "intermediate"),
        (Self::ADVANCED, "advanced"),
        (Self::EXPERT, "expert"),
        (Self::GURU, "guru"),
    ];

    /// Makes a level from its number.
    ///
    /// # Errors
    /// [`InvalidLevel`] above 100.
    pub fn new(number: u8) -> Result<Self, InvalidLevel> {
        if number > Self::GURU.0 {
            return Err(InvalidLevel {
                given: number.to_string(),
            });
        }
        Ok(Self(number))
    }

    /// Returns the number, from 0 to 100.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the level's name, `custom` between the named ones.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(level, _)| *level == self);
        named.map_or("custom", |(_, name)| name)
    }
}

impl fmt::Display for SkillLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

impl fmt::Debug for SkillLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SkillLevel {
    type Err = InvalidLevel;

    /// Reads a level's name or its number.
    fn from_str(text: &str) -> Result<Self, InvalidLevel> {
        if let Some((level, _)) = Self::NAMED.iter().find(|(_, name)| *name == text) {
            return Ok(*level);
        }
        text.parse()
            .ok()
            .and_then(|number| Self::new(number).ok())
            .ok_or_else(|| InvalidLevel {
                given: text.chars().take(64).collect(),
            })
    }
}

impl TryFrom<u8> for SkillLevel {
    type Error = InvalidLevel;

    fn try_from(number: u8) -> Result<Self, InvalidLevel> {
        Self::new(number)
    }
}

impl From<SkillLevel> for u8 {
    fn from(level: SkillLevel) -> Self {
        level.0
    }
}

/// The most steps by which one request may give way.
pub const RELAXATIONS_MAX: usize = 8;
/// The most skills that one caller may need.
pub const SKILLS_MAX: usize = 16;

/// The skills that one caller needs: all of them, each as far as it still holds.
pub type SkillRequests = Few<SkillRequest, SKILLS_MAX>;

/// A skill that a caller needs, and how the need gives way while they wait.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RequestedSkill", into = "RequestedSkill")]
pub struct SkillRequest(RequestedSkill);

/// The parts of a [`SkillRequest`], as given and as stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestedSkill {
    /// The skill.
    pub skill: SkillId,
    /// The level that an agent has to have at first.
    pub at_least: SkillLevel,
    /// How the need gives way: later steps wait longer and ask for less.
    #[serde(default)]
    pub relax: Few<Relaxation, RELAXATIONS_MAX>,
}

/// One step by which a request gives way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relaxation {
    /// How long the caller has waited when it begins to hold.
    pub after_ms: Millis,
    /// The level from then on; without one the skill is needed no more.
    pub at_least: Option<SkillLevel>,
}

/// Why a request's steps were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// A step that does not wait longer than the one before.
    #[error("step {step} of the ladder begins no later than the one before it")]
    NotLater {
        /// Its place, from 1.
        step: usize,
    },
    /// A step that does not ask for less than the one before.
    #[error("step {step} of the ladder asks for no less than the one before it")]
    NotLess {
        /// Its place, from 1.
        step: usize,
    },
}

impl SkillRequest {
    /// Checks and takes a request.
    ///
    /// # Errors
    /// [`InvalidRequest`] unless each step waits longer and asks for less than the one before.
    pub fn new(request: RequestedSkill) -> Result<Self, InvalidRequest> {
        let mut before = (None, Some(request.at_least));
        for (place, step) in request.relax.iter().enumerate() {
            if before.0.is_some_and(|after| step.after_ms <= after) {
                return Err(InvalidRequest::NotLater { step: place + 1 });
            }
            // None is less than any level, in Option's order and in meaning.
            if step.at_least >= before.1 {
                return Err(InvalidRequest::NotLess { step: place + 1 });
            }
            before = (Some(step.after_ms), step.at_least);
        }
        Ok(Self(request))
    }

    /// Returns the skill.
    #[must_use]
    pub const fn skill(&self) -> SkillId {
        self.0.skill
    }

    /// Returns the level that is needed after some waiting; none once the skill is needed no more.
    #[must_use]
    pub fn needed(&self, waited: Millis) -> Option<SkillLevel> {
        let reached = self.0.relax.iter().rev().find(|step| step.after_ms <= waited);
        reached.map_or(Some(self.0.at_least), |step| step.at_least)
    }

    /// Says whether somebody's level is enough after some waiting; who lacks the skill has no level.
    #[must_use]
    pub fn met_by(&self, level: Option<SkillLevel>, waited: Millis) -> bool {
        match (self.needed(waited), level) {
            (None, _) => true,
            (Some(needed), Some(level)) => level >= needed,
            (Some(_), None) => false,
        }
    }
}

impl TryFrom<RequestedSkill> for SkillRequest {
    type Error = InvalidRequest;

    fn try_from(request: RequestedSkill) -> Result<Self, InvalidRequest> {
        Self::new(request)
    }
}

impl From<SkillRequest> for RequestedSkill {
    fn from(request: SkillRequest) -> Self {
        request.0
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Relaxation, RequestedSkill, SkillLevel, SkillRequest};
    use crate::few::Few;
    use crate::ids::SkillId;
    use crate::time::Millis;
    use proptest::prelude::*;

    impl Arbitrary for SkillLevel {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![
                3 => proptest::sample::select(Self::NAMED.map(|(level, _)| level).to_vec()),
                1 => (0_u8..=100).prop_map(Self),
            ]
            .boxed()
        }
    }

    impl Arbitrary for SkillRequest {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            let steps = proptest::collection::btree_map(0_u64..120_000, 0_u8..40, 0..3);
            (any::<SkillId>(), 40_u8..=100, steps)
                .prop_map(|(skill, at_least, steps)| {
                    let mut level = at_least;
                    let relax = steps.into_iter().map(|(after, less)| {
                        level = level.saturating_sub(less + 1);
                        Relaxation {
                            after_ms: Millis(after),
                            at_least: (level > 0).then_some(SkillLevel(level)),
                        }
                    });
                    // A ladder ends where nothing is needed any more.
                    let mut over = false;
                    let relax =
                        relax.take_while(|step| !std::mem::replace(&mut over, step.at_least.is_none()));
                    Self(RequestedSkill {
                        skill,
                        at_least: SkillLevel(at_least),
                        relax: Few::first(relax),
                    })
                })
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::id;
    use proptest::prelude::*;

    fn french(steps: &[(u64, Option<SkillLevel>)]) -> Result<SkillRequest, InvalidRequest> {
        SkillRequest::new(RequestedSkill {
            skill: SkillId::new(id(1)),
            at_least: SkillLevel::EXPERT,
            relax: Few::first(steps.iter().map(|(after, at_least)| Relaxation {
                after_ms: Millis(*after),
                at_least: *at_least,
            })),
        })
    }

    #[test]
    fn levels_compare_and_read_by_name_or_number() {
        assert!(SkillLevel::NAMED.is_sorted());
        assert_eq!("intermediate".parse(), Ok(SkillLevel::INTERMEDIATE));
        assert_eq!("56".parse(), Ok(SkillLevel(56)));
        assert_eq!(SkillLevel(56).name(), "custom");
        assert!(SkillLevel(56) > SkillLevel::INTERMEDIATE);
        for wrong in ["101", "-1", "wizard", ""] {
            let refused = wrong.parse::<SkillLevel>().expect_err(wrong);
            assert_eq!(refused.given, wrong);
        }
    }

    #[test]
    fn a_need_gives_way_while_the_caller_waits() {
        let request = french(&[(30_000, Some(SkillLevel::BASIC)), (60_000, None)]).expect("a ladder");
        assert!(!request.met_by(Some(SkillLevel::ADVANCED), Millis(29_999)));
        assert!(request.met_by(Some(SkillLevel::ADVANCED), Millis(30_000)));
        assert!(!request.met_by(None, Millis(59_999)));
        assert!(request.met_by(None, Millis(60_000)));
    }

    #[test]
    fn a_ladder_that_does_not_lead_down_is_refused_with_its_step() {
        let less = Some(SkillLevel::BASIC);
        assert_eq!(
            french(&[(0, Some(SkillLevel::EXPERT))]),
            Err(InvalidRequest::NotLess { step: 1 })
        );
        assert_eq!(
            french(&[(9, less), (9, None)]),
            Err(InvalidRequest::NotLater { step: 2 })
        );
        assert_eq!(
            french(&[(9, None), (10, less)]),
            Err(InvalidRequest::NotLess { step: 2 })
        );
    }

    proptest! {
        #[test]
        fn a_request_reads_back_and_never_asks_for_more_later(request: SkillRequest, a: Millis, b: Millis) {
            let json = serde_json::to_string(&request).expect("plain data");
            prop_assert!(request.needed(a.max(b)) <= request.needed(a.min(b)));
            prop_assert_eq!(serde_json::from_str::<SkillRequest>(&json).expect("as written"), request);
        }
    }
}
