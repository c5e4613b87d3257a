//! What agents do with callers whom they do not serve to the end: they hand them on, or ask a colleague first. And
//! supervisors, who listen in.

use domain_model::call::facts::SupervisionMode;
use domain_model::call::parties::{Callee, Destination, Mailbox, Party};
use domain_model::call::reasons::LegCause;
use domain_model::call::{self, bridge, hold, leg, supervision, transfer};
use domain_model::context::Actor;
use domain_model::ids::{AgentId, BridgeId, CallId, LegId, PersonId, SupervisionId, UserId};
use domain_model::{Millis, PhoneNumber, Private, Timestamp};

use super::{Deed, Line, Reaction, Telephones};
use crate::plan::{HandsOn, How, Then, numbered};

/// How long an agent talks to whoever they ask.
const ASKS: Millis = Millis::from_secs(12);
/// How long they wait for an answer.
const WAITS: Millis = Millis::from_secs(30);

/// Returns the bridge in which a caller talks.
pub(super) const fn main(call: CallId) -> BridgeId {
    BridgeId::new(call.uuid())
}

/// Returns the bridge in which an agent asks a colleague.
pub(super) fn aside(call: CallId) -> BridgeId {
    BridgeId::new(call.derive("aside"))
}

/// Returns the leg of the colleague who is asked.
pub(super) fn asked(call: CallId) -> LegId {
    LegId::new(call.derive("asked"))
}

impl Line {
    /// Says what follows from somebody beginning to talk to the caller.
    pub(super) fn plan_talk(
        &mut self,
        call: CallId,
        leg: LegId,
        hangs_up: LegId,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        self.talks_with = Some(leg);
        let over = Deed::HangUp { call, leg: hangs_up };
        does.later.push((at.plus(self.caller.talk), over));
        if !self.legs.contains_key(&leg) {
            return;
        }
        if let Some(HandsOn { after, how }) = self.caller.hands_on.take() {
            does.later.push((at.plus(after), Deed::HandOn { call, leg, how }));
        }
        if let Some(after) = self.caller.heard_after.take() {
            does.later.push((at.plus(after), Deed::ListenIn { call, leg }));
        }
    }

    /// Returns somebody who is there for the caller after whoever they talked to has left.
    pub(super) fn who_is_left(&self) -> Option<(LegId, bool)> {
        let in_main = self.in_main.iter().find(|leg| self.has_far_end(**leg));
        let answered = || self.answered.iter().find(|leg| self.legs.contains_key(leg));
        in_main
            .map(|leg| (*leg, true))
            .or_else(|| answered().map(|leg| (*leg, false)))
    }
}

impl Telephones {
    pub(super) fn hand_on(&self, call: CallId, leg: LegId, how: &How, at: Timestamp, does: &mut Reaction) {
        let Some(line) = self.lines.get(&call).filter(|line| line.talks_with == Some(leg)) else {
            return;
        };
        let Some(agent) = line.legs.get(&leg).copied() else {
            return;
        };
        let by = Actor::Agent(agent);
        let to = match how {
            How::Asks { colleague, then } => {
                return self.ask(call, (leg, agent), (*colleague, *then), at, does);
            }
            How::Colleague(agent) => Destination::Agent { agent: *agent },
            How::Queue(queue) => Destination::Queue { queue: *queue },
            How::Group(group) => Destination::Group { group: *group },
            How::Mailbox(group) => Destination::Voicemail {
                mailbox: Mailbox::Group { group: *group },
            },
            How::Outside => {
                let number = PhoneNumber::read("+442079460192", None).expect("a number");
                let number = Private::new(PersonId::new(numbered(9, 2_000)), number);
                Destination::Number { number }
            }
        };
        let request = transfer::Command::Request { leg, to, by, at };
        does.call("hand-on", call, call::Command::Transfer(request));
    }

    // The caller is put on hold first.
    fn ask(
        &self,
        call: CallId,
        (leg, agent): (LegId, AgentId),
        (colleague, then): (AgentId, Then),
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let Some(caller) = self.lines.get(&call).map(|line| line.leg) else {
            return;
        };
        let by = Actor::Agent(agent);
        let waits = hold::Command::Request {
            leg: caller,
            by,
            music: None,
            at,
        };
        does.call("hold", call, call::Command::Hold(waits));
        let held = hold::Command::Confirm { leg: caller, at };
        does.call("held", call, call::Command::Hold(held));
        let consult = transfer::Command::Consult {
            consult: aside(call),
            leg,
            target: asked(call),
            to: Callee::Agent { agent: colleague },
            at,
        };
        does.call("ask", call, call::Command::Transfer(consult));
        let bridge = aside(call);
        let join = bridge::Command::Join { bridge, leg, at };
        does.call("aside", call, call::Command::Bridge(join));
        does.later.push((at.plus(WAITS), Deed::GiveUpAsking { call }));
        does.later.push((
            at.plus(Millis(WAITS.0 + ASKS.0)),
            Deed::Decide { call, leg, then },
        ));
    }

