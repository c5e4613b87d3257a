//! Keeps books of a call from its events alone, independently of the decider's own state.

use std::collections::{BTreeMap, BTreeSet};

use crate::call::concerns::events_of;
use crate::call::events::Event;
use crate::call::parties::{Party, Who};
use crate::call::reasons::LeaveReason;
use crate::ids::{AgentId, BridgeId, EntryId, LegId, OfferId, RecordingId, SupervisionId};

/// The books of one call.
#[derive(Debug, Default)]
pub(super) struct Auditor {
    over: bool,
    caller: Option<LegId>,
    legs: BTreeMap<LegId, Leg>,
    joins: u32,
    conferences: BTreeSet<BridgeId>,
    entries: BTreeMap<EntryId, bool>,
    offers: BTreeMap<OfferId, bool>,
    accepted: BTreeMap<EntryId, OfferId>,
    held: BTreeSet<LegId>,
    consults: BTreeMap<BridgeId, (LegId, BridgeId)>,
    transfers: BTreeSet<LegId>,
    recordings: BTreeSet<RecordingId>,
    supervisions: BTreeMap<SupervisionId, LegId>,
    callbacks_offered: BTreeSet<crate::ids::CallbackId>,
}

#[derive(Debug)]
struct Leg {
    who: Who,
    live: bool,
    bridge: Option<BridgeId>,
}

impl Auditor {
    /// Books one event.
    ///
    /// # Panics
    /// If the books do not balance any more.
    pub(super) fn book(&mut self, event: &Event) {
        self.only_what_follows(event);
        match event {
            events_of!(life) => self.book_life(event),
            events_of!(leg) => self.book_leg(event),
            events_of!(bridge) => self.book_bridge(event),
            events_of!(queue) => self.book_queue(event),
            events_of!(offer) => self.book_offer(event),
            events_of!(hold) => self.book_hold(event),
            events_of!(transfer) => self.book_transfer(event),
            events_of!(recording) => self.book_recording(event),
            events_of!(callback) => self.book_callback(event),
            events_of!(supervision) => self.book_supervision(event),
            events_of!(routing prompt lookup archive wrap_up) => {}
        }
    }

