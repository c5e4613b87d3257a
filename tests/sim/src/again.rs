//! Plays recorded calls again: that the same routing policies decide the same, and where changed ones decide otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain_model::Timestamp;
use domain_model::call::Event;
use domain_model::ids::CallId;
use domain_model::interpreter::Library;
use domain_model::interpreter::replay::{Against, Decision, Divergence, decision, replay};
use domain_model::process::AnyEvent;
use serde::Serialize;

use crate::platform::Recorded;

/// What came of playing calls again.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Again {
    /// The calls that were in a routing policy.
    pub calls: u64,
    /// The decisions that were compared.
    pub decisions: u64,
    /// The calls that go another way, in the order in which they began.
    pub otherwise: Vec<Otherwise>,
}

/// A call that goes another way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Otherwise {
    /// The call.
    pub call: CallId,
    /// When it began.
    pub began: Timestamp,
    /// The first step that decides otherwise.
    pub step: Divergence,
}

/// Plays every call of a log again.
#[must_use]
pub fn play_again<'a>(
    log: impl IntoIterator<Item = &'a Recorded>,
    library: &Arc<Library>,
    against: Against,
) -> Again {
    let mut calls: BTreeMap<CallId, Vec<Event>> = BTreeMap::new();
    let mut order = Vec::new();
    for recorded in log {
        if let AnyEvent::Call(call, event) = &recorded.happened.what {
            let told = calls.entry(*call).or_default();
            if told.is_empty() {
                order.push((recorded.time, *call));
            }
            told.push(event.clone());
        }
    }
    let mut again = Again::default();
    for (began, call) in order {
        again.play(began, call, &calls[&call], library, against);
    }
    again
}

impl Again {
    fn play(
        &mut self,
        began: Timestamp,
        call: CallId,
        events: &[Event],
        library: &Arc<Library>,
        against: Against,
    ) {
        let recorded: Vec<Decision> = events.iter().filter_map(decision).collect();
        if recorded.is_empty() {
            return;
        }
        let replay = replay(call, events, library, against);
        self.calls += 1;
        self.decisions += replay.decisions.len() as u64;
        let step = replay.divergence.or_else(|| {
            let pairs = recorded.into_iter().zip(replay.decisions).zip(1..);
            let mut differ =
                pairs.filter(|((then, now), _)| against == Against::Recorded && bytes(then) != bytes(now));
            differ.next().map(|((recorded, now), number)| Divergence {
                number,
                recorded,
                now: Some(now.what),
                why: "it decides the same in other words".to_owned(),
            })
        });
        self.otherwise
            .extend(step.map(|step| Otherwise { call, began, step }));
    }
}

fn bytes(decision: &Decision) -> Vec<u8> {
    serde_json::to_vec(decision).expect("a decision is plain data")
}
