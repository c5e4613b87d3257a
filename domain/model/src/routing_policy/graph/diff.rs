//! What differs between two graphs, node by node.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use super::containers::Place;
use super::shape::{Members, Shape};
use super::words::NodeKey;
use super::{Graph, Node};

/// One difference, in the words of the later graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The node; none if the policy as a whole changed.
    pub node: Option<NodeKey>,
    /// What changed.
    pub what: Changed,
}

/// What changed about a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Changed {
    /// It is new.
    Added {
        /// What it is: `switchboard`, `speak`, `start`.
        kind: &'static str,
    },
    /// It is gone.
    Removed {
        /// What it was.
        kind: &'static str,
    },
    /// It has another title.
    Renamed {
        /// The title before, if it had one.
        before: Option<String>,
        /// The title now, if it has one.
        after: Option<String>,
    },
    /// It is elsewhere on the canvas, and does the same.
    Placed {
        /// Where it was, if that was said.
        before: Option<Place>,
        /// Where it is, if that is said.
        after: Option<Place>,
    },
    /// An app is in another container.
    Moved {
        /// The container before.
        before: NodeKey,
        /// The container now.
        after: NodeKey,
    },
    /// The apps of a container are in another order. Those that are new or gone are left out.
    Reordered {
        /// The order before.
        before: Vec<NodeKey>,
        /// The order now.
        after: Vec<NodeKey>,
    },
    /// A link leads elsewhere.
    Linked {
        /// The link: `next`, `outlets.found`, `keys.2.to`.
        field: String,
        /// Where it led; none if nowhere.
        before: Option<String>,
        /// Where it leads; none if nowhere.
        after: Option<String>,
    },
    /// A setting is another.
    Set {
        /// The setting, down to what differs.
        field: String,
        /// What it was; none if it was not said.
        before: Option<Value>,
        /// What it is; none if it is not said.
        after: Option<Value>,
    },
}

/// Lists what differs: the whole first, then node by node in the order of the later graph, then what is gone.
///
/// A field that is left out and one that says its default are the same.
#[must_use]
pub fn diff(before: &Graph, after: &Graph) -> Vec<Change> {
    let (old, new) = (Sheet::of(before), Sheet::of(after));
    let mut changes = Vec::new();
    if before.kind != after.kind {
        let set = Changed::Set {
            field: "kind".to_owned(),
            before: Some(before.kind.write()),
            after: Some(after.kind.write()),
        };
        changes.push(Change {
            node: None,
            what: set,
        });
    }
    for node in after.nodes() {
        let id = node.id();
        let Some(now) = new.get(id) else { continue };
        let mut add = |what| {
            changes.push(Change {
                node: Some(id.clone()),
                what,
            });
        };
        match old.get(id) {
            None => add(Changed::Added { kind: now.kind }),
            Some(was) if was.kind != now.kind => {
                add(Changed::Removed { kind: was.kind });
                add(Changed::Added { kind: now.kind });
            }
            Some(was) => was.compare(now, &mut add),
        }
    }
    for node in before.nodes() {
        if let (Some(was), None) = (old.get(node.id()), new.get(node.id())) {
            changes.push(Change {
                node: Some(node.id().clone()),
                what: Changed::Removed { kind: was.kind },
            });
        }
    }
    changes
}

/// What is compared of one node.
#[derive(Debug)]
struct Sheet<'a> {
    kind: &'static str,
    title: Option<String>,
    at: Option<Place>,
    container: Option<&'a NodeKey>,
    apps: Vec<&'a NodeKey>,
    settings: Value,
}

