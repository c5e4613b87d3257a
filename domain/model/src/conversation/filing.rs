//! Filing: which CRM records a conversation belongs to, how it was wrapped up, and what to tell whoever has it next.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::state::State;
use super::{Rejection, capped};
use crate::context::Actor;
use crate::ids::{CrmLinkId, NoteId, WrapUpCodeId, WrapUpId};
use crate::text::{self, Key};
use crate::{Private, Timestamp};

/// How many records a conversation may have in each role.
pub const RECORDS_MAX: usize = 5;
/// How many wrap-ups may ever be filed on one conversation, those removed among them.
pub const WRAP_UPS_MAX: usize = 50;
/// How many hand-over summaries one conversation may have.
pub const SUMMARIES_MAX: usize = 50;

/// A record of the customer's CRM. Its id points at a person at most; what it says stays in the CRM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Record {
    /// The connection to the CRM org it is in.
    pub link: CrmLinkId,
    /// The type of object, as the CRM calls it: `Contact`.
    pub object: Key,
    /// The record's id in the CRM.
    pub id: Key,
}

/// What a record is to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Role {
    /// The customer: a contact, an account, a lead.
    Person,
    /// What it is about: a case, an order.
    Related,
}

/// What somebody wants of the filing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum FilingCommand {
    /// Puts a CRM record on the conversation.
    AssignRecord {
        /// The record.
        record: Record,
        /// What it is to the conversation.
        role: Role,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Takes a CRM record off.
    RemoveRecord {
        /// The record.
        record: Record,
        /// Who wants it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Files a wrap-up.
    AddWrapUp {
        /// The wrap-up.
        wrap_up: WrapUpId,
        /// Its code.
        code: WrapUpCodeId,
        /// What is written beside it.
        note: Option<Private<text::Body>>,
        /// Who files it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Changes a wrap-up.
    EditWrapUp {
        /// The wrap-up.
        wrap_up: WrapUpId,
        /// Its new code.
        code: WrapUpCodeId,
        /// What is to be written beside it.
        note: Option<Private<text::Body>>,
        /// Who changes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Removes a wrap-up.
    RemoveWrapUp {
        /// The wrap-up.
        wrap_up: WrapUpId,
        /// Who removes it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Sums the conversation up for whoever has it next.
    Summarise {
        /// The note that is the summary.
        note: NoteId,
        /// The summary.
        summary: Private<text::Body>,
        /// Who sums it up.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// A wrap-up as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WrapUp {
    pub(super) code: WrapUpCodeId,
    pub(super) note: Option<Private<text::Body>>,
}

pub(super) fn decide(state: &State, command: FilingCommand) -> Result<Vec<Event>, Rejection> {
    state.opened()?;
    match command {
        FilingCommand::AssignRecord { record, role, by, at } => assign(state, record, role, by, at),
        FilingCommand::RemoveRecord { record, by, at } => {
            let there = state.persons.contains(&record) || state.related.contains(&record);
            let removed = there.then_some(Event::RecordRemoved { record, by, at });
            Ok(removed.into_iter().collect())
        }
        FilingCommand::AddWrapUp {
            wrap_up,
            code,
            note,
            by,
            at,
        } => match state.wrap_ups.get(&wrap_up) {
            Some(Some(_)) => Ok(vec![]),
            Some(None) => Err(Rejection::WrapUpRemoved),
            None => {
                capped("wrap-ups", state.wrap_ups.len() + 1, WRAP_UPS_MAX)?;
                Ok(vec![Event::WrapUpAdded {
                    wrap_up,
                    code,
                    note,
                    by,
                    at,
                }])
            }
        },
        FilingCommand::EditWrapUp {
            wrap_up,
            code,
            note,
            by,
            at,
        } => match state.wrap_ups.get(&wrap_up) {
            Some(Some(now)) if now.code == code && now.note == note => Ok(vec![]),
            Some(Some(_)) => Ok(vec![Event::WrapUpEdited {
                wrap_up,
                code,
                note,
                by,
                at,
            }]),
            Some(None) => Err(Rejection::WrapUpRemoved),
            None => Err(Rejection::NoSuchWrapUp),
        },
        FilingCommand::RemoveWrapUp { wrap_up, by, at } => match state.wrap_ups.get(&wrap_up) {
            Some(Some(_)) => Ok(vec![Event::WrapUpRemoved { wrap_up, by, at }]),
            Some(None) => Ok(vec![]),
            None => Err(Rejection::NoSuchWrapUp),
        },
        FilingCommand::Summarise {
            note,
            summary,
            by,
            at,
        } => summarise(state, note, summary, by, at),
    }
}

fn assign(
    state: &State,
    record: Record,
    role: Role,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let (here, elsewhere): (&BTreeSet<Record>, _) = match role {
        Role::Person => (&state.persons, &state.related),
        Role::Related => (&state.related, &state.persons),
    };
    if here.contains(&record) {
        return Ok(vec![]);
    }
    if elsewhere.contains(&record) {
        return Err(Rejection::InOtherRole);
    }
    capped("records in one role", here.len() + 1, RECORDS_MAX)?;
    Ok(vec![Event::RecordAssigned { record, role, by, at }])
}

fn summarise(
    state: &State,
    note: NoteId,
    summary: Private<text::Body>,
    by: Actor,
    at: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    if state.summaries.contains(&note) {
        return Ok(vec![]);
    }
    capped("summaries", state.summaries.len() + 1, SUMMARIES_MAX)?;
    Ok(vec![Event::HandOverSummarised {
        note,
        summary,
        by,
        at,
    }])
}
