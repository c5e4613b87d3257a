//! The suite on a server that others use too, where nothing can be emptied: the real one, if there is one.
//!
//! Set `KURRENTDB_URL` to its connection string, as in `kurrentdb://admin:changeit@localhost:2113?tls=false`, and let
//! nobody else append to it meanwhile. Its `MaxAppendSize` must be 16 MiB. Labels that the log has there are lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain_log::contract::{self, Load, Stand, Subject};
use domain_log::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, LogMetadata, NewEvent,
    Position, Range, ReadError, Recorded, Revision, StreamMetadata, StreamName,
};
use futures_util::{StreamExt as _, future};
use uuid::Uuid;

/// The end of a log, from where it was when the case began, as if it were a log by itself; its streams have other
/// names underneath, in the same categories, so that they are new to the server.
#[derive(Clone)]
struct End {
    log: Arc<dyn EventLog>,
    begin: Option<Position>,
    names: Names,
}

/// Names given underneath, and what they stand for.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<HashMap<StreamName, StreamName>>>);

impl Names {
    fn under(&self, name: &StreamName) -> StreamName {
        let mut names = self.0.lock().expect("nobody panics while holding it");
        if let Some((under, _)) = names.iter().find(|(_, above)| *above == name) {
            return under.clone();
        }
        // The longest categories belong to cases that do not ask for them.
        let category = Some(name.category())
            .filter(|category| category.len() < 128)
            .unwrap_or("long");
        let under = StreamName::new(&format!("{category}-{}", Uuid::new_v4())).expect("a short name");
        names.insert(under.clone(), name.clone());
        under
    }

    fn above(&self, event: Recorded) -> Option<Recorded> {
        let names = self.0.lock().expect("nobody panics while holding it");
        let stream = names.get(&event.stream)?.clone();
        Some(Recorded { stream, ..event })
    }
}

impl End {
    fn shown(&self, events: Events) -> Events {
        let (begin, names) = (self.begin, self.names.clone());
        let is_shown = move |event: &Result<Recorded, ReadError>| {
            future::ready(event.as_ref().map_or(true, |event| Some(event.position) > begin))
        };
        let renamed = move |event: Result<Recorded, ReadError>| {
            future::ready(event.map(|event| names.above(event)).transpose())
        };
        events.take_while(is_shown).filter_map(renamed).boxed()
    }
}

#[async_trait]
impl EventLog for End {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        let under = self.names.under(stream);
        match self.log.append(&under, expected, events).await {
            Err(AppendError::Conflict { expected, actual, .. }) => Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                actual,
            }),
            outcome => outcome,
        }
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        self.shown(self.log.read_stream(&self.names.under(stream), range, limit))
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        let range = match range {
            Range::Forwards { after } => Range::Forwards {
                after: after.max(self.begin),
            },
            Range::Backwards { before } => Range::Backwards { before },
        };
        self.shown(self.log.read_all(range, filter, usize::MAX))
            .take(limit)
            .boxed()
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        let end = self.clone();
        let deliveries = self.log.subscribe(after.max(self.begin), filter);
        let shown = move |delivery: Result<Delivery, ReadError>| {
            let end = end.clone();
            async move {
                match delivery {
                    Ok(Delivery::Event(event)) => end.names.above(event).map(Delivery::Event).map(Ok),
                    Ok(Delivery::CaughtUp(position)) => {
                        let has_events = end.tail().await.is_ok_and(|tail| tail.is_some());
                        Some(Ok(Delivery::CaughtUp(position.filter(|_| has_events))))
                    }
                    Ok(Delivery::Checkpoint(_)) | Err(_) => Some(delivery),
                }
            }
        };
        deliveries.filter_map(shown).boxed()
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        let tail = self.log.tail().await?;
        Ok(tail.filter(|_| tail > self.begin))
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        self.log.stream_metadata(&self.names.under(stream)).await
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        self.log
            .set_stream_metadata(&self.names.under(stream), metadata)
            .await
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        self.log.log_metadata().await
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        self.log.set_log_labels(labels).await
    }
}

/// Places on one server, one after the other.
struct Shared {
    connection: String,
    /// Opened once.
    log: Arc<dyn EventLog>,
    load: Load,
}

impl Shared {
    fn new(connection: String, load: Load) -> Self {
        let log = super::open(&connection);
        Self {
            connection,
            log,
            load,
        }
    }
}

#[async_trait]
impl Stand for Shared {
    type Place = (Option<Position>, Names);

    async fn place(&self) -> Self::Place {
        // Labels are the whole log's, and a new one has none.
        let emptied = self.log.set_log_labels(BTreeMap::new()).await;
        emptied.expect("the server can be written to");
        let tail = self.log.tail().await;
        (tail.expect("the server can be read"), Names::default())
    }

    async fn open(&self, (begin, names): &Self::Place) -> Arc<dyn EventLog> {
        Arc::new(End {
            log: super::open(&self.connection),
            begin: *begin,
            names: names.clone(),
        })
    }

    fn load(&self) -> Load {
        self.load
    }
}

/// The same places, for cases that open nothing twice: all over one log, whose connections have to last.
struct Kept<'a>(&'a Shared);

