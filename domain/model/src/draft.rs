//! A decision of several events in the making.

use crate::Decider;

/// The state as it will be after the events decided so far, so that what follows from an event is decided on it.
pub(crate) struct Draft<D: Decider> {
    state: D::State,
    events: Vec<D::Event>,
}

impl<D: Decider> Draft<D> {
    /// Begins with a state and no events.
    pub(crate) fn of(state: &D::State) -> Self {
        Self {
            state: state.clone(),
            events: Vec::new(),
        }
    }

    /// Returns the state after the events so far.
    pub(crate) const fn state(&self) -> &D::State {
        &self.state
    }

    /// Adds an event.
    pub(crate) fn record(&mut self, event: D::Event) {
        let state = std::mem::take(&mut self.state);
        self.state = D::evolve(state, &event);
        self.events.push(event);
    }

    /// Returns the events, in the order recorded.
    pub(crate) fn into_events(self) -> Vec<D::Event> {
        self.events
    }
}
