use super::*;
use crate::agent::{self, Terms};

/// Who gets the callers when three agents, alike but for what `before` does to them, are asked one after the other.
fn order(strategy: Strategy, before: impl FnOnce(&mut Hall)) -> Vec<AgentId> {
    let mut hall = Hall::new(plain(strategy));
    for agent in [BOB, DAN, EVE] {
        hall.staff(agent, &[SALES]);
    }
    before(&mut hall);
    let until = hall.now.plus(Millis::from_secs(1));
    hall.pass(until);
    let before = hall.proposals.len();
    for entry in [ANN, BEN, CAT] {
        hall.enter(entry);
    }
    assert_eq!(hall.refusals, []);
    hall.chosen()[before..].iter().map(|(_, agent)| *agent).collect()
}

fn dial(hall: &mut Hall, agent: AgentId, seconds: u32) {
    let (contact, at) = (Contact::Call(CallId::new(agent.uuid())), hall.now);
    let units = std::num::NonZeroU16::MIN;
    let terms = Terms {
        wrap_up: None,
        cooldown_ms: None,
        set_aside_after: None,
    };
    let channel = WorkChannel::Voice;
    hall.tell_agent(
        agent,
        agent::WorkCommand::Begin {
            contact,
            channel,
            units,
            terms,
            at,
        },
    );
    let holding = agent::Holding::Begun(at);
    hall.pass(at.plus(Millis::from_secs(seconds)));
    let at = hall.now;
    hall.tell_agent(agent, agent::WorkCommand::GiveUp { contact, holding, at });
}

/// Serves one caller of the queue, whoever gets them.
fn serve(hall: &mut Hall, entry: u128, seconds: u32) -> AgentId {
    let entry = EntryId::new(id(entry));
    hall.enter(entry);
    hall.answer(entry);
    let until = hall.now.plus(Millis::from_secs(seconds));
    hall.pass(until);
    hall.hang_up(entry);
    hall.offer(entry).1
}

#[test]
fn longest_idle_counts_every_contact_and_longest_idle_in_queue_those_of_the_queue() {
    let busy = |hall: &mut Hall| {
        assert_eq!(serve(hall, 60, 5), BOB);
        dial(hall, DAN, 5);
        dial(hall, EVE, 5);
    };
    assert_eq!(order(Strategy::LongestIdle, busy), [BOB, DAN, EVE]);
    assert_eq!(order(Strategy::LongestIdleInQueue, busy), [DAN, EVE, BOB]);
}

#[test]
fn a_round_goes_on_where_it_stopped() {
    let one = |hall: &mut Hall| {
        assert_eq!(serve(hall, 60, 1), BOB);
    };
    assert_eq!(order(Strategy::RoundRobin, one), [DAN, EVE, BOB]);
    let two = |hall: &mut Hall| {
        assert_eq!(serve(hall, 60, 1), BOB);
        assert_eq!(serve(hall, 61, 1), DAN);
    };
    assert_eq!(order(Strategy::RoundRobin, two), [EVE, BOB, DAN]);
}

#[test]
fn the_top_of_the_group_is_asked_first_each_time() {
    let ranked = |hall: &mut Hall| {
        for (agent, priority) in [(BOB, 3), (DAN, 2), (EVE, 1)] {
            let (group, by, at) = (SALES, admin(), hall.now);
            hall.tell_agent(
                agent,
                agent::SetupCommand::JoinGroup {
                    group,
                    priority,
                    by,
                    at,
                },
            );
        }
        assert_eq!(serve(hall, 60, 1), EVE);
    };
    assert_eq!(order(Strategy::TopDown, ranked), [EVE, DAN, BOB]);
}

#[test]
fn today_is_counted_in_contacts_in_talk_and_in_all_that_takes_time() {
    let day = |hall: &mut Hall| {
        dial(hall, BOB, 30);
        dial(hall, DAN, 10);
        dial(hall, DAN, 10);
    };
    assert_eq!(order(Strategy::FewestContacts, day), [EVE, BOB, DAN]);
    assert_eq!(order(Strategy::LeastTalkTime, day), [EVE, DAN, BOB]);
    assert_eq!(order(Strategy::LeastOccupied, day), [EVE, DAN, BOB]);
    // Ringing takes time and is no talk.
    let rung = |hall: &mut Hall| {
        hall.enter(ANN);
        hall.pass(hall.now.plus(Millis::from_secs(20)));
        hall.fail(ANN, OfferFailure::CallerGone);
        hall.tell(EntryCommand::Leave {
            entry: ANN,
            why: queue::Departure::Abandoned,
            at: hall.now,
        });
    };
    let mut hall = Hall::new(plain(Strategy::LeastOccupied));
    hall.staff(BOB, &[SALES]);
    rung(&mut hall);
    hall.staff(DAN, &[SALES]);
    hall.enter(BEN);
    assert_eq!(hall.chosen().last(), Some(&(BEN, DAN)));
    let scores: Vec<i64> = hall
        .proposals
        .last()
        .expect("made")
        .candidates
        .iter()
        .map(|one| one.score)
        .collect();
    assert_eq!(scores, [0, -20_000]);
}

