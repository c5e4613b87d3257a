//! Stories of Ann, who rings again and is known.

use super::*;
use crate::Private;
use crate::call::parties::{Caller, Entrance, Party};
use crate::call::reasons::{EndCause, LegCause};
use crate::ids::{BridgeId, JourneyId, LegId, PersonId};
use crate::process::waiting::talks::{CUSTOMERS_MAX, REMEMBERED_MS};
use crate::queue::LastAgent;
use crate::queue::tests::{configured, plain};
use crate::testing::sample::{number, person};

const BOB: AgentId = AgentId::new(id(30));
const CAROL: AgentId = AgentId::new(id(31));
const HERS: LegId = LegId::new(id(50));
const DAY: i64 = 86_400;

// The queue keeps customers for the agents whom they had within a day.
fn keeps() -> AnyEvent {
    let mut settings = plain();
    settings.offers.last_agent = Some(LastAgent {
        within_ms: Millis::from_secs(86_400),
        wait_ms: Millis::from_secs(60),
    });
    AnyEvent::Queue(SALES, configured(settings))
}

fn shows(number_of: PersonId) -> Caller {
    Caller::Number {
        number: Private::new(number_of, number("+12025550100")),
    }
}

fn rings(call: CallId, caller: Caller) -> AnyEvent {
    let offered = call::Event::Offered {
        leg: HERS,
        caller,
        entrance: Entrance::Number {
            number: number("+442079460000"),
        },
        journey: JourneyId::new(id(1)),
        previous: None,
        at: at(0),
    };
    AnyEvent::Call(call, offered)
}

fn leg_of(agent: AgentId) -> LegId {
    LegId::new(agent.derive("leg"))
}

// An agent is rung, and the two hear each other.
fn talks(call: CallId, agent: AgentId, second: i64) -> [AnyEvent; 2] {
    let leg = leg_of(agent);
    let created = call::Event::LegCreated {
        leg,
        number: 2,
        party: Party::Agent { agent, device: None },
        offer: None,
        hunt: None,
        at: at(second),
    };
    let joined = call::Event::LegJoined {
        bridge: BridgeId::new(id(60)),
        leg,
        number: 2,
        with: vec![HERS],
        at: at(second),
    };
    [created, joined].map(|event| AnyEvent::Call(call, event))
}

fn hangs_up(call: CallId, leg: LegId, second: i64) -> AnyEvent {
    let ended = call::Event::LegEnded {
        leg,
        cause: LegCause::HungUp,
        at: at(second),
    };
    AnyEvent::Call(call, ended)
}

fn ends(call: CallId, second: i64) -> AnyEvent {
    let cause = EndCause::PolicyEnded { step: None };
    AnyEvent::Call(
        call,
        call::Event::Ended {
            cause,
            at: at(second),
        },
    )
}

const BEFORE: CallId = CallId::new(id(70));

// What Ann, who is known, did in a call before.
fn before(agents: &[(AgentId, i64)], end: i64) -> Vec<AnyEvent> {
    let talked = agents
        .iter()
        .flat_map(|(agent, second)| talks(BEFORE, *agent, *second));
    let mut what = vec![keeps(), rings(BEFORE, shows(person(1)))];
    what.extend(talked);
    what.push(ends(BEFORE, end));
    what
}

// Whom the queue hears of when Ann rings again and is to wait at a second.
fn kept_for(before: Vec<AnyEvent>, caller: Caller, second: i64) -> Option<AgentId> {
    let again = [rings(ANN, caller), queued_as(ENTRY, None, second)];
    heard_of(before.into_iter().chain(again))
}

fn heard_of(what: impl IntoIterator<Item = AnyEvent>) -> Option<AgentId> {
    let said = said(what);
    let [AnyCommand::Queue(SALES, queue::Command::Entry(EntryCommand::Enter { last_agent, .. }))] = &said[..]
    else {
        panic!("one order, to the queue: {said:?}");
    };
    *last_agent
}

#[test]
fn whoever_rings_again_may_be_kept_for_the_agent_they_had() {
    let before = before(&[(BOB, 10)], 100);
    assert_eq!(kept_for(before.clone(), shows(person(1)), 200), Some(BOB));
    assert_eq!(
        kept_for(before.clone(), shows(person(2)), 200),
        None,
        "somebody else"
    );
    assert_eq!(
        kept_for(before, Caller::Withheld, 200),
        None,
        "who hides is nobody again"
    );
}

#[test]
fn the_agent_whom_they_heard_last_counts() {
    let two = before(&[(BOB, 10), (CAROL, 20)], 100);
    assert_eq!(kept_for(two.clone(), shows(person(1)), 200), Some(CAROL));
    let third = CallId::new(id(71));
    let again = [rings(third, shows(person(1)))].into_iter();
    let again = again.chain(talks(third, BOB, 300)).chain([ends(third, 400)]);
    let all = two.into_iter().chain(again).collect();
    assert_eq!(kept_for(all, shows(person(1)), 500), Some(BOB));
}

