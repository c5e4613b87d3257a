//! What was promised or begun and is owed: each has a time, and somebody who sees to it.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a second opinion looks at the few events that it has one on"
)]

use std::collections::{BTreeMap, BTreeSet};

use domain_model::agent::{self, Activity};
use domain_model::call::{self, offer};
use domain_model::contact::Contact;
use domain_model::ids::{
    AgentId, CalendarId, CallId, CallbackId, EntryId, LegId, OfferId, QueueId, StepId, SupervisionId,
};
use domain_model::process::AnyEvent;
use domain_model::queue;
use domain_model::tenant::hours::Hours;
use domain_model::{Millis, Timestamp, tenant};

use super::books::Broken;
use crate::platform::Platform;

/// How long it may take until somebody has a caller who is handed on, or it is said that nobody has.
const HANDS_ON: Millis = Millis::from_secs(120);
/// How long it may take from an agent's yes to a callback until the customer is rung.
const RINGS_BACK: Millis = Millis::from_secs(1);

/// Something that is to end by a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owed {
    Answer(CallId, StepId),
    Connection(CallId, EntryId),
    Transfer(CallId, LegId),
    RingingBack(AgentId, CallbackId),
    Offer(OfferId),
}

/// What is at odds, for a moment, while news is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Odds {
    Monitor(AgentId, SupervisionId),
    Hours(QueueId),
    Lease(QueueId),
}

/// Everything that is owed.
#[derive(Debug, Default)]
pub(super) struct Promises {
    slack: Millis,
    owed: BTreeMap<Owed, Timestamp>,
    callbacks: BTreeSet<CallbackId>,
    // The supervisions that go on, and whom each agent knows of.
    supervisions: BTreeMap<SupervisionId, CallId>,
    knows: BTreeSet<(AgentId, SupervisionId)>,
    calendars: BTreeMap<CalendarId, Hours>,
    follows: BTreeMap<QueueId, CalendarId>,
    told: BTreeMap<QueueId, Hours>,
    odds: BTreeMap<Odds, Timestamp>,
}

impl Promises {
    /// Begins where whatever is owed may come so much later than its time.
    pub(super) fn with(slack: Millis) -> Self {
        Self {
            slack,
            ..Self::default()
        }
    }

