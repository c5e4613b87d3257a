//! Invented customers, agents and calls, so that there is something to look at: the simulator's business, now.
//!
//! Everything goes through the doors that real traffic goes through: what the simulator's people, processes, policies and
//! queues say is sent to the aggregates at its time, decided anew and recorded. Only the people are invented; their numbers
//! are from the range that Ofcom keeps for drama. What happened in the first half hour is there at once.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use domain_log::{Ledger, SendError, send};
use domain_model::agent::Agent;
use domain_model::call::Call;
use domain_model::consent::Consent;
use domain_model::conversation::Conversation;
use domain_model::ids::{CommandId, TenantId, TenantRoot};
use domain_model::process::AnyCommand;
use domain_model::queue::Queue;
use domain_model::retention::Retention;
use domain_model::routing_policy::RoutingPolicy;
use domain_model::tenant::Tenant;
use domain_model::text::Key;
use domain_model::{Actor, Context, Decider, Millis, Timestamp};
use tests_sim::day;
use tests_sim::plan::{Plan, founding};
use tests_sim::platform::Recorded;
use tests_sim::play::{Watch, play_long};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::clock::now;

/// How long ago it began when it begins.
const BEFORE: Millis = Millis::from_secs(30 * 60);
/// How long one business lasts; then another begins, since a queue's stream is read anew for each of its commands.
const HOURS: u32 = 24;
/// How many commands the simulator is ahead at most.
const AHEAD: usize = 1_000;
/// How long to wait before what the log did not take is sent again.
const AGAIN: Duration = Duration::from_secs(1);

/// Something that somebody says.
type Said = (Context, AnyCommand);

/// Invents business for ever.
///
/// Each start is a tenant of its own: what was under way when the last one stopped would never end.
pub(crate) async fn run(ledger: &Arc<Ledger>) -> anyhow::Result<()> {
    loop {
        let begins = now().minus(BEFORE);
        let tenant = new_tenant(ledger, begins).await?;
        tracing::info!("inventing customers, agents and calls for tenant {tenant}");
        let seed = begins.micros().unsigned_abs();
        tell(ledger, &tenant, day::plan_from(seed, begins, HOURS)).await?;
    }
}

// Says what the simulator's people say, each at its time.
async fn tell(ledger: &Ledger, tenant: &TenantId, plan: Plan) -> anyhow::Result<()> {
    let (to, mut said) = mpsc::channel(AHEAD);
    std::thread::Builder::new()
        .name("demo".to_owned())
        .spawn(move || play(&plan, to))
        .context("starting the simulator")?;
    while let Some((mut context, what)) = said.recv().await {
        let early = context.time.since(now());
        if early > Millis(0) {
            tokio::time::sleep(Duration::from_millis(early.0)).await;
        }
        context.tenant = tenant.clone();
        record(ledger, &context, what).await?;
    }
    Ok(())
}

// The first that nobody has: demo, demo-2 and so on.
async fn new_tenant(ledger: &Ledger, at: Timestamp) -> anyhow::Result<TenantId> {
    let AnyCommand::Tenant(_, create) = founding::tenant() else {
        anyhow::bail!("a business is founded by something else than a tenant");
    };
    for n in 1_u64.. {
        let name = if n == 1 {
            "demo".to_owned()
        } else {
            format!("demo-{n}")
        };
        let tenant = TenantId::new(&name)?;
        let context = Context {
            command: CommandId::new(Uuid::now_v7()),
            tenant: tenant.clone(),
            actor: Actor::System(Key::new("demo")?),
            time: at,
            journey: None,
            cause: None,
        };
        if !send::<Tenant>(ledger, &context, TenantRoot, create.clone())
            .await?
            .events
            .is_empty()
        {
            return Ok(tenant);
        }
    }
    anyhow::bail!("there are no names left")
}

// Ends once nobody listens any more.
fn play(plan: &Plan, to: mpsc::Sender<Said>) {
    let listened = to.clone();
    let moments = plan
        .moments
        .iter()
        .cloned()
        .take_while(move |_| !listened.is_closed());
    if let Err(broken) = play_long(plan, moments, &mut Teller(to)) {
        tracing::error!(?broken, "the simulator broke off");
    }
}

