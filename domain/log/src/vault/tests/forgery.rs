//! Rows that somebody changed behind the vault's back.

use super::*;

// Makes a vault with two persons of one tenant, changes it by hand, and says what asking for Ann gives then.
fn after(change: &str) -> (Result<Unsealed, UnsealError>, Result<PersonId, VaultFailure>) {
    let place = Place::new();
    let vault = place.open();
    let caller = vault.person_for(&acme(), "phone", b"1").unwrap();
    let other = vault.person_for(&acme(), "phone", b"2").unwrap();
    let sealed = vault.seal(&acme(), caller, b"", b"Ann").unwrap();
    vault.seal(&acme(), other, b"", b"Bob").unwrap();
    let hex = |person: PersonId| format!("x'{}'", person.uuid().simple());
    vault
        .store()
        .connection
        .execute_batch(&change.replace("$ann", &hex(caller)).replace("$bob", &hex(other)))
        .unwrap();
    drop(vault);
    let vault = place.open();
    (
        vault.unseal(&acme(), caller, b"", &sealed),
        vault.person_for(&acme(), "phone", b"1"),
    )
}

fn tampered<T>(outcome: Result<T, VaultFailure>, row: &str) {
    match outcome {
        Err(VaultFailure::Tampered { row: found, .. }) => {
            assert!(found.starts_with(row), "{found}");
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nobody noticed, {row}"),
    }
}

fn failure(outcome: Result<Unsealed, UnsealError>) -> Result<Unsealed, VaultFailure> {
    match outcome {
        Err(UnsealError::Failed(failure)) => Err(failure),
        Err(other) => panic!("{other}"),
        Ok(opened) => Ok(opened),
    }
}

#[test]
fn an_untouched_vault_checks() {
    let (opened, person) = after("");
    assert_eq!(opened.unwrap(), plain("Ann"));
    assert!(person.is_ok());
}

#[test]
fn a_changed_key_is_noticed() {
    for change in [
        "UPDATE person_key SET wrapped = zeroblob(60)",
        "UPDATE person_key SET wrapped = x''",
        "UPDATE person_key SET generation = 7 WHERE person = $ann",
        "UPDATE person_key SET wrapped = (SELECT wrapped FROM person_key WHERE person = $bob)",
    ] {
        tampered(failure(after(change).0), "key ");
    }
    let (stolen, _) =
        after("UPDATE person_key SET person = x'00000000000000000000000000000000' WHERE person = $ann");
    assert!(matches!(stolen, Err(UnsealError::Displaced { .. })), "{stolen:?}");
}

#[test]
fn a_changed_tenant_is_noticed() {
    for change in [
        "UPDATE tenant SET wrapping = zeroblob(60)",
        "UPDATE tenant SET indexing = wrapping",
        "UPDATE tenant SET generation = 1",
    ] {
        tampered(failure(after(change).0), "the tenant's key");
    }
}

#[test]
fn a_changed_directory_is_noticed() {
    for change in [
        "UPDATE directory SET person = $bob",
        "UPDATE directory SET tag = zeroblob(32)",
    ] {
        tampered(after(change).1, "a directory entry");
    }
}

#[test]
fn a_forged_erasure_is_noticed() {
    let (opened, _) = after(
        "INSERT INTO tombstone SELECT key, tenant, person, 0, zeroblob(32) FROM person_key;
         DELETE FROM person_key;",
    );
    tampered(failure(opened), "the tombstone of key");

    let vault = Vault::in_memory(1);
    vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    vault.destroy(&acme(), ann(), noon()).unwrap();
    let change = |change: &str| {
        vault.store().connection.execute_batch(change).unwrap();
        vault.standing(&acme(), ann())
    };
    tampered(change("UPDATE erased SET at = at + 1"), "the mark of the erasure");
    tampered(change("DELETE FROM erased"), "the mark of the erasure");
}
