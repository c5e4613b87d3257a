//! What holds for every call, checked by an auditor who sees nothing but the events.

mod auditor;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{Call, Command, Event, plots, samples};
use crate::testing::{fold_and_read_back, golden, play};
use crate::{Decider as _, Event as _};
use auditor::Auditor;

#[test]
fn samples_are_what_the_golden_files_hold() {
    golden::<Call>("call", &samples());
}

// A property over plots says something only of what plots come to.
#[test]
fn plots_come_to_every_kind_of_event() {
    let mut runner = TestRunner::deterministic();
    let mut missing: BTreeSet<_> = Event::CATALOGUE.iter().map(|doc| doc.kind).collect();
    for _ in 0..10_000 {
        let plot = plots().new_tree(&mut runner).expect("a plot").current();
        for event in play::<Call>(plot) {
            missing.remove(event.kind());
        }
        if missing.is_empty() {
            return;
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

proptest! {
    #[test]
    fn any_commands_can_be_said_twice(commands: Vec<Command>) {
        fold_and_read_back::<Call>(&play::<Call>(commands));
    }

    #[test]
    fn any_events_fold_and_read_back(events: Vec<Event>) {
        fold_and_read_back::<Call>(&events);
    }

    #[test]
    fn whatever_happens_the_books_balance(plot in plots()) {
        let history = play::<Call>(plot);
        fold_and_read_back::<Call>(&history);
        let mut auditor = Auditor::default();
        for event in &history {
            auditor.book(event);
        }
    }

    #[test]
    fn a_state_reads_back_as_it_was_written(plot in plots()) {
        let state = Call::fold(&play::<Call>(plot));
        let json = serde_json::to_string(&state).expect("a state is plain data");
        prop_assert_eq!(serde_json::from_str::<super::State>(&json).expect("as written"), state);
    }

    // Commands also meet states that no command led to: after an upcast, or a mistake of an older build.
    #[test]
    fn no_command_panics_on_any_history(events: Vec<Event>, commands: Vec<Command>) {
        let mut state = Call::fold(&events);
        for command in commands {
            if let Ok(events) = Call::decide(&state, command) {
                state = events.iter().fold(state, Call::evolve);
            }
        }
    }
}
