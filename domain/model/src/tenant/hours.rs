//! Opening hours: spans of each week, holidays and other special days, and whether they are open at a moment.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::few::Few;
use crate::text::Name;

use super::clock::{Clock, Date, Weekday};
use super::zone::ZoneName;

/// The most spans of one day.
pub const SPANS_MAX: usize = 10;
/// The most spans of a week.
pub const WEEK_MAX: usize = 7 * SPANS_MAX;
/// The most special days of one calendar.
pub const DAYS_MAX: usize = 400;

/// A time of being open, which belongs to the day on which it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Span {
    /// When it begins.
    pub from: Clock,
    /// The first minute after it; one that is before `from` is of the next day.
    pub until: Clock,
}

/// A span of every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct WeekSpan {
    /// The day on which it begins.
    pub day: Weekday,
    /// From when until when.
    #[serde(flatten)]
    pub span: Span,
}

/// A date on which the week's spans do not begin: a holiday, or other hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct SpecialDay {
    /// The date.
    pub date: Date,
    /// What people call it.
    pub name: Option<Name>,
    /// The spans that begin on it instead; none on a holiday.
    pub open: Few<Span, SPANS_MAX>,
}

/// When something is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Hours {
    /// What people call these hours; no other calendar has this name.
    pub name: Name,
    /// Where the clock hangs.
    pub zone: ZoneName,
    /// The spans of every week.
    pub week: Few<WeekSpan, WEEK_MAX>,
    /// Holidays and days with other hours, each date once.
    pub days: Few<SpecialDay, DAYS_MAX>,
}

/// What is wrong with opening hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct Fault {
    /// The field's name, with its place in a list: `week[3].until`.
    pub field: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Whether hours are open at a moment, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// They are.
    Open {
        /// When they close; none if not for a year or more.
        until: Option<Timestamp>,
    },
    /// They are not.
    Closed {
        /// When they open; none if not within a year.
        until: Option<Timestamp>,
    },
}

impl Span {
    /// Returns its minutes, counted from the midnight before it; the end may lie in the day after.
    fn minutes(self) -> (u16, u16) {
        let (from, until) = (self.from.minutes(), self.until.minutes());
        let next_day = if until < from { Clock::DAY_END.minutes() } else { 0 };
        (from, until + next_day)
    }

    fn check(self, field: &str) -> Result<(), Fault> {
        let fault = |part: &str, reason| Fault {
            field: format!("{field}.{part}"),
            reason,
        };
        if self.from == Clock::DAY_END {
            Err(fault(
                "from",
                "24:00 only ends a span; the next day begins at 00:00",
            ))
        } else if self.from == self.until {
            Err(fault("until", "the span is empty; a whole day is 00:00 to 24:00"))
        } else {
            Ok(())
        }
    }
}

impl Hours {
    /// Checks what the types cannot say: no span is empty, none of one week or day overlap, each date is named once.
    ///
    /// # Errors
    /// The first [`Fault`].
    pub fn check(&self) -> Result<(), Fault> {
        self.check_week()?;
        self.check_days()
    }

    fn check_week(&self) -> Result<(), Fault> {
        let day = u32::from(Clock::DAY_END.minutes());
        let mut spans = Vec::with_capacity(self.week.len());
        for (place, WeekSpan { day: weekday, span }) in self.week.iter().enumerate() {
            span.check(&format!("week[{place}]"))?;
            let (from, until) = span.minutes();
            let midnight = *weekday as u32 * day;
            spans.push((midnight + u32::from(from), midnight + u32::from(until), place));
        }
        // Sunday's night runs into Monday, so the first span of the week also comes after the last.
        spans.sort_unstable();
        if let Some((from, until, place)) = spans.first().copied() {
            spans.push((from + 7 * day, until + 7 * day, place));
        }
        overlap(&spans).map_or(Ok(()), |place| {
            Err(Fault {
                field: format!("week[{place}]"),
                reason: "it overlaps another span",
            })
        })
    }

