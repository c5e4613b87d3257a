//! Settings, opening and closing by hand, retiring.

use super::*;
use crate::agent::WrapUp;
use crate::ids::GroupId;
use std::num::NonZeroU16;

fn configure(settings: Settings) -> Command {
    SetupCommand::Configure {
        settings: Box::new(settings),
        by: carol(),
        at: at(0),
    }
    .into()
}

fn tier(group: u128, after: u32) -> Tier {
    Tier {
        groups: BTreeSet::from([GroupId::new(id(group))]),
        after_ms: Millis::from_secs(after),
    }
}

fn enter(second: i64) -> Command {
    EntryCommand::Enter {
        returned: None,
        entry: ANN,
        contact: call(ANN),
        channel: WorkChannel::Voice,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(second),
        at: at(second),
    }
    .into()
}

#[test]
fn settings_have_a_version_and_the_same_again_is_no_news() {
    given::<Queue>([])
        .when(configure(plain()))
        .then([Event::Configured {
            settings: Box::new(plain()),
            version: 1,
            by: carol(),
            at: at(0),
        }]);
    given::<Queue>([configured(plain())])
        .when(configure(plain()))
        .nothing();
    given::<Queue>([configured(plain())])
        .when(configure(ring_all()))
        .then([Event::Configured {
            settings: Box::new(ring_all()),
            version: 2,
            by: carol(),
            at: at(0),
        }]);
}

const DAY: Millis = Millis::from_secs(86_400);

/// Expects that the sample's settings are refused once they are changed, with the field's name.
fn refused(field: &str, change: impl FnOnce(&mut Settings)) {
    let mut settings = sample_settings();
    assert_eq!(settings.check(), Ok(()));
    change(&mut settings);
    let found = settings.check().expect_err(field);
    assert!(
        found.iter().any(|wrong| wrong.field == field),
        "{field}: {found:?}"
    );
}

#[test]
fn a_queue_without_a_way_in_or_out_is_refused_with_its_field() {
    refused("channels", |s| s.channels.clear());
    refused("tiers", |s| s.tiers = Few::none());
    refused("tiers.after_ms", |s| s.tiers = Few::first([tier(1, 5)]));
    refused("tiers.after_ms", |s| {
        s.tiers = Few::first([tier(1, 0), tier(2, 0)])
    });
    refused("tiers.groups", |s| s.tiers = Few::first([tier(1, 0), tier(1, 9)]));
    let empty = Tier {
        groups: BTreeSet::new(),
        after_ms: Millis(0),
    };
    refused("tiers.groups", |s| s.tiers = Few::first([empty]));
}

fn callbacks(offer_after: u64, attempts: u8, retry: u64) -> Callbacks {
    Callbacks {
        offer_after_ms: Millis(offer_after),
        attempts: NonZeroU8::new(attempts).expect("some calls"),
        retry_ms: Millis(retry),
    }
}

#[test]
fn waiting_that_cannot_be_is_refused_with_its_field() {
    let (every_ms, by) = (Millis(0), NonZeroU8::MIN);
    refused("waiting.ageing.every_ms", |s| {
        s.waiting.ageing = Some(Ageing { every_ms, by })
    });
    refused("waiting.max_length", |s| {
        s.waiting.max_length = NonZeroU32::new(10_001)
    });
    refused("waiting.max_wait_ms", |s| s.waiting.max_wait_ms = Some(Millis(0)));
    refused("waiting.callback.offer_after_ms", |s| {
        s.waiting.callback = Some(callbacks(59_999, 3, 900_000));
    });
    // What begins only when everybody has left never begins.
    refused("waiting.callback.offer_after_ms", |s| {
        s.waiting.max_wait_ms = s.waiting.callback.map(|callback| callback.offer_after_ms);
    });
    refused("waiting.callback.attempts", |s| {
        s.waiting.callback = Some(callbacks(60_000, 21, 900_000));
    });
    refused("waiting.callback.retry_ms", |s| {
        s.waiting.callback = Some(callbacks(60_000, 3, 59_999));
    });
    refused("waiting.overflow.after_ms", |s| {
        s.waiting.max_wait_ms = Some(Millis::from_secs(600));
    });
}

#[test]
fn announcements_that_say_nothing_or_never_are_refused_with_their_field() {
    let announcements = |every_ms, position| {
        Some(Announcements {
            position,
            estimated_wait: false,
            first_after_ms: Millis(0),
            every_ms,
        })
    };
    refused("told.announcements", |s| {
        s.told.announcements = announcements(DAY, false)
    });
    refused("told.announcements.every_ms", |s| {
        s.told.announcements = announcements(DAY, true)
    });
    let silence = Comfort {
        sounds: Few::none(),
        every_ms: Millis::from_secs(60),
    };
    refused("told.comfort.sounds", |s| s.told.comfort = Some(silence));
}

