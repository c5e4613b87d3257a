//! Words that no code of the project has: what is left undone, hidden, waited for by the clock, or of one machine.

use crate::source;

/// What may not stand in code, wherever it is, and what stands there instead.
const BANNED: &[(&str, &str)] = &[
    ("#[ignore", "a test runs or is deleted"),
    ("todo!", "finish it, or leave it out"),
    ("unimplemented!", "finish it, or leave it out"),
    (
        "#[allow(",
        "use #[expect(…, reason = \"…\")] on the smallest item",
    ),
    (
        "#![allow(",
        "use #[expect(…, reason = \"…\")] on the smallest item",
    ),
];

/// Files whose tests may sleep, each with the reason why no state can be waited for. Better empty.
const SLEEPERS: &[(&str, &str)] = &[];

fn banned_complaints(file: &str, code: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for (word, instead) in BANNED {
        for (at, _) in code.match_indices(word) {
            let line = source::line_of(code, at);
            complaints.push(format!("{file}:{line}: {word}: {instead}"));
        }
    }
    complaints
}

fn sleep_complaints(file: &str, code: &str, sleepers: &[(&str, &str)]) -> Vec<String> {
    let ranges = if only_tests(file) {
        std::iter::once(0..code.len()).collect()
    } else {
        source::test_ranges(code)
    };
    let sleeps: Vec<usize> = ranges
        .into_iter()
        .flat_map(|range| {
            let start = range.start;
            code[range]
                .match_indices("sleep(")
                .map(move |(at, _)| start + at)
                .collect::<Vec<_>>()
        })
        .collect();
    let excused = sleepers.iter().any(|(name, _)| *name == file);
    match (excused, sleeps.is_empty()) {
        (true, true) => vec![format!("{file} no longer needs its place in SLEEPERS")],
        (true, false) => vec![],
        (false, _) => sleeps
            .into_iter()
            .map(|at| {
                let line = source::line_of(code, at);
                format!("{file}:{line}: sleep: wait for a state, with a limit, never for a time")
            })
            .collect(),
    }
}

// Load generators pace themselves by the clock; everything else under tests/ is a test or what a test stands on.
fn only_tests(file: &str) -> bool {
    let under_tests = file.starts_with("tests/") && !file.starts_with("tests/bench/");
    let suite = ["/tests.rs", "/contract.rs", "/testing.rs"];
    let folder = ["/tests/", "/contract/", "/testing/"];
    under_tests
        || suite.iter().any(|end| file.ends_with(end))
        || (file.ends_with(".rs")
            && !file.starts_with("tests/")
            && folder.iter().any(|part| file.contains(part)))
}

/// Finds paths that exist on one machine only: home folders, and the checkout itself.
fn machine_paths(file: &str, text: &str, checkout: &str) -> Vec<String> {
    let homes = [
        ["/ho", "me/"].concat(),
        ["/ro", "ot/"].concat(),
        ["/Us", "ers/"].concat(),
    ];
    let mut complaints = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let found = homes
            .iter()
            .map(String::as_str)
            .chain((checkout.matches('/').count() > 1).then_some(checkout))
            .find(|path| stands_alone(line, path));
        if let Some(path) = found {
            complaints.push(format!("{file}:{}: {path} is a path of one machine", number + 1));
        }
    }
    complaints
}

// Where a longer path merely contains it, as in `docs/home/`, it is none.
fn stands_alone(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '}' | ')'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn what_is_undone_or_hidden_is_told_but_not_in_comments() {
        let text = "// todo!() and #[ignore]\nfn a() { todo!() }\n#[allow(dead_code)]\nfn b() { \"unimplemented!\" }\n";
        assert_eq!(
            banned_complaints("a.rs", &source::code_only(text)),
            [
                "a.rs:2: todo!: finish it, or leave it out",
                "a.rs:3: #[allow(: use #[expect(…, reason = \"…\")] on the smallest item"
            ]
        );
    }

    #[test]
    fn tests_that_sleep_are_told_and_code_that_backs_off_is_not() {
        let code = "fn back_off() { sleep(d) }\n#[cfg(test)]\nmod tests {\n    fn a() { sleep(d) }\n}\n";
        let told = sleep_complaints("domain/log/src/a.rs", code, &[]);
        assert_eq!(
            told,
            ["domain/log/src/a.rs:4: sleep: wait for a state, with a limit, never for a time"]
        );
        assert_eq!(sleep_complaints("tests/e2e/tests/a.rs", code, &[]).len(), 2);
        assert_eq!(
            sleep_complaints("tests/bench/src/a.rs", "fn a() { sleep(d) }", &[]).len(),
            0
        );
        assert_eq!(
            sleep_complaints("domain/log/src/contract/a.rs", code, &[]).len(),
            2
        );
        let excuse = [("tests/e2e/tests/a.rs", "why")];
        assert_eq!(sleep_complaints("tests/e2e/tests/a.rs", code, &excuse).len(), 0);
        assert_eq!(sleep_complaints("tests/e2e/tests/a.rs", "", &excuse).len(), 1);
    }

    #[test]
    fn paths_of_one_machine_are_told() {
        let home = ["/ho", "me/ann/x"].concat();
        let text = format!(
            "see {home}\nsee docs{home} and $HOME/x\nat /builds/ledgerline/a\nsrc/a/builds/ledgerline\n"
        );
        let told = machine_paths("a.md", &text, "/builds/ledgerline");
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("a.md:1:") && told[1].starts_with("a.md:3:"),
            "{told:?}"
        );
        // A checkout right below the root would be found in half of all paths.
        assert_eq!(machine_paths("a.md", "/src", "/src"), Vec::<String>::new());
    }

    #[test]
    fn nothing_is_left_undone_hidden_or_waited_for_by_the_clock() {
        let mut complaints = Vec::new();
        for (file, text) in workspace::texts(".rs") {
            let code = source::code_only(&text);
            complaints.extend(banned_complaints(&file, &code));
            complaints.extend(sleep_complaints(&file, &code, SLEEPERS));
        }
        crate::expect_none(
            "Nothing is left undone, hidden or slept over (docs/STYLE.md, 6 and 14).",
            &complaints,
        );
    }

    #[test]
    fn no_file_names_a_path_of_one_machine() {
        let checkout = workspace::root();
        let checkout = checkout.canonicalize().unwrap_or(checkout);
        let complaints: Vec<String> = workspace::texts("")
            .iter()
            .flat_map(|(file, text)| machine_paths(file, text, &checkout.to_string_lossy()))
            .collect();
        crate::expect_none(
            "The project names no path that exists on one machine only.",
            &complaints,
        );
    }
}
