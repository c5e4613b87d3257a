//! What only shows where more than one policy of the tenant is known.

use super::*;

#[test]
fn extensions_that_begin_two_policies_are_told_where_both_are_known() {
    let policy = |pattern: &str| {
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [{{"id": "in", "start": {{"is": "extension", "pattern": "{pattern}"}}, "next": "end"}}], "containers": [{END}]}}"#
        ))
    };
    let id = |n: u128| RoutingPolicyId::new(uuid::Uuid::from_u128(n));
    let known = Known {
        own: Some(id(1)),
        policies: Some(BTreeMap::from([
            (id(1), Some(policy("82xx"))),
            (id(2), Some(policy("81xx"))),
            (id(3), None),
        ])),
        ..Known::default()
    };
    let ambiguous = ["warning ambiguous_pattern in start.pattern"];
    assert_eq!(told(&policy("8xxx"), &known), ambiguous);
    assert_eq!(told(&policy("81xx"), &known), ambiguous);
    assert_eq!(told(&policy("82xx"), &known), Vec::<String>::new());
    assert_eq!(told(&policy("8xxx"), &Known::default()), Vec::<String>::new());
}

#[test]
fn what_the_tenant_does_not_have_is_told_and_what_is_not_known_is_not_checked() {
    let queue = format!(r#"{{"id": "w", "app": "queue", "queue": "{QUEUE}"}}"#);
    let graph = with(&queue, r#", "next": "end""#, "");
    assert_eq!(told(&graph, &Known::default()), Vec::<String>::new());
    let mut known = Known {
        queues: Some(BTreeSet::new()),
        ..Known::default()
    };
    assert_eq!(told(&graph, &known), ["error no_such_queue w queue"]);
    known.queues = Some(BTreeSet::from([QUEUE.parse().unwrap()]));
    assert_eq!(told(&graph, &known), Vec::<String>::new());
    let invoke = r#", {"id": "i", "is": "invoke", "destination": "desk"}"#;
    let graph = with(SAY, r#", "next": "i""#, invoke);
    known.destinations = Some(BTreeSet::new());
    let destination = "error no_such_destination i destination";
    assert!(told(&graph, &known).iter().any(|told| told == destination));
    known.destinations = Some(BTreeSet::from([Key::new("desk").unwrap()]));
    assert_eq!(told(&graph, &known), ["warning unreachable end "]);
}

fn hands_to(policy: RoutingPolicyId, apps: &str) -> Graph {
    graph(&format!(
        r#"{{"format": 1, "kind": "call", "starts": [{{"id": "in", "start": {{"is": "from_policy"}}, "next": "a"}}],
        "containers": [{{"id": "a", "is": "action", "apps": [{apps}], "next": "on"}}, {{"id": "on", "is": "to_policy", "policy": "{policy}"}}]}}"#
    ))
}

#[test]
fn policies_that_hand_over_in_a_circle_are_told_and_worse_where_nothing_waits() {
    let id = |n: u128| RoutingPolicyId::new(uuid::Uuid::from_u128(n));
    let (one, two) = (id(1), id(2));
    let known = |other: Graph| Known {
        own: Some(one),
        policies: Some(BTreeMap::from([(two, Some(other))])),
        ..Known::default()
    };
    let own = hands_to(two, "");
    assert_eq!(
        told(&own, &known(hands_to(one, ""))),
        ["error policies_spin on policy"]
    );
    assert_eq!(
        told(&own, &known(hands_to(one, SAY))),
        ["warning policies_in_a_circle on policy"]
    );
    assert_eq!(told(&own, &known(hands_to(id(3), ""))), Vec::<String>::new());
    assert_eq!(
        told(&own, &known(with(SAY, r#", "next": "end""#, ""))),
        ["error no_such_entry on entry"]
    );
    let empty = Known {
        policies: Some(BTreeMap::new()),
        ..Known::default()
    };
    assert_eq!(told(&own, &empty), ["error no_such_policy on policy"]);
}

#[test]
fn policies_that_invoke_each_other_in_a_circle_are_told_like_those_that_hand_over() {
    let id = |n: u128| RoutingPolicyId::new(uuid::Uuid::from_u128(n));
    let policy = |own: &str, other: &str, apps: &str| {
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [{{"id": "in", "start": {{"is": "destination", "name": "{own}"}}, "next": "a"}}],
            "containers": [{{"id": "a", "is": "action", "apps": [{apps}], "next": "on"}}, {{"id": "on", "is": "invoke", "destination": "{other}"}}]}}"#
        ))
    };
    let known = |other: Graph| Known {
        own: Some(id(1)),
        policies: Some(BTreeMap::from([(id(2), Some(other))])),
        ..Known::default()
    };
    let own = policy("one", "two", "");
    for (other, wanted) in [
        (
            policy("two", "one", ""),
            Some("error policies_spin on destination"),
        ),
        (
            policy("two", "one", SAY),
            Some("warning policies_in_a_circle on destination"),
        ),
        (policy("two", "three", ""), None),
        (policy("three", "one", ""), None),
    ] {
        assert_eq!(told(&own, &known(other)), Vec::from_iter(wanted));
    }
}

