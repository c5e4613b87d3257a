//! Everything an admin can set on a queue, and what is wrong with what they set.

use std::collections::BTreeSet;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use serde::{Deserialize, Serialize};

use super::values::{ExitKey, Priority, Strategy};
use crate::agent::{CAPACITY_UNITS_MAX, OFFER_MS_MAX, Terms, WRAP_UP_MS_MAX, WrapUp};
use crate::contact::WorkChannel;
use crate::content_hash::ContentHash;
use crate::few::Few;
use crate::ids::{CalendarId, GroupId, QueueId, SoundId};
use crate::text::Name;
use crate::{Millis, Timestamp};

/// The most tiers of groups.
pub const TIERS_MAX: usize = 16;
/// The most groups over all tiers.
pub const QUEUE_GROUPS_MAX: usize = 100;
/// The most comfort messages.
pub const COMFORT_MAX: usize = 32;
/// How long the report of how an offer ended may take, before the reservation for it ends by itself.
pub const REPORT_MS: Millis = Millis::from_secs(5);
/// The shortest time for which an agent is rung: in less, nobody answers.
pub const RING_MS_MIN: Millis = Millis::from_secs(3);
/// The most calls that a queue places to reach somebody who is to be rung back.
pub const ATTEMPTS_MAX: NonZeroU8 = NonZeroU8::new(20).expect("20 is not 0");
/// The longest time for which a queue keeps a returning customer for the agent they had.
pub const LAST_AGENT_WITHIN_MAX: Millis = YEAR;
/// The most entries that any queue holds.
pub const ENTRIES_MAX: u32 = 10_000;

const SECOND: Millis = Millis::from_secs(1);
const MINUTE: Millis = Millis::from_secs(60);
const HOUR: Millis = Millis::from_secs(3600);
const WEEK: Millis = Millis::from_secs(7 * 24 * 3600);
const YEAR: Millis = Millis::from_secs(366 * 24 * 3600);

/// Everything an admin can set on a queue.
///
/// Plain values, checked by [`Settings::check`] when they are set and never again: what was set once stays readable
/// when the rules for it change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What people call the queue.
    pub name: Name,
    /// The channels that it takes contacts from.
    pub channels: BTreeSet<WorkChannel>,
    /// The opening hours; always open if none.
    pub hours: Option<CalendarId>,
    /// The groups that may answer, the first tier at once, each later one in addition after some waiting.
    pub tiers: Few<Tier, TIERS_MAX>,
    /// How the agent is chosen among those who may answer.
    pub strategy: Strategy,
    /// Who waits how, and for how long.
    pub waiting: Waiting,
    /// What callers hear while they wait.
    pub told: Told,
    /// How agents are offered what waits.
    pub offers: Offers,
    /// What counts as good.
    pub goals: Goals,
}

/// Who waits how, and for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Waiting {
    /// The priority of whoever enters without one.
    pub priority: Priority,
    /// How waiting makes an entry more urgent.
    pub ageing: Option<Ageing>,
    /// How many entries may wait here.
    pub max_length: Option<NonZeroU32>,
    /// How long an entry may wait here before it leaves; for who comes back from a queue that was to help out, since this
    /// queue first took them.
    pub max_wait_ms: Option<Millis>,
    /// Where entries go that waited too long.
    pub overflow: Option<Overflow>,
    /// Whether entries leave when no agent is logged in to any of the groups.
    pub leave_when_nobody_logged_in: bool,
    /// Whether entries leave when every agent logged in is in a state that takes no contacts.
    pub leave_when_nobody_available: bool,
    /// The keys with which a caller leaves.
    pub exit_keys: BTreeSet<ExitKey>,
    /// How callers may hang up and keep the place; they may not if none.
    pub callback: Option<Callbacks>,
}

/// What callers hear while they wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Told {
    /// The music; the account's if none.
    pub music: Option<SoundId>,
    /// What they are told about their wait.
    pub announcements: Option<Announcements>,
    /// What they are told in between.
    pub comfort: Option<Comfort>,
}

