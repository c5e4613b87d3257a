//! Policies that events begin: they work on what is known of a call once it is over, with nobody on the line.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Library;
use super::inputs::{Inputs, cut, key};
use super::scene::{Scene, Spot};
use super::state::{Cursor, Occasion, State, Via};
use super::wants::{Verdict, Wants};
use crate::call::Event;
use crate::call::concerns::events_of;
use crate::call::parties::Entrance;
use crate::ids::{CallId, RoutingPolicyId};
use crate::routing_policy::graph::containers::Holds;
use crate::routing_policy::graph::macros::EVENT_SET;
use crate::routing_policy::graph::starts::StartBlock;
use crate::routing_policy::start::{PolicyKind, Start};
use crate::text::Line;
use crate::{Event as _, Private};

/// The most runs of policies that the events of one call begin; what comes after those begins none.
const OCCASIONS_MAX: usize = 16;
/// The most fields of an event that macros reach.
const FIELDS_MAX: usize = 64;

/// Says whether an event can begin a policy, as [`beginning_kinds`](crate::routing_policy::graph::starts::beginning_kinds)
/// tells those who draw. What policies themselves do begins none, or they would never end.
const fn can_begin(event: &Event) -> bool {
    match event {
        events_of!(routing prompt lookup) | Event::PropertiesSet { .. } => false,
        Event::Offered { .. }
        | Event::Placed { .. }
        | Event::Ended { .. }
        | events_of!(leg bridge queue offer hold transfer recording archive callback supervision wrap_up) => {
            true
        }
    }
}

/// Takes note of what an event begins: of every policy that begins with it.
pub(super) fn note(call: CallId, state: &mut State, library: &Library, event: &Event) {
    if !can_begin(event) {
        return;
    }
    let kind = key(event.kind());
    let begins = library.begun_by_event(&kind).map(|published| published.policy);
    let begins: Vec<_> = begins
        .take(OCCASIONS_MAX.saturating_sub(state.occasions.len()))
        .collect();
    if begins.is_empty() {
        return;
    }
    let mut fields = BTreeMap::new();
    let tagged = serde_json::to_value(event).unwrap_or_default();
    let body = tagged.as_object().and_then(|tagged| tagged.values().next());
    if let Some(body) = body {
        flatten(body, "", state.person(call), &mut fields);
    }
    state.occasions.extend(begins.into_iter().map(|policy| Occasion {
        kind: kind.clone(),
        policy,
        fields: fields.clone(),
    }));
}

// An event is an object within an object that names its kind; what is private lies one deeper under `$private`.
fn flatten(
    value: &Value,
    path: &str,
    person: crate::ids::PersonId,
    into: &mut BTreeMap<String, Private<Line>>,
) {
    let text = match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "$person") {
                let below = match (path, name.as_str()) {
                    (_, "$private") => path.to_owned(),
                    ("", name) => name.to_owned(),
                    (path, name) => format!("{path}.{name}"),
                };
                flatten(value, &below, person, into);
            }
            return;
        }
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Null | Value::Array(_) => return,
    };
    if let Some(text) = cut::<255>(&text).filter(|_| into.len() < FIELDS_MAX) {
        into.insert(path.to_owned(), Private::new(person, text));
    }
}

/// Goes to what the next event begins, or stays where nothing more is to be done.
pub(super) fn next(state: &mut State, library: &Library) {
    // What was retired meanwhile runs no more.
    state
        .occasions
        .retain(|occasion| library.newest(occasion.policy).is_some());
    state.cursor = state
        .occasions
        .first()
        .map_or(Cursor::Done, |occasion| Cursor::Entering {
            policy: occasion.policy,
            via: Via::Entrance(Entrance::Event {
                event: occasion.kind.clone(),
            }),
        });
}

/// Hands what an event says to the policy that it begins, which it begins once, whether or not it still has a start for it.
pub(super) fn tell(state: &mut State, policy: RoutingPolicyId, start: Option<&StartBlock>) {
    let meant = match &state.cursor {
        Cursor::Entering {
            policy: entered,
            via: Via::Entrance(Entrance::Event { event }),
        } if *entered == policy => Some(event.clone()),
        Cursor::Entering { .. }
        | Cursor::Idle
        | Cursor::At { .. }
        | Cursor::Handed
        | Cursor::Ending { .. }
        | Cursor::Done => None,
    };
    let begun = start.and_then(|start| start.start.bound());
    let found = begun.and_then(|start| {
        if let Start::Event { kind } = start {
            Some(kind)
        } else {
            None
        }
    });
    let Some(kind) = found.clone().or(meant) else {
        return;
    };
    let is_this = |occasion: &Occasion| occasion.policy == policy && occasion.kind == kind;
    if let Some(place) = state.occasions.iter().position(is_this) {
        let occasion = state.occasions.remove(place);
        if found.is_some() {
            state.sets.insert(EVENT_SET.to_owned(), occasion.fields);
        }
    }
}

/// Says whether something can be done without anybody on the line.
pub(super) fn can_run(spot: Spot<'_>) -> bool {
    let kind = PolicyKind::DataAnalytics;
    match spot.app {
        Some((app, _)) => app.does.allowed_in(kind),
        // Another policy may be handed to, also one that was drawn for calls: what needs a caller is passed by there.
        None => match &spot.container.is {
            Holds::Action(_) | Holds::Finish(_) | Holds::ToPolicy(_) | Holds::Invoke(_) => true,
            Holds::Switchboard(_) => false,
        },
    }
}

/// Goes on with what follows something that needs a caller.
pub(super) fn pass(scene: &Scene<'_>, spot: Spot<'_>, out: &mut Wants) {
    let verdict = Verdict {
        node: spot.node(),
        app: spot.app.map_or("switchboard", |(app, _)| app.does.word()),
        branch: "next",
        inputs: Inputs::default(),
        reason: "the call is over, so that nobody is there for this".to_owned(),
    };
    out.decide(scene, verdict);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing_policy::graph::starts::beginning_kinds;

    #[test]
    fn whoever_draws_is_told_what_the_interpreter_goes_by() {
        for event in crate::call::samples() {
            let told = beginning_kinds().any(|kind| kind == event.kind());
            assert_eq!(told, can_begin(&event), "{}", event.kind());
        }
    }
}
