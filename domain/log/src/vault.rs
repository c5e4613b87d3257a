//! The key vault: who is whose data subject, and the keys that their personal data is sealed under. It lies outside the
//! log, so that destroying a key erases a person from a log in which nothing ever changes.
//!
//! Keys have three levels. The *root key* is 32 bytes in a file of its own. It wraps one *tenant key* per tenant, and that
//! wraps one *person key* per person and generation. All is AES-256-GCM under random nonces, and every wrapped key is bound
//! to its tenant, person, id and generation, so that a row that was changed or swapped does not open.
//!
//! The *directory* says which person stands behind a handle such as a telephone number. What it holds is the handle's
//! HMAC-SHA256 under a random key of the tenant, never the handle. That key is wrapped by the tenant key and outlives its
//! rotation, because nobody could compute the codes anew.
//!
//! Erasing destroys all of a person's keys and directory entries and leaves a tombstone per key, so that *destroyed* and
//! *lost* are never confused: the first reads back as erased, the second is an error that names the key. Every row that
//! could be forged carries a code under the tenant's key.
//!
//! What a backup of the vault holds of a person is erased when the backup is deleted, or when the root key it was made
//! under is gone ([`Vault::rotate_root`]). A vault restored from one is brought up to date by [`Vault::destroy_again`] with
//! the proofs of erasure since then.
//!
//! All functions here block: sealing and opening take microseconds while the key is in memory, and a disk's time where it
//! is not; a first key is safe on disk before anything is sealed under it. On an async runtime the rest of this crate calls
//! them where that holds up nobody else, and so does whoever asks for [`Vault::person_for`].

mod bury;
mod chance;
pub(crate) mod crypt;
mod error;
mod files;
mod keys;
mod recent;
mod root;
mod rotate;
mod rows;
mod start;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain_model::ids::{InvalidId, PersonId, TenantId};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

pub use bury::{Destroyed, Standing};
pub use error::{
    BackupError, DestroyError, RootKeyError, RotateRootError, SealError, StartError, UnsealError,
    VaultFailure,
};

use chance::Chance;
use crypt::OVERHEAD_BYTES;
use keys::{Keys, TenantKeys};
use root::RootKey;
use rows::Entry;

/// The longest value that is sealed, in bytes: what an event may have.
pub const PLAIN_BYTES_MAX: usize = crate::event_log::EVENT_BYTES_MAX;
/// Person keys kept in memory, at most twice as many for a while; each takes about a kilobyte.
pub const PERSONS_CACHED: usize = 16_384;
/// Tenant keys kept in memory, at most twice as many for a while.
pub const TENANTS_CACHED: usize = 1_024;

const KEY_ID_BYTES: usize = 16;

/// The id of one generation of a person's key: random, in clear in front of everything that the key sealed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId([u8; KEY_ID_BYTES]);

/// What was sealed.
#[derive(Clone, PartialEq, Eq)]
pub enum Unsealed {
    /// The value as it was given.
    Plain(Vec<u8>),
    /// Its key was destroyed with its person's others.
    Erased,
}

/// The key vault; see the module. Shared by reference, safe from any thread.
pub struct Vault {
    store: Mutex<Store>,
    // Taken for a moment only, and after `store` where both are. What is in here was in the tables while `store` was held.
    keys: Mutex<Keys>,
    chance: Chance,
    database: Option<PathBuf>,
}

struct Store {
    connection: Connection,
    root: RootKey,
}

impl Vault {
    fn over(store: Store, chance: Chance, database: Option<PathBuf>) -> Self {
        Self {
            store: Mutex::new(store),
            keys: Mutex::new(Keys::new()),
            chance,
            database,
        }
    }

