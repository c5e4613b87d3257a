//! Callbacks: the caller hangs up and keeps the place, and we ring back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::reasons::{CallbackEnd, EndCause, LeaveReason};
use super::rejection::Rejection;
use super::state::State;
use crate::ids::{CallId, CallbackId, EntryId, QueueId};
use crate::{Actor, PhoneNumber, Private, Timestamp};

/// The most callbacks that one call ever promises.
pub const CALLBACKS_MAX: usize = 20;
/// The most calls that are placed to keep one promise.
pub const ATTEMPTS_MAX: usize = 100;

/// What somebody wants of a callback. All but the first two may come after the call's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets the caller choose to be rung back.
    Offer {
        /// The promise.
        callback: CallbackId,
        /// Where it would wait.
        waits: Waits,
        /// When.
        at: Timestamp,
    },
    /// The caller asks to be rung back; a wait in a queue becomes a place there.
    Accept {
        /// The promise.
        callback: CallbackId,
        /// The number to ring.
        number: Private<PhoneNumber>,
        /// Not before this moment, where the caller says when.
        due: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Sets the moment to ring back.
    Schedule {
        /// The promise.
        callback: CallbackId,
        /// Not before this moment.
        due: Timestamp,
        /// Who sets it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Asks to place a call that keeps the promise; one at a time, and not before its moment.
    Attempt {
        /// The promise.
        callback: CallbackId,
        /// The new call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// Reports that a call placed to keep the promise is over, and the customer talked to nobody.
    Fail {
        /// The promise.
        callback: CallbackId,
        /// That call.
        call: CallId,
        /// Why it ended.
        why: EndCause,
        /// From when on the next call may be placed; none if there is to be none, which ends the promise.
        again_from: Option<Timestamp>,
        /// Who says so.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that the promise was kept.
    Complete {
        /// The promise.
        callback: CallbackId,
        /// The call that kept it.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// Calls the promise off.
    Cancel {
        /// The promise.
        callback: CallbackId,
        /// Why.
        why: CallbackEnd,
        /// Who calls it off.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// Where a callback waits for an agent. There is no other way to one: whoever is to be rung back is rung by somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Waits {
    /// In the place of a caller who waits.
    In {
        /// Their entry.
        entry: EntryId,
    },
    /// At the end of a queue, for a caller who does not wait: one who rings outside the hours, for instance.
    At {
        /// The queue.
        queue: QueueId,
    },
}

/// What decisions need to know of a callback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Callback {
    pub(super) entry: Option<EntryId>,
    queue: QueueId,
    stage: Stage,
    due: Option<Timestamp>,
    // The calls that were placed, and whether they failed.
    attempts: BTreeMap<CallId, bool>,
}

/// How far a callback has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    Offered,
    Accepted,
    Completed { by: CallId },
    Cancelled,
}

impl Callback {
    pub(super) fn is_offered(&self) -> bool {
        self.stage == Stage::Offered
    }
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Offer { callback, waits, at } => {
            if !draft.state.callbacks.contains_key(&callback) {
                let (entry, queue) = may_offer(&draft.state, waits)?;
                draft.record(Event::CallbackOffered {
                    callback,
                    entry,
                    queue,
                    at,
                });
            }
            Ok(())
        }
        Command::Accept {
            callback,
            number,
            due,
            at,
        } => accept(draft, callback, number, due, at),
        Command::Schedule {
            callback,
            due,
            by,
            at,
        } => {
            if accepted(&draft.state, callback)?.due != Some(due) {
                draft.record(Event::CallbackScheduled {
                    callback,
                    due,
                    by,
                    at,
                });
            }
            Ok(())
        }
        Command::Attempt { callback, call, at } => attempt(draft, callback, call, at),
        Command::Fail {
            callback,
            call,
            why,
            again_from,
            by,
            at,
        } => fail(draft, (callback, call), why, again_from, by, at),
        Command::Complete { callback, call, at } => {
            if find(&draft.state, callback)?.stage == (Stage::Completed { by: call }) {
                return Ok(());
            }
            if !accepted(&draft.state, callback)?.attempts.contains_key(&call) {
                return Err(Rejection::CallbackNotAttempted { callback });
            }
            draft.record(Event::CallbackCompleted { callback, call, at });
            Ok(())
        }
        Command::Cancel {
            callback,
            why,
            by,
            at,
        } => match find(&draft.state, callback)?.stage {
            Stage::Cancelled => Ok(()),
            Stage::Completed { .. } => Err(Rejection::CallbackOver { callback }),
            Stage::Offered | Stage::Accepted => {
                draft.record(Event::CallbackCancelled {
                    callback,
                    why,
                    by,
                    at,
                });
                Ok(())
            }
        },
    }
}

fn find(state: &State, callback: CallbackId) -> Result<&Callback, Rejection> {
    state
        .callbacks
        .get(&callback)
        .ok_or(Rejection::NoSuchCallback { callback })
}

// A promise that was given and not yet kept or called off.
fn accepted(state: &State, callback: CallbackId) -> Result<&Callback, Rejection> {
    let promise = find(state, callback)?;
    match promise.stage {
        Stage::Accepted => Ok(promise),
        Stage::Offered => Err(Rejection::CallbackNotAccepted { callback }),
        Stage::Completed { .. } | Stage::Cancelled => Err(Rejection::CallbackOver { callback }),
    }
}

fn attempt(draft: &mut Draft, callback: CallbackId, call: CallId, at: Timestamp) -> Result<(), Rejection> {
    let promise = accepted(&draft.state, callback)?;
    if promise.attempts.contains_key(&call) {
        return Ok(());
    }
    if let Some(until) = promise.due.filter(|due| at < *due) {
        return Err(Rejection::NotYet { until });
    }
    if let Some((by, _)) = promise.attempts.iter().find(|(_, failed)| !**failed) {
        return Err(Rejection::RingingBack { callback, by: *by });
    }
    let before = promise.attempts.len();
    if before >= ATTEMPTS_MAX {
        let (what, max) = ("calls for this callback", ATTEMPTS_MAX);
        return Err(Rejection::TooMany { what, max });
    }
    let attempt = u32::try_from(before).map_or(u32::MAX, |before| before.saturating_add(1));
    draft.record(Event::CallbackAttempted {
        callback,
        call,
        attempt,
        at,
    });
    Ok(())
}

// The promise goes on or ends in the same decision, so that nobody takes it up in between.
fn fail(
    draft: &mut Draft,
    (callback, call): (CallbackId, CallId),
    why: EndCause,
    again_from: Option<Timestamp>,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    match find(&draft.state, callback)?.attempts.get(&call) {
        None => return Err(Rejection::CallbackNotAttempted { callback }),
        Some(true) => return Ok(()),
        Some(false) => {}
    }
    accepted(&draft.state, callback)?;
    draft.record(Event::CallbackFailed {
        callback,
        call,
        why,
        again_from,
        at,
    });
    draft.record(match again_from {
        Some(due) => Event::CallbackScheduled {
            callback,
            due,
            by,
            at,
        },
        None => Event::CallbackCancelled {
            callback,
            why: CallbackEnd::Unreachable,
            by,
            at,
        },
    });
    Ok(())
}

fn may_offer(state: &State, waits: Waits) -> Result<(Option<EntryId>, QueueId), Rejection> {
    state.with_caller()?;
    let place = match waits {
        Waits::In { entry } => (Some(entry), state.open_entry(entry)?.queue),
        Waits::At { queue } => (None, queue),
    };
    if state.callbacks.len() >= CALLBACKS_MAX {
        return Err(Rejection::TooMany {
            what: "callbacks",
            max: CALLBACKS_MAX,
        });
    }
    Ok(place)
}

fn accept(
    draft: &mut Draft,
    callback: CallbackId,
    number: Private<PhoneNumber>,
    due: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Rejection> {
    let promise = find(&draft.state, callback)?;
    let (entry, queue) = match promise.stage {
        Stage::Accepted | Stage::Completed { .. } => return Ok(()),
        Stage::Cancelled => return Err(Rejection::CallbackOver { callback }),
        Stage::Offered => (promise.entry, promise.queue),
    };
    draft.state.live()?;
    if let Some(by) = entry.and_then(|entry| draft.state.taken_by(entry)) {
        return Err(Rejection::Taken { by });
    }
    let place = entry.map(|entry| draft.state.open_entry(entry)).transpose()?;
    let waiting_since = place.map_or(at, |place| place.since);
    draft.record(Event::CallbackAccepted {
        callback,
        number,
        entry,
        queue,
        waiting_since,
        at,
    });
    if let Some(due) = due {
        draft.record(Event::CallbackScheduled {
            callback,
            due,
            by: Actor::Customer,
            at,
        });
    }
    if let Some(entry) = entry {
        draft.leave_queue(entry, LeaveReason::Callback { callback }, at);
    }
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::CallbackOffered {
            callback,
            entry,
            queue,
            ..
        } => {
            state.callbacks.entry(*callback).or_insert(Callback {
                entry: *entry,
                queue: *queue,
                stage: Stage::Offered,
                due: None,
                attempts: BTreeMap::new(),
            });
        }
        Event::CallbackAccepted { callback, .. } => change(state, *callback, |c| c.stage = Stage::Accepted),
        Event::CallbackScheduled { callback, due, .. } => change(state, *callback, |c| c.due = Some(*due)),
        Event::CallbackAttempted { callback, call, .. } => change(state, *callback, |c| {
            c.attempts.insert(*call, false);
        }),
        Event::CallbackFailed { callback, call, .. } => change(state, *callback, |c| {
            c.attempts.insert(*call, true);
        }),
        Event::CallbackCompleted { callback, call, .. } => {
            change(state, *callback, |c| c.stage = Stage::Completed { by: *call });
        }
        Event::CallbackCancelled { callback, .. } => change(state, *callback, |c| c.stage = Stage::Cancelled),
        events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording archive supervision wrap_up) =>
            {}
    }
}

fn change(state: &mut State, callback: CallbackId, how: impl FnOnce(&mut Callback)) {
    if let Some(callback) = state.callbacks.get_mut(&callback) {
        how(callback);
    }
}
