//! Customers who write and the agents who answer: the desk in a browser, and what a routing policy of messages will do.

use domain_model::agent::DeviceCommand;
use domain_model::call::reasons::Exit;
use domain_model::contact::Contact;
use domain_model::context::Actor;
use domain_model::conversation::assignment::{AssignmentCommand, UnassignReason};
use domain_model::conversation::channel::{Address, Pair};
use domain_model::conversation::offer::{MissReason, OfferCommand};
use domain_model::conversation::{self, Event};
use domain_model::few::Few;
use domain_model::ids::{AgentId, ConversationId, EntryId, JourneyId, OfferId, PersonId, QueueId};
use domain_model::process::AnyCommand;
use domain_model::queue::EntryCommand;
use domain_model::text::Key;
use domain_model::{Millis, Private, Timestamp};

use super::{BACK, Deed, Reaction, Telephones, device_of};
use crate::plan::numbered;
use crate::plan::writing::{PassedOn, Returns, To, Whom, Writer};

/// How long after an agent put a conversation down somebody looks whether they did.
const SECOND_LOOK: Millis = Millis::from_secs(60);

/// A conversation as its customer and the desks have it.
#[derive(Debug, Clone)]
pub(super) struct Chat {
    writer: Writer,
    // Where it waits, or waited last, and how often it was put into a line.
    queue: QueueId,
    turn: u32,
    with: Option<AgentId>,
    // Who had it last.
    had: Option<AgentId>,
    // Whether the customer writes once more in it.
    returns: bool,
}

/// What somebody does about a conversation when its time comes, if it still makes sense then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ChatDeed {
    Answer { offer: OfferId, takes: bool },
    LosePatience { turn: u32 },
    PassOn { turn: u32, to: Whom },
    Finish { turn: u32 },
    WriteOn,
    // The first one is archived.
    WriteAnew { writer: Writer, had: Option<AgentId> },
}

impl Reaction {
    fn chat(&mut self, word: &'static str, chat: ConversationId, command: conversation::Command) {
        self.say.push((word, AnyCommand::Conversation(chat, command)));
    }

    fn chat_later(&mut self, when: Timestamp, chat: ConversationId, deed: ChatDeed) {
        self.later.push((when, Deed::Chat { chat, deed }));
    }
}

impl Telephones {
    pub(super) fn write(&mut self, writer: &Writer, at: Timestamp, does: &mut Reaction) {
        let chat = ConversationId::new(self.chance.about("chat", writer.number).uuid());
        self.open(chat, writer, None, at, does);
    }

    fn open(
        &mut self,
        id: ConversationId,
        writer: &Writer,
        had: Option<AgentId>,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let chat = Chat {
            writer: writer.clone(),
            queue: writer.queue,
            turn: 0,
            with: None,
            had,
            returns: writer.returns.is_some_and(|returns| returns.to == To::TheSame),
        };
        self.chats.insert(id, chat);
        let address = |text: &str| Address::new(text).expect("a short address");
        let person = PersonId::new(numbered(9, writer.customer));
        let visitor = format!("visitor-{}", writer.customer);
        let open = conversation::Command::Open {
            journey: JourneyId::new(id.uuid()),
            pair: Pair {
                channel: writer.channel,
                ours: address("shop"),
                theirs: Private::new(person, address(&visitor)),
            },
            by: Actor::Customer,
            at,
        };
        does.chat("write", id, open);
    }

    /// Puts down whatever an agent who leaves has of conversations: their customers wait anew.
    pub(super) fn put_down_all(&self, agent: AgentId, at: Timestamp, does: &mut Reaction) {
        let theirs = self.chats.iter().filter(|(_, chat)| chat.with == Some(agent));
        for (id, _) in theirs {
            does.chat("put-down", *id, put_down(agent, UnassignReason::Away, at));
        }
    }

