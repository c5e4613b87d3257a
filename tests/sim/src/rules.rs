//! What must always hold, said over events alone: a second opinion that shares no code with the deciders' own books.

mod books;

use std::collections::{BTreeMap, BTreeSet};

use domain_model::agent::{self, Agent};
use domain_model::contact::Contact;
use domain_model::ids::{AgentId, CallId, EntryId, QueueId};
use domain_model::matcher::RETRY_PAUSE;
use domain_model::process::AnyEvent;
use domain_model::queue::{self, OfferEnd, Queue};
use domain_model::{Decider, Millis, Timestamp};

use crate::platform::{Platform, Recorded};
use crate::play::Watch;
use books::Books;

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
    // What queues and agents were before the next event, where the order is checked.
    strict: Option<Strict>,
    // Since when a pair could have been brought together and was not.
    pairs: BTreeMap<(QueueId, EntryId, AgentId), Timestamp>,
    grace: Millis,
    // Who did not take an entry when, which is why they are not asked again at once.
    tried: BTreeMap<(EntryId, AgentId), Timestamp>,
    // Since when a call and its queue disagree on a wait.
    disputed: BTreeMap<EntryId, Timestamp>,
    // Since when an agent is shown with a call that is over.
    outlived: BTreeMap<(AgentId, CallId), Timestamp>,
}

#[derive(Debug, Default)]
struct Strict {
    queues: BTreeMap<QueueId, queue::State>,
    agents: BTreeMap<AgentId, agent::State>,
}

impl Rules {
    /// Watches where nothing breaks: nobody waits a moment too long, and the order is kept to the letter.
    #[must_use]
    pub fn strict() -> Self {
        Self {
            strict: Some(Strict::default()),
            ..Self::within(Millis(0))
        }
    }

    /// Watches where things break: whoever could be served is, once all is repaired and after a while at most.
    #[must_use]
    pub fn within(grace: Millis) -> Self {
        Self {
            books: Books::with(grace),
            violations: Vec::new(),
            strict: None,
            pairs: BTreeMap::new(),
            grace,
            tried: BTreeMap::new(),
            disputed: BTreeMap::new(),
            outlived: BTreeMap::new(),
        }
    }

    /// Returns what was violated, and what is left open at the end of everything.
    #[must_use]
    pub fn at_the_end(mut self, platform: &Platform, now: Timestamp) -> Vec<Violation> {
        for (rule, seen) in self.books.left_open() {
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
            let open: Vec<_> = state
                .activities()
                .filter(|(_, activity)| *activity != agent::Activity::WrapUpFailed)
                .collect();
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

    fn check_order(&mut self, queue: QueueId, event: &queue::Event) {
        let Some(strict) = &self.strict else { return };
        let queue::Event::Reserved {
            entry, chosen, at, ..
        } = event
        else {
            return;
        };
        let Some(state) = strict.queues.get(&queue) else {
            return;
        };
        for earlier in state.line(*at).into_iter().take_while(|earlier| earlier != entry) {
            let waits = state
                .entry(earlier)
                .is_some_and(|entry| could_be_offered(entry, *at));
            let Some(ask) = state.ask(earlier, *at).filter(|_| waits) else {
                continue;
            };
            for one in chosen.iter() {
                let agent = strict.agents.get(&one.agent);
                let free = agent.is_some_and(|agent| agent.obstacles(&ask, *at).is_empty());
                let kept = is_kept(state, &strict.agents, (earlier, one.agent), *at);
                if free && !kept && !self.is_paused(earlier, one.agent, *at) {
                    self.violations.push(Violation {
                        rule: "whoever is first in the line is served first",
                        at: *at,
                        seen: format!("{queue}: {} was offered {entry}, before {earlier}", one.agent),
                    });
                }
            }
        }
    }

    fn check_pairs(&mut self, platform: &Platform, now: Timestamp) {
        let mut pairs = BTreeMap::new();
        for (id, queue) in platform.queues() {
            for entry in queue.line(now) {
                let waits = queue
                    .entry(entry)
                    .is_some_and(|entry| could_be_offered(entry, now));
                let Some(ask) = queue.ask(entry, now).filter(|_| waits) else {
                    continue;
                };
                for (agent, state) in platform.agents() {
                    let kept = is_kept(queue, platform.agents(), (entry, *agent), now);
                    if state.obstacles(&ask, now).is_empty() && !kept && !self.is_paused(entry, *agent, now) {
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
    // What agents write afterwards outlives a call; nothing else does.
    fn check_lives(&mut self, platform: &Platform, now: Timestamp) {
        let mut outlived = BTreeMap::new();
        for (agent, state) in platform.agents() {
            for (contact, activity) in state.activities() {
                let (Contact::Call(call), false) = (contact, is_afterwards(activity)) else {
                    continue;
                };
                if !self.books.is_over(call) {
                    continue;
                }
                let since = self.outlived.get(&(*agent, call)).copied().unwrap_or(now);
                if now.since(since) >= self.grace {
                    self.violations.push(Violation {
                        rule: "nobody is shown with a call that is over",
                        at: now,
                        seen: format!("{agent} with {call}: {activity:?} since {since}"),
                    });
                }
                outlived.insert((*agent, call), since);
            }
        }
        self.outlived = outlived;
    }
}

impl Watch for Rules {
    fn see(&mut self, recorded: &Recorded) {
        let (event, at) = (&recorded.happened.what, recorded.time);
        for (rule, seen) in self.books.enter(event) {
            self.violations.push(Violation { rule, at, seen });
        }
        if let AnyEvent::Queue(queue, event) = event {
            self.check_order(*queue, event);
            if let queue::Event::OfferEnded {
                entry,
                agent,
                how,
                at,
                ..
            } = event
                && is_refusal(how)
            {
                self.tried.insert((*entry, *agent), *at);
            }
        }
        if let Some(strict) = &mut self.strict {
            match event {
                AnyEvent::Queue(id, event) => {
                    let state = strict.queues.entry(*id).or_default();
                    *state = Queue::evolve(std::mem::take(state), event);
                }
                AnyEvent::Agent(id, event) => {
                    let state = strict.agents.entry(*id).or_default();
                    *state = Agent::evolve(std::mem::take(state), event);
                }
                AnyEvent::Call(..)
                | AnyEvent::Consent(..)
                | AnyEvent::Conversation(..)
                | AnyEvent::RoutingPolicy(..)
                | AnyEvent::Retention(..)
                | AnyEvent::Tenant(..) => {}
            }
        }
    }

    fn rest(&mut self, platform: &Platform, now: Timestamp) {
        self.check_pairs(platform, now);
        self.check_lines(platform, now);
        self.check_lives(platform, now);
    }
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
        other.as_ref().is_some_and(is_there) && at < entry.entered_at.plus(rule.wait_ms)
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
