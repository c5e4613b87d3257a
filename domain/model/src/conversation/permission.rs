//! Whether a message may go out. Consent and the session window are looked up outside; what was found is recorded here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::StepId;
use crate::text::Key;

/// What the checks of a message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Permission {
    /// The message may pass.
    Granted {
        /// On what ground.
        basis: Basis,
    },
    /// The message may not pass.
    Refused {
        /// For what reason.
        refusal: Refusal,
    },
}

/// On what ground a message may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Basis {
    /// The channel asks for none, or the customer wrote it.
    NotNeeded,
    /// The customer said yes.
    ConsentGiven,
    /// The customer wrote to us lately.
    ConsentImplied {
        /// Until when we may answer.
        until: Timestamp,
    },
    /// The channel's session with the customer is open.
    SessionOpen {
        /// When it closes.
        until: Timestamp,
    },
    /// The session is closed, but the channel approved the template.
    ApprovedTemplate,
}

/// Why a message may not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Refusal {
    /// The customer never wrote and never said yes.
    ConsentUnknown,
    /// The customer's last message is too long ago.
    ConsentExpired,
    /// The customer said no.
    ConsentWithdrawn,
    /// The channel's session is closed, and the message is from no approved template.
    SessionClosed,
    /// The customer is on a do-not-contact list.
    DoNotContact,
    /// It is a time of day at which nothing is sent.
    QuietHours,
}

/// Why a message was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum BlockReason {
    /// There was no permission to send it.
    NotPermitted {
        /// What was missing.
        refusal: Refusal,
    },
    /// A routing policy stopped it.
    Policy {
        /// The step that did.
        step: StepId,
        /// The reason's code, as the policy's author wrote it.
        code: Key,
    },
}

/// What a customer's message did to their consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum ConsentOutcome {
    /// A keyword such as START said yes.
    OptedIn,
    /// A keyword such as STOP said no.
    OptedOut,
    /// Writing at all lets us answer for a while.
    Implied {
        /// Until when.
        until: Timestamp,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConsentUnknown => "the customer never wrote and never agreed",
            Self::ConsentExpired => "the customer's last message is too long ago",
            Self::ConsentWithdrawn => "the customer said no",
            Self::SessionClosed => "the session is closed and the message is from no approved template",
            Self::DoNotContact => "the customer is on a do-not-contact list",
            Self::QuietHours => "nothing is sent at this time of day",
        })
    }
}
