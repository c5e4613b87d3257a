//! What is stored, and that it reads back.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain_model::consent;
use domain_model::ids::TenantId;
use domain_model::testing::sample::{at, person};
use domain_model::text::Name;
use domain_model::{Decider, Private};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Revision;
use crate::every::every_aggregate;
use crate::stage::{self, acme, codec, command, name};
use crate::vault::Unsealed;

domain_model::events! {
    /// Events with everything that may go wrong.
    pub enum Odd of "Odd" {
        /// Keys that somebody else chose.
        Free {
            /// Them.
            fields: BTreeMap<String, String>
        },
        /// A number that JSON may not have.
        Measured {
            /// The number.
            x: f64
        },
        /// Personal data within personal data.
        Nested {
            /// It.
            outer: Private<Vec<Private<Name>>>
        },
    }
}

fn recorded(new: NewEvent) -> Recorded {
    Recorded {
        position: Position::at(17),
        stream: StreamName::new("tally-acme_1").expect("a right name"),
        revision: Revision(3),
        id: new.id,
        kind: new.kind,
        tenant: new.tenant,
        time: new.time,
        meta: new.meta,
        data: new.data,
    }
}

fn signed() -> stage::Event {
    stage::Event::Signed {
        name: Private::new(person(1), name("Ann")),
        with: vec![
            Private::new(person(2), name("Bob")),
            Private::erased(person(3)),
            Private::new(person(1), name("Ann's dog")),
        ],
    }
}

fn data(recorded: &Recorded) -> Value {
    serde_json::from_slice(&recorded.data).expect("JSON")
}

fn with_data(recorded: &Recorded, data: &Value) -> Recorded {
    Recorded {
        data: Bytes::from(data.to_string()),
        ..recorded.clone()
    }
}

fn why(refused: impl std::error::Error) -> String {
    let mut text = refused.to_string();
    let mut source = refused.source();
    while let Some(deeper) = source {
        text = format!("{text}: {deeper}");
        source = deeper.source();
    }
    text
}

fn refused(codec: &Codec, event: &Recorded) -> String {
    why(codec.decode::<stage::Event>(event).expect_err("it must not read"))
}

#[test]
fn an_event_is_stored_as_its_fields_and_what_is_known_of_it() {
    let event = consent::Event::Expired { at: at(0) };
    let stored = codec().encode(&command(1), 0, &event).unwrap();
    assert_eq!(stored.kind.as_str(), "ConsentExpired");
    assert_eq!(stored.id, EventId::of(command(1).command, 0));
    assert_eq!(stored.data, r#"{"at":"2026-11-22T11:00:00.000000Z"}"#);
    assert_eq!(
        serde_json::from_slice::<Value>(&stored.meta).unwrap(),
        json!({
            "schema": 1,
            "command": "0198c0de-0000-7000-8000-000000000001",
            "actor": { "is": "customer" },
            "$correlationId": "0198c0de-0000-7000-8000-0000000001f4",
            "$causationId": "0198c0de-0000-7000-8000-000000000258",
        })
    );
}

#[test]
fn personal_data_is_stored_sealed_and_reads_back() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    let stored = data(&event);
    assert_eq!(stored["name"]["$person"], json!(person(1)));
    assert_eq!(
        stored["with"][1],
        json!({ "$person": person(3), "$erased": true })
    );
    assert_eq!(stored["name"].as_object().map(Map::len), Some(2));
    assert!(stored["name"]["$sealed"].is_string());
    assert!(!stored.to_string().contains("Ann"));
    let read = codec.decode::<stage::Event>(&event).unwrap();
    assert_eq!(read.events, [signed()]);
    assert_eq!(read.metadata, Metadata::of(&command(1), &signed()));
}

#[test]
fn after_an_erasure_that_person_alone_is_erased() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    codec.vault().destroy(&acme(), person(1), at(0)).unwrap();
    assert_eq!(
        codec.decode::<stage::Event>(&event).unwrap().events,
        [stage::Event::Signed {
            name: Private::erased(person(1)),
            with: vec![
                Private::new(person(2), name("Bob")),
                Private::erased(person(3)),
                Private::erased(person(1)),
            ],
        }]
    );
    let again = codec.encode(&command(2), 0, &signed()).unwrap_err();
    assert!(matches!(again, EncodeError::Erased { person, .. } if person == self::person(1)));
}

