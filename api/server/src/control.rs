//! How commands reach a running platform: a socket in its data folder, for whoever may read that folder.
//!
//! One JSON object a line each way: a [`Request`], then `{"done": …}` or `{"refused": text}`. The log can be read beside the
//! running platform, the key vault cannot: one process has it, since another one's erasure would not empty its memory.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use domain_log::Ledger;
use domain_log::erase::Proof;
use domain_model::ids::{PersonId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::erase;
use crate::place::Place;

/// The longest request; a path and a reason have room many times over.
const REQUEST_BYTES_MAX: u64 = 64 << 10;

/// What a running platform can be asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    /// Copies the vault into a new file.
    BackUpVault {
        /// The file.
        to: PathBuf,
    },
    /// Erases a person; answers with the proof.
    Erase {
        /// Their tenant.
        tenant: TenantId,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    },
    /// Checks a proof of an erasure; answers with how many events it holds for.
    VerifyErasure {
        /// The proof.
        proof: Proof,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Refused(String),
}

/// Asks the platform that runs on this data folder; `None` if none does.
pub(crate) async fn ask(place: &Place, request: &Request) -> anyhow::Result<Option<Value>> {
    let Ok(mut socket) = UnixStream::connect(place.control_socket()).await else {
        return Ok(None);
    };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    socket.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(socket).read_line(&mut answer).await?;
    match serde_json::from_str(&answer).context("the running platform did not answer")? {
        Answer::Done(value) => Ok(Some(value)),
        Answer::Refused(why) => bail!(why),
    }
}

/// Answers requests until it is dropped.
pub(crate) async fn serve(place: &Place, ledger: Arc<Ledger>) -> anyhow::Result<()> {
    let path = place.control_socket();
    // Whoever left it there is gone: the log's lock is ours.
    match std::fs::remove_file(&path) {
        Err(refused) if refused.kind() != std::io::ErrorKind::NotFound => return Err(refused.into()),
        _ => {}
    }
    let listener = UnixListener::bind(&path).with_context(|| format!("listening on {}", path.display()))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let (socket, _) = listener.accept().await?;
        let ledger = Arc::clone(&ledger);
        tokio::spawn(async move {
            if let Err(failed) = talk(socket, &ledger).await {
                tracing::warn!(error = %format_args!("{failed:#}"), "a command ended early");
            }
        });
    }
}

async fn talk(socket: UnixStream, ledger: &Arc<Ledger>) -> anyhow::Result<()> {
    let (reader, mut writer) = socket.into_split();
    let mut line = String::new();
    BufReader::new(reader.take(REQUEST_BYTES_MAX))
        .read_line(&mut line)
        .await?;
    let answer = match serde_json::from_str(&line) {
        Ok(request) => match obey(request, ledger).await {
            Ok(done) => Answer::Done(done),
            Err(refused) => Answer::Refused(format!("{refused:#}")),
        },
        Err(wrong) => Answer::Refused(format!("this is no request: {wrong}")),
    };
    let mut answer = serde_json::to_vec(&answer)?;
    answer.push(b'\n');
    Ok(writer.write_all(&answer).await?)
}

async fn obey(request: Request, ledger: &Arc<Ledger>) -> anyhow::Result<Value> {
    match request {
        Request::BackUpVault { to } => {
            let vault = Arc::clone(ledger.codec().vault());
            tokio::task::spawn_blocking(move || vault.backup_to(&to)).await??;
            Ok(Value::Null)
        }
        Request::Erase {
            tenant,
            person,
            reason,
        } => Ok(serde_json::to_value(
            erase::erase(ledger, &tenant, person, &reason).await?,
        )?),
        Request::VerifyErasure { proof } => erase::verify(ledger, &proof).await.map(Value::from),
    }
}
