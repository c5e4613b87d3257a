//! Processes: what follows from events after a while, or in another aggregate.
//!
//! A process is a fold over the recorded events of any aggregates that answers two questions: which commands follow
//! now ([`Process::orders`]), and when to ask again ([`Process::due`]). It is pure and total, and it remembers nothing
//! but what it folded, so that it can be dropped and folded again from the log at any moment.
//!
//! How a runner drives it: fold each event in the log's order, at least once; at [`Process::due`], and after folding,
//! ask for the orders and send each as a command with its [`Order::context`]. It sends them in the order given, and for
//! one target waits for the answer before it sends the next. The same order has the same command id however often it is
//! asked for, before and after a restart, so that sending it again records nothing. An order is gone once the fold has
//! seen that it was obeyed.
//!
//! A rejection mostly means that something else was faster; the event that made it so is on its way to the fold, so the
//! runner holds that command id as refused: it does not send it again, and a process all of whose orders it holds so
//! does not wake it, although they are due. The same goes for a command that was accepted and recorded nothing, since
//! it was so already. Where nothing is on its way, since a rejection is no event, the process says what follows instead
//! ([`Process::refused`]), which is asked for each rejection, also of an order that is itself such an instead, until
//! nothing more follows. After a restart nothing is held, and all of this is asked again. A failure is sent again.
//!
//! Reading order: [`agenda`] (the deadlines that most of them keep); then what begins or ends by itself:
//! [`consent_expiry`], [`scheduled_publish`], [`retention_runs`], [`offer_timeout`], [`call_deadlines`], [`lapse`]; then
//! what one aggregate tells another: [`queue_hours`] (queues follow the tenant's calendars), [`waiting`] (the line follows the calls that wait in it), [`offering`] (a queue's
//! decision becomes an offer, and its outcome is known to all), [`callbacks`] (whoever was promised so is rung back),
//! [`handing_on`] (callers get to those they are handed on to), [`in_hand`] (what agents have in hand follows from calls
//! and conversations) and [`monitors`] (agents know who listens).

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::context::{Actor, Context};
use crate::ids::{CommandId, EventId, JourneyId, TenantId};
use crate::text::Key;
use crate::{Decider, Event as _, Timestamp};

pub mod agenda;
pub mod call_deadlines;
pub mod callbacks;
pub mod consent_expiry;
pub mod handing_on;
pub mod in_hand;
mod index;
pub mod lapse;
pub mod monitors;
pub mod offer_timeout;
pub mod offering;
pub mod queue_hours;
pub mod retention_runs;
pub mod scheduled_publish;
pub mod waiting;

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod tales;
#[cfg(test)]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "looks for the few kinds that it needs, and a property names those that must come up"
)]
mod together;
#[cfg(test)]
mod world;

/// A reactor: events in, commands and the next deadline out.
pub trait Process:
    Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Its name, which goes into the ids of its commands and must stay the same for ever: `offer-timeout`.
    const NAME: &'static str;

    /// Takes note of one event. Total, and the same event folded twice in a row changes nothing more.
    fn fold(&mut self, happened: &Happened);

    /// Returns the moment at which the next order follows; one that is over means at once.
    fn due(&self) -> Option<Timestamp>;

    /// Returns what follows at a moment, the longest due first.
    fn orders(&self, now: Timestamp) -> Vec<Order>;

    /// Returns what follows when the aggregate says no to an order.
    ///
    /// A runner that restarts gives the order again, so that this is asked again, and answered with the same commands.
    fn refused(&self, order: &Order, why: &AnyRejection) -> Vec<Order> {
        let _ = (order, why);
        Vec::new()
    }
}

/// Where an order comes from: the event that led to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Cause {
    /// Whose event it is; an order never leaves its tenant.
    pub tenant: TenantId,
    /// The event's id.
    pub event: EventId,
    /// The journey that the event belongs to, if any.
    pub journey: Option<JourneyId>,
}

/// One recorded event of any aggregate, as processes see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// Which event it is, and whose.
    pub cause: Cause,
    /// What happened, and to what.
    pub what: AnyEvent,
}

