//! Every outlet of every app, and the branches of those that have none: what leads there, and that it is nowhere left out.

use std::collections::BTreeSet;

use super::house::*;
use super::*;
use crate::Millis;
use crate::call::reasons::Exit;
use crate::queue::ExitKey;
use crate::routing_policy::graph::apps::Does;
use crate::routing_policy::graph::shape::{Members, Named};
use crate::routing_policy::graph::words::Unlinked;

/// A scenario: an app, what to do, and the branch that it comes to.
pub(super) struct Case {
    app: String,
    setup: fn(&mut Script),
    branch: &'static str,
}

fn case(app: impl Into<String>, branch: &'static str, setup: fn(&mut Script)) -> Case {
    Case {
        app: app.into(),
        setup,
        branch,
    }
}

fn nothing(_: &mut Script) {}

fn rule(when: &str) -> String {
    format!(r#""app": "rule", "when": {when}"#)
}

fn found(script: &mut Script) {
    let fields = vec![
        ("Id".to_owned(), "003A".to_owned()),
        ("Tier".to_owned(), "gold".to_owned()),
    ];
    script.other_answers.says = Says::Found(fields);
}

fn error(script: &mut Script) {
    script.other_answers.says = Says::Error(crate::testing::sample::text("REQUEST_LIMIT_EXCEEDED"));
}

fn late(script: &mut Script) {
    script.other_answers.after = Millis::from_secs(60);
    found(script);
}

fn keys(script: &mut Script, keys: &[&str]) {
    script.keys = keys.iter().map(|keys| (*keys).to_owned()).collect();
}

fn leaves(script: &mut Script, exit: Exit) {
    let after = Millis::from_secs(90);
    script.waits = vec![Waits::Leaves { after, exit }];
}

fn rung(script: &mut Script, rung: Rung) {
    script.rung = vec![rung];
}

fn answers() -> Rung {
    Rung::Answers {
        after: Millis::from_secs(4),
        keys: String::new(),
        talk: Millis::from_secs(30),
    }
}

fn lookups() -> Vec<Case> {
    let query = r#""app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Contact WHERE Phone = $(CallerNumber)"}"#;
    let http = r#""app": "http", "url": "https://example.com/?n=$(CallerNumber)""#;
    let mut cases = Vec::new();
    for app in [query, http] {
        cases.push(case(app, "found", found));
        cases.push(case(app, "not_found", nothing));
        cases.push(case(app, "error", error));
        cases.push(case(app, "too_late", late));
    }
    let create =
        r#""app": "create", "object": "Case", "values": [{"field": "Subject", "value": "$(CallerNumber)"}]"#;
    let update = r#""app": "update", "object": "Case", "record": "500A", "values": [{"field": "Status"}]"#;
    for app in [create, update] {
        cases.push(case(app, "done", found));
        cases.push(case(app, "error", error));
        cases.push(case(app, "too_late", late));
    }
    cases
}

fn speech() -> Vec<Case> {
    let digits = format!(
        r#""app": "digits", "prompt": {}, "into": "Pin", "min": 4, "max": 4, "pattern": "[1-3]xxx", "tries": 2"#,
        says("Your number?")
    );
    let survey = format!(
        r#""app": "survey", "name": "after", "questions": [{{"name": "Help", "ask": {}}}, {{"name": "Again", "ask": {}}}]"#,
        says("Did we help?"),
        says("Again?")
    );
    vec![
        case(
            r#""app": "speak", "say": [{"is": "text", "text": "Hello"}]"#,
            "next",
            nothing,
        ),
        case(digits.as_str(), "matched", |s| keys(s, &["9", "1234"])),
        case(digits.as_str(), "no_match", |s| keys(s, &["9", "9123"])),
        case(digits.as_str(), "no_input", nothing),
        case(survey.as_str(), "done", |s| keys(s, &["5", "", "1"])),
        case(survey.as_str(), "abandoned", |s| keys(s, &["5", "9"])),
    ]
}

fn queues() -> Vec<Case> {
    let app = format!(r#""app": "queue", "queue": "{SALES}""#);
    let app = app.as_str();
    vec![
        case(app, "after", |s| {
            s.waits = vec![Waits::Answered {
                after: Millis::from_secs(5),
                agent: ANN.into(),
                talk: Millis::from_secs(60),
            }];
        }),
        case(app, "overflow", |s| leaves(s, Exit::Overflow { to: None })),
        case(app, "exit_key", |s| {
            let key = ExitKey::new('1').unwrap();
            leaves(s, Exit::ExitKey { key });
        }),
        case(app, "max_wait", |s| leaves(s, Exit::MaxWait)),
        case(app, "no_agents", |s| leaves(s, Exit::NoAgents)),
        case(app, "full", |s| leaves(s, Exit::Full)),
        case(app, "closed", |s| leaves(s, Exit::Closed)),
        case(app, "failed", |s| leaves(s, Exit::Refused)),
        case(app, "callback", |s| {
            let after = Millis::from_secs(70);
            s.waits = vec![Waits::Callback { after }];
        }),
        case(
            r#""app": "queue", "queue": "No such queue $(CallId)""#,
            "failed",
            nothing,
        ),
    ]
}

fn rings() -> Vec<Case> {
    let connect = r#""app": "connect", "to": {"is": "extension", "extension": "2104"}"#;
    let hunt = format!(
        r#""app": "hunt", "targets": [{{"is": "user", "user": "{ANN}"}}, {{"is": "group", "group": "{TEAM}"}}]"#
    );
    let hunt = hunt.as_str();
    vec![
        case(connect, "after", |s| rung(s, answers())),
        case(connect, "no_answer", nothing),
        case(connect, "busy", |s| rung(s, Rung::Busy)),
        case(connect, "rejected", |s| rung(s, Rung::Rejects)),
        case(connect, "unreachable", |s| rung(s, Rung::Unreachable)),
        case(hunt, "after", |s| rung(s, answers())),
        case(hunt, "no_answer", nothing),
        case(hunt, "busy", |s| rung(s, Rung::Busy)),
        case(hunt, "failed", |s| rung(s, Rung::Unreachable)),
        case(
            r#""app": "voicemail", "mailbox": {"is": "policy"}"#,
            "left",
            nothing,
        ),
        case(
            r#""app": "voicemail", "mailbox": {"is": "policy"}"#,
            "nothing",
            |s| {
                s.leaves_message = false;
            },
        ),
    ]
}

fn others() -> Vec<Case> {
    let skills =
        r#""app": "skills", "need": [{"skill": "0198c0de-0000-7000-8000-000000000060", "at_least": 55}]"#;
    let task = format!(
        r#""app": "callback_task", "to": {{"is": "user", "user": "{ANN}"}}, "subject": "Ring $(CallerNumber)""#
    );
    vec![
        case(rule(r#"{"is": "blocked"}"#), "not_matched", nothing),
        case(
            rule(r#"{"is": "not", "of": {"is": "blocked"}}"#),
            "matched",
            nothing,
        ),
        case(r#""app": "record""#, "next", nothing),
        case(
            r#""app": "notify", "send": [{"is": "sms", "to": "$(CallerNumber)", "text": "Thanks"}]"#,
            "next",
            nothing,
        ),
        case(
            r#""app": "properties", "whisper": "From $(CallerNumber)""#,
            "next",
            nothing,
        ),
        case(skills, "next", nothing),
        case(
            r#""app": "gate", "milestone": "seen", "value": "$(CallerNumber)""#,
            "next",
            nothing,
        ),
        case(task, "next", nothing),
        case(
            r#""app": "debug", "to": ["a@example.com"], "show": ["$(CallId)"]"#,
            "next",
            nothing,
        ),
        case(
            r#""app": "digital_connect", "to": {"is": "user", "user": "0198c0de-0000-7000-8000-00000000001e"}"#,
            "next",
            nothing,
        ),
        case(
            r#""app": "assign_records", "records": [{"object": "Contact", "record": "003A"}]"#,
            "next",
            nothing,
        ),
        case(r#""app": "block_message", "reason": "spam""#, "next", nothing),
        case(r#""app": "update_message", "text": "Hi""#, "next", nothing),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    let all = [lookups(), speech(), queues(), rings(), others()];
    all.into_iter().flatten().collect()
}

fn linked(case: &Case, outlets: &str) -> Library {
    one_app(&format!(r#"{{"id": "app", {}{outlets}}}"#, case.app))
}

// The outlets that an app says it has, read from its own description.
fn outlets_of(library: &Library) -> (&'static str, Vec<(&'static str, Unlinked)>) {
    let graph = &library.newest(MAIN).unwrap().graph;
    let app = &graph.containers[0].is.apps()[0];
    let outlets = app.does.outlets().into_iter();
    (
        app.does.word(),
        outlets.map(|outlet| (outlet.name, outlet.unlinked)).collect(),
    )
}

#[test]
fn every_outlet_leads_where_it_is_linked_and_as_it_says_where_it_is_not() {
    for case in cases() {
        let mut script = script();
        (case.setup)(&mut script);
        let plain = linked(&case, "");
        let (app, outlets) = outlets_of(&plain);
        let what = format!("{app} {}", case.branch);
        let shown = play(plain, &script);
        let decided = format!("app {}", case.branch);
        assert_eq!(told(&shown).first(), Some(&decided), "{what}");
        let outlet = outlets.iter().find(|(name, _)| *name == case.branch);
        let ends = outlet.is_some_and(|(_, unlinked)| *unlinked == Unlinked::Ends);
        let then = if ends {
            vec![decided.clone()]
        } else {
            vec![decided.clone(), "then finished".to_owned()]
        };
        assert_eq!(told(&shown), then, "{what} unconnected");
        if outlet.is_some() {
            let library = linked(&case, &format!(r#", "outlets": {{"{}": "x"}}"#, case.branch));
            let shown = play(library, &script);
            assert_eq!(
                told(&shown),
                [decided, "x finished".to_owned()],
                "{what} connected"
            );
            assert!(ended_by_policy(&shown), "{what}");
        }
    }
}

#[test]
fn no_app_and_no_outlet_is_without_a_scenario() {
    let mut seen = BTreeSet::new();
    let mut wanted = BTreeSet::new();
    for case in cases() {
        let (app, outlets) = outlets_of(&linked(&case, ""));
        seen.insert((app, case.branch));
        wanted.extend(outlets.into_iter().map(|(name, _)| (app, name)));
        wanted.insert((app, case.branch));
    }
    // What belongs to messages has an outlet that calls pass by.
    wanted.retain(|(app, _)| *app != "digital_connect");
    seen.retain(|(app, _)| *app != "digital_connect");
    assert_eq!(
        wanted.difference(&seen).collect::<Vec<_>>(),
        Vec::<&(&str, &str)>::new()
    );
    let forms = <Does as Members>::forms(&mut Named::default());
    let words: BTreeSet<String> = forms
        .iter()
        .map(|form| form.members["app"]["const"].as_str().unwrap().to_owned())
        .collect();
    let tried: BTreeSet<String> = cases()
        .iter()
        .map(|case| outlets_of(&linked(case, "")).0.to_owned())
        .collect();
    assert_eq!(tried, words);
}

impl Case {
    /// Returns the app as JSON, without its id and outlets.
    pub(super) fn app(&self) -> &str {
        &self.app
    }

    /// Returns the names of the app's outlets.
    pub(super) fn outlets(&self) -> Vec<&'static str> {
        let (_, outlets) = outlets_of(&linked(self, ""));
        outlets.into_iter().map(|(name, _)| name).collect()
    }
}
