//! What tests of the whole stand on: fakes that speak on the far side of a wire.
//!
//! [`kurrent`] is a KurrentDB server.

pub mod kurrent;
