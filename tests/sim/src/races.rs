//! Mistakes that other engines were seen to make in public, each as a scene: what must come of it here.
//!
//! Above each scene stands where the mistake was seen: the project, and the number of its issue.

mod agents;
mod messages;
mod queues;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU8;

use domain_model::agent::Event as AgentEvent;
use domain_model::call::Event as CallEvent;
use domain_model::contact::WorkChannel;
use domain_model::conversation::channel::Channel;
use domain_model::ids::AgentId;
use domain_model::process::AnyEvent;
use domain_model::queue::{Callbacks, Settings, Strategy};
use domain_model::{Millis, Timestamp};

use crate::judge::{history, judge, shortest};
use crate::plan::writing::Writer;
use crate::plan::{
    Caller, Faults, Moment, Person, Plan, What, agent, group, plain_queue, queue, ready_person,
};
use crate::platform::Recorded;
use crate::policies::{ready_made, straight, urgent};

/// A scene: one queue, some people, and what happens so many seconds after the beginning.
struct Scene(Plan);

fn scene(strategy: Strategy, people: &[Person]) -> Scene {
    let begins: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a moment");
    let mut plan = Plan::empty(1, begins, ready_made());
    let mut settings = plain_queue("Sales", group(0));
    settings.strategy = strategy;
    settings.channels.insert(WorkChannel::Chat);
    settings.offers.ring_ms = Millis::from_secs(10);
    plan.queues.insert(queue(0), settings);
    for (n, person) in (0..).zip(people) {
        plan.agents.insert(agent(n), person.clone());
        plan.moments.push(Moment {
            at: begins,
            what: What::SignIn(agent(n)),
        });
    }
    Scene(plan)
}

fn ready() -> Person {
    ready_person(group(0))
}

fn caller(number: u64, patience: Option<u32>) -> Caller {
    Caller {
        number,
        customer: number,
        dials: straight(0),
        keys: Vec::new(),
        tier: None,
        patience: patience.map(Millis::from_secs),
        way_out: None,
        talk: Millis::from_secs(30),
        callback: None,
        hands_on: None,
        heard_after: None,
    }
}

fn writer(number: u64) -> Writer {
    Writer {
        number,
        customer: number,
        channel: Channel::Chat,
        queue: queue(0),
        patience: None,
        talk: Millis::from_secs(30),
        returns: None,
        passed_on: None,
    }
}

impl Scene {
    fn then(self, second: u32, what: What) -> Self {
        self.then_after(Millis::from_secs(second), what)
    }

    fn then_after(mut self, after: Millis, what: What) -> Self {
        let at = self.0.begins.plus(after);
        self.0.moments.push(Moment { at, what });
        self
    }

    fn rings(self, second: u32, number: u64, patience: Option<u32>) -> Self {
        self.then(second, What::Ring(caller(number, patience)))
    }

    fn rings_urgently(self, second: u32, number: u64) -> Self {
        let caller = Caller {
            dials: urgent(0),
            ..caller(number, None)
        };
        self.then(second, What::Ring(caller))
    }

    fn writes(self, second: u32, number: u64) -> Self {
        self.then(second, What::Write(writer(number)))
    }

    fn settings(&mut self) -> &mut Settings {
        self.0.queues.get_mut(&queue(0)).expect("the queue")
    }

    /// Lets the queue offer callbacks after a minute.
    fn with_callbacks(mut self) -> Self {
        self.settings().waiting.callback = Some(Callbacks {
            offer_after_ms: Millis::from_secs(60),
            attempts: NonZeroU8::MIN,
            retry_ms: Millis::from_secs(60),
        });
        self
    }

    fn where_things_break(mut self, seed: u64) -> Self {
        self.0.chance = crate::chance::Chance::seeded(seed);
        self.0.faults = Faults {
            lag: Millis(1_500),
            late: 200,
            late_by: Millis(2_000),
            repeats: 200,
            stops: 30,
            nodes: 2,
        };
        self
    }

