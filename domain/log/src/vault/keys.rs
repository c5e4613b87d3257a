//! The keys of tenants and persons: out of the tables, into memory, and made where there is none.

use std::sync::Arc;

use domain_model::ids::{PersonId, TenantId};
use rusqlite::Connection;

use super::chance::Chance;
use super::crypt::{Cipher, Secret, bound};
use super::recent::Recent;
use super::root::RootKey;
use super::rows::{self, KeyRow, TenantRow};
use super::{
    KeyId, PERSONS_CACHED, SealError, Store, TENANTS_CACHED, UnsealError, Vault, VaultFailure, bury,
};

/// What is kept in memory.
pub(super) struct Keys {
    pub(super) tenants: Recent<TenantId, Arc<TenantKeys>>,
    pub(super) newest: Recent<(TenantId, PersonId), Arc<PersonKey>>,
    pub(super) by_id: Recent<KeyId, Arc<PersonKey>>,
}

/// A tenant's keys, ready for use.
pub(super) struct TenantKeys {
    pub(super) generation: u32,
    pub(super) wrapping: Cipher,
    pub(super) indexing: Secret,
}

/// One generation of a person's key, ready for use.
pub(super) struct PersonKey {
    pub(super) id: KeyId,
    pub(super) tenant: TenantId,
    pub(super) person: PersonId,
    pub(super) cipher: Cipher,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            tenants: Recent::new(TENANTS_CACHED),
            newest: Recent::new(PERSONS_CACHED),
            by_id: Recent::new(PERSONS_CACHED),
        }
    }
}

impl Vault {
    pub(super) fn newest(&self, tenant: &TenantId, person: PersonId) -> Result<Arc<PersonKey>, SealError> {
        let whose = (tenant.clone(), person);
        let cached = self.keys().newest.get(&whose);
        if let Some(key) = cached {
            return Ok(key);
        }
        let mut store = self.store();
        let keys = self.tenant(&mut store, tenant)?;
        let row = rows::newest_key(&store.connection, tenant, person).map_err(VaultFailure::database)?;
        let Some(row) = row else {
            self.refuse_erased(&store, &keys, tenant, person)?;
            let key = self.add_key(&store.connection, &keys, tenant, person, 0)?;
            self.remember(&key, true);
            return Ok(key);
        };
        let key = Arc::new(PersonKey::new(tenant, &row, &keys.unwrap(tenant, &row)?));
        self.remember(&key, true);
        Ok(key)
    }

    // None: the key was destroyed.
    pub(super) fn by_id(
        &self,
        tenant: &TenantId,
        person: PersonId,
        id: KeyId,
    ) -> Result<Option<Arc<PersonKey>>, UnsealError> {
        let cached = self.keys().by_id.get(&id);
        if let Some(key) = cached {
            return Ok(Some(key));
        }
        let store = self.store();
        let keys = self
            .known_tenant(&store, tenant)?
            .ok_or(UnsealError::Missing { key: id })?;
        let row = rows::key(&store.connection, id).map_err(VaultFailure::database)?;
        match row {
            Some(row) if row.tenant == tenant.as_str() && row.person == person => {
                let key = Arc::new(PersonKey::new(tenant, &row, &keys.unwrap(tenant, &row)?));
                self.remember(&key, false);
                Ok(Some(key))
            }
            Some(_) => Err(UnsealError::Displaced { key: id }),
            None => match rows::tombstone(&store.connection, id).map_err(VaultFailure::database)? {
                Some(stone) if stone.tenant == tenant.as_str() && stone.person == person => {
                    bury::check_tombstone(&keys, tenant, &stone)?;
                    Ok(None)
                }
                Some(_) => Err(UnsealError::Displaced { key: id }),
                None => Err(UnsealError::Missing { key: id }),
            },
        }
    }

    /// Puts a new key into the tables; whoever commits them lets it be remembered.
    pub(super) fn add_key(
        &self,
        db: &Connection,
        keys: &TenantKeys,
        tenant: &TenantId,
        person: PersonId,
        generation: u32,
    ) -> Result<Arc<PersonKey>, VaultFailure> {
        let secret = self.chance.secret()?;
        let mut row = KeyRow {
            key: KeyId(self.chance.id()?),
            tenant: tenant.to_string(),
            person,
            generation,
            wrapped: Vec::new(),
        };
        row.wrapped = keys.wrap(&self.chance, tenant, &row, &secret)?;
        rows::add_key(db, &row).map_err(VaultFailure::database)?;
        Ok(Arc::new(PersonKey::new(tenant, &row, &secret)))
    }

    /// Keeps a key in memory. Whoever calls it holds the store, so that what an erasure takes out is not put back.
    pub(super) fn remember(&self, key: &Arc<PersonKey>, newest: bool) {
        let mut keys = self.keys();
        keys.by_id.put(key.id, Arc::clone(key));
        if newest {
            keys.newest.put((key.tenant.clone(), key.person), Arc::clone(key));
        }
    }