    /// Hears what was recorded of a conversation and reacts to it.
    pub(super) fn hear_chat(
        &mut self,
        id: ConversationId,
        event: &Event,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        if let Event::Offered { offer, agent, .. } = event {
            self.shown_chat(id, *offer, *agent, at, does);
        }
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        if let Event::Opened { .. } = event {
            chat.wait(id, chat.queue, false, at, does);
        }
        if let Event::Assigned { agent, .. } = event {
            chat.begin(id, *agent, at, does);
        }
        if let Event::TakenOver { agent, .. } = event {
            (chat.with, chat.had) = (Some(*agent), Some(*agent));
        }
        if let Event::Unassigned { reason, .. } = event {
            chat.with = None;
            chat.was_put_down(id, *reason, at, does);
        }
        if let Event::LeftQueue { why, .. } = event
            && !matches!(why, Exit::Overflow { to: Some(_) })
        {
            let by = Actor::System(Key::new("routing-policy").expect("a short name"));
            does.chat("send-away", id, conversation::Command::Archive { by, at });
        }
        if let Event::Archived { .. } = event
            && let Some(chat) = self.chats.remove(&id)
            && let Some(Returns {
                after,
                to: To::Another,
            }) = chat.writer.returns
        {
            let (writer, had) = (chat.writer, chat.had);
            let writer = Writer {
                returns: None,
                ..writer
            };
            self.to_come += 1;
            does.chat_later(at.plus(after), id, ChatDeed::WriteAnew { writer, had });
        }
    }

    // It is shown at a desk, or cannot be; and whoever sits there does what is theirs to do.
    fn shown_chat(
        &self,
        id: ConversationId,
        offer: OfferId,
        agent: AgentId,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        let chance = self.chance.about("shown-chat", offer.uuid().as_u64_pair().1);
        if self.without_network.contains(&agent) || chance.about("network", 0).per_mille(person.unreachable) {
            let reason = MissReason::DeviceUnreachable;
            let miss = OfferCommand::Miss { offer, reason, at };
            does.chat("no-desk", id, conversation::Command::Offer(miss));
            let device = device_of(agent);
            does.agent("no-desk", agent, DeviceCommand::ReportUnreachable { device, at });
            does.later.push((at.plus(BACK), Deed::FindNetwork { agent }));
            return;
        }
        let when = at.plus(chance.about("hand", 0).exponential(person.answers_in));
        let mood = chance.about("mood", 0).below(1000);
        if mood < person.rejects || mood >= person.rejects + person.misses {
            let takes = mood >= person.rejects;
            does.chat_later(when, id, ChatDeed::Answer { offer, takes });
        }
    }

    pub(super) fn act_on_chat(
        &mut self,
        id: ConversationId,
        deed: &ChatDeed,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        if let ChatDeed::WriteAnew { writer, had } = deed {
            self.to_come -= 1;
            self.open(ConversationId::new(id.derive("again")), writer, *had, at, does);
            return;
        }
        let closes = self.chance.about("closes", id.uuid().as_u64_pair().1);
        let Some(chat) = self.chats.get_mut(&id) else {
            return;
        };
        match deed {
            ChatDeed::Answer { offer, takes } => {
                let (offer, reason) = (*offer, None);
                let command = if *takes {
                    OfferCommand::Accept { offer, at }
                } else {
                    OfferCommand::Reject { offer, reason, at }
                };
                does.chat("answer-chat", id, conversation::Command::Offer(command));
            }
            ChatDeed::LosePatience { turn } => {
                if chat.turn == *turn && chat.with.is_none() {
                    let by = Actor::Customer;
                    does.chat("close", id, conversation::Command::Archive { by, at });
                }
            }
            ChatDeed::PassOn { turn, to } => chat.pass_on(id, (*turn, *to), at, does),
            ChatDeed::Finish { turn } => {
                let Some(agent) = chat.with.filter(|_| chat.turn == *turn) else {
                    return;
                };
                if std::mem::take(&mut chat.returns) {
                    does.chat("put-down", id, put_down(agent, UnassignReason::Released, at));
                    does.chat_later(at.plus(SECOND_LOOK), id, ChatDeed::Finish { turn: *turn });
                    return;
                }
                let is_cut_off = self.without_network.contains(&agent);
                let by = if is_cut_off || closes.per_mille(500) {
                    Actor::Customer
                } else {
                    Actor::Agent(agent)
                };
                does.chat("close", id, conversation::Command::Archive { by, at });
            }
            // Whom an agent took by hand meanwhile, they write to.
            ChatDeed::WriteOn if chat.with.is_some() => {}
            ChatDeed::WriteOn => chat.wait(id, chat.queue, false, at, does),
            ChatDeed::WriteAnew { .. } => {}
        }
    }
}

