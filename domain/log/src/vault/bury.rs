//! Erasing a person: keys and directory entries go, tombstones stay.

use domain_model::Timestamp;
use domain_model::ids::{PersonId, TenantId};
use serde::{Deserialize, Serialize};

use super::rows::{self, Tombstone};
use super::{DestroyError, KeyId, SealError, Store, TenantKeys, Vault, VaultFailure};

/// What an erasure destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destroyed {
    /// Every key that the person ever had, in order of their ids.
    pub keys: Vec<KeyId>,
    /// When it was done; where it is done again, the first time.
    pub at: Timestamp,
}

/// What the vault knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The keys there are, oldest first.
    pub keys: Vec<KeyId>,
    /// How many handles lead to the person.
    pub handles: u64,
    /// What was destroyed, if the person was erased.
    pub destroyed: Option<Destroyed>,
}

impl Vault {
    /// Returns what the vault knows of a person.
    ///
    /// # Errors
    /// [`VaultFailure`].
    pub fn standing(&self, tenant: &TenantId, person: PersonId) -> Result<Standing, VaultFailure> {
        let store = self.store();
        match self.known_tenant(&store, tenant)? {
            Some(keys) => standing(&store, &keys, tenant, person),
            None => Ok(Standing {
                keys: vec![],
                handles: 0,
                destroyed: None,
            }),
        }
    }

    /// Destroys every key of a person and every handle that leads to them, for ever and in one step.
    ///
    /// Once it returns, nothing sealed for the person opens any more, nothing new can be sealed for them, and their handles
    /// lead to somebody new. Repeating it changes nothing and answers the same.
    /// # Errors
    /// [`DestroyError`].
    pub fn destroy(
        &self,
        tenant: &TenantId,
        person: PersonId,
        at: Timestamp,
    ) -> Result<Destroyed, DestroyError> {
        let known = self.standing(tenant, person)?;
        if known.keys.is_empty() && known.handles == 0 && known.destroyed.is_none() {
            return Err(DestroyError::Unknown {
                tenant: tenant.clone(),
                person,
            });
        }
        Ok(self.bury(tenant, person, at, &[])?)
    }

    /// Destroys again what an earlier erasure destroyed, in a vault that was restored from a backup made before it.
    ///
    /// The keys that were destroyed then are accounted for from now on, whether the backup had them or not.
    /// # Errors
    /// [`VaultFailure`].
    pub fn destroy_again(
        &self,
        tenant: &TenantId,
        person: PersonId,
        earlier: &Destroyed,
    ) -> Result<Destroyed, VaultFailure> {
        self.bury(tenant, person, earlier.at, &earlier.keys)
    }

    fn bury(
        &self,
        tenant: &TenantId,
        person: PersonId,
        at: Timestamp,
        also: &[KeyId],
    ) -> Result<Destroyed, VaultFailure> {
        let mut store = self.store();
        let owner = self.tenant(&mut store, tenant)?;
        let known = standing(&store, &owner, tenant, person)?;
        let at = known.destroyed.as_ref().map_or(at, |earlier| earlier.at);
        let micros = at.micros();
        let mut buried = known.destroyed.clone().map_or(vec![], |earlier| earlier.keys);
        let burying = store.connection.transaction().map_err(VaultFailure::database)?;
        for key in known.keys.iter().chain(also) {
            if buried.contains(key) {
                continue;
            }
            let stone = Tombstone {
                key: *key,
                tenant: tenant.to_string(),
                person,
                at: micros,
                tag: owner
                    .indexing
                    .tag("tombstone", &[&stone_text(*key, person, micros)])
                    .to_vec(),
            };
            rows::add_tombstone(&burying, &stone).map_err(VaultFailure::database)?;
            buried.push(*key);
        }
        rows::delete_keys(&burying, tenant, person).map_err(VaultFailure::database)?;
        rows::delete_entries(&burying, tenant, person).map_err(VaultFailure::database)?;
        if known.destroyed.is_none() {
            let tag = owner.indexing.tag("erased", &[&mark_text(person, micros)]);
            rows::add_erased(&burying, tenant, person, micros, &tag).map_err(VaultFailure::database)?;
        }
        self.forget(tenant, person, &buried);
        burying.commit().map_err(VaultFailure::database)?;
        buried.sort_unstable();
        Ok(Destroyed { keys: buried, at })
    }

    // Before the commit, for one that fails may have happened; whoever asks meanwhile waits for the store.
    fn forget(&self, tenant: &TenantId, person: PersonId, buried: &[KeyId]) {
        let mut keys = self.keys();
        keys.newest.forget(&(tenant.clone(), person));
        for key in buried {
            keys.by_id.forget(key);
        }
    }

    pub(super) fn refuse_erased(
        &self,
        store: &Store,
        keys: &TenantKeys,
        tenant: &TenantId,
        person: PersonId,
    ) -> Result<(), SealError> {
        match erased_at(store, keys, tenant, person)? {
            Some(_) => Err(SealError::Erased { person }),
            None => Ok(()),
        }
    }
}

fn standing(
    store: &Store,
    keys: &TenantKeys,
    tenant: &TenantId,
    person: PersonId,
) -> Result<Standing, VaultFailure> {
    let db = &store.connection;
    let stones = rows::tombstones_of(db, tenant, person).map_err(VaultFailure::database)?;
    for stone in &stones {
        check_tombstone(keys, tenant, stone)?;
    }
    let at = erased_at(store, keys, tenant, person)?;
    if at.is_none() && !stones.is_empty() {
        return Err(VaultFailure::tampered(tenant, mark_of(person)));
    }
    let handles = rows::count_entries(db, tenant, person).map_err(VaultFailure::database)?;
    Ok(Standing {
        keys: rows::keys_of(db, tenant, person).map_err(VaultFailure::database)?,
        handles: handles.unsigned_abs(),
        destroyed: at.map(|at| Destroyed {
            keys: stones.iter().map(|stone| stone.key).collect(),
            at,
        }),
    })
}

fn erased_at(
    store: &Store,
    keys: &TenantKeys,
    tenant: &TenantId,
    person: PersonId,
) -> Result<Option<Timestamp>, VaultFailure> {
    let mark = rows::erased(&store.connection, tenant, person).map_err(VaultFailure::database)?;
    match mark {
        Some((at, tag)) if keys.indexing.checks("erased", &[&mark_text(person, at)], &tag) => {
            Ok(Some(Timestamp::from_micros(at)))
        }
        Some(_) => Err(VaultFailure::tampered(tenant, mark_of(person))),
        None => Ok(None),
    }
}

/// Checks that the vault itself laid a tombstone.
pub(super) fn check_tombstone(
    keys: &TenantKeys,
    tenant: &TenantId,
    stone: &Tombstone,
) -> Result<(), VaultFailure> {
    let text = stone_text(stone.key, stone.person, stone.at);
    if keys.indexing.checks("tombstone", &[&text], &stone.tag) {
        Ok(())
    } else {
        Err(VaultFailure::tampered(
            tenant,
            format!("the tombstone of key {}", stone.key),
        ))
    }
}

fn mark_of(person: PersonId) -> String {
    format!("the mark of the erasure of person {person}")
}

fn mark_text(person: PersonId, at: i64) -> Vec<u8> {
    [&person.uuid().as_bytes()[..], &at.to_be_bytes()].concat()
}

fn stone_text(key: KeyId, person: PersonId, at: i64) -> Vec<u8> {
    [&key.0[..], &mark_text(person, at)].concat()
}
