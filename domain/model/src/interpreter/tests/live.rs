//! A call with its machine, in which a scenario says event by event what happens, and what the machine then wants.

use super::house::*;
use super::*;
use crate::call::reasons::LegCause;
use crate::call::{Call, Command, Event, State as CallState, leg, life, prompt};
use crate::ids::{JourneyId, LegId, StepId};
use crate::testing::sample::{id, number};
use crate::{Decider as _, Millis, Timestamp};

pub(super) const CALLER_LEG: LegId = LegId::new(id(300));

/// A call with its machine.
pub(super) struct Live {
    pub(super) call: CallState,
    pub(super) machine: Machine,
    pub(super) library: Library,
    pub(super) now: Timestamp,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
}

impl Live {
    /// A caller who comes in by something, and whom nobody has answered.
    pub(super) fn calls(library: Library, entrance: crate::call::parties::Entrance) -> Self {
        let mut live = Self {
            call: CallState::default(),
            machine: Machine::new(CALL, Arc::new(library.clone())),
            library,
            now: noon(),
            events: vec![],
            effects: vec![],
        };
        let number = crate::Private::new(crate::ids::PersonId::new(id(301)), number(CALLER));
        let at = live.now;
        live.say(Command::Life(life::Command::Offer {
            leg: CALLER_LEG,
            caller: crate::call::parties::Caller::Number { number },
            entrance,
            journey: JourneyId::new(id(5)),
            previous: None,
            at,
        }));
        live
    }

    pub(super) fn say(&mut self, command: Command) {
        let events = Call::decide(&self.call, command).unwrap_or_else(|why| panic!("{why}"));
        self.record(events);
    }

    fn record(&mut self, events: Vec<Event>) {
        for event in &events {
            self.call = Call::evolve(std::mem::take(&mut self.call), event);
        }
        for event in events {
            self.machine.handle_input(&Input::Happened(&event), self.now);
            self.events.push(event);
            self.drain();
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Effect(effect) => self.effects.push(*effect),
                // What is outdated is wanted again.
                Output::Command(command) => {
                    if let Ok(events) = Call::decide(&self.call, *command) {
                        self.record(events);
                    }
                }
            }
        }
    }

    /// Changes what the tenant has.
    pub(super) fn changes(&mut self, change: impl FnOnce(&mut Library)) {
        change(&mut self.library);
        let library = Arc::new(self.library.clone());
        self.machine.handle_input(&Input::Library(library), self.now);
        self.drain();
    }

    /// Lets time pass, and stops where the machine wants to look at the clock.
    pub(super) fn passes(&mut self, time: Millis) {
        let until = self.now.plus(time);
        while let Some(due) = self.machine.poll_timeout().filter(|due| *due <= until) {
            self.now = due;
            self.machine.handle_timeout(due);
            self.drain();
        }
        self.now = until;
    }

    /// Starts the machine again from what was recorded, and returns the effects that it wants then.
    pub(super) fn restarts(&mut self) -> Vec<Effect> {
        let library = Arc::new(self.library.clone());
        self.machine = Machine::restore(CALL, library, &self.events, self.now);
        self.effects.clear();
        self.drain();
        self.effects.clone()
    }

    pub(super) fn answers(&mut self, leg: LegId) {
        let at = self.now;
        self.say(Command::Leg(leg::Command::Answer { leg, at }));
    }

    pub(super) fn rings(&mut self, leg: LegId) {
        let at = self.now;
        self.say(Command::Leg(leg::Command::Ring { leg, at }));
    }

    pub(super) fn ends(&mut self, leg: LegId, cause: LegCause) {
        let at = self.now;
        self.say(Command::Leg(leg::Command::End { leg, cause, at }));
    }

    pub(super) fn presses(&mut self, (step, nth): (StepId, crate::call::facts::Nth), key: &str) {
        let person = crate::ids::PersonId::new(id(302));
        let digits = crate::call::facts::Digits::new(key).unwrap();
        let at = self.now;
        self.say(Command::Prompt(prompt::Command::Collect {
            step,
            nth,
            outcome: crate::call::facts::Collected::Matched,
            digits: Some(crate::Private::new(person, digits)),
            at,
        }));
    }

    /// Returns the branches that were taken, as `node branch`, each with the reason.
    pub(super) fn decided(&self) -> Vec<(String, String)> {
        let decisions = self.events.iter().filter_map(|event| match event {
            Event::StepDecided {
                node, branch, reason, ..
            } => Some((format!("{node} {branch}"), reason.as_str().to_owned())),
            _ => None,
        });
        decisions.collect()
    }
}
