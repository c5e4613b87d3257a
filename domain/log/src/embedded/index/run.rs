//! A run: the index of one or more full segments, in a file of sorted blocks that can always be made anew.
//!
//! Three tables, each in blocks of 4096 bytes with a CRC32C of their own: streams (key, revision, place) and ids (key,
//! place), both sorted, and the offset of each record in its segment. Then, kept in memory while the run is open: the
//! first key of each block and a Bloom filter over either table's keys. `docs/log-format.md` shows it byte by byte.

mod write;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use write::{Source, write};

use super::bloom::Bloom;
use super::recent::Entry;
use crate::embedded::disk::{Disk, DiskFile, read_full};
use crate::embedded::record::StreamKey;

const MAGIC: [u8; 8] = *b"LDGRIDX\x02";
const BLOCK: usize = 4096;
const BODY: usize = BLOCK - 4;
const FOOTER: usize = 8 + 8 * 7 + 4;
const STREAM_ROW: usize = 20;
const ID_ROW: usize = 12;
const OFFSET_ROW: usize = 4;

/// A run on disk, open for look-ups.
pub(in crate::embedded) struct Run {
    first: u64,
    count: u64,
    /// How many runs of one segment it was merged from.
    segments: u64,
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    streams: Table,
    ids: Table,
    offsets: Table,
}

/// One table: where it begins, the first key of each block, and which keys may be in it.
struct Table {
    at: u64,
    rows: u64,
    firsts: Vec<u64>,
    bloom: Bloom,
}

impl Table {
    fn block_at(&self, block: usize) -> u64 {
        self.at + (block * BLOCK) as u64
    }

    fn rows_in(&self, block: usize, per_block: usize) -> usize {
        usize::try_from(self.rows)
            .expect("a table fits into memory")
            .saturating_sub(block * per_block)
            .min(per_block)
    }
}

/// Why a run cannot be used; it is then made anew from its segments.
#[derive(Debug, thiserror::Error)]
pub(in crate::embedded) enum RunError {
    #[error("the disk failed")]
    Disk(#[from] io::Error),
    #[error("the index file is damaged: {0}")]
    Damaged(&'static str),
}

/// How far a look-up may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::embedded) enum Reach {
    /// To what the system holds in memory; [`RunError::Disk`] where that is not enough.
    Memory,
    /// To the disk, which may take its time.
    Disk,
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// Opens a run's file and loads what is kept in memory.
pub(super) fn open(disk: &dyn Disk, path: &Path) -> Result<Run, RunError> {
    let file = disk.open_read(path)?;
    let length = file.length()?;
    let footer_at = length
        .checked_sub(FOOTER as u64)
        .ok_or(RunError::Damaged("it is too short"))?;
    let mut footer = [0; FOOTER];
    read_full(&*file, &mut footer, footer_at)?;
    if footer[..8] != MAGIC {
        return Err(RunError::Damaged(
            "it is no index of a version that this build reads",
        ));
    }
    let field = |n: usize| u64_at(&footer, 8 + 8 * n);
    let (first, count, segments, summary_at) = (field(0), field(1), field(2), field(3));
    let size = footer_at
        .checked_sub(summary_at)
        .ok_or(RunError::Damaged("its footer is wrong"))?;
    let mut tail = vec![0; usize::try_from(size).expect("a summary fits into memory") + FOOTER];
    read_full(&*file, &mut tail, summary_at)?;
    let body = tail.len() - 4;
    if crc32c::crc32c(&tail[..body]) != u32_at(&tail, body) {
        return Err(RunError::Damaged("its summary has a wrong checksum"));
    }
    let mut rest = &tail[..body + 4 - FOOTER];
    let mut take = |size: u64| {
        let (part, after) = usize::try_from(size)
            .ok()
            .and_then(|size| rest.split_at_checked(size))?;
        rest = after;
        Some(part)
    };
    let parts = (take(field(4)), take(field(5)), take(field(6)));
    let (Some(stream_firsts), Some(id_firsts), Some(stream_bloom)) = parts else {
        return Err(RunError::Damaged("its footer is wrong"));
    };
    let firsts = |bytes: &[u8]| -> Vec<u64> {
        bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|n| u64::from_le_bytes(*n))
            .collect()
    };
    let (stream_firsts, id_firsts) = (firsts(stream_firsts), firsts(id_firsts));
    let (Some(stream_bloom), Some(id_bloom)) = (Bloom::from_bytes(stream_bloom), Bloom::from_bytes(rest))
    else {
        return Err(RunError::Damaged("its filter is wrong"));
    };
    let ids_at = (stream_firsts.len() * BLOCK) as u64;
    let offsets_at = ids_at + (id_firsts.len() * BLOCK) as u64;
    let streams = Table {
        at: 0,
        rows: count,
        firsts: stream_firsts,
        bloom: stream_bloom,
    };
    let ids = Table {
        at: ids_at,
        rows: count,
        firsts: id_firsts,
        bloom: id_bloom,
    };
    let offsets = Table {
        at: offsets_at,
        rows: count,
        firsts: Vec::new(),
        bloom: Bloom::for_keys(0),
    };
    Ok(Run {
        first,
        count,
        segments,
        file,
        path: path.to_owned(),
        streams,
        ids,
        offsets,
    })
}

impl Run {
    pub(in crate::embedded) fn first(&self) -> u64 {
        self.first
    }

    /// Returns the position after the last one.
    pub(in crate::embedded) fn end(&self) -> u64 {
        self.first + self.count
    }

