//! Licences: what a user may do, each counted against what was bought.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::UserId;

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, change};
use super::users::User;

/// What a user may do on the platform; bought by number, granted by user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Licence {
    /// The phone system itself: devices, extension, voicemail.
    Phone,
    /// The platform's own agent desk, in a browser or in the CRM. Excludes CRM voice.
    Desk,
    /// The CRM's own phone user interface. Excludes the desk.
    CrmVoice,
    /// Queues, availability, wallboards and CRM steps in routing.
    ContactCentre,
    /// Being recorded, and hearing recordings.
    Recording,
    /// Taking card payments without hearing the card.
    CardPayments,
    /// Transcripts and analysis of calls, for who is analysed and for who reads it.
    Insight,
    /// Text messages.
    Sms,
    /// WhatsApp messages.
    #[serde(rename = "whatsapp")]
    WhatsApp,
    /// Calls to other countries.
    International,
}

/// How many of something were bought or are in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seats(u32);

/// What somebody wants of the licences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Sets how many were bought.
    Purchase {
        /// Of which licence.
        licence: Licence,
        /// How many there are from now on.
        seats: Seats,
    },
    /// Grants a licence to a user, and the one that it rests on.
    Grant {
        /// The user.
        user: UserId,
        /// The licence.
        licence: Licence,
    },
    /// Takes a licence from a user, and those that rest on it.
    Revoke {
        /// The user.
        user: UserId,
        /// The licence.
        licence: Licence,
    },
}

impl Licence {
    /// Returns the licence that this one is of no use without.
    #[must_use]
    pub const fn rests_on(self) -> Option<Self> {
        match self {
            Self::Desk
            | Self::CrmVoice
            | Self::ContactCentre
            | Self::Recording
            | Self::CardPayments
            | Self::International => Some(Self::Phone),
            // Who writes needs no phone, and who reads transcripts need not be on one.
            Self::Phone | Self::Insight | Self::Sms | Self::WhatsApp => None,
        }
    }

    /// Returns the licence that the same user cannot have: a call rings in one user interface.
    #[must_use]
    pub const fn excludes(self) -> Option<Self> {
        match self {
            Self::Desk => Some(Self::CrmVoice),
            Self::CrmVoice => Some(Self::Desk),
            Self::Phone
            | Self::ContactCentre
            | Self::Recording
            | Self::CardPayments
            | Self::Insight
            | Self::Sms
            | Self::WhatsApp
            | Self::International => None,
        }
    }
}

impl Seats {
    /// Makes a count.
    #[must_use]
    pub const fn new(count: u32) -> Self {
        Self(count)
    }

    /// Makes a count of what is in a list.
    pub(super) fn counted(length: usize) -> Self {
        Self(u32::try_from(length).unwrap_or(u32::MAX))
    }
}

impl State {
    /// Says whether a user may do something now.
    #[must_use]
    pub fn may(&self, user: UserId, licence: Licence) -> bool {
        self.users
            .get(&user)
            .is_some_and(|user| user.licences.contains(&licence))
    }

    /// Returns how many of a licence were bought.
    #[must_use]
    pub fn purchased(&self, licence: Licence) -> Seats {
        self.purchases.get(&licence).copied().unwrap_or_default()
    }

    /// Returns how many of a licence are granted.
    #[must_use]
    pub fn granted(&self, licence: Licence) -> Seats {
        let holders = self
            .users
            .iter()
            .filter(|(_, user)| user.licences.contains(&licence));
        Seats::counted(holders.count())
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Purchase { licence, seats } => purchase(state, licence, seats),
        Command::Grant { user, licence } => grant(state, user, licence),
        Command::Revoke { user, licence } => Ok(state
            .users
            .get(&user)
            .map_or_else(Vec::new, |holder| revoked(user, holder, licence))),
    }
}

fn purchase(state: &State, licence: Licence, seats: Seats) -> Decision {
    let was = state.purchased(licence);
    let in_use = state.granted(licence);
    change(&was, &seats, || {
        if seats < in_use {
            return Err(Rejection::FewerThanInUse {
                field: "seats",
                in_use,
            });
        }
        Ok(vec![Event::LicencesPurchased {
            licence,
            was,
            now: seats,
        }])
    })
}

