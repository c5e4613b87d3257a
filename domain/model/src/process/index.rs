//! An index: which things belong to which, so that nobody has to look through all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Some values for each key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    into = "Vec<(K, V)>",
    from = "Vec<(K, V)>",
    bound(
        serialize = "K: Ord + Clone + Serialize, V: Ord + Copy + Serialize",
        deserialize = "K: Ord + Clone + Deserialize<'de>, V: Ord + Copy + Deserialize<'de>"
    )
)]
pub(super) struct Index<K, V> {
    values: BTreeMap<K, BTreeSet<V>>,
}

impl<K, V> Default for Index<K, V> {
    fn default() -> Self {
        let values = BTreeMap::new();
        Self { values }
    }
}

impl<K: Ord, V: Ord + Copy> Index<K, V> {
    /// Adds a value, unless it is there.
    pub(super) fn add(&mut self, key: K, value: V) {
        self.values.entry(key).or_default().insert(value);
    }

    /// Strikes a value out, if it is there.
    pub(super) fn strike(&mut self, key: &K, value: V) {
        if let Some(values) = self.values.get_mut(key) {
            values.remove(&value);
            if values.is_empty() {
                self.values.remove(key);
            }
        }
    }

    /// Returns the values of a key, in their order.
    pub(super) fn of(&self, key: &K) -> Vec<V> {
        self.values.get(key).into_iter().flatten().copied().collect()
    }

    /// Says whether nothing is in it.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl<K: Ord, V: Ord + Copy> From<Vec<(K, V)>> for Index<K, V> {
    fn from(pairs: Vec<(K, V)>) -> Self {
        let mut index = Self::default();
        for (key, value) in pairs {
            index.add(key, value);
        }
        index
    }
}

impl<K: Ord + Clone, V: Ord + Copy> From<Index<K, V>> for Vec<(K, V)> {
    fn from(index: Index<K, V>) -> Self {
        let of = |(key, values): (K, BTreeSet<V>)| values.into_iter().map(move |value| (key.clone(), value));
        index.values.into_iter().flat_map(of).collect()
    }
}
