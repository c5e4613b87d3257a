//! What a recorded decision leads to: where the call goes, and what the step leaves behind.

use super::fold::{agent_of, failed};
use super::inputs::{Inputs, say};
use super::moves;
use super::rules::NO_CALENDAR;
use super::scene::{Scene, Spot};
use super::state::{AtEnd, Cursor, Settings, State, Via};
use crate::call::facts::Input;
use crate::call::reasons::EndCause;
use crate::ids::StepId;
use crate::routing_policy::graph::apps::data::{NotifyWhen, Properties};
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::containers::{Holds, Switchboard};
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::Unlinked;
use crate::text::Key;

/// A decision as it was recorded.
#[derive(Debug)]
pub(super) struct Decided<'a> {
    pub(super) node: &'a Key,
    pub(super) branch: &'a Key,
    pub(super) inputs: &'a [Input],
    pub(super) step: StepId,
}

/// What a step leaves behind.
#[derive(Debug, Default)]
pub(super) struct Left {
    settings: Option<Settings>,
    names_caller: bool,
    milestone: Option<Key>,
    at_end: Option<AtEnd>,
    failed: bool,
}

/// The most notices that one call keeps for its end; a policy that goes round in circles keeps no more.
const AT_END_MAX: usize = 64;

/// The branch by which a policy that goes round in circles ends.
pub(super) const IN_CIRCLES: &str = "in_circles";
/// Why such a call ends.
pub(super) const CIRCLES: &str = "policy-in-circles";

impl Left {
    pub(super) fn apply(self, state: &mut State) {
        if let Some(settings) = self.settings {
            state.settings = settings;
        }
        if self.names_caller {
            state.facts.caller_name.clone_from(&state.settings.caller_name);
        }
        if let Some(milestone) = self.milestone {
            state.facts.milestone = Some(milestone);
        }
        if state.at_end.len() < AT_END_MAX {
            state.at_end.extend(self.at_end);
        }
        state.settings.failed |= self.failed;
    }
}

/// Says where a decision leads, and what the step leaves behind.
///
/// A decision about another node than the one that the call was at is taken as it was recorded: the log is right.
pub(super) fn settle(scene: &Scene<'_>, decided: &Decided<'_>) -> (Cursor, Left) {
    if decided.branch.as_str() == IN_CIRCLES {
        let cause = failed(CIRCLES);
        return (Cursor::Ending { cause }, Left::default());
    }
    let Some(spot) = scene.find(decided.node.as_str()) else {
        let cause = failed("no-such-node");
        return (Cursor::Ending { cause }, Left::default());
    };
    match spot.app {
        Some((app, _)) => (after_app(scene, spot, app, decided), left(scene, app, decided)),
        None => (after_container(scene, spot, decided), Left::default()),
    }
}

fn after_app(scene: &Scene<'_>, spot: Spot<'_>, app: &App, decided: &Decided<'_>) -> Cursor {
    let outlets = app.does.outlets();
    let taken = outlets
        .into_iter()
        .find(|outlet| outlet.name == decided.branch.as_str());
    let Some(outlet) = taken else {
        return moves::on(spot, decided.step);
    };
    let ends = outlet.to.is_none() && outlet.unlinked == Unlinked::Ends;
    if ends && outlet.name == "after" {
        return Cursor::Ending {
            cause: nobody_left(scene.state, scene.step()),
        };
    }
    moves::along(spot, outlet, decided.step)
}

/// Says why a call ends whose caller is left alone by whoever they talked to, where nothing follows.
pub(super) fn nobody_left(state: &State, step: StepId) -> EndCause {
    match state.facts.hung_up {
        Some(who) => agent_of(who).map_or(EndCause::OtherHungUp, |agent| EndCause::AgentHungUp { agent }),
        None => EndCause::PolicyEnded { step: Some(step) },
    }
}

fn after_container(scene: &Scene<'_>, spot: Spot<'_>, decided: &Decided<'_>) -> Cursor {
    match &spot.container.is {
        Holds::Action(_) => moves::on(spot, decided.step),
        Holds::Switchboard(menu) => after_menu(spot, menu, decided),
        Holds::ToPolicy(to) if decided.branch.as_str() == "handed_over" => Cursor::Entering {
            policy: to.policy,
            via: Via::Entry(to.entry.clone()),
        },
        Holds::ToPolicy(_) => Cursor::Ending {
            cause: failed("no-such-policy"),
        },
        Holds::Invoke(invoke) => match scene.library.destination(&invoke.destination) {
            Some(policy) if decided.branch.as_str() == "invoked" => Cursor::Entering {
                policy,
                via: Via::Destination(invoke.destination.clone()),
            },
            Some(_) | None => Cursor::Ending {
                cause: failed("no-such-destination"),
            },
        },
        Holds::Finish(_) => moves::ends(decided.step),
    }
}

