//! What a call's events so far mean for its next decision.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::facts::{Hunt, Nth};
use super::parties::{Destination, Direction, Who};
use super::reasons::{LeaveReason, Outcome};
use super::rejection::Rejection;
use super::{callback, recording, wrap_up};
use crate::ids::{
    AgentId, BridgeId, CallbackId, EntryId, LegId, NoteId, OfferId, RecordingId, StepId, SupervisionId,
    VoicemailId,
};
use crate::text::{Key, Line};
use crate::{Private, Timestamp};

/// Where a call stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    // How many events were recorded.
    pub(super) recorded: u32,
    pub(super) direction: Option<Direction>,
    // The promise to ring back for which it was placed.
    pub(super) keeps: Option<CallbackId>,
    pub(super) over: bool,
    // Whether a routing policy was entered after the end, to work on what is known of the call.
    pub(super) afterwards: bool,
    // Whom the call is for: who rings, or the customer that we ring. The call lives no longer than they do, unless
    // others still talk.
    pub(super) caller: Option<LegId>,
    pub(super) properties: BTreeMap<Key, Option<Private<Line>>>,
    pub(super) legs: BTreeMap<LegId, Leg>,
    pub(super) joins: u32,
    // Bridges in which more than one agent may hear the caller, because an agent merged a consult.
    pub(super) conferences: BTreeSet<BridgeId>,
    pub(super) hunts: BTreeMap<StepId, LegId>,
    pub(super) steps: BTreeMap<StepId, Step>,
    pub(super) entries: BTreeMap<EntryId, Entry>,
    pub(super) offers: BTreeMap<OfferId, Offer>,
    pub(super) consults: BTreeMap<BridgeId, Consult>,
    pub(super) transfers: BTreeMap<LegId, Transfer>,
    pub(super) recordings: BTreeMap<RecordingId, recording::Recording>,
    // Whether the message was deleted.
    pub(super) voicemails: BTreeMap<VoicemailId, bool>,
    // Messages that were asked for and not left.
    pub(super) silent: BTreeSet<VoicemailId>,
    pub(super) callbacks: BTreeMap<CallbackId, callback::Callback>,
    pub(super) supervisions: BTreeMap<SupervisionId, Supervision>,
    pub(super) wrap_ups: BTreeMap<LegId, wrap_up::WrapUp>,
    pub(super) notes: BTreeMap<NoteId, Nth>,
    pub(super) survey: BTreeSet<(Key, Key)>,
}

/// One phone's or browser's part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) number: u32,
    pub(super) who: Who,
    pub(super) stage: LegStage,
    // Kept when the leg is over: whoever never answered has nothing to wrap up.
    pub(super) answered: bool,
    pub(super) offer: Option<OfferId>,
    pub(super) hunt: Option<Hunt>,
    pub(super) bridge: Option<BridgeId>,
    // The bridge that it joined last, kept when the leg has left it or is over.
    pub(super) joined: Option<BridgeId>,
    pub(super) muted: bool,
    pub(super) hold: Hold,
    pub(super) keys_sent: Nth,
    pub(super) measured: bool,
}

/// How far a leg has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum LegStage {
    Created,
    Ringing,
    EarlyMedia,
    Answered,
    Over,
}

/// Whether a leg waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Hold {
    No,
    Asked,
    Held,
    ResumeAsked,
}

/// One step of a routing policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) entered: bool,
    pub(super) decided: bool,
    pub(super) skilled: bool,
    pub(super) prompts: Nth,
    pub(super) collected: Nth,
    pub(super) lookup: Option<Lookup>,
}

/// A question to an outside system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Lookup {
    Open { deadline: Timestamp },
    Answered,
    TimedOut,
}

/// A caller's time in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) queue: crate::ids::QueueId,
    pub(super) since: Timestamp,
    pub(super) priority: Option<crate::queue::Priority>,
    pub(super) announced: Nth,
    pub(super) accepted: Option<OfferId>,
    pub(super) left: Option<LeaveReason>,
}

/// An attempt to hand the caller to an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) entry: EntryId,
    pub(super) agent: AgentId,
    pub(super) until: Timestamp,
    pub(super) rang: bool,
    pub(super) outcome: Option<Outcome>,
}

/// An agent asking somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Consult {
    pub(super) main: BridgeId,
    pub(super) leg: LegId,
    pub(super) target: LegId,
    pub(super) to: super::parties::Callee,
    pub(super) stage: ConsultStage,
}

/// How far a consult has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ConsultStage {
    Open,
    Transferred,
    Merged,
    Ended,
}

/// A caller being handed on without asking first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Transfer {
    pub(super) to: Destination,
    pub(super) done: bool,
}

/// A supervisor taking part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Supervision {
    pub(super) leg: LegId,
    pub(super) mode: super::facts::SupervisionMode,
    pub(super) over: bool,
}

impl Leg {
    pub(super) fn is_live(&self) -> bool {
        self.stage < LegStage::Over
    }
}

impl Offer {
    pub(super) fn is_open(&self) -> bool {
        self.outcome.is_none()
    }
}

