use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use domain_log::embedded::verify;

use super::*;

const ROOM: &str = "24m";

/// Runs the storm on a small file system in memory, in a name space of its own; `None` if this machine grants none.
///
/// Once the log has refused, what else filled the file system goes, and the storm goes on.
fn storm_on_a_small_disk(folder: &Path) -> Option<Child> {
    let allowed = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "true"])
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        return None;
    }
    // The file system is gone with its last process, so the log is copied out of it by the same shell.
    let script = format!(
        "mount -t tmpfs -o size={ROOM} tmpfs \"$1\" && head -c 8M /dev/zero >\"$1/other\" &&
         {{ \"$2\" \"$1/log\" & storm=$!; read -r _; rm \"$1/other\"; read -r _; kill -9 $storm; wait; cp -r \"$1/log\" \"$3\"; }}"
    );
    let child = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"])
        .args([&folder.join("disk"), Path::new(STORM), &folder.join("kept")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    child.ok()
}

#[tokio::test]
async fn a_full_disk_refuses_until_there_is_room() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("disk")).unwrap();
    let Some(mut child) = storm_on_a_small_disk(folder.path()) else {
        // Nothing was shown then; the same on a disk that pretends is in domain/log.
        return;
    };
    let mut orders = child.stdin.take().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        output
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| told.send(line))
    });
    let mut refusal = String::new();
    errors.read_line(&mut refusal).unwrap();
    assert_eq!(refusal, "the log's disk is full\n");
    let errors = std::thread::spawn(move || std::io::copy(&mut errors.by_ref(), &mut std::io::sink()));
    let mut acknowledged = Vec::new();
    while let Ok(line) = heard.try_recv() {
        acknowledged.extend(Acknowledged::read(&format!("{line}\n")));
    }
    writeln!(orders, "make room").unwrap();
    let before = acknowledged.len();
    while acknowledged.len() < before + 1000 {
        let line = tokio::time::timeout(domain_log::contract::sample::LIMIT, heard.recv()).await;
        acknowledged.extend(Acknowledged::read(&format!(
            "{}\n",
            line.expect("it goes on").expect("it runs")
        )));
    }
    writeln!(orders, "enough").unwrap();
    while let Some(line) = heard.recv().await {
        acknowledged.extend(Acknowledged::read(&format!("{line}\n")));
    }
    child.wait().unwrap();
    errors.join().unwrap().unwrap();
    let verified = verify(&config(&folder.path().join("kept"))).expect("the chain holds");
    let last = acknowledged.iter().map(|said| said.position).max().unwrap();
    assert!(
        verified.records > last,
        "{} records, {last} was acknowledged",
        verified.records
    );
}
