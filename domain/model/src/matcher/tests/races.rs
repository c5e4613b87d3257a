//! What users of other queues met and should not meet here, each told as what people saw.

use super::*;

// FreeSWITCH: with the last agent of a top-down list on a break, nobody was rung any more.
#[test]
fn the_last_agent_on_a_break_halts_no_top_down_queue() {
    let mut hall = Hall::new(plain(Strategy::TopDown));
    for (agent, priority) in [(BOB, 1), (DAN, 2), (EVE, 3)] {
        hall.staff(agent, &[SALES]);
        let (group, by, at) = (SALES, admin(), hall.now);
        hall.tell_agent(
            agent,
            crate::agent::SetupCommand::JoinGroup {
                group,
                priority,
                by,
                at,
            },
        );
    }
    hall.choose(EVE, "Lunch", StateKind::Away);
    hall.enter(ANN);
    hall.miss(ANN);
    hall.miss(ANN);
    assert_eq!(hall.chosen(), [(ANN, BOB), (ANN, DAN)]);
    hall.pass(at(10));
    assert_eq!(hall.chosen()[2..], [(ANN, BOB)], "from the top again");
}

// OpenSIPS: while the agent who finished last wrote notes, free ones were offered nothing.
#[test]
fn the_notes_of_one_agent_hold_no_other_back() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.offers.wrap_up = queue::sample_settings().offers.wrap_up;
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[SALES]);
    hall.staff(DAN, &[SALES]);
    hall.enter(ANN);
    hall.answer(ANN);
    hall.hang_up(ANN);
    hall.enter(BEN);
    assert_eq!(hall.chosen(), [(ANN, BOB), (BEN, DAN)]);
    hall.enter(CAT);
    assert_eq!(hall.chosen().len(), 2, "Bob writes his notes");
}

// Asterisk: with the longest waiting forced to be first, a caller who joined at position 1 stopped all offers.
#[test]
fn a_caller_who_is_put_first_stops_nothing() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.enter(ANN);
    hall.enter_with(BEN, None, french(SkillLevel::GURU, &[]), None);
    let (place, by, at) = (queue::Place::Front, admin(), hall.now);
    hall.tell(EntryCommand::Move {
        entry: BEN,
        place,
        by,
        at,
    });
    hall.staff(BOB, &[SALES]);
    assert_eq!(hall.chosen(), [(ANN, BOB)], "nobody can take Ben, so Ann is next");
    hall.answer(ANN);
    hall.enter(CAT);
    let (place, by) = (queue::Place::Front, admin());
    hall.tell(EntryCommand::Move {
        entry: CAT,
        place,
        by,
        at,
    });
    hall.hang_up(ANN);
    assert_eq!(hall.chosen()[1..], [(CAT, BOB)]);
}

// FreePBX: the agent who missed a call was still the least recent one, and rung again and again.
#[test]
fn an_agent_who_misses_calls_is_not_rung_again_and_again() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    hall.staff(BOB, &[SALES]);
    hall.pass(at(5));
    hall.staff(DAN, &[SALES]);
    hall.pass(at(10));
    hall.enter(ANN);
    hall.pass(at(30));
    hall.miss(ANN);
    assert_eq!(
        hall.chosen(),
        [(ANN, BOB), (ANN, DAN)],
        "the same caller goes to the next agent"
    );
    hall.answer(ANN);
    hall.hang_up(ANN);
    hall.pass(at(40));
    hall.enter(BEN);
    hall.pass(at(60));
    hall.miss(BEN);
    hall.pass(at(70));
    let rung: Vec<AgentId> = hall.chosen().into_iter().map(|(_, agent)| agent).collect();
    assert_eq!(rung, [BOB, DAN, BOB, DAN], "nobody twice in a row");
}

// FreeSWITCH: the 8th caller was served before the 1st, in spite of a lower score.
#[test]
fn the_eighth_caller_is_not_served_before_the_first() {
    let mut hall = Hall::new(plain(Strategy::LongestIdle));
    let callers: Vec<EntryId> = (0..8).map(|n| EntryId::new(id(60 + n))).collect();
    for caller in &callers {
        hall.enter(*caller);
        hall.pass(hall.now.plus(Millis(100)));
    }
    for n in 0..8 {
        hall.staff(AgentId::new(id(40 + n)), &[SALES]);
    }
    let served: Vec<EntryId> = hall.chosen().into_iter().map(|(entry, _)| entry).collect();
    assert_eq!(served, callers);
}

