//! Starts, and ways from policy to policy: what goes along, and what stays behind.

use super::house::*;
use super::live::{CALLER_LEG, Live};
use super::*;
use crate::Millis;
use crate::call::Event;
use crate::call::parties::Entrance;
use crate::call::reasons::EndCause;
use crate::testing::sample::{id, number, text};

fn two(first: &str, starts: &str, second: &str) -> Library {
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, first);
    publish(&mut library, OTHER, starts, second);
    library
}

fn over(trunk: &str, called: Option<&str>) -> Entrance {
    Entrance::Trunk {
        trunk: text(trunk),
        called: called.map(number),
    }
}

const SAYS_ALL: &str = r#"{"id": "b", "is": "action", "apps": [{"id": "say", "app": "speak",
    "say": [{"is": "text", "text": "$(Custom_Lang), $(Language), $(MyData.Tier)."}]}]}"#;

fn sets_and_goes(to: &str) -> String {
    format!(
        r#"{{"id": "a", "is": "action", "next": "go", "apps": [
            {{"id": "ask", "app": "query", "find": {{"is": "soql", "soql": "SELECT Tier FROM Contact"}}}},
            {{"id": "set", "app": "properties", "set": [{{"name": "Lang", "value": "french"}}], "language": "fr"}}]}},
           {{"id": "go", {to}}}"#
    )
}

fn found() -> Script {
    let mut script = script();
    script.other_answers.says = Says::Found(vec![("Tier".to_owned(), "gold".to_owned())]);
    script
}

#[test]
fn only_custom_properties_follow_the_call_into_another_policy() {
    let first = sets_and_goes(&format!(
        r#""is": "to_policy", "policy": "{OTHER}", "carry": [{{"name": "Tier", "value": "$(MyData.Tier)"}}]"#
    ));
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"}"#;
    let shown = play(two(&first, start, SAYS_ALL), &found());
    assert_eq!(spoken(&shown), ["french, en, ."]);
    assert_eq!(
        told(&shown),
        ["ask found", "set next", "go handed_over", "say next"]
    );
    let tier = SAYS_ALL.replace("$(MyData.Tier)", "$(Custom_Tier)");
    let shown = play(two(&first, start, &tier), &found());
    assert_eq!(spoken(&shown), ["french, en, gold."]);
}

