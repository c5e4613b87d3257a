//! The suite finds faults: each one below, planted into a log that is otherwise right, fails the case named beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use domain_log::contract::{Stand, Subject, append, history, metadata, name, race, read, repeat, subscribe};
use domain_log::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, LogMetadata, MemoryLog,
    NewEvent, Position, Range, ReadError, Recorded, Revision, StreamMetadata, StreamName,
};
use futures_util::stream::{self, StreamExt as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Takes any append, whatever was expected.
    ExpectsNothing,
    /// Answers a repeat as a conflict.
    KnowsNoRepeat,
    /// Acknowledges one append in ten without recording it.
    LosesSome,
    /// Answers with the position of the first event.
    SaysTheFirst,
    /// Keeps payloads without the space around them.
    ChangesBytes,
    /// Reads the log without its last event.
    ReadsBehind,
    /// Orders the log by time.
    OrdersByTime,
    /// Takes a category for the beginning of a name.
    ComparesBeginnings,
    /// Counts what does not pass towards the limit.
    CountsWhatIsLeftOut,
    /// Loses the first event after a subscription has caught up.
    LosesAtTheEdge,
    /// Delivers the first event after a subscription has caught up twice.
    RepeatsAtTheEdge,
    /// Never says how far it has looked.
    GivesNoCheckpoints,
    /// Reads what should be hidden.
    HidesNothing,
}

use Fault::*;

struct Faulty {
    log: MemoryLog,
    fault: Fault,
    appends: AtomicU64,
}

impl Faulty {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }
}

#[async_trait]
impl EventLog for Faulty {
    async fn append(
        &self,
        stream: &StreamName,
        expected: Expected,
        mut events: Vec<NewEvent>,
    ) -> Result<Appended, AppendError> {
        if self.has(ChangesBytes) {
            for event in &mut events {
                event.data = event.data.trim_ascii().to_vec().into();
            }
        }
        let (count, expected) = (
            events.len() as u64,
            if self.has(ExpectsNothing) {
                Expected::Any
            } else {
                expected
            },
        );
        if self.has(LosesSome) && self.appends.fetch_add(1, Ordering::Relaxed) % 10 == 9 {
            let elsewhere = MemoryLog::new();
            return elsewhere.append(stream, Expected::Any, events).await;
        }
        let appended = self.log.append(stream, expected, events).await?;
        if self.has(KnowsNoRepeat) && appended.repeated {
            return Err(AppendError::Conflict {
                stream: stream.clone(),
                expected,
                actual: Some(appended.revision),
            });
        }
        let back = if self.has(SaysTheFirst) { count - 1 } else { 0 };
        Ok(Appended {
            position: Position::at(appended.position.commit() - back),
            ..appended
        })
    }

    fn read_stream(&self, stream: &StreamName, range: Range<Revision>, limit: usize) -> Events {
        self.log.read_stream(stream, range, limit)
    }

    fn read_all(&self, range: Range<Position>, filter: Filter, limit: usize) -> Events {
        match self.fault {
            ReadsBehind => {
                let all = self.log.read_all(range, filter, limit).collect::<Vec<_>>();
                changed(all, |events| {
                    events.pop();
                })
            }
            OrdersByTime => {
                let all = self.log.read_all(range, filter, limit).collect::<Vec<_>>();
                changed(all, |events| {
                    events.sort_by_key(|event| event.as_ref().ok().map(|event| event.time))
                })
            }
            ComparesBeginnings => {
                let Filter { categories, .. } = filter.clone();
                let all = self.log.read_all(
                    range,
                    Filter {
                        categories: BTreeSet::new(),
                        ..filter
                    },
                    usize::MAX,
                );
                passing(all, move |event| {
                    let name = event.stream.as_str();
                    categories.is_empty()
                        || categories
                            .iter()
                            .any(|category| name.starts_with(category.as_str()))
                })
            }
            CountsWhatIsLeftOut => {
                passing(self.log.read_all(range, Filter::default(), limit), move |event| {
                    filter.passes(&event.stream, &event.kind, &event.tenant)
                })
            }
            ExpectsNothing | KnowsNoRepeat | LosesSome | SaysTheFirst | ChangesBytes | LosesAtTheEdge
            | RepeatsAtTheEdge | GivesNoCheckpoints | HidesNothing => self.log.read_all(range, filter, limit),
        }
    }

    fn subscribe(&self, after: Option<Position>, filter: Filter) -> Deliveries {
        let fault = self.fault;
        let deliveries = self
            .log
            .subscribe(after, filter)
            .scan(None, move |live, delivery| {
                let first_live = *live == Some(0);
                *live = match delivery {
                    Ok(Delivery::CaughtUp(_)) => Some(0),
                    Ok(Delivery::Event(_) | Delivery::Checkpoint(_)) | Err(_) => {
                        live.map(|count: u64| count + 1)
                    }
                };
                let times = match (fault, &delivery) {
                    (LosesAtTheEdge, _) if first_live => 0,
                    (RepeatsAtTheEdge, _) if first_live => 2,
                    (GivesNoCheckpoints, Ok(Delivery::Checkpoint(_))) => 0,
                    (_, _) => 1,
                };
                let again = delivery.as_ref().ok().cloned();
                let more = again.into_iter().cycle().take(usize::from(times == 2)).map(Ok);
                let once = (times > 0).then_some(delivery);
                std::future::ready(Some(stream::iter(
                    once.into_iter().chain(more).collect::<Vec<_>>(),
                )))
            });
        deliveries.flatten().boxed()
    }

