//! One of each kind of event, as the golden files hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use super::*;
use crate::Millis;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{
    CallId, CallbackId, ConversationId, DeviceId, EntryId, GroupId, OfferId, ProfileId, QueueId,
    RoutingPolicyId, SkillId, StateId, SupervisionId, UserId, WrapUpCodeId,
};
use crate::skills::SkillLevel;
use crate::testing::sample::{at, id, text};

const OFFER: OfferId = OfferId::new(id(1));
const CALL: Contact = Contact::Call(CallId::new(id(2)));
const CHAT: Contact = Contact::Conversation(ConversationId::new(id(3)));
const GROUP: GroupId = GroupId::new(id(4));
const SKILL: SkillId = SkillId::new(id(5));
const DEVICE: DeviceId = DeviceId::new(id(6));
const PROFILE: ProfileId = ProfileId::new(id(7));
const CAROL: UserId = UserId::new(id(8));
const SUPERVISION: SupervisionId = SupervisionId::new(id(9));

fn units(units: u16) -> NonZeroU16 {
    NonZeroU16::new(units).expect("a sample takes something")
}

fn lunch() -> ProfileState {
    ProfileState {
        id: StateId::new(id(10)),
        profile: PROFILE,
        label: text("Lunch"),
        kind: StateKind::Away,
        groups: BTreeSet::new(),
    }
}

fn ready() -> ProfileState {
    ProfileState {
        id: StateId::new(id(11)),
        profile: PROFILE,
        label: text("Hardware"),
        kind: StateKind::Available,
        groups: BTreeSet::from([GROUP]),
    }
}

fn terms() -> Terms {
    Terms {
        wrap_up: Some(WrapUp {
            length_ms: Millis::from_secs(30),
            code_required: true,
        }),
        cooldown_ms: Some(Millis::from_secs(10)),
        set_aside_after: NonZeroU16::new(3),
    }
}

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    let parts = [
        chosen(),
        setup(),
        devices(),
        offers(),
        work(),
        wrap_ups(),
        monitors(),
    ];
    parts.into_iter().flatten().collect()
}

fn chosen() -> Vec<Event> {
    vec![
        Event::SignedIn {
            by: Chooser::Agent,
            at: at(0),
        },
        Event::SignedOut {
            by: Chooser::Process(text("session-expiry")),
            at: at(99),
        },
        Event::ProfileAssigned {
            profile: PROFILE,
            by: Actor::User(CAROL),
            at: at(1),
        },
        Event::StateChosen {
            state: ready(),
            by: Chooser::Supervisor(CAROL),
            queued_at: None,
            at: at(2),
        },
        Event::NextStateQueued {
            state: lunch(),
            by: Chooser::RoutingPolicy(RoutingPolicyId::new(id(12))),
            at: at(3),
        },
        Event::NextStateDropped {
            why: NextDropped::TakenBack,
            at: at(4),
        },
        Event::GroupsLoggedIn {
            groups: BTreeSet::from([GROUP]),
            at: at(2),
        },
        Event::GroupsLoggedOut {
            groups: BTreeSet::from([GROUP]),
            why: LoggedOutBecause::MembershipEnded,
            at: at(5),
        },
        Event::SetAside { misses: 3, at: at(6) },
        Event::Returned {
            by: Chooser::Agent,
            at: at(7),
        },
    ]
}

fn setup() -> Vec<Event> {
    let by = || Actor::Crm(text("main"));
    vec![
        Event::GroupJoined {
            group: GROUP,
            priority: 1,
            by: by(),
            at: at(0),
        },
        Event::GroupLeft {
            group: GROUP,
            by: by(),
            at: at(1),
        },
        Event::SkillSet {
            skill: SKILL,
            level: SkillLevel::EXPERT,
            by: by(),
            at: at(2),
        },
        Event::SkillRemoved {
            skill: SKILL,
            by: by(),
            at: at(3),
        },
        Event::CapacitySet {
            capacity: Capacity {
                limits: BTreeMap::from([(WorkChannel::Voice, 1), (WorkChannel::Chat, 3)]),
                shuts_out: BTreeMap::from([(WorkChannel::Voice, BTreeSet::from([WorkChannel::Chat]))]),
            },
            by: by(),
            at: at(4),
        },
    ]
}

