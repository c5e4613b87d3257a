//! Warming.
fn main() {}
