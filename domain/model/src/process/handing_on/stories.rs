//! Stories of Bob, who hands Ann on to Dan or to a queue, with all processes at work.

use super::*;
use crate::agent::Activity;
use crate::call::parties::{Callee, Caller, Destination, Entrance};
use crate::call::{self, bridge, hold, leg, life, transfer};
use crate::contact::Contact;
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, JourneyId, OfferId};
use crate::process::AnyCommand;
use crate::process::together::{Platform, QUEUE, at_work};
use crate::queue::{self, OwnerCommand, Priority};
use crate::testing::sample::{at, id, number, text};

const ANN: CallId = CallId::new(id(500));
const ENTRY: EntryId = EntryId::new(id(501));
const CALLER: LegId = LegId::new(id(502));
const THEIRS: LegId = LegId::new(id(503));
const ASKED: LegId = LegId::new(id(504));
const MAIN: BridgeId = BridgeId::new(id(505));
const ASIDE: BridgeId = BridgeId::new(id(506));
const OFFER: OfferId = OfferId::new(id(507));
const BOB: AgentId = AgentId::new(uuid::Uuid::from_u128(1));
const DAN: AgentId = AgentId::new(uuid::Uuid::from_u128(2));

fn say(platform: &mut Platform, second: i64, command: call::Command) -> Vec<&'static str> {
    platform.say("somebody", at(second), AnyCommand::Call(ANN, command))
}

fn of_leg(command: leg::Command) -> call::Command {
    call::Command::Leg(command)
}

fn answers(platform: &mut Platform, leg: LegId, second: i64) -> Vec<&'static str> {
    let at = at(second);
    say(platform, second, of_leg(leg::Command::Answer { leg, at }))
}

fn joins(platform: &mut Platform, bridge: BridgeId, leg: LegId, second: i64) -> Vec<&'static str> {
    let join = bridge::Command::Join {
        bridge,
        leg,
        at: at(second),
    };
    say(platform, second, call::Command::Bridge(join))
}

fn ends(platform: &mut Platform, leg: LegId, cause: LegCause, second: i64) -> Vec<&'static str> {
    let at = at(second);
    say(platform, second, of_leg(leg::Command::End { leg, cause, at }))
}

// Ann waited for half a minute and talks to Bob.
fn talking() -> Platform {
    let mut platform = Platform::with(at_work());
    let offer = life::Command::Offer {
        leg: CALLER,
        caller: Caller::Withheld,
        entrance: Entrance::Number {
            number: number("+442079460000"),
        },
        journey: JourneyId::new(id(5)),
        previous: None,
        at: at(0),
    };
    say(&mut platform, 0, call::Command::Life(offer));
    answers(&mut platform, CALLER, 1);
    joins(&mut platform, MAIN, CALLER, 1);
    let join = call::queue::Command::Join {
        entry: ENTRY,
        queue: QUEUE,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        keeps_place_of: None,
        waiting_since: at(2),
        at: at(2),
    };
    say(&mut platform, 2, call::Command::Queue(join));
    let acquire = queue::Command::Acquire {
        node: text("node-1"),
        until: at(30).plus(queue::LEASE_MS_MAX),
        at: at(30),
    };
    platform.say("somebody", at(30), AnyCommand::Queue(QUEUE, acquire));
    let decided = queue::Command::Owner {
        token: queue::FencingToken(1),
        command: OwnerCommand::Reserve(queue::tests::proposal(ENTRY, &[(OFFER, BOB)], 30)),
        at: at(30),
    };
    platform.say("somebody", at(30), AnyCommand::Queue(QUEUE, decided));
    let ring = leg::Command::Create {
        leg: THEIRS,
        party: Party::Agent {
            agent: BOB,
            device: None,
        },
        offer: Some(OFFER),
        hunt: None,
        at: at(31),
    };
    say(&mut platform, 31, of_leg(ring));
    answers(&mut platform, THEIRS, 35);
    joins(&mut platform, MAIN, THEIRS, 35);
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::OnCall)]);
    platform
}

fn doing(platform: &Platform, agent: AgentId) -> Vec<(Contact, Activity)> {
    platform.world.agents[&agent].activities().collect()
}

fn hands_on(platform: &mut Platform, to: Destination) -> Vec<&'static str> {
    let request = transfer::Command::Request {
        leg: THEIRS,
        to,
        by: Actor::Agent(BOB),
        at: at(60),
    };
    say(platform, 60, call::Command::Transfer(request))
}

fn rung(platform: &Platform) -> LegId {
    let legs = platform.world.log.iter().rev();
    let mut legs = legs.filter_map(|happened| match &happened.what {
        AnyEvent::Call(_, call::Event::LegCreated { leg, .. }) => Some(*leg),
        AnyEvent::Call(..)
        | AnyEvent::Consent(..)
        | AnyEvent::Queue(..)
        | AnyEvent::Agent(..)
        | AnyEvent::Conversation(..)
        | AnyEvent::RoutingPolicy(..)
        | AnyEvent::Retention(..)
        | AnyEvent::Tenant(..) => None,
    });
    legs.next().expect("somebody is rung")
}

