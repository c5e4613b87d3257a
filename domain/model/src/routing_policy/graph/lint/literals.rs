//! What is written out and can never do anything: a macro in quotes of its own.

use super::Report;
use crate::routing_policy::graph::apps::records::{Find, Query};
use crate::routing_policy::graph::apps::{App, Does};
use crate::routing_policy::graph::template::{MacroName, Piece, Template};
use crate::routing_policy::graph::{Graph, Node};

pub(super) fn check(graph: &Graph, report: &mut Report) {
    for node in graph.nodes() {
        let Node::App(app, _) = node else { continue };
        if let Does::Query(query) = &app.does {
            quoted_twice(app, query, report);
        }
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
