//! What each event says of an agent's share in a contact.

use super::{Call, CallNotes, Fact, Hand, InHand, Leg, Notes, Part, Share};
use crate::agent::concerns::events_of as agent_events;
use crate::agent::{Holding, Outcome, WrapUpEnd};
use crate::call::concerns::events_of as call_events;
use crate::call::parties::Party;
use crate::contact::{Contact, WorkChannel};
use crate::conversation::concerns::events_of as chat_events;
use crate::ids::{AgentId, CallId, CallbackId, ConversationId, LegId, TenantId, WrapUpCodeId};
use crate::process::Happened;
use crate::{Timestamp, agent, call, conversation};

impl InHand {
    pub(super) fn fold_agent(&mut self, happened: &Happened, id: AgentId, event: &agent::Event) {
        use agent::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Reserved {
                contact, ask, offer, ..
            } => {
                self.begin(tenant, id, *contact, ask.channel);
                self.change(tenant, id, *contact, |share| {
                    share.hand = Hand::Offered;
                    share.holding = Some(Holding::Offered(*offer));
                });
            }
            Event::Begun {
                contact, channel, at, ..
            } => {
                self.begin(tenant, id, *contact, *channel);
                self.change(tenant, id, *contact, |share| {
                    share.hand = Hand::Busy;
                    share.holding = Some(Holding::Begun(*at));
                });
            }
            Event::Accepted { contact, offer, .. } => {
                self.change(tenant, id, *contact, |share| {
                    share.hand = Hand::Busy;
                    share.holding = Some(Holding::Offered(*offer));
                });
            }
            Event::RangBack { callback, call, .. } => self.ring_back(tenant, id, *callback, *call),
            Event::Held { call, .. } => self.hold(tenant, id, *call, true),
            Event::Resumed { call, .. } => self.hold(tenant, id, *call, false),
            Event::WrapUpStarted { contact, at, .. } => self.change(tenant, id, *contact, |share| {
                share.hand = Hand::Notes;
                share.notes = Notes::Begun {
                    from: happened.fact(*at),
                    leg: share.leg,
                    without_code: false,
                };
                share.call_notes = CallNotes::None;
            }),
            Event::WrapUpFailed { contact, .. } => {
                self.change(tenant, id, *contact, |share| share.lack_code(true));
            }
            Event::Dispositioned { contact, code, .. } => self.change(tenant, id, *contact, |share| {
                share.lack_code(false);
                share.code = share.code.take().filter(|(wanted, _)| wanted != code);
                share.known_code = Some(*code);
            }),
            Event::WrapUpEnded { contact, how, at } => {
                let until = happened.fact(*at);
                self.change(tenant, id, *contact, |share| share.end_notes(how, until));
            }
            Event::Released {
                contact, outcome, at, ..
            } => {
                let placed = self
                    .find(tenant, id, *contact)
                    .and_then(|share| share.placed.clone());
                self.change(tenant, id, *contact, |share| {
                    share.release(*outcome, happened.fact(*at));
                });
                if let Some((call, _)) = placed {
                    self.change(tenant, id, Contact::Call(call), Share::come_alone);
                }
            }
            Event::Rang { .. }
            | Event::WrapUpExtended { .. }
            | Event::CooldownStarted { .. }
            | Event::CooldownEnded { .. }
            | agent_events!(choice setup device monitor) => {}
        }
    }

    // The promise goes, and the call is there in its place.
    fn ring_back(&mut self, tenant: &TenantId, agent: AgentId, callback: CallbackId, call: CallId) {
        let Some(promise) = self.forget(tenant, agent, Contact::Callback(callback)) else {
            return;
        };
        let contact = Contact::Call(call);
        self.begin(tenant, agent, contact, WorkChannel::Voice);
        self.change(tenant, agent, contact, |share| {
            share.hand = Hand::Busy;
            share.holding = promise.holding;
        });
    }

    // The call comes in place of the callback, if the agent has that in hand.
    fn place(
        &mut self,
        happened: &Happened,
        call: CallId,
        agent: AgentId,
        callback: CallbackId,
        at: Timestamp,
    ) {
        let tenant = &happened.cause.tenant;
        let promise = Contact::Callback(callback);
        let has = |share: &Share| share.hand == Hand::Busy;
        if !self.find(tenant, agent, promise).is_some_and(has) {
            return;
        }
        self.change(tenant, agent, promise, |share| {
            share.placed = Some((call, happened.fact(at)))
        });
        self.begin(tenant, agent, Contact::Call(call), WorkChannel::Voice);
        self.change(tenant, agent, Contact::Call(call), |share| {
            if share.hand == Hand::Empty {
                share.hand = Hand::Comes;
            }
        });
    }

    // A promise that is over, of which no call was placed yet, is in nobody's hands any more.
    fn put_promise_down(&mut self, happened: &Happened, callback: CallbackId, at: Timestamp) {
        let over = happened.fact(at);
        self.change_all(
            &happened.cause.tenant,
            Contact::Callback(callback),
            |share| share.placed.is_none(),
            |share| share.leave(over.clone()),
        );
    }

    fn hold(&mut self, tenant: &TenantId, agent: AgentId, call: CallId, on_hold: bool) {
        self.change(tenant, agent, Contact::Call(call), |share| {
            share.on_hold = on_hold;
            share.waits = share.waits.take().filter(|(waits, _)| *waits != on_hold);
        });
    }

    pub(super) fn fold_call(&mut self, happened: &Happened, id: CallId, event: &call::Event) {
        use call::Event;
        let tenant = &happened.cause.tenant;
        let contact = Contact::Call(id);
        match event {
            Event::Offered { leg, .. } => self.call(tenant, id).caller = Some(*leg),
            Event::Placed {
                agent: Some(agent),
                callback: Some(callback),
                at,
                ..
            } => self.place(happened, id, *agent, *callback, *at),
            Event::CallbackCancelled { callback, at, .. } | Event::CallbackCompleted { callback, at, .. } => {
                self.put_promise_down(happened, *callback, *at);
            }
            Event::LegCreated { leg, party, .. } => self.create_leg(tenant, id, *leg, party),
            Event::LegAnswered { leg, at } => {
                let legs = &mut self.call(tenant, id).legs;
                let Some(answered) = legs.get_mut(leg) else { return };
                answered.answered = true;
                let agent = answered.agent;
                self.begin(tenant, agent, contact, WorkChannel::Voice);
                self.change(tenant, agent, contact, |share| {
                    share.leg = Some(*leg);
                    share.take(happened.fact(*at));
                });
            }
            Event::LegJoined { leg, with, .. } => self.meet(tenant, id, *leg, with),
            Event::LegEnded { leg, at, .. } => self.end_leg(happened, id, *leg, *at),
            Event::Held { leg, at } => self.wait(happened, id, *leg, true, *at),
            Event::Resumed { leg, at } => self.wait(happened, id, *leg, false, *at),
            Event::Ended { at, .. } => self.end(happened, id, *at),
            Event::WrapUpStarted { leg, agent, .. } => {
                self.note(tenant, *agent, contact, *leg, CallNotes::Begun)
            }
            Event::WrapUpEnded { leg, agent, .. } | Event::WrapUpFailed { leg, agent, .. } => {
                self.note(tenant, *agent, contact, *leg, CallNotes::Ended);
            }
            Event::Dispositioned { leg, codes, at, .. } => {
                if let Some(code) = codes.first() {
                    self.choose_code(happened, contact, (*leg, *code), *at);
                }
            }
            Event::Placed { agent: None, .. }
            | Event::Placed { callback: None, .. }
            | Event::PropertiesSet { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::LegMeasured { .. }
            | Event::HoldRequested { .. }
            | Event::HoldRefused { .. }
            | Event::ResumeRequested { .. }
            | Event::ResumeRefused { .. }
            | Event::WrapUpExtended { .. }
            | Event::NoteSaved { .. }
            | Event::SurveyAnswered { .. }
            | Event::LegLeft { .. }
            | Event::CallbackOffered { .. }
            | Event::CallbackAccepted { .. }
            | Event::CallbackScheduled { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackFailed { .. }
            | call_events!(routing prompt lookup queue offer transfer recording archive supervision) => {}
        }
    }

    // Whoever had it without a telephone of theirs, by a click at the desk, has it no more.
    fn end(&mut self, happened: &Happened, id: CallId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        self.tenant(tenant).calls.remove(&id);
        let over = happened.fact(at);
        self.change_all(
            tenant,
            Contact::Call(id),
            |share| share.part == Part::None,
            |share| share.leave(over.clone()),
        );
    }

    fn choose_code(
        &mut self,
        happened: &Happened,
        contact: Contact,
        (leg, code): (LegId, WrapUpCodeId),
        at: Timestamp,
    ) {
        let chosen = happened.fact(at);
        self.change_all(
            &happened.cause.tenant,
            contact,
            |share| share.leg == Some(leg),
            |share| {
                let news = share.known_code != Some(code);
                share.code = news.then(|| (code, chosen.clone()));
            },
        );
    }

    fn call(&mut self, tenant: &TenantId, id: CallId) -> &mut Call {
        self.tenant(tenant).calls.entry(id).or_default()
    }

    fn create_leg(&mut self, tenant: &TenantId, id: CallId, leg: LegId, party: &Party) {
        let call = self.call(tenant, id);
        match party {
            // On a call of ours nobody rings us, and it is for the customer.
            Party::Customer { .. } => {
                call.caller.get_or_insert(leg);
            }
            Party::Agent { agent, .. } => {
                let (agent, answered) = (*agent, false);
                call.legs.entry(leg).or_insert(Leg { agent, answered });
            }
            Party::Number { .. } => {}
            Party::Recorder | Party::Supervisor { .. } => {
                call.quiet.insert(leg);
            }
        }
    }

    // Whoever hears another party, or is heard, was in touch with somebody.
    fn meet(&mut self, tenant: &TenantId, id: CallId, leg: LegId, with: &[LegId]) {
        let call = self.call(tenant, id);
        let others: Vec<LegId> = with
            .iter()
            .copied()
            .filter(|other| !call.quiet.contains(other))
            .collect();
        if others.is_empty() || call.quiet.contains(&leg) {
            return;
        }
        let met = std::iter::once(leg).chain(others);
        let agents: Vec<AgentId> = met.filter_map(|leg| Some(call.legs.get(&leg)?.agent)).collect();
        for agent in agents {
            self.change(tenant, agent, Contact::Call(id), |share| share.talked = true);
        }
    }

    fn end_leg(&mut self, happened: &Happened, id: CallId, leg: LegId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let call = self.call(tenant, id);
        // The next customer is whom the call is for then.
        call.caller = call.caller.filter(|caller| *caller != leg);
        let legs = &mut call.legs;
        let Some(ended) = legs.remove(&leg).filter(|ended| ended.answered) else {
            return;
        };
        let agent = ended.agent;
        let on_another = legs.values().any(|other| other.agent == agent && other.answered);
        if !on_another {
            let over = happened.fact(at);
            self.change(tenant, agent, Contact::Call(id), |share| {
                share.over = Some(leg);
                share.leave(over);
            });
        }
    }

    fn wait(&mut self, happened: &Happened, id: CallId, leg: LegId, waits: bool, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        if self.call(tenant, id).caller != Some(leg) {
            return;
        }
        let fact = happened.fact(at);
        // Who joins later has not put anybody on hold.
        self.change_all(
            tenant,
            Contact::Call(id),
            |share| matches!(share.part, Part::Takes(_)),
            |share| share.waits = Some((waits, fact.clone())).filter(|_| share.on_hold != waits),
        );
    }

    fn note(&mut self, tenant: &TenantId, agent: AgentId, contact: Contact, leg: LegId, notes: CallNotes) {
        self.change(tenant, agent, contact, |share| {
            if share.notes.leg() == Some(leg) {
                share.call_notes = notes;
            }
        });
    }

    pub(super) fn fold_conversation(
        &mut self,
        happened: &Happened,
        id: ConversationId,
        event: &conversation::Event,
    ) {
        use conversation::Event;
        let tenant = &happened.cause.tenant;
        match event {
            Event::Opened { pair, .. } | Event::ChannelSwitched { to: pair, .. } => {
                let channel = pair.channel.into();
                self.tenant(tenant).conversations.insert(id, channel);
            }
            Event::Assigned { agent, at, .. } => self.answer(happened, id, *agent, *at),
            Event::TakenOver { agent, from, at, .. } => {
                self.put_down(happened, id, *from, *at);
                self.answer(happened, id, *agent, *at);
            }
            Event::Unassigned { agent, at, .. } => self.put_down(happened, id, *agent, *at),
            Event::Archived { .. } => {
                self.tenant(tenant).conversations.remove(&id);
            }
            Event::Routed { .. }
            | Event::InboxSet { .. }
            | Event::LeftQueue { .. }
            | chat_events!(offer message filing) => {}
        }
    }

    fn answer(&mut self, happened: &Happened, id: ConversationId, agent: AgentId, at: Timestamp) {
        let tenant = &happened.cause.tenant;
        let Some(channel) = self.tenant(tenant).conversations.get(&id).copied() else {
            return;
        };
        let contact = Contact::Conversation(id);
        self.begin(tenant, agent, contact, channel);
        let taken = happened.fact(at);
        self.change(tenant, agent, contact, |share| share.take(taken));
    }

    fn put_down(&mut self, happened: &Happened, id: ConversationId, agent: AgentId, at: Timestamp) {
        let over = happened.fact(at);
        let contact = Contact::Conversation(id);
        self.change(&happened.cause.tenant, agent, contact, |share| share.leave(over));
    }
}

impl Notes {
    const fn leg(&self) -> Option<LegId> {
        match self {
            Self::None => None,
            Self::Begun { leg, .. } | Self::Ended { leg, .. } => *leg,
        }
    }
}

impl Share {
    fn take(&mut self, from: Fact) {
        if let Part::Takes(_) = self.part {
            return;
        }
        self.part = Part::Takes(from);
        self.waits = None;
        if self.hand == Hand::Done {
            self.hand = Hand::Empty;
            self.talked = self.contact.is_conversation();
        }
    }

    fn leave(&mut self, until: Fact) {
        let from = match &self.part {
            Part::None => until.clone(),
            Part::Takes(from) => from.clone(),
            Part::Took { .. } => return,
        };
        self.part = Part::Took { from, until };
    }

    // The callback that it was to come in place of is gone.
    fn come_alone(&mut self) {
        if self.hand == Hand::Comes {
            self.hand = Hand::Empty;
        }
    }

    fn end_notes(&mut self, how: &WrapUpEnd, until: Fact) {
        if let Notes::Begun {
            from,
            leg,
            without_code,
        } = self.notes.clone()
        {
            self.notes = Notes::Ended {
                from,
                leg,
                how: how.clone(),
                without_code,
                until,
            };
        }
    }

    fn lack_code(&mut self, lacks: bool) {
        if let Notes::Begun { without_code, .. } = &mut self.notes {
            *without_code = lacks;
        }
    }

    fn release(&mut self, outcome: Outcome, at: Fact) {
        let had = match outcome {
            Outcome::Finished => self.hand != Hand::Notes,
            Outcome::Unanswered | Outcome::NotConnected => true,
            Outcome::Rejected
            | Outcome::Missed
            | Outcome::CallerGone
            | Outcome::DeviceUnreachable
            | Outcome::Withdrawn
            | Outcome::Away
            | Outcome::Lapsed => false,
        };
        self.on_hold = false;
        self.known_code = None;
        self.hand = Hand::Done;
        // An offer that was over before the answer was known, or a caller who came back during the notes.
        if let (Part::Takes(_), false) = (&self.part, had) {
            self.part = Part::Takes(at);
            self.hand = Hand::Empty;
        }
    }
}
