//! Offers: a conversation shown to an agent, with exactly one outcome each.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::assignment::How;
use super::concerns::events_of;
use super::event::Event;
use super::state::State;
use super::{Rejection, capped};
use crate::agent::OFFER_MS_MAX;
use crate::context::Actor;
use crate::ids::{AgentId, EntryId, OfferId};
use crate::text::Key;
use crate::{Millis, Timestamp};

/// How many offers of one conversation may be open at once.
pub const OFFERS_MAX: usize = 1_000;

/// Why an agent did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum MissReason {
    /// It was shown for as long as it should be.
    Unanswered,
    /// The agent's browser could not be reached.
    DeviceUnreachable,
    /// The agent left the state in which conversations are offered.
    Away,
}

/// Why an offer was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WithdrawReason {
    /// Somebody else has the conversation now.
    Taken,
    /// It was moved to where the agent does not see it.
    Moved,
    /// The customer left the queue or the chat.
    CustomerGone,
    /// The conversation was archived.
    Archived,
    /// A routing policy or a supervisor took it back.
    Recalled,
}

/// What somebody wants of an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OfferCommand {
    /// Offers the conversation to an agent.
    Make {
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// The queue entry it is offered from, if any.
        entry: Option<EntryId>,
        /// How long it is shown.
        ring_ms: Millis,
        /// When.
        at: Timestamp,
    },
    /// Takes it.
    Accept {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
    /// Declines it.
    Reject {
        /// The offer.
        offer: OfferId,
        /// The code of the reason, if the agent gives one.
        reason: Option<Key>,
        /// When.
        at: Timestamp,
    },
    /// Takes note that it was not answered.
    Miss {
        /// The offer.
        offer: OfferId,
        /// Why.
        reason: MissReason,
        /// When.
        at: Timestamp,
    },
    /// Takes it back.
    Withdraw {
        /// The offer.
        offer: OfferId,
        /// Why.
        reason: WithdrawReason,
        /// When.
        at: Timestamp,
    },
}

/// How an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The agent took it.
    Accepted,
    /// The agent declined it.
    Rejected,
    /// The agent did not answer.
    Missed,
    /// It was taken back.
    Withdrawn,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Missed => "missed",
            Self::Withdrawn => "withdrawn",
        })
    }
}

/// An offer as far as the next decision needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) agent: AgentId,
    pub(super) until: Timestamp,
    pub(super) outcome: Option<Outcome>,
}

pub(super) fn decide(state: &State, command: OfferCommand) -> Result<Vec<Event>, Rejection> {
    match command {
        OfferCommand::Make {
            offer,
            agent,
            entry,
            ring_ms,
            at,
        } => {
            if !may_make(state, offer, agent)? {
                return Ok(vec![]);
            }
            if ring_ms > OFFER_MS_MAX {
                let (given, max) = (ring_ms, OFFER_MS_MAX);
                return Err(Rejection::ShownTooLong { given, max });
            }
            Ok(vec![Event::Offered {
                offer,
                agent,
                entry,
                ring_ms,
                at,
            }])
        }
        OfferCommand::Accept { offer, at } => accept(state, offer, at),
        OfferCommand::Reject { offer, reason, at } => {
            end(state, offer, Outcome::Rejected, |agent| Event::OfferRejected {
                offer,
                agent,
                reason,
                at,
            })
        }
        OfferCommand::Miss { offer, reason, at } => {
            still_ringing(state, offer, reason, at)?;
            end(state, offer, Outcome::Missed, |agent| Event::OfferMissed {
                offer,
                agent,
                reason,
                at,
            })
        }
        OfferCommand::Withdraw { offer, reason, at } => {
            end(state, offer, Outcome::Withdrawn, |agent| Event::OfferWithdrawn {
                offer,
                agent,
                reason,
                at,
            })
        }
    }
}

// False: it was made already.
fn may_make(state: &State, offer: OfferId, agent: AgentId) -> Result<bool, Rejection> {
    match state.offers.get(&offer) {
        Some(known) if known.agent == agent => return Ok(false),
        Some(_) => return Err(Rejection::OfferIdInUse),
        None => {}
    }
    state.live()?;
    state.free_for(agent)?;
    if let Some(by) = state.assigned {
        return Err(Rejection::Taken { by });
    }
    let to_the_same = |(_, open): &(OfferId, &Offer)| open.agent == agent;
    if let Some((offer, _)) = state.open_offers().find(to_the_same) {
        return Err(Rejection::AlreadyOffered { offer });
    }
    capped("open offers", state.open_offers().count() + 1, OFFERS_MAX)?;
    Ok(true)
}

fn accept(state: &State, offer: OfferId, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let known = state.offers.get(&offer).ok_or(Rejection::NoSuchOffer)?;
    match (known.outcome, state.assigned) {
        (Some(Outcome::Accepted), _) => Ok(vec![]),
        (None | Some(Outcome::Withdrawn), Some(by)) => Err(Rejection::Taken { by }),
        (Some(outcome), _) => Err(Rejection::OfferEnded { outcome }),
        (None, None) => {
            let agent = known.agent;
            let mut events = vec![Event::OfferAccepted { offer, agent, at }];
            events.extend(withdraw(state, WithdrawReason::Taken, at, |other| other != offer));
            events.push(Event::Assigned {
                agent,
                how: How::Accepted { offer },
                by: Actor::Agent(agent),
                at,
            });
            Ok(events)
        }
    }
}

fn still_ringing(state: &State, offer: OfferId, reason: MissReason, at: Timestamp) -> Result<(), Rejection> {
    match (state.offers.get(&offer), reason) {
        (
            Some(Offer {
                until, outcome: None, ..
            }),
            MissReason::Unanswered,
        ) if at < *until => Err(Rejection::StillRinging { until: *until }),
        (_, MissReason::Unanswered | MissReason::DeviceUnreachable | MissReason::Away) => Ok(()),
    }
}

fn end(
    state: &State,
    offer: OfferId,
    outcome: Outcome,
    event: impl FnOnce(AgentId) -> Event,
) -> Result<Vec<Event>, Rejection> {
    let known = state.offers.get(&offer).ok_or(Rejection::NoSuchOffer)?;
    match known.outcome {
        None => Ok(vec![event(known.agent)]),
        Some(was) if was == outcome => Ok(vec![]),
        Some(was) => Err(Rejection::OfferEnded { outcome: was }),
    }
}

/// Takes back the open offers that `which` picks.
pub(super) fn withdraw(
    state: &State,
    reason: WithdrawReason,
    at: Timestamp,
    which: impl Fn(OfferId) -> bool,
) -> Vec<Event> {
    state
        .open_offers()
        .filter(|(offer, _)| which(*offer))
        .map(|(offer, open)| Event::OfferWithdrawn {
            offer,
            agent: open.agent,
            reason,
            at,
        })
        .collect()
}

impl Event {
    /// Returns the offer that this is the outcome of, if it is one.
    #[must_use]
    pub const fn ends_offer(&self) -> Option<OfferId> {
        match self {
            Self::OfferAccepted { offer, .. }
            | Self::OfferRejected { offer, .. }
            | Self::OfferMissed { offer, .. }
            | Self::OfferWithdrawn { offer, .. } => Some(*offer),
            Event::Offered { .. }
            | Event::Assigned { .. }
            | Event::TakenOver { .. }
            | Event::Unassigned { .. }
            | Event::Archived { .. }
            | events_of!(course message filing) => None,
        }
    }
}
