//! The binary as an operator meets it: started, looked at, backed up, killed, restored, and asked to erase somebody.

#[path = "cli/simulations.rs"]
mod simulations;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A data folder that the binary works on.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, data: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ledgerline"));
        command
            .env_remove("LEDGERLINE_LOG")
            .env("LEDGERLINE_DATA", self.path(data))
            .env("LEDGERLINE_TRACE", "warn");
        command
    }

    /// Runs a command to its end on the data folder `data`.
    fn run(&self, data: &str, arguments: &[&str]) -> Output {
        self.command(data)
            .args(arguments)
            .output()
            .expect("the binary runs")
    }

    /// Runs a command that must work, and returns what it said.
    fn said(&self, data: &str, arguments: &[&str]) -> String {
        let output = self.run(data, arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8(output.stdout).expect("it speaks UTF-8")
    }

    /// Runs a command that must fail, and returns why.
    fn refused(&self, data: &str, arguments: &[&str]) -> String {
        let output = self.run(data, arguments);
        assert!(!output.status.success(), "{arguments:?} must fail");
        String::from_utf8(output.stderr).expect("it speaks UTF-8")
    }

    fn events(&self, data: &str) -> Vec<Value> {
        self.said(data, &["events", "--json"]).lines().map(read).collect()
    }

    /// Starts the platform with its demo, and returns once `count` events have been seen live.
    fn serve(&self, data: &str, count: usize) -> Running {
        let platform = self
            .command(data)
            .args(["serve", "--demo"])
            .spawn()
            .expect("the binary runs");
        let platform = Running(platform);
        // It takes a moment until there is a log to look at.
        let mut follower = loop {
            let mut follower = self
                .command(data)
                .args(["events", "--follow", "--json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary runs");
            let mut first = String::new();
            let mut lines = BufReader::new(follower.stdout.take().expect("it was asked for"));
            if lines.read_line(&mut first).expect("a pipe can be read") > 0 {
                break (Running(follower), lines);
            }
            follower.wait().expect("it was started");
        };
        let mut line = String::new();
        for _ in 1..count {
            line.clear();
            assert_ne!(
                follower.1.read_line(&mut line).expect("a pipe can be read"),
                0,
                "it goes on"
            );
        }
        platform
    }
}

/// So many events, and the demo has founded its business and taken its first calls.
const WITH_CALLS: usize = 1_500;

/// A process that is killed with this value.
struct Running(Child);

impl Running {
    fn stop(mut self) {
        let asked = Command::new("kill")
            .arg(self.0.id().to_string())
            .status()
            .expect("kill is there");
        assert!(asked.success());
        assert!(
            self.0.wait().expect("it was started").success(),
            "it stops in order"
        );
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn read(line: &str) -> Value {
    serde_json::from_str(line).expect("one JSON object a line")
}

/// Finds a person in an event, and returns them with their tenant.
fn somebody(events: &[Value]) -> (String, String) {
    fn person(value: &Value) -> Option<&str> {
        match value {
            Value::Object(fields) => match fields.get("$person") {
                Some(person) => person.as_str(),
                None => fields.values().find_map(person),
            },
            Value::Array(items) => items.iter().find_map(person),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }
    let found = events
        .iter()
        .find_map(|event| Some((event["tenant"].as_str()?, person(&event["data"])?)));
    let (tenant, person) = found.expect("the demo's callers are people");
    (tenant.to_owned(), person.to_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

#[test]
fn a_site_is_started_killed_backed_up_and_restored() {
    let site = Site::new();
    drop(site.serve("data", 20));
    let before = site.events("data");
    assert!(before.len() >= 20, "killed, and all is there");
    assert_eq!(before[0]["kind"], "TenantCreated");

    let platform = site.serve("data", before.len() + 5);
    assert!(
        site.refused("data", &["serve"])
            .contains("open for writing in another process")
    );
    assert!(
        site.said("data", &["verify"])
            .starts_with("every event is as it was recorded")
    );
    let backup = site.path("backup");
    assert!(
        site.said("data", &["backup", text(&backup)])
            .contains("backed up and proved")
    );
    platform.stop();
    let original = site.events("data");
    assert_eq!(original[..before.len()], before);

    let restored = site.said("restored", &["restore", text(&backup)]);
    assert!(
        restored.contains("put the root key that belongs to it"),
        "{restored}"
    );
    std::fs::copy(
        site.path("data").join("root.key"),
        site.path("restored").join("root.key"),
    )
    .expect("a copy");
    let copies = site.events("restored");
    assert_eq!(copies, original[..copies.len()]);
    assert!(copies.len() >= before.len());
    site.serve("restored", copies.len() + 5).stop();
    assert!(
        site.refused("restored", &["restore", text(&backup)])
            .contains("into an empty folder")
    );
}

#[test]
fn a_person_is_erased_while_the_platform_runs() {
    let site = Site::new();
    let platform = site.serve("data", WITH_CALLS);
    let (tenant, person) = somebody(&site.events("data"));
    let proof = site.path("proof.json");
    let erase = [
        "erase",
        "--tenant",
        &tenant,
        "--person",
        &person,
        "--reason",
        "ticket 7",
        "--proof",
        text(&proof),
    ];
    site.said("data", &erase);
    assert!(
        site.said("data", &["erase", "--verify", text(&proof)])
            .contains("the proof holds")
    );
    platform.stop();
    let kinds: Vec<_> = site
        .events("data")
        .iter()
        .map(|event| event["kind"].clone())
        .collect();
    for kind in [
        "RetentionErasureRequested",
        "RetentionErasurePerformed",
        "RetentionErasureVerified",
    ] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
    }
    assert!(
        site.said("data", &["erase", "--verify", text(&proof)])
            .contains("the proof holds")
    );
    assert!(
        site.said("data", &["verify"])
            .starts_with("every event is as it was recorded")
    );
    let changed = std::fs::read_to_string(&proof)
        .expect("it was written")
        .replace("\"events\": ", "\"events\": 1");
    std::fs::write(&proof, changed).expect("it can be written");
    site.refused("data", &["erase", "--verify", text(&proof)]);
}

#[test]
fn a_log_moves_through_a_file_and_into_another_log() {
    let site = Site::new();
    site.serve("data", 30).stop();
    let original = site.events("data");
    let file = site.path("export.jsonl");
    assert!(
        site.said("data", &["export", text(&file)])
            .contains("events exported")
    );
    assert!(
        site.refused("data", &["export", text(&file)])
            .contains("export.jsonl"),
        "it is there already"
    );
    site.said("imported", &["import", text(&file)]);
    assert_eq!(site.events("imported"), original);
    site.said("data", &["copy", "--to", text(&site.path("copied"))]);
    let again = site.said("data", &["copy", "--to", text(&site.path("copied"))]);
    assert!(again.contains("0 of them new"), "{again}");
    assert_eq!(site.events("copied"), original);
    site.said("data", &["rotate-keys", "--tenant", "demo"]);
    site.said("data", &["rotate-keys"]);
    site.serve("data", original.len() + 3).stop();
}

#[test]
fn events_are_chosen_by_kind_category_and_place() {
    let site = Site::new();
    site.serve("data", WITH_CALLS).stop();
    let all = site.events("data");
    let offered = site.said("data", &["events", "--json", "--kind", "CallOffered"]);
    let wanted = all.iter().filter(|event| event["kind"] == "CallOffered").count();
    assert_eq!(offered.lines().count(), wanted);
    let last: Vec<_> = site
        .said("data", &["events", "--json", "--last", "3"])
        .lines()
        .map(read)
        .collect();
    assert_eq!(last, all[all.len() - 3..]);
    let from = site.said("data", &["events", "--json", "--from", "9"]);
    assert_eq!(from.lines().map(read).collect::<Vec<_>>(), all[10..]);
    assert_eq!(
        site.said("data", &["events", "--category", "queue", "--tenant", "nobody"]),
        ""
    );
    let plain = site.said("data", &["events", "--last", "500"]);
    assert!(
        plain.contains("‹private›") && !plain.contains("+447700900"),
        "numbers of customers are not shown"
    );
    assert!(
        site.refused("data", &["events", "--from", "x"])
            .contains("--from")
    );
    assert!(
        site.refused("nowhere", &["events"])
            .contains("there is no log in this folder")
    );
}

#[test]
fn routing_policies_are_checked_compared_and_described_without_a_platform() {
    let site = Site::new();
    let document = |next: &str, text: &str| {
        format!(
            r#"{{"format": 1, "kind": "call",
            "starts": [{{"id": "in", "start": {{"is": "number", "number": "+442079460000"}}, "next": "hello"}}],
            "containers": [{{"id": "hello", "is": "action"{next},
                "apps": [{{"id": "say", "app": "speak", "say": [{{"is": "text", "text": "{text}"}}]}}]}},
                {{"id": "end", "is": "finish"}}]}}"#
        )
    };
    let file = |name: &str, text: String| {
        let path = site.path(name);
        std::fs::write(&path, text).expect("a file can be written");
        text_of(path)
    };
    let right = file("right.json", document(r#", "next": "end""#, "Hello"));
    let wrong = file("wrong.json", document("", "Hello $(Nobody)"));
    let broken = file("broken.json", document(r#", "nxet": "end""#, "Hello"));

    assert_eq!(site.said("data", &["policy", "lint", &right]), "no findings\n");
    assert_eq!(site.said("data", &["policy", "lint", "--json", &right]), "");
    let output = site.run("data", &["policy", "lint", &wrong]);
    let (told, failed) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        told.contains("error    hello  next         the call is cut off here"),
        "{told}"
    );
    assert!(
        told.contains("error    say    say[0].text  there is no macro $(Nobody)"),
        "{told}"
    );
    assert!(failed.contains("wrong.json has 2 errors"), "{failed}");
    let output = site.run("data", &["policy", "lint", "--json", &broken]);
    let told = read(String::from_utf8_lossy(&output.stdout).trim());
    assert_eq!((&told["node"], &told["field"]), (&"hello".into(), &"nxet".into()));

    let told = site.said("data", &["policy", "diff", &right, &wrong]);
    assert!(
        told.contains("hello  next leads to nowhere instead of end"),
        "{told}"
    );
    let told = site.said("data", &["policy", "diff", "--json", &right, &wrong]);
    let changes: Vec<Value> = told.lines().map(read).collect();
    assert_eq!(changes[1]["field"], "say[0].text");
    let refused = site.refused("data", &["policy", "diff", &right, &broken]);
    assert!(
        refused.contains("hello, nxet: there is no such field here"),
        "{refused}"
    );

    assert_eq!(
        site.said("data", &["policy", "diff", &right, &right]),
        "no difference\n"
    );
    assert_eq!(
        site.said("data", &["policy", "diff", "--json", &right, &right]),
        ""
    );
    let torn = file("torn.json", "{\n  \"format\": 1 \"kind\": 2}".to_owned());
    let refused = site.refused("data", &["policy", "lint", &torn]);
    assert!(
        refused.contains(
            "torn.json: the document is no JSON that can be read: line 2, column 15: expected `,` or `}`"
        ),
        "{refused}"
    );

    let schema = read(&site.said("data", &["policy", "schema"]));
    let published =
        std::fs::read_to_string("../../docs/routing-policy.schema.json").expect("it is published");
    assert_eq!(schema, read(&published));
    assert!(!site.path("data").exists(), "nothing was made for it");
}

#[test]
fn documents_can_come_from_standard_input() {
    let site = Site::new();
    let example = "../../domain/model/policies/examples/dial-extension.json";
    let run = |arguments: &[&str]| {
        let file = std::fs::File::open(example).expect("an example");
        let output = site.command("data").args(arguments).stdin(file).output();
        let output = output.expect("the binary runs");
        let [told, failed] =
            [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
        (told, failed)
    };
    assert_eq!(run(&["policy", "lint", "-"]), run(&["policy", "lint", example]));
    for both in [["-", example], [example, "-"]] {
        let (told, failed) = run(&[["policy", "diff"].as_slice(), &both].concat());
        assert_eq!((told.as_str(), failed.as_str()), ("no difference\n", ""));
    }
    let simulate = |file| ["policy", "simulate", file, "--at", "2026-11-22T12:00:00Z"];
    let (told, failed) = run(&simulate("-"));
    assert_eq!((told, failed.as_str()), (run(&simulate(example)).0, ""));
    let (_, failed) = run(&["policy", "diff", "-", "-"]);
    assert!(failed.contains("only one of two documents"), "{failed}");
    let (_, failed) = run(&["policy", "simulate", "-", "--entry", "vip"]);
    assert!(failed.contains("--entry"), "{failed}");
}

fn text_of(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("a path in UTF-8")
}
