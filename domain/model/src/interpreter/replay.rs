//! Plays a recorded call again: whether the same decisions come of it, and where another policy decides otherwise.

mod beside;

use std::sync::Arc;

use serde::Serialize;

use super::state::Cursor;
use super::{Library, Machine, Output, moves};
use crate::Timestamp;
use crate::call::facts::{INPUTS_MAX, Input as Basis};
use crate::call::{Command, Event, routing};
use crate::few::Few;
use crate::ids::{CallId, RoutingPolicyId, StepId};
use crate::text::{Key, Line};
use beside::{Beside, Parting};

/// One decision of a routing policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// The step.
    pub step: StepId,
    /// When.
    pub at: Timestamp,
    /// What was decided.
    pub what: Decided,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Decided {
    /// A policy was entered.
    Entered {
        /// Which.
        policy: RoutingPolicyId,
        /// Its version.
        version: u32,
    },
    /// A node decided.
    Branch {
        /// The node.
        node: Key,
        /// The kind of app.
        app: Key,
        /// The outlet that was taken.
        branch: Key,
        /// What it was based on.
        inputs: Few<Basis, INPUTS_MAX>,
        /// Why.
        reason: Line,
    },
}

/// Where a call that is played again goes another way than it went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Divergence {
    /// The number of the step, from 1.
    pub number: u32,
    /// Where the call was then: the node, or nothing if it was to enter a policy.
    pub node: Option<String>,
    /// What was decided then; none where the call was over before.
    pub recorded: Option<Decision>,
    /// What is decided now; none where something else is wanted first, such as a prompt that was never played, or where
    /// the step does something else before it decides.
    pub now: Option<Decided>,
    /// What is different, in a sentence for an admin.
    pub why: String,
}

/// What came of playing a call again.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The decisions that come of the recorded events, up to the first that differs, and that one.
    pub decisions: Vec<Decision>,
    /// The first that differs, if one does.
    pub divergence: Option<Divergence>,
}

/// Which version of a policy a call that is played again goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The one that it went through, which the library has to hold: this is how it is shown that nothing was changed.
    Recorded,
    /// The newest in the library: this is how it is shown what a change would have changed. With the version that the
    /// call went through beside it, what is wanted of queues, telephones and outside systems is compared as well. What
    /// is only said otherwise is no change, and nobody knows what a caller would have pressed whom nobody asked.
    Newest,
}

/// Plays a recorded call again and compares every decision with the one that was recorded.
///
/// `events`: the whole stream of the call, in order. Events of other calls, or none at all, lead to no decisions.
/// `library`: as it was when the call was made, and with the policies that are to be tried. Users, opening hours and
/// numbers that changed meanwhile are changes, too.
#[must_use]
pub fn replay(call: CallId, events: &[Event], library: &Arc<Library>, against: Against) -> Replay {
    let mut machine = Machine::new(call, Arc::clone(library));
    let mut beside = (against == Against::Newest).then(|| Beside::new(call, library));
    let mut decisions = Vec::new();
    let mut divergence = None;
    for (place, event) in events.iter().enumerate() {
        let recorded = decision(event);
        if let Some(recorded) = &recorded {
            let wanted = wanted(&machine, recorded.at);
            decisions.push(wanted.clone().unwrap_or_else(|| recorded.clone()));
            let at = machine.node();
            if let Some(why) = difference(recorded, wanted.as_ref(), at.as_deref(), against) {
                divergence = Some(Divergence {
                    number: machine.state().steps().saturating_add(1),
                    node: at,
                    recorded: Some(recorded.clone()),
                    now: wanted.map(|decision| decision.what),
                    why,
                });
                break;
            }
        }
        let Some(beside) = &mut beside else {
            machine.fold(event);
            continue;
        };
        let node = machine.node();
        machine.fold(&through(event, &machine));
        let Some(parting) = beside.fold(event, recorded.as_ref(), &machine) else {
            continue;
        };
        let steps = machine.state().steps();
        divergence = Some(match parting {
            Parting::Leads(why) => Divergence {
                number: steps,
                node,
                recorded,
                now: decisions.last().map(|decision| decision.what.clone()),
                why,
            },
            Parting::Does(why) => Divergence {
                number: steps.saturating_add(1),
                node: machine.node(),
                recorded: events.iter().skip(place.saturating_add(1)).find_map(decision),
                now: None,
                why,
            },
        });
        break;
    }
    Replay {
        decisions,
        divergence,
    }
}

