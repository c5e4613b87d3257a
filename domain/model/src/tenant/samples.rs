//! One of each kind of event, as the golden files hold them.

use std::collections::BTreeSet;

use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{
    ApiKeyId, AssociatedNumberId, BlockId, CalendarId, DeviceId, GroupId, ProfileId, RoutingPolicyId,
    ShareLinkId, SkillId, SoundId, StateId, UserId, WrapUpCodeId,
};
use crate::skills::SkillLevel;
use crate::testing::sample::{at, id, number, person, text};
use crate::{Millis, Private};

use super::access::{ApiKeyDetails, LinkRight, ShareLink};
use super::availability::{AvailabilityState, StateKind};
use super::blocks::Block;
use super::clock::{Clock, Weekday};
use super::devices::{AssociatedNumber, DeviceDetails, DeviceKind};
use super::event::Event as E;
use super::extension::{Extension, PickupCode};
use super::groups::{GroupDetails, Purpose};
use super::hours::{Hours, Span, SpecialDay, WeekSpan};
use super::licences::{Licence, Seats};
use super::numbers::{Assignment, Capability, LocalPresence, NumberDetails, NumberKind};
use super::people::{EmailAddress, Identity, PinHash, Role};
use super::settings::{CallerId, Region, Setting};
use super::skills::SkillDetails;
use super::sounds::{SoundSource, SoundVersion};
use super::user_settings::{Divert, DivertTo, UserSetting};
use super::users::Account;
use super::wrap_up::{Direction, WrapUpCode};
use super::zone::ZoneName;

const ANN: UserId = UserId::new(id(1));
const SALES: GroupId = GroupId::new(id(2));
const LAPTOP: DeviceId = DeviceId::new(id(3));
const DESK: DeviceId = DeviceId::new(id(4));
const MOBILE: AssociatedNumberId = AssociatedNumberId::new(id(5));
const FRENCH: SkillId = SkillId::new(id(6));
const AGENTS: ProfileId = ProfileId::new(id(7));
const AVAILABLE: StateId = StateId::new(id(8));
const OFFICE: CalendarId = CalendarId::new(id(9));
const SALE: WrapUpCodeId = WrapUpCodeId::new(id(10));
const UPGRADE: WrapUpCodeId = WrapUpCodeId::new(id(11));
const NUISANCE: BlockId = BlockId::new(id(12));
const MUSIC: SoundId = SoundId::new(id(13));
const EXPORT: ApiKeyId = ApiKeyId::new(id(14));
const WALL: ShareLinkId = ShareLinkId::new(id(15));
const MAIN: RoutingPolicyId = RoutingPolicyId::new(id(16));

const LONDON: &str = "+442079460000";

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<E> {
    [
        root(),
        numbers(),
        users(),
        users_changed(),
        devices(),
        licences(),
        groups(),
        skills(),
        availability(),
        calendars(),
        wrap_up(),
        sounds_and_blocks(),
        access(),
    ]
    .concat()
}

fn zone(name: &str) -> ZoneName {
    ZoneName::new(name).expect("a sample's zone is right")
}

fn extension(number: u16) -> Extension {
    Extension::new(number).expect("a sample's extension is right")
}

fn root() -> Vec<E> {
    vec![
        E::Created {
            name: text("Acme"),
            home: Region::London,
            country: "GB".parse().expect("a sample's country is right"),
            zone: zone("Europe/London"),
        },
        E::SettingChanged {
            was: Setting::CallerId(CallerId::Withheld),
            now: Setting::CallerId(CallerId::Nearest(number(LONDON))),
        },
    ]
}

fn numbers() -> Vec<E> {
    let number = number(LONDON);
    vec![
        E::NumberAllowanceChanged {
            was: Seats::new(0),
            now: Seats::new(20),
        },
        E::NumberAllocated {
            number: number.clone(),
            details: NumberDetails {
                country: "GB".parse().expect("a sample's country is right"),
                kind: NumberKind::Geographic,
                capabilities: BTreeSet::from([Capability::Voice, Capability::Sms]),
            },
        },
        E::NumberReleased {
            number: number.clone(),
        },
        E::NumberLabelled {
            number: number.clone(),
            was: None,
            now: Some(text("Main line")),
        },
        E::NumberAssigned {
            number: number.clone(),
            was: Assignment::Nobody,
            now: Assignment::RoutingPolicy(MAIN),
        },
        E::NumberLocalPresenceSet {
            number,
            now: LocalPresence::On,
        },
    ]
}

