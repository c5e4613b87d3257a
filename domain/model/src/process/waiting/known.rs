//! What each event says of a wait.

use super::talks::Talks;
use super::{Asked, AtContact, AtQueue, ENDED_MAX, Gone, Promise, Wait, Waiting, Way, system};
use crate::call::concerns::events_of as call_events;
use crate::call::reasons::{CallbackEnd, LeaveReason};
use crate::contact::Contact;
use crate::context::Actor;
use crate::ids::{CallId, CallbackId, EntryId, OfferId, QueueId, TenantId};
use crate::process::{Fact, Happened};
use crate::queue::{Departure, OfferEnd, Priority};
use crate::{Timestamp, call, queue};

impl Waiting {
    pub(super) fn fold_queue(&mut self, happened: &Happened, id: QueueId, event: &queue::Event) {
        use queue::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Configured { .. } => self.talks(tenant).fold_queue(id, event),
            Event::Entered {
                entry,
                contact,
                priority,
                at,
                ..
            } => {
                self.entered(happened, id, (*entry, *contact), *priority, *at);
                self.remember_chat(tenant, event);
            }
            Event::CallbackChosen { entry, callback, at } => {
                let before = self.find(tenant, *entry).map(|wait| wait.contact);
                let contact = Contact::Callback(*callback);
                self.rename(tenant, *entry, contact);
                self.index(happened, *entry, contact);
                let over = self.ended(tenant, *callback);
                self.change(tenant, *entry, |wait| {
                    if let Some((why, fact)) = over {
                        wait.at_contact = AtContact::Gone(why, fact);
                    }
                });
                self.hear_place(tenant, *entry, contact);
                self.clear_way(happened, id, before, *at);
            }
            Event::PriorityChanged {
                entry, priority, at, ..
            } => self.change(tenant, *entry, |wait| {
                wait.hear_urgency(*priority, *at);
                if let Some(chat) = wait.chat.as_deref_mut() {
                    chat.priority = *priority;
                }
                if let Some(asked) = wait.asked.as_mut().filter(|_| wait.urgency.is_none()) {
                    asked.priority = Some(*priority);
                }
            }),
            Event::Deferred {
                entry,
                not_before,
                at,
            } => self.change(tenant, *entry, |wait| {
                wait.known_deferred = Some(*not_before);
                let is_news = |told: &(Timestamp, Fact)| told.0 != *not_before && told.1.at > *at;
                wait.deferred = wait.deferred.take().filter(|told| is_news(told));
            }),
            Event::Accepted { entry, offer, .. } => {
                self.change(tenant, *entry, |wait| wait.accepted = Some(*offer));
            }
            Event::OfferEnded {
                entry, offer, how, ..
            } => self.change(tenant, *entry, |wait| {
                let goes_on = |accepted: &OfferId| accepted != offer || *how == OfferEnd::Answered;
                wait.accepted = wait.accepted.filter(goes_on);
            }),
            Event::Left { entry, why, at, .. } => {
                let contact = self.find(tenant, *entry).map(|wait| wait.contact);
                self.change(tenant, *entry, |wait| {
                    wait.at_queue = AtQueue::Left(why.clone(), happened.fact(*at));
                });
                self.clear_way(happened, id, contact, *at);
            }
            Event::Retired { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::HoursSet { .. }
            | Event::LeaseAcquired { .. }
            | Event::LeaseRenewed { .. }
            | Event::LeaseReleased { .. }
            | Event::LeaseLapsed { .. }
            | Event::Moved { .. }
            | Event::Reserved { .. } => {}
        }
    }

    fn talks(&mut self, tenant: &TenantId) -> &mut Talks {
        &mut self.tenants.entry(tenant.clone()).or_default().talks
    }

    fn entered(
        &mut self,
        happened: &Happened,
        queue: QueueId,
        (entry, contact): (EntryId, Contact),
        priority: Priority,
        at: Timestamp,
    ) {
        let tenant = &happened.cause.tenant;
        let asked = self.asked_before(tenant, entry, contact);
        let at_contact = match contact {
            // A call that waits says so first; this one has left meanwhile.
            Contact::Call(_) => {
                let gone = Gone::Left(Departure::Removed { by: system() });
                AtContact::Gone(gone, happened.fact(at))
            }
            Contact::Callback(callback) => {
                let (gone, fact) = self.promised(tenant, callback, happened.fact(at));
                AtContact::Gone(gone, fact)
            }
            Contact::Conversation(chat) => self.chat_says(tenant, chat, happened.fact(at)),
        };
        let wait = Wait::new(queue, contact, asked, at_contact);
        self.begin(tenant, entry, wait);
        // Who hung up before the queue heard of them comes as their callback.
        if contact.is_callback() {
            self.rename(tenant, entry, contact);
        }
        self.index(happened, entry, contact);
        self.change(tenant, entry, |wait| {
            wait.at_queue = AtQueue::Waits;
            wait.entered.get_or_insert(at);
            wait.hear_urgency(priority, Timestamp::MIN);
        });
        self.hear_place(tenant, entry, contact);
        self.change_waiting_outside(tenant, (queue, contact), |wait| wait.way = Way::Blocked);
    }