// A call that is played against the newest version enters that one, where it would enter it now.
fn through(event: &Event, machine: &Machine) -> Event {
    let mut event = event.clone();
    if let Event::PolicyEntered {
        policy,
        version,
        hash,
        start,
        ..
    } = &mut event
        && let Some(newest) = machine.library.newest(*policy)
    {
        *version = newest.version;
        *hash = newest.hash;
        if let Cursor::Entering { via, .. } = &machine.state().cursor {
            *start = moves::start(newest, via).map(|start| start.id.key());
        }
    }
    event
}

// What the machine wants decided at a moment, as the first thing that it wants decided.
fn wanted(machine: &Machine, at: Timestamp) -> Option<Decision> {
    let mut fresh = Machine::resume(machine.call, Arc::clone(&machine.library), machine.state.clone());
    fresh.handle_timeout(at);
    std::iter::from_fn(|| fresh.poll_output()).find_map(|output| match output {
        Output::Command(command) => of_command(*command),
        Output::Effect(_) => None,
    })
}

fn of_command(command: Command) -> Option<Decision> {
    match command {
        Command::Routing(routing::Command::Decide {
            step,
            node,
            app,
            branch,
            hash: _,
            inputs,
            reason,
            rests_on: _,
            at,
        }) => Some(Decision {
            step,
            at,
            what: Decided::Branch {
                node,
                app,
                branch,
                inputs,
                reason,
            },
        }),
        Command::Routing(routing::Command::EnterPolicy {
            step,
            policy,
            version,
            hash: _,
            start: _,
            rests_on: _,
            at,
        }) => Some(Decision {
            step,
            at,
            what: Decided::Entered { policy, version },
        }),
        Command::Routing(routing::Command::RequestSkills { .. })
        | Command::Life(_)
        | Command::Leg(_)
        | Command::Bridge(_)
        | Command::Prompt(_)
        | Command::Lookup(_)
        | Command::Queue(_)
        | Command::Offer(_)
        | Command::Hold(_)
        | Command::Transfer(_)
        | Command::Recording(_)
        | Command::Archive(_)
        | Command::Callback(_)
        | Command::Supervision(_)
        | Command::WrapUp(_) => None,
    }
}

/// Returns the decision that an event records, if it records one.
#[must_use]
pub fn decision(event: &Event) -> Option<Decision> {
    if let Event::StepDecided {
        step,
        node,
        app,
        branch,
        inputs,
        reason,
        at,
        ..
    } = event
    {
        return Some(Decision {
            step: *step,
            at: *at,
            what: Decided::Branch {
                node: node.clone(),
                app: app.clone(),
                branch: branch.clone(),
                inputs: inputs.clone(),
                reason: reason.clone(),
            },
        });
    }
    if let Event::PolicyEntered {
        step,
        policy,
        version,
        at,
        ..
    } = event
    {
        let (policy, version) = (*policy, *version);
        return Some(Decision {
            step: *step,
            at: *at,
            what: Decided::Entered { policy, version },
        });
    }
    None
}

fn difference(
    recorded: &Decision,
    wanted: Option<&Decision>,
    at: Option<&str>,
    against: Against,
) -> Option<String> {
    let Some(wanted) = wanted else {
        let at = at.unwrap_or("the policy");
        return Some(format!(
            "{at} wants something else first, which the call never did"
        ));
    };
    if wanted.step != recorded.step {
        return Some("it is another step of the call".to_owned());
    }
    match (&recorded.what, &wanted.what) {
        (Decided::Entered { policy: then, .. }, Decided::Entered { policy: now, .. }) => {
            (then != now).then(|| "the call enters another routing policy".to_owned())
        }
        (
            Decided::Branch {
                node: then,
                branch: took,
                inputs: knew,
                ..
            },
            Decided::Branch {
                node: now,
                branch: takes,
                inputs: knows,
                ..
            },
        ) => {
            if then != now {
                Some(format!("{now} decides where {then} decided"))
            } else if took != takes {
                Some(format!("{now} takes {takes} where it took {took}"))
            } else if knew != knows && against == Against::Recorded {
                Some(format!("{now} decides the same by something else"))
            } else {
                None
            }
        }
        (Decided::Entered { .. }, Decided::Branch { node, .. }) => {
            Some(format!("{node} decides where the call entered a routing policy"))
        }
        (Decided::Branch { node, .. }, Decided::Entered { .. }) => {
            Some(format!("the call enters a routing policy where {node} decided"))
        }
    }
}
