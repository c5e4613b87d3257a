//! The platform's deciders and its log, in memory: what `domain-log` does, without a disk.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain_model::agent::{self, Agent};
use domain_model::call::{self, Call};
use domain_model::consent::{self, Consent};
use domain_model::context::Context;
use domain_model::conversation::{self, Conversation};
use domain_model::ids::{
    AgentId, CallId, CommandId, ConsentId, ConversationId, EventId, QueueId, RetentionId, RoutingPolicyId,
    TenantRoot,
};
use domain_model::process::{AnyCommand, AnyEvent, AnyRejection, Cause, Happened};
use domain_model::queue::{self, Queue};
use domain_model::retention::{self, Retention};
use domain_model::routing_policy::{self, RoutingPolicy};
use domain_model::tenant::{self, Tenant};
use domain_model::{Decider, Timestamp};

/// How many command ids are remembered at least.
const REMEMBERED: usize = 500_000;

/// All aggregates of one tenant, and the log.
#[derive(Default)]
pub struct Platform {
    consents: BTreeMap<ConsentId, consent::State>,
    calls: BTreeMap<CallId, call::State>,
    queues: BTreeMap<QueueId, queue::State>,
    agents: BTreeMap<AgentId, agent::State>,
    conversations: BTreeMap<ConversationId, conversation::State>,
    policies: BTreeMap<RoutingPolicyId, routing_policy::State>,
    retentions: BTreeMap<RetentionId, retention::State>,
    tenants: BTreeMap<TenantRoot, tenant::State>,
    log: VecDeque<Recorded>,
    // How many events were dropped at the log's beginning.
    dropped: u64,
    // Whose command recorded something: the newer ones, and those before them.
    known: [BTreeSet<CommandId>; 2],
}

/// One event of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When it was recorded.
    pub time: Timestamp,
    /// What.
    pub happened: Happened,
}

macro_rules! decided {
    ($platform:ident, $what:ident; $($Aggregate:ident in $states:ident),* $(,)?) => {
        match $what {
            $(AnyCommand::$Aggregate(id, said) => decide::<$Aggregate>(&mut $platform.$states, id, said)
                .map(|events| events.into_iter().map(|event| AnyEvent::$Aggregate(id, event)).collect())
                .map_err(AnyRejection::$Aggregate)),*
        }
    };
}

impl Platform {
    /// Says a command, as the log does: one that recorded something before records nothing. Returns how much it
    /// recorded.
    ///
    /// # Errors
    /// What the aggregate says.
    pub fn say(&mut self, context: &Context, what: AnyCommand) -> Result<usize, AnyRejection> {
        let command = context.command;
        if self.known.iter().any(|known| known.contains(&command)) {
            return Ok(0);
        }
        let platform = &mut *self;
        let events: Vec<AnyEvent> = decided!(platform, what; Consent in consents, Call in calls, Queue in queues,
            Agent in agents, Conversation in conversations, RoutingPolicy in policies, Retention in retentions,
            Tenant in tenants)?;
        let count = events.len();
        if count > 0 {
            self.remember(command);
        }
        for (place, what) in events.into_iter().enumerate() {
            self.log.push_back(Recorded {
                time: context.time,
                happened: Happened {
                    cause: Cause {
                        tenant: context.tenant.clone(),
                        event: EventId::of(command, place),
                        journey: context.journey,
                    },
                    what,
                },
            });
        }
        Ok(count)
    }

    fn remember(&mut self, command: CommandId) {
        if self.known[0].len() >= REMEMBERED {
            self.known.swap(0, 1);
            self.known[0].clear();
        }
        self.known[0].insert(command);
    }

    /// Returns the position after the last event.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.dropped + self.log.len() as u64
    }

    /// Returns the event at a position, if the log has it.
    #[must_use]
    pub fn at(&self, position: u64) -> Option<&Recorded> {
        let place = usize::try_from(position.checked_sub(self.dropped)?).ok()?;
        self.log.get(place)
    }

    /// Returns all events that are kept.
    pub fn log(&self) -> impl Iterator<Item = &Recorded> {
        self.log.iter()
    }

    /// Drops the log's beginning up to a position, and what is known of calls and conversations that are over. For
    /// long days.
    pub fn forget_until(&mut self, position: u64) {
        while self.dropped < position
            && let Some(gone) = self.log.pop_front()
        {
            self.dropped += 1;
            if let AnyEvent::Call(call, call::Event::Ended { .. }) = gone.happened.what {
                self.calls.remove(&call);
            }
            if let AnyEvent::Conversation(chat, conversation::Event::Archived { .. }) = gone.happened.what {
                self.conversations.remove(&chat);
            }
        }
    }

    /// Returns a queue.
    #[must_use]
    pub fn queue(&self, queue: QueueId) -> Option<&queue::State> {
        self.queues.get(&queue)
    }

    /// Returns the queues.
    #[must_use]
    pub const fn queues(&self) -> &BTreeMap<QueueId, queue::State> {
        &self.queues
    }

    /// Returns the agents.
    #[must_use]
    pub const fn agents(&self) -> &BTreeMap<AgentId, agent::State> {
        &self.agents
    }

    /// Returns the calls that are remembered.
    #[must_use]
    pub const fn calls(&self) -> &BTreeMap<CallId, call::State> {
        &self.calls
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
