//! Whether a contact can be offered to an agent, and if not, everything that stands in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};

use super::state::{Reach, State};
use super::values::StateKind;
use crate::Timestamp;
use crate::contact::WorkChannel;
use crate::ids::{GroupId, SkillId};
use crate::skills::SkillLevel;
use crate::text::Name;

/// What a contact asks of an agent at the moment it is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Ask {
    /// Its channel.
    pub channel: WorkChannel,
    /// The capacity that it takes.
    pub units: NonZeroU16,
    /// The groups of which one must have the agent logged in; none if it is meant for this agent alone.
    pub groups: BTreeSet<GroupId>,
    /// The levels needed now, after whatever the time waited has already relaxed.
    pub skills: BTreeMap<SkillId, SkillLevel>,
}

/// The part of an agent's presence or setup that an obstacle is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// What the agent chose.
    State,
    /// The groups they belong and are logged in to.
    Membership,
    /// What they can be reached on.
    Device,
    /// What they have in hand.
    Capacity,
    /// What they can do.
    Skill,
}

/// One thing that keeps a contact from an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Obstacle {
    /// The agent is not at work.
    SignedOut,
    /// The agent is at work and has chosen no state yet.
    NoState,
    /// The state chosen takes no contacts.
    Away {
        /// What people call the state.
        label: Name,
    },
    /// A state that takes no contacts holds as soon as the agent is free.
    LeavingSoon {
        /// What people call the state.
        label: Name,
    },
    /// The agent missed too many offers in a row and has not chosen a state since.
    SetAside {
        /// How many they missed.
        misses: u16,
    },
    /// The agent missed or rejected an offer a moment ago.
    Cooldown {
        /// Until when nothing is offered.
        until: Timestamp,
    },
    /// The agent belongs to none of the groups that may answer.
    NotMember,
    /// The agent belongs to such a group, and the state chosen does not log them in to it.
    NotLoggedIn,
    /// None of the agent's devices is registered.
    NoDevice,
    /// A device is registered, and it did not answer when it was last rung.
    DeviceUnreachable,
    /// The agent has as much in hand on this channel as fits.
    Full {
        /// The channel.
        channel: WorkChannel,
        /// The units in hand.
        taken: u32,
        /// The units that fit.
        limit: u16,
    },
    /// A contact in hand keeps this channel away.
    ShutOut {
        /// The channel of the contact in hand.
        by: WorkChannel,
    },
    /// The agent has this contact already, or still writes the notes of it.
    InHand,
    /// The agent has no level in a skill that is needed.
    SkillMissing {
        /// The skill.
        skill: SkillId,
        /// The level needed.
        needed: SkillLevel,
    },
    /// The agent's level in a skill is too low.
    SkillTooLow {
        /// The skill.
        skill: SkillId,
        /// The level they have.
        has: SkillLevel,
        /// The level needed.
        needed: SkillLevel,
    },
}

impl Obstacle {
    /// Returns what it is about.
    #[must_use]
    pub const fn dimension(&self) -> Dimension {
        match self {
            Self::SignedOut
            | Self::NoState
            | Self::Away { .. }
            | Self::LeavingSoon { .. }
            | Self::SetAside { .. }
            | Self::Cooldown { .. } => Dimension::State,
            Self::NotMember | Self::NotLoggedIn => Dimension::Membership,
            Self::NoDevice | Self::DeviceUnreachable => Dimension::Device,
            Self::Full { .. } | Self::ShutOut { .. } | Self::InHand => Dimension::Capacity,
            Self::SkillMissing { .. } | Self::SkillTooLow { .. } => Dimension::Skill,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str("not signed in"),
            Self::NoState => f.write_str("no state is chosen"),
            Self::Away { label } => write!(f, "the state {label} takes no contacts"),
            Self::LeavingSoon { label } => write!(f, "the state {label} is next and takes no contacts"),
            Self::SetAside { misses } => {
                write!(
                    f,
                    "set aside after {misses} missed offers in a row, until a state is chosen"
                )
            }
            Self::Cooldown { until } => write!(f, "an offer was not taken, so nothing until {until}"),
            Self::NotMember => f.write_str("not a member of a group that may answer"),
            Self::NotLoggedIn => f.write_str("not logged in to a group that may answer"),
            Self::NoDevice => f.write_str("no device is registered"),
            Self::DeviceUnreachable => f.write_str("no registered device answers"),
            Self::Full {
                channel,
                taken,
                limit,
            } => write!(f, "{channel}: {taken} of {limit} units are taken"),
            Self::ShutOut { by } => write!(f, "a {by} contact in hand keeps others away"),
            Self::InHand => f.write_str("has this contact already"),
            Self::SkillMissing { skill, needed } => {
                write!(f, "the skill {skill} is missing, {needed} is needed")
            }
            Self::SkillTooLow { skill, has, needed } => {
                write!(f, "the skill {skill} is {has}, {needed} is needed")
            }
        }
    }
}

