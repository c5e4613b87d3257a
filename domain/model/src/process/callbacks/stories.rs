//! Stories of Ann, who asks to be rung back, with all processes at work.

use super::*;
use crate::agent;
use crate::call::callback::{Command as Promises, Waits};
use crate::call::parties::{Caller, Entrance, Party};
use crate::call::reasons::{CallbackEnd, LegCause};
use crate::call::{self, bridge, leg, life};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::BridgeId;
use crate::process::AnyCommand;
use crate::process::together::{Platform, QUEUE, at_work};
use crate::queue::{self, OwnerCommand};
use crate::testing::sample::{at, id, number, person, text};

const ANN: CallId = CallId::new(id(500));
const ENTRY: EntryId = EntryId::new(id(501));
const CALLER: LegId = LegId::new(id(502));
const LATER: CallbackId = CallbackId::new(id(503));
const BOB: AgentId = AgentId::new(uuid::Uuid::from_u128(1));
const THEIRS: LegId = LegId::new(id(504));
const CUSTOMER: LegId = LegId::new(id(505));

fn to_ann(command: call::Command) -> AnyCommand {
    AnyCommand::Call(ANN, command)
}

fn promise(command: Promises) -> AnyCommand {
    to_ann(call::Command::Callback(command))
}

fn legs(call: CallId, command: leg::Command) -> AnyCommand {
    AnyCommand::Call(call, call::Command::Leg(command))
}

fn rings(platform: &mut Platform) {
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
    platform.say("somebody", at(0), to_ann(call::Command::Life(offer)));
    let answer = leg::Command::Answer {
        leg: CALLER,
        at: at(1),
    };
    platform.say("somebody", at(1), legs(ANN, answer));
}

// Ann waits for a minute, asks to be rung back and hangs up.
fn promised(due: Option<Timestamp>) -> Platform {
    let mut platform = Platform::with(at_work());
    rings(&mut platform);
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
    platform.say("somebody", at(2), to_ann(call::Command::Queue(join)));
    asks(&mut platform, Waits::In { entry: ENTRY }, due);
    platform
}

fn asks(platform: &mut Platform, waits: Waits, due: Option<Timestamp>) {
    let (callback, at) = (LATER, at(70));
    platform.say("somebody", at, promise(Promises::Offer { callback, waits, at }));
    let number = Private::new(person(1), number("+12025550100"));
    let accept = Promises::Accept {
        callback,
        number,
        due,
        at,
    };
    platform.say("somebody", at, promise(accept));
    hang_up(platform, ANN, CALLER, LegCause::HungUp, 71);
}

fn hang_up(
    platform: &mut Platform,
    call: CallId,
    leg: LegId,
    cause: LegCause,
    second: i64,
) -> Vec<&'static str> {
    let at = at(second);
    platform.say("somebody", at, legs(call, leg::Command::End { leg, cause, at }))
}

fn decide(entry: EntryId, offer: OfferId, second: i64) -> AnyCommand {
    let command = OwnerCommand::Reserve(queue::tests::proposal(entry, &[(offer, BOB)], second));
    let (token, at) = (queue::FencingToken(1), at(second));
    AnyCommand::Queue(QUEUE, queue::Command::Owner { token, command, at })
}

// The queue's owner offers the callback to Bob, who takes it.
fn taken(platform: &mut Platform, entry: EntryId, nth: u128, second: i64) -> Vec<&'static str> {
    let offer = OfferId::new(id(600 + nth));
    let now = at(second);
    let acquire = queue::Command::Acquire {
        node: text(&format!("node-{nth}")),
        until: now.plus(queue::LEASE_MS_MAX),
        at: now,
    };
    platform.say(
        "somebody",
        now,
        AnyCommand::Queue(QUEUE, queue::Command::Lapse { at: now }),
    );
    platform.say("somebody", now, AnyCommand::Queue(QUEUE, acquire));
    let token = platform.world.queues[&QUEUE].lease().expect("an owner").token;
    let command = OwnerCommand::Reserve(queue::tests::proposal(entry, &[(offer, BOB)], second));
    let decided = queue::Command::Owner {
        token,
        command,
        at: now,
    };
    platform.say("somebody", now, AnyCommand::Queue(QUEUE, decided));
    let accept = agent::OfferCommand::Accept {
        offer,
        at: at(second + 5),
    };
    platform.say("somebody", at(second + 5), AnyCommand::Agent(BOB, accept.into()))
}

