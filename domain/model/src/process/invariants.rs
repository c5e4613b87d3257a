//! What holds of every process whatever happens: restarts change nothing, and what is due gets done once.

use proptest::collection::vec;
use proptest::prelude::*;

use super::call_deadlines::CallDeadlines;
use super::callbacks::Callbacks;
use super::consent_expiry::ConsentExpiry;
use super::handing_on::HandingOn;
use super::in_hand::InHand;
use super::lapse::{AgentLapse, QueueLapse};
use super::monitors::Monitors;
use super::offer_timeout::OfferTimeout;
use super::offering::Offering;
use super::queue_hours::QueueHours;
use super::retention_runs::RetentionRuns;
use super::scheduled_publish::ScheduledPublish;
use super::together::{at_work, business, live_together, scenes};
use super::waiting::Waiting;
use super::world::{World, happened, live_on, live_through};
use super::{AnyCommand, AnyEvent, Order, Process};
use crate::Timestamp;
use crate::agent::{self, Agent};
use crate::context::Actor;
use crate::conversation::assignment::AssignmentCommand;
use crate::conversation::channel::Pair;
use crate::conversation::offer::OfferCommand;
use crate::ids::{AgentId, CallId, ConsentId, ConversationId, JourneyId, QueueId, RoutingPolicyId};
use crate::queue::{self, Queue};
use crate::routing_policy::document::Document;
use crate::routing_policy::start::PolicyKind;
use crate::testing::sample::{at, id, text};
use crate::{Decider, call, consent, conversation, routing_policy};

// The deadline that an aggregate has after each command, with the events that the command leads to.
fn deadlines<D: Decider>(
    history: &[D::Event],
    said: Vec<D::Command>,
    deadline: impl Fn(&D::State) -> Option<Timestamp>,
) -> Vec<(Vec<D::Event>, Option<Timestamp>)> {
    let mut state = D::fold(history);
    let one = |command| {
        let events = D::decide(&state, command).unwrap_or_default();
        state = events.iter().fold(std::mem::take(&mut state), D::evolve);
        (events, deadline(&state))
    };
    said.into_iter().map(one).collect()
}

fn assert_same_deadlines<P: Process>(told: Vec<(Vec<AnyEvent>, Option<Timestamp>)>) {
    let mut process = P::default();
    let mut n = 0;
    for (events, deadline) in told {
        for event in events {
            n += 1;
            process.fold(&happened("acme", n, event));
        }
        assert_eq!(process.due(), deadline);
    }
}

fn about_consents() -> impl Strategy<Value = AnyCommand> {
    (any::<ConsentId>(), any::<consent::Command>())
        .prop_map(|(consent, command)| AnyCommand::Consent(consent, command))
}

// One conversation and one policy each: what processes must not mix up are its offers and its revisions.
fn about_offers() -> impl Strategy<Value = AnyCommand> {
    use conversation::Command;
    let open = any::<Pair>().prop_map(|pair| Command::Open {
        journey: JourneyId::new(id(1)),
        pair,
        by: Actor::Customer,
        at: at(0),
    });
    prop_oneof![
        1 => open,
        8 => any::<OfferCommand>().prop_map(Command::Offer),
        2 => any::<AssignmentCommand>().prop_map(Command::Assignment),
        1 => any::<Command>(),
    ]
    .prop_map(|command| AnyCommand::Conversation(ConversationId::new(id(1)), command))
}

fn about_policies() -> impl Strategy<Value = AnyCommand> {
    use routing_policy::Command;
    let by = || Actor::Customer;
    let create = Just(Command::Create {
        name: text("Main line"),
        kind: PolicyKind::Call,
        by: by(),
        at: at(0),
    });
    let save = (0_u32..6, any::<Document>(), any::<Timestamp>()).prop_map(move |(based_on, document, at)| {
        Command::Save {
            based_on,
            document,
            by: by(),
            at,
        }
    });
    let schedule =
        (0_u32..6, any::<Timestamp>(), any::<Timestamp>()).prop_map(move |(revision, publish_at, at)| {
            Command::Schedule {
                revision,
                publish_at,
                comment: None,
                by: by(),
                at,
            }
        });
    prop_oneof![2 => create, 4 => save, 4 => schedule, 3 => any::<Command>()]
        .prop_map(|command| AnyCommand::RoutingPolicy(RoutingPolicyId::new(id(1)), command))
}

fn about_calls() -> impl Strategy<Value = Vec<(AnyCommand, Timestamp)>> {
    let call = CallId::new(id(1));
    let moments = vec(any::<Timestamp>(), 160);
    (call::plots(), moments).prop_map(move |(plot, moments)| {
        let said = plot.into_iter().map(|command| AnyCommand::Call(call, command));
        said.zip(moments).collect()
    })
}

