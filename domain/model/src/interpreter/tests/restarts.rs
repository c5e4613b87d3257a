//! Restarts: what the log does not say was done is wanted again, and nothing else.

use super::house::*;
use super::*;
use crate::call::parties::Destination;
use crate::call::reasons::TransferKind;
use crate::call::{Command, Event};
use crate::ids::LegId;
use crate::testing::sample::id;

fn all(machine: &mut Machine) -> Vec<Output> {
    std::iter::from_fn(|| machine.poll_output()).collect()
}

// The names of the effects, and of the concerns of the commands.
fn names(outputs: &[Output]) -> Vec<String> {
    let name = |debug: String| debug.split([' ', '(', '{']).next().unwrap_or_default().to_owned();
    let named = outputs.iter().map(|output| match output {
        Output::Command(command) => name(format!("{command:?}")),
        Output::Effect(effect) => name(format!("{effect:?}")),
    });
    named.collect()
}

fn menu() -> (Arc<Library>, Vec<Event>) {
    let menu = r#"{"id": "a", "is": "switchboard", "prompt": {"say": [{"is": "text", "text": "One"}, {"is": "text", "text": "Two"}]},
            "keys": [{"key": "1", "to": "b"}]},
        {"id": "b", "is": "action", "apps": [
            {"id": "ask", "app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Contact"}}]}"#;
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, menu);
    let mut script = script();
    script.keys = vec!["1".to_owned()];
    let events = play(library.clone(), &script).events;
    (Arc::new(library), events)
}

fn after(events: &[Event], is: impl Fn(&Event) -> bool) -> &[Event] {
    let place = events.iter().position(is).expect("it happened");
    &events[..=place]
}

#[test]
fn what_was_heard_is_not_played_again_and_what_was_not_is() {
    let (library, events) = menu();
    let answered = after(&events, |event| matches!(event, Event::LegAnswered { .. }));
    let mut machine = Machine::restore(CALL, Arc::clone(&library), answered, noon());
    assert_eq!(names(&all(&mut machine)), ["Play", "Play", "Collect"]);
    machine.handle_timeout(noon());
    assert_eq!(
        names(&all(&mut machine)),
        Vec::<String>::new(),
        "nothing is wanted twice"
    );
    let heard = after(&events, |event| matches!(event, Event::PromptPlayed { .. }));
    let mut machine = Machine::restore(CALL, library, heard, noon());
    assert_eq!(names(&all(&mut machine)), ["Play", "Collect"]);
}

#[test]
fn a_question_is_asked_again_until_its_deadline_and_given_up_after_it() {
    let (library, events) = menu();
    let asked = after(&events, |event| matches!(event, Event::LookupRequested { .. }));
    let Some(Event::LookupRequested { deadline, at, .. }) = asked.last() else {
        panic!("the last is the question");
    };
    let mut machine = Machine::restore(CALL, Arc::clone(&library), asked, *at);
    assert_eq!(machine.poll_timeout(), Some(*deadline));
    assert_eq!(names(&all(&mut machine)), ["Ask"]);
    machine.handle_timeout(*deadline);
    let outputs = all(&mut machine);
    let gives_up = |output: &Output| match output {
        Output::Command(command) => {
            matches!(&**command, Command::Lookup(crate::call::lookup::Command::GiveUp { at, .. }) if at == deadline)
        }
        Output::Effect(_) => false,
    };
    assert!(
        matches!(&outputs[..], [output] if gives_up(output)),
        "{outputs:?}"
    );
}

#[test]
fn a_decision_is_wanted_again_with_what_it_missed() {
    let (library, events) = menu();
    let pressed = after(&events, |event| matches!(event, Event::DigitsCollected { .. }));
    let mut machine = Machine::restore(CALL, library, pressed, noon());
    let rests_on = |outputs: Vec<Output>| {
        let decisions = outputs.into_iter().filter_map(|output| match output {
            Output::Command(command) => match *command {
                Command::Routing(crate::call::routing::Command::Decide { rests_on, .. }) => Some(rests_on),
                _ => None,
            },
            Output::Effect(_) => None,
        });
        decisions.collect::<Vec<_>>()
    };
    let count = u32::try_from(pressed.len()).unwrap();
    assert_eq!(rests_on(all(&mut machine)), [count]);
    machine.handle_timeout(noon());
    assert_eq!(rests_on(all(&mut machine)), [0; 0], "once is enough");
    let noted = Event::PropertiesSet {
        properties: crate::few::Few::none(),
        at: noon(),
    };
    machine.handle_input(&Input::Happened(&noted), noon());
    assert_eq!(rests_on(all(&mut machine)), [count + 1]);
}

