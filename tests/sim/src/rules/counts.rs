//! That what queues, agents and owners count is what the events say: each is counted anew here, over the log alone.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a second opinion looks at the few events that it has one on"
)]

use std::collections::BTreeMap;

use domain_model::agent::{Event, Outcome};
use domain_model::contact::{Contact, WorkChannel};
use domain_model::ids::{AgentId, EntryId, QueueId};
use domain_model::matcher::Output;
use domain_model::process::AnyEvent;
use domain_model::queue::{self, Candidate, Command, LeftBecause, OwnerCommand, Strategy};
use domain_model::{Millis, Timestamp};

use super::books::Broken;
use crate::platform::{Platform, Recorded};
use crate::play::{Decided, Watch};
use crate::tally::Tally;

const DAY_US: i64 = 24 * 3_600_000_000;

/// Everything that is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    queues: BTreeMap<QueueId, Line>,
    agents: BTreeMap<AgentId, Desk>,
    tally: Tally,
}

#[derive(Debug, Default)]
struct Line {
    waiting: BTreeMap<EntryId, (Timestamp, usize)>,
    entered: u64,
    answered: u64,
    abandoned: u64,
    gone_otherwise: u64,
}

/// What one agent did.
#[derive(Debug, Default)]
struct Desk {
    in_hand: Vec<Work>,
    misses: u16,
    misses_max: Option<u16>,
    aside: bool,
    today: Today,
    idle_since: Option<Timestamp>,
    // Since when they were idle before what they have now, unless something of it ended by their doing.
    idle_before: Option<Timestamp>,
}

/// The sums of one day, and how far they go.
#[derive(Debug, Clone, Copy)]
struct Today {
    to: Timestamp,
    contacts: i64,
    talked_us: i64,
    occupied_us: i64,
}

impl Default for Today {
    fn default() -> Self {
        Self {
            to: Timestamp::MIN,
            contacts: 0,
            talked_us: 0,
            occupied_us: 0,
        }
    }
}

#[derive(Debug)]
struct Work {
    contact: Contact,
    channel: WorkChannel,
    units: u16,
    talks: bool,
    misses_max: Option<u16>,
}

impl Counts {
    /// Counts an event and says which figure in it is another than the one counted.
    pub(super) fn see(&mut self, recorded: &Recorded) -> Broken {
        self.tally.see(recorded);
        match &recorded.happened.what {
            AnyEvent::Queue(queue, event) => self.queues.entry(*queue).or_default().see(*queue, event),
            AnyEvent::Agent(agent, event) => self.agents.entry(*agent).or_default().see(*agent, event),
            _ => Vec::new(),
        }
    }

    /// Compares the figures by which an owner chooses among agents.
    pub(super) fn decides(&self, decided: &Decided<'_>) -> Broken {
        let settings = decided.platform.queue(decided.queue);
        let Some((settings, _)) = settings.and_then(|queue| queue.settings().ok()) else {
            return Vec::new();
        };
        let mut broken = Vec::new();
        for output in decided.wanted {
            let Output::Command(Command::Owner {
                command: OwnerCommand::Reserve(proposal),
                ..
            }) = output
            else {
                continue;
            };
            for candidate in proposal.candidates.iter() {
                let desk = self.agents.get(&candidate.agent);
                let wrong = desk.and_then(|desk| desk.differs(candidate, settings.strategy, decided.at));
                broken.extend(wrong.map(|counted| {
                    let rule = "an owner counts of an agent's day what the events say";
                    let (queue, strategy) = (decided.queue, settings.strategy);
                    let seen = format!("{queue}: {strategy:?}: {candidate:?}, and {counted} were counted");
                    (rule, seen)
                }));
            }
        }
        broken
    }

