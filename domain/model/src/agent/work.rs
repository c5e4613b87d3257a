//! What the agent has in hand, and how it ends: exactly once, with the contact or the notes after it.

use super::command::WorkCommand;
use super::offer;
use super::state::{Stage, State, Work};
use super::values::{Holding, Outcome, Refusal};
use super::{Agent, Event, Rejection, chosen, monitor, wrap_up};
use crate::Timestamp;
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::{CallId, CallbackId};

pub(super) fn decide(draft: &mut Draft<Agent>, command: WorkCommand) -> Result<(), Rejection> {
    match command {
        WorkCommand::Begin {
            contact,
            channel,
            units,
            terms,
            at,
        } => match draft.state().in_hand(contact) {
            Some(work) if work.offer.is_none() => {}
            Some(work) => return Err(work.already()),
            None => {
                contact.check_channel(channel)?;
                draft.record(Event::Begun {
                    contact,
                    channel,
                    units,
                    terms,
                    at,
                });
            }
        },
        WorkCommand::GiveUp { contact, holding, at } => give_up(draft, contact, holding, at)?,
        WorkCommand::RingBack {
            callback,
            holding,
            call,
            at,
        } => ring_back(draft, (callback, holding), call, at),
        WorkCommand::Hold { call, holding, at } => {
            let work = on_call(draft.state(), call)?;
            if work.holding() == holding && work.stage == Stage::Active {
                draft.record(Event::Held { call, at });
            }
        }
        WorkCommand::Resume { call, holding, at } => {
            let work = on_call(draft.state(), call)?;
            if work.holding() == holding && work.stage == Stage::Held {
                draft.record(Event::Resumed { call, at });
            }
        }
        WorkCommand::End { contact, holding, at } => end(draft, contact, holding, at),
    }
    Ok(())
}

/// Returns what the agent has of a call that they are on, on hold or not.
pub(super) fn on_call(state: &State, call: CallId) -> Result<&Work, Rejection> {
    let contact = Contact::Call(call);
    let work = state.in_hand(contact).ok_or(Rejection::NotInHand { contact })?;
    match work.stage {
        Stage::Active | Stage::Held => Ok(work),
        Stage::Offered { .. } | Stage::Ringing { .. } | Stage::WrapUp { .. } | Stage::Failed { .. } => {
            Err(work.wrong_activity())
        }
    }
}

fn give_up(
    draft: &mut Draft<Agent>,
    contact: Contact,
    holding: Holding,
    at: Timestamp,
) -> Result<(), Rejection> {
    let in_hand = draft.state().in_hand(contact);
    let Some(work) = in_hand.filter(|work| work.holding() == holding) else {
        return Ok(());
    };
    match work.stage {
        Stage::Offered { .. } | Stage::Ringing { .. } => Err(work.wrong_activity()),
        Stage::Active | Stage::Held => {
            let outcome = if work.offer.is_some() {
                Outcome::NotConnected
            } else {
                Outcome::Unanswered
            };
            monitor::end_all(draft, contact, at);
            release(draft, contact, outcome, at);
            Ok(())
        }
        Stage::WrapUp { .. } | Stage::Failed { .. } => Ok(()),
    }
}

// The promise becomes the call that keeps it: one piece of work, under the terms by which it was taken.
fn ring_back(
    draft: &mut Draft<Agent>,
    (callback, holding): (CallbackId, Holding),
    call: CallId,
    at: Timestamp,
) {
    let contact = Contact::Callback(callback);
    let in_hand = draft.state().in_hand(contact);
    let Some(work) = in_hand.filter(|work| work.holding() == holding) else {
        return;
    };
    match work.stage {
        // They have the call already, so only the promise is put down.
        Stage::Active | Stage::Held if draft.state().in_hand(Contact::Call(call)).is_some() => {
            release(draft, contact, Outcome::Finished, at);
        }
        Stage::Active | Stage::Held => draft.record(Event::RangBack { callback, call, at }),
        Stage::Offered { .. } | Stage::Ringing { .. } | Stage::WrapUp { .. } | Stage::Failed { .. } => {}
    }
}

// Without the contact there is nothing to do but write notes, and only somebody at work does that.
fn end(draft: &mut Draft<Agent>, contact: Contact, holding: Holding, at: Timestamp) {
    let in_hand = draft.state().in_hand(contact);
    // News of an earlier time in hand comes too late to end a newer one.
    let Some(work) = in_hand.filter(|work| work.holding() == holding) else {
        return;
    };
    let notes = work.terms.wrap_up.filter(|_| draft.state().signed_in);
    match work.stage {
        Stage::Offered { .. } | Stage::Ringing { .. } => {
            offer::refuse(draft, contact, Refusal::CallerGone, at);
        }
        Stage::Active | Stage::Held => {
            monitor::end_all(draft, contact, at);
            match notes {
                Some(terms) => wrap_up::start(draft, contact, terms, at),
                None => release(draft, contact, Outcome::Finished, at),
            }
        }
        Stage::WrapUp { .. } | Stage::Failed { .. } => {}
    }
}

/// Makes the capacity of a contact free again, and lets the state hold that waited for this.
pub(super) fn release(draft: &mut Draft<Agent>, contact: Contact, outcome: Outcome, at: Timestamp) {
    let Some(offer) = draft.state().in_hand(contact).map(|work| work.offer) else {
        return;
    };
    draft.record(Event::Released {
        contact,
        offer,
        outcome,
        at,
    });
    chosen::settle(draft, at);
}
