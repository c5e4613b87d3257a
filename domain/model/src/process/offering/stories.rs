//! Stories of one offer: Ann's call, which the queue wants Bob to have.

use super::*;
use crate::agent::{self, Obstacle, Refusal};
use crate::call::reasons::LeaveReason;
use crate::ids::CallId;
use crate::process::AnyCommand;
use crate::process::world::{fold, happened};
use crate::queue::{self, OfferFailure};
use crate::testing::sample::{at, id};
use crate::{call, conversation};

const SALES: QueueId = QueueId::new(id(1));
const ANN: CallId = CallId::new(id(2));
const ENTRY: EntryId = EntryId::new(id(3));
const BOB: AgentId = AgentId::new(id(30));
const OFFER: OfferId = OfferId::new(id(40));
const LATER: crate::ids::CallbackId = crate::ids::CallbackId::new(id(60));
const BACK: CallId = CallId::new(id(62));

fn in_queue(event: queue::Event) -> AnyEvent {
    AnyEvent::Queue(SALES, event)
}

fn of_bob(event: agent::Event) -> AnyEvent {
    AnyEvent::Agent(BOB, event)
}

fn of_ann(event: call::Event) -> AnyEvent {
    AnyEvent::Call(ANN, event)
}

fn entered(contact: Contact) -> AnyEvent {
    in_queue(queue::Event::Entered {
        entry: ENTRY,
        contact,
        channel: WorkChannel::Voice,
        priority: queue::Priority::HIGHEST,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(0),
    })
}

fn decided() -> AnyEvent {
    let settings = queue::tests::plain();
    let proposal = queue::tests::proposal(ENTRY, &[(OFFER, BOB)], 1);
    in_queue(queue::tests::reserved(&settings, proposal, 1))
}

fn reserved(contact: Contact) -> AnyEvent {
    of_bob(agent::Event::Reserved {
        offer: OFFER,
        contact,
        ask: Ask {
            channel: WorkChannel::Voice,
            units: std::num::NonZeroU16::MIN,
            groups: BTreeSet::new(),
            skills: BTreeMap::new(),
        },
        from: Some(agent::QueuePlace {
            queue: SALES,
            entry: ENTRY,
        }),
        terms: queue::tests::plain().terms(),
        until: at(21),
        at: at(1),
    })
}

fn rung() -> AnyEvent {
    of_ann(call::Event::AgentOffered {
        offer: OFFER,
        entry: ENTRY,
        queue: SALES,
        agent: BOB,
        ring_ms: Millis::from_secs(20),
        until: at(21),
        strategy: crate::testing::sample::text("longest_idle"),
        settings: ContentHash::of(b"settings"),
        candidates: Few::none(),
        at: at(1),
    })
}

fn ended(how: OfferEnd, second: i64) -> AnyEvent {
    in_queue(queue::Event::OfferEnded {
        entry: ENTRY,
        offer: OFFER,
        agent: BOB,
        how,
        at: at(second),
    })
}

fn rejected() -> AnyEvent {
    of_ann(call::Event::OfferRejected {
        offer: OFFER,
        entry: ENTRY,
        agent: BOB,
        reason: None,
        at: at(5),
    })
}

fn accepted() -> AnyEvent {
    of_ann(call::Event::OfferAccepted {
        offer: OFFER,
        entry: ENTRY,
        agent: BOB,
        at: at(5),
    })
}

fn told(more: impl IntoIterator<Item = AnyEvent>) -> Offering {
    let made = in_queue(queue::tests::configured(queue::tests::plain()));
    let log = std::iter::once(made).chain(more);
    let log: Vec<Happened> = (1..)
        .zip(log)
        .map(|(n, what)| happened("acme", n, what))
        .collect();
    fold(&log)
}

fn to_ring() -> Vec<AnyEvent> {
    vec![
        entered(Contact::Call(ANN)),
        decided(),
        reserved(Contact::Call(ANN)),
        rung(),
    ]
}

