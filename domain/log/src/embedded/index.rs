//! Finds records: by position, by stream and revision, by id. All of it can be made anew from the segments.
//!
//! Full segments have runs on disk, merged eight by eight so that there are few; the segment written to, and those
//! that have no run yet, are held in memory. Runs and those follow one another without a gap.

mod bloom;
mod recent;
mod run;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub(super) use recent::{Entry, Keep, Listed, Recent};
pub(super) use run::{Reach, Run, RunError};

use super::disk::Disk;
use super::record::StreamKey;
use run::Source;

/// How many neighbours of one size are merged into one run.
const MERGED: usize = 8;

/// The index of a log.
pub(super) struct Index {
    written: RwLock<Written>,
    /// Held while runs are made, merged or replaced: one at a time.
    upkeep: Mutex<()>,
}

struct Written {
    older: Arc<Older>,
    /// The segment written to.
    active: Recent,
}

/// What no longer grows.
#[derive(Default, Clone)]
struct Older {
    runs: Vec<Arc<Run>>,
    /// Full segments without a run yet, after the runs.
    full: Vec<Arc<Recent>>,
}

impl Older {
    /// Lists what holds records from `since` on, the newest first.
    fn since(&self, since: u64) -> (impl Iterator<Item = &Recent>, impl Iterator<Item = &Run>) {
        let full = self.full.iter().rev().map(|full| &**full);
        let runs = self.runs.iter().rev().map(|run| &**run);
        (
            full.take_while(move |full| full.end() > since),
            runs.take_while(move |run| run.end() > since),
        )
    }
}

impl Index {
    pub(super) fn new(runs: Vec<Arc<Run>>, full: Vec<Arc<Recent>>, active: Recent) -> Self {
        Self {
            written: RwLock::new(Written {
                older: Arc::new(Older { runs, full }),
                active,
            }),
            upkeep: Mutex::new(()),
        }
    }

    /// Takes in records that have just become safe.
    pub(super) fn extend(&self, records: impl Iterator<Item = Listed>) {
        let mut written = self.written.write().unwrap_or_else(PoisonError::into_inner);
        records.for_each(|record| written.active.push(record));
    }

    /// Goes on to the segment that begins where the active one ends.
    pub(super) fn next_segment(&self) -> Arc<Recent> {
        let mut written = self.written.write().unwrap_or_else(PoisonError::into_inner);
        let end = written.active.end();
        let full = Arc::new(std::mem::replace(&mut written.active, Recent::new(end)));
        let mut older = (*written.older).clone();
        older.full.push(Arc::clone(&full));
        written.older = Arc::new(older);
        full
    }

    fn older(&self) -> Arc<Older> {
        Arc::clone(&self.written.read().unwrap_or_else(PoisonError::into_inner).older)
    }

