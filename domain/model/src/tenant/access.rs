//! Ways in without an account: keys for programs, and links to wallboards. The log holds only hashes of the secrets.

use serde::{Deserialize, Serialize};

use crate::content_hash::ContentHash;
use crate::ids::{ApiKeyId, ShareLinkId};
use crate::text::{Key, Name};

use super::State;
use super::event::Event;
use super::people::Role;
use super::rejection::{Decision, Thing, create};

/// What an API key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct ApiKeyDetails {
    /// The name under which the audit log shows what was done with it; no key ever has another's name.
    pub name: Key,
    /// What a program may do with it.
    pub role: Role,
    /// The hash of the secret, which is 32 random bytes that only its owner has.
    pub secret_hash: ContentHash,
}

/// Whether a key still opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// It does.
    Valid,
    /// It never does again.
    Revoked,
}

/// An API key as it stands. A revoked one stays, so that its name is not used again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// What it is.
    pub details: ApiKeyDetails,
    /// Whether it still opens.
    pub validity: Validity,
}

/// What can be done on a wallboard that is opened by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LinkRight {
    /// Nothing but look at it.
    Look,
    /// What a supervisor can do there: listen, change a state, end a call, cancel a callback.
    Act,
}

/// A link that shows a wallboard to whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct ShareLink {
    /// The wallboard's name.
    pub wallboard: Name,
    /// What can be done there.
    pub right: LinkRight,
    /// The hash of the secret part of the link, which is 32 random bytes.
    pub secret_hash: ContentHash,
}

/// What somebody wants of API keys and share links.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Lets a program in.
    CreateKey {
        /// The key's id.
        key: ApiKeyId,
        /// What it is.
        details: ApiKeyDetails,
    },
    /// Locks a program out.
    RevokeKey {
        /// The key.
        key: ApiKeyId,
    },
    /// Shares a wallboard.
    CreateLink {
        /// The link's id.
        link: ShareLinkId,
        /// What it shows, and what can be done there.
        details: ShareLink,
    },
    /// Shares a wallboard no more.
    RevokeLink {
        /// The link.
        link: ShareLinkId,
    },
}

impl ApiKey {
    pub(super) const fn new(details: ApiKeyDetails) -> Self {
        Self {
            details,
            validity: Validity::Valid,
        }
    }
}

impl State {
    /// Returns the key that a secret opens with, if it still does.
    #[must_use]
    pub fn opened_by(&self, secret_hash: &ContentHash) -> Option<(&ApiKeyId, &ApiKeyDetails)> {
        let opens = |key: &ApiKey| key.validity == Validity::Valid && key.details.secret_hash == *secret_hash;
        let mut keys = self.api_keys.iter();
        keys.find(|(_, key)| opens(key))
            .map(|(id, key)| (id, &key.details))
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::CreateKey { key, details } => {
            let wanted = ApiKey::new(details);
            create(state.api_keys.get(&key), &wanted, Thing::ApiKey, || {
                let details = wanted.details.clone();
                state
                    .api_keys
                    .unique(&key, "details.name", Thing::ApiKey, |other| {
                        other.details.name == details.name
                    })?;
                Ok(vec![Event::ApiKeyCreated { key, details }])
            })
        }
        Command::RevokeKey { key } => {
            let there = state.api_keys.known(&key, "key", Thing::ApiKey)?;
            Ok(match there.validity {
                Validity::Valid => vec![Event::ApiKeyRevoked { key }],
                Validity::Revoked => vec![],
            })
        }
        Command::CreateLink { link, details } => {
            create(state.share_links.get(&link), &details, Thing::ShareLink, || {
                Ok(vec![Event::ShareLinkCreated {
                    link,
                    details: details.clone(),
                }])
            })
        }
        Command::RevokeLink { link } => {
            let there = state.share_links.contains(&link);
            Ok(there
                .then_some(Event::ShareLinkRevoked { link })
                .into_iter()
                .collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decider as _;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Rejection, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, text};

    const EXPORT: ApiKeyId = ApiKeyId::new(id(970));
    const OTHER: ApiKeyId = ApiKeyId::new(id(971));

    fn details() -> ApiKeyDetails {
        ApiKeyDetails {
            name: text("nightly-export"),
            role: Role::Basic,
            secret_hash: ContentHash::of(b"32 random bytes"),
        }
    }

    fn made() -> Event {
        Event::ApiKeyCreated {
            key: EXPORT,
            details: details(),
        }
    }

    fn create(key: ApiKeyId) -> Order {
        Order::Access(Command::CreateKey {
            key,
            details: details(),
        })
    }

    #[test]
    fn a_key_opens_until_it_is_revoked() {
        let secret = ContentHash::of(b"32 random bytes");
        let revoked = Event::ApiKeyRevoked { key: EXPORT };
        let state = Tenant::fold(&[created(), made()]);
        assert_eq!(state.opened_by(&secret), Some((&EXPORT, &details())));
        let state = Tenant::fold(&[created(), made(), revoked.clone()]);
        assert_eq!(state.opened_by(&secret), None);
        given::<Tenant>([created(), made(), revoked])
            .when(create(EXPORT))
            .rejected(Rejection::Exists { thing: Thing::ApiKey });
    }

    #[test]
    fn the_audit_log_never_shows_two_keys_under_one_name() {
        let revoked = Event::ApiKeyRevoked { key: EXPORT };
        given::<Tenant>([created(), made(), revoked])
            .when(create(OTHER))
            .rejected(Rejection::Taken {
                field: "details.name",
                thing: Thing::ApiKey,
            });
    }
}
