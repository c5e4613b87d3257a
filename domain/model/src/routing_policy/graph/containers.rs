//! Containers: the boxes on the canvas, which hold apps or are an app of their own.

use serde_json::{Map, Value, json};

use super::apps::App;
use super::apps::data::SetProperty;
use super::apps::speech::{KeyWait, Speech, Tries};
use super::declare::{self, choice, object, outlets};
use super::known::AtLeastOne;
use super::shape::{Eye, Form, Members, Named, Object, Path, Reading, Shape};
use super::words::{NodeKey, Outlet, Unlinked};
use crate::few::Few;
use crate::ids::RoutingPolicyId;
use crate::queue::ExitKey;
use crate::routing_policy::start::PolicyKind;
use crate::text::{Key, Name};

/// The most apps in one container.
pub const APPS_MAX: usize = 64;

/// A box on the canvas.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its id, which links name.
    pub id: NodeKey,
    /// What people call it.
    pub title: Option<Name>,
    /// Where it is on the canvas.
    pub at: Option<Place>,
    /// What it is.
    pub is: Holds,
}

/// Where something is on the canvas, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// To the right.
    pub x: i64,
    /// Down.
    pub y: i64,
}

choice! {
    /// What a container is.
    pub enum Holds by "is" {
        /// Apps, one after the other.
        Action "action" (Action),
        /// A menu of keys.
        Switchboard "switchboard" (Box<Switchboard>),
        /// Hands over to another routing policy.
        ToPolicy "to_policy" (ToPolicy),
        /// Goes on at a destination that has a name.
        Invoke "invoke" (Invoke),
        /// The end.
        Finish "finish" (Finish),
    }
}

object! {
    /// Apps, one after the other.
    pub struct Action {
        /// The apps, in order.
        apps: Few<App, APPS_MAX>,
        /// The container that follows when the last app went through. Unconnected, the contact ends there.
        next: Option<NodeKey>,
    }
}

object! {
    /// A menu: something is said, and a key leads on.
    pub struct Switchboard {
        /// What is said before each try.
        prompt: Speech,
        /// The keys, in the order of the canvas.
        keys: AtLeastOne<MenuKey, 12>,
        /// How long a key may take once all is said.
        key_ms: KeyWait = KeyWait::nearest(5_000),
        /// How often the caller is asked.
        tries: Tries = Tries::nearest(3),
        /// Whether a key counts while the prompt is spoken.
        interruptible: bool = true,
        /// What is said after a key that is none of these.
        wrong: Option<Speech>,
        /// What is said where no key was pressed.
        missing: Option<Speech>,
        /// Where it leads besides the keys.
        outlets: MenuOutlets = MenuOutlets::default(),
        /// The container that follows where an outlet leads nowhere. Unconnected, the contact ends there.
        next: Option<NodeKey>,
    }
}

object! {
    /// A key of a menu.
    pub struct MenuKey {
        /// The key.
        key: ExitKey,
        /// What people call the choice.
        title: Option<Name>,
        /// The container that it leads to. Unconnected, the contact ends here.
        to: Option<NodeKey>,
    }
}

outlets! {
    /// The outlets of a menu besides its keys. Unconnected, the contact goes on with what follows the menu.
    pub struct MenuOutlets {
        /// The last try brought a key that is none of the menu's.
        no_match falls,
        /// The last try brought no key.
        no_input falls,
    }
}

object! {
    /// Hands the contact over to another routing policy. What it carries there has to be said: settings do not follow.
    pub struct ToPolicy {
        /// The routing policy.
        policy: RoutingPolicyId,
        /// Which of its starts; the one without a name if left out, or if there is none of this name any more.
        entry: Option<Key>,
        /// The custom properties that go along, in addition to those that the contact carries already.
        carry: Few<SetProperty, 32>,
    }
}

object! {
    /// Goes on at a destination that has a name, in whichever routing policy it is.
    pub struct Invoke {
        /// The destination's name.
        destination: Key,
    }
}

object! {
    /// Ends what the policy is about: hangs up, or for data and messages simply stops.
    pub struct Finish {
        /// Why, for reports.
        reason: Option<Key>,
    }
}

