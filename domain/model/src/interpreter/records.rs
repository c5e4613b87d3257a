//! Questions to the CRM and to web services, each with a deadline.

use super::body;
use super::effect::{Effect, Question};
use super::inputs::{Inputs, key};
use super::macros::Quote;
use super::scene::Scene;
use super::state::Lookup;
use super::wants::{Verdict, Wants};
use crate::Millis;
use crate::call::facts::LookupOutcome;
use crate::call::{Command, lookup};
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::records::{
    Builder, Create, FieldIs, FieldValue, Find, Http, Query, Together, Update,
};
use crate::routing_policy::graph::template::MacroName;
use crate::routing_policy::graph::words::ApiName;

/// How an app tells what came of its question.
struct Telling {
    found: &'static str,
    not_found: &'static str,
}

pub(super) fn query(scene: &Scene<'_>, app: &App, query: &Query, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let question = match &query.find {
        Find::Builder(find) => built(scene, find, &mut inputs),
        Find::Soql(find) => Question::Soql {
            query: scene.fill_as(&find.soql, Quote::Soql, &mut inputs),
        },
    };
    let is_open = matches!(scene.state.step.lookup, Lookup::NotAsked | Lookup::Asked { .. });
    if let Some(name) = unknown(scene, &query.find).filter(|_| is_open) {
        let verdict = Verdict {
            node: &app.id,
            app: app.does.word(),
            branch: "not_found",
            inputs,
            reason: format!("{name} holds nothing, so that nothing is looked for"),
        };
        out.decide(scene, verdict);
        return;
    }
    let telling = Telling {
        found: "found",
        not_found: "not_found",
    };
    asked(
        scene,
        app,
        (question, query.deadline_ms.get(), inputs),
        &telling,
        out,
    );
}

fn built(scene: &Scene<'_>, find: &Builder, inputs: &mut Inputs) -> Question {
    let condition = |is: &FieldIs| {
        let with = is.with.as_ref().map(|with| scene.fill(with, inputs));
        let known = nothing(scene, is).is_none();
        known.then(|| (is.field.clone(), is.operator, with))
    };
    Question::Find {
        object: find.object.clone(),
        conditions: find.conditions.iter().filter_map(condition).collect(),
        together: find.together,
        fields: find.fields.to_vec(),
        order: find.order.to_vec(),
        limit: find.limit.get(),
    }
}

// What is equal to nothing is a record without the field, which is some stranger's.
fn nothing<'q>(scene: &Scene<'_>, is: &'q FieldIs) -> Option<&'q MacroName> {
    scene.empty(is.with.as_ref()?)
}

/// Names a macro without which there is nothing to look for.
fn unknown<'q>(scene: &Scene<'_>, find: &'q Find) -> Option<&'q MacroName> {
    match find {
        Find::Soql(find) => scene.empty(&find.soql),
        Find::Builder(find) => {
            let mut conditions = find.conditions.iter();
            let rest =
                find.together == Together::Any && conditions.clone().any(|is| nothing(scene, is).is_none());
            conditions.find_map(|is| nothing(scene, is)).filter(|_| !rest)
        }
    }
}

fn values(scene: &Scene<'_>, fields: &[FieldValue], inputs: &mut Inputs) -> Vec<(ApiName, Option<String>)> {
    let fill = |field: &FieldValue| {
        let value = field.value.as_ref().map(|value| scene.fill(value, inputs));
        (field.field.clone(), value)
    };
    fields.iter().map(fill).collect()
}

pub(super) fn create(scene: &Scene<'_>, app: &App, create: &Create, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let question = Question::Create {
        object: create.object.clone(),
        values: values(scene, &create.values, &mut inputs),
    };
    asked(
        scene,
        app,
        (question, create.deadline_ms.get(), inputs),
        &WRITTEN,
        out,
    );
}

const WRITTEN: Telling = Telling {
    found: "done",
    // What is to be changed is not there: it was refused.
    not_found: "error",
};

pub(super) fn update(scene: &Scene<'_>, app: &App, update: &Update, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let question = Question::Update {
        object: update.object.clone(),
        record: scene.fill(&update.record, &mut inputs),
        values: values(scene, &update.values, &mut inputs),
    };
    asked(
        scene,
        app,
        (question, update.deadline_ms.get(), inputs),
        &WRITTEN,
        out,
    );
}

pub(super) fn http(scene: &Scene<'_>, app: &App, http: &Http, out: &mut Wants) {
    let mut inputs = Inputs::default();
    let question = Question::Http {
        method: http.method,
        url: scene.fill_as(&http.url, Quote::Url, &mut inputs),
        params: http
            .params
            .iter()
            .map(|param| (param.name.clone(), scene.fill(&param.value, &mut inputs)))
            .collect(),
        body: http
            .body
            .as_ref()
            .map(|body| body::fill(scene, body, &mut inputs)),
        answer: http.answer,
        fields: http
            .fields
            .iter()
            .map(|field| field.as_str().to_owned())
            .collect(),
    };
    let telling = Telling {
        found: "found",
        not_found: "not_found",
    };
    asked(
        scene,
        app,
        (question, http.deadline_ms.get(), inputs),
        &telling,
        out,
    );
}

// Notes that it asks, asks, and goes on by the answer or without one.
fn asked(
    scene: &Scene<'_>,
    app: &App,
    (question, wait, mut inputs): (Question, Millis, Inputs),
    telling: &Telling,
    out: &mut Wants,
) {
    let (branch, reason) = match &scene.state.step.lookup {
        Lookup::NotAsked => {
            let ask = lookup::Command::Ask {
                step: scene.step(),
                what: key(app.title.as_ref().map_or(app.id.as_str(), |title| title.as_str())),
                wait_ms: wait,
                at: scene.now,
            };
            out.command("ask", Command::Lookup(ask));
            return;
        }
        Lookup::Asked { deadline } => {
            wait_for(scene, question, *deadline, out);
            return;
        }
        Lookup::TooLate => ("too_late", "no answer came in time".to_owned()),
        Lookup::Answered(LookupOutcome::Found { records, fields }) => {
            inputs.plain("records", &records.to_string());
            for field in fields.iter() {
                let value = field.value.reveal().map_or("", |value| value.as_str());
                inputs.private(scene, field.name.as_str(), value);
            }
            (telling.found, format!("the answer has {records} records"))
        }
        Lookup::Answered(LookupOutcome::NotFound) => (
            telling.not_found,
            "nothing was found, or the answer is no".to_owned(),
        ),
        Lookup::Answered(LookupOutcome::Error { reason }) => {
            inputs.plain("error", reason.as_str());
            ("error", format!("the other side could not say: {reason}"))
        }
    };
    let verdict = Verdict {
        node: &app.id,
        app: app.does.word(),
        branch,
        inputs,
        reason,
    };
    out.decide(scene, verdict);
}

fn wait_for(scene: &Scene<'_>, question: Question, deadline: crate::Timestamp, out: &mut Wants) {
    let step = scene.step();
    if scene.now < deadline {
        let ask = Effect::Ask {
            step,
            question,
            deadline,
        };
        out.effect("question", ask);
        out.look_at(deadline);
        return;
    }
    let give_up = lookup::Command::GiveUp { step, at: scene.now };
    out.command("give-up", Command::Lookup(give_up));
}