#[test]
fn at_midnight_by_the_clocks_of_the_zone_today_begins_anew() {
    // London, where the story plays in winter, has its midnight with UTC.
    let mut hall = Hall::new(plain(Strategy::FewestContacts));
    let midnight = "2026-11-23T00:00:00Z".parse::<Timestamp>().expect("a moment");
    hall.staff(BOB, &[SALES]);
    hall.staff(DAN, &[SALES]);
    hall.pass(Timestamp::from_micros(midnight.micros() - 60_000_000));
    dial(&mut hall, BOB, 30);
    dial(&mut hall, DAN, 5);
    dial(&mut hall, DAN, 10);
    hall.enter(ANN);
    assert_eq!(hall.chosen(), [(ANN, BOB)], "the same day");
    hall.answer(ANN);
    hall.hang_up(ANN);
    hall.pass(midnight.plus(Millis::from_secs(1)));
    dial(&mut hall, BOB, 1);
    hall.enter(BEN);
    assert_eq!(
        hall.chosen().last(),
        Some(&(BEN, DAN)),
        "yesterday counts no more"
    );
    assert_eq!(hall.proposals.last().map(|one| one.candidates[0].score), Some(0));
}

#[test]
fn whoever_has_most_of_the_skills_asked_for_is_asked_first() {
    let mut hall = Hall::new(plain(Strategy::MostSkilled));
    for (agent, level) in [
        (BOB, SkillLevel::BASIC),
        (DAN, SkillLevel::GURU),
        (EVE, SkillLevel::EXPERT),
    ] {
        hall.staff(agent, &[SALES]);
        let (skill, by, at) = (FRENCH, admin(), hall.now);
        hall.tell_agent(agent, agent::SetupCommand::SetSkill { skill, level, by, at });
    }
    for entry in [ANN, BEN, CAT] {
        hall.enter_with(entry, None, french(SkillLevel::BASIC, &[]), None);
    }
    assert_eq!(hall.chosen(), [(ANN, DAN), (BEN, EVE), (CAT, BOB)]);
    assert_eq!(hall.proposals[0].candidates[0].score, 100);
}

#[test]
fn chance_is_drawn_from_the_seed_and_fair() {
    let mut times = BTreeMap::new();
    let mut hall = Hall::new(plain(Strategy::Random));
    for agent in [BOB, DAN, EVE] {
        hall.staff(agent, &[SALES]);
    }
    for n in 0..300 {
        *times.entry(serve(&mut hall, 1000 + n, 1)).or_insert(0) += 1;
    }
    // Three times 100 are expected; 4 standard deviations are 33.
    assert!(times.values().all(|n| (67..=133).contains(n)), "{times:?}");
    let first = order(Strategy::Random, |_| {});
    assert_eq!(
        order(Strategy::Random, |_| {}),
        first,
        "the same seed, the same choice"
    );
}

#[test]
fn of_two_who_score_alike_the_one_idle_for_longer_is_asked_and_then_the_lower_id() {
    let mut hall = Hall::new(plain(Strategy::FewestContacts));
    hall.staff(EVE, &[SALES]);
    hall.pass(at(1));
    hall.staff(DAN, &[SALES]);
    hall.staff(BOB, &[SALES]);
    hall.enter(ANN);
    assert_eq!(
        hall.lost(0),
        [
            (EVE, None),
            (BOB, Some(Lost::IdleLater)),
            (DAN, Some(Lost::IdleLater)),
        ]
    );
    hall.enter(BEN);
    assert_eq!(hall.lost(1)[..2], [(BOB, None), (DAN, Some(Lost::HigherId))]);
}

#[test]
fn an_agent_with_room_for_more_comes_after_all_who_have_nothing_in_hand() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    for agent in [BOB, DAN] {
        hall.staff(agent, &[SALES]);
        let limits = BTreeMap::from([(WorkChannel::Voice, 3)]);
        let capacity = agent::Capacity {
            limits,
            shuts_out: BTreeMap::new(),
        };
        let (by, at) = (admin(), hall.now);
        hall.tell_agent(agent, agent::SetupCommand::SetCapacity { capacity, by, at });
        let until = hall.now.plus(Millis::from_secs(10));
        hall.pass(until);
    }
    for n in 0..4 {
        let entry = EntryId::new(id(60 + n));
        hall.enter(entry);
        hall.answer(entry);
        let until = hall.now.plus(Millis::from_secs(1));
        hall.pass(until);
    }
    let agents: Vec<AgentId> = hall.chosen().into_iter().map(|(_, agent)| agent).collect();
    assert_eq!(agents, [BOB, DAN, BOB, DAN], "the load is even");
}
