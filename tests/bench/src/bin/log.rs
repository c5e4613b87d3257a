//! Measures the event log: `log [FOLDER [PART...]]`.
//!
//! The folder is on the disk that is to be measured; `/var/tmp` without one. The parts are `append`, `growth`, `read`,
//! `large`; all without one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use tests_bench::log::{append, large, read};

const PARTS: [&str; 4] = ["append", "growth", "read", "large"];

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    // `/tmp` may be in memory, where syncing costs nothing; this one outlives a restart, so it is on a disk.
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from("/var/tmp"), PathBuf::from);
    let parts: Vec<String> = std::env::args().skip(2).collect();
    if parts == [large::SERVE] {
        return large::serve(&folder).await;
    }
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        anyhow::bail!("{unknown} is no part of this bench, only: {}", PARTS.join(", "));
    }
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let place = tempfile::Builder::new()
        .prefix("ledgerline")
        .tempdir_in(&folder)?;
    // PostgreSQL runs as a user of its own, who has to reach its folder in here.
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o711))?;
    if wanted("append") {
        append::measure(place.path()).await?;
    }
    if wanted("growth") {
        append::growth(place.path()).await?;
    }
    if wanted("read") {
        read::measure(place.path()).await?;
    }
    if wanted("large") {
        large::measure(place.path()).await?;
    }
    Ok(())
}
