//! What is written out and can never do anything: numbers, addresses and languages that are none, macros in quotes of
//! their own, and names that say `Custom_` once too often.

use super::Report;
use crate::PhoneNumber;
use crate::routing_policy::graph::apps::data::{Debug, Notice, Notify, Properties, SetProperty};
use crate::routing_policy::graph::apps::records::{Find, Query};
use crate::routing_policy::graph::apps::ring::Target;
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::containers::Holds;
use crate::routing_policy::graph::known::Nameable as _;
use crate::routing_policy::graph::template::{MacroName, Piece, Template};
use crate::routing_policy::graph::words::{NodeKey, PropertyName};
use crate::routing_policy::graph::{Graph, Node};
use crate::tenant::people::EmailAddress;

pub(super) fn check(graph: &Graph, report: &mut Report) {
    for node in graph.nodes() {
        match node {
            Node::Start(_) => {}
            Node::Container(container) => {
                if let Holds::ToPolicy(to) = &container.is {
                    names(&container.id, "carry", &to.carry, report);
                }
            }
            Node::App(app, _) => in_app(graph, app, report),
        }
    }
}

fn in_app(graph: &Graph, app: &App, report: &mut Report) {
    match &app.does {
        Does::Query(query) => quoted_twice(app, query, report),
        Does::Digits(digits) => name(&app.id, "into", &digits.into, report),
        Does::Survey(survey) => {
            for (place, question) in survey.questions.iter().enumerate() {
                name(
                    &app.id,
                    &format!("questions[{place}].name"),
                    &question.name,
                    report,
                );
            }
        }
        Does::Properties(all) => properties(graph, app, all, report),
        Does::Notify(notify) => notices(graph, app, notify, report),
        Does::Debug(debug) => shown_to(app, debug, report),
        Does::CallbackTask(task) => {
            if matches!(task.to, Target::Number(_)) {
                let message = "a task is for a user or a group: nobody has it who is only a number";
                report.error(&app.id, "to", "nobody_there", message);
            }
            if let Some(text) = task.number.as_ref().and_then(literal) {
                number(graph, (&app.id, "number"), &text, report);
            }
        }
        Does::Rule(_)
        | Does::Create(_)
        | Does::Update(_)
        | Does::Http(_)
        | Does::Speak(_)
        | Does::Queue(_)
        | Does::Hunt(_)
        | Does::Connect(_)
        | Does::Voicemail(_)
        | Does::Record(_)
        | Does::Skills(_)
        | Does::Gate(_)
        | Does::DigitalConnect(_)
        | Does::AssignRecords(_)
        | Does::BlockMessage(_)
        | Does::UpdateMessage(_) => {}
    }
}

/// Returns what a text says if no macro is in it.
fn literal(text: &Template) -> Option<String> {
    let plain = text.macros().next().is_none();
    plain.then(|| text.fill(|_| None))
}

fn name(node: &NodeKey, field: &str, name: &PropertyName, report: &mut Report) {
    if let Some(rest) = name.as_str().strip_prefix("Custom_") {
        let message = format!(
            "the macro of this property is $(Custom_{name}): leave Custom_ out here if it is to be $(Custom_{rest})"
        );
        report.warning(node, field, "custom_twice", message);
    }
}

fn names(node: &NodeKey, field: &str, set: &[SetProperty], report: &mut Report) {
    for (place, one) in set.iter().enumerate() {
        name(node, &format!("{field}[{place}].name"), &one.name, report);
    }
}

fn properties(graph: &Graph, app: &App, all: &Properties, report: &mut Report) {
    names(&app.id, "set", &all.set, report);
    if let Some(text) = all.caller_id.as_ref().and_then(literal) {
        number(graph, (&app.id, "caller_id"), &text, report);
    }
    let language = all.language.as_ref().and_then(literal);
    if language.is_some_and(|text| Properties::read_language(&text).is_none()) {
        let message = "this is no language, such as en or fr-CA, so that it changes nothing";
        report.error(&app.id, "language", "no_language", message);
    }
    let priority = all.priority.as_ref().and_then(literal);
    if priority.is_some_and(|text| Properties::read_priority(&text).is_none()) {
        let message = "a priority is a number from 1, the most urgent, to 100: this one changes nothing";
        report.error(&app.id, "priority", "no_priority", message);
    }
}

fn notices(graph: &Graph, app: &App, notify: &Notify, report: &mut Report) {
    for (place, notice) in notify.send.iter().enumerate() {
        let field = format!("send[{place}]");
        match notice {
            Notice::Email(email) => addresses(app, &format!("{field}.to"), &email.to, report),
            Notice::Sms(sms) => {
                for (field, text) in [
                    (format!("{field}.to"), Some(&sms.to)),
                    (format!("{field}.from"), sms.from.as_ref()),
                ] {
                    if let Some(text) = text.and_then(literal) {
                        number(graph, (&app.id, &field), &text, report);
                    }
                }
            }
            Notice::Desk(desk) => {
                if matches!(desk.to, Some(Target::Number(_))) {
                    let message = "a note is for the desk of a user or a group: a number has none";
                    report.error(&app.id, format!("{field}.to"), "nobody_there", message);
                }
            }
            Notice::Chatter(_) => {}
        }
    }
}

fn shown_to(app: &App, debug: &Debug, report: &mut Report) {
    addresses(app, "to", &debug.to, report);
}

fn addresses(app: &App, field: &str, to: &[Template], report: &mut Report) {
    for (place, text) in to.iter().enumerate() {
        let text = literal(text);
        if text.is_some_and(|text| EmailAddress::new(text.trim()).is_err()) {
            let message = "this is no address of a mailbox, such as ann@example.com";
            report.error(&app.id, format!("{field}[{place}]"), "no_address", message);
        }
    }
}

// Which number was called says the country of numbers that are written without one, and policies hand over to others.
fn number(graph: &Graph, (node, field): (&NodeKey, &str), text: &str, report: &mut Report) {
    let text = text.trim();
    let mut starts = graph.starts.iter().filter_map(|block| block.start.number());
    let by_country = |country| PhoneNumber::read(text, Some(country)).is_ok();
    if PhoneNumber::named(text).is_some() || starts.any(|at| at.country.is_some_and(by_country)) {
        return;
    }
    let is_national = text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c));
    if is_national {
        let message = "no start of this policy says by which country this number is read: write it in E.164, such as +442079460000";
        report.warning(node, field, "number_without_country", message);
    } else {
        let message = "this is no number, such as +442079460000, so that it does nothing";
        report.error(node, field, "no_number", message);
    }
}

// What a macro holds is put in with quotes: within others it would end them.
fn quoted_twice(app: &App, query: &Query, report: &mut Report) {
    let Find::Soql(find) = &query.find else { return };
    for name in within_texts(&find.soql) {
        let message = format!(
            "what {name} holds is put in with quotes of its own: write it without these; for LIKE, set a custom property to the whole pattern and write its macro"
        );
        report.error(&app.id, "find.soql", "macro_in_quotes", message);
    }
}

/// Returns the macros that stand within a text of SOQL.
fn within_texts(soql: &Template) -> Vec<&MacroName> {
    let (mut within, mut escaped) = (false, false);
    let mut found = Vec::new();
    for piece in soql.pieces() {
        match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    if escaped {
                        escaped = false;
                    } else if c == '\'' {
                        within = !within;
                    } else {
                        escaped = within && c == '\\';
                    }
                }
            }
            Piece::Macro(name) if within => found.push(name),
            Piece::Macro(_) => {}
        }
    }
    found
}
