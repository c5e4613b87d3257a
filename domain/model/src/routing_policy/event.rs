//! What happened to a routing policy: the stored form.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::start::{PolicyKind, Start};
use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::text::{Line, Name};

/// How much a check of a document found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Findings {
    /// What would go wrong: dead ends, missing fields. With one of these nothing is published.
    pub errors: u32,
    /// What may go wrong.
    pub warnings: u32,
    /// What could be better.
    pub hints: u32,
}

/// What made a version live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Trigger {
    /// Somebody, at that moment.
    Person,
    /// The time that somebody had set.
    Schedule,
}

/// Why a publication that was set for a time will not take place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum CancelReason {
    /// Somebody called it off.
    Asked {
        /// Who.
        by: Actor,
    },
    /// Something else was published or rolled back to in the meantime, and is not to be undone by the clock.
    Overtaken,
    /// When its time came, the same content was live.
    AlreadyLive,
    /// When its time came, a check had found errors in it.
    LintErrors,
    /// The policy was retired.
    Retired,
}

crate::events! {
    /// What happened to a routing policy.
    pub enum Event of "RoutingPolicy" {
        /// A routing policy was begun, with nothing drawn in it.
        Created {
            /// Its name.
            name: Name,
            /// What it is for.
            kind: PolicyKind,
            /// Who began it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// It got another name.
        Renamed {
            /// The new name.
            name: Name,
            /// Who renamed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A draft was saved. What is live stays as it is.
        Drafted {
            /// The draft revision: 1 for the first save, one more for each after it.
            revision: u32,
            /// The content hash: SHA-256 of the document.
            hash: ContentHash,
            /// The document: a JSON object as canonical text.
            document: Document,
            /// Who saved it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The draft was thrown away; editing begins again from what is live.
        DraftDiscarded {
            /// The draft revision that was thrown away.
            revision: u32,
            /// Who did.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A document was checked: by itself when it was first to go live, or by somebody who knows what else the tenant has.
        Linted {
            /// The content hash of the document.
            hash: ContentHash,
            /// How much was found.
            findings: Findings,
            /// When.
            at: Timestamp,
        },
        /// A draft became what is live.
        Published {
            /// The version: 1 for the first, one more for each after it.
            version: u32,
            /// The draft revision.
            revision: u32,
            /// The content hash.
            hash: ContentHash,
            /// Whether a person or the clock did it.
            trigger: Trigger,
            /// What changed, in the words of whoever published or scheduled it.
            comment: Option<Line>,
            /// Who published or scheduled it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A draft was set to become live at a time. Later saves do not change what will be published.
        PublishScheduled {
            /// The draft revision.
            revision: u32,
            /// The content hash.
            hash: ContentHash,
            /// The time.
            publish_at: Timestamp,
            /// What will change.
            comment: Option<Line>,
            /// Who set it.
            by: Actor,
            /// When it was set.
            at: Timestamp,
        },
        /// What was set for a time will not be published.
        ScheduleCancelled {
            /// The draft revision that would have been.
            revision: u32,
            /// Why it will not be.
            reason: CancelReason,
            /// When.
            at: Timestamp,
        },
        /// What was live before is live again, as a new version.
        RolledBack {
            /// The new version.
            version: u32,
            /// The earlier version that it repeats.
            to: u32,
            /// The draft revision that the earlier version came from.
            revision: u32,
            /// The content hash of both.
            hash: ContentHash,
            /// Why, in the words of whoever did it.
            comment: Option<Line>,
            /// Who did it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// From now on this begins the policy.
        StartBound {
            /// What.
            start: Start,
            /// Who bound it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// This begins the policy no longer.
        StartUnbound {
            /// What.
            start: Start,
            /// Who unbound it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The policy is out of use for good. Its versions stay readable.
        Retired {
            /// Who retired it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
    }
}
