//! What each event means for what the matcher knows.

use super::Matcher;
use super::desk::Booking;
use super::groups::Groups;
use super::wait::Wait;
use crate::ids::{AgentId, EntryId, OfferId};
use crate::queue::{Chosen, Event, OfferEnd, Queue};
use crate::{Decider, Timestamp, agent};

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
            Event::Left { entry, .. } => self.leave(*entry),
            Event::Opened { .. } | Event::Closed { .. } | Event::HoursFollowed { .. } => {}
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
        if let Some(entry) = self.queue.entry(id) {
            self.line.insert(Wait::new(id, entry, settings, &self.groups, at));
        }
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
            self.floor.offered_last = Some(agent);
        }
        self.line.change(id, |wait| {
            wait.proposed = None;
            wait.decisions = wait.decisions.saturating_add(1);
        });
        self.read(id, at);
    }

    fn end(&mut self, entry: EntryId, (offer, agent): (OfferId, AgentId), how: &OfferEnd, at: Timestamp) {
        self.floor.unbook(agent, offer);
        self.line.change(entry, |wait| wait.remember(agent, how, at));
        self.read(entry, at);
    }

    fn leave(&mut self, entry: EntryId) {
        let proposed = self.line.remove(entry).and_then(|wait| wait.proposed);
        for (offer, agent) in proposed.into_iter().flat_map(|proposed| proposed.offers) {
            self.floor.unbook(agent, offer);
        }
    }
}
