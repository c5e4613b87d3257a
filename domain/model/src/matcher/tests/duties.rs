use std::num::NonZeroU8;

use super::*;
use crate::ids::{CallbackId, SoundId};
use crate::queue::{Announcements, Comfort, Expulsion, LeftBecause, Overflow};

fn left(hall: &Hall) -> Vec<(EntryId, LeftBecause)> {
    let left = hall.log.iter().filter_map(|event| match event {
        AnyEvent::Queue(_, Event::Left { entry, why, .. }) => Some((*entry, why.clone())),
        _ => None,
    });
    left.collect()
}

fn callbacks() -> queue::Callbacks {
    queue::Callbacks {
        offer_after_ms: Millis::from_secs(60),
        attempts: NonZeroU8::MIN,
        retry_ms: Millis::from_secs(300),
    }
}

#[test]
fn who_waited_too_long_is_sent_on_in_that_moment() {
    let mut settings = plain(Strategy::LongestIdle);
    let to = Some(QueueId::new(id(901)));
    let after_ms = Millis::from_secs(60);
    settings.waiting.overflow = Some(Overflow { to, after_ms });
    let mut hall = Hall::new(settings.clone());
    hall.enter(ANN);
    hall.pass(at(59));
    assert_eq!(left(&hall), []);
    hall.pass(at(60));
    assert_eq!(left(&hall), [(ANN, LeftBecause::Overflowed { to })]);
    settings.waiting.overflow = None;
    settings.waiting.max_wait_ms = Some(after_ms);
    hall.configure(settings);
    hall.enter(BEN);
    hall.pass(at(120));
    assert_eq!(left(&hall)[1..], [(BEN, LeftBecause::MaxWait)]);
    assert_eq!(hall.refusals, []);
}

#[test]
fn who_is_being_rung_for_may_still_be_answered_and_leaves_if_not() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.waiting.max_wait_ms = Some(Millis::from_secs(60));
    let mut hall = Hall::new(settings);
    hall.enter(ANN);
    hall.pass(at(55));
    hall.staff(BOB, &[SALES]);
    hall.pass(at(65));
    assert_eq!(left(&hall), []);
    hall.staff(DAN, &[SALES]);
    hall.miss(ANN);
    assert_eq!(left(&hall), [(ANN, LeftBecause::MaxWait)]);
    assert_eq!(hall.chosen(), [(ANN, BOB)], "nobody else is rung");
    assert_eq!(hall.refusals, []);
}

#[test]
fn a_place_kept_for_a_callback_has_no_limit() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.waiting.max_wait_ms = Some(Millis::from_secs(90));
    settings.waiting.callback = Some(callbacks());
    settings.waiting.leave_when_nobody_logged_in = true;
    let mut hall = Hall::new(settings);
    hall.staff(BOB, &[BACKUP]);
    hall.choose(BOB, "Ready", StateKind::Available);
    hall.enter_with(ANN, None, french(SkillLevel::GURU, &[]), None);
    hall.pass(at(60));
    let (callback, at_60) = (CallbackId::new(id(70)), hall.now);
    hall.tell(EntryCommand::ChooseCallback {
        entry: ANN,
        callback,
        at: at_60,
    });
    hall.tell_agent(
        BOB,
        crate::agent::StateCommand::SignOut {
            by: Chooser::Agent,
            at: at_60,
        },
    );
    hall.pass(at(1000));
    assert_eq!(left(&hall), []);
    assert_eq!(hall.refusals, []);
}

