//! Appends: what they record, what they answer, and what they refuse.

use domain_model::Timestamp;
use domain_model::testing::sample::at;

use super::Subject;
use super::sample::{
    assert_counted, conflict, event, events, everything, ids, kind, large, numbered, put, stream, tail,
    tenant, whole, within,
};
use crate::event_log::{APPEND_BYTES_MAX, APPEND_EVENTS_MAX, EVENT_BYTES_MAX};
use crate::{AppendError, Expected, NewEvent, Recorded, Revision};

/// Every part of an event comes back to the byte, whatever JSON it is.
pub async fn an_append_reads_back_as_it_was_written(on: &Subject) {
    let given = vec![
        NewEvent {
            kind: kind("Größe_ß 漢字🦀"),
            tenant: tenant("acme-eu"),
            time: Timestamp::from_micros(1_795_345_200_123_456),
            meta: r#"{ "b" : 1, "a" : "\u00fc ü", "a" : [1.50, 1e2] }"#.into(),
            data: "{\n\t\"$sealed\": \"AAEC\",\r\n \"empty\": {}, \"null\": null }\n".into(),
            ..event(1)
        },
        NewEvent {
            meta: "{}".into(),
            data: "{}".into(),
            ..event(2)
        },
    ];
    let to = stream("call-acme_1");
    let appended = put(&*on.log, &to, Expected::NoStream, given.clone()).await;
    let read = whole(&*on.log, &to).await;
    assert_counted(&read);
    assert_eq!(read.len(), given.len());
    for (read, given) in read.iter().zip(given) {
        assert_eq!(read.stream, to);
        assert_eq!(as_given(read), given);
    }
    assert_eq!(read.last().map(|last| last.position), Some(appended.position));
    assert_eq!(everything(&*on.log).await, read);
}

fn as_given(event: &Recorded) -> NewEvent {
    NewEvent {
        id: event.id,
        kind: event.kind.clone(),
        tenant: event.tenant.clone(),
        time: event.time,
        meta: event.meta.clone(),
        data: event.data.clone(),
    }
}

/// Revision and position of an answer are those of the last event of the append.
pub async fn each_append_says_where_its_last_event_stands(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("call-acme_2"));
    for (to, expected, numbers, revision) in [
        (&one, Expected::NoStream, 1..2, 0),
        (&other, Expected::Any, 2..5, 2),
        (&one, Expected::At(Revision(0)), 5..7, 2),
        (&other, Expected::Any, 7..8, 3),
    ] {
        let appended = put(&*on.log, to, expected, events(numbers)).await;
        let last = whole(&*on.log, to).await.pop().expect("it was just written");
        assert_eq!(appended.revision, Revision(revision));
        assert_eq!(
            (appended.revision, appended.position),
            (last.revision, last.position)
        );
        assert!(!appended.repeated);
        assert_eq!(tail(&*on.log).await, Some(appended.position));
    }
}

/// A conflict carries the stream's last revision, so that nobody has to ask again.
pub async fn a_conflict_says_where_the_stream_is(on: &Subject) {
    let to = stream("call-acme_1");
    for wrong in [0, 1, u64::MAX] {
        let actual = conflict(&*on.log, &to, Expected::At(Revision(wrong)), events(1..2)).await;
        assert_eq!(actual, None, "nothing was ever written");
    }
    put(&*on.log, &to, Expected::NoStream, events(1..4)).await;
    for wrong in [
        Expected::NoStream,
        Expected::At(Revision(0)),
        Expected::At(Revision(1)),
        Expected::At(Revision(3)),
        Expected::At(Revision(u64::MAX)),
    ] {
        assert_eq!(
            conflict(&*on.log, &to, wrong, events(9..10)).await,
            Some(Revision(2))
        );
    }
    assert_eq!(ids(&everything(&*on.log).await), numbered(1..4));
}

/// `NoStream`, `At` and `Any` each take what they describe.
pub async fn what_was_expected_decides(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("call-acme_2"));
    put(&*on.log, &one, Expected::NoStream, events(1..3)).await;
    put(&*on.log, &one, Expected::At(Revision(1)), events(3..4)).await;
    put(&*on.log, &one, Expected::Any, events(4..5)).await;
    put(&*on.log, &one, Expected::At(Revision(3)), events(5..6)).await;
    put(&*on.log, &other, Expected::Any, events(6..7)).await;
    put(&*on.log, &other, Expected::from(Some(Revision(0))), events(7..8)).await;
    let read = whole(&*on.log, &one).await;
    assert_counted(&read);
    assert_eq!(ids(&read), numbered(1..6));
    assert_eq!(ids(&whole(&*on.log, &other).await), numbered(6..8));
}

