//! Finds the official protocol files of KurrentDB where they already are: inside the package of its client.
//!
//! Shared by the build scripts of `domain/log` (the client's part) and `tests/support` (the server's part), so that
//! both ends speak from the same files and none of them is copied into this repository.

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use prost_types::FileDescriptorSet;

/// The package whose folder holds the files.
const CLIENT: &str = "kurrentdb";
/// What neither end uses of the words that all services share: details of refusals, which travel untyped.
const LEFT_OUT: [&str; 8] = [
    "WrongExpectedVersion",
    "AccessDenied",
    "StreamDeleted",
    "Timeout",
    "Unknown",
    "InvalidTransaction",
    "MaximumAppendSizeExceeded",
    "BadRequest",
];

/// Reads protocol files, such as `streams.proto`, with everything that they import.
///
/// # Errors
/// If the client's package or one of the files cannot be found or understood.
pub(crate) fn read(files: &[&str]) -> Result<FileDescriptorSet, Box<dyn Error>> {
    let folder = folder()?;
    rerun_if_changed(&folder);
    let mut set = protox::compile(files, [&folder])?;
    for file in &mut set.file {
        // Their comments are no Markdown, and would be read as such.
        file.source_code_info = None;
        if file.name() == "shared.proto" {
            file.message_type
                .retain(|message| !LEFT_OUT.contains(&message.name()));
        }
    }
    Ok(set)
}

// The lock file says which version of the client is used, and with it which folder.
fn rerun_if_changed(folder: &Path) {
    println!("cargo::rerun-if-changed=build.rs");
    // From both packages that include this file.
    println!("cargo::rerun-if-changed=../../domain/log/build/protos.rs");
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", folder.display());
}

fn folder() -> Result<PathBuf, Box<dyn Error>> {
    // Offline first: all that is built is there already. A fresh checkout may lack packages that only other members
    // of the workspace need, and cargo wants to know them all; then it may fetch them.
    let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
    let packages = metadata["packages"].as_array().ok_or("cargo names no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == CLIENT)
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or_else(|| format!("{CLIENT} is not among the packages of this workspace"))?;
    Ok(Path::new(manifest).with_file_name("protos"))
}

fn metadata(options: &[&str]) -> Result<serde_json::Value, Box<dyn Error>> {
    let output = Command::new(variable("CARGO")?)
        .args(["metadata", "--format-version", "1", "--filter-platform"])
        .arg(variable("TARGET")?)
        .args(options)
        .current_dir(variable("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn variable(name: &str) -> Result<OsString, Box<dyn Error>> {
    std::env::var_os(name).ok_or_else(|| format!("cargo did not set {name}").into())
}
