//! The ways of contacts through a graph: positions between apps, and the steps from one to the next.

use std::collections::BTreeMap;

use crate::routing_policy::graph::Graph;
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::containers::{Container, Holds};
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::words::{NodeKey, Outlet, Unlinked};
use crate::routing_policy::start::PolicyKind;
use crate::text::Key;

/// A place where a contact can be: before an app or a menu, or behind the last app of a container.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position<'a> {
    pub(super) container: &'a Container,
    /// None: what stands here is the container itself, or its end.
    pub(super) app: Option<&'a App>,
    /// Behind everything in the container.
    pub(super) end: bool,
}

/// A way on from a position.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// The field that leads this way, empty where nothing has to be taken.
    pub(super) field: String,
    /// Where it leads; none if the contact ends, or if the link leads nowhere.
    pub(super) to: Option<usize>,
    /// Whether a contact can be there in the same moment, so that a loop of such steps spins.
    pub(super) at_once: bool,
}

/// A graph with the ways through it.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    pub(super) graph: &'a Graph,
    pub(super) positions: Vec<Position<'a>>,
    /// From each position.
    pub(super) steps: Vec<Vec<Step>>,
    first: BTreeMap<&'a NodeKey, usize>,
    /// Whether anything that begins leads to each position.
    pub(super) reached: Vec<bool>,
    /// Whether a call can be at each position, and not just data or a message.
    pub(super) heard: Vec<bool>,
}

impl<'a> Flow<'a> {
    pub(super) fn of(graph: &'a Graph) -> Self {
        let mut positions = Vec::new();
        let mut first = BTreeMap::new();
        for container in graph.containers.iter() {
            first.entry(&container.id).or_insert(positions.len());
            let at = |app, end| Position { container, app, end };
            match &container.is {
                Holds::Action(action) => positions.extend(action.apps.iter().map(|app| at(Some(app), false))),
                Holds::Switchboard(_) | Holds::ToPolicy(_) | Holds::Invoke(_) | Holds::Finish(_) => {
                    positions.push(at(None, false));
                }
            }
            positions.push(at(None, true));
        }
        let mut flow = Self {
            graph,
            positions,
            steps: vec![],
            first,
            reached: vec![],
            heard: vec![],
        };
        flow.steps = (0..flow.positions.len())
            .map(|place| flow.steps_from(place))
            .collect();
        flow.reached = flow.reach(flow.entries(|_| true), |_| true);
        flow.heard = flow.reach(flow.entries(|start| is_call(graph.kind, start)), |_| true);
        flow
    }

    /// Finds where a link leads.
    pub(super) fn link(&self, to: Option<&NodeKey>) -> Option<usize> {
        self.first.get(to?).copied()
    }

    /// Returns where the starts of some kind lead.
    pub(super) fn entries(&self, which: impl Fn(&Begin) -> bool) -> Vec<usize> {
        let starts = self.graph.starts.iter().filter(|start| which(&start.start));
        starts
            .filter_map(|start| self.link(start.next.as_ref()))
            .collect()
    }

    /// Marks what can be reached by some of the steps.
    pub(super) fn reach(&self, mut open: Vec<usize>, by: impl Fn(&Step) -> bool) -> Vec<bool> {
        let mut reached = vec![false; self.positions.len()];
        while let Some(place) = open.pop() {
            if std::mem::replace(&mut reached[place], true) {
                continue;
            }
            let steps = self.steps[place].iter().filter(|step| by(step));
            open.extend(steps.filter_map(|step| step.to));
        }
        reached
    }

    fn steps_from(&self, place: usize) -> Vec<Step> {
        let position = &self.positions[place];
        if position.end {
            return vec![self.step("next".to_owned(), position.container.is.next(), true)];
        }
        match (position.app, &position.container.is) {
            (Some(app), _) => self.steps_of_app(place, app),
            // A caller listens and thinks before each key, and waits where none is pressed.
            (None, Holds::Switchboard(menu)) => {
                let ways = menu.ways().into_iter();
                ways.map(|(field, outlet)| self.way(place, field, outlet, false))
                    .collect()
            }
            (None, Holds::Invoke(invoke)) => {
                let offered = self
                    .entries(|start| offers(start, &invoke.destination))
                    .into_iter();
                let to = |to| Step {
                    field: "destination".to_owned(),
                    to: Some(to),
                    at_once: true,
                };
                offered.map(to).collect()
            }
            (None, Holds::Action(_) | Holds::ToPolicy(_) | Holds::Finish(_)) => vec![],
        }
    }

