//! Everybody with a telephone or a keyboard: customers, agents, and the network between them. What `media` will do,
//! without sound.

mod handing_on;
mod hearing;
mod in_a_policy;
mod notes;
mod ringing_back;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use domain_model::agent::{self, Chooser, DeviceCommand, DeviceKind, Holding, StateCommand};
use domain_model::call::parties::Caller as Rings;
use domain_model::call::reasons::LegCause;
use domain_model::call::{self, leg, life, offer};
use domain_model::contact::Contact;
use domain_model::context::Actor;
use domain_model::ids::{
    AgentId, CallId, CallbackId, ConversationId, DeviceId, EntryId, GroupId, JourneyId, LegId, OfferId,
    PersonId, QueueId, StateId, UserId,
};
use domain_model::process::AnyCommand;
use domain_model::queue::ExitKey;
use domain_model::text::Name;
use domain_model::{Millis, PhoneNumber, Private, Timestamp};

use crate::chance::Chance;
use crate::plan::founding::profile;
use crate::plan::{Caller, How, Person, Then, What, numbered};
use in_a_policy::OnLine;
use notes::NotesDeed;
use writing::{Chat, ChatDeed};

/// How long whoever was set aside stays away.
const ASIDE: Millis = Millis::from_secs(60);
/// How long a device that could not be rung stays so.
const BACK: Millis = Millis::from_secs(20);

/// Something that somebody does when its time comes, if it still makes sense then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Deed {
    LosePatience {
        call: CallId,
    },
    Answer {
        call: CallId,
        leg: LegId,
    },
    TurnDown {
        call: CallId,
        offer: OfferId,
    },
    HangUp {
        call: CallId,
        leg: LegId,
    },
    Notes {
        agent: AgentId,
        contact: Contact,
        deed: NotesDeed,
    },
    PressKey {
        call: CallId,
        entry: EntryId,
        key: ExitKey,
    },
    ComeBack {
        agent: AgentId,
    },
    FindNetwork {
        agent: AgentId,
    },
    TakeTask {
        agent: AgentId,
        offer: OfferId,
        takes: bool,
    },
    CustomerAnswers {
        call: CallId,
        leg: LegId,
        answers: bool,
    },
    HandOn {
        call: CallId,
        leg: LegId,
        how: How,
    },
    GiveUpAsking {
        call: CallId,
    },
    Decide {
        call: CallId,
        leg: LegId,
        then: Then,
    },
    ListenIn {
        call: CallId,
        leg: LegId,
    },
    Chat {
        chat: ConversationId,
        deed: ChatDeed,
    },
    // What was begun is over, and whoever did it says so.
    Report {
        call: CallId,
        word: &'static str,
        command: Box<call::Command>,
    },
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
    // Whoever answered, and whoever is in a bridge in which the caller talks.
    answered: BTreeSet<LegId>,
    in_main: BTreeSet<LegId>,
    // The agent who asked a colleague.
    asks: Option<LegId>,
    // Whether we rang them.
    is_outbound: bool,
    on_line: OnLine,
}

impl Line {
    fn inbound(caller: Caller, leg: LegId) -> Self {
        Self {
            caller,
            leg,
            waits: None,
            first_waited: None,
            legs: BTreeMap::new(),
            talks_with: None,
            answered: BTreeSet::new(),
            in_main: BTreeSet::new(),
            asks: None,
            is_outbound: false,
            on_line: OnLine::default(),
        }
    }

    fn outbound(caller: Caller, leg: LegId) -> Self {
        Self {
            is_outbound: true,
            ..Self::inbound(caller, leg)
        }
    }
}

/// All telephones.
#[derive(Debug)]
pub(crate) struct Telephones {
    chance: Chance,
    people: BTreeMap<AgentId, Person>,
    lines: BTreeMap<CallId, Line>,
    // The calls of those who wait, and the customers whom somebody promised to ring back.
    waiting: BTreeMap<EntryId, CallId>,
    promised: BTreeMap<CallbackId, Caller>,
    without_network: BTreeSet<AgentId>,
    // How each agent came to have what they have in hand.
    holdings: BTreeMap<(AgentId, Contact), Holding>,
    // The keys that lead out of queues.
    exit_keys: BTreeMap<QueueId, BTreeSet<ExitKey>>,
    chats: BTreeMap<ConversationId, Chat>,
    // How many customers are going to write anew.
    to_come: usize,
}

impl Telephones {
    pub(crate) const fn new(chance: Chance, people: BTreeMap<AgentId, Person>) -> Self {
        Self {
            chance,
            people,
            lines: BTreeMap::new(),
            waiting: BTreeMap::new(),
            promised: BTreeMap::new(),
            without_network: BTreeSet::new(),
            holdings: BTreeMap::new(),
            exit_keys: BTreeMap::new(),
            chats: BTreeMap::new(),
            to_come: 0,
        }
    }

    /// Says whether nobody rings, talks or writes, or is going to write again.
    pub(crate) fn are_quiet(&self) -> bool {
        self.lines.is_empty() && self.chats.is_empty() && self.to_come == 0
    }

