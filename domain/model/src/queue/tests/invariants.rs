//! What holds whatever is asked of a queue, in any order.

use super::*;
use crate::testing::{fold_and_read_back, meets_every_kind, play};
use proptest::prelude::*;
use proptest::strategy::Strategy;

/// What the walk through a history knows besides the queue's own state.
#[derive(Default)]
struct Ledger {
    waiting: BTreeSet<EntryId>,
    gone: BTreeSet<EntryId>,
    made: BTreeSet<OfferId>,
    open: BTreeMap<OfferId, (EntryId, AgentId)>,
    connecting: BTreeMap<EntryId, OfferId>,
    last_token: FencingToken,
}

impl Ledger {
    fn check(&mut self, event: &Event) {
        match event {
            Event::Entered { entry, .. } => {
                assert!(!self.gone.contains(entry), "an entry leaves once");
                assert!(self.waiting.insert(*entry), "an entry enters once");
            }
            Event::PriorityChanged { entry, .. }
            | Event::Moved { entry, .. }
            | Event::Deferred { entry, .. }
            | Event::CallbackChosen { entry, .. } => assert!(self.waiting.contains(entry)),
            Event::Reserved {
                entry, chosen, token, ..
            } => {
                assert_eq!(*token, self.last_token, "nobody but the owner decides");
                self.reserve(*entry, chosen);
            }
            Event::Accepted {
                entry, offer, agent, ..
            } => {
                assert_eq!(self.open.get(offer), Some(&(*entry, *agent)));
                let before = self.connecting.insert(*entry, *offer);
                assert_eq!(before, None, "the first to accept is the only one");
            }
            Event::OfferEnded {
                entry,
                offer,
                agent,
                how,
                ..
            } => self.end(*entry, (*offer, *agent), how),
            Event::Left { entry, .. } => {
                assert!(self.waiting.remove(entry), "an entry leaves once");
                assert!(!self.is_offered(*entry), "offers end with their entry");
                self.gone.insert(*entry);
            }
            Event::LeaseAcquired { token, .. } => {
                assert!(*token > self.last_token, "each lease has a higher number");
                self.last_token = *token;
            }
            Event::LeaseRenewed { token, .. }
            | Event::LeaseReleased { token, .. }
            | Event::LeaseLapsed { token, .. } => assert_eq!(*token, self.last_token),
            Event::Configured { .. }
            | Event::Retired { .. }
            | Event::Opened { .. }
            | Event::Closed { .. }
            | Event::HoursFollowed { .. }
            | Event::HoursSet { .. } => {}
        }
    }

    fn is_offered(&self, entry: EntryId) -> bool {
        self.open.values().any(|(other, _)| *other == entry)
    }

    fn reserve(&mut self, entry: EntryId, chosen: &[Chosen]) {
        assert!(self.waiting.contains(&entry));
        assert!(!self.is_offered(entry), "one decision at a time");
        let agents: BTreeSet<AgentId> = chosen.iter().map(|one| one.agent).collect();
        assert_eq!(
            agents.len(),
            chosen.len(),
            "an agent is reserved once in a decision"
        );
        for one in chosen {
            assert!(self.made.insert(one.offer), "an offer is made once");
            self.open.insert(one.offer, (entry, one.agent));
        }
    }

    fn end(&mut self, entry: EntryId, (offer, agent): (OfferId, AgentId), how: &OfferEnd) {
        assert_eq!(
            self.open.remove(&offer),
            Some((entry, agent)),
            "an offer ends once"
        );
        let won = self.connecting.get(&entry) == Some(&offer);
        assert!(
            won || *how != OfferEnd::Answered,
            "nobody is connected without having accepted"
        );
        if won {
            self.connecting.remove(&entry);
        }
    }
}

fn walk(commands: Vec<Command>) -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::new();
    let mut state = Queue::fold(&[configured(ring_all())]);
    let mut ledger = Ledger::default();
    let last = Command::Lapse { at: Timestamp::MAX };
    for command in commands.into_iter().chain([last]) {
        let Ok(events) = Queue::decide(&state, command.clone()) else {
            continue;
        };
        for event in &events {
            kinds.insert(crate::Event::kind(event));
            ledger.check(event);
        }
        state = events.iter().fold(state, Queue::evolve);
        assert_eq!(
            Queue::decide(&state, command),
            Ok(vec![]),
            "said twice, recorded once"
        );
        let line: BTreeSet<EntryId> = state.line(at(0)).into_iter().collect();
        assert_eq!(line, ledger.waiting, "who waits is in the line, and nobody else");
        let busy = ledger
            .open
            .values()
            .map(|(entry, _)| *entry)
            .collect::<BTreeSet<_>>();
        for entry in line {
            let offered = state.entry(entry).is_some_and(Entry::is_offered);
            assert_eq!(
                offered,
                busy.contains(&entry),
                "nobody is kept reserved for nothing"
            );
        }
    }
    assert_eq!(state.next_deadline(), None, "all that has a deadline ends");
    assert_eq!(ledger.open, BTreeMap::new(), "every offer ends");
    kinds
}

