//! The document that an admin draws, as text that is the same whoever wrote it down.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::content_hash::ContentHash;

/// How long a document may be.
pub const DOCUMENT_BYTES_MAX: usize = 512 * 1024;

/// A routing policy's graph: a JSON object in its canonical form, at most 512 KiB long.
///
/// Canonical: no space between tokens, keys in the order of their code points and each once, texts escaped only
/// where JSON asks for it. Numbers stay as they were written, so that none loses a digit. Two documents that say the
/// same have the same text, and so the same hash.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Document(Arc<str>);

/// Why a document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDocument {
    /// Longer than allowed.
    #[error("the document has {length_bytes} bytes, {max} are allowed")]
    TooLong {
        /// How long it is.
        length_bytes: usize,
        /// How long it may be.
        max: usize,
    },
    /// Not JSON, a number that no program can hold, or more than 127 levels deep.
    #[error("the document is no JSON that can be read: line {line}, column {column}: {reason}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, in bytes from 1; 0 is the end of the line before.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A list, a text, a number, …
    #[error("the document is JSON, but no object")]
    NotAnObject,
    /// Of two values for one key, nobody could say which counts.
    #[error("the key {key:?} is in one object twice")]
    KeyTwice {
        /// The key, cut at 64 characters.
        key: String,
    },
}

impl Document {
    /// Reads a document and brings it into its canonical form.
    ///
    /// # Errors
    /// [`InvalidDocument`] unless it is a JSON object within the limits.
    pub fn new(text: &str) -> Result<Self, InvalidDocument> {
        if text.len() > DOCUMENT_BYTES_MAX {
            return Err(InvalidDocument::TooLong {
                length_bytes: text.len(),
                max: DOCUMENT_BYTES_MAX,
            });
        }
        // Read once as a whole, for the place of the first mistake and for how deep it goes.
        let value: serde_json::Value = read(text)?;
        if !value.is_object() {
            return Err(InvalidDocument::NotAnObject);
        }
        let mut canonical = String::with_capacity(text.len());
        write(text.trim_ascii(), &mut canonical)?;
        Ok(Self(canonical.into()))
    }

    /// Returns the canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Computes the SHA-256 of the canonical text.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(self.0.as_bytes())
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, InvalidDocument> {
    serde_json::from_str(text).map_err(|refused| {
        let (line, column) = (refused.line(), refused.column());
        // It ends with the place, which is told apart.
        let mut reason = refused.to_string();
        let place = format!(" at line {line} column {column}");
        reason.truncate(reason.strip_suffix(&place).map_or(reason.len(), str::len));
        InvalidDocument::NotJson { line, column, reason }
    })
}

// Takes one value apart, as text: what is read into numbers first may come out as others.
fn write(value: &str, out: &mut String) -> Result<(), InvalidDocument> {
    match value.as_bytes().first() {
        Some(b'{') => {
            let Members(mut members) = read(value)?;
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            if let Some([(key, _), _]) = members.array_windows().find(|[(a, _), (b, _)]| a == b) {
                return Err(InvalidDocument::KeyTwice {
                    key: key.chars().take(64).collect(),
                });
            }
            list(out, ['{', '}'], &members, |(key, value), out| {
                text(key, out);
                out.push(':');
                write(value.get(), out)
            })
        }
        Some(b'[') => {
            let values: Vec<&RawValue> = read(value)?;
            list(out, ['[', ']'], &values, |value, out| write(value.get(), out))
        }
        Some(b'"') => {
            text(&read::<String>(value)?, out);
            Ok(())
        }
        // A number, true, false or null.
        Some(_) | None => {
            out.push_str(value);
            Ok(())
        }
    }
}

fn list<T>(
    out: &mut String,
    [open, close]: [char; 2],
    things: &[T],
    write: impl Fn(&T, &mut String) -> Result<(), InvalidDocument>,
) -> Result<(), InvalidDocument> {
    out.push(open);
    for (place, thing) in things.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(thing, out)?;
    }
    out.push(close);
    Ok(())
}

fn text(text: &str, out: &mut String) {
    out.push_str(&serde_json::to_string(text).expect("any text can be written as JSON"));
}

// An object's members as they stand in the text: serde's maps would keep the last of two values for one key.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsTheyStand;

        impl<'de> Visitor<'de> for AsTheyStand {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(AsTheyStand)
    }
}

// It may name customers and staff, and it is long: for both reasons it is known by its hash where it is printed.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.hash())
    }
}

impl TryFrom<String> for Document {
    type Error = InvalidDocument;

