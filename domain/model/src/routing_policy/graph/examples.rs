//! Example documents: the recipes that people ask for, and one of everything.

/// An example, as text, so that it can be shown as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// Its name, which is its file's.
    pub name: &'static str,
    /// What it is an example of.
    pub about: &'static str,
    /// The document.
    pub text: &'static str,
}

macro_rules! examples {
    ($($name:literal: $about:literal),* $(,)?) => {
        &[$(Example {
            name: $name,
            about: $about,
            text: include_str!(concat!("../../../policies/examples/", $name, ".json")),
        }),*]
    };
}

/// The recipes, each ready to be drawn from.
pub const RECIPES: &[Example] = examples! {
    "block-nuisance": "Blocks nuisance callers, and counts them for reports.",
    "dial-extension": "Asks for an extension, finds its user or group in the CRM, and connects.",
    "out-of-office": "Diverts direct calls of users who are out of office.",
    "language-english": "Greets in English and hands over to one queue policy for all languages.",
    "language-french": "Greets in French and hands over to one queue policy for all languages.",
    "language-queue": "Takes callers of several language policies and asks for the skill of their language.",
    "on-call": "Rings whoever is on call by an HTTP lookup when the office is closed, and on bank holidays.",
    "speed-dial": "Connects the speed dials 8000 to 8999 by an HTTP lookup.",
    "vip": "Brings important customers to the front, and leads to their owner, then everybody to a queue with a survey.",
    "store-messages": "Stores every message as an activity in the CRM.",
};

/// One of everything: every start, container, app, outlet and kind of macro.
pub const EVERYTHING: &[Example] = examples! {
    "everything": "Everything that a call or a message can meet.",
    "everything-data": "What only a data analytics policy has.",
    "everything-digital": "What begins and ends a conversation, on every channel.",
};
