//! The Notify app: people are told something, at once or when the call ends.

use super::effect::{Effect, Message};
use super::inputs::Inputs;
use super::pick;
use super::scene::Scene;
use super::wants::{Verdict, Wants};
use crate::call::facts::Nth;
use crate::ids::StepId;
use crate::routing_policy::graph::apps::data::{Notice, Notify, NotifyWhen};
use crate::routing_policy::graph::apps::{App, Does};
use crate::tenant::people::EmailAddress;

pub(super) fn notify(scene: &Scene<'_>, app: &App, notify: &Notify, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let reason = match notify.when {
        NotifyWhen::Now => {
            let mut lost = Vec::new();
            for (nth, (word, effect)) in (1..).zip(notices(scene, notify, scene.step(), &mut inputs)) {
                if is_lost(scene, &effect) {
                    lost.push(nth.to_string());
                }
                out.effect(word, effect);
            }
            if lost.is_empty() {
                "people are told".to_owned()
            } else {
                let lost = lost.join(", ");
                format!("people are told, but whom notice {lost} is for cannot be read")
            }
        }
        NotifyWhen::AtCallEnd => "people are told when the call ends".to_owned(),
    };
    inputs.plain("notices", &notify.send.len().to_string());
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch: "next",
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

// Says whether a notice cannot reach somebody whom it is for, by what macros hold.
fn is_lost(scene: &Scene<'_>, effect: &Effect) -> bool {
    let Effect::Notify { notice, .. } = effect else {
        return false;
    };
    match notice {
        Message::Email { to, .. } => to.iter().any(|to| EmailAddress::new(to.trim()).is_err()),
        Message::Sms { from, to, .. } => {
            let mut numbers = from.iter().chain([to]);
            numbers.any(|number| scene.read_number(number).is_none())
        }
        Message::Chatter { to, .. } => to.trim().is_empty(),
        Message::Desk { to, .. } => to.as_ref().is_some_and(Vec::is_empty),
    }
}

fn notices(scene: &Scene<'_>, notify: &Notify, step: StepId, inputs: &mut Inputs) -> Vec<(String, Effect)> {
    let notice = |(nth, notice)| {
        let effect = Effect::Notify {
            step,
            nth: Nth(nth),
            notice: message(scene, notice, inputs),
        };
        (format!("notify/{step}/{nth}"), effect)
    };
    (1..).zip(notify.send.iter()).map(notice).collect()
}

fn message(scene: &Scene<'_>, notice: &Notice, inputs: &mut Inputs) -> Message {
    match notice {
        Notice::Email(email) => Message::Email {
            to: email.to.iter().map(|to| scene.fill(to, inputs)).collect(),
            subject: scene.fill(&email.subject, inputs),
            body: scene.fill(&email.body, inputs),
        },
        Notice::Sms(sms) => Message::Sms {
            from: sms.from.as_ref().map(|from| scene.fill(from, inputs)),
            to: scene.fill(&sms.to, inputs),
            text: scene.fill(&sms.text, inputs),
        },
        Notice::Chatter(post) => Message::Chatter {
            to: scene.fill(&post.to, inputs),
            text: scene.fill(&post.text, inputs),
        },
        Notice::Desk(desk) => Message::Desk {
            to: desk.to.as_ref().map(|to| pick::target(scene, to, inputs).users()),
            text: scene.fill(&desk.text, inputs),
        },
    }
}

/// Tells those who are to be told when the call ends, with what the call had gathered where the policy said so.
pub(super) fn at_end(scene: &Scene<'_>, out: &mut Wants) {
    if scene.state.at_end.is_empty() {
        return;
    }
    let mut state = scene.state.clone();
    for later in &scene.state.at_end {
        state.within = Some(later.within.clone());
        state.sets = later.sets.clone();
        state.settings = later.settings.clone();
        let then = Scene::new(scene.call, &state, scene.library, scene.now);
        let app = then.find(later.node.as_str()).and_then(|spot| spot.app);
        if let Some((
            App {
                does: Does::Notify(notify),
                ..
            },
            _,
        )) = app
        {
            for (word, effect) in notices(&then, notify, later.step, &mut Inputs::default()) {
                out.effect_once(word, effect);
            }
        }
    }
}
