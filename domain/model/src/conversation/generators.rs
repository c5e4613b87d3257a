//! Commands at random, for the test suites.

use super::Command;
use super::assignment::AssignmentCommand;
use super::channel::{Inbox, Pair};
use super::filing::FilingCommand;
use super::message::MessageCommand;
use super::offer::OfferCommand;
use super::routing::Decision;
use crate::Timestamp;
use crate::call::reasons::Exit;
use crate::context::Actor;
use crate::ids::{EntryId, JourneyId, QueueId};
use proptest::prelude::*;

// Written out with one box for each: what derives generate for so many commands overflows the stack of a test.
impl Arbitrary for Command {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        proptest::strategy::Union::new([
            any::<(JourneyId, Pair, Actor, Timestamp)>()
                .prop_map(|(journey, pair, by, at)| Command::Open {
                    journey,
                    pair,
                    by,
                    at,
                })
                .boxed(),
            any::<(Pair, Actor, Timestamp)>()
                .prop_map(|(pair, by, at)| Command::SwitchChannel { pair, by, at })
                .boxed(),
            any::<(Decision, Timestamp)>()
                .prop_map(|(decision, at)| Command::Route { decision, at })
                .boxed(),
            any::<(Inbox, Actor, Timestamp)>()
                .prop_map(|(inbox, by, at)| Command::SetInbox { inbox, by, at })
                .boxed(),
            any::<(EntryId, QueueId, Exit, Timestamp)>()
                .prop_map(|(entry, queue, why, at)| Command::LeaveQueue {
                    entry,
                    queue,
                    why,
                    at,
                })
                .boxed(),
            any::<OfferCommand>().prop_map(Command::Offer).boxed(),
            any::<AssignmentCommand>().prop_map(Command::Assignment).boxed(),
            any::<MessageCommand>().prop_map(Command::Message).boxed(),
            any::<FilingCommand>().prop_map(Command::Filing).boxed(),
            any::<(Actor, Timestamp)>()
                .prop_map(|(by, at)| Command::Archive { by, at })
                .boxed(),
        ])
        .boxed()
    }
}
