//! What becomes of those whom a queue sends on.

use super::*;
use crate::conversation;
use crate::conversation::channel::{Address, Channel, Pair};
use crate::ids::JourneyId;

const HELP: QueueId = QueueId::new(id(80));
const CHAT: ConversationId = ConversationId::new(id(81));

fn moved() -> EntryId {
    EntryId::new(ENTRY.derive("moved"))
}

fn overflowed() -> AnyEvent {
    out(LeftBecause::Overflowed { to: Some(HELP) }, 89)
}

#[test]
fn a_caller_sent_on_waits_there_and_has_waited_since_the_beginning() {
    let log = [queued(URGENT), entered(), overflowed()];
    let exit = Exit::Overflow { to: Some(HELP) };
    let leave = line::Command::Leave {
        entry: ENTRY,
        exit,
        at: at(89),
    };
    assert_eq!(said(log.clone()), [to_ann(leave)]);
    let left = left(LeaveReason::Overflow { to: Some(HELP) });
    let there = line::Command::Join {
        entry: moved(),
        queue: HELP,
        priority: URGENT,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        keeps_place_of: Some(ENTRY),
        waiting_since: at(0),
        at: at(90),
    };
    let log = log.into_iter().chain([left]);
    assert_eq!(said(log.clone()), [to_ann(there)]);
    // A routing policy that sent them there by itself is not contradicted.
    let by_policy = queued_as(EntryId::new(id(82)), None, 90);
    let after = said(log.chain([by_policy]));
    assert!(
        !after
            .iter()
            .any(|command| matches!(command, AnyCommand::Call(..))),
        "{after:?}"
    );
}

#[test]
fn a_callback_sent_on_keeps_the_place_in_the_other_queue() {
    let (callback, by) = (LATER, system());
    let chosen = queue::Event::CallbackChosen {
        entry: ENTRY,
        callback,
        at: at(91),
    };
    let log = [
        queued(None),
        entered(),
        left(LeaveReason::Callback { callback }),
        AnyEvent::Queue(SALES, chosen),
        out(LeftBecause::MovedTo { queue: HELP, by }, 100),
    ];
    let AnyCommand::Queue(HELP, enter) = &said(log.clone())[0] else {
        panic!("to the other queue");
    };
    let there = EntryCommand::Enter {
        returned: None,
        entry: moved(),
        contact: Contact::Callback(callback),
        channel: WorkChannel::Voice,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        since: at(0),
        at: at(100),
    };
    assert_eq!(*enter, there.into());
    let there = AnyEvent::Queue(HELP, as_callback(moved()));
    assert_eq!(said(log.into_iter().chain([there])), []);
}

fn as_callback(entry: EntryId) -> queue::Event {
    queue::Event::Entered {
        entry,
        contact: Contact::Callback(LATER),
        channel: WorkChannel::Voice,
        priority: Priority::HIGHEST,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(100),
    }
}

fn of_chat(event: conversation::Event) -> AnyEvent {
    AnyEvent::Conversation(CHAT, event)
}

fn opened() -> AnyEvent {
    let address = |text| Address::new(text).expect("an address");
    of_chat(conversation::Event::Opened {
        journey: JourneyId::new(id(1)),
        pair: Pair {
            channel: Channel::Chat,
            ours: address("shop"),
            theirs: crate::Private::new(crate::testing::sample::person(1), address("visitor")),
        },
        by: Actor::Customer,
        at: at(0),
    })
}

fn chat_in(queue: QueueId, entry: EntryId) -> AnyEvent {
    let event = queue::Event::Entered {
        entry,
        contact: Contact::Conversation(CHAT),
        channel: WorkChannel::Chat,
        priority: Priority::LOWEST,
        skills: Few::none(),
        last_agent: Some(AgentId::new(id(30))),
        told: None,
        since: at(0),
        returned: None,
        at: at(1),
    };
    AnyEvent::Queue(queue, event)
}

