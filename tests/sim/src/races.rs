//! Mistakes that other engines were seen to make in public, each as a scene: what must come of it here.

use std::collections::BTreeMap;

use domain_model::call::Event as CallEvent;
use domain_model::ids::AgentId;
use domain_model::process::AnyEvent;
use domain_model::queue::Strategy;
use domain_model::{Millis, Timestamp, agent as agents};

use crate::judge::{history, judge, shortest};
use crate::plan::{
    Caller, Faults, Moment, Person, Plan, What, agent, group, plain_queue, queue, ready_person,
};
use crate::platform::Recorded;
use crate::policies::{ready_made, straight};

/// A scene: one queue, some people, and what happens so many seconds after the beginning.
struct Scene(Plan);

fn scene(strategy: Strategy, people: &[Person]) -> Scene {
    let begins: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a moment");
    let mut plan = Plan::empty(1, begins, ready_made());
    let mut settings = plain_queue("Sales", group(0));
    settings.strategy = strategy;
    settings.offers.ring_ms = Millis::from_secs(10);
    plan.queues.insert(queue(0), settings);
    for (n, person) in (0..).zip(people) {
        plan.agents.insert(agent(n), person.clone());
        plan.moments.push(Moment {
            at: begins,
            what: What::SignIn(agent(n)),
        });
    }
    Scene(plan)
}

fn ready() -> Person {
    ready_person(group(0))
}

impl Scene {
    fn then(self, second: u32, what: What) -> Self {
        self.then_after(Millis::from_secs(second), what)
    }

    fn then_after(mut self, after: Millis, what: What) -> Self {
        let at = self.0.begins.plus(after);
        self.0.moments.push(Moment { at, what });
        self
    }

    fn rings(self, second: u32, number: u64, patience: Option<u32>) -> Self {
        let caller = Caller {
            number,
            customer: number,
            dials: straight(0),
            keys: Vec::new(),
            tier: None,
            patience: patience.map(Millis::from_secs),
            talk: Millis::from_secs(30),
            callback: None,
            hands_on: None,
            heard_after: None,
        };
        self.then(second, What::Ring(caller))
    }

    fn where_things_break(mut self, seed: u64) -> Self {
        self.0.chance = crate::chance::Chance::seeded(seed);
        self.0.faults = Faults {
            lag: Millis(1_500),
            late: 200,
            late_by: Millis(2_000),
            repeats: 200,
            stops: 30,
            nodes: 2,
        };
        self
    }

    /// Plays it; the rules hold.
    #[expect(
        clippy::print_stdout,
        reason = "whoever looks into a failure reads its history"
    )]
    fn history(mut self) -> Vec<Recorded> {
        self.0.sort();
        if let Err(failure) = judge(&self.0) {
            // Callers who never lose patience wait for ever once nobody is left: no shorter history says more.
            let endless =
                |moment: &Moment| matches!(&moment.what, What::Ring(caller) if caller.patience.is_none());
            let told = if self.0.moments.iter().any(endless) {
                self.0.clone()
            } else {
                shortest(&self.0)
            };
            for recorded in history(&told) {
                println!("{} {:?}", recorded.time, recorded.happened.what);
            }
            panic!("{failure}");
        }
        history(&self.0)
    }
}

fn count(log: &[Recorded], kind: &str) -> usize {
    log.iter()
        .filter(|recorded| recorded.happened.what.kind() == kind)
        .count()
}

fn offers(log: &[Recorded]) -> usize {
    count(log, "CallAgentOffered")
}

// Two agents answered one caller at once, and both were told that they had the call.
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

// The first to answer hung up before the bridge, and everybody else was dropped.
#[test]
fn a_caller_whose_agent_is_lost_while_being_connected_gets_another() {
    let mut failed = 0;
    for seed in 0..200 {
        let business = || {
            scene(Strategy::RingAll, &[ready(), ready(), ready()])
                .rings(5, 0, None)
                .where_things_break(seed)
        };
        let accepted = business()
            .history()
            .into_iter()
            .find_map(|recorded| match recorded.happened.what {
                AnyEvent::Call(_, CallEvent::OfferAccepted { agent, .. }) => Some((recorded.time, agent)),
                _ => None,
            });
        let (when, lost) = accepted.expect("somebody answers");
        let when = Millis(1 + when.since(business().0.begins).0);
        let log = business()
            .then_after(when, What::DeviceLost(lost))
            .then_after(Millis(when.0 + 30_000), What::DeviceBack(lost))
            .history();
        assert!(count(&log, "CallLegJoined") >= 2, "seed {seed}");
        let connects = |recorded: &&Recorded| is_failed_connection(&recorded.happened.what);
        failed += log.iter().filter(connects).count();
    }
    assert!(failed > 10, "agents are lost while they are being connected");
}

fn is_failed_connection(what: &AnyEvent) -> bool {
    use domain_model::call::reasons::LeaveReason;
    matches!(
        what,
        AnyEvent::Call(
            _,
            CallEvent::LeftQueue {
                reason: LeaveReason::ConnectFailed { .. },
                ..
            }
        )
    )
}

// One call was counted twice, so that whoever had the fewest was reckoned wrongly.
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
    }
}

