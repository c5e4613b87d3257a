//! What is kept, what is deleted, and who is erased.

use proptest::prelude::*;

use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::ids::{CallId, JourneyId, RecordingId, VoicemailId};
use crate::testing::sample::{at, id, person, text};
use crate::testing::{fold_and_read_back, given, golden, play};

use super::erasure::ErasureReason;
use super::holds::Footprint;
use super::rules::Days;
use super::runs::{Item, Tally};
use super::*;

const HOLD: LegalHoldId = LegalHoldId::new(id(1));
const OTHER_HOLD: LegalHoldId = LegalHoldId::new(id(2));
const RUN: RetentionRunId = RetentionRunId::new(id(3));
const ANN: PersonId = person(4);
const JOURNEY: JourneyId = JourneyId::new(id(5));
const RECORDING: Item = Item::Recording(RecordingId::new(id(6)));
const DAY: i64 = 86_400;

fn admin() -> Actor {
    Actor::System(text("admin"))
}

fn ninety_days() -> Keep {
    Keep::Days(Days::new(90).unwrap())
}

fn rule(now: Keep) -> Event {
    Event::RuleSet {
        content: Content::Recordings,
        was: Keep::Ever,
        now,
        by: admin(),
        at: at(0),
    }
}

fn placed(hold: LegalHoldId, scope: Scope) -> Event {
    Event::HoldPlaced {
        hold,
        scope,
        reason: text("Case 17"),
        by: admin(),
        at: at(1),
    }
}

fn place(scope: Scope) -> Command {
    Command::Holds(holds::Command::Place {
        hold: HOLD,
        scope,
        reason: text("Case 17"),
        by: admin(),
        at: at(1),
    })
}

fn released(hold: LegalHoldId) -> Event {
    Event::HoldReleased {
        hold,
        reason: text("settled"),
        by: admin(),
        at: at(2),
    }
}

fn started() -> Event {
    Event::RunStarted { run: RUN, at: at(0) }
}

fn delete(footprint: Footprint, at: Timestamp) -> Command {
    Command::Runs(runs::Command::Delete {
        run: RUN,
        item: RECORDING,
        made: self::at(0),
        footprint,
        at,
    })
}

fn deleted(at: Timestamp) -> Event {
    Event::ItemDeleted {
        run: RUN,
        item: RECORDING,
        keep: ninety_days(),
        made: self::at(0),
        at,
    }
}

fn kept(hold: LegalHoldId, at: Timestamp) -> Event {
    Event::ItemKept {
        run: RUN,
        item: RECORDING,
        hold,
        at,
    }
}

fn in_journey() -> Footprint {
    Footprint {
        journeys: [JOURNEY].into(),
        ..Footprint::default()
    }
}

fn request(footprint: Footprint) -> Command {
    Command::Erasure(erasure::Command::Request {
        person: ANN,
        reason: ErasureReason::AskedByPerson,
        ticket: None,
        footprint,
        by: admin(),
        at: at(5),
    })
}

fn requested() -> Event {
    Event::ErasureRequested {
        person: ANN,
        reason: ErasureReason::AskedByPerson,
        ticket: None,
        by: admin(),
        at: at(5),
    }
}

fn blocked(hold: LegalHoldId, at: Timestamp) -> Event {
    Event::ErasureBlocked {
        person: ANN,
        hold,
        at,
    }
}

fn begin(footprint: Footprint) -> Command {
    Command::Erasure(erasure::Command::Begin {
        person: ANN,
        footprint,
        at: at(6),
    })
}

fn begun() -> Event {
    Event::ErasureBegun {
        person: ANN,
        at: at(6),
    }
}

fn report(proof: &[u8]) -> Command {
    Command::Erasure(erasure::Command::Report {
        person: ANN,
        keys_destroyed: 2,
        proof: ContentHash::of(proof),
        at: at(7),
    })
}

fn performed() -> Event {
    Event::ErasurePerformed {
        person: ANN,
        keys_destroyed: 2,
        proof: ContentHash::of(b"receipts"),
        at: at(7),
    }
}

#[test]
fn what_no_rule_is_about_is_kept_for_ever() {
    given::<Retention>([started()])
        .when(delete(Footprint::default(), at(90 * DAY)))
        .rejected(Rejection::KeptForEver {
            content: Content::Recordings,
        });
}

#[test]
fn nothing_is_deleted_before_its_time() {
    let history = [rule(ninety_days()), started()];
    given::<Retention>(history.clone())
        .when(delete(Footprint::default(), at(90 * DAY - 1)))
        .rejected(Rejection::NotDue {
            content: Content::Recordings,
            until: at(90 * DAY),
        });
    given::<Retention>(history)
        .when(delete(Footprint::default(), at(90 * DAY)))
        .then([deleted(at(90 * DAY))]);
}

#[test]
fn a_hold_keeps_what_is_past_its_time_and_only_in_its_scope() {
    let due = at(90 * DAY);
    let history = [
        rule(ninety_days()),
        placed(HOLD, Scope::Journey(JOURNEY)),
        started(),
    ];
    given::<Retention>(history.clone())
        .when(delete(in_journey(), due))
        .then([kept(HOLD, due)]);
    given::<Retention>(history)
        .when(delete(Footprint::of(ANN), due))
        .then([deleted(due)]);
}

