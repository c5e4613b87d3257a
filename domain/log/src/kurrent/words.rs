//! From our words to those of the wire, and back.

use bytes::Bytes;
use domain_model::ids::EventId;
use uuid::Uuid;

use super::envelope::{self, Envelope, NoEnvelope};
use super::proto::event_store::client::streams::ReadReq;
use super::proto::event_store::client::streams::read_req::Options;
use super::proto::event_store::client::streams::read_req::options::all_options::AllOption;
use super::proto::event_store::client::streams::read_req::options::filter_options::{
    Expression, Filter as By, Window,
};
use super::proto::event_store::client::streams::read_req::options::stream_options::RevisionOption;
use super::proto::event_store::client::streams::read_req::options::{
    AllOptions, ControlOption, CountOption, FilterOption, FilterOptions, Position as WirePosition,
    ReadDirection, StreamOption, StreamOptions, SubscriptionOptions, UuidOption, uuid_option,
};
use super::proto::event_store::client::streams::read_resp::read_event::RecordedEvent;
use super::proto::event_store::client::{StreamIdentifier, uuid as wire_uuid};
use crate::{Filter, Kind, Position, ReadError, Recorded, Revision, StreamName};

/// The category of the streams in which this log keeps what it says of itself.
pub(super) const OWN_CATEGORY: &str = "ledgerline";
/// All streams but the server's own.
const NO_SYSTEM_STREAMS: &str = r"^[^\$].*";
/// How many events the server may look at between two checkpoints.
const WINDOW: u32 = 1024;
/// The highest revision that the server can count to.
pub(super) const REVISION_MAX: u64 = i64::MAX as u64;

/// Where to begin, and which way to go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Start<T> {
    First,
    /// Forwards, this one included.
    At(T),
    /// Backwards from the last.
    Last,
    /// Backwards; in a stream this one included, in `$all` not.
    BackFrom(T),
}

impl<T> Start<T> {
    fn direction(&self) -> ReadDirection {
        match self {
            Self::First | Self::At(_) => ReadDirection::Forwards,
            Self::Last | Self::BackFrom(_) => ReadDirection::Backwards,
        }
    }
}

fn options(
    stream: StreamOption,
    direction: ReadDirection,
    count: CountOption,
    filter: FilterOption,
) -> Options {
    Options {
        stream_option: Some(stream),
        read_direction: direction.into(),
        resolve_links: false,
        count_option: Some(count),
        filter_option: Some(filter),
        uuid_option: Some(UuidOption {
            content: Some(uuid_option::Content::Structured(())),
        }),
        // So that the end of a stream is told.
        control_option: Some(ControlOption { compatibility: 1 }),
    }
}

/// Asks for one stream.
pub(super) fn ask_stream(name: &str, from: Start<u64>, count: u64) -> ReadReq {
    let revision = match from {
        Start::First => RevisionOption::Start(()),
        Start::At(revision) | Start::BackFrom(revision) => RevisionOption::Revision(revision),
        Start::Last => RevisionOption::End(()),
    };
    let stream = StreamOption::Stream(StreamOptions {
        stream_identifier: Some(StreamIdentifier {
            stream_name: Bytes::copy_from_slice(name.as_bytes()),
        }),
        revision_option: Some(revision),
    });
    let count = CountOption::Count(count);
    ReadReq {
        options: Some(options(
            stream,
            from.direction(),
            count,
            FilterOption::NoFilter(()),
        )),
    }
}

/// Asks for `$all`, up to its tail.
pub(super) fn ask_all(from: Start<Position>, filter: FilterOption, count: u64) -> ReadReq {
    let start = match from {
        Start::First => AllOption::Start(()),
        Start::At(position) | Start::BackFrom(position) => AllOption::Position(wire_position(position)),
        Start::Last => AllOption::End(()),
    };
    let stream = StreamOption::All(AllOptions {
        all_option: Some(start),
    });
    ReadReq {
        options: Some(options(
            stream,
            from.direction(),
            CountOption::Count(count),
            filter,
        )),
    }
}

/// Asks to follow `$all` from right after a position.
pub(super) fn ask_to_follow(after: Option<Position>, filter: FilterOption) -> ReadReq {
    let start = after.map_or(AllOption::Start(()), |after| {
        AllOption::Position(wire_position(after))
    });
    let stream = StreamOption::All(AllOptions {
        all_option: Some(start),
    });
    let count = CountOption::Subscription(SubscriptionOptions {});
    ReadReq {
        options: Some(options(stream, ReadDirection::Forwards, count, filter)),
    }
}

fn wire_position(position: Position) -> WirePosition {
    WirePosition {
        commit_position: position.commit(),
        prepare_position: position.prepare(),
    }
}

/// Says what the server may leave out: never more than the filter does, as a rule less, for it compares how names
/// begin, and either those of streams or those of kinds.
pub(super) fn server_filter(filter: &Filter) -> FilterOption {
    let prefixes = |prefix: Vec<String>| Expression {
        regex: String::new(),
        prefix,
    };
    let by = if !filter.kinds.is_empty() {
        let kinds = filter.kinds.iter().map(|kind| kind.as_str().to_owned());
        By::EventType(prefixes(kinds.collect()))
    } else if !filter.categories.is_empty() {
        By::StreamIdentifier(prefixes(filter.categories.iter().cloned().collect()))
    } else {
        By::StreamIdentifier(Expression {
            regex: NO_SYSTEM_STREAMS.to_owned(),
            prefix: Vec::new(),
        })
    };
    filtered(by)
}

