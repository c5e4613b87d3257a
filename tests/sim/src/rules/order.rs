//! That the line is served in its order, checked at each decision of an owner by all that it had heard.
//!
//! An owner decides by what it knows. What came to the log before it looked it knows; what is on its way there it cannot
//! know. So the order is checked when an owner decides, and not when its decision is recorded, which may be later: of
//! those who wait, by the queue's own word, nobody whom the same agent could have been offered goes before the one whom
//! they are offered. That holds whatever breaks.
//!
//! An entry may be passed over while it rests: its own decision is on its way, the queue refused one a moment ago, the
//! agent did not take it just now, or it is kept for the agent whom its customer had last.

use std::collections::BTreeMap;

use domain_model::agent::{self, Agent, Terms};
use domain_model::ids::{AgentId, EntryId, OfferId, QueueId};
use domain_model::matcher::{Output, REFUSAL_PAUSE, RETRY_PAUSE};
use domain_model::process::AnyEvent;
use domain_model::queue::{self, Command, OfferEnd, OwnerCommand, Proposal};
use domain_model::text::Key;
use domain_model::{Decider, Millis, Timestamp};

use super::books::Broken;
use super::{could_be_offered, is_free, is_kept};
use crate::play::Decided;

/// What is known of decisions besides what queues and agents themselves say.
#[derive(Debug, Default)]
pub(super) struct Order {
    // How many events were seen, and the place of the last one about each entry.
    seen: u64,
    news: BTreeMap<EntryId, u64>,
    // What each queue decided and the agents have not heard of, as they will record it.
    decided: BTreeMap<(QueueId, AgentId), BTreeMap<OfferId, agent::Event>>,
    owners: BTreeMap<(QueueId, Key), Owner>,
    // Until when nobody asks an agent for an entry again, and whether it was up to the agent.
    tried: BTreeMap<(EntryId, AgentId), (Timestamp, bool)>,
}

/// What an owner handed in and the queue has not recorded, and whom it lets rest.
#[derive(Debug, Default)]
struct Owner {
    handed_in: BTreeMap<EntryId, HandedIn>,
    rests: BTreeMap<EntryId, Timestamp>,
}

#[derive(Debug)]
struct HandedIn {
    offers: BTreeMap<AgentId, (OfferId, agent::Event)>,
    until: Timestamp,
}

impl Order {
    /// Takes note of an event of the log.
    pub(super) fn see(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Queue(queue, event) => self.see_queue(*queue, event),
            AnyEvent::Agent(agent, agent::Event::Reserved { offer, from, .. }) => {
                if let Some(from) = from {
                    self.heard((from.queue, *agent), *offer);
                }
            }
            AnyEvent::Agent(..)
            | AnyEvent::Call(..)
            | AnyEvent::Consent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
        self.seen += 1;
    }

    fn see_queue(&mut self, id: QueueId, event: &queue::Event) {
        let about = about(event);
        self.news.extend(about.map(|entry| (entry, self.seen)));
        if let queue::Event::Reserved { entry, .. } | queue::Event::Left { entry, .. } = event {
            for (_, owner) in self.owners.iter_mut().filter(|((queue, _), _)| *queue == id) {
                if let Some(HandedIn { offers, .. }) = owner.handed_in.remove(entry)
                    && let queue::Event::Reserved { chosen, .. } = event
                {
                    for one in chosen.iter() {
                        let known = offers.get(&one.agent).filter(|(offer, _)| *offer == one.offer);
                        let decided = self.decided.entry((id, one.agent)).or_default();
                        decided.extend(known.cloned());
                    }
                }
            }
        }
        if let queue::Event::OfferEnded {
            entry,
            offer,
            agent,
            how,
            at,
        } = event
        {
            self.heard((id, *agent), *offer);
            if let Some((pause, theirs)) = rest_after(how) {
                let key = (*entry, *agent);
                let before = self.tried.get(&key).is_some_and(|(_, theirs)| *theirs);
                self.tried.insert(key, (at.plus(pause), theirs || before));
            }
        }
    }

    fn heard(&mut self, of: (QueueId, AgentId), offer: OfferId) {
        if let Some(decided) = self.decided.get_mut(&of) {
            decided.remove(&offer);
        }
    }

