//! Callers whom agents hand on: who has them then, and what the routing policy does when nobody has.

use super::house::*;
use super::*;
use crate::call::parties::{Destination, Mailbox, Party};
use crate::call::reasons::{Exit, LegCause};
use crate::call::{
    self, Call, Command, Event, State as CallState, bridge, leg, life, offer, queue, transfer,
};
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, EntryId, JourneyId, LegId, OfferId};
use crate::routing_policy::graph::system::SystemPolicy;
use crate::testing::sample::id;
use crate::{Actor, Decider as _};

const CALLER_LEG: LegId = LegId::new(id(300));
const ANNS_LEG: LegId = LegId::new(id(301));
const BOBS_LEG: LegId = LegId::new(id(302));
const BRIDGE: BridgeId = BridgeId::new(id(310));
const OFFER: OfferId = OfferId::new(id(320));
const TRANSFERRED: EntryId = EntryId::new(id(330));

fn agent(number: u128) -> AgentId {
    AgentId::new(id(400 + number))
}

/// A call with its machine, in which a test says what people do.
struct Line {
    call: CallState,
    machine: Machine,
    told: Vec<String>,
    effects: Vec<Effect>,
    // Where the caller was brought to last.
    bridge: BridgeId,
}

impl Line {
    // An answered caller at the first app of the policy.
    fn at(library: Library) -> Self {
        let mut line = Self {
            call: CallState::default(),
            machine: Machine::new(CALL, Arc::new(library)),
            told: vec![],
            effects: vec![],
            bridge: BRIDGE,
        };
        let at = noon();
        line.say(Command::Life(life::Command::Offer {
            leg: CALLER_LEG,
            caller: call::parties::Caller::Withheld,
            entrance: at_ours(),
            journey: JourneyId::new(id(5)),
            previous: None,
            at,
        }));
        if !line.is_over() {
            line.say(Command::Leg(leg::Command::Answer { leg: CALLER_LEG, at }));
        }
        line
    }

    fn say(&mut self, command: Command) {
        let events = Call::decide(&self.call, command).unwrap_or_else(|why| panic!("{why}"));
        self.record(events);
    }

    fn record(&mut self, events: Vec<Event>) {
        for event in &events {
            self.call = Call::evolve(std::mem::take(&mut self.call), event);
        }
        for event in events {
            if let Event::StepDecided { node, branch, .. } = &event {
                self.told.push(format!("{node} {branch}"));
            }
            if let Event::LegJoined {
                leg: CALLER_LEG,
                bridge,
                ..
            } = &event
            {
                self.bridge = *bridge;
            }
            self.machine.handle_input(&Input::Happened(&event), noon());
            while let Some(output) = self.machine.poll_output() {
                match output {
                    Output::Effect(effect) => self.effects.push(*effect),
                    // What is outdated is wanted again.
                    Output::Command(command) => {
                        if let Ok(events) = Call::decide(&self.call, *command) {
                            self.record(events);
                        }
                    }
                }
            }
        }
    }

    fn waits_in(&self) -> EntryId {
        let attends = self.effects.iter().rev().find_map(|effect| match effect {
            Effect::Attend { entry, .. } => Some(*entry),
            _ => None,
        });
        attends.expect("the caller waits")
    }

    // An agent is offered the caller and talks to them.
    fn talks(&mut self, theirs: LegId, whose: AgentId) {
        let at = noon();
        self.say(Command::Offer(offer::Command::Make {
            offer: OFFER,
            entry: self.waits_in(),
            agent: whose,
            ring_ms: crate::Millis(20_000),
            strategy: super::super::inputs::key("longest_idle"),
            settings: crate::content_hash::ContentHash::of(b""),
            candidates: Few::none(),
            at,
        }));
        self.create(theirs, whose, Some(OFFER));
        self.say(Command::Leg(leg::Command::Answer { leg: theirs, at }));
        self.joins(CALLER_LEG);
        self.joins(theirs);
    }

    fn create(&mut self, leg: LegId, agent: AgentId, offer: Option<OfferId>) {
        self.say(Command::Leg(leg::Command::Create {
            leg,
            party: Party::Agent { agent, device: None },
            offer,
            hunt: None,
            at: noon(),
        }));
    }

    fn joins(&mut self, leg: LegId) {
        let (bridge, at) = (self.bridge, noon());
        self.say(Command::Bridge(bridge::Command::Join { bridge, leg, at }));
    }

    fn ends(&mut self, leg: LegId, cause: LegCause) {
        self.say(Command::Leg(leg::Command::End {
            leg,
            cause,
            at: noon(),
        }));
    }

