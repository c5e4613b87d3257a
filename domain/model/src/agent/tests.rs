use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;

use super::*;
use crate::Millis;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::ids::{
    CallId, CallbackId, ConversationId, DeviceId, GroupId, OfferId, ProfileId, StateId, SupervisionId,
    UserId, WrapUpCodeId,
};
use crate::testing::sample::{at, id, text};
use crate::testing::{given, golden};

mod choosing;
pub(crate) mod invariants;
mod offers;
mod reachable;
mod wrap_ups;

const PROFILE: ProfileId = ProfileId::new(id(0));
const SALES: GroupId = GroupId::new(id(1));
const PHONE: DeviceId = DeviceId::new(id(2));
const MOBILE: DeviceId = DeviceId::new(id(3));
const CAROL: UserId = UserId::new(id(4));
const CODE: WrapUpCodeId = WrapUpCodeId::new(id(5));
const ANN: CallId = CallId::new(id(20));
const BEN: CallId = CallId::new(id(21));
const CHAT: ConversationId = ConversationId::new(id(22));
const FIRST: OfferId = OfferId::new(id(30));
const SECOND: OfferId = OfferId::new(id(31));
const LISTENING: SupervisionId = SupervisionId::new(id(40));

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Agent>("agent", &samples());
}

fn state(n: u128, label: &str, kind: StateKind, groups: &[GroupId]) -> ProfileState {
    ProfileState {
        id: StateId::new(id(n)),
        profile: PROFILE,
        label: text(label),
        kind,
        groups: groups.iter().copied().collect(),
    }
}

pub(crate) fn ready() -> ProfileState {
    state(10, "Ready", StateKind::Available, &[SALES])
}

pub(crate) fn lunch() -> ProfileState {
    state(11, "Lunch", StateKind::Away, &[])
}

fn one() -> NonZeroU16 {
    NonZeroU16::MIN
}

fn admin() -> Actor {
    Actor::User(CAROL)
}

fn signed_in() -> Vec<Event> {
    vec![
        Event::ProfileAssigned {
            profile: PROFILE,
            by: admin(),
            at: at(-5),
        },
        Event::GroupJoined {
            group: SALES,
            priority: 1,
            by: admin(),
            at: at(-4),
        },
        Event::SignedIn {
            by: Chooser::Agent,
            at: at(-3),
        },
    ]
}

fn chose(state: ProfileState) -> Event {
    Event::StateChosen {
        state,
        by: Chooser::Agent,
        queued_at: None,
        at: at(-2),
    }
}

fn registered(device: DeviceId) -> Event {
    Event::DeviceRegistered {
        device,
        kind: DeviceKind::Browser,
        at: at(-1),
    }
}

/// An agent who is ready for a call or up to two chats, a chat not during a call.
pub(crate) fn at_work() -> Vec<Event> {
    let mut history = signed_in();
    history.extend([
        chose(ready()),
        Event::GroupsLoggedIn {
            groups: BTreeSet::from([SALES]),
            at: at(-2),
        },
        registered(PHONE),
        Event::CapacitySet {
            capacity: Capacity {
                limits: BTreeMap::from([(WorkChannel::Voice, 1), (WorkChannel::Chat, 2)]),
                shuts_out: BTreeMap::from([(WorkChannel::Voice, BTreeSet::from([WorkChannel::Chat]))]),
            },
            by: admin(),
            at: at(-1),
        },
    ]);
    history
}

fn after(history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.into_iter().chain(more).collect()
}

fn voice() -> Ask {
    Ask {
        channel: WorkChannel::Voice,
        units: one(),
        groups: BTreeSet::from([SALES]),
        skills: BTreeMap::new(),
    }
}

fn chat() -> Ask {
    Ask {
        channel: WorkChannel::Chat,
        ..voice()
    }
}

fn terms() -> Terms {
    Terms {
        wrap_up: Some(WrapUp {
            length_ms: Millis::from_secs(30),
            code_required: false,
        }),
        cooldown_ms: None,
        set_aside_after: None,
    }
}

fn with_code() -> Terms {
    Terms {
        wrap_up: Some(WrapUp {
            length_ms: Millis::from_secs(30),
            code_required: true,
        }),
        ..terms()
    }
}

fn reserve(offer: OfferId, contact: Contact, ask: Ask, second: i64) -> Command {
    OfferCommand::Reserve {
        offer,
        contact,
        ask,
        from: None,
        terms: terms(),
        until: at(second + 20),
        at: at(second),
    }
    .into()
}

fn reserved(offer: OfferId, contact: Contact, ask: Ask, second: i64) -> Event {
    Event::Reserved {
        offer,
        contact,
        ask,
        from: None,
        terms: terms(),
        until: at(second + 20),
        at: at(second),
    }
}

/// Ann's call, offered in the first second under some terms.
fn offered_ann(terms: Terms) -> Event {
    Event::Reserved {
        offer: FIRST,
        contact: Contact::Call(ANN),
        ask: voice(),
        from: None,
        terms,
        until: at(21),
        at: at(1),
    }
}

fn accepted_ann() -> Event {
    Event::Accepted {
        offer: FIRST,
        contact: Contact::Call(ANN),
        at: at(2),
    }
}

fn released_ann(outcome: Outcome, second: i64) -> Event {
    Event::Released {
        contact: Contact::Call(ANN),
        offer: Some(FIRST),
        outcome,
        at: at(second),
    }
}

fn end(call: CallId, second: i64) -> Command {
    WorkCommand::End {
        contact: Contact::Call(call),
        holding: Holding::Offered(FIRST),
        at: at(second),
    }
    .into()
}

fn release(refusal: Refusal, second: i64) -> Command {
    OfferCommand::Release {
        offer: FIRST,
        refusal,
        at: at(second),
    }
    .into()
}

fn unavailable(obstacles: impl IntoIterator<Item = Obstacle>) -> Rejection {
    Rejection::Unavailable {
        obstacles: obstacles.into_iter().collect(),
    }
}
