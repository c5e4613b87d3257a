//! Reads that end: one stream or all, over our own client of the generated protocol.
//!
//! The official client would read too, but it lets no connection go that broke, and its subscriptions can hang a thread.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;
use tonic::{Request, Status, Streaming};

use super::link::{Line, Link, Way};
use super::proto::event_store::client::streams::read_resp::Content;
use super::proto::event_store::client::streams::streams_client::StreamsClient;
use super::proto::event_store::client::streams::{ReadReq, ReadResp};
use super::retry::{Retry, Unanswered};
use super::words::{self, REVISION_MAX, Received, Start};
use crate::{Events, Filter, Position, Range, ReadError, Recorded, Revision, StreamName};

/// The largest answer: one event, with room for what surrounds it.
const ANSWER_BYTES_MAX: usize = 17 << 20;
/// Up to how many events are asked for at once where only so many are wanted; beyond, for all there are.
const PAGE_EVENTS_MAX: u64 = 4096;

/// How long the end may take after the last event: it is on its way already.
const END_MAX: Duration = Duration::from_millis(100);

/// Answers on their way to us.
///
/// To let them go before their end costs: what is under way when the server hears of it counts against the connection,
/// which HTTP/2 closes after a thousand such. So as many events are asked for as are wanted, where that is known.
pub(super) struct Answers {
    link: Arc<Link>,
    line: Line,
    answers: Streaming<ReadResp>,
}

impl Answers {
    /// Waits for the next; none at the clean end.
    pub(super) async fn next(&mut self) -> Result<Option<Content>, Unanswered> {
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
                    return Err(status.into());
                }
            }
        }
    }

    /// The same of a read that is short, where the next must come soon.
    async fn next_soon(&mut self) -> Result<Option<Content>, Unanswered> {
        let patience = self.link.connection.patience;
        match timeout(patience, self.next()).await {
            Ok(next) => next,
            Err(_) => Err(silent(&self.link, &self.line).await),
        }
    }

    /// Waits for the end, after the last event that was asked for.
    async fn end(&mut self) {
        // Whatever comes instead is nobody's business any more.
        let rest = async { while let Ok(Some(_)) = self.next().await {} };
        drop(timeout(END_MAX, rest).await);
    }
}

async fn silent(link: &Link, line: &Line) -> Unanswered {
    link.learn(line, &Status::deadline_exceeded("no answer")).await;
    Unanswered::Silent(link.connection.patience)
}

