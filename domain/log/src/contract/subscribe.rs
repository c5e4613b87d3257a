//! Subscriptions: what was there, then what comes, without gap or repeat.

use super::Subject;
use super::sample::{
    all, backwards, catch_up, event, events, events_until, everything, forwards, ids, next, next_event,
    numbered, of_categories, of_kinds, put, stream, tail,
};
use crate::event_log::APPEND_EVENTS_MAX;
use crate::{Delivery, Expected, Filter, Position};

/// History comes first, then `CaughtUp`, then each new event as it is recorded.
pub async fn it_catches_up_says_so_and_goes_on_live(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("queue-acme_1"));
    put(&*on.log, &one, Expected::Any, events(0..3)).await;
    put(&*on.log, &other, Expected::Any, events(3..4)).await;
    let mut deliveries = on.log.subscribe(None, Filter::default());
    let (caught, up_to) = catch_up(&mut deliveries).await;
    assert_eq!(caught, everything(&*on.log).await);
    assert!(
        up_to >= tail(&*on.log).await,
        "caught up at the tail or behind it, not at {up_to:?}"
    );
    for n in 4..10 {
        let to = if n % 2 == 0 { &one } else { &other };
        let appended = put(&*on.log, to, Expected::Any, events([n])).await;
        let live = next_event(&mut deliveries).await;
        assert_eq!((live.id, live.position), (event(n).id, appended.position));
        assert_eq!(live.stream, *to);
    }
}

/// There is no position to be caught up at, and the first event ever is delivered.
pub async fn on_an_empty_log_it_is_caught_up_at_nothing(on: &Subject) {
    let mut deliveries = on.log.subscribe(None, Filter::default());
    let mut filtered = on.log.subscribe(None, of_categories(&["call"]));
    assert_eq!(catch_up(&mut deliveries).await, (vec![], None));
    assert_eq!(catch_up(&mut filtered).await, (vec![], None));
    put(
        &*on.log,
        &stream("queue-acme_1"),
        Expected::NoStream,
        events(1..2),
    )
    .await;
    put(&*on.log, &stream("call-acme_1"), Expected::NoStream, events(2..4)).await;
    let log = everything(&*on.log).await;
    assert_eq!(events_until(&mut deliveries, event(3).id).await, log);
    assert_eq!(events_until(&mut filtered, event(3).id).await, log[1..]);
}

/// Every position that was delivered, be it in the middle of an append, is one to go on from.
pub async fn it_resumes_after_anything_delivered(on: &Subject) {
    for n in 0..12 {
        let to = stream(["call-acme_1", "queue-acme_1", "call-acme_2"][n % 3]);
        let first = n as u64 * 3;
        put(&*on.log, &to, Expected::Any, events(first..first + 3)).await;
    }
    let log = everything(&*on.log).await;
    for filter in [
        Filter::default(),
        of_categories(&["queue"]),
        of_categories(&["none"]),
    ] {
        let mut positions: Vec<Option<Position>> = log.iter().map(|event| Some(event.position)).collect();
        positions.push(None);
        positions.extend(delivered(on, filter.clone()).await);
        for after in positions {
            let passes = |event: &&_| passes(&filter, event) && Some(event.position) > after;
            let wanted: Vec<_> = log.iter().filter(passes).cloned().collect();
            let mut deliveries = on.log.subscribe(after, filter.clone());
            let (events, up_to) = catch_up(&mut deliveries).await;
            assert_eq!(events, wanted, "after {after:?} {filter:?}");
            assert!(up_to >= log.last().map(|event| event.position));
        }
    }
}

fn passes(filter: &Filter, event: &crate::Recorded) -> bool {
    filter.passes(&event.stream, &event.kind, &event.tenant)
}

async fn delivered(on: &Subject, filter: Filter) -> Vec<Option<Position>> {
    let mut deliveries = on.log.subscribe(None, filter);
    let mut positions = vec![];
    loop {
        match next(&mut deliveries).await {
            Delivery::Event(event) => positions.push(Some(event.position)),
            Delivery::Checkpoint(position) => positions.push(Some(position)),
            Delivery::CaughtUp(position) => {
                positions.push(position);
                return positions;
            }
        }
    }
}

/// Before and after the live edge, what does not pass is not delivered.
pub async fn a_filter_leaves_out_the_rest(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("calls-acme_1"));
    let both = Filter {
        kinds: of_kinds(&["Noted"]).kinds,
        ..of_categories(&["call"])
    };
    put(&*on.log, &other, Expected::Any, events(0..5)).await;
    put(&*on.log, &one, Expected::Any, events(5..7)).await;
    put(&*on.log, &other, Expected::Any, events(7..9)).await;
    let mut deliveries = on.log.subscribe(None, both);
    let (caught, up_to) = catch_up(&mut deliveries).await;
    assert_eq!(ids(&caught), numbered(5..7));
    assert!(
        up_to >= tail(&*on.log).await,
        "what was left out was looked at too"
    );
    put(&*on.log, &other, Expected::Any, events(9..20)).await;
    let mut unwanted = event(20);
    unwanted.kind = super::sample::kind("NotedDown");
    put(&*on.log, &one, Expected::Any, vec![unwanted]).await;
    put(&*on.log, &one, Expected::Any, events(21..22)).await;
    assert_eq!(next_event(&mut deliveries).await.id, event(21).id);
}

