//! What rings for a user: their devices in order, and outside numbers of their own.

use serde::{Deserialize, Serialize};

use crate::few::Few;
use crate::ids::{AssociatedNumberId, DeviceId, UserId};
use crate::text::Name;
use crate::{PhoneNumber, Private};

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};
use super::user_settings::{UserCallerId, UserSetting};
use super::users::own_data;

/// The most devices that a user may have.
pub const DEVICES_MAX: usize = 16;
/// The most outside numbers that a user may have.
pub const ASSOCIATED_MAX: usize = 16;

/// What sort of device it is; it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum DeviceKind {
    /// The phone in the user's browser.
    Browser,
    /// A phone that is a program of its own.
    Softphone,
    /// A phone on a desk.
    DeskPhone,
}

/// A user's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct DeviceDetails {
    /// Whose it is.
    pub owner: UserId,
    /// What sort it is.
    pub kind: DeviceKind,
    /// What tells it from others, such as the desk it stands on.
    pub label: Option<Name>,
}

/// An outside number of a user: they ring on it, or show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct AssociatedNumber {
    /// Whose it is.
    pub owner: UserId,
    /// The number, which is the user's own data.
    pub number: Private<PhoneNumber>,
    /// What tells it from others: `mobile`.
    pub label: Name,
}

/// What somebody wants of devices and associated numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Gives a user a device; it rings after those that they have.
    Add {
        /// Its id.
        device: DeviceId,
        /// Whose it is, and what.
        details: DeviceDetails,
    },
    /// Takes a device away.
    Remove {
        /// The device.
        device: DeviceId,
    },
    /// Says in which order a user's devices ring.
    Order {
        /// The user.
        user: UserId,
        /// The devices, first to ring first; one that is left out does not ring.
        ring_order: Few<DeviceId, DEVICES_MAX>,
    },
    /// Takes down an outside number of a user.
    Associate {
        /// Its id.
        associated: AssociatedNumberId,
        /// Whose it is, and what.
        details: AssociatedNumber,
    },
    /// Forgets an outside number.
    Dissociate {
        /// The number's id.
        associated: AssociatedNumberId,
    },
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Add { device, details } => add(state, device, details),
        Command::Remove { device } => {
            let removed = state.devices.contains(&device);
            Ok(removed
                .then_some(Event::DeviceRemoved { device })
                .into_iter()
                .collect())
        }
        Command::Order { user, ring_order } => order(state, user, ring_order),
        Command::Associate { associated, details } => associate(state, associated, details),
        Command::Dissociate { associated } => Ok(dissociated(state, associated)),
    }
}

fn add(state: &State, device: DeviceId, details: DeviceDetails) -> Decision {
    create(state.devices.get(&device), &details, Thing::Device, || {
        let owner = details.owner;
        state.user(&owner, "details.owner")?;
        let theirs = state.devices.iter().filter(|(_, other)| other.owner == owner);
        if theirs.count() >= DEVICES_MAX {
            return Err(invalid(
                "details.owner",
                "the user has 16 devices, which is the most",
            ));
        }
        Ok(vec![Event::DeviceAdded {
            device,
            details: details.clone(),
        }])
    })
}

fn order(state: &State, user: UserId, ring_order: Few<DeviceId, DEVICES_MAX>) -> Decision {
    let was = Few::first(state.user(&user, "user")?.ring_order.iter().copied());
    change(&was, &ring_order, || {
        for (place, device) in ring_order.iter().enumerate() {
            let field = "ring_order";
            let entry = state.devices.known(device, field, Thing::Device)?;
            if entry.owner != user {
                return Err(Rejection::Taken {
                    field,
                    thing: Thing::User,
                });
            }
            if ring_order[..place].contains(device) {
                return Err(invalid(
                    format!("ring_order[{place}]"),
                    "this device rings earlier already",
                ));
            }
        }
        Ok(vec![Event::RingOrderChanged {
            user,
            was: was.clone(),
            now: ring_order.clone(),
        }])
    })
}

fn associate(state: &State, associated: AssociatedNumberId, details: AssociatedNumber) -> Decision {
    create(
        state.associated.get(&associated),
        &details,
        Thing::AssociatedNumber,
        || {
            let owner = state.user(&details.owner, "details.owner")?;
            own_data(owner, &details.number, "details.number")?;
            let (field, thing) = ("details.number", Thing::AssociatedNumber);
            state.associated.unique(&associated, field, thing, |other| {
                other.owner == details.owner && other.number == details.number
            })?;
            let theirs = state
                .associated
                .iter()
                .filter(|(_, other)| other.owner == details.owner);
            if theirs.count() >= ASSOCIATED_MAX {
                return Err(invalid(
                    "details.owner",
                    "the user has 16 numbers, which is the most",
                ));
            }
            Ok(vec![Event::AssociatedNumberAdded {
                associated,
                details: details.clone(),
            }])
        },
    )
}