/// Passes on what is said.
struct Teller(mpsc::Sender<Said>);

impl Watch for Teller {
    fn hear(&mut self, context: &Context, what: &AnyCommand) {
        // Nobody listens once the platform stops.
        let _ = self.0.blocking_send((context.clone(), what.clone()));
    }

    fn see(&mut self, _: &Recorded) {}
}

async fn record(ledger: &Ledger, context: &Context, what: AnyCommand) -> anyhow::Result<()> {
    match what {
        AnyCommand::Call(id, command) => insist::<Call>(ledger, context, id, command).await,
        AnyCommand::Queue(id, command) => insist::<Queue>(ledger, context, id, command).await,
        AnyCommand::Agent(id, command) => insist::<Agent>(ledger, context, id, command).await,
        AnyCommand::Conversation(id, command) => insist::<Conversation>(ledger, context, id, command).await,
        AnyCommand::Consent(id, command) => insist::<Consent>(ledger, context, id, command).await,
        AnyCommand::RoutingPolicy(id, command) => insist::<RoutingPolicy>(ledger, context, id, command).await,
        AnyCommand::Retention(id, command) => insist::<Retention>(ledger, context, id, command).await,
        AnyCommand::Tenant(id, command) => insist::<Tenant>(ledger, context, id, command).await,
    }
}

// What is refused was refused to the simulator, too, unless it is about somebody who was erased meanwhile.
async fn insist<D: Decider>(
    ledger: &Ledger,
    context: &Context,
    id: D::Id,
    command: D::Command,
) -> anyhow::Result<()> {
    loop {
        match send::<D>(ledger, context, id, command.clone()).await {
            Ok(_) | Err(SendError::Rejected(_) | SendError::Erased { .. }) => return Ok(()),
            Err(failed) if failed.may_pass() => {
                tracing::warn!(error = %format_args!("{failed:#}"), "the demo waits for the log");
                tokio::time::sleep(AGAIN).await;
            }
            Err(failed) => return Err(failed).context("recording what was invented"),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain_log::{Filter, Range};
    use domain_model::Event as _;
    use domain_model::process::AnyEvent;
    use futures_util::TryStreamExt as _;
    use tests_sim::judge::history;

    use super::*;
    use crate::place::Place;

    fn kind(event: &AnyEvent) -> &'static str {
        match event {
            AnyEvent::Call(_, event) => event.kind(),
            AnyEvent::Queue(_, event) => event.kind(),
            AnyEvent::Agent(_, event) => event.kind(),
            AnyEvent::Conversation(_, event) => event.kind(),
            AnyEvent::Consent(_, event) => event.kind(),
            AnyEvent::RoutingPolicy(_, event) => event.kind(),
            AnyEvent::Retention(_, event) => event.kind(),
            AnyEvent::Tenant(_, event) => event.kind(),
        }
    }

    #[tokio::test]
    async fn the_log_takes_what_the_simulator_decided_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::new(folder.path().to_owned(), None).expect("a place");
        let ledger = place.open_ledger().expect("a log");
        let begins: Timestamp = "2026-02-02T08:00:00Z".parse().expect("a moment");
        let tenant = new_tenant(&ledger, begins).await.expect("a tenant");
        assert_eq!(tenant.as_str(), "demo");
        assert_eq!(
            new_tenant(&ledger, begins).await.expect("another").as_str(),
            "demo-2"
        );
        let mut plan = day::plan_from(7, begins, 1);
        plan.moments
            .retain(|moment| moment.at < begins.plus(Millis::from_secs(15 * 60)));
        let decided = history(&plan);
        tell(&ledger, &tenant, plan).await.expect("a quarter of an hour");
        let decided: Vec<_> = decided
            .iter()
            .map(|recorded| kind(&recorded.happened.what))
            .collect();
        let filter = Filter {
            tenant: Some(tenant),
            ..Filter::default()
        };
        let all = ledger
            .log()
            .read_all(Range::Forwards { after: None }, filter, usize::MAX);
        let all: Vec<_> = all.try_collect().await.expect("a log that can be read");
        let recorded: Vec<_> = all.iter().map(|event| event.kind.as_str()).collect();
        assert!(recorded.len() > 1_500, "{}", recorded.len());
        assert_eq!(recorded, decided);
    }
}
