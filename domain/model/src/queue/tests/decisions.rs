//! Decisions, offers and who is connected.

use super::*;
use crate::ids::SkillId;
use crate::skills::{Relaxation, RequestedSkill, SkillLevel, SkillRequest};

fn accept(offer: OfferId, second: i64) -> Command {
    OfferCommand::Accept {
        offer,
        at: at(second),
    }
    .into()
}

fn connect(offer: OfferId, second: i64) -> Command {
    OfferCommand::Connect {
        offer,
        at: at(second),
    }
    .into()
}

fn end(offer: OfferId, failure: OfferFailure, second: i64) -> Command {
    OfferCommand::End {
        offer,
        failure,
        at: at(second),
    }
    .into()
}

fn ringing_all() -> Vec<Event> {
    let all = proposal(ANN, &[(FIRST, BOB), (SECOND, DAN), (THIRD, EVE)], 1);
    after(with_ann(ring_all()), [reserved(&ring_all(), all, 1)])
}

#[test]
fn a_decision_is_recorded_with_what_it_was_made_of() {
    let evidence = Proposal {
        candidates: Few::first([
            won(BOB),
            lost(DAN, Lost::IdleLater),
            lost(EVE, Lost::HadTheirChance),
        ]),
        considered: 40,
        ..proposal(ANN, &[(FIRST, BOB)], 1)
    };
    given::<Queue>(with_ann(plain()))
        .when(reserve(evidence.clone(), 1))
        .then([Event::Reserved {
            entry: ANN,
            chosen: evidence.chosen,
            candidates: evidence.candidates,
            considered: 40,
            inputs: inputs(&plain(), 1),
            token: TOKEN,
            until: at(21),
            at: at(1),
        }]);
}

#[test]
fn what_had_given_way_by_then_is_recorded_too() {
    let french = SkillRequest::new(RequestedSkill {
        skill: SkillId::new(id(70)),
        at_least: SkillLevel::EXPERT,
        relax: Few::first([Relaxation {
            after_ms: Millis::from_secs(30),
            at_least: Some(SkillLevel::BASIC),
        }]),
    });
    let picky = Event::Entered {
        entry: ANN,
        contact: call(ANN),
        channel: WorkChannel::Voice,
        priority: priority(50),
        skills: Few::first(french),
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(0),
    };
    let state = Queue::fold(&[configured(plain()), acquired(), picky]);
    let early = state.ask(ANN, at(29)).expect("waiting");
    let late = state.ask(ANN, at(45)).expect("waiting");
    assert_eq!(
        early.skills.into_values().collect::<Vec<_>>(),
        [SkillLevel::EXPERT]
    );
    assert_eq!(late.groups.len(), 2, "the second tier has joined in");
    let events = Queue::decide(&state, reserve(proposal(ANN, &[(FIRST, BOB)], 45), 45));
    let events = events.expect("a right decision");
    let [Event::Reserved { inputs, .. }] = events.as_slice() else {
        panic!("one decision is recorded, not {events:?}");
    };
    assert_eq!(inputs.groups, late.groups);
    assert_eq!(inputs.skills, late.skills);
}

#[test]
fn an_entry_is_offered_by_one_decision_at_a_time() {
    given::<Queue>(after(with_ann(plain()), [offered_to_bob()]))
        .when(reserve(proposal(ANN, &[(SECOND, DAN)], 2), 2))
        .rejected(Rejection::BeingOffered { entry: ANN });
}

#[test]
fn one_agent_is_rung_unless_the_strategy_rings_all() {
    let two = proposal(ANN, &[(FIRST, BOB), (SECOND, DAN)], 1);
    given::<Queue>(with_ann(plain()))
        .when(reserve(two.clone(), 1))
        .rejected(Rejection::OneAtATime {
            strategy: Strategy::LongestIdle,
            chosen: 2,
        });
    given::<Queue>(with_ann(ring_all()))
        .when(reserve(two.clone(), 1))
        .then([reserved(&ring_all(), two, 1)]);
    given::<Queue>(with_ann(ring_all()))
        .when(reserve(proposal(ANN, &[], 1), 1))
        .rejected(Rejection::NobodyChosen);
}

#[test]
fn the_first_to_accept_wins_and_the_others_hear_it_at_once() {
    given::<Queue>(ringing_all()).when(accept(SECOND, 5)).then([
        accepted(SECOND, DAN, 5),
        ended(FIRST, BOB, OfferEnd::AnotherWasFirst, 5),
        ended(THIRD, EVE, OfferEnd::AnotherWasFirst, 5),
    ]);
    let taken = after(
        ringing_all(),
        [
            accepted(SECOND, DAN, 5),
            ended(FIRST, BOB, OfferEnd::AnotherWasFirst, 5),
            ended(THIRD, EVE, OfferEnd::AnotherWasFirst, 5),
        ],
    );
    let late = Rejection::OfferOver {
        offer: FIRST,
        how: OfferEnd::AnotherWasFirst,
    };
    assert!(
        late.to_string().ends_with("is over: another agent was first"),
        "{late}"
    );
    given::<Queue>(taken).when(accept(FIRST, 5)).rejected(late);
}

#[test]
fn an_entry_leaves_when_the_agent_is_connected() {
    let taken = after(with_ann(plain()), [offered_to_bob(), accepted(FIRST, BOB, 4)]);
    given::<Queue>(taken).when(connect(FIRST, 6)).then([
        ended(FIRST, BOB, OfferEnd::Answered, 6),
        left(
            LeftBecause::Answered {
                offer: FIRST,
                agent: BOB,
            },
            6,
        ),
    ]);
    given::<Queue>(after(with_ann(plain()), [offered_to_bob()]))
        .when(connect(FIRST, 6))
        .rejected(Rejection::NotAccepted { offer: FIRST });
}

