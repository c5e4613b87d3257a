//! The chain, shown on an aggregate that was made up and has changed a lot.

use domain_model::Event as _;
use serde_json::json;

use super::*;
use crate::codec;

domain_model::events! {
    /// What happened to a parcel.
    pub enum Parcel of "Parcel" {
        /// It was weighed. Version 1 had the weight in kilograms, version 2 in whole grams under another name.
        Weighed @ 3 {
            /// Its weight.
            weight_g: u32
        },
        /// It was packed. Once one event with `Sealed`.
        Packed {
            /// In what.
            into: String
        },
        /// It was closed.
        Closed {
            /// With what.
            with: String
        },
    }
}

fn form(kind: &str, version: u16, data: Value) -> Form {
    let Value::Object(data) = data else {
        panic!("fields are an object")
    };
    Form {
        kind: kind.to_owned(),
        version,
        data,
    }
}

fn weight_in_grams(mut data: Map<String, Value>) -> Result<Vec<Form>, Unfit> {
    let kilograms = data.remove("kg").and_then(|kg| kg.as_u64()).ok_or(Unfit {
        reason: "kg is no whole number",
    })?;
    data.insert("grams".to_owned(), json!(kilograms * 1000));
    Ok(vec![form("ParcelWeighed", 2, Value::Object(data))])
}

fn weight_renamed(mut data: Map<String, Value>) -> Result<Vec<Form>, Unfit> {
    let grams = data.remove("grams").ok_or(Unfit {
        reason: "grams is missing",
    })?;
    data.insert("weight_g".to_owned(), grams);
    Ok(vec![form("ParcelWeighed", 3, Value::Object(data))])
}

const WEIGHED_1: Step = Step {
    kind: "ParcelWeighed",
    version: 1,
    to: &[("ParcelWeighed", 2)],
    lift: weight_in_grams,
};
const WEIGHED_2: Step = Step {
    kind: "ParcelWeighed",
    version: 2,
    to: &[("ParcelWeighed", 3)],
    lift: weight_renamed,
};
// Split in two, the second under a kind that was renamed later.
const WRAPPED: Step = Step {
    kind: "ParcelWrapped",
    version: 1,
    to: &[("ParcelPacked", 1), ("ParcelSealed", 1)],
    lift: |data| {
        let [paper, tape] = ["paper", "tape"].map(|key| data.get(key).cloned().unwrap_or_default());
        Ok(vec![
            form("ParcelPacked", 1, json!({ "into": paper })),
            form("ParcelSealed", 1, json!({ "with": tape })),
        ])
    },
};
const SEALED: Step = Step {
    kind: "ParcelSealed",
    version: 1,
    to: &[("ParcelClosed", 1)],
    lift: |data| Ok(vec![form("ParcelClosed", 1, Value::Object(data))]),
};
const STAMPED: Step = Step {
    kind: "ParcelStamped",
    version: 4,
    to: &[],
    lift: |_| Ok(vec![]),
};
const ALL: [Step; 5] = [WEIGHED_1, WEIGHED_2, WRAPPED, SEALED, STAMPED];

fn chain() -> Upcasts {
    Upcasts::new(Parcel::CATALOGUE, &ALL).expect("a chain without a gap")
}

fn today(kind: &str, version: u16, data: Value) -> Result<Vec<Parcel>, LiftError> {
    let forms = chain().lift(form(kind, version, data))?;
    Ok(forms
        .into_iter()
        .map(|form| codec::from_form(form).expect("a form of today"))
        .collect())
}

fn broken(steps: &[Step]) -> String {
    let broken = Upcasts::new(Parcel::CATALOGUE, steps).expect_err("it is broken");
    broken.to_string()
}

#[test]
fn an_old_form_is_lifted_step_by_step() {
    let weighed = Ok(vec![Parcel::Weighed { weight_g: 2000 }]);
    assert_eq!(today("ParcelWeighed", 1, json!({ "kg": 2 })), weighed);
    assert_eq!(today("ParcelWeighed", 2, json!({ "grams": 2000 })), weighed);
    assert_eq!(today("ParcelWeighed", 3, json!({ "weight_g": 2000 })), weighed);
}

#[test]
fn one_event_becomes_two_or_none() {
    let packed = Parcel::Packed {
        into: "brown".to_owned(),
    };
    let closed = Parcel::Closed {
        with: "red".to_owned(),
    };
    assert_eq!(
        today("ParcelWrapped", 1, json!({ "paper": "brown", "tape": "red" })),
        Ok(vec![packed, closed])
    );
    assert_eq!(today("ParcelStamped", 4, json!({ "stamp": 1 })), Ok(vec![]));
}

