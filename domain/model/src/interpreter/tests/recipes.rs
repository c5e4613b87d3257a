//! What tenants draw most: extensions dialled by the caller, diverts, rotas, important callers.

use super::house::*;
use super::*;
use crate::Millis;
use crate::call::parties::Party;

fn answers(script: &mut Script, node: &str, fields: &[(&str, &str)]) {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let reply = super::super::rehearsal::Reply {
        after: Millis(300),
        says: Says::Found(fields.collect()),
    };
    script.answers.insert(node.to_owned(), reply);
}

fn rung(shown: &Rehearsal) -> Vec<Party> {
    let rings = shown.effects().filter_map(|effect| match effect {
        Effect::Ring { party, .. } => Some(party.clone()),
        _ => None,
    });
    rings.collect()
}

fn agent(user: crate::ids::UserId) -> Party {
    Party::Agent {
        agent: user.into(),
        device: None,
    }
}

#[test]
fn a_caller_dials_the_extension_of_a_user_or_else_of_a_group() {
    let containers = format!(
        r##"{{"id": "a", "is": "action", "apps": [
            {{"id": "ext", "app": "digits", "prompt": {}, "into": "Ext", "min": 4, "max": 4, "finish_key": "#",
              "outlets": {{"matched": "find"}}}}, {{"id": "sorry", "app": "speak", "say": [{{"is": "text", "text": "Goodbye"}}]}}]}},
           {{"id": "find", "is": "action", "apps": [
            {{"id": "user", "app": "query", "find": {{"is": "builder", "object": "User__c", "fields": ["Id"],
              "conditions": [{{"field": "SipExtension__c", "with": "$(Custom_Ext)"}}]}}, "outlets": {{"found": "ring"}}}},
            {{"id": "group", "app": "query", "find": {{"is": "builder", "object": "Group__c", "fields": ["Id"],
              "conditions": [{{"field": "Extension__c", "with": "$(Custom_Ext)"}}]}}, "outlets": {{"found": "all"}}}},
            {{"id": "none", "app": "speak", "say": [{{"is": "text", "text": "Nobody has $(Custom_Ext)"}}]}}]}},
           {{"id": "ring", "is": "action", "apps": [
            {{"id": "one", "app": "connect", "to": {{"is": "user", "user": "$(Custom_Ext)"}}}}]}},
           {{"id": "all", "is": "action", "apps": [
            {{"id": "many", "app": "connect", "to": {{"is": "group", "group": "$(Custom_Ext)"}}}}]}}"##,
        says("Which extension?")
    );
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers);
    let mut script = script();
    script.keys = vec!["2105#".to_owned()];
    answers(&mut script, "user", &[("Id", "a0B")]);
    assert_eq!(rung(&play(library.clone(), &script)), [agent(BOB)]);
    script.keys = vec!["2200#".to_owned()];
    script.answers.clear();
    answers(&mut script, "group", &[("Id", "a0C")]);
    assert_eq!(rung(&play(library.clone(), &script)), [agent(ANN), agent(BOB)]);
    script.answers.clear();
    let shown = play(library, &script);
    assert_eq!(spoken(&shown), ["Which extension?", "Nobody has 2200"]);
}

#[test]
fn a_call_to_who_is_away_is_diverted() {
    let apps = r#"{"id": "away", "app": "query", "into": "Divert", "find": {"is": "soql",
            "soql": "SELECT Number__c FROM OutOfOffice__c WHERE Active__c = true AND Extension__c = $(CalledExtension)"},
            "outlets": {"found": "c"}},
        {"id": "desk", "app": "connect", "to": {"is": "dialled"}}"#;
    let divert = r#", {"id": "c", "is": "action", "apps": [
        {"id": "divert", "app": "connect", "to": {"is": "number", "number": "$(Divert.Number__c)"}}]}"#;
    let mut library = house();
    let start = r#"{"id": "in", "start": {"is": "direct_numbers"}, "next": "a"}"#;
    publish_as(
        &mut library,
        MAIN,
        (1, "system"),
        start,
        &containers(apps, divert),
    );
    let mut script = script();
    script.entrance = crate::call::parties::Entrance::Number {
        number: crate::testing::sample::number(ANNS),
    };
    assert_eq!(rung(&play(library.clone(), &script)), [agent(ANN)]);
    answers(&mut script, "away", &[("Number__c", "+447700900123")]);
    let shown = play(library, &script);
    assert!(
        matches!(&rung(&shown)[..], [Party::Number { number }] if number.reveal().unwrap().as_str() == "+447700900123")
    );
    assert_eq!(input(&shown, "away", "CalledExtension"), Some("2104".to_owned()));
}

#[test]
fn a_rota_says_who_is_on_call_and_a_rota_that_is_away_does_not_hold_up_the_caller() {
    let apps = r#"{"id": "rota", "app": "http", "url": "https://rota.example.com/now", "fields": ["Number"], "into": "OnCall",
            "deadline_ms": 2000, "outlets": {"found": "c", "too_late": "x"}}"#;
    let on_call = r#", {"id": "c", "is": "action", "apps": [
        {"id": "ring", "app": "connect", "to": {"is": "number", "number": "$(OnCall.Number)"}}]}"#;
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers(apps, on_call));
    let mut script = script();
    answers(&mut script, "rota", &[("Number", "+447700900124")]);
    assert_eq!(
        told(&play(library.clone(), &script)),
        ["rota found", "ring no_answer"]
    );
    if let Some(reply) = script.answers.get_mut("rota") {
        reply.after = Millis::from_secs(3);
    }
    let shown = play(library, &script);
    assert_eq!(told(&shown), ["rota too_late", "x finished"]);
    let waited = shown.decisions().nth(1).map(|decision| decision.at.since(noon()));
    assert_eq!(waited, Some(Millis(2_000)));
}

#[test]
fn important_callers_are_known_by_a_lookup_and_go_to_their_own_agent() {
    let apps = format!(
        r#"{{"id": "who", "app": "query", "find": {{"is": "builder", "object": "Contact", "fields": ["Tier__c", "Owner.Name"],
              "conditions": [{{"field": "Phone", "with": "$(CallerNumber)"}}]}}}},
           {{"id": "vip", "app": "rule", "when": {{"is": "compare", "value": "$(MyData.Tier__c)", "operator": "equals", "with": "gold"}},
             "outlets": {{"matched": "c"}}}},
           {{"id": "wait", "app": "queue", "queue": "{SALES}"}}"#
    );
    let own = r#", {"id": "c", "is": "action", "apps": [
        {"id": "owner", "app": "connect", "to": {"is": "user", "user": "$(MyData.Owner.Name)"}}]}"#;
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers(&apps, own));
    let mut script = script();
    answers(&mut script, "who", &[("Tier__c", "Gold"), ("Owner.Name", "Bob")]);
    let shown = play(library.clone(), &script);
    assert_eq!(rung(&shown), [agent(BOB)]);
    assert_eq!(told(&shown), ["who found", "vip matched", "owner no_answer"]);
    script.answers.clear();
    assert_eq!(
        told(&play(library, &script))[..3],
        ["who not_found", "vip not_matched", "wait max_wait"]
    );
}