impl State {
    /// Returns everything that keeps a contact from being offered to this agent now; nothing if it can be.
    ///
    /// This is the answer to "why am I not getting calls?": all of it at once, in the order of [`Dimension`].
    #[must_use]
    pub fn obstacles(&self, ask: &Ask, at: Timestamp) -> Vec<Obstacle> {
        let mut found = self.obstacles_of_state(at);
        found.extend(self.obstacle_of_membership(ask));
        found.extend(self.obstacle_of_device());
        found.extend(self.obstacles_of_capacity(ask));
        found.extend(self.obstacles_of_skill(ask));
        found
    }

    fn obstacles_of_state(&self, at: Timestamp) -> Vec<Obstacle> {
        if !self.signed_in {
            return vec![Obstacle::SignedOut];
        }
        let mut found = Vec::new();
        match &self.chosen {
            None => found.push(Obstacle::NoState),
            Some(state) => match state.kind {
                StateKind::Away => found.push(Obstacle::Away {
                    label: state.label.clone(),
                }),
                StateKind::Available => {}
            },
        }
        // Whoever has a chat in hand at all times would otherwise never get to their break.
        if let Some(next) = self
            .next
            .as_ref()
            .filter(|next| next.state.kind == StateKind::Away)
        {
            found.push(Obstacle::LeavingSoon {
                label: next.state.label.clone(),
            });
        }
        found.extend(self.set_aside_after.map(|misses| Obstacle::SetAside { misses }));
        let failed = self.cooldown_until.filter(|until| at < *until);
        found.extend(failed.map(|until| Obstacle::Cooldown { until }));
        found
    }

    fn obstacle_of_membership(&self, ask: &Ask) -> Option<Obstacle> {
        let logged_in = !ask.groups.is_disjoint(&self.logged_in);
        let member = ask.groups.iter().any(|group| self.member_of.contains_key(group));
        match (ask.groups.is_empty() || logged_in, member) {
            (true, _) => None,
            (false, true) => Some(Obstacle::NotLoggedIn),
            (false, false) => Some(Obstacle::NotMember),
        }
    }

    fn obstacle_of_device(&self) -> Option<Obstacle> {
        if !self.devices_to_ring().is_empty() {
            return None;
        }
        let silent = |device: &super::state::Device| device.reach == Reach::Unreachable;
        Some(if self.devices.values().any(silent) {
            Obstacle::DeviceUnreachable
        } else {
            Obstacle::NoDevice
        })
    }

    fn obstacles_of_capacity(&self, ask: &Ask) -> Vec<Obstacle> {
        let (channel, limit) = (ask.channel, self.capacity.limit(ask.channel));
        let taken = self.taken(channel);
        let mut found = Vec::new();
        if taken.saturating_add(ask.units.get().into()) > limit.into() {
            found.push(Obstacle::Full {
                channel,
                taken,
                limit,
            });
        }
        let in_hand: BTreeSet<WorkChannel> = self.work.iter().map(|work| work.channel).collect();
        let shutting = in_hand
            .into_iter()
            .filter(|held| self.capacity.shuts_out(*held, channel));
        found.extend(shutting.map(|by| Obstacle::ShutOut { by }));
        found
    }

    fn obstacles_of_skill(&self, ask: &Ask) -> Vec<Obstacle> {
        let lacking = |(skill, needed): (&SkillId, &SkillLevel)| {
            let (skill, needed) = (*skill, *needed);
            match self.skills.get(&skill) {
                None => Some(Obstacle::SkillMissing { skill, needed }),
                Some(has) if *has < needed => Some(Obstacle::SkillTooLow {
                    skill,
                    has: *has,
                    needed,
                }),
                Some(_) => None,
            }
        };
        ask.skills.iter().filter_map(lacking).collect()
    }
}
