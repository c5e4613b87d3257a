//! A conversation: the digital twin of a call, over one or more channels.
//!
//! It begins with the customer's first message or with ours, goes through a routing policy to an inbox, is offered or
//! assigned to one agent at a time, and ends by being archived; the next message begins another. Consent and session
//! windows are looked up outside, and what was found is kept with the message. What is told of messages from outside
//! may come late, twice and in any order.
//!
//! Reading order: [`channel`] (where it takes place), [`routing`], [`waiting`], [`offer`] and [`assignment`] (who gets it),
//! [`content`], [`permission`] and [`message`] (what is said in it), [`filing`] (what is left of it).

pub mod assignment;
pub mod channel;
pub(crate) mod concerns;
pub mod content;
mod event;
pub mod filing;
#[cfg(any(test, feature = "contract"))]
mod generators;
pub mod message;
pub mod offer;
pub mod permission;
pub mod routing;
#[cfg(any(test, feature = "contract"))]
mod samples;
mod state;
pub mod waiting;

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod stories;

use serde::{Deserialize, Serialize};

pub use event::Event;
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;
pub use state::State;

use crate::call::reasons::Exit;
use crate::context::Actor;
use crate::ids::{AgentId, ConversationId, EntryId, JourneyId, OfferId, QueueId};
use crate::{Decider, Millis, Timestamp};
use assignment::{AssignmentCommand, UnassignReason};
use channel::{Inbox, Pair};
use filing::FilingCommand;
use message::{MessageCommand, Stage};
use offer::{OfferCommand, Outcome, WithdrawReason};
use routing::Decision;

/// The conversation aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Conversation;

