//! Hunts in which something changes while they ring: members of groups, who answers, and where the caller goes on.

use super::house::*;
use super::live::{CALLER_LEG, Live};
use super::*;
use crate::Millis;
use crate::call::parties::{Destination, Entrance, Party};
use crate::call::reasons::{Exit, LegCause};
use crate::call::{Command, Event, queue, transfer};
use crate::few::Few;
use crate::ids::{EntryId, LegId, UserId};
use crate::routing_policy::graph::system::SystemPolicy;
use crate::testing::sample::{id, number, text};

const ABE: UserId = UserId::new(id(29));

fn user_of(party: &Party) -> UserId {
    match party {
        Party::Agent { agent, .. } => (*agent).into(),
        _ => panic!("{party:?} is no agent"),
    }
}

impl Live {
    // Whose telephones ring, each with its leg.
    fn telephones(&self) -> Vec<(UserId, LegId)> {
        let rings = self.effects.iter().filter_map(|effect| match effect {
            Effect::Ring { party, leg, .. } => Some((user_of(party), *leg)),
            _ => None,
        });
        rings.collect()
    }

    fn leg_of(&self, user: UserId) -> LegId {
        let rings = self.telephones();
        rings.iter().find(|(of, _)| *of == user).expect("they are rung").1
    }

    fn ended(&self) -> Vec<(LegId, LegCause)> {
        let ended = self.events.iter().filter_map(|event| match event {
            Event::LegEnded { leg, cause, .. } => Some((*leg, cause.clone())),
            _ => None,
        });
        ended.collect()
    }
}

fn rings_the_team() -> Live {
    with_abe(&format!(
        r#"{{"id": "ring", "app": "connect", "to": {{"is": "group", "group": "{TEAM}"}}, "ring_ms": 20000, "outlets": {{"after": "x"}}}}"#
    ))
}

fn with_abe(app: &str) -> Live {
    let mut library = one_app(app);
    let abe = Person {
        name: text("Abe"),
        extension: 2103.try_into().unwrap(),
        numbers: std::collections::BTreeSet::new(),
        divert: None,
    };
    library.users.insert(ABE, abe);
    Live::calls(library, at_ours())
}

fn members(library: &mut Library, members: impl Into<std::collections::BTreeSet<UserId>>) {
    library.groups.get_mut(&TEAM).unwrap().members = members.into();
}

#[test]
fn whoever_joins_a_group_while_it_rings_is_rung_beside_the_others() {
    let mut live = rings_the_team();
    let (anns, bobs) = (live.leg_of(ANN), live.leg_of(BOB));
    assert_eq!(live.telephones(), [(ANN, anns), (BOB, bobs)]);
    live.changes(|library| members(library, [ABE, ANN, BOB]));
    let rung = live.telephones();
    assert_eq!(
        rung.iter().map(|(user, _)| *user).collect::<Vec<_>>(),
        [ANN, BOB, ABE]
    );
    let mut again = live.restarts();
    again.retain(|effect| matches!(effect, Effect::Ring { .. }));
    assert_eq!(again.len(), 3);
    assert_eq!(
        (live.leg_of(ANN), live.leg_of(BOB)),
        (anns, bobs),
        "each on their own telephone"
    );
}

#[test]
fn whoever_leaves_a_group_while_it_rings_rings_no_longer_than_the_others() {
    let mut live = rings_the_team();
    let (anns, bobs) = (live.leg_of(ANN), live.leg_of(BOB));
    live.rings(bobs);
    live.changes(|library| members(library, [BOB]));
    let again = live.restarts();
    let rings = again.iter().filter(
        |effect| matches!(effect, Effect::Ring { leg, party, .. } if *leg == anns && user_of(party) == ANN),
    );
    assert_eq!(
        rings.count(),
        1,
        "what is in the log rings as the log says: {again:?}"
    );
    live.passes(Millis::from_secs(20));
    let mut ended = live.ended();
    ended.retain(|(leg, cause)| [anns, bobs].contains(leg) && *cause == LegCause::NoAnswer);
    assert_eq!(ended.len(), 2);
    assert_eq!(live.decided()[0].0, "ring no_answer");
}

#[test]
fn a_group_that_is_empty_by_the_time_all_have_rung_was_rung_all_the_same() {
    let mut live = rings_the_team();
    live.changes(|library| members(library, []));
    live.passes(Millis::from_secs(20));
    assert_eq!(live.decided()[0].0, "ring no_answer");
}

