//! What could sensibly come next in a call, by what it is about.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::call::facts::{
    Beep, Hunt, LookupOutcome, RecordedLegs, RecordingRights, RecordingStart, SupervisionMode,
};
use crate::call::parties::{Callee, Destination, Party, Who};
use crate::call::reasons::{DeleteReason, EndCause, Exit, StopReason, WrapUpFailure};
use crate::call::state::{ConsultStage, Hold, Leg, LegStage, State};
use crate::call::{
    Command, archive, bridge, callback, hold, leg, lookup, offer, queue, recording, supervision, transfer,
    wrap_up,
};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{
    AgentId, BridgeId, CallId, CallbackId, EntryId, LegId, OfferId, QueueId, RecordingId, StepId,
    SupervisionId, UserId,
};
use crate::testing::sample::{number, person, text};
use crate::{Actor, Millis, Private, Timestamp};

pub(super) fn of_legs(state: &State, at: Timestamp) -> Vec<Command> {
    let by = Actor::System(text("desk"));
    let of_leg = |(leg, known): (&LegId, &Leg)| {
        let (leg, by) = (*leg, by.clone());
        match (known.stage, known.bridge) {
            (LegStage::Created | LegStage::Ringing | LegStage::EarlyMedia, _) => vec![
                Command::Leg(leg::Command::Ring { leg, at }),
                Command::Leg(leg::Command::SendEarlyMedia { leg, at }),
                Command::Leg(leg::Command::Answer { leg, at }),
                Command::Leg(leg::Command::Answer { leg, at }),
            ],
            (LegStage::Answered, None) => vec![join(0, leg, at), join(0, leg, at), join(1, leg, at)],
            (LegStage::Answered, Some(bridge)) => vec![
                Command::Bridge(bridge::Command::Leave { bridge, leg, at }),
                Command::Leg(if known.muted {
                    leg::Command::Unmute { leg, by, at }
                } else {
                    leg::Command::Mute { leg, by, at }
                }),
            ],
            (LegStage::Over, _) => vec![],
        }
    };
    state.legs.iter().flat_map(of_leg).collect()
}

// Mostly it is the caller who waits.
pub(super) fn of_hold(state: &State, at: Timestamp) -> Vec<Command> {
    let waits = |(id, leg): &(&LegId, &Leg)| state.caller == Some(**id) || leg.hold != Hold::No;
    let answered = state
        .legs
        .iter()
        .filter(|(_, leg)| leg.stage == LegStage::Answered);
    let of_leg = |(leg, known): (&LegId, &Leg)| {
        let (leg, by, reason) = (*leg, Actor::System(text("desk")), text("sip-488"));
        match known.hold {
            Hold::No => vec![hold::Command::Request {
                leg,
                by,
                music: None,
                at,
            }],
            Hold::Asked => vec![
                hold::Command::Confirm { leg, at },
                hold::Command::Confirm { leg, at },
                hold::Command::Refuse { leg, reason, at },
            ],
            Hold::Held => vec![hold::Command::RequestResume { leg, by, at }],
            Hold::ResumeAsked => vec![
                hold::Command::ConfirmResume { leg, at },
                hold::Command::RefuseResume { leg, reason, at },
            ],
        }
    };
    answered
        .filter(waits)
        .flat_map(of_leg)
        .map(Command::Hold)
        .collect()
}

pub(super) fn of_wrap_ups(state: &State, at: Timestamp) -> Vec<Command> {
    let over = state
        .legs
        .iter()
        .filter(|(_, leg)| !leg.is_live() && leg.answered);
    let of_leg = |(leg, _): (&LegId, &Leg)| {
        let (leg, by) = (*leg, Actor::System(text("desk")));
        let (until, why) = (at.plus(Millis(90_000)), WrapUpFailure::AgentGone);
        [
            wrap_up::Command::Start {
                leg,
                limit_ms: Some(Millis(30_000)),
                at,
            },
            wrap_up::Command::Extend {
                leg,
                until,
                by: by.clone(),
                at,
            },
            wrap_up::Command::End { leg, by, at },
            wrap_up::Command::Fail { leg, why, at },
        ]
    };
    over.flat_map(of_leg).map(Command::WrapUp).collect()
}

