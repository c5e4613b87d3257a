//! Ends what is past its time where one command ends all of it: agents and queues.
//!
//! Both keep deadlines and no states: what an agent or a queue is besides what waits there is not needed to know when
//! to ask. That these are the deadlines which the aggregates themselves go by is a property in `invariants`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::contact::Contact;
use crate::ids::{AgentId, OfferId, QueueId, TenantId};
use crate::queue::CONNECT_MS_MAX;
use crate::{agent, queue};

/// Ends what is past its time for an agent: offers nobody reported on, wrap-ups, the cooldown after an offer not taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentLapse {
    agenda: Agenda<(AgentId, Waits)>,
    // Wrap-ups past their time without their code, which are over as soon as it is given.
    without_code: BTreeSet<(TenantId, AgentId, Contact)>,
}

/// What an agent's deadline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Waits {
    Work(Contact),
    Cooldown,
}

impl Process for AgentLapse {
    const NAME: &'static str = "agent-lapse";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::Agent(agent, event) = &happened.what else {
            return;
        };
        self.fold_agent(happened, *agent, event);
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    // One command ends all that is past its time, so one for each agent is enough.
    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let mut seen = BTreeSet::new();
        let due = self.agenda.due_at(now);
        due.filter(|item| seen.insert((item.cause.tenant.clone(), item.subject.0)))
            .map(|item| {
                let lapse = AnyCommand::Agent(item.subject.0, agent::Command::Lapse { at: now });
                Order::new::<Self>(&item.cause, lapse)
            })
            .collect()
    }
}

impl AgentLapse {
    fn fold_agent(&mut self, happened: &Happened, agent: AgentId, event: &agent::Event) {
        use agent::Event;
        let work = |contact: &Contact| (agent, Waits::Work(*contact));
        let key = |contact: &Contact| (happened.cause.tenant.clone(), agent, *contact);
        match event {
            Event::Reserved { contact, until, .. } | Event::WrapUpStarted { contact, until, .. } => {
                self.agenda.set(happened, work(contact), *until);
            }
            Event::WrapUpExtended { contact, until, .. } => {
                self.without_code.remove(&key(contact));
                self.agenda.set(happened, work(contact), *until);
            }
            Event::WrapUpFailed { contact, .. } => {
                self.without_code.insert(key(contact));
                self.agenda.strike(happened, work(contact));
            }
            Event::Dispositioned { contact, at, .. } => {
                if self.without_code.remove(&key(contact)) {
                    self.agenda.set(happened, work(contact), *at);
                }
            }
            Event::Accepted { contact, .. } => self.agenda.strike(happened, work(contact)),
            Event::Released { contact, .. } => {
                self.without_code.remove(&key(contact));
                self.agenda.strike(happened, work(contact));
            }
            Event::CooldownStarted { until, .. } => {
                self.agenda.set(happened, (agent, Waits::Cooldown), *until);
            }
            Event::CooldownEnded { .. } | Event::SignedOut { .. } => {
                self.agenda.strike(happened, (agent, Waits::Cooldown));
            }
            Event::SignedIn { .. }
            | Event::ProfileAssigned { .. }
            | Event::StateChosen { .. }
            | Event::NextStateQueued { .. }
            | Event::NextStateDropped { .. }
            | Event::GroupsLoggedIn { .. }
            | Event::GroupsLoggedOut { .. }
            | Event::SetAside { .. }
            | Event::Returned { .. }
            | Event::GroupJoined { .. }
            | Event::GroupLeft { .. }
            | Event::SkillSet { .. }
            | Event::SkillRemoved { .. }
            | Event::CapacitySet { .. }
            | Event::DeviceRegistered { .. }
            | Event::DeviceExpired { .. }
            | Event::DeviceUnreachable { .. }
            | Event::DeviceReachable { .. }
            | Event::DeviceRemoved { .. }
            | Event::RingOrderSet { .. }
            | Event::Rang { .. }
            | Event::Begun { .. }
            | Event::Held { .. }
            | Event::Resumed { .. }
            | Event::WrapUpEnded { .. }
            | Event::MonitorStarted { .. }
            | Event::MonitorChanged { .. }
            | Event::MonitorEnded { .. } => {}
        }
    }
}

/// Ends what is past its time for a queue: offers nobody reported on, and the lease of a node that is gone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueLapse {
    agenda: Agenda<(QueueId, Open)>,
}

/// What a queue's deadline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Open {
    Lease,
    Offer(OfferId),
}

impl Process for QueueLapse {
    const NAME: &'static str = "queue-lapse";

    fn fold(&mut self, happened: &Happened) {
        use queue::Event;
        let AnyEvent::Queue(queue, event) = &happened.what else {
            return;
        };
        let queue = *queue;
        match event {
            Event::LeaseAcquired { until, .. } | Event::LeaseRenewed { until, .. } => {
                self.agenda.set(happened, (queue, Open::Lease), *until);
            }
            Event::LeaseReleased { .. } | Event::LeaseLapsed { .. } => {
                self.agenda.strike(happened, (queue, Open::Lease));
            }
            Event::Reserved { chosen, until, .. } => {
                for offer in chosen.iter().map(|one| one.offer) {
                    self.agenda.set(happened, (queue, Open::Offer(offer)), *until);
                }
            }
            Event::Accepted { offer, at, .. } => {
                let key = (queue, Open::Offer(*offer));
                let until = self.agenda.due_of(happened, &key);
                let connect = at.plus(CONNECT_MS_MAX);
                self.agenda
                    .set(happened, key, until.map_or(connect, |until| until.max(connect)));
            }
            Event::OfferEnded { offer, .. } => {
                self.agenda.strike(happened, (queue, Open::Offer(*offer)));
            }
            Event::Configured { .. }
            | Event::Retired { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::Entered { .. }
            | Event::PriorityChanged { .. }
            | Event::Moved { .. }
            | Event::CallbackChosen { .. }
            | Event::Left { .. } => {}
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let mut seen = BTreeSet::new();
        let due = self.agenda.due_at(now);
        due.filter(|item| seen.insert((item.cause.tenant.clone(), item.subject.0)))
            .map(|item| {
                let lapse = AnyCommand::Queue(item.subject.0, queue::Command::Lapse { at: now });
                Order::new::<Self>(&item.cause, lapse)
            })
            .collect()
    }
}