    /// Compares what queues and agents have with what was counted of them.
    pub(super) fn rest(&self, platform: &Platform, now: Timestamp) -> Broken {
        let mut broken = Vec::new();
        for (id, state) in platform.queues() {
            let none = Line::default();
            let line = self.queues.get(id).unwrap_or(&none);
            let stands = state.line(now);
            let open = |entry: &&EntryId| state.entry(**entry).is_some_and(queue::Entry::is_offered);
            let offered = line.waiting.values().filter(|(_, offers)| *offers > 0).count();
            let same = stands.len() == line.waiting.len() && stands.iter().filter(open).count() == offered;
            if !same {
                let rule = "as many stand in a line, and are being offered, as the events say";
                broken.push((rule, format!("{id}: {stands:?}, and {line:?} was counted")));
            }
        }
        for (id, state) in platform.agents() {
            let none = Desk::default();
            let desk = self.agents.get(id).unwrap_or(&none);
            let mut taken: BTreeMap<WorkChannel, u32> = BTreeMap::new();
            for work in &desk.in_hand {
                *taken.entry(work.channel).or_default() += u32::from(work.units);
            }
            let same = |(channel, units): (&WorkChannel, &u32)| state.taken(*channel) == *units;
            if state.activities().count() != desk.in_hand.len() || !taken.iter().all(same) {
                let seen = format!("{id}: {:?}, and {desk:?} was counted", state.activities().count());
                broken.push(("an agent has as much in hand as the events say", seen));
            }
            if !desk.aside && desk.misses_max.is_some_and(|max| desk.misses >= max) {
                let rule = "whoever missed as many in a row as is set is set aside";
                broken.push((rule, format!("{id}: {desk:?}")));
            }
        }
        broken
    }

    /// Compares what reports count of queues.
    pub(super) fn at_the_end(&self) -> Broken {
        let mut broken = Vec::new();
        for (queue, line) in &self.queues {
            let told = self.tally.of(*queue);
            let told = [told.offered, told.answered, told.abandoned, told.flowed_out];
            let counted = [line.entered, line.answered, line.abandoned, line.gone_otherwise];
            if told != counted || line.entered != counted[1..].iter().sum::<u64>() {
                let seen = format!("{queue}: {told:?}, and {counted:?} were counted");
                broken.push(("a queue's figures are its events, each counted once", seen));
            }
        }
        broken
    }
}

impl Line {
    fn see(&mut self, queue: QueueId, event: &queue::Event) -> Broken {
        let mut broken = Vec::new();
        match event {
            queue::Event::Entered { entry, since, .. } => {
                self.entered += 1;
                self.waiting.insert(*entry, (*since, 0));
            }
            queue::Event::Reserved {
                entry,
                chosen,
                inputs,
                at,
                ..
            } => {
                if let Some((since, offers)) = self.waiting.get_mut(entry) {
                    *offers += chosen.len();
                    check_wait(queue, *entry, (inputs.waited_ms, at.since(*since)), &mut broken);
                }
            }
            queue::Event::OfferEnded { entry, .. } => {
                if let Some((_, offers)) = self.waiting.get_mut(entry) {
                    *offers = offers.saturating_sub(1);
                }
            }
            queue::Event::Left {
                entry,
                why,
                waited_ms,
                at,
            } => {
                if let Some((since, _)) = self.waiting.remove(entry) {
                    check_wait(queue, *entry, (*waited_ms, at.since(since)), &mut broken);
                }
                *match why {
                    LeftBecause::Answered { .. } => &mut self.answered,
                    LeftBecause::Abandoned => &mut self.abandoned,
                    _ => &mut self.gone_otherwise,
                } += 1;
            }
            _ => {}
        }
        broken
    }
}

fn check_wait(queue: QueueId, entry: EntryId, (told, counted): (Millis, Millis), broken: &mut Broken) {
    if told != counted {
        let seen = format!("{queue}: {entry}: {told:?}, and {counted:?} was counted");
        broken.push(("whoever waits has waited since they began to", seen));
    }
}

impl Desk {
    fn see(&mut self, agent: AgentId, event: &Event) -> Broken {
        self.see_work(event);
        let mut broken = Vec::new();
        if let Event::SetAside { misses, .. } = event {
            self.aside = true;
            if *misses != self.misses {
                let seen = format!("{agent}: {misses}, and {} were counted", self.misses);
                broken.push(("an agent missed as many in a row as the events say", seen));
            }
        }
        if let Event::Returned { .. } | Event::SignedOut { .. } = event {
            (self.misses, self.aside) = (0, false);
        }
        broken
    }

