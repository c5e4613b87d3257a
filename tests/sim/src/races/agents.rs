//! Agents whose state was another than the one shown.

use domain_model::agent as agents;
use domain_model::call::reasons::LegCause;

use super::*;

// The first to answer hung up before the bridge, and everybody else was dropped.
// Seen in: asterisk/asterisk#1557.
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

// Agents were shown talking hours after the caller hung up.
// Seen in: signalwire/freeswitch#1973.
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
// Seen in: amazon-connect-streams#14.
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

// The agent who finished last wrote notes, and nobody else got a call meanwhile.
// Seen in: OpenSIPS/opensips#2679.
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

// The same agent was rung again and again, and who turned down was asked at once again.
// Seen in: FreePBX/issue-tracker#40, amazon-connect-streams#292.
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
// Seen in: amazon-connect-streams#977.
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
// Seen in: amazon-connect-streams#613.
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

// The same with a state that was chosen for later while it rang.
// Seen in: amazon-connect-streams#613.
#[test]
fn a_state_chosen_for_later_while_it_rings_and_a_miss_leave_the_agent_free_to_come_back() {
    let slow = Person {
        misses: 1000,
        ..ready()
    };
    let log = scene(Strategy::LongestIdle, &[slow])
        .rings(5, 0, Some(120))
        .then(6, What::AwayLater(agent(0)))
        .then(40, What::Back(agent(0)))
        .history();
    assert_eq!(count(&log, "AgentNextStateQueued"), 1);
    let labels = ["Available", "Break", "Available"];
    assert_eq!(
        chosen(&log, agent(0)),
        labels,
        "the break begins with the miss, and ends"
    );
    let rung = log.iter().filter_map(|recorded| match &recorded.happened.what {
        AnyEvent::Call(_, CallEvent::AgentOffered { .. }) => Some(recorded.time.since(log[0].time).0 / 1000),
        _ => None,
    });
    assert_eq!(
        rung.take(2).collect::<Vec<_>>(),
        [5, 40],
        "nothing rings on the break, and it does at once after it"
    );
}

// A softphone died in silence, and the call was shown as connecting for ever.
// Seen in: amazon-connect-streams#428.
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

// Who was on a break while a number that we rang did not answer was made available by that.
// Seen in: amazon-connect-streams#241.
#[test]
fn a_call_that_we_place_and_nobody_answers_leaves_a_break_a_break() {
    let customer = Caller {
        callback: Some(0),
        ..caller(0, Some(300))
    };
    let log = scene(Strategy::LongestIdle, &[ready()])
        .with_callbacks()
        .then(1, What::Away(agent(0)))
        .then(5, What::Ring(customer))
        .then(80, What::Back(agent(0)))
        .then(90, What::Away(agent(0)))
        .history();
    let rang_out = log.iter().filter(|recorded| {
        let AnyEvent::Call(_, CallEvent::LegEnded { cause, at, .. }) = &recorded.happened.what else {
            return false;
        };
        *cause == LegCause::NoAnswer && at.since(log[0].time) > Millis::from_secs(90)
    });
    assert_eq!(
        rang_out.count(),
        1,
        "the customer did not answer during the break"
    );
    assert_eq!(
        chosen(&log, agent(0)),
        ["Available", "Break", "Available", "Break"]
    );
}

// A state that waited for the end of a contact made somebody available who had gone home meanwhile.
// Seen in: flex-project-template#290.
#[test]
fn a_state_chosen_for_later_brings_nobody_back_who_went_home() {
    let on_a_call = || scene(Strategy::LongestIdle, &[ready()]).rings(5, 0, None);
    let log = on_a_call()
        .then(8, What::Away(agent(0)))
        .then(10, What::BackLater(agent(0)))
        .then(12, What::SignOut(agent(0)))
        .history();
    assert_eq!(count(&log, "AgentNextStateQueued"), 1);
    assert_eq!(count(&log, "AgentNextStateDropped"), 1);
    assert_eq!(chosen(&log, agent(0)), ["Available", "Break", "out"]);
    let stays = on_a_call()
        .then(8, What::BackLater(agent(0)))
        .then(10, What::AwayLater(agent(0)))
        .history();
    assert_eq!(
        chosen(&stays, agent(0)),
        ["Available", "Break"],
        "what was chosen last holds once the call is over"
    );
}

// The end of a contact made somebody available who had chosen a break while it lasted.
#[test]
fn the_end_of_a_contact_ends_no_break() {
    let log = scene(Strategy::LongestIdle, &[ready()])
        .rings(5, 0, None)
        .then(10, What::Away(agent(0)))
        .rings(12, 1, Some(120))
        .history();
    assert_eq!(
        count(&log, "CallOfferAccepted"),
        1,
        "nothing is offered on a break"
    );
    assert_eq!(chosen(&log, agent(0)), ["Available", "Break"]);
}

// Agents had to wrap up contacts that they never took.
// Seen in: plugin-dialpad#31, plugin-dialpad#26.
#[test]
fn notes_begin_only_for_what_was_taken() {
    let notes = |person: Person, patience: u32| {
        let mut scene = scene(Strategy::LongestIdle, &[person]);
        scene.settings().offers.wrap_up = Some(agents::WrapUp {
            length_ms: Millis::from_secs(20),
            code_required: false,
        });
        let log = scene.rings(5, 0, Some(patience)).history();
        assert!(offers(&log) > 0);
        count(&log, "AgentWrapUpStarted") + count(&log, "CallWrapUpStarted")
    };
    let misses = Person {
        misses: 1000,
        ..ready()
    };
    let rejects = Person {
        rejects: 1000,
        ..ready()
    };
    let unreachable = Person {
        unreachable: 1000,
        ..ready()
    };
    let deaf = Person {
        never_heard: true,
        ..ready()
    };
    for (person, patience) in [
        (misses.clone(), 60),
        (misses, 4),
        (rejects, 60),
        (unreachable, 60),
        (deaf, 100),
    ] {
        assert_eq!(notes(person.clone(), patience), 0, "{person:?}");
    }
    assert_eq!(notes(ready(), 60), 2, "one of the agent's, one of the call's");
}
