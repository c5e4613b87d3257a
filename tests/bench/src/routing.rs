//! Decisions of one queue with 1,000 agents and 1,000 waiting, and the pace of simulated business.
//!
//! One decision is everything from an event to the proposal that follows from it, its evidence included: an agent comes
//! back from a contact and gets one of those who wait, or somebody enters and gets one of the few who are free. What
//! follows from the proposal at queue and agent is not measured, only played, so that the floor stays as it is: all but
//! a few busy, and for each who is answered another enters.
//!
//! Beside it stands the least that anybody could do with the same numbers: sort 1,000 plain integers and look for the
//! first that fits among as many.

mod business;
mod floor;

use std::time::{Duration, Instant};

use anyhow::Context as _;
use hdrhistogram::Histogram;

use crate::figure::{Figure, note};
use floor::{Floor, Mix};

const AGENTS: usize = 1000;
const WAITING: usize = 1000;

/// Measures decisions in each mix, each for about so long.
///
/// # Errors
/// If a duration does not fit a histogram.
pub fn measure(length: Duration) -> anyhow::Result<()> {
    let limit = bare_scan(length / 5)?;
    for mix in [Mix::Alike, Mix::FewMatch, Mix::Tiers] {
        let name = mix.name();
        note(&format!("{AGENTS} agents, {WAITING} waiting: {}", mix.says()));
        let decisions = decide(mix, length)?;
        let us = |quantile: f64| decisions.value_at_quantile(quantile) as f64 / 1000.0;
        for (figure, value) in [("p50", us(0.5)), ("p99", us(0.99)), ("max", us(1.0))] {
            Figure {
                name: format!("routing.decision.{figure}_us.{name}"),
                value,
                unit: "us",
                limit: limit.value_at_quantile(0.99) as f64 / 1000.0,
                limit_name: "bare sort and scan of 1,000 integers, p99",
                higher_is_better: false,
            }
            .print();
        }
        Figure {
            name: format!("routing.decisions_per_s.{name}"),
            value: 1e9 / decisions.mean(),
            unit: "/s",
            limit: 1e9 / limit.mean(),
            limit_name: "bare sort and scan of 1,000 integers",
            higher_is_better: true,
        }
        .print();
        let limit_ms = bare_pairs().as_secs_f64() * 1000.0;
        Figure {
            name: format!("routing.settings_change_ms.{name}"),
            value: change_settings(mix)?.as_secs_f64() * 1000.0,
            unit: "ms",
            limit: limit_ms,
            limit_name: "bare comparison of 1,000 x 1,000 integers",
            higher_is_better: false,
        }
        .print();
    }
    business::measure(length)
}

// The median of some: each compares all with all.
fn change_settings(mix: Mix) -> anyhow::Result<Duration> {
    let mut floor = Floor::new(mix, AGENTS, WAITING);
    let mut taken: Vec<Duration> = (0..21).map(|_| floor.reconfigure()).collect();
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().context("some were measured")
}

fn bare_pairs() -> Duration {
    let begun = Instant::now();
    let mut found = 0_u64;
    for one in 0..WAITING {
        for other in 0..AGENTS {
            found += u64::from(std::hint::black_box(one) < std::hint::black_box(other));
        }
    }
    std::hint::black_box(found);
    begun.elapsed()
}

fn decide(mix: Mix, length: Duration) -> anyhow::Result<Histogram<u64>> {
    let mut floor = Floor::new(mix, AGENTS, WAITING);
    let mut taken = Histogram::new_with_bounds(1, 60_000_000_000, 3)?;
    // What the processor has to get used to is not what lasts.
    for _ in 0..100 {
        floor.next();
    }
    let until = Instant::now() + length;
    while Instant::now() < until {
        let time = floor.next().context("each turn leads to a decision")?;
        taken.record(u64::try_from(time.as_nanos())?)?;
    }
    Ok(taken)
}

fn bare_scan(length: Duration) -> anyhow::Result<Histogram<u64>> {
    let mut taken = Histogram::new_with_bounds(1, 60_000_000_000, 3)?;
    let mut number = 1_u64;
    let mut draw = || {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        number >> 33
    };
    let until = Instant::now() + length;
    while Instant::now() < until {
        let mut waiting: Vec<u64> = (0..WAITING).map(|_| draw()).collect();
        let agents: Vec<u64> = (0..AGENTS).map(|_| draw()).collect();
        let begun = Instant::now();
        waiting.sort_unstable();
        let first = waiting[0];
        let found = agents.iter().filter(|agent| **agent > first).max();
        std::hint::black_box(found);
        taken.record(u64::try_from(begun.elapsed().as_nanos())?.max(1))?;
    }
    Ok(taken)
}
