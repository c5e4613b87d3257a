//! Signing in and out, states, groups.

use super::*;

fn choose(state: ProfileState, by: Chooser, second: i64) -> Command {
    let at = at(second);
    StateCommand::Choose { state, by, at }.into()
}

fn choose_next(state: ProfileState, second: i64) -> Command {
    let (by, at) = (Chooser::Agent, at(second));
    StateCommand::ChooseNext { state, by, at }.into()
}

fn sign_out(second: i64) -> Command {
    let (by, at) = (Chooser::Agent, at(second));
    StateCommand::SignOut { by, at }.into()
}

fn queued_lunch() -> Event {
    Event::NextStateQueued {
        state: lunch(),
        by: Chooser::Agent,
        at: at(3),
    }
}

fn set_aside() -> Event {
    Event::SetAside { misses: 3, at: at(4) }
}

fn logged_out(why: LoggedOutBecause, second: i64) -> Event {
    Event::GroupsLoggedOut {
        groups: BTreeSet::from([SALES]),
        why,
        at: at(second),
    }
}

#[test]
fn a_state_logs_in_to_its_groups_and_out_of_the_others() {
    given::<Agent>(signed_in())
        .when(choose(ready(), Chooser::Agent, 0))
        .then([
            Event::StateChosen {
                state: ready(),
                by: Chooser::Agent,
                queued_at: None,
                at: at(0),
            },
            Event::GroupsLoggedIn {
                groups: BTreeSet::from([SALES]),
                at: at(0),
            },
        ]);
    given::<Agent>(at_work())
        .when(choose(lunch(), Chooser::Supervisor(CAROL), 5))
        .then([
            Event::StateChosen {
                state: lunch(),
                by: Chooser::Supervisor(CAROL),
                queued_at: None,
                at: at(5),
            },
            logged_out(LoggedOutBecause::StateChosen, 5),
        ]);
}

#[test]
fn membership_and_log_in_are_two_facts() {
    let other = GroupId::new(id(9));
    let both = state(12, "Both", StateKind::Available, &[SALES, other]);
    let history = after(signed_in(), [chose(both)]);
    let state = Agent::fold(&history);
    assert_eq!(
        state.logged_in(),
        &BTreeSet::new(),
        "a state alone logs in to nothing"
    );

    given::<Agent>(history)
        .when(
            SetupCommand::JoinGroup {
                group: other,
                priority: 2,
                by: admin(),
                at: at(1),
            }
            .into(),
        )
        .then([
            Event::GroupJoined {
                group: other,
                priority: 2,
                by: admin(),
                at: at(1),
            },
            Event::GroupsLoggedIn {
                groups: BTreeSet::from([other]),
                at: at(1),
            },
        ]);
    given::<Agent>(at_work())
        .when(
            SetupCommand::LeaveGroup {
                group: SALES,
                by: admin(),
                at: at(1),
            }
            .into(),
        )
        .then([
            Event::GroupLeft {
                group: SALES,
                by: admin(),
                at: at(1),
            },
            logged_out(LoggedOutBecause::MembershipEnded, 1),
        ]);
}

#[test]
fn a_state_of_another_profile_is_refused() {
    let asked = ProfileId::new(id(99));
    let foreign = ProfileState {
        profile: asked,
        ..ready()
    };
    given::<Agent>(at_work())
        .when(choose(foreign, Chooser::Agent, 0))
        .rejected(Rejection::OtherProfile {
            assigned: PROFILE,
            asked,
        });
}

#[test]
fn being_on_a_call_never_changes_the_chosen_state() {
    let state = Agent::fold(&after(at_work(), [offered_ann(terms()), accepted_ann()]));
    assert_eq!(state.chosen(), Some(&ready()));
    let doing: Vec<_> = state.activities().collect();
    assert_eq!(doing, [(Contact::Call(ANN), Activity::OnCall)]);
}