fn identity(name: &str) -> Identity {
    let email = EmailAddress::new("ann@example.com").expect("a sample's address is right");
    Identity::new(person(1), text(name), email)
}

fn users() -> Vec<E> {
    vec![
        E::UserCreated {
            user: ANN,
            account: Account {
                identity: identity("Ann Archer"),
                extension: extension(2000),
                role: Role::Basic,
            },
        },
        E::UserIdentified {
            user: ANN,
            identity: identity("Ann Baker"),
        },
        E::UserDeactivated { user: ANN },
        E::UserReactivated {
            user: ANN,
            extension: extension(2001),
        },
    ]
}

fn users_changed() -> Vec<E> {
    let pin = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";
    vec![
        E::UserRoleChanged {
            user: ANN,
            was: Role::Basic,
            now: Role::TeamLeader,
        },
        E::UserExtensionChanged {
            user: ANN,
            was: extension(2001),
            now: extension(2002),
        },
        E::UserPinSet {
            user: ANN,
            pin: Private::new(person(1), PinHash::new(pin).expect("a sample's hash is right")),
        },
        E::UserPinCleared { user: ANN },
        E::UserSettingChanged {
            user: ANN,
            was: UserSetting::Divert(None),
            now: UserSetting::Divert(Some(Divert {
                from: at(0),
                until: at(86_400),
                to: DivertTo::Number(Private::new(person(1), number("+447700900123"))),
            })),
        },
    ]
}

fn devices() -> Vec<E> {
    vec![
        E::DeviceAdded {
            device: DESK,
            details: DeviceDetails {
                owner: ANN,
                kind: DeviceKind::DeskPhone,
                label: Some(text("Second floor, window")),
            },
        },
        E::DeviceRemoved { device: DESK },
        E::RingOrderChanged {
            user: ANN,
            was: Few::first([LAPTOP, DESK]),
            now: Few::first([DESK]),
        },
        E::AssociatedNumberAdded {
            associated: MOBILE,
            details: AssociatedNumber {
                owner: ANN,
                number: Private::new(person(1), number("+447700900123")),
                label: text("mobile"),
            },
        },
        E::AssociatedNumberRemoved { associated: MOBILE },
    ]
}

fn licences() -> Vec<E> {
    vec![
        E::LicencesPurchased {
            licence: Licence::ContactCentre,
            was: Seats::new(5),
            now: Seats::new(10),
        },
        E::LicenceGranted {
            user: ANN,
            licence: Licence::ContactCentre,
        },
        E::LicenceRevoked {
            user: ANN,
            licence: Licence::ContactCentre,
        },
    ]
}

fn group(description: Option<&str>) -> GroupDetails {
    GroupDetails {
        name: text("Sales"),
        description: description.map(text),
        purposes: BTreeSet::from([Purpose::ContactCentre, Purpose::Recording]),
        extension: Some(extension(3000)),
        pickup: PickupCode::new("*81").ok(),
    }
}

fn groups() -> Vec<E> {
    vec![
        E::GroupCreated {
            group: SALES,
            details: group(None),
        },
        E::GroupChanged {
            group: SALES,
            details: group(Some("Sells to new customers")),
        },
        E::GroupRemoved { group: SALES },
        E::GroupMemberAdded {
            group: SALES,
            user: ANN,
            place: 1,
        },
        E::GroupMemberMoved {
            group: SALES,
            user: ANN,
            place: 2,
        },
        E::GroupMemberRemoved {
            group: SALES,
            user: ANN,
        },
    ]
}

fn skill(default_level: SkillLevel) -> SkillDetails {
    SkillDetails {
        name: text("French"),
        description: Some(text("Speaks French on the phone")),
        default_level,
    }
}

fn skills() -> Vec<E> {
    vec![
        E::SkillCreated {
            skill: FRENCH,
            details: skill(SkillLevel::BASIC),
        },
        E::SkillChanged {
            skill: FRENCH,
            details: skill(SkillLevel::INTERMEDIATE),
        },
        E::SkillRetired { skill: FRENCH },
        E::SkillAssigned {
            user: ANN,
            skill: FRENCH,
            level: SkillLevel::EXPERT,
        },
        E::SkillUnassigned {
            user: ANN,
            skill: FRENCH,
        },
    ]
}

