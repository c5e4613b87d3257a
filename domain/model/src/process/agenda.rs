//! An agenda: what is to be done when, one deadline for each thing that waits.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Cause, Happened};
use crate::Timestamp;
use crate::ids::TenantId;

/// Deadlines, each of one thing of one tenant, with the event that set it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    into = "Vec<Item<K>>",
    from = "Vec<Item<K>>",
    bound(
        serialize = "K: Ord + Clone + Serialize",
        deserialize = "K: Ord + Clone + Deserialize<'de>"
    )
)]
pub struct Agenda<K> {
    // What waits, and the same in the order of time: always changed together.
    items: BTreeMap<(TenantId, K), (Timestamp, Cause)>,
    in_time: BTreeSet<(Timestamp, TenantId, K)>,
}

/// One deadline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item<K> {
    /// What waits.
    pub subject: K,
    /// Until when.
    pub due: Timestamp,
    /// The event that set it.
    pub cause: Cause,
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            in_time: BTreeSet::new(),
        }
    }
}

impl<K: Ord + Clone> Agenda<K> {
    /// Sets a deadline, in place of the subject's last one.
    pub fn set(&mut self, happened: &Happened, subject: K, due: Timestamp) {
        self.put(Item {
            subject,
            due,
            cause: happened.cause.clone(),
        });
    }

    /// Strikes a deadline out, if there is one.
    pub fn strike(&mut self, happened: &Happened, subject: K) {
        self.take((happened.cause.tenant.clone(), subject));
    }

    /// Strikes out whatever belongs together: the subjects from the first on that are wanted.
    pub fn strike_run(&mut self, happened: &Happened, first: K, wanted: impl Fn(&K) -> bool) {
        let tenant = &happened.cause.tenant;
        let from = self.items.range((tenant.clone(), first)..);
        let run = from.take_while(|((of, subject), _)| of == tenant && wanted(subject));
        let run: Vec<_> = run.map(|(key, _)| key.clone()).collect();
        for key in run {
            self.take(key);
        }
    }

    /// Returns the deadline of one subject.
    #[must_use]
    pub fn due_of(&self, happened: &Happened, subject: &K) -> Option<Timestamp> {
        let key = (happened.cause.tenant.clone(), subject.clone());
        self.items.get(&key).map(|(due, _)| *due)
    }

    /// Returns the earliest deadline.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.in_time.first().map(|(due, ..)| *due)
    }

    /// Returns what is due at a moment, the longest due first.
    pub fn due_at(&self, now: Timestamp) -> impl Iterator<Item = Item<K>> {
        self.all().take_while(move |item| item.due <= now)
    }

    fn all(&self) -> impl Iterator<Item = Item<K>> {
        self.in_time.iter().filter_map(|(due, tenant, subject)| {
            let (_, cause) = self.items.get(&(tenant.clone(), subject.clone()))?;
            Some(Item {
                subject: subject.clone(),
                due: *due,
                cause: cause.clone(),
            })
        })
    }

    fn put(&mut self, Item { subject, due, cause }: Item<K>) {
        let key = (cause.tenant.clone(), subject);
        self.take(key.clone());
        self.in_time.insert((due, key.0.clone(), key.1.clone()));
        self.items.insert(key, (due, cause));
    }

    fn take(&mut self, key: (TenantId, K)) {
        if let Some((due, _)) = self.items.remove(&key) {
            let (tenant, subject) = key;
            self.in_time.remove(&(due, tenant, subject));
        }
    }
}

impl<K: Ord + Clone> From<Vec<Item<K>>> for Agenda<K> {
    fn from(items: Vec<Item<K>>) -> Self {
        let mut agenda = Self::default();
        for item in items {
            agenda.put(item);
        }
        agenda
    }
}

impl<K: Ord + Clone> From<Agenda<K>> for Vec<Item<K>> {
    fn from(agenda: Agenda<K>) -> Self {
        agenda.all().collect()
    }
}