fn an_entry() -> impl Strategy<Value = EntryId> {
    (0_u128..12).prop_map(|n| EntryId::new(id(n)))
}

fn an_offer() -> impl Strategy<Value = OfferId> {
    (0_u128..40).prop_map(|n| OfferId::new(id(n)))
}

fn enters() -> impl Strategy<Value = Command> {
    (an_entry(), any::<Option<Priority>>(), any::<Timestamp>()).prop_map(|(entry, priority, at)| {
        EntryCommand::Enter {
            returned: None,
            entry,
            contact: call(entry),
            channel: WorkChannel::Voice,
            priority,
            skills: Few::none(),
            last_agent: None,
            told: None,
            since: at,
            at,
        }
        .into()
    })
}

fn acquires() -> impl Strategy<Value = Command> {
    let node = proptest::sample::select(vec!["node-1", "node-2"]);
    (node, any::<Timestamp>(), 1_u32..300).prop_map(|(node, at, length)| Command::Acquire {
        node: text(node),
        until: at.plus(Millis::from_secs(length)),
        at,
    })
}

fn reserves() -> impl Strategy<Value = Command> {
    let chosen = proptest::collection::btree_map(any::<AgentId>(), an_offer(), 1..4);
    (
        any::<FencingToken>(),
        an_entry(),
        chosen,
        any::<Timestamp>(),
        1_u32..600,
    )
        .prop_map(|(token, entry, chosen, at, length)| {
            let chosen: Vec<_> = chosen.into_iter().map(|(agent, offer)| (offer, agent)).collect();
            Command::Owner {
                token,
                command: OwnerCommand::Reserve(Proposal {
                    until: at.plus(Millis::from_secs(length)),
                    ..proposal(entry, &chosen, 0)
                }),
                at,
            }
        })
}

fn answers() -> impl Strategy<Value = Command> {
    let end = (an_offer(), any::<OfferFailure>(), any::<Timestamp>());
    prop_oneof![
        3 => (an_offer(), any::<Timestamp>()).prop_map(|(offer, at)| OfferCommand::Accept { offer, at }.into()),
        3 => (an_offer(), any::<Timestamp>()).prop_map(|(offer, at)| OfferCommand::Connect { offer, at }.into()),
        1 => end.prop_map(|(offer, failure, at)| OfferCommand::End { offer, failure, at }.into()),
    ]
}

fn changes() -> impl Strategy<Value = Command> {
    let parts = (any::<Priority>(), any::<Place>(), any::<CallbackId>());
    (an_entry(), parts, any::<Timestamp>())
        .prop_flat_map(|(entry, (priority, place, callback), at)| {
            let by = carol();
            proptest::sample::select(vec![
                EntryCommand::ChangePriority {
                    entry,
                    priority,
                    by: by.clone(),
                    at,
                },
                EntryCommand::Move { entry, place, by, at },
                EntryCommand::ChooseCallback { entry, callback, at },
                EntryCommand::Defer {
                    entry,
                    not_before: at,
                    at,
                },
            ])
        })
        .prop_map(Command::from)
}

fn leaves() -> impl Strategy<Value = Command> {
    (an_entry(), any::<Departure>(), any::<Timestamp>())
        .prop_map(|(entry, why, at)| EntryCommand::Leave { entry, why, at }.into())
}

fn setups() -> impl Strategy<Value = Command> {
    let settings = proptest::sample::select(vec![plain(), ring_all()]);
    let configure = (settings, any::<Timestamp>()).prop_map(|(settings, at)| SetupCommand::Configure {
        settings: Box::new(settings),
        by: carol(),
        at,
    });
    prop_oneof![1 => configure, 4 => any::<SetupCommand>()].prop_map(Command::from)
}

/// A busy queue: entries that come, are offered, answered and leave, and an owner that changes.
pub(crate) fn likely() -> impl Strategy<Value = Command> {
    let owner = (any::<FencingToken>(), any::<OwnerCommand>(), any::<Timestamp>());
    prop_oneof![
        4 => enters().boxed(),
        3 => acquires().boxed(),
        8 => reserves().boxed(),
        6 => answers().boxed(),
        1 => leaves().boxed(),
        2 => changes().boxed(),
        1 => setups().boxed(),
        1 => owner.prop_map(|(token, command, at)| Command::Owner { token, command, at }).boxed(),
        1 => any::<Timestamp>().prop_map(|at| Command::Lapse { at }).boxed(),
    ]
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<Queue>(&play::<Queue>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Queue>(&events);
    }

    #[test]
    fn whatever_happens_a_queues_books_balance(commands in proptest::collection::vec(likely(), 0..150)) {
        walk(commands);
    }
}

#[test]
fn the_walks_meet_every_kind_of_event() {
    meets_every_kind::<Queue>(&proptest::collection::vec(likely(), 150), walk);
}
