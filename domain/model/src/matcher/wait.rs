//! One entry as the matcher looks at it: what it needs now, where it stands, and when either changes.

use std::collections::BTreeMap;

use super::desk::lane;
use super::groups::{Bits, Groups};
use super::rules;
use super::told::{self, Told};
use crate::agent::Obstacle;
use crate::contact::{Contact, WorkChannel};
use crate::few::Few;
use crate::ids::{AgentId, EntryId, OfferId, SkillId};
use crate::queue::{Entry, OBSTACLES_MAX, OfferEnd, Place, PolicyTold, Priority, Settings};
use crate::skills::{RequestedSkill, SkillLevel};
use crate::{Millis, Timestamp};

/// How long an agent who did not take an entry is not asked for it again, even if nobody else is left.
pub const RETRY_PAUSE: Millis = Millis::from_secs(10);
/// How long an entry, or an agent for it, rests after a decision that the queue or the agent refused: what made it so
/// is on its way here.
pub const REFUSAL_PAUSE: Millis = Millis::from_secs(1);

/// Where an entry stands in the line; the least is served next. The order is that of [`crate::queue::State::line`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    rank: u8,
    placed: Timestamp,
    urgency: Priority,
    since: Timestamp,
    entry: EntryId,
}

/// What is remembered of an agent who was offered the entry and did not get it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chance {
    /// Until when they are not asked again.
    pub(super) until: Timestamp,
    /// Whether it was up to them.
    pub(super) had: bool,
    /// What was in the way, if something was.
    pub(super) obstacles: Few<Obstacle, OBSTACLES_MAX>,
}

/// A decision that was handed in and not answered yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proposed {
    pub(super) offers: Vec<(OfferId, AgentId)>,
    pub(super) until: Timestamp,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wait {
    pub(super) entry: EntryId,
    pub(super) standing: Standing,
    pub(super) contact: Contact,
    pub(super) channel: WorkChannel,
    pub(super) lane: usize,
    pub(super) units: u16,
    pub(super) entered: Timestamp,
    /// Since when it has waited here, before it was sent on and came back too.
    pub(super) here: Timestamp,
    /// Whether it was sent on and came back.
    pub(super) is_back: bool,
    pub(super) groups: Bits,
    pub(super) needs: Vec<(SkillId, SkillLevel)>,
    /// All skills asked for, those too that are needed no more.
    pub(super) wanted: Vec<SkillId>,
    pub(super) last_agent: Option<AgentId>,
    /// What its routing policy has it told, if not what the settings say.
    pub(super) by_policy: Option<PolicyTold>,
    /// Until when it is kept for the last agent.
    pub(super) kept_until: Timestamp,
    pub(super) offered: bool,
    pub(super) proposed: Option<Proposed>,
    pub(super) paused_until: Option<Timestamp>,
    /// How many decisions there were, from which the ids of the next one's offers follow.
    pub(super) decisions: u32,
    pub(super) chances: BTreeMap<AgentId, Chance>,
    pub(super) from: Timestamp,
    pub(super) told: Told,
    /// The place in the line at which it entered, if somebody wants to know.
    pub(super) entered_as: Option<u32>,
    // When a need gives way, and from when on that is counted.
    steps: Vec<Timestamp>,
    steps_since: Option<Timestamp>,
    /// When to look at it again.
    pub(super) next: Option<Timestamp>,
}

impl Wait {
    pub(super) fn new(
        id: EntryId,
        entry: &Entry,
        settings: &Settings,
        groups: &Groups,
        at: Timestamp,
    ) -> Self {
        let mut wait = Self {
            entry: id,
            standing: standing(id, entry, settings, at),
            contact: entry.contact,
            channel: entry.channel,
            lane: lane(entry.channel),
            units: 0,
            entered: entry.entered_at,
            here: entry.here_since(),
            is_back: entry.returned.is_some(),
            groups: 0,
            needs: Vec::new(),
            wanted: entry.skills.iter().map(|request| request.skill()).collect(),
            last_agent: entry.last_agent,
            by_policy: entry.told,
            kept_until: Timestamp::MIN,
            offered: false,
            proposed: None,
            paused_until: None,
            decisions: 0,
            chances: BTreeMap::new(),
            from: entry.entered_at,
            told: Told::default(),
            entered_as: None,
            steps: Vec::new(),
            steps_since: None,
            next: None,
        };
        wait.read(entry, settings, groups, at);
        wait
    }

