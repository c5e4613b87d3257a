//! Hands callers on, and sees to those whom nobody has in the end.
//!
//! That a caller is to be handed on is said at the call; here the other end is found and rung, or the caller joins the
//! line of the queue, and how that went is said at the call. Until somebody takes the caller they stay with the agent,
//! who hears so when nobody does. An agent who leaves before that leaves the caller with no one: then whoever is rung may
//! still take them, and if nobody does, they go back, before all others, to the queue where they waited last.
//! Where they never waited the routing policy goes on. Groups, routing policies and voicemail boxes are found by
//! the routing policy too.

mod known;
#[cfg(test)]
mod stories;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyEvent, AnyRejection, Fact, Happened, Order, Process, by_age};
use crate::call::parties::Party;
use crate::call::reasons::LegCause;
use crate::contact::Contact;
use crate::ids::{AgentId, CallId, EntryId, LegId, QueueId, TenantId};
use crate::skills::SkillRequests;
use crate::{Millis, Timestamp, queue};

/// How long somebody is rung to whom a caller is to be handed on, or who is asked before.
pub const TARGET_MS_MAX: Millis = Millis::from_secs(45);

/// Hands callers on, and sees to those whom nobody has in the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HandingOn {
    tenants: BTreeMap<TenantId, BTreeMap<CallId, Call>>,
    // Calls of which something is to be told.
    ready: BTreeSet<(TenantId, CallId)>,
    // Until when those rung may answer.
    agenda: Agenda<(CallId, LegId)>,
}

/// A call that is not over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Call {
    // The wait that goes on, and the last one.
    waits: Option<EntryId>,
    last: Option<Box<Last>>,
    // The legs of agents and of others outside that are not over, and whether they answered.
    legs: BTreeMap<LegId, bool>,
    transfers: BTreeMap<LegId, Transfer>,
    // Whoever wanted to hand the caller on left before somebody took them.
    alone: Option<Fact>,
}

/// A time in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Last {
    entry: EntryId,
    queue: QueueId,
    skills: SkillRequests,
    last_agent: Option<AgentId>,
    since: Timestamp,
}

/// A caller to be handed on, by the leg of the agent who has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Transfer {
    to: Goal,
    asked: Fact,
    stage: Stage,
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Goal {
    Queue { queue: QueueId, entry: EntryId },
    Somebody { party: Party, leg: LegId },
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Stage {
    Asked,
    Rings,
    Taken(Fact),
    NotTaken(LegCause, Fact),
    // The call says that it failed, and somebody still rings.
    Failed(Fact),
}

impl Process for HandingOn {
    const NAME: &'static str = "handing-on";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Queue(
                _,
                queue::Event::Entered {
                    entry,
                    contact: Contact::Call(call),
                    at,
                    ..
                },
            ) => self.enter(happened, *call, *entry, *at),
            AnyEvent::Consent(..)
            | AnyEvent::Queue(..)
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
        let call = |(tenant, id): &(TenantId, CallId)| Some((*id, self.find(tenant, *id)?));
        let ready = self.ready.iter().filter_map(call);
        let told = ready.flat_map(|(id, call)| told::orders(id, call));
        let late = self.agenda.due_at(now).map(|item| told::give_up(&item, now));
        by_age(told.chain(late))
    }

    fn refused(&self, order: &Order, _why: &AnyRejection) -> Vec<Order> {
        told::instead(order, |call| self.find(&order.cause.tenant, call))
            .into_iter()
            .collect()
    }
}

impl HandingOn {
    fn find(&self, tenant: &TenantId, call: CallId) -> Option<&Call> {
        self.tenants.get(tenant)?.get(&call)
    }

    /// Changes a call, if it goes on, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, id: CallId, how: impl FnOnce(&mut Call)) {
        let calls = self.tenants.get_mut(tenant);
        let Some(call) = calls.and_then(|calls| calls.get_mut(&id)) else {
            return;
        };
        how(call);
        let key = (tenant.clone(), id);
        if told::orders(id, call).is_empty() {
            self.ready.remove(&key);
        } else {
            self.ready.insert(key);
        }
    }
}
