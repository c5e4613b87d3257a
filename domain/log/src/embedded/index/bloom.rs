//! A Bloom filter: says of most keys that are not in a run that they are not.
//!
//! All bits of a key are in one block, so that asking costs one visit to memory (Putze, Sanders and Singler, 2007).

/// 10 bits and 7 probes a key let about 1 in 80 foreign keys through.
const BITS_PER_KEY: usize = 10;
const PROBES: u32 = 7;
/// The words of a block: a line of a processor's cache.
const BLOCK: usize = 8;
/// Each probe takes as many bits of the key as it takes to name one of a block's bits.
const PROBE_BITS: u32 = 9;

/// Which keys may be there. Keys are hashes already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bloom {
    blocks: Vec<[u64; BLOCK]>,
}

impl Bloom {
    pub(super) fn for_keys(count: usize) -> Self {
        Self {
            blocks: vec![[0; BLOCK]; (count * BITS_PER_KEY).div_ceil(64 * BLOCK).max(1)],
        }
    }

    pub(super) fn add(&mut self, key: u64) {
        let block = self.block(key);
        for (word, bit) in bits(key) {
            self.blocks[block][word] |= bit;
        }
    }

    pub(super) fn may_have(&self, key: u64) -> bool {
        let block = &self.blocks[self.block(key)];
        bits(key).all(|(word, bit)| block[word] & bit != 0)
    }

    // The upper half of the key, scaled to the number of blocks.
    fn block(&self, key: u64) -> usize {
        let scaled = (u128::from(key) * self.blocks.len() as u128) >> 64;
        usize::try_from(scaled).expect("a filter fits into memory")
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let words = self.blocks.iter().flatten();
        words.flat_map(|word| word.to_le_bytes()).collect()
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let (blocks, cut) = words.as_chunks::<BLOCK>();
        (rest.is_empty() && cut.is_empty() && !blocks.is_empty()).then(|| Self {
            blocks: blocks.iter().map(|block| block.map(u64::from_le_bytes)).collect(),
        })
    }
}

/// Lists the word and the bit in it of each of a key's probes.
fn bits(key: u64) -> impl Iterator<Item = (usize, u64)> {
    // Mixed, for the key's upper bits say the block, and all that are in one block have these alike.
    let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (0..PROBES).map(move |probe| {
        let bit = (mixed >> (probe * PROBE_BITS)) % (1 << PROBE_BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    })
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
