//! What a conversation's events so far mean for the next decision.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::channel::{Inbox, Pair};
use super::event::Event;
use super::filing::{Record, Role, WrapUp};
use super::message::{Direction, Message, Stage};
use super::offer::{Offer, Outcome};
use crate::content_hash::ContentHash;
use crate::ids::{AgentId, EntryId, JourneyId, MessageId, NoteId, OfferId, StepId, WrapUpCodeId, WrapUpId};
use crate::text;
use crate::{Private, Timestamp};

/// Where a conversation stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(super) journey: Option<JourneyId>,
    pub(super) pair: Option<Pair>,
    pub(super) archived: Option<Timestamp>,
    pub(super) inbox: Option<Inbox>,
    pub(super) assigned: Option<AgentId>,
    pub(super) entries_left: BTreeSet<EntryId>,
    pub(super) offers: BTreeMap<OfferId, Offer>,
    pub(super) messages: BTreeMap<MessageId, Message>,
    pub(super) by_provider: BTreeMap<ContentHash, MessageId>,
    pub(super) steps: BTreeSet<StepId>,
    pub(super) persons: BTreeSet<Record>,
    pub(super) related: BTreeSet<Record>,
    // None: removed; the id stays, so that a late repeat does not file it again.
    pub(super) wrap_ups: BTreeMap<WrapUpId, Option<WrapUp>>,
    pub(super) summaries: BTreeSet<NoteId>,
}

impl State {
    /// Returns the agent who is responsible, if anyone.
    #[must_use]
    pub const fn assigned(&self) -> Option<AgentId> {
        self.assigned
    }

    /// Returns how far a message is, unless there is no such message.
    #[must_use]
    pub fn stage(&self, message: MessageId) -> Option<Stage> {
        self.messages.get(&message).map(|known| known.stage)
    }

    /// Returns the message that a provider means, so that a receipt finds it.
    #[must_use]
    pub fn message_of(&self, provider: &ContentHash) -> Option<MessageId> {
        self.by_provider.get(provider).copied()
    }

    pub(super) fn opened(&self) -> Result<&Pair, Rejection> {
        self.pair.as_ref().ok_or(Rejection::NotOpened)
    }

    pub(super) fn live(&self) -> Result<&Pair, Rejection> {
        match self.archived {
            Some(at) => Err(Rejection::Archived { at }),
            None => self.opened(),
        }
    }

    pub(super) fn free_for(&self, agent: AgentId) -> Result<(), Rejection> {
        match self.inbox {
            Some(Inbox::Personal { of }) if of != agent => Err(Rejection::Personal { of }),
            Some(Inbox::Personal { .. } | Inbox::Shared { .. }) | None => Ok(()),
        }
    }

    pub(super) fn message(&self, message: MessageId) -> Result<&Message, Rejection> {
        self.messages.get(&message).ok_or(Rejection::NoSuchMessage)
    }

