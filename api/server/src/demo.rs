//! Invented customers, agents and calls: a trickle of traffic, so that there is something to look at.
//!
//! Everything goes through the doors that real traffic goes through: commands to aggregates, decided and recorded. Only the
//! people are invented; their numbers are from the range that Ofcom keeps for drama.

mod story;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain_log::{Ledger, send};
use domain_model::call::Call;
use domain_model::ids::{AgentId, CallId, CommandId, JourneyId, QueueId, RoutingPolicyId, TenantId};
use domain_model::text::Key;
use domain_model::{Actor, Context, Timestamp};
use rand::RngExt as _;
use uuid::Uuid;

const AGENTS: usize = 3;
/// How long it is quiet between two calls, in milliseconds.
const QUIET_MS: std::ops::Range<u64> = 1_500..4_500;
/// Callers at once; who comes on top waits for the next quiet.
const CALLS_MAX: usize = 8;

/// The invented company.
struct Demo {
    ledger: Arc<Ledger>,
    tenant: TenantId,
    agents: Vec<AgentId>,
    queue: QueueId,
    policy: RoutingPolicyId,
    /// Agents who are on no call.
    idle: Mutex<BTreeSet<AgentId>>,
}

/// Invents calls for ever.
pub(crate) async fn run(ledger: &Arc<Ledger>) -> anyhow::Result<()> {
    let agents: Vec<_> = (0..AGENTS)
        .map(|n| AgentId::new(invented(&format!("agent/{n}"))))
        .collect();
    let demo = Arc::new(Demo {
        ledger: Arc::clone(ledger),
        tenant: TenantId::new("demo")?,
        idle: Mutex::new(agents.iter().copied().collect()),
        agents,
        queue: QueueId::new(invented("queue")),
        policy: RoutingPolicyId::new(invented("policy")),
    });
    tracing::info!("inventing calls for tenant {}", demo.tenant);
    let mut calls = tokio::task::JoinSet::new();
    loop {
        while calls.try_join_next().is_some() {}
        if calls.len() < CALLS_MAX {
            let demo = Arc::clone(&demo);
            calls.spawn(async move {
                if let Err(failed) = story::tell(&demo).await {
                    tracing::warn!(error = %format_args!("{failed:#}"), "an invented call ended early");
                }
            });
        }
        let quiet = rand::rng().random_range(QUIET_MS);
        tokio::time::sleep(Duration::from_millis(quiet)).await;
    }
}

/// An id that is the same in each run.
fn invented(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("ledgerline/demo/{name}").as_bytes())
}

/// What the clock of this edge says.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// One call of the demo: says commands to it.
struct Line<'a> {
    demo: &'a Demo,
    call: CallId,
    journey: JourneyId,
    recorded: AtomicU32,
}

impl Line<'_> {
    async fn say(&self, actor: Actor, command: domain_model::call::Command) -> anyhow::Result<()> {
        let context = Context {
            command: CommandId::new(Uuid::now_v7()),
            tenant: self.demo.tenant.clone(),
            actor,
            time: now(),
            journey: Some(self.journey),
            cause: None,
        };
        let sent = send::<Call>(&self.demo.ledger, &context, self.call, command).await?;
        let count = u32::try_from(sent.events.len()).unwrap_or(u32::MAX);
        self.recorded.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// How many events the call has: nobody else says anything to it.
    fn recorded(&self) -> u32 {
        self.recorded.load(Ordering::Relaxed)
    }
}

impl Demo {
    fn idle(&self) -> std::sync::MutexGuard<'_, BTreeSet<AgentId>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(text: &str) -> Key {
    Key::new(text).expect("a word of the demo is right")
}
