//! Ends offers that nobody answered.

use serde::{Deserialize, Serialize};

use super::agenda::{Agenda, Item};
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::agent::Refusal;
use crate::agent::concerns::events_of as agent_events;
use crate::call::concerns::events_of;
use crate::contact::Contact;
use crate::conversation::offer::{MissReason, OfferCommand};
use crate::ids::{AgentId, CallId, ConversationId, OfferId};
use crate::queue::REPORT_MS;
use crate::{agent, call, conversation};

/// Ends offers that nobody answered, each when it rang or was shown for as long as it should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferTimeout {
    agenda: Agenda<Offered>,
}

/// An open offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Offered {
    Call(CallId, OfferId),
    Conversation(ConversationId, OfferId),
    // Of a callback nobody is on the line who would say so.
    Callback(AgentId, OfferId),
}

impl Process for OfferTimeout {
    const NAME: &'static str = "offer-timeout";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Call(call, event) => self.fold_call(happened, *call, event),
            AnyEvent::Conversation(conversation, event) => {
                self.fold_conversation(happened, *conversation, event);
            }
            AnyEvent::Agent(agent, event) => self.fold_agent(happened, *agent, event),
            AnyEvent::Consent(..)
            | AnyEvent::Queue(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        self.agenda
            .due_at(now)
            .map(|Item { subject, cause, .. }| {
                let miss = match subject {
                    Offered::Call(call, offer) => {
                        let miss = call::offer::Command::Miss { offer, at: now };
                        AnyCommand::Call(call, call::Command::Offer(miss))
                    }
                    Offered::Conversation(conversation, offer) => {
                        let miss = OfferCommand::Miss {
                            offer,
                            reason: MissReason::Unanswered,
                            at: now,
                        };
                        AnyCommand::Conversation(conversation, conversation::Command::Offer(miss))
                    }
                    Offered::Callback(agent, offer) => {
                        let refusal = Refusal::Missed;
                        let miss = agent::OfferCommand::Release {
                            offer,
                            refusal,
                            at: now,
                        };
                        AnyCommand::Agent(agent, miss.into())
                    }
                };
                Order::new::<Self>(&cause, miss)
            })
            .collect()
    }
}

