//! What breaks: processes that begin anew, nodes that are cut off, readers that are behind.

use domain_model::Millis;

use super::agenda::Act;
use super::reader::Role;
use super::{Broken, Stage};

impl Stage<'_> {
    // Every other time from the log's beginning, otherwise from a snapshot: both must come to the same.
    pub(super) fn restart(&mut self, process: u64) {
        let followers = self.readers.iter().enumerate();
        let followers: Vec<usize> = followers
            .filter(|(_, reader)| matches!(reader.role, Role::Process(_)))
            .map(|(place, _)| place)
            .collect();
        let count = followers.len() as u64;
        let Some(place) = process
            .checked_rem(count)
            .map(|place| followers[usize::try_from(place).unwrap_or(0)])
        else {
            return;
        };
        let (platform, now) = (&self.platform, self.now);
        let reader = &mut self.readers[place];
        let Role::Process(follower) = &mut reader.role else {
            return;
        };
        let before = follower.snapshot();
        if process.is_multiple_of(2) && !self.is_long {
            follower.restart();
            for recorded in (0..reader.seen).filter_map(|position| platform.at(position)) {
                follower.fold(&recorded.happened);
            }
        } else {
            follower.reload();
        }
        if follower.snapshot() != before {
            let who = follower.name().to_owned();
            self.broken.get_or_insert(Broken::Forgets { who, at: now });
        }
        reader.stuck = false;
    }

    pub(super) fn freeze(&mut self, node: u64, during: Millis) {
        let until = self.now.plus(during);
        let place = usize::try_from(node).unwrap_or(0);
        let owners = self.readers.iter().enumerate();
        let owners: Vec<usize> = owners
            .filter(|(_, reader)| matches!(reader.role, Role::Owner(..)))
            .map(|(place, _)| place)
            .collect();
        if let Some(reader) = place.checked_rem(owners.len()).map(|place| owners[place]) {
            self.readers[reader].asleep = Some(until);
            self.later(until, Act::Wake(reader));
        }
    }

    // Whoever is behind sleeps for a while before it hears the news.
    pub(super) fn is_fresh(&mut self, place: usize) -> bool {
        let seen = self.readers[place].seen;
        if std::mem::take(&mut self.readers[place].awoken) {
            return true;
        }
        let chance = self.chance.about("lag", ((place as u64) << 40) | seen);
        let lag = Millis(chance.below(self.faults.lag.0));
        if lag.0 < self.faults.lag.0 / 3 {
            return true;
        }
        let until = self.now.plus(lag);
        self.readers[place].asleep = Some(until);
        self.later(until, Act::Wake(place));
        false
    }
}
