//! Rules: numbers, macros, calendars, the block list, and groups of them.

use super::house::*;
use super::*;
use crate::testing::sample::number;

fn holds_at(when: &str, at: &str) -> bool {
    let mut script = script();
    script.at = at.parse().unwrap();
    holds_for(when, &script)
}

fn holds_for(when: &str, script: &Script) -> bool {
    let library = one_app(&format!(
        r#"{{"id": "rule", "app": "rule", "when": {when}, "outlets": {{"matched": "x"}}}}"#
    ));
    match told(&play(library, script)).first().map(String::as_str) {
        Some("rule matched") => true,
        Some("rule not_matched") => false,
        other => panic!("{other:?}"),
    }
}

fn holds(when: &str) -> bool {
    holds_for(when, &script())
}

fn calendar(state: &str) -> String {
    format!(r#"{{"is": "calendar", "calendar": "{NIGHT}", "state": "{state}"}}"#)
}

#[test]
fn a_calendar_is_asked_in_its_own_zone_past_midnight_and_on_holidays() {
    // New York is five hours behind: two in the morning of the 23rd is still of Sunday's night.
    for (at, open) in [
        ("2026-11-23T07:00:00Z", true),
        ("2026-11-23T10:00:00Z", false),
        ("2026-12-24T14:00:00Z", true),
        ("2026-12-25T02:00:00Z", false),
        ("2026-12-26T02:00:00Z", false),
    ] {
        assert_eq!(holds_at(&calendar("open"), at), open, "{at}");
        assert_eq!(holds_at(&calendar("closed"), at), !open, "{at}");
    }
    for (at, special, holiday) in [
        ("2026-11-23T07:00:00Z", false, false),
        ("2026-12-24T14:00:00Z", true, false),
        ("2026-12-25T18:00:00Z", true, true),
    ] {
        assert_eq!(holds_at(&calendar("special_day"), at), special, "{at}");
        assert_eq!(holds_at(&calendar("holiday"), at), holiday, "{at}");
    }
}

#[test]
fn numbers_are_looked_at_in_five_ways() {
    let caller = |test: &str| format!(r#"{{"is": "number", "number": "caller", "test": {test}}}"#);
    for (test, wanted) in [
        (r#"{"is": "one_of", "numbers": ["+12025550100"]}"#, true),
        (r#"{"is": "one_of", "numbers": ["+12025550101"]}"#, false),
        (r#"{"is": "prefix", "prefix": "+1202"}"#, true),
        (r#"{"is": "prefix", "prefix": "+44"}"#, false),
        (r#"{"is": "country", "country": "US"}"#, true),
        (r#"{"is": "country", "country": "GB"}"#, false),
        (r#"{"is": "pattern", "pattern": "+1202555xxxx"}"#, true),
        (r#"{"is": "pattern", "pattern": "+1202555x"}"#, false),
        (r#"{"is": "withheld"}"#, false),
    ] {
        assert_eq!(holds(&caller(test)), wanted, "{test}");
    }
    let mut hidden = script();
    hidden.caller = None;
    assert!(holds_for(&caller(r#"{"is": "withheld"}"#), &hidden));
    assert!(!holds_for(
        &caller(r#"{"is": "prefix", "prefix": "+1"}"#),
        &hidden
    ));
    assert!(holds(
        r#"{"is": "number", "number": "called", "test": {"is": "prefix", "prefix": "+4420"}}"#
    ));
}

#[test]
fn texts_compare_as_their_operator_says() {
    for (value, operator, with, wanted) in [
        ("Gold", "equals", "gold", true),
        ("Gold", "not_equals", "gold", false),
        ("Gold plus", "contains", "D P", true),
        ("Gold", "begins", "go", true),
        ("Gold", "ends", "LD", true),
        ("Gold", "matches", "g*d", true),
        ("10", "greater", "9", true),
        ("10", "at_least", "10.0", true),
        ("-2", "less", "1.5", true),
        ("b", "at_most", "a", false),
        ("a", "less", "b", true),
    ] {
        let when =
            format!(r#"{{"is": "compare", "value": "{value}", "operator": "{operator}", "with": "{with}"}}"#);
        assert_eq!(holds(&when), wanted, "{value} {operator} {with}");
    }
    assert!(holds(
        r#"{"is": "compare", "value": "$(Custom_Lang)", "operator": "is_not_set"}"#
    ));
    assert!(holds(
        r#"{"is": "compare", "value": "$(CallerNumber)", "operator": "is_set"}"#
    ));
}

#[test]
fn what_holds_nothing_fits_no_caller() {
    let compare = |value: &str, operator: &str, with: &str| {
        holds(&format!(
            r#"{{"is": "compare", "value": "{value}", "operator": "{operator}", "with": "{with}"}}"#
        ))
    };
    let (something, nothing) = ("$(CallerNumber)", "$(Custom_Prefix)");
    for operator in [
        "contains", "begins", "ends", "matches", "greater", "at_least", "less", "at_most",
    ] {
        for (value, with) in [
            (something, nothing),
            (nothing, something),
            (nothing, nothing),
            (nothing, "*"),
        ] {
            assert!(!compare(value, operator, with), "{value} {operator} {with}");
        }
    }
    assert!(compare(nothing, "equals", nothing) && !compare(something, "equals", nothing));
    assert!(compare(something, "not_equals", nothing) && !compare(nothing, "not_equals", nothing));
}

#[test]
fn a_calendar_that_does_not_exist_any_more_is_closed_and_the_run_has_failed() {
    let rule = |state: &str| {
        let look = r#"{"id": "look", "app": "debug", "to": ["a@example.com"], "show": ["$(CallId)"], "level": "error"}"#;
        let rule = format!(
            r#"{{"id": "rule", "app": "rule", "when": {}, "outlets": {{"matched": "b"}}}}"#,
            calendar(state)
        );
        let more = format!(r#", {{"id": "b", "is": "action", "apps": [{look}]}}"#);
        let mut library = house();
        publish(
            &mut library,
            MAIN,
            AT_OURS,
            &containers(&format!("{rule}, {}", look.replace("look", "pass")), &more),
        );
        library.calendars.clear();
        play(library, &script())
    };
    for (state, branch) in [
        ("closed", "rule matched"),
        ("open", "rule not_matched"),
        ("special_day", "rule not_matched"),
        ("holiday", "rule not_matched"),
    ] {
        let shown = rule(state);
        assert_eq!(told(&shown)[0], branch, "{state}");
        assert_eq!(
            input(&shown, "rule", &NIGHT.to_string()).as_deref(),
            Some("there is no such calendar, so it counts as closed")
        );
        let told = shown
            .effects()
            .any(|effect| matches!(effect, Effect::Debug { .. }));
        assert!(told, "who looks for a mistake is told of it");
    }
}

#[test]
fn groups_lie_in_each_other_and_no_more_is_looked_at_than_it_takes() {
    let (yes, no) = (
        r#"{"is": "compare", "value": "$(CallId)", "operator": "is_set"}"#,
        r#"{"is": "compare", "value": "$(Custom_Never)", "operator": "is_set"}"#,
    );
    for (when, wanted) in [
        (
            format!(r#"{{"is": "all", "of": [{yes}, {{"is": "any", "of": [{no}, {yes}]}}]}}"#),
            true,
        ),
        (format!(r#"{{"is": "all", "of": [{no}, {yes}]}}"#), false),
        (
            format!(r#"{{"is": "any", "of": [{no}, {{"is": "all", "of": [{yes}, {no}]}}]}}"#),
            false,
        ),
        (
            format!(r#"{{"is": "not", "of": {{"is": "all", "of": [{yes}, {no}]}}}}"#),
            true,
        ),
    ] {
        assert_eq!(holds(&when), wanted, "{when}");
    }
    let library = one_app(&format!(
        r#"{{"id": "rule", "app": "rule", "when": {{"is": "any", "of": [{yes}, {no}]}}}}"#
    ));
    let shown = play(library, &script());
    assert_eq!(input(&shown, "rule", "Custom_Never"), None);
    assert_eq!(input(&shown, "rule", "CallId"), Some(CALL.to_string()));
}

#[test]
fn a_blocked_caller_is_ended_by_a_rule_that_leads_nowhere() {
    let rule = r#"{"id": "gate", "app": "gate", "milestone": "nuisance"}, {"id": "rule", "app": "rule", "when": {"is": "blocked"}}"#;
    let mut script = script();
    script.caller = Some(number("+442079460066"));
    let shown = play(one_app(rule), &script);
    assert_eq!(told(&shown), ["gate next", "rule matched"]);
    assert_eq!(input(&shown, "gate", "milestone"), Some("nuisance".to_owned()));
    assert!(ended_by_policy(&shown));
    assert!(
        shown.effects().next().is_none(),
        "a blocked caller is not even answered"
    );
}

#[test]
fn an_unknown_value_is_said_in_the_inputs() {
    let library = one_app(
        r#"{"id": "rule", "app": "rule", "when": {"is": "compare", "value": "$(MyData.Tier)", "operator": "equals", "with": "gold"}}"#,
    );
    let shown = play(library, &script());
    assert_eq!(input(&shown, "rule", "MyData.Tier"), Some(UNKNOWN.to_owned()));
}