fn told_chat(entry: EntryId, queue: QueueId, why: Exit, second: i64) -> AnyCommand {
    let leave = conversation::Command::LeaveQueue {
        entry,
        queue,
        why,
        at: at(second),
    };
    AnyCommand::Conversation(CHAT, leave)
}

fn knows(entry: EntryId, queue: QueueId, why: Exit) -> AnyEvent {
    of_chat(conversation::Event::LeftQueue {
        entry,
        queue,
        why,
        at: at(89),
    })
}

#[test]
fn a_chat_that_waited_too_long_is_told_so() {
    let log = [opened(), chat_in(SALES, ENTRY), out(LeftBecause::MaxWait, 89)];
    assert_eq!(said(log.clone()), [told_chat(ENTRY, SALES, Exit::MaxWait, 89)]);
    let known = log.into_iter().chain([knows(ENTRY, SALES, Exit::MaxWait)]);
    let process = told(known);
    assert_eq!(process.due(), None);
    let tenant = process.tenants.values().next().expect("acme");
    assert!(tenant.waits.is_empty() && tenant.chats.is_empty() && tenant.of_contact.is_empty());
}

#[test]
fn a_chat_sent_on_stands_in_the_other_queue_as_it_stood_here() {
    let to = Some(HELP);
    let log = [opened(), chat_in(SALES, ENTRY), overflowed()];
    let there = EntryCommand::Enter {
        returned: None,
        entry: moved(),
        contact: Contact::Conversation(CHAT),
        channel: WorkChannel::Chat,
        priority: Some(Priority::LOWEST),
        skills: Few::none(),
        last_agent: Some(AgentId::new(id(30))),
        told: None,
        since: at(0),
        at: at(89),
    };
    let orders = [
        AnyCommand::Queue(HELP, there.into()),
        told_chat(ENTRY, SALES, Exit::Overflow { to }, 89),
    ];
    assert_eq!(said(log.clone()), orders);
    let known = knows(ENTRY, SALES, Exit::Overflow { to });
    let done = log.into_iter().chain([chat_in(HELP, moved()), known]);
    assert_eq!(said(done), []);
}

fn refused_there() -> impl Iterator<Item = AnyEvent> {
    let to = |queue| Exit::Overflow { to: Some(queue) };
    let knows = [knows(ENTRY, SALES, to(HELP)), knows(moved(), HELP, to(SALES))];
    let log = [opened(), chat_in(SALES, ENTRY), overflowed()];
    log.into_iter().chain(knows)
}

fn chat_comes_back() -> EntryCommand {
    EntryCommand::Enter {
        returned: Some(at(1)),
        entry: home(),
        contact: Contact::Conversation(CHAT),
        channel: WorkChannel::Chat,
        priority: Some(Priority::LOWEST),
        skills: Few::none(),
        last_agent: Some(AgentId::new(id(30))),
        told: None,
        since: at(0),
        at: at(89),
    }
}

#[test]
fn a_chat_that_the_other_queue_does_not_take_goes_back_and_goes_on() {
    let to = |queue| Exit::Overflow { to: Some(queue) };
    let why = queue::Rejection::Full { max: 1 };
    let sent = [opened(), chat_in(SALES, ENTRY), overflowed()];
    assert_eq!(instead(sent, HELP, why), told_chat(moved(), HELP, to(SALES), 89));
    let back = AnyCommand::Queue(SALES, chat_comes_back().into());
    assert_eq!(said(refused_there()), [back]);
    let done = refused_there().chain([chat_in(SALES, home())]);
    assert_eq!(said(done), []);
}

#[test]
fn a_chat_that_cannot_go_back_either_is_told_so() {
    let why = queue::Rejection::Retired;
    let told = instead(refused_there(), SALES, why);
    assert_eq!(told, told_chat(home(), SALES, Exit::Refused, 89));
    let known = refused_there().chain([knows(home(), SALES, Exit::Refused)]);
    assert_eq!(said(known), []);
}

#[test]
fn a_chat_that_is_over_meanwhile_does_not_come_back() {
    let over = of_chat(conversation::Event::Archived {
        by: Actor::Customer,
        at: at(90),
    });
    assert_eq!(said(refused_there().chain([over])), []);
}

