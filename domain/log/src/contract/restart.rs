//! For logs that outlive their process: closing and opening again changes nothing.

use std::sync::Arc;

use super::Stand;
pub use super::history::any_history_survives_restarts;
use super::metadata::{from_revision, labels};
use super::sample::{
    assert_counted, assert_growing, catch_up, conflict, event, events, everything, ids, large, next_event,
    numbered, of_categories, put, stream, tail, whole,
};
use crate::{Appended, EventLog, Expected, Filter, Recorded, Revision, StreamMetadata};

async fn restart<S: Stand>(stand: &S, place: &S::Place, log: Arc<dyn EventLog>) -> Arc<dyn EventLog> {
    stand.close(log).await;
    stand.open(place).await
}

async fn write_a_few(log: &dyn EventLog) {
    for n in 0..30 {
        let to = stream(["call-acme_1", "queue-acme_1", "call-größe_🦀"][n % 3]);
        let first = n as u64 * 2;
        let given = if n % 5 == 0 {
            vec![large(first, 1_000_000), event(first + 1)]
        } else {
            events([first, first + 1])
        };
        put(log, &to, Expected::Any, given).await;
    }
}

/// Events, order, positions and tail are what they were.
pub async fn everything_is_there_afterwards<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    write_a_few(&*log).await;
    let before = (everything(&*log).await, tail(&*log).await);
    assert_eq!(ids(&before.0), numbered(0..60));
    let log = restart(stand, &place, log).await;
    assert_eq!((everything(&*log).await, tail(&*log).await), before);
    let of_it: Vec<Recorded> = before
        .0
        .into_iter()
        .filter(|event| event.stream.as_str() == "call-acme_1")
        .collect();
    assert_counted(&of_it);
    assert_eq!(whole(&*log, &stream("call-acme_1")).await, of_it);
    stand.close(log).await;
}

/// Revisions and positions go on from the last, and conflicts are told as before.
pub async fn streams_go_on_where_they_were<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    write_a_few(&*log).await;
    let to = stream("call-acme_1");
    let last = tail(&*log).await;
    let log = restart(stand, &place, log).await;
    for wrong in [
        Expected::NoStream,
        Expected::At(Revision(18)),
        Expected::At(Revision(20)),
    ] {
        assert_eq!(
            conflict(&*log, &to, wrong, events([500])).await,
            Some(Revision(19))
        );
    }
    let appended = put(&*log, &to, Expected::At(Revision(19)), events([100, 101])).await;
    assert_eq!(appended.revision, Revision(21));
    assert!(Some(appended.position) > last);
    let new = put(&*log, &stream("call-acme_9"), Expected::NoStream, events([102])).await;
    assert!(new.position > appended.position);
    assert_counted(&whole(&*log, &to).await);
    assert_growing(&everything(&*log).await);
    stand.close(log).await;
}

/// A sender that never heard the answer repeats after the restart, and is answered as at first.
pub async fn a_repeat_is_known_afterwards<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    let to = stream("call-acme_1");
    let first = put(&*log, &to, Expected::NoStream, events(0..3)).await;
    let second = put(&*log, &to, Expected::At(Revision(2)), events(3..5)).await;
    let third = put(&*log, &to, Expected::Any, events(5..6)).await;
    let log = restart(stand, &place, log).await;
    for (expected, numbers, before) in [
        (Expected::Any, 5..6, third),
        (Expected::NoStream, 0..3, first),
        (Expected::At(Revision(2)), 3..5, second),
        (Expected::Any, 0..3, first),
    ] {
        let again = put(&*log, &to, expected, events(numbers)).await;
        assert_eq!(
            again,
            Appended {
                repeated: true,
                ..before
            }
        );
    }
    conflict(&*log, &to, Expected::Any, events([5, 6])).await;
    conflict(&*log, &to, Expected::NoStream, events([1, 0])).await;
    assert_eq!(ids(&everything(&*log).await), numbered(0..6));
    stand.close(log).await;
}

