//! Handing the caller on: asking somebody first, or not, or making it a conference.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::leg;
use super::parties::{Callee, Destination, Party};
use super::reasons::{ConsultEnd, EndCause, LegCause, TransferKind};
use super::rejection::Rejection;
use super::state::{Consult, ConsultStage, Hold, State, Transfer};
use crate::ids::{BridgeId, LegId};
use crate::{Actor, Timestamp};

/// What an agent wants of the caller they talk to, or what the gateway reports of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets an agent ask somebody while the caller waits.
    Consult {
        /// The bridge for the two; it names the consult.
        consult: BridgeId,
        /// The agent's leg, in a bridge with a caller on hold.
        leg: LegId,
        /// The new leg of who is asked.
        target: LegId,
        /// Who is asked.
        to: Callee,
        /// When.
        at: Timestamp,
    },
    /// Gives the consult up.
    Abandon {
        /// The consult.
        consult: BridgeId,
        /// When.
        at: Timestamp,
    },
    /// Hands the caller to who was asked.
    Complete {
        /// The consult.
        consult: BridgeId,
        /// When.
        at: Timestamp,
    },
    /// Lets all three hear each other.
    Merge {
        /// The consult.
        consult: BridgeId,
        /// When.
        at: Timestamp,
    },
    /// Asks for the caller to be handed on without asking first.
    Request {
        /// The agent's leg.
        leg: LegId,
        /// Where to.
        to: Destination,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that the destination took the caller.
    Confirm {
        /// The agent's leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Reports that the destination did not take the caller.
    Fail {
        /// The agent's leg.
        leg: LegId,
        /// Why.
        cause: LegCause,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Consult {
            consult,
            leg,
            target,
            to,
            at,
        } => start(draft, consult, (leg, target), to, at),
        Command::Abandon { consult, at } => {
            if open(&draft.state, consult, ConsultStage::Ended)?.is_some() {
                draft.end_consult(consult, ConsultEnd::Abandoned, at);
                draft.end_if_nobody_talks(EndCause::CallerHungUp, at);
            }
            Ok(())
        }
        Command::Complete { consult, at } => match open(&draft.state, consult, ConsultStage::Transferred)? {
            Some(asked) => complete(draft, asked, at),
            None => Ok(()),
        },
        Command::Merge { consult, at } => match open(&draft.state, consult, ConsultStage::Merged)? {
            Some(asked) => merge(draft, consult, &asked, at),
            None => Ok(()),
        },
        Command::Request { leg, to, by, at } => request(draft, leg, to, by, at),
        Command::Confirm { leg, at } => confirm(draft, leg, at),
        Command::Fail { leg, cause, at } => {
            if let Some(Transfer { to, done: false }) = draft.state.transfers.get(&leg).cloned() {
                draft.record(Event::TransferFailed { leg, to, cause, at });
            }
            Ok(())
        }
    }
}

fn start(
    draft: &mut Draft,
    consult: BridgeId,
    (leg, target): (LegId, LegId),
    to: Callee,
    at: Timestamp,
) -> Result<(), Rejection> {
    let state = &draft.state;
    if state.consults.contains_key(&consult) {
        return Ok(());
    }
    state.agent_on(leg)?;
    not_handing_on(state, leg)?;
    let main = state.leg(leg)?.bridge.ok_or(Rejection::InNoBridge { leg })?;
    if !state.members(consult).is_empty() {
        return Err(Rejection::BridgeTaken { bridge: consult });
    }
    if state.legs.contains_key(&target) {
        return Err(Rejection::LegTaken { leg: target });
    }
    let caller = state.caller.filter(|caller| *caller != leg);
    let caller = caller.and_then(|caller| state.legs.get(&caller));
    if caller.is_some_and(|caller| caller.bridge == Some(main) && caller.hold != Hold::Held) {
        return Err(Rejection::CallerNotOnHold);
    }
    let party = Party::from(&to);
    draft.record(Event::ConsultStarted {
        consult,
        main,
        leg,
        target,
        to,
        at,
    });
    draft.leave_bridge(leg, at);
    leg::create(draft, target, party, at)
}

// An agent does one thing at a time with a caller.
fn not_handing_on(state: &State, leg: LegId) -> Result<(), Rejection> {
    if state.transfers.contains_key(&leg) {
        return Err(Rejection::Transferring { leg });
    }
    let open = state
        .consults
        .iter()
        .find(|(_, c)| c.leg == leg && c.stage == ConsultStage::Open);
    match open {
        Some((consult, _)) => Err(Rejection::Consulting {
            leg,
            consult: *consult,
        }),
        None => Ok(()),
    }
}

// A consult that is still open; none if it already ended in the way that is asked for.
fn open(state: &State, consult: BridgeId, same: ConsultStage) -> Result<Option<Consult>, Rejection> {
    let found = state
        .consults
        .get(&consult)
        .ok_or(Rejection::NoSuchConsult { consult })?;
    match found.stage {
        ConsultStage::Open => Ok(Some(found.clone())),
        stage if stage == same => Ok(None),
        ConsultStage::Transferred | ConsultStage::Merged | ConsultStage::Ended => {
            Err(Rejection::ConsultOver { consult })
        }
    }
}

// Both hear, and somebody is left to be handed on or to talk with.
fn with_target(state: &State, asked: &Consult) -> Result<(), Rejection> {
    state.answered_leg(asked.leg)?;
    state.answered_leg(asked.target)?;
    let others = state.members(asked.main).into_iter();
    if others.filter(|leg| *leg != asked.leg).count() == 0 {
        return Err(Rejection::CallerGone);
    }
    Ok(())
}

/// Hands the caller to who was asked, if the agent who asked hangs up while those two talk: they meant to hand on, and
/// nobody is to be left on hold with no one. Returns whether that was so.
pub(super) fn hand_over(draft: &mut Draft, leg: LegId, cause: &LegCause, at: Timestamp) -> bool {
    let mut consults = draft.state.consults.values();
    let open = consults.find(|consult| consult.leg == leg && consult.stage == ConsultStage::Open);
    let Some(asked) = open.filter(|_| *cause == LegCause::HungUp).cloned() else {
        return false;
    };
    let mut handed = Draft::new(&draft.state);
    if complete(&mut handed, asked, at).is_err() {
        return false;
    }
    for event in handed.into_events() {
        draft.record(event);
    }
    true
}

fn complete(draft: &mut Draft, asked: Consult, at: Timestamp) -> Result<(), Rejection> {
    with_target(&draft.state, &asked)?;
    draft.record(Event::Transferred {
        kind: TransferKind::Attended,
        leg: asked.leg,
        to: asked.to.into(),
        target: Some(asked.target),
        at,
    });
    draft.leave_bridge(asked.leg, at);
    draft.resume_all(asked.main, at);
    draft.move_to(asked.main, asked.target, at)?;
    draft.hang_up(asked.leg, &LegCause::Transferred, at);
    Ok(())
}

fn merge(draft: &mut Draft, consult: BridgeId, asked: &Consult, at: Timestamp) -> Result<(), Rejection> {
    with_target(&draft.state, asked)?;
    draft.record(Event::Merged {
        consult,
        bridge: asked.main,
        at,
    });
    draft.resume_all(asked.main, at);
    draft.move_to(asked.main, asked.leg, at)?;
    draft.move_to(asked.main, asked.target, at)
}

fn request(
    draft: &mut Draft,
    leg: LegId,
    to: Destination,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    let state = &draft.state;
    if state
        .transfers
        .get(&leg)
        .is_some_and(|transfer| transfer.to == to)
    {
        return Ok(());
    }
    state.with_caller()?;
    state.agent_on(leg)?;
    not_handing_on(state, leg)?;
    draft.record(Event::TransferRequested { leg, to, by, at });
    Ok(())
}

fn confirm(draft: &mut Draft, leg: LegId, at: Timestamp) -> Result<(), Rejection> {
    let asked = draft.state.transfers.get(&leg).cloned();
    let Transfer { to, done } = asked.ok_or(Rejection::NoTransfer { leg })?;
    if done {
        return Ok(());
    }
    let bridge = draft.state.leg(leg)?.bridge;
    draft.record(Event::Transferred {
        kind: TransferKind::Blind,
        leg,
        to,
        target: None,
        at,
    });
    bridge.into_iter().for_each(|bridge| draft.resume_all(bridge, at));
    draft.hang_up(leg, &LegCause::Transferred, at);
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::ConsultStarted {
            consult,
            main,
            leg,
            target,
            to,
            ..
        } => {
            state.consults.entry(*consult).or_insert(Consult {
                main: *main,
                leg: *leg,
                target: *target,
                to: to.clone(),
                stage: ConsultStage::Open,
            });
        }
        Event::ConsultEnded { consult, .. } => close(state, *consult, ConsultStage::Ended),
        Event::Merged { consult, bridge, .. } => {
            close(state, *consult, ConsultStage::Merged);
            state.conferences.insert(*bridge);
        }
        Event::TransferRequested { leg, to, .. } => {
            state.transfers.entry(*leg).or_insert(Transfer {
                to: to.clone(),
                done: false,
            });
        }
        Event::Transferred { leg, to, target, .. } => transferred(state, *leg, to, *target),
        Event::TransferFailed { leg, .. } => {
            if state.transfers.get(leg).is_some_and(|transfer| !transfer.done) {
                state.transfers.remove(leg);
            }
        }
        events_of!(life leg bridge routing prompt lookup queue offer hold recording archive callback supervision wrap_up) =>
            {}
    }
}

