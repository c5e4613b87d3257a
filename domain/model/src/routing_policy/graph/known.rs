//! Shapes of the words that the rest of the model already has, and of lists and things left out.

use serde_json::{Map, Value, json};

use super::shape::{Eye, Form, Members, Named, Object, Path, Reading, Seen, Shape};
use super::template::Template;
use crate::call::facts::{Beep, RecordingStart};
use crate::conversation::channel::Channel;
use crate::few::Few;
use crate::ids::{CalendarId, GroupId, InboxId, QueueId, RoutingPolicyId, SkillId, SoundId, UserId};
use crate::phone::Country;
use crate::queue::{ExitKey, Priority};
use crate::skills::SkillLevel;
use crate::tenant::extension::Extension;
use crate::{PhoneNumber, Text};

/// Something named outright, or by a macro that names it by then.
///
/// What a macro holds is read as the id, or where there is none of that id, as the name or extension.
#[derive(Debug, Clone, PartialEq)]
pub enum Pick<T> {
    /// This one.
    This(T),
    /// The one that the text names once its macros are filled in.
    Named(Template),
}

/// A word that a text can name.
pub trait Nameable: Sized {
    /// What it is called in errors: `a queue's id`.
    const WHAT: &'static str;
    /// The regular expression of its text.
    const PATTERN: &'static str;

    /// Reads it.
    fn named(text: &str) -> Option<Self>;

    /// Writes it.
    fn name(&self) -> String;

    /// Returns it as something that a document refers to.
    fn seen<'a>(&self) -> Option<Seen<'a>>;
}

const UUID: &str = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$";

macro_rules! nameable {
    ($Name:ident, $what:literal, $pattern:expr, |$text:ident| $read:expr, |$this:ident| $seen:expr) => {
        impl Nameable for $Name {
            const WHAT: &'static str = $what;
            const PATTERN: &'static str = $pattern;

            fn named($text: &str) -> Option<Self> {
                $read
            }

            fn name(&self) -> String {
                self.to_string()
            }

            fn seen<'a>(&self) -> Option<Seen<'a>> {
                let $this = *self;
                $seen
            }
        }

        impl Shape for $Name {
            fn read(value: &Value, at: &mut Reading) -> Option<Self> {
                let text = at.text(value)?;
                at.or_fault(Self::named(text).ok_or(concat!($what, " is expected")))
            }

            fn write(&self) -> Value {
                self.name().into()
            }

            fn schema(_: &mut Named) -> Value {
                json!({ "type": "string", "pattern": <Self as Nameable>::PATTERN })
            }

            fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
                if let Some(seen) = self.seen() {
                    eye(path.as_str(), seen);
                }
            }
        }
    };
}

macro_rules! id {
    ($($Id:ident $what:literal $Seen:ident),* $(,)?) => {$(
        nameable!($Id, $what, UUID, |text| uuid(text)?.parse().ok(), |id| Some(Seen::$Seen(id)));
    )*};
}

// Uuids may be written in other ways, which would make two documents of one.
fn uuid(text: &str) -> Option<&str> {
    (text.len() == 36).then_some(text)
}

id! {
    QueueId "the id of a queue" Queue,
    GroupId "the id of a group" Group,
    UserId "the id of a user" User,
    InboxId "the id of an inbox" Inbox,
    SoundId "the id of a sound" Sound,
    SkillId "the id of a skill" Skill,
    CalendarId "the id of a calendar" Calendar,
    RoutingPolicyId "the id of a routing policy" Policy,
}

impl Nameable for PhoneNumber {
    const WHAT: &'static str = "a number in E.164, such as +442079460000,";
    const PATTERN: &'static str = r"^\+[0-9]{7,15}$";

    fn named(text: &str) -> Option<Self> {
        Self::try_from(text.to_owned()).ok()
    }

    fn name(&self) -> String {
        self.as_str().to_owned()
    }

    fn seen<'a>(&self) -> Option<Seen<'a>> {
        None
    }
}

impl Nameable for Extension {
    const WHAT: &'static str = "an extension from 2000 to 7999";
    const PATTERN: &'static str = "^[2-7][0-9]{3}$";

    fn named(text: &str) -> Option<Self> {
        text.parse().ok().and_then(|number| Self::new(number).ok())
    }

    fn name(&self) -> String {
        self.to_string()
    }

    fn seen<'a>(&self) -> Option<Seen<'a>> {
        None
    }
}

impl Shape for PhoneNumber {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let text = at.text(value)?;
        at.or_fault(Self::named(text).ok_or("a number in E.164 is expected, such as +442079460000"))
    }

    fn write(&self) -> Value {
        self.name().into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "type": "string", "pattern": <Self as Nameable>::PATTERN })
    }
}

impl<T: Nameable> Shape for Pick<T> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let text = at.text(value)?;
        if text.contains("$(") {
            return at.or_fault(Template::new(text)).map(Self::Named);
        }
        let this = T::named(text).ok_or_else(|| format!("{} or a text with a macro is expected", T::WHAT));
        at.or_fault(this).map(Self::This)
    }

    fn write(&self) -> Value {
        match self {
            Self::This(this) => this.name().into(),
            Self::Named(text) => text.as_str().into(),
        }
    }

    fn schema(named: &mut Named) -> Value {
        let mut text = json!({ "allOf": [Template::schema(named)] });
        text["pattern"] = json!(r"\$\(");
        json!({ "anyOf": [{ "type": "string", "pattern": T::PATTERN }, text] })
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        match self {
            Self::This(this) => {
                if let Some(seen) = this.seen() {
                    eye(path.as_str(), seen);
                }
            }
            Self::Named(text) => eye(path.as_str(), Seen::Template(text)),
        }
    }
}

