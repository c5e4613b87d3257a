//! One agent as the matcher looks at them: what can be read again for each entry without asking everything anew.

use super::figures::{Day, Figures};
use super::groups::{Bits, Groups};
use super::wait::Wait;
use crate::agent::{self, Agent, Ask, Obstacle, StateKind};
use crate::contact::WorkChannel;
use crate::ids::{AgentId, EntryId, OfferId, QueueId, SkillId};
use crate::skills::SkillLevel;
use crate::{Decider, Timestamp};

/// The channels, each at the place that [`lane`] gives it.
const CHANNELS: [WorkChannel; 6] = [
    WorkChannel::Voice,
    WorkChannel::Chat,
    WorkChannel::Sms,
    WorkChannel::Email,
    WorkChannel::Whatsapp,
    WorkChannel::Task,
];

/// Returns the place of a channel among all.
pub(super) const fn lane(channel: WorkChannel) -> usize {
    match channel {
        WorkChannel::Voice => 0,
        WorkChannel::Chat => 1,
        WorkChannel::Sms => 2,
        WorkChannel::Email => 3,
        WorkChannel::Whatsapp => 4,
        WorkChannel::Task => 5,
    }
}

/// An offer of this queue that the agent has not heard of yet, and the capacity that it will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Booking {
    pub(super) offer: OfferId,
    pub(super) entry: EntryId,
    pub(super) channel: WorkChannel,
    pub(super) units: u16,
}

/// What is free on one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Room {
    left: i64,
    shut_out_by: u8,
}

/// One agent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Desk {
    pub(super) agent: AgentId,
    pub(super) state: Box<agent::State>,
    pub(super) figures: Figures,
    bookings: Vec<Booking>,
    signed_in: bool,
    // What the chosen state puts in the way, the cooldown apart: only that ends by itself.
    of_state: u8,
    cooldown_until: Option<Timestamp>,
    has_device: bool,
    has_work: bool,
    logged_in: Bits,
    places: Vec<(Bits, u16)>,
    skills: Vec<(SkillId, SkillLevel)>,
    rooms: [Room; CHANNELS.len()],
    unbooked: [Room; CHANNELS.len()],
}

impl Desk {
    /// Makes the desk of an agent of whom nothing is known.
    pub(super) fn new(agent: AgentId) -> Self {
        let mut desk = Self {
            agent,
            state: Box::default(),
            figures: Figures::default(),
            bookings: Vec::new(),
            signed_in: false,
            of_state: 0,
            cooldown_until: None,
            has_device: false,
            has_work: false,
            logged_in: 0,
            places: Vec::new(),
            skills: Vec::new(),
            rooms: Default::default(),
            unbooked: Default::default(),
        };
        desk.read(&Groups::default());
        desk
    }

    /// Takes note of what happened to the agent.
    pub(super) fn fold(&mut self, event: &agent::Event, queue: QueueId, groups: &Groups, day: &mut Day) {
        let before = self.state.activities().count();
        let state = std::mem::take(&mut *self.state);
        *self.state = Agent::evolve(state, event);
        self.figures.note(event, before, &self.state, queue, day);
        let state = &self.state;
        self.bookings.retain(|booking| !state.knows_of(booking.offer));
        self.read(groups);
    }

    /// Reads from the agent's state what choices ask of it.
    pub(super) fn read(&mut self, groups: &Groups) {
        let state = &self.state;
        self.signed_in = state.is_signed_in();
        self.of_state = obstacles_of_state(state);
        self.cooldown_until = state.cooldown_until().filter(|_| self.signed_in);
        self.has_device = !state.devices_to_ring().is_empty();
        self.has_work = state.activities().next().is_some();
        let logged_in = state.logged_in().iter().map(|group| groups.find(*group));
        self.logged_in = logged_in.fold(0, |all, bit| all | bit);
        self.places.clear();
        let places = state.member_of().iter();
        let places = places.map(|(group, priority)| (groups.find(*group), *priority));
        self.places.extend(places.filter(|(bit, _)| *bit != 0));
        self.skills.clear();
        self.skills
            .extend(state.skills().iter().map(|(skill, level)| (*skill, *level)));
        self.read_rooms();
    }

    fn read_rooms(&mut self) {
        let (state, capacity) = (&self.state, self.state.capacity());
        let mut in_hand: Vec<WorkChannel> = state.channels_in_hand().collect();
        in_hand.sort_unstable();
        in_hand.dedup();
        for (place, channel) in CHANNELS.into_iter().enumerate() {
            let taken = i64::from(state.taken(channel));
            let shutting = in_hand.iter().filter(|held| capacity.shuts_out(**held, channel));
            let unbooked = Room {
                left: i64::from(capacity.limit(channel)) - taken,
                shut_out_by: u8::try_from(shutting.count()).unwrap_or(u8::MAX),
            };
            let mut room = unbooked;
            for booking in &self.bookings {
                if booking.channel == channel {
                    room.left -= i64::from(booking.units);
                }
                if capacity.shuts_out(booking.channel, channel) {
                    room.shut_out_by = room.shut_out_by.saturating_add(1);
                }
            }
            self.unbooked[place] = unbooked;
            self.rooms[place] = room;
        }
    }

