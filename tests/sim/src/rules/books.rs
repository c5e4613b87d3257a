//! What was begun and is not ended, kept from events: offers, reservations, waits, calls.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a second opinion looks at the few events that it has one on"
)]

use std::collections::{BTreeMap, BTreeSet};

use domain_model::agent::Capacity;
use domain_model::call::{self, parties::Party};
use domain_model::contact::{Contact, WorkChannel};
use domain_model::conversation;
use domain_model::ids::{AgentId, BridgeId, CallId, EntryId, LegId, OfferId, QueueId};
use domain_model::process::AnyEvent;
use domain_model::queue::{self, FencingToken};
use domain_model::{Millis, Timestamp, agent};

use super::chats::Chats;

pub(super) type Broken = Vec<(&'static str, String)>;

#[derive(Debug, Default)]
pub(super) struct Books {
    // Offers by who knows of them: begun, and whether they are over.
    decided: BTreeMap<OfferId, bool>,
    reserved: BTreeMap<OfferId, bool>,
    rung: BTreeMap<OfferId, bool>,
    in_line: BTreeMap<EntryId, bool>,
    waits: BTreeMap<(CallId, EntryId), bool>,
    calls: BTreeMap<CallId, Call>,
    agents: BTreeMap<AgentId, Agent>,
    leases: BTreeMap<QueueId, (FencingToken, Option<Timestamp>)>,
    // Until when somebody is rung, and may write notes.
    rings: BTreeMap<OfferId, Timestamp>,
    notes: BTreeMap<(AgentId, Contact), Timestamp>,
    pub(super) chats: Chats,
    slack: Millis,
}

#[derive(Debug, Default)]
struct Call {
    over: bool,
    caller: Option<LegId>,
    agents: BTreeMap<LegId, AgentId>,
    bridges: BTreeMap<BridgeId, BTreeSet<LegId>>,
    taken: BTreeSet<EntryId>,
    conference: bool,
}

#[derive(Debug, Default)]
struct Agent {
    signed_in: bool,
    available: bool,
    aside: bool,
    devices: usize,
    // The channel and the units of each.
    in_hand: BTreeMap<Contact, (WorkChannel, u16)>,
    capacity: Capacity,
}

impl Agent {
    fn has_room(&self, channel: WorkChannel, units: u16) -> bool {
        let on_channel = self.in_hand.values().filter(|(held, _)| *held == channel);
        let taken: u32 = on_channel.map(|(_, units)| u32::from(*units)).sum();
        let shut_out = self
            .in_hand
            .values()
            .any(|(held, _)| self.capacity.shuts_out(*held, channel));
        !shut_out && taken + u32::from(units) <= self.capacity.limit(channel).into()
    }
}

impl Books {
    /// Begins books in which whatever ends by itself may end so much later than its time.
    pub(super) fn with(slack: Millis) -> Self {
        Self {
            slack,
            ..Self::default()
        }
    }

    /// Returns the waits that calls know of and that are not over.
    pub(super) fn waits(&self) -> BTreeSet<EntryId> {
        let open = self.waits.iter().filter(|(_, over)| !**over);
        open.map(|((_, entry), _)| *entry).collect()
    }

    /// Says whether a call or conversation that was seen is over.
    pub(super) fn is_over(&self, contact: Contact) -> bool {
        match contact {
            Contact::Call(call) => self.calls.get(&call).is_some_and(|call| call.over),
            Contact::Conversation(chat) => self.chats.is_over(chat),
            Contact::Callback(_) => false,
        }
    }

    fn check_time(&self, until: Option<Timestamp>, at: Timestamp, what: String, broken: &mut Broken) {
        if until.is_some_and(|until| at > until.plus(self.slack)) {
            broken.push(("what has a time ends in time", what));
        }
    }

    /// Takes an event as it was recorded and says what is wrong with it.
    pub(super) fn enter(&mut self, event: &AnyEvent, at: Timestamp) -> Broken {
        let mut broken = Vec::new();
        match event {
            AnyEvent::Queue(queue, event) => self.enter_queue(*queue, event, &mut broken),
            AnyEvent::Agent(agent, event) => self.enter_agent(*agent, event, &mut broken),
            AnyEvent::Call(call, event) => {
                self.enter_offers(event, &mut broken);
                self.enter_call(*call, event, &mut broken);
            }
            AnyEvent::Conversation(chat, event) => {
                self.enter_offers_of_chats(event, at, &mut broken);
                self.chats.enter(*chat, event, &mut broken);
            }
            AnyEvent::Consent(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
        broken
    }

    fn enter_queue(&mut self, queue: QueueId, event: &queue::Event, broken: &mut Broken) {
        use queue::Event;
        match event {
            Event::LeaseAcquired { token, until, .. } => {
                let (last, _) = self.leases.entry(queue).or_default();
                if token <= last {
                    broken.push(("each lease has a higher number", format!("{queue}: {token}")));
                }
                self.leases.insert(queue, (*token, Some(*until)));
            }
            Event::LeaseRenewed { until, .. } => {
                self.leases.entry(queue).or_default().1 = Some(*until);
            }
            Event::LeaseReleased { .. } | Event::LeaseLapsed { .. } => {
                self.leases.entry(queue).or_default().1 = None;
            }
            Event::Entered { entry, .. } => {
                begin(&mut self.in_line, *entry, "an entry joins its line once", broken);
            }
            Event::Left { entry, .. } => {
                end(&mut self.in_line, *entry, "an entry leaves its line once", broken);
            }
            Event::Reserved {
                chosen, token, at, ..
            } => {
                let (held, until) = self.leases.get(&queue).copied().unwrap_or_default();
                if held != *token || until.is_none_or(|until| *at >= until) {
                    let seen = format!("{queue}: {token} at {at}, when {held} held until {until:?}");
                    broken.push(("only the owner decides who is offered what", seen));
                }
                for one in chosen.iter() {
                    begin(&mut self.decided, one.offer, "an offer is decided once", broken);
                }
            }
            Event::OfferEnded { offer, .. } => {
                end(&mut self.decided, *offer, "a decided offer ends once", broken);
            }
            _ => {}
        }
    }

    fn enter_agent(&mut self, id: AgentId, event: &agent::Event, broken: &mut Broken) {
        use agent::Event;
        let agent = self.agents.entry(id).or_default();
        match event {
            Event::SignedIn { .. } => agent.signed_in = true,
            // Who comes back chooses a state anew, which ends being set aside, too.
            Event::SignedOut { .. } => {
                (agent.signed_in, agent.available, agent.aside) = (false, false, false);
            }
            Event::StateChosen { state, .. } => agent.available = state.kind == agent::StateKind::Available,
            Event::SetAside { .. } => agent.aside = true,
            Event::Returned { .. } => agent.aside = false,
            Event::DeviceRegistered { .. } | Event::DeviceReachable { .. } => agent.devices += 1,
            Event::DeviceExpired { .. } | Event::DeviceUnreachable { .. } => {
                agent.devices = agent.devices.saturating_sub(1);
            }
            Event::CapacitySet { capacity, .. } => agent.capacity = capacity.clone(),
            Event::Reserved {
                offer, contact, ask, ..
            } => {
                let (channel, units) = (ask.channel, ask.units.get());
                let free = agent.signed_in && agent.available && !agent.aside && agent.devices > 0;
                if !free {
                    let seen = format!("{id}: {agent:?}");
                    broken.push(("only an agent who is free is offered anything", seen));
                }
                if !agent.has_room(channel, units) || agent.in_hand.contains_key(contact) {
                    let seen = format!("{id}: {contact}, {units} units of {channel}, {agent:?}");
                    broken.push(("no agent is offered more than fits", seen));
                }
                agent.in_hand.insert(*contact, (channel, units));
                begin(
                    &mut self.reserved,
                    *offer,
                    "an agent is reserved once for an offer",
                    broken,
                );
            }
            Event::WrapUpStarted { contact, until, .. } | Event::WrapUpExtended { contact, until, .. } => {
                self.notes.insert((id, *contact), *until);
            }
            Event::WrapUpEnded { contact, at, .. } | Event::WrapUpFailed { contact, at } => {
                let until = self.notes.remove(&(id, *contact));
                self.check_time(until, *at, format!("{id}: the notes of {contact}"), broken);
            }
            Event::Begun {
                contact,
                channel,
                units,
                ..
            } => {
                agent.in_hand.insert(*contact, (*channel, units.get()));
            }
            Event::RangBack { callback, call, .. } => {
                if let Some((_, units)) = agent.in_hand.remove(&Contact::Callback(*callback)) {
                    agent
                        .in_hand
                        .insert(Contact::Call(*call), (WorkChannel::Voice, units));
                }
            }
            Event::Released { offer, contact, .. } => {
                agent.in_hand.remove(contact);
                if let Some(offer) = offer {
                    end(&mut self.reserved, *offer, "a reservation ends once", broken);
                }
            }
            _ => {}
        }
    }

    fn enter_offers(&mut self, event: &call::Event, broken: &mut Broken) {
        use call::Event;
        match event {
            Event::AgentOffered { offer, until, .. } => {
                self.rings.insert(*offer, *until);
                begin(
                    &mut self.rung,
                    *offer,
                    "a caller is offered once under an offer",
                    broken,
                );
            }
            Event::OfferAccepted { offer, at, .. }
            | Event::OfferRejected { offer, at, .. }
            | Event::OfferMissed { offer, at, .. }
            | Event::OfferCallerGone { offer, at, .. }
            | Event::OfferUnreachable { offer, at, .. }
            | Event::OfferWithdrawn { offer, at, .. } => {
                let until = self.rings.remove(offer);
                self.check_time(until, *at, format!("the ringing of {offer}"), broken);
                end(&mut self.rung, *offer, "an offer of a caller ends once", broken);
            }
            _ => {}
        }
    }

    fn enter_offers_of_chats(&mut self, event: &conversation::Event, at: Timestamp, broken: &mut Broken) {
        use conversation::Event;
        if let Event::Offered { offer, ring_ms, .. } = event {
            self.rings.insert(*offer, at.plus(*ring_ms));
            begin(
                &mut self.rung,
                *offer,
                "a conversation is shown once under an offer",
                broken,
            );
        }
        if let Some(offer) = event.ends_offer() {
            let until = self.rings.remove(&offer);
            self.check_time(until, at, format!("the showing of {offer}"), broken);
            end(
                &mut self.rung,
                offer,
                "an offer of a conversation ends once",
                broken,
            );
        }
    }

    fn enter_call(&mut self, id: CallId, event: &call::Event, broken: &mut Broken) {
        use call::Event;
        let call = self.calls.entry(id).or_default();
        let begins = matches!(
            event,
            Event::LegCreated { .. }
                | Event::LegJoined { .. }
                | Event::Queued { .. }
                | Event::AgentOffered { .. }
                | Event::LegAnswered { .. }
        );
        if call.over && begins {
            broken.push((
                "nothing begins in a call that is over",
                format!("{id}: {}", kind(event)),
            ));
        }
        match event {
            Event::Offered { leg, .. } => call.caller = Some(*leg),
            Event::LegCreated {
                leg,
                party: Party::Agent { agent, .. },
                ..
            } => {
                call.agents.insert(*leg, *agent);
            }
            Event::Merged { .. } => call.conference = true,
            Event::LegJoined { bridge, leg, .. } => {
                call.bridges.entry(*bridge).or_default().insert(*leg);
                if let Some(seen) = call.crowded() {
                    broken.push((
                        "at most one agent is connected to a caller",
                        format!("{id}: {seen}"),
                    ));
                }
            }
            Event::LegLeft { leg, .. } | Event::LegEnded { leg, .. } => {
                for members in call.bridges.values_mut() {
                    members.remove(leg);
                }
            }
            Event::Queued { entry, .. } => {
                begin(
                    &mut self.waits,
                    (id, *entry),
                    "a call waits once under an entry",
                    broken,
                );
            }
            Event::LeftQueue { entry, .. } => {
                end(&mut self.waits, (id, *entry), "a wait ends once", broken);
            }
            Event::OfferAccepted { entry, .. } if !call.taken.insert(*entry) => {
                broken.push(("one agent at most accepts a caller", format!("{id}: {entry}")));
            }
            Event::Ended { .. } => call.over = true,
            _ => {}
        }
    }

    /// Says what was begun and never ended.
    pub(super) fn left_open(&self) -> Broken {
        let mut open = Vec::new();
        open.extend(not_ended(&self.decided, "every decided offer ends"));
        open.extend(not_ended(&self.reserved, "every reservation ends"));
        open.extend(not_ended(&self.rung, "whatever rings or is shown ends"));
        open.extend(not_ended(&self.in_line, "every entry leaves its line"));
        open.extend(not_ended(&self.waits, "every wait ends"));
        for (id, call) in self.calls.iter().filter(|(_, call)| !call.over) {
            open.push(("every call ends", format!("{id}: {call:?}")));
        }
        open.extend(self.chats.left_open());
        open
    }
}

impl Call {
    fn crowded(&self) -> Option<String> {
        let caller = self.caller?;
        let with_caller = self.bridges.values().find(|members| members.contains(&caller))?;
        let agents: BTreeSet<_> = with_caller
            .iter()
            .filter_map(|leg| self.agents.get(leg))
            .collect();
        (agents.len() > 1 && !self.conference).then(|| format!("{agents:?}"))
    }
}

fn begin<K: Ord + Copy + std::fmt::Debug>(
    book: &mut BTreeMap<K, bool>,
    key: K,
    rule: &'static str,
    broken: &mut Broken,
) {
    if book.insert(key, false).is_some() {
        broken.push((rule, format!("{key:?}")));
    }
}

fn end<K: Ord + Copy + std::fmt::Debug>(
    book: &mut BTreeMap<K, bool>,
    key: K,
    rule: &'static str,
    broken: &mut Broken,
) {
    if book.insert(key, true) != Some(false) {
        broken.push((rule, format!("{key:?}")));
    }
}

fn not_ended<K: Ord + std::fmt::Debug>(book: &BTreeMap<K, bool>, rule: &'static str) -> Broken {
    let open = book.iter().filter(|(_, over)| !**over);
    open.map(|(key, _)| (rule, format!("{key:?}"))).collect()
}

fn kind(event: &call::Event) -> &'static str {
    domain_model::Event::kind(event)
}
