//! Calls that we place: what a policy does beside them, and that it leaves them alone.

use super::house::*;
use super::*;
use crate::Decider as _;
use crate::Private;
use crate::call::parties::{Destination, Party};
use crate::call::reasons::{EndCause, Exit, LeaveReason, LegCause, TransferKind};
use crate::call::{Call, Command, Event, State as CallState, bridge, leg, life, offer, queue, transfer};
use crate::context::Actor;
use crate::ids::{BridgeId, CallbackId, EntryId, JourneyId, LegId, OfferId};
use crate::routing_policy::graph::system::SystemPolicy;
use crate::testing::sample::{id, number, person, text};

const DESK: LegId = LegId::new(id(70));
const THEIRS: LegId = LegId::new(id(71));
const OUT: &str = r#"{"id": "out", "start": {"is": "destination", "name": "default-outbound"}, "next": "a"}"#;

/// A call that we place, and the machine that runs policies for it.
struct Outbound {
    machine: Machine,
    library: Arc<Library>,
    call: CallState,
    events: Vec<Event>,
    effects: Vec<Effect>,
}

impl Outbound {
    fn place(library: Library) -> Self {
        let library = Arc::new(library);
        let mut call = Self {
            machine: Machine::new(CALL, Arc::clone(&library)),
            library,
            call: CallState::default(),
            events: vec![],
            effects: vec![],
        };
        call.say(Command::Life(life::Command::Place {
            to: Private::new(person(1), number(CALLER)),
            presenting: Some(number(OURS)),
            by: Actor::User(ANN),
            agent: Some(ANN.into()),
            journey: JourneyId::new(id(1)),
            previous: None,
            callback: None,
            at: noon(),
        }));
        call
    }

    fn say(&mut self, command: Command) {
        let events = match Call::decide(&self.call, command) {
            Ok(events) => events,
            // It is wanted again.
            Err(crate::call::Rejection::Outdated { .. }) => return,
            Err(why) => panic!("{why}"),
        };
        for event in events {
            self.record(event);
        }
    }

    fn record(&mut self, event: Event) {
        self.call = Call::evolve(std::mem::take(&mut self.call), &event);
        self.machine.handle_input(&Input::Happened(&event), noon());
        self.events.push(event);
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Command(command) => self.say(*command),
                Output::Effect(effect) => self.effects.push(*effect),
            }
        }
    }

    fn ring(&mut self, leg: LegId, party: Party) {
        let (offer, hunt, at) = (None, None, noon());
        self.say(Command::Leg(leg::Command::Create {
            leg,
            party,
            offer,
            hunt,
            at,
        }));
    }

    // As whoever placed the call does: the agent first, then the customer.
    fn ring_both(&mut self) {
        let agent = ANN.into();
        self.ring(DESK, Party::Agent { agent, device: None });
        self.say(Command::Leg(leg::Command::Answer {
            leg: DESK,
            at: noon(),
        }));
        let number = Some(Private::new(person(1), number(CALLER)));
        self.ring(THEIRS, Party::Customer { number });
        self.say(Command::Leg(leg::Command::Answer {
            leg: THEIRS,
            at: noon(),
        }));
    }

    fn decided(&self) -> Vec<String> {
        let again = replay(CALL, &self.events, &self.library, Against::Recorded);
        assert_eq!(again.divergence, None);
        let restored = Machine::restore(CALL, Arc::clone(&self.library), &self.events, noon());
        assert_eq!(restored.state(), self.machine.state());
        let decided = self.events.iter().filter_map(|event| match event {
            Event::StepDecided { node, branch, .. } => Some(format!("{node} {branch}")),
            _ => None,
        });
        decided.collect()
    }

    fn is_over(&self) -> bool {
        self.events
            .iter()
            .any(|event| matches!(event, Event::Ended { .. }))
    }

    fn recorded(&self) -> usize {
        let requests = self
            .events
            .iter()
            .filter(|event| matches!(event, Event::RecordingRequested { .. }));
        requests.count()
    }
}

