//! A simulated caller on the way through a document: every decision, and what was spoken, asked, rung and sent.

mod house;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{anyhow, bail};
use domain_model::call::facts::{Input, Value as Basis};
use domain_model::call::parties::{Entrance, Extension, Mailbox, Party};
use domain_model::call::reasons::{EndCause, Exit};
use domain_model::ids::{AgentId, CallId, QueueId, RoutingPolicyId};
use domain_model::interpreter::effect::{Message, Question, Say};
use domain_model::interpreter::rehearsal::{Moment, Rung, Script, Seen, Waits, rehearse};
use domain_model::interpreter::replay::Decided;
use domain_model::interpreter::{Effect, Published};
use domain_model::queue::ExitKey;
use domain_model::routing_policy::document::Document;
use domain_model::routing_policy::graph::starts::Begin;
use domain_model::routing_policy::graph::words::PropertyName;
use domain_model::routing_policy::graph::{Graph, Node};
use domain_model::routing_policy::start::PolicyKind;
use domain_model::text::{Key, Name};
use domain_model::{Millis, PhoneNumber, Private, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{document, named, refuse_errors, table};
use crate::cli::{Entry, QueueEnd, RungDoes, Simulate};

// Nothing is recorded, so that the ids of what is simulated are free to choose.
const POLICY: RoutingPolicyId = RoutingPolicyId::new(Uuid::from_u128(1));
const CALL: CallId = CallId::new(Uuid::from_u128(2));
const AGENT: AgentId = AgentId::new(Uuid::from_u128(3));
const BEFORE: RoutingPolicyId = RoutingPolicyId::new(Uuid::from_u128(5));
const QUEUE: QueueId = QueueId::new(Uuid::from_u128(6));
/// The longest name of a policy, in characters.
const NAME_MAX: usize = 120;
/// The destination of the policy that hands over where the simulation begins in the middle.
const BEFORE_AT: &str = "simulation";

pub(super) fn run(out: &mut impl Write, what: &Simulate) -> anyhow::Result<()> {
    let document = document(&what.file)?;
    let file = named(&what.file);
    refuse_errors(&what.file, &document)?;
    let published = Published::new(POLICY, policy_name(&what.file)?, 1, &document).map_err(|faults| {
        let all: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow!("{file} cannot be read: {}", all.join("; "))
    })?;
    let graph = Arc::clone(&published.graph);
    if graph.kind == PolicyKind::Digital {
        bail!("{file} is for messages: only what is for calls, or for what follows them, can be simulated");
    }
    answers_fit(&graph, what)?;
    let at = what.at.unwrap_or_else(crate::clock::now);
    let mut library = house::furnished(&graph, what, at)?;
    library.publish(published);
    let begins = entrance(&graph, what)?;
    if !what.carry.is_empty() && !matches!(begins, Begins::AfterAnother(_)) {
        bail!("--carry: nothing is handed over where a call begins; give --entry as well");
    }
    let entrance = match &begins {
        Begins::At(entrance) => entrance.clone(),
        Begins::AfterAnother(entry) => {
            library.publish(before(&hands_over(entry.as_ref(), &what.carry))?);
            another()?
        }
        Begins::AfterCall(_) => {
            library.publish(before(&waits_and_ends())?);
            library.queues.insert(QUEUE, Name::new("A queue")?);
            another()?
        }
    };
    let script = script(what, entrance, at);
    let rehearsal = rehearse(&script, &Arc::new(library));
    let Some(entered) = rehearsal.path.iter().position(|moment| enters(&moment.what)) else {
        match begins {
            Begins::AfterCall(kind) => bail!("nothing in the simulated call is a {kind}"),
            Begins::At(_) | Begins::AfterAnother(_) => bail!("no start of {file} begins with this call"),
        }
    };
    let shown = match begins {
        // What came before is not of this document.
        Begins::AfterCall(_) => &rehearsal.path[entered..],
        Begins::At(_) | Begins::AfterAnother(_) => &rehearsal.path,
    };
    show(out, at, shown, what.json)?;
    if let Some(refused) = rehearsal.refused.first() {
        bail!("the call refused a step: {refused}");
    }
    Ok(())
}

// Where the policy before begins.
fn another() -> anyhow::Result<Entrance> {
    let name = Key::new(BEFORE_AT)?;
    Ok(Entrance::Destination { name })
}

fn enters(seen: &Seen) -> bool {
    match seen {
        Seen::Decided(decision) => match decision.what {
            Decided::Entered { policy, .. } => policy == POLICY,
            Decided::Branch { .. } => false,
        },
        Seen::Done(_) | Seen::Pressed(_) | Seen::Ended(_) => false,
    }
}

// What a file is called may be longer than a name, or be none at all.
fn policy_name(file: &Path) -> anyhow::Result<Name> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let first: String = stem.chars().take(NAME_MAX).collect();
    Ok(Name::new(first.trim()).or_else(|_| Name::new("A policy"))?)
}

