//! The documents that the platform comes with and shows as examples: every start of each is gone through.

use super::house::*;
use super::*;
use crate::call::parties::Entrance;
use crate::ids::RoutingPolicyId;
use crate::routing_policy::document::Document;
use crate::routing_policy::graph::examples::{EVERYTHING, RECIPES};
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::system::SystemPolicy;
use crate::testing::sample::{id, text};

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

#[test]
fn every_example_and_system_policy_runs_from_each_of_its_starts_to_an_end() {
    let examples = RECIPES
        .iter()
        .chain(EVERYTHING)
        .map(|example| Document::new(example.text).unwrap());
    let system = SystemPolicy::ALL.iter().map(|policy| policy.document());
    let mut run = 0;
    for (place, document) in (100..).zip(examples.chain(system)) {
        let policy = RoutingPolicyId::new(id(place));
        let published = Published::new(policy, text("Example"), 1, &document).unwrap();
        let starts: Vec<_> = published
            .graph
            .starts
            .iter()
            .filter_map(|block| entrance(&block.start))
            .collect();
        let mut library = house();
        library.publish(published);
        for entrance in starts {
            let mut script = script();
            script.entrance = entrance;
            script.keys = vec!["1".to_owned(); 20];
            let shown = play(library.clone(), &script);
            assert!(shown.end.is_some(), "{}", document.as_str());
            run += usize::from(shown.decisions().count() > 1);
        }
    }
    assert!(run > 10, "{run}");
}

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
