//! Writes `docs/events.md`: every event the platform can record, for whoever reads the log without reading the code.
//!
//! Kinds and fields come from the [catalogue](crate::catalogue), samples from the golden files, and the types that
//! fields are made of from this crate's own source, so that the page cannot say anything else than the code.

mod page;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Rust's grammar is not ours and grows; what matters here is named"
)]
mod source;
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "Rust's grammar is not ours and grows; what cannot be explained panics with its name"
)]
mod types;

/// Returns the text of `docs/events.md`.
///
/// # Panics
/// If a kind has no golden file, or a field's type is not one that the page can explain: each message says which.
#[must_use]
pub fn events_markdown() -> String {
    let crate_folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = source::Sources::read(&crate_folder.join("src"));
    page::write(&crate::catalogue(), &sources, &crate_folder.join("golden"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_events_declares_is_in_the_catalogue() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let sources = super::source::Sources::read(&source);
        let catalogue = crate::catalogue();
        let missing = sources
            .prefixes()
            .filter(|prefix| !catalogue.iter().any(|doc| sources.prefix_of(doc.kind) == *prefix));
        assert_eq!(
            missing.collect::<Vec<_>>(),
            Vec::<&str>::new(),
            "add the aggregate's catalogue to catalogue() in lib.rs"
        );
    }

    #[test]
    fn the_page_of_events_says_what_the_code_says() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
        let wanted = super::events_markdown();
        if std::env::var_os("LEDGERLINE_GOLDEN").is_some_and(|v| v == "write") {
            std::fs::write(&path, &wanted).expect("docs/events.md can be written");
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        let line = stored
            .lines()
            .zip(wanted.lines())
            .take_while(|(stored, wanted)| stored == wanted)
            .count();
        assert!(
            stored == wanted,
            "docs/events.md differs from the code from line {} on; `make docs` writes it anew",
            line + 1
        );
    }
}
