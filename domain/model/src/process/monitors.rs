//! Tells agents who of the supervisors takes part in their calls.
//!
//! That a supervisor listens, whispers or barges in is the call's to say; every agent who has that call in hand shows it,
//! whoever came first. What is over for the agent the agent ends.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::index::Index;
use super::{AnyCommand, AnyEvent, Fact, Happened, Order, Process, by_age};
use crate::agent::concerns::events_of as agent_events;
use crate::agent::{self, MonitorCommand, MonitorMode};
use crate::call::concerns::events_of as call_events;
use crate::call::facts::SupervisionMode;
use crate::contact::Contact;
use crate::ids::{AgentId, CallId, SupervisionId, TenantId, UserId};
use crate::{Timestamp, call};

/// Tells agents who of the supervisors takes part in their calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Monitors {
    tenants: BTreeMap<TenantId, Tenant>,
    // Supervisions of which somebody is to be told something.
    ready: BTreeSet<(TenantId, SupervisionId)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Tenant {
    // Who has each call in hand.
    hands: Index<CallId, AgentId>,
    on: Index<CallId, SupervisionId>,
    supervisions: BTreeMap<SupervisionId, Supervision>,
}

/// A supervision that is not over, or of which agents do not know that it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Supervision {
    call: CallId,
    by: UserId,
    mode: MonitorMode,
    said: Fact,
    over: bool,
    // Whoever has the call.
    agents: BTreeMap<AgentId, Hand>,
}

/// An agent who has the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Hand {
    // How they know that the supervisor takes part.
    knows: Option<MonitorMode>,
    // What they are to be told about: whoever takes a call again is told again.
    about: Fact,
}

impl Process for Monitors {
    const NAME: &'static str = "monitors";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Agent(agent, event) => self.fold_agent(happened, *agent, event),
            AnyEvent::Consent(..)
            | AnyEvent::Queue(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    // What is to be told is to be told at once.
    fn due(&self) -> Option<Timestamp> {
        (!self.ready.is_empty()).then_some(Timestamp::MIN)
    }

    fn orders(&self, _now: Timestamp) -> Vec<Order> {
        let orders = |(tenant, id): &(TenantId, SupervisionId)| {
            let supervision = self.tenants.get(tenant)?.supervisions.get(id)?;
            Some(supervision.orders(*id))
        };
        by_age(self.ready.iter().filter_map(orders).flatten())
    }
}

impl Monitors {
    fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::SupervisionStarted {
                supervision,
                by,
                mode,
                at,
                ..
            } => {
                let known = self.tenants.entry(tenant.clone()).or_default();
                let about = happened.fact(*at);
                let hand = |agent| {
                    let (knows, about) = (None, about.clone());
                    (agent, Hand { knows, about })
                };
                let agents = known.hands.of(&id).into_iter().map(hand);
                let begun = Supervision {
                    call: id,
                    by: *by,
                    mode: as_the_agent_says(*mode),
                    said: happened.fact(*at),
                    over: false,
                    agents: agents.collect(),
                };
                known.on.add(id, *supervision);
                known.supervisions.entry(*supervision).or_insert(begun);
                self.change(tenant, *supervision, |_| {});
            }
            Event::SupervisionModeChanged {
                supervision,
                mode,
                at,
            } => {
                let said = happened.fact(*at);
                self.change(tenant, *supervision, |known| {
                    known.mode = as_the_agent_says(*mode);
                    known
                        .agents
                        .values_mut()
                        .for_each(|hand| hand.about = said.clone());
                    known.said = said;
                });
            }
            Event::SupervisionEnded { supervision, at, .. } => {
                let said = happened.fact(*at);
                self.change(tenant, *supervision, |known| {
                    known.over = true;
                    known.said = said;
                });
            }
            call_events!(life leg bridge routing prompt lookup queue offer hold transfer recording archive callback wrap_up) =>
                {}
        }
    }

    fn fold_agent(&mut self, happened: &Happened, agent: AgentId, event: &agent::Event) {
        use agent::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Accepted {
                contact: Contact::Call(call),
                at,
                ..
            }
            | Event::Begun {
                contact: Contact::Call(call),
                at,
                ..
            }
            | Event::RangBack { call, at, .. } => self.take(happened, agent, *call, *at),
            Event::WrapUpStarted {
                contact: Contact::Call(call),
                ..
            }
            | Event::Released {
                contact: Contact::Call(call),
                ..
            } => self.put_down(tenant, agent, *call),
            Event::MonitorStarted {
                supervision, mode, ..
            }
            | Event::MonitorChanged {
                supervision, mode, ..
            } => self.know(tenant, *supervision, agent, Some(*mode)),
            Event::MonitorEnded { supervision, .. } => self.know(tenant, *supervision, agent, None),
            Event::Accepted { .. }
            | Event::Begun { .. }
            | Event::WrapUpStarted { .. }
            | Event::Released { .. }
            | Event::Reserved { .. }
            | Event::Rang { .. }
            | Event::Held { .. }
            | Event::Resumed { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpFailed { .. }
            | Event::Dispositioned { .. }
            | Event::WrapUpEnded { .. }
            | Event::CooldownStarted { .. }
            | Event::CooldownEnded { .. }
            | agent_events!(choice setup device) => {}
        }
    }

    fn take(&mut self, happened: &Happened, agent: AgentId, call: CallId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let known = self.tenants.entry(tenant.clone()).or_default();
        known.hands.add(call, agent);
        for supervision in known.on.of(&call) {
            self.change(tenant, supervision, |known| {
                let (knows, about) = (None, happened.fact(at));
                known.agents.entry(agent).or_insert(Hand { knows, about });
            });
        }
    }

    fn put_down(&mut self, tenant: &TenantId, agent: AgentId, call: CallId) {
        let known = self.tenants.entry(tenant.clone()).or_default();
        known.hands.strike(&call, agent);
        for supervision in known.on.of(&call) {
            self.change(tenant, supervision, |known| {
                known.agents.remove(&agent);
            });
        }
    }

    fn know(&mut self, tenant: &TenantId, id: SupervisionId, agent: AgentId, mode: Option<MonitorMode>) {
        self.change(tenant, id, |known| {
            if let Some(hand) = known.agents.get_mut(&agent) {
                hand.knows = mode;
            }
        });
    }

    /// Changes a supervision, if it is known and not over for all, and says what follows anew.
    fn change(&mut self, tenant: &TenantId, id: SupervisionId, how: impl FnOnce(&mut Supervision)) {
        let Some(known) = self.tenants.get_mut(tenant) else {
            return;
        };
        let Some(supervision) = known.supervisions.get_mut(&id) else {
            return;
        };
        how(supervision);
        let (told, call) = (!supervision.orders(id).is_empty(), supervision.call);
        let key = (tenant.clone(), id);
        if told {
            self.ready.insert(key);
        } else {
            self.ready.remove(&key);
            if supervision.over {
                known.supervisions.remove(&id);
                known.on.strike(&call, id);
            }
        }
    }
}

