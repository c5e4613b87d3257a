//! Living on a server with others: its own events, those of other programs, its users and their rights.

use domain_log::contract::sample::{
    catch_up, event, events, everything, forwards, ids, next_event, numbered, put, stream, tail, whole,
};
use domain_log::{AppendError, Expected, Filter, ReadError, Revision, StreamMetadata};
use eventstore::{AppendToStreamOptions, Client, EventData, ReadStreamOptions, StreamPosition};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use tests_support::kurrent::{KurrentServer, KurrentSettings};

use super::{note, open, start};

fn official(server: &KurrentServer) -> Client {
    let settings = server.connection().parse().expect("a right connection string");
    Client::new(settings).expect("a client can be built")
}

async fn write(client: &Client, stream: &str, event: EventData) {
    let options = AppendToStreamOptions::default();
    client
        .append_to_stream(stream, &options, event)
        .await
        .expect("the server takes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_own_events_are_never_shown() {
    let server = start();
    let log = open(&server.connection());
    server.add_system_events(3000);
    assert_eq!(tail(&*log).await, None);
    let mut following = log.subscribe(None, Filter::default());
    assert_eq!(catch_up(&mut following).await, (vec![], None));
    note(&*log, 0).await.expect("the server is up");
    server.add_system_events(3000);
    note(&*log, 1).await.expect("the server is up");
    assert_eq!(next_event(&mut following).await.id, event(0).id);
    assert_eq!(next_event(&mut following).await.id, event(1).id);
    assert_eq!(ids(&everything(&*log).await), numbered(0..2));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_other_programs_are_passed_over() {
    let server = start();
    let log = open(&server.connection());
    let client = official(&server);
    let order = || EventData::json("OrderPlaced", &serde_json::json!({ "total": 7 })).expect("JSON");
    write(&client, "order-1", order()).await;
    note(&*log, 0).await.expect("the server is up");
    for _ in 0..3000 {
        write(&client, "order-1", order()).await;
    }
    write(
        &client,
        "order-2",
        EventData::binary("Blob", vec![0, 159, 146, 150].into()),
    )
    .await;
    assert_eq!(ids(&everything(&*log).await), numbered(0..1));
    let mut following = log.subscribe(None, Filter::default());
    let (caught, up_to) = catch_up(&mut following).await;
    assert_eq!(ids(&caught), numbered(0..1));
    assert!(up_to >= tail(&*log).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_event_in_a_stream_of_ours_is_damage() {
    let server = start();
    let log = open(&server.connection());
    note(&*log, 0).await.expect("the server is up");
    let strange = EventData::json("OrderPlaced", &serde_json::json!({})).expect("JSON");
    write(&official(&server), "call-acme_1", strange).await;
    let mut reading = log.read_stream(&stream("call-acme_1"), forwards(), 10);
    assert!(matches!(reading.next().await, Some(Ok(_))));
    let Some(Err(ReadError::Damaged { place, .. })) = reading.next().await else {
        panic!("it was not written by this log")
    };
    assert_eq!(place, "revision 1 of call-acme_1");
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_others_stays_where_ours_is_set() {
    let server = start();
    let log = open(&server.connection());
    let client = official(&server);
    let to = stream("call-acme_1");
    put(&*log, &to, Expected::NoStream, events(0..3)).await;
    let theirs = serde_json::json!({ "$acl": { "$r": "ops" }, "$maxCount": 2, "$tb": 0 });
    write(
        &client,
        "$$call-acme_1",
        EventData::json("$metadata", &theirs).expect("JSON"),
    )
    .await;
    assert_eq!(ids(&whole(&*log, &to).await), numbered(1..3));
    let ours = StreamMetadata {
        truncate_before: Some(Revision(2)),
        labels: [("retention".to_owned(), "30 d".to_owned())].into(),
    };
    log.set_stream_metadata(&to, ours.clone())
        .await
        .expect("metadata is taken");
    assert_eq!(log.stream_metadata(&to).await.expect("it can be read"), ours);
    let options = ReadStreamOptions::default()
        .position(StreamPosition::End)
        .max_count(1);
    let mut reading = client
        .read_stream("$$call-acme_1", &options)
        .await
        .expect("it is there");
    let kept = reading
        .next()
        .await
        .expect("it can be read")
        .expect("it is there");
    let kept: serde_json::Value = kept.get_original_event().as_json().expect("JSON");
    let wanted = serde_json::json!({
        "$acl": { "$r": "ops" }, "$maxCount": 2, "$tb": 2, "labels": { "retention": "30 d" }
    });
    assert_eq!(kept, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_gets_one_id_however_many_ask_first() {
    let server = start();
    let logs: Vec<_> = (0..16).map(|_| open(&server.connection())).collect();
    let asked = join_all(logs.iter().map(|log| log.log_metadata())).await;
    let ids: std::collections::BTreeSet<String> = asked
        .into_iter()
        .map(|about| about.expect("the server is up").id)
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(
        tail(&*logs[0]).await,
        None,
        "what a log says of itself is no event"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logs_own_streams_cannot_be_written_to() {
    let server = start();
    let log = open(&server.connection());
    let refused = log
        .append(&stream("ledgerline-log"), Expected::Any, events(0..1))
        .await;
    assert!(
        matches!(refused, Err(AppendError::Invalid { field: "stream", .. })),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn user_and_password_go_along_decoded() {
    let settings = KurrentSettings {
        // ops@acme:pä:ss
        authorization: Some("Basic b3BzQGFjbWU6cMOkOnNz".to_owned()),
        ..KurrentSettings::OPEN
    };
    let server = KurrentServer::start(settings).expect("a port is free");
    let with = |user: &str| {
        server
            .connection()
            .replace("kurrentdb://", &format!("kurrentdb://{user}@"))
    };
    let log = open(&with("ops%40acme:p%C3%A4%3Ass"));
    note(&*log, 0).await.expect("the user is known");
    assert_eq!(ids(&everything(&*log).await), numbered(0..1));
    for stranger in [server.connection(), with("ops:changeit")] {
        let log = open(&stranger);
        let refused = note(&*log, 1).await.expect_err("strangers are turned away");
        assert!(matches!(refused, AppendError::Unknown { .. }));
        assert!(log.tail().await.is_err());
    }
}
