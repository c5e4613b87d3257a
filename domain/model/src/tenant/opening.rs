//! Whether opening hours are open at a moment, in their own time zone and over its changes of the clock.

use jiff::tz::TimeZone;

use crate::Timestamp;

use super::clock::{Clock, Date};
use super::hours::{Hours, Opening, SpecialDay};
use super::zone::ZoneName;

// A year and a month, so that a yearly exception is always met.
const HORIZON_DAYS: usize = 400;

impl Hours {
    /// Says whether the hours are open at a moment, and until when that lasts.
    ///
    /// A span that begins on a day runs to its end, also into a holiday. Where the clock is put forward over the
    /// beginning or the end of a span, that moves by as much; where an hour comes twice, its first pass counts.
    #[must_use]
    pub fn opening(&self, at: Timestamp) -> Opening {
        let zone = self.zone.rules();
        let Some(mut until) = self.open_until(&zone, at) else {
            return Opening::Closed {
                until: self.opens_after(&zone, at),
            };
        };
        for _ in 0..HORIZON_DAYS {
            match self.open_until(&zone, until) {
                Some(later) => until = later,
                None => return Opening::Open { until: Some(until) },
            }
        }
        Opening::Open { until: None }
    }

    /// Returns the end of the longest span that a moment lies in.
    fn open_until(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let today = local_date(zone, at);
        // No span is longer than a day, so none that began before yesterday is still open.
        let days = [today.before(), Some(today)].into_iter().flatten();
        days.flat_map(|day| self.spans_of(zone, day))
            .filter(|(from, until)| *from <= at && at < *until)
            .map(|(_, until)| until)
            .max()
    }

    fn opens_after(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let days = std::iter::successors(Some(local_date(zone, at)), |day| day.after());
        days.take(HORIZON_DAYS).find_map(|day| {
            let beginnings = self.spans_of(zone, day).into_iter().map(|(from, _)| from);
            beginnings.filter(|from| *from > at).min()
        })
    }

    fn spans_of(&self, zone: &TimeZone, date: Date) -> Vec<(Timestamp, Timestamp)> {
        let moment = |minutes| {
            let moment = zone.to_timestamp(date.at(minutes)?).ok()?;
            Some(Timestamp::from_micros(moment.as_microsecond()))
        };
        let spans = self.beginning_on(date).into_iter();
        spans
            .filter_map(|(from, until)| Some((moment(from)?, moment(until)?)))
            .filter(|(from, until)| from < until)
            .collect()
    }
}

impl Hours {
    /// Returns the special day that it is at a moment, in the time zone of these hours.
    #[must_use]
    pub fn special_day(&self, at: Timestamp) -> Option<&SpecialDay> {
        let today = local_date(&self.zone.rules(), at);
        self.days.iter().find(|day| day.date == today)
    }
}

impl ZoneName {
    /// Says which date and time of day it is there at a moment.
    #[must_use]
    pub fn local(&self, at: Timestamp) -> (Date, Clock) {
        let moment =
            jiff::Timestamp::from_microsecond(at.micros()).expect("every moment of ours is one of jiff's");
        let local = self.rules().to_datetime(moment);
        let minutes = u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs());
        (Date::of(local.date()), Clock::of_minutes(minutes))
    }
}

