//! The last revisions of streams appended to lately, so that an append seldom has to ask the index.
//!
//! Only the committing thread writes here. Whoever is about to append looks, so as to ask the index beforehand, on its
//! own thread, about a stream that is not here.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::index::Keep;
use super::record::StreamKey;

/// Parts with a lock of their own.
const PARTS: usize = 16;
/// How many streams one half of a part holds: what a table of 2^16 places takes. About 50 MiB when all are full.
///
/// A group has fewer records than that, so what is in it is always here.
const HALF: usize = (1 << 16) / 8 * 7;

/// The last revisions of streams; those not appended to for longest are forgotten.
#[derive(Default)]
pub(super) struct Heads {
    parts: [Mutex<Part>; PARTS],
}

type Half = HashMap<StreamKey, u32, BuildHasherDefault<Keep>>;

// When the newer half is full, the older one is forgotten and they change places.
#[derive(Default)]
struct Part {
    newer: Half,
    older: Half,
}

impl Heads {
    pub(super) fn get(&self, stream: StreamKey) -> Option<u32> {
        let part = self.part(stream);
        part.newer
            .get(&stream)
            .or_else(|| part.older.get(&stream))
            .copied()
    }

    pub(super) fn put(&self, stream: StreamKey, last: u32) {
        let mut part = self.part(stream);
        let Part { newer, older } = &mut *part;
        if newer.len() >= HALF && !newer.contains_key(&stream) {
            std::mem::swap(newer, older);
            newer.clear();
        }
        newer.insert(stream, last);
    }

    pub(super) fn clear(&self) {
        for part in &self.parts {
            *part.lock().unwrap_or_else(PoisonError::into_inner) = Part::default();
        }
    }

    fn part(&self, stream: StreamKey) -> MutexGuard<'_, Part> {
        // Bits that the tables themselves do not choose a place by.
        let part = stream.check as usize % PARTS;
        self.parts[part].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_last_stays_and_what_was_put_first_goes() {
        let heads = Heads::default();
        let key = |n: u32| StreamKey::of(&format!("call-acme_{n}"));
        let count = u32::try_from(PARTS * HALF * 3).unwrap();
        for n in 0..count {
            heads.put(key(n), n);
        }
        for n in count - u32::try_from(PARTS * HALF / 2).unwrap()..count {
            assert_eq!(heads.get(key(n)), Some(n));
        }
        assert_eq!(heads.get(key(0)), None);
        heads.put(key(0), 7);
        heads.put(key(0), 8);
        assert_eq!(heads.get(key(0)), Some(8));
        heads.clear();
        assert_eq!(heads.get(key(0)), None);
    }
}
