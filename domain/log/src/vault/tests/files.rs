//! The vault's files: the root key, the lock, the format, backups, and what erasing leaves in them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn refused(place: &Place) -> String {
    let refused = Vault::open(&place.database(), &place.root_key()).expect_err("it must not open");
    refused
        .to_string()
        .replace(&place.folder.path().display().to_string(), "…")
}

#[test]
fn files_are_made_for_their_owner_alone() {
    let place = Place::new();
    drop(place.open());
    for path in [place.database(), place.root_key()] {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
    assert_eq!(fs::read(place.root_key()).unwrap().len(), 32);
}

#[test]
fn a_root_key_that_cannot_be_right_stops_the_start() {
    let place = Place::new();
    drop(place.open());
    fs::set_permissions(place.root_key(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        refused(&place),
        "the root key …/root.key has mode 0644: only its owner may have access (0600 or 0400)"
    );
    fs::set_permissions(place.root_key(), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(place.root_key(), [7; 31]).unwrap();
    assert_eq!(
        refused(&place),
        "the root key …/root.key has 31 bytes, 32 are expected"
    );
    fs::write(place.root_key(), [7; 32]).unwrap();
    assert_eq!(
        refused(&place),
        "the root key …/root.key does not belong to the vault …/vault.db"
    );
    fs::remove_file(place.root_key()).unwrap();
    assert_eq!(
        refused(&place),
        "the root key …/root.key is missing, and the vault cannot be opened without it"
    );
    assert!(
        !place.root_key().exists(),
        "no new key is made for a vault that has one"
    );
}

#[test]
fn a_first_start_that_was_cut_off_is_finished() {
    let place = Place::new();
    drop(place.open());
    fs::write(place.database(), b"").unwrap();
    let key = fs::read(place.root_key()).unwrap();
    let vault = place.open();
    vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    assert_eq!(fs::read(place.root_key()).unwrap(), key);
}

#[test]
fn a_vault_is_open_once() {
    let place = Place::new();
    let first = place.open();
    assert_eq!(
        refused(&place),
        "the vault …/vault.db is in use by another process"
    );
    drop(first);
    drop(place.open());
}

#[test]
fn a_file_that_is_no_vault_of_ours_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    let other = rusqlite::Connection::open(place.database()).unwrap();
    other.pragma_update(None, "user_version", 2).unwrap();
    drop(other);
    assert_eq!(
        refused(&place),
        "…/vault.db is no vault that this build can read: its format is 2, 1 is expected"
    );
    fs::write(place.database(), [b'x'; 4096]).unwrap();
    assert_eq!(
        refused(&place),
        "…/vault.db is no vault that this build can read: its format is not SQLite's, 1 is expected"
    );
    assert_eq!(fs::read(place.database()).unwrap(), [b'x'; 4096]);
}

#[test]
fn a_root_rotation_that_was_cut_off_is_finished_at_the_next_start() {
    let place = Place::new();
    let vault = place.open();
    let sealed = vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    let before = fs::read(place.root_key()).unwrap();

    let next = {
        let store = vault.store();
        store.root.prepare_next(&vault.chance.secret().unwrap()).unwrap()
    };
    drop(vault);
    let vault = place.open();
    assert_eq!(fs::read(place.root_key()).unwrap(), before, "cut off before");
    assert_eq!(vault.unseal(&acme(), ann(), b"", &sealed).unwrap(), plain("Ann"));

    vault.wrap_tenants(&mut vault.store(), &next).unwrap();
    drop(vault);
    let vault = place.open();
    assert_ne!(fs::read(place.root_key()).unwrap(), before, "cut off after");
    assert_eq!(vault.unseal(&acme(), ann(), b"", &sealed).unwrap(), plain("Ann"));

    vault.rotate_root().unwrap();
    drop(vault);
    assert_eq!(
        place.open().unseal(&acme(), ann(), b"", &sealed).unwrap(),
        plain("Ann")
    );
}

#[test]
fn a_backup_opens_and_what_was_erased_since_is_erased_in_it_again() {
    let place = Place::new();
    let vault = place.open();
    let sealed = vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    let copy = place.folder.path().join("backup.db");
    vault.backup_to(&copy).unwrap();
    assert!(matches!(vault.backup_to(&copy), Err(BackupError::Exists { .. })));
    // A second key and a second person, of whom the backup knows nothing.
    vault.rotate_person(&acme(), ann()).unwrap();
    let later = vault.seal(&acme(), ann(), b"", b"Ann again").unwrap();
    let bobs = vault.seal(&acme(), bob(), b"", b"Bob").unwrap();
    let anns_end = vault.destroy(&acme(), ann(), noon()).unwrap();
    let bobs_end = vault.destroy(&acme(), bob(), noon()).unwrap();
    drop(vault);

    let restored = Vault::open(&copy, &place.root_key()).unwrap();
    assert_eq!(
        restored.unseal(&acme(), ann(), b"", &sealed).unwrap(),
        plain("Ann")
    );
    assert!(matches!(
        restored.unseal(&acme(), bob(), b"", &bobs),
        Err(UnsealError::Missing { .. })
    ));
    assert_eq!(
        restored.destroy_again(&acme(), ann(), &anns_end).unwrap(),
        anns_end
    );
    assert_eq!(
        restored.destroy_again(&acme(), bob(), &bobs_end).unwrap(),
        bobs_end
    );
    for (whose, text) in [(ann(), &sealed), (ann(), &later), (bob(), &bobs)] {
        assert_eq!(
            restored.unseal(&acme(), whose, b"", text).unwrap(),
            Unsealed::Erased
        );
    }
}

// Enough persons for pages to be split, filled and emptied; then a few are erased, and every byte of every file is read.
#[test]
fn what_was_destroyed_stands_in_no_file_any_more() {
    const PERSONS: u32 = 1500;
    let place = Place::new();
    let vault = place.open();
    vault
        .store()
        .connection
        .execute_batch("PRAGMA synchronous = OFF")
        .unwrap();
    let persons: Vec<PersonId> = (0..PERSONS)
        .map(|n| {
            let person = vault.person_for(&acme(), "phone", &n.to_be_bytes()).unwrap();
            vault.seal(&acme(), person, b"", b"x").unwrap();
            person
        })
        .collect();
    vault.rotate_tenant(&acme()).unwrap();
    vault
        .store()
        .connection
        .execute_batch("PRAGMA synchronous = EXTRA")
        .unwrap();

    let erased: Vec<PersonId> = persons.iter().copied().step_by(37).collect();
    let mut traces: Vec<Vec<u8>> = Vec::new();
    for person in &erased {
        let store = vault.store();
        let row = rows::newest_key(&store.connection, &acme(), *person)
            .unwrap()
            .unwrap();
        traces.push(row.wrapped);
        let code: Vec<u8> = store
            .connection
            .query_row(
                "SELECT handle FROM directory WHERE person = ?",
                [person.uuid().as_bytes()],
                |row| row.get(0),
            )
            .unwrap();
        traces.push(code);
    }
    let stands = |traces: &[Vec<u8>]| {
        let files: Vec<Vec<u8>> = fs::read_dir(place.folder.path())
            .unwrap()
            .map(|file| fs::read(file.unwrap().path()).unwrap())
            .collect();
        let found = |trace: &&Vec<u8>| {
            files
                .iter()
                .any(|file| file.windows(trace.len()).any(|window| window == trace.as_slice()))
        };
        traces.iter().filter(found).count()
    };
    let few = &traces[..6];
    assert_eq!(stands(few), 6, "the search finds what is there");
    for person in &erased {
        vault.destroy(&acme(), *person, noon()).unwrap();
    }
    assert_eq!(stands(&traces), 0, "while the vault is open");
    drop(vault);
    assert_eq!(stands(&traces), 0, "after it was closed");
}
