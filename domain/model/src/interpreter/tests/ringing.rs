//! Who is rung, in which pattern, what they hear and choose, and who was connected.

use super::house::*;
use super::*;
use crate::Millis;
use crate::Timestamp;
use crate::call::Event;
use crate::call::parties::Party;
use crate::call::reasons::LegCause;

const THREE: &str = r#"{"is": "number", "number": "+442079460011"}, {"is": "number", "number": "+442079460012"},
    {"is": "number", "number": "+442079460013"}"#;

fn hunt(pattern: &str) -> Library {
    one_app(&format!(
        r#"{{"id": "hunt", "app": "hunt", "pattern": "{pattern}", "ring_ms": 10000, "step_ms": 4000, "targets": [{THREE}],
            "outlets": {{"after": "x"}}}}"#
    ))
}

// When the legs of who is rung were created, in seconds from the beginning.
fn rang(shown: &Rehearsal) -> Vec<u64> {
    let created = shown.events.iter().filter_map(|event| match event {
        Event::LegCreated {
            at, hunt: Some(_), ..
        } => Some(at.since(noon()).0 / 1_000),
        _ => None,
    });
    created.collect()
}

fn answers(after: u32, keys: &str) -> Rung {
    Rung::Answers {
        after: Millis::from_secs(after),
        keys: keys.to_owned(),
        talk: Millis::from_secs(30),
    }
}

#[test]
fn several_are_rung_at_once_one_after_the_other_or_staggered() {
    for (pattern, when) in [
        ("parallel", [0, 0, 0]),
        ("sequential", [0, 10, 20]),
        ("staggered", [0, 4, 8]),
    ] {
        let shown = play(hunt(pattern), &script());
        assert_eq!(rang(&shown), when, "{pattern}");
        assert_eq!(told(&shown), ["hunt no_answer", "then finished"], "{pattern}");
    }
}

#[test]
fn the_next_is_rung_early_when_all_before_are_over() {
    let mut script = script();
    script.rung = vec![Rung::Busy, Rung::Rejects, answers(3, "")];
    for pattern in ["sequential", "staggered"] {
        let shown = play(hunt(pattern), &script);
        assert_eq!(rang(&shown), [0, 0, 2], "{pattern}");
        assert_eq!(told(&shown), ["hunt after", "x finished"]);
    }
}

#[test]
fn the_first_to_answer_ends_the_ringing_of_the_others() {
    let mut script = script();
    script.rung = vec![answers(9, ""), answers(3, ""), Rung::Nothing];
    let shown = play(hunt("parallel"), &script);
    let elsewhere = shown.events.iter().filter(|event| {
        matches!(
            event,
            Event::LegEnded {
                cause: LegCause::AnsweredElsewhere,
                ..
            }
        )
    });
    assert_eq!(elsewhere.count(), 2);
    assert_eq!(told(&shown), ["hunt after", "x finished"]);
}

fn screened(screening: &str, more: &str) -> Library {
    one_app(&format!(
        r#"{{"id": "ring", "app": "hunt", "targets": [{THREE}], "ring_ms": 10000, "screening": {screening}{more},
            "outlets": {{"after": "x"}}}}"#
    ))
}

#[test]
fn who_answers_may_turn_the_caller_down_and_the_next_is_rung() {
    let screening = format!(
        r#"{{"prompt": {}, "accept": "1", "reject": "2"}}"#,
        says("A call from $(CallerNumber)")
    );
    let mut script = script();
    // The second is an answering machine, which presses nothing.
    script.rung = vec![answers(2, "2"), answers(2, ""), answers(2, "1")];
    let shown = play(screened(&screening, ""), &script);
    assert_eq!(spoken(&shown), vec![format!("A call from {CALLER}"); 3]);
    assert_eq!(told(&shown), ["ring after", "x finished"]);
    let talked = shown
        .events
        .iter()
        .filter(|event| matches!(event, Event::LegJoined { .. }));
    assert_eq!(talked.count(), 2, "the caller and the third");
}

