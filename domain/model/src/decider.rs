//! The one shape that all aggregates share.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Event;

/// An aggregate as two pure functions: what a command leads to, and what an event means.
///
/// Both are total: any command in any state gives events, an empty list ("already so") or a rejection, and any
/// sequence of its own events folds. Two properties hold for each, shown in [`crate::testing`]: *said twice,
/// recorded once*, and *stored and read back, it is the same event*.
pub trait Decider: Send + Sync + 'static {
    /// The lower-case word that begins the stream's name: `call` in `call-acme_0198…`.
    const CATEGORY: &'static str;
    /// The typed id of one aggregate; the part of the stream's name after the tenant.
    type Id: crate::ids::AggregateId;
    /// What the events so far mean for the next decision, and nothing else.
    type State: Default + Clone + PartialEq + Debug + Serialize + DeserializeOwned + Send + Sync;
    /// An order: what somebody wants, with the time and the ids it needs.
    type Command: Clone + Debug + Send + Sync;
    /// What happened: the stored form, changed only as `docs/how-to/add-an-event.md` says.
    type Event: Event;
    /// The domain saying no, worded for a person.
    type Rejection: std::error::Error + Clone + PartialEq + Send + Sync;

    /// Decides what a command leads to. An empty list means that it is already so.
    ///
    /// # Errors
    /// The aggregate's own rejection; the state is unchanged.
    fn decide(state: &Self::State, command: Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds one event into the state. Total: an event that no longer fits leaves the state as it is.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;

    /// Folds a history, oldest first, from the beginning.
    fn fold<'a>(events: impl IntoIterator<Item = &'a Self::Event>) -> Self::State
    where
        Self::Event: 'a,
    {
        events.into_iter().fold(Self::State::default(), Self::evolve)
    }
}