#[test]
fn a_policy_is_entered_at_the_start_that_was_named() {
    let starts = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"},
        {"id": "t", "start": {"is": "from_policy", "entry": "vip"}, "next": "c"}"#;
    let second = format!("{SAYS_ALL}, {}", r#"{"id": "c", "is": "finish"}"#);
    let first = format!(r#"{{"id": "a", "is": "to_policy", "policy": "{OTHER}", "entry": "vip"}}"#);
    let shown = play(two(&first, starts, &second), &script());
    assert_eq!(told(&shown), ["a handed_over", "c finished"]);
}

#[test]
fn a_start_that_is_not_there_is_stood_in_for_by_the_one_without_a_name() {
    let first = format!(r#"{{"id": "a", "is": "to_policy", "policy": "{OTHER}", "entry": "vip"}}"#);
    let second = r#"{"id": "b", "is": "finish"}, {"id": "c", "is": "finish"}"#;
    let starts = r#"{"id": "s", "start": {"is": "from_policy", "entry": "gold"}, "next": "b"},
        {"id": "t", "start": {"is": "from_policy"}, "next": "c"}"#;
    let shown = play(two(&first, starts, second), &script());
    assert_eq!(told(&shown), ["a handed_over", "c finished"]);
    let named = r#"{"id": "s", "start": {"is": "from_policy", "entry": "gold"}, "next": "b"}"#;
    for first in [first.clone(), first.replace(r#", "entry": "vip""#, "")] {
        let shown = play(two(&first, named, second), &script());
        assert_eq!(told(&shown), ["a handed_over"]);
        assert_eq!(shown.end, Some(fold::failed("no-such-entry")));
    }
}

#[test]
fn a_destination_is_invoked_by_its_name() {
    let start = r#"{"id": "s", "start": {"is": "destination", "name": "survey"}, "next": "b"}"#;
    let first = sets_and_goes(r#""is": "invoke", "destination": "survey""#);
    let shown = play(two(&first, start, SAYS_ALL), &found());
    assert_eq!(spoken(&shown), ["french, en, ."]);
    let nowhere = sets_and_goes(r#""is": "invoke", "destination": "nowhere""#);
    let shown = play(two(&nowhere, start, SAYS_ALL), &found());
    assert_eq!(shown.end, Some(fold::failed("no-such-destination")));
}

#[test]
fn a_policy_that_is_not_there_or_routes_messages_is_refused_with_a_reason() {
    let first = format!(r#"{{"id": "a", "is": "to_policy", "policy": "{OTHER}"}}"#);
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &first);
    let shown = play(library.clone(), &script());
    assert_eq!(told(&shown), ["a no_policy"]);
    assert_eq!(shown.end, Some(fold::failed("no-such-policy")));
    let start = r#"{"id": "s", "start": {"is": "message"}, "next": "b"}"#;
    publish_as(
        &mut library,
        OTHER,
        (1, "digital"),
        start,
        r#"{"id": "b", "is": "finish"}"#,
    );
    let shown = play(library, &script());
    let reason = shown.decisions().find_map(|decision| match &decision.what {
        Decided::Branch { reason, .. } => Some(reason.to_string()),
        Decided::Entered { .. } => None,
    });
    assert_eq!(reason.unwrap(), "Other routes messages and cannot run for a call");
}

#[test]
fn a_call_begins_where_it_came_in() {
    let starts = |start: &str| format!(r#"{{"id": "in", "start": {start}, "next": "a"}}"#);
    let own = Entrance::Number { number: number(ANNS) };
    let extension = |digits: &str| Entrance::Extension {
        extension: text(digits),
    };
    for (start, kind, entrance) in [
        (
            r#"{"is": "number", "number": "+442079460000"}"#,
            "call",
            at_ours(),
        ),
        (
            r#"{"is": "extension", "pattern": "8xxx"}"#,
            "call",
            extension("8123"),
        ),
        (
            r#"{"is": "extension", "pattern": "8123"}"#,
            "call",
            extension("8123"),
        ),
        (r#"{"is": "trunk", "trunk": "pbx"}"#, "call", over("pbx", None)),
        (
            r#"{"is": "destination", "name": "survey"}"#,
            "call",
            Entrance::Destination { name: text("survey") },
        ),
        (r#"{"is": "direct_numbers"}"#, "system", own),
        (r#"{"is": "direct_numbers"}"#, "system", extension("2105")),
    ] {
        let mut library = house();
        let finish = r#"{"id": "a", "is": "finish"}"#;
        publish_as(&mut library, MAIN, (1, kind), &starts(start), finish);
        let mut script = script();
        script.entrance = entrance;
        assert_eq!(told(&play(library, &script)), ["a finished"], "{start}");
    }
}

#[test]
fn a_trunk_tells_macros_and_rules_which_number_was_dialled() {
    let start = r#"{"id": "in", "start": {"is": "trunk", "trunk": "pbx"}, "next": "a"}"#;
    let apps = r#"{"id": "say", "app": "speak", "say": [{"is": "text", "text": "You rang $(CalledNumber)."}]},
        {"id": "rule", "app": "rule", "outlets": {"matched": "x"},
         "when": {"is": "number", "number": "called", "test": {"is": "prefix", "prefix": "+44"}}}"#;
    let mut library = house();
    publish(&mut library, MAIN, start, &containers(apps, ""));
    for (called, said, branch) in [
        (Some("+442079460055"), "You rang +442079460055.", "rule matched"),
        (Some("+12025550155"), "You rang +12025550155.", "rule not_matched"),
        (None, "You rang .", "rule not_matched"),
    ] {
        let mut script = script();
        script.entrance = over("pbx", called);
        let shown = play(library.clone(), &script);
        assert_eq!(spoken(&shown), [said]);
        assert_eq!(told(&shown)[1], branch);
    }
}

#[test]
fn phones_show_the_name_of_the_number_until_the_policy_names_the_caller_and_callers_hear_their_own() {
    let start = r#"{"id": "in", "start": {"is": "number", "number": "+442079460000", "caller_name": "Shop line"}, "next": "a"}"#;
    let apps = r#"{"id": "one", "app": "speak", "say": [{"is": "text", "text": "Hello $(CallerName)."}]},
        {"id": "ring", "app": "connect", "to": {"is": "user", "user": "$(Custom_None)2104"}},
        {"id": "set", "app": "properties", "caller_name": "VIP"},
        {"id": "two", "app": "speak", "say": [{"is": "text", "text": "$(CallerName)"}]}"#;
    let mut library = house();
    let more = format!(
        r#"{{"id": "a", "is": "action", "apps": [{apps}], "next": "go"}}, {{"id": "go", "is": "to_policy", "policy": "{OTHER}"}}"#
    );
    publish(&mut library, MAIN, start, &more);
    let other = r#"{"id": "b", "is": "action", "apps": [{"id": "three", "app": "speak", "say": [{"is": "text", "text": "$(CallerName)!"}]}]}"#;
    publish(
        &mut library,
        OTHER,
        r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"}"#,
        other,
    );
    let shown = play(library, &script());
    assert_eq!(spoken(&shown), ["Hello .", "VIP", "VIP!"]);
    let seen = shown.effects().find_map(|effect| match effect {
        Effect::Ring { name, .. } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(seen, Some(Some("Shop line".to_owned())));
}

#[test]
fn a_direct_number_rings_whoever_has_it() {
    let mut library = house();
    let start = r#"{"id": "in", "start": {"is": "direct_numbers"}, "next": "a"}"#;
    let ring = r#"{"id": "a", "is": "action", "apps": [
        {"id": "ring", "app": "connect", "to": {"is": "dialled"}},
        {"id": "box", "app": "voicemail", "mailbox": {"is": "dialled"}}]}"#;
    publish_as(&mut library, MAIN, (1, "system"), start, ring);
    let mut script = script();
    script.entrance = Entrance::Number { number: number(ANNS) };
    let shown = play(library, &script);
    assert_eq!(told(&shown), ["ring no_answer", "box left"]);
    let left = shown.events.iter().find_map(|event| match event {
        Event::VoicemailLeft { mailbox, .. } => Some(*mailbox),
        _ => None,
    });
    assert_eq!(left, Some(crate::call::parties::Mailbox::User { user: ANN }));
}

#[test]
fn a_number_rings_as_often_as_its_start_says_before_it_is_answered() {
    let mut library = house();
    let start = r#"{"id": "in", "start": {"is": "number", "number": "+442079460000", "rings": 4, "ringtone": "gong"}, "next": "a"}"#;
    publish(
        &mut library,
        MAIN,
        start,
        &containers(
            r#"{"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hi"}]}"#,
            "",
        ),
    );
    let shown = play(library, &script());
    let answer = shown.effects().find_map(|effect| match effect {
        Effect::Answer { rings, ringtone, .. } => Some((*rings, *ringtone)),
        _ => None,
    });
    use crate::routing_policy::graph::starts::Ringtone;
    assert_eq!(answer, Some((4, Ringtone::Gong)));
}

#[test]
fn a_policy_that_goes_round_in_circles_ends_with_an_apology() {
    let mut library = house();
    let circle = r#"{"id": "a", "is": "action", "next": "b", "apps": [{"id": "gate", "app": "gate", "milestone": "again"}]},
        {"id": "b", "is": "action", "apps": [], "next": "a"}"#;
    publish(&mut library, MAIN, AT_OURS, circle);
    let shown = play(library.clone(), &script());
    assert_eq!(shown.decisions().count(), crate::call::routing::STEPS_MAX);
    assert_eq!(shown.end, Some(fold::failed("policy-in-circles")));
    let said = r#"{"id": "a", "is": "action", "next": "b", "apps": [{"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hi"}]}]},
        {"id": "b", "is": "action", "apps": [], "next": "b"}"#;
    publish(&mut library, MAIN, AT_OURS, said);
    let shown = play(library, &script());
    assert_eq!(spoken(&shown), ["Hi", "We are sorry."]);
    assert_eq!(shown.end, Some(fold::failed("policy-in-circles")));
}

#[test]
fn people_are_told_at_the_end_with_what_the_call_had_gathered() {
    let apps = format!(
        r#"{{"id": "ask", "app": "query", "find": {{"is": "soql", "soql": "SELECT Tier FROM Contact"}}}},
           {{"id": "tell", "app": "notify", "when": "at_call_end", "send": [
             {{"is": "email", "to": ["a@example.com"], "subject": "$(MyData.Tier)", "body": "$(EndCause) after $(CallSeconds) s"}},
             {{"is": "desk", "to": {{"is": "user", "user": "{ANN}"}}, "text": "gone"}}]}},
           {{"id": "wait", "app": "queue", "queue": "Sales $(Custom_None)"}}"#
    );
    let apps = apps.replace("Sales $(Custom_None)", &SALES.to_string());
    let mut script = found();
    script.patience = Millis::from_secs(65);
    let shown = play(one_app(&apps), &script);
    assert_eq!(shown.end, Some(EndCause::CallerHungUp));
    let told: Vec<_> = shown
        .effects()
        .filter_map(|effect| match effect {
            Effect::Notify { nth, notice, .. } => Some((nth.0, notice.clone())),
            _ => None,
        })
        .collect();
    let email = effect::Message::Email {
        to: vec!["a@example.com".to_owned()],
        subject: "gold".to_owned(),
        body: "caller_hung_up after 65 s".to_owned(),
    };
    let desk = effect::Message::Desk {
        to: Some(vec![ANN]),
        text: "gone".to_owned(),
    };
    assert_eq!(told, [(1, email), (2, desk)]);
}

#[test]
fn a_policy_that_the_end_begins_works_on_what_is_known_of_the_call() {
    let mut library = one_app(
        r#"{"id": "set", "app": "properties", "set": [{"name": "Topic", "value": "price"}]},
           {"id": "tell", "app": "notify", "when": "at_call_end", "send": [{"is": "sms", "to": "+442079460000", "text": "Over"}]}"#,
    );
    let start = r#"{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "b"}"#;
    let after = r#"{"id": "b", "is": "action", "apps": [
        {"id": "late", "app": "speak", "say": [{"is": "text", "text": "Nobody hears this"}]},
        {"id": "write", "app": "create", "object": "CallEvent__c", "values": [
            {"field": "Cause", "value": "$(Payload_Event.cause.is)"}, {"field": "Topic", "value": "$(Custom_Topic)"}]},
        {"id": "look", "app": "debug", "to": ["a@example.com"], "show": ["$(EndCause)"], "level": "error"}]}"#;
    publish_as(&mut library, OTHER, (1, "data_analytics"), start, after);
    let shown = play(library, &script());
    assert_eq!(
        told(&shown),
        [
            "set next",
            "tell next",
            "then finished",
            "late next",
            "write error",
            "look next"
        ]
    );
    assert_eq!(
        input(&shown, "write", "Payload_Event.cause.is"),
        Some("private policy_ended".to_owned())
    );
    assert_eq!(
        input(&shown, "write", "Custom_Topic"),
        Some("private price".to_owned())
    );
    assert!(spoken(&shown).is_empty());
    let notices = shown
        .effects()
        .filter(|effect| matches!(effect, Effect::Notify { .. }));
    assert_eq!(notices.count(), 1);
    assert!(
        shown
            .effects()
            .any(|effect| matches!(effect, Effect::Debug { .. }))
    );
}

#[test]
fn a_caller_who_could_not_be_connected_waits_on_in_the_same_step() {
    let apps =
        format!(r#"{{"id": "wait", "app": "queue", "queue": "{SALES}", "outlets": {{"after": "x"}}}}"#);
    let mut script = script();
    let agent = ANN.into();
    let after = Millis::from_secs(10);
    let talk = Millis::from_secs(60);
    script.waits = vec![
        Waits::NotConnected { after, agent },
        Waits::Answered { after, agent, talk },
    ];
    let shown = play(one_app(&apps), &script);
    let waits = shown
        .events
        .iter()
        .filter(|event| matches!(event, Event::Queued { .. }));
    assert_eq!(waits.count(), 2);
    assert_eq!(told(&shown), ["wait after", "x finished"]);
}

#[test]
fn skills_and_priority_go_with_the_caller_into_the_queue() {
    let skill = "0198c0de-0000-7000-8000-000000000060";
    let apps = format!(
        r#"{{"id": "skills", "app": "skills", "need": [{{"skill": "{skill}", "at_least": 55}}]}},
           {{"id": "set", "app": "properties", "priority": "3"}},
           {{"id": "wait", "app": "queue", "queue": "$(Custom_Queue)Sales"}}"#
    );
    let shown = play(one_app(&apps), &script());
    let queued = shown.events.iter().find_map(|event| match event {
        Event::Queued {
            queue,
            priority,
            skills,
            ..
        } => Some((*queue, priority.map(|priority| priority.number()), skills.len())),
        _ => None,
    });
    assert_eq!(queued, Some((SALES, Some(3), 1)));
}

#[test]
fn what_a_policy_has_a_caller_told_goes_with_them_into_the_queue() {
    let apps = format!(
        r#"{{"id": "wait", "app": "queue", "queue": "{SALES}", "announcements": {{"estimated_wait": false,
            "first_after_ms": 10000, "every_ms": 20000, "comfort": [{}, {}]}}}}"#,
        says("Thank you, $(CallerNumber)"),
        says("Nearly there")
    );
    let shown = play(one_app(&apps), &script());
    let queued = shown.events.iter().find_map(|event| match event {
        Event::Queued { told, .. } => *told,
        _ => None,
    });
    let wanted = crate::queue::PolicyTold {
        position: true,
        estimated_wait: false,
        first_after_ms: Millis::from_secs(10),
        every_ms: Millis::from_secs(20),
        speeches: 2,
    };
    assert_eq!(queued, Some(wanted));
    let speeches = shown.effects().find_map(|effect| match effect {
        Effect::Attend { speeches, .. } => Some(speeches.clone()),
        _ => None,
    });
    let texts: Vec<_> = speeches
        .into_iter()
        .flatten()
        .flat_map(|speech| speech.say)
        .collect();
    let text = |text: String| effect::Say::Text(text);
    assert_eq!(
        texts,
        [
            text(format!("Thank you, {CALLER}")),
            text("Nearly there".to_owned())
        ]
    );
}

#[test]
fn every_policy_that_names_an_event_runs_for_it() {
    let mut library = one_app("");
    let start = r#"{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "b"}"#;
    let third = crate::ids::RoutingPolicyId::new(id(19));
    for (policy, milestone) in [(OTHER, "one"), (third, "two")] {
        let gate = format!(
            r#"{{"id": "b", "is": "action", "apps": [{{"id": "{milestone}", "app": "gate", "milestone": "{milestone}",
                "value": "$(Payload_Event.cause.is)"}}]}}"#
        );
        publish_as(&mut library, policy, (1, "data_analytics"), start, &gate);
    }
    let shown = play(library, &script());
    assert_eq!(told(&shown), ["a next", "then finished", "one next", "two next"]);
    for node in ["one", "two"] {
        assert_eq!(
            input(&shown, node, "value"),
            Some("private policy_ended".to_owned())
        );
    }
}

