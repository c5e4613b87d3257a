//! The page itself: what goes for all events, then a section for each aggregate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::source::{Declared, Module, Sources};
use super::types::{self, Written};
use crate::EventDoc;

const INTRODUCTION: &str = "\
# Events

Every event that the platform can record. `make docs` writes this page from the code and a test compares the two, so it
is never edited by hand. How an event comes to be is told in [Add an event](how-to/add-an-event.md).

In the log an event has a *kind* (`ConsentGiven`), the *version* of its form, and its fields as one JSON object. Forms
never change once they were stored: an older version is translated while it is read, and readers see the newest only.
Beside the fields each event carries its id, the tenant, the time at the edge and metadata: the command, who asked, the
journey and the event that caused it.

## How types are written

| type | in JSON |
|---|---|
| `String`, `Uuid` | text; a UUID in lower case with hyphens |
| `u8` … `u64`, `i64` | number without fraction |
| `bool` | `true` or `false` |
| `Option<T>` | T, or `null` where there is none |
| `Vec<T>`, `BTreeSet<T>` | list of T; a set is sorted and names nothing twice |
| `BTreeMap<K, T>` | object whose keys are K |
| `Private<T>` | personal data: `{\"$person\": UUID, \"$private\": T}` for who may read it, `\"$sealed\"` with the encrypted value in the log, `\"$erased\": true` once the person's key is destroyed |
";

/// Types that the table at the top of the page explains.
const BUILT_IN: &[&str] = &[
    "Arc", "BTreeMap", "BTreeSet", "Box", "Cow", "Option", "Private", "Rc", "String", "Uuid", "Vec", "bool",
    "i16", "i32", "i64", "i8", "str", "u16", "u32", "u64", "u8", "usize",
];

/// One aggregate's kinds, with the modules that its types are looked up from and the folder of its golden files.
struct Section<'a> {
    folder: String,
    declaring: &'a Module,
    decider: &'a Module,
    kinds: Vec<&'a EventDoc>,
}

/// Writes the page.
pub(super) fn write(catalogue: &[&EventDoc], sources: &Sources, golden: &Path) -> String {
    let sections = sections(catalogue, sources, golden);
    let mut page = INTRODUCTION.to_owned();
    let shared = shared_types(&sections, sources);
    page.push_str("\n## Types that several aggregates use\n\n");
    write_types(&mut page, &shared, &twins(&sections, sources));
    for section in &sections {
        write_section(&mut page, section, sources, golden);
    }
    page
}

fn sections<'a>(catalogue: &[&'a EventDoc], sources: &'a Sources, golden: &Path) -> Vec<Section<'a>> {
    let mut sections: Vec<Section<'a>> = Vec::new();
    for doc in catalogue {
        let prefix = sources.prefix_of(doc.kind);
        let last = sections
            .last_mut()
            .filter(|section| section.declaring.prefix.as_deref() == Some(prefix));
        match last {
            Some(section) => section.kinds.push(doc),
            None => {
                let declaring = sources.declaring(prefix);
                sections.push(Section {
                    folder: folder_of(doc, golden),
                    declaring,
                    decider: sources.decider(declaring),
                    kinds: vec![doc],
                });
            }
        }
    }
    sections
}

// Named like the aggregate's module, which need not be the category of its streams.
fn folder_of(kind: &EventDoc, golden: &Path) -> String {
    let file = format!("{}.v{}.json", kind.kind, kind.version);
    std::fs::read_dir(golden)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .find(|folder| golden.join(folder).join(&file).exists())
        .unwrap_or_else(|| panic!("no folder of golden files holds {file}; LEDGERLINE_GOLDEN=write makes it"))
}

/// The crate's types below some fields, each once, with what they are made of in turn.
type Found<'a> = BTreeMap<(String, String), &'a Declared>;

fn types_of<'a>(section: &Section<'a>, sources: &'a Sources) -> Found<'a> {
    let mut found = Found::new();
    let mut open: Vec<(&Module, String)> = section
        .kinds
        .iter()
        .flat_map(|kind| kind.fields)
        .flat_map(|field| types::names(&types::parse(field.ty)))
        .map(|name| (section.declaring, name))
        .collect();
    while let Some((from, name)) = open.pop() {
        if name
            .rsplit("::")
            .next()
            .is_some_and(|last| BUILT_IN.contains(&last))
        {
            continue;
        }
        // What is not found here is a parameter of a generic type.
        let Some((module, declared)) = sources.find(from, &name) else {
            continue;
        };
        if found
            .insert((declared.name(), module.path.clone()), declared)
            .is_none()
        {
            open.extend(
                types::explain(declared)
                    .uses
                    .into_iter()
                    .map(|name| (module, name)),
            );
        }
    }
    found
}

