//! Reads: both ways, from anywhere, so many and no more.

use std::collections::BTreeSet;

use super::Subject;
use super::sample::{
    all, assert_counted, assert_growing, backwards, event, events, everything, forwards, ids, kind, numbered,
    of_categories, of_kinds, put, stream, tail, tenant, whole,
};
use crate::{Expected, Filter, NewEvent, Position, Range, Recorded, Revision, StreamName};

/// A log or stream that was never written is empty, whatever is asked of it.
pub async fn an_empty_log_reads_as_nothing(on: &Subject) {
    let to = stream("call-acme_1");
    for range in [
        forwards(),
        backwards(),
        Range::Forwards {
            after: Some(Revision(0)),
        },
        Range::Backwards {
            before: Some(Revision(u64::MAX)),
        },
    ] {
        assert_eq!(all(on.log.read_stream(&to, range, usize::MAX)).await, []);
    }
    for range in [forwards(), backwards()] {
        assert_eq!(
            all(on.log.read_all(range, Filter::default(), usize::MAX)).await,
            []
        );
        assert_eq!(all(on.log.read_all(range, of_categories(&["call"]), 1)).await, []);
    }
    assert_eq!(tail(&*on.log).await, None);

    put(&*on.log, &to, Expected::NoStream, events(1..2)).await;
    assert_eq!(whole(&*on.log, &stream("call-acme_2")).await, []);
    let range = backwards();
    assert_eq!(
        all(on.log.read_stream(&stream("call-acme"), range, usize::MAX)).await,
        []
    );
}

const LIMITS: [usize; 8] = [0, 1, 2, 6, 7, 8, 1000, usize::MAX];

/// Each range is named by the event that is left out; a limit of nought is nothing, and an end beyond the ends is the end.
pub async fn a_stream_reads_both_ways_from_anywhere(on: &Subject) {
    let (to, other) = (stream("call-acme_1"), stream("call-acme_2"));
    for n in 0..7 {
        put(&*on.log, &other, Expected::Any, events([100 + n])).await;
        put(&*on.log, &to, Expected::Any, events([n])).await;
    }
    let whole = whole(&*on.log, &to).await;
    assert_counted(&whole);
    assert_eq!(ids(&whole), numbered(0..7));
    for end in (0..9)
        .chain([u64::MAX - 1, u64::MAX])
        .map(|n| Some(Revision(n)))
        .chain([None])
    {
        for limit in LIMITS {
            let later = whole
                .iter()
                .filter(|event| end.is_none_or(|end| event.revision > end));
            let wanted: Vec<Recorded> = later.take(limit).cloned().collect();
            let range = Range::Forwards { after: end };
            assert_eq!(
                all(on.log.read_stream(&to, range, limit)).await,
                wanted,
                "{range:?} {limit}"
            );

            let earlier = whole
                .iter()
                .rev()
                .filter(|event| end.is_none_or(|end| event.revision < end));
            let wanted: Vec<Recorded> = earlier.take(limit).cloned().collect();
            let range = Range::Backwards { before: end };
            assert_eq!(
                all(on.log.read_stream(&to, range, limit)).await,
                wanted,
                "{range:?} {limit}"
            );
        }
    }
}

/// The same for the global order, from each position that there is.
pub async fn the_log_reads_both_ways_from_anywhere(on: &Subject) {
    for n in 0..4 {
        put(
            &*on.log,
            &stream(&format!("call-acme_{}", n % 3)),
            Expected::Any,
            events([2 * n, 2 * n + 1]),
        )
        .await;
    }
    let log = everything(&*on.log).await;
    assert_growing(&log);
    assert_eq!(ids(&log), numbered(0..8));
    let ends: Vec<Option<Position>> = log
        .iter()
        .map(|event| Some(event.position))
        .chain([None])
        .collect();
    for end in ends {
        for limit in LIMITS {
            for range in [Range::Forwards { after: end }, Range::Backwards { before: end }] {
                let wanted = wanted(&log, range, &Filter::default(), limit);
                let read = all(on.log.read_all(range, Filter::default(), limit)).await;
                assert_eq!(read, wanted, "{range:?} {limit}");
            }
        }
    }
}

// What a log that holds these events answers.
fn wanted(log: &[Recorded], range: Range<Position>, filter: &Filter, limit: usize) -> Vec<Recorded> {
    let passes = |event: &&Recorded| filter.passes(&event.stream, &event.kind, &event.tenant);
    match range {
        Range::Forwards { after } => {
            let later = log
                .iter()
                .filter(|event| after.is_none_or(|end| event.position > end));
            later.filter(passes).take(limit).cloned().collect()
        }
        Range::Backwards { before } => {
            let earlier = log
                .iter()
                .rev()
                .filter(|event| before.is_none_or(|end| event.position < end));
            earlier.filter(passes).take(limit).cloned().collect()
        }
    }
}

