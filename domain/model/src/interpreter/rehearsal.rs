//! Rehearsal: a simulated caller goes through routing policies in a scripted world, without a single telephone.
//!
//! The caller's keys, the answers of outside systems, agents and those who are rung behave as the [`Script`] says. The
//! call itself is the real one: every command goes through its decisions, and every event through the [`Machine`](super::Machine), so
//! that a rehearsal shows what a call at that moment would do, with every decision, its inputs and its reason.

mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::replay::Decision;
use super::{Effect, Library};
use crate::call::Event;
use crate::call::parties::Entrance;
use crate::call::reasons::{EndCause, Exit};
use crate::ids::{AgentId, CallId};
use crate::text::Key;
use crate::{Millis, PhoneNumber, Timestamp};

/// What happens in a rehearsal. Of a list, the next counts each time, and the last from then on.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The call's id, from which all others derive.
    pub call: CallId,
    /// Who rings; withheld if none.
    pub caller: Option<PhoneNumber>,
    /// What they rang.
    pub entrance: Entrance,
    /// When.
    pub at: Timestamp,
    /// What the caller presses each time keys are asked for; an empty text is nothing, and so is what comes after the last.
    pub keys: Vec<String>,
    /// Whether the caller presses keys as soon as that counts, and does not listen to the end.
    pub impatient: bool,
    /// How the questions of nodes are answered, by the node's id.
    pub answers: BTreeMap<String, Reply>,
    /// How all other questions are answered.
    pub other_answers: Reply,
    /// How the caller's waits in queues end.
    pub waits: Vec<Waits>,
    /// How those who are rung behave.
    pub rung: Vec<Rung>,
    /// Whether the caller leaves a message when asked for one.
    pub leaves_message: bool,
    /// How long the caller stays on the line at most.
    pub patience: Millis,
}

/// How an outside system answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// How long it takes. Longer than the deadline is too late.
    pub after: Millis,
    /// What it says.
    pub says: Says,
}

/// What an outside system says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// A record with these fields; also what a script says that says yes.
    Found(Vec<(String, String)>),
    /// Nothing was found; also what a script says that says no.
    NotFound,
    /// It cannot say.
    Error(Key),
}

/// How a wait in a queue ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Waits {
    /// An agent answers.
    Answered {
        /// How long it takes.
        after: Millis,
        /// Who.
        agent: AgentId,
        /// How long they talk before the agent hangs up.
        talk: Millis,
    },
    /// An agent accepts and cannot be connected, so that the caller waits again.
    NotConnected {
        /// How long it takes.
        after: Millis,
        /// Who.
        agent: AgentId,
    },
    /// The queue lets the caller go.
    Leaves {
        /// How long it takes.
        after: Millis,
        /// Why.
        exit: Exit,
    },
    /// The caller chooses to be rung back.
    Callback {
        /// How long it takes.
        after: Millis,
    },
}

/// What somebody does who is rung.
#[derive(Debug, Clone, PartialEq)]
pub enum Rung {
    /// They answer.
    Answers {
        /// How long it takes.
        after: Millis,
        /// What they press if they are asked whether they take the caller; an empty text is nothing.
        keys: String,
        /// How long they talk before they hang up.
        talk: Millis,
    },
    /// They do not answer.
    Nothing,
    /// They are on another call.
    Busy,
    /// They turn it down.
    Rejects,
    /// They cannot be reached.
    Unreachable,
}

/// What came of a rehearsal.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// What there is to see, in order, with virtual times.
    pub path: Vec<Moment>,
    /// What a log would hold of the call.
    pub events: Vec<Event>,
    /// How the call ended; none if it did not end within a day.
    pub end: Option<EndCause>,
    /// What the call refused, which nothing should lead to.
    pub refused: Vec<crate::call::Rejection>,
}

/// Something that a rehearsal shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Seen,
}

/// What there is to see.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// A routing policy decided something.
    Decided(Decision),
    /// Something was wanted of the world: spoken, asked, rung, sent.
    Done(Effect),
    /// The caller pressed keys.
    Pressed(String),
    /// The call ended.
    Ended(EndCause),
}

impl Script {
    /// Makes the script of a patient caller who presses nothing, in a world where nothing is found, nobody who is rung
    /// answers and queues let callers go after ten minutes.
    #[must_use]
    pub fn new(call: CallId, caller: Option<PhoneNumber>, entrance: Entrance, at: Timestamp) -> Self {
        Self {
            call,
            caller,
            entrance,
            at,
            keys: vec![],
            impatient: false,
            answers: BTreeMap::new(),
            other_answers: Reply {
                after: Millis(200),
                says: Says::NotFound,
            },
            waits: vec![Waits::Leaves {
                after: Millis::from_secs(600),
                exit: Exit::MaxWait,
            }],
            rung: vec![Rung::Nothing],
            leaves_message: true,
            patience: Millis::from_secs(3_600),
        }
    }
}

impl Rehearsal {
    /// Returns the decisions, in order.
    pub fn decisions(&self) -> impl Iterator<Item = &Decision> {
        self.path.iter().filter_map(|moment| match &moment.what {
            Seen::Decided(decision) => Some(decision),
            Seen::Done(_) | Seen::Pressed(_) | Seen::Ended(_) => None,
        })
    }

    /// Returns what was wanted of the world, in order.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.path.iter().filter_map(|moment| match &moment.what {
            Seen::Done(effect) => Some(effect),
            Seen::Decided(_) | Seen::Pressed(_) | Seen::Ended(_) => None,
        })
    }
}

/// Plays a script to its end.
#[must_use]
pub fn rehearse(script: &Script, library: &Arc<Library>) -> Rehearsal {
    world::World::new(script, library).play()
}
