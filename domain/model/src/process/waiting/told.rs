//! Who is to be told what of a wait.

use super::{Asked, AtContact, AtQueue, Chat, Fact, Gone, Wait, Waiting, Way, system};
use crate::call::reasons::{CallbackEnd, EndCause, Exit};
use crate::call::{self, queue as line};
use crate::contact::{Contact, WorkChannel};
use crate::ids::{CallId, CallbackId, ConversationId, EntryId, QueueId};
use crate::process::{AnyCommand, AnyRejection, Order};
use crate::queue::{Command, Departure, EntryCommand, LeftBecause, Rejection};
use crate::text::Key;
use crate::{Actor, Timestamp, conversation};

/// What follows for one wait, each with the moment since when it is due.
pub(super) fn orders(entry: EntryId, wait: &Wait) -> Vec<(Timestamp, Order)> {
    let told = [
        urgency(entry, wait),
        later(entry, wait),
        to_queue(entry, wait),
        at_once_later(entry, wait),
        move_on(entry, wait),
        come_back(entry, wait),
        to_chat(entry, wait),
        to_call(entry, wait),
    ];
    told.into_iter()
        .flatten()
        .map(|(fact, word, what)| {
            let order = Order::about::<Waiting>(&fact.cause, &format!("{entry}/{word}"), what);
            (fact.at, order)
        })
        .collect()
}

type Told<'a> = Option<(&'a Fact, &'static str, AnyCommand)>;

fn to_queue(entry: EntryId, wait: &Wait) -> Told<'_> {
    let is_callback = matches!(wait.contact, Contact::Callback(_));
    let (fact, word, command) = match (&wait.at_queue, &wait.at_contact) {
        (AtQueue::Unknown, AtContact::Waits(fact)) => {
            let asked = wait.asked.as_deref()?;
            let because = match &wait.way {
                Way::Free => fact,
                Way::Cleared(left) => left,
                Way::Blocked => return None,
            };
            (because, "enter", enter(entry, wait.contact, asked, fact.at))
        }
        (AtQueue::Waits, AtContact::Gone(gone, fact)) => {
            let at = fact.at;
            let (word, command) = match gone {
                Gone::Promised(_) if !is_callback && wait.kept => {
                    ("leave", leave(entry, Departure::Removed { by: system() }, at))
                }
                Gone::Promised(callback) if !is_callback => {
                    let callback = *callback;
                    ("callback", EntryCommand::ChooseCallback { entry, callback, at })
                }
                Gone::SentOn(queue) => {
                    let (queue, by) = (*queue, system());
                    ("leave", leave(entry, Departure::MovedTo { queue, by }, at))
                }
                Gone::NotConnected => ("leave", leave(entry, Departure::Removed { by: system() }, at)),
                // What the queue does not know as a callback is not called off, it just leaves.
                Gone::Left(Departure::CallbackCancelled { by }) if !is_callback => {
                    let by = by.clone();
                    ("leave", leave(entry, Departure::Removed { by }, at))
                }
                Gone::Left(Departure::NotReached) if !is_callback => {
                    ("leave", leave(entry, Departure::Removed { by: system() }, at))
                }
                // Nobody accepted it here, and the customer was rung back all the same.
                Gone::Answered if is_callback && wait.accepted.is_none() => {
                    ("leave", leave(entry, Departure::Removed { by: system() }, at))
                }
                // Hanging up is how a callback begins, and ends nothing.
                Gone::Left(Departure::Abandoned) if is_callback => return None,
                Gone::Left(why) => ("leave", leave(entry, why.clone(), at)),
                Gone::Promised(_) | Gone::Answered => return None,
            };
            (fact, word, command)
        }
        // The caller is gone and was promised the place: in this entry, unless that was in the line and left.
        (AtQueue::Unknown | AtQueue::Left(..), AtContact::Gone(_, fact)) => {
            let (callback, asked) = (wait.owes_place()?, wait.asked.as_deref()?);
            let contact = Contact::Callback(callback);
            match &wait.at_queue {
                AtQueue::Unknown | AtQueue::Waits => {
                    (fact, "keep-here", enter(entry, contact, asked, fact.at))
                }
                AtQueue::Left(..) => {
                    let entry = kept(entry, callback);
                    (fact, "keep", enter(entry, contact, asked, fact.at))
                }
            }
        }
        (AtQueue::Waits | AtQueue::Left(..), AtContact::Waits(_)) => return None,
    };
    let command = AnyCommand::Queue(wait.queue, command.into());
    Some((fact, word, command))
}

fn enter(entry: EntryId, contact: Contact, asked: &Asked, at: Timestamp) -> EntryCommand {
    EntryCommand::Enter {
        entry,
        contact,
        channel: WorkChannel::Voice,
        priority: asked.priority,
        skills: asked.skills.clone(),
        last_agent: asked.last_agent.or(asked.remembered),
        told: asked.told,
        since: asked.since,
        returned: asked.returned,
        at,
    }
}

