//! The words that an agent's events are made of.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use crate::contact::WorkChannel;
use crate::ids::{EntryId, GroupId, OfferId, ProfileId, QueueId, RoutingPolicyId, StateId, UserId};
use crate::text::{Key, Name};
use crate::{Millis, Timestamp};

/// The most devices that an agent may have, and so the most in a ring order.
pub const RING_ORDER_MAX: usize = 16;

/// Who chose a state for an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Chooser {
    /// The agent themselves.
    Agent,
    /// A supervisor, at a wallboard.
    Supervisor(UserId),
    /// A routing policy that a call went through.
    RoutingPolicy(RoutingPolicyId),
    /// A process, by its name: `session-expiry`.
    Process(Key),
    /// Somebody in the customer's CRM org, through its link.
    Crm(Key),
    /// A program with an API key, by the key's name.
    Api(Key),
}

impl Chooser {
    /// Says whether a person spoke, which proves that somebody looks after the agent's desk.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        match self {
            Self::Agent | Self::Supervisor(_) | Self::Crm(_) => true,
            Self::RoutingPolicy(_) | Self::Process(_) | Self::Api(_) => false,
        }
    }
}

/// Whether contacts are offered to an agent in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum StateKind {
    /// They are.
    Available,
    /// They are not: a break, training, a meeting.
    Away,
}

/// One state of an availability profile, as it was defined when it was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct ProfileState {
    /// The state.
    pub id: StateId,
    /// The profile that it belongs to.
    pub profile: ProfileId,
    /// What people call it.
    pub label: Name,
    /// Whether contacts are offered in it.
    pub kind: StateKind,
    /// The groups that it logs an agent in to, if they are a member.
    pub groups: BTreeSet<GroupId>,
}

/// Why a state that waited for an agent to be free no longer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum NextDropped {
    /// Somebody took it back.
    TakenBack,
    /// A state was chosen at once.
    Superseded,
    /// The agent signed out.
    SignedOut,
    /// The agent got another availability profile.
    OtherProfile,
}

/// Why an agent was logged out of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum LoggedOutBecause {
    /// The state now chosen does not log in to them.
    StateChosen,
    /// The agent signed out.
    SignedOut,
    /// The agent is no longer a member.
    MembershipEnded,
}

/// What an agent can be reached on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum DeviceKind {
    /// A phone on the desk.
    DeskPhone,
    /// A SIP application.
    Softphone,
    /// The agent's desk in a browser, which also carries calls.
    Browser,
    /// A telephone elsewhere, such as a mobile, by its number.
    OutsideNumber,
}

/// How much an agent may have in hand at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Capacity {
    /// Units per channel; none of a channel that is not named.
    pub limits: BTreeMap<WorkChannel, u16>,
    /// While a contact of the first channel is in hand, none of the others is offered.
    pub shuts_out: BTreeMap<WorkChannel, BTreeSet<WorkChannel>>,
}

/// One call at a time and nothing else, which is what holds until an admin says more.
impl Default for Capacity {
    fn default() -> Self {
        Self {
            limits: BTreeMap::from([(WorkChannel::Voice, 1)]),
            shuts_out: BTreeMap::new(),
        }
    }
}

impl Capacity {
    /// Returns the units that fit on a channel.
    #[must_use]
    pub fn limit(&self, channel: WorkChannel) -> u16 {
        self.limits.get(&channel).copied().unwrap_or(0)
    }

    /// Says whether a contact in hand keeps another away, whatever the units.
    #[must_use]
    pub fn shuts_out(&self, in_hand: WorkChannel, asked: WorkChannel) -> bool {
        self.shuts_out
            .get(&in_hand)
            .is_some_and(|channels| channels.contains(&asked))
    }
}

/// Where a contact waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct QueuePlace {
    /// The queue.
    pub queue: QueueId,
    /// Its entry.
    pub entry: EntryId,
}

