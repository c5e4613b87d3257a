//! Counts what happened in queues, from events alone.

use std::collections::BTreeMap;

use domain_model::call;
use domain_model::contact::WorkChannel;
use domain_model::ids::{AgentId, EntryId, QueueId};
use domain_model::process::AnyEvent;
use domain_model::queue::{Event, Goals, LeftBecause};
use domain_model::{Millis, Timestamp, agent, conversation};

use crate::platform::Recorded;
use crate::play::Watch;

/// What became of a queue's entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries that began to wait, each time anew.
    pub offered: u64,
    /// Entries that ended with an agent.
    pub answered: u64,
    /// Entries whose customer left while waiting.
    pub abandoned: u64,
    /// Of those, who left before the queue's threshold.
    pub abandoned_short: u64,
    /// Entries that left in any other way.
    pub flowed_out: u64,
    /// The longest wait of any.
    pub longest_wait: Millis,
    /// Answered within the queue's goal.
    pub in_time: u64,
    /// The time that all who were answered had waited.
    pub waited_answered: Millis,
    /// The time that all had waited.
    pub waited: Millis,
}

/// Counts for each queue, and how occupied agents were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    queues: BTreeMap<QueueId, Line>,
    channels: BTreeMap<WorkChannel, Counts>,
    agents: BTreeMap<AgentId, Desk>,
    calls: u64,
    conversations: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    counts: Counts,
    goals: Option<Goals>,
    waiting: BTreeMap<EntryId, (Timestamp, WorkChannel)>,
}

// How long an agent was at work and had anything in hand, up to the last change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Desk {
    since: Option<Timestamp>,
    in_hand: u64,
    changed: Option<Timestamp>,
    at_work: Millis,
    occupied: Millis,
}

impl Tally {
    /// Returns a queue's counts.
    #[must_use]
    pub fn of(&self, queue: QueueId) -> Counts {
        self.queues
            .get(&queue)
            .map_or_else(Counts::default, |line| line.counts)
    }

    /// Returns how many wait in a queue.
    #[must_use]
    pub fn waiting(&self, queue: QueueId) -> u64 {
        self.queues
            .get(&queue)
            .map_or(0, |line| line.waiting.len() as u64)
    }

    /// Returns how many customers rang.
    #[must_use]
    pub const fn calls(&self) -> u64 {
        self.calls
    }

    /// Returns how many conversations began.
    #[must_use]
    pub const fn conversations(&self) -> u64 {
        self.conversations
    }

    /// Returns the counts over all queues, by the channel that the entries came over.
    #[must_use]
    pub const fn by_channel(&self) -> &BTreeMap<WorkChannel, Counts> {
        &self.channels
    }

    /// Returns the share of their time at work that agents had anything in hand, in thousandths, up to the last that
    /// each of them did.
    #[must_use]
    pub fn occupancy_per_mille(&self) -> u64 {
        let at_work: u64 = self.agents.values().map(|desk| desk.at_work.0).sum();
        let occupied: u64 = self.agents.values().map(|desk| desk.occupied.0).sum();
        (1000 * occupied).checked_div(at_work).unwrap_or(0)
    }
}

impl Watch for Tally {
    fn see(&mut self, recorded: &Recorded) {
        match &recorded.happened.what {
            AnyEvent::Queue(queue, event) => {
                let line = self.queues.entry(*queue).or_default();
                if let Some(channel) = line.channel_of(event) {
                    let before = line.counts;
                    line.see(event);
                    let counts = self.channels.entry(channel).or_default();
                    counts.add_change(&before, &line.counts);
                } else {
                    line.see(event);
                }
            }
            AnyEvent::Conversation(_, conversation::Event::Opened { .. }) => self.conversations += 1,
            AnyEvent::Agent(agent, event) => self.agents.entry(*agent).or_default().see(event),
            AnyEvent::Call(_, call::Event::Offered { .. }) => self.calls += 1,
            AnyEvent::Call(..)
            | AnyEvent::Consent(..)
            | AnyEvent::Conversation(..)
            | AnyEvent::RoutingPolicy(..)
            | AnyEvent::Retention(..)
            | AnyEvent::Tenant(..) => {}
        }
    }
}

impl Counts {
    // Adds what came to other counts from one moment to the next.
    fn add_change(&mut self, before: &Self, after: &Self) {
        self.offered += after.offered - before.offered;
        self.answered += after.answered - before.answered;
        self.abandoned += after.abandoned - before.abandoned;
        self.abandoned_short += after.abandoned_short - before.abandoned_short;
        self.flowed_out += after.flowed_out - before.flowed_out;
        self.in_time += after.in_time - before.in_time;
        self.waited_answered.0 += after.waited_answered.0 - before.waited_answered.0;
        let waited = Millis(after.waited.0 - before.waited.0);
        self.waited.0 += waited.0;
        self.longest_wait = self.longest_wait.max(waited);
    }
}

