//! Call: one voice call from its first ring to the last wrap-up, with its legs, bridges, waits, offers and recordings.
//!
//! Facts of the network and orders of people come in as commands; what they mean together is decided here and
//! nowhere else:
//! - an offer ends exactly once, at most one offer of a queue entry is accepted, and who comes second is told who was
//!   first;
//! - at most one agent hears the caller, unless an agent merged a consult into a conference; supervisors take part by
//!   supervisions of their own;
//! - nothing outlives what it hangs on: the end of a leg, an entry or the call ends all that hangs on it in the same
//!   decision, so that every interval in a report has two ends;
//! - after the end only what follows a call is recorded: quality, archive, wrap-up, notes, survey, callbacks, and what
//!   routing policies do that the end begins.
//!
//! Legs and joinings are numbered from 1 and keep their numbers: joining 3 with leg 1 names one conversation between
//! two parties, and a CRM record of it, for ever.
//!
//! Reading order: [`events`] (what can happen), then one module per concern with its commands and decisions
//! ([`life`], [`leg`], [`bridge`], [`routing`], [`prompt`], [`lookup`], [`queue`], [`offer`], [`hold`], [`transfer`],
//! [`recording`], [`archive`], [`callback`], [`supervision`], [`wrap_up`]); [`parties`], [`reasons`] and [`facts`] are
//! the words they use.

use serde::{Deserialize, Serialize};

use crate::Decider;
use crate::ids::CallId;

pub mod archive;
pub mod bridge;
pub mod callback;
pub(crate) mod concerns;
mod draft;
pub mod events;
pub mod facts;
#[cfg(any(test, feature = "contract"))]
mod generators;
pub mod hold;
#[cfg(test)]
mod invariants;
pub mod leg;
pub mod life;
pub mod lookup;
pub mod offer;
pub mod parties;
pub mod prompt;
pub mod queue;
pub mod reasons;
pub mod recording;
mod rejection;
pub mod routing;
#[cfg(any(test, feature = "contract"))]
mod samples;
mod state;
#[cfg(test)]
mod stories;
pub mod supervision;
pub mod transfer;
pub mod wrap_up;

pub use events::Event;
#[cfg(any(test, feature = "contract"))]
pub use generators::plots;
pub use rejection::Rejection;
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;
pub use state::State;

use concerns::events_of;
use draft::Draft;

/// The call aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Call;

/// What somebody wants of a call, or what the network reports of it, by concern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// The call as a whole.
    Life(life::Command),
    /// One phone's or browser's part.
    Leg(leg::Command),
    /// Who hears whom.
    Bridge(bridge::Command),
    /// What the routing policy decided.
    Routing(routing::Command),
    /// What callers heard and pressed.
    Prompt(prompt::Command),
    /// Questions to outside systems.
    Lookup(lookup::Command),
    /// Waiting in queues.
    Queue(queue::Command),
    /// Handing the caller to an agent.
    Offer(offer::Command),
    /// Hold and resume.
    Hold(hold::Command),
    /// Consult, transfer and conference.
    Transfer(transfer::Command),
    /// Recordings while they are made.
    Recording(recording::Command),
    /// Recordings and messages that are kept.
    Archive(archive::Command),
    /// Ringing back.
    Callback(callback::Command),
    /// Listening, whispering, barging in.
    Supervision(supervision::Command),
    /// Wrap-up, codes, notes and survey.
    WrapUp(wrap_up::Command),
}

impl Decider for Call {
    const CATEGORY: &'static str = "call";
    type Id = CallId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        let mut draft = Draft::new(state);
        match command {
            Command::Life(command) => life::decide(&mut draft, command),
            Command::Leg(command) => leg::decide(&mut draft, command),
            Command::Bridge(command) => bridge::decide(&mut draft, command),
            Command::Routing(command) => routing::decide(&mut draft, command),
            Command::Prompt(command) => prompt::decide(&mut draft, command),
            Command::Lookup(command) => lookup::decide(&mut draft, command),
            Command::Queue(command) => queue::decide(&mut draft, command),
            Command::Offer(command) => offer::decide(&mut draft, command),
            Command::Hold(command) => hold::decide(&mut draft, command),
            Command::Transfer(command) => transfer::decide(&mut draft, command),
            Command::Recording(command) => recording::decide(&mut draft, command),
            Command::Archive(command) => archive::decide(&mut draft, command),
            Command::Callback(command) => callback::decide(&mut draft, command),
            Command::Supervision(command) => supervision::decide(&mut draft, command),
            Command::WrapUp(command) => wrap_up::decide(&mut draft, command),
        }?;
        Ok(draft.into_events())
    }

    fn evolve(mut state: State, event: &Event) -> State {
        state.recorded = state.recorded.saturating_add(1);
        match event {
            events_of!(life) => life::evolve(&mut state, event),
            events_of!(leg) => leg::evolve(&mut state, event),
            events_of!(bridge) => bridge::evolve(&mut state, event),
            events_of!(routing) => routing::evolve(&mut state, event),
            events_of!(prompt) => prompt::evolve(&mut state, event),
            events_of!(lookup) => lookup::evolve(&mut state, event),
            events_of!(queue) => queue::evolve(&mut state, event),
            events_of!(offer) => offer::evolve(&mut state, event),
            events_of!(hold) => hold::evolve(&mut state, event),
            events_of!(transfer) => transfer::evolve(&mut state, event),
            events_of!(recording) => recording::evolve(&mut state, event),
            events_of!(archive) => archive::evolve(&mut state, event),
            events_of!(callback) => callback::evolve(&mut state, event),
            events_of!(supervision) => supervision::evolve(&mut state, event),
            events_of!(wrap_up) => wrap_up::evolve(&mut state, event),
        }
        state
    }
}