// Each answer is for a node that asks, and no node has two.
fn answers_fit(graph: &Graph, what: &Simulate) -> anyhow::Result<()> {
    let asking: Vec<&str> = graph.nodes().filter(|node| asks(*node)).map(id).collect();
    for (place, (node, _)) in what.answer.iter().enumerate() {
        if !graph.nodes().any(|other| id(other) == node) {
            bail!("--answer: the document has no node {node}");
        }
        if !asking.contains(&node.as_str()) {
            let asking = match asking.as_slice() {
                [] => "no node does".to_owned(),
                asking => format!("these do: {}", asking.join(", ")),
            };
            bail!("--answer: {node} asks nothing; {asking}");
        }
        if what.answer[..place].iter().any(|(other, _)| other == node) {
            bail!("--answer: {node} is given twice");
        }
    }
    Ok(())
}

fn id(node: Node<'_>) -> &str {
    node.id().as_str()
}

fn asks(node: Node<'_>) -> bool {
    match node {
        Node::Start(_) | Node::Container(_) => false,
        // Whoever asks others can be answered too late.
        Node::App(app, _) => {
            let mut outlets = app.does.outlets().into_iter();
            outlets.any(|outlet| outlet.name == "too_late")
        }
    }
}

fn script(what: &Simulate, entrance: Entrance, at: Timestamp) -> Script {
    let mut script = Script::new(CALL, what.caller.clone(), entrance, at);
    script.keys.clone_from(&what.keys);
    script.answers = what.answer.iter().cloned().collect();
    if !what.queue.is_empty() {
        script.waits = what.queue.iter().map(|end| waits(*end)).collect();
    }
    if !what.rung.is_empty() {
        script.rung = what.rung.iter().map(|does| rung(*does)).collect();
    }
    script
}

/// Where a simulation begins.
enum Begins {
    At(Entrance),
    /// At the start of this name for what another policy hands over.
    AfterAnother(Option<Key>),
    /// With an event of this kind in a call that waits in a queue and ends.
    AfterCall(Key),
}

fn entrance(graph: &Graph, what: &Simulate) -> anyhow::Result<Begins> {
    if let Some(Entry(entry)) = &what.entry {
        let starts = || graph.starts.iter().map(|block| &block.start);
        if !starts().any(|start| matches!(start, Begin::FromPolicy(from) if from.entry == *entry)) {
            let name = entry.as_ref().map_or("without a name", Key::as_str);
            bail!("--entry: the document has no start {name} for what others hand over");
        }
        return Ok(Begins::AfterAnother(entry.clone()));
    }
    if let Some(extension) = &what.extension {
        let extension = extension.clone();
        return Ok(Begins::At(Entrance::Extension { extension }));
    }
    let mut starts = graph.starts.iter().map(|block| &block.start);
    let Some(called) = &what.called else {
        let first = starts.find_map(|start| begins(start, graph, what));
        return first.ok_or_else(|| {
            anyhow!("the document begins with nothing that a call is by itself: give --called or --extension")
        });
    };
    let rung = |start: &Begin| start.number().is_some_and(|at| at.number == *called);
    let trunk = |start: &Begin| {
        let is_trunk = matches!(start, Begin::Trunk(_));
        is_trunk.then(|| begins(start, graph, what)).flatten()
    };
    let over_trunk = if starts.clone().any(rung) {
        None
    } else {
        starts.find_map(trunk)
    };
    let number = called.clone();
    Ok(over_trunk.unwrap_or(Begins::At(Entrance::Number { number })))
}

fn begins(start: &Begin, graph: &Graph, what: &Simulate) -> Option<Begins> {
    if let Begin::Event(at) = start {
        return Key::new(at.kind.as_str()).ok().map(Begins::AfterCall);
    }
    Some(Begins::At(match start {
        Begin::Number(at) => Entrance::Number {
            number: at.number.clone(),
        },
        Begin::Destination(at) => Entrance::Destination {
            name: at.name.clone(),
        },
        Begin::Trunk(at) => Entrance::Trunk {
            trunk: at.trunk.clone(),
            called: what.called.clone(),
        },
        Begin::DirectNumbers(_) => Entrance::Extension {
            extension: Extension::new(&house::dialled(graph, what)?.to_string()).ok()?,
        },
        Begin::FromPolicy(from) => return Some(Begins::AfterAnother(from.entry.clone())),
        // A pattern stands for many extensions, and messages are no calls.
        Begin::Event(_) | Begin::Extension(_) | Begin::Address(_) | Begin::Message(_) => return None,
    }))
}

