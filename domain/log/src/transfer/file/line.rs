//! The lines of an export, as they are written and read.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain_model::Timestamp;
use domain_model::ids::{EventId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Flaw;
use crate::{Kind, LogMetadata, Position, Recorded, Revision, StreamMetadata, StreamName};

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    format: String,
    version: u64,
    pub(super) engine: String,
    pub(super) id: String,
    pub(super) labels: BTreeMap<String, String>,
}

/// What every version of the first line begins with.
#[derive(Deserialize)]
struct AnyHeader {
    format: String,
    version: u64,
}

/// Any other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    #[serde(borrow)]
    Event(EventLine<'a>),
    Stream(StreamLine),
    End(End),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine<'a> {
    position: Position,
    stream: StreamName,
    revision: Revision,
    id: EventId,
    kind: Kind,
    tenant: TenantId,
    time: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    meta: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    meta_base64: Option<String>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    data_base64: Option<String>,
}

/// The metadata of one stream.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamLine {
    pub(super) name: StreamName,
    pub(super) metadata: StreamMetadata,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) events: u64,
    pub(super) streams: u64,
    pub(super) sha256: String,
}

impl Header {
    pub(super) const VERSION: u64 = 1;
    const FORMAT: &str = "ledgerline-log";

    pub(super) fn of(log: LogMetadata) -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            engine: log.engine.to_owned(),
            id: log.id,
            labels: log.labels,
        }
    }

    pub(super) fn read(line: &[u8]) -> Result<Self, Flaw> {
        let AnyHeader { format, version } = serde_json::from_slice(line).map_err(|_| Flaw::NotAnExport)?;
        if format != Self::FORMAT {
            return Err(Flaw::NotAnExport);
        }
        if version != Self::VERSION {
            return Err(Flaw::Version { version });
        }
        Ok(serde_json::from_slice(line)?)
    }
}

impl<'a> Line<'a> {
    pub(super) fn of(event: &'a Recorded) -> Self {
        let (meta, meta_base64) = written(&event.meta);
        let (data, data_base64) = written(&event.data);
        Self::Event(EventLine {
            position: event.position,
            stream: event.stream.clone(),
            revision: event.revision,
            id: event.id,
            kind: event.kind.clone(),
            tenant: event.tenant.clone(),
            time: event.time,
            meta,
            meta_base64,
            data,
            data_base64,
        })
    }
}

impl EventLine<'_> {
    pub(super) fn into_recorded(self) -> Result<Recorded, Flaw> {
        Ok(Recorded {
            position: self.position,
            stream: self.stream,
            revision: self.revision,
            id: self.id,
            kind: self.kind,
            tenant: self.tenant,
            time: self.time,
            meta: read("meta", self.meta, self.meta_base64)?,
            data: read("data", self.data, self.data_base64)?,
        })
    }
}

// Only what comes back byte for byte stands as it is: a JSON object on one line, without space around it.
fn written(bytes: &[u8]) -> (Option<&RawValue>, Option<String>) {
    let object = bytes.starts_with(b"{") && bytes.ends_with(b"}");
    let on_one_line = !bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'));
    match serde_json::from_slice(bytes) {
        Ok(raw) if object && on_one_line => (Some(raw), None),
        Ok(_) | Err(_) => (None, Some(STANDARD.encode(bytes))),
    }
}

fn read(field: &'static str, raw: Option<&RawValue>, base64: Option<String>) -> Result<Bytes, Flaw> {
    match (raw, base64) {
        (Some(raw), None) => Ok(Bytes::copy_from_slice(raw.get().as_bytes())),
        (None, Some(text)) => {
            let bytes = STANDARD.decode(text);
            bytes
                .map(Bytes::from)
                .map_err(|source| Flaw::Base64 { field, source })
        }
        (Some(_), Some(_)) | (None, None) => Err(Flaw::OneOfTwo { field }),
    }
}