#[test]
fn what_cannot_be_lifted_says_why() {
    let why = |kind, version, data| today(kind, version, data).expect_err("it is refused").to_string();
    assert_eq!(
        why("ParcelWeighed", 4, json!({})),
        "version 4 of ParcelWeighed is from a later build: this one knows it up to version 3"
    );
    assert_eq!(
        why("ParcelLost", 1, json!({})),
        "the kind ParcelLost is unknown to this build"
    );
    assert_eq!(
        why("ParcelWeighed", 1, json!({ "kg": "2" })),
        "version 1 of ParcelWeighed does not fit its upcast"
    );
}

#[test]
fn a_chain_with_a_fault_does_not_start() {
    assert_eq!(
        broken(&[WEIGHED_1]),
        "no upcast takes version 2 of ParcelWeighed, which this build writes in version 3"
    );
    assert_eq!(
        broken(&[WEIGHED_1, WEIGHED_2, WEIGHED_1]),
        "two upcasts take version 1 of ParcelWeighed"
    );
    assert_eq!(
        broken(&[WEIGHED_1, WEIGHED_2, WRAPPED]),
        "the upcast of version 1 of ParcelWrapped leads to version 1 of ParcelSealed, which is nothing of today and \
         nothing that an upcast takes"
    );
    let back = Step {
        to: &[("ParcelWeighed", 1)],
        ..WEIGHED_2
    };
    assert_eq!(
        broken(&[WEIGHED_1, back]),
        "the upcast of version 1 of ParcelWeighed never comes to a form of today"
    );
    let future = Step {
        version: 3,
        ..WEIGHED_1
    };
    assert_eq!(
        broken(&[WEIGHED_1, WEIGHED_2, future]),
        "an upcast takes version 3 of ParcelWeighed, which this build writes in version 3"
    );
    let twice = Upcasts::new(Parcel::CATALOGUE.iter().chain(Parcel::CATALOGUE), &ALL);
    assert_eq!(
        twice.expect_err("it is broken"),
        InvalidUpcasts::KindTwice {
            kind: "ParcelWeighed"
        }
    );
}

#[test]
fn a_step_gives_no_more_than_it_announced() {
    let silent = Step { to: &[], ..SEALED };
    let chain = Upcasts::new(
        Parcel::CATALOGUE,
        &[WEIGHED_1, WEIGHED_2, WRAPPED, silent, STAMPED],
    )
    .expect("nothing is wrong at the start");
    assert_eq!(
        chain.lift(form("ParcelSealed", 1, json!({}))),
        Err(LiftError::Unannounced {
            kind: "ParcelSealed".to_owned(),
            version: 1
        })
    );
    let flood = Step {
        lift: |_| Ok(vec![form("ParcelClosed", 1, json!({})); FORMS_MAX + 1]),
        ..SEALED
    };
    let chain = Upcasts::new(Parcel::CATALOGUE, &[WEIGHED_1, WEIGHED_2, flood]).expect("a chain");
    assert_eq!(
        chain.lift(form("ParcelSealed", 1, json!({}))),
        Err(LiftError::TooMany {
            kind: "ParcelSealed".to_owned()
        })
    );
}

// Every form that was ever stored has a golden file; each reads as an event of today through this build's chain.
#[test]
fn every_form_ever_stored_reads_as_of_today() {
    let chain = Upcasts::of_this_build().expect("this build's chain");
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/golden");
    let mut stored = BTreeSet::new();
    for folder in std::fs::read_dir(golden).expect("the golden files") {
        for file in std::fs::read_dir(folder.expect("a folder").path()).expect("a folder") {
            let path = file.expect("a file").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
            let (kind, version) = name
                .strip_suffix(".json")
                .and_then(|name| name.rsplit_once(".v"))
                .expect("Kind.vN.json");
            let version: u16 = version.parse().expect("a version");
            let text = std::fs::read_to_string(&path).expect("it can be read");
            let data = serde_json::from_str(&text).expect("JSON");
            let forms = chain
                .lift(form(kind, version, data))
                .unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
            for form in forms {
                crate::every::reads(form).unwrap_or_else(|refused| panic!("{}: {refused}", path.display()));
            }
            stored.insert((kind.to_owned(), version));
        }
    }
    for doc in domain_model::catalogue() {
        for version in 1..=doc.version {
            let form = (doc.kind.to_owned(), version);
            assert!(
                stored.contains(&form),
                "version {version} of {} has no golden file",
                doc.kind
            );
        }
    }
    for step in STEPS {
        let form = (step.kind.to_owned(), step.version);
        assert!(
            stored.contains(&form),
            "the upcast of {form:?} has no golden file"
        );
    }
}