impl Holds {
    /// Says whether a policy of some kind may have the container.
    #[must_use]
    pub const fn allowed_in(&self, kind: PolicyKind) -> bool {
        match (self, kind) {
            (Self::Action(_) | Self::Finish(_), _)
            | (
                Self::Switchboard(_) | Self::ToPolicy(_) | Self::Invoke(_),
                PolicyKind::Call | PolicyKind::System,
            ) => true,
            (
                Self::Switchboard(_) | Self::ToPolicy(_) | Self::Invoke(_),
                PolicyKind::DataAnalytics | PolicyKind::Digital,
            ) => false,
        }
    }

    /// Returns the container that follows when everything in this one went through.
    #[must_use]
    pub const fn next(&self) -> Option<&NodeKey> {
        match self {
            Self::Action(action) => action.next.as_ref(),
            Self::Switchboard(menu) => menu.next.as_ref(),
            Self::ToPolicy(_) | Self::Invoke(_) | Self::Finish(_) => None,
        }
    }

    /// Returns the apps in it.
    #[must_use]
    pub fn apps(&self) -> &[App] {
        match self {
            Self::Action(action) => &action.apps,
            Self::Switchboard(_) | Self::ToPolicy(_) | Self::Invoke(_) | Self::Finish(_) => &[],
        }
    }
}

impl Switchboard {
    /// Returns every way out of the menu but what follows it, with its field: `keys[2].to`, `outlets.no_input`.
    #[must_use]
    pub fn ways(&self) -> Vec<(String, Outlet<'_>)> {
        let keys = self.keys.iter().enumerate().map(|(place, key)| {
            let outlet = Outlet {
                name: "key",
                to: key.to.as_ref(),
                unlinked: Unlinked::Ends,
            };
            (format!("keys[{place}].to"), outlet)
        });
        let rest = self.outlets.all().into_iter();
        keys.chain(rest.map(|outlet| (format!("outlets.{}", outlet.name), outlet)))
            .collect()
    }
}

impl Members for Container {
    const NODE: bool = true;

    fn take(from: &mut Object<'_>, at: &mut Reading) -> Option<Self> {
        let id = from.take("id", at);
        let title = from.take("title", at);
        let place = from.take("at", at);
        let is = Holds::take(from, at);
        Some(Self {
            id: id?,
            title: title?,
            at: place?,
            is: is?,
        })
    }

    fn put(&self, into: &mut Map<String, Value>) {
        declare::put(into, "id", &self.id);
        declare::put(into, "title", &self.title);
        declare::put(into, "at", &self.at);
        self.is.put(into);
    }

    fn forms(named: &mut Named) -> Vec<Form> {
        let mut forms = Holds::forms(named);
        for form in &mut forms {
            form.with(
                "id",
                "Its id, which links name.",
                NodeKey::schema(named),
                None,
                true,
            );
            form.with("title", "What people call it.", Name::schema(named), None, false);
            form.with(
                "at",
                "Where it is on the canvas.",
                Place::schema(named),
                None,
                false,
            );
        }
        forms
    }
}

impl Shape for Container {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        declare::read_object(value, at)
    }

    fn write(&self) -> Value {
        let mut into = Map::new();
        self.put(&mut into);
        Value::Object(into)
    }

    fn schema(named: &mut Named) -> Value {
        named.object("Container", "A box on the canvas.", Self::forms)
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        self.is.show(path, eye);
    }
}

impl Shape for Place {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let mut from = at.object(value)?;
        let mut side = |name, at: &mut Reading| {
            let read = from
                .member(name)
                .and_then(Value::as_i64)
                .filter(|side| side.abs() <= 1_000_000);
            if read.is_none() {
                at.fault_in(
                    name,
                    "a whole number of pixels is expected, from -1000000 to 1000000",
                );
            }
            read
        };
        let (x, y) = (side("x", at), side("y", at));
        from.nothing_else(at);
        Some(Self { x: x?, y: y? })
    }

    fn write(&self) -> Value {
        json!({ "x": self.x, "y": self.y })
    }

    fn schema(named: &mut Named) -> Value {
        named.refer("Place", |_| {
            let side = json!({ "type": "integer", "minimum": -1_000_000, "maximum": 1_000_000 });
            json!({
                "description": "Where something is on the canvas, in pixels from the upper left corner.",
                "type": "object", "properties": { "x": side, "y": side }, "required": ["x", "y"],
                "additionalProperties": false,
            })
        })
    }
}
