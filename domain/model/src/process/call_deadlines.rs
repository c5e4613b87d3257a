//! Lets a call go on without what it waits for: answers of outside systems, agents who took it and cannot be connected,
//! and the end of wrap-ups.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::agenda::{Agenda, Item};
use super::{AnyCommand, AnyEvent, Happened, Order, Process};
use crate::call::concerns::events_of;
use crate::call::offer::CONNECT_MS_MAX;
use crate::call::{Command, Event, lookup, offer, wrap_up};
use crate::ids::{CallId, EntryId, LegId, OfferId, StepId};
use crate::text::Key;
use crate::{Actor, Timestamp};

/// Lets a call go on without what it waits for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallDeadlines {
    agenda: Agenda<(CallId, Waits)>,
}

/// What a call's deadline is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Waits {
    Lookup(StepId),
    WrapUp(LegId),
    Connect(EntryId, OfferId),
}

impl Process for CallDeadlines {
    const NAME: &'static str = "call-deadlines";

    fn fold(&mut self, happened: &Happened) {
        let AnyEvent::Call(call, event) = &happened.what else {
            return;
        };
        let call = *call;
        match event {
            Event::LookupRequested { step, deadline, .. } => {
                self.agenda.set(happened, (call, Waits::Lookup(*step)), *deadline);
            }
            Event::LookupAnswered { step, .. } | Event::LookupTimedOut { step, .. } => {
                self.agenda.strike(happened, (call, Waits::Lookup(*step)));
            }
            Event::WrapUpStarted { leg, until, .. } => {
                if let Some(until) = until {
                    self.agenda.set(happened, (call, Waits::WrapUp(*leg)), *until);
                }
            }
            Event::WrapUpExtended { leg, until, .. } => {
                self.agenda.set(happened, (call, Waits::WrapUp(*leg)), *until);
            }
            Event::WrapUpEnded { leg, .. } | Event::WrapUpFailed { leg, .. } => {
                self.agenda.strike(happened, (call, Waits::WrapUp(*leg)));
            }
            Event::OfferAccepted { offer, entry, at, .. } => {
                let connect = (call, Waits::Connect(*entry, *offer));
                self.agenda.set(happened, connect, at.plus(CONNECT_MS_MAX));
            }
            Event::LeftQueue { entry, .. } => {
                let first = (call, Waits::Connect(*entry, OfferId::new(Uuid::nil())));
                let of_entry = |(of, waits): &(CallId, Waits)| {
                    *of == call && matches!(waits, Waits::Connect(other, _) if other == entry)
                };
                self.agenda.strike_run(happened, first, of_entry);
            }
            // A call that is over asks nothing more, and nobody notes that it got no answer.
            Event::Ended { .. } => {
                let first = (call, Waits::Lookup(StepId::new(Uuid::nil())));
                let lookup = |(of, waits): &(CallId, Waits)| *of == call && matches!(waits, Waits::Lookup(_));
                self.agenda.strike_run(happened, first, lookup);
            }
            Event::Offered { .. }
            | Event::Placed { .. }
            | Event::PropertiesSet { .. }
            | Event::Dispositioned { .. }
            | Event::NoteSaved { .. }
            | Event::SurveyAnswered { .. }
            | Event::Queued { .. }
            | Event::PriorityChanged { .. }
            | Event::AnnouncementPlayed { .. }
            | Event::AgentOffered { .. }
            | Event::OfferRang { .. }
            | Event::OfferRejected { .. }
            | Event::OfferMissed { .. }
            | Event::OfferCallerGone { .. }
            | Event::OfferUnreachable { .. }
            | Event::OfferWithdrawn { .. }
            | events_of!(leg bridge routing prompt hold transfer recording archive callback supervision) => {}
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.agenda.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        self.agenda
            .due_at(now)
            .map(|Item { subject, due, cause }| {
                let (call, waits) = subject;
                let (word, command) = match waits {
                    Waits::Lookup(step) => {
                        let give_up = lookup::Command::GiveUp { step, at: now };
                        (step.to_string(), Command::Lookup(give_up))
                    }
                    Waits::Connect(_, offer) => {
                        let fail = offer::Command::FailToConnect { offer, at: now };
                        (offer.to_string(), Command::Offer(fail))
                    }
                    // However late the order is given, the time was over when it was.
                    Waits::WrapUp(leg) => {
                        let by = Actor::System(Key::new(Self::NAME).expect("a process's name is a key"));
                        let end = wrap_up::Command::End { leg, by, at: due };
                        (leg.to_string(), Command::WrapUp(end))
                    }
                };
                Order::about::<Self>(&cause, &word, AnyCommand::Call(call, command))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;
    use crate::call::reasons::{EndCause, LeaveReason};
    use crate::call::samples;
    use crate::ids::{AgentId, QueueId};
    use crate::process::world::{fold, happened};
    use crate::testing::sample::{at, id, text};

    const CALL: CallId = CallId::new(id(8));
    const STEP: StepId = StepId::new(id(20));
    const LEG: LegId = LegId::new(id(30));

    fn event(n: u128, event: Event) -> Happened {
        happened("acme", n, AnyEvent::Call(CALL, event))
    }

    fn asked(n: u128) -> Happened {
        let what = text("contact_by_number");
        let (step, deadline, at) = (STEP, at(2), at(0));
        event(
            n,
            Event::LookupRequested {
                step,
                what,
                deadline,
                at,
            },
        )
    }

    fn wrap_up(n: u128, until: Option<i64>) -> Happened {
        event(
            n,
            Event::WrapUpStarted {
                leg: LEG,
                agent: AgentId::new(id(1)),
                until: until.map(at),
                at: at(0),
            },
        )
    }

    fn ended(n: u128) -> Happened {
        let cause = EndCause::CallerHungUp;
        event(n, Event::Ended { cause, at: at(1) })
    }

    fn said(process: &CallDeadlines, second: i64) -> Vec<AnyCommand> {
        let orders = process.orders(at(second));
        orders.into_iter().map(|order| order.what).collect()
    }

    #[test]
    fn a_call_goes_on_without_an_answer_that_does_not_come_in_time() {
        let process: CallDeadlines = fold(&[asked(1)]);
        assert_eq!(said(&process, 1), []);
        let give_up = lookup::Command::GiveUp {
            step: STEP,
            at: at(3),
        };
        assert_eq!(
            said(&process, 3),
            [AnyCommand::Call(CALL, Command::Lookup(give_up))]
        );
    }

    #[test]
    fn a_call_that_is_over_waits_for_no_answer_and_its_wrap_up_goes_on() {
        let process: CallDeadlines = fold(&[asked(1), wrap_up(2, Some(40)), ended(3)]);
        let end = wrap_up::Command::End {
            leg: LEG,
            by: Actor::System(text("call-deadlines")),
            at: at(40),
        };
        assert_eq!(said(&process, 90), [AnyCommand::Call(CALL, Command::WrapUp(end))]);
    }

    #[test]
    fn a_caller_is_not_kept_for_an_agent_who_cannot_be_connected() {
        let (entry, offer, agent) = (EntryId::new(id(40)), OfferId::new(id(41)), AgentId::new(id(1)));
        let yes = Event::OfferAccepted {
            offer,
            entry,
            agent,
            at: at(5),
        };
        let process: CallDeadlines = fold(&[event(1, yes.clone())]);
        assert_eq!(said(&process, 64), []);
        let fail = offer::Command::FailToConnect { offer, at: at(65) };
        assert_eq!(said(&process, 65), [AnyCommand::Call(CALL, Command::Offer(fail))]);
        let connected = Event::LeftQueue {
            entry,
            queue: QueueId::new(id(42)),
            reason: LeaveReason::Answered { offer, agent },
            at: at(6),
        };
        let process: CallDeadlines = fold(&[event(1, yes), event(2, connected)]);
        assert_eq!(process, CallDeadlines::default());
    }

    #[test]
    fn more_time_is_given_and_a_wrap_up_without_end_has_no_deadline() {
        let longer = Event::WrapUpExtended {
            leg: LEG,
            agent: AgentId::new(id(1)),
            until: at(40).plus(Millis::from_secs(20)),
            by: Actor::Agent(AgentId::new(id(1))),
            at: at(5),
        };
        let process: CallDeadlines = fold(&[wrap_up(1, Some(40)), event(2, longer)]);
        assert_eq!(process.due(), Some(at(60)));
        assert_eq!(fold::<CallDeadlines>(&[wrap_up(1, None)]).due(), None);
    }

    #[test]
    fn what_has_no_deadline_changes_nothing() {
        let log: Vec<Happened> = (1..).zip(samples()).map(|(n, sample)| event(n, sample)).collect();
        let quiet = log.iter().filter(|happened| {
            let AnyEvent::Call(_, event) = &happened.what else {
                return false;
            };
            !matches!(
                event,
                events_of!(lookup)
                    | Event::OfferAccepted { .. }
                    | Event::WrapUpStarted { .. }
                    | Event::WrapUpExtended { .. }
            )
        });
        let quiet: Vec<Happened> = quiet.cloned().collect();
        assert_eq!(fold::<CallDeadlines>(&quiet), CallDeadlines::default());
    }
}
