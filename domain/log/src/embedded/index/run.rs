//! A run: the index of one or more full segments, in a file of sorted blocks that can always be made anew.
//!
//! Three tables, each in blocks of 4096 bytes with a CRC32C of their own: streams (first part of the key, revision,
//! place, second part of the key) and ids (key, place), both sorted, and the offset of each record in its segment. Then, kept in memory while the run is open: the
//! first key of each block and a Bloom filter over either table's keys. `docs/log-format.md` shows it byte by byte.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bloom::Bloom;
use super::recent::{Entry, Recent};
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

/// A row of any table, padded: key, then one to three numbers.
type Row = [u8; 20];
/// Rows in the order of their table.
type Sorted<'a> = Box<dyn Iterator<Item = Result<Row, RunError>> + 'a>;

/// What a run is made of.
pub(super) enum Source<'a> {
    /// The records of one full segment.
    Segment(&'a Recent),
    /// Runs that follow one another.
    Runs(&'a [Arc<Run>]),
}

impl Source<'_> {
    fn first(&self) -> u64 {
        match self {
            Self::Segment(recent) => recent.first(),
            Self::Runs(runs) => runs.first().map_or(0, |run| run.first),
        }
    }

    fn segments(&self) -> u64 {
        match self {
            Self::Segment(_) => 1,
            Self::Runs(runs) => runs.iter().map(|run| run.segments).sum(),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Segment(recent) => recent.records().len() as u64,
            Self::Runs(runs) => runs.iter().map(|run| run.count).sum(),
        }
    }

    fn streams(&self) -> Sorted<'_> {
        match self {
            Self::Segment(recent) => {
                let mut rows: Vec<_> = recent
                    .records()
                    .zip(0_u32..)
                    .map(|(record, place)| {
                        let StreamKey { sorted, check } = record.stream;
                        (sorted, record.revision, place, check)
                    })
                    .collect();
                rows.sort_unstable();
                Box::new(
                    rows.into_iter()
                        .map(|(sorted, revision, place, check)| Ok(pad(sorted, [revision, place, check]))),
                )
            }
            Self::Runs(runs) => merge(
                runs.iter()
                    .map(|run| run.rows(&run.streams, STREAM_ROW, 12, self.shift(run))),
            ),
        }
    }

    fn ids(&self) -> Sorted<'_> {
        match self {
            Self::Segment(recent) => {
                let mut rows: Vec<_> = recent
                    .records()
                    .zip(0_u32..)
                    .map(|(record, place)| (record.id, place))
                    .collect();
                rows.sort_unstable();
                Box::new(rows.into_iter().map(|(key, place)| Ok(pad(key, [place, 0, 0]))))
            }
            Self::Runs(runs) => merge(
                runs.iter()
                    .map(|run| run.rows(&run.ids, ID_ROW, 8, self.shift(run))),
            ),
        }
    }

    fn offsets(&self) -> Sorted<'_> {
        match self {
            Self::Segment(recent) => Box::new(
                recent
                    .records()
                    .map(|record| Ok(pad(u64::from(record.offset), [0; 3]))),
            ),
            Self::Runs(runs) => Box::new(
                runs.iter()
                    .flat_map(|run| run.rows(&run.offsets, OFFSET_ROW, 12, 0)),
            ),
        }
    }

    // A place counts from its run's first record; in the merged run it counts from that one's.
    fn shift(&self, run: &Run) -> u32 {
        u32::try_from(run.first - self.first()).expect("runs are merged only up to u32::MAX records")
    }
}

fn pad(key: u64, numbers: [u32; 3]) -> Row {
    let mut row = Row::default();
    row[..8].copy_from_slice(&key.to_le_bytes());
    for (place, number) in row[8..].as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
        *place = number.to_le_bytes();
    }
    row
}

fn sort_key(row: &Row) -> (u64, u32, u32) {
    (u64_at(row, 0), u32_at(row, 8), u32_at(row, 12))
}

/// Merges sorted rows; few sources, so the smallest is looked for one by one.
fn merge<'a>(sources: impl Iterator<Item = impl Iterator<Item = Result<Row, RunError>> + 'a>) -> Sorted<'a> {
    let mut sources: Vec<_> = sources.map(Iterator::peekable).collect();
    Box::new(std::iter::from_fn(move || {
        let key_of = |peeked: Option<&Result<Row, RunError>>| {
            peeked.map(|row| row.as_ref().map_or((0, 0, 0), sort_key))
        };
        let smallest = sources
            .iter_mut()
            .filter_map(|source| key_of(source.peek()).map(|key| (key, source)));
        smallest.min_by_key(|(key, _)| *key)?.1.next()
    }))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// Writes blocks one after the other.
struct Writer {
    file: Arc<dyn DiskFile>,
    at: u64,
    buffer: Vec<u8>,
}

impl Writer {
    const BUFFERED_MAX: usize = 1 << 20;

    /// Writes rows of `size` bytes in blocks; returns the key of each block's first row.
    fn table(&mut self, size: usize, rows: Sorted<'_>) -> Result<Vec<u64>, RunError> {
        let per_block = BODY / size;
        let (mut firsts, mut in_block) = (Vec::new(), 0);
        for row in rows {
            let row = row?;
            if in_block == 0 {
                firsts.push(u64_at(&row, 0));
            }
            self.buffer.extend_from_slice(&row[..size]);
            in_block += 1;
            if in_block == per_block {
                self.close_block(in_block * size)?;
                in_block = 0;
            }
        }
        if in_block > 0 {
            self.close_block(in_block * size)?;
        }
        Ok(firsts)
    }