/// Lets everything pass, whoever wrote it.
pub(super) fn everything() -> FilterOption {
    FilterOption::NoFilter(())
}

/// Lets pass what is in a stream, or in another whose name begins with its name.
pub(super) fn only_stream(name: &str) -> FilterOption {
    filtered(By::StreamIdentifier(Expression {
        regex: String::new(),
        prefix: vec![name.to_owned()],
    }))
}

fn filtered(by: By) -> FilterOption {
    FilterOption::Filter(FilterOptions {
        filter: Some(by),
        window: Some(Window::Max(WINDOW)),
        checkpoint_interval_multiplier: 1,
    })
}

/// An event off the wire, of which nothing but its place is known to be right.
#[derive(Debug, Clone)]
pub(super) struct Received(pub(super) RecordedEvent);

/// What is wrong with an event.
#[derive(Debug, thiserror::Error)]
enum Wrong {
    #[error("it has no id")]
    Id,
    #[error("its stream has no name that this log allows")]
    Stream,
    #[error("it has no kind that this log allows")]
    Kind,
}

impl Received {
    /// Returns its place in the global order; none where the server does not know it any more.
    pub(super) fn position(&self) -> Option<Position> {
        let (commit, prepare) = (self.0.commit_position, self.0.prepare_position);
        (commit != u64::MAX).then(|| Position::pair(commit, prepare))
    }

    pub(super) fn revision(&self) -> u64 {
        self.0.stream_revision
    }

    pub(super) fn stream(&self) -> &[u8] {
        self.0
            .stream_identifier
            .as_ref()
            .map_or(&[], |identifier| &identifier.stream_name)
    }

    fn kind(&self) -> &str {
        self.0.metadata.get("type").map_or("", String::as_str)
    }

    pub(super) fn id(&self) -> Option<EventId> {
        let id = match self.0.id.as_ref()?.value.as_ref()? {
            wire_uuid::Value::Structured(halves) => Uuid::from_u64_pair(
                halves.most_significant_bits.cast_unsigned(),
                halves.least_significant_bits.cast_unsigned(),
            ),
            wire_uuid::Value::String(text) => Uuid::parse_str(text).ok()?,
        };
        Some(EventId::new(id))
    }

    /// Says which append wrote it, if one of ours did.
    pub(super) fn append(&self) -> Option<Uuid> {
        envelope::open(&self.0.custom_metadata)
            .ok()
            .map(|envelope| envelope.append)
    }

    fn is_the_servers(&self) -> bool {
        self.stream().starts_with(b"$") || self.kind().starts_with('$')
    }

    /// Reads an event of a stream that is ours, where everything must be right.
    pub(super) fn in_our_stream(self) -> Result<Recorded, ReadError> {
        let Some(position) = self.position() else {
            return Err(ReadError::Failed {
                source: "the server does not say where in $all the events of a stream are; it is too old"
                    .into(),
            });
        };
        match envelope::open(&self.0.custom_metadata) {
            Ok(envelope) => self.recorded(position, envelope),
            Err(wrong @ (NoEnvelope::Foreign | NoEnvelope::Damaged { .. })) => Err(self.damaged(&wrong)),
        }
    }

    /// Reads an event of `$all`, where others may write too; none if it is not one of ours.
    pub(super) fn in_all(self) -> Result<Option<Recorded>, ReadError> {
        let is_own = || {
            let own = OWN_CATEGORY.as_bytes();
            let category = self.stream().split(|byte| *byte == b'-').next();
            category == Some(own)
        };
        let Some(position) = self.position().filter(|_| !self.is_the_servers() && !is_own()) else {
            return Ok(None);
        };
        match envelope::open(&self.0.custom_metadata) {
            Ok(envelope) => self.recorded(position, envelope).map(Some),
            Err(NoEnvelope::Foreign) => Ok(None),
            Err(wrong @ NoEnvelope::Damaged { .. }) => Err(self.damaged(&wrong)),
        }
    }

    fn recorded(self, position: Position, envelope: Envelope) -> Result<Recorded, ReadError> {
        let id = self.id().ok_or_else(|| self.damaged(&Wrong::Id))?;
        let stream = std::str::from_utf8(self.stream()).ok();
        let stream = stream.and_then(|name| StreamName::new(name).ok());
        let stream = stream.ok_or_else(|| self.damaged(&Wrong::Stream))?;
        let kind = Kind::new(self.kind()).map_err(|_| self.damaged(&Wrong::Kind))?;
        Ok(Recorded {
            position,
            stream,
            revision: Revision(self.revision()),
            id,
            kind,
            tenant: envelope.tenant,
            time: envelope.time,
            meta: envelope.meta,
            data: self.0.data,
        })
    }

    fn damaged(&self, wrong: &dyn std::error::Error) -> ReadError {
        let stream = String::from_utf8_lossy(self.stream());
        ReadError::Damaged {
            position: self.position().unwrap_or(Position::at(u64::MAX)),
            place: format!("revision {} of {stream}", self.revision()),
            reason: wrong.to_string(),
        }
    }
}
