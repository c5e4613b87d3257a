//! Warming.
