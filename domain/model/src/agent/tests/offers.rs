//! Offers, capacity and what stands in the way.

use super::*;
use crate::ids::SkillId;
use crate::skills::SkillLevel;

const OTHER_CHAT: ConversationId = ConversationId::new(id(23));

fn accept(offer: OfferId, second: i64) -> Command {
    OfferCommand::Accept {
        offer,
        at: at(second),
    }
    .into()
}

fn strict() -> Terms {
    Terms {
        cooldown_ms: Some(Millis::from_secs(10)),
        set_aside_after: NonZeroU16::new(2),
        ..terms()
    }
}

#[test]
fn capacity_is_kept_from_the_offer_on() {
    given::<Agent>(at_work())
        .when(reserve(FIRST, Contact::Call(ANN), voice(), 1))
        .then([offered_ann(terms())]);
    given::<Agent>(after(at_work(), [offered_ann(terms())]))
        .when(reserve(SECOND, Contact::Call(BEN), voice(), 2))
        .rejected(unavailable([Obstacle::Full {
            channel: WorkChannel::Voice,
            taken: 1,
            limit: 1,
        }]));
}

#[test]
fn several_fit_as_far_as_the_channel_goes_and_a_call_keeps_chats_away() {
    let chats = [
        reserved(FIRST, Contact::Conversation(CHAT), chat(), 1),
        reserved(SECOND, Contact::Conversation(OTHER_CHAT), chat(), 1),
    ];
    let third = Contact::Conversation(ConversationId::new(id(24)));
    given::<Agent>(after(at_work(), chats[..1].to_vec()))
        .when(reserve(SECOND, Contact::Conversation(OTHER_CHAT), chat(), 1))
        .then([chats[1].clone()]);
    given::<Agent>(after(at_work(), chats))
        .when(reserve(OfferId::new(id(32)), third, chat(), 2))
        .rejected(unavailable([Obstacle::Full {
            channel: WorkChannel::Chat,
            taken: 2,
            limit: 2,
        }]));
    given::<Agent>(after(at_work(), [offered_ann(terms())]))
        .when(reserve(SECOND, Contact::Conversation(CHAT), chat(), 2))
        .rejected(unavailable([Obstacle::ShutOut {
            by: WorkChannel::Voice,
        }]));
}

#[test]
fn everything_that_stands_in_the_way_is_said_at_once() {
    let french = SkillId::new(id(50));
    let ask = Ask {
        skills: BTreeMap::from([(french, SkillLevel::EXPERT)]),
        ..voice()
    };
    let history = after(signed_in(), [chose(lunch())]);
    given::<Agent>(history.clone())
        .when(reserve(FIRST, Contact::Call(ANN), ask, 1))
        .rejected(unavailable([
            Obstacle::Away { label: text("Lunch") },
            Obstacle::NotLoggedIn,
            Obstacle::NoDevice,
            Obstacle::SkillMissing {
                skill: french,
                needed: SkillLevel::EXPERT,
            },
        ]));
    let refused = Agent::decide(
        &Agent::fold(&history),
        reserve(FIRST, Contact::Call(ANN), voice(), 1),
    );
    assert_eq!(
        refused.map_err(|why| why.to_string()),
        Err(
            "the agent cannot be offered it: the state Lunch takes no contacts; not logged in to a group that may \
             answer; no device is registered"
                .to_owned()
        )
    );
}

#[test]
fn a_level_that_is_too_low_is_told_from_a_skill_that_is_missing() {
    let french = SkillId::new(id(50));
    let ask = Ask {
        skills: BTreeMap::from([(french, SkillLevel::EXPERT)]),
        ..voice()
    };
    let learnt = Event::SkillSet {
        skill: french,
        level: SkillLevel::BASIC,
        by: admin(),
        at: at(0),
    };
    given::<Agent>(after(at_work(), [learnt]))
        .when(reserve(FIRST, Contact::Call(ANN), ask, 1))
        .rejected(unavailable([Obstacle::SkillTooLow {
            skill: french,
            has: SkillLevel::BASIC,
            needed: SkillLevel::EXPERT,
        }]));
}

#[test]
fn missed_rejected_caller_gone_and_unreachable_are_four_outcomes() {
    for (refusal, outcome) in [
        (Refusal::Missed, Outcome::Missed),
        (Refusal::Rejected, Outcome::Rejected),
        (Refusal::CallerGone, Outcome::CallerGone),
        (Refusal::DeviceUnreachable, Outcome::DeviceUnreachable),
        (Refusal::Withdrawn, Outcome::Withdrawn),
    ] {
        given::<Agent>(after(at_work(), [offered_ann(terms())]))
            .when(release(refusal, 9))
            .then([released_ann(outcome, 9)]);
    }
}

#[test]
fn an_agent_who_does_not_take_an_offer_is_left_alone_for_a_while() {
    let failed = Event::CooldownStarted {
        after: Refusal::Rejected,
        until: at(19),
        at: at(9),
    };
    let rejected = released_ann(Outcome::Rejected, 9);
    given::<Agent>(after(at_work(), [offered_ann(strict())]))
        .when(release(Refusal::Rejected, 9))
        .then([rejected.clone(), failed.clone()]);
    let history = after(at_work(), [offered_ann(strict()), rejected, failed]);
    given::<Agent>(history.clone())
        .when(reserve(SECOND, Contact::Call(ANN), voice(), 18))
        .rejected(unavailable([Obstacle::Cooldown { until: at(19) }]));
    given::<Agent>(history)
        .when(reserve(SECOND, Contact::Call(ANN), voice(), 19))
        .then([
            Event::CooldownEnded { at: at(19) },
            reserved(SECOND, Contact::Call(ANN), voice(), 19),
        ]);
}

