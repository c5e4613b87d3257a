//! What happens to retention, as it is stored.

use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::{LegalHoldId, PersonId, RetentionRunId};
use crate::text::{Key, Line};

use super::erasure::ErasureReason;
use super::holds::Scope;
use super::rules::{Content, Keep};
use super::runs::{Item, Tally};

crate::events! {
    /// What happened to what is kept and deleted.
    pub enum Event of "Retention" {
        /// A kind of content is kept for another time from the next run on.
        RuleSet {
            /// The kind of content.
            content: Content,
            /// How long it was kept.
            was: Keep,
            /// How long it is kept from now on.
            now: Keep,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Nothing of this scope is deleted or erased any more.
        HoldPlaced {
            /// The hold.
            hold: LegalHoldId,
            /// What is kept.
            scope: Scope,
            /// Why. It names nobody: it is not erased with anyone.
            reason: Line,
            /// Who placed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A hold was lifted; the rules apply again.
        HoldReleased {
            /// The hold.
            hold: LegalHoldId,
            /// Why. It names nobody.
            reason: Line,
            /// Who lifted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A run began to delete what is past its time.
        RunStarted {
            /// The run.
            run: RetentionRunId,
            /// When.
            at: Timestamp,
        },
        /// An item was past its time and is gone: its store removes what is left of it.
        ItemDeleted {
            /// The run.
            run: RetentionRunId,
            /// The item.
            item: Item,
            /// The rule that it was deleted by.
            keep: Keep,
            /// When it was made.
            made: Timestamp,
            /// When it was deleted.
            at: Timestamp,
        },
        /// An item was past its time and was kept because of a hold.
        ItemKept {
            /// The run.
            run: RetentionRunId,
            /// The item.
            item: Item,
            /// The hold, the first of several.
            hold: LegalHoldId,
            /// When.
            at: Timestamp,
        },
        /// A run went through all that there was.
        RunFinished {
            /// The run.
            run: RetentionRunId,
            /// How many items of each kind were deleted and kept.
            tally: Tally,
            /// When.
            at: Timestamp,
        },
        /// Somebody asked that a person's data be erased.
        ErasureRequested {
            /// The person.
            person: PersonId,
            /// Why.
            reason: ErasureReason,
            /// Where the request is filed.
            ticket: Option<Key>,
            /// Who took it down.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A person's data was not erased because of a hold; nothing was destroyed.
        ErasureBlocked {
            /// The person.
            person: PersonId,
            /// The hold, the first of several.
            hold: LegalHoldId,
            /// When.
            at: Timestamp,
        },
        /// A person's keys are being destroyed; this cannot be undone or stopped.
        ErasureBegun {
            /// The person.
            person: PersonId,
            /// When.
            at: Timestamp,
        },
        /// A person's keys are destroyed in every store: what was written under them cannot be read any more.
        ErasurePerformed {
            /// The person.
            person: PersonId,
            /// How many keys were destroyed.
            keys_destroyed: u32,
            /// The hash of the key stores' receipts.
            proof: ContentHash,
            /// When.
            at: Timestamp,
        },
        /// Somebody or something looked for a person's data after the erasure, and found none.
        ErasureVerified {
            /// The person.
            person: PersonId,
            /// Who looked.
            by: Actor,
            /// When.
            at: Timestamp,
        },
    }
}
