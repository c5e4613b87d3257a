//! Appends to streams that the log has to look up on the disk, for it remembers nothing of them.

use domain_log::AppendError;
use futures_util::future::join_all;

use super::*;

const EVENTS: u64 = 3_000;
const LAST: Revision = Revision(EVENTS / 3 - 1);

/// Fills several segments, and opens the log again.
async fn forgotten(disk: &FaultyDisk) -> EmbeddedLog {
    let log = open(disk).expect("an empty disk");
    fill(&log, EVENTS).await;
    drop(log);
    open(disk).expect("what was closed opens")
}

#[tokio::test]
async fn those_who_append_at_once_get_revisions_that_follow_one_another() {
    let log = forgotten(&FaultyDisk::default()).await;
    let to = stream("call-acme_0");
    let appends = (0..64).map(|n| log.append(&to, Expected::Any, vec![event(EVENTS + n)]));
    let mut revisions: Vec<_> = join_all(appends)
        .await
        .into_iter()
        .map(|appended| appended.unwrap().revision.0)
        .collect();
    revisions.sort_unstable();
    assert_eq!(revisions, (LAST.0 + 1..=LAST.0 + 64).collect::<Vec<_>>());
}

#[tokio::test]
async fn of_those_who_expect_the_same_revision_one_is_right() {
    let log = forgotten(&FaultyDisk::default()).await;
    let to = stream("call-acme_1");
    let appends = (0..64).map(|n| log.append(&to, Expected::At(LAST), vec![event(EVENTS + n)]));
    let answers = join_all(appends).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for refused in answers.into_iter().filter_map(Result::err) {
        assert!(
            matches!(refused, AppendError::Conflict { actual: Some(actual), .. } if actual == Revision(LAST.0 + 1)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn what_is_said_twice_is_recorded_once_whether_it_expects_something_or_not() {
    let log = forgotten(&FaultyDisk::default()).await;
    for (n, expected) in [
        (30, Expected::Any),
        (31, Expected::At(Revision(9))),
        (2, Expected::NoStream),
    ] {
        let to = stream(&format!("call-acme_{}", n % 3));
        let again = log.append(&to, expected, vec![event(n)]).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.revision, Revision(n / 3));
    }
    assert_eq!(everything(&log).await.len() as u64, EVENTS);
}

#[tokio::test]
async fn a_stream_that_is_nowhere_is_new() {
    let log = forgotten(&FaultyDisk::default()).await;
    for n in 0..300 {
        let to = stream(&format!("queue-acme_{n}"));
        let appended = log.append(&to, Expected::NoStream, vec![event(EVENTS + n)]).await;
        assert_eq!(appended.unwrap().revision, Revision(0));
    }
}
