//! Generated histories, played on the log under test and on [`MemoryLog`] side by side: both give the same answers.
//!
//! Positions are compared by their rank, for each log counts in its own way.

use std::sync::Arc;

use domain_model::ids::TenantId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::Stand;
use super::metadata::labels;
use super::sample::{
    all, backwards, catch_up, event, events_until, kind, of_categories, of_kinds, put, stream, tenant, within,
};
use crate::{
    AppendError, Appended, Deliveries, EventLog, Expected, Filter, LogMetadata, MemoryLog, NewEvent,
    Position, Range, Recorded, Revision, StreamMetadata, StreamName,
};

const STREAMS: [&str; 4] = ["call-acme_1", "call-acme_2", "calls-acme_1", "queue-acme-eu_1"];
const STEPS_MAX: usize = 40;
/// The number of the last event of each history.
const MARKER: u64 = 1_000_000;

/// What somebody does with a log. Numbers that are too large are taken modulo what is there.
#[derive(Debug, Clone)]
enum Step {
    Append {
        to: usize,
        guess: Guess,
        count: u64,
    },
    Repeat {
        which: usize,
        skip: usize,
        take: usize,
        and_more: bool,
        any: bool,
    },
    ReadStream {
        of: usize,
        backwards: bool,
        end: Option<u64>,
        limit: usize,
    },
    ReadAll {
        backwards: bool,
        end: Option<usize>,
        filter: usize,
        limit: usize,
    },
    Follow {
        after: Option<usize>,
        filter: usize,
    },
    Truncate {
        of: usize,
        first: u64,
    },
    Label {
        of: Option<usize>,
        text: String,
    },
    Restart,
}

/// What is expected of a stream.
#[derive(Debug, Clone, Copy)]
enum Guess {
    Right,
    Any,
    NoStream,
    At(u64),
}

fn step(with_restarts: bool) -> impl Strategy<Value = Step> {
    let to = 0..STREAMS.len();
    let guess = prop_oneof![
        4 => Just(Guess::Right),
        2 => Just(Guess::Any),
        1 => Just(Guess::NoStream),
        1 => (0_u64..6).prop_map(Guess::At),
    ];
    let end = proptest::option::weighted(0.7, 0_usize..60);
    let revision = proptest::option::weighted(0.7, prop_oneof![9 => 0_u64..12, 1 => Just(u64::MAX)]);
    let limit = prop_oneof![3 => 0_usize..6, 1 => Just(usize::MAX)];
    prop_oneof![
        8 => (to.clone(), guess, 1_u64..4).prop_map(|(to, guess, count)| Step::Append { to, guess, count }),
        3 => (0_usize..20, 0_usize..3, 1_usize..4, proptest::bool::weighted(0.3), any::<bool>()).prop_map(
            |(which, skip, take, and_more, any)| Step::Repeat { which, skip, take, and_more, any }
        ),
        3 => (to.clone(), any::<bool>(), revision, limit.clone())
            .prop_map(|(of, backwards, end, limit)| Step::ReadStream { of, backwards, end, limit }),
        3 => (any::<bool>(), end.clone(), 0_usize..8, limit)
            .prop_map(|(backwards, end, filter, limit)| Step::ReadAll { backwards, end, filter, limit }),
        2 => (end, 0_usize..8).prop_map(|(after, filter)| Step::Follow { after, filter }),
        1 => (to.clone(), 0_u64..8).prop_map(|(of, first)| Step::Truncate { of, first }),
        1 => (proptest::option::of(to), "[a-zü🦀\"]{0,3}").prop_map(|(of, text)| Step::Label { of, text }),
        u32::from(with_restarts) => Just(Step::Restart),
    ]
}

fn filter(n: usize) -> Filter {
    match n % 8 {
        0 => of_categories(&["call"]),
        1 => of_categories(&["queue", "calls"]),
        2 => of_categories(&["none"]),
        3 => of_kinds(&["CallOffered"]),
        4 => Filter {
            tenant: Some(tenant("acme-eu")),
            ..of_kinds(&["Call", "CallEnded"])
        },
        5 => Filter {
            tenant: Some(tenant("acme")),
            ..of_categories(&["call"])
        },
        _ => Filter::default(),
    }
}

/// What a log answers, positions replaced by their rank.
#[derive(Debug, PartialEq)]
enum Answer {
    Appended(Appended),
    Refused(String),
    Events(Vec<Recorded>),
    Metadata(StreamMetadata, Vec<(String, String)>),
    Nothing,
}

/// One append that was recorded.
struct Sent {
    to: usize,
    first: Revision,
    events: Vec<NewEvent>,
}

