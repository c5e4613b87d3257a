//! Moments and lengths of time. Both come from outside; nothing here reads a clock.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment in UTC, to the microsecond; in JSON an RFC 3339 text such as `2026-11-22T10:00:00.000000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// The text was no moment in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no moment in time: an RFC 3339 text such as 2026-11-22T10:00:00Z is expected")]
pub struct InvalidTimestamp {
    /// What was given, cut at 64 characters.
    pub given: String,
}

impl Timestamp {
    /// The earliest moment that RFC 3339 can write: the beginning of the year 0.
    pub const MIN: Self = Self(-62_167_219_200_000_000);
    /// The latest moment that can be written in every time zone: 9999-12-30T22:00:00Z.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// Makes a moment from microseconds since 1970-01-01T00:00:00Z; what cannot be written is drawn to the nearest that can.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        if micros < Self::MIN.0 {
            Self::MIN
        } else if micros > Self::MAX.0 {
            Self::MAX
        } else {
            Self(micros)
        }
    }

    /// Returns microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Returns the moment this much later, at most [`Timestamp::MAX`].
    #[must_use]
    pub const fn plus(self, length: Millis) -> Self {
        Self::from_micros(self.0.saturating_add_unsigned(length.0.saturating_mul(1000)))
    }

    /// Returns the moment this much earlier, at least [`Timestamp::MIN`].
    #[must_use]
    pub const fn minus(self, length: Millis) -> Self {
        Self::from_micros(self.0.saturating_sub_unsigned(length.0.saturating_mul(1000)))
    }

    /// Returns the time from `earlier` until this moment; none if it is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        let micros = self.0.saturating_sub(earlier.0);
        if micros > 0 {
            Millis(micros.unsigned_abs() / 1000)
        } else {
            Millis(0)
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment =
            jiff::Timestamp::from_microsecond(self.0).expect("the bounds were kept when it was made");
        write!(f, "{moment:.6}")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| InvalidTimestamp {
            given: text.chars().take(64).collect(),
        })?;
        Ok(Self::from_micros(moment.as_microsecond()))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = InvalidTimestamp;

    fn try_from(text: String) -> Result<Self, InvalidTimestamp> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

/// A length of time in milliseconds; in JSON an integer, in fields that end in `_ms`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// Makes a length from seconds.
    #[must_use]
    pub const fn from_secs(seconds: u32) -> Self {
        Self(seconds as u64 * 1000)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ms", self.0)
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Millis, Timestamp};
    use proptest::prelude::*;

    impl Arbitrary for Timestamp {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        // Within one hour, so that deadlines are met and missed; sometimes anywhere at all.
        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![
                9 => (0_i64..3_600_000_000).prop_map(|n| Self::from_micros(1_795_300_000_000_000 + n)),
                1 => any::<i64>().prop_map(Self::from_micros),
            ]
            .boxed()
        }
    }

    impl Arbitrary for Millis {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![9 => 0_u64..120_000, 1 => any::<u64>()]
                .prop_map(Self)
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_back_as_it_was_written() {
        for micros in [
            0,
            1,
            -1,
            1_795_300_000_123_456,
            Timestamp::MIN.0,
            Timestamp::MAX.0,
        ] {
            let moment = Timestamp::from_micros(micros);
            assert_eq!(moment.to_string().parse(), Ok(moment), "{micros}");
        }
        assert_eq!(
            Timestamp::from_micros(0).to_string(),
            "1970-01-01T00:00:00.000000Z"
        );
    }

    #[test]
    fn no_sum_leaves_the_range() {
        assert_eq!(Timestamp::MAX.plus(Millis(u64::MAX)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Millis(0));
        assert_eq!(Timestamp::from_micros(i64::MAX), Timestamp::MAX);
    }
}
