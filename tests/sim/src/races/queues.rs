//! Queues that offered one caller to too many, to nobody, or in the wrong order.

use std::collections::{BTreeMap, BTreeSet};

use domain_model::few::Few;
use domain_model::ids::CalendarId;
use domain_model::queue::{Event as QueueEvent, LeftBecause, Overflow, Tier};
use domain_model::tenant::hours::Hours;

use super::*;
use crate::plan::{founding, numbered};
use crate::play::Watch;
use crate::tally::Tally;

// Two agents answered one caller at once, and both were told that they had the call.
// Seen in: asterisk/asterisk#176, signalwire/freeswitch#2540.
#[test]
fn of_agents_who_answer_at_once_one_is_connected_and_the_others_are_free_again() {
    for seed in 0..200 {
        let people = [ready(), ready(), ready(), ready()];
        let log = scene(Strategy::RingAll, &people)
            .rings(5, 0, None)
            .where_things_break(seed)
            .history();
        assert_eq!(count(&log, "CallOfferAccepted"), 1, "seed {seed}");
        let joined = log.iter().filter(|recorded| {
            matches!(&recorded.happened.what, AnyEvent::Call(_, CallEvent::LegJoined { with, .. }) if !with.is_empty())
        });
        assert_eq!(joined.count(), 1, "seed {seed}");
        // That nobody stays reserved, the rules say at the end of each history.
        assert_eq!(
            count(&log, "AgentReserved"),
            count(&log, "AgentReleased"),
            "seed {seed}"
        );
    }
}

// One call was counted twice, so that whoever had the fewest was reckoned wrongly.
// Seen in: asterisk/asterisk#1736.
#[test]
fn a_contact_that_is_reported_twice_counts_once_for_whoever_had_the_fewest() {
    for seed in 0..20 {
        let calls = (0..40).fold(
            scene(Strategy::FewestContacts, &[ready(), ready()]),
            |scene, n| scene.rings(5 + 60 * u32::try_from(n).expect("a few"), n, None),
        );
        let mut calls = calls.where_things_break(seed);
        calls.0.faults = Faults {
            repeats: 500,
            ..Faults::NONE
        };
        let log = calls.history();
        let mut served: BTreeMap<AgentId, usize> = BTreeMap::new();
        for recorded in &log {
            if let AnyEvent::Call(_, CallEvent::OfferAccepted { agent, .. }) = &recorded.happened.what {
                *served.entry(*agent).or_default() += 1;
            }
        }
        assert_eq!(
            served.values().copied().collect::<Vec<_>>(),
            [20, 20],
            "seed {seed}"
        );
        let mut tally = Tally::default();
        log.iter().for_each(|recorded| tally.see(recorded));
        let counts = tally.of(queue(0));
        assert_eq!((counts.offered, counts.answered), (40, 40), "seed {seed}");
        assert_eq!(
            (counts.abandoned, counts.flowed_out),
            (0, 0),
            "seed {seed}: the queue's totals"
        );
    }
}

// A reservation was made, cancelled and made again, without end.
// Seen in: twilio-taskrouter.js#2.
#[test]
fn queues_that_want_the_same_agent_do_not_reserve_and_cancel_in_a_loop() {
    let other = Caller {
        dials: straight(1),
        patience: Some(Millis::from_secs(300)),
        ..caller(1, None)
    };
    let mut both = scene(Strategy::LongestIdle, &[ready()])
        .rings(5, 0, Some(300))
        .then(5, What::Ring(other));
    let settings = plain_queue("Other", group(0));
    both.0.queues.insert(queue(1), settings);
    let log = both.history();
    assert_eq!(taken(&log), [0, 1]);
    assert_eq!(
        count(&log, "QueueReserved"),
        3,
        "one for the first, one in vain for the second, and one once the agent is free"
    );
    assert_eq!(count(&log, "QueueOfferEnded"), 3);
    assert_eq!(count(&log, "AgentReserved"), 2);
}

