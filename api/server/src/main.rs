//! The one binary of the platform, and the place where its parts are put together.
//!
//! Reading order: [`cli`] (what can be asked of it), [`place`] (where its data lie and how they are opened), then one
//! module per command: [`serve`] with [`demo`] and [`control`], [`events`], [`upkeep`], [`erase`], [`policy`], [`sim`].

mod cli;
mod clock;
mod control;
mod demo;
mod erase;
mod events;
mod place;
mod policy;
mod serve;
mod sim;
mod upkeep;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let levels = EnvFilter::try_from_env("LEDGERLINE_TRACE").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(levels)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) if is_broken_pipe(&failed) => ExitCode::SUCCESS,
        Err(failed) => {
            // Standard error may be gone too; then the exit code alone says it.
            let _ = writeln!(std::io::stderr(), "ledgerline: {failed:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let place = place::Place::new(cli.data, cli.log)?;
    match cli.command {
        Command::Serve { demo } => serve::run(&place, demo).await,
        Command::Events(which) => events::run(&place, &which).await,
        Command::Verify => upkeep::verify(&place).await,
        Command::Backup { to } => upkeep::backup(&place, &to).await,
        Command::Restore { from } => upkeep::restore(&place, &from).await,
        Command::Export { file } => upkeep::export(&place, &file).await,
        Command::Import { file } => upkeep::import(&place, &file).await,
        Command::Copy { to } => upkeep::copy(&place, &to).await,
        Command::Policy(what) => policy::run(&what),
        Command::Erase(what) => erase::run(&place, &what).await,
        Command::Sim(what) => sim::run(&what),
        Command::RotateKeys { tenant } => upkeep::rotate(&place, tenant.as_ref()),
    }
}

// Whoever reads our output may have seen enough: `ledgerline events | head`.
fn is_broken_pipe(failed: &anyhow::Error) -> bool {
    let kinds = failed
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind);
    kinds
        .into_iter()
        .any(|kind| kind == std::io::ErrorKind::BrokenPipe)
}
