//! Lets queues follow the tenant's calendars: each is told what the calendar says that its settings name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AnyCommand, AnyEvent, Cause, Happened, Order, Process};
use crate::Timestamp;
use crate::ids::{CalendarId, QueueId, TenantId};
use crate::queue::{self, SetupCommand};
use crate::tenant::{self, hours::Hours};

/// Lets queues follow the tenant's calendars.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QueueHours {
    tenants: BTreeMap<TenantId, Known>,
    // Queues that know something else than the calendar says.
    behind: BTreeSet<(TenantId, QueueId)>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Known {
    calendars: BTreeMap<CalendarId, Hours>,
    queues: BTreeMap<QueueId, Line>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    follows: Option<CalendarId>,
    knows: Option<Box<Hours>>,
    // What changed last of what it is to know.
    cause: Cause,
}

impl Process for QueueHours {
    const NAME: &'static str = "queue-hours";

    fn fold(&mut self, happened: &Happened) {
        match &happened.what {
            AnyEvent::Tenant(_, event) => self.fold_tenant(happened, event),
            AnyEvent::Queue(queue, event) => self.fold_queue(happened, *queue, event),
            AnyEvent::Consent(..)
            | AnyEvent::Call(..)
            | AnyEvent::Agent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..) => {}
        }
    }

    // What a queue is to know it is to know at once.
    fn due(&self) -> Option<Timestamp> {
        (!self.behind.is_empty()).then_some(Timestamp::MIN)
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let order = |(tenant, queue): &(TenantId, QueueId)| {
            let known = self.tenants.get(tenant)?;
            let line = known.queues.get(queue)?;
            let hours = known.says(line).cloned().map(Box::new);
            let set = SetupCommand::SetHours { hours, at: now };
            let what = AnyCommand::Queue(*queue, set.into());
            Some(Order::new::<Self>(&line.cause, what))
        };
        self.behind.iter().filter_map(order).collect()
    }
}

impl Known {
    fn says(&self, line: &Line) -> Option<&Hours> {
        self.calendars.get(line.follows.as_ref()?)
    }
}

