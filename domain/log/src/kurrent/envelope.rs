//! An event's metadata as KurrentDB keeps it: ours, with what has no place of its own in front.
//!
//! ```json
//! {"append":"0198c0de-…","tenant":"acme","time":"2026-11-22T10:00:00.000000Z","command":"0198…", …}
//! ```
//!
//! `append` names the append that wrote the event: the server answers a repeat as it answered at first, and by this we
//! know which of the two it was. What follows `time` is the event's own metadata, to the byte.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::Bytes;
use domain_model::Timestamp;
use domain_model::ids::TenantId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use uuid::Uuid;

use crate::{AppendError, NewEvent};

/// What the metadata of an event says that we wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) append: Uuid,
    pub(super) tenant: TenantId,
    pub(super) time: Timestamp,
    pub(super) meta: Bytes,
}

/// Why metadata could not be taken apart.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoEnvelope {
    /// Somebody else's event: it says nothing of the kind.
    #[error("it was not written by this log")]
    Foreign,
    /// It says so, but not as we do.
    #[error("its metadata is not as this log writes it")]
    Damaged { source: serde_json::Error },
}

/// Puts what we add in front of an event's own metadata.
pub(super) fn seal(append: Uuid, event: &NewEvent) -> Result<Bytes, AppendError> {
    let invalid = |reason: String| AppendError::Invalid {
        field: "meta",
        reason,
    };
    serde_json::from_slice::<BTreeMap<Cow<'_, str>, IgnoredAny>>(&event.meta)
        .map_err(|wrong| invalid(format!("it is no JSON object: {wrong}")))?;
    let brace = opening(&event.meta).ok_or_else(|| invalid("it is no JSON object".to_owned()))?;
    let (head, rest) = event.meta.split_at(brace + 1);
    let is_empty = rest.trim_ascii_start().starts_with(b"}");
    let ours = format!(
        r#""append":"{append}","tenant":"{}","time":"{}"{}"#,
        event.tenant,
        event.time,
        if is_empty { "" } else { "," }
    );
    Ok([head, ours.as_bytes(), rest].concat().into())
}

fn opening(json: &[u8]) -> Option<usize> {
    json.iter().position(|byte| *byte == b'{')
}

/// Takes apart what [`seal`] put together.
pub(super) fn open(metadata: &Bytes) -> Result<Envelope, NoEnvelope> {
    match open_exactly(metadata) {
        Some(envelope) => Ok(envelope),
        None => open_rewritten(metadata),
    }
}

