//! What a tenant has: whether everything that a graph names is there, and whether policies hand over in a circle.

use std::collections::BTreeSet;

use super::flow::Flow;
use super::{Known, Report};
use crate::ids::RoutingPolicyId;
use crate::routing_policy::graph::Graph;
use crate::routing_policy::graph::containers::{Container, Holds, ToPolicy};
use crate::routing_policy::graph::shape::Seen;
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::start::PolicyKind;

pub(super) fn check(flow: &Flow<'_>, known: &Known, report: &mut Report) {
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
            Holds::ToPolicy(to) => hand_over(known, container, to, report),
            Holds::Invoke(invoke) => {
                let offered = flow.graph.starts.iter().any(
                    |start| matches!(&start.start, Begin::Destination(at) if at.name == invoke.destination),
                );
                let elsewhere = known.destinations.as_ref();
                if !offered && elsewhere.is_some_and(|names| !names.contains(&invoke.destination)) {
                    let message = format!("no policy offers the destination {}", invoke.destination);
                    report.error(&container.id, "destination", "no_such_destination", message);
                }
            }
            Holds::Action(_) | Holds::Switchboard(_) | Holds::Finish(_) => {}
        }
    }
    circle(flow, known, report);
}

fn missing(known: &Known, seen: Seen<'_>) -> Option<(&'static str, &'static str)> {
    fn lacks<T: Ord>(known: Option<&BTreeSet<T>>, id: &T) -> bool {
        known.is_some_and(|known| !known.contains(id))
    }
    let (lacks, thing, code) = match seen {
        Seen::Template(_) => return None,
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

fn hand_over(known: &Known, container: &Container, to: &ToPolicy, report: &mut Report) {
    let Some(Some(other)) = known
        .policies
        .as_ref()
        .and_then(|policies| policies.get(&to.policy))
    else {
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
    let takes = |start: &Begin| matches!(start, Begin::FromPolicy(from) if from.entry == to.entry);
    if !other.starts.iter().any(|start| takes(&start.start)) {
        let message = match &to.entry {
            Some(entry) => format!("the other policy has no start {entry} for what others hand over"),
            None => "the other policy has no start for what others hand over".to_owned(),
        };
        report.error(&container.id, "entry", "no_such_entry", message);
    }
}

fn circle(flow: &Flow<'_>, known: &Known, report: &mut Report) {
    let (Some(own), Some(policies)) = (known.own, &known.policies) else {
        return;
    };
    for (container, to) in handing_over(flow) {
        let leads_back = |quick: bool| {
            let mut seen = BTreeSet::new();
            let mut open = vec![to.policy];
            while let Some(policy) = open.pop() {
                if policy == own {
                    return true;
                }
                if seen.insert(policy)
                    && let Some(Some(graph)) = policies.get(&policy)
                {
                    open.extend(onward(graph, quick));
                }
            }
            false
        };
        let at_once = flow.reach(flow.entries(|_| true), |position| !position.takes_time());
        let at_once = flow.link(Some(&container.id)).is_some_and(|place| at_once[place]);
        if at_once && leads_back(true) {
            let message = "the policies hand over in a circle without waiting for anything: a call would go round until it is cut off";
            report.error(&container.id, "policy", "policies_spin", message);
        } else if leads_back(false) {
            let message = "the policies hand over in a circle: see that callers do not go round for ever";
            report.warning(&container.id, "policy", "policies_in_a_circle", message);
        }
    }
}

fn handing_over<'a>(flow: &Flow<'a>) -> Vec<(&'a Container, &'a ToPolicy)> {
    let containers = flow.graph.containers.iter();
    containers
        .filter_map(|container| match &container.is {
            Holds::ToPolicy(to) => Some((container, to)),
            Holds::Action(_) | Holds::Switchboard(_) | Holds::Invoke(_) | Holds::Finish(_) => None,
        })
        .collect()
}

/// Returns the policies that one hands over to what it was handed, `quick`ly or at all.
fn onward(graph: &Graph, quick: bool) -> Vec<RoutingPolicyId> {
    let flow = Flow::of(graph);
    let entries = flow.entries(|start| matches!(start.start, Begin::FromPolicy(_)));
    let reached = flow.reach(entries, |position| !quick || !position.takes_time());
    let there = |container: &Container| flow.link(Some(&container.id)).is_some_and(|place| reached[place]);
    let handing = handing_over(&flow).into_iter();
    handing
        .filter(|(container, _)| there(container))
        .map(|(_, to)| to.policy)
        .collect()
}
