//! Retention: how long content is kept, what may not be deleted whatever the rules say, and how a person is erased.
//!
//! A legal hold wins over every rule and every wish as long as it stands. An erasure has a point of no return, after
//! which keys may be gone already: it is decided here, in one stream with the holds, so that the two cannot miss each
//! other. Nothing in this stream is personal: people are ids, and reasons name none.
//!
//! Reading order: [`rules`] (how long what is kept), [`holds`] (what is not deleted), [`runs`] (deletion by the
//! rules), [`erasure`] (deletion by wish).

pub mod erasure;
mod event;
pub mod holds;
mod rejection;
pub mod rules;
pub mod runs;
#[cfg(any(test, feature = "contract"))]
mod samples;

#[cfg(test)]
mod stories;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use event::Event;
pub use rejection::Rejection;
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;

use crate::Decider;
use crate::ids::{LegalHoldId, PersonId, RetentionId, RetentionRunId};
use erasure::Erasure;
use holds::{Placement, Scope};
use rules::{Content, Keep};
use runs::Run;

/// The retention aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Retention;

/// What somebody wants of retention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Is about how long content is kept.
    Rules(rules::Command),
    /// Is about legal holds.
    Holds(holds::Command),
    /// Is about deletion by the rules.
    Runs(runs::Command),
    /// Is about erasing a person.
    Erasure(erasure::Command),
}

/// Where retention stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// How long each kind of content is kept; for ever if it is not named.
    pub rules: BTreeMap<Content, Keep>,
    /// The holds ever placed.
    pub holds: BTreeMap<LegalHoldId, Placement>,
    /// The run that goes on.
    pub run: Option<Run>,
    /// The run that finished last, so that its being told twice is no error.
    pub last_run: Option<RetentionRunId>,
    /// The people whose erasure was asked for, and how far it is.
    pub erasures: BTreeMap<PersonId, Erasure>,
}

impl State {
    /// Returns how long a kind of content is kept.
    #[must_use]
    pub fn keep(&self, content: Content) -> Keep {
        self.rules.get(&content).copied().unwrap_or_default()
    }

    /// Returns the holds that stand, in the order of their ids.
    pub fn standing(&self) -> impl Iterator<Item = (LegalHoldId, Scope)> {
        let standing = self.holds.iter().filter(|(_, placement)| !placement.released);
        standing.map(|(hold, placement)| (*hold, placement.scope))
    }
}

impl Decider for Retention {
    const CATEGORY: &'static str = "retention";
    type Id = RetentionId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Rules(command) => Ok(rules::decide(state, command)),
            Command::Holds(command) => holds::decide(state, command),
            Command::Runs(command) => runs::decide(state, command),
            Command::Erasure(command) => erasure::decide(state, command),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        let s = &mut state;
        match event {
            Event::RuleSet { content, now, .. } => s.rule_set(*content, *now),
            Event::HoldPlaced {
                hold, scope, reason, ..
            } => s.placed(*hold, *scope, reason),
            Event::HoldReleased { hold, .. } => s.released(*hold),
            Event::RunStarted { run, .. } => s.run = Some(Run::new(*run)),
            Event::ItemDeleted { run, item, .. } => s.in_run(*run, |run| run.deleted(*item)),
            Event::ItemKept { run, item, .. } => s.in_run(*run, |run| run.kept(*item)),
            Event::RunFinished { run, .. } => s.run_finished(*run),
            Event::ErasureRequested { person, .. } => s.erasure(*person, Erasure::Requested),
            Event::ErasureBlocked { person, hold, .. } => {
                s.erasure(*person, Erasure::Blocked { hold: *hold })
            }
            Event::ErasureBegun { person, .. } => s.erasure(*person, Erasure::Begun),
            Event::ErasurePerformed { person, proof, .. } => {
                s.erasure(*person, Erasure::Performed { proof: *proof });
            }
            Event::ErasureVerified { person, .. } => s.verified(*person),
        }
        state
    }
}
