//! Counts what happened in queues, from events alone.

use std::collections::BTreeMap;

use domain_model::ids::{EntryId, QueueId};
use domain_model::process::AnyEvent;
use domain_model::queue::{Event, LeftBecause};
use domain_model::{Millis, Timestamp};

use crate::platform::Recorded;
use crate::play::Watch;

/// What became of a queue's entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that began to wait, each time anew.
    pub offered: u64,
    /// Entries that ended with an agent.
    pub answered: u64,
    /// Entries whose customer left while waiting.
    pub abandoned: u64,
    /// Entries that left in any other way.
    pub flowed_out: u64,
    /// Answered within the queue's goal.
    pub in_time: u64,
    /// The time that all who were answered had waited.
    pub waited_answered: Millis,
    /// The time that all had waited.
    pub waited: Millis,
}

/// Counts for each queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    queues: BTreeMap<QueueId, (Counts, Millis, BTreeMap<EntryId, Timestamp>)>,
}

impl Tally {
    /// Returns a queue's counts.
    #[must_use]
    pub fn of(&self, queue: QueueId) -> Counts {
        self.queues
            .get(&queue)
            .map_or_else(Counts::default, |(counts, ..)| *counts)
    }

    /// Returns how many wait in a queue.
    #[must_use]
    pub fn waiting(&self, queue: QueueId) -> u64 {
        self.queues
            .get(&queue)
            .map_or(0, |(_, _, waiting)| waiting.len() as u64)
    }
}

impl Watch for Tally {
    fn see(&mut self, recorded: &Recorded) {
        let AnyEvent::Queue(queue, event) = &recorded.happened.what else {
            return;
        };
        let (counts, goal, waiting) = self.queues.entry(*queue).or_default();
        if let Event::Configured { settings, .. } = event {
            *goal = settings.goals.answer_within_ms;
        }
        if let Event::Entered { entry, at, .. } = event {
            counts.offered += 1;
            waiting.insert(*entry, *at);
        }
        if let Event::Left { entry, why, at, .. } = event {
            let waited = waiting.remove(entry).map_or(Millis(0), |since| at.since(since));
            counts.waited.0 += waited.0;
            match why {
                LeftBecause::Answered { .. } => {
                    counts.answered += 1;
                    counts.waited_answered.0 += waited.0;
                    counts.in_time += u64::from(waited <= *goal);
                }
                LeftBecause::Abandoned => counts.abandoned += 1,
                LeftBecause::PressedKey { .. }
                | LeftBecause::MovedTo { .. }
                | LeftBecause::Removed { .. }
                | LeftBecause::CallbackCancelled { .. }
                | LeftBecause::MaxWait
                | LeftBecause::Overflowed { .. }
                | LeftBecause::NobodyLoggedIn
                | LeftBecause::NobodyAvailable => counts.flowed_out += 1,
            }
        }
    }
}
