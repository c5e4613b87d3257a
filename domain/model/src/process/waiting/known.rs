//! What each event says of a wait.

use super::{Asked, AtContact, AtQueue, Gone, Wait, Waiting, system};
use crate::call::concerns::events_of as call_events;
use crate::call::reasons::LeaveReason;
use crate::contact::Contact;
use crate::context::Actor;
use crate::conversation::assignment::How;
use crate::conversation::concerns::events_of as chat_events;
use crate::ids::{CallId, CallbackId, ConversationId, EntryId, QueueId};
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
            } => {
                let at_contact = match contact {
                    // A call that waits says so first; this one has left meanwhile.
                    Contact::Call(_) => {
                        let gone = Gone::Left(Departure::Removed { by: system() });
                        AtContact::Gone(gone, happened.fact(*at))
                    }
                    Contact::Callback(callback) => {
                        AtContact::Gone(Gone::Promised(*callback), happened.fact(*at))
                    }
                    Contact::Conversation(_) => AtContact::Waits(happened.fact(*at)),
                };
                self.begin(
                    tenant,
                    *entry,
                    Wait {
                        queue: id,
                        contact: *contact,
                        asked: None,
                        at_contact,
                        at_queue: AtQueue::Unknown,
                        urgency: None,
                        known_urgency: None,
                        again: false,
                    },
                );
                self.index(happened, *entry, *contact);
                self.change(tenant, *entry, |wait| {
                    wait.at_queue = AtQueue::Waits;
                    wait.hear_urgency(*priority, Timestamp::MIN);
                });
            }
            Event::CallbackChosen { entry, callback, .. } => {
                let contact = Contact::Callback(*callback);
                self.index(happened, *entry, contact);
                self.change(tenant, *entry, |wait| wait.contact = contact);
            }
            Event::PriorityChanged {
                entry, priority, at, ..
            } => self.change(tenant, *entry, |wait| {
                wait.hear_urgency(*priority, *at);
                if let Some(asked) = wait.asked.as_mut().filter(|_| wait.urgency.is_none()) {
                    asked.priority = Some(*priority);
                }
            }),
            Event::Left { entry, why, at, .. } => self.change(tenant, *entry, |wait| {
                wait.at_queue = AtQueue::Left(why.clone(), happened.fact(*at));
            }),
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
                known.callbacks.insert(callback, entry);
            }
            Contact::Conversation(chat) => {
                known.chats.insert(chat, entry);
            }
        }
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Queued { .. } => self.join(happened, id, event),
            Event::LeftQueue {
                entry, reason, at, ..
            } => self.leave(happened, *entry, gone(*reason), *at),
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
        let asked = Asked {
            call,
            priority: *priority,
            skills: skills.clone(),
            since: *waiting_since,
        };
        let wait = Wait {
            queue: *queue,
            contact: Contact::Call(call),
            asked: Some(Box::new(asked)),
            at_contact: AtContact::Waits(happened.fact(*at)),
            at_queue: AtQueue::Unknown,
            urgency: None,
            known_urgency: None,
            again: false,
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
        let known = self.tenants.get(&happened.cause.tenant);
        let entry = known.and_then(|known| known.callbacks.get(&callback)).copied();
        if let Some(entry) = entry {
            self.leave(happened, entry, Gone::Left(why), at);
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
        | LeaveReason::ExitKey
        | LeaveReason::MaxWait
        | LeaveReason::NoAgents
        | LeaveReason::Policy
        | LeaveReason::Ended => Gone::Left(Departure::Removed { by: system() }),
    }
}