fn at_moments(
    command: impl Strategy<Value = AnyCommand>,
) -> impl Strategy<Value = Vec<(AnyCommand, Timestamp)>> {
    vec((command, any::<Timestamp>()), 0..40)
}

proptest! {
    #[test]
    fn every_implied_consent_runs_out_once(said in at_moments(about_consents())) {
        live_through::<ConsentExpiry>(said);
    }

    #[test]
    fn every_schedule_comes_to_its_end(said in at_moments(about_policies())) {
        live_through::<ScheduledPublish>(said);
    }

    #[test]
    fn every_offer_comes_to_its_end(said in at_moments(about_offers())) {
        live_through::<OfferTimeout>(said);
    }

    #[test]
    fn every_offer_of_a_call_and_every_wait_in_it_comes_to_its_end(said in about_calls()) {
        live_through::<OfferTimeout>(said.clone());
        live_through::<CallDeadlines>(said.clone());
        live_through::<InHand>(said.clone());
        live_through::<Callbacks>(said.clone());
        live_through::<HandingOn>(said.clone());
        live_through::<Monitors>(said.clone());
        live_through::<Offering>(said);
    }

    #[test]
    fn every_deadline_of_agents_and_queues_comes_to_its_end(said in business()) {
        live_on::<AgentLapse>(World::with(at_work()), said.clone());
        live_on::<QueueLapse>(World::with(at_work()), said);
    }

    #[test]
    fn lapses_know_the_deadlines_that_agents_and_queues_go_by(
        to_agent in vec(agent::tests::invariants::likely(), 0..150),
        to_queue in vec(queue::tests::invariants::likely(), 0..150),
    ) {
        let agent = AgentId::new(id(1));
        let told = deadlines::<Agent>(&agent::tests::at_work(), to_agent, agent::State::next_deadline);
        let any = |events: Vec<_>| events.into_iter().map(|event| AnyEvent::Agent(agent, event)).collect();
        assert_same_deadlines::<AgentLapse>(told.into_iter().map(|(events, due)| (any(events), due)).collect());
        let (queue, made) = (QueueId::new(id(1)), queue::tests::configured(queue::tests::ring_all()));
        let told = deadlines::<Queue>(&[made], to_queue, queue::State::next_deadline);
        let any = |events: Vec<_>| events.into_iter().map(|event| AnyEvent::Queue(queue, event)).collect();
        assert_same_deadlines::<QueueLapse>(told.into_iter().map(|(events, due)| (any(events), due)).collect());
    }

    #[test]
    fn what_is_offered_and_in_hand_comes_to_its_end(said in business()) {
        live_on::<Offering>(World::with(at_work()), said.clone());
        live_on::<Waiting>(World::with(at_work()), said.clone());
        live_on::<Callbacks>(World::with(at_work()), said.clone());
        live_on::<HandingOn>(World::with(at_work()), said.clone());
        live_on::<Monitors>(World::with(at_work()), said.clone());
        live_on::<InHand>(World::with(at_work()), said);
    }

    #[test]
    fn together_they_leave_nothing_open(scenes in scenes()) {
        live_together(scenes);
    }

    #[test]
    fn processes_look_past_what_is_not_theirs(said in at_moments(prop_oneof![about_consents(), about_policies(), about_offers()])) {
        live_through::<ConsentExpiry>(said.clone());
        live_through::<ScheduledPublish>(said.clone());
        live_through::<OfferTimeout>(said);
    }
}

#[test]
fn every_process_has_a_name_of_its_own_that_is_a_key() {
    fn name<P: Process>() -> String {
        let cause = happened("acme", 1, {
            let consent = ConsentId::new(id(2));
            AnyEvent::Consent(consent, consent::Event::Expired { at: at(0) })
        })
        .cause;
        let what = AnyCommand::Consent(ConsentId::new(id(2)), consent::Command::Expire { at: at(0) });
        Order::new::<P>(&cause, what).by.to_string()
    }
    let mut names = vec![
        name::<AgentLapse>(),
        name::<CallDeadlines>(),
        name::<Callbacks>(),
        name::<HandingOn>(),
        name::<ConsentExpiry>(),
        name::<InHand>(),
        name::<Monitors>(),
        name::<OfferTimeout>(),
        name::<Offering>(),
        name::<QueueHours>(),
        name::<QueueLapse>(),
        name::<RetentionRuns>(),
        name::<ScheduledPublish>(),
        name::<Waiting>(),
    ];
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
