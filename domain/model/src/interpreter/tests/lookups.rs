//! Questions whose macros hold nothing, or something that is more than text where it is put in.

use super::effect::Question;
use super::house::*;
use super::*;

fn questions(shown: &Rehearsal) -> Vec<Question> {
    let asked = shown.effects().filter_map(|effect| match effect {
        Effect::Ask { question, .. } => Some(question.clone()),
        _ => None,
    });
    asked.collect()
}

fn reason(shown: &Rehearsal, of: &str) -> String {
    let reasons = shown.decisions().find_map(|decision| match &decision.what {
        Decided::Branch { node, reason, .. } if node.as_str() == of => Some(reason.as_str().to_owned()),
        Decided::Branch { .. } | Decided::Entered { .. } => None,
    });
    reasons.expect("it was decided")
}

fn builder(together: &str, conditions: &str) -> String {
    format!(
        r#"{{"id": "ask", "app": "query", "outlets": {{"found": "x"}}, "find": {{"is": "builder", "object": "Contact",
            "together": "{together}", "conditions": [{conditions}], "fields": ["Id"]}}}}"#
    )
}

const BY_PHONE: &str = r#"{"field": "Phone", "with": "$(CallerNumber)"}"#;

#[test]
fn a_caller_without_a_number_is_not_taken_for_a_record_without_one() {
    let soql = r#"{"id": "ask", "app": "query", "outlets": {"found": "x"},
        "find": {"is": "soql", "soql": "SELECT Id FROM Contact WHERE Phone = $(CallerNumber)"}}"#;
    let mixed = format!(r#"{{"field": "Type", "operator": "is_set"}}, {BY_PHONE}"#);
    let begins = r#"{"field": "Phone", "operator": "begins", "with": "+44$(CallerNumber)"}"#;
    for app in [
        soql.to_owned(),
        builder("all", BY_PHONE),
        builder("any", BY_PHONE),
        builder("all", &mixed),
        builder("any", begins),
    ] {
        let mut script = script();
        script.other_answers.says = Says::Found(vec![("Id".to_owned(), "003A".to_owned())]);
        assert_eq!(told(&play(one_app(&app), &script))[0], "ask found", "{app}");
        script.caller = None;
        let shown = play(one_app(&app), &script);
        assert_eq!(told(&shown), ["ask not_found", "then finished"], "{app}");
        assert_eq!(questions(&shown), [], "{app}");
        assert_eq!(
            reason(&shown, "ask"),
            "$(CallerNumber) holds nothing, so that nothing is looked for"
        );
        assert_eq!(input(&shown, "ask", "CallerNumber").as_deref(), Some(UNKNOWN));
    }
}

#[test]
fn of_conditions_of_which_any_may_hold_those_that_are_known_are_asked() {
    let any = format!(r#"{BY_PHONE}, {{"field": "Email", "with": "$(PolicyName)@example.com"}}"#);
    let mut script = script();
    script.caller = None;
    let shown = play(one_app(&builder("any", &any)), &script);
    let [Question::Find { conditions, .. }] = &questions(&shown)[..] else {
        panic!("it is asked once");
    };
    let [(field, _, with)] = &conditions[..] else {
        panic!("one is left: {conditions:?}");
    };
    assert_eq!(
        (field.as_str(), with.as_deref()),
        ("Email", Some("Main@example.com"))
    );
}

#[test]
fn what_a_macro_holds_stays_text_in_a_body_of_json() {
    let body = |body: &str| {
        let apps = format!(
            r#"{{"id": "set", "app": "properties", "set": [{{"name": "X", "value": "a\", \"admin\": true \\"}},
                {{"name": "N", "value": "7"}}, {{"name": "L", "value": "[1]"}}]}},
               {{"id": "ask", "app": "http", "method": "post", "url": "https://example.com/", "body": {}}}"#,
            serde_json::Value::from(body)
        );
        match &questions(&play(one_app(&apps), &script()))[..] {
            [Question::Http { body, .. }] => body.clone().expect("it has a body"),
            other => panic!("{other:?}"),
        }
    };
    let said = r#"a", "admin": true \"#;
    for (drawn, sent) in [
        (
            r#"{"who": "Mr $(Custom_X)", "n": $(Custom_N)}"#,
            r#"{"who": "Mr a\", \"admin\": true \\", "n": 7}"#.to_owned(),
        ),
        (
            r#"[$(Custom_X), $(Custom_L), $(Custom_None)]"#,
            r#"["a\", \"admin\": true \\", "[1]", null]"#.to_owned(),
        ),
        ("Mr $(Custom_X)", format!("Mr {said}")),
        ("$(Custom_X)", said.to_owned()),
    ] {
        assert_eq!(body(drawn), sent, "{drawn}");
    }
}
