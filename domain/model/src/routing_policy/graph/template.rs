//! Texts with macros: `Good $(DayPart), your order is $(Order.Status)`.

use std::fmt;

use super::words::{PropertyName, SetName};

/// The most characters of a text with macros.
pub const TEMPLATE_CHARS_MAX: usize = 4_096;
/// The most macros in one text.
pub const TEMPLATE_MACROS_MAX: usize = 64;

/// A text with macros in it, taken apart.
///
/// `$(Name)` is a built-in macro, `$(Custom_Name)` a custom property, `$(Set.Field)` a field of a result set, whose
/// path may go deeper: `$(Payload_Event.message.text)`. `$$(` stands for `$(` itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

/// A piece of a text with macros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// What the macro holds by then; nothing if it holds nothing.
    Macro(MacroName),
}

/// Which macro is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum MacroName {
    /// A built-in one, if there is one of that name.
    Builtin(String),
    /// A custom property.
    Custom(PropertyName),
    /// A field of a result set.
    Field {
        /// The set.
        set: SetName,
        /// The field, with dots where it lies deeper.
        field: String,
    },
}

/// Why a text with macros was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// Nothing in it.
    #[error("the text is empty")]
    Empty,
    /// Longer than allowed.
    #[error("the text has {length} characters, {TEMPLATE_CHARS_MAX} are allowed")]
    TooLong {
        /// How long it is.
        length: usize,
    },
    /// More macros than allowed.
    #[error("the text has {count} macros, {TEMPLATE_MACROS_MAX} are allowed")]
    TooManyMacros {
        /// How many.
        count: usize,
    },
    /// A character that no person types.
    #[error("the text has the control character U+{code:04X} at character {place}")]
    Control {
        /// Its code point.
        code: u32,
        /// Its place, counted in characters from 1.
        place: usize,
    },
    /// No bracket ends it.
    #[error("the macro at character {place} has no closing bracket; write $$( if $( is meant as it stands")]
    Unclosed {
        /// Where it begins, counted in characters from 1.
        place: usize,
    },
    /// What stands in the brackets names no macro.
    #[error(
        "{given:?} at character {place} is no macro: $(Name), $(Custom_Name) or $(Set.Field) is expected"
    )]
    NoMacro {
        /// What stands there, cut at 64 characters.
        given: String,
        /// Where it begins, counted in characters from 1.
        place: usize,
    },
}

impl Template {
    /// Takes a text apart.
    ///
    /// # Errors
    /// [`InvalidTemplate`] says what is wrong and where.
    pub fn new(text: &str) -> Result<Self, InvalidTemplate> {
        let length = text.chars().count();
        if text.trim().is_empty() {
            return Err(InvalidTemplate::Empty);
        }
        if length > TEMPLATE_CHARS_MAX {
            return Err(InvalidTemplate::TooLong { length });
        }
        let control = |(_, c): &(usize, char)| c.is_control() && !matches!(c, '\n' | '\t');
        if let Some((place, c)) = text.chars().enumerate().find(control) {
            return Err(InvalidTemplate::Control {
                code: c.into(),
                place: place + 1,
            });
        }
        let pieces = pieces(text)?;
        let count = macros_in(&pieces).count();
        if count > TEMPLATE_MACROS_MAX {
            return Err(InvalidTemplate::TooManyMacros { count });
        }
        Ok(Self {
            text: text.to_owned(),
            pieces,
        })
    }

    /// Returns the text as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns its pieces in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Returns the macros in it, in order.
    pub fn macros(&self) -> impl Iterator<Item = &MacroName> {
        macros_in(&self.pieces)
    }

    /// Puts in what each macro holds; one that holds nothing leaves nothing.
    #[must_use]
    pub fn fill(&self, mut holds: impl FnMut(&MacroName) -> Option<String>) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Macro(name) => out.push_str(&holds(name).unwrap_or_default()),
            }
        }
        out
    }
}

fn macros_in(pieces: &[Piece]) -> impl Iterator<Item = &MacroName> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Macro(name) => Some(name),
    })
}

fn pieces(text: &str) -> Result<Vec<Piece>, InvalidTemplate> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("$(") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            plain.push_str(before);
            plain.push_str("$(");
            rest = &from[2..];
            continue;
        }
        plain.push_str(before);
        let place = text[..text.len() - from.len()].chars().count() + 1;
        let end = from.find(')').ok_or(InvalidTemplate::Unclosed { place })?;
        let given = &from[2..end];
        let name = MacroName::read(given).ok_or_else(|| InvalidTemplate::NoMacro {
            given: given.chars().take(64).collect(),
            place,
        })?;
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Macro(name));
        rest = &from[end + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Ok(pieces)
}

impl MacroName {
    /// Reads what stands between the brackets.
    fn read(given: &str) -> Option<Self> {
        if given.len() > 200 {
            return None;
        }
        if let Some(name) = given.strip_prefix("Custom_") {
            return PropertyName::new(name).ok().map(Self::Custom);
        }
        let Some((set, field)) = given.split_once('.') else {
            return SetName::new(given).ok().map(|_| Self::Builtin(given.to_owned()));
        };
        let part =
            |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        field.split('.').all(part).then_some(())?;
        Some(Self::Field {
            set: SetName::new(set).ok()?,
            field: field.to_owned(),
        })
    }
}

impl fmt::Display for MacroName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "$({name})"),
            Self::Custom(name) => write!(f, "$(Custom_{name})"),
            Self::Field { set, field } => write!(f, "$({set}.{field})"),
        }
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Template::new(text).unwrap_err().to_string()
    }

    #[test]
    fn a_text_is_taken_apart_into_text_and_macros() {
        let text =
            Template::new("Hello $(CallerName), $$(5) for $(Order.Item.Name) in $(Custom_Lang)").unwrap();
        let told = text.macros().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told, ["$(CallerName)", "$(Order.Item.Name)", "$(Custom_Lang)"]);
        let filled = text.fill(|name| match name {
            MacroName::Builtin(_) => Some("Ann".to_owned()),
            MacroName::Custom(_) => None,
            MacroName::Field { field, .. } => Some(field.clone()),
        });
        assert_eq!(filled, "Hello Ann, $(5) for Item.Name in ");
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        assert_eq!(
            refused("äö $(Name"),
            "the macro at character 4 has no closing bracket; write $$( if $( is meant as it stands"
        );
        for (text, given) in [
            ("a $()", ""),
            ("a $(1x)", "1x"),
            ("a $(A.)", "A."),
            ("a $(Custom_)", "Custom_"),
        ] {
            let wanted = format!("{given:?} at character 3 is no macro");
            assert!(refused(text).starts_with(&wanted), "{}", refused(text));
        }
        assert_eq!(refused(" "), "the text is empty");
        assert_eq!(
            refused("a\u{7}"),
            "the text has the control character U+0007 at character 2"
        );
        assert!(refused(&"x".repeat(4_097)).contains("4096"));
        assert!(refused(&"$(A)".repeat(65)).contains("65 macros"));
    }
}
