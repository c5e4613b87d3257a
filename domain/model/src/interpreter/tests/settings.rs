//! Settings that change what is asked of the world and not which way a call goes: each reaches whoever it is for.

use super::effect::{Hears, Question, Say, Speaking};
use super::house::*;
use super::*;
use crate::Millis;
use crate::call::Event;
use crate::call::facts::{Beep, RecordingRights};
use crate::ids::UserId;
use crate::routing_policy::graph::apps::records::{Answer, Method};
use crate::testing::sample::text;

const SOUND: &str = "0198c0de-0000-7000-8000-000000000070";

// The first thing of a kind that is wanted where one app is gone through.
fn wanted<T>(app: &str, of: impl Fn(&Effect) -> Option<T>) -> T {
    let shown = play(one_app(app), &script());
    let found = shown.effects().find_map(of);
    found.unwrap_or_else(|| panic!("{app}: {:#?}", shown.path))
}

#[test]
fn a_caller_who_camps_can_hear_a_sound_or_something_said() {
    let hears = |app: &str, camp: &str| {
        wanted(
            &format!(r#"{{"id": "ring", {app}, "camp": {camp}}}"#),
            |effect| match effect {
                Effect::Camp { hears, .. } => Some(hears.clone()),
                _ => None,
            },
        )
    };
    let connect = r#""app": "connect", "to": {"is": "number", "number": "+442079460011"}"#;
    let hunt = r#""app": "hunt", "targets": [{"is": "number", "number": "+442079460011"}]"#;
    for app in [connect, hunt] {
        let sound = hears(app, &format!(r#"{{"is": "sound", "sound": "{SOUND}"}}"#));
        assert_eq!(sound, Hears::Sound(SOUND.parse().unwrap()));
        let said = r#"{"is": "speech", "say": [{"is": "text", "text": "One moment, $(CallerNumber)."}], "voice": "amy", "language": "de"}"#;
        let said = hears(app, said);
        let speaking = Speaking {
            say: vec![Say::Text(format!("One moment, {CALLER}."))],
            voice: Some(text("amy")),
            language: "de".to_owned(),
        };
        assert_eq!(said, Hears::Speech(speaking));
    }
}

#[test]
fn a_recording_is_asked_for_with_its_rights_its_beep_and_whether_it_is_kept() {
    let requested = |settings: &str| {
        let shown = play(
            one_app(&format!(r#"{{"id": "record", "app": "record"{settings}}}"#)),
            &script(),
        );
        let request = shown.events.iter().find_map(|event| match event {
            Event::RecordingRequested { rights, beep, .. } => Some((*rights, *beep)),
            _ => None,
        });
        let kept = shown.effects().find_map(|effect| match effect {
            Effect::Record { analyse, archive, .. } => Some((*analyse, *archive)),
            _ => None,
        });
        (request.unwrap(), kept.unwrap())
    };
    let rights = |pause, stop| RecordingRights { pause, stop };
    assert_eq!(requested(""), ((rights(true, false), Beep::Off), (false, true)));
    for (settings, wanted) in [
        (
            r#", "may_pause": false"#,
            ((rights(false, false), Beep::Off), (false, true)),
        ),
        (
            r#", "may_stop": true"#,
            ((rights(true, true), Beep::Off), (false, true)),
        ),
        (
            r#", "beep": "calling""#,
            ((rights(true, false), Beep::Calling), (false, true)),
        ),
        (
            r#", "beep": "called""#,
            ((rights(true, false), Beep::Called), (false, true)),
        ),
        (
            r#", "beep": "both""#,
            ((rights(true, false), Beep::Both), (false, true)),
        ),
        (
            r#", "archive": false"#,
            ((rights(true, false), Beep::Off), (false, false)),
        ),
        (
            r#", "analyse": true"#,
            ((rights(true, false), Beep::Off), (true, true)),
        ),
    ] {
        assert_eq!(requested(settings), wanted, "{settings}");
    }
}

#[test]
fn a_message_is_taken_after_its_greeting_as_long_and_in_the_form_that_is_set() {
    let taken = |settings: &str| {
        let app = format!(r#"{{"id": "box", "app": "voicemail", "mailbox": {{"is": "policy"}}{settings}}}"#);
        let shown = play(one_app(&app), &script());
        let taken = shown.effects().find_map(|effect| match effect {
            Effect::TakeMessage {
                greet,
                max,
                beep,
                transcribe,
                ..
            } => Some((*greet, *max, *beep, *transcribe)),
            _ => None,
        });
        (spoken(&shown), taken.unwrap())
    };
    let usual = Millis(180_000);
    assert_eq!(taken(""), (vec![], (true, usual, true, false)));
    assert_eq!(
        taken(r#", "max_ms": 5000"#),
        (vec![], (true, Millis(5_000), true, false))
    );
    assert_eq!(
        taken(r#", "transcribe": true"#),
        (vec![], (true, usual, true, true))
    );
    assert_eq!(taken(r#", "beep": false"#), (vec![], (true, usual, false, false)));
    let greeting = format!(r#", "greeting": {}"#, says("Leave a message, $(CallerNumber)."));
    let said = vec![format!("Leave a message, {CALLER}.")];
    assert_eq!(taken(&greeting), (said, (false, usual, true, false)));
}

#[test]
fn each_digit_may_take_as_long_as_is_set() {
    let waits = |settings: &str| {
        let app = format!(
            r#"{{"id": "pin", "app": "digits", "prompt": {}, "into": "Pin"{settings}, "outlets": {{"matched": "x"}}}}"#,
            says("PIN?")
        );
        wanted(&app, |effect| match effect {
            Effect::Collect { keys, .. } => Some((keys.first, keys.next)),
            _ => None,
        })
    };
    assert_eq!(waits(""), (Millis(8_000), Millis(3_000)));
    assert_eq!(waits(r#", "first_key_ms": 4000"#), (Millis(4_000), Millis(3_000)));
    assert_eq!(waits(r#", "next_key_ms": 1500"#), (Millis(8_000), Millis(1_500)));
}

#[test]
fn a_web_service_is_told_what_macros_hold_and_may_say_yes_or_no() {
    let app = |method: &str| {
        format!(
            r#"{{"id": "ask", "app": "http", "method": "{method}", "url": "https://example.com/", "answer": "yes_no",
                "params": [{{"name": "from", "value": "$(CallerNumber)"}}, {{"name": "fixed", "value": "a b"}}],
                "outlets": {{"found": "x"}}}}"#
        )
    };
    for (word, method) in [("get", Method::Get), ("post", Method::Post)] {
        let question = wanted(&app(word), |effect| match effect {
            Effect::Ask { question, .. } => Some(question.clone()),
            _ => None,
        });
        let params = [("from", CALLER), ("fixed", "a b")];
        let wanted = Question::Http {
            method,
            url: "https://example.com/".to_owned(),
            params: params.map(|(name, value)| (text(name), value.to_owned())).into(),
            body: None,
            answer: Answer::YesNo,
            fields: vec![],
        };
        assert_eq!(question, wanted);
    }
    let mut script = script();
    assert_eq!(
        told(&play(one_app(&app("get")), &script)),
        ["ask not_found", "then finished"]
    );
    script.other_answers.says = Says::Found(vec![]);
    assert_eq!(
        told(&play(one_app(&app("get")), &script)),
        ["ask found", "x finished"]
    );
}

#[test]
fn a_task_to_ring_back_is_due_when_it_is_set_to_be() {
    let task = |settings: &str| {
        let app = format!(
            r#"{{"id": "task", "app": "callback_task", "to": {{"is": "group", "group": "{TEAM}"}}, "subject": "Ring $(CallerNumber)"{settings}}}"#
        );
        wanted(&app, |effect| match effect {
            Effect::Remind {
                to,
                subject,
                note,
                number,
                record,
                due,
                ..
            } => Some((
                to.clone(),
                subject.clone(),
                [note.clone(), number.clone(), record.clone()],
                due.since(noon()),
            )),
            _ => None,
        })
    };
    let team: Vec<UserId> = vec![ANN, BOB];
    let subject = format!("Ring {CALLER}");
    let number = Some(CALLER.to_owned());
    let day = Millis::from_secs(86_400);
    assert_eq!(
        task(""),
        (team.clone(), subject.clone(), [None, number.clone(), None], day)
    );
    assert_eq!(
        task(r#", "due_in_ms": 3600000"#),
        (
            team.clone(),
            subject.clone(),
            [None, number, None],
            Millis::from_secs(3_600)
        )
    );
    let all = r#", "note": "VIP", "number": "+442079460011", "record": "003A""#;
    let said = ["VIP", "+442079460011", "003A"].map(|text| Some(text.to_owned()));
    assert_eq!(task(all), (team, subject, said, day));
}

#[test]
fn whether_each_retry_is_told_goes_with_what_is_told() {
    for every_retry in [false, true] {
        let app = format!(
            r#"{{"id": "look", "app": "debug", "to": ["a@example.com"], "show": ["$(CallerNumber)"], "level": "all", "every_retry": {every_retry}}}"#
        );
        let said = wanted(&app, |effect| match effect {
            Effect::Debug {
                to,
                shown,
                every_retry,
                ..
            } => Some((to.clone(), shown.clone(), *every_retry)),
            _ => None,
        });
        let shown = vec![("$(CallerNumber)".to_owned(), CALLER.to_owned())];
        assert_eq!(said, (vec!["a@example.com".to_owned()], shown, every_retry));
    }
}

#[test]
fn skills_are_asked_for_with_the_steps_by_which_they_give_way() {
    let skill = |n: u8| format!("0198c0de-0000-7000-8000-0000000000{n}");
    let apps = format!(
        r#"{{"id": "before", "app": "skills", "need": [{{"skill": "{}", "at_least": 10}}]}},
           {{"id": "need", "app": "skills", "need": [
             {{"skill": "{}", "at_least": 70, "relax": [{{"after_ms": 30000, "at_least": 40}}, {{"after_ms": 60000}}]}},
             {{"skill": "{}", "at_least": 55}}]}},
           {{"id": "wait", "app": "queue", "queue": "{SALES}"}}"#,
        skill(60),
        skill(61),
        skill(62)
    );
    let shown = play(one_app(&apps), &script());
    let asked = shown.events.iter().find_map(|event| match event {
        Event::Queued { skills, .. } => Some(serde_json::to_value(skills).unwrap()),
        _ => None,
    });
    let wanted = serde_json::json!([
        { "skill": skill(61), "at_least": 70, "relax": [{ "after_ms": 30_000, "at_least": 40 }, { "after_ms": 60_000, "at_least": null }] },
        { "skill": skill(62), "at_least": 55, "relax": [] },
    ]);
    assert_eq!(asked, Some(wanted));
}

#[test]
fn a_call_can_be_handed_to_a_policy_for_data_and_ends_where_that_ends() {
    let mut library = house();
    let first = format!(
        r#"{{"id": "a", "is": "action", "next": "go", "apps": [{{"id": "say", "app": "speak", "say": [{{"is": "text", "text": "Hello"}}]}}]}},
           {{"id": "go", "is": "to_policy", "policy": "{OTHER}", "carry": [{{"name": "Topic", "value": "price"}}]}}"#
    );
    publish(&mut library, MAIN, AT_OURS, &first);
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"}"#;
    let data = r#"{"id": "b", "is": "action", "next": "end", "apps": [
            {"id": "write", "app": "create", "object": "Note", "values": [{"field": "Topic", "value": "$(Custom_Topic)"}]},
            {"id": "look", "app": "debug", "to": ["a@example.com"], "show": ["$(Custom_Topic)"], "level": "all"}]},
        {"id": "end", "is": "finish", "reason": "written"}"#;
    publish_as(&mut library, OTHER, (1, "data_analytics"), start, data);
    let mut script = script();
    script.other_answers.says = Says::Found(vec![("Id".to_owned(), "a01A".to_owned())]);
    let shown = play(library, &script);
    assert_eq!(
        told(&shown),
        [
            "say next",
            "go handed_over",
            "write done",
            "look next",
            "end finished"
        ]
    );
    assert!(ended_by_policy(&shown), "{:?}", shown.end);
    let seen = shown.effects().find_map(|effect| match effect {
        Effect::Debug { shown, .. } => Some(shown.clone()),
        _ => None,
    });
    assert_eq!(
        seen,
        Some(vec![("$(Custom_Topic)".to_owned(), "price".to_owned())])
    );
}
