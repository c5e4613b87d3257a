//! How calls begin and end, and what callers do instead of waiting.

use super::*;
use crate::call::facts::{Hunt, Property};
use crate::call::reasons::{CallbackEnd, EndCause, LeaveReason, Withdrawal};
use crate::call::{Rejection, callback};
use crate::ids::{CallId, CallbackId, StepId, UserId};
use crate::testing::given;

const CALLBACK: CallbackId = CallbackId::new(id(80));

fn end(cause: EndCause, second: i64) -> Command {
    Command::Life(life::Command::End {
        cause,
        at: at(second),
    })
}

fn places() -> Command {
    Command::Life(life::Command::Place {
        to: customer(),
        presenting: None,
        by: by_ann(),
        agent: Some(ANN),
        journey: JourneyId::new(id(5)),
        previous: None,
        callback: None,
        at: at(0),
    })
}

#[test]
fn nothing_happens_to_a_call_that_has_not_begun() {
    given::<Call>([]).when(wait(ENTRY)).rejected(Rejection::NotBegun);
}

#[test]
fn a_call_that_ended_ends_all_that_was_open_in_it() {
    let by = UserId::new(id(60));
    let asked = go_on(asking(), [wait(EntryId::new(id(41)))]);
    let ended = kinds(&asked, end(EndCause::SupervisorEnded { by }, 90));
    assert_eq!(
        ended,
        [
            "CallLeftQueue",
            "CallConsultEnded",
            "CallLegLeft",
            "CallLegLeft",
            "CallLegEnded",
            "CallLegLeft",
            "CallLegEnded",
            "CallLegEnded",
            "CallEnded"
        ]
    );
}

#[test]
fn an_agent_who_hangs_up_leaves_the_caller_to_the_policy() {
    let kinds = kinds(&talking(), hang_up(ANN_LEG, 60));
    assert_eq!(kinds, ["CallLegLeft", "CallLegEnded"]);
}

#[test]
fn others_may_talk_on_when_the_caller_is_gone_but_nobody_waits_or_is_rung() {
    let carol_and_ann = go_on(asking(), [hang_up(CALLER, 60)]);
    assert!(Call::fold(&carol_and_ann).is_live());
    given::<Call>(carol_and_ann.clone())
        .when(wait(EntryId::new(id(41))))
        .rejected(Rejection::CallerGone);
    let alone = go_on(carol_and_ann, [hang_up(ASKED_LEG, 70)]);
    assert_eq!(
        alone.last(),
        Some(&Event::Ended {
            cause: EndCause::AgentHungUp { agent: CAROL },
            at: at(70),
        })
    );
}

#[test]
fn what_comes_late_from_the_network_changes_nothing() {
    let over = go_on(talking(), [hang_up(CALLER, 60)]);
    given::<Call>(over.clone()).when(hang_up(ANN_LEG, 61)).nothing();
    given::<Call>(over.clone())
        .when(end(EndCause::NodeLost, 62))
        .nothing();
    given::<Call>(over)
        .when(create(ASKED_LEG, desk(BOB), None))
        .rejected(Rejection::CallOver);
}

#[test]
fn a_customer_who_was_busy_abandoned_no_queue() {
    let customer_leg = create(CALLER, Party::Customer { number: None }, None);
    let placed = told([places(), wait(ENTRY), customer_leg]);
    given::<Call>(placed)
        .when(end_leg(CALLER, LegCause::Busy, 12))
        .then([
            Event::LegEnded {
                leg: CALLER,
                cause: LegCause::Busy,
                at: at(12),
            },
            Event::LeftQueue {
                entry: ENTRY,
                queue: SALES,
                reason: LeaveReason::Ended,
                at: at(12),
            },
            Event::Ended {
                cause: EndCause::Busy,
                at: at(12),
            },
        ]);
}

#[test]
fn the_first_of_a_group_to_answer_wins_and_the_others_stop_ringing() {
    let hunt = in_a_hunt();
    let ring = |leg, agent| {
        Command::Leg(leg::Command::Create {
            leg,
            party: desk(agent),
            offer: None,
            hunt,
            at: at(5),
        })
    };
    let rung = told([rings(), ring(ANN_LEG, ANN), ring(BOB_LEG, BOB)]);
    let answered = go_on(rung, [answer(ANN_LEG, 8)]);
    assert!(answered.contains(&Event::LegEnded {
        leg: BOB_LEG,
        cause: LegCause::AnsweredElsewhere,
        at: at(8),
    }));
    given::<Call>(answered.clone())
        .when(answer(BOB_LEG, 8))
        .rejected(Rejection::HuntTaken { by: ANN_LEG });
    given::<Call>(answered)
        .when(ring(ASKED_LEG, CAROL))
        .rejected(Rejection::HuntTaken { by: ANN_LEG });
}

const fn in_a_hunt() -> Option<Hunt> {
    let (step, screened) = (StepId::new(id(81)), false);
    Some(Hunt { step, screened })
}