    /// Says what makes the agents what they are, before anything happens.
    pub(crate) fn hire(&self, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let by = admin();
        for (agent, person) in &self.people {
            let profile = profile();
            let assign = agent::SetupCommand::AssignProfile {
                profile,
                by: by.clone(),
                at,
            };
            does.agent("profile", *agent, assign);
            let capacity = person.capacity.clone();
            if capacity != agent::Capacity::default() {
                let by = by.clone();
                let set = agent::SetupCommand::SetCapacity { capacity, by, at };
                does.agent("capacity", *agent, set);
            }
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
            What::Write(writer) => self.write(writer, at, &mut does),
            What::SignIn(agent) => {
                let device = device_of(*agent);
                let kind = DeviceKind::Browser;
                let by = || Chooser::Agent;
                does.agent("register", *agent, DeviceCommand::Register { device, kind, at });
                does.agent("sign-in", *agent, StateCommand::SignIn { by: by(), at });
                let state = self.available(*agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by: by(), at });
            }
            What::SignOut(agent) => {
                does.agent("sign-out", *agent, StateCommand::SignOut { by, at });
                self.put_down_all(*agent, at, &mut does);
            }
            What::Away(agent) => {
                let state = away();
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
            What::Back(agent) => {
                let state = self.available(*agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
            What::AwayLater(agent) => {
                let state = away();
                does.agent("choose-next", *agent, StateCommand::ChooseNext { state, by, at });
            }
            What::BackLater(agent) => {
                let state = self.available(*agent);
                does.agent("choose-next", *agent, StateCommand::ChooseNext { state, by, at });
            }
            What::DeviceLost(agent) => self.lose_device(*agent, at, &mut does),
            What::DeviceBack(agent) => {
                self.without_network.remove(agent);
                let (device, kind) = (device_of(*agent), DeviceKind::Browser);
                does.agent("register", *agent, DeviceCommand::Register { device, kind, at });
            }
            What::CancelCallbacks
            | What::Restart { .. }
            | What::RestartOwner { .. }
            | What::Freeze { .. } => {}
        }
        does
    }

    fn ring(&mut self, caller: &Caller, at: Timestamp, does: &mut Reaction) {
        let call = CallId::new(self.chance.about("call", caller.number).uuid());
        let leg = LegId::new(self.chance.about("leg", caller.number).uuid());
        self.lines.insert(call, Line::inbound(caller.clone(), leg));
        let offered = life::Command::Offer {
            leg,
            caller: rings(caller.customer),
            entrance: caller.dials.clone(),
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
                let Some(line) = self.lines.get_mut(call) else {
                    return does;
                };
                if line.talks_with.is_some() {
                    line.first_waited = None;
                } else {
                    let leg = line.leg;
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
            Deed::Notes { agent, contact, deed } => {
                self.act_on_notes((*agent, *contact), *deed, at, &mut does)
            }
            Deed::PressKey { call, entry, key } => self.press_key(*call, *entry, *key, at, &mut does),
            Deed::FindNetwork { agent } => {
                let device = device_of(*agent);
                if !self.without_network.contains(agent) {
                    does.agent("reachable", *agent, DeviceCommand::ReportReachable { device, at });
                }
            }
            Deed::HandOn { call, leg, how } => self.hand_on(*call, *leg, how, at, &mut does),
            Deed::GiveUpAsking { call } => self.give_up_asking(*call, at, &mut does),
            Deed::Decide { call, leg, then } => self.decide(*call, *leg, *then, at, &mut does),
            Deed::ListenIn { call, leg } => self.listen_in(*call, *leg, at, &mut does),
            Deed::Report { call, word, command } => self.report(*call, word, command, &mut does),
            Deed::Chat { chat, deed } => self.act_on_chat(*chat, deed, at, &mut does),
            Deed::TakeTask { agent, offer, takes } => return Self::take_task(*agent, *offer, *takes, at),
            Deed::CustomerAnswers { call, leg, answers } => {
                return Self::customer_answers(*call, *leg, *answers, at);
            }
            Deed::ComeBack { agent } => {
                let (state, by) = (self.available(*agent), Chooser::Agent);
                does.agent("choose", *agent, StateCommand::Choose { state, by, at });
            }
        }
        does
    }

    fn available(&self, agent: AgentId) -> agent::ProfileState {
        let groups = self.people.get(&agent).map(|person| &person.groups);
        in_groups(groups.into_iter().flat_map(BTreeMap::keys).copied().collect())
    }
}

// One in ten withholds the number; the others ring again and again, from numbers that Ofcom keeps for drama.
fn rings(customer: u64) -> Rings {
    let customer = customer % 1_000;
    if customer.is_multiple_of(10) {
        return Rings::Withheld;
    }
    let number = numbers()[usize::try_from(customer).unwrap_or(0)].clone();
    let person = PersonId::new(numbered(9, customer));
    Rings::Number {
        number: Private::new(person, number),
    }
}

// Reading a number takes as long as everything else about a call.
fn numbers() -> &'static [PhoneNumber] {
    static NUMBERS: LazyLock<Vec<PhoneNumber>> = LazyLock::new(|| {
        let numbers = (0..1_000).map(|n| PhoneNumber::read(&format!("+447700900{n:03}"), None));
        numbers.map(|number| number.expect("a number")).collect()
    });
    &NUMBERS
}

/// Returns the state of whoever takes what their groups are offered.
pub(crate) fn in_groups(groups: BTreeSet<GroupId>) -> agent::ProfileState {
    state(1, "Available", agent::StateKind::Available, groups)
}

/// Returns the state of whoever takes nothing for a while.
pub(crate) fn away() -> agent::ProfileState {
    state(2, "Break", agent::StateKind::Away, [].into())
}

fn state(number: u64, label: &str, kind: agent::StateKind, groups: BTreeSet<GroupId>) -> agent::ProfileState {
    agent::ProfileState {
        id: StateId::new(numbered(6, number)),
        profile: profile(),
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
