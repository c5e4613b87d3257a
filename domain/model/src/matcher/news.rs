//! What each event means for what the matcher knows.

use super::Matcher;
use super::desk::Booking;
use super::estimate::WAITED;
use super::groups::Groups;
use super::told;
use super::wait::Wait;
use crate::call::facts::{Announcement, Nth};
use crate::ids::{AgentId, EntryId, OfferId};
use crate::queue::{Chosen, Event, LeftBecause, OfferEnd, Queue};
use crate::{Decider, Timestamp, agent, call};

impl Matcher {
    pub(super) fn fold_agent(&mut self, agent: AgentId, event: &agent::Event) {
        self.floor
            .fold(agent, event, self.id, &self.groups, &mut self.day);
    }

    pub(super) fn fold_queue(&mut self, event: &Event) {
        let queue = std::mem::take(&mut self.queue);
        self.queue = Queue::evolve(queue, event);
        match event {
            Event::Configured { at, .. } => self.reread(*at),
            Event::Retired { .. } => self.owner.retire(),
            Event::LeaseAcquired { .. }
            | Event::LeaseRenewed { .. }
            | Event::LeaseReleased { .. }
            | Event::LeaseLapsed { .. } => self.owner.note(),
            Event::Entered { entry, at, .. } => self.enter(*entry, *at),
            Event::PriorityChanged { entry, at, .. }
            | Event::Moved { entry, at, .. }
            | Event::CallbackChosen { entry, at, .. }
            | Event::Deferred { entry, at, .. }
            | Event::Accepted { entry, at, .. } => self.read(*entry, *at),
            Event::Reserved {
                entry, chosen, at, ..
            } => self.reserve(*entry, chosen, *at),
            Event::OfferEnded {
                entry,
                offer,
                agent,
                how,
                at,
            } => self.end(*entry, (*offer, *agent), how, *at),
            Event::Left { entry, why, at, .. } => self.leave(*entry, why, *at),
            Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::HoursSet { .. } => {}
        }
    }

    fn reread(&mut self, at: Timestamp) {
        let Ok((settings, _)) = self.queue.settings() else {
            return;
        };
        self.groups = Groups::of(settings);
        self.floor.read(&self.groups);
        for entry in self.line.entries() {
            self.line.change(entry, |wait| wait.paused_until = None);
            self.read(entry, at);
        }
    }

    fn enter(&mut self, id: EntryId, at: Timestamp) {
        let (Ok((settings, _)), None) = (self.queue.settings(), self.line.get(id)) else {
            return;
        };
        let Some(entry) = self.queue.entry(id) else { return };
        let mut wait = Wait::new(id, entry, settings, &self.groups, at);
        // Counting those before takes as long as there are many of them.
        wait.entered_as = told::estimates(&wait, settings)
            .then(|| u32::try_from(self.line.place(&wait.standing, at)).unwrap_or(u32::MAX));
        self.line.insert(wait);
    }

    /// Reads an entry again as it is at a moment.
    pub(super) fn read(&mut self, id: EntryId, at: Timestamp) {
        let (Ok((settings, _)), Some(entry)) = (self.queue.settings(), self.queue.entry(id)) else {
            return;
        };
        let groups = &self.groups;
        self.line
            .change(id, |wait| wait.read(entry, settings, groups, at));
    }

    fn reserve(&mut self, id: EntryId, chosen: &[Chosen], at: Timestamp) {
        let Some(wait) = self.line.get(id) else { return };
        if wait.offered {
            return;
        }
        let proposed = wait.proposed.clone();
        let (channel, units) = (wait.channel, wait.units);
        if proposed.is_none() {
            self.floor.offered_last = chosen.last().map(|one| one.agent);
        }
        for (offer, agent) in proposed.into_iter().flat_map(|proposed| proposed.offers) {
            self.floor.unbook(agent, offer);
        }
        for Chosen { offer, agent } in chosen.iter().copied() {
            let entry = id;
            let booking = Booking {
                offer,
                entry,
                channel,
                units,
            };
            self.floor.book(agent, booking);
        }
        self.line.change(id, |wait| {
            wait.proposed = None;
            // Who found somebody free did not wait, however long that one then rang.
            let waited = wait.decisions > 0 || at.since(wait.entered) >= WAITED;
            wait.entered_as = wait.entered_as.filter(|_| waited);
            wait.decisions = wait.decisions.saturating_add(1);
        });
        self.read(id, at);
    }

    fn end(&mut self, entry: EntryId, (offer, agent): (OfferId, AgentId), how: &OfferEnd, at: Timestamp) {
        self.floor.unbook(agent, offer);
        self.line.change(entry, |wait| wait.remember(agent, how, at));
        self.read(entry, at);
    }

    fn leave(&mut self, entry: EntryId, why: &LeftBecause, at: Timestamp) {
        let Some(wait) = self.line.remove(entry) else {
            return;
        };
        // Whoever was rung back waited for the agreed moment as well.
        let place = wait.entered_as.filter(|_| told::is_on_the_line(&wait));
        if let (LeftBecause::Answered { .. }, Some(place)) = (why, place) {
            self.estimates.learn(place, at.since(wait.entered), at);
        }
        for (offer, agent) in wait.proposed.into_iter().flat_map(|proposed| proposed.offers) {
            self.floor.unbook(agent, offer);
        }
    }

    /// Takes note of what callers were told.
    pub(super) fn fold_call(&mut self, event: &call::Event) {
        let Some((entry, heard)) = heard(event) else {
            return;
        };
        let Some(wait) = self.line.get_mut(entry) else {
            return;
        };
        match heard {
            Heard::Announcement(nth, announcement) => wait.told.heard(nth, announcement),
            Heard::Callback => wait.told.callback_offered(),
        }
    }
}

/// What a caller heard while they waited.
enum Heard {
    Announcement(Nth, Announcement),
    Callback,
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "of a call's many kinds only what callers were told while they waited is of concern"
)]
fn heard(event: &call::Event) -> Option<(EntryId, Heard)> {
    match event {
        call::Event::AnnouncementPlayed {
            entry,
            nth,
            announcement,
            ..
        } => Some((*entry, Heard::Announcement(*nth, *announcement))),
        call::Event::CallbackOffered { entry, .. } => Some(((*entry)?, Heard::Callback)),
        _ => None,
    }
}
