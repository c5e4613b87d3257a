//! Where a call goes from a node: along an outlet, to the next app, to the next container, or to its end.

use super::Published;
use super::fold::failed;
use super::scene::Spot;
use super::state::{Cursor, Settings, Via};
use crate::call::reasons::EndCause;
use crate::ids::StepId;
use crate::routing_policy::graph::starts::StartBlock;
use crate::routing_policy::graph::words::{NodeKey, Outlet, Unlinked};

/// Goes to the beginning of a policy: to the start at which the log says that it was entered.
pub(super) fn enter(published: Option<&Published>, start: Option<&StartBlock>, step: StepId) -> Cursor {
    match (published, start) {
        (None, _) => Cursor::Ending {
            cause: failed("policy-version-missing"),
        },
        (Some(_), None) => Cursor::Ending {
            cause: failed("no-such-entry"),
        },
        (Some(_), Some(start)) => to(start.next.as_ref(), step),
    }
}

/// Says what is set where a policy is entered: a number of ours names its callers. Which recording the call has goes on.
pub(super) fn settings(before: &Settings, start: Option<&StartBlock>) -> Settings {
    let at = start.and_then(|start| start.start.number());
    Settings {
        caller_name: at.and_then(|at| Some(at.caller_name.as_ref()?.as_str().to_owned())),
        recording: before.recording,
        ..Settings::default()
    }
}

/// Finds the start at which a policy is to be entered. What another policy hands over begins at the start without a
/// name if the one that is meant is not there.
pub(super) fn start<'a>(published: &'a Published, via: &Via) -> Option<&'a StartBlock> {
    let stands_in = match via {
        Via::Entry(_) | Via::Destination(_) => published.start(&Via::Entry(None)),
        Via::Entrance(_) => None,
    };
    published.start(via).or(stands_in)
}

/// Goes to a container, or to the end where there is none.
pub(super) fn to(container: Option<&NodeKey>, step: StepId) -> Cursor {
    container.map_or_else(
        || ends(step),
        |container| Cursor::At {
            container: container.key(),
            app: 0,
        },
    )
}

/// The policy has come to its end.
pub(super) const fn ends(step: StepId) -> Cursor {
    Cursor::Ending {
        cause: EndCause::PolicyEnded { step: Some(step) },
    }
}

/// Goes along an outlet.
pub(super) fn along(spot: Spot<'_>, outlet: Outlet<'_>, step: StepId) -> Cursor {
    match (outlet.to, outlet.unlinked) {
        (Some(container), _) => to(Some(container), step),
        (None, Unlinked::Ends) => ends(step),
        (None, Unlinked::FallsThrough) => on(spot, step),
    }
}

/// Goes on with the next app, and after the last with what follows the container.
pub(super) fn on(spot: Spot<'_>, step: StepId) -> Cursor {
    let next = spot.app.map(|(_, place)| place + 1);
    match next.filter(|next| *next < spot.container.is.apps().len()) {
        Some(app) => Cursor::At {
            container: spot.container.id.key(),
            app,
        },
        None => to(spot.container.is.next(), step),
    }
}
