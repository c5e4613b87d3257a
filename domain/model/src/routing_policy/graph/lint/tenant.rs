//! What a tenant has: whether everything that a graph names is there, and whether policies hand over in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{Flow, Step, offers};
use super::{Known, Report, Severity};
use crate::ids::RoutingPolicyId;
use crate::routing_policy::graph::Graph;
use crate::routing_policy::graph::containers::{Container, Holds, ToPolicy};
use crate::routing_policy::graph::shape::Seen;
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::words::NodeKey;
use crate::routing_policy::start::PolicyKind;
use crate::text::Key;

pub(super) fn check(flow: &Flow<'_>, known: &Known, report: &mut Report) {
    let drawn = flow.graph.kind;
    if let Some(kind) = known.kind.filter(|kind| *kind != drawn) {
        let message = format!("this is a {drawn} policy's document and the policy is a {kind} policy");
        report.whole(Severity::Error, "kind", "other_kind", message);
    }
    for node in flow.graph.nodes() {
        node.show(&mut |field, seen| {
            if let Some((thing, code)) = missing(known, seen) {
                let message = format!("there is no such {thing}; it may have been deleted");
                report.error(node.id(), field, code, message);
            }
        });
    }
    for container in flow.graph.containers.iter() {
        match &container.is {
            Holds::ToPolicy(to) => hand_over(flow, known, (container, to), report),
            Holds::Invoke(invoke) => {
                let mut starts = flow.graph.starts.iter();
                let offered = starts.any(|start| offers(&start.start, &invoke.destination));
                let elsewhere = known.destinations.as_ref();
                if !offered && elsewhere.is_some_and(|names| !names.contains(&invoke.destination)) {
                    let message = format!("no policy offers the destination {}", invoke.destination);
                    report.error(&container.id, "destination", "no_such_destination", message);
                }
            }
            Holds::Action(_) | Holds::Switchboard(_) | Holds::Finish(_) => {}
        }
    }
    extensions(flow, known, report);
    circle(flow, known, report);
}

// Nobody sees from one policy alone which of several a dialled extension begins.
fn extensions(flow: &Flow<'_>, known: &Known, report: &mut Report) {
    let others = known.policies.iter().flatten();
    let others = others.filter(|(policy, _)| known.own != Some(**policy));
    for (policy, other) in others.filter_map(|(policy, graph)| Some((policy, graph.as_ref()?))) {
        for start in flow.graph.starts.iter() {
            let overlaps = |other: &Begin| match (&start.start, other) {
                (Begin::Extension(ours), Begin::Extension(theirs)) => ours.pattern.overlaps(&theirs.pattern),
                _ => false,
            };
            if let Some(theirs) = other.starts.iter().find(|theirs| overlaps(&theirs.start)) {
                let message = format!(
                    "an extension can fit both this pattern and that of {} in policy {policy}; the more exact one counts",
                    theirs.id
                );
                report.warning(&start.id, "start.pattern", "ambiguous_pattern", message);
            }
        }
    }
}

fn missing(known: &Known, seen: Seen<'_>) -> Option<(&'static str, &'static str)> {
    fn lacks<T: Ord>(known: Option<&BTreeSet<T>>, id: &T) -> bool {
        known.is_some_and(|known| !known.contains(id))
    }
    let (lacks, thing, code) = match seen {
        Seen::Template(_) | Seen::Markup(_) => return None,
        Seen::Queue(id) => (lacks(known.queues.as_ref(), &id), "queue", "no_such_queue"),
        Seen::Group(id) => (lacks(known.groups.as_ref(), &id), "group", "no_such_group"),
        Seen::User(id) => (lacks(known.users.as_ref(), &id), "user", "no_such_user"),
        Seen::Inbox(id) => (lacks(known.inboxes.as_ref(), &id), "inbox", "no_such_inbox"),
        Seen::Sound(id) => (lacks(known.sounds.as_ref(), &id), "sound", "no_such_sound"),
        Seen::Skill(id) => (lacks(known.skills.as_ref(), &id), "skill", "no_such_skill"),
        Seen::Calendar(id) => (
            lacks(known.calendars.as_ref(), &id),
            "calendar",
            "no_such_calendar",
        ),
        Seen::Policy(id) => {
            let policies = known.policies.as_ref();
            let lacks = policies.is_some_and(|policies| !policies.contains_key(&id) && known.own != Some(id));
            (lacks, "routing policy", "no_such_policy")
        }
    };
    lacks.then_some((thing, code))
}

fn hand_over(flow: &Flow<'_>, known: &Known, (container, to): (&Container, &ToPolicy), report: &mut Report) {
    let Some(other) = graph(flow, known, to.policy) else {
        return;
    };
    match other.kind {
        PolicyKind::Call | PolicyKind::DataAnalytics | PolicyKind::System => {}
        PolicyKind::Digital => {
            let message = "a call cannot be handed over to a digital policy";
            report.error(&container.id, "policy", "wrong_kind_of_policy", message);
            return;
        }
    }
    let takes = |entry: Option<&Key>| other.starts.iter().any(|start| takes(&start.start, entry));
    match &to.entry {
        entry if takes(entry.as_ref()) => {}
        Some(entry) if takes(None) => {
            let message = format!(
                "the other policy has no start {entry} for what others hand over, so it begins at the one without a name"
            );
            report.warning(&container.id, "entry", "no_such_entry", message);
        }
        Some(entry) => {
            let message = format!("the other policy has no start {entry} for what others hand over");
            report.error(&container.id, "entry", "no_such_entry", message);
        }
        None => {
            let message = "the other policy has no start without a name for what others hand over";
            report.error(&container.id, "entry", "no_such_entry", message);
        }
    }
}

