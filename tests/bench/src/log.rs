//! The log: how fast events become safe, are read back and are seen live, and what they cost.
//!
//! Reading order: [`load`] (writers that each wait for their own answer), [`rivals`] (what else could keep events, run
//! under the same load), and the measurements: [`append`], [`read`], [`large`].

pub mod append;
pub mod large;
pub mod load;
pub mod read;
pub mod rivals;

use bytes::Bytes;
use domain_log::{EmbeddedConfig, EmbeddedLog, Kind, NewEvent, StreamName};
use domain_model::Timestamp;
use domain_model::ids::{EventId, TenantId};
use uuid::Uuid;

/// The payload of each event, in bytes: what a call's events have on average.
pub const PAYLOAD: usize = 300;

/// Opens an embedded log as a site would.
///
/// # Errors
/// What opening says.
pub fn open(folder: &std::path::Path) -> anyhow::Result<EmbeddedLog> {
    Ok(EmbeddedLog::open(&EmbeddedConfig {
        folder: folder.to_owned(),
        segment_bytes: 64 << 20,
    })?)
}

/// Makes event number `n`.
///
/// # Panics
/// Never: the words are right.
#[must_use]
pub fn event(n: u64) -> NewEvent {
    NewEvent {
        id: EventId::new(Uuid::from_u128(
            0xBE4C_0000_0000_0000_0000_0000_0000_0000 | u128::from(n),
        )),
        kind: Kind::new("CallAnswered").expect("a right kind"),
        tenant: TenantId::new("acme").expect("a right tenant"),
        time: Timestamp::from_micros(1_795_345_200_000_000 + n.cast_signed()),
        meta: Bytes::from_static(b"{\"schema\":1}"),
        data: Bytes::from(format!(
            "{{\"n\":{n:0>20},\"text\":\"{}\"}}",
            "x".repeat(PAYLOAD - 36)
        )),
    }
}

/// Names stream number `n`.
///
/// # Panics
/// Never: the name is right.
#[must_use]
pub fn stream(n: u64) -> StreamName {
    StreamName::new(&format!("call-acme_{}", Uuid::from_u128(u128::from(n)))).expect("a right name")
}
