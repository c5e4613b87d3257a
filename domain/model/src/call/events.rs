//! What can happen to a call: every event, in the order in which a call usually meets them.
//!
//! One enum in one file, however long: it is a dictionary, and `docs/events.md` is made from it. The decisions that
//! lead to each are in the module of its concern.

use super::facts::{
    Announcement, Beep, CANDIDATES_MAX, Candidate, Collected, Digits, INPUTS_MAX, Input, LookupOutcome, Nth,
    PROPERTIES_MAX, Prompt, Property, Quality, RecordedLegs, RecordingRights, RecordingStart,
    SupervisionMode, SurveyAnswer,
};
use super::parties::{Callee, Caller, Destination, Entrance, Mailbox, Party};
use super::reasons::{
    CallbackEnd, ConsultEnd, DeleteReason, EndCause, LeaveReason, LegCause, StopReason, TransferKind,
    Unreached, Withdrawal, WrapUpFailure,
};
use super::wrap_up::CODES_MAX;
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{
    AgentId, BridgeId, CallId, CallbackId, EntryId, JourneyId, LegId, NoteId, OfferId, QueueId, RecordingId,
    RoutingPolicyId, SoundId, StepId, SupervisionId, UserId, VoicemailId, WrapUpCodeId,
};
use crate::skills::SkillRequests;
use crate::text::{Body, Key, Line};
use crate::{Actor, Millis, PhoneNumber, Private, Timestamp};

