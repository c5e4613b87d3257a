//! What an app sees when it decides: the call, the policy that it is in, the library and the moment.

use super::Library;
use super::fold::{made, step_id};
use super::library::Published;
use super::state::{Cursor, State};
use crate::ids::{CallId, PersonId, StepId};
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::containers::Container;
use crate::routing_policy::graph::known::Nameable as _;
use crate::routing_policy::graph::starts::AtNumber;
use crate::{PhoneNumber, Timestamp};

/// What an app sees when it decides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) call: CallId,
    pub(super) state: &'a State,
    pub(super) library: &'a Library,
    pub(super) now: Timestamp,
}

/// Where in a graph a call is: in a container, and in an action at one of its apps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) container: &'a Container,
    pub(super) app: Option<(&'a App, usize)>,
}

impl<'a> Scene<'a> {
    pub(super) const fn new(call: CallId, state: &'a State, library: &'a Library, now: Timestamp) -> Self {
        Self {
            call,
            state,
            library,
            now,
        }
    }

    /// Returns the version of the policy that the call is in.
    pub(super) fn published(&self) -> Option<&'a Published> {
        let within = self.state.within.as_ref()?;
        self.library.version(within.policy, within.hash)
    }

    /// Returns where the call is.
    pub(super) fn spot(&self) -> Option<Spot<'a>> {
        match &self.state.cursor {
            Cursor::At { container, app } => {
                let containers = &self.published()?.graph.containers;
                let container = containers
                    .iter()
                    .find(|known| known.id.as_str() == container.as_str())?;
                let found = container.is.apps().get(*app).map(|found| (found, *app));
                Some(Spot {
                    container,
                    app: found,
                })
            }
            Cursor::Idle
            | Cursor::Entering { .. }
            | Cursor::Handed
            | Cursor::Ending { .. }
            | Cursor::Done => None,
        }
    }

    /// Finds a node that decides: an app, or a container that is one of its own.
    pub(super) fn find(&self, node: &str) -> Option<Spot<'a>> {
        let containers = self.published()?.graph.containers.iter();
        containers
            .map(|container| {
                let mut apps = container.is.apps().iter().enumerate();
                let app = apps.find(|(_, app)| app.id.as_str() == node);
                let app = app.map(|(place, app)| (app, place));
                (container, app)
            })
            .find(|(container, app)| app.is_some() || container.id.as_str() == node)
            .map(|(container, app)| Spot { container, app })
    }

    /// Returns the number of the step that is going on, from 1.
    pub(super) const fn number(&self) -> u32 {
        self.state.taken.saturating_add(1)
    }

    /// Returns the step that is going on.
    pub(super) fn step(&self) -> StepId {
        step_id(self.call, self.number())
    }

    /// Derives the id of something that the step makes.
    pub(super) fn made(&self, what: &str) -> uuid::Uuid {
        made(self.call, self.number(), what)
    }

    /// Returns whose data it is what is known of the caller.
    pub(super) fn person(&self) -> PersonId {
        self.state.person(self.call)
    }

    /// Returns the result set that the app which is going on fills.
    pub(super) fn result_set(&self) -> Option<String> {
        let (app, _) = self.spot()?.app?;
        let set = match &app.does {
            Does::Query(app) => &app.into,
            Does::Create(app) => &app.into,
            Does::Http(app) => &app.into,
            Does::Rule(_)
            | Does::Update(_)
            | Does::Speak(_)
            | Does::Digits(_)
            | Does::Survey(_)
            | Does::Queue(_)
            | Does::Hunt(_)
            | Does::Connect(_)
            | Does::Voicemail(_)
            | Does::Record(_)
            | Does::Notify(_)
            | Does::Properties(_)
            | Does::Skills(_)
            | Does::Gate(_)
            | Does::CallbackTask(_)
            | Does::Debug(_)
            | Does::DigitalConnect(_)
            | Does::AssignRecords(_)
            | Does::BlockMessage(_)
            | Does::UpdateMessage(_) => return None,
        };
        Some(set.as_str().to_owned())
    }

    /// Returns the start of the number that was called as it was when the call came in, whichever policy it is in by now.
    pub(super) fn number_start(&self) -> Option<&'a AtNumber> {
        let first = self.state.first.as_ref()?;
        let number = self.called_number()?;
        let starts = &self.library.version(first.policy, first.hash)?.graph.starts;
        starts
            .iter()
            .find_map(|block| block.start.number().filter(|at| at.number == *number))
    }

    /// Reads a number as somebody gives it; one without a country code as the number that was called says.
    pub(super) fn read_number(&self, text: &str) -> Option<PhoneNumber> {
        let text = text.trim();
        let country = || self.number_start()?.country;
        PhoneNumber::named(text).or_else(|| PhoneNumber::read(text, Some(country()?)).ok())
    }

    /// Returns the language of what is said, where a speech does not say another.
    pub(super) fn language(&self) -> &'a str {
        let set = self.state.settings.language.as_deref();
        set.unwrap_or(&self.library.account.language)
    }
}

impl<'a> Spot<'a> {
    /// Returns the id of the node that decides.
    pub(super) fn node(&self) -> &'a crate::routing_policy::graph::words::NodeKey {
        self.app.map_or(&self.container.id, |(app, _)| &app.id)
    }
}
