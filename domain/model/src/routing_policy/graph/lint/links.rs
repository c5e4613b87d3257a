//! Starts, kinds and links: what begins, what is allowed where, what leads nowhere, what is never reached.

use super::flow::{Flow, Position};
use super::{Report, Severity};
use crate::routing_policy::graph::Node;
use crate::routing_policy::graph::apps::Does;
use crate::routing_policy::graph::containers::{Holds, Switchboard};
use crate::routing_policy::graph::starts::{Begin, StartBlock, beginning_kinds};
use crate::routing_policy::graph::words::{NodeKey, Unlinked};

pub(super) fn check(flow: &Flow<'_>, report: &mut Report) {
    starts(flow, report);
    for node in flow.graph.nodes() {
        kinds(flow, node, report);
        targets(flow, node, report);
    }
    for (place, position) in flow.positions.iter().enumerate() {
        if !flow.reached[place] {
            never_reached(flow, place, position, report);
        } else if position.end {
            dead_end(flow, place, position, report);
        } else {
            ends_here(position, report);
        }
    }
}

fn starts(flow: &Flow<'_>, report: &mut Report) {
    let starts = &flow.graph.starts;
    if starts.is_empty() {
        report.whole(
            Severity::Error,
            "starts",
            "no_start",
            "nothing begins this policy: add a start block",
        );
    }
    for (place, start) in starts.iter().enumerate() {
        let kind = flow.graph.kind;
        if !start.start.begins(kind) {
            let message = format!("this does not begin a {kind} policy");
            report.error(&start.id, "start.is", "start_not_allowed", message);
        }
        if let Begin::Event(at) = &start.start
            && beginning_kinds().all(|kind| kind != at.kind.as_str())
        {
            let kinds: Vec<&str> = beginning_kinds().collect();
            let message = format!(
                "no event of this kind begins a policy; these do: {}",
                kinds.join(", ")
            );
            report.error(&start.id, "start.kind", "event_begins_nothing", message);
        }
        if start.next.is_none() {
            let message = "nothing follows this start: link it to a container";
            report.error(&start.id, "next", "start_leads_nowhere", message);
        }
        for other in &starts[..place] {
            compare(start, other, report);
        }
    }
}

fn compare(start: &StartBlock, other: &StartBlock, report: &mut Report) {
    let other_id = &other.id;
    match (&start.start, &other.start) {
        (Begin::Extension(ours), Begin::Extension(theirs))
            if ours.pattern != theirs.pattern && ours.pattern.overlaps(&theirs.pattern) =>
        {
            let message = format!("an extension can fit both this pattern and that of {other_id}");
            report.warning(&start.id, "start.pattern", "ambiguous_pattern", message);
        }
        (Begin::Number(ours), Begin::Number(theirs)) if ours.number == theirs.number => {
            let message = format!("{other_id} begins with the same number");
            report.error(&start.id, "start.number", "start_twice", message);
        }
        (ours, theirs) if ours == theirs => {
            let message = format!("{other_id} begins with the same");
            report.error(&start.id, "start", "start_twice", message);
        }
        _ => {}
    }
}

fn kinds(flow: &Flow<'_>, node: Node<'_>, report: &mut Report) {
    let kind = flow.graph.kind;
    match node {
        Node::Start(_) => {}
        Node::Container(container) => {
            if !container.is.allowed_in(kind) {
                let message = format!("a {kind} policy has no {}", container.is.word());
                report.error(&container.id, "is", "container_not_allowed", message);
            }
            if let Holds::Switchboard(menu) = &container.is {
                keys(&container.id, menu, report);
            }
        }
        Node::App(app, _) => {
            if !app.does.allowed_in(kind) {
                let message = format!("a {kind} policy has no {}", app.does.word());
                report.error(&app.id, "app", "app_not_allowed", message);
            }
        }
    }
}

