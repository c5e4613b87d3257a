use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use domain_log::contract::sample::all;
use domain_log::embedded::verify;
use domain_log::{EmbeddedLog, EventLog as _, Filter, Position, Range, Revision};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::*;

const KILLS: u64 = 200;

/// Runs the storm until it has acknowledged `enough` appends, kills it, and returns all that it acknowledged.
fn storm(folder: &Path, enough: usize) -> Vec<Acknowledged> {
    let mut child = Command::new(STORM)
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the storm can be started");
    let mut output = BufReader::new(child.stdout.take().expect("it was asked for"));
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    while acknowledged.len() < enough {
        line.clear();
        assert_ne!(
            output.read_line(&mut line).expect("a pipe can be read"),
            0,
            "it ended by itself"
        );
        acknowledged.extend(Acknowledged::read(&line));
    }
    child.kill().expect("it runs");
    child.wait().expect("it was started");
    // What it had said before it was killed is still in the pipe.
    loop {
        line.clear();
        if output.read_line(&mut line).expect("a pipe can be read") == 0 {
            return acknowledged;
        }
        acknowledged.extend(Acknowledged::read(&line));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut chance = StdRng::seed_from_u64(20_261_122);
    let mut seen = 0;
    for kill in 0..KILLS {
        // Often at once, so that it dies while opening, too.
        let enough = if chance.random_bool(0.2) {
            0
        } else {
            chance.random_range(1..1500)
        };
        let acknowledged = storm(folder.path(), enough);
        if kill == 0 && acknowledged.is_empty() {
            continue;
        }
        let log = EmbeddedLog::open(&config(folder.path()))
            .unwrap_or_else(|refused| panic!("kill {kill}: {refused}"));
        let after = u64::checked_sub(seen, 1).map(Position::at);
        let new = all(log.read_all(Range::Forwards { after }, Filter::default(), usize::MAX)).await;
        for (place, event) in new.iter().enumerate() {
            assert_eq!(
                event.position,
                Position::at(seen + place as u64),
                "kill {kill}: gapless"
            );
        }
        for said in acknowledged {
            let event = &new[usize::try_from(said.position - seen).unwrap()];
            let found = (event.stream.as_str(), event.revision, event.id.to_string());
            assert_eq!(
                found,
                (&*said.stream, Revision(said.revision), said.id),
                "kill {kill}"
            );
        }
        seen += new.len() as u64;
    }
    let verified = verify(&config(folder.path())).expect("the chain holds over all of it");
    assert_eq!(verified.records, seen);
    assert!(seen > KILLS * 100, "only {seen} events in all");
}
