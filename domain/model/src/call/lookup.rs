//! Questions to outside systems. Each has a deadline, since a call waits for nobody.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::LookupOutcome;
use super::offer::lasts;
use super::rejection::Rejection;
use super::state::{Lookup, State};
use crate::ids::StepId;
use crate::text::Key;
use crate::{Millis, Timestamp};

/// The longest that a call waits for one answer: a caller has long hung up by then.
pub const WAIT_MS_MAX: Millis = Millis::from_secs(120);

/// What somebody wants of, or reports from, an outside system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Asks.
    Ask {
        /// The step that asks.
        step: StepId,
        /// What is asked.
        what: Key,
        /// How long the call waits for the answer.
        wait_ms: Millis,
        /// When.
        at: Timestamp,
    },
    /// The answer came. After the deadline it still counts, unless the call went on without it.
    TakeAnswer {
        /// The step that asked.
        step: StepId,
        /// The answer.
        outcome: LookupOutcome,
        /// When.
        at: Timestamp,
    },
    /// Goes on without an answer, if its time has come.
    GiveUp {
        /// The step that asked.
        step: StepId,
        /// The moment it is.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Ask {
            step,
            what,
            wait_ms,
            at,
        } => {
            if draft.state.new_in_step(step, |known| known.lookup.is_none())? {
                lasts("wait_ms", wait_ms, WAIT_MS_MAX)?;
                let deadline = at.plus(wait_ms);
                draft.record(Event::LookupRequested {
                    step,
                    what,
                    deadline,
                    at,
                });
            }
            Ok(())
        }
        Command::TakeAnswer { step, outcome, at } => match asked(&draft.state, step)? {
            Lookup::Answered => Ok(()),
            Lookup::TimedOut => Err(Rejection::LookupOver { step }),
            Lookup::Open { .. } => {
                draft.state.in_policy()?;
                draft.record(Event::LookupAnswered { step, outcome, at });
                Ok(())
            }
        },
        Command::GiveUp { step, at } => match asked(&draft.state, step)? {
            Lookup::TimedOut => Ok(()),
            Lookup::Answered => Err(Rejection::LookupOver { step }),
            Lookup::Open { deadline } => {
                let until = *deadline;
                draft.state.in_policy()?;
                if at < until {
                    return Err(Rejection::NotYet { until });
                }
                draft.record(Event::LookupTimedOut { step, at });
                Ok(())
            }
        },
    }
}

fn asked(state: &State, step: StepId) -> Result<&Lookup, Rejection> {
    let lookup = state.steps.get(&step).and_then(|known| known.lookup.as_ref());
    lookup.ok_or(Rejection::NothingAsked { step })
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    let (step, lookup) = match event {
        Event::LookupRequested { step, deadline, .. } => (step, Lookup::Open { deadline: *deadline }),
        Event::LookupAnswered { step, .. } => (step, Lookup::Answered),
        Event::LookupTimedOut { step, .. } => (step, Lookup::TimedOut),
        events_of!(life leg bridge routing prompt queue offer hold transfer recording archive callback supervision wrap_up) =>
        {
            return;
        }
    };
    state.steps.entry(*step).or_default().lookup = Some(lookup);
}