#[test]
fn an_answering_machine_does_not_keep_the_others_from_the_caller() {
    let screening = format!(r#"{{"prompt": {}, "accept": "1"}}"#, says("A call"));
    let app = format!(
        r#"{{"id": "ring", "app": "hunt", "pattern": "parallel", "ring_ms": 30000, "screening": {screening}, "outlets": {{"after": "x"}},
            "targets": [{{"is": "number", "number": "+442079460007"}}, {{"is": "number", "number": "+442079460008"}}]}}"#
    );
    let mut script = script();
    script.rung = vec![answers(2, ""), answers(9, "1")];
    let shown = play(one_app(&app), &script);
    assert_eq!(spoken(&shown), ["A call"; 2]);
    assert_eq!(told(&shown), ["ring after", "x finished"]);
}

#[test]
fn without_a_key_the_caller_is_connected_when_the_message_is_over() {
    let mut script = script();
    script.rung = vec![answers(2, "")];
    let shown = play(
        screened(&format!(r#"{{"prompt": {}}}"#, says("A call")), ""),
        &script,
    );
    assert_eq!(spoken(&shown), ["A call"]);
    assert_eq!(told(&shown), ["ring after", "x finished"]);
}

#[test]
fn a_group_is_rung_together_and_a_number_shows_what_it_is_to_show() {
    let connect = |to: &str, shows: &str| {
        one_app(&format!(
            r#"{{"id": "set", "app": "properties", "whisper": "VIP $(CallerNumber)"}},
               {{"id": "ring", "app": "connect", "to": {to}, "caller_id": {shows}}}"#
        ))
    };
    let rings = |shown: &Rehearsal| -> Vec<(Party, Option<String>, Option<String>)> {
        let rings = shown.effects().filter_map(|effect| match effect {
            Effect::Ring {
                party,
                shows,
                whisper,
                ..
            } => {
                let shows = shows.as_ref().map(|number| number.as_str().to_owned());
                Some((party.clone(), shows, whisper.clone()))
            }
            _ => None,
        });
        rings.collect()
    };
    let library = connect(
        &format!(r#"{{"is": "group", "group": "{TEAM}"}}"#),
        r#"{"is": "called"}"#,
    );
    let shown = play(library, &script());
    let agent = |user: crate::ids::UserId| Party::Agent {
        agent: user.into(),
        device: None,
    };
    let whisper = Some(format!("VIP {CALLER}"));
    let wanted = [ANN, BOB].map(|user| (agent(user), Some(OURS.to_owned()), whisper.clone()));
    assert_eq!(rings(&shown), wanted);
    for (shows, wanted) in [
        (r#"{"is": "caller"}"#, Some(CALLER)),
        (r#"{"is": "account"}"#, Some("+442079460099")),
        (r#"{"is": "withheld"}"#, None),
        (
            r#"{"is": "number", "number": "+442079460055"}"#,
            Some("+442079460055"),
        ),
    ] {
        let shown = play(
            connect(r#"{"is": "extension", "extension": "2104"}"#, shows),
            &script(),
        );
        assert_eq!(rings(&shown)[0].1.as_deref(), wanted, "{shows}");
    }
}

#[test]
fn what_an_app_says_itself_goes_before_what_was_set_on_the_way() {
    let set = r#"{"id": "set", "app": "properties", "caller_id": "+442079460077", "priority": "3"}"#;
    for (shows, wanted) in [
        (r#"{"is": "caller"}"#, Some("+442079460077")),
        (r#"{"is": "called"}"#, Some(OURS)),
        (r#"{"is": "account"}"#, Some("+442079460099")),
        (r#"{"is": "withheld"}"#, None),
        (
            r#"{"is": "number", "number": "+442079460055"}"#,
            Some("+442079460055"),
        ),
    ] {
        let library = one_app(&format!(
            r#"{set}, {{"id": "ring", "app": "connect", "to": {{"is": "user", "user": "{ANN}"}}, "caller_id": {shows}}}"#
        ));
        let shown = play(library, &script());
        let seen = shown.effects().find_map(|effect| match effect {
            Effect::Ring { shows, .. } => Some(shows.as_ref().map(|number| number.as_str().to_owned())),
            _ => None,
        });
        assert_eq!(seen.expect("Ann is rung").as_deref(), wanted, "{shows}");
    }
    let waits = format!(r#"{set}, {{"id": "wait", "app": "queue", "queue": "{SALES}", "priority": 50}}"#);
    let shown = play(one_app(&waits), &script());
    let priority = shown.events.iter().find_map(|event| match event {
        Event::Queued { priority, .. } => *priority,
        _ => None,
    });
    assert_eq!(priority.map(|priority| priority.number()), Some(50));
}

#[test]
fn nobody_is_rung_where_there_is_nobody() {
    let to_none = r#"{"id": "ring", "app": "connect", "to": {"is": "extension", "extension": "7777"}, "outlets": {"unreachable": "x"}}"#;
    let shown = play(one_app(to_none), &script());
    assert_eq!(told(&shown), ["ring unreachable", "x finished"]);
    assert!(rang(&shown).is_empty());
}

#[test]
fn a_caller_who_camps_is_answered_first_and_hears_something() {
    for (camp, heard) in [
        (r#"{"is": "ringing"}"#, None),
        (r#"{"is": "music"}"#, Some(effect::Hears::Music)),
    ] {
        let library = one_app(&format!(
            r#"{{"id": "ring", "app": "connect", "to": {{"is": "number", "number": "+442079460011"}}, "camp": {camp}}}"#
        ));
        let shown = play(library, &script());
        let answered = shown
            .effects()
            .any(|effect| matches!(effect, Effect::Answer { .. }));
        assert_eq!(answered, heard.is_some());
        let camps = shown.effects().find_map(|effect| match effect {
            Effect::Camp { hears, .. } => Some(hears.clone()),
            _ => None,
        });
        assert_eq!(camps, heard);
    }
}

#[test]
fn a_caller_who_hangs_up_stops_everything() {
    let mut script = script();
    script.patience = Millis::from_secs(5);
    let shown = play(hunt("sequential"), &script);
    assert_eq!(told(&shown), Vec::<String>::new());
    assert_eq!(shown.end, Some(crate::call::reasons::EndCause::CallerHungUp));
    let last: Option<Timestamp> = shown.path.last().map(|moment| moment.at);
    assert_eq!(last.unwrap().since(noon()), Millis::from_secs(5));
}

#[test]
fn a_caller_is_brought_to_one_after_the_other_and_into_a_queue_after_that() {
    let mut library = house();
    let ring = |id: &str, next: &str| {
        format!(
            r#"{{"id": "{id}", "app": "connect", "to": {{"is": "number", "number": "+442079460011"}}, "outlets": {{"after": "{next}"}}}}"#
        )
    };
    let more = format!(
        r#", {{"id": "c", "is": "action", "apps": [{}]}},
           {{"id": "d", "is": "action", "apps": [{{"id": "wait", "app": "queue", "queue": "{SALES}", "outlets": {{"after": "x"}}}}]}}"#,
        ring("two", "d")
    );
    publish(&mut library, MAIN, AT_OURS, &containers(&ring("one", "c"), &more));
    let mut script = script();
    script.rung = vec![answers(2, "")];
    script.waits = vec![Waits::Answered {
        after: Millis::from_secs(9),
        agent: ANN.into(),
        talk: Millis::from_secs(20),
    }];
    let shown = play(library, &script);
    assert_eq!(
        told(&shown),
        ["one after", "two after", "wait after", "x finished"]
    );
}
