//! Opening the vault: the file, its lock, its root key and its tables.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::chance::Chance;
use super::crypt::bound;
use super::root::RootKey;
use super::{RootKeyError, RotateRootError, StartError, Store, Vault, VaultFailure, files, rows};

// What the check value says once it is opened; any text would do.
const CHECK: &[u8] = b"this is the right root key";

impl Vault {
    /// Opens the vault, and makes it and its root key where neither is there.
    ///
    /// `database`: on a disk of this machine, for the lock on it is the file system's. `root_key`: a file of 32 bytes that
    /// only its owner may read, outside everything that `database` is backed up with: who has both has everything.
    ///
    /// # Errors
    /// [`StartError`]; nothing was changed unless it is [`StartError::Failed`].
    pub fn open(database: &Path, root_key: &Path) -> Result<Self, StartError> {
        let failed = |source| StartError::Failed {
            database: database.to_owned(),
            source,
        };
        let file = |source| {
            failed(VaultFailure::File {
                path: database.to_owned(),
                source,
            })
        };
        let chance = Chance::System;
        let there = database.try_exists().map_err(file)?;
        let root = match RootKey::load(root_key)? {
            Some(root) => root,
            // A vault whose root key is gone must not be given another one.
            None if there => {
                return Err(StartError::RootKey(RootKeyError::Missing {
                    path: root_key.to_owned(),
                }));
            }
            None => RootKey::create(root_key, &chance.secret().map_err(failed)?)?,
        };
        if !there {
            files::create_private(database).map_err(file)?;
            files::sync_folder_of(database).map_err(file)?;
        }
        let mut connection = open_database(database)?;
        make_tables(&mut connection, database, &root, &chance)?;
        let mut store = Store { connection, root };
        let right = settle(&mut store).map_err(|refused| match refused {
            RotateRootError::RootKey(refused) => StartError::RootKey(refused),
            RotateRootError::Failed(source) => failed(source),
        })?;
        if right {
            Ok(Self::over(store, chance, Some(database.to_owned())))
        } else {
            Err(StartError::WrongRootKey {
                database: database.to_owned(),
                root_key: root_key.to_owned(),
            })
        }
    }

    /// Makes a vault that lives in memory and draws the same keys and ids for the same seed: for simulations and tests,
    /// where it neither waits for a disk nor keeps a secret.
    ///
    /// # Panics
    /// If there is no memory for it.
    #[cfg(any(test, feature = "contract"))]
    #[must_use]
    pub fn in_memory(seed: u64) -> Self {
        let chance = Chance::Seeded {
            seed,
            drawn: std::sync::atomic::AtomicU64::new(0),
        };
        let root = RootKey::in_memory(&chance.secret().expect("it is computed"));
        let mut connection = Connection::open_in_memory().expect("there is memory");
        make_tables(&mut connection, Path::new(":memory:"), &root, &chance).expect("there is memory");
        Self::over(Store { connection, root }, chance, None)
    }
}

fn open_database(database: &Path) -> Result<Connection, StartError> {
    let refused = |refused: rusqlite::Error| match refused.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StartError::Busy {
            database: database.to_owned(),
        },
        Some(ErrorCode::NotADatabase) => StartError::UnknownFormat {
            database: database.to_owned(),
            found: "not SQLite's".to_owned(),
            expected: rows::FORMAT,
        },
        _ => StartError::Failed {
            database: database.to_owned(),
            source: VaultFailure::database(refused),
        },
    };
    let connection = Connection::open(database).map_err(refused)?;
    connection
        .busy_timeout(std::time::Duration::ZERO)
        .map_err(refused)?;
    // One process has the vault: another one's erasure would not empty this one's memory of keys. The journal is cut to
    // nothing after each commit and deleted content overwritten, so that what was destroyed stands in no file.
    // EXTRA: a new key is on disk, directory entry and all, before anything is sealed under it.
    connection
        .execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA journal_mode = TRUNCATE;
             PRAGMA synchronous = EXTRA;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;
             BEGIN EXCLUSIVE;
             COMMIT;",
        )
        .map_err(refused)?;
    Ok(connection)
}

fn make_tables(
    connection: &mut Connection,
    database: &Path,
    root: &RootKey,
    chance: &Chance,
) -> Result<(), StartError> {
    let failed = |source| StartError::Failed {
        database: database.to_owned(),
        source,
    };
    let broken = |source| failed(VaultFailure::database(source));
    let format: u32 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(broken)?;
    if format == rows::FORMAT {
        return Ok(());
    }
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(broken)?;
    if format != 0 || tables != 0 {
        return Err(StartError::UnknownFormat {
            database: database.to_owned(),
            found: format.to_string(),
            expected: rows::FORMAT,
        });
    }
    let making = connection
        .transaction_with_behavior(TransactionBehavior::Exclusive)
        .map_err(broken)?;
    making.execute_batch(rows::TABLES).map_err(broken)?;
    let id = chance.id().map_err(failed)?;
    let value = check_value(root, &id, chance).map_err(failed)?;
    rows::set_check(&making, &id, &value).map_err(broken)?;
    making
        .pragma_update(None, "user_version", rows::FORMAT)
        .map_err(broken)?;
    making.commit().map_err(broken)
}

/// Seals what shows later that a root key is the vault's own.
pub(super) fn check_value(root: &RootKey, id: &[u8], chance: &Chance) -> Result<Vec<u8>, VaultFailure> {
    Ok(root
        .cipher
        .seal(chance.nonce()?, &bound("root key check", &[id]), CHECK))
}

/// Finds out which root key the tables are under, the one at hand or the one that was to follow it, and puts it in place.
/// Returns whether one of them is.
///
/// A rotation puts the new key beside the old one, wraps all anew, and renames. Where it was cut off in between, this is
/// what finishes it.
pub(super) fn settle(store: &mut Store) -> Result<bool, RotateRootError> {
    let (id, value) = rows::check(&store.connection)
        .map_err(VaultFailure::database)?
        .ok_or_else(|| VaultFailure::Tampered {
            row: "the root key's check value".to_owned(),
            tenant: "none".to_owned(),
        })?;
    let fits = |key: &RootKey| {
        key.cipher
            .open(&bound("root key check", &[&id]), &value)
            .is_some()
    };
    if !fits(&store.root) {
        match store.root.next()? {
            Some(next) if fits(&next) => store.root = next,
            Some(_) | None => return Ok(false),
        }
    }
    store.root.take_over()?;
    Ok(true)
}