#[test]
fn who_answers_and_is_asked_first_lets_the_others_ring_until_they_are_connected() {
    let (step, screened) = (StepId::new(id(81)), true);
    let create = |leg| {
        Command::Leg(leg::Command::Create {
            leg,
            party: Party::Number { number: customer() },
            offer: None,
            hunt: Some(Hunt { step, screened }),
            at: at(2),
        })
    };
    let (one, other) = (LegId::new(id(82)), LegId::new(id(83)));
    let history = told([
        rings(),
        answer(CALLER, 1),
        create(one),
        create(other),
        answer(one, 3),
        answer(other, 4),
    ]);
    assert!(
        !history
            .iter()
            .any(|event| matches!(event, Event::LegEnded { .. })),
        "both are asked"
    );
    let history = go_on(history, [join(MAIN, CALLER, 5)]);
    let ended = Call::decide(&Call::fold(&history), join(MAIN, other, 6)).unwrap();
    let gone = |event: &Event| matches!(event, Event::LegEnded { leg, cause: LegCause::AnsweredElsewhere, .. } if *leg == one);
    assert!(ended.iter().any(gone), "{ended:?}");
}

#[test]
fn the_customer_goes_on_ringing_when_an_agent_of_the_same_hunt_answers() {
    let hunt = in_a_hunt();
    let ring = |leg, party| {
        Command::Leg(leg::Command::Create {
            leg,
            party,
            offer: None,
            hunt,
            at: at(5),
        })
    };
    let customer_leg = ring(CALLER, Party::Customer { number: None });
    let rung = told([
        places(),
        customer_leg,
        ring(ANN_LEG, desk(ANN)),
        ring(BOB_LEG, desk(BOB)),
    ]);
    given::<Call>(rung).when(answer(ANN_LEG, 8)).then([
        Event::LegAnswered {
            leg: ANN_LEG,
            at: at(8),
        },
        Event::LegEnded {
            leg: BOB_LEG,
            cause: LegCause::AnsweredElsewhere,
            at: at(8),
        },
    ]);
}

#[test]
fn only_properties_that_change_are_recorded() {
    let property = |name: &str, value: &str| Property {
        name: text(name),
        value: Some(Private::new(person(90), text(value))),
    };
    let set = |properties: &[Property]| {
        Command::Life(life::Command::SetProperties {
            properties: Few::first(properties.iter().cloned()),
            at: at(1),
        })
    };
    let french = told([rings(), set(&[property("language", "fr")])]);
    let both = set(&[property("language", "fr"), property("topic", "price")]);
    given::<Call>(french).when(both).then([Event::PropertiesSet {
        properties: Few::first([property("topic", "price")]),
        at: at(1),
    }]);
}

fn offer_callback() -> Command {
    Command::Callback(callback::Command::Offer {
        callback: CALLBACK,
        waits: callback::Waits::In { entry: ENTRY },
        at: at(70),
    })
}

fn accept_callback() -> Command {
    Command::Callback(callback::Command::Accept {
        callback: CALLBACK,
        number: customer(),
        due: None,
        at: at(72),
    })
}

#[test]
fn a_caller_who_asks_to_be_rung_back_keeps_the_place() {
    let rung = go_on(waiting(), [offer_callback(), offer_to(TO_BOB, BOB)]);
    given::<Call>(rung).when(accept_callback()).then([
        Event::CallbackAccepted {
            callback: CALLBACK,
            number: customer(),
            entry: Some(ENTRY),
            queue: SALES,
            waiting_since: at(2),
            at: at(72),
        },
        Event::OfferWithdrawn {
            offer: TO_BOB,
            entry: ENTRY,
            agent: BOB,
            why: Withdrawal::LeftQueue,
            at: at(72),
        },
        Event::LeftQueue {
            entry: ENTRY,
            queue: SALES,
            reason: LeaveReason::Callback { callback: CALLBACK },
            at: at(72),
        },
    ]);
}

#[test]
fn a_caller_whom_an_agent_just_took_is_not_rung_back() {
    let taken = go_on(both_rung(), [offer_callback(), accept(TO_ANN, 71)]);
    given::<Call>(taken)
        .when(accept_callback())
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn a_callback_that_was_not_taken_ends_with_the_wait() {
    let offered = go_on(both_rung(), [offer_callback()]);
    let answered = go_on(offered, [answer(ANN_LEG, 71), join(MAIN, ANN_LEG, 72)]);
    assert!(answered.contains(&Event::CallbackCancelled {
        callback: CALLBACK,
        why: CallbackEnd::NotTaken,
        by: Actor::Customer,
        at: at(72),
    }));
}

#[test]
fn a_promise_is_kept_by_a_call_that_was_placed_for_it_long_after_the_first_ended() {
    let promised = go_on(
        waiting(),
        [offer_callback(), accept_callback(), hang_up(CALLER, 73)],
    );
    let call = CallId::new(id(82));
    let complete = Command::Callback(callback::Command::Complete {
        callback: CALLBACK,
        call,
        at: at(900),
    });
    given::<Call>(promised.clone())
        .when(complete.clone())
        .rejected(Rejection::CallbackNotAttempted { callback: CALLBACK });
    let attempt = Command::Callback(callback::Command::Attempt {
        callback: CALLBACK,
        call,
        at: at(800),
    });
    let attempted = go_on(promised, [attempt]);
    assert_eq!(kinds(&attempted, complete), ["CallCallbackCompleted"]);
}