impl State {
    /// Says whether the call has begun and has not ended.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.direction.is_some() && !self.over
    }

    /// Returns the queue entry as which the caller waits.
    #[must_use]
    pub fn waiting(&self) -> Option<EntryId> {
        let open = self.entries.iter().find(|(_, entry)| entry.left.is_none());
        open.map(|(id, _)| *id)
    }

    /// Returns the agents who hear the caller.
    #[must_use]
    pub fn agents_with_caller(&self) -> BTreeSet<AgentId> {
        let bridge = self.caller.and_then(|leg| self.legs.get(&leg)?.bridge);
        bridge.map_or_else(BTreeSet::new, |bridge| self.agents_in(bridge))
    }

    pub(super) fn begun(&self) -> Result<(), Rejection> {
        self.direction.map(|_| ()).ok_or(Rejection::NotBegun)
    }

    pub(super) fn live(&self) -> Result<(), Rejection> {
        self.begun()?;
        if self.over {
            Err(Rejection::CallOver)
        } else {
            Ok(())
        }
    }

    /// A live call whose caller has not hung up; one that we are about to ring counts as there.
    pub(super) fn with_caller(&self) -> Result<(), Rejection> {
        self.live()?;
        if self.caller_gone() {
            Err(Rejection::CallerGone)
        } else {
            Ok(())
        }
    }

    pub(super) fn caller_gone(&self) -> bool {
        let leg = self.caller.and_then(|leg| self.legs.get(&leg));
        leg.is_some_and(|leg| !leg.is_live())
    }

    pub(super) fn leg(&self, leg: LegId) -> Result<&Leg, Rejection> {
        self.legs.get(&leg).ok_or(Rejection::NoSuchLeg { leg })
    }

    pub(super) fn live_leg(&self, leg: LegId) -> Result<&Leg, Rejection> {
        let found = self.leg(leg)?;
        if found.is_live() {
            Ok(found)
        } else {
            Err(Rejection::LegOver { leg })
        }
    }

    pub(super) fn answered_leg(&self, leg: LegId) -> Result<&Leg, Rejection> {
        let found = self.live_leg(leg)?;
        if found.stage == LegStage::Answered {
            Ok(found)
        } else {
            Err(Rejection::NotAnswered { leg })
        }
    }

    /// The agent of an answered leg.
    pub(super) fn agent_on(&self, leg: LegId) -> Result<AgentId, Rejection> {
        let who = self.answered_leg(leg)?.who;
        who.agent().ok_or(Rejection::NotAnAgent { leg })
    }

    /// The legs of a bridge in the order of their numbers.
    pub(super) fn members(&self, bridge: BridgeId) -> Vec<LegId> {
        let in_it = self.legs.iter().filter(|(_, leg)| leg.bridge == Some(bridge));
        let mut members: Vec<_> = in_it.map(|(id, leg)| (leg.number, *id)).collect();
        members.sort_unstable();
        members.into_iter().map(|(_, id)| id).collect()
    }

    /// The agents of a bridge, without the caller where that is an agent.
    pub(super) fn agents_in(&self, bridge: BridgeId) -> BTreeSet<AgentId> {
        let others = self
            .legs
            .iter()
            .filter(|(id, leg)| leg.bridge == Some(bridge) && Some(**id) != self.caller);
        others.filter_map(|(_, leg)| leg.who.agent()).collect()
    }

    /// Whether any two parties still hear each other.
    pub(super) fn anybody_talks(&self) -> bool {
        let mut seen = BTreeSet::new();
        let taking_part = self.legs.values().filter(|leg| leg.who.takes_part());
        taking_part
            .filter_map(|leg| leg.bridge)
            .any(|bridge| !seen.insert(bridge))
    }

    /// The live legs that a filter lets through, in the order of their numbers.
    pub(super) fn live_legs(&self, wanted: impl Fn(&Leg) -> bool) -> Vec<LegId> {
        let live = self.legs.iter().filter(|(_, leg)| leg.is_live() && wanted(leg));
        let mut legs: Vec<_> = live.map(|(id, leg)| (leg.number, *id)).collect();
        legs.sort_unstable();
        legs.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn entry(&self, entry: EntryId) -> Result<&Entry, Rejection> {
        self.entries.get(&entry).ok_or(Rejection::NoSuchEntry { entry })
    }

    /// An entry whose caller still waits.
    pub(super) fn open_entry(&self, entry: EntryId) -> Result<&Entry, Rejection> {
        let found = self.entry(entry)?;
        if found.left.is_none() {
            Ok(found)
        } else {
            Err(Rejection::EntryOver { entry })
        }
    }

    pub(super) fn offer(&self, offer: OfferId) -> Result<&Offer, Rejection> {
        self.offers.get(&offer).ok_or(Rejection::NoSuchOffer { offer })
    }

    pub(super) fn open_offers(&self, wanted: impl Fn(&Offer) -> bool) -> Vec<OfferId> {
        let open = self
            .offers
            .iter()
            .filter(|(_, offer)| offer.is_open() && wanted(offer));
        open.map(|(id, _)| *id).collect()
    }

    /// The agent whose offer of an entry was accepted.
    pub(super) fn taken_by(&self, entry: EntryId) -> Option<AgentId> {
        let accepted = self.entries.get(&entry)?.accepted?;
        self.offers.get(&accepted).map(|offer| offer.agent)
    }
}
