//! A simulated caller on the way through a document: every decision, and what was spoken, asked, rung and sent.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use anyhow::{anyhow, bail};
use domain_model::call::facts::{Input, Value as Basis};
use domain_model::call::parties::{Entrance, Mailbox};
use domain_model::call::reasons::{EndCause, Exit};
use domain_model::ids::{AgentId, CallId, GroupId, QueueId, RoutingPolicyId};
use domain_model::interpreter::effect::{Message, Question, Say};
use domain_model::interpreter::rehearsal::{Moment, Reply, Script, Seen, Waits, rehearse};
use domain_model::interpreter::replay::Decided;
use domain_model::interpreter::{Account, Effect, Library, Published, Team};
use domain_model::routing_policy::graph::Graph;
use domain_model::routing_policy::start::Start;
use domain_model::text::Name;
use domain_model::{Millis, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{document, table};
use crate::cli::{QueueEnd, Simulate};

pub(super) fn run(out: &mut impl Write, what: &Simulate) -> anyhow::Result<()> {
    let document = document(&what.file)?;
    let name = what.file.file_stem().unwrap_or_default().to_string_lossy();
    // Nothing is recorded, so that the ids of what is simulated are free to choose.
    let policy = RoutingPolicyId::new(Uuid::from_u128(1));
    let published = Published::new(policy, Name::new(&name)?, 1, &document).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("{} cannot be read: {}", what.file.display(), all.join("; "))
    })?;
    let entrance = match &what.called {
        Some(number) => Entrance::Number {
            number: number.clone(),
        },
        None => first_entrance(&published.graph)?,
    };
    let mut library = Library::new(Account {
        zone: what.zone.clone(),
        language: "en".to_owned(),
        number: None,
        apology: "We are sorry. Please try again later.".to_owned(),
    });
    furnish(&mut library, &serde_json::from_str(document.as_str())?);
    library.publish(published);
    let at = what.at.unwrap_or_else(crate::demo::now);
    let mut script = Script::new(CallId::new(Uuid::from_u128(2)), what.caller.clone(), entrance, at);
    script.keys.clone_from(&what.keys);
    let answers = what.answer.iter().map(|(node, says)| {
        let after = Millis(200);
        let says = says.clone();
        (node.clone(), Reply { after, says })
    });
    script.answers = answers.collect();
    if !what.queue.is_empty() {
        script.waits = what.queue.iter().map(|end| waits(*end)).collect();
    }
    let rehearsal = rehearse(&script, &Arc::new(library));
    if rehearsal.path.is_empty() {
        bail!("no start of {} begins with this call", what.file.display());
    }
    show(out, at, &rehearsal.path, what.json)?;
    if let Some(refused) = rehearsal.refused.first() {
        bail!("the call refused a step: {refused}");
    }
    Ok(())
}

