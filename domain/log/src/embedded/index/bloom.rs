//! A Bloom filter: says of most keys that are not in a run that they are not.

/// 10 bits and 7 probes a key let about 1 in 120 foreign keys through.
const BITS_PER_KEY: usize = 10;
const PROBES: u64 = 7;

/// Which keys may be there. Keys are hashes already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bloom {
    words: Vec<u64>,
}

impl Bloom {
    pub(super) fn for_keys(count: usize) -> Self {
        Self {
            words: vec![0; (count * BITS_PER_KEY).div_ceil(64).max(1)],
        }
    }

    pub(super) fn add(&mut self, key: u64) {
        for bit in self.bits(key) {
            self.words[bit / 64] |= 1 << (bit % 64);
        }
    }

    pub(super) fn may_have(&self, key: u64) -> bool {
        self.bits(key)
            .all(|bit| self.words[bit / 64] & (1 << (bit % 64)) != 0)
    }

    // Double hashing over the key's two halves (Kirsch and Mitzenmacher, 2006).
    fn bits(&self, key: u64) -> impl Iterator<Item = usize> + use<> {
        let count = self.words.len() as u64 * 64;
        let step = (key >> 32) | 1;
        (0..PROBES).map(move |probe| {
            let bit = key.wrapping_add(probe.wrapping_mul(step).wrapping_mul(0x9E37_79B9_7F4A_7C15)) % count;
            usize::try_from(bit).expect("a filter fits into memory")
        })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        (rest.is_empty() && !words.is_empty()).then(|| Self {
            words: words.iter().map(|word| u64::from_le_bytes(*word)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::record::StreamKey;

    #[test]
    fn no_key_is_missed_and_few_foreign_ones_pass() {
        let key = |n: usize| StreamKey::of(&format!("call-acme_{n}")).sorted;
        let mut bloom = Bloom::for_keys(10_000);
        (0..10_000).for_each(|n| bloom.add(key(n)));
        assert!((0..10_000).all(|n| bloom.may_have(key(n))));
        let passed = (10_000..110_000).filter(|n| bloom.may_have(key(*n))).count();
        assert!(passed < 2_000, "{passed} of 100000");
        assert_eq!(Bloom::from_bytes(&bloom.to_bytes()), Some(bloom));
    }
}
