//! Commands at random, for the test suites.

use super::Command;
use super::document::Document;
use super::event::Findings;
use super::start::{PolicyKind, Start};
use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::text::{Line, Name};
use proptest::prelude::*;

// Written out with one box for each: what derives generate for so many commands overflows the stack of a test.
impl Arbitrary for Command {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        proptest::strategy::Union::new([
            any::<(Name, PolicyKind, Actor, Timestamp)>()
                .prop_map(|(name, kind, by, at)| Command::Create { name, kind, by, at })
                .boxed(),
            any::<(Name, Actor, Timestamp)>()
                .prop_map(|(name, by, at)| Command::Rename { name, by, at })
                .boxed(),
            any::<(u32, Document, Actor, Timestamp)>()
                .prop_map(|(based_on, document, by, at)| Command::Save {
                    based_on,
                    document,
                    by,
                    at,
                })
                .boxed(),
            any::<(u32, Actor, Timestamp)>()
                .prop_map(|(revision, by, at)| Command::DiscardDraft { revision, by, at })
                .boxed(),
            any::<(ContentHash, Findings, Timestamp)>()
                .prop_map(|(hash, findings, at)| Command::RecordLint { hash, findings, at })
                .boxed(),
            any::<(u32, Option<Line>, Actor, Timestamp)>()
                .prop_map(|(revision, comment, by, at)| Command::Publish {
                    revision,
                    comment,
                    by,
                    at,
                })
                .boxed(),
            any::<(u32, Timestamp, Option<Line>, Actor, Timestamp)>()
                .prop_map(|(revision, publish_at, comment, by, at)| Command::Schedule {
                    revision,
                    publish_at,
                    comment,
                    by,
                    at,
                })
                .boxed(),
            any::<(Actor, Timestamp)>()
                .prop_map(|(by, at)| Command::CancelSchedule { by, at })
                .boxed(),
            any::<Timestamp>()
                .prop_map(|at| Command::PublishDue { at })
                .boxed(),
            any::<(u32, Option<Line>, Actor, Timestamp)>()
                .prop_map(|(to, comment, by, at)| Command::RollBack { to, comment, by, at })
                .boxed(),
            any::<(Start, Actor, Timestamp)>()
                .prop_map(|(start, by, at)| Command::Bind { start, by, at })
                .boxed(),
            any::<(Start, Actor, Timestamp)>()
                .prop_map(|(start, by, at)| Command::Unbind { start, by, at })
                .boxed(),
            any::<(Actor, Timestamp)>()
                .prop_map(|(by, at)| Command::Retire { by, at })
                .boxed(),
        ])
        .boxed()
    }
}
