//! What a tenant has of one kind, by id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rejection::{Rejection, Thing};

/// What a tenant has of one kind, by id, in the order of the ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Register<K: Ord, V>(BTreeMap<K, V>);

impl<K: Ord, V> Default for Register<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone, V> Register<K, V> {
    /// Returns what has this id.
    #[must_use]
    pub fn get(&self, id: &K) -> Option<&V> {
        self.0.get(id)
    }

    /// Says whether something has this id.
    #[must_use]
    pub fn contains(&self, id: &K) -> bool {
        self.0.contains_key(id)
    }

    /// Returns all, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter()
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what has this id, or the rejection of the field that named it.
    pub(super) fn known(&self, id: &K, field: &'static str, thing: Thing) -> Result<&V, Rejection> {
        self.get(id).ok_or(Rejection::Unknown { field, thing })
    }

    /// Refuses if another than this one is like that.
    pub(super) fn unique(
        &self,
        id: &K,
        field: &'static str,
        thing: Thing,
        like_that: impl Fn(&V) -> bool,
    ) -> Result<(), Rejection> {
        if self.iter().any(|(other, value)| other != id && like_that(value)) {
            Err(Rejection::Taken { field, thing })
        } else {
            Ok(())
        }
    }

    pub(super) fn put(&mut self, id: &K, value: V) {
        self.0.insert(id.clone(), value);
    }

    pub(super) fn remove(&mut self, id: &K) {
        self.0.remove(id);
    }

    /// Changes what has this id; nothing happens if nothing has.
    pub(super) fn edit(&mut self, id: &K, change: impl FnOnce(&mut V)) {
        if let Some(value) = self.0.get_mut(id) {
            change(value);
        }
    }
}
