//! Business at a steady rate: what the formulas of queueing speak of, and what speed is measured with.

use domain_model::{Millis, Timestamp};

use crate::chance::Chance;
use crate::plan::{Caller, Moment, Plan, What, agent, group, plain_queue, queue, ready_person};
use crate::policies::{ready_made, straight, urgent};

/// Calls that arrive at random at a steady rate, in one queue with agents who answer at once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steady {
    /// The seed.
    pub seed: u64,
    /// How many agents work.
    pub agents: u64,
    /// The mean time between two arrivals.
    pub gap: Millis,
    /// The mean time of talking, exponentially distributed.
    pub talk: Millis,
    /// The mean patience, exponentially distributed; without one nobody hangs up.
    pub patience: Option<Millis>,
    /// How many callers in a thousand are urgent.
    pub urgent: u64,
}

impl Steady {
    /// Makes the plan: the queue and its agents, who are at work from the beginning.
    ///
    /// # Panics
    /// Never: the moment is right.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let begins: Timestamp = "2026-11-23T00:00:00Z".parse().expect("a moment");
        let mut plan = Plan::empty(self.seed, begins, ready_made());
        plan.queues.insert(queue(0), plain_queue("Sales", group(0)));
        let people = (0..self.agents).map(|n| (agent(n), ready_person(group(0))));
        plan.agents.extend(people);
        plan
    }

    /// Returns what happens: everybody signs in, then so many customers ring.
    pub fn moments(self, calls: u64) -> impl Iterator<Item = Moment> {
        let begins = self.plan().begins;
        let sign_in = (0..self.agents).map(move |n| Moment {
            at: begins,
            what: What::SignIn(agent(n)),
        });
        let mut at = begins;
        let ring = (0..calls).map(move |number| {
            let chance = Chance::seeded(self.seed).about("steady", number);
            at = at.plus(chance.about("gap", 0).exponential(self.gap));
            let what = What::Ring(self.caller(number, chance));
            Moment { at, what }
        });
        sign_in.chain(ring)
    }

    fn caller(&self, number: u64, chance: Chance) -> Caller {
        let patience = self
            .patience
            .map(|mean| chance.about("patience", 0).exponential(mean));
        let is_urgent = chance.about("urgent", 0).per_mille(self.urgent);
        Caller {
            number,
            customer: number,
            dials: if is_urgent { urgent(0) } else { straight(0) },
            keys: Vec::new(),
            tier: None,
            // A millisecond to be offered to whoever is free.
            patience: patience.map(|patience| Millis(patience.0.max(1))),
            way_out: None,
            talk: chance.about("talk", 0).exponential(self.talk),
            callback: None,
            hands_on: None,
            heard_after: None,
        }
    }
}