fn drawn(apps: &str) -> Library {
    let mut library = house();
    publish_as(&mut library, MAIN, (1, "system"), OUT, &containers(apps, ""));
    library
}

#[test]
fn a_call_that_we_place_passes_the_policy_of_the_platform_and_goes_on() {
    let mut library = house();
    let default = SystemPolicy::DefaultOutbound;
    library.publish(Published::new(default.id(), default.name(), 1, &default.document()).unwrap());
    let mut call = Outbound::place(library);
    assert_eq!(call.decided(), ["go finished"]);
    call.ring_both();
    assert_eq!(call.decided(), ["go finished"]);
    assert!(!call.is_over());
    assert_eq!(call.effects, []);
}

#[test]
fn without_a_policy_for_them_calls_that_we_place_are_left_alone() {
    let mut call = Outbound::place(house());
    call.ring_both();
    assert_eq!(call.decided(), Vec::<String>::new());
    assert!(!call.is_over());
}

#[test]
fn they_are_recorded_from_when_the_customer_is_rung() {
    let apps = r#"{"id": "rec", "app": "record"}, {"id": "count", "app": "gate", "milestone": "out"}"#;
    let mut call = Outbound::place(drawn(apps));
    let agent = ANN.into();
    call.ring(DESK, Party::Agent { agent, device: None });
    assert_eq!((call.decided(), call.recorded()), (vec![], 0));
    call.ring(THEIRS, Party::Customer { number: None });
    assert_eq!(call.decided(), ["rec next", "count next", "then finished"]);
    assert_eq!(call.recorded(), 1);
    assert!(!call.is_over());
}

#[test]
fn what_waits_for_somebody_on_the_line_is_passed_by() {
    let apps = format!(
        r#"{{"id": "say", "app": "speak", "say": [{{"is": "text", "text": "Hello"}}]}},
           {{"id": "pin", "app": "digits", "prompt": {hello}, "into": "Pin"}},
           {{"id": "wait", "app": "queue", "queue": "{SALES}"}},
           {{"id": "ring", "app": "connect", "to": {{"is": "number", "number": "$(CalledNumber)"}}}},
           {{"id": "hunt", "app": "hunt", "targets": [{{"is": "user", "user": "{ANN}"}}]}},
           {{"id": "box", "app": "voicemail", "mailbox": {{"is": "user", "user": "{ANN}"}}}},
           {{"id": "ask", "app": "survey", "name": "after", "questions": [{{"name": "Help", "ask": {hello}}}]}}"#,
        hello = says("Hello")
    );
    let mut call = Outbound::place(drawn(&apps));
    call.ring_both();
    let passed = ["say", "pin", "wait", "ring", "hunt", "box", "ask"].map(|node| format!("{node} next"));
    assert_eq!(call.decided()[..7], passed);
    assert_eq!(call.decided()[7..], ["then finished"]);
    assert_eq!(call.effects, []);
    let mut library = house();
    let menu = format!(
        r#"{{"id": "a", "is": "switchboard", "prompt": {}, "keys": [{{"key": "1", "to": "b"}}], "next": "b"}},
           {{"id": "b", "is": "finish"}}"#,
        says("Press 1")
    );
    publish_as(&mut library, MAIN, (1, "system"), OUT, &menu);
    assert_eq!(Outbound::place(library).decided(), ["a next", "b finished"]);
}

