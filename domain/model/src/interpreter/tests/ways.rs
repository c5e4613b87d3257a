//! From start to end: where calls come in and how policies end.

use super::house::*;
use super::*;

#[test]
fn a_call_is_greeted_queued_and_ends_with_the_agent() {
    let apps = format!(
        r#"{{"id": "hello", "app": "speak", "say": [{{"is": "text", "text": "Hello $(CallerNumber)"}}]}},
           {{"id": "wait", "app": "queue", "queue": "{SALES}"}}"#
    );
    let mut script = script();
    script.waits = vec![Waits::Answered {
        after: crate::Millis(30_000),
        agent: ANN.into(),
        talk: crate::Millis(60_000),
    }];
    let shown = play(one_app(&apps), &script);
    assert_eq!(told(&shown), ["hello next", "wait after"]);
    assert_eq!(spoken(&shown), [format!("Hello {CALLER}")]);
    assert_eq!(
        input(&shown, "hello", "CallerNumber"),
        Some(format!("private {CALLER}"))
    );
    let agent = ANN.into();
    assert_eq!(
        shown.end,
        Some(crate::call::reasons::EndCause::AgentHungUp { agent })
    );
}

#[test]
fn a_call_that_no_policy_takes_ends_at_once() {
    let shown = play(house(), &script());
    assert_eq!(shown.end, Some(fold::failed("no-routing-policy")));
}