fn state(groups: &[GroupId]) -> AvailabilityState {
    AvailabilityState {
        profile: AGENTS,
        label: text("Available"),
        kind: StateKind::Available,
        groups: groups.iter().copied().collect(),
    }
}

fn availability() -> Vec<E> {
    vec![
        E::ProfileCreated {
            profile: AGENTS,
            name: text("Agents"),
        },
        E::ProfileRenamed {
            profile: AGENTS,
            name: text("Sales agents"),
        },
        E::ProfileRemoved { profile: AGENTS },
        E::StateAdded {
            state: AVAILABLE,
            details: state(&[]),
        },
        E::StateChanged {
            state: AVAILABLE,
            details: state(&[SALES]),
        },
        E::StateRemoved { state: AVAILABLE },
    ]
}

fn hours(open_at_new_year: &[Span]) -> Hours {
    Hours {
        name: text("Office"),
        zone: zone("Europe/London"),
        week: Few::first([WeekSpan {
            day: Weekday::Friday,
            span: span("22:00", "06:00"),
        }]),
        days: Few::first([SpecialDay {
            date: "2027-01-01".parse().expect("a sample's date is right"),
            name: Some(text("New Year's Day")),
            open: Few::first(open_at_new_year.iter().copied()),
        }]),
    }
}

fn span(from: &str, until: &str) -> Span {
    let clock = |text: &str| text.parse::<Clock>().expect("a sample's time of day is right");
    Span {
        from: clock(from),
        until: clock(until),
    }
}

fn calendars() -> Vec<E> {
    vec![
        E::CalendarCreated {
            calendar: OFFICE,
            hours: hours(&[]),
        },
        E::CalendarChanged {
            calendar: OFFICE,
            hours: hours(&[span("12:00", "24:00")]),
        },
        E::CalendarRemoved { calendar: OFFICE },
    ]
}

fn code(label: &str, parent: Option<WrapUpCodeId>) -> WrapUpCode {
    WrapUpCode {
        label: text(label),
        code: 17,
        direction: Direction::Inbound,
        parent,
    }
}

fn wrap_up() -> Vec<E> {
    vec![
        E::WrapUpCodeAdded {
            code: UPGRADE,
            details: code("Upgrade", None),
        },
        E::WrapUpCodeChanged {
            code: UPGRADE,
            details: code("Upgrade sold", Some(SALE)),
        },
        E::WrapUpCodeRetired { code: UPGRADE },
        E::WrapUpCodesOrdered {
            direction: Direction::Inbound,
            order: Few::first([SALE, UPGRADE]),
        },
    ]
}

fn sounds_and_blocks() -> Vec<E> {
    vec![
        E::CallerBlocked {
            block: NUISANCE,
            details: Block {
                number: Private::new(person(2), number("+442079460066")),
                reason: Private::new(person(2), text("Rings at night and says nothing")),
            },
        },
        E::CallerUnblocked { block: NUISANCE },
        E::SoundCreated {
            sound: MUSIC,
            name: text("Hold music"),
        },
        E::SoundRenamed {
            sound: MUSIC,
            name: text("Hold music, winter"),
        },
        E::SoundUploaded {
            sound: MUSIC,
            version: SoundVersion {
                version: 1,
                content: ContentHash::of(b"music"),
                length_ms: Millis::from_secs(90),
                source: SoundSource::File,
            },
        },
        E::SoundRemoved { sound: MUSIC },
    ]
}

fn access() -> Vec<E> {
    vec![
        E::ApiKeyCreated {
            key: EXPORT,
            details: ApiKeyDetails {
                name: text("nightly-export"),
                role: Role::Basic,
                secret_hash: ContentHash::of(b"32 random bytes"),
            },
        },
        E::ApiKeyRevoked { key: EXPORT },
        E::ShareLinkCreated {
            link: WALL,
            details: ShareLink {
                wallboard: text("Sales floor"),
                right: LinkRight::Look,
                secret_hash: ContentHash::of(b"32 other random bytes"),
            },
        },
        E::ShareLinkRevoked { link: WALL },
    ]
}