fn grant(state: &State, id: UserId, licence: Licence) -> Decision {
    let user = state.user(&id, "user")?;
    if user.licences.contains(&licence) {
        return Ok(vec![]);
    }
    if let Some(other) = licence.excludes().filter(|other| user.licences.contains(other)) {
        return Err(Rejection::Excluded { licence, other });
    }
    let base = licence.rests_on().filter(|base| !user.licences.contains(base));
    base.into_iter()
        .chain([licence])
        .map(|licence| {
            let purchased = state.purchased(licence);
            if state.granted(licence) < purchased {
                Ok(Event::LicenceGranted { user: id, licence })
            } else {
                Err(Rejection::NoLicenceFree { licence, purchased })
            }
        })
        .collect()
}

/// Takes a licence and those that rest on it, these first.
fn revoked(id: UserId, user: &User, licence: Licence) -> Vec<Event> {
    let resting: BTreeSet<Licence> = user
        .licences
        .iter()
        .copied()
        .filter(|held| held.rests_on() == Some(licence))
        .collect();
    resting
        .into_iter()
        .chain(user.licences.get(&licence).copied())
        .map(|licence| Event::LicenceRevoked { user: id, licence })
        .collect()
}

impl fmt::Display for Licence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phone => "phone licence",
            Self::Desk => "desk licence",
            Self::CrmVoice => "CRM voice licence",
            Self::ContactCentre => "contact-centre licence",
            Self::Recording => "recording licence",
            Self::CardPayments => "card-payments licence",
            Self::Insight => "insight licence",
            Self::Sms => "SMS licence",
            Self::WhatsApp => "WhatsApp licence",
            Self::International => "international licence",
        })
    }
}

impl fmt::Display for Seats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for Seats {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    // Few, so that generated histories run out of them.
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        (0_u32..6).prop_map(Self).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::rejection::Thing;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;

    fn bought(licence: Licence, seats: u32) -> Event {
        Event::LicencesPurchased {
            licence,
            was: Seats(0),
            now: Seats(seats),
        }
    }

    fn has(user: UserId, licence: Licence) -> Event {
        Event::LicenceGranted { user, licence }
    }

    fn grant(user: UserId, licence: Licence) -> Order {
        Order::Licences(Command::Grant { user, licence })
    }

    fn one_desk_and_two_phones() -> Vec<Event> {
        vec![
            created(),
            bought(Licence::Phone, 2),
            bought(Licence::Desk, 1),
            bought(Licence::CrmVoice, 1),
            joined(ANN, 2000),
            joined(BOB, 2001),
        ]
    }

    #[test]
    fn a_desk_brings_the_phone_that_it_rests_on() {
        given::<Tenant>(one_desk_and_two_phones())
            .when(grant(ANN, Licence::Desk))
            .then([has(ANN, Licence::Phone), has(ANN, Licence::Desk)]);
    }

    #[test]
    fn no_more_are_granted_than_were_bought() {
        let mut history = one_desk_and_two_phones();
        history.extend([has(ANN, Licence::Phone), has(ANN, Licence::Desk)]);
        given::<Tenant>(history.clone())
            .when(grant(BOB, Licence::Desk))
            .rejected(Rejection::NoLicenceFree {
                licence: Licence::Desk,
                purchased: Seats(1),
            });
        given::<Tenant>(history)
            .when(Order::Licences(Command::Purchase {
                licence: Licence::Desk,
                seats: Seats(0),
            }))
            .rejected(Rejection::FewerThanInUse {
                field: "seats",
                in_use: Seats(1),
            });
    }

    #[test]
    fn a_call_rings_in_one_user_interface() {
        let mut history = one_desk_and_two_phones();
        history.extend([has(ANN, Licence::Phone), has(ANN, Licence::CrmVoice)]);
        given::<Tenant>(history)
            .when(grant(ANN, Licence::Desk))
            .rejected(Rejection::Excluded {
                licence: Licence::Desk,
                other: Licence::CrmVoice,
            });
    }

    #[test]
    fn what_rests_on_a_licence_goes_with_it() {
        let mut history = one_desk_and_two_phones();
        history.extend([has(ANN, Licence::Phone), has(ANN, Licence::Desk)]);
        let lost = |licence| Event::LicenceRevoked { user: ANN, licence };
        given::<Tenant>(history)
            .when(Order::Licences(Command::Revoke {
                user: ANN,
                licence: Licence::Phone,
            }))
            .then([lost(Licence::Desk), lost(Licence::Phone)]);
    }

    #[test]
    fn who_is_not_there_gets_nothing() {
        given::<Tenant>([created(), bought(Licence::Sms, 1)])
            .when(grant(ANN, Licence::Sms))
            .rejected(Rejection::Unknown {
                field: "user",
                thing: Thing::User,
            });
    }
}
