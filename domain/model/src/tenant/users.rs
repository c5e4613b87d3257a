//! Users: people that the tenant gave an account, with their role, extension, PIN and settings.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Private;
use crate::ids::{DeviceId, SkillId, UserId};
use crate::skills::SkillLevel;

use super::State;
use super::devices::{DeviceDetails, DeviceKind};
use super::event::Event;
use super::extension::{Extension, Holder};
use super::leaving;
use super::licences::Licence;
use super::people::{Identity, PinHash, Role};
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};
use super::user_settings::{self, UserSetting, UserSettings};

/// What a user is to the tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Account {
    /// Who they are.
    pub identity: Identity,
    /// What colleagues dial to reach them.
    pub extension: Extension,
    /// What they may do on the platform's own pages.
    pub role: Role,
}

/// Whether a user still works here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They do.
    Active,
    /// They do not: their history stays, and nothing leads to them.
    Inactive,
}

/// A user as they stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// What they are to the tenant. The extension of an inactive user is free for others.
    pub account: Account,
    /// Whether they still work here.
    pub standing: Standing,
    /// What the PIN is checked against, if they have one.
    pub pin: Option<Private<PinHash>>,
    /// Their own settings.
    pub settings: UserSettings,
    /// What they may do.
    pub licences: BTreeSet<Licence>,
    /// Their devices in the order in which they ring.
    pub ring_order: Vec<DeviceId>,
    /// What they can, and how well.
    pub skills: BTreeMap<SkillId, SkillLevel>,
}

/// What somebody wants of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Gives a person an account, with the phone in their browser.
    Create {
        /// Their id.
        user: UserId,
        /// Who they are.
        identity: Identity,
        /// Their extension; the lowest that is free if none is named.
        extension: Option<Extension>,
        /// What they may do on the platform's own pages.
        role: Role,
        /// The id of the phone in their browser.
        browser: DeviceId,
    },
    /// Takes down a new name or address of the same person.
    Identify {
        /// The user.
        user: UserId,
        /// Who they are from now on.
        identity: Identity,
    },
    /// Ends an account, and all that leads to it.
    Deactivate {
        /// The user.
        user: UserId,
    },
    /// Gives a user their account back, without what it had.
    Reactivate {
        /// The user.
        user: UserId,
    },
    /// Changes what a user may do on the platform's own pages.
    ChangeRole {
        /// The user.
        user: UserId,
        /// The role from now on.
        role: Role,
    },
    /// Gives a user another extension.
    ChangeExtension {
        /// The user.
        user: UserId,
        /// The extension from now on.
        extension: Extension,
    },
    /// Sets the PIN for voicemail.
    SetPin {
        /// The user.
        user: UserId,
        /// What a PIN is checked against from now on.
        pin: Private<PinHash>,
    },
    /// Takes the PIN away.
    ClearPin {
        /// The user.
        user: UserId,
    },
    /// Changes one of a user's own settings.
    ChangeSetting {
        /// The user.
        user: UserId,
        /// The setting and its value from now on.
        setting: UserSetting,
    },
}

impl User {
    pub(super) fn new(account: Account) -> Self {
        Self {
            account,
            standing: Standing::Active,
            pin: None,
            settings: UserSettings::default(),
            licences: BTreeSet::new(),
            ring_order: vec![],
            skills: BTreeMap::new(),
        }
    }

    /// Says whether they still work here.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        match self.standing {
            Standing::Active => true,
            Standing::Inactive => false,
        }
    }

    pub(super) const fn come_back(&mut self, extension: Extension) {
        self.standing = Standing::Active;
        self.account.extension = extension;
    }

    pub(super) fn license(&mut self, licence: Licence) {
        self.licences.insert(licence);
    }

    pub(super) fn unlicense(&mut self, licence: Licence) {
        self.licences.remove(&licence);
    }

    pub(super) fn learn(&mut self, skill: SkillId, level: SkillLevel) {
        self.skills.insert(skill, level);
    }

    pub(super) fn unlearn(&mut self, skill: SkillId) {
        self.skills.remove(&skill);
    }

    fn is_active_admin(&self) -> bool {
        self.is_active() && self.account.role == Role::Admin
    }
}

impl State {
    /// Returns the users who still work here, in the order of their ids.
    pub fn active_users(&self) -> impl Iterator<Item = (&UserId, &User)> {
        self.users.iter().filter(|(_, user)| user.is_active())
    }

