//! How retention says no.

use crate::Timestamp;
use crate::ids::{LegalHoldId, RetentionRunId};

use super::rules::Content;

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// The id is another hold's.
    #[error("hold: {hold} is placed already, with another scope or reason")]
    OtherHold {
        /// The hold.
        hold: LegalHoldId,
    },
    /// A hold cannot be placed a second time.
    #[error("hold: {hold} was released and stays so; place a new one")]
    HoldOver {
        /// The hold.
        hold: LegalHoldId,
    },
    /// No such hold was placed.
    #[error("hold: {hold} was never placed")]
    NoHold {
        /// The hold.
        hold: LegalHoldId,
    },
    /// A person's keys are being destroyed, or are gone.
    #[error("scope: the erasure of this person has begun and cannot be stopped")]
    ErasureUnderWay,
    /// Two runs would delete the same things.
    #[error("run: {run} has not finished")]
    OtherRun {
        /// The run that goes on.
        run: RetentionRunId,
    },
    /// What a run does is said of a run that does not go on.
    #[error("run: {run} does not go on")]
    NoRun {
        /// The run.
        run: RetentionRunId,
    },
    /// The rules keep it for ever.
    #[error("item: {content} is kept for ever")]
    KeptForEver {
        /// The kind of content.
        content: Content,
    },
    /// Its time is not over.
    #[error("item: {content} of this age is kept until {until}")]
    NotDue {
        /// The kind of content.
        content: Content,
        /// Until when.
        until: Timestamp,
    },
    /// Nobody asked for it.
    #[error("person: nobody asked for their erasure")]
    NotRequested,
    /// What is reported as done was never begun.
    #[error("person: their erasure has not begun")]
    NotBegun,
    /// What is verified was not done.
    #[error("person: their erasure is not performed")]
    NotPerformed,
    /// Two reports of one erasure differ.
    #[error("proof: another was recorded for this erasure")]
    OtherProof,
}
