//! AES-256-GCM and HMAC-SHA256, with everything they are bound to spelt out.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The length of a key.
pub(super) const KEY_BYTES: usize = 32;
/// The length of a nonce. Random ones are safe for 2^32 texts under one key, far more than one person leaves behind.
pub(super) const NONCE_BYTES: usize = 12;
/// What sealing adds to a text: the nonce in front and the tag behind.
pub(super) const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;

/// A bare key. It is wiped when it is dropped.
pub(super) struct Secret(Zeroizing<[u8; KEY_BYTES]>);

/// A key made ready for sealing. It is wiped when it is dropped.
pub(super) struct Cipher(Aes256Gcm);

impl Secret {
    pub(super) fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Returns the code by which only who has the key can recognise the parts again.
    pub(super) fn tag(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(label, parts).finalize().into_bytes().into()
    }

    /// Says whether a stored code belongs to the parts, in a time that does not depend on the answer.
    pub(super) fn checks(&self, label: &str, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.mac(label, parts).verify_slice(tag).is_ok()
    }

    fn mac(&self, label: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&*self.0)
            .expect("HMAC takes a key of any length");
        mac.update(&bound(label, parts));
        mac
    }
}

impl Cipher {
    pub(super) fn new(secret: &Secret) -> Self {
        Self(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*secret.0)))
    }

    /// Seals a text, bound to what `bound` gave: nonce, ciphertext and tag, one after the other.
    pub(super) fn seal(&self, nonce: [u8; NONCE_BYTES], bound: &[u8], plain: &[u8]) -> Vec<u8> {
        let payload = Payload {
            msg: plain,
            aad: bound,
        };
        let text = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .expect("no text here comes near the cipher's limit of 64 GiB");
        [&nonce[..], &text].concat()
    }

    /// Opens a sealed text; none unless it is as it was sealed, under this key and for the same place.
    pub(super) fn open(&self, bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: text,
            aad: bound,
        };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok()
    }

    /// Wraps a key.
    pub(super) fn wrap(&self, nonce: [u8; NONCE_BYTES], bound: &[u8], secret: &Secret) -> Vec<u8> {
        self.seal(nonce, bound, secret.bytes())
    }

    /// Unwraps a key; none unless it is as it was wrapped.
    pub(super) fn unwrap(&self, bound: &[u8], wrapped: &[u8]) -> Option<Secret> {
        let plain = Zeroizing::new(self.open(bound, wrapped)?);
        let bytes: [u8; KEY_BYTES] = plain.as_slice().try_into().ok()?;
        Some(Secret(Zeroizing::new(bytes)))
    }
}

/// Writes down what a sealed text or a code is bound to, so that no two lists of parts look the same.
pub(crate) fn bound(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("ledgerline/1/{label}\0").into_bytes();
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_only_under_its_key_and_in_its_place() {
        let ours = Cipher::new(&Secret::new(Zeroizing::new([1; 32])));
        let other = Cipher::new(&Secret::new(Zeroizing::new([2; 32])));
        let sealed = ours.seal([3; 12], b"here", b"hello");
        assert_eq!(sealed.len(), 5 + OVERHEAD_BYTES);
        assert_eq!(ours.open(b"here", &sealed), Some(b"hello".to_vec()));
        assert_eq!(ours.open(b"there", &sealed), None);
        assert_eq!(other.open(b"here", &sealed), None);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(ours.open(b"here", &changed), None, "byte {place}");
            assert_eq!(ours.open(b"here", &sealed[..place]), None, "cut at {place}");
        }
    }

    #[test]
    fn no_two_lists_of_parts_are_bound_alike() {
        assert_ne!(bound("x", &[b"ab", b"c"]), bound("x", &[b"a", b"bc"]));
        assert_ne!(bound("x", &[b"ab"]), bound("x", &[b"ab", b""]));
    }
}