    fn hands_on(&mut self, to: Destination) {
        self.say(Command::Transfer(transfer::Command::Request {
            leg: ANNS_LEG,
            to,
            by: Actor::Agent(agent(0)),
            at: noon(),
        }));
    }

    fn confirm(&mut self) {
        let (leg, at) = (ANNS_LEG, noon());
        self.say(Command::Transfer(transfer::Command::Confirm { leg, at }));
    }

    fn joins_line(&mut self) {
        self.say(Command::Queue(queue::Command::Join {
            entry: TRANSFERRED,
            queue: SALES,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: noon(),
            at: noon(),
        }));
    }

    fn leaves_line(&mut self, exit: Exit) {
        let (entry, at) = (TRANSFERRED, noon());
        self.say(Command::Queue(queue::Command::Leave { entry, exit, at }));
    }

    fn is_over(&self) -> bool {
        self.machine.state().is_over()
    }
}

const QUEUES: &str = r#"{"id": "q", "app": "queue", "queue": "0198c0de-0000-7000-8000-000000000014", "outlets": {"after": "x"}}"#;

// Ann talks to a caller who came through a queue.
fn talking() -> Line {
    let mut library = one_app(QUEUES);
    publish_system(&mut library);
    let mut line = Line::at(library);
    line.talks(ANNS_LEG, agent(0));
    line
}

fn publish_system(library: &mut Library) {
    let system = SystemPolicy::HandedOn;
    let policy = crate::ids::RoutingPolicyId::new(id(12));
    let published = Published::new(policy, system.name(), 1, &system.document()).unwrap();
    library.publish(published);
}

#[test]
fn a_colleague_who_was_handed_the_caller_and_hangs_up_leaves_them_to_the_policy() {
    let mut line = talking();
    line.hands_on(Destination::Agent { agent: agent(1) });
    line.create(BOBS_LEG, agent(1), None);
    let at = noon();
    line.say(Command::Leg(leg::Command::Answer { leg: BOBS_LEG, at }));
    line.confirm();
    line.joins(BOBS_LEG);
    assert_eq!(line.told, [""; 0], "Bob talks to the caller");
    line.ends(BOBS_LEG, LegCause::HungUp);
    assert_eq!(line.told, ["q after", "x finished"]);
    assert!(line.is_over());
}

#[test]
fn a_caller_who_was_handed_to_another_queue_waits_there_whoever_misses_them() {
    let connects = r#"{"id": "c", "app": "connect", "to": {"is": "number", "number": "+442079460007"}, "outlets": {"after": "x"}}"#;
    let mut line = Line::at(one_app(connects));
    let rung = line.effects.iter().find_map(|effect| match effect {
        Effect::Ring { leg, .. } => Some(*leg),
        _ => None,
    });
    let number = rung.expect("somebody is rung");
    let at = noon();
    line.say(Command::Leg(leg::Command::Answer { leg: number, at }));
    let to = Destination::Queue { queue: SALES };
    let by = Actor::Agent(agent(0));
    // Whoever was rung outside has no desk to hand on from, so an agent joins them.
    line.create(ANNS_LEG, agent(0), None);
    line.say(Command::Leg(leg::Command::Answer { leg: ANNS_LEG, at }));
    line.joins(ANNS_LEG);
    line.ends(number, LegCause::HungUp);
    line.say(Command::Transfer(transfer::Command::Request {
        leg: ANNS_LEG,
        to,
        by,
        at,
    }));
    line.joins_line();
    line.confirm();
    assert_eq!(line.told, [""; 0], "the caller waits");
    line.create(BOBS_LEG, agent(1), None);
    line.ends(BOBS_LEG, LegCause::NoAnswer);
    assert_eq!(line.told, [""; 0], "the caller still waits");
    line.leaves_line(Exit::MaxWait);
    assert_eq!(line.told, ["c no_answer", "then finished"]);
}

#[test]
fn a_queue_that_is_full_leaves_the_caller_with_the_agent() {
    let mut line = talking();
    line.hands_on(Destination::Queue { queue: SALES });
    line.joins_line();
    line.leaves_line(Exit::Full);
    let (leg, at) = (ANNS_LEG, noon());
    let cause = LegCause::Failed {
        reason: super::super::inputs::key("queue-full"),
    };
    line.say(Command::Transfer(transfer::Command::Fail { leg, cause, at }));
    assert_eq!(line.told, [""; 0], "Ann still talks to the caller");
    line.ends(ANNS_LEG, LegCause::HungUp);
    assert_eq!(line.told, ["q after", "x finished"]);
}

