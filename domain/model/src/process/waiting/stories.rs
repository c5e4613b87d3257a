//! Stories of Ann, who waits in a queue.

mod last_agent;
mod promises;
mod sent_on;

use super::*;
use crate::Millis;
use crate::call::reasons::{Exit, LeaveReason};
use crate::call::{self, queue as line};
use crate::contact::WorkChannel;
use crate::few::Few;
use crate::ids::{AgentId, OfferId};
use crate::process::AnyCommand;
use crate::process::world::{fold, happened};
use crate::queue::{self, EntryCommand, PolicyTold, Priority};
use crate::testing::sample::{at, id};

const SALES: QueueId = QueueId::new(id(1));
const ANN: CallId = CallId::new(id(2));
const ENTRY: EntryId = EntryId::new(id(3));
const LATER: CallbackId = CallbackId::new(id(4));
const TOLD: Option<PolicyTold> = Some(PolicyTold {
    position: true,
    estimated_wait: false,
    first_after_ms: Millis::from_secs(15),
    every_ms: Millis::from_secs(60),
    speeches: 2,
});
const URGENT: Option<Priority> = Some(Priority::HIGHEST);

fn of_ann(event: call::Event) -> AnyEvent {
    AnyEvent::Call(ANN, event)
}

fn queued(priority: Option<Priority>) -> AnyEvent {
    queued_as(ENTRY, priority, 1)
}

fn queued_as(entry: EntryId, priority: Option<Priority>, second: i64) -> AnyEvent {
    of_ann(call::Event::Queued {
        entry,
        queue: SALES,
        priority,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        keeps_place_of: None,
        waiting_since: at(0),
        at: at(second),
    })
}

fn left(reason: LeaveReason) -> AnyEvent {
    of_ann(call::Event::LeftQueue {
        entry: ENTRY,
        queue: SALES,
        reason,
        at: at(90),
    })
}

fn entered() -> AnyEvent {
    let event = queue::Event::Entered {
        entry: ENTRY,
        contact: Contact::Call(ANN),
        channel: WorkChannel::Voice,
        priority: Priority::HIGHEST,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(1),
    };
    AnyEvent::Queue(SALES, event)
}

fn told(what: impl IntoIterator<Item = AnyEvent>) -> Waiting {
    let log = (1..).zip(what).map(|(n, what)| happened("acme", n, what));
    fold(&log.collect::<Vec<Happened>>())
}

fn said(what: impl IntoIterator<Item = AnyEvent>) -> Vec<AnyCommand> {
    let orders = told(what).orders(at(0));
    orders.into_iter().map(|order| order.what).collect()
}

fn to_sales(command: EntryCommand) -> AnyCommand {
    AnyCommand::Queue(SALES, command.into())
}

fn to_ann(command: line::Command) -> AnyCommand {
    AnyCommand::Call(ANN, call::Command::Queue(command))
}

fn enter(entry: EntryId, contact: Contact, priority: Option<Priority>, second: i64) -> AnyCommand {
    enter_told(TOLD, entry, contact, priority, second)
}

fn enter_told(
    told: Option<PolicyTold>,
    entry: EntryId,
    contact: Contact,
    priority: Option<Priority>,
    second: i64,
) -> AnyCommand {
    to_sales(EntryCommand::Enter {
        returned: None,
        entry,
        contact,
        channel: WorkChannel::Voice,
        priority,
        skills: Few::none(),
        last_agent: None,
        told,
        since: at(0),
        at: at(second),
    })
}

#[test]
fn who_waits_stands_in_the_line_and_is_as_urgent_as_the_call_says() {
    let ann = Contact::Call(ANN);
    assert_eq!(said([queued(None)]), [enter(ENTRY, ann, None, 1)]);
    assert_eq!(said([queued(URGENT)]), [enter(ENTRY, ann, URGENT, 1)]);
}

