//! What CRM links go through.

use proptest::prelude::*;

use crate::Decider as _;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::few::Few;
use crate::testing::sample::{at, text};
use crate::testing::{fold_and_read_back, given, golden, play};
use crate::{Millis, Timestamp};

use super::connection::{Configure, Connection, InstanceHost, OrgId};
use super::health::{Concern, Health};
use super::samples::connection;
use super::session::{BreakReason, Command as SessionCommand, Session};
use super::writing::{Command as WritingCommand, Mapping, MissingRight, Percent, Right, Usage};
use super::*;

fn sync() -> Actor {
    Actor::System(text("crm-sync"))
}

fn configure(connection: Connection) -> Command {
    Command::Configure(Configure {
        connection,
        by: sync(),
        at: at(0),
    })
}

fn configured() -> Event {
    Event::Configured {
        connection: connection(),
        by: sync(),
        at: at(0),
    }
}

fn authorised(at: Timestamp) -> Event {
    Event::Authorised { by: sync(), at }
}

fn authorise(at: Timestamp) -> Command {
    Command::Session(SessionCommand::Authorise { by: sync(), at })
}

fn broken(reason: BreakReason, at: Timestamp) -> Event {
    Event::Broken {
        reason,
        code: None,
        at,
    }
}

fn break_off(reason: BreakReason, at: Timestamp) -> Command {
    Command::Session(SessionCommand::Break {
        reason,
        code: None,
        at,
    })
}

fn mapping(version: u32, content: &[u8]) -> Event {
    Event::MappingPublished {
        mapping: Mapping {
            version,
            content: ContentHash::of(content),
        },
        by: sync(),
        at: at(2),
    }
}

fn working() -> Vec<Event> {
    vec![configured(), authorised(at(1)), mapping(1, b"one")]
}

fn usage(used: u32) -> Usage {
    Usage { used, allowed: 1000 }
}

fn report_usage(used: u32) -> Command {
    Command::Writing(WritingCommand::ReportUsage {
        usage: usage(used),
        at: at(9),
    })
}

fn after(history: impl IntoIterator<Item = Event>) -> State {
    CrmLink::fold(&history.into_iter().collect::<Vec<_>>())
}

#[test]
fn nothing_is_done_with_a_link_that_leads_nowhere() {
    given::<CrmLink>([])
        .when(authorise(at(1)))
        .rejected(Rejection::NotConfigured);
    assert_eq!(after([]).health(), Health::Broken);
}

#[test]
fn a_link_leads_to_one_org_for_good() {
    let mut other = connection();
    other.org = OrgId::new("00D000000000001EAA").unwrap();
    given::<CrmLink>([configured()])
        .when(configure(other))
        .rejected(Rejection::OtherOrg);
}

#[test]
fn an_org_that_moved_is_authorised_anew() {
    let mut moved = connection();
    moved.host = InstanceHost::new("acme2.my.salesforce.com").unwrap();
    let configured_anew = Event::Configured {
        connection: moved.clone(),
        by: sync(),
        at: at(0),
    };
    given::<CrmLink>(working())
        .when(configure(moved))
        .then([configured_anew.clone()]);
    let state = after([working(), vec![configured_anew]].concat());
    assert_eq!(state.session, Session::NotAuthorised);
    assert_eq!(state.concerns(), [Concern::NotAuthorised]);
}

#[test]
fn a_working_link_is_healthy() {
    let state = after(working());
    assert_eq!((state.health(), state.concerns()), (Health::Healthy, vec![]));
}

#[test]
fn a_break_is_recorded_once_and_again_when_its_reason_changes() {
    let revoked = broken(BreakReason::Revoked, at(10));
    let history = [working(), vec![revoked.clone()]].concat();
    given::<CrmLink>(working())
        .when(break_off(BreakReason::Revoked, at(10)))
        .then([revoked]);
    given::<CrmLink>(history.clone())
        .when(break_off(BreakReason::Revoked, at(20)))
        .nothing();
    given::<CrmLink>(history)
        .when(break_off(BreakReason::Unreachable, at(20)))
        .then([broken(BreakReason::Unreachable, at(20))]);
}

#[test]
fn to_authorise_a_broken_link_restores_it_and_says_how_long_it_was_broken() {
    let breaks = vec![
        broken(BreakReason::Unreachable, at(10)),
        broken(BreakReason::Revoked, at(20)),
    ];
    given::<CrmLink>([working(), breaks].concat())
        .when(authorise(at(70)))
        .then([
            authorised(at(70)),
            Event::Restored {
                broken_ms: Millis::from_secs(60),
                at: at(70),
            },
        ]);
}

#[test]
fn each_reason_for_a_break_says_what_to_do() {
    for reason in [
        BreakReason::Revoked,
        BreakReason::PermissionLost,
        BreakReason::Expired,
        BreakReason::Unreachable,
        BreakReason::Configuration,
    ] {
        let state = after([working(), vec![broken(reason, at(10))]].concat());
        assert_eq!(state.health(), Health::Broken);
        let remedies: Vec<_> = state.concerns().iter().map(Concern::remedy).collect();
        assert_eq!(remedies, [reason.remedy()]);
    }
}