    fn index(&mut self, happened: &Happened, entry: EntryId, contact: Contact) {
        let Some(known) = self.tenants.get_mut(&happened.cause.tenant) else {
            return;
        };
        let Some(wait) = known.waits.get_mut(&entry) else {
            return;
        };
        match contact {
            Contact::Call(_) => {}
            Contact::Callback(callback) => {
                let promise = known.callbacks.entry(callback).or_default();
                promise.entries.insert(entry);
                wait.promised = Some(callback);
                wait.hear_due(promise.due.as_ref());
            }
            Contact::Conversation(chat) => {
                let before = known.chats.insert(chat, entry).filter(|before| *before != entry);
                if let Some(before) = before {
                    self.change(&happened.cause.tenant, before, |wait| {
                        wait.again = true;
                        if let Some(chat) = wait.chat.as_deref_mut() {
                            chat.back = None;
                        }
                    });
                }
            }
        }
    }

    fn rename(&mut self, tenant: &TenantId, entry: EntryId, contact: Contact) {
        if let Some(known) = self.tenants.get_mut(tenant) {
            known.rename(entry, contact);
        }
    }

    // What the call asked for before its callback was to wait in another entry.
    fn asked_before(&self, tenant: &TenantId, entry: EntryId, contact: Contact) -> Option<Asked> {
        let Contact::Callback(callback) = contact else {
            return None;
        };
        let others = self.others(tenant, entry, callback);
        others
            .into_iter()
            .find_map(|other| self.find(tenant, other)?.asked.as_deref().cloned())
    }

    fn others(&self, tenant: &TenantId, entry: EntryId, callback: CallbackId) -> Vec<EntryId> {
        let known = self.tenants.get(tenant);
        let promise = known.and_then(|known| known.callbacks.get(&callback));
        let others = promise
            .into_iter()
            .flat_map(|promise| promise.entries.iter().copied());
        others.filter(|other| *other != entry).collect()
    }

    fn ended(&self, tenant: &TenantId, callback: CallbackId) -> Option<(Gone, Fact)> {
        let ended = &self.tenants.get(tenant)?.ended;
        let (_, why, fact) = ended.iter().find(|(over, ..)| *over == callback)?;
        Some((why.clone(), fact.clone()))
    }

    // A promise, unless it is over by now.
    fn promised(&self, tenant: &TenantId, callback: CallbackId, from: Fact) -> (Gone, Fact) {
        match self.ended(tenant, callback) {
            Some(over) => over,
            None => (Gone::Promised(callback), from),
        }
    }

    // An entry stands in the line for a callback, so that no other must.
    fn hear_place(&mut self, tenant: &TenantId, entry: EntryId, contact: Contact) {
        if let Contact::Callback(callback) = contact {
            for other in self.others(tenant, entry, callback) {
                self.change(tenant, other, |wait| wait.kept = true);
            }
        }
    }

    fn clear_way(&mut self, happened: &Happened, queue: QueueId, contact: Option<Contact>, at: Timestamp) {
        if let Some(contact) = contact {
            let of = (queue, contact);
            self.change_waiting_outside(&happened.cause.tenant, of, |wait| {
                wait.way = Way::Cleared(happened.fact(at));
            });
        }
    }