#[test]
fn who_had_an_agent_before_may_be_kept_for_them() {
    let bob = AgentId::new(id(30));
    let queued = of_ann(call::Event::Queued {
        entry: ENTRY,
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: Some(bob),
        told: None,
        keeps_place_of: None,
        waiting_since: at(0),
        at: at(1),
    });
    let [AnyCommand::Queue(SALES, queue::Command::Entry(EntryCommand::Enter { last_agent, .. }))] =
        &said([queued])[..]
    else {
        panic!("one order, to the queue");
    };
    assert_eq!(*last_agent, Some(bob));
}

fn urgent_for_the_call(priority: Priority, second: i64) -> AnyEvent {
    of_ann(call::Event::PriorityChanged {
        entry: ENTRY,
        priority,
        by: Actor::Customer,
        at: at(second),
    })
}

fn urgent_for_the_queue(priority: Priority, second: i64) -> AnyEvent {
    let by = Actor::System(crate::testing::sample::text("supervisor"));
    let (entry, at) = (ENTRY, at(second));
    let event = queue::Event::PriorityChanged {
        entry,
        priority,
        by,
        at,
    };
    AnyEvent::Queue(SALES, event)
}

fn change_priority(priority: Priority, second: i64) -> AnyCommand {
    to_sales(EntryCommand::ChangePriority {
        entry: ENTRY,
        priority,
        by: Actor::Customer,
        at: at(second),
    })
}

#[test]
fn a_caller_who_becomes_urgent_moves_up_in_the_line() {
    let ann = Contact::Call(ANN);
    let now = |number| Priority::new(number).expect("a priority");
    let before = [queued(None), urgent_for_the_call(now(10), 20)];
    assert_eq!(said(before), [enter(ENTRY, ann, Some(now(10)), 1)]);
    let log = [queued(None), entered(), urgent_for_the_call(now(10), 20)];
    assert_eq!(said(log.clone()), [change_priority(now(10), 20)]);
    let known = log.into_iter().chain([urgent_for_the_queue(now(10), 20)]);
    assert_eq!(said(known), []);
    let crossed = [
        queued(None),
        entered(),
        urgent_for_the_call(now(10), 20),
        urgent_for_the_call(now(20), 21),
        urgent_for_the_queue(now(10), 20),
    ];
    assert_eq!(said(crossed), [change_priority(now(20), 21)]);
}

#[test]
fn what_a_supervisor_says_later_holds_and_is_kept_when_connecting_fails() {
    let now = |number| Priority::new(number).expect("a priority");
    let log = [
        queued(None),
        entered(),
        urgent_for_the_call(now(10), 20),
        urgent_for_the_queue(now(70), 30),
    ];
    assert_eq!(said(log.clone()), []);
    let failed = LeaveReason::ConnectFailed {
        offer: OfferId::new(id(40)),
        agent: AgentId::new(id(30)),
    };
    let again = said(log.into_iter().chain([left(failed), removed()]));
    let joins_as = again.iter().find_map(|command| match command {
        AnyCommand::Call(_, call::Command::Queue(line::Command::Join { priority, .. })) => Some(*priority),
        AnyCommand::Call(..)
        | AnyCommand::Queue(..)
        | AnyCommand::Consent(..)
        | AnyCommand::Agent(..)
        | AnyCommand::Conversation(..)
        | AnyCommand::RoutingPolicy(..)
        | AnyCommand::Retention(..)
        | AnyCommand::Tenant(..) => None,
    });
    assert_eq!(joins_as, Some(Some(now(70))));
}

#[test]
fn who_hangs_up_is_rung_for_no_more() {
    let leave = EntryCommand::Leave {
        entry: ENTRY,
        why: Departure::Abandoned,
        at: at(90),
    };
    let log = [queued(None), entered(), left(LeaveReason::Abandoned)];
    assert_eq!(said(log), [to_sales(leave)]);
}