fn local_date(zone: &TimeZone, at: Timestamp) -> Date {
    let moment =
        jiff::Timestamp::from_microsecond(at.micros()).expect("every moment of ours is one of jiff's");
    Date::of(zone.to_datetime(moment).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::few::Few;
    use crate::tenant::clock::Weekday;
    use crate::tenant::hours::tests::{monday_to_friday, span, weekly};
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn open(until: &str) -> Opening {
        Opening::Open {
            until: Some(at(until)),
        }
    }

    fn closed(until: &str) -> Opening {
        Opening::Closed {
            until: Some(at(until)),
        }
    }

    fn on(date: &str, open: &[(&str, &str)]) -> SpecialDay {
        SpecialDay {
            date: date.parse().unwrap(),
            name: None,
            open: Few::first(open.iter().map(|(from, until)| span(from, until))),
        }
    }

    #[test]
    fn office_hours_open_and_close() {
        let hours = monday_to_friday();
        for (moment, opening) in [
            ("2026-11-23T08:59:59Z", closed("2026-11-23T09:00:00Z")),
            ("2026-11-23T09:00:00Z", open("2026-11-23T17:30:00Z")),
            ("2026-11-23T17:30:00Z", closed("2026-11-24T09:00:00Z")),
            ("2026-11-27T18:00:00Z", closed("2026-11-30T09:00:00Z")),
        ] {
            assert_eq!(hours.opening(at(moment)), opening, "{moment}");
        }
    }

    #[test]
    fn they_follow_the_clock_on_the_wall() {
        let hours = monday_to_friday();
        // In summer London is an hour ahead of UTC.
        assert_eq!(
            hours.opening(at("2026-07-06T08:30:00Z")),
            open("2026-07-06T16:30:00Z")
        );
    }

    #[test]
    fn a_holiday_stays_closed_and_a_special_day_has_its_own_hours() {
        let mut hours = monday_to_friday();
        hours.days = Few::first([
            on("2026-12-24", &[("09:00", "12:00")]),
            on("2026-12-25", &[]),
            on("2026-12-26", &[("10:00", "11:00")]),
        ]);
        for (moment, opening) in [
            ("2026-12-24T10:00:00Z", open("2026-12-24T12:00:00Z")),
            ("2026-12-24T12:00:00Z", closed("2026-12-26T10:00:00Z")),
            ("2026-12-26T10:30:00Z", open("2026-12-26T11:00:00Z")),
            ("2026-12-26T11:00:00Z", closed("2026-12-28T09:00:00Z")),
        ] {
            assert_eq!(hours.opening(at(moment)), opening, "{moment}");
        }
    }

    #[test]
    fn a_night_runs_to_its_end_even_into_a_holiday() {
        let mut hours = monday_to_friday();
        hours.week = Few::first([weekly(Weekday::Thursday, "22:00", "06:00")]);
        hours.days = Few::first([on("2026-12-25", &[])]);
        assert_eq!(
            hours.opening(at("2026-12-25T05:59:00Z")),
            open("2026-12-25T06:00:00Z")
        );
    }

    #[test]
    fn a_night_is_an_hour_longer_or_shorter_when_the_clock_changes() {
        let mut hours = monday_to_friday();
        hours.week = Few::first([weekly(Weekday::Saturday, "22:00", "06:00")]);
        // Put back on 25 October 2026, put forward on 28 March 2027.
        assert_eq!(
            hours.opening(at("2026-10-24T21:00:00Z")),
            open("2026-10-25T06:00:00Z")
        );
        assert_eq!(
            hours.opening(at("2027-03-27T22:00:00Z")),
            open("2027-03-28T05:00:00Z")
        );
    }

    #[test]
    fn what_never_closes_and_what_never_opens_say_so() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let all = [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday];
        let mut hours = monday_to_friday();
        hours.week = Few::first(all.map(|day| weekly(day, "00:00", "24:00")));
        let moment = at("2026-11-23T10:00:00Z");
        assert_eq!(hours.opening(moment), Opening::Open { until: None });
        hours.week = Few::none();
        assert_eq!(hours.opening(moment), Opening::Closed { until: None });
    }

    proptest! {
        #[test]
        fn what_is_said_to_last_lasts_and_then_changes(hours: Hours, moment: Timestamp) {
            match hours.opening(moment) {
                Opening::Open { until: Some(until) } => {
                    prop_assert!(until > moment);
                    let is_closed = matches!(hours.opening(until), Opening::Closed { .. });
                    prop_assert!(is_closed);
                }
                Opening::Closed { until: Some(until) } => {
                    prop_assert!(until > moment);
                    let is_open = matches!(hours.opening(until), Opening::Open { .. });
                    prop_assert!(is_open);
                }
                Opening::Open { until: None } | Opening::Closed { until: None } => {}
            }
        }
    }
}
