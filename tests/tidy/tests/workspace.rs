//! The workspace as Cargo and git see it: its crates, what they declare, and the files of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand};

/// One crate of ours with what it declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The package's name: `media-voice`.
    pub(crate) name: String,
    /// Its folder from the root, with `/`: `media/voice`.
    pub(crate) folder: String,
    /// What it declares, of every kind: normal, dev and build.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One declared dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's own name, whatever the crate calls it.
    pub(crate) package: String,
    /// Features that are asked for beyond the workspace's table.
    pub(crate) features: Vec<String>,
    /// Whether only tests see it.
    pub(crate) dev: bool,
}

/// Returns the folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("this crate lies in tests/tidy")
        .to_path_buf()
}

/// Asks Cargo for the whole workspace, all features on, as it is locked and for this machine's platform.
///
/// Packages of other platforms stay out: they are not downloaded by a build, and a test needs no network.
pub(crate) fn metadata() -> Metadata {
    let version = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc built this test, so it can be run");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc -vV names the host");
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked", "--filter-platform", host].map(String::from))
        .exec()
        .unwrap_or_else(|e| panic!("cargo metadata --locked failed: {e}"))
}

/// Returns the crates of ours with what they declare.
pub(crate) fn members(metadata: &Metadata) -> Vec<Member> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Member {
            name: package.name.to_string(),
            folder: package
                .manifest_path
                .parent()
                .and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok())
                .map(|folder| folder.as_str().replace('\\', "/"))
                .expect("a member lies below the workspace's root"),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    package: dependency.name.clone(),
                    features: dependency.features.clone(),
                    dev: dependency.kind == cargo_metadata::DependencyKind::Development,
                })
                .collect(),
        })
        .collect()
}

/// Returns the project's files from the root, with `/`, sorted: what git tracks or would track.
///
/// Without a repository (an unpacked archive) it is every file that a build does not make.
pub(crate) fn files() -> Vec<String> {
    let root = root();
    let mut files = if root.join(".git").exists() {
        git_files(&root)
    } else {
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files
    };
    files.retain(|file| root.join(file).is_file());
    files.sort();
    files.dedup();
    files
}

/// Reads one file of the project; what is no text comes back with replacement characters.
pub(crate) fn read(file: &str) -> String {
    let bytes = std::fs::read(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the project's files that end in `suffix`, each with its text.
pub(crate) fn texts(suffix: &str) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|file| file.ends_with(suffix))
        .map(|file| {
            let text = read(&file);
            (file, text)
        })
        .collect()
}

fn git_files(root: &Path) -> Vec<String> {
    let output = Command::new("git")
        // The checkout may belong to another user, as in a container; reading names is harmless.
        .arg("-c")
        .arg(format!("safe.directory={}", root.display()))
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("a checkout made with git has git");
    assert!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(String::from)
        .collect()
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<String>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder that opened can be listed").path();
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy();
        let made =
            matches!(&*name, "target" | "data") || name.ends_with("node_modules") || name.ends_with(".log");
        if made {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, files);
        } else {
            files.push(name.replace('\\', "/"));
        }
    }
}