    /// Returns a user who still works here, or the rejection of the field that named them.
    pub(super) fn user(&self, id: &UserId, field: &'static str) -> Result<&User, Rejection> {
        let user = self.users.known(id, field, Thing::User)?;
        let gone = Rejection::Unknown {
            field,
            thing: Thing::User,
        };
        user.is_active().then_some(user).ok_or(gone)
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Create {
            user,
            identity,
            extension,
            role,
            browser,
        } => join(state, user, (identity, extension, role), browser),
        Command::Identify { user, identity } => identify(state, user, identity),
        Command::Deactivate { user } => deactivate(state, user),
        Command::Reactivate { user } => reactivate(state, user),
        Command::ChangeRole { user, role } => change_role(state, user, role),
        Command::ChangeExtension { user, extension } => change_extension(state, user, extension),
        Command::SetPin { user, pin } => {
            let entry = state.user(&user, "user")?;
            change(&entry.pin, &Some(pin.clone()), || {
                own_data(entry, &pin, "pin")?;
                Ok(vec![Event::UserPinSet {
                    user,
                    pin: pin.clone(),
                }])
            })
        }
        Command::ClearPin { user } => {
            let entry = state.user(&user, "user")?;
            change(&entry.pin, &None, || Ok(vec![Event::UserPinCleared { user }]))
        }
        Command::ChangeSetting { user, setting } => user_settings::decide(state, user, setting),
    }
}

fn join(
    state: &State,
    user: UserId,
    (identity, extension, role): (Identity, Option<Extension>, Role),
    browser: DeviceId,
) -> Decision {
    let there = state.users.get(&user);
    if there.is_some_and(|there| !there.is_active()) {
        return Err(invalid(
            "user",
            "this user was deactivated; reactivate them instead",
        ));
    }
    let extension = match (extension, there) {
        (Some(extension), _) => extension,
        (None, Some(there)) => there.account.extension,
        (None, None) => state.lowest_free_extension()?,
    };
    let account = Account {
        identity,
        extension,
        role,
    };
    create(there.map(|there| &there.account), &account, Thing::User, || {
        sign_in_is_free(state, &user, &account.identity)?;
        state.extension_is_free(extension, Holder::User(user), "extension")?;
        if state.devices.contains(&browser) {
            return Err(Rejection::Taken {
                field: "browser",
                thing: Thing::Device,
            });
        }
        Ok(vec![
            Event::UserCreated {
                user,
                account: account.clone(),
            },
            Event::DeviceAdded {
                device: browser,
                details: DeviceDetails {
                    owner: user,
                    kind: DeviceKind::Browser,
                    label: None,
                },
            },
        ])
    })
}

fn sign_in_is_free(state: &State, id: &UserId, identity: &Identity) -> Result<(), Rejection> {
    state.users.unique(id, "identity.email", Thing::User, |other| {
        other.is_active() && other.account.identity.signs_in_as(identity)
    })
}

/// Refuses private data that is another person's than the user's: erasing the user would leave it.
pub(super) fn own_data<T>(user: &User, data: &Private<T>, field: &'static str) -> Result<(), Rejection> {
    if data.of() == user.account.identity.person() {
        Ok(())
    } else {
        Err(invalid(field, "it is marked as another person's than the user's"))
    }
}

fn identify(state: &State, user: UserId, identity: Identity) -> Decision {
    let entry = state.user(&user, "user")?;
    change(&entry.account.identity, &identity, || {
        own_data(entry, identity.name(), "identity")?;
        sign_in_is_free(state, &user, &identity)?;
        Ok(vec![Event::UserIdentified {
            user,
            identity: identity.clone(),
        }])
    })
}

fn deactivate(state: &State, user: UserId) -> Decision {
    let Some(entry) = state.users.get(&user).filter(|entry| entry.is_active()) else {
        return Ok(vec![]);
    };
    somebody_else_is_admin(state, user, entry)?;
    Ok(leaving::cut_loose(state, user, entry)
        .into_iter()
        .chain([Event::UserDeactivated { user }])
        .collect())
}

fn somebody_else_is_admin(state: &State, id: UserId, user: &User) -> Result<(), Rejection> {
    let mut others = state.users.iter().filter(|(other, _)| **other != id);
    if user.is_active_admin() && !others.any(|(_, other)| other.is_active_admin()) {
        Err(Rejection::LastAdmin)
    } else {
        Ok(())
    }
}

fn reactivate(state: &State, user: UserId) -> Decision {
    let entry = state.users.known(&user, "user", Thing::User)?;
    if entry.is_active() {
        return Ok(vec![]);
    }
    if entry.account.identity.email().reveal().is_none() {
        return Err(invalid(
            "user",
            "their personal data was erased; create a new user",
        ));
    }
    sign_in_is_free(state, &user, &entry.account.identity)?;
    let old = entry.account.extension;
    let extension = match state.dialled(old) {
        None => old,
        Some(_) => state.lowest_free_extension()?,
    };
    Ok(vec![Event::UserReactivated { user, extension }])
}

fn change_role(state: &State, user: UserId, role: Role) -> Decision {
    let entry = state.user(&user, "user")?;
    change(&entry.account.role, &role, || {
        somebody_else_is_admin(state, user, entry)?;
        Ok(vec![Event::UserRoleChanged {
            user,
            was: entry.account.role,
            now: role,
        }])
    })
}