    /// Says whether a call may wait for a disk; a vault in memory never does.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        self.database.is_some()
    }

    /// Seals a value under a person's newest key, made now if there is none.
    ///
    /// `place`: where the value stands; it opens nowhere else. Returns the key's id, the nonce, the ciphertext and its tag.
    /// # Errors
    /// [`SealError`].
    pub fn seal(
        &self,
        tenant: &TenantId,
        person: PersonId,
        place: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        if plain.len() > PLAIN_BYTES_MAX {
            return Err(SealError::TooLong {
                length: plain.len(),
                max: PLAIN_BYTES_MAX,
            });
        }
        let key = self.newest(tenant, person)?;
        let sealed = key
            .cipher
            .seal(self.chance.nonce()?, &key.value_bound(place), plain);
        Ok([&key.id.0[..], &sealed].concat())
    }

    /// Opens a sealed value.
    ///
    /// # Errors
    /// [`UnsealError`]; that the key was destroyed is an answer, not an error.
    pub fn unseal(
        &self,
        tenant: &TenantId,
        person: PersonId,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Unsealed, UnsealError> {
        let too_short = UnsealError::TooShort {
            length: sealed.len(),
            min: KEY_ID_BYTES + OVERHEAD_BYTES,
        };
        let Some((id, text)) = sealed.split_first_chunk::<KEY_ID_BYTES>() else {
            return Err(too_short);
        };
        if text.len() < OVERHEAD_BYTES {
            return Err(too_short);
        }
        let id = KeyId(*id);
        let Some(key) = self.by_id(tenant, person, id)? else {
            return Ok(Unsealed::Erased);
        };
        if key.tenant != *tenant || key.person != person {
            return Err(UnsealError::Displaced { key: id });
        }
        key.cipher
            .open(&key.value_bound(place), text)
            .map(Unsealed::Plain)
            .ok_or(UnsealError::Displaced { key: id })
    }

    /// Returns the person behind a handle, a new one where nobody knows the handle yet.
    ///
    /// `purpose`: what kind of handle it is, such as `phone` or `email`; the same bytes under two purposes are two persons.
    /// `handle`: in the one form in which it is always asked for, such as E.164. After an erasure the handle leads to
    /// somebody new. A new person's first key is made with them.
    /// # Errors
    /// [`VaultFailure`].
    pub fn person_for(
        &self,
        tenant: &TenantId,
        purpose: &str,
        handle: &[u8],
    ) -> Result<PersonId, VaultFailure> {
        let mut store = self.store();
        let keys = self.tenant(&mut store, tenant)?;
        let code = handle_code(&keys, purpose, handle);
        if let Some(person) = listed(&store, &keys, tenant, &code)? {
            return Ok(person);
        }
        let person = self.chance.person()?;
        let entry = Entry {
            person,
            tag: keys
                .indexing
                .tag("directory entry", &[&code, person.uuid().as_bytes()])
                .to_vec(),
        };
        // Whoever is new is about to be sealed for, and waits for the disk once only.
        let meeting = store.connection.transaction().map_err(VaultFailure::database)?;
        rows::add_entry(&meeting, tenant, &code, &entry).map_err(VaultFailure::database)?;
        let key = self.add_key(&meeting, &keys, tenant, person, 0)?;
        meeting.commit().map_err(VaultFailure::database)?;
        self.remember(&key, true);
        Ok(person)
    }

    /// Returns the person behind a handle, if anybody is.
    ///
    /// # Errors
    /// [`VaultFailure`].
    pub fn find_person(
        &self,
        tenant: &TenantId,
        purpose: &str,
        handle: &[u8],
    ) -> Result<Option<PersonId>, VaultFailure> {
        let store = self.store();
        let Some(keys) = self.known_tenant(&store, tenant)? else {
            return Ok(None);
        };
        listed(&store, &keys, tenant, &handle_code(&keys, purpose, handle))
    }

    /// Copies the vault into a new file, whole or not at all, while it goes on being used.
    ///
    /// The copy holds wrapped keys only: it is worth nothing without the root key, and less than nothing once somebody in it
    /// was erased (see the module). Sealing goes on meanwhile for persons whose keys are in memory; others wait.
    /// # Errors
    /// [`BackupError`].
    pub fn backup_to(&self, path: &Path) -> Result<(), BackupError> {
        let file = |source| VaultFailure::File {
            path: path.to_owned(),
            source,
        };
        if path.try_exists().map_err(file)? {
            return Err(BackupError::Exists {
                path: path.to_owned(),
            });
        }
        let part = files::beside(path, ".part");
        files::remove_if_there(&part).map_err(file)?;
        files::create_private(&part).map_err(file)?;
        let mut copy = Connection::open(&part).map_err(VaultFailure::database)?;
        let store = self.store();
        rusqlite::backup::Backup::new(&store.connection, &mut copy)
            .and_then(|backup| backup.step(-1))
            .map_err(VaultFailure::database)?;
        drop(store);
        copy.close()
            .map_err(|(_, source)| VaultFailure::database(source))?;
        std::fs::File::open(&part)
            .and_then(|copy| copy.sync_all())
            .and_then(|()| files::give_name(&part, path))
            .map_err(file)?;
        Ok(())
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // Whoever panicked with it left at most a transaction behind, which its drop rolled back.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn handle_code(keys: &TenantKeys, purpose: &str, handle: &[u8]) -> [u8; 32] {
    keys.indexing.tag("handle", &[purpose.as_bytes(), handle])
}

fn listed(
    store: &Store,
    keys: &TenantKeys,
    tenant: &TenantId,
    code: &[u8],
) -> Result<Option<PersonId>, VaultFailure> {
    let entry = rows::entry(&store.connection, tenant, code).map_err(VaultFailure::database)?;
    match entry {
        Some(entry) => {
            let person = entry.person.uuid();
            if keys
                .indexing
                .checks("directory entry", &[code, person.as_bytes()], &entry.tag)
            {
                Ok(Some(entry.person))
            } else {
                Err(VaultFailure::tampered(tenant, "a directory entry"))
            }
        }
        None => Ok(None),
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&uuid::Uuid::from_bytes(self.0).simple(), f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl TryFrom<String> for KeyId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        match uuid::Uuid::try_parse(&text) {
            Ok(uuid) => Ok(Self(uuid.into_bytes())),
            Err(_) => Err(InvalidId {
                kind: "KeyId",
                given: text.chars().take(64).collect(),
                expected: "32 hexadecimal digits",
            }),
        }
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.to_string()
    }
}

// Personal data and keys are never printed, whoever asks.
impl fmt::Debug for Unsealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(‹private›)",
            Self::Erased => "Erased",
        })
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault")
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}
