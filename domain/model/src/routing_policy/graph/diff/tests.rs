//! One edit at a time, and how it is told.

use super::*;
use crate::routing_policy::document::Document;

fn graph(text: &str) -> Graph {
    Graph::read(&Document::new(text).unwrap()).unwrap()
}

fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let after = edits.iter().fold(BEFORE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    diff(&graph(BEFORE), &graph(&after))
        .iter()
        .map(ToString::to_string)
        .collect()
}

const BEFORE: &str = r#"{
    "format": 1, "kind": "call",
    "starts": [{"id": "in", "start": {"is": "number", "number": "+442079460000"}, "next": "hello"}],
    "containers": [
        {"id": "hello", "is": "action", "title": "Hello", "at": {"x": 10, "y": 20}, "next": "bye", "apps": [
            {"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hello"}]},
            {"id": "find", "app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Case"}, "outlets": {"error": "bye"}}
        ]},
        {"id": "bye", "is": "finish"}
    ]
}"#;

#[test]
fn the_same_graph_has_no_changes_however_it_is_written() {
    assert_eq!(told(&[]), Vec::<String>::new());
    let written = graph(BEFORE).write().to_string();
    assert_eq!(diff(&graph(BEFORE), &graph(&written)), []);
}

#[test]
fn what_changed_is_told_with_before_and_after() {
    for (from, to, change) in [
        (
            "\"x\": 10",
            "\"x\": 11",
            "hello: moved on the canvas from 10, 20 to 11, 20",
        ),
        (
            "\"title\": \"Hello\"",
            "\"title\": \"Hi\"",
            "hello: renamed from \"Hello\" to \"Hi\"",
        ),
        (
            "\"next\": \"hello\"",
            "\"next\": \"bye\"",
            "in: next leads to bye instead of hello",
        ),
        (
            "{\"error\": \"bye\"}",
            "{}",
            "find: outlets.error leads to nowhere instead of bye",
        ),
        (
            "\"text\": \"Hello\"",
            "\"text\": \"Hi\"",
            "say: say[0].text is \"Hi\" instead of \"Hello\"",
        ),
        (
            "{\"is\": \"text\", \"text\": \"Hello\"}",
            "{\"is\": \"text\", \"text\": \"Hello\"}, {\"is\": \"text\", \"text\": \"!\"}",
            "say: say[1] is {\"is\":\"text\",\"text\":\"!\"}, it was not set",
        ),
        (
            "\"outlets\": {\"error\"",
            "\"deadline_ms\": 500, \"outlets\": {\"error\"",
            "find: deadline_ms is 500 instead of 3000",
        ),
        (
            "\"kind\": \"call\"",
            "\"kind\": \"system\"",
            "the policy: kind is \"system\" instead of \"call\"",
        ),
    ] {
        assert_eq!(told(&[(from, to)]), [change]);
    }
}

#[test]
fn the_keys_of_a_menu_are_compared_by_key() {
    let menu = |keys: &[(&str, &str)]| {
        let keys: Vec<_> = keys
            .iter()
            .map(|(key, to)| format!(r#"{{"key": "{key}", "to": "{to}"}}"#))
            .collect();
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [], "containers": [{{"id": "menu", "is": "switchboard",
                "prompt": {{"say": [{{"is": "text", "text": "Press"}}]}}, "keys": [{}]}}]}}"#,
            keys.join(", ")
        ))
    };
    let told = |before: &[_], after: &[_]| -> Vec<String> {
        let changes = diff(&menu(before), &menu(after));
        changes.iter().map(ToString::to_string).collect()
    };
    let before = [("1", "sales"), ("2", "support")];
    assert_eq!(told(&before, &[before[1], before[0]]), Vec::<String>::new());
    assert_eq!(
        told(&before, &[("0", "desk"), ("1", "sales"), ("2", "other")]),
        [
            r#"menu: keys.0 is {"key":"0","to":"desk"}, it was not set"#,
            "menu: keys.2.to leads to other instead of support"
        ]
    );
    assert_eq!(
        told(&before, &before[1..]),
        [r#"menu: keys.1 is no longer set, it was {"key":"1","to":"sales"}"#]
    );
    // Which of two would be meant, nobody could say.
    assert_eq!(
        told(&[("1", "a"), ("1", "b")], &[("1", "a"), ("1", "c")]),
        ["menu: keys[1].to leads to c instead of b"]
    );
}

#[test]
fn nodes_come_go_and_change_places() {
    assert_eq!(
        told(&[("\"id\": \"say\"", "\"id\": \"tell\"")]),
        ["tell: added (speak)", "say: removed (speak)"]
    );
    assert_eq!(
        told(&[(
            "\"is\": \"finish\"",
            "\"is\": \"invoke\", \"destination\": \"desk\""
        )]),
        ["bye: removed (finish)", "bye: added (invoke)"]
    );
    let say = r#"{"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hello"}]}"#;
    let first = format!("{say},\n");
    let last = r#""outlets": {"error": "bye"}}"#;
    assert_eq!(
        told(&[(first.as_str(), ""), (last, &format!("{last}, {say}"))]),
        ["hello: its apps are in another order: find, say instead of say, find"]
    );
    let other = format!(r#"{{"id": "bye", "is": "action", "apps": [{say}]}}"#);
    assert_eq!(
        told(&[(first.as_str(), ""), (r#"{"id": "bye", "is": "finish"}"#, &other)]),
        [
            "bye: removed (finish)",
            "bye: added (action)",
            "say: moved from container hello to bye"
        ]
    );
}
