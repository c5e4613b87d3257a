//! Whether the org lets us in, and if not, why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::context::Actor;
use crate::text::Key;

use super::event::Event;
use super::rejection::Rejection;

/// Why a link does not work, by what has to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum BreakReason {
    /// The org took our permission to sign in back.
    Revoked,
    /// Our user lost rights without which nothing can be done.
    PermissionLost,
    /// Our key, certificate or secret is past its time.
    Expired,
    /// The org does not answer.
    Unreachable,
    /// What is configured is wrong, here or in the org.
    Configuration,
}

/// Whether signing in works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Session {
    /// Nobody has tried since the link was configured.
    #[default]
    NotAuthorised,
    /// It does.
    Working,
    /// It does not.
    Broken {
        /// Why, by the last report.
        reason: BreakReason,
        /// Since when, from the first report on.
        since: Timestamp,
    },
}

/// What somebody did or found out about signing in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Records that the org let us in as configured.
    Authorise {
        /// Who asked it to.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Records that the org does not let us work any more.
    Break {
        /// Why.
        reason: BreakReason,
        /// The org's own error code.
        code: Option<Key>,
        /// When.
        at: Timestamp,
    },
    /// Records that the org lets us work again.
    Restore {
        /// When.
        at: Timestamp,
    },
}

impl Session {
    pub(super) const fn broken(self, reason: BreakReason, at: Timestamp) -> Self {
        match self {
            Self::NotAuthorised => self,
            Self::Working => Self::Broken { reason, since: at },
            Self::Broken { since, .. } => Self::Broken { reason, since },
        }
    }

    pub(super) const fn restored(self) -> Self {
        match self {
            Self::NotAuthorised => self,
            Self::Working | Self::Broken { .. } => Self::Working,
        }
    }
}

pub(super) fn decide(session: Session, command: Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Authorise { by, at } => Ok(match session {
            Session::Working => vec![],
            Session::NotAuthorised => vec![Event::Authorised { by, at }],
            Session::Broken { since, .. } => vec![Event::Authorised { by, at }, restored(since, at)],
        }),
        Command::Break { reason, code, at } => match session {
            Session::NotAuthorised => Err(Rejection::NotAuthorised),
            Session::Broken { reason: told, .. } if told == reason => Ok(vec![]),
            Session::Working | Session::Broken { .. } => Ok(vec![Event::Broken { reason, code, at }]),
        },
        Command::Restore { at } => match session {
            Session::NotAuthorised => Err(Rejection::NotAuthorised),
            Session::Working => Ok(vec![]),
            Session::Broken { since, .. } => Ok(vec![restored(since, at)]),
        },
    }
}

const fn restored(since: Timestamp, at: Timestamp) -> Event {
    Event::Restored {
        broken_ms: at.since(since),
        at,
    }
}

impl fmt::Display for BreakReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Revoked => "the org took its permission back",
            Self::PermissionLost => "our user in the org lost rights",
            Self::Expired => "our key, certificate or secret is past its time",
            Self::Unreachable => "the org does not answer",
            Self::Configuration => "what is configured is wrong",
        })
    }
}