#[test]
fn macros_tell_who_rings_whom_and_the_customers_number_is_their_own() {
    let gate = |id: &str, value: &str| {
        format!(r#"{{"id": "{id}", "app": "gate", "milestone": "{id}", "value": "{value}"}}"#)
    };
    let rule = r#"{"id": "ours", "app": "rule", "when": {"is": "number", "number": "called", "test": {"is": "prefix", "prefix": "+1"}}, "outlets": {"matched": "x"}}"#;
    let apps = format!(
        "{}, {rule}",
        gate("who", "$(Direction): $(CallerNumber) rings $(CalledNumber)")
    );
    let call = Outbound::place(drawn(&apps));
    assert_eq!(call.decided(), ["who next", "ours matched", "x finished"]);
    let told = serde_json::to_string(&call.events).unwrap();
    assert!(told.contains(&format!("out: {OURS} rings {CALLER}")), "{told}");
    let values = call.events.iter().filter_map(|event| match event {
        Event::StepDecided { inputs, .. } => Some(inputs.to_vec()),
        _ => None,
    });
    let called: Vec<_> = values
        .flatten()
        .filter(|input| input.name == text("CalledNumber"))
        .collect();
    assert_eq!(called.len(), 2);
    for input in called {
        assert!(
            matches!(input.value, crate::call::facts::Value::Private(value) if value.of() == person(1)),
            "what is known of the customer is theirs"
        );
    }
}

#[test]
fn a_customer_whom_an_agent_hands_on_to_a_policy_is_on_the_line_there() {
    let mut library = drawn(r#"{"id": "count", "app": "gate", "milestone": "out"}"#);
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "b"}"#;
    let survey = r#"{"id": "b", "is": "action", "apps": [{"id": "thank", "app": "speak", "say": [{"is": "text", "text": "Thank you"}]}]}"#;
    publish(&mut library, OTHER, start, survey);
    let mut call = Outbound::place(library);
    call.ring_both();
    call.record(Event::Transferred {
        kind: TransferKind::Blind,
        leg: DESK,
        to: Destination::Policy { policy: OTHER },
        target: None,
        at: noon(),
    });
    assert!(
        matches!(&call.effects[..], [Effect::Play { leg: THEIRS, .. }]),
        "{:?}",
        call.effects
    );
}

#[test]
fn what_the_end_of_such_a_call_begins_runs_after_it() {
    let mut library = drawn(r#"{"id": "rec", "app": "record"}"#);
    let start = r#"{"id": "in", "start": {"is": "event", "kind": "CallEnded"}, "next": "b"}"#;
    let after =
        r#"{"id": "b", "is": "action", "apps": [{"id": "count", "app": "gate", "milestone": "over"}]}"#;
    publish_as(&mut library, OTHER, (1, "data_analytics"), start, after);
    let mut call = Outbound::place(library);
    call.say(Command::Life(life::Command::End {
        cause: EndCause::NoAnswer,
        at: noon(),
    }));
    assert_eq!(call.decided(), ["count next"]);
}

// Ann rang a customer and talks to them.
fn talking() -> Outbound {
    let mut library = drawn(r#"{"id": "rec", "app": "record"}"#);
    let system = SystemPolicy::HandedOn;
    let published = Published::new(OTHER, system.name(), 1, &system.document());
    library.publish(published.expect("a test reads each of them"));
    let mut call = Outbound::place(library);
    call.ring_both();
    for leg in [DESK, THEIRS] {
        call.say(Command::Bridge(bridge::Command::Join {
            bridge: BRIDGE,
            leg,
            at: noon(),
        }));
    }
    call
}

const BRIDGE: BridgeId = BridgeId::new(id(72));
const ENTRY: EntryId = EntryId::new(id(73));
const BOBS: LegId = LegId::new(id(74));
const OFFER: OfferId = OfferId::new(id(75));

impl Outbound {
    fn hands_to_queue(&mut self) {
        let at = noon();
        self.say(Command::Transfer(transfer::Command::Request {
            leg: DESK,
            to: Destination::Queue { queue: SALES },
            by: Actor::Agent(ANN.into()),
            at,
        }));
        self.say(Command::Queue(queue::Command::Join {
            entry: ENTRY,
            queue: SALES,
            priority: None,
            skills: crate::few::Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: at,
            at,
        }));
        self.say(Command::Transfer(transfer::Command::Confirm { leg: DESK, at }));
    }

    fn spoken(&self) -> Vec<&str> {
        let spoken = self.effects.iter().filter_map(|effect| match effect {
            Effect::Play {
                say: effect::Say::Text(text),
                leg: THEIRS,
                ..
            } => Some(text.as_str()),
            _ => None,
        });
        spoken.collect()
    }
}

#[test]
fn a_customer_whom_no_agent_of_a_queue_takes_is_told_so() {
    let mut call = talking();
    call.hands_to_queue();
    assert_eq!(call.spoken(), [""; 0], "they wait");
    call.say(Command::Queue(queue::Command::Leave {
        entry: ENTRY,
        exit: Exit::MaxWait,
        at: noon(),
    }));
    assert!(
        matches!(call.spoken()[..], [text] if text.starts_with("We are sorry")),
        "{:?}",
        call.spoken()
    );
    assert!(!call.is_over());
}

// Bob takes the customer in the queue and talks to them.
fn bob_talks(call: &mut Outbound) {
    call.hands_to_queue();
    let at = noon();
    call.say(Command::Offer(offer::Command::Make {
        offer: OFFER,
        entry: ENTRY,
        agent: BOB.into(),
        ring_ms: crate::Millis(20_000),
        strategy: inputs::key("longest_idle"),
        settings: crate::content_hash::ContentHash::of(b""),
        candidates: crate::few::Few::none(),
        at,
    }));
    call.say(Command::Leg(leg::Command::Create {
        leg: BOBS,
        party: Party::Agent {
            agent: BOB.into(),
            device: None,
        },
        offer: Some(OFFER),
        hunt: None,
        at,
    }));
    call.say(Command::Leg(leg::Command::Answer { leg: BOBS, at }));
    call.say(Command::Bridge(bridge::Command::Join {
        bridge: BRIDGE,
        leg: BOBS,
        at,
    }));
    assert!(!call.is_over());
}

fn hangs_up(call: &mut Outbound, leg: LegId) {
    let (cause, at) = (LegCause::HungUp, noon());
    call.say(Command::Leg(leg::Command::End { leg, cause, at }));
}

#[test]
fn a_customer_whom_an_agent_of_a_queue_talked_to_is_not_left_alone() {
    let mut call = talking();
    bob_talks(&mut call);
    hangs_up(&mut call, BOBS);
    assert!(call.is_over(), "{:?}", call.events.last());
    assert_eq!(call.spoken(), [""; 0]);
}

#[test]
fn a_customer_whose_agent_hands_them_on_and_leaves_at_once_goes_back_to_the_queue() {
    let mut call = talking();
    bob_talks(&mut call);
    call.say(Command::Transfer(transfer::Command::Request {
        leg: BOBS,
        to: Destination::Agent { agent: ANN.into() },
        by: Actor::Agent(BOB.into()),
        at: noon(),
    }));
    hangs_up(&mut call, BOBS);
    assert!(!call.is_over(), "{:?}", call.events.last());
    assert_eq!(call.spoken(), [""; 0]);
}

#[test]
fn a_customer_who_chose_to_be_rung_back_is_not_told_that_nobody_is_free() {
    let mut call = talking();
    call.hands_to_queue();
    let callback = CallbackId::new(id(76));
    call.record(Event::LeftQueue {
        entry: ENTRY,
        queue: SALES,
        reason: LeaveReason::Callback { callback },
        at: noon(),
    });
    assert_eq!(call.spoken(), [""; 0]);
}

#[test]
fn a_customer_whom_nobody_takes_after_their_agent_left_is_told_so() {
    let mut call = talking();
    call.say(Command::Transfer(transfer::Command::Request {
        leg: DESK,
        to: Destination::Agent { agent: BOB.into() },
        by: Actor::Agent(ANN.into()),
        at: noon(),
    }));
    hangs_up(&mut call, DESK);
    assert!(
        matches!(call.spoken()[..], [text] if text.starts_with("We are sorry")),
        "{:?}",
        call.events
    );
}
