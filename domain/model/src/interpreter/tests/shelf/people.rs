//! What the tenant and its queues say: a house that is furnished by the log is the house that is furnished by hand.

use super::*;
use crate::ids::{BlockId, CalendarId, DeviceId, GroupId, PersonId, UserId};
use crate::tenant::groups::GroupDetails;
use crate::tenant::licences::{self, Licence, Seats};
use crate::tenant::numbers::{self, Assignment, Capability, NumberDetails, NumberKind};
use crate::tenant::people::{EmailAddress, Identity, Role};
use crate::tenant::settings::{CallerId, Region, Setting};
use crate::tenant::zone::ZoneName;
use crate::tenant::{Command, blocks, calendars, groups, users};
use crate::testing::sample::{number, person};
use crate::{PhoneNumber, Private};

fn allocate(number: PhoneNumber) -> Command {
    Command::Numbers(numbers::Command::Allocate {
        number,
        details: NumberDetails {
            country: "GB".parse().unwrap(),
            kind: NumberKind::Geographic,
            capabilities: [Capability::Voice].into(),
        },
    })
}

pub(super) fn assign(number: PhoneNumber, assignment: Assignment) -> Command {
    Command::Numbers(numbers::Command::Assign { number, assignment })
}

fn join(user: UserId, name: &str, extension: u16) -> Command {
    let email = EmailAddress::new(&format!("{name}@example.com")).unwrap();
    Command::Users(users::Command::Create {
        user,
        identity: Identity::new(PersonId::new(user.derive("person")), text(name), email),
        extension: Some(extension.try_into().unwrap()),
        role: Role::Basic,
        browser: DeviceId::new(user.derive("browser")),
    })
}

fn team(group: GroupId) -> Command {
    let details = GroupDetails {
        name: text("Team"),
        description: None,
        purposes: [].into(),
        extension: Some(2200.try_into().unwrap()),
        pickup: None,
    };
    Command::Groups(groups::Command::Create { group, details })
}

pub(super) const SHOWN: &str = "+442079460099";

fn furnishing() -> Vec<Command> {
    let few = Seats::new(5);
    let member = |user| groups::Command::SetMember {
        group: TEAM,
        user,
        place: 1,
    };
    let blocked = blocks::Command::Add {
        block: BlockId::new(id(900)),
        details: blocks::Block {
            number: Private::new(person(66), number("+442079460066")),
            reason: Private::new(person(66), text("rings at night")),
        },
    };
    vec![
        Command::Create {
            name: text("Acme"),
            home: Region::London,
            country: "GB".parse().unwrap(),
            zone: ZoneName::new("Europe/London").unwrap(),
        },
        Command::Numbers(numbers::Command::Allow { allowance: few }),
        Command::Licences(licences::Command::Purchase {
            licence: Licence::Phone,
            seats: few,
        }),
        allocate(number(OURS)),
        allocate(number(ANNS)),
        allocate(number(SHOWN)),
        Command::ChangeSetting(Setting::CallerId(CallerId::Number(number(SHOWN)))),
        Command::ChangeSetting(Setting::Apology(text("We are sorry."))),
        join(ANN, "Ann", 2104),
        join(BOB, "Bob", 2105),
        assign(number(ANNS), Assignment::User(ANN)),
        team(TEAM),
        Command::Groups(member(ANN)),
        Command::Groups(member(BOB)),
        Command::Calendars(calendars::Command::Create {
            calendar: NIGHT,
            hours: house().calendars[&NIGHT].clone(),
        }),
        Command::Blocks(blocked),
    ]
}

pub(super) fn acme() -> Acme {
    let mut acme = Acme::default();
    for command in furnishing() {
        acme.tenant(command);
    }
    let mut settings = queue::tests::plain();
    settings.name = text("Sales");
    acme.queue(SALES, configure(settings));
    acme
}

