//! Following a stream or `$all`: first what is there, then what comes, with a word at the border between the two.

use std::sync::atomic::Ordering;

use super::filter::Filter;
use super::proto::event_store::client::streams::read_resp::{
    CaughtUp, Checkpoint, Content, FellBehind, Position, SubscriptionConfirmation,
};
use super::read::{Done, Reading, Start};
use super::store::{Place, Stream};

/// Follows `$all` after a place; where to start is exclusive here, although it is inclusive when `$all` is read.
pub(super) async fn follow_all(reading: &Reading, after: Start<Place>, filter: Filter) -> Result<(), Done> {
    confirm(reading).await?;
    if reading.faults.end_at_once.load(Ordering::SeqCst) {
        return Ok(());
    }
    let mut grown = reading.store.watch();
    let (mut end, mut behind) = (reading.end.clone(), reading.behind.clone());
    let (mut next, mut last) = match after {
        Start::First => (0, None),
        Start::Last => {
            let len = reading.store.len();
            (len, place_before(reading, len))
        }
        Start::At(place) => {
            let index = reading.store.index_of(place);
            let there = reading
                .store
                .at(index)
                .is_some_and(|record| record.place == place);
            (index + usize::from(there), Some(place))
        }
    };
    let mut looked_at = 0;
    let mut live = false;
    loop {
        while let Some(record) = reading.store.at(next) {
            next += 1;
            looked_at += 1;
            // A place that lies ahead of the log says what its reader is not interested in.
            if last.is_some_and(|last| record.place <= last) {
                continue;
            }
            last = Some(record.place);
            if filter.passes(&record) {
                reading.send_event(&record).await?;
            }
            if filter.checkpoint_is_due(looked_at) {
                checkpoint(reading, last).await?;
            }
        }
        if !live {
            live = true;
            if filter.has_checkpoints() {
                checkpoint(reading, last).await?;
            }
            let position = last.map(|place| Position {
                commit_position: place.commit,
                prepare_position: place.prepare,
            });
            caught_up(reading, None, position).await?;
            if reading.faults.end_when_caught_up.load(Ordering::SeqCst) {
                return Ok(());
            }
        }
        tokio::select! {
            _ = grown.wait_for(|count| *count > next) => {}
            _ = behind.changed() => live = false,
            _ = end.changed() => return Ok(()),
            () = reading.to.closed() => return Err(Done),
        }
        if !live {
            fell_behind(reading).await?;
        }
    }
}

/// Follows one stream after a revision.
pub(super) async fn follow_stream(reading: &Reading, name: &str, after: Start<u64>) -> Result<(), Done> {
    confirm(reading).await?;
    if reading.faults.end_at_once.load(Ordering::SeqCst) {
        return Ok(());
    }
    let mut grown = reading.store.watch();
    let mut end = reading.end.clone();
    let mut next = match (after, reading.store.stream(name)) {
        (Start::First, _) | (Start::Last, Stream::Absent | Stream::Deleted) => 0,
        (Start::Last, Stream::Open { last, .. }) => last + 1,
        (Start::At(revision), _) => revision.saturating_add(1),
    };
    let mut live = false;
    loop {
        let seen = *grown.borrow_and_update();
        if let Stream::Open { first, last } = reading.store.stream(name) {
            for revision in next.max(first)..=last {
                let record = reading.store.in_stream(name, revision);
                reading.send_event(&record).await?;
            }
            next = next.max(last + 1);
        }
        if !live {
            live = true;
            let revision = next.checked_sub(1).and_then(|last| i64::try_from(last).ok());
            caught_up(reading, revision, None).await?;
        }
        tokio::select! {
            _ = grown.wait_for(|count| *count > seen) => {}
            _ = end.changed() => return Ok(()),
            () = reading.to.closed() => return Err(Done),
        }
    }
}

fn place_before(reading: &Reading, index: usize) -> Option<Place> {
    let record = reading.store.at(index.checked_sub(1)?)?;
    Some(record.place)
}

async fn confirm(reading: &Reading) -> Result<(), Done> {
    let subscription_id = uuid::Uuid::new_v4().to_string();
    reading
        .send(Content::Confirmation(SubscriptionConfirmation {
            subscription_id,
        }))
        .await
}

async fn checkpoint(reading: &Reading, last: Option<Place>) -> Result<(), Done> {
    let Some(place) = last else { return Ok(()) };
    let checkpoint = Checkpoint {
        commit_position: place.commit,
        prepare_position: place.prepare,
        timestamp: Some(std::time::SystemTime::now().into()),
    };
    reading.send(Content::Checkpoint(checkpoint)).await
}

async fn caught_up(reading: &Reading, revision: Option<i64>, position: Option<Position>) -> Result<(), Done> {
    let caught_up = CaughtUp {
        timestamp: Some(std::time::SystemTime::now().into()),
        stream_revision: revision,
        position,
    };
    reading.send(Content::CaughtUp(caught_up)).await
}

async fn fell_behind(reading: &Reading) -> Result<(), Done> {
    let fell_behind = FellBehind {
        timestamp: Some(std::time::SystemTime::now().into()),
        ..FellBehind::default()
    };
    reading.send(Content::FellBehind(fell_behind)).await
}
