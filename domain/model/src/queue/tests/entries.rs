//! Who waits, in which order, and why they leave.

use super::*;

const CALLBACK: CallbackId = CallbackId::new(id(60));

fn enter(entry: EntryId, contact: Contact, channel: WorkChannel, second: i64) -> Command {
    EntryCommand::Enter {
        returned: None,
        entry,
        contact,
        channel,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(second),
        at: at(second),
    }
    .into()
}

fn expel(why: Expulsion, second: i64) -> Command {
    owner(OwnerCommand::Expel { entry: ANN, why }, second)
}

fn choose_callback(second: i64) -> Command {
    EntryCommand::ChooseCallback {
        entry: ANN,
        callback: CALLBACK,
        at: at(second),
    }
    .into()
}

fn callback_chosen() -> Event {
    Event::CallbackChosen {
        entry: ANN,
        callback: CALLBACK,
        at: at(60),
    }
}

#[test]
fn an_entry_has_the_queues_priority_unless_it_brings_its_own() {
    given::<Queue>([configured(plain())])
        .when(enter(ANN, call(ANN), WorkChannel::Voice, 0))
        .then([entered(ANN, 50, 0)]);
}

#[test]
fn a_contact_waits_once_and_an_entry_is_used_once() {
    given::<Queue>(with_ann(plain()))
        .when(enter(BEN, call(ANN), WorkChannel::Voice, 1))
        .rejected(Rejection::WaitsAlready { entry: ANN });
    let gone = after(with_ann(plain()), [left(LeftBecause::Abandoned, 5)]);
    given::<Queue>(gone.clone())
        .when(enter(ANN, call(ANN), WorkChannel::Voice, 6))
        .rejected(Rejection::EntryOver { entry: ANN });
    given::<Queue>(gone)
        .when(leave(Departure::Abandoned, 6))
        .nothing();
    given::<Queue>([configured(plain())])
        .when(leave(Departure::Abandoned, 6))
        .rejected(Rejection::UnknownEntry { entry: ANN });
}

#[test]
fn a_full_queue_and_a_channel_it_does_not_take_are_said_so() {
    let mut small = plain();
    small.waiting.max_length = NonZeroU32::new(1);
    given::<Queue>(with_ann(small))
        .when(enter(BEN, call(BEN), WorkChannel::Voice, 1))
        .rejected(Rejection::Full { max: 1 });
    let chat = Contact::Conversation(crate::ids::ConversationId::new(id(61)));
    given::<Queue>([configured(plain())])
        .when(enter(ANN, chat, WorkChannel::Chat, 0))
        .rejected(Rejection::ChannelNotTaken {
            channel: WorkChannel::Chat,
        });
}

#[test]
fn the_line_goes_by_hand_then_urgency_then_waiting() {
    let waiting = [
        configured(plain()),
        entered(ANN, 50, 0),
        entered(BEN, 50, 1),
        entered(CAT, 10, 2),
    ];
    let line = |more: Vec<Event>| Queue::fold(&after(waiting.to_vec(), more)).line(at(10));
    assert_eq!(line(vec![]), [CAT, ANN, BEN]);
    let moved = |entry, place, second| Event::Moved {
        entry,
        place,
        by: carol(),
        at: at(second),
    };
    assert_eq!(line(vec![moved(BEN, Place::Front, 3)]), [BEN, CAT, ANN]);
    assert_eq!(line(vec![moved(CAT, Place::Back, 3)]), [ANN, BEN, CAT]);
    let both = vec![moved(BEN, Place::Front, 3), moved(ANN, Place::Front, 4)];
    assert_eq!(
        line(both),
        [BEN, ANN, CAT],
        "who was put to the front first stays there"
    );
}

#[test]
fn waiting_makes_more_urgent_and_records_nothing() {
    let mut ageing = plain();
    ageing.waiting.ageing = Some(Ageing {
        every_ms: Millis::from_secs(10),
        by: NonZeroU8::MIN,
    });
    let state = Queue::fold(&[
        configured(ageing),
        entered(ANN, 50, 0),
        entered(BEN, 45, 0),
        entered(CAT, 46, 58),
    ]);
    assert_eq!(state.line(at(58)), [BEN, ANN, CAT]);
    let urgency = |entry, second| {
        let (settings, _) = state.settings().expect("configured");
        state.entry(entry).expect("waiting").urgency(settings, at(second))
    };
    assert_eq!(urgency(ANN, 59), priority(45));
    assert_eq!(urgency(ANN, 86_400), Priority::HIGHEST);
}

#[test]
fn time_waited_elsewhere_counts() {
    let command = EntryCommand::Enter {
        returned: None,
        entry: ANN,
        contact: call(ANN),
        channel: WorkChannel::Voice,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(-90),
        at: at(0),
    };
    let events = Queue::decide(&Queue::fold(&[configured(plain())]), command.into()).expect("room");
    let state = Queue::fold(&after(vec![configured(plain())], events));
    assert_eq!(
        Queue::decide(&state, leave(Departure::Abandoned, 10)),
        Ok(vec![Event::Left {
            entry: ANN,
            why: LeftBecause::Abandoned,
            waited_ms: Millis::from_secs(100),
            at: at(10),
        }])
    );
}

