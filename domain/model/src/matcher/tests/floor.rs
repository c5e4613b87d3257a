//! A queue, its agents and its matcher in one hand: every command goes through the real deciders.

use super::*;
use crate::agent::{self, Ask, Terms};

/// A queue with agents and an owner.
pub(super) struct Hall {
    pub(super) queue: queue::State,
    pub(super) agents: BTreeMap<AgentId, agent::State>,
    pub(super) log: Vec<AnyEvent>,
    pub(super) matcher: Matcher,
    pub(super) now: Timestamp,
    pub(super) proposals: Vec<Proposal>,
    pub(super) refusals: Vec<Rejection>,
    pub(super) said: Vec<Output>,
    // Whether agents are told of decisions at once, as the offering process does; else they wait here.
    pub(super) reserves: bool,
    pub(super) unreserved: Vec<Event>,
    // Whether what the matcher hands in is compared with what the reference would.
    pub(super) compares: bool,
    pub(super) known: reference::Known,
}

impl Hall {
    pub(super) fn new(settings: Settings) -> Self {
        let mut hall = Self {
            queue: queue::State::default(),
            agents: BTreeMap::new(),
            log: Vec::new(),
            matcher: Matcher::new(QUEUE, config("node-1")),
            now: at(0),
            proposals: Vec::new(),
            refusals: Vec::new(),
            said: Vec::new(),
            reserves: true,
            unreserved: Vec::new(),
            compares: false,
            known: reference::Known::default(),
        };
        hall.configure(settings);
        hall
    }

    pub(super) fn configure(&mut self, settings: Settings) {
        self.tell(queue::SetupCommand::Configure {
            settings: Box::new(settings),
            by: admin(),
            at: self.now,
        });
    }

    /// Says a command to the queue; what follows is played to its end.
    pub(super) fn tell(&mut self, command: impl Into<queue::Command>) {
        self.try_tell(command).unwrap_or_else(|why| panic!("{why}"));
    }

    pub(super) fn try_tell(&mut self, command: impl Into<queue::Command>) -> Result<(), Rejection> {
        let events = self.ask(command.into())?;
        self.hear(events);
        Ok(())
    }

    pub(super) fn ask(&mut self, command: queue::Command) -> Result<Vec<AnyEvent>, Rejection> {
        let events = queue::Queue::decide(&self.queue, command)?;
        let queue = std::mem::take(&mut self.queue);
        self.queue = events.iter().fold(queue, queue::Queue::evolve);
        Ok(events
            .into_iter()
            .map(|event| AnyEvent::Queue(QUEUE, event))
            .collect())
    }

    /// Says a command to an agent.
    pub(super) fn tell_agent(&mut self, agent: AgentId, command: impl Into<agent::Command>) {
        self.try_tell_agent(agent, command)
            .unwrap_or_else(|why| panic!("{agent}: {why}"));
    }

    pub(super) fn try_tell_agent(
        &mut self,
        agent: AgentId,
        command: impl Into<agent::Command>,
    ) -> Result<(), agent::Rejection> {
        let events = self.ask_agent(agent, command.into())?;
        self.hear(events);
        Ok(())
    }

    fn ask_agent(&mut self, id: AgentId, command: agent::Command) -> Result<Vec<AnyEvent>, agent::Rejection> {
        let state = self.agents.entry(id).or_default();
        let events = Agent::decide(state, command)?;
        *state = events.iter().fold(std::mem::take(state), Agent::evolve);
        Ok(events
            .into_iter()
            .map(|event| AnyEvent::Agent(id, event))
            .collect())
    }

    /// Lets the matcher hear of an append, and plays what it wants to the end.
    pub(super) fn hear(&mut self, events: Vec<AnyEvent>) {
        let mut appends = VecDeque::from([events]);
        while let Some(events) = appends.pop_front() {
            for event in &events {
                self.known.fold(event);
            }
            self.log.extend(events.iter().cloned());
            self.matcher.handle_input(&events, self.now);
            appends.extend(self.obey());
            appends.extend(self.follow(&events));
        }
        if self.compares {
            self.known.nothing_is_left(&self.matcher, self.now);
        }
    }