fn placed(nth: u32) -> CallId {
    CallId::new(LATER.derive(&format!("attempt/{nth}")))
}

fn create(leg: LegId, party: Party, second: i64) -> leg::Command {
    leg::Command::Create {
        leg,
        party,
        offer: None,
        hunt: None,
        at: at(second),
    }
}

fn agent_answers(platform: &mut Platform, call: CallId, second: i64) {
    let at = at(second);
    let party = Party::Agent {
        agent: BOB,
        device: None,
    };
    platform.say("somebody", at, legs(call, create(THEIRS, party, second)));
    platform.say(
        "somebody",
        at,
        legs(call, leg::Command::Answer { leg: THEIRS, at }),
    );
    joins(platform, call, THEIRS, second);
    let party = Party::Customer { number: None };
    platform.say("somebody", at, legs(call, create(CUSTOMER, party, second)));
}

fn joins(platform: &mut Platform, call: CallId, leg: LegId, second: i64) -> Vec<&'static str> {
    let (bridge, at) = (BridgeId::new(call.uuid()), at(second));
    let join = bridge::Command::Join { bridge, leg, at };
    platform.say(
        "somebody",
        at,
        AnyCommand::Call(call, call::Command::Bridge(join)),
    )
}

fn in_hand(platform: &Platform) -> Vec<(crate::contact::Contact, agent::Activity)> {
    platform.world.agents[&BOB].activities().collect()
}

#[test]
fn a_promise_is_kept_by_the_agent_who_takes_it() {
    let mut platform = promised(None);
    assert_eq!(
        taken(&mut platform, ENTRY, 1, 80),
        [
            "AgentAccepted",
            "QueueAccepted",
            "CallCallbackAttempted",
            "CallPlaced",
            "AgentRangBack",
        ]
    );
    let call = placed(1);
    agent_answers(&mut platform, call, 90);
    let answer = leg::Command::Answer {
        leg: CUSTOMER,
        at: at(99),
    };
    platform.say("somebody", at(99), legs(call, answer));
    assert_eq!(
        joins(&mut platform, call, CUSTOMER, 99),
        [
            "CallLegJoined",
            "CallCallbackCompleted",
            "QueueOfferEnded",
            "QueueLeft",
        ]
    );
    assert_eq!(
        in_hand(&platform),
        [(crate::contact::Contact::Call(call), agent::Activity::OnCall)]
    );
    let over = hang_up(&mut platform, call, CUSTOMER, LegCause::HungUp, 300);
    let written = over.iter().filter(|kind| kind.contains("WrapUpStarted")).count();
    assert_eq!(
        written, 2,
        "the agent writes notes by the queue's terms: {over:?}"
    );
}

#[test]
fn a_customer_who_is_busy_is_rung_again_and_given_up_after_the_last_time() {
    let mut platform = promised(None);
    let mut second = 80;
    for nth in 1..=3 {
        taken(&mut platform, ENTRY, nth.into(), second);
        let call = placed(nth);
        agent_answers(&mut platform, call, second + 10);
        let over = hang_up(&mut platform, call, CUSTOMER, LegCause::Busy, second + 12);
        assert_eq!(
            in_hand(&platform),
            [],
            "nobody talked, so there is nothing to write about"
        );
        if nth < 3 {
            assert!(over.contains(&"QueueDeferred"), "{over:?}");
            let line = &platform.world.queues[&QUEUE];
            let entry = line.entry(ENTRY).expect("it keeps its place");
            let again_from = at(second + 12).plus(Millis::from_secs(900));
            assert_eq!(entry.may_be_offered_from(), again_from);
            let early = decide(ENTRY, OfferId::new(id(700)), second + 20);
            assert!(platform.hear("owner", early).is_err(), "not at once");
        } else {
            let last = ["CallCallbackFailed", "CallCallbackCancelled", "QueueLeft"];
            assert!(last.iter().all(|kind| over.contains(kind)), "{over:?}");
        }
        second += 1_000;
    }
    assert!(platform.world.queues[&QUEUE].entry(ENTRY).is_none());
    let off = platform.world.log.iter().any(|happened| {
        let AnyEvent::Call(ANN, call::Event::CallbackCancelled { why, .. }) = &happened.what else {
            return false;
        };
        *why == CallbackEnd::Unreachable
    });
    assert!(off, "for the right reason");
}

