//! Calls that we place: a policy looks at them on the way and leaves the talking to who placed them.
//!
//! Whoever placed a call rings its people and brings them together, so that nobody is on the line for a policy to speak to,
//! and the end of a policy is not the end of the call. What waits for somebody on the line is passed by; a recording
//! waits for the customer's leg. A customer whom an agent hands on to a policy is on the line like any caller.

use super::inputs::Inputs;
use super::library::{DEFAULT_OUTBOUND, Library};
use super::scene::Scene;
use super::state::{Begun, Cursor, Placed, State, Via};
use super::wants::{Verdict, Wants};
use crate::call::parties::{Caller, Entrance, Who};
use crate::ids::LegId;

/// Begins with the policy that all calls pass which we place, if there is one.
pub(super) fn begin(state: &mut State, library: &Library, placed: Placed) {
    if state.begun.is_some() || state.placed.is_some() {
        return;
    }
    state.placed = Some(placed);
    let destination = super::inputs::key(DEFAULT_OUTBOUND);
    if let Some(policy) = library.destination(&destination) {
        state.cursor = Cursor::Entering {
            policy,
            via: Via::Destination(destination),
        };
    }
}

/// Lets a call go on whose policy has come to its end.
pub(super) fn go_on(state: &mut State) {
    if state.unattended() && !state.is_over() && matches!(state.cursor, Cursor::Ending { .. }) {
        state.cursor = Cursor::Done;
    }
}

/// Takes note that an agent hands the customer on to a policy: from here on they are on the line.
pub(super) fn hand_on(state: &mut State) {
    let Some((leg, placed)) = state.customer_leg().zip(state.placed.as_ref()) else {
        return;
    };
    let begun = Begun {
        leg,
        caller: Caller::Number {
            number: placed.to.clone(),
        },
        entrance: Entrance::Destination {
            name: super::inputs::key(DEFAULT_OUTBOUND),
        },
        journey: placed.journey,
        at: placed.at,
    };
    state.begun.get_or_insert(begun);
}

/// Passes an app by that waits for somebody on the line, where nobody will be, and says whether it does.
pub(super) fn passes(scene: &Scene<'_>, out: &mut Wants) -> bool {
    let Some(spot) = scene.spot().filter(|_| scene.state.unattended()) else {
        return false;
    };
    let verdict = Verdict {
        node: spot.node(),
        app: spot.app.map_or("switchboard", |(app, _)| app.does.word()),
        branch: "next",
        inputs: Inputs::default(),
        reason: "who placed the call rings its people, so that a policy speaks to nobody".to_owned(),
    };
    out.decide(scene, verdict);
    true
}

impl State {
    /// Says whether we placed the call, and nobody is on the line for a policy.
    pub(super) const fn unattended(&self) -> bool {
        self.placed.is_some() && self.begun.is_none()
    }

    /// Returns the leg of the customer whom we rang.
    pub(super) fn customer_leg(&self) -> Option<LegId> {
        let mut legs = self.legs.iter();
        let customer = legs.find(|(_, leg)| leg.who == Who::Customer && leg.ended.is_none());
        customer.map(|(id, _)| *id)
    }
}