fn said(process: &Offering, second: i64) -> Vec<AnyCommand> {
    let orders = process.orders(at(second));
    orders.into_iter().map(|order| order.what).collect()
}

fn to_bob(command: agent::OfferCommand) -> AnyCommand {
    AnyCommand::Agent(BOB, command.into())
}

fn to_sales(command: queue::OfferCommand) -> AnyCommand {
    AnyCommand::Queue(SALES, command.into())
}

#[test]
fn the_agents_hands_are_kept_free_before_anything_rings() {
    let process = told([entered(Contact::Call(ANN)), decided()]);
    let settings = queue::tests::plain();
    let reserve = agent::OfferCommand::Reserve {
        offer: OFFER,
        contact: Contact::Call(ANN),
        ask: Ask {
            channel: WorkChannel::Voice,
            units: settings.offers.units,
            groups: settings.groups_after(Millis::from_secs(1)),
            skills: BTreeMap::new(),
        },
        from: Some(agent::QueuePlace {
            queue: SALES,
            entry: ENTRY,
        }),
        terms: settings.terms(),
        until: at(21),
        at: at(2),
    };
    assert_eq!(said(&process, 2), [to_bob(reserve)]);
}

#[test]
fn then_the_caller_rings_there_for_no_longer_than_the_hands_are_kept() {
    let process = told([
        entered(Contact::Call(ANN)),
        decided(),
        reserved(Contact::Call(ANN)),
    ]);
    let [AnyCommand::Call(ANN, call::Command::Offer(make))] = &said(&process, 2)[..] else {
        panic!("one order, to the call");
    };
    let call::offer::Command::Make {
        ring_ms, candidates, ..
    } = make
    else {
        panic!("to make an offer, not {make:?}");
    };
    let settings = queue::tests::plain();
    assert_eq!(*ring_ms, settings.offers.ring_ms.min(Millis::from_secs(14)));
    assert_eq!(candidates.len(), 1);
}

#[test]
fn an_agent_who_cannot_sends_the_queue_everything_that_stands_in_the_way() {
    let process = told([entered(Contact::Call(ANN)), decided()]);
    let order = &process.orders(at(2))[0];
    let obstacles = vec![Obstacle::SignedOut];
    let why = AnyRejection::Agent(agent::Rejection::Unavailable {
        obstacles: obstacles.clone(),
    });
    let instead = process.refused(order, &why);
    let end = queue::OfferCommand::End {
        offer: OFFER,
        failure: OfferFailure::Unavailable {
            obstacles: Few::first(obstacles),
        },
        at: at(2),
    };
    assert_eq!(
        instead.iter().map(|order| &order.what).collect::<Vec<_>>(),
        [&to_sales(end)]
    );
    assert_eq!(
        process.refused(order, &why),
        instead,
        "asked again, the same again"
    );
}

#[test]
fn an_agent_who_has_the_caller_already_is_not_chosen_again_at_once() {
    let process = told([entered(Contact::Call(ANN)), decided()]);
    let why = AnyRejection::Agent(agent::Rejection::InHand {
        contact: Contact::Call(ANN),
        activity: agent::Activity::WrapUp,
    });
    let [instead] = &process.refused(&process.orders(at(2))[0], &why)[..] else {
        panic!("one order");
    };
    let end = queue::OfferCommand::End {
        offer: OFFER,
        failure: OfferFailure::Unavailable {
            obstacles: Few::first([Obstacle::InHand]),
        },
        at: at(2),
    };
    assert_eq!(instead.what, to_sales(end));
}