fn takes(start: &Begin, entry: Option<&Key>) -> bool {
    matches!(start, Begin::FromPolicy(from) if from.entry.as_ref() == entry)
}

fn graph<'a>(flow: &Flow<'a>, known: &'a Known, policy: RoutingPolicyId) -> Option<&'a Graph> {
    if known.own == Some(policy) {
        return Some(flow.graph);
    }
    known.policies.as_ref()?.get(&policy)?.as_ref()
}

/// A way into a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way<'a> {
    policy: RoutingPolicyId,
    at: At<'a>,
}

/// The start by which a policy is entered from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At<'a> {
    Entry(Option<&'a Key>),
    Destination(&'a Key),
}

/// Every policy that is known, with the ways through it.
struct Tenant<'a> {
    flows: BTreeMap<RoutingPolicyId, Flow<'a>>,
}

fn circle(flow: &Flow<'_>, known: &Known, report: &mut Report) {
    let Some(own) = known.own else { return };
    let leaves = |container: &&Container| matches!(container.is, Holds::ToPolicy(_) | Holds::Invoke(_));
    let mut leaving = flow.graph.containers.iter().filter(leaves).peekable();
    if leaving.peek().is_none() {
        return;
    }
    let tenant = Tenant::of(flow.graph, own, known);
    for container in leaving {
        let Some(way) = tenant.onward(own, container) else {
            continue;
        };
        let field = match way.at {
            At::Entry(_) => "policy",
            At::Destination(_) => "destination",
        };
        if tenant.leads_back(way, (own, container), |step| step.at_once) {
            let message = "the policies hand over in a circle without waiting for anything: a call would go round until it is cut off";
            report.error(&container.id, field, "policies_spin", message);
        } else if tenant.leads_back(way, (own, container), |_| true) {
            let message = "the policies hand over in a circle: see that callers do not go round for ever";
            report.warning(&container.id, field, "policies_in_a_circle", message);
        }
    }
}

impl<'a> Tenant<'a> {
    fn of(graph: &'a Graph, own: RoutingPolicyId, known: &'a Known) -> Self {
        let others = known.policies.iter().flatten();
        let others = others.filter_map(|(policy, graph)| Some((*policy, graph.as_ref()?)));
        let mut flows: BTreeMap<_, _> = others.map(|(policy, graph)| (policy, Flow::of(graph))).collect();
        flows.insert(own, Flow::of(graph));
        Self { flows }
    }

    /// Says which way a container leads into another policy, or into its own from the outside.
    fn onward(&self, policy: RoutingPolicyId, container: &'a Container) -> Option<Way<'a>> {
        match &container.is {
            Holds::ToPolicy(to) => Some(Way {
                policy: to.policy,
                at: At::Entry(to.entry.as_ref()),
            }),
            Holds::Invoke(invoke) => {
                let offered = |flow: &Flow<'_>| {
                    let mut starts = flow.graph.starts.iter();
                    starts.any(|start| offers(&start.start, &invoke.destination))
                };
                let mut flows = self.flows.iter();
                let (of, _) = flows.find(|(_, flow)| offered(flow))?;
                // A destination of its own is a link like any other, and followed as one.
                (*of != policy).then_some(Way {
                    policy: *of,
                    at: At::Destination(&invoke.destination),
                })
            }
            Holds::Action(_) | Holds::Switchboard(_) | Holds::Finish(_) => None,
        }
    }

    /// Says whether a way leads to a container by some of the steps.
    fn leads_back(
        &self,
        way: Way<'a>,
        (own, container): (RoutingPolicyId, &Container),
        by: impl Fn(&Step) -> bool,
    ) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![way];
        while let Some(way) = open.pop() {
            let Some(flow) = self.flows.get(&way.policy).filter(|_| seen.insert(way)) else {
                continue;
            };
            let reached = flow.reach(entries(flow, way.at), &by);
            let there = |id: &NodeKey| flow.link(Some(id)).is_some_and(|place| reached[place]);
            if way.policy == own && there(&container.id) {
                return true;
            }
            let containers = flow.graph.containers.iter();
            let containers = containers.filter(|container| there(&container.id));
            open.extend(containers.filter_map(|container| self.onward(way.policy, container)));
        }
        false
    }
}

// A start that is not there is stood in for by the one without a name.
fn entries(flow: &Flow<'_>, at: At<'_>) -> Vec<usize> {
    match at {
        At::Destination(name) => flow.entries(|start| offers(start, name)),
        At::Entry(entry) => {
            let known = flow.graph.starts.iter().any(|start| takes(&start.start, entry));
            flow.entries(|start| takes(start, entry.filter(|_| known)))
        }
    }
}
