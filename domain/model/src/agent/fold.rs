//! What each event means for where an agent stands.

use std::collections::BTreeSet;

use super::Event;
use super::state::{Device, Monitor, Reach, Stage, State, Work};
use super::values::{Chooser, DeviceKind, MonitorMode, NextState, Outcome, ProfileState};
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel};
use crate::few::Few;
use crate::ids::{DeviceId, OfferId, SupervisionId, WrapUpCodeId};

/// How many offers that are over are remembered, so that news of one that comes late makes nothing anew.
const OFFERS_REMEMBERED: usize = 64;

pub(super) fn evolve(mut state: State, event: &Event) -> State {
    match event {
        Event::SignedIn { .. } => state.signed_in = true,
        Event::SignedOut { .. } => state.sign_out(),
        Event::ProfileAssigned { profile, .. } => state.profile = Some(*profile),
        Event::StateChosen { state: chosen, .. } => state.choose(chosen),
        Event::NextStateQueued { state: next, by, at } => state.queue(next, by, *at),
        Event::NextStateDropped { .. } => state.next = None,
        Event::GroupsLoggedIn { groups, .. } => state.logged_in.extend(groups),
        Event::GroupsLoggedOut { groups, .. } => state.logged_in.retain(|group| !groups.contains(group)),
        Event::SetAside { misses, .. } => state.set_aside_after = Some(*misses),
        Event::Returned { .. } => state.come_back(),
        Event::GroupJoined { group, priority, .. } => state.member_of.extend([(*group, *priority)]),
        Event::GroupLeft { group, .. } => state.member_of.retain(|other, _| other != group),
        Event::SkillSet { skill, level, .. } => state.skills.extend([(*skill, *level)]),
        Event::SkillRemoved { skill, .. } => state.skills.retain(|other, _| other != skill),
        Event::CapacitySet { capacity, .. } => state.capacity.clone_from(capacity),
        Event::DeviceRegistered { device, kind, .. } => state.register(*device, *kind),
        Event::DeviceExpired { device, .. } => state.reach(*device, Reach::Expired),
        Event::DeviceUnreachable { device, .. } => state.reach(*device, Reach::Unreachable),
        Event::DeviceReachable { device, .. } => state.reach(*device, Reach::Registered),
        Event::DeviceRemoved { device, .. } => state.lose(*device),
        Event::RingOrderSet { order, .. } => state.ring_order.clone_from(order),
        Event::Reserved { .. } => state.reserve(event),
        Event::Begun { .. } => state.begin(event),
        Event::Rang { contact, device, .. } => state.ring(*contact, *device),
        Event::Accepted { contact, .. } => state.accept(*contact),
        Event::RangBack { callback, call, .. } => {
            if let Some(work) = state.of(Contact::Callback(*callback)) {
                (work.contact, work.channel) = (Contact::Call(*call), WorkChannel::Voice);
            }
        }
        Event::Held { call, .. } => state.stage(Contact::Call(*call), Stage::Held),
        Event::Resumed { call, .. } => state.stage(Contact::Call(*call), Stage::Active),
        Event::WrapUpStarted {
            contact, until, at, ..
        } => state.wrap_up(*contact, *until, *at),
        Event::WrapUpExtended {
            contact, until, at, ..
        } => state.wrap_up(*contact, *until, *at),
        Event::WrapUpFailed { contact, .. } => state.fail_wrap_up(*contact),
        Event::Dispositioned { contact, code, at } => state.dispose(*contact, *code, *at),
        Event::WrapUpEnded { .. } => {}
        Event::Released {
            contact,
            offer,
            outcome,
            ..
        } => state.release(*contact, *offer, *outcome),
        Event::CooldownStarted { until, .. } => state.cooldown_until = Some(*until),
        Event::CooldownEnded { .. } => state.cooldown_until = None,
        Event::MonitorStarted { .. } => state.start_monitor(event),
        Event::MonitorChanged {
            supervision, mode, ..
        } => state.change_monitor(*supervision, *mode),
        Event::MonitorEnded { supervision, .. } => state.monitors.retain(|other, _| other != supervision),
    }
    state
}

impl State {
    fn sign_out(&mut self) {
        self.signed_in = false;
        self.chosen = None;
        self.cooldown_until = None;
        self.come_back();
    }

    fn come_back(&mut self) {
        self.set_aside_after = None;
        self.misses = 0;
    }

    // Whatever waited has either come to hold with this or was dropped before it.
    fn choose(&mut self, state: &ProfileState) {
        self.chosen = Some(state.clone());
        self.next = None;
    }

    fn queue(&mut self, next: &ProfileState, by: &Chooser, at: Timestamp) {
        self.next = Some(NextState {
            state: next.clone(),
            by: by.clone(),
            at,
        });
    }