fn open_exactly(metadata: &Bytes) -> Option<Envelope> {
    let text = std::str::from_utf8(metadata).ok()?;
    let (head, rest) = text.split_at(opening(metadata)? + 1);
    let (append, rest) = rest.strip_prefix(r#""append":""#)?.split_once('"')?;
    let (tenant, rest) = rest.strip_prefix(r#","tenant":""#)?.split_once('"')?;
    let (time, rest) = rest.strip_prefix(r#","time":""#)?.split_once('"')?;
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    Some(Envelope {
        append: append.parse().ok()?,
        tenant: tenant.parse().ok()?,
        time: time.parse().ok()?,
        meta: [head, rest].concat().into(),
    })
}

#[derive(Deserialize)]
struct Rewritten {
    append: Uuid,
    tenant: TenantId,
    time: Timestamp,
    #[serde(flatten)]
    meta: serde_json::Map<String, serde_json::Value>,
}

// For events that went through a tool, such as a replicator, that writes JSON in its own way.
fn open_rewritten(metadata: &Bytes) -> Result<Envelope, NoEnvelope> {
    let keys: BTreeMap<Cow<'_, str>, IgnoredAny> =
        serde_json::from_slice(metadata).map_err(|_| NoEnvelope::Foreign)?;
    if !["append", "tenant", "time"]
        .iter()
        .all(|key| keys.contains_key(*key))
    {
        return Err(NoEnvelope::Foreign);
    }
    let damaged = |source| NoEnvelope::Damaged { source };
    let read: Rewritten = serde_json::from_slice(metadata).map_err(damaged)?;
    let meta = serde_json::to_vec(&read.meta).map_err(damaged)?;
    Ok(Envelope {
        append: read.append,
        tenant: read.tenant,
        time: read.time,
        meta: meta.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use domain_model::ids::EventId;

    const APPEND: Uuid = Uuid::from_u128(7);

    fn event(meta: &'static str) -> NewEvent {
        NewEvent {
            id: EventId::new(Uuid::from_u128(1)),
            kind: Kind::new("Noted").expect("a right kind"),
            tenant: TenantId::new("acme-eu").expect("a right tenant"),
            time: Timestamp::from_micros(1_795_345_200_123_456),
            meta: meta.into(),
            data: "{}".into(),
        }
    }

    #[test]
    fn the_shape_is_as_documented() {
        let sealed = seal(APPEND, &event(r#"{"command":1}"#)).expect("a JSON object");
        let expected = concat!(
            r#"{"append":"00000000-0000-0000-0000-000000000007","tenant":"acme-eu","#,
            r#""time":"2026-11-22T11:00:00.123456Z","command":1}"#
        );
        assert_eq!(std::str::from_utf8(&sealed), Ok(expected));
    }

    #[test]
    fn metadata_comes_back_to_the_byte() {
        for meta in [
            "{}",
            "{ }",
            " \n{\t}\r\n ",
            r#"{"a":1}"#,
            r#" { "b" : 1, "a" : "\u00fc ü", "a" : [1.50, 1e2] } "#,
            r#"{"tenant":"other","time":null,"append":{}}"#,
        ] {
            let sealed = seal(APPEND, &event(meta)).expect(meta);
            let envelope = open(&sealed).expect(meta);
            assert_eq!(envelope.meta, meta);
            assert_eq!((envelope.append, envelope.tenant.as_str()), (APPEND, "acme-eu"));
            assert_eq!(envelope.time, event(meta).time);
            serde_json::from_slice::<serde_json::Value>(&sealed).expect("what is kept is JSON too");
        }
    }

    #[test]
    fn metadata_that_is_no_object_is_refused() {
        for meta in ["", "1", "[]", "\"{\"", "{", "{}{}", r#"{"a":}"#] {
            let refused = seal(APPEND, &event(meta)).expect_err(meta);
            assert!(
                matches!(refused, AppendError::Invalid { field: "meta", .. }),
                "{meta}"
            );
        }
    }

    #[test]
    fn metadata_that_a_tool_wrote_anew_is_understood() {
        let sealed = seal(APPEND, &event(r#"{"z":1,"a":2}"#)).expect("a JSON object");
        let value: serde_json::Value = serde_json::from_slice(&sealed).expect("JSON");
        let rewritten = serde_json::to_string_pretty(&value).expect("JSON").into();
        let envelope = open(&rewritten).expect("all is there");
        assert_eq!(envelope.append, APPEND);
        let meta: serde_json::Value = serde_json::from_slice(&envelope.meta).expect("JSON");
        assert_eq!(meta, serde_json::json!({"a": 2, "z": 1}));
    }

    #[test]
    fn somebody_elses_event_is_told_from_a_damaged_one() {
        for foreign in [
            "",
            "\0\u{1}",
            "[]",
            "{}",
            r#"{"tenant":"acme"}"#,
            r#"{"$correlationId":"x"}"#,
        ] {
            let refused = open(&Bytes::from_static(foreign.as_bytes()));
            assert!(matches!(refused, Err(NoEnvelope::Foreign)), "{foreign:?}");
        }
        let damaged = r#"{"append":"00000000-0000-0000-0000-000000000007","tenant":"ACME","time":"now"}"#;
        let refused = open(&Bytes::from_static(damaged.as_bytes()));
        assert!(matches!(refused, Err(NoEnvelope::Damaged { .. })));
    }
}
