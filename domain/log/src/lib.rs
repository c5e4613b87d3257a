//! What did happen: the append-only log that everything else follows from, behind one trait.
//!
//! This crate never decides anything and never shows a stored event in two forms: it takes what deciders of
//! [`domain_model`] said, keeps it in order, and gives it back to whoever tails it.
//!
//! Reading order: [`name`] and [`position`] (how events are addressed), [`event_log`] (the trait and its words),
//! then the logs that implement it: [`memory`] (tests), [`embedded`] (the default), [`kurrent`] (a cluster);
//! `contract` holds the one suite that all three pass, and [`transfer`] moves what is in one into another.
//! Above any log: [`vault`] (who is whose data subject, and their keys), [`codec`] and [`upcast`] (events as stored, and as
//! of today), [`ledger`] (a log with its codec), [`aggregate`] and [`mod@send`] (from a command to the log), and [`erase`].

pub mod aggregate;
pub mod codec;
#[cfg(feature = "contract")]
pub mod contract;
pub mod embedded;
pub mod erase;
pub mod event_log;
#[cfg(test)]
mod every;
pub mod kurrent;
pub mod ledger;
pub mod memory;
pub mod name;
pub mod position;
pub mod send;
#[cfg(test)]
mod stage;
pub mod transfer;
pub mod upcast;
pub mod vault;

pub use codec::Codec;
pub use embedded::{EmbeddedConfig, EmbeddedLog};
pub use event_log::{
    AppendError, Appended, Deliveries, Delivery, EventLog, Events, Expected, Filter, LogMetadata, NewEvent,
    Range, ReadError, Recorded, StreamMetadata,
};
pub use kurrent::{KurrentConfig, KurrentLog};
pub use ledger::Ledger;
pub use memory::MemoryLog;
pub use name::{Kind, StreamName};
pub use position::{Position, Revision};
pub use send::{SendError, Sent, send};