/// A position from before is one to go on from, filtered or not, and what comes after it is delivered once.
pub async fn a_subscription_resumes_afterwards<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    write_a_few(&*log).await;
    let before = everything(&*log).await;
    let log = restart(stand, &place, log).await;
    for known in [0, 1, 30, 59] {
        let after = Some(before[known].position);
        for filter in [Filter::default(), of_categories(&["queue"])] {
            let mut deliveries = log.subscribe(after, filter.clone());
            let (seen, _) = catch_up(&mut deliveries).await;
            let passes = |event: &&Recorded| filter.passes(&event.stream, &event.kind, &event.tenant);
            assert!(
                seen.iter().eq(before[known + 1..].iter().filter(passes)),
                "after {after:?}"
            );
        }
    }
    let mut deliveries = log.subscribe(before.last().map(|event| event.position), Filter::default());
    catch_up(&mut deliveries).await;
    put(&*log, &stream("queue-acme_1"), Expected::Any, events([100])).await;
    assert_eq!(next_event(&mut deliveries).await.id, event(100).id);
    drop(deliveries);
    stand.close(log).await;
}

/// What was set beside the events is there afterwards, and what it hides stays hidden; the log's id is the same.
pub async fn metadata_and_labels_stay<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    let (to, unwritten) = (stream("call-acme_1"), stream("call-acme_2"));
    put(&*log, &to, Expected::NoStream, events(0..5)).await;
    let metadata = StreamMetadata {
        labels: labels(&[("größe", "ü\n\"🦀")]),
        ..from_revision(3)
    };
    for stream in [&to, &unwritten] {
        log.set_stream_metadata(stream, from_revision(1))
            .await
            .expect("metadata is taken");
        log.set_stream_metadata(stream, metadata.clone())
            .await
            .expect("metadata is taken");
    }
    log.set_log_labels(labels(&[("region", "eu-west-2")]))
        .await
        .expect("labels are taken");
    let before = log.log_metadata().await.expect("metadata can be read");
    let log = restart(stand, &place, log).await;
    for stream in [&to, &unwritten] {
        assert_eq!(
            log.stream_metadata(stream).await.expect("metadata can be read"),
            metadata
        );
    }
    assert_eq!(log.log_metadata().await.expect("metadata can be read"), before);
    assert_eq!(before.labels, labels(&[("region", "eu-west-2")]));
    assert_eq!(ids(&whole(&*log, &to).await), numbered(3..5));
    put(&*log, &to, Expected::At(Revision(4)), events([5])).await;
    stand.close(log).await;
}

/// A log that was opened and never written opens again, and takes its first event.
pub async fn an_empty_log_stays_empty<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let log = stand.open(&place).await;
    let log = restart(stand, &place, log).await;
    assert_eq!((everything(&*log).await, tail(&*log).await), (vec![], None));
    put(&*log, &stream("call-acme_1"), Expected::NoStream, events([1])).await;
    let log = restart(stand, &place, log).await;
    assert_eq!(ids(&everything(&*log).await), numbered([1]));
    stand.close(log).await;
}

/// However often it is closed, with more or less written in between, nothing is lost.
pub async fn many_restarts_add_up<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let mut log = stand.open(&place).await;
    let to = stream("call-acme_1");
    let mut written = 0;
    for count in [1, 0, 3, 1024, 0, 2, 700] {
        if count > 0 {
            let last = u64::checked_sub(written, 1).map(Revision);
            put(&*log, &to, last.into(), events(written..written + count)).await;
            written += count;
        }
        log = restart(stand, &place, log).await;
        let read = whole(&*log, &to).await;
        assert_counted(&read);
        assert_eq!(ids(&read), numbered(0..written));
        assert_eq!(everything(&*log).await, read);
    }
    stand.close(log).await;
}
