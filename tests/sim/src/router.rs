//! A node that runs routing policies: what drives the interpreter, one machine for each call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain_model::Timestamp;
use domain_model::call::{self, Event};
use domain_model::ids::CallId;
use domain_model::interpreter::{Input, Library, Machine, Output};
use domain_model::process::{AnyEvent, Happened};

/// The machines of all calls that are in a routing policy.
pub(crate) struct Router {
    library: Arc<Library>,
    machines: BTreeMap<CallId, Machine>,
    due: BTreeSet<(Timestamp, CallId)>,
}

impl Router {
    pub(crate) const fn new(library: Arc<Library>) -> Self {
        Self {
            library,
            machines: BTreeMap::new(),
            due: BTreeSet::new(),
        }
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Takes an event of the log and returns what follows from it.
    pub(crate) fn hear(&mut self, happened: &Happened, now: Timestamp) -> Vec<(CallId, Output)> {
        let AnyEvent::Call(call, event) = &happened.what else {
            return Vec::new();
        };
        if let Event::Offered { .. } | Event::Placed { .. } = event {
            let machine = Machine::new(*call, Arc::clone(&self.library));
            self.machines.insert(*call, machine);
        }
        self.with(*call, |machine| {
            machine.handle_input(&Input::Happened(event), now)
        })
    }

    /// Returns what follows from the time.
    pub(crate) fn look(&mut self, now: Timestamp) -> Vec<(CallId, Output)> {
        let due = self.due.iter().take_while(|(due, _)| *due <= now);
        let due: Vec<CallId> = due.map(|(_, call)| *call).collect();
        let wanted = due.into_iter();
        let wanted = wanted.flat_map(|call| self.with(call, |machine| machine.handle_timeout(now)));
        wanted.collect()
    }

    /// Begins anew from what it stored, and wants again whatever the log does not say was done.
    pub(crate) fn reload(&mut self, now: Timestamp) -> Vec<(CallId, Output)> {
        let calls: Vec<CallId> = self.machines.keys().copied().collect();
        let library = Arc::clone(&self.library);
        let wanted = calls.into_iter().flat_map(|call| {
            self.with(call, |machine| {
                let stored = serde_json::to_string(machine.state()).expect("a call's place is plain data");
                let state = serde_json::from_str(&stored).expect("what was stored is read back");
                *machine = Machine::resume(call, Arc::clone(&library), state);
                machine.handle_timeout(now);
            })
        });
        wanted.collect()
    }

    /// Begins anew from the log, and wants again whatever it does not say was done.
    pub(crate) fn restart<'a>(
        &mut self,
        log: impl Iterator<Item = &'a Happened>,
        now: Timestamp,
    ) -> Vec<(CallId, Output)> {
        let mut told: BTreeMap<CallId, Vec<&call::Event>> = BTreeMap::new();
        for happened in log {
            if let AnyEvent::Call(call, event) = &happened.what
                && self.machines.contains_key(call)
            {
                told.entry(*call).or_default().push(event);
            }
        }
        let library = Arc::clone(&self.library);
        let wanted = told.into_iter().flat_map(|(call, events)| {
            self.with(call, |machine| {
                *machine = Machine::restore(call, Arc::clone(&library), events, now);
            })
        });
        wanted.collect()
    }

    /// Returns what it knows, to be compared.
    pub(crate) fn snapshot(&self) -> String {
        let states: BTreeMap<CallId, _> = self
            .machines
            .iter()
            .map(|(call, machine)| (*call, machine.state()))
            .collect();
        serde_json::to_string(&states).expect("a call's place is plain data")
    }

    fn with(&mut self, call: CallId, moves: impl FnOnce(&mut Machine)) -> Vec<(CallId, Output)> {
        let Some(machine) = self.machines.get_mut(&call) else {
            return Vec::new();
        };
        let before = machine.poll_timeout();
        moves(machine);
        let wanted = std::iter::from_fn(|| machine.poll_output());
        let wanted = wanted.map(|output| (call, output)).collect();
        let after = machine.poll_timeout();
        if machine.state().is_done() {
            self.machines.remove(&call);
        }
        if let Some(due) = before {
            self.due.remove(&(due, call));
        }
        if let Some(due) = after.filter(|_| self.machines.contains_key(&call)) {
            self.due.insert((due, call));
        }
        wanted
    }
}
