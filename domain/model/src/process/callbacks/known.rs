//! What each event says of a promise.

use super::{
    ATTEMPT_MS_MAX, Attempt, CALLED_OFF_MAX, Callbacks, ONCE, Origin, Outcome, Promise, Rules, Taken, Tenant,
};
use crate::call::concerns::events_of;
use crate::call::parties::{Entrance, Party};
use crate::call::reasons::EndCause;
use crate::contact::Contact;
use crate::ids::{CallId, CallbackId, LegId, QueueId, TenantId};
use crate::process::Happened;
use crate::queue::{OfferEnd, Settings};
use crate::{PhoneNumber, Timestamp, call, queue};

use std::collections::BTreeSet;

impl Callbacks {
    pub(super) fn fold_queue(&mut self, happened: &Happened, id: QueueId, event: &queue::Event) {
        use queue::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Configured { settings, .. } => {
                self.tenant(tenant).queues.insert(id, Rules::of(settings));
            }
            Event::Retired { .. } => {
                self.tenant(tenant).queues.remove(&id);
            }
            Event::Entered {
                entry,
                contact: Contact::Callback(callback),
                ..
            }
            | Event::CallbackChosen { entry, callback, .. } => {
                self.tenant(tenant).entries.insert(*entry, *callback);
                self.change(tenant, *callback, |promise| promise.queue = id);
            }
            Event::Accepted {
                entry,
                offer,
                agent,
                at,
            } => {
                let (offer, agent, fact) = (*offer, *agent, happened.fact(*at));
                if let Some(callback) = self.waits_as(tenant, *entry) {
                    self.change(tenant, callback, |promise| {
                        promise.taken = Some(Taken { offer, agent, fact });
                    });
                }
            }
            Event::OfferEnded {
                entry, offer, how, ..
            } if *how != OfferEnd::Answered => {
                if let Some(callback) = self.waits_as(tenant, *entry) {
                    self.change(tenant, callback, |promise| promise.let_go(*offer));
                }
            }
            Event::Left { entry, .. } => {
                self.tenant(tenant).entries.remove(entry);
            }
            Event::Entered {
                contact: Contact::Call(_) | Contact::Conversation(_),
                ..
            }
            | Event::OfferEnded { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::HoursSet { .. }
            | Event::LeaseAcquired { .. }
            | Event::LeaseRenewed { .. }
            | Event::LeaseReleased { .. }
            | Event::LeaseLapsed { .. }
            | Event::PriorityChanged { .. }
            | Event::Moved { .. }
            | Event::Deferred { .. }
            | Event::Reserved { .. } => {}
        }
    }

    fn tenant(&mut self, tenant: &TenantId) -> &mut Tenant {
        self.tenants.entry(tenant.clone()).or_default()
    }

