//! Small graphs with one thing wrong, and graphs in which nothing is.

mod literals;
mod tenant;

use super::*;
use crate::routing_policy::document::{DOCUMENT_BYTES_MAX, Document};
use crate::routing_policy::graph::containers::APPS_MAX;

fn graph(text: &str) -> Graph {
    Graph::read(&Document::new(text).unwrap()).unwrap_or_else(|faults| panic!("{faults:#?}"))
}

const IN: &str = r#"{"id": "in", "start": {"is": "number", "number": "+442079460000"}, "next": "a"}"#;
const END: &str = r#"{"id": "end", "is": "finish"}"#;

/// A call policy of some apps in a container, then others.
fn with(apps: &str, next: &str, others: &str) -> Graph {
    graph(&format!(
        r#"{{"format": 1, "kind": "call", "starts": [{IN}], "containers": [
            {{"id": "a", "is": "action", "apps": [{apps}]{next}}}, {END}{others}]}}"#
    ))
}

fn told(graph: &Graph, known: &Known) -> Vec<String> {
    lint(graph, known)
        .iter()
        .map(|found| {
            let node = found.node.as_ref().map_or("", NodeKey::as_str);
            format!("{} {} {} {}", found.severity, found.code, node, found.field)
        })
        .collect()
}

fn of(apps: &str) -> Vec<String> {
    told(&with(apps, r#", "next": "end""#, ""), &Known::default())
}

const SAY: &str = r#"{"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hello"}]}"#;

#[test]
fn a_greeting_and_an_end_is_all_right() {
    assert_eq!(of(SAY), Vec::<String>::new());
}

#[test]
fn a_rule_that_leads_nowhere_warns_that_the_contact_ends_here() {
    let rule = r#"{"id": "r", "app": "rule", "when": {"is": "blocked"}}"#;
    assert_eq!(of(rule), ["warning ends_here r outlets.matched"]);
}

#[test]
fn what_is_never_reached_is_told_once_and_where_it_begins() {
    let linked = r#"{"id": "c", "app": "connect", "to": {"is": "dialled"},
        "outlets": {"after": "end", "no_answer": "end", "busy": "end", "rejected": "end", "unreachable": "end"}}"#;
    let alone = r#", {"id": "alone", "is": "action", "apps": [], "next": "end"}"#;
    let more =
        r#"{"id": "more", "app": "gate", "milestone": "m"}, {"id": "most", "app": "gate", "milestone": "n"}"#;
    let graph = with(&format!("{linked}, {more}"), "", alone);
    assert_eq!(
        told(&graph, &Known::default()),
        ["warning app_unreachable more ", "warning unreachable alone "]
    );
}

#[test]
fn a_call_that_is_cut_off_is_an_error_and_data_that_ends_is_none() {
    assert_eq!(
        told(&with(SAY, "", ""), &Known::default())[0],
        "error dead_end a next"
    );
    let data = r#"{"format": 1, "kind": "data_analytics", "starts": [{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "a"}],
        "containers": [{"id": "a", "is": "action", "apps": [{"id": "g", "app": "gate", "milestone": "m"}]}]}"#;
    assert_eq!(told(&graph(data), &Known::default()), Vec::<String>::new());
}

#[test]
fn an_event_that_begins_nothing_is_refused_with_those_that_do() {
    let begins = |kind: &str| {
        let data = format!(
            r#"{{"format": 1, "kind": "data_analytics", "starts": [{{"id": "in", "start": {{"is": "event", "kind": "{kind}"}}, "next": "a"}}],
            "containers": [{{"id": "a", "is": "action", "apps": [{{"id": "g", "app": "gate", "milestone": "m"}}]}}]}}"#
        );
        graph(&data)
    };
    let kinds: Vec<&str> = crate::routing_policy::graph::starts::beginning_kinds().collect();
    for kind in &kinds {
        assert_eq!(
            told(&begins(kind), &Known::default()),
            Vec::<String>::new(),
            "{kind}"
        );
    }
    for kind in [
        "CallStepDecided",
        "ConversationMessageReceived",
        "callended",
        "Anything",
    ] {
        let found = lint(&begins(kind), &Known::default());
        let [found] = &found[..] else {
            panic!("one finding: {found:?}")
        };
        assert_eq!(
            (found.code, found.field.as_str(), found.severity),
            ("event_begins_nothing", "start.kind", Severity::Error)
        );
        assert_eq!(found.node.as_ref().map(NodeKey::as_str), Some("in"));
        assert!(found.message.ends_with(&kinds.join(", ")), "{}", found.message);
    }
}

