//! The platform in one thread under a seed: customers, agents, queues and faults over a clock that is moved.
//!
//! What decides is the platform's own: deciders, processes, the interpreter of routing policies and the queue's
//! matcher, the same code that serves real calls. What surrounds them is made here: people with telephones
//! (`telephones`), nodes that run policies (`router`) and own queues (`owner`), and a log in memory ([`platform`]). There is no sound, no socket and no clock, so that a day takes
//! seconds and a failure is the same each time.
//!
//! Reading order: [`chance`], [`plan`], [`policies`], [`play`], then who takes part: [`platform`], `follower`, `router`,
//! `owner`, `telephones`; then what is looked at: [`rules`], [`judge`], [`again`], [`report`].

pub mod again;
pub mod chance;
pub mod day;
mod follower;
pub mod judge;
#[cfg(test)]
mod oracle;
mod owner;
pub mod plan;
pub mod platform;
pub mod play;
pub mod policies;
#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each scene looks at few of the many things that happen"
)]
mod races;
pub mod report;
mod router;
pub mod rules;
#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "each account is kept of the few events that begin and end something"
)]
mod spans;
pub mod steady;
pub mod tally;
mod telephones;
pub mod wild;
