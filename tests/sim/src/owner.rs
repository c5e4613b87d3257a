//! A node that owns queues, or wants to: what drives the matcher.

use domain_model::ids::QueueId;
use domain_model::matcher::{Config, Matcher, Output};
use domain_model::process::Happened;
use domain_model::queue::{self, Rejection};
use domain_model::tenant::zone::ZoneName;
use domain_model::text::Key;
use domain_model::{Millis, Timestamp};

use crate::chance::Chance;

/// How long a lease is taken for.
const LEASE: Millis = Millis::from_secs(30);

/// One node's matcher of one queue.
pub(crate) struct Owner {
    queue: QueueId,
    place: u64,
    run: u64,
    config: Config,
    matcher: Matcher,
}

impl Owner {
    pub(crate) fn new(node: u64, queue: QueueId, chance: Chance) -> Self {
        let config = Config {
            node: name(node, 0),
            lease_ms: LEASE,
            zone: ZoneName::new("UTC").expect("a zone"),
            seed: chance.about("matcher", node).bits(),
        };
        Self {
            queue,
            place: node,
            run: 0,
            matcher: Matcher::new(queue, config.clone()),
            config,
        }
    }

    /// Begins anew, as a node does that was gone: under another name, for a name is of one run, and knowing nothing. The
    /// caller folds the log from its beginning. What it owned it gets back once the lease of the run before is over.
    pub(crate) fn restart(&mut self) {
        self.run += 1;
        self.config.node = name(self.place, self.run);
        self.matcher = Matcher::new(self.queue, self.config.clone());
    }

    pub(crate) const fn node(&self) -> &Key {
        &self.config.node
    }

    /// Returns where its queue stands as far as it has heard.
    pub(crate) const fn knows(&self) -> &queue::State {
        self.matcher.queue()
    }

    pub(crate) const fn queue(&self) -> QueueId {
        self.queue
    }

    pub(crate) fn fold(&mut self, happened: &Happened) {
        self.matcher.fold(&happened.what);
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.matcher.poll_timeout()
    }

    pub(crate) fn release(&mut self, now: Timestamp) {
        self.matcher.release(now);
    }

    /// Returns what follows from what it knows at a moment.
    pub(crate) fn decide(&mut self, now: Timestamp) -> Vec<Output> {
        self.matcher.handle_timeout(now);
        self.wanted()
    }

    /// Takes a refusal and returns what follows from it.
    pub(crate) fn refused(
        &mut self,
        command: &queue::Command,
        why: &Rejection,
        now: Timestamp,
    ) -> Vec<Output> {
        self.matcher.handle_refusal(command, why, now);
        self.wanted()
    }

    fn wanted(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.matcher.poll_output()).collect()
    }
}

fn name(node: u64, run: u64) -> Key {
    Key::new(&format!("node-{node}-run-{run}")).expect("a short name")
}
