//! The routing policies that simulated callers come to: straight into a queue, those of the main line, and wild ones.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use domain_model::call::parties::Entrance;
use domain_model::ids::{CalendarId, RoutingPolicyId, UserId};
use domain_model::interpreter::{Account, Library, Person, Published, Team};
use domain_model::queue::Settings;
use domain_model::routing_policy::document::Document;
use domain_model::routing_policy::graph::system::SystemPolicy;
use domain_model::tenant::hours::Hours;
use domain_model::tenant::zone::ZoneName;
use domain_model::text::{Key, Name};
use domain_model::{Millis, PhoneNumber, Timestamp, routing_policy::graph::Fault};
use serde_json::{Value, json};

use crate::plan::{group, numbered, queue, skill};

/// The document of the main line's routing policy.
pub const MAIN_LINE: &str = include_str!("../policies/main-line.json");
/// The number of the main line.
pub const MAIN_NUMBER: &str = "+442079460100";

/// How many queues the ready-made policies lead to.
const QUEUES: u64 = 3;
/// How many wild policies lead to each queue.
pub const WILD: u64 = 12;

/// Returns the id of the main line's policy.
#[must_use]
pub fn main_line() -> RoutingPolicyId {
    RoutingPolicyId::new(numbered(10, 0))
}

/// Reads a document as the version of a policy.
///
/// # Errors
/// What is wrong with it.
pub fn published(
    policy: RoutingPolicyId,
    version: u32,
    document: &Document,
) -> Result<Published, Vec<Fault>> {
    Published::new(policy, name("Simulated"), version, document)
}

/// Returns when the main line is open: ten and a half hours of each day, from the minute of a moment on.
///
/// # Panics
/// Never: the hours are right.
#[must_use]
pub fn open_from(begins: Timestamp) -> Hours {
    let minute = |after: Millis| begins.plus(after).to_string()[11..16].to_owned();
    let (from, until) = (minute(Millis(0)), minute(Millis::from_secs(37_800)));
    let week = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let week = week.map(|day| json!({ "day": day, "from": from, "until": until }));
    let hours = json!({ "name": "Office hours", "zone": "UTC", "week": week, "days": [] });
    serde_json::from_value(hours).expect("opening hours")
}

/// Returns what a main line uses: its policy, opening hours, queues and groups.
///
/// # Panics
/// Never: a test reads the document.
#[must_use]
pub fn main_library<'a>(open: Hours, queues: impl IntoIterator<Item = (u64, &'a Settings)>) -> Library {
    let mut library = empty();
    library.calendars.insert(CalendarId::new(numbered(11, 1)), open);
    for (n, settings) in queues {
        library.queues.insert(queue(n), settings.name.clone());
        let team = Team {
            name: settings.name.clone(),
            extension: None,
            numbers: BTreeSet::new(),
            members: BTreeSet::new(),
        };
        library.groups.insert(group(n), team);
    }
    publish_system(&mut library);
    library.publish(published(main_line(), 1, &main_document()).expect("a policy without mistakes"));
    library
}

/// Returns the document of the main line.
///
/// # Panics
/// Never: a test reads it.
#[must_use]
pub fn main_document() -> Document {
    Document::new(MAIN_LINE).expect("a document")
}

/// Returns the library of those who are led straight into a queue, and of wild plans.
#[must_use]
pub fn ready_made() -> Arc<Library> {
    static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| Arc::new(made()));
    Arc::clone(&LIBRARY)
}

/// Returns what leads straight into a queue, as its settings say.
#[must_use]
pub fn straight(queue: u64) -> Entrance {
    trunk(&format!("straight-{queue}"))
}

/// Returns what leads straight to the first place of a queue.
#[must_use]
pub fn urgent(queue: u64) -> Entrance {
    trunk(&format!("urgent-{queue}"))
}

/// Returns what leads to one of the [`WILD`] policies around a queue.
#[must_use]
pub fn wild(queue: u64, which: u64) -> Entrance {
    trunk(&format!("wild-{queue}-{which}"))
}

