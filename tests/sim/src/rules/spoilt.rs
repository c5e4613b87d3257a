//! That each rule notices what it is there for: a play of which the rules are not told one event.

use std::collections::BTreeSet;

use domain_model::ids::QueueId;
use domain_model::queue;
use domain_model::text::Key;
use domain_model::{Millis, Timestamp};

use super::Rules;
use crate::platform::{Platform, Recorded};
use crate::play::{Decided, Watch, play};
use crate::wild;

/// Keeps the first event of a kind to itself.
struct Forgets {
    rules: Rules,
    kind: &'static str,
    forgot: bool,
}

impl Watch for Forgets {
    fn see(&mut self, recorded: &Recorded) {
        let keeps = !self.forgot && recorded.happened.what.kind() == self.kind;
        self.forgot |= keeps;
        if !keeps {
            self.rules.see(recorded);
        }
    }

    fn decides(&mut self, decided: &Decided<'_>) {
        self.rules.decides(decided);
    }

    fn refused(&mut self, queue: QueueId, node: &Key, command: &queue::Command, now: Timestamp) {
        self.rules.refused(queue, node, command, now);
    }

    fn rest(&mut self, platform: &Platform, now: Timestamp) {
        self.rules.rest(platform, now);
    }
}

// The rules that are broken in a plan without an event of a kind; none if nothing of the kind happens.
fn broken_without(kind: &'static str, seed: u64) -> BTreeSet<&'static str> {
    // Nobody misses anything where nothing breaks.
    let calm = kind != "AgentSetAside";
    let grace = if calm { 0 } else { 180 };
    let mut forgets = Forgets {
        rules: Rules::within(Millis::from_secs(grace)),
        kind,
        forgot: false,
    };
    let platform = play(&wild::plan(seed, calm), &mut forgets).expect("it comes to an end");
    let violations = forgets.rules.at_the_end(&platform, Timestamp::MAX);
    violations.into_iter().map(|violation| violation.rule).collect()
}

#[test]
fn each_rule_notices_an_event_that_it_is_not_told() {
    let cases = [
        (
            "QueueEntered",
            "as many stand in a line, and are being offered, as the events say",
        ),
        (
            "QueueOfferEnded",
            "as many stand in a line, and are being offered, as the events say",
        ),
        ("QueueLeft", "a queue's figures are its events, each counted once"),
        ("AgentReleased", "an agent has as much in hand as the events say"),
        (
            "AgentAccepted",
            "an owner counts of an agent's day what the events say",
        ),
        (
            "AgentSetAside",
            "whoever missed as many in a row as is set is set aside",
        ),
        ("CallLookupAnswered", "what is owed comes in time"),
        ("AgentRangBack", "what is owed comes in time"),
        (
            "AgentMonitorStarted",
            "whoever is listened in on is told so, and nobody else",
        ),
        ("QueueHoursSet", "a queue knows the hours of its calendar"),
        (
            "CallCallbackCompleted",
            "every promise to ring back is kept, called off or given up",
        ),
    ];
    for (kind, rule) in cases {
        let noticed = (0..300).any(|seed| broken_without(kind, seed).contains(rule));
        assert!(noticed, "{kind}: {rule}");
    }
}
