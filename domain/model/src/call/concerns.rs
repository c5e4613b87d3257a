//! Which events belong to which concern.
//!
//! Each concern matches its own events in full and names those of the others as `events_of!(leg offer …)`, so that a
//! new kind of event stops the build here and in the concern that has to fold it.

macro_rules! events_of {
    (life) => {
        Event::Offered { .. } | Event::Placed { .. } | Event::PropertiesSet { .. } | Event::Ended { .. }
    };
    (leg) => {
        Event::LegCreated { .. }
            | Event::LegRang { .. }
            | Event::LegEarlyMedia { .. }
            | Event::LegAnswered { .. }
            | Event::LegEnded { .. }
            | Event::LegMuted { .. }
            | Event::LegUnmuted { .. }
            | Event::DtmfSent { .. }
            | Event::LegMeasured { .. }
    };
    (bridge) => {
        Event::LegJoined { .. } | Event::LegLeft { .. }
    };
    (routing) => {
        Event::PolicyEntered { .. } | Event::StepDecided { .. } | Event::SkillsRequested { .. }
    };
    (prompt) => {
        Event::PromptPlayed { .. } | Event::DigitsCollected { .. }
    };
    (lookup) => {
        Event::LookupRequested { .. } | Event::LookupAnswered { .. } | Event::LookupTimedOut { .. }
    };
    (queue) => {
        Event::Queued { .. }
            | Event::PriorityChanged { .. }
            | Event::AnnouncementPlayed { .. }
            | Event::LeftQueue { .. }
    };
    (offer) => {
        Event::AgentOffered { .. }
            | Event::OfferRang { .. }
            | Event::OfferAccepted { .. }
            | Event::OfferRejected { .. }
            | Event::OfferMissed { .. }
            | Event::OfferCallerGone { .. }
            | Event::OfferUnreachable { .. }
            | Event::OfferWithdrawn { .. }
    };
    (hold) => {
        Event::HoldRequested { .. }
            | Event::Held { .. }
            | Event::HoldRefused { .. }
            | Event::ResumeRequested { .. }
            | Event::Resumed { .. }
            | Event::ResumeRefused { .. }
    };
    (transfer) => {
        Event::ConsultStarted { .. }
            | Event::ConsultEnded { .. }
            | Event::Merged { .. }
            | Event::TransferRequested { .. }
            | Event::Transferred { .. }
            | Event::TransferFailed { .. }
    };
    (recording) => {
        Event::RecordingRequested { .. }
            | Event::RecordingStarted { .. }
            | Event::RecordingFailed { .. }
            | Event::RecordingPaused { .. }
            | Event::RecordingResumed { .. }
            | Event::RecordingStopped { .. }
    };
    (archive) => {
        Event::RecordingArchived { .. }
            | Event::RecordingDeleted { .. }
            | Event::VoicemailLeft { .. }
            | Event::VoicemailNotLeft { .. }
            | Event::VoicemailDeleted { .. }
    };
    (callback) => {
        Event::CallbackOffered { .. }
            | Event::CallbackAccepted { .. }
            | Event::CallbackScheduled { .. }
            | Event::CallbackAttempted { .. }
            | Event::CallbackFailed { .. }
            | Event::CallbackCompleted { .. }
            | Event::CallbackCancelled { .. }
    };
    (supervision) => {
        Event::SupervisionStarted { .. }
            | Event::SupervisionModeChanged { .. }
            | Event::SupervisionEnded { .. }
    };
    (wrap_up) => {
        Event::WrapUpStarted { .. }
            | Event::WrapUpExtended { .. }
            | Event::WrapUpEnded { .. }
            | Event::WrapUpFailed { .. }
            | Event::Dispositioned { .. }
            | Event::NoteSaved { .. }
            | Event::SurveyAnswered { .. }
    };
    ($first:ident $($rest:ident)+) => {
        $crate::call::concerns::events_of!($first) | $crate::call::concerns::events_of!($($rest)+)
    };
}

pub(crate) use events_of;
