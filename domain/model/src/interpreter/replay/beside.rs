//! A call in the version of a policy that it went through, beside the same call in a newer one: where they part without
//! a decision that says so.

use std::sync::Arc;

use super::super::effect::Effect;
use super::super::state::Cursor;
use super::super::{Library, Machine, Output, Scene, want};
use super::Decision;
use crate::call::{Command, Event, leg, life, queue, routing};
use crate::ids::CallId;
use crate::{Millis, Timestamp};

/// After this long everything that waits for its time is wanted.
const LONG: Millis = Millis::from_secs(24 * 3600);

/// The call in the version that it went through.
pub(super) struct Beside {
    machine: Machine,
    at: Timestamp,
    // Whether the library still has that version.
    is_known: bool,
}

/// How the newer version parts from it.
pub(super) enum Parting {
    /// The decision that was just made leads elsewhere.
    Leads(String),
    /// What comes before the next decision is not the same.
    Does(String),
}

impl Beside {
    pub(super) fn new(call: CallId, library: &Arc<Library>) -> Self {
        Self {
            machine: Machine::new(call, Arc::clone(library)),
            at: Timestamp::MIN,
            is_known: false,
        }
    }

    /// Takes note of what was recorded, which `newer` knows already, and says whether they part by it.
    pub(super) fn fold(
        &mut self,
        event: &Event,
        decided: Option<&Decision>,
        newer: &Machine,
    ) -> Option<Parting> {
        let before = self.machine.node();
        self.machine.fold(event);
        if let Event::PolicyEntered { policy, hash, .. } = event {
            self.is_known = self.machine.library.version(*policy, *hash).is_some();
        }
        if let Some(decided) = decided {
            self.at = decided.at;
        }
        if !self.is_known {
            return None;
        }
        if !same_place(&self.machine, newer) {
            return Some(Parting::Leads(elsewhere(before.as_deref(), &self.machine, newer)));
        }
        let why = [self.at, self.at.plus(LONG)].into_iter().find_map(|now| {
            let (then, now) = (routes(&self.machine, now), routes(newer, now));
            let first = (0..then.len().max(now.len())).find(|n| then.get(*n) != now.get(*n))?;
            Some(otherwise(then.get(first), now.get(first)))
        })?;
        let node = newer.node().unwrap_or_else(|| "the call".to_owned());
        Some(Parting::Does(format!("{node} {why}")))
    }
}

fn same_place(then: &Machine, now: &Machine) -> bool {
    match (&then.state.cursor, &now.state.cursor) {
        (Cursor::At { .. }, Cursor::At { .. }) => then.node() == now.node(),
        (then, now) => then == now,
    }
}

fn elsewhere(node: Option<&str>, then: &Machine, now: &Machine) -> String {
    let (to, led) = (place(now), place(then));
    let (to, led) = if to == led {
        ("another one".to_owned(), led)
    } else {
        (to, led)
    };
    match node {
        Some(node) => format!("{node} leads to {to} where it led to {led}"),
        None => format!("the call begins at {to} where it began at {led}"),
    }
}

fn place(machine: &Machine) -> String {
    match &machine.state.cursor {
        Cursor::At { container, .. } => machine.node().unwrap_or_else(|| container.as_str().to_owned()),
        Cursor::Entering { .. } => "a routing policy".to_owned(),
        Cursor::Ending { .. } => "an end of the call".to_owned(),
        Cursor::Handed => "whoever has the caller".to_owned(),
        Cursor::Idle | Cursor::Done => "nothing more".to_owned(),
    }
}

// What is wanted of the world that decides who gets the caller.
fn routes(machine: &Machine, now: Timestamp) -> Vec<Output> {
    let scene = Scene::new(machine.call, &machine.state, &machine.library, now);
    let wanted = want::wants(&scene).wanted.into_iter();
    wanted.filter_map(|(_, output)| route(output)).collect()
}

