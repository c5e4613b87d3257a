//! The block list: callers who are not let through, and why.

use serde::{Deserialize, Serialize};

use crate::ids::BlockId;
use crate::text::Line;
use crate::{PhoneNumber, Private};

use super::State;
use super::event::Event;
use super::rejection::{Decision, Thing, create, invalid};

/// Whom the block list keeps out, and why. Both are the caller's own data: erasing them empties the entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Block {
    /// The number that they ring from.
    pub number: Private<PhoneNumber>,
    /// Why they are kept out.
    pub reason: Private<Line>,
}

/// What somebody wants of the block list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Keeps a caller out.
    Add {
        /// The entry's id.
        block: BlockId,
        /// Whom, and why.
        details: Block,
    },
    /// Lets a caller through again.
    Remove {
        /// The entry.
        block: BlockId,
    },
}

impl Block {
    fn keeps_out(&self, caller: &PhoneNumber) -> bool {
        self.number.reveal() == Some(caller)
    }
}

impl State {
    /// Returns the entry that keeps a caller out, if one does.
    #[must_use]
    pub fn blocked(&self, caller: &PhoneNumber) -> Option<BlockId> {
        let mut entries = self.blocks.iter();
        entries
            .find(|(_, entry)| entry.keeps_out(caller))
            .map(|(block, _)| *block)
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Add { block, details } => create(state.blocks.get(&block), &details, Thing::Block, || {
            if details.reason.of() != details.number.of() {
                return Err(invalid(
                    "details.reason",
                    "it is marked as another person's than the number",
                ));
            }
            state
                .blocks
                .unique(&block, "details.number", Thing::Block, |other| {
                    details
                        .number
                        .reveal()
                        .is_some_and(|number| other.keeps_out(number))
                })?;
            Ok(vec![Event::CallerBlocked {
                block,
                details: details.clone(),
            }])
        }),
        Command::Remove { block } => {
            let there = state.blocks.contains(&block);
            Ok(there
                .then_some(Event::CallerUnblocked { block })
                .into_iter()
                .collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Decider as _;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Rejection, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{id, number, person, text};

    const FIRST: BlockId = BlockId::new(id(900));
    const SECOND: BlockId = BlockId::new(id(901));
    const NUISANCE: &str = "+442079460066";

    fn nuisance() -> Block {
        Block {
            number: Private::new(person(66), number(NUISANCE)),
            reason: Private::new(person(66), text("rings at night and says nothing")),
        }
    }

    fn blocked() -> Event {
        Event::CallerBlocked {
            block: FIRST,
            details: nuisance(),
        }
    }

    #[test]
    fn a_caller_is_kept_out_until_the_entry_goes() {
        let unblocked = Event::CallerUnblocked { block: FIRST };
        let state = Tenant::fold(&[created(), blocked()]);
        assert_eq!(state.blocked(&number(NUISANCE)), Some(FIRST));
        assert_eq!(state.blocked(&number(LONDON)), None);
        let state = Tenant::fold(&[created(), blocked(), unblocked]);
        assert_eq!(state.blocked(&number(NUISANCE)), None);
    }

    #[test]
    fn one_caller_has_one_entry() {
        given::<Tenant>([created(), blocked()])
            .when(Order::Blocks(Command::Add {
                block: SECOND,
                details: nuisance(),
            }))
            .rejected(Rejection::Taken {
                field: "details.number",
                thing: Thing::Block,
            });
    }

    #[test]
    fn the_reason_can_be_erased_with_the_caller() {
        let mut details = nuisance();
        details.reason = Private::new(person(67), text("rings at night"));
        given::<Tenant>([created()])
            .when(Order::Blocks(Command::Add {
                block: FIRST,
                details,
            }))
            .rejected(invalid(
                "details.reason",
                "it is marked as another person's than the number",
            ));
    }
}
