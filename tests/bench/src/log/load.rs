//! Writers that each wait for their own answer before they send again.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

/// How long a load runs before it is measured, and then.
pub const WARM_UP: Duration = Duration::from_millis(500);
/// How long a load is measured.
pub const MEASURED: Duration = Duration::from_secs(3);

/// What a load came to.
#[derive(Debug, Clone)]
pub struct Load {
    /// Answers a second.
    pub per_second: f64,
    /// How long an answer took, in microseconds.
    pub micros: Histogram<u64>,
}

impl Load {
    /// Returns how long the given share of the answers took at most, in milliseconds.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a few seconds")]
    pub fn ms(&self, share: f64) -> f64 {
        self.micros.value_at_quantile(share) as f64 / 1000.0
    }
}

/// Runs `writers` writers; each makes its `n`-th call through `call(writer, n)` when the one before is answered.
///
/// # Errors
/// The first call's error.
///
/// # Panics
/// If a writer panics.
#[expect(clippy::cast_precision_loss, reason = "a count of a few seconds")]
pub async fn run<C, F>(writers: u64, call: C) -> anyhow::Result<Load>
where
    C: Fn(u64, u64) -> F + Send + Sync + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let call = Arc::new(call);
    let enough = Arc::new(AtomicBool::new(false));
    let start = Instant::now() + WARM_UP;
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let (call, enough) = (Arc::clone(&call), Arc::clone(&enough));
            tokio::spawn(async move {
                let mut micros = Histogram::<u64>::new(3)?;
                let mut n = 0;
                while !enough.load(Ordering::Relaxed) {
                    let sent = Instant::now();
                    call(writer, n).await?;
                    n += 1;
                    if sent >= start {
                        micros.record(u64::try_from(sent.elapsed().as_micros())?.max(1))?;
                    }
                }
                anyhow::Ok(micros)
            })
        })
        .collect();
    tokio::time::sleep(WARM_UP + MEASURED).await;
    enough.store(true, Ordering::Relaxed);
    let mut micros = Histogram::<u64>::new(3)?;
    for task in tasks {
        micros.add(task.await??)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    Ok(Load {
        per_second: micros.len() as f64 / seconds,
        micros,
    })
}