    /// Returns a record's offset in its segment.
    pub(super) fn offset(&self, position: u64) -> Result<Option<u32>, RunError> {
        let older = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            if position >= written.active.first() {
                return Ok(written.active.offset(position));
            }
            Arc::clone(&written.older)
        };
        if let Some(run) = older.runs.iter().rfind(|run| run.first() <= position)
            && position < run.end()
        {
            return run.offset(position).map(Some);
        }
        Ok(older.full.iter().find_map(|full| full.offset(position)))
    }

    /// Returns the revision of a stream's last record; looks only where records from `since` on are.
    pub(super) fn last(&self, key: StreamKey, since: u64, reach: Reach) -> Result<Option<u32>, RunError> {
        let older = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = written.active.stream(key).next() {
                return Ok(Some(entry.revision));
            }
            if written.active.first() <= since {
                return Ok(None);
            }
            Arc::clone(&written.older)
        };
        let (full, runs) = older.since(since);
        let mut in_memory = full.filter_map(|full| full.stream(key).next());
        if let Some(entry) = in_memory.next() {
            return Ok(Some(entry.revision));
        }
        for run in runs {
            let mut last = None;
            run.stream_back(key, u32::MAX, reach, |entry| {
                last = Some(entry.revision);
                false
            })?;
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }

    /// Says whether some record from `since` on may have this id; one before it may be told as well.
    pub(super) fn has_id(&self, key: u64, since: u64, reach: Reach) -> Result<bool, RunError> {
        let older = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            if written.active.id(key).next().is_some() {
                return Ok(true);
            }
            if written.active.first() <= since {
                return Ok(false);
            }
            Arc::clone(&written.older)
        };
        let (mut full, runs) = older.since(since);
        let mut found = full.any(|full| full.id(key).next().is_some());
        for run in runs {
            if found {
                break;
            }
            run.id(key, reach, |_| {
                found = true;
                false
            })?;
        }
        Ok(found)
    }

    /// Lists at most `limit` of a stream's records with revisions from `from` on, in order.
    pub(super) fn stream_from(
        &self,
        key: StreamKey,
        from: u32,
        limit: usize,
    ) -> Result<Vec<Entry>, RunError> {
        let mut found = Vec::new();
        let (older, active) = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            let active = oldest_first(written.active.stream(key), from);
            (Arc::clone(&written.older), active)
        };
        for run in &older.runs {
            if found.len() >= limit {
                break;
            }
            run.stream(key, from, |entry| {
                found.push(entry);
                found.len() < limit
            })?;
        }
        let recent = older
            .full
            .iter()
            .flat_map(|full| oldest_first(full.stream(key), from));
        let room = limit.saturating_sub(found.len());
        found.extend(recent.chain(active).take(room));
        Ok(found)
    }

    /// Lists at most `limit` of a stream's records with revisions up to `to`, from the last backwards.
    pub(super) fn stream_to(&self, key: StreamKey, to: u32, limit: usize) -> Result<Vec<Entry>, RunError> {
        let upto = |entry: &Entry| entry.revision <= to;
        let (older, mut found) = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            (
                Arc::clone(&written.older),
                written
                    .active
                    .stream(key)
                    .filter(upto)
                    .take(limit)
                    .collect::<Vec<_>>(),
            )
        };
        let recent = older.full.iter().rev().flat_map(|full| full.stream(key));
        let room = limit.saturating_sub(found.len());
        found.extend(recent.filter(upto).take(room));
        for run in older.runs.iter().rev() {
            if found.len() >= limit {
                break;
            }
            run.stream_back(key, to, Reach::Disk, |entry| {
                found.push(entry);
                found.len() < limit
            })?;
        }
        Ok(found)
    }

    /// Lists the positions of records whose id has this key, at most `limit`.
    pub(super) fn id(&self, key: u64, limit: usize) -> Result<Vec<u64>, RunError> {
        let (older, mut found) = {
            let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
            (
                Arc::clone(&written.older),
                written.active.id(key).take(limit).collect::<Vec<_>>(),
            )
        };
        found.extend(
            older
                .full
                .iter()
                .flat_map(|full| full.id(key))
                .take(limit.saturating_sub(found.len())),
        );
        for run in older.runs.iter().rev() {
            if found.len() >= limit {
                break;
            }
            run.id(key, Reach::Disk, |position| {
                found.push(position);
                found.len() < limit
            })?;
        }
        Ok(found)
    }

    /// Gives every full segment its run and merges neighbours; what fails is tried again next time.
    pub(super) fn tidy_up(&self, disk: &dyn Disk, folder: &Path) -> Result<(), RunError> {
        let _upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(full) = self.older().full.first().cloned() {
            let run = Arc::new(run::write(disk, folder, &Source::Segment(&full))?);
            self.replace_older(|older| {
                older.full.remove(0);
                older.runs.push(run);
            });
        }
        while let Some((start, size)) = neighbours(&self.older().runs) {
            let parts: Vec<_> = self.older().runs[start..start + size].to_vec();
            let merged = Arc::new(run::write(disk, folder, &Source::Runs(&parts))?);
            self.replace_older(|older| {
                older.runs.splice(start..start + size, [merged]);
            });
            for part in parts {
                disk.remove(part.path())?;
            }
        }
        Ok(())
    }

    /// Takes over runs that another process has made of what is held in memory here.
    pub(super) fn adopt(&self, mut runs: Vec<Arc<Run>>) {
        let _upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let active = self
            .written
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .active
            .first();
        let fits =
            |end: u64, full: &[Arc<Recent>]| end == active || full.iter().any(|recent| recent.first() == end);
        self.replace_older(|older| {
            while runs.last().is_some_and(|run| !fits(run.end(), &older.full)) {
                runs.pop();
            }
            let known = older.runs.last().map_or(0, |run| run.end());
            if let Some(end) = runs.last().map(|run| run.end()).filter(|end| *end > known) {
                older.runs = runs;
                older.full.retain(|recent| recent.first() >= end);
            }
        });
    }

    /// Replaces runs that are damaged by what `again` makes of their positions.
    pub(super) fn replace_damaged<E: From<io::Error>>(
        &self,
        again: impl Fn(u64, u64) -> Result<Vec<Arc<Recent>>, E>,
    ) -> Result<(), E> {
        let _upkeep = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
        let older = self.older();
        let mut whole = 0;
        for run in &older.runs {
            match run.check() {
                Ok(()) => whole += 1,
                Err(RunError::Damaged(_)) => break,
                Err(RunError::Disk(refused)) => return Err(refused.into()),
            }
        }
        // Runs come before what is in memory, so the ones behind a damaged run are made anew with it.
        if let (Some(first), Some(last)) = (older.runs.get(whole), older.runs.last()) {
            let made = again(first.first(), last.end())?;
            self.replace_older(|older| {
                older.runs.truncate(whole);
                older.full.splice(0..0, made);
            });
        }
        Ok(())
    }

    fn replace_older(&self, change: impl FnOnce(&mut Older)) {
        let mut written = self.written.write().unwrap_or_else(PoisonError::into_inner);
        let mut older = (*written.older).clone();
        change(&mut older);
        written.older = Arc::new(older);
    }
}

