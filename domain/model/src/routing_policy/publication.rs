//! Publication: at once, at a time, and back again.

use super::Rejection;
use super::event::{CancelReason, Event, Trigger};
use super::graph::lint::{Known, check, count};
use super::state::{Draft, Scheduled, State};
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
    let mut events = checked(state, draft, at)?;
    events.extend(cancelled(state, CancelReason::Overtaken, at));
    events.push(Event::Published {
        version: state.next_version(),
        revision,
        hash: draft.saved.hash,
        trigger: Trigger::Person,
        comment,
        by,
        at,
    });
    Ok(events)
}

// None: it is live already.
fn publishable(state: &State, revision: u32) -> Result<Option<&Draft>, Rejection> {
    let live = state.live().map(|(_, saved)| saved);
    if live.is_some_and(|live| live.revision == revision) {
        return Ok(None);
    }
    let draft = state.draft.as_ref().ok_or(Rejection::NoDraft)?;
    if draft.saved.revision != revision {
        return Err(Rejection::Conflict {
            current: draft.saved.revision,
        });
    }
    let is_live = state.live_hash() == Some(draft.saved.hash);
    Ok((!is_live).then_some(draft))
}

/// Checks a document on its way to be live: by itself, whatever was recorded of it, for nobody may have checked it or
/// what is wrong may be known better since. What its tenant lacks it does not tell by itself: of that the last check
/// that was recorded counts.
///
/// Returns what remains to be recorded: that it was checked, unless that was recorded before.
fn checked(state: &State, draft: &Draft, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let kind = state.created()?;
    let hash = draft.saved.hash;
    let known = Known {
        kind: Some(kind),
        ..Known::default()
    };
    let own = count(&check(&draft.document, &known));
    let recorded = state.recorded(&hash);
    let errors = recorded.map_or(0, |recorded| recorded.errors).max(own.errors);
    if errors > 0 {
        return Err(Rejection::LintErrors { errors });
    }
    let linted = Event::Linted {
        hash,
        findings: own,
        at,
    };
    Ok(recorded.is_none().then_some(linted).into_iter().collect())
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
        let same = set.draft.saved.revision == revision && set.publish_at == publish_at;
        return if same {
            Ok(vec![])
        } else {
            Err(Rejection::AlreadyScheduled {
                revision: set.draft.saved.revision,
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
    let mut events = checked(state, draft, at)?;
    events.push(Event::PublishScheduled {
        revision,
        hash: draft.saved.hash,
        publish_at,
        comment,
        by,
        at,
    });
    Ok(events)
}

pub(super) fn publish_due(state: &State, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let Some(Scheduled {
        draft,
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
    if state.live_hash() == Some(draft.saved.hash) {
        return Ok(cancelled(state, CancelReason::AlreadyLive, at));
    }
    let Ok(mut events) = checked(state, draft, at) else {
        return Ok(cancelled(state, CancelReason::LintErrors, at));
    };
    events.push(Event::Published {
        version: state.next_version(),
        revision: draft.saved.revision,
        hash: draft.saved.hash,
        trigger: Trigger::Schedule,
        comment: comment.clone(),
        by: by.clone(),
        at,
    });
    Ok(events)
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
        revision: set.draft.saved.revision,
        reason,
        at,
    })
    .into_iter()
    .collect()
}
