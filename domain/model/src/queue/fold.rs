//! What each event means for where a queue stands.

use super::Event;
use super::offer::CONNECT_MS_MAX;
use super::outcome::OfferEnd;
use super::state::{Decision, Door, Entry, Lease, State};
use super::values::FencingToken;
use crate::contact::Contact;
use crate::ids::{EntryId, OfferId};
use crate::text::Key;
use crate::{Millis, Timestamp};

/// How many entries and offers that are over are remembered, so that news of one that comes late makes nothing anew.
const REMEMBERED: usize = 256;

pub(super) fn evolve(mut state: State, event: &Event) -> State {
    match event {
        Event::Configured {
            settings, version, ..
        } => {
            state.settings = Some(settings.clone());
            state.version = *version;
        }
        Event::Retired { .. } => state.retired = true,
        Event::Opened { .. } => state.door = Door::Open,
        Event::Closed { reason, .. } => {
            let reason = reason.clone();
            state.door = Door::Closed { reason };
        }
        Event::HoursFollowed { .. } => state.door = Door::ByHours,
        Event::HoursSet { hours, .. } => state.hours.clone_from(hours),
        Event::LeaseAcquired {
            node, token, until, ..
        } => state.acquire(node, *token, *until),
        Event::LeaseRenewed { token, until, .. } => state.renew(*token, *until),
        Event::LeaseReleased { token, .. } | Event::LeaseLapsed { token, .. } => state.end_lease(*token),
        Event::Entered { entry, .. } => state.enter(*entry, event),
        Event::PriorityChanged { entry, priority, .. } => {
            state.with(*entry, |entry| entry.priority = *priority)
        }
        Event::Moved { entry, place, at, .. } => {
            state.with(*entry, |entry| entry.placed = Some((*place, *at)))
        }
        Event::CallbackChosen { entry, callback, .. } => {
            state.with(*entry, |entry| entry.contact = Contact::Callback(*callback))
        }
        Event::Deferred {
            entry,
            not_before,
            at,
        } => state.with(*entry, |entry| entry.put_off(*not_before, *at)),
        Event::Reserved { entry, .. } => state.with(*entry, |entry| entry.reserve(event)),
        Event::Accepted { entry, at, .. } => state.with(*entry, |entry| entry.accept(*at)),
        Event::OfferEnded {
            entry, offer, how, ..
        } => {
            state.with(*entry, |entry| entry.end(*offer));
            state.remember_offer(*offer, how);
        }
        Event::Left { entry, .. } => state.leave(*entry),
    }
    state
}

impl State {
    fn acquire(&mut self, node: &Key, token: FencingToken, until: Timestamp) {
        self.last_token = self.last_token.max(token);
        self.lease = Some(Lease {
            node: node.clone(),
            token,
            until,
        });
    }

    fn renew(&mut self, token: FencingToken, until: Timestamp) {
        if let Some(lease) = self.lease.as_mut().filter(|lease| lease.token == token) {
            lease.until = until;
        }
    }

    fn end_lease(&mut self, token: FencingToken) {
        self.lease = self.lease.take().filter(|lease| lease.token != token);
    }

    fn enter(&mut self, id: EntryId, event: &Event) {
        let Event::Entered {
            contact,
            channel,
            priority,
            skills,
            last_agent,
            told,
            since,
            returned,
            at,
            ..
        } = event
        else {
            return;
        };
        self.entries.entry(id).or_insert_with(|| Entry {
            contact: *contact,
            channel: *channel,
            priority: *priority,
            skills: skills.clone(),
            last_agent: *last_agent,
            told: *told,
            since: *since,
            entered_at: *at,
            returned: *returned,
            placed: None,
            not_before: None,
            put_off: Millis(0),
            decision: None,
        });
    }

    fn with(&mut self, id: EntryId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.get_mut(&id) {
            change(entry);
        }
    }

    fn remember_offer(&mut self, offer: OfferId, how: &OfferEnd) {
        self.offers_over.push_back((offer, how.clone()));
        if self.offers_over.len() > REMEMBERED {
            self.offers_over.pop_front();
        }
    }

    fn leave(&mut self, id: EntryId) {
        self.entries.remove(&id);
        self.entries_over.push_back(id);
        if self.entries_over.len() > REMEMBERED {
            self.entries_over.pop_front();
        }
    }
}

impl Entry {
    fn reserve(&mut self, event: &Event) {
        let Event::Reserved { chosen, until, .. } = event else {
            return;
        };
        if self.decision.is_none() && !chosen.is_empty() {
            self.decision = Some(Decision {
                open: chosen.iter().map(|one| (one.offer, one.agent)).collect(),
                accepted: false,
                until: *until,
            });
        }
    }

    // Connecting takes a moment more than accepting, and may not take for ever.
    fn accept(&mut self, at: Timestamp) {
        if let Some(decision) = &mut self.decision {
            decision.accepted = true;
            decision.until = decision.until.max(at.plus(CONNECT_MS_MAX));
        }
    }

    fn end(&mut self, offer: OfferId) {
        if let Some(decision) = &mut self.decision {
            decision.open.remove(&offer);
        }
        self.decision = self.decision.take().filter(|decision| !decision.open.is_empty());
    }
}
