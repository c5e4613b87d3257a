//! A busy floor whose agents come and go, played by the real deciders.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::{NonZeroU8, NonZeroU16};
use std::time::{Duration, Instant};

use domain_model::agent::{
    self, Agent, Ask, Chooser, DeviceKind, Holding, ProfileState, QueuePlace, StateKind, Terms,
};
use domain_model::contact::{Contact, WorkChannel};
use domain_model::context::Actor;
use domain_model::few::Few;
use domain_model::ids::{
    AgentId, CallId, DeviceId, EntryId, GroupId, OfferId, ProfileId, QueueId, SkillId, StateId, UserId,
};
use domain_model::matcher::{Config, Matcher, Output};
use domain_model::process::AnyEvent;
use domain_model::queue::{
    self, Ageing, Announcements, Command, EntryCommand, Goals, OfferCommand, Offers, OwnerCommand, Priority,
    Proposal, Queue, Settings, SetupCommand, Strategy, Tier, Told, Waiting,
};
use domain_model::skills::{RequestedSkill, SkillLevel, SkillRequest, SkillRequests};
use domain_model::tenant::zone::ZoneName;
use domain_model::text::Text;
use domain_model::{Decider, Millis, Timestamp};
use uuid::Uuid;

const QUEUE: QueueId = QueueId::new(Uuid::from_u128(1));
const GROUPS: u128 = 8;
const SKILLS: u128 = 50;
const BEGINS: Timestamp = Timestamp::from_micros(1_795_345_200_000_000);

/// Who can serve whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mix {
    /// Everybody everybody.
    Alike,
    /// Each agent has two of fifty skills, and each caller needs one.
    FewMatch,
    /// Eight groups that join in one after the other.
    Tiers,
}

impl Mix {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Alike => "alike",
            Self::FewMatch => "few_match",
            Self::Tiers => "tiers",
        }
    }

    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Alike => "all skilled alike",
            Self::FewMatch => "each agent has two skills of fifty, each caller needs one",
            Self::Tiers => "eight groups that join in one after the other",
        }
    }

    fn group(self, agent: u128) -> GroupId {
        match self {
            Self::Alike | Self::FewMatch => GroupId::new(id(100)),
            Self::Tiers => GroupId::new(id(100 + agent % GROUPS)),
        }
    }

    fn skills_of(self, agent: u128) -> Vec<SkillId> {
        match self {
            Self::Alike | Self::Tiers => Vec::new(),
            Self::FewMatch => [agent % SKILLS, (agent * 7 + 3) % SKILLS]
                .map(|n| SkillId::new(id(200 + n)))
                .into(),
        }
    }

    fn needs_of(self, entry: u128) -> SkillRequests {
        match self {
            Self::Alike | Self::Tiers => Few::none(),
            Self::FewMatch => {
                let skill = SkillId::new(id(200 + entry * 13 % SKILLS));
                let (at_least, relax) = (SkillLevel::INTERMEDIATE, Few::none());
                let request = RequestedSkill {
                    skill,
                    at_least,
                    relax,
                };
                Few::first(SkillRequest::new(request))
            }
        }
    }
}

/// What an agent has.
#[derive(Clone, Copy)]
struct Talk {
    agent: AgentId,
    offer: OfferId,
    entry: EntryId,
}

/// One queue, its agents, those who wait, and the matcher.
pub(super) struct Floor {
    mix: Mix,
    queue: queue::State,
    agents: BTreeMap<AgentId, agent::State>,
    matcher: Matcher,
    talks: VecDeque<Talk>,
    entered: u128,
    now: Timestamp,
}

impl Floor {
    /// Opens a queue where all agents are busy and so many wait.
    pub(super) fn new(mix: Mix, agents: usize, waiting: usize) -> Self {
        let config = Config {
            node: text("node-1"),
            lease_ms: Millis::from_secs(300),
            zone: ZoneName::new("Europe/London").expect("a zone"),
            seed: 1,
        };
        let mut floor = Self {
            mix,
            queue: queue::State::default(),
            agents: BTreeMap::new(),
            matcher: Matcher::new(QUEUE, config),
            talks: VecDeque::new(),
            entered: 0,
            now: BEGINS,
        };
        let by = Actor::User(UserId::new(id(2)));
        let settings = Box::new(settings(mix));
        floor.tell(
            SetupCommand::Configure {
                settings,
                by,
                at: BEGINS,
            }
            .into(),
        );
        for n in 0..agents as u128 {
            floor.staff(n);
        }
        // Enough that everybody is busy, whatever they can do; then as many as are to wait.
        while floor.talks.len() < agents && floor.entered < 20 * agents as u128 {
            floor.enter();
            floor.now = floor.now.plus(Millis(100));
        }
        while floor.waiting() < waiting {
            floor.enter();
        }
        while floor.waiting() > waiting {
            let last = floor.queue.line(floor.now).pop().expect("somebody waits");
            let (why, at) = (queue::Departure::Abandoned, floor.now);
            floor.tell(EntryCommand::Leave { entry: last, why, at }.into());
        }
        floor
    }

