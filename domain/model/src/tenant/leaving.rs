//! What goes with a user who leaves: everything that leads to them, said event by event.

use std::collections::BTreeSet;

use crate::ids::UserId;

use super::State;
use super::devices;
use super::event::Event;
use super::numbers::Assignment;
use super::user_settings::UserSetting;
use super::users::User;

/// Takes a user out of all that leads to them and gives back all that they held.
pub(super) fn cut_loose(state: &State, id: UserId, user: &User) -> Vec<Event> {
    [
        diverts_to(state, id),
        own_settings(id, user),
        numbers(state, id),
        groups(state, id),
        held(id, user),
        devices::all_of(state, id),
    ]
    .concat()
}

fn diverts_to(state: &State, leaving: UserId) -> Vec<Event> {
    let others = state.active_users().filter(|(id, _)| **id != leaving);
    let diverted = others.filter(|(_, user)| user.settings.diverts_to(leaving));
    diverted
        .map(|(id, user)| Event::UserSettingChanged {
            user: *id,
            was: UserSetting::Divert(user.settings.divert.clone()),
            now: UserSetting::Divert(None),
        })
        .collect()
}

fn own_settings(id: UserId, user: &User) -> Vec<Event> {
    let changed = user.settings.changed().into_iter();
    changed
        .map(|(was, now)| Event::UserSettingChanged { user: id, was, now })
        .collect()
}

fn numbers(state: &State, id: UserId) -> Vec<Event> {
    let direct = |assignment: &Assignment| *assignment == Assignment::User(id);
    let numbers = state
        .numbers
        .iter()
        .filter(|(_, entry)| direct(&entry.assignment));
    numbers
        .map(|(number, entry)| Event::NumberAssigned {
            number: number.clone(),
            was: entry.assignment,
            now: Assignment::Nobody,
        })
        .collect()
}

fn groups(state: &State, id: UserId) -> Vec<Event> {
    let groups = state
        .groups
        .iter()
        .filter(|(_, group)| group.members.contains_key(&id));
    groups
        .map(|(group, _)| Event::GroupMemberRemoved {
            group: *group,
            user: id,
        })
        .collect()
}

fn held(id: UserId, user: &User) -> Vec<Event> {
    let pin = user.pin.iter().map(|_| Event::UserPinCleared { user: id });
    let skills = user.skills.keys().map(|skill| Event::SkillUnassigned {
        user: id,
        skill: *skill,
    });
    // Those that rest on another go before it.
    let (resting, bases): (BTreeSet<_>, BTreeSet<_>) = user
        .licences
        .iter()
        .partition(|licence| licence.rests_on().is_some());
    let licences = resting
        .into_iter()
        .chain(bases)
        .map(|licence| Event::LicenceRevoked { user: id, licence });
    pin.chain(skills).chain(licences).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DeviceId;
    use crate::tenant::devices::{DeviceDetails, DeviceKind};
    use crate::tenant::stories::*;
    use crate::tenant::user_settings::{Divert, DivertTo};
    use crate::tenant::{Command, Tenant, users};
    use crate::testing::given;
    use crate::testing::sample::{at, id, number};

    const BROWSER: DeviceId = DeviceId::new(id(600));

    #[test]
    fn all_that_leads_to_a_user_goes_when_they_do() {
        let to_bob = UserSetting::Divert(Some(Divert {
            from: at(0),
            until: at(3600),
            to: DivertTo::User(BOB),
        }));
        let none = UserSetting::Divert(None);
        let setting = |was: &UserSetting, now: &UserSetting| Event::UserSettingChanged {
            user: ANN,
            was: was.clone(),
            now: now.clone(),
        };
        let assigned = |was, now| Event::NumberAssigned {
            number: number(LONDON),
            was,
            now,
        };
        let history = [
            created(),
            joined(ANN, 2000),
            joined(BOB, 2001),
            Event::DeviceAdded {
                device: BROWSER,
                details: DeviceDetails {
                    owner: BOB,
                    kind: DeviceKind::Browser,
                    label: None,
                },
            },
            setting(&none, &to_bob),
            allocated(LONDON),
            assigned(Assignment::Nobody, Assignment::User(BOB)),
            grouped(SALES, "Sales"),
            member(SALES, BOB),
        ];
        given::<Tenant>(history)
            .when(Command::Users(users::Command::Deactivate { user: BOB }))
            .then([
                setting(&to_bob, &none),
                assigned(Assignment::User(BOB), Assignment::Nobody),
                Event::GroupMemberRemoved {
                    group: SALES,
                    user: BOB,
                },
                Event::DeviceRemoved { device: BROWSER },
                Event::UserDeactivated { user: BOB },
            ]);
    }
}
