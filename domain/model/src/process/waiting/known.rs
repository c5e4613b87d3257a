//! What each event says of a wait.

use super::{Asked, AtContact, AtQueue, ENDED_MAX, Gone, Wait, Waiting, Way, system};
use crate::call::concerns::events_of as call_events;
use crate::call::reasons::LeaveReason;
use crate::contact::Contact;
use crate::context::Actor;
use crate::conversation::assignment::How;
use crate::conversation::concerns::events_of as chat_events;
use crate::ids::{CallId, CallbackId, ConversationId, EntryId, QueueId, TenantId};
use crate::process::{Fact, Happened};
use crate::queue::{Departure, Priority};
use crate::{Timestamp, call, conversation, queue};

impl Waiting {
    pub(super) fn fold_queue(&mut self, happened: &Happened, id: QueueId, event: &queue::Event) {
        use queue::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Entered {
                entry,
                contact,
                priority,
                at,
                ..
            } => self.entered(happened, id, (*entry, *contact), *priority, *at),
            Event::CallbackChosen { entry, callback, at } => {
                let before = self.find(tenant, *entry).map(|wait| wait.contact);
                let contact = Contact::Callback(*callback);
                self.index(happened, *entry, contact);
                let over = self.ended(tenant, *callback);
                self.change(tenant, *entry, |wait| {
                    wait.contact = contact;
                    if let Some((why, fact)) = over {
                        wait.at_contact = AtContact::Gone(Gone::Left(why), fact);
                    }
                });
                self.hear_place(tenant, *entry, contact);
                self.clear_way(happened, id, before, *at);
            }
            Event::PriorityChanged {
                entry, priority, at, ..
            } => self.change(tenant, *entry, |wait| {
                wait.hear_urgency(*priority, *at);
                if let Some(asked) = wait.asked.as_mut().filter(|_| wait.urgency.is_none()) {
                    asked.priority = Some(*priority);
                }
            }),
            Event::Left { entry, why, at, .. } => {
                let contact = self.find(tenant, *entry).map(|wait| wait.contact);
                self.change(tenant, *entry, |wait| {
                    wait.at_queue = AtQueue::Left(why.clone(), happened.fact(*at));
                });
                self.clear_way(happened, id, contact, *at);
            }
            Event::Configured { .. }
            | Event::Retired { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::LeaseAcquired { .. }
            | Event::LeaseRenewed { .. }
            | Event::LeaseReleased { .. }
            | Event::LeaseLapsed { .. }
            | Event::Moved { .. }
            | Event::Reserved { .. }
            | Event::Accepted { .. }
            | Event::OfferEnded { .. } => {}
        }
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
            Contact::Conversation(_) => AtContact::Waits(happened.fact(at)),
        };
        let wait = Wait {
            queue,
            contact,
            asked,
            at_contact,
            at_queue: AtQueue::Unknown,
            urgency: None,
            known_urgency: None,
            again: false,
            kept: false,
            way: Way::Free,
        };
        self.begin(tenant, entry, wait);
        self.index(happened, entry, contact);
        self.change(tenant, entry, |wait| {
            wait.at_queue = AtQueue::Waits;
            // Who hung up before the queue heard of them comes as their callback.
            if let Contact::Callback(_) = contact {
                wait.contact = contact;
            }
            wait.hear_urgency(priority, Timestamp::MIN);
        });
        self.hear_place(tenant, entry, contact);
        self.change_waiting_outside(tenant, (queue, contact), |wait| wait.way = Way::Blocked);
    }

    fn index(&mut self, happened: &Happened, entry: EntryId, contact: Contact) {
        let Some(known) = self.tenants.get_mut(&happened.cause.tenant) else {
            return;
        };
        if !known.waits.contains_key(&entry) {
            return;
        }
        match contact {
            Contact::Call(_) => {}
            Contact::Callback(callback) => {
                known.callbacks.entry(callback).or_default().insert(entry);
            }
            Contact::Conversation(chat) => {
                known.chats.insert(chat, entry);
            }
        }
    }

    // What the call asked for before its callback was to wait in another entry.
    fn asked_before(&self, tenant: &TenantId, entry: EntryId, contact: Contact) -> Option<Box<Asked>> {
        let Contact::Callback(callback) = contact else {
            return None;
        };
        let others = self.others(tenant, entry, callback);
        others
            .into_iter()
            .find_map(|other| self.find(tenant, other)?.asked.clone())
    }

    fn others(&self, tenant: &TenantId, entry: EntryId, callback: CallbackId) -> Vec<EntryId> {
        let known = self.tenants.get(tenant);
        let entries = known.and_then(|known| known.callbacks.get(&callback));
        let others = entries.into_iter().flatten().copied();
        others.filter(|other| *other != entry).collect()
    }

    fn ended(&self, tenant: &TenantId, callback: CallbackId) -> Option<(Departure, Fact)> {
        let ended = &self.tenants.get(tenant)?.ended;
        let (_, why, fact) = ended.iter().find(|(over, ..)| *over == callback)?;
        Some((why.clone(), fact.clone()))
    }

    // A promise, unless it is over by now.
    fn promised(&self, tenant: &TenantId, callback: CallbackId, from: Fact) -> (Gone, Fact) {
        match self.ended(tenant, callback) {
            Some((why, fact)) => (Gone::Left(why), fact),
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
        let Some(known) = self.tenants.get(tenant) else {
            return;
        };
        let outside = |wait: &Wait| (wait.queue, wait.contact) == of && wait.at_queue == AtQueue::Unknown;
        let waits = known.waits.iter().filter(|(_, wait)| outside(wait));
        for entry in waits.map(|(entry, _)| *entry).collect::<Vec<EntryId>>() {
            self.change(tenant, entry, &how);
        }
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
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
            Event::CallbackCancelled { callback, by, at, .. } => {
                let why = Departure::CallbackCancelled { by: by.clone() };
                self.end_callback(happened, *callback, why, *at);
            }
            Event::CallbackCompleted { callback, at, .. } => {
                self.end_callback(happened, *callback, Departure::Removed { by: system() }, *at);
            }
            // Nobody waits again in a call that is over.
            Event::Ended { .. } => {
                let of_call = |wait: &Wait| wait.asked.as_ref().is_some_and(|asked| asked.call == id);
                let waits = self.tenants.get(tenant).map(|known| &known.waits);
                let theirs = waits.into_iter().flatten().filter(|(_, wait)| of_call(wait));
                let theirs: Vec<EntryId> = theirs.map(|(entry, _)| *entry).collect();
                for entry in theirs {
                    self.change(tenant, entry, |wait| wait.again = true);
                }
            }
            Event::AnnouncementPlayed { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackAccepted { .. }
            | Event::CallbackScheduled { .. }
            | Event::CallbackAttempted { .. }
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
            keeps_place_of,
            waiting_since,
            at,
        } = event
        else {
            return;
        };
        let tenant = &happened.cause.tenant;
        let contact = Contact::Call(call);
        let is_there =
            |wait: &Wait| (wait.queue, wait.contact) == (*queue, contact) && wait.at_queue == AtQueue::Waits;
        let known = self.tenants.get(tenant);
        let mut waits = known.into_iter().flat_map(|known| known.waits.values());
        let way = if waits.any(is_there) {
            Way::Blocked
        } else {
            Way::Free
        };
        let asked = Asked {
            call,
            priority: *priority,
            skills: skills.clone(),
            since: *waiting_since,
        };
        let wait = Wait {
            queue: *queue,
            contact,
            asked: Some(Box::new(asked)),
            at_contact: AtContact::Waits(happened.fact(*at)),
            at_queue: AtQueue::Unknown,
            urgency: None,
            known_urgency: None,
            again: false,
            kept: false,
            way,
        };
        self.begin(tenant, *entry, wait);
        self.change(tenant, *entry, |_| {});
        if let Some(before) = keeps_place_of {
            self.change(tenant, *before, |wait| wait.again = true);
        }
    }

    fn leave(&mut self, happened: &Happened, entry: EntryId, gone: Gone, at: Timestamp) {
        self.change(&happened.cause.tenant, entry, |wait| {
            wait.at_contact = AtContact::Gone(gone, happened.fact(at));
        });
    }

    fn end_callback(&mut self, happened: &Happened, callback: CallbackId, why: Departure, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        if self.ended(tenant, callback).is_none() {
            let ended = &mut self.tenants.entry(tenant.clone()).or_default().ended;
            ended.push_back((callback, why.clone(), happened.fact(at)));
            if ended.len() > ENDED_MAX {
                ended.pop_front();
            }
        }
        let known = self.tenants.get(tenant);
        let entries = known.and_then(|known| known.callbacks.get(&callback));
        for entry in entries.cloned().unwrap_or_default() {
            self.leave(happened, entry, Gone::Left(why.clone()), at);
        }
    }

    pub(super) fn fold_conversation(
        &mut self,
        happened: &Happened,
        id: ConversationId,
        event: &conversation::Event,
    ) {
        use conversation::Event;
        let (gone, at) = match event {
            Event::Assigned { how, by, at, .. } => {
                let gone = match how {
                    How::Accepted { .. } => Gone::Answered,
                    How::Picked | How::Given => Gone::Left(Departure::Removed { by: by.clone() }),
                };
                (gone, at)
            }
            Event::Archived { by, at } => {
                let why = if *by == Actor::Customer {
                    Departure::Abandoned
                } else {
                    Departure::Removed { by: by.clone() }
                };
                (Gone::Left(why), at)
            }
            Event::TakenOver { .. }
            | Event::Unassigned { .. }
            | chat_events!(course offer message filing) => return,
        };
        let known = self.tenants.get(&happened.cause.tenant);
        let entry = known.and_then(|known| known.chats.get(&id)).copied();
        if let Some(entry) = entry {
            self.leave(happened, entry, gone, *at);
        }
    }
}

impl Wait {
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
        LeaveReason::Overflow { to: Some(queue) } => {
            let by = system();
            Gone::Left(Departure::MovedTo { queue, by })
        }
        LeaveReason::Overflow { to: None }
        | LeaveReason::ExitKey { .. }
        | LeaveReason::MaxWait
        | LeaveReason::NoAgents
        | LeaveReason::Full
        | LeaveReason::Closed
        | LeaveReason::Refused
        | LeaveReason::Policy
        | LeaveReason::Ended => Gone::Left(Departure::Removed { by: system() }),
    }
}