    fn waiting(&self) -> usize {
        self.queue.line(self.now).len()
    }

    /// Lets the agent who talked for longest finish and another caller enter; returns how long the decision took that
    /// one of the two led to.
    pub(super) fn next(&mut self) -> Option<Duration> {
        self.now = self.now.plus(Millis(50));
        let talk = self.talks.pop_front()?;
        let (contact, at) = (call(talk.entry), self.now);
        let holding = Holding::Offered(talk.offer);
        let end = agent::WorkCommand::End { contact, holding, at };
        let freed = self.tell_agent(talk.agent, end.into());
        let entered = self.enter();
        freed.or(entered)
    }

    /// Changes the settings, after which everybody is compared with everybody; returns how long that took.
    pub(super) fn reconfigure(&mut self) -> Duration {
        let mut settings = settings(self.mix);
        // Another goal each time: settings that are as they were are no news.
        self.now = self.now.plus(Millis(50));
        settings.goals.answer_within_ms = Millis(1_000 + self.now.since(BEGINS).0 % 60_000);
        let configure = SetupCommand::Configure {
            settings: Box::new(settings),
            by: Actor::User(UserId::new(id(2))),
            at: self.now,
        };
        let events = self.record(configure.into());
        let begun = Instant::now();
        self.matcher.handle_input(&events, self.now);
        while let Some(output) = self.matcher.poll_output() {
            std::hint::black_box(output);
        }
        begun.elapsed()
    }

    fn enter(&mut self) -> Option<Duration> {
        self.entered += 1;
        let (entry, at) = (EntryId::new(id(10_000 + self.entered)), self.now);
        let enter = EntryCommand::Enter {
            returned: None,
            entry,
            contact: call(entry),
            channel: WorkChannel::Voice,
            priority: None,
            skills: self.mix.needs_of(self.entered),
            last_agent: None,
            told: None,
            since: at,
            at,
        };
        self.tell(enter.into())
    }

    fn tell(&mut self, command: Command) -> Option<Duration> {
        let events = self.record(command);
        self.hear(&events)
    }

    fn record(&mut self, command: Command) -> Vec<AnyEvent> {
        let events = Queue::decide(&self.queue, command).unwrap_or_else(|why| panic!("{why}"));
        let queue = std::mem::take(&mut self.queue);
        self.queue = events.iter().fold(queue, Queue::evolve);
        let events = events.into_iter();
        events.map(|event| AnyEvent::Queue(QUEUE, event)).collect()
    }

    fn tell_agent(&mut self, id: AgentId, command: agent::Command) -> Option<Duration> {
        let state = self.agents.entry(id).or_default();
        let events = Agent::decide(state, command).unwrap_or_else(|why| panic!("{why}"));
        *state = events.iter().fold(std::mem::take(state), Agent::evolve);
        let events: Vec<AnyEvent> = events
            .into_iter()
            .map(|event| AnyEvent::Agent(id, event))
            .collect();
        self.hear(&events)
    }

    // Measured is from the events to what is wanted; if nothing is, there was no decision.
    fn hear(&mut self, events: &[AnyEvent]) -> Option<Duration> {
        let begun = Instant::now();
        self.matcher.handle_input(events, self.now);
        let first = self.matcher.poll_output();
        let taken = begun.elapsed();
        let rest = std::iter::from_fn(|| self.matcher.poll_output());
        let outputs: Vec<Output> = first.into_iter().chain(rest).collect();
        let mut decided = false;
        for output in outputs {
            let Output::Command(command) = output else {
                continue;
            };
            let proposal = match &command {
                Command::Owner {
                    command: OwnerCommand::Reserve(proposal),
                    ..
                } => Some(proposal.clone()),
                Command::Owner { .. } | Command::Acquire { .. } => None,
                Command::Setup(_) | Command::Entry(_) | Command::Offer(_) | Command::Lapse { .. } => continue,
            };
            decided |= proposal.is_some();
            self.tell(command);
            if let Some(proposal) = proposal {
                self.connect(&proposal);
            }
        }
        decided.then_some(taken)
    }