/// A subscription that finds nothing for long still gives checkpoints, at least every 4096 events left out: while it
/// catches up and live; and each of them is one to go on from.
pub async fn it_says_how_far_it_has_looked(on: &Subject) {
    let other = stream("queue-acme_1");
    let lots = 9 * APPEND_EVENTS_MAX as u64;
    fill(on, 0, lots).await;
    let mut deliveries = on.log.subscribe(None, of_categories(&["call"]));
    let history = positions_until(&mut deliveries, |delivery| {
        matches!(delivery, Delivery::CaughtUp(_))
    })
    .await;
    fill(on, lots, 2 * lots).await;
    put(
        &*on.log,
        &stream("call-acme_1"),
        Expected::Any,
        events([2 * lots]),
    )
    .await;
    let live = positions_until(&mut deliveries, |delivery| matches!(delivery, Delivery::Event(_))).await;

    let log = everything(&*on.log).await;
    let mut looked = 0;
    for position in history.iter().chain(&live).copied() {
        let up_to = log.partition_point(|event| event.position <= position);
        assert!(up_to >= looked, "{position} was said after a later one");
        assert!(
            up_to - looked <= 4097,
            "{} events were left out without a word",
            up_to - looked
        );
        looked = up_to;
    }
    assert_eq!(looked, log.len());
    assert_eq!(live.last(), log.last().map(|event| &event.position));
    let none = all(on.log.read_all(backwards(), of_categories(&["none"]), 1)).await;
    assert_eq!(none, []);
    assert_eq!(log[0].stream, other);
    for after in history.into_iter().chain(live.into_iter().rev().skip(1)) {
        let mut resumed = on.log.subscribe(Some(after), of_categories(&["call"]));
        assert_eq!(
            next_event(&mut resumed).await.id,
            event(2 * lots).id,
            "after {after}"
        );
    }
}

async fn fill(on: &Subject, from: u64, to: u64) {
    let other = stream("queue-acme_1");
    for first in (from..to).step_by(APPEND_EVENTS_MAX) {
        let numbers = first..first + APPEND_EVENTS_MAX as u64;
        put(
            &*on.log,
            &other,
            Expected::from(first.checked_sub(1).map(crate::Revision)),
            events(numbers),
        )
        .await;
    }
}

async fn positions_until(
    deliveries: &mut crate::Deliveries,
    last: impl Fn(&Delivery) -> bool,
) -> Vec<Position> {
    let mut positions = vec![];
    loop {
        let delivery = next(deliveries).await;
        let is_last = last(&delivery);
        match delivery {
            Delivery::Event(event) => positions.push(event.position),
            Delivery::Checkpoint(position) => positions.push(position),
            Delivery::CaughtUp(position) => positions.extend(position),
        }
        if is_last {
            return positions;
        }
    }
}

/// After the tail there is no history: it is caught up at once, and delivers what is recorded from then on.
pub async fn from_the_tail_only_what_is_new_comes(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::Any, events(0..50)).await;
    let after = tail(&*on.log).await;
    let mut deliveries = on.log.subscribe(after, Filter::default());
    let (caught, up_to) = catch_up(&mut deliveries).await;
    assert_eq!(caught, []);
    assert!(up_to >= after);
    put(&*on.log, &to, Expected::Any, events(50..53)).await;
    assert_eq!(
        ids(&events_until(&mut deliveries, event(52).id).await),
        numbered(50..53)
    );
}

/// However much is recorded while a subscriber is busy elsewhere, it comes in the end, all of it.
pub async fn one_that_nobody_polls_misses_nothing(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::Any, events(0..3)).await;
    let mut early = on.log.subscribe(None, Filter::default());
    let mut live = on.log.subscribe(None, Filter::default());
    catch_up(&mut live).await;
    let batch = APPEND_EVENTS_MAX as u64;
    for first in (0..20).map(|n| 3 + n * batch) {
        put(&*on.log, &to, Expected::Any, events(first..first + batch)).await;
    }
    let last = 3 + 20 * batch - 1;
    let log = all(on.log.read_all(forwards(), Filter::default(), usize::MAX)).await;
    assert_eq!(events_until(&mut early, event(last).id).await, log);
    assert_eq!(events_until(&mut live, event(last).id).await, log[3..]);
}

/// Subscribers that go away, at the start, in the middle or live, disturb neither the others nor the writers.
pub async fn a_dropped_one_does_no_harm(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::Any, events(0..100)).await;
    let mut stays = on.log.subscribe(None, Filter::default());
    for polls in 0..110 {
        let mut leaves = on.log.subscribe(None, Filter::default());
        for _ in 0..polls.min(101) {
            next(&mut leaves).await;
        }
        put(&*on.log, &to, Expected::Any, events([100 + polls])).await;
    }
    assert_eq!(
        ids(&events_until(&mut stays, event(209).id).await),
        numbered(0..210)
    );
    let mut late = on.log.subscribe(None, Filter::default());
    assert_eq!(catch_up(&mut late).await.0, everything(&*on.log).await);
}
