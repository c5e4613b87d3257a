//! Who gets a conversation, told.

use super::{ANN, BOB, TO_ANN, assigned, offered, opened, withdrawn};
use crate::context::Actor;
use crate::conversation::assignment::{AssignmentCommand, How};
use crate::conversation::channel::Inbox;
use crate::conversation::offer::{MissReason, OFFERS_MAX, OfferCommand, Outcome, WithdrawReason};
use crate::conversation::{Command, Conversation, Event, Rejection};
use crate::ids::{AgentId, InboxId, OfferId};
use crate::testing::given;
use crate::testing::sample::{at, id, text};
use crate::{Decider as _, Millis};

const TO_BOB: OfferId = OfferId::new(id(31));

fn accept(offer: OfferId, second: i64) -> Command {
    Command::Offer(OfferCommand::Accept {
        offer,
        at: at(second),
    })
}

fn personal(of: AgentId) -> Event {
    Event::InboxSet {
        inbox: Inbox::Personal { of },
        by: Actor::System(text("routing")),
        at: at(1),
    }
}

#[test]
fn the_first_agent_to_accept_wins_and_the_other_offer_is_taken_back() {
    given::<Conversation>([opened(), offered(TO_ANN, ANN), offered(TO_BOB, BOB)])
        .when(accept(TO_BOB, 5))
        .then([
            Event::OfferAccepted {
                offer: TO_BOB,
                agent: BOB,
                at: at(5),
            },
            withdrawn(TO_ANN, ANN, WithdrawReason::Taken, 5),
            assigned(BOB, How::Accepted { offer: TO_BOB }, 5),
        ]);
}

#[test]
fn the_second_agent_is_told_who_was_first() {
    given::<Conversation>([
        opened(),
        offered(TO_ANN, ANN),
        offered(TO_BOB, BOB),
        Event::OfferAccepted {
            offer: TO_BOB,
            agent: BOB,
            at: at(5),
        },
        withdrawn(TO_ANN, ANN, WithdrawReason::Taken, 5),
        assigned(BOB, How::Accepted { offer: TO_BOB }, 5),
    ])
    .when(accept(TO_ANN, 6))
    .rejected(Rejection::Taken { by: BOB });
}

#[test]
fn an_offer_is_not_missed_while_it_is_shown() {
    let miss = |reason, second| {
        Command::Offer(OfferCommand::Miss {
            offer: TO_ANN,
            reason,
            at: at(second),
        })
    };
    let missed = |reason, second| Event::OfferMissed {
        offer: TO_ANN,
        agent: ANN,
        reason,
        at: at(second),
    };
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(miss(MissReason::Unanswered, 30))
        .rejected(Rejection::StillRinging { until: at(31) });
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(miss(MissReason::Unanswered, 31))
        .then([missed(MissReason::Unanswered, 31)]);
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(miss(MissReason::DeviceUnreachable, 2))
        .then([missed(MissReason::DeviceUnreachable, 2)]);
}

#[test]
fn an_offer_that_was_declined_cannot_be_accepted() {
    given::<Conversation>([
        opened(),
        offered(TO_ANN, ANN),
        Event::OfferRejected {
            offer: TO_ANN,
            agent: ANN,
            reason: None,
            at: at(4),
        },
    ])
    .when(accept(TO_ANN, 6))
    .rejected(Rejection::OfferEnded {
        outcome: Outcome::Rejected,
    });
}

#[test]
fn an_agent_is_not_rung_twice_at_once() {
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(Command::Offer(OfferCommand::Make {
            offer: TO_BOB,
            agent: ANN,
            entry: None,
            ring_ms: Millis::from_secs(30),
            at: at(2),
        }))
        .rejected(Rejection::AlreadyOffered { offer: TO_ANN });
}

#[test]
fn an_offer_is_not_shown_for_ever() {
    let (given_ms, max) = (Millis(u64::MAX), crate::agent::OFFER_MS_MAX);
    given::<Conversation>([opened()])
        .when(Command::Offer(OfferCommand::Make {
            offer: TO_ANN,
            agent: ANN,
            entry: None,
            ring_ms: given_ms,
            at: at(2),
        }))
        .rejected(Rejection::ShownTooLong { given: given_ms, max });
}

#[test]
fn a_conversation_that_somebody_has_is_taken_over_and_not_assigned() {
    let history = [opened(), assigned(ANN, How::Picked, 3)];
    given::<Conversation>(history.clone())
        .when(Command::Assignment(AssignmentCommand::Assign {
            agent: BOB,
            by: Actor::Agent(BOB),
            at: at(4),
        }))
        .rejected(Rejection::Taken { by: ANN });
    given::<Conversation>(history)
        .when(Command::Assignment(AssignmentCommand::TakeOver {
            agent: BOB,
            by: Actor::Agent(BOB),
            at: at(4),
        }))
        .then([Event::TakenOver {
            agent: BOB,
            from: ANN,
            by: Actor::Agent(BOB),
            at: at(4),
        }]);
}

#[test]
fn whoever_takes_over_what_was_just_let_go_gets_it() {
    given::<Conversation>([opened(), offered(TO_ANN, ANN)])
        .when(Command::Assignment(AssignmentCommand::TakeOver {
            agent: BOB,
            by: Actor::Agent(BOB),
            at: at(4),
        }))
        .then([
            withdrawn(TO_ANN, ANN, WithdrawReason::Taken, 4),
            assigned(BOB, How::Picked, 4),
        ]);
}

#[test]
fn a_personal_inbox_is_its_owners_alone() {
    let history = [opened(), personal(ANN)];
    given::<Conversation>(history.clone())
        .when(Command::Assignment(AssignmentCommand::TakeOver {
            agent: BOB,
            by: Actor::Agent(BOB),
            at: at(4),
        }))
        .rejected(Rejection::Personal { of: ANN });
    given::<Conversation>(history)
        .when(Command::SetInbox {
            inbox: Inbox::Shared {
                inbox: InboxId::new(id(2)),
            },
            by: Actor::Agent(ANN),
            at: at(4),
        })
        .rejected(Rejection::Personal { of: ANN });
}

#[test]
fn a_chat_that_many_agents_missed_can_still_be_offered() {
    let one = |n: usize| {
        let offer = OfferId::new(id(1_000 + n as u128));
        [
            offered(offer, ANN),
            withdrawn(offer, ANN, WithdrawReason::Recalled, 4),
        ]
    };
    let before = (0..OFFERS_MAX).flat_map(one);
    let make = Command::Offer(OfferCommand::Make {
        offer: TO_BOB,
        agent: BOB,
        entry: None,
        ring_ms: Millis::from_secs(20),
        at: at(5),
    });
    let history: Vec<Event> = std::iter::once(opened()).chain(before).collect();
    let state = Conversation::fold(&history);
    let made = Conversation::decide(&state, make).map(|events| events.len());
    assert_eq!(made, Ok(1));
}
