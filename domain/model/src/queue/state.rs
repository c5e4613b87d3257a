//! Where a queue stands: its settings, its owner, and who waits in which order.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::outcome::OfferEnd;
use super::settings::{PolicyTold, Settings};
use super::values::{FencingToken, Place, Priority};
use crate::agent::Ask;
use crate::contact::{Contact, WorkChannel};
use crate::ids::{AgentId, EntryId, OfferId, SkillId};
use crate::skills::{SkillLevel, SkillRequests};
use crate::tenant::hours::{Hours, Opening};
use crate::text::{Key, Line};
use crate::{Millis, Timestamp};

/// Where a queue stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(super) settings: Option<Box<Settings>>,
    pub(super) version: u32,
    pub(super) retired: bool,
    pub(super) door: Door,
    pub(super) hours: Option<Box<Hours>>,
    pub(super) lease: Option<Lease>,
    pub(super) last_token: FencingToken,
    pub(super) entries: BTreeMap<EntryId, Entry>,
    pub(super) entries_over: VecDeque<EntryId>,
    pub(super) offers_over: VecDeque<(OfferId, OfferEnd)>,
}

/// Whether contacts may enter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Door {
    #[default]
    ByHours,
    Open,
    Closed {
        reason: Line,
    },
}

/// Who owns the queue, and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// One run of one node.
    pub node: Key,
    /// The number of the lease.
    pub token: FencingToken,
    /// Until when it holds.
    pub until: Timestamp,
}

/// Who waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What waits.
    pub contact: Contact,
    /// Its channel.
    pub channel: WorkChannel,
    /// How urgent it is, before ageing.
    pub priority: Priority,
    /// The skills that it needs.
    pub skills: SkillRequests,
    /// The agent whom the customer had last.
    pub last_agent: Option<AgentId>,
    /// What the routing policy has the customer told, if not what the settings say.
    pub told: Option<PolicyTold>,
    /// Since when the customer has waited, here and in queues before.
    pub since: Timestamp,
    /// When it entered this queue.
    pub entered_at: Timestamp,
    /// When this queue first took it, if it waited here before.
    pub returned: Option<Timestamp>,
    /// Where it was put by hand, and when.
    pub placed: Option<(Place, Timestamp)>,
    /// Before when it is offered to nobody, if somebody said so.
    pub not_before: Option<Timestamp>,
    /// For how long it was put off in all: a time that makes it no more urgent.
    pub put_off: Millis,
    pub(super) decision: Option<Decision>,
}

/// A decision whose offers are not all over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Decision {
    pub(super) open: BTreeMap<OfferId, AgentId>,
    pub(super) accepted: bool,
    pub(super) until: Timestamp,
}

impl Entry {
    /// Says whether it is being offered to somebody.
    #[must_use]
    pub const fn is_offered(&self) -> bool {
        self.decision.is_some()
    }

    /// Returns from when on it may be offered: from its beginning, unless its customer is to be rung back later.
    #[must_use]
    pub fn may_be_offered_from(&self) -> Timestamp {
        self.not_before.unwrap_or(self.entered_at)
    }

    /// Returns since when it has waited here: whoever was sent on and came back goes on, and begins nothing anew.
    #[must_use]
    pub fn here_since(&self) -> Timestamp {
        self.returned.unwrap_or(self.entered_at)
    }

    /// Says whether it is put off at a moment: its customer is to be rung back later, and waits for nobody until then.
    #[must_use]
    pub fn is_put_off(&self, at: Timestamp) -> bool {
        self.not_before.is_some_and(|from| at < from)
    }

    /// Puts it off from a moment on.
    pub(super) fn put_off(&mut self, not_before: Timestamp, at: Timestamp) {
        let still = self.not_before.map_or(Millis(0), |until| until.since(at));
        let past = self.put_off.0.saturating_sub(still.0);
        self.put_off = Millis(past.saturating_add(not_before.since(at).0));
        self.not_before = Some(not_before);
    }

    /// Returns since when it would have waited to be as urgent as it is, had it never been put off.
    #[must_use]
    pub const fn counts_since(&self) -> Timestamp {
        self.since.plus(self.put_off)
    }

    /// Returns the same of the time in this queue alone.
    #[must_use]
    pub fn counts_here_since(&self) -> Timestamp {
        self.here_since().plus(self.put_off)
    }