    /// Takes note that the queue refused what an owner decided, which lets the entry rest.
    pub(super) fn refused(&mut self, queue: QueueId, node: &Key, command: &Command, now: Timestamp) {
        let Command::Owner {
            command: OwnerCommand::Reserve(proposal),
            ..
        } = command
        else {
            return;
        };
        let owner = self.owners.entry((queue, node.clone())).or_default();
        if owner.handed_in.remove(&proposal.entry).is_some() {
            owner.rests.insert(proposal.entry, now.plus(REFUSAL_PAUSE));
        }
    }

    /// Takes note of what an owner decides and says whom it passes over.
    pub(super) fn decides(&mut self, decided: &Decided<'_>) -> Broken {
        let mut broken = Vec::new();
        let owner = (decided.queue, decided.node.clone());
        for output in decided.wanted {
            let Output::Command(Command::Owner { command, .. }) = output else {
                continue;
            };
            match command {
                OwnerCommand::Reserve(proposal) => {
                    broken.extend(self.check(decided, &owner, proposal));
                    let handed_in = hand_in(decided, proposal);
                    let owner = self.owners.entry(owner.clone()).or_default();
                    owner.handed_in.extend(handed_in.map(|it| (proposal.entry, it)));
                }
                OwnerCommand::Expel { entry, .. } => {
                    let owner = self.owners.entry(owner.clone()).or_default();
                    owner.rests.insert(*entry, decided.at.plus(REFUSAL_PAUSE));
                }
                OwnerCommand::Renew { .. } | OwnerCommand::Release => {}
            }
        }
        broken
    }

    fn check(&self, decided: &Decided<'_>, owner: &(QueueId, Key), proposal: &Proposal) -> Broken {
        let mut broken = Vec::new();
        let Some(state) = decided.platform.queue(decided.queue) else {
            return broken;
        };
        let (at, nothing) = (decided.at, Owner::default());
        let owner = self.owners.get(owner).unwrap_or(&nothing);
        let line = state.line(at).into_iter();
        for earlier in line.take_while(|earlier| *earlier != proposal.entry) {
            let is_heard = self.news.get(&earlier).is_none_or(|place| *place < decided.heard);
            let entry = state.entry(earlier).filter(|entry| could_be_offered(entry, at));
            let Some((waits, ask)) = entry.zip(state.ask(earlier, at)) else {
                continue;
            };
            if !is_heard || owner.lets_rest(earlier, at) {
                continue;
            }
            for one in proposal.chosen.iter() {
                let key = (earlier, one.agent);
                let agent = self.soon(decided, owner, one.agent);
                let free = agent.is_some_and(|agent| is_free(&agent, waits.contact, &ask, at));
                if free && !self.is_kept(decided, state, key) && !self.rests(key, at) {
                    broken.push((
                        "whoever is first in the line is served first",
                        format!(
                            "{}: {} was offered {}, before {earlier}",
                            decided.queue, one.agent, proposal.entry
                        ),
                    ));
                }
            }
        }
        broken
    }

    // The agent with everything in hand that the owner knows to be on its way to them.
    fn soon(&self, decided: &Decided<'_>, owner: &Owner, agent: AgentId) -> Option<agent::State> {
        let state = decided.platform.agents().get(&agent)?.clone();
        let on_the_way = self.decided.get(&(decided.queue, agent));
        let on_the_way = on_the_way.into_iter().flat_map(BTreeMap::values);
        let handed_in = owner.handed_in.values().filter(|it| decided.at < it.until);
        let handed_in = handed_in.filter_map(|it| it.offers.get(&agent).map(|(_, event)| event));
        Some(on_the_way.chain(handed_in).fold(state, Agent::evolve))
    }

    fn rests(&self, key: (EntryId, AgentId), at: Timestamp) -> bool {
        self.tried.get(&key).is_some_and(|(until, _)| at < *until)
    }

    // An agent who did not take the entry is not waited for.
    fn is_kept(&self, decided: &Decided<'_>, state: &queue::State, key: (EntryId, AgentId)) -> bool {
        let last = state.entry(key.0).and_then(|entry| entry.last_agent);
        let had = last.and_then(|last| self.tried.get(&(key.0, last)));
        let had = had.is_some_and(|(_, theirs)| *theirs);
        !had && is_kept(state, decided.platform.agents(), key, decided.at)
    }
}

impl Owner {
    fn lets_rest(&self, entry: EntryId, at: Timestamp) -> bool {
        let handed_in = self.handed_in.get(&entry).is_some_and(|it| at < it.until);
        handed_in || self.rests.get(&entry).is_some_and(|until| at < *until)
    }
}