/// How agents are offered what waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Offers {
    /// The capacity that one contact takes.
    pub units: NonZeroU16,
    /// How long an agent is rung.
    pub ring_ms: Millis,
    /// Whether a returning customer waits for the agent they had.
    pub last_agent: Option<LastAgent>,
    /// What the agent hears before the caller is connected.
    pub screening: Option<SoundId>,
    /// The time for notes afterwards.
    pub wrap_up: Option<WrapUp>,
    /// How long nothing is offered to an agent who missed or rejected an offer.
    pub cooldown_ms: Option<Millis>,
    /// After how many missed offers in a row an agent is set aside.
    pub set_aside_after: Option<NonZeroU16>,
}

/// What counts as good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Goals {
    /// The service level: within which time an entry should be answered.
    pub answer_within_ms: Millis,
    /// Who leaves before this counts as a short abandon.
    pub short_abandon_ms: Millis,
}

/// Groups that may answer from some moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Tier {
    /// The groups, whose members are treated alike.
    pub groups: BTreeSet<GroupId>,
    /// How long an entry has waited here when they join in; nothing for the first tier.
    pub after_ms: Millis,
}

/// How waiting makes an entry more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Ageing {
    /// After each such time …
    pub every_ms: Millis,
    /// … the entry is this much more urgent.
    pub by: NonZeroU8,
}

/// What callers are told about their wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Announcements {
    /// Whether they are told how many are before them.
    pub position: bool,
    /// Whether they are told how long it may take.
    pub estimated_wait: bool,
    /// The time before the first announcement.
    pub first_after_ms: Millis,
    /// The time between two.
    pub every_ms: Millis,
}

/// What a routing policy has one caller told, instead of what the queue's settings say of announcements and comfort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct PolicyTold {
    /// Whether they are told how many are before them.
    pub position: bool,
    /// Whether they are told how long it may take.
    pub estimated_wait: bool,
    /// The time before the first announcement.
    pub first_after_ms: Millis,
    /// The time between two.
    pub every_ms: Millis,
    /// How many speeches the policy has, of which one is said each time, in turn.
    pub speeches: u8,
}

/// What callers are told in between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Comfort {
    /// The messages, played in turn.
    pub sounds: Few<SoundId, COMFORT_MAX>,
    /// The time between two.
    pub every_ms: Millis,
}

/// Where entries go that waited too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Overflow {
    /// The other queue; where the routing policy says if none.
    pub to: Option<QueueId>,
    /// After how long here.
    pub after_ms: Millis,
}

/// How callers may hang up and keep the place, and how they are rung back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Callbacks {
    /// After which time here they may.
    pub offer_after_ms: Millis,
    /// How many calls are placed to reach them.
    pub attempts: NonZeroU8,
    /// The time from a call that did not reach them to the next.
    pub retry_ms: Millis,
}

/// Whether a returning customer waits for the agent they had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct LastAgent {
    /// How long ago they may have had each other.
    pub within_ms: Millis,
    /// How long the entry is kept for that agent before any other is asked.
    pub wait_ms: Millis,
}

