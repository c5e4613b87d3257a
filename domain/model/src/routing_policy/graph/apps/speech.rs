//! What callers hear and press: speech in parts, the Speak app, and the capture of digits.

use serde_json::Value;

use crate::ids::SoundId;
use crate::queue::ExitKey;
use crate::routing_policy::graph::declare::{choice, object, outlets};
use crate::routing_policy::graph::known::AtLeastOne;
use crate::routing_policy::graph::shape::{Eye, Named, Path, Reading, Seen, Shape};
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::{Count, Language, LastsMs, Pattern, PropertyName};
use crate::text::Key;

/// The most parts of one speech.
pub const PARTS_MAX: usize = 32;

/// How long one waits for a first or a next key: half a second to two minutes.
pub type KeyWait = LastsMs<500, 120_000>;
/// How often somebody is asked.
pub type Tries = Count<1, 10>;

/// Speech markup with macros in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Markup(Template);

choice! {
    /// A part of what is said.
    pub enum Part by "is" {
        /// A text, read out by a synthetic voice.
        Text "text" (TextPart),
        /// A sound of the library.
        Sound "sound" (SoundPart),
        /// Speech markup, for pauses, spelling and beeps.
        Markup "markup" (MarkupPart),
    }
}

object! {
    /// A text to read out.
    pub struct TextPart {
        /// The text.
        text: Template,
    }
}

object! {
    /// A sound to play.
    pub struct SoundPart {
        /// The sound.
        sound: SoundId,
    }
}

object! {
    /// Markup to speak by.
    pub struct MarkupPart {
        /// The markup, as SSML.
        markup: Markup,
    }
}

impl std::ops::Deref for Markup {
    type Target = Template;

    fn deref(&self) -> &Template {
        &self.0
    }
}

impl Shape for Markup {
    fn read(value: &Value, at: &mut Reading) -> Option<Self> {
        Template::read(value, at).map(Self)
    }

    fn write(&self) -> Value {
        self.0.write()
    }

    fn schema(named: &mut Named) -> Value {
        Template::schema(named)
    }

    fn show<'a>(&'a self, path: &mut Path, eye: Eye<'_, 'a>) {
        eye(path.as_str(), Seen::Markup(&self.0));
    }
}

object! {
    /// Something said, part after part.
    pub struct Speech {
        /// The parts.
        say: AtLeastOne<Part, PARTS_MAX>,
        /// The voice; the account's if left out.
        voice: Option<Key>,
        /// The language it is spoken in; the call's if left out.
        language: Option<Language>,
    }
}

object! {
    /// Says something to the caller, then goes on.
    pub struct Speak {
        /// The parts.
        say: AtLeastOne<Part, PARTS_MAX>,
        /// The voice; the account's if left out.
        voice: Option<Key>,
        /// The language it is spoken in; the call's if left out.
        language: Option<Language>,
        /// Whether a key cuts it short.
        interruptible: bool = false,
    }
}

object! {
    /// Asks for digits and keeps them in a custom property.
    pub struct Digits {
        /// What is said before each try.
        prompt: Speech,
        /// The custom property that holds the digits afterwards.
        into: PropertyName,
        /// The fewest digits.
        min: Count<1, 64> = Count::nearest(1),
        /// The most digits; with them the capture is over without a finish key.
        max: Count<1, 64> = Count::nearest(32),
        /// The key that ends the digits, which is not one of them.
        finish_key: Option<ExitKey>,
        /// What the digits have to be like; anything if left out.
        pattern: Option<Pattern>,
        /// How long the first digit may take.
        first_key_ms: KeyWait = KeyWait::nearest(8_000),
        /// How long each further digit may take.
        next_key_ms: KeyWait = KeyWait::nearest(3_000),
        /// How often the caller is asked.
        tries: Tries = Tries::nearest(3),
        /// What is said after digits that do not fit.
        wrong: Option<Speech>,
        /// Whether the digits are kept out of the log and of everything that people see.
        secret: bool = false,
        /// Where it leads.
        outlets: DigitsOutlets = DigitsOutlets::default(),
    }
    check |digits: &Digits, at: &mut Reading| {
        if digits.min > digits.max {
            at.fault_in("min", "more digits are needed than are allowed");
        }
    }
}

outlets! {
    /// The outlets of a capture of digits.
    pub struct DigitsOutlets {
        /// The digits fit. Unconnected, the contact ends here.
        matched ends,
        /// The last try brought digits that do not fit.
        no_match falls,
        /// The last try brought no digits.
        no_input falls,
    }
}

object! {
    /// Asks questions that are answered by a key, such as after a call.
    pub struct Survey {
        /// What reports call it.
        name: Key,
        /// The questions, in order.
        questions: AtLeastOne<Question, 20>,
        /// How long an answer may take.
        answer_ms: KeyWait = KeyWait::nearest(8_000),
        /// How often each question is asked.
        tries: Tries = Tries::nearest(2),
        /// Where it leads.
        outlets: SurveyOutlets = SurveyOutlets::default(),
    }
    check |survey: &Survey, at: &mut Reading| {
        for (place, question) in survey.questions.iter().enumerate() {
            if survey.questions[..place].iter().any(|other| other.name == question.name) {
                at.fault_in(&format!("questions[{place}].name"), "another question has this name");
            }
        }
    }
}

object! {
    /// A question with a scale.
    pub struct Question {
        /// What reports call it; the answer is in the custom property of this name, too.
        name: PropertyName,
        /// What is said.
        ask: Speech,
        /// The lowest answer.
        from: Count<0, 9> = Count::nearest(1),
        /// The highest answer.
        until: Count<0, 9> = Count::nearest(5),
    }
    check |question: &Question, at: &mut Reading| {
        if question.from >= question.until {
            at.fault_in("until", "the highest answer is not above the lowest");
        }
    }
}

outlets! {
    /// The outlets of a survey.
    pub struct SurveyOutlets {
        /// Every question was answered.
        done falls,
        /// A question was left without an answer.
        abandoned falls,
    }
}
