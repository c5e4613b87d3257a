//! A small world to try processes in: the aggregates, the log and the clock in one hand.

use std::collections::{BTreeMap, BTreeSet};

use super::{AnyCommand, AnyEvent, Cause, Happened, Order, Process};
use crate::consent::{self, Consent};
use crate::conversation::{self, Conversation};
use crate::ids::{CommandId, ConsentId, ConversationId, EventId, JourneyId, RoutingPolicyId, TenantId};
use crate::routing_policy::{self, RoutingPolicy};
use crate::testing::sample::id;
use crate::{Decider, Timestamp};

/// Makes the event that is number `n` of a tenant's log.
pub(super) fn happened(tenant: &str, n: u128, what: AnyEvent) -> Happened {
    Happened {
        cause: Cause {
            tenant: TenantId::new(tenant).expect("a sample's tenant is right"),
            event: EventId::new(id(n)),
            journey: Some(JourneyId::new(id(1))),
        },
        what,
    }
}

/// Folds a log from its beginning, as after a restart.
pub(super) fn fold<P: Process>(log: &[Happened]) -> P {
    let mut process = P::default();
    for happened in log {
        process.fold(happened);
    }
    process
}

/// The aggregates of one tenant and what was recorded of them.
#[derive(Default)]
struct World {
    consents: BTreeMap<ConsentId, consent::State>,
    conversations: BTreeMap<ConversationId, conversation::State>,
    policies: BTreeMap<RoutingPolicyId, routing_policy::State>,
    log: Vec<Happened>,
    recorded: BTreeSet<CommandId>,
}

impl World {
    /// Says a command, as the log does: one that was recorded before records nothing. Returns how much it recorded.
    fn send(&mut self, command: CommandId, what: AnyCommand) -> usize {
        if self.recorded.contains(&command) {
            return 0;
        }
        let events: Vec<AnyEvent> = match what {
            AnyCommand::Consent(id, said) => decide::<Consent>(&mut self.consents, id, said)
                .map(|event| AnyEvent::Consent(id, event))
                .collect(),
            AnyCommand::Conversation(id, said) => decide::<Conversation>(&mut self.conversations, id, said)
                .map(|event| AnyEvent::Conversation(id, event))
                .collect(),
            AnyCommand::RoutingPolicy(id, said) => decide::<RoutingPolicy>(&mut self.policies, id, said)
                .map(|event| AnyEvent::RoutingPolicy(id, event))
                .collect(),
        };
        let count = events.len();
        if count > 0 {
            self.recorded.insert(command);
        }
        for (place, what) in events.into_iter().enumerate() {
            self.log.push(Happened {
                cause: Cause {
                    tenant: TenantId::new("acme").expect("a tenant's id"),
                    event: EventId::of(command, place),
                    journey: None,
                },
                what,
            });
        }
        count
    }
}

fn decide<D: Decider>(
    states: &mut BTreeMap<D::Id, D::State>,
    id: D::Id,
    said: D::Command,
) -> impl Iterator<Item = D::Event> + use<D> {
    let state = states.entry(id).or_default();
    let events = D::decide(state, said).unwrap_or_default();
    *state = events.iter().fold(std::mem::take(state), D::evolve);
    events.into_iter()
}

/// Lets people say commands and a process follow them at the moments given, and then at the end of time.
///
/// # Panics
/// If a restart or a snapshot changes what the process knows, an order is repeated once obeyed, or something is left
/// waiting at the end of time.
pub(super) fn live_through<P: Process>(said: Vec<(AnyCommand, Timestamp)>) {
    let mut world = World::default();
    let mut process = P::default();
    let mut obeyed = BTreeSet::new();
    let end = (None, Timestamp::MAX);
    let said = said.into_iter().map(|(command, now)| (Some(command), now));
    for (n, (command, now)) in said.chain([end]).enumerate() {
        let mut seen = world.log.len();
        if let Some(command) = command {
            world.send(CommandId::new(id(n as u128)), command);
        }
        seen = catch_up(&mut process, &world, seen);
        // What is told to a process can lead to more, such as the end of one offer to the next.
        while let Some(order) = next(&process, now, &obeyed) {
            if world.send(order.id, order.what.clone()) == 0 {
                break;
            }
            obeyed.insert(order.id);
            seen = catch_up(&mut process, &world, seen);
        }
        let waiting = process.orders(Timestamp::MAX);
        assert!(
            waiting.iter().all(|order| !obeyed.contains(&order.id)),
            "obeyed once, given no more"
        );
    }
    assert_eq!(process.due(), None, "nothing waits for ever");
}

fn next<P: Process>(process: &P, now: Timestamp, obeyed: &BTreeSet<CommandId>) -> Option<Order> {
    let orders = process.orders(now);
    assert!(
        orders.is_empty() || process.due().is_some_and(|due| due <= now),
        "what is given is due"
    );
    orders.into_iter().find(|order| !obeyed.contains(&order.id))
}

fn catch_up<P: Process>(process: &mut P, world: &World, seen: usize) -> usize {
    for happened in &world.log[seen..] {
        process.fold(happened);
        // At least once means: sometimes twice.
        process.fold(happened);
    }
    let restarted: P = fold(&world.log);
    assert_eq!(&restarted, process, "folded again, it knows the same");
    let snapshot = serde_json::to_string(process).expect("a process is plain data");
    let restored: P = serde_json::from_str(&snapshot).expect("as written");
    assert_eq!(&restored, process, "from its snapshot, it knows the same");
    assert_eq!(restored.orders(Timestamp::MAX), process.orders(Timestamp::MAX));
    world.log.len()
}