pub(super) fn of_lookups(state: &State, at: Timestamp) -> Vec<Command> {
    let step = next(&state.steps, StepId::new);
    let (what, wait_ms) = (text("contact_by_number"), Millis(2_000));
    let mut all = vec![lookup::Command::Ask {
        step,
        what,
        wait_ms,
        at,
    }];
    let asked = state.steps.iter().filter(|(_, known)| known.lookup.is_some());
    all.extend(asked.flat_map(|(step, _)| {
        let (step, outcome) = (*step, LookupOutcome::NotFound);
        [
            lookup::Command::TakeAnswer { step, outcome, at },
            lookup::Command::GiveUp { step, at },
        ]
    }));
    all.into_iter().map(Command::Lookup).collect()
}

fn join(bridge: u128, leg: LegId, at: Timestamp) -> Command {
    let bridge = nth(bridge, BridgeId::new);
    Command::Bridge(bridge::Command::Join { bridge, leg, at })
}

pub(super) fn of_newcomers(state: &State, at: Timestamp) -> Vec<Command> {
    let leg = next(&state.legs, LegId::new);
    let comes = |party, offer, hunt| leg::Command::Create {
        leg,
        party,
        offer,
        hunt,
        at,
    };
    let agent = |n| Party::Agent {
        agent: nth(n, AgentId::new),
        device: None,
    };
    let supervisor = Party::Supervisor {
        user: nth(0, UserId::new),
        device: None,
    };
    let hunt = |screened| {
        let step = nth(u128::from(screened), StepId::new);
        Some(Hunt { step, screened })
    };
    let mut all = vec![
        comes(agent(4), None, hunt(false)),
        comes(agent(5), None, hunt(false)),
        comes(agent(6), None, hunt(true)),
        comes(agent(7), None, hunt(true)),
        comes(supervisor, None, None),
        comes(agent(2), None, None),
    ];
    if state.caller.is_none() {
        all.push(comes(Party::Customer { number: None }, None, None));
    }
    for (id, offer) in &state.offers {
        let party = Party::Agent {
            agent: offer.agent,
            device: None,
        };
        all.push(comes(party, Some(*id), None));
    }
    all.into_iter().map(Command::Leg).collect()
}

pub(super) fn of_waiting(state: &State, at: Timestamp) -> Vec<Command> {
    let Some(entry) = state.waiting() else {
        return vec![Command::Queue(queue::Command::Join {
            entry: next(&state.entries, EntryId::new),
            queue: nth(0, QueueId::new),
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: at,
            at,
        })];
    };
    let make = |agent| {
        Command::Offer(offer::Command::Make {
            offer: next(&state.offers, OfferId::new),
            entry,
            agent: nth(agent, AgentId::new),
            ring_ms: Millis(10_000),
            strategy: text("longest_idle"),
            settings: ContentHash::of(b"settings"),
            candidates: Few::none(),
            at,
        })
    };
    let offered = next(&state.callbacks, CallbackId::new);
    let mut all = vec![
        make(0),
        make(1),
        Command::Queue(queue::Command::Leave {
            entry,
            exit: Exit::MaxWait,
            at,
        }),
        Command::Callback(callback::Command::Offer {
            callback: offered,
            waits: callback::Waits::In { entry },
            at,
        }),
    ];
    for offer in state.open_offers(|_| true) {
        all.push(Command::Offer(offer::Command::Accept { offer, at }));
        all.push(Command::Offer(offer::Command::Miss { offer, at }));
        all.push(Command::Offer(offer::Command::Reject {
            offer,
            reason: None,
            at,
        }));
    }
    all
}

pub(super) fn of_transfers(state: &State, at: Timestamp) -> Vec<Command> {
    let mut all = Vec::new();
    for (id, leg) in state
        .legs
        .iter()
        .filter(|(_, leg)| leg.bridge.is_some() && leg.who.agent().is_some())
    {
        let (to, by) = (
            Destination::Queue {
                queue: nth(1, QueueId::new),
            },
            Actor::System(text("desk")),
        );
        all.push(Command::Transfer(transfer::Command::Request {
            leg: *id,
            to,
            by,
            at,
        }));
        all.push(Command::Transfer(transfer::Command::Confirm { leg: *id, at }));
        let waits = |other: &Leg| other.bridge == leg.bridge && other.hold == Hold::Held;
        if !state.live_legs(waits).is_empty() {
            all.push(Command::Transfer(transfer::Command::Consult {
                consult: BridgeId::new(Uuid::from_u128(10 + state.consults.len() as u128)),
                leg: *id,
                target: next(&state.legs, LegId::new),
                to: Callee::Agent {
                    agent: nth(6, AgentId::new),
                },
                at,
            }));
        }
    }
    all
}