#[test]
fn who_chose_a_callback_keeps_the_place() {
    let callback = LATER;
    let log = [queued(None), entered(), left(LeaveReason::Callback { callback })];
    let (entry, at) = (ENTRY, at(90));
    let choose = EntryCommand::ChooseCallback { entry, callback, at };
    assert_eq!(said(log), [to_sales(choose)]);
}

fn promised() -> AnyEvent {
    left(LeaveReason::Callback { callback: LATER })
}

fn out(why: LeftBecause, second: i64) -> AnyEvent {
    let event = queue::Event::Left {
        entry: ENTRY,
        why,
        waited_ms: Millis::from_secs(90),
        at: at(second),
    };
    AnyEvent::Queue(SALES, event)
}

fn removed() -> AnyEvent {
    out(LeftBecause::Removed { by: system() }, 91)
}

fn called_off() -> AnyEvent {
    of_ann(call::Event::CallbackCancelled {
        callback: LATER,
        why: call::reasons::CallbackEnd::Asked,
        by: Actor::Customer,
        at: at(200),
    })
}

fn kept() -> EntryId {
    EntryId::new(ENTRY.derive(&format!("callback/{LATER}")))
}

fn entered_as_callback(entry: EntryId) -> AnyEvent {
    let event = queue::Event::Entered {
        entry,
        contact: Contact::Callback(LATER),
        channel: WorkChannel::Voice,
        priority: Priority::HIGHEST,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(92),
    };
    AnyEvent::Queue(SALES, event)
}

fn leave_for(entry: EntryId, why: Departure, second: i64) -> AnyCommand {
    let at = at(second);
    to_sales(EntryCommand::Leave { entry, why, at })
}

#[test]
fn a_promise_that_the_queue_cannot_take_over_is_kept_by_a_new_entry() {
    let log = [queued(None), entered(), promised()];
    let process = told(log.clone());
    let why = AnyRejection::Queue(queue::Rejection::BeingOffered { entry: ENTRY });
    let instead = process.refused(&process.orders(at(0))[0], &why);
    let instead: Vec<AnyCommand> = instead.into_iter().map(|order| order.what).collect();
    let by = system();
    assert_eq!(instead, [leave_for(ENTRY, Departure::Removed { by }, 90)]);
    let gone = log.into_iter().chain([removed()]);
    let keep = enter(kept(), Contact::Callback(LATER), None, 90);
    assert_eq!(said(gone.clone()), [keep]);
    let there = gone.chain([entered_as_callback(kept())]);
    assert_eq!(said(there), []);
}

#[test]
fn a_promise_to_a_caller_whom_the_queue_sent_on_meanwhile_is_kept() {
    let log = [queued(None), entered(), out(LeftBecause::MaxWait, 89), promised()];
    assert_eq!(said(log), [enter(kept(), Contact::Callback(LATER), None, 90)]);
}

#[test]
fn a_promise_to_a_caller_of_whom_the_queue_never_heard_is_kept() {
    let log = [queued(None), promised()];
    assert_eq!(
        said(log.clone()),
        [enter(ENTRY, Contact::Callback(LATER), None, 90)]
    );
    let there = log.clone().into_iter().chain([entered_as_callback(ENTRY)]);
    assert_eq!(said(there), []);
    // They had entered after all.
    let (entry, callback, at) = (ENTRY, LATER, at(90));
    let choose = EntryCommand::ChooseCallback { entry, callback, at };
    assert_eq!(said(log.into_iter().chain([entered()])), [to_sales(choose)]);
}

#[test]
fn a_promise_whose_queue_is_no_more_is_called_off() {
    let process = told([queued(None), promised()]);
    let why = AnyRejection::Queue(queue::Rejection::Retired);
    let [instead] = &process.refused(&process.orders(at(0))[0], &why)[..] else {
        panic!("one order");
    };
    let cancel = call::callback::Command::Cancel {
        callback: LATER,
        why: call::reasons::CallbackEnd::Expired,
        by: system(),
        at: at(90),
    };
    let cancel = AnyCommand::Call(ANN, call::Command::Callback(cancel));
    assert_eq!(instead.what, cancel);
}

