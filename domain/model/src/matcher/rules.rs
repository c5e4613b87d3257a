//! Who leaves by the queue's own rules: after too long a wait, or because nobody is there to answer.

use super::floor::Floor;
use super::wait::{REFUSAL_PAUSE, Wait};
use super::{Matcher, Output};
use crate::contact::Contact;
use crate::ids::EntryId;
use crate::queue::{Command, Expulsion, FencingToken, OwnerCommand, Waiting};
use crate::{Millis, Timestamp};

/// How long nobody must be there before those who wait are sent on for it: an agent who goes from one state into
/// another is logged out and in again, which empties no queue.
pub const NOBODY_FOR: Millis = Millis::from_secs(1);

/// How long whoever came back from a queue that did not take them waits here before they are sent there again.
const ASKED_AGAIN: Millis = Millis::from_secs(60);

/// Since when nobody is there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Absence {
    nobody_logged_in: Option<Timestamp>,
    nobody_available: Option<Timestamp>,
}

impl Absence {
    /// Takes note of who is there now.
    pub(super) fn note(&mut self, floor: &Floor, now: Timestamp) {
        let since = |there: usize, before: Option<Timestamp>| (there == 0).then(|| before.unwrap_or(now));
        self.nobody_logged_in = since(floor.logged_in, self.nobody_logged_in);
        self.nobody_available = since(floor.available, self.nobody_available);
    }

    fn lasting(self, rules: &Waiting) -> impl Iterator<Item = (Timestamp, Expulsion)> {
        let logged_in = self
            .nobody_logged_in
            .filter(|_| rules.leave_when_nobody_logged_in);
        let available = self
            .nobody_available
            .filter(|_| rules.leave_when_nobody_available);
        let logged_in = logged_in.map(|since| (since.plus(NOBODY_FOR), Expulsion::NobodyLoggedIn));
        let available = available.map(|since| (since.plus(NOBODY_FOR), Expulsion::NobodyAvailable));
        logged_in.into_iter().chain(available)
    }

    /// Returns when it will have lasted long enough.
    pub(super) fn due(self, rules: &Waiting, now: Timestamp) -> Option<Timestamp> {
        self.lasting(rules)
            .map(|(due, _)| due)
            .filter(|due| *due > now)
            .min()
    }

    fn rule(self, rules: &Waiting, now: Timestamp) -> Option<Expulsion> {
        self.lasting(rules)
            .find(|(due, _)| *due <= now)
            .map(|(_, why)| why)
    }
}

/// Returns when an entry has waited too long.
pub(super) fn next(wait: &Wait, rules: &Waiting, at: Timestamp) -> Option<Timestamp> {
    limits(wait, rules)
        .map(|(moment, _)| moment)
        .filter(|moment| *moment > at)
        .min()
}

fn limits(wait: &Wait, rules: &Waiting) -> impl Iterator<Item = (Timestamp, Expulsion)> {
    let max = rules
        .max_wait_ms
        .map(|after| (wait.here.plus(after), Expulsion::MaxWait));
    let overflow = rules.overflow.map(|overflow| {
        (
            wait.entered.plus(overflows_after(wait, overflow.after_ms)),
            Expulsion::Overflow,
        )
    });
    let limited = !is_promised(wait);
    max.into_iter().chain(overflow).filter(move |_| limited)
}

// A queue that did not take them is not asked again at once.
fn overflows_after(wait: &Wait, after: Millis) -> Millis {
    if wait.is_back {
        after.max(ASKED_AGAIN)
    } else {
        after
    }
}

// Who was promised to be rung back has hung up and is held to no limit.
fn is_promised(wait: &Wait) -> bool {
    match wait.contact {
        Contact::Callback(_) => true,
        Contact::Call(_) | Contact::Conversation(_) => false,
    }
}

fn is_resting(wait: &Wait, now: Timestamp) -> bool {
    wait.offered || wait.proposed.is_some() || wait.paused_until.is_some_and(|until| until > now)
}

impl Matcher {
    /// Sends on who has to leave now.
    pub(super) fn expel(&mut self, token: FencingToken, looked_at: &[EntryId], now: Timestamp) {
        let Ok((settings, _)) = self.queue.settings() else {
            return;
        };
        let rules = &settings.waiting;
        let absence = self.absence.rule(rules, now);
        let mut leaving = Vec::new();
        let mut check = |wait: &Wait| {
            let too_long = limits(wait, rules)
                .find(|(moment, _)| *moment <= now)
                .map(|(_, why)| why);
            let absent = absence.clone().filter(|_| !is_promised(wait));
            let why = too_long.or(absent).filter(|_| !is_resting(wait, now));
            leaving.extend(why.map(|why| (wait.entry, why)));
        };
        if absence.is_some() {
            self.line.order.values().for_each(|wait| check(wait));
        } else {
            looked_at
                .iter()
                .filter_map(|entry| self.line.get(*entry))
                .for_each(&mut check);
        }
        for (entry, why) in leaving {
            self.line
                .change(entry, |wait| wait.paused_until = Some(now.plus(REFUSAL_PAUSE)));
            self.read(entry, now);
            let command = OwnerCommand::Expel { entry, why };
            let at = now;
            self.outputs
                .push_back(Output::Command(Command::Owner { token, command, at }));
        }
    }
}
