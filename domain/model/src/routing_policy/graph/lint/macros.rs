//! Macros: whether they exist, and whether anything can have filled them by then.

use super::Report;
use super::filled::{Bits, Fields, Filled, Name};
use super::flow::{Flow, Position};
use crate::routing_policy::graph::apps::data::NotifyWhen;
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::macros;
use crate::routing_policy::graph::shape::{Path, Seen, Shape};
use crate::routing_policy::graph::template::MacroName;
use crate::routing_policy::graph::words::{NodeKey, PropertyName};

pub(super) fn check(flow: &Flow<'_>, report: &mut Report) {
    let filled = Filled::of(flow);
    for (place, position) in flow
        .positions
        .iter()
        .enumerate()
        .filter(|(_, position)| !position.end)
    {
        let Some(by_then) = filled.at(place) else { continue };
        let by_then = if is_sent_later(position) {
            filled.ever()
        } else {
            by_then
        };
        let mut path = Path::default();
        let mut see = |field: &str, seen: Seen<'_>| {
            if let Seen::Template(text) | Seen::Markup(text) = seen {
                for name in text.macros() {
                    one(flow, (&filled, by_then), position, field, name, report);
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

/// Finds an app that asks for secret digits which would be in a property.
fn secret<'a>(flow: &Flow<'a>, property: &PropertyName) -> Option<&'a NodeKey> {
    let mut apps = flow.positions.iter().filter_map(|position| position.app);
    let asks =
        |app: &&App| matches!(&app.does, Does::Digits(digits) if digits.secret && digits.into == *property);
    apps.find(asks).map(|app| &app.id)
}

fn one(
    flow: &Flow<'_>,
    (filled, by_then): (&Filled<'_>, &Bits),
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
            if filled.can(by_then, Name::Property(property.as_str())) {
                return;
            }
            if let Some(digits) = secret(flow, property) {
                let message = format!(
                    "{name} holds nothing: the digits that {digits} asks for are secret and kept nowhere"
                );
                report.error(node, field, "secret_holds_nothing", message);
            } else if !filled.can(by_then, Name::Carried) {
                let message = format!("nothing sets {name} on any way here");
                report.warning(node, field, "property_never_set", message);
            }
        }
        MacroName::Field { set, field: wanted } => match filled.fields(by_then, set.as_str()) {
            None => {
                let message = format!("nothing fills {set} on any way here, so {name} holds nothing");
                report.error(node, field, "set_never_filled", message);
            }
            Some(Fields::Any) => {}
            Some(Fields::These(fields)) => {
                if !fields.contains(wanted.as_str()) {
                    let fields: Vec<&str> = fields.into_iter().collect();
                    let message = format!("{set} has no field {wanted}; it has {}", fields.join(", "));
                    report.error(node, field, "no_such_field", message);
                }
            }
        },
    }
}
