//! What would go wrong with a graph, what may, and what could be better: the check before anything is published.

mod filled;
mod flow;
mod links;
mod literals;
mod loops;
mod macros;
mod speech;
mod tenant;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::words::NodeKey;
use super::{Fault, Graph};
use crate::ids::{CalendarId, GroupId, InboxId, QueueId, RoutingPolicyId, SkillId, SoundId, UserId};
use crate::routing_policy::Findings;
use crate::routing_policy::document::Document;
use crate::routing_policy::start::PolicyKind;
use crate::text::Key;
use flow::Flow;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It would go wrong. Nothing with an error is published.
    Error,
    /// It may go wrong.
    Warning,
    /// It could be better.
    Hint,
}

/// One thing that a check found, worded for whoever draws the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The start, container or app; none if it is about the whole.
    pub node: Option<NodeKey>,
    /// The field of that node: `outlets.found`; empty if it is about the node as a whole.
    pub field: String,
    /// What kind of finding it is, for programs and for the documentation: `dead_end`.
    pub code: &'static str,
    /// What is wrong, and what helps.
    pub message: String,
}

/// What a tenant has. Whatever is none is not known, and so not checked.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its queues.
    pub queues: Option<BTreeSet<QueueId>>,
    /// Its groups.
    pub groups: Option<BTreeSet<GroupId>>,
    /// Its users.
    pub users: Option<BTreeSet<UserId>>,
    /// Its shared inboxes.
    pub inboxes: Option<BTreeSet<InboxId>>,
    /// Its sounds.
    pub sounds: Option<BTreeSet<SoundId>>,
    /// Its skills.
    pub skills: Option<BTreeSet<SkillId>>,
    /// Its calendars.
    pub calendars: Option<BTreeSet<CalendarId>>,
    /// The destinations that its policies offer.
    pub destinations: Option<BTreeSet<Key>>,
    /// Its routing policies, each with its live graph where there is one that can be read.
    pub policies: Option<BTreeMap<RoutingPolicyId, Option<Graph>>>,
    /// The id of the policy that is checked, to see whether others lead back to it.
    pub own: Option<RoutingPolicyId>,
    /// What the policy that is checked is for.
    pub kind: Option<PolicyKind>,
}

/// Checks a document. What cannot be read is an error, and then nothing else is looked at.
#[must_use]
pub fn check(document: &Document, known: &Known) -> Vec<Finding> {
    match Graph::read(document) {
        Ok(graph) => lint(&graph, known),
        Err(faults) => faults.into_iter().map(Finding::from).collect(),
    }
}

/// Checks a graph. The findings come in the order of its nodes, the whole first.
#[must_use]
pub fn lint(graph: &Graph, known: &Known) -> Vec<Finding> {
    let flow = Flow::of(graph);
    let mut report = Report::default();
    links::check(&flow, &mut report);
    loops::check(&flow, &mut report);
    macros::check(&flow, &mut report);
    literals::check(graph, &mut report);
    speech::check(graph, &mut report);
    tenant::check(&flow, known, &mut report);
    let places: BTreeMap<&NodeKey, usize> = graph
        .nodes()
        .enumerate()
        .map(|(place, node)| (node.id(), place))
        .collect();
    report.findings.sort_by_cached_key(|finding| {
        let place = finding.node.as_ref().and_then(|node| places.get(node)).copied();
        (place, finding.field.clone(), finding.severity, finding.code)
    });
    report.findings
}

/// Counts findings.
#[must_use]
pub fn count(findings: &[Finding]) -> Findings {
    let of = |severity| {
        let count = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    Findings {
        errors: of(Severity::Error),
        warnings: of(Severity::Warning),
        hints: of(Severity::Hint),
    }
}

/// What was found so far.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn add(
        &mut self,
        severity: Severity,
        node: &NodeKey,
        field: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.findings.push(Finding {
            severity,
            node: Some(node.clone()),
            field: field.into(),
            code,
            message: message.into(),
        });
    }

    fn error(
        &mut self,
        node: &NodeKey,
        field: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.add(Severity::Error, node, field, code, message);
    }

    fn warning(
        &mut self,
        node: &NodeKey,
        field: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) {
        self.add(Severity::Warning, node, field, code, message);
    }

    fn whole(&mut self, severity: Severity, field: &str, code: &'static str, message: impl Into<String>) {
        self.findings.push(Finding {
            severity,
            node: None,
            field: field.to_owned(),
            code,
            message: message.into(),
        });
    }
}

impl From<Fault> for Finding {
    fn from(fault: Fault) -> Self {
        Self {
            severity: Severity::Error,
            node: fault.node,
            field: fault.field,
            code: "unreadable",
            message: fault.reason,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.severity)?;
        if let Some(node) = &self.node {
            write!(f, " in {node}")?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {}", self.message)
    }
}
