//! The gRPC services of one node.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;
use tonic::{Request, Response, Status, Streaming};

use super::line::{Interjection, Line};
use super::node::Node;
use super::proto::event_store::client::gossip::gossip_server::Gossip;
use super::proto::event_store::client::gossip::member_info::VNodeState;
use super::proto::event_store::client::gossip::{ClusterInfo, EndPoint, MemberInfo};
use super::proto::event_store::client::server_features::server_features_server::ServerFeatures;
use super::proto::event_store::client::server_features::{SupportedMethod, SupportedMethods};
use super::proto::event_store::client::streams::append_req::options::ExpectedStreamRevision;
use super::proto::event_store::client::streams::append_req::{Content, Options};
use super::proto::event_store::client::streams::delete_req::options::ExpectedStreamRevision as ExpectedByDelete;
use super::proto::event_store::client::streams::streams_server::Streams;
use super::proto::event_store::client::streams::tombstone_req::options::ExpectedStreamRevision as ExpectedByTombstone;
use super::proto::event_store::client::streams::{
    AppendReq, AppendResp, BatchAppendReq, BatchAppendResp, DeleteReq, DeleteResp, ReadReq, TombstoneReq,
    TombstoneResp, delete_resp, tombstone_resp,
};
use super::read::{self, Answer, Reading};
use super::store::{Expected, Proposed, Refused};
use super::{KurrentRefusal, batch, statuses, words};

/// How many answers a reader may be behind before the server waits for it.
const READ_AHEAD: usize = 64;

#[tonic::async_trait]
impl Streams for Node {
    type ReadStream = BoxStream<'static, Answer>;
    type BatchAppendStream = BoxStream<'static, Result<BatchAppendResp, Status>>;

    async fn read(&self, request: Request<ReadReq>) -> Result<Response<Self::ReadStream>, Status> {
        self.admit(&request)?;
        let line = request.extensions().get::<Arc<Line>>().cloned();
        let request = request.into_inner();
        if read::is_subscription(&request) {
            self.counters.subscribe.send_modify(|times| *times += 1);
        } else {
            self.counters.read.fetch_add(1, Ordering::SeqCst);
        }
        let (to, answers) = mpsc::channel(READ_AHEAD);
        let reading = Reading {
            store: Arc::clone(&self.store),
            to,
            ids_as_text: read::ids_as_text(&request),
            end: self.end_subscriptions.subscribe(),
            behind: self.fall_behind.subscribe(),
            faults: Arc::clone(&self.faults),
            line,
        };
        tokio::spawn(reading.run(request));
        let answers = tokio_stream::wrappers::ReceiverStream::new(answers);
        Ok(Response::new(answers.boxed()))
    }

    async fn append(&self, request: Request<Streaming<AppendReq>>) -> Result<Response<AppendResp>, Status> {
        self.admit(&request)?;
        self.counters.append.fetch_add(1, Ordering::SeqCst);
        let line = request.extensions().get::<Arc<Line>>().cloned();
        let (stream, expected, events) = self.proposal(request.into_inner()).await?;
        self.record_late();
        if let Some(line) = &line {
            if self.faults.cut_before_commit.swap(false, Ordering::SeqCst) {
                line.cut();
                return Err(statuses::not_ready());
            }
            if self.faults.commit_late.swap(false, Ordering::SeqCst) {
                let mut late = self.faults.late.lock().unwrap_or_else(PoisonError::into_inner);
                late.push((stream, expected, events));
                line.cut();
                return Err(statuses::not_ready());
            }
        }
        let result = match self.store.append(&stream, expected, events) {
            Ok(mut written) => {
                if self.faults.say_wrong_revision.swap(false, Ordering::SeqCst) {
                    written.revision = 0;
                }
                words::success(written)
            }
            Err(Refused::WrongExpectedVersion { current }) => {
                words::wrong_expected_version(expected, current)
            }
            Err(Refused::Deleted) => return Err(statuses::deleted(&stream)),
        };
        if let Some(line) = line {
            if self.faults.cut_after_commit.swap(false, Ordering::SeqCst) {
                line.cut();
            }
            if self.faults.go_away_after_commit.swap(false, Ordering::SeqCst) {
                line.interject(Interjection::GoAway);
            }
        }
        Ok(Response::new(AppendResp { result: Some(result) }))
    }

    async fn delete(&self, request: Request<DeleteReq>) -> Result<Response<DeleteResp>, Status> {
        self.admit(&request)?;
        let options = request.into_inner().options.unwrap_or_default();
        let stream = words::name(options.stream_identifier)?;
        let expected = match options.expected_stream_revision {
            Some(ExpectedByDelete::Any(())) | None => Expected::Any,
            Some(ExpectedByDelete::NoStream(())) => Expected::NoStream,
            Some(ExpectedByDelete::StreamExists(())) => Expected::StreamExists,
            Some(ExpectedByDelete::Revision(revision)) => Expected::Revision(revision),
        };
        let place = self
            .store
            .delete(&stream, expected)
            .map_err(|refused| refusal(&stream, refused))?;
        let position = delete_resp::Position {
            commit_position: place.commit,
            prepare_position: place.prepare,
        };
        Ok(Response::new(DeleteResp {
            position_option: Some(delete_resp::PositionOption::Position(position)),
        }))
    }