#[test]
fn an_agent_who_cannot_be_reached_costs_the_customer_no_attempt() {
    let mut platform = promised(None);
    taken(&mut platform, ENTRY, 1, 80);
    let (call, at_once) = (placed(1), at(81));
    let party = Party::Agent {
        agent: BOB,
        device: None,
    };
    platform.say("somebody", at_once, legs(call, create(THEIRS, party, 81)));
    hang_up(&mut platform, call, THEIRS, LegCause::MediaLost, 82);
    let (cause, at_last) = (EndCause::Cancelled, at(82));
    let end = call::Command::Life(call::life::Command::End { cause, at: at_last });
    let over = platform.say("somebody", at_last, AnyCommand::Call(call, end));
    assert!(over.contains(&"CallCallbackFailed"), "{over:?}");
    assert!(!over.contains(&"CallCallbackCancelled"), "{over:?}");
    let line = &platform.world.queues[&QUEUE];
    let entry = line.entry(ENTRY).expect("it keeps its place");
    assert_eq!(
        entry.may_be_offered_from(),
        at(92),
        "the next agent is asked soon"
    );
}

#[test]
fn a_call_that_reaches_nobody_in_time_is_an_attempt_that_failed() {
    let mut platform = promised(None);
    taken(&mut platform, ENTRY, 1, 80);
    agent_answers(&mut platform, placed(1), 90);
    assert_eq!(platform.pass(at(200)), Vec::<&str>::new());
    let over = platform.pass(at(85).plus(ATTEMPT_MS_MAX));
    assert!(
        over.contains(&"CallEnded") && over.contains(&"CallCallbackFailed"),
        "{over:?}"
    );
    assert_eq!(in_hand(&platform), []);
}

#[test]
fn who_calls_it_off_while_it_rings_is_rung_no_more() {
    let mut platform = promised(None);
    taken(&mut platform, ENTRY, 1, 80);
    agent_answers(&mut platform, placed(1), 90);
    let (callback, at) = (LATER, at(92));
    let cancel = Promises::Cancel {
        callback,
        why: CallbackEnd::Asked,
        by: Actor::Customer,
        at,
    };
    platform.say("somebody", at, promise(cancel));
    assert!(!platform.world.calls[&placed(1)].is_live());
    assert!(platform.world.queues[&QUEUE].entry(ENTRY).is_none());
    assert_eq!(in_hand(&platform), []);
}

#[test]
fn what_a_supervisor_takes_out_of_the_line_is_promised_no_more() {
    let mut platform = promised(None);
    let leave = queue::EntryCommand::Leave {
        entry: ENTRY,
        why: queue::Departure::Removed { by: Actor::Customer },
        at: at(75),
    };
    let over = platform.say("somebody", at(75), AnyCommand::Queue(QUEUE, leave.into()));
    assert_eq!(over, ["QueueLeft", "CallCallbackCancelled"]);
}

#[test]
fn a_callback_for_tomorrow_is_offered_tomorrow() {
    let mut platform = promised(Some(at(86_400)));
    let entry = platform.world.queues[&QUEUE]
        .entry(ENTRY)
        .expect("it keeps its place");
    assert_eq!(entry.may_be_offered_from(), at(86_400));
    let kinds = taken(&mut platform, ENTRY, 1, 86_400);
    assert!(kinds.contains(&"CallPlaced"), "{kinds:?}");
}

#[test]
fn who_rings_without_waiting_is_rung_back_by_the_queue_they_are_sent_to() {
    let mut platform = Platform::with(at_work());
    rings(&mut platform);
    asks(&mut platform, Waits::At { queue: QUEUE }, None);
    let entry = EntryId::new(LATER.derive("place"));
    let kinds = taken(&mut platform, entry, 1, 80);
    assert!(kinds.contains(&"CallPlaced"), "{kinds:?}");
}
