//! What somebody wants of a queue, grouped by who asks.

use serde::{Deserialize, Serialize};

use super::outcome::{Departure, Expulsion, OfferFailure};
use super::settings::{PolicyTold, Settings};
use super::values::{CANDIDATES_MAX, Candidate, Chosen, FencingToken, OFFERS_AT_ONCE_MAX, Place, Priority};
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, CallbackId, EntryId, OfferId};
use crate::skills::SkillRequests;
use crate::tenant::hours::Hours;
use crate::text::{Key, Line};

/// What somebody wants of a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// What an admin or a supervisor wants.
    Setup(SetupCommand),
    /// What becomes of entries.
    Entry(EntryCommand),
    /// What became of offers.
    Offer(OfferCommand),
    /// Makes a node the owner.
    Acquire {
        /// One run of one node.
        node: Key,
        /// Until when.
        until: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// What only the owner may want.
    Owner {
        /// The lease under which it is wanted.
        token: FencingToken,
        /// What.
        command: OwnerCommand,
        /// When.
        at: Timestamp,
    },
    /// Ends whatever is past its time: offers, the lease.
    Lapse {
        /// The moment it is.
        at: Timestamp,
    },
}

/// What an admin or a supervisor wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum SetupCommand {
    /// Makes the queue, or changes its settings.
    Configure {
        /// All of its settings.
        settings: Box<Settings>,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes the queue out of use for ever.
    Retire {
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Opens it, whatever its hours say.
    Open {
        /// Why.
        reason: Line,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Closes it, whatever its hours say.
    Close {
        /// Why.
        reason: Line,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Tells it what the calendar says that its settings name.
    SetHours {
        /// The opening hours, if there are any.
        hours: Option<Box<Hours>>,
        /// When.
        at: Timestamp,
    },
    /// Lets it follow its hours again.
    FollowHours {
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// What becomes of entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum EntryCommand {
    /// Puts a contact in the line.
    Enter {
        /// The entry, new each time.
        entry: EntryId,
        /// What waits.
        contact: Contact,
        /// Its channel.
        channel: WorkChannel,
        /// How urgent it is, if it is not as the queue's settings say.
        priority: Option<Priority>,
        /// The skills that it needs.
        skills: SkillRequests,
        /// The agent whom the customer had last, if that is known.
        last_agent: Option<AgentId>,
        /// What the routing policy has the customer told, if not what the settings say.
        told: Option<PolicyTold>,
        /// Since when the customer has waited, which may be longer than here.
        since: Timestamp,
        /// When this queue first took them, if they waited here before and are to go on: neither a closed door nor a full
        /// line keeps them out, and the longest wait goes on.
        returned: Option<Timestamp>,
        /// When.
        at: Timestamp,
    },
    /// Makes an entry more or less urgent.
    ChangePriority {
        /// The entry.
        entry: EntryId,
        /// How urgent it is to be.
        priority: Priority,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Puts an entry to the front or the back of the line.
    Move {
        /// The entry.
        entry: EntryId,
        /// Where.
        place: Place,
        /// Who asks.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Offers an entry to nobody before some moment.
    Defer {
        /// The entry.
        entry: EntryId,
        /// From when on it is offered.
        not_before: Timestamp,
        /// When.
        at: Timestamp,
    },
    /// Lets a caller hang up and keep the place.
    ChooseCallback {
        /// The entry.
        entry: EntryId,
        /// The callback that waits instead.
        callback: CallbackId,
        /// When.
        at: Timestamp,
    },
    /// Takes an entry out of the line.
    Leave {
        /// The entry.
        entry: EntryId,
        /// Why.
        why: Departure,
        /// When.
        at: Timestamp,
    },
}

/// What became of offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OfferCommand {
    /// Asks to be the one who gets the entry.
    Accept {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
    /// Reports that the agent who accepted and the customer are connected.
    Connect {
        /// The offer.
        offer: OfferId,
        /// When.
        at: Timestamp,
    },
    /// Reports how an offer ended that did not lead to a connection.
    End {
        /// The offer.
        offer: OfferId,
        /// How.
        failure: OfferFailure,
        /// When.
        at: Timestamp,
    },
}

/// What only the owner may want.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum OwnerCommand {
    /// Stays the owner for longer.
    Renew {
        /// Until when.
        until: Timestamp,
    },
    /// Gives the queue up.
    Release,
    /// Offers an entry to the agents chosen.
    Reserve(Proposal),
    /// Takes an entry out of the line by the queue's rules.
    Expel {
        /// The entry.
        entry: EntryId,
        /// Why.
        why: Expulsion,
    },
}

/// A decision that the owner made and wants recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Proposal {
    /// The entry.
    pub entry: EntryId,
    /// The agents chosen, each with a new offer.
    pub chosen: Few<Chosen, OFFERS_AT_ONCE_MAX>,
    /// Who was considered, the chosen ones too.
    pub candidates: Few<Candidate, CANDIDATES_MAX>,
    /// How many were considered; at least those.
    pub considered: u32,
    /// The version of the settings by which it was decided.
    pub settings: u32,
    /// When the offers end by themselves if nobody ends them: [`Settings::offer_until`].
    pub until: Timestamp,
}

impl From<SetupCommand> for Command {
    fn from(command: SetupCommand) -> Self {
        Self::Setup(command)
    }
}

impl From<EntryCommand> for Command {
    fn from(command: EntryCommand) -> Self {
        Self::Entry(command)
    }
}

impl From<OfferCommand> for Command {
    fn from(command: OfferCommand) -> Self {
        Self::Offer(command)
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{
        Command, EntryCommand, FencingToken, Key, OfferCommand, OwnerCommand, SetupCommand, Timestamp,
    };
    use proptest::prelude::*;

    // Written out with one box for each part: what derives generate for so many commands overflows a test's stack.
    impl Arbitrary for Command {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            prop_oneof![
                any::<SetupCommand>().boxed().prop_map(Command::Setup),
                any::<EntryCommand>().boxed().prop_map(Command::Entry),
                any::<OfferCommand>().boxed().prop_map(Command::Offer),
                any::<(Key, Timestamp, Timestamp)>().prop_map(|(node, until, at)| Command::Acquire {
                    node,
                    until,
                    at
                }),
                (
                    any::<FencingToken>(),
                    any::<OwnerCommand>().boxed(),
                    any::<Timestamp>()
                )
                    .prop_map(|(token, command, at)| Command::Owner { token, command, at }),
                any::<Timestamp>().prop_map(|at| Command::Lapse { at }),
            ]
            .boxed()
        }
    }
}
