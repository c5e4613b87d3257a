use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::Decider;
use crate::agent::{Agent, Chooser, DeviceKind, ProfileState, QueuePlace, Refusal, StateKind};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{CallId, DeviceId, EntryId, GroupId, OfferId, ProfileId, SkillId, StateId, UserId};
use crate::queue::{
    EntryCommand, Event, Lost, OfferCommand, OfferEnd, OfferFailure, OwnerCommand, PolicyTold, Priority,
    Proposal, Settings, Strategy, Tier,
};
use crate::skills::{Relaxation, RequestedSkill, SkillLevel, SkillRequest, SkillRequests};
use crate::testing::sample::{at, id, text};

mod choosing;
mod duties;
mod estimates;
mod floor;
mod laws;
mod races;
mod reference;
mod sight;
mod strategies;

use floor::Hall;

const QUEUE: QueueId = QueueId::new(id(900));
const SALES: GroupId = GroupId::new(id(1));
const BACKUP: GroupId = GroupId::new(id(2));
const FRENCH: SkillId = SkillId::new(id(3));
const ANN: EntryId = EntryId::new(id(20));
const BEN: EntryId = EntryId::new(id(21));
const CAT: EntryId = EntryId::new(id(22));
const BOB: AgentId = AgentId::new(id(30));
const DAN: AgentId = AgentId::new(id(31));
const EVE: AgentId = AgentId::new(id(32));

/// A need for French that gives way after some seconds.
fn french(at_least: SkillLevel, steps: &[(u32, Option<SkillLevel>)]) -> SkillRequests {
    let relax = steps.iter().map(|(after, at_least)| Relaxation {
        after_ms: Millis::from_secs(*after),
        at_least: *at_least,
    });
    let request = SkillRequest::new(RequestedSkill {
        skill: FRENCH,
        at_least,
        relax: Few::first(relax),
    });
    Few::first([request.expect("a story's request is right")])
}

fn admin() -> Actor {
    Actor::User(UserId::new(id(50)))
}

/// Settings with nothing in them that changes with time but the second tier.
fn plain(strategy: Strategy) -> Settings {
    let mut settings = queue::sample_settings();
    settings.strategy = strategy;
    settings.tiers = Few::first([
        Tier {
            groups: BTreeSet::from([SALES]),
            after_ms: Millis(0),
        },
        Tier {
            groups: BTreeSet::from([BACKUP]),
            after_ms: Millis::from_secs(45),
        },
    ]);
    settings.waiting.ageing = None;
    settings.waiting.max_wait_ms = None;
    settings.waiting.overflow = None;
    settings.waiting.leave_when_nobody_logged_in = false;
    settings.waiting.callback = None;
    settings.offers.last_agent = None;
    settings.offers.wrap_up = None;
    settings.offers.cooldown_ms = None;
    settings.offers.set_aside_after = None;
    settings
}

fn config(node: &str) -> Config {
    Config {
        node: text(node),
        lease_ms: Millis::from_secs(120),
        zone: ZoneName::new("Europe/London").expect("a zone"),
        seed: 7,
    }
}
