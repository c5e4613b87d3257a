//! Reads that end: one stream or all, over our own client of the generated protocol.
//!
//! The official client would read too, but it lets no connection go that broke, and its subscriptions can hang a thread.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;
use tonic::{Request, Status, Streaming};

use super::link::{self, Line, Link, Way};
use super::proto::event_store::client::streams::read_resp::Content;
use super::proto::event_store::client::streams::streams_client::StreamsClient;
use super::proto::event_store::client::streams::{ReadReq, ReadResp};
use super::words::{self, REVISION_MAX, Received, Start};
use crate::{Events, Filter, Position, Range, ReadError, Recorded, Revision, StreamName};

/// The largest answer: one event, with room for what surrounds it.
const ANSWER_BYTES_MAX: usize = 17 << 20;
/// How often a read is begun anew, on a better connection, before it fails.
const ATTEMPTS_MAX: u32 = 3;

/// What else may go wrong while reading.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("the server did not answer within {} ms", .0.as_millis())]
    Silent(std::time::Duration),
}

fn failed(source: impl std::error::Error + Send + Sync + 'static) -> ReadError {
    ReadError::Failed {
        source: Box::new(source),
    }
}

/// Answers on their way to us.
pub(super) struct Answers {
    link: Arc<Link>,
    line: Line,
    answers: Streaming<ReadResp>,
}

impl Answers {
    /// Waits for the next; none at the clean end.
    pub(super) async fn next(&mut self) -> Result<Option<Content>, ReadError> {
        loop {
            match self.answers.message().await {
                Ok(Some(ReadResp {
                    content: Some(content),
                })) => return Ok(Some(content)),
                // A kind of answer that is newer than this client.
                Ok(Some(ReadResp { content: None })) => {}
                Ok(None) => return Ok(None),
                Err(status) => {
                    self.link.learn(&self.line, &status).await;
                    return Err(failed(status));
                }
            }
        }
    }

    /// The same of a read that is short, where the next must come soon.
    async fn next_soon(&mut self) -> Result<Option<Content>, ReadError> {
        let patience = self.link.connection.patience;
        match timeout(patience, self.next()).await {
            Ok(next) => next,
            Err(_) => Err(silent(&self.link, &self.line).await),
        }
    }
}

async fn silent(link: &Link, line: &Line) -> ReadError {
    link.learn(line, &Status::deadline_exceeded("no answer")).await;
    failed(Unanswered::Silent(link.connection.patience))
}

/// Begins a read. It changes nothing, so it is begun again where a connection turns out to be dead or to lead to a
/// follower.
pub(super) async fn ask(link: &Arc<Link>, request: &ReadReq, way: Way) -> Result<Answers, ReadError> {
    let mut attempt = 1;
    loop {
        let is_last = attempt == ATTEMPTS_MAX;
        attempt += 1;
        let line = match link.line(way).await {
            Ok(line) => line,
            Err(unreachable) if is_last => return Err(failed(unreachable)),
            Err(_) => continue,
        };
        let patience = link.connection.patience;
        let status = match timeout(patience, begin(link, &line, request.clone())).await {
            Ok(Ok(answers)) => {
                let link = Arc::clone(link);
                return Ok(Answers { link, line, answers });
            }
            Ok(Err(status)) => status,
            Err(_) => return Err(silent(link, &line).await),
        };
        link.learn(&line, &status).await;
        if is_last || !(link::is_broken(&status) || link::is_moved(&status)) {
            return Err(failed(status));
        }
    }
}

async fn begin(link: &Link, line: &Line, request: ReadReq) -> Result<Streaming<ReadResp>, Status> {
    let mut request = Request::new(request);
    link.authorize(&mut request);
    request.metadata_mut().insert(
        "requires-leader",
        tonic::metadata::MetadataValue::from_static("true"),
    );
    let mut client = StreamsClient::new(line.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
    client.read(request).await.map(tonic::Response::into_inner)
}

/// What was read of a stream.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) events: Vec<Received>,
    /// The stream's last revision, where the server says so: it does after a read forwards.
    pub(super) last: Option<u64>,
}

