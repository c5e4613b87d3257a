//! How a CRM link says no.

use super::session::BreakReason;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// Nothing can be done with a link that leads nowhere.
    #[error("this link is not configured")]
    NotConfigured,
    /// Records were written to the org that it leads to; another org is another link.
    #[error("connection.org: the link leads to another org already; make a new link for this one")]
    OtherOrg,
    /// What nobody authorised can neither break nor catch up.
    #[error("this link is not authorised")]
    NotAuthorised,
    /// Nothing can be caught up on while nothing can be written.
    #[error("this link is broken: {reason}")]
    Broken {
        /// Why.
        reason: BreakReason,
    },
    /// Nothing is written now.
    #[error("writing is paused")]
    Paused,
    /// The org said that it allows nothing at all, which is no limit but an error.
    #[error("usage.allowed: it is 0, and an org allows at least one request")]
    NothingAllowed,
    /// Nothing waits.
    #[error("backlog: it is 0, and there is nothing to catch up on")]
    NothingWaits,
}