/// What somebody wants of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Begins it.
    Open {
        /// The journey it belongs to.
        journey: JourneyId,
        /// Where it takes place.
        pair: Pair,
        /// Who begins it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Goes on elsewhere.
    SwitchChannel {
        /// Where.
        pair: Pair,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Records where a routing policy sends it, and why.
    Route {
        /// The decision and all that it was made from.
        decision: Decision,
        /// When.
        at: Timestamp,
    },
    /// Puts it into an inbox.
    SetInbox {
        /// The inbox.
        inbox: Inbox,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that it waits in a queue no more, and that no agent has it.
    LeaveQueue {
        /// Its entry there.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// Why.
        why: Exit,
        /// When.
        at: Timestamp,
    },
    /// Something about an offer.
    Offer(OfferCommand),
    /// Something about who is responsible.
    Assignment(AssignmentCommand),
    /// Something about a message.
    Message(MessageCommand),
    /// Something about records, wrap-ups and summaries.
    Filing(FilingCommand),
    /// Ends it for good.
    Archive {
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// There is no such conversation.
    #[error("the conversation was never opened")]
    NotOpened,
    /// The id belongs to a conversation of another journey.
    #[error("the conversation is already open, in journey {journey}")]
    AlreadyOpen {
        /// That journey.
        journey: JourneyId,
    },
    /// It is over.
    #[error("the conversation was archived at {at}: the next message opens a new one")]
    Archived {
        /// Since when.
        at: Timestamp,
    },
    /// Somebody else was first.
    #[error("agent {by} has the conversation")]
    Taken {
        /// Who.
        by: AgentId,
    },
    /// Nobody but its owner sees it.
    #[error("the conversation stays in the personal inbox of agent {of} until it is archived")]
    Personal {
        /// Its owner.
        of: AgentId,
    },
    /// It would be shown for longer than any offer may.
    #[error("ring_ms is {given}, {max} is allowed")]
    ShownTooLong {
        /// What was given.
        given: Millis,
        /// The longest that is allowed.
        max: Millis,
    },
    /// There is no such offer.
    #[error("the conversation has no such offer")]
    NoSuchOffer,
    /// The id belongs to an offer to another agent.
    #[error("the id of the offer is in use for another agent")]
    OfferIdInUse,
    /// The agent has not answered yet.
    #[error("the agent has an open offer of this conversation: {offer}")]
    AlreadyOffered {
        /// The open offer.
        offer: OfferId,
    },
    /// The agent may still answer.
    #[error("the agent may answer until {until}")]
    StillRinging {
        /// Until when.
        until: Timestamp,
    },
    /// The offer had its one outcome.
    #[error("the offer was {outcome} before")]
    OfferEnded {
        /// Which.
        outcome: Outcome,
    },
    /// There is no such message.
    #[error("the conversation has no such message")]
    NoSuchMessage,
    /// The id belongs to another message.
    #[error("the id of the message is in use for another message")]
    MessageIdInUse,
    /// Nothing in it.
    #[error("the message has neither text nor attachment")]
    EmptyMessage,
    /// It is gone.
    #[error("the message was deleted")]
    MessageDeleted,
    /// It did not pass its checks, so it cannot have gone anywhere.
    #[error("the message is {stage}, so it can be neither sent nor read")]
    NotCleared {
        /// How far it is.
        stage: Stage,
    },
    /// Its checks are over.
    #[error("the message is {stage}: it is too late to change, clear or stop it")]
    TooLate {
        /// How far it is.
        stage: Stage,
    },
    /// It was not ours to send.
    #[error("the customer wrote this message: it is not sent or delivered by us")]
    FromCustomer,
    /// A record has one role.
    #[error("the record is on the conversation in the other role")]
    InOtherRole,
    /// There is no such wrap-up.
    #[error("the conversation has no such wrap-up")]
    NoSuchWrapUp,
    /// It was taken away.
    #[error("the wrap-up was removed")]
    WrapUpRemoved,
    /// More than allowed.
    #[error("too many {what}: {max} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many may be.
        max: usize,
    },
}

impl Decider for Conversation {
    const CATEGORY: &'static str = "conversation";
    type Id = ConversationId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Open {
                journey,
                pair,
                by,
                at,
            } => open(state, journey, pair, by, at),
            Command::SwitchChannel { pair, by, at } => switch(state, pair, by, at),
            Command::Route { decision, at } => routing::route(state, decision, at),
            Command::SetInbox { inbox, by, at } => assignment::set_inbox(state, inbox, by, at),
            Command::LeaveQueue {
                entry,
                queue,
                why,
                at,
            } => waiting::leave(state, entry, queue, why, at),
            Command::Offer(command) => offer::decide(state, command),
            Command::Assignment(command) => assignment::decide(state, command),
            Command::Message(command) => message::decide(state, command),
            Command::Filing(command) => filing::decide(state, command),
            Command::Archive { by, at } => archive(state, by, at),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

fn open(
    state: &State,
    journey: JourneyId,
    pair: Pair,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match state.journey {
        None => Ok(vec![Event::Opened {
            journey,
            pair,
            by,
            at,
        }]),
        Some(known) if known == journey => Ok(vec![]),
        Some(journey) => Err(Rejection::AlreadyOpen { journey }),
    }
}

fn switch(state: &State, to: Pair, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    let here = state.live()?;
    if *here == to {
        return Ok(vec![]);
    }
    let from = here.channel;
    Ok(vec![Event::ChannelSwitched { from, to, by, at }])
}

fn archive(state: &State, by: Actor, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    state.opened()?;
    if state.archived.is_some() {
        return Ok(vec![]);
    }
    let mut events = offer::withdraw(state, WithdrawReason::Archived, at, |_| true);
    events.extend(state.assigned.map(|agent| Event::Unassigned {
        agent,
        reason: UnassignReason::Archived,
        by: by.clone(),
        at,
    }));
    events.push(Event::Archived { by, at });
    Ok(events)
}

fn capped(what: &'static str, count: usize, max: usize) -> Result<(), Rejection> {
    if count > max {
        return Err(Rejection::TooMany { what, max });
    }
    Ok(())
}