crate::events! {
    /// What happened to a call.
    pub enum Event of "Call" {
        /// Somebody rings us. Whether and how the call is answered is the routing policy's to say.
        Offered {
            /// The caller's leg.
            leg: LegId,
            /// Who rings.
            caller: Caller,
            /// Where the call came in.
            entrance: Entrance,
            /// The journey it belongs to.
            journey: JourneyId,
            /// The call that it follows, such as the one that asked to be rung back.
            previous: Option<CallId>,
            /// When.
            at: Timestamp,
        },
        /// We are about to ring a customer.
        Placed {
            /// Whom we ring.
            to: Private<PhoneNumber>,
            /// The number of ours that they see, unless we hide it.
            presenting: Option<PhoneNumber>,
            /// Who wants the call.
            by: Actor,
            /// The agent who is to talk, where it is known already.
            agent: Option<AgentId>,
            /// The journey it belongs to.
            journey: JourneyId,
            /// The call that it follows.
            previous: Option<CallId>,
            /// The promise to ring back that it keeps.
            callback: Option<CallbackId>,
            /// When.
            at: Timestamp,
        },
        /// Custom properties were set; those not named stay as they are.
        PropertiesSet {
            /// The properties that changed, with their new values.
            properties: Few<Property, PROPERTIES_MAX>,
            /// When.
            at: Timestamp,
        },
        /// A telephone or browser became part of the call and is to be rung, unless it rings us.
        LegCreated {
            /// The leg.
            leg: LegId,
            /// Its number in this call, from 1 in the order of creation; it never changes.
            number: u32,
            /// Who is at its far end.
            party: Party,
            /// The offer that it rings for.
            offer: Option<OfferId>,
            /// The step of the routing policy that rings several at once, the first of which wins.
            hunt: Option<StepId>,
            /// When.
            at: Timestamp,
        },
        /// The far end rings.
        LegRang {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end sends sound before it answers: a ringing tone of its own, an announcement.
        LegEarlyMedia {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end answered, or we answered who rings us.
        LegAnswered {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// A leg is over, and with it its mute and its hold.
        LegEnded {
            /// The leg.
            leg: LegId,
            /// Why.
            cause: LegCause,
            /// When.
            at: Timestamp,
        },
        /// A leg is no longer heard by the others.
        LegMuted {
            /// The leg.
            leg: LegId,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A leg is heard again.
        LegUnmuted {
            /// The leg.
            leg: LegId,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Keys were sent to the far end of a leg, for instance to get through another company's menu.
        DtmfSent {
            /// The leg.
            leg: LegId,
            /// How many times keys were sent on this leg.
            nth: Nth,
            /// The keys; none where they are secret, such as a card's number.
            digits: Option<Private<Digits>>,
            /// Who sent them.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// How well a leg was heard became known. It may come after the call's end.
        LegMeasured {
            /// The leg.
            leg: LegId,
            /// The summary.
            quality: Quality,
            /// When.
            at: Timestamp,
        },
        /// A leg hears the others of a bridge, and they hear it.
        LegJoined {
            /// The bridge.
            bridge: BridgeId,
            /// The leg.
            leg: LegId,
            /// The number of this joining in the call, from 1. With a leg of `with` it names one conversation between
            /// two parties for ever.
            number: u32,
            /// Who was there already, in the order of their leg numbers.
            with: Vec<LegId>,
            /// When.
            at: Timestamp,
        },
        /// A leg left a bridge.
        LegLeft {
            /// The bridge.
            bridge: BridgeId,
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The call entered a routing policy.
        PolicyEntered {
            /// The step that this is.
            step: StepId,
            /// The routing policy.
            policy: RoutingPolicyId,
            /// Its published version.
            version: u32,
            /// The hash of that version's graph.
            hash: ContentHash,
            /// When.
            at: Timestamp,
        },
        /// An app of the routing policy decided how the call goes on.
        StepDecided {
            /// The step that this is.
            step: StepId,
            /// The node of the graph.
            node: Key,
            /// The kind of app.
            app: Key,
            /// The outlet that was taken: `matched`, `timed_out`.
            branch: Key,
            /// The hash of the routing policy's graph that decided.
            hash: ContentHash,
            /// What the decision was based on.
            inputs: Few<Input, INPUTS_MAX>,
            /// Why, in a sentence for an admin.
            reason: Line,
            /// When.
            at: Timestamp,
        },
        /// An outside system was asked something; the call goes on without it at the deadline.
        LookupRequested {
            /// The step that asks.
            step: StepId,
            /// What was asked: the lookup's name in the routing policy.
            what: Key,
            /// Until when the answer counts.
            deadline: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The outside system answered in time.
        LookupAnswered {
            /// The step that asked.
            step: StepId,
            /// The answer.
            outcome: LookupOutcome,
            /// When.
            at: Timestamp,
        },
        /// The outside system did not answer in time.
        LookupTimedOut {
            /// The step that asked.
            step: StepId,
            /// When.
            at: Timestamp,
        },
        /// Somebody heard a prompt.
        PromptPlayed {
            /// The step that played it.
            step: StepId,
            /// How many prompts the step had played.
            nth: Nth,
            /// Who heard it.
            leg: LegId,
            /// What they heard.
            prompt: Prompt,
            /// How much of it they heard.
            heard_ms: Millis,
            /// Whether they cut it short, by a key or by speaking.
            interrupted: bool,
            /// When it ended.
            at: Timestamp,
        },
        /// Keys were asked for.
        DigitsCollected {
            /// The step that asked.
            step: StepId,
            /// How many times the step had asked.
            nth: Nth,
            /// How it ended.
            outcome: Collected,
            /// The keys; none where there were none, or where they are secret.
            digits: Option<Private<Digits>>,
            /// When it ended.
            at: Timestamp,
        },
        /// The routing policy asked for skills, which the next queue is to look for.
        SkillsRequested {
            /// The step that asked.
            step: StepId,
            /// The skills; they replace those asked for before.
            skills: SkillRequests,
            /// When.
            at: Timestamp,
        },
        /// The caller began to wait in a queue. Each time is an entry of its own.
        Queued {
            /// The entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// The caller's priority: higher ones go first.
            priority: i32,
            /// The skills that they need.
            skills: SkillRequests,
            /// The entry, of this call or of the one before it, whose place they keep.
            keeps_place_of: Option<EntryId>,
            /// Since when they count as waiting; earlier than `at` if they keep a place.
            waiting_since: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller's priority changed.
        PriorityChanged {
            /// The entry.
            entry: EntryId,
            /// The new priority.
            priority: i32,
            /// Who changed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller was told something.
        AnnouncementPlayed {
            /// The entry.
            entry: EntryId,
            /// How many announcements this entry had heard.
            nth: Nth,
            /// What they were told.
            announcement: Announcement,
            /// When it ended.
            at: Timestamp,
        },
        /// The caller's time in a queue is over. Each entry leaves exactly once.
        LeftQueue {
            /// The entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// Why.
            reason: LeaveReason,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller was offered to an agent, whose devices are to ring. Each offer ends exactly once.
        AgentOffered {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// The agent.
            agent: AgentId,
            /// How long they have to answer.
            ring_ms: Millis,
            /// Until when they have to answer.
            until: Timestamp,
            /// The rule by which the queue chose: `longest_idle`.
            strategy: Key,
            /// The hash of the queue's settings at that moment.
            settings: ContentHash,
            /// Who could have been chosen, best first, the chosen one among them.
            candidates: Few<Candidate, CANDIDATES_MAX>,
            /// When.
            at: Timestamp,
        },
        /// A device of the agent rings.
        OfferRang {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The agent took the caller. At most one offer of an entry is ever accepted.
        OfferAccepted {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The agent turned the caller down.
        OfferRejected {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why, where they said.
            reason: Option<Key>,
            /// When.
            at: Timestamp,
        },
        /// The agent's devices rang, and nobody answered in time.
        OfferMissed {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The caller was gone before the agent answered; nobody is to blame.
        OfferCallerGone {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// No device of the agent could be reached: they heard nothing, and did not miss the caller.
        OfferUnreachable {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why not.
            why: Unreached,
            /// When.
            at: Timestamp,
        },
        /// The offer was taken back before the agent answered.
        OfferWithdrawn {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why.
            why: Withdrawal,
            /// When.
            at: Timestamp,
        },
        /// Somebody wants a leg to wait and hear music.
        HoldRequested {
            /// The leg that is to wait.
            leg: LegId,
            /// Who wants it.
            by: Actor,
            /// The music, unless the tenant's.
            music: Option<SoundId>,
            /// When.
            at: Timestamp,
        },
        /// A leg waits and hears music; it and the others hear each other no more.
        Held {
            /// The leg that waits.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end or a part of ours refused to hold.
        HoldRefused {
            /// The leg that goes on.
            leg: LegId,
            /// Why.
            reason: Key,
            /// When.
            at: Timestamp,
        },
        /// Somebody wants to end the hold.
        ResumeRequested {
            /// The leg that waits.
            leg: LegId,
            /// Who wants it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A leg waits no more.
        Resumed {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end or a part of ours refused to resume.
        ResumeRefused {
            /// The leg that still waits.
            leg: LegId,
            /// Why.
            reason: Key,
            /// When.
            at: Timestamp,
        },
        /// An agent wants to ask somebody while the caller waits: a new leg rings, and the two get a bridge of their own.
        ConsultStarted {
            /// The bridge for the two; it names the consult.
            consult: BridgeId,
            /// The bridge that the agent comes from.
            main: BridgeId,
            /// The agent's leg.
            leg: LegId,
            /// The leg of who is asked.
            target: LegId,
            /// Who is asked.
            to: Callee,
            /// When.
            at: Timestamp,
        },
        /// A consult ended, and the agent keeps the caller.
        ConsultEnded {
            /// The consult.
            consult: BridgeId,
            /// Why.
            why: ConsultEnd,
            /// When.
            at: Timestamp,
        },
        /// A consult became a conference: the agent, who was asked and the caller all hear each other.
        Merged {
            /// The consult.
            consult: BridgeId,
            /// The bridge that they are all in from now on.
            bridge: BridgeId,
            /// When.
            at: Timestamp,
        },
        /// An agent wants to hand the caller on without asking first.
        TransferRequested {
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// Who wants it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The caller was handed on; the agent's leg ends.
        Transferred {
            /// Whether somebody was asked first.
            kind: TransferKind,
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// The leg that takes over, after a consult.
            target: Option<LegId>,
            /// When.
            at: Timestamp,
        },
        /// The caller could not be handed on and stays with the agent.
        TransferFailed {
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// Why.
            cause: LegCause,
            /// When.
            at: Timestamp,
        },
        /// The call is to be recorded.
        RecordingRequested {
            /// The recording.
            recording: RecordingId,
            /// Which sides.
            legs: RecordedLegs,
            /// What makes it begin.
            start: RecordingStart,
            /// Who hears that it is recorded.
            beep: Beep,
            /// What an agent may do with it.
            rights: RecordingRights,
            /// Why it is made: `training`, `contract`.
            reason: Key,
            /// Who wants it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Sound is being kept.
        RecordingStarted {
            /// The recording.
            recording: RecordingId,
            /// When.
            at: Timestamp,
        },
        /// The recording did not come to be: nothing was kept.
        RecordingFailed {
            /// The recording.
            recording: RecordingId,
            /// Why.
            why: StopReason,
            /// When.
            at: Timestamp,
        },
        /// No sound is kept for a while.
        RecordingPaused {
            /// The recording.
            recording: RecordingId,
            /// Why: `card_payment`.
            reason: Key,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Sound is kept again.
        RecordingResumed {
            /// The recording.
            recording: RecordingId,
            /// How long the gap was.
            gap_ms: Millis,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The recording is complete.
        RecordingStopped {
            /// The recording.
            recording: RecordingId,
            /// Why.
            why: StopReason,
            /// How long it was paused, all gaps together.
            gaps_ms: Millis,
            /// When.
            at: Timestamp,
        },
        /// The recording is safe in the archive. It may come after the call's end.
        RecordingArchived {
            /// The recording.
            recording: RecordingId,
            /// Where it lies, as the archive names it; never an address that opens it.
            reference: Line,
            /// The hash of the file.
            hash: ContentHash,
            /// The length of the sound.
            length_ms: Millis,
            /// The size of the file in bytes.
            bytes: u64,
            /// When.
            at: Timestamp,
        },
        /// The recording was deleted everywhere. It may come after the call's end.
        RecordingDeleted {
            /// The recording.
            recording: RecordingId,
            /// Why.
            why: DeleteReason,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The caller left a message. It may come after the call's end, when the file is complete.
        VoicemailLeft {
            /// The message.
            voicemail: VoicemailId,
            /// Whose box it is in.
            mailbox: Mailbox,
            /// Where it lies, as the archive names it; never an address that opens it.
            reference: Line,
            /// The hash of the file.
            hash: ContentHash,
            /// The length of the sound.
            length_ms: Millis,
            /// When.
            at: Timestamp,
        },
        /// The message was deleted everywhere. It may come after the call's end.
        VoicemailDeleted {
            /// The message.
            voicemail: VoicemailId,
            /// Why.
            why: DeleteReason,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The caller may choose to be rung back.
        CallbackOffered {
            /// The promise.
            callback: CallbackId,
            /// The entry whose place they would keep.
            entry: Option<EntryId>,
            /// When.
            at: Timestamp,
        },
        /// The caller asked to be rung back.
        CallbackAccepted {
            /// The promise.
            callback: CallbackId,
            /// The number to ring.
            number: Private<PhoneNumber>,
            /// The entry whose place they keep.
            entry: Option<EntryId>,
            /// The queue in which they keep a place.
            queue: Option<QueueId>,
            /// Since when they count as waiting.
            waiting_since: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The moment to ring back was set.
        CallbackScheduled {
            /// The promise.
            callback: CallbackId,
            /// Not before this moment.
            due: Timestamp,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A call was placed to keep the promise.
        CallbackAttempted {
            /// The promise.
            callback: CallbackId,
            /// The new call.
            call: CallId,
            /// How many calls were placed to keep it, this one included.
            attempt: u32,
            /// When.
            at: Timestamp,
        },
        /// The promise was kept: the customer was reached and served.
        CallbackCompleted {
            /// The promise.
            callback: CallbackId,
            /// The call that kept it.
            call: CallId,
            /// When.
            at: Timestamp,
        },
        /// The promise ended without being kept.
        CallbackCancelled {
            /// The promise.
            callback: CallbackId,
            /// Why.
            why: CallbackEnd,
            /// Who called it off.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part.
        SupervisionStarted {
            /// The supervision.
            supervision: SupervisionId,
            /// The supervisor.
            by: UserId,
            /// Their leg.
            leg: LegId,
            /// How they take part.
            mode: SupervisionMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part in another way.
        SupervisionModeChanged {
            /// The supervision.
            supervision: SupervisionId,
            /// How they take part from now on.
            mode: SupervisionMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part no more.
        SupervisionEnded {
            /// The supervision.
            supervision: SupervisionId,
            /// Why.
            why: StopReason,
            /// When.
            at: Timestamp,
        },
        /// The call is over. All that was open ended in the same decision, just before this.
        Ended {
            /// Why.
            cause: EndCause,
            /// When.
            at: Timestamp,
        },
        /// An agent's work after their part of the call began.
        WrapUpStarted {
            /// The leg on which they had talked; it names the wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Until when it may last; without end if none.
            until: Option<Timestamp>,
            /// When.
            at: Timestamp,
        },
        /// An agent got more time.
        WrapUpExtended {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Until when it may last now.
            until: Timestamp,
            /// Who gave it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// An agent is done with the call.
        WrapUpEnded {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Who ended it; a process where the time ran out.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The wrap-up ended without what had to be done.
        WrapUpFailed {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Why.
            why: WrapUpFailure,
            /// When.
            at: Timestamp,
        },
        /// Somebody said what came of an agent's part of the call.
        Dispositioned {
            /// The leg on which the agent had talked.
            leg: LegId,
            /// The wrap-up codes, each once; they replace those chosen before.
            codes: Few<WrapUpCodeId, CODES_MAX>,
            /// Who chose them.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Somebody wrote a note on the call, or wrote it anew.
        NoteSaved {
            /// The note.
            note: NoteId,
            /// How many times it was written.
            nth: Nth,
            /// What it says.
            text: Private<Body>,
            /// Who wrote it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The customer answered a question about the call. The first answer to each question stands.
        SurveyAnswered {
            /// The survey.
            survey: Key,
            /// The question.
            question: Key,
            /// The answer.
            answer: SurveyAnswer,
            /// When.
            at: Timestamp,
        },
    }
}