#[test]
fn it_counts_for_as_long_as_the_queue_says_since_they_parted() {
    let mut before = before(&[(BOB, 10)], 1_000);
    before.insert(4, hangs_up(BEFORE, leg_of(BOB), 100));
    assert_eq!(kept_for(before.clone(), shows(person(1)), 100 + DAY), Some(BOB));
    assert_eq!(kept_for(before, shows(person(1)), 101 + DAY), None);
}

#[test]
fn a_queue_that_keeps_nobody_hears_of_nobody() {
    let mut before = before(&[(BOB, 10)], 100);
    let mut settings = plain();
    settings.offers.last_agent = None;
    before.push(AnyEvent::Queue(SALES, configured(settings)));
    assert_eq!(kept_for(before, shows(person(1)), 200), None);
}

#[test]
fn an_agent_whom_the_call_names_comes_first() {
    let named = of_ann(call::Event::Queued {
        entry: ENTRY,
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: Some(CAROL),
        told: None,
        keeps_place_of: None,
        waiting_since: at(0),
        at: at(200),
    });
    let before = before(&[(BOB, 10)], 100).into_iter();
    let again = [rings(ANN, shows(person(1))), named];
    assert_eq!(heard_of(before.chain(again)), Some(CAROL));
}

#[test]
fn whoever_hands_the_caller_on_is_not_whom_the_queue_keeps_them_for() {
    let first = before(&[(BOB, 10)], 100).into_iter();
    let now = [rings(ANN, shows(person(1)))].into_iter();
    let now = now
        .chain(talks(ANN, CAROL, 150))
        .chain([queued_as(ENTRY, None, 200)]);
    assert_eq!(heard_of(first.chain(now)), Some(BOB));
}

#[test]
fn who_was_rung_by_us_and_rings_back_is_known_as_well() {
    let placed = call::Event::Placed {
        to: Private::new(person(1), number("+12025550100")),
        presenting: None,
        by: Actor::Customer,
        agent: Some(BOB),
        journey: JourneyId::new(id(1)),
        previous: None,
        callback: None,
        at: at(0),
    };
    let theirs = call::Event::LegCreated {
        leg: HERS,
        number: 1,
        party: Party::Customer { number: None },
        offer: None,
        hunt: None,
        at: at(1),
    };
    let placed = [placed, theirs].map(|event| AnyEvent::Call(BEFORE, event));
    let all = [keeps()].into_iter().chain(placed);
    let all = all.chain(talks(BEFORE, BOB, 10)).chain([ends(BEFORE, 100)]);
    assert_eq!(kept_for(all.collect(), shows(person(1)), 200), Some(BOB));
}

#[test]
fn somebody_who_only_waited_or_rang_had_no_agent() {
    let [rung, _] = talks(BEFORE, BOB, 10);
    let all = vec![keeps(), rings(BEFORE, shows(person(1))), rung, ends(BEFORE, 100)];
    assert_eq!(kept_for(all, shows(person(1)), 200), None);
}

#[test]
fn who_talked_longest_ago_is_forgotten_first() {
    let mut waiting = Waiting::default();
    let mut n = 0;
    let mut tell = |waiting: &mut Waiting, what| {
        n += 1;
        waiting.fold(&happened("acme", n, what));
    };
    let customers = u128::try_from(CUSTOMERS_MAX).unwrap() + 1;
    for (customer, second) in (0..customers).zip(0..) {
        tell(&mut waiting, rings(BEFORE, shows(person(1_000 + customer))));
        for event in talks(BEFORE, BOB, second) {
            tell(&mut waiting, event);
        }
        tell(&mut waiting, ends(BEFORE, second));
    }
    let remembered = |waiting: &Waiting| waiting.tenants.values().next().unwrap().talks.remembered();
    assert_eq!(remembered(&waiting), CUSTOMERS_MAX);
    tell(&mut waiting, keeps());
    let mut tries = |customer: u128, call, second: i64| {
        let mut waiting = waiting.clone();
        tell(&mut waiting, rings(call, shows(person(1_000 + customer))));
        tell(&mut waiting, queued_as(ENTRY, None, second));
        let orders = waiting.orders(at(0)).into_iter();
        let enters = orders.filter_map(|order| {
            let AnyCommand::Queue(_, queue::Command::Entry(EntryCommand::Enter { last_agent, .. })) =
                order.what
            else {
                return None;
            };
            last_agent
        });
        enters.collect::<Vec<_>>()
    };
    assert_eq!(tries(0, ANN, 60_000), [], "the first had to go");
    assert_eq!(tries(1, ANN, 60_000), [BOB]);
    let late = i64::try_from(REMEMBERED_MS.0 / 1_000).unwrap() + 100_000;
    tell(&mut waiting, rings(BEFORE, Caller::Withheld));
    tell(&mut waiting, rings(ANN, shows(person(1))));
    tell(
        &mut waiting,
        AnyEvent::Call(
            ANN,
            call::Event::Ended {
                cause: EndCause::PolicyEnded { step: None },
                at: at(late),
            },
        ),
    );
    assert_eq!(remembered(&waiting), 0, "nobody is remembered for ever");
}
