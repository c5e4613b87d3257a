//! What is said and asked: speech markup that no voice can read, and digits that nobody can press.

use std::collections::BTreeSet;

use super::Report;
use crate::routing_policy::graph::apps::speech::Digits;
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::shape::Seen;
use crate::routing_policy::graph::{Graph, Node};

pub(super) fn check(graph: &Graph, report: &mut Report) {
    for node in graph.nodes() {
        node.show(&mut |field, seen| {
            let Seen::Markup(markup) = seen else { return };
            // What a macro holds is text to whoever writes the markup.
            let text = markup.fill(|_| Some("x".to_owned()));
            if let Err(wrong) = well_formed(&text) {
                let message = format!("this is no well-formed markup: {wrong}");
                report.error(node.id(), field, "broken_markup", message);
            }
        });
        if let Node::App(app, _) = node
            && let Does::Digits(digits) = &app.does
        {
            never_fits(app, digits, report);
        }
    }
}

fn never_fits(app: &App, digits: &Digits, report: &mut Report) {
    let Some(pattern) = &digits.pattern else { return };
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let (min, max) = (count(digits.min.get()), count(digits.max.get()));
    let finish = digits.finish_key.map(char::from);
    if !pattern.can_be_pressed(min, max, finish) {
        let message = format!(
            "nobody can press what this pattern needs: from {min} to {max} keys are taken, and + and the finish key are none of them"
        );
        report.error(&app.id, "pattern", "never_matches", message);
    }
}

/// Says what keeps a text from being well-formed XML: elements close in order, attributes and references are whole.
fn well_formed(text: &str) -> Result<(), String> {
    let (mut rest, mut open) = (text, Vec::new());
    while let Some(place) = rest.find(['<', '&']) {
        let (mark, after) = rest[place..].split_at(1);
        rest = after;
        if mark == "&" {
            reference(after)?;
        } else if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").ok_or("--> is missing")?.1;
        } else {
            let (tag, behind) = tag(after)?;
            rest = behind;
            if let Some(name) = tag.strip_prefix('/').map(str::trim_end) {
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> does not close what was opened last"));
                }
                continue;
            }
            let inner = tag.strip_suffix('/').unwrap_or(tag);
            let (name, attributes) = inner.split_at(inner.find(char::is_whitespace).unwrap_or(inner.len()));
            if !is_name(name) {
                return Err("a name is expected after <; &lt; stands for < itself".to_owned());
            }
            whole(attributes).map_err(|wrong| format!("in <{name}>: {wrong}"))?;
            if inner == tag {
                open.push(name);
            }
        }
    }
    let unclosed = open.pop().map(|name| format!("<{name}> is never closed"));
    unclosed.map_or(Ok(()), Err)
}

/// Takes what stands before the `>` that is in no quotes, and what follows it.
fn tag(text: &str) -> Result<(&str, &str), String> {
    let mut quote = None;
    let ends = |c: char| {
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        quote.is_none() && c == '>'
    };
    text.split_once(ends)
        .ok_or_else(|| "a > is missing; &lt; stands for < itself".to_owned())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || "_-:.".contains(c))
}

fn whole(mut attributes: &str) -> Result<(), String> {
    let mut known = BTreeSet::new();
    while !attributes.trim().is_empty() {
        let expected = || "each attribute is expected once, as name=\"value\"".to_owned();
        let (name, after) = attributes.split_once('=').ok_or_else(expected)?;
        let spaced = name.starts_with(char::is_whitespace);
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = quote
            .and_then(|quote| after[1..].split_once(quote))
            .ok_or_else(expected)?;
        if !spaced || !is_name(name.trim()) || !known.insert(name.trim()) || value.contains('<') {
            return Err(expected());
        }
        value.split('&').skip(1).try_for_each(reference)?;
        attributes = rest;
    }
    Ok(())
}

fn reference(after: &str) -> Result<(), String> {
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
    let found = known.iter().any(|name| after.starts_with(name));
    found
        .then_some(())
        .ok_or_else(|| "&amp; stands for & itself".to_owned())
}
