//! Offers: a waiting caller and an agent whose devices ring. Each ends once, and at most one of an entry is accepted.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::{Draft, OfferEnd};
use super::events::Event;
use super::facts::{CANDIDATES_MAX, Candidate};
use super::parties::Who;
use super::queue;
use super::reasons::{LeaveReason, Outcome, Recall, Unreached, Withdrawal};
use super::rejection::Rejection;
use super::state::{Offer, State};
use crate::agent::OFFER_MS_MAX;
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, EntryId, LegId, OfferId};
use crate::text::Key;
use crate::{Millis, Timestamp};

/// The longest that connecting may take after an agent accepted, before the caller waits for the next one.
pub const CONNECT_MS_MAX: Millis = Millis::from_secs(60);
/// The most offers of one call that are open at once.
pub const OFFERS_MAX: usize = 1_000;

/// What somebody wants of an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Offers the waiting caller to an agent; the gateway then creates a leg for each device that is to ring.
    Make {
        /// The offer.
        offer: OfferId,
        /// The caller's entry.
        entry: EntryId,
        /// The agent.
        agent: AgentId,
        /// How long they have to answer.
        ring_ms: Millis,
        /// The rule by which the queue chose.
        strategy: Key,
        /// The hash of the queue's settings.
        settings: ContentHash,
        /// Who could have been chosen, best first.
        candidates: Few<Candidate, CANDIDATES_MAX>,
        /// When.
        at: Timestamp,
    },
    /// The agent takes the caller, at the desk; answering a device that rings says the same.
    Accept {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
    /// The agent turns the caller down.
    Reject {
        /// The offer.
        offer: OfferId,
        /// Why, where they say.
        reason: Option<Key>,
        /// When.
        at: Timestamp,
    },
    /// The agent did not answer, if their time is over.
    Miss {
        /// The offer.
        offer: OfferId,
        /// The moment it is.
        at: Timestamp,
    },
    /// No device of the agent can be reached.
    ReportUnreachable {
        /// The offer.
        offer: OfferId,
        /// Why not.
        why: Unreached,
        /// When.
        at: Timestamp,
    },
    /// Takes the offer back.
    Withdraw {
        /// The offer.
        offer: OfferId,
        /// Why.
        why: Recall,
        /// When.
        at: Timestamp,
    },
    /// The agent accepted, and cannot be connected to the caller.
    FailToConnect {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Make {
            offer,
            entry,
            agent,
            ring_ms,
            strategy,
            settings,
            candidates,
            at,
        } => {
            if draft.state.offers.contains_key(&offer) {
                return Ok(());
            }
            may_offer(&draft.state, entry, agent)?;
            lasts("ring_ms", ring_ms, OFFER_MS_MAX)?;
            let queue = draft.state.open_entry(entry)?.queue;
            draft.record(Event::AgentOffered {
                offer,
                entry,
                queue,
                agent,
                ring_ms,
                until: at.plus(ring_ms),
                strategy,
                settings,
                candidates,
                at,
            });
            Ok(())
        }
        Command::Accept { offer, at } => accept(draft, offer, at),
        Command::Reject { offer, reason, at } => {
            end(draft, offer, &OfferEnd::Rejected(reason), Outcome::Rejected, at)
        }
        Command::Miss { offer, at } => {
            let Offer { until, outcome, .. } = *draft.state.offer(offer)?;
            if outcome.is_none() && at < until {
                return Err(Rejection::NotYet { until });
            }
            end(draft, offer, &OfferEnd::Missed, Outcome::Missed, at)
        }
        Command::ReportUnreachable { offer, why, at } => end(
            draft,
            offer,
            &OfferEnd::Unreachable(why),
            Outcome::Unreachable,
            at,
        ),
        Command::Withdraw { offer, why, at } => end(
            draft,
            offer,
            &OfferEnd::Withdrawn(why.into()),
            Outcome::Withdrawn,
            at,
        ),
        Command::FailToConnect { offer, at } => fail_to_connect(draft, offer, at),
    }
}

/// Refuses what would last too long, by its field's name.
pub(super) fn lasts(field: &'static str, given: Millis, max: Millis) -> Result<(), Rejection> {
    if given > max {
        return Err(Rejection::TooLong { field, given, max });
    }
    Ok(())
}

fn may_offer(state: &State, entry: EntryId, agent: AgentId) -> Result<(), Rejection> {
    state.open_entry(entry)?;
    if state.open_offers(|_| true).len() >= OFFERS_MAX {
        return Err(Rejection::TooMany {
            what: "open offers",
            max: OFFERS_MAX,
        });
    }
    if let Some(by) = state.taken_by(entry) {
        return Err(Rejection::Taken { by });
    }
    if let Some(offer) = state.open_offers(|offer| offer.agent == agent).first() {
        return Err(Rejection::OfferedAlready { agent, offer: *offer });
    }
    let joined = state
        .legs
        .iter()
        .find(|(_, leg)| leg.who.agent() == Some(agent) && leg.bridge.is_some());
    match joined {
        Some((leg, _)) => Err(Rejection::AgentPresent { agent, leg: *leg }),
        None => Ok(()),
    }
}

