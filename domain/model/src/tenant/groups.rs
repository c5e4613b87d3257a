//! Groups of users: who answers together, and what a group is for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, UserId};
use crate::text::{Line, Name};

use super::State;
use super::event::Event;
use super::extension::{Extension, Holder, PickupCode};
use super::rejection::{Decision, Rejection, Thing, change, create};

/// What a group is for; a group may have several purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Purpose {
    /// Queues hand contacts to its members.
    ContactCentre,
    /// It is rung as one, by its extension.
    Pbx,
    /// Its members' calls are recorded.
    Recording,
    /// Its members hear the recordings of others.
    Manager,
}

/// What a group is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct GroupDetails {
    /// What people call it; no other group has this name.
    pub name: Name,
    /// What it is there for, in a sentence.
    pub description: Option<Line>,
    /// What it is for.
    pub purposes: BTreeSet<Purpose>,
    /// What is dialled to ring it.
    pub extension: Option<Extension>,
    /// What a member dials to pick up a call that rings at another.
    pub pickup: Option<PickupCode>,
}

/// A group as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What it is.
    pub details: GroupDetails,
    /// Its members, each with their place: a lower number is asked first.
    pub members: BTreeMap<UserId, u16>,
}

/// What somebody wants of groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Makes a group.
    Create {
        /// Its id.
        group: GroupId,
        /// What it is.
        details: GroupDetails,
    },
    /// Says anew what a group is.
    Change {
        /// The group.
        group: GroupId,
        /// What it is from now on.
        details: GroupDetails,
    },
    /// Ends a group and its memberships.
    Remove {
        /// The group.
        group: GroupId,
    },
    /// Makes a user a member, or changes their place.
    SetMember {
        /// The group.
        group: GroupId,
        /// The user.
        user: UserId,
        /// Their place: a lower number is asked first.
        place: u16,
    },
    /// Ends a membership.
    RemoveMember {
        /// The group.
        group: GroupId,
        /// The user.
        user: UserId,
    },
}

impl Group {
    pub(super) const fn new(details: GroupDetails) -> Self {
        Self {
            details,
            members: BTreeMap::new(),
        }
    }

    pub(super) fn seat(&mut self, user: UserId, place: u16) {
        self.members.insert(user, place);
    }

    pub(super) fn remove(&mut self, user: UserId) {
        self.members.remove(&user);
    }
}

pub(super) fn decide(state: &State, command: Command) -> Decision {
    match command {
        Command::Create { group, details } => {
            let there = state.groups.get(&group).map(|there| &there.details);
            create(there, &details, Thing::Group, || {
                check(state, group, &details)?;
                Ok(vec![Event::GroupCreated {
                    group,
                    details: details.clone(),
                }])
            })
        }
        Command::Change { group, details } => {
            let there = state.groups.known(&group, "group", Thing::Group)?;
            change(&there.details, &details, || {
                check(state, group, &details)?;
                Ok(vec![Event::GroupChanged {
                    group,
                    details: details.clone(),
                }])
            })
        }
        Command::Remove { group } => remove(state, group),
        Command::SetMember { group, user, place } => set_member(state, group, user, place),
        Command::RemoveMember { group, user } => {
            let there = state.groups.get(&group);
            let member = there.is_some_and(|there| there.members.contains_key(&user));
            let removed = member.then_some(Event::GroupMemberRemoved { group, user });
            Ok(removed.into_iter().collect())
        }
    }
}

fn check(state: &State, group: GroupId, details: &GroupDetails) -> Result<(), Rejection> {
    let another_has = |field, like_that: &dyn Fn(&GroupDetails) -> bool| {
        state
            .groups
            .unique(&group, field, Thing::Group, |other| like_that(&other.details))
    };
    another_has("details.name", &|other| other.name == details.name)?;
    another_has("details.pickup", &|other| {
        other.pickup.is_some() && other.pickup == details.pickup
    })?;
    match details.extension {
        Some(extension) => state.extension_is_free(extension, Holder::Group(group), "details.extension"),
        None => Ok(()),
    }
}

