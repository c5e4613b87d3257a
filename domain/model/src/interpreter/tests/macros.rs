//! Every built-in macro, custom properties and result sets: what they hold in a call.

use super::house::*;
use super::*;
use crate::Millis;
use crate::call::reasons::Exit;
use crate::ids::JourneyId;
use crate::queue::ExitKey;
use crate::routing_policy::graph::macros::{Category, MACROS};

// Waits, leaves by a key, is rung through to Ann, presses digits, and then every macro is told.
fn everything() -> Rehearsal {
    let show: Vec<String> = MACROS
        .iter()
        .map(|one| format!("{}=$({})", one.name, one.name))
        .collect();
    let parts: Vec<String> = show
        .iter()
        .map(|text| format!(r#"{{"is": "text", "text": "{text}"}}"#))
        .collect();
    let (first, second) = parts.split_at(parts.len() / 2);
    let apps = format!(
        r#"{{"id": "gate", "app": "gate", "milestone": "arrived"}},
           {{"id": "name", "app": "properties", "caller_name": "Ms. Caller"}},
           {{"id": "wait", "app": "queue", "queue": "{SALES}"}},
           {{"id": "ring", "app": "connect", "to": {{"is": "user", "user": "{ANN}"}}, "outlets": {{"after": "c"}}}}"#
    );
    let more = format!(
        r#", {{"id": "c", "is": "action", "apps": [
            {{"id": "pin", "app": "digits", "prompt": {}, "into": "Pin", "max": 2, "outlets": {{"matched": "d"}}}}]}},
           {{"id": "d", "is": "action", "apps": [
            {{"id": "one", "app": "speak", "say": [{}]}}, {{"id": "two", "app": "speak", "say": [{}]}}]}}"#,
        says("Two keys?"),
        first.join(","),
        second.join(",")
    );
    let mut library = house();
    publish(&mut library, MAIN, AT_OURS, &containers(&apps, &more));
    let mut script = script();
    script.keys = vec!["42".to_owned()];
    script.waits = vec![Waits::Leaves {
        after: Millis::from_secs(20),
        exit: Exit::ExitKey {
            key: ExitKey::new('*').unwrap(),
        },
    }];
    script.rung = vec![Rung::Answers {
        after: Millis::from_secs(2),
        keys: String::new(),
        talk: Millis::from_secs(30),
    }];
    play(library, &script)
}

