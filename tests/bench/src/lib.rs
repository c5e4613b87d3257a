//! Measures, and prints each figure with the limit it is compared with.
//!
//! On standard output one JSON object per figure: `{"name", "value", "unit", "limit", "limit_name", "ratio",
//! "higher_is_better"}`; on standard error the same as a table for people. Nothing here judges: machines differ, and a
//! ratio taken in one run is what can be compared. One module per bench: [`log`],
//! [`routing`].

pub mod figure;
pub mod log;
pub mod routing;
