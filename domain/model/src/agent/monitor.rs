//! Who takes part in the agent's calls.

use super::command::MonitorCommand;
use super::setup::room;
use super::values::MonitorMode;
use super::{Agent, Event, Rejection};
use crate::Timestamp;
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::{CallId, SupervisionId, UserId};

/// The most supervisors that may take part in an agent's calls at once.
pub const MONITORS_MAX: usize = 8;

pub(super) fn decide(draft: &mut Draft<Agent>, command: MonitorCommand) -> Result<(), Rejection> {
    match command {
        MonitorCommand::Start {
            supervision,
            call,
            by,
            mode,
            at,
        } => start(draft, supervision, (call, by, mode), at),
        MonitorCommand::End { supervision, at } => {
            if draft.state().monitors.contains_key(&supervision) {
                draft.record(Event::MonitorEnded { supervision, at });
            }
            Ok(())
        }
    }
}

fn start(
    draft: &mut Draft<Agent>,
    supervision: SupervisionId,
    (call, by, mode): (CallId, UserId, MonitorMode),
    at: Timestamp,
) -> Result<(), Rejection> {
    match draft.state().monitors.get(&supervision) {
        Some(known) if known.call != call => return Err(Rejection::OtherSupervision { supervision }),
        Some(known) if known.mode == mode => {}
        Some(_) => draft.record(Event::MonitorChanged {
            supervision,
            mode,
            at,
        }),
        None => {
            super::work::on_call(draft.state(), call)?;
            room("monitors", MONITORS_MAX, draft.state().monitors.len(), false)?;
            draft.record(Event::MonitorStarted {
                supervision,
                call,
                by,
                mode,
                at,
            });
        }
    }
    Ok(())
}

/// Ends whatever still listens to a contact that is over for the agent.
pub(super) fn end_all(draft: &mut Draft<Agent>, contact: Contact, at: Timestamp) {
    let on_it = draft
        .state()
        .monitors
        .iter()
        .filter(|(_, monitor)| Contact::Call(monitor.call) == contact);
    let on_it: Vec<SupervisionId> = on_it.map(|(supervision, _)| *supervision).collect();
    for supervision in on_it {
        draft.record(Event::MonitorEnded { supervision, at });
    }
}
