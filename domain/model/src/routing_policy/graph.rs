//! What a routing policy's document means: starts, containers and apps, read with every mistake that can be found.
//!
//! A contact begins at a start block and goes to its `next` container. A container's apps run in order. An app either
//! takes one of its outlets, which leads to another container, or the contact goes on with the next app, and after
//! the last app with the container's own `next`. Where an outlet leads nowhere the contact either ends there or goes
//! on, as [`words::Unlinked`] says of each outlet; where `next` leads nowhere it ends.
//!
//! Whatever has an id is a node: starts, containers and apps. Links name containers.
//!
//! Reading order: this page, [`starts`], [`containers`], [`apps`], [`words`], [`template`], [`macros`]; what is done with a
//! graph: [`lint`], [`diff`]; what comes along: [`system`], [`examples`]; and how all of it is read and described:
//! [`shape`], `declare`, [`known`], [`schema`].

pub mod apps;
pub mod containers;
pub mod diff;
pub mod examples;
pub mod known;
pub mod lint;
pub mod macros;
pub mod schema;
pub mod shape;
pub mod starts;
pub mod system;
pub mod template;
pub mod words;

mod declare;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::document::Document;
use super::start::PolicyKind;
use crate::few::Few;
use apps::App;
use containers::Container;
use declare::object;
use shape::{Eye, Named, Path, Reading, Shape};
use starts::StartBlock;
use words::NodeKey;

pub use shape::{Fault, Seen};

/// The form of documents that is written today.
pub const FORMAT: u64 = 1;
/// The most start blocks of one policy.
pub const STARTS_MAX: usize = 1_000;
/// The most containers of one policy.
pub const CONTAINERS_MAX: usize = 500;

object! {
    /// A routing policy as it is drawn.
    pub struct Graph {
        /// The form of the document.
        format: Format,
        /// What the policy is for.
        kind: PolicyKind,
        /// What begins it.
        starts: Few<StartBlock, STARTS_MAX>,
        /// The boxes on its canvas.
        containers: Few<Container, CONTAINERS_MAX>,
    }
    check Graph::ids_are_unique
}

/// The form of a document: always 1 today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format;

/// One node of a graph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node<'a> {
    /// A start block.
    Start(&'a StartBlock),
    /// A container.
    Container(&'a Container),
    /// An app, with the container that it is in.
    App(&'a App, &'a Container),
}

impl Graph {
    /// Reads a document.
    ///
    /// # Errors
    /// Every mistake that can be found: what lies inside something unreadable is not looked at.
    pub fn read(document: &Document) -> Result<Self, Vec<Fault>> {
        let value: Value = serde_json::from_str(document.as_str()).expect("a document is JSON by its making");
        let mut at = Reading::default();
        let read = <Self as Shape>::read(&value, &mut at);
        match read {
            Some(graph) if at.is_clean() => Ok(graph),
            Some(_) | None => Err(at.into_faults()),
        }
    }

    /// Finds a container.
    #[must_use]
    pub fn container(&self, id: &NodeKey) -> Option<&Container> {
        self.containers.iter().find(|container| container.id == *id)
    }

    /// Returns every node: starts, then containers, each followed by its apps.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let containers = self.containers.iter().flat_map(|container| {
            let apps = container
                .is
                .apps()
                .iter()
                .map(move |app| Node::App(app, container));
            std::iter::once(Node::Container(container)).chain(apps)
        });
        self.starts.iter().map(Node::Start).chain(containers)
    }

    // A link could not say which of two it means.
    fn ids_are_unique(&self, at: &mut Reading) {
        let mut seen = BTreeSet::new();
        for node in self.nodes() {
            if !seen.insert(node.id()) {
                at.at_node(node.id(), |at| {
                    at.fault_in("id", "another start, container or app has this id")
                });
            }
        }
    }
}

impl<'a> Node<'a> {
    /// Returns its id.
    #[must_use]
    pub const fn id(self) -> &'a NodeKey {
        match self {
            Self::Start(start) => &start.id,
            Self::Container(container) => &container.id,
            Self::App(app, _) => &app.id,
        }
    }

    /// Shows what the node itself refers to, its apps left out, with the field of each.
    pub fn show(self, eye: Eye<'_, 'a>) {
        let mut path = Path::default();
        match self {
            Self::Start(start) => start.show(&mut path, eye),
            Self::Container(container) if container.is.apps().is_empty() => container.show(&mut path, eye),
            Self::Container(_) => {}
            Self::App(app, _) => app.show(&mut path, eye),
        }
    }
}

impl Shape for Format {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        if value.as_u64() != Some(FORMAT) {
            at.fault(format!("only documents of format {FORMAT} can be read"));
            return None;
        }
        Some(Self)
    }

    fn write(&self) -> Value {
        FORMAT.into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "const": FORMAT })
    }
}

impl Shape for PolicyKind {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let kinds = ["call", "data_analytics", "digital", "system"];
        Some(match declare::one_of(value, at, &kinds)? {
            "call" => Self::Call,
            "data_analytics" => Self::DataAnalytics,
            "digital" => Self::Digital,
            _ => Self::System,
        })
    }

    fn write(&self) -> Value {
        json!(self)
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "enum": ["call", "data_analytics", "digital", "system"] })
    }
}
