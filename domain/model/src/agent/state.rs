//! Where an agent stands: three dimensions that never change one another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::values::{
    Activity, Capacity, DeviceKind, Holding, MonitorMode, NextState, ProfileState, RING_ORDER_MAX, Terms,
    WrapUp,
};
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel};
use crate::few::Few;
use crate::ids::{CallId, DeviceId, GroupId, OfferId, ProfileId, SkillId, SupervisionId, WrapUpCodeId};
use crate::skills::SkillLevel;

/// Where an agent stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    // What was chosen.
    pub(super) signed_in: bool,
    pub(super) chosen: Option<ProfileState>,
    pub(super) next: Option<NextState>,
    pub(super) set_aside_after: Option<u16>,
    pub(super) misses: u16,
    pub(super) logged_in: BTreeSet<GroupId>,
    // What an admin set.
    pub(super) profile: Option<ProfileId>,
    pub(super) member_of: BTreeMap<GroupId, u16>,
    pub(super) skills: BTreeMap<SkillId, SkillLevel>,
    pub(super) capacity: Capacity,
    // What they can be reached on.
    pub(super) devices: BTreeMap<DeviceId, Device>,
    pub(super) ring_order: Few<DeviceId, RING_ORDER_MAX>,
    // What they do.
    pub(super) work: Vec<Work>,
    pub(super) cooldown_until: Option<Timestamp>,
    pub(super) monitors: BTreeMap<SupervisionId, Monitor>,
    pub(super) offers_over: VecDeque<OfferId>,
}

/// A device and whether it can be rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Device {
    pub(super) kind: DeviceKind,
    pub(super) reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reach {
    Registered,
    Unreachable,
    Expired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Monitor {
    pub(super) call: CallId,
    pub(super) mode: MonitorMode,
}

/// One contact that takes capacity, from its offer or beginning until it is released.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) contact: Contact,
    pub(super) channel: WorkChannel,
    pub(super) units: u16,
    pub(super) offer: Option<OfferId>,
    pub(super) since: Timestamp,
    pub(super) terms: Terms,
    pub(super) code: Option<WrapUpCodeId>,
    pub(super) stage: Stage,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Stage {
    Offered {
        until: Timestamp,
    },
    Ringing {
        until: Timestamp,
        devices: BTreeSet<DeviceId>,
    },
    Active,
    Held,
    WrapUp {
        until: Timestamp,
        since: Timestamp,
    },
    Failed {
        since: Timestamp,
    },
}

impl Stage {
    /// Says whether the agent has neither taken nor refused it yet.
    pub(super) const fn is_open_offer(&self) -> bool {
        match self {
            Self::Offered { .. } | Self::Ringing { .. } => true,
            Self::Active | Self::Held | Self::WrapUp { .. } | Self::Failed { .. } => false,
        }
    }

    /// Says whether the contact is over and the notes are not.
    pub(super) const fn is_wrap_up(&self) -> bool {
        match self {
            Self::WrapUp { .. } | Self::Failed { .. } => true,
            Self::Offered { .. } | Self::Ringing { .. } | Self::Active | Self::Held => false,
        }
    }

    const fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Offered { until } | Self::Ringing { until, .. } | Self::WrapUp { until, .. } => {
                Some(*until)
            }
            Self::Active | Self::Held | Self::Failed { .. } => None,
        }
    }
}

impl Work {
    /// Returns which time in hand this is.
    pub(super) fn holding(&self) -> Holding {
        self.offer.map_or(Holding::Begun(self.since), Holding::Offered)
    }

    pub(super) const fn activity(&self) -> Activity {
        match (&self.stage, self.contact) {
            (Stage::Offered { .. }, _) => Activity::Offered,
            (Stage::Ringing { .. }, _) => Activity::Ringing,
            (Stage::Active, Contact::Call(_)) => Activity::OnCall,
            (Stage::Active, Contact::Conversation(_)) => Activity::OnMessage,
            (Stage::Active, Contact::Callback(_)) => Activity::OnTask,
            (Stage::Held, _) => Activity::Hold,
            (Stage::WrapUp { .. }, _) => Activity::WrapUp,
            (Stage::Failed { .. }, _) => Activity::WrapUpFailed,
        }
    }

    pub(super) const fn already(&self) -> Rejection {
        Rejection::InHand {
            contact: self.contact,
            activity: self.activity(),
        }
    }

