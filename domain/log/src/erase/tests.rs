//! Erasing somebody, and what a proof of it is worth.

use bytes::Bytes;
use domain_model::Private;
use domain_model::testing::sample::{at, person};
use domain_model::text::Name;

use super::*;
use crate::stage::{self, Command, Tally, acme, command, ledger, name, tally};
use crate::vault::Vault;
use crate::{EmbeddedConfig, EmbeddedLog, EventLog as _, Expected, MemoryLog, StreamName, send};

fn signs(who: u128, text: &str) -> Private<Name> {
    Private::new(person(who), name(text))
}

async fn sign(ledger: &Ledger, n: u128, name: Private<Name>, with: Vec<Private<Name>>) {
    send::<Tally>(ledger, &command(n), tally(), Command::Sign { name, with })
        .await
        .expect("it is recorded");
}

// Five events: Ann and Bob, nobody, Bob, Ann twice, Bob.
async fn visitors(log: &MemoryLog) -> Ledger {
    let ledger = ledger(log.clone());
    sign(&ledger, 1, signs(1, "Ann"), vec![signs(2, "Bob")]).await;
    send::<Tally>(&ledger, &command(2), tally(), Command::Add { n: 1 })
        .await
        .expect("it is recorded");
    sign(&ledger, 3, signs(2, "Bob"), vec![]).await;
    sign(&ledger, 4, signs(1, "Ann"), vec![signs(1, "Anna")]).await;
    sign(&ledger, 5, signs(2, "Bob"), vec![]).await;
    ledger
}

#[tokio::test]
async fn an_erasure_is_proved_and_the_proof_holds() {
    let log = MemoryLog::new();
    let ledger = visitors(&log).await;
    let key = ledger.codec().vault().standing(&acme(), person(1)).unwrap().keys;
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    let positions = [0_u128, 3].map(|place| (place << 64 | place).to_be_bytes());
    assert_eq!(
        proof.erasure,
        Erasure {
            tenant: acme(),
            person: person(1),
            keys: key,
            at: at(60),
            log: log.log_metadata().await.unwrap().id,
            tail: Some(Position::at(4)),
            events: 2,
            positions_sha256: hex(&Sha256::digest(positions.concat())),
        }
    );
    let document = serde_json::to_string_pretty(&proof).unwrap();
    assert!(!document.contains("Ann"));
    let proof: Proof = serde_json::from_str(&document).unwrap();
    let two = Verified { events: 2, later: 0 };
    assert_eq!(verify(&ledger, &proof).await.unwrap(), two);

    // What comes later changes nothing, and whoever was not erased is still there.
    sign(&ledger, 6, signs(2, "Bob"), vec![Private::erased(person(1))]).await;
    assert_eq!(verify(&ledger, &proof).await.unwrap(), two);
    let again = send::<Tally>(&ledger, &command(1), tally(), Command::Look)
        .await
        .unwrap();
    assert_eq!(
        again.events[0].event,
        stage::Event::Signed {
            name: Private::erased(person(1)),
            with: vec![signs(2, "Bob")]
        }
    );
    let repeated = erase(&ledger, &acme(), person(1), at(99)).await.unwrap();
    assert_eq!(
        (
            repeated.erasure.keys,
            repeated.erasure.at,
            repeated.erasure.events
        ),
        (proof.erasure.keys, at(60), 2)
    );
}

#[tokio::test]
async fn an_altered_proof_or_another_log_is_refused() {
    let ledger = visitors(&MemoryLog::new()).await;
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    let mut altered = proof.clone();
    altered.erasure.events = 1;
    let refused = verify(&ledger, &altered).await.unwrap_err();
    assert!(matches!(refused, VerifyError::Altered { .. }), "{refused}");
    let refused = erase_again(&ledger, &altered).await.unwrap_err();
    assert!(matches!(refused, VerifyError::Altered { .. }), "{refused}");

    // Sealed again by whoever altered it, it still does not fit the log.
    let refused = verify(&ledger, &Proof::of(altered.erasure)).await.unwrap_err();
    assert!(
        matches!(refused, VerifyError::OtherEvents { stated: 1, found: 2 }),
        "{refused}"
    );
    let mut moved = proof.erasure.clone();
    moved.positions_sha256 = hex(&Sha256::digest(b"elsewhere"));
    let refused = verify(&ledger, &Proof::of(moved)).await.unwrap_err();
    assert!(
        matches!(refused, VerifyError::OtherEvents { stated: 2, found: 2 }),
        "{refused}"
    );

    let elsewhere = visitors(&MemoryLog::new()).await;
    let refused = verify(&elsewhere, &proof).await.unwrap_err();
    assert!(matches!(refused, VerifyError::OtherLog { .. }), "{refused}");
}

