//! How shapes are declared: a struct or an enum as in Rust, from which reading, writing and the schema follow.

/// Declares an object. `name: Type = default` is a field that may be left out; so is one whose type says so.
macro_rules! object {
    (
        $(#[doc = $about:literal])*
        pub struct $Name:ident { $($(#[doc = $doc:literal])* $field:ident : $Type:ty $(= $default:expr)?),* $(,)? }
        $(node $node:literal)?
        $(check $check:expr)?
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $Name { $($(#[doc = $doc])* pub $field: $Type),* }

        impl $crate::routing_policy::graph::shape::Members for $Name {
            $(const NODE: bool = $node;)?

            fn take(
                from: &mut $crate::routing_policy::graph::shape::Object<'_>,
                at: &mut $crate::routing_policy::graph::shape::Reading,
            ) -> Option<Self> {
                $(let $field = $crate::routing_policy::graph::declare::take!(from, at, $field: $Type $(= $default)?);)*
                let read = Self { $($field: $field?),* };
                $(let check: fn(&Self, &mut $crate::routing_policy::graph::shape::Reading) = $check; check(&read, at);)?
                Some(read)
            }

            fn put(&self, into: &mut serde_json::Map<String, serde_json::Value>) {
                $($crate::routing_policy::graph::declare::put(into, stringify!($field), &self.$field);)*
            }

            fn forms(
                named: &mut $crate::routing_policy::graph::shape::Named,
            ) -> Vec<$crate::routing_policy::graph::shape::Form> {
                let mut form = $crate::routing_policy::graph::shape::Form {
                    about: $crate::routing_policy::graph::declare::about(&[$($about),*]),
                    ..Default::default()
                };
                $($crate::routing_policy::graph::declare::describe!(form, named, [$($doc),*] $field: $Type $(= $default)?);)*
                let _ = &named;
                vec![form]
            }
        }

        impl $crate::routing_policy::graph::shape::Shape for $Name {
            $crate::routing_policy::graph::declare::object_shape!($Name, [$($about),*]);

            fn show<'a>(
                &'a self,
                path: &mut $crate::routing_policy::graph::shape::Path,
                eye: $crate::routing_policy::graph::shape::Eye<'_, 'a>,
            ) {
                $(path.member(stringify!($field), |path| {
                    $crate::routing_policy::graph::shape::Shape::show(&self.$field, path, &mut *eye);
                });)*
                let _ = (path, eye);
            }
        }
    };
}

/// Declares a choice between objects, told apart by one of their members.
macro_rules! choice {
    (
        $(#[doc = $about:literal])*
        pub enum $Name:ident by $tag:literal {
            $($(#[doc = $vdoc:literal])* $Variant:ident $word:literal ($Inner:ty)),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $Name { $($(#[doc = $vdoc])* $Variant($Inner)),* }

        impl $Name {
            /// Returns the word that tells it apart in the document.
            #[must_use]
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$Variant(_) => $word),* }
            }
        }

        impl $crate::routing_policy::graph::shape::Members for $Name {
            fn take(
                from: &mut $crate::routing_policy::graph::shape::Object<'_>,
                at: &mut $crate::routing_policy::graph::shape::Reading,
            ) -> Option<Self> {
                let word = $crate::routing_policy::graph::declare::word(from, at, $tag, &[$($word),*])?;
                match word {
                    $($word => <$Inner as $crate::routing_policy::graph::shape::Members>::take(from, at).map(Self::$Variant),)*
                    _ => None,
                }
            }

            fn put(&self, into: &mut serde_json::Map<String, serde_json::Value>) {
                into.insert($tag.to_owned(), self.word().into());
                match self {
                    $(Self::$Variant(inner) => $crate::routing_policy::graph::shape::Members::put(inner, into)),*
                }
            }

            fn forms(
                named: &mut $crate::routing_policy::graph::shape::Named,
            ) -> Vec<$crate::routing_policy::graph::shape::Form> {
                let mut forms = Vec::new();
                $(for mut form in <$Inner as $crate::routing_policy::graph::shape::Members>::forms(named) {
                    let about = $crate::routing_policy::graph::declare::about(&[$($vdoc),*]);
                    form.about = about;
                    form.with($tag, "", serde_json::json!({ "const": $word }), None, true);
                    forms.push(form);
                })*
                forms
            }
        }

        impl $crate::routing_policy::graph::shape::Shape for $Name {
            $crate::routing_policy::graph::declare::object_shape!($Name, [$($about),*]);

            fn show<'a>(
                &'a self,
                path: &mut $crate::routing_policy::graph::shape::Path,
                eye: $crate::routing_policy::graph::shape::Eye<'_, 'a>,
            ) {
                match self {
                    $(Self::$Variant(inner) => $crate::routing_policy::graph::shape::Shape::show(inner, path, eye)),*
                }
            }
        }
    };
}

/// Declares a choice between words.
macro_rules! words {
    (
        $(#[doc = $about:literal])*
        pub enum $Name:ident { $($(#[doc = $doc:literal])* $Variant:ident $word:literal),* $(,)? }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $Name { $($(#[doc = $doc])* $Variant),* }

        impl $Name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$Variant),*];

            /// Returns its word in the document.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Variant => $word),* }
            }
        }

        impl $crate::routing_policy::graph::shape::Shape for $Name {
            fn read(
                value: &serde_json::Value,
                at: &mut $crate::routing_policy::graph::shape::Reading,
            ) -> Option<Self> {
                let word = $crate::routing_policy::graph::declare::one_of(value, at, &[$($word),*])?;
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            fn write(&self) -> serde_json::Value {
                self.word().into()
            }

            fn schema(_: &mut $crate::routing_policy::graph::shape::Named) -> serde_json::Value {
                serde_json::json!({ "enum": [$($word),*] })
            }
        }
    };
}

/// Declares the outlets of an app. One that leads nowhere `ends` the contact or `falls` through to the next app.
macro_rules! outlets {
    (
        $(#[doc = $about:literal])*
        pub struct $Name:ident { $($(#[doc = $doc:literal])* $outlet:ident $unlinked:ident),* $(,)? }
    ) => {
        $crate::routing_policy::graph::declare::object! {
            $(#[doc = $about])*
            pub struct $Name { $($(#[doc = $doc])* $outlet: Option<$crate::routing_policy::graph::words::NodeKey>),* }
        }

        impl Default for $Name {
            fn default() -> Self {
                Self { $($outlet: None),* }
            }
        }

        impl $Name {
            /// Returns each outlet, in the order of the canvas.
            #[must_use]
            pub fn all(&self) -> Vec<$crate::routing_policy::graph::words::Outlet<'_>> {
                vec![$($crate::routing_policy::graph::words::Outlet {
                    name: stringify!($outlet),
                    to: self.$outlet.as_ref(),
                    unlinked: $crate::routing_policy::graph::declare::unlinked!($outlet $unlinked),
                }),*]
            }
        }
    };
}

macro_rules! unlinked {
    ($outlet:ident ends) => {
        $crate::routing_policy::graph::words::Unlinked::Ends
    };
    ($outlet:ident falls) => {
        $crate::routing_policy::graph::words::Unlinked::FallsThrough
    };
}

macro_rules! take {
    ($from:ident, $at:ident, $field:ident : $Type:ty) => {
        $from.take::<$Type>(stringify!($field), $at)
    };
    ($from:ident, $at:ident, $field:ident : $Type:ty = $default:expr) => {
        $from.take_or::<$Type>(stringify!($field), Some($default), $at)
    };
}

macro_rules! describe {
    ($form:ident, $named:ident, [$($doc:literal),*] $field:ident : $Type:ty) => {{
        let required = <$Type as $crate::routing_policy::graph::shape::Shape>::left_out().is_none();
        let schema = <$Type as $crate::routing_policy::graph::shape::Shape>::schema($named);
        let about = $crate::routing_policy::graph::declare::about(&[$($doc),*]);
        $form.with(stringify!($field), &about, schema, None, required);
    }};
    ($form:ident, $named:ident, [$($doc:literal),*] $field:ident : $Type:ty = $default:expr) => {{
        let default: $Type = $default;
        let default = $crate::routing_policy::graph::shape::Shape::write(&default);
        let schema = <$Type as $crate::routing_policy::graph::shape::Shape>::schema($named);
        let about = $crate::routing_policy::graph::declare::about(&[$($doc),*]);
        $form.with(stringify!($field), &about, schema, Some(default), false);
    }};
}

macro_rules! object_shape {
    ($Name:ident, [$($about:literal),*]) => {
        fn read(
            value: &serde_json::Value,
            at: &mut $crate::routing_policy::graph::shape::Reading,
        ) -> Option<Self> {
            $crate::routing_policy::graph::declare::read_object(value, at)
        }

        fn write(&self) -> serde_json::Value {
            let mut into = serde_json::Map::new();
            $crate::routing_policy::graph::shape::Members::put(self, &mut into);
            serde_json::Value::Object(into)
        }

        fn schema(named: &mut $crate::routing_policy::graph::shape::Named) -> serde_json::Value {
            let about = $crate::routing_policy::graph::declare::about(&[$($about),*]);
            named.object(stringify!($Name), &about, <Self as $crate::routing_policy::graph::shape::Members>::forms)
        }
    };
}

pub(super) use {choice, describe, object, object_shape, outlets, take, unlinked, words};

use serde_json::{Map, Value};

use super::shape::{Members, Object, Reading, Shape};

/// Joins the lines of a doc comment.
pub(super) fn about(lines: &[&str]) -> String {
    let lines = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// Reads an object and nothing else in it.
pub(super) fn read_object<T: Members>(value: &Value, at: &mut Reading) -> Option<T> {
    let read = |at: &mut Reading| {
        let mut from = at.object(value)?;
        let read = T::take(&mut from, at);
        from.nothing_else(at);
        read
    };
    if T::NODE { at.node(value, read) } else { read(at) }
}

/// Writes a member, unless there is nothing to say.
pub(super) fn put<T: Shape>(into: &mut Map<String, Value>, field: &str, value: &T) {
    let value = value.write();
    if !value.is_null() {
        into.insert(field.to_owned(), value);
    }
}

/// Reads the member that tells objects apart. Without it nothing else can be read.
pub(super) fn word(
    from: &mut Object<'_>,
    at: &mut Reading,
    tag: &'static str,
    words: &[&'static str],
) -> Option<&'static str> {
    let word = match from.member(tag) {
        Some(value) => at.member(tag, |at| one_of(value, at, words)),
        None => {
            at.fault_in(
                tag,
                format!("the field is missing; it is one of {}", words.join(", ")),
            );
            None
        }
    };
    if word.is_none() {
        from.forget();
    }
    word
}

/// Reads one of some words.
pub(super) fn one_of(value: &Value, at: &mut Reading, words: &[&'static str]) -> Option<&'static str> {
    let given = at.text(value)?;
    let word = words.iter().find(|word| **word == given);
    if word.is_none() {
        let given: String = given.chars().take(64).collect();
        at.fault(format!("{given:?} is none of {}", words.join(", ")));
    }
    word.copied()
}
