//! Waiting in queues: that a conversation waits in one is the queue's to say, and what it does next is its policy's.

use super::Rejection;
use super::event::Event;
use super::state::State;
use crate::Timestamp;
use crate::call::reasons::Exit;
use crate::ids::{EntryId, QueueId};

/// How often one conversation may be sent on by queues; one that goes round in circles ends here.
pub const SENT_ON_MAX: usize = 1_000;

pub(super) fn leave(
    state: &State,
    entry: EntryId,
    queue: QueueId,
    why: Exit,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if state.entries_left.contains(&entry) {
        return Ok(vec![]);
    }
    state.live()?;
    super::capped("times sent on", state.entries_left.len() + 1, SENT_ON_MAX)?;
    Ok(vec![Event::LeftQueue {
        entry,
        queue,
        why,
        at,
    }])
}