#[tokio::test]
async fn a_restored_vault_is_found_out_and_brought_up_to_date() {
    let log = MemoryLog::new();
    let ledger = visitors(&log).await;
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    // The same seed and the same story: the vault as it was before the erasure.
    let elsewhere = visitors(&MemoryLog::new()).await;
    let restored = Ledger::new(Arc::new(log), elsewhere.codec().clone());
    let refused = verify(&restored, &proof).await.unwrap_err();
    assert!(
        matches!(
            refused,
            VerifyError::NotErased {
                keys: 1,
                handles: 0,
                missing: 1
            }
        ),
        "{refused}"
    );
    erase_again(&restored, &proof).await.unwrap();
    assert_eq!(
        verify(&restored, &proof).await.unwrap(),
        Verified { events: 2, later: 0 }
    );
}

#[tokio::test]
async fn an_event_sealed_before_and_recorded_after_is_erased_too() {
    let log = MemoryLog::new();
    let ledger = visitors(&log).await;
    let late = ledger.codec().encode(
        &command(7),
        0,
        &stage::Event::Signed {
            name: signs(1, "Ann"),
            with: vec![],
        },
    );
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    let stream = StreamName::of::<Tally>(&acme(), tally());
    log.append(&stream, Expected::Any, vec![late.unwrap()])
        .await
        .unwrap();
    assert_eq!(
        verify(&ledger, &proof).await.unwrap(),
        Verified { events: 2, later: 1 }
    );
}

#[tokio::test]
async fn data_under_a_key_that_nobody_accounts_for_is_found() {
    let log = MemoryLog::new();
    let ledger = visitors(&log).await;
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    // Another vault knew the same person by another key.
    let other = stage::codec_over(Vault::in_memory(2));
    let event = stage::Event::Signed {
        name: signs(1, "Ann"),
        with: vec![],
    };
    let forged = other.encode(&command(8), 0, &event).unwrap();
    let stream = StreamName::of::<Tally>(&acme(), tally());
    log.append(&stream, Expected::Any, vec![forged]).await.unwrap();
    let refused = verify(&ledger, &proof).await.unwrap_err();
    assert!(
        matches!(
            refused,
            VerifyError::Unclear {
                source: UnsealError::Missing { .. },
                ..
            }
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn an_event_that_cannot_be_searched_stops_the_proof() {
    let log = MemoryLog::new();
    let ledger = visitors(&log).await;
    let mut broken = ledger
        .codec()
        .encode(&command(9), 0, &stage::Event::Added { n: 1 })
        .unwrap();
    broken.data = Bytes::from(format!("{{\"person\":\"{}\"", person(1)));
    let stream = StreamName::of::<Tally>(&acme(), tally());
    log.append(&stream, Expected::Any, vec![broken]).await.unwrap();
    let refused = erase(&ledger, &acme(), person(1), at(60)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the person is erased, but the log could not be searched for the proof"
    );
}

#[tokio::test]
async fn somebody_unknown_is_not_erased() {
    let ledger = visitors(&MemoryLog::new()).await;
    let refused = erase(&ledger, &acme(), person(42), at(60)).await.unwrap_err();
    assert!(matches!(
        refused,
        EraseError::Destroy(DestroyError::Unknown { .. })
    ));
}

#[tokio::test]
async fn the_proof_holds_on_disk_and_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let config = EmbeddedConfig {
            folder: folder.path().join("log"),
            segment_bytes: 64 << 10,
        };
        let vault = Vault::open(&folder.path().join("vault.db"), &folder.path().join("root.key"));
        Ledger::new(
            Arc::new(EmbeddedLog::open(&config).unwrap()),
            stage::codec_over(vault.unwrap()),
        )
    };
    let ledger = open();
    sign(&ledger, 1, signs(1, "Ann"), vec![signs(2, "Bob")]).await;
    sign(&ledger, 2, signs(2, "Bob"), vec![]).await;
    drop(ledger);

    let ledger = open();
    let proof = erase(&ledger, &acme(), person(1), at(60)).await.unwrap();
    drop(ledger);

    let ledger = open();
    assert_eq!(
        verify(&ledger, &proof).await.unwrap(),
        Verified { events: 1, later: 0 }
    );
    let again = send::<Tally>(&ledger, &command(2), tally(), Command::Look)
        .await
        .unwrap();
    assert!(again.repeated);
    assert_eq!(
        again.events[0].event,
        stage::Event::Signed {
            name: signs(2, "Bob"),
            with: vec![]
        }
    );
}