impl Line {
    // The channel of the entry that begins to wait or leaves.
    fn channel_of(&self, event: &Event) -> Option<WorkChannel> {
        if let Event::Entered { channel, .. } = event {
            return Some(*channel);
        }
        let Event::Left { entry, .. } = event else {
            return None;
        };
        self.waiting.get(entry).map(|(_, channel)| *channel)
    }

    fn see(&mut self, event: &Event) {
        let counts = &mut self.counts;
        if let Event::Configured { settings, .. } = event {
            self.goals = Some(settings.goals);
        }
        if let Event::Entered {
            entry, channel, at, ..
        } = event
        {
            counts.offered += 1;
            self.waiting.insert(*entry, (*at, *channel));
        }
        if let Event::Left { entry, why, at, .. } = event {
            let waited = self
                .waiting
                .remove(entry)
                .map_or(Millis(0), |(since, _)| at.since(since));
            counts.waited.0 += waited.0;
            counts.longest_wait = counts.longest_wait.max(waited);
            match why {
                LeftBecause::Answered { .. } => {
                    counts.answered += 1;
                    counts.waited_answered.0 += waited.0;
                    counts.in_time +=
                        u64::from(self.goals.is_some_and(|goals| waited <= goals.answer_within_ms));
                }
                LeftBecause::Abandoned => {
                    counts.abandoned += 1;
                    let short = self.goals.is_some_and(|goals| waited < goals.short_abandon_ms);
                    counts.abandoned_short += u64::from(short);
                }
                LeftBecause::PressedKey { .. }
                | LeftBecause::MovedTo { .. }
                | LeftBecause::Removed { .. }
                | LeftBecause::CallbackCancelled { .. }
                | LeftBecause::NotReached
                | LeftBecause::MaxWait
                | LeftBecause::Overflowed { .. }
                | LeftBecause::NobodyLoggedIn
                | LeftBecause::NobodyAvailable => counts.flowed_out += 1,
            }
        }
    }
}

impl Desk {
    fn see(&mut self, event: &agent::Event) {
        if let agent::Event::SignedIn { at, .. } = event {
            self.since = Some(*at);
            self.changed = Some(*at);
        }
        if let agent::Event::Reserved { at, .. } | agent::Event::Begun { at, .. } = event {
            self.until(*at);
            self.in_hand += 1;
        }
        if let agent::Event::Released { at, .. } = event {
            self.until(*at);
            self.in_hand = self.in_hand.saturating_sub(1);
        }
        if let agent::Event::SignedOut { at, .. } = event {
            self.until(*at);
            self.since = None;
        }
    }

    fn until(&mut self, at: Timestamp) {
        if let (Some(_), Some(changed)) = (self.since, self.changed) {
            let length = at.since(changed);
            self.at_work.0 += length.0;
            if self.in_hand > 0 {
                self.occupied.0 += length.0;
            }
        }
        self.changed = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use crate::judge::history;
    use crate::{day, wild};

    /// Counts anew over a part of the log, with who waited at its beginning.
    fn part(log: &[Recorded], queue: QueueId) -> Counts {
        let mut tally = Tally::default();
        log.iter().for_each(|recorded| tally.see(recorded));
        tally.of(queue)
    }

    fn balances(log: &[Recorded], from: usize, until: usize) {
        let mut before = Tally::default();
        log[..from].iter().for_each(|recorded| before.see(recorded));
        let mut after = before.clone();
        log[from..until].iter().for_each(|recorded| after.see(recorded));
        for queue in after.queues.keys() {
            let during = part(&log[from..until], *queue);
            let (was, is) = (before.of(*queue), after.of(*queue));
            // Counted over the part alone, and as the difference of two counts of the whole: the same.
            assert_eq!(during.offered, is.offered - was.offered);
            assert_eq!(during.answered, is.answered - was.answered);
            let came = before.waiting(*queue) + during.offered;
            let went = during.answered + during.abandoned + during.flowed_out + after.waiting(*queue);
            assert_eq!(came, went, "{queue} from {from} to {until}");
        }
        let same = |of: fn(&Counts) -> u64| {
            let queues: u64 = after.queues.values().map(|line| of(&line.counts)).sum();
            let channels: u64 = after.channels.values().map(of).sum();
            assert_eq!(
                queues, channels,
                "whatever is counted of queues is of some channel"
            );
        };
        same(|counts| counts.offered);
        same(|counts| counts.answered);
        same(|counts| counts.abandoned + counts.flowed_out);
        same(|counts| counts.waited.0);
    }

    #[test]
    fn nobody_is_lost_or_counted_twice_in_any_interval() {
        let mut logs = vec![history(&day::plan(1, 3))];
        logs.extend((0..40).map(|seed| history(&wild::plan(seed, false))));
        for log in logs {
            for n in 0..50 {
                let chance = Chance::seeded(n);
                let from = usize::try_from(chance.about("from", 0).below(log.len() as u64)).unwrap_or(0);
                let rest = (log.len() - from) as u64;
                let length = usize::try_from(chance.about("length", 0).below(rest + 1)).unwrap_or(0);
                balances(&log, from, from + length);
            }
        }
    }
}
