//! What must always hold, said over events alone: a second opinion that shares no code with the deciders' own books.

mod books;
mod chats;
mod counts;
mod order;
mod promises;
#[cfg(test)]
mod spoilt;

use std::collections::{BTreeMap, BTreeSet};

use domain_model::agent;
use domain_model::contact::Contact;
use domain_model::ids::{AgentId, EntryId, QueueId};
use domain_model::matcher::RETRY_PAUSE;
use domain_model::process::AnyEvent;
use domain_model::queue::{self, OfferEnd};
use domain_model::text::Key;
use domain_model::{Millis, Timestamp};

use crate::platform::{Platform, Recorded};
use crate::play::{Decided, Watch};
use books::Books;
use chats::Odds;
use counts::Counts;
use order::Order;
use promises::Promises;

/// A rule that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// When it was seen.
    pub at: Timestamp,
    /// What was seen.
    pub seen: String,
}

/// Watches that every rule holds.
#[derive(Debug)]
pub struct Rules {
    books: Books,
    violations: Vec<Violation>,
    order: Order,
    counts: Counts,
    promises: Promises,
    // Since when a pair could have been brought together and was not.
    pairs: BTreeMap<(QueueId, EntryId, AgentId), Timestamp>,
    grace: Millis,
    // Who did not take an entry when, which is why they are not asked again at once.
    tried: BTreeMap<(EntryId, AgentId), Timestamp>,
    // Since when a call and its queue disagree on a wait.
    disputed: BTreeMap<EntryId, Timestamp>,
    // Since when an agent is shown with a call or conversation that is over.
    outlived: BTreeMap<(AgentId, Contact), Timestamp>,
    // Since when a conversation is at odds with its line or its agent.
    at_odds: BTreeMap<Odds, Timestamp>,
}

impl Rules {
    /// Watches where nothing breaks: nobody waits a moment too long.
    #[must_use]
    pub fn strict() -> Self {
        Self::within(Millis(0))
    }

    /// Watches where things break: whoever could be served is, once all is repaired and after a while at most.
    #[must_use]
    pub fn within(grace: Millis) -> Self {
        Self {
            books: Books::with(grace),
            violations: Vec::new(),
            order: Order::default(),
            counts: Counts::default(),
            promises: Promises::with(grace),
            pairs: BTreeMap::new(),
            grace,
            tried: BTreeMap::new(),
            disputed: BTreeMap::new(),
            outlived: BTreeMap::new(),
            at_odds: BTreeMap::new(),
        }
    }

    /// Returns what was violated, and what is left open at the end of everything.
    #[must_use]
    pub fn at_the_end(mut self, platform: &Platform, now: Timestamp) -> Vec<Violation> {
        let open = self.books.left_open().into_iter();
        let open = open.chain(self.promises.left_open(platform));
        for (rule, seen) in open.chain(self.counts.at_the_end()) {
            self.violations.push(Violation { rule, at: now, seen });
        }
        for (queue, state) in platform.queues() {
            let line = state.line(now);
            if !line.is_empty() {
                let seen = format!("{queue}: {line:?}");
                let rule = "nobody waits when everything is over";
                self.violations.push(Violation { rule, at: now, seen });
            }
        }
        for (agent, state) in platform.agents() {
            let open: Vec<_> = state.activities().collect();
            if !open.is_empty() {
                let seen = format!("{agent}: {open:?}");
                let rule = "no agent has anything in hand when everything is over";
                self.violations.push(Violation { rule, at: now, seen });
            }
        }
        self.violations
    }

    fn is_paused(&self, entry: EntryId, agent: AgentId, now: Timestamp) -> bool {
        let tried = self.tried.get(&(entry, agent));
        tried.is_some_and(|tried| now < tried.plus(RETRY_PAUSE))
    }

    fn check_pairs(&mut self, platform: &Platform, now: Timestamp) {
        let mut pairs = BTreeMap::new();
        for (id, queue) in platform.queues() {
            for entry in queue.line(now) {
                let waits = queue.entry(entry);
                let waits = waits.filter(|entry| could_be_offered(entry, now));
                let Some((waits, ask)) = waits.zip(queue.ask(entry, now)) else {
                    continue;
                };
                for (agent, state) in platform.agents() {
                    let kept = is_kept(queue, platform.agents(), (entry, *agent), now);
                    let free = is_free(state, waits.contact, &ask, now);
                    if free && !kept && !self.is_paused(entry, *agent, now) {
                        let key = (*id, entry, *agent);
                        let since = self.pairs.get(&key).copied().unwrap_or(now);
                        if now.since(since) >= self.grace {
                            self.violations.push(Violation {
                                rule: "nobody waits for an agent who is free and could be asked",
                                at: now,
                                seen: format!("{id}: {entry} and {agent} since {since}"),
                            });
                        }
                        pairs.insert(key, since);
                    }
                }
            }
        }
        self.pairs = pairs;
    }
}

impl Rules {
    // Who waits by the call's word stands in the line, and the other way round.
    fn check_lines(&mut self, platform: &Platform, now: Timestamp) {
        let waits = self.books.waits();
        let lines = platform.queues().values().flat_map(|queue| {
            let line = queue.line(now).into_iter();
            line.filter(|entry| {
                queue
                    .entry(*entry)
                    .is_some_and(|entry| matches!(entry.contact, Contact::Call(_)))
            })
        });
        let lines: BTreeSet<EntryId> = lines.collect();
        let mut disputed = BTreeMap::new();
        for entry in waits.symmetric_difference(&lines) {
            let since = self.disputed.get(entry).copied().unwrap_or(now);
            if now.since(since) >= self.grace {
                self.violations.push(Violation {
                    rule: "whoever waits by their call stands in the queue's line, and nobody else",
                    at: now,
                    seen: format!("{entry} since {since}"),
                });
            }
            disputed.insert(*entry, since);
        }
        self.disputed = disputed;
    }
}

