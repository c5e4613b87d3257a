//! Time zones by the names of the IANA database.

use std::fmt;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// A time zone by its IANA name, such as `Europe/London`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

/// The text named no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no time zone of the IANA database, such as Europe/London")]
pub struct InvalidZone {
    /// What was given, cut at 64 characters.
    pub given: String,
}

impl ZoneName {
    /// Looks a time zone up and takes its name as the database writes it.
    ///
    /// # Errors
    /// [`InvalidZone`] unless the database has it.
    pub fn new(text: &str) -> Result<Self, InvalidZone> {
        find(text)
            .and_then(|zone| zone.iana_name().map(|name| Self(name.to_owned())))
            .filter(|name| name.0 != "Etc/Unknown")
            .ok_or_else(|| InvalidZone::of(text))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the rules by which its clocks go.
    // A name that the log holds was known when it was recorded. The database drops none; if it ever did, UTC is at
    // least the same everywhere.
    pub(crate) fn rules(&self) -> TimeZone {
        find(&self.0).unwrap_or(TimeZone::UTC)
    }
}

// The database in the binary, never the system's: an answer may not depend on the machine.
fn find(name: &str) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(name).ok()
}

impl InvalidZone {
    fn of(text: &str) -> Self {
        Self {
            given: text.chars().take(64).collect(),
        }
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ZoneName {
    type Error = InvalidZone;

    // What the log holds was looked up when it was recorded, and the database changes: only the shape is asked for.
    fn try_from(text: String) -> Result<Self, InvalidZone> {
        let in_names = |b: u8| b.is_ascii_alphanumeric() || b"/_+-".contains(&b);
        if (1..=64).contains(&text.len()) && text.bytes().all(in_names) {
            Ok(Self(text))
        } else {
            Err(InvalidZone::of(&text))
        }
    }
}

impl From<ZoneName> for String {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for ZoneName {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        proptest::sample::select(vec!["Europe/London", "America/New_York", "Asia/Singapore", "UTC"])
            .prop_map(|name| Self(name.to_owned()))
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_taken_as_the_database_writes_it() {
        assert_eq!(
            ZoneName::new("europe/london").map(String::from),
            Ok("Europe/London".to_owned())
        );
    }

    #[test]
    fn a_wrong_zone_is_refused_and_named() {
        for wrong in ["", "London", "Etc/Unknown", "Europe/Atlantis", "../../etc/passwd"] {
            assert_eq!(ZoneName::new(wrong), Err(InvalidZone::of(wrong)));
        }
    }
}
