//! What is wanted of the world in the state that a call is in.

use super::effect::Effect;
use super::inputs::{Inputs, cut};
use super::scene::Scene;
use crate::Timestamp;
use crate::call::facts::Property;
use crate::call::{self, Command, life, routing};
use crate::few::Few;
use crate::routing_policy::graph::words::NodeKey;
use crate::text::Text;

use super::Output;

/// What is wanted, in order, each with a word that tells it from all else that the step wants; and when to look again.
#[derive(Debug, Default)]
pub(super) struct Wants {
    pub(super) wanted: Vec<(String, Output)>,
    // What is wanted once in the whole call, whatever steps come after.
    pub(super) once: Vec<(String, Output)>,
    pub(super) due: Option<Timestamp>,
}

/// How a step is decided.
#[derive(Debug)]
pub(super) struct Verdict<'a> {
    pub(super) node: &'a NodeKey,
    pub(super) app: &'static str,
    pub(super) branch: &'a str,
    pub(super) inputs: Inputs,
    pub(super) reason: String,
}

impl Wants {
    pub(super) fn command(&mut self, word: impl Into<String>, command: Command) {
        self.wanted
            .push((word.into(), Output::Command(Box::new(command))));
    }

    pub(super) fn effect(&mut self, word: impl Into<String>, effect: Effect) {
        self.wanted.push((word.into(), Output::Effect(Box::new(effect))));
    }

    pub(super) fn effect_once(&mut self, word: impl Into<String>, effect: Effect) {
        self.once.push((word.into(), Output::Effect(Box::new(effect))));
    }

    /// Looks again at a moment.
    pub(super) fn look_at(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    pub(super) fn end(&mut self, cause: call::reasons::EndCause, at: Timestamp) {
        self.command("end", Command::Life(life::Command::End { cause, at }));
    }

    pub(super) fn decide(&mut self, scene: &Scene<'_>, verdict: Verdict<'_>) {
        let Some(within) = scene.state.within.as_ref() else {
            return;
        };
        let Verdict {
            node,
            app,
            branch,
            inputs,
            reason,
        } = verdict;
        let decide = routing::Command::Decide {
            step: scene.step(),
            node: node.key(),
            app: super::inputs::key(app),
            branch: super::inputs::key(branch),
            hash: within.hash,
            inputs: inputs.into_few(),
            reason: cut(&reason).unwrap_or_else(|| Text::new("as drawn").expect("a short text")),
            rests_on: scene.state.heard,
            at: scene.now,
        };
        self.decision(scene, decide);
    }

    /// Wants a decision. One that is refused, because it missed something, is wanted again with what was missed.
    pub(super) fn decision(&mut self, scene: &Scene<'_>, decision: routing::Command) {
        let word = format!("decide/{}", scene.state.heard);
        self.command(word, Command::Routing(decision));
    }

    pub(super) fn set_properties(&mut self, scene: &Scene<'_>, properties: Vec<Property>) {
        if !properties.is_empty() {
            let set = life::Command::SetProperties {
                properties: Few::first(properties),
                at: scene.now,
            };
            self.command("properties", Command::Life(set));
        }
    }
}