#[test]
fn a_lookup_needs_a_way_on_for_when_the_answer_is_late_or_none() {
    let query = r#"{"id": "q", "app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Case"}, "outlets": {"found": "end", "not_found": "end"}}"#;
    let graph = with(query, "", "");
    assert_eq!(
        told(&graph, &Known::default()),
        [
            "error dead_end a next",
            "error no_default_branch q outlets.error",
            "error no_default_branch q outlets.too_late"
        ]
    );
    assert_eq!(of(query), Vec::<String>::new());
}

#[test]
fn a_loop_has_to_wait_for_something_and_to_have_a_way_out() {
    let spins = with(
        r#"{"id": "g", "app": "gate", "milestone": "m"}"#,
        r#", "next": "a""#,
        "",
    );
    let codes = |graph: &Graph| -> Vec<&str> {
        lint(graph, &Known::default())
            .iter()
            .map(|found| found.code)
            .filter(|code| code.starts_with("loop"))
            .collect()
    };
    assert_eq!(codes(&spins), ["loop_spins", "loop_without_exit"]);
    let talks = with(SAY, r#", "next": "a""#, "");
    assert_eq!(codes(&talks), ["loop_without_exit"]);
    let menu = r#", {"id": "m", "is": "switchboard", "prompt": {"say": [{"is": "text", "text": "1 or 2"}]},
        "keys": [{"key": "1", "to": "a"}, {"key": "2", "to": "end"}], "next": "m"}"#;
    assert_eq!(codes(&with(SAY, r#", "next": "m""#, menu)), Vec::<&str>::new());
    let rule = r#"{"id": "r", "app": "rule", "when": {"is": "blocked"}, "outlets": {"matched": "end"}}"#;
    assert_eq!(codes(&with(rule, r#", "next": "a""#, "")), ["loop_spins"]);
}

#[test]
fn digits_that_nobody_can_press_are_told() {
    let digits = |rules: &str| {
        format!(
            r#"{{"id": "d", "app": "digits", "into": "Pin", "prompt": {{"say": [{{"is": "text", "text": "Pin"}}]}}, "outlets": {{"matched": "end"}}, {rules}}}"#
        )
    };
    for rules in [
        r#""max": 3, "pattern": "xxxx""#,
        r#""min": 5, "pattern": "xxxx""#,
        r#""pattern": "+44.""#,
        r##""pattern": "#xx", "finish_key": "#""##,
    ] {
        assert_eq!(of(&digits(rules)), ["error never_matches d pattern"], "{rules}");
    }
    for rules in [
        r#""max": 4, "pattern": "xxxx""#,
        r##""pattern": "#xx""##,
        r#""max": 3"#,
    ] {
        assert_eq!(of(&digits(rules)), Vec::<String>::new(), "{rules}");
    }
}

#[test]
fn markup_has_to_be_well_formed() {
    let told = |markup: &str| {
        let markup = serde_json::Value::from(markup);
        of(&format!(
            r#"{{"id": "s", "app": "speak", "say": [{{"is": "markup", "markup": {markup}}}]}}"#
        ))
    };
    for right in [
        "Hello",
        "<speak>Hello <break time=\"2s\"/> $(CallerNumber)</speak>",
        "<say-as interpret-as='characters'>$(CallerNumber)</say-as> &amp; <!-- a < b -->",
        "<a x = \"'\" y='$(CallerNumber)'><b></b ></a>",
        "5 > 3",
    ] {
        assert_eq!(told(right), Vec::<String>::new(), "{right}");
    }
    for wrong in [
        "<speak><break time=2s",
        "<speak>Hello",
        "<a><b></a></b>",
        "</a>",
        "<break time=2s/>",
        "<break time=\"2s/>",
        "<break time/>",
        "<break time='1s'time2='2s'/>",
        "<break time='1s' time='2s'/>",
        "<a b='<'/>",
        "<a b='&'/>",
        "Fish & chips",
        "&nbsp;",
        "&#169;",
        "5 < 3",
        "<1a/>",
        "<!-- no end",
        "<a",
    ] {
        assert_eq!(told(wrong), ["error broken_markup s say[0].markup"], "{wrong}");
    }
}

fn loops(graph: &Graph) -> Vec<String> {
    let all = told(graph, &Known::default()).into_iter();
    all.filter(|told| told.contains(" loop_")).collect()
}

#[test]
fn a_loop_spins_where_an_outlet_can_be_taken_at_once_and_not_where_the_same_app_took_time() {
    let queue = format!(r#""app": "queue", "queue": "{QUEUE}""#);
    let connect = r#""app": "connect", "to": {"is": "dialled"}"#.to_owned();
    let hunt = r#""app": "hunt", "targets": [{"is": "dialled"}]"#.to_owned();
    let voicemail = r#""app": "voicemail", "mailbox": {"is": "policy"}"#.to_owned();
    for (app, outlets, spins) in [
        (&queue, ["closed", "full", "no_agents", "failed"].as_slice(), true),
        (
            &queue,
            &["after", "overflow", "exit_key", "max_wait", "callback"],
            false,
        ),
        (&connect, &["busy", "rejected", "unreachable"], true),
        (&connect, &["after", "no_answer"], false),
        (&hunt, &["busy", "failed"], true),
        (&hunt, &["after", "no_answer"], false),
        (&voicemail, &["nothing"], true),
        (&voicemail, &["left"], false),
    ] {
        for outlet in outlets {
            let app = format!(r#"{{"id": "x", {app}, "outlets": {{"{outlet}": "a"}}}}"#);
            let told = loops(&with(&app, r#", "next": "end""#, ""));
            let wanted = format!("error loop_spins x outlets.{outlet}");
            assert_eq!(told, Vec::from_iter(spins.then_some(wanted)), "{app}");
        }
    }
}

#[test]
fn a_policy_that_invokes_its_own_destination_goes_round_like_one_that_links_to_it() {
    let desk = |containers: &str| {
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [
                {{"id": "in", "start": {{"is": "destination", "name": "desk"}}, "next": "a"}}],
                "containers": [{containers}]}}"#
        ))
    };
    let own = r#"{"id": "a", "is": "invoke", "destination": "desk"}"#;
    assert_eq!(
        loops(&desk(own)),
        [
            "error loop_spins a destination",
            "error loop_without_exit a destination"
        ]
    );
    let says = format!(
        r#"{{"id": "a", "is": "action", "apps": [{SAY}], "next": "b"}}, {{"id": "b", "is": "invoke", "destination": "desk"}}"#
    );
    assert_eq!(loops(&desk(&says)), ["error loop_without_exit b destination"]);
    assert_eq!(
        loops(&desk(
            &own.replace(r#""destination": "desk""#, r#""destination": "door""#)
        )),
        Vec::<String>::new()
    );
}

#[test]
fn a_way_of_more_steps_than_a_call_may_take_is_told_at_its_start() {
    // Entering and the finish are steps, too, and the last step of all is for the apology.
    let most = crate::call::routing::STEPS_MAX - 3;
    let line = |apps: usize| {
        let containers: Vec<String> = (0..apps.div_ceil(APPS_MAX))
            .map(|place| {
                let here = (place * APPS_MAX..apps).take(APPS_MAX);
                let here: Vec<String> = here
                    .map(|app| format!(r#"{{"id": "g{app}", "app": "gate", "milestone": "m"}}"#))
                    .collect();
                let last = (place + 1) * APPS_MAX >= apps;
                let next = if last {
                    "end".to_owned()
                } else {
                    format!("c{}", place + 1)
                };
                format!(
                    r#"{{"id": "c{place}", "is": "action", "apps": [{}], "next": "{next}"}}"#,
                    here.join(",")
                )
            })
            .collect();
        let start = IN.replace(r#""next": "a""#, r#""next": "c0""#);
        graph(&format!(
            r#"{{"format": 1, "kind": "call", "starts": [{start}], "containers": [{}, {END}]}}"#,
            containers.join(",")
        ))
    };
    assert_eq!(told(&line(most), &Known::default()), Vec::<String>::new());
    assert_eq!(
        told(&line(most + 1), &Known::default()),
        ["warning too_many_steps in next"]
    );
}

#[test]
fn a_macro_has_to_exist_and_to_be_filled_on_some_way_before() {
    let say =
        |text: &str| format!(r#"{{"id": "s", "app": "speak", "say": [{{"is": "text", "text": "{text}"}}]}}"#);
    let field = "say[0].text";
    assert_eq!(of(&say("$(CallerNumber) $(Weekday)")), Vec::<String>::new());
    assert_eq!(of(&say("$(Colour)")), [format!("error unknown_macro s {field}")]);
    assert_eq!(
        of(&say("$(MessageText)")),
        [format!("warning macro_holds_nothing s {field}")]
    );
    assert_eq!(
        of(&say("$(Custom_Colour)")),
        [format!("warning property_never_set s {field}")]
    );
    assert_eq!(
        of(&say("$(MyData.Id)")),
        [format!("error set_never_filled s {field}")]
    );
    let query = r#"{"id": "q", "app": "query", "find": {"is": "builder", "object": "Case", "fields": ["Id", "Owner.Name"]}, "outlets": {"found": "b"}}"#;
    let then = |text: &str| {
        let others = format!(
            r#", {{"id": "b", "is": "action", "apps": [{}], "next": "end"}}"#,
            say(text)
        );
        told(&with(query, r#", "next": "end""#, &others), &Known::default())
    };
    assert_eq!(then("$(MyData.Id) $(MyData.Owner.Name)"), Vec::<String>::new());
    assert_eq!(
        then("$(MyData.Subject)"),
        [format!("error no_such_field s {field}")]
    );
    let again = |text: &str| {
        let other = query
            .replace("\"q\"", "\"q2\"")
            .replace("\"Owner.Name\"", "\"Subject\"");
        let other = other.replace("\"b\"", "\"c\"");
        let others = format!(
            r#", {{"id": "b", "is": "action", "apps": [{other}], "next": "end"}}, {{"id": "c", "is": "action", "apps": [{}], "next": "end"}}"#,
            say(text)
        );
        told(&with(query, r#", "next": "end""#, &others), &Known::default())
    };
    assert_eq!(again("$(MyData.Subject)"), Vec::<String>::new());
    assert_eq!(
        again("$(MyData.Owner.Name)"),
        [format!("error no_such_field s {field}")]
    );
    let set = r#"{"id": "p", "app": "properties", "set": [{"name": "Colour", "value": "red"}]}"#;
    assert_eq!(
        of(&format!("{set}, {}", say("$(Custom_Colour)"))),
        Vec::<String>::new()
    );
    assert_eq!(of(&format!("{}, {set}", say("$(Custom_Colour)"))).len(), 1);
    let later = r#"{"id": "n", "app": "notify", "when": "at_call_end", "send": [{"is": "desk", "text": "$(Custom_Colour)"}]}"#;
    assert_eq!(of(&format!("{later}, {set}, {SAY}")), Vec::<String>::new());
}

#[test]
fn starts_that_one_call_could_begin_at_are_told() {
    let starts = |patterns: [&str; 2]| {
        let [one, two] = patterns;
        told(
            &graph(&format!(
                r#"{{"format": 1, "kind": "call", "starts": [
                    {{"id": "x", "start": {{"is": "extension", "pattern": "{one}"}}, "next": "end"}},
                    {{"id": "y", "start": {{"is": "extension", "pattern": "{two}"}}, "next": "end"}}],
                    "containers": [{END}]}}"#
            )),
            &Known::default(),
        )
    };
    assert_eq!(
        starts(["8xxx", "81xx"]),
        ["warning ambiguous_pattern y start.pattern"]
    );
    assert_eq!(starts(["8xxx", "8xxx"]), ["error start_twice y start"]);
    assert_eq!(starts(["8xxx", "9xxx"]), Vec::<String>::new());
}

const QUEUE: &str = "00000000-0000-0000-0000-000000000001";

#[test]
fn findings_are_counted_for_the_record() {
    let rule = r#"{"id": "r", "app": "rule", "when": {"is": "blocked"}}"#;
    let findings = lint(&with(rule, "", ""), &Known::default());
    let counted = count(&findings);
    assert_eq!((counted.errors, counted.warnings, counted.hints), (1, 2, 0));
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        told[0].starts_with("error in a, next: the call is cut off here"),
        "{told:?}"
    );
}

#[test]
fn each_property_of_one_of_the_largest_policies_is_followed() {
    let app = |n: usize| {
        format!(r#"{{"id":"p{n}","app":"properties","set":[{{"name":"P{n}","value":"$(Custom_P{n})"}}]}}"#)
    };
    let container = |n: usize| {
        let apps: Vec<String> = (0..APPS_MAX).map(|m| app(n * APPS_MAX + m)).collect();
        let next = if n < 95 {
            format!("c{}", n + 1)
        } else {
            "end".to_owned()
        };
        format!(
            r#"{{"id":"c{n}","is":"action","apps":[{}],"next":"{next}"}}"#,
            apps.join(",")
        )
    };
    let containers: Vec<String> = (0..96).map(container).collect();
    let start = r#"{"id":"in","start":{"is":"trunk","trunk":"t"},"next":"c0"}"#;
    let text = format!(
        r#"{{"format":1,"kind":"call","starts":[{start}],"containers":[{},{END}]}}"#,
        containers.join(",")
    );
    assert!(text.len() > DOCUMENT_BYTES_MAX * 3 / 4, "{}", text.len());
    // Each property is used before it is set, and never set before.
    let told = told(&graph(&text), &Known::default());
    let never_set = told.iter().filter(|told| told.contains("property_never_set"));
    assert_eq!(never_set.count(), 96 * APPS_MAX);
    assert_eq!(told[0], "warning too_many_steps in next");
    assert_eq!(told.len(), 96 * APPS_MAX + 1);
}
