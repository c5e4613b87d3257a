//! Menus, digits and what is said: tries, barge-in, languages, secret keys.

use super::house::*;
use super::*;
use crate::call::Event;

fn menu(more: &str) -> Library {
    let mut library = house();
    let menu = format!(
        r#"{{"id": "a", "is": "switchboard", "prompt": {}, "tries": 2, "wrong": {}, "missing": {}, "next": "then",
            "keys": [{{"key": "1", "title": "Sales", "to": "x"}}, {{"key": "*"}}]{more}}},
           {{"id": "then", "is": "finish"}}, {{"id": "x", "is": "finish"}}"#,
        says("Press 1"),
        says("Wrong"),
        says("Nothing?")
    );
    publish(&mut library, MAIN, AT_OURS, &menu);
    library
}

fn press(keys: &[&str]) -> Script {
    let mut script = script();
    script.keys = keys.iter().map(|keys| (*keys).to_owned()).collect();
    script
}

#[test]
fn a_key_leads_where_it_is_linked() {
    let shown = play(menu(""), &press(&["1"]));
    assert_eq!(told(&shown), ["a key_1", "x finished"]);
    assert_eq!(input(&shown, "a", "key"), Some("1".to_owned()));
}

#[test]
fn a_key_that_leads_nowhere_ends_the_call() {
    let shown = play(menu(""), &press(&["*"]));
    assert_eq!(told(&shown), ["a key_*"]);
    assert!(ended_by_policy(&shown));
}

#[test]
fn a_wrong_key_and_a_missing_one_are_commented_and_asked_again() {
    let shown = play(menu(""), &press(&["7", "1"]));
    assert_eq!(spoken(&shown), ["Press 1", "Wrong", "Press 1"]);
    assert_eq!(told(&shown), ["a key_1", "x finished"]);
    let shown = play(menu(""), &press(&["", "1"]));
    assert_eq!(spoken(&shown), ["Press 1", "Nothing?", "Press 1"]);
}

#[test]
fn the_last_try_decides_which_outlet_is_taken() {
    for (keys, outlet) in [(["1x", "9"], "no_match"), (["9", ""], "no_input")] {
        let keys = [keys[0].replace("1x", ""), keys[1].to_owned()];
        let keys = [keys[0].as_str(), keys[1].as_str()];
        let shown = play(menu(""), &press(&keys));
        assert_eq!(told(&shown), [format!("a {outlet}"), "then finished".to_owned()]);
        let linked = menu(&format!(r#", "outlets": {{"{outlet}": "x"}}"#));
        let shown = play(linked, &press(&keys));
        assert_eq!(told(&shown), [format!("a {outlet}"), "x finished".to_owned()]);
    }
}

#[test]
fn a_key_that_is_pressed_early_cuts_the_prompt_short_only_if_it_may() {
    let long = "Welcome to all of our many departments and their opening hours";
    for (interruptible, cut) in [(true, 1), (false, 0)] {
        let mut library = house();
        let menu = format!(
            r#"{{"id": "a", "is": "switchboard", "interruptible": {interruptible},
                "prompt": {{"say": [{{"is": "text", "text": "{long}"}}, {{"is": "text", "text": "and more"}}]}},
                "keys": [{{"key": "1"}}]}}"#
        );
        publish(&mut library, MAIN, AT_OURS, &menu);
        let mut script = press(&["1"]);
        script.impatient = true;
        let shown = play(library, &script);
        let cuts = shown.events.iter().filter(|event| {
            matches!(
                event,
                Event::PromptPlayed {
                    interrupted: true,
                    ..
                }
            )
        });
        assert_eq!(cuts.count(), cut, "{interruptible}");
        assert_eq!(told(&shown), ["a key_1"]);
    }
}

fn digits(more: &str) -> String {
    format!(
        r##"{{"id": "pin", "app": "digits", "prompt": {}, "into": "Pin", "min": 4, "max": 6, "finish_key": "#"{more},
            "outlets": {{"matched": "x"}}}}"##,
        says("PIN?")
    )
}

#[test]
fn digits_become_a_property_and_end_with_the_finish_key() {
    let shown = play(one_app(&digits("")), &press(&["1234#"]));
    assert_eq!(told(&shown), ["pin matched", "x finished"]);
    let set = shown.events.iter().find_map(|event| match event {
        Event::PropertiesSet { properties, .. } => properties[0].value.clone(),
        _ => None,
    });
    assert_eq!(set.unwrap().reveal().unwrap().as_str(), "1234");
}

#[test]
fn secret_digits_are_nowhere_in_the_log() {
    let shown = play(one_app(&digits(r#", "secret": true"#)), &press(&["739146#"]));
    assert_eq!(told(&shown), ["pin matched", "x finished"]);
    assert!(!serde_json::to_string(&shown.events).unwrap().contains("739146"));
    assert!(!format!("{:?}", shown.path).contains("739146"));
}

#[test]
fn what_is_said_is_said_in_its_language_and_voice_part_after_part() {
    let sound = "0198c0de-0000-7000-8000-000000000070";
    let apps = format!(
        r#"{{"id": "set", "app": "properties", "language": "fr"}},
           {{"id": "say", "app": "speak", "voice": "celine", "say": [{{"is": "sound", "sound": "{sound}"}},
             {{"is": "markup", "markup": "<speak>$(Language)</speak>"}}]}},
           {{"id": "de", "app": "speak", "language": "de", "say": [{{"is": "text", "text": "Hallo $$(x)"}}]}}"#
    );
    let shown = play(one_app(&apps), &script());
    let plays = shown.effects().filter_map(|effect| match effect {
        Effect::Play {
            say, voice, language, ..
        } => Some((
            say.clone(),
            voice.as_ref().map(ToString::to_string),
            language.as_str(),
        )),
        _ => None,
    });
    use effect::Say;
    assert_eq!(
        plays.collect::<Vec<_>>(),
        [
            (
                Say::Sound(sound.parse().unwrap()),
                Some("celine".to_owned()),
                "fr"
            ),
            (
                Say::Markup("<speak>fr</speak>".to_owned()),
                Some("celine".to_owned()),
                "fr"
            ),
            (Say::Text("Hallo $(x)".to_owned()), None, "de"),
        ]
    );
}

#[test]
fn a_survey_keeps_each_answer() {
    let apps = format!(
        r#"{{"id": "ask", "app": "survey", "name": "after", "questions": [{{"name": "Help", "ask": {}, "from": 0, "until": 9}}]}},
           {{"id": "say", "app": "speak", "say": [{{"is": "text", "text": "You said $(Custom_Help)"}}]}}"#,
        says("How?")
    );
    let shown = play(one_app(&apps), &press(&["9"]));
    assert_eq!(spoken(&shown), ["How?", "You said 9"]);
    let answered = shown
        .events
        .iter()
        .any(|event| matches!(event, Event::SurveyAnswered { .. }));
    assert!(answered);
}