/// Returns what leads to the main line.
///
/// # Panics
/// Never: the number is right.
#[must_use]
pub fn main_number() -> Entrance {
    Entrance::Number {
        number: PhoneNumber::read(MAIN_NUMBER, None).expect("a number"),
    }
}

fn trunk(name: &str) -> Entrance {
    Entrance::Trunk {
        trunk: Key::new(name).expect("a short name"),
        called: None,
    }
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a short name")
}

fn empty() -> Library {
    Library::new(Account {
        zone: ZoneName::new("UTC").expect("a zone"),
        language: "en".to_owned(),
        number: None,
        apology: "We are sorry.".to_owned(),
    })
}

fn made() -> Library {
    let mut library = empty();
    publish_system(&mut library);
    let outside = |n: u16| Person {
        divert: None,
        name: name("At home"),
        extension: (2_000 + n).try_into().expect("an extension"),
        numbers: BTreeSet::new(),
    };
    let members: BTreeSet<UserId> = (0..2).map(|n| UserId::new(numbered(12, n))).collect();
    let people = members.iter().copied().zip((0..2).map(outside));
    library.users.extend(people);
    let team = Team {
        name: name("A group"),
        extension: None,
        numbers: BTreeSet::new(),
        members,
    };
    library.groups.insert(group(0), team);
    for n in 0..QUEUES {
        library.queues.insert(queue(n), name("A queue"));
        let straight = action("a", json!([waits("wait", n, None)]), "end");
        publish(&mut library, 100 + n, &format!("straight-{n}"), vec![straight]);
        let urgent = action("a", json!([waits("wait", n, Some(1))]), "end");
        publish(&mut library, 200 + n, &format!("urgent-{n}"), vec![urgent]);
        for which in 0..WILD {
            let number = 300 + n * WILD + which;
            publish(
                &mut library,
                number,
                &format!("wild-{n}-{which}"),
                wild_containers(n, which),
            );
        }
    }
    library
}

// Where agents hand callers to groups and mailboxes, and what calls pass that we place.
fn publish_system(library: &mut Library) {
    for system in [SystemPolicy::HandedOn, SystemPolicy::DefaultOutbound] {
        let published = Published::new(system.id(), system.name(), 1, &system.document());
        library.publish(published.expect("a policy without mistakes"));
    }
}

fn publish(library: &mut Library, number: u64, trunk: &str, mut containers: Vec<Value>) {
    containers.push(json!({ "id": "end", "is": "finish" }));
    let document = json!({
        "format": 1,
        "kind": "call",
        "starts": [{ "id": "in", "start": { "is": "trunk", "trunk": trunk }, "next": "a" }],
        "containers": containers,
    });
    let document = Document::new(&document.to_string()).expect("a document");
    let policy = RoutingPolicyId::new(numbered(10, number));
    library.publish(published(policy, 1, &document).expect("a policy without mistakes"));
}

fn action(id: &str, apps: Value, next: &str) -> Value {
    json!({ "id": id, "is": "action", "apps": apps, "next": next })
}

fn waits(id: &str, n: u64, priority: Option<u64>) -> Value {
    let mut app = json!({ "id": id, "app": "queue", "queue": queue(n) });
    if let Some(priority) = priority {
        app["priority"] = priority.into();
    }
    app
}

fn says(text: &str) -> Value {
    json!({ "say": [{ "is": "text", "text": text }] })
}