fn change_extension(state: &State, user: UserId, extension: Extension) -> Decision {
    let was = state.user(&user, "user")?.account.extension;
    change(&was, &extension, || {
        state.extension_is_free(extension, Holder::User(user), "extension")?;
        Ok(vec![Event::UserExtensionChanged {
            user,
            was,
            now: extension,
        }])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::people::EmailAddress;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, text};

    const BROWSER: DeviceId = DeviceId::new(id(600));

    fn admin(user: UserId, number: u16) -> Event {
        Event::UserCreated {
            user,
            account: account(user, number, Role::Admin),
        }
    }

    fn browser(owner: UserId) -> Event {
        Event::DeviceAdded {
            device: BROWSER,
            details: DeviceDetails {
                owner,
                kind: DeviceKind::Browser,
                label: None,
            },
        }
    }

    fn join(user: UserId, extension: Option<Extension>) -> Order {
        Order::Users(Command::Create {
            user,
            identity: identity_of(user),
            extension,
            role: Role::Basic,
            browser: BROWSER,
        })
    }

    fn deactivate(user: UserId) -> Order {
        Order::Users(Command::Deactivate { user })
    }

    #[test]
    fn a_new_user_gets_the_lowest_free_extension_and_a_phone_in_the_browser() {
        let history = [created(), joined(ANN, 2000), group_at(2001)];
        given::<Tenant>(history)
            .when(join(BOB, None))
            .then([joined(BOB, 2002), browser(BOB)]);
    }

    fn group_at(number: u16) -> Event {
        Event::GroupCreated {
            group: SALES,
            details: group_details("Sales", Some(number)),
        }
    }

    #[test]
    fn an_extension_that_a_group_has_is_refused() {
        given::<Tenant>([created(), group_at(2001)])
            .when(join(BOB, Some(extension(2001))))
            .rejected(Rejection::Taken {
                field: "extension",
                thing: Thing::Group,
            });
    }

    #[test]
    fn two_users_do_not_sign_in_with_one_address() {
        let shouted = EmailAddress::new("ANN@EXAMPLE.COM").unwrap();
        given::<Tenant>([created(), joined(ANN, 2000), joined(BOB, 2001)])
            .when(Order::Users(Command::Identify {
                user: BOB,
                identity: Identity::new(person_of(BOB), text("Bob"), shouted),
            }))
            .rejected(Rejection::Taken {
                field: "identity.email",
                thing: Thing::User,
            });
    }

    #[test]
    fn an_account_does_not_pass_to_another_person() {
        given::<Tenant>([created(), joined(ANN, 2000)])
            .when(Order::Users(Command::Identify {
                user: ANN,
                identity: identity_of(BOB),
            }))
            .rejected(invalid(
                "identity",
                "it is marked as another person's than the user's",
            ));
    }

    #[test]
    fn the_last_admin_neither_leaves_nor_steps_down() {
        given::<Tenant>([created(), admin(ANN, 2000), joined(BOB, 2001)])
            .when(deactivate(ANN))
            .rejected(Rejection::LastAdmin);
        given::<Tenant>([created(), admin(ANN, 2000), admin(BOB, 2001)])
            .when(Order::Users(Command::ChangeRole {
                user: ANN,
                role: Role::TeamLeader,
            }))
            .then([Event::UserRoleChanged {
                user: ANN,
                was: Role::Admin,
                now: Role::TeamLeader,
            }]);
    }

    #[test]
    fn who_was_erased_does_not_come_back() {
        let account = serde_json::json!({
            "identity": {
                "name": { "$person": person_of(ANN), "$erased": true },
                "email": { "$person": person_of(ANN), "$erased": true },
            },
            "extension": 2000,
            "role": "basic",
        });
        let erased = Event::UserCreated {
            user: ANN,
            account: serde_json::from_value(account).unwrap(),
        };
        given::<Tenant>([created(), erased, Event::UserDeactivated { user: ANN }])
            .when(Order::Users(Command::Reactivate { user: ANN }))
            .rejected(invalid(
                "user",
                "their personal data was erased; create a new user",
            ));
    }

    #[test]
    fn who_comes_back_gets_their_old_extension_if_it_is_free() {
        let gone = Event::UserDeactivated { user: ANN };
        let back = |number| Event::UserReactivated {
            user: ANN,
            extension: extension(number),
        };
        let reactivate = Order::Users(Command::Reactivate { user: ANN });
        given::<Tenant>([created(), joined(ANN, 2005), gone.clone()])
            .when(reactivate.clone())
            .then([back(2005)]);
        given::<Tenant>([created(), joined(ANN, 2005), gone, joined(BOB, 2005)])
            .when(reactivate)
            .then([back(2000)]);
    }
}
