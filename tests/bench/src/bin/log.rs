//! Measures the event log. Takes a folder to work in, on the disk that is to be measured; `/var/tmp` without one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tests_bench::log::{append, large, read};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    // `/tmp` may be in memory, where syncing costs nothing; this one outlives a restart, so it is on a disk.
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    let place = tempfile::Builder::new()
        .prefix("ledgerline")
        .tempdir_in(&folder)?;
    // PostgreSQL runs as a user of its own, who has to reach its folder in here.
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o711))?;
    append::measure(place.path()).await?;
    append::growth(place.path()).await?;
    read::measure(place.path()).await?;
    large::measure(place.path()).await
}
