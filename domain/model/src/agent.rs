//! Agent: the live state of a person who takes contacts, in three dimensions that never change one another.
//!
//! *What they chose* (signed in, a state of their availability profile, the groups it logs them in to), *what they
//! do* (each contact in hand, from its offer to the end of its notes) and *what they can be reached on*. Capacity is
//! kept from the offer on, so that no two contacts are offered to the same free hands; each offer ends exactly once,
//! with an outcome that says who or what ended it. Whatever could last for ever has a deadline that
//! [`Command::Lapse`] enforces.
//!
//! Membership, device and capacity are asked again when a contact is offered, whatever the chooser saw before: a
//! refusal lists everything that stands in the way ([`State::obstacles`]).

use crate::Decider;
use crate::draft::Draft;
use crate::ids::AgentId;

mod availability;
mod chosen;
mod command;
pub(crate) mod concerns;
mod device;
mod event;
mod fold;
mod monitor;
mod offer;
mod rejection;
mod setup;
mod state;
mod values;
mod work;
mod wrap_up;

#[cfg(any(test, feature = "contract"))]
mod samples;
#[cfg(test)]
pub(crate) mod tests;

pub use availability::{Ask, Dimension, Obstacle};
pub use chosen::STATE_GROUPS_MAX;
pub use command::{
    Command, DeviceCommand, MonitorCommand, OfferCommand, SetupCommand, StateCommand, WorkCommand,
    WrapUpCommand,
};
pub use event::Event;
pub use monitor::MONITORS_MAX;
pub use offer::OFFER_MS_MAX;
pub use rejection::Rejection;
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;
pub use setup::{AGENT_SKILLS_MAX, CAPACITY_UNITS_MAX, MEMBERSHIPS_MAX};
pub use state::State;
pub use values::{
    Activity, Capacity, Chooser, DeviceKind, Holding, LoggedOutBecause, MonitorMode, NextDropped, NextState,
    Outcome, ProfileState, QueuePlace, RING_ORDER_MAX, Refusal, StateKind, Terms, WrapUp, WrapUpEnd,
};
pub use wrap_up::WRAP_UP_MS_MAX;

/// The agent aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Agent;

impl Decider for Agent {
    const CATEGORY: &'static str = "agent";
    type Id = AgentId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        let mut draft = Draft::of(state);
        match command {
            Command::State(command) => chosen::decide(&mut draft, command)?,
            Command::Setup(command) => setup::decide(&mut draft, command)?,
            Command::Device(command) => device::decide(&mut draft, command)?,
            Command::Offer(command) => offer::decide(&mut draft, command)?,
            Command::Work(command) => work::decide(&mut draft, command)?,
            Command::WrapUp(command) => wrap_up::decide(&mut draft, command)?,
            Command::Monitor(command) => monitor::decide(&mut draft, command)?,
            Command::Lapse { at } => offer::lapse(&mut draft, at),
        }
        Ok(draft.into_events())
    }

    fn evolve(state: State, event: &Event) -> State {
        fold::evolve(state, event)
    }
}
