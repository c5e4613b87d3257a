//! The books on conversations: whether they are over, who has them, where they wait.

use std::collections::{BTreeMap, BTreeSet};

use domain_model::Timestamp;
use domain_model::agent::Activity;
use domain_model::contact::Contact;
use domain_model::conversation::Event;
use domain_model::ids::{AgentId, ConversationId, EntryId, OfferId, QueueId};

use super::books::Broken;
use crate::platform::Platform;

const ONE_AGENT: &str = "one agent at a time has a conversation";

/// All conversations.
#[derive(Debug, Default)]
pub(super) struct Chats {
    chats: BTreeMap<ConversationId, Chat>,
    open: BTreeSet<ConversationId>,
    // The entry that each was offered from, and those that somebody accepted.
    entries: BTreeMap<OfferId, EntryId>,
    taken: BTreeSet<EntryId>,
}

#[derive(Debug, Default)]
struct Chat {
    over: bool,
    with: Option<AgentId>,
}

/// What is at odds about a conversation; for a moment, while news is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Odds {
    /// It stands in a line, and is over or somebody has it.
    WaitsInVain(ConversationId, QueueId, EntryId),
    /// It stands in another line, too.
    WaitsTwice(ConversationId, QueueId),
    /// It says that the agent has it, and the agent knows nothing of it.
    NotInHand(ConversationId, AgentId),
    /// The agent is busy with it, and it says that they do not have it.
    InHandOnly(ConversationId, AgentId),
}

impl Odds {
    pub(super) const fn rule(&self) -> &'static str {
        match self {
            Self::WaitsInVain(..) => "a conversation in a line is open, and nobody has it",
            Self::WaitsTwice(..) => "a conversation stands in one line at a time",
            Self::NotInHand(..) | Self::InHandOnly(..) => {
                "whoever has a conversation has it in hand, and nobody else"
            }
        }
    }
}

impl Chats {
    pub(super) fn is_over(&self, chat: ConversationId) -> bool {
        self.chats.get(&chat).is_some_and(|chat| chat.over)
    }

    pub(super) fn enter(&mut self, id: ConversationId, event: &Event, broken: &mut Broken) {
        let chat = self.chats.entry(id).or_default();
        let begins = matches!(
            event,
            Event::Opened { .. } | Event::Offered { .. } | Event::Assigned { .. } | Event::TakenOver { .. }
        );
        if chat.over && begins {
            let rule = "nothing begins in a conversation that is over";
            broken.push((rule, format!("{id}: {event:?}")));
        }
        if let Event::Opened { .. } = event {
            self.open.insert(id);
        }
        if let Event::Archived { .. } = event {
            chat.over = true;
            self.open.remove(&id);
            if let Some(agent) = chat.with {
                let rule = "nobody has a conversation that is over";
                broken.push((rule, format!("{id}: {agent}")));
            }
        }
        let (before, after) = if let Event::Assigned { agent, .. } = event {
            (None, Some(*agent))
        } else if let Event::TakenOver { agent, from, .. } = event {
            (Some(*from), Some(*agent))
        } else if let Event::Unassigned { agent, .. } = event {
            (Some(*agent), None)
        } else {
            (chat.with, chat.with)
        };
        if chat.with != before {
            broken.push((ONE_AGENT, format!("{id}: {:?} has it, and {event:?}", chat.with)));
        }
        chat.with = after;
        if let Event::Offered {
            offer,
            entry: Some(entry),
            ..
        } = event
        {
            self.entries.insert(*offer, *entry);
        }
        if let Event::OfferAccepted { offer, .. } = event
            && let Some(entry) = self.entries.get(offer)
            && !self.taken.insert(*entry)
        {
            let rule = "one agent at most accepts a conversation each time it waits";
            broken.push((rule, format!("{id}: {entry}")));
        }
    }

    /// Says which conversations never ended.
    pub(super) fn left_open(&self) -> Broken {
        let open = self.open.iter();
        open.map(|id| ("every conversation ends", format!("{id}: {:?}", self.chats[id])))
            .collect()
    }

    /// Says what conversations, lines and agents tell differently.
    pub(super) fn at_odds(&self, platform: &Platform, now: Timestamp) -> Vec<Odds> {
        let mut odds = Vec::new();
        if self.chats.is_empty() {
            return odds;
        }
        let mut standing = BTreeSet::new();
        for (queue, state) in platform.queues() {
            for id in state.line(now) {
                let Some(Contact::Conversation(chat)) = state.entry(id).map(|entry| entry.contact) else {
                    continue;
                };
                let known = self.chats.get(&chat);
                if known.is_some_and(|known| known.over || known.with.is_some()) {
                    odds.push(Odds::WaitsInVain(chat, *queue, id));
                }
                if !standing.insert(chat) {
                    odds.push(Odds::WaitsTwice(chat, *queue));
                }
            }
        }
        let mut in_hand = BTreeSet::new();
        for (agent, state) in platform.agents() {
            for (contact, activity) in state.activities() {
                if let (Contact::Conversation(chat), Activity::OnMessage) = (contact, activity) {
                    in_hand.insert((chat, *agent));
                    if self.chats.get(&chat).and_then(|chat| chat.with) != Some(*agent) {
                        odds.push(Odds::InHandOnly(chat, *agent));
                    }
                }
            }
        }
        for id in &self.open {
            if let Some(agent) = self.chats[id]
                .with
                .filter(|agent| !in_hand.contains(&(*id, *agent)))
            {
                odds.push(Odds::NotInHand(*id, agent));
            }
        }
        odds
    }
}

