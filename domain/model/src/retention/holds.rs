//! Legal holds: orders not to delete, whatever the rules and wishes say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::context::Actor;
use crate::ids::{CallId, JourneyId, LegalHoldId, PersonId};
use crate::text::Line;

use super::State;
use super::erasure::Erasure;
use super::event::Event;
use super::rejection::Rejection;

/// What a hold keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Scope {
    /// All that is a person's.
    Person(PersonId),
    /// All of a journey.
    Journey(JourneyId),
    /// All of a call.
    Call(CallId),
    /// All that the tenant has.
    Tenant,
}

/// Whom and what something is about: what holds are compared with.
///
/// Whoever asks for a deletion looks it up in the views; a hold on what is not named here is not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Footprint {
    /// The people it is about.
    #[cfg_attr(any(test, feature = "contract"), proptest(strategy = "few()"))]
    pub people: BTreeSet<PersonId>,
    /// The journeys it belongs to.
    #[cfg_attr(any(test, feature = "contract"), proptest(strategy = "few()"))]
    pub journeys: BTreeSet<JourneyId>,
    /// The calls it belongs to.
    #[cfg_attr(any(test, feature = "contract"), proptest(strategy = "few()"))]
    pub calls: BTreeSet<CallId>,
}

/// A hold as it was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// What it keeps.
    pub scope: Scope,
    /// Why.
    pub reason: Line,
    /// Whether it was lifted.
    pub released: bool,
}

/// What somebody wants of legal holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Forbids deletion.
    Place {
        /// The hold's id.
        hold: LegalHoldId,
        /// What is kept.
        scope: Scope,
        /// Why; it must name nobody.
        reason: Line,
        /// Who places it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Lifts a hold.
    Release {
        /// The hold.
        hold: LegalHoldId,
        /// Why; it must name nobody.
        reason: Line,
        /// Who lifts it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

impl Footprint {
    /// Makes the footprint of what is one person's alone.
    #[must_use]
    pub fn of(person: PersonId) -> Self {
        Self {
            people: BTreeSet::from([person]),
            ..Self::default()
        }
    }
}

impl Scope {
    /// Says whether something of this footprint is kept.
    #[must_use]
    pub fn covers(&self, footprint: &Footprint) -> bool {
        match self {
            Self::Person(person) => footprint.people.contains(person),
            Self::Journey(journey) => footprint.journeys.contains(journey),
            Self::Call(call) => footprint.calls.contains(call),
            Self::Tenant => true,
        }
    }
}

impl State {
    /// Returns a hold that forbids to delete something of this footprint, the first in the order of ids.
    #[must_use]
    pub fn held(&self, footprint: &Footprint) -> Option<LegalHoldId> {
        let mut standing = self.standing();
        standing
            .find(|(_, scope)| scope.covers(footprint))
            .map(|(hold, _)| hold)
    }

    pub(super) fn placed(&mut self, hold: LegalHoldId, scope: Scope, reason: &Line) {
        let placement = Placement {
            scope,
            reason: reason.clone(),
            released: false,
        };
        self.holds.insert(hold, placement);
    }

    pub(super) fn released(&mut self, hold: LegalHoldId) {
        if let Some(placement) = self.holds.get_mut(&hold) {
            placement.released = true;
        }
    }
}

pub(super) fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Place {
            hold,
            scope,
            reason,
            by,
            at,
        } => place(state, (hold, scope, reason), by, at),
        Command::Release { hold, reason, by, at } => {
            let placement = state.holds.get(&hold).ok_or(Rejection::NoHold { hold })?;
            let released = Event::HoldReleased { hold, reason, by, at };
            Ok((!placement.released).then_some(released).into_iter().collect())
        }
    }
}

fn place(
    state: &State,
    (hold, scope, reason): (LegalHoldId, Scope, Line),
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if let Some(there) = state.holds.get(&hold) {
        return if there.scope != scope || there.reason != reason {
            Err(Rejection::OtherHold { hold })
        } else if there.released {
            Err(Rejection::HoldOver { hold })
        } else {
            Ok(vec![])
        };
    }
    let blocked = match scope {
        Scope::Person(person) => block(state, hold, person, at)?,
        // Whom these are about is known when an erasure begins, which compares again.
        Scope::Journey(_) | Scope::Call(_) => vec![],
        Scope::Tenant => {
            let waiting = state
                .erasures
                .iter()
                .filter(|(_, erasure)| **erasure == Erasure::Requested);
            waiting.map(|(person, _)| blocked(*person, hold, at)).collect()
        }
    };
    let placed = Event::HoldPlaced {
        hold,
        scope,
        reason,
        by,
        at,
    };
    Ok([placed].into_iter().chain(blocked).collect())
}

// A hold on somebody whose keys are going would promise what nobody can keep.
fn block(state: &State, hold: LegalHoldId, person: PersonId, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    match state.erasures.get(&person) {
        None | Some(Erasure::Blocked { .. }) => Ok(vec![]),
        Some(Erasure::Requested) => Ok(vec![blocked(person, hold, at)]),
        Some(Erasure::Begun | Erasure::Performed { .. } | Erasure::Verified { .. }) => {
            Err(Rejection::ErasureUnderWay)
        }
    }
}

/// Says that a hold stands against a person's erasure.
pub(super) const fn blocked(person: PersonId, hold: LegalHoldId, at: Timestamp) -> Event {
    Event::ErasureBlocked { person, hold, at }
}

#[cfg(any(test, feature = "contract"))]
fn few<T>() -> impl proptest::strategy::Strategy<Value = BTreeSet<T>>
where
    T: proptest::arbitrary::Arbitrary + Ord,
{
    proptest::collection::btree_set(proptest::arbitrary::any::<T>(), 0..3)
}