fn enter_chat(entry: EntryId, chat: &Chat, returned: Option<Timestamp>, at: Timestamp) -> EntryCommand {
    EntryCommand::Enter {
        entry,
        contact: Contact::Conversation(chat.conversation),
        channel: chat.channel,
        priority: Some(chat.priority),
        skills: chat.skills.clone(),
        last_agent: chat.last_agent,
        told: None,
        since: chat.since,
        returned,
        at,
    }
}

const fn leave(entry: EntryId, why: Departure, at: Timestamp) -> EntryCommand {
    EntryCommand::Leave { entry, why, at }
}

// Who is gone is not to be served sooner, unless a callback keeps the place.
fn urgency(entry: EntryId, wait: &Wait) -> Told<'_> {
    let stays = match &wait.at_contact {
        AtContact::Waits(_) => true,
        AtContact::Gone(..) => matches!(wait.contact, Contact::Callback(_)),
    };
    let (priority, by, fact) = wait.urgency.as_deref()?;
    if !stays || wait.at_queue != AtQueue::Waits {
        return None;
    }
    let change = EntryCommand::ChangePriority {
        entry,
        priority: *priority,
        by: by.clone(),
        at: fact.at,
    };
    Some((fact, "priority", AnyCommand::Queue(wait.queue, change.into())))
}

// Whoever is to be rung back later is offered to nobody before: said before the place becomes the callback's.
fn later(entry: EntryId, wait: &Wait) -> Told<'_> {
    let AtContact::Gone(Gone::Promised(_), _) = wait.at_contact else {
        return None;
    };
    (wait.at_queue == AtQueue::Waits).then_some(())?;
    defer(entry, wait, "later")
}

// The same right after the order that makes the entry, which is refused if that was.
fn at_once_later(entry: EntryId, wait: &Wait) -> Told<'_> {
    wait.owes_place()?;
    (wait.at_queue == AtQueue::Unknown).then_some(())?;
    defer(entry, wait, "at-once-later")
}

fn defer<'a>(entry: EntryId, wait: &'a Wait, word: &'static str) -> Told<'a> {
    let (not_before, fact) = wait.deferred.as_deref()?;
    let (not_before, at) = (*not_before, fact.at);
    let defer = EntryCommand::Defer {
        entry,
        not_before,
        at,
    };
    Some((fact, word, AnyCommand::Queue(wait.queue, defer.into())))
}

// A callback or a conversation that was sent on stands in the other queue.
fn move_on(entry: EntryId, wait: &Wait) -> Told<'_> {
    let (queue, fact) = wait.owes_move()?;
    let entry = moved(entry);
    let enter = match (wait.chat.as_deref(), wait.asked.as_deref()) {
        (Some(chat), _) => enter_chat(entry, chat, None, fact.at),
        (None, Some(asked)) => enter(entry, wait.contact, asked, fact.at),
        (None, None) => return None,
    };
    Some((fact, "move", AnyCommand::Queue(queue, enter.into())))
}

// A conversation that no other queue took goes on waiting where it came from.
fn come_back(entry: EntryId, wait: &Wait) -> Told<'_> {
    let (chat, fact) = wait.owes_return()?;
    let enter = enter_chat(came_back(entry), chat, chat.returned.or(wait.entered), fact.at);
    Some((fact, "come-back", AnyCommand::Queue(wait.queue, enter.into())))
}

// What becomes of a conversation that waits no more is its routing policy's to say.
fn to_chat(entry: EntryId, wait: &Wait) -> Told<'_> {
    let chat = wait.chat.as_deref().filter(|chat| chat.open && !chat.told)?;
    let (AtContact::Waits(_), AtQueue::Left(why, fact)) = (&wait.at_contact, &wait.at_queue) else {
        return None;
    };
    let leave = conversation::Command::LeaveQueue {
        entry,
        queue: wait.queue,
        why: exit(why)?,
        at: fact.at,
    };
    let leave = AnyCommand::Conversation(chat.conversation, leave);
    Some((fact, "leave-chat", leave))
}

