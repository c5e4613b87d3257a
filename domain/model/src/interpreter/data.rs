//! What a policy does beside leading on: recording, properties, skills, milestones, tasks, looking for mistakes.

use super::effect::Effect;
use super::inputs::{Inputs, cut};
use super::scene::Scene;
use super::wants::{Verdict, Wants};
use super::{pick, settle, want};
use crate::Private;
use crate::call::facts::{Property, RecordedLegs, RecordingRights};
use crate::call::reasons::StopReason;
use crate::call::{Command, recording, routing};
use crate::few::Few;
use crate::ids::RecordingId;
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::data::{
    CallbackTask, Debug, Gate, Legs, Level, Properties, Record, SetProperty, Skills,
};
use crate::text::Key;

fn next(scene: &Scene<'_>, app: &App, (inputs, reason): (Inputs, &str), out: &mut Wants) {
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch: "next",
        inputs,
        reason: reason.to_owned(),
    };
    out.decide(scene, verdict);
}

pub(super) fn record(scene: &Scene<'_>, app: &App, record: &Record, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let caller = scene.state.caller_leg().map(|(leg, _)| leg);
    let Some(leg) = caller.or_else(|| scene.state.customer_leg()) else {
        // Whom we place a call to is rung later than the policy is entered.
        if scene.state.unattended() && !scene.state.is_over() {
            return;
        }
        next(scene, app, (inputs, "there is no caller to record"), out);
        return;
    };
    let recording = RecordingId::new(scene.made("recording"));
    if let Some(before) = scene
        .state
        .settings
        .recording
        .filter(|before| *before != recording)
    {
        let stop = recording::Command::Stop {
            recording: before,
            why: StopReason::Policy,
            by: want::by(),
            at: scene.now,
        };
        out.command("stop", Command::Recording(stop));
    }
    let request = recording::Command::Request {
        recording,
        legs: match record.legs {
            Legs::This => RecordedLegs::This { leg },
            Legs::Other => RecordedLegs::Other { leg },
            Legs::Both => RecordedLegs::Both { leg },
        },
        start: record.start,
        beep: record.beep,
        rights: RecordingRights {
            pause: record.may_pause,
            stop: record.may_stop,
        },
        reason: Key::new("routing_policy").unwrap_or_else(|_| app.id.key()),
        by: want::by(),
        at: scene.now,
    };
    out.command("record", Command::Recording(request));
    let says = Effect::Record {
        step: scene.step(),
        recording,
        analyse: record.analyse,
        archive: record.archive,
    };
    out.effect("recording", says);
    inputs.plain("legs", record.legs.word());
    next(
        scene,
        app,
        (inputs, "the policy records the call from here on"),
        out,
    );
}

/// Makes a custom property; nothing is in it if the text is empty.
pub(super) fn property(scene: &Scene<'_>, name: &str, value: &str) -> Option<Property> {
    Some(Property {
        name: Key::new(name).ok()?,
        value: cut(value).map(|value| Private::new(scene.person(), value)),
    })
}

/// Fills the properties in that a policy sets, by what they held when the step began: what it set itself is no reason
/// to set more.
pub(super) fn to_set(scene: &Scene<'_>, set: &[SetProperty], inputs: &mut Inputs) -> Vec<Property> {
    let mut state = scene.state.clone();
    state.properties.extend(std::mem::take(&mut state.step.before));
    let then = Scene::new(scene.call, &state, scene.library, scene.now);
    let fill = |one: &SetProperty| {
        let value = one.value.as_ref().map(|value| then.fill(value, inputs));
        property(scene, one.name.as_str(), value.as_deref().unwrap_or_default())
    };
    set.iter().filter_map(fill).collect()
}

pub(super) fn properties(scene: &Scene<'_>, app: &App, all: &Properties, out: &mut Wants) {
    let mut inputs = Inputs::default();
    out.set_properties(scene, to_set(scene, &all.set, &mut inputs));
    let texts = [
        &all.whisper,
        &all.caller_id,
        &all.caller_name,
        &all.language,
        &all.priority,
    ];
    for text in texts.into_iter().flatten() {
        scene.fill(text, &mut inputs);
    }
    let unusable = settle::unusable(scene, all);
    if unusable.is_empty() {
        next(scene, app, (inputs, "the policy sets what the call carries"), out);
        return;
    }
    let reason = format!(
        "the policy sets what the call carries, but not {}, which cannot be read",
        unusable.join(", ")
    );
    next(scene, app, (inputs, &reason), out);
}

pub(super) fn skills(scene: &Scene<'_>, app: &App, skills: &Skills, out: &mut Wants) {
    let mut inputs = Inputs::default();
    for need in skills.need.iter() {
        inputs.plain(&need.skill.to_string(), &need.at_least.to_string());
    }
    let request = routing::Command::RequestSkills {
        step: scene.step(),
        skills: Few::first(skills.need.iter().map(|need| need.request())),
        at: scene.now,
    };
    out.command("skills", Command::Routing(request));
    next(
        scene,
        app,
        (inputs, "the next queue is asked for agents with these skills"),
        out,
    );
}

pub(super) fn gate(scene: &Scene<'_>, app: &App, gate: &Gate, out: &mut Wants) {
    let mut inputs = Inputs::default();
    inputs.plain("milestone", gate.milestone.as_str());
    if let Some(value) = &gate.value {
        let value = scene.fill(value, &mut inputs);
        inputs.private(scene, "value", &value);
    }
    next(scene, app, (inputs, "the call passed a milestone"), out);
}

pub(super) fn task(scene: &Scene<'_>, app: &App, task: &CallbackTask, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let to = pick::target(scene, &task.to, &mut inputs).users();
    inputs.plain("for", &to.len().to_string());
    let caller = || scene.customer_number().map(|number| number.as_str().to_owned());
    let remind = Effect::Remind {
        step: scene.step(),
        to: to.clone(),
        subject: scene.fill(&task.subject, &mut inputs),
        note: task.note.as_ref().map(|note| scene.fill(note, &mut inputs)),
        number: match &task.number {
            Some(number) => Some(scene.fill(number, &mut inputs)),
            None => caller(),
        },
        record: task.record.as_ref().map(|record| scene.fill(record, &mut inputs)),
        due: scene.now.plus(task.due_in_ms.get()),
    };
    if to.is_empty() {
        next(scene, app, (inputs, "there is nobody to give the task to"), out);
        return;
    }
    out.effect("task", remind);
    next(scene, app, (inputs, "somebody got the task to ring back"), out);
}

pub(super) fn debug(scene: &Scene<'_>, app: &App, debug: &Debug, out: &mut Wants) {
    let tells = match debug.level {
        Level::None => false,
        Level::Error => scene.state.settings.failed,
        Level::All => true,
    };
    let mut inputs = Inputs::default();
    if !tells {
        next(scene, app, (inputs, "nothing is to be told of this run"), out);
        return;
    }
    let to = debug.to.iter().map(|to| scene.fill(to, &mut inputs)).collect();
    let show = debug.show.iter();
    let shown = show
        .map(|text| (text.as_str().to_owned(), scene.fill(text, &mut inputs)))
        .collect();
    let tell = Effect::Debug {
        step: scene.step(),
        to,
        shown,
        level: debug.level,
        every_retry: debug.every_retry,
    };
    out.effect("debug", tell);
    next(
        scene,
        app,
        (inputs, "who looks for a mistake is told what macros hold"),
        out,
    );
}
