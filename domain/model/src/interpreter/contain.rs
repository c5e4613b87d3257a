//! Containers that are an app of their own: hand over to another policy, go on at a destination, end.

use super::data::to_set;
use super::inputs::Inputs;
use super::scene::{Scene, Spot};
use super::wants::{Verdict, Wants};
use crate::routing_policy::graph::containers::{Finish, Invoke, ToPolicy};
use crate::routing_policy::start::PolicyKind;

fn decide(
    scene: &Scene<'_>,
    spot: Spot<'_>,
    (app, branch): (&'static str, &str),
    (inputs, reason): (Inputs, String),
    out: &mut Wants,
) {
    let verdict = Verdict {
        node: spot.node(),
        app,
        branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

pub(super) fn empty(scene: &Scene<'_>, spot: Spot<'_>, out: &mut Wants) {
    let reason = "the container is empty".to_owned();
    decide(scene, spot, ("action", "next"), (Inputs::default(), reason), out);
}

pub(super) fn to_policy(scene: &Scene<'_>, spot: Spot<'_>, to: &ToPolicy, out: &mut Wants) {
    let mut inputs = Inputs::default();
    inputs.plain("policy", &to.policy.to_string());
    if let Some(entry) = &to.entry {
        inputs.plain("entry", entry.as_str());
    }
    let (branch, reason) = match scene.library.newest(to.policy) {
        None => ("no_policy", "there is no such routing policy any more".to_owned()),
        Some(other) if other.graph.kind == PolicyKind::Digital => {
            let reason = format!("{} routes messages and cannot run for a call", other.name);
            ("no_policy", reason)
        }
        Some(other) => {
            out.set_properties(scene, to_set(scene, &to.carry, &mut inputs));
            ("handed_over", format!("the call goes on in {}", other.name))
        }
    };
    decide(scene, spot, ("to_policy", branch), (inputs, reason), out);
}

pub(super) fn invoke(scene: &Scene<'_>, spot: Spot<'_>, invoke: &Invoke, out: &mut Wants) {
    let mut inputs = Inputs::default();
    inputs.plain("destination", invoke.destination.as_str());
    let policy = scene.library.destination(&invoke.destination);
    let (branch, reason) = match policy.and_then(|policy| scene.library.newest(policy)) {
        None => (
            "no_destination",
            "no routing policy has this destination".to_owned(),
        ),
        Some(other) => ("invoked", format!("the destination is in {}", other.name)),
    };
    decide(scene, spot, ("invoke", branch), (inputs, reason), out);
}

pub(super) fn finish(scene: &Scene<'_>, spot: Spot<'_>, finish: &Finish, out: &mut Wants) {
    let mut inputs = Inputs::default();
    if let Some(reason) = &finish.reason {
        inputs.plain("reason", reason.as_str());
    }
    let reason = if scene.state.unattended() {
        "the policy ends here, and the call goes on"
    } else {
        "the policy ends the call here"
    };
    let reason = reason.to_owned();
    decide(scene, spot, ("finish", "finished"), (inputs, reason), out);
}
