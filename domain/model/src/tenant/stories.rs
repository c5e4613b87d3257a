//! The people and things that the tenant's stories are about.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{GroupId, PersonId, ProfileId, SkillId, StateId, UserId};
use crate::skills::SkillLevel;
use crate::testing::sample::{id, number, text};

use super::availability::{AvailabilityState, StateKind};
use super::event::Event;
use super::extension::Extension;
use super::groups::{GroupDetails, Purpose};
use super::numbers::{Capability, NumberDetails, NumberKind};
use super::people::{EmailAddress, Identity, Role};
use super::settings::Region;
use super::skills::SkillDetails;
use super::users::Account;
use super::zone::ZoneName;
use super::{Command, Event as E};

pub(super) const LONDON: &str = "+442079460000";
pub(super) const LEEDS: &str = "+441134960000";
pub(super) const WASHINGTON: &str = "+12025550100";

pub(super) const ANN: UserId = UserId::new(id(100));
pub(super) const BOB: UserId = UserId::new(id(101));
pub(super) const SALES: GroupId = GroupId::new(id(200));
pub(super) const SUPPORT: GroupId = GroupId::new(id(201));
pub(super) const FRENCH: SkillId = SkillId::new(id(300));
pub(super) const AGENTS: ProfileId = ProfileId::new(id(400));
pub(super) const ON_CALL: StateId = StateId::new(id(401));

pub(super) fn create_at(home: Region) -> Command {
    Command::Create {
        name: text("Acme"),
        home,
        country: "GB".parse().unwrap(),
        zone: ZoneName::new("Europe/London").unwrap(),
    }
}

/// Acme, at home in London; it may have a number and more.
pub(super) fn created() -> Event {
    E::Created {
        name: text("Acme"),
        home: Region::London,
        country: "GB".parse().unwrap(),
        zone: ZoneName::new("Europe/London").unwrap(),
    }
}

pub(super) fn voice_number(country: &str) -> NumberDetails {
    NumberDetails {
        country: country.parse().unwrap(),
        kind: NumberKind::Geographic,
        capabilities: BTreeSet::from([Capability::Voice]),
    }
}

pub(super) fn allocated(e164: &str) -> Event {
    E::NumberAllocated {
        number: number(e164),
        details: voice_number("GB"),
    }
}

/// Whose data a user's is in these stories.
pub(super) fn person_of(user: UserId) -> PersonId {
    PersonId::new(user.derive("person"))
}

pub(super) fn identity_of(user: UserId) -> Identity {
    let names = BTreeMap::from([(ANN, "Ann"), (BOB, "Bob")]);
    let name = names[&user];
    let email = EmailAddress::new(&format!("{name}@example.com")).unwrap();
    Identity::new(person_of(user), text(name), email)
}

pub(super) fn extension(number: u16) -> Extension {
    Extension::new(number).unwrap()
}

pub(super) fn account(user: UserId, number: u16, role: Role) -> Account {
    Account {
        identity: identity_of(user),
        extension: extension(number),
        role,
    }
}

/// A user without devices and rights.
pub(super) fn joined(user: UserId, number: u16) -> Event {
    E::UserCreated {
        user,
        account: account(user, number, Role::Basic),
    }
}

pub(super) fn group_details(name: &str, number: Option<u16>) -> GroupDetails {
    GroupDetails {
        name: text(name),
        description: None,
        purposes: BTreeSet::from([Purpose::ContactCentre]),
        extension: number.map(extension),
        pickup: None,
    }
}

pub(super) fn grouped(group: GroupId, name: &str) -> Event {
    E::GroupCreated {
        group,
        details: group_details(name, None),
    }
}

pub(super) fn member(group: GroupId, user: UserId) -> Event {
    E::GroupMemberAdded {
        group,
        user,
        place: 1,
    }
}

pub(super) fn french() -> Event {
    E::SkillCreated {
        skill: FRENCH,
        details: SkillDetails {
            name: text("French"),
            description: None,
            default_level: SkillLevel::BASIC,
        },
    }
}

pub(super) fn profile() -> Event {
    E::ProfileCreated {
        profile: AGENTS,
        name: text("Agents"),
    }
}

pub(super) fn state_details(groups: &[GroupId]) -> AvailabilityState {
    AvailabilityState {
        profile: AGENTS,
        label: text("On call"),
        kind: StateKind::Available,
        groups: groups.iter().copied().collect(),
    }
}

pub(super) fn state_in(groups: &[GroupId]) -> Event {
    E::StateAdded {
        state: ON_CALL,
        details: state_details(groups),
    }
}
