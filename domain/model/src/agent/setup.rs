//! What an admin sets: profile, groups, skills, capacity and devices.

use std::collections::BTreeSet;

use super::command::SetupCommand;
use super::values::{Capacity, LoggedOutBecause, NextDropped, RING_ORDER_MAX};
use super::{Agent, Event, Rejection, State, chosen, device};
use crate::Timestamp;
use crate::context::Actor;
use crate::draft::Draft;
use crate::few::Few;
use crate::ids::{DeviceId, GroupId, ProfileId};

/// The most groups that an agent may be a member of.
pub const MEMBERSHIPS_MAX: usize = 200;
/// The most skills that an agent may have.
pub const AGENT_SKILLS_MAX: usize = 200;
/// The most units of one channel.
pub const CAPACITY_UNITS_MAX: u16 = 100;

pub(super) fn decide(draft: &mut Draft<Agent>, command: SetupCommand) -> Result<(), Rejection> {
    match command {
        SetupCommand::AssignProfile { profile, by, at } => assign(draft, profile, by, at),
        SetupCommand::JoinGroup {
            group,
            priority,
            by,
            at,
        } => join(draft, group, priority, by, at)?,
        SetupCommand::LeaveGroup { group, by, at } => leave(draft, group, by, at),
        SetupCommand::SetSkill { skill, level, by, at } => {
            let skills = &draft.state().skills;
            room(
                "skills",
                AGENT_SKILLS_MAX,
                skills.len(),
                skills.contains_key(&skill),
            )?;
            if skills.get(&skill) != Some(&level) {
                draft.record(Event::SkillSet { skill, level, by, at });
            }
        }
        SetupCommand::RemoveSkill { skill, by, at } => {
            if draft.state().skills.contains_key(&skill) {
                draft.record(Event::SkillRemoved { skill, by, at });
            }
        }
        SetupCommand::SetCapacity { capacity, by, at } => {
            check_capacity(&capacity)?;
            if draft.state().capacity != capacity {
                draft.record(Event::CapacitySet { capacity, by, at });
            }
        }
        SetupCommand::SetRingOrder { order, by, at } => {
            check_ring_order(draft.state(), &order)?;
            if draft.state().ring_order != order {
                draft.record(Event::RingOrderSet { order, by, at });
                device::withdraw_what_cannot_ring(draft, at);
            }
        }
        SetupCommand::RemoveDevice { device, by, at } => {
            if draft.state().devices.contains_key(&device) {
                draft.record(Event::DeviceRemoved { device, by, at });
                device::withdraw_what_cannot_ring(draft, at);
            }
        }
    }
    Ok(())
}

/// Refuses one more of what there may only be so many of.
pub(super) fn room(what: &'static str, max: usize, have: usize, known: bool) -> Result<(), Rejection> {
    if known || have < max {
        Ok(())
    } else {
        Err(Rejection::TooMany { what, max })
    }
}

fn assign(draft: &mut Draft<Agent>, profile: ProfileId, by: Actor, at: Timestamp) {
    if draft.state().profile != Some(profile) {
        draft.record(Event::ProfileAssigned { profile, by, at });
        chosen::drop_next(draft, NextDropped::OtherProfile, at);
    }
}

fn join(
    draft: &mut Draft<Agent>,
    group: GroupId,
    priority: u16,
    by: Actor,
    at: Timestamp,
) -> Result<(), Rejection> {
    let groups = &draft.state().member_of;
    room(
        "groups",
        MEMBERSHIPS_MAX,
        groups.len(),
        groups.contains_key(&group),
    )?;
    if groups.get(&group) != Some(&priority) {
        draft.record(Event::GroupJoined {
            group,
            priority,
            by,
            at,
        });
        let chosen = draft.state().chosen.as_ref();
        if chosen.is_some_and(|state| state.groups.contains(&group)) {
            chosen::log_in(draft, &BTreeSet::from([group]), at);
        }
    }
    Ok(())
}

fn leave(draft: &mut Draft<Agent>, group: GroupId, by: Actor, at: Timestamp) {
    if draft.state().member_of.contains_key(&group) {
        draft.record(Event::GroupLeft { group, by, at });
        if draft.state().logged_in.contains(&group) {
            let groups = BTreeSet::from([group]);
            chosen::log_out(draft, groups, LoggedOutBecause::MembershipEnded, at);
        }
    }
}

fn check_capacity(capacity: &Capacity) -> Result<(), Rejection> {
    let too_large = capacity
        .limits
        .iter()
        .find(|(_, units)| **units > CAPACITY_UNITS_MAX);
    match too_large {
        Some((channel, given)) => Err(Rejection::CapacityTooLarge {
            channel: *channel,
            given: *given,
            max: CAPACITY_UNITS_MAX,
        }),
        None => Ok(()),
    }
}

fn check_ring_order(state: &State, order: &Few<DeviceId, RING_ORDER_MAX>) -> Result<(), Rejection> {
    let mut seen = BTreeSet::new();
    for device in order.iter().copied() {
        if !state.devices.contains_key(&device) {
            return Err(Rejection::UnknownDevice { device });
        }
        if !seen.insert(device) {
            return Err(Rejection::RungTwice { device });
        }
    }
    Ok(())
}
