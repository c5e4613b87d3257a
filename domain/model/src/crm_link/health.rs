//! How well a link is, why, and what to do about it.

use std::fmt;

use super::State;
use super::session::{BreakReason, Session};
use super::writing::Usage;

/// How well a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// All that is to be written is written.
    Healthy,
    /// Some of it is not written, or late.
    Degraded,
    /// Nothing is written and nothing can be looked up.
    Broken,
}

/// Something that keeps a link from being healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// It leads nowhere yet.
    NotConfigured,
    /// Nobody has authorised it as it is configured.
    NotAuthorised,
    /// The org does not let us work.
    Broken {
        /// Why.
        reason: BreakReason,
    },
    /// Somebody paused writing.
    WritingPaused,
    /// It was never said what goes into which field.
    NoMapping,
    /// Our user lacks rights.
    RightsMissing {
        /// How many.
        count: usize,
    },
    /// The org has few requests left.
    LimitNear {
        /// How many of how many were used.
        usage: Usage,
    },
    /// Records that waited are being written.
    CatchingUp {
        /// How many waited when it began.
        backlog: u64,
    },
}

impl State {
    /// Returns all that keeps the link from being healthy, the gravest first.
    #[must_use]
    pub fn concerns(&self) -> Vec<Concern> {
        let session = match (&self.connection, self.session) {
            (None, _) => Some(Concern::NotConfigured),
            (Some(_), Session::NotAuthorised) => Some(Concern::NotAuthorised),
            (Some(_), Session::Broken { reason, .. }) => Some(Concern::Broken { reason }),
            (Some(_), Session::Working) => None,
        };
        let writing = &self.writing;
        let missing = writing.missing.as_ref().map_or(0, |missing| missing.len());
        [
            session,
            writing.paused.then_some(Concern::WritingPaused),
            writing.mapping.is_none().then_some(Concern::NoMapping),
            (missing > 0).then_some(Concern::RightsMissing { count: missing }),
            writing.limit_near.map(|usage| Concern::LimitNear { usage }),
            writing.catching_up.map(|backlog| Concern::CatchingUp { backlog }),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns how well the link is: as its gravest concern says.
    #[must_use]
    pub fn health(&self) -> Health {
        let concerns = self.concerns();
        concerns
            .iter()
            .map(Concern::gravity)
            .max()
            .unwrap_or(Health::Healthy)
    }
}

impl Concern {
    /// Returns how well a link is at best that has this concern.
    #[must_use]
    pub const fn gravity(&self) -> Health {
        match self {
            Self::NotConfigured | Self::NotAuthorised | Self::Broken { .. } => Health::Broken,
            Self::WritingPaused
            | Self::NoMapping
            | Self::RightsMissing { .. }
            | Self::LimitNear { .. }
            | Self::CatchingUp { .. } => Health::Degraded,
        }
    }

    /// Returns what an admin does about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::NotConfigured => "name the org, its host and the login",
            Self::NotAuthorised => "authorise the link",
            Self::Broken { reason } => reason.remedy(),
            Self::WritingPaused => "resume writing; what waits is written then",
            Self::NoMapping => "publish a field mapping",
            Self::RightsMissing { .. } => "assign our permission set to our user, then run the probe again",
            Self::LimitNear { .. } => {
                "nothing at once: only final records are written until the org has requests again; \
                 if it comes back, buy requests or lower what other programs use"
            }
            Self::CatchingUp { .. } => "nothing: it ends by itself",
        }
    }
}

impl BreakReason {
    /// Returns what an admin does about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Revoked => "allow our app in the org again, then authorise the link",
            Self::PermissionLost => "assign our permission set to our user, then authorise the link",
            Self::Expired => {
                "put a new key or secret into the secret store and the org, then authorise the link"
            }
            Self::Unreachable => {
                "nothing at once: it is tried again by itself; if it lasts, see the org's status page"
            }
            Self::Configuration => "correct the org, its host or the login, then authorise the link",
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured => f.write_str("the link is not configured"),
            Self::NotAuthorised => f.write_str("the link is not authorised"),
            Self::Broken { reason } => reason.fmt(f),
            Self::WritingPaused => f.write_str("writing is paused"),
            Self::NoMapping => f.write_str("no field mapping is published"),
            Self::RightsMissing { count } => write!(f, "our user in the org lacks {count} rights"),
            Self::LimitNear { usage } => {
                write!(
                    f,
                    "{} of the org's {} requests are used",
                    usage.used, usage.allowed
                )
            }
            Self::CatchingUp { backlog } => write!(f, "{backlog} records that waited are being written"),
        }
    }
}
