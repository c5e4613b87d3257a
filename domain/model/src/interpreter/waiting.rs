//! The Call Queue app and voicemail: callers who wait, and callers who leave a message.

use super::effect::{Effect, Screen};
use super::inputs::Inputs;
use super::scene::Scene;
use super::speech::{Line, say, speaking};
use super::state::{Message, Wait};
use super::wants::{Verdict, Wants};
use super::{outbound, pick, want};
use crate::Millis;
use crate::call::parties::Mailbox;
use crate::call::reasons::LeaveReason;
use crate::call::{Command, queue as line};
use crate::ids::{EntryId, QueueId, UserId, VoicemailId};
use crate::queue::PolicyTold;
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::ring::{Announce, CallQueue, Screening, Voicemail};
use crate::tenant::hours::Opening;

pub(super) fn queue(scene: &Scene<'_>, app: &App, queue: &CallQueue, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let mut inputs = Inputs::default();
    match &scene.state.step.wait {
        Some(wait) => match wait.left {
            Some(left) => leave(scene, app, wait, left, out),
            None => attend(scene, queue, wait, out),
        },
        None => match pick::queue(scene, &queue.queue, &mut inputs) {
            Some(id) if is_closed(scene, id, &mut inputs) => {
                let reason = "the queue is closed at this hour".to_owned();
                decide(scene, app, "closed", (inputs, reason), out);
            }
            Some(id) => join(scene, queue, id, out),
            None => {
                let reason = "there is no such queue".to_owned();
                decide(scene, app, "failed", (inputs, reason), out);
            }
        },
    }
}

// A queue whose hours were deleted is open: somebody may be there.
fn is_closed(scene: &Scene<'_>, queue: QueueId, inputs: &mut Inputs) -> bool {
    let calendar = scene.library.queue_hours.get(&queue);
    let hours = calendar.and_then(|calendar| scene.library.calendars.get(calendar));
    let Some(hours) = hours.filter(|hours| matches!(hours.opening(scene.now), Opening::Closed { .. })) else {
        return false;
    };
    inputs.plain("queue", &queue.to_string());
    inputs.plain(hours.name.as_str(), "closed");
    inputs.plain("Now", &scene.now.to_string());
    true
}

fn join(scene: &Scene<'_>, queue: &CallQueue, id: QueueId, out: &mut Wants) {
    if want::answered(scene, out).is_none() {
        return;
    }
    let join = line::Command::Join {
        entry: EntryId::new(scene.made("entry")),
        queue: id,
        priority: queue.priority.or(scene.state.settings.priority),
        skills: scene.state.skills.clone(),
        // Whom a customer had last no policy says: who tells the queue knows it.
        last_agent: None,
        told: queue.announcements.as_ref().map(told),
        keeps_place_of: None,
        waiting_since: scene.now,
        at: scene.now,
    };
    out.command("join", Command::Queue(join));
}

fn told(announce: &Announce) -> PolicyTold {
    PolicyTold {
        position: announce.position,
        estimated_wait: announce.estimated_wait,
        first_after_ms: announce.first_after_ms.get(),
        every_ms: announce.every_ms.get(),
        speeches: u8::try_from(announce.comfort.len()).unwrap_or(u8::MAX),
    }
}

fn attend(scene: &Scene<'_>, queue: &CallQueue, wait: &Wait, out: &mut Wants) {
    let speeches = queue.announcements.iter().flat_map(|told| told.comfort.iter());
    let attend = Effect::Attend {
        step: scene.step(),
        entry: wait.entry,
        queue: wait.queue,
        speeches: speeches.map(|speech| speaking(scene, speech)).collect(),
        music: queue.music,
        screening: queue.screening.as_ref().map(|screening| screen(scene, screening)),
        whisper: scene.state.settings.whisper.clone(),
    };
    out.effect(format!("attend/{}", wait.entry), attend);
}

fn screen(scene: &Scene<'_>, screening: &Screening) -> Screen {
    Screen {
        prompt: speaking(scene, &screening.prompt),
        accept: screening.accept.map(char::from),
        reject: screening.reject.map(char::from),
    }
}

fn leave(scene: &Scene<'_>, app: &App, wait: &Wait, left: LeaveReason, out: &mut Wants) {
    let mut inputs = Inputs::default();
    note(scene, wait, left, &mut inputs);
    // Whoever talks to the caller may hand them on to another queue, and keeps them if it does not take them.
    if !scene.state.caller_alone() {
        return;
    }
    want::leave_bridge(scene, out);
    let kept = "whoever kept the caller hung up and the caller is still there";
    let way = if wait.kept && !matches!(left, LeaveReason::Answered { .. }) {
        Some(("after", kept))
    } else {
        way_out(left)
    };
    if let Some((branch, reason)) = way {
        decide(scene, app, branch, (inputs, reason.to_owned()), out);
    }
}

