//! How far the calls of a batch differed from what they are on average, and figures read as if they did not.

use domain_model::Timestamp;

use crate::plan::What;
use crate::steady::Steady;

/// By which share the calls of a batch came further apart than on average, and were longer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Controls {
    gap: f64,
    talk: f64,
}

/// Returns the controls of each batch, by the order in which the calls come.
pub(super) fn controls(steady: &Steady, calls: u64, batch: usize) -> Vec<Controls> {
    let rings = steady.moments(calls).filter_map(|moment| {
        let What::Ring(caller) = moment.what else {
            return None;
        };
        Some((moment.at, caller.talk))
    });
    let rings: Vec<_> = rings.collect();
    let mut before = steady.plan().begins;
    let batches = rings.chunks(batch).map(|batch| {
        let last: Timestamp = batch[batch.len() - 1].0;
        let length = last.since(before).0 as f64;
        before = last;
        let talk: f64 = batch.iter().map(|(_, talk)| talk.0 as f64).sum();
        let n = batch.len() as f64;
        Controls {
            gap: length / n / steady.gap.0 as f64 - 1.0,
            talk: talk / n / steady.talk.0 as f64 - 1.0,
        }
    });
    batches.collect()
}

/// Returns the mean of a figure over batches, had the calls of each been as on average, and its standard deviation.
///
/// Both controls are 0 on average, so that the mean stays what it is; what they explain of the figure no longer widens
/// the interval.
pub(super) fn read_at_means(figures: &[f64], controls: &[Controls]) -> (f64, f64) {
    let n = figures.len() as f64;
    let mean = |of: &dyn Fn(usize) -> f64| (0..figures.len()).map(of).sum::<f64>() / n;
    let (gap, talk) = (
        |place: usize| controls[place].gap,
        |place: usize| controls[place].talk,
    );
    let figure = |place: usize| figures[place];
    let (m, g, t) = (mean(&figure), mean(&gap), mean(&talk));
    let about = |one: &dyn Fn(usize) -> f64, m1: f64, other: &dyn Fn(usize) -> f64, m2: f64| {
        mean(&|place| (one(place) - m1) * (other(place) - m2)) * n
    };
    let (gg, tt, gt) = (
        about(&gap, g, &gap, g),
        about(&talk, t, &talk, t),
        about(&gap, g, &talk, t),
    );
    let (gf, tf, ff) = (
        about(&gap, g, &figure, m),
        about(&talk, t, &figure, m),
        about(&figure, m, &figure, m),
    );
    let determinant = gg * tt - gt * gt;
    let by_gap = (gf * tt - tf * gt) / determinant;
    let by_talk = (tf * gg - gf * gt) / determinant;
    let unexplained = (ff - by_gap * gf - by_talk * tf).max(0.0) / (n - 3.0);
    let reach = 1.0 / n + (g * g * tt - 2.0 * g * t * gt + t * t * gg) / determinant;
    (m - by_gap * g - by_talk * t, (unexplained * reach).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn what_the_calls_explain_widens_no_interval() {
        let draw = |word, n| Chance::seeded(1).about(word, n).unit() - 0.5;
        let controls: Vec<Controls> = (0..40)
            .map(|n| Controls {
                gap: draw("gap", n),
                talk: draw("talk", n),
            })
            .collect();
        let explained = |one: &Controls| 7.0 - 2.0 * one.gap + 3.0 * one.talk;
        let figures: Vec<f64> = controls.iter().map(explained).collect();
        let (mean, deviation) = read_at_means(&figures, &controls);
        assert!(
            (mean - 7.0).abs() < 1e-9 && deviation < 1e-6,
            "{mean} {deviation}"
        );
        // What they do not explain counts in full.
        let noisy = figures
            .iter()
            .zip(0..)
            .map(|(figure, n)| figure + draw("noise", n));
        let (mean, deviation) = read_at_means(&noisy.collect::<Vec<_>>(), &controls);
        assert!((mean - 7.0).abs() < 4.0 * deviation);
        // The noise has a variance of one twelfth.
        let expected = (1.0_f64 / 12.0 / 40.0).sqrt();
        assert!((0.7..1.4).contains(&(deviation / expected)), "{deviation}");
    }
}
