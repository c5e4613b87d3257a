//! What an agent has done, as far as strategies ask: since when they are idle, and how much they had today.

use jiff::tz::TimeZone;

use crate::agent::{Activity, Event, Outcome, State};
use crate::ids::{OfferId, QueueId};
use crate::tenant::zone::ZoneName;
use crate::{Millis, Timestamp};

/// How much each contact in hand counts against an agent where idle ones come first: more than any time without one.
const CONTACT_WEIGHS_MS: i64 = 7 * 24 * 3_600_000;

/// One calendar day in a time zone: from midnight to midnight as its clocks go, so 23 to 25 hours.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Day {
    zone: TimeZone,
    from: Timestamp,
    until: Timestamp,
}

impl Day {
    /// Returns a day before any other; [`Day::advance`] finds the right one.
    pub(super) fn new(zone: &ZoneName) -> Self {
        Self {
            zone: zone.rules(),
            from: Timestamp::MIN,
            until: Timestamp::MIN,
        }
    }

    /// Goes to the day of a moment; never back, so that what is told late changes no sum.
    pub(super) fn advance(&mut self, at: Timestamp) {
        if at < self.until {
            return;
        }
        let midnights = jiff::Timestamp::from_microsecond(at.micros()).and_then(|moment| {
            let day = moment.to_zoned(self.zone.clone()).start_of_day()?;
            let next = day.tomorrow()?.start_of_day()?;
            Ok((day.timestamp(), next.timestamp()))
        });
        // At the end of the calendar there is no tomorrow, and the day lasts.
        let (from, until) = midnights.map_or((at, Timestamp::MAX), |(from, until)| {
            let moment = |midnight: jiff::Timestamp| Timestamp::from_micros(midnight.as_microsecond());
            (moment(from), moment(until))
        });
        (self.from, self.until) = (
            from,
            until.max(Timestamp::from_micros(at.micros().saturating_add(1))),
        );
    }
}

/// What an agent has done.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Figures {
    signed_in_at: Option<Timestamp>,
    /// Since when they have had nothing in hand; none if they have.
    pub(super) idle_since: Option<Timestamp>,
    // Since when they had nothing before what they have now, for what is taken back without their doing.
    idle_before: Option<Timestamp>,
    taken_at: Option<Timestamp>,
    in_hand: usize,
    // Offers of this queue that are in hand, and when the last one ended.
    here: Vec<OfferId>,
    here_until: Option<Timestamp>,
    talking: usize,
    today: Today,
}

/// What was done on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Today {
    from: Option<Timestamp>,
    counted_to: Option<Timestamp>,
    contacts: u32,
    talked_us: i64,
    occupied_us: i64,
}

impl Figures {
    /// Takes note of an event after which the agent is in a state; `before`: how much they had in hand.
    pub(super) fn note(
        &mut self,
        event: &Event,
        before: usize,
        after: &State,
        queue: QueueId,
        day: &mut Day,
    ) {
        let Some((change, at)) = change(event) else { return };
        day.advance(at);
        self.today = self.counted(day, at);
        let talking_before = self.talking;
        self.in_hand = after.activities().count();
        self.talking = after
            .activities()
            .filter(|(_, activity)| talks(*activity))
            .count();
        match change {
            Change::SignedIn => self.sign_in(at),
            Change::Offered { offer, from } if self.in_hand > before => {
                self.take(at, before);
                if from == Some(queue) {
                    self.here.push(offer);
                }
            }
            Change::Begun if self.in_hand > before => {
                self.take(at, before);
                self.today.contacts = self.today.contacts.saturating_add(1);
            }
            Change::Accepted if self.talking > talking_before => {
                self.today.contacts = self.today.contacts.saturating_add(1);
            }
            Change::Released { offer, outcome } if self.in_hand < before => self.release(offer, outcome, at),
            // Told again, or of no concern but for the time until now.
            Change::Offered { .. }
            | Change::Begun
            | Change::Accepted
            | Change::Released { .. }
            | Change::Activity => {}
        }
    }

    fn sign_in(&mut self, at: Timestamp) {
        self.signed_in_at = Some(at);
        if self.in_hand == 0 {
            self.idle_since = Some(at);
        }
    }

    fn take(&mut self, at: Timestamp, before: usize) {
        if before == 0 {
            self.idle_before = self.idle_since;
        }
        self.idle_since = None;
        self.taken_at = Some(at);
    }

    fn release(&mut self, offer: Option<OfferId>, outcome: Outcome, at: Timestamp) {
        let was_here = offer.is_some_and(|offer| self.here.contains(&offer));
        self.here.retain(|other| Some(*other) != offer);
        let theirs = match outcome {
            Outcome::Finished
            | Outcome::Unanswered
            | Outcome::Rejected
            | Outcome::Missed
            | Outcome::DeviceUnreachable
            | Outcome::Away
            | Outcome::Lapsed => true,
            // Somebody else ended it, which costs the agent no place.
            Outcome::NotConnected | Outcome::CallerGone | Outcome::Withdrawn => false,
        };
        if theirs {
            self.idle_before = None;
            if was_here {
                self.here_until = Some(at);
            }
        }
        if self.in_hand == 0 {
            self.idle_since = self.idle_before.take().or(Some(at));
        }
    }