#[test]
fn callers_leave_when_nobody_is_there_for_longer_than_a_change_of_state_takes() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.waiting.leave_when_nobody_logged_in = true;
    let mut hall = Hall::new(settings.clone());
    hall.staff(BOB, &[SALES]);
    hall.enter_with(ANN, None, french(SkillLevel::GURU, &[]), None);
    hall.pass(at(10));
    assert_eq!(left(&hall), []);
    hall.tell_agent(
        BOB,
        crate::agent::StateCommand::SignOut {
            by: Chooser::Agent,
            at: at(10),
        },
    );
    assert_eq!(left(&hall), [], "he may come back at once");
    hall.pass(at(10).plus(NOBODY_FOR));
    assert_eq!(left(&hall), [(ANN, LeftBecause::NobodyLoggedIn)]);
    hall.enter(BEN);
    assert_eq!(left(&hall)[1..], [(BEN, LeftBecause::NobodyLoggedIn)]);
    settings.waiting.leave_when_nobody_logged_in = false;
    settings.waiting.leave_when_nobody_available = true;
    hall.configure(settings);
    hall.tell_agent(
        BOB,
        crate::agent::StateCommand::SignIn {
            by: Chooser::Agent,
            at: hall.now,
        },
    );
    hall.choose(BOB, "Lunch", StateKind::Away);
    hall.enter(CAT);
    assert_eq!(left(&hall)[2..], [(CAT, LeftBecause::NobodyAvailable)]);
    assert_eq!(hall.refusals, []);
}

#[test]
fn an_expulsion_that_came_too_late_is_not_repeated_at_once() {
    let mut settings = plain(Strategy::LongestIdle);
    settings.waiting.max_wait_ms = Some(Millis::from_secs(60));
    let mut hall = Hall::new(settings);
    hall.enter(ANN);
    // Ann hung up, and the matcher hears of it late.
    let leave = EntryCommand::Leave {
        entry: ANN,
        why: queue::Departure::Abandoned,
        at: at(59),
    };
    let news = hall.ask(leave.into()).expect("she waits");
    hall.pass(at(60));
    let expelled = hall.said.iter().filter(|output| match output {
        Output::Command(Command::Owner {
            command: OwnerCommand::Expel { why, .. },
            ..
        }) => *why == Expulsion::MaxWait,
        _ => false,
    });
    assert_eq!(expelled.count(), 1);
    hall.hear(news);
    assert_eq!(hall.matcher.poll_timeout().map(|next| next > at(61)), Some(true));
}

fn told(hall: &Hall) -> Vec<(u32, Announcement)> {
    let told = hall.said.iter().filter_map(|output| match output {
        Output::Announce {
            nth, announcement, ..
        } => Some((nth.0, *announcement)),
        _ => None,
    });
    told.collect()
}

fn telling() -> Settings {
    let mut settings = plain(Strategy::LongestIdle);
    settings.told.announcements = Some(Announcements {
        position: true,
        estimated_wait: true,
        first_after_ms: Millis::from_secs(15),
        every_ms: Millis::from_secs(60),
    });
    settings.told.comfort = None;
    settings
}

#[test]
fn callers_are_told_their_place_and_a_worse_one_only_if_it_stays_so() {
    let mut hall = Hall::new(telling());
    hall.enter(ANN);
    let vips = [BEN, CAT];
    for entry in vips {
        hall.pass(hall.now.plus(Millis::from_secs(20)));
        hall.enter_with(entry, Some(Priority::HIGHEST), Few::none(), None);
    }
    hall.pass(at(190));
    let place = |place| Announcement::Position { place };
    let to_ann = hall.said.iter().filter_map(|output| match output {
        Output::Announce {
            entry,
            nth,
            announcement,
        } if *entry == ANN => Some((nth.0, *announcement)),
        _ => None,
    });
    assert_eq!(
        to_ann.collect::<Vec<_>>(),
        [(1, place(1)), (2, place(3))],
        "at 15 s, kept back at 75 s, at 135 s"
    );
}

#[test]
fn comforting_words_take_turns_and_nobody_hears_them_while_an_agent_is_rung() {
    let mut settings = telling();
    settings.told.announcements = None;
    let sounds = [SoundId::new(id(80)), SoundId::new(id(81))];
    settings.told.comfort = Some(Comfort {
        sounds: Few::first(sounds),
        every_ms: Millis::from_secs(30),
    });
    settings.offers.ring_ms = Millis::from_secs(20);
    let mut hall = Hall::new(settings);
    hall.enter(ANN);
    hall.pass(at(65));
    let sound = |n: usize| Announcement::Comfort { sound: sounds[n] };
    assert_eq!(told(&hall), [(1, sound(0)), (2, sound(1))]);
    hall.pass(at(85));
    hall.staff(BOB, &[SALES]);
    hall.pass(at(92));
    assert_eq!(told(&hall).len(), 2);
    hall.miss(ANN);
    hall.staff(DAN, &[]);
    hall.pass(at(95));
    assert_eq!(told(&hall).len(), 2, "what was left out is not made up for");
}