// OpenACD: callers who came together all chose the same best agent.
#[test]
fn callers_who_come_together_do_not_all_choose_the_same_agent() {
    for strategy in [
        Strategy::LongestIdle,
        Strategy::TopDown,
        Strategy::MostSkilled,
        Strategy::Random,
    ] {
        let mut hall = Hall::new(plain(strategy));
        hall.reserves = false;
        for n in 0..10 {
            hall.staff(AgentId::new(id(40 + n)), &[SALES]);
        }
        let events: Vec<AnyEvent> = (0..10)
            .flat_map(|n| {
                let entry = EntryId::new(id(60 + n));
                let enter = EntryCommand::Enter {
                    returned: None,
                    entry,
                    contact: Contact::Call(CallId::new(entry.uuid())),
                    channel: WorkChannel::Voice,
                    priority: None,
                    skills: Few::none(),
                    last_agent: None,
                    told: None,
                    since: at(0),
                    at: at(0),
                };
                hall.ask(enter.into()).expect("there is room")
            })
            .collect();
        hall.hear(events);
        let agents: BTreeSet<AgentId> = hall.chosen().into_iter().map(|(_, agent)| agent).collect();
        assert_eq!((hall.chosen().len(), agents.len()), (10, 10), "{strategy:?}");
        hall.reserve_now();
        assert_eq!(hall.refusals, []);
    }
}

// Chatwoot: the chat of a returning customer waited for an agent who had gone home.
#[test]
fn a_returning_customer_does_not_wait_for_an_agent_who_is_gone() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.offers.last_agent = queue::sample_settings().offers.last_agent;
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[SALES]);
    hall.staff(DAN, &[SALES]);
    hall.tell_agent(
        BOB,
        crate::agent::StateCommand::SignOut {
            by: Chooser::Agent,
            at: hall.now,
        },
    );
    hall.enter_with(ANN, None, Few::none(), Some(BOB));
    assert_eq!(hall.chosen(), [(ANN, DAN)]);
    hall.answer(ANN);
    // And if they leave while somebody waits for them, that one waits for them no more.
    hall.hang_up(ANN);
    hall.enter(BEN);
    hall.answer(BEN);
    hall.staff(EVE, &[SALES]);
    hall.enter_with(CAT, None, Few::none(), Some(DAN));
    assert_eq!(hall.chosen().last(), Some(&(BEN, DAN)));
    hall.tell_agent(
        DAN,
        crate::agent::StateCommand::SignOut {
            by: Chooser::Agent,
            at: hall.now,
        },
    );
    assert_eq!(hall.chosen().last(), Some(&(CAT, EVE)));
}

// Chatwoot: an agent who became free never got the conversation that waited.
#[test]
fn an_agent_who_becomes_free_gets_the_conversation_that_waits() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.channels.insert(WorkChannel::Chat);
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[SALES]);
    let limits = BTreeMap::from([(WorkChannel::Voice, 1), (WorkChannel::Chat, 1)]);
    let shuts_out = BTreeMap::from([(WorkChannel::Voice, BTreeSet::from([WorkChannel::Chat]))]);
    let capacity = crate::agent::Capacity { limits, shuts_out };
    let (by, at) = (admin(), hall.now);
    hall.tell_agent(BOB, crate::agent::SetupCommand::SetCapacity { capacity, by, at });
    hall.enter(ANN);
    hall.answer(ANN);
    hall.tell(EntryCommand::Enter {
        returned: None,
        entry: BEN,
        contact: Contact::Conversation(crate::ids::ConversationId::new(id(61))),
        channel: WorkChannel::Chat,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at,
        at,
    });
    assert_eq!(hall.chosen(), [(ANN, BOB)], "no chat during a call");
    hall.hang_up(ANN);
    assert_eq!(hall.chosen()[1..], [(BEN, BOB)]);
}
