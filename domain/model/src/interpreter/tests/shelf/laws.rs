//! What holds of a shelf whatever it is told.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::people::acme;
use super::*;
use crate::Millis;
use crate::routing_policy::Command;
use crate::routing_policy::start::Start;
use crate::testing::sample::number;

/// What somebody does to one of two policies, or one of some calls.
#[derive(Debug, Clone)]
enum Deed {
    Publish { other: bool, drawing: u8 },
    Break { other: bool },
    RollBack { other: bool, to: u32 },
    Bind { other: bool, yes: bool },
    Retire { other: bool },
    Enter { call: u8, other: bool },
    End { call: u8 },
    Pass { minutes: u8 },
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let other = any::<bool>;
    let deed = prop_oneof![
        4 => (other(), 0_u8..4).prop_map(|(other, drawing)| Deed::Publish { other, drawing }),
        1 => other().prop_map(|other| Deed::Break { other }),
        1 => (other(), 1_u32..4).prop_map(|(other, to)| Deed::RollBack { other, to }),
        1 => (other(), any::<bool>()).prop_map(|(other, yes)| Deed::Bind { other, yes }),
        1 => prop::bool::weighted(0.1).prop_map(|other| Deed::Retire { other }),
        5 => (0_u8..6, other()).prop_map(|(call, other)| Deed::Enter { call, other }),
        4 => (0_u8..6).prop_map(|call| Deed::End { call }),
        2 => (0_u8..50).prop_map(|minutes| Deed::Pass { minutes }),
    ];
    prop::collection::vec(deed, 0..60)
}

fn one(other: bool) -> RoutingPolicyId {
    if other { OTHER } else { MAIN }
}

fn call(n: u8) -> CallId {
    CallId::new(id(100 + u128::from(n)))
}

/// What calls need that are not over, and what was live last.
#[derive(Default)]
struct Needs {
    entered: BTreeMap<u8, BTreeSet<(RoutingPolicyId, u32)>>,
    over: BTreeSet<u8>,
    live: BTreeMap<RoutingPolicyId, u32>,
}

impl Acme {
    // What the aggregate refuses did not happen.
    fn try_policy(&mut self, policy: RoutingPolicyId, command: Command) {
        if RoutingPolicy::decide(&self.policies[&policy], command.clone()).is_ok() {
            self.policy(policy, command);
        }
    }
}

fn play_deed(acme: &mut Acme, needs: &mut Needs, now: &mut Timestamp, deed: &Deed) {
    let (by, at, comment) = (ADMIN, *now, None);
    match deed {
        Deed::Publish { other, drawing: n } => {
            try_publish(acme, one(*other), drawing(AT_OURS, &format!("x{n}")))
        }
        Deed::Break { other } => try_break(acme, one(*other)),
        Deed::RollBack { other, to } => {
            let to = *to;
            acme.try_policy(one(*other), Command::RollBack { to, comment, by, at });
        }
        Deed::Bind { other, yes } => {
            let start = Start::Number { number: number(OURS) };
            let command = if *yes {
                Command::Bind { start, by, at }
            } else {
                Command::Unbind { start, by, at }
            };
            acme.try_policy(one(*other), command);
        }
        Deed::Retire { other } => acme.try_policy(one(*other), Command::Retire { by, at }),
        Deed::Enter { call: n, other } => {
            let library = acme.library();
            if let Some(newest) = library.newest(one(*other)) {
                acme.enter_version(call(*n), newest, at);
                if !needs.over.contains(n) {
                    let entered = needs.entered.entry(*n).or_default();
                    entered.insert((newest.policy, newest.version));
                }
            }
        }
        Deed::End { call: n } => {
            acme.end(call(*n), at);
            if needs.entered.remove(n).is_some() {
                needs.over.insert(*n);
            }
        }
        Deed::Pass { minutes } => *now = now.plus(Millis::from_secs(60 * u32::from(*minutes))),
    }
    for policy in [MAIN, OTHER] {
        if let Some(newest) = acme.library().newest(policy) {
            let version = needs.live.entry(policy).or_default();
            assert!(newest.version >= *version, "what is live never gets older");
            *version = newest.version;
        }
    }
}

