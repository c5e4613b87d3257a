//! `ledgerline policy`: checks, compares and tries routing policies' documents, and writes their schema.

mod simulate;

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context as _, bail};
use domain_model::routing_policy::document::Document;
use domain_model::routing_policy::graph::containers::Place;
use domain_model::routing_policy::graph::diff::{Change, Changed, diff};
use domain_model::routing_policy::graph::lint::{self, Finding, Known, Severity, count};
use domain_model::routing_policy::graph::words::NodeKey;
use domain_model::routing_policy::graph::{Graph, schema};
use serde_json::{Value, json};

use crate::cli::Policy;

/// Does what is asked, without a data folder: documents are files here.
pub(crate) fn run(what: &Policy) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match what {
        Policy::Schema => writeln!(out, "{}", serde_json::to_string_pretty(&schema::json_schema())?)?,
        Policy::Simulate(what) => simulate::run(&mut out, what)?,
        Policy::Lint { file, json } => check(&mut out, file, *json)?,
        Policy::Diff { before, after, .. } if [before, after].map(|file| is_stdin(file)) == [true; 2] => {
            bail!("only one of two documents can be read from standard input")
        }
        Policy::Diff { before, after, json } => {
            let [before, after] = [before, after].map(|file| graph(file));
            compare(&mut out, &before?, &after?, *json)?;
        }
    }
    Ok(out.flush()?)
}

/// Reads the document in a file; `-` is standard input.
pub(crate) fn document(file: &Path) -> anyhow::Result<Document> {
    let text = if is_stdin(file) {
        io::read_to_string(io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.with_context(|| format!("reading {}", named(file)))?;
    Document::new(&text).with_context(|| named(file).to_string())
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Returns what a file is called in messages.
pub(crate) fn named(file: &Path) -> impl fmt::Display {
    if is_stdin(file) {
        Path::new("standard input").display()
    } else {
        file.display()
    }
}

fn graph(file: &Path) -> anyhow::Result<Graph> {
    Graph::read(&document(file)?).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{} cannot be read: {}", named(file), all.join("; "))
    })
}

fn check(out: &mut impl Write, file: &Path, as_json: bool) -> anyhow::Result<()> {
    let findings = lint::check(&document(file)?, &Known::default());
    if as_json {
        for finding in &findings {
            writeln!(out, "{}", as_value(finding))?;
        }
    } else if findings.is_empty() {
        writeln!(out, "no findings")?;
    } else {
        show(out, &findings)?;
    }
    out.flush()?;
    match count(&findings).errors {
        0 => Ok(()),
        errors => bail!("{} has {}", named(file), counted(errors.into(), "error")),
    }
}

fn show(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    let rows = findings.iter().map(|finding| {
        let node = finding.node.as_ref().map_or("", |node| node.as_str());
        [
            finding.severity.to_string(),
            node.to_owned(),
            finding.field.clone(),
            finding.message.clone(),
        ]
    });
    table(out, &rows.collect::<Vec<_>>())
}

/// Refuses a document that could not be published, with its errors on standard error.
pub(crate) fn refuse_errors(file: &Path, document: &Document) -> anyhow::Result<()> {
    let mut findings = lint::check(document, &Known::default());
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() {
        return Ok(());
    }
    show(&mut io::stderr().lock(), &findings)?;
    let errors = counted(findings.len() as u64, "error");
    bail!(
        "{0} has {errors}, and nothing with an error is published: ledgerline policy lint {0} shows all that was found",
        named(file)
    )
}

/// Returns how many there are of something: `1 hour`, `2 hours`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

fn as_value(finding: &Finding) -> Value {
    json!({
        "severity": finding.severity.to_string(),
        "node": finding.node.as_ref().map(|node| node.as_str()),
        "field": finding.field,
        "code": finding.code,
        "message": finding.message,
    })
}

fn compare(out: &mut impl Write, before: &Graph, after: &Graph, as_json: bool) -> io::Result<()> {
    let changes = diff(before, after);
    if as_json {
        return changes
            .iter()
            .try_for_each(|change| writeln!(out, "{}", change_as_value(change)));
    }
    if changes.is_empty() {
        return writeln!(out, "no difference");
    }
    let rows = changes.iter().map(|change| {
        let node = change.node.as_ref().map_or("the policy", |node| node.as_str());
        [node.to_owned(), change.what.to_string()]
    });
    table(out, &rows.collect::<Vec<_>>())
}

fn change_as_value(change: &Change) -> Value {
    let (what, field, before, after) = match &change.what {
        Changed::Added { kind } => ("added", None, Value::Null, json!(kind)),
        Changed::Removed { kind } => ("removed", None, json!(kind), Value::Null),
        Changed::Renamed { before, after } => ("renamed", None, json!(before), json!(after)),
        Changed::Placed { before, after } => {
            let place =
                |place: &Option<_>| place.map_or(Value::Null, |at: Place| json!({ "x": at.x, "y": at.y }));
            ("placed", None, place(before), place(after))
        }
        Changed::Moved { before, after } => ("moved", None, json!(before.as_str()), json!(after.as_str())),
        Changed::Reordered { before, after } => {
            let ids = |ids: &[NodeKey]| ids.iter().map(|id| json!(id.as_str())).collect();
            ("reordered", None, ids(before), ids(after))
        }
        Changed::Linked { field, before, after } => ("linked", Some(field), json!(before), json!(after)),
        Changed::Set { field, before, after } => ("set", Some(field), json!(before), json!(after)),
    };
    json!({
        "node": change.node.as_ref().map(|node| node.as_str()),
        "what": what, "field": field, "before": before, "after": after,
    })
}

/// Writes rows with their columns below each other; the last is as long as it is.
pub(crate) fn table<const COLUMNS: usize>(
    out: &mut impl Write,
    rows: &[[String; COLUMNS]],
) -> io::Result<()> {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    for row in rows {
        let last = COLUMNS - 1;
        for (text, width) in row[..last].iter().zip(widths) {
            write!(out, "{text:<width$}  ")?;
        }
        writeln!(out, "{}", row[last])?;
    }
    Ok(())
}
