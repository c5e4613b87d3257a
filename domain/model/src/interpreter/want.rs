//! What is wanted in the state that a call is in: by the app that it is at, or to enter a policy, or to end.

use super::fold::failed;
use super::inputs::Inputs;
use super::scene::{Scene, Spot};
use super::settle::{CIRCLES, IN_CIRCLES};
use super::state::{Begun, Cursor, Via};
use super::wants::{Verdict, Wants};
use super::{afterwards, contain, data, handed_on, moves, notify, records, ringing, rules, speech, waiting};
use crate::call::facts::Nth;
use crate::call::reasons::EndCause;
use crate::call::routing::{self, STEPS_MAX};
use crate::call::{Command, bridge, leg};
use crate::ids::{LegId, RoutingPolicyId};
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::containers::Holds;
use crate::routing_policy::graph::starts::Ringtone;
use crate::{Actor, Millis};

use super::effect::{Effect, Say};

/// Says what is wanted now.
pub(super) fn wants(scene: &Scene<'_>) -> Wants {
    let mut out = Wants::default();
    if scene.state.is_over() {
        notify::at_end(scene, &mut out);
    }
    // Nobody decides anything for a caller who is gone; the call ends as soon as nobody talks any more.
    if scene.state.caller_gone() && !scene.state.is_over() {
        return out;
    }
    if let Some(asked) = scene.state.asked.as_ref().filter(|_| !scene.state.is_over()) {
        handed_on::hand_on(scene, asked, &mut out);
    }
    match &scene.state.cursor {
        Cursor::Idle | Cursor::Done | Cursor::Handed => {}
        Cursor::Entering { policy, via } => enter(scene, *policy, via, &mut out),
        Cursor::Ending { .. } if scene.state.is_over() => {}
        Cursor::Ending { cause } => end(scene, cause, &mut out),
        Cursor::At { .. } => at(scene, &mut out),
    }
    out
}

fn enter(scene: &Scene<'_>, policy: RoutingPolicyId, via: &Via, out: &mut Wants) {
    let Some(published) = scene.library.newest(policy) else {
        // Calls that we place go on without one.
        if !scene.state.unattended() {
            end(scene, &failed("no-such-policy"), out);
        }
        return;
    };
    if steps_are_over(scene) {
        if apologise(scene, out) {
            out.end(failed(CIRCLES), scene.now);
        }
        return;
    }
    if scene.state.caller_alone() {
        leave_bridge(scene, out);
    }
    let enter = routing::Command::EnterPolicy {
        step: scene.step(),
        policy,
        version: published.version,
        hash: published.hash,
        start: moves::start(published, via).map(|start| start.id.key()),
        rests_on: scene.state.heard,
        at: scene.now,
    };
    out.decision(scene, enter);
}

// The last step that a call may take is for saying so.
fn steps_are_over(scene: &Scene<'_>) -> bool {
    usize::try_from(scene.number()).unwrap_or(usize::MAX) >= STEPS_MAX
}

fn at(scene: &Scene<'_>, out: &mut Wants) {
    let Some(spot) = scene.spot() else {
        end(scene, &failed("policy-version-missing"), out);
        return;
    };
    if steps_are_over(scene) {
        in_circles(scene, spot, out);
        return;
    }
    if scene.state.is_over() && !afterwards::can_run(spot) {
        afterwards::pass(scene, spot, out);
        return;
    }
    match (&spot.container.is, spot.app) {
        (_, Some((app, _))) => run(scene, spot, app, out),
        (Holds::Action(_), None) => contain::empty(scene, spot, out),
        (Holds::Switchboard(menu), None) => speech::menu(scene, spot, menu, out),
        (Holds::ToPolicy(to), None) => contain::to_policy(scene, spot, to, out),
        (Holds::Invoke(invoke), None) => contain::invoke(scene, spot, invoke, out),
        (Holds::Finish(finish), None) => contain::finish(scene, spot, finish, out),
    }
}

fn run(scene: &Scene<'_>, spot: Spot<'_>, app: &App, out: &mut Wants) {
    match &app.does {
        Does::Rule(rule) => rules::rule(scene, app, rule, out),
        Does::Query(query) => records::query(scene, app, query, out),
        Does::Create(create) => records::create(scene, app, create, out),
        Does::Update(update) => records::update(scene, app, update, out),
        Does::Http(http) => records::http(scene, app, http, out),
        Does::Speak(speak) => speech::speak(scene, app, speak, out),
        Does::Digits(digits) => speech::digits(scene, app, digits, out),
        Does::Survey(survey) => speech::survey(scene, app, survey, out),
        Does::Queue(queue) => waiting::queue(scene, app, queue, out),
        Does::Hunt(hunt) => ringing::hunt(scene, app, hunt, out),
        Does::Connect(connect) => ringing::connect(scene, app, connect, out),
        Does::Voicemail(voicemail) => waiting::voicemail(scene, app, voicemail, out),
        Does::Record(record) => data::record(scene, app, record, out),
        Does::Notify(notify) => notify::notify(scene, app, notify, out),
        Does::Properties(all) => data::properties(scene, app, all, out),
        Does::Skills(skills) => data::skills(scene, app, skills, out),
        Does::Gate(gate) => data::gate(scene, app, gate, out),
        Does::CallbackTask(task) => data::task(scene, app, task, out),
        Does::Debug(debug) => data::debug(scene, app, debug, out),
        Does::DigitalConnect(_) | Does::AssignRecords(_) | Does::BlockMessage(_) | Does::UpdateMessage(_) => {
            let reason = "this app routes messages, so that a call passes it by";
            pass(scene, spot, app, reason, out);
        }
    }
}

