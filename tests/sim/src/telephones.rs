//! Everybody with a telephone: customers, agents, and the network between them. What `media` will do, without sound.

use std::collections::{BTreeMap, BTreeSet};

use domain_model::agent::{self, Chooser, DeviceCommand, DeviceKind, StateCommand, WrapUpCommand};
use domain_model::call::parties::{Caller as Rings, Entrance, Party};
use domain_model::call::reasons::{EndCause, LegCause, Unreached};
use domain_model::call::{self, bridge, leg, life, offer};
use domain_model::contact::Contact;
use domain_model::context::Actor;
use domain_model::ids::{
    AgentId, BridgeId, CallId, DeviceId, EntryId, GroupId, JourneyId, LegId, OfferId, ProfileId, StateId,
    UserId,
};
use domain_model::process::{AnyCommand, AnyEvent, Happened};
use domain_model::text::{Key, Name};
use domain_model::{Millis, Timestamp};

use crate::chance::Chance;
use crate::plan::{Caller, Person, What, numbered};

/// How long whoever was set aside stays away.
const ASIDE: Millis = Millis::from_secs(60);
/// How long a device that could not be rung stays so.
const BACK: Millis = Millis::from_secs(20);

/// Something that somebody does when its time comes, if it still makes sense then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Deed {
    LosePatience { call: CallId },
    Answer { call: CallId, leg: LegId },
    TurnDown { call: CallId, offer: OfferId },
    HangUp { call: CallId, leg: LegId },
    CloseNotes { agent: AgentId, contact: Contact },
    ComeBack { agent: AgentId },
    FindNetwork { agent: AgentId },
}

/// What somebody does now, and later.
#[derive(Debug, Default)]
pub(crate) struct Reaction {
    pub(crate) say: Vec<(&'static str, AnyCommand)>,
    pub(crate) later: Vec<(Timestamp, Deed)>,
}

impl Reaction {
    fn call(&mut self, word: &'static str, call: CallId, command: call::Command) {
        self.say.push((word, AnyCommand::Call(call, command)));
    }

    fn agent(&mut self, word: &'static str, agent: AgentId, command: impl Into<agent::Command>) {
        self.say.push((word, AnyCommand::Agent(agent, command.into())));
    }
}

/// A call as the network has it.
#[derive(Debug, Clone)]
struct Line {
    caller: Caller,
    leg: LegId,
    waits: Option<EntryId>,
    first_waited: Option<Timestamp>,
    // The agents' legs that are not over.
    legs: BTreeMap<LegId, AgentId>,
    talks_with: Option<LegId>,
}

/// All telephones.
#[derive(Debug)]
pub(crate) struct Telephones {
    chance: Chance,
    people: BTreeMap<AgentId, Person>,
    lines: BTreeMap<CallId, Line>,
    without_network: BTreeSet<AgentId>,
}

impl Telephones {
    pub(crate) const fn new(chance: Chance, people: BTreeMap<AgentId, Person>) -> Self {
        Self {
            chance,
            people,
            lines: BTreeMap::new(),
            without_network: BTreeSet::new(),
        }
    }

    /// Says whether nobody is on any of them.
    pub(crate) fn are_quiet(&self) -> bool {
        self.lines.is_empty()
    }

    /// Says what makes the agents what they are, before anything happens.
    pub(crate) fn hire(&self, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let by = admin();
        for (agent, person) in &self.people {
            let profile = ProfileId::new(numbered(5, 1));
            let assign = agent::SetupCommand::AssignProfile {
                profile,
                by: by.clone(),
                at,
            };
            does.agent("profile", *agent, assign);
            for (group, priority) in &person.groups {
                let (group, priority, by) = (*group, *priority, by.clone());
                does.agent(
                    "group",
                    *agent,
                    agent::SetupCommand::JoinGroup {
                        group,
                        priority,
                        by,
                        at,
                    },
                );
            }
            for (skill, level) in &person.skills {
                let (skill, level, by) = (*skill, *level, by.clone());
                does.agent(
                    "skill",
                    *agent,
                    agent::SetupCommand::SetSkill { skill, level, by, at },
                );
            }
        }
        does
    }

