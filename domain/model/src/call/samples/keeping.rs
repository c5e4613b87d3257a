//! Recordings, messages and promises.

use super::{AGENT_LEG, ENTRY, SALES, ann, customer};
use crate::call::events::Event;
use crate::call::facts::{Beep, RecordedLegs, RecordingRights, RecordingStart};
use crate::call::parties::Mailbox;
use crate::call::reasons::{CallbackEnd, DeleteReason, EndCause, StopReason};
use crate::content_hash::ContentHash;
use crate::ids::{CallId, CallbackId, GroupId, RecordingId, UserId, VoicemailId};
use crate::testing::sample::{at, id, text};
use crate::{Actor, Millis};

const RECORDING: RecordingId = RecordingId::new(id(80));
const VOICEMAIL: VoicemailId = VoicemailId::new(id(81));
const CALLBACK: CallbackId = CallbackId::new(id(70));
const CALL_BACK: CallId = CallId::new(id(7));

pub(super) fn recording() -> Vec<Event> {
    vec![
        Event::RecordingRequested {
            recording: RECORDING,
            legs: RecordedLegs::Both { leg: AGENT_LEG },
            start: RecordingStart::OnConnect,
            beep: Beep::Calling,
            rights: RecordingRights {
                pause: true,
                stop: false,
            },
            reason: text("training"),
            by: Actor::System(text("routing-policy")),
            at: at(29),
        },
        Event::RecordingStarted {
            recording: RECORDING,
            at: at(30),
        },
        Event::RecordingFailed {
            recording: RECORDING,
            why: StopReason::CallEnded,
            at: at(30),
        },
        Event::RecordingPaused {
            recording: RECORDING,
            reason: text("card_payment"),
            by: ann(),
            at: at(50),
        },
        Event::RecordingResumed {
            recording: RECORDING,
            gap_ms: Millis(4_000),
            by: ann(),
            at: at(54),
        },
        Event::RecordingStopped {
            recording: RECORDING,
            why: StopReason::LegEnded,
            gaps_ms: Millis(4_000),
            at: at(300),
        },
    ]
}

pub(super) fn archive() -> Vec<Event> {
    let retention = Actor::System(text("retention"));
    vec![
        Event::RecordingArchived {
            recording: RECORDING,
            reference: text("recordings/2026/11/0198c0de-80.ogg"),
            hash: ContentHash::of(b"sound"),
            length_ms: Millis(266_000),
            bytes: 798_000,
            at: at(310),
        },
        Event::RecordingDeleted {
            recording: RECORDING,
            why: DeleteReason::Retention,
            by: retention.clone(),
            at: at(8_000_000),
        },
        Event::VoicemailLeft {
            voicemail: VOICEMAIL,
            mailbox: Mailbox::Group {
                group: GroupId::new(id(27)),
            },
            reference: text("voicemails/2026/11/0198c0de-81.ogg"),
            hash: ContentHash::of(b"please ring me"),
            length_ms: Millis(12_000),
            at: at(40),
        },
        Event::VoicemailNotLeft {
            voicemail: VOICEMAIL,
            at: at(41),
        },
        Event::VoicemailDeleted {
            voicemail: VOICEMAIL,
            why: DeleteReason::Asked,
            by: retention,
            at: at(90_000),
        },
    ]
}

pub(super) fn callback() -> Vec<Event> {
    vec![
        Event::CallbackOffered {
            callback: CALLBACK,
            entry: Some(ENTRY),
            queue: SALES,
            at: at(67),
        },
        Event::CallbackAccepted {
            callback: CALLBACK,
            number: customer(),
            entry: Some(ENTRY),
            queue: SALES,
            waiting_since: at(7),
            at: at(70),
        },
        Event::CallbackScheduled {
            callback: CALLBACK,
            due: at(3_600),
            by: Actor::Customer,
            at: at(71),
        },
        Event::CallbackAttempted {
            callback: CALLBACK,
            call: CALL_BACK,
            attempt: 1,
            at: at(3_600),
        },
        Event::CallbackFailed {
            callback: CALLBACK,
            call: CALL_BACK,
            why: EndCause::NoAnswer,
            again_from: Some(at(4_500)),
            at: at(3_630),
        },
        Event::CallbackCompleted {
            callback: CALLBACK,
            call: CALL_BACK,
            at: at(3_900),
        },
        Event::CallbackCancelled {
            callback: CALLBACK,
            why: CallbackEnd::Asked,
            by: Actor::User(UserId::new(id(25))),
            at: at(3_000),
        },
    ]
}
