//! Processes that are killed, and disks that are full, for real.

mod disk_full;
mod kill;

use std::path::Path;

use domain_log::EmbeddedConfig;

/// The program that appends until it is killed.
const STORM: &str = env!("CARGO_BIN_EXE_append_storm");

fn config(folder: &Path) -> EmbeddedConfig {
    EmbeddedConfig {
        folder: folder.to_owned(),
        segment_bytes: 2 << 20,
    }
}

/// What one line of the storm says was acknowledged.
struct Acknowledged {
    stream: String,
    revision: u64,
    position: u64,
    id: String,
}

impl Acknowledged {
    /// Reads a line; `None` for one that the kill cut short.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('\n')?.split(' ');
        let (stream, revision, position, id) = (words.next()?, words.next()?, words.next()?, words.next()?);
        Some(Self {
            stream: stream.to_owned(),
            revision: revision.parse().ok()?,
            position: position.parse().ok()?,
            id: id.to_owned(),
        })
    }
}