    /// Nobody answers, so that the agent goes back to the caller.
    pub(super) fn give_up_asking(&self, call: CallId, at: Timestamp, does: &mut Reaction) {
        let there = |line: &Line| line.answered.contains(&asked(call));
        if self.lines.get(&call).is_some_and(|line| !there(line)) {
            let consult = aside(call);
            let abandon = transfer::Command::Abandon { consult, at };
            does.call("give-up-asking", call, call::Command::Transfer(abandon));
        }
    }

    /// What an agent makes of the colleague's advice.
    pub(super) fn decide(&self, call: CallId, leg: LegId, then: Then, at: Timestamp, does: &mut Reaction) {
        if !self.lines.contains_key(&call) {
            return;
        }
        let consult = aside(call);
        let command = match then {
            Then::HandsOver => call::Command::Transfer(transfer::Command::Complete { consult, at }),
            Then::BringsTogether => call::Command::Transfer(transfer::Command::Merge { consult, at }),
            Then::Keeps => call::Command::Transfer(transfer::Command::Abandon { consult, at }),
            Then::HangsUp => call::Command::Leg(leg::Command::End {
                leg,
                cause: LegCause::HungUp,
                at,
            }),
        };
        does.call("decide", call, command);
    }

    /// The agent is back, and the caller hears them again.
    pub(super) fn take_back(call: CallId, line: &Line, leg: LegId, at: Timestamp, does: &mut Reaction) {
        let Some(agent) = line.legs.get(&leg).copied() else {
            return;
        };
        let bridge = main(call);
        let join = bridge::Command::Join { bridge, leg, at };
        does.call("back", call, call::Command::Bridge(join));
        let by = Actor::Agent(agent);
        let caller = line.leg;
        let resume = hold::Command::RequestResume { leg: caller, by, at };
        does.call("resume", call, call::Command::Hold(resume));
        let resumed = hold::Command::ConfirmResume { leg: caller, at };
        does.call("resumed", call, call::Command::Hold(resumed));
    }

    /// A colleague's telephone rings because somebody hands a caller on to them, or asks them.
    pub(super) fn ring_colleague(
        &self,
        call: CallId,
        leg: LegId,
        agent: AgentId,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let chance = self.chance.about("colleague", leg.uuid().as_u64_pair().1);
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        let talks = self.lines.values().any(|line| {
            let mut answered = line.answered.iter();
            answered.any(|leg| line.legs.get(leg) == Some(&agent))
        });
        let gone = self.without_network.contains(&agent)
            || person.never_heard
            || chance.about("network", 0).per_mille(person.unreachable);
        if talks || gone {
            let cause = if talks {
                LegCause::Busy
            } else {
                LegCause::MediaLost
            };
            let end = leg::Command::End { leg, cause, at };
            does.call("busy", call, call::Command::Leg(end));
            return;
        }
        does.call("rings", call, call::Command::Leg(leg::Command::Ring { leg, at }));
        let when = at.plus(chance.about("hand", 0).exponential(person.answers_in));
        if chance.about("mood", 0).below(1000) >= person.rejects + person.misses {
            does.later.push((when, Deed::Answer { call, leg }));
        }
    }

    /// A supervisor listens in on whoever talks.
    pub(super) fn listen_in(&self, call: CallId, leg: LegId, at: Timestamp, does: &mut Reaction) {
        if self
            .lines
            .get(&call)
            .is_none_or(|line| line.talks_with != Some(leg))
        {
            return;
        }
        let user = UserId::new(numbered(8, 2));
        let theirs = LegId::new(call.derive("supervisor"));
        let party = Party::Supervisor { user, device: None };
        let create = leg::Command::Create {
            leg: theirs,
            party,
            offer: None,
            hunt: None,
            at,
        };
        let start = supervision::Command::Start {
            supervision: SupervisionId::new(call.derive("supervision")),
            by: user,
            leg: theirs,
            mode: SupervisionMode::Listen,
            at,
        };
        let join = bridge::Command::Join {
            bridge: main(call),
            leg: theirs,
            at,
        };
        for (word, command) in [
            ("supervisor", call::Command::Leg(create)),
            (
                "supervisor-answers",
                call::Command::Leg(leg::Command::Answer { leg: theirs, at }),
            ),
            ("supervise", call::Command::Supervision(start)),
            ("listen", call::Command::Bridge(join)),
        ] {
            does.call(word, call, command);
        }
    }
}
