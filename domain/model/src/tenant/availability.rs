//! Availability profiles: the states that an agent may choose from, and the groups that each logs them in to.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{GroupId, ProfileId, StateId};
use crate::text::Name;

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, Thing, change, create, invalid};

/// The most groups that one state may log in to.
pub const GROUPS_MAX: usize = 100;

/// Whether contacts are offered to an agent in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum StateKind {
    /// They are.
    Available,
    /// They are not: a break, training, a meeting.
    Away,
}

/// A state of an availability profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct AvailabilityState {
    /// The profile that it belongs to, for good.
    pub profile: ProfileId,
    /// What people call it; no other state of the profile has this name.
    pub label: Name,
    /// Whether contacts are offered in it.
    pub kind: StateKind,
    /// The groups that it logs an agent in to, if they are a member; at most [`GROUPS_MAX`].
    #[cfg_attr(
        any(test, feature = "contract"),
        proptest(strategy = "proptest::collection::btree_set(proptest::arbitrary::any::<GroupId>(), 0..3)")
    )]
    pub groups: BTreeSet<GroupId>,
}

/// What somebody wants of availability profiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Makes a profile, without states at first.
    Create {
        /// Its id.
        profile: ProfileId,
        /// What people call it.
        name: Name,
    },
    /// Gives a profile another name.
    Rename {
        /// The profile.
        profile: ProfileId,
        /// What people call it from now on.
        name: Name,
    },
    /// Ends a profile and its states.
    Remove {
        /// The profile.
        profile: ProfileId,
    },
    /// Adds a state to a profile.
    AddState {
        /// Its id.
        state: StateId,
        /// What it is, and of which profile.
        details: AvailabilityState,
    },
    /// Says anew what a state is. Who is in it now stays as they are until they choose again.
    ChangeState {
        /// The state.
        state: StateId,
        /// What it is from now on.
        details: AvailabilityState,
    },
    /// Ends a state. Who is in it now stays as they are until they choose again.
    RemoveState {
        /// The state.
        state: StateId,
    },
}

impl State {
    /// Returns a profile's states, in the order of their ids.
    pub fn states_of(&self, profile: ProfileId) -> impl Iterator<Item = (&StateId, &AvailabilityState)> {
        self.states
            .iter()
            .filter(move |(_, state)| state.profile == profile)
    }
}

pub(super) fn decide(tenant: &State, command: Command) -> Decision {
    match command {
        Command::Create { profile, name } => {
            create(tenant.profiles.get(&profile), &name, Thing::Profile, || {
                name_is_free(tenant, profile, &name)?;
                Ok(vec![Event::ProfileCreated {
                    profile,
                    name: name.clone(),
                }])
            })
        }
        Command::Rename { profile, name } => {
            let was = tenant.profiles.known(&profile, "profile", Thing::Profile)?;
            change(was, &name, || {
                name_is_free(tenant, profile, &name)?;
                Ok(vec![Event::ProfileRenamed {
                    profile,
                    name: name.clone(),
                }])
            })
        }
        Command::Remove { profile } => remove(tenant, profile),
        Command::AddState { state, details } => create(
            tenant.states.get(&state),
            &details,
            Thing::AvailabilityState,
            || {
                check(tenant, state, &details)?;
                Ok(vec![Event::StateAdded {
                    state,
                    details: details.clone(),
                }])
            },
        ),
        Command::ChangeState { state, details } => change_state(tenant, state, details),
        Command::RemoveState { state } => {
            let there = tenant.states.contains(&state);
            Ok(there
                .then_some(Event::StateRemoved { state })
                .into_iter()
                .collect())
        }
    }
}

fn name_is_free(tenant: &State, profile: ProfileId, name: &Name) -> Result<(), Rejection> {
    tenant
        .profiles
        .unique(&profile, "name", Thing::Profile, |other| other == name)
}

fn check(tenant: &State, state: StateId, details: &AvailabilityState) -> Result<(), Rejection> {
    tenant
        .profiles
        .known(&details.profile, "details.profile", Thing::Profile)?;
    let thing = Thing::AvailabilityState;
    tenant.states.unique(&state, "details.label", thing, |other| {
        other.profile == details.profile && other.label == details.label
    })?;
    if details.groups.len() > GROUPS_MAX {
        return Err(invalid("details.groups", "a state logs in to at most 100 groups"));
    }
    for group in &details.groups {
        tenant.groups.known(group, "details.groups", Thing::Group)?;
    }
    Ok(())
}

fn change_state(tenant: &State, state: StateId, details: AvailabilityState) -> Decision {
    let was = tenant.states.known(&state, "state", Thing::AvailabilityState)?;
    change(was, &details, || {
        if was.profile != details.profile {
            return Err(invalid("details.profile", "a state stays in its profile"));
        }
        check(tenant, state, &details)?;
        Ok(vec![Event::StateChanged {
            state,
            details: details.clone(),
        }])
    })
}

fn remove(tenant: &State, profile: ProfileId) -> Decision {
    if !tenant.profiles.contains(&profile) {
        return Ok(vec![]);
    }
    let mut users = tenant.users.iter();
    if users.any(|(_, user)| user.settings.profile == Some(profile)) {
        return Err(Rejection::InUse {
            thing: Thing::Profile,
            by: Thing::User,
        });
    }
    let states = tenant.states_of(profile);
    Ok(states
        .map(|(state, _)| Event::StateRemoved { state: *state })
        .chain([Event::ProfileRemoved { profile }])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::stories::*;
    use crate::tenant::user_settings::UserSetting;
    use crate::tenant::{Command as Order, Tenant, groups};
    use crate::testing::given;

    fn on_sales() -> [Event; 4] {
        [created(), grouped(SALES, "Sales"), profile(), state_in(&[SALES])]
    }

    #[test]
    fn a_state_logs_in_to_groups_that_are_there() {
        given::<Tenant>([created(), profile()])
            .when(Order::Availability(Command::AddState {
                state: ON_CALL,
                details: state_details(&[SALES]),
            }))
            .rejected(Rejection::Unknown {
                field: "details.groups",
                thing: Thing::Group,
            });
    }

    #[test]
    fn a_group_stays_while_a_state_logs_in_to_it() {
        given::<Tenant>(on_sales())
            .when(Order::Groups(groups::Command::Remove { group: SALES }))
            .rejected(Rejection::InUse {
                thing: Thing::Group,
                by: Thing::AvailabilityState,
            });
    }

    #[test]
    fn a_profile_stays_while_a_user_has_it_and_takes_its_states_along() {
        let remove = Order::Availability(Command::Remove { profile: AGENTS });
        let chosen = Event::UserSettingChanged {
            user: ANN,
            was: UserSetting::Profile(None),
            now: UserSetting::Profile(Some(AGENTS)),
        };
        let mut history = on_sales().to_vec();
        given::<Tenant>(history.clone()).when(remove.clone()).then([
            Event::StateRemoved { state: ON_CALL },
            Event::ProfileRemoved { profile: AGENTS },
        ]);
        history.extend([joined(ANN, 2000), chosen]);
        given::<Tenant>(history).when(remove).rejected(Rejection::InUse {
            thing: Thing::Profile,
            by: Thing::User,
        });
    }
}