impl QueueHours {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of a tenant's many kinds only what calendars say is of concern"
    )]
    fn fold_tenant(&mut self, happened: &Happened, event: &tenant::Event) {
        let (calendar, hours) = match event {
            tenant::Event::CalendarCreated { calendar, hours }
            | tenant::Event::CalendarChanged { calendar, hours } => (*calendar, Some(hours.clone())),
            tenant::Event::CalendarRemoved { calendar } => (*calendar, None),
            _ => return,
        };
        let known = self.tenants.entry(happened.cause.tenant.clone()).or_default();
        match hours {
            Some(hours) => known.calendars.insert(calendar, hours),
            None => known.calendars.remove(&calendar),
        };
        let follows = |line: &Line| line.follows == Some(calendar);
        let queues: Vec<QueueId> = known
            .queues
            .iter()
            .filter(|(_, line)| follows(line))
            .map(|(queue, _)| *queue)
            .collect();
        for queue in queues {
            self.change(happened, queue, |line| line.cause = happened.cause.clone());
        }
    }

    fn fold_queue(&mut self, happened: &Happened, queue: QueueId, event: &queue::Event) {
        match event {
            queue::Event::Configured { settings, .. } => self.change(happened, queue, |line| {
                if line.follows != settings.hours {
                    line.follows = settings.hours;
                    line.cause = happened.cause.clone();
                }
            }),
            queue::Event::HoursSet { hours, .. } => {
                self.change(happened, queue, |line| line.knows.clone_from(hours));
            }
            queue::Event::Retired { .. } => {
                let tenant = &happened.cause.tenant;
                if let Some(known) = self.tenants.get_mut(tenant) {
                    known.queues.remove(&queue);
                }
                self.behind.remove(&(tenant.clone(), queue));
            }
            queue::Event::Opened { .. }
            | queue::Event::Closed { .. }
            | queue::Event::HoursFollowed { .. }
            | queue::Event::LeaseAcquired { .. }
            | queue::Event::LeaseRenewed { .. }
            | queue::Event::LeaseReleased { .. }
            | queue::Event::LeaseLapsed { .. }
            | queue::Event::Entered { .. }
            | queue::Event::PriorityChanged { .. }
            | queue::Event::Moved { .. }
            | queue::Event::CallbackChosen { .. }
            | queue::Event::Deferred { .. }
            | queue::Event::Reserved { .. }
            | queue::Event::Accepted { .. }
            | queue::Event::OfferEnded { .. }
            | queue::Event::Left { .. } => {}
        }
    }

    fn change(&mut self, happened: &Happened, queue: QueueId, how: impl FnOnce(&mut Line)) {
        let tenant = &happened.cause.tenant;
        let known = self.tenants.entry(tenant.clone()).or_default();
        let line = known.queues.entry(queue).or_insert_with(|| Line {
            follows: None,
            knows: None,
            cause: happened.cause.clone(),
        });
        how(line);
        let line = line.clone();
        let is_told = known.says(&line) == line.knows.as_deref();
        if is_told {
            self.behind.remove(&(tenant.clone(), queue));
        } else {
            self.behind.insert((tenant.clone(), queue));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TenantRoot;
    use crate::process::world::{World, fold, happened};
    use crate::queue::sample_settings;
    use crate::tenant::Event as E;
    use crate::testing::sample::{at, id, text};

    const SALES: QueueId = QueueId::new(id(1));
    const OFFICE: CalendarId = CalendarId::new(id(2));

    fn hours(name: &str) -> Hours {
        let mut hours: Hours = serde_json::from_value(serde_json::json!({
            "name": "Office", "zone": "UTC", "days": [],
            "week": [{ "day": "monday", "from": "09:00", "until": "17:00" }],
        }))
        .expect("hours");
        hours.name = text(name);
        hours
    }

    fn calendar(event: E) -> AnyEvent {
        AnyEvent::Tenant(TenantRoot, event)
    }

    fn written(name: &str) -> AnyEvent {
        calendar(E::CalendarCreated {
            calendar: OFFICE,
            hours: hours(name),
        })
    }

    fn configured(follows: Option<CalendarId>) -> AnyEvent {
        let mut settings = sample_settings();
        settings.hours = follows;
        AnyEvent::Queue(
            SALES,
            queue::Event::Configured {
                settings: Box::new(settings),
                version: 1,
                by: crate::Actor::Customer,
                at: at(0),
            },
        )
    }

    fn set(hours: Option<Hours>) -> AnyEvent {
        let (hours, at) = (hours.map(Box::new), at(1));
        AnyEvent::Queue(SALES, queue::Event::HoursSet { hours, at })
    }

    // What the queue is told, if it is told something.
    fn told(log: impl IntoIterator<Item = AnyEvent>) -> Vec<Option<String>> {
        let log = (1..).zip(log).map(|(n, what)| happened("acme", n, what));
        let process: QueueHours = fold(&log.collect::<Vec<_>>());
        let orders = process.orders(at(9));
        assert_eq!(process.due().is_some(), !orders.is_empty());
        let named = orders.into_iter().map(|order| {
            let AnyCommand::Queue(SALES, queue::Command::Setup(SetupCommand::SetHours { hours, .. })) =
                order.what
            else {
                panic!("{order:?}");
            };
            hours.map(|hours| hours.name.to_string())
        });
        named.collect()
    }

    fn named(name: &str) -> Vec<Option<String>> {
        vec![Some(name.to_owned())]
    }

    #[test]
    fn a_queue_is_told_what_the_calendar_says_that_it_follows() {
        let follows = || configured(Some(OFFICE));
        assert_eq!(told([written("Office"), follows()]), named("Office"));
        assert_eq!(told([follows(), written("Office")]), named("Office"));
        assert_eq!(
            told([follows(), written("Office"), set(Some(hours("Office")))]),
            []
        );
        let changed = calendar(E::CalendarChanged {
            calendar: OFFICE,
            hours: hours("Summer"),
        });
        let log = [follows(), written("Office"), set(Some(hours("Office"))), changed];
        assert_eq!(told(log), named("Summer"));
    }

    #[test]
    fn a_queue_that_follows_nothing_any_more_is_always_open() {
        let told_office = || {
            [
                configured(Some(OFFICE)),
                written("Office"),
                set(Some(hours("Office"))),
            ]
        };
        let log = told_office().into_iter().chain([configured(None)]);
        assert_eq!(told(log), [None]);
        let removed = calendar(E::CalendarRemoved { calendar: OFFICE });
        assert_eq!(told(told_office().into_iter().chain([removed.clone()])), [None]);
        let log = told_office().into_iter().chain([removed, set(None)]);
        assert_eq!(told(log), []);
    }

    #[test]
    fn a_retired_queue_is_told_nothing() {
        let retired = AnyEvent::Queue(
            SALES,
            queue::Event::Retired {
                by: crate::Actor::Customer,
                at: at(2),
            },
        );
        assert_eq!(told([configured(Some(OFFICE)), written("Office"), retired]), []);
    }

    #[test]
    fn once_it_is_told_nothing_more_follows() {
        let mut world = World::with([written("Office"), configured(Some(OFFICE))]);
        let process: QueueHours = fold(&world.log);
        for order in process.orders(at(9)) {
            assert!(
                world
                    .send(order.id, order.what)
                    .is_ok_and(|recorded| recorded == 1)
            );
        }
        assert_eq!(fold::<QueueHours>(&world.log).due(), None);
    }
}
