//! One event of each kind: a caller is looked up, waits, talks, is handed on and rung back.

mod after;
mod keeping;
mod talking;
mod waiting;

use super::events::Event;
use crate::Private;
use crate::ids::{AgentId, BridgeId, EntryId, LegId, OfferId, QueueId};
use crate::testing::sample::{id, number, person};
use crate::{Actor, PhoneNumber};

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    [
        waiting::beginnings(),
        waiting::routing(),
        waiting::asking(),
        waiting::queueing(),
        waiting::offering(),
        waiting::losing(),
        talking::legs(),
        talking::sound(),
        talking::holding(),
        talking::handing_on(),
        keeping::recording(),
        keeping::archive(),
        keeping::callback(),
        after::supervision(),
        after::wrap_up(),
        after::words(),
    ]
    .concat()
}

const CALLER: LegId = LegId::new(id(1));
const AGENT_LEG: LegId = LegId::new(id(2));
const EXPERT_LEG: LegId = LegId::new(id(3));
const ANN: AgentId = AgentId::new(id(20));
const BOB: AgentId = AgentId::new(id(21));
const MAIN: BridgeId = BridgeId::new(id(30));
const ASIDE: BridgeId = BridgeId::new(id(31));
const SALES: QueueId = QueueId::new(id(40));
const ENTRY: EntryId = EntryId::new(id(50));
const OFFER: OfferId = OfferId::new(id(60));

fn customer() -> Private<PhoneNumber> {
    Private::new(person(90), number("+12025550100"))
}

fn ann() -> Actor {
    Actor::Agent(ANN)
}