    pub(super) const fn wrong_activity(&self) -> Rejection {
        Rejection::WrongActivity {
            contact: self.contact,
            activity: self.activity(),
        }
    }

    /// Says whether its time is over at a moment.
    pub(super) fn is_past(&self, at: Timestamp) -> bool {
        self.stage.deadline().is_some_and(|until| until <= at)
    }

    /// Says whether its wrap-up may not end without a code that nobody gave yet.
    pub(super) fn lacks_code(&self) -> bool {
        self.code.is_none() && self.terms.wrap_up.is_some_and(|w: WrapUp| w.code_required)
    }
}

impl State {
    /// Says whether the agent is at work.
    #[must_use]
    pub const fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// Returns the state chosen.
    #[must_use]
    pub const fn chosen(&self) -> Option<&ProfileState> {
        self.chosen.as_ref()
    }

    /// Returns the state that holds once the agent has nothing in hand.
    #[must_use]
    pub const fn next(&self) -> Option<&NextState> {
        self.next.as_ref()
    }

    /// Returns the groups that the agent is logged in to.
    #[must_use]
    pub const fn logged_in(&self) -> &BTreeSet<GroupId> {
        &self.logged_in
    }

    /// Returns what the agent does with each contact in hand, oldest first; nothing if they are idle.
    pub fn activities(&self) -> impl Iterator<Item = (Contact, Activity)> {
        self.work.iter().map(|work| (work.contact, work.activity()))
    }

    /// Returns the units taken on a channel.
    #[must_use]
    pub fn taken(&self, channel: WorkChannel) -> u32 {
        let on_channel = self.work.iter().filter(|work| work.channel == channel);
        on_channel.fold(0, |sum, work| sum.saturating_add(work.units.into()))
    }

    /// Returns the devices that can be rung, in the order in which they ring.
    #[must_use]
    pub fn devices_to_ring(&self) -> Vec<DeviceId> {
        let can = |id: &DeviceId| {
            self.devices
                .get(id)
                .is_some_and(|device| device.reach == Reach::Registered)
        };
        if self.ring_order.is_empty() {
            self.devices.keys().copied().filter(can).collect()
        } else {
            self.ring_order.iter().copied().filter(can).collect()
        }
    }

    /// Returns the next moment at which [`Command::Lapse`](super::Command::Lapse) has something to end.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let work = self.work.iter().filter_map(|work| work.stage.deadline());
        work.chain(self.cooldown_until).min()
    }

    pub(super) fn in_hand(&self, contact: Contact) -> Option<&Work> {
        self.work.iter().find(|work| work.contact == contact)
    }

    pub(super) fn offered(&self, offer: OfferId) -> Option<&Work> {
        self.work.iter().find(|work| work.offer == Some(offer))
    }
}

// What the matcher reads again after each event, so that a choice asks nothing twice.
impl State {
    /// Says whether the agent missed too many offers and has not chosen a state since.
    pub(crate) const fn is_set_aside(&self) -> bool {
        self.set_aside_after.is_some()
    }

    /// Returns until when nothing is offered after an offer that was not taken.
    pub(crate) const fn cooldown_until(&self) -> Option<Timestamp> {
        self.cooldown_until
    }

    /// Returns the groups that the agent belongs to, each with their priority in it.
    pub(crate) const fn member_of(&self) -> &BTreeMap<GroupId, u16> {
        &self.member_of
    }

    /// Returns the agent's skills.
    pub(crate) const fn skills(&self) -> &BTreeMap<SkillId, SkillLevel> {
        &self.skills
    }

    /// Returns how much the agent may have in hand.
    pub(crate) const fn capacity(&self) -> &Capacity {
        &self.capacity
    }

    /// Returns the channel of each contact in hand.
    pub(crate) fn channels_in_hand(&self) -> impl Iterator<Item = WorkChannel> {
        self.work.iter().map(|work| work.channel)
    }

    /// Says whether the agent has a contact in hand.
    pub(crate) fn has_in_hand(&self, contact: Contact) -> bool {
        self.in_hand(contact).is_some()
    }

    /// Says whether the agent has heard of an offer, whatever became of it.
    pub(crate) fn knows_of(&self, offer: OfferId) -> bool {
        self.offered(offer).is_some() || self.offers_over.contains(&offer)
    }
}