/// A device may ring for an offer that is open, or accepted and not connected, and only its agent's.
pub(super) fn may_ring(state: &State, offer: OfferId, who: Who) -> Result<(), Rejection> {
    let found = state.offer(offer)?;
    if who.agent() != Some(found.agent) {
        return Err(Rejection::OfferOfAnother {
            offer,
            agent: found.agent,
        });
    }
    match found.outcome {
        Some(outcome) if outcome != Outcome::Accepted => Err(over(state, offer, found, outcome)),
        Some(_) | None => state.open_entry(found.entry).map(|_| ()),
    }
}

/// The first ring of any of its devices is the offer's.
pub(super) fn ring(draft: &mut Draft, leg: LegId, at: Timestamp) {
    let Some(offer) = draft.state.legs.get(&leg).and_then(|leg| leg.offer) else {
        return;
    };
    let open = draft
        .state
        .offers
        .get(&offer)
        .filter(|offer| offer.is_open() && !offer.rang);
    if let Some(agent) = open.map(|offer| offer.agent) {
        draft.record(Event::OfferRang { offer, agent, at });
    }
}

/// The agent takes the caller: whoever else is rung for the same entry is told so.
pub(super) fn accept(draft: &mut Draft, offer: OfferId, at: Timestamp) -> Result<(), Rejection> {
    let Offer {
        entry,
        agent,
        outcome,
        ..
    } = *draft.state.offer(offer)?;
    match outcome {
        Some(Outcome::Accepted) => Ok(()),
        Some(outcome) => Err(over(&draft.state, offer, draft.state.offer(offer)?, outcome)),
        None => {
            draft.record(Event::OfferAccepted {
                offer,
                entry,
                agent,
                at,
            });
            let lost = OfferEnd::Withdrawn(Withdrawal::AnsweredElsewhere { by: agent });
            for other in draft.state.open_offers(|other| other.entry == entry) {
                draft.end_offer(other, &lost, at);
            }
            Ok(())
        }
    }
}

fn end(
    draft: &mut Draft,
    offer: OfferId,
    how: &OfferEnd,
    same: Outcome,
    at: Timestamp,
) -> Result<(), Rejection> {
    let found = draft.state.offer(offer)?;
    match found.outcome {
        Some(outcome) if outcome == same => Ok(()),
        Some(outcome) => Err(over(&draft.state, offer, found, outcome)),
        None => {
            draft.end_offer(offer, how, at);
            Ok(())
        }
    }
}

fn fail_to_connect(draft: &mut Draft, id: OfferId, at: Timestamp) -> Result<(), Rejection> {
    let offer = draft.state.offer(id)?.clone();
    match offer.outcome {
        None => Err(Rejection::OfferOpen { offer: id }),
        Some(Outcome::Accepted) => match draft.state.entry(offer.entry)?.left {
            Some(LeaveReason::ConnectFailed { offer: failed, .. }) if failed == id => Ok(()),
            Some(_) => Err(Rejection::EntryOver { entry: offer.entry }),
            None => {
                draft.fail_to_connect(id, &offer, at);
                Ok(())
            }
        },
        Some(outcome) => Err(over(&draft.state, id, &offer, outcome)),
    }
}

/// Whoever comes too late is told who was first.
pub(super) fn over(state: &State, offer: OfferId, found: &Offer, outcome: Outcome) -> Rejection {
    match state.taken_by(found.entry) {
        Some(by) if by != found.agent => Rejection::Taken { by },
        Some(_) | None => Rejection::OfferOver { offer, outcome },
    }
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::AgentOffered {
            offer,
            entry,
            agent,
            until,
            ..
        } => {
            state.offers.entry(*offer).or_insert(Offer {
                entry: *entry,
                agent: *agent,
                until: *until,
                rang: false,
                outcome: None,
            });
        }
        Event::OfferRang { offer, .. } => {
            if let Some(offer) = state.offers.get_mut(offer) {
                offer.rang = true;
            }
        }
        Event::OfferAccepted { offer, entry, .. } => {
            close(state, *offer, Outcome::Accepted);
            queue::change(state, *entry, |entry| {
                entry.accepted.get_or_insert(*offer);
            });
        }
        Event::OfferRejected { offer, .. } => close(state, *offer, Outcome::Rejected),
        Event::OfferMissed { offer, .. } => close(state, *offer, Outcome::Missed),
        Event::OfferCallerGone { offer, .. } => close(state, *offer, Outcome::CallerGone),
        Event::OfferUnreachable { offer, .. } => close(state, *offer, Outcome::Unreachable),
        Event::OfferWithdrawn { offer, .. } => close(state, *offer, Outcome::Withdrawn),
        events_of!(life leg bridge routing prompt lookup queue hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn close(state: &mut State, offer: OfferId, outcome: Outcome) {
    if let Some(offer) = state.offers.get_mut(&offer) {
        offer.outcome.get_or_insert(outcome);
    }
}
