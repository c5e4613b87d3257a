//! Calls in hand and the notes after them.

use super::*;

const CONTACT: Contact = Contact::Call(ANN);

fn wrapping_up(terms: Terms) -> Vec<Event> {
    let code_required = terms.wrap_up.is_some_and(|w| w.code_required);
    let started = Event::WrapUpStarted {
        contact: CONTACT,
        until: at(90),
        code_required,
        at: at(60),
    };
    after(at_work(), [offered_ann(terms), accepted_ann(), started])
}

fn ended(how: WrapUpEnd, second: i64) -> Event {
    Event::WrapUpEnded {
        contact: CONTACT,
        how,
        at: at(second),
    }
}

fn end_wrap_up(by: Chooser, second: i64) -> Command {
    WrapUpCommand::End {
        contact: CONTACT,
        by,
        at: at(second),
    }
    .into()
}

fn extend(second: i64, until: i64) -> Command {
    WrapUpCommand::Extend {
        contact: CONTACT,
        until: at(until),
        by: Chooser::Agent,
        at: at(second),
    }
    .into()
}

fn disposed(second: i64) -> Event {
    Event::Dispositioned {
        contact: CONTACT,
        code: CODE,
        at: at(second),
    }
}

fn failed() -> Event {
    Event::WrapUpFailed {
        contact: CONTACT,
        at: at(90),
    }
}

#[test]
fn a_call_is_held_and_resumed_by_whoever_is_on_it() {
    let holding = Holding::Offered(FIRST);
    let hold: Command = WorkCommand::Hold {
        call: ANN,
        holding,
        at: at(5),
    }
    .into();
    let held = Event::Held { call: ANN, at: at(5) };
    let on_call = after(at_work(), [offered_ann(terms()), accepted_ann()]);
    given::<Agent>(on_call.clone())
        .when(hold.clone())
        .then([held.clone()]);
    given::<Agent>(after(on_call, [held]))
        .when(
            WorkCommand::Resume {
                call: ANN,
                holding,
                at: at(6),
            }
            .into(),
        )
        .then([Event::Resumed { call: ANN, at: at(6) }]);
    given::<Agent>(at_work())
        .when(hold)
        .rejected(Rejection::NotInHand { contact: CONTACT });
}

#[test]
fn notes_keep_the_capacity_until_they_end() {
    given::<Agent>(after(at_work(), [offered_ann(terms()), accepted_ann()]))
        .when(end(ANN, 60))
        .then([Event::WrapUpStarted {
            contact: CONTACT,
            until: at(90),
            code_required: false,
            at: at(60),
        }]);
    given::<Agent>(wrapping_up(terms()))
        .when(reserve(SECOND, Contact::Call(BEN), voice(), 61))
        .rejected(unavailable([Obstacle::Full {
            channel: WorkChannel::Voice,
            taken: 1,
            limit: 1,
        }]));
    given::<Agent>(wrapping_up(terms()))
        .when(Command::Lapse { at: at(90) })
        .then([ended(WrapUpEnd::TimeUp, 90), released_ann(Outcome::Finished, 90)]);
}

#[test]
fn whoever_never_had_the_contact_gets_no_notes_to_write() {
    given::<Agent>(after(at_work(), [offered_ann(terms())]))
        .when(end(ANN, 9))
        .then([released_ann(Outcome::CallerGone, 9)]);
    given::<Agent>(at_work()).when(end(ANN, 9)).nothing();
    given::<Agent>(at_work())
        .when(extend(9, 40))
        .rejected(Rejection::NotInHand { contact: CONTACT });
}

#[test]
fn notes_are_made_longer_but_neither_shorter_nor_endless() {
    given::<Agent>(wrapping_up(terms()))
        .when(extend(80, 120))
        .then([Event::WrapUpExtended {
            contact: CONTACT,
            until: at(120),
            by: Chooser::Agent,
            at: at(80),
        }]);
    for wrong in [89, 60 + 4 * 3600 + 1] {
        given::<Agent>(wrapping_up(terms()))
            .when(extend(80, wrong))
            .rejected(Rejection::WrapUpDeadline {
                until: at(wrong),
                earliest: at(90),
                latest: at(60 + 4 * 3600),
            });
    }
}