    /// Lets time pass, with each moment at which the matcher or a deadline wants to be told of it.
    pub(super) fn pass(&mut self, until: Timestamp) {
        loop {
            let agents = self
                .agents
                .iter()
                .filter_map(|(id, agent)| Some((agent.next_deadline()?, *id)));
            let agent = agents.min().filter(|(due, _)| *due <= until);
            let due = [
                self.matcher.poll_timeout(),
                self.queue.next_deadline(),
                agent.map(|(due, _)| due),
            ];
            let due = due.into_iter().flatten().min().filter(|due| *due <= until);
            let Some(due) = due else { break };
            self.wait_until(due);
            let at = self.now;
            let lapsed = self
                .ask(queue::Command::Lapse { at })
                .expect("a lapse is never refused");
            self.hear(lapsed);
            if let Some((_, agent)) = agent.filter(|(due, _)| *due <= at) {
                self.tell_agent(agent, agent::Command::Lapse { at });
            }
            let next = self.matcher.poll_timeout();
            assert!(
                next.is_none_or(|next| next > at),
                "nothing is asked for in the past: {next:?} at {at}"
            );
        }
        self.wait_until(until);
        self.hear(Vec::new());
    }

    // Until then nothing may become possible, or the matcher would have asked to be told earlier.
    fn wait_until(&mut self, due: Timestamp) {
        if self.compares && due > self.now {
            let just_before = Timestamp::from_micros(due.micros() - 1);
            self.known.nothing_is_left(&self.matcher, just_before);
        }
        self.now = self.now.max(due);
    }

    fn obey(&mut self) -> Vec<Vec<AnyEvent>> {
        let outputs: Vec<Output> = std::iter::from_fn(|| self.matcher.poll_output()).collect();
        if self.compares {
            self.known.compare(&self.matcher, &outputs, self.now);
        }
        self.known.issue(&outputs, self.now);
        self.said.extend(outputs.iter().cloned());
        let mut appends = Vec::new();
        for output in outputs {
            let Output::Command(command) = output else {
                continue;
            };
            if let Command::Owner {
                command: OwnerCommand::Reserve(proposal),
                ..
            } = &command
            {
                self.proposals.push(proposal.clone());
            }
            match self.ask(command.clone()) {
                Ok(events) => appends.push(events),
                Err(why) => {
                    self.known.refuse(&command, self.now);
                    self.matcher.handle_refusal(&command, &why, self.now);
                    self.refusals.push(why);
                    appends.extend(self.obey());
                }
            }
        }
        appends
    }

    /// Tells the agents of what was decided, late.
    pub(super) fn reserve_now(&mut self) {
        for event in std::mem::take(&mut self.unreserved) {
            for events in self.reserve(&event) {
                self.hear(events);
            }
        }
    }

    // What the processes between queue and agents do.
    fn follow(&mut self, events: &[AnyEvent]) -> Vec<Vec<AnyEvent>> {
        let mut appends = Vec::new();
        for event in events {
            let AnyEvent::Queue(_, event) = event else {
                continue;
            };
            match event {
                Event::Reserved { .. } if self.reserves => appends.extend(self.reserve(event)),
                Event::Reserved { .. } => self.unreserved.push(event.clone()),
                _ => {}
            }
            if let Event::OfferEnded {
                offer, agent, how, ..
            } = event
            {
                appends.extend(self.give_back(*offer, *agent, how));
            }
        }
        appends
    }

