//! What recorded events mean for where a call is in its routing policy.

use super::afterwards;
use super::moves;
use super::outbound;
use super::scene::Scene;
use super::state::{
    Begun, Cursor, Keys, Leg, Lookup, Message, Over, Placed, Progress, State, Via, Wait, Within, takes_part,
};
use super::{Library, handed_on, settle};
use crate::call::Event;
use crate::call::concerns::events_of;
use crate::call::facts::{Announcement, LookupOutcome};
use crate::call::parties::Who;
use crate::call::reasons::{ConsultEnd, EndCause, LeaveReason, TransferKind};
use crate::ids::{CallId, LegId, StepId, VoicemailId};
use crate::text::Key;
use crate::{Millis, Timestamp};

/// Takes note of an event.
pub(super) fn fold(call: CallId, state: &mut State, library: &Library, event: &Event) {
    state.heard = state.heard.saturating_add(1);
    afterwards::note(call, state, library, event);
    understand(call, state, library, event);
    outbound::go_on(state);
    handed_on::look_after(call, state, library);
    if state.is_over() && matches!(state.cursor, Cursor::Done | Cursor::Ending { .. }) {
        afterwards::next(state, library);
    }
}

fn understand(call: CallId, state: &mut State, library: &Library, event: &Event) {
    match event {
        events_of!(life) => life(state, library, event),
        events_of!(leg) => leg(state, event),
        events_of!(bridge) => bridge(state, event),
        events_of!(routing) => routing(call, state, library, event),
        events_of!(prompt) => prompt(call, state, event),
        events_of!(lookup) => lookup(call, state, library, event),
        events_of!(queue) => queue(state, event),
        events_of!(archive) => message(call, state, event),
        Event::TransferRequested { leg, to, .. } => {
            state.handing_on.insert(*leg);
            if handed_on::is_ours(to) {
                state.asked = Some((*leg, to.clone()));
            }
        }
        // Another policy takes over; whoever else takes over has a leg of their own by now, or the caller waits.
        Event::Transferred { kind, leg, to, .. } => {
            handed_on::settled(state, *leg);
            let goes_to = handed_on::goes_to(library, to).filter(|_| *kind == TransferKind::Blind);
            if state.unattended() {
                outbound::hand_on(state);
                state.cursor = Cursor::Handed;
            }
            if let Some(cursor) = goes_to {
                state.cursor = cursor;
            }
        }
        // Whoever hands on and leaves before somebody takes the caller leaves them to the queue where they waited last.
        Event::TransferFailed { leg, .. } => {
            handed_on::settled(state, *leg);
            let left = state.legs.get(leg).is_none_or(|leg| leg.ended.is_some());
            if left {
                handed_on::left_behind(state);
            } else if let Some(wait) = &mut state.step.wait {
                wait.kept = wait.left.is_some();
            }
        }
        Event::ConsultEnded {
            why: ConsultEnd::AgentGone,
            ..
        } => handed_on::left_behind(state),
        Event::RecordingRequested { recording, .. } => state.settings.recording = Some(*recording),
        Event::ConsultStarted { .. }
        | Event::ConsultEnded { .. }
        | Event::Merged { .. }
        | Event::RecordingStarted { .. }
        | Event::RecordingFailed { .. }
        | Event::RecordingPaused { .. }
        | Event::RecordingResumed { .. }
        | Event::RecordingStopped { .. }
        | events_of!(offer hold callback supervision wrap_up) => {}
    }
}

