//! What else could keep events, and the bare loop that nothing on this disk can beat.
//!
//! All run under the same load, one call one event of the same payload, each acknowledged only when a power cut could
//! no longer lose it.

pub mod bare;
pub mod postgres;
pub mod sqlite;
pub mod umadb;
