//! A routing policy: the versioned document that an admin draws, and what begins it.
//!
//! A save makes a draft revision and changes nothing that is live. Publishing makes a version; rolling back makes one
//! too, with an earlier content, so that history only grows. A save names the revision that it was drawn from, so
//! that nobody undoes what they never saw. A draft may be anything that is a JSON object: it is checked when it is to go
//! live, and nothing with an error does.
//!
//! Reading order: [`document`], [`start`], this page, then [`graph`].

pub mod document;
mod event;
#[cfg(any(test, feature = "contract"))]
mod generators;
pub mod graph;
mod publication;
#[cfg(any(test, feature = "contract"))]
mod samples;
pub mod start;
mod state;

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod stories;

use serde::{Deserialize, Serialize};

pub use event::{CancelReason, Event, Findings, Trigger};
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;
pub use state::{Saved, State};

use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::RoutingPolicyId;
use crate::text::{Line, Name};
use crate::{Decider, Timestamp};
use document::Document;
use start::{PolicyKind, Start};

/// How often one policy may be saved; then its drawing goes on in a copy, with a stream of its own.
pub const REVISIONS_MAX: u32 = 10_000;
/// How many things may begin one policy.
pub const STARTS_MAX: usize = 1_000;

/// The routing-policy aggregate.
#[derive(Debug, Clone, Copy)]
pub struct RoutingPolicy;

