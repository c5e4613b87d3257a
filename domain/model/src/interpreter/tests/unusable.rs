//! What macros hold that cannot be used: the decision says so.

use super::house::*;
use super::*;

fn reason(shown: &Rehearsal) -> String {
    let reasons = shown.decisions().find_map(|decision| match &decision.what {
        Decided::Branch { node, reason, .. } if node.as_str() == "use" => Some(reason.as_str().to_owned()),
        Decided::Branch { .. } | Decided::Entered { .. } => None,
    });
    reasons.expect("it was decided")
}

fn with(value: &str, app: &str) -> String {
    let apps = format!(
        r#"{{"id": "set", "app": "properties", "set": [{{"name": "X", "value": "{value}"}}]}}, {{"id": "use", {app}}}"#
    );
    reason(&play(one_app(&apps), &script()))
}

#[test]
fn a_property_that_cannot_be_read_changes_nothing_and_is_told() {
    let all = r#""app": "properties", "caller_id": "$(Custom_X)", "language": "$(Custom_X)", "priority": "$(Custom_X)", "whisper": "$(Custom_X)""#;
    assert_eq!(
        with("banana!", all),
        "the policy sets what the call carries, but not caller_id, language, priority, which cannot be read"
    );
    assert_eq!(
        with("7", r#""app": "properties", "priority": "$(Custom_X)""#),
        "the policy sets what the call carries"
    );
}

#[test]
fn a_notice_for_nobody_is_told_and_the_others_are_not() {
    let send = r#""app": "notify", "send": [{"is": "desk", "text": "Hello"},
        {"is": "sms", "to": "$(Custom_X)", "text": "Hello"},
        {"is": "email", "to": ["$(Custom_X)"], "subject": "s", "body": "b"},
        {"is": "desk", "to": {"is": "user", "user": "$(Custom_X)"}, "text": "Hello"},
        {"is": "chatter", "to": "$(Custom_X)", "text": "Hello"}]"#;
    assert_eq!(
        with("banana", send),
        "people are told, but whom notice 2, 3, 4 is for cannot be read"
    );
    let send = r#""app": "notify", "send": [{"is": "sms", "to": "$(Custom_X)", "text": "Hello"}]"#;
    assert_eq!(with(CALLER, send), "people are told");
}