fn to_call(entry: EntryId, wait: &Wait) -> Told<'_> {
    let asked = wait.asked.as_deref()?;
    if let (
        Some(callback),
        AtQueue::Left(LeftBecause::CallbackCancelled { by } | LeftBecause::Removed { by }, fact),
    ) = (wait.owes_cancel(), &wait.at_queue)
    {
        let cancel = cancel(asked.call, callback, CallbackEnd::Asked, by.clone(), fact.at);
        return Some((fact, "cancel", cancel));
    }
    let (fact, word, command) = match (&wait.at_contact, &wait.at_queue) {
        (AtContact::Waits(_), AtQueue::Left(why, fact)) => {
            let (exit, at) = (exit(why)?, fact.at);
            (fact, "leave", line::Command::Leave { entry, exit, at })
        }
        (AtContact::Gone(Gone::NotConnected, fact), AtQueue::Unknown | AtQueue::Left(..)) if !wait.again => {
            let again = line::Command::Join {
                entry: EntryId::new(entry.derive("again")),
                queue: wait.queue,
                priority: asked.priority,
                skills: asked.skills.clone(),
                last_agent: asked.last_agent,
                told: asked.told,
                keeps_place_of: Some(entry),
                waiting_since: asked.since,
                at: fact.at,
            };
            (fact, "again", again)
        }
        (AtContact::Gone(Gone::SentOn(queue), fact), AtQueue::Unknown | AtQueue::Left(..)) if !wait.again => {
            let there = line::Command::Join {
                entry: moved(entry),
                queue: *queue,
                priority: asked.priority,
                skills: asked.skills.clone(),
                last_agent: asked.last_agent,
                told: asked.told,
                keeps_place_of: Some(entry),
                waiting_since: asked.since,
                at: fact.at,
            };
            (fact, "there", there)
        }
        (AtContact::Waits(_) | AtContact::Gone(..), _) => return None,
    };
    let command = AnyCommand::Call(asked.call, call::Command::Queue(command));
    Some((fact, word, command))
}

fn cancel(call: CallId, callback: CallbackId, why: CallbackEnd, by: Actor, at: Timestamp) -> AnyCommand {
    let cancel = call::callback::Command::Cancel {
        callback,
        why,
        by,
        at,
    };
    AnyCommand::Call(call, call::Command::Callback(cancel))
}

// What the call itself led to it knows already.
fn exit(why: &LeftBecause) -> Option<Exit> {
    match why {
        LeftBecause::Answered { .. } | LeftBecause::Abandoned | LeftBecause::NotReached => None,
        LeftBecause::PressedKey { key } => Some(Exit::ExitKey { key: *key }),
        LeftBecause::MovedTo { queue, .. } => Some(Exit::Overflow { to: Some(*queue) }),
        LeftBecause::Overflowed { to } => Some(Exit::Overflow { to: *to }),
        LeftBecause::Removed { .. } | LeftBecause::CallbackCancelled { .. } => Some(Exit::Policy),
        LeftBecause::MaxWait => Some(Exit::MaxWait),
        LeftBecause::NobodyLoggedIn | LeftBecause::NobodyAvailable => Some(Exit::NoAgents),
    }
}

/// What follows instead of an order that was refused.
pub(super) fn instead<'a>(
    order: &Order,
    why: &AnyRejection,
    find: impl Fn(EntryId) -> Option<&'a Wait>,
    (call_of, chat_in): (
        impl Fn(CallbackId) -> Option<CallId>,
        impl Fn(ConversationId) -> Option<(EntryId, QueueId)>,
    ),
) -> Vec<Order> {
    let AnyCommand::Queue(queue, Command::Entry(command)) = &order.what else {
        return sent_round(order, why).into_iter().collect();
    };
    let to_queue = |word: &str, command: EntryCommand| {
        let what = AnyCommand::Queue(*queue, command.into());
        Order::about::<Waiting>(&order.cause, word, what)
    };
    match command {
        // It enters when the other has left, of which the queue tells.
        EntryCommand::Enter { .. } if is_there_already(why) => Vec::new(),
        // It was in the line after all and left, so another entry keeps the place.
        EntryCommand::Enter {
            entry,
            contact: Contact::Callback(callback),
            at,
            ..
        } if matches!(why, AnyRejection::Queue(Rejection::EntryOver { .. })) => {
            let asked = find(*entry).and_then(|wait| wait.asked.as_deref());
            let keep = |asked| enter(kept(*entry, *callback), Contact::Callback(*callback), asked, *at);
            let keep = asked.map(|asked| to_queue(&format!("{entry}/keep"), keep(asked)));
            keep.into_iter().collect()
        }
        // The routing policy goes on with a caller whom the queue does not take.
        EntryCommand::Enter {
            entry,
            contact: Contact::Call(call),
            at,
            ..
        } => {
            let asked = find(*entry).and_then(|wait| wait.asked.as_deref());
            vec![goes_on(order, (*entry, *call), (asked, why), *at)]
        }
        EntryCommand::Enter {
            contact: Contact::Callback(callback),
            at,
            ..
        } => {
            let call = call_of(*callback).into_iter();
            call.map(|call| not_kept(order, (call, *callback), *at)).collect()
        }
        // The caller was promised it and is gone, so another entry keeps the place once this one has left.
        EntryCommand::ChooseCallback { entry, at, .. } => {
            if find(*entry).is_none_or(|wait| wait.asked.is_none()) {
                return Vec::new();
            }
            let removed = leave(*entry, Departure::Removed { by: system() }, *at);
            vec![to_queue(&format!("{entry}/give-up"), removed)]
        }
        // The other queue does not take it, so that it goes back; where it cannot, its routing policy goes on.
        EntryCommand::Enter {
            entry,
            contact: Contact::Conversation(chat),
            at,
            ..
        } => {
            let sent = chat_in(*chat).filter(|(before, _)| moved(*before) == *entry);
            vec![stays_out(order, (*entry, *queue, *chat), (sent, why), *at)]
        }
        // The routing policy let them go by a key that the queue does not know.
        EntryCommand::Leave { entry, at, .. }
            if matches!(why, AnyRejection::Queue(Rejection::NoExitKey { .. })) =>
        {
            let removed = leave(*entry, Departure::Removed { by: system() }, *at);
            vec![to_queue(&format!("{entry}/let-go"), removed)]
        }
        EntryCommand::ChangePriority { .. }
        | EntryCommand::Move { .. }
        | EntryCommand::Defer { .. }
        | EntryCommand::Leave { .. } => Vec::new(),
    }
}

