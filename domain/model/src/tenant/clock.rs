//! Times of day, days of the week and dates, as people write them on a door.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A time of day to the minute, `00:00` to `24:00`; the last is the end of a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clock(u16);

/// The text was no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no time of day: 00:00 to 24:00 is expected")]
pub struct InvalidClock {
    /// What was given, cut at 64 characters.
    pub given: String,
}

/// A date such as `2026-12-25`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date(civil::Date);

/// The text was no date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no date: a day such as 2026-12-25 is expected")]
pub struct InvalidDate {
    /// What was given, cut at 64 characters.
    pub given: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Clock {
    /// The beginning of a day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of a day.
    pub const DAY_END: Self = Self(24 * 60);

    /// Makes the time of day so many minutes after midnight, at most the end of the day.
    #[must_use]
    pub(super) const fn of_minutes(minutes: u16) -> Self {
        if minutes < Self::DAY_END.0 {
            Self(minutes)
        } else {
            Self::DAY_END
        }
    }

    /// Returns the minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl Date {
    /// Returns the day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        match self.0.weekday() {
            civil::Weekday::Monday => Weekday::Monday,
            civil::Weekday::Tuesday => Weekday::Tuesday,
            civil::Weekday::Wednesday => Weekday::Wednesday,
            civil::Weekday::Thursday => Weekday::Thursday,
            civil::Weekday::Friday => Weekday::Friday,
            civil::Weekday::Saturday => Weekday::Saturday,
            civil::Weekday::Sunday => Weekday::Sunday,
        }
    }

    pub(super) const fn of(date: civil::Date) -> Self {
        Self(date)
    }

    /// Returns the day before; none on the first that can be written.
    pub(super) fn before(self) -> Option<Self> {
        self.0.yesterday().ok().map(Self)
    }

    /// Returns the day after; none on the last that can be written.
    pub(super) fn after(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    /// Returns the civil moment so many minutes into this day.
    pub(super) fn at(self, minutes: u16) -> Option<civil::DateTime> {
        let midnight = self.0.at(0, 0, 0, 0);
        midnight.checked_add(jiff::Span::new().minutes(minutes)).ok()
    }
}

impl Weekday {
    /// Returns its name, as it is stored: `monday`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Clock {
    type Err = InvalidClock;

    fn from_str(text: &str) -> Result<Self, InvalidClock> {
        let digits = |part: &str| {
            let two = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            two.then(|| part.parse::<u16>().ok()).flatten()
        };
        let clock = text.split_once(':').and_then(|(hour, minute)| {
            let (hour, minute) = (digits(hour)?, digits(minute)?);
            let clock = Self(hour * 60 + minute);
            (minute < 60 && clock <= Self::DAY_END).then_some(clock)
        });
        clock.ok_or_else(|| InvalidClock {
            given: text.chars().take(64).collect(),
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        // The library also reads a date out of a longer text, which would drop the rest unsaid.
        let bare = text.len() == 10;
        let date = bare.then(|| text.parse().ok()).flatten();
        date.map(Self).ok_or_else(|| InvalidDate {
            given: text.chars().take(64).collect(),
        })
    }
}

impl TryFrom<String> for Clock {
    type Error = InvalidClock;

    fn try_from(text: String) -> Result<Self, InvalidClock> {
        text.parse()
    }
}

impl From<Clock> for String {
    fn from(clock: Clock) -> Self {
        clock.to_string()
    }
}

impl TryFrom<String> for Date {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{Clock, Date};
    use proptest::prelude::*;

    impl Arbitrary for Clock {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            (0_u16..=48).prop_map(|half_hours| Self(half_hours * 30)).boxed()
        }
    }

    impl Arbitrary for Date {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        // Around the moments that are generated.
        fn arbitrary_with((): ()) -> Self::Strategy {
            (18_i8..26)
                .prop_map(|day| Self(jiff::civil::date(2026, 11, day)))
                .boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_reads_back_as_it_was_written() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(
                text.parse().map(|clock: Clock| clock.to_string()),
                Ok(text.to_owned())
            );
        }
        for wrong in ["", "9:00", "09:60", "24:01", "99:99", "+9:00", "09:00:00", "noon"] {
            assert!(wrong.parse::<Clock>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_date_reads_back_and_knows_its_weekday() {
        let christmas: Date = "2026-12-25".parse().expect("a date");
        assert_eq!(christmas.to_string(), "2026-12-25");
        assert_eq!(christmas.weekday(), Weekday::Friday);
        for wrong in [
            "",
            "2026-13-01",
            "2026-02-30",
            "25.12.2026",
            "2026-12-25T10:00",
            "20261225",
        ] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
