//! Where the platform's data lie, and how they are opened.
//!
//! Below the data folder: `log/` (the embedded log), `vault/keys.sqlite` (the key vault), `root.key` (what wraps the
//! vault's keys; never part of a backup) and `control.sock` (how commands reach a running platform).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain_log::codec::Codec;
use domain_log::kurrent::KurrentConfig;
use domain_log::upcast::Upcasts;
use domain_log::vault::Vault;
use domain_log::{EmbeddedConfig, EmbeddedLog, EventLog, KurrentLog, Ledger};

/// The largest segment: a start reads one of them whole, which takes about a tenth of a second.
const SEGMENT_BYTES: u64 = 64 << 20;
/// Longer than a cluster needs to elect a leader.
const PATIENCE: Duration = Duration::from_secs(10);
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Where data lie.
#[derive(Debug)]
pub(crate) struct Place {
    data: PathBuf,
    cluster: Option<String>,
}

impl Place {
    pub(crate) fn new(data: PathBuf, cluster: Option<String>) -> anyhow::Result<Self> {
        let data = std::path::absolute(&data).with_context(|| format!("--data {}", data.display()))?;
        Ok(Self { data, cluster })
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn log_folder(&self) -> PathBuf {
        self.data.join("log")
    }

    pub(crate) fn vault_file(&self) -> PathBuf {
        self.data.join("vault").join("keys.sqlite")
    }

    pub(crate) fn root_key(&self) -> PathBuf {
        self.data.join("root.key")
    }

    pub(crate) fn control_socket(&self) -> PathBuf {
        self.data.join("control.sock")
    }

    pub(crate) fn is_embedded(&self) -> bool {
        self.cluster.is_none()
    }

    pub(crate) fn embedded(&self) -> EmbeddedConfig {
        EmbeddedConfig {
            folder: self.log_folder(),
            segment_bytes: SEGMENT_BYTES,
        }
    }

    /// Opens the log for reading and writing.
    pub(crate) fn open_log(&self) -> anyhow::Result<Arc<dyn EventLog>> {
        match &self.cluster {
            Some(url) => open_cluster(url),
            None => {
                let opened = EmbeddedLog::open(&self.embedded());
                Ok(Arc::new(opened.with_context(|| {
                    format!("opening the log in {}", self.log_folder().display())
                })?))
            }
        }
    }

    /// Opens the log for reading, also while the platform runs.
    pub(crate) fn read_log(&self) -> anyhow::Result<Arc<dyn EventLog>> {
        match &self.cluster {
            Some(url) => open_cluster(url),
            None => {
                let opened = EmbeddedLog::open_read_only(&self.embedded());
                Ok(Arc::new(opened.with_context(|| {
                    format!("opening the log in {}", self.log_folder().display())
                })?))
            }
        }
    }

    /// Opens the key vault; one process at a time has it.
    pub(crate) fn open_vault(&self) -> anyhow::Result<Vault> {
        let file = self.vault_file();
        let folder = file.parent().context("a file lies in a folder")?;
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        Vault::open(&file, &self.root_key()).context("opening the key vault")
    }

    /// Opens log and vault together.
    pub(crate) fn open_ledger(&self) -> anyhow::Result<Ledger> {
        let log = self.open_log()?;
        let vault = Arc::new(self.open_vault()?);
        Ok(Ledger::new(log, Codec::new(vault, Upcasts::of_this_build()?)))
    }
}

/// Opens the log in a cluster.
pub(crate) fn open_cluster(url: &str) -> anyhow::Result<Arc<dyn EventLog>> {
    let config = KurrentConfig {
        connection: url.to_owned(),
        patience: PATIENCE,
        keep_alive: KEEP_ALIVE,
    };
    Ok(Arc::new(KurrentLog::open(&config).context("--log")?))
}
