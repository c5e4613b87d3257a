//! Plays simulated business and shows what came of it; a history that breaks a rule is shown as short as it can be.

mod failed;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{anyhow, bail};
use domain_model::interpreter::Library;
use domain_model::interpreter::replay::{Against, Decided, Decision};
use domain_model::routing_policy::graph::Graph;
use domain_model::routing_policy::start::PolicyKind;
use serde_json::json;
use tests_sim::again::{Again, play_again};
use tests_sim::judge::{Failure, judge};
use tests_sim::plan::Plan;
use tests_sim::report::report;
use tests_sim::{day, policies, wild};

use crate::cli::Sim;
use crate::policy::{counted, document, refuse_errors, table};

pub(crate) fn run(what: &Sim) -> anyhow::Result<()> {
    match (what.wild, what.show_policy) {
        (Some(count), _) => run_wild(what, count),
        (None, true) => Ok(write!(std::io::stdout().lock(), "{}", policies::MAIN_LINE)?),
        (None, false) => run_day(what),
    }
}

fn run_day(what: &Sim) -> anyhow::Result<()> {
    let plan = day::plan(what.seed, what.hours);
    if let Some(file) = &what.policy {
        refuse_unplayable(file)?;
    }
    let changed = what
        .policy
        .as_deref()
        .map(|file| changed(&plan, file))
        .transpose()?;
    let started = Instant::now();
    let (report, platform) = match report(&plan) {
        Ok(report) => report,
        Err(failure) => return fail(what.seed, &plan, &failure, what.json),
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
            "seed {}: {} in {took:.1} s, every rule held",
            what.seed,
            counted(what.hours.into(), "hour")
        )?;
    }
    Ok(())
}

// What no call can be played through, or what could not be published.
fn refuse_unplayable(file: &Path) -> anyhow::Result<()> {
    let document = document(file)?;
    if let Ok(graph) = Graph::read(&document) {
        match graph.kind {
            PolicyKind::Call | PolicyKind::System => {}
            PolicyKind::DataAnalytics | PolicyKind::Digital => bail!(
                "--policy: {} is a {} policy, and calls are only played through call policies",
                file.display(),
                graph.kind
            ),
        }
    }
    refuse_errors(file, &document)
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
    let Some(last) = what.seed.checked_add(count - 1) else {
        bail!("--wild: there are not {count} seeds from {} on", what.seed);
    };
    for seed in what.seed..=last {
        let plan = wild::plan(seed, false);
        match judge(&plan) {
            Ok(judged) => events += judged.platform.end(),
            Err(failure) => return fail(seed, &plan, &failure, what.json),
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
            "{} from seed {} on, {events} events in {took:.1} s, every rule held",
            counted(count, "plan"),
            what.seed
        )?;
    }
    Ok(())
}

// Says at once what failed, for whoever waits: it takes a while until the history is short.
fn fail(seed: u64, plan: &Plan, failure: &Failure, as_json: bool) -> anyhow::Result<()> {
    writeln!(
        std::io::stderr(),
        "seed {seed}: {failure}; looking for a short history that fails in the same way"
    )?;
    let short = failed::shorter(plan, failure);
    let mut out = std::io::stdout().lock();
    failed::show(&mut out, seed, failure, &short, as_json)?;
    out.flush()?;
    bail!("seed {seed}: {failure}")
}
