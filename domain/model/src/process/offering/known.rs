//! What each event says of how far an offer has come.

use super::{Decided, Offer, Offering, Rules, Stage, Waiting};
use crate::agent::Ask;
use crate::agent::concerns::events_of as agent_events;
use crate::call::concerns::events_of as call_events;
use crate::call::facts::Candidate;
use crate::call::reasons::{LeaveReason, Withdrawal};
use crate::contact::Contact;
use crate::conversation::concerns::events_of as chat_events;
use crate::conversation::offer::{MissReason, WithdrawReason};
use crate::few::Few;
use crate::ids::{AgentId, CallId, ConversationId, EntryId, OfferId, QueueId};
use crate::process::Happened;
use crate::queue::{Lost, OfferEnd, Settings};
use crate::text::Key;
use crate::{Timestamp, agent, call, conversation, queue};

impl Offering {
    pub(super) fn fold_queue(&mut self, happened: &Happened, id: QueueId, event: &queue::Event) {
        use queue::Event;
        let tenant = &happened.cause.tenant;
        let known = self.tenants.entry(tenant.clone()).or_default();
        match event {
            Event::Configured { settings, .. } => {
                known.queues.insert(id, Rules::of(settings));
            }
            Event::Retired { .. } => {
                known.queues.remove(&id);
            }
            Event::Entered {
                entry,
                contact,
                channel,
                ..
            } => {
                let (contact, channel) = (*contact, *channel);
                known.entries.insert(*entry, Waiting { contact, channel });
            }
            Event::CallbackChosen { entry, callback, .. } => {
                if let Some(waiting) = known.entries.get_mut(entry) {
                    waiting.contact = Contact::Callback(*callback);
                }
            }
            Event::Reserved { .. } => self.decide(happened, id, event),
            Event::Accepted { offer, at, .. } => self.change(tenant, *offer, |offer| {
                offer.at_queue = Stage::Accepted(happened.fact(*at));
            }),
            Event::OfferEnded { offer, how, at, .. } => self.change(tenant, *offer, |offer| {
                offer.at_queue = Stage::Over(how.clone(), happened.fact(*at));
            }),
            Event::Left { entry, .. } => {
                known.entries.remove(entry);
                self.change_of_entry(tenant, *entry, |_| true, |offer| offer.left = true);
            }
            Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::HoursSet { .. }
            | Event::LeaseAcquired { .. }
            | Event::LeaseRenewed { .. }
            | Event::LeaseReleased { .. }
            | Event::LeaseLapsed { .. }
            | Event::PriorityChanged { .. }
            | Event::Moved { .. }
            | Event::Deferred { .. } => {}
        }
    }

    fn decide(&mut self, happened: &Happened, queue: QueueId, event: &queue::Event) {
        let queue::Event::Reserved {
            entry,
            chosen,
            candidates,
            inputs,
            until,
            at,
            ..
        } = event
        else {
            return;
        };
        let tenant = &happened.cause.tenant;
        let known = self.tenants.entry(tenant.clone()).or_default();
        let (Some(rules), Some(waiting)) = (known.queues.get(&queue), known.entries.get(entry)) else {
            return;
        };
        let decided = Decided {
            ask: Ask {
                channel: waiting.channel,
                units: rules.units,
                groups: inputs.groups.clone(),
                skills: inputs.skills.clone(),
            },
            terms: rules.terms.clone(),
            ring_ms: rules.ring_ms,
            until: *until,
            strategy: inputs.strategy,
            settings: rules.hash,
            candidates: Few::first(candidates.iter().map(as_the_call_says)),
        };
        let contact = waiting.contact;
        for one in chosen.iter() {
            let offer = Offer {
                queue: Some(queue),
                entry: *entry,
                agent: one.agent,
                contact,
                decided: Some(Box::new(decided.clone())),
                at_queue: Stage::Open(happened.fact(*at)),
                at_agent: Stage::Unknown,
                at_contact: Stage::Unknown,
                left: false,
            };
            self.begin(happened, one.offer, offer);
            self.change(tenant, one.offer, |_| {});
        }
    }

