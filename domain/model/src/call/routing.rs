//! How a routing policy decided: facts that its interpreter reports step by step.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{INPUTS_MAX, Input};
use super::rejection::Rejection;
use super::state::{State, Step};
use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{RoutingPolicyId, StepId};
use crate::skills::SkillRequests;
use crate::text::{Key, Line};

/// The most steps that one call ever takes; a routing policy that goes round in circles ends here.
pub const STEPS_MAX: usize = 1_000;

/// What the interpreter of a routing policy decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// The call enters a routing policy.
    EnterPolicy {
        /// The step that this is.
        step: StepId,
        /// The routing policy.
        policy: RoutingPolicyId,
        /// Its published version.
        version: u32,
        /// The hash of that version's graph.
        hash: ContentHash,
        /// The start of that graph at which it is entered, if it has one for this call.
        start: Option<Key>,
        /// How many of the call's events it rests on: all that were recorded before it, or it is refused.
        #[cfg_attr(any(test, feature = "contract"), proptest(strategy = "0_u32..4"))]
        rests_on: u32,
        /// When.
        at: Timestamp,
    },
    /// An app decided.
    Decide {
        /// The step that this is.
        step: StepId,
        /// The node of the graph.
        node: Key,
        /// The kind of app.
        app: Key,
        /// The outlet that was taken.
        branch: Key,
        /// The hash of the routing policy's graph that decided.
        hash: ContentHash,
        /// What the decision was based on.
        inputs: Few<Input, INPUTS_MAX>,
        /// Why, in a sentence for an admin.
        reason: Line,
        /// How many of the call's events it rests on: all that were recorded before it, or it is refused.
        #[cfg_attr(any(test, feature = "contract"), proptest(strategy = "0_u32..4"))]
        rests_on: u32,
        /// When.
        at: Timestamp,
    },
    /// Skills are needed.
    RequestSkills {
        /// The step that asks.
        step: StepId,
        /// The skills.
        skills: SkillRequests,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    let state = &draft.state;
    let event = match command {
        Command::EnterPolicy {
            step,
            policy,
            version,
            hash,
            start,
            rests_on,
            at,
        } => {
            let new = state.newly_entered(step)? && state.rests_on_all(rests_on)?;
            new.then_some(Event::PolicyEntered {
                step,
                policy,
                version,
                hash,
                start,
                at,
            })
        }
        Command::Decide {
            step,
            node,
            app,
            branch,
            hash,
            inputs,
            reason,
            rests_on,
            at,
        } => {
            let new = state.new_in_step(step, |known| !known.decided)? && state.rests_on_all(rests_on)?;
            new.then_some(Event::StepDecided {
                step,
                node,
                app,
                branch,
                hash,
                inputs,
                reason,
                at,
            })
        }
        Command::RequestSkills { step, skills, at } => {
            let new = state.new_in_step(step, |known| !known.skilled)?;
            new.then_some(Event::SkillsRequested { step, skills, at })
        }
    };
    event.into_iter().for_each(|event| draft.record(event));
    Ok(())
}

impl State {
    /// Says whether a report adds something to what is known of its step.
    pub(super) fn new_in_step(
        &self,
        step: StepId,
        is_new: impl Fn(&Step) -> bool,
    ) -> Result<bool, Rejection> {
        let known = self.steps.get(&step);
        let new = known.map_or_else(|| is_new(&Step::default()), &is_new);
        if new {
            self.in_policy()?;
            self.step_left(step)?;
        }
        Ok(new)
    }

    // Whoever decided by less than the log holds would decide otherwise when the call is played again.
    const fn rests_on_all(&self, rests_on: u32) -> Result<bool, Rejection> {
        let recorded = self.recorded;
        if rests_on == recorded {
            Ok(true)
        } else {
            Err(Rejection::Outdated { rests_on, recorded })
        }
    }

    // A policy that the end of the call begins is entered after it.
    fn newly_entered(&self, step: StepId) -> Result<bool, Rejection> {
        let new = self.steps.get(&step).is_none_or(|known| !known.entered);
        if new {
            self.begun()?;
            self.step_left(step)?;
        }
        Ok(new)
    }

    fn step_left(&self, step: StepId) -> Result<(), Rejection> {
        if !self.steps.contains_key(&step) && self.steps.len() >= STEPS_MAX {
            return Err(Rejection::TooMany {
                what: "steps",
                max: STEPS_MAX,
            });
        }
        Ok(())
    }

    /// A live call, or one that a routing policy looks at after its end.
    pub(super) fn in_policy(&self) -> Result<(), Rejection> {
        if self.afterwards {
            self.begun()
        } else {
            self.live()
        }
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::PolicyEntered { step, .. } => {
            state.afterwards = state.over;
            state.steps.entry(*step).or_default().entered = true;
        }
        Event::StepDecided { step, .. } => state.steps.entry(*step).or_default().decided = true,
        Event::SkillsRequested { step, .. } => state.steps.entry(*step).or_default().skilled = true,
        events_of!(life leg bridge prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}
