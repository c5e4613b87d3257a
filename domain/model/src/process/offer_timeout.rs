//! Ends offers that nobody answered.

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::conversation::offer::{MissReason, OfferCommand};
use crate::conversation::{Command, Event};
use crate::ids::{ConversationId, OfferId};

/// Ends offers that nobody answered, each when it was shown for as long as it should be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OfferTimeout {
    agenda: Agenda<(ConversationId, OfferId)>,
}

impl Process for OfferTimeout {
    const NAME: &'static str = "offer-timeout";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::Conversation(conversation, event) = &happened.what else {
            return;
        };
        if let Event::Offered {
            offer, ring_ms, at, ..
        } = event
        {
            self.agenda
                .set(happened, (*conversation, *offer), at.plus(*ring_ms));
        } else if let Some(offer) = event.ends_offer() {
            self.agenda.strike(happened, (*conversation, offer));
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        self.agenda
            .due_at(now)
            .map(|item| {
                let (conversation, offer) = item.subject;
                let miss = Command::Offer(OfferCommand::Miss {
                    offer,
                    reason: MissReason::Unanswered,
                    at: now,
                });
                Order::new::<Self>(&item.cause, AnyCommand::Conversation(conversation, miss))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;
    use crate::ids::{AgentId, CommandId};
    use crate::process::world::{fold, happened};
    use crate::testing::sample::{at, id};

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
}
