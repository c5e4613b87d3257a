//! Which org a link leads to, and how we sign in there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::context::Actor;
use crate::text::{Key, Line};
use crate::{Private, Timestamp};

use super::event::Event;
use super::rejection::Rejection;

/// The id of a Salesforce org in its form of 18 characters, such as `00D5g000004kGhIEAU`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgId(String);

/// The text was no org's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no org id: 15 or 18 letters and digits that begin with 00D are expected")]
pub struct InvalidOrgId {
    /// What was given, cut at 64 characters.
    pub given: String,
}

/// Where an org answers: a host name, and a port if it is not 443; in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceHost(String);

/// The text was no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no host: a name such as acme.my.salesforce.com is expected, without https:// and path")]
pub struct InvalidHost {
    /// What was given, cut at 64 characters.
    pub given: String,
}

/// Whether an org is the real one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Environment {
    /// It is.
    Production,
    /// It is a copy to try things out.
    Sandbox,
}

/// How we prove to the org who we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LoginKind {
    /// By a token that we sign with a key whose certificate the org knows.
    JwtBearer,
    /// By a secret that the org gave us.
    ClientCredentials,
}

/// How we sign in to an org. The key or secret itself stays in the secret store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Login {
    /// How we prove who we are.
    pub kind: LoginKind,
    /// The id under which the org knows us.
    pub client_id: Line,
    /// The name of the key or secret in the secret store.
    pub credential: Key,
}

/// Which org a link leads to, and how we sign in there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Connection {
    /// The org.
    pub org: OrgId,
    /// Whether it is the real one.
    pub environment: Environment,
    /// Where it answers.
    pub host: InstanceHost,
    /// How we sign in.
    pub login: Login,
    /// The name of the org's user that we act as.
    pub user: Private<Line>,
}

/// Says which org a link leads to, and how we sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Configure {
    /// The org, and how we sign in from now on.
    pub connection: Connection,
    /// Who says so.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

pub(super) fn decide(there: Option<&Connection>, command: Configure) -> Result<Vec<Event>, Rejection> {
    let Configure { connection, by, at } = command;
    match there {
        Some(there) if there.org != connection.org => Err(Rejection::OtherOrg),
        Some(there) if *there == connection => Ok(vec![]),
        Some(_) | None => Ok(vec![Event::Configured { connection, by, at }]),
    }
}

impl OrgId {
    /// Reads an org's id of 15 or 18 characters. The last three of 18 say which of the others are capital letters.
    ///
    /// # Errors
    /// [`InvalidOrgId`] unless it has that shape, and the last three of 18 agree with the others.
    pub fn new(text: &str) -> Result<Self, InvalidOrgId> {
        let refused = || InvalidOrgId {
            given: text.chars().take(64).collect(),
        };
        let right = text.starts_with("00D") && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !right || !matches!(text.len(), 15 | 18) {
            return Err(refused());
        }
        let (id, check) = text.split_at(15);
        let whole = format!("{id}{}", capitals(id));
        if check.is_empty() || whole.ends_with(check) {
            Ok(Self(whole))
        } else {
            Err(refused())
        }
    }
}

// One character for every five, from A for none of them a capital to 5 for all; the first is the lowest bit.
fn capitals(id: &str) -> String {
    let chunks = id.as_bytes().chunks(5);
    let bits = chunks.map(|five| {
        let set = five.iter().enumerate().filter(|(_, b)| b.is_ascii_uppercase());
        set.fold(0_u8, |bits, (place, _)| bits | 1 << place)
    });
    bits.map(|bits| char::from(if bits < 26 { b'A' + bits } else { b'0' + bits - 26 }))
        .collect()
}

impl InstanceHost {
    /// Checks and takes a host.
    ///
    /// # Errors
    /// [`InvalidHost`] unless it has the shape above.
    pub fn new(text: &str) -> Result<Self, InvalidHost> {
        let lower = text.trim().to_ascii_lowercase();
        let (name, port) = match lower.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (lower.as_str(), None),
        };
        let label_is_right = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let port_is_right = |port: &str| {
            port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        };
        if name.len() <= 253 && name.split('.').all(label_is_right) && port.is_none_or(port_is_right) {
            Ok(Self(lower))
        } else {
            Err(InvalidHost {
                given: text.chars().take(64).collect(),
            })
        }
    }

    /// Returns the host, and the port behind a colon if there is one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OrgId({})", self.0)
    }
}

impl FromStr for OrgId {
    type Err = InvalidOrgId;

    fn from_str(text: &str) -> Result<Self, InvalidOrgId> {
        Self::new(text)
    }
}

impl TryFrom<String> for OrgId {
    type Error = InvalidOrgId;

    fn try_from(text: String) -> Result<Self, InvalidOrgId> {
        Self::new(&text)
    }
}

impl From<OrgId> for String {
    fn from(org: OrgId) -> Self {
        org.0
    }
}

impl fmt::Display for InstanceHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for InstanceHost {
    type Error = InvalidHost;

    fn try_from(text: String) -> Result<Self, InvalidHost> {
        Self::new(&text)
    }
}

impl From<InstanceHost> for String {
    fn from(host: InstanceHost) -> Self {
        host.0
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{InstanceHost, OrgId};
    use proptest::prelude::*;

    impl Arbitrary for OrgId {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        // Mostly one org, so that generated histories do not stop at the second.
        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![9 => Just("00D5g000004kGhIEAU"), 1 => Just("00D000000000001EAA")]
                .prop_map(|id| Self(id.to_owned()))
                .boxed()
        }
    }

    impl Arbitrary for InstanceHost {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            proptest::sample::select(vec!["acme.my.salesforce.com", "localhost:8443"])
                .prop_map(|host| Self(host.to_owned()))
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_org_has_one_id_however_it_is_written() {
        // Capitals: the third of 00D5g (4 is E), none of 00000 (0 is A), the third and fifth of 4kGhI (20 is U).
        let long = OrgId::new("00D5g000004kGhIEAU");
        assert_eq!(OrgId::new("00D5g000004kGhI"), long);
        assert_eq!(long.map(String::from), Ok("00D5g000004kGhIEAU".to_owned()));
    }

    #[test]
    fn what_is_no_org_is_refused() {
        for wrong in [
            "",
            "00D",
            "0015g000004kGhI",
            "00D5g000004kGhIEAA",
            "00D5g000004kGh-",
            "00D5g000004kGhIE",
        ] {
            assert!(OrgId::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        for right in [
            "acme.my.salesforce.com",
            "acme--uat.sandbox.my.salesforce.com",
            "localhost:8443",
        ] {
            assert!(InstanceHost::new(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "https://acme.my.salesforce.com",
            "acme.my.salesforce.com/",
            "acme..com",
            "-a.com",
            "user@acme.com",
            "acme.com:",
            "acme.com:0",
            "acme.com:99999",
            "acme.com:+80",
        ] {
            assert!(InstanceHost::new(wrong).is_err(), "{wrong}");
        }
    }
}