#[test]
fn the_limit_is_near_once_and_eased_only_well_below() {
    let neared = Event::LimitNeared {
        usage: usage(800),
        at: at(9),
    };
    given::<CrmLink>(working()).when(report_usage(799)).nothing();
    given::<CrmLink>(working())
        .when(report_usage(800))
        .then([neared.clone()]);
    let near = [working(), vec![neared]].concat();
    assert_eq!(after(near.clone()).health(), Health::Degraded);
    given::<CrmLink>(near.clone()).when(report_usage(700)).nothing();
    given::<CrmLink>(near)
        .when(report_usage(699))
        .then([Event::LimitEased {
            usage: usage(699),
            at: at(9),
        }]);
}

#[test]
fn an_org_that_allows_nothing_is_an_error_and_no_limit() {
    let nothing = Usage { used: 0, allowed: 0 };
    given::<CrmLink>(working())
        .when(Command::Writing(WritingCommand::ReportUsage {
            usage: nothing,
            at: at(9),
        }))
        .rejected(Rejection::NothingAllowed);
}

#[test]
fn each_new_mapping_is_a_new_version() {
    let publish = |content: &[u8]| {
        Command::Writing(WritingCommand::PublishMapping {
            content: ContentHash::of(content),
            by: sync(),
            at: at(2),
        })
    };
    given::<CrmLink>(working()).when(publish(b"one")).nothing();
    given::<CrmLink>(working())
        .when(publish(b"two"))
        .then([mapping(2, b"two")]);
}

#[test]
fn a_probe_is_news_when_its_answer_is() {
    let lacks = |object: &str| MissingRight {
        object: text(object),
        field: None,
        right: Right::Edit,
    };
    let probe = |missing: &[MissingRight]| {
        Command::Writing(WritingCommand::ReportRights {
            missing: Few::first(missing.iter().cloned()),
            at: at(5),
        })
    };
    let probed = |missing: &[MissingRight]| Event::RightsProbed {
        missing: Few::first(missing.iter().cloned()),
        at: at(5),
    };
    let (task, lead) = (lacks("Task"), lacks("Lead"));
    let sorted = probed(&[lead.clone(), task.clone()]);
    given::<CrmLink>(working())
        .when(probe(&[task.clone(), lead.clone(), task.clone()]))
        .then([sorted.clone()]);
    let lacking = [working(), vec![sorted]].concat();
    assert_eq!(
        after(lacking.clone()).concerns(),
        [Concern::RightsMissing { count: 2 }]
    );
    given::<CrmLink>(lacking.clone())
        .when(probe(&[task, lead]))
        .nothing();
    given::<CrmLink>(lacking).when(probe(&[])).then([probed(&[])]);
}

#[test]
fn what_waited_is_caught_up_on_once_the_link_works() {
    let start = Command::Writing(WritingCommand::StartCatchUp {
        backlog: 1200,
        at: at(80),
    });
    let started = Event::CatchUpStarted {
        backlog: 1200,
        at: at(80),
    };
    let unreachable = broken(BreakReason::Unreachable, at(10));
    given::<CrmLink>([working(), vec![unreachable]].concat())
        .when(start.clone())
        .rejected(Rejection::Broken {
            reason: BreakReason::Unreachable,
        });
    given::<CrmLink>(working()).when(start).then([started.clone()]);
    let state = after([working(), vec![started]].concat());
    assert_eq!(state.concerns(), [Concern::CatchingUp { backlog: 1200 }]);
}

#[test]
fn a_pause_is_a_concern_until_somebody_resumes() {
    let paused = Event::WritingPaused {
        by: sync(),
        at: at(3),
    };
    let history = [working(), vec![paused]].concat();
    assert_eq!(after(history.clone()).concerns(), [Concern::WritingPaused]);
    given::<CrmLink>(history)
        .when(Command::Writing(WritingCommand::Resume {
            by: sync(),
            at: at(4),
        }))
        .then([Event::WritingResumed {
            by: sync(),
            at: at(4),
        }]);
}

#[test]
fn the_budget_is_a_fifth_until_somebody_says_otherwise() {
    let half = Percent::new(50).unwrap();
    given::<CrmLink>(working())
        .when(Command::Writing(WritingCommand::SetBudget {
            share: half,
            by: sync(),
            at: at(4),
        }))
        .then([Event::BudgetSet {
            was: Percent::new(20).unwrap(),
            now: half,
            by: sync(),
            at: at(4),
        }]);
    assert!(Percent::new(0).is_err() && Percent::new(101).is_err());
}

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<CrmLink>("crmlink", &samples());
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<CrmLink>(&play::<CrmLink>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<CrmLink>(&events);
        // Whatever happened, health can be told, and its reasons with it.
        let state = CrmLink::fold(&events);
        prop_assert_eq!(state.health() == Health::Healthy, state.concerns().is_empty());
        let json = serde_json::to_string(&state).expect("plain data");
        prop_assert_eq!(serde_json::from_str::<State>(&json).expect("as written"), state);
    }
}
