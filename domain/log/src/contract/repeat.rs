//! Repeats: an append may be sent again with the same ids, and is recorded once.

use super::Subject;
use super::sample::{assert_counted, conflict, event, events, everything, ids, numbered, put, stream, whole};
use crate::{Appended, Expected, NewEvent, Revision, StreamName};

async fn put_again(
    on: &Subject,
    to: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
    first: Appended,
) {
    let again = put(&*on.log, to, expected, events).await;
    assert_eq!(
        again,
        Appended {
            repeated: true,
            ..first
        },
        "{expected:?}"
    );
}

/// Sent at once again, an append answers the same, says `repeated`, and records nothing.
pub async fn a_repeat_is_answered_as_at_first(on: &Subject) {
    for (place, expected) in [Expected::NoStream, Expected::Any].into_iter().enumerate() {
        let to = stream(&format!("call-acme_{place}"));
        let base = place as u64 * 100;
        let first = put(&*on.log, &to, expected, events(base..base + 3)).await;
        assert!(!first.repeated);
        put_again(on, &to, expected, events(base..base + 3), first).await;
        let at = Expected::At(Revision(2));
        let second = put(&*on.log, &to, at, events(base + 3..base + 5)).await;
        put_again(on, &to, at, events(base + 3..base + 5), second).await;
        let read = whole(&*on.log, &to).await;
        assert_counted(&read);
        assert_eq!(ids(&read), numbered(base..base + 5));
    }
    assert_eq!(everything(&*on.log).await.len(), 10);
}

/// What the ids say counts, not what the events hold: the first form stays.
pub async fn a_repeat_is_known_after_further_appends(on: &Subject) {
    let (to, other) = (stream("call-acme_1"), stream("call-acme_2"));
    let first = put(&*on.log, &to, Expected::NoStream, events(1..4)).await;
    let second = put(&*on.log, &to, Expected::At(Revision(2)), events(4..5)).await;
    let third = put(&*on.log, &to, Expected::Any, events(5..7)).await;
    for n in 0..50 {
        put(&*on.log, &to, Expected::Any, events([1000 + n])).await;
        put(&*on.log, &other, Expected::Any, events([2000 + n])).await;
    }
    let before = everything(&*on.log).await;
    let changed = |event: NewEvent| NewEvent {
        data: r#"{"note":"said differently"}"#.into(),
        ..event
    };
    put_again(on, &to, Expected::NoStream, events(1..4), first).await;
    let reworded = events(1..4).into_iter().map(changed).collect();
    put_again(on, &to, Expected::NoStream, reworded, first).await;
    put_again(on, &to, Expected::At(Revision(2)), events(4..5), second).await;
    put_again(on, &to, Expected::Any, events(5..7), third).await;
    put_again(on, &to, Expected::Any, events(1..4), first).await;
    assert_eq!(everything(&*on.log).await, before);
}

/// Events that stand where they were expected are a repeat, though they were once part of a longer append.
pub async fn a_repeat_of_a_part_is_a_repeat(on: &Subject) {
    let to = stream("call-acme_1");
    let first = put(&*on.log, &to, Expected::NoStream, events(1..6)).await;
    let read = whole(&*on.log, &to).await;
    let part = Appended {
        revision: Revision(2),
        position: read[2].position,
        repeated: true,
    };
    put_again(on, &to, Expected::NoStream, events(1..4), part).await;
    put_again(on, &to, Expected::At(Revision(0)), events(2..4), part).await;
    put_again(on, &to, Expected::At(Revision(1)), events(3..6), first).await;
    put_again(on, &to, Expected::Any, events(2..4), part).await;
    assert_eq!(everything(&*on.log).await, read);
}

/// Events of which only the first are there are a conflict, and none of them is recorded.
pub async fn a_repeat_with_something_new_is_a_conflict(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(1..4)).await;
    let last = Some(Revision(2));
    for (expected, numbers) in [
        (Expected::NoStream, vec![1, 2, 3, 4]),
        (Expected::NoStream, vec![1, 9]),
        (Expected::At(Revision(0)), vec![2, 3, 4]),
        (Expected::At(Revision(1)), vec![3, 4]),
        (Expected::At(Revision(1)), vec![9, 3]),
        (Expected::Any, vec![1, 2, 3, 4]),
        (Expected::Any, vec![3, 4]),
        (Expected::Any, vec![9, 1]),
    ] {
        let actual = conflict(&*on.log, &to, expected, events(numbers.clone())).await;
        assert_eq!(actual, last, "{expected:?} {numbers:?}");
    }
    assert_eq!(ids(&everything(&*on.log).await), numbered(1..4));
}

/// Order belongs to what is repeated.
pub async fn the_same_ids_in_another_order_are_a_conflict(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(1..4)).await;
    for (expected, numbers) in [
        (Expected::NoStream, [2, 1, 3]),
        (Expected::NoStream, [3, 2, 1]),
        (Expected::Any, [3, 2, 1]),
    ] {
        conflict(&*on.log, &to, expected, events(numbers)).await;
    }
    conflict(&*on.log, &to, Expected::At(Revision(0)), events([3, 2])).await;
    assert_eq!(ids(&everything(&*on.log).await), numbered(1..4));
}

/// Ids are known within their stream: elsewhere they are new.
pub async fn the_same_ids_in_another_stream_are_new(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("call-acme_2"));
    for (to, expected) in [(&one, Expected::NoStream), (&other, Expected::NoStream)] {
        let appended = put(&*on.log, to, expected, vec![event(1), event(2)]).await;
        assert!(!appended.repeated);
    }
    let third = stream("call-acme_3");
    let appended = put(&*on.log, &third, Expected::Any, vec![event(1), event(2)]).await;
    assert!(!appended.repeated);
    assert_eq!(everything(&*on.log).await.len(), 6);
}

/// With a revision the place counts too: the same events expected elsewhere are a conflict.
pub async fn a_repeat_at_another_revision_is_a_conflict(on: &Subject) {
    let to = stream("call-acme_1");
    put(&*on.log, &to, Expected::NoStream, events(1..4)).await;
    put(&*on.log, &to, Expected::At(Revision(2)), events(4..6)).await;
    for wrong in [0, 1, 3, 9] {
        let expected = Expected::At(Revision(wrong));
        let actual = conflict(&*on.log, &to, expected, events(4..6)).await;
        assert_eq!(actual, Some(Revision(4)));
    }
    let actual = conflict(&*on.log, &to, Expected::NoStream, events(4..6)).await;
    assert_eq!(actual, Some(Revision(4)));
    assert_eq!(ids(&everything(&*on.log).await), numbered(1..6));
}
