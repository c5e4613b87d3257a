//! The vault's promises, one test each.

mod files;
mod forgery;
mod history;

use std::path::PathBuf;

use domain_model::Timestamp;
use domain_model::ids::{PersonId, TenantId};
use domain_model::testing::sample::{at, person};

use super::*;

/// A folder with a vault in it, which can be closed and opened again.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("vault.db")
    }

    fn root_key(&self) -> PathBuf {
        self.folder.path().join("root.key")
    }

    fn open(&self) -> Vault {
        Vault::open(&self.database(), &self.root_key()).expect("a vault that opens")
    }
}

fn acme() -> TenantId {
    TenantId::new("acme").expect("a right tenant")
}

fn globex() -> TenantId {
    TenantId::new("globex").expect("a right tenant")
}

fn ann() -> PersonId {
    person(1)
}

fn bob() -> PersonId {
    person(2)
}

fn noon() -> Timestamp {
    at(0)
}

fn plain(text: &str) -> Unsealed {
    Unsealed::Plain(text.as_bytes().to_vec())
}

#[test]
fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
    let vault = Vault::in_memory(1);
    let sealed = vault.seal(&acme(), ann(), b"here", b"+442079460000").unwrap();
    let open = |tenant: &TenantId, person, place: &[u8]| vault.unseal(tenant, person, place, &sealed);
    assert_eq!(open(&acme(), ann(), b"here").unwrap(), plain("+442079460000"));
    vault.seal(&globex(), ann(), b"here", b"x").unwrap();
    for (tenant, person, place) in [
        (acme(), ann(), "there"),
        (acme(), bob(), "here"),
        (globex(), ann(), "here"),
    ] {
        let refused = open(&tenant, person, place.as_bytes()).unwrap_err();
        assert!(matches!(refused, UnsealError::Displaced { .. }), "{refused}");
    }
    assert!(matches!(
        vault.unseal(&acme(), ann(), b"here", &sealed[..43]),
        Err(UnsealError::TooShort { length: 43, min: 44 })
    ));
}

#[test]
fn the_same_value_never_looks_the_same() {
    let vault = Vault::in_memory(1);
    let [one, two] = [(); 2].map(|()| vault.seal(&acme(), ann(), b"", b"Ann").unwrap());
    assert_ne!(one, two);
    assert_eq!(one[..16], two[..16], "the key is the same");
}

#[test]
fn an_erased_person_is_gone_and_nobody_else_is() {
    let place = Place::new();
    let vault = place.open();
    let anns = vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    let bobs = vault.seal(&acme(), bob(), b"", b"Bob").unwrap();
    let namesake = vault.seal(&globex(), ann(), b"", b"Ann of Globex").unwrap();
    let first = vault.standing(&acme(), ann()).unwrap().keys[0];
    let second = vault.rotate_person(&acme(), ann()).unwrap();

    let destroyed = vault.destroy(&acme(), ann(), noon()).unwrap();
    let mut both = vec![first, second];
    both.sort_unstable();
    assert_eq!(
        destroyed,
        Destroyed {
            keys: both,
            at: noon()
        }
    );
    assert_eq!(
        vault.destroy(&acme(), ann(), at(9)).unwrap(),
        destroyed,
        "said twice, done once"
    );

    // In memory and on disk alike.
    drop_and_open(vault, &place, |vault| {
        assert_eq!(
            vault.unseal(&acme(), ann(), b"", &anns).unwrap(),
            Unsealed::Erased
        );
        assert_eq!(vault.unseal(&acme(), bob(), b"", &bobs).unwrap(), plain("Bob"));
        assert_eq!(
            vault.unseal(&globex(), ann(), b"", &namesake).unwrap(),
            plain("Ann of Globex")
        );
        for refused in [
            vault.seal(&acme(), ann(), b"", b"x").map(drop),
            vault.rotate_person(&acme(), ann()).map(drop),
        ] {
            assert!(matches!(refused, Err(SealError::Erased { person }) if person == ann()));
        }
    });
}

fn drop_and_open(vault: Vault, place: &Place, check: impl Fn(&Vault)) {
    check(&vault);
    drop(vault);
    check(&place.open());
}

#[test]
fn a_lost_key_is_an_error_that_names_it_and_never_an_erasure() {
    let place = Place::new();
    let vault = place.open();
    let sealed = vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
    let key = vault.standing(&acme(), ann()).unwrap().keys[0];
    vault
        .store()
        .connection
        .execute("DELETE FROM person_key", [])
        .unwrap();
    drop(vault);
    let refused = place.open().unseal(&acme(), ann(), b"", &sealed).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("key {key} is missing from the vault, and no erasure accounts for it")
    );
}

#[test]
fn nobody_unknown_is_erased_by_mistake() {
    let vault = Vault::in_memory(1);
    vault.seal(&globex(), ann(), b"", b"x").unwrap();
    let refused = vault.destroy(&acme(), ann(), noon()).unwrap_err();
    assert!(matches!(refused, DestroyError::Unknown { .. }), "{refused}");
    assert!(vault.seal(&acme(), ann(), b"", b"x").is_ok());
}

#[test]
fn a_handle_leads_to_the_same_person_until_they_are_erased() {
    let place = Place::new();
    let vault = place.open();
    let number = b"+442079460000";
    assert_eq!(vault.find_person(&acme(), "phone", number).unwrap(), None);
    let caller = vault.person_for(&acme(), "phone", number).unwrap();
    assert_ne!(vault.person_for(&acme(), "email", number).unwrap(), caller);
    assert_ne!(vault.person_for(&globex(), "phone", number).unwrap(), caller);
    drop_and_open(vault, &place, |vault| {
        assert_eq!(vault.person_for(&acme(), "phone", number).unwrap(), caller);
        assert_eq!(vault.find_person(&acme(), "phone", number).unwrap(), Some(caller));
        assert_eq!(vault.standing(&acme(), caller).unwrap().handles, 1);
    });

    let vault = place.open();
    vault.destroy(&acme(), caller, noon()).unwrap();
    assert_eq!(vault.find_person(&acme(), "phone", number).unwrap(), None);
    assert_ne!(vault.person_for(&acme(), "phone", number).unwrap(), caller);
}

#[test]
fn threads_that_meet_a_new_person_at_once_make_one_key() {
    let place = Place::new();
    let vault = place.open();
    let all: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let seal = || vault.seal(&acme(), ann(), b"", b"Ann").unwrap();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(seal)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(vault.standing(&acme(), ann()).unwrap().keys.len(), 1);
    for sealed in all {
        assert_eq!(vault.unseal(&acme(), ann(), b"", &sealed).unwrap(), plain("Ann"));
    }
}

#[test]
fn nothing_of_a_vault_is_printed() {
    let vault = Vault::in_memory(1);
    let shown = format!("{vault:?} {:?}", plain("Ann"));
    assert_eq!(shown, "Vault { database: None, .. } Plain(‹private›)");
}
