//! What is recorded of a queue.

use super::outcome::{LeftBecause, OfferEnd};
use super::settings::{PolicyTold, Settings};
use super::values::{
    CANDIDATES_MAX, Candidate, Chosen, FencingToken, Inputs, OFFERS_AT_ONCE_MAX, Place, Priority,
};
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, CallbackId, EntryId, OfferId};
use crate::skills::SkillRequests;
use crate::tenant::hours::Hours;
use crate::text::{Key, Line};
use crate::{Millis, Timestamp};

crate::events! {
    /// What happened to a queue.
    pub enum Event of "Queue" {
        /// The queue was made, or its settings were changed.
        Configured {
            /// All of its settings.
            settings: Box<Settings>,
            /// Their version, from 1.
            version: u32,
            /// Who set them.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The queue takes nothing more, for ever. It was empty.
        Retired {
            /// Who retired it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The queue was opened by hand, whatever its hours say.
        Opened {
            /// Why.
            reason: Line,
            /// Who opened it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The queue was closed by hand, whatever its hours say. Those who wait already still get an agent.
        Closed {
            /// Why.
            reason: Line,
            /// Who closed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The queue follows its hours again.
        HoursFollowed {
            /// Who said so.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// What the calendar says that the queue's settings name, which it follows unless it is opened or closed by hand.
        HoursSet {
            /// The opening hours; none if the queue is always open, or the calendar is no more.
            hours: Option<Box<Hours>>,
            /// When.
            at: Timestamp,
        },
        /// One node became the owner, who alone decides which agent gets which entry.
        LeaseAcquired {
            /// One run of one node.
            node: Key,
            /// The number of the lease, higher than any before; every decision carries it.
            token: FencingToken,
            /// Until when it holds unless it is renewed.
            until: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The owner stays the owner for longer.
        LeaseRenewed {
            /// The number of the lease.
            token: FencingToken,
            /// Until when it holds now.
            until: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The owner gave the queue up.
        LeaseReleased {
            /// The number of the lease.
            token: FencingToken,
            /// When.
            at: Timestamp,
        },
        /// The owner did not renew in time and is the owner no more.
        LeaseLapsed {
            /// The number of the lease.
            token: FencingToken,
            /// When this was noticed; the lease gave no rights from its end on.
            at: Timestamp,
        },
        /// A contact joined the line.
        Entered {
            /// The entry.
            entry: EntryId,
            /// What waits.
            contact: Contact,
            /// Its channel.
            channel: WorkChannel,
            /// How urgent it is.
            priority: Priority,
            /// The skills that it needs, and how the needs give way.
            skills: SkillRequests,
            /// The agent whom the customer had last, if that is known.
            last_agent: Option<AgentId>,
            /// What the routing policy has the customer told; none is as the settings say.
            told: Option<PolicyTold>,
            /// Since when the customer has waited, here and in queues before.
            since: Timestamp,
            /// When this queue first took them, if they waited here before and go on.
            returned: Option<Timestamp>,
            /// When.
            at: Timestamp,
        },
        /// An entry became more or less urgent by hand or by a routing policy. Ageing records nothing.
        PriorityChanged {
            /// The entry.
            entry: EntryId,
            /// How urgent it is now, before ageing.
            priority: Priority,
            /// Who changed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// An entry was put to the front or the back of the line by hand.
        Moved {
            /// The entry.
            entry: EntryId,
            /// Where.
            place: Place,
            /// Who moved it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A caller hung up and keeps the place: from now on the callback waits in it.
        CallbackChosen {
            /// The entry.
            entry: EntryId,
            /// The callback.
            callback: CallbackId,
            /// When.
            at: Timestamp,
        },
        /// An entry is offered to nobody before some moment: its customer is to be rung back then.
        Deferred {
            /// The entry.
            entry: EntryId,
            /// From when on it is offered.
            not_before: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// It was decided who is offered an entry: one agent, or several at once of whom the first to accept gets it.
        Reserved {
            /// The entry.
            entry: EntryId,
            /// The agents chosen, each with the offer to them.
            chosen: Few<Chosen, OFFERS_AT_ONCE_MAX>,
            /// Who was considered, the chosen ones too, each with their score and why they lost.
            candidates: Few<Candidate, CANDIDATES_MAX>,
            /// How many were considered; more than are listed in a large queue.
            considered: u32,
            /// What it was decided by.
            inputs: Inputs,
            /// The lease under which it was decided.
            token: FencingToken,
            /// When the offers end by themselves if nobody ends them.
            until: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// An agent accepted before any other. The entry stays in its place until they are connected.
        Accepted {
            /// The entry.
            entry: EntryId,
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// An offer ended: the last word on it.
        OfferEnded {
            /// The entry.
            entry: EntryId,
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// How.
            how: OfferEnd,
            /// When.
            at: Timestamp,
        },
        /// An entry left the line: the last word on it.
        Left {
            /// The entry.
            entry: EntryId,
            /// Why.
            why: LeftBecause,
            /// How long the customer had waited, here and in queues before.
            waited_ms: Millis,
            /// When.
            at: Timestamp,
        },
    }
}