    // After the end only what follows a call.
    fn only_what_follows(&self, event: &Event) {
        let follows = match event {
            Event::LegMeasured { .. }
            | Event::CallbackScheduled { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackFailed { .. }
            | Event::CallbackCompleted { .. }
            | Event::CallbackCancelled { .. }
            | Event::PropertiesSet { .. }
            | events_of!(routing lookup archive wrap_up) => true,
            Event::LegCreated { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegAnswered { .. }
            | Event::LegEnded { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackAccepted { .. }
            | Event::Offered { .. }
            | Event::Placed { .. }
            | Event::Ended { .. }
            | events_of!(bridge prompt queue offer hold transfer recording supervision) => false,
        };
        assert!(follows || !self.over, "after the end of the call: {event:?}");
    }

    fn book_life(&mut self, event: &Event) {
        match event {
            Event::Offered { leg, .. } => self.caller = Some(*leg),
            Event::Placed { .. } | Event::PropertiesSet { .. } => {}
            Event::Ended { .. } => {
                let live: Vec<_> = self.legs.iter().filter(|(_, leg)| leg.live).collect();
                assert!(live.is_empty(), "legs outlive the call: {live:?}");
                assert!(
                    !self.entries.values().any(|open| *open),
                    "an entry outlives the call"
                );
                assert!(
                    !self.offers.values().any(|open| *open),
                    "an offer outlives the call"
                );
                assert!(self.held.is_empty(), "a hold outlives the call");
                assert!(self.consults.is_empty(), "a consult outlives the call");
                assert!(self.transfers.is_empty(), "a transfer outlives the call");
                assert!(self.recordings.is_empty(), "a recording outlives the call");
                assert!(self.supervisions.is_empty(), "a supervision outlives the call");
                assert!(
                    self.callbacks_offered.is_empty(),
                    "a callback offer outlives the call"
                );
                self.over = true;
            }
            events_of!(leg bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn book_leg(&mut self, event: &Event) {
        match event {
            Event::LegCreated {
                leg, number, party, ..
            } => {
                let who = Who::from(party);
                let caller_live = self.caller.is_some_and(|caller| self.is_live(caller));
                if let Party::Customer { .. } = party {
                    assert!(!caller_live, "a second caller");
                    self.caller = Some(*leg);
                }
                assert_eq!(
                    *number as usize,
                    self.legs.len() + 1,
                    "legs are numbered in order"
                );
                let new = Leg {
                    who,
                    live: true,
                    bridge: None,
                };
                assert!(self.legs.insert(*leg, new).is_none(), "{leg} is created twice");
            }
            Event::LegEnded { leg, .. } => {
                let supervises = self.supervisions.values().any(|on| on == leg);
                assert!(!supervises, "{leg} ended before its supervision");
                self.held.remove(leg);
                let ended = self.live(*leg);
                assert_eq!(ended.bridge, None, "{leg} ended in a bridge");
                ended.live = false;
            }
            Event::LegRang { leg, .. }
            | Event::LegEarlyMedia { leg, .. }
            | Event::LegAnswered { leg, .. }
            | Event::LegMuted { leg, .. }
            | Event::LegUnmuted { leg, .. }
            | Event::DtmfSent { leg, .. } => {
                self.live(*leg);
            }
            Event::LegMeasured { leg, .. } => assert!(self.legs.contains_key(leg)),
            events_of!(life bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn book_bridge(&mut self, event: &Event) {
        match event {
            Event::LegJoined {
                bridge,
                leg,
                number,
                with,
                ..
            } => {
                assert_eq!(*number, self.joins + 1, "joinings are numbered in order");
                self.joins = *number;
                let there: BTreeSet<_> = self.members(*bridge).into_iter().collect();
                assert_eq!(with.iter().copied().collect::<BTreeSet<_>>(), there);
                let joining = self.live(*leg);
                assert_eq!(joining.bridge, None, "{leg} is in two bridges");
                joining.bridge = Some(*bridge);
                self.one_bridge_per_agent();
                self.one_agent_per_caller(*bridge);
            }
            Event::LegLeft { bridge, leg, .. } => {
                let leaving = self.live(*leg);
                assert_eq!(leaving.bridge, Some(*bridge), "{leg} left where it was not");
                leaving.bridge = None;
                if self.agents_beside_caller(*bridge).len() < 2 {
                    self.conferences.remove(bridge);
                }
            }
            events_of!(life leg routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn one_bridge_per_agent(&self) {
        let mut seen = BTreeSet::new();
        let joined = self.legs.values().filter(|leg| leg.bridge.is_some());
        for agent in joined.filter_map(|leg| leg.who.agent()) {
            assert!(seen.insert(agent), "{agent} is connected twice");
        }
    }

    fn one_agent_per_caller(&self, bridge: BridgeId) {
        let caller_there = self
            .caller
            .is_some_and(|caller| self.members(bridge).contains(&caller));
        let agents = self.agents_beside_caller(bridge);
        let all_may = self.conferences.contains(&bridge);
        assert!(
            !caller_there || all_may || agents.len() < 2,
            "{agents:?} hear one caller"
        );
    }

    fn agents_beside_caller(&self, bridge: BridgeId) -> BTreeSet<AgentId> {
        let others = self
            .members(bridge)
            .into_iter()
            .filter(|leg| Some(*leg) != self.caller);
        others.filter_map(|leg| self.legs[&leg].who.agent()).collect()
    }

    fn members(&self, bridge: BridgeId) -> Vec<LegId> {
        let in_it = self.legs.iter().filter(|(_, leg)| leg.bridge == Some(bridge));
        in_it.map(|(id, _)| *id).collect()
    }

    fn is_live(&self, leg: LegId) -> bool {
        self.legs.get(&leg).is_some_and(|leg| leg.live)
    }

    fn live(&mut self, leg: LegId) -> &mut Leg {
        let found = self.legs.get_mut(&leg).expect("a leg is created first");
        assert!(found.live, "{leg} is over");
        found
    }

    fn book_queue(&mut self, event: &Event) {
        match event {
            Event::Queued { entry, .. } => {
                assert!(!self.entries.values().any(|open| *open), "the caller waits twice");
                assert_eq!(self.entries.insert(*entry, true), None, "{entry} begins twice");
            }
            Event::PriorityChanged { entry, .. } | Event::AnnouncementPlayed { entry, .. } => {
                assert!(self.entries[entry], "{entry} has left");
            }
            Event::LeftQueue { entry, reason, .. } => {
                assert_eq!(
                    self.entries.insert(*entry, false),
                    Some(true),
                    "{entry} leaves once"
                );
                if let LeaveReason::Answered { offer, .. } | LeaveReason::ConnectFailed { offer, .. } = reason
                {
                    assert_eq!(self.accepted.get(entry), Some(offer));
                }
            }
            events_of!(life leg bridge routing prompt lookup offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn book_offer(&mut self, event: &Event) {
        match event {
            Event::AgentOffered { offer, entry, .. } => {
                assert!(self.entries[entry], "{entry} has left");
                assert_eq!(self.accepted.get(entry), None, "{entry} is taken");
                assert_eq!(self.offers.insert(*offer, true), None, "{offer} begins twice");
            }
            Event::OfferRang { offer, .. } => assert!(self.offers[offer], "{offer} is over"),
            Event::OfferAccepted { offer, entry, .. } => {
                assert!(self.entries[entry], "{entry} has left");
                assert_eq!(self.accepted.insert(*entry, *offer), None, "{entry} is taken");
                self.close_offer(*offer);
            }
            Event::OfferRejected { offer, .. }
            | Event::OfferMissed { offer, .. }
            | Event::OfferCallerGone { offer, .. }
            | Event::OfferUnreachable { offer, .. }
            | Event::OfferWithdrawn { offer, .. } => self.close_offer(*offer),
            events_of!(life leg bridge routing prompt lookup queue hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn close_offer(&mut self, offer: OfferId) {
        assert_eq!(self.offers.insert(offer, false), Some(true), "{offer} ends once");
    }

    fn book_hold(&mut self, event: &Event) {
        match event {
            Event::Held { leg, .. } => {
                self.live(*leg);
                assert!(self.held.insert(*leg), "{leg} is held twice");
            }
            Event::Resumed { leg, .. } => assert!(self.held.remove(leg), "{leg} was not held"),
            Event::HoldRequested { leg, .. }
            | Event::HoldRefused { leg, .. }
            | Event::ResumeRequested { leg, .. }
            | Event::ResumeRefused { leg, .. } => {
                self.live(*leg);
            }
            events_of!(life leg bridge routing prompt lookup queue offer transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    fn book_transfer(&mut self, event: &Event) {
        match event {
            Event::ConsultStarted {
                consult, main, leg, ..
            } => {
                assert_eq!(self.consults.insert(*consult, (*leg, *main)), None);
            }
            Event::ConsultEnded { consult, .. } => assert!(self.consults.remove(consult).is_some()),
            Event::Merged { consult, bridge, .. } => {
                let (_, main) = self.consults.remove(consult).expect("it was open");
                assert_eq!(*bridge, main);
                self.conferences.insert(main);
            }
            Event::TransferRequested { leg, .. } => assert!(self.transfers.insert(*leg)),
            Event::Transferred { leg, target, .. } => {
                let consult = self
                    .consults
                    .iter()
                    .find(|(_, (by, _))| by == leg)
                    .map(|(id, _)| *id);
                let main = match (target, consult) {
                    (Some(_), Some(consult)) => self.consults.remove(&consult).map(|(_, main)| main),
                    (Some(_), None) => panic!("handed on after no consult"),
                    (None, _) => {
                        assert!(self.transfers.remove(leg));
                        self.legs[leg].bridge
                    }
                };
                self.step_out(*leg, main);
            }
            Event::TransferFailed { leg, .. } => assert!(self.transfers.remove(leg)),
            events_of!(life leg bridge routing prompt lookup queue offer hold recording archive callback supervision wrap_up) =>
                {}
        }
    }

    // A colleague who rang and hands on: the call is for whoever they talked to.
    fn step_out(&mut self, leg: LegId, main: Option<BridgeId>) {
        if self.caller != Some(leg) {
            return;
        }
        let others = main.map_or_else(Vec::new, |main| self.members(main)).into_iter();
        let talks = |other: &LegId| *other != leg && self.legs[other].who.takes_part();
        let talking: Vec<_> = others.filter(talks).collect();
        // The one with the lowest number; ids are not in that order, so only a single one is certain.
        match talking.as_slice() {
            [] => {}
            [other] => self.caller = Some(*other),
            [..] => self.caller = None,
        }
    }

    fn book_recording(&mut self, event: &Event) {
        match event {
            Event::RecordingRequested { recording, .. } => assert!(self.recordings.insert(*recording)),
            Event::RecordingStarted { recording, .. }
            | Event::RecordingPaused { recording, .. }
            | Event::RecordingResumed { recording, .. } => assert!(self.recordings.contains(recording)),
            Event::RecordingFailed { recording, .. } | Event::RecordingStopped { recording, .. } => {
                assert!(self.recordings.remove(recording), "{recording} ends once");
            }
            events_of!(life leg bridge routing prompt lookup queue offer hold transfer archive callback supervision wrap_up) =>
                {}
        }
    }

    fn book_callback(&mut self, event: &Event) {
        match event {
            Event::CallbackOffered { callback, .. } => {
                self.callbacks_offered.insert(*callback);
            }
            Event::CallbackAccepted { callback, .. } | Event::CallbackCancelled { callback, .. } => {
                self.callbacks_offered.remove(callback);
            }
            Event::CallbackScheduled { callback, .. }
            | Event::CallbackAttempted { callback, .. }
            | Event::CallbackFailed { callback, .. }
            | Event::CallbackCompleted { callback, .. } => {
                assert!(
                    !self.callbacks_offered.contains(callback),
                    "{callback} was not accepted"
                );
            }
            events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording archive supervision wrap_up) =>
                {}
        }
    }

    fn book_supervision(&mut self, event: &Event) {
        match event {
            Event::SupervisionStarted { supervision, leg, .. } => {
                self.live(*leg);
                assert_eq!(self.supervisions.insert(*supervision, *leg), None);
            }
            Event::SupervisionModeChanged { supervision, .. } => {
                assert!(self.supervisions.contains_key(supervision));
            }
            Event::SupervisionEnded { supervision, .. } => {
                assert!(
                    self.supervisions.remove(supervision).is_some(),
                    "{supervision} ends once"
                );
            }
            events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording archive callback wrap_up) =>
                {}
        }
    }
}
