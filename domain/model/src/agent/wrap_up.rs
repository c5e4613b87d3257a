//! The time for notes after a contact, for whoever had it and nobody else.

use super::command::WrapUpCommand;
use super::state::{Stage, Work};
use super::values::{Chooser, Holding, Outcome, WrapUp, WrapUpEnd};
use super::{Agent, Event, Rejection, work};
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::WrapUpCodeId;
use crate::{Millis, Timestamp};

/// The longest that one wrap-up may last, however often it is extended.
pub const WRAP_UP_MS_MAX: Millis = Millis::from_secs(4 * 3600);

pub(super) fn decide(draft: &mut Draft<Agent>, command: WrapUpCommand) -> Result<(), Rejection> {
    match command {
        WrapUpCommand::Extend {
            contact,
            until,
            by,
            at,
        } => extend(draft, contact, until, by, at),
        WrapUpCommand::Dispose {
            contact,
            holding,
            code,
            at,
        } => dispose(draft, (contact, holding), code, at),
        WrapUpCommand::End { contact, by, at } => end(draft, contact, by, at),
    }
}

/// Begins it.
pub(super) fn start(draft: &mut Draft<Agent>, contact: Contact, terms: WrapUp, at: Timestamp) {
    draft.record(Event::WrapUpStarted {
        contact,
        until: at.plus(terms.length_ms.min(WRAP_UP_MS_MAX)),
        code_required: terms.code_required,
        at,
    });
}

fn in_hand(draft: &Draft<Agent>, contact: Contact) -> Result<&Work, Rejection> {
    draft
        .state()
        .in_hand(contact)
        .ok_or(Rejection::NotInHand { contact })
}

fn extend(
    draft: &mut Draft<Agent>,
    contact: Contact,
    until: Timestamp,
    by: Chooser,
    at: Timestamp,
) -> Result<(), Rejection> {
    let work = in_hand(draft, contact)?;
    let (earliest, since) = match &work.stage {
        Stage::WrapUp { until: already, .. } if *already == until => return Ok(()),
        Stage::WrapUp {
            until: already,
            since,
        } => (*already, *since),
        Stage::Failed { since } => (at, *since),
        Stage::Offered { .. } | Stage::Ringing { .. } | Stage::Active | Stage::Held => {
            return Err(work.wrong_activity());
        }
    };
    let latest = since.plus(WRAP_UP_MS_MAX);
    if until <= earliest || until > latest {
        return Err(Rejection::WrapUpDeadline {
            until,
            earliest,
            latest,
        });
    }
    draft.record(Event::WrapUpExtended {
        contact,
        until,
        by,
        at,
    });
    Ok(())
}

// A code is known as soon as the agent knows it, during the contact or after.
fn dispose(
    draft: &mut Draft<Agent>,
    (contact, holding): (Contact, Holding),
    code: WrapUpCodeId,
    at: Timestamp,
) -> Result<(), Rejection> {
    let work = in_hand(draft, contact)?;
    if work.holding() != holding {
        return Ok(());
    }
    if work.stage.is_open_offer() {
        return Err(work.wrong_activity());
    }
    if work.code != Some(code) {
        draft.record(Event::Dispositioned { contact, code, at });
    }
    Ok(())
}

fn end(draft: &mut Draft<Agent>, contact: Contact, by: Chooser, at: Timestamp) -> Result<(), Rejection> {
    let Some(work) = draft.state().in_hand(contact) else {
        return Ok(());
    };
    if !work.stage.is_wrap_up() {
        return Err(work.wrong_activity());
    }
    if work.lacks_code() && by == Chooser::Agent {
        return Err(Rejection::CodeMissing { contact });
    }
    let how = WrapUpEnd::Ended(by);
    draft.record(Event::WrapUpEnded { contact, how, at });
    work::release(draft, contact, Outcome::Finished, at);
    Ok(())
}
