//! What somebody wants of an agent, grouped by what it is about.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::Ask;
use super::values::{
    Capacity, Chooser, DeviceKind, Holding, MonitorMode, ProfileState, QueuePlace, RING_ORDER_MAX, Refusal,
    Terms,
};
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{
    CallId, CallbackId, DeviceId, GroupId, OfferId, ProfileId, SkillId, SupervisionId, UserId, WrapUpCodeId,
};
use crate::skills::SkillLevel;

/// What somebody wants of an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// What the agent chooses, or is chosen for them.
    State(StateCommand),
    /// What an admin sets.
    Setup(SetupCommand),
    /// What became of a device.
    Device(DeviceCommand),
    /// What becomes of offers.
    Offer(OfferCommand),
    /// What the agent has in hand.
    Work(WorkCommand),
    /// What becomes of the time for notes.
    WrapUp(WrapUpCommand),
    /// Who takes part in the agent's calls.
    Monitor(MonitorCommand),
    /// Ends whatever is past its time: offers, wrap-ups, the while after an offer not taken.
    Lapse {
        /// The moment it is.
        at: Timestamp,
    },
}

/// What the agent chooses, or is chosen for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum StateCommand {
    /// Starts work.
    SignIn {
        /// Who asks.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
    /// Stops work.
    SignOut {
        /// Who asks.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
    /// Chooses a state that holds at once.
    Choose {
        /// The state, as its profile defines it now.
        state: ProfileState,
        /// Who chooses.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
    /// Chooses a state that holds as soon as the agent has nothing in hand.
    ChooseNext {
        /// The state, as its profile defines it now.
        state: ProfileState,
        /// Who chooses.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
    /// Takes back what was chosen for when the agent is free.
    DropNext {
        /// When.
        at: Timestamp,
    },
}

/// What an admin sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum SetupCommand {
    /// Assigns an availability profile.
    AssignProfile {
        /// The profile.
        profile: ProfileId,
        /// Who assigns it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Makes the agent a member of a group, or changes their priority in it.
    JoinGroup {
        /// The group.
        group: GroupId,
        /// Their place among its members; a lower number is asked first.
        priority: u16,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Ends a membership.
    LeaveGroup {
        /// The group.
        group: GroupId,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Says how well the agent has a skill.
    SetSkill {
        /// The skill.
        skill: SkillId,
        /// How well.
        level: SkillLevel,
        /// Who says so.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Says that the agent does not have a skill.
    RemoveSkill {
        /// The skill.
        skill: SkillId,
        /// Who says so.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sets how much the agent may have in hand.
    SetCapacity {
        /// Units and what keeps what away.
        capacity: Capacity,
        /// Who sets it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sets which devices ring, and in which order.
    SetRingOrder {
        /// The devices; all of them, by id, if the list is empty.
        order: Few<DeviceId, RING_ORDER_MAX>,
        /// Who sets it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes a device away.
    RemoveDevice {
        /// The device.
        device: DeviceId,
        /// Who takes it away.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// What became of a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum DeviceCommand {
    /// It registered, or renewed its registration.
    Register {
        /// The device.
        device: DeviceId,
        /// What it is.
        kind: DeviceKind,
        /// When.
        at: Timestamp,
    },
    /// Its registration ran out.
    Expire {
        /// The device.
        device: DeviceId,
        /// When.
        at: Timestamp,
    },
    /// It was rung and did not answer the network.
    ReportUnreachable {
        /// The device.
        device: DeviceId,
        /// When.
        at: Timestamp,
    },
    /// It answers the network again.
    ReportReachable {
        /// The device.
        device: DeviceId,
        /// When.
        at: Timestamp,
    },
}

/// What becomes of offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OfferCommand {
    /// Keeps capacity for a contact and offers it.
    Reserve {
        /// The offer, new with each attempt.
        offer: OfferId,
        /// What is offered.
        contact: Contact,
        /// What it asks of the agent.
        ask: Ask,
        /// Where it waited, if it waited in a queue.
        from: Option<QueuePlace>,
        /// What holds once the agent has it, or does not take it.
        terms: Terms,
        /// When the offer ends by itself if nobody ends it.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Reports that a device rings.
    Ring {
        /// The offer.
        offer: OfferId,
        /// The device.
        device: DeviceId,
        /// From when.
        at: Timestamp,
    },
    /// Takes what is offered.
    Accept {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
    /// Ends an offer that was not accepted.
    Release {
        /// The offer.
        offer: OfferId,
        /// How it ended.
        refusal: Refusal,
        /// When.
        at: Timestamp,
    },
}

/// What the agent has in hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WorkCommand {
    /// Reports a contact that nobody offered: the agent dialled, or was rung directly.
    Begin {
        /// The contact.
        contact: Contact,
        /// Its channel.
        channel: WorkChannel,
        /// The capacity that it takes.
        units: NonZeroU16,
        /// What holds once it is over.
        terms: Terms,
        /// When.
        at: Timestamp,
    },
    /// Reports that the agent talked to nobody: who they rang did not answer, or they took an offer and were never
    /// connected. There is nothing to write notes about.
    GiveUp {
        /// The contact.
        contact: Contact,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// When.
        at: Timestamp,
    },
    /// Reports that a call was placed for the callback that the agent took: from now on they have that in hand.
    RingBack {
        /// The callback.
        callback: CallbackId,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// The call.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// Reports that the caller is on hold.
    Hold {
        /// The call.
        call: CallId,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// When.
        at: Timestamp,
    },
    /// Reports that the caller is no longer on hold.
    Resume {
        /// The call.
        call: CallId,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// When.
        at: Timestamp,
    },
    /// Reports that a contact is over for the agent, whatever they were doing with it.
    End {
        /// The contact.
        contact: Contact,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// When.
        at: Timestamp,
    },
}

/// What becomes of the time for notes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WrapUpCommand {
    /// Makes a wrap-up longer.
    Extend {
        /// The contact.
        contact: Contact,
        /// When it is to end.
        until: Timestamp,
        /// Who asks.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
    /// Says how a contact went.
    Dispose {
        /// The contact.
        contact: Contact,
        /// Which time in hand it is about; another one is left as it is.
        holding: Holding,
        /// The wrap-up code.
        code: WrapUpCodeId,
        /// When.
        at: Timestamp,
    },
    /// Ends a wrap-up.
    End {
        /// The contact.
        contact: Contact,
        /// Who asks; only the agent themselves is held to a code that must be given.
        by: Chooser,
        /// When.
        at: Timestamp,
    },
}

/// Who takes part in the agent's calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum MonitorCommand {
    /// Reports that a supervisor takes part, or does so in another way than before.
    Start {
        /// The supervision.
        supervision: SupervisionId,
        /// The agent's call.
        call: CallId,
        /// The supervisor.
        by: UserId,
        /// How they take part.
        mode: MonitorMode,
        /// When.
        at: Timestamp,
    },
    /// Reports that a supervisor no longer takes part.
    End {
        /// The supervision.
        supervision: SupervisionId,
        /// When.
        at: Timestamp,
    },
}

impl From<StateCommand> for Command {
    fn from(command: StateCommand) -> Self {
        Self::State(command)
    }
}

impl From<SetupCommand> for Command {
    fn from(command: SetupCommand) -> Self {
        Self::Setup(command)
    }
}

impl From<DeviceCommand> for Command {
    fn from(command: DeviceCommand) -> Self {
        Self::Device(command)
    }
}

impl From<OfferCommand> for Command {
    fn from(command: OfferCommand) -> Self {
        Self::Offer(command)
    }
}

impl From<WrapUpCommand> for Command {
    fn from(command: WrapUpCommand) -> Self {
        Self::WrapUp(command)
    }
}

impl From<WorkCommand> for Command {
    fn from(command: WorkCommand) -> Self {
        Self::Work(command)
    }
}

impl From<MonitorCommand> for Command {
    fn from(command: MonitorCommand) -> Self {
        Self::Monitor(command)
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{
        Command, DeviceCommand, MonitorCommand, OfferCommand, SetupCommand, StateCommand, WorkCommand,
        WrapUpCommand,
    };
    use proptest::prelude::*;

    // Written out with one box for each part: what derives generate for so many commands overflows a test's stack.
    impl Arbitrary for Command {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![
                any::<StateCommand>().boxed().prop_map(Command::State),
                any::<SetupCommand>().boxed().prop_map(Command::Setup),
                any::<DeviceCommand>().boxed().prop_map(Command::Device),
                any::<OfferCommand>().boxed().prop_map(Command::Offer),
                any::<WorkCommand>().boxed().prop_map(Command::Work),
                any::<WrapUpCommand>().boxed().prop_map(Command::WrapUp),
                any::<MonitorCommand>().boxed().prop_map(Command::Monitor),
                any::<crate::Timestamp>().prop_map(|at| Command::Lapse { at }),
            ]
            .boxed()
        }
    }
}
