//! Waiting in queues: each time is an entry of its own, and each entry leaves once.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{Announcement, Nth};
use super::reasons::{Exit, LeaveReason};
use super::rejection::Rejection;
use super::state::{Entry, State};
use crate::ids::{AgentId, EntryId, QueueId};
use crate::queue::{PolicyTold, Priority};
use crate::skills::SkillRequests;
use crate::{Actor, Timestamp};

/// The most times that one call waits in a queue; a caller who is sent round in circles ends here.
pub const ENTRIES_MAX: usize = 1_000;

/// What somebody wants of a waiting caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets the caller wait in a queue.
    Join {
        /// The entry that this is.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// How urgent the caller is, if it is not as the queue's settings say.
        priority: Option<Priority>,
        /// The skills that they need.
        skills: SkillRequests,
        /// The agent whom they had last, if that is known: the queue may keep them for that agent for a while.
        last_agent: Option<AgentId>,
        /// What they are told meanwhile, if not what the queue's settings say.
        told: Option<PolicyTold>,
        /// The entry whose place they keep.
        keeps_place_of: Option<EntryId>,
        /// Since when they count as waiting.
        waiting_since: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Makes the caller more or less urgent.
    SetPriority {
        /// The entry.
        entry: EntryId,
        /// How urgent they are to be.
        priority: Priority,
        /// Who changes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that the caller was told something.
    Announce {
        /// The entry.
        entry: EntryId,
        /// How many announcements this entry had heard.
        nth: Nth,
        /// What they were told.
        announcement: Announcement,
        /// When it ended.
        at: Timestamp,
    },
    /// Takes the caller out of the queue. Answers, callbacks and hanging up do that by themselves.
    Leave {
        /// The entry.
        entry: EntryId,
        /// Why.
        exit: Exit,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Join {
            entry,
            queue,
            priority,
            skills,
            last_agent,
            told,
            keeps_place_of,
            waiting_since,
            at,
        } => {
            if draft.state.entries.contains_key(&entry) {
                return Ok(());
            }
            may_wait(&draft.state)?;
            draft.record(Event::Queued {
                entry,
                queue,
                priority,
                skills,
                last_agent,
                told,
                keeps_place_of,
                waiting_since,
                at,
            });
            Ok(())
        }
        Command::SetPriority {
            entry,
            priority,
            by,
            at,
        } => {
            if draft.state.open_entry(entry)?.priority != Some(priority) {
                draft.record(Event::PriorityChanged {
                    entry,
                    priority,
                    by,
                    at,
                });
            }
            Ok(())
        }
        Command::Announce {
            entry,
            nth,
            announcement,
            at,
        } => {
            if draft.state.open_entry(entry)?.announced < nth {
                draft.record(Event::AnnouncementPlayed {
                    entry,
                    nth,
                    announcement,
                    at,
                });
            }
            Ok(())
        }
        Command::Leave { entry, exit, at } => leave(draft, entry, exit.into(), at),
    }
}

fn may_wait(state: &State) -> Result<(), Rejection> {
    state.with_caller()?;
    match state.waiting() {
        Some(entry) => Err(Rejection::Waiting { entry }),
        None if state.entries.len() >= ENTRIES_MAX => Err(Rejection::TooMany {
            what: "waits in queues",
            max: ENTRIES_MAX,
        }),
        None => Ok(()),
    }
}

// An agent who accepted is being connected: whoever comes with another reason now comes too late.
fn leave(draft: &mut Draft, entry: EntryId, reason: LeaveReason, at: Timestamp) -> Result<(), Rejection> {
    match draft.state.entry(entry)?.left {
        Some(left) if left == reason => Ok(()),
        Some(_) => Err(Rejection::EntryOver { entry }),
        None => match draft.state.taken_by(entry) {
            Some(by) => Err(Rejection::Taken { by }),
            None => {
                draft.leave_queue(entry, reason, at);
                Ok(())
            }
        },
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::Queued {
            entry,
            queue,
            priority,
            waiting_since,
            ..
        } => {
            state.entries.entry(*entry).or_insert(Entry {
                queue: *queue,
                since: *waiting_since,
                priority: *priority,
                announced: Nth(0),
                accepted: None,
                left: None,
            });
        }
        Event::PriorityChanged { entry, priority, .. } => {
            change(state, *entry, |entry| entry.priority = Some(*priority));
        }
        Event::AnnouncementPlayed { entry, nth, .. } => change(state, *entry, |entry| entry.announced = *nth),
        Event::LeftQueue { entry, reason, .. } => {
            change(state, *entry, |entry| {
                entry.left.get_or_insert(*reason);
            });
        }
        events_of!(life leg bridge routing prompt lookup offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

/// Changes an entry, if it is there.
pub(super) fn change(state: &mut State, entry: EntryId, how: impl FnOnce(&mut Entry)) {
    if let Some(entry) = state.entries.get_mut(&entry) {
        how(entry);
    }
}
