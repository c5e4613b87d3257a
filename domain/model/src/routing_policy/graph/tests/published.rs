//! The published schema and the documents that come along.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::routing_policy::document::Document;
use crate::routing_policy::graph::Graph;
use crate::routing_policy::graph::examples::{EVERYTHING, RECIPES};
use crate::routing_policy::graph::lint::{Known, Severity, lint};
use crate::routing_policy::graph::schema::json_schema;
use crate::routing_policy::graph::shape::Shape;
use crate::routing_policy::graph::system::SystemPolicy;

fn documents() -> Vec<(String, Document)> {
    let examples = RECIPES.iter().chain(EVERYTHING).map(|example| {
        let document = Document::new(example.text).unwrap();
        (example.name.to_owned(), document)
    });
    let system = SystemPolicy::ALL
        .iter()
        .map(|policy| (policy.name().to_string(), policy.document()));
    examples.chain(system).collect()
}

fn value(document: &Document) -> Value {
    serde_json::from_str(document.as_str()).unwrap()
}

#[test]
fn the_published_schema_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/routing-policy.schema.json");
    let wanted = format!("{}\n", serde_json::to_string_pretty(&json_schema()).unwrap());
    if std::env::var_os("LEDGERLINE_GOLDEN").is_some_and(|v| v == "write") {
        std::fs::write(&path, &wanted).expect("docs/routing-policy.schema.json can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == wanted,
        "docs/routing-policy.schema.json is not what the code says; LEDGERLINE_GOLDEN=write writes it anew"
    );
}

#[test]
fn the_schema_is_one_and_accepts_every_document_that_comes_along() {
    let schema = json_schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for (name, document) in documents() {
        for document in [value(&document), Graph::read(&document).unwrap().write()] {
            let refused: Vec<String> = validator
                .iter_errors(&document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(refused, Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn what_comes_along_is_read_written_and_read_again() {
    for (name, document) in documents() {
        let graph = Graph::read(&document).unwrap_or_else(|faults| panic!("{name}: {faults:#?}"));
        let written = Document::new(&graph.write().to_string()).unwrap();
        assert_eq!(Graph::read(&written), Ok(graph), "{name}");
    }
}

#[test]
fn nothing_that_comes_along_has_errors_and_the_recipes_and_system_policies_have_no_warnings() {
    let everything: BTreeSet<&str> = EVERYTHING.iter().map(|example| example.name).collect();
    for (name, document) in documents() {
        let findings = lint(&Graph::read(&document).unwrap(), &Known::default());
        let bad = findings.iter().filter(|finding| {
            finding.severity == Severity::Error
                || finding.severity == Severity::Warning && !everything.contains(name.as_str())
        });
        let bad: Vec<String> = bad.map(ToString::to_string).collect();
        assert_eq!(bad, Vec::<String>::new(), "{name}");
    }
}

/// Collects every word that tells objects apart and every choice of words, wherever the schema names them.
fn words_of_schema(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            words.extend(members.get("const").and_then(Value::as_str).map(str::to_owned));
            let choices = members.get("enum").and_then(Value::as_array);
            words.extend(
                choices
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
            members.values().for_each(|inner| words_of_schema(inner, words));
        }
        Value::Array(list) => list.iter().for_each(|inner| words_of_schema(inner, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Collects every field's name of the schema.
fn fields_of_schema(schema: &Value, fields: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                fields.extend(properties.keys().cloned());
            }
            members.values().for_each(|inner| fields_of_schema(inner, fields));
        }
        Value::Array(list) => list.iter().for_each(|inner| fields_of_schema(inner, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn in_document(value: &Value, fields: &mut BTreeSet<String>, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            fields.extend(members.keys().cloned());
            members
                .values()
                .for_each(|inner| in_document(inner, fields, texts));
        }
        Value::Array(list) => list.iter().for_each(|inner| in_document(inner, fields, texts)),
        Value::String(text) => {
            texts.insert(text.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Collects `kind.field` of every node in a document, and `kind.outlets.name`.
fn fields_of_nodes(value: &Value, found: &mut BTreeSet<String>) {
    let inner: Vec<&Value> = match value {
        Value::Object(members) => {
            let kind = ["app", "is"]
                .iter()
                .find_map(|tag| members.get(*tag).and_then(Value::as_str));
            if let Some(kind) = kind.filter(|_| members.contains_key("id")) {
                found.extend(members.keys().map(|field| format!("{kind}.{field}")));
                let outlets = members.get("outlets").and_then(Value::as_object);
                let outlets = outlets.into_iter().flat_map(|outlets| outlets.keys());
                found.extend(outlets.map(|outlet| format!("{kind}.outlets.{outlet}")));
            }
            members.values().collect()
        }
        Value::Array(list) => list.iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    inner.into_iter().for_each(|inner| fields_of_nodes(inner, found));
}

#[test]
fn the_examples_have_every_field_and_outlet_of_every_app_and_container() {
    let schema = json_schema();
    let mut found = BTreeSet::new();
    for (_, document) in documents() {
        fields_of_nodes(&value(&document), &mut found);
    }
    let mut missing = Vec::new();
    for (defined, tag) in [("App", "app"), ("Container", "is")] {
        for form in schema["$defs"][defined]["oneOf"].as_array().unwrap() {
            let kind = form["properties"][tag]["const"].as_str().unwrap();
            missing.extend(
                form["properties"]
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|field| format!("{kind}.{field}")),
            );
            if let Some(reference) = form["properties"]["outlets"]["$ref"].as_str() {
                let outlets = &schema.pointer(&reference[1..]).unwrap()["properties"];
                let outlets = outlets.as_object().unwrap().keys();
                missing.extend(outlets.map(|outlet| format!("{kind}.outlets.{outlet}")));
            }
        }
    }
    assert!(missing.len() > 200, "{}", missing.len());
    missing.retain(|field| !found.contains(field) && !field.ends_with(".title"));
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn the_examples_of_everything_have_every_field_outlet_and_word_of_the_schema() {
    let (mut fields, mut words) = (BTreeSet::new(), BTreeSet::new());
    fields_of_schema(&json_schema(), &mut fields);
    words_of_schema(&json_schema(), &mut words);
    let (mut used, mut texts) = (BTreeSet::new(), BTreeSet::new());
    for (_, document) in documents() {
        in_document(&value(&document), &mut used, &mut texts);
    }
    let missing: Vec<&String> = fields.difference(&used).collect();
    assert_eq!(missing, Vec::<&String>::new(), "fields that no example has");
    // Among the words of the model that a document never needs to say: tones and kinds that only differ in name.
    let tones = json!(["by_caller", "au", "fr", "in", "th", "us", "gong"]);
    let missing: Vec<&String> = words
        .difference(&texts)
        .filter(|word| !tones.as_array().unwrap().contains(&json!(word)))
        .collect();
    assert_eq!(missing, Vec::<&String>::new(), "words that no example has");
}
