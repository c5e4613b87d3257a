//! Skills: what users can and callers need, and how well each user has them.

use serde::{Deserialize, Serialize};

use crate::ids::{SkillId, UserId};
use crate::skills::SkillLevel;
use crate::text::{Line, Name};

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, Thing, change, create};

/// What a skill is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct SkillDetails {
    /// What people call it; no other skill has this name.
    pub name: Name,
    /// What it takes, in a sentence.
    pub description: Option<Line>,
    /// The level that a user gets unless another is named.
    pub default_level: SkillLevel,
}

/// What somebody wants of skills.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Defines a skill.
    Create {
        /// Its id.
        skill: SkillId,
        /// What it is.
        details: SkillDetails,
    },
    /// Says anew what a skill is; users keep their levels.
    Change {
        /// The skill.
        skill: SkillId,
        /// What it is from now on.
        details: SkillDetails,
    },
    /// Gives up a skill: nobody has it any more.
    Retire {
        /// The skill.
        skill: SkillId,
    },
    /// Says how well a user has a skill.
    Assign {
        /// The user.
        user: UserId,
        /// The skill.
        skill: SkillId,
        /// How well; the skill's default if not said, for a user who does not have it yet.
        level: Option<SkillLevel>,
    },
    /// Says that a user does not have a skill.
    Unassign {
        /// The user.
        user: UserId,
        /// The skill.
        skill: SkillId,
    },
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Create { skill, details } => {
            create(state.skills.get(&skill), &details, Thing::Skill, || {
                name_is_free(state, skill, &details)?;
                Ok(vec![Event::SkillCreated {
                    skill,
                    details: details.clone(),
                }])
            })
        }
        Command::Change { skill, details } => {
            let there = state.skills.known(&skill, "skill", Thing::Skill)?;
            change(there, &details, || {
                name_is_free(state, skill, &details)?;
                Ok(vec![Event::SkillChanged {
                    skill,
                    details: details.clone(),
                }])
            })
        }
        Command::Retire { skill } => Ok(retire(state, skill)),
        Command::Assign { user, skill, level } => assign(state, user, skill, level),
        Command::Unassign { user, skill } => {
            let has_it = state
                .users
                .get(&user)
                .is_some_and(|user| user.skills.contains_key(&skill));
            let unassigned = has_it.then_some(Event::SkillUnassigned { user, skill });
            Ok(unassigned.into_iter().collect())
        }
    }
}

fn name_is_free(state: &State, skill: SkillId, details: &SkillDetails) -> Result<(), Rejection> {
    state
        .skills
        .unique(&skill, "details.name", Thing::Skill, |other| {
            other.name == details.name
        })
}

fn retire(state: &State, skill: SkillId) -> Vec<Event> {
    if !state.skills.contains(&skill) {
        return vec![];
    }
    let users = state
        .users
        .iter()
        .filter(|(_, user)| user.skills.contains_key(&skill));
    users
        .map(|(user, _)| Event::SkillUnassigned { user: *user, skill })
        .chain([Event::SkillRetired { skill }])
        .collect()
}

fn assign(state: &State, user: UserId, skill: SkillId, level: Option<SkillLevel>) -> Decision {
    let details = state.skills.known(&skill, "skill", Thing::Skill)?;
    let has = state.user(&user, "user")?.skills.get(&skill);
    let level = level.or(has.copied()).unwrap_or(details.default_level);
    Ok(if has == Some(&level) {
        vec![]
    } else {
        vec![Event::SkillAssigned { user, skill, level }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;

    fn assign(level: Option<SkillLevel>) -> Order {
        Order::Skills(Command::Assign {
            user: ANN,
            skill: FRENCH,
            level,
        })
    }

    fn assigned(level: SkillLevel) -> Event {
        Event::SkillAssigned {
            user: ANN,
            skill: FRENCH,
            level,
        }
    }

    #[test]
    fn a_user_gets_the_skills_default_level_and_keeps_a_better_one() {
        given::<Tenant>([created(), joined(ANN, 2000), french()])
            .when(assign(None))
            .then([assigned(SkillLevel::BASIC)]);
        given::<Tenant>([created(), joined(ANN, 2000), french(), assigned(SkillLevel::GURU)])
            .when(assign(None))
            .nothing();
    }

    #[test]
    fn nobody_keeps_a_skill_that_is_retired() {
        given::<Tenant>([created(), joined(ANN, 2000), french(), assigned(SkillLevel::GURU)])
            .when(Order::Skills(Command::Retire { skill: FRENCH }))
            .then([
                Event::SkillUnassigned {
                    user: ANN,
                    skill: FRENCH,
                },
                Event::SkillRetired { skill: FRENCH },
            ]);
    }

    #[test]
    fn a_skill_that_is_not_there_is_not_assigned() {
        given::<Tenant>([created(), joined(ANN, 2000)])
            .when(assign(Some(SkillLevel::EXPERT)))
            .rejected(Rejection::Unknown {
                field: "skill",
                thing: Thing::Skill,
            });
    }
}
