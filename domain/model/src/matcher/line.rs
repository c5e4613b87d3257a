//! Those who wait, in the order in which they are served.

use std::collections::{BTreeMap, BTreeSet};

use super::wait::{Standing, Wait};
use crate::Timestamp;
use crate::ids::{AgentId, EntryId};

/// Those who wait.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Line {
    pub(super) order: BTreeMap<Standing, Box<Wait>>,
    standings: BTreeMap<EntryId, Standing>,
    pub(super) due: BTreeSet<(Timestamp, EntryId)>,
    // Those whose turn depends on one agent.
    of_agents: BTreeMap<AgentId, BTreeSet<EntryId>>,
    /// Who may have become possible to offer since the last round.
    pub(super) news: BTreeSet<EntryId>,
}

impl Line {
    pub(super) fn insert(&mut self, wait: Wait) {
        if let Some(agent) = wait.last_agent {
            self.of_agents.entry(agent).or_default().insert(wait.entry);
        }
        self.news.insert(wait.entry);
        self.put(Box::new(wait));
    }

    fn put(&mut self, wait: Box<Wait>) {
        self.standings.insert(wait.entry, wait.standing);
        self.due.extend(wait.next.map(|next| (next, wait.entry)));
        self.order.insert(wait.standing, wait);
    }

    fn take(&mut self, entry: EntryId) -> Option<Box<Wait>> {
        let wait = self.order.remove(&self.standings.remove(&entry)?)?;
        if let Some(next) = wait.next {
            self.due.remove(&(next, entry));
        }
        Some(wait)
    }

    pub(super) fn remove(&mut self, entry: EntryId) -> Option<Wait> {
        let wait = self.take(entry)?;
        if let Some(agent) = wait.last_agent {
            let others = self.of_agents.get_mut(&agent);
            let empty = others.is_some_and(|others| {
                others.remove(&entry);
                others.is_empty()
            });
            if empty {
                self.of_agents.remove(&agent);
            }
        }
        self.news.remove(&entry);
        Some(*wait)
    }

    pub(super) fn get(&self, entry: EntryId) -> Option<&Wait> {
        self.order.get(self.standings.get(&entry)?).map(|wait| &**wait)
    }

    /// Changes one entry, which may move it.
    pub(super) fn change(&mut self, entry: EntryId, change: impl FnOnce(&mut Wait)) {
        if let Some(mut wait) = self.take(entry) {
            change(&mut wait);
            self.news.insert(entry);
            self.put(wait);
        }
    }

    pub(super) fn entries(&self) -> Vec<EntryId> {
        self.standings.keys().copied().collect()
    }

    /// Notes the entries that are kept for agents of whom there is news.
    pub(super) fn wake_of(&mut self, agents: &BTreeSet<AgentId>) {
        if self.of_agents.is_empty() {
            return;
        }
        let kept = agents.iter().filter_map(|agent| self.of_agents.get(agent));
        self.news.extend(kept.flatten());
    }

    /// Returns who has to be looked at again by a moment.
    pub(super) fn due_by(&self, now: Timestamp) -> Vec<EntryId> {
        let due = self.due.iter().take_while(|(when, _)| *when <= now);
        due.map(|(_, entry)| *entry).collect()
    }

    pub(super) fn next(&self) -> Option<Timestamp> {
        self.due.first().map(|(when, _)| *when)
    }

    /// Returns one entry to write down what changes neither its place nor its turn.
    pub(super) fn get_mut(&mut self, entry: EntryId) -> Option<&mut Wait> {
        self.order
            .get_mut(self.standings.get(&entry)?)
            .map(|wait| &mut **wait)
    }

    /// Leaves out what those who wait should have been told until now.
    pub(super) fn skip(&mut self, now: Timestamp) {
        for wait in self.order.values_mut() {
            wait.told.skip(now);
        }
    }

    /// Returns the place of a standing in the line, from 1. Whoever is to be rung back later stands before nobody.
    pub(super) fn place(&self, standing: &Standing, now: Timestamp) -> usize {
        let before = self.order.range(..standing);
        1 + before.filter(|(_, wait)| wait.from <= now).count()
    }
}
