//! The published JSON Schema, made from the same declarations that documents are read by.

use serde_json::{Value, json};

use super::Graph;
use super::shape::{Named, Shape};

/// Returns the JSON Schema (draft 2020-12) of routing policies' documents, as it stands in
/// `docs/routing-policy.schema.json`.
///
/// It says which shape a document has. What hangs together over several fields, such as that links lead somewhere, is
/// for [`Graph::read`] and the linter.
#[must_use]
pub fn json_schema() -> Value {
    let mut named = Named::default();
    let graph = Graph::schema(&mut named);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Routing policy",
        "description": "A routing policy as it is drawn: what begins it, and the containers and apps that follow.",
        "allOf": [graph],
        "$defs": named.into_defs(),
    })
}
