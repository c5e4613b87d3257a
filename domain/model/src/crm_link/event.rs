//! What happens to a CRM link, as it is stored.

use crate::context::Actor;
use crate::few::Few;
use crate::text::Key;
use crate::{Millis, Timestamp};

use super::connection::Connection;
use super::session::BreakReason;
use super::writing::{Mapping, MissingRight, Percent, RIGHTS_MAX, Usage};

crate::events! {
    /// What happened to a CRM link.
    pub enum Event of "CrmLink" {
        /// It was said which org the link leads to, and how we sign in. It has to be authorised before it works.
        Configured {
            /// The org, and how we sign in.
            connection: Connection,
            /// Who said so.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The org let us in.
        Authorised {
            /// Who asked it to.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The org does not let us work any more. Calls go on without it, and what is to be written waits.
        Broken {
            /// What sort of reason it is, which says what to do.
            reason: BreakReason,
            /// The org's own error code, if it gave one: `INVALID_SESSION_ID`.
            code: Option<Key>,
            /// When.
            at: Timestamp,
        },
        /// A broken link works again.
        Restored {
            /// How long it was broken, from the first reason on.
            broken_ms: Millis,
            /// When.
            at: Timestamp,
        },
        /// Nothing is written to the org until writing is resumed; what is to be written waits.
        WritingPaused {
            /// Who paused it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// What waited is written, and what comes after it.
        WritingResumed {
            /// Who resumed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The link may use another share of the requests that the org allows.
        BudgetSet {
            /// The share before.
            was: Percent,
            /// The share from now on.
            now: Percent,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The org has few requests left, whoever used them; the link writes less from now on.
        LimitNeared {
            /// How many of how many are used.
            usage: Usage,
            /// When.
            at: Timestamp,
        },
        /// The org has requests enough again.
        LimitEased {
            /// How many of how many are used.
            usage: Usage,
            /// When.
            at: Timestamp,
        },
        /// What goes into which field of the org was said anew.
        MappingPublished {
            /// The mapping's version and content.
            mapping: Mapping,
            /// Who published it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// It was tried out what the org lets our user do, and the answer was not the last one.
        RightsProbed {
            /// What the user would need and does not have, in order; nothing if all is well.
            missing: Few<MissingRight, RIGHTS_MAX>,
            /// When.
            at: Timestamp,
        },
        /// What could not be written for a while is being written.
        CatchUpStarted {
            /// How many records wait.
            backlog: u64,
            /// When.
            at: Timestamp,
        },
        /// All that waited is written or set aside.
        CatchUpFinished {
            /// How many records were written.
            written: u64,
            /// How many the org refused; each is set aside with its reason.
            parked: u64,
            /// When.
            at: Timestamp,
        },
    }
}
