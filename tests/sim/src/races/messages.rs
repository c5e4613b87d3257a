//! Conversations that were given to nobody, to too few, or to somebody who was gone.

use std::collections::BTreeMap;

use domain_model::agent::Capacity;
use domain_model::contact::Contact;
use domain_model::conversation::Event as ChatEvent;
use domain_model::ids::ConversationId;
use domain_model::queue::LastAgent;

use super::*;
use crate::plan::writing::{Returns, To};

fn with_chats(most: u16) -> Person {
    let mut capacity = Capacity::default();
    capacity.limits.insert(WorkChannel::Chat, most);
    Person { capacity, ..ready() }
}

// Who got which conversation when, in seconds after the beginning.
fn assigned(log: &[Recorded]) -> Vec<(u64, AgentId)> {
    let assigned = log.iter().filter_map(|recorded| match &recorded.happened.what {
        AnyEvent::Conversation(_, ChatEvent::Assigned { agent, .. }) => {
            Some((recorded.time.since(log[0].time).0 / 1000, *agent))
        }
        _ => None,
    });
    assigned.collect()
}

// An agent who became free did not receive the conversation that waited.
// Seen in: chatwoot#10583, chatwoot#10376.
#[test]
fn a_freed_agent_receives_the_conversation_that_waits() {
    let log = scene(Strategy::LongestIdle, &[with_chats(1)])
        .writes(5, 0)
        .writes(6, 1)
        .writes(7, 2)
        .history();
    let to_one = |second| (second, agent(0));
    assert_eq!(
        assigned(&log),
        [5, 35, 65].map(to_one),
        "each as the one before ends"
    );
}

// The same where the agent came to work, or back from a break, after the customer wrote.
// Seen in: chatwoot#10685.
#[test]
fn an_agent_who_comes_receives_the_conversation_that_waits() {
    let log = scene(Strategy::LongestIdle, &[with_chats(2)])
        .then(1, What::Away(agent(0)))
        .writes(5, 0)
        .then(20, What::Back(agent(0)))
        .then(70, What::SignOut(agent(0)))
        .writes(80, 1)
        .then(100, What::SignIn(agent(0)))
        .history();
    assert_eq!(assigned(&log), [(20, agent(0)), (100, agent(0))]);
}

// Some agents had many conversations while others had none.
// Seen in: chatwoot#11034.
#[test]
fn conversations_are_spread_evenly() {
    for strategy in [
        Strategy::LongestIdle,
        Strategy::RoundRobin,
        Strategy::FewestContacts,
    ] {
        let people = vec![with_chats(4); 3];
        let crowd = (0..9).fold(scene(strategy, &people), |scene, n| {
            scene.writes(5 + u32::try_from(n).expect("a few"), n)
        });
        let log = crowd.history();
        let mut each: BTreeMap<AgentId, usize> = BTreeMap::new();
        for (_, agent) in assigned(&log) {
            *each.entry(agent).or_default() += 1;
        }
        assert_eq!(each.into_values().collect::<Vec<_>>(), [3, 3, 3], "{strategy:?}");
    }
}

// A customer who wrote again was kept for an agent who had gone home.
// Seen in: chatwoot#4158, chatwoot#9587.
#[test]
fn a_customer_who_writes_again_is_not_kept_for_an_agent_who_is_gone() {
    let writes_again = |to: To| {
        let mut scene =
            scene(Strategy::TopDown, &[with_chats(2), with_chats(2)]).then(1, What::Away(agent(0)));
        scene.settings().offers.last_agent = Some(LastAgent {
            within_ms: Millis::from_secs(3_600),
            wait_ms: Millis::from_secs(600),
        });
        let returns = Returns {
            after: Millis::from_secs(60),
            to,
        };
        let writer = Writer {
            returns: Some(returns),
            ..writer(0)
        };
        // The second has them at 5 and is done at 35; they write again at 95.
        scene.then(5, What::Write(writer)).then(40, What::Back(agent(0)))
    };
    for to in [To::TheSame, To::Another] {
        let there = writes_again(to).history();
        assert_eq!(assigned(&there), [(5, agent(1)), (95, agent(1))], "{to:?}");
        let gone = writes_again(to).then(50, What::SignOut(agent(1))).history();
        assert_eq!(assigned(&gone), [(5, agent(1)), (95, agent(0))], "{to:?}");
    }
}

// An agent went home, and those who wrote to them were left in their inbox.
#[test]
fn whoever_goes_home_leaves_no_customer_behind() {
    let log = scene(Strategy::TopDown, &[with_chats(2), with_chats(2)])
        .writes(5, 0)
        .then(15, What::SignOut(agent(0)))
        .history();
    assert_eq!(assigned(&log), [(5, agent(0)), (15, agent(1))]);
}

// Agents were given more conversations at once than was set.
// Seen in: chatwoot#1198.
#[test]
fn no_agent_has_more_conversations_at_once_than_fit() {
    let people = [with_chats(2), with_chats(3)];
    let crowd = || {
        (0..12).fold(scene(Strategy::LongestIdle, &people), |scene, n| {
            let writer = Writer {
                patience: Some(Millis::from_secs(1_200)),
                ..writer(n)
            };
            scene.then(5 + 3 * u32::try_from(n).expect("a few"), What::Write(writer))
        })
    };
    let limits = BTreeMap::from([(agent(0), 2), (agent(1), 3)]);
    assert_eq!(
        most_at_once(&crowd().history()),
        limits,
        "all that fit, where there are more"
    );
    for seed in 0..50 {
        let most = most_at_once(&crowd().where_things_break(seed).history());
        assert!(
            most.iter().all(|(agent, most)| *most <= limits[agent]),
            "seed {seed}"
        );
    }
}

fn most_at_once(log: &[Recorded]) -> BTreeMap<AgentId, usize> {
    let mut in_hand: BTreeMap<AgentId, Vec<ConversationId>> = BTreeMap::new();
    let mut most: BTreeMap<AgentId, usize> = BTreeMap::new();
    for recorded in log {
        let AnyEvent::Agent(agent, event) = &recorded.happened.what else {
            continue;
        };
        let theirs = in_hand.entry(*agent).or_default();
        match event {
            AgentEvent::Reserved {
                contact: Contact::Conversation(chat),
                ..
            } => theirs.push(*chat),
            AgentEvent::Released {
                contact: Contact::Conversation(chat),
                ..
            } => theirs.retain(|held| held != chat),
            _ => {}
        }
        let most = most.entry(*agent).or_default();
        *most = (*most).max(theirs.len());
    }
    most
}

// A conversation was offered to an agent who was on a call and could take none beside it.
#[test]
fn a_call_in_hand_keeps_conversations_away_where_an_admin_says_so() {
    let mut alone = with_chats(2);
    let chats = [WorkChannel::Chat].into();
    alone.capacity.shuts_out.insert(WorkChannel::Voice, chats);
    for (person, second) in [(alone, 35), (with_chats(2), 10)] {
        let log = scene(Strategy::LongestIdle, &[person])
            .rings(5, 0, None)
            .writes(10, 1)
            .history();
        assert_eq!(assigned(&log), [(second, agent(0))]);
    }
}
