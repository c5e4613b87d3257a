//! Just enough of Rust's grammar to look at code and not at the words in its comments and strings.

/// A function with its place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// The line of `fn`, from 1.
    pub(crate) line: usize,
    /// The lines from `fn` to the closing brace.
    pub(crate) lines: usize,
}

/// Blanks out comments, strings and characters; every other character and every line keeps its place.
pub(crate) fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skip(&chars, at).unwrap_or(at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    code
}

// Where the comment, string or character that begins at `at` ends; none if there begins none.
fn skip(chars: &[char], at: usize) -> Option<usize> {
    let next = chars.get(at + 1);
    match chars[at] {
        '/' if next == Some(&'/') => Some(find(chars, at, |rest| rest[0] == '\n')),
        '/' if next == Some(&'*') => Some(block_comment(chars, at)),
        '"' => Some(quoted(chars, at, '"')),
        '\'' if next == Some(&'\\') => Some(quoted(chars, at, '\'')),
        // A character is closed at once; anything else after the mark is a lifetime.
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        'r' if !at
            .checked_sub(1)
            .is_some_and(|before| in_word(chars[before]) && !prefix(chars, before)) =>
        {
            raw_string(chars, at)
        }
        _ => None,
    }
}

// The `b` of `br"…"` and the `c` of `cr"…"` belong to the string, not to a word.
fn prefix(chars: &[char], at: usize) -> bool {
    matches!(chars[at], 'b' | 'c') && !at.checked_sub(1).is_some_and(|before| in_word(chars[before]))
}

fn find(chars: &[char], from: usize, end: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len())
        .find(|at| end(&chars[*at..]))
        .unwrap_or(chars.len())
}

fn block_comment(chars: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = at;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn quoted(chars: &[char], at: usize, mark: char) -> usize {
    let mut at = at + 1;
    while at < chars.len() && chars[at] != mark {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_string(chars: &[char], at: usize) -> Option<usize> {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes =
        |rest: &[char]| rest[0] == '"' && rest.len() > hashes && rest[1..=hashes].iter().all(|c| *c == '#');
    Some((find(chars, open + 1, closes) + 1 + hashes).min(chars.len()))
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Finds the functions with a body in code that [`code_only`] returned.
pub(crate) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(in_word) {
            continue;
        }
        let name: String = code[at + 3..]
            .trim_start()
            .chars()
            .take_while(|c| in_word(*c) || *c == '$')
            .collect();
        // `fn (…)` is a type.
        let Some(open) = body(code, at).filter(|_| !name.is_empty()) else {
            continue;
        };
        let end = closing_brace(code, open);
        found.push(Function {
            name,
            line: line_of(code, at),
            lines: code[at..end].lines().count(),
        });
    }
    found
}

/// Returns the line of a byte, from 1.
pub(crate) fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// Returns the byte ranges that only a test build sees: items under a `#[cfg(…test…)]`.
pub(crate) fn test_ranges(code: &str) -> Vec<std::ops::Range<usize>> {
    code.match_indices("#[cfg(")
        .filter_map(|(at, _)| {
            let close = at + code[at..].find(']')?;
            let condition = &code[at..close];
            let tests =
                condition.split(|c| !in_word(c)).any(|word| word == "test") && !condition.contains("not(");
            tests.then(|| {
                let end = body(code, close + 1).map_or_else(
                    || code[close..].find(';').map_or(code.len(), |to| close + to),
                    |open| closing_brace(code, open),
                );
                at..end
            })
        })
        .collect()
}

/// Returns the byte ranges of blocks that begin with `opening`, which ends in a brace.
pub(crate) fn blocks<'a>(
    code: &'a str,
    opening: &'a str,
) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    code.match_indices(opening)
        .map(|(at, found)| at..closing_brace(code, at + found.len() - 1))
}

// The opening brace of the item that begins at `at`; none if a semicolon comes first.
fn body(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, c) in code[at..].char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at + offset),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, c) in code[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return open + offset + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        let text = concat!(
            "a(\"}\\\"{\"); // {\n",
            "b(r#\"\"{\"#, b\"{\", br\"{\"); /* { /* { */ { */\n",
            "c('{', '\\'', '\\u{7b}', &'static x, r#type);",
        );
        let code = code_only(text);
        assert_eq!(code.chars().count(), text.chars().count());
        assert_eq!(code.lines().count(), 3);
        assert!(!code.contains('{') && !code.contains('}'), "{code}");
        assert!(code.contains("&'static x, r#type);"), "{code}");
    }

    #[test]
    fn functions_are_measured_with_their_signature() {
        let code = code_only(
            "trait T {\n    fn declared(&self, a: [u8; 2]);\n    fn given(\n        &self,\n    ) -> u8 {\n        if x { \"}\" } else { f }\n    }\n}\ntype F = fn (u8);\n",
        );
        assert_eq!(
            functions(&code),
            [Function {
                name: "given".to_owned(),
                line: 3,
                lines: 5
            }]
        );
    }

    #[test]
    fn what_only_tests_see_is_found() {
        let code = "fn a() {}\n#[cfg(any(test, feature = x))]\nmod tests { fn b() {} }\n#[cfg(not(test))]\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}\n";
        let ranges: Vec<&str> = test_ranges(code).into_iter().map(|range| &code[range]).collect();
        assert_eq!(
            ranges,
            [
                "#[cfg(any(test, feature = x))]\nmod tests { fn b() {} }",
                "#[cfg(test)]\nmod d"
            ]
        );
    }
}
