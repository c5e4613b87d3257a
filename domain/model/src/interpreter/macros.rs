//! What macros hold at a moment: built-ins, custom properties, fields of result sets.

use super::body;
use super::inputs::Inputs;
use super::scene::Scene;
use crate::PhoneNumber;
use crate::call::parties::{Caller, Entrance, Who};
use crate::routing_policy::graph::macros::{self, Builtin, Category};
use crate::routing_policy::graph::template::{MacroName, Piece, Template};
use crate::text::Key;

use super::fold::sum;

/// How what a macro holds is put into a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// As it is.
    No,
    /// As a text of SOQL, in quotes.
    Soql,
    /// As a part of an address.
    Url,
    /// As text within markup.
    Markup,
    /// As a part of a text of JSON.
    JsonText,
    /// As a value of JSON.
    Json,
}

impl Scene<'_> {
    /// Fills a text in, and notes what its macros held.
    pub(super) fn fill(&self, template: &Template, inputs: &mut Inputs) -> String {
        self.fill_as(template, Quote::No, inputs)
    }

    pub(super) fn fill_as(&self, template: &Template, quote: Quote, inputs: &mut Inputs) -> String {
        let mut out = String::new();
        for piece in template.pieces() {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Macro(name) => out.push_str(&self.held(name, quote, inputs)),
            }
        }
        out
    }

    /// Puts in what one macro holds, and notes it.
    pub(super) fn held(&self, name: &MacroName, quote: Quote, inputs: &mut Inputs) -> String {
        let value = self.value(name).unwrap_or_default();
        self.note(name, &value, inputs);
        quoted(&value, quote)
    }

    /// Returns the first macro of a text that holds nothing.
    pub(super) fn empty<'t>(&self, template: &'t Template) -> Option<&'t MacroName> {
        let holds = |name: &MacroName| self.value(name).is_some_and(|value| !value.trim().is_empty());
        template.macros().find(|name| !holds(name))
    }

    /// Fills a text in that nobody decides by.
    pub(super) fn filled(&self, template: &Template) -> String {
        template.fill(|name| self.value(name))
    }

    /// Fills markup in that nobody decides by; what macros hold stays text, whatever is in it.
    pub(super) fn filled_markup(&self, template: &Template) -> String {
        template.fill(|name| Some(quoted(&self.value(name)?, Quote::Markup)))
    }

    fn note(&self, name: &MacroName, value: &str, inputs: &mut Inputs) {
        let told = name.to_string();
        let told = told.trim_start_matches("$(").trim_end_matches(')');
        if self.is_private(name) {
            inputs.private(self, told, value);
        } else {
            inputs.plain(told, value);
        }
    }

    /// Returns what a macro holds; none if nothing is known.
    pub(super) fn value(&self, name: &MacroName) -> Option<String> {
        match name {
            MacroName::Builtin(name) => self.builtin(macros::find(name)?.is),
            MacroName::Custom(name) => {
                let name = Key::new(name.as_str()).ok()?;
                let value = self.state.properties.get(&name)?.as_ref()?;
                Some(value.reveal()?.as_str().to_owned())
            }
            MacroName::Field { set, field } => {
                let value = self.state.sets.get(set.as_str())?.get(field)?;
                Some(value.reveal()?.as_str().to_owned())
            }
        }
    }

    /// Returns the caller's number, unless they hide it: ours, in a call that we place.
    pub(super) fn caller_number(&self) -> Option<&PhoneNumber> {
        if let Some(placed) = &self.state.placed {
            return placed.presenting.as_ref();
        }
        match &self.state.begun.as_ref()?.caller {
            Caller::Number { number } => number.reveal(),
            Caller::Withheld | Caller::Colleague { .. } => None,
        }
    }

    /// Returns the number of who is not one of us, whichever of us rang the other.
    pub(super) fn customer_number(&self) -> Option<&PhoneNumber> {
        match &self.state.placed {
            Some(placed) => placed.to.reveal(),
            None => self.caller_number(),
        }
    }

    /// Returns the number that was called: ours, unless we placed the call.
    pub(super) fn called_number(&self) -> Option<&PhoneNumber> {
        if let Some(placed) = &self.state.placed {
            return placed.to.reveal();
        }
        match &self.state.begun.as_ref()?.entrance {
            Entrance::Number { number } => Some(number),
            Entrance::Trunk { called, .. } => called.as_ref(),
            Entrance::Extension { .. } | Entrance::Destination { .. } | Entrance::Event { .. } => None,
        }
    }

    fn called_extension(&self) -> Option<String> {
        let begun = self.state.begun.as_ref()?;
        if let Entrance::Extension { extension } = &begun.entrance {
            return Some(extension.as_str().to_owned());
        }
        use crate::tenant::extension::Holder;
        let extension = match self.library.dialled(&begun.entrance)? {
            Holder::User(user) => self.library.users.get(&user)?.extension,
            Holder::Group(group) => self.library.groups.get(&group)?.extension?,
        };
        Some(extension.to_string())
    }

    // What is known of the caller, of whom we call or of an agent is theirs; the clock, the queue and the policy are
    // nobody's.
    fn is_private(&self, name: &MacroName) -> bool {
        match name {
            MacroName::Custom(_) | MacroName::Field { .. } => true,
            MacroName::Builtin(name) => macros::find(name).is_some_and(|known| match known.category {
                Category::Moment | Category::Queue => false,
                Category::Agent | Category::Message => true,
                Category::Call => {
                    let callers = [
                        Builtin::CallerNumber,
                        Builtin::CallerName,
                        Builtin::CallerCountry,
                        Builtin::ActiveRecCLI,
                    ];
                    let theirs = known.is == Builtin::CalledNumber && self.state.placed.is_some();
                    theirs || callers.contains(&known.is)
                }
                Category::Way => known.is == Builtin::LastDigits,
            }),
        }
    }

    fn builtin(&self, name: Builtin) -> Option<String> {
        match name {
            Builtin::CallerNumber
            | Builtin::CallerName
            | Builtin::CallerCountry
            | Builtin::CalledNumber
            | Builtin::CalledExtension
            | Builtin::CallId
            | Builtin::JourneyId
            | Builtin::Direction
            | Builtin::Language
            | Builtin::CallSeconds
            | Builtin::EndCause => self.of_call(name),
            Builtin::ActiveRecAnswerEpochMS | Builtin::ActiveRecAudio | Builtin::ActiveRecCLI => {
                self.of_recorder(name)
            }
            Builtin::Date | Builtin::Time | Builtin::Weekday | Builtin::Now | Builtin::EpochSeconds => {
                self.of_moment(name)
            }
            Builtin::QueueName
            | Builtin::QueuePosition
            | Builtin::WaitSeconds
            | Builtin::ExpectedWaitSeconds
            | Builtin::ExitKey => self.of_queue(name),
            Builtin::AgentName | Builtin::AgentId | Builtin::AgentExtension | Builtin::TalkSeconds => {
                self.of_agent(name)
            }
            Builtin::LastDigits | Builtin::PolicyName | Builtin::PolicyVersion | Builtin::LastMilestone => {
                self.of_way(name)
            }
            // What a message says is known where a message is routed, which this machine does not do.
            Builtin::ConversationId
            | Builtin::Channel
            | Builtin::MessageDirection
            | Builtin::MessageText
            | Builtin::FromAddress
            | Builtin::ToAddress => None,
        }
    }

    fn of_call(&self, name: Builtin) -> Option<String> {
        let (placed, begun) = (self.state.placed.as_ref(), self.state.begun.as_ref());
        let (journey, at) = placed
            .map(|placed| (placed.journey, placed.at))
            .or_else(|| begun.map(|begun| (begun.journey, begun.at)))?;
        match name {
            Builtin::CallerNumber => Some(self.caller_number()?.as_str().to_owned()),
            Builtin::CallerName => self
                .state
                .facts
                .caller_name
                .clone()
                .or_else(|| match &begun?.caller {
                    Caller::Colleague { agent } => {
                        let user = self.library.users.get(&(*agent).into())?;
                        Some(user.name.as_str().to_owned())
                    }
                    Caller::Number { .. } | Caller::Withheld => None,
                }),
            Builtin::CallerCountry => Some(self.caller_number()?.country()?.as_str().to_owned()),
            Builtin::CalledNumber => Some(self.called_number()?.as_str().to_owned()),
            Builtin::CalledExtension => self.called_extension(),
            Builtin::CallId => Some(self.call.to_string()),
            Builtin::JourneyId => Some(journey.to_string()),
            Builtin::Direction => Some(if placed.is_some() { "out" } else { "in" }.to_owned()),
            Builtin::Language => Some(self.language().to_owned()),
            Builtin::CallSeconds => {
                let until = self.state.over.as_ref().map_or(self.now, |over| over.at);
                Some(seconds(until.since(at).0))
            }
            Builtin::EndCause => {
                let cause = serde_json::to_value(&self.state.over.as_ref()?.cause).ok()?;
                Some(cause.get("is")?.as_str()?.to_owned())
            }
            Builtin::ActiveRecAnswerEpochMS
            | Builtin::ActiveRecAudio
            | Builtin::ActiveRecCLI
            | Builtin::Date
            | Builtin::Time
            | Builtin::Weekday
            | Builtin::Now
            | Builtin::EpochSeconds
            | Builtin::QueueName
            | Builtin::QueuePosition
            | Builtin::WaitSeconds
            | Builtin::ExpectedWaitSeconds
            | Builtin::ExitKey
            | Builtin::AgentName
            | Builtin::AgentId
            | Builtin::AgentExtension
            | Builtin::TalkSeconds
            | Builtin::LastDigits
            | Builtin::PolicyName
            | Builtin::PolicyVersion
            | Builtin::LastMilestone
            | Builtin::ConversationId
            | Builtin::Channel
            | Builtin::MessageDirection
            | Builtin::MessageText
            | Builtin::FromAddress
            | Builtin::ToAddress => None,
        }
    }

    fn of_recorder(&self, name: Builtin) -> Option<String> {
        let answered = self.state.facts.recorder_answered?;
        if name == Builtin::ActiveRecAnswerEpochMS {
            Some(answered.micros().div_euclid(1_000).to_string())
        } else if name == Builtin::ActiveRecCLI {
            Some(self.customer_number()?.as_str().to_owned())
        } else {
            let mut legs = self.state.legs.values();
            let hears = legs.any(|leg| leg.who == Who::Recorder && leg.talked);
            Some(if hears { "yes" } else { "no" }.to_owned())
        }
    }

    fn of_moment(&self, name: Builtin) -> Option<String> {
        let (date, clock) = self.library.account.zone.local(self.now);
        Some(if name == Builtin::Date {
            date.to_string()
        } else if name == Builtin::Time {
            clock.to_string()
        } else if name == Builtin::Weekday {
            date.weekday().name().to_owned()
        } else if name == Builtin::Now {
            self.now.to_string()
        } else {
            self.now.micros().div_euclid(1_000_000).to_string()
        })
    }

    fn of_queue(&self, name: Builtin) -> Option<String> {
        let facts = &self.state.facts;
        if name == Builtin::QueueName {
            Some(self.library.queues.get(&facts.queue?)?.as_str().to_owned())
        } else if name == Builtin::QueuePosition {
            Some(facts.place?.to_string())
        } else if name == Builtin::WaitSeconds {
            let waiting = facts
                .waiting_since
                .map_or(crate::Millis(0), |since| self.now.since(since));
            Some(seconds(sum(facts.waited, waiting).0))
        } else if name == Builtin::ExpectedWaitSeconds {
            Some(seconds(facts.expected?.0))
        } else {
            Some(facts.exit_key?.to_string())
        }
    }

    fn of_agent(&self, name: Builtin) -> Option<String> {
        let facts = &self.state.facts;
        if name == Builtin::TalkSeconds {
            let talking = facts
                .talking_since
                .map_or(crate::Millis(0), |since| self.now.since(since));
            return Some(seconds(sum(facts.talked, talking).0));
        }
        let agent = facts.agent?;
        if name == Builtin::AgentId {
            return Some(agent.to_string());
        }
        let user = self.library.users.get(&agent.into())?;
        Some(if name == Builtin::AgentName {
            user.name.as_str().to_owned()
        } else {
            user.extension.to_string()
        })
    }

    fn of_way(&self, name: Builtin) -> Option<String> {
        if name == Builtin::LastDigits {
            Some(self.state.facts.digits.as_ref()?.reveal()?.as_str().to_owned())
        } else if name == Builtin::LastMilestone {
            Some(self.state.facts.milestone.as_ref()?.as_str().to_owned())
        } else if name == Builtin::PolicyVersion {
            Some(self.state.within.as_ref()?.version.to_string())
        } else {
            Some(self.published()?.name.as_str().to_owned())
        }
    }
}

fn seconds(ms: u64) -> String {
    (ms / 1_000).to_string()
}

fn quoted(value: &str, quote: Quote) -> String {
    match quote {
        Quote::No => value.to_owned(),
        Quote::JsonText => body::within_text(value),
        Quote::Json => body::value(value),
        Quote::Soql => {
            let mut out = String::from("'");
            for c in value.chars() {
                match c {
                    '\\' => out.push_str(r"\\"),
                    '\'' => out.push_str(r"\'"),
                    '"' => out.push_str("\\\""),
                    '\n' => out.push_str(r"\n"),
                    c if c.is_control() => out.push(' '),
                    c => out.push(c),
                }
            }
            out.push('\'');
            out
        }
        Quote::Markup => {
            let mut out = String::new();
            for c in value.chars() {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    '"' => out.push_str("&quot;"),
                    '\'' => out.push_str("&apos;"),
                    c => out.push(c),
                }
            }
            out
        }
        Quote::Url => {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
            let mut out = String::new();
            for b in value.bytes() {
                if plain(b) {
                    out.push(char::from(b));
                } else {
                    out.push_str(&format!("%{b:02X}"));
                }
            }
            out
        }
    }
}
