//! A decision in the making: events are recorded one by one, and each sees what the ones before it meant.
//!
//! Here is also what ends together: nothing that hangs on a leg, an entry or a call outlives it, so its end is
//! recorded in the same decision, what hangs first.

use super::events::Event;
use super::parties::Direction;
use super::reasons::{
    CallbackEnd, ConsultEnd, EndCause, LeaveReason, LegCause, Outcome, StopReason, Unreached, Withdrawal,
};
use super::rejection::Rejection;
use super::state::{ConsultStage, Hold, Leg, Offer, State};
use super::{Call, bridge, recording};
use crate::ids::{BridgeId, CallbackId, EntryId, LegId, OfferId, RecordingId};
use crate::{Actor, Decider as _, Timestamp};

/// A decision in the making.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) state: State,
    events: Vec<Event>,
}

/// How an offer ends without being accepted.
#[derive(Debug, Clone)]
pub(super) enum OfferEnd {
    Rejected(Option<crate::text::Key>),
    Missed,
    CallerGone,
    Unreachable(Unreached),
    Withdrawn(Withdrawal),
}

impl Draft {
    pub(super) fn new(state: &State) -> Self {
        Self {
            state: state.clone(),
            events: Vec::new(),
        }
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }

    pub(super) fn record(&mut self, event: Event) {
        self.state = Call::evolve(std::mem::take(&mut self.state), &event);
        self.events.push(event);
    }

    /// Ends a leg with all that hangs on it; then, if nobody is left who talks, the call.
    pub(super) fn hang_up(&mut self, leg: LegId, cause: &LegCause, at: Timestamp) {
        let Some(who) = self.state.legs.get(&leg).map(|leg| leg.who) else {
            return;
        };
        let ends_call = cause.ends_call(who, self.state.caller == Some(leg));
        self.end_leg(leg, cause, at);
        self.end_if_nobody_talks(ends_call, at);
    }

    /// Ends the call if its caller is gone and no two others talk.
    pub(super) fn end_if_nobody_talks(&mut self, cause: EndCause, at: Timestamp) {
        if self.state.is_live() && self.state.caller_gone() && !self.state.anybody_talks() {
            self.end_call(cause, at);
        }
    }

    /// Ends the call with all that is open in it.
    pub(super) fn end_call(&mut self, cause: EndCause, at: Timestamp) {
        let by_caller = self.state.caller_gone() || cause == EndCause::CallerHungUp;
        let reason = if by_caller {
            self.without_caller()
        } else {
            LeaveReason::Ended
        };
        self.leave_queues(reason, at);
        self.fail_transfers(&LegCause::CallEnded, at);
        self.end_consults(|_| true, ConsultEnd::CallEnded, at);
        self.end_supervisions(|_| true, StopReason::CallEnded, at);
        self.stop_recordings(|_| true, StopReason::CallEnded, at);
        self.cancel_callbacks(|_| true, at);
        let hung_up = self.state.caller.filter(|_| cause == EndCause::CallerHungUp);
        if let Some(caller) = hung_up {
            self.end_leg(caller, &LegCause::HungUp, at);
        }
        for leg in self.state.live_legs(|_| true) {
            self.end_leg(leg, &LegCause::CallEnded, at);
        }
        self.record(Event::Ended { cause, at });
    }

    fn end_leg(&mut self, leg: LegId, cause: &LegCause, at: Timestamp) {
        let Some(ending) = self.state.legs.get(&leg).filter(|leg| leg.is_live()).cloned() else {
            return;
        };
        self.end_supervisions(|on| on == leg, StopReason::LegEnded, at);
        self.stop_recordings(|on| on == leg, StopReason::LegEnded, at);
        self.leave_bridge(leg, at);
        self.record(Event::LegEnded {
            leg,
            cause: cause.clone(),
            at,
        });
        self.end_consults(|on| on == leg, ConsultEnd::AgentGone, at);
        self.end_asked_consults(leg, at);
        self.fail_transfer_of(leg, cause, at);
        self.settle_offer(&ending, cause, at);
        if self.state.caller == Some(leg) {
            self.lose_caller(at);
        }
    }