impl OfferTimeout {
    fn fold_call(&mut self, happened: &Happened, call: CallId, event: &call::Event) {
        use call::Event;
        match event {
            Event::AgentOffered { offer, until, .. } => {
                self.agenda.set(happened, Offered::Call(call, *offer), *until);
            }
            Event::OfferAccepted { offer, .. }
            | Event::OfferRejected { offer, .. }
            | Event::OfferMissed { offer, .. }
            | Event::OfferCallerGone { offer, .. }
            | Event::OfferUnreachable { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => {
                self.agenda.strike(happened, Offered::Call(call, *offer));
            }
            Event::OfferRang { .. }
            | events_of!(life leg bridge routing prompt lookup queue hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn fold_agent(&mut self, happened: &Happened, agent: AgentId, event: &agent::Event) {
        use agent::Event;
        match event {
            Event::Reserved {
                offer,
                contact: Contact::Callback(_),
                until,
                ..
            } => {
                let rings_until = until.minus(REPORT_MS);
                self.agenda
                    .set(happened, Offered::Callback(agent, *offer), rings_until);
            }
            Event::Accepted { offer, .. }
            | Event::Released {
                offer: Some(offer), ..
            } => self.agenda.strike(happened, Offered::Callback(agent, *offer)),
            Event::Reserved {
                contact: Contact::Call(_) | Contact::Conversation(_),
                ..
            }
            | Event::Released { offer: None, .. }
            | Event::Rang { .. }
            | Event::Begun { .. }
            | Event::RangBack { .. }
            | Event::Held { .. }
            | Event::Resumed { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpFailed { .. }
            | Event::Dispositioned { .. }
            | Event::WrapUpEnded { .. }
            | Event::CooldownStarted { .. }
            | Event::CooldownEnded { .. }
            | agent_events!(choice setup device monitor) => {}
        }
    }

    fn fold_conversation(&mut self, happened: &Happened, id: ConversationId, event: &conversation::Event) {
        use conversation::Event;
        if let Event::Offered {
            offer, ring_ms, at, ..
        } = event
        {
            let offered = Offered::Conversation(id, *offer);
            self.agenda.set(happened, offered, at.plus(*ring_ms));
        } else if let Some(offer) = event.ends_offer() {
            self.agenda.strike(happened, Offered::Conversation(id, offer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;
    use crate::content_hash::ContentHash;
    use crate::conversation::{Command, Event};
    use crate::few::Few;
    use crate::ids::{CommandId, EntryId, QueueId};
    use crate::process::world::{fold, happened};
    use crate::testing::sample::{at, id, text};

    const CONVERSATION: ConversationId = ConversationId::new(id(8));
    const FIRST: OfferId = OfferId::new(id(30));
    const SECOND: OfferId = OfferId::new(id(31));

    fn event(n: u128, event: Event) -> Happened {
        happened("acme", n, AnyEvent::Conversation(CONVERSATION, event))
    }

    fn offered(n: u128, offer: OfferId, seconds: u32) -> Happened {
        let offered = Event::Offered {
            offer,
            agent: AgentId::new(id(n)),
            entry: None,
            ring_ms: Millis::from_secs(seconds),
            at: at(0),
        };
        event(n, offered)
    }

    fn ids(process: &OfferTimeout, second: i64) -> Vec<CommandId> {
        let orders = process.orders(at(second));
        orders.iter().map(|order| order.id).collect()
    }

    #[test]
    fn each_offer_is_missed_at_its_own_time() {
        let process: OfferTimeout = fold(&[offered(1, FIRST, 30), offered(2, SECOND, 20)]);
        assert_eq!(process.due(), Some(at(20)));
        assert_eq!(ids(&process, 20).len(), 1);
        let [longest_due, other] = &process.orders(at(40))[..] else {
            panic!("two offers are over");
        };
        let miss = |offer| {
            let miss = OfferCommand::Miss {
                offer,
                reason: MissReason::Unanswered,
                at: at(40),
            };
            AnyCommand::Conversation(CONVERSATION, Command::Offer(miss))
        };
        assert_eq!(longest_due.what, miss(SECOND));
        assert_eq!(other.what, miss(FIRST));
        assert_ne!(longest_due.id, other.id);
    }

    #[test]
    fn an_offer_that_has_its_outcome_is_left_alone() {
        let accepted = Event::OfferAccepted {
            offer: FIRST,
            agent: AgentId::new(id(1)),
            at: at(10),
        };
        let process: OfferTimeout =
            fold(&[offered(1, FIRST, 30), offered(2, SECOND, 20), event(3, accepted)]);
        assert_eq!(ids(&process, 40).len(), 1);
    }

    #[test]
    fn a_telephone_does_not_ring_for_ever() {
        const CALL: CallId = CallId::new(id(9));
        let offered = call::Event::AgentOffered {
            offer: FIRST,
            entry: EntryId::new(id(2)),
            queue: QueueId::new(id(3)),
            agent: AgentId::new(id(1)),
            ring_ms: Millis::from_secs(25),
            until: at(25),
            strategy: text("longest_idle"),
            settings: ContentHash::of(b"{}"),
            candidates: Few::default(),
            at: at(0),
        };
        let process: OfferTimeout = fold(&[happened("acme", 1, AnyEvent::Call(CALL, offered))]);
        assert_eq!(process.orders(at(24)), []);
        let miss = call::offer::Command::Miss {
            offer: FIRST,
            at: at(25),
        };
        assert_eq!(
            process.orders(at(25))[0].what,
            AnyCommand::Call(CALL, call::Command::Offer(miss))
        );
    }
}
