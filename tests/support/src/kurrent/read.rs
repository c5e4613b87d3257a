//! Reading: one stream or `$all`, forwards or backwards, up to a count or for ever.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tonic::Status;

use super::filter::Filter;
use super::line::{Interjection, Line};
use super::node::Faults;
use super::proto::event_store::client::streams::read_req::Options;
use super::proto::event_store::client::streams::read_req::options::all_options::AllOption;
use super::proto::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use super::proto::event_store::client::streams::read_req::options::{
    AllOptions, CountOption, FilterOption, ReadDirection, StreamOption, StreamOptions, UuidOption,
    uuid_option,
};
use super::proto::event_store::client::streams::read_resp::Content;
use super::proto::event_store::client::streams::{ReadReq, ReadResp, read_resp};
use super::store::{Place, Record, Store, Stream};
use super::{KurrentBreak, statuses, subscription, words};

/// What a reader is sent, as it goes over the wire.
pub(super) type Answer = Result<ReadResp, Status>;

/// One read that is under way.
pub(super) struct Reading {
    pub(super) store: Arc<Store>,
    pub(super) to: mpsc::Sender<Answer>,
    pub(super) ids_as_text: bool,
    /// Changes when all subscriptions are to end cleanly.
    pub(super) end: watch::Receiver<u64>,
    /// Changes when all subscriptions are to fall behind.
    pub(super) behind: watch::Receiver<u64>,
    pub(super) faults: Arc<Faults>,
    /// What it goes over, where that can be broken.
    pub(super) line: Option<Arc<Line>>,
}

/// The reader has gone, or what it asked for is answered.
pub(super) struct Done;

impl Reading {
    pub(super) async fn send(&self, content: Content) -> Result<(), Done> {
        let answer = ReadResp {
            content: Some(content),
        };
        self.to.send(Ok(answer)).await.map_err(|_| Done)
    }

    pub(super) async fn send_event(&self, record: &Record) -> Result<(), Done> {
        if let Some(how) = self.faults.break_now() {
            self.break_off(how).await?;
        }
        let event = words::read_event(record, self.ids_as_text);
        self.send(Content::Event(event)).await
    }

    async fn break_off(&self, how: KurrentBreak) -> Result<(), Done> {
        let Some(line) = &self.line else { return Ok(()) };
        match how {
            KurrentBreak::NotReady => self.fail(statuses::not_ready()).await?,
            KurrentBreak::Cut => line.cut(),
            // It goes on speaking, for its end of HTTP/2 does not know what it was made to say.
            KurrentBreak::GoAway => {
                line.interject(Interjection::GoAway);
                return Ok(());
            }
            KurrentBreak::Reset => {
                line.interject(Interjection::Reset);
                return Ok(());
            }
        }
        Err(Done)
    }

    async fn fail(&self, status: Status) -> Result<(), Done> {
        self.to.send(Err(status)).await.map_err(|_| Done)
    }

    /// Answers a request until all is said or nobody listens.
    pub(super) async fn run(self, request: ReadReq) {
        let result = match request.options.map(Ask::try_from) {
            Some(Ok(ask)) => self.answer(ask).await,
            Some(Err(status)) => self.fail(status).await,
            None => self.fail(Status::invalid_argument("options are missing")).await,
        };
        // Either way there is nothing more to say.
        drop(result);
    }

    async fn answer(&self, ask: Ask) -> Result<(), Done> {
        match ask {
            Ask::Stream {
                name,
                revision,
                forwards,
                count,
                positions,
            } => {
                self.read_stream(&name, revision, forwards, count, positions)
                    .await
            }
            Ask::All {
                start,
                forwards,
                count,
                filter,
            } => {
                let indices = self.indices(start, forwards);
                self.read_all(indices, count, filter).await
            }
            Ask::FollowStream { name, after } => subscription::follow_stream(self, &name, after).await,
            Ask::FollowAll { after, filter } => subscription::follow_all(self, after, filter).await,
        }
    }

    async fn read_stream(
        &self,
        name: &str,
        revision: Start<u64>,
        forwards: bool,
        count: u64,
        positions: bool,
    ) -> Result<(), Done> {
        let (first, last) = match self.store.stream(name) {
            Stream::Open { first, last } => (first, last),
            Stream::Deleted => return self.fail(statuses::deleted(name)).await,
            Stream::Absent => {
                let stream_identifier = Some(words::stream_name(name));
                let absent = read_resp::StreamNotFound { stream_identifier };
                return self.send(Content::StreamNotFound(absent)).await;
            }
        };
        let from = match revision {
            Start::First => 0,
            Start::Last => last,
            Start::At(revision) => revision,
        };
        let revisions: Box<dyn Iterator<Item = u64> + Send> = if forwards {
            Box::new(from.max(first)..=last)
        } else {
            Box::new((first..=from.min(last)).rev())
        };
        for revision in revisions.take(usize::try_from(count).unwrap_or(usize::MAX)) {
            self.send_event(&self.store.in_stream(name, revision)).await?;
        }
        if positions && forwards {
            self.send(Content::LastStreamPosition(last)).await?;
        }
        Ok(())
    }