// Where Ann waits, and how urgent she is.
fn waits(platform: &Platform) -> Option<(queue::Priority, Timestamp)> {
    let queue = &platform.world.queues[&QUEUE];
    let line = queue.line(at(0));
    let entry = line.first().and_then(|entry| queue.entry(*entry))?;
    Some((entry.priority, entry.since))
}

#[test]
fn a_caller_handed_to_a_queue_waits_before_all_others_and_the_agent_writes_notes() {
    let mut platform = talking();
    let kinds = hands_on(&mut platform, Destination::Queue { queue: QUEUE });
    assert!(kinds.contains(&"CallTransferred"), "{kinds:?}");
    assert_eq!(waits(&platform), Some((Priority::HIGHEST, at(60))));
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::WrapUp)]);
}

#[test]
fn a_colleague_who_answers_has_the_caller_and_who_handed_on_writes_notes() {
    let mut platform = talking();
    hands_on(&mut platform, Destination::Agent { agent: DAN });
    assert_eq!(doing(&platform, DAN), [], "ringing is not having");
    let target = rung(&platform);
    let kinds = answers(&mut platform, target, 70);
    assert!(kinds.contains(&"CallTransferred"), "{kinds:?}");
    joins(&mut platform, MAIN, target, 71);
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::WrapUp)]);
    assert_eq!(doing(&platform, DAN), [(Contact::Call(ANN), Activity::OnCall)]);
}

#[test]
fn a_colleague_who_does_not_answer_leaves_the_caller_with_the_agent() {
    let mut platform = talking();
    hands_on(&mut platform, Destination::Agent { agent: DAN });
    let kinds = platform.pass(at(60).plus(TARGET_MS_MAX));
    assert_eq!(kinds, ["CallLegEnded", "CallTransferFailed"]);
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::OnCall)]);
    assert_eq!(doing(&platform, DAN), []);
}

#[test]
fn an_agent_who_leaves_before_the_colleague_answers_leaves_nobody_with_no_one() {
    let mut platform = talking();
    hands_on(&mut platform, Destination::Agent { agent: DAN });
    ends(&mut platform, THEIRS, LegCause::HungUp, 62);
    assert_eq!(waits(&platform), None, "Dan may still answer");
    let target = rung(&platform);
    ends(&mut platform, target, LegCause::Busy, 63);
    assert_eq!(waits(&platform), Some((Priority::HIGHEST, at(2))));
}

fn asks(platform: &mut Platform) {
    let at = at(50);
    let by = Actor::Agent(BOB);
    let (leg, music) = (CALLER, None);
    let wait = hold::Command::Request { leg, by, music, at };
    say(platform, 50, call::Command::Hold(wait));
    say(
        platform,
        50,
        call::Command::Hold(hold::Command::Confirm { leg, at }),
    );
    let consult = transfer::Command::Consult {
        consult: ASIDE,
        leg: THEIRS,
        target: ASKED,
        to: Callee::Agent { agent: DAN },
        at,
    };
    say(platform, 50, call::Command::Transfer(consult));
}

#[test]
fn who_is_asked_and_does_not_answer_is_rung_no_more_and_the_agent_keeps_the_caller() {
    let mut platform = talking();
    asks(&mut platform);
    let kinds = platform.pass(at(50).plus(TARGET_MS_MAX));
    assert_eq!(kinds, ["CallLegEnded", "CallConsultEnded"]);
    assert_eq!(doing(&platform, DAN), []);
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::Hold)]);
}

#[test]
fn who_hangs_up_before_the_one_asked_answers_sends_the_caller_back_to_the_queue() {
    let mut platform = talking();
    asks(&mut platform);
    ends(&mut platform, THEIRS, LegCause::HungUp, 55);
    assert_eq!(waits(&platform), Some((Priority::HIGHEST, at(2))));
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::WrapUp)]);
}

#[test]
fn who_hangs_up_while_talking_to_the_one_asked_hands_the_caller_over() {
    let mut platform = talking();
    asks(&mut platform);
    joins(&mut platform, ASIDE, THEIRS, 51);
    answers(&mut platform, ASKED, 52);
    joins(&mut platform, ASIDE, ASKED, 52);
    ends(&mut platform, THEIRS, LegCause::HungUp, 60);
    assert_eq!(waits(&platform), None);
    assert_eq!(doing(&platform, BOB), [(Contact::Call(ANN), Activity::WrapUp)]);
    assert_eq!(doing(&platform, DAN), [(Contact::Call(ANN), Activity::OnCall)]);
}

#[test]
fn a_caller_whose_talk_is_over_is_nobodys_to_bring_back() {
    let mut platform = talking();
    ends(&mut platform, THEIRS, LegCause::HungUp, 60);
    assert_eq!(waits(&platform), None, "a survey may follow");
}
