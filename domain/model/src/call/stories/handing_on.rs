//! Consults, transfers and conferences.

use super::*;
use crate::call::Rejection;
use crate::call::parties::{Callee, Destination};
use crate::call::reasons::{ConsultEnd, TransferKind};
use crate::testing::given;

fn transfer(command: transfer::Command) -> Command {
    Command::Transfer(command)
}

fn complete(second: i64) -> Command {
    transfer(transfer::Command::Complete {
        consult: ASIDE,
        at: at(second),
    })
}

fn merge(second: i64) -> Command {
    transfer(transfer::Command::Merge {
        consult: ASIDE,
        at: at(second),
    })
}

fn to_sales(second: i64) -> Command {
    transfer(transfer::Command::Request {
        leg: ANN_LEG,
        to: Destination::Queue { queue: SALES },
        by: by_ann(),
        at: at(second),
    })
}

fn left(bridge: BridgeId, leg: LegId, second: i64) -> Event {
    Event::LegLeft {
        bridge,
        leg,
        at: at(second),
    }
}

#[test]
fn a_second_agent_does_not_hear_the_caller() {
    let bob_came = [create(ASKED_LEG, desk(BOB), None), answer(ASKED_LEG, 20)];
    given::<Call>(go_on(talking(), bob_came))
        .when(join(MAIN, ASKED_LEG, 21))
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn a_caller_does_not_come_between_two_agents() {
    let aside = go_on(asking(), [leave(MAIN, CALLER, 42)]);
    given::<Call>(aside)
        .when(join(ASIDE, CALLER, 43))
        .rejected(Rejection::Taken { by: CAROL });
}

#[test]
fn the_caller_hears_music_before_anybody_else_is_asked() {
    given::<Call>(talking())
        .when(consult(30))
        .rejected(Rejection::CallerNotOnHold);
    given::<Call>(on_hold()).when(consult(32)).then([
        Event::ConsultStarted {
            consult: ASIDE,
            main: MAIN,
            leg: ANN_LEG,
            target: ASKED_LEG,
            to: Callee::Agent { agent: CAROL },
            at: at(32),
        },
        left(MAIN, ANN_LEG, 32),
        Event::LegCreated {
            leg: ASKED_LEG,
            number: 4,
            party: desk(CAROL),
            offer: None,
            hunt: None,
            at: at(32),
        },
    ]);
}

#[test]
fn an_attended_transfer_leaves_the_caller_with_who_was_asked() {
    given::<Call>(asking()).when(complete(50)).then([
        Event::Transferred {
            kind: TransferKind::Attended,
            leg: ANN_LEG,
            to: Destination::Agent { agent: CAROL },
            target: Some(ASKED_LEG),
            at: at(50),
        },
        left(ASIDE, ANN_LEG, 50),
        Event::Resumed {
            leg: CALLER,
            at: at(50),
        },
        left(ASIDE, ASKED_LEG, 50),
        Event::LegJoined {
            bridge: MAIN,
            leg: ASKED_LEG,
            number: 5,
            with: vec![CALLER],
            at: at(50),
        },
        Event::LegEnded {
            leg: ANN_LEG,
            cause: LegCause::Transferred,
            at: at(50),
        },
    ]);
    let state = Call::fold(&go_on(asking(), [complete(50)]));
    assert_eq!(
        state.agents_with_caller().into_iter().collect::<Vec<_>>(),
        [CAROL]
    );
}

#[test]
fn who_hangs_up_while_talking_to_who_was_asked_hands_the_caller_to_them() {
    let handed_over = kinds(&asking(), complete(50));
    assert_eq!(kinds(&asking(), hang_up(ANN_LEG, 50)), handed_over);
    // A line that breaks is no wish.
    let broken = Command::Leg(leg::Command::End {
        leg: ANN_LEG,
        cause: LegCause::MediaLost,
        at: at(50),
    });
    let broken = kinds(&asking(), broken);
    assert!(broken.contains(&"CallConsultEnded"), "{broken:?}");
    // Nor is anybody handed to who has not answered.
    let ringing = kinds(&go_on(on_hold(), [consult(32)]), hang_up(ANN_LEG, 33));
    assert!(ringing.contains(&"CallConsultEnded"), "{ringing:?}");
}

#[test]
fn nobody_is_handed_to_a_telephone_that_only_rings() {
    given::<Call>(go_on(on_hold(), [consult(32)]))
        .when(complete(33))
        .rejected(Rejection::NotAnswered { leg: ASKED_LEG });
}

#[test]
fn a_consult_that_is_given_up_releases_who_was_asked() {
    let abandon = transfer::Command::Abandon {
        consult: ASIDE,
        at: at(50),
    };
    given::<Call>(asking()).when(transfer(abandon)).then([
        Event::ConsultEnded {
            consult: ASIDE,
            why: ConsultEnd::Abandoned,
            at: at(50),
        },
        left(ASIDE, ANN_LEG, 50),
        left(ASIDE, ASKED_LEG, 50),
        Event::LegEnded {
            leg: ASKED_LEG,
            cause: LegCause::Released,
            at: at(50),
        },
    ]);
}

#[test]
fn who_was_asked_may_hang_up_and_the_agent_goes_back_to_the_caller() {
    let asked_gone = kinds(&asking(), hang_up(ASKED_LEG, 50));
    assert_eq!(
        asked_gone,
        ["CallLegLeft", "CallLegEnded", "CallConsultEnded", "CallLegLeft"]
    );
    let back = go_on(asking(), [hang_up(ASKED_LEG, 50), join(MAIN, ANN_LEG, 51)]);
    assert_eq!(Call::fold(&back).agents_with_caller().len(), 1);
}

#[test]
fn a_merged_consult_lets_all_three_hear_each_other_until_one_leaves() {
    let conference = go_on(asking(), [merge(50)]);
    let all = Call::fold(&conference).agents_with_caller();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [ANN, CAROL]);

    let carol_left = go_on(conference, [leave(MAIN, ASKED_LEG, 60)]);
    given::<Call>(carol_left)
        .when(join(MAIN, ASKED_LEG, 61))
        .rejected(Rejection::Taken { by: ANN });
}

