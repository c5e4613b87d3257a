//! What holds of a conversation whatever is said to it, and in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::assignment::AssignmentCommand;
use super::message::{MessageCommand, Report, Stage};
use super::offer::OfferCommand;
use super::permission::Permission;
use super::stories::sms;
use super::{Command, Conversation, Event};
use crate::Timestamp;
use crate::context::Actor;
use crate::ids::{AgentId, JourneyId, MessageId};
use crate::testing::sample::{at, id};
use crate::testing::{fold_and_read_back, play};

fn play_open(commands: Vec<Command>) -> Vec<Event> {
    let open = Command::Open {
        journey: JourneyId::new(id(1)),
        pair: sms(),
        by: Actor::Customer,
        at: at(0),
    };
    play::<Conversation>([open].into_iter().chain(commands))
}

fn about_agents() -> impl Strategy<Value = Vec<Command>> {
    let command = prop_oneof![
        6 => any::<OfferCommand>().prop_map(Command::Offer),
        3 => any::<AssignmentCommand>().prop_map(Command::Assignment),
        1 => any::<Command>(),
    ];
    vec(command, 0..80)
}

// Mostly what happens to a message after it was written, for most of what can go wrong goes wrong there.
fn about_messages() -> impl Strategy<Value = Vec<Command>> {
    let report = (any::<MessageId>(), any::<Report>(), any::<Timestamp>())
        .prop_map(|(message, report, at)| MessageCommand::Report { message, report, at });
    let clear = (any::<MessageId>(), any::<Permission>(), any::<Timestamp>()).prop_map(
        |(message, permission, at)| MessageCommand::Clear {
            message,
            permission,
            at,
        },
    );
    let command = prop_oneof![
        3 => any::<MessageCommand>().prop_map(Command::Message),
        4 => report.prop_map(Command::Message),
        2 => clear.prop_map(Command::Message),
        1 => any::<Command>(),
    ];
    vec(command, 0..200)
}

fn stage(event: &Event) -> Option<(MessageId, Stage)> {
    if let Event::MessageReceived { message, .. } | Event::MessageComposed { message, .. } = event {
        Some((*message, Stage::New))
    } else if let Event::MessageCleared { message, .. } = event {
        Some((*message, Stage::Cleared))
    } else if let Event::MessageBlocked { message, .. } = event {
        Some((*message, Stage::Blocked))
    } else if let Event::MessageSent { message, .. } = event {
        Some((*message, Stage::Sent))
    } else if let Event::MessageFailed { message, .. } = event {
        Some((*message, Stage::Failed))
    } else if let Event::MessageDelivered { message, .. } = event {
        Some((*message, Stage::Delivered))
    } else if let Event::MessageRead { message, .. } = event {
        Some((*message, Stage::Read))
    } else {
        None
    }
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<Conversation>(&play_open(commands.clone()));
        fold_and_read_back::<Conversation>(&play::<Conversation>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Conversation>(&events);
    }

    #[test]
    fn every_offer_has_at_most_one_outcome_and_none_outlives_the_conversation(commands in about_agents()) {
        let mut made = BTreeSet::new();
        let mut open: BTreeMap<_, AgentId> = BTreeMap::new();
        for event in play_open(commands) {
            if let Event::Offered { offer, agent, .. } = event {
                prop_assert!(made.insert(offer), "made once");
                prop_assert!(!open.values().any(|other| *other == agent), "an agent is rung once at a time");
                open.insert(offer, agent);
            } else if let Event::OfferAccepted { offer, agent, .. }
            | Event::OfferRejected { offer, agent, .. }
            | Event::OfferMissed { offer, agent, .. }
            | Event::OfferWithdrawn { offer, agent, .. } = event
            {
                prop_assert_eq!(open.remove(&offer), Some(agent));
            } else if let Event::Assigned { .. } | Event::Archived { .. } = event {
                prop_assert!(open.is_empty(), "no offer is left open");
            }
        }
    }

    #[test]
    fn at_most_one_agent_is_responsible(commands in about_agents()) {
        let mut holder = None;
        for event in play_open(commands) {
            if let Event::Assigned { agent, .. } = event {
                prop_assert_eq!(holder.replace(agent), None);
            } else if let Event::TakenOver { agent, from, .. } = event {
                prop_assert_ne!(agent, from);
                prop_assert_eq!(holder.replace(agent), Some(from));
            } else if let Event::Unassigned { agent, .. } = event {
                prop_assert_eq!(holder.take(), Some(agent));
            } else if let Event::Archived { .. } = event {
                prop_assert_eq!(holder, None);
            }
        }
    }

    #[test]
    fn messages_only_move_forward_and_a_blocked_one_not_at_all(commands in about_messages()) {
        let mut stages = BTreeMap::new();
        for (message, to) in play_open(commands).iter().filter_map(stage) {
            let from = stages.insert(message, to);
            prop_assert!(from < Some(to), "from {from:?} to {to:?}");
            prop_assert_ne!(from, Some(Stage::Blocked));
            if from == Some(Stage::New) {
                prop_assert!(matches!(to, Stage::Cleared | Stage::Blocked | Stage::Read), "{to:?}");
            }
        }
    }

    #[test]
    fn a_providers_message_is_recorded_once(commands in about_messages()) {
        let mut keys = BTreeSet::new();
        for event in play_open(commands) {
            if let Event::MessageReceived { provider, .. } = event {
                prop_assert!(keys.insert(provider.key));
            } else if let Event::MessageSent { provider, .. } = event {
                keys.insert(provider.key);
            }
        }
    }
}