    fn connect(&mut self, proposal: &Proposal) {
        let (entry, at) = (proposal.entry, self.now);
        let Some(waiting) = self.queue.entry(entry) else {
            return;
        };
        let ask = Ask {
            channel: waiting.channel,
            units: NonZeroU16::MIN,
            groups: BTreeSet::new(),
            skills: BTreeMap::new(),
        };
        for chosen in proposal.chosen.iter().copied() {
            let (offer, agent) = (chosen.offer, chosen.agent);
            let reserve = agent::OfferCommand::Reserve {
                offer,
                contact: call(entry),
                ask: ask.clone(),
                from: Some(QueuePlace { queue: QUEUE, entry }),
                terms: Terms {
                    wrap_up: None,
                    cooldown_ms: None,
                    set_aside_after: None,
                },
                until: proposal.until,
                at,
            };
            self.tell_agent(agent, reserve.into());
            self.tell(OfferCommand::Accept { offer, at }.into());
            self.tell_agent(agent, agent::OfferCommand::Accept { offer, at }.into());
            self.tell(OfferCommand::Connect { offer, at }.into());
            self.talks.push_back(Talk { agent, offer, entry });
        }
    }

    fn staff(&mut self, n: u128) {
        let (agent, at, by) = (
            AgentId::new(id(1000 + n)),
            self.now,
            Actor::User(UserId::new(id(2))),
        );
        let group = self.mix.group(n);
        let join = agent::SetupCommand::JoinGroup {
            group,
            priority: 1,
            by: by.clone(),
            at,
        };
        self.tell_agent(agent, join.into());
        for skill in self.mix.skills_of(n) {
            let (level, by) = (SkillLevel::EXPERT, by.clone());
            self.tell_agent(
                agent,
                agent::SetupCommand::SetSkill { skill, level, by, at }.into(),
            );
        }
        let profile = ProfileId::new(id(3));
        self.tell_agent(
            agent,
            agent::SetupCommand::AssignProfile { profile, by, at }.into(),
        );
        self.tell_agent(
            agent,
            agent::StateCommand::SignIn {
                by: Chooser::Agent,
                at,
            }
            .into(),
        );
        let (device, kind) = (DeviceId::new(agent.uuid()), DeviceKind::Browser);
        self.tell_agent(agent, agent::DeviceCommand::Register { device, kind, at }.into());
        let state = ProfileState {
            id: StateId::new(id(4)),
            profile,
            label: text("Ready"),
            kind: StateKind::Available,
            groups: BTreeSet::from([group]),
        };
        let choose = agent::StateCommand::Choose {
            state,
            by: Chooser::Agent,
            at,
        };
        self.tell_agent(agent, choose.into());
    }
}

fn call(entry: EntryId) -> Contact {
    Contact::Call(CallId::new(entry.uuid()))
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0000 + n)
}

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("a text of this bench")
}

fn settings(mix: Mix) -> Settings {
    let tiers = match mix {
        Mix::Alike | Mix::FewMatch => 1,
        Mix::Tiers => GROUPS,
    };
    let tiers = (0..tiers).map(|n| Tier {
        groups: BTreeSet::from([GroupId::new(id(100 + n))]),
        after_ms: Millis::from_secs(u32::try_from(n).expect("a few")),
    });
    Settings {
        name: text("Support"),
        channels: BTreeSet::from([WorkChannel::Voice]),
        hours: None,
        tiers: Few::first(tiers),
        strategy: Strategy::LongestIdle,
        waiting: Waiting {
            priority: Priority::new(50).expect("from 1 to 100"),
            ageing: Some(Ageing {
                every_ms: Millis::from_secs(60),
                by: NonZeroU8::MIN,
            }),
            max_length: None,
            max_wait_ms: None,
            overflow: None,
            leave_when_nobody_logged_in: false,
            leave_when_nobody_available: false,
            exit_keys: BTreeSet::new(),
            callback: None,
        },
        told: Told {
            music: None,
            announcements: Some(Announcements {
                position: true,
                estimated_wait: true,
                first_after_ms: Millis::from_secs(15),
                every_ms: Millis::from_secs(60),
            }),
            comfort: None,
        },
        offers: Offers {
            units: NonZeroU16::MIN,
            ring_ms: Millis::from_secs(20),
            last_agent: None,
            screening: None,
            wrap_up: None,
            cooldown_ms: None,
            set_aside_after: None,
        },
        goals: Goals {
            answer_within_ms: Millis::from_secs(20),
            short_abandon_ms: Millis::from_secs(5),
        },
    }
}
