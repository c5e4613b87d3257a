//! The routing policy, told.

use super::document::Document;
use super::start::{PolicyKind, Start};
use super::{CancelReason, Command, Event, Findings, Rejection, RoutingPolicy, Trigger, samples};
use crate::Decider as _;
use crate::context::Actor;
use crate::ids::UserId;
use crate::testing::sample::{at, id, number, text};
use crate::testing::{given, golden};

const ADMIN: Actor = Actor::User(UserId::new(id(1)));

// Nothing is wrong with any but [`WRONG`].
fn drawing(n: u32) -> Document {
    if n == WRONG {
        Document::new(r#"{"format": 1, "kind": "call", "starts": [], "containers": []}"#).expect("an object")
    } else {
        Document::finishing(n)
    }
}

// Nothing begins it: one error.
const WRONG: u32 = 13;

fn created(kind: PolicyKind) -> Event {
    Event::Created {
        name: text("Main line"),
        kind,
        by: ADMIN,
        at: at(0),
    }
}

// Revision n holds drawing n, unless a story says otherwise.
fn drafted(revision: u32) -> Event {
    draft_of(revision, revision)
}

fn draft_of(revision: u32, n: u32) -> Event {
    Event::Drafted {
        revision,
        hash: drawing(n).hash(),
        document: drawing(n),
        by: ADMIN,
        at: at(1),
    }
}

fn published(version: u32, revision: u32, second: i64) -> Event {
    Event::Published {
        version,
        revision,
        hash: drawing(revision).hash(),
        trigger: Trigger::Person,
        comment: None,
        by: ADMIN,
        at: at(second),
    }
}

fn scheduled(revision: u32, second: i64) -> Event {
    Event::PublishScheduled {
        revision,
        hash: drawing(revision).hash(),
        publish_at: at(second),
        comment: None,
        by: ADMIN,
        at: at(5),
    }
}

fn cancelled(revision: u32, reason: CancelReason, second: i64) -> Event {
    Event::ScheduleCancelled {
        revision,
        reason,
        at: at(second),
    }
}

fn linted(n: u32, errors: u32) -> Event {
    Event::Linted {
        hash: drawing(n).hash(),
        findings: Findings {
            errors,
            ..Findings::default()
        },
        at: at(2),
    }
}

// What the decider finds by itself when a drawing is first to go live.
fn checked(n: u32, second: i64) -> Event {
    Event::Linted {
        hash: drawing(n).hash(),
        findings: Findings::default(),
        at: at(second),
    }
}

fn save(based_on: u32, n: u32) -> Command {
    Command::Save {
        based_on,
        document: drawing(n),
        by: ADMIN,
        at: at(1),
    }
}

fn publish(revision: u32) -> Command {
    Command::Publish {
        revision,
        comment: None,
        by: ADMIN,
        at: at(20),
    }
}

fn schedule(revision: u32, second: i64) -> Command {
    Command::Schedule {
        revision,
        publish_at: at(second),
        comment: None,
        by: ADMIN,
        at: at(5),
    }
}

fn due(second: i64) -> Command {
    Command::PublishDue { at: at(second) }
}

fn roll_back(to: u32) -> Command {
    Command::RollBack {
        to,
        comment: None,
        by: ADMIN,
        at: at(30),
    }
}

fn bind(start: Start) -> Command {
    Command::Bind {
        start,
        by: ADMIN,
        at: at(7),
    }
}

fn our_number() -> Start {
    Start::Number {
        number: number("+442079460000"),
    }
}

#[test]
fn the_first_save_is_revision_1_and_nothing_is_live() {
    let history = [created(PolicyKind::Call)];
    given::<RoutingPolicy>(history.clone())
        .when(save(0, 1))
        .then([drafted(1)]);
    assert_eq!(RoutingPolicy::fold(&history).live(), None);
}

#[test]
fn a_save_that_did_not_see_the_last_one_is_a_conflict() {
    given::<RoutingPolicy>([created(PolicyKind::Call), drafted(1), drafted(2)])
        .when(save(1, 3))
        .rejected(Rejection::Conflict { current: 2 });
}

#[test]
fn a_save_that_did_not_see_what_was_published_is_a_conflict() {
    let history = [created(PolicyKind::Call), drafted(1), published(1, 1, 9)];
    given::<RoutingPolicy>(history.clone())
        .when(save(0, 2))
        .rejected(Rejection::Conflict { current: 1 });
    given::<RoutingPolicy>(history)
        .when(save(1, 2))
        .then([drafted(2)]);
}

#[test]
fn a_save_that_did_not_see_the_roll_back_is_a_conflict() {
    given::<RoutingPolicy>([
        created(PolicyKind::Call),
        drafted(1),
        published(1, 1, 9),
        drafted(2),
        published(2, 2, 10),
        Event::RolledBack {
            version: 3,
            to: 1,
            revision: 1,
            hash: drawing(1).hash(),
            comment: None,
            by: ADMIN,
            at: at(11),
        },
    ])
    .when(save(2, 3))
    .rejected(Rejection::Conflict { current: 1 });
}

#[test]
fn what_was_discarded_is_not_drawn_on_by_accident() {
    given::<RoutingPolicy>([
        created(PolicyKind::Call),
        drafted(1),
        published(1, 1, 9),
        drafted(2),
        Event::DraftDiscarded {
            revision: 2,
            by: ADMIN,
            at: at(12),
        },
    ])
    .when(save(2, 3))
    .rejected(Rejection::Conflict { current: 1 });
}

#[test]
fn publishing_what_is_live_changes_nothing() {
    let live = [created(PolicyKind::Call), drafted(1), published(1, 1, 9)];
    given::<RoutingPolicy>(live.clone()).when(publish(1)).nothing();
    // Drawn anew, saved, and drawn back to what it was.
    let back = [drafted(2), draft_of(3, 1)];
    given::<RoutingPolicy>(live.into_iter().chain(back))
        .when(publish(3))
        .nothing();
}

#[test]
fn nothing_with_errors_is_published() {
    given::<RoutingPolicy>([created(PolicyKind::Call), drafted(1), linted(1, 2)])
        .when(publish(1))
        .rejected(Rejection::LintErrors { errors: 2 });
    given::<RoutingPolicy>([created(PolicyKind::Call), drafted(1), linted(1, 2), linted(1, 0)])
        .when(publish(1))
        .then([published(1, 1, 20)]);
}

#[test]
fn what_nobody_checked_is_checked_when_it_is_to_go_live() {
    let right = [created(PolicyKind::Call), drafted(1)];
    given::<RoutingPolicy>(right.clone())
        .when(publish(1))
        .then([checked(1, 20), published(1, 1, 20)]);
    given::<RoutingPolicy>(right)
        .when(schedule(1, 60))
        .then([checked(1, 5), scheduled(1, 60)]);
    for command in [publish(1), schedule(1, 60)] {
        given::<RoutingPolicy>([created(PolicyKind::Call), draft_of(1, WRONG)])
            .when(command.clone())
            .rejected(Rejection::LintErrors { errors: 1 });
        let unreadable = Document::new(r#"{"format": 1, "kind": "call", "starts": 1, "containers": 2}"#);
        let unreadable = unreadable.expect("an object");
        let drafted = Event::Drafted {
            revision: 1,
            hash: unreadable.hash(),
            document: unreadable,
            by: ADMIN,
            at: at(1),
        };
        given::<RoutingPolicy>([created(PolicyKind::Call), drafted])
            .when(command)
            .rejected(Rejection::LintErrors { errors: 2 });
    }
}

#[test]
fn what_was_once_found_right_is_checked_again_before_it_goes_live() {
    let history = [created(PolicyKind::Call), draft_of(1, WRONG), linted(WRONG, 0)];
    for command in [publish(1), schedule(1, 60)] {
        given::<RoutingPolicy>(history.clone())
            .when(command)
            .rejected(Rejection::LintErrors { errors: 1 });
    }
    let set = Event::PublishScheduled {
        revision: 1,
        hash: drawing(WRONG).hash(),
        publish_at: at(60),
        comment: None,
        by: ADMIN,
        at: at(5),
    };
    given::<RoutingPolicy>(history.into_iter().chain([set]))
        .when(due(60))
        .then([cancelled(1, CancelReason::LintErrors, 60)]);
}

#[test]
fn a_document_of_another_kind_does_not_go_live() {
    given::<RoutingPolicy>([created(PolicyKind::System), drafted(1)])
        .when(publish(1))
        .rejected(Rejection::LintErrors { errors: 1 });
}

#[test]
fn errors_are_remembered_while_other_drafts_come_and_go() {
    given::<RoutingPolicy>([
        created(PolicyKind::Call),
        drafted(1),
        linted(1, 2),
        drafted(2),
        draft_of(3, 1),
    ])
    .when(publish(3))
    .rejected(Rejection::LintErrors { errors: 2 });
}

#[test]
fn only_what_was_saved_here_is_checked() {
    given::<RoutingPolicy>([created(PolicyKind::Call), drafted(1)])
        .when(Command::RecordLint {
            hash: drawing(9).hash(),
            findings: Findings::default(),
            at: at(2),
        })
        .rejected(Rejection::UnknownDocument);
}

#[test]
fn at_its_time_the_pinned_revision_is_published_and_the_later_draft_stays() {
    let history = [
        created(PolicyKind::Call),
        drafted(1),
        scheduled(1, 60),
        drafted(2),
    ];
    given::<RoutingPolicy>(history.clone())
        .when(due(59))
        .rejected(Rejection::NotYet { publish_at: at(60) });
    let publication = Event::Published {
        version: 1,
        revision: 1,
        hash: drawing(1).hash(),
        trigger: Trigger::Schedule,
        comment: None,
        by: ADMIN,
        at: at(61),
    };
    given::<RoutingPolicy>(history.clone())
        .when(due(61))
        .then([checked(1, 61), publication.clone()]);
    let after = RoutingPolicy::fold(history.iter().chain([&publication]));
    assert_eq!(after.head().map(|head| head.revision), Some(2));
    assert_eq!(after.live().map(|(version, _)| version), Some(1));
}

#[test]
fn what_turned_out_wrong_is_not_published_by_the_clock() {
    given::<RoutingPolicy>([
        created(PolicyKind::Call),
        drafted(1),
        scheduled(1, 60),
        linted(1, 1),
    ])
    .when(due(60))
    .then([cancelled(1, CancelReason::LintErrors, 60)]);
}

#[test]
fn the_clock_does_not_undo_what_was_published_by_hand() {
    given::<RoutingPolicy>([
        created(PolicyKind::Call),
        drafted(1),
        scheduled(1, 60),
        drafted(2),
    ])
    .when(publish(2))
    .then([
        checked(2, 20),
        cancelled(1, CancelReason::Overtaken, 20),
        published(1, 2, 20),
    ]);
}

#[test]
fn one_publication_waits_at_a_time_and_it_waits_for_the_future() {
    let history = [created(PolicyKind::Call), drafted(1)];
    given::<RoutingPolicy>(history.clone())
        .when(schedule(1, 5))
        .rejected(Rejection::InThePast { publish_at: at(5) });
    given::<RoutingPolicy>(history.into_iter().chain([scheduled(1, 60)]))
        .when(schedule(1, 90))
        .rejected(Rejection::AlreadyScheduled {
            revision: 1,
            publish_at: at(60),
        });
}

#[test]
fn rolling_back_makes_a_new_version_of_an_old_content() {
    let history = [
        created(PolicyKind::Call),
        drafted(1),
        published(1, 1, 9),
        drafted(2),
        published(2, 2, 10),
        // Errors found since do not bar the way back.
        linted(1, 1),
    ];
    given::<RoutingPolicy>(history.clone())
        .when(roll_back(1))
        .then([Event::RolledBack {
            version: 3,
            to: 1,
            revision: 1,
            hash: drawing(1).hash(),
            comment: None,
            by: ADMIN,
            at: at(30),
        }]);
    given::<RoutingPolicy>(history.clone())
        .when(roll_back(2))
        .nothing();
    given::<RoutingPolicy>(history)
        .when(roll_back(3))
        .rejected(Rejection::NoSuchVersion { version: 3 });
}

#[test]
fn a_start_fits_the_kind_of_policy() {
    given::<RoutingPolicy>([created(PolicyKind::Digital)])
        .when(bind(our_number()))
        .rejected(Rejection::WrongStart {
            kind: PolicyKind::Digital,
        });
    given::<RoutingPolicy>([created(PolicyKind::Call)])
        .when(bind(our_number()))
        .then([Event::StartBound {
            start: our_number(),
            by: ADMIN,
            at: at(7),
        }]);
}

#[test]
fn a_policy_that_calls_still_reach_is_not_retired() {
    let retire = Command::Retire {
        by: ADMIN,
        at: at(50),
    };
    let bound = Event::StartBound {
        start: our_number(),
        by: ADMIN,
        at: at(7),
    };
    given::<RoutingPolicy>([created(PolicyKind::Call), bound])
        .when(retire.clone())
        .rejected(Rejection::StillBound { count: 1 });
    given::<RoutingPolicy>([created(PolicyKind::System)])
        .when(retire.clone())
        .rejected(Rejection::System);
    given::<RoutingPolicy>([created(PolicyKind::Call), drafted(1), scheduled(1, 60)])
        .when(retire)
        .then([
            cancelled(1, CancelReason::Retired, 50),
            Event::Retired {
                by: ADMIN,
                at: at(50),
            },
        ]);
}

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<RoutingPolicy>(RoutingPolicy::CATEGORY, &samples());
}
