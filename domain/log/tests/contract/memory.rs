use std::sync::Arc;

use async_trait::async_trait;
use domain_log::contract::Stand;
use domain_log::{EventLog, MemoryLog};

struct Memory;

#[async_trait]
impl Stand for Memory {
    type Place = MemoryLog;

    async fn place(&self) -> MemoryLog {
        MemoryLog::new()
    }

    async fn open(&self, place: &MemoryLog) -> Arc<dyn EventLog> {
        Arc::new(place.clone())
    }
}

// A place is the log itself, so the cases about restarts show only that the suite holds together.
domain_log::contract_suite!(Memory, gapless, restarts);
