//! From the first ring to the offers.

use super::{ANN, BOB, CALLER, ENTRY, OFFER, SALES, customer};
use crate::call::events::Event;
use crate::call::facts::{
    Announcement, Candidate, Collected, Digits, Field, Input, LookupOutcome, Nth, Prompt, Property, Value,
};
use crate::call::parties::{Caller, Entrance};
use crate::call::reasons::{EndCause, LeaveReason, Unreached, Withdrawal};
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{AgentId, CallId, CallbackId, JourneyId, RoutingPolicyId, SkillId, SoundId, StepId, UserId};
use crate::queue::{PolicyTold, Priority};
use crate::skills::{Relaxation, RequestedSkill, SkillLevel, SkillRequest, SkillRequests};
use crate::testing::sample::{at, id, number, person, text};
use crate::{Actor, Millis, Private};

const MENU: StepId = StepId::new(id(10));
const LOOKUP: StepId = StepId::new(id(11));

pub(super) fn beginnings() -> Vec<Event> {
    vec![
        Event::Offered {
            leg: CALLER,
            caller: Caller::Number { number: customer() },
            entrance: Entrance::Number {
                number: number("+442079460000"),
            },
            journey: JourneyId::new(id(5)),
            previous: None,
            at: at(0),
        },
        Event::Placed {
            to: customer(),
            presenting: Some(number("+442079460000")),
            by: Actor::System(text("callback")),
            agent: Some(ANN),
            journey: JourneyId::new(id(5)),
            previous: Some(CallId::new(id(6))),
            callback: Some(CallbackId::new(id(70))),
            at: at(0),
        },
        Event::PropertiesSet {
            properties: Few::first([Property {
                name: text("language"),
                value: Some(Private::new(person(90), text("fr"))),
            }]),
            at: at(2),
        },
        Event::Ended {
            cause: EndCause::AgentHungUp { agent: ANN },
            at: at(300),
        },
    ]
}

pub(super) fn routing() -> Vec<Event> {
    vec![
        Event::PolicyEntered {
            step: StepId::new(id(9)),
            policy: RoutingPolicyId::new(id(8)),
            version: 3,
            hash: ContentHash::of(b"a graph"),
            start: Some(text("main-number")),
            at: at(1),
        },
        Event::StepDecided {
            step: MENU,
            node: text("n4"),
            app: text("switchboard"),
            branch: text("key_1"),
            hash: ContentHash::of(b"a graph"),
            inputs: Few::first([
                Input {
                    name: text("key"),
                    value: Value::Plain(text("1")),
                },
                Input {
                    name: text("caller_number"),
                    value: Value::Private(Private::new(person(90), text("+12025550100"))),
                },
            ]),
            reason: text("the caller pressed 1, which leads to sales"),
            at: at(5),
        },
        Event::PromptPlayed {
            step: MENU,
            nth: Nth(1),
            leg: CALLER,
            prompt: Prompt::Speech {
                text: Value::Plain(text("For sales press 1.")),
            },
            heard_ms: Millis(1_800),
            interrupted: true,
            at: at(4),
        },
        Event::DigitsCollected {
            step: MENU,
            nth: Nth(1),
            outcome: Collected::Matched,
            digits: Some(Private::new(person(90), Digits::new("1").expect("a key"))),
            at: at(5),
        },
        Event::SkillsRequested {
            step: StepId::new(id(12)),
            skills: french(),
            at: at(6),
        },
    ]
}

pub(super) fn asking() -> Vec<Event> {
    vec![
        Event::LookupRequested {
            step: LOOKUP,
            what: text("contact_by_number"),
            deadline: at(4),
            at: at(2),
        },
        Event::LookupAnswered {
            step: LOOKUP,
            outcome: LookupOutcome::Found {
                records: 1,
                fields: Few::first([Field {
                    name: text("Owner.Name"),
                    value: Private::new(person(90), text("Ann Archer")),
                }]),
            },
            at: at(3),
        },
        Event::LookupTimedOut {
            step: LOOKUP,
            at: at(4),
        },
    ]
}

pub(super) fn queueing() -> Vec<Event> {
    vec![
        Event::Queued {
            entry: ENTRY,
            queue: SALES,
            priority: Priority::new(30).ok(),
            skills: french(),
            last_agent: Some(AgentId::new(id(31))),
            told: Some(told()),
            keeps_place_of: None,
            waiting_since: at(7),
            at: at(7),
        },
        Event::PriorityChanged {
            entry: ENTRY,
            priority: Priority::HIGHEST,
            by: Actor::User(UserId::new(id(25))),
            at: at(8),
        },
        Event::AnnouncementPlayed {
            entry: ENTRY,
            nth: Nth(1),
            announcement: Announcement::Comfort {
                sound: SoundId::new(id(15)),
            },
            at: at(9),
        },
        Event::LeftQueue {
            entry: ENTRY,
            queue: SALES,
            reason: LeaveReason::Answered {
                offer: OFFER,
                agent: ANN,
            },
            at: at(30),
        },
    ]
}

pub(super) fn offering() -> Vec<Event> {
    let candidate = |agent: AgentId, score, passed_over: Option<&str>| Candidate {
        agent,
        score,
        passed_over: passed_over.map(text),
    };
    vec![
        Event::AgentOffered {
            offer: OFFER,
            entry: ENTRY,
            queue: SALES,
            agent: ANN,
            ring_ms: Millis(20_000),
            until: at(30),
            strategy: text("longest_idle"),
            settings: ContentHash::of(b"settings"),
            candidates: Few::first([
                candidate(ANN, 340, None),
                candidate(BOB, 900, Some("skill_missing")),
            ]),
            at: at(10),
        },
        Event::OfferRang {
            offer: OFFER,
            agent: ANN,
            at: at(11),
        },
        Event::OfferAccepted {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            at: at(29),
        },
        Event::OfferRejected {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            reason: Some(text("on_another_case")),
            at: at(29),
        },
    ]
}

pub(super) fn losing() -> Vec<Event> {
    vec![
        Event::OfferMissed {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            at: at(30),
        },
        Event::OfferCallerGone {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            at: at(29),
        },
        Event::OfferUnreachable {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            why: Unreached::NotRegistered,
            at: at(10),
        },
        Event::OfferWithdrawn {
            offer: OFFER,
            entry: ENTRY,
            agent: ANN,
            why: Withdrawal::AnsweredElsewhere { by: BOB },
            at: at(28),
        },
    ]
}

fn french() -> SkillRequests {
    let request = RequestedSkill {
        skill: SkillId::new(id(14)),
        at_least: SkillLevel::ADVANCED,
        relax: Few::first([Relaxation {
            after_ms: Millis(60_000),
            at_least: None,
        }]),
    };
    Few::first([SkillRequest::new(request).expect("a ladder that leads down")])
}

fn told() -> PolicyTold {
    PolicyTold {
        position: true,
        estimated_wait: false,
        first_after_ms: Millis::from_secs(15),
        every_ms: Millis::from_secs(60),
        speeches: 2,
    }
}
