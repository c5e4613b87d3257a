//! What is said and asked: speech markup that no voice can read, and digits that nobody can press.

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
            if let Err(wrong) = Xml::read(&text) {
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

/// A reading of XML, as far as it says whether elements close in order, and attributes and references are whole.
#[derive(Debug)]
struct Xml<'a> {
    rest: &'a str,
    open: Vec<&'a str>,
}

impl<'a> Xml<'a> {
    fn read(text: &'a str) -> Result<(), String> {
        let (rest, open) = (text, vec![]);
        let mut xml = Self { rest, open };
        while let Some(place) = xml.rest.find(['<', '&']) {
            xml.rest = &xml.rest[place..];
            if xml.take("<!--") {
                xml.until("-->")?;
            } else if xml.take("</") {
                xml.close()?;
            } else if xml.take("<") {
                xml.element()?;
            } else {
                xml.take("&");
                reference(xml.rest)?;
            }
        }
        let unclosed = xml.open.pop().map(|name| format!("<{name}> is never closed"));
        unclosed.map_or(Ok(()), Err)
    }

    fn take(&mut self, what: &str) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, end: &str) -> Result<&'a str, String> {
        let found = self.rest.split_once(end);
        let (before, after) = found.ok_or_else(|| format!("{end} is missing"))?;
        self.rest = after;
        Ok(before)
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        let begins = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        begins
            .then_some(name)
            .ok_or_else(|| "a name is expected after <; &lt; stands for < itself".to_owned())
    }

    fn close(&mut self) -> Result<(), String> {
        let name = self.name()?;
        self.rest = self.rest.trim_start();
        match self.open.pop() {
            Some(open) if open == name && self.take(">") => Ok(()),
            Some(open) => Err(format!("</{name} stands where <{open}> is to be closed")),
            None => Err(format!("</{name}> closes nothing")),
        }
    }

    fn element(&mut self) -> Result<(), String> {
        let name = self.name()?;
        let mut known = Vec::new();
        loop {
            let spaced = self.rest.starts_with(char::is_whitespace);
            self.rest = self.rest.trim_start();
            if self.take("/>") {
                return Ok(());
            }
            if self.take(">") {
                self.open.push(name);
                return Ok(());
            }
            let attribute = self.name().map_err(|_| format!("<{name} has no end"))?;
            let once = spaced && !known.contains(&attribute);
            known.push(attribute);
            let (between, _) = self.rest.split_once(['"', '\'']).unwrap_or_default();
            if !once || between.trim() != "=" {
                return Err(format!("<{name} has to say {attribute}=\"…\" once"));
            }
            self.rest = &self.rest[between.len()..];
            let quote = if self.take("'") || !self.take("\"") {
                "'"
            } else {
                "\""
            };
            let value = self.until(quote)?;
            value.split('&').skip(1).try_for_each(reference)?;
            if value.contains('<') {
                return Err(format!("{attribute} of <{name}> holds a <"));
            }
        }
    }
}

/// Checks what follows an ampersand.
fn reference(after: &str) -> Result<(), String> {
    let name = after.split_once(';').unwrap_or_default().0;
    let digits = name
        .strip_prefix('#')
        .map(|number| match number.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).is_ok(),
            None => number.parse::<u32>().is_ok(),
        });
    let known = digits.unwrap_or(matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"));
    known
        .then_some(())
        .ok_or_else(|| "&amp; stands for & itself".to_owned())
}