#[test]
fn a_caller_of_whom_no_more_offers_can_be_made_leaves_the_line() {
    let process = told([
        entered(Contact::Call(ANN)),
        decided(),
        reserved(Contact::Call(ANN)),
    ]);
    let why = AnyRejection::Call(call::Rejection::TooMany {
        what: "open offers",
        max: 1,
    });
    let [instead] = &process.refused(&process.orders(at(2))[0], &why)[..] else {
        panic!("one order");
    };
    let AnyCommand::Queue(SALES, queue::Command::Entry(leave)) = &instead.what else {
        panic!("to the queue, not {instead:?}");
    };
    assert!(matches!(leave, queue::EntryCommand::Leave { entry: ENTRY, .. }));
}

#[test]
fn a_caller_who_is_gone_leaves_the_line_and_is_offered_to_nobody_else() {
    let process = told([
        entered(Contact::Call(ANN)),
        decided(),
        reserved(Contact::Call(ANN)),
    ]);
    let why = AnyRejection::Call(call::Rejection::CallerGone);
    let [instead] = &process.refused(&process.orders(at(2))[0], &why)[..] else {
        panic!("one order");
    };
    let AnyCommand::Queue(SALES, queue::Command::Entry(leave)) = &instead.what else {
        panic!("to the queue, not {instead:?}");
    };
    assert!(matches!(leave, queue::EntryCommand::Leave { entry: ENTRY, .. }));
}

#[test]
fn a_no_frees_the_agent_and_puts_the_caller_back_in_line() {
    let process = told(to_ring().into_iter().chain([rejected()]));
    let release = agent::OfferCommand::Release {
        offer: OFFER,
        refusal: Refusal::Rejected,
        at: at(5),
    };
    let end = queue::OfferCommand::End {
        offer: OFFER,
        failure: OfferFailure::Rejected,
        at: at(5),
    };
    assert_eq!(said(&process, 9), [to_bob(release), to_sales(end)]);
}

#[test]
fn a_yes_is_the_agents_and_the_queues_and_the_connection_ends_the_wait() {
    let process = told(to_ring().into_iter().chain([accepted()]));
    let (offer, yes) = (OFFER, at(5));
    let accept = agent::OfferCommand::Accept { offer, at: yes };
    let first = queue::OfferCommand::Accept { offer, at: yes };
    assert_eq!(said(&process, 9), [to_bob(accept), to_sales(first)]);
    let connected = of_ann(call::Event::LeftQueue {
        entry: ENTRY,
        queue: SALES,
        reason: LeaveReason::Answered {
            offer: OFFER,
            agent: BOB,
        },
        at: at(6),
    });
    let known = [
        accepted(),
        of_bob(agent::Event::Accepted {
            offer: OFFER,
            contact: Contact::Call(ANN),
            at: yes,
        }),
        in_queue(queue::Event::Accepted {
            entry: ENTRY,
            offer: OFFER,
            agent: BOB,
            at: yes,
        }),
        connected,
    ];
    let process = told(to_ring().into_iter().chain(known));
    let connect = queue::OfferCommand::Connect { offer, at: at(6) };
    assert_eq!(said(&process, 9), [to_sales(connect)]);
}

#[test]
fn what_the_queue_takes_back_stops_ringing_and_frees_the_agent() {
    let process = told(to_ring().into_iter().chain([ended(OfferEnd::Withdrawn, 5)]));
    let release = agent::OfferCommand::Release {
        offer: OFFER,
        refusal: Refusal::Withdrawn,
        at: at(5),
    };
    let withdraw = call::offer::Command::Withdraw {
        offer: OFFER,
        why: call::reasons::Recall::Cancelled,
        at: at(5),
    };
    let withdraw = AnyCommand::Call(ANN, call::Command::Offer(withdraw));
    assert_eq!(said(&process, 9), [to_bob(release), withdraw]);
}

