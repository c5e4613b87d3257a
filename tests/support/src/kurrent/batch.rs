//! Batch append: many appends over one call, each answered by itself. We never use it; the official client can.

use prost_types::Any;
use tonic::{Code, Status};

use super::proto::event_store::client::AllStreamPosition;
use super::proto::event_store::client::streams::append_req::ProposedMessage;
use super::proto::event_store::client::streams::batch_append_req::options::ExpectedStreamPosition;
use super::proto::event_store::client::streams::batch_append_resp::success::{
    CurrentRevisionOption, PositionOption,
};
use super::proto::event_store::client::streams::batch_append_resp::{Result as Outcome, Success};
use super::proto::event_store::client::streams::{BatchAppendReq, BatchAppendResp};
use super::proto::google::rpc;
use super::store::{Expected, Refused, Store};
use super::words;

/// Answers one request; each is taken to be complete in itself, as the official client makes them.
pub(super) fn answer(store: &Store, request: BatchAppendReq) -> Result<BatchAppendResp, Status> {
    let options = request.options.unwrap_or_default();
    let stream = words::name(options.stream_identifier)?;
    let expected = match options.expected_stream_position {
        Some(ExpectedStreamPosition::StreamPosition(revision)) => Expected::Revision(revision),
        Some(ExpectedStreamPosition::NoStream(())) => Expected::NoStream,
        Some(ExpectedStreamPosition::StreamExists(())) => Expected::StreamExists,
        Some(ExpectedStreamPosition::Any(())) | None => Expected::Any,
    };
    let mut events = Vec::new();
    for message in request.proposed_messages {
        events.push(words::proposed(ProposedMessage {
            id: message.id,
            metadata: message.metadata,
            custom_metadata: message.custom_metadata,
            data: message.data,
        })?);
    }
    let result = match store.append(&stream, expected, events) {
        Ok(written) => Outcome::Success(Success {
            current_revision_option: Some(CurrentRevisionOption::CurrentRevision(written.revision)),
            position_option: Some(written.place.map_or(PositionOption::NoPosition(()), |place| {
                PositionOption::Position(AllStreamPosition {
                    commit_position: place.commit,
                    prepare_position: place.prepare,
                })
            })),
        }),
        Err(Refused::WrongExpectedVersion { .. }) => refused(Code::AlreadyExists, "WrongExpectedVersion"),
        Err(Refused::Deleted) => refused(Code::NotFound, "StreamDeleted"),
    };
    Ok(BatchAppendResp {
        correlation_id: request.correlation_id,
        stream_identifier: Some(words::stream_name(&stream)),
        expected_stream_position: None,
        result: Some(result),
    })
}

fn refused(code: Code, message: &str) -> Outcome {
    Outcome::Error(rpc::Status {
        code: i32::from(code),
        message: message.to_owned(),
        details: Some(Any::default()),
    })
}
