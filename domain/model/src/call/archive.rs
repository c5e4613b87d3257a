//! What is kept of a call when it is over: recordings and messages in the archive, until they are deleted.

use serde::{Deserialize, Serialize};

use super::concerns::events_of;
use super::draft::Draft;
use super::events::Event;
use super::parties::Mailbox;
use super::reasons::DeleteReason;
use super::recording::{self, Stage};
use super::rejection::Rejection;
use super::state::State;
use crate::content_hash::ContentHash;
use crate::ids::{RecordingId, VoicemailId};
use crate::text::Line;
use crate::{Actor, Millis, Timestamp};

/// The most messages that one call ever leaves.
pub const VOICEMAILS_MAX: usize = 20;

/// What the archive reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// A recording is safe in the archive.
    KeepRecording {
        /// The recording.
        recording: RecordingId,
        /// Where it lies.
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
    /// A recording was deleted everywhere.
    DeleteRecording {
        /// The recording.
        recording: RecordingId,
        /// Why.
        why: DeleteReason,
        /// Who wanted it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// A message that the caller left is safe in the archive.
    KeepVoicemail {
        /// The message.
        voicemail: VoicemailId,
        /// Whose box it is in.
        mailbox: Mailbox,
        /// Where it lies.
        reference: Line,
        /// The hash of the file.
        hash: ContentHash,
        /// The length of the sound.
        length_ms: Millis,
        /// When.
        at: Timestamp,
    },
    /// The caller was asked for a message and left none.
    ReportNoVoicemail {
        /// The message that there is not.
        voicemail: VoicemailId,
        /// When.
        at: Timestamp,
    },
    /// A message was deleted everywhere.
    DeleteVoicemail {
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

pub(super) fn decide(draft: &mut Draft, command: Command) -> Result<(), Rejection> {
    let state = &draft.state;
    let event = match command {
        Command::KeepRecording {
            recording,
            reference,
            hash,
            length_ms,
            bytes,
            at,
        } => may_keep(state, recording)?.then_some(Event::RecordingArchived {
            recording,
            reference,
            hash,
            length_ms,
            bytes,
            at,
        }),
        Command::DeleteRecording {
            recording,
            why,
            by,
            at,
        } => may_delete(state, recording)?.then_some(Event::RecordingDeleted {
            recording,
            why,
            by,
            at,
        }),
        Command::KeepVoicemail {
            voicemail,
            mailbox,
            reference,
            hash,
            length_ms,
            at,
        } => may_leave(state, voicemail)?.then_some(Event::VoicemailLeft {
            voicemail,
            mailbox,
            reference,
            hash,
            length_ms,
            at,
        }),
        Command::ReportNoVoicemail { voicemail, at } => {
            let new = !state.silent.contains(&voicemail) && may_leave(state, voicemail)?;
            new.then_some(Event::VoicemailNotLeft { voicemail, at })
        }
        Command::DeleteVoicemail {
            voicemail,
            why,
            by,
            at,
        } => {
            let deleted = state.voicemails.get(&voicemail);
            let deleted = deleted.ok_or(Rejection::NoSuchVoicemail { voicemail })?;
            (!deleted).then_some(Event::VoicemailDeleted {
                voicemail,
                why,
                by,
                at,
            })
        }
    };
    event.into_iter().for_each(|event| draft.record(event));
    Ok(())
}

fn may_keep(state: &State, recording: RecordingId) -> Result<bool, Rejection> {
    match recording::find(state, recording)?.stage {
        Stage::Stopped => Ok(true),
        Stage::Archived => Ok(false),
        Stage::Asked | Stage::Running | Stage::Paused { .. } => Err(Rejection::RecordingOpen { recording }),
        Stage::Failed | Stage::Deleted => Err(Rejection::RecordingOver { recording }),
    }
}

fn may_delete(state: &State, recording: RecordingId) -> Result<bool, Rejection> {
    match recording::find(state, recording)?.stage {
        Stage::Stopped | Stage::Archived => Ok(true),
        Stage::Deleted => Ok(false),
        Stage::Asked | Stage::Running | Stage::Paused { .. } => Err(Rejection::RecordingOpen { recording }),
        Stage::Failed => Err(Rejection::RecordingOver { recording }),
    }
}

fn may_leave(state: &State, voicemail: VoicemailId) -> Result<bool, Rejection> {
    state.begun()?;
    if state.voicemails.contains_key(&voicemail) {
        return Ok(false);
    }
    if state.voicemails.len() + state.silent.len() >= VOICEMAILS_MAX {
        return Err(Rejection::TooMany {
            what: "voicemails",
            max: VOICEMAILS_MAX,
        });
    }
    Ok(true)
}

pub(super) fn evolve(state: &mut State, event: &Event) {
    match event {
        Event::RecordingArchived { recording, .. } => recording::advance(state, *recording, Stage::Archived),
        Event::RecordingDeleted { recording, .. } => recording::advance(state, *recording, Stage::Deleted),
        Event::VoicemailLeft { voicemail, .. } => {
            state.voicemails.entry(*voicemail).or_insert(false);
        }
        Event::VoicemailNotLeft { voicemail, .. } => {
            state.silent.insert(*voicemail);
        }
        Event::VoicemailDeleted { voicemail, .. } => {
            state.voicemails.insert(*voicemail, true);
        }
        events_of!(life leg bridge routing prompt lookup queue offer hold transfer recording callback supervision wrap_up) =>
            {}
    }
}
