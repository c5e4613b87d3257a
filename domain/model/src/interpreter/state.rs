//! Where a call is in its routing policy: a fold of the call's recorded events and of nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::call::facts::{Collected, Digits, LookupOutcome};
use crate::call::parties::{Caller, Destination, Entrance, Party, Who};
use crate::call::reasons::{EndCause, LeaveReason, LegCause};
use crate::content_hash::ContentHash;
use crate::ids::{
    AgentId, BridgeId, EntryId, JourneyId, LegId, PersonId, QueueId, RecordingId, RoutingPolicyId, StepId,
};
use crate::queue::{ExitKey, Priority};
use crate::skills::SkillRequests;
use crate::text::{Key, Line};
use crate::{Millis, PhoneNumber, Private, Timestamp};

/// Where a call is in its routing policy, and what it has gathered on the way.
///
/// Plain data: stored as a snapshot and read back it is the same as the fold of the events up to there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    // How many of the call's events it is the fold of.
    pub(super) heard: u32,
    pub(super) begun: Option<Begun>,
    // How we placed it, if we did.
    pub(super) placed: Option<Placed>,
    pub(super) over: Option<Over>,
    pub(super) within: Option<Within>,
    // The policy that the call came in to, as it was then.
    pub(super) first: Option<Within>,
    pub(super) cursor: Cursor,
    // How many steps are over.
    pub(super) taken: u32,
    pub(super) step: Progress,
    pub(super) properties: BTreeMap<Key, Option<Private<Line>>>,
    pub(super) sets: Sets,
    pub(super) settings: Settings,
    pub(super) skills: SkillRequests,
    pub(super) legs: BTreeMap<LegId, Leg>,
    pub(super) facts: Facts,
    // The legs of agents whose wish to hand the caller on is neither fulfilled nor given up.
    pub(super) handing_on: BTreeSet<LegId>,
    // Where an agent's leg wants to hand the caller on to, if a routing policy is to find it.
    pub(super) asked: Option<(LegId, Destination)>,
    pub(super) at_end: Vec<AtEnd>,
    // What happened that begins policies after the end, in order.
    pub(super) occasions: Vec<Occasion>,
}

/// Result sets: the fields of each by their names.
pub(super) type Sets = BTreeMap<String, BTreeMap<String, Private<Line>>>;

/// How the call began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) leg: LegId,
    pub(super) caller: Caller,
    pub(super) entrance: Entrance,
    pub(super) journey: JourneyId,
    pub(super) at: Timestamp,
}

/// How we placed the call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Placed {
    pub(super) to: Private<PhoneNumber>,
    pub(super) presenting: Option<PhoneNumber>,
    pub(super) journey: JourneyId,
    pub(super) at: Timestamp,
}

/// How the call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Over {
    pub(super) cause: EndCause,
    pub(super) at: Timestamp,
}

/// The routing policy that the call is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Within {
    pub(super) policy: RoutingPolicyId,
    pub(super) version: u32,
    pub(super) hash: ContentHash,
}

/// What comes next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Cursor {
    /// Nothing: the call has not begun, or no routing policy has anything to do with it.
    #[default]
    Idle,
    /// A policy is to be entered.
    Entering { policy: RoutingPolicyId, via: Via },
    /// A container; of an action, the app with this place.
    At { container: Key, app: usize },
    /// The customer of a call that we placed is with whoever they were handed on to, until nobody has them.
    Handed,
    /// The call is to end.
    Ending { cause: EndCause },
    /// Nothing more: the policy has come to its end.
    Done,
}

/// How a policy is entered, which says at which of its starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Via {
    /// By what the call came in by.
    Entrance(Entrance),
    /// From another policy, by a name.
    Entry(Option<Key>),
    /// As a destination.
    Destination(Key),
}

/// What is known of the step that is going on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    // When the step before it was over.
    pub(super) since: Option<Timestamp>,
    // The number of the last prompt that was heard, and those that were cut short.
    pub(super) prompts: u32,
    pub(super) cuts: Vec<u32>,
    pub(super) keys: BTreeMap<u32, Keys>,
    pub(super) lookup: Lookup,
    pub(super) wait: Option<Wait>,
    pub(super) message: Message,
    // What custom properties held when the step began, as far as they were set since.
    pub(super) before: BTreeMap<Key, Option<Private<Line>>>,
    // Whoever wanted to hand the customer of a call that we placed on left, and nobody took them.
    pub(super) unanswered: bool,
    // Whoever wanted to hand the caller on left before somebody took them: they go back to the queue where they waited.
    pub(super) goes_back: bool,
}

/// How asking for keys ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Keys {
    pub(super) outcome: Collected,
    pub(super) digits: Option<Private<Digits>>,
}

/// How far a question to an outside system has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) enum Lookup {
    #[default]
    NotAsked,
    Asked {
        deadline: Timestamp,
    },
    Answered(LookupOutcome),
    TooLate,
}

/// The caller's wait in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Wait {
    pub(super) entry: EntryId,
    pub(super) queue: QueueId,
    pub(super) left: Option<LeaveReason>,
    // Whether whoever talked to the caller kept them, because the queue that they were handed on to did not take them.
    pub(super) kept: bool,
}

