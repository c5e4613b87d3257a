//! The refusals of KurrentDB as gRPC carries them: a code, a text, and details in the trailing metadata.

use tonic::metadata::{AsciiMetadataValue, MetadataMap};
use tonic::{Code, Status};

fn status(code: Code, text: String, details: &[(&'static str, &str)]) -> Status {
    let mut metadata = MetadataMap::new();
    for (key, value) in details {
        // What is not ASCII is left out, as a header could not carry it.
        if let Ok(value) = AsciiMetadataValue::try_from(*value) {
            metadata.insert(*key, value);
        }
    }
    Status::with_metadata(code, text, metadata)
}

pub(super) fn deleted(stream: &str) -> Status {
    let text = format!("Event stream '{stream}' is deleted.");
    status(
        Code::FailedPrecondition,
        text,
        &[("exception", "stream-deleted"), ("stream-name", stream)],
    )
}

pub(super) fn not_leader(port: u16) -> Status {
    status(
        Code::NotFound,
        "Leader info available".to_owned(),
        &[
            ("exception", "not-leader"),
            ("leader-endpoint-host", "127.0.0.1"),
            ("leader-endpoint-port", &port.to_string()),
        ],
    )
}

pub(super) fn no_leader() -> Status {
    Status::unknown("No leader info available in response")
}

pub(super) fn not_ready() -> Status {
    status(
        Code::Unavailable,
        "Server Is Not Ready".to_owned(),
        &[("exception", "server-not-ready")],
    )
}

pub(super) fn timed_out() -> Status {
    Status::deadline_exceeded("Operation timed out")
}

pub(super) fn too_large(max: usize) -> Status {
    status(
        Code::InvalidArgument,
        format!("Maximum Append Size of {max} Exceeded."),
        &[
            ("exception", "maximum-append-size-exceeded"),
            ("maximum-append-size", &max.to_string()),
        ],
    )
}

pub(super) fn access_denied() -> Status {
    status(
        Code::PermissionDenied,
        "Access Denied".to_owned(),
        &[("exception", "access-denied")],
    )
}

pub(super) fn wrong_expected_version(stream: &str) -> Status {
    status(
        Code::FailedPrecondition,
        format!("Delete failed due to WrongExpectedVersion. Stream: {stream}"),
        &[("exception", "wrong-expected-version"), ("stream-name", stream)],
    )
}
