//! A call in the version of a policy that it went through, beside the same call in a newer one: where they part without
//! a decision that says so.

use std::sync::Arc;

use super::super::effect::{Effect, Question};
use super::super::state::Cursor;
use super::super::{Library, Machine, Output, Scene, want};
use super::Decision;
use crate::call::parties::Mailbox;
use crate::call::{Command, Event, leg, life, queue, recording, routing};
use crate::ids::{CallId, EntryId, QueueId};
use crate::queue::Priority;
use crate::skills::SkillRequests;
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
fn routes(machine: &Machine, now: Timestamp) -> Vec<Route> {
    let scene = Scene::new(machine.call, &machine.state, &machine.library, now);
    let wanted = want::wants(&scene).wanted.into_iter();
    wanted.filter_map(|(_, output)| route(output)).collect()
}

/// What decides who gets the caller, as far as it does.
#[derive(Debug, PartialEq)]
enum Route {
    Waits {
        queue: QueueId,
        priority: Option<Priority>,
        skills: SkillRequests,
        keeps_place_of: Option<EntryId>,
    },
    Rings(leg::Command),
    Needs(routing::Command),
    Records(recording::Command),
    Ends(life::Command),
    Leaves(Command),
    Message(Mailbox),
    Asks(Question),
}

// Decisions are compared on their own. What is said to the caller or told of the call leads nowhere by itself.
fn route(output: Output) -> Option<Route> {
    match output {
        Output::Command(command) => match *command {
            Command::Queue(queue::Command::Join {
                queue,
                priority,
                skills,
                keeps_place_of,
                ..
            }) => Some(Route::Waits {
                queue,
                priority,
                skills,
                keeps_place_of,
            }),
            Command::Leg(create @ leg::Command::Create { .. }) => Some(Route::Rings(create)),
            Command::Routing(request @ routing::Command::RequestSkills { .. }) => Some(Route::Needs(request)),
            Command::Recording(request) => Some(Route::Records(request)),
            Command::Life(end @ life::Command::End { .. }) => Some(Route::Ends(end)),
            Command::Leg(_) | Command::Bridge(_) | Command::Queue(_) | Command::Transfer(_) => {
                Some(Route::Leaves(*command))
            }
            Command::Routing(_)
            | Command::Life(_)
            | Command::Prompt(_)
            | Command::Lookup(_)
            | Command::Offer(_)
            | Command::Hold(_)
            | Command::Archive(_)
            | Command::Callback(_)
            | Command::Supervision(_)
            | Command::WrapUp(_) => None,
        },
        Output::Effect(effect) => match *effect {
            Effect::TakeMessage { mailbox, .. } => Some(Route::Message(mailbox)),
            Effect::Ask { question, .. } => Some(Route::Asks(question)),
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

fn otherwise(then: Option<&Route>, now: Option<&Route>) -> String {
    match (then, now) {
        (Some(then), Some(now)) if then.does() == now.does() => {
            format!("{} otherwise: {}", now.does(), now.differs_from(then))
        }
        (Some(then), Some(now)) => format!("{} where it {}", now.does(), then.does()),
        (None, Some(now)) => format!("{}, too", now.does()),
        (Some(then), None) => format!("no longer {}", then.does()),
        (None, None) => "does the same".to_owned(),
    }
}

impl Route {
    const fn does(&self) -> &'static str {
        match self {
            Self::Waits { .. } => "lets the caller wait",
            Self::Rings(_) => "rings somebody",
            Self::Needs(_) => "asks for skills",
            Self::Records(_) => "records",
            Self::Ends(_) => "ends the call",
            Self::Leaves(_) => "brings people together or apart",
            Self::Message(_) => "takes a message",
            Self::Asks(_) => "asks an outside system",
        }
    }

    // What is not the same as in another one of its kind.
    fn differs_from(&self, then: &Self) -> &'static str {
        match (self, then) {
            (Self::Waits { queue, .. }, Self::Waits { queue: then, .. }) if queue != then => "another queue",
            (Self::Waits { priority, .. }, Self::Waits { priority: then, .. }) if priority != then => {
                "another priority"
            }
            (Self::Waits { skills, .. }, Self::Waits { skills: then, .. }) if skills != then => {
                "other skills"
            }
            (Self::Waits { .. }, _) => "another place",
            (Self::Rings(_), _) => "somebody else",
            (Self::Needs(_), _) => "other skills",
            (Self::Message(_), _) => "another mailbox",
            (Self::Asks(_), _) => "another question, and nobody knows the answer",
            (Self::Records(_) | Self::Ends(_) | Self::Leaves(_), _) => "in another way",
        }
    }
}
