//! The power fails at a random write or sync; what was written and not synced survives by chance, sector by sector.

use std::collections::BTreeMap;

use domain_log::contract::sample::large;
use domain_log::embedded::verify_on;
use domain_log::{AppendError, Position, StreamName};
use domain_model::ids::EventId;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

const WRITERS: u64 = 8;

/// What a writer was told is safe: by position, the event's id, stream and revision.
type Acknowledged = BTreeMap<Position, (EventId, StreamName, Revision)>;

async fn write_until_dark(log: Arc<EmbeddedLog>, writer: u64) -> Acknowledged {
    let to = stream(&format!("call-acme_{writer}"));
    let mut acknowledged = Acknowledged::new();
    let mut next: u64 = 0;
    loop {
        // One to three events, of 100 to 3000 bytes, so that records lie across sectors in every way.
        let count = 1 + next % 3;
        let numbers = next..next + count;
        let events: Vec<_> = numbers
            .map(|n| {
                large(
                    writer * 1_000_000 + n,
                    100 + usize::try_from(n * 397 % 2900).expect("a small size"),
                )
            })
            .collect();
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        match log
            .append(&to, next.checked_sub(1).map(Revision).into(), events)
            .await
        {
            Ok(appended) => {
                for (id, back) in ids.into_iter().zip((0..count).rev()) {
                    let position = Position::at(appended.position.commit() - back);
                    acknowledged.insert(position, (id, to.clone(), Revision(appended.revision.0 - back)));
                }
                next += count;
            }
            Err(AppendError::Unknown { .. } | AppendError::Stopped { .. }) => return acknowledged,
            Err(other) => panic!("{other}"),
        }
    }
}

async fn one_night(seed: u64) {
    let mut chance = StdRng::seed_from_u64(seed);
    let mut disk = FaultyDisk::default();
    let mut acknowledged = Acknowledged::new();
    // The power fails during the first opening, during work, and during the recovery from the failure before.
    for round in 0..3_u64 {
        disk.fail_power_after(
            chance.random_range(1..[4000, 600, 40][usize::try_from(round).expect("a small number")]),
        );
        if let Ok(log) = open(&disk) {
            let log = Arc::new(log);
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| tokio::spawn(write_until_dark(Arc::clone(&log), round * WRITERS + writer)))
                .collect();
            for writer in writers {
                acknowledged.append(&mut writer.await.expect("no writer panics"));
            }
        }
        assert!(
            disk.is_dead(),
            "seed {seed}: the log gives up only when the power is gone"
        );
        let kept = [0.0, 0.5, 0.9, 1.0][chance.random_range(0..4)];
        disk = disk.after_power_cut(|| chance.random_bool(kept));
    }
    let log = open(&disk).unwrap_or_else(|refused| panic!("seed {seed}: {refused}"));
    let found = everything(&log).await;
    let positions: Vec<_> = found.iter().map(|event| event.position).collect();
    assert_eq!(
        positions,
        (0..found.len() as u64).map(Position::at).collect::<Vec<_>>(),
        "seed {seed}: gapless"
    );
    for (position, (id, stream, revision)) in &acknowledged {
        let event = &found[usize::try_from(position.commit()).expect("a small number")];
        assert_eq!(
            (&event.id, &event.stream, &event.revision),
            (id, stream, revision),
            "seed {seed} at {position}"
        );
    }
    one_more(&log)
        .await
        .unwrap_or_else(|refused| panic!("seed {seed}: {refused}"));
    drop(log);
    let verified =
        verify_on(Arc::new(disk.clone()), &config()).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
    assert_eq!(verified.records, found.len() as u64 + 1, "seed {seed}");
    assert_eq!(
        everything(&open(&disk).expect("it opened before")).await[..found.len()],
        found,
        "seed {seed}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_power_fails() {
    for seed in 0..200 {
        one_night(seed).await;
    }
}
