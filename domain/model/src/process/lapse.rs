//! Ends what is past its time where one command ends all of it: agents and queues.
//!
//! Both keep deadlines and no states: what an agent or a queue is besides what waits there is not needed to know when
//! to ask. That these are the deadlines which the aggregates themselves go by is a property in `invariants`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::agent::concerns::events_of;
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
            | Event::StateChosen { .. }
            | Event::NextStateQueued { .. }
            | Event::NextStateDropped { .. }
            | Event::GroupsLoggedIn { .. }
            | Event::GroupsLoggedOut { .. }
            | Event::SetAside { .. }
            | Event::Returned { .. }
            | Event::Rang { .. }
            | Event::Begun { .. }
            | Event::RangBack { .. }
            | Event::Held { .. }
            | Event::Resumed { .. }
            | Event::WrapUpEnded { .. }
            | events_of!(setup device monitor) => {}
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
            | Event::HoursSet { .. }
            | Event::Entered { .. }
            | Event::PriorityChanged { .. }
            | Event::Moved { .. }
            | Event::Deferred { .. }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CallId, EntryId, WrapUpCodeId};
    use crate::process::world::{fold, happened};
    use crate::queue::{FencingToken, OfferEnd};
    use crate::testing::sample::{at, id, text};

    const BOB: AgentId = AgentId::new(id(30));
    const SALES: QueueId = QueueId::new(id(1));
    const ANN: Contact = Contact::Call(CallId::new(id(2)));
    const OFFER: OfferId = OfferId::new(id(40));

    fn bob(events: impl IntoIterator<Item = agent::Event>) -> AgentLapse {
        let log = (1..).zip(events);
        let log = log.map(|(n, event)| happened("acme", n, AnyEvent::Agent(BOB, event)));
        fold(&log.collect::<Vec<Happened>>())
    }

    fn sales(events: impl IntoIterator<Item = queue::Event>) -> QueueLapse {
        let log = (1..).zip(events);
        let log = log.map(|(n, event)| happened("acme", n, AnyEvent::Queue(SALES, event)));
        fold(&log.collect::<Vec<Happened>>())
    }

    fn notes(until: i64) -> agent::Event {
        agent::Event::WrapUpStarted {
            contact: ANN,
            until: at(until),
            code_required: true,
            at: at(0),
        }
    }

    fn cooldown(until: i64) -> agent::Event {
        agent::Event::CooldownStarted {
            after: agent::Refusal::Missed,
            until: at(until),
            at: at(0),
        }
    }

    #[test]
    fn one_command_ends_all_that_is_past_its_time_for_an_agent() {
        let process = bob([notes(30), cooldown(20)]);
        assert_eq!(process.due(), Some(at(20)));
        let [order] = &process.orders(at(40))[..] else {
            panic!("one command is enough");
        };
        let lapse = agent::Command::Lapse { at: at(40) };
        assert_eq!(order.what, AnyCommand::Agent(BOB, lapse));
    }

    #[test]
    fn who_goes_home_is_kept_from_nothing_any_more() {
        let by = agent::Chooser::Agent;
        let home = agent::Event::SignedOut { by, at: at(5) };
        assert_eq!(bob([cooldown(20), home]).due(), None);
    }

    #[test]
    fn a_wrap_up_past_its_time_ends_when_its_code_is_given() {
        let past = agent::Event::WrapUpFailed {
            contact: ANN,
            at: at(30),
        };
        let code = agent::Event::Dispositioned {
            contact: ANN,
            code: WrapUpCodeId::new(id(5)),
            at: at(45),
        };
        assert_eq!(
            bob([notes(30), past.clone()]).due(),
            None,
            "it waits for the code"
        );
        assert_eq!(bob([notes(30), past, code]).due(), Some(at(45)));
    }

    #[test]
    fn a_node_that_is_gone_is_the_owner_no_more() {
        let token = FencingToken(7);
        let acquired = queue::Event::LeaseAcquired {
            node: text("node-1"),
            token,
            until: at(60),
            at: at(0),
        };
        let process = sales([acquired.clone()]);
        let lapse = queue::Command::Lapse { at: at(61) };
        assert_eq!(process.orders(at(59)), []);
        assert_eq!(process.orders(at(61))[0].what, AnyCommand::Queue(SALES, lapse));
        let renewed = queue::Event::LeaseRenewed {
            token,
            until: at(120),
            at: at(50),
        };
        assert_eq!(sales([acquired, renewed]).due(), Some(at(120)));
    }

    #[test]
    fn connecting_has_its_time_from_the_answer_on() {
        let (entry, agent) = (EntryId::new(id(3)), BOB);
        let settings = queue::tests::plain();
        let decided = queue::tests::proposal(entry, &[(OFFER, agent)], 1);
        let decided = queue::tests::reserved(&settings, decided, 1);
        let yes = queue::Event::Accepted {
            entry,
            offer: OFFER,
            agent,
            at: at(15),
        };
        let over = queue::Event::OfferEnded {
            entry,
            offer: OFFER,
            agent,
            how: OfferEnd::Answered,
            at: at(16),
        };
        assert_eq!(sales([decided.clone()]).due(), Some(at(21)));
        assert_eq!(
            sales([decided.clone(), yes.clone()]).due(),
            Some(at(15).plus(CONNECT_MS_MAX))
        );
        assert_eq!(sales([decided, yes, over]).due(), None);
    }
}