fn keys(id: &NodeKey, menu: &Switchboard, report: &mut Report) {
    for (place, key) in menu.keys.iter().enumerate() {
        if menu.keys[..place].iter().any(|other| other.key == key.key) {
            let message = format!("key {} is on the menu twice", key.key);
            report.error(id, format!("keys[{place}].key"), "key_twice", message);
        }
    }
}

fn targets(flow: &Flow<'_>, node: Node<'_>, report: &mut Report) {
    let mut check = |field: String, to: Option<&NodeKey>| {
        if let Some(to) = to.filter(|to| flow.link(Some(to)).is_none()) {
            let message = format!("there is no container {to}");
            report.error(node.id(), field, "no_such_container", message);
        }
    };
    match node {
        Node::Start(start) => check("next".to_owned(), start.next.as_ref()),
        Node::Container(container) => {
            check("next".to_owned(), container.is.next());
            if let Holds::Switchboard(menu) = &container.is {
                for (field, outlet) in menu.ways() {
                    check(field, outlet.to);
                }
            }
        }
        Node::App(app, _) => {
            for outlet in app.does.outlets() {
                check(format!("outlets.{}", outlet.name), outlet.to);
            }
        }
    }
}

fn never_reached(flow: &Flow<'_>, place: usize, position: &Position<'_>, report: &mut Report) {
    let begins = flow.link(Some(&position.container.id)) == Some(place);
    if begins {
        let message = "nothing leads here: link it or delete it";
        report.warning(&position.container.id, "", "unreachable", message);
    } else if let Some(app) = position.app
        && flow.reached[place - 1]
    {
        let message = "this app and those after it are never reached: the one before it never falls through";
        report.warning(&app.id, "", "app_unreachable", message);
    }
}

fn dead_end(flow: &Flow<'_>, place: usize, position: &Position<'_>, report: &mut Report) {
    if position.container.is.next().is_some() {
        return;
    }
    let severity = if flow.heard[place] {
        Severity::Error
    } else {
        Severity::Hint
    };
    let last = place
        .checked_sub(1)
        .map(|before| (before, &flow.positions[before]));
    let lookup = last.filter(|(before, last)| is_lookup(last) && flow.reached[*before]);
    if let Some((before, last)) = lookup {
        let falls = flow.steps[before].iter().filter(|step| step.to == Some(place));
        for step in falls.filter(|step| step.field.ends_with("error") || step.field.ends_with("too_late")) {
            let message = "nothing follows if the other side cannot say or says it too late: link this, or what follows the container";
            report.add(severity, last.node(), &*step.field, "no_default_branch", message);
        }
    }
    if flow.heard[place] {
        let message = "the call is cut off here, since nothing follows: link a finish if that is meant";
        report.error(&position.container.id, "next", "dead_end", message);
    }
}

fn is_lookup(position: &Position<'_>) -> bool {
    position.app.is_some_and(|app| {
        matches!(
            app.does,
            Does::Query(_) | Does::Create(_) | Does::Update(_) | Does::Http(_)
        )
    })
}

// Where a conversation with somebody was over, ending is what people expect.
fn ends_here(position: &Position<'_>, report: &mut Report) {
    let message = "nothing is linked, so the contact ends here; that is how callers are blocked";
    if let Some(app) = position.app {
        let outlets = app.does.outlets().into_iter();
        let open = outlets.filter(|outlet| outlet.unlinked == Unlinked::Ends && outlet.to.is_none());
        for outlet in open.filter(|outlet| outlet.name == "matched") {
            report.warning(&app.id, format!("outlets.{}", outlet.name), "ends_here", message);
        }
    } else if let Holds::Switchboard(menu) = &position.container.is {
        let open = menu.ways().into_iter();
        for (field, _) in open.filter(|(_, outlet)| outlet.unlinked == Unlinked::Ends && outlet.to.is_none())
        {
            report.warning(&position.container.id, field, "ends_here", message);
        }
    }
}