#[test]
fn an_outbound_call_that_nobody_answers_leaves_a_break_a_break() {
    let dialled = Event::Begun {
        contact: Contact::Call(BEN),
        channel: WorkChannel::Voice,
        units: one(),
        terms: terms(),
        at: at(1),
    };
    let history = after(signed_in(), [chose(lunch()), registered(PHONE), dialled]);
    let unanswered = Event::Released {
        contact: Contact::Call(BEN),
        offer: None,
        outcome: Outcome::Unanswered,
        at: at(30),
    };
    given::<Agent>(history.clone())
        .when(
            WorkCommand::GiveUp {
                contact: Contact::Call(BEN),
                holding: Holding::Begun(at(1)),
                at: at(30),
            }
            .into(),
        )
        .then([unanswered.clone()]);
    let state = Agent::fold(&after(history, [unanswered]));
    assert_eq!(state.chosen(), Some(&lunch()));
}

#[test]
fn who_was_never_connected_writes_no_notes() {
    let taken = after(at_work(), [offered_ann(with_code()), accepted_ann()]);
    let give_up = |holding, second| {
        let contact = Contact::Call(ANN);
        WorkCommand::GiveUp {
            contact,
            holding,
            at: at(second),
        }
        .into()
    };
    let earlier = Holding::Begun(at(-9));
    given::<Agent>(taken.clone()).when(give_up(earlier, 9)).nothing();
    given::<Agent>(taken)
        .when(give_up(Holding::Offered(FIRST), 9))
        .then([released_ann(Outcome::NotConnected, 9)]);
}

#[test]
fn a_callback_taken_becomes_the_call_that_is_placed_for_it() {
    let callback = CallbackId::new(id(23));
    let reserved = reserved(FIRST, Contact::Callback(callback), voice(), 1);
    let accepted = Event::Accepted {
        offer: FIRST,
        contact: Contact::Callback(callback),
        at: at(2),
    };
    let rang_back = Event::RangBack {
        callback,
        call: ANN,
        at: at(3),
    };
    let ring_back = WorkCommand::RingBack {
        callback,
        holding: Holding::Offered(FIRST),
        call: ANN,
        at: at(3),
    };
    let taken = after(at_work(), [reserved, accepted]);
    given::<Agent>(taken.clone())
        .when(ring_back.clone().into())
        .then([rang_back.clone()]);
    // The time for notes is what the queue's terms say.
    given::<Agent>(after(taken.clone(), [rang_back]))
        .when(end(ANN, 60))
        .then([Event::WrapUpStarted {
            contact: Contact::Call(ANN),
            until: at(90),
            code_required: false,
            at: at(60),
        }]);
    // Who has the call in hand already only puts the promise down.
    let begun = Event::Begun {
        contact: Contact::Call(ANN),
        channel: WorkChannel::Voice,
        units: one(),
        terms: terms(),
        at: at(2),
    };
    given::<Agent>(after(taken, [begun]))
        .when(ring_back.into())
        .then([Event::Released {
            contact: Contact::Callback(callback),
            offer: Some(FIRST),
            outcome: Outcome::Finished,
            at: at(3),
        }]);
}

#[test]
fn whoever_goes_to_lunch_while_it_rings_has_missed_nothing() {
    let rung = after(at_work(), [offered_ann(terms())]);
    given::<Agent>(rung)
        .when(choose(lunch(), Chooser::Agent, 3))
        .then([
            Event::StateChosen {
                state: lunch(),
                by: Chooser::Agent,
                queued_at: None,
                at: at(3),
            },
            logged_out(LoggedOutBecause::StateChosen, 3),
            released_ann(Outcome::Away, 3),
        ]);
}

#[test]
fn the_next_state_waits_until_the_agent_is_free() {
    let busy = after(at_work(), [offered_ann(terms()), accepted_ann()]);
    given::<Agent>(busy)
        .when(choose_next(lunch(), 3))
        .then([queued_lunch()]);

    let without_notes = Terms {
        wrap_up: None,
        ..terms()
    };
    given::<Agent>(after(
        at_work(),
        [offered_ann(without_notes), accepted_ann(), queued_lunch()],
    ))
    .when(end(ANN, 60))
    .then([
        released_ann(Outcome::Finished, 60),
        Event::StateChosen {
            state: lunch(),
            by: Chooser::Agent,
            queued_at: Some(at(3)),
            at: at(60),
        },
        logged_out(LoggedOutBecause::StateChosen, 60),
    ]);
}

