//! The golden files: every form in which an event was ever stored, under `domain/model/golden/<aggregate>/`.

use std::collections::{BTreeMap, BTreeSet};

/// Where the golden files lie.
pub(crate) const FOLDER: &str = "domain/model/golden/";

/// A golden file by its name: `consent/ConsentGiven.v1.json`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Golden {
    /// The folder, named like the aggregate's module: `consent`.
    pub(crate) aggregate: String,
    /// The kind: `ConsentGiven`.
    pub(crate) kind: String,
    /// The version, from 1.
    pub(crate) version: u16,
}

/// Reads a golden file's name.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(file: &str) -> Result<Golden, String> {
    let wrong = || format!("{file} is not named {FOLDER}<aggregate>/<Kind>.v<N>.json");
    let (aggregate, name) = file
        .strip_prefix(FOLDER)
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(wrong)?;
    let (kind, version) = name
        .strip_suffix(".json")
        .and_then(|stem| stem.split_once(".v"))
        .ok_or_else(wrong)?;
    let right = !aggregate.is_empty()
        && aggregate
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-')
        && kind.starts_with(|c: char| c.is_ascii_uppercase())
        && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    let number: u16 = version.parse().map_err(|_| wrong())?;
    if right && number > 0 && number.to_string() == version {
        Ok(Golden {
            aggregate: aggregate.to_owned(),
            kind: kind.to_owned(),
            version: number,
        })
    } else {
        Err(wrong())
    }
}

/// Returns the golden files among the project's; what is wrongly named is left to the test that tells it.
pub(crate) fn among(files: &[String]) -> BTreeSet<Golden> {
    let golden = files.iter().filter(|file| file.starts_with(FOLDER));
    golden.filter_map(|file| parse(file).ok()).collect()
}

fn version_complaints(golden: &BTreeSet<Golden>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<&Golden>> = BTreeMap::new();
    for file in golden {
        kinds.entry(&file.kind).or_default().push(file);
    }
    let mut complaints = Vec::new();
    for (kind, mut files) in kinds {
        files.sort_by_key(|file| file.version);
        let versions: Vec<u16> = files.iter().map(|file| file.version).collect();
        let last = versions.last().copied().unwrap_or(0);
        if versions != (1..=last).collect::<Vec<_>>() {
            complaints.push(format!(
                "{kind} has golden files for versions {versions:?}: every version from 1 on was stored once and stays readable"
            ));
        }
        if files.iter().any(|file| file.aggregate != files[0].aggregate) {
            complaints.push(format!("{kind} has golden files in more than one folder"));
        }
    }
    complaints
}

fn json_complaints(file: &str, text: &str) -> Vec<String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => vec![],
        Ok(_) => vec![format!("{file} holds JSON that is no object")],
        Err(e) => vec![format!("{file} is not JSON: {e}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    fn file(aggregate: &str, kind: &str, version: u16) -> Golden {
        Golden {
            aggregate: aggregate.to_owned(),
            kind: kind.to_owned(),
            version,
        }
    }

    #[test]
    fn names_are_read() {
        let name = |rest: &str| format!("{FOLDER}{rest}");
        assert_eq!(
            parse(&name("consent/ConsentGiven.v12.json")),
            Ok(file("consent", "ConsentGiven", 12))
        );
        for wrong in [
            "ConsentGiven.v1.json",
            "consent/ConsentGiven.json",
            "consent/ConsentGiven.v0.json",
            "consent/ConsentGiven.v01.json",
            "consent/consentGiven.v1.json",
            "Consent/ConsentGiven.v1.json",
            "consent/ConsentGiven.v1.txt",
            "consent/old/ConsentGiven.v1.json",
        ] {
            assert!(parse(&name(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_version_left_out_is_told() {
        let complete = BTreeSet::from([file("a", "AX", 1), file("a", "AX", 2), file("a", "AY", 1)]);
        assert_eq!(version_complaints(&complete), Vec::<String>::new());
        let gap = BTreeSet::from([file("a", "AX", 1), file("a", "AX", 3)]);
        assert_eq!(version_complaints(&gap).len(), 1);
        let twice = BTreeSet::from([file("a", "AX", 1), file("b", "AX", 2)]);
        assert_eq!(version_complaints(&twice).len(), 1);
    }

    #[test]
    fn what_is_no_json_object_is_told() {
        assert_eq!(json_complaints("a", "{\"at\": 1}"), Vec::<String>::new());
        assert_eq!(json_complaints("a", "[1]").len(), 1);
        assert_eq!(json_complaints("a", "{").len(), 1);
    }

    #[test]
    fn every_form_ever_stored_has_its_golden_file() {
        let files = workspace::files();
        let here: Vec<&String> = files.iter().filter(|file| file.starts_with(FOLDER)).collect();
        assert!(!here.is_empty(), "there are golden files under {FOLDER}");
        let mut complaints = version_complaints(&among(&files));
        for file in here {
            complaints.extend(parse(file).err());
            complaints.extend(json_complaints(file, &workspace::read(file)));
        }
        crate::expect_none(
            "Every form in which an event was ever stored has a golden file (docs/how-to/add-an-event.md).",
            &complaints,
        );
    }
}
