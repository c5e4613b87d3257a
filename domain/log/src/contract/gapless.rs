//! For logs that count their positions one by one.

use std::collections::BTreeMap;

use super::Subject;
use super::sample::{conflict, events, everything, put, stream, tail};
use crate::{Expected, Position, Revision, StreamMetadata};

/// Positions are 0, 1, 2 …; what is refused, repeated or no event takes none.
pub async fn positions_count_from_nought_without_a_gap(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(0..3)).await;
    put(&*on.log, &to, Expected::NoStream, events(0..3)).await;
    conflict(&*on.log, &to, Expected::NoStream, events(5..6)).await;
    let metadata = StreamMetadata {
        truncate_before: Some(Revision(2)),
        ..StreamMetadata::default()
    };
    on.log
        .set_stream_metadata(&to, metadata)
        .await
        .expect("metadata is taken");
    on.log
        .set_log_labels(BTreeMap::new())
        .await
        .expect("labels are taken");
    for n in 0..20 {
        let other = stream(&format!("queue-acme_{n}"));
        put(&*on.log, &other, Expected::Any, events(10 * n..10 * n + 2)).await;
    }
    let log = everything(&*on.log).await;
    assert!(
        log.iter()
            .map(|event| event.position)
            .eq((0..43).map(Position::at))
    );
    assert_eq!(tail(&*on.log).await, Some(Position::at(42)));
}
