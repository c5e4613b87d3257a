//! Writers at the same time, and readers beside them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain_model::ids::EventId;
use futures_util::future::join_all;
use tokio::task::JoinHandle;

use super::Subject;
use super::sample::{
    all, assert_counted, assert_growing, event, events, everything, ids, numbered, put, stream, tail, whole,
    within,
};
use crate::{
    AppendError, Appended, EventLog, Expected, Filter, NewEvent, Range, Recorded, Revision, StreamName,
};

const WRITERS: u64 = 64;

type Outcome = Result<Appended, AppendError>;

fn appending(
    on: &Subject,
    to: &StreamName,
    expected: Expected,
    events: Vec<NewEvent>,
) -> JoinHandle<Outcome> {
    let (log, to) = (on.log.clone(), to.clone());
    tokio::spawn(async move { log.append(&to, expected, events).await })
}

async fn joined<T>(tasks: impl IntoIterator<Item = JoinHandle<T>>) -> Vec<T> {
    let outcomes = within("the end of all writers", join_all(tasks)).await;
    outcomes
        .into_iter()
        .map(|outcome| outcome.expect("no task panics"))
        .collect()
}

/// 64 writers expect the same revision, round after round: one is recorded, 63 are told where the stream is now.
pub async fn of_writers_at_one_revision_exactly_one_wins(on: &Subject) {
    let to = stream("call-acme_1");
    let mut winners = vec![];
    for round in 0..on.load.rounds {
        let expected = Expected::from(round.checked_sub(1).map(Revision));
        let number = |writer| round * WRITERS + writer;
        let tasks = (0..WRITERS).map(|writer| appending(on, &to, expected, events([number(writer)])));
        for (writer, outcome) in (0..).zip(joined(tasks.collect::<Vec<_>>()).await) {
            match outcome {
                Ok(appended) => {
                    assert_eq!((appended.revision, appended.repeated), (Revision(round), false));
                    winners.push(number(writer));
                }
                Err(AppendError::Conflict { actual, .. }) => assert_eq!(actual, Some(Revision(round))),
                Err(failed) => panic!("a race is no failure: {failed}"),
            }
        }
        assert_eq!(winners.len() as u64, round + 1, "one winner a round");
    }
    let read = whole(&*on.log, &to).await;
    assert_counted(&read);
    assert_eq!(ids(&read), numbered(winners));
}

/// Writers who load, decide and append again after each conflict all get through, and nothing acknowledged is missing.
pub async fn writers_of_one_stream_lose_nothing(on: &Subject) {
    let to = stream("call-acme_1");
    let rounds = on.load.rounds;
    let writing = |writer: u64| {
        let (log, to) = (on.log.clone(), to.clone());
        tokio::spawn(async move {
            let mut acknowledged = vec![];
            let mut last = None;
            for number in (0..rounds).map(|round| writer * rounds + round) {
                let appended = append_in_the_end(&*log, &to, &mut last, number).await;
                acknowledged.push((event(number).id, appended));
            }
            acknowledged
        })
    };
    let acknowledged = joined((0..WRITERS / 4).map(writing).collect::<Vec<_>>())
        .await
        .concat();
    let read = whole(&*on.log, &to).await;
    assert_counted(&read);
    assert_eq!(read.len(), acknowledged.len());
    assert_eq!(everything(&*on.log).await, read);
    for (id, appended) in acknowledged {
        let revision = usize::try_from(appended.revision.0).expect("a small number");
        let found = &read[revision];
        assert_eq!(
            (found.id, found.position),
            (id, appended.position),
            "it is where it was said to be"
        );
    }
}

async fn append_in_the_end(
    log: &dyn EventLog,
    to: &StreamName,
    last: &mut Option<Revision>,
    number: u64,
) -> Appended {
    loop {
        match log.append(to, (*last).into(), events([number])).await {
            Ok(appended) => {
                *last = Some(appended.revision);
                return appended;
            }
            Err(AppendError::Conflict { actual, .. }) => {
                assert!(
                    actual > *last,
                    "a conflict that tells nothing new would go on for ever"
                );
                *last = actual;
            }
            Err(failed) => panic!("a race is no failure: {failed}"),
        }
    }
}

/// Conflicts among appends under way at the same time touch nobody else's.
pub async fn a_conflict_fails_nobody_else(on: &Subject) {
    for round in 0..on.load.rounds {
        let base = round * WRITERS;
        let to = |n: u64| stream(&format!("call-acme_{}", base + n));
        let expected = |n: u64| match n % 2 {
            0 => Expected::NoStream,
            _ => Expected::At(Revision(7)),
        };
        let tasks = (0..WRITERS).map(|n| appending(on, &to(n), expected(n), events([base + n])));
        for (n, outcome) in (0..).zip(joined(tasks.collect::<Vec<_>>()).await) {
            match (n % 2, outcome) {
                (0, Ok(appended)) => assert_eq!(appended.revision, Revision(0)),
                (1, Err(AppendError::Conflict { actual, .. })) => assert_eq!(actual, None),
                (_, outcome) => panic!("{n}: {outcome:?}"),
            }
        }
    }
    let read = everything(&*on.log).await;
    assert_growing(&read);
    let mut found = ids(&read);
    found.sort();
    assert_eq!(
        found,
        numbered((0..on.load.rounds * WRITERS).filter(|n| n % 2 == 0))
    );
}

