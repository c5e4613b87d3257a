//! What cannot be, and what is said of it: users without rights, certificates that nobody knows, streams that were deleted.

use domain_log::contract::sample::{
    catch_up, events, everything, forwards, ids, next_event, numbered, put, stream, whole, within,
};
use domain_log::{AppendError, Expected, Filter, Revision};
use eventstore::{Client, DeleteStreamOptions, TombstoneStreamOptions};
use futures_util::StreamExt as _;
use tests_support::kurrent::{KurrentServer, KurrentSettings};

use super::{note, open, said, start};

fn official(server: &KurrentServer) -> Client {
    let settings = server.connection().parse().expect("a right connection string");
    Client::new(settings).expect("a client can be built")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_told_at_once_what_to_do() {
    let settings = KurrentSettings {
        authorization: Some("Basic b3BzOmNoYW5nZWl0".to_owned()),
        ..KurrentSettings::OPEN
    };
    let server = KurrentServer::start(settings).expect("a port is free");
    let stranger = server
        .connection()
        .replace("kurrentdb://", "kurrentdb://ops:guessed@");
    let log = open(&stranger);
    let begun = std::time::Instant::now();
    let to = stream("call-acme_1");
    let refused = log.append(&to, Expected::NoStream, events(0..1)).await;
    let text = said(&refused.expect_err("strangers are turned away"));
    assert!(
        text.contains("lets nobody append") && text.contains("user:password"),
        "{text}"
    );
    assert!(!text.contains("guessed"), "{text}");
    let text = said(&log.tail().await.expect_err("strangers are turned away"));
    assert!(
        text.contains("lets nobody read") && text.contains("user:password"),
        "{text}"
    );
    let ended = log.subscribe(None, Filter::default()).next().await;
    assert!(matches!(ended, Some(Err(_))), "{ended:?}");
    assert!(begun.elapsed().as_secs() < 3, "there is nothing to wait for");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_server_is_used_by_who_knows_its_authority() {
    // Whoever builds an official client chooses the cryptography of the process, which the server needs as well.
    drop(official(&start()));
    let settings = KurrentSettings {
        is_encrypted: true,
        ..KurrentSettings::OPEN
    };
    let server = KurrentServer::start(settings).expect("a port is free");
    let authority = KurrentServer::authority().display();
    let log = open(&format!("{}&tlsCaFile={authority}", server.connection()));
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    note(&*log, 0).await.expect("the authority is known");
    assert_eq!(next_event(&mut following).await.id, events(0..1)[0].id);

    let unknowing = open(&server.connection());
    let begun = std::time::Instant::now();
    let text = said(&unknowing.tail().await.expect_err("nobody knows the authority"));
    assert!(
        text.contains("cannot be trusted") && text.contains("tlsCaFile"),
        "{text}"
    );
    assert!(begun.elapsed().as_secs() < 3, "there is nothing to wait for");
    let ended = unknowing.subscribe(None, Filter::default()).next().await;
    assert!(matches!(ended, Some(Err(_))), "{ended:?}");
    for expected in [Expected::Any, Expected::NoStream] {
        let to = stream("call-acme_2");
        let appending = unknowing.append(&to, expected, events(1..2));
        let text = said(
            &within("an answer", appending)
                .await
                .expect_err("nobody knows the authority"),
        );
        assert!(text.contains("tlsCaFile"), "{expected:?}: {text}");
    }
    assert_eq!(ids(&everything(&*log).await), numbered(0..1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_named_to_who_wants_it() {
    let server = start();
    let log = open(&server.connection().replace("tls=false", "tls=true"));
    let text = said(
        &within("an answer", log.tail())
            .await
            .expect_err("it does not speak TLS"),
    );
    assert!(text.contains("tls=false"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_somebody_deleted_stop_nobody_else() {
    let server = start();
    let log = open(&server.connection());
    let client = official(&server);
    let (hidden, closed, other) = (
        stream("call-acme_1"),
        stream("call-acme_2"),
        stream("call-acme_3"),
    );
    put(&*log, &hidden, Expected::NoStream, events(0..2)).await;
    put(&*log, &closed, Expected::NoStream, events(2..4)).await;
    let mut following = log.subscribe(None, Filter::default());
    catch_up(&mut following).await;
    client
        .delete_stream(hidden.as_str(), &DeleteStreamOptions::default())
        .await
        .expect("it can be deleted");
    client
        .tombstone_stream(closed.as_str(), &TombstoneStreamOptions::default())
        .await
        .expect("it can be closed");

    assert_eq!(whole(&*log, &hidden).await, [], "it reads as if it were new");
    let on = put(&*log, &hidden, Expected::NoStream, events(4..5)).await;
    assert_eq!(on.revision.0, 2, "it goes on counting");
    assert!(put(&*log, &hidden, Expected::Any, events(4..5)).await.repeated);

    let mut reading = log.read_stream(&closed, forwards(), 9);
    let failed = reading
        .next()
        .await
        .expect("an answer")
        .expect_err("it was closed");
    assert!(said(&failed).contains("deleted for good"), "{}", said(&failed));
    for expected in [Expected::NoStream, Expected::At(Revision(1)), Expected::Any] {
        match log.append(&closed, expected, events(5..6)).await {
            Err(AppendError::Invalid { reason, .. }) => {
                assert!(reason.contains("deleted for good"), "{reason}")
            }
            other => panic!("{expected:?}: it can never be stored: {other:?}"),
        }
    }

    put(&*log, &other, Expected::NoStream, events(6..7)).await;
    assert_eq!(next_event(&mut following).await.id, events(4..5)[0].id);
    assert_eq!(next_event(&mut following).await.id, events(6..7)[0].id);
    assert_eq!(
        everything(&*log).await.last().map(|last| last.id),
        Some(events(6..7)[0].id)
    );
}