/// What somebody wants of a routing policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Begins it.
    Create {
        /// Its name.
        name: Name,
        /// What it is for.
        kind: PolicyKind,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Gives it another name.
    Rename {
        /// The name.
        name: Name,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Saves a draft.
    Save {
        /// The revision that it was drawn from: the draft's, or what is live's; 0 if there is neither.
        based_on: u32,
        /// The document.
        document: Document,
        /// Who saves it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Throws the draft away.
    DiscardDraft {
        /// Its revision.
        revision: u32,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes note of what somebody's check found in a document who knows what else the tenant has: whether its queues
    /// are there, or whether policies hand over in a circle. What the document tells by itself is checked in any case.
    RecordLint {
        /// The content hash of the document.
        hash: ContentHash,
        /// How much it found.
        findings: Findings,
        /// When.
        at: Timestamp,
    },
    /// Makes the draft live.
    Publish {
        /// Its revision.
        revision: u32,
        /// What changes.
        comment: Option<Line>,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sets the draft to become live at a time.
    Schedule {
        /// Its revision.
        revision: u32,
        /// The time.
        publish_at: Timestamp,
        /// What changes.
        comment: Option<Line>,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Calls off what is set.
    CancelSchedule {
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Makes live what is set, if its time has come.
    PublishDue {
        /// The moment it is.
        at: Timestamp,
    },
    /// Makes live again what was live before.
    RollBack {
        /// The version.
        to: u32,
        /// Why.
        comment: Option<Line>,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Lets something begin the policy.
    Bind {
        /// What.
        start: Start,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Lets something begin the policy no longer.
    Unbind {
        /// What.
        start: Start,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes the policy out of use for good.
    Retire {
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// There is no such policy.
    #[error("there is no such routing policy")]
    NotCreated,
    /// The id belongs to a policy of another kind.
    #[error("the id belongs to a {kind} policy")]
    OtherKind {
        /// Its kind.
        kind: PolicyKind,
    },
    /// It is out of use.
    #[error("the routing policy was retired at {at}")]
    Retired {
        /// Since when.
        at: Timestamp,
    },
    /// It came with the platform.
    #[error("a system policy cannot be retired")]
    System,
    /// Calls or messages still come in here.
    #[error("{count} numbers or other starts are bound to the policy: bind them elsewhere first")]
    StillBound {
        /// How many.
        count: usize,
    },
    /// Somebody else saved, published or rolled back in the meantime.
    #[error("the routing policy is at revision {current} now: look at it and save again")]
    Conflict {
        /// The revision to begin from.
        current: u32,
    },
    /// Nothing was saved since the last publication.
    #[error("there is no draft to publish")]
    NoDraft,
    /// A check found errors.
    #[error("the draft has {errors} errors: nothing with errors is published")]
    LintErrors {
        /// How many.
        errors: u32,
    },
    /// No such document was ever saved here.
    #[error("no document with this hash was saved in the routing policy")]
    UnknownDocument,
    /// A time that is over.
    #[error("the time to publish has passed: {publish_at}")]
    InThePast {
        /// The time.
        publish_at: Timestamp,
    },
    /// One at a time.
    #[error("revision {revision} is to be published at {publish_at}: cancel that first")]
    AlreadyScheduled {
        /// What is set.
        revision: u32,
        /// For when.
        publish_at: Timestamp,
    },
    /// The time has not come.
    #[error("the time to publish is {publish_at}")]
    NotYet {
        /// The time.
        publish_at: Timestamp,
    },
    /// No such version was ever live.
    #[error("there is no version {version} to roll back to")]
    NoSuchVersion {
        /// Its number.
        version: u32,
    },
    /// It cannot begin a policy of this kind.
    #[error("this does not begin a {kind} policy")]
    WrongStart {
        /// The policy's kind.
        kind: PolicyKind,
    },
    /// More than allowed.
    #[error("too many {what}: {max} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many may be.
        max: usize,
    },
}

impl Decider for RoutingPolicy {
    const CATEGORY: &'static str = "policy";
    type Id = RoutingPolicyId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Create { name, kind, by, at } => create(state, name, kind, by, at),
            Command::Rename { name, by, at } => rename(state, name, by, at),
            Command::Save {
                based_on,
                document,
                by,
                at,
            } => save(state, based_on, document, by, at),
            Command::DiscardDraft { revision, by, at } => discard(state, revision, by, at),
            Command::RecordLint { hash, findings, at } => lint(state, hash, findings, at),
            Command::Publish {
                revision,
                comment,
                by,
                at,
            } => publication::publish(state, revision, comment, by, at),
            Command::Schedule {
                revision,
                publish_at,
                comment,
                by,
                at,
            } => publication::schedule(state, revision, publish_at, comment, by, at),
            Command::CancelSchedule { by, at } => {
                state.created()?;
                Ok(publication::cancelled(state, CancelReason::Asked { by }, at))
            }
            Command::PublishDue { at } => publication::publish_due(state, at),
            Command::RollBack { to, comment, by, at } => publication::roll_back(state, to, comment, by, at),
            Command::Bind { start, by, at } => bind(state, start, by, at),
            Command::Unbind { start, by, at } => {
                state.created()?;
                let bound = state.starts.contains(&start);
                let unbound = bound.then_some(Event::StartUnbound { start, by, at });
                Ok(unbound.into_iter().collect())
            }
            Command::Retire { by, at } => retire(state, by, at),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

fn create(
    state: &State,
    name: Name,
    kind: PolicyKind,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match state.kind {
        None => Ok(vec![Event::Created { name, kind, by, at }]),
        Some(known) if known == kind => Ok(vec![]),
        Some(kind) => Err(Rejection::OtherKind { kind }),
    }
}

fn rename(state: &State, name: Name, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    if state.name.as_ref() == Some(&name) {
        return Ok(vec![]);
    }
    Ok(vec![Event::Renamed { name, by, at }])
}

fn save(
    state: &State,
    based_on: u32,
    document: Document,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    let hash = document.hash();
    let head = state.head();
    if head.is_some_and(|head| head.hash == hash) {
        return Ok(vec![]);
    }
    let current = head.map_or(0, |head| head.revision);
    if based_on != current {
        return Err(Rejection::Conflict { current });
    }
    if state.revision >= REVISIONS_MAX {
        return Err(Rejection::TooMany {
            what: "revisions",
            max: REVISIONS_MAX as usize,
        });
    }
    Ok(vec![Event::Drafted {
        revision: state.revision + 1,
        hash,
        document,
        by,
        at,
    }])
}

fn discard(state: &State, revision: u32, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    match state.draft.as_ref().map(|draft| draft.saved.revision) {
        None => Ok(vec![]),
        Some(current) if current == revision => Ok(vec![Event::DraftDiscarded { revision, by, at }]),
        Some(current) => Err(Rejection::Conflict { current }),
    }
}

fn lint(
    state: &State,
    hash: ContentHash,
    findings: Findings,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    state.in_use()?;
    match state.checked.get(&hash) {
        None => Err(Rejection::UnknownDocument),
        Some(Some(known)) if *known == findings => Ok(vec![]),
        Some(Some(_) | None) => Ok(vec![Event::Linted { hash, findings, at }]),
    }
}

fn bind(state: &State, start: Start, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let kind = state.in_use()?;
    if state.starts.contains(&start) {
        return Ok(vec![]);
    }
    if !start.begins(kind) {
        return Err(Rejection::WrongStart { kind });
    }
    if state.starts.len() >= STARTS_MAX {
        return Err(Rejection::TooMany {
            what: "starts",
            max: STARTS_MAX,
        });
    }
    Ok(vec![Event::StartBound { start, by, at }])
}

fn retire(state: &State, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let kind = state.created()?;
    if state.retired.is_some() {
        return Ok(vec![]);
    }
    if kind == PolicyKind::System {
        return Err(Rejection::System);
    }
    // A number whose policy is gone would be dead air.
    if !state.starts.is_empty() {
        return Err(Rejection::StillBound {
            count: state.starts.len(),
        });
    }
    let mut events = publication::cancelled(state, CancelReason::Retired, at);
    events.push(Event::Retired { by, at });
    Ok(events)
}