// Whoever showed the number shows the tenant's again.
fn dissociated(state: &State, associated: AssociatedNumberId) -> Vec<Event> {
    let Some(entry) = state.associated.get(&associated) else {
        return vec![];
    };
    let shown = UserCallerId::Associated(associated);
    let owner = state.users.get(&entry.owner);
    let hidden = owner.filter(|owner| owner.settings.caller_id == shown).map(|_| {
        let (was, now) = (
            UserSetting::CallerId(shown),
            UserSetting::CallerId(UserCallerId::Tenant),
        );
        Event::UserSettingChanged {
            user: entry.owner,
            was,
            now,
        }
    });
    hidden
        .into_iter()
        .chain([Event::AssociatedNumberRemoved { associated }])
        .collect()
}

/// Takes away all that rings for a user, once nothing of theirs is shown any more.
pub(super) fn all_of(state: &State, owner: UserId) -> Vec<Event> {
    let devices = state.devices.iter().filter(|(_, device)| device.owner == owner);
    let numbers = state
        .associated
        .iter()
        .filter(|(_, number)| number.owner == owner);
    devices
        .map(|(device, _)| Event::DeviceRemoved { device: *device })
        .chain(numbers.map(|(associated, _)| Event::AssociatedNumberRemoved {
            associated: *associated,
        }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decider as _;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, number, text};

    const DESK: DeviceId = DeviceId::new(id(610));
    const LAPTOP: DeviceId = DeviceId::new(id(611));
    const MOBILE: AssociatedNumberId = AssociatedNumberId::new(id(620));

    fn device(device: DeviceId, owner: UserId) -> Event {
        Event::DeviceAdded {
            device,
            details: DeviceDetails {
                owner,
                kind: DeviceKind::DeskPhone,
                label: None,
            },
        }
    }

    fn order(devices: &[DeviceId]) -> Order {
        Order::Devices(Command::Order {
            user: ANN,
            ring_order: Few::first(devices.iter().copied()),
        })
    }

    #[test]
    fn a_new_device_rings_last_and_a_removed_one_no_more() {
        let history = [
            created(),
            joined(ANN, 2000),
            device(DESK, ANN),
            device(LAPTOP, ANN),
        ];
        let ringing = |history: &[Event]| {
            let state = Tenant::fold(history);
            state.users.get(&ANN).map(|ann| ann.ring_order.clone())
        };
        assert_eq!(ringing(&history), Some(vec![DESK, LAPTOP]));
        let removed = Event::DeviceRemoved { device: DESK };
        assert_eq!(
            ringing(&[history.to_vec(), vec![removed]].concat()),
            Some(vec![LAPTOP])
        );
    }

    #[test]
    fn only_a_users_own_devices_ring_and_each_once() {
        let users = [created(), joined(ANN, 2000), joined(BOB, 2001)];
        let devices = [device(DESK, ANN), device(LAPTOP, BOB)];
        let history = [users.to_vec(), devices.to_vec()].concat();
        given::<Tenant>(history.clone())
            .when(order(&[DESK, LAPTOP]))
            .rejected(Rejection::Taken {
                field: "ring_order",
                thing: Thing::User,
            });
        given::<Tenant>(history)
            .when(order(&[DESK, DESK]))
            .rejected(invalid("ring_order[1]", "this device rings earlier already"));
    }

    #[test]
    fn a_forgotten_number_is_not_shown_either() {
        let added = Event::AssociatedNumberAdded {
            associated: MOBILE,
            details: AssociatedNumber {
                owner: ANN,
                number: Private::new(person_of(ANN), number("+447700900123")),
                label: text("mobile"),
            },
        };
        let (tenant, mobile) = (UserCallerId::Tenant, UserCallerId::Associated(MOBILE));
        let shown = |was: &UserCallerId, now: &UserCallerId| Event::UserSettingChanged {
            user: ANN,
            was: UserSetting::CallerId(was.clone()),
            now: UserSetting::CallerId(now.clone()),
        };
        given::<Tenant>([created(), joined(ANN, 2000), added, shown(&tenant, &mobile)])
            .when(Order::Devices(Command::Dissociate { associated: MOBILE }))
            .then([
                shown(&mobile, &tenant),
                Event::AssociatedNumberRemoved { associated: MOBILE },
            ]);
    }
}
