//! Callers whom somebody hands on to a routing policy, a group or a mailbox: whether there is such a place, and where
//! they go. Colleagues, numbers and queues are found by the process that hands on.

use super::fold::step_id;
use super::inputs::key;
use super::scene::Scene;
use super::state::{Cursor, State, Via, Wait};
use super::wants::Wants;
use super::{Library, outbound, settle};
use crate::Private;
use crate::call::facts::Property;
use crate::call::parties::{Destination, Mailbox};
use crate::call::reasons::LegCause;
use crate::call::{Command, life, transfer};
use crate::few::Few;
use crate::ids::{CallId, LegId};
use crate::text::{Key, Line};

/// The custom property that names whom a caller was handed on to.
const HANDED_TO: &str = "HandedTo";

/// The destination of those whom nobody took to whom they were handed on.
const TO_NOBODY: &str = "handed-to-nobody";

/// Says what an agent hears who wants to hand the caller on: that it is done, or that there is no such place.
pub(super) fn hand_on(scene: &Scene<'_>, (leg, to): &(LegId, Destination), out: &mut Wants) {
    let (leg, at) = (*leg, scene.now);
    let command = if place(scene.library, to).is_none() {
        let cause = LegCause::Failed {
            reason: key("no-such-place"),
        };
        transfer::Command::Fail { leg, cause, at }
    } else {
        if let Some(named) = named(to).and_then(|text| Line::new(&text).ok()) {
            let person = scene.state.person(scene.call);
            let property = Property {
                name: key(HANDED_TO),
                value: Some(Private::new(person, named)),
            };
            let properties = Few::first([property]);
            let set = life::Command::SetProperties { properties, at };
            out.command(format!("handed-to/{leg}"), Command::Life(set));
        }
        transfer::Command::Confirm { leg, at }
    };
    out.command(format!("hand-on/{leg}"), Command::Transfer(command));
}

/// Goes where a caller was handed on to; none if that is nobody whom a routing policy finds.
pub(super) fn goes_to(library: &Library, to: &Destination) -> Option<Cursor> {
    let (policy, via) = place(library, to)?;
    Some(Cursor::Entering { policy, via })
}

/// Takes note that a wish to hand the caller on is fulfilled or given up.
pub(super) fn settled(state: &mut State, leg: LegId) {
    state.handing_on.remove(&leg);
    state.asked.take_if(|(of, _)| *of == leg);
}

/// Takes note that whoever wanted to hand the caller on is gone and nobody took them: they go back to the queue where
/// they waited last, and the customer of a call that we placed who never waited is told.
pub(super) fn left_behind(state: &mut State) {
    state.step.goes_back = state.facts.queue.is_some();
    if state.unattended() && !state.step.goes_back {
        outbound::hand_on(state);
        state.cursor = Cursor::Handed;
        state.step.unanswered = true;
    }
}

/// Sees to the customer of a call that we placed who was handed on, once nobody has them: they go where the tenant's
/// policy says, unless somebody talked to them to the end.
pub(super) fn look_after(call: CallId, state: &mut State, library: &Library) {
    let handed = matches!(state.cursor, Cursor::Handed) && !state.is_over();
    if !handed || state.caller_gone() || !state.caller_alone() {
        return;
    }
    let gave_up = state.step.unanswered || state.step.wait.as_ref().is_some_and(Wait::gave_up);
    let nobody = key(TO_NOBODY);
    state.cursor = match library.destination(&nobody).filter(|_| gave_up) {
        Some(policy) => Cursor::Entering {
            policy,
            via: Via::Destination(nobody),
        },
        None => Cursor::Ending {
            cause: settle::nobody_left(state, step_id(call, state.taken)),
        },
    };
}

/// Says whether routing policies find the place.
pub(super) const fn is_ours(to: &Destination) -> bool {
    match to {
        Destination::Group { .. } | Destination::Policy { .. } | Destination::Voicemail { .. } => true,
        Destination::Agent { .. } | Destination::Number { .. } | Destination::Queue { .. } => false,
    }
}

fn place(library: &Library, to: &Destination) -> Option<(crate::ids::RoutingPolicyId, Via)> {
    if let Destination::Policy { policy } = to {
        let published = library.newest(*policy)?;
        let via = Via::Entry(None);
        published.start(&via)?;
        return Some((*policy, via));
    }
    let name = match to {
        Destination::Group { group } if library.groups.contains_key(group) => "handed-to-group",
        Destination::Voicemail {
            mailbox: Mailbox::Group { group },
        } if library.groups.contains_key(group) => "handed-to-group-mailbox",
        Destination::Voicemail {
            mailbox: Mailbox::User { user },
        } if library.users.contains_key(user) => "handed-to-user-mailbox",
        Destination::Group { .. }
        | Destination::Voicemail { .. }
        | Destination::Policy { .. }
        | Destination::Agent { .. }
        | Destination::Number { .. }
        | Destination::Queue { .. } => return None,
    };
    let name: Key = key(name);
    let policy = library.destination(&name)?;
    Some((policy, Via::Destination(name)))
}

fn named(to: &Destination) -> Option<String> {
    match to {
        Destination::Group { group }
        | Destination::Voicemail {
            mailbox: Mailbox::Group { group },
        } => Some(group.to_string()),
        Destination::Voicemail {
            mailbox: Mailbox::User { user },
        } => Some(user.to_string()),
        Destination::Voicemail { .. }
        | Destination::Policy { .. }
        | Destination::Agent { .. }
        | Destination::Number { .. }
        | Destination::Queue { .. } => None,
    }
}
