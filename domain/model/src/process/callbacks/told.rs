//! Who is to be told what of a promise.

use super::{Attempt, Callbacks, NOT_RUNG_MAX, NOT_RUNG_PAUSE, Outcome, Promise, Rules, Taken};
use crate::call::reasons::{CallbackEnd, EndCause};
use crate::call::{Rejection, callback, life};
use crate::ids::{CallId, CallbackId};
use crate::process::agenda::Item;
use crate::process::{AnyCommand, AnyRejection, Fact, Order, Process};
use crate::queue::{OfferCommand, OfferFailure};
use crate::text::Key;
use crate::{Actor, Timestamp, call};

/// What follows for one promise, with the moment since when it is due.
pub(super) fn orders(id: CallbackId, promise: &Promise, rules: Rules) -> Option<(Timestamp, Order)> {
    let (fact, word, what) = match (promise.attempt.as_deref(), &promise.taken, &promise.over) {
        (None, Some(taken), None) => (&taken.fact, "attempt", attempt(id, promise, taken)),
        (Some(attempt), _, None) if attempt.outcome.is_some() => outcome(id, promise, attempt, rules)?,
        (Some(attempt), _, None) if !attempt.placed => (&attempt.asked, "place", place(id, promise, attempt)),
        // Nobody is rung for a promise that was called off; who was reached already talks.
        (Some(attempt), _, Some(over)) if attempt.placed && attempt.outcome.is_none() => {
            (over, "cancel", end(attempt.call, EndCause::Cancelled, over.at))
        }
        (None | Some(_), _, _) => return None,
    };
    let word = format!("{id}/{}/{word}", promise.next());
    Some((fact.at, Order::about::<Callbacks>(&fact.cause, &word, what)))
}

impl Promise {
    // The number of the attempt that goes on, or of the next one.
    fn next(&self) -> u32 {
        let on = self.attempt.is_some();
        if on {
            self.attempts
        } else {
            self.attempts.saturating_add(1)
        }
    }
}

fn attempt(id: CallbackId, promise: &Promise, taken: &Taken) -> AnyCommand {
    let attempt = callback::Command::Attempt {
        callback: id,
        call: placed(id, promise.next()),
        at: taken.fact.at,
    };
    to_promise(promise, attempt)
}

fn placed(callback: CallbackId, attempt: u32) -> CallId {
    CallId::new(callback.derive(&format!("attempt/{attempt}")))
}

fn to_promise(promise: &Promise, command: callback::Command) -> AnyCommand {
    AnyCommand::Call(promise.call, call::Command::Callback(command))
}

fn place(id: CallbackId, promise: &Promise, attempt: &Attempt) -> AnyCommand {
    let place = life::Command::Place {
        to: promise.number.clone(),
        presenting: promise.origin.shows.clone(),
        by: system(),
        agent: attempt.agent,
        journey: promise.origin.journey,
        previous: Some(promise.call),
        callback: Some(id),
        at: attempt.asked.at,
    };
    AnyCommand::Call(attempt.call, call::Command::Life(place))
}

fn end(call: CallId, cause: EndCause, at: Timestamp) -> AnyCommand {
    AnyCommand::Call(call, call::Command::Life(life::Command::End { cause, at }))
}

fn outcome<'a>(
    id: CallbackId,
    promise: &Promise,
    attempt: &'a Attempt,
    rules: Rules,
) -> Option<(&'a Fact, &'static str, AnyCommand)> {
    let (outcome, fact) = attempt.outcome.as_ref()?;
    let (callback, call, at) = (id, attempt.call, fact.at);
    Some(match outcome {
        Outcome::Reached => {
            let complete = callback::Command::Complete { callback, call, at };
            (fact, "complete", to_promise(promise, complete))
        }
        Outcome::NotReached(why) => {
            let fail = callback::Command::Fail {
                callback,
                call,
                why: why.clone(),
                again_from: again_from(promise, rules, at),
                by: system(),
                at,
            };
            (fact, "fail", to_promise(promise, fail))
        }
    })
}