fn is_own(section: &Section<'_>, path: &str) -> bool {
    path.split('/').next() == Some(section.declaring.top())
}

// What stands outside the aggregates' own modules, or is used by another one.
fn shared_types<'a>(sections: &[Section<'a>], sources: &'a Sources) -> Found<'a> {
    let mut shared = Found::new();
    for section in sections {
        let foreign = types_of(section, sources)
            .into_iter()
            .filter(|((_, path), _)| !is_own(section, path));
        shared.extend(foreign);
    }
    shared
}

fn write_section(page: &mut String, section: &Section<'_>, sources: &Sources, golden: &Path) {
    let category = section.decider.category.as_deref().unwrap_or_default();
    let title = section.folder.replace(['_', '-'], " ");
    let title = title[..1].to_uppercase() + &title[1..];
    let _ = write!(page, "\n## {title}\n\n{}\n", paragraphs(&section.decider.doc));
    let _ = writeln!(page, "\nStreams: `{category}-<tenant>_<id>`.");
    for kind in &section.kinds {
        write_kind(page, kind, section, sources, golden);
    }
    write_past_kinds(page, section, golden);
    let own = types_of(section, sources)
        .into_iter()
        .filter(|((_, path), _)| is_own(section, path));
    let own: Found<'_> = own.collect();
    if !own.is_empty() {
        let _ = write!(page, "\n### Types of {}\n\n", title.to_lowercase());
        write_types(page, &own, &BTreeSet::new());
    }
}

fn write_kind(page: &mut String, kind: &EventDoc, section: &Section<'_>, sources: &Sources, golden: &Path) {
    let version = kind.version;
    let says = sentences(kind.doc.iter().copied());
    let _ = write!(page, "\n### {}\n\n{says} Version {version}", kind.kind);
    let older: Vec<String> = (1..version)
        .map(|older| {
            let folder = &section.folder;
            format!(
                "[{older}](../domain/model/golden/{folder}/{}.v{older}.json)",
                kind.kind
            )
        })
        .collect();
    let _ = match older.as_slice() {
        [] => writeln!(page, ".\n"),
        some => writeln!(page, "; older forms: {}.\n", some.join(", ")),
    };
    page.push_str("| field | type | in JSON | meaning |\n|---|---|---|---|\n");
    for field in kind.fields {
        let ty = types::parse(field.ty);
        let _ = writeln!(
            page,
            "| `{}` | `{}` | {} | {} |",
            field.name,
            types::show(&ty),
            types::json(sources, section.declaring, &ty),
            cell(&sentences(field.doc.iter().copied()))
        );
    }
    let file = format!("{}/{}.v{version}.json", section.folder, kind.kind);
    let sample = std::fs::read_to_string(golden.join(&file))
        .unwrap_or_else(|e| panic!("{file}: {e}; LEDGERLINE_GOLDEN=write makes it"));
    let _ = write!(page, "\n```json\n{}\n```\n", sample.trim_end());
}

// Kinds that have golden files and are no longer declared: an upcast turns them into others, or drops them.
fn write_past_kinds(page: &mut String, section: &Section<'_>, golden: &Path) {
    let mut past: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(golden.join(&section.folder))
        .into_iter()
        .flatten()
    {
        let file = entry.expect("a folder that opened can be listed").file_name();
        let file = file.to_string_lossy().into_owned();
        let kind = file.split('.').next().unwrap_or_default();
        if !section.kinds.iter().any(|known| known.kind == kind) {
            past.entry(kind.to_owned()).or_default().insert(file);
        }
    }
    let folder = &section.folder;
    for (kind, files) in past {
        let forms = files
            .iter()
            .map(|file| format!("[{file}](../domain/model/golden/{folder}/{file})"));
        let forms: Vec<String> = forms.collect();
        let _ = write!(
            page,
            "\n### {kind}\n\nNo longer recorded, and read as newer kinds: {}.\n",
            forms.join(", ")
        );
    }
}

