//! One of each kind of event, as the golden files hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use super::*;
use crate::Millis;
use crate::agent::{Obstacle, WrapUp};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{
    AgentId, CalendarId, CallId, CallbackId, EntryId, GroupId, OfferId, QueueId, SkillId, SoundId, UserId,
};
use crate::skills::{Relaxation, RequestedSkill, SkillLevel, SkillRequest};
use crate::tenant::hours::Hours;
use crate::testing::sample::{at, id, text};

const ENTRY: EntryId = EntryId::new(id(1));
const OFFER: OfferId = OfferId::new(id(2));
const BOB: AgentId = AgentId::new(id(3));
const DAN: AgentId = AgentId::new(id(4));
const GROUP: GroupId = GroupId::new(id(5));
const SKILL: SkillId = SkillId::new(id(6));
const CAROL: UserId = UserId::new(id(7));
const TOKEN: FencingToken = FencingToken(7);

fn carol() -> Actor {
    Actor::User(CAROL)
}

fn priority(number: u8) -> Priority {
    Priority::new(number).expect("a sample's priority is right")
}

/// Settings with every part in use, all of it right.
#[must_use]
pub fn settings() -> Settings {
    Settings {
        name: text("Support"),
        channels: BTreeSet::from([WorkChannel::Voice, WorkChannel::Task]),
        hours: Some(CalendarId::new(id(13))),
        tiers: Few::first([
            Tier {
                groups: BTreeSet::from([GROUP]),
                after_ms: Millis(0),
            },
            Tier {
                groups: BTreeSet::from([GroupId::new(id(8))]),
                after_ms: Millis::from_secs(45),
            },
        ]),
        strategy: Strategy::LongestIdle,
        waiting: Waiting {
            priority: priority(50),
            ageing: Some(Ageing {
                every_ms: Millis::from_secs(60),
                by: NonZeroU8::MIN,
            }),
            max_length: NonZeroU32::new(200),
            max_wait_ms: Some(Millis::from_secs(1800)),
            overflow: Some(Overflow {
                to: Some(QueueId::new(id(12))),
                after_ms: Millis::from_secs(600),
            }),
            leave_when_nobody_logged_in: true,
            leave_when_nobody_available: false,
            exit_keys: ExitKey::new('*').into_iter().collect(),
            callback: Some(Callbacks {
                offer_after_ms: Millis::from_secs(60),
                attempts: NonZeroU8::new(3).expect("three calls"),
                retry_ms: Millis::from_secs(900),
            }),
        },
        told: told(),
        offers: Offers {
            units: NonZeroU16::MIN,
            ring_ms: Millis::from_secs(20),
            last_agent: Some(LastAgent {
                within_ms: Millis::from_secs(86_400),
                wait_ms: Millis::from_secs(30),
            }),
            screening: Some(SoundId::new(id(11))),
            wrap_up: Some(WrapUp {
                length_ms: Millis::from_secs(30),
                code_required: true,
            }),
            cooldown_ms: Some(Millis::from_secs(10)),
            set_aside_after: NonZeroU16::new(3),
        },
        goals: Goals {
            answer_within_ms: Millis::from_secs(20),
            short_abandon_ms: Millis::from_secs(5),
        },
    }
}

fn told() -> Told {
    Told {
        music: Some(SoundId::new(id(9))),
        announcements: Some(Announcements {
            position: true,
            estimated_wait: false,
            first_after_ms: Millis::from_secs(15),
            every_ms: Millis::from_secs(60),
        }),
        comfort: Some(Comfort {
            sounds: Few::first([SoundId::new(id(10))]),
            every_ms: Millis::from_secs(40),
        }),
    }
}

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    [setup(), leases(), entries(), offers()]
        .into_iter()
        .flatten()
        .collect()
}

fn setup() -> Vec<Event> {
    vec![
        Event::Configured {
            settings: Box::new(settings()),
            version: 2,
            by: carol(),
            at: at(0),
        },
        Event::Retired {
            by: carol(),
            at: at(99),
        },
        Event::Opened {
            reason: text("overtime"),
            by: carol(),
            at: at(1),
        },
        Event::Closed {
            reason: text("fire drill"),
            by: carol(),
            at: at(2),
        },
        Event::HoursFollowed {
            by: carol(),
            at: at(3),
        },
        Event::HoursSet {
            hours: Some(Box::new(office_hours())),
            at: at(4),
        },
    ]
}

