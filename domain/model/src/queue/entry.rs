//! Entries: who waits, and why they no longer do. Each leaves once.

use super::command::EntryCommand;
use super::outcome::{Departure, Expulsion, LeftBecause, OfferFailure};
use super::settings::ENTRIES_MAX;
use super::setup::in_use;
use super::state::State;
use super::{Event, Queue, Rejection, offer};
use crate::contact::{Contact, WorkChannel};
use crate::draft::Draft;
use crate::ids::{CallbackId, EntryId};
use crate::{Millis, Timestamp};

pub(super) fn decide(draft: &mut Draft<Queue>, command: EntryCommand) -> Result<(), Rejection> {
    match command {
        EntryCommand::Enter {
            entry,
            contact,
            channel,
            priority,
            skills,
            last_agent,
            told,
            since,
            returned,
            at,
        } => {
            if draft.state().entries.contains_key(&entry) {
                return Ok(());
            }
            // Who was promised a place holds it, whether or not others may come now.
            let is_promised = returned.is_some() || matches!(contact, Contact::Callback(_));
            check_room(draft.state(), entry, (contact, channel), is_promised, at)?;
            let usual = in_use(draft.state())?.waiting.priority;
            draft.record(Event::Entered {
                entry,
                contact,
                channel,
                priority: priority.unwrap_or(usual),
                skills,
                last_agent,
                told,
                // Clocks elsewhere may be ahead, and nobody has waited since later than now.
                since: since.min(at),
                returned,
                at,
            });
        }
        EntryCommand::ChangePriority {
            entry,
            priority,
            by,
            at,
        } => {
            if draft.state().waiting(entry)?.priority != priority {
                draft.record(Event::PriorityChanged {
                    entry,
                    priority,
                    by,
                    at,
                });
            }
        }
        EntryCommand::Move { entry, place, by, at } => {
            let placed = draft.state().waiting(entry)?.placed;
            if placed.is_none_or(|(there, _)| there != place) {
                draft.record(Event::Moved { entry, place, by, at });
            }
        }
        EntryCommand::Defer {
            entry,
            not_before,
            at,
        } => {
            draft.state().waiting(entry)?;
            defer(draft, entry, not_before, at);
        }
        EntryCommand::ChooseCallback { entry, callback, at } => choose_callback(draft, entry, callback, at)?,
        EntryCommand::Leave { entry, why, at } => leave(draft, entry, why, at)?,
    }
    Ok(())
}

fn check_room(
    state: &State,
    entry: EntryId,
    (contact, channel): (Contact, WorkChannel),
    is_promised: bool,
    at: Timestamp,
) -> Result<(), Rejection> {
    let settings = in_use(state)?;
    if state.entries_over.contains(&entry) {
        return Err(Rejection::EntryOver { entry });
    }
    if let Some(reason) = state.closed(at).filter(|_| !is_promised) {
        return Err(Rejection::Closed { reason });
    }
    contact.check_channel(channel)?;
    if !settings.channels.contains(&channel) {
        return Err(Rejection::ChannelNotTaken { channel });
    }
    if let Some((entry, _)) = state
        .entries
        .iter()
        .find(|(_, waiting)| waiting.contact == contact)
    {
        let entry = *entry;
        return Err(Rejection::WaitsAlready { entry });
    }
    let max_length = settings.waiting.max_length.filter(|_| !is_promised);
    // Whoever is to be rung back tomorrow takes nobody's place today.
    let waiting = state
        .entries
        .values()
        .filter(|entry| !entry.is_put_off(at))
        .count();
    let room = |used: usize, max: u32| u32::try_from(used).is_ok_and(|used| used < max);
    let max = max_length.map_or(ENTRIES_MAX, |most| most.get().min(ENTRIES_MAX));
    if !room(waiting, max) {
        Err(Rejection::Full { max })
    } else if !room(state.entries.len(), ENTRIES_MAX) {
        Err(Rejection::Full { max: ENTRIES_MAX })
    } else {
        Ok(())
    }
}

/// Records from when on an entry is offered, unless that is so.
pub(super) fn defer(draft: &mut Draft<Queue>, entry: EntryId, not_before: Timestamp, at: Timestamp) {
    let waiting = draft.state().entries.get(&entry);
    if waiting.is_some_and(|waiting| waiting.not_before != Some(not_before)) {
        draft.record(Event::Deferred {
            entry,
            not_before,
            at,
        });
    }
}