    // Positions are inclusive forwards and exclusive backwards, as in the real server.
    fn indices(&self, start: Start<Place>, forwards: bool) -> Box<dyn Iterator<Item = usize> + Send> {
        let len = self.store.len();
        let index = match start {
            Start::First => 0,
            Start::Last => len,
            Start::At(place) => self.store.index_of(place),
        };
        if forwards {
            Box::new(index..len)
        } else {
            Box::new((0..index).rev())
        }
    }

    async fn read_all(
        &self,
        indices: Box<dyn Iterator<Item = usize> + Send>,
        count: u64,
        filter: Filter,
    ) -> Result<(), Done> {
        let records = indices.filter_map(|index| self.store.at(index));
        let passing = records.filter(|record| filter.passes(record));
        for record in passing.take(usize::try_from(count).unwrap_or(usize::MAX)) {
            self.send_event(&record).await?;
        }
        Ok(())
    }
}

/// Where to begin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start<T> {
    First,
    Last,
    At(T),
}

/// What a request asks for.
enum Ask {
    Stream {
        name: String,
        revision: Start<u64>,
        forwards: bool,
        count: u64,
        positions: bool,
    },
    All {
        start: Start<Place>,
        forwards: bool,
        count: u64,
        filter: Filter,
    },
    FollowStream {
        name: String,
        after: Start<u64>,
    },
    FollowAll {
        after: Start<Place>,
        filter: Filter,
    },
}

impl TryFrom<Options> for Ask {
    type Error = Status;

    fn try_from(options: Options) -> Result<Self, Status> {
        let forwards = options.read_direction() == ReadDirection::Forwards;
        let filter = match options.filter_option {
            Some(FilterOption::Filter(filter)) => Filter::try_from(filter)?,
            Some(FilterOption::NoFilter(())) => Filter::everything(),
            None => return Err(Status::invalid_argument("a filter, or none, must be chosen")),
        };
        let positions = options
            .control_option
            .is_some_and(|control| control.compatibility >= 1);
        match (options.stream_option, options.count_option) {
            (Some(StreamOption::Stream(stream)), Some(CountOption::Count(count))) => {
                let (name, revision) = stream_start(stream)?;
                Ok(Self::Stream {
                    name,
                    revision,
                    forwards,
                    count,
                    positions,
                })
            }
            (Some(StreamOption::All(all)), Some(CountOption::Count(count))) => {
                let start = all_start(all)?;
                Ok(Self::All {
                    start,
                    forwards,
                    count,
                    filter,
                })
            }
            (_, Some(CountOption::Subscription(_))) if !forwards => {
                Err(Status::invalid_argument("subscriptions go forwards"))
            }
            (Some(StreamOption::Stream(stream)), Some(CountOption::Subscription(_))) => {
                let (name, after) = stream_start(stream)?;
                Ok(Self::FollowStream { name, after })
            }
            (Some(StreamOption::All(all)), Some(CountOption::Subscription(_))) => {
                let after = all_start(all)?;
                Ok(Self::FollowAll { after, filter })
            }
            (None, _) | (_, None) => Err(Status::invalid_argument("a stream and a count must be chosen")),
        }
    }
}

/// Says how ids are wished for.
pub(super) fn ids_as_text(request: &ReadReq) -> bool {
    let wish = request
        .options
        .as_ref()
        .and_then(|options| options.uuid_option.as_ref());
    matches!(
        wish,
        Some(UuidOption {
            content: Some(uuid_option::Content::String(()))
        })
    )
}

/// Says whether the request asks to follow what is to come.
pub(super) fn is_subscription(request: &ReadReq) -> bool {
    let count = request
        .options
        .as_ref()
        .and_then(|options| options.count_option.as_ref());
    matches!(count, Some(CountOption::Subscription(_)))
}

fn stream_start(options: StreamOptions) -> Result<(String, Start<u64>), Status> {
    let name = words::name(options.stream_identifier)?;
    let start = match options.revision_option {
        Some(RevisionOption::Start(())) => Start::First,
        Some(RevisionOption::End(())) => Start::Last,
        Some(RevisionOption::Revision(revision)) => Start::At(revision),
        None => return Err(Status::invalid_argument("a revision must be chosen")),
    };
    Ok((name, start))
}

fn all_start(options: AllOptions) -> Result<Start<Place>, Status> {
    match options.all_option {
        Some(AllOption::Start(())) => Ok(Start::First),
        Some(AllOption::End(())) => Ok(Start::Last),
        Some(AllOption::Position(position)) => Ok(Start::At(Place {
            commit: position.commit_position,
            prepare: position.prepare_position,
        })),
        None => Err(Status::invalid_argument("a position must be chosen")),
    }
}