/// A stream holds the very events that the log holds of it, in the same order, with the same positions.
pub async fn streams_and_the_log_agree(on: &Subject) {
    let name = |n: u64| stream(&format!("call-acme_{}", n % 7));
    for n in 0..60 {
        put(
            &*on.log,
            &name(n * n),
            Expected::Any,
            events(10 * n..10 * n + 1 + n % 3),
        )
        .await;
    }
    let log = everything(&*on.log).await;
    assert_growing(&log);
    for name in (0..7).map(name) {
        let of_it: Vec<Recorded> = log.iter().filter(|event| event.stream == name).cloned().collect();
        assert_counted(&of_it);
        assert_eq!(whole(&*on.log, &name).await, of_it);
    }
}

async fn mixed(on: &Subject) -> Vec<Recorded> {
    let streams = [
        "call-acme_1",
        "calls-acme_1",
        "call-acme-eu_1",
        "queue-acme_1",
        "call",
        "cal-acme_1",
        "c.ll-x",
    ];
    let kinds = ["CallOffered", "Call", "CallOfferedAgain", "callOffered"];
    let tenants = ["acme", "acme-eu", "a"];
    let one = |n: usize| NewEvent {
        kind: kind(kinds[n % kinds.len()]),
        tenant: tenant(tenants[n % tenants.len()]),
        ..event(n as u64)
    };
    for n in 0..84 {
        let to = stream(streams[n % streams.len()]);
        put(&*on.log, &to, Expected::Any, vec![one(2 * n), one(2 * n + 1)]).await;
    }
    everything(&*on.log).await
}

fn filters() -> Vec<Filter> {
    let categories: [&[&str]; 6] = [
        &[],
        &["call"],
        &["call", "queue"],
        &["calls"],
        &["c.ll"],
        &["ca", "none"],
    ];
    let kinds: [&[&str]; 4] = [&[], &["CallOffered"], &["Call", "callOffered"], &["Offered"]];
    let tenants = [None, Some(tenant("acme")), Some(tenant("acm"))];
    let mut filters = vec![];
    for categories in categories {
        for kinds in kinds {
            for tenant in &tenants {
                filters.push(Filter {
                    tenant: tenant.clone(),
                    kinds: of_kinds(kinds).kinds,
                    ..of_categories(categories)
                });
            }
        }
    }
    filters
}

/// Categories, kinds and the tenant are compared whole, never by how they begin; what is empty lets everything pass.
pub async fn a_filter_passes_what_agrees_with_all_its_parts(on: &Subject) {
    let log = mixed(on).await;
    for filter in filters() {
        for range in [forwards(), backwards()] {
            let read = all(on.log.read_all(range, filter.clone(), usize::MAX)).await;
            assert_eq!(
                read,
                wanted(&log, range, &filter, usize::MAX),
                "{range:?} {filter:?}"
            );
        }
    }
    let calls = all(on.log.read_all(forwards(), of_categories(&["call"]), usize::MAX)).await;
    let names: BTreeSet<StreamName> = calls.into_iter().map(|event| event.stream).collect();
    assert!(
        names
            .iter()
            .map(StreamName::as_str)
            .eq(["call", "call-acme-eu_1", "call-acme_1"]),
        "{names:?}"
    );
}

/// What is left out counts neither towards the limit nor ends the read, from wherever it starts.
pub async fn a_limit_counts_what_passes(on: &Subject) {
    let log = mixed(on).await;
    let (early, late) = (log[10].position, log[log.len() - 10].position);
    for filter in filters() {
        for limit in [0, 1, 3, 20] {
            for range in [
                forwards(),
                backwards(),
                Range::Forwards { after: Some(early) },
                Range::Forwards { after: Some(late) },
                Range::Backwards { before: Some(late) },
                Range::Backwards { before: Some(early) },
            ] {
                let read = all(on.log.read_all(range, filter.clone(), limit)).await;
                assert_eq!(
                    read,
                    wanted(&log, range, &filter, limit),
                    "{range:?} {filter:?} {limit}"
                );
            }
        }
    }
}

/// Ten thousand events come whole, however the log cuts its answers into pages.
pub async fn a_long_read_is_whole(on: &Subject) {
    let (one, other) = (stream("call-acme_1"), stream("queue-acme_1"));
    for n in 0..10 {
        put(&*on.log, &one, Expected::Any, events(n * 1000..n * 1000 + 900)).await;
        put(
            &*on.log,
            &other,
            Expected::Any,
            events(n * 1000 + 900..n * 1000 + 1000),
        )
        .await;
    }
    let mut log = everything(&*on.log).await;
    assert_eq!(ids(&log), numbered(0..10_000));
    let few = of_categories(&["queue"]);
    let passing = all(on.log.read_all(forwards(), few.clone(), usize::MAX)).await;
    assert_eq!(passing, wanted(&log, forwards(), &few, usize::MAX));
    for limit in [511, 512, 513, 4095, 4096, 4097, usize::MAX] {
        let read = all(on.log.read_stream(&one, forwards(), limit)).await;
        assert_counted(&read);
        assert_eq!(read.len(), limit.min(9000));
        let read = all(on.log.read_stream(&one, backwards(), limit)).await;
        assert_eq!(read.len(), limit.min(9000));
        assert_eq!(read[0].revision, Revision(8999));
    }
    log.reverse();
    assert_eq!(
        all(on.log.read_all(backwards(), Filter::default(), usize::MAX)).await,
        log
    );
}
