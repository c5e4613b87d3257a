//! What follows a call: wrap-up, codes, notes and the customer's own words.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{Nth, SurveyAnswer};
use super::reasons::WrapUpFailure;
use super::rejection::Rejection;
use super::state::State;
use crate::few::Few;
use crate::ids::{AgentId, LegId, NoteId, WrapUpCodeId};
use crate::text::{Body, Key};
use crate::{Actor, Millis, Private, Timestamp};

/// The most codes that one wrap-up takes.
pub const CODES_MAX: usize = 16;
/// The most notes that one call takes.
pub const NOTES_MAX: usize = 200;
/// The most questions that customers answer about one call.
pub const ANSWERS_MAX: usize = 100;

/// What somebody wants after an agent's part of the call. All may come after the call's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Begins the wrap-up after an agent's leg.
    Start {
        /// The leg on which they had talked.
        leg: LegId,
        /// How long it may last; without end if none.
        limit_ms: Option<Millis>,
        /// When.
        at: Timestamp,
    },
    /// Gives the agent time until a later moment.
    Extend {
        /// The wrap-up.
        leg: LegId,
        /// Until when it may last.
        until: Timestamp,
        /// Who gives it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Ends the wrap-up.
    End {
        /// The wrap-up.
        leg: LegId,
        /// Who ends it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Ends the wrap-up without what had to be done.
    Fail {
        /// The wrap-up.
        leg: LegId,
        /// Why.
        why: WrapUpFailure,
        /// When.
        at: Timestamp,
    },
    /// Chooses the codes that say what came of it.
    Disposition {
        /// The leg on which the agent had talked, or talks.
        leg: LegId,
        /// The codes; they replace those chosen before.
        codes: Few<WrapUpCodeId, CODES_MAX>,
        /// Who chooses them.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Writes a note, or writes it anew.
    SaveNote {
        /// The note.
        note: NoteId,
        /// How many times it was written, from 1.
        nth: Nth,
        /// What it says.
        text: Private<Body>,
        /// Who writes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes the customer's answer to a question.
    AnswerSurvey {
        /// The survey.
        survey: Key,
        /// The question.
        question: Key,
        /// The answer.
        answer: SurveyAnswer,
        /// When.
        at: Timestamp,
    },
}

/// What decisions need to know of a wrap-up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct WrapUp {
    stage: Stage,
    until: Option<Timestamp>,
    codes: BTreeSet<WrapUpCodeId>,
}

/// How far a wrap-up has come; codes may be chosen before it begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    #[default]
    NotBegun,
    Running,
    Ended,
    Failed,
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Start { leg, limit_ms, at } => start(draft, leg, limit_ms, at),
        Command::Extend { leg, until, by, at } => extend(draft, leg, until, by, at),
        Command::End { leg, by, at } => {
            if running(&draft.state, leg, Stage::Ended)? {
                let agent = agent_of(&draft.state, leg)?;
                draft.record(Event::WrapUpEnded { leg, agent, by, at });
            }
            Ok(())
        }
        Command::Fail { leg, why, at } => {
            if running(&draft.state, leg, Stage::Failed)? {
                let agent = agent_of(&draft.state, leg)?;
                draft.record(Event::WrapUpFailed { leg, agent, why, at });
            }
            Ok(())
        }
        Command::Disposition { leg, codes, by, at } => disposition(draft, leg, &codes, by, at),
        Command::SaveNote {
            note,
            nth,
            text,
            by,
            at,
        } => {
            if may_save(&draft.state, note, nth)? {
                draft.record(Event::NoteSaved {
                    note,
                    nth,
                    text,
                    by,
                    at,
                });
            }
            Ok(())
        }
        Command::AnswerSurvey {
            survey,
            question,
            answer,
            at,
        } => {
            if may_answer(&draft.state, &survey, &question)? {
                draft.record(Event::SurveyAnswered {
                    survey,
                    question,
                    answer,
                    at,
                });
            }
            Ok(())
        }
    }
}

// The agent who talked on a leg; who never answered has nothing to wrap up.
fn agent_of(state: &State, leg: LegId) -> Result<AgentId, Rejection> {
    let found = state.leg(leg)?;
    let agent = found.who.agent().ok_or(Rejection::NotAnAgent { leg })?;
    if found.answered {
        Ok(agent)
    } else {
        Err(Rejection::NotAnswered { leg })
    }
}

