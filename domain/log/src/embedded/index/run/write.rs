//! Writes a run, from a full segment or from the runs that it takes the place of.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{BODY, Bloom, ID_ROW, MAGIC, OFFSET_ROW, Row, Run, RunError, STREAM_ROW, open, u32_at, u64_at};
use crate::embedded::disk::{Disk, DiskFile};
use crate::embedded::index::recent::Recent;
use crate::embedded::record::StreamKey;

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
