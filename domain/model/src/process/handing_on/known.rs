//! What each event says of a call whose caller is to be handed on.

use super::{Call, Goal, HandingOn, Last, Stage, TARGET_MS_MAX, Transfer};
use crate::Timestamp;
use crate::call::concerns::events_of;
use crate::call::parties::{Destination, Party};
use crate::call::reasons::{ConsultEnd, LeaveReason, LegCause};
use crate::call::{self};
use crate::ids::{CallId, EntryId, LegId};
use crate::process::Happened;
use crate::text::Key;

impl HandingOn {
    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Offered { .. } | Event::Placed { .. } => {
                let calls = self.tenants.entry(tenant.clone()).or_default();
                calls.entry(id).or_default();
            }
            Event::Ended { .. } => self.end(happened, id),
            Event::LegCreated { leg, party, at, .. } => self.create(happened, id, (*leg, party), *at),
            Event::LegAnswered { leg, at } => self.answer(happened, id, *leg, *at),
            Event::LegEnded { leg, cause, at } => self.end_leg(happened, id, (*leg, cause), *at),
            Event::Queued { .. } => self.queue(happened, id, event),
            Event::LeftQueue {
                entry, reason, at, ..
            } => self.leave_queue(happened, id, (*entry, *reason), *at),
            Event::ConsultStarted { target, at, .. } => {
                let until = at.plus(TARGET_MS_MAX);
                self.agenda.set(happened, (id, *target), until);
            }
            Event::ConsultEnded {
                why: ConsultEnd::AgentGone,
                at,
                ..
            } => self.leave_alone(happened, id, *at),
            Event::TransferRequested { leg, to, at, .. } => self.ask(happened, id, (*leg, to), *at),
            Event::Transferred { leg, .. } => self.change(tenant, id, |call| {
                call.transfers.remove(leg);
            }),
            Event::TransferFailed { leg, at, .. } => self.fail(happened, id, *leg, *at),
            Event::ConsultEnded { .. }
            | Event::Merged { .. }
            | Event::PropertiesSet { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::LegMeasured { .. }
            | Event::PriorityChanged { .. }
            | Event::AnnouncementPlayed { .. }
            | events_of!(bridge routing prompt lookup offer hold recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn end(&mut self, happened: &Happened, id: CallId) {
        let tenant = &happened.cause.tenant;
        if let Some(calls) = self.tenants.get_mut(tenant) {
            calls.remove(&id);
            if calls.is_empty() {
                self.tenants.remove(tenant);
            }
        }
        self.ready.remove(&(tenant.clone(), id));
        let first = (id, LegId::new(uuid::Uuid::nil()));
        self.agenda.strike_run(happened, first, |(call, _)| *call == id);
    }

    fn create(&mut self, happened: &Happened, id: CallId, (leg, party): (LegId, &Party), at: Timestamp) {
        let tenant = &happened.cause.tenant;
        match party {
            Party::Agent { .. } | Party::Number { .. } => {}
            Party::Customer { .. } | Party::Recorder | Party::Supervisor { .. } => return,
        }
        let mut rings = false;
        self.change(tenant, id, |call| {
            call.legs.entry(leg).or_insert(false);
            if let Some(transfer) = call
                .towards(leg)
                .filter(|transfer| transfer.stage == Stage::Asked)
            {
                transfer.stage = Stage::Rings;
                rings = true;
            }
        });
        if rings {
            self.agenda.set(happened, (id, leg), at.plus(TARGET_MS_MAX));
        }
    }

    fn answer(&mut self, happened: &Happened, id: CallId, leg: LegId, at: Timestamp) {
        self.agenda.strike(happened, (id, leg));
        let fact = happened.fact(at);
        self.change(&happened.cause.tenant, id, |call| {
            if let Some(answered) = call.legs.get_mut(&leg) {
                *answered = true;
                call.alone = None;
            }
            if let Some(transfer) = call.towards(leg).filter(|transfer| transfer.is_open()) {
                transfer.stage = Stage::Taken(fact);
            }
        });
    }

    fn end_leg(&mut self, happened: &Happened, id: CallId, (leg, cause): (LegId, &LegCause), at: Timestamp) {
        self.agenda.strike(happened, (id, leg));
        let fact = happened.fact(at);
        self.change(&happened.cause.tenant, id, |call| {
            call.legs.remove(&leg);
            if let Some(transfer) = call.towards(leg).filter(|transfer| transfer.is_open()) {
                transfer.stage = Stage::NotTaken(cause.clone(), fact);
            }
        });
    }

    fn queue(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        let call::Event::Queued {
            entry,
            queue,
            skills,
            last_agent,
            waiting_since,
            ..
        } = event
        else {
            return;
        };
        self.change(&happened.cause.tenant, id, |call| {
            call.waits = Some(*entry);
            call.alone = None;
            call.last = Some(Box::new(Last {
                entry: *entry,
                queue: *queue,
                skills: skills.clone(),
                last_agent: *last_agent,
                since: *waiting_since,
            }));
            if let Some(transfer) = call.towards_line(*entry).filter(|transfer| transfer.is_open()) {
                transfer.stage = Stage::Rings;
            }
        });
    }

    /// The queue has taken the caller into its line, so that whoever handed them on may go.
    pub(super) fn enter(&mut self, happened: &Happened, id: CallId, entry: EntryId, at: Timestamp) {
        let fact = happened.fact(at);
        self.change(&happened.cause.tenant, id, |call| {
            if let Some(transfer) = call.towards_line(entry).filter(|transfer| transfer.is_open()) {
                transfer.stage = Stage::Taken(fact);
            }
        });
    }

    // A queue that is full or closed takes nobody.
    fn leave_queue(
        &mut self,
        happened: &Happened,
        id: CallId,
        (entry, why): (EntryId, LeaveReason),
        at: Timestamp,
    ) {
        let fact = happened.fact(at);
        self.change(&happened.cause.tenant, id, |call| {
            call.waits = call.waits.filter(|waits| *waits != entry);
            if let Some(transfer) = call.towards_line(entry).filter(|transfer| transfer.is_open()) {
                let reason = match why {
                    LeaveReason::Full => "queue-full",
                    LeaveReason::Closed => "queue-closed",
                    LeaveReason::Answered { .. }
                    | LeaveReason::Abandoned
                    | LeaveReason::Overflow { .. }
                    | LeaveReason::ExitKey { .. }
                    | LeaveReason::MaxWait
                    | LeaveReason::NoAgents
                    | LeaveReason::Refused
                    | LeaveReason::Callback { .. }
                    | LeaveReason::Policy
                    | LeaveReason::ConnectFailed { .. }
                    | LeaveReason::Ended => "not-taken",
                };
                let reason = Key::new(reason).expect("a short word is a key");
                transfer.stage = Stage::NotTaken(LegCause::Failed { reason }, fact);
            }
        });
    }

    fn ask(&mut self, happened: &Happened, id: CallId, (by, to): (LegId, &Destination), at: Timestamp) {
        let made = |word| happened.cause.event.derive(word);
        let leg = LegId::new(made("target"));
        let to = match to {
            Destination::Queue { queue } => Goal::Queue {
                queue: *queue,
                entry: EntryId::new(made("transfer")),
            },
            Destination::Agent { agent } => {
                let (agent, device) = (*agent, None);
                let party = Party::Agent { agent, device };
                Goal::Somebody { party, leg }
            }
            Destination::Number { number } => {
                let number = number.clone();
                let party = Party::Number { number };
                Goal::Somebody { party, leg }
            }
            Destination::Group { .. } | Destination::Policy { .. } | Destination::Voicemail { .. } => return,
        };
        let (asked, stage) = (happened.fact(at), Stage::Asked);
        self.change(&happened.cause.tenant, id, |call| {
            call.transfers.insert(by, Transfer { to, asked, stage });
        });
    }

    fn fail(&mut self, happened: &Happened, id: CallId, by: LegId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let failed = happened.fact(at);
        let mut left = false;
        self.change(tenant, id, |call| {
            left = !call.legs.contains_key(&by);
            let goal = call.transfers.get_mut(&by);
            if let Some(transfer) = goal {
                transfer.stage = Stage::Failed(failed);
            }
        });
        if left {
            self.leave_alone(happened, id, at);
        }
    }

    fn leave_alone(&mut self, happened: &Happened, id: CallId, at: Timestamp) {
        let fact = happened.fact(at);
        self.change(&happened.cause.tenant, id, |call| call.alone = Some(fact));
    }
}

impl Call {
    // The transfer for which the caller joined a line.
    fn towards_line(&mut self, entry: EntryId) -> Option<&mut Transfer> {
        let mut transfers = self.transfers.values_mut();
        transfers.find(|transfer| matches!(transfer.to, Goal::Queue { entry: goal, .. } if goal == entry))
    }

    // The transfer for which a leg was made.
    fn towards(&mut self, leg: LegId) -> Option<&mut Transfer> {
        let mut transfers = self.transfers.values_mut();
        transfers.find(|transfer| matches!(transfer.to, Goal::Somebody { leg: goal, .. } if goal == leg))
    }
}

impl Transfer {
    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Asked | Stage::Rings)
    }
}
