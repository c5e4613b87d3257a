//! Documents as people draw them, read as graphs.

mod broken;
mod published;

use super::*;

fn read(text: &str) -> Result<Graph, Vec<Fault>> {
    Graph::read(&Document::new(text).unwrap())
}

fn told(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

const SMALL: &str = r##"{
    "format": 1, "kind": "call",
    "starts": [{"id": "in", "start": {"is": "number", "number": "+442079460000"}, "next": "hello"}],
    "containers": [{"id": "hello", "is": "action", "title": "Hello", "at": {"x": 10, "y": 20}, "apps": [
        {"id": "say", "app": "speak", "say": [{"is": "text", "text": "Hello $(CallerName)"}]},
        {"id": "wait", "app": "queue", "queue": "00000000-0000-0000-0000-000000000001"}
    ]}]
}"##;

#[test]
fn a_document_is_read_and_written_back_with_what_was_left_out() {
    let graph = read(SMALL).unwrap();
    assert_eq!(graph.nodes().count(), 4);
    let written = Shape::write(&graph);
    assert_eq!(written["containers"][0]["apps"][0]["interruptible"], json!(false));
    assert_eq!(read(&written.to_string()).unwrap(), graph);
}

#[test]
fn every_mistake_is_told_with_its_node_and_field() {
    let broken = SMALL
        .replace("\"is\": \"text\"", "\"is\": \"song\"")
        .replace("\"format\": 1", "\"format\": 2, \"colour\": 1")
        .replace(
            "\"app\": \"queue\"",
            "\"app\": \"queue\", \"priority\": 0, \"outlets\": {\"gone\": \"x\"}",
        )
        .replace("+442079460000", "020");
    assert_eq!(
        told(&broken),
        [
            "format: only documents of format 1 can be read",
            "in, start.number: a number in E.164 is expected, such as +442079460000",
            "say, say[0].is: \"song\" is none of text, sound, markup",
            "wait, priority: a priority is a number from 1, the most urgent, to 100",
            "wait, outlets.gone: there is no such field here; there are after, callback, closed, exit_key, failed, full, max_wait, no_agents, overflow",
            "colour: there is no such field here; there are containers, format, kind, starts",
        ]
    );
}

#[test]
fn two_nodes_of_one_id_are_told() {
    assert_eq!(
        told(&SMALL.replace("\"id\": \"wait\"", "\"id\": \"in\"")),
        ["in, id: another start, container or app has this id"]
    );
}