#[test]
fn the_next_state_can_be_taken_back_and_is_overruled_by_one_that_holds_at_once() {
    let waiting = after(at_work(), [offered_ann(terms()), accepted_ann(), queued_lunch()]);
    given::<Agent>(waiting.clone())
        .when(StateCommand::DropNext { at: at(4) }.into())
        .then([Event::NextStateDropped {
            why: NextDropped::TakenBack,
            at: at(4),
        }]);
    given::<Agent>(waiting.clone())
        .when(choose(ready(), Chooser::Agent, 5))
        .then([Event::NextStateDropped {
            why: NextDropped::Superseded,
            at: at(5),
        }]);
    given::<Agent>(waiting)
        .when(choose_next(ready(), 5))
        .then([Event::NextStateDropped {
            why: NextDropped::Superseded,
            at: at(5),
        }]);
}

#[test]
fn nothing_more_is_offered_before_a_break_that_is_next() {
    let one_chat = reserved(FIRST, Contact::Conversation(CHAT), chat(), 1);
    given::<Agent>(after(at_work(), [one_chat, queued_lunch()]))
        .when(reserve(
            SECOND,
            Contact::Conversation(ConversationId::new(id(23))),
            chat(),
            4,
        ))
        .rejected(unavailable([Obstacle::LeavingSoon { label: text("Lunch") }]));
}

#[test]
fn a_next_state_never_makes_an_agent_available_who_signed_out() {
    let back_to_work = Event::NextStateQueued {
        state: ready(),
        by: Chooser::Agent,
        at: at(3),
    };
    let history = after(
        signed_in(),
        [chose(lunch()), offered_ann(terms()), accepted_ann(), back_to_work],
    );
    let out = [
        Event::SignedOut {
            by: Chooser::Agent,
            at: at(4),
        },
        Event::NextStateDropped {
            why: NextDropped::SignedOut,
            at: at(4),
        },
    ];
    given::<Agent>(history.clone())
        .when(sign_out(4))
        .then(out.clone());
    given::<Agent>(after(history.clone(), out.clone()))
        .when(end(ANN, 60))
        .then([released_ann(Outcome::Finished, 60)]);
    given::<Agent>(after(history, out))
        .when(choose(ready(), Chooser::Supervisor(CAROL), 61))
        .rejected(Rejection::SignedOut);
}

#[test]
fn whoever_signs_out_loses_offers_and_groups_and_keeps_the_call() {
    let chat_offer = reserved(SECOND, Contact::Conversation(CHAT), chat(), 1);
    given::<Agent>(after(at_work(), [chat_offer]))
        .when(sign_out(9))
        .then([
            Event::SignedOut {
                by: Chooser::Agent,
                at: at(9),
            },
            logged_out(LoggedOutBecause::SignedOut, 9),
            Event::Released {
                contact: Contact::Conversation(CHAT),
                offer: Some(SECOND),
                outcome: Outcome::Away,
                at: at(9),
            },
        ]);
    let on_call = after(at_work(), [offered_ann(terms()), accepted_ann()]);
    given::<Agent>(on_call).when(sign_out(9)).then([
        Event::SignedOut {
            by: Chooser::Agent,
            at: at(9),
        },
        logged_out(LoggedOutBecause::SignedOut, 9),
    ]);
}

#[test]
fn a_persons_choice_ends_being_set_aside_and_a_process_cannot() {
    let aside = after(at_work(), [set_aside()]);
    given::<Agent>(aside.clone())
        .when(choose(ready(), Chooser::Agent, 9))
        .then([Event::Returned {
            by: Chooser::Agent,
            at: at(9),
        }]);
    given::<Agent>(aside.clone())
        .when(choose(ready(), Chooser::Process(text("start-of-shift")), 9))
        .nothing();
    given::<Agent>(aside)
        .when(reserve(FIRST, Contact::Call(ANN), voice(), 9))
        .rejected(unavailable([Obstacle::SetAside { misses: 3 }]));
}

#[test]
fn another_profile_drops_what_waited_and_keeps_what_was_chosen() {
    let busy = after(at_work(), [offered_ann(terms()), accepted_ann(), queued_lunch()]);
    let profile = ProfileId::new(id(99));
    let by = admin();
    given::<Agent>(busy)
        .when(
            SetupCommand::AssignProfile {
                profile,
                by,
                at: at(9),
            }
            .into(),
        )
        .then([
            Event::ProfileAssigned {
                profile,
                by: admin(),
                at: at(9),
            },
            Event::NextStateDropped {
                why: NextDropped::OtherProfile,
                at: at(9),
            },
        ]);
}