// Each is a way of coming to a queue or leaving it that policies of all kinds have; half of them ask for a skill or are
// more urgent than others.
fn wild_containers(n: u64, which: u64) -> Vec<Value> {
    let priority = [None, Some(20), None, Some(80)][usize::try_from(which % 4).unwrap_or(0)];
    let wait = || waits("wait", n, priority);
    let expert = json!({ "id": "expert", "app": "skills", "need": [{ "skill": skill(which % 2), "at_least": 20 + which * 3,
        "relax": [{ "after_ms": 10_000 + which * 4_000 }] }] });
    let greeting =
        json!({ "id": "hello", "app": "speak", "say": [{ "is": "text", "text": "Thank you for calling." }] });
    let message = || json!({ "id": "message", "app": "voicemail", "mailbox": { "is": "group", "group": group(0) }, "greeting": says("Leave a message.") });
    let question = json!({ "id": "find", "app": "query", "into": "Customer", "deadline_ms": 500,
        "find": { "is": "soql", "soql": "SELECT Tier FROM Contact WHERE Phone = $(CallerNumber)" },
        "outlets": { "error": "b", "too_late": "b" } });
    let menu = |to: &str, other: &str| {
        json!({ "id": "a", "is": "switchboard", "prompt": says("Press 1 or 2."), "key_ms": 4_000, "tries": 2,
            "keys": [{ "key": "1", "to": to }, { "key": "2", "to": other }], "next": to })
    };
    let ring = |pattern: &str| {
        json!({ "id": "ring", "app": "hunt", "pattern": pattern, "ring_ms": 10_000, "step_ms": 4_000,
            "targets": [{ "is": "number", "number": "+442079460190" }, { "is": "number", "number": "+442079460191" }] })
    };
    match which {
        0 | 1 => vec![action("a", json!([wait()]), "end")],
        2 => vec![action("a", json!([expert, wait()]), "end")],
        3 => vec![
            action("a", json!([greeting, wait()]), "b"),
            action("b", json!([message()]), "end"),
        ],
        4 => vec![
            menu("b", "c"),
            action("b", json!([wait()]), "end"),
            action("c", json!([expert, waits("wait-for-expert", n, priority)]), "end"),
        ],
        5 => vec![
            action("a", json!([question]), "b"),
            action("b", json!([expert, wait()]), "end"),
        ],
        6 => vec![action("a", json!([ring("sequential"), wait()]), "end")],
        7 => vec![
            action("a", json!([wait()]), "b"),
            action("b", json!([ring("parallel"), message()]), "end"),
        ],
        8 => {
            let mut wait = wait();
            wait["outlets"] = json!({ "after": "b", "max_wait": "c", "no_agents": "c" });
            let asked = json!({ "id": "asked", "app": "survey", "name": "after", "answer_ms": 3_000, "tries": 1,
                "questions": [{ "name": "Happy", "ask": says("How was it?"), "from": 1, "until": 5 }] });
            vec![
                action("a", json!([expert, wait]), "end"),
                action("b", json!([asked]), "end"),
                action("c", json!([ring("staggered")]), "end"),
            ]
        }
        // Whoever is not served waits once more, with the first in the line.
        9 => vec![
            action("a", json!([wait()]), "b"),
            action("b", json!([waits("again", n, Some(1))]), "end"),
        ],
        10 => vec![
            menu("b", "c"),
            action("b", json!([wait()]), "c"),
            action("c", json!([greeting, message()]), "end"),
        ],
        _ => vec![
            action("a", json!([expert, question]), "b"),
            action("b", json!([wait()]), "end"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use domain_model::routing_policy::graph::lint::{Known, lint};

    use super::*;

    #[test]
    fn every_way_leads_to_a_policy_without_mistakes() {
        let (ready, main) = (
            ready_made(),
            main_library(open_from(Timestamp::from_micros(0)), []),
        );
        let ways = (0..QUEUES).flat_map(|n| {
            (0..WILD)
                .map(move |which| wild(n, which))
                .chain([straight(n), urgent(n)])
        });
        let ways = ways.map(|entrance| (&*ready, entrance));
        for (library, entrance) in ways.chain([(&main, main_number())]) {
            let found = library.begun_by(&entrance).expect("a policy");
            assert_eq!(lint(&found.graph, &Known::default()), [], "{entrance:?}");
        }
    }
}