fn hand_in(decided: &Decided<'_>, proposal: &Proposal) -> Option<HandedIn> {
    let state = decided.platform.queue(decided.queue)?;
    let contact = state.entry(proposal.entry)?.contact;
    let ask = state.ask(proposal.entry, decided.at)?;
    let offers = proposal.chosen.iter().map(|one| {
        let reserved = agent::Event::Reserved {
            offer: one.offer,
            contact,
            ask: ask.clone(),
            from: None,
            terms: Terms {
                wrap_up: None,
                cooldown_ms: None,
                set_aside_after: None,
            },
            until: proposal.until,
            at: decided.at,
        };
        (one.agent, (one.offer, reserved))
    });
    Some(HandedIn {
        offers: offers.collect(),
        until: proposal.until,
    })
}

// How long an agent is not asked again, and whether it was up to them. Whoever loses by somebody else's doing is asked
// again at once.
fn rest_after(how: &OfferEnd) -> Option<(Millis, bool)> {
    match how {
        OfferEnd::Rejected | OfferEnd::Missed | OfferEnd::DeviceUnreachable | OfferEnd::Lapsed => {
            Some((RETRY_PAUSE, true))
        }
        OfferEnd::Unavailable { .. } | OfferEnd::Away | OfferEnd::Withdrawn => Some((REFUSAL_PAUSE, false)),
        OfferEnd::Answered
        | OfferEnd::AnotherWasFirst
        | OfferEnd::CallerGone
        | OfferEnd::NotReached { .. } => None,
    }
}

// The entry that an event is about.
const fn about(event: &queue::Event) -> Option<EntryId> {
    use queue::Event;
    match event {
        Event::Entered { entry, .. }
        | Event::PriorityChanged { entry, .. }
        | Event::Moved { entry, .. }
        | Event::CallbackChosen { entry, .. }
        | Event::Deferred { entry, .. }
        | Event::Reserved { entry, .. }
        | Event::Accepted { entry, .. }
        | Event::OfferEnded { entry, .. }
        | Event::Left { entry, .. } => Some(*entry),
        Event::Configured { .. }
        | Event::Retired { .. }
        | Event::Opened { .. }
        | Event::Closed { .. }
        | Event::HoursFollowed { .. }
        | Event::HoursSet { .. }
        | Event::LeaseAcquired { .. }
        | Event::LeaseRenewed { .. }
        | Event::LeaseReleased { .. }
        | Event::LeaseLapsed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Recorded;
    use crate::play::{Watch, play};
    use crate::wild;

    /// Offers each time whoever stands next behind the one who is offered, and counts how often that is noticed.
    #[derive(Default)]
    struct Swaps {
        order: Order,
        swapped: u32,
        noticed: u32,
    }

    impl Watch for Swaps {
        fn see(&mut self, recorded: &Recorded) {
            self.order.see(&recorded.happened.what);
        }

        fn refused(&mut self, queue: QueueId, node: &Key, command: &Command, now: Timestamp) {
            self.order.refused(queue, node, command, now);
        }

        fn decides(&mut self, decided: &Decided<'_>) {
            let owner = (decided.queue, decided.node.clone());
            if let [
                Output::Command(Command::Owner {
                    command: OwnerCommand::Reserve(proposal),
                    ..
                }),
            ] = decided.wanted
                && let Some(queue) = decided.platform.queue(decided.queue)
            {
                let line = queue.line(decided.at).into_iter();
                let behind = line.skip_while(|entry| *entry != proposal.entry).nth(1);
                if let Some(entry) = behind {
                    let swapped = Proposal {
                        entry,
                        ..proposal.clone()
                    };
                    self.swapped += 1;
                    let broken = self.order.check(decided, &owner, &swapped);
                    self.noticed += u32::from(!broken.is_empty());
                }
            }
            assert_eq!(self.order.decides(decided), []);
        }
    }

    #[test]
    fn whoever_is_passed_over_is_noticed_where_things_break_too() {
        let mut swaps = Swaps::default();
        for seed in 0..300 {
            swaps.order = Order::default();
            play(&wild::plan(seed, false), &mut swaps).expect("it comes to an end");
        }
        let Swaps { swapped, noticed, .. } = swaps;
        assert!(swapped > 100 && noticed == swapped, "{noticed} of {swapped}");
    }
}
