//! The documents that the platform comes with and shows as examples: every start of each is gone through.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::house::*;
use super::*;
use crate::call::parties::Entrance;
use crate::ids::{CalendarId, GroupId, QueueId, RoutingPolicyId, UserId};
use crate::routing_policy::document::Document;
use crate::routing_policy::graph::examples::{EVERYTHING, RECIPES};
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::system::SystemPolicy;
use crate::testing::sample::{id, text};

/// The policy for all languages, to which the examples for one hand over.
const LANGUAGES: RoutingPolicyId = RoutingPolicyId::new(uuid::Uuid::from_u128(0xb0aa));

// What a call comes in by that begins at a start; none for what is no call.
fn entrance(begin: &Begin) -> Option<Entrance> {
    match begin {
        Begin::Number(at) => Some(Entrance::Number {
            number: at.number.clone(),
        }),
        Begin::Extension(_) => Some(Entrance::Extension {
            extension: text("8123"),
        }),
        Begin::Destination(at) => Some(Entrance::Destination {
            name: at.name.clone(),
        }),
        Begin::Trunk(at) => Some(Entrance::Trunk {
            trunk: at.trunk.clone(),
            called: None,
        }),
        Begin::DirectNumbers(_) => Some(Entrance::Number {
            number: crate::testing::sample::number(ANNS),
        }),
        Begin::Address(_) | Begin::Message(_) | Begin::Event(_) | Begin::FromPolicy(_) => None,
    }
}

// A caller who presses 1 whenever asked, where nothing is found and nobody answers.
#[test]
fn every_example_and_system_policy_runs_from_each_of_its_starts_to_its_end() {
    let examples = RECIPES.iter().chain(EVERYTHING);
    let examples = examples.map(|example| (example.name.to_owned(), Document::new(example.text).unwrap()));
    let system = SystemPolicy::ALL.iter();
    let system = system.map(|policy| (policy.name().to_string(), policy.document()));
    // Both languages hand over to it.
    let queue = RECIPES
        .iter()
        .find(|example| example.name == "language-queue")
        .unwrap();
    let queue = Document::new(queue.text).unwrap();
    let for_all_languages = Published::new(LANGUAGES, text("All languages"), 1, &queue).unwrap();
    let mut ends = Vec::new();
    for (place, (name, document)) in (100..).zip(examples.chain(system)) {
        let published =
            Published::new(RoutingPolicyId::new(id(place)), text("Example"), 1, &document).unwrap();
        let graph = Arc::clone(&published.graph);
        let mut library = house();
        library.publish(published);
        library.publish(for_all_languages.clone());
        for block in graph.starts.iter() {
            let Some(entrance) = entrance(&block.start) else {
                continue;
            };
            let mut script = script();
            script.entrance = entrance;
            script.keys = vec!["1".to_owned(); 20];
            let shown = play(library.clone(), &script);
            let cause = serde_json::to_value(&shown.end).unwrap();
            let last = told(&shown).pop().unwrap_or_default();
            ends.push(format!(
                "{name}, {}: {last}, {}",
                block.id,
                cause["is"].as_str().unwrap()
            ));
        }
    }
    assert_eq!(ends, ENDS);
}

const ENDS: [&str; 22] = [
    "block-nuisance, main: hang-up finished, policy_ended",
    "dial-extension, main: hang-up finished, policy_ended",
    "out-of-office, direct: box left, policy_ended",
    "language-english, in: hang-up finished, policy_ended",
    "language-french, in: hang-up finished, policy_ended",
    "on-call, main: box left, policy_ended",
    "speed-dial, speed-dials: hang-up finished, policy_ended",
    "vip, main: box left, policy_ended",
    "everything, in-number: hang-up finished, policy_ended",
    "everything, in-extension: hang-up finished, policy_ended",
    "everything, in-destination: hang-up finished, policy_ended",
    "everything, in-trunk: hang-up finished, policy_ended",
    "everything, in-direct: hang-up finished, policy_ended",
    "Direct calls, direct: end finished, policy_ended",
    "Default inbound, in: end finished, policy_ended",
    "Default outbound, out: go finished, policy_ended",
    "Handed on, to-group: end finished, policy_ended",
    "Handed on, to-group-box: end finished, policy_ended",
    "Handed on, to-user-box: end finished, policy_ended",
    "Handed on, to-nobody: end finished, policy_ended",
    "Inbound message, in: deliver finished, policy_ended",
    "Outbound message, out: deliver finished, policy_ended",
];

fn everything() -> serde_json::Value {
    let everything = EVERYTHING
        .iter()
        .find(|example| example.name == "everything")
        .unwrap();
    serde_json::from_str(everything.text).unwrap()
}

