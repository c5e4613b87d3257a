//! The shape of JSON that a type has: one place that reads it with every mistake, writes it, and describes it.
//!
//! Reading, writing and the JSON Schema come from the same declaration (see `declare.rs`), so that they cannot say
//! different things.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::template::Template;
use super::words::NodeKey;
use crate::ids::{CalendarId, GroupId, InboxId, QueueId, RoutingPolicyId, SkillId, SoundId, UserId};

/// The most mistakes that one reading tells.
pub const FAULTS_MAX: usize = 200;

/// One mistake in a document, worded for whoever draws it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{field}: {reason}", node.as_ref().map(|node| format!("{node}, ")).unwrap_or_default())]
pub struct Fault {
    /// The start, container or app that it is in; none outside of all, and where its id cannot be read.
    pub node: Option<NodeKey>,
    /// The field, counted from that node: `outlets.found`; from the top of the document where there is no node.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Something that a document refers to, met while walking through it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seen<'a> {
    /// A text with macros.
    Template(&'a Template),
    /// Speech markup with macros.
    Markup(&'a Template),
    /// A queue of the tenant.
    Queue(QueueId),
    /// A group of the tenant.
    Group(GroupId),
    /// A user of the tenant.
    User(UserId),
    /// An inbox of the tenant.
    Inbox(InboxId),
    /// A sound of the tenant.
    Sound(SoundId),
    /// A skill of the tenant.
    Skill(SkillId),
    /// A calendar of the tenant.
    Calendar(CalendarId),
    /// A routing policy of the tenant.
    Policy(RoutingPolicyId),
}

/// Whoever is shown what a document refers to, with the path of the field.
pub type Eye<'e, 'a> = &'e mut dyn FnMut(&str, Seen<'a>);

/// A type with a shape in JSON.
pub trait Shape: Sized {
    /// Reads a value, and notes whatever is wrong with it; none if anything was.
    fn read(value: &Value, at: &mut Reading) -> Option<Self>;

    /// Writes the value, with nothing left out that has a default.
    fn write(&self) -> Value;

    /// Describes the shape as JSON Schema; what has a name of its own is put into `named` and referred to.
    fn schema(named: &mut Named) -> Value;

    /// Returns what a field is that is left out; none if it may not be.
    #[must_use]
    fn left_out() -> Option<Self> {
        None
    }

    /// Shows everything that the value refers to.
    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        let _ = (path, eye);
    }
}

/// A type that is an object in JSON, and whose members may stand among those of another.
pub trait Members: Shape {
    /// Whether it has an id by which mistakes in it are told.
    const NODE: bool = false;

    /// Takes its members out of an object.
    fn take(from: &mut Object<'_>, at: &mut Reading) -> Option<Self>;

    /// Writes its members into an object.
    fn put(&self, into: &mut Map<String, Value>);

    /// Describes its members: one description for each form that the object may have.
    fn forms(named: &mut Named) -> Vec<Form>;
}

/// The members of one form of an object, for the JSON Schema.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// What it is, in a sentence.
    pub about: String,
    /// Each member's schema.
    pub members: Map<String, Value>,
    /// The members that may not be left out.
    pub required: Vec<String>,
}

/// The schemas that have names, for `$defs`.
#[derive(Debug, Default)]
pub struct Named(BTreeMap<String, Value>);

/// Where in a document somebody is: `say[2].text`.
#[derive(Debug, Clone, Default)]
pub struct Path(String);

/// A reading of a document: where it is, and what was wrong so far.
#[derive(Debug, Default)]
pub struct Reading {
    node: Option<NodeKey>,
    path: Path,
    faults: Vec<Fault>,
}

/// An object of which members are taken one after the other.
#[derive(Debug)]
pub struct Object<'v> {
    members: &'v Map<String, Value>,
    known: Vec<&'static str>,
    forgotten: bool,
}

impl Path {
    /// Returns the path as people read it; empty at the top.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Goes into a member for as long as `inside` runs.
    pub fn member<T>(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.0.len();
        if length > 0 {
            self.0.push('.');
        }
        self.0.push_str(name);
        let out = inside(self);
        self.0.truncate(length);
        out
    }

    /// Goes into a place of a list for as long as `inside` runs.
    pub fn place<T>(&mut self, place: usize, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.0.len();
        let _ = write!(self.0, "[{place}]");
        let out = inside(self);
        self.0.truncate(length);
        out
    }
}

