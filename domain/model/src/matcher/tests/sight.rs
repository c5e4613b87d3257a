//! What the matcher keeps at hand of an agent says what the agent's state says.

use super::*;
use crate::agent::{self, Obstacle};
use crate::matcher::desk::{Booking, Desk};
use crate::matcher::figures::Day;
use crate::matcher::groups::Groups;
use crate::matcher::wait::Wait;
use crate::queue::Strategy;
use crate::testing::play;
use proptest::collection::vec;
use proptest::prelude::*;

/// A queue of which most agents belong to a group, for every channel.
fn settings(units: u16) -> Settings {
    let mut settings = plain(Strategy::LongestIdle);
    let numbered = (0..6).map(|n| GroupId::new(uuid::Uuid::from_u128(n)));
    let stories = agent::tests::ready().groups;
    settings.tiers = Few::first([Tier {
        groups: numbered.chain(stories).collect(),
        after_ms: Millis(0),
    }]);
    settings.offers.units = std::num::NonZeroU16::new(units).expect("not nothing");
    settings
}

fn entered(contact: Contact, channel: WorkChannel, skills: SkillRequests) -> Event {
    Event::Entered {
        entry: ANN,
        contact,
        channel,
        priority: Priority::HIGHEST,
        skills,
        last_agent: None,
        told: None,
        since: at(0),
        returned: None,
        at: at(0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn whoever_asks_the_state_or_the_desk_hears_the_same(
        commands in vec(agent::tests::invariants::likely(), 0..60),
        starts_at_work: bool,
        contact: Contact,
        channel: WorkChannel,
        skills: SkillRequests,
        units in 1_u16..3,
        now: Timestamp,
    ) {
        let settings = settings(units);
        let groups = Groups::of(&settings);
        let mut history = if starts_at_work { agent::tests::at_work() } else { Vec::new() };
        history.extend(play::<Agent>(commands));
        let (mut desk, mut day) = (Desk::new(BOB), Day::new(&config("node-1").zone));
        for event in &history {
            desk.fold(event, QUEUE, &groups, &mut day);
        }
        let queue = queue::Queue::fold(&[
            queue::tests::configured(settings.clone()),
            entered(contact, channel, skills),
        ]);
        let entry = queue.entry(ANN).expect("it waits");
        let wait = Wait::new(ANN, entry, &settings, &groups, now);
        let ask = queue.ask(ANN, now).expect("it waits");
        let obstacles = desk.obstacles(&wait, &ask, now);
        prop_assert_eq!(desk.is_eligible_for(&wait, now), obstacles.is_empty());
        prop_assert_eq!(desk.count_obstacles(&wait, now), obstacles.len());
        prop_assert_eq!(desk.is_free_for(&wait, now), obstacles.is_empty());
        // Open or not is asked first, so it may never say no where something is possible.
        prop_assert!(desk.is_open(now) || !obstacles.is_empty());
        // What is booked counts as if the agent had it already.
        let offer = OfferId::new(id(99));
        desk.book(Booking { offer, entry: ANN, channel, units });
        let reserved = agent::Event::Reserved {
            offer,
            contact: Contact::Call(CallId::new(id(98))),
            ask: ask.clone(),
            from: None,
            terms: settings.terms(),
            until: Timestamp::MAX,
            at: now,
        };
        let with = Agent::evolve((*desk.state).clone(), &reserved);
        let with: Vec<Obstacle> = with.obstacles(&ask, now);
        let free = with.is_empty() && !desk.state.has_in_hand(contact);
        prop_assert_eq!(desk.is_free_for(&wait, now), free);
    }
}
