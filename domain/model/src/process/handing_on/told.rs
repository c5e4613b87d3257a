//! What follows for a call whose caller is to be handed on.

use super::{Call, Goal, HandingOn, Stage, Transfer};
use crate::call::reasons::LegCause;
use crate::call::{self, leg, queue, transfer};
use crate::few::Few;
use crate::ids::{CallId, EntryId, LegId};
use crate::process::agenda::Item;
use crate::process::{AnyCommand, Fact, Order};
use crate::queue::Priority;
use crate::text::Key;
use crate::{Timestamp, call::Command};

/// What follows for one call, each with the moment since when it is due.
pub(super) fn orders(id: CallId, call: &Call) -> Vec<(Timestamp, Order)> {
    let transfers = call.transfers.iter();
    let told = transfers.filter_map(|(by, transfer)| hand_on(*by, call, transfer));
    told.chain(back(call))
        .map(|(fact, word, command)| (fact.at, order(id, fact, &word, command)))
        .collect()
}

type Told<'a> = Option<(&'a Fact, String, Command)>;

fn order(id: CallId, fact: &Fact, word: &str, command: Command) -> Order {
    Order::about::<HandingOn>(&fact.cause, word, AnyCommand::Call(id, command))
}

fn hand_on<'a>(by: LegId, call: &'a Call, transfer: &'a Transfer) -> Told<'a> {
    let with_agent = call.legs.contains_key(&by);
    let (fact, word, command) = match &transfer.stage {
        Stage::Asked if with_agent => {
            let (fact, at) = (&transfer.asked, transfer.asked.at);
            match &transfer.to {
                Goal::Queue { queue, entry } => {
                    let join = queue::Command::Join {
                        entry: *entry,
                        queue: *queue,
                        // Whoever was asked to wait again has waited before.
                        priority: Some(Priority::HIGHEST),
                        skills: Few::none(),
                        last_agent: None,
                        told: None,
                        keeps_place_of: None,
                        waiting_since: at,
                        at,
                    };
                    (fact, "join", Command::Queue(join))
                }
                Goal::Somebody { party, leg } => {
                    let ring = leg::Command::Create {
                        leg: *leg,
                        party: party.clone(),
                        offer: None,
                        hunt: None,
                        at,
                    };
                    (fact, "ring", Command::Leg(ring))
                }
            }
        }
        Stage::Taken(fact) if with_agent => {
            let confirm = transfer::Command::Confirm { leg: by, at: fact.at };
            (fact, "confirm", Command::Transfer(confirm))
        }
        Stage::NotTaken(cause, fact) if with_agent => {
            let (cause, at) = (cause.clone(), fact.at);
            let fail = transfer::Command::Fail { leg: by, cause, at };
            (fact, "fail", Command::Transfer(fail))
        }
        // The agent keeps the caller after all, and nobody else is to be rung.
        Stage::Failed(fact) if with_agent => {
            let Goal::Somebody { leg, .. } = transfer.to else {
                return None;
            };
            call.legs.get(&leg).filter(|answered| !**answered)?;
            let (cause, at) = (LegCause::Cancelled, fact.at);
            (fact, "stop", Command::Leg(leg::Command::End { leg, cause, at }))
        }
        Stage::Asked | Stage::Rings | Stage::Taken(_) | Stage::NotTaken(..) | Stage::Failed(_) => {
            return None;
        }
    };
    Some((fact, format!("{by}/{word}"), command))
}

// Nobody is there for the caller any more, nor is rung for them.
fn back(call: &Call) -> Told<'_> {
    let fact = call.alone.as_ref()?;
    let last = call.last.as_deref()?;
    if call.waits.is_some() || !call.legs.is_empty() {
        return None;
    }
    let join = queue::Command::Join {
        entry: EntryId::new(fact.cause.event.derive("back")),
        queue: last.queue,
        priority: Some(Priority::HIGHEST),
        skills: last.skills.clone(),
        last_agent: last.last_agent,
        told: None,
        keeps_place_of: Some(last.entry),
        waiting_since: last.since,
        at: fact.at,
    };
    Some((fact, "back".to_owned(), Command::Queue(join)))
}

/// What follows for somebody who was rung for so long that nobody waits any more.
pub(super) fn give_up(item: &Item<(CallId, LegId)>, now: Timestamp) -> (Timestamp, Order) {
    let (call, leg) = item.subject;
    let end = leg::Command::End {
        leg,
        cause: LegCause::NoAnswer,
        at: now,
    };
    let what = AnyCommand::Call(call, Command::Leg(end));
    (
        item.due,
        Order::about::<HandingOn>(&item.cause, &format!("{leg}/late"), what),
    )
}

/// What follows instead of an order that was refused: the agent keeps the caller.
pub(super) fn instead<'a>(order: &Order, find: impl Fn(CallId) -> Option<&'a Call>) -> Option<Order> {
    let AnyCommand::Call(id, command) = &order.what else {
        return None;
    };
    let is_goal = |to: &Goal| match (to, command) {
        (Goal::Queue { entry, .. }, Command::Queue(queue::Command::Join { entry: of, .. })) => entry == of,
        (Goal::Somebody { leg, .. }, Command::Leg(leg::Command::Create { leg: of, .. })) => leg == of,
        (Goal::Queue { .. } | Goal::Somebody { .. }, _) => false,
    };
    let call = find(*id)?;
    let (by, transfer) = call
        .transfers
        .iter()
        .find(|(_, transfer)| is_goal(&transfer.to))?;
    let fail = transfer::Command::Fail {
        leg: *by,
        cause: LegCause::Failed {
            reason: Key::new("not-taken").expect("a key"),
        },
        at: transfer.asked.at,
    };
    let fail = call::Command::Transfer(fail);
    Some(self::order(*id, &transfer.asked, &format!("{by}/refused"), fail))
}
