//! Messages: from written to read. What is told of them comes late, twice and out of order; they only move forward.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::channel::Pair;
use super::content::{Content, ProviderRef, TemplateUse};
use super::event::Event;
use super::permission::{BlockReason, ConsentOutcome, Permission};
use super::state::State;
use super::{Rejection, capped};
use crate::Timestamp;
use crate::context::Actor;
use crate::ids::{ConsentId, MessageId, StepId};
use crate::text::Key;

/// How many messages one conversation may have; archived, it goes on in another.
pub const MESSAGES_MAX: usize = 5_000;
/// How often one message may be rewritten; a policy that goes in circles ends here.
pub const REWRITES_MAX: usize = 20;

/// What somebody wants of a message, or what a provider tells about one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum MessageCommand {
    /// Takes in what the customer wrote. By the provider's id it is taken in once.
    Receive {
        /// The message.
        message: MessageId,
        /// Where it came from; another place than before switches the conversation over.
        pair: Pair,
        /// What it says.
        content: Content,
        /// What its provider calls it.
        provider: ProviderRef,
        /// When it was sent, by the provider's clock.
        sent_at: Option<Timestamp>,
        /// When it came in.
        at: Timestamp,
    },
    /// Writes a message, to be checked and sent.
    Compose {
        /// The message.
        message: MessageId,
        /// Who writes.
        author: Actor,
        /// What it says.
        content: Content,
        /// The template it is made from, if any.
        template: Option<TemplateUse>,
        /// When.
        at: Timestamp,
    },
    /// Changes a message that is yet to be cleared.
    Rewrite {
        /// The message.
        message: MessageId,
        /// The step of the routing policy that does.
        step: StepId,
        /// The rule, by its name in the policy's document.
        rule: Key,
        /// What it says now.
        content: Content,
        /// When.
        at: Timestamp,
    },
    /// Lets a message pass or stops it, as the checks of consent and session came out.
    Clear {
        /// The message.
        message: MessageId,
        /// What the checks came to.
        permission: Permission,
        /// When.
        at: Timestamp,
    },
    /// Stops a message that is yet to be cleared.
    Block {
        /// The message.
        message: MessageId,
        /// The step of the routing policy that does.
        step: StepId,
        /// The reason's code.
        code: Key,
        /// When.
        at: Timestamp,
    },
    /// Takes note of what became of it. What comes late changes nothing.
    Report {
        /// The message.
        message: MessageId,
        /// What became of it.
        report: Report,
        /// When.
        at: Timestamp,
    },
    /// Deletes it.
    Delete {
        /// The message.
        message: MessageId,
        /// Who deletes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes note of what it did to the customer's consent.
    NoteConsent {
        /// The message.
        message: MessageId,
        /// The consent.
        consent: ConsentId,
        /// What came of it.
        outcome: ConsentOutcome,
        /// When.
        at: Timestamp,
    },
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Report {
    /// The provider took it.
    Sent {
        /// What its provider calls it.
        provider: ProviderRef,
    },
    /// It reached the customer.
    Delivered,
    /// It could not be sent or delivered.
    Failed {
        /// The reason's code.
        reason: Key,
        /// Whether writing it again can help.
        retryable: bool,
    },
    /// It was read.
    Read {
        /// Who read it.
        by: Actor,
    },
}

/// How far a message is. The order is that of time: nothing moves back, whatever comes late.
///
/// A message that failed may turn out to be delivered after all, and not the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stage {
    /// Written, and yet to be checked.
    New,
    /// Through its checks.
    Cleared,
    /// Stopped by its checks: it stays here.
    Blocked,
    /// Taken by the provider.
    Sent,
    /// Given up by the provider or by us.
    Failed,
    /// With the customer.
    Delivered,
    /// Read by whom it was for.
    Read,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "yet to be checked",
            Self::Cleared => "cleared",
            Self::Blocked => "blocked",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        })
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Direction {
    /// The customer.
    In,
    /// One of us.
    Out,
}

/// A message as far as the next decision needs it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub(super) direction: Direction,
    pub(super) stage: Stage,
    pub(super) deleted: bool,
    pub(super) rewritten_by: BTreeSet<StepId>,
    pub(super) consent: Option<ConsentOutcome>,
}

impl Message {
    pub(super) const fn new(direction: Direction) -> Self {
        Self {
            direction,
            stage: Stage::New,
            deleted: false,
            rewritten_by: BTreeSet::new(),
            consent: None,
        }
    }

    /// Moves forward, never back, and never on from a message that was stopped.
    pub(super) fn advance(&mut self, stage: Stage) {
        if self.stage != Stage::Blocked {
            self.stage = self.stage.max(stage);
        }
    }

    fn unchecked(&self) -> Result<(), Rejection> {
        if self.deleted {
            Err(Rejection::MessageDeleted)
        } else if self.stage == Stage::New {
            Ok(())
        } else {
            Err(Rejection::TooLate { stage: self.stage })
        }
    }

    // What the customer wrote is only read; what we wrote goes nowhere before it is cleared.
    fn expects(&self, to: Stage) -> Result<(), Rejection> {
        match (self.direction, self.stage) {
            (Direction::In, _) if to != Stage::Read => Err(Rejection::FromCustomer),
            (Direction::In, Stage::Blocked) | (Direction::Out, Stage::New | Stage::Blocked) => {
                Err(Rejection::NotCleared { stage: self.stage })
            }
            (
                Direction::In | Direction::Out,
                Stage::New | Stage::Cleared | Stage::Sent | Stage::Failed | Stage::Delivered | Stage::Read,
            ) => Ok(()),
        }
    }
}

