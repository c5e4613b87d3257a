//! How many agents a load needs, and what waits come of how many: the formulas of Erlang, Palm and Cobham.
//!
//! They hold for calls that arrive at random at a steady rate and last exponentially distributed times. That makes
//! them the yardstick for the simulator, and the first answer to "what if we had two people more?"; history replayed
//! answers it better.
//!
//! Sources: A. K. Erlang 1917 (loss and delay), C. Palm 1957 (callers who lose patience), A. Cobham 1954 (priorities).
//! Traffic is in erlangs: how many agents would be busy on average if nobody waited or left. Times are in seconds.

use crate::Millis;

/// The most agents that are reckoned with.
pub const AGENTS_MAX: u32 = 100_000;

/// What arrives and how long it takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Arrivals in a second.
    pub arrivals: f64,
    /// How long one is handled on average, in seconds.
    pub handling: f64,
}

impl Load {
    /// Reads a load as planners give it: so many in an interval, each of so long.
    #[must_use]
    pub fn of(count: u32, interval: Millis, handling: Millis) -> Self {
        let arrivals = if interval.0 == 0 {
            0.0
        } else {
            f64::from(count) / seconds(interval)
        };
        Self {
            arrivals,
            handling: seconds(handling),
        }
    }

    /// Returns the traffic, in erlangs.
    #[must_use]
    pub fn traffic(self) -> f64 {
        self.arrivals * self.handling
    }
}

/// What callers meet at a queue that nobody leaves (Erlang C).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delay {
    /// The share of callers who wait at all.
    pub waits: f64,
    /// The mean wait of all callers, in seconds.
    pub mean_wait: f64,
    /// The mean number of callers who wait.
    pub queue_length: f64,
    /// The share of their time that agents are occupied.
    pub occupancy: f64,
    // How fast the chance to wait still longer falls, in each second.
    fall: f64,
}

impl Delay {
    /// Returns the share of callers who are answered within a time.
    #[must_use]
    pub fn answered_within(&self, time: Millis) -> f64 {
        1.0 - self.waits * (-self.fall * seconds(time)).exp()
    }
}

/// What callers meet at a queue that they leave when their patience ends (Erlang A).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Impatience {
    /// The share of callers who wait at all.
    pub waits: f64,
    /// The share of callers who leave before they are answered.
    pub abandons: f64,
    /// The mean wait of all callers, those who leave included, in seconds.
    pub mean_wait: f64,
    /// The share of their time that agents are occupied.
    pub occupancy: f64,
}

/// Returns the share of callers who find every agent busy and go away (Erlang B).
#[must_use]
pub fn blocked(traffic: f64, agents: u32) -> f64 {
    (1..=agents).fold(1.0, |before, agents| {
        traffic * before / (f64::from(agents) + traffic * before)
    })
}

/// Returns what callers meet who wait until they are answered (Erlang C); none if the agents cannot keep up.
#[must_use]
pub fn delay(load: Load, agents: u32) -> Option<Delay> {
    let (traffic, n) = (load.traffic(), f64::from(agents));
    if traffic >= n {
        return None;
    }
    let blocked = blocked(traffic, agents);
    let waits = n * blocked / (n - traffic * (1.0 - blocked));
    Some(Delay {
        waits,
        mean_wait: waits * load.handling / (n - traffic),
        queue_length: waits * traffic / (n - traffic),
        occupancy: traffic / n,
        fall: (n - traffic) / load.handling,
    })
}

/// Returns what callers meet who wait as long as their patience lasts, exponentially distributed around a mean in
/// seconds (Erlang A).
#[must_use]
pub fn impatience(load: Load, agents: u32, patience: f64) -> Impatience {
    let (traffic, n) = (load.traffic(), f64::from(agents));
    if traffic <= 0.0 {
        return Impatience {
            waits: 0.0,
            abandons: 0.0,
            mean_wait: 0.0,
            occupancy: 0.0,
        };
    }
    // The weight of each number of callers in the system, the one with every agent busy and nobody waiting being 1.
    let mut below = 0.0;
    let mut weight = 1.0;
    for k in (1..=agents).rev() {
        weight *= f64::from(k) / traffic;
        below += weight;
        if weight < f64::EPSILON * below {
            break;
        }
    }
    let (mut above, mut queue) = (1.0, 0.0);
    let mut weight = 1.0;
    for waiting in 1..=AGENTS_MAX {
        let waiting = f64::from(waiting);
        weight *= load.arrivals / (n / load.handling + waiting / patience);
        above += weight;
        queue += weight * waiting;
        if weight * waiting < f64::EPSILON * queue {
            break;
        }
    }
    let queue_length = queue / (below + above);
    let abandons = queue_length / patience / load.arrivals;
    Impatience {
        waits: above / (below + above),
        abandons,
        mean_wait: queue_length / load.arrivals,
        occupancy: if agents == 0 {
            0.0
        } else {
            traffic * (1.0 - abandons) / n
        },
    }
}