fn remove(state: &State, group: GroupId) -> Decision {
    let Some(there) = state.groups.get(&group) else {
        return Ok(vec![]);
    };
    // An agent's state that logged in to a group less would change their work behind their back.
    if state
        .states
        .iter()
        .any(|(_, other)| other.groups.contains(&group))
    {
        return Err(Rejection::InUse {
            thing: Thing::Group,
            by: Thing::AvailabilityState,
        });
    }
    let members = there.members.keys();
    Ok(members
        .map(|user| Event::GroupMemberRemoved { group, user: *user })
        .chain([Event::GroupRemoved { group }])
        .collect())
}

fn set_member(state: &State, group: GroupId, user: UserId, place: u16) -> Decision {
    let there = state.groups.known(&group, "group", Thing::Group)?;
    state.user(&user, "user")?;
    Ok(match there.members.get(&user) {
        Some(same) if *same == place => vec![],
        Some(_) => vec![Event::GroupMemberMoved { group, user, place }],
        None => vec![Event::GroupMemberAdded { group, user, place }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::stories::*;
    use crate::tenant::{Command as Order, Tenant};
    use crate::testing::given;
    use crate::testing::sample::text;

    #[test]
    fn a_group_is_rung_by_an_extension_that_nobody_else_has() {
        let sales = group_details("Sales", Some(2000));
        given::<Tenant>([created(), joined(ANN, 2000)])
            .when(Order::Groups(Command::Create {
                group: SALES,
                details: sales.clone(),
            }))
            .rejected(Rejection::Taken {
                field: "details.extension",
                thing: Thing::User,
            });
        given::<Tenant>([created(), joined(ANN, 2001)])
            .when(Order::Groups(Command::Create {
                group: SALES,
                details: sales.clone(),
            }))
            .then([Event::GroupCreated {
                group: SALES,
                details: sales,
            }]);
    }

    #[test]
    fn two_groups_do_not_go_by_one_name() {
        given::<Tenant>([created(), grouped(SALES, "Sales")])
            .when(Order::Groups(Command::Create {
                group: SUPPORT,
                details: group_details("Sales", None),
            }))
            .rejected(Rejection::Taken {
                field: "details.name",
                thing: Thing::Group,
            });
    }

    #[test]
    fn only_a_user_who_is_there_becomes_a_member() {
        let set = |place| {
            Order::Groups(Command::SetMember {
                group: SALES,
                user: ANN,
                place,
            })
        };
        given::<Tenant>([created(), grouped(SALES, "Sales")])
            .when(set(1))
            .rejected(Rejection::Unknown {
                field: "user",
                thing: Thing::User,
            });
        given::<Tenant>([
            created(),
            grouped(SALES, "Sales"),
            joined(ANN, 2000),
            member(SALES, ANN),
        ])
        .when(set(7))
        .then([Event::GroupMemberMoved {
            group: SALES,
            user: ANN,
            place: 7,
        }]);
    }

    #[test]
    fn memberships_end_before_the_group_does() {
        given::<Tenant>([
            created(),
            grouped(SALES, "Sales"),
            joined(ANN, 2000),
            member(SALES, ANN),
        ])
        .when(Order::Groups(Command::Remove { group: SALES }))
        .then([
            Event::GroupMemberRemoved {
                group: SALES,
                user: ANN,
            },
            Event::GroupRemoved { group: SALES },
        ]);
    }

    #[test]
    fn a_description_is_no_news_when_it_is_the_same() {
        let mut details = group_details("Sales", None);
        given::<Tenant>([created(), grouped(SALES, "Sales")])
            .when(Order::Groups(Command::Change {
                group: SALES,
                details: details.clone(),
            }))
            .nothing();
        details.description = Some(text("Sells"));
        given::<Tenant>([created(), grouped(SALES, "Sales")])
            .when(Order::Groups(Command::Change {
                group: SALES,
                details: details.clone(),
            }))
            .then([Event::GroupChanged {
                group: SALES,
                details,
            }]);
    }
}
