//! Publishes routing policies at the time set for them.

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::Timestamp;
use crate::ids::RoutingPolicyId;
use crate::routing_policy::{Command, Event};

/// Publishes routing policies at the time set for them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScheduledPublish {
    agenda: Agenda<RoutingPolicyId>,
}

impl Process for ScheduledPublish {
    const NAME: &'static str = "scheduled-publish";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::RoutingPolicy(policy, event) = &happened.what else {
            return;
        };
        match event {
            Event::PublishScheduled { publish_at, .. } => self.agenda.set(happened, *policy, *publish_at),
            // A publication by hand comes after a cancellation, so that either says that nothing waits.
            Event::ScheduleCancelled { .. } | Event::Published { .. } => {
                self.agenda.strike(happened, *policy);
            }
            Event::Created { .. }
            | Event::Renamed { .. }
            | Event::Drafted { .. }
            | Event::DraftDiscarded { .. }
            | Event::Linted { .. }
            | Event::RolledBack { .. }
            | Event::StartBound { .. }
            | Event::StartUnbound { .. }
            | Event::Retired { .. } => {}
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        self.agenda
            .due_at(now)
            .map(|item| {
                let publish = Command::PublishDue { at: now };
                Order::new::<Self>(&item.cause, AnyCommand::RoutingPolicy(item.subject, publish))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_hash::ContentHash;
    use crate::context::Actor;
    use crate::process::world::{fold, happened};
    use crate::routing_policy::CancelReason;
    use crate::testing::sample::{at, id};

    const POLICY: RoutingPolicyId = RoutingPolicyId::new(id(9));

    fn scheduled() -> Happened {
        let event = Event::PublishScheduled {
            revision: 3,
            hash: ContentHash::of(b"{}"),
            publish_at: at(60),
            comment: None,
            by: Actor::Customer,
            at: at(0),
        };
        happened("acme", 1, AnyEvent::RoutingPolicy(POLICY, event))
    }

    #[test]
    fn what_is_set_for_a_time_is_published_then_and_not_before() {
        let process: ScheduledPublish = fold(&[scheduled()]);
        assert_eq!(process.orders(at(59)), []);
        let orders = process.orders(at(61));
        let publish = Command::PublishDue { at: at(61) };
        assert_eq!(
            orders.iter().map(|order| &order.what).collect::<Vec<_>>(),
            [&AnyCommand::RoutingPolicy(POLICY, publish)]
        );
    }

    #[test]
    fn what_is_called_off_is_not_published() {
        let called_off = Event::ScheduleCancelled {
            revision: 3,
            reason: CancelReason::Overtaken,
            at: at(30),
        };
        let log = [
            scheduled(),
            happened("acme", 2, AnyEvent::RoutingPolicy(POLICY, called_off)),
        ];
        assert_eq!(fold::<ScheduledPublish>(&log).due(), None);
    }
}
