//! The tenant's own telephone numbers: what each can carry, where it leads, and which is shown to whom.
//!
//! That no two tenants have one number is kept by the stock that they are allocated from, not here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::PhoneNumber;
use crate::ids::{RoutingPolicyId, UserId};
use crate::phone::Country;
use crate::text::Name;

use super::State;
use super::event::Event;
use super::licences::Seats;
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};
use super::settings::CallerId;
use super::user_settings::UserCallerId;

/// What a number can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Capability {
    /// Calls.
    Voice,
    /// Text messages.
    Sms,
    /// Messages with pictures and sound.
    Mms,
}

/// What sort of number it is in its country's numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum NumberKind {
    /// Belongs to a place.
    Geographic,
    /// Belongs to a country and no place in it.
    National,
    /// Belongs to a mobile network.
    Mobile,
    /// Costs the caller nothing.
    TollFree,
}

/// What is known of a number from the stock it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct NumberDetails {
    /// Its country.
    pub country: Country,
    /// What sort it is.
    pub kind: NumberKind,
    /// What it can carry; at least one.
    pub capabilities: BTreeSet<Capability>,
}

/// Where calls and messages to a number lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Assignment {
    /// Nowhere: the tenant's default routing policy answers.
    #[default]
    Nobody,
    /// To the organisation as a whole: kept for its caller ID.
    Organisation,
    /// To one user, past any menu: a direct number.
    User(UserId),
    /// To a routing policy.
    RoutingPolicy(RoutingPolicyId),
}

/// Whether a number may be chosen because it is near the called one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LocalPresence {
    /// It is never chosen so.
    #[default]
    Off,
    /// It may be.
    On,
}

/// A number as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// What is known of it from the stock.
    pub details: NumberDetails,
    /// What the admin calls it.
    pub label: Option<Name>,
    /// Where it leads.
    pub assignment: Assignment,
    /// Whether it may be chosen because it is near the called one.
    pub local_presence: LocalPresence,
}

/// What somebody wants of the tenant's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Sets how many numbers the tenant may have.
    Allow {
        /// How many.
        allowance: Seats,
    },
    /// Takes a number from the stock.
    Allocate {
        /// The number.
        number: PhoneNumber,
        /// What the stock knows of it.
        details: NumberDetails,
    },
    /// Gives a number back to the stock.
    Release {
        /// The number.
        number: PhoneNumber,
    },
    /// Says what a number is called.
    Label {
        /// The number.
        number: PhoneNumber,
        /// What it is called from now on, if anything.
        label: Option<Name>,
    },
    /// Leads a number somewhere.
    Assign {
        /// The number.
        number: PhoneNumber,
        /// Where it leads from now on.
        assignment: Assignment,
    },
    /// Lets a number be chosen because it is near the called one, or no more.
    SetLocalPresence {
        /// The number.
        number: PhoneNumber,
        /// Whether it may be chosen so.
        local_presence: LocalPresence,
    },
}

impl Number {
    pub(super) const fn new(details: NumberDetails) -> Self {
        Self {
            details,
            label: None,
            assignment: Assignment::Nobody,
            local_presence: LocalPresence::Off,
        }
    }

    fn carries_voice(&self) -> bool {
        self.details.capabilities.contains(&Capability::Voice)
    }
}

impl State {
    /// Returns the number that `caller_id` shows to `called`; none if it is withheld.
    #[must_use]
    pub fn shown_to<'a>(&'a self, called: &PhoneNumber, caller_id: &'a CallerId) -> Option<&'a PhoneNumber> {
        match caller_id {
            CallerId::Withheld => None,
            CallerId::Number(number) => Some(number),
            CallerId::Nearest(otherwise) => Some(self.nearest(called).unwrap_or(otherwise)),
        }
    }