fn close(state: &mut State, consult: BridgeId, stage: ConsultStage) {
    if let Some(consult) = state
        .consults
        .get_mut(&consult)
        .filter(|c| c.stage == ConsultStage::Open)
    {
        consult.stage = stage;
    }
}

fn transferred(state: &mut State, leg: LegId, to: &Destination, target: Option<LegId>) {
    let asked = state
        .consults
        .iter()
        .find(|(_, c)| c.leg == leg && Some(c.target) == target);
    if let Some(consult) = asked.map(|(id, _)| *id) {
        close(state, consult, ConsultStage::Transferred);
    }
    let transfer = Transfer {
        to: to.clone(),
        done: true,
    };
    state.transfers.insert(leg, transfer);
    if state.caller == Some(leg) {
        state.caller = whom_it_is_for(state, leg, target).or(state.caller);
    }
}

// A colleague who rang and hands on steps out: the call is then for whoever they talked to.
fn whom_it_is_for(state: &State, leg: LegId, target: Option<LegId>) -> Option<LegId> {
    let mut consults = state.consults.values();
    let asked = consults.find(|c| c.leg == leg && Some(c.target) == target);
    let bridge = asked.map(|c| c.main).or(state.legs.get(&leg)?.bridge)?;
    let takes_part = |other: &LegId| state.legs.get(other).is_some_and(|leg| leg.who.takes_part());
    let mut others = state.members(bridge).into_iter().filter(|other| *other != leg);
    others.find(takes_part)
}
