//! Starts retention runs: one a day while anything is kept for a time.
//!
//! What is past its time is found in the views, and each item is asked for one by one: whether it is kept because of a
//! legal hold is decided there, whoever asks, and a run that went through everything is finished by who went through it.

use serde::{Deserialize, Serialize};

use super::agenda::Agenda;
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::ids::{RetentionId, RetentionRunId};
use crate::retention::rules::{Content, Keep};
use crate::retention::{Command, Event, runs};
use crate::{Millis, Timestamp};

/// The time from one run to the next.
pub const RUN_EVERY_MS: Millis = Millis::from_secs(24 * 3600);

/// Starts retention runs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RetentionRuns {
    // When the next run is to begin, for each kind that is kept for a time.
    agenda: Agenda<(RetentionId, Content)>,
}

impl Process for RetentionRuns {
    const NAME: &'static str = "retention-runs";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::Retention(retention, event) = &happened.what else {
            return;
        };
        match event {
            Event::RuleSet { content, now, at, .. } => {
                let key = (*retention, *content);
                match now {
                    Keep::Days(_) => self.agenda.set(happened, key, at.plus(RUN_EVERY_MS)),
                    Keep::Ever => self.agenda.strike(happened, key),
                }
            }
            // The next one begins a day after this one did, however long it takes.
            Event::RunStarted { at, .. } => {
                for content in Content::ALL {
                    let key = (*retention, content);
                    if self.agenda.due_of(happened, &key).is_some() {
                        self.agenda.set(happened, key, at.plus(RUN_EVERY_MS));
                    }
                }
            }
            Event::HoldPlaced { .. }
            | Event::HoldReleased { .. }
            | Event::ItemDeleted { .. }
            | Event::ItemKept { .. }
            | Event::RunFinished { .. }
            | Event::ErasureRequested { .. }
            | Event::ErasureBlocked { .. }
            | Event::ErasureBegun { .. }
            | Event::ErasurePerformed { .. }
            | Event::ErasureVerified { .. } => {}
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    // One run goes through all kinds.
    fn orders(&self, now: Timestamp) -> Vec<Order> {
        let mut seen = std::collections::BTreeSet::new();
        let due = self.agenda.due_at(now);
        due.filter(|item| seen.insert((item.cause.tenant.clone(), item.subject.0)))
            .map(|item| {
                let run = RetentionRunId::new(item.cause.event.derive("run"));
                let start = runs::Command::Start { run, at: now };
                let start = AnyCommand::Retention(item.subject.0, Command::Runs(start));
                Order::new::<Self>(&item.cause, start)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Actor;
    use crate::process::world::{fold, happened};
    use crate::retention::rules::Days;
    use crate::testing::sample::{at, id};

    const DAY: i64 = 86_400;
    const HERE: RetentionId = RetentionId::new(id(1));

    fn rule(content: Content, now: Keep, second: i64) -> Event {
        Event::RuleSet {
            content,
            was: Keep::Ever,
            now,
            by: Actor::Customer,
            at: at(second),
        }
    }

    fn started(second: i64) -> Event {
        Event::RunStarted {
            run: RetentionRunId::new(id(9)),
            at: at(second),
        }
    }

    fn told(events: impl IntoIterator<Item = Event>) -> RetentionRuns {
        let log = (1..).zip(events);
        let log = log.map(|(n, event)| happened("acme", n, AnyEvent::Retention(HERE, event)));
        fold(&log.collect::<Vec<Happened>>())
    }

    fn month() -> Keep {
        Keep::Days(Days::new(30).expect("a month"))
    }

    #[test]
    fn one_run_a_day_goes_through_all_that_is_kept_for_a_time() {
        let process = told([
            rule(Content::Recordings, month(), 0),
            rule(Content::Messages, month(), 60),
        ]);
        assert_eq!(process.due(), Some(at(DAY)));
        let [order] = &process.orders(at(DAY + 60))[..] else {
            panic!("one run");
        };
        let AnyCommand::Retention(HERE, Command::Runs(runs::Command::Start { at: begins, .. })) = &order.what
        else {
            panic!("a run begins, not {order:?}");
        };
        assert_eq!(*begins, at(DAY + 60));
        let process = told([rule(Content::Recordings, month(), 0), started(DAY + 60)]);
        assert_eq!(process.due(), Some(at(2 * DAY + 60)));
    }

    #[test]
    fn each_run_has_an_id_of_its_own_and_the_same_after_a_restart() {
        let first = told([rule(Content::Recordings, month(), 0)]).orders(at(DAY));
        let again = told([rule(Content::Recordings, month(), 0)]).orders(at(DAY));
        assert_eq!(first, again);
        let next = told([rule(Content::Recordings, month(), 0), started(DAY)]).orders(at(2 * DAY));
        assert_ne!(first[0].id, next[0].id);
        assert_ne!(first[0].what, next[0].what);
    }

    #[test]
    fn nothing_runs_where_all_is_kept_for_ever() {
        let process = told([
            rule(Content::Recordings, month(), 0),
            rule(Content::Recordings, Keep::Ever, 60),
            started(90),
        ]);
        assert_eq!(process.due(), None);
    }
}
