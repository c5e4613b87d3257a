//! Callbacks: the caller hangs up and keeps the place, and we ring back.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::reasons::{CallbackEnd, LeaveReason};
use super::rejection::Rejection;
use super::state::State;
use crate::ids::{CallId, CallbackId, EntryId};
use crate::{Actor, PhoneNumber, Private, Timestamp};

/// The most callbacks that one call ever promises.
pub const CALLBACKS_MAX: usize = 20;

/// What somebody wants of a callback. All but the first two may come after the call's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets the caller choose to be rung back.
    Offer {
        /// The promise.
        callback: CallbackId,
        /// The entry whose place they would keep.
        entry: Option<EntryId>,
        /// When.
        at: Timestamp,
    },
    /// The caller asks to be rung back; a wait in a queue becomes a place there.
    Accept {
        /// The promise.
        callback: CallbackId,
        /// The number to ring.
        number: Private<PhoneNumber>,
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
    /// Reports that a call was placed to keep the promise.
    Attempt {
        /// The promise.
        callback: CallbackId,
        /// The new call.
        call: CallId,
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

/// What decisions need to know of a callback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Callback {
    pub(super) entry: Option<EntryId>,
    stage: Stage,
    due: Option<Timestamp>,
    attempts: BTreeSet<CallId>,
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
        Command::Offer { callback, entry, at } => {
            if !draft.state.callbacks.contains_key(&callback) {
                may_offer(&draft.state, entry)?;
                draft.record(Event::CallbackOffered { callback, entry, at });
            }
            Ok(())
        }
        Command::Accept { callback, number, at } => accept(draft, callback, number, at),
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
        Command::Attempt { callback, call, at } => {
            let promise = accepted(&draft.state, callback)?;
            if !promise.attempts.contains(&call) {
                let before = u32::try_from(promise.attempts.len()).unwrap_or(u32::MAX);
                let attempt = before.saturating_add(1);
                draft.record(Event::CallbackAttempted {
                    callback,
                    call,
                    attempt,
                    at,
                });
            }
            Ok(())
        }
        Command::Complete { callback, call, at } => {
            if find(&draft.state, callback)?.stage == (Stage::Completed { by: call }) {
                return Ok(());
            }
            if !accepted(&draft.state, callback)?.attempts.contains(&call) {
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

fn may_offer(state: &State, entry: Option<EntryId>) -> Result<(), Rejection> {
    state.with_caller()?;
    if let Some(entry) = entry {
        state.open_entry(entry)?;
    }
    if state.callbacks.len() >= CALLBACKS_MAX {
        return Err(Rejection::TooMany {
            what: "callbacks",
            max: CALLBACKS_MAX,
        });
    }
    Ok(())
}

fn accept(
    draft: &mut Draft,
    callback: CallbackId,
    number: Private<PhoneNumber>,
    at: Timestamp,
) -> Result<(), Rejection> {
    let promise = find(&draft.state, callback)?;
    let entry = match promise.stage {
        Stage::Accepted | Stage::Completed { .. } => return Ok(()),
        Stage::Cancelled => return Err(Rejection::CallbackOver { callback }),
        Stage::Offered => promise.entry,
    };
    draft.state.live()?;
    if let Some(by) = entry.and_then(|entry| draft.state.taken_by(entry)) {
        return Err(Rejection::Taken { by });
    }
    let place = entry.map(|entry| draft.state.open_entry(entry)).transpose()?;
    let (queue, waiting_since) = place.map_or((None, at), |place| (Some(place.queue), place.since));
    draft.record(Event::CallbackAccepted {
        callback,
        number,
        entry,
        queue,
        waiting_since,
        at,
    });
    if let Some(entry) = entry {
        draft.leave_queue(entry, LeaveReason::Callback { callback }, at);
    }
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::CallbackOffered { callback, entry, .. } => {
            state.callbacks.entry(*callback).or_insert(Callback {
                entry: *entry,
                stage: Stage::Offered,
                due: None,
                attempts: BTreeSet::new(),
            });
        }
        Event::CallbackAccepted { callback, .. } => change(state, *callback, |c| c.stage = Stage::Accepted),
        Event::CallbackScheduled { callback, due, .. } => change(state, *callback, |c| c.due = Some(*due)),
        Event::CallbackAttempted { callback, call, .. } => change(state, *callback, |c| {
            c.attempts.insert(*call);
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