    // Changes the entries of a contact that are to stand in a line and do not yet.
    fn change_waiting_outside(&mut self, tenant: &TenantId, of: (QueueId, Contact), how: impl Fn(&mut Wait)) {
        let known = self.tenants.get(tenant);
        let entries = known.map(|known| known.of_contact.of(&of)).unwrap_or_default();
        let outside = |wait: &Wait| wait.at_queue == AtQueue::Unknown;
        for entry in entries {
            if self.find(tenant, entry).is_some_and(outside) {
                self.change(tenant, entry, &how);
            }
        }
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        self.talks(tenant).fold_call(id, event);
        match event {
            Event::Queued { .. } => self.join(happened, id, event),
            Event::LeftQueue {
                entry, reason, at, ..
            } => {
                let (mut gone, mut fact) = (gone(*reason), happened.fact(*at));
                if let Gone::Promised(callback) = gone {
                    self.index(happened, *entry, Contact::Callback(callback));
                    (gone, fact) = self.promised(tenant, callback, fact);
                }
                self.change(tenant, *entry, |wait| {
                    wait.at_contact = AtContact::Gone(gone, fact)
                });
            }
            Event::PriorityChanged {
                entry,
                priority,
                by,
                at,
            } => self.change(tenant, *entry, |wait| {
                if let Some(asked) = wait.asked.as_mut() {
                    asked.priority = Some(*priority);
                }
                let news = wait.known_urgency != Some(*priority);
                let news = news.then(|| Box::new((*priority, by.clone(), happened.fact(*at))));
                wait.urgency = news;
            }),
            Event::CallbackAccepted { .. } => self.promise(happened, id, event),
            Event::CallbackScheduled {
                callback, due, at, ..
            } => {
                self.defer(happened, *callback, *due, *at);
            }
            Event::CallbackCancelled {
                callback,
                why: CallbackEnd::Unreachable,
                at,
                ..
            } => self.end_callback(happened, *callback, Gone::Left(Departure::NotReached), *at),
            Event::CallbackCancelled { callback, by, at, .. } => {
                let by = by.clone();
                let gone = Gone::Left(Departure::CallbackCancelled { by });
                self.end_callback(happened, *callback, gone, *at);
            }
            Event::CallbackCompleted { callback, at, .. } => {
                self.end_callback(happened, *callback, Gone::Answered, *at);
            }
            // Nobody waits again in a call that is over.
            Event::Ended { .. } => {
                let known = self.tenants.get(tenant);
                let theirs = known.map(|known| known.of_call.of(&id)).unwrap_or_default();
                for entry in theirs {
                    self.change(tenant, entry, |wait| wait.again = true);
                }
            }
            Event::AnnouncementPlayed { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackFailed { .. }
            | Event::Offered { .. }
            | Event::Placed { .. }
            | Event::PropertiesSet { .. }
            | call_events!(leg bridge routing prompt lookup offer hold transfer recording archive supervision wrap_up) =>
                {}
        }
    }

    fn join(&mut self, happened: &Happened, call: CallId, event: &call::Event) {
        let call::Event::Queued {
            entry,
            queue,
            priority,
            skills,
            last_agent,
            told,
            keeps_place_of,
            waiting_since,
            at,
        } = event
        else {
            return;
        };
        let tenant = &happened.cause.tenant;
        let contact = Contact::Call(call);
        let known = self.tenants.get(tenant);
        let same = known.map(|known| known.of_contact.of(&(*queue, contact)));
        let is_there = |entry: &EntryId| {
            let wait = self.find(tenant, *entry);
            wait.is_some_and(|wait| wait.at_queue == AtQueue::Waits)
        };
        let way = if same.iter().flatten().any(is_there) {
            Way::Blocked
        } else {
            Way::Free
        };
        let trail = keeps_place_of
            .map(|before| self.trail(tenant, before))
            .unwrap_or_default();
        let here = trail
            .iter()
            .find(|(known, _)| known == queue)
            .map(|(_, first)| *first);
        // Whoever goes back after an agent had them is promised so, and begins anew; of the wait before nothing is known by
        // then.
        let back = keeps_place_of.filter(|before| {
            let before = self.find(tenant, *before);
            before.is_none_or(|wait| wait.queue == *queue)
        });
        let returned = here.or_else(|| back.map(|_| *at));
        let asked = Asked {
            call,
            priority: *priority,
            skills: skills.clone(),
            last_agent: *last_agent,
            told: *told,
            remembered: self.talks(tenant).last_agent(call, *queue, *at),
            since: *waiting_since,
            returned,
            trail,
        };
        let at_contact = AtContact::Waits(happened.fact(*at));
        let mut wait = Wait::new(*queue, contact, Some(asked), at_contact);
        wait.way = way;
        self.begin(tenant, *entry, wait);
        self.change(tenant, *entry, |_| {});
        // Whoever waits here waits nowhere else again, whoever saw to it.
        let known = self.tenants.get(tenant);
        let others = known.map(|known| known.of_call.of(&call)).unwrap_or_default();
        let others = others.into_iter().chain(*keeps_place_of);
        for other in others.filter(|other| other != entry) {
            self.change(tenant, other, |wait| wait.again = true);
        }
    }

    // The queues that took them up to an entry, its own the last if it did, and when first.
    fn trail(&self, tenant: &TenantId, before: EntryId) -> Vec<(QueueId, Timestamp)> {
        let Some(before) = self.find(tenant, before) else {
            return Vec::new();
        };
        let asked = before.asked.as_deref();
        let mut trail = asked.map(|asked| asked.trail.clone()).unwrap_or_default();
        let known = trail.iter().position(|(queue, _)| *queue == before.queue);
        let first = known.map(|place| trail.remove(place).1);
        trail.extend(first.or(before.entered).map(|first| (before.queue, first)));
        trail
    }

    pub(super) fn leave(&mut self, happened: &Happened, entry: EntryId, gone: Gone, at: Timestamp) {
        self.change(&happened.cause.tenant, entry, |wait| {
            wait.at_contact = AtContact::Gone(gone, happened.fact(at));
        });
    }

    // The place of a caller who waits becomes the callback's when they leave it; who does not wait has none yet.
    fn promise(&mut self, happened: &Happened, call: CallId, event: &call::Event) {
        let call::Event::CallbackAccepted {
            callback,
            entry,
            queue,
            waiting_since,
            at,
            ..
        } = event
        else {
            return;
        };
        let tenant = &happened.cause.tenant;
        let contact = Contact::Callback(*callback);
        if let Some(entry) = entry {
            return self.index(happened, *entry, contact);
        }
        let entry = EntryId::new(callback.derive("place"));
        let asked = Asked {
            call,
            priority: None,
            skills: crate::few::Few::none(),
            last_agent: None,
            told: None,
            remembered: self.talks(tenant).last_agent(call, *queue, *at),
            since: *waiting_since,
            trail: Vec::new(),
            returned: None,
        };
        let gone = AtContact::Gone(Gone::Promised(*callback), happened.fact(*at));
        self.begin(tenant, entry, Wait::new(*queue, contact, Some(asked), gone));
        self.index(happened, entry, contact);
        self.change(tenant, entry, |_| {});
    }

    fn defer(&mut self, happened: &Happened, callback: CallbackId, due: Timestamp, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let known = self.tenants.get_mut(tenant);
        let Some(promise) = known.and_then(|known| known.callbacks.get_mut(&callback)) else {
            return;
        };
        promise.due = Some((due, happened.fact(at)));
        let Promise { entries, due } = promise.clone();
        for entry in entries {
            self.change(tenant, entry, |wait| wait.hear_due(due.as_ref()));
        }
    }

    fn end_callback(&mut self, happened: &Happened, callback: CallbackId, why: Gone, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        if self.ended(tenant, callback).is_none() {
            let ended = &mut self.tenants.entry(tenant.clone()).or_default().ended;
            ended.push_back((callback, why.clone(), happened.fact(at)));
            if ended.len() > ENDED_MAX {
                ended.pop_front();
            }
        }
        let known = self.tenants.get(tenant);
        let promise = known.and_then(|known| known.callbacks.get(&callback)).cloned();
        for entry in promise.unwrap_or_default().entries {
            self.leave(happened, entry, why.clone(), at);
        }
    }
}

impl Wait {
    /// Takes note of when the call says that the customer is to be rung back.
    fn hear_due(&mut self, due: Option<&(Timestamp, Fact)>) {
        let news = due.filter(|(due, _)| self.known_deferred != Some(*due));
        self.deferred = news.cloned().map(Box::new);
    }

    /// Takes note of how urgent the queue says it is. What the call said later than that is still news to it.
    fn hear_urgency(&mut self, now: Priority, at: Timestamp) {
        self.known_urgency = Some(now);
        let is_news = |told: &(Priority, Actor, Fact)| told.0 != now && told.2.at > at;
        self.urgency = self.urgency.take().filter(|told| is_news(told));
    }
}

fn gone(reason: LeaveReason) -> Gone {
    match reason {
        LeaveReason::Answered { .. } => Gone::Answered,
        LeaveReason::ConnectFailed { .. } => Gone::NotConnected,
        LeaveReason::Callback { callback } => Gone::Promised(callback),
        LeaveReason::Abandoned => Gone::Left(Departure::Abandoned),
        LeaveReason::Overflow { to: Some(queue) } => Gone::SentOn(queue),
        LeaveReason::ExitKey { key } => Gone::Left(Departure::PressedKey { key }),
        LeaveReason::Overflow { to: None }
        | LeaveReason::MaxWait
        | LeaveReason::NoAgents
        | LeaveReason::Full
        | LeaveReason::Closed
        | LeaveReason::Refused
        | LeaveReason::Policy
        | LeaveReason::Ended => Gone::Left(Departure::Removed { by: system() }),
    }
}