// In top-down order the last agent's break stopped everything.
// Seen in: signalwire/freeswitch#1216.
#[test]
fn the_last_agents_break_does_not_hold_up_the_others() {
    let log = scene(Strategy::TopDown, &[ready(), ready()])
        .then(1, What::Away(agent(1)))
        .rings(5, 0, None)
        .rings(40, 1, None)
        .history();
    assert_eq!(count(&log, "CallOfferAccepted"), 2);
}

// A burst of calls all chose the same best agent.
// Seen in: OpenACD#5.
#[test]
fn a_burst_of_calls_gets_an_agent_each() {
    let people = vec![ready(); 10];
    let burst = (0..10).fold(scene(Strategy::LongestIdle, &people), |scene, n| {
        scene.rings(5, n, None)
    });
    let log = burst.history();
    assert_eq!(offers(&log), 10, "nobody was offered what another got");
    assert_eq!(count(&log, "CallOfferAccepted"), 10);
}

// Twenty calls a second were too many.
// Seen in: signalwire/freeswitch#2458.
#[test]
fn twenty_calls_a_second_are_served_in_their_order() {
    let people = vec![ready(); 60];
    let crowd = (0..1_200).fold(scene(Strategy::LongestIdle, &people), |mut scene, n| {
        scene = scene.rings(5, n, None);
        if let Some(last) = scene.0.moments.last_mut() {
            last.at = last.at.plus(Millis(50 * n));
            if let What::Ring(caller) = &mut last.what {
                caller.talk = Millis::from_secs(4);
            }
        }
        scene
    });
    let log = crowd.history();
    assert_eq!(count(&log, "CallOfferAccepted"), 1_200);
}

// Once somebody joined at the first place, nobody was offered anything any more.
// Seen in: asterisk/asterisk#1691.
#[test]
fn a_caller_who_joins_at_the_front_stops_nobody_being_offered() {
    let never = Person {
        misses: 1000,
        ..ready()
    };
    let log = scene(Strategy::TopDown, &[never, ready()])
        .then(1, What::Away(agent(0)))
        .then(1, What::Away(agent(1)))
        .rings(5, 0, None)
        .rings(6, 1, None)
        .rings_urgently(7, 2)
        .then(10, What::Back(agent(0)))
        .then(11, What::Back(agent(1)))
        .history();
    let before_the_first_gives_up = log.iter().find_map(|recorded| match &recorded.happened.what {
        AnyEvent::Call(_, CallEvent::OfferAccepted { agent: who, .. }) => Some((recorded.time, *who)),
        _ => None,
    });
    let second_11 = log[0].time.plus(Millis::from_secs(11));
    assert_eq!(
        before_the_first_gives_up,
        Some((second_11, agent(1))),
        "whoever is free is offered the next while the first rings in vain"
    );
    assert_eq!(taken(&log).len(), 3, "and all three are served");
}

// With several tiers and scores the eighth caller was served before the first.
// Seen in: signalwire/freeswitch#2511.
#[test]
fn among_tiers_and_priorities_the_line_is_served_in_its_order() {
    let helper = ready_person(group(1));
    let mut line = scene(Strategy::TopDown, &[ready(), helper])
        .then(1, What::Away(agent(0)))
        .then(1, What::Away(agent(1)));
    line.settings().tiers = Few::first([
        Tier {
            groups: [group(0)].into(),
            after_ms: Millis(0),
        },
        Tier {
            groups: [group(1)].into(),
            after_ms: Millis::from_secs(5),
        },
    ]);
    for n in 0..8 {
        let second = 5 + u32::try_from(n).expect("a few");
        line = match n {
            3 | 6 => line.rings_urgently(second, n),
            _ => line.rings(second, n, None),
        };
    }
    let log = line
        .then(30, What::Back(agent(0)))
        .then(31, What::Back(agent(1)))
        .history();
    assert_eq!(taken(&log), [3, 6, 0, 1, 2, 4, 5, 7]);
}