#[test]
fn every_macro_holds_what_it_says_or_nothing_where_there_is_nothing() {
    let shown = everything();
    let told: std::collections::BTreeMap<String, String> = spoken(&shown)
        .iter()
        .filter_map(|text| {
            text.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
        .collect();
    let journey = JourneyId::new(CALL.derive("journey")).to_string();
    let wanted = [
        ("CallerNumber", CALLER),
        ("CallerName", "Ms. Caller"),
        ("CallerCountry", "US"),
        ("CalledNumber", OURS),
        ("CalledExtension", ""),
        ("CallId", &CALL.to_string()),
        ("JourneyId", &journey),
        ("Direction", "in"),
        ("Language", "en"),
        ("EndCause", ""),
        ("ActiveRecAnswerEpochMS", ""),
        ("ActiveRecAudio", ""),
        ("ActiveRecCLI", ""),
        ("Date", "2026-11-22"),
        ("Time", "12:00"),
        ("Weekday", "sunday"),
        ("QueueName", "Sales"),
        ("QueuePosition", ""),
        ("WaitSeconds", "20"),
        ("ExpectedWaitSeconds", ""),
        ("ExitKey", "*"),
        ("AgentName", "Ann"),
        ("AgentId", &ANN.to_string()),
        ("AgentExtension", "2104"),
        ("TalkSeconds", "30"),
        ("LastDigits", "42"),
        ("PolicyName", "Main"),
        ("PolicyVersion", "1"),
        ("LastMilestone", "arrived"),
    ];
    for (name, value) in wanted {
        assert_eq!(told.get(name).map(String::as_str), Some(value), "{name}");
    }
    let seconds: i64 = told["EpochSeconds"].parse().unwrap();
    assert!(
        (50..70).contains(&(seconds - noon().micros() / 1_000_000)),
        "{seconds}"
    );
    assert!(told["Now"].starts_with("2026-11-22T12:0"), "{}", told["Now"]);
    assert!((50..70).contains(&told["CallSeconds"].parse::<u32>().unwrap()));
    for one in MACROS {
        let named = wanted.iter().any(|(name, _)| *name == one.name)
            || ["EpochSeconds", "Now", "CallSeconds"].contains(&one.name);
        assert_eq!(
            named,
            one.category != Category::Message,
            "{} has no scenario",
            one.name
        );
        assert!(told.contains_key(one.name));
    }
}

#[test]
fn what_a_queue_tells_is_what_macros_tell() {
    use crate::call::Event;
    use crate::call::facts::{Announcement, Nth};
    let apps =
        format!(r#"{{"id": "wait", "app": "queue", "queue": "{SALES}", "outlets": {{"max_wait": "x"}}}}"#);
    let library = one_app(&apps);
    let shown = play(library.clone(), &script());
    let Some(Event::Queued { entry, .. }) = shown
        .events
        .iter()
        .find(|event| matches!(event, Event::Queued { .. }))
    else {
        panic!("the caller waits");
    };
    let mut machine = Machine::new(CALL, Arc::new(library));
    let until = shown
        .events
        .iter()
        .position(|event| matches!(event, Event::Queued { .. }))
        .unwrap();
    for event in &shown.events[..=until] {
        machine.handle_input(&Input::Happened(event), noon());
    }
    for (nth, announcement) in [
        Announcement::Position { place: 3 },
        Announcement::EstimatedWait {
            wait_ms: Millis(90_000),
        },
    ]
    .into_iter()
    .enumerate()
    {
        let nth = Nth(u32::try_from(nth).unwrap() + 1);
        let told = Event::AnnouncementPlayed {
            entry: *entry,
            nth,
            announcement,
            at: noon(),
        };
        machine.handle_input(&Input::Happened(&told), noon());
    }
    assert_eq!(machine.tells("QueuePosition"), Some("3".to_owned()));
    assert_eq!(machine.tells("ExpectedWaitSeconds"), Some("90".to_owned()));
}

#[test]
fn an_outside_recorder_is_what_the_macros_of_active_recordings_tell_of() {
    use crate::call::Event;
    use crate::call::parties::Party;
    use crate::ids::{BridgeId, LegId};
    let library =
        one_app(r#"{"id": "ring", "app": "connect", "to": {"is": "number", "number": "+442079460011"}}"#);
    let shown = play(library.clone(), &script());
    let mut machine = Machine::new(CALL, Arc::new(library));
    machine.handle_input(&Input::Happened(&shown.events[0]), noon());
    let recorder = LegId::new(CALL.derive("recorder"));
    let at = noon().plus(Millis(1_500));
    let told = |machine: &Machine| {
        ["ActiveRecAnswerEpochMS", "ActiveRecAudio", "ActiveRecCLI"].map(|name| machine.tells(name))
    };
    let comes = Event::LegCreated {
        leg: recorder,
        number: 2,
        party: Party::Recorder,
        offer: None,
        hunt: None,
        at: noon(),
    };
    machine.handle_input(&Input::Happened(&comes), noon());
    assert_eq!(told(&machine), [None, None, None]);
    machine.handle_input(&Input::Happened(&Event::LegAnswered { leg: recorder, at }), at);
    let ms = (noon().micros() / 1_000 + 1_500).to_string();
    let number = Some(CALLER.to_owned());
    assert_eq!(
        told(&machine),
        [Some(ms.clone()), Some("no".to_owned()), number.clone()]
    );
    let hears = Event::LegJoined {
        bridge: BridgeId::new(CALL.derive("bridge")),
        leg: recorder,
        number: 1,
        with: vec![LegId::new(CALL.derive("caller"))],
        at,
    };
    machine.handle_input(&Input::Happened(&hears), at);
    assert_eq!(told(&machine), [Some(ms), Some("yes".to_owned()), number]);
}

impl Machine {
    fn tells(&self, name: &str) -> Option<String> {
        use crate::routing_policy::graph::template::MacroName;
        Scene::new(self.call, &self.state, &self.library, noon()).value(&MacroName::Builtin(name.to_owned()))
    }
}

#[test]
fn what_a_macro_holds_cannot_change_a_query_or_an_address() {
    let apps = r#"{"id": "set", "app": "properties", "set": [{"name": "X", "value": "O'Neil&Co \\ 100%"}]},
        {"id": "ask", "app": "query", "find": {"is": "soql", "soql": "SELECT Id FROM Account WHERE Name = $(Custom_X)"}},
        {"id": "web", "app": "http", "url": "https://example.com/?n=$(Custom_X)"}"#;
    let shown = play(one_app(apps), &script());
    let asked: Vec<String> = shown
        .effects()
        .filter_map(|effect| match effect {
            Effect::Ask { question, .. } => Some(match question {
                effect::Question::Soql { query } => query.clone(),
                effect::Question::Http { url, .. } => url.clone(),
                other => panic!("{other:?}"),
            }),
            _ => None,
        })
        .collect();
    assert_eq!(
        asked,
        [
            r"SELECT Id FROM Account WHERE Name = 'O\'Neil&Co \\ 100%'",
            "https://example.com/?n=O%27Neil%26Co%20%5C%20100%25",
        ]
    );
}

#[test]
fn what_a_macro_holds_stays_text_in_markup() {
    let apps = r#"{"id": "set", "app": "properties", "set": [{"name": "Firm", "value": "Smith & <Sons>"}]},
        {"id": "say", "app": "speak", "say": [{"is": "markup", "markup": "<b>$(Custom_Firm) and co</b>"}]}"#;
    let shown = play(one_app(apps), &script());
    let said = shown.effects().find_map(|effect| match effect {
        Effect::Play {
            say: effect::Say::Markup(text),
            ..
        } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(said.as_deref(), Some("<b>Smith &amp; &lt;Sons&gt; and co</b>"));
}