/// Returns the mean wait of each of several priorities, the most urgent first, in seconds, where nobody who talks is
/// interrupted (Cobham); none if the agents cannot keep up.
///
/// `arrivals`: in a second, of each priority. `handling`: the same mean for all, in seconds.
#[must_use]
pub fn waits_by_priority(arrivals: &[f64], handling: f64, agents: u32) -> Option<Vec<f64>> {
    let all = Load {
        arrivals: arrivals.iter().sum(),
        handling,
    };
    let delay = delay(all, agents)?;
    let n = f64::from(agents);
    let mean_until_free = delay.waits * handling / n;
    let mut before = 0.0;
    let waits = arrivals.iter().map(|arrivals| {
        let with = before + arrivals * handling / n;
        let wait = mean_until_free / ((1.0 - before) * (1.0 - with));
        before = with;
        wait
    });
    Some(waits.collect())
}

/// Returns the fewest agents with whom a share of callers is answered within a time, and the agents are occupied for
/// no more than a share of theirs; none above [`AGENTS_MAX`].
#[must_use]
pub fn agents_needed(load: Load, share: f64, within: Millis, occupancy_max: f64) -> Option<u32> {
    let good = |agents: u32| {
        delay(load, agents)
            .is_some_and(|delay| delay.answered_within(within) >= share && delay.occupancy <= occupancy_max)
    };
    // More agents never make it worse, so that the answer is found by halving.
    let (mut too_few, mut enough) = (0, 1);
    while !good(enough) {
        too_few = enough;
        enough = enough.checked_mul(2).filter(|agents| *agents <= AGENTS_MAX)?;
    }
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if good(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    Some(enough)
}

fn seconds(time: Millis) -> f64 {
    time.0 as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, half_digit: f64) {
        assert!(
            (found - expected).abs() <= half_digit,
            "{found} is not {expected} ± {half_digit}"
        );
    }

    const MINUTE: Millis = Millis::from_secs(60);

    // The reference values were computed elsewhere and agree with published worked examples.
    #[test]
    fn erlang_b_gives_the_tables_values() {
        let table = [
            (1.0, 1, 0.5),
            (1.0, 2, 0.2),
            (5.0, 5, 0.284_868),
            (5.0, 10, 0.018_385),
            (10.0, 10, 0.214_582),
            (10.0, 15, 0.036_497),
            (20.0, 30, 0.008_457),
            (50.0, 60, 0.021_668),
            (100.0, 117, 0.009_790),
        ];
        for (traffic, agents, expected) in table {
            near(blocked(traffic, agents), expected, 5e-7);
        }
    }

    #[test]
    fn erlang_c_gives_the_tables_values() {
        let busy = Load::of(360, Millis(30 * MINUTE.0), Millis(4 * MINUTE.0));
        let delay_55 = delay(busy, 55).expect("55 agents keep up with 48 erlangs");
        near(delay_55.waits, 0.238_701, 5e-7);
        near(delay_55.mean_wait, 8.18, 5e-3);
        near(delay_55.answered_within(Millis(15_000)), 0.845_883, 5e-7);
        near(delay_55.occupancy, 0.8727, 5e-5);
        let quiet = Load::of(100, Millis(30 * MINUTE.0), Millis(3 * MINUTE.0));
        let table = [
            (11, 0.6821, 122.78, 0.3896),
            (12, 0.4494, 40.44, 0.6402),
            (13, 0.2853, 17.12, 0.7956),
            (14, 0.1741, 7.84, 0.8884),
            (15, 0.1020, 3.67, 0.9415),
        ];
        for (agents, waits, mean_wait, answered) in table {
            let found = delay(quiet, agents).expect("they keep up with 10 erlangs");
            near(found.waits, waits, 5e-5);
            near(found.mean_wait, mean_wait, 5e-3);
            near(found.answered_within(Millis(20_000)), answered, 5e-5);
        }
        let plain = [
            (0.5, 1, 0.5),
            (1.0, 2, 0.333_333),
            (5.0, 6, 0.587_516),
            (5.0, 8, 0.167_267),
            (8.0, 10, 0.409_180),
            (90.0, 100, 0.216_940),
        ];
        for (traffic, agents, expected) in plain {
            let load = Load {
                arrivals: traffic,
                handling: 1.0,
            };
            near(delay(load, agents).expect("they keep up").waits, expected, 5e-7);
        }
        assert_eq!(delay(quiet, 10), None);
    }

    #[test]
    fn erlang_a_gives_the_tables_values() {
        let quiet = Load::of(100, Millis(30 * MINUTE.0), Millis(3 * MINUTE.0));
        let table = [
            (8, 0.25798, 30.96, 0.9275),
            (10, 0.13746, 16.50, 0.8625),
            (12, 0.06160, 7.39, 0.7820),
        ];
        for (agents, abandons, mean_wait, occupancy) in table {
            let found = impatience(quiet, agents, 120.0);
            near(found.abandons, abandons, 5e-6);
            near(found.mean_wait, mean_wait, 5e-3);
            near(found.occupancy, occupancy, 5e-5);
        }
        let large = Load::of(100, MINUTE, MINUTE);
        for (agents, abandons, mean_wait) in
            [(90, 0.10336, 12.40), (100, 0.03303, 3.96), (110, 0.00599, 0.72)]
        {
            let found = impatience(large, agents, 120.0);
            near(found.abandons, abandons, 5e-6);
            near(found.mean_wait, mean_wait, 5e-3);
        }
        let busy = Load::of(360, Millis(30 * MINUTE.0), Millis(4 * MINUTE.0));
        for (agents, abandons) in [(45, 0.09778), (48, 0.06159), (50, 0.04301)] {
            near(impatience(busy, agents, 180.0).abandons, abandons, 5e-6);
        }
    }

    #[test]
    fn endless_patience_is_erlang_c_and_none_is_erlang_b() {
        let load = Load::of(100, Millis(30 * MINUTE.0), Millis(3 * MINUTE.0));
        let patient = impatience(load, 14, 1e9);
        let delay = delay(load, 14).expect("they keep up");
        near(patient.mean_wait, delay.mean_wait, 1e-3);
        let none = impatience(load, 14, 1e-9);
        near(none.abandons, blocked(load.traffic(), 14), 1e-6);
    }

    #[test]
    fn priorities_share_the_mean_wait_of_all() {
        let (arrivals, handling, agents) = ([0.02, 0.03], 180.0, 11);
        let waits = waits_by_priority(&arrivals, handling, agents).expect("they keep up");
        assert!(waits[0] < waits[1], "{waits:?}");
        let all = Load {
            arrivals: 0.05,
            handling,
        };
        let mean = (0.02 * waits[0] + 0.03 * waits[1]) / 0.05;
        near(mean, delay(all, agents).expect("they keep up").mean_wait, 1e-9);
        assert_eq!(waits_by_priority(&arrivals, handling, 9), None);
    }

    #[test]
    fn the_fewest_agents_are_found() {
        let load = Load::of(100, Millis(30 * MINUTE.0), Millis(3 * MINUTE.0));
        let within = Millis(20_000);
        assert_eq!(agents_needed(load, 0.8, within, 1.0), Some(14));
        assert_eq!(agents_needed(load, 0.8, within, 0.7), Some(15));
        assert_eq!(agents_needed(load, 1.5, within, 1.0), None);
        let nothing = Load::of(0, MINUTE, MINUTE);
        assert_eq!(agents_needed(nothing, 0.8, within, 0.85), Some(1));
        assert_eq!(impatience(nothing, 1, 60.0).abandons, 0.0);
        near(impatience(load, 0, 60.0).abandons, 1.0, 1e-6);
    }
}
