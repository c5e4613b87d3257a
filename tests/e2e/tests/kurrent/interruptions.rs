//! Reads and subscriptions that break in the middle go on where they were, and end where the server stays away.

use std::time::{Duration, Instant};

use domain_log::contract::sample::{
    all, catch_up, event, events, everything, forwards, ids, next, next_event, numbered, put, stream, within,
};
use domain_log::{Delivery, EventLog, Expected, Filter, Range, ReadError};
use futures_util::StreamExt as _;
use tests_support::kurrent::{KurrentBreak, KurrentRefusal, KurrentServer, KurrentSettings};

use super::{SHORT, note, open, open_with, said, start};

const BREAKS: [KurrentBreak; 4] = [
    KurrentBreak::NotReady,
    KurrentBreak::Cut,
    KurrentBreak::GoAway,
    KurrentBreak::Reset,
];

async fn fill(log: &dyn EventLog, count: u64) {
    for first in (0..count).step_by(100) {
        put(
            log,
            &stream("call-acme_1"),
            Expected::Any,
            events(first..first + 100),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_breaks_goes_on_where_it_was() {
    for how in BREAKS {
        let server = start();
        let log = open(&server.connection());
        fill(&*log, 2000).await;
        let to = stream("call-acme_1");
        let backwards: Vec<u64> = (0..2000).rev().collect();
        for limit in [1500, usize::MAX] {
            let count = limit.min(2000);
            server.break_reads(how, 150, 5);
            let read = all(log.read_stream(&to, forwards(), limit)).await;
            assert_eq!(ids(&read), numbered((0..2000).take(count)), "{how:?}");
            server.break_reads(how, 150, 5);
            let read = all(log.read_all(forwards(), Filter::default(), limit)).await;
            assert_eq!(ids(&read), numbered((0..2000).take(count)), "{how:?}");
            server.break_reads(how, 150, 5);
            let read = all(log.read_stream(&to, Range::Backwards { before: None }, limit)).await;
            assert_eq!(
                ids(&read),
                numbered(backwards[..count].iter().copied()),
                "{how:?}"
            );
            server.break_reads(how, 150, 5);
            let filter = Filter::default();
            let read = all(log.read_all(Range::Backwards { before: None }, filter, limit)).await;
            assert_eq!(
                ids(&read),
                numbered(backwards[..count].iter().copied()),
                "{how:?}"
            );
            assert_eq!(server.breaks_left(), 0, "{how:?}: it did break");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_breaks_goes_on_where_it_was() {
    for how in BREAKS {
        let server = start();
        let log = open(&server.connection());
        fill(&*log, 1000).await;
        server.break_reads(how, 150, 5);
        let mut following = log.subscribe(None, Filter::default());
        let (caught, _) = catch_up(&mut following).await;
        assert_eq!(ids(&caught), numbered(0..1000), "{how:?}");
        assert_eq!(server.breaks_left(), 0, "{how:?}: it did break");
        for n in 1000..1005 {
            // The event itself is what breaks it.
            server.break_reads(how, 1, 1);
            let written = put(&*log, &stream("call-acme_2"), Expected::Any, events(n..n + 1)).await;
            let came = next_event(&mut following).await;
            assert_eq!(
                (came.id, came.position),
                (event(n).id, written.position),
                "{how:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_nobody_ends_do_not_wear_the_connection_out() {
    let server = start();
    let log = open(&server.connection());
    fill(&*log, 1000).await;
    let to = stream("call-acme_1");
    for _ in 0..1500 {
        // Whatever else is under way meanwhile is under way on the same connection.
        let mut left = log.read_stream(&to, forwards(), usize::MAX);
        let mut read = log.read_stream(&to, Range::Backwards { before: None }, 3);
        assert!(matches!(left.next().await, Some(Ok(_))));
        drop(left);
        let first = read.next().await.expect("it is there").expect("it can be read");
        assert_eq!(first.id, event(999).id);
    }
    assert_eq!(everything(&*log).await.len(), 1000);
    note(&*log, 1000).await.expect("the server is up");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_what_is_wanted() {
    let server = start();
    let log = open(&server.connection());
    fill(&*log, 1000).await;
    let before = server.calls().read;
    let tail = log.tail().await.expect("the server is up");
    let last = all(log.read_all(Range::Backwards { before: None }, Filter::default(), 5)).await;
    assert_eq!(last.first().map(|last| last.position), tail);
    let after = Some(last[4].position);
    let on = all(log.read_all(Range::Forwards { after }, Filter::default(), 2)).await;
    assert_eq!(ids(&on), numbered(996..998));
    // Forwards needs to know the tail.
    assert_eq!(server.calls().read, before + 4, "one question each");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_no_node_leads_everybody_waits_for_one_that_does() {
    let server = KurrentServer::cluster(3, KurrentSettings::OPEN).expect("ports are free");
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the first node leads");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    server.lead_nobody();
    server.end_subscriptions();
    let asked = server.calls().gossip;
    let fresh = open(&server.connection());
    let waiting = tokio::spawn(async move {
        let read = everything(&*fresh).await;
        let to = stream("call-acme_2");
        (read, fresh.append(&to, Expected::NoStream, events(1..2)).await)
    });
    let led = async {
        while server.calls().gossip < asked + 6 {
            tokio::task::yield_now().await;
        }
    };
    within("questions for the leader", led).await;
    server.lead(2);
    let (read, appended) = within("the new leader", waiting).await.expect("nothing panics");
    assert_eq!(ids(&read), numbered(0..1));
    appended.expect("the new leader takes it");
    assert_eq!(next_event(&mut following).await.id, event(1).id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_ready_is_asked_again() {
    let server = start();
    let log = open(&server.connection());
    for refusal in [KurrentRefusal::NotReady, KurrentRefusal::TimedOut] {
        let to = stream(&format!("call-acme_{refusal:?}").to_lowercase());
        server.refuse_next(refusal, 3);
        let appended = within("an answer", log.append(&to, Expected::NoStream, events(0..2))).await;
        assert!(!appended.expect("it is ready in the end").repeated);
        server.refuse_next(refusal, 3);
        assert_eq!(all(log.read_stream(&to, forwards(), 9)).await.len(), 2);
        server.refuse_next(refusal, 3);
        assert!(log.tail().await.expect("it is ready in the end").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_gets_ready_is_given_up_in_words() {
    let server = start();
    let log = open_with(&server.connection(), SHORT, SHORT);
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    server.refuse_next(KurrentRefusal::NotReady, usize::from(u16::MAX));
    let begun = Instant::now();
    let failed = log.tail().await.expect_err("it is never ready");
    assert!(begun.elapsed() < SHORT * 2, "{:?}", begun.elapsed());
    let text = said(&failed);
    for words in ["was asked", "times within", "Server Is Not Ready"] {
        assert!(text.contains(words), "{text}");
    }
    server.end_subscriptions();
    let ended = within("the end of a subscription", following.next()).await;
    assert!(matches!(ended, Some(Err(ReadError::Failed { .. }))), "{ended:?}");
    assert!(following.next().await.is_none(), "after an error nothing comes");
    let calls = server.calls();
    assert!(calls.read + calls.subscribe < 60, "it does not hurry: {calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_always_breaks_at_the_same_event_is_given_up() {
    let server = start();
    let log = open_with(&server.connection(), SHORT, SHORT);
    fill(&*log, 100).await;
    // Asked to go on, the server sends the event that is known, and breaks before the next one again.
    server.break_reads(KurrentBreak::NotReady, 2, u64::MAX);
    let mut reading = log.read_all(forwards(), Filter::default(), usize::MAX);
    let first = within("the first event", reading.next()).await;
    assert!(matches!(first, Some(Ok(_))), "{first:?}");
    let ended = within("the end of a read", reading.next()).await;
    let failed = ended.expect("there is more").expect_err("it always breaks");
    assert!(said(&failed).contains("times within"), "{}", said(&failed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_ends_whenever_it_has_caught_up_misses_nothing_and_is_given_up() {
    let server = start();
    let log = open_with(&server.connection(), Duration::from_secs(2), SHORT);
    server.end_subscriptions_when_caught_up(true);
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    assert_eq!(ids(&catch_up(&mut following).await.0), numbered(0..1));
    for n in 1..4 {
        note(&*log, n).await.expect("the server is up");
        loop {
            match next(&mut following).await {
                Delivery::Event(came) => {
                    assert_eq!(came.id, event(n).id);
                    break;
                }
                Delivery::Checkpoint(_) => {}
                Delivery::CaughtUp(_) => panic!("that is said once"),
            }
        }
    }
    let ended = within("the end of a subscription", async {
        loop {
            match following.next().await {
                Some(Ok(Delivery::Checkpoint(_))) => {}
                ended => return ended,
            }
        }
    });
    let Some(Err(failed)) = ended.await else {
        panic!("it has nothing to say")
    };
    assert!(
        said(&failed).contains("ended a subscription"),
        "{}",
        said(&failed)
    );
    assert!(server.calls().subscribe < 40, "{:?}", server.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_falls_behind_goes_on() {
    let server = start();
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the server is up");
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    for n in 1..20 {
        server.fall_behind();
        note(&*log, n).await.expect("the server is up");
        loop {
            match next(&mut following).await {
                Delivery::Event(came) => {
                    assert_eq!(came.id, event(n).id);
                    break;
                }
                Delivery::Checkpoint(_) => {}
                Delivery::CaughtUp(_) => panic!("that is said once"),
            }
        }
    }
    assert_eq!(server.calls().subscribe, 1);
}
