//! Runs: deletion of what is past its time, item by item, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{JourneyId, MessageId, RecordingId, RetentionRunId, VoicemailId};

use super::State;
use super::event::Event;
use super::holds::Footprint;
use super::rejection::Rejection;
use super::rules::Content;

/// One thing that is kept or deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Item {
    /// A recording of a call.
    Recording(RecordingId),
    /// A voicemail message.
    Voicemail(VoicemailId),
    /// The transcript of a recording.
    Transcript(RecordingId),
    /// A message of a conversation.
    Message(MessageId),
    /// The personal data of a journey.
    Journey(JourneyId),
}

/// How many items of each kind a run deleted and kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Tally {
    /// How many were deleted; a kind that is not named, none.
    pub deleted: BTreeMap<Content, u64>,
    /// How many were past their time and kept because of a hold.
    pub kept: BTreeMap<Content, u64>,
}

/// A run that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub run: RetentionRunId,
    deleted: BTreeSet<Item>,
    kept: BTreeSet<Item>,
}

/// What somebody wants of runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Begins a run.
    Start {
        /// The run's id.
        run: RetentionRunId,
        /// When.
        at: Timestamp,
    },
    /// Deletes an item if it is past its time and no hold stands against it.
    Delete {
        /// The run.
        run: RetentionRunId,
        /// The item.
        item: Item,
        /// When it was made.
        made: Timestamp,
        /// Whom and what it is about.
        footprint: Footprint,
        /// When.
        at: Timestamp,
    },
    /// Ends a run that went through everything.
    Finish {
        /// The run.
        run: RetentionRunId,
        /// When.
        at: Timestamp,
    },
}

impl Item {
    /// Returns the kind of content it is.
    #[must_use]
    pub const fn content(&self) -> Content {
        match self {
            Self::Recording(_) => Content::Recordings,
            Self::Voicemail(_) => Content::Voicemails,
            Self::Transcript(_) => Content::Transcripts,
            Self::Message(_) => Content::Messages,
            Self::Journey(_) => Content::Journeys,
        }
    }
}

impl Run {
    pub(super) const fn new(run: RetentionRunId) -> Self {
        Self {
            run,
            deleted: BTreeSet::new(),
            kept: BTreeSet::new(),
        }
    }

    pub(super) fn deleted(&mut self, item: Item) {
        self.kept.remove(&item);
        self.deleted.insert(item);
    }

    pub(super) fn kept(&mut self, item: Item) {
        self.kept.insert(item);
    }

    fn tally(&self) -> Tally {
        Tally {
            deleted: counted(&self.deleted),
            kept: counted(&self.kept),
        }
    }
}

fn counted(items: &BTreeSet<Item>) -> BTreeMap<Content, u64> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item.content()).or_default() += 1;
    }
    counts
}

impl State {
    pub(super) fn in_run(&mut self, run: RetentionRunId, change: impl FnOnce(&mut Run)) {
        if let Some(current) = self.run.as_mut().filter(|current| current.run == run) {
            change(current);
        }
    }

    pub(super) fn run_finished(&mut self, run: RetentionRunId) {
        self.run = None;
        self.last_run = Some(run);
    }

    fn current(&self, run: RetentionRunId) -> Result<&Run, Rejection> {
        let current = self.run.as_ref().filter(|current| current.run == run);
        current.ok_or(Rejection::NoRun { run })
    }
}

pub(super) fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Start { run, at } => start(state, run, at),
        Command::Delete {
            run,
            item,
            made,
            footprint,
            at,
        } => delete(state, run, (item, made, &footprint), at),
        Command::Finish { run, .. } if state.run.is_none() && state.last_run == Some(run) => Ok(vec![]),
        Command::Finish { run, at } => {
            let tally = state.current(run)?.tally();
            Ok(vec![Event::RunFinished { run, tally, at }])
        }
    }
}

fn start(state: &State, run: RetentionRunId, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match &state.run {
        Some(current) if current.run == run => Ok(vec![]),
        Some(current) => Err(Rejection::OtherRun { run: current.run }),
        None if state.last_run == Some(run) => Err(Rejection::NoRun { run }),
        None => Ok(vec![Event::RunStarted { run, at }]),
    }
}

fn delete(
    state: &State,
    run: RetentionRunId,
    (item, made, footprint): (Item, Timestamp, &Footprint),
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let current = state.current(run)?;
    if current.deleted.contains(&item) {
        return Ok(vec![]);
    }
    let content = item.content();
    let keep = state.keep(content);
    let until = keep.until(made).ok_or(Rejection::KeptForEver { content })?;
    if at < until {
        return Err(Rejection::NotDue { content, until });
    }
    Ok(match state.held(footprint) {
        Some(_) if current.kept.contains(&item) => vec![],
        Some(hold) => vec![Event::ItemKept { run, item, hold, at }],
        None => vec![Event::ItemDeleted {
            run,
            item,
            keep,
            made,
            at,
        }],
    })
}