    fn see_work(&mut self, event: &Event) {
        match event {
            Event::SignedIn { at, .. } => {
                self.count_to(*at);
                if self.in_hand.is_empty() {
                    self.idle_since = Some(*at);
                }
            }
            Event::Reserved {
                contact,
                ask,
                terms,
                at,
                ..
            } => {
                let work = Work {
                    contact: *contact,
                    channel: ask.channel,
                    units: ask.units.get(),
                    talks: false,
                    misses_max: terms.set_aside_after.map(Into::into),
                };
                self.take(work, *at);
            }
            Event::Begun {
                contact,
                channel,
                units,
                at,
                ..
            } => {
                let work = Work {
                    contact: *contact,
                    channel: *channel,
                    units: units.get(),
                    talks: true,
                    misses_max: None,
                };
                self.today.contacts += i64::from(self.take(work, *at));
            }
            Event::Accepted { contact, at, .. } => {
                self.count_to(*at);
                self.misses = 0;
                self.today.contacts += 1;
                self.talks(*contact, true);
            }
            Event::RangBack { callback, call, at } => {
                self.count_to(*at);
                let promised = Contact::Callback(*callback);
                let work = self.in_hand.iter_mut().find(|work| work.contact == promised);
                work.into_iter()
                    .for_each(|work| work.contact = Contact::Call(*call));
            }
            Event::Held { call, at } => {
                self.count_to(*at);
                self.talks(Contact::Call(*call), false);
            }
            Event::Resumed { call, at } => {
                self.count_to(*at);
                self.talks(Contact::Call(*call), true);
            }
            Event::WrapUpStarted { contact, at, .. } => {
                self.count_to(*at);
                self.talks(*contact, false);
            }
            Event::Released {
                contact, outcome, at, ..
            } => self.release(*contact, *outcome, *at),
            _ => {}
        }
    }

    fn count_to(&mut self, at: Timestamp) {
        self.today = self.counted(at);
    }

    // Adds the time up to a moment; what is told late adds none. Each day begins with nothing.
    fn counted(&self, at: Timestamp) -> Today {
        let midnight = Timestamp::from_micros(at.micros() - at.micros().rem_euclid(DAY_US));
        let mut today = self.today;
        if today.to < midnight {
            today = Today {
                to: midnight,
                ..Today::default()
            };
        }
        let length = (at.micros() - today.to.micros()).max(0);
        let talking = self.in_hand.iter().filter(|work| work.talks).count();
        today.talked_us += length * i64::try_from(talking).unwrap_or(i64::MAX);
        if !self.in_hand.is_empty() {
            today.occupied_us += length;
        }
        today.to = today.to.max(at);
        today
    }

    // Says whether it is something new.
    fn take(&mut self, work: Work, at: Timestamp) -> bool {
        self.count_to(at);
        let is_new = self.in_hand.iter().all(|held| held.contact != work.contact);
        if is_new {
            if self.in_hand.is_empty() {
                self.idle_before = self.idle_since;
            }
            self.idle_since = None;
            self.in_hand.push(work);
        }
        is_new
    }

    fn talks(&mut self, contact: Contact, talks: bool) {
        let work = self.in_hand.iter_mut().find(|work| work.contact == contact);
        work.into_iter().for_each(|work| work.talks = talks);
    }

    fn release(&mut self, contact: Contact, outcome: Outcome, at: Timestamp) {
        self.count_to(at);
        let Some(place) = self.in_hand.iter().position(|work| work.contact == contact) else {
            return;
        };
        let work = self.in_hand.remove(place);
        let is_theirs = !matches!(
            outcome,
            Outcome::NotConnected | Outcome::CallerGone | Outcome::Withdrawn
        );
        if outcome == Outcome::Missed {
            self.misses += 1;
            self.misses_max = work.misses_max;
        }
        if outcome == Outcome::Rejected {
            self.misses = 0;
        }
        self.idle_before = self.idle_before.filter(|_| !is_theirs);
        if self.in_hand.is_empty() {
            self.idle_since = self.idle_before.take().or(Some(at));
        }
    }

    // What was counted, if it is not what an owner says.
    fn differs(&self, candidate: &Candidate, strategy: Strategy, at: Timestamp) -> Option<String> {
        let today = self.counted(at);
        let counted = match strategy {
            Strategy::FewestContacts => -today.contacts,
            Strategy::LeastTalkTime => -(today.talked_us / 1000),
            Strategy::LeastOccupied => -(today.occupied_us / 1000),
            Strategy::LongestIdle | Strategy::RingAll => match self.idle_since {
                Some(since) => i64::try_from(at.since(since).0).unwrap_or(i64::MAX),
                None => candidate.score,
            },
            Strategy::LongestIdleInQueue
            | Strategy::RoundRobin
            | Strategy::TopDown
            | Strategy::Random
            | Strategy::MostSkilled => candidate.score,
        };
        let same = counted == candidate.score && self.idle_since == candidate.idle_since;
        (!same).then(|| format!("{counted}, idle since {:?},", self.idle_since))
    }
}
