//! Scenes of a busy hour: people do what follows from what happened, sooner or later, and sometimes anything at all.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::business::{enter, scene_of, to_agents, to_calls, to_chat, to_queue};
use super::{QUEUE, at_work};
use crate::call::parties::Party;
use crate::call::reasons::LegCause;
use crate::call::{self, bridge, hold, leg, life};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::conversation::assignment::AssignmentCommand;
use crate::conversation::channel::{Channel, Pair};
use crate::conversation::offer::OfferCommand;
use crate::few::Few;
use crate::ids::{
    AgentId, BridgeId, CallId, CallbackId, CommandId, ConversationId, EntryId, JourneyId, LegId, OfferId,
};
use crate::process::world::World;
use crate::process::{AnyCommand, AnyEvent};
use crate::queue::{self, OwnerCommand, Proposal};
use crate::testing::sample::{at, id};
use crate::{Millis, Timestamp, agent, conversation};

/// What happens next, by a throw of dice, and whether the processes hear of it at once.
#[derive(Debug, Clone)]
pub(in crate::process) struct Scene {
    dice: u8,
    pick: usize,
    pub(super) later: u8,
    pub(super) settles: bool,
    wild: AnyCommand,
}

/// Scenes of a busy hour: most follow from what happened.
pub(in crate::process) fn scenes() -> impl Strategy<Value = Vec<Scene>> {
    let wild = prop_oneof![to_agents(), to_queue(), to_calls(), to_chat()];
    let later = prop_oneof![4 => 0_u8..5, 1 => 5_u8..60];
    let scene = (0_u8..37, any::<u16>(), later, 0_u8..4, wild);
    let scene = scene.prop_map(|(dice, pick, later, settles, wild)| Scene {
        dice,
        pick: pick.into(),
        later,
        settles: settles > 0,
        wild,
    });
    vec(scene, 0..80)
}

