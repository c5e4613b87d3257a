//! Walks through a segment record by record, from its first to where they end.

use std::io;

use bytes::Bytes;

use super::disk::read_full;
use super::record::{self, Found, HEADER, Names, RECORD_MAX, View};
use super::segment::{RECORDS_AT, Segment};
use crate::Recorded;

const CHUNK: usize = 1 << 20;

/// Reads records that follow one another.
pub(super) struct Scan<'a> {
    segment: &'a Segment,
    /// The byte that the next record begins at.
    offset: u64,
    /// The position that the next record must have.
    position: u64,
    buffer: Bytes,
    /// The byte of the segment that the buffer begins at.
    buffer_at: u64,
    chunk: usize,
}

/// What a scan came to.
pub(super) enum Step {
    /// A whole record in the right place.
    Record(Whole),
    /// No record, and why.
    End(&'static str),
}

/// A whole record in the buffer that it was read into.
pub(super) struct Whole {
    pub(super) buffer: Bytes,
    /// Where in the buffer it begins.
    pub(super) start: usize,
    /// Where in its segment it begins.
    pub(super) offset: u64,
}

impl Whole {
    pub(super) fn view(&self) -> View<'_> {
        View::of_whole(&self.buffer[self.start..])
    }

    pub(super) fn recorded(&self, names: &mut Names) -> Recorded {
        self.view().recorded(&self.buffer, self.start, names)
    }
}

impl<'a> Scan<'a> {
    /// Begins at the segment's first record.
    pub(super) fn all(segment: &'a Segment) -> Self {
        Self::from(segment, segment.first, RECORDS_AT, CHUNK)
    }

    /// Begins at a record whose place is known, reading `chunk` bytes at once.
    pub(super) fn from(segment: &'a Segment, position: u64, offset: u64, chunk: usize) -> Self {
        Self {
            segment,
            offset,
            position,
            buffer: Bytes::new(),
            buffer_at: offset,
            chunk,
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on to the next record.
    pub(super) fn step(&mut self) -> io::Result<Step> {
        let mut wanted = HEADER;
        loop {
            let start = usize::try_from(self.offset - self.buffer_at).expect("a buffer's length");
            match record::look(self.buffer.get(start..).unwrap_or_default(), self.segment.epoch) {
                Found::Whole(view) if view.position() == self.position => {
                    let at = self.offset;
                    self.offset += view.length() as u64;
                    self.position += 1;
                    return Ok(Step::Record(Whole {
                        buffer: self.buffer.clone(),
                        start,
                        offset: at,
                    }));
                }
                Found::Whole(_) => return Ok(Step::End("another position stands there")),
                Found::Nothing(why) => return Ok(Step::End(why)),
                Found::Cut(length) => {
                    let have = self.buffer.len().saturating_sub(start);
                    if have >= wanted.max(length) || self.offset + length as u64 > self.segment.capacity {
                        return Ok(Step::End("the segment ends there"));
                    }
                    wanted = length;
                    self.fill(length)?;
                    if self.buffer.len() < length {
                        return Ok(Step::End("the file ends there"));
                    }
                }
            }
        }
    }

    fn fill(&mut self, least: usize) -> io::Result<()> {
        let left = usize::try_from(self.segment.capacity - self.offset).unwrap_or(RECORD_MAX);
        let mut bytes = vec![0; self.chunk.max(least).min(left)];
        let read = read_full(&*self.segment.file, &mut bytes, self.offset)?;
        bytes.truncate(read);
        self.buffer = Bytes::from(bytes);
        self.buffer_at = self.offset;
        Ok(())
    }
}

/// What follows a place where the records end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing that shows the place to have been safe: an append that was cut short, or none.
    Torn {
        /// The byte after the last one that is not filler; the place itself if all are.
        used_to: u64,
    },
    /// A record that was written only after the place had been synced: what stood there was damaged.
    Damaged {
        /// That record's position.
        proof: u64,
    },
}

/// Tells an append cut short from damage, by looking at all bytes after a place where the records end.
///
/// Records carry how many were written before them in the same group. One whose group began after `position` proves
/// that `position` had been safe before that group was written.
pub(super) fn look_behind(segment: &Segment, offset: u64, position: u64) -> io::Result<After> {
    let mut used_to = offset;
    let mut at = offset;
    // Chunks overlap by the longest record, so that none is cut.
    while at < segment.capacity {
        let left = usize::try_from(segment.capacity - at).unwrap_or(usize::MAX);
        let mut bytes = vec![0; (CHUNK + RECORD_MAX).min(left)];
        let read = read_full(&*segment.file, &mut bytes, at)?;
        bytes.truncate(read);
        let own = read.min(CHUNK);
        if let Some(last) = bytes[..own]
            .iter()
            .rposition(|byte| *byte != super::segment::FILLER)
        {
            used_to = at + last as u64 + 1;
            for start in (0..own).step_by(record::ALIGN) {
                if let Some(proof) = proves(&bytes[start..], segment.epoch, position) {
                    return Ok(After::Damaged { proof });
                }
            }
        }
        if own == 0 {
            break;
        }
        at += own as u64;
    }
    Ok(After::Torn { used_to })
}

fn proves(bytes: &[u8], epoch: u64, position: u64) -> Option<u64> {
    // The cheap test first: most bytes are no record.
    if bytes.len() < HEADER || record::claimed_position(bytes) <= position {
        return None;
    }
    let Found::Whole(view) = record::look(bytes, epoch) else {
        return None;
    };
    (view.position() - u64::from(view.group_index()).min(view.position()) > position).then(|| view.position())
}
