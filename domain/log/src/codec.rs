//! Events between their Rust types and the bytes in the log.
//!
//! The *data* of a stored event is the JSON object of its variant's fields. Wherever the model has
//! [`Private`](domain_model::Private), `{"$person": id, "$private": value}`, the log has `{"$person": id, "$sealed": text}`:
//! the value under that person's key, in base64url, bound to the tenant, the person, the event's id and the JSON pointer of
//! the field, so that it opens nowhere else. After an erasure it reads back as `{"$person": id, "$erased": true}`. Keys
//! that begin with `$` therefore belong to the codec; nobody gets one of these four into an event by other means.
//!
//! The *metadata* is one object more, [`Metadata`]; nothing in it is personal.
//!
//! What cannot be read back equal is not stored: one unreadable event would make its stream unreadable for ever.

mod private;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use domain_model::context::{Actor, Context};
use domain_model::ids::{CommandId, EventId, JourneyId, PersonId};
use domain_model::{Event, EventDoc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::name::InvalidName;
use crate::upcast::{Form, LiftError, Upcasts};
use crate::vault::{SealError, UnsealError, Vault};
use crate::{Kind, NewEvent, Position, Recorded, StreamName};

pub(crate) use private::{SealedField, sealed_fields};

/// What is stored beside an event's data.
///
/// Correlation and causation have the names by which KurrentDB's own tools find them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The version of the data's JSON.
    pub schema: u16,
    /// The command that led to the event.
    pub command: CommandId,
    /// Who gave it.
    pub actor: Actor,
    /// The journey that it belongs to.
    #[serde(rename = "$correlationId", default, skip_serializing_if = "Option::is_none")]
    pub journey: Option<JourneyId>,
    /// The event that led to the command.
    #[serde(rename = "$causationId", default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
}

/// An event of the log, as today's build understands it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<E> {
    /// What was stored beside it; the schema is the stored one.
    pub metadata: Metadata,
    /// One event; where an upcast dropped or split it, none or several.
    pub events: Vec<E>,
}

/// Where an event stands, for a message about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At {
    /// Its kind.
    pub kind: Kind,
    /// Its position.
    pub position: Position,
    /// Its stream.
    pub stream: StreamName,
}

/// What is wrong with some JSON. It repeats no value that may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

/// Why an event was not stored.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Its kind cannot be a kind.
    #[error("the event has a kind that no log takes")]
    Kind(#[from] InvalidName),
    /// Once stored, it could not be read.
    #[error("{kind} would not read back as it is")]
    Unreadable {
        /// Its kind.
        kind: &'static str,
        /// What goes wrong.
        source: Fault,
    },
    /// An object in it uses a name that is the codec's.
    #[error(
        "{kind} uses $person, $private, $sealed or $erased at {path} for something else than personal data"
    )]
    Reserved {
        /// Its kind.
        kind: &'static str,
        /// The JSON pointer of the object.
        path: String,
    },
    /// Personal data within personal data: erasing one person would leave it under the other's key.
    #[error("{kind} has personal data within personal data at {path}")]
    Nested {
        /// Its kind.
        kind: &'static str,
        /// The JSON pointer of the outer one.
        path: String,
    },
    /// It holds personal data of somebody who was erased.
    #[error("{kind} has data of person {person}, who was erased")]
    Erased {
        /// Its kind.
        kind: &'static str,
        /// The person.
        person: PersonId,
    },
    /// Its personal data could not be sealed.
    #[error("personal data of {kind} could not be sealed")]
    Seal {
        /// Its kind.
        kind: &'static str,
        /// Why.
        source: SealError,
    },
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No upcast leads from it to anything that is expected here.
    #[error("{at} cannot be understood")]
    Unknown {
        /// Which event.
        at: At,
        /// Why.
        source: LiftError,
    },
    /// It is of an aggregate that is not expected here.
    #[error("{at} is no event of {expected}")]
    Foreign {
        /// Which event.
        at: At,
        /// The prefix of the kinds that are.
        expected: &'static str,
    },
    /// Its data is not what its kind has.
    #[error("{at} has data that its kind does not have")]
    Malformed {
        /// Which event.
        at: At,
        /// What is wrong.
        source: Fault,
    },
    /// Its metadata is not what every event has.
    #[error("{at} has metadata that cannot be read")]
    Metadata {
        /// Which event.
        at: At,
        /// What is wrong.
        source: Fault,
    },
    /// An object in it is neither sealed nor erased, as all personal data in the log is.
    #[error("{at} has personal data in the clear or half sealed at {path}")]
    Unsealed {
        /// Which event.
        at: At,
        /// The JSON pointer of the object.
        path: String,
    },
    /// Its personal data does not open, though its person was not erased.
    #[error("{at} has personal data at {path} that does not open")]
    Unseal {
        /// Which event.
        at: At,
        /// The JSON pointer of the object.
        path: String,
        /// Why.
        source: UnsealError,
    },
}