#[test]
fn a_policy_that_lost_its_start_before_it_ran_runs_once_or_not_at_all() {
    let begins = |milestone: &str, start: &str| {
        let gate = format!(
            r#"{{"id": "b", "is": "action", "apps": [{{"id": "{milestone}", "app": "gate", "milestone": "{milestone}"}}]}}"#
        );
        (start.to_owned(), gate)
    };
    let (start, gate) = begins(
        "one",
        r#"{"id": "in", "start": {"is": "event", "kind": "CallOffered"}, "next": "b"}"#,
    );
    let mut library = one_app(&format!(
        r#"{{"id": "wait", "app": "queue", "queue": "{SALES}"}}"#
    ));
    publish_as(&mut library, OTHER, (1, "data_analytics"), &start, &gate);
    let mut live = Live::calls(library, at_ours());
    let (start, gate) = begins(
        "two",
        r#"{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "b"}"#,
    );
    live.changes(|library| publish_as(library, OTHER, (2, "data_analytics"), &start, &gate));
    live.ends(CALLER_LEG, crate::call::reasons::LegCause::HungUp);
    let decided: Vec<_> = live.decided().into_iter().map(|(decided, _)| decided).collect();
    assert_eq!(decided, ["two next"]);
    assert!(live.machine.state().is_done());
    assert!(live.events.len() < 20, "{}", live.events.len());
}

