use super::*;

#[test]
fn whoever_is_idle_for_longest_gets_the_next() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(DAN, &[SALES]);
    hall.pass(at(5));
    hall.staff(BOB, &[SALES]);
    hall.pass(at(10));
    hall.enter(ANN);
    hall.enter(BEN);
    assert_eq!(hall.chosen(), [(ANN, DAN), (BEN, BOB)]);
    let first = &hall.proposals[0];
    let told: Vec<_> = first
        .candidates
        .iter()
        .map(|one| (one.agent, one.score, one.lost.clone()))
        .collect();
    assert_eq!(told, [(DAN, 10_000, None), (BOB, 5_000, Some(Lost::Outscored))]);
    assert_eq!(hall.refusals, []);
}

#[test]
fn whoever_was_before_gets_the_agent_and_the_next_one_sees_by_whom_they_are_taken() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.enter(ANN);
    hall.enter(BEN);
    hall.enter_with(CAT, Some(Priority::HIGHEST), Few::none(), None);
    hall.pass(at(5));
    hall.reserves = false;
    hall.staff(BOB, &[SALES]);
    assert_eq!(hall.chosen(), [(CAT, BOB)], "the most urgent first");
    hall.staff(DAN, &[SALES]);
    assert_eq!(hall.chosen(), [(CAT, BOB), (ANN, DAN)], "then who came first");
    let lost: Vec<_> = hall.proposals[1]
        .candidates
        .iter()
        .map(|one| one.lost.clone())
        .collect();
    assert_eq!(lost, [None, Some(Lost::TakenBy { entry: CAT })]);
}

#[test]
fn a_caller_whom_nobody_suits_holds_nobody_back() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[SALES]);
    hall.enter_with(ANN, None, french(SkillLevel::EXPERT, &[(30, None)]), None);
    hall.enter(BEN);
    assert_eq!(hall.chosen(), [(BEN, BOB)]);
    hall.answer(BEN);
    hall.hang_up(BEN);
    assert_eq!(hall.chosen().len(), 1, "Ann still needs French");
    hall.pass(at(30));
    assert_eq!(
        hall.chosen()[1..],
        [(ANN, BOB)],
        "after half a minute she needs it no more"
    );
    assert_eq!(hall.now, at(30));
}

#[test]
fn groups_join_in_when_their_time_has_come() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[BACKUP]);
    hall.enter(ANN);
    hall.pass(at(44));
    assert_eq!(hall.chosen(), []);
    assert_eq!(hall.matcher.poll_timeout(), Some(at(45)));
    hall.pass(at(45));
    assert_eq!(hall.chosen(), [(ANN, BOB)]);
}

#[test]
fn a_caller_waits_for_the_agent_they_had_if_that_one_is_only_busy() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.offers.last_agent = queue::sample_settings().offers.last_agent;
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[SALES]);
    hall.enter(ANN);
    hall.answer(ANN);
    hall.staff(DAN, &[SALES]);
    hall.enter_with(BEN, None, Few::none(), Some(BOB));
    assert_eq!(hall.chosen(), [(ANN, BOB)], "Ben is kept for Bob");
    hall.pass(at(29));
    hall.hang_up(ANN);
    assert_eq!(hall.chosen()[1..], [(BEN, BOB)]);
    let lost: Vec<_> = hall.proposals[1]
        .candidates
        .iter()
        .map(|one| one.lost.clone())
        .collect();
    assert_eq!(lost, [None, Some(Lost::KeptForLastAgent)]);
    hall.answer(BEN);
    hall.enter_with(CAT, None, Few::none(), Some(BOB));
    hall.pass(at(60));
    assert_eq!(
        hall.chosen()[2..],
        [(CAT, DAN)],
        "nobody is kept for longer than the settings say"
    );
}

#[test]
fn who_missed_a_caller_is_asked_again_only_when_nobody_else_is_left_and_not_at_once() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[SALES]);
    hall.enter(ANN);
    hall.pass(at(20));
    hall.miss(ANN);
    hall.pass(at(29));
    assert_eq!(hall.chosen(), [(ANN, BOB)]);
    hall.pass(at(30));
    assert_eq!(hall.chosen(), [(ANN, BOB), (ANN, BOB)], "after the pause");
    hall.staff(DAN, &[SALES]);
    hall.miss(ANN);
    assert_eq!(hall.chosen()[2..], [(ANN, DAN)], "Dan has not had his chance");
    assert_eq!(hall.proposals[2].candidates[1].lost, Some(Lost::HadTheirChance));
    let offers: BTreeSet<_> = hall
        .proposals
        .iter()
        .flat_map(|one| one.chosen.iter().map(|one| one.offer))
        .collect();
    assert_eq!(offers.len(), 3, "each decision makes offers of its own");
}

