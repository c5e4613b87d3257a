//! Offers: a decision with its evidence, the first to accept, and one end for each.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{OfferCommand, Proposal};
use super::entry::{defer, out};
use super::outcome::{LeftBecause, OfferEnd, OfferFailure};
use super::settings::Settings;
use super::state::State;
use super::values::{FencingToken, Inputs, Strategy};
use super::{Event, Queue, Rejection};
use crate::agent::OFFER_MS_MAX;
use crate::draft::Draft;
use crate::ids::{AgentId, EntryId, OfferId};
use crate::{Millis, Timestamp};

/// The longest that connecting may take after an agent accepted, ringing back included. Whoever connects gives up before
/// and says so, and this is for reports that are lost.
pub const CONNECT_MS_MAX: Millis = Millis::from_secs(180);

pub(super) fn decide(draft: &mut Draft<Queue>, command: OfferCommand) -> Result<(), Rejection> {
    match command {
        OfferCommand::Accept { offer, at } => accept(draft, offer, at),
        OfferCommand::Connect { offer, at } => connect(draft, offer, at),
        OfferCommand::End { offer, failure, at } => {
            match draft.state().open(offer) {
                Some((entry, agent, _)) => fail(draft, entry, (offer, agent), failure, at),
                None => {
                    let known = draft.state().ended(offer).is_some();
                    known.then_some(()).ok_or(Rejection::UnknownOffer { offer })?;
                }
            }
            Ok(())
        }
    }
}

/// Records a decision, if it is made by the settings that hold, for an entry that nobody is offered yet.
pub(super) fn reserve(
    draft: &mut Draft<Queue>,
    token: FencingToken,
    proposal: Proposal,
    at: Timestamp,
) -> Result<(), Rejection> {
    lapse(draft, at);
    let (now, entry) = (draft.state(), proposal.entry);
    let waiting = now.waiting(entry)?;
    if let Some(decision) = &waiting.decision {
        let proposed: BTreeMap<_, _> = proposal.chosen.iter().map(|one| (one.offer, one.agent)).collect();
        return if decision.open == proposed {
            Ok(())
        } else {
            Err(Rejection::BeingOffered { entry })
        };
    }
    if let Some(from) = waiting.not_before.filter(|from| at < *from) {
        return Err(Rejection::NotBefore { entry, from });
    }
    let (settings, version) = now.settings()?;
    check(now, settings, version, &proposal, at)?;
    let listed = u32::try_from(proposal.candidates.len()).unwrap_or(u32::MAX);
    let event = Event::Reserved {
        entry,
        considered: proposal.considered.max(listed),
        chosen: proposal.chosen,
        candidates: proposal.candidates,
        inputs: Inputs {
            settings: version,
            strategy: settings.strategy,
            priority: waiting.urgency(settings, at),
            waited_ms: at.since(waiting.since),
            groups: settings.groups_after(waiting.waited_here(at)),
            skills: waiting.skills_needed(at),
        },
        token,
        until: proposal.until,
        at,
    };
    draft.record(event);
    Ok(())
}

fn check(
    state: &State,
    settings: &Settings,
    version: u32,
    proposal: &Proposal,
    at: Timestamp,
) -> Result<(), Rejection> {
    let (given, now) = (proposal.settings, version);
    if given != now {
        return Err(Rejection::OldSettings { given, now });
    }
    let (strategy, chosen) = (settings.strategy, proposal.chosen.len());
    if chosen == 0 {
        return Err(Rejection::NobodyChosen);
    }
    if chosen > 1 && strategy != Strategy::RingAll {
        return Err(Rejection::OneAtATime { strategy, chosen });
    }
    let latest = at.plus(OFFER_MS_MAX);
    let until = proposal.until;
    if until <= at || until > latest {
        return Err(Rejection::OfferDeadline { until, latest });
    }
    check_offers(state, proposal)?;
    check_evidence(proposal)
}

fn check_offers(state: &State, proposal: &Proposal) -> Result<(), Rejection> {
    let mut offers = BTreeSet::new();
    for offer in proposal.chosen.iter().map(|one| one.offer) {
        let made = state.open(offer).is_some() || state.ended(offer).is_some();
        if made || !offers.insert(offer) {
            return Err(Rejection::OfferNotNew { offer });
        }
    }
    Ok(())
}

// Whoever asks later why an agent got a call or did not reads these, so they must say it of each.
fn check_evidence(proposal: &Proposal) -> Result<(), Rejection> {
    let mut chosen = BTreeSet::new();
    for agent in proposal.chosen.iter().map(|one| one.agent) {
        if !chosen.insert(agent) {
            return Err(Rejection::AgentTwice { agent });
        }
    }
    let mut considered = BTreeSet::new();
    for candidate in proposal.candidates.iter() {
        let agent = candidate.agent;
        if !considered.insert(agent) {
            return Err(Rejection::AgentTwice { agent });
        }
        if chosen.contains(&agent) != candidate.lost.is_none() {
            return Err(Rejection::NotBorneOut { agent });
        }
    }
    match chosen.difference(&considered).next() {
        Some(agent) => Err(Rejection::NotBorneOut { agent: *agent }),
        None => Ok(()),
    }
}