/// One thing that is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct WrongSetting {
    /// The field, as in the stored JSON: `told.announcements.every_ms`.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl Settings {
    /// Looks for everything that is wrong.
    ///
    /// # Errors
    /// Each wrong value with its field's name.
    pub fn check(&self) -> Result<(), Vec<WrongSetting>> {
        let mut check = Check { wrong: Vec::new() };
        check.that("channels", !self.channels.is_empty(), "must name at least one");
        self.check_tiers(&mut check);
        self.waiting.check(&mut check);
        self.told.check(&mut check);
        self.offers.check(&mut check);
        self.goals.check(&mut check);
        if check.wrong.is_empty() {
            Ok(())
        } else {
            Err(check.wrong)
        }
    }

    /// Returns the groups that may answer an entry that has waited here for some time.
    #[must_use]
    pub fn groups_after(&self, waited: Millis) -> BTreeSet<GroupId> {
        let reached = self.tiers.iter().filter(|tier| tier.after_ms <= waited);
        reached.flat_map(|tier| tier.groups.iter().copied()).collect()
    }

    /// Returns how many tiers may answer an entry that has waited here for some time.
    #[must_use]
    pub fn tiers_after(&self, waited: Millis) -> usize {
        self.tiers.iter().filter(|tier| tier.after_ms <= waited).count()
    }

    /// Returns when an offer made now should end by itself: when the ringing is over and its outcome could be reported.
    ///
    /// Whoever ends it before by that report says whether the agent missed it; a reservation that lapses says only
    /// that nobody did.
    #[must_use]
    pub fn offer_until(&self, at: Timestamp) -> Timestamp {
        let rung = at.plus(self.offers.ring_ms);
        rung.plus(REPORT_MS).min(at.plus(OFFER_MS_MAX))
    }

    /// Returns the hash of the settings as they are stored.
    ///
    /// # Panics
    /// Never: settings are plain data.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        ContentHash::of(&serde_json::to_vec(self).expect("settings are plain data"))
    }

    /// Returns what holds for an agent who gets or does not take a contact of this queue.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        Terms {
            wrap_up: self.offers.wrap_up,
            cooldown_ms: self.offers.cooldown_ms,
            set_aside_after: self.offers.set_aside_after,
        }
    }

    fn check_tiers(&self, check: &mut Check) {
        let tiers = &self.tiers;
        check.that("tiers", !tiers.is_empty(), "must name at least one group");
        let first = tiers.first().is_none_or(|tier| tier.after_ms == Millis(0));
        check.that("tiers.after_ms", first, "must be 0 for the first tier");
        let rising = tiers.windows(2).all(|pair| pair[0].after_ms < pair[1].after_ms);
        check.that("tiers.after_ms", rising, "must rise from tier to tier");
        let filled = tiers.iter().all(|tier| !tier.groups.is_empty());
        check.that(
            "tiers.groups",
            filled,
            "must name at least one group in each tier",
        );
        let named: usize = tiers.iter().map(|tier| tier.groups.len()).sum();
        let distinct: BTreeSet<&GroupId> = tiers.iter().flat_map(|tier| &tier.groups).collect();
        check.that(
            "tiers.groups",
            distinct.len() == named,
            "must not name a group twice",
        );
        check.that(
            "tiers.groups",
            named <= QUEUE_GROUPS_MAX,
            "must name at most 100 groups",
        );
    }
}

impl Waiting {
    fn check(&self, check: &mut Check) {
        let every = self.ageing.map(|ageing| ageing.every_ms);
        check.between("waiting.ageing.every_ms", every, SECOND, WEEK);
        let length = self.max_length.is_none_or(|most| most.get() <= ENTRIES_MAX);
        check.that("waiting.max_length", length, "must be at most 10000");
        check.between("waiting.max_wait_ms", self.max_wait_ms, SECOND, WEEK);
        let overflow = self.overflow.map(|overflow| overflow.after_ms);
        check.between("waiting.overflow.after_ms", overflow, SECOND, WEEK);
        check.before_leaving("waiting.overflow.after_ms", overflow, self.max_wait_ms);
        let offer = self.callback.map(|callback| callback.offer_after_ms);
        check.between("waiting.callback.offer_after_ms", offer, MINUTE, WEEK);
        check.before_leaving("waiting.callback.offer_after_ms", offer, self.max_wait_ms);
        let attempts = self
            .callback
            .is_none_or(|callback| callback.attempts <= ATTEMPTS_MAX);
        check.that("waiting.callback.attempts", attempts, "must be at most 20");
        let retry = self.callback.map(|callback| callback.retry_ms);
        check.between("waiting.callback.retry_ms", retry, MINUTE, WEEK);
    }
}