// Two nodes served one queue and both gave its callers away.
// Seen in: signalwire/freeswitch#1674.
#[test]
fn two_nodes_that_want_one_queue_never_both_connect_a_caller() {
    let mut owners = BTreeSet::new();
    for seed in 0..100 {
        let business = scene(Strategy::LongestIdle, &[ready(), ready(), ready()])
            .where_things_break(seed)
            .rings(5, 0, None)
            .rings(8, 1, None)
            .rings(45, 2, None)
            .then(
                4,
                What::Freeze {
                    node: seed % 2,
                    during: Millis(35_000 + 300 * seed),
                },
            );
        let log = business.history();
        let mut served = taken(&log);
        served.sort_unstable();
        assert_eq!(served, [0, 1, 2], "seed {seed}: each is taken once");
        let nodes = log.iter().filter_map(|recorded| match &recorded.happened.what {
            AnyEvent::Queue(_, QueueEvent::LeaseAcquired { node, .. }) => Some(node.clone()),
            _ => None,
        });
        owners.insert(nodes.collect::<BTreeSet<_>>().len());
    }
    assert!(owners.contains(&2), "both were owners at some time: {owners:?}");
}

// A node that owned a queue was gone, and its queue stood still.
#[test]
fn a_queue_whose_owner_is_gone_gets_another_once_the_lease_is_over() {
    let log = scene(Strategy::LongestIdle, &[ready(), ready()])
        .rings(5, 0, None)
        .then(10, What::RestartOwner { owner: 0 })
        .rings(12, 1, None)
        .history();
    let owners = log.iter().filter_map(|recorded| match &recorded.happened.what {
        AnyEvent::Queue(_, QueueEvent::LeaseAcquired { node, .. }) => Some((
            recorded.time.since(log[0].time).0 / 1000,
            node.as_str().to_owned(),
        )),
        _ => None,
    });
    let owners: Vec<_> = owners.collect();
    assert_eq!(
        owners,
        [(0, "node-0-run-0".to_owned()), (30, "node-0-run-1".to_owned())]
    );
    assert_eq!(count(&log, "QueueLeaseLapsed"), 1);
    assert_eq!(taken(&log), [0, 1]);
}

// A queue that was to help out was closed, and whoever was sent there was turned away though people worked in the first.
#[test]
fn a_caller_whom_a_closed_queue_was_to_help_is_served_where_they_came_from() {
    for seed in 0..50 {
        let mut scene = scene(Strategy::LongestIdle, &[ready()]);
        let calendar = CalendarId::new(numbered(20, 1));
        let only_sundays: Hours = serde_json::from_value(serde_json::json!({
            "name": "Sundays", "zone": "UTC", "days": [],
            "week": [{ "day": "sunday", "from": "09:00", "until": "17:00" }],
        }))
        .expect("hours");
        scene.0.founding = vec![founding::tenant(), founding::calendar(calendar, only_sundays)];
        let mut help = plain_queue("Help", group(1));
        help.hours = Some(calendar);
        scene.0.queues.insert(queue(1), help);
        scene.settings().waiting.overflow = Some(Overflow {
            to: Some(queue(1)),
            after_ms: Millis::from_secs(30),
        });
        let mut scene = scene
            .then(1, What::Away(agent(0)))
            .rings(5, 0, None)
            .then(200, What::Back(agent(0)))
            .where_things_break(seed);
        // The agent is away when the caller comes.
        scene.0.faults.late = 0;
        let log = scene.history();
        let sent = log.iter().filter(|recorded| {
            matches!(
                &recorded.happened.what,
                AnyEvent::Queue(
                    _,
                    QueueEvent::Left {
                        why: LeftBecause::Overflowed { .. },
                        ..
                    }
                )
            )
        });
        assert!(
            sent.count() >= 2,
            "seed {seed}: sent on, and again after coming back"
        );
        let helped = log.iter().any(|recorded| {
            matches!(&recorded.happened.what, AnyEvent::Queue(of, QueueEvent::Entered { .. }) if *of == queue(1))
        });
        assert!(!helped, "seed {seed}: it is Monday");
        assert_eq!(count(&log, "CallOfferAccepted"), 1, "seed {seed}");
    }
}
