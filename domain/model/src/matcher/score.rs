//! How well an agent suits an entry by each strategy.
//!
//! A score is a whole number and the highest wins. Ties break by who is idle for longest, an agent with something in
//! hand last, and then by the lower id, so that there is always exactly one best.
//!
//! | strategy | score |
//! |---|---|
//! | longest idle | the time in ms since the agent had anything in hand, from the sign-in on if nothing since; for an agent with room for more, each contact in hand takes a week off |
//! | longest idle in queue | the same, with contacts of this queue alone |
//! | round robin | minus the number of agents, by id, from the one offered last to this one |
//! | top-down | minus the priority in the group, the best of those that may answer |
//! | fewest contacts | minus the contacts taken or begun today, on every channel |
//! | least talk time | minus the time in ms today in conversation, hold and notes left out, for each contact |
//! | least occupied | minus the time in ms today with anything in hand, from the offer to the end of the notes |
//! | random | a number drawn from the seed, the entry, the decision's number and the agent |
//! | most skilled | the sum of the agent's levels in the skills asked for, those too that are needed no more |
//! | ring all | as longest idle: who is rung if not all can be |
//!
//! *Today* is the calendar day, by the clocks of the time zone given. An offer that the agent missed or rejected ends
//! their idle time; one that somebody else took back does not.

use std::cmp::Reverse;

use super::desk::Desk;
use super::figures::Day;
use super::wait::Wait;
use crate::Timestamp;
use crate::ids::AgentId;
use crate::queue::Strategy;

/// What scores follow from, besides the agent and the entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale<'a> {
    pub(super) strategy: Strategy,
    pub(super) day: &'a Day,
    pub(super) seed: u64,
    /// How many agents there are, and how many of them have an id up to that of the agent offered last.
    pub(super) round: (usize, usize),
    pub(super) at: Timestamp,
}

/// How a candidate compares: the greatest is the best.
pub(super) type Rating = (i64, bool, Reverse<Option<Timestamp>>, Reverse<AgentId>);

impl Scale<'_> {
    /// Compares a candidate, who stands at a place among all agents by id.
    pub(super) fn rate(&self, wait: &Wait, desk: &Desk, place: usize) -> Rating {
        let idle_since = desk.figures.idle_since;
        (
            self.score(wait, desk, place),
            idle_since.is_some(),
            Reverse(idle_since),
            Reverse(desk.agent),
        )
    }

    fn score(&self, wait: &Wait, desk: &Desk, place: usize) -> i64 {
        let (figures, at) = (&desk.figures, self.at);
        match self.strategy {
            Strategy::LongestIdle | Strategy::RingAll => figures.idle_ms(at),
            Strategy::LongestIdleInQueue => figures.idle_here_ms(at),
            Strategy::RoundRobin => -whole(self.steps_to(place)),
            Strategy::TopDown => -i64::from(desk.priority(wait.groups)),
            Strategy::FewestContacts => -figures.contacts_today(self.day, at),
            Strategy::LeastTalkTime => -figures.talked_today_ms(self.day, at),
            Strategy::LeastOccupied => -figures.occupied_today_ms(self.day, at),
            Strategy::Random => self.draw(wait, desk.agent),
            Strategy::MostSkilled => {
                let levels = wait.wanted.iter().filter_map(|skill| desk.level(*skill));
                levels.fold(0, |sum, level| sum + i64::from(level.number()))
            }
        }
    }

    fn steps_to(&self, place: usize) -> usize {
        let (all, first) = self.round;
        if place >= first {
            place - first
        } else {
            place + all - first
        }
    }

    fn draw(&self, wait: &Wait, agent: AgentId) -> i64 {
        let (entry_high, entry_low) = wait.entry.uuid().as_u64_pair();
        let (agent_high, agent_low) = agent.uuid().as_u64_pair();
        let parts = [
            entry_high,
            entry_low,
            wait.decisions.into(),
            agent_high,
            agent_low,
        ];
        let drawn = parts
            .into_iter()
            .fold(mix(self.seed), |drawn, part| mix(drawn ^ part));
        i64::try_from(drawn >> 1).unwrap_or(i64::MAX)
    }
}

// The finaliser of splitmix64: each bit of the input moves half of the bits of the result.
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
