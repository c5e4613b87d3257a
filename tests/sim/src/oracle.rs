//! The platform against the formulas of queueing: means of batches, and an interval that the formula must lie in.

use std::collections::BTreeMap;

use domain_model::ids::EntryId;
use domain_model::process::AnyEvent;
use domain_model::queue::{Event, LeftBecause, Priority};
use domain_model::staffing::{Load, blocked, delay, impatience, waits_by_priority};
use domain_model::{Millis, Timestamp};

use crate::platform::Recorded;
use crate::play::{Watch, play_long};
use crate::steady::Steady;

const BATCHES: usize = 21;
const BATCH: usize = 4_000;
/// The same where agents are so busy that one burst is felt for long.
const LONG_BATCH: usize = 12_000;
/// Student's t for 20 batches, two-sided: were the seeds not fixed, one figure in a thousand would miss by chance alone.
const T: f64 = 3.88;

/// What became of each caller, in the order in which they were done waiting.
#[derive(Default)]
struct Seen {
    batch: usize,
    waiting: BTreeMap<EntryId, (Timestamp, Priority)>,
    done: Vec<Done>,
}

struct Done {
    wait: f64,
    answered: bool,
    urgent: bool,
}

impl Watch for Seen {
    fn see(&mut self, recorded: &Recorded) {
        let AnyEvent::Queue(_, event) = &recorded.happened.what else {
            return;
        };
        if let Event::Entered {
            entry, priority, at, ..
        } = event
        {
            self.waiting.insert(*entry, (*at, *priority));
        }
        if let Event::Left { entry, why, at, .. } = event
            && let Some((since, priority)) = self.waiting.remove(entry)
        {
            self.done.push(Done {
                wait: at.since(since).0 as f64 / 1000.0,
                answered: matches!(why, LeftBecause::Answered { .. }),
                urgent: priority == Priority::HIGHEST,
            });
        }
    }
}

impl Seen {
    fn of(steady: Steady, batch: usize) -> Self {
        let mut seen = Self {
            batch,
            ..Self::default()
        };
        let moments = steady.moments((BATCHES * batch) as u64);
        play_long(&steady.plan(), moments, &mut seen).expect("it comes to an end");
        assert_eq!(seen.done.len(), BATCHES * batch, "nobody is lost");
        seen
    }

    #[expect(clippy::print_stdout, reason = "whoever runs it by hand reads the figures")]
    /// Expects that a figure of those whom a choice names is as the formula says; the first batch only warms up.
    fn expect(
        &self,
        what: &str,
        formula: f64,
        figure: impl Fn(&[&Done]) -> f64,
        chosen: impl Fn(&Done) -> bool,
    ) {
        let batches = self.done.chunks(self.batch).skip(1).map(|batch| {
            let batch: Vec<&Done> = batch.iter().filter(|done| chosen(done)).collect();
            figure(&batch)
        });
        let figures: Vec<f64> = batches.collect();
        let n = figures.len() as f64;
        let mean = figures.iter().sum::<f64>() / n;
        let spread = figures.iter().map(|figure| (figure - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let half = T * (spread / n).sqrt();
        println!("{what}: {mean:.4} ± {half:.4}, by the formula {formula:.4}");
        assert!(
            (mean - formula).abs() <= half,
            "{what}: {mean} ± {half} does not hold {formula}"
        );
        assert!(half < 0.4 * formula, "{what}: ± {half} says little of {formula}");
    }
}

fn mean_wait(batch: &[&Done]) -> f64 {
    batch.iter().map(|done| done.wait).sum::<f64>() / batch.len() as f64
}

fn share(batch: &[&Done], of: impl Fn(&Done) -> bool) -> f64 {
    batch.iter().filter(|done| of(done)).count() as f64 / batch.len() as f64
}

fn all(_: &Done) -> bool {
    true
}

fn ten_erlangs(agents: u64) -> Steady {
    Steady {
        seed: agents,
        agents,
        gap: Millis(18_000),
        talk: Millis(180_000),
        patience: None,
        urgent: 0,
    }
}

fn load(steady: &Steady) -> Load {
    Load {
        arrivals: 1000.0 / steady.gap.0 as f64,
        handling: steady.talk.0 as f64 / 1000.0,
    }
}

fn agents(steady: &Steady) -> u32 {
    u32::try_from(steady.agents).expect("a few")
}

fn nobody_leaves(steady: Steady, within: Millis, batch: usize) {
    let formula = delay(load(&steady), agents(&steady)).expect("they keep up");
    let seen = Seen::of(steady, batch);
    seen.expect("mean wait, s", formula.mean_wait, mean_wait, all);
    seen.expect(
        "waits at all",
        formula.waits,
        |b| share(b, |done| done.wait > 0.0),
        all,
    );
    let limit = within.0 as f64 / 1000.0;
    seen.expect(
        "answered in time",
        formula.answered_within(within),
        |b| share(b, |done| done.wait <= limit),
        all,
    );
}

#[test]
fn ten_erlangs_and_thirteen_agents_wait_as_erlang_c_says() {
    nobody_leaves(ten_erlangs(13), Millis(20_000), BATCH);
}

#[test]
fn ten_erlangs_and_fourteen_agents_wait_as_erlang_c_says() {
    nobody_leaves(ten_erlangs(14), Millis(20_000), BATCH);
}

#[test]
fn the_published_example_of_55_agents_waits_as_erlang_c_says() {
    let steady = Steady {
        seed: 55,
        agents: 55,
        gap: Millis(5_000),
        talk: Millis(240_000),
        patience: None,
        urgent: 0,
    };
    nobody_leaves(steady, Millis(15_000), LONG_BATCH);
}

fn they_lose_patience(agents: u64) {
    let steady = Steady {
        patience: Some(Millis(120_000)),
        ..ten_erlangs(agents)
    };
    let formula = impatience(load(&steady), self::agents(&steady), 120.0);
    let seen = Seen::of(steady, BATCH);
    seen.expect(
        "abandons",
        formula.abandons,
        |b| share(b, |done| !done.answered),
        all,
    );
    seen.expect("mean wait, s", formula.mean_wait, mean_wait, all);
    seen.expect(
        "waits at all",
        formula.waits,
        |b| share(b, |done| done.wait > 0.0),
        all,
    );
}

#[test]
fn too_few_agents_lose_callers_as_erlang_a_says() {
    they_lose_patience(8);
}

#[test]
fn just_enough_agents_lose_callers_as_erlang_a_says() {
    they_lose_patience(10);
}

#[test]
fn enough_agents_lose_callers_as_erlang_a_says() {
    they_lose_patience(12);
}

#[test]
fn callers_without_patience_are_lost_as_erlang_b_says() {
    let steady = Steady {
        patience: Some(Millis(0)),
        ..ten_erlangs(10)
    };
    let formula = blocked(10.0, 10);
    let seen = Seen::of(steady, BATCH);
    seen.expect("lost", formula, |b| share(b, |done| !done.answered), all);
}

#[test]
fn urgent_callers_wait_less_and_others_longer_as_cobham_says() {
    let steady = Steady {
        urgent: 300,
        ..ten_erlangs(12)
    };
    let arrivals = load(&steady).arrivals;
    let formula = waits_by_priority(&[0.3 * arrivals, 0.7 * arrivals], 180.0, 12).expect("they keep up");
    let seen = Seen::of(steady, LONG_BATCH);
    seen.expect("urgent callers' wait, s", formula[0], mean_wait, |done| {
        done.urgent
    });
    seen.expect("others' wait, s", formula[1], mean_wait, |done| !done.urgent);
}
