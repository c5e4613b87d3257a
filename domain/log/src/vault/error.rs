//! What can go wrong in the vault, one enum per operation.

use std::error::Error;
use std::path::PathBuf;

use domain_model::ids::{PersonId, TenantId};

use super::KeyId;

/// Why the root key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The vault is there and its root key is not: its disk is not mounted, or the file was lost.
    #[error("the root key {path} is missing, and the vault cannot be opened without it")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Not a key.
    #[error("the root key {path} has {length} bytes, 32 are expected")]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// How long it is.
        length: u64,
    },
    /// Somebody else than its owner may use the file.
    #[error("the root key {path} has mode {mode:04o}: only its owner may have access (0600 or 0400)")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file could not be read or written.
    #[error("the root key {path} could not be read or written")]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        source: std::io::Error,
    },
}

/// Why the vault could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The root key cannot be used.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// The root key is not the one that the vault was made with or last rotated to.
    #[error("the root key {root_key} does not belong to the vault {database}")]
    WrongRootKey {
        /// The vault.
        database: PathBuf,
        /// The file with the key.
        root_key: PathBuf,
    },
    /// Another process has the vault open, and two would not know of each other's erasures.
    #[error("the vault {database} is in use by another process")]
    Busy {
        /// The vault.
        database: PathBuf,
    },
    /// The file is no vault, or one of a later build.
    #[error("{database} is no vault that this build can read: its format is {found}, {expected} is expected")]
    UnknownFormat {
        /// The file.
        database: PathBuf,
        /// The format found.
        found: String,
        /// The format of this build.
        expected: u32,
    },
    /// Something below the vault broke.
    #[error("the vault {database} could not be opened")]
    Failed {
        /// The vault.
        database: PathBuf,
        /// What broke.
        source: VaultFailure,
    },
}

/// What broke below the vault.
#[derive(Debug, thiserror::Error)]
pub enum VaultFailure {
    /// A row is not as the vault wrote it. Nothing of it is used.
    #[error("the vault is damaged or was tampered with: {row} of tenant {tenant} does not check")]
    Tampered {
        /// Which row.
        row: String,
        /// Whose.
        tenant: String,
    },
    /// The database did not do what it was asked. Trying again may help.
    #[error("the vault's database failed")]
    Database {
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// There were no random bytes. Trying again may help.
    #[error("the system gave no random bytes")]
    Chance {
        /// What it said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A file beside the database could not be written.
    #[error("{path} could not be written")]
    File {
        /// The file.
        path: PathBuf,
        /// What the disk said.
        source: std::io::Error,
    },
}

impl VaultFailure {
    pub(super) fn tampered(tenant: &TenantId, row: impl Into<String>) -> Self {
        Self::Tampered {
            row: row.into(),
            tenant: tenant.to_string(),
        }
    }

    pub(super) fn database(source: rusqlite::Error) -> Self {
        Self::Database {
            source: Box::new(source),
        }
    }
}

/// Why a value was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The person was erased; whoever they are now has another id.
    #[error("person {person} was erased, and nothing new may be kept of them")]
    Erased {
        /// The person.
        person: PersonId,
    },
    /// The value is longer than an event may be.
    #[error("a personal value has {length} bytes, {max} are allowed")]
    TooLong {
        /// How long it is.
        length: usize,
        /// How long it may be.
        max: usize,
    },
    /// Something below the vault broke.
    #[error("a personal value could not be sealed")]
    Failed(#[from] VaultFailure),
}

/// Why a sealed value was not opened. That its person was erased is an answer, not an error.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The key is neither there nor was it destroyed: keys were lost, for example to an old backup of the vault.
    #[error("key {key} is missing from the vault, and no erasure accounts for it")]
    Missing {
        /// The key.
        key: KeyId,
    },
    /// What was sealed under the key was something else, of somebody else or in another place.
    #[error("what was sealed under key {key} was changed or moved")]
    Displaced {
        /// The key.
        key: KeyId,
    },
    /// Too short for a sealed value.
    #[error("this is no sealed value: it has {length} bytes, at least {min} are expected")]
    TooShort {
        /// How long it is.
        length: usize,
        /// How long the shortest is.
        min: usize,
    },
    /// Something below the vault broke.
    #[error("a sealed value could not be opened")]
    Failed(#[from] VaultFailure),
}

/// Why a person was not erased.
#[derive(Debug, thiserror::Error)]
pub enum DestroyError {
    /// There is nothing to destroy; most likely the id or the tenant is wrong.
    #[error("the vault of tenant {tenant} knows nothing of person {person}")]
    Unknown {
        /// The tenant.
        tenant: TenantId,
        /// The person.
        person: PersonId,
    },
    /// Something below the vault broke. No key was destroyed.
    #[error("the person's keys could not be destroyed")]
    Failed(#[from] VaultFailure),
}

/// Why the root key stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum RotateRootError {
    /// The new key could not be put beside or in place of the old one.
    #[error(transparent)]
    RootKey(#[from] RootKeyError),
    /// Something below the vault broke.
    #[error("the tenants' keys could not be wrapped anew")]
    Failed(#[from] VaultFailure),
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file already, and no backup is ever written over.
    #[error("{path} exists already")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Something below the vault broke.
    #[error("the vault could not be copied")]
    Failed(#[from] VaultFailure),
}
