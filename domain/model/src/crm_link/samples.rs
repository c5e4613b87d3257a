//! One of each kind of event, as the golden files hold them.

use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::few::Few;
use crate::ids::UserId;
use crate::testing::sample::{at, id, person, text};
use crate::{Millis, Private};

use super::connection::{Connection, Environment, InstanceHost, Login, LoginKind, OrgId};
use super::event::Event;
use super::session::BreakReason;
use super::writing::{Mapping, MissingRight, Percent, Right, Usage};

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    [session(), writing()].concat()
}

fn admin() -> Actor {
    Actor::User(UserId::new(id(1)))
}

/// An org in which we sign in with a key.
pub(super) fn connection() -> Connection {
    Connection {
        org: OrgId::new("00D5g000004kGhIEAU").expect("a sample's org is right"),
        environment: Environment::Production,
        host: InstanceHost::new("acme.my.salesforce.com").expect("a sample's host is right"),
        login: Login {
            kind: LoginKind::JwtBearer,
            client_id: text("3MVG9.example.client.id"),
            credential: text("crm-signing-key"),
        },
        user: Private::new(person(1), text("ledgerline@acme.example")),
    }
}

fn session() -> Vec<Event> {
    vec![
        Event::Configured {
            connection: connection(),
            by: admin(),
            at: at(0),
        },
        Event::Authorised {
            by: admin(),
            at: at(1),
        },
        Event::Broken {
            reason: BreakReason::Revoked,
            code: Some(text("invalid_grant")),
            at: at(2),
        },
        Event::Restored {
            broken_ms: Millis::from_secs(60),
            at: at(62),
        },
    ]
}

fn writing() -> Vec<Event> {
    let by = admin();
    let usage = |used| Usage {
        used,
        allowed: 15_000,
    };
    vec![
        Event::WritingPaused {
            by: by.clone(),
            at: at(3),
        },
        Event::WritingResumed {
            by: by.clone(),
            at: at(4),
        },
        Event::BudgetSet {
            was: Percent::default(),
            now: Percent::new(50).expect("a sample's share is right"),
            by: by.clone(),
            at: at(5),
        },
        Event::LimitNeared {
            usage: usage(12_000),
            at: at(6),
        },
        Event::LimitEased {
            usage: usage(9_000),
            at: at(7),
        },
        Event::MappingPublished {
            mapping: Mapping {
                version: 1,
                content: ContentHash::of(b"a mapping"),
            },
            by,
            at: at(8),
        },
        Event::RightsProbed {
            missing: Few::first([MissingRight {
                object: text("Contact"),
                field: Some(text("MobilePhone")),
                right: Right::Read,
            }]),
            at: at(9),
        },
        Event::CatchUpStarted {
            backlog: 1_200,
            at: at(10),
        },
        Event::CatchUpFinished {
            written: 1_198,
            parked: 2,
            at: at(70),
        },
    ]
}
