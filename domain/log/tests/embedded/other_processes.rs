//! One writes, others read.

use domain_log::embedded::{copy, verify};
use domain_log::{AppendError, Delivery, Position};
use futures_util::StreamExt as _;

use super::*;

#[tokio::test]
async fn a_second_writer_is_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let first = EmbeddedLog::open(&at(folder.path())).unwrap();
    assert!(matches!(
        EmbeddedLog::open(&at(folder.path())),
        Err(OpenError::Locked)
    ));
    drop(first);
    EmbeddedLog::open(&at(folder.path())).expect("the first is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_follows_another_process_through_its_segments() {
    let folder = tempfile::tempdir().unwrap();
    let writer = EmbeddedLog::open(&at(folder.path())).unwrap();
    fill(&writer, 10).await;
    let reader = EmbeddedLog::open_read_only(&at(folder.path())).unwrap();
    assert!(matches!(one_more(&reader).await, Err(AppendError::ReadOnly)));
    let follow = tokio::spawn(async move {
        let mut deliveries = reader.subscribe(None, Filter::default());
        let mut seen = 0;
        while seen < 3000 {
            match deliveries
                .next()
                .await
                .expect("it goes on")
                .expect("nothing is damaged")
            {
                Delivery::Event(event) => {
                    assert_eq!(event.position, Position::at(seen));
                    seen += 1;
                }
                Delivery::Checkpoint(_) | Delivery::CaughtUp(_) => {}
            }
        }
        // Streams are found in what was followed, too.
        let last = reader.read_stream(
            &stream("call-acme_0"),
            domain_log::Range::Backwards { before: None },
            1,
        );
        all(last).await[0].revision
    });
    for n in 10..3000 {
        let before = Revision(u64::from(n < 3) + (n - 3) / 3);
        writer
            .append(
                &stream(&format!("call-acme_{}", n % 3)),
                Expected::At(before),
                vec![event(n)],
            )
            .await
            .unwrap();
    }
    let last = tokio::time::timeout(domain_log::contract::sample::LIMIT, follow).await;
    assert_eq!(last.expect("it keeps up").unwrap(), Revision(999));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_events_come_in_holds_all_that_were_acknowledged_before() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Arc::new(EmbeddedLog::open(&at(folder.path())).unwrap());
    fill(&*writer, 1000).await;
    let busy = Arc::clone(&writer);
    let more = tokio::spawn(async move {
        for n in 1000..3000 {
            busy.append(&stream("queue-acme_9"), Expected::Any, vec![event(n)])
                .await
                .unwrap();
        }
    });
    let target = tempfile::tempdir().unwrap();
    let (from, to) = (at(folder.path()), target.path().join("copy"));
    let copied = tokio::task::spawn_blocking({
        let to = to.clone();
        move || copy(&from, &to)
    });
    let copied = copied.await.unwrap().expect("the copy is whole");
    more.await.unwrap();
    assert!(copied.records >= 1000);
    let originals = everything(&*writer).await;
    let log = EmbeddedLog::open(&at(&to)).unwrap();
    let copies = everything(&log).await;
    assert_eq!(copies[..], originals[..copies.len()]);
    assert_eq!(copies.len() as u64, copied.records);
    one_more(&log).await.expect("a copy is a log like any");
    assert!(
        copy(&at(folder.path()), &to)
            .expect_err("something is there")
            .to_string()
            .contains("cannot be used")
    );
    drop(log);
    assert_eq!(verify(&at(&to)).unwrap().records, copied.records + 1);
}
