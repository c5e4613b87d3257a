//! Apps: what a container does, one after the other.

pub mod data;
pub mod messages;
pub mod records;
pub mod ring;
pub mod rule;
pub mod speech;

use serde_json::{Map, Value};

use super::declare::{self, choice};
use super::shape::{Eye, Form, Members, Named, Object, Path, Reading, Shape};
use super::words::{NodeKey, Outlet};
use crate::routing_policy::start::PolicyKind;
use crate::text::Name;

/// One app in a container.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its id, which decisions and differences name.
    pub id: NodeKey,
    /// What people call it.
    pub title: Option<Name>,
    /// What it does.
    pub does: Does,
}

choice! {
    /// What an app does, with its settings.
    pub enum Does by "app" {
        /// Goes on elsewhere if a condition holds.
        Rule "rule" (rule::Rule),
        /// Looks records of the CRM up.
        Query "query" (records::Query),
        /// Creates a record of the CRM.
        Create "create" (records::Create),
        /// Changes a record of the CRM.
        Update "update" (records::Update),
        /// Asks a web service.
        Http "http" (records::Http),
        /// Says something.
        Speak "speak" (speech::Speak),
        /// Asks for digits.
        Digits "digits" (speech::Digits),
        /// Asks questions that a key answers.
        Survey "survey" (speech::Survey),
        /// Puts the caller into a queue.
        Queue "queue" (ring::CallQueue),
        /// Rings several in a pattern.
        Hunt "hunt" (ring::HuntGroup),
        /// Rings one number, user or group.
        Connect "connect" (ring::Connect),
        /// Takes a message.
        Voicemail "voicemail" (ring::Voicemail),
        /// Records the call.
        Record "record" (data::Record),
        /// Tells people something.
        Notify "notify" (data::Notify),
        /// Sets what the contact carries.
        Properties "properties" (data::Properties),
        /// Asks for agents with skills.
        Skills "skills" (data::Skills),
        /// Marks that the contact passed here.
        Gate "gate" (data::Gate),
        /// Gives somebody the task to ring back.
        CallbackTask "callback_task" (data::CallbackTask),
        /// Sends what macros hold to whoever looks for a mistake.
        Debug "debug" (data::Debug),
        /// Hands a conversation to somebody.
        DigitalConnect "digital_connect" (messages::DigitalConnect),
        /// Attaches records to a conversation.
        AssignRecords "assign_records" (messages::AssignRecords),
        /// Stops a message.
        BlockMessage "block_message" (messages::BlockMessage),
        /// Rewrites a message.
        UpdateMessage "update_message" (messages::UpdateMessage),
    }
}

impl Does {
    /// Returns the outlets, in the order of the canvas; none of an app that only does something and goes on.
    #[must_use]
    pub fn outlets(&self) -> Vec<Outlet<'_>> {
        match self {
            Self::Rule(app) => app.outlets.all(),
            Self::Query(app) => app.outlets.all(),
            Self::Create(app) => app.outlets.all(),
            Self::Update(app) => app.outlets.all(),
            Self::Http(app) => app.outlets.all(),
            Self::Digits(app) => app.outlets.all(),
            Self::Survey(app) => app.outlets.all(),
            Self::Queue(app) => app.outlets.all(),
            Self::Hunt(app) => app.outlets.all(),
            Self::Connect(app) => app.outlets.all(),
            Self::Voicemail(app) => app.outlets.all(),
            Self::DigitalConnect(app) => app.outlets.all(),
            Self::Speak(_)
            | Self::Record(_)
            | Self::Notify(_)
            | Self::Properties(_)
            | Self::Skills(_)
            | Self::Gate(_)
            | Self::CallbackTask(_)
            | Self::Debug(_)
            | Self::AssignRecords(_)
            | Self::BlockMessage(_)
            | Self::UpdateMessage(_) => vec![],
        }
    }

    /// Says whether a policy of some kind may have the app. A system policy stands in for a call or a digital one, so
    /// it may have what either has.
    #[must_use]
    pub const fn allowed_in(&self, kind: PolicyKind) -> bool {
        let (call, data, digital) = match self {
            Self::Rule(_) | Self::Query(_) | Self::Create(_) | Self::Update(_) | Self::Gate(_) => {
                (true, true, true)
            }
            Self::Http(_) | Self::Notify(_) | Self::Properties(_) | Self::CallbackTask(_) => {
                (true, true, false)
            }
            Self::Speak(_)
            | Self::Digits(_)
            | Self::Survey(_)
            | Self::Queue(_)
            | Self::Hunt(_)
            | Self::Connect(_)
            | Self::Voicemail(_)
            | Self::Record(_)
            | Self::Skills(_) => (true, false, false),
            Self::Debug(_) => (false, true, false),
            Self::DigitalConnect(_)
            | Self::AssignRecords(_)
            | Self::BlockMessage(_)
            | Self::UpdateMessage(_) => (false, false, true),
        };
        match kind {
            PolicyKind::Call => call,
            PolicyKind::DataAnalytics => data,
            PolicyKind::Digital => digital,
            PolicyKind::System => call || digital,
        }
    }

    /// Says whether nothing after it is ever reached: it ends what the policy is about.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        match self {
            Self::BlockMessage(_) => true,
            Self::Rule(_)
            | Self::Query(_)
            | Self::Create(_)
            | Self::Update(_)
            | Self::Http(_)
            | Self::Speak(_)
            | Self::Digits(_)
            | Self::Survey(_)
            | Self::Queue(_)
            | Self::Hunt(_)
            | Self::Connect(_)
            | Self::Voicemail(_)
            | Self::Record(_)
            | Self::Notify(_)
            | Self::Properties(_)
            | Self::Skills(_)
            | Self::Gate(_)
            | Self::CallbackTask(_)
            | Self::Debug(_)
            | Self::DigitalConnect(_)
            | Self::AssignRecords(_)
            | Self::UpdateMessage(_) => false,
        }
    }
}

impl Members for App {
    const NODE: bool = true;

    fn take(from: &mut Object<'_>, at: &mut Reading) -> Option<Self> {
        let id = from.take("id", at);
        let title = from.take("title", at);
        let does = Does::take(from, at);
        Some(Self {
            id: id?,
            title: title?,
            does: does?,
        })
    }

    fn put(&self, into: &mut Map<String, Value>) {
        declare::put(into, "id", &self.id);
        declare::put(into, "title", &self.title);
        self.does.put(into);
    }

    fn forms(named: &mut Named) -> Vec<Form> {
        let mut forms = Does::forms(named);
        for form in &mut forms {
            form.with(
                "id",
                "Its id, which decisions and differences name.",
                NodeKey::schema(named),
                None,
                true,
            );
            form.with("title", "What people call it.", Name::schema(named), None, false);
        }
        forms
    }
}

impl Shape for App {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        declare::read_object(value, at)
    }

    fn write(&self) -> Value {
        let mut into = Map::new();
        self.put(&mut into);
        Value::Object(into)
    }

    fn schema(named: &mut Named) -> Value {
        named.object("App", "An app: one thing that a container does.", Self::forms)
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        self.does.show(path, eye);
    }
}