/// Begins a read. It changes nothing, so it may be begun again, on what is then the best connection.
pub(super) async fn ask(link: &Arc<Link>, request: ReadReq, way: Way) -> Result<Answers, Unanswered> {
    let line = link.line(way).await?;
    let begun = timeout(link.connection.patience, begin(link, &line, request)).await;
    match begun {
        Ok(Ok(answers)) => Ok(Answers {
            link: Arc::clone(link),
            line,
            answers,
        }),
        Ok(Err(status)) => {
            link.learn(&line, &status).await;
            Err(status.into())
        }
        Err(_) => Err(silent(link, &line).await),
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

/// Reads what is little, from its beginning again where the connection breaks: `take` is shown all that comes, until it
/// breaks off.
async fn little<T: Default>(
    link: &Arc<Link>,
    request: &ReadReq,
    take: impl Fn(&mut T, Content) -> ControlFlow<()>,
) -> Result<T, ReadError> {
    let mut retry = Retry::new(link.connection.patience);
    loop {
        match little_once(link, request.clone(), &take).await {
            Ok(taken) => return Ok(taken),
            Err(unanswered) => retry.after(unanswered).await?,
        }
    }
}

async fn little_once<T: Default>(
    link: &Arc<Link>,
    request: ReadReq,
    take: impl Fn(&mut T, Content) -> ControlFlow<()>,
) -> Result<T, Unanswered> {
    let mut answers = ask(link, request, Way::Shared).await?;
    let mut taken = T::default();
    while let Some(content) = answers.next_soon().await? {
        if take(&mut taken, content).is_break() {
            break;
        }
    }
    Ok(taken)
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
    let take = |(part, bytes): &mut (Part, usize), content| {
        match content {
            Content::Event(event) => {
                *bytes += event.event.as_ref().map_or(0, |event| event.data.len());
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
        if *bytes > bytes_max {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let (part, _) = little(link, &words::ask_stream(stream, from, count as u64), take).await?;
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
        let there = first(link, &request, &is_it, ControlFlow::Continue(())).await?;
        if there.is_some() {
            return Ok(there);
        }
    }
    let part = part(link, stream, Start::At(revision), 1, usize::MAX).await?;
    if let Some(there) = part.events.into_iter().find(&is_it) {
        return Ok(Some(there));
    }
    // It is hidden and the server does not say where it is, so all of `$all` is looked through, from its end.
    let request = words::ask_all(Start::Last, words::only_stream(stream), u64::MAX);
    first(link, &request, &is_it, ControlFlow::Break(())).await
}

async fn first(
    link: &Arc<Link>,
    request: &ReadReq,
    wanted: &impl Fn(&Received) -> bool,
    and_then: ControlFlow<()>,
) -> Result<Option<Received>, ReadError> {
    let take = |found: &mut Option<Received>, content| {
        if found.is_none() {
            *found = event_of(content).filter(wanted);
        }
        if found.is_some() {
            and_then
        } else {
            ControlFlow::Continue(())
        }
    };
    little(link, request, take).await
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

/// A read that is under way: what is left of it, so that it goes on from there where it was interrupted.
struct Walk {
    link: Arc<Link>,
    left: usize,
    rest: Rest,
    answers: Option<Answers>,
    /// How many more events were asked for.
    page: u64,
    /// How many to ask for next.
    page_next: u64,
    retry: Retry,
}

/// What is still to be looked at, and what of it is passed on.
enum Rest {
    /// All of a stream, and all must be ours.
    Stream {
        name: StreamName,
        from: Option<Start<u64>>,
    },
    /// What passes the filter and lies between the ends, both left out but the last.
    All {
        filter: Filter,
        from: Start<Position>,
        after: Option<Position>,
        before: Option<Position>,
        up_to: Option<Position>,
    },
}

/// What becomes of one answer.
enum Step {
    Event(Recorded),
    LeftOut,
    /// It was looked at before.
    Known,
    End,
}

impl Rest {
    /// Asks for so many of what is left; none if nothing is.
    fn request(&self, count: u64) -> Option<ReadReq> {
        match self {
            Self::Stream { name, from } => from.map(|from| words::ask_stream(name.as_str(), from, count)),
            Self::All { filter, from, .. } => {
                Some(words::ask_all(*from, words::server_filter(filter), count))
            }
        }
    }

    /// Returns how many events that are known already come first: going forwards, `$all` begins with the last of them.
    fn known(&self) -> u64 {
        let is_known = matches!(
            self,
            Self::All {
                from: Start::At(_),
                ..
            }
        );
        u64::from(is_known)
    }

    /// Looks at an event, which is no longer left then.
    fn take(&mut self, event: Received) -> Result<Step, ReadError> {
        match self {
            Self::Stream { from, .. } => {
                let revision = event.revision();
                *from = match from {
                    Some(Start::First | Start::At(_)) => Some(Start::At(revision.saturating_add(1))),
                    Some(Start::Last | Start::BackFrom(_)) => revision.checked_sub(1).map(Start::BackFrom),
                    None => None,
                };
                event.in_our_stream().map(Step::Event)
            }
            Self::All {
                filter,
                from,
                after,
                before,
                up_to,
            } => {
                let position = event.position();
                if position <= *after || before.is_some() && position >= *before {
                    return Ok(Step::Known);
                }
                if up_to.is_some() && position > *up_to {
                    return Ok(Step::End);
                }
                if let Some(position) = position {
                    match from {
                        Start::First | Start::At(_) => {
                            (*from, *after) = (Start::At(position), Some(position))
                        }
                        Start::Last | Start::BackFrom(_) => {
                            (*from, *before) = (Start::BackFrom(position), Some(position));
                        }
                    }
                }
                let passing = event
                    .in_all()?
                    .filter(|event| filter.passes(&event.stream, &event.kind, &event.tenant));
                Ok(passing.map_or(Step::LeftOut, Step::Event))
            }
        }
    }
}

impl Walk {
    fn new(link: Arc<Link>, rest: Rest, limit: usize) -> Self {
        Self {
            left: limit,
            rest,
            answers: None,
            page: 0,
            page_next: page_of(limit as u64),
            retry: Retry::new(link.connection.patience),
            link,
        }
    }

    async fn next(mut self) -> Result<Option<(Recorded, Self)>, ReadError> {
        while self.left > 0 {
            let Some(answers) = &mut self.answers else {
                if !self.ask().await? {
                    return Ok(None);
                }
                continue;
            };
            match answers.next().await {
                Ok(Some(content)) => {
                    let Some(event) = event_of(content) else { continue };
                    self.page = self.page.saturating_sub(1);
                    let step = self.rest.take(event)?;
                    // A server that breaks off at the same event each time is not one that answers.
                    if !matches!(step, Step::Known) {
                        self.retry.succeed();
                    }
                    match step {
                        Step::Event(event) => {
                            self.left -= 1;
                            if self.left == 0 && self.page == 0 {
                                answers.end().await;
                            }
                            return Ok(Some((event, self)));
                        }
                        Step::LeftOut | Step::Known => {}
                        Step::End => return Ok(None),
                    }
                }
                Ok(None) if self.page == 0 => self.answers = None,
                Ok(None) => return Ok(None),
                Err(unanswered) => {
                    self.answers = None;
                    self.retry.after(unanswered).await?;
                }
            }
        }
        Ok(None)
    }

    /// Asks for what is left, and says whether there can be anything.
    async fn ask(&mut self) -> Result<bool, ReadError> {
        loop {
            let page = self.page_next.saturating_add(self.rest.known());
            let Some(request) = self.rest.request(page) else {
                return Ok(false);
            };
            match ask(&self.link, request, Way::Shared).await {
                Ok(answers) => {
                    self.answers = Some(answers);
                    self.page = page;
                    // What is left out here must not make it many small steps.
                    self.page_next = page_of(self.page_next.saturating_mul(4));
                    return Ok(true);
                }
                Err(unanswered) => self.retry.after(unanswered).await?,
            }
        }
    }
}

fn page_of(count: u64) -> u64 {
    if count <= PAGE_EVENTS_MAX { count } else { u64::MAX }
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
    let rest = Rest::Stream {
        name: stream.clone(),
        from: Some(from),
    };
    let walk = Walk::new(link, rest, limit);
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
        let rest = Rest::All {
            filter,
            from,
            after,
            before,
            up_to,
        };
        let walk = Walk::new(link, rest, limit);
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
    let walk = Walk::new(
        Arc::clone(link),
        Rest::All {
            filter: Filter::default(),
            from: Start::Last,
            after: None,
            before: None,
            up_to: None,
        },
        1,
    );
    let last = walk.next().await?;
    Ok(last.map(|(event, _)| event.position))
}