    fn check_days(&self) -> Result<(), Fault> {
        for (place, day) in self.days.iter().enumerate() {
            if self.days[..place].iter().any(|other| other.date == day.date) {
                return Err(Fault {
                    field: format!("days[{place}].date"),
                    reason: "this date is named twice",
                });
            }
            let mut spans = Vec::with_capacity(day.open.len());
            for (inner, span) in day.open.iter().enumerate() {
                span.check(&format!("days[{place}].open[{inner}]"))?;
                let (from, until) = span.minutes();
                spans.push((u32::from(from), u32::from(until), inner));
            }
            spans.sort_unstable();
            if let Some(inner) = overlap(&spans) {
                return Err(Fault {
                    field: format!("days[{place}].open[{inner}]"),
                    reason: "it overlaps another span",
                });
            }
        }
        Ok(())
    }

    /// Returns the spans that begin on a date, as minutes from its midnight.
    pub(super) fn beginning_on(&self, date: Date) -> Vec<(u16, u16)> {
        match self.days.iter().find(|day| day.date == date) {
            Some(special) => special.open.iter().map(|span| span.minutes()).collect(),
            None => {
                let weekday = date.weekday();
                let regular = self.week.iter().filter(|regular| regular.day == weekday);
                regular.map(|regular| regular.span.minutes()).collect()
            }
        }
    }
}

/// Finds the place of a span that begins before the one before it ends; `spans` by beginning.
fn overlap(spans: &[(u32, u32, usize)]) -> Option<usize> {
    let mut pairs = spans.windows(2);
    pairs.find_map(|pair| (pair[1].0 < pair[0].1).then_some(pair[1].2))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::testing::sample::text;

    pub(in crate::tenant) fn span(from: &str, until: &str) -> Span {
        Span {
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
        }
    }

    pub(in crate::tenant) fn weekly(day: Weekday, from: &str, until: &str) -> WeekSpan {
        WeekSpan {
            day,
            span: span(from, until),
        }
    }

    pub(in crate::tenant) fn monday_to_friday() -> Hours {
        use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
        let days = [Monday, Tuesday, Wednesday, Thursday, Friday];
        Hours {
            name: text("Office"),
            zone: ZoneName::new("Europe/London").unwrap(),
            week: Few::first(days.map(|day| weekly(day, "09:00", "17:30"))),
            days: Few::none(),
        }
    }

    fn fault_of(week: &[WeekSpan]) -> Option<(String, &'static str)> {
        let hours = Hours {
            week: Few::first(week.iter().copied()),
            ..monday_to_friday()
        };
        hours.check().err().map(|fault| (fault.field, fault.reason))
    }

    #[test]
    fn spans_may_touch_and_run_past_midnight() {
        use Weekday::{Monday, Saturday, Sunday};
        let touching = [
            weekly(Sunday, "22:00", "06:00"),
            weekly(Monday, "06:00", "12:00"),
            weekly(Monday, "12:00", "24:00"),
            weekly(Saturday, "00:00", "24:00"),
        ];
        assert_eq!(fault_of(&touching), None);
    }

    #[test]
    fn spans_that_overlap_are_refused_even_over_the_end_of_the_week() {
        use Weekday::{Monday, Sunday};
        let night = [weekly(Sunday, "22:00", "06:00"), weekly(Monday, "05:59", "12:00")];
        assert_eq!(
            fault_of(&night),
            Some(("week[1]".to_owned(), "it overlaps another span"))
        );
        let same = [weekly(Monday, "09:00", "17:00"), weekly(Monday, "09:00", "17:00")];
        assert_eq!(
            fault_of(&same),
            Some(("week[1]".to_owned(), "it overlaps another span"))
        );
    }

    #[test]
    fn a_span_of_nothing_is_refused() {
        use Weekday::Monday;
        let faults = [weekly(Monday, "24:00", "06:00"), weekly(Monday, "00:00", "00:00")]
            .map(|span| fault_of(&[span]).map(|(field, _)| field));
        assert_eq!(
            faults,
            [Some("week[0].from".to_owned()), Some("week[0].until".to_owned())]
        );
    }

    #[test]
    fn a_date_is_named_once() {
        let day = |open| SpecialDay {
            date: "2026-12-25".parse().unwrap(),
            name: None,
            open,
        };
        let mut hours = monday_to_friday();
        hours.days = Few::first([day(Few::none()), day(Few::none())]);
        assert_eq!(hours.check().unwrap_err().field, "days[1].date");
        let twice = Few::first([span("09:00", "12:00"), span("11:00", "13:00")]);
        hours.days = Few::first([day(twice)]);
        assert_eq!(hours.check().unwrap_err().field, "days[0].open[1]");
    }
}