fn waits_in_help() -> AnyEvent {
    of_ann(call::Event::Queued {
        entry: moved(),
        queue: HELP,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        keeps_place_of: Some(ENTRY),
        waiting_since: at(0),
        at: at(90),
    })
}

fn sent_to_help() -> [AnyEvent; 4] {
    let left = left(LeaveReason::Overflow { to: Some(HELP) });
    [queued(None), entered(), overflowed(), left]
}

// What follows instead of the only order to a queue, which it refuses.
fn instead(log: impl IntoIterator<Item = AnyEvent>, of: QueueId, why: queue::Rejection) -> AnyCommand {
    let process = told(log);
    let orders = process.orders(at(0));
    let mut to_queue = orders
        .iter()
        .filter(|order| matches!(order.what, AnyCommand::Queue(queue, _) if queue == of));
    let order = to_queue.next().expect("an order to that queue");
    let [instead] = &process.refused(order, &AnyRejection::Queue(why))[..] else {
        panic!("one order instead of {order:?}");
    };
    instead.what.clone()
}

fn leaves(entry: EntryId, exit: Exit, second: i64) -> AnyCommand {
    let at = at(second);
    to_ann(line::Command::Leave { entry, exit, at })
}

// Back in the first queue, after the other did not take them.
fn home() -> EntryId {
    EntryId::new(moved().derive("moved"))
}

fn sent_home() -> impl Iterator<Item = AnyEvent> {
    let left = of_ann(call::Event::LeftQueue {
        entry: moved(),
        queue: HELP,
        reason: LeaveReason::Overflow { to: Some(SALES) },
        at: at(91),
    });
    sent_to_help().into_iter().chain([waits_in_help(), left])
}

#[test]
fn a_caller_whom_the_other_queue_does_not_take_goes_on_waiting_where_they_came_from() {
    let known = sent_to_help().into_iter().chain([waits_in_help()]);
    let back = instead(known, HELP, queue::Rejection::Full { max: 1 });
    assert_eq!(back, leaves(moved(), Exit::Overflow { to: Some(SALES) }, 90));
    let joins = said(sent_home()).into_iter().any(|command| {
        matches!(command, AnyCommand::Call(ANN, call::Command::Queue(line::Command::Join { entry, queue: SALES, .. }))
            if entry == home())
    });
    assert!(joins);
}

#[test]
fn who_came_back_goes_on_whether_or_not_others_may_enter_and_is_sent_on_no_more() {
    let again = of_ann(call::Event::Queued {
        entry: home(),
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        keeps_place_of: Some(moved()),
        waiting_since: at(0),
        at: at(91),
    });
    let log = || sent_home().chain([again.clone()]);
    let enters = said(log()).into_iter().any(|command| {
        matches!(
            command,
            AnyCommand::Queue(
                SALES,
                queue::Command::Entry(EntryCommand::Enter {
                    returned: Some(_),
                    ..
                })
            )
        )
    });
    assert!(enters);
    let refused = instead(log(), SALES, queue::Rejection::Retired);
    assert_eq!(refused, leaves(home(), Exit::Refused, 91));
}

#[test]
fn who_could_not_be_connected_in_the_other_queue_has_waited_there_since_it_took_them() {
    let in_help = queue::Event::Entered {
        entry: moved(),
        contact: Contact::Call(ANN),
        channel: WorkChannel::Voice,
        priority: Priority::HIGHEST,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        since: at(0),
        returned: None,
        at: at(92),
    };
    let failed = LeaveReason::ConnectFailed {
        offer: OfferId::new(id(31)),
        agent: AgentId::new(id(30)),
    };
    let left = of_ann(call::Event::LeftQueue {
        entry: moved(),
        queue: HELP,
        reason: failed,
        at: at(99),
    });
    let gone = queue::Event::Left {
        entry: moved(),
        why: LeftBecause::Removed { by: system() },
        waited_ms: Millis(0),
        at: at(99),
    };
    let again = of_ann(call::Event::Queued {
        entry: EntryId::new(moved().derive("again")),
        queue: HELP,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: TOLD,
        keeps_place_of: Some(moved()),
        waiting_since: at(0),
        at: at(99),
    });
    let [in_help, gone] = [in_help, gone].map(|event| AnyEvent::Queue(HELP, event));
    let more = [waits_in_help(), in_help, left, gone, again];
    let returned = entering(HELP, sent_to_help().into_iter().chain(more));
    assert_eq!(returned, Some(at(92)), "and not since they waited anywhere");
}

