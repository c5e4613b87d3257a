//! Macros: whether they exist, and whether anything can have filled them by then.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use super::flow::{Flow, Position, Step};
use crate::routing_policy::graph::apps::Does;
use crate::routing_policy::graph::apps::data::NotifyWhen;
use crate::routing_policy::graph::apps::records::{Answer, Find};
use crate::routing_policy::graph::macros;
use crate::routing_policy::graph::shape::{Path, Seen, Shape};
use crate::routing_policy::graph::starts::Begin;
use crate::routing_policy::graph::template::MacroName;
use crate::routing_policy::graph::words::{PropertyName, SetName};
use crate::routing_policy::start::PolicyKind;

/// What can be filled at a position.
#[derive(Debug, Clone, Default, PartialEq)]
struct Filled {
    sets: BTreeMap<SetName, Fields>,
    properties: BTreeSet<PropertyName>,
    /// Whatever came along from another policy, where anything can have been set.
    carried: bool,
}

/// The fields of a result set.
#[derive(Debug, Clone, PartialEq)]
enum Fields {
    These(BTreeSet<String>),
    Any,
}

impl Filled {
    /// Adds what can be filled on another way; says whether that was more.
    fn join(&mut self, other: &Self) -> bool {
        let before = self.clone();
        for (set, fields) in &other.sets {
            let joined = match (self.sets.remove(set), fields) {
                (None, fields) => fields.clone(),
                (Some(Fields::These(mut ours)), Fields::These(theirs)) => {
                    ours.extend(theirs.iter().cloned());
                    Fields::These(ours)
                }
                (Some(Fields::Any), _) | (Some(Fields::These(_)), Fields::Any) => Fields::Any,
            };
            self.sets.insert(set.clone(), joined);
        }
        self.properties.extend(other.properties.iter().cloned());
        self.carried |= other.carried;
        *self != before
    }
}

pub(super) fn check(flow: &Flow<'_>, report: &mut Report) {
    let filled = filled(flow);
    let mut ever = Filled::default();
    for at in filled.iter().flatten() {
        ever.join(at);
    }
    for (place, position) in flow
        .positions
        .iter()
        .enumerate()
        .filter(|(_, position)| !position.end)
    {
        let Some(by_then) = &filled[place] else { continue };
        let by_then = if is_sent_later(position) { &ever } else { by_then };
        let mut path = Path::default();
        let mut see = |field: &str, seen: Seen<'_>| {
            if let Seen::Template(text) = seen {
                for name in text.macros() {
                    one(flow, by_then, position, field, name, report);
                }
            }
        };
        match position.app {
            Some(app) => app.show(&mut path, &mut see),
            None => position.container.show(&mut path, &mut see),
        }
    }
}

fn is_sent_later(position: &Position<'_>) -> bool {
    match position.app.map(|app| &app.does) {
        Some(Does::Notify(notify)) => notify.when == NotifyWhen::AtCallEnd,
        Some(_) | None => false,
    }
}

fn one(
    flow: &Flow<'_>,
    by_then: &Filled,
    position: &Position<'_>,
    field: &str,
    name: &MacroName,
    report: &mut Report,
) {
    let node = position.node();
    match name {
        MacroName::Builtin(plain) => match macros::find(plain) {
            None => {
                let message =
                    format!("there is no macro {name}; a property of your own is written $(Custom_{plain})");
                report.error(node, field, "unknown_macro", message);
            }
            Some(known) if !known.usable_in(flow.graph.kind) => {
                let message = format!("{name} holds nothing in a {} policy", flow.graph.kind);
                report.warning(node, field, "macro_holds_nothing", message);
            }
            Some(_) => {}
        },
        MacroName::Custom(property) => {
            if !by_then.carried && !by_then.properties.contains(property) {
                let message = format!("nothing sets {name} on any way here");
                report.warning(node, field, "property_never_set", message);
            }
        }
        MacroName::Field { set, field: wanted } => match by_then.sets.get(set) {
            None => {
                let message = format!("nothing fills {set} on any way here, so {name} holds nothing");
                report.error(node, field, "set_never_filled", message);
            }
            Some(Fields::Any) => {}
            Some(Fields::These(fields)) => {
                if !fields.contains(wanted) {
                    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
                    let message = format!("{set} has no field {wanted}; it has {}", fields.join(", "));
                    report.error(node, field, "no_such_field", message);
                }
            }
        },
    }
}

/// Finds what can be filled at each position that is reached.
fn filled(flow: &Flow<'_>) -> Vec<Option<Filled>> {
    let mut filled: Vec<Option<Filled>> = vec![None; flow.positions.len()];
    let mut open: BTreeSet<usize> = BTreeSet::new();
    for start in flow.graph.starts.iter() {
        if let Some(place) = flow.link(start.next.as_ref()) {
            filled[place]
                .get_or_insert_default()
                .join(&brought(flow.graph.kind, &start.start));
            open.insert(place);
        }
    }
    while let Some(place) = open.pop_first() {
        let Some(here) = filled[place].clone() else {
            continue;
        };
        for step in &flow.steps[place] {
            let Some(to) = step.to else { continue };
            let mut then = here.clone();
            fill(&mut then, &flow.positions[place], step);
            let new = filled[to].is_none();
            if filled[to].get_or_insert_default().join(&then) || new {
                open.insert(to);
            }
        }
    }
    filled
}

fn brought(kind: PolicyKind, start: &Begin) -> Filled {
    let mut filled = Filled::default();
    match start {
        Begin::FromPolicy(_) | Begin::Destination(_) => filled.carried = true,
        Begin::Event(_) => {
            filled.carried = true;
            let set = SetName::new(macros::EVENT_SET).expect("a letter, letters and _");
            filled.sets.insert(set, Fields::Any);
        }
        // What runs after a call knows what the call carried.
        Begin::Message(_) => filled.carried = kind == PolicyKind::DataAnalytics,
        Begin::Number(_)
        | Begin::Extension(_)
        | Begin::Trunk(_)
        | Begin::DirectNumbers(_)
        | Begin::Address(_) => {}
    }
    filled
}

fn fill(filled: &mut Filled, position: &Position<'_>, step: &Step) {
    let these = |fields: &mut dyn Iterator<Item = &str>| Fields::These(fields.map(str::to_owned).collect());
    let mut put = |set: &SetName, fields| {
        filled.sets.insert(set.clone(), fields);
    };
    let Some(app) = position.app else { return };
    match (&app.does, step.field.as_str()) {
        (Does::Query(query), "outlets.found") => {
            let fields = match &query.find {
                Find::Builder(builder) => these(&mut builder.fields.iter().map(|field| field.as_str())),
                Find::Soql(_) => Fields::Any,
            };
            put(&query.into, fields);
        }
        (Does::Http(http), "outlets.found") => {
            let fields = if http.fields.is_empty() {
                Fields::Any
            } else {
                these(&mut http.fields.iter().map(|field| field.as_str()))
            };
            if http.answer == Answer::Records {
                put(&http.into, fields);
            }
        }
        (Does::Create(create), "outlets.done") => put(&create.into, these(&mut ["Id"].into_iter())),
        (Does::Digits(digits), "outlets.matched") => {
            filled.properties.insert(digits.into.clone());
        }
        (Does::Survey(survey), _) => {
            filled
                .properties
                .extend(survey.questions.iter().map(|question| question.name.clone()));
        }
        (Does::Properties(properties), _) => {
            filled
                .properties
                .extend(properties.set.iter().map(|set| set.name.clone()));
        }
        _ => {}
    }
}
