//! All processes at once over one queue, its agents, its callers and a chat: nothing may be left open between them.

use proptest::collection::vec;
use proptest::prelude::*;

use super::call_deadlines::CallDeadlines;
use super::in_hand::InHand;
use super::lapse::{AgentLapse, QueueLapse};
use super::offer_timeout::OfferTimeout;
use super::offering::Offering;
use super::world::{Answered, World, fold, next};
use super::{AnyCommand, AnyEvent, Process};
use crate::agent::{self, Activity};
use crate::call::parties::{Caller, Entrance, Party};
use crate::call::reasons::LegCause;
use crate::call::{self, bridge, leg, life};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::conversation::assignment::AssignmentCommand;
use crate::conversation::channel::{Channel, Pair};
use crate::conversation::offer::OfferCommand;
use crate::few::Few;
use crate::ids::{
    AgentId, BridgeId, CallId, CommandId, ConversationId, EntryId, JourneyId, LegId, OfferId, QueueId,
};
use crate::queue::{self, EntryCommand, FencingToken, OwnerCommand, Proposal};
use crate::testing::sample::{at, id, number};
use crate::{Millis, Timestamp, conversation};

pub(super) const QUEUE: QueueId = QueueId::new(id(900));
const BRIDGE: BridgeId = BridgeId::new(id(901));

/// One queue that rings all, and six agents at work.
pub(super) fn at_work() -> Vec<AnyEvent> {
    let mut settings = queue::tests::ring_all();
    settings.channels.insert(WorkChannel::Chat);
    // The members of the stories' group are asked at once.
    let sales = agent::tests::ready().groups;
    settings.tiers = Few::first([queue::Tier {
        groups: sales,
        after_ms: Millis(0),
    }]);
    settings.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let agents = (0..6).map(|n| AgentId::new(uuid::Uuid::from_u128(n)));
    let history = agents.flat_map(|agent| {
        let at_work = agent::tests::at_work().into_iter();
        at_work.map(move |event| AnyEvent::Agent(agent, event))
    });
    std::iter::once(AnyEvent::Queue(QUEUE, queue::tests::configured(settings)))
        .chain(history)
        .collect()
}

