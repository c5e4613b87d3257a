//! Simulations from the command line: one caller in a routing policy, and a whole business.

use super::*;

const POLICIES: &str = "../../domain/model/policies";
const CALENDAR: &str = "00000000-0000-0000-0000-00000000ca01";

fn example(name: &str) -> String {
    format!("{POLICIES}/examples/{name}.json")
}

/// Simulates a caller at noon, and returns what was shown.
fn shown(document: &str, options: &[&str]) -> String {
    let at = ["--at", "2026-11-22T12:00:00Z", "--caller", "+442079460123"];
    let arguments = [["policy", "simulate", document].as_slice(), &at, options].concat();
    Site::new().said("data", &arguments)
}

/// Simulates a caller, and returns each decision as its node and its branch.
fn decided(document: &str, options: &[&str]) -> Vec<String> {
    let lines = shown(document, &[options, &["--json"]].concat());
    let decisions = lines.lines().map(read).filter(|moment| !moment["node"].is_null());
    decisions
        .map(|moment| {
            let word = |name: &str| moment[name].as_str().expect("a text").to_owned();
            format!("{} {}", word("node"), word("branch"))
        })
        .collect()
}

fn refused(document: &str, options: &[&str]) -> String {
    let site = Site::new();
    let refused = site.refused(
        "data",
        &[["policy", "simulate", document].as_slice(), options].concat(),
    );
    assert!(!site.path("data").exists(), "nothing was made for it");
    refused
}

const FOUND: [&str; 4] = [
    "--keys",
    "2104",
    "--answer",
    "find-user=found:SipExtension__c=2104",
];

#[test]
fn a_simulated_caller_is_shown_as_a_table_of_all_that_happens() {
    let table = shown(
        &example("dial-extension"),
        &[FOUND.as_slice(), &["--rung", "answers"]].concat(),
    );
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("0.000 s    enters "), "{table}");
    for part in [
        "says Please dial the extension, then press hash.",
        "presses 2104",
        "decides extension digits: matched (",
        "looks up User__c where SipExtension__c",
        "rings user ",
        "decides user connect: after (",
        "ends the agent hung up",
    ] {
        let told = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            lines.iter().any(|line| told(line).contains(part)),
            "{part:?} in\n{table}"
        );
    }
}

#[test]
fn a_simulated_caller_is_shown_as_one_object_a_line_with_the_inputs_of_each_decision() {
    let lines = shown(
        &example("dial-extension"),
        &[FOUND.as_slice(), &["--json"]].concat(),
    );
    let moments: Vec<Value> = lines.lines().map(read).collect();
    let asked = moments
        .iter()
        .find(|moment| moment["node"] == "extension")
        .expect("it decided");
    assert_eq!(
        (&asked["app"], &asked["branch"]),
        (&"digits".into(), &"matched".into())
    );
    assert!(asked["reason"].is_string() && asked["inputs"].is_array());
    let wanted = [
        "extension matched",
        "find-user found",
        "user no_answer",
        "no-user next",
        "hang-up finished",
    ];
    assert_eq!(decided(&example("dial-extension"), &FOUND), wanted);
    let last = moments.last().expect("something happened");
    assert_eq!(
        (&last["what"], &last["text"]),
        (&"ends".into(), &"the policy came to its end".into())
    );
}

#[test]
fn calls_to_extensions_can_be_simulated() {
    let away = ["--answer", "find=found:Divert_Number__c=+442079460999"];
    let wanted = ["find found", "tell next", "other no_answer", "box left"];
    for by in [
        ["--extension", "2104"].as_slice(),
        &["--called", "+442079460001"],
        &[],
    ] {
        assert_eq!(
            decided(&example("out-of-office"), &[away.as_slice(), by].concat()),
            wanted[..4],
            "{by:?}"
        );
        let own = decided(&example("out-of-office"), &[by, &["--rung", "busy"]].concat());
        assert_eq!(own, ["find not_found", "own busy", "box left"], "{by:?}");
    }
    let dials = [
        "--extension",
        "8123",
        "--answer",
        "ask=found:number=+442079460999",
    ];
    let dialled = decided(
        &example("speed-dial"),
        &[dials.as_slice(), &["--rung", "rejects"]].concat(),
    );
    assert_eq!(
        dialled,
        ["ask found", "connect rejected", "sorry next", "hang-up finished"]
    );
    let direct = format!("{POLICIES}/system/direct-calls.json");
    let rung = decided(&direct, &["--extension", "2104", "--rung", "unreachable"]);
    assert_eq!(rung[..2], ["blocked not_matched", "connect unreachable"]);
}