#[test]
fn sealed_data_opens_nowhere_else() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    let mut swapped = data(&event);
    let dog = swapped["with"][2].take();
    swapped["with"][2] = std::mem::replace(&mut swapped["name"], dog);
    let other = recorded(codec.encode(&command(1), 1, &signed()).unwrap());
    let globex = TenantId::new("globex").unwrap();
    codec.vault().seal(&globex, person(1), b"", b"").unwrap();
    for moved in [
        with_data(&event, &swapped),
        with_data(&other, &data(&event)),
        Recorded {
            tenant: globex,
            ..event.clone()
        },
    ] {
        let refused = refused(&codec, &moved);
        assert!(refused.contains("was changed or moved"), "{refused}");
    }
    let mut renamed = data(&event);
    renamed["name"]["$person"] = json!(person(2));
    let refused = refused(&codec, &with_data(&event, &renamed));
    assert!(refused.contains("was changed or moved"), "{refused}");
}

#[test]
fn personal_data_in_the_clear_or_half_sealed_is_not_served() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    for forged in [
        json!({ "$person": person(1), "$private": "Mallory" }),
        json!({ "$person": person(1), "$erased": false }),
        json!({ "$person": person(1), "$sealed": "!" }),
        json!({ "$person": person(1) }),
        json!({ "$sealed": "AAAA" }),
    ] {
        let mut stored = data(&event);
        stored["with"][1] = forged;
        assert_eq!(
            refused(&codec, &with_data(&event, &stored)),
            "TallySigned at position 17 of stream tally-acme_1 has personal data in the clear or half sealed at \
             /with/1"
        );
    }
}

#[test]
fn an_event_that_would_not_read_back_is_not_stored() {
    let refused = |event: Odd| why(codec().encode(&command(1), 0, &event).unwrap_err());
    let free = |key: &str, value: &str| Odd::Free {
        fields: BTreeMap::from([(key.to_owned(), value.to_owned())]),
    };
    for key in ["$person", "$private", "$sealed", "$erased"] {
        assert_eq!(
            refused(free(key, "x")),
            "OddFree uses $person, $private, $sealed or $erased at /fields for something else than personal data"
        );
    }
    assert!(codec().encode(&command(1), 0, &free("$5", "$private")).is_ok());
    let nan = refused(Odd::Measured { x: f64::NAN });
    assert!(
        nan.starts_with("OddMeasured would not read back as it is: invalid type: null, expected f64"),
        "{nan}"
    );
    let inner = Private::new(person(1), name("Ann"));
    assert_eq!(
        refused(Odd::Nested {
            outer: Private::new(person(2), vec![inner])
        }),
        "OddNested has personal data within personal data at /outer"
    );
}

#[test]
fn an_event_that_cannot_be_understood_is_named_with_its_place() {
    let codec = codec();
    let event = recorded(
        codec
            .encode(&command(1), 0, &stage::Event::Added { n: 1 })
            .unwrap(),
    );
    let lost = Recorded {
        kind: Kind::new("TallyLost").unwrap(),
        ..event.clone()
    };
    assert_eq!(
        refused(&codec, &lost),
        "TallyLost at position 17 of stream tally-acme_1 cannot be understood: the kind TallyLost is unknown to this \
         build"
    );
    let newer = String::from_utf8_lossy(&event.meta).replace("\"schema\":1", "\"schema\":2");
    let newer = Recorded {
        meta: Bytes::from(newer),
        ..event.clone()
    };
    assert!(refused(&codec, &newer).contains("is from a later build"));
    let foreign = why(codec.decode::<consent::Event>(&event).unwrap_err());
    assert_eq!(
        foreign,
        "TallyAdded at position 17 of stream tally-acme_1 is no event of Consent"
    );
    let negative = refused(&codec, &with_data(&event, &json!({ "n": -1 })));
    assert!(
        negative.starts_with(
            "TallyAdded at position 17 of stream tally-acme_1 has data that its kind does not have: invalid value: \
             integer `-1`, expected u64"
        ),
        "{negative}"
    );
    let blank = Recorded {
        meta: Bytes::from_static(b"{}"),
        ..event.clone()
    };
    assert!(refused(&codec, &blank).contains("has metadata that cannot be read: missing field `schema`"));
    for text in [&b"\xff"[..], b"", b"{}},\"Added\":{\"n\":1}", b"[1]", b"\"$\""] {
        let broken = Recorded {
            data: Bytes::copy_from_slice(text),
            ..event.clone()
        };
        assert!(refused(&codec, &broken).contains("has data that its kind does not have"));
    }
}

