//! Calls that are played again: the same policy decides the same, another one is told where it does not.

use super::house::*;
use super::*;
use crate::call::Event;
use crate::ids::QueueId;
use crate::testing::sample::{id, text};
use crate::text::Key;

fn keyed(to: &str, prompt: &str) -> String {
    format!(
        r#"{{"id": "a", "is": "switchboard", "prompt": {}, "keys": [{{"key": "1", "to": "{to}"}}]}},
           {{"id": "b", "is": "finish"}}, {{"id": "c", "is": "finish"}}"#,
        says(prompt)
    )
}

fn pressed_one() -> (Library, Vec<Event>) {
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &keyed("b", "Press 1"));
    let mut script = script();
    script.keys = vec!["1".to_owned()];
    let shown = play(library.clone(), &script);
    assert_eq!(told(&shown), ["a key_1", "b finished"]);
    (library, shown.events)
}

#[test]
fn the_first_deciding_step_that_differs_is_named() {
    let (mut library, events) = pressed_one();
    publish_as(
        &mut library,
        MAIN,
        (2, "call"),
        AT_OURS,
        &keyed("c", "Press 1 now"),
    );
    let library = Arc::new(library);
    let again = replay(CALL, &events, &library, Against::Newest);
    let divergence = again.divergence.expect("another way");
    assert_eq!((divergence.number, divergence.node.as_deref()), (2, Some("a")));
    assert_eq!(divergence.why, "a leads to c where it led to b");
    assert_eq!(again.decisions.len(), 2);
    let unchanged = replay(CALL, &events, &library, Against::Recorded);
    assert_eq!(unchanged.divergence, None, "the older version is still there");
}

#[test]
fn a_change_that_decides_nothing_is_no_divergence() {
    let (mut library, events) = pressed_one();
    publish_as(
        &mut library,
        MAIN,
        (2, "call"),
        AT_OURS,
        &keyed("b", "Please press 1"),
    );
    let again = replay(CALL, &events, &Arc::new(library), Against::Newest);
    assert_eq!(again.divergence, None);
}

#[test]
fn a_step_that_never_happened_is_a_divergence() {
    let (mut library, events) = pressed_one();
    let asks = format!(
        r#"{{"id": "a", "is": "action", "apps": [{{"id": "pin", "app": "digits", "prompt": {}, "into": "Pin", "tries": 1}}]}}"#,
        says("PIN?")
    );
    publish_as(&mut library, MAIN, (2, "call"), AT_OURS, &asks);
    let divergence = replay(CALL, &events, &Arc::new(library), Against::Newest)
        .divergence
        .unwrap();
    assert_eq!(
        (divergence.number, divergence.why.as_str()),
        (1, "the call begins at pin where it began at a")
    );
}

#[test]
fn a_log_that_was_changed_does_not_play_again() {
    let (library, mut events) = pressed_one();
    for event in &mut events {
        if let Event::StepDecided { branch, .. } = event
            && branch.as_str() == "key_1"
        {
            *branch = Key::new("no_input").unwrap();
        }
    }
    let divergence = replay(CALL, &events, &Arc::new(library), Against::Recorded)
        .divergence
        .unwrap();
    assert_eq!(divergence.why, "a takes key_1 where it took no_input");
}

// Answers the menu, is told to need a skill, is asked about and waits; whoever gives up leaves a message.
const LINE: &str = r#"{"id": "a", "is": "switchboard", "prompt": {"say": [{"is": "text", "text": "Press 1"}]},
        "keys": [{"key": "1", "to": "b"}, {"key": "2", "to": "c"}]},
    {"id": "b", "is": "action", "next": "c", "apps": [
        {"id": "urgent", "app": "properties", "priority": "7"},
        {"id": "skilled", "app": "skills", "need": [{"skill": "0198c0de-0000-7000-8000-000000000030", "at_least": 20}]},
        {"id": "find", "app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Contact"}},
        {"id": "wait", "app": "queue", "queue": "0198c0de-0000-7000-8000-000000000014"},
        {"id": "ring", "app": "connect", "to": {"is": "number", "number": "+442079460055"}}]},
    {"id": "c", "is": "action", "apps": [
        {"id": "message", "app": "voicemail", "mailbox": {"is": "user", "user": "0198c0de-0000-7000-8000-00000000001e"}}]}"#;

fn two_queues() -> Library {
    let mut library = house();
    library.queues.insert(QueueId::new(id(21)), text("Service"));
    library
}

#[test]
fn what_leads_elsewhere_without_another_branch_is_a_divergence() {
    let mut library = two_queues();
    publish(&mut library, MAIN, AT_OURS, LINE);
    let mut script = script();
    script.keys = vec!["1".to_owned()];
    let shown = play(library.clone(), &script);
    let way = told(&shown);
    for (was, is, number, why) in [
        (
            r#""key": "1", "to": "b""#,
            r#""key": "1", "to": "c""#,
            2,
            "a leads to message where it led to urgent",
        ),
        (
            r#""priority": "7""#,
            r#""priority": "8""#,
            6,
            "wait lets the caller wait otherwise: another priority",
        ),
        (
            r#""at_least": 20"#,
            r#""at_least": 90"#,
            4,
            "skilled asks for skills otherwise: other skills",
        ),
        (
            "Id FROM Contact",
            "Id FROM Lead",
            5,
            "find asks an outside system otherwise: another question, and nobody knows the answer",
        ),
        (
            "0014",
            "0015",
            6,
            "wait lets the caller wait otherwise: another queue",
        ),
        (
            "60055",
            "60056",
            7,
            "ring rings somebody otherwise: somebody else",
        ),
        (
            "001e",
            "001f",
            8,
            "message takes a message otherwise: another mailbox",
        ),
        ("Press 1", "Please press 1", 0, ""),
        (r#", {"key": "2", "to": "c"}"#, "", 0, ""),
    ] {
        assert_eq!(LINE.matches(was).count(), 1, "{was}");
        let mut library = library.clone();
        publish_as(&mut library, MAIN, (2, "call"), AT_OURS, &LINE.replace(was, is));
        let again = replay(CALL, &shown.events, &Arc::new(library), Against::Newest);
        let found = again.divergence.map(|found| (found.number, found.why));
        let expected = (number > 0).then(|| (number, why.to_owned()));
        assert_eq!(found, expected, "{was} in {way:?}");
    }
}

#[test]
fn who_hung_up_before_the_step_was_decided_is_named_as_well() {
    let mut library = two_queues();
    let waits = |queue: &str| {
        format!(
            r#"{{"id": "a", "is": "action", "apps": [{{"id": "wait", "app": "queue", "queue": "0198c0de-0000-7000-8000-0000000000{queue}"}}]}}"#
        )
    };
    publish(&mut library, MAIN, AT_OURS, &waits("14"));
    let mut events = play(library.clone(), &script()).events;
    let waiting = events
        .iter()
        .position(|event| matches!(event, Event::Queued { .. }))
        .unwrap();
    events.truncate(waiting + 1);
    publish_as(&mut library, MAIN, (2, "call"), AT_OURS, &waits("15"));
    let divergence = replay(CALL, &events, &Arc::new(library), Against::Newest)
        .divergence
        .unwrap();
    assert_eq!((divergence.number, divergence.recorded), (2, None));
    assert_eq!(
        divergence.why,
        "wait lets the caller wait otherwise: another queue"
    );
}