#[test]
fn a_policy_that_another_hands_over_to_can_be_simulated() {
    let queue = example("language-queue");
    for (options, wanted) in [
        (["--entry"].as_slice(), "is-french not_matched"),
        (&["--entry", "--carry", "Lang=fr"], "is-french matched"),
        (&[], "is-french not_matched"),
    ] {
        let told = decided(&queue, options);
        assert_eq!(told[..2], ["hand-over handed_over", wanted], "{options:?}");
    }
    for (end, branch) in [
        ("exit-key", "exit_key"),
        ("exit_key", "exit_key"),
        ("max_wait", "max_wait"),
        ("max-wait", "max_wait"),
        ("failed", "failed"),
        ("closed", "closed"),
    ] {
        let told = decided(&queue, &["--queue", end]);
        assert!(told.contains(&format!("queue {branch}")), "{told:?}");
    }
    let refused = refused(&queue, &["--entry", "vip"]);
    assert!(
        refused.contains("--entry: the document has no start vip"),
        "{refused}"
    );
}

#[test]
fn calendars_are_as_one_says_and_open_otherwise() {
    let on_call = example("on-call");
    for (state, wanted) in [
        ("open", ["holiday not_matched", "closed not_matched"].as_slice()),
        ("closed", &["holiday not_matched", "closed matched"]),
        ("special_day", &["holiday not_matched", "closed not_matched"]),
        ("special-day", &["holiday not_matched", "closed not_matched"]),
        ("holiday", &["holiday matched", "greeting next"]),
    ] {
        let told = decided(&on_call, &["--calendar", &format!("{CALENDAR}={state}")]);
        assert_eq!(told[..2], *wanted, "{state}");
    }
    assert_eq!(decided(&on_call, &[])[1], "closed not_matched");
    for (answer, branch) in [
        ("too-late", "too_late"),
        ("too_late", "too_late"),
        ("not-found", "not_found"),
        ("not_found", "not_found"),
    ] {
        let (closed, answer) = (format!("{CALENDAR}=closed"), format!("ask-rota={answer}"));
        let late = ["--calendar", &closed, "--answer", &answer];
        assert_eq!(decided(&on_call, &late)[2], format!("ask-rota {branch}"));
    }
}

#[test]
fn a_calendar_with_opening_hours_lets_the_time_of_the_call_decide() {
    let site = Site::new();
    let hours = |name: &str, until: &str| {
        let path = site.path(name);
        let hours = format!(
            r#"{{"name": "Office", "zone": "Europe/Paris",
                "week": [{{"day": "sunday", "from": "09:00", "until": "{until}"}}],
                "days": [{{"date": "2026-12-25", "name": "Christmas", "open": []}}]}}"#
        );
        std::fs::write(&path, hours).expect("a file can be written");
        format!("{CALENDAR}={}", text(&path))
    };
    let until_two = hours("hours.json", "14:00");
    let at = |at: &str| {
        let shown = site.said(
            "data",
            &[
                "policy",
                "simulate",
                &example("on-call"),
                "--at",
                at,
                "--calendar",
                &until_two,
                "--json",
            ],
        );
        let branch = shown
            .lines()
            .map(read)
            .find(|moment| !moment["branch"].is_null() && moment["node"] != "holiday");
        branch.map(|moment| moment["branch"].as_str().map(str::to_owned))
    };
    let closed = |matched: &str| Some(Some(matched.to_owned()));
    assert_eq!(
        at("2026-11-22T12:59:59Z"),
        closed("not_matched"),
        "a second to two in Paris"
    );
    assert_eq!(at("2026-11-22T13:00:00Z"), closed("matched"));
    assert_eq!(
        at("2026-12-25T12:00:00Z"),
        closed("next"),
        "the holiday's greeting"
    );
    let empty = refused(
        &example("on-call"),
        &["--calendar", &hours("empty.json", "09:00")],
    );
    assert!(
        empty.contains("--calendar: ") && empty.contains("empty.json: week[0].until: the span is empty"),
        "{empty}"
    );
    let missing = refused(
        &example("on-call"),
        &["--calendar", &format!("{CALENDAR}=nowhere.json")],
    );
    assert!(missing.contains("--calendar: nowhere.json: "), "{missing}");
}

