//! What can happen to a call: every event, in the order in which a call usually meets them.
//!
//! One enum, written in parts by subject: it is a dictionary, and `docs/events.md` is made from it. The decisions that
//! lead to each are in the module of its concern. The types that all parts name are brought in here.

mod after;
mod keeping;
mod legs;
mod routing;
mod talking;
mod waiting;

use super::facts::{
    Announcement, Beep, CANDIDATES_MAX, Candidate, Collected, Digits, Hunt, INPUTS_MAX, Input, LookupOutcome,
    Nth, PROPERTIES_MAX, Prompt, Property, Quality, RecordedLegs, RecordingRights, RecordingStart,
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
use crate::queue::{PolicyTold, Priority};
use crate::skills::SkillRequests;
use crate::text::{Body, Key, Line};
use crate::{Actor, Millis, PhoneNumber, Private, Timestamp};
use after::after;
use keeping::keeping;
use legs::legs;
use routing::routing;
use talking::talking;
use waiting::waiting;

crate::events! {
    /// What happened to a call.
    pub enum Event of "Call" in parts { legs, routing, waiting, talking, keeping, after }
}
