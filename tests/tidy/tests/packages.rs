//! Packages from outside: declared once, and each large one behind the crates that exist to hold it.

use toml::{Table, Value};

use crate::workspace::Member;

/// Packages that only these crates of ours may name. Their types never appear in what those crates offer.
const BEHIND: &[(&str, &[&str])] = &[
    // The log: its clients, engines and formats.
    ("cqrs-es", &["domain-log"]),
    // The official client is also the other judge of the server that stands in for the real one.
    ("kurrentdb", &["domain-log", "tests-e2e"]),
    ("eventstore", &["domain-log", "tests-e2e"]),
    ("aes-gcm", &["domain-log"]),
    ("crc32c", &["domain-log"]),
    // Measured against, too.
    ("rusqlite", &["domain-log", "tests-bench"]),
    ("tokio-postgres", &["tests-bench"]),
    // The cluster's protocol, once from our side and once from the far side of the wire.
    ("tonic", &["domain-log", "tests-support"]),
    ("prost", &["domain-log", "tests-support"]),
    // Numbering plans.
    ("phonenumber", &["domain-model"]),
    // Sound and sockets.
    ("webrtc", &["media-gateway"]),
    ("rtc", &["media-gateway"]),
    ("rsipstack", &["media-gateway"]),
    // Doors.
    ("async-graphql", &["api-graphql"]),
    ("axum", &["api-server", "tests-support"]),
    (
        "reqwest",
        &["salesforce-client", "media-gateway", "tests-support"],
    ),
    ("clap", &["api-server"]),
    // Analytics.
    ("datafusion", &["projections-lumina"]),
    ("parquet", &["projections-lumina"]),
];

/// The one feature that a crate of ours may have: its suites and generators, for tests.
const CONTRACT: &str = "contract";

fn behind_complaints(members: &[Member]) -> Vec<String> {
    let mut complaints = Vec::new();
    for member in members {
        for dependency in &member.dependencies {
            let home = BEHIND.iter().find(|(package, _)| *package == dependency.package);
            if let Some((package, homes)) = home
                && !homes.contains(&member.name.as_str())
            {
                complaints.push(format!(
                    "{} depends on {package}, which lives behind {homes:?}: ask that crate instead",
                    member.name
                ));
            }
            let contract = dependency.features.iter().any(|feature| feature == CONTRACT);
            if contract && !dependency.dev && !member.name.starts_with("tests-") {
                complaints.push(format!(
                    "{} builds {} with `{CONTRACT}`, which is for tests only",
                    member.name, dependency.package
                ));
            }
        }
    }
    complaints
}

fn table_complaints(root: &Table) -> Vec<String> {
    let none = Table::new();
    let declared = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table)
        .unwrap_or(&none);
    declared
        .iter()
        .filter(|(_, value)| value.get("path").is_none())
        .filter(|(_, value)| value.get("default-features") != Some(&Value::Boolean(false)))
        .map(|(name, _)| format!("Cargo.toml declares {name} without default-features = false"))
        .collect()
}

fn manifest_complaints(file: &str, manifest: &Table) -> Vec<String> {
    let mut complaints = Vec::new();
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let declared = manifest.get(kind).and_then(Value::as_table);
        for (name, value) in declared.into_iter().flatten() {
            if value.get("workspace") != Some(&Value::Boolean(true)) {
                complaints.push(format!(
                    "{file}: {kind} {name} is not declared in the workspace's table; use {name}.workspace = true"
                ));
            }
            if value.get("default-features").is_some() {
                complaints.push(format!("{file}: {kind} {name} sets default-features again"));
            }
        }
    }
    if manifest.contains_key("target") {
        complaints.push(format!("{file}: dependencies by platform are not foreseen"));
    }
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    if lints != Some(&Value::Boolean(true)) {
        complaints.push(format!("{file} does not take the workspace's lints"));
    }
    let features = manifest.get("features").and_then(Value::as_table);
    for (name, value) in features.into_iter().flatten() {
        let known = match name.as_str() {
            "default" => value.as_array().is_some_and(Vec::is_empty),
            other => other == CONTRACT,
        };
        if !known {
            complaints.push(format!(
                "{file}: feature {name}: only `default = []` and `{CONTRACT}` are allowed; what a tenant may use is data"
            ));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{self, Dependency};

    fn manifest(text: &str) -> Table {
        text.parse().expect("a test's manifest is TOML")
    }

    fn depends(name: &str, package: &str, features: &[&str], dev: bool) -> Member {
        Member {
            name: name.to_owned(),
            folder: name.replacen('-', "/", 1),
            dependencies: vec![Dependency {
                package: package.to_owned(),
                features: features.iter().map(|feature| (*feature).to_owned()).collect(),
                dev,
            }],
        }
    }

    #[test]
    fn a_large_package_outside_its_crate_is_told() {
        let told = behind_complaints(&[
            depends("domain-log", "cqrs-es", &[], false),
            depends("api-server", "cqrs-es", &[], false),
        ]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("api-server depends on cqrs-es"), "{told:?}");
    }

    #[test]
    fn suites_for_tests_stay_out_of_the_product() {
        let told = behind_complaints(&[
            depends("domain-log", "domain-model", &["contract"], true),
            depends("tests-support", "domain-model", &["contract"], false),
            depends("api-server", "domain-log", &["contract"], false),
        ]);
        assert_eq!(
            told,
            ["api-server builds domain-log with `contract`, which is for tests only"]
        );
    }

    #[test]
    fn a_package_with_its_default_features_is_told() {
        let root = manifest(
            "[workspace.dependencies]\nown = { path = \"own\" }\ngood = { version = \"1\", default-features = false }\nbad = \"1\"",
        );
        assert_eq!(
            table_complaints(&root),
            ["Cargo.toml declares bad without default-features = false"]
        );
    }

    #[test]
    fn a_manifest_that_goes_its_own_way_is_told() {
        let told = manifest_complaints(
            "a/b/Cargo.toml",
            &manifest(
                "[features]\ndefault = [\"fast\"]\nfast = []\n[dependencies]\ngood.workspace = true\nbad = \"1\"\n[dev-dependencies]\nworse = { path = \"../c\" }",
            ),
        );
        assert_eq!(told.len(), 5, "{told:#?}");
        let fine = "[lints]\nworkspace = true\n[features]\ndefault = []\ncontract = []\n[dependencies]\na = { workspace = true, optional = true }";
        assert_eq!(
            manifest_complaints("a/b/Cargo.toml", &manifest(fine)),
            Vec::<String>::new()
        );
    }

    #[test]
    fn large_packages_live_behind_one_crate() {
        crate::expect_none(
            "Each large package lives behind one crate (docs/STYLE.md, 12; the list is in tests/tidy/tests/packages.rs).",
            &behind_complaints(&workspace::members(&workspace::metadata())),
        );
    }

    #[test]
    fn dependencies_are_declared_once() {
        let mut complaints = Vec::new();
        for (file, text) in workspace::texts("Cargo.toml") {
            let manifest: Table = text.parse().unwrap_or_else(|e| panic!("{file}: {e}"));
            if file == "Cargo.toml" {
                complaints.extend(table_complaints(&manifest));
            } else {
                complaints.extend(manifest_complaints(&file, &manifest));
            }
        }
        crate::expect_none(
            "Dependencies are declared once, in the root's table, with default-features = false (docs/STYLE.md, 11 and 12).",
            &complaints,
        );
    }
}
