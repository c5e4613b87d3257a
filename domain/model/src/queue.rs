//! Queue: who waits, who decides, and whom they are offered to.
//!
//! A queue orders those who wait ([`State::line`]) and keeps the books on offers; *which* agent suits is the matcher's
//! to say, who hands in each decision with its evidence ([`Proposal`]). Only the owner may: one node at a time holds a
//! lease, and its number goes with everything it wants, so that a node that was away too long is recognised.
//!
//! What always holds: an entry has at most one open decision, every offer ends once, the first agent to accept is the
//! only one, an entry keeps its place until an agent is connected, and it leaves once.

use crate::Decider;
use crate::draft::Draft;
use crate::ids::QueueId;

mod command;
mod entry;
mod event;
mod fold;
mod lease;
mod offer;
mod outcome;
mod rejection;
mod settings;
mod setup;
mod state;
mod values;

#[cfg(any(test, feature = "contract"))]
mod samples;
#[cfg(test)]
pub(crate) mod tests;

pub use command::{Command, EntryCommand, OfferCommand, OwnerCommand, Proposal, SetupCommand};
pub use event::Event;
pub use lease::LEASE_MS_MAX;
pub use offer::CONNECT_MS_MAX;
pub use outcome::{Departure, Expulsion, LeftBecause, OfferEnd, OfferFailure};
pub use rejection::Rejection;
#[cfg(any(test, feature = "contract"))]
pub use samples::{samples, settings as sample_settings};
pub use settings::{
    ATTEMPTS_MAX, Ageing, Announcements, COMFORT_MAX, Callbacks, Comfort, ENTRIES_MAX, Goals,
    LAST_AGENT_WITHIN_MAX, LastAgent, Offers, Overflow, PolicyTold, QUEUE_GROUPS_MAX, REPORT_MS, RING_MS_MIN,
    Settings, TIERS_MAX, Tier, Told, Waiting, WrongSetting,
};
pub use state::{Entry, Lease, State};
pub use values::{
    CANDIDATES_MAX, Candidate, Chosen, ExitKey, FencingToken, Inputs, InvalidKey, InvalidPriority, Lost,
    OBSTACLES_MAX, OFFERS_AT_ONCE_MAX, Place, Priority, Strategy,
};

/// The queue aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Queue;

impl Decider for Queue {
    const CATEGORY: &'static str = "queue";
    type Id = QueueId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        let mut draft = Draft::of(state);
        match command {
            Command::Setup(command) => setup::decide(&mut draft, command)?,
            Command::Entry(command) => entry::decide(&mut draft, command)?,
            Command::Offer(command) => offer::decide(&mut draft, command)?,
            Command::Acquire { node, until, at } => lease::acquire(&mut draft, node, until, at)?,
            Command::Owner { token, command, at } => lease::decide(&mut draft, token, command, at)?,
            Command::Lapse { at } => {
                offer::lapse(&mut draft, at);
                lease::lapse(&mut draft, at);
            }
        }
        Ok(draft.into_events())
    }

    fn evolve(state: State, event: &Event) -> State {
        fold::evolve(state, event)
    }
}
