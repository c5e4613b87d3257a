//! A small world to try processes in: the aggregates, the log and the clock in one hand.

use std::collections::{BTreeMap, BTreeSet};

use super::{AnyCommand, AnyEvent, AnyRejection, Cause, Happened, Order, Process};
use crate::agent::{self, Agent};
use crate::call::{self, Call};
use crate::consent::{self, Consent};
use crate::conversation::{self, Conversation};
use crate::ids::{
    AgentId, CallId, CommandId, ConsentId, ConversationId, EventId, JourneyId, QueueId, RetentionId,
    RoutingPolicyId, TenantId, TenantRoot,
};
use crate::queue::{self, Queue};
use crate::retention::{self, Retention};
use crate::routing_policy::{self, RoutingPolicy};
use crate::tenant::{self, Tenant};
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
pub(super) struct World {
    pub(super) consents: BTreeMap<ConsentId, consent::State>,
    pub(super) calls: BTreeMap<CallId, call::State>,
    pub(super) queues: BTreeMap<QueueId, queue::State>,
    pub(super) agents: BTreeMap<AgentId, agent::State>,
    pub(super) conversations: BTreeMap<ConversationId, conversation::State>,
    pub(super) policies: BTreeMap<RoutingPolicyId, routing_policy::State>,
    pub(super) retentions: BTreeMap<RetentionId, retention::State>,
    pub(super) tenants: BTreeMap<TenantRoot, tenant::State>,
    pub(super) log: Vec<Happened>,
    // By whose order each of them was recorded.
    pub(super) authors: Vec<&'static str>,
    pub(super) author: &'static str,
    recorded: BTreeSet<CommandId>,
}

macro_rules! decides {
    ($world:ident, $what:ident; $($Aggregate:ident in $states:ident),* $(,)?) => {
        match $what {
            $(AnyCommand::$Aggregate(id, said) => decide::<$Aggregate>(&mut $world.$states, id, said)
                .map(|events| events.into_iter().map(|event| AnyEvent::$Aggregate(id, event)).collect())
                .map_err(AnyRejection::$Aggregate)),*
        }
    };
}

macro_rules! evolves {
    ($world:ident, $what:ident; $($Aggregate:ident in $states:ident),* $(,)?) => {
        match $what {
            $(AnyEvent::$Aggregate(id, event) => {
                let state = $world.$states.entry(*id).or_default();
                *state = $Aggregate::evolve(std::mem::take(state), event);
            }),*
        }
    };
}

impl World {
    /// Begins with what has happened.
    pub(super) fn with(history: impl IntoIterator<Item = AnyEvent>) -> Self {
        let mut world = Self::default();
        for (n, what) in (0..).zip(history) {
            let happened = &what;
            evolves!(world, happened; Consent in consents, Call in calls, Queue in queues, Agent in agents,
                Conversation in conversations, RoutingPolicy in policies, Retention in retentions,
                Tenant in tenants);
            world.log.push(self::happened("acme", 1_000_000 + n, what));
            world.authors.push("");
        }
        world
    }

    /// Says a command, as the log does: one that was recorded before records nothing. Returns how much it recorded.
    pub(super) fn send(&mut self, command: CommandId, what: AnyCommand) -> Result<usize, AnyRejection> {
        if self.recorded.contains(&command) {
            return Ok(0);
        }
        let world = &mut *self;
        let events: Vec<AnyEvent> = decides!(world, what; Consent in consents, Call in calls, Queue in queues,
            Agent in agents, Conversation in conversations, RoutingPolicy in policies, Retention in retentions,
                Tenant in tenants)?;
        let count = events.len();
        if count > 0 {
            self.recorded.insert(command);
        }
        for (place, what) in events.into_iter().enumerate() {
            self.authors.push(self.author);
            self.log.push(Happened {
                cause: Cause {
                    tenant: TenantId::new("acme").expect("a tenant's id"),
                    event: EventId::of(command, place),
                    journey: None,
                },
                what,
            });
        }
        Ok(count)
    }
}

fn decide<D: Decider>(
    states: &mut BTreeMap<D::Id, D::State>,
    id: D::Id,
    said: D::Command,
) -> Result<Vec<D::Event>, D::Rejection> {
    let state = states.entry(id).or_default();
    let events = D::decide(state, said)?;
    *state = events.iter().fold(std::mem::take(state), D::evolve);
    Ok(events)
}

/// Lets people say commands and a process follow them at the moments given, and then at the end of time.
///
/// # Panics
/// If a restart or a snapshot changes what the process knows, an order is repeated once obeyed, or something is left
/// waiting at the end of time.
pub(super) fn live_through<P: Process>(said: Vec<(AnyCommand, Timestamp)>) {
    live_on::<P>(World::default(), said);
}

/// As [`live_through`], in a world with a past.
pub(super) fn live_on<P: Process>(mut world: World, said: Vec<(AnyCommand, Timestamp)>) {
    let mut process: P = fold(&world.log);
    let mut answered = Answered::default();
    let end = (None, Timestamp::MAX);
    let said = said.into_iter().map(|(command, now)| (Some(command), now));
    for (n, (command, now)) in said.chain([end]).enumerate() {
        let mut seen = world.log.len();
        if let Some(command) = command {
            let _ = world.send(CommandId::new(id(n as u128)), command);
        }
        seen = catch_up(&mut process, &world, seen);
        // What is told to a process can lead to more, such as the end of one offer to the next.
        while let Some(order) = next(&process, now, &answered) {
            answered.take(&process, &mut world, order);
            seen = catch_up(&mut process, &world, seen);
        }
        let waiting = process.orders(Timestamp::MAX);
        let again = waiting.iter().find(|order| answered.obeyed.contains(&order.id));
        assert_eq!(again, None, "obeyed once, given no more");
    }
    let waiting: Vec<Order> = process.orders(Timestamp::MAX);
    assert_eq!(waiting, [], "nothing waits for ever");
    assert_eq!(process.due(), None);
}

/// What became of the orders that a process gave.
#[derive(Default)]
pub(super) struct Answered {
    obeyed: BTreeSet<CommandId>,
    refused: BTreeSet<CommandId>,
}

impl Answered {
    /// Sends an order as a runner does, with what follows from a refusal.
    pub(super) fn take<P: Process>(&mut self, process: &P, world: &mut World, order: Order) {
        world.author = P::NAME;
        match world.send(order.id, order.what.clone()) {
            // It was so already: the event that says so is the process's to know.
            Ok(0) => {
                self.refused.insert(order.id);
            }
            Ok(_) => {
                self.obeyed.insert(order.id);
            }
            Err(why) => {
                self.refused.insert(order.id);
                self.instead(process, world, &order, &why);
            }
        }
    }

    // What follows from a refusal may be refused as well, until nothing more follows.
    fn instead<P: Process>(&mut self, process: &P, world: &mut World, order: &Order, why: &AnyRejection) {
        for instead in process.refused(order, why) {
            if let Err(why) = world.send(instead.id, instead.what.clone()) {
                self.instead(process, world, &instead, &why);
            }
        }
    }
}

/// Returns an order that was not given yet.
pub(super) fn next<P: Process>(process: &P, now: Timestamp, answered: &Answered) -> Option<Order> {
    let orders = process.orders(now);
    assert!(
        orders.is_empty() || process.due().is_some_and(|due| due <= now),
        "what is given is due"
    );
    let new = |order: &Order| !answered.obeyed.contains(&order.id) && !answered.refused.contains(&order.id);
    orders.into_iter().find(new)
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
