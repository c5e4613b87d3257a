//! Ownership: one node at a time decides, and whoever did before is known by the number of their lease.

use super::command::OwnerCommand;
use super::setup::in_use;
use super::state::{Lease, State};
use super::values::FencingToken;
use super::{Event, Queue, Rejection, entry, offer};
use crate::draft::Draft;
use crate::text::Key;
use crate::{Millis, Timestamp};

/// The longest that a lease lasts without being renewed, and so the longest that a queue stands still.
pub const LEASE_MS_MAX: Millis = Millis::from_secs(300);

/// Gives the queue to a node, unless another one has it.
pub(super) fn acquire(
    draft: &mut Draft<Queue>,
    node: Key,
    until: Timestamp,
    at: Timestamp,
) -> Result<(), Rejection> {
    in_use(draft.state())?;
    check_deadline(until, at)?;
    match draft.state().lease.clone() {
        Some(lease) if at < lease.until && lease.node == node => {
            extend(draft, &lease, until, at);
            return Ok(());
        }
        Some(Lease { node, until, .. }) if at < until => return Err(Rejection::Owned { node, until }),
        Some(Lease { token, .. }) => draft.record(Event::LeaseLapsed { token, at }),
        None => {}
    }
    let token = FencingToken(draft.state().last_token.0.saturating_add(1));
    draft.record(Event::LeaseAcquired {
        node,
        token,
        until,
        at,
    });
    Ok(())
}

/// Decides what only the owner may want.
pub(super) fn decide(
    draft: &mut Draft<Queue>,
    token: FencingToken,
    command: OwnerCommand,
    at: Timestamp,
) -> Result<(), Rejection> {
    match command {
        OwnerCommand::Renew { until } => {
            let lease = held(draft.state(), token, at)?.clone();
            check_deadline(until, at)?;
            extend(draft, &lease, until, at);
            Ok(())
        }
        OwnerCommand::Release => release(draft, token, at),
        OwnerCommand::Reserve(proposal) => {
            held(draft.state(), token, at)?;
            offer::reserve(draft, token, proposal, at)
        }
        OwnerCommand::Expel { entry, why } => {
            held(draft.state(), token, at)?;
            entry::expel(draft, entry, &why, at)
        }
    }
}

/// Ends a lease that is past its time.
pub(super) fn lapse(draft: &mut Draft<Queue>, at: Timestamp) {
    if let Some(Lease { token, .. }) = draft.state().lease.as_ref().filter(|lease| lease.until <= at) {
        let token = *token;
        draft.record(Event::LeaseLapsed { token, at });
    }
}

fn held(state: &State, token: FencingToken, at: Timestamp) -> Result<&Lease, Rejection> {
    match &state.lease {
        Some(lease) if lease.token == token && at < lease.until => Ok(lease),
        Some(Lease {
            token: now, until, ..
        }) if *now == token => {
            let until = *until;
            Err(Rejection::LeaseOver { token, until })
        }
        Some(_) | None => Err(Rejection::StaleToken {
            given: token,
            last: state.last_token,
        }),
    }
}

fn check_deadline(until: Timestamp, at: Timestamp) -> Result<(), Rejection> {
    let latest = at.plus(LEASE_MS_MAX);
    if until <= at || until > latest {
        return Err(Rejection::LeaseDeadline { until, latest });
    }
    Ok(())
}

// A renewal that comes late shortens nothing.
fn extend(draft: &mut Draft<Queue>, lease: &Lease, until: Timestamp, at: Timestamp) {
    if until > lease.until {
        let token = lease.token;
        draft.record(Event::LeaseRenewed { token, until, at });
    }
}

fn release(draft: &mut Draft<Queue>, token: FencingToken, at: Timestamp) -> Result<(), Rejection> {
    let now = draft.state();
    if now.lease.as_ref().is_some_and(|lease| lease.token == token) {
        draft.record(Event::LeaseReleased { token, at });
        return Ok(());
    }
    // A lease that was given once and is not the one now has ended, which is all that is wanted.
    let (given, last) = (token, now.last_token);
    if given <= last {
        Ok(())
    } else {
        Err(Rejection::StaleToken { given, last })
    }
}