// Agents were shown talking hours after the caller hung up.
#[test]
fn nobody_is_shown_talking_after_the_caller_hung_up() {
    for seed in 0..50 {
        let log = scene(Strategy::LongestIdle, &[ready(), ready()])
            .rings(5, 0, Some(300))
            .then(12, What::DeviceLost(agent(seed % 2)))
            .then(13, What::Restart { process: seed })
            .rings(20, 1, Some(300))
            .then(600, What::DeviceBack(agent(seed % 2)))
            .where_things_break(seed)
            .history();
        let ended = count(&log, "CallEnded");
        assert_eq!(
            ended, 2,
            "seed {seed}: the rules hold that no agent outlives them"
        );
    }
}

// Accepting succeeded, and the call was shown as connecting for ever.
#[test]
fn a_call_that_is_accepted_and_never_connected_goes_to_the_next_agent() {
    let deaf = Person {
        never_heard: true,
        ..ready()
    };
    let log = scene(Strategy::TopDown, &[deaf, ready()])
        .then(1, What::Away(agent(1)))
        .rings(5, 0, Some(300))
        .then(20, What::Back(agent(1)))
        .history();
    assert!(count(&log, "CallOfferAccepted") >= 2);
    assert!(
        log.iter()
            .any(|recorded| is_failed_connection(&recorded.happened.what))
    );
}

// In top-down order the last agent's break stopped everything.
#[test]
fn the_last_agents_break_does_not_hold_up_the_others() {
    let log = scene(Strategy::TopDown, &[ready(), ready()])
        .then(1, What::Away(agent(1)))
        .rings(5, 0, None)
        .rings(40, 1, None)
        .history();
    assert_eq!(count(&log, "CallOfferAccepted"), 2);
}

// The agent who finished last wrote notes, and nobody else got a call meanwhile.
#[test]
fn one_agents_notes_hold_back_nobody_else() {
    let mut scene = scene(Strategy::LongestIdle, &[ready(), ready()]);
    let settings = scene.0.queues.get_mut(&queue(0)).expect("the queue");
    settings.offers.wrap_up = Some(agents::WrapUp {
        length_ms: Millis::from_secs(600),
        code_required: false,
    });
    for person in scene.0.agents.values_mut() {
        person.notes = Millis::from_secs(3_600);
    }
    let log = scene.rings(5, 0, None).rings(60, 1, None).history();
    let waited = log.iter().filter_map(|recorded| match &recorded.happened.what {
        AnyEvent::Queue(_, domain_model::queue::Event::Left { waited_ms, .. }) => Some(*waited_ms),
        _ => None,
    });
    assert_eq!(waited.collect::<Vec<_>>(), [Millis(0), Millis(0)]);
}

// A burst of calls all chose the same best agent.
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

// The same agent was rung again and again, and who turned down was asked at once again.
#[test]
fn whoever_does_not_take_a_call_is_not_rung_in_a_loop() {
    let never = |person: Person| {
        scene(Strategy::LongestIdle, &[person])
            .rings(5, 0, Some(120))
            .history()
    };
    let misses = never(Person {
        misses: 1000,
        ..ready()
    });
    // Ten seconds of ringing, ten of pause.
    assert_eq!(offers(&misses), 6);
    let rejects = never(Person {
        rejects: 1000,
        ..ready()
    });
    assert_eq!(offers(&rejects), 12);
    let unreachable = never(Person {
        unreachable: 1000,
        ..ready()
    });
    assert!(
        (2..=12).contains(&offers(&unreachable)),
        "{}",
        offers(&unreachable)
    );
}

// Missed and turned down could not be told apart, nor from callers who were gone and telephones that were off.
#[test]
fn missed_rejected_gone_and_unreachable_are_four_things() {
    let one = |person: Person| {
        scene(Strategy::LongestIdle, &[person])
            .rings(5, 0, Some(4))
            .history()
    };
    let slow = Person {
        misses: 1000,
        ..ready()
    };
    assert_eq!(count(&one(slow.clone()), "CallOfferCallerGone"), 1);
    assert_eq!(
        count(
            &one(Person {
                rejects: 1000,
                ..ready()
            }),
            "CallOfferRejected"
        ),
        1
    );
    assert_eq!(
        count(
            &one(Person {
                unreachable: 1000,
                ..ready()
            }),
            "CallOfferUnreachable"
        ),
        1
    );
    let patient = scene(Strategy::LongestIdle, &[slow])
        .rings(5, 0, Some(15))
        .history();
    assert_eq!(count(&patient, "CallOfferMissed"), 1);
}

// A state chosen while it rang, and a missed call, made it impossible to be available again.
#[test]
fn who_takes_a_break_while_it_rings_is_asked_again_after_it() {
    let slow = Person {
        misses: 1000,
        ..ready()
    };
    let log = scene(Strategy::LongestIdle, &[slow])
        .rings(5, 0, Some(120))
        .then(6, What::Away(agent(0)))
        .then(40, What::Back(agent(0)))
        .history();
    assert_eq!(
        count(&log, "CallOfferWithdrawn"),
        1,
        "the first is taken back, and not missed"
    );
    assert!(offers(&log) >= 2);
}

// A softphone died in silence, and the call was shown as connecting for ever.
#[test]
fn a_telephone_that_dies_while_it_rings_costs_the_caller_a_moment_only() {
    let slow = Person {
        misses: 1000,
        ..ready()
    };
    let log = scene(Strategy::TopDown, &[slow, ready()])
        .then(1, What::Away(agent(1)))
        .rings(5, 0, Some(60))
        .then(8, What::DeviceLost(agent(0)))
        .then(9, What::Back(agent(1)))
        .history();
    assert_eq!(count(&log, "CallOfferAccepted"), 1);
}

// Twenty calls a second were too many.
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