/// Gives a type that serde reads the same shape here.
macro_rules! by_serde {
    ($($Type:ty, $expected:literal, $schema:tt;)*) => {$(
        impl Shape for $Type {
            fn read(value: &Value, at: &mut Reading) -> Option<Self> {
                let read = <Self as serde::Deserialize>::deserialize(value);
                at.or_fault(read.map_err(|_| $expected))
            }

            fn write(&self) -> Value {
                json!(self)
            }

            fn schema(_: &mut Named) -> Value {
                json!($schema)
            }
        }
    )*};
}

by_serde! {
    Priority, "a priority is a number from 1, the most urgent, to 100", { "type": "integer", "minimum": 1, "maximum": 100 };
    ExitKey, "a key of a telephone is expected: 0 to 9, * or #", { "type": "string", "pattern": "^[0-9*#]$" };
    SkillLevel, "a skill level is a number from 0 to 100", { "type": "integer", "minimum": 0, "maximum": 100 };
    Country, "two letters of ISO 3166-1 are expected, such as GB", { "type": "string", "pattern": "^[A-Z]{2}$" };
    Beep, "one of off, calling, called, both is expected", { "enum": ["off", "calling", "called", "both"] };
    RecordingStart, "one of now, on_connect, on_demand is expected", { "enum": ["now", "on_connect", "on_demand"] };
    Channel, "one of sms, mms, chat, email, whatsapp is expected", { "enum": ["sms", "mms", "chat", "email", "whatsapp"] };
}

impl Shape for bool {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        if !value.is_boolean() {
            at.expected("true or false", value);
        }
        value.as_bool()
    }

    fn write(&self) -> Value {
        (*self).into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "type": "boolean" })
    }
}

impl<const MAX: usize> Shape for Text<MAX> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let text = at.text(value)?;
        at.or_fault(Self::new(text))
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }

    fn schema(_: &mut Named) -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": MAX, "pattern": r"\S" })
    }
}

impl<T: Shape> Shape for Option<T> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        T::read(value, at).map(Some)
    }

    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn schema(named: &mut Named) -> Value {
        T::schema(named)
    }

    fn left_out() -> Option<Self> {
        Some(None)
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        if let Some(this) = self {
            this.show(path, eye);
        }
    }
}

impl<T: Shape, const MAX: usize> Shape for Few<T, MAX> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        let Some(list) = value.as_array() else {
            at.expected("a list", value);
            return None;
        };
        if list.len() > MAX {
            at.fault(format!("the list has {} things, {MAX} are allowed", list.len()));
        }
        let read: Vec<Option<T>> = list
            .iter()
            .take(MAX)
            .enumerate()
            .map(|(place, value)| at.place(place, |at| T::read(value, at)))
            .collect();
        let things = read.into_iter().collect::<Option<Vec<T>>>()?;
        (list.len() <= MAX).then(|| Self::first(things))
    }

    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }

    fn schema(named: &mut Named) -> Value {
        json!({ "type": "array", "items": T::schema(named), "maxItems": MAX })
    }

    fn left_out() -> Option<Self> {
        Some(Self::none())
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        for (place, thing) in self.iter().enumerate() {
            path.place(place, |path| thing.show(path, &mut *eye));
        }
    }
}

/// A list with at least one thing in it and at most `MAX`.
#[derive(Debug, Clone, PartialEq)]
pub struct AtLeastOne<T, const MAX: usize>(Few<T, MAX>);

impl<T, const MAX: usize> std::ops::Deref for AtLeastOne<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Shape, const MAX: usize> Shape for AtLeastOne<T, MAX> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        if value.as_array().is_some_and(Vec::is_empty) {
            at.fault("the list is empty; at least one is needed");
            return None;
        }
        Few::read(value, at).map(Self)
    }

    fn write(&self) -> Value {
        self.0.write()
    }

    fn schema(named: &mut Named) -> Value {
        let mut schema = Few::<T, MAX>::schema(named);
        schema["minItems"] = json!(1);
        schema
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        self.0.show(path, eye);
    }
}

impl<T: Members> Members for Box<T> {
    const NODE: bool = T::NODE;

    fn take(from: &mut Object<'_>, at: &mut Reading) -> Option<Self> {
        T::take(from, at).map(Self::new)
    }

    fn put(&self, into: &mut Map<String, Value>) {
        T::put(self, into);
    }

    fn forms(named: &mut Named) -> Vec<Form> {
        T::forms(named)
    }
}

impl<T: Members> Shape for Box<T> {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        T::read(value, at).map(Self::new)
    }

    fn write(&self) -> Value {
        T::write(self)
    }

    fn schema(named: &mut Named) -> Value {
        T::schema(named)
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        T::show(self, path, eye);
    }
}

/// Nothing to set: an object without members of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plain;

impl Members for Plain {
    fn take(_: &mut Object<'_>, _: &mut Reading) -> Option<Self> {
        Some(Self)
    }

    fn put(&self, _: &mut Map<String, Value>) {}

    fn forms(_: &mut Named) -> Vec<Form> {
        vec![Form::default()]
    }
}

impl Shape for Plain {
    super::declare::object_shape!(Plain, ["Nothing to set."]);
}
