//! What those who wait are told: how many are before them, how long it may take, a comforting word, a way out.
//!
//! Only somebody on the line is told something, so calls are and chats and callbacks are not; and nobody while an agent
//! is being rung for them. Announcements come at fixed times after entering, so that a restart changes none; what would
//! have been said meanwhile is not made up for.
//!
//! A place further back or a longer wait than the caller was told last is kept from them once. If it is still so the
//! next time, they are told the truth.

use std::num::NonZeroU8;

use super::estimate::Estimates;
use super::wait::Wait;
use super::{Matcher, Output};
use crate::call::facts::{Announcement, Nth};
use crate::contact::Contact;
use crate::few::Few;
use crate::ids::{EntryId, SoundId};
use crate::queue::{self, COMFORT_MAX, PolicyTold, Settings};
use crate::{Millis, Timestamp};

/// What one entry was told.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    nth: Nth,
    // What should have been said until then was said, or is not said any more.
    until: Option<Timestamp>,
    place: Lately<u32>,
    wait: Lately<Millis>,
    callback: bool,
}

/// A figure as it was told last, and whether a worse one has been kept back since.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Lately<T> {
    told: Option<T>,
    kept_back: bool,
}

impl<T: Copy + Ord> Lately<T> {
    fn may_tell(&mut self, figure: T) -> bool {
        let worse = self.told.is_some_and(|told| figure > told);
        let tells = !worse || self.kept_back;
        self.kept_back = !tells;
        if tells {
            self.told = Some(figure);
        }
        tells
    }

    fn heard(&mut self, figure: T) {
        self.told = Some(figure);
        self.kept_back = false;
    }
}

impl Told {
    /// Takes note of what the call says was heard.
    pub(super) fn heard(&mut self, nth: Nth, announcement: Announcement) {
        if nth <= self.nth {
            return;
        }
        self.nth = nth;
        match announcement {
            Announcement::Position { place } => self.place.heard(place),
            Announcement::EstimatedWait { wait_ms } => self.wait.heard(wait_ms),
            Announcement::Comfort { .. } | Announcement::Speech { .. } => {}
        }
    }

    pub(super) const fn callback_offered(&mut self) {
        self.callback = true;
    }

    /// Leaves out what should have been said until now.
    pub(super) const fn skip(&mut self, now: Timestamp) {
        self.until = Some(now);
    }
}

// Times at which something is said, each so long after the one before.
#[derive(Clone, Copy)]
struct Times {
    first: Timestamp,
    every: Millis,
}

impl Times {
    // How many there were until a moment.
    fn until(self, at: Timestamp) -> u64 {
        if at < self.first {
            return 0;
        }
        let after_first = at.since(self.first).0.checked_div(self.every.0).unwrap_or(0);
        after_first.saturating_add(1)
    }

    fn after(self, at: Timestamp) -> Timestamp {
        self.first
            .plus(Millis(self.every.0.saturating_mul(self.until(at))))
    }

    fn is_due(self, told: &Told, now: Timestamp) -> bool {
        self.until(now) > told.until.map_or(0, |until| self.until(until))
    }
}

// What is said to one entry: as its routing policy says, or else as the queue's settings say.
struct Says<'a> {
    figures: Option<(Times, Figures)>,
    words: Option<(Times, Words<'a>)>,
}

#[derive(Clone, Copy)]
struct Figures {
    position: bool,
    estimated_wait: bool,
}

enum Words<'a> {
    Sounds(&'a Few<SoundId, COMFORT_MAX>),
    Speeches(NonZeroU8),
}

impl<'a> Says<'a> {
    fn to(wait: &Wait, settings: &'a Settings) -> Self {
        wait.by_policy.map_or_else(
            || Self::by_settings(wait, settings),
            |own| Self::by_policy(wait, own),
        )
    }

    fn by_policy(wait: &Wait, own: PolicyTold) -> Self {
        let times = Times {
            first: wait.entered.plus(own.first_after_ms),
            every: own.every_ms,
        };
        let figures = Figures {
            position: own.position,
            estimated_wait: own.estimated_wait,
        };
        Self {
            figures: Some((times, figures)),
            words: NonZeroU8::new(own.speeches).map(|count| (times, Words::Speeches(count))),
        }
    }

    fn by_settings(wait: &Wait, settings: &'a Settings) -> Self {
        let figures = settings.told.announcements.map(|rule| {
            let times = Times {
                first: wait.entered.plus(rule.first_after_ms),
                every: rule.every_ms,
            };
            let figures = Figures {
                position: rule.position,
                estimated_wait: rule.estimated_wait,
            };
            (times, figures)
        });
        let words = settings.told.comfort.as_ref().map(|rule| {
            let times = Times {
                first: wait.entered.plus(rule.every_ms),
                every: rule.every_ms,
            };
            (times, Words::Sounds(&rule.sounds))
        });
        Self { figures, words }
    }