    fn reserve(&mut self, event: &Event) -> Vec<Vec<AnyEvent>> {
        let Event::Reserved {
            entry,
            chosen,
            inputs,
            until,
            ..
        } = event
        else {
            return Vec::new();
        };
        let (settings, _) = self.queue.settings().expect("configured");
        let (units, terms) = (settings.offers.units, settings.terms());
        let Some((contact, channel)) = self
            .queue
            .entry(*entry)
            .map(|entry| (entry.contact, entry.channel))
        else {
            return Vec::new();
        };
        let (entry, until, at) = (*entry, *until, self.now);
        let mut appends = Vec::new();
        for one in chosen.iter() {
            if !self.known.is_open(one.offer) {
                continue;
            }
            let ask = Ask {
                channel,
                units,
                groups: inputs.groups.clone(),
                skills: inputs.skills.clone(),
            };
            let from = Some(QueuePlace { queue: QUEUE, entry });
            let (offer, terms) = (one.offer, Terms { ..terms.clone() });
            let command = agent::OfferCommand::Reserve {
                offer,
                contact,
                ask,
                from,
                terms,
                until,
                at,
            };
            match self.ask_agent(one.agent, command.into()) {
                Ok(events) => appends.push(events),
                Err(agent::Rejection::Unavailable { obstacles }) => {
                    let failure = OfferFailure::Unavailable {
                        obstacles: Few::first(obstacles),
                    };
                    let end = OfferCommand::End { offer, failure, at };
                    appends.extend(self.ask(end.into()).ok());
                }
                Err(agent::Rejection::OfferDeadline { .. } | agent::Rejection::InHand { .. }) => {}
                Err(why) => panic!("{why}"),
            }
        }
        appends
    }

    fn give_back(&mut self, offer: OfferId, agent: AgentId, how: &OfferEnd) -> Vec<Vec<AnyEvent>> {
        let refusal = match how {
            OfferEnd::Answered | OfferEnd::NotReached { .. } | OfferEnd::Unavailable { .. } => {
                return Vec::new();
            }
            OfferEnd::AnotherWasFirst | OfferEnd::Withdrawn => Refusal::Withdrawn,
            OfferEnd::Rejected => Refusal::Rejected,
            OfferEnd::Missed => Refusal::Missed,
            OfferEnd::CallerGone => Refusal::CallerGone,
            OfferEnd::DeviceUnreachable => Refusal::DeviceUnreachable,
            OfferEnd::Away => Refusal::Away,
            OfferEnd::Lapsed => Refusal::Lapsed,
        };
        let at = self.now;
        let release = agent::OfferCommand::Release { offer, refusal, at };
        self.ask_agent(agent, release.into()).ok().into_iter().collect()
    }
}

/// What people do.
impl Hall {
    /// Brings an agent to work, ready for one call.
    pub(super) fn staff(&mut self, agent: AgentId, groups: &[GroupId]) {
        let (by, at) = (admin(), self.now);
        for (place, group) in (1..).zip(groups) {
            let (group, priority, by) = (*group, place, by.clone());
            self.tell_agent(
                agent,
                agent::SetupCommand::JoinGroup {
                    group,
                    priority,
                    by,
                    at,
                },
            );
        }
        let profile = ProfileId::new(id(5));
        self.tell_agent(agent, agent::SetupCommand::AssignProfile { profile, by, at });
        self.tell_agent(
            agent,
            agent::StateCommand::SignIn {
                by: Chooser::Agent,
                at,
            },
        );
        let device = DeviceId::new(agent.uuid());
        let kind = DeviceKind::Browser;
        self.tell_agent(agent, agent::DeviceCommand::Register { device, kind, at });
        self.choose(agent, "Ready", StateKind::Available);
    }

    pub(super) fn choose(&mut self, agent: AgentId, label: &str, kind: StateKind) {
        let at = self.now;
        let groups = self.agents[&agent].member_of().keys().copied().collect();
        let state = ProfileState {
            id: StateId::new(id(6)),
            profile: ProfileId::new(id(5)),
            label: text(label),
            kind,
            groups,
        };
        self.tell_agent(
            agent,
            agent::StateCommand::Choose {
                state,
                by: Chooser::Agent,
                at,
            },
        );
    }