// A queue that is no more keeps no place.
fn not_kept(order: &Order, (call, callback): (CallId, CallbackId), at: Timestamp) -> Order {
    let cancel = cancel(call, callback, CallbackEnd::Expired, system(), at);
    Order::about::<Waiting>(&order.cause, &format!("{callback}/not-kept"), cancel)
}

const fn is_there_already(why: &AnyRejection) -> bool {
    matches!(why, AnyRejection::Queue(Rejection::WaitsAlready { .. }))
}

// Who was sent to a queue that does not take them goes on waiting where they came from. Where they were never before,
// their routing policy goes on.
fn goes_on(
    order: &Order,
    (entry, call): (EntryId, CallId),
    (asked, why): (Option<&Asked>, &AnyRejection),
    at: Timestamp,
) -> Order {
    let sent = asked.filter(|asked| asked.returned.is_none());
    let back = sent.and_then(|asked| asked.trail.last()).map(|(queue, _)| *queue);
    let exit = back.map_or_else(|| not_taken(why), |back| Exit::Overflow { to: Some(back) });
    let leave = line::Command::Leave { entry, exit, at };
    let what = AnyCommand::Call(call, call::Command::Queue(leave));
    Order::about::<Waiting>(&order.cause, &format!("{entry}/refused"), what)
}

// A caller whom queues sent round in circles, until the call takes no more of it.
fn sent_round(order: &Order, why: &AnyRejection) -> Option<Order> {
    let AnyCommand::Call(call, call::Command::Queue(line::Command::Join { entry, at, .. })) = &order.what
    else {
        return None;
    };
    if !matches!(why, AnyRejection::Call(call::Rejection::TooMany { .. })) {
        return None;
    }
    let reason = Key::new("queues-in-circles").expect("a short word is a key");
    let cause = EndCause::Failed { reason };
    let end = call::life::Command::End { cause, at: *at };
    let what = AnyCommand::Call(*call, call::Command::Life(end));
    Some(Order::about::<Waiting>(
        &order.cause,
        &format!("{entry}/circles"),
        what,
    ))
}

fn stays_out(
    order: &Order,
    (entry, queue, chat): (EntryId, QueueId, ConversationId),
    (sent, why): (Option<(EntryId, QueueId)>, &AnyRejection),
    at: Timestamp,
) -> Order {
    let from = sent.map(|(_, from)| from).filter(|from| *from != queue);
    let why = from.map_or_else(|| not_taken(why), |from| Exit::Overflow { to: Some(from) });
    let leave = conversation::Command::LeaveQueue {
        entry,
        queue,
        why,
        at,
    };
    let what = AnyCommand::Conversation(chat, leave);
    Order::about::<Waiting>(&order.cause, &format!("{entry}/refused"), what)
}

fn not_taken(why: &AnyRejection) -> Exit {
    if matches!(why, AnyRejection::Queue(Rejection::Full { .. })) {
        Exit::Full
    } else if matches!(why, AnyRejection::Queue(Rejection::Closed { .. })) {
        Exit::Closed
    } else {
        Exit::Refused
    }
}

pub(super) fn moved(entry: EntryId) -> EntryId {
    EntryId::new(entry.derive("moved"))
}

pub(super) fn came_back(entry: EntryId) -> EntryId {
    moved(moved(entry))
}

fn kept(entry: EntryId, callback: CallbackId) -> EntryId {
    EntryId::new(entry.derive(&format!("callback/{callback}")))
}
