//! What is going to happen by itself: who rings or writes when and how patient they are, who works when, what breaks.
//!
//! A plan is fixed before it is played. Everything in it has its own place in the tree of chance, so that a part can
//! be taken out and the rest stays as it was: that is how a failing history is made short.

pub mod founding;
pub mod writing;

use std::collections::BTreeMap;
use std::num::NonZeroU16;
use std::sync::Arc;

use domain_model::agent::Capacity;
use domain_model::call::parties::Entrance;
use domain_model::contact::WorkChannel;
use domain_model::few::Few;
use domain_model::ids::{AgentId, GroupId, QueueId, SkillId};
use domain_model::interpreter::Library;
use domain_model::process::AnyCommand;
use domain_model::queue::{ExitKey, Goals, Offers, Priority, Settings, Strategy, Tier, Told, Waiting};
use domain_model::skills::SkillLevel;
use domain_model::text::Name;
use domain_model::{Millis, Timestamp};
use uuid::Uuid;

use crate::chance::Chance;
use writing::Writer;

/// Everything that is fixed before a simulated time begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The place in the tree of chance for what is only decided on the way.
    pub chance: Chance,
    /// When it begins.
    pub begins: Timestamp,
    /// The routing policies, and what they use.
    pub library: Arc<Library>,
    /// How the business comes to be: what its admin does first.
    pub founding: Vec<AnyCommand>,
    /// The queues.
    pub queues: BTreeMap<QueueId, Settings>,
    /// The agents.
    pub agents: BTreeMap<AgentId, Person>,
    /// What breaks.
    pub faults: Faults,
    /// What happens by itself, in order.
    pub moments: Vec<Moment>,
    /// A process that does not run, by its name: whoever checks the rules sees that it is missed.
    pub without: Option<&'static str>,
}

/// How an agent works.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The groups they belong to, with their priority in each.
    pub groups: BTreeMap<GroupId, u16>,
    /// What they can do.
    pub skills: BTreeMap<SkillId, SkillLevel>,
    /// How much they may have in hand at once.
    pub capacity: Capacity,
    /// How long they let it ring on average; nothing means that they answer in the same instant.
    pub answers_in: Millis,
    /// How many offers in a thousand they turn down.
    pub rejects: u64,
    /// How many offers in a thousand they do not hear.
    pub misses: u64,
    /// How many offers in a thousand do not reach their device.
    pub unreachable: u64,
    /// How long they write notes, on average.
    pub notes: Millis,
    /// How many times in a thousand they want more time for them.
    pub extends: u64,
    /// How many times in a thousand they forget the code that must be given with them.
    pub forgets: u64,
    /// Whether their telephone says that it answered, and no sound ever comes through. A colleague who rings them hears
    /// so at once.
    pub never_heard: bool,
}

/// Something that happens by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happens by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A customer rings.
    Ring(Caller),
    /// A customer writes.
    Write(Writer),
    /// An agent begins to work and is available.
    SignIn(AgentId),
    /// An agent goes home.
    SignOut(AgentId),
    /// An agent takes a break.
    Away(AgentId),
    /// An agent is back from a break.
    Back(AgentId),
    /// An agent wants a break once nothing is in hand.
    AwayLater(AgentId),
    /// An agent wants to be available once nothing is in hand.
    BackLater(AgentId),
    /// An agent's device loses its network; a call on it loses its sound.
    DeviceLost(AgentId),
    /// An agent's device is there again.
    DeviceBack(AgentId),
    /// A supervisor cancels every callback that still waits.
    CancelCallbacks,
    /// A process is stopped and begins anew.
    Restart {
        /// Which, counted over all that run.
        process: u64,
    },
    /// A node that owns a queue, or wants to, is gone, and another begins in its place.
    RestartOwner {
        /// Which, counted over all queues and their nodes.
        owner: u64,
    },
    /// A node that owns queues is cut off for a while and then goes on as if nothing had been.
    Freeze {
        /// The node.
        node: u64,
        /// For how long.
        during: Millis,
    },
}

/// A customer who rings.
#[derive(Debug, Clone, PartialEq)]
pub struct Caller {
    /// Their number among all.
    pub number: u64,
    /// Which customer they are: who rings again may want the agent they had.
    pub customer: u64,
    /// What they ring, which says what routing policy they come to.
    pub dials: Entrance,
    /// What they press each time keys are asked for; nothing once there are no more.
    pub keys: Vec<String>,
    /// The tier that the CRM has them in, if it knows them.
    pub tier: Option<&'static str>,
    /// How long they wait in queues before they hang up; for ever if none.
    pub patience: Option<Millis>,
    /// What they press in a queue, if they do.
    pub way_out: Option<WayOut>,
    /// How long they talk once they are connected.
    pub talk: Millis,
    /// Whether they would rather be rung back, and how many times in a thousand they then answer.
    pub callback: Option<u64>,
    /// What the first agent who talks to them does instead of serving them to the end.
    pub hands_on: Option<HandsOn>,
    /// How long after that agent began to talk a supervisor listens in, if one does.
    pub heard_after: Option<Millis>,
}