fn oldest_first(newest_first: impl Iterator<Item = Entry>, from: u32) -> Vec<Entry> {
    let mut entries: Vec<_> = newest_first.take_while(|entry| entry.revision >= from).collect();
    entries.reverse();
    entries
}

/// Finds neighbours of the same size that fill a merge.
fn neighbours(runs: &[Arc<Run>]) -> Option<(usize, usize)> {
    let same = |window: &[Arc<Run>]| window.iter().all(|run| run.segments() == window[0].segments());
    let records = |window: &[Arc<Run>]| window.last().map_or(0, |last| last.end()) - window[0].first();
    runs.windows(MERGED)
        .position(|window| same(window) && u32::try_from(records(window)).is_ok())
        .map(|at| (at, MERGED))
}

/// Opens the runs that are there, in order and without a gap from the beginning; the others are removed.
///
/// A run that is damaged ends the row: what follows is made anew from the segments. Returns what was dropped.
pub(super) fn open_runs(
    disk: &dyn Disk,
    folder: &Path,
    write: bool,
) -> io::Result<(Vec<Arc<Run>>, Vec<String>)> {
    let mut names: Vec<(u64, u64, String)> = Vec::new();
    let mut dropped = Vec::new();
    for name in disk.list(folder)? {
        let parts = name.strip_suffix(".idx").and_then(|stem| stem.split_once('-'));
        match parts.and_then(|(first, segments)| Some((first.parse().ok()?, segments.parse().ok()?))) {
            Some((first, segments)) => names.push((first, segments, name)),
            None => dropped.push(name),
        }
    }
    // The one merged from most comes first: the ones it was merged from may still be there.
    names.sort_by_key(|(first, segments, _)| (*first, u64::MAX - *segments));
    let mut runs: Vec<Arc<Run>> = Vec::new();
    for (first, _, name) in names {
        if first != runs.last().map_or(0, |run| run.end()) {
            dropped.push(name);
            continue;
        }
        match run::open(disk, &folder.join(&name)) {
            Ok(run) if run.first() == first && run.end() > first => runs.push(Arc::new(run)),
            Ok(_) | Err(RunError::Damaged(_)) => dropped.push(name),
            // The writer has just merged it into another one.
            Err(RunError::Disk(gone)) if !write && gone.kind() == io::ErrorKind::NotFound => {
                return open_runs(disk, folder, write);
            }
            Err(RunError::Disk(refused)) => return Err(refused),
        }
    }
    if write {
        for name in &dropped {
            disk.remove(&folder.join(name))?;
        }
    }
    Ok((runs, dropped))
}
