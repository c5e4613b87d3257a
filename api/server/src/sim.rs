//! Plays simulated business and shows what came of it; a history that breaks a rule is shown as short as it can be.

use std::io::Write as _;
use std::time::Instant;

use anyhow::bail;
use serde_json::json;
use tests_sim::judge::{Failure, history, judge, shortest};
use tests_sim::plan::Plan;
use tests_sim::report::report;
use tests_sim::{day, wild};

use crate::cli::Sim;

pub(crate) fn run(what: &Sim) -> anyhow::Result<()> {
    match what.wild {
        Some(count) => run_wild(what, count),
        None => run_day(what),
    }
}

fn run_day(what: &Sim) -> anyhow::Result<()> {
    let plan = day::plan(what.seed, what.hours);
    let started = Instant::now();
    let report = match report(&plan) {
        Ok(report) => report,
        Err(failure) => return fail(what, what.seed, &plan, &failure),
    };
    let took = started.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    if what.json {
        let shown = json!({ "seed": what.seed, "hours": what.hours, "report": report });
        writeln!(out, "{shown}")?;
    } else {
        write!(out, "{report}")?;
        writeln!(
            out,
            "seed {}: {} hours in {took:.1} s, every rule held",
            what.seed, what.hours
        )?;
    }
    Ok(())
}

fn run_wild(what: &Sim, count: u64) -> anyhow::Result<()> {
    let mut events = 0;
    let started = Instant::now();
    for seed in (what.seed..).take(usize::try_from(count)?) {
        let plan = wild::plan(seed, false);
        match judge(&plan) {
            Ok(judged) => events += judged.platform.end(),
            Err(failure) => return fail(what, seed, &plan, &failure),
        }
    }
    let took = started.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    if what.json {
        let shown = json!({ "seed": what.seed, "plans": count, "events": events });
        writeln!(out, "{shown}")?;
    } else {
        writeln!(
            out,
            "{count} plans from seed {} on, {events} events in {took:.1} s, every rule held",
            what.seed
        )?;
    }
    Ok(())
}

fn fail(what: &Sim, seed: u64, plan: &Plan, failure: &Failure) -> anyhow::Result<()> {
    let shortest = shortest(plan);
    let history = history(&shortest);
    let mut out = std::io::stdout().lock();
    if what.json {
        let lines: Vec<_> = history
            .iter()
            .map(|recorded| json!({ "time": recorded.time, "kind": recorded.happened.what.kind() }))
            .collect();
        let shown = json!({ "seed": seed, "failure": failure.to_string(), "history": lines });
        writeln!(out, "{shown}")?;
    } else {
        writeln!(out, "the shortest history that fails:")?;
        for moment in &shortest.moments {
            writeln!(out, "{}  planned: {:?}", moment.at, moment.what)?;
        }
        for recorded in history {
            writeln!(out, "{}  {:?}", recorded.time, recorded.happened.what)?;
        }
    }
    bail!("seed {seed}: {failure}")
}
