//! Legs: each phone's or browser's part, from the first ring to the last byte.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{Digits, Hunt, Nth, Quality};
use super::parties::{Party, Who};
use super::reasons::{LegCause, Outcome};
use super::rejection::Rejection;
use super::state::{Hold, Leg, LegStage, State};
use super::{offer, transfer};
use crate::ids::{LegId, OfferId};
use crate::{Actor, Private, Timestamp};

/// The most legs that one call ever has, those that are over included.
pub const LEGS_MAX: usize = 10_000;

/// What somebody wants of a leg, or what the gateway reports of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Makes a telephone or browser part of the call and rings it.
    Create {
        /// The leg.
        leg: LegId,
        /// Whom it reaches.
        party: Party,
        /// The offer that it rings for.
        offer: Option<OfferId>,
        /// Whom it rings together with, the first of whom wins.
        hunt: Option<Hunt>,
        /// When.
        at: Timestamp,
    },
    /// Reports that the far end rings.
    Ring {
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Reports sound before the answer.
    SendEarlyMedia {
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Reports the answer. On a leg that rings for an offer or in a hunt, the first one wins.
    Answer {
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Ends a leg, or reports its end.
    End {
        /// The leg.
        leg: LegId,
        /// Why.
        cause: LegCause,
        /// When.
        at: Timestamp,
    },
    /// Keeps a leg from being heard.
    Mute {
        /// The leg.
        leg: LegId,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Lets a leg be heard again.
    Unmute {
        /// The leg.
        leg: LegId,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sends keys to the far end.
    SendDigits {
        /// The leg.
        leg: LegId,
        /// How many times keys were sent on this leg.
        nth: Nth,
        /// The keys; none where they are secret.
        digits: Option<Private<Digits>>,
        /// Who sends them.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports how well a leg was heard; once, at its end.
    Measure {
        /// The leg.
        leg: LegId,
        /// The summary.
        quality: Quality,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Create {
            leg,
            party,
            offer,
            hunt,
            at,
        } => ring(draft, leg, party, (offer, hunt), at),
        Command::Ring { leg, at } => {
            if draft.state.leg(leg)?.stage < LegStage::Ringing {
                draft.record(Event::LegRang { leg, at });
                offer::ring(draft, leg, at);
            }
            Ok(())
        }
        Command::SendEarlyMedia { leg, at } => {
            if draft.state.leg(leg)?.stage < LegStage::EarlyMedia {
                draft.record(Event::LegEarlyMedia { leg, at });
            }
            Ok(())
        }
        Command::Answer { leg, at } => answer(draft, leg, at),
        Command::End { leg, cause, at } => {
            // Carriers repeat their goodbye, so a leg already gone is an answer, not an error.
            if draft.state.leg(leg)?.is_live() && !transfer::hand_over(draft, leg, &cause, at) {
                draft.hang_up(leg, &cause, at);
            }
            Ok(())
        }
        Command::Mute { leg, by, at } => {
            if !draft.state.live_leg(leg)?.muted {
                draft.record(Event::LegMuted { leg, by, at });
            }
            Ok(())
        }
        Command::Unmute { leg, by, at } => {
            if draft.state.live_leg(leg)?.muted {
                draft.record(Event::LegUnmuted { leg, by, at });
            }
            Ok(())
        }
        Command::SendDigits {
            leg,
            nth,
            digits,
            by,
            at,
        } => {
            if nth > draft.state.leg(leg)?.keys_sent {
                draft.state.answered_leg(leg)?;
                draft.record(Event::DtmfSent {
                    leg,
                    nth,
                    digits,
                    by,
                    at,
                });
            }
            Ok(())
        }
        Command::Measure { leg, quality, at } => {
            if !draft.state.leg(leg)?.measured {
                draft.record(Event::LegMeasured { leg, quality, at });
            }
            Ok(())
        }
    }
}

/// Makes somebody part of the call without an offer or a hunt.
pub(super) fn create(draft: &mut Draft, leg: LegId, party: Party, at: Timestamp) -> Result<(), Rejection> {
    ring(draft, leg, party, (None, None), at)
}

fn ring(
    draft: &mut Draft,
    leg: LegId,
    party: Party,
    (offer, hunt): (Option<OfferId>, Option<Hunt>),
    at: Timestamp,
) -> Result<(), Rejection> {
    let state = &draft.state;
    let who = Who::from(&party);
    if let Some(there) = state.legs.get(&leg) {
        let same = there.who == who && there.offer == offer && there.hunt == hunt;
        return if same {
            Ok(())
        } else {
            Err(Rejection::LegTaken { leg })
        };
    }
    state.live()?;
    if state.legs.len() >= LEGS_MAX {
        return Err(Rejection::TooMany {
            what: "legs",
            max: LEGS_MAX,
        });
    }
    let caller_there = state
        .caller
        .filter(|_| who == Who::Customer && !state.caller_gone());
    if let Some(there) = caller_there.filter(|there| state.legs.contains_key(there)) {
        return Err(Rejection::CallerPresent { leg: there });
    }
    if let Some(hunt) = hunt {
        state.with_caller()?;
        if let Some(by) = state.hunts.get(&hunt.step) {
            return Err(Rejection::HuntTaken { by: *by });
        }
    }
    if let Some(offer) = offer {
        offer::may_ring(state, offer, who)?;
    }
    let number = u32::try_from(state.legs.len()).map_or(u32::MAX, |legs| legs.saturating_add(1));
    draft.record(Event::LegCreated {
        leg,
        number,
        party,
        offer,
        hunt,
        at,
    });
    Ok(())
}

fn answer(draft: &mut Draft, leg: LegId, at: Timestamp) -> Result<(), Rejection> {
    let answering = draft.state.leg(leg)?.clone();
    match answering.stage {
        LegStage::Answered => return Ok(()),
        LegStage::Over => return Err(too_late(&draft.state, leg, &answering)),
        LegStage::Created | LegStage::Ringing | LegStage::EarlyMedia => {}
    }
    if let Some(offer) = answering.offer {
        offer::accept(draft, offer, at)?;
    }
    draft.record(Event::LegAnswered { leg, at });
    let rival = |other: &Leg| {
        let same_offer = other.offer.is_some() && other.offer == answering.offer;
        // Whoever answers for us is no rival of the customer they are to talk to.
        let same_side = (other.who == Who::Customer) == (answering.who == Who::Customer);
        let taken = answering.hunt.is_some_and(|hunt| !hunt.screened);
        let same_hunt = taken && other.hunt == answering.hunt && same_side;
        !other.answered && (same_offer || same_hunt)
    };
    for other in draft.state.live_legs(rival) {
        draft.hang_up(other, &LegCause::AnsweredElsewhere, at);
    }
    Ok(())
}

/// Stops ringing, and lets go, all others of the hunt of somebody who took the caller.
pub(super) fn take(draft: &mut Draft, leg: LegId, at: Timestamp) {
    let Some(hunt) = draft.state.legs.get(&leg).and_then(|leg| leg.hunt) else {
        return;
    };
    let rivals = draft
        .state
        .live_legs(|other| other.hunt == Some(hunt) && other.bridge.is_none());
    for other in rivals.into_iter().filter(|other| hunt.screened && *other != leg) {
        draft.hang_up(other, &LegCause::AnsweredElsewhere, at);
    }
}

// Who answers too late is told who was first.
fn too_late(state: &State, leg: LegId, answering: &Leg) -> Rejection {
    let winner = answering.hunt.and_then(|hunt| state.hunts.get(&hunt.step));
    if let Some(by) = winner.filter(|by| **by != leg) {
        return Rejection::HuntTaken { by: *by };
    }
    let offer = answering.offer.and_then(|id| Some((id, state.offers.get(&id)?)));
    match offer.map(|(id, offer)| (id, offer, offer.outcome)) {
        Some((id, lost, Some(outcome))) if outcome != Outcome::Accepted => {
            offer::over(state, id, lost, outcome)
        }
        Some(_) | None => Rejection::LegOver { leg },
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::LegCreated {
            leg,
            number,
            party,
            offer,
            hunt,
            ..
        } => create_leg(state, *leg, *number, Who::from(party), (*offer, *hunt)),
        Event::LegRang { leg, .. } => advance(state, *leg, LegStage::Ringing),
        Event::LegEarlyMedia { leg, .. } => advance(state, *leg, LegStage::EarlyMedia),
        Event::LegAnswered { leg, .. } => {
            advance(state, *leg, LegStage::Answered);
            let Some(answered) = state.legs.get_mut(leg) else {
                return;
            };
            answered.answered = true;
            if let Some(hunt) = answered.hunt.filter(|hunt| !hunt.screened) {
                state.hunts.entry(hunt.step).or_insert(*leg);
            }
        }
        Event::LegEnded { leg, .. } => {
            advance(state, *leg, LegStage::Over);
            // Who answered and turned the caller down leaves the hunt to the others.
            state.hunts.retain(|_, winner| winner != leg);
            if let Some(over) = state.legs.get_mut(leg) {
                over.bridge = None;
                over.muted = false;
                over.hold = Hold::No;
            }
        }
        Event::LegMuted { leg, .. } => change(state, *leg, |leg| leg.muted = true),
        Event::LegUnmuted { leg, .. } => change(state, *leg, |leg| leg.muted = false),
        Event::DtmfSent { leg, nth, .. } => change(state, *leg, |leg| leg.keys_sent = *nth),
        Event::LegMeasured { leg, .. } => change(state, *leg, |leg| leg.measured = true),
        events_of!(life bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn create_leg(
    state: &mut State,
    leg: LegId,
    number: u32,
    who: Who,
    (offer, hunt): (Option<OfferId>, Option<Hunt>),
) {
    if who == Who::Customer && (state.caller.is_none() || state.caller_gone()) {
        state.caller = Some(leg);
    }
    state.legs.entry(leg).or_insert(Leg {
        number,
        who,
        stage: LegStage::Created,
        answered: false,
        offer,
        hunt,
        bridge: None,
        joined: None,
        muted: false,
        hold: Hold::No,
        keys_sent: Nth(0),
        measured: false,
    });
}

fn advance(state: &mut State, leg: LegId, stage: LegStage) {
    change(state, leg, |leg| leg.stage = leg.stage.max(stage));
}

/// Changes a leg, if it is there.
pub(super) fn change(state: &mut State, leg: LegId, how: impl FnOnce(&mut Leg)) {
    if let Some(leg) = state.legs.get_mut(&leg) {
        how(leg);
    }
}
