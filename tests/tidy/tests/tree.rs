//! The folders of the project, fixed, and the shape of files.

use std::collections::BTreeSet;

/// The folders beside `Cargo.toml`, all of which exist.
const FOLDERS: &[&str] = &[
    "api",
    "docs",
    "domain",
    "media",
    "projections",
    "salesforce",
    "tests",
];
/// Folders that tools look for under these names.
const TOOLS: &[&str] = &[".cargo", ".ci", ".config"];
/// The largest file of the project, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

fn folder_complaints(files: &[String]) -> Vec<String> {
    let there: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.split_once('/').map(|(folder, _)| folder))
        .collect();
    let foreign = there
        .iter()
        .filter(|folder| !FOLDERS.contains(*folder) && !TOOLS.contains(*folder))
        .map(|folder| format!("{folder}/ is none of the project's folders {FOLDERS:?}"));
    let missing = FOLDERS
        .iter()
        .filter(|folder| !there.contains(*folder))
        .map(|folder| format!("{folder}/ is missing"));
    foreign.chain(missing).collect()
}

fn crate_complaints(files: &[String], members: &[String]) -> Vec<String> {
    files
        .iter()
        .filter_map(|file| file.strip_suffix("/Cargo.toml"))
        .filter(|folder| !members.iter().any(|member| member == folder))
        .map(|folder| format!("{folder} has a Cargo.toml and is no member of the workspace"))
        .collect()
}

fn module_complaints(files: &[String]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.ends_with("/mod.rs"))
        .map(|file| format!("{file}: write x.rs with x/ beside it"))
        .collect()
}

fn size_complaints(sizes: impl IntoIterator<Item = (String, u64)>) -> Vec<String> {
    sizes
        .into_iter()
        .filter(|(_, bytes)| *bytes > FILE_BYTES_MAX)
        .map(|(file, bytes)| format!("{file} has {bytes} bytes, {FILE_BYTES_MAX} are allowed"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    fn files(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_foreign_and_a_missing_folder_are_told() {
        let mut there: Vec<String> = FOLDERS
            .iter()
            .map(|folder| format!("{folder}/README.md"))
            .collect();
        there.extend(files(&["Makefile", ".ci/run"]));
        assert_eq!(folder_complaints(&there), Vec::<String>::new());
        there.retain(|file| !file.starts_with("media/"));
        there.push("utils/a.rs".to_owned());
        assert_eq!(folder_complaints(&there).len(), 2);
    }

    #[test]
    fn a_crate_outside_the_workspace_is_told() {
        let there = files(&["Cargo.toml", "domain/log/Cargo.toml", "domain/fuzz/Cargo.toml"]);
        assert_eq!(
            crate_complaints(&there, &files(&["domain/log"])),
            ["domain/fuzz has a Cargo.toml and is no member of the workspace"]
        );
    }

    #[test]
    fn large_files_and_mod_rs_are_told() {
        assert_eq!(
            module_complaints(&files(&["a/src/b/mod.rs", "a/src/modes.rs"])),
            ["a/src/b/mod.rs: write x.rs with x/ beside it"]
        );
        let sizes = [("small".to_owned(), 7), ("large".to_owned(), FILE_BYTES_MAX + 1)];
        assert_eq!(size_complaints(sizes).len(), 1);
    }

    #[test]
    fn the_folders_are_the_architectures() {
        let files = workspace::files();
        let members = workspace::members(&workspace::metadata());
        let members: Vec<String> = members.into_iter().map(|member| member.folder).collect();
        let mut complaints = folder_complaints(&files);
        complaints.extend(crate_complaints(&files, &members));
        complaints.extend(module_complaints(&files));
        crate::expect_none(
            "The folders are fixed (docs/ARCHITECTURE.md, \"Folders and layers\").",
            &complaints,
        );
    }

    #[test]
    fn no_file_is_too_large_to_review() {
        let root = workspace::root();
        let sizes = workspace::files().into_iter().map(|file| {
            let bytes = root.join(&file).metadata().map_or(0, |metadata| metadata.len());
            (file, bytes)
        });
        crate::expect_none("No file of the project is past 1 MiB.", &size_complaints(sizes));
    }
}
