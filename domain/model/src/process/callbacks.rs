//! Keeps promises to ring back: a call is placed when an agent took the callback, and what becomes of it is said at the
//! call that promised it.
//!
//! Who is offered a callback, and when, is the queue's business ([`offering`](super::offering)), and that it keeps its
//! place the business of [`waiting`](super::waiting). Here the promise is asked whether it still stands before anything
//! rings, so that a customer who called it off is not rung. Whether the customer was reached the placed call says: they
//! talk to an agent, or it ended before. Then the promise is kept, waits for the next attempt, or is given up after as
//! many as the queue's settings say. Telephones are rung by whoever carries the placed call.

mod known;
#[cfg(test)]
mod stories;
mod told;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyEvent, AnyRejection, Fact, Happened, Order, Process, by_age};
use crate::call::reasons::EndCause;
use crate::ids::{AgentId, CallId, CallbackId, EntryId, JourneyId, LegId, OfferId, QueueId, TenantId};
use crate::{Millis, PhoneNumber, Private, Timestamp};

/// The longest that it may take from the placing of a call until customer and agent talk.
pub const ATTEMPT_MS_MAX: Millis = Millis::from_secs(150);

/// When the next agent is asked after a call in which the customer was not even rung: the agent could not be reached.
const NOT_RUNG_PAUSE: Millis = Millis::from_secs(10);
/// The most calls for one promise that end before the customer is rung.
const NOT_RUNG_MAX: u32 = 20;

/// The most promises that are remembered after they were called off.
const CALLED_OFF_MAX: usize = 1_000;

/// Keeps promises to ring back.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Callbacks {
    tenants: BTreeMap<TenantId, Tenant>,
    // Promises of which somebody is to be told something.
    ready: BTreeSet<(TenantId, CallbackId)>,
    // Until when the calls that were placed may try.
    agenda: Agenda<CallbackId>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tenant {
    queues: BTreeMap<QueueId, Rules>,
    // Calls that are not over, which may yet promise something.
    calls: BTreeMap<CallId, Origin>,
    promises: BTreeMap<CallbackId, Promise>,
    // The entries that callbacks wait as.
    entries: BTreeMap<EntryId, CallbackId>,
    // The calls that were placed for promises.
    placed: BTreeMap<CallId, CallbackId>,
    // Promises called off while a call was being placed, which may yet begin: the last ones.
    called_off: VecDeque<CallbackId>,
}

/// What a queue's settings say of its callbacks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Rules {
    attempts: u32,
    retry_ms: Millis,
}

/// A queue without rules takes callbacks that a routing policy sends it, and rings each once.
const ONCE: Rules = Rules {
    attempts: 1,
    retry_ms: Millis::from_secs(60),
};

/// What a call says of the one who is to be rung back, before they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Origin {
    journey: JourneyId,
    // The number that they dialled, which they know.
    shows: Option<PhoneNumber>,
}

/// One promise that stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Promise {
    call: CallId,
    number: Private<PhoneNumber>,
    origin: Origin,
    queue: QueueId,
    // Who took it in the queue.
    taken: Option<Taken>,
    // The calls placed for it, and how many of those that are over rang the customer.
    attempts: u32,
    rung: u32,
    attempt: Option<Box<Attempt>>,
    // That it was called off while a call was being placed.
    over: Option<Fact>,
}

/// Who took it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Taken {
    offer: OfferId,
    agent: AgentId,
    fact: Fact,
}

/// A call to keep the promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Attempt {
    call: CallId,
    agent: Option<AgentId>,
    asked: Fact,
    placed: bool,
    customers: BTreeSet<LegId>,
    agents: BTreeSet<LegId>,
    outcome: Option<(Outcome, Fact)>,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Outcome {
    Reached,
    NotReached(EndCause),
}

impl Process for Callbacks {
    const NAME: &'static str = "callbacks";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Queue(queue, event) => self.fold_queue(happened, *queue, event),
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Consent(..)
            | AnyEvent::Agent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    // What is to be told is to be told at once.
    fn due(&self) -> Option<Timestamp> {
        let told = (!self.ready.is_empty()).then_some(Timestamp::MIN);
        told.or_else(|| self.agenda.due())
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let orders = |(tenant, callback): &(TenantId, CallbackId)| {
            let (promise, rules) = self.find(tenant, *callback)?;
            told::orders(*callback, promise, rules)
        };
        let told = self.ready.iter().filter_map(orders);
        let late = self.agenda.due_at(now).filter_map(|item| {
            let (promise, _) = self.find(&item.cause.tenant, item.subject)?;
            told::give_up(&item, promise, now)
        });
        by_age(told.chain(late))
    }

    fn refused(&self, order: &Order, why: &AnyRejection) -> Vec<Order> {
        let find = |callback| self.find(&order.cause.tenant, callback);
        told::instead(order, why, find).into_iter().collect()
    }
}

impl Callbacks {
    fn find(&self, tenant: &TenantId, callback: CallbackId) -> Option<(&Promise, Rules)> {
        let known = self.tenants.get(tenant)?;
        let promise = known.promises.get(&callback)?;
        let rules = known.queues.get(&promise.queue).copied();
        Some((promise, rules.unwrap_or(ONCE)))
    }

    /// Changes a promise, if it stands, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, callback: CallbackId, how: impl FnOnce(&mut Promise)) {
        let known = self.tenants.get_mut(tenant);
        let Some(promise) = known.and_then(|known| known.promises.get_mut(&callback)) else {
            return;
        };
        how(promise);
        let Some((promise, rules)) = self.find(tenant, callback) else {
            return;
        };
        let key = (tenant.clone(), callback);
        if told::orders(callback, promise, rules).is_some() {
            self.ready.insert(key);
        } else {
            self.ready.remove(&key);
        }
    }

    fn forget(&mut self, tenant: &TenantId, callback: CallbackId) {
        let Some(known) = self.tenants.get_mut(tenant) else {
            return;
        };
        let Some(promise) = known.promises.remove(&callback) else {
            return;
        };
        if let Some(attempt) = promise.attempt {
            known.placed.remove(&attempt.call);
        }
        known.called_off.retain(|other| *other != callback);
        self.ready.remove(&(tenant.clone(), callback));
    }
}