    fn steps_of_app(&self, place: usize, app: &App) -> Vec<Step> {
        let outlets = app.does.outlets();
        let mut steps: Vec<Step> = outlets
            .iter()
            .map(|outlet| {
                let field = format!("outlets.{}", outlet.name);
                self.way(place, field, *outlet, is_at_once(&app.does, outlet.name))
            })
            .collect();
        // All ways out of other apps have an outlet; a rule that does not hold has none.
        let goes_on = outlets.is_empty() && !app.does.is_last() || matches!(app.does, Does::Rule(_));
        if goes_on {
            steps.push(Step {
                field: String::new(),
                to: Some(place + 1),
                at_once: is_at_once(&app.does, "next"),
            });
        }
        steps
    }

    fn way(&self, place: usize, field: String, outlet: Outlet<'_>, at_once: bool) -> Step {
        match (outlet.to, outlet.unlinked) {
            (None, Unlinked::FallsThrough) => Step {
                field,
                to: Some(place + 1),
                at_once,
            },
            (to, _) => self.step(field, to, at_once),
        }
    }

    fn step(&self, field: String, to: Option<&NodeKey>, at_once: bool) -> Step {
        Step {
            field,
            to: self.link(to),
            at_once,
        }
    }
}

/// Says whether a start is the destination of a name.
pub(super) fn offers(start: &Begin, name: &Key) -> bool {
    matches!(start, Begin::Destination(at) if at.name == *name)
}

fn is_call(kind: PolicyKind, start: &Begin) -> bool {
    match (kind, start) {
        (PolicyKind::DataAnalytics | PolicyKind::Digital, _)
        | (PolicyKind::Call | PolicyKind::System, Begin::Address(_) | Begin::Message(_) | Begin::Event(_)) => {
            false
        }
        (
            PolicyKind::Call | PolicyKind::System,
            Begin::Number(_)
            | Begin::Extension(_)
            | Begin::Destination(_)
            | Begin::Trunk(_)
            | Begin::DirectNumbers(_)
            | Begin::FromPolicy(_),
        ) => true,
    }
}

impl<'a> Position<'a> {
    /// Returns the node that stands here.
    pub(super) fn node(&self) -> &'a NodeKey {
        self.app.map_or(&self.container.id, |app| &app.id)
    }
    /// Says whether a contact takes a step here: at an app, at a container that is one of its own, at an empty one.
    pub(super) fn is_step(&self) -> bool {
        match &self.container.is {
            Holds::Action(action) => !self.end || action.apps.is_empty(),
            Holds::Switchboard(_) | Holds::ToPolicy(_) | Holds::Invoke(_) | Holds::Finish(_) => !self.end,
        }
    }
}

/// Says whether a way out of an app can be taken in the moment in which the contact comes to it.
fn is_at_once(does: &Does, way: &str) -> bool {
    match does {
        // Somebody listens, talks, or thinks about a key.
        Does::Speak(_) | Does::Digits(_) | Does::Survey(_) => false,
        Does::Queue(_) => matches!(way, "no_agents" | "full" | "closed" | "failed"),
        Does::Hunt(_) => matches!(way, "busy" | "failed"),
        Does::Connect(_) => matches!(way, "busy" | "rejected" | "unreachable"),
        Does::Voicemail(_) => way == "nothing",
        Does::Rule(_)
        | Does::Query(_)
        | Does::Create(_)
        | Does::Update(_)
        | Does::Http(_)
        | Does::Record(_)
        | Does::Notify(_)
        | Does::Properties(_)
        | Does::Skills(_)
        | Does::Gate(_)
        | Does::CallbackTask(_)
        | Does::Debug(_)
        | Does::DigitalConnect(_)
        | Does::AssignRecords(_)
        | Does::BlockMessage(_)
        | Does::UpdateMessage(_) => true,
    }
}
