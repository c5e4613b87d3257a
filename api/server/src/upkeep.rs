//! Proving, copying and moving the log, and renewing keys.

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use domain_log::embedded::{self, Verified};
use domain_log::transfer::{self, Progress};
use domain_log::{EmbeddedConfig, EventLog};
use domain_model::ids::TenantId;

use crate::control::{self, Request};
use crate::place::{Place, open_cluster};

/// `ledgerline verify`.
pub(crate) async fn verify(place: &Place) -> anyhow::Result<()> {
    ensure!(
        place.is_embedded(),
        "a cluster proves its own log; verify an export or a copy of it"
    );
    let config = place.embedded();
    let verified = tokio::task::spawn_blocking(move || embedded::verify(&config)).await??;
    say(&format!(
        "every event is as it was recorded: {}",
        shown(&verified)
    ))
}

fn shown(verified: &Verified) -> String {
    format!(
        "{} events, head {}, log {}",
        verified.records, verified.head, verified.log
    )
}

/// `ledgerline backup`.
pub(crate) async fn backup(place: &Place, to: &Path) -> anyhow::Result<()> {
    ensure!(
        place.is_embedded(),
        "a cluster is backed up by its own means; `export` and `copy` work with it"
    );
    let to = std::path::absolute(to)?;
    let (config, log) = (place.embedded(), to.join("log"));
    let copied = tokio::task::spawn_blocking(move || embedded::copy(&config, &log)).await?;
    let verified = copied.with_context(|| format!("backing up to {}", to.display()))?;
    // The vault comes after the log: then it holds every key that the copied events need.
    let vault = to.join("vault");
    std::fs::create_dir_all(&vault)?;
    let file = vault.join("keys.sqlite");
    match control::ask(place, &Request::BackUpVault { to: file.clone() }).await? {
        Some(_) => {}
        None => place.open_vault()?.backup_to(&file)?,
    }
    say(&format!("backed up and proved: {}", shown(&verified)))?;
    say(&format!(
        "the root key is not in it; keep {} elsewhere",
        place.root_key().display()
    ))
}

/// `ledgerline restore`.
pub(crate) async fn restore(place: &Place, from: &Path) -> anyhow::Result<()> {
    ensure!(
        place.is_embedded(),
        "a backup is restored into a data folder; `copy` moves it to a cluster"
    );
    let vault = place.vault_file();
    ensure!(
        !vault.try_exists()?,
        "{} is there already; a backup is restored into an empty folder",
        vault.display()
    );
    let source = EmbeddedConfig {
        folder: from.join("log"),
        ..place.embedded()
    };
    let target = place.log_folder();
    let copied = tokio::task::spawn_blocking(move || embedded::copy(&source, &target)).await?;
    let verified = copied.with_context(|| format!("restoring {}", from.display()))?;
    if let Some(folder) = vault.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let kept = from.join("vault").join("keys.sqlite");
    std::fs::copy(&kept, &vault).with_context(|| format!("copying {}", kept.display()))?;
    std::fs::File::open(&vault)?.sync_all()?;
    say(&format!("restored and proved: {}", shown(&verified)))?;
    if place.root_key().try_exists()? {
        // Says now, and not at the next start, that a key does not fit.
        place.open_vault().map(drop)
    } else {
        say(&format!(
            "put the root key that belongs to it at {}",
            place.root_key().display()
        ))
    }
}

/// `ledgerline export`.
pub(crate) async fn export(place: &Place, file: &Path) -> anyhow::Result<()> {
    let log = place.read_log()?;
    let target = tokio::fs::File::create_new(file)
        .await
        .with_context(|| format!("making {}", file.display()))?;
    let mut writer = tokio::io::BufWriter::new(target);
    let exported = transfer::file::export(&*log, &mut writer).await?;
    tokio::io::AsyncWriteExt::flush(&mut writer).await?;
    writer.get_ref().sync_all().await?;
    say(&format!(
        "{} events exported, SHA-256 {}",
        exported.events, exported.sha256
    ))
}

/// `ledgerline import`.
pub(crate) async fn import(place: &Place, file: &Path) -> anyhow::Result<()> {
    let source = tokio::fs::File::open(file)
        .await
        .with_context(|| format!("opening {}", file.display()))?;
    let log = place.open_log()?;
    let copied = transfer::file::import(tokio::io::BufReader::new(source), &*log, progress).await?;
    say(&format!(
        "{} events are there, {} of them new",
        copied.events, copied.written
    ))
}

/// `ledgerline copy`.
pub(crate) async fn copy(place: &Place, to: &str) -> anyhow::Result<()> {
    let from = place.read_log()?;
    let to: Arc<dyn EventLog> = if to.contains("://") {
        open_cluster(to)?
    } else {
        let other = Place::new(to.into(), None)?;
        if other.data() == place.data() && place.is_embedded() {
            bail!("--to {to} is the log itself");
        }
        other.open_log()?
    };
    let copied = transfer::copy(&*from, &*to, progress).await?;
    say(&format!(
        "{} events are there, {} of them new",
        copied.events, copied.written
    ))
}

/// `ledgerline rotate-keys`.
pub(crate) fn rotate(place: &Place, tenant: Option<&TenantId>) -> anyhow::Result<()> {
    let vault = place.open_vault()?;
    match tenant {
        Some(tenant) => {
            let wrapped = vault.rotate_tenant(tenant)?;
            say(&format!("{wrapped} keys of {tenant} are wrapped anew"))
        }
        None => {
            vault.rotate_root()?;
            say(&format!(
                "{} is a new root key; the old one opens nothing any more",
                place.root_key().display()
            ))
        }
    }
}

fn progress(progress: Progress) {
    // Often enough to be seen to move, seldom enough to cost nothing.
    if progress.events.is_multiple_of(100_000) {
        tracing::info!(events = progress.events, position = %progress.position, "{} events so far", progress.events);
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(io::stdout(), "{text}")?)
}
