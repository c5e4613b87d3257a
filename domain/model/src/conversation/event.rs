//! What happened to a conversation: the stored form.

use super::assignment::{How, UnassignReason};
use super::channel::{Channel, Inbox, Pair};
use super::content::{Content, ProviderRef, TemplateUse};
use super::filing::{Record, Role};
use super::offer::{MissReason, WithdrawReason};
use super::permission::{Basis, BlockReason, ConsentOutcome};
use super::routing::Decision;
use crate::call::reasons::Exit;
use crate::context::Actor;
use crate::ids::{
    AgentId, ConsentId, EntryId, JourneyId, MessageId, NoteId, OfferId, QueueId, StepId, WrapUpCodeId,
    WrapUpId,
};
use crate::text::{self, Key};
use crate::{Millis, Private, Timestamp};

crate::events! {
    /// What happened to a conversation.
    pub enum Event of "Conversation" {
        /// An exchange with a customer began.
        Opened {
            /// The journey it belongs to.
            journey: JourneyId,
            /// Where it takes place.
            pair: Pair,
            /// Who began it: the customer by writing, or one of us.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The exchange went on elsewhere, on another channel or between other addresses; the journey is the same.
        ChannelSwitched {
            /// The channel it left.
            from: Channel,
            /// Where it goes on.
            to: Pair,
            /// Who switched: the customer by writing from there, or one of us.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A routing policy decided where the conversation goes.
        Routed {
            /// The decision and all that it was made from.
            decision: Decision,
            /// When.
            at: Timestamp,
        },
        /// The conversation was put into an inbox.
        InboxSet {
            /// The inbox.
            inbox: Inbox,
            /// Who put it there.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The conversation waits in a queue no more, and no agent has it: its routing policy goes on, or another queue helps out.
        LeftQueue {
            /// Its entry there.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// Why.
            why: Exit,
            /// When.
            at: Timestamp,
        },
        /// The conversation was offered to an agent. Exactly one of the four outcomes follows.
        Offered {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// The queue entry that it was offered from, if it waited in a queue.
            entry: Option<EntryId>,
            /// How long it is shown.
            ring_ms: Millis,
            /// When.
            at: Timestamp,
        },
        /// The agent took the offer. Of several agents asked, the first wins.
        OfferAccepted {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The agent declined the offer.
        OfferRejected {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// The code of the reason, if the agent gave one.
            reason: Option<Key>,
            /// When.
            at: Timestamp,
        },
        /// The agent did not answer the offer.
        OfferMissed {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// Why.
            reason: MissReason,
            /// When.
            at: Timestamp,
        },
        /// The offer was taken back before the agent answered.
        OfferWithdrawn {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// Why.
            reason: WithdrawReason,
            /// When.
            at: Timestamp,
        },
        /// An agent became responsible; nobody was before.
        Assigned {
            /// The agent.
            agent: AgentId,
            /// How it came about.
            how: How,
            /// Who did it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// An agent became responsible in place of another.
        TakenOver {
            /// The agent who is responsible now.
            agent: AgentId,
            /// The agent who was.
            from: AgentId,
            /// Who did it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The agent is no longer responsible, and nobody is.
        Unassigned {
            /// The agent who was.
            agent: AgentId,
            /// Why.
            reason: UnassignReason,
            /// Who did it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The customer wrote.
        MessageReceived {
            /// The message.
            message: MessageId,
            /// The channel it came in on.
            channel: Channel,
            /// What it says.
            content: Content,
            /// What its provider calls it.
            provider: ProviderRef,
            /// When it was sent, by the provider's clock, which is not ours and may be wrong.
            sent_at: Option<Timestamp>,
            /// When it came in.
            at: Timestamp,
        },
        /// One of us wrote a message; it is yet to be checked and sent.
        MessageComposed {
            /// The message.
            message: MessageId,
            /// The channel it is for.
            channel: Channel,
            /// Who wrote it.
            author: Actor,
            /// What it says.
            content: Content,
            /// The template it was made from, if any.
            template: Option<TemplateUse>,
            /// When.
            at: Timestamp,
        },
        /// A routing policy changed a message before anyone else saw it.
        MessageRewritten {
            /// The message.
            message: MessageId,
            /// The step that changed it.
            step: StepId,
            /// The rule that applied, by its name in the policy's document.
            rule: Key,
            /// What it says now.
            content: Content,
            /// When.
            at: Timestamp,
        },
        /// A message passed its checks: it may be sent, or shown to agents.
        MessageCleared {
            /// The message.
            message: MessageId,
            /// On what ground.
            basis: Basis,
            /// When.
            at: Timestamp,
        },
        /// A message was stopped: it is neither sent nor shown.
        MessageBlocked {
            /// The message.
            message: MessageId,
            /// Why.
            reason: BlockReason,
            /// When.
            at: Timestamp,
        },
        /// The provider took a message of ours.
        MessageSent {
            /// The message.
            message: MessageId,
            /// What its provider calls it.
            provider: ProviderRef,
            /// When.
            at: Timestamp,
        },
        /// A message of ours reached the customer.
        MessageDelivered {
            /// The message.
            message: MessageId,
            /// When.
            at: Timestamp,
        },
        /// A message of ours could not be sent or delivered.
        MessageFailed {
            /// The message.
            message: MessageId,
            /// The reason's code.
            reason: Key,
            /// Whether writing it again can help.
            retryable: bool,
            /// When.
            at: Timestamp,
        },
        /// A message was read: by the customer if it is ours, by an agent if it is the customer's.
        MessageRead {
            /// The message.
            message: MessageId,
            /// Who read it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A message was deleted: it is no longer shown.
        MessageDeleted {
            /// The message.
            message: MessageId,
            /// Who deleted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A message changed what we may send to the customer.
        ConsentNoted {
            /// The message.
            message: MessageId,
            /// The consent, which has its own history.
            consent: ConsentId,
            /// What came of it.
            outcome: ConsentOutcome,
            /// When.
            at: Timestamp,
        },
        /// A CRM record was put on the conversation.
        RecordAssigned {
            /// The record.
            record: Record,
            /// What it is to the conversation.
            role: Role,
            /// Who put it there.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A CRM record was taken off the conversation.
        RecordRemoved {
            /// The record.
            record: Record,
            /// Who took it off.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A wrap-up was filed. A conversation may have several.
        WrapUpAdded {
            /// The wrap-up.
            wrap_up: WrapUpId,
            /// Its code.
            code: WrapUpCodeId,
            /// What was written beside it.
            note: Option<Private<text::Body>>,
            /// Who filed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A wrap-up was changed.
        WrapUpEdited {
            /// The wrap-up.
            wrap_up: WrapUpId,
            /// Its code now.
            code: WrapUpCodeId,
            /// What is written beside it now.
            note: Option<Private<text::Body>>,
            /// Who changed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A wrap-up was removed.
        WrapUpRemoved {
            /// The wrap-up.
            wrap_up: WrapUpId,
            /// Who removed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Whoever had the conversation summed it up for whoever has it next.
        HandOverSummarised {
            /// The note that is the summary.
            note: NoteId,
            /// The summary.
            summary: Private<text::Body>,
            /// Who summed it up: an agent or an assistant.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The conversation ended. It is never opened again: the next message begins another.
        Archived {
            /// Who ended it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
    }
}