fn configure(settings: queue::Settings) -> queue::Command {
    queue::Command::Setup(queue::SetupCommand::Configure {
        settings: Box::new(settings),
        by: ADMIN,
        at: noon(),
    })
}

#[test]
fn a_house_that_the_log_furnishes_is_the_one_that_is_furnished_by_hand() {
    let library = acme().library();
    let by_hand = house();
    assert_eq!(library.account, by_hand.account);
    assert_eq!(library.users, by_hand.users);
    assert_eq!(library.groups, by_hand.groups);
    assert_eq!(library.calendars, by_hand.calendars);
    assert_eq!(library.blocked, by_hand.blocked);
    assert_eq!(library.queues, by_hand.queues);
}

#[test]
fn a_call_goes_through_a_policy_of_the_log_as_through_one_that_is_handed_over() {
    let apps = format!(
        r#"{{"id": "known", "app": "rule", "when": {{"is": "blocked"}}, "outlets": {{"matched": "x"}}}},
           {{"id": "open", "app": "rule", "when": {{"is": "calendar", "calendar": "{NIGHT}", "state": "closed"}}, "outlets": {{"matched": "c"}}}}"#
    );
    let more = format!(
        r#", {{"id": "c", "is": "action", "next": "then", "apps": [
            {{"id": "say", "app": "speak", "say": [{{"is": "text", "text": "$(Language) $(Time)"}}]}},
            {{"id": "ring", "app": "connect", "to": {{"is": "group", "group": "{TEAM}"}}, "caller_id": {{"is": "account"}}}},
            {{"id": "wait", "app": "queue", "queue": "{SALES}"}}]}}"#
    );
    let mut acme = acme();
    acme.create(MAIN, PolicyKind::Call);
    acme.publish(MAIN, document(AT_OURS, &containers(&apps, &more)));
    let mut by_hand = house();
    publish(&mut by_hand, MAIN, AT_OURS, &containers(&apps, &more));
    let shown = play((*acme.library()).clone(), &script());
    assert_eq!(shown, play(by_hand, &script()));
    assert_eq!(told(&shown)[..2], ["known not_matched", "open matched"]);
    assert!(told(&shown).len() > 4, "{:?}", told(&shown));
}

#[test]
fn of_an_unknown_tenant_the_defaults_hold() {
    let shelf = Shelf::new();
    let account = &shelf.library().account;
    assert_eq!(account.zone.to_string(), "UTC");
    assert_eq!((account.language.as_str(), &account.number), ("en", &None));
    assert_eq!(account.apology, "We are sorry. Please try again later.");
}

#[test]
fn settings_are_what_they_were_set_to_last() {
    let mut acme = acme();
    let was = acme.library();
    acme.tenant(Command::ChangeSetting(Setting::Language(text("fr-CA"))));
    acme.tenant(Command::ChangeSetting(Setting::CallerId(CallerId::Nearest(
        number(SHOWN),
    ))));
    let tokyo = ZoneName::new("Asia/Tokyo").unwrap();
    acme.tenant(Command::ChangeSetting(Setting::Zone(tokyo.clone())));
    let account = acme.library().account.clone();
    assert_eq!((account.language.as_str(), &account.zone), ("fr-CA", &tokyo));
    assert_eq!(account.number, Some(number(SHOWN)));
    acme.tenant(Command::ChangeSetting(Setting::CallerId(CallerId::Withheld)));
    assert_eq!(acme.library().account.number, None);
    assert_eq!(was.account, house().account, "whoever holds a library keeps it");
}