// As a release published it that could read it.
fn try_break(acme: &mut Acme, policy: RoutingPolicyId) {
    let broken = Document::new(r#"{"n":1}"#).unwrap();
    let state = &acme.policies[&policy];
    let is_live = state.live().is_some_and(|(_, saved)| saved.hash == broken.hash());
    let save = Command::Save {
        based_on: state.head().map_or(0, |head| head.revision),
        document: broken.clone(),
        by: ADMIN,
        at: noon(),
    };
    if !is_live && RoutingPolicy::decide(state, save).is_ok() {
        acme.publish_unchecked(policy, broken);
    }
}

fn try_publish(acme: &mut Acme, policy: RoutingPolicyId, document: Document) {
    let head = acme.policies[&policy].head();
    let based_on = head.map_or(0, |head| head.revision);
    let (by, at, comment) = (ADMIN, noon(), None);
    acme.try_policy(
        policy,
        Command::Save {
            based_on,
            document,
            by: by.clone(),
            at,
        },
    );
    let revision = acme.policies[&policy].head().map_or(0, |head| head.revision);
    acme.try_policy(
        policy,
        Command::Publish {
            revision,
            comment,
            by,
            at,
        },
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_call_in_progress_finds_what_it_entered_and_what_nobody_needs_goes(deeds in deeds()) {
        let mut acme = acme();
        acme.create(MAIN, PolicyKind::Call);
        acme.create(OTHER, PolicyKind::Call);
        let mut needs = Needs::default();
        let mut now = noon();
        for deed in &deeds {
            play_deed(&mut acme, &mut needs, &mut now, deed);
            let library = acme.library();
            for (policy, version) in needs.entered.values().flatten() {
                let versions = serde_json::to_value(acme.shelf.memory()).unwrap();
                let hash = &versions["policies"][policy.to_string()]["versions"][version.to_string()];
                let hash = serde_json::from_value(hash.clone()).unwrap();
                prop_assert!(library.version(*policy, hash).is_some());
            }
        }
        // All hang up, and two hours later nothing but what is live is left.
        for n in 0..6 {
            acme.end(call(n), now);
        }
        let much_later = now.plus(Millis::from_secs(7_200));
        acme.end(CallId::new(id(99)), much_later);
        for policy in [MAIN, OTHER] {
            let live = acme.library().newest(policy).map(|newest| newest.hash);
            for n in 0..4 {
                let hash = drawing(AT_OURS, &format!("x{n}")).hash();
                let there = acme.library().version(policy, hash).is_some();
                prop_assert_eq!(there, live == Some(hash));
            }
        }
    }

    #[test]
    fn whatever_is_recorded_of_a_tenant_a_shelf_from_its_memory_is_the_same(
        commands in prop::collection::vec(any::<tenant::Command>(), 0..60),
        policies in prop::collection::vec(any::<Command>(), 0..30),
    ) {
        let mut acme = acme();
        for command in commands {
            if Tenant::decide(&acme.tenant, command.clone()).is_ok() {
                acme.tenant(command);
            }
        }
        acme.policies.entry(MAIN).or_default();
        for command in policies {
            acme.try_policy(MAIN, command);
        }
    }

    #[test]
    fn any_events_in_any_order_fold(
        policies in prop::collection::vec((0_u128..3, any::<routing_policy::Event>()), 0..20),
        calls in prop::collection::vec((0_u128..3, any::<crate::call::Event>()), 0..20),
        tenants in prop::collection::vec(any::<tenant::Event>(), 0..20),
    ) {
        let mut shelf = Shelf::new();
        let calls = calls.into_iter();
        let calls = calls.map(|(n, event)| AnyEvent::Call(CallId::new(uuid::Uuid::from_u128(n)), event));
        let policies = policies.into_iter();
        let policies = policies
            .map(|(n, event)| AnyEvent::RoutingPolicy(RoutingPolicyId::new(uuid::Uuid::from_u128(n)), event));
        for what in policies.chain(calls) {
            let happened = happened(what);
            shelf.fold(&happened);
            let was = Arc::clone(shelf.library());
            shelf.fold(&happened);
            prop_assert!(Arc::ptr_eq(&was, shelf.library()), "told twice: {happened:?}");
        }
        for event in &tenants {
            shelf.fold_tenant(event);
        }
        let again = Shelf::resume(shelf.memory().clone());
        prop_assert_eq!(again.library(), shelf.library());
    }
}

const MATTERS: [&str; 21] = [
    "TenantCreated",
    "TenantSettingChanged",
    "TenantNumberAllocated",
    "TenantNumberReleased",
    "TenantNumberAssigned",
    "TenantUserCreated",
    "TenantUserIdentified",
    "TenantUserDeactivated",
    "TenantUserReactivated",
    "TenantUserExtensionChanged",
    "TenantUserSettingChanged",
    "TenantGroupCreated",
    "TenantGroupChanged",
    "TenantGroupRemoved",
    "TenantGroupMemberAdded",
    "TenantGroupMemberRemoved",
    "TenantCalendarCreated",
    "TenantCalendarChanged",
    "TenantCalendarRemoved",
    "TenantCallerBlocked",
    "TenantCallerUnblocked",
];

// Which kinds of the samples changed the library.
fn changing<E: crate::Event>(
    shelf: &mut Shelf,
    events: &[E],
    tell: impl Fn(&mut Shelf, &E),
) -> BTreeSet<&'static str> {
    let mut changing = BTreeSet::new();
    for event in events {
        let was = Arc::clone(shelf.library());
        tell(shelf, event);
        if !Arc::ptr_eq(&was, shelf.library()) {
            assert_ne!(
                &was,
                shelf.library(),
                "another one is another one: {}",
                event.kind()
            );
            changing.insert(event.kind());
        }
    }
    changing
}

#[test]
fn the_library_stays_the_same_one_unless_an_event_matters_to_it() {
    let mut shelf = acme().shelf;
    let changed = changing(&mut shelf, &tenant::samples(), Shelf::fold_tenant);
    let none = changed.difference(&MATTERS.into()).copied().collect::<Vec<_>>();
    assert_eq!(none, Vec::<&str>::new());
    assert!(changed.len() > 10, "{changed:?}");
    let queue = |shelf: &mut Shelf, event: &queue::Event| {
        shelf.fold(&happened(AnyEvent::Queue(SALES, event.clone())));
    };
    let changed = changing(&mut shelf, &queue::samples(), queue);
    assert_eq!(changed, ["QueueConfigured", "QueueRetired"].into());
    let call = |shelf: &mut Shelf, event: &crate::call::Event| {
        shelf.fold(&happened(AnyEvent::Call(CALL, event.clone())));
    };
    let changed = changing(&mut shelf, &crate::call::samples(), call);
    assert_eq!(changed, [].into());
}

#[test]
fn what_agents_conversations_and_consents_do_is_nothing_to_it() {
    let mut shelf = acme().shelf;
    let was = Arc::clone(shelf.library());
    let agents = crate::agent::samples().into_iter();
    let chats = crate::conversation::samples().into_iter();
    let consents = crate::consent::samples().into_iter();
    let all = agents
        .map(|event| AnyEvent::Agent(ANN.into(), event))
        .chain(chats.map(|event| AnyEvent::Conversation(crate::ids::ConversationId::new(id(1)), event)))
        .chain(consents.map(|event| AnyEvent::Consent(crate::ids::ConsentId::new(id(1)), event)));
    for what in all {
        shelf.fold(&happened(what));
    }
    assert!(Arc::ptr_eq(&was, shelf.library()));
}
