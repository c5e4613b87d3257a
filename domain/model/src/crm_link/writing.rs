//! What is written to the org: whether, how much of its limit, into which fields, and with which rights.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::few::Few;
use crate::text::Key;

use super::State;
use super::event::Event;
use super::rejection::Rejection;
use super::session::Session;

/// The most missing rights that one probe tells of.
pub const RIGHTS_MAX: usize = 200;
/// The share of its requests, in percent, from which on an org has few left.
pub const NEAR_PERCENT: u64 = 80;
/// The share of its requests, in percent, below which an org has enough again. Lower, so that it does not flicker.
pub const EASED_PERCENT: u64 = 70;

/// A share in percent, 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Percent(u8);

/// The number was no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given} percent are no share: 1 to 100 are possible")]
pub struct InvalidPercent {
    /// What was given.
    pub given: u8,
}

/// How many of an org's requests are used, by everybody, in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Usage {
    /// How many are used.
    pub used: u32,
    /// How many the org allows.
    pub allowed: u32,
}

/// A version of what goes into which field. Its content is kept outside the log, under its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Mapping {
    /// Its number, from 1.
    pub version: u32,
    /// The hash of its content.
    pub content: ContentHash,
}

/// What may be done with an object or a field of an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Right {
    /// See it.
    Read,
    /// Make a new one.
    Create,
    /// Change one.
    Edit,
}

/// A right that our user would need and does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct MissingRight {
    /// The object, by its name in the org: `Contact`.
    pub object: Key,
    /// The field, by its name in the org; the object as a whole if none.
    pub field: Option<Key>,
    /// What may not be done with it.
    pub right: Right,
}

/// How it is with writing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Writing {
    /// Whether somebody paused it.
    pub paused: bool,
    /// The share of the org's requests that the link may use; 20 % unless said otherwise.
    pub budget: Percent,
    /// How many requests were used when few were left; none while there are enough.
    pub limit_near: Option<Usage>,
    /// What goes into which field; nothing is written before it is published.
    pub mapping: Option<Mapping>,
    /// What our user lacks; none before the first probe.
    pub missing: Option<Few<MissingRight, RIGHTS_MAX>>,
    /// How many records waited when catching up began; none unless it goes on.
    pub catching_up: Option<u64>,
}

/// What somebody wants of writing, or found out about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Stops writing until it is resumed.
    Pause {
        /// Who stops it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Goes on writing.
    Resume {
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sets which share of the org's requests the link may use.
    SetBudget {
        /// The share.
        share: Percent,
        /// Who sets it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Tells how many of the org's requests are used.
    ReportUsage {
        /// How many of how many.
        usage: Usage,
        /// When.
        at: Timestamp,
    },
    /// Says anew what goes into which field.
    PublishMapping {
        /// The hash of the mapping's content.
        content: ContentHash,
        /// Who publishes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Tells what our user lacks.
    ReportRights {
        /// What the user would need and does not have, in any order.
        missing: Few<MissingRight, RIGHTS_MAX>,
        /// When.
        at: Timestamp,
    },
    /// Begins to write what waited.
    StartCatchUp {
        /// How many records wait.
        backlog: u64,
        /// When.
        at: Timestamp,
    },
    /// Ends the writing of what waited.
    FinishCatchUp {
        /// How many records were written.
        written: u64,
        /// How many the org refused.
        parked: u64,
        /// When.
        at: Timestamp,
    },
}

impl Percent {
    /// Checks and takes a share.
    ///
    /// # Errors
    /// [`InvalidPercent`] outside 1 to 100.
    pub const fn new(given: u8) -> Result<Self, InvalidPercent> {
        if 1 <= given && given <= 100 {
            Ok(Self(given))
        } else {
            Err(InvalidPercent { given })
        }
    }

    /// Returns the share as a number, 1 to 100.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// A fifth: the org's limit is shared with all that the customer has beside us.
impl Default for Percent {
    fn default() -> Self {
        Self(20)
    }
}

impl Usage {
    fn percent(self) -> Option<u64> {
        let used = u64::from(self.used) * 100;
        used.checked_div(u64::from(self.allowed))
    }
}

pub(super) fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
    let writing = &state.writing;
    match command {
        Command::Pause { by, at } => Ok(unless(writing.paused, Event::WritingPaused { by, at })),
        Command::Resume { by, at } => Ok(unless(!writing.paused, Event::WritingResumed { by, at })),
        Command::SetBudget { share, by, at } => {
            let set = Event::BudgetSet {
                was: writing.budget,
                now: share,
                by,
                at,
            };
            Ok(unless(writing.budget == share, set))
        }
        Command::ReportUsage { usage, at } => report_usage(writing, usage, at),
        Command::PublishMapping { content, by, at } => Ok(publish(writing, content, by, at)),
        Command::ReportRights { missing, at } => Ok(report_rights(writing, missing, at)),
        Command::StartCatchUp { backlog, at } => start_catch_up(state, backlog, at),
        Command::FinishCatchUp { written, parked, at } => {
            let finished = Event::CatchUpFinished { written, parked, at };
            Ok(unless(writing.catching_up.is_none(), finished))
        }
    }
}

fn unless(already_so: bool, event: Event) -> Vec<Event> {
    (!already_so).then_some(event).into_iter().collect()
}

fn report_usage(writing: &Writing, usage: Usage, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let percent = usage.percent().ok_or(Rejection::NothingAllowed)?;
    Ok(match writing.limit_near {
        None if percent >= NEAR_PERCENT => vec![Event::LimitNeared { usage, at }],
        Some(_) if percent < EASED_PERCENT => vec![Event::LimitEased { usage, at }],
        None | Some(_) => vec![],
    })
}

fn publish(writing: &Writing, content: ContentHash, by: Actor, at: Timestamp) -> Vec<Event> {
    let before = writing.mapping.map_or(0, |mapping| mapping.version);
    let published = Event::MappingPublished {
        mapping: Mapping {
            version: before.saturating_add(1),
            content,
        },
        by,
        at,
    };
    let same = writing.mapping.is_some_and(|mapping| mapping.content == content);
    unless(same, published)
}

fn report_rights(writing: &Writing, missing: Few<MissingRight, RIGHTS_MAX>, at: Timestamp) -> Vec<Event> {
    let mut rights: Vec<MissingRight> = missing.into_iter().collect();
    rights.sort_unstable();
    rights.dedup();
    let missing = Few::first(rights);
    let same = writing.missing.as_ref() == Some(&missing);
    unless(same, Event::RightsProbed { missing, at })
}

fn start_catch_up(state: &State, backlog: u64, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    if state.writing.catching_up.is_some() {
        return Ok(vec![]);
    }
    match state.session {
        Session::NotAuthorised => Err(Rejection::NotAuthorised),
        Session::Broken { reason, .. } => Err(Rejection::Broken { reason }),
        Session::Working if state.writing.paused => Err(Rejection::Paused),
        Session::Working if backlog == 0 => Err(Rejection::NothingWaits),
        Session::Working => Ok(vec![Event::CatchUpStarted { backlog, at }]),
    }
}

impl TryFrom<u8> for Percent {
    type Error = InvalidPercent;

    fn try_from(given: u8) -> Result<Self, InvalidPercent> {
        Self::new(given)
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for Percent {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        (1_u8..=100).prop_map(Self).boxed()
    }
}
