//! Bodies that web services are sent: what macros hold stays text within JSON.

use serde_json::Value;

use super::inputs::Inputs;
use super::macros::Quote;
use super::scene::Scene;
use crate::routing_policy::graph::template::{Piece, Template};

/// Fills a body in. In an object or a list of JSON no macro can change what the body says beside its own place; any
/// other body is filled in as it stands.
pub(super) fn fill(scene: &Scene<'_>, body: &Template, inputs: &mut Inputs) -> String {
    let Some(within_texts) = places(body) else {
        return scene.fill(body, inputs);
    };
    let mut within_texts = within_texts.into_iter();
    let mut out = String::new();
    for piece in body.pieces() {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Macro(name) => {
                let quote = if within_texts.next() == Some(true) {
                    Quote::JsonText
                } else {
                    Quote::Json
                };
                out.push_str(&scene.held(name, quote, inputs));
            }
        }
    }
    out
}

/// Says of each macro whether it stands within a text of JSON; none if the body is no object or list of JSON.
fn places(body: &Template) -> Option<Vec<bool>> {
    let (mut within, mut escaped) = (false, false);
    let (mut places, mut probe) = (Vec::new(), String::new());
    for piece in body.pieces() {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    if escaped {
                        escaped = false;
                    } else if c == '"' {
                        within = !within;
                    } else {
                        escaped = within && c == '\\';
                    }
                }
                probe.push_str(text);
            }
            Piece::Macro(_) => {
                places.push(within);
                probe.push(if within { 'x' } else { '0' });
            }
        }
    }
    let value: Value = serde_json::from_str(&probe).ok()?;
    (value.is_object() || value.is_array()).then_some(places)
}

/// Writes a value of JSON: a number, true, false and null as they stand, nothing as null, all else as a text.
pub(super) fn value(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "null".to_owned();
    }
    match serde_json::from_str(text) {
        Ok(Value::Number(_) | Value::Bool(_) | Value::Null) => text.to_owned(),
        Ok(Value::String(_) | Value::Array(_) | Value::Object(_)) | Err(_) => quoted(text),
    }
}

/// Writes what stands between the quotes of a text of JSON.
pub(super) fn within_text(text: &str) -> String {
    let quoted = quoted(text);
    quoted[1..quoted.len() - 1].to_owned()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