// What the document names is there.
fn library(document: &serde_json::Value) -> Library {
    let document = Document::new(&document.to_string()).unwrap();
    let published = Published::new(MAIN, text("Everything"), 1, &document).unwrap();
    let mut library = house();
    let ours = |n: u128| uuid::Uuid::from_u128(n);
    library.queues.insert(QueueId::new(ours(0xa01)), text("Sales"));
    let (ann, team) = (library.users[&ANN].clone(), library.groups[&TEAM].clone());
    library.users.insert(
        UserId::new(ours(0xee01)),
        Person {
            extension: 2001.try_into().unwrap(),
            ..ann
        },
    );
    library.groups.insert(GroupId::new(ours(0x6001)), team);
    library
        .calendars
        .insert(CalendarId::new(ours(0xca01)), library.calendars[&NIGHT].clone());
    let other = r#"{"id": "s", "start": {"is": "from_policy", "entry": "sales"}, "next": "over"}"#;
    publish(
        &mut library,
        RoutingPolicyId::new(ours(0xb001)),
        other,
        r#"{"id": "over", "is": "finish"}"#,
    );
    library.publish(published);
    library
}

fn nodes(document: &serde_json::Value) -> BTreeSet<String> {
    let id = |value: &serde_json::Value| value["id"].as_str().unwrap().to_owned();
    let containers = document["containers"].as_array().unwrap();
    let decides = containers
        .iter()
        .flat_map(|container| match container["apps"].as_array() {
            Some(apps) => apps.iter().map(id).collect(),
            None => vec![id(container)],
        });
    decides.collect()
}

// Begins at each container in turn, with no outlets of apps linked, so that each app goes on with the next where it may.
#[test]
fn every_node_of_a_document_with_everything_decides() {
    let mut document = everything();
    let mut firsts = Vec::new();
    for container in document["containers"].as_array_mut().unwrap() {
        firsts.push(container["id"].clone());
        let apps = container.get_mut("apps").and_then(|apps| apps.as_array_mut());
        for app in apps.into_iter().flatten() {
            app.as_object_mut().unwrap().remove("outlets");
        }
    }
    let mut decided = BTreeSet::new();
    for first in firsts {
        document["starts"][0]["next"] = first;
        let mut script = script();
        script.keys = vec!["#".to_owned(); 20];
        script.leaves_message = false;
        let shown = play(library(&document), &script);
        decided.extend(
            told(&shown)
                .iter()
                .filter_map(|told| Some(told.split_once(' ')?.0.to_owned())),
        );
    }
    // Of the policy that is handed over to.
    decided.remove("over");
    assert_eq!(decided, nodes(&document));
}

// A customer whom the CRM knows, who presses a key at the menu, is not served and leaves a message.
#[test]
fn each_key_of_a_document_with_everything_leads_where_it_is_drawn() {
    let document = everything();
    let mut ways = Vec::new();
    for key in "1234567890*#".chars() {
        let mut script = script();
        script.keys = vec![key.to_string(), "412345#".to_owned()];
        let found = vec![
            ("Id".to_owned(), "003A".to_owned()),
            ("number".to_owned(), "+442079460011".to_owned()),
        ];
        script.other_answers.says = Says::Found(found);
        let shown = play(library(&document), &script);
        let told = told(&shown);
        let menu = told
            .iter()
            .position(|told| told == &format!("menu key_{key}"))
            .unwrap();
        ways.push(format!("{key}: {}", told[menu + 1..].join(", ")));
    }
    assert_eq!(ways, WAYS);
}

const WAYS: [&str; 12] = [
    "1: skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "2: number matched, say next, skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "3: ann no_answer, box left, task next, count next, box-user left, hang-up finished",
    "4: rota found, rota-number no_answer, skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "5: recorded next, recorded-now next, recorded-on-demand next, recorded-quietly next, skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "6: other-policy handed_over, over finished",
    "7: front-desk invoked, nuisance not_matched, keep next, find found, find-case found, compare matched, menu key_4, rota found, rota-number no_answer, skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "8: stagger no_answer, box left, task next, count next, box-user left, hang-up finished",
    "9: box left, task next, count next, box-user left, hang-up finished",
    "0: skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "*: menu key_4, rota found, rota-number no_answer, skilled next, wait max_wait, box left, task next, count next, box-user left, hang-up finished",
    "#: hang-up finished",
];

#[test]
fn blocked_callers_are_turned_away_from_direct_numbers_and_where_no_policy_begins() {
    for (system, number) in [
        (SystemPolicy::DirectCalls, ANNS),
        (SystemPolicy::DefaultInbound, OURS),
    ] {
        let mut library = house();
        let published = Published::new(MAIN, system.name(), 1, &system.document()).unwrap();
        library.publish(published);
        let mut script = script();
        script.entrance = Entrance::Number {
            number: crate::testing::sample::number(number),
        };
        let shown = play(library.clone(), &script);
        assert_eq!(told(&shown)[0], "blocked not_matched", "{system:?}");
        script.caller = Some(crate::testing::sample::number("+442079460066"));
        let shown = play(library, &script);
        assert_eq!(
            told(&shown),
            ["blocked matched", "turned-away finished"],
            "{system:?}"
        );
        assert_eq!(input(&shown, "turned-away", "reason").as_deref(), Some("blocked"));
        assert!(shown.effects().next().is_none(), "they are not even answered");
    }
}