#[test]
fn every_scope_covers_what_is_in_it() {
    let call = CallId::new(id(9));
    let footprint = Footprint {
        calls: [call].into(),
        people: [ANN].into(),
        ..in_journey()
    };
    for scope in [
        Scope::Person(ANN),
        Scope::Journey(JOURNEY),
        Scope::Call(call),
        Scope::Tenant,
    ] {
        assert!(scope.covers(&footprint), "{scope:?}");
        assert_eq!(scope.covers(&Footprint::default()), scope == Scope::Tenant);
    }
}

#[test]
fn what_a_released_hold_kept_can_be_deleted_in_the_same_run() {
    let due = at(90 * DAY);
    let history = [
        rule(ninety_days()),
        placed(HOLD, Scope::Tenant),
        started(),
        kept(HOLD, due),
        released(HOLD),
    ];
    given::<Retention>(history)
        .when(delete(in_journey(), due))
        .then([deleted(due)]);
}

#[test]
fn a_run_tells_at_its_end_what_it_did() {
    let due = at(90 * DAY);
    let voicemail = Event::ItemKept {
        run: RUN,
        item: Item::Voicemail(VoicemailId::new(id(7))),
        hold: HOLD,
        at: due,
    };
    let finish = Command::Runs(runs::Command::Finish { run: RUN, at: due });
    given::<Retention>([started(), deleted(due), deleted(due), voicemail])
        .when(finish)
        .then([Event::RunFinished {
            run: RUN,
            tally: Tally {
                deleted: [(Content::Recordings, 1)].into(),
                kept: [(Content::Voicemails, 1)].into(),
            },
            at: due,
        }]);
}

#[test]
fn two_runs_do_not_go_on_at_once() {
    let other = RetentionRunId::new(id(8));
    given::<Retention>([started()])
        .when(Command::Runs(runs::Command::Start {
            run: other,
            at: at(1),
        }))
        .rejected(Rejection::OtherRun { run: RUN });
}

#[test]
fn a_released_hold_is_not_placed_again() {
    given::<Retention>([placed(HOLD, Scope::Tenant), released(HOLD)])
        .when(place(Scope::Tenant))
        .rejected(Rejection::HoldOver { hold: HOLD });
    given::<Retention>([placed(HOLD, Scope::Tenant)])
        .when(place(Scope::Person(ANN)))
        .rejected(Rejection::OtherHold { hold: HOLD });
}

#[test]
fn an_erasure_goes_from_the_request_to_the_proof() {
    given::<Retention>([])
        .when(request(Footprint::default()))
        .then([requested()]);
    given::<Retention>([requested()])
        .when(begin(Footprint::default()))
        .then([begun()]);
    given::<Retention>([requested(), begun()])
        .when(report(b"receipts"))
        .then([performed()]);
    let verify = Command::Erasure(erasure::Command::Verify {
        person: ANN,
        by: admin(),
        at: at(8),
    });
    given::<Retention>([requested(), begun()])
        .when(verify.clone())
        .rejected(Rejection::NotPerformed);
    given::<Retention>([requested(), begun(), performed()])
        .when(verify)
        .then([Event::ErasureVerified {
            person: ANN,
            by: admin(),
            at: at(8),
        }]);
}

#[test]
fn who_is_erased_twice_is_erased_once() {
    given::<Retention>([requested(), begun(), performed()])
        .when(request(Footprint::default()))
        .nothing();
    given::<Retention>([requested(), begun(), performed()])
        .when(report(b"other receipts"))
        .rejected(Rejection::OtherProof);
}

#[test]
fn a_hold_blocks_an_erasure_until_it_is_released() {
    let held = [placed(HOLD, Scope::Journey(JOURNEY))];
    given::<Retention>(held.clone())
        .when(request(in_journey()))
        .then([requested(), blocked(HOLD, at(5))]);
    let [held] = held;
    let waiting = [held, requested(), blocked(HOLD, at(5))];
    given::<Retention>(waiting.clone())
        .when(begin(in_journey()))
        .nothing();
    given::<Retention>([waiting.to_vec(), vec![released(HOLD)]].concat())
        .when(begin(in_journey()))
        .then([begun()]);
    let another = vec![released(HOLD), placed(OTHER_HOLD, Scope::Person(ANN))];
    given::<Retention>([waiting.to_vec(), another].concat())
        .when(begin(Footprint::default()))
        .then([blocked(OTHER_HOLD, at(6))]);
}

#[test]
fn a_hold_that_comes_in_time_stops_an_erasure_and_one_that_comes_late_is_refused() {
    given::<Retention>([requested()])
        .when(place(Scope::Person(ANN)))
        .then([placed(HOLD, Scope::Person(ANN)), blocked(HOLD, at(1))]);
    given::<Retention>([requested()])
        .when(place(Scope::Tenant))
        .then([placed(HOLD, Scope::Tenant), blocked(HOLD, at(1))]);
    given::<Retention>([requested(), begun()])
        .when(place(Scope::Person(ANN)))
        .rejected(Rejection::ErasureUnderWay);
}

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Retention>("retention", &samples());
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<Retention>(&play::<Retention>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Retention>(&events);
        let state = Retention::fold(&events);
        let json = serde_json::to_string(&state).expect("plain data");
        prop_assert_eq!(serde_json::from_str::<State>(&json).expect("as written"), state);
    }

    #[test]
    fn nobody_is_erased_while_a_hold_on_them_stands(commands: Vec<Command>) {
        let mut state = State::default();
        for event in play::<Retention>(commands) {
            if let Event::ErasureBegun { person, .. } = &event {
                prop_assert_eq!(state.held(&Footprint::of(*person)), None);
            }
            state = Retention::evolve(state, &event);
        }
    }
}
