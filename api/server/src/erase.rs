//! `ledgerline erase`: erases a person for ever, unless a legal hold forbids it, and proves it.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use domain_log::erase::Proof;
use domain_log::{Filter, Ledger, Range, Recorded, send};
use domain_model::content_hash::ContentHash;
use domain_model::ids::{CallId, JourneyId, PersonId, RetentionId, TenantId};
use domain_model::retention::erasure::{self, ErasureReason};
use domain_model::retention::holds::Footprint;
use domain_model::retention::{Command, Event, Retention};
use domain_model::text::Key;
use domain_model::{Actor, Context};
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::cli::Erase;
use crate::control::{self, Request};
use crate::place::Place;

/// Erases, or checks a proof; through the running platform where there is one.
pub(crate) async fn run(place: &Place, what: &Erase) -> anyhow::Result<()> {
    if let Some(file) = &what.verify {
        return check(place, file).await;
    }
    if let Some(file) = &what.again {
        return again(place, file).await;
    }
    let (Some(tenant), Some(person), Some(reason)) = (&what.tenant, what.person, &what.reason) else {
        bail!("--tenant, --person and --reason belong together");
    };
    let request = Request::Erase {
        tenant: tenant.clone(),
        person,
        reason: reason.clone(),
    };
    let proof = match control::ask(place, &request).await? {
        Some(proof) => serde_json::from_value(proof).context("the proof of the running platform")?,
        None => erase(&place.open_ledger()?, tenant, person, reason).await?,
    };
    let json = serde_json::to_string_pretty(&proof)? + "\n";
    match &what.proof {
        Some(file) => std::fs::write(file, json).with_context(|| format!("writing {}", file.display()))?,
        None => io::stdout().write_all(json.as_bytes())?,
    }
    let (keys, events) = (proof.erasure.keys.len(), proof.erasure.events);
    Ok(writeln!(
        io::stderr(),
        "erased: {keys} keys are destroyed, {events} events hold nothing of {person} any more"
    )?)
}

fn read_proof(file: &Path) -> anyhow::Result<Proof> {
    let json = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    serde_json::from_str(&json).with_context(|| format!("{} is no proof", file.display()))
}

async fn check(place: &Place, file: &Path) -> anyhow::Result<()> {
    let proof = read_proof(file)?;
    let said = match control::ask(place, &Request::VerifyErasure { proof: proof.clone() }).await? {
        Some(said) => said.as_str().unwrap_or_default().to_owned(),
        None => verify(&place.open_ledger()?, &proof).await?,
    };
    Ok(writeln!(io::stdout(), "{said}")?)
}

// A vault is restored while nothing runs on it, so nobody else is asked.
async fn again(place: &Place, file: &Path) -> anyhow::Result<()> {
    let proof = read_proof(file)?;
    domain_log::erase::erase_again(&place.open_ledger()?, &proof).await?;
    Ok(writeln!(io::stdout(), "erased again: {}", proof.erasure.person)?)
}

/// Erases a person, and keeps in the log that, why and by which proof it was done.
pub(crate) async fn erase(
    ledger: &Ledger,
    tenant: &TenantId,
    person: PersonId,
    ticket: &str,
) -> anyhow::Result<Proof> {
    let ticket = Key::new(ticket).context("--reason")?;
    let footprint = footprint(ledger, tenant, person).await?;
    let by = operator();
    let at = crate::clock::now();
    let asked = erasure::Command::Request {
        person,
        reason: ErasureReason::AskedByPerson,
        ticket: Some(ticket),
        footprint: footprint.clone(),
        by,
        at,
    };
    record(ledger, tenant, asked).await?;
    record(
        ledger,
        tenant,
        erasure::Command::Begin {
            person,
            footprint,
            at,
        },
    )
    .await?;
    let proof = domain_log::erase::erase(ledger, tenant, person, at).await?;
    let keys_destroyed = u32::try_from(proof.erasure.keys.len())?;
    let hash: ContentHash = proof.sha256.parse()?;
    record(
        ledger,
        tenant,
        erasure::Command::Report {
            person,
            keys_destroyed,
            proof: hash,
            at,
        },
    )
    .await?;
    Ok(proof)
}

/// Checks a proof, and keeps in the log that it was checked.
pub(crate) async fn verify(ledger: &Ledger, proof: &Proof) -> anyhow::Result<String> {
    let verified = domain_log::erase::verify(ledger, proof).await?;
    let (tenant, person) = (&proof.erasure.tenant, proof.erasure.person);
    record(
        ledger,
        tenant,
        erasure::Command::Verify {
            person,
            by: operator(),
            at: crate::clock::now(),
        },
    )
    .await?;
    Ok(format!(
        "the proof holds: nothing of {person} opens, in {} events up to then and {} since",
        verified.events, verified.later
    ))
}

async fn record(ledger: &Ledger, tenant: &TenantId, command: erasure::Command) -> anyhow::Result<()> {
    let context = Context {
        command: domain_model::ids::CommandId::new(Uuid::now_v7()),
        tenant: tenant.clone(),
        actor: operator(),
        time: crate::clock::now(),
        journey: None,
        cause: None,
    };
    let sent = send::<Retention>(ledger, &context, retention_of(tenant), Command::Erasure(command)).await?;
    for event in sent.events {
        if let Event::ErasureBlocked { hold, .. } = event.event {
            bail!("legal hold {hold} forbids it; nothing was destroyed");
        }
    }
    Ok(())
}

fn operator() -> Actor {
    Actor::System(Key::new("operator").expect("a right key"))
}

/// Returns the one retention schedule of a tenant.
fn retention_of(tenant: &TenantId) -> RetentionId {
    RetentionId::new(Uuid::new_v5(
        &Uuid::NAMESPACE_OID,
        format!("ledgerline/retention/{tenant}").as_bytes(),
    ))
}

/// Looks up what a person's data is part of, since a hold on any of it stands against the erasure.
async fn footprint(ledger: &Ledger, tenant: &TenantId, person: PersonId) -> anyhow::Result<Footprint> {
    let filter = Filter {
        tenant: Some(tenant.clone()),
        ..Filter::default()
    };
    let mut events = ledger
        .log()
        .read_all(Range::Forwards { after: None }, filter, usize::MAX);
    let id = person.to_string();
    let mut footprint = Footprint {
        people: BTreeSet::from([person]),
        ..Footprint::default()
    };
    while let Some(event) = events.try_next().await? {
        if std::str::from_utf8(&event.data).is_ok_and(|data| data.contains(&id)) {
            footprint.calls.extend(call_of(&event));
            footprint.journeys.extend(journey_of(&event)?);
        }
    }
    Ok(footprint)
}

fn call_of(event: &Recorded) -> Option<CallId> {
    let name = event.stream.as_str().strip_prefix("call-")?;
    name.rsplit_once('_')?.1.parse().ok()
}

fn journey_of(event: &Recorded) -> anyhow::Result<Option<JourneyId>> {
    let metadata = domain_log::codec::metadata(event)?;
    Ok(metadata.journey)
}