    pub(super) fn known_tenant(
        &self,
        store: &Store,
        tenant: &TenantId,
    ) -> Result<Option<Arc<TenantKeys>>, VaultFailure> {
        let cached = self.keys().tenants.get(tenant);
        if cached.is_some() {
            return Ok(cached);
        }
        let Some(row) = rows::tenant(&store.connection, tenant).map_err(VaultFailure::database)? else {
            return Ok(None);
        };
        let keys = Arc::new(TenantKeys::read(&store.root, tenant, &row)?);
        self.keys().tenants.put(tenant.clone(), Arc::clone(&keys));
        Ok(Some(keys))
    }

    pub(super) fn tenant(
        &self,
        store: &mut Store,
        tenant: &TenantId,
    ) -> Result<Arc<TenantKeys>, VaultFailure> {
        if let Some(keys) = self.known_tenant(store, tenant)? {
            return Ok(keys);
        }
        let secret = self.chance.secret()?;
        let keys = TenantKeys {
            generation: 0,
            wrapping: Cipher::new(&secret),
            indexing: self.chance.secret()?,
        };
        let row = keys.write(&self.chance, &store.root, tenant, &secret)?;
        rows::put_tenant(&store.connection, tenant, &row).map_err(VaultFailure::database)?;
        let keys = Arc::new(keys);
        self.keys().tenants.put(tenant.clone(), Arc::clone(&keys));
        Ok(keys)
    }
}

impl TenantKeys {
    fn read(root: &RootKey, tenant: &TenantId, row: &TenantRow) -> Result<Self, VaultFailure> {
        let tampered = || VaultFailure::tampered(tenant, "the tenant's key");
        let wrapping = root
            .cipher
            .unwrap(&Self::wrapping_bound(tenant, row.generation), &row.wrapping)
            .map(|secret| Cipher::new(&secret))
            .ok_or_else(tampered)?;
        let indexing = wrapping
            .unwrap(&Self::indexing_bound(tenant, row.generation), &row.indexing)
            .ok_or_else(tampered)?;
        Ok(Self {
            generation: row.generation,
            wrapping,
            indexing,
        })
    }

    pub(super) fn write(
        &self,
        chance: &Chance,
        root: &RootKey,
        tenant: &TenantId,
        secret: &Secret,
    ) -> Result<TenantRow, VaultFailure> {
        let wrapping = Self::wrapping_bound(tenant, self.generation);
        let indexing = Self::indexing_bound(tenant, self.generation);
        Ok(TenantRow {
            generation: self.generation,
            wrapping: root.cipher.wrap(chance.nonce()?, &wrapping, secret),
            indexing: self.wrapping.wrap(chance.nonce()?, &indexing, &self.indexing),
        })
    }

    pub(super) fn wrap(
        &self,
        chance: &Chance,
        tenant: &TenantId,
        row: &KeyRow,
        secret: &Secret,
    ) -> Result<Vec<u8>, VaultFailure> {
        Ok(self
            .wrapping
            .wrap(chance.nonce()?, &Self::person_bound(tenant, row), secret))
    }

    pub(super) fn unwrap(&self, tenant: &TenantId, row: &KeyRow) -> Result<Secret, VaultFailure> {
        self.wrapping
            .unwrap(&Self::person_bound(tenant, row), &row.wrapped)
            .ok_or_else(|| VaultFailure::tampered(tenant, format!("key {}", row.key)))
    }

    pub(super) fn wrapping_bound(tenant: &TenantId, generation: u32) -> Vec<u8> {
        bound(
            "tenant key",
            &[tenant.as_str().as_bytes(), &generation.to_be_bytes()],
        )
    }

    fn indexing_bound(tenant: &TenantId, generation: u32) -> Vec<u8> {
        bound(
            "directory key",
            &[tenant.as_str().as_bytes(), &generation.to_be_bytes()],
        )
    }

    fn person_bound(tenant: &TenantId, row: &KeyRow) -> Vec<u8> {
        bound(
            "person key",
            &[
                tenant.as_str().as_bytes(),
                row.person.uuid().as_bytes(),
                &row.key.0,
                &row.generation.to_be_bytes(),
            ],
        )
    }
}

impl PersonKey {
    fn new(tenant: &TenantId, row: &KeyRow, secret: &Secret) -> Self {
        Self {
            id: row.key,
            tenant: tenant.clone(),
            person: row.person,
            cipher: Cipher::new(secret),
        }
    }

    pub(super) fn value_bound(&self, place: &[u8]) -> Vec<u8> {
        bound(
            "value",
            &[
                self.tenant.as_str().as_bytes(),
                self.person.uuid().as_bytes(),
                &self.id.0,
                place,
            ],
        )
    }
}