fn choose_callback(
    draft: &mut Draft<Queue>,
    entry: EntryId,
    callback: CallbackId,
    at: Timestamp,
) -> Result<(), Rejection> {
    let waiting = draft.state().waiting(entry)?;
    match waiting.contact {
        Contact::Call(_) => {}
        Contact::Callback(already) if already == callback => return Ok(()),
        Contact::Callback(_) => return Err(Rejection::OtherCallback { entry }),
        Contact::Conversation(_) => return Err(Rejection::NotProvided),
    }
    if waiting.is_offered() {
        return Err(Rejection::BeingOffered { entry });
    }
    let (settings, _) = draft.state().settings()?;
    let offered = settings.waiting.callback.map(|callback| callback.offer_after_ms);
    is_due(waiting.here_since(), offered, at)?;
    draft.record(Event::CallbackChosen { entry, callback, at });
    Ok(())
}

fn is_due(since: Timestamp, after: Option<Millis>, at: Timestamp) -> Result<(), Rejection> {
    let from = since.plus(after.ok_or(Rejection::NotProvided)?);
    if at < from {
        return Err(Rejection::NotYet { from });
    }
    Ok(())
}

fn leave(draft: &mut Draft<Queue>, entry: EntryId, why: Departure, at: Timestamp) -> Result<(), Rejection> {
    let now = draft.state();
    if now.entries_over.contains(&entry) {
        return Ok(());
    }
    let keeps_place = matches!(now.waiting(entry)?.contact, Contact::Callback(_));
    match &why {
        // Hanging up is how a callback begins, not how it ends.
        Departure::Abandoned if keeps_place => return Err(Rejection::PlaceKept { entry }),
        Departure::CallbackCancelled { .. } | Departure::NotReached if !keeps_place => {
            return Err(Rejection::NoCallback { entry });
        }
        Departure::PressedKey { key } if !now.settings()?.0.waiting.exit_keys.contains(key) => {
            return Err(Rejection::NoExitKey { key: *key });
        }
        Departure::Abandoned
        | Departure::PressedKey { .. }
        | Departure::MovedTo { .. }
        | Departure::Removed { .. }
        | Departure::CallbackCancelled { .. }
        | Departure::NotReached => {}
    }
    let failure = match &why {
        Departure::Abandoned | Departure::PressedKey { .. } => OfferFailure::CallerGone,
        Departure::MovedTo { .. } | Departure::Removed { .. } | Departure::CallbackCancelled { .. } => {
            OfferFailure::Withdrawn
        }
        Departure::NotReached => OfferFailure::NotReached { again_from: None },
    };
    offer::end_all(draft, entry, &failure, at);
    out(draft, entry, why.into(), at);
    Ok(())
}

/// Takes an entry out by the queue's own rules, each of which the settings must provide for.
pub(super) fn expel(
    draft: &mut Draft<Queue>,
    entry: EntryId,
    why: &Expulsion,
    at: Timestamp,
) -> Result<(), Rejection> {
    let now = draft.state();
    if now.entries_over.contains(&entry) {
        return Ok(());
    }
    let waiting = now.waiting(entry)?;
    if matches!(waiting.contact, Contact::Callback(_)) {
        return Err(Rejection::PlaceKept { entry });
    }
    // Whoever rings now may still answer; the offer's end comes soon enough.
    if waiting.is_offered() {
        return Err(Rejection::BeingOffered { entry });
    }
    let rules = &now.settings()?.0.waiting;
    let provided = |rule: bool| if rule { Ok(()) } else { Err(Rejection::NotProvided) };
    let why = match why {
        Expulsion::MaxWait => {
            is_due(waiting.here_since(), rules.max_wait_ms, at)?;
            LeftBecause::MaxWait
        }
        Expulsion::Overflow => {
            let overflow = rules.overflow.ok_or(Rejection::NotProvided)?;
            is_due(waiting.entered_at, Some(overflow.after_ms), at)?;
            LeftBecause::Overflowed { to: overflow.to }
        }
        Expulsion::NobodyLoggedIn => {
            provided(rules.leave_when_nobody_logged_in)?;
            LeftBecause::NobodyLoggedIn
        }
        Expulsion::NobodyAvailable => {
            provided(rules.leave_when_nobody_available)?;
            LeftBecause::NobodyAvailable
        }
    };
    out(draft, entry, why, at);
    Ok(())
}

/// Records that an entry left.
pub(super) fn out(draft: &mut Draft<Queue>, entry: EntryId, why: LeftBecause, at: Timestamp) {
    if let Some(waited_ms) = draft
        .state()
        .entries
        .get(&entry)
        .map(|waiting| at.since(waiting.since))
    {
        draft.record(Event::Left {
            entry,
            why,
            waited_ms,
            at,
        });
    }
}
