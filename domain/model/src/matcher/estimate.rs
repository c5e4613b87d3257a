//! How long somebody at a place in the line will probably wait, learned from those who were answered.
//!
//! An estimate is a promise that four of five callers see kept: the 80th percentile of what others waited from that
//! place, not the mean, which half of them outwait. It is taken from waits as they were, so it fits whatever the
//! queue's calls, agents and skills are like, as long as the last two hours are like the next.
//!
//! Each answered entry teaches one wait, from the place at which it entered. For a place the nearest ones are asked:
//! first those from the same place, then from about the same, then from half to twice as far back, each drawn out or
//! shortened in proportion. With fewer than [`ENOUGH`] of them there is no estimate. Of `n` waits the one at rank
//! `⌈0.8 · (n + 1)⌉` is taken, so that the next wait, if it is like them, stays below with a chance of at least 0.8.
//!
//! Who found somebody free teaches nothing about waiting and is left out. Those who hung up are not known, and made the
//! others' wait shorter; where many hang up, estimates are too short.

use std::collections::VecDeque;

use crate::{Millis, Timestamp};

/// How many waits are remembered.
pub const WAITS_MAX: usize = 500;
/// How many waits an estimate needs at least.
pub const ENOUGH: usize = 20;
/// How long a wait tells something.
pub const TELLS_FOR: Millis = Millis::from_secs(2 * 3600);
/// From which wait on somebody counts as having waited.
pub const WAITED: Millis = Millis::from_secs(1);

// How far the places may be apart, as a fraction: the same, up to a quarter more, up to twice as many.
const REACHES: [(u64, u64); 3] = [(1, 1), (5, 4), (2, 1)];

/// The waits of those who were answered lately.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimates {
    waits: VecDeque<Waited>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Waited {
    place: u64,
    length: Millis,
    at: Timestamp,
}

impl Estimates {
    /// Learns how long somebody waited who entered at a place, from 1, and was answered at a moment.
    pub fn learn(&mut self, place: u32, length: Millis, at: Timestamp) {
        if length < WAITED {
            return;
        }
        if self.waits.len() == WAITS_MAX {
            self.waits.pop_front();
        }
        let place = u64::from(place.max(1));
        self.waits.push_back(Waited { place, length, at });
    }

    /// Returns how long somebody at a place will probably wait from now on; none if too little is known.
    #[must_use]
    pub fn estimate(&self, place: u32, now: Timestamp) -> Option<Millis> {
        let place = u64::from(place.max(1));
        REACHES
            .into_iter()
            .find_map(|reach| self.within(place, reach, now))
    }

    fn within(&self, place: u64, (more, less): (u64, u64), now: Timestamp) -> Option<Millis> {
        let tells = |waited: &&Waited| {
            let near = waited.place * less <= place * more && place * less <= waited.place * more;
            near && now.since(waited.at) <= TELLS_FOR
        };
        let waits = self.waits.iter().filter(tells);
        let mut waits: Vec<u64> = waits.map(|waited| waited.drawn_to(place)).collect();
        if waits.len() < ENOUGH {
            return None;
        }
        let rank = ((waits.len() + 1) * 4).div_ceil(5).min(waits.len());
        let (_, wait, _) = waits.select_nth_unstable(rank - 1);
        Some(Millis(*wait))
    }
}

impl Waited {
    fn drawn_to(self, place: u64) -> u64 {
        self.length.0.saturating_mul(place) / self.place
    }
}