// Whatever the document names is there: queues, groups and users, under their ids.
fn furnish(library: &mut Library, value: &Value) {
    match value {
        Value::String(text) => {
            if let (Ok(id), Ok(name)) = (text.parse::<Uuid>(), Name::new(text)) {
                library.queues.insert(QueueId::new(id), name.clone());
                let team = Team {
                    name,
                    extension: None,
                    numbers: BTreeSet::new(),
                    members: BTreeSet::new(),
                };
                library.groups.insert(GroupId::new(id), team);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| furnish(library, value)),
        Value::Object(members) => members.values().for_each(|value| furnish(library, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn first_entrance(graph: &Graph) -> anyhow::Result<Entrance> {
    let starts = graph.starts.iter().filter_map(|block| block.start.bound());
    let mut entrances = starts.filter_map(|start| match start {
        Start::Number { number } => Some(Entrance::Number { number }),
        Start::Destination { name } => Some(Entrance::Destination { name }),
        Start::Trunk { trunk } => Some(Entrance::Trunk { trunk, called: None }),
        Start::Event { kind } => Some(Entrance::Event { event: kind }),
        // A pattern stands for many extensions, and the others begin with no call.
        Start::Extension { .. } | Start::DirectNumbers | Start::Address { .. } | Start::Message => None,
    });
    entrances
        .next()
        .ok_or_else(|| anyhow!("the document begins with no number, trunk or destination: give --called"))
}

fn waits(end: QueueEnd) -> Waits {
    let after = Millis::from_secs(30);
    let leaves = |exit| Waits::Leaves { after, exit };
    match end {
        QueueEnd::Answered => Waits::Answered {
            after,
            agent: AgentId::new(Uuid::from_u128(3)),
            talk: Millis::from_secs(180),
        },
        QueueEnd::Overflow => leaves(Exit::Overflow { to: None }),
        QueueEnd::MaxWait => leaves(Exit::MaxWait),
        QueueEnd::NoAgents => leaves(Exit::NoAgents),
        QueueEnd::Closed => leaves(Exit::Closed),
        QueueEnd::Full => leaves(Exit::Full),
        QueueEnd::Callback => Waits::Callback { after },
    }
}

fn show(out: &mut impl Write, began: Timestamp, path: &[Moment], as_json: bool) -> io::Result<()> {
    if as_json {
        return path
            .iter()
            .try_for_each(|moment| writeln!(out, "{}", as_value(moment)));
    }
    let rows = path.iter().map(|moment| {
        let after = moment.at.since(began).0;
        let [kind, node, text] = described(&moment.what);
        [
            format!("{}.{:03} s", after / 1000, after % 1000),
            kind,
            node,
            text,
        ]
    });
    table(out, &rows.collect::<Vec<_>>())
}

// What it is, where in the document, and what there is to say of it.
fn described(seen: &Seen) -> [String; 3] {
    match seen {
        Seen::Decided(decision) => match &decision.what {
            Decided::Entered { version, .. } => [
                "enters".to_owned(),
                String::new(),
                format!("the policy, version {version}"),
            ],
            Decided::Branch {
                node,
                app,
                branch,
                reason,
                ..
            } => [
                "decides".to_owned(),
                node.as_str().to_owned(),
                format!("{}: {} ({})", app.as_str(), branch.as_str(), reason.as_str()),
            ],
        },
        Seen::Done(effect) => {
            let (kind, text) = done(effect);
            [kind.to_owned(), String::new(), text]
        }
        Seen::Pressed(keys) => ["presses".to_owned(), String::new(), keys.clone()],
        Seen::Ended(cause) => ["ends".to_owned(), String::new(), ended(cause)],
    }
}

fn done(effect: &Effect) -> (&'static str, String) {
    match effect {
        Effect::Answer { rings, .. } => ("answers", format!("after {rings} rings")),
        Effect::Play { say, .. } => ("says", spoken(say)),
        Effect::Collect { keys, .. } => ("asks", format!("for {} to {} keys", keys.min, keys.max)),
        Effect::Ask { question, .. } => ("looks up", asked(question)),
        Effect::Ring { party, until, .. } => ("rings", format!("{party:?} until {until}")),
        Effect::Camp { .. } => ("plays", "while others are rung".to_owned()),
        Effect::Attend { queue, .. } => ("waits", format!("in queue {queue}")),
        Effect::Record { recording, .. } => ("records", recording.to_string()),
        Effect::TakeMessage { mailbox, max, .. } => {
            let of = match mailbox {
                Mailbox::User { user } => format!("of user {user}"),
                Mailbox::Group { group } => format!("of group {group}"),
                Mailbox::Queue { queue } => format!("of queue {queue}"),
                Mailbox::Policy { .. } => "of the policy".to_owned(),
            };
            (
                "message",
                format!("for the mailbox {of}, at most {} s", max.0 / 1000),
            )
        }
        Effect::Notify { notice, .. } => ("notifies", told(notice)),
        Effect::Remind { subject, due, .. } => ("reminds", format!("{subject}, due {due}")),
        Effect::Debug { shown, .. } => {
            let shown = shown.iter().map(|(name, value)| format!("{name} = {value}"));
            ("debugs", shown.collect::<Vec<_>>().join(", "))
        }
    }
}

fn ended(cause: &EndCause) -> String {
    match cause {
        EndCause::PolicyEnded { .. } => "the policy came to its end".to_owned(),
        EndCause::CallerHungUp => "the caller hung up".to_owned(),
        EndCause::AgentHungUp { .. } => "the agent hung up".to_owned(),
        EndCause::OtherHungUp => "whoever the caller talked to hung up".to_owned(),
        EndCause::Blocked { reason } => format!("blocked: {}", reason.as_str()),
        EndCause::Failed { reason } => format!("failed: {}", reason.as_str()),
        EndCause::TransferredAway => "the caller was handed back to the carrier".to_owned(),
        EndCause::TimeLimit => "the longest time was reached".to_owned(),
        // What ends calls that we place, or what no rehearsal leads to.
        EndCause::Busy
        | EndCause::NoAnswer
        | EndCause::Unreachable
        | EndCause::Rejected
        | EndCause::Cancelled
        | EndCause::MediaLost
        | EndCause::NodeLost
        | EndCause::SupervisorEnded { .. } => format!("{cause:?}"),
    }
}

fn spoken(say: &Say) -> String {
    match say {
        Say::Text(text) | Say::Markup(text) => text.clone(),
        Say::Sound(sound) => format!("sound {sound}"),
    }
}

fn asked(question: &Question) -> String {
    match question {
        Question::Find {
            object, conditions, ..
        } => {
            let conditions = conditions.iter().map(|(field, operator, value)| {
                format!(
                    "{} {operator:?} {}",
                    field.as_str(),
                    value.as_deref().unwrap_or("")
                )
            });
            format!(
                "{} where {}",
                object.as_str(),
                conditions.collect::<Vec<_>>().join(", ")
            )
        }
        Question::Soql { query } => query.clone(),
        Question::Create { object, .. } => format!("a new {}", object.as_str()),
        Question::Update { object, record, .. } => format!("{} {record}", object.as_str()),
        Question::Http { url, .. } => url.clone(),
    }
}

fn told(notice: &Message) -> String {
    match notice {
        Message::Email { to, subject, .. } => format!("{} by email: {subject}", to.join(", ")),
        Message::Sms { to, text, .. } => format!("{to} by text message: {text}"),
        Message::Chatter { to, text } => format!("{to} in the CRM: {text}"),
        Message::Desk { text, .. } => format!("the desk: {text}"),
    }
}

fn as_value(moment: &Moment) -> Value {
    let [kind, node, text] = described(&moment.what);
    let mut value = json!({ "at": moment.at, "what": kind, "text": text });
    if let Seen::Decided(decision) = &moment.what
        && let Decided::Branch {
            app,
            branch,
            inputs,
            reason,
            ..
        } = &decision.what
    {
        value["node"] = json!(node);
        value["app"] = json!(app.as_str());
        value["branch"] = json!(branch.as_str());
        value["reason"] = json!(reason.as_str());
        value["inputs"] = inputs.iter().map(input).collect();
    }
    value
}

// Whoever simulates gave all of these, so that none is hidden from them.
fn input(input: &Input) -> Value {
    let value = match &input.value {
        Basis::Plain(value) => Some(value.as_str()),
        Basis::Private(value) => value.reveal().map(|value| value.as_str()),
    };
    json!({ "name": input.name.as_str(), "value": value })
}
