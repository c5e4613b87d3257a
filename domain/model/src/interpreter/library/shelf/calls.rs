//! Which versions calls still need: those that they entered, until they and what runs after them are over.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Shelf;
use crate::call::Event;
use crate::call::concerns::events_of;
use crate::ids::{CallId, RoutingPolicyId};
use crate::{Millis, Timestamp};

/// For how long after the end of a call, and after the last step of what runs then, the versions stay that it entered.
pub const AFTERWARDS_MS: Millis = Millis::from_secs(3_600);
/// The most calls that are over whose versions stay; the first to have ended are given up first.
pub const OVER_MAX: usize = 10_000;

/// The calls that may enter policies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Calls {
    calls: BTreeMap<CallId, Held>,
    // Those that are over, with when something was last heard of them.
    over: BTreeSet<(Timestamp, CallId)>,
}

/// What a call holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Held {
    entered: BTreeSet<(RoutingPolicyId, u32)>,
    over: Option<Timestamp>,
}

/// Says whether an event of a call says something of which versions it needs.
pub(super) const fn matters(event: &Event) -> bool {
    match event {
        Event::Offered { .. }
        | Event::Placed { .. }
        | Event::PolicyEntered { .. }
        | Event::StepDecided { .. }
        | Event::Ended { .. } => true,
        Event::PropertiesSet { .. }
        | Event::SkillsRequested { .. }
        | events_of!(leg bridge prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) => {
            false
        }
    }
}

impl Shelf {
    pub(super) fn fold_call(&mut self, call: CallId, event: &Event) {
        match event {
            Event::Offered { .. } | Event::Placed { .. } => self.memory.calls.begin(call),
            Event::PolicyEntered {
                policy,
                version,
                hash,
                at,
                ..
            } => {
                self.memory.calls.heard_of(call, *at);
                let drawn = self.memory.policies.get_mut(policy);
                if let Some(drawn) = drawn.filter(|drawn| drawn.has(*version, *hash)) {
                    if self.memory.calls.enter(call, (*policy, *version), *at) {
                        *drawn.entered.entry(*version).or_default() += 1;
                    }
                    // It may have been taken off the shelf while the call was about to enter it.
                    if self.library.version(*policy, *hash).is_none() {
                        self.read(*policy);
                    }
                }
                self.let_go(*at);
            }
            Event::StepDecided { at, .. } => {
                self.memory.calls.heard_of(call, *at);
            }
            Event::Ended { at, .. } => {
                self.memory.calls.end(call, *at);
                self.let_go(*at);
            }
            Event::PropertiesSet { .. }
            | Event::SkillsRequested { .. }
            | events_of!(leg bridge prompt lookup queue offer hold transfer recording archive callback supervision wrap_up) =>
                {}
        }
    }

    // Takes off the shelf what no call needs any more.
    fn let_go(&mut self, now: Timestamp) {
        while let Some((policy, version)) = self.memory.calls.next_to_go(now) {
            let Some(drawn) = self.memory.policies.get_mut(&policy) else {
                continue;
            };
            let Some(count) = drawn.entered.get_mut(&version) else {
                continue;
            };
            *count = count.saturating_sub(1);
            if *count == 0 {
                drawn.entered.remove(&version);
                if self
                    .library
                    .newest(policy)
                    .is_none_or(|newest| newest.version != version)
                {
                    self.read(policy);
                }
            }
        }
    }
}

impl Calls {
    fn begin(&mut self, call: CallId) {
        self.calls.entry(call).or_default();
    }

    fn enter(&mut self, call: CallId, version: (RoutingPolicyId, u32), at: Timestamp) -> bool {
        // A call that is not known any more was over long ago.
        let held = self.calls.entry(call).or_insert_with(|| {
            self.over.insert((at, call));
            Held {
                over: Some(at),
                ..Held::default()
            }
        });
        held.entered.insert(version)
    }

    fn end(&mut self, call: CallId, at: Timestamp) {
        if let Some(held) = self.calls.get_mut(&call)
            && held.over.is_none()
        {
            held.over = Some(at);
            self.over.insert((at, call));
        }
    }

    // What runs after the end of a call goes on.
    fn heard_of(&mut self, call: CallId, at: Timestamp) {
        let Some(held) = self.calls.get_mut(&call) else {
            return;
        };
        if let Some(over) = held.over.filter(|over| *over < at) {
            self.over.remove(&(over, call));
            self.over.insert((at, call));
            held.over = Some(at);
        }
    }

    /// Returns one version that one call needs no more, until there is none.
    fn next_to_go(&mut self, now: Timestamp) -> Option<(RoutingPolicyId, u32)> {
        loop {
            let (since, call) = *self.over.first()?;
            if self.over.len() <= OVER_MAX && now < since.plus(AFTERWARDS_MS) {
                return None;
            }
            let held = self.calls.get_mut(&call);
            if let Some(entered) = held.and_then(|held| held.entered.pop_first()) {
                return Some(entered);
            }
            self.calls.remove(&call);
            self.over.pop_first();
        }
    }
}