    // Nobody is rung for a caller who is gone.
    fn lose_caller(&mut self, at: Timestamp) {
        self.leave_queues(self.without_caller(), at);
        self.fail_transfers(&LegCause::CallerGone, at);
        let hunted = |leg: &Leg| leg.hunt.is_some() && !leg.answered;
        for leg in self.state.live_legs(hunted) {
            self.end_leg(leg, &LegCause::CallerGone, at);
        }
    }

    // A customer whom we rang and never reached abandoned nothing.
    fn without_caller(&self) -> LeaveReason {
        let caller = self.state.caller.and_then(|caller| self.state.legs.get(&caller));
        let never_there = caller.is_none_or(|caller| !caller.answered);
        if never_there && self.state.direction == Some(Direction::Outbound) {
            LeaveReason::Ended
        } else {
            LeaveReason::Abandoned
        }
    }

    /// Takes a leg out of the bridge that it is in, if any.
    pub(super) fn leave_bridge(&mut self, leg: LegId, at: Timestamp) {
        if let Some(bridge) = self.state.legs.get(&leg).and_then(|leg| leg.bridge) {
            self.record(Event::LegLeft { bridge, leg, at });
        }
    }

    /// Brings a leg into a bridge, out of another one if need be.
    pub(super) fn move_to(&mut self, bridge: BridgeId, leg: LegId, at: Timestamp) -> Result<(), Rejection> {
        if self.state.leg(leg)?.bridge == Some(bridge) {
            return Ok(());
        }
        self.leave_bridge(leg, at);
        bridge::join(self, bridge, leg, at)
    }

    /// Ends the hold of everybody in a bridge.
    pub(super) fn resume_all(&mut self, bridge: BridgeId, at: Timestamp) {
        for leg in self.state.members(bridge) {
            let hold = self.state.legs.get(&leg).map(|leg| leg.hold);
            if matches!(hold, Some(Hold::Held | Hold::ResumeAsked)) {
                self.record(Event::Resumed { leg, at });
            }
        }
    }

    /// Takes the caller out of a queue with all that hangs on their waiting.
    pub(super) fn leave_queue(&mut self, entry: EntryId, reason: LeaveReason, at: Timestamp) {
        let (end, connecting) = match reason {
            LeaveReason::Abandoned => (OfferEnd::CallerGone, LegCause::CallerGone),
            LeaveReason::Ended => (OfferEnd::Withdrawn(Withdrawal::CallEnded), LegCause::CallEnded),
            LeaveReason::Answered { .. }
            | LeaveReason::Overflow { .. }
            | LeaveReason::ExitKey { .. }
            | LeaveReason::MaxWait
            | LeaveReason::NoAgents
            | LeaveReason::Full
            | LeaveReason::Closed
            | LeaveReason::Refused
            | LeaveReason::Callback { .. }
            | LeaveReason::Policy
            | LeaveReason::ConnectFailed { .. } => {
                (OfferEnd::Withdrawn(Withdrawal::LeftQueue), LegCause::Released)
            }
        };
        for offer in self.state.open_offers(|offer| offer.entry == entry) {
            self.end_offer(offer, &end, at);
        }
        self.cancel_callbacks(|of| of == Some(entry), at);
        let Ok(open) = self.state.open_entry(entry) else {
            return;
        };
        let (queue, accepted) = (open.queue, open.accepted);
        self.record(Event::LeftQueue {
            entry,
            queue,
            reason,
            at,
        });
        if let Some(offer) = accepted.filter(|_| !matches!(reason, LeaveReason::Answered { .. })) {
            self.end_offer_legs(offer, &connecting, at);
        }
    }

    fn leave_queues(&mut self, reason: LeaveReason, at: Timestamp) {
        while let Some(entry) = self.state.waiting() {
            self.leave_queue(entry, reason, at);
        }
    }