#[test]
fn a_way_out_is_offered_once_and_after_a_restart_too_if_the_call_never_heard() {
    let mut settings = telling();
    settings.told.announcements = None;
    settings.waiting.callback = Some(callbacks());
    let mut hall = Hall::new(settings);
    hall.enter(ANN);
    hall.pass(at(600));
    assert_eq!(hall.heard(), [Output::OfferCallback { entry: ANN }]);
    let call = CallId::new(ANN.uuid());
    let offered = crate::call::Event::CallbackOffered {
        callback: CallbackId::new(id(70)),
        entry: Some(ANN),
        queue: QUEUE,
        at: hall.now,
    };
    let restart = |log: &[AnyEvent]| {
        let mut restarted = Matcher::new(QUEUE, config("node-1"));
        log.iter().for_each(|event| restarted.fold(event));
        restarted.handle_timeout(at(601));
        std::iter::from_fn(|| restarted.poll_output()).collect::<Vec<_>>()
    };
    assert_eq!(restart(&hall.log), [Output::OfferCallback { entry: ANN }]);
    hall.log.push(AnyEvent::Call(call, offered));
    assert_eq!(restart(&hall.log), []);
}

#[test]
fn after_a_restart_announcements_are_numbered_on() {
    let mut hall = Hall::new(telling());
    hall.enter(ANN);
    hall.pass(at(80));
    assert_eq!(told(&hall).len(), 2);
    let played = crate::call::Event::AnnouncementPlayed {
        entry: ANN,
        nth: Nth(2),
        announcement: Announcement::Position { place: 1 },
        at: hall.now,
    };
    hall.log.push(AnyEvent::Call(CallId::new(ANN.uuid()), played));
    let mut restarted = Matcher::new(QUEUE, config("node-1"));
    hall.log.iter().for_each(|event| restarted.fold(event));
    restarted.handle_timeout(hall.now);
    hall.matcher = restarted;
    hall.pass(at(135));
    assert_eq!(told(&hall)[2..], [(3, Announcement::Position { place: 1 })]);
}

#[test]
fn callers_are_told_how_long_it_may_take_once_enough_is_known() {
    let mut hall = Hall::new(telling());
    for n in 0..30 {
        let entry = EntryId::new(id(1000 + n));
        hall.enter(entry);
        hall.pass(hall.now.plus(Millis::from_secs(40)));
        hall.staff(BOB, &[SALES]);
        hall.answer(entry);
        hall.hang_up(entry);
        hall.tell_agent(
            BOB,
            crate::agent::StateCommand::SignOut {
                by: Chooser::Agent,
                at: hall.now,
            },
        );
    }
    hall.said.clear();
    hall.enter(ANN);
    hall.pass(hall.now.plus(Millis::from_secs(15)));
    let wait_ms = Millis::from_secs(40);
    let estimates: Vec<_> = told(&hall).into_iter().map(|(_, told)| told).collect();
    assert_eq!(
        estimates,
        [
            Announcement::Position { place: 1 },
            Announcement::EstimatedWait { wait_ms }
        ]
    );
}

#[test]
fn what_the_routing_policy_has_a_caller_told_takes_the_place_of_the_settings() {
    let mut settings = telling();
    settings.told.comfort = Some(Comfort {
        sounds: Few::first([SoundId::new(id(80))]),
        every_ms: Millis::from_secs(5),
    });
    let mut hall = Hall::new(settings);
    let own = PolicyTold {
        position: true,
        estimated_wait: false,
        first_after_ms: Millis::from_secs(10),
        every_ms: Millis::from_secs(20),
        speeches: 2,
    };
    hall.enter_told(ANN, own);
    hall.pass(at(55));
    let speech = |place| Announcement::Speech { place };
    let place = Announcement::Position { place: 1 };
    let wanted = [place, speech(0), place, speech(1), place, speech(0)];
    let heard: Vec<_> = told(&hall).into_iter().map(|(_, heard)| heard).collect();
    assert_eq!(heard, wanted, "at 10 s, 30 s and 50 s");
}