#[test]
fn an_agent_who_goes_home_is_rung_no_more() {
    let home = of_bob(agent::Event::Released {
        contact: Contact::Call(ANN),
        offer: Some(OFFER),
        outcome: agent::Outcome::Away,
        at: at(5),
    });
    let process = told(to_ring().into_iter().chain([home]));
    let withdraw = call::offer::Command::Withdraw {
        offer: OFFER,
        why: call::reasons::Recall::AgentUnavailable,
        at: at(5),
    };
    let withdraw = AnyCommand::Call(ANN, call::Command::Offer(withdraw));
    let end = queue::OfferCommand::End {
        offer: OFFER,
        failure: OfferFailure::Away,
        at: at(5),
    };
    assert_eq!(said(&process, 9), [withdraw, to_sales(end)]);
}

#[test]
fn a_chat_shown_to_an_agent_who_goes_away_is_not_missed_for_want_of_an_answer() {
    let chat = crate::ids::ConversationId::new(id(61));
    let contact = Contact::Conversation(chat);
    let shown = conversation::Event::Offered {
        offer: OFFER,
        agent: BOB,
        entry: Some(ENTRY),
        ring_ms: Millis::from_secs(20),
        at: at(1),
    };
    let away = of_bob(agent::Event::Released {
        contact,
        offer: Some(OFFER),
        outcome: agent::Outcome::Away,
        at: at(5),
    });
    let shown = AnyEvent::Conversation(chat, shown);
    let process = told([entered(contact), decided(), reserved(contact), shown, away]);
    let (offer, at) = (OFFER, at(5));
    let reason = conversation::offer::MissReason::Away;
    let miss = conversation::offer::OfferCommand::Miss { offer, reason, at };
    let failure = OfferFailure::Away;
    assert_eq!(
        said(&process, 9),
        [
            AnyCommand::Conversation(chat, conversation::Command::Offer(miss)),
            to_sales(queue::OfferCommand::End { offer, failure, at }),
        ]
    );
}

#[test]
fn an_offer_that_got_through_too_late_to_ring_lapses_and_is_blamed_on_nobody() {
    let lapsed = |second| {
        to_sales(queue::OfferCommand::End {
            offer: OFFER,
            failure: OfferFailure::Lapsed,
            at: at(second),
        })
    };
    let process = told([
        entered(Contact::Call(ANN)),
        decided(),
        reserved(Contact::Call(ANN)),
    ]);
    assert_eq!(said(&process, 13).len(), 1, "three seconds are enough to answer");
    assert_ne!(said(&process, 13), [lapsed(13)]);
    assert_eq!(said(&process, 14), [lapsed(14)]);
    let process = told([entered(Contact::Call(ANN)), decided()]);
    assert_eq!(
        said(&process, 14),
        [lapsed(14)],
        "nor is anybody's capacity taken"
    );
    assert_eq!(said(&told(to_ring()), 20), [], "what rings rings on");
}

#[test]
fn who_accepted_and_could_not_be_connected_has_nothing_to_write_about() {
    let failed = of_ann(call::Event::LeftQueue {
        entry: ENTRY,
        queue: SALES,
        reason: LeaveReason::ConnectFailed {
            offer: OFFER,
            agent: BOB,
        },
        at: at(65),
    });
    let yes = of_bob(agent::Event::Accepted {
        offer: OFFER,
        contact: Contact::Call(ANN),
        at: at(5),
    });
    let process = told(to_ring().into_iter().chain([accepted(), yes, failed]));
    let give_up = agent::WorkCommand::GiveUp {
        contact: Contact::Call(ANN),
        holding: agent::Holding::Offered(OFFER),
        at: at(65),
    };
    assert_eq!(said(&process, 66)[0], AnyCommand::Agent(BOB, give_up.into()));
}

#[test]
fn a_reservation_that_comes_after_the_end_is_taken_back() {
    let late = [
        entered(Contact::Call(ANN)),
        decided(),
        ended(OfferEnd::Lapsed, 5),
        reserved(Contact::Call(ANN)),
    ];
    let release = agent::OfferCommand::Release {
        offer: OFFER,
        refusal: Refusal::Withdrawn,
        at: at(1),
    };
    assert_eq!(said(&told(late), 9), [to_bob(release)]);
}