#[cfg(test)]
mod tests {
    use domain_model::Millis;
    use domain_model::contact::WorkChannel;
    use domain_model::context::{Actor, Context};
    use domain_model::few::Few;
    use domain_model::ids::{CommandId, TenantId};
    use domain_model::process::AnyCommand;
    use domain_model::queue::{EntryCommand, SetupCommand};
    use domain_model::text::Key;

    use super::*;
    use crate::judge::{Failure, history, judge};
    use crate::plan::{Plan, What, group, numbered, plain_queue, queue};
    use crate::platform::Recorded;
    use crate::rules::books::Books;
    use crate::{day, wild};

    fn broken(log: &[Recorded]) -> BTreeSet<&'static str> {
        let mut books = Books::with(Millis::from_secs(180));
        let entered = log
            .iter()
            .flat_map(|recorded| books.enter(&recorded.happened.what, recorded.time));
        let mut broken: Vec<_> = entered.collect();
        broken.extend(books.left_open());
        broken.into_iter().map(|(rule, _)| rule).collect()
    }

    fn place(log: &[Recorded], kind: &str) -> usize {
        let mut kinds = log.iter().map(|recorded| recorded.happened.what.kind());
        kinds
            .position(|one| one == kind)
            .unwrap_or_else(|| panic!("a {kind}"))
    }

    type Spoils = fn(&mut Vec<Recorded>, usize);

    #[test]
    fn each_rule_of_conversations_misses_what_it_is_there_for() {
        let log = history(&day::plan(1, 2));
        assert_eq!(broken(&log), BTreeSet::new());
        let twice: Spoils = |log, place| log.insert(place, log[place].clone());
        let never: Spoils = |log, place| drop(log.remove(place));
        let after_all: Spoils = |log, place| log.push(log[place].clone());
        let late: Spoils = |log, place| log[place].time = log[place].time.plus(Millis::from_secs(3_600));
        let cases = [
            (
                "ConversationOffered",
                twice,
                "a conversation is shown once under an offer",
            ),
            (
                "ConversationOfferAccepted",
                twice,
                "an offer of a conversation ends once",
            ),
            (
                "ConversationOfferAccepted",
                twice,
                "one agent at most accepts a conversation each time it waits",
            ),
            (
                "ConversationOfferAccepted",
                never,
                "whatever rings or is shown ends",
            ),
            ("ConversationOfferMissed", late, "what has a time ends in time"),
            ("ConversationAssigned", twice, ONE_AGENT),
            ("ConversationAssigned", never, ONE_AGENT),
            (
                "ConversationUnassigned",
                never,
                "nobody has a conversation that is over",
            ),
            ("ConversationTakenOver", never, ONE_AGENT),
            (
                "ConversationAssigned",
                after_all,
                "nothing begins in a conversation that is over",
            ),
            ("ConversationArchived", never, "every conversation ends"),
            ("AgentCapacitySet", never, "no agent is offered more than fits"),
        ];
        for (kind, spoils, rule) in cases {
            let mut spoilt = log.clone();
            spoils(&mut spoilt, place(&log, kind));
            assert!(
                broken(&spoilt).contains(rule),
                "{kind}, {rule}: {:?}",
                broken(&spoilt)
            );
        }
    }

    // What is broken in plans in which customers only write.
    fn broken_without(process: &'static str) -> BTreeSet<&'static str> {
        let plans = (0..300).map(|seed| {
            let mut plan = Plan {
                without: Some(process),
                ..wild::plan(seed, true)
            };
            plan.moments
                .retain(|moment| !matches!(moment.what, What::Ring(_)));
            plan
        });
        let violations = plans.filter_map(|plan| match judge(&plan) {
            Err(Failure::Violated(violations)) => Some(violations),
            Err(Failure::Broken(_)) | Ok(_) => None,
        });
        violations.flatten().map(|violation| violation.rule).collect()
    }

    #[test]
    fn without_its_process_a_conversation_is_at_odds_with_its_line_and_its_agent() {
        let in_vain = "a conversation in a line is open, and nobody has it";
        assert!(broken_without("waiting").contains(in_vain));
        let without = broken_without("in-hand");
        assert!(without.contains("whoever has a conversation has it in hand, and nobody else"));
        assert!(without.contains("nobody is shown with a call or conversation that is over"));
    }

    #[test]
    fn one_that_stands_in_two_lines_is_noticed() {
        let (mut platform, mut chats) = (Platform::default(), Chats::default());
        let chat = ConversationId::new(numbered(20, 1));
        let at: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a moment");
        chats.chats.insert(chat, Chat::default());
        for n in 0..2 {
            let mut settings = plain_queue("Messages", group(0));
            settings.channels = [WorkChannel::Chat].into();
            let configure = SetupCommand::Configure {
                settings: Box::new(settings),
                by: Actor::Customer,
                at,
            };
            let enter = EntryCommand::Enter {
                entry: EntryId::new(numbered(21, n)),
                contact: Contact::Conversation(chat),
                channel: WorkChannel::Chat,
                priority: None,
                skills: Few::none(),
                last_agent: None,
                told: None,
                since: at,
                returned: None,
                at,
            };
            let commands = [
                AnyCommand::Queue(queue(n), configure.into()),
                AnyCommand::Queue(queue(n), enter.into()),
            ];
            for (place, command) in (0..).zip(commands) {
                let context = Context {
                    command: CommandId::new(numbered(22 + place, n)),
                    tenant: TenantId::new("sim").expect("a short name"),
                    actor: Actor::System(Key::new("test").expect("a short name")),
                    time: at,
                    journey: None,
                    cause: None,
                };
                platform.say(&context, command).expect("the queue takes it");
            }
            let odds = chats.at_odds(&platform, at);
            assert_eq!(odds.is_empty(), n == 0, "{odds:?}");
        }
        assert_eq!(chats.at_odds(&platform, at), [Odds::WaitsTwice(chat, queue(1))]);
    }
}
