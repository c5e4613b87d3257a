//! Scenarios: small policies, a simulated caller, and what comes of it.

mod anything;
mod away;
mod countries;
mod examples;
mod handing_on;
mod house;
mod hunts;
mod live;
mod lookups;
mod macros;
mod menus;
mod outbound;
mod outlets;
mod policies;
mod recipes;
mod replays;
mod restarts;
mod ringing;
mod rules;
mod settings;
mod shelf;
mod unusable;
mod ways;

use super::rehearsal::{Rehearsal, Rung, Says, Script, Waits, rehearse};
use super::replay::{Against, Decided, replay};
use super::*;