/// Plays steps on one log.
struct Player {
    log: Arc<dyn EventLog>,
    positions: Vec<Position>,
    last: [Option<Revision>; STREAMS.len()],
    hidden: [u64; STREAMS.len()],
    sent: Vec<Sent>,
    numbered: u64,
    // Caught up before the first step, so that all that follows is delivered live.
    live: Deliveries,
    seen: Vec<Recorded>,
}

impl Player {
    async fn new(log: Arc<dyn EventLog>) -> Self {
        let mut live = log.subscribe(None, Filter::default());
        Self {
            seen: catch_up(&mut live).await.0,
            live,
            positions: vec![],
            last: [None; STREAMS.len()],
            hidden: [0; STREAMS.len()],
            sent: vec![],
            numbered: 0,
            log,
        }
    }

    async fn take(&mut self, step: &Step) -> Answer {
        match step {
            Step::Append { to, guess, count } => self.append(*to, *guess, *count).await,
            Step::Repeat {
                which,
                skip,
                take,
                and_more,
                any,
            } => self.repeat(*which, (*skip, *take), *and_more, *any).await,
            Step::ReadStream {
                of,
                backwards,
                end,
                limit,
            } => {
                let range = range(*backwards, end.map(Revision));
                self.ranked(all(self.log.read_stream(&stream(STREAMS[*of]), range, *limit)).await)
            }
            Step::ReadAll {
                backwards,
                end,
                filter: n,
                limit,
            } => {
                let range = range(*backwards, self.position(*end));
                self.ranked(all(self.log.read_all(range, filter(*n), *limit)).await)
            }
            Step::Follow { after, filter: n } => {
                let mut deliveries = self.log.subscribe(self.position(*after), filter(*n));
                self.ranked(catch_up(&mut deliveries).await.0)
            }
            Step::Truncate { of, first } => {
                // Only ever upwards: what was hidden may be gone.
                self.hidden[*of] = self.hidden[*of].max(*first);
                self.set(*of, "").await
            }
            Step::Label { of: Some(of), text } => self.set(*of, text).await,
            Step::Label { of: None, text } => {
                self.log
                    .set_log_labels(labels(&[(text, text)]))
                    .await
                    .expect("labels are taken");
                let LogMetadata { labels, .. } = self.log.log_metadata().await.expect("metadata can be read");
                Answer::Metadata(StreamMetadata::default(), labels.into_iter().collect())
            }
            Step::Restart => Answer::Nothing,
        }
    }

    async fn set(&self, of: usize, text: &str) -> Answer {
        let to = stream(STREAMS[of]);
        let metadata = StreamMetadata {
            truncate_before: (self.hidden[of] > 0).then_some(Revision(self.hidden[of])),
            labels: labels(&[("text", text)]),
        };
        self.log
            .set_stream_metadata(&to, metadata)
            .await
            .expect("metadata is taken");
        let now = self.log.stream_metadata(&to).await.expect("metadata can be read");
        Answer::Metadata(now, vec![])
    }

    fn new_event(&mut self) -> NewEvent {
        self.numbered += 1;
        let n = self.numbered;
        let place = usize::try_from(n).expect("a small number");
        let tenants: [TenantId; 2] = [tenant("acme"), tenant("acme-eu")];
        NewEvent {
            kind: kind(["CallOffered", "Call", "CallEnded"][place % 3]),
            tenant: tenants[place % 2].clone(),
            ..event(n)
        }
    }

    async fn append(&mut self, to: usize, guess: Guess, count: u64) -> Answer {
        let events: Vec<NewEvent> = (0..count).map(|_| self.new_event()).collect();
        let expected = match guess {
            Guess::Right => self.last[to].into(),
            Guess::Any => Expected::Any,
            Guess::NoStream => Expected::NoStream,
            Guess::At(n) => Expected::At(Revision(n)),
        };
        let answer = self.send(to, expected, events.clone()).await;
        if let Answer::Appended(Appended { revision, .. }) = answer {
            self.last[to] = Some(revision);
            let first = Revision(revision.0 + 1 - count);
            self.sent.push(Sent { to, first, events });
        }
        answer
    }

    // Sends a part of what was recorded once more, with or without something new behind it.
    async fn repeat(
        &mut self,
        which: usize,
        (skip, take): (usize, usize),
        and_more: bool,
        any: bool,
    ) -> Answer {
        let more = self.new_event();
        if self.sent.is_empty() {
            return Answer::Nothing;
        }
        let sent = &self.sent[which % self.sent.len()];
        let skip = skip % sent.events.len();
        let part = sent.events.iter().skip(skip).take(take).cloned();
        let events: Vec<NewEvent> = part.chain(and_more.then_some(more)).collect();
        let before = (sent.first.0 + skip as u64).checked_sub(1).map(Revision);
        let expected = if any { Expected::Any } else { before.into() };
        let to = sent.to;
        self.send(to, expected, events).await
    }

