//! The vault's tables, and every statement on them.

use domain_model::ids::{PersonId, TenantId};
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

use super::KeyId;

/// The format of the tables, kept in `user_version`.
pub(super) const FORMAT: u32 = 1;

// Wrapped keys lie in a table that only grows at its end, so that no page split ever leaves a second copy behind.
pub(super) const TABLES: &str = "
    CREATE TABLE vault (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id BLOB NOT NULL,
        check_value BLOB NOT NULL
    ) STRICT;
    CREATE TABLE tenant (
        tenant TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        wrapping BLOB NOT NULL,
        indexing BLOB NOT NULL
    ) STRICT;
    CREATE TABLE person_key (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        key BLOB NOT NULL UNIQUE,
        tenant TEXT NOT NULL,
        person BLOB NOT NULL,
        generation INTEGER NOT NULL,
        wrapped BLOB NOT NULL,
        UNIQUE (tenant, person, generation)
    ) STRICT;
    CREATE TABLE tombstone (
        key BLOB PRIMARY KEY,
        tenant TEXT NOT NULL,
        person BLOB NOT NULL,
        at INTEGER NOT NULL,
        tag BLOB NOT NULL
    ) STRICT;
    CREATE INDEX tombstone_by_person ON tombstone (tenant, person);
    CREATE TABLE erased (
        tenant TEXT NOT NULL,
        person BLOB NOT NULL,
        at INTEGER NOT NULL,
        tag BLOB NOT NULL,
        PRIMARY KEY (tenant, person)
    ) STRICT;
    CREATE TABLE directory (
        tenant TEXT NOT NULL,
        handle BLOB NOT NULL,
        person BLOB NOT NULL,
        tag BLOB NOT NULL,
        PRIMARY KEY (tenant, handle)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX directory_by_person ON directory (tenant, person);
";

pub(super) struct TenantRow {
    pub(super) generation: u32,
    /// The tenant key, wrapped by the root key.
    pub(super) wrapping: Vec<u8>,
    /// The key that recognises handles, wrapped by the tenant key.
    pub(super) indexing: Vec<u8>,
}

pub(super) struct KeyRow {
    pub(super) key: KeyId,
    pub(super) tenant: String,
    pub(super) person: PersonId,
    pub(super) generation: u32,
    pub(super) wrapped: Vec<u8>,
}

pub(super) struct Tombstone {
    pub(super) key: KeyId,
    pub(super) tenant: String,
    pub(super) person: PersonId,
    pub(super) at: i64,
    pub(super) tag: Vec<u8>,
}

pub(super) struct Entry {
    pub(super) person: PersonId,
    pub(super) tag: Vec<u8>,
}

fn person(bytes: [u8; 16]) -> PersonId {
    PersonId::new(uuid::Uuid::from_bytes(bytes))
}

fn key_row(row: &Row<'_>) -> Result<KeyRow> {
    Ok(KeyRow {
        key: KeyId(row.get(0)?),
        tenant: row.get(1)?,
        person: person(row.get(2)?),
        generation: row.get(3)?,
        wrapped: row.get(4)?,
    })
}

fn tombstone_row(row: &Row<'_>) -> Result<Tombstone> {
    Ok(Tombstone {
        key: KeyId(row.get(0)?),
        tenant: row.get(1)?,
        person: person(row.get(2)?),
        at: row.get(3)?,
        tag: row.get(4)?,
    })
}

pub(super) fn set_check(db: &Connection, id: &[u8], value: &[u8]) -> Result<usize> {
    db.prepare("INSERT OR REPLACE INTO vault (one, id, check_value) VALUES (1, ?, ?)")?
        .execute(params![id, value])
}

pub(super) fn check(db: &Connection) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    db.prepare("SELECT id, check_value FROM vault")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

pub(super) fn tenant(db: &Connection, tenant: &TenantId) -> Result<Option<TenantRow>> {
    db.prepare("SELECT generation, wrapping, indexing FROM tenant WHERE tenant = ?")?
        .query_row([tenant.as_str()], |row| {
            Ok(TenantRow {
                generation: row.get(0)?,
                wrapping: row.get(1)?,
                indexing: row.get(2)?,
            })
        })
        .optional()
}

pub(super) fn tenants(db: &Connection) -> Result<Vec<String>> {
    db.prepare("SELECT tenant FROM tenant ORDER BY tenant")?
        .query_map([], |row| row.get(0))?
        .collect()
}

pub(super) fn put_tenant(db: &Connection, tenant: &TenantId, row: &TenantRow) -> Result<usize> {
    db.prepare("INSERT OR REPLACE INTO tenant (tenant, generation, wrapping, indexing) VALUES (?, ?, ?, ?)")?
        .execute(params![
            tenant.as_str(),
            row.generation,
            row.wrapping,
            row.indexing
        ])
}

pub(super) fn key(db: &Connection, key: KeyId) -> Result<Option<KeyRow>> {
    db.prepare("SELECT key, tenant, person, generation, wrapped FROM person_key WHERE key = ?")?
        .query_row([key.0], key_row)
        .optional()
}

pub(super) fn newest_key(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<Option<KeyRow>> {
    db.prepare(
        "SELECT key, tenant, person, generation, wrapped FROM person_key WHERE tenant = ? AND person = ?
         ORDER BY generation DESC LIMIT 1",
    )?
    .query_row(params![tenant.as_str(), person.uuid().as_bytes()], key_row)
    .optional()
}

/// Returns up to `limit` keys of a tenant in the order of person and generation, after the given ones.
pub(super) fn keys_after(
    db: &Connection,
    tenant: &TenantId,
    after: (PersonId, i64),
    limit: u32,
) -> Result<Vec<KeyRow>> {
    db.prepare(
        "SELECT key, tenant, person, generation, wrapped FROM person_key
         WHERE tenant = ? AND (person, generation) > (?, ?) ORDER BY person, generation LIMIT ?",
    )?
    .query_map(
        params![tenant.as_str(), after.0.uuid().as_bytes(), after.1, limit],
        key_row,
    )?
    .collect()
}

pub(super) fn add_key(db: &Connection, row: &KeyRow) -> Result<usize> {
    db.prepare("INSERT INTO person_key (key, tenant, person, generation, wrapped) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![
            row.key.0,
            row.tenant,
            row.person.uuid().as_bytes(),
            row.generation,
            row.wrapped
        ])
}

pub(super) fn rewrap_key(db: &Connection, key: KeyId, wrapped: &[u8]) -> Result<usize> {
    db.prepare("UPDATE person_key SET wrapped = ? WHERE key = ?")?
        .execute(params![wrapped, key.0])
}

pub(super) fn keys_of(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<Vec<KeyId>> {
    db.prepare("SELECT key FROM person_key WHERE tenant = ? AND person = ? ORDER BY generation")?
        .query_map(params![tenant.as_str(), person.uuid().as_bytes()], |row| {
            row.get(0).map(KeyId)
        })?
        .collect()
}

pub(super) fn delete_keys(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<usize> {
    db.prepare("DELETE FROM person_key WHERE tenant = ? AND person = ?")?
        .execute(params![tenant.as_str(), person.uuid().as_bytes()])
}

pub(super) fn add_tombstone(db: &Connection, stone: &Tombstone) -> Result<usize> {
    db.prepare("INSERT INTO tombstone (key, tenant, person, at, tag) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![
            stone.key.0,
            stone.tenant,
            stone.person.uuid().as_bytes(),
            stone.at,
            stone.tag
        ])
}

pub(super) fn tombstone(db: &Connection, key: KeyId) -> Result<Option<Tombstone>> {
    db.prepare("SELECT key, tenant, person, at, tag FROM tombstone WHERE key = ?")?
        .query_row([key.0], tombstone_row)
        .optional()
}

pub(super) fn tombstones_of(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<Vec<Tombstone>> {
    db.prepare(
        "SELECT key, tenant, person, at, tag FROM tombstone WHERE tenant = ? AND person = ? ORDER BY key",
    )?
    .query_map(params![tenant.as_str(), person.uuid().as_bytes()], tombstone_row)?
    .collect()
}

pub(super) fn add_erased(
    db: &Connection,
    tenant: &TenantId,
    person: PersonId,
    at: i64,
    tag: &[u8],
) -> Result<usize> {
    db.prepare("INSERT INTO erased (tenant, person, at, tag) VALUES (?, ?, ?, ?)")?
        .execute(params![tenant.as_str(), person.uuid().as_bytes(), at, tag])
}

pub(super) fn erased(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<Option<(i64, Vec<u8>)>> {
    db.prepare("SELECT at, tag FROM erased WHERE tenant = ? AND person = ?")?
        .query_row(params![tenant.as_str(), person.uuid().as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
}

pub(super) fn entry(db: &Connection, tenant: &TenantId, handle: &[u8]) -> Result<Option<Entry>> {
    db.prepare("SELECT person, tag FROM directory WHERE tenant = ? AND handle = ?")?
        .query_row(params![tenant.as_str(), handle], |row| {
            Ok(Entry {
                person: person(row.get(0)?),
                tag: row.get(1)?,
            })
        })
        .optional()
}

pub(super) fn add_entry(db: &Connection, tenant: &TenantId, handle: &[u8], entry: &Entry) -> Result<usize> {
    db.prepare("INSERT INTO directory (tenant, handle, person, tag) VALUES (?, ?, ?, ?)")?
        .execute(params![
            tenant.as_str(),
            handle,
            entry.person.uuid().as_bytes(),
            entry.tag
        ])
}

pub(super) fn count_entries(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<i64> {
    db.prepare("SELECT count(*) FROM directory WHERE tenant = ? AND person = ?")?
        .query_row(params![tenant.as_str(), person.uuid().as_bytes()], |row| {
            row.get(0)
        })
}

pub(super) fn delete_entries(db: &Connection, tenant: &TenantId, person: PersonId) -> Result<usize> {
    db.prepare("DELETE FROM directory WHERE tenant = ? AND person = ?")?
        .execute(params![tenant.as_str(), person.uuid().as_bytes()])
}
