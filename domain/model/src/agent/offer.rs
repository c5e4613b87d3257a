//! Offers: capacity is kept when a contact is offered, not when it is answered, and an offer is made once.

use super::availability::Ask;
use super::command::OfferCommand;
use super::state::{Stage, State, Work};
use super::values::{Outcome, Refusal, WrapUpEnd};
use super::{Agent, Event, Rejection, work};
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::{DeviceId, OfferId};
use crate::{Millis, Timestamp};

/// The longest that an offer may hold an agent.
pub const OFFER_MS_MAX: Millis = Millis::from_secs(3600);

pub(super) fn decide(draft: &mut Draft<Agent>, command: OfferCommand) -> Result<(), Rejection> {
    match command {
        OfferCommand::Reserve {
            offer,
            contact,
            ask,
            from,
            terms,
            until,
            at,
        } => {
            lapse(draft, at);
            if is_new(draft.state(), offer, contact, &ask, until, at)? {
                draft.record(Event::Reserved {
                    offer,
                    contact,
                    ask,
                    from,
                    terms,
                    until,
                    at,
                });
            }
            Ok(())
        }
        OfferCommand::Ring { offer, device, at } => ring(draft, offer, device, at),
        OfferCommand::Accept { offer, at } => {
            let work = offered(draft.state(), offer)?;
            if work.stage.is_open_offer() {
                let contact = work.contact;
                draft.record(Event::Accepted { offer, contact, at });
            }
            Ok(())
        }
        OfferCommand::Release { offer, refusal, at } => release(draft, offer, refusal, at),
    }
}

fn is_new(
    state: &State,
    offer: OfferId,
    contact: Contact,
    ask: &Ask,
    until: Timestamp,
    at: Timestamp,
) -> Result<bool, Rejection> {
    if state.offers_over.contains(&offer) {
        return Err(Rejection::OfferOver { offer });
    }
    match state.in_hand(contact) {
        Some(work) if work.offer == Some(offer) => return Ok(false),
        Some(work) => return Err(work.already()),
        None => {}
    }
    // The same offer of another contact: one id means one attempt.
    if let Some(work) = state.offered(offer) {
        return Err(work.already());
    }
    contact.check_channel(ask.channel)?;
    let latest = at.plus(OFFER_MS_MAX);
    if until <= at || until > latest {
        return Err(Rejection::OfferDeadline { until, latest });
    }
    let obstacles = state.obstacles(ask, at);
    if obstacles.is_empty() {
        Ok(true)
    } else {
        Err(Rejection::Unavailable { obstacles })
    }
}

fn offered(state: &State, offer: OfferId) -> Result<&Work, Rejection> {
    let over = state.offers_over.contains(&offer);
    state.offered(offer).ok_or(if over {
        Rejection::OfferOver { offer }
    } else {
        Rejection::UnknownOffer { offer }
    })
}

fn ring(draft: &mut Draft<Agent>, offer: OfferId, device: DeviceId, at: Timestamp) -> Result<(), Rejection> {
    let work = offered(draft.state(), offer)?;
    let contact = work.contact;
    let news = match &work.stage {
        Stage::Offered { .. } => true,
        Stage::Ringing { devices, .. } => !devices.contains(&device),
        // News that it rang may come after the answer, and then says nothing any more.
        Stage::Active | Stage::Held | Stage::WrapUp { .. } | Stage::Failed { .. } => false,
    };
    if news && !draft.state().devices_to_ring().contains(&device) {
        return Err(Rejection::DeviceNotReachable { device });
    }
    if news {
        draft.record(Event::Rang {
            offer,
            contact,
            device,
            at,
        });
    }
    Ok(())
}

fn release(
    draft: &mut Draft<Agent>,
    offer: OfferId,
    refusal: Refusal,
    at: Timestamp,
) -> Result<(), Rejection> {
    match draft.state().offered(offer) {
        Some(work) if work.stage.is_open_offer() => {
            let contact = work.contact;
            refuse(draft, contact, refusal, at);
            Ok(())
        }
        Some(work) => Err(work.wrong_activity()),
        None => Ok(()),
    }
}

/// Ends an open offer, with what follows for an agent who did not take it.
pub(super) fn refuse(draft: &mut Draft<Agent>, contact: Contact, refusal: Refusal, at: Timestamp) {
    let Some(terms) = draft.state().in_hand(contact).map(|work| work.terms.clone()) else {
        return;
    };
    work::release(draft, contact, refusal.into(), at);
    let now = draft.state();
    let blamed = match refusal {
        Refusal::Missed | Refusal::Rejected => now.signed_in,
        // The agent could not help it.
        Refusal::CallerGone
        | Refusal::DeviceUnreachable
        | Refusal::Withdrawn
        | Refusal::Away
        | Refusal::Lapsed => false,
    };
    if !blamed {
        return;
    }
    let misses = now.misses;
    let too_many = terms.set_aside_after.is_some_and(|most| misses >= most.get());
    if too_many && now.set_aside_after.is_none() {
        draft.record(Event::SetAside { misses, at });
        withdraw_all(draft, at);
    }
    let until = at.plus(terms.cooldown_ms.unwrap_or_default());
    if until > draft.state().cooldown_until.unwrap_or(at) {
        let after = refusal;
        draft.record(Event::CooldownStarted { after, until, at });
    }
}

/// Ends every open offer of an agent who left.
pub(super) fn withdraw_all(draft: &mut Draft<Agent>, at: Timestamp) {
    let open = draft
        .state()
        .work
        .iter()
        .filter(|work| work.stage.is_open_offer());
    let open: Vec<Contact> = open.map(|work| work.contact).collect();
    for contact in open {
        refuse(draft, contact, Refusal::Away, at);
    }
}

/// Ends whatever is past its time at a moment.
pub(super) fn lapse(draft: &mut Draft<Agent>, at: Timestamp) {
    let past: Vec<Work> = draft
        .state()
        .work
        .iter()
        .filter(|work| work.is_past(at))
        .cloned()
        .collect();
    for past in past {
        let contact = past.contact;
        if past.stage.is_open_offer() {
            refuse(draft, contact, Refusal::Lapsed, at);
        } else if past.lacks_code() {
            draft.record(Event::WrapUpFailed { contact, at });
        } else {
            let how = WrapUpEnd::TimeUp;
            draft.record(Event::WrapUpEnded { contact, how, at });
            work::release(draft, contact, Outcome::Finished, at);
        }
    }
    if draft.state().cooldown_until.is_some_and(|until| until <= at) {
        draft.record(Event::CooldownEnded { at });
    }
}
