//! What holds of a routing policy whatever is said to it, and in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::document::Document;
use super::graph::lint::{Known, check, count};
use super::start::PolicyKind;
use super::{Command, Event, Findings, RoutingPolicy, Trigger};
use crate::context::Actor;
use crate::testing::sample::{at, text};
use crate::testing::{fold_and_read_back, play};
use crate::{Decider as _, Timestamp};

fn play_created(commands: Vec<Command>) -> Vec<Event> {
    let create = Command::Create {
        name: text("Main line"),
        kind: PolicyKind::Call,
        by: Actor::Customer,
        at: at(0),
    };
    play::<RoutingPolicy>([create].into_iter().chain(commands))
}

// Revisions and versions from a small range, so that saves and publications meet each other.
fn about_versions() -> impl Strategy<Value = Vec<Command>> {
    let by = Actor::Customer;
    let moments = (any::<Timestamp>(), any::<Timestamp>());
    let command = (any::<Command>(), 0_u32..12, any::<Document>(), moments, 0_u8..12).prop_map(
        move |(other, n, document, (at, publish_at), which)| match which {
            0..=2 => Command::Save {
                based_on: n,
                document,
                by: by.clone(),
                at,
            },
            3..=4 => Command::Publish {
                revision: n,
                comment: None,
                by: by.clone(),
                at,
            },
            5 => Command::Schedule {
                revision: n,
                publish_at,
                comment: None,
                by: by.clone(),
                at,
            },
            6 => Command::PublishDue { at },
            7 => Command::RollBack {
                to: n,
                comment: None,
                by: by.clone(),
                at,
            },
            8..=9 => Command::RecordLint {
                hash: document.hash(),
                findings: Findings {
                    errors: n % 3,
                    ..Findings::default()
                },
                at,
            },
            _ => other,
        },
    );
    vec(command, 0..150)
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<RoutingPolicy>(&play_created(commands.clone()));
        fold_and_read_back::<RoutingPolicy>(&play::<RoutingPolicy>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<RoutingPolicy>(&events);
    }

    #[test]
    fn what_is_live_was_saved_and_is_the_last_version(commands in about_versions()) {
        let history = play_created(commands);
        let mut saved = BTreeSet::new();
        let mut versions = BTreeMap::new();
        for event in &history {
            if let Event::Drafted { revision, hash, document, .. } = event {
                prop_assert_eq!(*hash, document.hash());
                prop_assert_eq!(*revision as usize, saved.len() + 1, "revisions are counted without a gap");
                saved.insert((*revision, *hash));
            } else if let Event::Published { version, revision, hash, .. } = event {
                prop_assert!(saved.contains(&(*revision, *hash)), "what is published was saved");
                prop_assert_eq!(*version as usize, versions.len() + 1, "versions are counted without a gap");
                versions.insert(*version, *hash);
            } else if let Event::RolledBack { version, to, hash, .. } = event {
                prop_assert_eq!(versions.get(to), Some(hash), "the target was live before");
                prop_assert_eq!(*version as usize, versions.len() + 1);
                versions.insert(*version, *hash);
            }
        }
        let live = RoutingPolicy::fold(&history).live().map(|(version, saved)| (version, saved.hash));
        prop_assert_eq!(live, versions.pop_last());
    }

    #[test]
    fn no_version_repeats_the_one_before_and_none_with_errors_is_published(commands in about_versions()) {
        let mut live = None;
        let mut errors = BTreeMap::new();
        let mut documents = BTreeMap::new();
        for event in play_created(commands) {
            if let Event::Drafted { hash, document, .. } = event {
                documents.insert(hash, document);
            } else if let Event::Linted { hash, findings, .. } = event {
                errors.insert(hash, findings.errors);
            } else if let Event::Published { hash, .. } = event {
                prop_assert_eq!(errors.get(&hash), Some(&0), "that it was checked is recorded");
                prop_assert_eq!(count(&check(&documents[&hash], &Known::default())).errors, 0);
                prop_assert_ne!(live.replace(hash), Some(hash));
            } else if let Event::RolledBack { hash, .. } = event {
                prop_assert_ne!(live.replace(hash), Some(hash));
            }
        }
    }

    #[test]
    fn every_schedule_ends_before_the_next_and_at_its_time(commands in about_versions()) {
        let mut waiting: Option<(u32, Timestamp)> = None;
        for event in play_created(commands) {
            if let Event::PublishScheduled { revision, publish_at, .. } = event {
                prop_assert_eq!(waiting.replace((revision, publish_at)), None);
            } else if let Event::ScheduleCancelled { revision, .. } = event {
                prop_assert_eq!(waiting.take().map(|(revision, _)| revision), Some(revision));
            } else if let Event::Published { revision, trigger, at, .. } = event {
                let due = waiting.take();
                match trigger {
                    Trigger::Person => prop_assert_eq!(due, None),
                    Trigger::Schedule => {
                        prop_assert!(due.is_some_and(|(pinned, time)| pinned == revision && time <= at));
                    }
                }
            } else if let Event::RolledBack { .. } | Event::Retired { .. } = event {
                prop_assert_eq!(waiting, None);
            }
        }
    }
}