#[test]
fn a_callback_keeps_the_place_and_hanging_up_does_not_lose_it() {
    given::<Queue>(with_ann(plain()))
        .when(choose_callback(59))
        .rejected(Rejection::NotYet { from: at(60) });
    given::<Queue>(with_ann(plain()))
        .when(choose_callback(60))
        .then([callback_chosen()]);
    let kept = after(with_ann(plain()), [callback_chosen(), entered(BEN, 50, 61)]);
    given::<Queue>(kept.clone())
        .when(leave(Departure::Abandoned, 62))
        .rejected(Rejection::PlaceKept { entry: ANN });
    given::<Queue>(kept.clone())
        .when(expel(Expulsion::NobodyLoggedIn, 63))
        .rejected(Rejection::PlaceKept { entry: ANN });
    let state = Queue::fold(&kept);
    assert_eq!(state.line(at(64)), [ANN, BEN]);
    assert_eq!(
        state.entry(ANN).map(|entry| entry.contact),
        Some(Contact::Callback(CALLBACK))
    );
}

fn deferred(not_before: i64, second: i64) -> Event {
    Event::Deferred {
        entry: ANN,
        not_before: at(not_before),
        at: at(second),
    }
}

#[test]
fn a_callback_for_tomorrow_keeps_its_entry_and_is_offered_to_nobody_before() {
    let tomorrow = 86_400;
    let defer = EntryCommand::Defer {
        entry: ANN,
        not_before: at(tomorrow),
        at: at(61),
    };
    let chosen = after(with_ann(plain()), [callback_chosen()]);
    given::<Queue>(chosen.clone())
        .when(defer.into())
        .then([deferred(tomorrow, 61)]);
    let kept = after(chosen, [deferred(tomorrow, 61)]);
    let entry = Queue::fold(&kept).entry(ANN).map(Entry::may_be_offered_from);
    assert_eq!(entry, Some(at(tomorrow)));
    let from = at(tomorrow);
    given::<Queue>(kept)
        .when(reserve(proposal(ANN, &[(FIRST, BOB)], 70), 70))
        .rejected(Rejection::NotBefore { entry: ANN, from });
}

#[test]
fn a_callback_for_tomorrow_takes_nobodys_room_and_grows_no_more_urgent() {
    let tomorrow = 86_400;
    let mut settings = plain();
    settings.waiting.max_length = std::num::NonZeroU32::new(1);
    settings.waiting.ageing = Some(crate::queue::Ageing {
        every_ms: Millis::from_secs(60),
        by: std::num::NonZeroU8::MIN,
    });
    let kept = after(
        with_ann(settings.clone()),
        [callback_chosen(), deferred(tomorrow, 61)],
    );
    let ben = |second: i64| enter(BEN, call(BEN), WorkChannel::Voice, second);
    let full = Rejection::Full { max: 1 };
    given::<Queue>(kept.clone()).when(ben(tomorrow)).rejected(full);
    let state = Queue::fold(&kept);
    assert!(Queue::decide(&state, ben(62)).is_ok_and(|events| events.len() == 1));
    let ann = state.entry(ANN).expect("she waits");
    // A minute before she chose it, and a minute after the agreed moment.
    let now = at(tomorrow + 60);
    assert_eq!(ann.waited_here(now), Millis::from_secs(121));
    let urgency = i64::from(ann.priority.number()) - i64::from(ann.urgency(&settings, now).number());
    assert_eq!(urgency, 2);
    let twice = after(kept, [deferred(tomorrow + 600, 3_661)]);
    let ann = Queue::fold(&twice).entry(ANN).map(|ann| ann.put_off);
    assert_eq!(ann, Some(Millis::from_secs(86_400 + 600 - 61)));
}

#[test]
fn who_came_back_waits_no_longer_in_all_than_anybody_else() {
    let mut settings = plain();
    settings.waiting.max_wait_ms = Some(Millis::from_secs(600));
    let mut history = with_ann(settings);
    if let Some(Event::Entered { returned, since, .. }) = history.last_mut() {
        (*returned, *since) = (Some(at(-500)), at(-2_000));
    }
    let from = at(100);
    given::<Queue>(history.clone())
        .when(expel(Expulsion::MaxWait, 99))
        .rejected(Rejection::NotYet { from });
    let events = Queue::decide(&Queue::fold(&history), expel(Expulsion::MaxWait, 100));
    assert!(events.is_ok_and(|events| events.len() == 1));
}

fn not_reached(again_from: Option<Timestamp>) -> Command {
    let failure = OfferFailure::NotReached { again_from };
    OfferCommand::End {
        offer: FIRST,
        failure,
        at: at(120),
    }
    .into()
}

