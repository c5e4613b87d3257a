//! The documents: they name what exists, their links lead somewhere, and decisions are numbered without gap.

use std::collections::BTreeSet;

use crate::golden::Golden;

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
const GLOSSARY: &str = "docs/GLOSSARY.md";
const EVENTS: &str = "docs/events.md";
const DECISIONS: &str = "docs/adr/";
/// What each decision says, in this order.
const DECISION_PARTS: &[&str] = &["## Context", "## Decision", "## Consequences", "## Turned down"];

fn unnamed_crates<'a>(architecture: &str, crates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    crates
        .into_iter()
        .filter(|name| !architecture.contains(&format!("`{name}`")))
        .map(|name| format!("{ARCHITECTURE} does not name `{name}`"))
        .collect()
}

/// An aggregate stands in the glossary as a word of its own: `routing_policy` as `**Routing policy**`.
fn unexplained_aggregates(glossary: &str, golden: &BTreeSet<Golden>) -> Vec<String> {
    let bold = glossary
        .lines()
        .flat_map(|line| line.split("**").skip(1).step_by(2));
    let words: BTreeSet<String> = bold.map(str::to_lowercase).collect();
    let aggregates: BTreeSet<&str> = golden.iter().map(|file| file.aggregate.as_str()).collect();
    aggregates
        .into_iter()
        .map(|aggregate| aggregate.replace(['_', '-'], " "))
        .filter(|aggregate| !words.contains(aggregate))
        .map(|aggregate| format!("{GLOSSARY} does not explain **{aggregate}**"))
        .collect()
}

fn undocumented_kinds(events: &str, golden: &BTreeSet<Golden>) -> Vec<String> {
    let headings: BTreeSet<&str> = events
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    let kinds: BTreeSet<&str> = golden.iter().map(|file| file.kind.as_str()).collect();
    kinds
        .into_iter()
        .filter(|kind| !headings.contains(kind))
        .map(|kind| {
            format!("{EVENTS} does not describe {kind}, which has a golden file; `make docs` writes it")
        })
        .collect()
}

fn decision_complaints(decisions: &[(String, String)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, (file, text)) in decisions.iter().enumerate() {
        let number = index + 1;
        if !file.starts_with(&format!("{DECISIONS}{number:04}-")) {
            complaints.push(format!(
                "{file} should be number {number:04}: decisions have no gaps and no twins"
            ));
        }
        if !text.starts_with(&format!("# {number}. ")) {
            complaints.push(format!(
                "{file} does not begin with `# {number}. ` and what was decided"
            ));
        }
        let places: Vec<Option<usize>> = DECISION_PARTS.iter().map(|part| text.find(part)).collect();
        if places.contains(&None) || !places.is_sorted() {
            complaints.push(format!(
                "{file} does not have the parts {DECISION_PARTS:?} in this order"
            ));
        }
    }
    complaints
}

/// Lists the links of a Markdown file that lead nowhere within the project.
///
/// `anchors_of`: the anchors of a file of the project, none if there is no such file or folder.
fn broken_links(
    file: &str,
    text: &str,
    anchors_of: impl Fn(&str) -> Option<BTreeSet<String>>,
) -> Vec<String> {
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut complaints = Vec::new();
    for link in links(text) {
        if link.contains("://") || link.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = link
            .split_once('#')
            .map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
        let target = if path.is_empty() {
            Some(file.to_owned())
        } else {
            resolve(folder, path)
        };
        match target.and_then(|target| anchors_of(&target)) {
            None => complaints.push(format!("{file}: the link {link} leads nowhere")),
            Some(anchors) => {
                if anchor.is_some_and(|anchor| !anchors.contains(anchor)) {
                    complaints.push(format!(
                        "{file}: the link {link} names a heading that is not there"
                    ));
                }
            }
        }
    }
    complaints
}

fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    prose
        .match_indices("](")
        .filter_map(|(at, open)| {
            let rest = &prose[at + open.len()..];
            rest.find(')').map(|end| rest[..end].trim().to_owned())
        })
        .collect()
}

/// Takes the code out of a Markdown text.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Returns the anchors that a Markdown text's headings get.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let heading = line.trim_start_matches('#');
        if !fenced && heading.len() < line.len() && heading.starts_with(' ') {
            anchors.insert(slug(heading.trim()));
        }
    }
    anchors
}