impl<'a> Sheet<'a> {
    fn of(graph: &'a Graph) -> BTreeMap<&'a NodeKey, Self> {
        graph
            .nodes()
            .map(|node| (node.id(), Self::of_node(node)))
            .collect()
    }

    fn of_node(node: Node<'a>) -> Self {
        let mut settings = Map::new();
        let (kind, title, at, container, apps) = match node {
            Node::Start(start) => {
                start.put(&mut settings);
                ("start", &start.title, start.at, None, vec![])
            }
            Node::Container(container) => {
                container.put(&mut settings);
                let apps = container.is.apps().iter().map(|app| &app.id).collect();
                (container.is.word(), &container.title, container.at, None, apps)
            }
            Node::App(app, container) => {
                app.put(&mut settings);
                (app.does.word(), &app.title, None, Some(&container.id), vec![])
            }
        };
        for told_apart in ["id", "title", "at", "apps"] {
            settings.remove(told_apart);
        }
        Self {
            kind,
            title: title.as_ref().map(ToString::to_string),
            at,
            container,
            apps,
            settings: Value::Object(settings),
        }
    }

    fn compare(&self, now: &Self, add: &mut impl FnMut(Changed)) {
        if self.title != now.title {
            add(Changed::Renamed {
                before: self.title.clone(),
                after: now.title.clone(),
            });
        }
        if self.at != now.at {
            add(Changed::Placed {
                before: self.at,
                after: now.at,
            });
        }
        if let (Some(before), Some(after)) = (self.container, now.container)
            && before != after
        {
            add(Changed::Moved {
                before: before.clone(),
                after: after.clone(),
            });
        }
        let (before, after) = (common(&self.apps, &now.apps), common(&now.apps, &self.apps));
        if before != after {
            add(Changed::Reordered { before, after });
        }
        values("", Some(&self.settings), Some(&now.settings), add);
    }
}

fn common(these: &[&NodeKey], others: &[&NodeKey]) -> Vec<NodeKey> {
    let others: BTreeSet<&NodeKey> = others.iter().copied().collect();
    these
        .iter()
        .copied()
        .filter(|id| others.contains(id))
        .cloned()
        .collect()
}

fn values(field: &str, before: Option<&Value>, after: Option<&Value>, add: &mut impl FnMut(Changed)) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(was)), Some(Value::Object(is))) => {
            let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
            for name in names {
                let inner = if field.is_empty() {
                    name.clone()
                } else {
                    format!("{field}.{name}")
                };
                values(&inner, was.get(name), is.get(name), add);
            }
        }
        (Some(Value::Array(was)), Some(Value::Array(is))) => lists(field, was, is, add),
        (before, after) if is_link(field) => {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            add(Changed::Linked {
                field: field.to_owned(),
                before: text(before),
                after: text(after),
            });
        }
        (before, after) => add(Changed::Set {
            field: field.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

fn lists(field: &str, was: &[Value], is: &[Value], add: &mut impl FnMut(Changed)) {
    let (Some(was_by_key), Some(is_by_key)) = (by_key(was), by_key(is)) else {
        for place in 0..was.len().max(is.len()) {
            values(&format!("{field}[{place}]"), was.get(place), is.get(place), add);
        }
        return;
    };
    let keys: BTreeSet<&str> = was_by_key.keys().chain(is_by_key.keys()).copied().collect();
    for key in keys {
        let (was, is) = (was_by_key.get(key).copied(), is_by_key.get(key).copied());
        values(&format!("{field}.{key}"), was, is, add);
    }
}

// A menu's keys: each stands for itself, wherever it is in the list. None where one is there twice.
fn by_key(list: &[Value]) -> Option<BTreeMap<&str, &Value>> {
    let keyed = list
        .iter()
        .map(|value| Some((value.get("key")?.as_str()?, value)));
    let keyed: BTreeMap<&str, &Value> = keyed.collect::<Option<_>>()?;
    (keyed.len() == list.len()).then_some(keyed)
}

fn is_link(field: &str) -> bool {
    field == "next" || field.starts_with("outlets.") || (field.starts_with("keys") && field.ends_with(".to"))
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.node {
            Some(node) => write!(f, "{node}: {}", self.what),
            None => write!(f, "the policy: {}", self.what),
        }
    }
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |place: &Option<Place>| {
            place.map_or_else(
                || "nowhere in particular".to_owned(),
                |at| format!("{}, {}", at.x, at.y),
            )
        };
        let list = |ids: &[NodeKey]| ids.iter().map(NodeKey::as_str).collect::<Vec<_>>().join(", ");
        match self {
            Self::Added { kind } => write!(f, "added ({kind})"),
            Self::Removed { kind } => write!(f, "removed ({kind})"),
            Self::Renamed { before, after } => {
                let name = |name: &Option<String>| {
                    name.as_ref()
                        .map_or("no title".to_owned(), |name| format!("{name:?}"))
                };
                write!(f, "renamed from {} to {}", name(before), name(after))
            }
            Self::Placed { before, after } => {
                write!(
                    f,
                    "moved on the canvas from {} to {}",
                    place(before),
                    place(after)
                )
            }
            Self::Moved { before, after } => write!(f, "moved from container {before} to {after}"),
            Self::Reordered { before, after } => {
                write!(
                    f,
                    "its apps are in another order: {} instead of {}",
                    list(after),
                    list(before)
                )
            }
            Self::Linked { field, before, after } => {
                let end = |to: &Option<String>| to.clone().unwrap_or_else(|| "nowhere".to_owned());
                write!(f, "{field} leads to {} instead of {}", end(after), end(before))
            }
            Self::Set { field, before, after } => match (before, after) {
                (Some(before), Some(after)) => write!(f, "{field} is {after} instead of {before}"),
                (None, Some(after)) => write!(f, "{field} is {after}, it was not set"),
                (Some(before), None) => write!(f, "{field} is no longer set, it was {before}"),
                (None, None) => write!(f, "{field} is the same"),
            },
        }
    }
}