fn offer_not_reached(again_from: Option<Timestamp>) -> Event {
    Event::OfferEnded {
        entry: ANN,
        offer: FIRST,
        agent: BOB,
        how: OfferEnd::NotReached { again_from },
        at: at(120),
    }
}

#[test]
fn who_was_not_reached_waits_for_the_next_call_or_leaves_after_the_last() {
    let decided = reserved(&plain(), proposal(ANN, &[(FIRST, BOB)], 70), 70);
    let rung_back = after(with_ann(plain()), [callback_chosen(), decided]);
    given::<Queue>(rung_back.clone())
        .when(not_reached(Some(at(1_000))))
        .then([deferred(1_000, 120), offer_not_reached(Some(at(1_000)))]);
    given::<Queue>(rung_back)
        .when(not_reached(None))
        .then([offer_not_reached(None), left(LeftBecause::NotReached, 120)]);
}

#[test]
fn a_supervisor_cancels_a_callback_and_only_a_callback() {
    let cancel = || leave(Departure::CallbackCancelled { by: carol() }, 90);
    given::<Queue>(after(with_ann(plain()), [callback_chosen()]))
        .when(cancel())
        .then([left(LeftBecause::CallbackCancelled { by: carol() }, 90)]);
    given::<Queue>(with_ann(plain()))
        .when(cancel())
        .rejected(Rejection::NoCallback { entry: ANN });
}

#[test]
fn only_a_key_that_leads_out_leads_out() {
    let press = |key| Departure::PressedKey {
        key: ExitKey::new(key).expect("a key"),
    };
    given::<Queue>(with_ann(plain()))
        .when(leave(press('*'), 9))
        .then([left(
            LeftBecause::PressedKey {
                key: ExitKey::new('*').expect("a key"),
            },
            9,
        )]);
    given::<Queue>(with_ann(plain()))
        .when(leave(press('1'), 9))
        .rejected(Rejection::NoExitKey {
            key: ExitKey::new('1').expect("a key"),
        });
}

#[test]
fn the_queues_rules_put_nobody_out_too_early() {
    let mut patient = plain();
    patient.waiting.max_wait_ms = Some(Millis::from_secs(150));
    patient.waiting.overflow = Some(Overflow {
        to: Some(QueueId::new(id(62))),
        after_ms: Millis::from_secs(100),
    });
    for (why, from, left_because) in [
        (Expulsion::MaxWait, 150, LeftBecause::MaxWait),
        (
            Expulsion::Overflow,
            100,
            LeftBecause::Overflowed {
                to: Some(QueueId::new(id(62))),
            },
        ),
    ] {
        given::<Queue>(with_ann(patient.clone()))
            .when(expel(why.clone(), from - 1))
            .rejected(Rejection::NotYet { from: at(from) });
        given::<Queue>(with_ann(patient.clone()))
            .when(expel(why, from))
            .then([left(left_because, from)]);
    }
    given::<Queue>(with_ann(patient))
        .when(expel(Expulsion::NobodyAvailable, 5))
        .rejected(Rejection::NotProvided);
}

#[test]
fn nobody_is_put_out_while_an_agent_is_rung_for_them() {
    given::<Queue>(after(with_ann(plain()), [offered_to_bob()]))
        .when(expel(Expulsion::NobodyLoggedIn, 5))
        .rejected(Rejection::BeingOffered { entry: ANN });
}

#[test]
fn whoever_leaves_takes_their_offers_along() {
    for (why, how, because) in [
        (Departure::Abandoned, OfferEnd::CallerGone, LeftBecause::Abandoned),
        (
            Departure::Removed { by: carol() },
            OfferEnd::Withdrawn,
            LeftBecause::Removed { by: carol() },
        ),
    ] {
        given::<Queue>(after(with_ann(plain()), [offered_to_bob()]))
            .when(leave(why, 7))
            .then([ended(FIRST, BOB, how, 7), left(because, 7)]);
    }
}

#[test]
fn a_priority_changed_by_hand_holds() {
    given::<Queue>(with_ann(plain()))
        .when(
            EntryCommand::ChangePriority {
                entry: ANN,
                priority: priority(1),
                by: carol(),
                at: at(3),
            }
            .into(),
        )
        .then([Event::PriorityChanged {
            entry: ANN,
            priority: priority(1),
            by: carol(),
            at: at(3),
        }]);
}

#[test]
fn a_place_that_was_promised_is_kept_behind_a_closed_door_and_beyond_the_length_of_the_line() {
    let closed = Event::Closed {
        reason: text("fire drill"),
        by: carol(),
        at: at(1),
    };
    let mut short = plain();
    short.waiting.max_length = NonZeroU32::new(1);
    let full = after(with_ann(short), [closed]);
    let enter = enter(BEN, Contact::Callback(CALLBACK), WorkChannel::Voice, 2);
    let events = Queue::decide(&Queue::fold(&full), enter).expect("the place was promised");
    assert!(
        matches!(events[..], [Event::Entered { entry: BEN, .. }]),
        "{events:?}"
    );
}