pub(super) fn decide(state: &State, command: MessageCommand) -> Result<Vec<Event>, Rejection> {
    match command {
        MessageCommand::Receive {
            message,
            pair,
            content,
            provider,
            sent_at,
            at,
        } => receive(state, message, pair, content, provider, sent_at, at),
        MessageCommand::Compose {
            message,
            author,
            content,
            template,
            at,
        } => compose(state, message, author, content, template, at),
        MessageCommand::Rewrite {
            message,
            step,
            rule,
            content,
            at,
        } => rewrite(state.message(message)?, message, step, rule, content, at),
        MessageCommand::Clear {
            message,
            permission,
            at,
        } => clear(state.message(message)?, message, permission, at),
        MessageCommand::Block {
            message,
            step,
            code,
            at,
        } => {
            let reason = BlockReason::Policy { step, code };
            block(state.message(message)?, message, reason, at)
        }
        MessageCommand::Report { message, report, at } => {
            report_of(state.message(message)?, message, report, at)
        }
        MessageCommand::Delete { message, by, at } => Ok(if state.message(message)?.deleted {
            vec![]
        } else {
            vec![Event::MessageDeleted { message, by, at }]
        }),
        MessageCommand::NoteConsent {
            message,
            consent,
            outcome,
            at,
        } => Ok(if state.message(message)?.consent == Some(outcome) {
            vec![]
        } else {
            vec![Event::ConsentNoted {
                message,
                consent,
                outcome,
                at,
            }]
        }),
    }
}

fn receive(
    state: &State,
    message: MessageId,
    pair: Pair,
    content: Content,
    provider: ProviderRef,
    sent_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    // Providers repeat themselves for days, each time as a new command, and some echo what we sent.
    if state.by_provider.contains_key(&provider.key) {
        return Ok(vec![]);
    }
    let here = state.live()?;
    if state.messages.contains_key(&message) {
        return Err(Rejection::MessageIdInUse);
    }
    content.check()?;
    capped("messages", state.messages.len() + 1, MESSAGES_MAX)?;
    let channel = pair.channel;
    let mut events = Vec::new();
    if *here != pair {
        events.push(Event::ChannelSwitched {
            from: here.channel,
            to: pair,
            by: Actor::Customer,
            at,
        });
    }
    events.push(Event::MessageReceived {
        message,
        channel,
        content,
        provider,
        sent_at,
        at,
    });
    Ok(events)
}

fn compose(
    state: &State,
    message: MessageId,
    author: Actor,
    content: Content,
    template: Option<TemplateUse>,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match state.messages.get(&message).map(|known| known.direction) {
        Some(Direction::Out) => return Ok(vec![]),
        Some(Direction::In) => return Err(Rejection::MessageIdInUse),
        None => {}
    }
    let channel = state.live()?.channel;
    content.check()?;
    capped("messages", state.messages.len() + 1, MESSAGES_MAX)?;
    Ok(vec![Event::MessageComposed {
        message,
        channel,
        author,
        content,
        template,
        at,
    }])
}

fn rewrite(
    known: &Message,
    message: MessageId,
    step: StepId,
    rule: Key,
    content: Content,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if known.rewritten_by.contains(&step) {
        return Ok(vec![]);
    }
    known.unchecked()?;
    content.check()?;
    capped(
        "rewrites of a message",
        known.rewritten_by.len() + 1,
        REWRITES_MAX,
    )?;
    Ok(vec![Event::MessageRewritten {
        message,
        step,
        rule,
        content,
        at,
    }])
}

fn clear(
    known: &Message,
    message: MessageId,
    permission: Permission,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    match permission {
        Permission::Refused { refusal } => block(known, message, BlockReason::NotPermitted { refusal }, at),
        Permission::Granted { basis } => match known.stage {
            Stage::New => known
                .unchecked()
                .map(|()| vec![Event::MessageCleared { message, basis, at }]),
            Stage::Blocked => Err(Rejection::TooLate { stage: known.stage }),
            Stage::Cleared | Stage::Sent | Stage::Failed | Stage::Delivered | Stage::Read => Ok(vec![]),
        },
    }
}

// Only what is yet to be checked can be stopped: a message once cleared may be on its way already.
fn block(
    known: &Message,
    message: MessageId,
    reason: BlockReason,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if known.stage == Stage::Blocked {
        return Ok(vec![]);
    }
    known.unchecked()?;
    Ok(vec![Event::MessageBlocked { message, reason, at }])
}

fn report_of(
    known: &Message,
    message: MessageId,
    report: Report,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let (to, event) = match report {
        Report::Sent { provider } => (
            Stage::Sent,
            Event::MessageSent {
                message,
                provider,
                at,
            },
        ),
        Report::Delivered => (Stage::Delivered, Event::MessageDelivered { message, at }),
        Report::Failed { reason, retryable } => (
            Stage::Failed,
            Event::MessageFailed {
                message,
                reason,
                retryable,
                at,
            },
        ),
        Report::Read { by } => (Stage::Read, Event::MessageRead { message, by, at }),
    };
    known.expects(to)?;
    Ok(if known.stage < to { vec![event] } else { vec![] })
}
