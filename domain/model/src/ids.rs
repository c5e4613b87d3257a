//! Typed ids. All are made at the edge and handed in; none is personal, none is reused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The part of a stream's name that says which aggregate it is.
pub trait AggregateId: Copy + Ord + fmt::Display + fmt::Debug + Send + Sync + 'static {}

/// The text was no id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no {kind}: {expected}")]
pub struct InvalidId {
    /// What was asked for: `CallId`.
    pub kind: &'static str,
    /// What was given, cut at 64 characters.
    pub given: String,
    /// What it should look like.
    pub expected: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $Id:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $Id(Uuid);

        impl $Id {
            /// Wraps a UUID made at the edge.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Derives the id that belongs to `self` under a name: the same inputs always give the same id.
            ///
            /// Version 5 (SHA-1) of RFC 9562, with `self` as the name space.
            #[must_use]
            pub fn derive(self, name: &str) -> Uuid {
                Uuid::new_v5(&self.0, name.as_bytes())
            }
        }

        impl AggregateId for $Id {}

        impl fmt::Display for $Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $Id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($Id), "({})"), self.0)
            }
        }

        impl FromStr for $Id {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::parse_str(text).map(Self).map_err(|_| InvalidId {
                    kind: stringify!($Id),
                    given: text.chars().take(64).collect(),
                    expected: "a UUID such as 0198c0de-0000-7000-8000-000000000001",
                })
            }
        }

        #[cfg(any(test, feature = "contract"))]
        impl proptest::arbitrary::Arbitrary for $Id {
            type Parameters = ();
            type Strategy = proptest::strategy::BoxedStrategy<Self>;

            // From a small range, so that generated histories meet the same thing again.
            fn arbitrary_with((): ()) -> Self::Strategy {
                use proptest::strategy::Strategy as _;
                (0_u128..6).prop_map(|n| Self(Uuid::from_u128(n))).boxed()
            }
        }
    )*};
}

ids! {
    /// One customer's story across calls and messages; the correlation id of every event in it.
    JourneyId,
    /// One voice call: the aggregate with its legs and bridges.
    CallId,
    /// One phone's or browser's part in a call.
    LegId,
    /// Two or more legs that hear each other.
    BridgeId,
    /// One caller's or conversation's time in one queue.
    EntryId,
    /// One attempt to hand a queue entry to one agent.
    OfferId,
    /// One recording of a call.
    RecordingId,
    /// One voicemail message.
    VoicemailId,
    /// One promise to ring a customer back.
    CallbackId,
    /// One supervisor's listening, whispering or barging into a call.
    SupervisionId,
    /// One step of a routing policy as run for one call or conversation.
    StepId,
    /// An agent's live state: what they chose, do and are registered on.
    AgentId,
    /// A person that a tenant gave an account; their agent has the same UUID.
    UserId,
    /// A group of users.
    GroupId,
    /// A skill that users have and callers need.
    SkillId,
    /// A desk phone, softphone or browser.
    DeviceId,
    /// A set of states that an agent may choose from.
    ProfileId,
    /// One state of an availability profile.
    StateId,
    /// A queue.
    QueueId,
    /// A routing policy: what an admin draws.
    RoutingPolicyId,
    /// Opening hours with holidays, in a time zone.
    CalendarId,
    /// An uploaded or recorded sound.
    SoundId,
    /// A wrap-up code.
    WrapUpCodeId,
    /// One wrap-up that was filed on a conversation.
    WrapUpId,
    /// A note that somebody wrote on a call or conversation.
    NoteId,
    /// A customer's exchange over one or more digital channels.
    ConversationId,
    /// One message of a conversation.
    MessageId,
    /// A message template.
    TemplateId,
    /// An inbox that agents share.
    InboxId,
    /// What one pair of numbers (ours, a customer's) may send.
    ConsentId,
    /// A connection to one CRM org.
    CrmLinkId,
    /// An order not to delete.
    LegalHoldId,
    /// One run of deletion by retention rules.
    RetentionRunId,
    /// A retention schedule of a tenant.
    RetentionId,
    /// A data subject: a caller, a customer or an agent. Random, resolved only through the key vault.
    PersonId,
    /// One command; a repeat carries the same.
    CommandId,
    /// One event; derived from its command's id and its place among that command's events.
    EventId,
}

ids! {
    /// A key with which a program signs in.
    ApiKeyId,
    /// An outside number that a user rings on or shows.
    AssociatedNumberId,
    /// One entry of a tenant's block list.
    BlockId,
    /// A link that shows a wallboard to whoever has it.
    ShareLinkId,
}

impl EventId {
    /// Derives the id of a command's event by its place among the events of that command, from 0.
    #[must_use]
    pub fn of(command: CommandId, place: usize) -> Self {
        Self(command.derive(&format!("event/{place}")))
    }
}

impl From<UserId> for AgentId {
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}

impl From<AgentId> for UserId {
    fn from(agent: AgentId) -> Self {
        Self(agent.0)
    }
}

/// A customer organisation: a short lower-case word such as `acme`, part of every stream's name.
///
/// 1 to 32 characters from `a`–`z`, `0`–`9` and `-`, beginning with a letter and not ending in `-`. Never a person's name or number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(std::sync::Arc<str>);

impl TenantId {
    /// Reads a tenant's id.
    ///
    /// # Errors
    /// [`InvalidId`] unless the text has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let right = (1..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if right {
            Ok(Self(text.into()))
        } else {
            Err(InvalidId {
                kind: "TenantId",
                given: text.chars().take(64).collect(),
                expected: "1 to 32 of a-z, 0-9 and -, beginning with a letter and not ending in -",
            })
        }
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TenantId({})", self.0)
    }
}

impl FromStr for TenantId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl TryFrom<String> for TenantId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(&text)
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.as_str().to_owned()
    }
}

/// The id of what a tenant has only one of, such as its settings and people; as text `root`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct TenantRoot;

impl AggregateId for TenantRoot {}

impl fmt::Display for TenantRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("root")
    }
}

impl FromStr for TenantRoot {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "root" => Ok(Self),
            _ => Err(InvalidId {
                kind: "TenantRoot",
                given: text.chars().take(64).collect(),
                expected: "the word root",
            }),
        }
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for TenantId {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        proptest::sample::select(vec!["acme", "globex", "initech"])
            .prop_map(|text| Self(text.into()))
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_with_a_shape_that_streams_cannot_carry_is_refused_by_name() {
        for wrong in ["", "Acme", "a_b", "1st", "a-", "ä", &"a".repeat(33)] {
            let refused = TenantId::new(wrong).expect_err(wrong);
            assert_eq!(refused.kind, "TenantId");
        }
        assert_eq!(
            TenantId::new("acme-eu2").map(String::from),
            Ok("acme-eu2".to_owned())
        );
    }

    #[test]
    fn event_ids_follow_from_the_command_and_the_place() {
        let command = CommandId::new(Uuid::from_u128(7));
        assert_eq!(EventId::of(command, 0), EventId::of(command, 0));
        assert_ne!(EventId::of(command, 0), EventId::of(command, 1));
    }

    #[test]
    fn a_wrong_id_says_what_was_asked_for() {
        let wrong = "carol".parse::<CallId>().expect_err("not a UUID").to_string();
        assert!(wrong.starts_with("\"carol\" is no CallId"), "{wrong}");
    }
}
