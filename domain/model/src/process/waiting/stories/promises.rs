//! What becomes of promises to ring Ann back.

use super::*;

fn chosen() -> AnyEvent {
    let (entry, callback, at) = (ENTRY, LATER, at(91));
    AnyEvent::Queue(SALES, queue::Event::CallbackChosen { entry, callback, at })
}

fn accepted_promise(entry: Option<EntryId>) -> AnyEvent {
    of_ann(call::Event::CallbackAccepted {
        callback: LATER,
        number: crate::Private::new(
            crate::testing::sample::person(1),
            crate::testing::sample::number("+442079460000"),
        ),
        entry,
        queue: SALES,
        waiting_since: at(0),
        at: at(90),
    })
}

fn scheduled(due: i64) -> AnyEvent {
    of_ann(call::Event::CallbackScheduled {
        callback: LATER,
        due: at(due),
        by: Actor::Customer,
        at: at(90),
    })
}

fn defer(entry: EntryId, not_before: i64) -> AnyCommand {
    to_sales(EntryCommand::Defer {
        entry,
        not_before: at(not_before),
        at: at(90),
    })
}

#[test]
fn a_callback_for_tomorrow_is_not_offered_before_it_stands_in_the_place() {
    let log = [
        queued(None),
        entered(),
        accepted_promise(Some(ENTRY)),
        scheduled(86_400),
        promised(),
    ];
    let (entry, callback) = (ENTRY, LATER);
    let choose = EntryCommand::ChooseCallback {
        entry,
        callback,
        at: at(90),
    };
    assert_eq!(said(log.clone()), [defer(ENTRY, 86_400), to_sales(choose)]);
    let deferred = queue::Event::Deferred {
        entry: ENTRY,
        not_before: at(86_400),
        at: at(90),
    };
    let known = log
        .into_iter()
        .chain([AnyEvent::Queue(SALES, deferred), chosen()]);
    assert_eq!(said(known.clone()), []);
    assert_eq!(said(known.chain([scheduled(90_000)])), [defer(ENTRY, 90_000)]);
}

#[test]
fn a_callback_that_somebody_asks_for_who_does_not_wait_stands_at_the_end_of_the_line() {
    let entry = EntryId::new(LATER.derive("place"));
    let log = [accepted_promise(None), scheduled(86_400)];
    let enter = enter_told(None, entry, Contact::Callback(LATER), None, 90);
    assert_eq!(said(log.clone()), [enter, defer(entry, 86_400)]);
    // Whatever became of the second order, it is given again once the entry is there.
    let there = log.into_iter().chain([entered_as_callback(entry)]);
    assert_eq!(said(there.clone()), [defer(entry, 86_400)]);
    assert_ne!(
        told(there).orders(at(0))[0].id,
        told([accepted_promise(None), scheduled(86_400)]).orders(at(0))[1].id
    );
}

#[test]
fn a_callback_taken_out_of_the_line_is_called_off_at_the_call() {
    let by = Actor::System(crate::testing::sample::text("wallboard"));
    let removed = out(LeftBecause::Removed { by: by.clone() }, 200);
    let log = [queued(None), entered(), promised(), chosen(), removed];
    let cancel = call::callback::Command::Cancel {
        callback: LATER,
        why: call::reasons::CallbackEnd::Asked,
        by,
        at: at(200),
    };
    let cancel = AnyCommand::Call(ANN, call::Command::Callback(cancel));
    assert_eq!(said(log), [cancel]);
}

#[test]
fn a_promise_kept_leaves_the_line_by_the_offer_that_led_to_it() {
    let kept = of_ann(call::Event::CallbackCompleted {
        callback: LATER,
        call: CallId::new(id(70)),
        at: at(300),
    });
    let accepted = AnyEvent::Queue(
        SALES,
        queue::Event::Accepted {
            entry: ENTRY,
            offer: OfferId::new(id(40)),
            agent: AgentId::new(id(30)),
            at: at(250),
        },
    );
    let log = [queued(None), entered(), promised(), chosen()];
    let by_offer = log.clone().into_iter().chain([accepted, kept.clone()]);
    assert_eq!(said(by_offer), []);
    let by_hand = log.into_iter().chain([kept]);
    let leave = leave_for(ENTRY, Departure::Removed { by: system() }, 300);
    assert_eq!(said(by_hand), [leave]);
}

#[test]
fn whoever_was_not_reached_often_enough_leaves_the_line_for_that() {
    let given_up = of_ann(call::Event::CallbackCancelled {
        callback: LATER,
        why: call::reasons::CallbackEnd::Unreachable,
        by: Actor::System(crate::testing::sample::text("callbacks")),
        at: at(200),
    });
    let log = [queued(None), entered(), promised(), chosen(), given_up];
    assert_eq!(said(log), [leave_for(ENTRY, Departure::NotReached, 200)]);
}
