//! All processes at once over one queue, its agents, its callers and a chat: nothing may be left open between them.

mod business;
mod handing;
mod scenes;

use std::collections::BTreeSet;

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;

use super::call_deadlines::CallDeadlines;
use super::callbacks::Callbacks;
use super::handing_on::HandingOn;
use super::in_hand::InHand;
use super::lapse::{AgentLapse, QueueLapse};
use super::monitors::Monitors;
use super::offer_timeout::OfferTimeout;
use super::offering::Offering;
use super::waiting::Waiting;
use super::world::{Answered, World, fold, next};
use super::{AnyCommand, AnyEvent, AnyRejection, Happened, Process};
use crate::agent::{self, Activity};
use crate::contact::{Contact, WorkChannel};
use crate::few::Few;
use crate::ids::{AgentId, CallbackId, CommandId, QueueId};
use crate::testing::sample::id;
use crate::{Millis, Timestamp, call, queue};

pub(super) use business::business;
use scenes::Stage;
pub(super) use scenes::{Scene, scenes};

pub(super) const QUEUE: QueueId = QueueId::new(id(900));

/// One queue that rings all, and six agents at work.
pub(super) fn at_work() -> Vec<AnyEvent> {
    let mut settings = queue::tests::ring_all();
    settings.channels.insert(WorkChannel::Chat);
    // The members of the stories' group are asked at once.
    let sales = agent::tests::ready().groups;
    settings.tiers = Few::first([queue::Tier {
        groups: sales,
        after_ms: Millis(0),
    }]);
    settings.check().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let agents = (0..6).map(|n| AgentId::new(uuid::Uuid::from_u128(n)));
    let history = agents.flat_map(|agent| {
        let at_work = agent::tests::at_work().into_iter();
        at_work.map(move |event| AnyEvent::Agent(agent, event))
    });
    std::iter::once(AnyEvent::Queue(QUEUE, queue::tests::configured(settings)))
        .chain(history)
        .collect()
}

#[derive(Default)]
struct All {
    offer_timeout: (OfferTimeout, Answered),
    call_deadlines: (CallDeadlines, Answered),
    agent_lapse: (AgentLapse, Answered),
    queue_lapse: (QueueLapse, Answered),
    offering: (Offering, Answered),
    in_hand: (InHand, Answered),
    waiting: (Waiting, Answered),
    callbacks: (Callbacks, Answered),
    handing_on: (HandingOn, Answered),
    monitors: (Monitors, Answered),
    seen: usize,
}

macro_rules! each {
    ($all:ident, $this:ident => $what:expr) => {
        [
            {
                let $this = &mut $all.offer_timeout;
                $what
            },
            {
                let $this = &mut $all.call_deadlines;
                $what
            },
            {
                let $this = &mut $all.agent_lapse;
                $what
            },
            {
                let $this = &mut $all.queue_lapse;
                $what
            },
            {
                let $this = &mut $all.offering;
                $what
            },
            {
                let $this = &mut $all.in_hand;
                $what
            },
            {
                let $this = &mut $all.waiting;
                $what
            },
            {
                let $this = &mut $all.callbacks;
                $what
            },
            {
                let $this = &mut $all.handing_on;
                $what
            },
            {
                let $this = &mut $all.monitors;
                $what
            },
        ]
    };
}

impl All {
    fn catch_up(&mut self, world: &World) {
        for happened in &world.log[self.seen..] {
            each!(self, one => one.0.fold(happened));
        }
        self.seen = world.log.len();
    }

    fn settle(&mut self, world: &mut World, now: Timestamp) {
        self.catch_up(world);
        while each!(self, one => step(one, world, now)).contains(&true) {
            self.catch_up(world);
        }
    }
}

fn step<P: Process>((process, answered): &mut (P, Answered), world: &mut World, now: Timestamp) -> bool {
    match next(process, now, answered) {
        Some(order) => {
            answered.take(process, world, order);
            true
        }
        None => false,
    }
}

/// Plays scenes on a platform whose processes follow what happens, most of them at once.
///
/// # Panics
/// If anything is left open.
pub(super) fn live_together(scenes: Vec<Scene>) -> BTreeSet<&'static str> {
    let mut stage = Stage::new();
    let mut all = All::default();
    for scene in scenes {
        stage.now = stage.now.plus(Millis::from_secs(scene.later.into()));
        stage.play(&scene);
        if scene.settles {
            all.settle(&mut stage.world, stage.now);
            assert_no_agent_is_lost(&stage.world);
        }
    }
    stage.close();
    all.settle(&mut stage.world, stage.now);
    all.settle(&mut stage.world, Timestamp::MAX);
    each!(all, one => assert_at_rest(&one.0, &stage.world));
    assert_nothing_is_open(&stage.world);
    stage
        .world
        .log
        .iter()
        .map(|happened| happened.what.kind())
        .collect()
}

fn assert_at_rest<P: Process>(process: &P, world: &World) {
    assert_eq!(process.due(), None, "{process:?}");
    assert_eq!(&fold::<P>(&world.log), process, "folded again, it knows the same");
    let snapshot = serde_json::to_string(process).expect("a process is plain data");
    let restored: P = serde_json::from_str(&snapshot).expect("as written");
    assert_eq!(&restored, process, "from its snapshot, it knows the same");
}