/// Reads some events of a stream, whoever wrote them, until there are `count` or they have more than so many bytes.
pub(super) async fn part(
    link: &Arc<Link>,
    stream: &str,
    from: Start<u64>,
    count: usize,
    bytes_max: usize,
) -> Result<Part, ReadError> {
    let mut answers = ask(link, &words::ask_stream(stream, from, count), Way::Shared).await?;
    let mut part = Part::default();
    let mut bytes = 0;
    while let Some(content) = answers.next_soon().await? {
        match content {
            Content::Event(event) => {
                bytes += event.event.as_ref().map_or(0, |event| event.data.len());
                part.events.extend(event.event.map(Received));
            }
            Content::LastStreamPosition(last) => part.last = Some(last),
            Content::Confirmation(_)
            | Content::Checkpoint(_)
            | Content::StreamNotFound(_)
            | Content::FirstStreamPosition(_)
            | Content::LastAllStreamPosition(_)
            | Content::CaughtUp(_)
            | Content::FellBehind(_) => {}
        }
        if bytes > bytes_max {
            break;
        }
    }
    Ok(part)
}

/// Finds an event of a stream in `$all`, where truncation hides nothing.
pub(super) async fn find(
    link: &Arc<Link>,
    stream: &str,
    revision: u64,
    position: Option<Position>,
) -> Result<Option<Received>, ReadError> {
    let is_it = |event: &Received| event.stream() == stream.as_bytes() && event.revision() == revision;
    if let Some(position) = position {
        let request = words::ask_all(Start::At(position), words::everything(), 1);
        let there = first(link, &request, &is_it).await?;
        if there.is_some() {
            return Ok(there);
        }
    }
    let part = part(link, stream, Start::At(revision), 1, 0).await?;
    if let Some(there) = part.events.into_iter().find(&is_it) {
        return Ok(Some(there));
    }
    // It is hidden and the server does not say where it is, so all of `$all` is looked through, from its end.
    let request = words::ask_all(Start::Last, words::only_stream(stream), u64::MAX);
    first(link, &request, &is_it).await
}

async fn first(
    link: &Arc<Link>,
    request: &ReadReq,
    wanted: &impl Fn(&Received) -> bool,
) -> Result<Option<Received>, ReadError> {
    let mut answers = ask(link, request, Way::Shared).await?;
    while let Some(content) = answers.next_soon().await? {
        if let Some(event) = event_of(content)
            && wanted(&event)
        {
            return Ok(Some(event));
        }
    }
    Ok(None)
}

fn event_of(content: Content) -> Option<Received> {
    match content {
        Content::Event(event) => event.event.map(Received),
        Content::Confirmation(_)
        | Content::Checkpoint(_)
        | Content::StreamNotFound(_)
        | Content::FirstStreamPosition(_)
        | Content::LastStreamPosition(_)
        | Content::LastAllStreamPosition(_)
        | Content::CaughtUp(_)
        | Content::FellBehind(_) => None,
    }
}

/// A read that is under way.
struct Walk {
    link: Arc<Link>,
    request: ReadReq,
    answers: Option<Answers>,
    left: usize,
    keep: Keep,
}

/// What of the answers is passed on.
enum Keep {
    /// All, and all must be ours.
    Stream,
    /// What passes the filter and lies between the ends, both left out but the last.
    All {
        filter: Filter,
        after: Option<Position>,
        before: Option<Position>,
        up_to: Option<Position>,
    },
}

/// What becomes of one answer.
enum Step {
    Event(Recorded),
    LeftOut,
    End,
}