fn to_agents() -> BoxedStrategy<AnyCommand> {
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

fn to_queue() -> BoxedStrategy<AnyCommand> {
    let moments = any::<Timestamp>();
    let enter = (0_u128..4, moments).prop_map(|(n, at)| {
        let (contact, channel) = if n == 3 {
            (Contact::Conversation(chat(n)), WorkChannel::Chat)
        } else {
            (Contact::Call(call(n)), WorkChannel::Voice)
        };
        EntryCommand::Enter {
            entry: entry(n),
            contact,
            channel,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            since: at,
            at,
        }
        .into()
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

fn to_calls() -> BoxedStrategy<AnyCommand> {
    let scene = (0_u128..3, 0_u8..14, any::<AgentId>(), 0_u128..40, any::<Timestamp>());
    scene
        .prop_map(|(n, kind, agent, offer, at)| {
            let caller = LegId::new(id(100 + n));
            let offer = OfferId::new(id(offer));
            let theirs = LegId::new(agent.derive(&format!("{n}/{offer}")));
            let cause = LegCause::HungUp;
            AnyCommand::Call(call(n), scene_of(kind, caller, theirs, (agent, offer), cause, at, entry(n)))
        })
        .boxed()
}

fn scene_of(
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
            priority: 0,
            skills: Few::none(),
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

fn to_chat() -> BoxedStrategy<AnyCommand> {
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
pub(super) fn business() -> impl Strategy<Value = Vec<(AnyCommand, Timestamp)>> {
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

#[derive(Default)]
struct All {
    offer_timeout: (OfferTimeout, Answered),
    call_deadlines: (CallDeadlines, Answered),
    agent_lapse: (AgentLapse, Answered),
    queue_lapse: (QueueLapse, Answered),
    offering: (Offering, Answered),
    in_hand: (InHand, Answered),
    seen: usize,
}

macro_rules! each {
    ($all:ident, $this:ident => $what:expr) => {
        [
            { let $this = &mut $all.offer_timeout; $what },
            { let $this = &mut $all.call_deadlines; $what },
            { let $this = &mut $all.agent_lapse; $what },
            { let $this = &mut $all.queue_lapse; $what },
            { let $this = &mut $all.offering; $what },
            { let $this = &mut $all.in_hand; $what },
        ]
    };
}

impl All {
    fn catch_up(&mut self, world: &World) {
        for happened in &world.log[self.seen..] {
            each!(self, one => one.0.fold(happened));
        }
        self.seen = world.log.len();
    }

    fn settle(&mut self, world: &mut World, now: Timestamp) {
        self.catch_up(world);
        while each!(self, one => step(one, world, now)).contains(&true) {
            self.catch_up(world);
        }
    }
}

fn step<P: Process>((process, answered): &mut (P, Answered), world: &mut World, now: Timestamp) -> bool {
    match next(process, now, answered) {
        Some(order) => {
            answered.take(process, world, order);
            true
        }
        None => false,
    }
}

/// Lets people and networks say commands while all processes follow, and then hangs up every call.
///
/// # Panics
/// If anything is left open.
pub(super) fn live_together(said: Vec<(AnyCommand, Timestamp)>) {
    let mut world = World::with(at_work());
    let mut all = All::default();
    let hang_up = |n| {
        let end = life::Command::End {
            cause: call::reasons::EndCause::TimeLimit,
            at: at(90_000),
        };
        (AnyCommand::Call(call(n), call::Command::Life(end)), at(90_000))
    };
    let archive = conversation::Command::Archive {
        by: Actor::Customer,
        at: at(90_000),
    };
    let ends = (0..3).map(hang_up).chain([
        (AnyCommand::Conversation(chat(3), archive), at(90_000)),
        (AnyCommand::Queue(QUEUE, queue::Command::Lapse { at: at(0) }), Timestamp::MAX),
    ]);
    for (n, (command, now)) in (0..).zip(said.into_iter().chain(ends)) {
        let _ = world.send(CommandId::new(id(n)), command);
        all.settle(&mut world, now);
        assert_no_agent_is_lost(&world);
    }
    for (due, process) in each!(all, one => (one.0.due(), format!("{:?}", one.0))) {
        assert_eq!(due, None, "{process}");
    }
    let folded: Offering = fold(&world.log);
    assert_eq!(folded, all.offering.0);
    assert_nothing_is_open(&world);
}

// Whoever talks to a caller is seen to have the call in hand, at any moment.
fn assert_no_agent_is_lost(world: &World) {
    for (call, state) in &world.calls {
        for agent in state.agents_with_caller() {
            let agent = world.agents.get(&agent);
            let has = agent.is_some_and(|agent| agent.activities().any(|(held, _)| held == Contact::Call(*call)));
            assert!(has, "an agent on {call} has it in hand");
        }
    }
}

fn assert_nothing_is_open(world: &World) {
    let queue = &world.queues[&QUEUE];
    let line = queue.line(Timestamp::MAX);
    let offered = line.iter().filter(|entry| queue.entry(**entry).is_some_and(queue::Entry::is_offered));
    assert_eq!(offered.count(), 0, "no entry is offered for ever");
    // What the sim's agents began or wrote by themselves is theirs to end, the calls and the chat of the queue are not.
    let ours = |contact: &Contact| match contact {
        Contact::Call(id) => world.calls.contains_key(id),
        Contact::Conversation(id) => world.conversations.contains_key(id),
        Contact::Callback(_) => false,
    };
    for (id, agent) in &world.agents {
        let open = agent.activities().filter(|(contact, activity)| {
            let open = !matches!(activity, Activity::WrapUpFailed);
            ours(contact) && open
        });
        assert_eq!(open.collect::<Vec<_>>(), [], "{id}");
    }
}
