//! How events are declared: one macro gives the enum, its stable JSON, and the page about it in `docs/events.md`.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// One aggregate's events: an enum with one struct-like variant per kind.
///
/// Declared by [`events!`](crate::events). In the log an event is its kind (prefix and variant: `ConsentGiven`),
/// its schema version, and the variant's fields as one JSON object.
pub trait Event: Serialize + DeserializeOwned + Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The word that begins each kind: `Consent` in `ConsentGiven`.
    const PREFIX: &'static str;
    /// Every kind, in the order declared.
    const CATALOGUE: &'static [EventDoc];

    /// Returns the kind under which this event is stored.
    fn kind(&self) -> &'static str;

    /// Returns the version of the kind's JSON that this build writes.
    fn version(&self) -> u16;
}

/// What the catalogue says of one kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventDoc {
    /// The kind as stored: `ConsentGiven`.
    pub kind: &'static str,
    /// The version of its JSON that this build writes; older ones are upcast on reading.
    pub version: u16,
    /// What happened, one entry a line.
    pub doc: &'static [&'static str],
    /// Its fields, in the order declared.
    pub fields: &'static [FieldDoc],
}

/// What the catalogue says of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDoc {
    /// The name in the stored JSON.
    pub name: &'static str,
    /// The Rust type; `docs/events.md` says how each is written.
    pub ty: &'static str,
    /// What it means, one entry a line.
    pub doc: &'static [&'static str],
}

/// Declares an aggregate's events.
///
/// `Variant { fields }` is version 1 of its kind; `Variant @ 2 { fields }` is version 2. Each variant and field has a
/// doc comment: they become `docs/events.md`. A field may carry one `#[serde(…)]` after its doc comment.
///
/// A long catalogue is written in parts, each a module of the name of its [`events_part!`](crate::events_part):
/// `pub enum Event of "Call" in parts { legs, … }`. The types of all parts are named where the enum is.
#[macro_export]
macro_rules! events {
    (
        $(#[doc = $enum_doc:literal])*
        pub enum $Enum:ident of $prefix:literal in parts { $($part:ident),* $(,)? }
    ) => {
        $crate::events! { @join [$(#[doc = $enum_doc])* pub enum $Enum of $prefix] [] $($part)* }
    };
    (@join [$($head:tt)*] [$($kinds:tt)*] $part:ident $($rest:ident)*) => {
        $part! { [$($head)*] [$($kinds)*] $($rest)* }
    };
    (@join [$($head:tt)*] [$($kinds:tt)*]) => {
        $crate::events! { $($head)* { $($kinds)* } }
    };
    (
        $(#[doc = $enum_doc:literal])*
        pub enum $Enum:ident of $prefix:literal {
            $(
                $(#[doc = $doc:literal])*
                $Variant:ident $(@ $version:literal)? {
                    $(
                        $(#[doc = $field_doc:literal])*
                        $(#[serde($($serde:tt)*)])?
                        $field:ident : $ty:ty
                    ),* $(,)?
                }
            ),* $(,)?
        }
    ) => {
        $(#[doc = $enum_doc])*
        ///
        /// These types are the stored form: change them only as `docs/how-to/add-an-event.md` says.
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum $Enum {
            $(
                $(#[doc = $doc])*
                $Variant {
                    $(
                        $(#[doc = $field_doc])*
                        $(#[serde($($serde)*)])?
                        $field: $ty
                    ),*
                }
            ),*
        }

        // Written out with one box for each kind: what derives generate for an enum of seventy kinds overflows the
        // stack of a test and takes minutes to compile.
        #[cfg(any(test, feature = "contract"))]
        impl proptest::arbitrary::Arbitrary for $Enum {
            type Parameters = ();
            type Strategy = proptest::strategy::BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                use proptest::strategy::Strategy as _;
                proptest::strategy::Union::new([$(
                    ($(proptest::arbitrary::any::<$ty>(),)*)
                        .prop_map(|($($field,)*)| Self::$Variant { $($field),* })
                        .boxed()
                ),*])
                .boxed()
            }
        }

        impl $crate::Event for $Enum {
            const PREFIX: &'static str = $prefix;
            const CATALOGUE: &'static [$crate::EventDoc] = &[
                $(
                    $crate::EventDoc {
                        kind: concat!($prefix, stringify!($Variant)),
                        version: $crate::events!(@version $($version)?),
                        doc: &[$($doc),*],
                        fields: &[
                            $(
                                $crate::event::FieldDoc {
                                    name: stringify!($field),
                                    ty: stringify!($ty),
                                    doc: &[$($field_doc),*],
                                }
                            ),*
                        ],
                    }
                ),*
            ];

            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$Variant { .. } => concat!($prefix, stringify!($Variant))),*
                }
            }

            fn version(&self) -> u16 {
                match self {
                    $(Self::$Variant { .. } => $crate::events!(@version $($version)?)),*
                }
            }
        }
    };
    (@version) => { 1 };
    (@version $version:literal) => { $version };
}

/// Declares one part of a catalogue that [`events!`](crate::events) puts together: `events_part! { $ legs { … } }`.
///
/// The kinds are written as in `events!`, the last with a comma after it. The dollar is for the macro that the part
/// becomes, since a macro cannot write one by itself.
#[macro_export]
macro_rules! events_part {
    ($dollar:tt $part:ident { $($kinds:tt)* }) => {
        macro_rules! $part {
            ([$dollar($dollar head:tt)*] [$dollar($dollar before:tt)*] $dollar($dollar rest:ident)*) => {
                $crate::events! {
                    @join [$dollar($dollar head)*] [$dollar($dollar before)* $($kinds)*] $dollar($dollar rest)*
                }
            };
        }

        pub(super) use $part;
    };
}