    async fn tombstone(&self, request: Request<TombstoneReq>) -> Result<Response<TombstoneResp>, Status> {
        self.admit(&request)?;
        let options = request.into_inner().options.unwrap_or_default();
        let stream = words::name(options.stream_identifier)?;
        let expected = match options.expected_stream_revision {
            Some(ExpectedByTombstone::Any(())) | None => Expected::Any,
            Some(ExpectedByTombstone::NoStream(())) => Expected::NoStream,
            Some(ExpectedByTombstone::StreamExists(())) => Expected::StreamExists,
            Some(ExpectedByTombstone::Revision(revision)) => Expected::Revision(revision),
        };
        let place = self
            .store
            .tombstone(&stream, expected)
            .map_err(|refused| refusal(&stream, refused))?;
        let position = tombstone_resp::Position {
            commit_position: place.commit,
            prepare_position: place.prepare,
        };
        Ok(Response::new(TombstoneResp {
            position_option: Some(tombstone_resp::PositionOption::Position(position)),
        }))
    }

    async fn batch_append(
        &self,
        request: Request<Streaming<BatchAppendReq>>,
    ) -> Result<Response<Self::BatchAppendStream>, Status> {
        self.admit(&request)?;
        self.counters.batch_append.fetch_add(1, Ordering::SeqCst);
        let store = Arc::clone(&self.store);
        let answers = stream::try_unfold(request.into_inner(), move |mut requests| {
            let store = Arc::clone(&store);
            async move {
                let Some(request) = requests.message().await? else {
                    return Ok(None);
                };
                Ok(Some((batch::answer(&store, request)?, requests)))
            }
        });
        Ok(Response::new(answers.boxed()))
    }
}

impl Node {
    fn record_late(&self) {
        let mut late = self.faults.late.lock().unwrap_or_else(PoisonError::into_inner);
        for (stream, expected, events) in late.drain(..) {
            // Nobody waits for the answer.
            self.store.append(&stream, expected, events).ok();
        }
    }

    /// Refuses whom the server does not know, and what only a leader may answer.
    fn admit<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let header = |name: &str| request.metadata().get(name).and_then(|value| value.to_str().ok());
        if self.authorization.is_some() && header("authorization") != self.authorization.as_deref() {
            return Err(statuses::access_denied());
        }
        let leader = self.members.leader();
        if header("requires-leader") == Some("true") && leader != self.port {
            return Err(match leader {
                0 => statuses::no_leader(),
                leader => statuses::not_leader(leader),
            });
        }
        match self.faults.refusal() {
            Some(KurrentRefusal::NotReady) => Err(statuses::not_ready()),
            Some(KurrentRefusal::TimedOut) => Err(statuses::timed_out()),
            None => Ok(()),
        }
    }

    async fn proposal(
        &self,
        mut messages: Streaming<AppendReq>,
    ) -> Result<(String, Expected, Vec<Proposed>), Status> {
        let first = messages.message().await?.and_then(|message| message.content);
        let Some(Content::Options(options)) = first else {
            return Err(Status::invalid_argument("options come first"));
        };
        let (stream, expected) = target(options)?;
        let mut events = Vec::new();
        let mut size = 0;
        while let Some(message) = messages.message().await? {
            let Some(Content::ProposedMessage(message)) = message.content else {
                return Err(Status::invalid_argument("options come once"));
            };
            let event = words::proposed(message)?;
            size += event.kind.len() + event.custom.len() + event.data.len();
            if size > self.append_bytes_max {
                return Err(statuses::too_large(self.append_bytes_max));
            }
            events.push(event);
        }
        if events.is_empty() {
            return Err(Status::invalid_argument("there is no event"));
        }
        Ok((stream, expected, events))
    }
}

fn target(options: Options) -> Result<(String, Expected), Status> {
    let stream = words::name(options.stream_identifier)?;
    let expected = match options.expected_stream_revision {
        Some(ExpectedStreamRevision::Any(())) => Expected::Any,
        Some(ExpectedStreamRevision::NoStream(())) => Expected::NoStream,
        Some(ExpectedStreamRevision::StreamExists(())) => Expected::StreamExists,
        Some(ExpectedStreamRevision::Revision(revision)) => Expected::Revision(revision),
        None => return Err(Status::invalid_argument("an expected revision must be chosen")),
    };
    Ok((stream, expected))
}

fn refusal(stream: &str, refused: Refused) -> Status {
    match refused {
        Refused::WrongExpectedVersion { .. } => statuses::wrong_expected_version(stream),
        Refused::Deleted => statuses::deleted(stream),
    }
}

#[tonic::async_trait]
impl Gossip for Node {
    async fn read(&self, _: Request<()>) -> Result<Response<ClusterInfo>, Status> {
        self.counters.gossip.fetch_add(1, Ordering::SeqCst);
        let leader = self.members.leader();
        let member = |(port, is_alive): (u16, bool)| MemberInfo {
            instance_id: Some(words::wire_uuid(uuid::Uuid::from_u128(port.into()), false)),
            time_stamp: 0,
            state: if port == leader {
                VNodeState::Leader
            } else {
                VNodeState::Follower
            }
            .into(),
            is_alive,
            http_end_point: Some(EndPoint {
                address: "127.0.0.1".to_owned(),
                port: port.into(),
            }),
        };
        let members = self.members.all().into_iter().map(member).collect();
        Ok(Response::new(ClusterInfo { members }))
    }
}

#[tonic::async_trait]
impl ServerFeatures for Node {
    async fn get_supported_methods(&self, _: Request<()>) -> Result<Response<SupportedMethods>, Status> {
        let methods = ["read", "append", "delete", "tombstone", "batchappend"].map(|name| SupportedMethod {
            method_name: name.to_owned(),
            service_name: "event_store.client.streams.streams".to_owned(),
            features: Vec::new(),
        });
        Ok(Response::new(SupportedMethods {
            methods: methods.into(),
            event_store_server_version: "25.1.0".to_owned(),
        }))
    }
}