    /// Ends an open offer and the ringing for it.
    pub(super) fn end_offer(&mut self, offer: OfferId, end: &OfferEnd, at: Timestamp) {
        let Some(Offer { entry, agent, .. }) = self
            .state
            .offers
            .get(&offer)
            .filter(|offer| offer.is_open())
            .cloned()
        else {
            return;
        };
        let (event, cause) = match end.clone() {
            OfferEnd::Rejected(reason) => (
                Event::OfferRejected {
                    offer,
                    entry,
                    agent,
                    reason,
                    at,
                },
                LegCause::Rejected,
            ),
            OfferEnd::Missed => (
                Event::OfferMissed {
                    offer,
                    entry,
                    agent,
                    at,
                },
                LegCause::NoAnswer,
            ),
            OfferEnd::CallerGone => (
                Event::OfferCallerGone {
                    offer,
                    entry,
                    agent,
                    at,
                },
                LegCause::CallerGone,
            ),
            OfferEnd::Unreachable(why) => (
                Event::OfferUnreachable {
                    offer,
                    entry,
                    agent,
                    why,
                    at,
                },
                LegCause::Unreachable { why },
            ),
            OfferEnd::Withdrawn(why) => (
                Event::OfferWithdrawn {
                    offer,
                    entry,
                    agent,
                    why,
                    at,
                },
                match why {
                    Withdrawal::AnsweredElsewhere { .. } => LegCause::AnsweredElsewhere,
                    Withdrawal::CallEnded => LegCause::CallEnded,
                    Withdrawal::LeftQueue
                    | Withdrawal::AgentUnavailable
                    | Withdrawal::Supervisor { .. }
                    | Withdrawal::Cancelled => LegCause::Cancelled,
                },
            ),
        };
        self.record(event);
        self.end_offer_legs(offer, &cause, at);
    }

    pub(super) fn end_offer_legs(&mut self, offer: OfferId, cause: &LegCause, at: Timestamp) {
        for leg in self.state.live_legs(|leg| leg.offer == Some(offer)) {
            self.end_leg(leg, cause, at);
        }
    }

    // What the end of a leg means for the offer that it rang for.
    fn settle_offer(&mut self, ended: &Leg, cause: &LegCause, at: Timestamp) {
        let Some(id) = ended.offer else { return };
        let Some(offer) = self.state.offers.get(&id).cloned() else {
            return;
        };
        let others_ring = !self.state.live_legs(|leg| leg.offer == Some(id)).is_empty();
        let end = offer_end(cause);
        match offer.outcome {
            // An agent who turns the caller down on one device means all of theirs.
            None if others_ring && !matches!(end, OfferEnd::Rejected(_)) => {}
            None => self.end_offer(id, &end, at),
            Some(Outcome::Accepted) if !others_ring => self.fail_to_connect(id, &offer, at),
            Some(
                Outcome::Accepted
                | Outcome::Rejected
                | Outcome::Missed
                | Outcome::CallerGone
                | Outcome::Unreachable
                | Outcome::Withdrawn,
            ) => {}
        }
    }

    /// Takes the caller out of the queue because the agent who accepted could not be connected.
    pub(super) fn fail_to_connect(&mut self, id: OfferId, offer: &Offer, at: Timestamp) {
        let reason = LeaveReason::ConnectFailed {
            offer: id,
            agent: offer.agent,
        };
        self.leave_queue(offer.entry, reason, at);
    }

    fn fail_transfers(&mut self, cause: &LegCause, at: Timestamp) {
        let legs: Vec<_> = self.state.transfers.keys().copied().collect();
        for leg in legs {
            self.fail_transfer_of(leg, cause, at);
        }
    }

    fn fail_transfer_of(&mut self, leg: LegId, cause: &LegCause, at: Timestamp) {
        let open = self.state.transfers.get(&leg).filter(|transfer| !transfer.done);
        if let Some(to) = open.map(|transfer| transfer.to.clone()) {
            let cause = cause.clone();
            self.record(Event::TransferFailed { leg, to, cause, at });
        }
    }

    // Consults that an agent's leg began.
    fn end_consults(&mut self, wanted: impl Fn(LegId) -> bool, why: ConsultEnd, at: Timestamp) {
        let open = self.state.consults.iter();
        let ids: Vec<_> = open
            .filter(|(_, consult)| consult.stage == ConsultStage::Open && wanted(consult.leg))
            .map(|(id, _)| *id)
            .collect();
        for consult in ids {
            self.end_consult(consult, why, at);
        }
    }