impl Rules {
    // What agents write afterwards outlives a call or a conversation; nothing else does.
    fn check_lives(&mut self, platform: &Platform, now: Timestamp) {
        let mut outlived = BTreeMap::new();
        for (agent, state) in platform.agents() {
            for (contact, activity) in state.activities() {
                if is_afterwards(activity) || !self.books.is_over(contact) {
                    continue;
                }
                let key = (*agent, contact);
                let since = self.outlived.get(&key).copied().unwrap_or(now);
                if now.since(since) >= self.grace {
                    self.violations.push(Violation {
                        rule: "nobody is shown with a call or conversation that is over",
                        at: now,
                        seen: format!("{agent} with {contact}: {activity:?} since {since}"),
                    });
                }
                outlived.insert(key, since);
            }
        }
        self.outlived = outlived;
    }

    fn check_chats(&mut self, platform: &Platform, now: Timestamp) {
        let mut at_odds = BTreeMap::new();
        for odds in self.books.chats.at_odds(platform, now) {
            let since = self.at_odds.get(&odds).copied().unwrap_or(now);
            if now.since(since) >= self.grace {
                self.violations.push(Violation {
                    rule: odds.rule(),
                    at: now,
                    seen: format!("{odds:?} since {since}"),
                });
            }
            at_odds.insert(odds, since);
        }
        self.at_odds = at_odds;
    }
}

impl Watch for Rules {
    fn see(&mut self, recorded: &Recorded) {
        let (event, at) = (&recorded.happened.what, recorded.time);
        let entered = self.books.enter(event, at).into_iter();
        for (rule, seen) in entered.chain(self.counts.see(recorded)) {
            self.violations.push(Violation { rule, at, seen });
        }
        self.order.see(event);
        self.promises.see(event);
        // Whoever is asked is not kept waiting for, even if nothing comes of it because news is late.
        if let AnyEvent::Queue(id, queue::Event::Reserved { entry, chosen, .. }) = event {
            for one in chosen.iter() {
                self.pairs.remove(&(*id, *entry, one.agent));
            }
        }
        if let AnyEvent::Queue(
            _,
            queue::Event::OfferEnded {
                entry,
                agent,
                how,
                at,
                ..
            },
        ) = event
            && is_refusal(how)
        {
            self.tried.insert((*entry, *agent), *at);
        }
    }

    fn decides(&mut self, decided: &Decided<'_>) {
        let at = decided.at;
        let passed_over = self.order.decides(decided).into_iter();
        for (rule, seen) in passed_over.chain(self.counts.decides(decided)) {
            self.violations.push(Violation { rule, at, seen });
        }
    }

    fn refused(&mut self, queue: QueueId, node: &Key, command: &queue::Command, now: Timestamp) {
        self.order.refused(queue, node, command, now);
    }

    fn rest(&mut self, platform: &Platform, now: Timestamp) {
        self.check_pairs(platform, now);
        self.check_lines(platform, now);
        self.check_lives(platform, now);
        self.check_chats(platform, now);
        let counts = self.counts.rest(platform, now).into_iter();
        for (rule, seen) in counts.chain(self.promises.rest(platform, now)) {
            self.violations.push(Violation { rule, at: now, seen });
        }
    }
}

// Nobody is asked for what they have, or for what they still write the notes of.
fn is_free(state: &agent::State, contact: Contact, ask: &agent::Ask, now: Timestamp) -> bool {
    let has = state.activities().any(|(in_hand, _)| in_hand == contact);
    !has && state.obstacles(ask, now).is_empty()
}

const fn is_afterwards(activity: agent::Activity) -> bool {
    matches!(activity, agent::Activity::WrapUp | agent::Activity::WrapUpFailed)
}

// Whoever had an agent before waits for that one first, for as long as the queue's settings say and the agent is there.
fn is_kept(
    queue: &queue::State,
    agents: &BTreeMap<AgentId, agent::State>,
    (entry, agent): (EntryId, AgentId),
    at: Timestamp,
) -> bool {
    let is_there = |last: &AgentId| {
        let last = agents.get(last).filter(|last| last.is_signed_in());
        let chosen = last.and_then(agent::State::chosen);
        chosen.is_some_and(|state| state.kind == agent::StateKind::Available)
    };
    let rule = queue
        .settings()
        .ok()
        .and_then(|(settings, _)| settings.offers.last_agent);
    let waits = queue.entry(entry).zip(rule);
    waits.is_some_and(|(entry, rule)| {
        let other = entry.last_agent.filter(|last| *last != agent);
        other.as_ref().is_some_and(is_there) && at < entry.here_since().plus(rule.wait_ms)
    })
}

fn could_be_offered(entry: &queue::Entry, at: Timestamp) -> bool {
    !entry.is_offered() && entry.may_be_offered_from() <= at
}

// The agent or their device did not take it; whoever loses by somebody else's doing is asked again at once.
fn is_refusal(how: &OfferEnd) -> bool {
    match how {
        OfferEnd::Rejected
        | OfferEnd::Missed
        | OfferEnd::DeviceUnreachable
        | OfferEnd::Lapsed
        | OfferEnd::Unavailable { .. }
        | OfferEnd::Away => true,
        OfferEnd::Answered
        | OfferEnd::AnotherWasFirst
        | OfferEnd::CallerGone
        | OfferEnd::Withdrawn
        | OfferEnd::NotReached { .. } => false,
    }
}
