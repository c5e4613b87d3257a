//! Supervisors who listen, whisper or barge in: always as a supervision of their own, never as a second agent.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::SupervisionMode;
use super::parties::Who;
use super::reasons::{LegCause, StopReason};
use super::rejection::Rejection;
use super::state::{State, Supervision};
use crate::Timestamp;
use crate::ids::{LegId, SupervisionId, UserId};

/// The most supervisions that one call ever has.
pub const SUPERVISIONS_MAX: usize = 200;

/// What a supervisor wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Takes part.
    Start {
        /// The supervision.
        supervision: SupervisionId,
        /// The supervisor.
        by: UserId,
        /// Their leg.
        leg: LegId,
        /// How they take part.
        mode: SupervisionMode,
        /// When.
        at: Timestamp,
    },
    /// Takes part in another way.
    ChangeMode {
        /// The supervision.
        supervision: SupervisionId,
        /// How they take part from now on.
        mode: SupervisionMode,
        /// When.
        at: Timestamp,
    },
    /// Takes part no more; their leg ends.
    End {
        /// The supervision.
        supervision: SupervisionId,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Start {
            supervision,
            by,
            leg,
            mode,
            at,
        } => {
            if !draft.state.supervisions.contains_key(&supervision) {
                may_start(&draft.state, by, leg)?;
                draft.record(Event::SupervisionStarted {
                    supervision,
                    by,
                    leg,
                    mode,
                    at,
                });
            }
            Ok(())
        }
        Command::ChangeMode {
            supervision,
            mode,
            at,
        } => {
            let found = find(&draft.state, supervision)?;
            if found.over {
                return Err(Rejection::SupervisionOver { supervision });
            }
            if found.mode != mode {
                draft.record(Event::SupervisionModeChanged {
                    supervision,
                    mode,
                    at,
                });
            }
            Ok(())
        }
        Command::End { supervision, at } => {
            let Supervision { leg, over, .. } = *find(&draft.state, supervision)?;
            if !over {
                let why = StopReason::Asked;
                draft.record(Event::SupervisionEnded { supervision, why, at });
                draft.hang_up(leg, &LegCause::Released, at);
            }
            Ok(())
        }
    }
}

fn find(state: &State, supervision: SupervisionId) -> Result<&Supervision, Rejection> {
    let found = state.supervisions.get(&supervision);
    found.ok_or(Rejection::NoSuchSupervision { supervision })
}

fn may_start(state: &State, by: UserId, leg: LegId) -> Result<(), Rejection> {
    state.live()?;
    if state.live_leg(leg)?.who != (Who::Supervisor { user: by }) {
        return Err(Rejection::LegTaken { leg });
    }
    let mut open = state.supervisions.iter();
    if let Some((supervision, _)) = open.find(|(_, s)| !s.over && s.leg == leg) {
        return Err(Rejection::Supervising {
            leg,
            supervision: *supervision,
        });
    }
    if state.supervisions.len() >= SUPERVISIONS_MAX {
        return Err(Rejection::TooMany {
            what: "supervisions",
            max: SUPERVISIONS_MAX,
        });
    }
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::SupervisionStarted {
            supervision,
            leg,
            mode,
            ..
        } => {
            state.supervisions.entry(*supervision).or_insert(Supervision {
                leg: *leg,
                mode: *mode,
                over: false,
            });
        }
        Event::SupervisionModeChanged {
            supervision, mode, ..
        } => {
            if let Some(supervision) = state.supervisions.get_mut(supervision) {
                supervision.mode = *mode;
            }
        }
        Event::SupervisionEnded { supervision, .. } => {
            if let Some(supervision) = state.supervisions.get_mut(supervision) {
                supervision.over = true;
            }
        }
        events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording archive callback wrap_up) =>
            {}
    }
}