#[test]
fn too_many_misses_in_a_row_set_an_agent_aside() {
    let missed = || released_ann(Outcome::Missed, 9);
    let again = Event::Reserved {
        offer: SECOND,
        contact: Contact::Call(BEN),
        ask: voice(),
        from: None,
        terms: strict(),
        until: at(40),
        at: at(20),
    };
    let miss_again = || {
        OfferCommand::Release {
            offer: SECOND,
            refusal: Refusal::Missed,
            at: at(40),
        }
        .into()
    };
    let missed_again = Event::Released {
        contact: Contact::Call(BEN),
        offer: Some(SECOND),
        outcome: Outcome::Missed,
        at: at(40),
    };
    let alone = Event::CooldownStarted {
        after: Refusal::Missed,
        until: at(50),
        at: at(40),
    };
    given::<Agent>(after(at_work(), [offered_ann(strict()), missed(), again.clone()]))
        .when(miss_again())
        .then([
            missed_again.clone(),
            Event::SetAside {
                misses: 2,
                at: at(40),
            },
            alone.clone(),
        ]);
    // An answer in between begins the row anew.
    let answered = [
        reserved(OfferId::new(id(33)), Contact::Conversation(CHAT), chat(), 10),
        Event::Accepted {
            offer: OfferId::new(id(33)),
            contact: Contact::Conversation(CHAT),
            at: at(11),
        },
    ];
    let history = after(at_work(), [offered_ann(strict()), missed()]);
    given::<Agent>(after(after(history, answered), [again]))
        .when(miss_again())
        .then([missed_again, alone]);
}

#[test]
fn an_offer_that_nobody_ends_lapses_and_blames_nobody() {
    let reserved_forever = after(at_work(), [offered_ann(strict())]);
    assert_eq!(Agent::fold(&reserved_forever).next_deadline(), Some(at(21)));
    given::<Agent>(reserved_forever.clone())
        .when(Command::Lapse { at: at(20) })
        .nothing();
    given::<Agent>(reserved_forever.clone())
        .when(Command::Lapse { at: at(21) })
        .then([released_ann(Outcome::Lapsed, 21)]);
    // Even if nobody watches the clock, the next offer does.
    given::<Agent>(reserved_forever)
        .when(reserve(SECOND, Contact::Call(BEN), voice(), 22))
        .then([
            released_ann(Outcome::Lapsed, 22),
            reserved(SECOND, Contact::Call(BEN), voice(), 22),
        ]);
}

#[test]
fn an_offer_is_made_once() {
    let over = after(
        at_work(),
        [offered_ann(terms()), released_ann(Outcome::Missed, 9)],
    );
    given::<Agent>(over.clone())
        .when(reserve(FIRST, Contact::Call(ANN), voice(), 10))
        .rejected(Rejection::OfferOver { offer: FIRST });
    given::<Agent>(over.clone())
        .when(release(Refusal::Rejected, 10))
        .nothing();
    given::<Agent>(over)
        .when(accept(FIRST, 10))
        .rejected(Rejection::OfferOver { offer: FIRST });
    given::<Agent>(at_work())
        .when(accept(FIRST, 10))
        .rejected(Rejection::UnknownOffer { offer: FIRST });
}

#[test]
fn what_was_accepted_cannot_be_missed_any_more() {
    given::<Agent>(after(at_work(), [offered_ann(terms()), accepted_ann()]))
        .when(release(Refusal::Missed, 21))
        .rejected(Rejection::WrongActivity {
            contact: Contact::Call(ANN),
            activity: Activity::OnCall,
        });
}

#[test]
fn an_offer_without_an_end_in_sight_is_refused() {
    for until in [at(1), at(0), at(3602)] {
        let command = OfferCommand::Reserve {
            offer: FIRST,
            contact: Contact::Call(ANN),
            ask: voice(),
            from: None,
            terms: terms(),
            until,
            at: at(1),
        };
        given::<Agent>(at_work())
            .when(command.into())
            .rejected(Rejection::OfferDeadline {
                until,
                latest: at(3601),
            });
    }
}

#[test]
fn a_lower_capacity_takes_nothing_away_and_lets_nothing_in() {
    let none = Event::CapacitySet {
        capacity: Capacity {
            limits: BTreeMap::new(),
            shuts_out: BTreeMap::new(),
        },
        by: admin(),
        at: at(3),
    };
    let history = after(at_work(), [offered_ann(terms()), accepted_ann(), none]);
    assert_eq!(Agent::fold(&history).taken(WorkChannel::Voice), 1);
    given::<Agent>(history)
        .when(reserve(SECOND, Contact::Call(BEN), voice(), 4))
        .rejected(unavailable([Obstacle::Full {
            channel: WorkChannel::Voice,
            taken: 1,
            limit: 0,
        }]));
}

#[test]
fn a_call_that_the_agent_began_keeps_offers_away_like_any_other() {
    let dialled = Event::Begun {
        contact: Contact::Call(BEN),
        channel: WorkChannel::Voice,
        units: one(),
        terms: terms(),
        at: at(1),
    };
    given::<Agent>(after(at_work(), [dialled]))
        .when(reserve(FIRST, Contact::Call(ANN), voice(), 2))
        .rejected(unavailable([Obstacle::Full {
            channel: WorkChannel::Voice,
            taken: 1,
            limit: 1,
        }]));
}