#[test]
fn the_scenes_meet_what_offers_and_work_can_come_to() {
    let mut runner = TestRunner::deterministic();
    let scenes = scenes();
    let mut met = BTreeSet::new();
    for _ in 0..800 {
        let scenes = scenes.new_tree(&mut runner).expect("scenes").current();
        met.extend(live_together(scenes));
    }
    // What somebody does by a command of their own, in other tests.
    let elsewhere = ["AgentRang", "CallOfferRang", "CallOfferUnreachable"];
    let expected = crate::catalogue().into_iter().map(|doc| doc.kind).filter(|kind| {
        let about = |word: &&str| kind.contains(*word);
        let ours = [
            "AgentReserved",
            "AgentAccepted",
            "AgentReleased",
            "AgentBegun",
            "AgentHeld",
            "WrapUp",
        ];
        let offers = [
            "CallOffer",
            "CallAgentOffered",
            "ConversationOffer",
            "QueueOffer",
            "QueueAccepted",
            "CallCallback",
            "AgentRangBack",
            "QueueDeferred",
            "CallTransfer",
            "CallConsult",
        ];
        let wanted = ours.iter().chain(&offers).any(about) && !kind.ends_with("Extended");
        let of_others = kind.starts_with("Tenant") || kind.starts_with("ConversationWrapUp");
        wanted && !of_others && !elsewhere.contains(kind)
    });
    let missing: Vec<&str> = expected.filter(|kind| !met.contains(kind)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

// Whoever talks to a caller is seen to have the call in hand, at any moment.
fn assert_no_agent_is_lost(world: &World) {
    for (call, state) in &world.calls {
        for agent in state.agents_with_caller() {
            let agent = world.agents.get(&agent);
            let has =
                agent.is_some_and(|agent| agent.activities().any(|(held, _)| held == Contact::Call(*call)));
            assert!(has, "an agent on {call} has it in hand");
        }
    }
}

fn assert_nothing_is_open(world: &World) {
    let promised: BTreeSet<CallbackId> = world
        .log
        .iter()
        .filter_map(|happened| match &happened.what {
            AnyEvent::Call(_, call::Event::CallbackAccepted { callback, .. }) => Some(*callback),
            _ => None,
        })
        .collect();
    // What agents began or wrote by themselves is theirs to end, the calls and the chat of the queue are not.
    let ours = |contact: &Contact| match contact {
        Contact::Call(id) => world.calls.contains_key(id),
        Contact::Conversation(id) => world.conversations.contains_key(id),
        Contact::Callback(id) => promised.contains(id),
    };
    let queue = &world.queues[&QUEUE];
    let line = queue.line(Timestamp::MAX);
    let offered = line
        .iter()
        .filter(|entry| queue.entry(**entry).is_some_and(queue::Entry::is_offered));
    assert_eq!(offered.count(), 0, "no entry is offered for ever");
    let waits = line.iter().filter_map(|entry| queue.entry(*entry));
    // A chat that entered when it was over already leaves when it is offered.
    let calls = waits.filter(|entry| matches!(entry.contact, Contact::Call(_)));
    assert_eq!(calls.count(), 0, "nobody waits who is gone");
    for (id, agent) in &world.agents {
        let open = agent.activities().filter(|(contact, activity)| {
            let open = !matches!(activity, Activity::WrapUpFailed);
            ours(contact) && open
        });
        assert_eq!(open.collect::<Vec<_>>(), [], "{id}");
    }
}

/// A platform whose processes follow all that is said, at once.
pub(super) struct Platform {
    pub(super) world: World,
    all: All,
    said: u128,
}

impl Platform {
    /// Begins with what has happened.
    pub(super) fn with(history: impl IntoIterator<Item = AnyEvent>) -> Self {
        let world = World::with(history);
        let mut all = All::default();
        all.catch_up(&world);
        let said = 0;
        Self { world, all, said }
    }

    /// Says something at a moment, and lets everything follow that does; returns the kinds of what was recorded.
    ///
    /// # Panics
    /// If it is refused.
    pub(super) fn say(&mut self, who: &'static str, now: Timestamp, what: AnyCommand) -> Vec<&'static str> {
        let seen = self.world.log.len();
        if let Err(why) = self.hear(who, what) {
            panic!("{why:?}");
        }
        self.follow(now, seen)
    }

    /// Says something after which nothing follows yet; returns how much it recorded.
    pub(super) fn hear(&mut self, who: &'static str, what: AnyCommand) -> Result<usize, AnyRejection> {
        self.said += 1;
        self.world.author = who;
        let command = CommandId::new(id(2_000_000 + self.said));
        self.world.send(command, what)
    }

    /// Returns what was recorded, and by whose order.
    pub(super) fn told(&self) -> impl Iterator<Item = (&Happened, &'static str)> {
        self.world.log.iter().zip(self.world.authors.iter().copied())
    }

    /// Lets time pass until a moment; returns the kinds of what was recorded.
    pub(super) fn pass(&mut self, now: Timestamp) -> Vec<&'static str> {
        self.follow(now, self.world.log.len())
    }

    fn follow(&mut self, now: Timestamp, seen: usize) -> Vec<&'static str> {
        self.all.settle(&mut self.world, now);
        self.world.log[seen..]
            .iter()
            .map(|happened| happened.what.kind())
            .collect()
    }
}
