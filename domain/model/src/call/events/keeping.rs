//! What is kept of a call: recordings and messages.

crate::events_part! {
    $ keeping {
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
        /// The caller was asked for a message and left none.
        VoicemailNotLeft {
            /// The message that there is not.
            voicemail: VoicemailId,
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
    }
}