// Names that mean more than one type of this page: where they are shared, their module is written in front.
fn twins(sections: &[Section<'_>], sources: &Sources) -> BTreeSet<String> {
    let all: BTreeSet<(String, String)> = sections
        .iter()
        .flat_map(|section| types_of(section, sources).into_keys())
        .collect();
    let mut seen = BTreeSet::new();
    all.into_iter()
        .filter_map(|(name, _)| (!seen.insert(name.clone())).then_some(name))
        .collect()
}

fn write_types(page: &mut String, found: &Found<'_>, twins: &BTreeSet<String>) {
    page.push_str("| type | in JSON |\n|---|---|\n");
    for ((name, path), declared) in found {
        let module = path.replace('/', "::");
        let name = if twins.contains(name) {
            format!("{module}::{name}")
        } else {
            name.clone()
        };
        let _ = writeln!(page, "| `{name}` | {} |", cell(&type_says(declared)));
    }
}

fn type_says(declared: &Declared) -> String {
    let explained = types::explain(declared);
    let mut says = sentences(explained.doc.iter().map(String::as_str));
    if let Some(ty) = &explained.as_type {
        let _ = write!(says, " Written as `{ty}`.");
    }
    for Written { what, means } in explained.rows {
        let _ = write!(says, "<br>`{what}`");
        if !means.is_empty() {
            let _ = write!(says, " {means}");
        }
    }
    says
}

// The lines of a doc comment as one paragraph, links to code reduced to their words.
fn sentences<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    plain(&lines.join(" "))
}

// The paragraphs of a module's doc comment, but for the one that leads through the code.
fn paragraphs(lines: &[String]) -> String {
    let text = lines.join("\n");
    let paragraphs = text.trim().split("\n\n");
    let told: Vec<&str> = paragraphs
        .filter(|paragraph| !paragraph.starts_with("Reading order:"))
        .collect();
    plain(&told.join("\n\n"))
}

// `[`Name`]` and `[`Name`](path)` lead somewhere in the code's own pages only.
fn plain(text: &str) -> String {
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("`]") {
            Some((name, rest)) => {
                let rest = match rest.strip_prefix('(') {
                    Some(path) => path.split_once(')').map_or(rest, |(_, rest)| rest),
                    None => rest,
                };
                let _ = write!(plain, "`{name}`{rest}");
            }
            None => {
                let _ = write!(plain, "[`{part}");
            }
        }
    }
    plain
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_the_code_are_reduced_to_their_words() {
        assert_eq!(
            plain("as [`State`] and [`x`](crate::x) say, [not] this"),
            "as `State` and `x` say, [not] this"
        );
    }

    #[test]
    fn a_kind_of_the_past_keeps_its_heading() {
        let sources = Sources::of(BTreeMap::from([(
            "consent".to_owned(),
            "events! { pub enum Event of \"Consent\" {} }\nimpl Decider for C { const CATEGORY: &'static str = \"consent\"; }"
                .to_owned(),
        )]));
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let declaring = sources.declaring("Consent");
        let mut section = Section {
            folder: "consent".to_owned(),
            declaring,
            decider: declaring,
            kinds: crate::catalogue(),
        };
        section.kinds.retain(|kind| kind.kind != "ConsentGiven");
        let mut page = String::new();
        write_past_kinds(&mut page, &section, &golden);
        assert_eq!(
            page,
            "\n### ConsentGiven\n\nNo longer recorded, and read as newer kinds: [ConsentGiven.v1.json](../domain/model/golden/consent/ConsentGiven.v1.json).\n"
        );
    }

    #[test]
    fn what_leads_through_the_code_is_left_out() {
        let lines = ["Calls.", "", "Reading order: [`leg`],", "then this.", "", "More."].map(String::from);
        assert_eq!(paragraphs(&lines), "Calls.\n\nMore.");
    }

    #[test]
    fn a_cell_stays_a_cell() {
        assert_eq!(cell("a | b\nc"), "a \\| b c");
    }

    #[test]
    fn every_kind_of_the_catalogue_has_its_heading_and_sample() {
        let page = crate::docs::events_markdown();
        for doc in crate::catalogue() {
            assert!(page.contains(&format!("\n### {}\n", doc.kind)), "{}", doc.kind);
        }
        assert!(
            page.contains("`{\"is\": \"agent\", \"id\": AgentId}`"),
            "tagged types are explained"
        );
        assert!(
            page.contains("`\"keyword\"` A keyword"),
            "plain values are explained"
        );
    }
}