impl Wait {
    /// Says whether the wait is over, no agent took the caller, and nobody promised to ring them back.
    pub(super) const fn gave_up(&self) -> bool {
        let served = matches!(
            self.left,
            Some(LeaveReason::Answered { .. } | LeaveReason::Callback { .. })
        );
        !self.kept && !self.goes_on() && !served
    }

    /// Says whether the caller still waits, or is to wait again without anybody's doing.
    const fn goes_on(&self) -> bool {
        matches!(
            self.left,
            None | Some(LeaveReason::ConnectFailed { .. } | LeaveReason::Overflow { to: Some(_) })
        )
    }
}

/// Whether a message was left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Message {
    #[default]
    NotYet,
    Left,
    Nothing,
}

/// What a policy set, which does not follow the call into the next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) whisper: Option<String>,
    pub(super) caller_id: Option<PhoneNumber>,
    pub(super) caller_name: Option<String>,
    pub(super) language: Option<String>,
    pub(super) priority: Option<Priority>,
    pub(super) recording: Option<RecordingId>,
    // Whether something went wrong, for whoever looks for mistakes.
    pub(super) failed: bool,
}

/// A leg, as far as routing policies look at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Leg {
    pub(super) who: Who,
    pub(super) party: Party,
    pub(super) hunt: Option<StepId>,
    pub(super) created: Timestamp,
    pub(super) rang: bool,
    pub(super) answered: bool,
    // How many events came before the answer: who answers first is asked first.
    pub(super) answered_after: u32,
    pub(super) bridge: Option<BridgeId>,
    // Whether it ever heard the others.
    pub(super) talked: bool,
    pub(super) ended: Option<LegCause>,
}

/// What macros tell of the call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) queue: Option<QueueId>,
    pub(super) place: Option<u32>,
    pub(super) expected: Option<Millis>,
    pub(super) waiting_since: Option<Timestamp>,
    pub(super) waited: Millis,
    pub(super) exit_key: Option<ExitKey>,
    pub(super) agent: Option<AgentId>,
    pub(super) talking_since: Option<Timestamp>,
    pub(super) talked: Millis,
    pub(super) digits: Option<Private<Digits>>,
    pub(super) milestone: Option<Key>,
    // The caller's name, as a policy said it last.
    pub(super) caller_name: Option<String>,
    // When an outside recorder took its copy of the call.
    pub(super) recorder_answered: Option<Timestamp>,
    // Who of those whom the caller talked to hung up last.
    pub(super) hung_up: Option<Who>,
}

/// Something that happened which begins a policy of its own once the call is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Occasion {
    pub(super) kind: Key,
    pub(super) policy: RoutingPolicyId,
    // What the event says, by the paths of its fields.
    pub(super) fields: BTreeMap<String, Private<Line>>,
}

/// What people are to be told when the call ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct AtEnd {
    pub(super) step: StepId,
    pub(super) within: Within,
    pub(super) node: Key,
    pub(super) sets: Sets,
    pub(super) settings: Settings,
}

impl State {
    /// Says whether the call has ended.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Says whether the call has ended and no routing policy is left to run, unless something else happens.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.is_over() && matches!(self.cursor, Cursor::Idle | Cursor::Done)
    }

    /// Returns how many steps the call has taken.
    #[must_use]
    pub const fn steps(&self) -> u32 {
        self.taken
    }

    /// Returns the caller's leg.
    pub(super) fn caller_leg(&self) -> Option<(LegId, &Leg)> {
        let id = self.begun.as_ref()?.leg;
        self.legs.get(&id).map(|leg| (id, leg))
    }

    /// Says whether the caller is on the line and hears what is played.
    pub(super) fn caller_hears(&self) -> bool {
        self.caller_leg()
            .is_some_and(|(_, leg)| leg.answered && leg.ended.is_none())
    }

    pub(super) fn caller_gone(&self) -> bool {
        self.caller_leg().is_some_and(|(_, leg)| leg.ended.is_some())
    }

    /// Says whether nobody is there for the caller, or about to be.
    pub(super) fn caller_alone(&self) -> bool {
        let caller = self.caller_leg().map(|(id, _)| id);
        let other = self
            .legs
            .iter()
            .any(|(id, leg)| Some(*id) != caller && leg.ended.is_none() && takes_part(leg.who));
        let waits = self.step.wait.as_ref().is_some_and(Wait::goes_on);
        !other && !waits && !self.step.goes_back && self.handing_on.is_empty()
    }

    /// Returns whose data it is what the caller presses and what is known of them.
    pub(super) fn person(&self, call: crate::ids::CallId) -> PersonId {
        let caller = self.begun.as_ref().and_then(|begun| match &begun.caller {
            Caller::Number { number } => Some(number.of()),
            Caller::Withheld | Caller::Colleague { .. } => None,
        });
        let known = caller.or_else(|| self.placed.as_ref().map(|placed| placed.to.of()));
        // Whoever shows no number is a person of this call alone.
        known.unwrap_or_else(|| PersonId::new(call.derive("caller")))
    }
}

/// Says whether somebody at the far end of a leg talks; who only listens in does not.
pub(super) const fn takes_part(who: Who) -> bool {
    match who {
        Who::Customer | Who::Agent { .. } | Who::Number => true,
        Who::Recorder | Who::Supervisor { .. } => false,
    }
}