    /// Keeps capacity for an offer, unless the agent has heard of it and so keeps it themselves.
    pub(super) fn book(&mut self, booking: Booking) {
        let known = self.state.knows_of(booking.offer);
        if !known && self.bookings.iter().all(|other| other.offer != booking.offer) {
            self.bookings.push(booking);
            self.read_rooms();
        }
    }

    /// Gives the capacity back that was kept for an offer.
    pub(super) fn unbook(&mut self, offer: OfferId) {
        self.bookings.retain(|booking| booking.offer != offer);
        self.read_rooms();
    }

    /// Returns the entry for which the agent is kept.
    pub(super) fn booked_for(&self) -> Option<EntryId> {
        self.bookings.first().map(|booking| booking.entry)
    }

    pub(super) const fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    /// Says whether the agent is logged in to one of some groups.
    pub(super) const fn is_logged_in(&self, groups: Bits) -> bool {
        self.logged_in & groups != 0
    }

    /// Says whether the agent belongs to one of some groups.
    pub(super) fn is_member(&self, groups: Bits) -> bool {
        self.places.iter().any(|(bit, _)| bit & groups != 0)
    }

    /// Says whether the agent's state takes contacts.
    pub(super) const fn takes_contacts(&self) -> bool {
        self.of_state == 0
    }

    /// Returns when the agent can be offered something again after an offer that was not taken.
    pub(super) fn cool_at(&self, at: Timestamp) -> Option<Timestamp> {
        self.cooldown_until.filter(|until| *until > at)
    }

    /// Returns the agent's best priority in the groups of which one may answer; the lowest number is the best.
    pub(super) fn priority(&self, groups: Bits) -> u16 {
        let logged_in = |(bit, _): &&(Bits, u16)| bit & groups & self.logged_in != 0;
        let places = self
            .places
            .iter()
            .filter(logged_in)
            .map(|(_, priority)| *priority);
        places.min().unwrap_or(u16::MAX)
    }

    pub(super) fn level(&self, skill: SkillId) -> Option<SkillLevel> {
        let found = self.skills.binary_search_by_key(&skill, |(skill, _)| *skill);
        found.ok().map(|place| self.skills[place].1)
    }

    /// Says whether nothing stands in the way now, what this queue has decided since included.
    pub(super) fn is_free_for(&self, wait: &Wait, at: Timestamp) -> bool {
        self.rooms[wait.lane].fits(wait.units) && self.is_eligible_for(wait, at)
    }

    /// Says whether the agent could be offered anything at all now.
    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        let has_room = |room: &Room| room.left > 0 && room.shut_out_by == 0;
        self.of_state == 0 && self.has_device && self.cool_at(at).is_none() && self.rooms.iter().any(has_room)
    }

    /// Says what [`agent::State::obstacles`] says, without a list: that there is none. Has the contact in hand counts.
    pub(super) fn is_eligible_for(&self, wait: &Wait, at: Timestamp) -> bool {
        self.of_state == 0
            && self.has_device
            && self.is_logged_in(wait.groups)
            && self.unbooked[wait.lane].fits(wait.units)
            && self.cool_at(at).is_none()
            && wait.needs.iter().all(|need| self.meets(need))
            && !(self.has_work && self.state.has_in_hand(wait.contact))
    }

    fn meets(&self, (skill, needed): &(SkillId, SkillLevel)) -> bool {
        self.level(*skill).is_some_and(|has| has >= *needed)
    }

    /// Says whether only what the agent does at the moment stands in the way: contacts in hand, or a cooldown.
    pub(super) fn is_soon_free_for(&self, wait: &Wait) -> bool {
        self.of_state == 0
            && self.has_device
            && self.is_logged_in(wait.groups)
            && self.state.capacity().limit(wait.channel) >= wait.units
            && wait.needs.iter().all(|need| self.meets(need))
    }

    /// Counts what [`Desk::obstacles`] lists.
    pub(super) fn count_obstacles(&self, wait: &Wait, at: Timestamp) -> usize {
        let room = self.unbooked[wait.lane];
        let ones = [
            self.cool_at(at).is_some(),
            !self.is_logged_in(wait.groups),
            !self.has_device,
            room.left < i64::from(wait.units),
            self.has_work && self.state.has_in_hand(wait.contact),
        ];
        let lacking = wait.needs.iter().filter(|need| !self.meets(need)).count();
        let ones = ones.into_iter().filter(|stands| *stands).count();
        usize::from(self.of_state) + ones + usize::from(room.shut_out_by) + lacking
    }

    /// Lists everything that stands in the way of an offer, what was decided but not reserved yet left out.
    pub(super) fn obstacles(&self, wait: &Wait, ask: &Ask, at: Timestamp) -> Vec<Obstacle> {
        let mut found = self.state.obstacles(ask, at);
        if self.state.has_in_hand(wait.contact) {
            found.push(Obstacle::InHand);
        }
        found
    }
}

impl Room {
    fn fits(self, units: u16) -> bool {
        self.shut_out_by == 0 && self.left >= i64::from(units)
    }
}

fn obstacles_of_state(state: &agent::State) -> u8 {
    if !state.is_signed_in() {
        return 1;
    }
    let is_available = |kind: StateKind| match kind {
        StateKind::Available => true,
        StateKind::Away => false,
    };
    let chosen = state.chosen().is_some_and(|chosen| is_available(chosen.kind));
    let next = state.next().is_none_or(|next| is_available(next.state.kind));
    u8::from(!chosen) + u8::from(!next) + u8::from(state.is_set_aside())
}