/// A sender that lost patience many times is answered each time, and recorded once.
pub async fn one_append_sent_many_times_at_once_is_recorded_once(on: &Subject) {
    let kinds = [Expected::NoStream, Expected::Any];
    for (place, expected) in (0..on.load.rounds).flat_map(|round| kinds.map(|expected| (round, expected))) {
        let to = stream(&format!("call-acme_{place}_{}", expected == Expected::Any));
        let tasks = (0..WRITERS / 2).map(|_| appending(on, &to, expected, events(0..3)));
        let outcomes = joined(tasks.collect::<Vec<_>>()).await;
        let answers: Vec<Appended> = outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|refused| panic!("a repeat is answered: {refused}")))
            .collect();
        let first: Vec<_> = answers.iter().filter(|answer| !answer.repeated).collect();
        assert_eq!(first.len(), 1, "one is the first");
        for answer in &answers {
            assert_eq!(
                (answer.revision, answer.position),
                (first[0].revision, first[0].position)
            );
        }
        assert_eq!(ids(&whole(&*on.log, &to).await), numbered(0..3));
    }
}

/// Whoever reads to the tail sees all events of an append or none, in its stream and in the log.
pub async fn a_reader_never_sees_half_an_append(on: &Subject) {
    const TOGETHER: u64 = 3;
    let to = stream("call-acme_1");
    let writers: Vec<_> = [to.clone(), stream("call-acme_2"), stream("queue-acme_3")]
        .into_iter()
        .zip([0, 1_000_000, 2_000_000])
        .map(|(to, base)| triples(on, to, base, TOGETHER))
        .collect();
    let read_on = reading(&writers, async || {
        for read in [everything(&*on.log).await, whole(&*on.log, &to).await] {
            let mut counts: BTreeMap<&StreamName, u64> = BTreeMap::new();
            for event in &read {
                *counts.entry(&event.stream).or_default() += 1;
            }
            assert!(counts.values().all(|count| count % TOGETHER == 0), "{counts:?}");
        }
    });
    read_on.await;
    joined(writers).await;
}

fn triples(on: &Subject, to: StreamName, base: u64, together: u64) -> JoinHandle<()> {
    let (log, rounds) = (on.log.clone(), on.load.rounds * 10);
    tokio::spawn(async move {
        for first in (0..rounds).map(|round| base + round * together) {
            put(&*log, &to, Expected::Any, events(first..first + together)).await;
        }
    })
}

// Looks again and again while there are writers, and once more after the last.
async fn reading<T>(writers: &[JoinHandle<T>], mut look: impl AsyncFnMut()) {
    while !writers.iter().all(JoinHandle::is_finished) {
        look().await;
    }
    look().await;
}

/// Reading on from the last position seen gives in the end exactly the log: nothing turns up in front of it later.
pub async fn a_reader_never_sees_the_past_change(on: &Subject) {
    let writers: Vec<_> = (0..16)
        .map(|writer| triples(on, stream(&format!("call-acme_{writer}")), writer * 1_000_000, 1))
        .collect();
    let mut seen: Vec<Recorded> = vec![];
    let read_on = reading(&writers, async || {
        let after = seen.last().map(|event| event.position);
        let news = on
            .log
            .read_all(Range::Forwards { after }, Filter::default(), usize::MAX);
        seen.extend(all(news).await);
    });
    read_on.await;
    joined(writers).await;
    assert_growing(&seen);
    assert_eq!(seen, everything(&*on.log).await);
    let mut streams: BTreeMap<StreamName, Vec<Recorded>> = BTreeMap::new();
    for event in seen {
        streams.entry(event.stream.clone()).or_default().push(event);
    }
    for events in streams.values() {
        assert_counted(events);
    }
}

/// As soon as an append is answered, its events are in its stream, in the log, and in front of the tail.
pub async fn what_was_acknowledged_is_seen_at_once(on: &Subject) {
    let stop = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (1..8)
        .map(|n| {
            noise(
                on,
                stream(&format!("queue-acme_{n}")),
                n * 1_000_000,
                stop.clone(),
            )
        })
        .collect();
    let to = stream("call-acme_1");
    for number in 0..on.load.rounds * 5 {
        let after = tail(&*on.log).await;
        let appended = put(&*on.log, &to, Expected::Any, events([number])).await;
        let last: Option<EventId> = whole(&*on.log, &to).await.last().map(|event| event.id);
        assert_eq!(last, Some(event(number).id));
        assert!(tail(&*on.log).await >= Some(appended.position));
        let news = Range::Forwards { after };
        let read = all(on.log.read_all(news, Filter::default(), usize::MAX)).await;
        assert!(read.iter().any(|event| event.position == appended.position));
    }
    stop.store(true, Ordering::Relaxed);
    joined(busy).await;
}

fn noise(on: &Subject, to: StreamName, base: u64, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    let log = on.log.clone();
    tokio::spawn(async move {
        for number in base..base + 5_000 {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            put(&*log, &to, Expected::Any, events([number])).await;
            tokio::task::yield_now().await;
        }
    })
}
