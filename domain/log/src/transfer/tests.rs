use std::collections::BTreeMap;

use super::*;
use crate::MemoryLog;
use crate::contract::sample::{event, events, everything, ids, large, numbered, put, stream, whole};

/// Makes a log with streams that take turns, one of them cut at its head, and metadata of all sorts.
pub(super) async fn written() -> MemoryLog {
    let log = MemoryLog::new();
    for (to, numbers) in [
        ("call-acme_1", 0..3),
        ("queue-acme_1", 3..4),
        ("call-acme_1", 4..5),
        ("call-acme_1", 5..9),
        ("Anruf-größe_🦀", 9..10),
        ("queue-acme_1", 10..12),
    ] {
        put(&log, &stream(to), Expected::Any, events(numbers)).await;
    }
    let sealed = NewEvent {
        data: r#"{ "caller" : {"$person":"0198c0de-0000-7000-8000-000000000001","$sealed":"AAECAw=="} }"#
            .into(),
        ..event(12)
    };
    put(&log, &stream("call-acme_2"), Expected::NoStream, vec![sealed]).await;
    let cut = StreamMetadata {
        truncate_before: Some(Revision(6)),
        labels: labelled("why", "signals"),
    };
    log.set_stream_metadata(&stream("call-acme_1"), cut)
        .await
        .unwrap();
    log.set_log_labels(labelled("region", "eu-west-2")).await.unwrap();
    log
}

pub(super) fn labelled(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

/// Checks that a log holds what [`written`] wrote.
pub(super) async fn assert_same(one: &MemoryLog, other: &MemoryLog) {
    assert_eq!(everything(other).await, everything(one).await);
    for name in ["call-acme_1", "call-acme_2", "queue-acme_1"].map(stream) {
        assert_eq!(whole(other, &name).await, whole(one, &name).await);
        assert_eq!(
            other.stream_metadata(&name).await.unwrap(),
            one.stream_metadata(&name).await.unwrap()
        );
    }
    assert_eq!(
        other.log_metadata().await.unwrap().labels,
        one.log_metadata().await.unwrap().labels
    );
}

#[tokio::test]
async fn a_copy_holds_the_same_in_the_same_order() {
    let (one, other) = (written().await, MemoryLog::new());
    let mut told = vec![];
    let copied = copy(&one, &other, |progress| told.push(progress)).await.unwrap();
    assert_same(&one, &other).await;
    assert_ne!(
        one.log_metadata().await.unwrap().id,
        other.log_metadata().await.unwrap().id
    );
    assert_eq!(
        (copied.events, copied.written, copied.up_to),
        (13, 13, one.tail().await.unwrap())
    );
    assert!(
        told.iter()
            .map(|progress| progress.events)
            .eq([3, 4, 9, 10, 12, 13]),
        "{told:?}"
    );
    assert_eq!(
        ids(&whole(&other, &stream("call-acme_1")).await),
        numbered(7..9),
        "hidden there too"
    );
}

#[tokio::test]
async fn a_copy_that_broke_off_anywhere_is_finished_by_the_next() {
    let one = written().await;
    let log = everything(&one).await;
    for arrived in 0..=log.len() {
        let other = MemoryLog::new();
        for event in log.iter().take(arrived).cloned() {
            let stream = event.stream.clone();
            put(&other, &stream, Expected::Any, vec![anew(event)]).await;
        }
        let copied = copy(&one, &other, |_| ()).await.unwrap();
        assert_eq!((copied.events, copied.written), (13, 13 - arrived as u64));
        assert_same(&one, &other).await;
        assert_eq!(
            copy(&one, &other, |_| ()).await.unwrap().written,
            0,
            "nothing is left to do"
        );
    }
}

#[tokio::test]
async fn what_came_in_since_arrives_with_the_next_copy() {
    let (one, other) = (written().await, MemoryLog::new());
    copy(&one, &other, |_| ()).await.unwrap();
    other.set_log_labels(labelled("own", "1")).await.unwrap();
    put(&one, &stream("call-acme_1"), Expected::Any, events(100..1000)).await;
    put(
        &one,
        &stream("call-acme_9"),
        Expected::Any,
        vec![large(1000, 4_000_000), large(1001, 4_000_000)],
    )
    .await;
    let mut told = vec![];
    let copied = copy(&one, &other, |progress| told.push(progress.events))
        .await
        .unwrap();
    assert_eq!((copied.events, copied.written), (915, 902));
    assert_eq!(told, [269, 525, 781, 913, 915]);
    assert_eq!(everything(&other).await, everything(&one).await);
    let labels = other.log_metadata().await.unwrap().labels;
    assert_eq!(labels.len(), 2, "its own stay: {labels:?}");
}

#[tokio::test]
async fn another_log_is_told_apart_before_anything_is_written() {
    let one = written().await;
    let (first, second) = (everything(&one).await[0].clone(), event(1));
    for (changed, wanted) in [
        (
            vec![NewEvent {
                data: "{}".into(),
                ..event(0)
            }],
            "payload",
        ),
        (
            vec![NewEvent {
                time: first.time.plus(domain_model::Millis(1)),
                ..event(0)
            }],
            "time",
        ),
        (
            vec![
                event(0),
                NewEvent {
                    id: event(9).id,
                    ..second
                },
            ],
            "id",
        ),
    ] {
        let other = MemoryLog::new();
        put(&other, &first.stream, Expected::NoStream, changed.clone()).await;
        let before = everything(&other).await;
        match copy(&one, &other, |_| ()).await {
            Err(CopyError::Different { position, field }) => {
                assert_eq!((position, field), (before[before.len() - 1].position, wanted));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(everything(&other).await, before);
    }
    let other = MemoryLog::new();
    put(&other, &stream("call-acme_7"), Expected::NoStream, events(0..1)).await;
    let refused = copy(&one, &other, |_| ()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the log to copy to holds another event at position 0: its stream differs"
    );
}

#[tokio::test]
async fn an_empty_log_copies_as_one() {
    let (one, other) = (MemoryLog::new(), MemoryLog::new());
    assert_eq!(copy(&one, &other, |_| ()).await.unwrap(), Copied::default());
    assert_eq!(everything(&other).await, []);
}

#[tokio::test]
async fn events_that_the_log_to_copy_from_has_removed_are_named() {
    let (one, other) = (written().await, MemoryLog::new());
    let mut receiver = Receiver::new(&other, |_| ());
    let mut log = everything(&one).await;
    log.retain(|event| event.stream.as_str() != "call-acme_1" || event.revision > Revision(2));
    let mut outcome = Ok(());
    for event in log {
        outcome = receiver.take(event).await;
        if outcome.is_err() {
            break;
        }
    }
    let refused = outcome.unwrap_err().to_string();
    assert_eq!(
        refused,
        "stream call-acme_1 begins at revision 3: what stood before it is gone"
    );
}