    /// Takes note of an event of the log.
    pub(super) fn see(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Call(call, event) => self.see_call(*call, event),
            AnyEvent::Agent(agent, event) => self.see_agent(*agent, event),
            AnyEvent::Queue(queue, event) => self.see_queue(*queue, event),
            AnyEvent::Tenant(_, event) => self.see_tenant(event),
            AnyEvent::Consent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..) => {}
        }
    }

    fn see_call(&mut self, call: CallId, event: &call::Event) {
        use call::Event;
        match event {
            Event::LookupRequested { step, deadline, .. } => {
                self.owed.insert(Owed::Answer(call, *step), *deadline);
            }
            Event::LookupAnswered { step, .. } | Event::LookupTimedOut { step, .. } => {
                self.owed.remove(&Owed::Answer(call, *step));
            }
            Event::OfferAccepted { entry, at, .. } => {
                let until = at.plus(offer::CONNECT_MS_MAX);
                self.owed.insert(Owed::Connection(call, *entry), until);
            }
            Event::LeftQueue { entry, .. } => {
                self.owed.remove(&Owed::Connection(call, *entry));
            }
            Event::TransferRequested { leg, at, .. } => {
                self.owed.insert(Owed::Transfer(call, *leg), at.plus(HANDS_ON));
            }
            Event::Transferred { leg, .. } | Event::TransferFailed { leg, .. } => {
                self.owed.remove(&Owed::Transfer(call, *leg));
            }
            Event::CallbackAccepted { callback, .. } => {
                self.callbacks.insert(*callback);
            }
            Event::CallbackCompleted { callback, .. }
            | Event::CallbackCancelled { callback, .. }
            | Event::CallbackFailed {
                callback,
                again_from: None,
                ..
            } => {
                self.callbacks.remove(callback);
            }
            Event::SupervisionStarted { supervision, .. } => {
                self.supervisions.insert(*supervision, call);
            }
            Event::SupervisionEnded { supervision, .. } => {
                self.supervisions.remove(supervision);
            }
            Event::Ended { .. } => {
                let is_of = |owed: &Owed| matches!(owed, Owed::Answer(of, _) | Owed::Connection(of, _) | Owed::Transfer(of, _) if *of == call);
                self.owed.retain(|owed, _| !is_of(owed));
            }
            _ => {}
        }
    }

    fn see_agent(&mut self, agent: AgentId, event: &agent::Event) {
        use agent::Event;
        match event {
            Event::Accepted {
                contact: Contact::Callback(callback),
                at,
                ..
            } => {
                let owed = Owed::RingingBack(agent, *callback);
                self.owed.insert(owed, at.plus(RINGS_BACK));
            }
            Event::RangBack { callback, .. }
            | Event::Released {
                contact: Contact::Callback(callback),
                ..
            } => {
                self.owed.remove(&Owed::RingingBack(agent, *callback));
            }
            Event::MonitorStarted { supervision, .. } => {
                self.knows.insert((agent, *supervision));
            }
            Event::MonitorEnded { supervision, .. } => {
                self.knows.remove(&(agent, *supervision));
            }
            _ => {}
        }
    }

    fn see_queue(&mut self, queue: QueueId, event: &queue::Event) {
        use queue::Event;
        match event {
            Event::Configured { settings, .. } => {
                self.follows.remove(&queue);
                self.follows
                    .extend(settings.hours.map(|calendar| (queue, calendar)));
            }
            Event::HoursSet { hours, .. } => {
                self.told.remove(&queue);
                self.told
                    .extend(hours.as_deref().map(|hours| (queue, hours.clone())));
            }
            Event::Reserved { chosen, until, .. } => {
                let offers = chosen.iter().map(|one| (Owed::Offer(one.offer), *until));
                self.owed.extend(offers);
            }
            Event::Accepted { offer, at, .. } => {
                let connects = at.plus(queue::CONNECT_MS_MAX);
                let until = self.owed.entry(Owed::Offer(*offer)).or_insert(connects);
                *until = connects.max(*until);
            }
            Event::OfferEnded { offer, .. } => {
                self.owed.remove(&Owed::Offer(*offer));
            }
            _ => {}
        }
    }

    fn see_tenant(&mut self, event: &tenant::Event) {
        match event {
            tenant::Event::CalendarCreated { calendar, hours }
            | tenant::Event::CalendarChanged { calendar, hours } => {
                self.calendars.insert(*calendar, hours.clone());
            }
            tenant::Event::CalendarRemoved { calendar } => {
                self.calendars.remove(calendar);
            }
            _ => {}
        }
    }

    /// Says what is owed for too long, and what is at odds for too long.
    pub(super) fn rest(&mut self, platform: &Platform, now: Timestamp) -> Broken {
        let mut broken = Vec::new();
        let slack = self.slack;
        self.owed.retain(|owed, until| {
            let late = now > until.plus(slack);
            if late {
                let seen = format!("{owed:?}, which had time until {until}");
                broken.push(("what is owed comes in time", seen));
            }
            !late
        });
        let mut odds = BTreeMap::new();
        for one in self.at_odds(platform, now) {
            let since = self.odds.get(&one).copied().unwrap_or(now);
            if now.since(since) >= slack {
                broken.push((one.rule(), format!("{one:?} since {since}")));
            }
            odds.insert(one, since);
        }
        self.odds = odds;
        broken
    }

    fn at_odds(&self, platform: &Platform, now: Timestamp) -> Vec<Odds> {
        let mut odds = Vec::new();
        for (queue, state) in platform.queues() {
            let says = self
                .follows
                .get(queue)
                .and_then(|calendar| self.calendars.get(calendar));
            if says != self.told.get(queue) {
                odds.push(Odds::Hours(*queue));
            }
            if state.lease().is_some_and(|lease| lease.until < now) {
                odds.push(Odds::Lease(*queue));
            }
        }
        if self.supervisions.is_empty() && self.knows.is_empty() {
            return odds;
        }
        let mut concerned = BTreeSet::new();
        for (agent, state) in platform.agents() {
            for (contact, activity) in state.activities() {
                let (Contact::Call(call), Activity::OnCall | Activity::Hold) = (contact, activity) else {
                    continue;
                };
                let theirs = self.supervisions.iter().filter(|(_, of)| **of == call);
                concerned.extend(theirs.map(|(supervision, _)| (*agent, *supervision)));
            }
        }
        let differ = concerned.symmetric_difference(&self.knows);
        odds.extend(differ.map(|(agent, supervision)| Odds::Monitor(*agent, *supervision)));
        odds
    }

    /// Says what was never kept.
    pub(super) fn left_open(&self, platform: &Platform) -> Broken {
        let promised = self.callbacks.iter();
        let mut open: Broken = promised
            .map(|callback| {
                let rule = "every promise to ring back is kept, called off or given up";
                (rule, callback.to_string())
            })
            .collect();
        for (queue, state) in platform.queues() {
            if let Some(lease) = state.lease() {
                let rule = "nobody owns a queue when everything is over";
                open.push((rule, format!("{queue}: {lease:?}")));
            }
        }
        open
    }
}

impl Odds {
    const fn rule(&self) -> &'static str {
        match self {
            Self::Monitor(..) => "whoever is listened in on is told so, and nobody else",
            Self::Hours(_) => "a queue knows the hours of its calendar",
            Self::Lease(_) => "nobody owns a queue beyond their time",
        }
    }
}