impl Told {
    fn check(&self, check: &mut Check) {
        if let Some(told) = &self.announcements {
            let something = told.position || told.estimated_wait;
            check.that(
                "told.announcements",
                something,
                "must tell the position, the estimated wait or both",
            );
            let first = Some(told.first_after_ms);
            check.between("told.announcements.first_after_ms", first, Millis(0), HOUR);
            let every = Some(told.every_ms);
            check.between("told.announcements.every_ms", every, Millis::from_secs(10), HOUR);
        }
        if let Some(comfort) = &self.comfort {
            check.that(
                "told.comfort.sounds",
                !comfort.sounds.is_empty(),
                "must name at least one",
            );
            let every = Some(comfort.every_ms);
            check.between("told.comfort.every_ms", every, Millis::from_secs(5), HOUR);
        }
    }
}

impl Offers {
    fn check(&self, check: &mut Check) {
        let units = self.units.get() <= CAPACITY_UNITS_MAX;
        check.that(
            "offers.units",
            units,
            "must be at most 100, which is all that an agent can have",
        );
        check.between("offers.ring_ms", Some(self.ring_ms), RING_MS_MIN, OFFER_MS_MAX);
        let last = self.last_agent;
        check.between(
            "offers.last_agent.within_ms",
            last.map(|last| last.within_ms),
            SECOND,
            LAST_AGENT_WITHIN_MAX,
        );
        check.between(
            "offers.last_agent.wait_ms",
            last.map(|last| last.wait_ms),
            SECOND,
            WEEK,
        );
        let notes = self.wrap_up.map(|notes| notes.length_ms);
        check.between("offers.wrap_up.length_ms", notes, SECOND, WRAP_UP_MS_MAX);
        check.between("offers.cooldown_ms", self.cooldown_ms, SECOND, HOUR);
    }
}

impl Goals {
    fn check(self, check: &mut Check) {
        check.between(
            "goals.answer_within_ms",
            Some(self.answer_within_ms),
            SECOND,
            WEEK,
        );
        check.between(
            "goals.short_abandon_ms",
            Some(self.short_abandon_ms),
            Millis(0),
            HOUR,
        );
    }
}

struct Check {
    wrong: Vec<WrongSetting>,
}

impl Check {
    fn refuse(&mut self, field: &'static str, reason: String) {
        self.wrong.push(WrongSetting { field, reason });
    }

    fn that(&mut self, field: &'static str, holds: bool, reason: &str) {
        if !holds {
            self.refuse(field, reason.to_owned());
        }
    }

    fn between(&mut self, field: &'static str, value: Option<Millis>, min: Millis, max: Millis) {
        if let Some(value) = value.filter(|value| *value < min || *value > max) {
            self.refuse(field, format!("must be from {min} to {max}, not {value}"));
        }
    }

    // What would only begin after everybody has left would never begin.
    fn before_leaving(&mut self, field: &'static str, value: Option<Millis>, leaving: Option<Millis>) {
        if let (Some(value), Some(leaving)) = (value, leaving)
            && value >= leaving
        {
            self.refuse(
                field,
                format!("must be less than waiting.max_wait_ms, which is {leaving}"),
            );
        }
    }
}

#[cfg(any(test, feature = "contract"))]
mod generators {
    use super::{
        BTreeSet, CalendarId, Few, Goals, Name, Offers, Settings, TIERS_MAX, Tier, Told, Waiting, WorkChannel,
    };
    use crate::queue::Strategy as Rule;
    use proptest::prelude::*;

    // Written out with a box for each large part, which a test's stack would not hold together.
    impl Arbitrary for Settings {
        type Parameters = ();
        type Strategy = BoxedStrategy<Self>;

        fn arbitrary_with((): ()) -> Self::Strategy {
            type Tiers = Few<Tier, TIERS_MAX>;
            let who = any::<(Name, BTreeSet<WorkChannel>, Option<CalendarId>, Tiers, Rule)>();
            let waiting = any::<Waiting>().boxed();
            let (told, offers) = (any::<Told>().boxed(), any::<Offers>().boxed());
            (who.boxed(), waiting, told, offers, any::<Goals>())
                .prop_map(|(who, waiting, told, offers, goals)| {
                    let (name, channels, hours, tiers, strategy) = who;
                    Self {
                        name,
                        channels,
                        hours,
                        tiers,
                        strategy,
                        waiting,
                        told,
                        offers,
                        goals,
                    }
                })
                .boxed()
        }
    }
}
