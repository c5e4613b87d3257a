use std::sync::Arc;

use async_trait::async_trait;
use domain_log::contract::Stand;
use domain_log::{EmbeddedConfig, EmbeddedLog, EventLog};
use tempfile::TempDir;

struct Embedded {
    segment_bytes: u64,
}

#[async_trait]
impl Stand for Embedded {
    type Place = TempDir;

    async fn place(&self) -> TempDir {
        tempfile::tempdir().expect("a temporary folder can be made")
    }

    async fn open(&self, place: &TempDir) -> Arc<dyn EventLog> {
        let config = EmbeddedConfig {
            folder: place.path().to_owned(),
            segment_bytes: self.segment_bytes,
        };
        Arc::new(EmbeddedLog::open(&config).expect("the log opens"))
    }
}

domain_log::contract_suite!(
    Embedded {
        segment_bytes: 4 << 20
    },
    gapless,
    restarts
);

/// Segments so small that every case meets their ends, and appends that need one of their own.
mod small_segments {
    use super::*;

    domain_log::contract_suite!(
        Embedded {
            segment_bytes: 64 << 10
        },
        gapless,
        restarts
    );
}
