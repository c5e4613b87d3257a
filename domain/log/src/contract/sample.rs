//! The events that the cases write, and how they read and wait.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use domain_model::ids::{EventId, TenantId};
use domain_model::testing::sample::{at, id};
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, Kind, NewEvent,
    Position, Range, Recorded, Revision, StreamName,
};

/// How long anything may take that must come. Only a failure ever waits so long.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Makes the event number `n`; its id, time and payload follow from the number.
#[must_use]
pub fn event(n: u64) -> NewEvent {
    NewEvent {
        id: EventId::new(id(u128::from(n))),
        kind: kind("Noted"),
        tenant: tenant("acme"),
        time: at(i64::try_from(n % 1_000_000).expect("a small number")),
        meta: Bytes::from(format!(r#"{{"command":{n}}}"#)),
        data: Bytes::from(format!(r#"{{"note":"number {n}"}}"#)),
    }
}

/// Makes events with these numbers.
#[must_use]
pub fn events(numbers: impl IntoIterator<Item = u64>) -> Vec<NewEvent> {
    numbers.into_iter().map(event).collect()
}

/// Makes the event number `n` with a JSON payload of `size` bytes.
#[must_use]
pub fn large(n: u64, size: usize) -> NewEvent {
    let frame = r#"{"x":""}"#.len();
    let text = ["a", "b", "c"][usize::try_from(n % 3).expect("a small number")].repeat(size - frame);
    NewEvent {
        data: Bytes::from(format!(r#"{{"x":"{text}"}}"#)),
        ..event(n)
    }
}

/// Makes a stream's name that is known to be right.
#[must_use]
pub fn stream(text: &str) -> StreamName {
    StreamName::new(text).expect("a sample's stream is right")
}

/// Makes a kind that is known to be right.
#[must_use]
pub fn kind(text: &str) -> Kind {
    Kind::new(text).expect("a sample's kind is right")
}

/// Makes a tenant's id that is known to be right.
#[must_use]
pub fn tenant(text: &str) -> TenantId {
    TenantId::new(text).expect("a sample's tenant is right")
}

/// Makes a filter for streams of these categories.
#[must_use]
pub fn of_categories(categories: &[&str]) -> Filter {
    Filter {
        categories: categories.iter().map(|&category| category.to_owned()).collect(),
        ..Filter::default()
    }
}

/// Makes a filter for events of these kinds.
#[must_use]
pub fn of_kinds(kinds: &[&str]) -> Filter {
    Filter {
        kinds: kinds.iter().map(|text| kind(text)).collect::<BTreeSet<_>>(),
        ..Filter::default()
    }
}

/// From the first towards the tail.
#[must_use]
pub const fn forwards<T>() -> Range<T> {
    Range::Forwards { after: None }
}

/// From the last towards the beginning.
#[must_use]
pub const fn backwards<T>() -> Range<T> {
    Range::Backwards { before: None }
}

/// Appends events that must be taken.
pub async fn put(log: &dyn EventLog, to: &StreamName, expected: Expected, events: Vec<NewEvent>) -> Appended {
    let appending = log.append(to, expected, events);
    let outcome = within("an append", appending).await;
    outcome.unwrap_or_else(|refused| panic!("append to {to:?} at {expected:?}: {refused}"))
}

/// Appends events that must conflict, and returns the revision that the stream is said to be at.
pub async fn conflict(
    log: &dyn EventLog,
    to: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
) -> Option<Revision> {
    match within("an append", log.append(to, expected, events)).await {
        Err(AppendError::Conflict {
            stream,
            expected: said,
            actual,
        }) => {
            assert_eq!(
                (&stream, said),
                (to, expected),
                "a conflict repeats what was asked"
            );
            actual
        }
        other => panic!("append to {to:?} at {expected:?} must conflict, not {other:?}"),
    }
}

/// Reads to the end.
pub async fn all(events: Events) -> Vec<Recorded> {
    let read = within("a read", events.try_collect()).await;
    read.unwrap_or_else(|failed| panic!("the log must be readable: {failed:?}"))
}

/// Reads a whole stream.
pub async fn whole(log: &dyn EventLog, stream: &StreamName) -> Vec<Recorded> {
    all(log.read_stream(stream, forwards(), usize::MAX)).await
}

/// Reads the whole log.
pub async fn everything(log: &dyn EventLog) -> Vec<Recorded> {
    all(log.read_all(forwards(), Filter::default(), usize::MAX)).await
}

/// Returns the position of the last event.
pub async fn tail(log: &dyn EventLog) -> Option<Position> {
    within("the tail", log.tail())
        .await
        .expect("the log must be readable")
}

/// Waits for what a subscription delivers next.
pub async fn next(deliveries: &mut Deliveries) -> Delivery {
    let delivery = within("a delivery", deliveries.next()).await;
    let delivery = delivery.expect("a subscription goes on for ever");
    delivery.unwrap_or_else(|failed| panic!("the log must be readable: {failed:?}"))
}

/// Waits for the next event that a subscription delivers.
pub async fn next_event(deliveries: &mut Deliveries) -> Recorded {
    loop {
        match next(deliveries).await {
            Delivery::Event(event) => return event,
            Delivery::Checkpoint(_) | Delivery::CaughtUp(_) => {}
        }
    }
}

/// Waits until a subscription has caught up: the events up to there, and where that is.
pub async fn catch_up(deliveries: &mut Deliveries) -> (Vec<Recorded>, Option<Position>) {
    let mut events = vec![];
    loop {
        match next(deliveries).await {
            Delivery::Event(event) => events.push(event),
            Delivery::Checkpoint(_) => {}
            Delivery::CaughtUp(position) => return (events, position),
        }
    }
}

/// Waits for events up to and with the one that has this id.
pub async fn events_until(deliveries: &mut Deliveries, last: EventId) -> Vec<Recorded> {
    let mut events: Vec<Recorded> = vec![];
    while events.last().is_none_or(|event| event.id != last) {
        events.push(next_event(deliveries).await);
    }
    events
}

/// Waits for something that must come within [`LIMIT`].
pub async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(LIMIT, coming).await;
    outcome.unwrap_or_else(|_| panic!("{what} did not come within {} s", LIMIT.as_secs()))
}

/// Returns the ids, in order.
#[must_use]
pub fn ids(events: &[Recorded]) -> Vec<EventId> {
    events.iter().map(|event| event.id).collect()
}

/// Returns the ids of events with these numbers.
#[must_use]
pub fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<EventId> {
    numbers.into_iter().map(|n| event(n).id).collect()
}

/// Checks that a stream read forwards from its beginning counts 0, 1, 2 …, and that positions grow.
pub fn assert_counted(events: &[Recorded]) {
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.revision, Revision(place as u64), "of {:?}", event.stream);
    }
    assert_growing(events);
}

/// Checks that positions grow from event to event.
pub fn assert_growing(events: &[Recorded]) {
    for pair in events.windows(2) {
        assert!(
            pair[0].position < pair[1].position,
            "{} stands before {}",
            pair[0].position,
            pair[1].position
        );
    }
}
