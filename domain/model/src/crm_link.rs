//! A CRM link: the connection to one org of the customer's CRM, and how well it is.
//!
//! Calls never wait for it. What goes wrong with it is recorded as a class of reason that an admin can act on, with
//! the org's own error code beside it: its health and what to do about it follow from the events alone.
//!
//! Reading order: [`connection`] (which org, and how we sign in), [`session`] (whether that works), [`writing`]
//! (records, budget, mapping and rights), [`health`] (what all of it comes to).

pub mod connection;
mod event;
pub mod health;
mod rejection;
#[cfg(any(test, feature = "contract"))]
mod samples;
pub mod session;
pub mod writing;

#[cfg(test)]
mod stories;

use serde::{Deserialize, Serialize};

pub use event::Event;
pub use rejection::Rejection;
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;

use crate::Decider;
use crate::ids::CrmLinkId;
use connection::Connection;
use session::Session;
use writing::Writing;

/// The CRM link aggregate.
#[derive(Debug, Clone, Copy)]
pub struct CrmLink;

/// What somebody wants of a CRM link, or found out about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Says which org it leads to, and how we sign in.
    Configure(connection::Configure),
    /// Is about whether signing in works.
    Session(session::Command),
    /// Is about what is written to the org.
    Writing(writing::Command),
}

/// Where a CRM link stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The org, and how we sign in; none before it is configured.
    pub connection: Option<Connection>,
    /// Whether signing in works.
    pub session: Session,
    /// How it is with writing.
    pub writing: Writing,
}

impl Decider for CrmLink {
    const CATEGORY: &'static str = "crmlink";
    type Id = CrmLinkId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match (&state.connection, command) {
            (connection, Command::Configure(command)) => connection::decide(connection.as_ref(), command),
            (None, Command::Session(_) | Command::Writing(_)) => Err(Rejection::NotConfigured),
            (Some(_), Command::Session(command)) => session::decide(state.session, command),
            (Some(_), Command::Writing(command)) => writing::decide(state, command),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        let writing = &mut state.writing;
        match event {
            Event::Configured { connection, .. } => {
                state.connection = Some(connection.clone());
                state.session = Session::NotAuthorised;
            }
            Event::Authorised { .. } => state.session = Session::Working,
            Event::Broken { reason, at, .. } => state.session = state.session.broken(*reason, *at),
            Event::Restored { .. } => state.session = state.session.restored(),
            Event::WritingPaused { .. } => writing.paused = true,
            Event::WritingResumed { .. } => writing.paused = false,
            Event::BudgetSet { now, .. } => writing.budget = *now,
            Event::LimitNeared { usage, .. } => writing.limit_near = Some(*usage),
            Event::LimitEased { .. } => writing.limit_near = None,
            Event::MappingPublished { mapping, .. } => writing.mapping = Some(*mapping),
            Event::RightsProbed { missing, .. } => writing.missing = Some(missing.clone()),
            Event::CatchUpStarted { backlog, .. } => writing.catching_up = Some(*backlog),
            Event::CatchUpFinished { .. } => writing.catching_up = None,
        }
        state
    }
}
