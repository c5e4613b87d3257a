//! The same choices made slowly: from the whole history, for each entry and each agent, with nothing remembered.

use super::*;
use crate::agent::{self, Terms};
use crate::matcher::score::Scale;

/// Everything that was recorded and handed in, as it came.
#[derive(Default)]
pub(super) struct Known {
    queue: queue::State,
    agents: BTreeMap<AgentId, agent::State>,
    open: BTreeMap<OfferId, (EntryId, AgentId)>,
    chances: BTreeMap<(EntryId, AgentId), (bool, Timestamp)>,
    issued: BTreeMap<EntryId, Proposal>,
    paused: BTreeMap<EntryId, Timestamp>,
    offered_last: Option<AgentId>,
}

impl Known {
    pub(super) fn fold(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Queue(_, event) => {
                self.queue = queue::Queue::evolve(std::mem::take(&mut self.queue), event);
                self.note(event);
            }
            AnyEvent::Agent(id, event) => {
                let state = self.agents.entry(*id).or_default();
                *state = Agent::evolve(std::mem::take(state), event);
            }
            _ => {}
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Configured { .. } => self.paused.clear(),
            Event::Reserved { entry, chosen, .. } => {
                if self.issued.remove(entry).is_none() {
                    self.offered_last = chosen.last().map(|one| one.agent);
                }
                self.open
                    .extend(chosen.iter().map(|one| (one.offer, (*entry, one.agent))));
            }
            Event::OfferEnded {
                entry,
                offer,
                agent,
                how,
                at,
            } => {
                self.open.remove(offer);
                self.end((*entry, *agent), how, *at);
            }
            Event::Left { entry, .. } => {
                self.issued.remove(entry);
            }
            _ => {}
        }
    }

    fn end(&mut self, pair: (EntryId, AgentId), how: &OfferEnd, at: Timestamp) {
        let before = self.chances.get(&pair).is_some_and(|(had, _)| *had);
        let chance = match how {
            OfferEnd::Missed | OfferEnd::Rejected | OfferEnd::DeviceUnreachable | OfferEnd::Lapsed => {
                (true, at.plus(RETRY_PAUSE))
            }
            OfferEnd::Unavailable { .. } | OfferEnd::Withdrawn | OfferEnd::Away => {
                (before, at.plus(REFUSAL_PAUSE))
            }
            OfferEnd::Answered
            | OfferEnd::AnotherWasFirst
            | OfferEnd::CallerGone
            | OfferEnd::NotReached { .. } => return,
        };
        self.chances.insert(pair, chance);
    }

    pub(super) fn is_open(&self, offer: OfferId) -> bool {
        self.open.contains_key(&offer)
    }

    pub(super) fn issue(&mut self, outputs: &[Output], now: Timestamp) {
        for output in outputs {
            match output {
                Output::Command(Command::Owner {
                    command: OwnerCommand::Reserve(proposal),
                    ..
                }) => {
                    self.issued.insert(proposal.entry, proposal.clone());
                    self.offered_last = proposal.chosen.last().map(|one| one.agent);
                }
                Output::Command(Command::Owner {
                    command: OwnerCommand::Expel { entry, .. },
                    ..
                }) => {
                    self.paused.insert(*entry, now.plus(REFUSAL_PAUSE));
                }
                _ => {}
            }
        }
    }

    pub(super) fn refuse(&mut self, command: &Command, now: Timestamp) {
        if let Command::Owner {
            command: OwnerCommand::Reserve(proposal),
            ..
        } = command
        {
            self.issued.remove(&proposal.entry);
            self.paused.insert(proposal.entry, now.plus(REFUSAL_PAUSE));
        }
    }

    /// Compares what was handed in with what should be.
    pub(super) fn compare(&self, matcher: &Matcher, outputs: &[Output], now: Timestamp) {
        let mut expelled = BTreeSet::new();
        let mut given = Vec::new();
        for output in outputs {
            let Output::Command(Command::Owner { command, .. }) = output else {
                continue;
            };
            match command {
                OwnerCommand::Reserve(proposal) => {
                    given.push((
                        proposal.entry,
                        proposal.chosen.iter().map(|one| one.agent).collect(),
                    ));
                    check_evidence(proposal);
                }
                OwnerCommand::Expel { entry, .. } => {
                    expelled.insert(*entry);
                }
                OwnerCommand::Renew { .. } | OwnerCommand::Release => {}
            }
        }
        assert_eq!(given, self.choices(matcher, &expelled, now), "at {now}");
        self.same_sight(matcher, now);
    }

    /// Checks that nobody waits whom somebody could be offered.
    pub(super) fn nothing_is_left(&self, matcher: &Matcher, now: Timestamp) {
        assert_eq!(
            self.choices(matcher, &BTreeSet::new(), now),
            [],
            "nobody waits for nothing at {now}"
        );
    }

    fn owns(&self, now: Timestamp) -> bool {
        let lease = self.queue.lease();
        lease.is_some_and(|lease| lease.node.as_str() == "node-1" && now < lease.until)
    }

    // Those whom the matcher chooses for whom, in the order of the line.
    fn choices(
        &self,
        matcher: &Matcher,
        expelled: &BTreeSet<EntryId>,
        now: Timestamp,
    ) -> Vec<(EntryId, Vec<AgentId>)> {
        let mut agents = self.agents.clone();
        for (offer, (entry, agent)) in &self.open {
            self.reserve(&mut agents, *offer, (*entry, *agent), now);
        }
        for proposal in self.issued.values() {
            for one in proposal.chosen.iter() {
                self.reserve(&mut agents, one.offer, (proposal.entry, one.agent), now);
            }
        }
        let mut choices = Vec::new();
        let mut last = self.offered_last;
        for entry in self.queue.line(now) {
            let waiting = self.queue.entry(entry).expect("it is in the line");
            let busy = waiting.is_offered() || self.issued.contains_key(&entry) || expelled.contains(&entry);
            let paused = self.paused.get(&entry).is_some_and(|until| now < *until);
            if busy || paused || !self.owns(now) {
                continue;
            }
            let chosen = self.choose(matcher, (entry, waiting), &agents, last, now);
            last = chosen.last().copied().or(last);
            for (n, agent) in (0_u128..).zip(&chosen) {
                let offer = OfferId::new(agent.derive(&format!("{entry}/{n}")));
                self.reserve(&mut agents, offer, (entry, *agent), now);
            }
            if !chosen.is_empty() {
                choices.push((entry, chosen));
            }
        }
        choices
    }

    fn choose(
        &self,
        matcher: &Matcher,
        (entry, waiting): (EntryId, &queue::Entry),
        agents: &BTreeMap<AgentId, agent::State>,
        last: Option<AgentId>,
        now: Timestamp,
    ) -> Vec<AgentId> {
        let (settings, _) = self.queue.settings().expect("configured");
        let ask = self.queue.ask(entry, now).expect("it is in the line");
        let chance = |agent: AgentId| self.chances.get(&(entry, agent)).copied();
        let rests = |agent: AgentId| chance(agent).is_some_and(|(_, until)| now < until);
        let had = |agent: AgentId| chance(agent).is_some_and(|(had, _)| had);
        let able = |agent: &AgentId| {
            let state = &agents[agent];
            state.obstacles(&ask, now).is_empty() && !state.has_in_hand(waiting.contact) && !rests(*agent)
        };
        let able: Vec<AgentId> = agents.keys().copied().filter(able).collect();
        let rule = settings
            .offers
            .last_agent
            .filter(|_| waiting.last_agent.is_some_and(|last| !had(last)));
        if let (Some(rule), Some(last)) = (rule, waiting.last_agent) {
            if able.contains(&last) {
                return vec![last];
            }
            let kept = now < waiting.entered_at.plus(rule.wait_ms);
            let only_busy = self.agents.get(&last).is_some_and(|state| {
                let fits = state.capacity().limit(ask.channel) >= ask.units.get();
                let passing = |obstacle: &agent::Obstacle| {
                    matches!(
                        obstacle,
                        agent::Obstacle::Full { .. }
                            | agent::Obstacle::ShutOut { .. }
                            | agent::Obstacle::Cooldown { .. }
                    )
                };
                fits && state.obstacles(&ask, now).iter().all(passing)
            });
            if kept && only_busy {
                return Vec::new();
            }
        }
        let fresh: Vec<AgentId> = able.iter().copied().filter(|agent| !had(*agent)).collect();
        let pool = if fresh.is_empty() { able } else { fresh };
        self.best(matcher, entry, pool, last, now)
    }

    fn best(
        &self,
        matcher: &Matcher,
        entry: EntryId,
        mut pool: Vec<AgentId>,
        last: Option<AgentId>,
        now: Timestamp,
    ) -> Vec<AgentId> {
        let (settings, _) = self.queue.settings().expect("configured");
        let Some(wait) = matcher.line.get(entry) else {
            return pool;
        };
        let scale = Scale {
            strategy: settings.strategy,
            day: &matcher.day,
            seed: matcher.seed,
            round: (
                self.agents.len(),
                self.agents.keys().filter(|agent| Some(**agent) <= last).count(),
            ),
            at: now,
        };
        let rate = |agent: &AgentId| {
            let (place, desk) = matcher.floor.find(*agent).expect("heard of");
            scale.rate(wait, desk, place)
        };
        pool.sort_by_key(|agent| std::cmp::Reverse(rate(agent)));
        let rings_all = settings.strategy == Strategy::RingAll;
        let most = if rings_all { queue::OFFERS_AT_ONCE_MAX } else { 1 };
        pool.truncate(most);
        pool
    }

    fn reserve(
        &self,
        agents: &mut BTreeMap<AgentId, agent::State>,
        offer: OfferId,
        (entry, agent): (EntryId, AgentId),
        at: Timestamp,
    ) {
        let (Some(waiting), Some(ask)) = (self.queue.entry(entry), self.queue.ask(entry, at)) else {
            return;
        };
        let Some(state) = agents.get_mut(&agent).filter(|state| !state.knows_of(offer)) else {
            return;
        };
        let reserved = agent::Event::Reserved {
            offer,
            contact: waiting.contact,
            ask,
            from: None,
            terms: Terms {
                wrap_up: None,
                cooldown_ms: None,
                set_aside_after: None,
            },
            until: Timestamp::MAX,
            at,
        };
        *state = Agent::evolve(std::mem::take(state), &reserved);
    }

    // What the matcher keeps at hand says what the states say.
    fn same_sight(&self, matcher: &Matcher, now: Timestamp) {
        if !self.owns(now) {
            return;
        }
        let line: Vec<EntryId> = matcher.line.order.values().map(|wait| wait.entry).collect();
        assert_eq!(line, self.queue.line(now));
        for wait in matcher.line.order.values() {
            let ask = self.queue.ask(wait.entry, now).expect("it is in the line");
            for desk in &matcher.floor.desks {
                let obstacles = desk.obstacles(wait, &ask, now);
                assert_eq!(
                    desk.is_eligible_for(wait, now),
                    obstacles.is_empty(),
                    "{obstacles:?}"
                );
                assert_eq!(desk.count_obstacles(wait, now), obstacles.len(), "{obstacles:?}");
            }
        }
    }
}

fn check_evidence(proposal: &Proposal) {
    let chosen: BTreeSet<AgentId> = proposal.chosen.iter().map(|one| one.agent).collect();
    let won = proposal.candidates.iter().filter(|one| one.lost.is_none());
    assert_eq!(
        won.map(|one| one.agent).collect::<BTreeSet<_>>(),
        chosen,
        "the chosen are always listed"
    );
    let compared = |one: &&queue::Candidate| {
        matches!(one.lost, Some(Lost::Outscored | Lost::IdleLater | Lost::HigherId))
    };
    let best = proposal
        .candidates
        .iter()
        .filter(|one| one.lost.is_none())
        .map(|one| one.score)
        .min();
    let losers = proposal
        .candidates
        .iter()
        .filter(compared)
        .map(|one| one.score)
        .max();
    assert!(losers <= best, "the highest score wins: {proposal:?}");
}
