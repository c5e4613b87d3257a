//! Agents hand callers on: with a question first, or without, and sometimes they just leave.

use super::QUEUE;
use super::scenes::{Stage, agent, one_of};
use crate::call::parties::{Callee, Destination};
use crate::call::{self, bridge, hold, leg, transfer};
use crate::context::Actor;
use crate::ids::{BridgeId, CallId, LegId};

impl Stage {
    pub(super) fn hand_on(&mut self, pick: usize) {
        let legs = self.legs_answered();
        let Some((call, leg)) = one_of(&legs, pick) else {
            return;
        };
        match pick % 7 {
            0 => self.hand_to(call, leg, Destination::Queue { queue: QUEUE }),
            1 | 2 => self.hand_to(
                call,
                leg,
                Destination::Agent {
                    agent: agent(pick / 7),
                },
            ),
            3 | 4 => self.ask(call, leg, pick),
            5 => self.pick_up(pick),
            _ => self.bring_together(call, pick),
        }
    }

    fn hand_to(&mut self, call: CallId, leg: LegId, to: Destination) {
        let (by, at) = (Actor::Customer, self.now);
        let request = transfer::Command::Request { leg, to, by, at };
        self.tell(call, call::Command::Transfer(request));
    }

    // The caller hears music, and a colleague rings.
    fn ask(&mut self, call: CallId, leg: LegId, pick: usize) {
        let (by, at) = (Actor::Customer, self.now);
        let caller = self.legs_answered().into_iter().find(|(of, _)| *of == call);
        if let Some((_, leg)) = caller {
            let music = None;
            let wait = hold::Command::Request { leg, by, music, at };
            self.tell(call, call::Command::Hold(wait));
            self.tell(call, call::Command::Hold(hold::Command::Confirm { leg, at }));
        }
        let consult = transfer::Command::Consult {
            consult: aside(call),
            leg,
            target: LegId::new(self.new_id()),
            to: Callee::Agent {
                agent: agent(pick / 7),
            },
            at,
        };
        self.tell(call, call::Command::Transfer(consult));
        let bridge = aside(call);
        let join = bridge::Command::Join { bridge, leg, at };
        self.tell(call, call::Command::Bridge(join));
    }

    // Somebody who is rung answers, and hears whoever is to be heard.
    fn pick_up(&mut self, pick: usize) {
        let at = self.now;
        let Some((call, leg)) = one_of(&self.live_legs(), pick) else {
            return;
        };
        self.tell(call, call::Command::Leg(leg::Command::Answer { leg, at }));
        for bridge in [aside(call), BridgeId::new(call.uuid())] {
            let join = bridge::Command::Join { bridge, leg, at };
            self.tell(call, call::Command::Bridge(join));
        }
    }

    fn bring_together(&mut self, call: CallId, pick: usize) {
        let (consult, at) = (aside(call), self.now);
        let command = match pick / 7 % 3 {
            0 => transfer::Command::Complete { consult, at },
            1 => transfer::Command::Merge { consult, at },
            _ => transfer::Command::Abandon { consult, at },
        };
        self.tell(call, call::Command::Transfer(command));
    }
}

fn aside(call: CallId) -> BridgeId {
    BridgeId::new(call.derive("aside"))
}
