//! The house that scenarios play in: an account with people, queues and calendars, and policies drawn in few words.

use std::sync::Arc;

use super::*;
use crate::Timestamp;
use crate::call::parties::Entrance;
use crate::call::reasons::EndCause;
use crate::ids::{CalendarId, GroupId, QueueId, RoutingPolicyId, UserId};
use crate::routing_policy::document::Document;
use crate::tenant::hours::Hours;
use crate::tenant::zone::ZoneName;
use crate::testing::sample::{id, number, text};

pub(super) const CALL: CallId = CallId::new(id(1));
pub(super) const MAIN: RoutingPolicyId = RoutingPolicyId::new(id(10));
pub(super) const OTHER: RoutingPolicyId = RoutingPolicyId::new(id(11));
pub(super) const SALES: QueueId = QueueId::new(id(20));
pub(super) const ANN: UserId = UserId::new(id(30));
pub(super) const BOB: UserId = UserId::new(id(31));
pub(super) const TEAM: GroupId = GroupId::new(id(40));
pub(super) const NIGHT: CalendarId = CalendarId::new(id(50));
pub(super) const OURS: &str = "+442079460000";
pub(super) const ANNS: &str = "+442079460001";
pub(super) const CALLER: &str = "+12025550100";

/// Sunday, 22 November 2026, 12:00 in London.
pub(super) fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

pub(super) fn house() -> Library {
    let mut library = Library::new(Account {
        zone: ZoneName::new("Europe/London").unwrap(),
        language: "en".to_owned(),
        number: Some(number("+442079460099")),
        apology: "We are sorry.".to_owned(),
    });
    let person = |name: &str, extension: u16, own: Option<&str>| Person {
        name: text(name),
        extension: extension.try_into().unwrap(),
        numbers: own.map(number).into_iter().collect(),
        divert: None,
    };
    library.users.insert(ANN, person("Ann", 2104, Some(ANNS)));
    library.users.insert(BOB, person("Bob", 2105, None));
    let team = Team {
        name: text("Team"),
        extension: Some(2200.try_into().unwrap()),
        numbers: std::collections::BTreeSet::new(),
        members: [ANN, BOB].into(),
    };
    library.groups.insert(TEAM, team);
    library.queues.insert(SALES, text("Sales"));
    library.blocked.insert(number("+442079460066"));
    library.calendars.insert(NIGHT, night());
    library
}

// Open in New York from eight in the evening until four, but for Christmas and with other hours on the 24th.
fn night() -> Hours {
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let week = days.map(|day| serde_json::json!({ "day": day, "from": "20:00", "until": "04:00" }));
    serde_json::from_value(serde_json::json!({
        "name": "Night", "zone": "America/New_York", "week": week,
        "days": [
            { "date": "2026-12-24", "name": "Christmas Eve", "open": [{ "from": "08:00", "until": "12:00" }] },
            { "date": "2026-12-25", "name": "Christmas", "open": [] },
        ],
    }))
    .unwrap()
}

/// Publishes a policy: its starts and containers as JSON, without the brackets of their lists.
pub(super) fn publish(library: &mut Library, policy: RoutingPolicyId, starts: &str, containers: &str) {
    publish_as(library, policy, (1, "call"), starts, containers);
}

pub(super) fn publish_as(
    library: &mut Library,
    policy: RoutingPolicyId,
    (version, kind): (u32, &str),
    starts: &str,
    containers: &str,
) {
    let document =
        format!(r#"{{"format": 1, "kind": "{kind}", "starts": [{starts}], "containers": [{containers}]}}"#);
    let document = Document::new(&document).unwrap();
    let name = text(if policy == MAIN { "Main" } else { "Other" });
    let published = Published::new(policy, name, version, &document)
        .unwrap_or_else(|faults| panic!("{faults:?} in {}", document.as_str()));
    library.publish(published);
}

pub(super) const AT_OURS: &str =
    r#"{"id": "in", "start": {"is": "number", "number": "+442079460000"}, "next": "a"}"#;

/// Makes a speech of one text.
pub(super) fn says(text: &str) -> String {
    format!(r#"{{"say": [{{"is": "text", "text": "{text}"}}]}}"#)
}

/// Draws a container `a` with one app, whose outlets lead to containers `x1`, `x2` and so on that say their outlet.
pub(super) fn one_app(app: &str) -> Library {
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers(app, ""));
    library
}

pub(super) fn containers(apps: &str, more: &str) -> String {
    let next =
        r#"{"id": "then", "is": "finish", "reason": "then"}, {"id": "x", "is": "finish", "reason": "x"}"#;
    format!(r#"{{"id": "a", "is": "action", "apps": [{apps}], "next": "then"}}, {next}{more}"#)
}

pub(super) fn at_ours() -> Entrance {
    Entrance::Number { number: number(OURS) }
}

pub(super) fn script() -> Script {
    Script::new(CALL, Some(number(CALLER)), at_ours(), noon())
}

pub(super) fn play(library: Library, script: &Script) -> Rehearsal {
    let library = Arc::new(library);
    let shown = rehearse(script, &library);
    assert_eq!(
        shown.refused,
        vec![],
        "nothing that a policy wants is refused: {:#?}",
        shown.path
    );
    same_again(&shown, &library);
    shown
}

// Whatever is played leads to the same decisions when it is played again, and a restart after each event to the same
// place.
fn same_again(shown: &Rehearsal, library: &Arc<Library>) {
    let again = replay(CALL, &shown.events, library, Against::Recorded);
    assert_eq!(again.divergence, None);
    assert_eq!(again.decisions, shown.decisions().cloned().collect::<Vec<_>>());
    let mut machine = Machine::new(CALL, Arc::clone(library));
    for (count, event) in shown.events.iter().enumerate() {
        machine.handle_input(&Input::Happened(event), noon());
        let restored = Machine::restore(CALL, Arc::clone(library), &shown.events[..=count], noon());
        assert_eq!(restored.state(), machine.state());
        let stored = serde_json::to_string(machine.state()).unwrap();
        assert_eq!(&serde_json::from_str::<State>(&stored).unwrap(), machine.state());
    }
}

/// Returns the decisions of nodes as `node branch`.
pub(super) fn told(shown: &Rehearsal) -> Vec<String> {
    let branches = shown.decisions().filter_map(|decision| match &decision.what {
        Decided::Entered { .. } => None,
        Decided::Branch { node, branch, .. } => Some(format!("{node} {branch}")),
    });
    branches.collect()
}

/// Returns the name that a decision's inputs have for something, and what it was.
pub(super) fn input(shown: &Rehearsal, node: &str, name: &str) -> Option<String> {
    use crate::call::facts::Value;
    shown.decisions().find_map(|decision| match &decision.what {
        Decided::Branch { node: of, inputs, .. } if of.as_str() == node => {
            let found = inputs.iter().find(|input| input.name.as_str() == name)?;
            Some(match &found.value {
                Value::Plain(text) => text.as_str().to_owned(),
                Value::Private(text) => format!("private {}", text.reveal()?),
            })
        }
        Decided::Branch { .. } | Decided::Entered { .. } => None,
    })
}

/// Returns what was spoken as text.
pub(super) fn spoken(shown: &Rehearsal) -> Vec<String> {
    let said = shown.effects().filter_map(|effect| match effect {
        Effect::Play {
            say: effect::Say::Text(text),
            ..
        } => Some(text.clone()),
        _ => None,
    });
    said.collect()
}

pub(super) fn ended_by_policy(shown: &Rehearsal) -> bool {
    matches!(shown.end, Some(EndCause::PolicyEnded { step: Some(_) }))
}
