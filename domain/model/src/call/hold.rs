//! Hold and resume: what somebody wants, and what the far end made of it.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::leg;
use super::rejection::Rejection;
use super::state::{Hold, State};
use crate::ids::{LegId, SoundId};
use crate::text::Key;
use crate::{Actor, Timestamp};

/// What somebody wants of a leg that waits or is to wait, or what the gateway reports of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Asks for a leg to wait and hear music.
    Request {
        /// The leg that is to wait.
        leg: LegId,
        /// Who wants it.
        by: Actor,
        /// The music, unless the tenant's.
        music: Option<SoundId>,
        /// When.
        at: Timestamp,
    },
    /// Reports that it waits; also where its own telephone did that, unasked.
    Confirm {
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Reports that it could not be put on hold.
    Refuse {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: Key,
        /// When.
        at: Timestamp,
    },
    /// Asks for the end of the hold.
    RequestResume {
        /// The leg that waits.
        leg: LegId,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Reports that it waits no more; also unasked.
    ConfirmResume {
        /// The leg.
        leg: LegId,
        /// When.
        at: Timestamp,
    },
    /// Reports that the hold could not be ended.
    RefuseResume {
        /// The leg.
        leg: LegId,
        /// Why.
        reason: Key,
        /// When.
        at: Timestamp,
    },
}

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    let state = &draft.state;
    let event = match command {
        Command::Request { leg, by, music, at } => match state.answered_leg(leg)?.hold {
            Hold::Asked | Hold::Held => None,
            Hold::ResumeAsked => return Err(Rejection::ResumeUnderWay { leg }),
            Hold::No => Some(Event::HoldRequested { leg, by, music, at }),
        },
        Command::Confirm { leg, at } => match state.answered_leg(leg)?.hold {
            // A hold that was confirmed stays one until its end is confirmed.
            Hold::Held | Hold::ResumeAsked => None,
            Hold::No | Hold::Asked => Some(Event::Held { leg, at }),
        },
        Command::Refuse { leg, reason, at } => match state.answered_leg(leg)?.hold {
            Hold::No | Hold::Held | Hold::ResumeAsked => None,
            Hold::Asked => Some(Event::HoldRefused { leg, reason, at }),
        },
        Command::RequestResume { leg, by, at } => match state.answered_leg(leg)?.hold {
            Hold::No | Hold::ResumeAsked => None,
            Hold::Asked => return Err(Rejection::HoldUnderWay { leg }),
            Hold::Held => Some(Event::ResumeRequested { leg, by, at }),
        },
        Command::ConfirmResume { leg, at } => match state.answered_leg(leg)?.hold {
            Hold::No | Hold::Asked => None,
            Hold::Held | Hold::ResumeAsked => Some(Event::Resumed { leg, at }),
        },
        Command::RefuseResume { leg, reason, at } => match state.answered_leg(leg)?.hold {
            Hold::No | Hold::Asked | Hold::Held => None,
            Hold::ResumeAsked => Some(Event::ResumeRefused { leg, reason, at }),
        },
    };
    event.into_iter().for_each(|event| draft.record(event));
    Ok(())
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    let (leg, hold) = match event {
        Event::HoldRequested { leg, .. } => (leg, Hold::Asked),
        Event::Held { leg, .. } | Event::ResumeRefused { leg, .. } => (leg, Hold::Held),
        Event::HoldRefused { leg, .. } | Event::Resumed { leg, .. } => (leg, Hold::No),
        Event::ResumeRequested { leg, .. } => (leg, Hold::ResumeAsked),
        events_of!(life leg bridge routing prompt lookup queue offer transfer recording archive callback supervision wrap_up) =>
        {
            return;
        }
    };
    leg::change(state, *leg, |leg| {
        if leg.is_live() {
            leg.hold = hold;
        }
    });
}