    fn begin(&mut self, happened: &Happened, id: OfferId, offer: Offer) {
        let known = self.tenants.entry(happened.cause.tenant.clone()).or_default();
        known.learn(id, offer);
    }

    // Unless it is known, the queue has gone on meanwhile, and what now begins is over before.
    fn begin_late(
        &mut self,
        happened: &Happened,
        id: OfferId,
        of: (EntryId, AgentId, Contact),
        at: Timestamp,
    ) {
        let (entry, agent, contact) = of;
        let offer = Offer {
            queue: None,
            entry,
            agent,
            contact,
            decided: None,
            at_queue: Stage::Over(OfferEnd::Withdrawn, happened.fact(at)),
            at_agent: Stage::Unknown,
            at_contact: Stage::Unknown,
            left: true,
        };
        self.begin(happened, id, offer);
    }

    pub(super) fn fold_agent(&mut self, happened: &Happened, id: AgentId, event: &agent::Event) {
        use agent::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Reserved {
                offer,
                contact,
                from: Some(place),
                at,
                ..
            } => {
                self.begin_late(happened, *offer, (place.entry, id, *contact), *at);
                self.change(tenant, *offer, |offer| {
                    offer.at_agent = Stage::Open(happened.fact(*at));
                });
            }
            Event::Accepted { offer, at, .. } => self.change(tenant, *offer, |offer| {
                offer.at_agent = Stage::Accepted(happened.fact(*at));
            }),
            Event::Released {
                offer: Some(offer),
                outcome,
                at,
                ..
            } => self.change(tenant, *offer, |offer| {
                offer.at_agent = Stage::Over(as_the_queue_says(*outcome), happened.fact(*at));
            }),
            // Whoever writes notes knows that the contact is over.
            Event::WrapUpStarted { contact, at, .. } => {
                let accepted = |offer: &Offer| matches!(offer.at_agent, Stage::Accepted(_));
                self.change_of_contact(
                    tenant,
                    *contact,
                    |offer| offer.agent == id && accepted(offer),
                    |offer| offer.at_agent = Stage::Over(OfferEnd::Answered, happened.fact(*at)),
                );
            }
            Event::Reserved { from: None, .. }
            | Event::Released { offer: None, .. }
            | Event::Rang { .. }
            | Event::Begun { .. }
            | Event::RangBack { .. }
            | Event::Held { .. }
            | Event::Resumed { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpFailed { .. }
            | Event::Dispositioned { .. }
            | Event::WrapUpEnded { .. }
            | Event::CooldownStarted { .. }
            | Event::CooldownEnded { .. }
            | agent_events!(choice setup device monitor) => {}
        }
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let (offer, how, at) = match event {
            Event::AgentOffered {
                offer,
                entry,
                agent,
                at,
                ..
            } => {
                let of = (*entry, *agent, Contact::Call(id));
                return self.show(happened, *offer, of, *at);
            }
            Event::OfferAccepted { offer, at, .. } => {
                let accepted = Stage::Accepted(happened.fact(*at));
                return self.change(&happened.cause.tenant, *offer, |offer| {
                    offer.at_contact = accepted;
                });
            }
            Event::LeftQueue {
                entry, reason, at, ..
            } => return self.leave(happened, *entry, *reason, *at),
            Event::CallbackAttempted { callback, at, .. }
            | Event::CallbackFailed { callback, at, .. }
            | Event::CallbackCompleted { callback, at, .. }
            | Event::CallbackCancelled { callback, at, .. } => {
                return self.ring_back(happened, Contact::Callback(*callback), event, *at);
            }
            Event::OfferRejected { offer, at, .. } => (offer, OfferEnd::Rejected, at),
            Event::OfferMissed { offer, at, .. } => (offer, OfferEnd::Missed, at),
            Event::OfferCallerGone { offer, at, .. } => (offer, OfferEnd::CallerGone, at),
            Event::OfferUnreachable { offer, at, .. } => (offer, OfferEnd::DeviceUnreachable, at),
            Event::OfferWithdrawn { offer, why, at, .. } => (offer, taken_back(*why), at),
            Event::OfferRang { .. }
            | Event::Queued { .. }
            | Event::PriorityChanged { .. }
            | Event::AnnouncementPlayed { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackAccepted { .. }
            | Event::CallbackScheduled { .. }
            | call_events!(life leg bridge routing prompt lookup hold transfer recording archive supervision wrap_up) =>
            {
                return;
            }
        };
        self.end(happened, *offer, how, *at);
    }

    // Whoever has the callback is whom the queue says, and what becomes of the call for it is the outcome.
    fn ring_back(&mut self, happened: &Happened, contact: Contact, event: &call::Event, at: Timestamp) {
        use call::Event;
        let fact = happened.fact(at);
        let taken = |offer: &Offer| matches!(offer.at_queue, Stage::Accepted(_));
        let placed = |offer: &Offer| matches!(offer.at_contact, Stage::Open(_));
        let open = |offer: &Offer| !offer.is_over_at_contact();
        let tenant = &happened.cause.tenant;
        let end = |how: OfferEnd| {
            move |offer: &mut Offer| offer.at_contact = Stage::Over(how.clone(), fact.clone())
        };
        if let Event::CallbackAttempted { .. } = event {
            let asked = happened.fact(at);
            self.change_of_contact(
                tenant,
                contact,
                |offer| taken(offer) && open(offer),
                |offer| offer.at_contact = Stage::Open(asked.clone()),
            );
        } else if let Event::CallbackFailed { again_from, .. } = event {
            let again_from = *again_from;
            self.change_of_contact(tenant, contact, placed, end(OfferEnd::NotReached { again_from }));
        } else if let Event::CallbackCompleted { .. } = event {
            self.change_of_contact(tenant, contact, placed, end(OfferEnd::Answered));
        } else if let Event::CallbackCancelled { .. } = event {
            self.change_of_contact(tenant, contact, open, end(OfferEnd::Withdrawn));
        }
    }

    // The end of the wait is the outcome of an offer that was accepted: connected, or not.
    fn leave(&mut self, happened: &Happened, entry: EntryId, reason: LeaveReason, at: Timestamp) {
        let how = match reason {
            LeaveReason::Answered { .. } => OfferEnd::Answered,
            LeaveReason::Abandoned => OfferEnd::CallerGone,
            LeaveReason::ConnectFailed { .. } => OfferEnd::DeviceUnreachable,
            LeaveReason::Overflow { .. }
            | LeaveReason::ExitKey { .. }
            | LeaveReason::MaxWait
            | LeaveReason::NoAgents
            | LeaveReason::Full
            | LeaveReason::Closed
            | LeaveReason::Refused
            | LeaveReason::Callback { .. }
            | LeaveReason::Policy
            | LeaveReason::Ended => OfferEnd::Withdrawn,
        };
        let accepted = |offer: &Offer| matches!(offer.at_contact, Stage::Accepted(_));
        self.change_of_entry(&happened.cause.tenant, entry, accepted, |offer| {
            offer.at_contact = Stage::Over(how.clone(), happened.fact(at))
        });
    }

    pub(super) fn fold_conversation(
        &mut self,
        happened: &Happened,
        id: ConversationId,
        event: &conversation::Event,
    ) {
        use conversation::Event;
        let (offer, how, at) = match event {
            // One that no entry waits for was offered by hand, from an inbox.
            Event::Offered {
                offer,
                agent,
                entry: Some(entry),
                at,
                ..
            } => {
                let of = (*entry, *agent, Contact::Conversation(id));
                return self.show(happened, *offer, of, *at);
            }
            Event::OfferAccepted { offer, at, .. } => (offer, OfferEnd::Answered, at),
            Event::OfferRejected { offer, at, .. } => (offer, OfferEnd::Rejected, at),
            Event::OfferMissed {
                offer, reason, at, ..
            } => (offer, missed(*reason), at),
            Event::OfferWithdrawn {
                offer, reason, at, ..
            } => (offer, withdrawn(*reason), at),
            Event::Offered { entry: None, .. }
            | Event::Assigned { .. }
            | Event::TakenOver { .. }
            | Event::Unassigned { .. }
            | Event::Archived { .. }
            | chat_events!(course message filing) => return,
        };
        self.end(happened, *offer, how, *at);
    }

    fn show(&mut self, happened: &Happened, id: OfferId, of: (EntryId, AgentId, Contact), at: Timestamp) {
        self.begin_late(happened, id, of, at);
        self.change(&happened.cause.tenant, id, |offer| {
            offer.decided = None;
            offer.at_contact = Stage::Open(happened.fact(at));
        });
    }

    fn end(&mut self, happened: &Happened, id: OfferId, how: OfferEnd, at: Timestamp) {
        self.change(&happened.cause.tenant, id, |offer| {
            offer.at_contact = Stage::Over(how, happened.fact(at));
        });
    }
}

impl Rules {
    fn of(settings: &Settings) -> Self {
        Self {
            units: settings.offers.units,
            ring_ms: settings.offers.ring_ms,
            terms: settings.terms(),
            hash: settings.hash(),
        }
    }
}

fn as_the_call_says(candidate: &queue::Candidate) -> Candidate {
    let word = candidate.lost.as_ref().map(|lost| match lost {
        Lost::Unavailable { .. } => "unavailable",
        Lost::HadTheirChance => "had_their_chance",
        Lost::TakenBy { .. } => "taken_by",
        Lost::KeptForLastAgent => "kept_for_last_agent",
        Lost::Outscored => "outscored",
        Lost::IdleLater => "idle_later",
        Lost::HigherId => "higher_id",
    });
    Candidate {
        agent: candidate.agent,
        score: candidate.score,
        passed_over: word.map(|word| Key::new(word).expect("these words are keys")),
    }
}

const fn as_the_queue_says(outcome: agent::Outcome) -> OfferEnd {
    match outcome {
        agent::Outcome::Finished => OfferEnd::Answered,
        agent::Outcome::Rejected => OfferEnd::Rejected,
        agent::Outcome::Missed => OfferEnd::Missed,
        agent::Outcome::CallerGone => OfferEnd::CallerGone,
        agent::Outcome::DeviceUnreachable => OfferEnd::DeviceUnreachable,
        agent::Outcome::Unanswered | agent::Outcome::NotConnected | agent::Outcome::Withdrawn => {
            OfferEnd::Withdrawn
        }
        agent::Outcome::Away => OfferEnd::Away,
        agent::Outcome::Lapsed => OfferEnd::Lapsed,
    }
}

const fn taken_back(why: Withdrawal) -> OfferEnd {
    match why {
        Withdrawal::AnsweredElsewhere { .. } => OfferEnd::AnotherWasFirst,
        Withdrawal::AgentUnavailable => OfferEnd::Away,
        Withdrawal::LeftQueue
        | Withdrawal::CallEnded
        | Withdrawal::Supervisor { .. }
        | Withdrawal::Cancelled => OfferEnd::Withdrawn,
    }
}

const fn missed(reason: MissReason) -> OfferEnd {
    match reason {
        MissReason::Unanswered => OfferEnd::Missed,
        MissReason::DeviceUnreachable => OfferEnd::DeviceUnreachable,
        MissReason::Away => OfferEnd::Away,
    }
}

const fn withdrawn(reason: WithdrawReason) -> OfferEnd {
    match reason {
        WithdrawReason::Taken => OfferEnd::AnotherWasFirst,
        WithdrawReason::CustomerGone => OfferEnd::CallerGone,
        WithdrawReason::Moved | WithdrawReason::Archived | WithdrawReason::Recalled => OfferEnd::Withdrawn,
    }
}