/// Goes on with what follows, since there is nothing to decide.
pub(super) fn pass(scene: &Scene<'_>, spot: Spot<'_>, app: &App, reason: &str, out: &mut Wants) {
    let verdict = Verdict {
        node: spot.node(),
        app: app.does.word(),
        branch: "next",
        inputs: Inputs::default(),
        reason: reason.to_owned(),
    };
    out.decide(scene, verdict);
}

// Ends the call; a caller who did nothing to deserve it hears an apology.
fn end(scene: &Scene<'_>, cause: &EndCause, out: &mut Wants) {
    // A policy that goes round in circles has said so.
    let failed = matches!(cause, EndCause::Failed { reason } if reason.as_str() != CIRCLES);
    if !failed || apologise(scene, out) {
        out.end(cause.clone(), scene.now);
    }
}

// Says whether the caller has heard the apology, or cannot hear it.
fn apologise(scene: &Scene<'_>, out: &mut Wants) -> bool {
    let apology = &scene.library.account.apology;
    let hears = scene.state.caller_hears() && !apology.is_empty() && scene.state.step.prompts == 0;
    let Some((leg, _)) = scene.state.caller_leg().filter(|_| hears) else {
        return true;
    };
    let play = Effect::Play {
        step: scene.step(),
        nth: Nth(1),
        leg,
        say: Say::Text(apology.clone()),
        voice: None,
        language: scene.library.account.language.clone(),
        interruptible: false,
    };
    out.effect("play/1", play);
    false
}

fn in_circles(scene: &Scene<'_>, spot: Spot<'_>, out: &mut Wants) {
    if !apologise(scene, out) {
        return;
    }
    let mut inputs = Inputs::default();
    inputs.plain("steps", &STEPS_MAX.to_string());
    let verdict = Verdict {
        node: spot.node(),
        app: "policy",
        branch: IN_CIRCLES,
        inputs,
        reason: format!("the call took {STEPS_MAX} steps, so the routing policy goes round in circles"),
    };
    out.decide(scene, verdict);
}

/// Wants the caller answered, and says whether they are and hear what is played.
pub(super) fn answered(scene: &Scene<'_>, out: &mut Wants) -> Option<LegId> {
    let Begun { leg, .. } = scene.state.begun.as_ref()?;
    if scene.state.is_over() {
        return None;
    }
    if scene.state.caller_hears() {
        return Some(*leg);
    }
    let (rings, ringtone) = manner(scene);
    let answer = Effect::Answer {
        leg: *leg,
        rings,
        ringtone,
    };
    out.effect("answer", answer);
    None
}

// The number that was called says how its calls are taken, whichever policy they are in by now.
fn manner(scene: &Scene<'_>) -> (u8, Ringtone) {
    scene.number_start().map_or((0, Ringtone::ByCaller), |at| {
        let rings = u8::try_from(at.rings.get()).unwrap_or(u8::MAX);
        (rings, at.ringtone)
    })
}

/// Ends a leg that rang for as long as it may.
pub(super) fn stop_ringing(
    scene: &Scene<'_>,
    id: LegId,
    created: crate::Timestamp,
    rings: Millis,
    out: &mut Wants,
) {
    let until = created.plus(rings);
    if scene.now < until {
        out.look_at(until);
        return;
    }
    let end = leg::Command::End {
        leg: id,
        cause: crate::call::reasons::LegCause::NoAnswer,
        at: scene.now,
    };
    out.command(format!("stop/{id}"), Command::Leg(end));
}

/// Takes the caller out of what is left of a conversation, so that they can be brought into another.
pub(super) fn leave_bridge(scene: &Scene<'_>, out: &mut Wants) {
    let caller = scene.state.caller_leg();
    if let Some((leg, bridge)) = caller.and_then(|(id, leg)| Some((id, leg.bridge?))) {
        let leave = bridge::Command::Leave {
            bridge,
            leg,
            at: scene.now,
        };
        out.command("leave", Command::Bridge(leave));
    }
}

/// Names whoever acts for a routing policy.
pub(super) fn by() -> Actor {
    Actor::System(super::inputs::key("routing-policy"))
}
