//! What is kept beside the events: metadata of streams and of the log.

use std::collections::BTreeMap;

use super::Subject;
use super::sample::{
    all, assert_growing, backwards, catch_up, conflict, event, events, everything, forwards, ids, next_event,
    numbered, put, stream, tail, whole,
};
use crate::{Appended, EventLog, Expected, Filter, Range, Revision, StreamMetadata, StreamName};

/// Makes metadata that hides what stands before a revision.
pub(super) fn from_revision(first: u64) -> StreamMetadata {
    StreamMetadata {
        truncate_before: Some(Revision(first)),
        ..StreamMetadata::default()
    }
}

pub(super) fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn set(log: &dyn EventLog, stream: &StreamName, metadata: StreamMetadata) {
    log.set_stream_metadata(stream, metadata)
        .await
        .expect("metadata is taken");
}

async fn get(log: &dyn EventLog, stream: &StreamName) -> StreamMetadata {
    log.stream_metadata(stream).await.expect("metadata can be read")
}

/// What was set is read, whole, until something else is set; other streams keep theirs.
pub async fn a_stream_has_the_default_until_it_is_set(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("call-acme_12"));
    assert_eq!(get(&*on.log, &one).await, StreamMetadata::default());
    put(&*on.log, &one, Expected::NoStream, events(0..3)).await;
    assert_eq!(get(&*on.log, &one).await, StreamMetadata::default());
    for metadata in [
        StreamMetadata {
            truncate_before: Some(Revision(1)),
            labels: labels(&[("größe", "ü\n\"🦀"), ("", "")]),
        },
        StreamMetadata {
            truncate_before: None,
            labels: labels(&[("retention", "30 d")]),
        },
        from_revision(2),
        StreamMetadata::default(),
    ] {
        set(&*on.log, &one, metadata.clone()).await;
        assert_eq!(get(&*on.log, &one).await, metadata);
        assert_eq!(get(&*on.log, &other).await, StreamMetadata::default());
    }
}

/// Setting it records no event, delivers nothing, and leaves a stream that was never written unwritten.
pub async fn metadata_makes_no_event_and_no_stream(on: &Subject) {
    let (to, other) = (stream("call-acme_1"), stream("call-acme_2"));
    put(&*on.log, &other, Expected::NoStream, events(0..1)).await;
    let before = (everything(&*on.log).await, tail(&*on.log).await);
    let mut deliveries = on.log.subscribe(before.1, Filter::default());
    catch_up(&mut deliveries).await;
    for n in 0..3 {
        set(
            &*on.log,
            &to,
            StreamMetadata {
                labels: labels(&[("n", &n.to_string())]),
                ..from_revision(0)
            },
        )
        .await;
        on.log
            .set_log_labels(labels(&[("n", &n.to_string())]))
            .await
            .expect("labels are taken");
    }
    assert_eq!((everything(&*on.log).await, tail(&*on.log).await), before);
    assert_eq!(whole(&*on.log, &to).await, []);
    assert_eq!(
        conflict(&*on.log, &to, Expected::At(Revision(0)), events(5..6)).await,
        None
    );
    put(&*on.log, &to, Expected::NoStream, events(1..2)).await;
    assert_eq!(next_event(&mut deliveries).await.id, event(1).id);
    assert_eq!(get(&*on.log, &to).await.labels, labels(&[("n", "2")]));
}

