//! Why a conversation went where it went.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::state::State;
use super::{Rejection, capped};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, InboxId, QueueId, RoutingPolicyId, StepId};
use crate::text::{Key, Line};
use crate::{Private, Timestamp};

/// How many inputs one decision may name.
pub const INPUTS_MAX: usize = 50;
/// How many candidates one decision may name.
pub const CANDIDATES_MAX: usize = 500;
/// How many decisions one conversation may record; a policy that goes in circles ends here.
pub const STEPS_MAX: usize = 1_000;

/// One decision of a routing policy, with all that it was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Decision {
    /// The step that decided.
    pub step: StepId,
    /// The routing policy.
    pub policy: RoutingPolicyId,
    /// The content hash of the version that ran.
    pub hash: ContentHash,
    /// The app's place in the policy's document.
    pub node: Key,
    /// What the app looked at.
    pub inputs: Few<Input, INPUTS_MAX>,
    /// The outlet taken.
    pub branch: Key,
    /// Who or what could have been chosen, best first.
    pub candidates: Few<Candidate, CANDIDATES_MAX>,
    /// Who or what was chosen, if anyone.
    pub chosen: Option<Target>,
}

/// One value that a decision looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Input {
    /// Its name, as the policy's author knows it.
    pub name: Key,
    /// What it was.
    pub value: Value,
}

/// What an input was at the moment of the decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Value {
    /// It had none.
    Absent,
    /// It says nothing about a person.
    Plain {
        /// The value, written out.
        text: Line,
    },
    /// It says something about a person.
    Personal {
        /// The value, written out.
        text: Private<Line>,
    },
}

/// Who or what could have been chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Candidate {
    /// Who or what.
    pub target: Target,
    /// How well it fits: more is better, and only scores of one decision compare.
    pub score: i64,
    /// The code of the reason it was passed over whatever its score, such as `at_capacity`.
    pub passed_over: Option<Key>,
}

/// Who or what a conversation can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Target {
    /// An agent.
    Agent(AgentId),
    /// An inbox that agents share.
    Inbox(InboxId),
    /// A queue.
    Queue(QueueId),
    /// An assistant, by its name in the policy's document.
    Assistant(Key),
}

pub(super) fn route(state: &State, decision: Decision, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    if state.steps.contains(&decision.step) {
        return Ok(vec![]);
    }
    state.live()?;
    capped("routing decisions", state.steps.len() + 1, STEPS_MAX)?;
    Ok(vec![Event::Routed { decision, at }])
}