    /// Plays it; the rules hold.
    #[expect(
        clippy::print_stdout,
        reason = "whoever looks into a failure reads its history"
    )]
    fn history(mut self) -> Vec<Recorded> {
        self.0.sort();
        if let Err(failure) = judge(&self.0) {
            // Callers who never lose patience wait for ever once nobody is left: no shorter history says more.
            let endless =
                |moment: &Moment| matches!(&moment.what, What::Ring(caller) if caller.patience.is_none());
            let told = if self.0.moments.iter().any(endless) {
                self.0.clone()
            } else {
                shortest(&self.0)
            };
            for recorded in history(&told) {
                println!("{} {:?}", recorded.time, recorded.happened.what);
            }
            panic!("{failure}");
        }
        history(&self.0)
    }
}

fn count(log: &[Recorded], kind: &str) -> usize {
    log.iter()
        .filter(|recorded| recorded.happened.what.kind() == kind)
        .count()
}

// What agents chose or were given as their state, in order.
fn chosen(log: &[Recorded], of: AgentId) -> Vec<String> {
    let chosen = log.iter().filter_map(|recorded| match &recorded.happened.what {
        AnyEvent::Agent(agent, AgentEvent::StateChosen { state, .. }) if *agent == of => {
            Some(state.label.as_str().to_owned())
        }
        AnyEvent::Agent(agent, AgentEvent::SignedOut { .. }) if *agent == of => Some("out".to_owned()),
        _ => None,
    });
    chosen.collect()
}

// The callers in the order in which agents took them, each by their place among those who rang.
fn taken(log: &[Recorded]) -> Vec<usize> {
    let mut rang = Vec::new();
    let mut taken = Vec::new();
    for recorded in log {
        match &recorded.happened.what {
            AnyEvent::Call(call, CallEvent::Offered { .. }) => rang.push(*call),
            AnyEvent::Call(call, CallEvent::OfferAccepted { .. }) => {
                taken.extend(rang.iter().position(|known| known == call));
            }
            _ => {}
        }
    }
    taken
}

fn offers(log: &[Recorded]) -> usize {
    count(log, "CallAgentOffered")
}

/// Where races of routing, of agents' states and of assignment were reported in public.
const REPORTED: [&str; 31] = [
    "asterisk/asterisk#176",
    "asterisk/asterisk#1557",
    "asterisk/asterisk#1736",
    "asterisk/asterisk#1691",
    "signalwire/freeswitch#2540",
    "signalwire/freeswitch#1216",
    "signalwire/freeswitch#1973",
    "signalwire/freeswitch#2511",
    "signalwire/freeswitch#2458",
    "signalwire/freeswitch#1674",
    "OpenSIPS/opensips#2679",
    "OpenACD#5",
    "FreePBX/issue-tracker#40",
    "amazon-connect-streams#613",
    "amazon-connect-streams#977",
    "amazon-connect-streams#241",
    "amazon-connect-streams#292",
    "amazon-connect-streams#14",
    "amazon-connect-streams#428",
    "flex-project-template#290",
    "plugin-dialpad#31",
    "plugin-dialpad#26",
    "twilio-taskrouter.js#2",
    "chatwoot#10583",
    "chatwoot#10376",
    "chatwoot#10685",
    "chatwoot#11034",
    "chatwoot#4158",
    "chatwoot#9587",
    "chatwoot#14508",
    "chatwoot#1198",
];
/// A conversation whose agent writes nothing is to be offered anew after a while. There is no such rule here: whoever has
/// a conversation has it until they pass it on.
const NO_SUCH_RULE: [&str; 1] = ["chatwoot#14508"];

// The issues that stand above scenes, each with the scene's name.
fn scenes_by_issue() -> BTreeMap<&'static str, Vec<&'static str>> {
    let files = [
        include_str!("races/agents.rs"),
        include_str!("races/messages.rs"),
        include_str!("races/queues.rs"),
    ];
    let mut scenes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let comments = files.iter().flat_map(|file| file.split("// Seen in: ").skip(1));
    for comment in comments {
        let (issues, rest) = comment
            .split_once(".\n#[test]\nfn ")
            .expect("a scene below its issues");
        let (scene, _) = rest.split_once('(').expect("a scene's name");
        for issue in issues.split(", ") {
            scenes.entry(issue).or_default().push(scene);
        }
    }
    scenes
}

#[test]
fn every_race_that_was_reported_has_a_scene() {
    let scenes = scenes_by_issue();
    let told: BTreeSet<&str> = scenes.keys().copied().collect();
    let known = REPORTED.into_iter().filter(|issue| !NO_SUCH_RULE.contains(issue));
    assert_eq!(told, known.collect());
}