    /// Returns how urgent it is at a moment, with ageing.
    #[must_use]
    pub fn urgency(&self, settings: &Settings, at: Timestamp) -> Priority {
        let steps = settings.waiting.ageing.map_or(0, |ageing| {
            let times = at
                .since(self.counts_since())
                .0
                .checked_div(ageing.every_ms.0)
                .unwrap_or(0);
            times.saturating_mul(ageing.by.get().into())
        });
        self.priority.raised(steps)
    }

    /// Returns the skills that are still needed at a moment.
    #[must_use]
    pub fn skills_needed(&self, at: Timestamp) -> BTreeMap<SkillId, SkillLevel> {
        let waited = at.since(self.counts_since());
        let needed = |request: &crate::skills::SkillRequest| Some((request.skill(), request.needed(waited)?));
        self.skills.iter().filter_map(needed).collect()
    }

    /// Returns how long it has waited in this queue, without the time for which it was put off.
    #[must_use]
    pub fn waited_here(&self, at: Timestamp) -> Millis {
        at.since(self.counts_here_since())
    }
}

impl State {
    /// Returns the settings and their version.
    ///
    /// # Errors
    /// [`Rejection::NotConfigured`] if nobody made the queue.
    pub fn settings(&self) -> Result<(&Settings, u32), Rejection> {
        let settings = self.settings.as_deref().ok_or(Rejection::NotConfigured)?;
        Ok((settings, self.version))
    }

    /// Says why nobody may enter at a moment, if nobody may.
    pub(super) fn closed(&self, at: Timestamp) -> Option<Line> {
        match &self.door {
            Door::Open => None,
            Door::Closed { reason } => Some(reason.clone()),
            Door::ByHours => {
                let hours = self.hours.as_ref()?;
                let closed = matches!(hours.opening(at), Opening::Closed { .. });
                closed.then(|| Line::new(hours.name.as_str()).ok()).flatten()
            }
        }
    }

    /// Returns who owns the queue.
    #[must_use]
    pub const fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Returns one entry.
    #[must_use]
    pub fn entry(&self, entry: EntryId) -> Option<&Entry> {
        self.entries.get(&entry)
    }

    /// Returns who waits at a moment, the next to be served first.
    ///
    /// First those put to the front by hand, in the order in which they were; then by urgency with ageing, then by who
    /// has waited for longest, then by id; last those put to the back.
    #[must_use]
    pub fn line(&self, at: Timestamp) -> Vec<EntryId> {
        let Some(settings) = self.settings.as_deref() else {
            return Vec::new();
        };
        let rank = |entry: &Entry| match entry.placed {
            Some((Place::Front, when)) => (0, when),
            None => (1, Timestamp::MIN),
            Some((Place::Back, when)) => (2, when),
        };
        let mut line: Vec<_> = self.entries.iter().collect();
        line.sort_by_cached_key(|(id, entry)| (rank(entry), entry.urgency(settings, at), entry.since, **id));
        line.into_iter().map(|(id, _)| *id).collect()
    }

    /// Returns what an entry asks of an agent at a moment.
    #[must_use]
    pub fn ask(&self, entry: EntryId, at: Timestamp) -> Option<Ask> {
        let (settings, entry) = (self.settings.as_deref()?, self.entries.get(&entry)?);
        Some(Ask {
            channel: entry.channel,
            units: settings.offers.units,
            groups: settings.groups_after(entry.waited_here(at)),
            skills: entry.skills_needed(at),
        })
    }

    /// Returns the next moment at which [`Command::Lapse`](super::Command::Lapse) has something to end.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let decisions = self.entries.values().filter_map(|entry| entry.decision.as_ref());
        let lease = self.lease.as_ref().map(|lease| lease.until);
        decisions.map(|decision| decision.until).chain(lease).min()
    }

    /// Finds an entry that a command names.
    pub(super) fn waiting(&self, entry: EntryId) -> Result<&Entry, Rejection> {
        let over = self.entries_over.contains(&entry);
        self.entries.get(&entry).ok_or(if over {
            Rejection::EntryOver { entry }
        } else {
            Rejection::UnknownEntry { entry }
        })
    }

    /// Finds the entry and the agent of an open offer.
    pub(super) fn open(&self, offer: OfferId) -> Option<(EntryId, AgentId, &Decision)> {
        self.entries.iter().find_map(|(id, entry)| {
            let decision = entry.decision.as_ref()?;
            Some((*id, *decision.open.get(&offer)?, decision))
        })
    }

    /// Says how an offer ended, if it is over and that is remembered.
    pub(super) fn ended(&self, offer: OfferId) -> Option<&OfferEnd> {
        let found = self.offers_over.iter().rev().find(|(over, _)| *over == offer);
        found.map(|(_, how)| how)
    }
}