fn start(draft: &mut Draft, leg: LegId, limit_ms: Option<Millis>, at: Timestamp) -> Result<(), Rejection> {
    let agent = agent_of(&draft.state, leg)?;
    let known = draft
        .state
        .wrap_ups
        .get(&leg)
        .map_or(Stage::NotBegun, |known| known.stage);
    if known != Stage::NotBegun {
        return Ok(());
    }
    if draft.state.leg(leg)?.is_live() {
        return Err(Rejection::LegLive { leg });
    }
    draft.record(Event::WrapUpStarted {
        leg,
        agent,
        until: limit_ms.map(|limit| at.plus(limit)),
        at,
    });
    Ok(())
}

// A wrap-up without end needs no more time.
fn extend(
    draft: &mut Draft,
    leg: LegId,
    until: Timestamp,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    let agent = agent_of(&draft.state, leg)?;
    running(&draft.state, leg, Stage::Running)?;
    let known = draft.state.wrap_ups.get(&leg).and_then(|known| known.until);
    if known.is_some_and(|known| known < until) {
        draft.record(Event::WrapUpExtended {
            leg,
            agent,
            until,
            by,
            at,
        });
    }
    Ok(())
}

// Whether a wrap-up is running; it is not when it already came to the stage that is asked for.
fn running(state: &State, leg: LegId, wanted: Stage) -> Result<bool, Rejection> {
    let stage = state
        .wrap_ups
        .get(&leg)
        .map_or(Stage::NotBegun, |known| known.stage);
    match stage {
        Stage::NotBegun => Err(Rejection::NoSuchWrapUp { leg }),
        Stage::Running => Ok(true),
        Stage::Ended | Stage::Failed if stage == wanted => Ok(false),
        Stage::Ended | Stage::Failed => Err(Rejection::WrapUpOver { leg }),
    }
}

fn disposition(
    draft: &mut Draft,
    leg: LegId,
    codes: &[WrapUpCodeId],
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    agent_of(&draft.state, leg)?;
    let wanted: BTreeSet<_> = codes.iter().copied().collect();
    let known = draft.state.wrap_ups.get(&leg);
    if known.map_or(wanted.is_empty(), |known| known.codes == wanted) {
        return Ok(());
    }
    // The order is the chooser's: the first code is the one that reports show.
    let mut seen = BTreeSet::new();
    let once = codes.iter().copied().filter(|code| seen.insert(*code));
    draft.record(Event::Dispositioned {
        leg,
        codes: Few::first(once),
        by,
        at,
    });
    Ok(())
}

fn may_save(state: &State, note: NoteId, nth: Nth) -> Result<bool, Rejection> {
    state.begun()?;
    let known = state.notes.get(&note);
    if known.is_none() && state.notes.len() >= NOTES_MAX {
        return Err(Rejection::TooMany {
            what: "notes",
            max: NOTES_MAX,
        });
    }
    Ok(nth > known.copied().unwrap_or_default())
}

fn may_answer(state: &State, survey: &Key, question: &Key) -> Result<bool, Rejection> {
    state.begun()?;
    if state.survey.contains(&(survey.clone(), question.clone())) {
        return Ok(false);
    }
    if state.survey.len() >= ANSWERS_MAX {
        return Err(Rejection::TooMany {
            what: "survey answers",
            max: ANSWERS_MAX,
        });
    }
    Ok(true)
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::WrapUpStarted { leg, until, .. } => {
            let wrap_up = state.wrap_ups.entry(*leg).or_default();
            wrap_up.stage = Stage::Running;
            wrap_up.until = *until;
        }
        Event::WrapUpExtended { leg, until, .. } => {
            state.wrap_ups.entry(*leg).or_default().until = Some(*until);
        }
        Event::WrapUpEnded { leg, .. } => state.wrap_ups.entry(*leg).or_default().stage = Stage::Ended,
        Event::WrapUpFailed { leg, .. } => state.wrap_ups.entry(*leg).or_default().stage = Stage::Failed,
        Event::Dispositioned { leg, codes, .. } => {
            state.wrap_ups.entry(*leg).or_default().codes = codes.iter().copied().collect();
        }
        Event::NoteSaved { note, nth, .. } => {
            state.notes.insert(*note, *nth);
        }
        Event::SurveyAnswered { survey, question, .. } => {
            state.survey.insert((survey.clone(), question.clone()));
        }
        events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording archive callback supervision) =>
            {}
    }
}