    /// Lets happen what the plan says.
    pub(crate) fn happen(&mut self, what: &What, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let by = Chooser::Agent;
        match what {
            What::Ring(caller) => self.ring(caller, at, &mut does),
            What::SignIn(agent) => {
                let device = device_of(*agent);
                let kind = DeviceKind::Browser;
                let by = || Chooser::Agent;
                does.agent("register", *agent, DeviceCommand::Register { device, kind, at });
                does.agent("sign-in", *agent, StateCommand::SignIn { by: by(), at });
                let state = self.available(*agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by: by(), at });
            }
            What::SignOut(agent) => does.agent("sign-out", *agent, StateCommand::SignOut { by, at }),
            What::Away(agent) => {
                let state = away();
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
            What::Back(agent) => {
                let state = self.available(*agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
            What::DeviceLost(agent) => self.lose_device(*agent, at, &mut does),
            What::DeviceBack(agent) => {
                self.without_network.remove(agent);
                let (device, kind) = (device_of(*agent), DeviceKind::Browser);
                does.agent("register", *agent, DeviceCommand::Register { device, kind, at });
            }
            What::Restart { .. } | What::Freeze { .. } => {}
        }
        does
    }

    fn ring(&mut self, caller: &Caller, at: Timestamp, does: &mut Reaction) {
        let call = CallId::new(self.chance.about("call", caller.number).uuid());
        let leg = LegId::new(self.chance.about("leg", caller.number).uuid());
        let line = Line {
            caller: caller.clone(),
            leg,
            waits: None,
            first_waited: None,
            legs: BTreeMap::new(),
            talks_with: None,
        };
        self.lines.insert(call, line);
        let offered = life::Command::Offer {
            leg,
            caller: Rings::Withheld,
            entrance: Entrance::Trunk {
                trunk: Key::new("carrier").expect("a short name"),
            },
            journey: JourneyId::new(call.uuid()),
            previous: None,
            at,
        };
        does.call("ring", call, call::Command::Life(offered));
    }

    fn lose_device(&mut self, agent: AgentId, at: Timestamp, does: &mut Reaction) {
        self.without_network.insert(agent);
        let device = device_of(agent);
        does.agent("expire", agent, DeviceCommand::Expire { device, at });
        for (call, line) in &self.lines {
            let theirs = line.legs.iter().filter(|(_, of)| **of == agent);
            for (leg, _) in theirs {
                let (leg, cause) = (*leg, LegCause::MediaLost);
                does.call(
                    "lost",
                    *call,
                    call::Command::Leg(leg::Command::End { leg, cause, at }),
                );
            }
        }
    }

    /// Does what somebody meant to do, if it still makes sense.
    pub(crate) fn act(&mut self, deed: &Deed, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        match deed {
            Deed::LosePatience { call } => {
                let gone = self.lines.get(call).filter(|line| line.talks_with.is_none());
                if let Some(leg) = gone.map(|line| line.leg) {
                    let cause = LegCause::HungUp;
                    does.call(
                        "abandon",
                        *call,
                        call::Command::Leg(leg::Command::End { leg, cause, at }),
                    );
                }
            }
            Deed::Answer { call, leg } => {
                let rings = self
                    .lines
                    .get(call)
                    .and_then(|line| line.legs.get(leg))
                    .is_some_and(|agent| !self.without_network.contains(agent));
                if rings {
                    let leg = *leg;
                    does.call(
                        "answer",
                        *call,
                        call::Command::Leg(leg::Command::Answer { leg, at }),
                    );
                }
            }
            Deed::TurnDown { call, offer } => {
                let (offer, reason) = (*offer, None);
                does.call(
                    "turn-down",
                    *call,
                    call::Command::Offer(offer::Command::Reject { offer, reason, at }),
                );
            }
            Deed::HangUp { call, leg } => {
                let (leg, cause) = (*leg, LegCause::HungUp);
                if self.lines.contains_key(call) {
                    does.call(
                        "hang-up",
                        *call,
                        call::Command::Leg(leg::Command::End { leg, cause, at }),
                    );
                }
            }
            Deed::CloseNotes { agent, contact } => {
                let (contact, by) = (*contact, Chooser::Agent);
                does.agent("close-notes", *agent, WrapUpCommand::End { contact, by, at });
            }
            Deed::FindNetwork { agent } => {
                let device = device_of(*agent);
                if !self.without_network.contains(agent) {
                    does.agent("reachable", *agent, DeviceCommand::ReportReachable { device, at });
                }
            }
            Deed::ComeBack { agent } => {
                let (state, by) = (self.available(*agent), Chooser::Agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
        }
        does
    }

    /// Hears what was recorded and reacts to it.
    pub(crate) fn hear(&mut self, happened: &Happened, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        match &happened.what {
            AnyEvent::Call(call, event) => self.hear_call(*call, event, at, &mut does),
            AnyEvent::Agent(agent, event) => self.hear_agent(*agent, event, at, &mut does),
            AnyEvent::Queue(..)
            | AnyEvent::Consent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..) => {}
        }
        does
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "telephones hear of few of the many things that a call records"
    )]
    fn hear_call(&mut self, call: CallId, event: &call::Event, at: Timestamp, does: &mut Reaction) {
        let Some(line) = self.lines.get_mut(&call) else {
            return;
        };
        match event {
            call::Event::Offered { leg, .. } => {
                let leg = *leg;
                does.call(
                    "pick-up",
                    call,
                    call::Command::Leg(leg::Command::Answer { leg, at }),
                );
            }
            call::Event::LegAnswered { leg, .. } if *leg == line.leg => join_queue(call, line, at, does),
            call::Event::LegAnswered { leg, .. } => {
                let bridge = BridgeId::new(call.uuid());
                for (word, leg) in [("bridge-caller", line.leg), ("bridge-agent", *leg)] {
                    does.call(
                        word,
                        call,
                        call::Command::Bridge(bridge::Command::Join { bridge, leg, at }),
                    );
                }
            }
            call::Event::Queued { entry, .. } => {
                line.waits = Some(*entry);
                if line.first_waited.is_none() {
                    line.first_waited = Some(at);
                    let gone = line.caller.patience.map(|patience| at.plus(patience));
                    does.later
                        .extend(gone.map(|gone| (gone, Deed::LosePatience { call })));
                }
            }
            call::Event::LeftQueue { entry, reason, .. } if line.waits == Some(*entry) => {
                line.waits = None;
                if sent_away(reason) {
                    let cause = EndCause::PolicyEnded { step: None };
                    does.call(
                        "goodbye",
                        call,
                        call::Command::Life(life::Command::End { cause, at }),
                    );
                }
            }
            call::Event::AgentOffered { offer, agent, .. } => self.offered(call, *offer, *agent, at, does),
            call::Event::LegCreated {
                leg,
                party: Party::Agent { agent, .. },
                ..
            } => {
                line.legs.insert(*leg, *agent);
            }
            call::Event::LegJoined { leg, .. } if line.legs.contains_key(leg) => {
                line.talks_with = Some(*leg);
                let chance = self.chance.about("hangs-up", call.uuid().as_u64_pair().1);
                let leg = if chance.per_mille(700) { line.leg } else { *leg };
                does.later
                    .push((at.plus(line.caller.talk), Deed::HangUp { call, leg }));
            }
            call::Event::LegEnded { leg, .. } => {
                line.legs.remove(leg);
                if line.talks_with == Some(*leg) {
                    // Nobody is left to talk to: a policy without an end of its own.
                    let leg = line.leg;
                    does.later
                        .push((at.plus(Millis::from_secs(1)), Deed::HangUp { call, leg }));
                }
            }
            call::Event::Ended { .. } => {
                self.lines.remove(&call);
            }
            _ => {}
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
    fn hear_agent(&self, agent: AgentId, event: &agent::Event, at: Timestamp, does: &mut Reaction) {
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        match event {
            agent::Event::WrapUpStarted { contact, .. } => {
                let chance = self.chance.about("notes", at.micros().unsigned_abs());
                let when = at.plus(chance.exponential(person.notes));
                let contact = *contact;
                does.later.push((when, Deed::CloseNotes { agent, contact }));
            }
            agent::Event::SetAside { .. } => {
                does.later.push((at.plus(ASIDE), Deed::ComeBack { agent }));
            }
            _ => {}
        }
    }

    fn available(&self, agent: AgentId) -> agent::ProfileState {
        let groups = self.people.get(&agent).map(|person| &person.groups);
        state(
            1,
            "Available",
            agent::StateKind::Available,
            groups.into_iter().flat_map(BTreeMap::keys).copied().collect(),
        )
    }
}

fn join_queue(call: CallId, line: &Line, at: Timestamp, does: &mut Reaction) {
    let join = call::queue::Command::Join {
        entry: EntryId::new(call.derive("entry")),
        queue: line.caller.queue,
        priority: line.caller.priority,
        skills: line.caller.skills.clone(),
        keeps_place_of: None,
        waiting_since: at,
        at,
    };
    does.call("join", call, call::Command::Queue(join));
}

// What a routing policy without anything after its queue does: it says goodbye.
fn sent_away(reason: &call::reasons::LeaveReason) -> bool {
    use call::reasons::LeaveReason;
    match reason {
        LeaveReason::ExitKey | LeaveReason::MaxWait | LeaveReason::NoAgents | LeaveReason::Policy => true,
        LeaveReason::Answered { .. }
        | LeaveReason::Overflow { .. }
        | LeaveReason::ConnectFailed { .. }
        | LeaveReason::Abandoned
        | LeaveReason::Callback { .. }
        | LeaveReason::Ended => false,
    }
}

fn away() -> agent::ProfileState {
    state(2, "Break", agent::StateKind::Away, [].into())
}

fn state(number: u64, label: &str, kind: agent::StateKind, groups: BTreeSet<GroupId>) -> agent::ProfileState {
    agent::ProfileState {
        id: StateId::new(numbered(6, number)),
        profile: ProfileId::new(numbered(5, 1)),
        label: Name::new(label).expect("a short name"),
        kind,
        groups,
    }
}

fn device_of(agent: AgentId) -> DeviceId {
    DeviceId::new(numbered(7, agent.uuid().as_u64_pair().1))
}

pub(crate) const fn admin() -> Actor {
    Actor::User(UserId::new(uuid::Uuid::from_u64_pair(8, 1)))
}
