//! Plays a plan and judges it by the rules; makes a plan that fails as short as it can be.

use std::fmt;

use domain_model::context::Context;
use domain_model::ids::QueueId;
use domain_model::interpreter::replay::Against;
use domain_model::process::AnyCommand;
use domain_model::queue;
use domain_model::text::Key;
use domain_model::{Millis, Timestamp};

use crate::again::{Again, Otherwise, play_again};
use crate::plan::{Faults, Moment, Plan, What};
use crate::platform::{Platform, Recorded};
use crate::play::{Broken, Decided, Watch, play};
use crate::rules::{Rules, Violation};

/// How long whoever could be served may wait where things break: a lease that has to run out, and those behind.
const GRACE: Millis = Millis::from_secs(180);

/// Why a plan failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It came to no end.
    Broken(Broken),
    /// A rule did not hold.
    Violated(Vec<Violation>),
}

impl Failure {
    /// Says whether it fails as another one does: by that one's first rule, or by coming to no end in the same manner.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Broken(one), Self::Broken(other)) => {
                std::mem::discriminant(one) == std::mem::discriminant(other)
            }
            (Self::Violated(some), Self::Violated(others)) => others
                .first()
                .is_some_and(|first| some.iter().any(|one| one.rule == first.rule)),
            (Self::Broken(_), Self::Violated(_)) | (Self::Violated(_), Self::Broken(_)) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(Broken::Spins { who, at }) => write!(f, "{who} had no end of orders at {at}"),
            Self::Broken(Broken::NeverRests { who, at }) => write!(f, "{who} still waited for {at}"),
            Self::Broken(Broken::Forgets { who, at }) => {
                write!(f, "{who} knew something else after a restart at {at}")
            }
            Self::Violated(violations) => {
                let mut violations = violations.iter();
                if let Some(first) = violations.next() {
                    write!(
                        f,
                        "it did not hold that {} ({}: {})",
                        first.rule, first.at, first.seen
                    )?;
                }
                match violations.len() {
                    0 => Ok(()),
                    more => write!(f, ", and {more} more"),
                }
            }
        }
    }
}

/// A plan that was played and kept every rule.
pub struct Judged {
    /// The platform as it stands at the end.
    pub platform: Platform,
    /// What came of playing its calls again.
    pub again: Again,
}

/// Plays a plan, and then every call of it again.
///
/// # Errors
/// [`Failure`] if it comes to no end or a rule does not hold.
pub fn judge(plan: &Plan) -> Result<Judged, Failure> {
    struct Nobody;
    impl Watch for Nobody {
        fn see(&mut self, _: &Recorded) {}
    }
    judge_with(plan, &mut Nobody)
}

/// As [`judge`], with somebody who looks on.
///
/// # Errors
/// As [`judge`].
pub fn judge_with(plan: &Plan, watch: &mut dyn Watch) -> Result<Judged, Failure> {
    let breaks = |moment: &Moment| {
        let what = &moment.what;
        matches!(
            what,
            What::Restart { .. } | What::RestartOwner { .. } | What::Freeze { .. }
        )
    };
    let rules = if plan.faults == Faults::NONE && !plan.moments.iter().any(breaks) {
        Rules::strict()
    } else {
        Rules::within(GRACE)
    };
    let mut both = Both { rules, watch };
    let platform = play(plan, &mut both).map_err(Failure::Broken)?;
    let mut violations = both.rules.at_the_end(&platform, Timestamp::MAX);
    let again = play_again(platform.log(), &plan.library, Against::Recorded);
    violations.extend(
        again
            .otherwise
            .iter()
            .map(|Otherwise { call, began, step }| Violation {
                rule: "a call that is played again decides the same, byte for byte",
                at: step.recorded.as_ref().map_or(*began, |recorded| recorded.at),
                seen: format!("{call}, step {}: {}", step.number, step.why),
            }),
    );
    if violations.is_empty() {
        Ok(Judged { platform, again })
    } else {
        Err(Failure::Violated(violations))
    }
}

/// Returns what a plan comes to, event by event, whether or not it fails.
#[must_use]
pub fn history(plan: &Plan) -> Vec<Recorded> {
    let mut kept = Kept(Vec::new());
    // Whoever wants to know why it breaks off asks for a judgement.
    let _ = play(plan, &mut kept);
    kept.0
}

struct Both<'a> {
    rules: Rules,
    watch: &'a mut dyn Watch,
}

impl Watch for Both<'_> {
    fn hear(&mut self, context: &Context, what: &AnyCommand) {
        self.watch.hear(context, what);
    }

    fn decides(&mut self, decided: &Decided<'_>) {
        self.rules.decides(decided);
        self.watch.decides(decided);
    }

    fn refused(&mut self, queue: QueueId, node: &Key, command: &queue::Command, now: Timestamp) {
        self.rules.refused(queue, node, command, now);
        self.watch.refused(queue, node, command, now);
    }

    fn see(&mut self, recorded: &Recorded) {
        self.rules.see(recorded);
        self.watch.see(recorded);
    }

    fn rest(&mut self, platform: &Platform, now: Timestamp) {
        self.rules.rest(platform, now);
        self.watch.rest(platform, now);
    }
}

struct Kept(Vec<Recorded>);

impl Watch for Kept {
    fn see(&mut self, recorded: &Recorded) {
        self.0.push(recorded.clone());
    }
}

/// Takes out of a plan that fails whatever it fails in the same way without: faults, then moments, in ever smaller
/// pieces. What sees to callbacks that nobody can keep stays, for without it every such plan fails.
#[must_use]
pub fn shortest(plan: &Plan) -> Plan {
    let Err(failure) = judge(plan) else {
        return plan.clone();
    };
    let fails = |plan: &Plan| judge(plan).is_err_and(|other| other.is_like(&failure));
    let mut shortest = plan.clone();
    for calmer in calmer() {
        let tried = Plan {
            faults: calmer(shortest.faults),
            ..shortest.clone()
        };
        if tried != shortest && fails(&tried) {
            shortest = tried;
        }
    }
    let mut piece = shortest.moments.len().div_ceil(2);
    while piece > 0 {
        let mut from = 0;
        while from < shortest.moments.len() {
            let mut tried = shortest.clone();
            let until = (from + piece).min(tried.moments.len());
            let piece = tried.moments.drain(from..until);
            let kept: Vec<Moment> = piece
                .filter(|moment| moment.what == What::CancelCallbacks)
                .collect();
            let goes_on = from + kept.len();
            tried.moments.splice(from..from, kept);
            if goes_on < until && fails(&tried) {
                from = goes_on;
                shortest = tried;
            } else {
                from = until;
            }
        }
        piece /= 2;
    }
    shortest
}

type Calmer = fn(Faults) -> Faults;

fn calmer() -> [Calmer; 5] {
    [
        |faults| Faults {
            lag: Millis(0),
            ..faults
        },
        |faults| Faults { repeats: 0, ..faults },
        |faults| Faults { late: 0, ..faults },
        |faults| Faults { stops: 0, ..faults },
        |faults| Faults { nodes: 1, ..faults },
    ]
}
