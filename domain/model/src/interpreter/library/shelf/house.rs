//! What a tenant's own events mean for its library: the account, people, calendars, the block list and numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Account, Shelf};
use crate::Decider as _;
use crate::PhoneNumber;
use crate::ids::{CalendarId, GroupId, UserId};
use crate::interpreter::library::{Person, Team};
use crate::routing_policy::start::Start;
use crate::tenant::numbers::Assignment;
use crate::tenant::settings::{APOLOGY, LANGUAGE};
use crate::tenant::users::{Standing, User};
use crate::tenant::zone::ZoneName;
use crate::tenant::{Event as E, State, Tenant};
use crate::text::Name;

/// A part of the library that may be another one now.
#[derive(Debug)]
enum Part {
    Account,
    User(UserId),
    Group(GroupId),
    Number(PhoneNumber),
    Calendar(CalendarId),
    Caller(PhoneNumber),
}

impl Shelf {
    /// Takes note of an event of the tenant itself.
    pub(in crate::interpreter) fn fold_tenant(&mut self, event: &E) {
        let parts = parts(event, &self.memory.tenant);
        let tenant = std::mem::take(&mut self.memory.tenant);
        self.memory.tenant = Tenant::evolve(tenant, event);
        for part in parts {
            self.look(part);
        }
    }

    pub(super) fn furnish(&mut self) {
        let State {
            users,
            groups,
            calendars,
            blocks,
            ..
        } = &self.memory.tenant;
        let callers = blocks.iter().filter_map(|(_, block)| block.number.reveal());
        let parts: Vec<Part> = users
            .iter()
            .map(|(id, _)| Part::User(*id))
            .chain(groups.iter().map(|(id, _)| Part::Group(*id)))
            .chain(calendars.iter().map(|(id, _)| Part::Calendar(*id)))
            .chain(callers.map(|caller| Part::Caller(caller.clone())))
            .collect();
        for part in parts {
            self.look(part);
        }
        self.furnish_queues();
    }

    // Where nothing changed the library stays the same one.
    fn look(&mut self, part: Part) {
        let tenant = &self.memory.tenant;
        match part {
            Part::Account => {
                let now = account(tenant);
                if self.library.account != now {
                    Arc::make_mut(&mut self.library).account = now;
                }
            }
            Part::User(id) => {
                let now = tenant.users.get(&id).and_then(|user| person(tenant, id, user));
                if self.library.users.get(&id) != now.as_ref() {
                    set(&mut Arc::make_mut(&mut self.library).users, id, now);
                }
            }
            Part::Group(id) => {
                let now = team(tenant, id);
                if self.library.groups.get(&id) != now.as_ref() {
                    set(&mut Arc::make_mut(&mut self.library).groups, id, now);
                }
            }
            Part::Calendar(id) => {
                let now = tenant.calendars.get(&id);
                if self.library.calendars.get(&id) != now {
                    let now = now.cloned();
                    set(&mut Arc::make_mut(&mut self.library).calendars, id, now);
                }
            }
            Part::Caller(caller) => {
                let blocked = tenant.blocked(&caller).is_some();
                if blocked && !self.library.blocked.contains(&caller) {
                    Arc::make_mut(&mut self.library).blocked.insert(caller);
                } else if !blocked && self.library.blocked.contains(&caller) {
                    Arc::make_mut(&mut self.library).blocked.remove(&caller);
                }
            }
            Part::Number(number) => self.give_out(&Start::Number { number }),
        }
    }
}

fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

