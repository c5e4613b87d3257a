//! Hold, keys, recording, supervision, and what is asked on the way.

use super::*;
use crate::call::facts::{
    Beep, LookupOutcome, Nth, RecordedLegs, RecordingRights, RecordingStart, SupervisionMode,
};
use crate::call::reasons::StopReason;
use crate::call::{Rejection, lookup, recording, routing, supervision};
use crate::ids::{RecordingId, RoutingPolicyId, StepId, SupervisionId, UserId};
use crate::testing::given;

const RECORDING: RecordingId = RecordingId::new(id(70));
const SUPERVISOR: UserId = UserId::new(id(71));
const SUPERVISION: SupervisionId = SupervisionId::new(id(72));
const STEP: StepId = StepId::new(id(73));

fn record(command: recording::Command) -> Command {
    Command::Recording(command)
}

fn recorded() -> Vec<Event> {
    let request = recording::Command::Request {
        recording: RECORDING,
        legs: RecordedLegs::Both { leg: CALLER },
        start: RecordingStart::Now,
        beep: Beep::Off,
        rights: RecordingRights {
            pause: true,
            stop: false,
        },
        reason: text("contract"),
        by: Actor::System(text("policy")),
        at: at(17),
    };
    let start = recording::Command::Start {
        recording: RECORDING,
        at: at(18),
    };
    go_on(talking(), [record(request), record(start)])
}

fn pause(second: i64) -> Command {
    record(recording::Command::Pause {
        recording: RECORDING,
        reason: text("card_payment"),
        by: by_ann(),
        at: at(second),
    })
}

fn resume(second: i64) -> Command {
    record(recording::Command::Resume {
        recording: RECORDING,
        by: by_ann(),
        at: at(second),
    })
}

#[test]
fn a_pause_is_measured_even_if_the_clock_goes_back() {
    let resumed = |gap_ms, second| Event::RecordingResumed {
        recording: RECORDING,
        gap_ms: Millis(gap_ms),
        by: by_ann(),
        at: at(second),
    };
    let paused = go_on(recorded(), [pause(20)]);
    given::<Call>(paused.clone())
        .when(resume(24))
        .then([resumed(4_000, 24)]);
    given::<Call>(paused).when(resume(19)).then([resumed(0, 19)]);
}

#[test]
fn a_recording_that_is_paused_when_its_leg_ends_says_what_is_missing() {
    let paused_twice = go_on(recorded(), [pause(20), resume(24), pause(30)]);
    let ended = go_on(paused_twice, [hang_up(CALLER, 36)]);
    assert!(ended.contains(&Event::RecordingStopped {
        recording: RECORDING,
        why: StopReason::LegEnded,
        gaps_ms: Millis(10_000),
        at: at(36),
    }));
}

#[test]
fn an_agent_may_not_stop_what_the_policy_protects() {
    let stop = |by| {
        record(recording::Command::Stop {
            recording: RECORDING,
            why: StopReason::Asked,
            by,
            at: at(40),
        })
    };
    given::<Call>(recorded())
        .when(stop(by_ann()))
        .rejected(Rejection::RecordingProtected { recording: RECORDING });
    let stopped = kinds(&recorded(), stop(Actor::User(SUPERVISOR)));
    assert_eq!(stopped, ["CallRecordingStopped"]);
}

#[test]
fn hold_is_asked_for_and_then_either_so_or_refused() {
    let ask = Command::Hold(hold::Command::Request {
        leg: CALLER,
        by: by_ann(),
        music: None,
        at: at(30),
    });
    let refuse = Command::Hold(hold::Command::Refuse {
        leg: CALLER,
        reason: text("sip-488"),
        at: at(31),
    });
    let resume = Command::Hold(hold::Command::RequestResume {
        leg: CALLER,
        by: by_ann(),
        at: at(31),
    });
    let asked = go_on(talking(), [ask]);
    given::<Call>(asked.clone())
        .when(resume)
        .rejected(Rejection::HoldUnderWay { leg: CALLER });
    given::<Call>(asked).when(refuse).then([Event::HoldRefused {
        leg: CALLER,
        reason: text("sip-488"),
        at: at(31),
    }]);
}

#[test]
fn a_telephone_that_holds_unasked_is_believed() {
    let held = Command::Hold(hold::Command::Confirm {
        leg: CALLER,
        at: at(30),
    });
    assert_eq!(kinds(&talking(), held), ["CallHeld"]);
}

#[test]
fn keys_reported_twice_were_sent_once() {
    let keys = |nth| {
        Command::Leg(leg::Command::SendDigits {
            leg: CALLER,
            nth: Nth(nth),
            digits: None,
            by: by_ann(),
            at: at(20),
        })
    };
    let sent = go_on(talking(), [keys(1), keys(2)]);
    given::<Call>(sent.clone()).when(keys(1)).nothing();
    assert_eq!(kinds(&sent, keys(3)), ["CallDtmfSent"]);
}

