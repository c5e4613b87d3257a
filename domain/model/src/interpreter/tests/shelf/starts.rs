//! What begins which policy: what is drawn, bound and assigned, and what comes with the platform.

use super::people::{acme, assign};
use super::*;
use crate::routing_policy::Command;
use crate::routing_policy::graph::system::SystemPolicy;
use crate::routing_policy::start::Start;
use crate::tenant::numbers::Assignment;
use crate::testing::sample::number;

fn two() -> Acme {
    let mut acme = acme();
    for (policy, reason) in [(MAIN, "main"), (OTHER, "other")] {
        acme.create(policy, PolicyKind::Call);
        acme.publish(policy, drawing(AT_OURS, reason));
    }
    acme
}

fn bind(acme: &mut Acme, policy: RoutingPolicyId, yes: bool) {
    let start = Start::Number { number: number(OURS) };
    let (by, at) = (ADMIN, noon());
    let command = if yes {
        Command::Bind { start, by, at }
    } else {
        Command::Unbind { start, by, at }
    };
    acme.policy(policy, command);
}

#[test]
fn the_policy_that_was_published_last_takes_a_number_that_two_begin_with() {
    let mut acme = two();
    assert_eq!(acme.told(at_ours()), ["other finished"]);
    acme.publish(MAIN, drawing(AT_OURS, "again"));
    assert_eq!(acme.told(at_ours()), ["again finished"]);
    acme.publish(MAIN, drawing(NOWHERE, "nowhere"));
    assert_eq!(acme.told(at_ours()), ["other finished"]);
}

#[test]
fn a_start_that_is_bound_comes_before_one_that_is_drawn() {
    let mut acme = two();
    bind(&mut acme, MAIN, true);
    assert_eq!(acme.told(at_ours()), ["main finished"]);
    acme.publish(OTHER, drawing(AT_OURS, "again"));
    assert_eq!(acme.told(at_ours()), ["main finished"]);
    bind(&mut acme, MAIN, false);
    assert_eq!(acme.told(at_ours()), ["again finished"]);
    bind(&mut acme, OTHER, true);
    bind(&mut acme, OTHER, false);
    assert_eq!(
        acme.told(at_ours())[..1],
        ["say next"],
        "neither begins with it any more"
    );
}

#[test]
fn a_number_belongs_to_what_it_is_assigned_to() {
    let mut acme = two();
    bind(&mut acme, OTHER, true);
    acme.tenant(assign(number(OURS), Assignment::RoutingPolicy(MAIN)));
    assert_eq!(acme.told(at_ours()), ["main finished"]);
    acme.tenant(assign(number(OURS), Assignment::User(ANN)));
    assert_eq!(acme.told(at_ours())[..1], ["connect no_answer"]);
    acme.tenant(assign(number(OURS), Assignment::Organisation));
    assert_eq!(acme.told(at_ours()), ["other finished"]);
}

#[test]
fn a_retired_policy_begins_nothing_and_is_handed_nothing() {
    let mut acme = two();
    let (by, at) = (ADMIN, noon());
    acme.policy(OTHER, Command::Retire { by, at });
    assert_eq!(acme.told(at_ours()), ["main finished"]);
    assert_eq!(acme.library().newest(OTHER), None);
}

#[test]
fn the_policies_of_the_platform_are_there_until_the_tenant_publishes_its_own() {
    let mut acme = acme();
    for system in SystemPolicy::ALL {
        let library = acme.library();
        let published = library.newest(system.id()).unwrap();
        assert_eq!((published.version, &published.name), (0, &system.name()));
        assert_eq!(published.hash, system.document().hash());
    }
    assert_eq!(acme.told(at_ours()), ["say next", "count next", "end finished"]);
    let direct = Entrance::Number { number: number(ANNS) };
    assert_eq!(acme.told(direct.clone())[..1], ["connect no_answer"]);
    let starts = r#"{"id": "in", "start": {"is": "destination", "name": "default-inbound"}, "next": "a"}"#;
    for policy in [RoutingPolicyId::new(id(12)), SystemPolicy::DefaultInbound.id()] {
        let mut acme = two();
        acme.publish(MAIN, drawing(NOWHERE, "nowhere"));
        acme.publish(OTHER, drawing(NOWHERE, "nowhere"));
        acme.create(policy, PolicyKind::System);
        let ours = drawing(starts, "ours")
            .as_str()
            .replace(r#""kind":"call""#, r#""kind":"system""#);
        acme.publish(policy, Document::new(&ours).unwrap());
        assert_eq!(acme.told(at_ours()), ["ours finished"]);
        assert_eq!(acme.told(direct.clone())[..1], ["connect no_answer"]);
    }
    acme.tenant(assign(number(ANNS), Assignment::Nobody));
    assert_eq!(acme.told(direct)[..1], ["say next"]);
}