#[test]
fn what_could_not_be_published_is_not_simulated() {
    let site = Site::new();
    let document = r#"{"format": 1, "kind": "call",
        "starts": [{"id": "in", "start": {"is": "trunk", "trunk": "pbx"}, "next": "a"}],
        "containers": [{"id": "a", "is": "action", "apps": [{"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hello"}]}]}]}"#;
    let file = site.path("cut-off.json");
    std::fs::write(&file, document).expect("a file can be written");
    for arguments in [
        ["policy", "simulate"].as_slice(),
        &["sim", "--hours", "1", "--policy"],
    ] {
        let output = site.run("data", &[arguments, &[text(&file)]].concat());
        let (told, failed) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert_eq!((output.status.code(), &*told), (Some(1), ""));
        assert!(
            failed.starts_with("error  a  next  the call is cut off here"),
            "{failed}"
        );
        assert!(
            failed.contains("cut-off.json has 1 error,") && failed.contains("ledgerline policy lint"),
            "{failed}"
        );
    }
    let data = ["sim", "--policy", &example("everything-data")];
    let refused = site.refused("data", &data);
    assert!(
        refused.contains("everything-data.json is a data analytics policy"),
        "{refused}"
    );
}

#[test]
fn a_file_may_have_any_name() {
    let site = Site::new();
    let text_of_example = std::fs::read_to_string(example("dial-extension")).expect("an example");
    for name in [
        format!("{}.json", "ü".repeat(123)),
        " .json".to_owned(),
        "...".to_owned(),
    ] {
        let file = site.path(&name);
        std::fs::write(&file, &text_of_example).expect("a file can be written");
        assert_eq!(
            decided(text(&file), &FOUND),
            decided(&example("dial-extension"), &FOUND),
            "{name}"
        );
    }
}

#[test]
fn whoever_the_document_names_is_there_and_a_trunk_says_what_was_dialled() {
    let document = r#"{"format": 1, "kind": "call",
        "starts": [{"id": "in", "start": {"is": "trunk", "trunk": "pbx"}, "next": "a"}],
        "containers": [{"id": "a", "is": "action", "next": "end", "apps": [
            {"id": "ours", "app": "rule", "when": {"is": "number", "number": "called", "test": {"is": "prefix", "prefix": "+44"}}, "outlets": {"matched": "ring"}}]},
            {"id": "ring", "is": "action", "next": "end", "apps": [
            {"id": "user", "app": "connect", "to": {"is": "user", "user": "00000000-0000-0000-0000-000000000031"}},
            {"id": "group", "app": "connect", "to": {"is": "group", "group": "00000000-0000-0000-0000-000000000032"}}]},
            {"id": "end", "is": "finish"}]}"#;
    let site = Site::new();
    let file = site.path("trunk.json");
    std::fs::write(&file, document).expect("a file can be written");
    let called = decided(
        text(&file),
        &["--called", "+442079460000", "--rung", "busy,busy,nothing"],
    );
    assert_eq!(
        called,
        ["ours matched", "user busy", "group no_answer", "end finished"]
    );
    assert_eq!(
        decided(text(&file), &["--called", "+12025550100"])[0],
        "ours not_matched"
    );
    assert_eq!(decided(text(&file), &[])[0], "ours not_matched");
}

#[test]
fn a_wrong_option_is_refused_with_its_name() {
    let (dial, on_call) = (example("dial-extension"), example("on-call"));
    for (document, options, named) in [
        (&dial, ["--rung", "sleeps"], "--rung"),
        (&dial, ["--queue", "burns"], "--queue"),
        (&dial, ["--caller", "nobody"], "--caller"),
        (&dial, ["--called", "12"], "--called"),
        (&dial, ["--extension", "reception"], "--extension"),
        (&dial, ["--at", "noon"], "--at"),
        (&dial, ["--zone", "Mars/Olympus"], "--zone"),
        (&dial, ["--answer", "find-user"], "--answer"),
        (&dial, ["--answer", "find-user=maybe"], "--answer"),
        (
            &dial,
            ["--answer", "nowhere=error"],
            "--answer: the document has no node nowhere",
        ),
        (
            &dial,
            ["--answer", "extension=error"],
            "--answer: extension asks nothing; these do: find-user",
        ),
        (&dial, ["--carry", "Lang=fr"], "--carry: nothing is handed over"),
        (&dial, ["--keys", "abc"], "--keys"),
        (
            &dial,
            ["--entry", "vip"],
            "--entry: the document has no start vip",
        ),
        (&on_call, ["--calendar", "today=open"], "--calendar"),
        (
            &on_call,
            ["--calendar", "00000000-0000-0000-0000-00000000ca01=ajar"],
            "--calendar",
        ),
        (
            &on_call,
            ["--calendar", "00000000-0000-0000-0000-00000000ca02=open"],
            "--calendar: the document asks no calendar",
        ),
    ] {
        let refused = refused(document, &options);
        assert!(refused.contains(named), "{options:?}: {refused}");
    }
    let calendar = format!("{CALENDAR}=open");
    for (document, option, value) in [
        (&dial, "--answer", "find-user=error"),
        (&on_call, "--calendar", calendar.as_str()),
    ] {
        let twice = refused(document, &[option, value, option, value]);
        assert!(
            twice.contains(&format!("{option}: ")) && twice.contains(" is given twice"),
            "{twice}"
        );
    }
    let refused = refused(&example("speed-dial"), &[]);
    assert!(refused.contains("give --called or --extension"), "{refused}");
}