/// An append that was refused, by conflict or shape, records none of its events.
pub async fn a_refused_append_leaves_nothing_behind(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(1..2)).await;
    conflict(&*on.log, &to, Expected::NoStream, events(10..13)).await;
    refused(on, vec![event(20), event(21), event(20)], "id").await;
    refused(on, vec![event(30), large(31, EVENT_BYTES_MAX + 1)], "data").await;
    put(&*on.log, &to, Expected::At(Revision(0)), events(2..3)).await;
    assert_eq!(ids(&everything(&*on.log).await), numbered(1..3));
    // What was refused is not remembered either.
    put(&*on.log, &to, Expected::At(Revision(1)), events(10..13)).await;
}

/// What can never be stored is refused before anything is asked of the stream, by the name of the field.
pub async fn what_cannot_be_stored_is_refused_by_its_field(on: &Subject) {
    refused(on, vec![], "events").await;
    refused(on, events(0..APPEND_EVENTS_MAX as u64 + 1), "events").await;
    refused(on, vec![event(1), event(1)], "id").await;
    refused(on, vec![large(1, EVENT_BYTES_MAX)], "data").await;
    let wide = NewEvent {
        meta: large(1, EVENT_BYTES_MAX).data,
        ..event(1)
    };
    refused(on, vec![wide], "data").await;
    let third = APPEND_BYTES_MAX / 3;
    refused(on, (1..4).map(|n| large(n, third)).collect(), "events").await;
    assert_eq!(everything(&*on.log).await, []);
}

async fn refused(on: &Subject, events: Vec<NewEvent>, wanted: &str) {
    let to = stream("call-acme_1");
    match within("an append", on.log.append(&to, Expected::Any, events)).await {
        Err(AppendError::Invalid { field, reason }) => {
            assert_eq!(field, wanted, "{reason}");
            assert!(!reason.is_empty());
        }
        other => panic!("{wanted} must be refused, not {other:?}"),
    }
}

/// What is just small enough is kept whole: one event, one append, and the most events in one append.
pub async fn the_largest_events_are_kept(on: &Subject) {
    let to = stream("call-acme_1");
    let just = |n| large(n, EVENT_BYTES_MAX - event(n).meta.len());
    let largest = vec![just(1)];
    put(&*on.log, &to, Expected::NoStream, largest.clone()).await;
    let pair = vec![just(2), just(3)];
    let size: usize = pair.iter().map(|event| event.data.len() + event.meta.len()).sum();
    assert_eq!(size, APPEND_BYTES_MAX);
    put(&*on.log, &to, Expected::At(Revision(0)), pair.clone()).await;
    let many = events(4..4 + APPEND_EVENTS_MAX as u64);
    put(&*on.log, &to, Expected::At(Revision(2)), many.clone()).await;

    let read = whole(&*on.log, &to).await;
    assert_counted(&read);
    let given: Vec<NewEvent> = [largest, pair, many].concat();
    assert_eq!(read.len(), given.len());
    assert!(read.iter().map(as_given).eq(given), "each byte is there");
}

/// Payloads of 1 MB among small ones neither move nor mix.
pub async fn large_and_small_events_keep_their_order(on: &Subject) {
    let to = stream("call-acme_1");
    let one = |n: u64| match n % 4 {
        0 | 1 => large(n, 1_000_000),
        _ => event(n),
    };
    let given: Vec<NewEvent> = (0..24).map(one).collect();
    for (appended, events) in given.chunks(3).enumerate() {
        let last = (appended as u64 * 3).checked_sub(1).map(Revision);
        put(&*on.log, &to, last.into(), events.to_vec()).await;
    }
    let read = whole(&*on.log, &to).await;
    assert_counted(&read);
    assert!(
        read.iter().map(as_given).eq(given),
        "each byte is there, in order"
    );
    assert_eq!(everything(&*on.log).await, read);
}

/// The order is that of the appends, and each event keeps the time it was given.
pub async fn a_clock_that_goes_back_changes_no_order(on: &Subject) {
    let to = stream("call-acme_1");
    let times = [
        Timestamp::MAX,
        at(50),
        at(50),
        at(49),
        at(0),
        Timestamp::from_micros(-1),
        Timestamp::MIN,
        at(60),
    ];
    for (n, time) in (1..).zip(times) {
        let event = NewEvent { time, ..event(n) };
        put(&*on.log, &to, Expected::Any, vec![event]).await;
    }
    let read = everything(&*on.log).await;
    assert_counted(&read);
    assert_eq!(ids(&read), numbered(1..1 + times.len() as u64));
    assert!(read.iter().map(|event| event.time).eq(times));
}
