//! Measures the event log. Takes a folder to work in; without one, a temporary one beside the build.

use std::path::PathBuf;

use tests_bench::log::{append, large, read};

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(beside_the_build, PathBuf::from);
    std::fs::create_dir_all(&folder)?;
    let place = tempfile::Builder::new().prefix("b").tempdir_in(&folder)?;
    append::measure(place.path()).await?;
    append::growth(place.path()).await?;
    read::measure(place.path()).await?;
    large::measure(place.path()).await
}

// A temporary folder of the system may be in memory, where syncing costs nothing.
fn beside_the_build() -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.parent()?.join("bench")))
        .unwrap_or_else(|| PathBuf::from("."))
}
