//! Drives the processes as a runner does: folds the log in order, asks for orders, sends them.

use std::collections::BTreeSet;

use domain_model::Timestamp;
use domain_model::ids::CommandId;
use domain_model::process::{AnyRejection, Happened, Order, Process};

/// How many refusals one process may hold before it is asked all of them again.
const HELD_MAX: usize = 10_000;

/// A process with what its runner knows, of any kind.
pub(crate) trait Follower {
    fn name(&self) -> &'static str;
    fn fold(&mut self, happened: &Happened);
    fn due(&self) -> Option<Timestamp>;
    /// Returns the orders that are not held.
    fn orders(&self, now: Timestamp) -> Vec<Order>;
    /// Takes the answer to an order and returns what follows instead.
    fn take(&mut self, order: &Order, answer: &Result<usize, AnyRejection>) -> Vec<Order>;
    /// Begins anew: the caller folds the log again.
    fn restart(&mut self);
    /// Begins anew from its snapshot, as a runner does that writes one now and then.
    fn reload(&mut self);
    /// Returns what it knows, to be compared.
    fn snapshot(&self) -> String;
}

#[derive(Default)]
struct Runner<P> {
    process: P,
    held: BTreeSet<CommandId>,
}

/// Makes the runner of a process.
pub(crate) fn following<P: Process>() -> Box<dyn Follower> {
    Box::new(Runner::<P> {
        process: P::default(),
        held: BTreeSet::new(),
    })
}

impl<P: Process> Follower for Runner<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn fold(&mut self, happened: &Happened) {
        self.process.fold(happened);
    }

    fn due(&self) -> Option<Timestamp> {
        self.process.due()
    }

    fn orders(&self, now: Timestamp) -> Vec<Order> {
        if self.process.due().is_none_or(|due| due > now) {
            return Vec::new();
        }
        let mut orders = self.process.orders(now);
        orders.retain(|order| !self.held.contains(&order.id));
        orders
    }

    fn take(&mut self, order: &Order, answer: &Result<usize, AnyRejection>) -> Vec<Order> {
        let instead = match answer {
            Ok(0) => Vec::new(),
            Ok(_) => return Vec::new(),
            Err(why) => self.process.refused(order, why),
        };
        if self.held.len() >= HELD_MAX {
            self.held.clear();
        }
        self.held.insert(order.id);
        instead
    }

    fn restart(&mut self) {
        *self = Self {
            process: P::default(),
            held: BTreeSet::new(),
        };
    }

    fn reload(&mut self) {
        let stored = self.snapshot();
        self.held.clear();
        self.process = serde_json::from_str(&stored).expect("a process is plain data");
    }

    fn snapshot(&self) -> String {
        serde_json::to_string(&self.process).expect("a process is plain data")
    }
}