    fn register(&mut self, id: DeviceId, kind: DeviceKind) {
        let reach = Reach::Registered;
        self.devices.insert(id, Device { kind, reach });
    }

    fn reach(&mut self, id: DeviceId, reach: Reach) {
        if let Some(device) = self.devices.get_mut(&id) {
            device.reach = reach;
        }
    }

    fn lose(&mut self, id: DeviceId) {
        self.devices.remove(&id);
        self.ring_order = Few::first(self.ring_order.iter().copied().filter(|other| *other != id));
    }

    fn reserve(&mut self, event: &Event) {
        let Event::Reserved {
            offer,
            contact,
            ask,
            terms,
            until,
            at,
            ..
        } = event
        else {
            return;
        };
        self.take(Work {
            contact: *contact,
            channel: ask.channel,
            units: ask.units.get(),
            offer: Some(*offer),
            since: *at,
            terms: terms.clone(),
            code: None,
            stage: Stage::Offered { until: *until },
        });
    }

    fn begin(&mut self, event: &Event) {
        let Event::Begun {
            contact,
            channel,
            units,
            terms,
            at,
        } = event
        else {
            return;
        };
        self.take(Work {
            contact: *contact,
            channel: *channel,
            units: units.get(),
            offer: None,
            since: *at,
            terms: terms.clone(),
            code: None,
            stage: Stage::Active,
        });
    }

    fn take(&mut self, work: Work) {
        if self.in_hand(work.contact).is_none() {
            self.work.push(work);
        }
    }

    fn of(&mut self, contact: Contact) -> Option<&mut Work> {
        self.work.iter_mut().find(|work| work.contact == contact)
    }

    fn stage(&mut self, contact: Contact, stage: Stage) {
        if let Some(work) = self.of(contact) {
            work.stage = stage;
        }
    }

    fn ring(&mut self, contact: Contact, device: DeviceId) {
        let Some(work) = self.of(contact) else { return };
        match &mut work.stage {
            Stage::Offered { until } => {
                let (until, devices) = (*until, BTreeSet::from([device]));
                work.stage = Stage::Ringing { until, devices };
            }
            Stage::Ringing { devices, .. } => {
                devices.insert(device);
            }
            Stage::Active | Stage::Held | Stage::WrapUp { .. } | Stage::Failed { .. } => {}
        }
    }

    fn accept(&mut self, contact: Contact) {
        self.misses = 0;
        self.stage(contact, Stage::Active);
    }

    fn wrap_up(&mut self, contact: Contact, until: Timestamp, at: Timestamp) {
        let Some(work) = self.of(contact) else { return };
        let since = match &work.stage {
            Stage::WrapUp { since, .. } | Stage::Failed { since } => *since,
            Stage::Offered { .. } | Stage::Ringing { .. } | Stage::Active | Stage::Held => at,
        };
        work.stage = Stage::WrapUp { until, since };
    }

    fn fail_wrap_up(&mut self, contact: Contact) {
        let Some(work) = self.of(contact) else { return };
        if let Stage::WrapUp { since, .. } = work.stage {
            work.stage = Stage::Failed { since };
        }
    }

    // A wrap-up that only waited for its code is over with it.
    fn dispose(&mut self, contact: Contact, code: WrapUpCodeId, at: Timestamp) {
        let Some(work) = self.of(contact) else { return };
        work.code = Some(code);
        if let Stage::Failed { since } = work.stage {
            work.stage = Stage::WrapUp { until: at, since };
        }
    }

    fn release(&mut self, contact: Contact, offer: Option<OfferId>, outcome: Outcome) {
        self.work.retain(|work| work.contact != contact);
        match outcome {
            Outcome::Missed => self.misses = self.misses.saturating_add(1),
            // A no shows that somebody is there.
            Outcome::Rejected => self.misses = 0,
            Outcome::Finished
            | Outcome::Unanswered
            | Outcome::NotConnected
            | Outcome::CallerGone
            | Outcome::DeviceUnreachable
            | Outcome::Withdrawn
            | Outcome::Away
            | Outcome::Lapsed => {}
        }
        if let Some(offer) = offer {
            self.offers_over.push_back(offer);
            if self.offers_over.len() > OFFERS_REMEMBERED {
                self.offers_over.pop_front();
            }
        }
    }

    fn start_monitor(&mut self, event: &Event) {
        let Event::MonitorStarted {
            supervision,
            call,
            mode,
            ..
        } = event
        else {
            return;
        };
        let (call, mode) = (*call, *mode);
        self.monitors.insert(*supervision, Monitor { call, mode });
    }

    fn change_monitor(&mut self, supervision: SupervisionId, mode: MonitorMode) {
        if let Some(monitor) = self.monitors.get_mut(&supervision) {
            monitor.mode = mode;
        }
    }
}