// Since when who enters a queue is said to have waited there before.
fn entering(of: QueueId, log: impl IntoIterator<Item = AnyEvent>) -> Option<Timestamp> {
    said(log).into_iter().find_map(|command| {
        let AnyCommand::Queue(queue, queue::Command::Entry(EntryCommand::Enter { returned, .. })) = command
        else {
            return None;
        };
        returned.filter(|_| queue == of)
    })
}

#[test]
fn who_goes_back_after_an_agent_had_them_finds_the_door_open() {
    let back = of_ann(call::Event::Queued {
        entry: EntryId::new(id(83)),
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        // Answered, and forgotten.
        keeps_place_of: Some(EntryId::new(id(84))),
        waiting_since: at(0),
        at: at(500),
    });
    assert_eq!(
        entering(SALES, [back]),
        Some(at(500)),
        "what was before they talked counts for nothing"
    );
}

#[test]
fn a_caller_sent_round_until_the_call_takes_no_more_is_not_left_in_silence() {
    let process = told(sent_to_help());
    let orders = process.orders(at(0));
    let [join] = &orders[..] else {
        panic!("they are to wait elsewhere, {orders:?}");
    };
    let why = AnyRejection::Call(call::Rejection::TooMany {
        what: "waits in queues",
        max: 1_000,
    });
    let [end] = &process.refused(join, &why)[..] else {
        panic!("one order instead");
    };
    assert!(matches!(
        &end.what,
        AnyCommand::Call(ANN, call::Command::Life(call::life::Command::End { .. }))
    ));
    let over = AnyRejection::Call(call::Rejection::CallOver);
    assert_eq!(process.refused(join, &over), []);
}

fn archived_by_customer() -> AnyEvent {
    of_chat(conversation::Event::Archived {
        by: Actor::Customer,
        at: at(0),
    })
}

fn leaves_line(why: Departure) -> AnyCommand {
    let leave = EntryCommand::Leave {
        entry: ENTRY,
        why,
        at: at(0),
    };
    AnyCommand::Queue(SALES, leave.into())
}

#[test]
fn a_chat_that_was_closed_while_its_place_was_on_the_way_does_not_wait_for_ever() {
    let log = [opened(), archived_by_customer(), chat_in(SALES, ENTRY)];
    assert_eq!(said(log.clone()), [leaves_line(Departure::Abandoned)]);
    let left = out(LeftBecause::Abandoned, 2);
    assert_eq!(said(log.into_iter().chain([left])), []);
}

#[test]
fn a_chat_that_an_agent_took_while_its_place_was_on_the_way_does_not_wait() {
    let agent = AgentId::new(id(30));
    let picked = of_chat(conversation::Event::Assigned {
        agent,
        how: conversation::assignment::How::Picked,
        by: Actor::Agent(agent),
        at: at(0),
    });
    let log = [opened(), picked, chat_in(SALES, ENTRY)];
    assert_eq!(
        said(log.clone()),
        [leaves_line(Departure::Removed { by: system() })]
    );
    let put_down = of_chat(conversation::Event::Unassigned {
        agent,
        reason: conversation::assignment::UnassignReason::Transferred,
        by: Actor::Agent(agent),
        at: at(1),
    });
    let [opened, picked, enters] = log;
    assert_eq!(
        said([opened, picked, put_down, enters]),
        [],
        "whoever is put down waits anew"
    );
}
