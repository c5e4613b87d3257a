//! Why a command about an agent was refused.

use super::availability::Obstacle;
use super::values::Activity;
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel, WrongChannel};
use crate::ids::{DeviceId, OfferId, ProfileId, SupervisionId};

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// The agent is not at work.
    #[error("the agent is not signed in")]
    SignedOut,
    /// The agent has nothing to choose from.
    #[error("the agent has no availability profile")]
    NoProfile,
    /// The state belongs to a profile that is not the agent's.
    #[error("the state belongs to the profile {asked}, the agent has {assigned}")]
    OtherProfile {
        /// The agent's profile.
        assigned: ProfileId,
        /// The state's.
        asked: ProfileId,
    },
    /// More than one agent may have.
    #[error("an agent has at most {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        max: usize,
    },
    /// More capacity than makes sense.
    #[error("the capacity for {channel} is {given} units, {max} are allowed")]
    CapacityTooLarge {
        /// The channel.
        channel: WorkChannel,
        /// The units asked for.
        given: u16,
        /// How many are allowed.
        max: u16,
    },
    /// The device is not one of the agent's.
    #[error("the agent has no device {device}")]
    UnknownDevice {
        /// The device.
        device: DeviceId,
    },
    /// The device cannot ring now.
    #[error("the device {device} cannot be rung")]
    DeviceNotReachable {
        /// The device.
        device: DeviceId,
    },
    /// A ring order names a device twice.
    #[error("the ring order names the device {device} twice")]
    RungTwice {
        /// The device.
        device: DeviceId,
    },
    /// No such contact goes over this channel.
    #[error(transparent)]
    WrongChannel(#[from] WrongChannel),
    /// The offer is over, and an offer is made once.
    #[error("the offer {offer} is over")]
    OfferOver {
        /// The offer.
        offer: OfferId,
    },
    /// The offer was never made to this agent, or so long ago that nobody remembers.
    #[error("the agent has no offer {offer}")]
    UnknownOffer {
        /// The offer.
        offer: OfferId,
    },
    /// The offer would end before it begins, or hold the agent for too long.
    #[error("an offer made now must end after now and by {latest}, not at {until}")]
    OfferDeadline {
        /// The end that was given.
        until: Timestamp,
        /// The latest that is allowed.
        latest: Timestamp,
    },
    /// The contact cannot be offered to the agent; the answer to "why am I not getting calls?".
    #[error("the agent cannot be offered it: {}", listed(obstacles))]
    Unavailable {
        /// Everything that stands in the way.
        obstacles: Vec<Obstacle>,
    },
    /// The agent has this contact already.
    #[error("the agent has the {contact} already: {activity}")]
    InHand {
        /// The contact.
        contact: Contact,
        /// What they do with it.
        activity: Activity,
    },
    /// The agent does not have this contact.
    #[error("the agent does not have the {contact}")]
    NotInHand {
        /// The contact.
        contact: Contact,
    },
    /// This cannot be done in what the agent does with the contact.
    #[error("with the {contact} the agent is {activity}, where this cannot be done")]
    WrongActivity {
        /// The contact.
        contact: Contact,
        /// What they do with it.
        activity: Activity,
    },
    /// The wrap-up has to have a code before the agent ends it.
    #[error("the wrap-up of the {contact} needs a code before it ends")]
    CodeMissing {
        /// The contact.
        contact: Contact,
    },
    /// A wrap-up is only made longer, and not without end.
    #[error("the wrap-up can be extended to after {earliest} and by {latest}, not to {until}")]
    WrapUpDeadline {
        /// The end that was given.
        until: Timestamp,
        /// The moment that it must lie after.
        earliest: Timestamp,
        /// The latest that is allowed.
        latest: Timestamp,
    },
    /// The supervision is of another call.
    #[error("the supervision {supervision} is of another call")]
    OtherSupervision {
        /// The supervision.
        supervision: SupervisionId,
    },
}

fn listed(obstacles: &[Obstacle]) -> String {
    let words: Vec<String> = obstacles.iter().map(Obstacle::to_string).collect();
    words.join("; ")
}
