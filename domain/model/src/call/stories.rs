//! Stories of calls, told as given, when and then. Here the cast and how far a call has come; the stories are below.

mod after;
mod begin_and_end;
mod handing_on;
mod offering;
mod talking;

use super::parties::{Caller, Entrance, Party};
use super::reasons::LegCause;
use super::{Call, Command, Event, bridge, hold, leg, life, offer, queue, transfer};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, EntryId, JourneyId, LegId, OfferId, QueueId};
use crate::testing::sample::{at, id, number, person, text};
use crate::{Actor, Decider as _, Millis, PhoneNumber, Private};

const CALLER: LegId = LegId::new(id(1));
const ANN_LEG: LegId = LegId::new(id(2));
const BOB_LEG: LegId = LegId::new(id(3));
const ASKED_LEG: LegId = LegId::new(id(4));
const ANN: AgentId = AgentId::new(id(10));
const BOB: AgentId = AgentId::new(id(11));
const CAROL: AgentId = AgentId::new(id(12));
const MAIN: BridgeId = BridgeId::new(id(20));
const ASIDE: BridgeId = BridgeId::new(id(21));
const SALES: QueueId = QueueId::new(id(30));
const ENTRY: EntryId = EntryId::new(id(40));
const TO_ANN: OfferId = OfferId::new(id(50));
const TO_BOB: OfferId = OfferId::new(id(51));

/// The events of commands that are all accepted.
fn told(commands: impl IntoIterator<Item = Command>) -> Vec<Event> {
    go_on(vec![], commands)
}

fn go_on(mut history: Vec<Event>, commands: impl IntoIterator<Item = Command>) -> Vec<Event> {
    for command in commands {
        let state = Call::fold(&history);
        let told = Call::decide(&state, command.clone());
        history.extend(told.unwrap_or_else(|why| panic!("{why}: {command:?}")));
    }
    history
}

/// The kinds of what one more command leads to.
fn kinds(history: &[Event], command: Command) -> Vec<&'static str> {
    let events = Call::decide(&Call::fold(history), command).expect("accepted");
    events.iter().map(crate::Event::kind).collect()
}

fn customer() -> Private<PhoneNumber> {
    Private::new(person(90), number("+12025550100"))
}

fn by_ann() -> Actor {
    Actor::Agent(ANN)
}

fn rings() -> Command {
    Command::Life(life::Command::Offer {
        leg: CALLER,
        caller: Caller::Number { number: customer() },
        entrance: Entrance::Number {
            number: number("+442079460000"),
        },
        journey: JourneyId::new(id(5)),
        previous: None,
        at: at(0),
    })
}

fn create(leg: LegId, party: Party, offer: Option<OfferId>) -> Command {
    Command::Leg(leg::Command::Create {
        leg,
        party,
        offer,
        hunt: None,
        at: at(10),
    })
}

fn desk(agent: AgentId) -> Party {
    Party::Agent { agent, device: None }
}

fn answer(leg: LegId, second: i64) -> Command {
    Command::Leg(leg::Command::Answer { leg, at: at(second) })
}

fn hang_up(leg: LegId, second: i64) -> Command {
    end_leg(leg, LegCause::HungUp, second)
}

fn end_leg(leg: LegId, cause: LegCause, second: i64) -> Command {
    Command::Leg(leg::Command::End {
        leg,
        cause,
        at: at(second),
    })
}

fn join(bridge: BridgeId, leg: LegId, second: i64) -> Command {
    Command::Bridge(bridge::Command::Join {
        bridge,
        leg,
        at: at(second),
    })
}

fn leave(bridge: BridgeId, leg: LegId, second: i64) -> Command {
    Command::Bridge(bridge::Command::Leave {
        bridge,
        leg,
        at: at(second),
    })
}

fn wait(entry: EntryId) -> Command {
    Command::Queue(queue::Command::Join {
        entry,
        queue: SALES,
        priority: None,
        skills: Few::none(),
        last_agent: None,
        told: None,
        keeps_place_of: None,
        waiting_since: at(2),
        at: at(2),
    })
}

fn offer_to(offer: OfferId, agent: AgentId) -> Command {
    Command::Offer(offer::Command::Make {
        offer,
        entry: ENTRY,
        agent,
        ring_ms: Millis(20_000),
        strategy: text("ring_all"),
        settings: ContentHash::of(b"settings"),
        candidates: Few::none(),
        at: at(10),
    })
}

fn accept(offer: OfferId, second: i64) -> Command {
    Command::Offer(offer::Command::Accept {
        offer,
        at: at(second),
    })
}

fn consult(second: i64) -> Command {
    Command::Transfer(transfer::Command::Consult {
        consult: ASIDE,
        leg: ANN_LEG,
        target: ASKED_LEG,
        to: super::parties::Callee::Agent { agent: CAROL },
        at: at(second),
    })
}

/// A caller in the queue.
fn waiting() -> Vec<Event> {
    told([rings(), answer(CALLER, 1), join(MAIN, CALLER, 1), wait(ENTRY)])
}

/// Ann and Bob are both rung for one caller.
fn both_rung() -> Vec<Event> {
    let rung = [
        offer_to(TO_ANN, ANN),
        create(ANN_LEG, desk(ANN), Some(TO_ANN)),
        offer_to(TO_BOB, BOB),
        create(BOB_LEG, desk(BOB), Some(TO_BOB)),
    ];
    go_on(waiting(), rung)
}

/// Ann was first and talks to the caller.
fn talking() -> Vec<Event> {
    go_on(both_rung(), [answer(ANN_LEG, 15), join(MAIN, ANN_LEG, 16)])
}

/// Ann talks, and the caller is on hold.
fn on_hold() -> Vec<Event> {
    let hold = hold::Command::Request {
        leg: CALLER,
        by: by_ann(),
        music: None,
        at: at(30),
    };
    let held = hold::Command::Confirm {
        leg: CALLER,
        at: at(31),
    };
    go_on(talking(), [Command::Hold(hold), Command::Hold(held)])
}

/// The caller is on hold, and Ann talks to Carol.
fn asking() -> Vec<Event> {
    let aside = [
        consult(32),
        join(ASIDE, ANN_LEG, 33),
        answer(ASKED_LEG, 40),
        join(ASIDE, ASKED_LEG, 41),
    ];
    go_on(on_hold(), aside)
}