    pub(super) fn open_offers(&self) -> impl Iterator<Item = (OfferId, &Offer)> {
        self.offers
            .iter()
            .filter(|(_, offer)| offer.outcome.is_none())
            .map(|(id, offer)| (*id, offer))
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Opened { journey, pair, .. } => self.open(*journey, pair),
            Event::ChannelSwitched { to, .. } => self.pair = Some(to.clone()),
            Event::Routed { decision, .. } => {
                self.steps.insert(decision.step);
            }
            Event::InboxSet { inbox, .. } => self.inbox = Some(*inbox),
            Event::LeftQueue { entry, .. } => {
                self.entries_left.insert(*entry);
            }
            Event::Offered {
                offer,
                agent,
                ring_ms,
                at,
                ..
            } => self.offer(*offer, *agent, at.plus(*ring_ms)),
            Event::OfferAccepted { offer, .. } => self.end(*offer, Outcome::Accepted),
            Event::OfferRejected { offer, .. } => self.end(*offer, Outcome::Rejected),
            Event::OfferMissed { offer, .. } => self.end(*offer, Outcome::Missed),
            Event::OfferWithdrawn { offer, .. } => self.end(*offer, Outcome::Withdrawn),
            Event::Assigned { agent, .. } | Event::TakenOver { agent, .. } => self.assigned = Some(*agent),
            Event::Unassigned { agent, .. } => self.assigned = self.assigned.filter(|held| held != agent),
            Event::MessageReceived {
                message, provider, ..
            } => {
                self.write(*message, Direction::In);
                self.by_provider.entry(provider.key).or_insert(*message);
            }
            Event::MessageComposed { message, .. } => self.write(*message, Direction::Out),
            Event::MessageRewritten { message, step, .. } => self.change(*message, |known| {
                known.rewritten_by.insert(*step);
            }),
            Event::MessageCleared { message, .. } => self.advance(*message, Stage::Cleared),
            Event::MessageBlocked { message, .. } => self.advance(*message, Stage::Blocked),
            Event::MessageSent {
                message, provider, ..
            } => {
                self.advance(*message, Stage::Sent);
                self.by_provider.entry(provider.key).or_insert(*message);
            }
            Event::MessageDelivered { message, .. } => self.advance(*message, Stage::Delivered),
            Event::MessageFailed { message, .. } => self.advance(*message, Stage::Failed),
            Event::MessageRead { message, .. } => self.advance(*message, Stage::Read),
            Event::MessageDeleted { message, .. } => self.change(*message, |known| known.deleted = true),
            Event::ConsentNoted { message, outcome, .. } => {
                self.change(*message, |known| known.consent = Some(*outcome));
            }
            Event::RecordAssigned { record, role, .. } => self.assign(record, *role),
            Event::RecordRemoved { record, .. } => {
                self.persons.remove(record);
                self.related.remove(record);
            }
            Event::WrapUpAdded {
                wrap_up, code, note, ..
            }
            | Event::WrapUpEdited {
                wrap_up, code, note, ..
            } => self.file(*wrap_up, *code, note.clone()),
            Event::WrapUpRemoved { wrap_up, .. } => {
                self.wrap_ups.insert(*wrap_up, None);
            }
            Event::HandOverSummarised { note, .. } => {
                self.summaries.insert(*note);
            }
            Event::Archived { at, .. } => self.archived = self.archived.or(Some(*at)),
        }
        self
    }

    fn file(&mut self, wrap_up: WrapUpId, code: WrapUpCodeId, note: Option<Private<text::Body>>) {
        self.wrap_ups.insert(wrap_up, Some(WrapUp { code, note }));
    }

    fn open(&mut self, journey: JourneyId, pair: &Pair) {
        if self.journey.is_none() {
            self.journey = Some(journey);
            self.pair = Some(pair.clone());
        }
    }

    fn offer(&mut self, offer: OfferId, agent: AgentId, until: Timestamp) {
        self.offers.entry(offer).or_insert(Offer {
            agent,
            until,
            outcome: None,
        });
    }

    fn end(&mut self, offer: OfferId, outcome: Outcome) {
        if let Some(known) = self.offers.get_mut(&offer) {
            known.outcome = known.outcome.or(Some(outcome));
        }
    }

    fn write(&mut self, message: MessageId, direction: Direction) {
        self.messages
            .entry(message)
            .or_insert_with(|| Message::new(direction));
    }

    fn change(&mut self, message: MessageId, change: impl FnOnce(&mut Message)) {
        if let Some(known) = self.messages.get_mut(&message) {
            change(known);
        }
    }

    fn advance(&mut self, message: MessageId, stage: Stage) {
        self.change(message, |known| known.advance(stage));
    }

    fn assign(&mut self, record: &Record, role: Role) {
        match role {
            Role::Person => self.persons.insert(record.clone()),
            Role::Related => self.related.insert(record.clone()),
        };
    }
}
