//! Interpreter: runs a tenant's routing policies for one call, step by step.
//!
//! A [`Machine`] is a fold of what the log holds of its call, and of nothing else: what it wants next follows from what
//! was recorded, the [`Library`] and the moment. So a restart folds the call's events again and comes to the same
//! place, and a recorded call that is fed in again leads to the same decisions ([`replay()`]).
//!
//! How a driver runs it: it hands in every event of the call's stream as soon as it is recorded, and calls
//! [`Machine::handle_timeout`] at [`Machine::poll_timeout`]. After each it takes outputs until there are none, and does
//! them in the order in which they come: it sends a command to the call itself, and gives an effect to whoever holds
//! the media or the outside systems. Those report by commands to the call, so that what they say comes back as events.
//! An effect that no event ever tells of (a notice, a task) is taken over for good by the driver before it does what
//! comes after it: the decision that follows says that it was done.
//!
//! After a restart, [`Machine::restore`] wants again whatever the log does not say was done. Each [`Effect`] says by
//! what a driver knows the repeat. A command that is said again records nothing.
//!
//! Every step is a decision that the log keeps, with what it was based on. Steps are numbered from 1 in each call, and
//! their ids derive from the call and that number; so do the ids of all that a step makes. A caller who hangs up stops
//! everything but what is to be done when a call ends; a policy that takes more steps than a call may is ended with an apology.
//!
//! A call that we place passes a policy of its own, while whoever placed it brings its people together.
//!
//! A policy that an event begins, such as the call's end, runs after the end of the call, in the same machine and the
//! same stream.
//!
//! Reading order: this page, [`library`], [`effect`], then `state` and `fold` (what events mean), `want` (what is wanted
//! of the world) with one module for each family of apps, `settle` and `moves` (where a decision leads); then [`mod@replay`]
//! and [`rehearsal`].

pub mod effect;
pub mod library;
pub mod rehearsal;
pub mod replay;

mod afterwards;
mod body;
mod contain;
mod data;
mod fold;
mod handed_on;
mod inputs;
mod macros;
mod moves;
mod notify;
mod outbound;
mod pick;
mod records;
mod ringing;
mod rules;
mod scene;
mod settle;
mod speech;
mod state;
#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "scenarios look for the few kinds that they are about"
)]
mod tests;
mod waiting;
mod want;
mod wants;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::Timestamp;
use crate::call::{Command, Event};
use crate::ids::CallId;

pub use effect::Effect;
pub use inputs::UNKNOWN;
pub use library::shelf::Shelf;
pub use library::{Account, Library, Person, Published, Team};
pub use replay::{Decision, Divergence, replay};
pub use state::State;

use scene::Scene;

/// What a machine is told.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// An event of its call was recorded.
    Happened(&'a Event),
    /// The tenant's library is this from now on.
    Library(Arc<Library>),
}

/// What a machine wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Something to say to the call itself.
    Command(Box<Command>),
    /// Something to do in the world.
    Effect(Box<Effect>),
}

/// Runs routing policies for one call.
#[derive(Debug, Clone)]
pub struct Machine {
    call: CallId,
    library: Arc<Library>,
    state: State,
    due: Option<Timestamp>,
    // What was wanted already: by the number of the step, the highest for the whole call, and the output's word.
    said: BTreeSet<(u32, String)>,
    outputs: VecDeque<Output>,
}

impl Machine {
    /// Makes the machine of a call that has not begun.
    #[must_use]
    pub fn new(call: CallId, library: Arc<Library>) -> Self {
        Self::resume(call, library, State::default())
    }

    /// Makes the machine of a call from a snapshot. What it wants comes with the next input or timeout.
    #[must_use]
    pub const fn resume(call: CallId, library: Arc<Library>, state: State) -> Self {
        Self {
            call,
            library,
            state,
            due: None,
            said: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Makes the machine of a call from all that was recorded of it, and wants what is still to be done.
    #[must_use]
    pub fn restore<'a>(
        call: CallId,
        library: Arc<Library>,
        events: impl IntoIterator<Item = &'a Event>,
        now: Timestamp,
    ) -> Self {
        let mut machine = Self::new(call, library);
        for event in events {
            machine.fold(event);
        }
        machine.look(now);
        machine
    }

    /// Returns where the call is: plain data, for a snapshot.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Returns the id of the node that the call is at, if it is at one.
    #[must_use]
    pub fn node(&self) -> Option<String> {
        let scene = Scene::new(self.call, &self.state, &self.library, Timestamp::MIN);
        Some(scene.spot()?.node().as_str().to_owned())
    }

    /// Takes note of something.
    pub fn handle_input(&mut self, input: &Input<'_>, now: Timestamp) {
        match input {
            Input::Happened(event) => self.fold(event),
            Input::Library(library) => self.library = Arc::clone(library),
        }
        self.look(now);
    }

    /// Looks at the clock; too early is as good as not at all.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.look(now);
    }

    /// Returns the next thing that is wanted, until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Returns when to look at the clock again.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Timestamp> {
        self.due
    }

    fn fold(&mut self, event: &Event) {
        fold::fold(self.call, &mut self.state, &self.library, event);
    }

    fn look(&mut self, now: Timestamp) {
        let number = self.state.steps();
        // What earlier steps wanted never comes again.
        self.said = self.said.split_off(&(number, String::new()));
        let wants = want::wants(&Scene::new(self.call, &self.state, &self.library, now));
        self.due = wants.due;
        let once = wants
            .once
            .into_iter()
            .map(|(word, output)| (u32::MAX, word, output));
        let wanted = wants
            .wanted
            .into_iter()
            .map(|(word, output)| (number, word, output));
        for (number, word, output) in once.chain(wanted) {
            if self.said.insert((number, word)) {
                self.outputs.push_back(output);
            }
        }
    }
}
