//! Appends whose answer was lost: the log itself says what became of them, so that nothing is lost and nothing doubled.

use std::time::Duration;

use domain_log::contract::sample::{
    catch_up, event, events, everything, ids, next_event, numbered, put, stream, whole, within,
};
use domain_log::{AppendError, Expected, Filter, Revision};
use futures_util::future::join_all;
use tests_support::kurrent::KurrentServer;

use super::{SHORT, note, open, open_with, said, start};

/// What an append may expect, one after the other, each of two events.
const EXPECTED: [(u64, Expected); 4] = [
    (0, Expected::NoStream),
    (10, Expected::At(Revision(1))),
    (20, Expected::Any),
    (30, Expected::Any),
];

async fn each_is_recorded_once(server: &KurrentServer, lose: impl Fn(&KurrentServer)) {
    let log = open(&server.connection());
    let to = stream("call-acme_1");
    for (base, expected) in EXPECTED {
        let given = events(base..base + 2);
        lose(server);
        let appended = within("an end", log.append(&to, expected, given.clone())).await;
        let appended = appended.unwrap_or_else(|lost| panic!("{expected:?}: {}", said(&lost)));
        assert!(!appended.repeated, "{expected:?}: it was recorded by this call");
        let again = put(&*log, &to, expected, given).await;
        assert!(again.repeated, "{expected:?}");
        assert_eq!(
            (again.revision, again.position),
            (appended.revision, appended.position)
        );
        let last = everything(&*log).await.last().map(|last| last.position);
        assert_eq!(last, Some(appended.position));
    }
    assert_eq!(
        ids(&everything(&*log).await),
        numbered([0, 1, 10, 11, 20, 21, 30, 31])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_was_recorded_and_not_answered_is_found_in_the_log() {
    let server = start();
    each_is_recorded_once(&server, KurrentServer::cut_next_append_after_commit).await;
}

// HTTP/2 closes with a code that gRPC also has for what is too large.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_whose_connection_http_closes_is_not_taken_for_too_large() {
    let server = start();
    each_is_recorded_once(&server, KurrentServer::go_away_after_next_commit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_was_neither_recorded_nor_answered_is_sent_again() {
    let server = start();
    each_is_recorded_once(&server, KurrentServer::cut_next_append_before_commit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_is_recorded_while_it_is_sent_again_is_recorded_once() {
    let server = start();
    // What a server remembers of ids is its best, so nothing may depend on it.
    server.forget_ids();
    each_is_recorded_once(&server, KurrentServer::commit_next_append_late).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_to_one_stream_whose_answers_are_lost_are_all_recorded_once() {
    let server = start();
    server.forget_ids();
    let log = open(&server.connection());
    let to = stream("call-acme_1");
    for round in 0..2 {
        let base = round * 100;
        let appends = (0..8).map(|n| {
            match n % 3 {
                0 => server.cut_next_append_after_commit(),
                1 => server.cut_next_append_before_commit(),
                _ => server.commit_next_append_late(),
            }
            let first = base + n * 2;
            log.append(&to, Expected::Any, events(first..first + 2))
        });
        for outcome in within("all answers", join_all(appends)).await {
            let appended = outcome.unwrap_or_else(|lost| panic!("{}", said(&lost)));
            assert!(!appended.repeated);
        }
    }
    // So that what was to be recorded late is.
    note(&*log, 9_999).await.expect("the server is up");
    let mut found = ids(&whole(&*log, &to).await);
    let wanted = (0..2).flat_map(|round| (0..16).map(move |n| round * 100 + n));
    let mut wanted = numbered(wanted.chain([9_999]));
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_in_an_append_and_started_again_has_it_once() {
    let mut server = start();
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    server.cut_next_append_after_commit();
    let appending = {
        let log = log.clone();
        tokio::spawn(async move { note(&*log, 1).await })
    };
    assert_eq!(
        next_event(&mut following).await.id,
        event(1).id,
        "it was recorded"
    );
    server.stop_node(0).await.expect("the port is ours");
    server.start_node(0).expect("the port is ours");
    let appended = within("an answer", appending).await.expect("nothing panics");
    appended.expect("the log says that it is there");
    note(&*log, 2).await.expect("the server is up");
    assert_eq!(next_event(&mut following).await.id, event(2).id);
    assert_eq!(ids(&everything(&*log).await), numbered(0..3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_for_good_leaves_it_open_and_says_so_in_time() {
    let mut server = start();
    let log = open_with(&server.connection(), SHORT, SHORT);
    let to = stream("call-acme_1");
    put(&*log, &to, Expected::NoStream, events(0..1)).await;
    server.stop_node(0).await.expect("the port is ours");
    for expected in [Expected::At(Revision(0)), Expected::Any] {
        let begun = std::time::Instant::now();
        let lost = within("an answer", log.append(&to, expected, events(1..2))).await;
        let Err(lost @ AppendError::Unknown { .. }) = lost else {
            panic!("nobody can know: {lost:?}")
        };
        assert!(
            begun.elapsed() < SHORT * 3 + Duration::from_millis(500),
            "{expected:?}: {:?}",
            begun.elapsed()
        );
        assert!(lost.to_string().contains("did not answer"), "{}", said(&lost));
    }
    server.start_node(0).expect("the port is ours");
    put(&*log, &to, Expected::At(Revision(0)), events(1..2)).await;
    assert_eq!(ids(&everything(&*log).await), numbered(0..2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_the_wrong_revision_is_not_believed() {
    let server = start();
    let log = open(&server.connection());
    let to = stream("call-acme_1");
    put(&*log, &to, Expected::NoStream, events(0..1)).await;
    server.say_wrong_revision_next();
    let doubted = log.append(&to, Expected::At(Revision(0)), events(1..2)).await;
    let Err(doubted @ AppendError::Unknown { .. }) = doubted else {
        panic!("what it said stands elsewhere: {doubted:?}")
    };
    assert!(
        said(&doubted).contains("revision 0 of call-acme_1"),
        "{}",
        said(&doubted)
    );
    assert!(
        put(&*log, &to, Expected::At(Revision(0)), events(1..2))
            .await
            .repeated
    );
}