impl Supervision {
    // What follows, each with the moment since when it is due.
    fn orders(&self, id: SupervisionId) -> Vec<(Timestamp, Order)> {
        let order = |agent: AgentId, fact: &Fact, word, command: MonitorCommand| {
            let what = AnyCommand::Agent(agent, agent::Command::Monitor(command));
            let word = format!("{agent}/{id}/{word}");
            let order = Order::about::<Monitors>(&fact.cause, &word, what);
            (fact.at, order)
        };
        let tell = |(agent, hand): (&AgentId, &Hand)| match (&hand.knows, self.over) {
            (Some(_), true) => {
                let (supervision, at) = (id, self.said.at);
                let end = MonitorCommand::End { supervision, at };
                Some(order(*agent, &self.said, "end", end))
            }
            (Some(known), false) if *known == self.mode => None,
            (Some(_) | None, false) => {
                let start = MonitorCommand::Start {
                    supervision: id,
                    call: self.call,
                    by: self.by,
                    mode: self.mode,
                    at: hand.about.at.max(self.said.at),
                };
                Some(order(*agent, &hand.about, "start", start))
            }
            (None, true) => None,
        };
        self.agents.iter().filter_map(tell).collect()
    }
}

const fn as_the_agent_says(mode: SupervisionMode) -> MonitorMode {
    match mode {
        SupervisionMode::Listen => MonitorMode::Listen,
        SupervisionMode::Whisper => MonitorMode::Whisper,
        SupervisionMode::Barge => MonitorMode::Barge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Outcome;
    use crate::call::reasons::StopReason;
    use crate::ids::{LegId, OfferId};
    use crate::process::world::{fold, happened};
    use crate::testing::sample::{at, id};

    const ANN: CallId = CallId::new(id(1));
    const BOB: AgentId = AgentId::new(id(2));
    const CAROL: UserId = UserId::new(id(3));
    const LISTENING: SupervisionId = SupervisionId::new(id(4));
    const OFFER: OfferId = OfferId::new(id(5));

    fn of_ann(event: call::Event) -> AnyEvent {
        AnyEvent::Call(ANN, event)
    }

    fn of_bob(event: agent::Event) -> AnyEvent {
        AnyEvent::Agent(BOB, event)
    }

    fn told(what: impl IntoIterator<Item = AnyEvent>) -> Monitors {
        let log = (1..).zip(what).map(|(n, what)| happened("acme", n, what));
        fold(&log.collect::<Vec<Happened>>())
    }

    fn said(what: impl IntoIterator<Item = AnyEvent>) -> Vec<AnyCommand> {
        let orders = told(what).orders(at(0));
        orders.into_iter().map(|order| order.what).collect()
    }

    fn to_bob(command: MonitorCommand) -> AnyCommand {
        AnyCommand::Agent(BOB, agent::Command::Monitor(command))
    }

    fn took() -> AnyEvent {
        of_bob(agent::Event::Accepted {
            offer: OFFER,
            contact: Contact::Call(ANN),
            at: at(1),
        })
    }

    fn listens() -> AnyEvent {
        of_ann(call::Event::SupervisionStarted {
            supervision: LISTENING,
            by: CAROL,
            leg: LegId::new(id(6)),
            mode: SupervisionMode::Listen,
            at: at(10),
        })
    }

    fn start(mode: MonitorMode, second: i64) -> AnyCommand {
        to_bob(MonitorCommand::Start {
            supervision: LISTENING,
            call: ANN,
            by: CAROL,
            mode,
            at: at(second),
        })
    }

    fn knows() -> AnyEvent {
        of_bob(agent::Event::MonitorStarted {
            supervision: LISTENING,
            call: ANN,
            by: CAROL,
            mode: MonitorMode::Listen,
            at: at(10),
        })
    }

    #[test]
    fn whoever_has_the_call_knows_who_listens() {
        assert_eq!(said([listens()]), [], "nobody has it");
        assert_eq!(said([took(), listens()]), [start(MonitorMode::Listen, 10)]);
        assert_eq!(said([listens(), took()]), [start(MonitorMode::Listen, 10)]);
        assert_eq!(said([took(), listens(), knows()]), []);
    }

    #[test]
    fn a_supervisor_who_barges_in_and_leaves_is_seen_to() {
        let barges = of_ann(call::Event::SupervisionModeChanged {
            supervision: LISTENING,
            mode: SupervisionMode::Barge,
            at: at(20),
        });
        let log = [took(), listens(), knows(), barges];
        assert_eq!(said(log), [start(MonitorMode::Barge, 20)]);
        let leaves = of_ann(call::Event::SupervisionEnded {
            supervision: LISTENING,
            why: StopReason::Asked,
            at: at(30),
        });
        let (supervision, at) = (LISTENING, at(30));
        let log = [took(), listens(), knows(), leaves];
        assert_eq!(
            said(log.clone()),
            [to_bob(MonitorCommand::End { supervision, at })]
        );
        let known = of_bob(agent::Event::MonitorEnded { supervision, at });
        let process = told(log.into_iter().chain([known]));
        let tenant = process.tenants.values().next().expect("acme");
        assert!(tenant.supervisions.is_empty() && tenant.on.is_empty());
    }

    #[test]
    fn who_takes_the_call_again_is_told_again() {
        let first = told([took(), listens()]).orders(at(0));
        let released = of_bob(agent::Event::Released {
            contact: Contact::Call(ANN),
            offer: Some(OFFER),
            outcome: Outcome::Finished,
            at: at(20),
        });
        let again = told([took(), listens(), knows(), released, took()]).orders(at(0));
        assert_eq!(again.len(), 1);
        assert_ne!(
            again[0].id, first[0].id,
            "an order that was followed before leads to nothing"
        );
    }

    #[test]
    fn who_put_the_call_down_is_told_nothing() {
        let over = of_bob(agent::Event::Released {
            contact: Contact::Call(ANN),
            offer: Some(OFFER),
            outcome: Outcome::Finished,
            at: at(15),
        });
        let process = told([took(), listens(), over]);
        assert_eq!(process.due(), None);
        assert!(process.tenants.values().all(|tenant| tenant.hands.is_empty()));
    }
}
