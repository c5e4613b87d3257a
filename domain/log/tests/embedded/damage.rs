//! Bits that flip, files that go missing, and bytes of an earlier use.

use domain_log::embedded::{verify, verify_on};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

/// What can be asked of a log, or why it cannot.
async fn contents(disk: &FaultyDisk) -> Result<(Vec<Recorded>, Vec<Recorded>), String> {
    use futures_util::TryStreamExt as _;
    let log = open(disk).map_err(|refused| refused.to_string())?;
    let all = log
        .read_all(forwards(), Filter::default(), usize::MAX)
        .try_collect::<Vec<_>>()
        .await;
    let one = log
        .read_stream(&stream("call-acme_1"), forwards(), usize::MAX)
        .try_collect::<Vec<_>>()
        .await;
    Ok((all.map_err(|e| e.to_string())?, one.map_err(|e| e.to_string())?))
}

#[tokio::test]
async fn a_flipped_bit_is_reported_and_never_served() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 1500).await;
    drop(log);
    let sound = contents(&disk.snapshot()).await.unwrap();
    assert_eq!(sound.0.len(), 1500);
    let files = disk.files();
    let mut chance = StdRng::seed_from_u64(1);
    let (mut reported, mut harmless) = (0, 0);
    for (path, length) in files
        .iter()
        .filter(|(path, length)| *length > 0 && !path.ends_with("spare"))
    {
        for _ in 0..60 {
            let flipped = disk.snapshot();
            let bit = chance.random_range(0..length * 8);
            flipped.flip(path, bit);
            let proof = verify_on(Arc::new(flipped.snapshot()), &config());
            match contents(&flipped).await {
                Ok(served) => {
                    assert_eq!(served, sound, "{} bit {bit}", path.display());
                    harmless += 1;
                }
                Err(said) => {
                    assert!(
                        said.contains("damaged at position"),
                        "{} bit {bit}: {said}",
                        path.display()
                    );
                    assert!(
                        proof.is_err(),
                        "{} bit {bit}: reading noticed what proving did not",
                        path.display()
                    );
                    reported += 1;
                }
            }
        }
    }
    // Filler after the last record, the index and the mark can be damaged without harm; records cannot.
    assert!(
        reported > 100 && harmless > 100,
        "{reported} reported, {harmless} harmless"
    );
}

#[tokio::test]
async fn damage_to_the_last_event_is_told_from_an_append_cut_short() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 5).await;
    drop(log);
    let path = config().folder.join("segments/00000000000000000000.seg");
    // The first record's first byte after the header block; then the last record's payload, found by its text.
    for (offset, position) in [(4096 + 8, 0), (find(&disk, &path, b"number 4"), 4)] {
        let flipped = disk.snapshot();
        flipped.flip(&path, offset * 8);
        let refused = open(&flipped).err().expect("it was acknowledged").to_string();
        assert!(
            refused.starts_with(&format!("the log is damaged at position {position} (segments/")),
            "{refused}"
        );
    }
}

fn find(disk: &FaultyDisk, path: &Path, text: &[u8]) -> usize {
    let file = disk.open_read(path).expect("it was written");
    let length = file.length().expect("it is open");
    let mut bytes = vec![0; usize::try_from(length).expect("it is small")];
    file.read_at(&mut bytes, 0).expect("it is open");
    bytes
        .windows(text.len())
        .rposition(|window| window == text)
        .expect("it was written")
}

#[tokio::test]
async fn the_index_is_made_anew_from_the_segments() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    fill(&log, 1500).await;
    drop(log);
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    let before = (
        everything(&log).await,
        all(log.read_stream(&stream("call-acme_1"), forwards(), 9999)).await,
    );
    drop(log);
    let index = folder.path().join("index");
    assert!(
        std::fs::read_dir(&index).unwrap().count() > 2,
        "there was an index"
    );
    std::fs::remove_dir_all(&index).unwrap();
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    let after = (
        everything(&log).await,
        all(log.read_stream(&stream("call-acme_1"), forwards(), 9999)).await,
    );
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_index_file_whose_damage_is_met_in_merging_is_made_anew() {
    let disk = FaultyDisk::default();
    let log = open(&disk).unwrap();
    fill(&log, 1500).await;
    drop(log);
    let files = || -> Vec<PathBuf> {
        let files = disk.files().into_iter().map(|(path, _)| path);
        files
            .filter(|path| path.extension().is_some_and(|name| name == "idx"))
            .collect()
    };
    let before = files();
    assert!((2..8).contains(&before.len()), "not merged yet: {}", before.len());
    disk.flip(&before[1], 800);
    let log = open(&disk).unwrap();
    for n in 1500..4500 {
        log.append(&stream("queue-acme_1"), Expected::Any, vec![event(n)])
            .await
            .unwrap();
    }
    drop(log);
    let merged = files()
        .iter()
        .any(|path| path.to_string_lossy().ends_with("-8.idx"));
    assert!(merged, "{:?}", files());
    let log = open(&disk).unwrap();
    assert_eq!(everything(&log).await.len(), 4500);
    let read = all(log.read_stream(&stream("call-acme_1"), forwards(), 9999)).await;
    assert_eq!(read.len(), 500);
}

#[tokio::test]
async fn a_missing_segment_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    fill(&log, 1500).await;
    drop(log);
    std::fs::remove_dir_all(folder.path().join("index")).unwrap();
    let segments = folder.path().join("segments");
    let mut names: Vec<_> = std::fs::read_dir(&segments)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "seg"));
    assert!(names.len() > 3);
    for missing in [&names[0], &names[1], &names[names.len() - 1]] {
        let aside = folder.path().join("aside");
        std::fs::rename(missing, &aside).unwrap();
        let refused = verify(&at(folder.path()))
            .expect_err("a part is missing")
            .to_string();
        assert!(refused.starts_with("the log is damaged at position"), "{refused}");
        std::fs::rename(&aside, missing).unwrap();
    }
    assert_eq!(verify(&at(folder.path())).unwrap().records, 1500);
}

#[tokio::test]
async fn bytes_of_an_earlier_use_are_no_events() {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    fill(&log, 20).await;
    drop(log);
    // The same file, as it would be if it were used again for the same positions: only the header is new.
    let path = folder.path().join("segments/00000000000000000000.seg");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[32] ^= 0xFF;
    let crc = crc32c::crc32c(&bytes[..72]).to_le_bytes();
    bytes[72..76].copy_from_slice(&crc);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::remove_file(folder.path().join("mark")).unwrap();
    let log = EmbeddedLog::open(&at(folder.path())).unwrap();
    assert_eq!(everything(&log).await, []);
    fill(&log, 1).await;
    drop(log);
    assert_eq!(
        everything(&EmbeddedLog::open(&at(folder.path())).unwrap())
            .await
            .len(),
        1
    );
}
