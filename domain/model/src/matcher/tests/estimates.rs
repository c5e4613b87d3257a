use super::*;
use crate::matcher::estimate::{ENOUGH, Estimates, TELLS_FOR};

/// Draws numbers that look like chance, the same each time.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 1.0) / ((1_u64 << 53) as f64 + 1.0)
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.next().ln()
    }
}

/// Plays M/M/n, first come, first served, and returns how many of those who waited were told an estimate, and how many
/// of these waited no longer.
fn play(agents: usize, load: f64, callers: usize, seed: u64) -> (usize, usize) {
    let (mut draw, talk) = (Draw(seed), 180.0);
    let mut free_at = vec![0.0_f64; agents];
    let (mut now, mut told, mut kept) = (0.0, 0, 0);
    let mut estimates = Estimates::default();
    // Who waits: when they will be answered, and what is learned then.
    let mut waiting: Vec<(f64, u32, f64)> = Vec::new();
    for _ in 0..callers {
        now += draw.exponential(talk / (load * agents as f64));
        waiting.sort_by(|a, b| a.0.total_cmp(&b.0));
        while waiting.first().is_some_and(|(answered, ..)| *answered <= now) {
            let (answered, place, wait) = waiting.remove(0);
            estimates.learn(place, millis(wait), moment(answered));
        }
        free_at.sort_by(f64::total_cmp);
        let begins = free_at[0].max(now);
        free_at[0] = begins + draw.exponential(talk);
        let wait = begins - now;
        if wait > 0.0 {
            let place = u32::try_from(waiting.len() + 1).expect("a few");
            if let Some(estimate) = estimates.estimate(place, moment(now)) {
                told += 1;
                kept += usize::from(millis(wait) <= estimate);
            }
            waiting.push((begins, place, wait));
        }
    }
    (told, kept)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a story, none below zero"
)]
fn millis(seconds: f64) -> Millis {
    Millis((seconds * 1000.0) as u64)
}

fn moment(seconds: f64) -> Timestamp {
    at(0).plus(millis(seconds))
}

#[test]
fn four_of_five_callers_wait_no_longer_than_they_were_told() {
    for (agents, load, seed) in [(1, 0.8, 1), (5, 0.9, 2), (20, 0.95, 3), (50, 0.97, 4)] {
        let (told, kept) = play(agents, load, 40_000, seed);
        let share = kept as f64 / told as f64;
        assert!(told > 5_000, "{told} were told something");
        assert!(
            (0.77..=0.84).contains(&share),
            "{agents} agents at {load}: {share}"
        );
    }
}

#[test]
fn too_little_or_too_old_is_no_estimate() {
    let mut estimates = Estimates::default();
    for n in 1..ENOUGH {
        estimates.learn(1, Millis::from_secs(30), at(i64::try_from(n).expect("a few")));
    }
    assert_eq!(estimates.estimate(1, at(60)), None);
    estimates.learn(1, Millis::from_secs(30), at(60));
    assert_eq!(estimates.estimate(1, at(60)), Some(Millis::from_secs(30)));
    assert_eq!(
        estimates.estimate(2, at(60)),
        Some(Millis::from_secs(60)),
        "twice as far, twice as long"
    );
    assert_eq!(estimates.estimate(3, at(60)), None, "nothing is known of that");
    assert_eq!(estimates.estimate(1, at(60).plus(TELLS_FOR)), None);
}