#[test]
fn a_promise_called_off_before_the_queue_took_it_over_leaves_the_line() {
    let by = Actor::Customer;
    let log = [queued(None), entered(), promised(), called_off()];
    let leave = leave_for(ENTRY, Departure::Removed { by: by.clone() }, 200);
    assert_eq!(said(log), [leave]);
    // The order to keep the place was on its way.
    let log = [
        queued(None),
        entered(),
        promised(),
        removed(),
        called_off(),
        entered_as_callback(kept()),
    ];
    let leave = leave_for(kept(), Departure::CallbackCancelled { by }, 200);
    assert_eq!(said(log), [leave]);
}

#[test]
fn a_promise_called_off_in_the_line_is_called_off_at_the_call() {
    let chosen = queue::Event::CallbackChosen {
        entry: ENTRY,
        callback: LATER,
        at: at(91),
    };
    let by = Actor::System(crate::testing::sample::text("wallboard"));
    let why = LeftBecause::CallbackCancelled { by: by.clone() };
    let log = [
        queued(None),
        entered(),
        promised(),
        AnyEvent::Queue(SALES, chosen),
        out(why, 150),
    ];
    let cancel = call::callback::Command::Cancel {
        callback: LATER,
        why: call::reasons::CallbackEnd::Asked,
        by,
        at: at(150),
    };
    let cancel = AnyCommand::Call(ANN, call::Command::Callback(cancel));
    assert_eq!(said(log.clone()), [cancel]);
    assert_eq!(said(log.into_iter().chain([called_off()])), []);
}

#[test]
fn a_promise_called_off_leaves_the_line() {
    let callback = LATER;
    let chosen = queue::Event::CallbackChosen {
        entry: ENTRY,
        callback,
        at: at(91),
    };
    let by = Actor::Customer;
    let off = call::Event::CallbackCancelled {
        callback,
        why: call::reasons::CallbackEnd::Asked,
        by: by.clone(),
        at: at(200),
    };
    let log = [
        queued(None),
        entered(),
        left(LeaveReason::Callback { callback }),
        AnyEvent::Queue(SALES, chosen),
    ];
    assert_eq!(said(log.clone()), [], "the place is kept");
    let leave = EntryCommand::Leave {
        entry: ENTRY,
        why: Departure::CallbackCancelled { by },
        at: at(200),
    };
    assert_eq!(said(log.into_iter().chain([of_ann(off)])), [to_sales(leave)]);
}

#[test]
fn whom_the_queue_sends_on_goes_on() {
    let sent = queue::Event::Left {
        entry: ENTRY,
        why: LeftBecause::MaxWait,
        waited_ms: Millis::from_secs(90),
        at: at(90),
    };
    let (entry, exit) = (ENTRY, Exit::MaxWait);
    let leave = line::Command::Leave {
        entry,
        exit,
        at: at(90),
    };
    let log = [queued(None), entered(), AnyEvent::Queue(SALES, sent)];
    assert_eq!(said(log), [to_ann(leave)]);
}

#[test]
fn whom_the_queue_does_not_take_goes_on() {
    let process = told([queued(None)]);
    let why = AnyRejection::Queue(queue::Rejection::Full { max: 10 });
    let [instead] = &process.refused(&process.orders(at(0))[0], &why)[..] else {
        panic!("one order");
    };
    let (entry, exit) = (ENTRY, Exit::Full);
    let leave = line::Command::Leave {
        entry,
        exit,
        at: at(1),
    };
    assert_eq!(instead.what, to_ann(leave));
}