/// A key that a caller presses while they wait, which leads out of queues that know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayOut {
    /// How long after they began to wait.
    pub after: Millis,
    /// The key.
    pub key: ExitKey,
}

/// An agent hands a caller on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandsOn {
    /// How long after they began to talk.
    pub after: Millis,
    /// How.
    pub how: How,
}

/// How an agent hands a caller on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// To a colleague, without asking.
    Colleague(AgentId),
    /// To a queue.
    Queue(QueueId),
    /// To a group, whose telephones ring together.
    Group(GroupId),
    /// To a group's mailbox.
    Mailbox(GroupId),
    /// To somebody outside.
    Outside,
    /// A colleague is asked first.
    Asks {
        /// The colleague.
        colleague: AgentId,
        /// What comes of it.
        then: Then,
    },
}

/// What comes of asking a colleague.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The colleague takes the caller.
    HandsOver,
    /// All three talk.
    BringsTogether,
    /// The agent keeps the caller.
    Keeps,
    /// The agent hangs up, which hands the caller over where the colleague is there.
    HangsUp,
}

/// What breaks besides what the plan's moments name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    /// How far whoever follows the log is behind, at most.
    pub lag: Millis,
    /// How many commands in a thousand are said again later.
    pub repeats: u64,
    /// How many commands of people in a thousand arrive late.
    pub late: u64,
    /// How late they are, at most.
    pub late_by: Millis,
    /// How many times in a thousand a process stops between two of its orders.
    pub stops: u64,
    /// How many nodes want to own each queue; one if there is no fight.
    pub nodes: u64,
}

impl Faults {
    /// Nothing breaks.
    pub const NONE: Self = Self {
        lag: Millis(0),
        repeats: 0,
        late: 0,
        late_by: Millis(0),
        stops: 0,
        nodes: 1,
    };
}

impl Plan {
    /// Makes a plan in which nothing happens yet.
    #[must_use]
    pub const fn empty(seed: u64, begins: Timestamp, library: Arc<Library>) -> Self {
        Self {
            chance: Chance::seeded(seed),
            begins,
            library,
            founding: Vec::new(),
            queues: BTreeMap::new(),
            agents: BTreeMap::new(),
            faults: Faults::NONE,
            moments: Vec::new(),
            without: None,
        }
    }

    /// Brings the moments into their order.
    pub fn sort(&mut self) {
        self.moments.sort_by_key(|moment| moment.at);
    }
}

/// Returns the id of the thing that is number `n` of its kind.
#[must_use]
pub fn numbered(kind: u64, n: u64) -> Uuid {
    Uuid::from_u64_pair(kind, n)
}

/// Returns an agent by number.
#[must_use]
pub fn agent(n: u64) -> AgentId {
    AgentId::new(numbered(1, n))
}

/// Returns a queue by number.
#[must_use]
pub fn queue(n: u64) -> QueueId {
    QueueId::new(numbered(2, n))
}

/// Returns a group by number.
#[must_use]
pub fn group(n: u64) -> GroupId {
    GroupId::new(numbered(3, n))
}

/// Returns a skill by number.
#[must_use]
pub fn skill(n: u64) -> SkillId {
    SkillId::new(numbered(4, n))
}

/// Returns the settings of a plain queue: one group, the longest idle agent first, nobody sent away.
///
/// # Panics
/// Never: the values are within their limits.
#[must_use]
pub fn plain_queue(name: &str, first: GroupId) -> Settings {
    let tier = Tier {
        groups: [first].into(),
        after_ms: Millis(0),
    };
    Settings {
        name: Name::new(name).expect("a short name"),
        channels: [WorkChannel::Voice].into(),
        hours: None,
        tiers: Few::first([tier]),
        strategy: Strategy::LongestIdle,
        waiting: Waiting {
            priority: Priority::new(50).expect("within 1 to 100"),
            ageing: None,
            max_length: None,
            max_wait_ms: None,
            overflow: None,
            leave_when_nobody_logged_in: false,
            leave_when_nobody_available: false,
            exit_keys: [].into(),
            callback: None,
        },
        told: Told {
            music: None,
            announcements: None,
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

/// Returns somebody who belongs to one group and answers in the same instant.
#[must_use]
pub fn ready_person(group: GroupId) -> Person {
    Person {
        groups: [(group, 1)].into(),
        skills: BTreeMap::new(),
        capacity: Capacity::default(),
        answers_in: Millis(0),
        rejects: 0,
        misses: 0,
        unreachable: 0,
        notes: Millis(0),
        extends: 0,
        forgets: 0,
        never_heard: false,
    }
}
