//! What the embedded log promises beyond the suite that every log passes: power cuts, damage, a full disk, a disk that
//! does not sync, other processes, and streams that it no longer remembers.

#[path = "embedded/damage.rs"]
mod damage;
#[path = "embedded/disk_full.rs"]
mod disk_full;
#[path = "embedded/forgotten.rs"]
mod forgotten;
#[path = "embedded/other_processes.rs"]
mod other_processes;
#[path = "embedded/power.rs"]
mod power;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain_log::contract::sample::{all, event, forwards, stream};
use domain_log::embedded::OpenError;
use domain_log::embedded::disk::Disk;
use domain_log::embedded::faulty::FaultyDisk;
use domain_log::{EmbeddedConfig, EmbeddedLog, EventLog, Expected, Filter, Recorded, Revision};

/// Segments so small that a short test fills several.
const SMALL: u64 = 64 << 10;

fn config() -> EmbeddedConfig {
    EmbeddedConfig {
        folder: PathBuf::from("/log"),
        segment_bytes: SMALL,
    }
}

fn open(disk: &FaultyDisk) -> Result<EmbeddedLog, OpenError> {
    EmbeddedLog::open_on(Arc::new(disk.clone()) as Arc<dyn Disk>, &config())
}

fn at(folder: &Path) -> EmbeddedConfig {
    EmbeddedConfig {
        folder: folder.to_owned(),
        segment_bytes: SMALL,
    }
}

async fn everything(log: &dyn EventLog) -> Vec<Recorded> {
    all(log.read_all(forwards(), Filter::default(), usize::MAX)).await
}

/// Appends events 0 to before `count`, one at a time, in turn to three streams.
async fn fill(log: &dyn EventLog, count: u64) {
    for n in 0..count {
        let expected = n.checked_sub(3).map(|before| Revision(before / 3)).into();
        log.append(&stream(&format!("call-acme_{}", n % 3)), expected, vec![event(n)])
            .await
            .expect("there is room");
    }
}

/// Appends one more event to a stream of its own.
async fn one_more(log: &dyn EventLog) -> Result<domain_log::Appended, domain_log::AppendError> {
    log.append(&stream("queue-acme_1"), Expected::Any, vec![event(999_999)])
        .await
}