#[test]
fn a_start_that_the_other_policy_does_not_have_is_told_and_less_so_where_another_stands_in() {
    let (one, two) = (
        RoutingPolicyId::new(uuid::Uuid::from_u128(1)),
        RoutingPolicyId::new(uuid::Uuid::from_u128(2)),
    );
    let other = |start: &str| {
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [{{"id": "in", "start": {start}, "next": "end"}}], "containers": [{END}]}}"#
        ))
    };
    let known = |start: &str| Known {
        own: Some(one),
        policies: Some(BTreeMap::from([(two, Some(other(start)))])),
        ..Known::default()
    };
    let (named, unnamed) = (
        r#"{"is": "from_policy", "entry": "vip"}"#,
        r#"{"is": "from_policy"}"#,
    );
    let to = |entry: &str| {
        let on = format!(r#", {{"id": "on", "is": "to_policy", "policy": "{two}"{entry}}}"#);
        with(SAY, r#", "next": "on""#, &on)
    };
    let (vip, any) = (to(r#", "entry": "vip""#), to(""));
    let entries = |graph: &Graph, start: &str| {
        let mut all = told(graph, &known(start));
        all.retain(|told| told.contains("entry"));
        all
    };
    assert_eq!(entries(&vip, named), Vec::<String>::new());
    assert_eq!(entries(&vip, unnamed), ["warning no_such_entry on entry"]);
    assert_eq!(entries(&any, unnamed), Vec::<String>::new());
    assert_eq!(entries(&any, named), ["error no_such_entry on entry"]);
    let wrong = named.replace("vip", "gold");
    assert_eq!(entries(&vip, &wrong), ["error no_such_entry on entry"]);
    let own = with(
        SAY,
        r#", "next": "on""#,
        &format!(r#", {{"id": "on", "is": "to_policy", "policy": "{one}"}}"#),
    );
    assert_eq!(entries(&own, named), ["error no_such_entry on entry"]);
}

#[test]
fn a_document_of_another_kind_than_its_policy_is_told() {
    let graph = with(SAY, r#", "next": "end""#, "");
    let known = |kind| Known {
        kind: Some(kind),
        ..Known::default()
    };
    assert_eq!(told(&graph, &known(PolicyKind::Call)), Vec::<String>::new());
    assert_eq!(
        told(&graph, &known(PolicyKind::System)),
        ["error other_kind  kind"]
    );
}

#[test]
fn what_cannot_be_read_is_told_as_errors() {
    let document = Document::new(r#"{"format": 1, "kind": "call", "starts": 1, "containers": []}"#).unwrap();
    let found = check(&document, &Known::default());
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("error, starts: "), "{found:?}");
}
