//! What a decision was based on, gathered while it is made.

use super::scene::Scene;
use crate::Private;
use crate::call::facts::{INPUTS_MAX, Input, Value};
use crate::few::Few;
use crate::text::{Key, Text};

/// What an input says of a value that nobody knows.
pub const UNKNOWN: &str = "(nothing)";

/// What a decision was based on; of one name the first counts.
#[derive(Debug, Default)]
pub(super) struct Inputs(Vec<Input>);

impl Inputs {
    /// Notes something that says nothing about a person.
    pub(super) fn plain(&mut self, name: &str, value: &str) {
        self.note(name, Value::Plain(cut(value).unwrap_or_else(unknown)));
    }

    /// Notes something that says something about the caller.
    pub(super) fn private(&mut self, scene: &Scene<'_>, name: &str, value: &str) {
        let value = cut(value).map_or_else(
            || Value::Plain(unknown()),
            |value| Value::Private(Private::new(scene.person(), value)),
        );
        self.note(name, value);
    }

    fn note(&mut self, name: &str, value: Value) {
        let Some(name) = cut::<64>(name) else { return };
        if self.0.iter().all(|known| known.name != name) {
            self.0.push(Input { name, value });
        }
    }

    /// Says whether something says so that says nothing about a person.
    pub(super) fn say(&self, what: &str) -> bool {
        say(&self.0, what)
    }

    pub(super) fn into_few(self) -> Few<Input, INPUTS_MAX> {
        Few::first(self.0)
    }
}

/// Says whether one of some inputs says so that says nothing about a person.
pub(super) fn say(inputs: &[Input], what: &str) -> bool {
    inputs
        .iter()
        .any(|input| matches!(&input.value, Value::Plain(text) if text.as_str() == what))
}

fn unknown() -> crate::text::Line {
    Text::new(UNKNOWN).expect("a short text")
}

/// Makes a text of at most so many characters; none if nothing is visible in it.
pub(super) fn cut<const MAX: usize>(text: &str) -> Option<Text<MAX>> {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let plain: String = text.trim().chars().map(plain).take(MAX).collect();
    Text::new(&plain).ok()
}

/// Makes a key of what is known to be short and visible.
pub(super) fn key(text: &str) -> Key {
    cut(text).unwrap_or_else(|| Key::new("none").expect("a short word is a key"))
}