// As it was before the event, which may be the last that knows.
fn parts(event: &E, before: &State) -> Vec<Part> {
    match event {
        E::Created { .. } | E::SettingChanged { .. } => vec![Part::Account],
        E::NumberAllocated { number, .. } | E::NumberReleased { number } => {
            let was = before.numbers.get(number).map(|known| known.assignment);
            of_number(number, was.unwrap_or_default(), Assignment::Nobody)
        }
        E::NumberAssigned { number, was, now } => of_number(number, *was, *now),
        E::UserCreated { user, .. }
        | E::UserIdentified { user, .. }
        | E::UserDeactivated { user }
        | E::UserReactivated { user, .. }
        | E::UserSettingChanged { user, .. }
        | E::UserExtensionChanged { user, .. } => vec![Part::User(*user)],
        E::GroupCreated { group, .. }
        | E::GroupChanged { group, .. }
        | E::GroupRemoved { group }
        | E::GroupMemberAdded { group, .. }
        | E::GroupMemberMoved { group, .. }
        | E::GroupMemberRemoved { group, .. } => vec![Part::Group(*group)],
        E::CalendarCreated { calendar, .. }
        | E::CalendarChanged { calendar, .. }
        | E::CalendarRemoved { calendar } => vec![Part::Calendar(*calendar)],
        E::CallerBlocked { block, details } => {
            let was = before.blocks.get(block).and_then(|known| known.number.reveal());
            let callers = was.into_iter().chain(details.number.reveal());
            callers.map(|caller| Part::Caller(caller.clone())).collect()
        }
        E::CallerUnblocked { block } => {
            let was = before.blocks.get(block).and_then(|known| known.number.reveal());
            was.map(|caller| Part::Caller(caller.clone()))
                .into_iter()
                .collect()
        }
        E::NumberAllowanceChanged { .. }
        | E::NumberLabelled { .. }
        | E::NumberLocalPresenceSet { .. }
        | E::UserRoleChanged { .. }
        | E::UserPinSet { .. }
        | E::UserPinCleared { .. }
        | E::DeviceAdded { .. }
        | E::DeviceRemoved { .. }
        | E::RingOrderChanged { .. }
        | E::AssociatedNumberAdded { .. }
        | E::AssociatedNumberRemoved { .. }
        | E::LicencesPurchased { .. }
        | E::LicenceGranted { .. }
        | E::LicenceRevoked { .. }
        | E::SkillCreated { .. }
        | E::SkillChanged { .. }
        | E::SkillRetired { .. }
        | E::SkillAssigned { .. }
        | E::SkillUnassigned { .. }
        | E::ProfileCreated { .. }
        | E::ProfileRenamed { .. }
        | E::ProfileRemoved { .. }
        | E::StateAdded { .. }
        | E::StateChanged { .. }
        | E::StateRemoved { .. }
        | E::WrapUpCodeAdded { .. }
        | E::WrapUpCodeChanged { .. }
        | E::WrapUpCodeRetired { .. }
        | E::WrapUpCodesOrdered { .. }
        | E::SoundCreated { .. }
        | E::SoundRenamed { .. }
        | E::SoundUploaded { .. }
        | E::SoundRemoved { .. }
        | E::ApiKeyCreated { .. }
        | E::ApiKeyRevoked { .. }
        | E::ShareLinkCreated { .. }
        | E::ShareLinkRevoked { .. } => vec![],
    }
}

fn of_number(number: &PhoneNumber, was: Assignment, now: Assignment) -> Vec<Part> {
    let user = |assignment| match assignment {
        Assignment::User(user) => Some(Part::User(user)),
        Assignment::Nobody | Assignment::Organisation | Assignment::RoutingPolicy(_) => None,
    };
    [user(was), user(now), Some(Part::Number(number.clone()))]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns what holds for the whole account. Of a tenant that was not created nothing is known but the defaults, in UTC.
pub(super) fn account(tenant: &State) -> Account {
    let settings = tenant.root.as_ref().map(|root| &root.settings);
    settings.map_or_else(
        || Account {
            zone: ZoneName::new("UTC").expect("every list of zones has it"),
            language: LANGUAGE.to_owned(),
            number: None,
            apology: APOLOGY.to_owned(),
        },
        |settings| Account {
            zone: settings.zone.clone(),
            language: settings.language.as_str().to_owned(),
            // The number that is shown where none is nearer.
            number: settings.caller_id.number().cloned(),
            apology: settings.apology.as_str().to_owned(),
        },
    )
}

// Nothing leads to somebody who left. Who was erased goes by their extension.
fn person(tenant: &State, id: UserId, user: &User) -> Option<Person> {
    match user.standing {
        Standing::Active => {}
        Standing::Inactive => return None,
    }
    let numbers = tenant.numbers.iter();
    let own = numbers.filter(|(_, number)| number.assignment == Assignment::User(id));
    let extension = user.account.extension;
    let name = user.account.identity.name().reveal().cloned();
    Some(Person {
        name: name.unwrap_or_else(|| Name::new(&extension.to_string()).expect("four digits")),
        extension,
        numbers: own.map(|(number, _)| number.clone()).collect(),
        divert: user.settings.divert.clone(),
    })
}

// A number is never assigned to a group.
fn team(tenant: &State, id: GroupId) -> Option<Team> {
    let group = tenant.groups.get(&id)?;
    Some(Team {
        name: group.details.name.clone(),
        extension: group.details.extension,
        numbers: BTreeSet::new(),
        members: group.members.keys().copied().collect(),
    })
}
