//! One of each kind of event, as the golden files hold them.

use std::collections::BTreeMap;

use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::{JourneyId, LegalHoldId, RecordingId, RetentionRunId, UserId};
use crate::testing::sample::{at, id, person, text};

use super::erasure::ErasureReason;
use super::event::Event;
use super::holds::Scope;
use super::rules::{Content, Days, Keep};
use super::runs::{Item, Tally};

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    [rules_and_holds(), runs(), erasures()].concat()
}

fn admin() -> Actor {
    Actor::User(UserId::new(id(1)))
}

fn hold() -> LegalHoldId {
    LegalHoldId::new(id(2))
}

fn ninety_days() -> Keep {
    Keep::Days(Days::new(90).expect("a sample's days are right"))
}

fn rules_and_holds() -> Vec<Event> {
    vec![
        Event::RuleSet {
            content: Content::Recordings,
            was: Keep::Ever,
            now: ninety_days(),
            by: admin(),
            at: at(0),
        },
        Event::HoldPlaced {
            hold: hold(),
            scope: Scope::Journey(JourneyId::new(id(3))),
            reason: text("Case 17 of the county court"),
            by: admin(),
            at: at(1),
        },
        Event::HoldReleased {
            hold: hold(),
            reason: text("The case is settled"),
            by: admin(),
            at: at(2),
        },
    ]
}

fn runs() -> Vec<Event> {
    let run = RetentionRunId::new(id(4));
    let recording = |n| Item::Recording(RecordingId::new(id(n)));
    let made = at(-8_640_000);
    vec![
        Event::RunStarted { run, at: at(10) },
        Event::ItemDeleted {
            run,
            item: recording(5),
            keep: ninety_days(),
            made,
            at: at(11),
        },
        Event::ItemKept {
            run,
            item: recording(6),
            hold: hold(),
            at: at(12),
        },
        Event::RunFinished {
            run,
            tally: Tally {
                deleted: BTreeMap::from([(Content::Recordings, 1)]),
                kept: BTreeMap::from([(Content::Recordings, 1)]),
            },
            at: at(13),
        },
    ]
}

fn erasures() -> Vec<Event> {
    let person = person(7);
    vec![
        Event::ErasureRequested {
            person,
            reason: ErasureReason::AskedByPerson,
            ticket: Some(text("PRIV-42")),
            by: admin(),
            at: at(20),
        },
        Event::ErasureBlocked {
            person,
            hold: hold(),
            at: at(20),
        },
        Event::ErasureBegun { person, at: at(21) },
        Event::ErasurePerformed {
            person,
            keys_destroyed: 2,
            proof: ContentHash::of(b"the receipts of both key stores"),
            at: at(22),
        },
        Event::ErasureVerified {
            person,
            by: Actor::System(text("erasure-check")),
            at: at(23),
        },
    ]
}
