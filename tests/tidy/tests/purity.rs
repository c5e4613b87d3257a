//! The pure crates: no IO anywhere below them, and a `clippy.toml` that bans clocks, chance and disorder.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use toml::{Table, Value};

/// The crates that decide, fold or compute, and never touch the world.
pub(crate) const PURE: &[&str] = &[
    "domain-model",
    "projections-views",
    "media-voice",
    "media-channels",
    "media-assistant",
    "tests-sim",
];

/// Packages that do IO, or that stand for it.
const WORLDLY: &[&str] = &[
    "async-graphql",
    "axum",
    "cqrs-es",
    "eventstore",
    "hyper",
    "kurrentdb",
    "mio",
    "reqwest",
    "rtc",
    "rusqlite",
    "socket2",
    "tokio",
    "tonic",
    "webrtc",
];

/// What a pure crate's `clippy.toml` bans beside what the root's does.
const BANS: &[&str] = &[
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "uuid::Uuid::new_v4",
    "uuid::Uuid::now_v7",
    "std::collections::HashMap::iter",
    "std::collections::HashMap::keys",
    "std::collections::HashMap::values",
    "std::collections::HashMap::drain",
    "std::collections::HashSet::iter",
];

/// Finds the shortest way from a crate down to each worldly package.
///
/// `below`: what each package is built with, tests and build scripts left out.
fn ways_to_the_world(from: &str, below: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(name) = open.pop_front() {
        for next in below.get(name).into_iter().flatten() {
            if next != from && !came_from.contains_key(next.as_str()) {
                came_from.insert(next, name);
                open.push_back(next);
            }
        }
    }
    let mut ways = Vec::new();
    for worldly in WORLDLY.iter().filter(|name| came_from.contains_key(*name)) {
        let mut way = vec![*worldly];
        while let Some(above) = way.last().and_then(|name| came_from.get(name)) {
            way.push(above);
        }
        way.reverse();
        ways.push(way.join(" -> "));
    }
    ways
}

/// Lists what a pure crate's `clippy.toml` leaves out.
fn bans_missing(krate: &str, root: &Table, own: Option<&Table>) -> Vec<String> {
    let Some(own) = own else {
        return vec![format!(
            "{krate} has no clippy.toml: copy another pure crate's, for the nearest file alone counts"
        )];
    };
    let banned = banned(own);
    let mut missing: Vec<String> = banned_or(root)
        .filter(|path| !banned.contains(path))
        .map(|path| format!("{krate}/clippy.toml does not ban {path}"))
        .collect();
    for (key, value) in root.iter().filter(|(key, _)| *key != "disallowed-methods") {
        if own.get(key) != Some(value) {
            missing.push(format!("{krate}/clippy.toml does not repeat {key} = {value}"));
        }
    }
    missing
}

fn banned_or(root: &Table) -> impl Iterator<Item = String> {
    let own = BANS.iter().map(|path| (*path).to_owned());
    banned(root).into_iter().chain(own)
}

fn banned(file: &Table) -> BTreeSet<String> {
    let methods = file.get("disallowed-methods").and_then(Value::as_array);
    methods
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.get("path").and_then(Value::as_str).or(entry.as_str()))
        .map(String::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use cargo_metadata::{DependencyKind, Metadata};

    fn graph(edges: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
        let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in edges {
            below
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        below
    }

    fn built_with(metadata: &Metadata) -> BTreeMap<String, BTreeSet<String>> {
        let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let resolve = metadata.resolve.as_ref().expect("metadata with dependencies");
        for node in &resolve.nodes {
            let from = below.entry(metadata[&node.id].name.to_string()).or_default();
            for on in &node.deps {
                if on
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
                {
                    from.insert(metadata[&on.pkg].name.to_string());
                }
            }
        }
        below
    }

    #[test]
    fn the_way_to_the_world_is_shown() {
        let below = graph(&[
            ("media-voice", "a"),
            ("a", "b"),
            ("b", "tokio"),
            ("c", "mio"),
            ("b", "a"),
        ]);
        assert_eq!(
            ways_to_the_world("media-voice", &below),
            ["media-voice -> a -> b -> tokio"]
        );
        assert_eq!(
            ways_to_the_world("b", &graph(&[("b", "serde")])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_ban_left_out_is_told() {
        let root: Table = "x = true\ndisallowed-methods = [{ path = \"std::env::var\" }]"
            .parse()
            .expect("TOML");
        let own: Table = "disallowed-methods = [\"std::time::Instant::now\"]"
            .parse()
            .expect("TOML");
        let told = bans_missing("a/b", &root, Some(&own));
        assert_eq!(told.len(), BANS.len() + 1, "{told:#?}");
        assert!(told.contains(&"a/b/clippy.toml does not ban std::env::var".to_owned()));
        assert!(told.contains(&"a/b/clippy.toml does not repeat x = true".to_owned()));
        assert_eq!(bans_missing("a/b", &root, None).len(), 1);
    }

    #[test]
    fn pure_crates_do_not_reach_the_world() {
        let metadata = workspace::metadata();
        let below = built_with(&metadata);
        let ways: Vec<String> = PURE
            .iter()
            .flat_map(|pure| ways_to_the_world(pure, &below))
            .collect();
        crate::expect_none(
            "Pure crates are built without IO (docs/adr/0001): each line is a way down to what does it.",
            &ways,
        );
    }

    #[test]
    fn pure_crates_ban_clocks_chance_and_disorder() {
        let table = |file: &str| -> Table {
            workspace::read(file)
                .parse()
                .unwrap_or_else(|e| panic!("{file}: {e}"))
        };
        let root = table("clippy.toml");
        let files = workspace::files();
        let members = workspace::members(&workspace::metadata());
        let complaints: Vec<String> = members
            .iter()
            .filter(|member| PURE.contains(&member.name.as_str()))
            .flat_map(|member| {
                let file = format!("{}/clippy.toml", member.folder);
                let own = files.contains(&file).then(|| table(&file));
                bans_missing(&member.folder, &root, own.as_ref())
            })
            .collect();
        crate::expect_none(
            "Pure crates ban clocks, chance and the order of hash maps, beside the root's bans (clippy.toml).",
            &complaints,
        );
    }
}