impl Keep {
    fn take(&self, event: Received) -> Result<Step, ReadError> {
        let Self::All {
            filter,
            after,
            before,
            up_to,
        } = self
        else {
            return event.in_our_stream().map(Step::Event);
        };
        let position = event.position();
        if position <= *after || before.is_some() && position >= *before {
            return Ok(Step::LeftOut);
        }
        if up_to.is_some() && position > *up_to {
            return Ok(Step::End);
        }
        let passing = event
            .in_all()?
            .filter(|event| filter.passes(&event.stream, &event.kind, &event.tenant));
        Ok(passing.map_or(Step::LeftOut, Step::Event))
    }
}

impl Walk {
    async fn next(mut self) -> Result<Option<(Recorded, Self)>, ReadError> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut answers = match self.answers.take() {
            Some(answers) => answers,
            None => ask(&self.link, &self.request, Way::Shared).await?,
        };
        while let Some(content) = answers.next().await? {
            let Some(event) = event_of(content) else { continue };
            match self.keep.take(event)? {
                Step::Event(event) => {
                    self.left -= 1;
                    self.answers = Some(answers);
                    return Ok(Some((event, self)));
                }
                Step::LeftOut => {}
                Step::End => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// Reads one stream.
pub(super) fn read_stream(
    link: Arc<Link>,
    stream: &StreamName,
    range: Range<Revision>,
    limit: usize,
) -> Events {
    let from = match range {
        Range::Forwards { after: None } => Start::First,
        Range::Forwards {
            after: Some(Revision(after)),
        } if after >= REVISION_MAX => return stream::empty().boxed(),
        Range::Forwards {
            after: Some(Revision(after)),
        } => Start::At(after + 1),
        Range::Backwards {
            before: Some(Revision(0)),
        } => return stream::empty().boxed(),
        Range::Backwards {
            before: Some(Revision(before)),
        } if before <= REVISION_MAX => Start::BackFrom(before - 1),
        Range::Backwards { .. } => Start::Last,
    };
    let walk = Walk {
        request: words::ask_stream(stream.as_str(), from, limit),
        link,
        answers: None,
        left: limit,
        keep: Keep::Stream,
    };
    stream::try_unfold(walk, Walk::next).boxed()
}

/// Reads all streams, forwards up to the tail as it is when reading begins.
pub(super) fn read_all(link: Arc<Link>, range: Range<Position>, filter: Filter, limit: usize) -> Events {
    let begin = async move {
        let (from, after, before, up_to) = match range {
            Range::Forwards { after } => {
                let Some(up_to) = tail(&link).await?.filter(|tail| Some(*tail) > after) else {
                    return Ok(stream::empty().boxed());
                };
                (after.map_or(Start::First, Start::At), after, None, Some(up_to))
            }
            Range::Backwards { before } => (before.map_or(Start::Last, Start::BackFrom), None, before, None),
        };
        let walk = Walk {
            // What is left out here must not count there.
            request: words::ask_all(from, words::server_filter(&filter), u64::MAX),
            link,
            answers: None,
            left: limit,
            keep: Keep::All {
                filter,
                after,
                before,
                up_to,
            },
        };
        Ok::<_, ReadError>(stream::try_unfold(walk, Walk::next).boxed())
    };
    if limit == 0 {
        return stream::empty().boxed();
    }
    stream::once(begin)
        .flat_map(|begun| match begun {
            Ok(events) => events,
            Err(failed) => stream::iter([Err(failed)]).boxed(),
        })
        .boxed()
}

/// Returns the position of the last event that is ours.
pub(super) async fn tail(link: &Arc<Link>) -> Result<Option<Position>, ReadError> {
    let request = words::ask_all(Start::Last, words::server_filter(&Filter::default()), u64::MAX);
    let mut answers = ask(link, &request, Way::Shared).await?;
    while let Some(content) = answers.next_soon().await? {
        if let Some(event) = event_of(content)
            && let Some(recorded) = event.in_all()?
        {
            return Ok(Some(recorded.position));
        }
    }
    Ok(None)
}