    async fn send(&mut self, to: usize, expected: Expected, events: Vec<NewEvent>) -> Answer {
        let to = stream(STREAMS[to]);
        match within("an append", self.log.append(&to, expected, events)).await {
            Ok(appended) => {
                self.learn().await;
                Answer::Appended(Appended {
                    position: self.rank(appended.position),
                    ..appended
                })
            }
            Err(refused @ (AppendError::Conflict { .. } | AppendError::Invalid { .. })) => {
                Answer::Refused(refused.to_string())
            }
            Err(failed) => panic!("the log must take or refuse what it is given: {failed}"),
        }
    }

    async fn learn(&mut self) {
        let after = self.positions.last().copied();
        let news = all(self
            .log
            .read_all(Range::Forwards { after }, Filter::default(), usize::MAX))
        .await;
        self.positions.extend(news.iter().map(|event| event.position));
    }

    fn position(&self, rank: Option<usize>) -> Option<Position> {
        rank.and_then(|rank| self.positions.get(rank).copied())
    }

    fn rank(&self, position: Position) -> Position {
        let rank = self.positions.binary_search(&position);
        Position::at(rank.unwrap_or_else(|_| panic!("{position} was never read forwards")) as u64)
    }

    fn ranked(&self, events: Vec<Recorded>) -> Answer {
        let ranked = events.into_iter().map(|event| Recorded {
            position: self.rank(event.position),
            ..event
        });
        Answer::Events(ranked.collect())
    }

    // Writes the last event, and returns all that the subscription has delivered by then.
    async fn finish(&mut self) -> Answer {
        put(
            &*self.log,
            &StreamName::clone(&stream("marker-1")),
            Expected::NoStream,
            vec![event(MARKER)],
        )
        .await;
        self.learn().await;
        let mut seen = std::mem::take(&mut self.seen);
        seen.extend(events_until(&mut self.live, event(MARKER).id).await);
        self.ranked(seen)
    }
}

fn range<T>(is_backwards: bool, end: Option<T>) -> Range<T> {
    if is_backwards {
        Range::Backwards { before: end }
    } else {
        Range::Forwards { after: end }
    }
}

async fn play<S: Stand>(stand: &S, steps: &[Step]) -> Result<(), TestCaseError> {
    let place = stand.place().await;
    let mut tested = Player::new(stand.open(&place).await).await;
    let mut memory = Player::new(Arc::new(MemoryLog::new())).await;
    for (n, step) in steps.iter().enumerate() {
        if matches!(step, Step::Restart) {
            tested = restart(stand, &place, tested).await;
        }
        let (answer, wanted) = (tested.take(step).await, memory.take(step).await);
        prop_assert_eq!(answer, wanted, "step {} of {:?}", n, steps);
    }
    prop_assert_eq!(
        tested.finish().await,
        memory.finish().await,
        "all that was delivered, {:?}",
        steps
    );
    let none = all(tested.log.read_all(backwards(), filter(2), usize::MAX)).await;
    prop_assert_eq!(none, vec![]);
    let Player { log, live, .. } = tested;
    drop(live);
    stand.close(log).await;
    Ok(())
}

async fn restart<S: Stand>(stand: &S, place: &S::Place, player: Player) -> Player {
    let Player { log, live, .. } = player;
    drop(live);
    stand.close(log).await;
    Player {
        positions: player.positions,
        last: player.last,
        hidden: player.hidden,
        sent: player.sent,
        numbered: player.numbered,
        ..Player::new(stand.open(place).await).await
    }
}

async fn check<S: Stand>(stand: &S, with_restarts: bool) {
    // The shortest history first: where the stand itself is broken, nothing need be generated to say so.
    play(stand, &[]).await.unwrap_or_else(|failed| panic!("{failed}"));
    let config = Config {
        cases: stand.load().histories,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = proptest::collection::vec(step(with_restarts), 1..=STEPS_MAX);
    let runtime = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&steps, |steps| runtime.block_on(play(stand, &steps)))
    });
    if let Err(failed) = outcome {
        panic!("{failed}");
    }
}

/// Whatever is done with it, the log answers as [`MemoryLog`] does.
pub async fn any_history_reads_as_in_memory<S: Stand>(stand: &S) {
    check(stand, false).await;
}

/// The same with restarts in between, which [`MemoryLog`] knows nothing of.
pub async fn any_history_survives_restarts<S: Stand>(stand: &S) {
    check(stand, true).await;
}