fn devices() -> Vec<Event> {
    vec![
        Event::DeviceRegistered {
            device: DEVICE,
            kind: DeviceKind::Browser,
            at: at(0),
        },
        Event::DeviceExpired {
            device: DEVICE,
            at: at(1),
        },
        Event::DeviceUnreachable {
            device: DEVICE,
            at: at(2),
        },
        Event::DeviceReachable {
            device: DEVICE,
            at: at(3),
        },
        Event::DeviceRemoved {
            device: DEVICE,
            by: Actor::User(CAROL),
            at: at(4),
        },
        Event::RingOrderSet {
            order: Few::first([DEVICE]),
            by: Actor::User(CAROL),
            at: at(5),
        },
    ]
}

fn offers() -> Vec<Event> {
    vec![
        Event::Reserved {
            offer: OFFER,
            contact: CALL,
            ask: Ask {
                channel: WorkChannel::Voice,
                units: units(1),
                groups: BTreeSet::from([GROUP]),
                skills: BTreeMap::from([(SKILL, SkillLevel::INTERMEDIATE)]),
            },
            from: Some(QueuePlace {
                queue: QueueId::new(id(13)),
                entry: EntryId::new(id(14)),
            }),
            terms: terms(),
            until: at(25),
            at: at(0),
        },
        Event::Rang {
            offer: OFFER,
            contact: CALL,
            device: DEVICE,
            at: at(1),
        },
        Event::Accepted {
            offer: OFFER,
            contact: CALL,
            at: at(5),
        },
        Event::Released {
            contact: CALL,
            offer: Some(OFFER),
            outcome: Outcome::Missed,
            at: at(20),
        },
        Event::CooldownStarted {
            after: Refusal::Missed,
            until: at(30),
            at: at(20),
        },
        Event::CooldownEnded { at: at(30) },
    ]
}

fn work() -> Vec<Event> {
    let call = CallId::new(id(2));
    vec![
        Event::Begun {
            contact: CHAT,
            channel: WorkChannel::Chat,
            units: units(1),
            terms: Terms {
                wrap_up: None,
                cooldown_ms: None,
                set_aside_after: None,
            },
            at: at(0),
        },
        Event::RangBack {
            callback: CallbackId::new(id(70)),
            call,
            at: at(1),
        },
        Event::Held { call, at: at(6) },
        Event::Resumed { call, at: at(7) },
    ]
}

fn wrap_ups() -> Vec<Event> {
    vec![
        Event::WrapUpStarted {
            contact: CALL,
            until: at(40),
            code_required: true,
            at: at(10),
        },
        Event::WrapUpExtended {
            contact: CALL,
            until: at(60),
            by: Chooser::Agent,
            at: at(30),
        },
        Event::WrapUpFailed {
            contact: CALL,
            at: at(60),
        },
        Event::Dispositioned {
            contact: CALL,
            code: WrapUpCodeId::new(id(15)),
            at: at(61),
        },
        Event::WrapUpEnded {
            contact: CALL,
            how: WrapUpEnd::Ended(Chooser::Agent),
            at: at(62),
        },
    ]
}

fn monitors() -> Vec<Event> {
    vec![
        Event::MonitorStarted {
            supervision: SUPERVISION,
            call: CallId::new(id(2)),
            by: CAROL,
            mode: MonitorMode::Listen,
            at: at(8),
        },
        Event::MonitorChanged {
            supervision: SUPERVISION,
            mode: MonitorMode::Whisper,
            at: at(9),
        },
        Event::MonitorEnded {
            supervision: SUPERVISION,
            at: at(10),
        },
    ]
}
