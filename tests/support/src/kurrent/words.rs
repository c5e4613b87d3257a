//! From the words of the wire to those of the store, and back.

use std::collections::HashMap;

use prost::bytes::Bytes;
use tonic::Status;
use uuid::Uuid;

use super::proto::event_store::client::streams::append_req::ProposedMessage;
use super::proto::event_store::client::streams::append_resp::wrong_expected_version::{
    CurrentRevisionOption, CurrentRevisionOption2060, ExpectedRevisionOption, ExpectedRevisionOption2060,
};
use super::proto::event_store::client::streams::append_resp::{
    Position, Result as Outcome, Success, WrongExpectedVersion, success,
};
use super::proto::event_store::client::streams::read_resp::ReadEvent;
use super::proto::event_store::client::streams::read_resp::read_event::{
    Position as CommitOnly, RecordedEvent,
};
use super::proto::event_store::client::{StreamIdentifier, Uuid as WireUuid, uuid as wire_uuid};
use super::store::{Expected, Proposed, Record, Written};

pub(super) fn stream_name(name: &str) -> StreamIdentifier {
    StreamIdentifier {
        stream_name: Bytes::copy_from_slice(name.as_bytes()),
    }
}

pub(super) fn name(identifier: Option<StreamIdentifier>) -> Result<String, Status> {
    let bytes = identifier.unwrap_or_default().stream_name;
    match String::from_utf8(bytes.into()) {
        Ok(name) if !name.is_empty() => Ok(name),
        Ok(_) => Err(Status::invalid_argument("the stream has no name")),
        Err(_) => Err(Status::invalid_argument("the stream's name is no UTF-8")),
    }
}

fn uuid(id: Option<WireUuid>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.value) {
        Some(wire_uuid::Value::Structured(halves)) => Ok(Uuid::from_u64_pair(
            halves.most_significant_bits.cast_unsigned(),
            halves.least_significant_bits.cast_unsigned(),
        )),
        Some(wire_uuid::Value::String(text)) => {
            Uuid::parse_str(&text).map_err(|_| Status::invalid_argument("an id is no UUID"))
        }
        None => Err(Status::invalid_argument("an event has no id")),
    }
}

pub(super) fn wire_uuid(id: Uuid, as_text: bool) -> WireUuid {
    let (most, least) = id.as_u64_pair();
    let value = if as_text {
        wire_uuid::Value::String(id.to_string())
    } else {
        wire_uuid::Value::Structured(wire_uuid::Structured {
            most_significant_bits: most.cast_signed(),
            least_significant_bits: least.cast_signed(),
        })
    };
    WireUuid { value: Some(value) }
}

pub(super) fn proposed(message: ProposedMessage) -> Result<Proposed, Status> {
    let ProposedMessage {
        id,
        mut metadata,
        custom_metadata,
        data,
    } = message;
    let mut required = |key: &str| {
        metadata
            .remove(key)
            .ok_or_else(|| Status::invalid_argument(format!("Required Metadata Property '{key}' is missing")))
    };
    Ok(Proposed {
        id: uuid(id)?,
        kind: required("type")?,
        content_type: required("content-type")?,
        custom: custom_metadata,
        data,
    })
}

pub(super) fn read_event(record: &Record, ids_as_text: bool) -> ReadEvent {
    let event = &record.event;
    let metadata = HashMap::from([
        ("type".to_owned(), event.kind.clone()),
        ("content-type".to_owned(), event.content_type.clone()),
        ("created".to_owned(), record.created.to_string()),
    ]);
    let recorded = RecordedEvent {
        id: Some(wire_uuid(event.id, ids_as_text)),
        stream_identifier: Some(stream_name(&record.stream)),
        stream_revision: record.revision,
        prepare_position: record.place.prepare,
        commit_position: record.place.commit,
        metadata,
        custom_metadata: event.custom.clone(),
        data: event.data.clone(),
    };
    ReadEvent {
        event: Some(recorded),
        link: None,
        position: Some(CommitOnly::CommitPosition(record.place.commit)),
    }
}

pub(super) fn success(written: Written) -> Outcome {
    let position = written
        .place
        .map_or(success::PositionOption::NoPosition(()), |place| {
            success::PositionOption::Position(Position {
                commit_position: place.commit,
                prepare_position: place.prepare,
            })
        });
    Outcome::Success(Success {
        current_revision_option: Some(success::CurrentRevisionOption::CurrentRevision(written.revision)),
        position_option: Some(position),
    })
}

pub(super) fn wrong_expected_version(expected: Expected, current: Option<u64>) -> Outcome {
    let (now, was) = match expected {
        Expected::Any => (
            ExpectedRevisionOption::ExpectedAny(()),
            ExpectedRevisionOption2060::Any2060(()),
        ),
        Expected::StreamExists => (
            ExpectedRevisionOption::ExpectedStreamExists(()),
            ExpectedRevisionOption2060::StreamExists2060(()),
        ),
        Expected::NoStream => (
            ExpectedRevisionOption::ExpectedNoStream(()),
            ExpectedRevisionOption2060::ExpectedRevision2060(u64::MAX),
        ),
        Expected::Revision(revision) => (
            ExpectedRevisionOption::ExpectedRevision(revision),
            ExpectedRevisionOption2060::ExpectedRevision2060(revision),
        ),
    };
    Outcome::WrongExpectedVersion(WrongExpectedVersion {
        current_revision_option_20_6_0: Some(current.map_or(
            CurrentRevisionOption2060::NoStream2060(()),
            CurrentRevisionOption2060::CurrentRevision2060,
        )),
        expected_revision_option_20_6_0: Some(was),
        current_revision_option: Some(current.map_or(
            CurrentRevisionOption::CurrentNoStream(()),
            CurrentRevisionOption::CurrentRevision,
        )),
        expected_revision_option: Some(now),
    })
}
