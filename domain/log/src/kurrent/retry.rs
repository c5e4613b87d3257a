//! How often, and for how long, what a server left unanswered is asked again.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::debug;

use super::link::{self, Unreachable};
use crate::ReadError;

/// The first wait before asking again, doubled each time up to the last.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Why a read was not answered, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("the server did not answer within {} ms", .0.as_millis())]
    Silent(Duration),
    #[error("the server ended a subscription, which has no end")]
    Ended,
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error(
        "the server lets nobody read as whom the connection string names; it takes one who may, as in \
         kurrentdb://user:password@host"
    )]
    Denied { source: tonic::Status },
    #[error("the stream was deleted for good, by somebody on the server itself")]
    Deleted { source: tonic::Status },
    #[error("the server names {leader} as its leader")]
    Moved { leader: String, source: tonic::Status },
    #[error("the connection to the server broke, or the server could not answer now")]
    Broken { source: tonic::Status },
    #[error("the server refused to answer")]
    Refused { source: tonic::Status },
}

/// Why nobody asks any more.
#[derive(Debug, thiserror::Error)]
#[error("the server was asked {times} times within {} ms, in vain", .within.as_millis())]
struct GaveUp {
    times: u32,
    within: Duration,
    source: Unanswered,
}

impl Unanswered {
    fn may_pass(&self) -> bool {
        match self {
            Self::Silent(_) | Self::Ended | Self::Moved { .. } | Self::Broken { .. } => true,
            Self::Unreachable(unreachable) => unreachable.may_pass(),
            Self::Denied { .. } | Self::Deleted { .. } | Self::Refused { .. } => false,
        }
    }
}

impl From<tonic::Status> for Unanswered {
    fn from(source: tonic::Status) -> Self {
        let exception = source.metadata().get("exception");
        if let Some(leader) = link::leader_named_by(&source) {
            let leader = leader.to_string();
            return Self::Moved { leader, source };
        }
        if exception.is_some_and(|exception| exception == "stream-deleted") {
            return Self::Deleted { source };
        }
        if link::is_denied(&source) {
            return Self::Denied { source };
        }
        if link::is_broken(&source) {
            return Self::Broken { source };
        }
        Self::Refused { source }
    }
}

impl From<Unanswered> for ReadError {
    fn from(unanswered: Unanswered) -> Self {
        Self::Failed {
            source: Box::new(unanswered),
        }
    }
}

/// Says whether a stream could not be read because there never will be one again.
pub(super) fn is_deleted(failed: &ReadError) -> bool {
    match failed {
        ReadError::Failed { source } => {
            matches!(source.downcast_ref(), Some(Unanswered::Deleted { .. }))
        }
        ReadError::Damaged { .. } => false,
    }
}

/// Asks again after growing pauses, until nothing came of it for as long as a caller is patient.
#[derive(Debug)]
pub(super) struct Retry {
    patience: Duration,
    since: Option<Instant>,
    times: u32,
    pause: Duration,
}

impl Retry {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            since: None,
            times: 0,
            pause: PAUSE_MIN,
        }
    }

    /// Begins anew, for something came of it.
    pub(super) fn succeed(&mut self) {
        *self = Self::new(self.patience);
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// If there should be none: where asking again cannot help, or where patience has ended.
    pub(super) async fn after(&mut self, unanswered: Unanswered) -> Result<(), ReadError> {
        if !unanswered.may_pass() {
            return Err(unanswered.into());
        }
        let within = self.since.get_or_insert_with(Instant::now).elapsed();
        self.times += 1;
        if within + self.pause > self.patience {
            let (times, source) = (self.times, unanswered);
            return Err(ReadError::Failed {
                source: Box::new(GaveUp {
                    times,
                    within,
                    source,
                }),
            });
        }
        debug!(
            error = &unanswered as &dyn std::error::Error,
            self.times, "a read begins again"
        );
        // Whoever is told where to go instead can go there at once, but once only.
        if self.times > 1 || !matches!(unanswered, Unanswered::Moved { .. }) {
            self.pause().await;
        }
        Ok(())
    }

    /// Waits, each time longer.
    pub(super) async fn pause(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
    }
}
