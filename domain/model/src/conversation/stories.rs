//! The conversation, told.

mod agents;
mod ending;
mod messages;

use crate::Decider as _;
use crate::context::Actor;
use crate::conversation::assignment::How;
use crate::conversation::channel::{Channel, Pair};
use crate::conversation::offer::WithdrawReason;
use crate::conversation::{Conversation, Event, samples};
use crate::ids::{AgentId, JourneyId, OfferId};
use crate::testing::golden;
use crate::testing::sample::{at, id, person, text};
use crate::{Millis, Private};

const ANN: AgentId = AgentId::new(id(10));
const BOB: AgentId = AgentId::new(id(11));
const TO_ANN: OfferId = OfferId::new(id(30));

pub(super) fn sms() -> Pair {
    pair(Channel::Sms, "+442079460000", "+442079460001")
}

fn pair(channel: Channel, ours: &str, theirs: &str) -> Pair {
    Pair {
        channel,
        ours: text(ours),
        theirs: Private::new(person(1), text(theirs)),
    }
}

fn opened() -> Event {
    Event::Opened {
        journey: JourneyId::new(id(1)),
        pair: sms(),
        by: Actor::Customer,
        at: at(0),
    }
}

fn archived() -> Event {
    Event::Archived {
        by: Actor::Agent(ANN),
        at: at(90),
    }
}

fn offered(offer: OfferId, agent: AgentId) -> Event {
    Event::Offered {
        offer,
        agent,
        entry: None,
        ring_ms: Millis::from_secs(30),
        at: at(1),
    }
}

fn withdrawn(offer: OfferId, agent: AgentId, reason: WithdrawReason, second: i64) -> Event {
    Event::OfferWithdrawn {
        offer,
        agent,
        reason,
        at: at(second),
    }
}

fn assigned(agent: AgentId, how: How, second: i64) -> Event {
    Event::Assigned {
        agent,
        how,
        by: Actor::Agent(agent),
        at: at(second),
    }
}

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Conversation>(Conversation::CATEGORY, &samples());
}
