//! Whatever is drawn and whatever happens: no panic, the same again, and a restart at any moment.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::house::*;
use super::outlets::cases;
use super::*;
use crate::call::reasons::Exit;
use crate::call::{Event, Rejection};
use crate::queue::ExitKey;
use crate::{Millis, Timestamp};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "nowhere"];

/// What a container is drawn as: its kind, its apps with the links of two outlets, and what follows.
type Drawn = (u8, Vec<(prop::sample::Index, u8, u8)>, u8);

fn drawn() -> impl Strategy<Value = Vec<Drawn>> {
    let app = (any::<prop::sample::Index>(), 0_u8..6, 0_u8..6);
    let container = (0_u8..12, prop::collection::vec(app, 0..4), 0_u8..6);
    prop::collection::vec(container, 5)
}

fn linked(place: usize, nth: usize, (app, first, second): (prop::sample::Index, u8, u8)) -> String {
    let known = cases();
    let case = app.get(&known);
    let outlets = case.outlets();
    let (first, second) = (NAMES[usize::from(first)], NAMES[usize::from(second)]);
    let links = outlets.iter().zip([first, second].into_iter().cycle());
    let links: Vec<String> = links
        .map(|(outlet, to)| format!(r#""{outlet}": "{to}""#))
        .collect();
    let links = if links.is_empty() {
        String::new()
    } else {
        format!(r#", "outlets": {{{}}}"#, links.join(","))
    };
    format!(r#"{{"id": "app-{place}-{nth}", {}{links}}}"#, case.app())
}

fn draw(drawn: &[Drawn]) -> Library {
    let containers: Vec<String> = drawn
        .iter()
        .enumerate()
        .map(|(place, (kind, apps, next))| {
            let (id, next) = (NAMES[place], NAMES[usize::from(*next)]);
            match kind {
                0 => format!(r#"{{"id": "{id}", "is": "finish"}}"#),
                1 => format!(r#"{{"id": "{id}", "is": "to_policy", "policy": "{OTHER}"}}"#),
                2 => format!(r#"{{"id": "{id}", "is": "invoke", "destination": "back"}}"#),
                3 => format!(
                    r#"{{"id": "{id}", "is": "switchboard", "prompt": {}, "next": "{next}",
                        "keys": [{{"key": "1", "to": "{next}"}}, {{"key": "2", "to": "a"}}]}}"#,
                    says("Press 1 or 2")
                ),
                _ => {
                    let apps = apps.iter().enumerate().map(|(nth, app)| linked(place, nth, *app));
                    let apps = apps.collect::<Vec<_>>().join(",");
                    format!(r#"{{"id": "{id}", "is": "action", "apps": [{apps}], "next": "{next}"}}"#)
                }
            }
        })
        .collect();
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers.join(","));
    let starts = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"},
        {"id": "t", "start": {"is": "destination", "name": "back"}, "next": "c"}"#;
    publish(&mut library, OTHER, starts, &containers.join(","));
    let start = r#"{"id": "s", "start": {"is": "event", "kind": "CallEnded"}, "next": "a"}"#;
    let third = crate::ids::RoutingPolicyId::new(crate::testing::sample::id(12));
    publish_as(
        &mut library,
        third,
        (1, "data_analytics"),
        start,
        &containers.join(","),
    );
    library
}

fn replies() -> impl Strategy<Value = Says> {
    prop_oneof![
        Just(Says::NotFound),
        Just(Says::Found(vec![("Id".to_owned(), "1".to_owned())])),
        Just(Says::Error(crate::testing::sample::text("DOWN"))),
    ]
}

fn waits() -> impl Strategy<Value = Waits> {
    let after = (1_u32..400).prop_map(Millis::from_secs);
    let agent = crate::ids::AgentId::from(ANN);
    prop_oneof![
        after.clone().prop_map(move |after| Waits::Answered {
            after,
            agent,
            talk: Millis::from_secs(20)
        }),
        after
            .clone()
            .prop_map(move |after| Waits::NotConnected { after, agent }),
        after.clone().prop_map(|after| Waits::Callback { after }),
        (after, 0_u8..4).prop_map(|(after, exit)| Waits::Leaves {
            after,
            exit: match exit {
                0 => Exit::Full,
                1 => Exit::NoAgents,
                2 => Exit::ExitKey {
                    key: ExitKey::new('#').unwrap()
                },
                _ => Exit::Refused,
            },
        }),
    ]
}

fn rungs() -> impl Strategy<Value = Rung> {
    prop_oneof![
        (1_u32..30, "[12]?").prop_map(|(after, keys)| Rung::Answers {
            after: Millis::from_secs(after),
            keys,
            talk: Millis::from_secs(15),
        }),
        Just(Rung::Nothing),
        Just(Rung::Busy),
        Just(Rung::Rejects),
        Just(Rung::Unreachable),
    ]
}

fn scripts() -> impl Strategy<Value = Script> {
    let keys = prop::collection::vec("[0-9*#]{0,5}", 0..20);
    let lists = (
        keys,
        prop::collection::vec(waits(), 1..4),
        prop::collection::vec(rungs(), 1..5),
    );
    let rest = (replies(), 0_u32..8, any::<(bool, bool, bool)>(), 1_u32..4_000);
    (lists, rest).prop_map(
        |((keys, waits, rung), (says, after, (impatient, leaves, hidden), patience))| {
            let mut script = script();
            script.keys = keys;
            script.waits = waits;
            script.rung = rung;
            script.other_answers.says = says;
            script.other_answers.after = Millis::from_secs(after);
            script.impatient = impatient;
            script.leaves_message = leaves;
            script.patience = Millis::from_secs(patience);
            if hidden {
                script.caller = None;
            }
            script
        },
    )
}

// Feeds events with the moments after them, and returns all that was wanted.
fn run(library: &Arc<Library>, events: &[(Event, Timestamp)]) -> (State, Vec<Output>, BTreeSet<Timestamp>) {
    let mut machine = Machine::new(CALL, Arc::clone(library));
    let (mut outputs, mut dues) = (Vec::new(), BTreeSet::new());
    for (event, now) in events {
        machine.handle_input(&Input::Happened(event), *now);
        outputs.extend(std::iter::from_fn(|| machine.poll_output()));
        let due = machine.poll_timeout();
        dues.extend(due);
        machine.handle_timeout(due.unwrap_or(*now));
        outputs.extend(std::iter::from_fn(|| machine.poll_output()));
    }
    (machine.state, outputs, dues)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_is_drawn_every_call_comes_to_an_end_and_plays_again(drawn in drawn(), script in scripts()) {
        let library = Arc::new(draw(&drawn));
        let shown = rehearse(&script, &library);
        prop_assert!(shown.end.is_some(), "{:#?}", shown.path);
        // Round in circles a call meets the limits that every call has; nothing else is refused.
        let limits = |refused: &Rejection| matches!(refused, Rejection::TooMany { .. });
        prop_assert!(shown.refused.iter().all(limits), "{:?}", shown.refused);
        let again = replay(CALL, &shown.events, &library, Against::Recorded);
        prop_assert_eq!(again.divergence, None);
        prop_assert!(again.decisions.iter().eq(shown.decisions()));
    }

    #[test]
    fn whatever_happens_leads_to_the_same_again(
        drawn in drawn(),
        script in scripts(),
        wild in prop::collection::vec((any::<Event>(), any::<prop::sample::Index>(), any::<Timestamp>()), 0..30),
    ) {
        let library = Arc::new(draw(&drawn));
        let events = rehearse(&script, &library).events;
        let mut events: Vec<(Event, Timestamp)> = events.into_iter().map(|event| (event, noon())).collect();
        for (event, place, now) in wild {
            let place = place.index(events.len() + 1);
            events.insert(place, (event, now));
        }
        let (state, outputs, dues) = run(&library, &events);
        prop_assert_eq!(&run(&library, &events), &(state.clone(), outputs, dues));
        let restored = Machine::restore(CALL, Arc::clone(&library), events.iter().map(|(event, _)| event), noon());
        prop_assert_eq!(restored.state(), &state);
        let stored = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&stored).unwrap(), state);
        let only: Vec<Event> = events.into_iter().map(|(event, _)| event).collect();
        let again = replay(CALL, &only, &library, Against::Newest);
        prop_assert!(again.decisions.len() <= only.len());
    }
}