#[test]
fn a_transfer_to_a_queue_frees_the_agent_and_the_caller_waits_anew() {
    let confirm = transfer(transfer::Command::Confirm {
        leg: ANN_LEG,
        at: at(62),
    });
    let asked = go_on(talking(), [to_sales(60), wait(EntryId::new(id(41)))]);
    assert_eq!(
        kinds(&asked, confirm),
        ["CallTransferred", "CallLegLeft", "CallLegEnded"]
    );
}

#[test]
fn a_transfer_that_fails_leaves_the_caller_with_the_agent() {
    let fail = transfer::Command::Fail {
        leg: ANN_LEG,
        cause: LegCause::Busy,
        at: at(62),
    };
    given::<Call>(go_on(talking(), [to_sales(60)]))
        .when(transfer(fail.clone()))
        .then([Event::TransferFailed {
            leg: ANN_LEG,
            to: Destination::Queue { queue: SALES },
            cause: LegCause::Busy,
            at: at(62),
        }]);
    let failed = go_on(talking(), [to_sales(60), transfer(fail)]);
    assert!(Call::fold(&failed).agents_with_caller().contains(&ANN));
    assert_eq!(kinds(&failed, to_sales(70)), ["CallTransferRequested"]);
}

#[test]
fn a_caller_who_hangs_up_during_a_transfer_was_not_transferred() {
    let gone = kinds(&go_on(talking(), [to_sales(60)]), hang_up(CALLER, 61));
    assert_eq!(
        gone,
        [
            "CallLegLeft",
            "CallLegEnded",
            "CallTransferFailed",
            "CallLegLeft",
            "CallLegEnded",
            "CallEnded"
        ]
    );
}

#[test]
fn a_colleague_who_rang_can_hand_on_and_step_out() {
    let internal = Command::Life(life::Command::Offer {
        leg: ANN_LEG,
        caller: Caller::Colleague { agent: ANN },
        entrance: Entrance::Extension {
            extension: text("2104"),
        },
        journey: JourneyId::new(id(5)),
        previous: None,
        at: at(0),
    });
    let asked = [
        internal,
        answer(ANN_LEG, 1),
        create(BOB_LEG, desk(BOB), None),
        answer(BOB_LEG, 12),
        join(MAIN, ANN_LEG, 13),
        join(MAIN, BOB_LEG, 13),
        consult(20),
        answer(ASKED_LEG, 25),
    ];
    let handed_on = go_on(told(asked), [complete(30)]);
    assert!(Call::fold(&handed_on).is_live());
    let over = kinds(&handed_on, hang_up(BOB_LEG, 60));
    assert_eq!(over.last(), Some(&"CallEnded"));
}