#[async_trait]
impl Stand for Kept<'_> {
    type Place = (Option<Position>, Names);

    async fn place(&self) -> Self::Place {
        self.0.place().await
    }

    async fn open(&self, (begin, names): &Self::Place) -> Arc<dyn EventLog> {
        Arc::new(End {
            log: self.0.log.clone(),
            begin: *begin,
            names: names.clone(),
        })
    }

    fn load(&self) -> Load {
        self.0.load
    }
}

// The cases one after the other: each begins where the one before has ended.
macro_rules! cases {
    ($(on $how:ident $module:ident: $($case:ident)+;)+) => {
        const CASES: &[&str] = &[$($(stringify!($case)),+),+];

        async fn show_all(stand: &Shared) {
            $($(
                cases!(@$how stand contract::$module::$case);
            )+)+
        }
    };
    (@a_log $stand:ident $case:path) => { Subject::show(&Kept($stand), $case).await };
    (@a_stand $stand:ident $case:path) => { $case($stand).await };
}

cases! {
    on a_log append: an_append_reads_back_as_it_was_written each_append_says_where_its_last_event_stands
        a_conflict_says_where_the_stream_is what_was_expected_decides a_refused_append_leaves_nothing_behind
        what_cannot_be_stored_is_refused_by_its_field the_largest_events_are_kept
        large_and_small_events_keep_their_order a_clock_that_goes_back_changes_no_order;
    on a_log repeat: a_repeat_is_answered_as_at_first a_repeat_is_known_after_further_appends
        a_repeat_of_a_part_is_a_repeat a_repeat_with_something_new_is_a_conflict
        the_same_ids_in_another_order_are_a_conflict the_same_ids_in_another_stream_are_new
        a_repeat_at_another_revision_is_a_conflict;
    on a_log race: of_writers_at_one_revision_exactly_one_wins writers_of_one_stream_lose_nothing
        a_conflict_fails_nobody_else one_append_sent_many_times_at_once_is_recorded_once
        a_reader_never_sees_half_an_append a_reader_never_sees_the_past_change what_was_acknowledged_is_seen_at_once;
    on a_log read: an_empty_log_reads_as_nothing a_stream_reads_both_ways_from_anywhere
        the_log_reads_both_ways_from_anywhere streams_and_the_log_agree
        a_filter_passes_what_agrees_with_all_its_parts a_limit_counts_what_passes a_long_read_is_whole;
    on a_log subscribe: it_catches_up_says_so_and_goes_on_live on_an_empty_log_it_is_caught_up_at_nothing
        it_resumes_after_anything_delivered a_filter_leaves_out_the_rest it_says_how_far_it_has_looked
        from_the_tail_only_what_is_new_comes one_that_nobody_polls_misses_nothing a_dropped_one_does_no_harm;
    on a_log load: under_load_each_subscriber_sees_each_event_once_in_order many_subscribers_all_see_everything
        under_load_it_never_ends_between_the_events_of_an_append;
    on a_log metadata: a_stream_has_the_default_until_it_is_set metadata_makes_no_event_and_no_stream
        truncated_events_are_hidden_both_ways a_stream_truncated_whole_goes_on_where_it_was
        a_repeat_is_known_even_where_it_is_hidden the_log_keeps_its_id_and_labels;
    on a_log name: names_that_begin_alike_are_different_streams categories_that_begin_alike_are_different
        any_allowed_name_works many_streams_are_kept_apart;
    on a_stand history: any_history_reads_as_in_memory;
    on a_stand transfer: a_copy_there_and_back_is_the_same;
    on a_stand restart: everything_is_there_afterwards streams_go_on_where_they_were a_repeat_is_known_afterwards
        a_subscription_resumes_afterwards metadata_and_labels_stay an_empty_log_stays_empty many_restarts_add_up
        any_history_survives_restarts;
}

#[test]
fn every_case_of_the_suite_is_among_these() {
    let suite = include_str!("../../../../domain/log/src/contract.rs");
    let macros = suite
        .split_once("macro_rules!")
        .map(|(_, macros)| macros)
        .expect("the suite is a macro");
    let named = macros.lines().filter_map(|line| line.trim().strip_suffix(','));
    let is_case =
        |name: &&str| name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    for case in named
        .filter(is_case)
        .filter(|case| !case.starts_with("positions_count_"))
    {
        assert!(CASES.contains(&case), "{case} is missing here");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests names the server, and nobody else can"
)]
#[expect(clippy::print_stderr, reason = "a test that was not run must say so")]
async fn the_suite_holds_on_a_real_server() {
    match std::env::var("KURRENTDB_URL") {
        Ok(connection) => {
            show_all(&Shared::new(connection, Load::REMOTE)).await;
        }
        Err(_) => eprintln!("skipped: KURRENTDB_URL names no server"),
    }
}

// The same on the server that stands in for it, so that this way of running the suite is known to work; how much it can
// bear is asked of a server of our own.
#[tokio::test(flavor = "multi_thread")]
async fn the_suite_holds_on_a_server_in_use() {
    let server = super::start();
    let load = Load {
        rounds: 1,
        streams: 50,
        histories: 2,
    };
    show_all(&Shared::new(server.connection(), load)).await;
}
