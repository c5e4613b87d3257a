//! The words that documents are made of: ids of nodes, names, patterns, lengths of time, and links.

use std::cmp::Reverse;
use std::fmt;

use serde_json::{Value, json};

use super::shape::{Eye, Named, Path, Reading, Seen, Shape};
use super::template::Template;
use crate::Millis;
use crate::text::Key;

/// Declares a text that has a shape of its own.
macro_rules! text_word {
    ($(#[doc = $about:literal])* $Name:ident, $right:expr, $pattern:literal, $expected:literal) => {
        $(#[doc = $about])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Name(String);

        impl $Name {
            /// Checks and takes a text.
            ///
            /// # Errors
            /// What is expected instead.
            pub fn new(text: &str) -> Result<Self, &'static str> {
                let right: fn(&str) -> bool = $right;
                if right(text) { Ok(Self(text.to_owned())) } else { Err($expected) }
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Shape for $Name {
            fn read(value: &Value, at: &mut Reading) -> Option<Self> {
                let text = at.text(value)?;
                at.or_fault(Self::new(text))
            }

            fn write(&self) -> Value {
                self.0.as_str().into()
            }

            fn schema(_: &mut Named) -> Value {
                json!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}

text_word!(
    /// The id of a start, a container or an app: 1 to 64 letters, digits, `-` and `_`, once in a document.
    NodeKey,
    |text| (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
    "^[A-Za-z0-9_-]{1,64}$",
    "an id is 1 to 64 letters, digits, - and _"
);
text_word!(
    /// The name of a custom property, without the `Custom_` of its macro.
    PropertyName,
    |text| identifier(text, 56),
    "^[A-Za-z][A-Za-z0-9_]{0,55}$",
    "a property's name is a letter and up to 55 letters, digits and _; its macro is $(Custom_Name)"
);
text_word!(
    /// The name of a result set.
    SetName,
    |text| identifier(text, 64) && !text.starts_with("Custom_"),
    "^(?!Custom_)[A-Za-z][A-Za-z0-9_]{0,63}$",
    "a result set's name is a letter and up to 63 letters, digits and _, and does not begin with Custom_"
);
text_word!(
    /// The name of an object or a field in the CRM, as its API writes it: `Contact`, `Owner.Name`, `Region__c`.
    ApiName,
    |text| text.len() <= 120 && text.split('.').all(|part| identifier(part, 80)),
    "^[A-Za-z][A-Za-z0-9_]{0,79}(\\.[A-Za-z][A-Za-z0-9_]{0,79})*$",
    "an API name is expected, such as Contact, Owner.Name or Region__c"
);
text_word!(
    /// A language as BCP 47 writes it: `en`, `fr-CA`.
    Language,
    |text| {
        let mut parts = text.split('-');
        let first = parts.next().is_some_and(|tag| (2..=3).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_lowercase()));
        first && text.len() <= 35 && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
    },
    "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
    "a language is expected, such as en or fr-CA"
);
text_word!(
    /// A pattern of digits: `x` is any digit, `[2-57]` one of some, `.` at the end any more digits, all else itself.
    Pattern,
    |text| text.len() <= 64 && parts(text).is_some_and(|(parts, open)| open || !parts.is_empty()),
    "^([0-9+*#x]|\\[([0-9](-[0-9])?)+\\])*\\.?$",
    "a pattern is made of digits, +, *, #, x for any digit, [2-5] for one of some, and . at the end for any more digits"
);

fn identifier(text: &str, max: usize) -> bool {
    text.len() <= max
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl NodeKey {
    /// Returns the id as events write it.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(&self.0).expect("1 to 64 visible characters were checked when it was made")
    }
}

// Each part is the set of characters that may stand there; then whether any more digits may follow.
fn parts(pattern: &str) -> Option<(Vec<String>, bool)> {
    let (pattern, open) = pattern
        .strip_suffix('.')
        .map_or((pattern, false), |rest| (rest, true));
    let mut parts = Vec::new();
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        parts.push(match c {
            '0'..='9' | '+' | '*' | '#' => c.to_string(),
            'x' => "0123456789".to_owned(),
            '[' => {
                let (set, after) = rest.as_str().split_once(']')?;
                rest = after.chars();
                digits_of(set)?
            }
            _ => return None,
        });
    }
    Some((parts, open))
}

// `2-57` is 2, 3, 4, 5 and 7.
fn digits_of(set: &str) -> Option<String> {
    let mut digits = String::new();
    let mut rest = set.chars().peekable();
    while let Some(from) = rest.next() {
        let until = if rest.next_if_eq(&'-').is_some() {
            rest.next()?
        } else {
            from
        };
        if !from.is_ascii_digit() || !until.is_ascii_digit() || until < from {
            return None;
        }
        digits.extend(from..=until);
    }
    (!digits.is_empty()).then_some(digits)
}

impl Pattern {
    /// Says whether a number or some keys are as the pattern says.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let Some((parts, open)) = parts(&self.0) else {
            return false;
        };
        let mut rest = text.chars();
        let begins = parts
            .iter()
            .all(|part| rest.next().is_some_and(|c| part.contains(c)));
        begins && (rest.as_str().is_empty() || open && rest.all(|c| c.is_ascii_digit()))
    }

    /// Says whether something could be as both patterns say.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (Some((ours, we_go_on)), Some((theirs, they_go_on))) = (parts(&self.0), parts(&other.0)) else {
            return false;
        };
        let meet = |a: &String, b: &String| a.chars().any(|c| b.contains(c));
        let common = ours.len().min(theirs.len());
        let tail = |rest: &[String], goes_on: bool| {
            rest.is_empty() || goes_on && rest.iter().all(|part| part.chars().any(|c| c.is_ascii_digit()))
        };
        ours.iter().zip(&theirs).all(|(a, b)| meet(a, b))
            && tail(&ours[common..], they_go_on)
            && tail(&theirs[common..], we_go_on)
    }

    /// Says whether some keys can be as the pattern says: from `min` to `max` of them, and none of them `never`.
    #[must_use]
    pub fn can_be_pressed(&self, min: usize, max: usize, never: Option<char>) -> bool {
        let Some((parts, open)) = parts(&self.0) else {
            return false;
        };
        let mut keys = parts.iter();
        let has_keys = keys.all(|part| part.chars().any(|c| c != '+' && Some(c) != never));
        has_keys && parts.len() <= max && (open || parts.len() >= min)
    }

    // An open pattern is broader than any closed one, and one that begins with less is broader than a longer one.
    fn breadth(&self) -> (bool, Reverse<usize>, u128) {
        let (parts, open) = parts(&self.0).unwrap_or_default();
        let choices = parts.iter().map(|part| part.chars().count());
        let fit = choices.fold(1, |all: u128, here| {
            all.saturating_mul(u128::try_from(here).unwrap_or(u128::MAX))
        });
        (open, Reverse(parts.len()), fit)
    }
}

/// Finds which of some patterns counts for what was dialled: of those that it fits, the one that the fewest others fit.
/// So what is named outright counts first. Of patterns that are as exact, the first by its text counts.
pub fn most_exact<T>(patterns: impl Iterator<Item = (Pattern, T)>, dialled: &str) -> Option<T> {
    let fits = patterns.filter(|(pattern, _)| pattern.matches(dialled));
    let first = fits.min_by_key(|(pattern, _)| (pattern.breadth(), pattern.clone()));
    first.map(|(_, found)| found)
}

/// Says whether a text is as a pattern of text says, in which `*` is any run of characters and `?` any one; upper and
/// lower case are the same.
#[must_use]
pub fn like(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (
        text.to_lowercase().chars().collect(),
        pattern.to_lowercase().chars().collect(),
    );
    let (mut t, mut p, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (t, p) = (t + 1, p + 1),
            Some(_) | None => {
                let Some((at, from)) = star else { return false };
                (p, t) = (at + 1, from + 1);
                star = Some((at, from + 1));
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// An outlet of an app or a container, and where it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlet<'a> {
    /// Its name, as decisions tell it.
    pub name: &'static str,
    /// The container that it leads to.
    pub to: Option<&'a NodeKey>,
    /// What happens where it leads nowhere.
    pub unlinked: Unlinked,
}

/// What happens to a contact at an outlet that leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlinked {
    /// It ends. So callers are blocked: a rule that matches, and leads nowhere.
    Ends,
    /// It goes on with the next app of the container, and after the last with what follows the container.
    FallsThrough,
}

/// A length of time in milliseconds, between two limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastsMs<const MIN: u64, const MAX: u64>(u64);

/// A number between two limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> LastsMs<MIN, MAX> {
    /// Makes a length; one beyond the limits is drawn to the nearest.
    #[must_use]
    pub fn nearest(ms: u64) -> Self {
        Self(ms.clamp(MIN, MAX))
    }

    /// Returns the length.
    #[must_use]
    pub const fn get(self) -> Millis {
        Millis(self.0)
    }
}

impl<const MIN: u64, const MAX: u64> Count<MIN, MAX> {
    /// Makes a number; one beyond the limits is drawn to the nearest.
    #[must_use]
    pub fn nearest(number: u64) -> Self {
        Self(number.clamp(MIN, MAX))
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

fn between(value: &Value, (min, max): (u64, u64), unit: &str, at: &mut Reading) -> Option<u64> {
    let number = value.as_u64().filter(|number| (min..=max).contains(number));
    if number.is_none() {
        if value.is_number() {
            at.fault(format!("{value} is not a whole number from {min} to {max}{unit}"));
        } else {
            at.expected(&format!("a whole number from {min} to {max}{unit}"), value);
        }
    }
    number
}

impl<const MIN: u64, const MAX: u64> Shape for LastsMs<MIN, MAX> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        between(value, (MIN, MAX), " milliseconds", at).map(Self)
    }

    fn write(&self) -> Value {
        self.0.into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl<const MIN: u64, const MAX: u64> Shape for Count<MIN, MAX> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        between(value, (MIN, MAX), "", at).map(Self)
    }

    fn write(&self) -> Value {
        self.0.into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

impl Shape for Template {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let text = at.text(value)?;
        at.or_fault(Self::new(text))
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }

    fn schema(named: &mut Named) -> Value {
        let max = super::template::TEMPLATE_CHARS_MAX;
        named.refer("Template", |_| {
            json!({
                "description": "A text with macros: $(Name), $(Custom_Name), $(Set.Field); $$( stands for $( itself.",
                "type": "string", "minLength": 1, "maxLength": max,
                "pattern": r"^((?!\$\()[\s\S]|\$\$\(|\$\([A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*\))*$",
            })
        })
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        eye(path.as_str(), Seen::Template(self));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text).unwrap()
    }

    #[test]
    fn a_pattern_matches_as_it_is_written() {
        for (text, yes, no) in [
            ("8xxx", "8123", "812"),
            ("+44[2-37].", "+4420", "+4440"),
            ("0", "0", "00"),
            (".", "", "a"),
            ("*8x", "*81", "81"),
        ] {
            assert!(pattern(text).matches(yes), "{text} {yes}");
            assert!(!pattern(text).matches(no), "{text} {no}");
        }
        for wrong in ["", "[", "[]", "[5-2]", "8.x", "8y", "[a]"] {
            assert!(Pattern::new(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn patterns_that_one_number_could_fit_overlap() {
        for (a, b) in [
            ("8xxx", "8[0-4]xx"),
            ("8.", "8123"),
            ("8.", "."),
            ("8123", "8123"),
        ] {
            assert!(
                pattern(a).overlaps(&pattern(b)) && pattern(b).overlaps(&pattern(a)),
                "{a} {b}"
            );
        }
        for (a, b) in [
            ("8xxx", "9xxx"),
            ("8xxx", "8xx"),
            ("8.", "8*1"),
            ("[1-3]x", "[4-6]x"),
        ] {
            assert!(
                !pattern(a).overlaps(&pattern(b)) && !pattern(b).overlaps(&pattern(a)),
                "{a} {b}"
            );
        }
    }

    #[test]
    fn of_the_patterns_that_an_extension_fits_the_most_exact_counts() {
        for (dialled, patterns, first) in [
            ("8123", ["8xxx", "81xx", "8."].as_slice(), "81xx"),
            ("8123", &["x[0-4]xx", "8123", "81[2]3"], "8123"),
            ("8123", &["8.", "81."], "81."),
            ("8123", &["xx.", "8."], "xx."),
            ("8123", &["8[1-3]xx", "8[1-2]xx", "[78][12]xx"], "8[1-2]xx"),
            ("8123", &["81x3", "812x"], "812x"),
            ("8123", &["81x4", "8."], "8."),
        ] {
            let ways = [patterns.to_vec(), patterns.iter().rev().copied().collect()];
            for patterns in ways {
                let patterns = patterns.into_iter().map(|text| (pattern(text), text));
                assert_eq!(most_exact(patterns, dialled), Some(first));
            }
        }
        assert_eq!(most_exact([(pattern("9xxx"), ())].into_iter(), "8123"), None);
    }

    #[test]
    fn a_pattern_can_be_pressed_if_enough_keys_are_taken_and_none_is_missing() {
        for (text, min, max, never, can) in [
            ("xxxx", 1, 4, None, true),
            ("xxxx", 1, 3, None, false),
            ("xxxx", 5, 8, None, false),
            ("xx.", 5, 8, None, true),
            ("xx.", 1, 1, None, false),
            ("*xx", 1, 8, Some('#'), true),
            ("*xx", 1, 8, Some('*'), false),
            ("+44.", 1, 15, None, false),
        ] {
            assert_eq!(
                pattern(text).can_be_pressed(min, max, never),
                can,
                "{text} {min} {max}"
            );
        }
    }

    #[test]
    fn a_pattern_of_text_knows_runs_and_single_characters() {
        for (text, pattern) in [
            ("Gold plus", "gold*"),
            ("abcab", "*ab"),
            ("", "*"),
            ("a", "?"),
            ("aXbXc", "a*x?"),
        ] {
            assert!(like(text, pattern), "{text} {pattern}");
        }
        for (text, pattern) in [("gold", "gold?"), ("ab", "b*"), ("", "?")] {
            assert!(!like(text, pattern), "{text} {pattern}");
        }
    }
}
