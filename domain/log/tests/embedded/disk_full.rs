//! A disk without room, and one that does not sync.

use domain_log::AppendError;
use futures_util::future::join_all;

use super::*;

#[tokio::test]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 3).await;
    disk.set_room(Some(disk.used() + usize::try_from(SMALL).unwrap()));
    let mut taken = 3;
    let refused = loop {
        match log
            .append(&stream("queue-acme_1"), Expected::Any, vec![event(taken)])
            .await
        {
            Ok(_) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, AppendError::Full { .. }), "{refused}");
    assert_eq!(refused.to_string(), "the log's disk is full");
    assert!(
        matches!(one_more(&log).await, Err(AppendError::Full { .. })),
        "still full"
    );
    assert_eq!(
        everything(&log).await.len() as u64,
        taken,
        "what was taken is served meanwhile"
    );
    disk.set_room(None);
    one_more(&log).await.expect("there is room again");
    drop(log);
    assert_eq!(everything(&open(&disk).unwrap()).await.len() as u64, taken + 1);
}

#[tokio::test]
async fn what_a_full_disk_refused_is_forgotten() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 30).await;
    disk.refuse_writes(true);
    let to = stream("call-acme_0");
    let appends = (30..40).map(|n| log.append(&to, Expected::Any, vec![event(n)]));
    for refused in join_all(appends).await {
        assert!(matches!(refused, Err(AppendError::Full { .. })), "{refused:?}");
    }
    disk.refuse_writes(false);
    // The stream is where it was, and the refused events can come once more.
    for n in 30..33 {
        let expected = Expected::At(Revision(n - 21));
        let appended = log.append(&to, expected, vec![event(n)]).await.unwrap();
        assert_eq!((appended.revision, appended.repeated), (Revision(n - 20), false));
    }
    assert_eq!(everything(&log).await.len(), 33);
    drop(log);
    assert_eq!(everything(&open(&disk).unwrap()).await.len(), 33);
}

#[tokio::test]
async fn after_a_failed_sync_the_log_takes_nothing_more() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 3).await;
    disk.fail_syncs(true);
    assert!(
        matches!(one_more(&log).await, Err(AppendError::Unknown { .. })),
        "nobody knows"
    );
    disk.fail_syncs(false);
    let stopped = one_more(&log)
        .await
        .expect_err("the disk cannot be trusted any more")
        .to_string();
    assert_eq!(
        stopped,
        "the log stopped writing after a failure at position 3: a sync of the disk failed: the disk does not sync"
    );
    assert_eq!(everything(&log).await.len(), 3, "what was safe is still served");
    drop(log);
    // What a start finds on the disk is the truth again.
    one_more(&open(&disk).unwrap())
        .await
        .expect("it was started anew");
}
