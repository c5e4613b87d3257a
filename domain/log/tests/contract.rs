//! The one suite on each log, a module per log.
//!
//! To add a log, write a module with a `Stand` (how to make, open and close it) and one line of `contract_suite!`,
//! behind it `gapless` and `restarts` where the log promises them; each case is then a test of that module.

#[path = "contract/embedded.rs"]
mod embedded;
#[path = "contract/faults.rs"]
mod faults;
#[path = "contract/memory.rs"]
mod memory;