#[test]
fn a_decision_that_the_queue_refused_is_made_again_when_the_reason_is_known() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[SALES]);
    // The queue has new settings, and the matcher has not heard of them.
    let mut settings = plain(Strategy::LongestIdle);
    settings.goals.answer_within_ms = Millis::from_secs(30);
    let settings = Box::new(settings);
    let configure = queue::SetupCommand::Configure {
        settings,
        by: admin(),
        at: hall.now,
    };
    let news = hall.ask(configure.into()).expect("right settings");
    hall.enter(ANN);
    assert_eq!(hall.refusals, [Rejection::OldSettings { given: 1, now: 2 }]);
    assert_eq!(hall.matcher.poll_timeout(), Some(at(0).plus(REFUSAL_PAUSE)));
    hall.hear(news);
    assert_eq!(hall.chosen(), [(ANN, BOB), (ANN, BOB)]);
    assert_eq!(hall.refusals.len(), 1);
    let mut offers = hall.proposals.iter().map(|one| one.chosen[0].offer);
    assert_eq!(
        offers.next(),
        offers.next(),
        "the same decision has the same offer"
    );
}

#[test]
fn all_are_rung_at_once_and_those_who_took_no_part_can_be_asked_again() {
    let mut hall = Hall::new(plain(Strategy::RingAll));
    for agent in [BOB, DAN, EVE] {
        hall.staff(agent, &[SALES]);
    }
    hall.enter(ANN);
    assert_eq!(hall.chosen(), [(ANN, BOB), (ANN, DAN), (ANN, EVE)]);
    hall.answer(ANN);
    hall.enter(BEN);
    assert_eq!(hall.chosen()[3..], [(BEN, DAN), (BEN, EVE)], "Bob talks to Ann");
}

#[test]
fn a_restarted_matcher_decides_what_the_one_before_would_have() {
    let mut hall = Hall::new(plain(Strategy::RoundRobin));
    for agent in [BOB, DAN, EVE] {
        hall.staff(agent, &[SALES]);
    }
    hall.enter(ANN);
    hall.miss(ANN);
    hall.pass(at(3));
    let mut restarted = Matcher::new(QUEUE, config("node-1"));
    for event in &hall.log {
        restarted.fold(event);
    }
    assert_eq!(restarted.poll_output(), None, "nothing follows from the past");
    assert_eq!(restarted.poll_timeout(), None);
    restarted.handle_timeout(hall.now);
    hall.matcher = restarted;
    hall.enter(BEN);
    assert_eq!(hall.chosen(), [(ANN, BOB), (ANN, DAN), (BEN, EVE)]);
    assert_eq!(hall.refusals, []);
}

#[test]
fn a_matcher_whose_lease_another_node_took_decides_no_more() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[SALES]);
    let release = Command::Owner {
        token: hall.queue.lease().expect("owned").token,
        command: OwnerCommand::Release,
        at: hall.now,
    };
    let acquire = Command::Acquire {
        node: text("node-2"),
        until: at(60),
        at: hall.now,
    };
    let mut news = hall.ask(release).expect("held");
    news.extend(hall.ask(acquire).expect("free"));
    hall.hear(news);
    hall.enter(ANN);
    assert_eq!(hall.chosen(), []);
    assert_eq!(
        hall.matcher.poll_timeout(),
        Some(at(60)),
        "until the other's lease is over"
    );
    hall.pass(at(60));
    assert_eq!(hall.chosen(), [(ANN, BOB)], "then it takes the queue over");
    hall.pass(at(400));
    let ours = hall.queue.lease().map(|lease| lease.node.to_string());
    assert_eq!(ours.as_deref(), Some("node-1"), "and renews its lease");
    assert_eq!(hall.refusals, []);
}

#[test]
fn when_a_cooldown_is_over_the_next_caller_is_offered_though_nobody_said_so() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.offers.cooldown_ms = Some(Millis::from_secs(7));
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[SALES]);
    hall.enter(ANN);
    hall.enter(BEN);
    hall.fail(ANN, OfferFailure::Rejected);
    assert_eq!(hall.chosen(), [(ANN, BOB)], "not Ben at once");
    assert_eq!(hall.matcher.poll_timeout(), Some(at(7)));
    hall.now = at(7);
    hall.hear(Vec::new());
    assert_eq!(
        hall.chosen()[1..],
        [(BEN, BOB)],
        "Ann, whom he rejected, rests for longer"
    );
}
