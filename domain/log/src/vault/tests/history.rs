//! Any history of sealing, rotating, erasing and restarting, beside a model that only remembers.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Seal(TenantId, PersonId, String),
    RotatePerson(TenantId, PersonId),
    RotateTenant(TenantId),
    RotateRoot,
    Erase(TenantId, PersonId),
    Meet(TenantId, u8),
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let whose = || (any::<TenantId>(), any::<PersonId>());
    prop_oneof![
        8 => (whose(), "[a-z]{0,3}").prop_map(|((tenant, person), text)| Step::Seal(tenant, person, text)),
        2 => whose().prop_map(|(tenant, person)| Step::RotatePerson(tenant, person)),
        1 => any::<TenantId>().prop_map(Step::RotateTenant),
        1 => Just(Step::RotateRoot),
        2 => whose().prop_map(|(tenant, person)| Step::Erase(tenant, person)),
        2 => (any::<TenantId>(), 0..3_u8).prop_map(|(tenant, handle)| Step::Meet(tenant, handle)),
        2 => Just(Step::Forget),
    ]
}

#[derive(Default)]
struct Model {
    sealed: Vec<(TenantId, PersonId, String, Vec<u8>)>,
    erased: BTreeSet<(TenantId, PersonId)>,
    met: BTreeMap<(TenantId, u8), PersonId>,
}

impl Model {
    fn take(&mut self, vault: &Vault, step: Step) {
        match step {
            Step::Seal(tenant, person, text) => {
                let sealed = vault.seal(&tenant, person, b"place", text.as_bytes());
                if self.erased.contains(&(tenant.clone(), person)) {
                    assert!(matches!(sealed, Err(SealError::Erased { .. })));
                } else {
                    self.sealed.push((tenant, person, text, sealed.unwrap()));
                }
            }
            Step::RotatePerson(tenant, person) => {
                let rotated = vault.rotate_person(&tenant, person);
                assert_eq!(rotated.is_err(), self.erased.contains(&(tenant, person)));
            }
            Step::RotateTenant(tenant) => drop(vault.rotate_tenant(&tenant).unwrap()),
            Step::RotateRoot => vault.rotate_root().unwrap(),
            Step::Erase(tenant, person) => {
                if vault.destroy(&tenant, person, noon()).is_ok() {
                    self.met
                        .retain(|(whose, _), met| (whose, *met) != (&tenant, person));
                    self.erased.insert((tenant, person));
                }
            }
            Step::Meet(tenant, handle) => {
                let person = vault.person_for(&tenant, "phone", &[handle]).unwrap();
                let known = *self.met.entry((tenant, handle)).or_insert(person);
                assert_eq!(person, known);
            }
            // As after a restart: all is read from the tables again.
            Step::Forget => *vault.keys() = Keys::new(),
        }
    }

    fn check(&self, vault: &Vault) {
        for (tenant, person, text, sealed) in &self.sealed {
            let wanted = if self.erased.contains(&(tenant.clone(), *person)) {
                Unsealed::Erased
            } else {
                plain(text)
            };
            assert_eq!(vault.unseal(tenant, *person, b"place", sealed).unwrap(), wanted);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_sealed_opens_until_its_person_is_erased(steps in prop::collection::vec(step(), 1..60)) {
        let vault = Vault::in_memory(7);
        let mut model = Model::default();
        for step in steps {
            model.take(&vault, step);
            model.check(&vault);
        }
    }
}
