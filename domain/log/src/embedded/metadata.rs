//! What is known of streams and of the log beside events: a small file of lines, each with its own checksum.
//!
//! It is no part of the truth: losing it shows what had been hidden, and hides nothing.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::disk::{Disk, DiskFile, read_whole, write_whole};
use super::segment::Paths;
use crate::{StreamMetadata, StreamName};

/// The metadata of a log, in memory and on disk.
pub(super) struct MetadataFile {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    streams: BTreeMap<StreamName, StreamMetadata>,
    labels: BTreeMap<String, String>,
    /// `None` where the log is open for reading only.
    file: Option<Arc<dyn DiskFile>>,
    length: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Stream {
        name: StreamName,
        metadata: StreamMetadata,
    },
    Labels(BTreeMap<String, String>),
}

impl MetadataFile {
    /// Reads the file; for writing, it is first made anew without what was replaced since.
    pub(super) fn open(disk: &dyn Disk, paths: &Paths, write: bool) -> io::Result<Self> {
        let bytes = read_whole(disk, &paths.metadata())?.unwrap_or_default();
        let mut known = Known::default();
        let mut rest = &bytes[..];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            match parse(line) {
                Some(line) => known.take(line),
                // A line that was cut short was never acknowledged; only the last can be.
                None if rest.is_empty() => {}
                None => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a line of metadata.jsonl has a wrong checksum",
                    ));
                }
            }
        }
        if write {
            let lines: Vec<u8> = known.lines().iter().flat_map(format).collect();
            write_whole(disk, &paths.metadata(), &lines)?;
            known.file = Some(disk.open(&paths.metadata())?);
            known.length = lines.len() as u64;
        }
        Ok(Self {
            known: Mutex::new(known),
        })
    }

    pub(super) fn stream(&self, name: &StreamName) -> StreamMetadata {
        self.known().streams.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        self.known().labels.clone()
    }

    /// Replaces a stream's metadata and returns once that is safe; `Ok(false)` where the log is open for reading only.
    pub(super) fn set_stream(&self, name: StreamName, metadata: StreamMetadata) -> io::Result<bool> {
        self.known().write(Line::Stream { name, metadata })
    }

    /// Replaces the log's labels, likewise.
    pub(super) fn set_labels(&self, labels: BTreeMap<String, String>) -> io::Result<bool> {
        self.known().write(Line::Labels(labels))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn take(&mut self, line: Line) {
        match line {
            Line::Stream { name, metadata } if metadata == StreamMetadata::default() => {
                self.streams.remove(&name);
            }
            Line::Stream { name, metadata } => {
                self.streams.insert(name, metadata);
            }
            Line::Labels(labels) => self.labels = labels,
        }
    }

    fn lines(&self) -> Vec<Line> {
        let streams = self.streams.iter();
        let mut lines: Vec<_> = streams
            .map(|(name, metadata)| Line::Stream {
                name: name.clone(),
                metadata: metadata.clone(),
            })
            .collect();
        if !self.labels.is_empty() {
            lines.push(Line::Labels(self.labels.clone()));
        }
        lines
    }

    fn write(&mut self, line: Line) -> io::Result<bool> {
        let Some(file) = &self.file else { return Ok(false) };
        let bytes = format(&line);
        file.write_at(&bytes, self.length)?;
        file.sync()?;
        self.length += bytes.len() as u64;
        self.take(line);
        Ok(true)
    }
}

fn format(line: &Line) -> Vec<u8> {
    let json = serde_json::to_string(line).expect("plain data");
    format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes())).into_bytes()
}

fn parse(line: &[u8]) -> Option<Line> {
    let (crc, json) = line.split_at_checked(9)?;
    let crc = u32::from_str_radix(std::str::from_utf8(crc).ok()?.trim_end(), 16).ok()?;
    (crc32c::crc32c(json) == crc).then(|| serde_json::from_slice(json).ok())?
}
