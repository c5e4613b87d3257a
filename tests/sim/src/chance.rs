//! Chance that is asked by name, so that taking one part out of a plan changes no other part.

use domain_model::Millis;
use uuid::Uuid;

/// A place in a tree of chance: the same seed and the same names always lead to the same answers.
///
/// Nothing is consumed: whoever asks twice gets the same twice, and whoever wants something else asks under another
/// name ([`Chance::about`]). Not for secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance(u64);

impl Chance {
    /// Begins a tree.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self(mixed(seed ^ 0x4c45_4447_4552_4c4e))
    }

    /// Returns the place under a name and a number.
    #[must_use]
    pub fn about(self, name: &str, number: u64) -> Self {
        let named = name
            .bytes()
            .fold(self.0, |hash, byte| mixed(hash ^ u64::from(byte)));
        Self(mixed(named ^ number.rotate_left(32)))
    }

    /// Returns 64 bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        mixed(self.0)
    }

    /// Returns a number from 0 to below 1.
    #[must_use]
    pub fn unit(self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a number from 0 to below a limit; 0 if the limit is.
    #[must_use]
    pub const fn below(self, limit: u64) -> u64 {
        match self.bits().checked_rem(limit) {
            Some(rest) => rest,
            None => 0,
        }
    }

    /// Says yes so many times in a thousand.
    #[must_use]
    pub const fn per_mille(self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// Returns a time that is exponentially distributed around a mean, which is how calls arrive and often how they last.
    #[must_use]
    pub fn exponential(self, mean: Millis) -> Millis {
        let share = -(1.0 - self.unit()).ln();
        scaled(mean, share)
    }

    /// Returns a time of at least a third of a mean, with a long tail: how long people talk.
    #[must_use]
    pub fn talk(self, mean: Millis) -> Millis {
        let third = Millis(mean.0 / 3);
        Millis(third.0 + self.exponential(Millis(mean.0 - third.0)).0)
    }

    /// Returns an id.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        Uuid::from_u64_pair(self.bits(), Self(self.0 ^ 1).bits())
    }
}

/// Multiplies a length of time.
#[must_use]
pub fn scaled(length: Millis, by: f64) -> Millis {
    Millis((length.0 as f64 * by).round() as u64)
}

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014), after one step of its sequence.
const fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_gives_the_same_and_another_name_another() {
        let chance = Chance::seeded(7);
        assert_eq!(chance.about("caller", 3), chance.about("caller", 3));
        assert_ne!(chance.about("caller", 3).bits(), chance.about("caller", 4).bits());
        assert_ne!(chance.about("caller", 3).bits(), chance.about("talk", 3).bits());
        assert_ne!(Chance::seeded(8).bits(), chance.bits());
    }

    #[test]
    fn times_have_the_mean_asked_for() {
        let (mean, n) = (Millis(10_000), 100_000_u64);
        for draw in [Chance::exponential, Chance::talk] {
            let sum: u64 = (0..n)
                .map(|k| draw(Chance::seeded(1).about("time", k), mean).0)
                .sum();
            assert!((9_900..10_100).contains(&(sum / n)), "{}", sum / n);
        }
        let yes = (0..n).filter(|k| Chance::seeded(2).about("yes", *k).per_mille(250));
        assert!((24_000..26_000).contains(&yes.count()));
    }
}