#[test]
fn a_caller_whom_an_agent_hands_on_to_a_policy_goes_on_there() {
    let (library, events) = menu();
    let mut library = (*library).clone();
    let start = r#"{"id": "s", "start": {"is": "from_policy"}, "next": "c"}"#;
    publish(&mut library, OTHER, start, r#"{"id": "c", "is": "finish"}"#);
    let answered = after(&events, |event| matches!(event, Event::LegAnswered { .. }));
    let mut machine = Machine::restore(CALL, Arc::new(library), answered, noon());
    all(&mut machine);
    let handed_on = Event::Transferred {
        kind: TransferKind::Blind,
        leg: LegId::new(id(99)),
        to: Destination::Policy { policy: OTHER },
        target: None,
        at: noon(),
    };
    machine.handle_input(&Input::Happened(&handed_on), noon());
    let enters = |output: &Output| match output {
        Output::Command(command) => matches!(
            &**command,
            Command::Routing(crate::call::routing::Command::EnterPolicy { policy: OTHER, .. })
        ),
        Output::Effect(_) => false,
    };
    assert!(all(&mut machine).iter().any(enters));
}

#[test]
fn a_new_version_is_entered_by_new_calls_and_not_by_those_in_progress() {
    let (library, events) = menu();
    let mut library = (*library).clone();
    let answered = after(&events, |event| matches!(event, Event::LegAnswered { .. }));
    publish_as(
        &mut library,
        MAIN,
        (2, "call"),
        AT_OURS,
        r#"{"id": "a", "is": "finish"}"#,
    );
    let library = Arc::new(library);
    let mut machine = Machine::restore(CALL, Arc::clone(&library), answered, noon());
    assert_eq!(names(&all(&mut machine)), ["Play", "Play", "Collect"]);
    assert_eq!(told(&rehearse(&script(), &library)), ["a finished"]);
}

#[test]
fn a_call_stays_where_it_is_though_its_number_leads_elsewhere_by_now() {
    let (library, events) = menu();
    let answered = after(&events, |event| matches!(event, Event::LegAnswered { .. }));
    let there = Machine::restore(CALL, Arc::clone(&library), answered, noon());
    let mut library = (*library).clone();
    publish(&mut library, OTHER, AT_OURS, r#"{"id": "b", "is": "finish"}"#);
    let machine = Machine::restore(CALL, Arc::new(library), answered, noon());
    assert_eq!(machine.node(), there.node());
    assert_eq!(machine.state(), there.state());
}

#[test]
fn a_property_that_is_made_of_itself_is_made_once_whenever_a_restart_comes() {
    use crate::call::{Call, State as CallState};
    use crate::{Decider as _, testing::sample::text};
    let apps = r#"{"id": "one", "app": "properties", "set": [{"name": "Path", "value": "a"}]},
        {"id": "two", "app": "properties", "set": [{"name": "Path", "value": "$(Custom_Path)>b"}, {"name": "Same", "value": "$(Custom_Path)"}]},
        {"id": "say", "app": "speak", "say": [{"is": "text", "text": "$(Custom_Path) $(Custom_Same)"}]}"#;
    let library = one_app(apps);
    let shown = play(library.clone(), &script());
    assert_eq!(spoken(&shown), ["a>b a"]);
    assert_eq!(input(&shown, "two", "Custom_Path").as_deref(), Some("private a"));
    let library = Arc::new(library);
    for count in 1..=shown.events.len() {
        let before = &shown.events[..count];
        let call = before.iter().fold(CallState::default(), Call::evolve);
        let mut machine = Machine::restore(CALL, Arc::clone(&library), before, noon());
        for output in all(&mut machine) {
            let Output::Command(command) = output else {
                continue;
            };
            for event in Call::decide(&call, *command).unwrap_or_default() {
                let Event::PropertiesSet { properties, .. } = event else {
                    continue;
                };
                let path = properties
                    .iter()
                    .find(|property| property.name == text::<64>("Path"));
                let path = path.and_then(|path| Some(path.value.as_ref()?.reveal()?.as_str().to_owned()));
                assert!(path != Some("a>b>b".to_owned()), "after {:?}", before.last());
            }
        }
    }
}
