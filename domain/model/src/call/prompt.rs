//! What callers heard and pressed on their way through a routing policy.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{Collected, Digits, Nth, Prompt};
use super::rejection::Rejection;
use super::state::{State, Step};
use crate::ids::{LegId, StepId};
use crate::{Millis, Private, Timestamp};

/// What the gateway reports of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Somebody heard a prompt.
    Play {
        /// The step that played it.
        step: StepId,
        /// How many prompts the step had played, from 1.
        nth: Nth,
        /// Who heard it.
        leg: LegId,
        /// What they heard.
        prompt: Prompt,
        /// How much of it they heard.
        heard_ms: Millis,
        /// Whether they cut it short.
        interrupted: bool,
        /// When it ended.
        at: Timestamp,
    },
    /// Keys were asked for.
    Collect {
        /// The step that asked.
        step: StepId,
        /// How many times the step had asked, from 1.
        nth: Nth,
        /// How it ended.
        outcome: Collected,
        /// The keys; none where there were none, or where they are secret.
        digits: Option<Private<Digits>>,
        /// When it ended.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    let state = &draft.state;
    let event = match command {
        Command::Play {
            step,
            nth,
            leg,
            prompt,
            heard_ms,
            interrupted,
            at,
        } => state
            .heard_in_step(step, |known| nth > known.prompts)?
            .then_some(Event::PromptPlayed {
                step,
                nth,
                leg,
                prompt,
                heard_ms,
                interrupted,
                at,
            }),
        Command::Collect {
            step,
            nth,
            outcome,
            digits,
            at,
        } => state
            .heard_in_step(step, |known| nth > known.collected)?
            .then_some(Event::DigitsCollected {
                step,
                nth,
                outcome,
                digits,
                at,
            }),
    };
    event.into_iter().for_each(|event| draft.record(event));
    Ok(())
}

impl State {
    // Nobody hears or presses anything after the end.
    fn heard_in_step(&self, step: StepId, is_new: impl Fn(&Step) -> bool) -> Result<bool, Rejection> {
        let new = self.new_in_step(step, is_new)?;
        if new {
            self.live()?;
        }
        Ok(new)
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::PromptPlayed { step, nth, .. } => state.steps.entry(*step).or_default().prompts = *nth,
        Event::DigitsCollected { step, nth, .. } => state.steps.entry(*step).or_default().collected = *nth,
        events_of!(life leg bridge routing lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}
