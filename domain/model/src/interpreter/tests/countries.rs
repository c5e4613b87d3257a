//! Numbers without a country code: the number that was called says how they are read.

use super::house::*;
use super::*;
use crate::call::parties::Party;
use crate::call::{Command, Event, leg};
use crate::testing::sample::number;

#[test]
fn numbers_without_a_country_code_are_read_as_the_number_that_was_called_says() {
    let apps = format!(
        r#"{{"id": "ask", "app": "digits", "into": "Number", "prompt": {}, "outlets": {{"matched": "b"}}}}"#,
        says("Which number?")
    );
    let more = r#", {"id": "b", "is": "action", "apps": [
        {"id": "show", "app": "properties", "caller_id": "$(LastDigits)"},
        {"id": "ring", "app": "connect", "to": {"is": "number", "number": "$(Custom_Number)"}}]}"#;
    let rung = |country: &str, keys: &str| {
        let start = format!(
            r#"{{"id": "in", "start": {{"is": "number", "number": "+442079460000"{country}}}, "next": "a"}}"#
        );
        let mut library = house();
        publish(&mut library, MAIN, &start, &containers(&apps, more));
        let mut script = script();
        script.keys = vec![keys.to_owned()];
        let shown = play(library, &script);
        shown.effects().find_map(|effect| match effect {
            Effect::Ring { party, shows, .. } => Some((format!("{party:?}"), shows.clone())),
            _ => None,
        })
    };
    for (country, keys, read) in [
        (r#", "country": "GB""#, "02079460055", "+442079460055"),
        (r#", "country": "US""#, "2025550155", "+12025550155"),
    ] {
        let party = "Number { number: ‹private› }".to_owned();
        assert_eq!(rung(country, keys), Some((party, Some(number(read)))));
    }
    assert_eq!(rung("", "02079460055"), None);
}

// A version that was published since the call came in reads numbers in another way.
#[test]
fn a_call_in_progress_reads_numbers_as_its_own_version_says() {
    let policy = |library: &mut Library, version: u32, country: &str| {
        let start = format!(
            r#"{{"id": "in", "start": {{"is": "number", "number": "+442079460000", "country": "{country}"}}, "next": "a"}}"#
        );
        let apps = format!(
            r#"{{"id": "ask", "app": "digits", "into": "Number", "prompt": {}, "outlets": {{"matched": "b"}}}}"#,
            says("Which number?")
        );
        let ring = r#", {"id": "b", "is": "action", "apps": [
            {"id": "ring", "app": "connect", "to": {"is": "number", "number": "$(Custom_Number)"}}]}"#;
        publish_as(library, MAIN, (version, "call"), &start, &containers(&apps, ring));
    };
    let mut library = house();
    policy(&mut library, 1, "GB");
    let mut script = script();
    script.keys = vec!["02079460055".to_owned()];
    let events = play(library.clone(), &script).events;
    let asked = events
        .iter()
        .rposition(|event| matches!(event, Event::StepDecided { node, .. } if node.as_str() == "ask"))
        .unwrap();
    policy(&mut library, 2, "US");
    let mut machine = Machine::restore(CALL, Arc::new(library), &events[..=asked], noon());
    let wanted = std::iter::from_fn(|| machine.poll_output());
    let mut rung = wanted.filter_map(|output| match output {
        Output::Command(command) => match *command {
            Command::Leg(leg::Command::Create {
                party: Party::Number { number },
                ..
            }) => number.reveal().cloned(),
            _ => None,
        },
        Output::Effect(_) => None,
    });
    assert_eq!(rung.next(), Some(number("+442079460055")));
}
