//! New keys for old: a person's, a tenant's, the root.

use domain_model::ids::{PersonId, TenantId};

use super::crypt::{Cipher, Secret};
use super::root::RootKey;
use super::rows::{self, TenantRow};
use super::{KeyId, RotateRootError, SealError, Store, TenantKeys, Vault, VaultFailure, start};

// Keys wrapped anew between two looks at the tables; keeps the memory of a rotation small.
const REWRAP_AT_ONCE: u32 = 512;

impl Vault {
    /// Gives a person a new key, which seals from now on; the older ones still open what they sealed.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn rotate_person(&self, tenant: &TenantId, person: PersonId) -> Result<KeyId, SealError> {
        let mut store = self.store();
        let keys = self.tenant(&mut store, tenant)?;
        let generation =
            match rows::newest_key(&store.connection, tenant, person).map_err(VaultFailure::database)? {
                Some(row) => row.generation.saturating_add(1),
                None => {
                    self.refuse_erased(&store, &keys, tenant, person)?;
                    0
                }
            };
        let key = self.add_key(&store.connection, &keys, tenant, person, generation)?;
        self.remember(&key, true);
        Ok(key.id)
    }

    /// Gives a tenant a new key and wraps every key of its persons by it. Returns how many there were.
    ///
    /// What is sealed stays as it is. Sealing goes on meanwhile for persons whose keys are in memory; others wait.
    ///
    /// # Errors
    /// [`VaultFailure`]; then the old key is still the tenant's.
    pub fn rotate_tenant(&self, tenant: &TenantId) -> Result<u64, VaultFailure> {
        let mut store = self.store();
        let Some(old) = self.known_tenant(&store, tenant)? else {
            return Ok(0);
        };
        let secret = self.chance.secret()?;
        let generation = old.generation.saturating_add(1);
        let new = TenantKeys {
            generation,
            wrapping: Cipher::new(&secret),
            indexing: Secret::new(zeroize::Zeroizing::new(*old.indexing.bytes())),
        };
        let Store { connection, root } = &mut *store;
        let rotating = connection.transaction().map_err(VaultFailure::database)?;
        let row = new.write(&self.chance, root, tenant, &secret)?;
        rows::put_tenant(&rotating, tenant, &row).map_err(VaultFailure::database)?;
        let mut count = 0;
        let mut after = (PersonId::new(uuid::Uuid::nil()), -1);
        loop {
            let keys =
                rows::keys_after(&rotating, tenant, after, REWRAP_AT_ONCE).map_err(VaultFailure::database)?;
            let Some(last) = keys.last() else { break };
            after = (last.person, last.generation.into());
            count += keys.len() as u64;
            for row in &keys {
                let secret = old.unwrap(tenant, row)?;
                let wrapped = new.wrap(&self.chance, tenant, row, &secret)?;
                rows::rewrap_key(&rotating, row.key, &wrapped).map_err(VaultFailure::database)?;
            }
        }
        // A commit that fails may have happened: what is next asked for is read from the tables.
        self.keys().tenants.forget(tenant);
        rotating.commit().map_err(VaultFailure::database)?;
        self.keys().tenants.put(tenant.clone(), std::sync::Arc::new(new));
        Ok(count)
    }

    /// Makes a new root key, wraps every tenant's key by it and puts it in place of the old one.
    ///
    /// Where it is cut off, the next start finishes it. Backups of the vault from before open only with the old root key:
    /// whoever wants them to open keeps it, whoever wants what was erased to be gone from them does not.
    ///
    /// # Errors
    /// [`RotateRootError`]; then either key may be in place, and the next start knows which.
    pub fn rotate_root(&self) -> Result<(), RotateRootError> {
        let mut store = self.store();
        start::settle(&mut store)?;
        let next = store.root.prepare_next(&self.chance.secret()?)?;
        if let Err(refused) = self.wrap_tenants(&mut store, &next) {
            // It may have happened all the same; the tables say under which key they are.
            start::settle(&mut store)?;
            return Err(RotateRootError::Failed(refused));
        }
        // The tables are under the new key from here on, whether its file gets its name now or at the next start.
        store.root = next;
        Ok(store.root.take_over()?)
    }

    pub(super) fn wrap_tenants(&self, store: &mut Store, next: &RootKey) -> Result<(), VaultFailure> {
        let Store { connection, root } = store;
        let rotating = connection.transaction().map_err(VaultFailure::database)?;
        for name in rows::tenants(&rotating).map_err(VaultFailure::database)? {
            let tampered = || VaultFailure::Tampered {
                row: "the tenant's key".to_owned(),
                tenant: name.clone(),
            };
            let tenant = TenantId::new(&name).map_err(|_| tampered())?;
            let row = rows::tenant(&rotating, &tenant)
                .map_err(VaultFailure::database)?
                .ok_or_else(tampered)?;
            let bound = TenantKeys::wrapping_bound(&tenant, row.generation);
            let secret = root.cipher.unwrap(&bound, &row.wrapping).ok_or_else(tampered)?;
            let row = TenantRow {
                wrapping: next.cipher.wrap(self.chance.nonce()?, &bound, &secret),
                ..row
            };
            rows::put_tenant(&rotating, &tenant, &row).map_err(VaultFailure::database)?;
        }
        if let Some((id, _)) = rows::check(&rotating).map_err(VaultFailure::database)? {
            let value = start::check_value(next, &id, &self.chance)?;
            rows::set_check(&rotating, &id, &value).map_err(VaultFailure::database)?;
        }
        rotating.commit().map_err(VaultFailure::database)
    }
}