/// Writes and reads events; see the module. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Codec {
    vault: Arc<Vault>,
    upcasts: Arc<Upcasts>,
}

impl Codec {
    /// Makes a codec that seals with a vault and reads old forms through a chain.
    #[must_use]
    pub fn new(vault: Arc<Vault>, upcasts: Upcasts) -> Self {
        Self {
            vault,
            upcasts: Arc::new(upcasts),
        }
    }

    /// Returns the vault.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Writes one of a command's events, the one at `place` among them from 0.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn encode<E: Event>(
        &self,
        context: &Context,
        place: usize,
        event: &E,
    ) -> Result<NewEvent, EncodeError> {
        self.finish(context, draft(context, place, event)?)
    }

    /// Seals what is personal in a draft; the only part of writing that asks the vault.
    pub(crate) fn finish(&self, context: &Context, draft: Draft) -> Result<NewEvent, EncodeError> {
        let data = if draft.may_be_personal() {
            private::seal(&self.vault, context, draft.id, draft.kind, &draft.fields)?
        } else {
            draft.fields
        };
        Ok(NewEvent {
            id: draft.id,
            kind: Kind::new(draft.kind)?,
            tenant: context.tenant.clone(),
            time: context.time,
            meta: draft.meta,
            data: Bytes::from(data),
        })
    }

    /// Reads a stored event of an aggregate, whatever form it has.
    ///
    /// # Errors
    /// [`DecodeError`], naming kind, position and stream.
    pub fn decode<E: Event>(&self, recorded: &Recorded) -> Result<Decoded<E>, DecodeError> {
        let metadata = metadata(recorded)?;
        let malformed = |source| DecodeError::Malformed {
            at: At::of(recorded),
            source,
        };
        let text =
            std::str::from_utf8(&recorded.data).map_err(|_| malformed(Fault("it is no UTF-8".to_owned())))?;
        let today = declared::<E>(recorded.kind.as_str()).filter(|doc| doc.version == metadata.schema);
        if let Some(doc) = today
            && !may_be_personal(text)
        {
            let event = from_text(doc, text).map_err(malformed)?;
            return Ok(Decoded {
                metadata,
                events: vec![event],
            });
        }
        let data = private::unseal(&self.vault, recorded, text)?;
        let stored = Form {
            kind: recorded.kind.as_str().to_owned(),
            version: metadata.schema,
            data,
        };
        let forms = self.upcasts.lift(stored).map_err(|source| DecodeError::Unknown {
            at: At::of(recorded),
            source,
        })?;
        let mut events = Vec::with_capacity(forms.len());
        for form in forms {
            if declared::<E>(&form.kind).is_none() {
                return Err(DecodeError::Foreign {
                    at: At::of(recorded),
                    expected: E::PREFIX,
                });
            }
            events.push(from_form(form).map_err(malformed)?);
        }
        Ok(Decoded { metadata, events })
    }
}

/// An event on its way into the log, before anything in it is sealed.
pub(crate) struct Draft {
    id: EventId,
    kind: &'static str,
    meta: Bytes,
    fields: String,
}

impl Draft {
    /// Says whether the vault is asked about it.
    pub(crate) fn may_be_personal(&self) -> bool {
        may_be_personal(&self.fields)
    }
}

/// Writes one of a command's events, all but what the vault is asked about.
pub(crate) fn draft<E: Event>(context: &Context, place: usize, event: &E) -> Result<Draft, EncodeError> {
    let meta = serde_json::to_vec(&Metadata::of(context, event)).expect("ids and short texts are JSON");
    Ok(Draft {
        id: EventId::of(context.command, place),
        kind: event.kind(),
        meta: Bytes::from(meta),
        fields: readable_fields(event)?,
    })
}