/// Where the scenes are played.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) now: Timestamp,
    said: u128,
    made: u128,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            world: World::with(at_work()),
            now: at(0),
            said: 0,
            made: 200,
        }
    }

    fn say(&mut self, what: AnyCommand) {
        self.said += 1;
        let _ = self.world.send(CommandId::new(id(self.said)), what);
    }

    pub(super) fn tell(&mut self, call: CallId, command: call::Command) {
        self.say(AnyCommand::Call(call, command));
    }

    pub(super) fn new_id(&mut self) -> uuid::Uuid {
        self.made += 1;
        id(self.made)
    }

    pub(super) fn play(&mut self, scene: &Scene) {
        let pick = scene.pick;
        match scene.dice {
            0..4 => self.ring(),
            4..10 => self.decide(pick),
            10..16 => self.answer(pick),
            16 => self.turn_down(pick),
            17..20 => self.hang_up(pick),
            20 => self.dial(pick),
            21 => self.hold(pick),
            22..24 => self.change(pick),
            24..26 => self.write(pick),
            26 => self.promise(pick),
            27 => self.take_promise(pick),
            28 => self.close_notes(pick),
            29 => self.choose_code(pick),
            30 => self.take_promise(pick),
            31 | 32 => self.ring_back(pick),
            33..36 => self.hand_on(pick),
            _ => self.say(scene.wild.clone()),
        }
    }

    // A caller rings, is answered, and waits.
    fn ring(&mut self) {
        let at = self.now;
        let (call, caller, entry) = (
            CallId::new(self.new_id()),
            LegId::new(self.new_id()),
            EntryId::new(self.new_id()),
        );
        for kind in [0, 1, 4, 2] {
            let scene = scene_of(
                kind,
                caller,
                caller,
                (agent(0), OfferId::new(id(0))),
                LegCause::HungUp,
                at,
                entry,
            );
            self.tell(call, of_bridge(scene, call));
        }
    }

    fn enter(&mut self, entry: EntryId, contact: Contact, channel: WorkChannel) {
        let enter = enter(entry, contact, channel, self.now);
        self.say(AnyCommand::Queue(QUEUE, enter.into()));
    }

    // The queue's owner offers who has waited for longest to one agent or more.
    fn decide(&mut self, pick: usize) {
        let at = self.now;
        let acquire = queue::Command::Acquire {
            node: crate::testing::sample::text("node-1"),
            until: at.plus(queue::LEASE_MS_MAX),
            at,
        };
        self.say(AnyCommand::Queue(QUEUE, acquire));
        let queue = &self.world.queues[&QUEUE];
        let line = queue.line(at);
        let free = |entry: &&EntryId| queue.entry(**entry).is_some_and(|entry| !entry.is_offered());
        let Some(entry) = line.iter().find(free).copied() else {
            return;
        };
        let Some(token) = queue.lease().map(|lease| lease.token) else {
            return;
        };
        let until = queue
            .settings()
            .map_or(at, |(settings, _)| settings.offer_until(at));
        let version = queue.settings().map_or(1, |(_, version)| version);
        let agents: BTreeSet<AgentId> = (0..=pick % 3).map(|n| agent(pick / 3 + n)).collect();
        let chosen: Vec<_> = agents
            .into_iter()
            .map(|agent| (OfferId::new(self.new_id()), agent))
            .collect();
        let proposal = Proposal {
            until,
            settings: version,
            ..queue::tests::proposal(entry, &chosen, 0)
        };
        let command = OwnerCommand::Reserve(proposal);
        self.say(AnyCommand::Queue(
            QUEUE,
            queue::Command::Owner { token, command, at },
        ));
    }

    // Who is rung answers, mostly; sometimes only says so, and no telephone of theirs is connected.
    fn answer(&mut self, pick: usize) {
        let at = self.now;
        match one_of(&self.shown(), pick) {
            Some((Contact::Call(call), agent, offer)) => {
                let theirs = LegId::new(self.new_id());
                let kinds: &[u8] = match pick % 7 {
                    0 => &[12],
                    1 => &[5],
                    2 => &[5, 7],
                    _ => &[5, 7, 9],
                };
                for kind in kinds {
                    let entry = EntryId::new(id(0));
                    let scene = scene_of(*kind, theirs, theirs, (agent, offer), LegCause::HungUp, at, entry);
                    self.tell(call, of_bridge(scene, call));
                }
            }
            Some((Contact::Conversation(chat), _, offer)) => {
                let accept = conversation::Command::Offer(OfferCommand::Accept { offer, at });
                self.say(AnyCommand::Conversation(chat, accept));
            }
            Some((Contact::Callback(_), ..)) | None => {}
        }
    }

    fn turn_down(&mut self, pick: usize) {
        let (at, reason) = (self.now, None);
        match one_of(&self.shown(), pick) {
            Some((Contact::Call(call), _, offer)) => {
                let reject = call::offer::Command::Reject { offer, reason, at };
                self.tell(call, call::Command::Offer(reject));
            }
            Some((Contact::Conversation(chat), _, offer)) => {
                let reject = conversation::Command::Offer(OfferCommand::Reject { offer, reason, at });
                self.say(AnyCommand::Conversation(chat, reject));
            }
            Some((Contact::Callback(_), ..)) | None => {}
        }
    }

    // A telephone is put down: any.
    fn hang_up(&mut self, pick: usize) {
        let (at, cause) = (self.now, LegCause::HungUp);
        if let Some((call, leg)) = one_of(&self.live_legs(), pick) {
            self.tell(call, call::Command::Leg(leg::Command::End { leg, cause, at }));
        }
    }

    // An agent joins a call that nobody offered them.
    fn dial(&mut self, pick: usize) {
        let Some((call, _)) = one_of(&self.live_legs(), pick) else {
            return;
        };
        let (leg, entry) = (LegId::new(self.new_id()), EntryId::new(id(0)));
        for kind in [6, 7] {
            let offer = OfferId::new(id(0));
            let scene = scene_of(
                kind,
                leg,
                leg,
                (agent(pick), offer),
                LegCause::HungUp,
                self.now,
                entry,
            );
            self.tell(call, scene);
        }
    }

    fn hold(&mut self, pick: usize) {
        let at = self.now;
        let by = Actor::Customer;
        if let Some((call, leg)) = one_of(&self.live_legs(), pick) {
            let commands = if pick.is_multiple_of(2) {
                [
                    hold::Command::Request {
                        leg,
                        by,
                        music: None,
                        at,
                    },
                    hold::Command::Confirm { leg, at },
                ]
            } else {
                [
                    hold::Command::RequestResume { leg, by, at },
                    hold::Command::ConfirmResume { leg, at },
                ]
            };
            for command in commands {
                self.tell(call, call::Command::Hold(command));
            }
        }
    }

    // What agents choose: a break, the way home, being back.
    fn change(&mut self, pick: usize) {
        let (at, by) = (self.now, agent::Chooser::Agent);
        let state = |state| agent::StateCommand::Choose {
            state,
            by: by.clone(),
            at,
        };
        let commands = match pick / 8 % 4 {
            0 => vec![state(agent::tests::lunch())],
            1 => vec![agent::StateCommand::SignOut { by, at }],
            _ => vec![
                agent::StateCommand::SignIn { by: by.clone(), at },
                state(agent::tests::ready()),
            ],
        };
        for command in commands {
            self.say(AnyCommand::Agent(agent(pick), command.into()));
        }
    }

    // A customer writes and waits, or somebody takes a chat by hand.
    fn write(&mut self, pick: usize) {
        let at = self.now;
        let chats: Vec<ConversationId> = self.world.conversations.keys().copied().collect();
        let by = Actor::Customer;
        let agent = agent(pick);
        match (pick % 5, one_of(&chats, pick)) {
            (0, Some(chat)) => {
                let command = AssignmentCommand::TakeOver { agent, by, at };
                self.say(AnyCommand::Conversation(
                    chat,
                    conversation::Command::Assignment(command),
                ));
            }
            (1, Some(chat)) => {
                self.say(AnyCommand::Conversation(
                    chat,
                    conversation::Command::Archive { by, at },
                ));
            }
            _ => {
                let (chat, entry) = (ConversationId::new(self.new_id()), EntryId::new(self.new_id()));
                let address = |text| conversation::channel::Address::new(text).expect("an address");
                let pair = Pair {
                    channel: Channel::Chat,
                    ours: address("shop"),
                    theirs: crate::Private::new(crate::testing::sample::person(1), address("visitor")),
                };
                let journey = JourneyId::new(id(1));
                let open = conversation::Command::Open {
                    journey,
                    pair,
                    by,
                    at,
                };
                self.say(AnyCommand::Conversation(chat, open));
                self.enter(entry, Contact::Conversation(chat), WorkChannel::Chat);
            }
        }
    }

    // A caller keeps the place and hangs up.
    fn promise(&mut self, pick: usize) {
        let at = self.now;
        let live = self.world.calls.iter().filter(|(_, call)| call.is_live());
        let live: Vec<CallId> = live.map(|(call, _)| *call).collect();
        let Some(call) = one_of(&live, pick) else { return };
        let callback = CallbackId::new(self.new_id());
        let waits = match self.world.calls[&call].waiting() {
            Some(entry) => call::callback::Waits::In { entry },
            None => call::callback::Waits::At { queue: QUEUE },
        };
        let number = crate::testing::sample::number("+442079460000");
        let number = crate::Private::new(crate::testing::sample::person(1), number);
        let due = pick.is_multiple_of(3).then(|| at.plus(Millis::from_secs(60)));
        for command in [
            call::callback::Command::Offer { callback, waits, at },
            call::callback::Command::Accept {
                callback,
                number,
                due,
                at,
            },
        ] {
            self.tell(call, call::Command::Callback(command));
        }
    }

    // Who was promised so is rung back: they talk to the agent, or are on another call; or they call it off.
    fn ring_back(&mut self, pick: usize) {
        let at = self.now;
        let placed: Vec<_> = self.placed();
        let Some((call, agent, promised)) = one_of(&placed, pick) else {
            return;
        };
        let (customer, theirs) = (LegId::new(self.new_id()), LegId::new(self.new_id()));
        let party = Party::Customer { number: None };
        let create = |leg, party| leg::Command::Create {
            leg,
            party,
            offer: None,
            hunt: None,
            at,
        };
        let rings = match pick % 5 {
            0 => vec![
                create(customer, party),
                leg::Command::End {
                    leg: customer,
                    cause: LegCause::Busy,
                    at,
                },
            ],
            1 => Vec::new(),
            2 => vec![create(theirs, Party::Agent { agent, device: None })],
            _ => vec![
                create(theirs, Party::Agent { agent, device: None }),
                leg::Command::Answer { leg: theirs, at },
                create(customer, party),
                leg::Command::Answer { leg: customer, at },
            ],
        };
        let talk = pick % 5 > 2;
        for command in rings {
            self.tell(call, call::Command::Leg(command));
        }
        if talk {
            for leg in [theirs, customer] {
                let bridge = BridgeId::new(call.uuid());
                let join = bridge::Command::Join { bridge, leg, at };
                self.tell(call, call::Command::Bridge(join));
            }
        } else if pick % 5 == 1 {
            let (call, callback) = promised;
            let cancel = call::callback::Command::Cancel {
                callback,
                why: call::reasons::CallbackEnd::Asked,
                by: Actor::Customer,
                at,
            };
            self.tell(call, call::Command::Callback(cancel));
        }
    }

    // The calls placed for promises that are not over, with their agents and the promises.
    fn placed(&self) -> Vec<(CallId, AgentId, (CallId, CallbackId))> {
        let placed = |what: &AnyEvent| match what {
            AnyEvent::Call(
                call,
                call::Event::Placed {
                    agent: Some(agent),
                    previous: Some(before),
                    callback: Some(callback),
                    ..
                },
            ) if self.world.calls[call].is_live() => Some((*call, *agent, (*before, *callback))),
            _ => None,
        };
        let log = self.world.log.iter();
        log.filter_map(|happened| placed(&happened.what)).collect()
    }

    // An agent takes a callback, or is done with it.
    fn take_promise(&mut self, pick: usize) {
        let at = self.now;
        let (offer, contact) = self
            .world
            .log
            .iter()
            .rev()
            .find_map(|happened| match &happened.what {
                AnyEvent::Agent(id, agent::Event::Reserved { offer, contact, .. })
                    if matches!(contact, Contact::Callback(_)) =>
                {
                    Some(((*id, *offer), *contact))
                }
                _ => None,
            })
            .unzip();
        let (Some((agent, offer)), Some(contact)) = (offer, contact) else {
            return;
        };
        let command = match pick % 8 {
            0 => agent::OfferCommand::Release {
                offer,
                refusal: agent::Refusal::Rejected,
                at,
            }
            .into(),
            1..7 => agent::OfferCommand::Accept { offer, at }.into(),
            _ => agent::WorkCommand::End {
                contact,
                holding: agent::Holding::Offered(offer),
                at,
            }
            .into(),
        };
        self.say(AnyCommand::Agent(agent, command));
    }

    fn close_notes(&mut self, pick: usize) {
        let (agent, at) = (agent(pick), self.now);
        let contacts: Vec<Contact> = self.world.agents[&agent]
            .activities()
            .map(|(contact, _)| contact)
            .collect();
        if let Some(contact) = one_of(&contacts, pick) {
            let by = agent::Chooser::Agent;
            let end = agent::WrapUpCommand::End { contact, by, at };
            self.say(AnyCommand::Agent(agent, end.into()));
        }
    }

    fn choose_code(&mut self, pick: usize) {
        let at = self.now;
        let legs: Vec<(CallId, LegId)> = self.legs_answered();
        if let Some((call, leg)) = one_of(&legs, pick) {
            let code = crate::ids::WrapUpCodeId::new(id(700 + pick as u128 % 2));
            let command = call::wrap_up::Command::Disposition {
                leg,
                codes: Few::first([code]),
                by: Actor::Customer,
                at,
            };
            self.tell(call, call::Command::WrapUp(command));
        }
    }

    // Offers that ring or are shown, and have no outcome.
    fn shown(&self) -> Vec<(Contact, AgentId, OfferId)> {
        let mut open = Vec::new();
        for happened in &self.world.log {
            match &happened.what {
                AnyEvent::Call(call, call::Event::AgentOffered { offer, agent, .. }) => {
                    open.push((Contact::Call(*call), *agent, *offer));
                }
                AnyEvent::Conversation(chat, conversation::Event::Offered { offer, agent, .. }) => {
                    open.push((Contact::Conversation(*chat), *agent, *offer));
                }
                AnyEvent::Conversation(_, event) => {
                    open.retain(|(_, _, offer)| event.ends_offer() != Some(*offer));
                }
                AnyEvent::Call(
                    _,
                    call::Event::OfferAccepted { offer: ended, .. }
                    | call::Event::OfferRejected { offer: ended, .. }
                    | call::Event::OfferMissed { offer: ended, .. }
                    | call::Event::OfferCallerGone { offer: ended, .. }
                    | call::Event::OfferUnreachable { offer: ended, .. }
                    | call::Event::OfferWithdrawn { offer: ended, .. },
                ) => open.retain(|(_, _, offer)| offer != ended),
                _ => {}
            }
        }
        open
    }

    pub(super) fn live_legs(&self) -> Vec<(CallId, LegId)> {
        let mut live = Vec::new();
        for happened in &self.world.log {
            match &happened.what {
                AnyEvent::Call(
                    call,
                    call::Event::Offered { leg, .. } | call::Event::LegCreated { leg, .. },
                ) => {
                    live.push((*call, *leg));
                }
                AnyEvent::Call(_, call::Event::LegEnded { leg: ended, .. }) => {
                    live.retain(|(_, leg)| leg != ended);
                }
                _ => {}
            }
        }
        live
    }

    pub(super) fn legs_answered(&self) -> Vec<(CallId, LegId)> {
        let answered = |what: &AnyEvent| match what {
            AnyEvent::Call(call, call::Event::LegAnswered { leg, .. }) => Some((*call, *leg)),
            _ => None,
        };
        let log = self.world.log.iter();
        log.filter_map(|happened| answered(&happened.what)).collect()
    }

    // Everybody hangs up and every chat is over; the line is let go.
    pub(super) fn close(&mut self) {
        let at = self.now;
        for call in self.world.calls.keys().copied().collect::<Vec<_>>() {
            let cause = call::reasons::EndCause::TimeLimit;
            self.tell(call, call::Command::Life(life::Command::End { cause, at }));
        }
        for chat in self.world.conversations.keys().copied().collect::<Vec<_>>() {
            let by = Actor::Customer;
            self.say(AnyCommand::Conversation(
                chat,
                conversation::Command::Archive { by, at },
            ));
        }
    }
}

pub(super) fn agent(n: usize) -> AgentId {
    AgentId::new(uuid::Uuid::from_u128(n as u128 % 6))
}

// Each call has a bridge of its own.
fn of_bridge(command: call::Command, of: CallId) -> call::Command {
    match command {
        call::Command::Bridge(bridge::Command::Join { leg, at, .. }) => {
            let bridge = BridgeId::new(of.uuid());
            call::Command::Bridge(bridge::Command::Join { bridge, leg, at })
        }
        other => other,
    }
}

pub(super) fn one_of<T: Clone>(all: &[T], pick: usize) -> Option<T> {
    all.get(pick.checked_rem(all.len())?).cloned()
}
