//! The index of the segment written to, and of full ones that have no run yet: in memory, grown record by record.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::embedded::record::StreamKey;

/// No earlier record.
const NONE: u32 = u32::MAX;

/// Where a stream's record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embedded) struct Entry {
    pub(in crate::embedded) revision: u32,
    pub(in crate::embedded) position: u64,
}

/// A record, as the index is told of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::embedded) struct Listed {
    pub(in crate::embedded) stream: StreamKey,
    /// The key of the event's id.
    pub(in crate::embedded) id: u64,
    pub(in crate::embedded) revision: u32,
    /// The byte in its segment that it begins at.
    pub(in crate::embedded) offset: u32,
}

/// A run of records that follow one another, found by stream, by id and by position.
#[derive(Debug, Clone)]
pub(in crate::embedded) struct Recent {
    first: u64,
    rows: Vec<Row>,
    // The last record of each key; each row names the one before it.
    streams: HashMap<StreamKey, u32, BuildHasherDefault<Keep>>,
    ids: HashMap<u64, u32, BuildHasherDefault<Keep>>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    record: Listed,
    stream_before: u32,
    id_before: u32,
}

impl Recent {
    pub(in crate::embedded) fn new(first: u64) -> Self {
        Self {
            first,
            rows: Vec::new(),
            streams: HashMap::default(),
            ids: HashMap::default(),
        }
    }

    pub(in crate::embedded) fn push(&mut self, record: Listed) {
        let place = u32::try_from(self.rows.len()).expect("a segment has fewer records than bytes");
        let stream_before = self.streams.insert(record.stream, place).unwrap_or(NONE);
        let id_before = self.ids.insert(record.id, place).unwrap_or(NONE);
        self.rows.push(Row {
            record,
            stream_before,
            id_before,
        });
    }

    pub(in crate::embedded) fn first(&self) -> u64 {
        self.first
    }

    /// Returns the position after the last one.
    pub(in crate::embedded) fn end(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    /// Lists the records in their order.
    pub(in crate::embedded) fn records(&self) -> impl ExactSizeIterator<Item = Listed> + '_ {
        self.rows.iter().map(|row| row.record)
    }

    pub(super) fn offset(&self, position: u64) -> Option<u32> {
        let place = usize::try_from(position.checked_sub(self.first)?).ok()?;
        self.rows.get(place).map(|row| row.record.offset)
    }

    /// Lists a stream's records from the last to the first.
    pub(super) fn stream(&self, key: StreamKey) -> impl Iterator<Item = Entry> + '_ {
        let mut next = self.streams.get(&key).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let row = self.rows.get(next as usize)?;
            let entry = Entry {
                revision: row.record.revision,
                position: self.first + u64::from(next),
            };
            next = row.stream_before;
            Some(entry)
        })
    }

    /// Lists the positions of records with an id, from the last to the first.
    pub(super) fn id(&self, key: u64) -> impl Iterator<Item = u64> + '_ {
        let mut next = self.ids.get(&key).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let row = self.rows.get(next as usize)?;
            let position = self.first + u64::from(next);
            next = row.id_before;
            Some(position)
        })
    }
}

/// Keeps a key as it is: the keys are hashes already.
#[derive(Debug, Default)]
pub(in crate::embedded) struct Keep(u64);

impl Hasher for Keep {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}