    // Near is what shares most leading digits. Three at least, since no country code is longer; of equals the lowest.
    fn nearest(&self, called: &PhoneNumber) -> Option<&PhoneNumber> {
        let shared = |number: &PhoneNumber| {
            let digits = number.as_str().bytes().zip(called.as_str().bytes());
            // All begin with a plus.
            digits.skip(1).take_while(|(ours, theirs)| ours == theirs).count()
        };
        let near = self
            .numbers
            .iter()
            .filter(|(_, entry)| entry.local_presence == LocalPresence::On && entry.carries_voice())
            .map(|(number, _)| (shared(number), number))
            .filter(|(digits, _)| *digits >= 3);
        near.max_by_key(|(digits, number)| (*digits, std::cmp::Reverse(*number)))
            .map(|(_, number)| number)
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Allow { allowance } => allow(state, allowance),
        Command::Allocate { number, details } => allocate(state, number, details),
        Command::Release { number } => release(state, number),
        Command::Label { number, label } => {
            let entry = state.numbers.known(&number, "number", Thing::Number)?;
            change(&entry.label, &label, || {
                Ok(vec![Event::NumberLabelled {
                    number: number.clone(),
                    was: entry.label.clone(),
                    now: label.clone(),
                }])
            })
        }
        Command::Assign { number, assignment } => assign(state, number, assignment),
        Command::SetLocalPresence {
            number,
            local_presence,
        } => {
            let entry = state.numbers.known(&number, "number", Thing::Number)?;
            change(&entry.local_presence, &local_presence, || {
                voice_needed(entry, "local_presence")?;
                Ok(vec![Event::NumberLocalPresenceSet {
                    number: number.clone(),
                    now: local_presence,
                }])
            })
        }
    }
}

fn allow(state: &State, allowance: Seats) -> Decision {
    let in_use = Seats::counted(state.numbers.len());
    change(&state.number_allowance, &allowance, || {
        if allowance < in_use {
            return Err(Rejection::FewerThanInUse {
                field: "allowance",
                in_use,
            });
        }
        Ok(vec![Event::NumberAllowanceChanged {
            was: state.number_allowance,
            now: allowance,
        }])
    })
}

fn allocate(state: &State, number: PhoneNumber, details: NumberDetails) -> Decision {
    let there = state.numbers.get(&number).map(|entry| &entry.details);
    create(there, &details, Thing::Number, || {
        if details.capabilities.is_empty() {
            return Err(invalid(
                "details.capabilities",
                "a number carries at least one thing",
            ));
        }
        if state.number_allowance <= Seats::counted(state.numbers.len()) {
            return Err(Rejection::NoNumberAllowed {
                allowed: state.number_allowance,
            });
        }
        Ok(vec![Event::NumberAllocated {
            number: number.clone(),
            details: details.clone(),
        }])
    })
}

fn release(state: &State, number: PhoneNumber) -> Decision {
    let Some(entry) = state.numbers.get(&number) else {
        return Ok(vec![]);
    };
    match used_by(state, &number, entry.assignment) {
        Some(by) => Err(Rejection::InUse {
            thing: Thing::Number,
            by,
        }),
        None => Ok(vec![Event::NumberReleased { number }]),
    }
}

// A number given back may ring at a stranger's tomorrow, so nothing may lead to it any more.
fn used_by(state: &State, number: &PhoneNumber, assignment: Assignment) -> Option<Thing> {
    match assignment {
        Assignment::User(_) => return Some(Thing::User),
        Assignment::RoutingPolicy(_) => return Some(Thing::RoutingPolicy),
        Assignment::Nobody | Assignment::Organisation => {}
    }
    let tenants = state.root.as_ref().map(|root| &root.settings.caller_id);
    if tenants.and_then(CallerId::number) == Some(number) {
        return Some(Thing::Setting);
    }
    let shows_it = |caller_id: &UserCallerId| caller_id.number() == Some(number);
    let mut users = state.active_users();
    users
        .any(|(_, user)| shows_it(&user.settings.caller_id))
        .then_some(Thing::User)
}

