//! What holds of a tenant after any commands at all.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use crate::few::Few;
use crate::ids::{
    AssociatedNumberId, DeviceId, GroupId, PersonId, ProfileId, SkillId, SoundId, UserId, WrapUpCodeId,
};
use crate::skills::SkillLevel;
use crate::testing::sample::{number, text};
use crate::testing::{fold_and_read_back, golden, meets_every_kind, play};
use crate::{Decider as _, Private};

use super::extension::Extension;
use super::licences::{self, Licence, Seats};
use super::numbers::{self, Assignment, Capability};
use super::people::{EmailAddress, Identity, PinHash, Role};
use super::settings::{CallerId, WrapUpRule};
use super::stories::{create_at, group_details, voice_number};
use super::user_settings::{DivertTo, UserCallerId};
use super::wrap_up::{Direction, WrapUpCode};
use super::*;

const LICENCES: [Licence; 10] = [
    Licence::Phone,
    Licence::Desk,
    Licence::CrmVoice,
    Licence::ContactCentre,
    Licence::Recording,
    Licence::CardPayments,
    Licence::Insight,
    Licence::Sms,
    Licence::WhatsApp,
    Licence::International,
];

/// A tenant that has come on board with a little of most things, and then any commands.
fn histories() -> impl Strategy<Value = Vec<Command>> {
    let beginning = beginning();
    proptest::collection::vec(any::<Command>(), 0..200)
        .prop_map(move |commands| [beginning.clone(), commands].concat())
}

fn beginning() -> Vec<Command> {
    let few = Seats::new(2);
    let buy = |licence| Command::Licences(licences::Command::Purchase { licence, seats: few });
    let board = [
        create_at(Region::Oregon),
        Command::Numbers(numbers::Command::Allow { allowance: few }),
    ];
    board
        .into_iter()
        .chain(LICENCES.map(buy))
        .chain((0..3).flat_map(things))
        .chain([Command::Users(users::Command::SetPin {
            user: UserId::new(Uuid::nil()),
            pin: Private::new(
                PersonId::new(Uuid::nil()),
                PinHash::new("$argon2id$v=19$c2FsdA$aGFzaA").unwrap(),
            ),
        })])
        .chain([Command::WrapUp(wrap_up::Command::Order {
            direction: Direction::Inbound,
            order: Few::first([2, 0].map(|n| WrapUpCodeId::new(Uuid::from_u128(n)))),
        })])
        .collect()
}

// Ids and values from the small ranges that generated commands draw from.
fn things(n: u8) -> [Command; 8] {
    let id = Uuid::from_u128(n.into());
    let name = text::<120>(["a", "b", "c"][usize::from(n)]);
    let email = EmailAddress::new(&format!("user{n}@example.com")).unwrap();
    [
        Command::Users(users::Command::Create {
            user: UserId::new(id),
            identity: Identity::new(PersonId::new(id), name.clone(), email),
            extension: None,
            role: Role::Admin,
            browser: DeviceId::new(id),
        }),
        Command::Devices(devices::Command::Associate {
            associated: AssociatedNumberId::new(id),
            details: AssociatedNumber {
                owner: UserId::new(id),
                number: Private::new(PersonId::new(id), number("+447700900123")),
                label: name.clone(),
            },
        }),
        Command::Groups(groups::Command::Create {
            group: GroupId::new(id),
            details: group_details(name.as_str(), None),
        }),
        Command::Skills(skills::Command::Create {
            skill: SkillId::new(id),
            details: SkillDetails {
                name: name.clone(),
                description: None,
                default_level: SkillLevel::BASIC,
            },
        }),
        Command::Availability(availability::Command::Create {
            profile: ProfileId::new(id),
            name: name.clone(),
        }),
        Command::WrapUp(wrap_up::Command::Add {
            code: WrapUpCodeId::new(id),
            details: WrapUpCode {
                label: name.clone(),
                code: n.into(),
                direction: [Direction::Inbound, Direction::Outbound][usize::from(n % 2)],
                parent: None,
            },
        }),
        Command::Sounds(sounds::Command::Create {
            sound: SoundId::new(id),
            name,
        }),
        Command::Numbers(numbers::Command::Allocate {
            number: number(&format!("+44207946000{n}")),
            details: voice_number("GB"),
        }),
    ]
}

fn active(state: &State, user: UserId) -> bool {
    state.users.get(&user).is_some_and(User::is_active)
}

fn check(state: &State) {
    check_extensions(state);
    check_numbers(state);
    check_people(state);
    check_licences(state);
    check_references(state);
    check_wrap_up(state);
}

fn check_extensions(state: &State) {
    let users = state.active_users().map(|(_, user)| user.account.extension);
    let groups = state
        .groups
        .iter()
        .filter_map(|(_, group)| group.details.extension);
    let all: Vec<Extension> = users.chain(groups).collect();
    let distinct: BTreeSet<Extension> = all.iter().copied().collect();
    assert_eq!(all.len(), distinct.len(), "an extension is one's alone");
}

