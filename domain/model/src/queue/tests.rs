use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU8, NonZeroU32};

use super::*;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, CallId, CallbackId, EntryId, OfferId, QueueId, UserId};
use crate::testing::sample::{at, id, text};
use crate::testing::{given, golden};
use crate::{Millis, Timestamp};

mod decisions;
mod entries;
pub(crate) mod invariants;
mod ownership;
mod settings;

const ANN: EntryId = EntryId::new(id(20));
const BEN: EntryId = EntryId::new(id(21));
const CAT: EntryId = EntryId::new(id(22));
const BOB: AgentId = AgentId::new(id(30));
const DAN: AgentId = AgentId::new(id(31));
const EVE: AgentId = AgentId::new(id(32));
const FIRST: OfferId = OfferId::new(id(40));
const SECOND: OfferId = OfferId::new(id(41));
const THIRD: OfferId = OfferId::new(id(42));
const TOKEN: FencingToken = FencingToken(1);

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Queue>("queue", &samples());
}

fn carol() -> Actor {
    Actor::User(UserId::new(id(50)))
}

fn priority(number: u8) -> Priority {
    Priority::new(number).expect("a story's priority is right")
}

/// The sample's settings, without ageing so that stories may take their time.
pub(crate) fn plain() -> Settings {
    let mut settings = sample_settings();
    settings.waiting.ageing = None;
    settings
}

pub(crate) fn ring_all() -> Settings {
    Settings {
        strategy: Strategy::RingAll,
        ..plain()
    }
}

pub(crate) fn configured(settings: Settings) -> Event {
    Event::Configured {
        settings: Box::new(settings),
        version: 1,
        by: carol(),
        at: at(-10),
    }
}

fn acquired() -> Event {
    Event::LeaseAcquired {
        node: text("node-1"),
        token: TOKEN,
        until: at(200),
        at: at(-5),
    }
}

fn call(entry: EntryId) -> Contact {
    Contact::Call(CallId::new(entry.uuid()))
}

fn entered(entry: EntryId, urgency: u8, second: i64) -> Event {
    Event::Entered {
        entry,
        contact: call(entry),
        channel: WorkChannel::Voice,
        priority: priority(urgency),
        skills: Few::none(),
        last_agent: None,
        told: None,
        since: at(second),
        returned: None,
        at: at(second),
    }
}

/// A queue with an owner, where Ann waits.
fn with_ann(settings: Settings) -> Vec<Event> {
    vec![configured(settings), acquired(), entered(ANN, 50, 0)]
}

fn after(history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.into_iter().chain(more).collect()
}

fn won(agent: AgentId) -> Candidate {
    Candidate {
        agent,
        score: 60_000,
        idle_since: Some(at(-60)),
        lost: None,
    }
}

fn lost(agent: AgentId, why: Lost) -> Candidate {
    Candidate {
        agent,
        score: 30_000,
        idle_since: Some(at(-30)),
        lost: Some(why),
    }
}

/// A decision at a second of the story that rings for twenty more.
pub(crate) fn proposal(entry: EntryId, chosen: &[(OfferId, AgentId)], second: i64) -> Proposal {
    Proposal {
        entry,
        chosen: Few::first(chosen.iter().map(|(offer, agent)| Chosen {
            offer: *offer,
            agent: *agent,
        })),
        candidates: Few::first(chosen.iter().map(|(_, agent)| won(*agent))),
        considered: 0,
        settings: 1,
        until: at(second + 20),
    }
}

fn owner(command: OwnerCommand, second: i64) -> Command {
    Command::Owner {
        token: TOKEN,
        command,
        at: at(second),
    }
}

fn reserve(proposal: Proposal, second: i64) -> Command {
    owner(OwnerCommand::Reserve(proposal), second)
}

pub(crate) fn reserved(settings: &Settings, proposal: Proposal, second: i64) -> Event {
    Event::Reserved {
        entry: proposal.entry,
        considered: u32::try_from(proposal.candidates.len()).expect("a few"),
        chosen: proposal.chosen,
        candidates: proposal.candidates,
        inputs: inputs(settings, second),
        token: TOKEN,
        until: proposal.until,
        at: at(second),
    }
}

/// What holds for Ann at a second of the story.
fn inputs(settings: &Settings, second: i64) -> Inputs {
    let waited = at(second).since(at(0));
    Inputs {
        settings: 1,
        strategy: settings.strategy,
        priority: priority(50),
        waited_ms: waited,
        groups: settings.groups_after(waited),
        skills: BTreeMap::new(),
    }
}

/// Ann is offered to Bob in the first second.
fn offered_to_bob() -> Event {
    reserved(&plain(), proposal(ANN, &[(FIRST, BOB)], 1), 1)
}

fn accepted(offer: OfferId, agent: AgentId, second: i64) -> Event {
    Event::Accepted {
        entry: ANN,
        offer,
        agent,
        at: at(second),
    }
}

fn ended(offer: OfferId, agent: AgentId, how: OfferEnd, second: i64) -> Event {
    Event::OfferEnded {
        entry: ANN,
        offer,
        agent,
        how,
        at: at(second),
    }
}

fn left(why: LeftBecause, second: i64) -> Event {
    Event::Left {
        entry: ANN,
        why,
        waited_ms: at(second).since(at(0)),
        at: at(second),
    }
}

fn leave(why: Departure, second: i64) -> Command {
    EntryCommand::Leave {
        entry: ANN,
        why,
        at: at(second),
    }
    .into()
}
