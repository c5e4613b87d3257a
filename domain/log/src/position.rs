//! Places: of an event in its stream, and in the global order of the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The place of an event in its stream: 0, 1, 2 … without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl Revision {
    /// Returns the revision after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The place of an event in the global order of its log. It grows from event to event.
///
/// The embedded log counts 0, 1, 2 … without a gap. KurrentDB's is a pair (commit, prepare) with gaps; both halves are
/// kept, for only the pair can be resumed from. As text `17`, or `1024/980` where the halves differ.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Position {
    commit: u64,
    prepare: u64,
}

/// The text was no position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no position: a number such as 17, or a pair such as 1024/980, is expected")]
pub struct InvalidPosition {
    given: String,
}

impl Position {
    /// Makes the position of a log that counts one by one.
    #[must_use]
    pub const fn at(place: u64) -> Self {
        Self {
            commit: place,
            prepare: place,
        }
    }

    /// Makes the position of a log that keeps a pair.
    #[must_use]
    pub const fn pair(commit: u64, prepare: u64) -> Self {
        Self { commit, prepare }
    }

    /// Returns the commit half; in a log that counts one by one, the place.
    #[must_use]
    pub const fn commit(self) -> u64 {
        self.commit
    }

    /// Returns the prepare half.
    #[must_use]
    pub const fn prepare(self) -> u64 {
        self.prepare
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.commit == self.prepare {
            write!(f, "{}", self.commit)
        } else {
            write!(f, "{}/{}", self.commit, self.prepare)
        }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Position({self})")
    }
}

impl FromStr for Position {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let (commit, prepare) = text.split_once('/').unwrap_or((text, text));
        match (commit.parse(), prepare.parse()) {
            (Ok(commit), Ok(prepare)) => Ok(Self { commit, prepare }),
            _ => Err(InvalidPosition {
                given: text.chars().take(64).collect(),
            }),
        }
    }
}

impl TryFrom<String> for Position {
    type Error = InvalidPosition;

    fn try_from(text: String) -> Result<Self, InvalidPosition> {
        text.parse()
    }
}

impl From<Position> for String {
    fn from(position: Position) -> Self {
        position.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_as_it_was_written() {
        for position in [Position::at(0), Position::at(u64::MAX), Position::pair(1024, 980)] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        assert!("17/".parse::<Position>().is_err());
    }
}
