//! Offers, and what becomes of a wait.

use super::*;
use crate::call::Rejection;
use crate::call::reasons::{Exit, LeaveReason, Outcome, Recall, Unreached, Withdrawal};
use crate::testing::given;

fn withdrawn_from_bob(why: Withdrawal, second: i64) -> Event {
    Event::OfferWithdrawn {
        offer: TO_BOB,
        entry: ENTRY,
        agent: BOB,
        why,
        at: at(second),
    }
}

fn ended(leg: LegId, cause: LegCause, second: i64) -> Event {
    Event::LegEnded {
        leg,
        cause,
        at: at(second),
    }
}

fn left(reason: LeaveReason, second: i64) -> Event {
    Event::LeftQueue {
        entry: ENTRY,
        queue: SALES,
        reason,
        at: at(second),
    }
}

fn offer(command: offer::Command) -> Command {
    Command::Offer(command)
}

#[test]
fn who_accepts_first_gets_the_caller_and_all_others_are_told_at_once() {
    given::<Call>(both_rung()).when(accept(TO_ANN, 15)).then([
        Event::OfferAccepted {
            offer: TO_ANN,
            entry: ENTRY,
            agent: ANN,
            at: at(15),
        },
        withdrawn_from_bob(Withdrawal::AnsweredElsewhere { by: ANN }, 15),
        ended(BOB_LEG, LegCause::AnsweredElsewhere, 15),
    ]);
}