#[test]
fn a_callback_is_taken_as_soon_as_the_agent_says_yes() {
    let callback = Contact::Callback(crate::ids::CallbackId::new(id(60)));
    let yes = of_bob(agent::Event::Accepted {
        offer: OFFER,
        contact: callback,
        at: at(5),
    });
    let process = told([entered(callback), decided(), reserved(callback), yes]);
    let (offer, at) = (OFFER, at(5));
    assert_eq!(
        said(&process, 9),
        [to_sales(queue::OfferCommand::Accept { offer, at })]
    );
}

fn callback_taken() -> Vec<AnyEvent> {
    let contact = Contact::Callback(LATER);
    let yes = of_bob(agent::Event::Accepted {
        offer: OFFER,
        contact,
        at: at(5),
    });
    let first = in_queue(queue::Event::Accepted {
        entry: ENTRY,
        offer: OFFER,
        agent: BOB,
        at: at(5),
    });
    let attempted = of_ann(call::Event::CallbackAttempted {
        callback: LATER,
        call: BACK,
        attempt: 1,
        at: at(5),
    });
    vec![
        entered(contact),
        decided(),
        reserved(contact),
        yes,
        first,
        attempted,
    ]
}

#[test]
fn a_callback_waits_in_its_place_until_the_customer_is_reached() {
    assert_eq!(said(&told(callback_taken()), 9), [], "the call rings");
    let kept = of_ann(call::Event::CallbackCompleted {
        callback: LATER,
        call: BACK,
        at: at(30),
    });
    let process = told(callback_taken().into_iter().chain([kept]));
    let (offer, at) = (OFFER, at(30));
    assert_eq!(
        said(&process, 31),
        [to_sales(queue::OfferCommand::Connect { offer, at })]
    );
}

#[test]
fn a_customer_who_was_not_reached_is_not_rung_again_at_once() {
    let again_from = Some(at(930));
    let failed = of_ann(call::Event::CallbackFailed {
        callback: LATER,
        call: BACK,
        why: call::reasons::EndCause::Busy,
        again_from,
        at: at(30),
    });
    // That the agent is free again says nothing of the customer.
    let free = of_bob(agent::Event::Released {
        contact: Contact::Call(BACK),
        offer: Some(OFFER),
        outcome: agent::Outcome::NotConnected,
        at: at(30),
    });
    let process = told(callback_taken().into_iter().chain([free]));
    assert_eq!(said(&process, 31), []);
    let process = told(callback_taken().into_iter().chain([failed]));
    let end = queue::OfferCommand::End {
        offer: OFFER,
        failure: OfferFailure::NotReached { again_from },
        at: at(30),
    };
    assert_eq!(said(&process, 31), [to_sales(end)]);
}

#[test]
fn what_is_over_everywhere_leaves_memory() {
    let over = [
        rejected(),
        ended(OfferEnd::Rejected, 5),
        of_bob(agent::Event::Released {
            contact: Contact::Call(ANN),
            offer: Some(OFFER),
            outcome: agent::Outcome::Rejected,
            at: at(5),
        }),
        in_queue(queue::Event::Left {
            entry: ENTRY,
            why: queue::LeftBecause::Abandoned,
            waited_ms: Millis::from_secs(9),
            at: at(9),
        }),
    ];
    let process = told(to_ring().into_iter().chain(over));
    let tenant = process.tenants.values().next().expect("acme");
    assert_eq!((tenant.offers.len(), tenant.entries.len()), (0, 0));
}

#[test]
fn what_an_inbox_offers_by_hand_is_not_the_queues_business() {
    let chat = crate::ids::ConversationId::new(id(61));
    let offered = conversation::Event::Offered {
        offer: OFFER,
        agent: BOB,
        entry: None,
        ring_ms: Millis::from_secs(20),
        at: at(1),
    };
    let process = told([AnyEvent::Conversation(chat, offered)]);
    assert_eq!(process.due(), None);
}