#[test]
fn the_next_of_a_hunt_waits_for_whoever_left_the_group_before_them() {
    let mut live = with_abe(&format!(
        r#"{{"id": "ring", "app": "hunt", "ring_ms": 20000, "outlets": {{"after": "x"}},
            "targets": [{{"is": "group", "group": "{TEAM}"}}, {{"is": "user", "user": "{ABE}"}}]}}"#
    ));
    live.changes(|library| members(library, []));
    live.passes(Millis::from_secs(19));
    assert_eq!(
        live.telephones().len(),
        2,
        "Ann's and Bob's ring: {:?}",
        live.telephones()
    );
    live.passes(Millis::from_secs(1));
    assert_eq!(live.telephones()[2].0, ABE);
}

fn screened() -> Live {
    let app = format!(
        r#"{{"id": "ring", "app": "hunt", "pattern": "parallel", "ring_ms": 30000, "screening": {{"prompt": {}, "accept": "1"}},
            "outlets": {{"after": "x"}}, "targets": [{{"is": "user", "user": "{ANN}"}}, {{"is": "user", "user": "{BOB}"}}]}}"#,
        says("A call")
    );
    Live::calls(one_app(&app), at_ours())
}

// The prompts and questions so far: who hears each, and its number.
fn asked(live: &Live) -> Vec<(LegId, u32)> {
    let asked = live.effects.iter().filter_map(|effect| match effect {
        Effect::Play { leg, nth, .. } | Effect::Collect { leg, nth, .. } => Some((*leg, nth.0)),
        _ => None,
    });
    asked.collect()
}

#[test]
fn somebody_who_answers_second_and_hangs_up_leaves_the_choice_of_the_first_alone() {
    let mut live = screened();
    let (anns, bobs) = (live.leg_of(ANN), live.leg_of(BOB));
    live.answers(anns);
    live.answers(bobs);
    live.ends(bobs, LegCause::HungUp);
    assert_eq!(asked(&live), [(anns, 1), (anns, 1)], "Ann is asked once");
    let step = live.effects.iter().find_map(|effect| match effect {
        Effect::Collect { step, nth, .. } => Some((*step, *nth)),
        _ => None,
    });
    live.presses(step.unwrap(), "1");
    live.answers(CALLER_LEG);
    let joined = live.events.iter().filter_map(|event| match event {
        Event::LegJoined { leg, .. } => Some(*leg),
        _ => None,
    });
    assert_eq!(
        joined.collect::<Vec<_>>(),
        [CALLER_LEG, anns],
        "Ann takes the caller by that key"
    );
}

#[test]
fn whoever_answers_third_is_asked_by_a_number_of_their_own() {
    let mut live = screened();
    let (anns, bobs) = (live.leg_of(ANN), live.leg_of(BOB));
    live.answers(anns);
    live.ends(anns, LegCause::HungUp);
    live.answers(bobs);
    assert_eq!(asked(&live), [(anns, 1), (anns, 1), (bobs, 2), (bobs, 2)]);
}

// Ann answers a caller who rang her directly, and hands them on to a queue.
fn handed_to_a_queue() -> Live {
    let mut library = house();
    let system = SystemPolicy::DirectCalls;
    library.publish(Published::new(MAIN, system.name(), 1, &system.document()).unwrap());
    let mut live = Live::calls(library, Entrance::Number { number: number(ANNS) });
    let anns = live.leg_of(ANN);
    live.answers(anns);
    live.answers(CALLER_LEG);
    let at = live.now;
    live.say(Command::Transfer(transfer::Command::Request {
        leg: anns,
        to: Destination::Queue { queue: SALES },
        by: crate::Actor::Agent(ANN.into()),
        at,
    }));
    live.say(Command::Queue(queue::Command::Join {
        entry: ENTRY,
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        keeps_place_of: None,
        waiting_since: at,
        at,
    }));
    live.say(Command::Transfer(transfer::Command::Confirm { leg: anns, at }));
    live
}

const ENTRY: EntryId = EntryId::new(id(330));

#[test]
fn a_caller_whom_nobody_takes_in_the_queue_they_were_handed_to_may_leave_a_message() {
    let mut live = handed_to_a_queue();
    assert_eq!(live.decided().len(), 1, "the caller waits: {:?}", live.decided());
    let at = live.now;
    live.say(Command::Queue(queue::Command::Leave {
        entry: ENTRY,
        exit: Exit::MaxWait,
        at,
    }));
    let (branch, reason) = live.decided()[1].clone();
    assert_eq!(branch, "connect no_answer");
    assert_eq!(
        reason,
        "who answered handed the caller on to a queue: the caller waited as long as callers may"
    );
    let takes = |effect: &Effect| matches!(effect, Effect::TakeMessage { .. });
    assert!(live.effects.iter().any(takes), "{:?}", live.effects);
    assert!(!live.machine.state().is_over());
}
