//! Users who are out of office: where calls to them go.

use super::house::*;
use super::live::{CALLER_LEG, Live};
use super::*;
use crate::call::Event;
use crate::call::parties::{Entrance, Mailbox, Party};
use crate::ids::{PersonId, UserId};
use crate::tenant::user_settings::{Divert, DivertTo};
use crate::testing::sample::number;
use crate::{Millis, Private, Timestamp};

const RINGS_ANN: &str = r#"{"id": "ring", "app": "connect", "to": {"is": "extension", "extension": "2104"}, "outlets": {"after": "x"}}"#;

fn away(library: &mut Library, user: UserId, from: Timestamp, to: DivertTo) {
    let until = from.plus(Millis::from_secs(3_600));
    let divert = Divert { from, until, to };
    library.users.get_mut(&user).expect("a user").divert = Some(divert);
}

fn earlier() -> Timestamp {
    noon().minus(Millis::from_secs(60))
}

fn rung(shown: &Rehearsal) -> Vec<Party> {
    let created = shown.events.iter().filter_map(|event| match event {
        Event::LegCreated {
            party, hunt: Some(_), ..
        } => Some(party.clone()),
        _ => None,
    });
    created.collect()
}

fn agent(user: UserId) -> Party {
    Party::Agent {
        agent: user.into(),
        device: None,
    }
}

fn mailbox(shown: &Rehearsal) -> Option<Mailbox> {
    shown.events.iter().find_map(|event| match event {
        Event::VoicemailLeft { mailbox, .. } => Some(*mailbox),
        _ => None,
    })
}

#[test]
fn a_call_for_who_is_away_rings_whoever_stands_in() {
    let mut library = one_app(RINGS_ANN);
    away(&mut library, ANN, earlier(), DivertTo::User(BOB));
    // Whoever stands in is rung although they are away as well, or two could divert to each other for ever.
    away(&mut library, BOB, earlier(), DivertTo::User(ANN));
    let shown = play(library, &script());
    assert_eq!(rung(&shown), [agent(BOB)]);
    assert_eq!(input(&shown, "ring", "out_of_office"), Some(ANN.to_string()));
    assert_eq!(input(&shown, "ring", "diverted_to"), Some(BOB.to_string()));
}

#[test]
fn a_call_for_who_is_away_rings_a_number_of_their_own() {
    let mut library = one_app(RINGS_ANN);
    let own = Private::new(PersonId::new(ANN.uuid()), number("+447700900123"));
    away(&mut library, ANN, earlier(), DivertTo::Number(own.clone()));
    let shown = play(library, &script());
    assert_eq!(rung(&shown), [Party::Number { number: own }]);
}

#[test]
fn a_call_for_who_is_away_goes_to_their_voicemail() {
    let mut library = one_app(RINGS_ANN);
    away(&mut library, ANN, earlier(), DivertTo::Voicemail);
    let mut script = script();
    script.leaves_message = false;
    let shown = play(library.clone(), &script);
    assert_eq!(rung(&shown), []);
    assert_eq!(told(&shown), ["ring no_answer", "then finished"]);
    script.leaves_message = true;
    let shown = play(library, &script);
    assert_eq!(told(&shown), ["ring after", "x finished"]);
    assert_eq!(mailbox(&shown), Some(Mailbox::User { user: ANN }));
}

#[test]
fn a_call_for_who_is_away_goes_to_their_voicemail_where_nobody_can_stand_in() {
    let mut library = one_app(RINGS_ANN);
    away(&mut library, ANN, earlier(), DivertTo::User(BOB));
    library.users.remove(&BOB);
    let mut script = script();
    script.leaves_message = true;
    let shown = play(library, &script);
    assert_eq!(mailbox(&shown), Some(Mailbox::User { user: ANN }));
}

#[test]
fn who_is_back_or_not_yet_gone_is_rung() {
    let hour = Millis::from_secs(3_600);
    for from in [noon().minus(hour), noon().plus(Millis(1))] {
        let mut library = one_app(RINGS_ANN);
        away(&mut library, ANN, from, DivertTo::Voicemail);
        assert_eq!(rung(&play(library, &script())), [agent(ANN)], "{from}");
    }
}

#[test]
fn an_absence_that_begins_while_it_rings_changes_nothing() {
    let mut library = one_app(RINGS_ANN);
    away(
        &mut library,
        ANN,
        noon().plus(Millis::from_secs(5)),
        DivertTo::User(BOB),
    );
    assert_eq!(rung(&play(library, &script())), [agent(ANN)]);
}

#[test]
fn who_says_while_they_talk_that_they_are_away_goes_on_talking() {
    let mut live = Live::calls(one_app(RINGS_ANN), at_ours());
    let leg = live.effects.iter().find_map(|effect| match effect {
        Effect::Ring { leg, .. } => Some(*leg),
        _ => None,
    });
    let leg = leg.expect("Ann's telephone rings");
    live.answers(leg);
    live.answers(CALLER_LEG);
    live.changes(|library| away(library, ANN, earlier(), DivertTo::Voicemail));
    let takes = |effect: &Effect| matches!(effect, Effect::TakeMessage { .. });
    assert!(!live.effects.iter().any(takes));
    assert!(!live.restarts().iter().any(takes));
    live.ends(leg, crate::call::reasons::LegCause::HungUp);
    assert_eq!(live.decided()[0].0, "ring after");
}

#[test]
fn who_is_away_is_left_out_where_several_are_rung() {
    let group = format!(
        r#"{{"id": "ring", "app": "connect", "to": {{"is": "group", "group": "{TEAM}"}}, "outlets": {{"unreachable": "x"}}}}"#
    );
    let mut library = one_app(&group);
    away(&mut library, ANN, earlier(), DivertTo::Voicemail);
    let shown = play(library.clone(), &script());
    assert_eq!(rung(&shown), [agent(BOB)]);
    assert_eq!(
        input(&shown, "ring", "members_out_of_office"),
        Some("1".to_owned())
    );
    away(&mut library, BOB, earlier(), DivertTo::Voicemail);
    let shown = play(library, &script());
    assert_eq!(
        (rung(&shown), told(&shown)),
        (
            vec![],
            vec!["ring unreachable".to_owned(), "x finished".to_owned()]
        )
    );
    let hunt = r#"{"id": "hunt", "app": "hunt", "targets": [{"is": "extension", "extension": "2104"}, {"is": "extension", "extension": "2105"}]}"#;
    let mut library = one_app(hunt);
    away(&mut library, ANN, earlier(), DivertTo::Voicemail);
    assert_eq!(rung(&play(library, &script())), [agent(BOB)]);
}

#[test]
fn the_policy_for_direct_numbers_keeps_to_it() {
    let mut library = house();
    use crate::routing_policy::graph::system::SystemPolicy::DirectCalls;
    let direct_calls = Published::new(DirectCalls.id(), DirectCalls.name(), 1, &DirectCalls.document());
    library.publish(direct_calls.expect("it can be read"));
    away(&mut library, ANN, earlier(), DivertTo::User(BOB));
    let mut script = script();
    script.entrance = direct();
    assert_eq!(rung(&play(library, &script)), [agent(BOB)]);
}

fn direct() -> Entrance {
    Entrance::Number { number: number(ANNS) }
}
