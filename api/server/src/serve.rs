//! `ledgerline serve`: the platform, until it is told to stop.

use std::sync::Arc;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::place::Place;
use crate::{control, demo};

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(place: &Place, with_demo: bool) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let ledger = Arc::new(place.open_ledger()?);
    let about = ledger.log().log_metadata().await?;
    let tail = ledger
        .log()
        .tail()
        .await?
        .map_or_else(|| "no event".to_owned(), |tail| format!("position {tail}"));
    tracing::info!(log.id = %about.id, "the {} log is open at {tail}", about.engine);
    let data = place.data().display();
    tracing::info!("look at it with: ledgerline events --follow --data {data}");
    let invented = async {
        // The log can still be read when nothing more is invented.
        if with_demo && let Err(failed) = demo::run(&ledger).await {
            tracing::error!(error = %format_args!("{failed:#}"), "nothing more is invented");
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = control::serve(place, Arc::clone(&ledger)) => ended.context("listening for commands")?,
        () = invented => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    // A socket that nobody answers on would only make commands wait.
    match std::fs::remove_file(place.control_socket()) {
        Err(failed) if failed.kind() != std::io::ErrorKind::NotFound => Err(failed.into()),
        _ => Ok(()),
    }
}
