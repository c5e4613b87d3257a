//! Why a command to a call is refused, worded for a person.

use super::parties::Direction;
use super::reasons::Outcome;
use crate::ids::{
    AgentId, BridgeId, CallId, CallbackId, EntryId, LegId, OfferId, RecordingId, StepId, SupervisionId,
    VoicemailId,
};
use crate::{Millis, Timestamp};

/// Why a command was refused. The call is as it was.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// Nobody rang yet.
    #[error("the call has not begun")]
    NotBegun,
    /// The id belongs to a call that goes the other way.
    #[error("the call began already, and it is {direction:?}")]
    BegunOtherwise {
        /// Which way it goes.
        direction: Direction,
    },
    /// The call ended, and what is asked for needs a live one.
    #[error("the call is over")]
    CallOver,
    /// The caller hung up, while others still talk.
    #[error("the caller is gone")]
    CallerGone,
    /// A limit was reached that keeps a call's stream short.
    #[error("the call has {max} {what}, which is the most it may have")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// It would last longer than anything of its kind may.
    #[error("{field} is {given}, {max} is allowed")]
    TooLong {
        /// The field: `ring_ms`.
        field: &'static str,
        /// What was given.
        given: Millis,
        /// The longest that is allowed.
        max: Millis,
    },
    /// Something happened that whoever decided did not know of yet.
    #[error("the decision rests on {rests_on} events of the call, which has {recorded} by now")]
    Outdated {
        /// How many events the decision rests on.
        rests_on: u32,
        /// How many there are.
        recorded: u32,
    },
    /// It is too early to say that a time ran out.
    #[error("there is time until {until}")]
    NotYet {
        /// Until when.
        until: Timestamp,
    },

    /// No leg has the id.
    #[error("the call has no leg {leg}")]
    NoSuchLeg {
        /// The id.
        leg: LegId,
    },
    /// The id belongs to a leg of somebody else.
    #[error("leg {leg} is there already, for somebody else")]
    LegTaken {
        /// The leg.
        leg: LegId,
    },
    /// The caller has a live leg.
    #[error("the caller is there already, on leg {leg}")]
    CallerPresent {
        /// The caller's leg.
        leg: LegId,
    },
    /// The leg ended.
    #[error("leg {leg} is over")]
    LegOver {
        /// The leg.
        leg: LegId,
    },
    /// The leg was not answered yet.
    #[error("leg {leg} is not answered yet")]
    NotAnswered {
        /// The leg.
        leg: LegId,
    },
    /// Another leg of the same hunt answered first.
    #[error("leg {by} answered first")]
    HuntTaken {
        /// The leg that did.
        by: LegId,
    },
    /// Only an agent may do this.
    #[error("leg {leg} is no agent's")]
    NotAnAgent {
        /// The leg.
        leg: LegId,
    },

    /// Another agent has the caller.
    #[error("agent {by} has this caller")]
    Taken {
        /// Who was first.
        by: AgentId,
    },
    /// The leg hears others.
    #[error("leg {leg} is in bridge {bridge} and must leave that first")]
    InAnotherBridge {
        /// The leg.
        leg: LegId,
        /// Where it is.
        bridge: BridgeId,
    },
    /// The leg hears nobody.
    #[error("leg {leg} is in no bridge")]
    InNoBridge {
        /// The leg.
        leg: LegId,
    },
    /// The agent takes part on another leg.
    #[error("agent {agent} takes part already, on leg {leg}")]
    AgentPresent {
        /// The agent.
        agent: AgentId,
        /// That leg.
        leg: LegId,
    },
    /// A supervisor's leg without a supervision.
    #[error("leg {leg} supervises nothing")]
    NotSupervising {
        /// The leg.
        leg: LegId,
    },
    /// The id belongs to a bridge that is in use.
    #[error("bridge {bridge} is in use")]
    BridgeTaken {
        /// The bridge.
        bridge: BridgeId,
    },

    /// No entry has the id.
    #[error("the call has no queue entry {entry}")]
    NoSuchEntry {
        /// The id.
        entry: EntryId,
    },
    /// The caller left that queue.
    #[error("queue entry {entry} is over")]
    EntryOver {
        /// The entry.
        entry: EntryId,
    },
    /// The caller waits.
    #[error("the caller waits already, as queue entry {entry}")]
    Waiting {
        /// The entry.
        entry: EntryId,
    },

    /// No offer has the id.
    #[error("the call has no offer {offer}")]
    NoSuchOffer {
        /// The id.
        offer: OfferId,
    },
    /// The offer ended another way.
    #[error("offer {offer} is over: {outcome}")]
    OfferOver {
        /// The offer.
        offer: OfferId,
        /// How it ended.
        outcome: Outcome,
    },
    /// The offer has not been accepted.
    #[error("offer {offer} is still open")]
    OfferOpen {
        /// The offer.
        offer: OfferId,
    },
    /// Only its own agent's devices ring for an offer.
    #[error("offer {offer} is agent {agent}'s")]
    OfferOfAnother {
        /// The offer.
        offer: OfferId,
        /// Whose it is.
        agent: AgentId,
    },
    /// The agent's devices ring for this call already.
    #[error("agent {agent} has an open offer of this call, {offer}")]
    OfferedAlready {
        /// The agent.
        agent: AgentId,
        /// That offer.
        offer: OfferId,
    },

    /// A hold is being set up.
    #[error("leg {leg} is just being put on hold")]
    HoldUnderWay {
        /// The leg.
        leg: LegId,
    },
    /// A hold is being ended.
    #[error("leg {leg} is just being taken off hold")]
    ResumeUnderWay {
        /// The leg.
        leg: LegId,
    },
    /// The caller would hear the consult, or silence.
    #[error("the caller must be on hold first")]
    CallerNotOnHold,
    /// No consult has the id.
    #[error("the call has no consult {consult}")]
    NoSuchConsult {
        /// The id.
        consult: BridgeId,
    },
    /// The consult ended another way.
    #[error("consult {consult} is over")]
    ConsultOver {
        /// The consult.
        consult: BridgeId,
    },
    /// The agent asks somebody.
    #[error("leg {leg} is in consult {consult} already")]
    Consulting {
        /// The leg.
        leg: LegId,
        /// The consult.
        consult: BridgeId,
    },
    /// No transfer from this leg was asked for.
    #[error("leg {leg} is not handing anybody on")]
    NoTransfer {
        /// The leg.
        leg: LegId,
    },
    /// A transfer from this leg is under way, or done, to somewhere else.
    #[error("leg {leg} is handing the caller on already")]
    Transferring {
        /// The leg.
        leg: LegId,
    },

    /// No recording has the id.
    #[error("the call has no recording {recording}")]
    NoSuchRecording {
        /// The id.
        recording: RecordingId,
    },
    /// The recording has not begun.
    #[error("recording {recording} has not begun")]
    RecordingNotBegun {
        /// The recording.
        recording: RecordingId,
    },
    /// The recording is still being made.
    #[error("recording {recording} is still being made")]
    RecordingOpen {
        /// The recording.
        recording: RecordingId,
    },
    /// The recording is complete, failed or deleted.
    #[error("recording {recording} is over")]
    RecordingOver {
        /// The recording.
        recording: RecordingId,
    },
    /// The routing policy keeps agents from pausing or stopping this recording.
    #[error("agents may not do this to recording {recording}")]
    RecordingProtected {
        /// The recording.
        recording: RecordingId,
    },
    /// No voicemail has the id.
    #[error("the call has no voicemail {voicemail}")]
    NoSuchVoicemail {
        /// The id.
        voicemail: VoicemailId,
    },
    /// No callback has the id.
    #[error("the call has no callback {callback}")]
    NoSuchCallback {
        /// The id.
        callback: CallbackId,
    },
    /// The caller was asked and has not said yes.
    #[error("callback {callback} was not accepted by the caller")]
    CallbackNotAccepted {
        /// The callback.
        callback: CallbackId,
    },
    /// No call was placed to keep the promise, or another one was.
    #[error("this call was not placed for callback {callback}")]
    CallbackNotAttempted {
        /// The callback.
        callback: CallbackId,
    },
    /// A call that was placed to keep the promise goes on.
    #[error("the call {by} was placed for callback {callback} and goes on")]
    RingingBack {
        /// The callback.
        callback: CallbackId,
        /// That call.
        by: CallId,
    },
    /// The promise was kept or called off.
    #[error("callback {callback} is over")]
    CallbackOver {
        /// The callback.
        callback: CallbackId,
    },

    /// No supervision has the id.
    #[error("the call has no supervision {supervision}")]
    NoSuchSupervision {
        /// The id.
        supervision: SupervisionId,
    },
    /// The supervision ended.
    #[error("supervision {supervision} is over")]
    SupervisionOver {
        /// The supervision.
        supervision: SupervisionId,
    },
    /// The leg is used for another supervision.
    #[error("leg {leg} is used for supervision {supervision} already")]
    Supervising {
        /// The leg.
        leg: LegId,
        /// That supervision.
        supervision: SupervisionId,
    },

    /// The step asked nothing.
    #[error("step {step} asked nothing")]
    NothingAsked {
        /// The step.
        step: StepId,
    },
    /// The question was answered, or its time ran out.
    #[error("the question of step {step} is closed")]
    LookupOver {
        /// The step.
        step: StepId,
    },

    /// The agent's part of the call goes on.
    #[error("leg {leg} still takes part in the call")]
    LegLive {
        /// The leg.
        leg: LegId,
    },
    /// There is no wrap-up after that leg.
    #[error("no wrap-up began after leg {leg}")]
    NoSuchWrapUp {
        /// The leg.
        leg: LegId,
    },
    /// The wrap-up ended another way.
    #[error("the wrap-up after leg {leg} is over")]
    WrapUpOver {
        /// The leg.
        leg: LegId,
    },
}