#[test]
fn a_queue_that_hands_its_callers_on_to_another_decides_nothing() {
    let mut line = Line::at(one_app(QUEUES));
    let (entry, at) = (line.waits_in(), noon());
    let exit = Exit::Overflow { to: Some(SALES) };
    line.say(Command::Queue(queue::Command::Leave { entry, exit, at }));
    assert_eq!(line.told, [""; 0]);
    line.joins_line();
    line.leaves_line(Exit::MaxWait);
    assert_eq!(line.told, ["q max_wait", "then finished"]);
}

#[test]
fn a_caller_whose_agent_left_before_a_colleague_answered_goes_back_to_the_queue() {
    let mut line = talking();
    line.hands_on(Destination::Agent { agent: agent(1) });
    line.create(BOBS_LEG, agent(1), None);
    line.ends(ANNS_LEG, LegCause::MediaLost);
    line.ends(BOBS_LEG, LegCause::NoAnswer);
    assert_eq!(line.told, [""; 0], "they are brought back to the queue");
    line.joins_line();
    assert!(!line.is_over());
    line.leaves_line(Exit::NoAgents);
    assert_eq!(line.told, ["q no_agents", "then finished"]);
}

#[test]
fn a_colleague_who_answers_after_the_agent_left_has_the_caller() {
    let mut line = talking();
    line.hands_on(Destination::Agent { agent: agent(1) });
    line.create(BOBS_LEG, agent(1), None);
    line.ends(ANNS_LEG, LegCause::MediaLost);
    let at = noon();
    line.say(Command::Leg(leg::Command::Answer { leg: BOBS_LEG, at }));
    line.joins(BOBS_LEG);
    line.ends(BOBS_LEG, LegCause::HungUp);
    assert_eq!(line.told, ["q after", "x finished"]);
}

#[test]
fn an_agent_hands_a_caller_to_a_policy_that_others_may_hand_to() {
    let mut line = talking();
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "there"}"#;
    let mut library = one_app(QUEUES);
    publish(&mut library, OTHER, start, r#"{"id": "there", "is": "finish"}"#);
    line.machine
        .handle_input(&Input::Library(Arc::new(library)), noon());
    line.hands_on(Destination::Policy { policy: OTHER });
    assert_eq!(line.told, ["there finished"]);
    let mut line = talking();
    line.hands_on(Destination::Policy { policy: OTHER });
    assert_eq!(
        line.told, [""; 0],
        "there is no such policy, so the agent keeps the caller"
    );
    assert!(!line.is_over());
    line.ends(ANNS_LEG, LegCause::HungUp);
    assert_eq!(line.told, ["q after", "x finished"]);
}

#[test]
fn an_agent_hands_a_caller_to_a_group_and_everybody_in_it_is_rung() {
    let mut line = talking();
    line.hands_on(Destination::Group { group: TEAM });
    let rung = line
        .effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Ring { .. }));
    assert_eq!(rung.count(), 2, "Ann's and Bob's telephones: {:?}", line.effects);
    let mut line = talking();
    let group = crate::ids::GroupId::new(id(999));
    line.hands_on(Destination::Group { group });
    assert!(
        !line
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Ring { .. }))
    );
    assert!(!line.is_over(), "the agent keeps the caller");
}

#[test]
fn an_agent_hands_a_caller_to_a_mailbox() {
    for (mailbox, is) in [
        (Mailbox::Group { group: TEAM }, true),
        (Mailbox::User { user: ANN }, true),
        (Mailbox::Queue { queue: SALES }, false),
    ] {
        let mut line = talking();
        line.hands_on(Destination::Voicemail { mailbox });
        let takes =
            |effect: &Effect| matches!(effect, Effect::TakeMessage { mailbox: of, .. } if *of == mailbox);
        assert_eq!(line.effects.iter().any(takes), is, "{mailbox:?}");
        assert!(!line.is_over());
    }
}

#[test]
fn a_queue_takes_nobody_outside_its_hours_and_the_policy_goes_on() {
    let mut library = one_app(QUEUES);
    library.queue_hours.insert(SALES, NIGHT);
    let line = Line::at(library.clone());
    assert_eq!(
        line.told,
        ["q closed", "then finished"],
        "it is seven in the morning in New York"
    );
    library.calendars.clear();
    let line = Line::at(library);
    assert_eq!(line.told, [""; 0], "hours that are no more close nothing");
}
