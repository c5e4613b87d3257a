//! What telephones and their owners do about what was recorded.

use domain_model::agent::{self, DeviceCommand};
use domain_model::call::parties::Party;
use domain_model::call::reasons::{Exit, Unreached};
use domain_model::call::{self, bridge, leg, offer};
use domain_model::contact::Contact;
use domain_model::ids::{AgentId, CallId, EntryId, LegId, OfferId};
use domain_model::process::{AnyEvent, Happened};
use domain_model::queue::{self, ExitKey};
use domain_model::{Millis, Timestamp};

use super::handing_on::{aside, asked, main};
use super::{ASIDE, BACK, Deed, Line, Reaction, Telephones, device_of};
use crate::plan::WayOut;

impl Telephones {
    /// Hears what was recorded and reacts to it.
    pub(crate) fn hear(&mut self, happened: &Happened, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        match &happened.what {
            AnyEvent::Call(call, event) => self.hear_call(*call, event, at, &mut does),
            AnyEvent::Agent(agent, event) => self.hear_agent(*agent, event, at, &mut does),
            AnyEvent::Conversation(chat, event) => self.hear_chat(*chat, event, at, &mut does),
            AnyEvent::Queue(queue, queue::Event::Configured { settings, .. }) => {
                let keys = settings.waiting.exit_keys.iter().copied().collect();
                self.exit_keys.insert(*queue, keys);
            }
            AnyEvent::Queue(..)
            | AnyEvent::Consent(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
        does
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "telephones hear of few of the many things that a call records"
    )]
    fn hear_call(&mut self, call: CallId, event: &call::Event, at: Timestamp, does: &mut Reaction) {
        if let call::Event::Placed {
            agent: Some(agent),
            callback: Some(callback),
            ..
        } = event
        {
            self.placed(call, (*agent, *callback), at, does);
        }
        let Some(line) = self.lines.get_mut(&call) else {
            return;
        };
        match event {
            call::Event::LegAnswered { leg, .. } => self.answered(call, *leg, at, does),
            call::Event::Queued { entry, queue, .. } => {
                line.waits = Some(*entry);
                self.waiting.insert(*entry, call);
                line.begin_to_wait(call, at, does);
                let keys = self.exit_keys.get(queue);
                let way_out = line.caller.way_out;
                let way_out = way_out.filter(|way| keys.is_some_and(|keys| keys.contains(&way.key)));
                if let Some(WayOut { after, key }) = way_out {
                    let entry = *entry;
                    does.later
                        .push((at.plus(after), Deed::PressKey { call, entry, key }));
                }
            }
            call::Event::LeftQueue { entry, .. } if line.waits == Some(*entry) => {
                line.waits = None;
                self.waiting.remove(entry);
            }
            call::Event::AgentOffered { offer, agent, .. } => self.offered(call, *offer, *agent, at, does),
            call::Event::LegCreated {
                leg,
                party: Party::Agent { agent, .. },
                offer,
                hunt: None,
                ..
            } => {
                line.legs.insert(*leg, *agent);
                if offer.is_none() && !line.is_outbound {
                    self.ring_colleague(call, *leg, *agent, at, does);
                }
            }
            call::Event::LegCreated {
                leg,
                party: Party::Number { .. },
                hunt: None,
                ..
            } => {
                let chance = self.chance.about("outside", leg.uuid().as_u64_pair().1);
                let until = at.plus(Millis::from_secs(40));
                line.ring_outside(call, *leg, (at, until), chance, does);
            }
            call::Event::LegJoined { bridge, leg, .. } if *bridge != aside(call) => {
                line.in_main.insert(*leg);
                if line.has_far_end(*leg) && line.talks_with.is_none() {
                    let hangs_up = self.who_hangs_up(call, *leg);
                    self.talk(call, *leg, hangs_up, at, does);
                }
            }
            call::Event::LegLeft { bridge, leg, .. } if *bridge != aside(call) => {
                line.in_main.remove(leg);
            }
            call::Event::ConsultStarted { leg, .. } => line.asks = Some(*leg),
            call::Event::ConsultEnded { .. } => {
                if let Some(leg) = line.asks {
                    Self::take_back(call, line, leg, at, does);
                }
            }
            call::Event::LegEnded { leg, .. } => self.leg_ended(call, *leg, at, does),
            call::Event::Ended { .. } => {
                self.lines.remove(&call);
            }
            _ => {}
        }
    }

    fn answered(&mut self, call: CallId, leg: LegId, at: Timestamp, does: &mut Reaction) {
        let Some(line) = self.lines.get_mut(&call) else {
            return;
        };
        line.answered.insert(leg);
        let person = line.legs.get(&leg).and_then(|agent| self.people.get(agent));
        if person.is_some_and(|person| person.never_heard) {
            return;
        }
        let bridge = aside(call);
        if leg == asked(call) {
            let join = bridge::Command::Join { bridge, leg, at };
            does.call("advise", call, call::Command::Bridge(join));
        } else if leg != line.leg && line.is_outbound {
            let line = line.clone();
            self.ring_customer(call, &line, at, does);
        } else if line.is_outbound || line.legs.contains_key(&leg) || line.on_line.is_outside(leg) {
            connect(call, line, leg, at, does);
        }
    }

    /// Whoever still waits leaves the queue by a key.
    pub(super) fn press_key(
        &self,
        call: CallId,
        entry: EntryId,
        key: ExitKey,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let line = self.lines.get(&call);
        if line.is_some_and(|line| line.waits == Some(entry) && line.talks_with.is_none()) {
            let exit = Exit::ExitKey { key };
            let leave = call::queue::Command::Leave { entry, exit, at };
            does.call("way-out", call, call::Command::Queue(leave));
        }
    }

    // Customers hang up more often than those who serve them.
    fn who_hangs_up(&self, call: CallId, leg: LegId) -> LegId {
        let chance = self.chance.about("hangs-up", call.uuid().as_u64_pair().1);
        let caller = self.lines.get(&call).map(|line| line.leg);
        caller.filter(|_| chance.per_mille(700)).unwrap_or(leg)
    }

    fn talk(&mut self, call: CallId, leg: LegId, hangs_up: LegId, at: Timestamp, does: &mut Reaction) {
        if let Some(line) = self.lines.get_mut(&call) {
            line.plan_talk(call, leg, hangs_up, at, does);
        }
    }

    fn leg_ended(&mut self, call: CallId, leg: LegId, at: Timestamp, does: &mut Reaction) {
        let Some(line) = self.lines.get_mut(&call) else {
            return;
        };
        line.legs.remove(&leg);
        line.answered.remove(&leg);
        line.in_main.remove(&leg);
        if leg == line.leg {
            // Those whom somebody brought together go on for a moment without the customer.
            let soon = at.plus(Millis::from_secs(3));
            let left = line
                .legs
                .keys()
                .map(|leg| (soon, Deed::HangUp { call, leg: *leg }));
            does.later.extend(left);
        }
        if line.talks_with != Some(leg) {
            return;
        }
        line.talks_with = None;
        if line.waits.is_some() {
            line.begin_to_wait(call, at, does);
        }
        match line.who_is_left() {
            Some((other, true)) => {
                let hangs_up = self.who_hangs_up(call, other);
                self.talk(call, other, hangs_up, at, does);
            }
            Some((other, false)) => connect(call, line, other, at, does),
            // No routing policy goes on with a customer whom we rang.
            None if line.is_outbound => {
                let leg = line.leg;
                does.later
                    .push((at.plus(Millis::from_secs(1)), Deed::HangUp { call, leg }));
            }
            None => {}
        }
    }

    // Each agent's telephone rings, or cannot; and they do what is theirs to do.
    fn offered(&self, call: CallId, offer: OfferId, agent: AgentId, at: Timestamp, does: &mut Reaction) {
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        let chance = self.chance.about("offer", offer.uuid().as_u64_pair().1);
        if self.without_network.contains(&agent) || chance.about("network", 0).per_mille(person.unreachable) {
            let why = Unreached::NoReply;
            does.call(
                "unreachable",
                call,
                call::Command::Offer(offer::Command::ReportUnreachable { offer, why, at }),
            );
            let device = device_of(agent);
            does.agent(
                "unreachable",
                agent,
                DeviceCommand::ReportUnreachable { device, at },
            );
            does.later.push((at.plus(BACK), Deed::FindNetwork { agent }));
            return;
        }
        let leg = LegId::new(offer.derive("leg"));
        let party = Party::Agent {
            agent,
            device: Some(device_of(agent)),
        };
        let created = leg::Command::Create {
            leg,
            party,
            offer: Some(offer),
            hunt: None,
            at,
        };
        does.call("device", call, call::Command::Leg(created));
        does.call("rings", call, call::Command::Leg(leg::Command::Ring { leg, at }));
        let when = at.plus(chance.about("hand", 0).exponential(person.answers_in));
        let deed = match chance.about("mood", 0).below(1000) {
            mood if mood < person.rejects => Deed::TurnDown { call, offer },
            mood if mood < person.rejects + person.misses => return,
            _ => Deed::Answer { call, leg },
        };
        does.later.push((when, deed));
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "people hear of few of the many things that an agent's stream records"
    )]
    fn hear_agent(&mut self, agent: AgentId, event: &agent::Event, at: Timestamp, does: &mut Reaction) {
        self.note_holding(agent, event);
        match event {
            agent::Event::Reserved {
                offer,
                contact: Contact::Callback(_),
                ..
            } => self.shown(agent, *offer, at, does),
            agent::Event::WrapUpStarted {
                contact,
                until,
                code_required,
                ..
            } => self.begin_notes(agent, *contact, (*until, *code_required), at, does),
            agent::Event::WrapUpFailed { contact, .. } => self.miss_code(agent, *contact, at, does),
            agent::Event::SetAside { .. } => {
                does.later.push((at.plus(ASIDE), Deed::ComeBack { agent }));
            }
            _ => {}
        }
    }
}

impl Line {
    // Whoever waits and talks and waits again has been patient enough only once.
    fn begin_to_wait(&mut self, call: CallId, at: Timestamp, does: &mut Reaction) {
        if self.first_waited.is_none() {
            self.first_waited = Some(at);
            let gone = self.caller.patience.map(|patience| at.plus(patience));
            does.later
                .extend(gone.map(|gone| (gone, Deed::LosePatience { call })));
        }
    }
}

// Customer and agent hear each other.
fn connect(call: CallId, line: &Line, answered: LegId, at: Timestamp, does: &mut Reaction) {
    let bridge = main(call);
    let agent = if line.is_outbound {
        line.legs.keys().copied().next()
    } else {
        Some(answered)
    };
    for (word, leg) in [("bridge-caller", Some(line.leg)), ("bridge-agent", agent)] {
        if let Some(leg) = leg {
            let join = bridge::Command::Join { bridge, leg, at };
            does.call(word, call, call::Command::Bridge(join));
        }
    }
}