    pub(super) fn segments(&self) -> u64 {
        self.segments
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads every block.
    pub(super) fn check(&self) -> Result<(), RunError> {
        let per_block = (BODY / OFFSET_ROW) as u64;
        let end = self.offsets.at + self.count.div_ceil(per_block) * BLOCK as u64;
        (0..end)
            .step_by(BLOCK)
            .try_for_each(|at| self.block(at, Reach::Disk).map(|_| ()))
    }

    pub(super) fn offset(&self, position: u64) -> Result<u32, RunError> {
        let per_block = (BODY / OFFSET_ROW) as u64;
        let place = position - self.first;
        let block = self.block(self.offsets.at + place / per_block * BLOCK as u64, Reach::Disk)?;
        let within = usize::try_from(place % per_block).expect("less than a block");
        Ok(u32_at(&block, within * OFFSET_ROW))
    }

    /// Lists a stream's records with revisions from `from` on, in order, until `each` says that it has enough.
    pub(super) fn stream(
        &self,
        key: StreamKey,
        from: u32,
        mut each: impl FnMut(Entry) -> bool,
    ) -> Result<(), RunError> {
        self.rows_from(
            &self.streams,
            STREAM_ROW,
            (key.sorted, from),
            Reach::Disk,
            |row| u32_at(row, 16) != key.check || each(self.entry(row)),
        )
    }

    fn entry(&self, row: &[u8]) -> Entry {
        Entry {
            revision: u32_at(row, 8),
            position: self.first + u64::from(u32_at(row, 12)),
        }
    }

    /// Lists the positions of records with an id, until `each` says that it has enough.
    pub(super) fn id(
        &self,
        key: u64,
        reach: Reach,
        mut each: impl FnMut(u64) -> bool,
    ) -> Result<(), RunError> {
        self.rows_from(&self.ids, ID_ROW, (key, 0), reach, |row| {
            each(self.first + u64::from(u32_at(row, 8)))
        })
    }

    /// Lists a stream's records with revisions up to `to`, from the last backwards, until `each` has enough.
    pub(super) fn stream_back(
        &self,
        key: StreamKey,
        to: u32,
        reach: Reach,
        mut each: impl FnMut(Entry) -> bool,
    ) -> Result<(), RunError> {
        let table = &self.streams;
        let wanted = (key.sorted, to);
        let Some(block) = self.block_of(table, STREAM_ROW, wanted, reach)? else {
            return Ok(());
        };
        for block in (0..=block).rev() {
            let bytes = self.block(table.block_at(block), reach)?;
            let rows = table.rows_in(block, BODY / STREAM_ROW);
            let end = partition_point(rows, |n| row_key(&bytes, STREAM_ROW, n) <= wanted);
            for n in (0..end).rev() {
                let row = &bytes[n * STREAM_ROW..(n + 1) * STREAM_ROW];
                let of_stream = u32_at(row, 16) == key.check;
                if u64_at(row, 0) != key.sorted || (of_stream && !each(self.entry(row))) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn rows_from(
        &self,
        table: &Table,
        size: usize,
        wanted: (u64, u32),
        reach: Reach,
        mut each: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), RunError> {
        let Some(first) = self.block_of(table, size, wanted, reach)? else {
            return Ok(());
        };
        for block in first..table.firsts.len() {
            let bytes = self.block(table.block_at(block), reach)?;
            let rows = table.rows_in(block, BODY / size);
            let start = partition_point(rows, |n| row_key(&bytes, size, n) < wanted);
            for n in start..rows {
                if row_key(&bytes, size, n).0 != wanted.0 || !each(&bytes[n * size..(n + 1) * size]) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Finds the last block whose first row is not beyond a key and number; none if no row has the key.
    ///
    /// The blocks' first keys say which it is, unless the key fills several: then these blocks' first rows do.
    fn block_of(
        &self,
        table: &Table,
        size: usize,
        wanted: (u64, u32),
        reach: Reach,
    ) -> Result<Option<usize>, RunError> {
        let (key, _) = wanted;
        if !table.bloom.may_have(key) {
            return Ok(None);
        }
        let mut low = table
            .firsts
            .partition_point(|first| *first < key)
            .saturating_sub(1);
        let mut high = table
            .firsts
            .partition_point(|first| *first <= key)
            .saturating_sub(1)
            .max(low);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if row_key(&self.block(table.block_at(middle), reach)?, size, 0) <= wanted {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Ok(Some(low))
    }

    fn block(&self, at: u64, reach: Reach) -> Result<[u8; BLOCK], RunError> {
        read_block(&*self.file, at, reach)
    }
}

fn read_block(file: &dyn DiskFile, at: u64, reach: Reach) -> Result<[u8; BLOCK], RunError> {
    let mut bytes = [0; BLOCK];
    match reach {
        Reach::Memory if file.read_at_once(&mut bytes, at)? < BLOCK => {
            return Err(RunError::Disk(io::ErrorKind::WouldBlock.into()));
        }
        Reach::Memory => {}
        Reach::Disk => {
            read_full(file, &mut bytes, at)?;
        }
    }
    if crc32c::crc32c(&bytes[..BODY]) == u32_at(&bytes, BODY) {
        Ok(bytes)
    } else {
        Err(RunError::Damaged("a block has a wrong checksum"))
    }
}

fn row_key(block: &[u8; BLOCK], size: usize, n: usize) -> (u64, u32) {
    (u64_at(block, n * size), u32_at(block, n * size + 8))
}

fn partition_point(count: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