#[test]
fn offers_and_goals_that_nobody_can_meet_are_refused_with_their_field() {
    refused("offers.units", |s| s.offers.units = NonZeroU16::MAX);
    refused("offers.ring_ms", |s| s.offers.ring_ms = Millis(2_999));
    refused("offers.ring_ms", |s| s.offers.ring_ms = DAY);
    let last_agent = LastAgent {
        within_ms: DAY,
        wait_ms: Millis(0),
    };
    refused("offers.last_agent.wait_ms", |s| {
        s.offers.last_agent = Some(last_agent)
    });
    let notes = WrapUp {
        length_ms: DAY,
        code_required: false,
    };
    refused("offers.wrap_up.length_ms", |s| s.offers.wrap_up = Some(notes));
    refused("offers.cooldown_ms", |s| s.offers.cooldown_ms = Some(DAY));
    refused("goals.answer_within_ms", |s| s.goals.answer_within_ms = Millis(0));
    refused("goals.short_abandon_ms", |s| s.goals.short_abandon_ms = DAY);
}

#[test]
fn everything_wrong_is_said_at_once_and_in_words() {
    let mut settings = sample_settings();
    settings.offers.ring_ms = Millis(1);
    settings.goals.short_abandon_ms = Millis::from_secs(7200);
    let refused = Queue::decide(&State::default(), configure(settings)).expect_err("two wrong values");
    assert_eq!(
        refused.to_string(),
        "wrong settings: offers.ring_ms must be from 3000 ms to 3600000 ms, not 1 ms; goals.short_abandon_ms must \
         be from 0 ms to 3600000 ms, not 7200000 ms"
    );
}

#[test]
fn groups_join_in_tier_by_tier() {
    let settings = plain();
    let one = settings.groups_after(Millis(44_999));
    let two = settings.groups_after(Millis(45_000));
    assert_eq!((one.len(), two.len()), (1, 2));
    assert!(one.is_subset(&two));
}

#[test]
fn who_waited_before_goes_on_waiting_whatever_the_door_and_the_line_are_like() {
    let closed = Event::Closed {
        reason: text("fire drill"),
        by: carol(),
        at: at(5),
    };
    let mut small = plain();
    small.waiting.max_length = NonZeroU32::new(1);
    let again = |entry| {
        EntryCommand::Enter {
            returned: Some(at(0)),
            entry,
            contact: call(entry),
            channel: WorkChannel::Voice,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            since: at(0),
            at: at(6),
        }
        .into()
    };
    for history in [vec![configured(plain()), closed], with_ann(small)] {
        let events = Queue::decide(&Queue::fold(&history), again(BEN));
        assert_eq!(events.expect("a place").len(), 1);
    }
}

#[test]
fn a_queue_closed_by_hand_lets_nobody_in_and_those_who_wait_stay() {
    let closed = Event::Closed {
        reason: text("fire drill"),
        by: carol(),
        at: at(5),
    };
    given::<Queue>([configured(plain()), closed.clone()])
        .when(enter(6))
        .rejected(Rejection::Closed {
            reason: text("fire drill"),
        });
    let state = Queue::fold(&after(with_ann(plain()), [closed.clone()]));
    assert_eq!(state.line(at(6)), [ANN]);
    given::<Queue>([configured(plain()), closed])
        .when(
            SetupCommand::FollowHours {
                by: carol(),
                at: at(7),
            }
            .into(),
        )
        .then([Event::HoursFollowed {
            by: carol(),
            at: at(7),
        }]);
}

#[test]
fn a_queue_outside_its_hours_lets_nobody_in_but_whoever_comes_back() {
    // 22 November 2026 is a Sunday.
    let hours: crate::tenant::hours::Hours = serde_json::from_value(serde_json::json!({
        "name": "Office", "zone": "UTC", "days": [],
        "week": [{ "day": "monday", "from": "09:00", "until": "17:00" }],
    }))
    .expect("hours");
    let set = Event::HoursSet {
        hours: Some(Box::new(hours)),
        at: at(1),
    };
    let sunday = || given::<Queue>([configured(plain()), set.clone()]);
    sunday().when(enter(6)).rejected(Rejection::Closed {
        reason: text("Office"),
    });
    let monday_at_ten = 23 * 3_600;
    let state = Queue::fold(&[configured(plain()), set.clone()]);
    assert!(Queue::decide(&state, enter(monday_at_ten)).is_ok());
    let mut back = enter(6);
    if let Command::Entry(EntryCommand::Enter { returned, .. }) = &mut back {
        *returned = Some(at(0));
    }
    assert!(Queue::decide(&state, back).is_ok());
    let opened = Event::Opened {
        reason: text("overtime"),
        by: carol(),
        at: at(2),
    };
    let state = Queue::fold(&[configured(plain()), set, opened]);
    assert!(Queue::decide(&state, enter(6)).is_ok());
}

#[test]
fn a_queue_is_retired_once_nobody_waits() {
    let retire: Command = SetupCommand::Retire {
        by: carol(),
        at: at(9),
    }
    .into();
    given::<Queue>(with_ann(plain()))
        .when(retire.clone())
        .rejected(Rejection::StillWaiting { entries: 1 });
    let retired = Event::Retired {
        by: carol(),
        at: at(9),
    };
    given::<Queue>([configured(plain())])
        .when(retire)
        .then([retired.clone()]);
    given::<Queue>([configured(plain()), retired.clone()])
        .when(enter(10))
        .rejected(Rejection::Retired);
    given::<Queue>([configured(plain()), retired])
        .when(configure(ring_all()))
        .rejected(Rejection::Retired);
    given::<Queue>([])
        .when(enter(0))
        .rejected(Rejection::NotConfigured);
}
