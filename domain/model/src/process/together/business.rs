//! What people and networks may say, at any moment and in any order.

use proptest::collection::vec;
use proptest::prelude::*;

use super::QUEUE;
use crate::call::parties::{Caller, Entrance, Party};
use crate::call::reasons::LegCause;
use crate::call::{self, bridge, leg, life};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::conversation::assignment::AssignmentCommand;
use crate::conversation::channel::{Channel, Pair};
use crate::conversation::offer::OfferCommand;
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, CallId, ConversationId, EntryId, JourneyId, LegId, OfferId};
use crate::process::AnyCommand;
use crate::queue::{self, EntryCommand, FencingToken, OwnerCommand, Proposal};
use crate::testing::sample::{at, id, number};
use crate::{Millis, Timestamp, agent, conversation};

const BRIDGE: BridgeId = BridgeId::new(id(901));

pub(super) fn to_agents() -> BoxedStrategy<AnyCommand> {
    (any::<AgentId>(), agent::tests::invariants::likely())
        .prop_map(|(agent, command)| AnyCommand::Agent(agent, command))
        .boxed()
}

fn entry(n: u128) -> EntryId {
    EntryId::new(id(n))
}

// The call that waits as an entry has the same number, and so have its legs; a few of them are enough.
fn call(n: u128) -> CallId {
    CallId::new(id(n))
}

fn chat(n: u128) -> ConversationId {
    ConversationId::new(id(n))
}

pub(super) fn enter(entry: EntryId, contact: Contact, channel: WorkChannel, at: Timestamp) -> EntryCommand {
    EntryCommand::Enter {
        returned: None,
        entry,
        contact,
        channel,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at,
        at,
    }
}

pub(super) fn to_queue() -> BoxedStrategy<AnyCommand> {
    let moments = any::<Timestamp>();
    let enter = (0_u128..4, moments).prop_map(|(n, at)| {
        let (contact, channel) = if n == 3 {
            (Contact::Conversation(chat(n)), WorkChannel::Chat)
        } else {
            (Contact::Call(call(n)), WorkChannel::Voice)
        };
        enter(entry(n), contact, channel, at).into()
    });
    let chosen = proptest::collection::btree_map(any::<AgentId>(), 0_u128..40, 1..4);
    let reserve = (0_u128..4, chosen, any::<Timestamp>(), 10_u32..90);
    let reserve = reserve.prop_map(|(n, chosen, at, length)| {
        let chosen: Vec<_> = chosen
            .into_iter()
            .map(|(agent, offer)| (OfferId::new(id(offer)), agent))
            .collect();
        queue::Command::Owner {
            token: FencingToken(1),
            command: OwnerCommand::Reserve(Proposal {
                until: at.plus(Millis::from_secs(length)),
                ..queue::tests::proposal(entry(n), &chosen, 0)
            }),
            at,
        }
    });
    prop_oneof![
        3 => enter,
        6 => reserve,
        3 => queue::tests::invariants::likely(),
    ]
    .prop_map(|command| AnyCommand::Queue(QUEUE, command))
    .boxed()
}

pub(super) fn to_calls() -> BoxedStrategy<AnyCommand> {
    let scene = (
        0_u128..3,
        0_u8..14,
        any::<AgentId>(),
        0_u128..40,
        any::<Timestamp>(),
    );
    scene
        .prop_map(|(n, kind, agent, offer, at)| {
            let caller = LegId::new(id(100 + n));
            let offer = OfferId::new(id(offer));
            let theirs = LegId::new(agent.derive(&format!("{n}/{offer}")));
            let cause = LegCause::HungUp;
            AnyCommand::Call(
                call(n),
                scene_of(kind, caller, theirs, (agent, offer), cause, at, entry(n)),
            )
        })
        .boxed()
}

pub(super) fn scene_of(
    kind: u8,
    caller: LegId,
    theirs: LegId,
    (agent, offer): (AgentId, OfferId),
    cause: LegCause,
    at: Timestamp,
    entry: EntryId,
) -> call::Command {
    use call::Command;
    let bridge = BRIDGE;
    let party = Party::Agent { agent, device: None };
    match kind {
        0 => Command::Life(life::Command::Offer {
            leg: caller,
            caller: Caller::Withheld,
            entrance: Entrance::Number {
                number: number("+442079460000"),
            },
            journey: JourneyId::new(id(5)),
            previous: None,
            at,
        }),
        1 => Command::Leg(leg::Command::Answer { leg: caller, at }),
        2 | 3 => Command::Queue(call::queue::Command::Join {
            entry,
            queue: QUEUE,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: at,
            at,
        }),
        4 => Command::Bridge(bridge::Command::Join {
            bridge,
            leg: caller,
            at,
        }),
        5 | 6 => Command::Leg(leg::Command::Create {
            leg: theirs,
            party,
            offer: (kind == 5).then_some(offer),
            hunt: None,
            at,
        }),
        7 | 8 => Command::Leg(leg::Command::Answer { leg: theirs, at }),
        9 => Command::Bridge(bridge::Command::Join {
            bridge,
            leg: theirs,
            at,
        }),
        10 => Command::Leg(leg::Command::End {
            leg: theirs,
            cause,
            at,
        }),
        11 => Command::Leg(leg::Command::End {
            leg: caller,
            cause,
            at,
        }),
        12 => Command::Offer(call::offer::Command::Accept { offer, at }),
        _ => Command::Offer(call::offer::Command::Reject {
            offer,
            reason: None,
            at,
        }),
    }
}

pub(super) fn to_chat() -> BoxedStrategy<AnyCommand> {
    use conversation::Command;
    let open = (any::<Pair>(), any::<Timestamp>()).prop_map(|(pair, at)| Command::Open {
        journey: JourneyId::new(id(1)),
        pair: Pair {
            channel: Channel::Chat,
            ..pair
        },
        by: Actor::Customer,
        at,
    });
    let answer = (0_u128..40, any::<bool>(), any::<Timestamp>()).prop_map(|(offer, takes, at)| {
        let offer = OfferId::new(id(offer));
        Command::Offer(if takes {
            OfferCommand::Accept { offer, at }
        } else {
            OfferCommand::Reject {
                offer,
                reason: None,
                at,
            }
        })
    });
    let archive = any::<Timestamp>().prop_map(|at| Command::Archive {
        by: Actor::Customer,
        at,
    });
    prop_oneof![
        3 => open,
        6 => answer,
        2 => any::<AssignmentCommand>().prop_map(Command::Assignment),
        1 => archive,
    ]
    .prop_map(|command| AnyCommand::Conversation(chat(3), command))
    .boxed()
}

/// What people and networks ask, of a queue that somebody owns.
pub(in crate::process) fn business() -> impl Strategy<Value = Vec<(AnyCommand, Timestamp)>> {
    let acquire = AnyCommand::Queue(
        QUEUE,
        queue::Command::Acquire {
            node: crate::testing::sample::text("node-1"),
            until: at(0).plus(queue::LEASE_MS_MAX),
            at: at(0),
        },
    );
    let said = prop_oneof![2 => to_agents(), 4 => to_queue(), 6 => to_calls(), 2 => to_chat()];
    vec((said, any::<Timestamp>()), 0..100).prop_map(move |said| {
        let first = (acquire.clone(), Timestamp::MIN);
        std::iter::once(first).chain(said).collect()
    })
}
