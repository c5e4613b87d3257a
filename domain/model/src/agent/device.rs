//! What the agent can be reached on.

use super::command::DeviceCommand;
use super::setup::room;
use super::state::Reach;
use super::values::{DeviceKind, RING_ORDER_MAX, Refusal};
use super::{Agent, Event, Rejection, offer};
use crate::Timestamp;
use crate::contact::Contact;
use crate::draft::Draft;
use crate::ids::DeviceId;

pub(super) fn decide(draft: &mut Draft<Agent>, command: DeviceCommand) -> Result<(), Rejection> {
    match command {
        DeviceCommand::Register { device, kind, at } => register(draft, device, kind, at)?,
        DeviceCommand::Expire { device, at } => match reach(draft, device) {
            Some(Reach::Registered | Reach::Unreachable) => {
                draft.record(Event::DeviceExpired { device, at });
                withdraw_what_cannot_ring(draft, at);
            }
            Some(Reach::Expired) | None => {}
        },
        DeviceCommand::ReportUnreachable { device, at } => match reach(draft, device) {
            Some(Reach::Registered) => {
                draft.record(Event::DeviceUnreachable { device, at });
                withdraw_what_cannot_ring(draft, at);
            }
            Some(Reach::Unreachable | Reach::Expired) | None => {}
        },
        DeviceCommand::ReportReachable { device, at } => match reach(draft, device) {
            Some(Reach::Unreachable) => draft.record(Event::DeviceReachable { device, at }),
            Some(Reach::Registered | Reach::Expired) | None => {}
        },
    }
    Ok(())
}

fn reach(draft: &Draft<Agent>, device: DeviceId) -> Option<Reach> {
    draft.state().devices.get(&device).map(|device| device.reach)
}

// Phones renew every few minutes, which nobody would act on; only what changes is recorded.
fn register(
    draft: &mut Draft<Agent>,
    device: DeviceId,
    kind: DeviceKind,
    at: Timestamp,
) -> Result<(), Rejection> {
    let devices = &draft.state().devices;
    room(
        "devices",
        RING_ORDER_MAX,
        devices.len(),
        devices.contains_key(&device),
    )?;
    let already = devices
        .get(&device)
        .is_some_and(|known| known.kind == kind && known.reach == Reach::Registered);
    if !already {
        draft.record(Event::DeviceRegistered { device, kind, at });
    }
    Ok(())
}

/// Takes back every offer once no device is left to ring, instead of letting it ring nowhere until its time is over.
pub(super) fn withdraw_what_cannot_ring(draft: &mut Draft<Agent>, at: Timestamp) {
    if !draft.state().devices_to_ring().is_empty() {
        return;
    }
    let open = draft
        .state()
        .work
        .iter()
        .filter(|work| work.stage.is_open_offer());
    let open: Vec<Contact> = open.map(|work| work.contact).collect();
    for contact in open {
        offer::refuse(draft, contact, Refusal::DeviceUnreachable, at);
    }
}
