//! The server that stands in for the real one, judged by the official client, which knows nothing of us.

use domain_log::contract::sample::within;
use eventstore::{
    AppendToStreamOptions, BatchAppendOptions, Client, CurrentRevision, DeleteStreamOptions, Error,
    EventData, Position, ReadAllOptions, ReadStreamOptions, ResolvedEvent, StreamMetadataBuilder,
    StreamMetadataResult, StreamPosition, StreamState, SubscribeToAllOptions, SubscribeToStreamOptions,
    SubscriptionEvent, SubscriptionFilter, TombstoneStreamOptions, WriteResult,
};
use tests_support::kurrent::KurrentServer;
use uuid::Uuid;

use super::start;

fn client(server: &KurrentServer) -> Client {
    let settings = server.connection().parse().expect("a right connection string");
    Client::new(settings).expect("a client can be built")
}

fn noted(n: u128) -> EventData {
    let event = EventData::json("Noted", &serde_json::json!({ "n": n.to_string() })).expect("JSON");
    event.id(Uuid::from_u128(n))
}

async fn append(
    client: &Client,
    to: &str,
    state: StreamState,
    events: Vec<EventData>,
) -> Result<WriteResult, Error> {
    let options = AppendToStreamOptions::default().stream_state(state);
    client.append_to_stream(to, &options, events).await
}