    /// Reads from the queue's state what choices ask of the entry at a moment, and when to read it again.
    pub(super) fn read(&mut self, entry: &Entry, settings: &Settings, groups: &Groups, at: Timestamp) {
        self.standing = standing(self.entry, entry, settings, at);
        self.contact = entry.contact;
        self.units = settings.offers.units.get();
        self.groups = groups.after(entry.waited_here(at));
        self.needs.clear();
        self.needs.extend(entry.skills_needed(at));
        self.kept_until = match settings.offers.last_agent {
            Some(rule) if entry.last_agent.is_some() => entry.here_since().plus(rule.wait_ms),
            Some(_) | None => Timestamp::MIN,
        };
        self.offered = entry.is_offered();
        self.from = entry.may_be_offered_from();
        self.paused_until = self.paused_until.filter(|until| *until > at);
        self.read_steps(entry);
        let moments = [
            ages_at(entry, settings, at),
            groups.next(entry.counts_here_since(), at),
            self.steps.iter().copied().find(|step| *step > at),
            Some(self.kept_until),
            Some(self.from),
            self.paused_until,
            self.proposed.as_ref().map(|proposed| proposed.until),
            rules::next(self, &settings.waiting, at),
            told::next(self, settings, at),
        ];
        let pauses = self.chances.values().map(|chance| chance.until);
        let moments = moments.into_iter().flatten().chain(pauses);
        self.next = moments.filter(|moment| *moment > at).min();
    }

    fn read_steps(&mut self, entry: &Entry) {
        let since = entry.counts_since();
        if self.steps_since == Some(since) {
            return;
        }
        self.steps_since = Some(since);
        let relaxed = entry.skills.iter().flat_map(|request| {
            let parts = RequestedSkill::from(request.clone());
            parts.relax.into_iter().map(|step| since.plus(step.after_ms))
        });
        self.steps = relaxed.collect();
        self.steps.sort_unstable();
    }

    /// Says whether it may be offered to somebody now.
    pub(super) fn may_be_offered(&self, at: Timestamp) -> bool {
        !self.offered
            && self.proposed.is_none()
            && self.paused_until.is_none_or(|until| until <= at)
            && self.from <= at
    }

    /// Says whether an agent is not asked now, whatever else holds.
    pub(super) fn rests_from(&self, agent: AgentId, at: Timestamp) -> bool {
        self.chances.get(&agent).is_some_and(|chance| at < chance.until)
    }

    /// Says whether an agent was offered it and did not take it.
    pub(super) fn had_chance(&self, agent: AgentId) -> bool {
        self.chances.get(&agent).is_some_and(|chance| chance.had)
    }

    /// Remembers how an offer to an agent ended.
    pub(super) fn remember(&mut self, agent: AgentId, how: &OfferEnd, at: Timestamp) {
        let (had, pause, obstacles) = match how {
            OfferEnd::Missed | OfferEnd::Rejected | OfferEnd::DeviceUnreachable | OfferEnd::Lapsed => {
                (true, RETRY_PAUSE, Few::none())
            }
            OfferEnd::Unavailable { obstacles } => (false, REFUSAL_PAUSE, obstacles.clone()),
            OfferEnd::Withdrawn | OfferEnd::Away => (false, REFUSAL_PAUSE, Few::none()),
            OfferEnd::Answered
            | OfferEnd::AnotherWasFirst
            | OfferEnd::CallerGone
            | OfferEnd::NotReached { .. } => return,
        };
        let had = had || self.had_chance(agent);
        let until = at.plus(pause);
        let chance = Chance {
            until,
            had,
            obstacles,
        };
        self.chances.insert(agent, chance);
    }
}

fn standing(id: EntryId, entry: &Entry, settings: &Settings, at: Timestamp) -> Standing {
    let (rank, placed) = match entry.placed {
        Some((Place::Front, when)) => (0, when),
        None => (1, Timestamp::MIN),
        Some((Place::Back, when)) => (2, when),
    };
    Standing {
        rank,
        placed,
        urgency: entry.urgency(settings, at),
        since: entry.since,
        entry: id,
    }
}

// Nothing is more urgent than the highest, so that there ageing is over.
fn ages_at(entry: &Entry, settings: &Settings, at: Timestamp) -> Option<Timestamp> {
    let every = settings.waiting.ageing?.every_ms.0;
    if entry.urgency(settings, at) == Priority::HIGHEST {
        return None;
    }
    let steps = at
        .since(entry.counts_since())
        .0
        .checked_div(every)?
        .checked_add(1)?;
    Some(entry.counts_since().plus(Millis(steps.checked_mul(every)?)))
}
