//! Reads that never end: what is there, the word that this was all, and what comes.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;
use tracing::{debug, warn};

use super::link::{Link, Way};
use super::proto::event_store::client::streams::read_resp::{CaughtUp, Content};
use super::reader::{self, Answers};
use super::retry::{Retry, Unanswered};
use super::words::{self, Received};
use crate::{Deliveries, Delivery, Filter, Position, ReadError};

/// After how many events left out here a checkpoint is made; the server makes its own for those left out there.
const LEFT_OUT_MAX: u32 = 1024;

/// Follows the log from right after a position.
///
/// A server that ends the answers, with an error or cleanly, as one does that is shut down, is asked again from where it
/// ended, and less and less often where it has nothing to say in between. Where nothing came for as long as a caller is
/// patient, that is an error and the end.
pub(super) fn subscribe(link: Arc<Link>, after: Option<Position>, filter: Filter) -> Deliveries {
    let follower = Follower {
        retry: Retry::new(link.connection.patience),
        begun: Instant::now(),
        link,
        filter,
        seen: after,
        is_empty: after.is_none(),
        tail: None,
        answers: None,
        caught_up: false,
        left_out: 0,
    };
    stream::try_unfold(follower, async |mut follower| {
        let delivery = follower.next().await?;
        Ok(Some((delivery, follower)))
    })
    .boxed()
}

struct Follower {
    link: Arc<Link>,
    filter: Filter,
    /// Everything up to here was looked at.
    seen: Option<Position>,
    /// Nothing says yet that there is an event of ours.
    is_empty: bool,
    /// Where the log ended before we began: once caught up, we have looked at least so far.
    tail: Option<Position>,
    answers: Option<Answers>,
    caught_up: bool,
    left_out: u32,
    /// When the last answers began.
    begun: Instant,
    retry: Retry,
}

impl Follower {
    async fn next(&mut self) -> Result<Delivery, ReadError> {
        loop {
            let answers = match &mut self.answers {
                Some(answers) => answers,
                None => self.ask().await?,
            };
            let ended = match answers.next().await {
                Ok(Some(content)) => {
                    let before = self.seen;
                    let delivery = self.take(content)?;
                    if delivery.is_some() || self.seen > before {
                        self.retry.succeed();
                    }
                    match delivery {
                        Some(delivery) => return Ok(delivery),
                        None => continue,
                    }
                }
                Ok(None) => Unanswered::Ended,
                Err(unanswered) => unanswered,
            };
            warn!(seen = ?self.seen, error = &ended as &dyn std::error::Error, "a subscription begins again");
            self.answers = None;
            self.again(ended).await?;
        }
    }

    async fn again(&mut self, ended: Unanswered) -> Result<(), ReadError> {
        // On a quiet log there is nothing to deliver, so that it lasted is what tells.
        if self.begun.elapsed() > self.link.connection.patience {
            self.retry.succeed();
        }
        self.retry.after(ended).await
    }

    async fn ask(&mut self) -> Result<&mut Answers, ReadError> {
        if !self.caught_up {
            self.tail = reader::tail(&self.link).await?;
        }
        loop {
            let request = words::ask_to_follow(self.seen, words::server_filter(&self.filter));
            self.begun = Instant::now();
            match reader::ask(&self.link, request, Way::Own).await {
                Ok(answers) => return Ok(self.answers.insert(answers)),
                Err(unanswered) => self.retry.after(unanswered).await?,
            }
        }
    }

    fn take(&mut self, content: Content) -> Result<Option<Delivery>, ReadError> {
        match content {
            Content::Event(event) => event.event.map_or(Ok(None), |event| self.event(Received(event))),
            Content::Checkpoint(checkpoint) => {
                let (commit, prepare) = (checkpoint.commit_position, checkpoint.prepare_position);
                Ok(self.checkpoint(Position::pair(commit, prepare)))
            }
            Content::CaughtUp(caught_up) => Ok(self.caught_up(&caught_up)),
            // What comes is history again, until it is live again: nothing that a reader must know.
            Content::FellBehind(_) => {
                debug!(seen = ?self.seen, "a subscription fell behind");
                Ok(None)
            }
            Content::Confirmation(_)
            | Content::StreamNotFound(_)
            | Content::FirstStreamPosition(_)
            | Content::LastStreamPosition(_)
            | Content::LastAllStreamPosition(_) => Ok(None),
        }
    }

    fn event(&mut self, event: Received) -> Result<Option<Delivery>, ReadError> {
        let position = event.position();
        if position <= self.seen {
            return Ok(None);
        }
        let recorded = event.in_all()?;
        self.seen = position;
        self.is_empty &= recorded.is_none();
        match recorded.filter(|event| self.filter.passes(&event.stream, &event.kind, &event.tenant)) {
            Some(event) => {
                self.left_out = 0;
                Ok(Some(Delivery::Event(event)))
            }
            None => {
                self.left_out += 1;
                let is_due = self.left_out >= LEFT_OUT_MAX;
                if is_due {
                    self.left_out = 0;
                }
                Ok(position.filter(|_| is_due).map(Delivery::Checkpoint))
            }
        }
    }

    fn checkpoint(&mut self, position: Position) -> Option<Delivery> {
        if Some(position) <= self.seen {
            return None;
        }
        self.seen = Some(position);
        self.left_out = 0;
        Some(Delivery::Checkpoint(position))
    }

    // The server says it again each time after it fell behind; for a reader the second time is a checkpoint.
    fn caught_up(&mut self, said: &CaughtUp) -> Option<Delivery> {
        let said = said.position.as_ref();
        let said = said.map(|position| Position::pair(position.commit_position, position.prepare_position));
        if self.caught_up {
            return said.and_then(|position| self.checkpoint(position));
        }
        self.caught_up = true;
        // On a log without events of ours there may be some of the server's, of which nobody is told.
        self.is_empty &= self.tail.is_none();
        // Whoever said the tail may have been ahead of whoever is followed now.
        self.seen = self.seen.max(said.or(self.tail));
        Some(Delivery::CaughtUp(self.seen.filter(|_| !self.is_empty)))
    }
}