fn leases() -> Vec<Event> {
    vec![
        Event::LeaseAcquired {
            node: text("london-a-3"),
            token: TOKEN,
            until: at(30),
            at: at(0),
        },
        Event::LeaseRenewed {
            token: TOKEN,
            until: at(60),
            at: at(30),
        },
        Event::LeaseReleased {
            token: TOKEN,
            at: at(50),
        },
        Event::LeaseLapsed {
            token: TOKEN,
            at: at(61),
        },
    ]
}

fn french() -> SkillRequest {
    SkillRequest::new(RequestedSkill {
        skill: SKILL,
        at_least: SkillLevel::EXPERT,
        relax: Few::first([Relaxation {
            after_ms: Millis::from_secs(30),
            at_least: Some(SkillLevel::BASIC),
        }]),
    })
    .expect("a sample's request is right")
}

fn entries() -> Vec<Event> {
    vec![
        Event::Entered {
            entry: ENTRY,
            contact: Contact::Call(CallId::new(id(14))),
            channel: WorkChannel::Voice,
            priority: priority(50),
            skills: Few::first([french()]),
            last_agent: Some(BOB),
            told: Some(PolicyTold {
                position: false,
                estimated_wait: true,
                first_after_ms: Millis::from_secs(15),
                every_ms: Millis::from_secs(60),
                speeches: 2,
            }),
            since: at(-60),
            returned: None,
            at: at(0),
        },
        Event::PriorityChanged {
            entry: ENTRY,
            priority: priority(10),
            by: carol(),
            at: at(1),
        },
        Event::Moved {
            entry: ENTRY,
            place: Place::Front,
            by: carol(),
            at: at(2),
        },
        Event::Deferred {
            entry: ENTRY,
            not_before: at(900),
            at: at(70),
        },
        Event::CallbackChosen {
            entry: ENTRY,
            callback: CallbackId::new(id(15)),
            at: at(70),
        },
        Event::Left {
            entry: ENTRY,
            why: LeftBecause::Answered {
                offer: OFFER,
                agent: BOB,
            },
            waited_ms: Millis::from_secs(70),
            at: at(10),
        },
    ]
}

fn offers() -> Vec<Event> {
    let winner = Candidate {
        agent: BOB,
        score: 240_000,
        idle_since: Some(at(-240)),
        lost: None,
    };
    let loser = Candidate {
        agent: DAN,
        score: 0,
        idle_since: None,
        lost: Some(Lost::Unavailable {
            obstacles: Few::first([Obstacle::Full {
                channel: WorkChannel::Voice,
                taken: 1,
                limit: 1,
            }]),
        }),
    };
    vec![
        Event::Reserved {
            entry: ENTRY,
            chosen: Few::first([Chosen {
                offer: OFFER,
                agent: BOB,
            }]),
            candidates: Few::first([winner, loser]),
            considered: 2,
            inputs: Inputs {
                settings: 2,
                strategy: Strategy::LongestIdle,
                priority: priority(49),
                waited_ms: Millis::from_secs(63),
                groups: BTreeSet::from([GROUP]),
                skills: BTreeMap::from([(SKILL, SkillLevel::BASIC)]),
            },
            token: TOKEN,
            until: at(23),
            at: at(3),
        },
        Event::Accepted {
            entry: ENTRY,
            offer: OFFER,
            agent: BOB,
            at: at(8),
        },
        Event::OfferEnded {
            entry: ENTRY,
            offer: OFFER,
            agent: BOB,
            how: OfferEnd::Answered,
            at: at(10),
        },
    ]
}

fn office_hours() -> Hours {
    serde_json::from_value(serde_json::json!({
        "name": "Office", "zone": "Europe/London", "days": [],
        "week": [{ "day": "monday", "from": "09:00", "until": "17:00" }],
    }))
    .expect("a sample's hours are right")
}
