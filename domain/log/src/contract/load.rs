//! Subscriptions while writers write all the time.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Subject;
use super::sample::{
    assert_growing, catch_up, event, events, events_until, everything, ids, of_categories, put, stream,
    within,
};
use crate::{Deliveries, EventLog, Expected, Filter, Position, Recorded};

/// The number of the event that is written when all others are.
const MARKER: u64 = 900_000_000;

// Writes events in ones, twos and threes over several streams, and says each position that was acknowledged.
fn writing(on: &Subject, writer: u64, said: Arc<watch::Sender<Vec<Position>>>) -> JoinHandle<()> {
    let (log, rounds) = (on.log.clone(), on.load.rounds * 5);
    tokio::spawn(async move {
        for round in 0..rounds {
            let category = ["call", "queue"][usize::from(round % 4 == 0)];
            let to = stream(&format!("{category}-acme_{}", (writer + round) % 5));
            let first = (writer * rounds + round) * 3;
            let appended = put(&*log, &to, Expected::Any, events(first..first + 1 + round % 3)).await;
            said.send_modify(|positions| positions.push(appended.position));
        }
    })
}

// Starts once so many appends were acknowledged, from a place that depends on the subscriber, and goes on to the marker.
fn following(
    on: &Subject,
    subscriber: usize,
    start: usize,
    filter: Filter,
    mut said: watch::Receiver<Vec<Position>>,
) -> JoinHandle<(Option<Position>, Vec<Recorded>)> {
    let log = on.log.clone();
    tokio::spawn(async move {
        let after = {
            let waiting = said.wait_for(|positions| positions.len() >= start);
            let positions = within("the writers", waiting).await.expect("the sender is kept");
            match subscriber % 3 {
                0 => None,
                1 => positions.get(positions.len() / 2).copied(),
                _ => positions.iter().max().copied(),
            }
        };
        let mut deliveries = log.subscribe(after, filter);
        (after, events_until(&mut deliveries, event(MARKER).id).await)
    })
}

async fn mark(log: &dyn EventLog) {
    put(log, &stream("call-marker"), Expected::NoStream, events([MARKER])).await;
}

/// Subscribers that start at any moment, from any position, cross from history to live without losing or repeating one.
pub async fn under_load_each_subscriber_sees_each_event_once_in_order(on: &Subject) {
    const WRITERS: usize = 8;
    const SUBSCRIBERS: usize = 48;
    let said = Arc::new(watch::Sender::new(vec![]));
    let appends = WRITERS * usize::try_from(on.load.rounds * 5).expect("a small number");
    let filters = [Filter::default(), of_categories(&["call"])];
    let subscribers: Vec<_> = (0..SUBSCRIBERS)
        .map(|n| {
            let (start, filter) = (n * appends / SUBSCRIBERS, filters[n / 3 % 2].clone());
            following(on, n, start, filter, said.subscribe())
        })
        .collect();
    let writers: Vec<_> = (0..)
        .take(WRITERS)
        .map(|writer| writing(on, writer, said.clone()))
        .collect();
    for writer in within("the writers", join_all(writers)).await {
        writer.expect("no writer panics");
    }
    mark(&*on.log).await;
    let log = everything(&*on.log).await;
    assert_growing(&log);
    for (n, subscriber) in subscribers.into_iter().enumerate() {
        let (after, seen) = subscriber.await.expect("no subscriber panics");
        let filter = &filters[n / 3 % 2];
        let wanted = log.iter().filter(|event| {
            Some(event.position) > after && filter.passes(&event.stream, &event.kind, &event.tenant)
        });
        assert!(seen.iter().eq(wanted), "subscriber {n}, after {after:?}");
    }
}

/// A hundred at a time see the same.
pub async fn many_subscribers_all_see_everything(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::Any, events(0..20)).await;
    let follow = |mut deliveries: Deliveries| {
        tokio::spawn(async move { events_until(&mut deliveries, event(MARKER).id).await })
    };
    let subscribers: Vec<_> = (0..100)
        .map(|_| follow(on.log.subscribe(None, Filter::default())))
        .collect();
    for n in 20..120 {
        put(&*on.log, &to, Expected::Any, events([n])).await;
    }
    mark(&*on.log).await;
    let wanted = ids(&everything(&*on.log).await);
    for subscriber in subscribers {
        let seen = subscriber.await.expect("no subscriber panics");
        assert_eq!(ids(&seen), wanted);
    }
}

/// Whoever has caught up has seen whole appends only: never the first event of a pair without the second.
pub async fn under_load_it_never_ends_between_the_events_of_an_append(on: &Subject) {
    let to = stream("call-acme_1");
    let (log, rounds) = (on.log.clone(), on.load.rounds * 10);
    let writer = {
        let (log, to) = (log.clone(), to.clone());
        tokio::spawn(async move {
            for first in (0..rounds).map(|round| round * 2) {
                put(&*log, &to, Expected::Any, events([first, first + 1])).await;
            }
        })
    };
    while !writer.is_finished() {
        let mut deliveries = log.subscribe(None, Filter::default());
        let (seen, _) = catch_up(&mut deliveries).await;
        assert_eq!(seen.len() % 2, 0, "the second of a pair is missing");
    }
    writer.await.expect("the writer does not panic");
}
