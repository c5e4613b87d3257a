//! Personal data within an event's JSON: sealed on the way in, opened on the way out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain_model::context::Context;
use domain_model::ids::{EventId, PersonId};
use serde_json::{Map, Value};

use super::{At, DecodeError, EncodeError, Fault};
use crate::Recorded;
use crate::vault::crypt::bound;
use crate::vault::{SealError, Unsealed, Vault};

const PERSON: &str = "$person";
const PRIVATE: &str = "$private";
const SEALED: &str = "$sealed";
const ERASED: &str = "$erased";

/// A sealed value in a stored event.
#[derive(Debug)]
pub(crate) struct SealedField {
    pub(crate) person: PersonId,
    pub(crate) path: String,
    pub(crate) sealed: Vec<u8>,
}

impl SealedField {
    /// Returns what the value is bound to beside its owner: the event and its own place in it.
    pub(crate) fn place(&self, event: EventId) -> Vec<u8> {
        place(event, &self.path)
    }
}

/// Finds every sealed value in a stored event's data.
///
/// # Errors
/// [`Fault`] if it is not such data.
pub(crate) fn sealed_fields(data: &[u8]) -> Result<Vec<SealedField>, Fault> {
    let mut value: Value = serde_json::from_slice(data).map_err(|refused| Fault::without_values(&refused))?;
    let mut fields = Vec::new();
    walk(
        &mut value,
        &mut String::new(),
        &mut |object, path| match read(std::mem::take(object)) {
            Some((person, Content::Sealed(sealed))) => {
                fields.push(SealedField {
                    person,
                    path: path.to_owned(),
                    sealed,
                });
                Ok(())
            }
            Some((_, Content::Erased)) => Ok(()),
            Some((_, Content::Private(_))) | None => Err(Fault(
                "it has personal data in the clear or half sealed".to_owned(),
            )),
        },
    )?;
    Ok(fields)
}

/// Seals all personal values of an event's fields.
pub(super) fn seal(
    vault: &Vault,
    context: &Context,
    event: EventId,
    kind: &'static str,
    fields: &str,
) -> Result<String, EncodeError> {
    let unreadable = |refused: serde_json::Error| EncodeError::Unreadable {
        kind,
        source: Fault::without_values(&refused),
    };
    let mut value: Value = serde_json::from_str(fields).map_err(unreadable)?;
    walk(&mut value, &mut String::new(), &mut |object, path| {
        let (person, content) = match read(std::mem::take(object)) {
            Some(whole) => whole,
            None => {
                return Err(EncodeError::Reserved {
                    kind,
                    path: path.to_owned(),
                });
            }
        };
        *object = match content {
            Content::Erased => marked(person, ERASED, Value::Bool(true)),
            Content::Sealed(_) => {
                return Err(EncodeError::Reserved {
                    kind,
                    path: path.to_owned(),
                });
            }
            Content::Private(mut inner) => {
                walk(&mut inner, &mut String::new(), &mut |_, _| {
                    Err(EncodeError::Nested {
                        kind,
                        path: path.to_owned(),
                    })
                })?;
                let plain = serde_json::to_vec(&inner).map_err(unreadable)?;
                let sealed = vault
                    .seal(&context.tenant, person, &place(event, path), &plain)
                    .map_err(|refused| match refused {
                        SealError::Erased { person } => EncodeError::Erased { kind, person },
                        SealError::TooLong { .. } | SealError::Failed(_) => EncodeError::Seal {
                            kind,
                            source: refused,
                        },
                    })?;
                marked(person, SEALED, Value::String(text(&sealed)))
            }
        };
        Ok(())
    })?;
    serde_json::to_string(&value).map_err(unreadable)
}

/// Opens all personal values of a stored event's data.
pub(super) fn unseal(
    vault: &Vault,
    recorded: &Recorded,
    data: &str,
) -> Result<Map<String, Value>, DecodeError> {
    let malformed = |fault| DecodeError::Malformed {
        at: At::of(recorded),
        source: fault,
    };
    let mut value: Value =
        serde_json::from_str(data).map_err(|refused| malformed(Fault::without_values(&refused)))?;
    walk(&mut value, &mut String::new(), &mut |object, path| {
        let path = || path.to_owned();
        *object = match read(std::mem::take(object)) {
            Some((person, Content::Erased)) => marked(person, ERASED, Value::Bool(true)),
            Some((person, Content::Sealed(sealed))) => {
                let opened = vault
                    .unseal(&recorded.tenant, person, &place(recorded.id, &path()), &sealed)
                    .map_err(|source| DecodeError::Unseal {
                        at: At::of(recorded),
                        path: path(),
                        source,
                    })?;
                match opened {
                    Unsealed::Erased => marked(person, ERASED, Value::Bool(true)),
                    Unsealed::Plain(plain) => {
                        let inner = serde_json::from_slice(&plain)
                            .map_err(|refused| malformed(Fault::without_values(&refused)))?;
                        marked(person, PRIVATE, inner)
                    }
                }
            }
            Some((_, Content::Private(_))) | None => {
                return Err(DecodeError::Unsealed {
                    at: At::of(recorded),
                    path: path(),
                });
            }
        };
        Ok(())
    })?;
    match value {
        Value::Object(data) => Ok(data),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(malformed(Fault("it is no object".to_owned())))
        }
    }
}

enum Content {
    Private(Value),
    Sealed(Vec<u8>),
    Erased,
}

// None unless the object is exactly one of the three shapes.
fn read(mut object: Map<String, Value>) -> Option<(PersonId, Content)> {
    let person = object.remove(PERSON)?.as_str()?.parse().ok()?;
    let mut rest = object.into_iter();
    let (key, value) = rest.next()?;
    if rest.next().is_some() {
        return None;
    }
    let content = match key.as_str() {
        PRIVATE => Content::Private(value),
        SEALED => Content::Sealed(BASE64.decode(value.as_str()?).ok()?),
        ERASED if value == Value::Bool(true) => Content::Erased,
        _ => return None,
    };
    Some((person, content))
}

fn marked(person: PersonId, key: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([
        (PERSON.to_owned(), Value::String(person.to_string())),
        (key.to_owned(), value),
    ])
}

pub(super) fn text(sealed: &[u8]) -> String {
    BASE64.encode(sealed)
}

pub(super) fn place(event: EventId, path: &str) -> Vec<u8> {
    bound("field", &[event.uuid().as_bytes(), path.as_bytes()])
}

type Visit<'a, E> = dyn FnMut(&mut Map<String, Value>, &str) -> Result<(), E> + 'a;

// Visits every object with one of the codec's keys, with its JSON pointer (RFC 6901); what is inside those is not visited.
fn walk<E>(value: &mut Value, path: &mut String, visit: &mut Visit<'_, E>) -> Result<(), E> {
    let length = path.len();
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                path.push_str(&format!("/{place}"));
                walk(item, path, visit)?;
                path.truncate(length);
            }
        }
        Value::Object(object) => {
            if [PERSON, PRIVATE, SEALED, ERASED]
                .iter()
                .any(|key| object.contains_key(*key))
            {
                return visit(object, path);
            }
            for (key, item) in object.iter_mut() {
                path.push('/');
                path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                walk(item, path, visit)?;
                path.truncate(length);
            }
        }
    }
    Ok(())
}