/// From `truncate_before` on the stream is as it was; what stands before it is read no more, and takes no part in limits.
pub async fn truncated_events_are_hidden_both_ways(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(0..10)).await;
    let before = whole(&*on.log, &to).await;
    for first in [0, 1, 4, 9] {
        set(&*on.log, &to, from_revision(first)).await;
        let first = usize::try_from(first).expect("a small number");
        let shown = &before[first..];
        assert_eq!(whole(&*on.log, &to).await, shown);
        for limit in [0, 1, 3, 100] {
            let read = all(on.log.read_stream(&to, forwards(), limit)).await;
            assert!(read.iter().eq(shown.iter().take(limit)), "{limit} from {first}");
            let read = all(on.log.read_stream(&to, backwards(), limit)).await;
            assert!(
                read.iter().eq(shown.iter().rev().take(limit)),
                "{limit} back to {first}"
            );
        }
        let range = Range::Forwards {
            after: Some(Revision(2)),
        };
        let read = all(on.log.read_stream(&to, range, 2)).await;
        assert!(read.iter().eq(before[first.max(3)..].iter().take(2)));
        let range = Range::Backwards {
            before: Some(Revision(5)),
        };
        let read = all(on.log.read_stream(&to, range, usize::MAX)).await;
        assert!(read.iter().eq(before[first.min(5)..5].iter().rev()));
    }
}

/// Where everything is hidden the stream reads empty, and yet is where it was: revisions go on, and so do the checks.
pub async fn a_stream_truncated_whole_goes_on_where_it_was(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(0..3)).await;
    set(&*on.log, &to, from_revision(3)).await;
    assert_eq!(whole(&*on.log, &to).await, []);
    assert_eq!(all(on.log.read_stream(&to, backwards(), 1)).await, []);
    for wrong in [
        Expected::NoStream,
        Expected::At(Revision(1)),
        Expected::At(Revision(3)),
    ] {
        assert_eq!(
            conflict(&*on.log, &to, wrong, events(9..10)).await,
            Some(Revision(2))
        );
    }
    let appended = put(&*on.log, &to, Expected::At(Revision(2)), events(3..5)).await;
    assert_eq!(appended.revision, Revision(4));
    assert_eq!(ids(&whole(&*on.log, &to).await), numbered(3..5));
    // Ahead of the stream: what is still to come is hidden too, until the stream has got there.
    set(&*on.log, &to, from_revision(6)).await;
    put(&*on.log, &to, Expected::Any, events(5..6)).await;
    assert_eq!(whole(&*on.log, &to).await, []);
    let appended = put(&*on.log, &to, Expected::Any, events(6..7)).await;
    assert_eq!(appended.revision, Revision(6));
    assert_eq!(ids(&whole(&*on.log, &to).await), numbered(6..7));
    assert_growing(&everything(&*on.log).await);
}

/// Hidden events still stand where they were, so a late repeat is no conflict.
pub async fn a_repeat_is_known_even_where_it_is_hidden(on: &Subject) {
    let to = stream("call-acme_1");
    let first = put(&*on.log, &to, Expected::NoStream, events(0..2)).await;
    let second = put(&*on.log, &to, Expected::At(Revision(1)), events(2..4)).await;
    set(&*on.log, &to, from_revision(3)).await;
    for (expected, numbers, before) in [
        (Expected::NoStream, 0..2, first),
        (Expected::At(Revision(1)), 2..4, second),
        (Expected::Any, 0..2, first),
    ] {
        let again = put(&*on.log, &to, expected, events(numbers)).await;
        assert_eq!(
            again,
            Appended {
                repeated: true,
                ..before
            }
        );
    }
    assert_eq!(ids(&whole(&*on.log, &to).await), numbered(3..4));
}

/// The id never changes, labels are replaced as a whole, and the engine names itself.
pub async fn the_log_keeps_its_id_and_labels(on: &Subject) {
    let before = on.log.log_metadata().await.expect("metadata can be read");
    assert!(!before.engine.is_empty() && !before.id.is_empty());
    for wanted in [
        labels(&[("region", "eu-west-2"), ("größe", "ü\n\"🦀")]),
        labels(&[("pair", "eu-central-1")]),
        labels(&[]),
    ] {
        on.log
            .set_log_labels(wanted.clone())
            .await
            .expect("labels are taken");
        put(
            &*on.log,
            &stream("call-acme_1"),
            Expected::Any,
            events([wanted.len() as u64]),
        )
        .await;
        let now = on.log.log_metadata().await.expect("metadata can be read");
        assert_eq!(
            (now.engine, &now.id, now.labels),
            (before.engine, &before.id, wanted)
        );
    }
}
