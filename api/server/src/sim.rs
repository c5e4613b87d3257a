//! Plays simulated business and shows what came of it; a history that breaks a rule is shown as short as it can be.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{anyhow, bail};
use domain_model::interpreter::Library;
use domain_model::interpreter::replay::{Against, Decided, Decision};
use serde_json::json;
use tests_sim::again::{Again, play_again};
use tests_sim::judge::{Failure, history, judge, shortest};
use tests_sim::plan::Plan;
use tests_sim::report::report;
use tests_sim::{day, policies, wild};

use crate::cli::Sim;
use crate::policy::{document, table};

pub(crate) fn run(what: &Sim) -> anyhow::Result<()> {
    match (what.wild, what.show_policy) {
        (Some(count), _) => run_wild(what, count),
        (None, true) => Ok(write!(std::io::stdout().lock(), "{}", policies::MAIN_LINE)?),
        (None, false) => run_day(what),
    }
}

fn run_day(what: &Sim) -> anyhow::Result<()> {
    let plan = day::plan(what.seed, what.hours);
    let changed = what
        .policy
        .as_deref()
        .map(|file| changed(&plan, file))
        .transpose()?;
    let started = Instant::now();
    let (report, platform) = match report(&plan) {
        Ok(report) => report,
        Err(failure) => return fail(what, what.seed, &plan, &failure),
    };
    let took = started.elapsed().as_secs_f64();
    let again = changed.map(|library| play_again(platform.log(), &library, Against::Newest));
    let mut out = std::io::stdout().lock();
    if what.json {
        let mut shown = json!({ "seed": what.seed, "hours": what.hours, "report": report });
        if let Some(again) = again {
            shown["changed_policy"] = serde_json::to_value(again)?;
        }
        writeln!(out, "{shown}")?;
    } else {
        if let Some(again) = again {
            show_changes(&mut out, &again)?;
        }
        write!(out, "{report}")?;
        writeln!(
            out,
            "seed {}: {} hours in {took:.1} s, every rule held",
            what.seed, what.hours
        )?;
    }
    Ok(())
}

// The plan's library, in which the main line has a newer version.
fn changed(plan: &Plan, file: &Path) -> anyhow::Result<Arc<Library>> {
    let document = document(file)?;
    let published = policies::published(policies::main_line(), 2, &document).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("{} cannot be read: {}", file.display(), all.join("; "))
    })?;
    let mut library = (*plan.library).clone();
    library.publish(published);
    if library
        .begun_by(&policies::main_number())
        .is_none_or(|found| found.version != 2)
    {
        bail!(
            "{} does not begin with {}, which simulated callers ring",
            file.display(),
            policies::MAIN_NUMBER
        );
    }
    Ok(Arc::new(library))
}

// What the call decided then.
fn decided(decision: &Decision) -> String {
    match &decision.what {
        Decided::Entered { version, .. } => format!("entered version {version}"),
        Decided::Branch { node, branch, .. } => format!("{node} took {branch}"),
    }
}

fn show_changes(out: &mut impl Write, again: &Again) -> anyhow::Result<()> {
    let rows = again.otherwise.iter().map(|otherwise| {
        let step = &otherwise.step;
        [
            otherwise.call.to_string(),
            otherwise.began.to_string(),
            format!("step {}", step.number),
            step.recorded
                .as_ref()
                .map_or_else(|| "the call ended in it".to_owned(), decided),
            step.why.clone(),
        ]
    });
    table(out, &rows.collect::<Vec<_>>())?;
    let (changed, all) = (again.otherwise.len(), again.calls);
    writeln!(
        out,
        "the changed policy leads {changed} of {all} calls another way"
    )?;
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
