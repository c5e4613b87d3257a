//! Names of streams: any that are allowed, as many as are wanted, none mistaken for another.

use futures_util::{StreamExt as _, stream as futures};

use super::Subject;
use super::sample::{
    all, assert_counted, event, events, everything, forwards, ids, numbered, of_categories, put, stream,
    whole,
};
use crate::{EventLog, Expected, Kind, NewEvent, Revision, StreamName};

/// `call-acme_1` is not the beginning of `call-acme_10`, nor is either the other with something cut off.
pub async fn names_that_begin_alike_are_different_streams(on: &Subject) {
    let names: Vec<StreamName> = [
        "call-acme_1",
        "call-acme_10",
        "call-acme_100",
        "call-acme_",
        "call-acme",
        "call-",
        "call",
        "c",
        "call-acme_1 ",
    ]
    .map(stream)
    .into();
    apart(on, &names).await;
}

/// Whole categories are compared: `call` is neither `calls` nor `cal`, and what has no `-` is a category by itself.
pub async fn categories_that_begin_alike_are_different(on: &Subject) {
    let names: Vec<StreamName> = [
        "call-acme_1",
        "calls-acme_1",
        "cal-acme_1",
        "call",
        "calls",
        "Call-acme_1",
        "-call",
        "call_x-1",
        "cal.-1",
    ]
    .map(stream)
    .into();
    for (n, name) in (0..).zip(&names) {
        put(&*on.log, name, Expected::NoStream, events([n])).await;
    }
    for (category, numbers) in [
        ("call", vec![0, 3]),
        ("calls", vec![1, 4]),
        ("cal", vec![2]),
        ("Call", vec![5]),
        ("", vec![6]),
        ("call_x", vec![7]),
        ("cal.", vec![8]),
        ("c", vec![]),
        ("call-acme_1", vec![]),
    ] {
        let read = all(on
            .log
            .read_all(forwards(), of_categories(&[category]), usize::MAX))
        .await;
        assert_eq!(ids(&read), numbered(numbers), "category {category:?}");
    }
}

/// Any text that [`StreamName`] and [`Kind`] allow: other scripts, spaces, what means something in a path, a pattern or
/// a query, up to the longest; letters that only look alike stay different.
pub async fn any_allowed_name_works(on: &Subject) {
    let long = "x".repeat(StreamName::BYTES_MAX - 1);
    let mut names: Vec<StreamName> = [
        "Anruf-größe_ß",
        "通話-漢字_1",
        "مكالمة-١",
        "🦀-👩‍👩‍👧‍👦",
        "call-e\u{301}",
        "call-\u{e9}",
        "call-ﬀ",
        "call-ff",
        "CALL-FF",
        " ",
        "-",
        "--",
        "call-a/b\\c:d*e?f\"g<h>i|j",
        "../../../etc/passwd",
        "..",
        "call-%00%2e%2e",
        "call-$all",
        "call-' OR 1=1; --",
        "^call-.*$",
        "call-\u{202e}\u{feff}",
    ]
    .map(stream)
    .into();
    names.extend([format!("{long}a"), format!("{long}b"), "漢".repeat(85)].map(|text| stream(&text)));
    apart(on, &names).await;

    let kind = Kind::new(&"漢x".repeat(32)).expect("128 bytes are allowed");
    let odd = NewEvent {
        kind: kind.clone(),
        ..event(1000)
    };
    put(&*on.log, &names[0], Expected::Any, vec![odd]).await;
    assert_eq!(
        everything(&*on.log).await.pop().map(|event| event.kind),
        Some(kind)
    );
}

// Writes to all by turns, and finds in each what was written to it.
async fn apart(on: &Subject, names: &[StreamName]) {
    let count = names.len() as u64;
    for round in 0..3 {
        for (n, name) in (0..).zip(names) {
            let expected = Expected::from(u64::checked_sub(round, 1).map(Revision));
            put(&*on.log, name, expected, events([round * count + n])).await;
        }
    }
    for (n, name) in (0..).zip(names) {
        let read = whole(&*on.log, name).await;
        assert_counted(&read);
        assert_eq!(ids(&read), numbered([n, count + n, 2 * count + n]), "{name:?}");
        assert!(read.iter().all(|event| event.stream == *name));
    }
}

/// As many streams as [`Load::streams`](super::Load::streams) says are each found again.
pub async fn many_streams_are_kept_apart(on: &Subject) {
    fill_streams(&*on.log, on.load.streams).await;
    check_streams(&*on.log, on.load.streams, 2_000).await;
}

fn nth(n: u64) -> StreamName {
    stream(&format!("call-acme_{n}"))
}

/// Writes one event to each of so many new streams, 256 at a time.
pub async fn fill_streams(log: &dyn EventLog, count: u64) {
    let writing = futures::iter(0..count).map(async |n| {
        put(log, &nth(n), Expected::NoStream, events([n])).await;
    });
    writing.buffer_unordered(256).collect::<()>().await;
}

/// Looks into about so many of the streams that [`fill_streams`] made, evenly spread, and beside them.
pub async fn check_streams(log: &dyn EventLog, count: u64, looks: u64) {
    let step = usize::try_from((count / looks.max(1)).max(1)).expect("fewer than memory holds");
    for n in (0..count).step_by(step).chain(count.checked_sub(1)) {
        let read = whole(log, &nth(n)).await;
        assert_counted(&read);
        assert_eq!(ids(&read), numbered([n]));
        let refused = log.append(&nth(n), Expected::NoStream, events([count + n])).await;
        assert!(refused.is_err(), "stream {n} is there");
    }
    assert_eq!(whole(log, &nth(count)).await, []);
}
