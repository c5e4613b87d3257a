//! Bridges: who hears whom. At most one agent hears the caller, unless an agent made it a conference.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::leg;
use super::parties::Who;
use super::reasons::{EndCause, LeaveReason};
use super::rejection::Rejection;
use super::state::State;
use crate::Timestamp;
use crate::ids::{AgentId, BridgeId, LegId};

/// The most legs that one bridge holds.
pub const BRIDGE_MAX: usize = 32;

/// What the gateway reports of a bridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets a leg hear the others of a bridge, and be heard by them.
    Join {
        /// The bridge; its first leg makes it.
        bridge: BridgeId,
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Takes a leg out of a bridge.
    Leave {
        /// The bridge.
        bridge: BridgeId,
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Join { bridge, leg, at } => {
            let found = draft.state.leg(leg)?;
            match found.bridge {
                Some(there) if there == bridge => Ok(()),
                Some(there) => Err(Rejection::InAnotherBridge { leg, bridge: there }),
                // To join can be what ends the call: the rivals of a hunt are let go.
                None if !found.is_live() && found.joined == Some(bridge) => Ok(()),
                None => join(draft, bridge, leg, at),
            }
        }
        Command::Leave { bridge, leg, at } => {
            if draft.state.leg(leg)?.bridge == Some(bridge) {
                draft.leave_bridge(leg, at);
                draft.end_if_nobody_talks(EndCause::CallerHungUp, at);
            }
            Ok(())
        }
    }
}

/// Brings a leg that is in no bridge into one.
pub(super) fn join(draft: &mut Draft, bridge: BridgeId, leg: LegId, at: Timestamp) -> Result<(), Rejection> {
    let state = &draft.state;
    let who = state.answered_leg(leg)?.who;
    let with = state.members(bridge);
    if with.len() >= BRIDGE_MAX {
        return Err(Rejection::TooMany {
            what: "legs in this bridge",
            max: BRIDGE_MAX,
        });
    }
    let supervises = |leg| state.supervisions.values().any(|s| !s.over && s.leg == leg);
    if matches!(who, Who::Supervisor { .. }) && !supervises(leg) {
        return Err(Rejection::NotSupervising { leg });
    }
    if let Some((agent, leg)) = on_another_leg(state, who) {
        return Err(Rejection::AgentPresent { agent, leg });
    }
    if let Some(by) = agent_in_the_way(state, bridge, leg, who) {
        return Err(Rejection::Taken { by });
    }
    let number = state.joins.saturating_add(1);
    draft.record(Event::LegJoined {
        bridge,
        leg,
        number,
        with,
        at,
    });
    leg::take(draft, leg, at);
    connect(draft, bridge, at);
    Ok(())
}

// One person hears one bridge, whatever the number of their devices.
fn on_another_leg(state: &State, who: Who) -> Option<(AgentId, LegId)> {
    let agent = who.agent()?;
    let joined = state
        .legs
        .iter()
        .find(|(_, leg)| leg.who == who && leg.bridge.is_some());
    joined.map(|(leg, _)| (agent, *leg))
}

// The agent who has the caller, where another is about to.
fn agent_in_the_way(state: &State, bridge: BridgeId, leg: LegId, who: Who) -> Option<AgentId> {
    if state.conferences.contains(&bridge) {
        return None;
    }
    let caller = state.caller?;
    let mut agents = state.agents_in(bridge).into_iter();
    if caller == leg {
        // The caller may come to one agent, and not between two.
        return agents.next().and_then(|_| agents.next());
    }
    let caller_there = state
        .legs
        .get(&caller)
        .is_some_and(|leg| leg.bridge == Some(bridge));
    let joining = who.agent().filter(|_| caller_there)?;
    agents.find(|agent| *agent != joining)
}

// The wait is over when the agent who accepted and the caller hear each other.
fn connect(draft: &mut Draft, bridge: BridgeId, at: Timestamp) {
    let state = &draft.state;
    let caller = state.caller.and_then(|caller| state.legs.get(&caller));
    if caller.is_none_or(|caller| caller.bridge != Some(bridge)) {
        return;
    }
    let Some(entry) = state.waiting() else { return };
    let Some(offer) = state.entries.get(&entry).and_then(|entry| entry.accepted) else {
        return;
    };
    let with_offer = state
        .legs
        .values()
        .find(|leg| leg.bridge == Some(bridge) && leg.offer == Some(offer));
    if let Some(agent) = with_offer.and_then(|leg| leg.who.agent()) {
        draft.leave_queue(entry, LeaveReason::Answered { offer, agent }, at);
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::LegJoined {
            bridge, leg, number, ..
        } => {
            state.joins = state.joins.max(*number);
            leg::change(state, *leg, |leg| {
                (leg.bridge, leg.joined) = (Some(*bridge), Some(*bridge))
            });
        }
        Event::LegLeft { bridge, leg, .. } => {
            leg::change(state, *leg, |leg| leg.bridge = None);
            if state.agents_in(*bridge).len() < 2 {
                state.conferences.remove(bridge);
            }
        }
        events_of!(life leg routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}
