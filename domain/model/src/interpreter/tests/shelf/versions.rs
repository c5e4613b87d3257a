//! Which versions of a policy are there: the newest that can be read, and those that calls still need.

use super::people::acme;
use super::*;
use crate::Millis;
use crate::interpreter::library::shelf::{AFTERWARDS_MS, OVER_MAX};
use crate::routing_policy::Command;

const SECOND: CallId = CallId::new(id(2));

fn main() -> Acme {
    let mut acme = acme();
    acme.create(MAIN, PolicyKind::Call);
    acme.publish(MAIN, drawing(AT_OURS, "first"));
    acme
}

fn unreadable() -> Document {
    Document::new(r#"{"format": 1, "kind": "call", "starts": [], "containers": [{"id": "a", "is": "box"}]}"#)
        .unwrap()
}

fn faults(acme: &Acme) -> Vec<(RoutingPolicyId, u32, usize)> {
    let unreadable = acme.shelf.unreadable();
    unreadable
        .map(|one| (one.policy, one.version, one.faults.len()))
        .collect()
}

fn later(ms: Millis) -> Timestamp {
    noon().plus(ms)
}

// Whether the library has a version of MAIN, by the reason for which it ends.
fn has(acme: &Acme, reason: &str) -> bool {
    let hash = drawing(AT_OURS, reason).hash();
    acme.library().version(MAIN, hash).is_some()
}

#[test]
fn what_is_drafted_is_not_live() {
    let mut acme = main();
    let was = acme.library();
    acme.save(MAIN, drawing(AT_OURS, "draft"));
    assert!(Arc::ptr_eq(&was, acme.shelf.library()));
    assert_eq!(acme.told(at_ours()), ["first finished"]);
}

#[test]
fn a_draft_that_was_drawn_anew_or_thrown_away_is_forgotten() {
    let documents = |acme: &Acme| {
        let stored = serde_json::to_value(acme.shelf.memory()).unwrap();
        let policy = &stored["policies"][MAIN.to_string()];
        policy["documents"].as_object().unwrap().len()
    };
    let mut acme = main();
    assert_eq!(documents(&acme), 1);
    acme.save(MAIN, drawing(AT_OURS, "draft"));
    let revision = acme.save(MAIN, drawing(AT_OURS, "planned"));
    assert_eq!(documents(&acme), 2);
    let schedule = Command::Schedule {
        revision,
        publish_at: later(Millis(1)),
        comment: None,
        by: ADMIN,
        at: noon(),
    };
    acme.policy(MAIN, schedule);
    let revision = acme.save(MAIN, drawing(AT_OURS, "anew"));
    assert_eq!(documents(&acme), 3, "live, scheduled and drafted");
    let (by, at) = (ADMIN, noon());
    acme.policy(
        MAIN,
        Command::DiscardDraft {
            revision,
            by: by.clone(),
            at,
        },
    );
    acme.policy(MAIN, Command::CancelSchedule { by, at });
    assert_eq!(documents(&acme), 1);
}

#[test]
fn what_is_scheduled_is_live_when_its_time_has_come_whatever_was_drafted_since() {
    let mut acme = main();
    let revision = acme.save(MAIN, drawing(AT_OURS, "planned"));
    let publish_at = later(Millis::from_secs(60));
    let schedule = Command::Schedule {
        revision,
        publish_at,
        comment: None,
        by: ADMIN,
        at: noon(),
    };
    acme.policy(MAIN, schedule);
    acme.save(MAIN, drawing(AT_OURS, "draft"));
    assert_eq!(acme.told(at_ours()), ["first finished"]);
    acme.policy(MAIN, Command::PublishDue { at: publish_at });
    assert_eq!(acme.told(at_ours()), ["planned finished"]);
}

#[test]
fn an_earlier_version_comes_back_as_a_new_one() {
    let mut acme = main();
    acme.publish(MAIN, drawing(AT_OURS, "second"));
    let back = Command::RollBack {
        to: 1,
        comment: None,
        by: ADMIN,
        at: noon(),
    };
    acme.policy(MAIN, back);
    assert_eq!(acme.told(at_ours()), ["first finished"]);
    assert_eq!(acme.library().newest(MAIN).unwrap().version, 3);
}

#[test]
fn another_name_is_that_of_all_versions() {
    let mut acme = main();
    let (name, by, at) = (text("Front desk"), ADMIN, noon());
    acme.policy(MAIN, Command::Rename { name, by, at });
    assert_eq!(acme.library().newest(MAIN).unwrap().name, text("Front desk"));
}

#[test]
fn a_document_that_cannot_be_read_does_not_take_the_place_of_one_that_can() {
    let mut acme = main();
    let was = acme.library();
    acme.publish_unchecked(MAIN, unreadable());
    assert!(Arc::ptr_eq(&was, acme.shelf.library()));
    assert_eq!(faults(&acme), [(MAIN, 2, 1)]);
    acme.create(OTHER, PolicyKind::Call);
    acme.publish_unchecked(OTHER, unreadable());
    assert_eq!(faults(&acme), [(MAIN, 2, 1), (OTHER, 1, 1)]);
    assert_eq!(acme.library().newest(OTHER), None);
    acme.publish(MAIN, drawing(AT_OURS, "mended"));
    assert_eq!(acme.told(at_ours()), ["mended finished"]);
    let (by, at) = (ADMIN, noon());
    acme.policy(OTHER, Command::Retire { by, at });
    assert_eq!(faults(&acme), []);
}

#[test]
fn a_version_stays_until_the_calls_that_entered_it_are_over_and_an_hour_more() {
    let mut acme = main();
    acme.enter(CALL, MAIN, noon());
    acme.enter(SECOND, MAIN, noon());
    acme.publish(MAIN, drawing(AT_OURS, "second"));
    assert!(has(&acme, "first"));
    acme.end(CALL, noon());
    acme.end(SECOND, later(Millis(1)));
    acme.enter(CallId::new(id(3)), MAIN, later(AFTERWARDS_MS));
    assert!(has(&acme, "first"), "one of the two may still go on");
    acme.end(CallId::new(id(3)), later(Millis(AFTERWARDS_MS.0 + 1)));
    assert!(!has(&acme, "first"));
    assert!(has(&acme, "second"), "the newest is for new calls");
}

#[test]
fn what_runs_after_the_end_of_a_call_keeps_what_it_entered() {
    let mut acme = main();
    acme.enter(CALL, MAIN, noon());
    acme.end(CALL, noon());
    acme.enter(CALL, MAIN, later(AFTERWARDS_MS.min(Millis::from_secs(3_000))));
    acme.publish(MAIN, drawing(AT_OURS, "second"));
    acme.end(SECOND, later(AFTERWARDS_MS));
    assert!(has(&acme, "first"));
    acme.enter(SECOND, MAIN, later(Millis(2 * AFTERWARDS_MS.0)));
    assert!(!has(&acme, "first"));
}

#[test]
fn a_version_that_a_call_was_about_to_enter_when_the_next_came_is_put_back() {
    let mut acme = main();
    let library = acme.library();
    acme.publish(MAIN, drawing(AT_OURS, "second"));
    assert!(!has(&acme, "first"));
    acme.enter_version(CALL, library.newest(MAIN).unwrap(), noon());
    assert!(has(&acme, "first"));
    assert_eq!(acme.told(at_ours()), ["second finished"]);
}

#[test]
fn a_call_in_a_policy_that_is_retired_goes_on_in_it() {
    let mut acme = main();
    acme.enter(CALL, MAIN, noon());
    let (by, at) = (ADMIN, noon());
    acme.policy(MAIN, Command::Retire { by, at });
    assert!(has(&acme, "first"));
    assert_eq!(acme.library().newest(MAIN), None);
    assert_eq!(acme.told(at_ours())[..1], ["say next"]);
    acme.end(CALL, noon());
    acme.enter(
        SECOND,
        crate::routing_policy::graph::system::SystemPolicy::DefaultInbound.id(),
        later(AFTERWARDS_MS),
    );
    assert!(!has(&acme, "first"));
}

#[test]
fn of_calls_that_are_over_only_so_many_are_remembered() {
    let mut shelf = main().shelf;
    let newest = shelf.library().newest(MAIN).unwrap().clone();
    for n in 0..=OVER_MAX {
        let call = CallId::new(id(1_000 + n as u128));
        let entered = crate::call::Event::PolicyEntered {
            step: StepId::new(id(1)),
            policy: MAIN,
            version: newest.version,
            hash: newest.hash,
            start: None,
            at: noon(),
        };
        shelf.fold(&happened(AnyEvent::Call(call, entered.clone())));
        shelf.fold(&happened(AnyEvent::Call(call, entered)));
        let cause = EndCause::PolicyEnded { step: None };
        let ended = crate::call::Event::Ended { cause, at: noon() };
        shelf.fold(&happened(AnyEvent::Call(call, ended)));
    }
    let stored = serde_json::to_value(shelf.memory()).unwrap();
    assert_eq!(stored["calls"]["calls"].as_object().unwrap().len(), OVER_MAX);
}

#[test]
fn a_call_that_was_forgotten_is_over() {
    let mut acme = main();
    acme.enter(CALL, MAIN, noon());
    acme.end(CALL, noon());
    let late = later(Millis(2 * AFTERWARDS_MS.0));
    acme.end(SECOND, late);
    acme.enter(CALL, MAIN, late);
    acme.publish(MAIN, drawing(AT_OURS, "second"));
    assert!(has(&acme, "first"));
    acme.end(SECOND, later(Millis(3 * AFTERWARDS_MS.0)));
    assert!(!has(&acme, "first"));
}
