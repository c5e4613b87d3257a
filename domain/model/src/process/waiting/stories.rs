//! Stories of Ann, who waits in a queue.

use super::*;
use crate::Millis;
use crate::call::reasons::{Exit, LeaveReason};
use crate::call::{self, queue as line};
use crate::contact::WorkChannel;
use crate::few::Few;
use crate::ids::{AgentId, OfferId};
use crate::process::AnyCommand;
use crate::process::world::{fold, happened};
use crate::queue::{self, EntryCommand, Priority};
use crate::testing::sample::{at, id};

const SALES: QueueId = QueueId::new(id(1));
const ANN: CallId = CallId::new(id(2));
const ENTRY: EntryId = EntryId::new(id(3));
const LATER: CallbackId = CallbackId::new(id(4));
const URGENT: Option<Priority> = Some(Priority::HIGHEST);

fn of_ann(event: call::Event) -> AnyEvent {
    AnyEvent::Call(ANN, event)
}

fn queued(priority: Option<Priority>) -> AnyEvent {
    of_ann(call::Event::Queued {
        entry: ENTRY,
        queue: SALES,
        priority,
        skills: Few::none(),
        keeps_place_of: None,
        waiting_since: at(0),
        at: at(1),
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
        since: at(0),
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
    to_sales(EntryCommand::Enter {
        entry,
        contact,
        channel: WorkChannel::Voice,
        priority,
        skills: Few::none(),
        last_agent: None,
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
    let again = said(log.into_iter().chain([left(failed)]));
    let joins_as = again.iter().find_map(|command| match command {
        AnyCommand::Call(_, call::Command::Queue(line::Command::Join { priority, .. })) => Some(*priority),
        AnyCommand::Call(..)
        | AnyCommand::Queue(..)
        | AnyCommand::Consent(..)
        | AnyCommand::Agent(..)
        | AnyCommand::Conversation(..)
        | AnyCommand::RoutingPolicy(..) => None,
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

#[test]
fn a_promise_that_the_queue_cannot_take_over_is_kept_by_a_new_entry() {
    let callback = LATER;
    let log = [queued(None), entered(), left(LeaveReason::Callback { callback })];
    let process = told(log);
    let why = AnyRejection::Queue(queue::Rejection::BeingOffered { entry: ENTRY });
    let instead = process.refused(&process.orders(at(0))[0], &why);
    let [leave, keep] = &instead[..] else {
        panic!("two orders, not {instead:?}");
    };
    assert!(matches!(
        leave.what,
        AnyCommand::Queue(SALES, queue::Command::Entry(EntryCommand::Leave { .. }))
    ));
    let entry = EntryId::new(ENTRY.derive(&format!("callback/{LATER}")));
    assert_eq!(keep.what, enter(entry, Contact::Callback(LATER), None, 90));
    assert_ne!(leave.id, keep.id);
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
    let (entry, exit) = (ENTRY, Exit::Overflow { to: None });
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
    let orders = said(log.clone());
    let Some(AnyCommand::Call(ANN, call::Command::Queue(join))) = orders.last() else {
        panic!("the last order is for the call");
    };
    let line::Command::Join {
        entry,
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
        keeps_place_of: Some(ENTRY),
        waiting_since: at(0),
        at: at(90),
    });
    let after = said(log.into_iter().chain([again]));
    assert_eq!(
        after.len(),
        2,
        "the old entry leaves and the new one enters: {after:?}"
    );
}