// A container that does nothing but hand over.
fn hands_over(entry: Option<&Key>, carry: &[(PropertyName, String)]) -> Value {
    let carry: Vec<Value> = carry
        .iter()
        .map(|(name, value)| json!({ "name": name.as_str(), "value": value }))
        .collect();
    let mut hands_over =
        json!({ "id": "hand-over", "is": "to_policy", "policy": POLICY.to_string(), "carry": carry });
    if let Some(entry) = entry {
        hands_over["entry"] = json!(entry.as_str());
    }
    hands_over
}

// A container in which a call waits in a queue, and after which it ends.
fn waits_and_ends() -> Value {
    json!({ "id": "call", "is": "action", "apps": [{ "id": "wait", "app": "queue", "queue": QUEUE.to_string() }] })
}

// The policy before, which has one container.
fn before(first: &Value) -> anyhow::Result<Published> {
    let start =
        json!({ "id": "in", "start": { "is": "destination", "name": BEFORE_AT }, "next": first["id"] });
    let document = json!({ "format": 1, "kind": "call", "starts": [start], "containers": [first] });
    let document = Document::new(&document.to_string())?;
    Published::new(BEFORE, Name::new("Another policy")?, 1, &document).map_err(|faults| {
        anyhow!(
            "--carry: {}",
            faults.first().map(ToString::to_string).unwrap_or_default()
        )
    })
}

fn rung(does: RungDoes) -> Rung {
    match does {
        RungDoes::Answers => Rung::Answers {
            after: Millis::from_secs(5),
            keys: "1".to_owned(),
            talk: Millis::from_secs(180),
        },
        RungDoes::Nothing => Rung::Nothing,
        RungDoes::Busy => Rung::Busy,
        RungDoes::Rejects => Rung::Rejects,
        RungDoes::Unreachable => Rung::Unreachable,
    }
}

fn waits(end: QueueEnd) -> Waits {
    let after = Millis::from_secs(30);
    let leaves = |exit| Waits::Leaves { after, exit };
    match end {
        QueueEnd::Answered => Waits::Answered {
            after,
            agent: AGENT,
            talk: Millis::from_secs(180),
        },
        QueueEnd::Overflow => leaves(Exit::Overflow { to: None }),
        QueueEnd::MaxWait => leaves(Exit::MaxWait),
        QueueEnd::NoAgents => leaves(Exit::NoAgents),
        QueueEnd::Closed => leaves(Exit::Closed),
        QueueEnd::Full => leaves(Exit::Full),
        QueueEnd::Callback => Waits::Callback { after },
        QueueEnd::ExitKey => leaves(Exit::ExitKey {
            key: ExitKey::new('1').expect("a telephone has this key"),
        }),
        QueueEnd::Failed => leaves(Exit::Refused),
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
        Effect::Ring {
            party,
            until,
            shows,
            name,
            whisper,
            ..
        } => {
            let shows = shows.as_ref().map_or("no number", PhoneNumber::as_str);
            let name = name.iter().map(|name| format!(", named {name}"));
            let whisper = whisper.iter().map(|text| format!(", to read: {text}"));
            let more: String = name.chain(whisper).collect();
            (
                "rings",
                format!("{} until {until}, showing {shows}{more}", who(party)),
            )
        }
        Effect::Camp { .. } => ("plays", "while others are rung".to_owned()),
        Effect::Attend {
            queue,
            speeches,
            screening,
            ..
        } => {
            let said = speeches.iter().flat_map(|speech| &speech.say).map(spoken);
            let said = said.map(|text| format!(", hearing meanwhile: {text}"));
            let screened = screening.iter().flat_map(|screen| &screen.prompt.say).map(spoken);
            let screened = screened.map(|text| format!(", the agent hearing first: {text}"));
            let more: String = said.chain(screened).collect();
            ("waits", format!("in queue {queue}{more}"))
        }
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

// Whoever simulates gave the numbers, so that none is hidden from them.
fn who(party: &Party) -> String {
    let number = |number: &Private<PhoneNumber>| {
        let shown = number.reveal().map(ToString::to_string);
        shown.unwrap_or_else(|| "nobody".to_owned())
    };
    match party {
        Party::Agent { agent, .. } => format!("user {agent}"),
        Party::Number { number: rung } => number(rung),
        Party::Customer { number: Some(rung) } => number(rung),
        other @ (Party::Customer { number: None } | Party::Recorder | Party::Supervisor { .. }) => {
            format!("{other:?}")
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
