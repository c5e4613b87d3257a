//! A log is copied into others, and others into it.

use super::Stand;
use super::metadata::{from_revision, labels};
use super::sample::{events, everything, put, stream, whole};
use crate::transfer::copy;
use crate::{EventLog, Expected, MemoryLog, Recorded};

/// Copied from memory into the log and from there into memory again, it is the same; done again, nothing is written.
pub async fn a_copy_there_and_back_is_the_same<S: Stand>(stand: &S) {
    let place = stand.place().await;
    let (log, before, after) = (stand.open(&place).await, MemoryLog::new(), MemoryLog::new());
    for n in 0..40 {
        let to = stream(["call-acme_1", "queue-acme_1", "call-größe_🦀"][n % 3]);
        let first = n as u64 * 5;
        put(
            &before,
            &to,
            Expected::Any,
            events(first..first + 1 + n as u64 % 5),
        )
        .await;
    }
    let cut = stream("call-acme_1");
    before
        .set_stream_metadata(&cut, from_revision(7))
        .await
        .expect("metadata is taken");
    before
        .set_log_labels(labels(&[("region", "eu-west-2")]))
        .await
        .expect("labels are taken");

    for written in [120, 0] {
        let copied = copy(&before, &*log, |_| ()).await.expect("the log takes a copy");
        assert_eq!((copied.events, copied.written), (120, written));
    }
    let there: Vec<Recorded> = everything(&*log).await;
    let same_but_position = there.iter().zip(everything(&before).await).all(|(there, event)| {
        *there
            == Recorded {
                position: there.position,
                ..event
            }
    });
    assert!(same_but_position && there.len() == 120);
    assert_eq!(whole(&*log, &cut).await.len(), whole(&before, &cut).await.len());

    copy(&*log, &after, |_| ()).await.expect("the log gives a copy");
    assert_eq!(everything(&after).await, everything(&before).await);
    assert_eq!(whole(&after, &cut).await, whole(&before, &cut).await);
    assert_eq!(
        after.log_metadata().await.expect("it is there").labels,
        labels(&[("region", "eu-west-2")])
    );
    stand.close(log).await;
}
