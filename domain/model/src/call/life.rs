//! How a call begins, what it carries and how it ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::facts::{PROPERTIES_MAX, Property};
use super::leg;
use super::parties::{Caller, Direction, Entrance, Party};
use super::reasons::EndCause;
use super::rejection::Rejection;
use super::state::State;
use crate::few::Few;
use crate::ids::{AgentId, CallId, CallbackId, JourneyId, LegId};
use crate::{Actor, PhoneNumber, Private, Timestamp};

/// What somebody wants of a call as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Takes note that somebody rings us.
    Offer {
        /// The caller's leg.
        leg: LegId,
        /// Who rings.
        caller: Caller,
        /// Where the call came in.
        entrance: Entrance,
        /// The journey it belongs to.
        journey: JourneyId,
        /// The call that it follows.
        previous: Option<CallId>,
        /// When.
        at: Timestamp,
    },
    /// Begins a call to a customer; their leg is created when it is to ring.
    Place {
        /// Whom to ring.
        to: Private<PhoneNumber>,
        /// The number of ours to show.
        presenting: Option<PhoneNumber>,
        /// Who wants the call.
        by: Actor,
        /// The agent who is to talk, where it is known already.
        agent: Option<AgentId>,
        /// The journey it belongs to.
        journey: JourneyId,
        /// The call that it follows.
        previous: Option<CallId>,
        /// The promise to ring back that it keeps.
        callback: Option<CallbackId>,
        /// When.
        at: Timestamp,
    },
    /// Sets custom properties; of two with one name the later counts.
    SetProperties {
        /// The properties.
        properties: Few<Property, PROPERTIES_MAX>,
        /// When.
        at: Timestamp,
    },
    /// Ends the call with all that is open in it.
    End {
        /// Why.
        cause: EndCause,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    match command {
        Command::Offer {
            leg,
            caller,
            entrance,
            journey,
            previous,
            at,
        } => {
            if begun_as(&draft.state, |way| way != Direction::Outbound)? {
                return Ok(());
            }
            let party = Party::from(&caller);
            draft.record(Event::Offered {
                leg,
                caller,
                entrance,
                journey,
                previous,
                at,
            });
            leg::create(draft, leg, party, at)
        }
        Command::Place {
            to,
            presenting,
            by,
            agent,
            journey,
            previous,
            callback,
            at,
        } => {
            // The same call keeps the same promise: one that was placed for another is not it.
            let state = &draft.state;
            if !begun_as(state, |way| way == Direction::Outbound && state.keeps == callback)? {
                draft.record(Event::Placed {
                    to,
                    presenting,
                    by,
                    agent,
                    journey,
                    previous,
                    callback,
                    at,
                });
            }
            Ok(())
        }
        Command::SetProperties { properties, at } => set_properties(draft, properties, at),
        Command::End { cause, at } => {
            draft.state.begun()?;
            if !draft.state.over {
                draft.end_call(cause, at);
            }
            Ok(())
        }
    }
}

fn begun_as(state: &State, same: impl Fn(Direction) -> bool) -> Result<bool, Rejection> {
    match state.direction {
        None => Ok(false),
        Some(direction) if same(direction) => Ok(true),
        Some(direction) => Err(Rejection::BegunOtherwise { direction }),
    }
}

fn set_properties(
    draft: &mut Draft,
    properties: Few<Property, PROPERTIES_MAX>,
    at: Timestamp,
) -> Result<(), Rejection> {
    let known = &draft.state.properties;
    let named: BTreeMap<_, _> = properties.into_iter().map(|p| (p.name, p.value)).collect();
    let changed: Vec<_> = named
        .into_iter()
        .filter(|(name, value)| known.get(name).and_then(Option::as_ref) != value.as_ref())
        .map(|(name, value)| Property { name, value })
        .collect();
    if changed.is_empty() {
        return draft.state.begun();
    }
    draft.state.in_policy()?;
    let new = changed.iter().filter(|p| !known.contains_key(&p.name)).count();
    if known.len() + new > PROPERTIES_MAX {
        return Err(Rejection::TooMany {
            what: "properties",
            max: PROPERTIES_MAX,
        });
    }
    draft.record(Event::PropertiesSet {
        properties: Few::first(changed),
        at,
    });
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::Offered { leg, caller, .. } => {
            state.direction = Some(caller.direction());
            state.caller = Some(*leg);
        }
        Event::Placed { callback, .. } => {
            state.direction = Some(Direction::Outbound);
            state.keeps = *callback;
        }
        Event::PropertiesSet { properties, .. } => {
            let set = properties.iter().map(|p| (p.name.clone(), p.value.clone()));
            state.properties.extend(set);
        }
        Event::Ended { .. } => state.over = true,
        events_of!(leg bridge routing prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
            {}
    }
}
