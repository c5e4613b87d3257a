//! A function fits a screen, a file a sitting.

use crate::source;

/// Lines of a Rust file; `docs/STYLE.md` asks for 500 and leaves some room before the build stops.
///
/// What stands in `events!` does not count: it is a dictionary, in which one looks up instead of reading it through.
const FILE_LINES_MAX: usize = 600;
/// Lines of a function with its signature; `docs/STYLE.md` asks for 70.
const FUNCTION_LINES_MAX: usize = 80;

/// Files that may be longer, each with the reason why splitting them would read worse. Better empty.
const LONGER: &[(&str, &str)] = &[];

fn complaints(files: &[(String, String)], longer: &[(&str, &str)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (file, text) in files {
        let excused = longer.iter().any(|(name, _)| name == file);
        let code = source::code_only(text);
        let lines = text.lines().count() - lines_of_dictionaries(&code);
        if lines > FILE_LINES_MAX && !excused {
            complaints.push(format!(
                "{file} has {lines} lines, {FILE_LINES_MAX} are allowed: split it into x.rs and x/"
            ));
        }
        if lines <= FILE_LINES_MAX && excused {
            complaints.push(format!("{file} no longer needs its place in LONGER"));
        }
        for function in source::functions(&code) {
            if function.lines > FUNCTION_LINES_MAX {
                complaints.push(format!(
                    "{file}:{}: fn {} has {} lines, {FUNCTION_LINES_MAX} are allowed: branch in the parent, compute in the leaves",
                    function.line, function.name, function.lines
                ));
            }
        }
    }
    for (name, reason) in longer {
        if reason.is_empty() || !files.iter().any(|(file, _)| file == name) {
            complaints.push(format!(
                "LONGER names {name} without a reason, or there is no such file"
            ));
        }
    }
    complaints
}

fn lines_of_dictionaries(code: &str) -> usize {
    source::blocks(code, "events! {")
        .map(|block| code[block].matches('\n').count())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn a_long_file_and_a_long_function_are_told() {
        let long = format!("fn all() {{\n{}}}\n", "    step();\n".repeat(FUNCTION_LINES_MAX));
        let huge = "//\n".repeat(FILE_LINES_MAX + 1);
        let files = [("a.rs".to_owned(), long), ("b.rs".to_owned(), huge.clone())];
        let told = complaints(&files, &[]);
        assert_eq!(told.len(), 2, "{told:#?}");
        assert!(told[0].starts_with("a.rs:1: fn all has 82 lines"), "{told:#?}");
        assert!(told[1].starts_with("b.rs has 601 lines"), "{told:#?}");
        assert_eq!(
            complaints(&[("b.rs".to_owned(), huge)], &[("b.rs", "a table")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_dictionary_of_events_may_be_long() {
        let list = format!(
            "crate::events! {{\n{}}}\nfn a() {{}}\n",
            "// one\n".repeat(FILE_LINES_MAX)
        );
        assert_eq!(
            complaints(&[("a.rs".to_owned(), list)], &[]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_excuse_that_is_no_longer_needed_is_told() {
        let files = [("a.rs".to_owned(), String::new())];
        assert_eq!(
            complaints(&files, &[("a.rs", "a table"), ("b.rs", "gone")]).len(),
            2
        );
    }

    #[test]
    fn functions_fit_a_screen_and_files_a_sitting() {
        crate::expect_none(
            "A function fits a screen, a file a sitting (docs/STYLE.md, 2).",
            &complaints(&workspace::texts(".rs"), LONGER),
        );
    }
}