#[test]
fn the_last_recording_counts_whichever_policy_asked_for_it() {
    let mut library = house();
    let over = format!(r#", {{"id": "o", "is": "to_policy", "policy": "{OTHER}"}}"#);
    publish(
        &mut library,
        MAIN,
        AT_OURS,
        &containers(r#"{"id": "one", "app": "record"}"#, &over)
            .replace(r#""next": "then""#, r#""next": "o""#),
    );
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"}"#;
    publish(
        &mut library,
        OTHER,
        start,
        r#"{"id": "b", "is": "action", "apps": [{"id": "two", "app": "record"}]}"#,
    );
    let shown = play(library, &script());
    let over = shown
        .events
        .iter()
        .filter(|event| matches!(event, Event::RecordingFailed { .. }));
    assert_eq!(over.count(), 2, "the first by the second, and that with the call");
    let asked = shown
        .events
        .iter()
        .position(|event| matches!(event, Event::RecordingFailed { .. }));
    let second = shown
        .events
        .iter()
        .rposition(|event| matches!(event, Event::RecordingRequested { .. }));
    assert!(
        asked < second,
        "the first is given up before the second is asked for"
    );
}

#[test]
fn a_caller_who_is_handed_to_a_policy_that_is_gone_hears_an_apology() {
    let mut library = house();
    let gone = format!(
        r#"{{"id": "a", "is": "action", "apps": [{{"id": "hello", "app": "speak", "say": [{{"is": "text", "text": "Hello"}}]}}], "next": "o"}},
        {{"id": "o", "is": "to_policy", "policy": "{OTHER}"}}"#
    );
    publish(&mut library, MAIN, AT_OURS, &gone);
    let shown = play(library, &script());
    assert_eq!(spoken(&shown), ["Hello", "We are sorry."]);
    assert!(matches!(&shown.end, Some(EndCause::Failed { reason }) if reason.as_str() == "no-such-policy"));
}

#[test]
fn the_last_recording_counts() {
    let apps =
        r#"{"id": "one", "app": "record"}, {"id": "two", "app": "record", "legs": "this", "analyse": true}"#;
    let shown = play(one_app(apps), &script());
    let kinds: Vec<_> = shown
        .events
        .iter()
        .filter_map(|event| match event {
            Event::RecordingRequested { .. } => Some("asked"),
            Event::RecordingFailed { .. } => Some("over"),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, ["asked", "over", "asked", "over"]);
}

#[test]
fn a_call_that_no_policy_begins_with_goes_where_all_others_go() {
    let mut library = house();
    let start = r#"{"id": "in", "start": {"is": "destination", "name": "default-inbound"}, "next": "a"}"#;
    publish(&mut library, MAIN, start, r#"{"id": "a", "is": "finish"}"#);
    for entrance in [at_ours(), over("pbx", None)] {
        let mut script = script();
        script.entrance = entrance;
        assert_eq!(told(&play(library.clone(), &script)), ["a finished"]);
    }
}