/// What holds for a contact once an agent has it, from the settings of its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Terms {
    /// The time for notes afterwards; none if there is none.
    pub wrap_up: Option<WrapUp>,
    /// How long nothing is offered to an agent who missed or rejected the offer.
    pub cooldown_ms: Option<Millis>,
    /// After how many missed offers in a row the agent is set aside; never if none.
    pub set_aside_after: Option<NonZeroU16>,
}

/// The time for notes after a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct WrapUp {
    /// How long it lasts unless it is extended.
    pub length_ms: Millis,
    /// Whether a wrap-up code must be given before it ends.
    pub code_required: bool,
}

/// How an offer ended that no agent accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Refusal {
    /// The agent said no.
    Rejected,
    /// It rang for its whole time, and the agent did not answer.
    Missed,
    /// The customer left first.
    CallerGone,
    /// No device of the agent could be rung.
    DeviceUnreachable,
    /// It was taken back, for example because another agent was first.
    Withdrawn,
    /// The agent left while it rang: they chose a state that takes no contacts, signed out, or were set aside.
    Away,
    /// Its time ran out and nobody reported how it ended.
    Lapsed,
}

/// Why the capacity that a contact took is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Outcome {
    /// The agent had it and is done with it.
    Finished,
    /// The agent tried to reach somebody, and nobody answered.
    Unanswered,
    /// The agent took the offer, and was never connected to the customer.
    NotConnected,
    /// The agent said no to the offer.
    Rejected,
    /// The offer rang for its whole time, and the agent did not answer.
    Missed,
    /// The customer left before the agent answered.
    CallerGone,
    /// No device of the agent could be rung.
    DeviceUnreachable,
    /// The offer was taken back, for example because another agent was first.
    Withdrawn,
    /// The agent left while it rang: they chose a state that takes no contacts, signed out, or were set aside.
    Away,
    /// The offer's time ran out and nobody reported how it ended.
    Lapsed,
}

impl From<Refusal> for Outcome {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected => Self::Rejected,
            Refusal::Missed => Self::Missed,
            Refusal::CallerGone => Self::CallerGone,
            Refusal::DeviceUnreachable => Self::DeviceUnreachable,
            Refusal::Withdrawn => Self::Withdrawn,
            Refusal::Away => Self::Away,
            Refusal::Lapsed => Self::Lapsed,
        }
    }
}

/// How a wrap-up ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "by", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WrapUpEnd {
    /// Somebody ended it.
    Ended(Chooser),
    /// Its time was over.
    TimeUp,
    /// The agent signed out.
    SignedOut,
}

/// One time in which an agent has a contact in hand; the same contact may come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Holding {
    /// It came by this offer.
    Offered(OfferId),
    /// The agent began it at this moment.
    Begun(Timestamp),
}

/// How a supervisor takes part in an agent's call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum MonitorMode {
    /// Hears both and is heard by nobody.
    Listen,
    /// Is heard by the agent alone.
    Whisper,
    /// Is heard by both.
    Barge,
}

/// What an agent is doing with one contact. Several hold at once; none of them changes the chosen state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// It is kept for them; nothing rings yet.
    Offered,
    /// It rings.
    Ringing,
    /// On a call.
    OnCall,
    /// On a call that is on hold.
    Hold,
    /// On an exchange of messages.
    OnMessage,
    /// On a task.
    OnTask,
    /// Writing notes afterwards.
    WrapUp,
    /// Past the end of a wrap-up whose code is missing.
    WrapUpFailed,
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Offered => "offered",
            Self::Ringing => "ringing",
            Self::OnCall => "on call",
            Self::Hold => "on hold",
            Self::OnMessage => "on message",
            Self::OnTask => "on task",
            Self::WrapUp => "in wrap-up",
            Self::WrapUpFailed => "in wrap-up, past its time",
        })
    }
}

/// A state that waits until the agent is free.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NextState {
    /// The state.
    pub state: ProfileState,
    /// Who chose it.
    pub by: Chooser,
    /// When.
    pub at: Timestamp,
}
