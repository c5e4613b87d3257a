//! The right to decide: taken when nobody has it, renewed at half time, given up when asked.

use crate::queue::{Command, FencingToken, LEASE_MS_MAX, Lease, OwnerCommand};
use crate::text::Key;
use crate::{Millis, Timestamp};

use super::wait::REFUSAL_PAUSE;

/// Whether this node decides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Owner {
    node: Key,
    length: Millis,
    stops: bool,
    // Until when what was asked for may still be answered.
    asked_until: Option<Timestamp>,
    // Until when the lease is not trusted, for the queue said that it does not hold.
    doubts_until: Option<Timestamp>,
}

impl Owner {
    pub(super) fn new(node: Key, length: Millis) -> Self {
        Self {
            node,
            length: length.min(LEASE_MS_MAX),
            stops: false,
            asked_until: None,
            doubts_until: None,
        }
    }

    /// Takes note that the queue's lease changed.
    pub(super) fn note(&mut self) {
        self.asked_until = None;
        self.doubts_until = None;
    }

    /// Takes note that the queue did not accept the lease.
    pub(super) fn doubt(&mut self, now: Timestamp) {
        self.doubts_until = Some(now.plus(REFUSAL_PAUSE));
    }

    /// Returns the number of the lease under which this node decides now, if it does.
    pub(super) fn holds(&self, lease: Option<&Lease>, now: Timestamp) -> Option<FencingToken> {
        let ours = lease.filter(|lease| lease.node == self.node && now < lease.until)?;
        let trusted = !self.stops && self.doubts_until.is_none_or(|until| until <= now);
        trusted.then_some(ours.token)
    }

    /// Returns what is to be asked about the lease now.
    pub(super) fn asks(&mut self, lease: Option<&Lease>, now: Timestamp) -> Option<Command> {
        self.doubts_until = self.doubts_until.filter(|until| *until > now);
        if self.due(lease).is_none_or(|due| due > now) {
            return None;
        }
        self.asked_until = Some(now.plus(REFUSAL_PAUSE));
        let until = now.plus(self.length);
        Some(
            match lease.filter(|lease| lease.node == self.node && now < lease.until) {
                Some(lease) => {
                    let (token, command, at) = (lease.token, OwnerCommand::Renew { until }, now);
                    Command::Owner { token, command, at }
                }
                None => {
                    let (node, at) = (self.node.clone(), now);
                    Command::Acquire { node, until, at }
                }
            },
        )
    }

    /// Says whether a lease is this node's.
    pub(super) fn is(&self, lease: &Lease) -> bool {
        lease.node == self.node
    }

    /// Stops for good, for there is nothing left to decide.
    pub(super) const fn retire(&mut self) {
        self.stops = true;
    }

    /// Gives the queue up: it is decided for no more.
    pub(super) fn stop(&mut self, lease: Option<&Lease>, now: Timestamp) -> Option<Command> {
        self.stops = true;
        let ours = lease.filter(|lease| lease.node == self.node && now < lease.until)?;
        Some(Command::Owner {
            token: ours.token,
            command: OwnerCommand::Release,
            at: now,
        })
    }

    /// Returns when the lease is to be asked for or renewed.
    pub(super) fn due(&self, lease: Option<&Lease>) -> Option<Timestamp> {
        if self.stops {
            return None;
        }
        let wanted = match lease {
            Some(lease) if lease.node == self.node => before(lease.until, Millis(self.length.0 / 2)),
            Some(lease) => lease.until,
            None => Timestamp::MIN,
        };
        Some(self.asked_until.map_or(wanted, |asked| wanted.max(asked)))
    }

    /// Returns when the lease is trusted again.
    pub(super) const fn doubts_until(&self) -> Option<Timestamp> {
        self.doubts_until
    }
}

fn before(moment: Timestamp, length: Millis) -> Timestamp {
    let micros = i64::try_from(length.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(moment.micros().saturating_sub(micros))
}