impl Metadata {
    /// Says what is stored beside one of a command's events.
    #[must_use]
    pub fn of<E: Event>(context: &Context, event: &E) -> Self {
        Self {
            schema: event.version(),
            command: context.command,
            actor: context.actor.clone(),
            journey: context.journey,
            cause: context.cause,
        }
    }
}

/// Reads what is stored beside an event.
///
/// # Errors
/// [`DecodeError::Metadata`].
pub fn metadata(recorded: &Recorded) -> Result<Metadata, DecodeError> {
    serde_json::from_slice(&recorded.meta).map_err(|refused| DecodeError::Metadata {
        at: At::of(recorded),
        source: Fault(refused.to_string()),
    })
}

/// Reads a form of today as an event.
pub(crate) fn from_form<E: Event>(form: Form) -> Result<E, Fault> {
    let Some(doc) = declared::<E>(&form.kind) else {
        return Err(Fault(format!("{} has no kind {}", E::PREFIX, form.kind)));
    };
    let tagged = Map::from_iter([(variant::<E>(doc).to_owned(), Value::Object(form.data))]);
    serde_json::from_value(Value::Object(tagged)).map_err(|refused| Fault::without_values(&refused))
}

/// Says whether stored data may hold something that the vault is asked about.
///
/// A quotation mark in a text is written `\"`, so a quote before a dollar sign begins a key or a whole text.
pub(crate) fn may_be_personal(data: &str) -> bool {
    data.contains("\"$")
}

fn declared<E: Event>(kind: &str) -> Option<&'static EventDoc> {
    E::CATALOGUE.iter().find(|doc| doc.kind == kind)
}

fn variant<E: Event>(doc: &EventDoc) -> &'static str {
    doc.kind.strip_prefix(E::PREFIX).unwrap_or(doc.kind)
}

// `{"Variant":{…}}` without what is around the inner braces; checked by reading it back.
fn readable_fields<E: Event>(event: &E) -> Result<String, EncodeError> {
    let kind = event.kind();
    let unreadable = |source| EncodeError::Unreadable { kind, source };
    let mut text =
        serde_json::to_string(event).map_err(|refused| unreadable(Fault::without_values(&refused)))?;
    let fields = match (text.find(':'), text.strip_suffix('}')) {
        (Some(colon), Some(rest)) => colon + 1..rest.len(),
        (None, _) | (_, None) => return Err(unreadable(Fault("it is no variant with fields".to_owned()))),
    };
    text.truncate(fields.end);
    text.drain(..fields.start);
    let doc =
        declared::<E>(kind).ok_or_else(|| unreadable(Fault("its kind is in no catalogue".to_owned())))?;
    match from_text::<E>(doc, &text) {
        Ok(back) if back == *event => Ok(text),
        Ok(_) => Err(unreadable(Fault("it reads back as something else".to_owned()))),
        Err(fault) => Err(unreadable(fault)),
    }
}

// The text goes back between the braces it was taken from, and is parsed once, straight into the type.
fn from_text<E: Event>(doc: &'static EventDoc, fields: &str) -> Result<E, Fault> {
    // serde takes a list for a struct as well.
    if !fields.starts_with('{') {
        return Err(Fault("it is no object".to_owned()));
    }
    let tagged = format!("{{\"{}\":{fields}}}", variant::<E>(doc));
    serde_json::from_str(&tagged).map_err(|refused| {
        if may_be_personal(fields) {
            Fault::without_values(&refused)
        } else {
            Fault(refused.to_string())
        }
    })
}

impl Fault {
    // serde's own words quote the value that it did not like.
    fn without_values(refused: &serde_json::Error) -> Self {
        Self(
            match refused.classify() {
                serde_json::error::Category::Io => "it could not be written",
                serde_json::error::Category::Syntax => "it is no JSON",
                serde_json::error::Category::Data => "a field is missing or has another type",
                serde_json::error::Category::Eof => "it is cut off",
            }
            .to_owned(),
        )
    }
}

impl At {
    fn of(recorded: &Recorded) -> Self {
        Self {
            kind: recorded.kind.clone(),
            position: recorded.position,
            stream: recorded.stream.clone(),
        }
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} at position {} of stream {}",
            self.kind, self.position, self.stream
        )
    }
}
