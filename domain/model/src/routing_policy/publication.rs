//! Publication: at once, at a time, and back again.

use super::Rejection;
use super::event::{CancelReason, Event, Trigger};
use super::state::{Saved, Scheduled, State};
use crate::Timestamp;
use crate::context::Actor;
use crate::text::Line;

pub(super) fn publish(
    state: &State,
    revision: u32,
    comment: Option<Line>,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    let Some(draft) = publishable(state, revision)? else {
        return Ok(vec![]);
    };
    let mut events = cancelled(state, CancelReason::Overtaken, at);
    events.push(Event::Published {
        version: state.next_version(),
        revision,
        hash: draft.hash,
        trigger: Trigger::Person,
        comment,
        by,
        at,
    });
    Ok(events)
}

// None: it is live already.
fn publishable(state: &State, revision: u32) -> Result<Option<Saved>, Rejection> {
    let live = state.live().map(|(_, saved)| saved);
    if live.is_some_and(|live| live.revision == revision) {
        return Ok(None);
    }
    let draft = state.draft.ok_or(Rejection::NoDraft)?;
    if draft.revision != revision {
        return Err(Rejection::Conflict {
            current: draft.revision,
        });
    }
    if state.live_hash() == Some(draft.hash) {
        return Ok(None);
    }
    match state.errors(&draft.hash) {
        0 => Ok(Some(draft)),
        errors => Err(Rejection::LintErrors { errors }),
    }
}

pub(super) fn schedule(
    state: &State,
    revision: u32,
    publish_at: Timestamp,
    comment: Option<Line>,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    if let Some(set) = &state.scheduled {
        let same = set.saved.revision == revision && set.publish_at == publish_at;
        return if same {
            Ok(vec![])
        } else {
            Err(Rejection::AlreadyScheduled {
                revision: set.saved.revision,
                publish_at: set.publish_at,
            })
        };
    }
    let Some(draft) = publishable(state, revision)? else {
        return Ok(vec![]);
    };
    if publish_at <= at {
        return Err(Rejection::InThePast { publish_at });
    }
    Ok(vec![Event::PublishScheduled {
        revision,
        hash: draft.hash,
        publish_at,
        comment,
        by,
        at,
    }])
}

pub(super) fn publish_due(state: &State, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let Some(Scheduled {
        saved,
        publish_at,
        comment,
        by,
    }) = &state.scheduled
    else {
        return state.created().map(|_| vec![]);
    };
    if at < *publish_at {
        return Err(Rejection::NotYet {
            publish_at: *publish_at,
        });
    }
    // Whatever stands in the way, the schedule ends here: nothing is published by surprise at a later time.
    if state.live_hash() == Some(saved.hash) {
        return Ok(cancelled(state, CancelReason::AlreadyLive, at));
    }
    if state.errors(&saved.hash) > 0 {
        return Ok(cancelled(state, CancelReason::LintErrors, at));
    }
    Ok(vec![Event::Published {
        version: state.next_version(),
        revision: saved.revision,
        hash: saved.hash,
        trigger: Trigger::Schedule,
        comment: comment.clone(),
        by: by.clone(),
        at,
    }])
}

// Not held back by errors that a check found: what was live once is the safe place to go back to.
pub(super) fn roll_back(
    state: &State,
    to: u32,
    comment: Option<Line>,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    let saved = state
        .versions
        .get(&to)
        .ok_or(Rejection::NoSuchVersion { version: to })?;
    if state.live_hash() == Some(saved.hash) {
        return Ok(vec![]);
    }
    let mut events = cancelled(state, CancelReason::Overtaken, at);
    events.push(Event::RolledBack {
        version: state.next_version(),
        to,
        revision: saved.revision,
        hash: saved.hash,
        comment,
        by,
        at,
    });
    Ok(events)
}

pub(super) fn cancelled(state: &State, reason: CancelReason, at: Timestamp) -> Vec<Event> {
    let set = state.scheduled.as_ref();
    set.map(|set| Event::ScheduleCancelled {
        revision: set.saved.revision,
        reason,
        at,
    })
    .into_iter()
    .collect()
}