    async fn tail(&self) -> Result<Option<Position>, ReadError> {
        self.log.tail().await
    }

    async fn stream_metadata(&self, stream: &StreamName) -> Result<StreamMetadata, ReadError> {
        self.log.stream_metadata(stream).await
    }

    async fn set_stream_metadata(
        &self,
        stream: &StreamName,
        metadata: StreamMetadata,
    ) -> Result<(), AppendError> {
        let truncate_before = if self.has(HidesNothing) {
            None
        } else {
            metadata.truncate_before
        };
        let metadata = StreamMetadata {
            truncate_before,
            ..metadata
        };
        self.log.set_stream_metadata(stream, metadata).await
    }

    async fn log_metadata(&self) -> Result<LogMetadata, ReadError> {
        self.log.log_metadata().await
    }

    async fn set_log_labels(&self, labels: BTreeMap<String, String>) -> Result<(), AppendError> {
        self.log.set_log_labels(labels).await
    }
}

type Read = Vec<Result<Recorded, ReadError>>;

fn changed(
    read: impl Future<Output = Read> + Send + 'static,
    change: impl FnOnce(&mut Read) + Send + 'static,
) -> Events {
    let changed = async move {
        let mut events = read.await;
        change(&mut events);
        stream::iter(events)
    };
    stream::once(changed).flatten().boxed()
}

fn passing(events: Events, passes: impl Fn(&Recorded) -> bool + Send + 'static) -> Events {
    let passes =
        move |event: &Result<Recorded, ReadError>| std::future::ready(event.as_ref().is_ok_and(&passes));
    events.filter(passes).boxed()
}

#[async_trait]
impl Stand for Fault {
    type Place = ();

    async fn place(&self) {}

    async fn open(&self, (): &()) -> Arc<dyn EventLog> {
        Arc::new(Faulty {
            log: MemoryLog::new(),
            fault: *self,
            appends: AtomicU64::new(0),
        })
    }
}

macro_rules! found {
    ($($test:ident: $fault:ident by $module:ident::$case:ident, $message:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        #[should_panic(expected = $message)]
        async fn $test() {
            Subject::show(&$fault, $module::$case).await;
        }
    )*};
}

found! {
    a_log_that_expects_nothing: ExpectsNothing by race::of_writers_at_one_revision_exactly_one_wins, "left == right";
    a_log_that_knows_no_repeat: KnowsNoRepeat by repeat::a_repeat_is_answered_as_at_first, "append to";
    a_log_that_loses_some: LosesSome by race::writers_of_one_stream_lose_nothing, "";
    a_log_that_says_the_first: SaysTheFirst by append::each_append_says_where_its_last_event_stands, "left == right";
    a_log_that_changes_bytes: ChangesBytes by append::an_append_reads_back_as_it_was_written, "left == right";
    a_log_that_reads_behind: ReadsBehind by race::a_reader_never_sees_half_an_append, "call-acme";
    a_log_that_orders_by_time: OrdersByTime by append::a_clock_that_goes_back_changes_no_order, "of ";
    a_log_that_compares_beginnings: ComparesBeginnings by name::categories_that_begin_alike_are_different, "category";
    a_log_that_counts_what_is_left_out: CountsWhatIsLeftOut by read::a_limit_counts_what_passes, "left == right";
    a_log_that_loses_at_the_edge: LosesAtTheEdge by subscribe::from_the_tail_only_what_is_new_comes, "left == right";
    a_log_that_repeats_at_the_edge: RepeatsAtTheEdge by subscribe::from_the_tail_only_what_is_new_comes, "left == right";
    a_log_that_gives_no_checkpoints: GivesNoCheckpoints by subscribe::it_says_how_far_it_has_looked, "without a word";
    a_log_that_hides_nothing: HidesNothing by metadata::truncated_events_are_hidden_both_ways, "left == right";
}

macro_rules! found_by_history {
    ($($test:ident: $fault:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        #[should_panic(expected = "minimal failing input")]
        async fn $test() {
            history::any_history_reads_as_in_memory(&$fault).await;
        }
    )*};
}

found_by_history! {
    a_history_finds_a_log_that_expects_nothing: ExpectsNothing;
    a_history_finds_a_log_that_knows_no_repeat: KnowsNoRepeat;
    a_history_finds_a_log_that_counts_what_is_left_out: CountsWhatIsLeftOut;
    a_history_finds_a_log_that_compares_beginnings: ComparesBeginnings;
    a_history_finds_a_log_that_repeats_at_the_edge: RepeatsAtTheEdge;
    a_history_finds_a_log_that_hides_nothing: HidesNothing;
}
