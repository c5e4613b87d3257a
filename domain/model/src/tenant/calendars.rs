//! Calendars: opening hours under a name, for routing policies to ask.

use serde::{Deserialize, Serialize};

use crate::ids::CalendarId;

use super::State;
use super::event::Event;
use super::hours::Hours;
use super::rejection::{Decision, Rejection, Thing, change, create};

/// What somebody wants of calendars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Makes a calendar.
    Create {
        /// Its id.
        calendar: CalendarId,
        /// When it is open.
        hours: Hours,
    },
    /// Says anew when a calendar is open.
    Change {
        /// The calendar.
        calendar: CalendarId,
        /// When it is open from now on.
        hours: Hours,
    },
    /// Ends a calendar. That no routing policy asks it any more is for the policies' linter to say.
    Remove {
        /// The calendar.
        calendar: CalendarId,
    },
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Create { calendar, hours } => {
            create(state.calendars.get(&calendar), &hours, Thing::Calendar, || {
                check(state, calendar, &hours)?;
                Ok(vec![Event::CalendarCreated {
                    calendar,
                    hours: hours.clone(),
                }])
            })
        }
        Command::Change { calendar, hours } => {
            let was = state.calendars.known(&calendar, "calendar", Thing::Calendar)?;
            change(was, &hours, || {
                check(state, calendar, &hours)?;
                Ok(vec![Event::CalendarChanged {
                    calendar,
                    hours: hours.clone(),
                }])
            })
        }
        Command::Remove { calendar } => {
            let there = state.calendars.contains(&calendar);
            Ok(there
                .then_some(Event::CalendarRemoved { calendar })
                .into_iter()
                .collect())
        }
    }
}

fn check(state: &State, calendar: CalendarId, hours: &Hours) -> Result<(), Rejection> {
    let (field, thing) = ("hours.name", Thing::Calendar);
    state
        .calendars
        .unique(&calendar, field, thing, |other| other.name == hours.name)?;
    hours.check().map_err(|fault| Rejection::Invalid {
        field: format!("hours.{}", fault.field),
        reason: fault.reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::few::Few;
    use crate::tenant::clock::Weekday;
    use crate::tenant::hours::WeekSpan;
    use crate::tenant::hours::tests::{monday_to_friday, span};
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::id;

    const OFFICE: CalendarId = CalendarId::new(id(700));

    #[test]
    fn hours_that_make_no_sense_are_refused_with_their_field() {
        let mut hours = monday_to_friday();
        hours.week = Few::first([WeekSpan {
            day: Weekday::Monday,
            span: span("09:00", "09:00"),
        }]);
        given::<Tenant>([created()])
            .when(Order::Calendars(Command::Create {
                calendar: OFFICE,
                hours,
            }))
            .rejected(Rejection::Invalid {
                field: "hours.week[0].until".to_owned(),
                reason: "the span is empty; a whole day is 00:00 to 24:00",
            });
    }

    #[test]
    fn a_calendar_comes_and_goes() {
        let hours = monday_to_friday();
        let made = Event::CalendarCreated {
            calendar: OFFICE,
            hours: hours.clone(),
        };
        given::<Tenant>([created()])
            .when(Order::Calendars(Command::Create {
                calendar: OFFICE,
                hours,
            }))
            .then([made.clone()]);
        given::<Tenant>([created(), made])
            .when(Order::Calendars(Command::Remove { calendar: OFFICE }))
            .then([Event::CalendarRemoved { calendar: OFFICE }]);
    }
}