    // Consults for which a leg is asked.
    fn end_asked_consults(&mut self, target: LegId, at: Timestamp) {
        let open = self.state.consults.iter();
        let ids: Vec<_> = open
            .filter(|(_, consult)| consult.stage == ConsultStage::Open && consult.target == target)
            .map(|(id, _)| *id)
            .collect();
        for consult in ids {
            self.end_consult(consult, ConsultEnd::TargetGone, at);
        }
    }

    /// Ends an open consult: who was asked is released, the agent is free to go back to the caller.
    pub(super) fn end_consult(&mut self, consult: BridgeId, why: ConsultEnd, at: Timestamp) {
        let Some(open) = self.state.consults.get(&consult).cloned() else {
            return;
        };
        self.record(Event::ConsultEnded { consult, why, at });
        let cause = match why {
            ConsultEnd::CallEnded => LegCause::CallEnded,
            ConsultEnd::Abandoned | ConsultEnd::TargetGone | ConsultEnd::AgentGone => LegCause::Released,
        };
        if self
            .state
            .legs
            .get(&open.leg)
            .is_some_and(|leg| leg.bridge == Some(consult))
        {
            self.leave_bridge(open.leg, at);
        }
        self.end_leg(open.target, &cause, at);
    }

    fn end_supervisions(&mut self, wanted: impl Fn(LegId) -> bool, why: StopReason, at: Timestamp) {
        let open = self.state.supervisions.iter();
        let ids: Vec<_> = open
            .filter(|(_, supervision)| !supervision.over && wanted(supervision.leg))
            .map(|(id, _)| *id)
            .collect();
        for supervision in ids {
            self.record(Event::SupervisionEnded { supervision, why, at });
        }
    }

    fn stop_recordings(&mut self, wanted: impl Fn(LegId) -> bool, why: StopReason, at: Timestamp) {
        let open = self.state.recordings.iter();
        let ids: Vec<RecordingId> = open
            .filter(|(_, recording)| wanted(recording.leg))
            .map(|(id, _)| *id)
            .collect();
        for recording in ids {
            recording::stop(self, recording, why, at);
        }
    }

    // Promises that were offered and not taken.
    fn cancel_callbacks(&mut self, wanted: impl Fn(Option<EntryId>) -> bool, at: Timestamp) {
        let open = self.state.callbacks.iter();
        let ids: Vec<CallbackId> = open
            .filter(|(_, callback)| callback.is_offered() && wanted(callback.entry))
            .map(|(id, _)| *id)
            .collect();
        for callback in ids {
            self.record(Event::CallbackCancelled {
                callback,
                why: CallbackEnd::NotTaken,
                by: Actor::Customer,
                at,
            });
        }
    }
}

// What the end of an offer's last leg says about the agent.
fn offer_end(cause: &LegCause) -> OfferEnd {
    match cause {
        // Hanging up a telephone that rings is how many of them say no.
        LegCause::Rejected | LegCause::HungUp => OfferEnd::Rejected(None),
        LegCause::NoAnswer => OfferEnd::Missed,
        LegCause::CallerGone => OfferEnd::CallerGone,
        LegCause::Unreachable { why } => OfferEnd::Unreachable(*why),
        LegCause::Busy => OfferEnd::Unreachable(Unreached::Busy),
        LegCause::Blocked { .. } => OfferEnd::Unreachable(Unreached::NoRoute),
        LegCause::MediaLost | LegCause::Failed { .. } | LegCause::NodeLost => {
            OfferEnd::Unreachable(Unreached::Failed)
        }
        LegCause::CallEnded => OfferEnd::Withdrawn(Withdrawal::CallEnded),
        LegCause::Released | LegCause::Cancelled | LegCause::AnsweredElsewhere | LegCause::Transferred => {
            OfferEnd::Withdrawn(Withdrawal::Cancelled)
        }
    }
}