pub(super) fn of_consults(state: &State, at: Timestamp) -> Vec<Command> {
    let mut all = Vec::new();
    for (consult, asked) in state
        .consults
        .iter()
        .filter(|(_, c)| c.stage == ConsultStage::Open)
    {
        for leg in [asked.leg, asked.target] {
            all.push(Command::Leg(leg::Command::Answer { leg, at }));
            all.push(Command::Bridge(bridge::Command::Join {
                bridge: *consult,
                leg,
                at,
            }));
        }
        all.push(Command::Transfer(transfer::Command::Complete {
            consult: *consult,
            at,
        }));
        all.push(Command::Transfer(transfer::Command::Merge {
            consult: *consult,
            at,
        }));
        all.push(Command::Transfer(transfer::Command::Abandon {
            consult: *consult,
            at,
        }));
    }
    all
}

pub(super) fn of_recordings(state: &State, at: Timestamp) -> Vec<Command> {
    let mut all = Vec::new();
    for recording in state.recordings.keys().copied() {
        let by = Actor::System(text("desk"));
        all.extend([
            recording::Command::Start { recording, at },
            recording::Command::Pause {
                recording,
                reason: text("card"),
                by: by.clone(),
                at,
            },
            recording::Command::Resume {
                recording,
                by: by.clone(),
                at,
            },
            recording::Command::Stop {
                recording,
                why: StopReason::Asked,
                by,
                at,
            },
        ]);
    }
    if state.recordings.len() < 3 {
        let recording = next(&state.recordings, RecordingId::new);
        all.extend(state.caller.map(|leg| record(recording, leg, at)));
    }
    all.into_iter().map(Command::Recording).collect()
}

pub(super) fn of_archive(state: &State, at: Timestamp) -> Vec<Command> {
    let known = state.recordings.keys().copied();
    let each = known.flat_map(|recording| {
        [
            archive::Command::KeepRecording {
                recording,
                reference: text("recordings/1.ogg"),
                hash: ContentHash::of(b"sound"),
                length_ms: Millis(9_000),
                bytes: 27_000,
                at,
            },
            archive::Command::DeleteRecording {
                recording,
                why: DeleteReason::Retention,
                by: Actor::System(text("retention")),
                at,
            },
        ]
    });
    each.map(Command::Archive).collect()
}

fn record(recording: RecordingId, leg: LegId, at: Timestamp) -> recording::Command {
    recording::Command::Request {
        recording,
        legs: RecordedLegs::Both { leg },
        start: RecordingStart::OnConnect,
        beep: Beep::Off,
        rights: RecordingRights {
            pause: true,
            stop: false,
        },
        reason: text("training"),
        by: Actor::System(text("desk")),
        at,
    }
}

pub(super) fn of_callbacks(state: &State, at: Timestamp) -> Vec<Command> {
    let number = Private::new(person(0), number("+12025550100"));
    let call = nth(7, CallId::new);
    let promised = state.callbacks.keys().copied();
    let (due, by) = (at, Actor::Customer);
    let each = promised.flat_map(|callback| {
        [
            callback::Command::Accept {
                callback,
                number: number.clone(),
                due: None,
                at,
            },
            callback::Command::Schedule {
                callback,
                due,
                by: by.clone(),
                at,
            },
            callback::Command::Attempt { callback, call, at },
            callback::Command::Fail {
                callback,
                call,
                why: EndCause::NoAnswer,
                again_from: state.callbacks.len().is_multiple_of(2).then_some(due),
                by: by.clone(),
                at,
            },
            callback::Command::Complete { callback, call, at },
        ]
    });
    each.map(Command::Callback).collect()
}

pub(super) fn of_supervisions(state: &State, at: Timestamp) -> Vec<Command> {
    let by = nth(0, UserId::new);
    let supervision = next(&state.supervisions, SupervisionId::new);
    let mode = SupervisionMode::Listen;
    let theirs = state.live_legs(|leg| leg.who == Who::Supervisor { user: by });
    let mut all: Vec<_> = theirs
        .into_iter()
        .map(|leg| supervision::Command::Start {
            supervision,
            by,
            leg,
            mode,
            at,
        })
        .collect();
    let open = state.supervisions.keys().copied();
    all.extend(open.map(|supervision| supervision::Command::End { supervision, at }));
    all.into_iter().map(Command::Supervision).collect()
}

pub(super) fn nth<Id>(n: u128, id: fn(Uuid) -> Id) -> Id {
    id(Uuid::from_u128(n))
}

fn next<Id: Ord, T>(known: &BTreeMap<Id, T>, id: fn(Uuid) -> Id) -> Id {
    let free = (0..).map(|n| nth(n, id)).find(|id| !known.contains_key(id));
    free.expect("a call has fewer things than there are numbers")
}
