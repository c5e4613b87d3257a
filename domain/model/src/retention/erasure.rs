//! Erasure: a person's data made unreadable for good, by destroying their keys.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::{LegalHoldId, PersonId};
use crate::text::Key;

use super::State;
use super::event::Event;
use super::holds::{Footprint, blocked};
use super::rejection::Rejection;

/// Why a person's data is erased. A choice and no free text, which could name whom it erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum ErasureReason {
    /// They asked for it.
    AskedByPerson,
    /// They took back the consent that it was kept by.
    ConsentWithdrawn,
    /// It is needed for nothing any more.
    NoLongerNeeded,
    /// A court or an authority ordered it.
    Ordered,
    /// It should never have been kept.
    KeptWrongly,
}

/// How far a person's erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    /// It was asked for, and nothing stands against it that is known.
    Requested,
    /// A hold stands against it.
    Blocked {
        /// The hold.
        hold: LegalHoldId,
    },
    /// Keys are being destroyed.
    Begun,
    /// Keys are destroyed.
    Performed {
        /// The hash of the key stores' receipts.
        proof: ContentHash,
    },
    /// Somebody looked, and found nothing.
    Verified {
        /// The hash of the key stores' receipts.
        proof: ContentHash,
    },
}

/// What somebody wants of an erasure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Asks that a person's data be erased.
    Request {
        /// The person.
        person: PersonId,
        /// Why.
        reason: ErasureReason,
        /// Where the request is filed.
        ticket: Option<Key>,
        /// What their data is part of.
        footprint: Footprint,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Passes the point of no return, if no hold stands against it now.
    Begin {
        /// The person.
        person: PersonId,
        /// What their data is part of by now.
        footprint: Footprint,
        /// When.
        at: Timestamp,
    },
    /// Reports that the keys are destroyed.
    Report {
        /// The person.
        person: PersonId,
        /// How many keys were destroyed.
        keys_destroyed: u32,
        /// The hash of the key stores' receipts.
        proof: ContentHash,
        /// When.
        at: Timestamp,
    },
    /// Reports that a search for the person's data found nothing.
    Verify {
        /// The person.
        person: PersonId,
        /// Who looked.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

impl State {
    pub(super) fn erasure(&mut self, person: PersonId, erasure: Erasure) {
        self.erasures.insert(person, erasure);
    }

    pub(super) fn verified(&mut self, person: PersonId) {
        if let Some(Erasure::Performed { proof }) = self.erasures.get(&person).copied() {
            self.erasure(person, Erasure::Verified { proof });
        }
    }

    // A hold on the person counts, whatever the footprint was told of them.
    fn held_person(&self, person: PersonId, mut footprint: Footprint) -> Option<LegalHoldId> {
        footprint.people.insert(person);
        self.held(&footprint)
    }
}

pub(super) fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Request {
            person,
            reason,
            ticket,
            footprint,
            by,
            at,
        } => {
            // Whoever asks twice, at whatever stage, asks for what is under way or done.
            if state.erasures.contains_key(&person) {
                return Ok(vec![]);
            }
            let requested = Event::ErasureRequested {
                person,
                reason,
                ticket,
                by,
                at,
            };
            let hold = state.held_person(person, footprint);
            let blocked = hold.map(|hold| blocked(person, hold, at));
            Ok([requested].into_iter().chain(blocked).collect())
        }
        Command::Begin {
            person,
            footprint,
            at,
        } => begin(state, person, footprint, at),
        Command::Report {
            person,
            keys_destroyed,
            proof,
            at,
        } => report(state, person, (keys_destroyed, proof), at),
        Command::Verify { person, by, at } => verify(state, person, by, at),
    }
}

fn begin(
    state: &State,
    person: PersonId,
    footprint: Footprint,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let erasure = state.erasures.get(&person).ok_or(Rejection::NotRequested)?;
    let told = match erasure {
        Erasure::Requested => None,
        Erasure::Blocked { hold } => Some(*hold),
        Erasure::Begun | Erasure::Performed { .. } | Erasure::Verified { .. } => return Ok(vec![]),
    };
    Ok(match state.held_person(person, footprint) {
        Some(hold) if told == Some(hold) => vec![],
        Some(hold) => vec![blocked(person, hold, at)],
        None => vec![Event::ErasureBegun { person, at }],
    })
}

fn report(
    state: &State,
    person: PersonId,
    (keys_destroyed, proof): (u32, ContentHash),
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match state.erasures.get(&person) {
        None | Some(Erasure::Requested | Erasure::Blocked { .. }) => Err(Rejection::NotBegun),
        Some(Erasure::Begun) => Ok(vec![Event::ErasurePerformed {
            person,
            keys_destroyed,
            proof,
            at,
        }]),
        Some(Erasure::Performed { proof: told } | Erasure::Verified { proof: told }) if *told == proof => {
            Ok(vec![])
        }
        Some(Erasure::Performed { .. } | Erasure::Verified { .. }) => Err(Rejection::OtherProof),
    }
}

fn verify(state: &State, person: PersonId, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match state.erasures.get(&person) {
        None | Some(Erasure::Requested | Erasure::Blocked { .. } | Erasure::Begun) => {
            Err(Rejection::NotPerformed)
        }
        Some(Erasure::Performed { .. }) => Ok(vec![Event::ErasureVerified { person, by, at }]),
        Some(Erasure::Verified { .. }) => Ok(vec![]),
    }
}
