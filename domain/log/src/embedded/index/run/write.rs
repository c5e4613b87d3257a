//! Writes a run, from a full segment or from the runs that it takes the place of.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{
    BLOCK, BODY, Bloom, ID_ROW, MAGIC, OFFSET_ROW, Reach, Run, RunError, STREAM_ROW, open, read_block,
    u32_at, u64_at,
};
use crate::embedded::disk::{Disk, DiskFile};
use crate::embedded::index::recent::Recent;
use crate::embedded::record::StreamKey;

/// A row of any table, padded: key, then one to three numbers.
type Row = [u8; 20];
/// Rows in the order of their table.
type Sorted<'a> = Box<dyn Iterator<Item = Result<Row, RunError>> + 'a>;

/// What a run is made of.
pub(in crate::embedded::index) enum Source<'a> {
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
            Self::Runs(runs) => merge(runs.iter().map(|run| {
                let rows = Rows::new(&*run.file, run.streams.at, run.count, STREAM_ROW);
                rows.shifted(12, self.shift(run))
            })),
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
            Self::Runs(runs) => merge(runs.iter().map(|run| {
                let rows = Rows::new(&*run.file, run.ids.at, run.count, ID_ROW);
                rows.shifted(8, self.shift(run))
            })),
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
                    .flat_map(|run| Rows::new(&*run.file, run.offsets.at, run.count, OFFSET_ROW)),
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

/// Returns what a row is sorted by: its key and the two numbers after it.
fn sort_key(row: &Row) -> u128 {
    u128::from(u64_at(row, 0)) << 64 | u128::from(u32_at(row, 8)) << 32 | u128::from(u32_at(row, 12))
}

/// A walk through the rows of a table.
struct Rows<'a> {
    file: &'a dyn DiskFile,
    /// Where the next block begins.
    at: u64,
    /// How many rows there are behind the block.
    left: u64,
    size: usize,
    block: [u8; BLOCK],
    /// Where in the block the next row begins, and where the last one ends.
    next: usize,
    end: usize,
    /// The number at a place in each row is raised by as much.
    shift: (usize, u32),
}

impl<'a> Rows<'a> {
    fn new(file: &'a dyn DiskFile, at: u64, count: u64, size: usize) -> Self {
        Self {
            file,
            at,
            left: count,
            size,
            block: [0; BLOCK],
            next: 0,
            end: 0,
            shift: (12, 0),
        }
    }

    fn shifted(self, place: usize, by: u32) -> Self {
        let shift = (place, by);
        Self { shift, ..self }
    }

    fn read_on(&mut self) -> Result<(), RunError> {
        self.block = read_block(self.file, self.at, Reach::Disk)?;
        self.at += BLOCK as u64;
        let rows = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(BODY / self.size);
        self.left -= rows as u64;
        (self.next, self.end) = (0, rows * self.size);
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RunError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next == self.end {
            if self.left == 0 {
                return None;
            }
            if let Err(failed) = self.read_on() {
                self.left = 0;
                return Some(Err(failed));
            }
        }
        let mut row = Row::default();
        row[..self.size].copy_from_slice(&self.block[self.next..self.next + self.size]);
        self.next += self.size;
        let (place, by) = self.shift;
        let raised = u32_at(&row, place) + by;
        row[place..place + 4].copy_from_slice(&raised.to_le_bytes());
        Some(Ok(row))
    }
}

/// Merges sorted rows; few sources, so the smallest is looked for one by one.
fn merge<'a>(sources: impl Iterator<Item = Rows<'a>>) -> Sorted<'a> {
    let mut ahead = Vec::new();
    let mut failed = None;
    for mut rest in sources {
        match rest.next() {
            Some(Ok(row)) => ahead.push((sort_key(&row), row, rest)),
            Some(Err(refused)) => failed = Some(refused),
            None => {}
        }
    }
    Box::new(std::iter::from_fn(move || {
        if let Some(refused) = failed.take() {
            ahead.clear();
            return Some(Err(refused));
        }
        let smallest = (0..ahead.len()).min_by_key(|source| ahead[*source].0)?;
        let (key, row, rest) = &mut ahead[smallest];
        let smallest_row = *row;
        match rest.next() {
            Some(Ok(next)) => (*key, *row) = (sort_key(&next), next),
            Some(Err(refused)) => failed = Some(refused),
            None => drop(ahead.swap_remove(smallest)),
        }
        Some(Ok(smallest_row))
    }))
}

/// Writes blocks one after the other.
struct Writer {
    file: Arc<dyn DiskFile>,
    at: u64,
    buffer: Vec<u8>,
}

impl Writer {
    const BUFFERED_MAX: usize = 1 << 20;

    /// Writes rows of `size` bytes in blocks.
    fn table(&mut self, size: usize, rows: Sorted<'_>) -> Result<Written, RunError> {
        let per_block = BODY / size;
        let at = self.at + self.buffer.len() as u64;
        let (mut firsts, mut keys, mut last, mut in_block) = (Vec::new(), 0, None, 0);
        for row in rows {
            let row = row?;
            let key = u64_at(&row, 0);
            keys += usize::from(last.replace(key) != Some(key));
            if in_block == 0 {
                firsts.push(key);
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
        Ok(Written { at, firsts, keys })
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

/// A table in the file.
struct Written {
    at: u64,
    /// The key of each block's first row.
    firsts: Vec<u64>,
    /// How many different ones there are.
    keys: usize,
}

/// Writes a run's file whole, safe before it has its name, and opens it.
pub(in crate::embedded::index) fn write(
    disk: &dyn Disk,
    folder: &Path,
    source: &Source<'_>,
) -> Result<Run, RunError> {
    let path = folder.join(format!("{:020}-{}.idx", source.first(), source.segments()));
    let beside = path.with_extension("new");
    match disk.remove(&beside) {
        Err(refused) if refused.kind() != io::ErrorKind::NotFound => return Err(refused.into()),
        _ => {}
    }
    if let Err(failed) = write_file(disk, &beside, source) {
        // Half a file only takes the room that is missing; whether removing it works changes nothing.
        let _ = disk.remove(&beside);
        return Err(failed);
    }
    disk.rename(&beside, &path)?;
    // What it takes the place of is removed next.
    disk.sync_folder(folder)?;
    open(disk, &path)
}

fn write_file(disk: &dyn Disk, path: &Path, source: &Source<'_>) -> Result<(), RunError> {
    let mut out = Writer {
        file: disk.open(path)?,
        at: 0,
        buffer: Vec::new(),
    };
    let streams = out.table(STREAM_ROW, source.streams())?;
    let ids = out.table(ID_ROW, source.ids())?;
    out.table(OFFSET_ROW, source.offsets())?;
    out.flush()?;
    let filter = |table: &Written, size| -> Result<Vec<u8>, RunError> {
        let mut filter = Bloom::for_keys(table.keys);
        for row in Rows::new(&*out.file, table.at, source.count(), size) {
            filter.add(u64_at(&row?, 0));
        }
        Ok(filter.to_bytes())
    };
    let summary = [
        bytes_of(&streams.firsts),
        bytes_of(&ids.firsts),
        filter(&streams, STREAM_ROW)?,
        filter(&ids, ID_ROW)?,
    ];
    let summary_at = out.at;
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
    out.file.write_at(&tail, summary_at)?;
    out.file.sync()?;
    Ok(())
}

fn bytes_of(firsts: &[u64]) -> Vec<u8> {
    firsts.iter().flat_map(|first| first.to_le_bytes()).collect()
}
