//! Recordings while they are made: asked for, begun, paused, complete.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{Beep, RecordedLegs, RecordingRights, RecordingStart};
use super::reasons::StopReason;
use super::rejection::Rejection;
use super::state::State;
use crate::ids::{LegId, RecordingId};
use crate::text::Key;
use crate::{Actor, Millis, Timestamp};

/// The most recordings that one call ever has.
pub const RECORDINGS_MAX: usize = 100;

/// What somebody wants of a recording, or what the recorder reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Asks for a recording.
    Request {
        /// The recording.
        recording: RecordingId,
        /// Which sides.
        legs: RecordedLegs,
        /// What makes it begin.
        start: RecordingStart,
        /// Who hears that it is recorded.
        beep: Beep,
        /// What an agent may do with it.
        rights: RecordingRights,
        /// Why it is made.
        reason: Key,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that sound is being kept.
    Start {
        /// The recording.
        recording: RecordingId,
        /// When.
        at: Timestamp,
    },
    /// Keeps no sound for a while.
    Pause {
        /// The recording.
        recording: RecordingId,
        /// Why.
        reason: Key,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Keeps sound again.
    Resume {
        /// The recording.
        recording: RecordingId,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Ends the recording, whether it has begun or not.
    Stop {
        /// The recording.
        recording: RecordingId,
        /// Why.
        why: StopReason,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// What decisions need to know of a recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recording {
    pub(super) leg: LegId,
    rights: RecordingRights,
    pub(super) stage: Stage,
    gaps: Millis,
}

/// How far a recording has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    Asked,
    Running,
    Paused { since: Timestamp },
    Failed,
    Stopped,
    Archived,
    Deleted,
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Request {
            recording,
            legs,
            start,
            beep,
            rights,
            reason,
            by,
            at,
        } => {
            if !draft.state.recordings.contains_key(&recording) {
                may_record(&draft.state, legs.leg())?;
                draft.record(Event::RecordingRequested {
                    recording,
                    legs,
                    start,
                    beep,
                    rights,
                    reason,
                    by,
                    at,
                });
            }
            Ok(())
        }
        Command::Start { recording, at } => match find(&draft.state, recording)?.stage {
            Stage::Asked => {
                draft.record(Event::RecordingStarted { recording, at });
                Ok(())
            }
            Stage::Failed => Err(Rejection::RecordingOver { recording }),
            Stage::Running | Stage::Paused { .. } | Stage::Stopped | Stage::Archived | Stage::Deleted => {
                Ok(())
            }
        },
        Command::Pause {
            recording,
            reason,
            by,
            at,
        } => pause(draft, recording, reason, by, at),
        Command::Resume { recording, by, at } => resume(draft, recording, by, at),
        Command::Stop {
            recording,
            why,
            by,
            at,
        } => {
            let found = find(&draft.state, recording)?;
            if found.is_open() {
                protect(found.rights.stop, &by, recording)?;
                stop(draft, recording, why, at);
            }
            Ok(())
        }
    }
}

pub(super) fn find(state: &State, recording: RecordingId) -> Result<&Recording, Rejection> {
    state
        .recordings
        .get(&recording)
        .ok_or(Rejection::NoSuchRecording { recording })
}

fn may_record(state: &State, leg: LegId) -> Result<(), Rejection> {
    state.live()?;
    state.live_leg(leg)?;
    if state.recordings.len() >= RECORDINGS_MAX {
        return Err(Rejection::TooMany {
            what: "recordings",
            max: RECORDINGS_MAX,
        });
    }
    Ok(())
}

// The routing policy and those above an agent may do what an agent may not.
fn protect(right: bool, by: &Actor, recording: RecordingId) -> Result<(), Rejection> {
    match by {
        Actor::Agent(_) if !right => Err(Rejection::RecordingProtected { recording }),
        Actor::Agent(_)
        | Actor::Customer
        | Actor::User(_)
        | Actor::System(_)
        | Actor::Crm(_)
        | Actor::Api(_) => Ok(()),
    }
}

fn pause(
    draft: &mut Draft,
    recording: RecordingId,
    reason: Key,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    let found = find(&draft.state, recording)?;
    match found.stage {
        Stage::Paused { .. } => Ok(()),
        Stage::Asked => Err(Rejection::RecordingNotBegun { recording }),
        Stage::Failed | Stage::Stopped | Stage::Archived | Stage::Deleted => {
            Err(Rejection::RecordingOver { recording })
        }
        Stage::Running => {
            protect(found.rights.pause, &by, recording)?;
            draft.record(Event::RecordingPaused {
                recording,
                reason,
                by,
                at,
            });
            Ok(())
        }
    }
}

fn resume(draft: &mut Draft, recording: RecordingId, by: Actor, at: Timestamp) -> Result<(), Rejection> {
    let found = find(&draft.state, recording)?;
    match found.stage {
        Stage::Running => Ok(()),
        Stage::Asked => Err(Rejection::RecordingNotBegun { recording }),
        Stage::Failed | Stage::Stopped | Stage::Archived | Stage::Deleted => {
            Err(Rejection::RecordingOver { recording })
        }
        Stage::Paused { since } => {
            protect(found.rights.pause, &by, recording)?;
            draft.record(Event::RecordingResumed {
                recording,
                gap_ms: at.since(since),
                by,
                at,
            });
            Ok(())
        }
    }
}

/// Ends an open recording: one that has not begun fails, one that has is complete.
pub(super) fn stop(draft: &mut Draft, recording: RecordingId, why: StopReason, at: Timestamp) {
    let Some(found) = draft.state.recordings.get(&recording) else {
        return;
    };
    let event = match found.stage {
        Stage::Asked => Event::RecordingFailed { recording, why, at },
        Stage::Running => Event::RecordingStopped {
            recording,
            why,
            gaps_ms: found.gaps,
            at,
        },
        Stage::Paused { since } => Event::RecordingStopped {
            recording,
            why,
            gaps_ms: sum(found.gaps, at.since(since)),
            at,
        },
        Stage::Failed | Stage::Stopped | Stage::Archived | Stage::Deleted => return,
    };
    draft.record(event);
}

fn sum(gaps: Millis, gap: Millis) -> Millis {
    Millis(gaps.0.saturating_add(gap.0))
}

impl Recording {
    fn is_open(&self) -> bool {
        match self.stage {
            Stage::Asked | Stage::Running | Stage::Paused { .. } => true,
            Stage::Failed | Stage::Stopped | Stage::Archived | Stage::Deleted => false,
        }
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::RecordingRequested {
            recording,
            legs,
            rights,
            ..
        } => {
            state.recordings.entry(*recording).or_insert(Recording {
                leg: legs.leg(),
                rights: *rights,
                stage: Stage::Asked,
                gaps: Millis(0),
            });
        }
        Event::RecordingStarted { recording, .. } => advance(state, *recording, Stage::Running),
        Event::RecordingFailed { recording, .. } => advance(state, *recording, Stage::Failed),
        Event::RecordingPaused { recording, at, .. } => {
            advance(state, *recording, Stage::Paused { since: *at });
        }
        Event::RecordingResumed {
            recording, gap_ms, ..
        } => {
            advance(state, *recording, Stage::Running);
            if let Some(recording) = state.recordings.get_mut(recording) {
                recording.gaps = sum(recording.gaps, *gap_ms);
            }
        }
        Event::RecordingStopped { recording, .. } => advance(state, *recording, Stage::Stopped),
        events_of!(life leg bridge routing prompt lookup queue offer hold transfer archive callback supervision wrap_up) =>
            {}
    }
}

/// Changes how far a recording has come, if it is there.
pub(super) fn advance(state: &mut State, recording: RecordingId, stage: Stage) {
    if let Some(recording) = state.recordings.get_mut(&recording) {
        recording.stage = stage;
    }
}
