//! How fast the simulator plays business: callers, interpreter, queues, processes and deciders, without a disk.

use std::time::{Duration, Instant};

use anyhow::anyhow;
use domain_model::Millis;
use tests_sim::day;
use tests_sim::platform::Recorded;
use tests_sim::play::{Watch, play, play_long};
use tests_sim::steady::Steady;

use crate::figure::{Figure, note};

/// The hours of the day that is played again and again: from the first call to the last.
const HOURS: u32 = 10;

/// Calls and hours a second; "thousands of calls a second" is what was asked for.
pub(super) fn measure(length: Duration) -> anyhow::Result<()> {
    note("one queue, 55 agents, 50 Erlangs: every caller comes through a routing policy");
    let (calls, took) = steady(length)?;
    Figure {
        name: "routing.calls_per_s".to_owned(),
        value: calls as f64 / took.as_secs_f64(),
        unit: "calls/s",
        limit: 1000.0,
        limit_name: "what was asked for at least",
        higher_is_better: true,
    }
    .print();
    note(
        "a day of business: three queues, 34 agents, calls and chats, a menu, a CRM, callbacks, hand-overs, a flood and an outage",
    );
    let (days, took) = days(length)?;
    Figure {
        name: "routing.sim_speedup".to_owned(),
        value: days as f64 * f64::from(HOURS) * 3600.0 / took.as_secs_f64(),
        unit: "s/s",
        limit: 3600.0,
        limit_name: "an hour of business in a second",
        higher_is_better: true,
    }
    .print();
    Ok(())
}

fn steady(length: Duration) -> anyhow::Result<(u64, Duration)> {
    let business = Steady {
        seed: 1,
        agents: 55,
        gap: Millis(3_600),
        talk: Millis::from_secs(180),
        patience: None,
        urgent: 0,
    };
    let (mut calls, begun) = (0, Instant::now());
    while begun.elapsed() < length {
        let more = 10_000;
        let business = Steady {
            seed: calls,
            ..business
        };
        play_long(&business.plan(), business.moments(more), &mut Nobody).map_err(|why| anyhow!("{why:?}"))?;
        calls += more;
    }
    Ok((calls, begun.elapsed()))
}

fn days(length: Duration) -> anyhow::Result<(u64, Duration)> {
    let (mut days, begun) = (0, Instant::now());
    while begun.elapsed() < length {
        play(&day::plan(days, HOURS), &mut Nobody).map_err(|why| anyhow!("{why:?}"))?;
        days += 1;
    }
    Ok((days, begun.elapsed()))
}

struct Nobody;

impl Watch for Nobody {
    fn see(&mut self, _: &Recorded) {}
}
