//! What is recorded of an agent.

use std::collections::BTreeSet;
use std::num::NonZeroU16;

use super::Ask;
use super::values::{
    Capacity, Chooser, DeviceKind, LoggedOutBecause, MonitorMode, NextDropped, Outcome, ProfileState,
    QueuePlace, RING_ORDER_MAX, Refusal, Terms, WrapUpEnd,
};
use crate::Timestamp;
use crate::contact::{Contact, WorkChannel};
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{
    CallId, CallbackId, DeviceId, GroupId, OfferId, ProfileId, SkillId, SupervisionId, UserId, WrapUpCodeId,
};
use crate::skills::SkillLevel;

crate::events! {
    /// What happened to an agent.
    pub enum Event of "Agent" {
        /// The agent started work. No state is chosen yet, so nothing is offered yet.
        SignedIn {
            /// Who signed them in.
            by: Chooser,
            /// When.
            at: Timestamp,
        },
        /// The agent stopped work. Calls in hand go on; everything else that was theirs ends with the events that follow.
        SignedOut {
            /// Who signed them out.
            by: Chooser,
            /// When.
            at: Timestamp,
        },
        /// The agent got the availability profile whose states they may choose from. The state chosen stays until the next choice.
        ProfileAssigned {
            /// The profile.
            profile: ProfileId,
            /// Who assigned it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A state was chosen and holds from now on. Being on a call never changes it.
        StateChosen {
            /// The state, as its profile defined it at this moment.
            state: ProfileState,
            /// Who chose it.
            by: Chooser,
            /// When it was chosen, if it then waited for the agent to be free.
            queued_at: Option<Timestamp>,
            /// From when it holds.
            at: Timestamp,
        },
        /// A state was chosen that holds as soon as the agent has nothing in hand.
        NextStateQueued {
            /// The state.
            state: ProfileState,
            /// Who chose it.
            by: Chooser,
            /// When.
            at: Timestamp,
        },
        /// The state that waited for the agent to be free no longer does.
        NextStateDropped {
            /// Why.
            why: NextDropped,
            /// When.
            at: Timestamp,
        },
        /// The state chosen, or a new membership, logged the agent in: the queues of these groups may offer to them.
        GroupsLoggedIn {
            /// The groups, each of which has the agent as a member.
            groups: BTreeSet<GroupId>,
            /// When.
            at: Timestamp,
        },
        /// The agent was logged out of groups, whether or not they are still a member.
        GroupsLoggedOut {
            /// The groups.
            groups: BTreeSet<GroupId>,
            /// Why.
            why: LoggedOutBecause,
            /// When.
            at: Timestamp,
        },
        /// The agent missed too many offers in a row and is offered nothing until a person chooses a state. The state chosen stays.
        SetAside {
            /// How many they missed in a row.
            misses: u16,
            /// When.
            at: Timestamp,
        },
        /// A person chose a state, so an agent who was set aside is offered contacts again.
        Returned {
            /// Who chose it.
            by: Chooser,
            /// When.
            at: Timestamp,
        },
        /// The agent became a member of a group, or their priority in it changed. Whether they are logged in is another fact.
        GroupJoined {
            /// The group.
            group: GroupId,
            /// The place among the group's members where their order counts; a lower number is asked first.
            priority: u16,
            /// Who made them a member.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The agent is no longer a member of a group.
        GroupLeft {
            /// The group.
            group: GroupId,
            /// Who ended it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The agent has a skill, or has it at another level than before.
        SkillSet {
            /// The skill.
            skill: SkillId,
            /// How well.
            level: SkillLevel,
            /// Who said so.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The agent no longer has a skill.
        SkillRemoved {
            /// The skill.
            skill: SkillId,
            /// Who said so.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// It was set how much the agent may have in hand. What they have already stays with them.
        CapacitySet {
            /// Units and what keeps what away.
            capacity: Capacity,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A device can be rung. Renewing a registration that still holds records nothing.
        DeviceRegistered {
            /// The device.
            device: DeviceId,
            /// What it is.
            kind: DeviceKind,
            /// When.
            at: Timestamp,
        },
        /// A device's registration ran out, or its browser went away.
        DeviceExpired {
            /// The device.
            device: DeviceId,
            /// When.
            at: Timestamp,
        },
        /// A device is registered and yet did not answer when it was rung.
        DeviceUnreachable {
            /// The device.
            device: DeviceId,
            /// When.
            at: Timestamp,
        },
        /// A device that did not answer does again.
        DeviceReachable {
            /// The device.
            device: DeviceId,
            /// When.
            at: Timestamp,
        },
        /// A device was taken away from the agent.
        DeviceRemoved {
            /// The device.
            device: DeviceId,
            /// Who took it away.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// It was set which devices ring, and in which order.
        RingOrderSet {
            /// The devices, the first to ring first; all of them, by id, if the list is empty.
            order: Few<DeviceId, RING_ORDER_MAX>,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A contact is offered to the agent, and capacity for it is kept from this moment.
        Reserved {
            /// The offer, made once and ended by exactly one `Released`.
            offer: OfferId,
            /// What is offered.
            contact: Contact,
            /// What it asks of the agent, all of which held.
            ask: Ask,
            /// Where it waited; none if it was meant for this agent alone.
            from: Option<QueuePlace>,
            /// What holds once the agent has it, or does not take it.
            terms: Terms,
            /// When the offer ends by itself if nobody ends it.
            until: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// A device of the agent rings for an offer.
        Rang {
            /// The offer.
            offer: OfferId,
            /// What is offered.
            contact: Contact,
            /// The device.
            device: DeviceId,
            /// From when.
            at: Timestamp,
        },
        /// The agent took what was offered.
        Accepted {
            /// The offer.
            offer: OfferId,
            /// What was offered.
            contact: Contact,
            /// When.
            at: Timestamp,
        },
        /// The agent began a contact that nobody offered them: they dialled, or were rung directly.
        Begun {
            /// The contact.
            contact: Contact,
            /// Its channel.
            channel: WorkChannel,
            /// The capacity that it takes. What is in hand already is not asked, for the contact is a fact.
            units: NonZeroU16,
            /// What holds once it is over.
            terms: Terms,
            /// When.
            at: Timestamp,
        },
        /// A call was placed for the callback that the agent took. From now on they have the call in hand instead.
        RangBack {
            /// The callback.
            callback: CallbackId,
            /// The call.
            call: CallId,
            /// When.
            at: Timestamp,
        },
        /// The agent put the caller on hold.
        Held {
            /// The call.
            call: CallId,
            /// When.
            at: Timestamp,
        },
        /// The agent took the caller off hold.
        Resumed {
            /// The call.
            call: CallId,
            /// When.
            at: Timestamp,
        },
        /// A contact is over for the agent, and the time for notes began. Its capacity is still taken.
        WrapUpStarted {
            /// The contact.
            contact: Contact,
            /// When it ends unless it is extended.
            until: Timestamp,
            /// Whether a wrap-up code must be given before it ends.
            code_required: bool,
            /// When.
            at: Timestamp,
        },
        /// The time for notes was made longer.
        WrapUpExtended {
            /// The contact.
            contact: Contact,
            /// When it ends now.
            until: Timestamp,
            /// Who extended it.
            by: Chooser,
            /// When.
            at: Timestamp,
        },
        /// The time for notes is over and the wrap-up code that must be given is missing. Its capacity stays taken until it ends.
        WrapUpFailed {
            /// The contact.
            contact: Contact,
            /// When.
            at: Timestamp,
        },
        /// The agent said how the contact went.
        Dispositioned {
            /// The contact.
            contact: Contact,
            /// The wrap-up code; it replaces one given before.
            code: WrapUpCodeId,
            /// When.
            at: Timestamp,
        },
        /// The time for notes ended.
        WrapUpEnded {
            /// The contact.
            contact: Contact,
            /// How.
            how: WrapUpEnd,
            /// When.
            at: Timestamp,
        },
        /// The capacity that a contact took is free again: the last word on this contact and this agent.
        Released {
            /// The contact.
            contact: Contact,
            /// The offer that is over with it; none if the agent began the contact.
            offer: Option<OfferId>,
            /// Why.
            outcome: Outcome,
            /// When.
            at: Timestamp,
        },
        /// The agent did not take an offer and is offered nothing for a while, so that nobody away is rung in a loop.
        CooldownStarted {
            /// How the offer ended.
            after: Refusal,
            /// Until when.
            until: Timestamp,
            /// From when.
            at: Timestamp,
        },
        /// The while after an offer not taken is over.
        CooldownEnded {
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part in a call of this agent.
        MonitorStarted {
            /// The supervision, which the call records too.
            supervision: SupervisionId,
            /// The call.
            call: CallId,
            /// The supervisor.
            by: UserId,
            /// How they take part.
            mode: MonitorMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part in another way than before.
        MonitorChanged {
            /// The supervision.
            supervision: SupervisionId,
            /// How they take part now.
            mode: MonitorMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor no longer takes part; at the latest when the call is over for the agent.
        MonitorEnded {
            /// The supervision.
            supervision: SupervisionId,
            /// When.
            at: Timestamp,
        },
    }
}
