//! A log together with what it takes to write typed events to it and to read them back.

use std::sync::Arc;

use domain_model::{Context, Event};

use crate::codec::{self, Codec, DecodeError, Decoded, Draft, EncodeError, may_be_personal};
use crate::vault::Vault;
use crate::{EventLog, NewEvent, Recorded};

/// Events that are read and decoded at once; keeps the memory of a long stream small.
pub(crate) const CHUNK_EVENTS: usize = 256;

/// The log, and the codec with the key vault behind it. Cheap to clone: every part of the platform has one.
#[derive(Clone)]
pub struct Ledger {
    log: Arc<dyn EventLog>,
    codec: Codec,
}

impl Ledger {
    /// Puts a log and a codec together.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, codec: Codec) -> Self {
        Self { log, codec }
    }

    /// Returns the log.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// Returns the codec.
    #[must_use]
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Writes a command's events as the log takes them.
    pub(crate) async fn encode<E: Event>(
        &self,
        context: &Context,
        events: &[E],
    ) -> Result<Vec<NewEvent>, EncodeError> {
        let drafts = events
            .iter()
            .enumerate()
            .map(|(place, event)| codec::draft(context, place, event))
            .collect::<Result<Vec<Draft>, _>>()?;
        let asked = drafts.iter().any(Draft::may_be_personal);
        let (codec, context) = (self.codec.clone(), context.clone());
        let finish = move || {
            drafts
                .into_iter()
                .map(|draft| codec.finish(&context, draft))
                .collect()
        };
        if asked {
            aside(self.codec.vault(), finish).await
        } else {
            finish()
        }
    }

    /// Reads events, each beside what it was read from.
    pub(crate) async fn decode<E: Event>(
        &self,
        recorded: Vec<Recorded>,
    ) -> Result<Vec<(Recorded, Decoded<E>)>, DecodeError> {
        let personal = |event: &Recorded| std::str::from_utf8(&event.data).is_ok_and(may_be_personal);
        let asked = recorded.iter().any(personal);
        let codec = self.codec.clone();
        let decode = move || {
            recorded
                .into_iter()
                .map(|event| {
                    let decoded = codec.decode(&event)?;
                    Ok((event, decoded))
                })
                .collect()
        };
        if asked {
            aside(self.codec.vault(), decode).await
        } else {
            decode()
        }
    }
}

/// Does work with the vault where waiting for its disk holds up nobody else.
///
/// A vault in memory does not wait, and outside of a Tokio runtime there is nobody to hold up: there it is done at once.
pub(crate) async fn aside<T: Send + 'static>(vault: &Vault, work: impl FnOnce() -> T + Send + 'static) -> T {
    let runtime = tokio::runtime::Handle::try_current().ok();
    let Some(runtime) = runtime.filter(|_| vault.waits_for_disk()) else {
        return work();
    };
    match runtime.spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down and drops whoever waits here.
            Err(_) => std::future::pending().await,
        },
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger")
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}
