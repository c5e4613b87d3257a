//! Waits of conversations: what a conversation says of itself, and what it would wait as elsewhere.

use super::told::{came_back, moved};
use super::{AtContact, Chat, ENDED_MAX, Gone, Waiting, system};
use crate::Timestamp;
use crate::call::reasons::Exit;
use crate::contact::Contact;
use crate::context::Actor;
use crate::conversation::assignment::How;
use crate::conversation::concerns::events_of as chat_events;
use crate::ids::{ConversationId, EntryId, TenantId};
use crate::process::{Fact, Happened};
use crate::queue::Departure;
use crate::{conversation, queue};

impl Waiting {
    // What the conversation would wait as elsewhere. Wherever it waited before, it does no longer.
    pub(super) fn remember_chat(&mut self, tenant: &TenantId, event: &queue::Event) {
        let queue::Event::Entered {
            entry,
            contact: Contact::Conversation(chat),
            channel,
            priority,
            skills,
            last_agent,
            since,
            returned,
            ..
        } = event
        else {
            return;
        };
        let known = self.tenants.get(tenant);
        let open = known.is_some_and(|known| known.open.contains(chat));
        self.change(tenant, *entry, |wait| {
            if wait.chat.is_some() {
                return;
            }
            wait.chat = Some(Box::new(Chat {
                conversation: *chat,
                channel: *channel,
                priority: *priority,
                skills: skills.clone(),
                last_agent: *last_agent,
                since: *since,
                returned: *returned,
                open,
                told: false,
                back: None,
            }));
        });
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
            Event::Opened { .. } => return self.open_chat(happened, id),
            Event::LeftQueue { entry, why, at, .. } => {
                return self.tell_chat(happened, (id, *entry), why, *at);
            }
            Event::Unassigned { .. } => return self.put_down_chat(happened, id),
            Event::TakenOver { .. }
            | Event::ChannelSwitched { .. }
            | Event::Routed { .. }
            | Event::InboxSet { .. }
            | chat_events!(offer message filing) => return,
        };
        let fact = happened.fact(*at);
        let known = self.tenants.entry(happened.cause.tenant.clone()).or_default();
        if let Event::Archived { .. } = event {
            known.open.remove(&id);
            known.held.remove(&id);
            known.archived.retain(|(over, ..)| *over != id);
            known.archived.push_back((id, gone.clone(), fact));
            if known.archived.len() > ENDED_MAX {
                known.archived.pop_front();
            }
        } else {
            known.held.insert(id, fact);
        }
        let entry = known.chats.get(&id).copied();
        if let Some(entry) = entry {
            self.leave(happened, entry, gone, *at);
        }
    }
}

impl Waiting {
    // One that is archived, or that an agent has, waits nowhere: the entry was on its way meanwhile.
    pub(super) fn chat_says(&self, tenant: &TenantId, chat: ConversationId, entered: Fact) -> AtContact {
        let Some(known) = self.tenants.get(tenant) else {
            return AtContact::Waits(entered);
        };
        let mut archived = known.archived.iter();
        if let Some((_, gone, fact)) = archived.find(|(over, ..)| *over == chat) {
            return AtContact::Gone(gone.clone(), fact.clone());
        }
        match known.held.get(&chat) {
            Some(fact) => {
                let gone = Gone::Left(Departure::Removed { by: system() });
                AtContact::Gone(gone, fact.clone())
            }
            None => AtContact::Waits(entered),
        }
    }

    fn put_down_chat(&mut self, happened: &Happened, chat: ConversationId) {
        if let Some(known) = self.tenants.get_mut(&happened.cause.tenant) {
            known.held.remove(&chat);
        }
    }

    fn open_chat(&mut self, happened: &Happened, chat: ConversationId) {
        let tenant = &happened.cause.tenant;
        let known = self.tenants.entry(tenant.clone()).or_default();
        known.open.insert(chat);
        known.archived.retain(|(over, ..)| *over != chat);
        let entry = known.chats.get(&chat).copied();
        if let Some(entry) = entry {
            self.change(tenant, entry, |wait| {
                if let Some(chat) = wait.chat.as_deref_mut() {
                    chat.open = true;
                }
            });
        }
    }

    // The conversation knows that it waits no more, or that the queue it was sent on to does not take it.
    fn tell_chat(
        &mut self,
        happened: &Happened,
        (chat, left): (ConversationId, EntryId),
        why: &Exit,
        at: Timestamp,
    ) {
        let tenant = &happened.cause.tenant;
        self.change(tenant, left, |wait| {
            if let Some(chat) = wait.chat.as_deref_mut() {
                chat.told = true;
            }
        });
        let known = self.tenants.get(tenant);
        let entry = known.and_then(|known| known.chats.get(&chat)).copied();
        let Some(before) = entry else { return };
        let is_refused = moved(before) == left;
        let is_lost = came_back(before) == left;
        self.change(tenant, before, |wait| {
            wait.again |= is_refused;
            let back =
                matches!(why, Exit::Overflow { to: Some(queue) } if is_refused && *queue == wait.queue);
            if let Some(chat) = wait.chat.as_deref_mut().filter(|_| back || is_lost) {
                chat.back = back.then(|| happened.fact(at));
            }
        });
    }
}
