//! Who gets an entry, and why everybody else does not.

use std::cmp::Reverse;

use super::desk::Desk;
use super::floor::Floor;
use super::score::{Rating, Scale};
use super::wait::Wait;
use crate::Timestamp;
use crate::agent::Ask;
use crate::few::Few;
use crate::ids::EntryId;
use crate::queue::{CANDIDATES_MAX, Candidate, Lost, OBSTACLES_MAX, OFFERS_AT_ONCE_MAX, Strategy};

/// Who is asked, and among whom they were chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// The places of those chosen among all agents, the best first.
    pub(super) chosen: Vec<usize>,
    pub(super) pool: Pool,
}

/// Among whom a choice was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// The agent whom the customer had last, and nobody else.
    LastAgent,
    /// All who were not offered the entry yet.
    Fresh,
    /// All who did not take it, since nobody else is left.
    Again,
}

/// Chooses who is offered an entry now; nobody if nobody can be, or if it is kept for an agent who will be free.
pub(super) fn choose(wait: &Wait, floor: &Floor, scale: &Scale<'_>, keeps: bool) -> Option<Choice> {
    let at = scale.at;
    if let Some(agent) = wait.last_agent.filter(|agent| keeps && !wait.had_chance(*agent))
        && let Some((place, desk)) = floor.find(agent)
    {
        if desk.is_free_for(wait, at) && !wait.rests_from(agent, at) {
            return Some(Choice {
                chosen: vec![place],
                pool: Pool::LastAgent,
            });
        }
        if at < wait.kept_until && desk.is_soon_free_for(wait) {
            return None;
        }
    }
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for (place, desk) in floor.desks.iter().enumerate() {
        if desk.is_free_for(wait, at) && !wait.rests_from(desk.agent, at) {
            let had = wait.had_chance(desk.agent);
            let pool = if had { &mut again } else { &mut fresh };
            pool.push((scale.rate(wait, desk, place), place));
        }
    }
    let (pool, rated) = if fresh.is_empty() {
        (Pool::Again, again)
    } else {
        (Pool::Fresh, fresh)
    };
    let chosen = best(rated, scale.strategy);
    (!chosen.is_empty()).then_some(Choice { chosen, pool })
}

fn best(mut rated: Vec<(Rating, usize)>, strategy: Strategy) -> Vec<usize> {
    if strategy == Strategy::RingAll {
        rated.sort_unstable_by_key(|(rating, _)| Reverse(*rating));
        let chosen = rated.into_iter().take(OFFERS_AT_ONCE_MAX);
        chosen.map(|(_, place)| place).collect()
    } else {
        rated
            .into_iter()
            .max()
            .into_iter()
            .map(|(_, place)| place)
            .collect()
    }
}

/// What becomes of one candidate.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Chosen,
    Compared,
    TakenBy(EntryId),
    KeptForLastAgent,
    HadTheirChance,
    Resting,
    Hindered(usize),
}

impl Fate {
    // Those that came nearest first.
    const fn rank(self) -> (u8, usize) {
        match self {
            Self::Chosen => (0, 0),
            Self::Compared => (1, 0),
            Self::TakenBy(_) | Self::KeptForLastAgent | Self::HadTheirChance => (2, 0),
            Self::Resting => (3, 0),
            Self::Hindered(obstacles) => (3, obstacles),
        }
    }
}

/// Everybody who was considered: who is signed in and belongs to a group that may answer.
pub(super) struct Evidence {
    pub(super) candidates: Few<Candidate, CANDIDATES_MAX>,
    pub(super) considered: u32,
}

type Considered = (Fate, Rating, usize);

/// Says of everybody why they were chosen or not: the chosen first, then who came nearest.
pub(super) fn evidence(
    wait: &Wait,
    floor: &Floor,
    scale: &Scale<'_>,
    ask: &Ask,
    choice: &Choice,
) -> Evidence {
    let mut all: Vec<Considered> = Vec::new();
    for (place, desk) in floor.desks.iter().enumerate() {
        let chosen = choice.chosen.contains(&place);
        if chosen || desk.is_signed_in() && desk.is_member(wait.groups) {
            let fate = if chosen {
                Fate::Chosen
            } else {
                fate(wait, desk, choice.pool, scale.at)
            };
            all.push((fate, scale.rate(wait, desk, place), place));
        }
    }
    let considered = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let nearest = |(fate, rating, _): &Considered| (fate.rank(), Reverse(*rating));
    if all.len() > CANDIDATES_MAX {
        all.select_nth_unstable_by_key(CANDIDATES_MAX, nearest);
        all.truncate(CANDIDATES_MAX);
    }
    all.sort_unstable_by_key(nearest);
    let bar = all
        .iter()
        .filter(|(fate, ..)| *fate == Fate::Chosen)
        .map(|(_, rating, _)| *rating)
        .min();
    let candidates = all.into_iter().map(|(fate, rating, place)| {
        let desk = &floor.desks[place];
        Candidate {
            agent: desk.agent,
            score: rating.0,
            idle_since: desk.figures.idle_since,
            lost: lost(fate, rating, bar, || obstacles(wait, desk, ask, scale.at)),
        }
    });
    Evidence {
        candidates: Few::first(candidates),
        considered,
    }
}

fn fate(wait: &Wait, desk: &Desk, pool: Pool, at: Timestamp) -> Fate {
    let had = wait.had_chance(desk.agent);
    // Whatever else is in their way by now: that they had it is why somebody else is asked.
    if had && pool != Pool::Again {
        return Fate::HadTheirChance;
    }
    let obstacles = desk.count_obstacles(wait, at);
    if obstacles > 0 {
        return Fate::Hindered(obstacles);
    }
    if let (false, Some(entry)) = (desk.is_free_for(wait, at), desk.booked_for()) {
        return Fate::TakenBy(entry);
    }
    if wait.rests_from(desk.agent, at) {
        return if had { Fate::HadTheirChance } else { Fate::Resting };
    }
    match pool {
        Pool::LastAgent => Fate::KeptForLastAgent,
        Pool::Fresh | Pool::Again => Fate::Compared,
    }
}

fn obstacles(wait: &Wait, desk: &Desk, ask: &Ask, at: Timestamp) -> Vec<crate::agent::Obstacle> {
    let mut found = desk.obstacles(wait, ask, at);
    if found.is_empty() {
        let remembered = wait.chances.get(&desk.agent);
        found.extend(
            remembered
                .into_iter()
                .flat_map(|chance| chance.obstacles.iter().cloned()),
        );
    }
    found
}

fn lost(
    fate: Fate,
    (score, _, idle, _): Rating,
    bar: Option<Rating>,
    obstacles: impl FnOnce() -> Vec<crate::agent::Obstacle>,
) -> Option<Lost> {
    Some(match fate {
        Fate::Chosen => return None,
        Fate::Compared => match bar {
            Some((best, _, longest, _)) if score == best && idle == longest => Lost::HigherId,
            Some((best, ..)) if score == best => Lost::IdleLater,
            Some(_) | None => Lost::Outscored,
        },
        Fate::TakenBy(entry) => Lost::TakenBy { entry },
        Fate::KeptForLastAgent => Lost::KeptForLastAgent,
        Fate::HadTheirChance => Lost::HadTheirChance,
        Fate::Resting | Fate::Hindered(_) => Lost::Unavailable {
            obstacles: Few::<_, OBSTACLES_MAX>::first(obstacles()),
        },
    })
}
