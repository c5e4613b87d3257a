//! Measures how long a queue's matcher takes for a decision: `routing [SECONDS]`, five a mix without it.

use std::time::Duration;

use tests_bench::routing;

fn main() -> anyhow::Result<()> {
    let seconds: u64 = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    routing::measure(Duration::from_secs(seconds))
}
