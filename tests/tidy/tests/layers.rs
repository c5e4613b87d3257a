//! Which crate of ours may depend on which: the table of `docs/ARCHITECTURE.md`.

use std::collections::BTreeSet;

use crate::workspace::Member;

/// One crate of the architecture, whether it exists yet or not.
pub(crate) struct Row {
    layer: u8,
    /// The package's name, which is its path.
    pub(crate) name: &'static str,
    may: &'static [&'static str],
}

/// The table. A crate may depend on what stands in its row, and on what those may depend on.
///
/// The same holds for dev- and build-dependencies: a test that needs what stands above its crate lives under `tests/`.
pub(crate) const TABLE: &[Row] = &[
    Row {
        layer: 0,
        name: "domain-model",
        may: &[],
    },
    Row {
        layer: 0,
        name: "salesforce-client",
        may: &[],
    },
    Row {
        layer: 1,
        name: "domain-log",
        may: &["domain-model"],
    },
    Row {
        layer: 1,
        name: "projections-views",
        may: &["domain-model"],
    },
    Row {
        layer: 1,
        name: "media-voice",
        may: &["domain-model"],
    },
    // Part of the product, which offers it from the command line: it stands where its dependencies allow.
    Row {
        layer: 1,
        name: "tests-sim",
        may: &["domain-model"],
    },
    Row {
        layer: 2,
        name: "projections-runner",
        may: &["domain-log", "projections-views"],
    },
    Row {
        layer: 2,
        name: "media-channels",
        may: &["media-voice"],
    },
    Row {
        layer: 2,
        name: "media-assistant",
        may: &["media-voice"],
    },
    Row {
        layer: 3,
        name: "media-gateway",
        may: &["domain-log", "media-voice", "media-channels", "media-assistant"],
    },
    Row {
        layer: 3,
        name: "projections-lumina",
        may: &["projections-runner", "projections-views"],
    },
    Row {
        layer: 3,
        name: "salesforce-sync",
        may: &[
            "salesforce-client",
            "projections-runner",
            "projections-views",
            "domain-log",
        ],
    },
    // The one dependency within a layer: GraphQL asks Lumina through Lumina's own query trait.
    Row {
        layer: 3,
        name: "api-graphql",
        may: &[
            "projections-runner",
            "projections-views",
            "projections-lumina",
            "domain-log",
        ],
    },
    Row {
        layer: 4,
        name: "api-server",
        may: &[
            "media-gateway",
            "projections-lumina",
            "salesforce-sync",
            "api-graphql",
            "tests-sim",
        ],
    },
    Row {
        layer: 5,
        name: "tests-support",
        may: &["api-server"],
    },
    Row {
        layer: 5,
        name: "tests-tidy",
        may: &[],
    },
    Row {
        layer: 6,
        name: "tests-e2e",
        may: &["tests-support"],
    },
    Row {
        layer: 6,
        name: "tests-bench",
        may: &["tests-support", "tests-sim"],
    },
];

/// Lists what the crates do against the table.
pub(crate) fn complaints(table: &[Row], members: &[Member]) -> Vec<String> {
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut complaints = Vec::new();
    for member in members {
        let name = &member.name;
        let by_path = member.folder.replace('/', "-");
        if *name != by_path {
            complaints.push(format!(
                "{}/Cargo.toml names its package {name}; by its path it is {by_path}",
                member.folder
            ));
        }
        let Some(row) = table.iter().find(|row| row.name == name) else {
            complaints.push(format!(
                "{name} is in no layer: say in docs/ARCHITECTURE.md and in tests/tidy/tests/layers.rs what it may depend on"
            ));
            continue;
        };
        let may = reachable(table, row);
        for dependency in &member.dependencies {
            let on = dependency.package.as_str();
            let known = ours.contains(on) || table.iter().any(|row| row.name == on);
            if known && on != name && !may.contains(on) {
                let whence = table.iter().find(|row| row.name == on).map(|row| row.layer);
                complaints.push(format!(
                    "{name} (layer {}) depends on {on} (layer {}): it may only depend on {may:?}",
                    row.layer,
                    whence.map_or_else(|| "none".to_owned(), |layer| layer.to_string()),
                ));
            }
        }
    }
    complaints
}

// What a row names, and what those rows name in turn.
fn reachable<'a>(table: &'a [Row], row: &'a Row) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = row.may.to_vec();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            let next = table.iter().filter(|row| row.name == name);
            open.extend(next.flat_map(|row| row.may));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{self, Dependency};

    fn member(name: &str, folder: &str, on: &[&str]) -> Member {
        Member {
            name: name.to_owned(),
            folder: folder.to_owned(),
            dependencies: on
                .iter()
                .map(|package| Dependency {
                    package: (*package).to_owned(),
                    features: vec![],
                    dev: false,
                })
                .collect(),
        }
    }

    #[test]
    fn what_a_row_reaches_may_be_named() {
        let runner = member(
            "projections-runner",
            "projections/runner",
            &["domain-log", "domain-model", "serde"],
        );
        assert_eq!(complaints(TABLE, &[runner]), Vec::<String>::new());
    }

    #[test]
    fn upward_sideways_and_unknown_dependencies_are_told() {
        let members = [
            member("domain-model", "domain/model", &["domain-log"]),
            member("domain-log", "domain/log", &["projections-views", "helpers"]),
            member("helpers", "domain/helpers", &[]),
        ];
        let told = complaints(TABLE, &members);
        assert_eq!(told.len(), 5, "{told:#?}");
        assert!(told[0].contains("domain-model (layer 0) depends on domain-log (layer 1)"));
        assert!(told[1].contains("domain-log (layer 1) depends on projections-views (layer 1)"));
        assert!(told[2].contains("depends on helpers (layer none)"));
        assert!(told[3].contains("by its path it is domain-helpers"));
        assert!(told[4].contains("helpers is in no layer"));
    }

    #[test]
    fn the_table_itself_goes_down() {
        for row in TABLE {
            for name in row.may {
                let on = TABLE.iter().find(|other| other.name == *name);
                let on = on.unwrap_or_else(|| panic!("{} may use {name}, which has no row", row.name));
                let asks_lumina = row.name == "api-graphql" && on.name == "projections-lumina";
                assert!(on.layer < row.layer || asks_lumina, "{} on {name}", row.name);
            }
        }
    }

    #[test]
    fn dependencies_among_our_crates_only_go_down() {
        crate::expect_none(
            "Dependencies among the crates only go down (docs/ARCHITECTURE.md, \"Folders and layers\").",
            &complaints(TABLE, &workspace::members(&workspace::metadata())),
        );
    }
}