    fn try_from(text: String) -> Result<Self, InvalidDocument> {
        Self::new(&text)
    }
}

impl From<Document> for String {
    fn from(document: Document) -> Self {
        document.as_str().to_owned()
    }
}

#[cfg(any(test, feature = "contract"))]
impl Document {
    /// Draws what takes calls over a trunk and finishes them, and nothing is wrong with; each number gives another.
    pub(crate) fn finishing(n: u32) -> Self {
        let text = format!(
            r#"{{"format": 1, "kind": "call",
                "starts": [{{"id": "in", "start": {{"is": "trunk", "trunk": "pbx"}}, "next": "end"}}],
                "containers": [{{"id": "end", "is": "finish", "reason": "r{n}"}}]}}"#
        );
        Self::new(&text).expect("an object")
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for Document {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    // From a small range, so that generated histories publish the same content again. Nothing is wrong with three of
    // them; the next cannot be read, and the last begins with nothing.
    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        let document = |n: u8| match n {
            0..3 => Self::finishing(n.into()),
            3 => Self("{}".into()),
            _ => Self(r#"{"containers":[],"format":1,"kind":"call","starts":[]}"#.into()),
        };
        (0_u8..5).prop_map(document).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> Result<String, InvalidDocument> {
        Document::new(text).map(String::from)
    }

    #[test]
    fn the_order_of_keys_and_the_space_between_them_do_not_matter() {
        let drawn = r#" { "links" : [ 1 , true , null ], "apps" : { "z" : "\u00e9\/", "a" : { } } } "#;
        let canonical = canonical(drawn).expect("an object");
        assert_eq!(canonical, r#"{"apps":{"a":{},"z":"é/"},"links":[1,true,null]}"#);
        assert_eq!(
            Document::new(drawn).expect("an object").hash(),
            ContentHash::of(canonical.as_bytes())
        );
    }

    #[test]
    fn keys_are_ordered_by_code_point_and_read_before_they_are_compared() {
        assert_eq!(
            canonical(r#"{"ä":1,"\u005a":2,"z":3,"\ud83d\ude00":4,"\uffee":5}"#),
            Ok("{\"Z\":2,\"z\":3,\"ä\":1,\"\u{ffee}\":5,\"😀\":4}".to_owned())
        );
    }

    #[test]
    fn no_number_loses_a_digit() {
        let exact = r#"{"a":12345678901234567890123,"b":0.1000000000000000055511151231257827,"c":1.0}"#;
        assert_eq!(canonical(exact), Ok(exact.to_owned()));
    }

    #[test]
    fn a_key_that_is_there_twice_is_named() {
        assert_eq!(
            canonical(r#"{"a":[{"b":1,"\u0062":2}]}"#),
            Err(InvalidDocument::KeyTwice { key: "b".to_owned() })
        );
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, line, column, cause) in [
            ("", 1, 0, "EOF while parsing a value"),
            ("{\n  \"a\": tru }", 2, 11, "expected ident"),
            ("{\"a\": 1 \"b\": 2}", 1, 9, "expected `,` or `}`"),
            ("{} {}", 1, 4, "trailing characters"),
            ("{\"a\":\"\\ud800\"}", 1, 13, "unexpected end of hex escape"),
        ] {
            let reason = cause.to_owned();
            let refused = canonical(text);
            assert_eq!(
                refused,
                Err(InvalidDocument::NotJson { line, column, reason }),
                "{text}"
            );
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(matches!(canonical(&deep), Err(InvalidDocument::NotJson { .. })));
        assert_eq!(canonical("[]"), Err(InvalidDocument::NotAnObject));
    }

    #[test]
    fn a_document_that_is_too_long_is_refused_before_it_is_read() {
        let length_bytes = DOCUMENT_BYTES_MAX + 1;
        assert_eq!(
            canonical(&" ".repeat(length_bytes)),
            Err(InvalidDocument::TooLong {
                length_bytes,
                max: DOCUMENT_BYTES_MAX
            })
        );
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_says_the_same_and_is_canonical_already(members in proptest::collection::btree_map(any::<String>(), json(), 0..4)) {
            let value = serde_json::Value::Object(members.into_iter().collect());
            let pretty = serde_json::to_string_pretty(&value).expect("plain data");
            let once = canonical(&pretty).expect("an object");
            prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&once).expect("still JSON"), &value);
            prop_assert_eq!(canonical(&once), Ok(once));
        }

        #[test]
        fn any_text_at_all_is_answered(text in "[\\[\\]{}\",:0-9a-e\\\\ ]{0,40}") {
            let _ = canonical(&text);
        }
    }
}
