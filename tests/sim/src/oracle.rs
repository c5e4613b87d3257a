//! The platform against the formulas of queueing: means of batches, and an interval that the formula must lie in.
//!
//! Most of what differs from batch to batch is how many calls came and how long they were, of which the true means are
//! known. So each figure is read at those means ([`read_at_means`]), which is the usual method of control variates and
//! makes the same interval from a fraction of the calls.

mod controls;
mod table;

use std::collections::BTreeMap;

use domain_model::ids::EntryId;
use domain_model::process::AnyEvent;
use domain_model::queue::{Event, LeftBecause, Priority};
use domain_model::staffing::{Load, waits_by_priority};
use domain_model::{Millis, Timestamp, agent};

use crate::platform::Recorded;
use crate::play::{Watch, play_long};
use crate::steady::Steady;
use controls::{Controls, controls, read_at_means};

const BATCHES: usize = 41;
/// Where agents are so busy that one burst is felt for long.
const LONG_BATCH: usize = 3_000;
/// Student's t for 37 degrees, two-sided: were the seeds not fixed, one figure in a thousand would miss by chance alone.
const T: f64 = 3.574;

/// What became of each caller, in the order in which they were done waiting, and how many agents were occupied meanwhile.
#[derive(Default)]
struct Seen {
    batch: usize,
    controls: Vec<Controls>,
    waiting: BTreeMap<EntryId, (Timestamp, Priority)>,
    done: Vec<Done>,
    occupied: u32,
    // Since when so many are, and the agents' occupied seconds until then.
    since: Option<Timestamp>,
    seconds: f64,
}

struct Done {
    at: Timestamp,
    // The agents' occupied seconds until then.
    occupied: f64,
    wait: f64,
    answered: bool,
    urgent: bool,
}

impl Watch for Seen {
    fn see(&mut self, recorded: &Recorded) {
        let at = recorded.time;
        if let AnyEvent::Agent(_, agent::Event::Reserved { .. } | agent::Event::Begun { .. }) =
            &recorded.happened.what
        {
            self.pass(at);
            self.occupied += 1;
        }
        if let AnyEvent::Agent(_, agent::Event::Released { .. }) = &recorded.happened.what {
            self.pass(at);
            self.occupied -= 1;
        }
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
            self.pass(*at);
            self.done.push(Done {
                at: *at,
                occupied: self.seconds,
                wait: at.since(since).0 as f64 / 1000.0,
                answered: matches!(why, LeftBecause::Answered { .. }),
                urgent: priority == Priority::HIGHEST,
            });
        }
    }
}

impl Seen {
    fn of(steady: Steady, batch: usize) -> Self {
        let calls = (BATCHES * batch) as u64;
        let mut seen = Self {
            batch,
            controls: controls(&steady, calls, batch),
            ..Self::default()
        };
        let moments = steady.moments(calls);
        play_long(&steady.plan(), moments, &mut seen).expect("it comes to an end");
        assert_eq!(seen.done.len(), BATCHES * batch, "nobody is lost");
        seen
    }

    fn pass(&mut self, at: Timestamp) {
        if let Some(since) = self.since {
            self.seconds += f64::from(self.occupied) * at.since(since).0 as f64 / 1000.0;
        }
        self.since = Some(at);
    }

    #[expect(clippy::print_stdout, reason = "whoever runs it by hand reads the figures")]
    /// Expects that a figure of those whom a choice names is as the formula says; the first batch only warms up.
    fn expect(&self, said: &Said, figure: impl Fn(&[&Done]) -> f64, chosen: impl Fn(&Done) -> bool) {
        let Said {
            what,
            formula,
            table,
            within,
            ref mistaken,
        } = *said;
        let batches = self.done.chunks(self.batch).skip(1).map(|batch| {
            let batch: Vec<&Done> = batch.iter().filter(|done| chosen(done)).collect();
            figure(&batch)
        });
        let figures: Vec<f64> = batches.collect();
        let (mean, deviation) = read_at_means(&figures, &self.controls[1..]);
        let half = T * deviation;
        println!("{what}: {mean:.5} ± {half:.5}, by the formula {formula:.6}, by the table {table}");
        assert!(is_rounded(formula, table), "{what}: {formula} is not {table}");
        assert!(
            (mean - formula).abs() <= half,
            "{what}: {mean} ± {half} does not hold {formula}"
        );
        assert!(
            half < within * formula,
            "{what}: ± {half} says little of {formula}"
        );
        for (mistake, figure) in mistaken {
            println!("    with {mistake} it would be {figure:.6}");
            assert!(
                (mean - figure).abs() > half,
                "{what}: nobody would notice {mistake}: {mean} ± {half} holds {figure}"
            );
        }
    }
}

/// What is said of a figure beforehand.
#[derive(Clone)]
struct Said {
    what: &'static str,
    formula: f64,
    /// As it is published, to its last digit; nothing where only the formula is known.
    table: &'static str,
    /// How wide the interval may be to each side, as a share of the formula's figure.
    within: f64,
    /// What it would be if something were wrong, which must be noticed.
    mistaken: Vec<(&'static str, f64)>,
}

// Published figures are rounded, so half of the last digit is allowed.
fn is_rounded(formula: f64, table: &str) -> bool {
    let decimals = table.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let decimals = i32::try_from(decimals).expect("a few digits");
    let published: f64 = if table.is_empty() {
        formula
    } else {
        table.parse().expect("a number")
    };
    (formula - published).abs() <= 0.5001 * 10_f64.powi(-decimals)
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

// The share of their time that agents have something in hand.
fn occupancy(batch: &[&Done], agents: u32) -> f64 {
    let ends = batch.first().zip(batch.last());
    ends.map_or(0.0, |(first, last)| {
        let length = last.at.since(first.at).0 as f64 / 1000.0;
        (last.occupied - first.occupied) / (length * f64::from(agents))
    })
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

#[test]
fn urgent_callers_wait_less_and_others_longer_as_cobham_says() {
    let steady = Steady {
        urgent: 300,
        ..ten_erlangs(12)
    };
    let arrivals = load(&steady).arrivals;
    let formula = waits_by_priority(&[0.3 * arrivals, 0.7 * arrivals], 180.0, 12).expect("they keep up");
    let seen = Seen::of(steady, LONG_BATCH);
    let said = |what, formula| Said {
        what,
        formula,
        table: "",
        within: 0.25,
        mistaken: Vec::new(),
    };
    seen.expect(&said("urgent callers' wait, s", formula[0]), mean_wait, |done| {
        done.urgent
    });
    seen.expect(&said("others' wait, s", formula[1]), mean_wait, |done| {
        !done.urgent
    });
}

#[test]
fn a_published_figure_is_the_formulas_to_its_last_digit() {
    assert!(is_rounded(0.23870, ".2387") && is_rounded(0.238_749, ".2387") && is_rounded(0.2, ""));
    assert!(!is_rounded(0.238_76, ".2387"));
}
