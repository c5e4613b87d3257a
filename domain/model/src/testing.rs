//! Given events, when a command, then events: how deciders are told and tested.

use std::collections::BTreeSet;
use std::fmt::Debug;

use proptest::strategy::ValueTree as _;

use crate::{Decider, Event as _};

/// Plain values for samples and stories.
pub mod sample {
    use crate::Timestamp;
    use crate::ids::PersonId;

    /// Makes the UUID that ends in `n`.
    #[must_use]
    pub const fn id(n: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(0x0198_c0de_0000_7000_8000_0000_0000_0000 + n)
    }

    /// Makes the moment `second` seconds into the story.
    #[must_use]
    pub const fn at(second: i64) -> Timestamp {
        Timestamp::from_micros((1_795_345_200 + second) * 1_000_000)
    }

    /// Makes the data subject that ends in `n`.
    #[must_use]
    pub const fn person(n: u128) -> PersonId {
        PersonId::new(id(n))
    }

    /// Makes a text that is known to be right.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn text<const MAX: usize>(text: &str) -> crate::Text<MAX> {
        crate::Text::new(text).expect("a sample's text is right")
    }

    /// Makes a telephone number that is known to be right.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn number(e164: &str) -> crate::PhoneNumber {
        e164.parse().expect("a sample's number is right")
    }
}

/// Starts a story from what has happened.
pub fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given {
        history: history.into_iter().collect(),
    }
}

/// What has happened so far.
#[derive(Debug)]
pub struct Given<D: Decider> {
    history: Vec<D::Event>,
}

impl<D: Decider> Given<D> {
    /// Says the command.
    #[must_use]
    pub fn when(self, command: D::Command) -> When<D> {
        let state = D::fold(&self.history);
        let outcome = D::decide(&state, command.clone());
        if let Ok(events) = &outcome {
            let again = D::decide(&events.iter().fold(state, D::evolve), command);
            assert_eq!(again, Ok(vec![]), "said twice, recorded once");
        }
        When { outcome }
    }
}

/// What the decider answered.
#[derive(Debug)]
pub struct When<D: Decider> {
    outcome: Result<Vec<D::Event>, D::Rejection>,
}

impl<D: Decider> When<D> {
    /// Expects exactly these events.
    pub fn then(self, events: impl IntoIterator<Item = D::Event>) {
        assert_eq!(self.outcome, Ok(events.into_iter().collect()));
    }

    /// Expects that it was already so.
    pub fn nothing(self) {
        self.then([]);
    }

    /// Expects this rejection.
    pub fn rejected(self, why: D::Rejection) {
        assert_eq!(self.outcome, Err(why));
    }
}

/// Plays commands on an empty aggregate and returns the history, rejections left out.
///
/// # Panics
/// If a command said twice is recorded twice.
pub fn play<D: Decider>(commands: impl IntoIterator<Item = D::Command>) -> Vec<D::Event> {
    let mut state = D::State::default();
    let mut history = Vec::new();
    for command in commands {
        let Ok(events) = D::decide(&state, command.clone()) else {
            continue;
        };
        state = events.iter().fold(state, D::evolve);
        assert_eq!(
            D::decide(&state, command.clone()),
            Ok(vec![]),
            "said twice, recorded once: {command:?} led to {events:?}"
        );
        history.extend(events);
    }
    history
}

/// Checks that walks through generated commands meet every kind of event, so that what is asserted along the way says
/// something of each.
///
/// `walk`: says some commands and returns the kinds of the events that they led to.
///
/// # Panics
/// If 200 walks leave a kind out.
pub fn meets_every_kind<D: Decider>(
    commands: &impl proptest::strategy::Strategy<Value = Vec<D::Command>>,
    walk: impl Fn(Vec<D::Command>) -> BTreeSet<&'static str>,
) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = BTreeSet::new();
    for _ in 0..200 {
        let commands = commands.new_tree(&mut runner).expect("commands").current();
        met.extend(walk(commands));
    }
    let kinds = D::Event::CATALOGUE.iter().map(|doc| doc.kind);
    let missing: Vec<&str> = kinds.filter(|kind| !met.contains(kind)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Checks that any events at all fold, and that each reads back as it was written.
///
/// # Panics
/// If one does not.
pub fn fold_and_read_back<D: Decider>(events: &[D::Event])
where
    D::Event: Debug,
{
    let _ = D::fold(events);
    for event in events {
        let json = serde_json::to_string(event).expect("an event is plain data");
        let back: D::Event = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e} in {json}"));
        assert_eq!(&back, event, "stored and read back, it is the same event");
    }
}

/// Compares each kind's sample with its golden file, and the golden files with the samples.
///
/// `category`: names the folder, `golden/<category>` in this crate. A file is named `Kind.vN.json` and holds the stored JSON of version N. With `LEDGERLINE_GOLDEN=write` missing files are written instead of
/// reported; a file that is there is never changed, for what was stored once stays readable for ever.
///
/// # Panics
/// If a kind has no sample, a sample no file, or a file differs from its sample.
pub fn golden<D: Decider>(category: &str, samples: &[D::Event]) {
    let folder = &std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(category);
    let mut missing: Vec<&str> = D::Event::CATALOGUE.iter().map(|doc| doc.kind).collect();
    for sample in samples {
        missing.retain(|kind| *kind != sample.kind());
        let path = folder.join(format!("{}.v{}.json", sample.kind(), sample.version()));
        let tagged = serde_json::to_value(sample).expect("an event is plain data");
        let fields = tagged
            .as_object()
            .and_then(|o| o.values().next())
            .expect("a variant with its fields");
        let wanted = serde_json::to_string_pretty(fields).expect("plain data") + "\n";
        if !path.exists() && std::env::var_os("LEDGERLINE_GOLDEN").is_some_and(|v| v == "write") {
            std::fs::create_dir_all(folder).expect("the golden folder can be made");
            std::fs::write(&path, &wanted).expect("the golden file can be written");
        }
        let stored = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}; LEDGERLINE_GOLDEN=write makes it", path.display()));
        assert_eq!(stored, wanted, "{} is not what this build writes", path.display());
        let variant = sample
            .kind()
            .strip_prefix(D::Event::PREFIX)
            .expect("a kind begins with its prefix");
        let back: D::Event =
            serde_json::from_str(&format!("{{\"{variant}\":{stored}}}")).expect("a golden file reads");
        assert_eq!(&back, sample, "{}", path.display());
    }
    assert_eq!(missing, Vec::<&str>::new(), "kinds without a sample");
}