    fn times(&self) -> impl Iterator<Item = Times> {
        let figures = self.figures.iter().map(|(times, _)| *times);
        figures.chain(self.words.iter().map(|(times, _)| *times))
    }
}

impl Words<'_> {
    // What is said when it is the turn of number `nth`.
    fn say(&self, nth: u64) -> Option<Announcement> {
        match self {
            Self::Sounds(sounds) => {
                let place = nth.checked_rem(sounds.len() as u64)?;
                let sound = sounds.get(usize::try_from(place).ok()?)?;
                Some(Announcement::Comfort { sound: *sound })
            }
            Self::Speeches(count) => {
                let place = u8::try_from(nth % u64::from(count.get())).ok()?;
                Some(Announcement::Speech { place })
            }
        }
    }
}

/// Returns when something is to be said next.
pub(super) fn next(wait: &Wait, settings: &Settings, at: Timestamp) -> Option<Timestamp> {
    if !is_on_the_line(wait) {
        return None;
    }
    let said = Says::to(wait, settings)
        .times()
        .map(|times| times.after(at))
        .min();
    let callback = settings
        .waiting
        .callback
        .map(|callback| wait.here.plus(callback.offer_after_ms));
    let callback = callback.filter(|moment| *moment > at);
    [said, callback].into_iter().flatten().min()
}

/// Says whether somebody like this is told how long it may take, so that what became of them is worth learning.
pub(super) fn estimates(wait: &Wait, settings: &Settings) -> bool {
    let figures = Says::to(wait, settings).figures;
    is_on_the_line(wait) && figures.is_some_and(|(_, figures)| figures.estimated_wait)
}

/// Says whether whoever waits hears what is said.
pub(super) fn is_on_the_line(wait: &Wait) -> bool {
    match wait.contact {
        Contact::Call(_) => true,
        Contact::Conversation(_) | Contact::Callback(_) => false,
    }
}

impl Matcher {
    /// Says what is to be said to one entry now.
    pub(super) fn tell(&mut self, entry: EntryId, now: Timestamp) {
        let Self {
            queue,
            line,
            estimates,
            outputs,
            ..
        } = self;
        let (Ok((settings, _)), Some(wait)) = (queue.settings(), line.get(entry)) else {
            return;
        };
        if !is_on_the_line(wait) || !is_anything_due(wait, settings, now) {
            return;
        }
        let place = u32::try_from(line.place(&wait.standing, now)).unwrap_or(u32::MAX);
        let Some(wait) = line.get_mut(entry) else { return };
        if !wait.offered && wait.proposed.is_none() {
            outputs.extend(said(wait, settings, place, estimates, now));
        }
        wait.told.until = Some(now);
    }
}

fn is_anything_due(wait: &Wait, settings: &Settings, now: Timestamp) -> bool {
    let says = Says::to(wait, settings);
    let said = says.times().any(|times| times.is_due(&wait.told, now));
    said || is_callback_due(wait, settings, now)
}

fn is_callback_due(wait: &Wait, settings: &Settings, now: Timestamp) -> bool {
    let after = settings.waiting.callback.map(|callback| callback.offer_after_ms);
    !wait.told.callback && after.is_some_and(|after| wait.here.plus(after) <= now)
}

fn said(
    wait: &mut Wait,
    settings: &queue::Settings,
    place: u32,
    estimates: &Estimates,
    now: Timestamp,
) -> Vec<Output> {
    let says = Says::to(wait, settings);
    let mut announcements = Vec::new();
    if let Some((times, figures)) = says.figures
        && times.is_due(&wait.told, now)
    {
        if figures.position && wait.told.place.may_tell(place) {
            announcements.push(Announcement::Position { place });
        }
        let estimate = estimates.estimate(place, now).filter(|_| figures.estimated_wait);
        let estimate = estimate.filter(|estimate| wait.told.wait.may_tell(*estimate));
        announcements.extend(estimate.map(|wait_ms| Announcement::EstimatedWait { wait_ms }));
    }
    if let Some((times, words)) = says.words
        && times.is_due(&wait.told, now)
    {
        announcements.extend(words.say(times.until(now).saturating_sub(1)));
    }
    let entry = wait.entry;
    let mut outputs = Vec::new();
    for announcement in announcements {
        wait.told.nth = Nth(wait.told.nth.0.saturating_add(1));
        let nth = wait.told.nth;
        outputs.push(Output::Announce {
            entry,
            nth,
            announcement,
        });
    }
    if is_callback_due(wait, settings, now) {
        wait.told.callback = true;
        outputs.push(Output::OfferCallback { entry });
    }
    outputs
}