#[test]
fn the_agent_owes_the_code_and_the_supervisor_does_not() {
    given::<Agent>(wrapping_up(with_code()))
        .when(end_wrap_up(Chooser::Agent, 70))
        .rejected(Rejection::CodeMissing { contact: CONTACT });
    let carol = Chooser::Supervisor(CAROL);
    given::<Agent>(wrapping_up(with_code()))
        .when(end_wrap_up(carol.clone(), 70))
        .then([
            ended(WrapUpEnd::Ended(carol), 70),
            released_ann(Outcome::Finished, 70),
        ]);
    given::<Agent>(after(wrapping_up(with_code()), [disposed(70)]))
        .when(end_wrap_up(Chooser::Agent, 71))
        .then([
            ended(WrapUpEnd::Ended(Chooser::Agent), 71),
            released_ann(Outcome::Finished, 71),
        ]);
}

#[test]
fn a_wrap_up_whose_code_is_missing_fails_until_the_code_is_given() {
    given::<Agent>(wrapping_up(with_code()))
        .when(Command::Lapse { at: at(90) })
        .then([failed()]);
    let late = after(wrapping_up(with_code()), [failed()]);
    let doing: Vec<_> = Agent::fold(&late).activities().collect();
    assert_eq!(doing, [(CONTACT, Activity::WrapUpFailed)]);
    given::<Agent>(late.clone())
        .when(Command::Lapse { at: at(900) })
        .nothing();
    let given_late = after(late, [disposed(95)]);
    assert_eq!(Agent::fold(&given_late).next_deadline(), Some(at(95)));
    given::<Agent>(given_late)
        .when(Command::Lapse { at: at(95) })
        .then([ended(WrapUpEnd::TimeUp, 95), released_ann(Outcome::Finished, 95)]);
}

#[test]
fn a_code_given_during_the_call_counts() {
    let dispose: Command = WrapUpCommand::Dispose {
        contact: CONTACT,
        holding: Holding::Offered(FIRST),
        code: CODE,
        at: at(5),
    }
    .into();
    given::<Agent>(after(at_work(), [offered_ann(with_code()), accepted_ann()]))
        .when(dispose.clone())
        .then([disposed(5)]);
    given::<Agent>(after(at_work(), [offered_ann(with_code())]))
        .when(dispose)
        .rejected(Rejection::WrongActivity {
            contact: CONTACT,
            activity: Activity::Offered,
        });
}

#[test]
fn signing_out_ends_notes_but_not_calls() {
    given::<Agent>(wrapping_up(with_code()))
        .when(
            StateCommand::SignOut {
                by: Chooser::Agent,
                at: at(70),
            }
            .into(),
        )
        .then([
            Event::SignedOut {
                by: Chooser::Agent,
                at: at(70),
            },
            Event::GroupsLoggedOut {
                groups: BTreeSet::from([SALES]),
                why: LoggedOutBecause::SignedOut,
                at: at(70),
            },
            ended(WrapUpEnd::SignedOut, 70),
            released_ann(Outcome::Finished, 70),
        ]);
}

#[test]
fn late_news_of_an_earlier_time_in_hand_changes_nothing_of_a_newer_one() {
    let again = Event::Begun {
        contact: CONTACT,
        channel: WorkChannel::Voice,
        units: one(),
        terms: terms(),
        at: at(70),
    };
    let before = [
        offered_ann(terms()),
        accepted_ann(),
        released_ann(Outcome::Finished, 60),
    ];
    let history = after(after(at_work(), before), [again]);
    let (call, holding, at) = (ANN, Holding::Offered(FIRST), at(71));
    let hold = WorkCommand::Hold { call, holding, at };
    let dispose = WrapUpCommand::Dispose {
        contact: CONTACT,
        holding,
        code: CODE,
        at,
    };
    given::<Agent>(history.clone()).when(end(ANN, 71)).nothing();
    given::<Agent>(history.clone()).when(hold.into()).nothing();
    given::<Agent>(history).when(dispose.into()).nothing();
}