#[test]
fn whoever_accepts_and_is_lost_before_the_connection_costs_nobody_their_place() {
    let taken = after(with_ann(plain()), [offered_to_bob(), accepted(FIRST, BOB, 4)]);
    let lost_again = ended(FIRST, BOB, OfferEnd::DeviceUnreachable, 5);
    given::<Queue>(taken.clone())
        .when(end(FIRST, OfferFailure::DeviceUnreachable, 5))
        .then([lost_again.clone()]);
    let history = after(taken, [lost_again, entered(BEN, 50, 6)]);
    assert_eq!(Queue::fold(&history).line(at(7)), [ANN, BEN]);
    let next = proposal(ANN, &[(SECOND, DAN)], 7);
    given::<Queue>(history)
        .when(reserve(next.clone(), 7))
        .then([reserved(&plain(), next, 7)]);
}

#[test]
fn a_ring_all_goes_on_until_the_last_one_ended() {
    let one_left = after(
        ringing_all(),
        [
            ended(FIRST, BOB, OfferEnd::Rejected, 3),
            ended(SECOND, DAN, OfferEnd::Missed, 4),
        ],
    );
    let again = proposal(ANN, &[(OfferId::new(id(43)), BOB)], 5);
    given::<Queue>(one_left.clone())
        .when(reserve(again.clone(), 5))
        .rejected(Rejection::BeingOffered { entry: ANN });
    given::<Queue>(after(one_left, [ended(THIRD, EVE, OfferEnd::Missed, 5)]))
        .when(reserve(again.clone(), 5))
        .then([reserved(&ring_all(), again, 5)]);
}

#[test]
fn an_offer_that_nobody_ends_lapses_and_so_does_a_connection_that_never_comes() {
    let ringing = after(with_ann(plain()), [offered_to_bob()]);
    assert_eq!(Queue::fold(&ringing).next_deadline(), Some(at(21)));
    given::<Queue>(ringing.clone())
        .when(Command::Lapse { at: at(21) })
        .then([ended(FIRST, BOB, OfferEnd::Lapsed, 21)]);
    let connecting = after(ringing.clone(), [accepted(FIRST, BOB, 15)]);
    given::<Queue>(connecting.clone())
        .when(Command::Lapse { at: at(194) })
        .nothing();
    given::<Queue>(connecting)
        .when(Command::Lapse { at: at(195) })
        .then([ended(FIRST, BOB, OfferEnd::Lapsed, 195)]);
    // The next decision does not wait for anybody to watch the clock.
    let next = proposal(ANN, &[(SECOND, DAN)], 22);
    given::<Queue>(ringing).when(reserve(next.clone(), 22)).then([
        ended(FIRST, BOB, OfferEnd::Lapsed, 22),
        reserved(&plain(), next, 22),
    ]);
}

#[test]
fn a_decision_by_settings_that_have_changed_is_refused() {
    let changed = Event::Configured {
        settings: Box::new(ring_all()),
        version: 2,
        by: carol(),
        at: at(1),
    };
    given::<Queue>(after(with_ann(plain()), [changed]))
        .when(reserve(proposal(ANN, &[(FIRST, BOB)], 2), 2))
        .rejected(Rejection::OldSettings { given: 1, now: 2 });
}

#[test]
fn evidence_says_of_each_agent_what_was_decided() {
    let with = |candidates: &[Candidate]| Proposal {
        candidates: Few::first(candidates.iter().cloned()),
        ..proposal(ANN, &[(FIRST, BOB)], 1)
    };
    for (candidates, agent) in [
        (vec![], BOB),
        (vec![lost(BOB, Lost::Outscored)], BOB),
        (vec![won(BOB), won(DAN)], DAN),
    ] {
        given::<Queue>(with_ann(plain()))
            .when(reserve(with(&candidates), 1))
            .rejected(Rejection::NotBorneOut { agent });
    }
    given::<Queue>(with_ann(plain()))
        .when(reserve(with(&[won(BOB), lost(BOB, Lost::Outscored)]), 1))
        .rejected(Rejection::AgentTwice { agent: BOB });
    given::<Queue>(with_ann(ring_all()))
        .when(reserve(proposal(ANN, &[(FIRST, BOB), (SECOND, BOB)], 1), 1))
        .rejected(Rejection::AgentTwice { agent: BOB });
}

#[test]
fn an_offer_is_new_each_time() {
    let missed = after(
        with_ann(plain()),
        [offered_to_bob(), ended(FIRST, BOB, OfferEnd::Missed, 21)],
    );
    given::<Queue>(missed.clone())
        .when(reserve(proposal(ANN, &[(FIRST, DAN)], 22), 22))
        .rejected(Rejection::OfferNotNew { offer: FIRST });
    given::<Queue>(missed)
        .when(end(FIRST, OfferFailure::Rejected, 22))
        .nothing();
    given::<Queue>(with_ann(plain()))
        .when(end(FIRST, OfferFailure::Rejected, 2))
        .rejected(Rejection::UnknownOffer { offer: FIRST });
    given::<Queue>(with_ann(plain()))
        .when(reserve(
            Proposal {
                until: Timestamp::MAX,
                ..proposal(ANN, &[(FIRST, BOB)], 1)
            },
            1,
        ))
        .rejected(Rejection::OfferDeadline {
            until: Timestamp::MAX,
            latest: at(3601),
        });
}