fn after_menu(spot: Spot<'_>, menu: &Switchboard, decided: &Decided<'_>) -> Cursor {
    let branch = decided.branch.as_str();
    if let Some(key) = branch.strip_prefix("key_") {
        let pressed = menu.keys.iter().find(|known| known.key.to_string() == key);
        return moves::to(pressed.and_then(|key| key.to.as_ref()), decided.step);
    }
    let outlets = menu.outlets.all();
    match outlets.into_iter().find(|outlet| outlet.name == branch) {
        Some(outlet) => moves::along(spot, outlet, decided.step),
        None => moves::on(spot, decided.step),
    }
}

fn left(scene: &Scene<'_>, app: &App, decided: &Decided<'_>) -> Left {
    let failed = matches!(decided.branch.as_str(), "error" | "too_late" | "failed")
        || matches!(app.does, Does::Rule(_)) && say(decided.inputs, NO_CALENDAR);
    let mut left = Left {
        failed,
        ..Left::default()
    };
    match &app.does {
        Does::Properties(all) => {
            left.settings = Some(settings(scene, all));
            left.names_caller = all.caller_name.is_some();
        }
        Does::Gate(gate) => left.milestone = Some(gate.milestone.clone()),
        Does::Notify(notify) if notify.when == NotifyWhen::AtCallEnd => {
            left.at_end = scene.state.within.clone().map(|within| AtEnd {
                step: decided.step,
                within,
                node: decided.node.clone(),
                sets: scene.state.sets.clone(),
                settings: scene.state.settings.clone(),
            });
        }
        Does::Notify(_)
        | Does::Rule(_)
        | Does::Query(_)
        | Does::Create(_)
        | Does::Update(_)
        | Does::Http(_)
        | Does::Speak(_)
        | Does::Digits(_)
        | Does::Survey(_)
        | Does::Queue(_)
        | Does::Hunt(_)
        | Does::Connect(_)
        | Does::Voicemail(_)
        | Does::Record(_)
        | Does::Skills(_)
        | Does::CallbackTask(_)
        | Does::Debug(_)
        | Does::DigitalConnect(_)
        | Does::AssignRecords(_)
        | Does::BlockMessage(_)
        | Does::UpdateMessage(_) => {}
    }
    left
}

/// Says what an app that sets properties leaves set. What cannot be used, such as a number that is none, changes nothing.
pub(super) fn settings(scene: &Scene<'_>, all: &Properties) -> Settings {
    let mut settings = scene.state.settings.clone();
    let fill = |text: &Option<Template>| {
        let text = text.as_ref()?;
        Some(scene.fill(text, &mut Inputs::default()))
    };
    let visible = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    if let Some(text) = fill(&all.whisper) {
        settings.whisper = visible(text);
    }
    if let Some(number) = fill(&all.caller_id).and_then(|text| scene.read_number(&text)) {
        settings.caller_id = Some(number);
    }
    if let Some(text) = fill(&all.caller_name) {
        settings.caller_name = visible(text);
    }
    if let Some(language) = fill(&all.language).and_then(|text| Properties::read_language(&text)) {
        settings.language = Some(language.as_str().to_owned());
    }
    if let Some(priority) = fill(&all.priority).and_then(|text| Properties::read_priority(&text)) {
        settings.priority = Some(priority);
    }
    settings
}

/// Names what an app sets to something that cannot be used, and so changes nothing.
pub(super) fn unusable(scene: &Scene<'_>, all: &Properties) -> Vec<&'static str> {
    let refused = |text: &Option<Template>, reads: &dyn Fn(&str) -> bool| {
        let text = text.as_ref();
        text.is_some_and(|text| !reads(&scene.fill(text, &mut Inputs::default())))
    };
    let number = |text: &str| scene.read_number(text).is_some();
    let language = |text: &str| Properties::read_language(text).is_some();
    let priority = |text: &str| Properties::read_priority(text).is_some();
    let refused = [
        ("caller_id", refused(&all.caller_id, &number)),
        ("language", refused(&all.language, &language)),
        ("priority", refused(&all.priority, &priority)),
    ];
    let refused = refused.into_iter().filter(|(_, refused)| *refused);
    refused.map(|(name, _)| name).collect()
}