fn check_numbers(state: &State) {
    assert!(Seats::counted(state.numbers.len()) <= state.number_allowance);
    for (_, number) in state.numbers.iter() {
        match number.assignment {
            Assignment::User(user) => assert!(active(state, user), "a number leads to somebody"),
            Assignment::Nobody | Assignment::Organisation | Assignment::RoutingPolicy(_) => {}
        }
    }
}

fn check_caller_id(state: &State, caller_id: &CallerId) {
    if let Some(number) = caller_id.number() {
        let number = state
            .numbers
            .get(number)
            .expect("the number shown is the tenant's");
        assert!(number.details.capabilities.contains(&Capability::Voice));
    }
}

fn check_people(state: &State) {
    let active_users: Vec<&User> = state.active_users().map(|(_, user)| user).collect();
    for (place, user) in active_users.iter().enumerate() {
        let twin = |other: &&User| other.account.identity.signs_in_as(&user.account.identity);
        assert!(!active_users[..place].iter().any(twin), "an address signs one in");
    }
    for (id, user) in state.users.iter() {
        match &user.settings.caller_id {
            UserCallerId::Tenant => {}
            UserCallerId::Own(caller_id) => check_caller_id(state, caller_id),
            UserCallerId::Associated(number) => {
                assert_eq!(state.associated.get(number).map(|number| number.owner), Some(*id));
            }
        }
        if let Some(DivertTo::User(other)) = user.settings.divert.as_ref().map(|divert| &divert.to) {
            assert!(
                active(state, *other) && other != id,
                "a divert leads to somebody else"
            );
        }
        let profile = user.settings.profile;
        assert!(profile.is_none_or(|profile| state.profiles.contains(&profile)));
        for device in &user.ring_order {
            assert_eq!(state.devices.get(device).map(|device| device.owner), Some(*id));
        }
        let distinct: BTreeSet<_> = user.ring_order.iter().collect();
        assert_eq!(distinct.len(), user.ring_order.len(), "a device rings once");
        assert!(user.skills.keys().all(|skill| state.skills.contains(skill)));
        if !user.is_active() {
            assert_eq!(
                user,
                &User {
                    standing: user.standing,
                    ..User::new(user.account.clone())
                }
            );
        }
    }
}

fn check_licences(state: &State) {
    for licence in LICENCES {
        assert!(state.granted(licence) <= state.purchased(licence), "{licence}");
    }
    for (_, user) in state.users.iter() {
        for licence in &user.licences {
            let has = |other: Licence| user.licences.contains(&other);
            assert!(licence.rests_on().is_none_or(has), "{licence} rests on another");
            assert!(!licence.excludes().is_some_and(has), "{licence} excludes another");
        }
    }
}

fn check_references(state: &State) {
    let settings = &state.root.as_ref().expect("it came on board").settings;
    check_caller_id(state, &settings.caller_id);
    assert!(
        settings
            .hold_music
            .is_none_or(|sound| state.sounds.contains(&sound))
    );
    for (_, device) in state.devices.iter() {
        assert!(active(state, device.owner), "a device is somebody's");
    }
    for (_, number) in state.associated.iter() {
        assert!(active(state, number.owner), "an outside number is somebody's");
    }
    for (_, group) in state.groups.iter() {
        assert!(group.members.keys().all(|user| active(state, *user)));
    }
    for (_, entry) in state.states.iter() {
        assert!(state.profiles.contains(&entry.profile));
        assert!(entry.groups.iter().all(|group| state.groups.contains(group)));
    }
    for (_, hours) in state.calendars.iter() {
        assert_eq!(hours.check(), Ok(()));
    }
}

fn check_wrap_up(state: &State) {
    let settings = &state.root.as_ref().expect("it came on board").settings;
    for direction in [Direction::Inbound, Direction::Outbound] {
        let codes = state.wrap_up.in_order(direction);
        let demanded = settings.wrap_up_rule(direction) == WrapUpRule::Mandatory;
        assert!(
            !(demanded && codes.is_empty()),
            "a code that is demanded can be chosen"
        );
        for code in codes {
            let code = state.wrap_up.get(code).expect("what is listed is there");
            let parent = code
                .parent
                .map(|parent| state.wrap_up.get(&parent).map(|code| code.direction));
            assert!(code.direction == direction && parent.is_none_or(|parent| parent == Some(direction)));
        }
    }
}

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Tenant>("tenant", &samples());
}

proptest! {
    #[test]
    fn all_that_is_promised_of_a_tenant_holds_after_any_commands(commands in histories()) {
        let mut state = State::default();
        for command in commands {
            let Ok(events) = Tenant::decide(&state, command) else { continue };
            state = events.iter().fold(state, Tenant::evolve);
            check(&state);
        }
        let json = serde_json::to_string(&state).expect("plain data");
        prop_assert_eq!(serde_json::from_str::<State>(&json).expect("as written"), state);
    }

    #[test]
    fn any_commands_can_be_said_twice(commands in histories()) {
        fold_and_read_back::<Tenant>(&play::<Tenant>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Tenant>(&events);
    }
}

// Generated histories teach only if most of what can happen does happen in them.
#[test]
fn generated_histories_get_far() {
    meets_every_kind::<Tenant>(&histories(), |commands| {
        play::<Tenant>(commands).iter().map(crate::Event::kind).collect()
    });
}
