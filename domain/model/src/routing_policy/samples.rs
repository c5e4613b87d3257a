//! One of each kind, as the golden files hold them.

use super::document::Document;
use super::event::{CancelReason, Event, Findings, Trigger};
use super::start::{PolicyKind, Start};
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::UserId;
use crate::testing::sample::{at, id, number, text};

const ADMIN: Actor = Actor::User(UserId::new(id(1)));

/// One of each kind, as the golden files hold them.
///
/// # Panics
/// Never: the document among them is right.
#[must_use]
pub fn samples() -> Vec<Event> {
    let document = Document::new(r#"{"name": "Main line", "containers": []}"#).expect("an object");
    let hash = document.hash();
    let mut samples = vec![
        Event::Created {
            name: text("Main line"),
            kind: PolicyKind::Call,
            by: ADMIN,
            at: at(0),
        },
        Event::Renamed {
            name: text("Main line (UK)"),
            by: ADMIN,
            at: at(1),
        },
        Event::Drafted {
            revision: 1,
            hash,
            document,
            by: ADMIN,
            at: at(2),
        },
        Event::DraftDiscarded {
            revision: 1,
            by: ADMIN,
            at: at(3),
        },
        Event::Linted {
            hash,
            findings: Findings {
                errors: 0,
                warnings: 2,
                hints: 1,
            },
            at: at(4),
        },
        Event::StartBound {
            start: Start::Number {
                number: number("+442079460000"),
            },
            by: ADMIN,
            at: at(5),
        },
        Event::StartUnbound {
            start: Start::DirectNumbers,
            by: ADMIN,
            at: at(6),
        },
        Event::Retired {
            by: ADMIN,
            at: at(99),
        },
    ];
    samples.extend(publications(hash));
    samples
}

fn publications(hash: ContentHash) -> Vec<Event> {
    vec![
        Event::Published {
            version: 2,
            revision: 7,
            hash,
            trigger: Trigger::Schedule,
            comment: Some(text("Christmas hours")),
            by: ADMIN,
            at: at(60),
        },
        Event::PublishScheduled {
            revision: 7,
            hash,
            publish_at: at(60),
            comment: Some(text("Christmas hours")),
            by: ADMIN,
            at: at(10),
        },
        Event::ScheduleCancelled {
            revision: 7,
            reason: CancelReason::Asked { by: ADMIN },
            at: at(20),
        },
        Event::RolledBack {
            version: 3,
            to: 1,
            revision: 4,
            hash,
            comment: None,
            by: ADMIN,
            at: at(70),
        },
    ]
}