#[test]
fn what_follows_a_call_is_simulated_with_a_call_before_it() {
    let table = shown(&example("everything-data"), &[]);
    assert!(
        table.contains("$(Payload_Event.cause.is) = policy_ended, $(EndCause) = policy_ended"),
        "{table}"
    );
    assert!(
        table.lines().next().is_some_and(|first| first.contains("enters")),
        "{table}"
    );
    let site = Site::new();
    let text = std::fs::read_to_string(example("everything-data")).expect("an example");
    let other = site.path("other.json");
    std::fs::write(&other, text.replace("CallEnded", "CallMerged")).expect("a file");
    let refused = refused(&other.to_string_lossy(), &[]);
    assert!(
        refused.contains("nothing in the simulated call is a CallMerged"),
        "{refused}"
    );
}

#[test]
fn a_number_that_the_document_does_not_begin_with_is_told() {
    let refused = refused(&example("dial-extension"), &["--called", "+442079460999"]);
    assert!(refused.contains("begins with this call"), "{refused}");
}

#[test]
fn a_document_for_messages_is_not_simulated_as_a_call() {
    let refused = refused(&example("everything-digital"), &[]);
    assert!(
        refused.contains("everything-digital.json is for messages"),
        "{refused}"
    );
}

#[test]
fn an_hour_of_business_is_simulated_and_the_same_seed_gives_the_same() {
    let site = Site::new();
    let plain = site.said("data", &["sim", "--seed", "7", "--hours", "1"]);
    assert!(
        plain.contains("seed 7: 1 hour in ") && plain.ends_with("every rule held\n"),
        "{plain}"
    );
    let json = || {
        read(
            site.said("data", &["sim", "--seed", "7", "--hours", "1", "--json"])
                .trim(),
        )
    };
    let first = json();
    assert_eq!((&first["seed"], &first["hours"]), (&7.into(), &1.into()));
    assert!(first["report"].is_object());
    assert_eq!(json(), first);
    assert!(!site.path("data").exists(), "nothing was made for it");
}

#[test]
fn wild_plans_are_played_one_for_each_seed() {
    let none = Site::new().refused("data", &["sim", "--wild", "0"]);
    assert!(none.contains("--wild"), "{none}");
    let site = Site::new();
    let plain = site.said("data", &["sim", "--wild", "20"]);
    assert!(plain.starts_with("20 plans from seed 1 on, "), "{plain}");
    let told = read(site.said("data", &["sim", "--wild", "20", "--json"]).trim());
    assert_eq!((&told["seed"], &told["plans"]), (&1.into(), &20.into()));
    let events = told["events"].as_u64().expect("a number");
    assert!(
        events > 20 && plain.contains(&format!(" {events} events in ")),
        "{plain}"
    );
    let last = u64::MAX.to_string();
    let plain = site.said("data", &["sim", "--seed", &last, "--wild", "1"]);
    assert!(
        plain.starts_with(&format!("1 plan from seed {last} on, ")),
        "{plain}"
    );
    let beyond = site.refused("data", &["sim", "--seed", &last, "--wild", "2"]);
    assert!(beyond.contains("--wild: there are not 2 seeds from"), "{beyond}");
    for (arguments, named) in [
        (["--hours", "0"], "--hours"),
        (["--seed", "many"], "--seed"),
        (["--wild", "few"], "--wild"),
    ] {
        let refused = site.refused("data", &[["sim"].as_slice(), &arguments].concat());
        assert!(refused.contains(named), "{refused}");
    }
}