async fn read(client: &Client, from: &str, options: ReadStreamOptions) -> Result<Vec<u64>, Error> {
    let mut reading = client.read_stream(from, &options).await?;
    let mut revisions = Vec::new();
    while let Some(event) = reading.next().await? {
        revisions.push(event.get_original_event().revision);
    }
    Ok(revisions)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_events_once_and_refuses_what_is_elsewhere() {
    let server = start();
    let client = client(&server);
    let first = append(&client, "s", StreamState::NoStream, vec![noted(1), noted(2)])
        .await
        .expect("new");
    assert_eq!(first.next_expected_version, 1);
    let again = append(&client, "s", StreamState::NoStream, vec![noted(1), noted(2)])
        .await
        .expect("a repeat");
    assert_eq!((again.next_expected_version, again.position), (1, first.position));
    let second = append(&client, "s", StreamState::StreamRevision(1), vec![noted(3)])
        .await
        .expect("at its end");
    assert!(second.position > first.position);
    for state in [
        StreamState::NoStream,
        StreamState::StreamRevision(0),
        StreamState::StreamRevision(9),
    ] {
        match append(&client, "s", state, vec![noted(4)]).await {
            Err(Error::WrongExpectedVersion { expected, current }) => {
                assert_eq!((expected, current), (state, CurrentRevision::Current(2)));
            }
            other => panic!("{state:?}: {other:?}"),
        }
    }
    match append(&client, "none", StreamState::StreamExists, vec![noted(4)]).await {
        Err(Error::WrongExpectedVersion { current, .. }) => assert_eq!(current, CurrentRevision::NoStream),
        other => panic!("{other:?}"),
    }
    append(&client, "s", StreamState::StreamExists, vec![noted(5)])
        .await
        .expect("it exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_reads_both_ways() {
    let server = start();
    let client = client(&server);
    append(&client, "s", StreamState::NoStream, (0..5).map(noted).collect())
        .await
        .expect("new");
    let options = ReadStreamOptions::default;
    assert_eq!(
        read(&client, "s", options()).await.expect("there"),
        [0, 1, 2, 3, 4]
    );
    let from = |revision| options().position(StreamPosition::Position(revision));
    assert_eq!(read(&client, "s", from(3)).await.expect("there"), [3, 4]);
    assert_eq!(
        read(&client, "s", from(3).backwards().max_count(2))
            .await
            .expect("there"),
        [3, 2]
    );
    let last = options().position(StreamPosition::End).max_count(1);
    assert_eq!(read(&client, "s", last).await.expect("there"), [4]);
    assert_eq!(read(&client, "s", from(9)).await.expect("there"), [0; 0]);
    assert!(matches!(
        read(&client, "none", options()).await,
        Err(Error::ResourceNotFound)
    ));
}

async fn read_all(client: &Client, options: ReadAllOptions) -> Vec<(String, Position)> {
    let mut reading = client.read_all(&options).await.expect("it can be read");
    let mut events = Vec::new();
    while let Some(event) = reading.next().await.expect("it can be read") {
        let event = event.get_original_event();
        events.push((event.stream_id().to_owned(), event.position));
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn all_reads_both_ways_and_shows_the_servers_events_unless_filtered() {
    let server = start();
    let client = client(&server);
    append(&client, "a-1", StreamState::Any, vec![noted(1), noted(2)])
        .await
        .expect("new");
    append(&client, "b-1", StreamState::Any, vec![noted(3)])
        .await
        .expect("new");
    let everything = read_all(&client, ReadAllOptions::default()).await;
    assert!(everything[0].0.starts_with('$'), "{everything:?}");
    assert!(everything.windows(2).all(|pair| pair[0].1 < pair[1].1));
    assert!(everything.iter().all(|(_, at)| at.commit != at.prepare));
    let ours: Vec<_> = everything
        .iter()
        .filter(|(stream, _)| !stream.starts_with('$'))
        .cloned()
        .collect();
    let filtered = |filter| ReadAllOptions::default().filter(filter);
    let by_regex = filtered(SubscriptionFilter::on_stream_name().exclude_system_events());
    assert_eq!(read_all(&client, by_regex).await, ours);
    let by_prefix = filtered(SubscriptionFilter::on_stream_name().add_prefix("b-"));
    assert_eq!(read_all(&client, by_prefix).await, ours[2..]);
    let by_kind = filtered(SubscriptionFilter::on_event_type().add_prefix("Not"));
    assert_eq!(read_all(&client, by_kind).await, ours);

    let middle = StreamPosition::Position(ours[1].1);
    let forwards = read_all(&client, ReadAllOptions::default().position(middle)).await;
    assert_eq!(forwards, ours[1..], "forwards the position itself is read");
    let backwards = read_all(&client, ReadAllOptions::default().backwards().position(middle)).await;
    assert_eq!(backwards[0], ours[0], "backwards it is not");
}

async fn next(subscription: &mut eventstore::Subscription) -> SubscriptionEvent {
    let coming = subscription.next_subscription_event();
    within("an event", coming).await.expect("the server is up")
}

async fn revisions_until_caught_up(subscription: &mut eventstore::Subscription) -> (Vec<u64>, Vec<Position>) {
    let (mut revisions, mut checkpoints) = (Vec::new(), Vec::new());
    loop {
        match next(subscription).await {
            SubscriptionEvent::EventAppeared(event) => revisions.push(event.get_original_event().revision),
            SubscriptionEvent::Checkpoint(position) => checkpoints.push(position),
            SubscriptionEvent::CaughtUp(_) => return (revisions, checkpoints),
            SubscriptionEvent::Confirmed(_)
            | SubscriptionEvent::FirstStreamPosition(_)
            | SubscriptionEvent::LastStreamPosition(_)
            | SubscriptionEvent::LastAllPosition(_)
            | SubscriptionEvent::FellBehind(_) => {}
        }
    }
}

async fn next_event(subscription: &mut eventstore::Subscription) -> ResolvedEvent {
    within("an event", subscription.next())
        .await
        .expect("the server is up")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_followed_across_its_end_with_checkpoints() {
    let server = start();
    let client = client(&server);
    append(&client, "a-1", StreamState::Any, (0..100).map(noted).collect())
        .await
        .expect("new");
    let at = append(&client, "b-1", StreamState::Any, vec![noted(200)])
        .await
        .expect("new")
        .position;
    let filter = SubscriptionFilter::on_stream_name().add_prefix("b-");
    let options = SubscribeToAllOptions::default().filter(filter);
    let mut following = client.subscribe_to_all(&options).await;
    let (revisions, checkpoints) = revisions_until_caught_up(&mut following).await;
    assert_eq!(revisions, [0]);
    assert!(
        checkpoints.len() >= 3,
        "one for each 32 events looked at: {checkpoints:?}"
    );
    assert!(checkpoints.is_sorted());
    append(&client, "b-1", StreamState::Any, vec![noted(201)])
        .await
        .expect("new");
    assert_eq!(next_event(&mut following).await.get_original_event().revision, 1);

    let mut resumed = client
        .subscribe_to_all(&options.position(StreamPosition::Position(at)))
        .await;
    assert_eq!(
        revisions_until_caught_up(&mut resumed).await.0,
        [1],
        "the position itself is not repeated"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_followed_across_its_end() {
    let server = start();
    let client = client(&server);
    append(&client, "s", StreamState::Any, (0..3).map(noted).collect())
        .await
        .expect("new");
    let options = SubscribeToStreamOptions::default().start_from(StreamPosition::Position(0));
    let mut following = client.subscribe_to_stream("s", &options).await;
    assert_eq!(revisions_until_caught_up(&mut following).await.0, [1, 2]);
    append(&client, "s", StreamState::Any, vec![noted(9)])
        .await
        .expect("new");
    let event = next_event(&mut following).await;
    let event = event.get_original_event();
    assert_eq!(
        (event.revision, event.id, event.event_type.as_str()),
        (3, Uuid::from_u128(9), "Noted")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_deletes_hide_what_they_say() {
    let server = start();
    let client = client(&server);
    append(&client, "s", StreamState::Any, (0..6).map(noted).collect())
        .await
        .expect("new");
    let any = AppendToStreamOptions::default();
    let hidden = StreamMetadataBuilder::new()
        .truncate_before(2)
        .max_count(3)
        .build();
    client
        .set_stream_metadata("s", &any, &hidden)
        .await
        .expect("metadata is taken");
    let options = ReadStreamOptions::default;
    assert_eq!(read(&client, "s", options()).await.expect("there"), [3, 4, 5]);
    match client
        .get_stream_metadata("s", &options())
        .await
        .expect("it can be read")
    {
        StreamMetadataResult::Success(kept) => assert_eq!(*kept.metadata(), hidden),
        other @ (StreamMetadataResult::Deleted | StreamMetadataResult::NotFound) => panic!("{other:?}"),
    }
    client
        .delete_stream("s", &DeleteStreamOptions::default())
        .await
        .expect("it can be deleted");
    assert!(matches!(
        read(&client, "s", options()).await,
        Err(Error::ResourceNotFound)
    ));
    let on = append(&client, "s", StreamState::Any, vec![noted(9)])
        .await
        .expect("it can be written to");
    assert_eq!(on.next_expected_version, 6, "it goes on counting");
    client
        .tombstone_stream("s", &TombstoneStreamOptions::default())
        .await
        .expect("it can be closed");
    assert!(matches!(
        read(&client, "s", options()).await,
        Err(Error::ResourceDeleted)
    ));
    let refused = append(&client, "s", StreamState::Any, vec![noted(10)]).await;
    assert!(matches!(refused, Err(Error::ResourceDeleted)), "{refused:?}");
}

// If this fails, the official client has learnt better, and its batches may be looked at again.
#[tokio::test(flavor = "multi_thread")]
async fn one_conflict_ends_a_session_of_batches_which_is_why_the_log_uses_none() {
    let server = start();
    let client = client(&server);
    let batch = client
        .batch_append(&BatchAppendOptions::default())
        .await
        .expect("the server knows batches");
    let append = async |to: &str, n| {
        let appending = batch.append_to_stream(to, StreamState::NoStream, vec![noted(n)]);
        within("an answer", appending).await
    };
    let written = append("s", 1).await.expect("it is new");
    assert_eq!(written.current_revision(), Some(0));
    append("s", 2).await.expect_err("it is there already");
    append("other", 3).await.expect_err("it is new, and yet it fails");
    assert_eq!(server.calls().batch_append, 1);
}