/// The event that says something, and when it was so. What follows from it is told with that time, however late.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Fact {
    cause: Cause,
    at: Timestamp,
}

impl Happened {
    fn fact(&self, at: Timestamp) -> Fact {
        let cause = self.cause.clone();
        Fact { cause, at }
    }
}

/// What a process wants done.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The command's id, derived from the process's name, the cause and the target.
    pub id: CommandId,
    /// The process.
    pub by: Key,
    /// The event that led to it.
    pub cause: Cause,
    /// What to say, and to what.
    pub what: AnyCommand,
}

impl Order {
    /// Makes the order that follows from a cause. A process gives one target at most one order for each cause.
    ///
    /// # Panics
    /// If the process's name is no key: a mistake in the program, found by its first test.
    #[must_use]
    pub fn new<P: Process>(cause: &Cause, what: AnyCommand) -> Self {
        Self::named::<P>(cause, what, "")
    }

    /// Makes one of several orders that follow from a cause for the same target, told apart by a word.
    ///
    /// # Panics
    /// As [`Order::new`].
    #[must_use]
    pub fn about<P: Process>(cause: &Cause, word: &str, what: AnyCommand) -> Self {
        Self::named::<P>(cause, what, &format!("/{word}"))
    }

    fn named<P: Process>(cause: &Cause, what: AnyCommand, word: &str) -> Self {
        let name = format!("process/{}/{}{word}", P::NAME, what.target());
        Self {
            id: CommandId::new(cause.event.derive(&name)),
            by: Key::new(P::NAME).expect("a process's name is a key"),
            cause: cause.clone(),
            what,
        }
    }

    /// Makes what goes with the command.
    #[must_use]
    pub fn context(&self, now: Timestamp) -> Context {
        Context {
            command: self.id,
            tenant: self.cause.tenant.clone(),
            actor: Actor::System(self.by.clone()),
            time: now,
            journey: self.cause.journey,
            cause: Some(self.cause.event),
        }
    }
}

/// Puts the longest due first; those due since the same moment stay as they are.
fn by_age(orders: impl IntoIterator<Item = (Timestamp, Order)>) -> Vec<Order> {
    let mut orders: Vec<(Timestamp, Order)> = orders.into_iter().collect();
    orders.sort_by_key(|(since, _)| *since);
    orders.into_iter().map(|(_, order)| order).collect()
}

macro_rules! aggregates {
    ($($Aggregate:ident in $module:ident),* $(,)?) => {
        /// An event of any aggregate, with the aggregate's id.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyEvent {
            $(
                #[doc = concat!("Something that happened to a [`", stringify!($module), "`](crate::", stringify!($module), ").")]
                $Aggregate(<crate::$module::$Aggregate as Decider>::Id, crate::$module::Event)
            ),*
        }

        /// A command to any aggregate, with the aggregate's id.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyCommand {
            $(
                #[doc = concat!("Something to say to a [`", stringify!($module), "`](crate::", stringify!($module), ").")]
                $Aggregate(<crate::$module::$Aggregate as Decider>::Id, crate::$module::Command)
            ),*
        }

        /// Why an aggregate of any kind said no.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyRejection {
            $(
                #[doc = concat!("What a [`", stringify!($module), "`](crate::", stringify!($module), ") said.")]
                $Aggregate(<crate::$module::$Aggregate as Decider>::Rejection)
            ),*
        }

        impl AnyEvent {
            /// Returns the kind under which the event is stored.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$Aggregate(_, event) => event.kind()),*
                }
            }
        }

        impl AnyCommand {
            /// Names the aggregate that the command is for: the category and the id.
            #[must_use]
            pub fn target(&self) -> String {
                match self {
                    $(Self::$Aggregate(id, _) => {
                        format!("{}-{id}", <crate::$module::$Aggregate as Decider>::CATEGORY)
                    }),*
                }
            }
        }
    };
}

aggregates! {
    Consent in consent,
    Call in call,
    Queue in queue,
    Agent in agent,
    Conversation in conversation,
    RoutingPolicy in routing_policy,
    Retention in retention,
    Tenant in tenant,
}
