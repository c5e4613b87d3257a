//! Whether an append is taken, had been taken before, or is refused: KurrentDB's rules as its documentation gives them.

use uuid::Uuid;

use super::store::Expected;

/// What becomes of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Its events are written.
    Take,
    /// They had been written before, the last of them as this revision.
    Repeat { revision: u64 },
    /// The stream is not where it was expected to be.
    Refuse,
}

/// Decides by the ids that the stream holds (`kept`, by revision) and those that are to be appended.
///
/// With an expected revision, events that all stand right after it are a repeat. With any, those are a repeat that are
/// all in the stream, wherever; this is what the documentation calls best effort, for a real server forgets ids.
/// A repeat of which a part is missing is refused.
pub(super) fn decide(kept: &[Uuid], expected: Expected, ids: &[Uuid]) -> Decision {
    let place = match expected {
        Expected::Any => return decide_any(kept, ids),
        Expected::StreamExists if kept.is_empty() => return Decision::Refuse,
        Expected::StreamExists => return decide_any(kept, ids),
        Expected::NoStream => 0,
        Expected::Revision(revision) => {
            match usize::try_from(revision).map(|revision| revision.checked_add(1)) {
                Ok(Some(place)) => place,
                Ok(None) | Err(_) => return Decision::Refuse,
            }
        }
    };
    if place == kept.len() {
        return Decision::Take;
    }
    match kept.get(place..) {
        Some(there) if there.starts_with(ids) && !ids.is_empty() => Decision::Repeat {
            revision: (place + ids.len() - 1) as u64,
        },
        Some(_) | None => Decision::Refuse,
    }
}

fn decide_any(kept: &[Uuid], ids: &[Uuid]) -> Decision {
    let place = |id: &Uuid| kept.iter().rposition(|there| there == id);
    let Some(_) = ids.first().and_then(place) else {
        return Decision::Take;
    };
    let places: Option<Vec<usize>> = ids.iter().map(place).collect();
    match places.and_then(|places| places.last().copied()) {
        Some(last) => Decision::Repeat {
            revision: last as u64,
        },
        None => Decision::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u128]) -> Vec<Uuid> {
        numbers.iter().copied().map(Uuid::from_u128).collect()
    }

    fn decided(expected: Expected, numbers: &[u128]) -> Decision {
        decide(&ids(&[1, 2, 3]), expected, &ids(numbers))
    }

    #[test]
    fn events_go_where_they_are_expected_to() {
        assert_eq!(decide(&[], Expected::NoStream, &ids(&[1])), Decision::Take);
        assert_eq!(decided(Expected::Revision(2), &[4]), Decision::Take);
        assert_eq!(decided(Expected::Revision(1), &[4]), Decision::Refuse);
        assert_eq!(decided(Expected::Revision(7), &[4]), Decision::Refuse);
        for far in [u64::MAX, u64::MAX - 1] {
            assert_eq!(decided(Expected::Revision(far), &[4]), Decision::Refuse);
        }
        assert_eq!(decided(Expected::NoStream, &[4]), Decision::Refuse);
        assert_eq!(decide(&[], Expected::StreamExists, &ids(&[1])), Decision::Refuse);
    }

    #[test]
    fn a_repeat_right_after_the_expected_revision_is_none_the_worse() {
        assert_eq!(
            decided(Expected::Revision(0), &[2, 3]),
            Decision::Repeat { revision: 2 }
        );
        assert_eq!(
            decided(Expected::NoStream, &[1]),
            Decision::Repeat { revision: 0 }
        );
        assert_eq!(decided(Expected::Revision(0), &[3]), Decision::Refuse);
    }

    #[test]
    fn a_repeat_of_which_a_part_is_missing_is_refused() {
        assert_eq!(decided(Expected::Revision(1), &[3, 4]), Decision::Refuse);
        assert_eq!(decided(Expected::Any, &[3, 4]), Decision::Refuse);
    }

    #[test]
    fn a_repeat_with_any_revision_is_found_wherever_it_stands() {
        assert_eq!(decided(Expected::Any, &[1, 2]), Decision::Repeat { revision: 1 });
        assert_eq!(decided(Expected::Any, &[4]), Decision::Take);
    }
}