impl Chat {
    // Whoever routes it puts it into a line; the customer does not wait there for ever.
    fn wait(
        &mut self,
        id: ConversationId,
        queue: QueueId,
        goes_on: bool,
        at: Timestamp,
        does: &mut Reaction,
    ) {
        self.turn += 1;
        self.queue = queue;
        let enter = EntryCommand::Enter {
            entry: EntryId::new(id.derive(&format!("entry/{}", self.turn))),
            contact: Contact::Conversation(id),
            channel: self.writer.channel.into(),
            priority: None,
            skills: Few::none(),
            last_agent: self.had,
            told: None,
            since: at,
            returned: goes_on.then_some(at),
            at,
        };
        does.say.push(("wait", AnyCommand::Queue(queue, enter.into())));
        let gives_up = self.writer.patience.map(|patience| at.plus(patience));
        if let Some(when) = gives_up {
            does.chat_later(when, id, ChatDeed::LosePatience { turn: self.turn });
        }
    }

    fn begin(&mut self, id: ConversationId, agent: AgentId, at: Timestamp, does: &mut Reaction) {
        let is_first = self.had.is_none() && self.turn == 1;
        (self.with, self.had) = (Some(agent), Some(agent));
        let turn = self.turn;
        does.chat_later(at.plus(self.writer.talk), id, ChatDeed::Finish { turn });
        if let Some(PassedOn { after, whom: to }) = self.writer.passed_on.filter(|_| is_first) {
            does.chat_later(at.plus(after), id, ChatDeed::PassOn { turn, to });
        }
    }

    fn pass_on(&self, id: ConversationId, (turn, to): (u32, Whom), at: Timestamp, does: &mut Reaction) {
        let Some(agent) = self.with.filter(|_| self.turn == turn) else {
            return;
        };
        let command = match to {
            Whom::Colleague(colleague) => {
                let (agent, by) = (colleague, Actor::Agent(agent));
                conversation::Command::Assignment(AssignmentCommand::TakeOver { agent, by, at })
            }
            Whom::Queue(_) => put_down(agent, UnassignReason::Transferred, at),
        };
        does.chat("pass-on", id, command);
    }

    fn was_put_down(&mut self, id: ConversationId, why: UnassignReason, at: Timestamp, does: &mut Reaction) {
        match why {
            UnassignReason::Released => {
                // Nobody waits meanwhile, so nobody loses patience.
                self.turn += 1;
                let after = self.writer.returns.map(|returns| returns.after);
                let when = at.plus(after.unwrap_or_default());
                does.chat_later(when, id, ChatDeed::WriteOn);
            }
            UnassignReason::Transferred => {
                let queue = match self.writer.passed_on.map(|passed_on| passed_on.whom) {
                    Some(Whom::Queue(queue)) => queue,
                    Some(Whom::Colleague(_)) | None => self.queue,
                };
                self.wait(id, queue, false, at, does);
            }
            UnassignReason::Away => self.wait(id, self.queue, true, at, does),
            UnassignReason::Archived => {}
        }
    }
}

const fn put_down(agent: AgentId, reason: UnassignReason, at: Timestamp) -> conversation::Command {
    let by = Actor::Agent(agent);
    conversation::Command::Assignment(AssignmentCommand::Unassign {
        agent,
        reason,
        by,
        at,
    })
}