    // Each stretch until now was like the moment after the event before.
    fn counted(&self, day: &Day, at: Timestamp) -> Today {
        let mut today = self.today;
        if today.from != Some(day.from) {
            today = Today {
                from: Some(day.from),
                counted_to: today.counted_to.map(|to| to.max(day.from)),
                ..Today::default()
            };
        }
        let from = today.counted_to.unwrap_or(at);
        let stretch = at.micros().saturating_sub(from.micros()).max(0);
        let talking = i64::try_from(self.talking).unwrap_or(i64::MAX);
        today.talked_us = today.talked_us.saturating_add(stretch.saturating_mul(talking));
        if self.in_hand > 0 {
            today.occupied_us = today.occupied_us.saturating_add(stretch);
        }
        today.counted_to = Some(from.max(at));
        today
    }

    /// Returns how long they have had nothing in hand, in ms; below zero if they have, by a week for each contact.
    pub(super) fn idle_ms(&self, at: Timestamp) -> i64 {
        match self.idle_since {
            Some(since) if self.in_hand == 0 => ms(at.since(since)),
            Some(_) | None => self.busy_ms(self.in_hand, at),
        }
    }

    /// Returns how long they have had nothing of this queue in hand; below zero if they have.
    pub(super) fn idle_here_ms(&self, at: Timestamp) -> i64 {
        if !self.here.is_empty() {
            return self.busy_ms(self.here.len(), at);
        }
        let since = self.here_until.max(self.signed_in_at);
        ms(at.since(since.unwrap_or(at)))
    }

    fn busy_ms(&self, contacts: usize, at: Timestamp) -> i64 {
        let contacts = i64::try_from(contacts).unwrap_or(i64::MAX);
        let since = ms(at.since(self.taken_at.unwrap_or(at))).min(CONTACT_WEIGHS_MS - 1);
        since.saturating_sub(contacts.saturating_mul(CONTACT_WEIGHS_MS))
    }

    pub(super) fn contacts_today(&self, day: &Day, at: Timestamp) -> i64 {
        self.counted(day, at).contacts.into()
    }

    pub(super) fn talked_today_ms(&self, day: &Day, at: Timestamp) -> i64 {
        self.counted(day, at).talked_us / 1000
    }

    pub(super) fn occupied_today_ms(&self, day: &Day, at: Timestamp) -> i64 {
        self.counted(day, at).occupied_us / 1000
    }
}

fn ms(length: Millis) -> i64 {
    i64::try_from(length.0).unwrap_or(i64::MAX)
}

const fn talks(activity: Activity) -> bool {
    match activity {
        Activity::OnCall | Activity::OnMessage | Activity::OnTask => true,
        Activity::Offered
        | Activity::Ringing
        | Activity::Hold
        | Activity::WrapUp
        | Activity::WrapUpFailed => false,
    }
}

/// What an event changes of what is counted here.
enum Change {
    SignedIn,
    Offered {
        offer: OfferId,
        from: Option<QueueId>,
    },
    Begun,
    Accepted,
    Activity,
    Released {
        offer: Option<OfferId>,
        outcome: Outcome,
    },
}

fn change(event: &Event) -> Option<(Change, Timestamp)> {
    let (change, at) = match event {
        Event::SignedIn { at, .. } => (Change::SignedIn, at),
        Event::Reserved { offer, from, at, .. } => {
            let (offer, from) = (*offer, from.map(|from| from.queue));
            (Change::Offered { offer, from }, at)
        }
        Event::Begun { at, .. } => (Change::Begun, at),
        Event::Accepted { at, .. } => (Change::Accepted, at),
        Event::RangBack { at, .. }
        | Event::Held { at, .. }
        | Event::Resumed { at, .. }
        | Event::WrapUpStarted { at, .. } => (Change::Activity, at),
        Event::Released {
            offer, outcome, at, ..
        } => {
            let (offer, outcome) = (*offer, *outcome);
            (Change::Released { offer, outcome }, at)
        }
        Event::SignedOut { .. }
        | Event::ProfileAssigned { .. }
        | Event::StateChosen { .. }
        | Event::NextStateQueued { .. }
        | Event::NextStateDropped { .. }
        | Event::GroupsLoggedIn { .. }
        | Event::GroupsLoggedOut { .. }
        | Event::SetAside { .. }
        | Event::Returned { .. }
        | Event::GroupJoined { .. }
        | Event::GroupLeft { .. }
        | Event::SkillSet { .. }
        | Event::SkillRemoved { .. }
        | Event::CapacitySet { .. }
        | Event::DeviceRegistered { .. }
        | Event::DeviceExpired { .. }
        | Event::DeviceUnreachable { .. }
        | Event::DeviceReachable { .. }
        | Event::DeviceRemoved { .. }
        | Event::RingOrderSet { .. }
        | Event::Rang { .. }
        | Event::WrapUpExtended { .. }
        | Event::WrapUpFailed { .. }
        | Event::Dispositioned { .. }
        | Event::WrapUpEnded { .. }
        | Event::CooldownStarted { .. }
        | Event::CooldownEnded { .. }
        | Event::MonitorStarted { .. }
        | Event::MonitorChanged { .. }
        | Event::MonitorEnded { .. } => return None,
    };
    Some((change, *at))
}
