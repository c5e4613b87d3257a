//! Documents with one mistake each: who refuses them, and in which words.

use serde_json::{Value, json};

use crate::routing_policy::document::Document;
use crate::routing_policy::graph::Graph;
use crate::routing_policy::graph::examples::EVERYTHING;
use crate::routing_policy::graph::lint::{Known, Severity, lint};
use crate::routing_policy::graph::schema::json_schema;
use crate::routing_policy::graph::words::NodeKey;

/// Who refuses a document.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    /// Its shape is wrong: the schema and the reading.
    Shape,
    /// Its shape is right, what it says is not: the reading alone.
    Reading,
    /// What hangs together in the graph is wrong: the check alone, with this code.
    Lint(&'static str),
}

use By::{Lint, Reading, Shape};

/// The node to break, the place in it, what is put there (null takes away), who refuses it, and the field that is told
/// if it is another than the place.
type Broken = (&'static str, &'static str, Value, By, &'static str);

fn shapes_of_nodes() -> Vec<Broken> {
    vec![
        ("", "/format", json!(2), Shape, ""),
        ("", "/format", Value::Null, Shape, ""),
        ("", "/kind", json!("voice"), Shape, ""),
        ("", "/colour", json!("blue"), Shape, ""),
        ("", "/starts", json!({}), Shape, ""),
        ("", "/containers", Value::Null, Lint("no_such_container"), "next"),
        ("in-number", "/start/number", json!("020 7946 0000"), Shape, ""),
        ("in-number", "/start/rings", json!(99), Shape, ""),
        ("in-number", "/start/country", json!("Britain"), Shape, ""),
        ("in-number", "/start/is", json!("telegram"), Shape, ""),
        ("in-number", "/start", Value::Null, Shape, ""),
        ("in-number", "/at/x", json!("left"), Shape, ""),
        ("in-extension", "/start/pattern", json!("8[x"), Shape, ""),
        ("in-address", "/start/channel", json!("fax"), Shape, ""),
        ("ask", "/id", json!("who calls"), Shape, "containers[0].id"),
        ("ask", "/is", json!("box"), Shape, ""),
        ("ask", "/is", Value::Null, Shape, ""),
        ("ask", "/title", json!(""), Shape, ""),
        ("ask", "/apps", json!("none"), Shape, ""),
        ("ask", "/outlets", json!({}), Shape, ""),
    ]
}

fn shapes_of_apps() -> Vec<Broken> {
    vec![
        ("nuisance", "/app", json!("filter"), Shape, ""),
        ("nuisance", "/id", Value::Null, Shape, "apps[0].id"),
        ("nuisance", "/when", Value::Null, Shape, ""),
        ("nuisance", "/when/of", json!([]), Shape, ""),
        ("nuisance", "/when/of/1/test/is", json!("near"), Shape, ""),
        ("nuisance", "/when/of/1/number", json!("their"), Shape, ""),
        ("nuisance", "/when/of/4/test/country", json!("gb"), Shape, ""),
        ("nuisance", "/outlets/not_matched", json!("menu"), Shape, ""),
        ("nuisance", "/outlets/matched", json!(7), Shape, ""),
        ("keep", "/set/0/name", json!("my language"), Shape, ""),
        ("keep", "/whisper", json!("Hello $(CallerName"), Shape, ""),
        ("keep", "/whisper", json!("Hello $(Caller Name)"), Shape, ""),
        ("find", "/find/object", json!("Contact; DELETE"), Shape, ""),
        ("find", "/find/fields", json!([]), Shape, ""),
        ("find", "/find/limit", json!(0), Shape, ""),
        ("find", "/deadline_ms", json!("2 seconds"), Shape, ""),
        ("find", "/deadline_ms", json!(600_000), Shape, ""),
        ("find", "/into", json!("Custom_Data"), Shape, ""),
        ("new-lead", "/values", Value::Null, Shape, ""),
        ("mark", "/record", Value::Null, Shape, ""),
        ("notice", "/send/0/to", json!("desk@example.com"), Shape, ""),
        ("notice", "/when", json!("tomorrow"), Shape, ""),
        ("menu", "/keys/0/key", json!("12"), Shape, ""),
        ("menu", "/keys", json!([]), Shape, ""),
        ("menu", "/tries", json!(0), Shape, ""),
        ("menu", "/prompt/say/0/sound", json!("hello.wav"), Shape, ""),
        ("number", "/into", Value::Null, Shape, ""),
        ("number", "/secret", json!("yes"), Shape, ""),
        ("say", "/say/0/text", json!(""), Shape, ""),
        ("say", "/language", json!("English"), Shape, ""),
        ("skilled", "/need/0/at_least", json!(101), Shape, ""),
        ("wait", "/queue", json!("Sales"), Shape, ""),
        ("wait", "/priority", json!(0), Shape, ""),
        ("stagger", "/pattern", json!("random"), Shape, ""),
        ("ann", "/to/user", json!("ann"), Shape, ""),
        ("owner", "/to/number", json!("0207"), Shape, ""),
        ("desk", "/to/extension", json!("911"), Shape, ""),
        ("recorded", "/beep", json!("loud"), Shape, ""),
        ("rota", "/method", json!("put"), Shape, ""),
        ("other-policy", "/policy", json!("sales"), Shape, ""),
        ("front-desk", "/destination", Value::Null, Shape, ""),
    ]
}

fn mistakes_of_values() -> Vec<Broken> {
    let not = |of: Value| json!({ "is": "not", "of": of });
    let deep = (0..9).fold(json!({ "is": "blocked" }), |inner, _| not(inner));
    vec![
        ("ask", "/id", json!("menu"), Reading, "id"),
        ("nuisance", "/when", deep, Reading, ""),
        (
            "nuisance",
            "/when/of/2/of/0/test/prefix",
            json!("xx"),
            Reading,
            "",
        ),
        ("compare", "/when/of/0/with", Value::Null, Reading, ""),
        ("compare", "/when/of/10/with", json!("x"), Reading, ""),
        ("find", "/find/conditions/0/with", Value::Null, Reading, ""),
        ("find-case", "/find/soql", json!("DELETE FROM Case"), Reading, ""),
        ("number", "/min", json!(9), Reading, ""),
        ("asked", "/questions/0/until", json!(1), Reading, ""),
        (
            "skilled",
            "/need/0/relax/1/after_ms",
            json!(1000),
            Reading,
            "need[0].relax",
        ),
        ("ann", "/screening/reject", json!("1"), Reading, ""),
        ("rota", "/url", json!("http://rota.example.com"), Reading, ""),
        ("rota", "/body", json!("x"), Reading, ""),
        ("recorded", "/start", json!("now"), Reading, ""),
    ]
}

fn mistakes_of_graphs() -> Vec<Broken> {
    vec![
        (
            "in-number",
            "/next",
            json!("nowhere"),
            Lint("no_such_container"),
            "",
        ),
        ("in-number", "/next", Value::Null, Lint("start_leads_nowhere"), ""),
        (
            "in-number",
            "/start",
            json!({ "is": "event", "kind": "CallEnded" }),
            Lint("start_not_allowed"),
            "start.is",
        ),
        (
            "in-direct",
            "/start",
            json!({ "is": "trunk", "trunk": "headquarters" }),
            Lint("start_twice"),
            "start",
        ),
        ("", "/starts", json!([]), Lint("no_start"), ""),
        (
            "",
            "/kind",
            json!("digital"),
            Lint("start_not_allowed"),
            "start.is",
        ),
        ("ask", "/next", json!("nowhere"), Lint("no_such_container"), ""),
        (
            "find",
            "/outlets/error",
            json!("nowhere"),
            Lint("no_such_container"),
            "",
        ),
        (
            "menu",
            "/keys/3/to",
            json!("nowhere"),
            Lint("no_such_container"),
            "",
        ),
        ("menu", "/keys/3/key", json!("1"), Lint("key_twice"), ""),
        (
            "menu",
            "/outlets/no_input",
            json!("nowhere"),
            Lint("no_such_container"),
            "",
        ),
    ]
}

fn mistakes_of_ways() -> Vec<Broken> {
    vec![
        ("web", "/next", Value::Null, Lint("dead_end"), ""),
        ("tell", "/next", json!("nowhere"), Lint("no_such_container"), ""),
        (
            "say",
            "/say/0/text",
            json!("$(OrderNumber)"),
            Lint("unknown_macro"),
            "",
        ),
        (
            "say",
            "/say/0/text",
            json!("$(Order.Status)"),
            Lint("set_never_filled"),
            "",
        ),
        (
            "compare",
            "/when/of/0/value",
            json!("$(Customer.Colour)"),
            Lint("no_such_field"),
            "",
        ),
        (
            "say-order",
            "/next",
            json!("say-order"),
            Lint("loop_without_exit"),
            "",
        ),
        ("record-it", "/next", json!("record-it"), Lint("loop_spins"), ""),
    ]
}

fn broken(node: &str, place: &str, with: &Value) -> Value {
    let mut document: Value = serde_json::from_str(EVERYTHING[0].text).unwrap();
    let target = if node.is_empty() {
        &mut document
    } else {
        find(&mut document, node).expect(node)
    };
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = target
        .pointer_mut(parent)
        .unwrap_or_else(|| panic!("{node} {place}"));
    match (parent, with) {
        (Value::Object(members), Value::Null) => {
            assert!(members.remove(name).is_some(), "{node} {place}");
        }
        (Value::Object(members), with) => {
            members.insert(name.to_owned(), with.clone());
        }
        (other, with) => other[name.parse::<usize>().unwrap()] = with.clone(),
    }
    document
}

fn find<'a>(value: &'a mut Value, id: &str) -> Option<&'a mut Value> {
    if value.get("id").is_some_and(|found| found == id) {
        return Some(value);
    }
    match value {
        Value::Array(list) => list.iter_mut().find_map(|inner| find(inner, id)),
        Value::Object(members) => members.values_mut().find_map(|inner| find(inner, id)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

// `/when/of/1/test` is told as `when.of[1].test`.
fn as_told(place: &str) -> String {
    place
        .split('/')
        .skip(1)
        .fold(String::new(), |path, part| match part.parse::<usize>() {
            Ok(place) => format!("{path}[{place}]"),
            Err(_) if path.is_empty() => part.to_owned(),
            Err(_) => format!("{path}.{part}"),
        })
}

/// Says what is not as it should be with one broken document.
fn complaint(broken_one: &Broken, valid: impl Fn(&Value) -> bool) -> Option<String> {
    let (node, place, with, by, field) = broken_one;
    let value = broken(node, place, with);
    let case = format!("{node} {place} {with}");
    if valid(&value) == (*by == Shape) {
        return Some(format!("{case}: the schema"));
    }
    let told = match (by, Graph::read(&Document::new(&value.to_string()).unwrap())) {
        (Shape | Reading, Err(faults)) => names(faults.iter().map(|fault| (&fault.node, &fault.field))),
        (Lint(code), Ok(graph)) => {
            let findings = lint(&graph, &Known::default());
            let errors = findings
                .iter()
                .filter(|finding| finding.code == *code && finding.severity == Severity::Error);
            names(errors.map(|finding| (&finding.node, &finding.field)))
        }
        (Shape | Reading, Ok(_)) => return Some(format!("{case}: it was read")),
        (Lint(_), Err(faults)) => return Some(format!("{case}: it was not read: {faults:?}")),
    };
    let field = if field.is_empty() {
        as_told(place)
    } else {
        (*field).to_owned()
    };
    // Without an id of its own a node is told by its place, and with that of another by both.
    let lost = *place == "/id" || node.is_empty() || *place == "/containers";
    let right = told
        .iter()
        .any(|(named, told)| (lost || named == node) && *told == field);
    (!right).then(|| format!("{case}: {field} is not told, but {told:?}"))
}

fn names<'a>(told: impl Iterator<Item = (&'a Option<NodeKey>, &'a String)>) -> Vec<(String, String)> {
    told.map(|(node, field)| {
        (
            node.as_ref().map(ToString::to_string).unwrap_or_default(),
            field.clone(),
        )
    })
    .collect()
}

#[test]
fn each_mistake_is_refused_with_its_node_and_field_and_by_the_schema_where_it_is_one_of_shape() {
    let validator = jsonschema::draft202012::new(&json_schema()).unwrap();
    let shapes = [shapes_of_nodes(), shapes_of_apps()].concat();
    let meanings = [mistakes_of_values(), mistakes_of_graphs(), mistakes_of_ways()].concat();
    assert!(shapes.len() >= 50 && meanings.len() >= 30);
    let cases = shapes.iter().chain(&meanings);
    let complaints: Vec<String> = cases
        .filter_map(|case| complaint(case, |value| validator.is_valid(value)))
        .collect();
    assert_eq!(complaints, Vec::<String>::new());
}