fn route(output: Output) -> Option<Output> {
    match output {
        Output::Command(mut command) => {
            let is_route = match &mut *command {
                Command::Queue(queue::Command::Join { told, .. }) => {
                    *told = None;
                    true
                }
                // Decisions are compared on their own, and what a call is said to be leads nowhere by itself.
                Command::Routing(routing::Command::Decide { .. } | routing::Command::EnterPolicy { .. })
                | Command::Life(life::Command::SetProperties { .. })
                | Command::Prompt(_)
                | Command::Lookup(_)
                | Command::Offer(_)
                | Command::Hold(_)
                | Command::Archive(_)
                | Command::Callback(_)
                | Command::Supervision(_)
                | Command::WrapUp(_) => false,
                Command::Life(_)
                | Command::Routing(_)
                | Command::Leg(_)
                | Command::Bridge(_)
                | Command::Queue(_)
                | Command::Transfer(_)
                | Command::Recording(_) => true,
            };
            is_route.then_some(Output::Command(command))
        }
        Output::Effect(mut effect) => match &mut *effect {
            Effect::Ask { deadline, .. } => {
                *deadline = Timestamp::MIN;
                Some(Output::Effect(effect))
            }
            Effect::TakeMessage {
                greet,
                max,
                beep,
                transcribe,
                ..
            } => {
                (*greet, *max, *beep, *transcribe) = (false, Millis(0), false, false);
                Some(Output::Effect(effect))
            }
            Effect::Answer { .. }
            | Effect::Play { .. }
            | Effect::Collect { .. }
            | Effect::Ring { .. }
            | Effect::Camp { .. }
            | Effect::Attend { .. }
            | Effect::Record { .. }
            | Effect::Notify { .. }
            | Effect::Remind { .. }
            | Effect::Debug { .. } => None,
        },
    }
}

fn otherwise(then: Option<&Output>, now: Option<&Output>) -> String {
    match (then.map(does), now.map(does)) {
        (Some(did), Some(does)) if did == does => format!("{does} otherwise: {}", detail(then, now)),
        (Some(did), Some(does)) => format!("{does} where it {did}"),
        (None, Some(does)) => format!("{does}, too"),
        (Some(did), None) => format!("no longer {did}"),
        (None, None) => "does the same".to_owned(),
    }
}

fn does(output: &Output) -> &'static str {
    match output {
        Output::Command(command) => match &**command {
            Command::Queue(_) => "lets the caller wait",
            Command::Leg(leg::Command::Create { .. }) => "rings somebody",
            Command::Leg(_) => "ends a leg",
            Command::Routing(_) => "asks for skills",
            Command::Recording(_) => "records",
            Command::Life(_) => "ends the call",
            Command::Bridge(_)
            | Command::Prompt(_)
            | Command::Lookup(_)
            | Command::Offer(_)
            | Command::Hold(_)
            | Command::Transfer(_)
            | Command::Archive(_)
            | Command::Callback(_)
            | Command::Supervision(_)
            | Command::WrapUp(_) => "connects",
        },
        Output::Effect(effect) => match &**effect {
            Effect::TakeMessage { .. } => "takes a message",
            Effect::Ask { .. }
            | Effect::Answer { .. }
            | Effect::Play { .. }
            | Effect::Collect { .. }
            | Effect::Ring { .. }
            | Effect::Camp { .. }
            | Effect::Attend { .. }
            | Effect::Record { .. }
            | Effect::Notify { .. }
            | Effect::Remind { .. }
            | Effect::Debug { .. } => "asks an outside system",
        },
    }
}

// What is not the same of two that are of one kind.
fn detail(then: Option<&Output>, now: Option<&Output>) -> &'static str {
    let (Some(Output::Command(then)), Some(Output::Command(now))) = (then, now) else {
        return match now {
            Some(Output::Effect(effect)) if matches!(**effect, Effect::TakeMessage { .. }) => {
                "another mailbox"
            }
            Some(_) | None => "another question, and nobody knows the answer",
        };
    };
    if let (
        Command::Queue(queue::Command::Join {
            queue: then,
            priority: urgent,
            skills: could,
            ..
        }),
        Command::Queue(queue::Command::Join {
            queue: now,
            priority,
            skills,
            ..
        }),
    ) = (&**then, &**now)
    {
        return if then != now {
            "another queue"
        } else if urgent != priority {
            "another priority"
        } else if could != skills {
            "other skills"
        } else {
            "another place"
        };
    }
    match &**now {
        Command::Leg(_) => "somebody else",
        Command::Routing(_) => "other skills",
        Command::Queue(_)
        | Command::Life(_)
        | Command::Bridge(_)
        | Command::Prompt(_)
        | Command::Lookup(_)
        | Command::Offer(_)
        | Command::Hold(_)
        | Command::Transfer(_)
        | Command::Recording(_)
        | Command::Archive(_)
        | Command::Callback(_)
        | Command::Supervision(_)
        | Command::WrapUp(_) => "in another way",
    }
}