    fn close_block(&mut self, used: usize) -> io::Result<()> {
        let start = self.buffer.len() - used;
        self.buffer.resize(start + BODY, 0);
        let crc = crc32c::crc32c(&self.buffer[start..]);
        self.buffer.extend_from_slice(&crc.to_le_bytes());
        if self.buffer.len() >= Self::BUFFERED_MAX {
            self.flush()
        } else {
            Ok(())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(&self.buffer, self.at)?;
        self.at += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Writes a run's file whole, safe before it has its name, and opens it.
pub(super) fn write(disk: &dyn Disk, folder: &Path, source: &Source<'_>) -> Result<Run, RunError> {
    let path = folder.join(format!("{:020}-{}.idx", source.first(), source.segments()));
    let beside = path.with_extension("new");
    match disk.remove(&beside) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => return Err(refused.into()),
        _ => {}
    }
    let mut out = Writer {
        file: disk.open(&beside)?,
        at: 0,
        buffer: Vec::new(),
    };
    let stream_firsts = out.table(STREAM_ROW, source.streams())?;
    let id_firsts = out.table(ID_ROW, source.ids())?;
    out.table(OFFSET_ROW, source.offsets())?;
    let summary_at = out.at + out.buffer.len() as u64;
    let summary = [
        bytes_of(&stream_firsts),
        bytes_of(&id_firsts),
        bloom_of(|| source.streams())?.to_bytes(),
        bloom_of(|| source.ids())?.to_bytes(),
    ];
    let sizes = [summary[0].len(), summary[1].len(), summary[2].len()].map(|size| size as u64);
    let mut tail: Vec<u8> = summary.concat();
    tail.extend_from_slice(&MAGIC);
    for field in [
        source.first(),
        source.count(),
        source.segments(),
        summary_at,
        sizes[0],
        sizes[1],
        sizes[2],
    ] {
        tail.extend_from_slice(&field.to_le_bytes());
    }
    let crc = crc32c::crc32c(&tail);
    tail.extend_from_slice(&crc.to_le_bytes());
    out.buffer.extend_from_slice(&tail);
    out.flush()?;
    out.file.sync()?;
    disk.rename(&beside, &path)?;
    open(disk, &path)
}

fn bytes_of(firsts: &[u64]) -> Vec<u8> {
    firsts.iter().flat_map(|first| first.to_le_bytes()).collect()
}

// The keys are read twice: once to count them, since the filter's size follows from that.
fn bloom_of<'a>(keys: impl Fn() -> Sorted<'a>) -> Result<Bloom, RunError> {
    let each = |mut found: Box<dyn FnMut(u64) + '_>| -> Result<(), RunError> {
        let mut last = None;
        for row in keys() {
            let key = u64_at(&row?, 0);
            if last.replace(key) != Some(key) {
                found(key);
            }
        }
        Ok(())
    };
    let mut count = 0;
    each(Box::new(|_| count += 1))?;
    let mut bloom = Bloom::for_keys(count);
    each(Box::new(|key| bloom.add(key)))?;
    Ok(bloom)
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

    /// Lists a table's rows, padded, with `shift` added to the number at `shifted`.
    fn rows(
        &self,
        table: &Table,
        size: usize,
        shifted: usize,
        shift: u32,
    ) -> impl Iterator<Item = Result<Row, RunError>> {
        let per_block = BODY / size;
        let blocks = usize::try_from(table.rows)
            .expect("a table fits into memory")
            .div_ceil(per_block);
        (0..blocks).flat_map(move |block| {
            let (rows, failed) = match self.block(table.block_at(block), Reach::Disk) {
                Ok(bytes) => (Some((bytes, table.rows_in(block, per_block))), None),
                Err(failed) => (None, Some(Err(failed))),
            };
            let rows = rows.into_iter().flat_map(move |(bytes, count)| {
                (0..count).map(move |n| {
                    let mut row = Row::default();
                    row[..size].copy_from_slice(&bytes[n * size..(n + 1) * size]);
                    let place = u32_at(&row, shifted) + shift;
                    row[shifted..shifted + 4].copy_from_slice(&place.to_le_bytes());
                    Ok(row)
                })
            });
            rows.chain(failed)
        })
    }

    fn block(&self, at: u64, reach: Reach) -> Result<[u8; BLOCK], RunError> {
        let mut bytes = [0; BLOCK];
        match reach {
            Reach::Memory if self.file.read_at_once(&mut bytes, at)? < BLOCK => {
                return Err(RunError::Disk(io::ErrorKind::WouldBlock.into()));
            }
            Reach::Memory => {}
            Reach::Disk => {
                read_full(&*self.file, &mut bytes, at)?;
            }
        }
        if crc32c::crc32c(&bytes[..BODY]) == u32_at(&bytes, BODY) {
            Ok(bytes)
        } else {
            Err(RunError::Damaged("a block has a wrong checksum"))
        }
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