fn slug(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, layers, workspace};

    fn golden_of(aggregate: &str, kind: &str) -> BTreeSet<Golden> {
        BTreeSet::from([Golden {
            aggregate: aggregate.to_owned(),
            kind: kind.to_owned(),
            version: 1,
        }])
    }

    #[test]
    fn a_crate_without_a_place_in_the_architecture_is_told() {
        assert_eq!(
            unnamed_crates("`domain-log` keeps", ["domain-log", "domain-model"]).len(),
            1
        );
    }

    #[test]
    fn an_aggregate_without_a_word_and_a_kind_without_a_page_are_told() {
        let golden = golden_of("routing_policy", "RoutingPolicyPublished");
        let glossary = "- **Routing policy**: what an admin draws.";
        assert_eq!(unexplained_aggregates(glossary, &golden), Vec::<String>::new());
        assert_eq!(unexplained_aggregates("routing policy", &golden).len(), 1);
        assert_eq!(
            undocumented_kinds("### RoutingPolicyPublished\n", &golden),
            Vec::<String>::new()
        );
        assert_eq!(undocumented_kinds("RoutingPolicyPublished\n", &golden).len(), 1);
    }

    #[test]
    fn a_gap_between_decisions_is_told() {
        let right = |number: usize| {
            (
                format!("{DECISIONS}{number:04}-x.md"),
                format!("# {number}. X\n{}", DECISION_PARTS.join("\n")),
            )
        };
        assert_eq!(decision_complaints(&[right(1), right(2)]), Vec::<String>::new());
        assert_eq!(decision_complaints(&[right(1), right(3)]).len(), 2);
        let bare = (format!("{DECISIONS}0001-x.md"), "# 1. X\n".to_owned());
        assert_eq!(decision_complaints(&[bare]).len(), 1);
    }

    #[test]
    fn links_that_lead_nowhere_are_told() {
        let known = |file: &str| match file {
            "docs/a.md" => Some(anchors("# The First: word\n```\n# no heading\n```\n")),
            "README.md" => Some(BTreeSet::new()),
            _ => None,
        };
        let text = concat!(
            "[1](../README.md) [2](#the-first-word) [3](a.md#the-first-word) [4](https://example.com/x)\n",
            "`[5](code.md)`\n```\n[6](code.md)\n```\n",
            "[7](gone.md) [8](a.md#no-heading) [9](../../out.md)\n",
        );
        let told = broken_links("docs/a.md", text, known);
        assert_eq!(told.len(), 3, "{told:#?}");
    }

    #[test]
    fn the_architecture_names_every_crate() {
        let members = workspace::members(&workspace::metadata());
        let names = members.iter().map(|member| member.name.as_str());
        let planned = layers::TABLE.iter().map(|row| row.name);
        crate::expect_none(
            "docs/ARCHITECTURE.md names every crate, built or planned.",
            &unnamed_crates(&workspace::read(ARCHITECTURE), names.chain(planned)),
        );
    }

    #[test]
    fn every_aggregate_has_a_word_and_every_kind_a_description() {
        let golden = golden::among(&workspace::files());
        let mut complaints = unexplained_aggregates(&workspace::read(GLOSSARY), &golden);
        complaints.extend(undocumented_kinds(&workspace::read(EVENTS), &golden));
        crate::expect_none(
            "Every aggregate is a word of the glossary, every event is described (docs/how-to/add-an-event.md).",
            &complaints,
        );
    }

    #[test]
    fn decisions_are_numbered_without_gap() {
        let mut decisions = workspace::texts(".md");
        decisions.retain(|(file, _)| file.starts_with(DECISIONS));
        assert!(!decisions.is_empty(), "there are decisions under {DECISIONS}");
        crate::expect_none(
            "Decisions are numbered from 0001 without gap and say why (docs/adr/).",
            &decision_complaints(&decisions),
        );
    }

    #[test]
    fn links_in_documents_lead_somewhere() {
        let files = workspace::files();
        let anchors_of = |target: &str| {
            if files.iter().any(|file| file == target) {
                return Some(if target.ends_with(".md") {
                    anchors(&workspace::read(target))
                } else {
                    BTreeSet::new()
                });
            }
            let folder = format!("{target}/");
            files
                .iter()
                .any(|file| file.starts_with(&folder))
                .then(BTreeSet::new)
        };
        let complaints: Vec<String> = workspace::texts(".md")
            .iter()
            .flat_map(|(file, text)| broken_links(file, text, anchors_of))
            .collect();
        crate::expect_none(
            "Links in documents lead to files and headings that are there.",
            &complaints,
        );
    }
}