// A customer who was not rung missed nothing: that is no attempt of those that the queue's settings count.
fn again_from(promise: &Promise, rules: Rules, at: Timestamp) -> Option<Timestamp> {
    let rung = promise.rung_by_now();
    if rung > promise.rung {
        (rung < rules.attempts).then(|| at.plus(rules.retry_ms))
    } else {
        let not_rung = promise.attempts.saturating_sub(rung);
        (not_rung < NOT_RUNG_MAX).then(|| at.plus(NOT_RUNG_PAUSE))
    }
}

/// What follows for a call that was placed so long ago that nobody waits for it any more.
pub(super) fn give_up(
    item: &Item<CallbackId>,
    promise: &Promise,
    now: Timestamp,
) -> Option<(Timestamp, Order)> {
    let attempt = promise
        .attempt
        .as_deref()
        .filter(|attempt| attempt.outcome.is_none())?;
    let word = format!("{}/{}/late", item.subject, promise.attempts);
    let end = end(attempt.call, EndCause::NoAnswer, now);
    Some((item.due, Order::about::<Callbacks>(&item.cause, &word, end)))
}

/// What follows instead of an order that was refused.
pub(super) fn instead<'a>(
    order: &Order,
    why: &AnyRejection,
    find: impl Fn(CallbackId) -> Option<(&'a Promise, Rules)>,
) -> Option<Order> {
    let AnyRejection::Call(why) = why else { return None };
    let (id, what) = match &order.what {
        AnyCommand::Call(_, call::Command::Callback(callback::Command::Attempt { callback, at, .. })) => {
            (*callback, not_now(*callback, why, *at, &find)?)
        }
        AnyCommand::Call(
            call,
            call::Command::Life(life::Command::Place {
                callback: Some(callback),
                at,
                ..
            }),
        ) => {
            let (promise, rules) = find(*callback)?;
            let fail = callback::Command::Fail {
                callback: *callback,
                call: *call,
                why: EndCause::Failed {
                    reason: Key::new("not-placed").expect("a key"),
                },
                again_from: again_from(promise, rules, *at),
                by: system(),
                at: *at,
            };
            (*callback, to_promise(promise, fail))
        }
        AnyCommand::Consent(..)
        | AnyCommand::Call(..)
        | AnyCommand::Queue(..)
        | AnyCommand::Agent(..)
        | AnyCommand::Conversation(..)
        | AnyCommand::RoutingPolicy(..)
        | AnyCommand::Retention(..)
        | AnyCommand::Tenant(..) => return None,
    };
    Some(Order::about::<Callbacks>(
        &order.cause,
        &format!("{id}/refused"),
        what,
    ))
}

// The agent is let go, and the entry waits for its moment; or the promise cannot be kept at all.
fn not_now<'a>(
    id: CallbackId,
    why: &Rejection,
    at: Timestamp,
    find: impl Fn(CallbackId) -> Option<(&'a Promise, Rules)>,
) -> Option<AnyCommand> {
    let (promise, rules) = find(id)?;
    let again_from = if let Rejection::NotYet { until } = why {
        *until
    } else if let Rejection::RingingBack { .. } = why {
        at.plus(rules.retry_ms)
    } else if let Rejection::TooMany { .. } = why {
        let cancel = callback::Command::Cancel {
            callback: id,
            why: CallbackEnd::Unreachable,
            by: system(),
            at,
        };
        return Some(to_promise(promise, cancel));
    } else {
        // It is over, of which the call tells.
        return None;
    };
    let end = OfferCommand::End {
        offer: promise.taken.as_ref()?.offer,
        failure: OfferFailure::NotReached {
            again_from: Some(again_from),
        },
        at,
    };
    Some(AnyCommand::Queue(promise.queue, end.into()))
}

fn system() -> Actor {
    Actor::System(Key::new(Callbacks::NAME).expect("a process's name is a key"))
}
