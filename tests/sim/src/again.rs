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
                node: None,
                recorded: Some(recorded),
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

#[cfg(test)]
mod tests {
    use domain_model::routing_policy::document::Document;

    use super::*;
    use crate::judge::history;
    use crate::{day, policies};

    #[test]
    fn a_changed_line_names_the_calls_that_it_leads_elsewhere() {
        let plan = day::plan(3, 1);
        let log = history(&plan);
        let (sales, support) = ("0000-0002-0000-000000000000", "0000-0002-0000-000000000001");
        for (was, is, least, why) in [
            (
                sales,
                support,
                20,
                "wait-for-sales lets the caller wait otherwise: another queue",
            ),
            (
                r#""to": "sales" }"#,
                r#""to": "support" }"#,
                20,
                "menu leads to wait-for-support where it led to wait-for-sales",
            ),
            (
                r#""priority": "1""#,
                r#""priority": "100""#,
                1,
                "wait-for-support lets the caller wait otherwise: another priority",
            ),
            ("Press 1 for sales", "For sales press 1", 0, ""),
        ] {
            assert!(policies::MAIN_LINE.contains(was), "{was}");
            let changed = Document::new(&policies::MAIN_LINE.replace(was, is)).expect("a document");
            let changed = policies::published(policies::main_line(), 2, &changed).expect("a policy");
            let mut library = (*plan.library).clone();
            library.publish(changed);
            let again = play_again(&log, &Arc::new(library), Against::Newest);
            let count = again.otherwise.len();
            assert!(
                count >= least && count < again.calls as usize,
                "{was}: {count} of {}",
                again.calls
            );
            let named = again.otherwise.iter().any(|otherwise| otherwise.step.why == why);
            assert!(
                named || least == 0 && count == 0,
                "{was}: {:?}",
                again.otherwise.first()
            );
        }
    }
}
