//! What is written out and can never do anything.

use super::*;

#[test]
fn a_macro_in_quotes_of_a_query_is_told_since_it_brings_its_own() {
    let query = |rest: &str| {
        of(&format!(
            r#"{{"id": "q", "app": "query", "find": {{"is": "soql", "soql": "SELECT Id FROM Case WHERE {rest}"}}}}"#
        ))
    };
    for quoted in [
        "Phone = '$(CallerNumber)'",
        "Phone LIKE '%$(CallerNumber)%'",
        r"Name = 'O\\'Neil' AND Phone = '$(CallerNumber)'",
        r"Name = 'it\\'s $(CallerNumber)'",
    ] {
        assert_eq!(query(quoted), ["error macro_in_quotes q find.soql"], "{quoted}");
    }
    for right in [
        "Phone = $(CallerNumber)",
        r"Name = 'O\\'Neil' AND Phone = $(CallerNumber)",
        "Name = 'x' AND Phone = $(CallerNumber) AND Type = 'y'",
        "Name = '$$(CallerNumber)'",
    ] {
        assert_eq!(query(right), Vec::<String>::new(), "{right}");
    }
}

#[test]
fn a_literal_that_nobody_can_read_is_told() {
    let properties = |what: &str| of(&format!(r#"{{"id": "p", "app": "properties", {what}}}"#));
    for (what, told) in [
        (r#""caller_id": "banana""#, "error no_number p caller_id"),
        (
            r#""caller_id": "020 7946 0000""#,
            "warning number_without_country p caller_id",
        ),
        (r#""language": "klingon!""#, "error no_language p language"),
        (r#""priority": "500""#, "error no_priority p priority"),
        (r#""priority": "urgent""#, "error no_priority p priority"),
        (
            r#""set": [{"name": "A", "value": "b"}, {"name": "Custom_X", "value": "c"}]"#,
            "warning custom_twice p set[1].name",
        ),
    ] {
        assert_eq!(properties(what), [told], "{what}");
    }
    for right in [
        r#""caller_id": "+442079460000""#,
        r#""caller_id": "$(CalledNumber)""#,
        r#""language": " fr-CA""#,
        r#""priority": " 7 ""#,
        r#""priority": "$(LastDigits)""#,
        r#""set": [{"name": "Customs", "value": "c"}]"#,
    ] {
        assert_eq!(properties(right), Vec::<String>::new(), "{right}");
    }
}

#[test]
fn a_number_without_a_country_is_read_by_the_one_that_the_start_says() {
    let policy = |text: &str| {
        let start = IN.replace(
            r#""number": "+442079460000""#,
            r#""number": "+442079460000", "country": "GB""#,
        );
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [{start}], "containers": [
                {{"id": "a", "is": "action", "next": "end", "apps": [{{"id": "p", "app": "properties", "caller_id": "{text}"}}]}}, {END}]}}"#
        ))
    };
    assert_eq!(
        told(&policy("020 7946 0000"), &Known::default()),
        Vec::<String>::new()
    );
    assert_eq!(
        told(&policy("banana"), &Known::default()),
        ["error no_number p caller_id"]
    );
}

#[test]
fn a_notice_or_a_task_that_reaches_nobody_is_told() {
    let notify = |what: &str| of(&format!(r#"{{"id": "n", "app": "notify", "send": [{what}]}}"#));
    let to_number = r#"{"is": "number", "number": "+442079460000"}"#;
    assert_eq!(
        notify(
            r#"{"is": "email", "to": ["ann@example.com", "not an address", "$(Weekday)"], "subject": "s", "body": "b"}"#
        ),
        ["error no_address n send[0].to[1]"]
    );
    assert_eq!(
        notify(
            r#"{"is": "sms", "to": "nonsense", "text": "t"}, {"is": "sms", "from": "us", "to": "$(CallerNumber)", "text": "t"}"#
        ),
        ["error no_number n send[0].to", "error no_number n send[1].from"]
    );
    assert_eq!(
        notify(&format!(r#"{{"is": "desk", "to": {to_number}, "text": "t"}}"#)),
        ["error nobody_there n send[0].to"]
    );
    assert_eq!(
        of(&format!(
            r#"{{"id": "t", "app": "callback_task", "to": {to_number}, "subject": "s", "number": "none"}}"#
        )),
        ["error no_number t number", "error nobody_there t to"]
    );
    let data = r#"{"format": 1, "kind": "data_analytics", "starts": [{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "a"}],
        "containers": [{"id": "a", "is": "action", "apps": [{"id": "d", "app": "debug", "to": ["nobody"], "show": ["$(CallId)"]}]}]}"#;
    assert_eq!(
        told(&graph(data), &Known::default()),
        ["error no_address d to[0]"]
    );
}

#[test]
fn secret_digits_that_something_looks_at_are_told() {
    let digits = |into: &str, rest: &str| {
        format!(
            r#"{{"id": "d", "app": "digits", "into": "{into}", "prompt": {{"say": [{{"is": "text", "text": "PIN"}}]}}, "outlets": {{"matched": "b"}}{rest}}}"#
        )
    };
    let uses = r#", {"id": "b", "is": "action", "next": "end", "apps": [{"id": "r", "app": "rule", "outlets": {"matched": "end"},
        "when": {"is": "compare", "value": "$(Custom_Pin)", "operator": "equals", "with": "1234"}}]}"#;
    let told = |rest: &str| {
        let graph = with(&digits("Pin", rest), r#", "next": "end""#, uses);
        told(&graph, &Known::default())
    };
    assert_eq!(
        told(r#", "secret": true"#),
        ["error secret_holds_nothing r when.value"]
    );
    assert_eq!(told(""), Vec::<String>::new());
    let doubled = digits("Custom_Pin", r#", "pattern": "xxxx""#).replace(r#""b""#, r#""end""#);
    assert_eq!(of(&doubled), ["warning custom_twice d into"]);
}