#[test]
fn no_error_repeats_a_personal_value() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    let mut stored = data(&event);
    // Sealed rightly, but a name has no line break at its end and is no number.
    let place = private::place(event.id, "/name");
    for value in ["\"Ann\\u0000Secret\"", "4711"] {
        let sealed = codec
            .vault()
            .seal(&acme(), person(1), &place, value.as_bytes())
            .unwrap();
        stored["name"]["$sealed"] = json!(private::text(&sealed));
        let refused = refused(&codec, &with_data(&event, &stored));
        assert!(
            refused.ends_with("a field is missing or has another type"),
            "{refused}"
        );
    }
}

#[test]
fn every_sealed_field_is_found() {
    let codec = codec();
    let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
    let fields = sealed_fields(&event.data).unwrap();
    let found: Vec<_> = fields.iter().map(|field| (field.person, &*field.path)).collect();
    let mut wanted = [
        (person(1), "/name"),
        (person(2), "/with/0"),
        (person(1), "/with/2"),
    ];
    wanted.sort_by_key(|(_, path)| *path);
    assert_eq!(found, wanted);
    for field in &fields {
        let place = field.place(event.id);
        let opened = codec.vault().unseal(&acme(), field.person, &place, &field.sealed);
        assert!(matches!(opened, Ok(Unsealed::Plain(_))));
    }
}

// What an event must read back as once somebody was erased.
fn without<E: Event>(event: &E, erased: PersonId) -> E {
    fn erase(value: &mut Value, person: &Value) {
        match value {
            Value::Object(object) if object.get("$person") == Some(person) => {
                object.remove("$private");
                object.insert("$erased".to_owned(), Value::Bool(true));
            }
            Value::Object(object) => object.values_mut().for_each(|value| erase(value, person)),
            Value::Array(items) => items.iter_mut().for_each(|value| erase(value, person)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut value = serde_json::to_value(event).unwrap();
    erase(&mut value, &json!(erased));
    serde_json::from_value(value).unwrap()
}

fn stored_and_read_back<D: Decider>(events: &[D::Event], erased: PersonId) {
    let codec = codec();
    let read = |event: &Recorded| codec.decode::<D::Event>(event).unwrap().events;
    let stored: Vec<Recorded> = events
        .iter()
        .enumerate()
        .map(|(place, event)| recorded(codec.encode(&command(1), place, event).unwrap()))
        .collect();
    for (event, stored) in events.iter().zip(&stored) {
        assert_eq!(read(stored), std::slice::from_ref(event));
    }
    // Nobody knows them where no event is about them.
    let _ = codec.vault().destroy(&acme(), erased, at(0));
    for (event, stored) in events.iter().zip(&stored) {
        assert_eq!(read(stored), [without(event, erased)]);
    }
}

macro_rules! read_back {
    ($($name:ident: $Decider:ty),* $(,)?) => {
        mod stored_and_read_back {
            use super::*;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(96))]
                $(
                    #[test]
                    fn $name(
                        events in prop::collection::vec(any::<<$Decider as Decider>::Event>(), 0..6),
                        erased: PersonId,
                    ) {
                        super::stored_and_read_back::<$Decider>(&events, erased);
                    }
                )*
            }
        }
    };
}

every_aggregate!(read_back);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_tally_is_stored_and_read_back(
        events in prop::collection::vec(any::<stage::Event>(), 0..6),
        erased: PersonId,
    ) {
        stored_and_read_back::<stage::Tally>(&events, erased);
    }

    #[test]
    fn no_bytes_at_all_crash_the_reader(meta: Vec<u8>, data: Vec<u8>, text in ".{0,40}") {
        let codec = codec();
        let event = recorded(codec.encode(&command(1), 0, &signed()).unwrap());
        for data in [data, format!("{{\"name\":{{\"$person\":{text:?},\"$sealed\":{text:?}}}}}").into_bytes()] {
            let odd = Recorded { data: Bytes::from(data), ..event.clone() };
            prop_assert!(codec.decode::<stage::Event>(&odd).is_err());
        }
        let odd = Recorded { meta: Bytes::from(meta), ..event };
        prop_assert!(codec.decode::<stage::Event>(&odd).is_err());
    }
}