fn assign(state: &State, number: PhoneNumber, assignment: Assignment) -> Decision {
    let entry = state.numbers.known(&number, "number", Thing::Number)?;
    change(&entry.assignment, &assignment, || {
        match assignment {
            Assignment::User(user) => {
                state.user(&user, "assignment.user")?;
                voice_needed(entry, "assignment.user")?;
            }
            // Routing policies have streams of their own; whether this one is there is for their linter to say.
            Assignment::Nobody | Assignment::Organisation | Assignment::RoutingPolicy(_) => {}
        }
        Ok(vec![Event::NumberAssigned {
            number: number.clone(),
            was: entry.assignment,
            now: assignment,
        }])
    })
}

fn voice_needed(number: &Number, field: &'static str) -> Result<(), Rejection> {
    if number.carries_voice() {
        Ok(())
    } else {
        Err(invalid(field, "the number carries no voice"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decider as _;
    use crate::tenant::settings::Setting;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::number;

    fn nearby(e164: &str) -> [Event; 2] {
        let on = Event::NumberLocalPresenceSet {
            number: number(e164),
            now: LocalPresence::On,
        };
        [allocated(e164), on]
    }

    #[test]
    fn no_more_numbers_are_allocated_than_were_ordered() {
        let three = Event::NumberAllowanceChanged {
            was: Seats::new(0),
            now: Seats::new(1),
        };
        given::<Tenant>([created(), three, allocated(LONDON)])
            .when(Order::Numbers(Command::Allocate {
                number: number(WASHINGTON),
                details: voice_number("US"),
            }))
            .rejected(Rejection::NoNumberAllowed {
                allowed: Seats::new(1),
            });
    }

    #[test]
    fn a_number_is_led_to_a_user_and_not_released_from_under_them() {
        let direct = Event::NumberAssigned {
            number: number(LONDON),
            was: Assignment::Nobody,
            now: Assignment::User(ANN),
        };
        given::<Tenant>([created(), allocated(LONDON), joined(ANN, 2000)])
            .when(Order::Numbers(Command::Assign {
                number: number(LONDON),
                assignment: Assignment::User(ANN),
            }))
            .then([direct.clone()]);
        given::<Tenant>([created(), allocated(LONDON), joined(ANN, 2000), direct])
            .when(Order::Numbers(Command::Release {
                number: number(LONDON),
            }))
            .rejected(Rejection::InUse {
                thing: Thing::Number,
                by: Thing::User,
            });
    }

    #[test]
    fn a_number_leads_to_nobody_who_is_not_there() {
        given::<Tenant>([created(), allocated(LONDON)])
            .when(Order::Numbers(Command::Assign {
                number: number(LONDON),
                assignment: Assignment::User(ANN),
            }))
            .rejected(Rejection::Unknown {
                field: "assignment.user",
                thing: Thing::User,
            });
    }

    #[test]
    fn the_callers_number_stays_while_it_is_shown() {
        let shown = Event::SettingChanged {
            was: Setting::CallerId(CallerId::Withheld),
            now: Setting::CallerId(CallerId::Number(number(LONDON))),
        };
        given::<Tenant>([created(), allocated(LONDON), shown])
            .when(Order::Numbers(Command::Release {
                number: number(LONDON),
            }))
            .rejected(Rejection::InUse {
                thing: Thing::Number,
                by: Thing::Setting,
            });
    }

    #[test]
    fn the_nearest_number_of_the_tenants_is_shown() {
        let history = [nearby(LONDON), nearby(LEEDS)].concat();
        let state = Tenant::fold(&[vec![created(), allocated(WASHINGTON)], history].concat());
        let nearest = CallerId::Nearest(number(WASHINGTON));
        for (called, shown) in [
            ("+442079460055", LONDON),
            ("+441134960055", LEEDS),
            ("+441619496005", LEEDS),
            ("+12025550155", WASHINGTON),
            ("+4930123456", WASHINGTON),
        ] {
            let called = number(called);
            assert_eq!(
                state.shown_to(&called, &nearest),
                Some(&number(shown)),
                "{called}"
            );
        }
    }
}