impl Reading {
    /// Notes a mistake in the value being read.
    pub fn fault(&mut self, reason: impl Into<String>) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                node: self.node.clone(),
                field: self.path.0.clone(),
                reason: reason.into(),
            });
        }
    }

    /// Notes a mistake in a member of the value being read.
    pub fn fault_in(&mut self, member: &str, reason: impl Into<String>) {
        self.member(member, |at| at.fault(reason));
    }

    /// Reads a member's value.
    pub fn member<T>(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.0.len();
        if length > 0 {
            self.path.0.push('.');
        }
        self.path.0.push_str(name);
        let out = inside(self);
        self.path.0.truncate(length);
        out
    }

    /// Reads what stands at a place of a list.
    pub fn place<T>(&mut self, place: usize, inside: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.0.len();
        let _ = write!(self.path.0, "[{place}]");
        let out = inside(self);
        self.path.0.truncate(length);
        out
    }

    /// Reads a node: inside of it, mistakes are told with its id and a path that begins there.
    pub fn node<T>(&mut self, value: &Value, inside: impl FnOnce(&mut Self) -> T) -> T {
        let id = value.get("id").and_then(Value::as_str);
        let Some(id) = id.and_then(|id| NodeKey::new(id).ok()) else {
            return inside(self);
        };
        self.at_node(&id, inside)
    }

    /// Looks at a node that was read.
    pub fn at_node<T>(&mut self, id: &NodeKey, inside: impl FnOnce(&mut Self) -> T) -> T {
        let outer = (self.node.replace(id.clone()), std::mem::take(&mut self.path));
        let out = inside(self);
        (self.node, self.path) = outer;
        out
    }

    /// Takes a value as an object, or notes that it is none.
    pub fn object<'v>(&mut self, value: &'v Value) -> Option<Object<'v>> {
        let members = value.as_object();
        if members.is_none() {
            self.expected("an object", value);
        }
        Some(Object {
            members: members?,
            known: vec![],
            forgotten: false,
        })
    }

    /// Notes that something else was expected.
    pub fn expected(&mut self, what: &str, value: &Value) {
        self.fault(match value {
            Value::Null => {
                format!("{what} is expected, not null: leave the field out if there is nothing to say")
            }
            Value::Bool(_) => format!("{what} is expected, not true or false"),
            Value::Number(_) => format!("{what} is expected, not a number"),
            Value::String(_) => format!("{what} is expected, not a text"),
            Value::Array(_) => format!("{what} is expected, not a list"),
            Value::Object(_) => format!("{what} is expected, not an object"),
        });
    }

    /// Takes a value as a text, or notes that it is none.
    pub fn text<'v>(&mut self, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.expected("a text", value);
        }
        text
    }

    /// Takes what was read, or notes why it could not be.
    pub fn or_fault<T, E: std::fmt::Display>(&mut self, read: Result<T, E>) -> Option<T> {
        read.map_err(|refused| self.fault(refused.to_string())).ok()
    }

    /// Says whether anything was wrong so far.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// Returns what was wrong.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }
}

impl<'v> Object<'v> {
    /// Returns a member's value, and remembers that the member is known.
    pub fn member(&mut self, name: &'static str) -> Option<&'v Value> {
        self.known.push(name);
        self.members.get(name)
    }

    /// Reads a member; one left out is what its type says for that, or a mistake.
    pub fn take<T: Shape>(&mut self, name: &'static str, at: &mut Reading) -> Option<T> {
        self.take_or(name, T::left_out(), at)
    }

    /// Reads a member; one left out is `default`, or a mistake without one.
    pub fn take_or<T: Shape>(
        &mut self,
        name: &'static str,
        default: Option<T>,
        at: &mut Reading,
    ) -> Option<T> {
        match self.member(name) {
            Some(value) => at.member(name, |at| T::read(value, at)),
            None => {
                if default.is_none() {
                    at.fault_in(name, "the field is missing");
                }
                default
            }
        }
    }

    /// Gives up on the rest: what its members may be is not known.
    pub fn forget(&mut self) {
        self.forgotten = true;
    }

    /// Notes each member that was not taken.
    pub fn nothing_else(mut self, at: &mut Reading) {
        if self.forgotten {
            return;
        }
        self.known.sort_unstable();
        self.known.dedup();
        let unknown = self
            .members
            .keys()
            .filter(|name| !self.known.contains(&name.as_str()));
        for name in unknown {
            let known = self.known.join(", ");
            at.fault_in(name, format!("there is no such field here; there are {known}"));
        }
    }
}

impl Form {
    /// Puts a member in.
    pub fn with(&mut self, name: &str, about: &str, schema: Value, default: Option<Value>, required: bool) {
        let mut schema = schema;
        if let Some(members) = schema.as_object_mut() {
            if !about.is_empty() {
                members.insert("description".to_owned(), json!(about));
            }
            if let Some(default) = default.filter(|default| !default.is_null()) {
                members.insert("default".to_owned(), default);
            }
        }
        self.members.insert(name.to_owned(), schema);
        if required {
            self.required.push(name.to_owned());
        }
    }

    /// Returns the form as a schema that knows no other members.
    #[must_use]
    pub fn schema(self) -> Value {
        let mut schema = json!({
            "type": "object",
            "properties": self.members,
            "required": self.required,
            "additionalProperties": false,
        });
        if !self.about.is_empty() {
            schema["description"] = json!(self.about);
        }
        schema
    }
}

impl Named {
    /// Puts a schema under a name, once, and returns a reference to it. It may refer to itself.
    pub fn refer(&mut self, name: &str, schema: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), Value::Null);
            let schema = schema(self);
            self.0.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// Puts the forms of an object under a name.
    pub fn object(&mut self, name: &str, about: &str, forms: impl FnOnce(&mut Self) -> Vec<Form>) -> Value {
        self.refer(name, |named| {
            let mut forms: Vec<Value> = forms(named).into_iter().map(Form::schema).collect();
            let mut schema = if forms.len() == 1 {
                forms.remove(0)
            } else {
                json!({ "oneOf": forms })
            };
            schema["description"] = json!(about);
            schema
        })
    }

    /// Returns all of them.
    #[must_use]
    pub fn into_defs(self) -> Value {
        json!(self.0)
    }
}