// The first to accept gets the entry. All that were rung with them hear in the same moment that they did not.
fn accept(draft: &mut Draft<Queue>, offer: OfferId, at: Timestamp) -> Result<(), Rejection> {
    let Some((entry, agent, decision)) = draft.state().open(offer) else {
        return Err(over(draft.state(), offer));
    };
    if decision.accepted {
        return Ok(());
    }
    let others = decision.open.iter().filter(|(other, _)| **other != offer);
    let others: Vec<(OfferId, AgentId)> = others.map(|(other, agent)| (*other, *agent)).collect();
    draft.record(Event::Accepted {
        entry,
        offer,
        agent,
        at,
    });
    for other in others {
        end(draft, entry, other, OfferEnd::AnotherWasFirst, at);
    }
    Ok(())
}

fn connect(draft: &mut Draft<Queue>, offer: OfferId, at: Timestamp) -> Result<(), Rejection> {
    match draft.state().open(offer) {
        Some((entry, agent, decision)) if decision.accepted => {
            end(draft, entry, (offer, agent), OfferEnd::Answered, at);
            out(draft, entry, LeftBecause::Answered { offer, agent }, at);
            Ok(())
        }
        Some(_) => Err(Rejection::NotAccepted { offer }),
        None if draft.state().ended(offer) == Some(&OfferEnd::Answered) => Ok(()),
        None => Err(over(draft.state(), offer)),
    }
}

fn over(state: &State, offer: OfferId) -> Rejection {
    match state.ended(offer).cloned() {
        Some(how) => Rejection::OfferOver { offer, how },
        None => Rejection::UnknownOffer { offer },
    }
}

// Whoever was not reached is not rung again at once: that they wait, or leave, is one decision with the offer's end.
fn fail(
    draft: &mut Draft<Queue>,
    entry: EntryId,
    one: (OfferId, AgentId),
    failure: OfferFailure,
    at: Timestamp,
) {
    let waiting = draft.state().entries.get(&entry);
    let is_callback = waiting.is_some_and(|waiting| waiting.contact.is_callback());
    match failure {
        OfferFailure::NotReached { .. } if !is_callback => end(draft, entry, one, failure.into(), at),
        OfferFailure::NotReached {
            again_from: Some(again_from),
        } => {
            defer(draft, entry, again_from, at);
            end(draft, entry, one, failure.into(), at);
        }
        OfferFailure::NotReached { again_from: None } => {
            end_all(draft, entry, &failure, at);
            out(draft, entry, LeftBecause::NotReached, at);
        }
        OfferFailure::Rejected
        | OfferFailure::Missed
        | OfferFailure::CallerGone
        | OfferFailure::DeviceUnreachable
        | OfferFailure::Withdrawn
        | OfferFailure::Away
        | OfferFailure::Lapsed
        | OfferFailure::Unavailable { .. } => end(draft, entry, one, failure.into(), at),
    }
}

fn end(
    draft: &mut Draft<Queue>,
    entry: EntryId,
    (offer, agent): (OfferId, AgentId),
    how: OfferEnd,
    at: Timestamp,
) {
    draft.record(Event::OfferEnded {
        entry,
        offer,
        agent,
        how,
        at,
    });
}

/// Ends every open offer of an entry.
pub(super) fn end_all(draft: &mut Draft<Queue>, entry: EntryId, failure: &OfferFailure, at: Timestamp) {
    let decision = draft
        .state()
        .entries
        .get(&entry)
        .and_then(|entry| entry.decision.as_ref());
    let open: Vec<(OfferId, AgentId)> = decision
        .map(|decision| {
            decision
                .open
                .iter()
                .map(|(offer, agent)| (*offer, *agent))
                .collect()
        })
        .unwrap_or_default();
    for one in open {
        end(draft, entry, one, failure.clone().into(), at);
    }
}

/// Ends the offers that are past their time; their entries wait again, in their old places.
pub(super) fn lapse(draft: &mut Draft<Queue>, at: Timestamp) {
    let past = draft.state().entries.iter().filter(|(_, entry)| {
        let decision = entry.decision.as_ref();
        decision.is_some_and(|decision| decision.until <= at)
    });
    let past: Vec<EntryId> = past.map(|(id, _)| *id).collect();
    for entry in past {
        end_all(draft, entry, &OfferFailure::Lapsed, at);
    }
}
