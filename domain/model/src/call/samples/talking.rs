//! Legs, bridges, holds and transfers.

use super::{AGENT_LEG, ANN, ASIDE, CALLER, EXPERT_LEG, MAIN, OFFER, SALES, ann};
use crate::Private;
use crate::call::events::Event;
use crate::call::facts::{Digits, Nth, Quality};
use crate::call::parties::{Callee, Destination, Party};
use crate::call::reasons::{ConsultEnd, LegCause, TransferKind, Unreached};
use crate::ids::DeviceId;
use crate::testing::sample::{at, id, number, person, text};
use crate::time::Millis;

pub(super) fn legs() -> Vec<Event> {
    vec![
        Event::LegCreated {
            leg: AGENT_LEG,
            number: 2,
            party: Party::Agent {
                agent: ANN,
                device: Some(DeviceId::new(id(26))),
            },
            offer: Some(OFFER),
            hunt: None,
            at: at(10),
        },
        Event::LegRang {
            leg: AGENT_LEG,
            at: at(11),
        },
        Event::LegEarlyMedia {
            leg: EXPERT_LEG,
            at: at(61),
        },
        Event::LegAnswered {
            leg: AGENT_LEG,
            at: at(29),
        },
        Event::LegEnded {
            leg: AGENT_LEG,
            cause: LegCause::Unreachable {
                why: Unreached::NoReply,
            },
            at: at(14),
        },
        Event::LegJoined {
            bridge: MAIN,
            leg: AGENT_LEG,
            number: 2,
            with: vec![CALLER],
            at: at(30),
        },
        Event::LegLeft {
            bridge: MAIN,
            leg: AGENT_LEG,
            at: at(60),
        },
    ]
}

pub(super) fn sound() -> Vec<Event> {
    vec![
        Event::LegMuted {
            leg: AGENT_LEG,
            by: ann(),
            at: at(40),
        },
        Event::LegUnmuted {
            leg: AGENT_LEG,
            by: ann(),
            at: at(41),
        },
        Event::DtmfSent {
            leg: EXPERT_LEG,
            nth: Nth(1),
            digits: Some(Private::new(person(91), Digits::new("42#").expect("keys"))),
            by: ann(),
            at: at(62),
        },
        Event::LegMeasured {
            leg: AGENT_LEG,
            quality: Quality {
                codec: text("opus"),
                packets_received: 13_480,
                packets_lost: 12,
                jitter_us: 3_200,
                round_trip_ms: Some(Millis(38)),
                mos_hundredths: 438,
                mos_hundredths_min: 391,
            },
            at: at(301),
        },
    ]
}

pub(super) fn holding() -> Vec<Event> {
    vec![
        Event::HoldRequested {
            leg: CALLER,
            by: ann(),
            music: None,
            at: at(55),
        },
        Event::Held {
            leg: CALLER,
            at: at(56),
        },
        Event::HoldRefused {
            leg: CALLER,
            reason: text("sip-488"),
            at: at(56),
        },
        Event::ResumeRequested {
            leg: CALLER,
            by: ann(),
            at: at(90),
        },
        Event::Resumed {
            leg: CALLER,
            at: at(91),
        },
        Event::ResumeRefused {
            leg: CALLER,
            reason: text("sip-500"),
            at: at(91),
        },
    ]
}

pub(super) fn handing_on() -> Vec<Event> {
    let expert = Private::new(person(91), number("+442079460001"));
    vec![
        Event::ConsultStarted {
            consult: ASIDE,
            main: MAIN,
            leg: AGENT_LEG,
            target: EXPERT_LEG,
            to: Callee::Number { number: expert },
            at: at(60),
        },
        Event::ConsultEnded {
            consult: ASIDE,
            why: ConsultEnd::TargetGone,
            at: at(70),
        },
        Event::Merged {
            consult: ASIDE,
            bridge: MAIN,
            at: at(80),
        },
        Event::TransferRequested {
            leg: AGENT_LEG,
            to: Destination::Queue { queue: SALES },
            by: ann(),
            at: at(100),
        },
        Event::Transferred {
            kind: TransferKind::Attended,
            leg: AGENT_LEG,
            to: Destination::Agent { agent: super::BOB },
            target: Some(EXPERT_LEG),
            at: at(101),
        },
        Event::TransferFailed {
            leg: AGENT_LEG,
            to: Destination::Queue { queue: SALES },
            cause: LegCause::NoAnswer,
            at: at(130),
        },
    ]
}
