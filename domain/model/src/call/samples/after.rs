//! Supervisors, wrap-ups and words about the call.

use super::{AGENT_LEG, ANN, ann};
use crate::Private;
use crate::call::events::Event;
use crate::call::facts::{Nth, SupervisionMode, SurveyAnswer};
use crate::call::reasons::{StopReason, WrapUpFailure};
use crate::few::Few;
use crate::ids::{LegId, NoteId, SupervisionId, UserId, WrapUpCodeId};
use crate::testing::sample::{at, id, person, text};

const SUPERVISOR: UserId = UserId::new(id(25));
const SUPERVISION: SupervisionId = SupervisionId::new(id(85));

pub(super) fn supervision() -> Vec<Event> {
    vec![
        Event::SupervisionStarted {
            supervision: SUPERVISION,
            by: SUPERVISOR,
            leg: LegId::new(id(4)),
            mode: SupervisionMode::Listen,
            at: at(110),
        },
        Event::SupervisionModeChanged {
            supervision: SUPERVISION,
            mode: SupervisionMode::Whisper,
            at: at(120),
        },
        Event::SupervisionEnded {
            supervision: SUPERVISION,
            why: StopReason::Asked,
            at: at(150),
        },
    ]
}

pub(super) fn wrap_up() -> Vec<Event> {
    let (leg, agent) = (AGENT_LEG, ANN);
    vec![
        Event::WrapUpStarted {
            leg,
            agent,
            until: Some(at(330)),
            at: at(300),
        },
        Event::WrapUpExtended {
            leg,
            agent,
            until: at(360),
            by: ann(),
            at: at(320),
        },
        Event::WrapUpEnded {
            leg,
            agent,
            by: ann(),
            at: at(350),
        },
        Event::WrapUpFailed {
            leg,
            agent,
            why: WrapUpFailure::NotDispositioned,
            at: at(360),
        },
        Event::Dispositioned {
            leg,
            codes: Few::first([WrapUpCodeId::new(id(86)), WrapUpCodeId::new(id(87))]),
            by: ann(),
            at: at(345),
        },
    ]
}

pub(super) fn words() -> Vec<Event> {
    vec![
        Event::NoteSaved {
            note: NoteId::new(id(88)),
            nth: Nth(1),
            text: Private::new(person(90), text("Wants the blue one.\nRing on Tuesday.")),
            by: ann(),
            at: at(340),
        },
        Event::SurveyAnswered {
            survey: text("after_call"),
            question: text("how_likely"),
            answer: SurveyAnswer::Score { score: 9 },
            at: at(400),
        },
    ]
}