    pub(super) fn enter(&mut self, entry: EntryId) {
        self.enter_with(entry, None, Few::none(), None);
    }

    pub(super) fn enter_with(
        &mut self,
        entry: EntryId,
        priority: Option<Priority>,
        skills: SkillRequests,
        last_agent: Option<AgentId>,
    ) {
        let enter = self.entering(entry, (priority, skills, last_agent), None);
        self.tell(enter);
    }

    pub(super) fn enter_told(&mut self, entry: EntryId, told: PolicyTold) {
        let enter = self.entering(entry, (None, Few::none(), None), Some(told));
        self.tell(enter);
    }

    fn entering(
        &self,
        entry: EntryId,
        (priority, skills, last_agent): (Option<Priority>, SkillRequests, Option<AgentId>),
        told: Option<PolicyTold>,
    ) -> EntryCommand {
        EntryCommand::Enter {
            returned: None,
            entry,
            contact: Contact::Call(CallId::new(entry.uuid())),
            channel: WorkChannel::Voice,
            priority,
            skills,
            last_agent,
            told,
            since: self.now,
            at: self.now,
        }
    }

    /// Returns the last offer of an entry to an agent.
    pub(super) fn offer(&self, entry: EntryId) -> (OfferId, AgentId) {
        self.try_offer(entry).expect("it was offered")
    }

    pub(super) fn try_offer(&self, entry: EntryId) -> Option<(OfferId, AgentId)> {
        let proposal = self
            .proposals
            .iter()
            .rev()
            .find(|proposal| proposal.entry == entry);
        let chosen = proposal.and_then(|proposal| proposal.chosen.first())?;
        Some((chosen.offer, chosen.agent))
    }

    /// Lets an agent take what they are offered, if they still can.
    pub(super) fn answer(&mut self, entry: EntryId) {
        let (Some((offer, agent)), at) = (self.try_offer(entry), self.now) else {
            return;
        };
        if self.try_tell(OfferCommand::Accept { offer, at }).is_ok()
            && self
                .try_tell_agent(agent, agent::OfferCommand::Accept { offer, at })
                .is_ok()
        {
            let _ = self.try_tell(OfferCommand::Connect { offer, at });
        }
    }

    pub(super) fn miss(&mut self, entry: EntryId) {
        self.fail(entry, OfferFailure::Missed);
    }

    pub(super) fn fail(&mut self, entry: EntryId, failure: OfferFailure) {
        if let (Some((offer, _)), at) = (self.try_offer(entry), self.now) {
            let _ = self.try_tell(OfferCommand::End { offer, failure, at });
        }
    }

    /// Ends the call that an entry became.
    pub(super) fn hang_up(&mut self, entry: EntryId) {
        let (Some((offer, agent)), at) = (self.try_offer(entry), self.now) else {
            return;
        };
        let contact = Contact::Call(CallId::new(entry.uuid()));
        let holding = agent::Holding::Offered(offer);
        let _ = self.try_tell_agent(agent, agent::WorkCommand::End { contact, holding, at });
    }

    /// Returns who was chosen for whom, in order.
    pub(super) fn chosen(&self) -> Vec<(EntryId, AgentId)> {
        let chosen = self.proposals.iter().flat_map(|proposal| {
            let agents = proposal.chosen.iter().map(|one| one.agent);
            agents.map(|agent| (proposal.entry, agent))
        });
        chosen.collect()
    }

    /// Returns why each candidate of a decision lost.
    pub(super) fn lost(&self, nth: usize) -> Vec<(AgentId, Option<Lost>)> {
        let candidates = self.proposals[nth].candidates.iter();
        candidates.map(|one| (one.agent, one.lost.clone())).collect()
    }

    /// Returns what was said besides commands.
    pub(super) fn heard(&self) -> Vec<Output> {
        let said = self
            .said
            .iter()
            .filter(|output| !matches!(output, Output::Command(_)));
        said.cloned().collect()
    }
}
