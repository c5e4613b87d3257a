//! How a business comes to be: what its admin does before anybody rings.

use std::collections::BTreeMap;

use domain_model::ids::{
    AgentId, CalendarId, DeviceId, GroupId, PersonId, ProfileId, RoutingPolicyId, SkillId, TenantRoot,
};
use domain_model::process::AnyCommand;
use domain_model::routing_policy;
use domain_model::routing_policy::document::Document;
use domain_model::routing_policy::start::PolicyKind;
use domain_model::skills::SkillLevel;
use domain_model::tenant::availability::{self, AvailabilityState, StateKind};
use domain_model::tenant::groups::{self, GroupDetails, Purpose};
use domain_model::tenant::hours::Hours;
use domain_model::tenant::licences::Seats;
use domain_model::tenant::numbers::{self, Assignment, Capability, NumberDetails, NumberKind};
use domain_model::tenant::people::{EmailAddress, Identity, Role};
use domain_model::tenant::settings::Region;
use domain_model::tenant::skills::SkillDetails;
use domain_model::tenant::zone::ZoneName;
use domain_model::tenant::{Command, calendars, skills, users};
use domain_model::text::Name;
use domain_model::{PhoneNumber, Timestamp};

use super::{Person, numbered};
use crate::telephones::{admin, away, in_groups};

/// Returns what takes the business on board, in its country.
///
/// # Panics
/// Never: the names are right.
#[must_use]
pub fn tenant() -> AnyCommand {
    said(Command::Create {
        name: name("Simulated"),
        home: Region::London,
        country: "GB".parse().expect("a country"),
        zone: ZoneName::new("UTC").expect("a zone"),
    })
}

/// Returns what makes opening hours.
#[must_use]
pub fn calendar(calendar: CalendarId, hours: Hours) -> AnyCommand {
    said(Command::Calendars(calendars::Command::Create { calendar, hours }))
}

/// Returns what makes groups, and the states in which an agent is logged in to theirs or to none.
#[must_use]
pub fn teams<'a>(groups: impl IntoIterator<Item = (GroupId, &'a str)>) -> Vec<AnyCommand> {
    let groups: BTreeMap<_, _> = groups.into_iter().collect();
    let profile = profile();
    let of_all = in_groups(groups.keys().copied().collect());
    let create = availability::Command::Create {
        profile,
        name: name("Agents"),
    };
    let states = [(of_all, StateKind::Available), (away(), StateKind::Away)].map(|(state, kind)| {
        let details = AvailabilityState {
            profile,
            label: state.label,
            kind,
            groups: state.groups,
        };
        let state = state.id;
        said(Command::Availability(availability::Command::AddState {
            state,
            details,
        }))
    });
    let groups = groups.into_iter().map(|(group, label)| {
        let details = GroupDetails {
            name: name(label),
            description: None,
            purposes: [Purpose::ContactCentre].into(),
            extension: None,
            pickup: None,
        };
        said(Command::Groups(groups::Command::Create { group, details }))
    });
    groups
        .chain([said(Command::Availability(create))])
        .chain(states)
        .collect()
}

/// Returns what makes a skill.
#[must_use]
pub fn skill(skill: SkillId, label: &str) -> AnyCommand {
    let details = SkillDetails {
        name: name(label),
        description: None,
        default_level: SkillLevel::ADVANCED,
    };
    said(Command::Skills(skills::Command::Create { skill, details }))
}

/// Returns what gives an agent an account and a place in their groups.
///
/// # Panics
/// Never: the address is right.
#[must_use]
pub fn user(agent: AgentId, person: &Person) -> Vec<AnyCommand> {
    let number = agent.uuid().as_u64_pair().1;
    let address = EmailAddress::new(&format!("agent{}@example.com", number + 1)).expect("an address");
    let identity = Identity::new(
        PersonId::new(numbered(13, number)),
        name(&format!("Agent {}", number + 1)),
        address,
    );
    let user = agent.into();
    let create = users::Command::Create {
        user,
        identity,
        extension: None,
        role: Role::Basic,
        browser: DeviceId::new(numbered(7, number)),
    };
    let members = person.groups.iter().map(|(group, place)| {
        let (group, place) = (*group, *place);
        said(Command::Groups(groups::Command::SetMember { group, user, place }))
    });
    [said(Command::Users(create))]
        .into_iter()
        .chain(members)
        .collect()
}

/// Returns what draws a routing policy, makes it live and leads a number to it.
#[must_use]
pub fn line(
    number: &PhoneNumber,
    policy: RoutingPolicyId,
    document: &Document,
    at: Timestamp,
) -> Vec<AnyCommand> {
    let by = admin;
    let steps = [
        routing_policy::Command::Create {
            name: name("Main line"),
            kind: PolicyKind::Call,
            by: by(),
            at,
        },
        routing_policy::Command::Save {
            based_on: 0,
            document: document.clone(),
            by: by(),
            at,
        },
        routing_policy::Command::Publish {
            revision: 1,
            comment: None,
            by: by(),
            at,
        },
    ];
    let number = || number.clone();
    let numbers = [
        numbers::Command::Allow {
            allowance: Seats::new(1),
        },
        numbers::Command::Allocate {
            number: number(),
            details: NumberDetails {
                country: "GB".parse().expect("a country"),
                kind: NumberKind::Geographic,
                capabilities: [Capability::Voice].into(),
            },
        },
        numbers::Command::Assign {
            number: number(),
            assignment: Assignment::RoutingPolicy(policy),
        },
    ];
    let steps = steps.map(|step| AnyCommand::RoutingPolicy(policy, step));
    let numbers = numbers.map(|step| said(Command::Numbers(step)));
    steps.into_iter().chain(numbers).collect()
}

/// Returns the only profile of states.
pub(crate) fn profile() -> ProfileId {
    ProfileId::new(numbered(5, 1))
}

const fn said(command: Command) -> AnyCommand {
    AnyCommand::Tenant(TenantRoot, command)
}

fn name(text: &str) -> Name {
    Name::new(text).expect("a short name")
}