fn life(state: &mut State, library: &Library, event: &Event) {
    match event {
        Event::Offered {
            leg,
            caller,
            entrance,
            journey,
            at,
            ..
        } => {
            if state.begun.is_some() {
                return;
            }
            state.begun = Some(Begun {
                leg: *leg,
                caller: caller.clone(),
                entrance: entrance.clone(),
                journey: *journey,
                at: *at,
            });
            state.cursor = library.begun_by(entrance).map_or_else(
                || Cursor::Ending {
                    cause: failed("no-routing-policy"),
                },
                |published| Cursor::Entering {
                    policy: published.policy,
                    via: Via::Entrance(entrance.clone()),
                },
            );
        }
        Event::PropertiesSet { properties, .. } => {
            for property in properties.iter() {
                let (name, value) = (property.name.clone(), property.value.clone());
                let held = state.properties.insert(name.clone(), value).flatten();
                state.step.before.entry(name).or_insert(held);
            }
        }
        Event::Ended { cause, at } => {
            stop_talking(state, *at);
            stop_waiting(state, *at);
            state.cursor = Cursor::Done;
            state.over.get_or_insert(Over {
                cause: cause.clone(),
                at: *at,
            });
        }
        Event::Placed {
            to,
            presenting,
            journey,
            at,
            ..
        } => {
            let placed = Placed {
                to: to.clone(),
                presenting: presenting.clone(),
                journey: *journey,
                at: *at,
            };
            outbound::begin(state, library, placed);
        }
        events_of!(leg bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

/// Makes the cause of an end that is nobody's wish.
pub(super) fn failed(reason: &str) -> EndCause {
    EndCause::Failed {
        reason: Key::new(reason).expect("a short word is a key"),
    }
}

fn leg(state: &mut State, event: &Event) {
    match event {
        Event::LegCreated {
            leg, party, hunt, at, ..
        } => {
            let new = Leg {
                who: Who::from(party),
                party: party.clone(),
                hunt: hunt.map(|hunt| hunt.step),
                created: *at,
                rang: false,
                answered: false,
                answered_after: 0,
                bridge: None,
                talked: false,
                ended: None,
            };
            state.legs.entry(*leg).or_insert(new);
        }
        Event::LegRang { leg, .. } | Event::LegEarlyMedia { leg, .. } => {
            change(state, *leg, |leg| leg.rang = true)
        }
        Event::LegAnswered { leg, at } => {
            (state.step.goes_back, state.step.unanswered) = (false, false);
            let is_recorder = state.legs.get(leg).is_some_and(|leg| leg.who == Who::Recorder);
            if is_recorder {
                state.facts.recorder_answered.get_or_insert(*at);
            }
            let answered_after = state.heard;
            change(state, *leg, |leg| {
                (leg.answered, leg.answered_after) = (true, answered_after)
            });
        }
        Event::LegEnded { leg, cause, at } => {
            let mut who = None;
            change(state, *leg, |leg| {
                leg.ended.get_or_insert(cause.clone());
                leg.bridge = None;
                who = leg.talked.then_some(leg.who);
            });
            if who.is_some_and(takes_part) {
                state.facts.hung_up = who;
            }
            talk(state, *at);
        }
        events_of!(life bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up)
        | Event::LegMuted { .. }
        | Event::LegUnmuted { .. }
        | Event::DtmfSent { .. }
        | Event::LegMeasured { .. } => {}
    }
}

fn change(state: &mut State, leg: LegId, how: impl FnOnce(&mut Leg)) {
    if let Some(leg) = state.legs.get_mut(&leg) {
        how(leg);
    }
}

fn bridge(state: &mut State, event: &Event) {
    match event {
        Event::LegJoined {
            bridge,
            leg,
            with,
            at,
            ..
        } => {
            change(state, *leg, |leg| {
                leg.bridge = Some(*bridge);
                leg.talked = leg.talked || !with.is_empty();
            });
            for other in with {
                change(state, *other, |other| other.talked = true);
            }
            talk(state, *at);
        }
        Event::LegLeft { leg, at, .. } => {
            change(state, *leg, |leg| leg.bridge = None);
            talk(state, *at);
        }
        events_of!(life leg routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

// Whether caller and agent hear each other may have changed.
fn talk(state: &mut State, at: Timestamp) {
    let caller = state.caller_leg().and_then(|(id, leg)| Some((id, leg.bridge?)));
    let agent = caller.and_then(|(id, bridge)| {
        let with = state
            .legs
            .iter()
            .filter(|(other, leg)| **other != id && leg.bridge == Some(bridge));
        with.filter_map(|(_, leg)| agent_of(leg.who)).next()
    });
    match agent {
        Some(agent) => {
            state.facts.agent = Some(agent);
            state.facts.talking_since.get_or_insert(at);
        }
        None => stop_talking(state, at),
    }
}

pub(super) const fn agent_of(who: Who) -> Option<crate::ids::AgentId> {
    match who {
        Who::Agent { agent } => Some(agent),
        Who::Customer | Who::Number | Who::Recorder | Who::Supervisor { .. } => None,
    }
}

fn stop_talking(state: &mut State, at: Timestamp) {
    if let Some(since) = state.facts.talking_since.take() {
        state.facts.talked = sum(state.facts.talked, at.since(since));
    }
}

fn stop_waiting(state: &mut State, at: Timestamp) {
    if let Some(since) = state.facts.waiting_since.take() {
        state.facts.waited = sum(state.facts.waited, at.since(since));
    }
}

pub(super) fn sum(a: Millis, b: Millis) -> Millis {
    Millis(a.0.saturating_add(b.0))
}

/// Names the step with a number, from 1.
pub(super) fn step_id(call: CallId, number: u32) -> StepId {
    StepId::new(call.derive(&format!("step/{number}")))
}

/// Derives the id of something that a step makes.
pub(super) fn made(call: CallId, number: u32, what: &str) -> uuid::Uuid {
    call.derive(&format!("step/{number}/{what}"))
}

// What is said of a step that is over, or of none of ours, is late or somebody else's.
fn is_current(call: CallId, state: &State, step: StepId) -> bool {
    step == step_id(call, state.taken.saturating_add(1))
}

fn routing(call: CallId, state: &mut State, library: &Library, event: &Event) {
    match event {
        Event::PolicyEntered {
            policy,
            version,
            hash,
            start,
            at,
            ..
        } => {
            let published = library.version(*policy, *hash);
            let starts = published.into_iter().flat_map(|known| known.graph.starts.iter());
            let start = start
                .as_ref()
                .and_then(|id| starts.clone().find(|block| block.id.as_str() == id.as_str()));
            let within = Within {
                policy: *policy,
                version: *version,
                hash: *hash,
            };
            state.first.get_or_insert_with(|| within.clone());
            state.within = Some(within);
            state.settings = moves::settings(&state.settings, start);
            state.skills = crate::few::Few::none();
            state.sets.clear();
            afterwards::tell(state, *policy, start);
            next_step(state, *at);
            let step = step_id(call, state.taken);
            state.cursor = moves::enter(published, start, step);
        }
        Event::StepDecided {
            step,
            node,
            branch,
            inputs,
            at,
            ..
        } => {
            if !is_current(call, state, *step) {
                return;
            }
            let scene = Scene::new(call, state, library, *at);
            let decided = settle::Decided {
                node,
                branch,
                inputs,
                step: *step,
            };
            let (next, effects) = settle::settle(&scene, &decided);
            next_step(state, *at);
            state.cursor = next;
            effects.apply(state);
        }
        Event::SkillsRequested { skills, .. } => state.skills = skills.clone(),
        events_of!(life leg bridge prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn next_step(state: &mut State, at: Timestamp) {
    state.taken = state.taken.saturating_add(1);
    // A customer of a call that we placed waits beside what the policy does.
    let waits = state.step.wait.take();
    let waits = waits.filter(|wait| wait.left.is_none() && state.unattended());
    state.step = Progress {
        since: Some(at),
        wait: waits,
        ..Progress::default()
    };
}

fn prompt(call: CallId, state: &mut State, event: &Event) {
    match event {
        Event::PromptPlayed {
            step,
            nth,
            interrupted,
            ..
        } if is_current(call, state, *step) => {
            state.step.prompts = state.step.prompts.max(nth.0);
            // What a step plays is numbered from 1 and ends soon; the limit only bounds a log gone wrong.
            if *interrupted && state.step.cuts.len() < 1_000 {
                state.step.cuts.push(nth.0);
            }
        }
        Event::DigitsCollected {
            step,
            nth,
            outcome,
            digits,
            ..
        } if is_current(call, state, *step) => {
            let keys = Keys {
                outcome: *outcome,
                digits: digits.clone(),
            };
            if digits.is_some() {
                state.facts.digits.clone_from(digits);
            }
            state.step.keys.entry(nth.0).or_insert(keys);
        }
        Event::PromptPlayed { .. }
        | Event::DigitsCollected { .. }
        | events_of!(life leg bridge routing lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn lookup(call: CallId, state: &mut State, library: &Library, event: &Event) {
    match event {
        Event::LookupRequested { step, deadline, .. } if is_current(call, state, *step) => {
            state.step.lookup = Lookup::Asked { deadline: *deadline };
        }
        Event::LookupAnswered { step, outcome, at } if is_current(call, state, *step) => {
            let into = Scene::new(call, state, library, *at).result_set();
            if let (Some(into), LookupOutcome::Found { fields, .. }) = (into, outcome) {
                let fields = fields.iter();
                let fields = fields.map(|f| (f.name.as_str().to_owned(), f.value.clone()));
                state.sets.insert(into, fields.collect());
            }
            state.step.lookup = Lookup::Answered(outcome.clone());
        }
        Event::LookupTimedOut { step, .. } if is_current(call, state, *step) => {
            state.step.lookup = Lookup::TooLate;
        }
        Event::LookupRequested { .. }
        | Event::LookupAnswered { .. }
        | Event::LookupTimedOut { .. }
        | events_of!(life leg bridge routing prompt queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn queue(state: &mut State, event: &Event) {
    match event {
        Event::Queued { entry, queue, at, .. } => {
            state.facts.queue = Some(*queue);
            state.facts.waiting_since.get_or_insert(*at);
            state.step.goes_back = false;
            state.step.wait = Some(Wait {
                entry: *entry,
                queue: *queue,
                left: None,
                kept: false,
            });
        }
        Event::AnnouncementPlayed { announcement, .. } => match announcement {
            Announcement::Position { place } => state.facts.place = Some(*place),
            Announcement::EstimatedWait { wait_ms } => state.facts.expected = Some(*wait_ms),
            Announcement::Comfort { .. } | Announcement::Speech { .. } => {}
        },
        Event::LeftQueue {
            entry, reason, at, ..
        } => {
            stop_waiting(state, *at);
            match reason {
                LeaveReason::Answered { agent, .. } => state.facts.agent = Some(*agent),
                LeaveReason::ExitKey { key } => state.facts.exit_key = Some(*key),
                LeaveReason::Abandoned
                | LeaveReason::Overflow { .. }
                | LeaveReason::MaxWait
                | LeaveReason::NoAgents
                | LeaveReason::Full
                | LeaveReason::Closed
                | LeaveReason::Refused
                | LeaveReason::Callback { .. }
                | LeaveReason::Policy
                | LeaveReason::ConnectFailed { .. }
                | LeaveReason::Ended => {}
            }
            let wait = state.step.wait.as_mut();
            if let Some(wait) = wait.filter(|wait| wait.entry == *entry) {
                wait.left.get_or_insert(*reason);
            }
        }
        Event::PriorityChanged { .. }
        | events_of!(life leg bridge routing prompt lookup offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}

fn message(call: CallId, state: &mut State, event: &Event) {
    let number = state.taken.saturating_add(1);
    let ours = |voicemail: VoicemailId| voicemail == VoicemailId::new(made(call, number, "message"));
    match event {
        Event::VoicemailLeft { voicemail, .. } if ours(*voicemail) => state.step.message = Message::Left,
        Event::VoicemailNotLeft { voicemail, .. } if ours(*voicemail) => {
            state.step.message = Message::Nothing
        }
        Event::VoicemailLeft { .. }
        | Event::VoicemailNotLeft { .. }
        | Event::RecordingArchived { .. }
        | Event::RecordingDeleted { .. }
        | Event::VoicemailDeleted { .. }
        | events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording callback supervision wrap_up) =>
            {}
    }
}
