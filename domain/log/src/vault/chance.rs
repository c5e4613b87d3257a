//! Where the vault's random bytes come from.

use super::VaultFailure;
use super::crypt::{KEY_BYTES, NONCE_BYTES, Secret};
use domain_model::ids::PersonId;
use zeroize::Zeroizing;

/// The source of keys, nonces and ids.
pub(super) enum Chance {
    /// The operating system's.
    System,
    /// The same bytes for the same seed, so that a simulated history can be repeated. No secret at all.
    #[cfg(any(test, feature = "contract"))]
    Seeded {
        seed: u64,
        drawn: std::sync::atomic::AtomicU64,
    },
}

impl Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), VaultFailure> {
        match self {
            Self::System => getrandom::fill(bytes).map_err(|source| VaultFailure::Chance {
                source: Box::new(source),
            }),
            #[cfg(any(test, feature = "contract"))]
            Self::Seeded { seed, drawn } => {
                use sha2::Digest as _;
                for chunk in bytes.chunks_mut(32) {
                    let draw = drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let block = sha2::Sha256::digest([seed.to_be_bytes(), draw.to_be_bytes()].concat());
                    chunk.copy_from_slice(&block[..chunk.len()]);
                }
                Ok(())
            }
        }
    }

    pub(super) fn nonce(&self) -> Result<[u8; NONCE_BYTES], VaultFailure> {
        let mut bytes = [0; NONCE_BYTES];
        self.fill(&mut bytes).map(|()| bytes)
    }

    pub(super) fn id(&self) -> Result<[u8; 16], VaultFailure> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes).map(|()| bytes)
    }

    pub(super) fn person(&self) -> Result<PersonId, VaultFailure> {
        self.id()
            .map(|bytes| PersonId::new(uuid::Builder::from_random_bytes(bytes).into_uuid()))
    }

    pub(super) fn secret(&self) -> Result<Secret, VaultFailure> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        self.fill(bytes.as_mut_slice()).map(|()| Secret::new(bytes))
    }
}
