//! What breaks: processes and owners that begin anew, nodes that are cut off, readers that are behind.

use domain_model::Millis;
use domain_model::ids::CallId;
use domain_model::interpreter::Output;

use super::agenda::Act;
use super::reader::Role;
use super::{Broken, Stage};

impl Stage<'_> {
    /// Stops a process, or the router, and lets it begin anew.
    pub(super) fn restart(&mut self, which: u64) {
        let followers = self.readers.iter().enumerate();
        let followers =
            followers.filter(|(_, reader)| matches!(reader.role, Role::Process(_) | Role::Router(_)));
        let followers: Vec<usize> = followers.map(|(place, _)| place).collect();
        let place = which.checked_rem(followers.len() as u64);
        let place = place.and_then(|place| followers.get(usize::try_from(place).ok()?));
        if let Some(place) = place.copied() {
            let wanted = self.restart_reader(place, which);
            self.route(place, wanted);
        }
    }

    /// Lets a reader begin anew, every other time from the log's beginning, otherwise from a snapshot: both must come
    /// to the same. Returns what a router wants again.
    pub(super) fn restart_reader(&mut self, place: usize, dice: u64) -> Vec<(CallId, Output)> {
        let now = self.now;
        if let Role::Owner(..) = self.readers[place].role {
            self.restart_owner(place);
            return Vec::new();
        }
        let from_log = dice.is_multiple_of(2) && !self.is_long;
        let platform = &self.platform;
        let reader = &mut self.readers[place];
        let log = (0..reader.seen).filter_map(|position| Some(&platform.at(position)?.happened));
        reader.stuck = false;
        let (who, same, wanted) = match &mut reader.role {
            Role::Process(follower) => {
                let before = follower.snapshot();
                if from_log {
                    follower.restart();
                    log.for_each(|happened| follower.fold(happened));
                } else {
                    follower.reload();
                }
                (follower.name(), follower.snapshot() == before, Vec::new())
            }
            Role::Router(router) => {
                let before = router.snapshot();
                let wanted = if from_log {
                    router.restart(log, now)
                } else {
                    router.reload(now)
                };
                ("the router", router.snapshot() == before, wanted)
            }
            Role::Telephones(_) | Role::Owner(..) => return Vec::new(),
        };
        if !same {
            let who = who.to_owned();
            self.broken.get_or_insert(Broken::Forgets { who, at: now });
        }
        wanted
    }

    /// Stops a node that owns a queue, and lets another begin.
    pub(super) fn restart_one_owner(&mut self, which: u64) {
        if let Some(place) = self.owner(which) {
            self.restart_owner(place);
        }
    }

    // The place of an owner among all who follow the log.
    fn owner(&self, which: u64) -> Option<usize> {
        let readers = self.readers.iter().enumerate();
        let owners = readers.filter(|(_, reader)| matches!(reader.role, Role::Owner(..)));
        let owners: Vec<usize> = owners.map(|(place, _)| place).collect();
        let which = which.checked_rem(owners.len() as u64)?;
        owners.get(usize::try_from(which).ok()?).copied()
    }

    // An owner keeps no snapshot, so that it begins with the log's first event; in long plays that one is dropped.
    fn restart_owner(&mut self, place: usize) {
        if self.is_long {
            return;
        }
        let (now, is_closed, platform) = (self.now, self.is_closed, &self.platform);
        let reader = &mut self.readers[place];
        let Role::Owner(owner, _) = &mut reader.role else {
            return;
        };
        let before = owner.knows().clone();
        owner.restart();
        let log = (0..reader.seen).filter_map(|position| platform.at(position));
        log.for_each(|recorded| owner.fold(&recorded.happened));
        (reader.begins, reader.asleep) = (true, None);
        let same = *owner.knows() == before;
        if is_closed {
            owner.release(now);
        }
        if !same {
            let who = reader.name();
            self.broken.get_or_insert(Broken::Forgets { who, at: now });
        }
    }

    pub(super) fn freeze(&mut self, node: u64, during: Millis) {
        let until = self.now.plus(during);
        if let Some(reader) = self.owner(node) {
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