#[test]
fn a_supervisor_hears_only_as_a_supervision_and_is_no_second_agent() {
    let party = Party::Supervisor {
        user: SUPERVISOR,
        device: None,
    };
    let there = go_on(talking(), [create(ASKED_LEG, party, None), answer(ASKED_LEG, 20)]);
    given::<Call>(there.clone())
        .when(join(MAIN, ASKED_LEG, 21))
        .rejected(Rejection::NotSupervising { leg: ASKED_LEG });
    let start = Command::Supervision(supervision::Command::Start {
        supervision: SUPERVISION,
        by: SUPERVISOR,
        leg: ASKED_LEG,
        mode: SupervisionMode::Barge,
        at: at(21),
    });
    let heard = go_on(there, [start, join(MAIN, ASKED_LEG, 22)]);
    assert_eq!(Call::fold(&heard).agents_with_caller().len(), 1);
    let end = Command::Supervision(supervision::Command::End {
        supervision: SUPERVISION,
        at: at(30),
    });
    assert_eq!(
        kinds(&heard, end),
        ["CallSupervisionEnded", "CallLegLeft", "CallLegEnded"]
    );
}

fn ask() -> Command {
    Command::Lookup(lookup::Command::Ask {
        step: STEP,
        what: text("contact_by_number"),
        wait_ms: Millis(2_000),
        at: at(1),
    })
}

fn give_up(second: i64) -> Command {
    Command::Lookup(lookup::Command::GiveUp {
        step: STEP,
        at: at(second),
    })
}

#[test]
fn a_call_goes_on_without_an_answer_and_not_before_the_deadline() {
    let asked = told([rings(), ask()]);
    given::<Call>(asked.clone())
        .when(give_up(2))
        .rejected(Rejection::NotYet { until: at(3) });
    given::<Call>(asked.clone())
        .when(give_up(3))
        .then([Event::LookupTimedOut {
            step: STEP,
            at: at(3),
        }]);
    let late = Command::Lookup(lookup::Command::TakeAnswer {
        step: STEP,
        outcome: LookupOutcome::NotFound,
        at: at(4),
    });
    given::<Call>(go_on(asked, [give_up(3)]))
        .when(late)
        .rejected(Rejection::LookupOver { step: STEP });
}

#[test]
fn a_decision_that_missed_something_is_refused() {
    let decide = |rests_on: u32| {
        Command::Routing(routing::Command::Decide {
            step: STEP,
            node: text("menu"),
            app: text("switchboard"),
            branch: text("key_1"),
            hash: crate::content_hash::ContentHash::of(b""),
            inputs: crate::few::Few::none(),
            reason: text("the caller pressed 1"),
            rests_on,
            at: at(2),
        })
    };
    let entered = Event::PolicyEntered {
        step: StepId::new(id(75)),
        policy: RoutingPolicyId::new(id(74)),
        version: 1,
        hash: crate::content_hash::ContentHash::of(b""),
        start: None,
        at: at(1),
    };
    let mut asked = told([rings()]);
    asked.push(entered);
    let recorded = u32::try_from(asked.len()).unwrap();
    given::<Call>(asked.clone())
        .when(decide(recorded - 1))
        .rejected(Rejection::Outdated {
            rests_on: recorded - 1,
            recorded,
        });
    let state = asked.iter().fold(crate::call::State::default(), Call::evolve);
    let decided = Call::decide(&state, decide(recorded)).unwrap();
    assert_eq!(decided.len(), 1);
    let history: Vec<Event> = asked.into_iter().chain(decided).collect();
    given::<Call>(history).when(decide(recorded)).nothing();
}

#[test]
fn a_policy_that_goes_round_in_circles_is_stopped() {
    let enter = |n: usize| {
        Command::Routing(routing::Command::EnterPolicy {
            step: StepId::new(id(1_000 + n as u128)),
            policy: RoutingPolicyId::new(id(74)),
            version: 1,
            hash: crate::content_hash::ContentHash::of(b""),
            start: None,
            rests_on: 0,
            at: at(1),
        })
    };
    let mut history = told([rings()]);
    let step = |n| Event::PolicyEntered {
        step: StepId::new(id(1_000 + n)),
        policy: RoutingPolicyId::new(id(74)),
        version: 1,
        hash: crate::content_hash::ContentHash::of(b""),
        start: None,
        at: at(1),
    };
    history.extend((0..routing::STEPS_MAX as u128).map(step));
    given::<Call>(history.clone()).when(enter(7)).nothing();
    given::<Call>(history)
        .when(enter(routing::STEPS_MAX))
        .rejected(Rejection::TooMany {
            what: "steps",
            max: routing::STEPS_MAX,
        });
}
