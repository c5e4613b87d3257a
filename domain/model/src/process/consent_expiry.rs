//! Lets implied consents run out at their time.

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::consent::{Command, Event};
use crate::ids::ConsentId;

/// Lets implied consents run out at their time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsentExpiry {
    agenda: Agenda<ConsentId>,
}

impl Process for ConsentExpiry {
    const NAME: &'static str = "consent-expiry";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::Consent(consent, event) = &happened.what else {
            return;
        };
        match event {
            Event::Implied { until, .. } => self.agenda.set(happened, *consent, *until),
            Event::Expired { .. } | Event::Given { .. } | Event::Withdrawn { .. } => {
                self.agenda.strike(happened, *consent);
            }
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    // However late the order is given, the consent ran out when it did.
    fn orders(&self, now: Timestamp) -> Vec<Order> {
        self.agenda
            .due_at(now)
            .map(|item| {
                let expire = Command::Expire { at: item.due };
                Order::new::<Self>(&item.cause, AnyCommand::Consent(item.subject, expire))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Actor;
    use crate::ids::{JourneyId, MessageId, TenantId};
    use crate::process::world::{fold, happened};
    use crate::testing::sample::{at, id};

    const PAIR: ConsentId = ConsentId::new(id(9));

    fn wrote(until: i64) -> AnyEvent {
        AnyEvent::Consent(
            PAIR,
            Event::Implied {
                message: MessageId::new(id(1)),
                until: at(until),
                at: at(0),
            },
        )
    }

    fn ids(process: &ConsentExpiry, second: i64) -> Vec<crate::ids::CommandId> {
        let orders = process.orders(at(second));
        orders.iter().map(|order| order.id).collect()
    }

    #[test]
    fn a_consent_runs_out_at_its_time_however_late_that_is_noticed() {
        let process: ConsentExpiry = fold(&[happened("acme", 1, wrote(60))]);
        assert_eq!(process.due(), Some(at(60)));
        assert_eq!(process.orders(at(59)), []);
        let orders = process.orders(at(500));
        let expire = Command::Expire { at: at(60) };
        assert_eq!(
            orders.iter().map(|order| &order.what).collect::<Vec<_>>(),
            [&AnyCommand::Consent(PAIR, expire)]
        );
    }

    #[test]
    fn the_order_says_who_asks_for_whom_and_why() {
        let process: ConsentExpiry = fold(&[happened("acme", 1, wrote(60))]);
        let context = process.orders(at(60))[0].context(at(61));
        assert_eq!(
            context.actor,
            Actor::System(crate::testing::sample::text("consent-expiry"))
        );
        assert_eq!(context.tenant, TenantId::new("acme").expect("a tenant"));
        assert_eq!(context.time, at(61));
        assert_eq!(context.cause.map(crate::ids::EventId::uuid), Some(id(1)));
        assert_eq!(context.journey, Some(JourneyId::new(id(1))));
    }

    #[test]
    fn a_restart_gives_the_same_command_again_and_a_later_message_another() {
        let log = [happened("acme", 1, wrote(60)), happened("acme", 2, wrote(90))];
        let first: ConsentExpiry = fold(&log[..1]);
        let restarted: ConsentExpiry = fold(&log[..1]);
        assert_eq!(ids(&first, 60), ids(&restarted, 75));
        let later: ConsentExpiry = fold(&log);
        assert_eq!(later.due(), Some(at(90)));
        assert_ne!(ids(&later, 90), ids(&first, 90));
    }

    #[test]
    fn an_answer_ends_the_waiting() {
        let yes = Event::Given {
            means: crate::consent::Means::Keyword,
            by: Actor::Customer,
            at: at(5),
        };
        let log = [
            happened("acme", 1, wrote(60)),
            happened("acme", 2, AnyEvent::Consent(PAIR, yes)),
        ];
        assert_eq!(fold::<ConsentExpiry>(&log).due(), None);
    }

    #[test]
    fn tenants_do_not_meet_even_under_one_id() {
        let log = [happened("acme", 1, wrote(60)), happened("globex", 2, wrote(90))];
        let process: ConsentExpiry = fold(&log);
        let tenants: Vec<_> = process
            .orders(at(90))
            .into_iter()
            .map(|order| order.cause.tenant.to_string())
            .collect();
        assert_eq!(tenants, ["acme", "globex"]);
    }
}
