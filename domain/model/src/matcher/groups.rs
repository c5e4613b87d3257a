//! The groups of one queue as bits, so that "logged in to one of these" is one comparison.

use std::collections::BTreeMap;

use crate::ids::GroupId;
use crate::queue::Settings;
use crate::{Millis, Timestamp};

/// Some groups of one queue, a bit for each. Settings name at most 100.
pub(super) type Bits = u128;

/// The groups that a queue's settings name, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Groups {
    bits: BTreeMap<GroupId, Bits>,
    tiers: Vec<(Millis, Bits)>,
}

impl Groups {
    pub(super) fn of(settings: &Settings) -> Self {
        let mut groups = Self::default();
        for tier in settings.tiers.iter() {
            let bits = tier.groups.iter().map(|group| groups.bit(*group));
            let bits = bits.fold(0, |all, bit| all | bit);
            groups.tiers.push((tier.after_ms, bits));
        }
        groups
    }

    fn bit(&mut self, group: GroupId) -> Bits {
        let next = u32::try_from(self.bits.len()).unwrap_or(u32::MAX);
        let bit = Bits::from(1_u8).checked_shl(next).unwrap_or(0);
        *self.bits.entry(group).or_insert(bit)
    }

    /// Returns the bit of one group, nothing if the queue does not name it.
    pub(super) fn find(&self, group: GroupId) -> Bits {
        self.bits.get(&group).copied().unwrap_or(0)
    }

    /// Returns all groups, whatever their tier.
    pub(super) fn all(&self) -> Bits {
        self.bits.values().fold(0, |all, bit| all | bit)
    }

    /// Returns the groups that may answer after some waiting here.
    pub(super) fn after(&self, waited: Millis) -> Bits {
        let reached = self.tiers.iter().filter(|(after, _)| *after <= waited);
        reached.fold(0, |all, (_, bits)| all | bits)
    }

    /// Returns when the next tier joins in.
    pub(super) fn next(&self, entered: Timestamp, at: Timestamp) -> Option<Timestamp> {
        let moments = self.tiers.iter().map(|(after, _)| entered.plus(*after));
        moments.filter(|moment| *moment > at).min()
    }
}
