//! What networks, leaders and the official client do to the log, and what it makes of it.

use std::time::{Duration, Instant};

use domain_log::contract::sample::{
    all, catch_up, event, events, everything, ids, next, next_event, numbered, of_categories, put, stream,
    within,
};
use domain_log::{AppendError, Delivery, Expected, Filter, ReadError, Revision};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tests_support::kurrent::{KurrentServer, KurrentSettings};

use super::{SHORT, note, open, open_with, start};

#[tokio::test(flavor = "multi_thread")]
async fn one_conflict_fails_no_neighbour_and_batches_are_never_used() {
    let server = start();
    let log = open(&server.connection());
    put(&*log, &stream("call-acme_7"), Expected::NoStream, events(0..1)).await;
    let streams: Vec<_> = (0..20).map(|n| stream(&format!("call-acme_{n}"))).collect();
    let appends = (100..)
        .zip(&streams)
        .map(|(n, to)| log.append(to, Expected::NoStream, events([n])));
    let outcomes = within("all answers", join_all(appends)).await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        match (n, outcome) {
            (7, Err(AppendError::Conflict { actual, .. })) => assert_eq!(actual, Some(Revision(0))),
            (7, other) => panic!("a stream that is there conflicts: {other:?}"),
            (_, outcome) => assert!(outcome.is_ok_and(|appended| !appended.repeated), "{n}"),
        }
    }
    assert_eq!(everything(&*log).await.len(), 20);
    let calls = server.calls();
    assert_eq!((calls.append, calls.batch_append), (21, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_away_is_found_again() {
    let mut server = start();
    let log = open_with(&server.connection(), SHORT, SHORT);
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;

    server.stop_node(0).await.expect("the port is ours");
    let ended = within("the end of a subscription", following.next()).await;
    assert!(matches!(ended, Some(Err(ReadError::Failed { .. }))), "{ended:?}");
    assert!(following.next().await.is_none(), "after an error nothing comes");
    let failed = within("an answer", note(&*log, 1)).await;
    assert!(matches!(failed, Err(AppendError::Unknown { .. })), "{failed:?}");
    assert!(within("an answer", log.tail()).await.is_err());

    server.start_node(0).expect("the port is ours");
    note(&*log, 1).await.expect("the server is up again");
    assert_eq!(ids(&everything(&*log).await), numbered(0..2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_not_there_at_first_is_used_once_it_is() {
    let mut server = KurrentServer::absent(KurrentSettings::OPEN).expect("a port is free");
    let log = open_with(&server.connection(), SHORT, SHORT);
    for _ in 0..2 {
        let failed = within("an answer", note(&*log, 0)).await;
        assert!(matches!(failed, Err(AppendError::Unknown { .. })), "{failed:?}");
    }
    let ended = within("an answer", log.subscribe(None, Filter::default()).next()).await;
    assert!(matches!(ended, Some(Err(ReadError::Failed { .. }))), "{ended:?}");
    server.start_node(0).expect("the port is ours");
    let appended = note(&*log, 0).await.expect("the server is there");
    assert_eq!(
        log.tail().await.expect("the server is there"),
        Some(appended.position)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_death_of_its_leader_the_next_is_found() {
    let mut server = KurrentServer::cluster(3, KurrentSettings::OPEN).expect("ports are free");
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the first node leads");
    assert_eq!(ids(&everything(&*log).await), numbered(0..1));
    for leader in [1, 2] {
        server.stop_node(leader - 1).await.expect("the port is ours");
        server.lead(leader);
        let n = u64::try_from(leader).expect("a small number");
        within("an answer", note(&*log, n))
            .await
            .expect("the new leader is found");
        assert_eq!(ids(&everything(&*log).await), numbered(0..=n));
    }
    assert!(server.calls().gossip > 0, "the members were asked who leads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_steps_down_says_who_leads() {
    let server = KurrentServer::cluster(2, KurrentSettings::OPEN).expect("ports are free");
    // One host is taken for the leader; this one never was.
    let through_the_follower = open(&server.connection_to(1));
    note(&*through_the_follower, 0)
        .await
        .expect("the follower names the leader");
    let log = open(&server.connection());
    assert_eq!(ids(&everything(&*log).await), numbered(0..1));
    server.lead(1);
    note(&*log, 1).await.expect("the old leader names the new one");
    server.lead(0);
    assert_eq!(ids(&everything(&*log).await), numbered(0..2));
    let mut following = log.subscribe(None, Filter::default());
    assert_eq!(catch_up(&mut following).await.0.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_the_server_ends_goes_on_where_it_was() {
    let server = start();
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    assert_eq!(ids(&catch_up(&mut following).await.0), numbered(0..1));
    for n in 1..6 {
        let before = server.calls().subscribe;
        server.end_subscriptions();
        note(&*log, n).await.expect("the server is up");
        assert_eq!(next_event(&mut following).await.id, event(n).id);
        assert_eq!(server.calls().subscribe, before + 1, "it asked once more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_ends_again_and_again_asks_less_and_less_often() {
    let server = start();
    let log = open(&server.connection());
    server.end_subscriptions_at_once(true);
    let begun = Instant::now();
    let mut following = log.subscribe(None, Filter::default());
    let caught_up = tokio::spawn(async move {
        let caught_up = catch_up(&mut following).await;
        (caught_up, following)
    });
    within("the fourth subscription", server.until_subscribed(4)).await;
    assert!(
        begun.elapsed() >= Duration::from_millis(50 + 100 + 200),
        "it spins"
    );
    server.end_subscriptions_at_once(false);
    note(&*log, 0).await.expect("the server is up");
    let (_, mut following) = within("the subscription", caught_up)
        .await
        .expect("nothing panics");
    note(&*log, 1).await.expect("the server is up");
    while next_event(&mut following).await.id != event(1).id {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_resumed_from_with_both_its_halves() {
    let server = start();
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the server is up");
    put(&*log, &stream("queue-acme_1"), Expected::Any, events(1..1001)).await;
    put(&*log, &stream("queue-acme_1"), Expected::Any, events(1001..2001)).await;
    let wanted = of_categories(&["call"]);
    let mut following = log.subscribe(None, wanted.clone());
    let Delivery::Event(only) = next(&mut following).await else {
        panic!("the event comes first")
    };
    let Delivery::Checkpoint(checkpoint) = next(&mut following).await else {
        panic!("a thousand events left out make a checkpoint")
    };
    assert!(checkpoint > only.position, "it is not the last event that passed");
    assert_ne!(
        checkpoint.commit(),
        checkpoint.prepare(),
        "the server keeps the halves apart"
    );
    let mut resumed = log.subscribe(Some(checkpoint), wanted);
    let (caught, up_to) = catch_up(&mut resumed).await;
    assert_eq!(caught, []);
    assert_eq!(up_to, log.tail().await.expect("the server is up"));
    let kept: domain_log::Position = checkpoint
        .to_string()
        .parse()
        .expect("it is written as it is read");
    assert_eq!(kept, checkpoint);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_connection_is_replaced() {
    let server = start();
    let log = open_with(
        &server.connection(),
        Duration::from_secs(3),
        Duration::from_millis(500),
    );
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    server.silence_connections();

    let noted = within("an answer", note(&*log, 1)).await;
    noted.expect("new connections are sound");
    assert_eq!(next_event(&mut following).await.id, event(1).id);
    assert_eq!(ids(&everything(&*log).await), numbered(0..2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_the_server_is_refused_by_name() {
    let settings = KurrentSettings {
        append_bytes_max: 1 << 20,
        ..KurrentSettings::OPEN
    };
    let server = KurrentServer::start(settings).expect("a port is free");
    let log = open(&server.connection());
    let to = stream("call-acme_1");
    let large = |n, size| vec![domain_log::contract::sample::large(n, size)];
    put(&*log, &to, Expected::NoStream, large(0, 1_000_000)).await;
    match log.append(&to, Expected::Any, large(1, 2_000_000)).await {
        Err(AppendError::Invalid {
            field: "events",
            reason,
        }) => {
            assert!(reason.contains("1048576"), "{reason}");
        }
        other => panic!("it is too large: {other:?}"),
    }
    // It was an answer, so nothing is given up for it.
    put(&*log, &to, Expected::At(Revision(0)), events(2..3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_who_stop_taking_do_not_keep_others_from_theirs() {
    let server = start();
    let log = open(&server.connection());
    let to = stream("call-acme_1");
    for n in 0..12 {
        put(
            &*log,
            &to,
            Expected::Any,
            vec![domain_log::contract::sample::large(n, 1_000_000)],
        )
        .await;
    }
    let mut stopped = Vec::new();
    for _ in 0..32 {
        let mut reading = log.read_all(
            domain_log::contract::sample::forwards(),
            Filter::default(),
            usize::MAX,
        );
        let first = within("the first", reading.next()).await;
        assert!(matches!(first, Some(Ok(_))), "{first:?}");
        stopped.push(reading);
    }
    put(
        &*log,
        &stream("call-acme_2"),
        Expected::NoStream,
        events(100..101),
    )
    .await;
    assert_eq!(everything(&*log).await.len(), 13);
    for reading in stopped {
        assert_eq!(all(reading).await.len(), 11);
    }
}
