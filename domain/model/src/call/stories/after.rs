//! What follows a call.

use super::*;
use crate::call::facts::{Nth, SurveyAnswer};
use crate::call::parties::Mailbox;
use crate::call::reasons::WrapUpFailure;
use crate::call::{Rejection, archive, wrap_up};
use crate::content_hash::ContentHash;
use crate::ids::{NoteId, UserId, VoicemailId, WrapUpCodeId};
use crate::testing::given;

fn wrap_up(command: wrap_up::Command) -> Command {
    Command::WrapUp(command)
}

fn start(leg: LegId) -> Command {
    wrap_up(wrap_up::Command::Start {
        leg,
        limit_ms: Some(Millis(30_000)),
        at: at(60),
    })
}

fn over() -> Vec<Event> {
    go_on(talking(), [hang_up(CALLER, 60)])
}

#[test]
fn wrap_up_begins_when_the_agent_s_part_is_over_and_only_for_who_talked() {
    given::<Call>(talking())
        .when(start(ANN_LEG))
        .rejected(Rejection::LegLive { leg: ANN_LEG });
    given::<Call>(over())
        .when(start(ANN_LEG))
        .then([Event::WrapUpStarted {
            leg: ANN_LEG,
            agent: ANN,
            until: Some(at(90)),
            at: at(60),
        }]);
    given::<Call>(over())
        .when(start(BOB_LEG))
        .rejected(Rejection::NotAnswered { leg: BOB_LEG });
    given::<Call>(over())
        .when(start(CALLER))
        .rejected(Rejection::NotAnAgent { leg: CALLER });
}

#[test]
fn a_wrap_up_ends_one_way() {
    let extend = |second| {
        wrap_up(wrap_up::Command::Extend {
            leg: ANN_LEG,
            until: at(second),
            by: by_ann(),
            at: at(61),
        })
    };
    let end = wrap_up(wrap_up::Command::End {
        leg: ANN_LEG,
        by: by_ann(),
        at: at(80),
    });
    let fail = wrap_up(wrap_up::Command::Fail {
        leg: ANN_LEG,
        why: WrapUpFailure::NotDispositioned,
        at: at(90),
    });
    let running = go_on(over(), [start(ANN_LEG)]);
    given::<Call>(running.clone()).when(extend(89)).nothing();
    assert_eq!(kinds(&running, extend(120)), ["CallWrapUpExtended"]);
    given::<Call>(go_on(running, [end]))
        .when(fail)
        .rejected(Rejection::WrapUpOver { leg: ANN_LEG });
}

#[test]
fn codes_are_recorded_once_each_and_replace_those_before() {
    let (sold, angry) = (WrapUpCodeId::new(id(91)), WrapUpCodeId::new(id(92)));
    let choose = |codes: &[WrapUpCodeId]| {
        wrap_up(wrap_up::Command::Disposition {
            leg: ANN_LEG,
            codes: Few::first(codes.iter().copied()),
            by: by_ann(),
            at: at(70),
        })
    };
    given::<Call>(over())
        .when(choose(&[sold, angry, sold]))
        .then([Event::Dispositioned {
            leg: ANN_LEG,
            codes: Few::first([sold, angry]),
            by: by_ann(),
            at: at(70),
        }]);
    let chosen = go_on(over(), [choose(&[sold])]);
    assert_eq!(kinds(&chosen, choose(&[angry])), ["CallDispositioned"]);
}

#[test]
fn a_note_can_be_written_anew_and_an_old_one_does_not_come_back() {
    let write = |nth, words: &str| {
        wrap_up(wrap_up::Command::SaveNote {
            note: NoteId::new(id(93)),
            nth: Nth(nth),
            text: Private::new(person(90), text(words)),
            by: by_ann(),
            at: at(70),
        })
    };
    let twice = go_on(over(), [write(1, "wants red"), write(2, "wants blue")]);
    given::<Call>(twice).when(write(1, "wants red")).nothing();
}

#[test]
fn the_first_answer_to_a_question_stands() {
    let score = |score| {
        wrap_up(wrap_up::Command::AnswerSurvey {
            survey: text("after_call"),
            question: text("how_likely"),
            answer: SurveyAnswer::Score { score },
            at: at(70),
        })
    };
    given::<Call>(go_on(over(), [score(9)])).when(score(1)).nothing();
}

#[test]
fn a_message_is_kept_although_the_caller_has_hung_up() {
    let keep = Command::Archive(archive::Command::KeepVoicemail {
        voicemail: VoicemailId::new(id(94)),
        mailbox: Mailbox::User {
            user: UserId::new(id(60)),
        },
        reference: text("voicemails/1.ogg"),
        hash: ContentHash::of(b"please ring me"),
        length_ms: Millis(9_000),
        at: at(75),
    });
    assert_eq!(kinds(&over(), keep), ["CallVoicemailLeft"]);
}

#[test]
fn a_caller_who_says_nothing_leaves_no_message() {
    let nothing = Command::Archive(archive::Command::ReportNoVoicemail {
        voicemail: VoicemailId::new(id(94)),
        at: at(75),
    });
    given::<Call>(over())
        .when(nothing)
        .then([Event::VoicemailNotLeft {
            voicemail: VoicemailId::new(id(94)),
            at: at(75),
        }]);
}
