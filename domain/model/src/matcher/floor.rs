//! All agents of the tenant, by id.

use std::collections::BTreeSet;

use super::desk::{Booking, Desk};
use super::figures::Day;
use super::groups::Groups;
use crate::ids::{AgentId, OfferId, QueueId};
use crate::{Timestamp, agent};

/// All agents.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Floor {
    // In one piece and in order: a choice looks at all of them.
    pub(super) desks: Vec<Desk>,
    /// Who was offered something last, which is where a round goes on.
    pub(super) offered_last: Option<AgentId>,
    /// How many are logged in to a group of the queue, and how many of those take contacts.
    pub(super) logged_in: usize,
    pub(super) available: usize,
    // When a cooldown is over.
    cool: BTreeSet<(Timestamp, AgentId)>,
    /// Who may have become free since the last round.
    pub(super) news: BTreeSet<AgentId>,
}

impl Floor {
    pub(super) fn fold(
        &mut self,
        agent: AgentId,
        event: &agent::Event,
        queue: QueueId,
        groups: &Groups,
        day: &mut Day,
    ) {
        let place = match self.place(agent) {
            Ok(place) => place,
            Err(place) => {
                self.desks.insert(place, Desk::new(agent));
                place
            }
        };
        let all = groups.all();
        let desk = &mut self.desks[place];
        let (there, takes) = counts(desk, all);
        if let Some(until) = desk.cool_at(Timestamp::MIN) {
            self.cool.remove(&(until, agent));
        }
        desk.fold(event, queue, groups, day);
        if let Some(until) = desk.cool_at(Timestamp::MIN) {
            self.cool.insert((until, agent));
        }
        let (there_now, takes_now) = counts(desk, all);
        self.logged_in = self.logged_in + there_now - there;
        self.available = self.available + takes_now - takes;
        self.news.insert(agent);
    }

    /// Reads all agents again, after the queue's groups changed.
    pub(super) fn read(&mut self, groups: &Groups) {
        (self.logged_in, self.available) = (0, 0);
        for desk in &mut self.desks {
            desk.read(groups);
            let (there, takes) = counts(desk, groups.all());
            self.logged_in += there;
            self.available += takes;
            self.news.insert(desk.agent);
        }
    }

    fn place(&self, agent: AgentId) -> Result<usize, usize> {
        self.desks.binary_search_by_key(&agent, |desk| desk.agent)
    }

    pub(super) fn find(&self, agent: AgentId) -> Option<(usize, &Desk)> {
        let place = self.place(agent).ok()?;
        Some((place, &self.desks[place]))
    }

    pub(super) fn book(&mut self, agent: AgentId, booking: Booking) {
        if let Ok(place) = self.place(agent) {
            self.desks[place].book(booking);
        }
    }

    pub(super) fn unbook(&mut self, agent: AgentId, offer: OfferId) {
        if let Ok(place) = self.place(agent) {
            self.desks[place].unbook(offer);
            self.news.insert(agent);
        }
    }

    /// Returns how many agents there are, and how many of them have an id up to that of the one offered last.
    pub(super) fn round(&self) -> (usize, usize) {
        let up_to = |desk: &Desk| self.offered_last.is_some_and(|last| desk.agent <= last);
        (self.desks.len(), self.desks.partition_point(up_to))
    }

    /// Notes whose cooldown is over.
    pub(super) fn wake(&mut self, now: Timestamp) {
        while let Some(first) = self.cool.first().copied().filter(|(until, _)| *until <= now) {
            self.cool.remove(&first);
            self.news.insert(first.1);
        }
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.cool.first().map(|(until, _)| *until)
    }
}

fn counts(desk: &Desk, groups: super::groups::Bits) -> (usize, usize) {
    let there = desk.is_signed_in() && desk.is_logged_in(groups);
    let takes = there && desk.takes_contacts();
    (usize::from(there), usize::from(takes))
}