#[test]
fn the_second_agent_to_accept_is_told_who_was_first() {
    given::<Call>(go_on(both_rung(), [accept(TO_ANN, 15)]))
        .when(accept(TO_BOB, 15))
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn the_second_telephone_to_answer_is_told_who_was_first() {
    given::<Call>(go_on(both_rung(), [answer(ANN_LEG, 15)]))
        .when(answer(BOB_LEG, 15))
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn when_the_caller_hangs_up_nobody_missed_or_rejected_anything() {
    let gone = |offer, agent| Event::OfferCallerGone {
        offer,
        entry: ENTRY,
        agent,
        at: at(14),
    };
    given::<Call>(both_rung()).when(hang_up(CALLER, 14)).then([
        Event::LegLeft {
            bridge: MAIN,
            leg: CALLER,
            at: at(14),
        },
        ended(CALLER, LegCause::HungUp, 14),
        gone(TO_ANN, ANN),
        ended(ANN_LEG, LegCause::CallerGone, 14),
        gone(TO_BOB, BOB),
        ended(BOB_LEG, LegCause::CallerGone, 14),
        left(LeaveReason::Abandoned, 14),
        Event::Ended {
            cause: crate::call::reasons::EndCause::CallerHungUp,
            at: at(14),
        },
    ]);
    given::<Call>(go_on(both_rung(), [hang_up(CALLER, 14)]))
        .when(accept(TO_ANN, 15))
        .rejected(Rejection::OfferOver {
            offer: TO_ANN,
            outcome: Outcome::CallerGone,
        });
}

#[test]
fn an_offer_is_missed_when_its_time_is_over_and_not_before() {
    let miss = |second| {
        offer(offer::Command::Miss {
            offer: TO_ANN,
            at: at(second),
        })
    };
    given::<Call>(both_rung())
        .when(miss(29))
        .rejected(Rejection::NotYet { until: at(30) });
    given::<Call>(both_rung()).when(miss(30)).then([
        Event::OfferMissed {
            offer: TO_ANN,
            entry: ENTRY,
            agent: ANN,
            at: at(30),
        },
        ended(ANN_LEG, LegCause::NoAnswer, 30),
    ]);
}

#[test]
fn an_agent_whose_device_is_gone_missed_nothing() {
    let why = Unreached::NotRegistered;
    let cause = LegCause::Unreachable { why };
    given::<Call>(both_rung())
        .when(end_leg(ANN_LEG, cause.clone(), 11))
        .then([
            ended(ANN_LEG, cause, 11),
            Event::OfferUnreachable {
                offer: TO_ANN,
                entry: ENTRY,
                agent: ANN,
                why,
                at: at(11),
            },
        ]);
}

#[test]
fn an_agent_is_rung_on_all_devices_until_one_says_no() {
    let two_devices = go_on(both_rung(), [create(ASKED_LEG, desk(ANN), Some(TO_ANN))]);
    given::<Call>(two_devices.clone())
        .when(end_leg(ANN_LEG, LegCause::NoAnswer, 12))
        .then([ended(ANN_LEG, LegCause::NoAnswer, 12)]);
    given::<Call>(two_devices)
        .when(end_leg(ANN_LEG, LegCause::Rejected, 12))
        .then([
            ended(ANN_LEG, LegCause::Rejected, 12),
            Event::OfferRejected {
                offer: TO_ANN,
                entry: ENTRY,
                agent: ANN,
                reason: None,
                at: at(12),
            },
            ended(ASKED_LEG, LegCause::Rejected, 12),
        ]);
}

#[test]
fn the_wait_ends_when_agent_and_caller_hear_each_other() {
    let answered = go_on(both_rung(), [answer(ANN_LEG, 15)]);
    given::<Call>(answered).when(join(MAIN, ANN_LEG, 16)).then([
        Event::LegJoined {
            bridge: MAIN,
            leg: ANN_LEG,
            number: 2,
            with: vec![CALLER],
            at: at(16),
        },
        left(
            LeaveReason::Answered {
                offer: TO_ANN,
                agent: ANN,
            },
            16,
        ),
    ]);
}

#[test]
fn a_caller_who_is_being_connected_is_not_sent_elsewhere() {
    let overflow = queue::Command::Leave {
        entry: ENTRY,
        exit: Exit::MaxWait,
        at: at(15),
    };
    given::<Call>(go_on(both_rung(), [accept(TO_ANN, 15)]))
        .when(Command::Queue(overflow))
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn a_caller_whose_agent_was_lost_on_the_way_can_wait_on_in_the_same_place() {
    let accepted = go_on(both_rung(), [accept(TO_ANN, 15)]);
    given::<Call>(accepted.clone())
        .when(end_leg(ANN_LEG, LegCause::MediaLost, 17))
        .then([
            ended(ANN_LEG, LegCause::MediaLost, 17),
            left(
                LeaveReason::ConnectFailed {
                    offer: TO_ANN,
                    agent: ANN,
                },
                17,
            ),
        ]);
    let again = Command::Queue(queue::Command::Join {
        entry: EntryId::new(id(41)),
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        keeps_place_of: Some(ENTRY),
        waiting_since: at(2),
        at: at(18),
    });
    let lost = go_on(accepted, [end_leg(ANN_LEG, LegCause::MediaLost, 17)]);
    assert_eq!(kinds(&lost, again), ["CallQueued"]);
}

#[test]
fn an_agent_is_offered_a_caller_once_at_a_time() {
    given::<Call>(both_rung())
        .when(offer_to(OfferId::new(id(52)), ANN))
        .rejected(Rejection::OfferedAlready {
            agent: ANN,
            offer: TO_ANN,
        });
}

#[test]
fn a_caller_waits_in_one_queue_at_a_time() {
    given::<Call>(waiting())
        .when(wait(EntryId::new(id(41))))
        .rejected(Rejection::Waiting { entry: ENTRY });
}

#[test]
fn a_supervisor_can_take_an_offer_back() {
    let by = crate::ids::UserId::new(id(60));
    let withdraw = offer::Command::Withdraw {
        offer: TO_BOB,
        why: Recall::Supervisor { by },
        at: at(12),
    };
    given::<Call>(both_rung()).when(offer(withdraw)).then([
        withdrawn_from_bob(Withdrawal::Supervisor { by }, 12),
        ended(BOB_LEG, LegCause::Cancelled, 12),
    ]);
}

#[test]
fn nothing_rings_for_hours_and_no_caller_waits_for_an_answer_for_ever() {
    use crate::agent::OFFER_MS_MAX;
    use crate::call::lookup;
    let Command::Offer(offer::Command::Make {
        offer,
        entry,
        agent,
        strategy,
        settings,
        candidates,
        at: second,
        ..
    }) = offer_to(TO_ANN, ANN)
    else {
        panic!("an offer");
    };
    let for_ever = Command::Offer(offer::Command::Make {
        offer,
        entry,
        agent,
        ring_ms: Millis(u64::MAX),
        strategy,
        settings,
        candidates,
        at: second,
    });
    given::<Call>(waiting())
        .when(for_ever)
        .rejected(Rejection::TooLong {
            field: "ring_ms",
            given: Millis(u64::MAX),
            max: OFFER_MS_MAX,
        });
    let ask = lookup::Command::Ask {
        step: crate::ids::StepId::new(id(80)),
        what: text("contact_by_number"),
        wait_ms: Millis::from_secs(121),
        at: at(3),
    };
    given::<Call>(waiting())
        .when(Command::Lookup(ask))
        .rejected(Rejection::TooLong {
            field: "wait_ms",
            given: Millis::from_secs(121),
            max: lookup::WAIT_MS_MAX,
        });
}