    fn waits_as(&self, tenant: &TenantId, entry: crate::ids::EntryId) -> Option<CallbackId> {
        self.tenants.get(tenant)?.entries.get(&entry).copied()
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Offered {
                entrance, journey, ..
            } => {
                let origin = Origin {
                    journey: *journey,
                    shows: dialled(entrance),
                };
                self.tenant(tenant).calls.insert(id, origin);
            }
            Event::Placed {
                presenting,
                journey,
                callback,
                at,
                ..
            } => {
                let origin = Origin {
                    journey: *journey,
                    shows: presenting.clone(),
                };
                self.tenant(tenant).calls.insert(id, origin);
                if let Some(callback) = callback {
                    self.place(happened, id, *callback, *at);
                }
            }
            Event::CallbackAccepted { .. } => self.promise(happened, id, event),
            Event::CallbackAttempted { .. } => self.attempt(happened, event),
            Event::CallbackFailed { callback, .. } => self.put_down(happened, *callback),
            Event::CallbackCompleted { callback, .. } => {
                self.agenda.strike(happened, *callback);
                self.forget(tenant, *callback);
            }
            Event::CallbackCancelled { callback, at, .. } => self.call_off(happened, *callback, *at),
            Event::LegCreated { leg, party, .. } => self.in_attempt(tenant, id, |attempt| match party {
                Party::Customer { .. } => {
                    attempt.customers.insert(*leg);
                }
                Party::Agent { .. } => {
                    attempt.agents.insert(*leg);
                }
                Party::Number { .. } | Party::Recorder | Party::Supervisor { .. } => {}
            }),
            Event::LegJoined { leg, with, at, .. } => self.meet(happened, id, (*leg, with), *at),
            Event::Ended { cause, at } => self.end(happened, id, cause, *at),
            Event::PropertiesSet { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackScheduled { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegAnswered { .. }
            | Event::LegEnded { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::LegMeasured { .. }
            | Event::LegLeft { .. }
            | events_of!(routing prompt lookup queue offer hold transfer recording archive supervision wrap_up) =>
                {}
        }
    }

    fn promise(&mut self, happened: &Happened, call: CallId, event: &call::Event) {
        let call::Event::CallbackAccepted {
            callback,
            number,
            queue,
            ..
        } = event
        else {
            return;
        };
        let known = self.tenant(&happened.cause.tenant);
        let Some(origin) = known.calls.get(&call).cloned() else {
            return;
        };
        known.promises.entry(*callback).or_insert(Promise {
            call,
            number: number.clone(),
            origin,
            queue: *queue,
            taken: None,
            attempts: 0,
            rung: 0,
            attempt: None,
            over: None,
        });
    }

    // Whoever asked: one call at a time keeps a promise.
    fn attempt(&mut self, happened: &Happened, event: &call::Event) {
        let call::Event::CallbackAttempted {
            callback,
            call,
            attempt,
            at,
        } = event
        else {
            return;
        };
        let tenant = &happened.cause.tenant;
        let known = self.tenant(tenant);
        if !known.promises.contains_key(callback) {
            return;
        }
        known.placed.insert(*call, *callback);
        self.change(tenant, *callback, |promise| {
            promise.attempts = *attempt;
            promise.attempt = Some(Box::new(Attempt {
                call: *call,
                agent: promise.taken.as_ref().map(|taken| taken.agent),
                asked: happened.fact(*at),
                placed: false,
                customers: BTreeSet::new(),
                agents: BTreeSet::new(),
                outcome: None,
            }));
        });
    }

    fn place(&mut self, happened: &Happened, call: CallId, callback: CallbackId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        if self.tenant(tenant).placed.get(&call) == Some(&callback) {
            self.agenda.set(happened, callback, at.plus(ATTEMPT_MS_MAX));
            self.in_attempt(tenant, call, |attempt| attempt.placed = true);
        }
    }

    fn in_attempt(&mut self, tenant: &TenantId, call: CallId, how: impl FnOnce(&mut Attempt)) {
        let known = self.tenants.get(tenant);
        let Some(callback) = known.and_then(|known| known.placed.get(&call)).copied() else {
            return;
        };
        self.change(tenant, callback, |promise| {
            if let Some(attempt) = promise.attempt.as_deref_mut() {
                how(attempt);
            }
        });
    }

    fn meet(&mut self, happened: &Happened, call: CallId, (leg, with): (LegId, &[LegId]), at: Timestamp) {
        let tenant = &happened.cause.tenant;
        self.in_attempt(tenant, call, |attempt| {
            if attempt.meets(leg, with) {
                let reached = (Outcome::Reached, happened.fact(at));
                attempt.outcome.get_or_insert(reached);
            }
        });
        let callback = self.tenant(tenant).placed.get(&call).copied();
        let reached = |promise: &Promise| {
            promise
                .attempt
                .as_deref()
                .is_some_and(|attempt| !attempt.goes_on())
        };
        let reached =
            callback.filter(|callback| self.find(tenant, *callback).is_some_and(|(p, _)| reached(p)));
        if let Some(callback) = reached {
            self.agenda.strike(happened, callback);
        }
    }

    fn put_down(&mut self, happened: &Happened, callback: CallbackId) {
        let tenant = &happened.cause.tenant;
        self.agenda.strike(happened, callback);
        let placed = self
            .find(tenant, callback)
            .and_then(|(promise, _)| promise.placed());
        if let Some(call) = placed {
            self.tenant(tenant).placed.remove(&call);
        }
        self.change(tenant, callback, |promise| {
            promise.rung = promise.rung_by_now();
            promise.attempt = None;
            promise.taken = None;
        });
    }

    // A call that is being placed is ended once it is there.
    fn call_off(&mut self, happened: &Happened, callback: CallbackId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let rings = |promise: &Promise| promise.attempt.as_deref().is_some_and(Attempt::goes_on);
        if self
            .find(tenant, callback)
            .is_some_and(|(promise, _)| rings(promise))
        {
            self.change(tenant, callback, |promise| promise.over = Some(happened.fact(at)));
            let called_off = &mut self.tenant(tenant).called_off;
            if !called_off.contains(&callback) {
                called_off.push_back(callback);
            }
            let oldest = (called_off.len() > CALLED_OFF_MAX)
                .then(|| called_off.pop_front())
                .flatten();
            if let Some(oldest) = oldest {
                self.forget(tenant, oldest);
            }
        } else {
            self.agenda.strike(happened, callback);
            self.forget(tenant, callback);
        }
    }

    fn end(&mut self, happened: &Happened, call: CallId, cause: &EndCause, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let known = self.tenant(tenant);
        known.calls.remove(&call);
        let Some(callback) = known.placed.get(&call).copied() else {
            return;
        };
        self.agenda.strike(happened, callback);
        if self
            .find(tenant, callback)
            .is_some_and(|(promise, _)| promise.over.is_some())
        {
            return self.forget(tenant, callback);
        }
        let not_reached = (Outcome::NotReached(cause.clone()), happened.fact(at));
        self.in_attempt(tenant, call, |attempt| {
            attempt.outcome.get_or_insert(not_reached);
        });
    }
}

impl Rules {
    fn of(settings: &Settings) -> Self {
        settings.waiting.callback.map_or(ONCE, |callback| Self {
            attempts: callback.attempts.get().into(),
            retry_ms: callback.retry_ms,
        })
    }
}

impl Promise {
    // How often the customer was rung, the call that goes on counted.
    pub(super) fn rung_by_now(&self) -> u32 {
        let rings = |attempt: &Attempt| !attempt.customers.is_empty();
        let rung = self.attempt.as_deref().is_some_and(rings);
        self.rung.saturating_add(u32::from(rung))
    }

    fn placed(&self) -> Option<CallId> {
        self.attempt.as_deref().map(|attempt| attempt.call)
    }

    // The offer is over, unless a call is placed for it already.
    fn let_go(&mut self, offer: crate::ids::OfferId) {
        let over = |taken: &Taken| taken.offer == offer;
        if self.attempt.is_none() && self.taken.as_ref().is_some_and(over) {
            self.taken = None;
        }
    }
}

impl Attempt {
    const fn goes_on(&self) -> bool {
        self.outcome.is_none()
    }

    // Whether the customer and an agent hear each other.
    fn meets(&self, leg: LegId, with: &[LegId]) -> bool {
        let mut there = with.iter().chain(std::iter::once(&leg));
        let customer = there.clone().any(|leg| self.customers.contains(leg));
        customer && there.any(|leg| self.agents.contains(leg))
    }
}

// The number that a caller dialled is one that they know.
fn dialled(entrance: &Entrance) -> Option<PhoneNumber> {
    match entrance {
        Entrance::Number { number } => Some(number.clone()),
        Entrance::Extension { .. }
        | Entrance::Trunk { .. }
        | Entrance::Destination { .. }
        | Entrance::Event { .. } => None,
    }
}
