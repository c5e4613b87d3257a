//! Calls that are played again: the same policy decides the same, another one is told where it does not.

use super::house::*;
use super::*;
use crate::call::Event;
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
    assert_eq!(divergence.number, 3);
    assert_eq!(divergence.why, "c decides where b decided");
    assert_eq!(again.decisions.len(), 3);
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
        (2, "pin decides where a decided")
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