#[test]
fn a_caller_who_could_not_be_connected_waits_again_in_the_same_place() {
    let failed = LeaveReason::ConnectFailed {
        offer: OfferId::new(id(40)),
        agent: AgentId::new(id(30)),
    };
    let log = [queued(URGENT), entered(), left(failed)];
    let by = system();
    let leave = leave_for(ENTRY, Departure::Removed { by }, 90);
    assert_eq!(said(log.clone()), [leave], "first out of the line, then in again");
    let log = log.into_iter().chain([removed()]);
    let [AnyCommand::Call(ANN, call::Command::Queue(join))] = &said(log.clone())[..] else {
        panic!("one order, for the call");
    };
    let line::Command::Join {
        entry,
        last_agent: None,
        keeps_place_of: Some(ENTRY),
        waiting_since,
        priority: URGENT,
        ..
    } = join
    else {
        panic!("to wait again, not {join:?}");
    };
    assert_eq!(*waiting_since, at(0));
    let again = of_ann(call::Event::Queued {
        entry: *entry,
        queue: SALES,
        priority: URGENT,
        skills: Few::none(),
        last_agent: None,
        told: None,
        keeps_place_of: Some(ENTRY),
        waiting_since: at(0),
        at: at(90),
    });
    let after = said(log.chain([again]));
    let [
        AnyCommand::Queue(
            SALES,
            queue::Command::Entry(EntryCommand::Enter {
                entry: enters,
                returned,
                ..
            }),
        ),
    ] = &after[..]
    else {
        panic!("into the line, not {after:?}");
    };
    assert_eq!(
        (enters, *returned),
        (entry, Some(at(1))),
        "whatever the door and the line are like"
    );
}

#[test]
fn a_caller_who_lets_themselves_out_by_a_key_leaves_the_line_by_it() {
    let key = queue::ExitKey::try_from('0').expect("a key");
    let log = [queued(None), entered(), left(LeaveReason::ExitKey { key })];
    let leaves = leave_for(ENTRY, Departure::PressedKey { key }, 90);
    assert_eq!(said(log.clone()), [leaves]);
    let process = told(log);
    let why = AnyRejection::Queue(queue::Rejection::NoExitKey { key });
    let instead = process.refused(&process.orders(at(0))[0], &why);
    let instead: Vec<AnyCommand> = instead.into_iter().map(|order| order.what).collect();
    let by = system();
    assert_eq!(instead, [leave_for(ENTRY, Departure::Removed { by }, 90)]);
}

#[test]
fn a_caller_enters_the_line_when_their_entry_before_is_out_of_it() {
    let again = EntryId::new(id(5));
    // The order to enter was given before the queue said that they were there already.
    let process = told([
        queued(None),
        left(LeaveReason::Policy),
        queued_as(again, None, 91),
    ]);
    let [enters] = &process.orders(at(0))[..] else {
        panic!("one order");
    };
    let why = AnyRejection::Queue(queue::Rejection::WaitsAlready { entry: ENTRY });
    assert_eq!(process.refused(enters, &why), []);
    let log = [
        queued(None),
        left(LeaveReason::Policy),
        queued_as(again, None, 91),
        entered(),
    ];
    let waits = told(log.clone()).orders(at(0));
    assert!(
        waits.iter().all(|order| order.what != enters.what),
        "only the old one leaves: {waits:?}"
    );
    let [enters_now] = &told(log.into_iter().chain([removed()])).orders(at(0))[..] else {
        panic!("one order");
    };
    assert_eq!(enters_now.what, enters.what);
    assert_ne!(enters_now.id, enters.id, "what was refused is not sent again");
}

#[test]
fn who_has_waited_for_longest_is_put_in_the_line_first() {
    let later = EntryId::new(id(1));
    let of_bob = AnyEvent::Call(
        CallId::new(id(6)),
        call::Event::Queued {
            entry: later,
            queue: SALES,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: at(0),
            at: at(5),
        },
    );
    let bob = enter_told(None, later, Contact::Call(CallId::new(id(6))), None, 5);
    let ann = enter(ENTRY, Contact::Call(ANN), None, 1);
    assert_eq!(said([queued(None), of_bob]), [ann, bob]);
}