#[test]
fn nothing_leads_to_a_user_who_left_and_everything_again_to_one_who_came_back() {
    let mut acme = acme();
    acme.tenant(Command::Users(users::Command::Deactivate { user: ANN }));
    let library = acme.library();
    assert_eq!(library.holder("2104"), None);
    assert_eq!(library.groups[&TEAM].members, [BOB].into());
    assert_eq!(library.dialled(&Entrance::Number { number: number(ANNS) }), None);
    acme.tenant(Command::Users(users::Command::Reactivate { user: ANN }));
    let library = acme.library();
    assert_eq!(library.users[&ANN].name, text("Ann"));
    let extension = library.users[&ANN].extension.to_string();
    assert_eq!(
        library.holder(&extension),
        Some(crate::tenant::extension::Holder::User(ANN))
    );
}

#[test]
fn a_user_who_was_erased_goes_by_their_extension() {
    let mut shelf = Shelf::new();
    let erased = serde_json::json!({ "UserCreated": { "user": ANN, "account": {
        "identity": {
            "name": { "$person": person(1), "$erased": true },
            "email": { "$person": person(1), "$erased": true },
        },
        "extension": 2104, "role": "basic" } } });
    shelf.fold_tenant(&serde_json::from_value(erased).unwrap());
    assert_eq!(shelf.library().users[&ANN].name, text("2104"));
}

#[test]
fn a_number_leads_to_whom_it_was_assigned_last() {
    let mut acme = acme();
    acme.tenant(assign(number(ANNS), Assignment::User(BOB)));
    let library = acme.library();
    assert!(library.users[&ANN].numbers.is_empty());
    assert_eq!(library.users[&BOB].numbers, [number(ANNS)].into());
    acme.tenant(assign(number(ANNS), Assignment::Nobody));
    assert!(acme.library().users[&BOB].numbers.is_empty());
}

#[test]
fn calendars_callers_groups_and_queues_come_change_and_go() {
    let mut acme = acme();
    let mut hours = house().calendars[&NIGHT].clone();
    hours.zone = ZoneName::new("Europe/London").unwrap();
    let calendar: CalendarId = NIGHT;
    acme.tenant(Command::Calendars(calendars::Command::Change {
        calendar,
        hours: hours.clone(),
    }));
    assert_eq!(acme.library().calendars[&NIGHT], hours);
    acme.tenant(Command::Calendars(calendars::Command::Remove { calendar }));
    let block = BlockId::new(id(900));
    acme.tenant(Command::Blocks(blocks::Command::Remove { block }));
    acme.tenant(Command::Groups(groups::Command::Remove { group: TEAM }));
    let mut settings = queue::tests::plain();
    settings.name = text("Support");
    acme.queue(SALES, configure(settings));
    assert_eq!(acme.library().queues[&SALES], text("Support"));
    let retire = queue::SetupCommand::Retire {
        by: ADMIN,
        at: noon(),
    };
    acme.queue(SALES, queue::Command::Setup(retire));
    let library = acme.library();
    assert!(library.calendars.is_empty() && library.blocked.is_empty());
    assert!(library.groups.is_empty() && library.queues.is_empty());
}

#[test]
fn a_queue_follows_its_hours_unless_somebody_opened_or_closed_it() {
    let mut acme = acme();
    let mut settings = queue::tests::plain();
    settings.hours = Some(NIGHT);
    acme.queue(SALES, configure(settings));
    let follows = |acme: &Acme| acme.library().queue_hours.get(&SALES).copied();
    assert_eq!(follows(&acme), Some(NIGHT));
    let at = noon();
    let by_hand = |command| queue::Command::Setup(command);
    acme.queue(
        SALES,
        by_hand(queue::SetupCommand::Open {
            reason: text("a rush"),
            by: ADMIN,
            at,
        }),
    );
    assert_eq!(follows(&acme), None);
    let mut settings = queue::tests::plain();
    settings.hours = Some(NIGHT);
    settings.name = text("Sales at night");
    acme.queue(SALES, configure(settings));
    assert_eq!(follows(&acme), None, "it is still open by hand");
    acme.queue(SALES, by_hand(queue::SetupCommand::FollowHours { by: ADMIN, at }));
    assert_eq!(follows(&acme), Some(NIGHT));
}
