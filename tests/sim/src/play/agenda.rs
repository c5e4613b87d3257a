//! What is to happen at its time.

use std::cmp::{Ordering, Reverse};

use domain_model::Timestamp;
use domain_model::context::Context;
use domain_model::process::AnyCommand;

use crate::telephones::Deed;

/// Something that is to happen.
#[derive(Debug)]
pub(super) enum Act {
    Say(Box<Said>),
    Do(Deed),
    Wake(usize),
}

#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) context: Context,
    pub(super) what: AnyCommand,
}

// Ordered by time, then by what was put in first.
pub(super) struct Item {
    pub(super) at: Timestamp,
    pub(super) place: u64,
    pub(super) act: Act,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        Reverse((self.at, self.place)).cmp(&Reverse((other.at, other.place)))
    }
}
