//! The library comes from the log: what each event puts on the shelf, keeps there or takes off it.

mod laws;
mod people;
mod starts;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use super::house::*;
use super::*;
use crate::call::parties::{Caller, Entrance};
use crate::call::reasons::EndCause;
use crate::context::Actor;
use crate::ids::{EventId, JourneyId, LegId, QueueId, RoutingPolicyId, StepId, TenantId};
use crate::interpreter::library::shelf::{Memory, Shelf};
use crate::process::{AnyEvent, Cause, Happened};
use crate::queue::{self, Queue};
use crate::routing_policy::document::Document;
use crate::routing_policy::start::PolicyKind;
use crate::routing_policy::{self, RoutingPolicy};
use crate::tenant::{self, Tenant};
use crate::testing::sample::{id, text};
use crate::{Decider, Timestamp};

const ADMIN: Actor = Actor::User(ANN);

/// A tenant whose aggregates decide, and a shelf that is told what they recorded.
#[derive(Default)]
struct Acme {
    shelf: Shelf,
    tenant: tenant::State,
    queues: BTreeMap<QueueId, queue::State>,
    policies: BTreeMap<RoutingPolicyId, routing_policy::State>,
    begun: BTreeSet<CallId>,
}

fn happened(what: AnyEvent) -> Happened {
    Happened {
        cause: Cause {
            tenant: TenantId::new("acme").unwrap(),
            event: EventId::new(id(1)),
            journey: None,
        },
        what,
    }
}

impl Acme {
    fn tenant(&mut self, command: tenant::Command) {
        for event in Tenant::decide(&self.tenant, command).unwrap() {
            self.tenant = Tenant::evolve(std::mem::take(&mut self.tenant), &event);
            self.shelf.fold_tenant(&event);
        }
        self.check();
    }

    fn queue(&mut self, queue: QueueId, command: queue::Command) {
        let state = self.queues.entry(queue).or_default();
        for event in Queue::decide(state, command).unwrap() {
            *state = Queue::evolve(std::mem::take(state), &event);
            self.shelf.fold(&happened(AnyEvent::Queue(queue, event)));
        }
        self.check();
    }

    fn policy(&mut self, policy: RoutingPolicyId, command: routing_policy::Command) {
        let state = self.policies.entry(policy).or_default();
        for event in RoutingPolicy::decide(state, command).unwrap() {
            *state = RoutingPolicy::evolve(std::mem::take(state), &event);
            self.shelf.fold(&happened(AnyEvent::RoutingPolicy(policy, event)));
        }
        self.check();
    }

    fn call(&mut self, call: CallId, event: crate::call::Event) {
        self.shelf.fold(&happened(AnyEvent::Call(call, event)));
        self.check();
    }

    fn library(&self) -> Arc<Library> {
        Arc::clone(self.shelf.library())
    }

    // What a shelf remembers is all that it goes by, also once it was stored.
    fn check(&self) {
        let stored = serde_json::to_string(self.shelf.memory()).unwrap();
        let memory: Memory = serde_json::from_str(&stored).unwrap();
        assert_eq!(&memory, self.shelf.memory());
        let again = Shelf::resume(memory);
        assert_eq!(again.library(), self.shelf.library());
        assert!(again.unreadable().eq(self.shelf.unreadable()));
    }

    fn create(&mut self, policy: RoutingPolicyId, kind: PolicyKind) {
        let name = text(if policy == MAIN { "Main" } else { "Other" });
        let by = ADMIN;
        let at = noon();
        self.policy(policy, routing_policy::Command::Create { name, kind, by, at });
    }

    // Returns the revision.
    fn save(&mut self, policy: RoutingPolicyId, document: Document) -> u32 {
        let head = self.policies[&policy].head();
        let based_on = head.map_or(0, |head| head.revision);
        let save = routing_policy::Command::Save {
            based_on,
            document,
            by: ADMIN,
            at: noon(),
        };
        self.policy(policy, save);
        self.policies[&policy].head().unwrap().revision
    }

    fn publish(&mut self, policy: RoutingPolicyId, document: Document) {
        let revision = self.save(policy, document);
        let publish = routing_policy::Command::Publish {
            revision,
            comment: None,
            by: ADMIN,
            at: noon(),
        };
        self.policy(policy, publish);
    }

    // What a release recorded that could read what this one cannot.
    fn publish_unchecked(&mut self, policy: RoutingPolicyId, document: Document) {
        let revision = self.save(policy, document);
        let state = self.policies.entry(policy).or_default();
        let event = routing_policy::Event::Published {
            version: state.live().map_or(1, |(version, _)| version + 1),
            revision,
            hash: state.head().unwrap().hash,
            trigger: routing_policy::Trigger::Person,
            comment: None,
            by: ADMIN,
            at: noon(),
        };
        *state = RoutingPolicy::evolve(std::mem::take(state), &event);
        self.shelf.fold(&happened(AnyEvent::RoutingPolicy(policy, event)));
        self.check();
    }

    // What a call does that begins with something.
    fn told(&self, entrance: Entrance) -> Vec<String> {
        let mut script = script();
        script.entrance = entrance;
        let mut told = told(&rehearse(&script, self.shelf.library()));
        // The policies of the platform ask first whether the caller is let through.
        told.retain(|told| told != "blocked not_matched");
        told
    }

    fn enter(&mut self, call: CallId, policy: RoutingPolicyId, at: Timestamp) {
        let library = self.library();
        let newest = library.newest(policy).unwrap();
        self.enter_version(call, newest, at);
    }

    fn enter_version(&mut self, call: CallId, version: &Published, at: Timestamp) {
        self.offer(call, at);
        let entered = crate::call::Event::PolicyEntered {
            step: StepId::new(id(1)),
            policy: version.policy,
            version: version.version,
            hash: version.hash,
            start: None,
            at,
        };
        self.call(call, entered);
    }

    // A call that has begun does not begin again, whatever a shelf hears.
    fn offer(&mut self, call: CallId, at: Timestamp) {
        if self.begun.insert(call) {
            let offered = crate::call::Event::Offered {
                leg: LegId::new(id(1)),
                caller: Caller::Withheld,
                entrance: at_ours(),
                journey: JourneyId::new(id(1)),
                previous: None,
                at,
            };
            self.call(call, offered);
        }
    }

    fn end(&mut self, call: CallId, at: Timestamp) {
        let cause = EndCause::PolicyEnded { step: None };
        self.call(call, crate::call::Event::Ended { cause, at });
    }
}

/// Draws a policy that begins with starts and ends for a reason.
fn drawing(starts: &str, reason: &str) -> Document {
    let end = format!(r#"{{"id": "{reason}", "is": "finish", "reason": "{reason}"}}"#);
    let starts = starts.replace(r#""next": "a""#, &format!(r#""next": "{reason}""#));
    document(&starts, &end)
}

/// Begins with what nobody in these stories rings.
const NOWHERE: &str = r#"{"id": "in", "start": {"is": "trunk", "trunk": "nowhere"}, "next": "a"}"#;

fn document(starts: &str, containers: &str) -> Document {
    let text =
        format!(r#"{{"format": 1, "kind": "call", "starts": [{starts}], "containers": [{containers}]}}"#);
    Document::new(&text).unwrap()
}