/// Notes where a caller waited, how long they have waited in all, and by whom or what they left.
pub(super) fn note(scene: &Scene<'_>, wait: &Wait, left: LeaveReason, inputs: &mut Inputs) {
    inputs.plain("queue", &wait.queue.to_string());
    if let Some(name) = scene.library.queues.get(&wait.queue) {
        inputs.plain("queue_name", name.as_str());
    }
    inputs.plain("waited_ms", &scene.state.facts.waited.0.to_string());
    if let LeaveReason::Answered { agent, .. } = left {
        inputs.plain("agent", &agent.to_string());
    }
    if let LeaveReason::ExitKey { key } = left {
        inputs.plain("key", &key.to_string());
    }
}

/// Says by which outlet a caller leaves a queue and why; none if they come back to it, or the call is about to end.
pub(super) const fn way_out(left: LeaveReason) -> Option<(&'static str, &'static str)> {
    Some(match left {
        LeaveReason::Answered { .. } => ("after", "the agent hung up and the caller is still there"),
        LeaveReason::Overflow { to: None } => ("overflow", "the queue hands its callers on"),
        LeaveReason::ExitKey { .. } => ("exit_key", "the caller pressed a key that leads out of the queue"),
        LeaveReason::MaxWait => ("max_wait", "the caller waited as long as callers may"),
        LeaveReason::NoAgents => ("no_agents", "nobody is there to answer"),
        LeaveReason::Full => ("full", "the queue is full"),
        LeaveReason::Closed => ("closed", "the queue is closed"),
        LeaveReason::Callback { .. } => ("callback", "the caller chose to be rung back"),
        LeaveReason::Refused => ("failed", "the queue cannot take the caller"),
        LeaveReason::Policy => ("failed", "the caller was taken out of the queue"),
        // The platform lets the caller wait again, in the same place or in the queue that helps out; or the call is
        // about to end.
        LeaveReason::ConnectFailed { .. }
        | LeaveReason::Overflow { to: Some(_) }
        | LeaveReason::Abandoned
        | LeaveReason::Ended => return None,
    })
}

fn decide(scene: &Scene<'_>, app: &App, branch: &str, (inputs, reason): (Inputs, String), out: &mut Wants) {
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

/// Names the message that a step takes.
pub(super) fn message_of(scene: &Scene<'_>) -> VoicemailId {
    VoicemailId::new(scene.made("message"))
}

pub(super) fn voicemail(scene: &Scene<'_>, app: &App, voicemail: &Voicemail, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let mut inputs = Inputs::default();
    let mailbox = pick::mailbox(scene, &voicemail.mailbox, &mut inputs);
    let Some(mailbox) = mailbox else {
        let reason = "nobody has this mailbox".to_owned();
        decide(scene, app, "nothing", (inputs, reason), out);
        return;
    };
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let (branch, reason) = match scene.state.step.message {
        Message::Left => ("left", "the caller left a message"),
        Message::Nothing => ("nothing", "the caller left no message"),
        Message::NotYet => {
            let greeting = voicemail.greeting.as_ref();
            if greeting.is_none_or(|greeting| say(scene, &Line::of(greeting, 0, leg, true), out)) {
                let take = Effect::TakeMessage {
                    step: scene.step(),
                    voicemail: message_of(scene),
                    leg,
                    mailbox,
                    greet: greeting.is_none(),
                    max: voicemail.max_ms.get(),
                    beep: voicemail.beep,
                    transcribe: voicemail.transcribe,
                };
                out.effect("message", take);
            }
            return;
        }
    };
    decide(scene, app, branch, (inputs, reason.to_owned()), out);
}

/// Takes a message for a user who is away and wants their calls to go to their voicemail.
pub(super) fn for_away(scene: &Scene<'_>, app: &App, user: UserId, inputs: Inputs, out: &mut Wants) {
    let Some(leg) = want::answered(scene, out) else {
        return;
    };
    let (branch, reason) = match scene.state.step.message {
        Message::Left => ("after", "who was called is away, and the caller left a message"),
        Message::Nothing => (
            "no_answer",
            "who was called is away, and the caller left no message",
        ),
        Message::NotYet => {
            let take = Effect::TakeMessage {
                step: scene.step(),
                voicemail: message_of(scene),
                leg,
                mailbox: Mailbox::User { user },
                greet: true,
                max: MESSAGE_MAX,
                beep: true,
                transcribe: false,
            };
            out.effect("message", take);
            return;
        }
    };
    decide(scene, app, branch, (inputs, reason.to_owned()), out);
}

/// How long a message for somebody who is away may be.
const MESSAGE_MAX: Millis = Millis::from_secs(180);
