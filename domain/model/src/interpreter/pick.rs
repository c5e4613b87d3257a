//! Whom and what a policy means: queues, users, groups and numbers, named outright or by what a macro holds.

use super::Library;
use super::inputs::Inputs;
use super::scene::Scene;
use crate::call::parties::{Mailbox, Party};
use crate::ids::{GroupId, QueueId, UserId};
use crate::routing_policy::graph::apps::ring::{CallerId, Mailbox as Box, Target};
use crate::routing_policy::graph::known::{Nameable, Pick};
use crate::tenant::extension::Holder;
use crate::tenant::user_settings::DivertTo;
use crate::text::Name;
use crate::{PhoneNumber, Private};

/// Finds what is meant. `by_name`: finds it by a name where the text is no id.
fn pick<T: Nameable + Clone>(
    scene: &Scene<'_>,
    pick: &Pick<T>,
    inputs: &mut Inputs,
    by_name: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match pick {
        Pick::This(this) => Some(this.clone()),
        Pick::Named(text) => {
            let text = scene.fill(text, inputs);
            let text = text.trim();
            T::named(text).or_else(|| by_name(text))
        }
    }
}

fn same(name: &Name, text: &str) -> bool {
    name.as_str().to_lowercase() == text.to_lowercase()
}

pub(super) fn queue(scene: &Scene<'_>, wanted: &Pick<QueueId>, inputs: &mut Inputs) -> Option<QueueId> {
    let queues = &scene.library.queues;
    let by_name = |text: &str| {
        let found = queues.iter().find(|(_, name)| same(name, text));
        found.map(|(id, _)| *id)
    };
    pick(scene, wanted, inputs, by_name).filter(|queue| queues.contains_key(queue))
}

fn user(scene: &Scene<'_>, wanted: &Pick<UserId>, inputs: &mut Inputs) -> Option<UserId> {
    let users = &scene.library.users;
    let by_name = |text: &str| {
        let found = users.iter().find(|(_, user)| same(&user.name, text));
        let by_extension = || match scene.library.holder(text)? {
            Holder::User(user) => Some(user),
            Holder::Group(_) => None,
        };
        found.map(|(id, _)| *id).or_else(by_extension)
    };
    pick(scene, wanted, inputs, by_name).filter(|user| users.contains_key(user))
}

fn group(scene: &Scene<'_>, wanted: &Pick<GroupId>, inputs: &mut Inputs) -> Option<GroupId> {
    let groups = &scene.library.groups;
    let by_name = |text: &str| {
        let found = groups.iter().find(|(_, group)| same(&group.name, text));
        let by_extension = || match scene.library.holder(text)? {
            Holder::Group(group) => Some(group),
            Holder::User(_) => None,
        };
        found.map(|(id, _)| *id).or_else(by_extension)
    };
    pick(scene, wanted, inputs, by_name).filter(|group| groups.contains_key(group))
}

fn number(scene: &Scene<'_>, wanted: &Pick<PhoneNumber>, inputs: &mut Inputs) -> Option<PhoneNumber> {
    pick(scene, wanted, inputs, |text| scene.read_number(text))
}

fn dialled(scene: &Scene<'_>) -> Option<Holder> {
    scene.library.dialled(&scene.state.begun.as_ref()?.entrance)
}

/// Whom a target means.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meant {
    User(UserId),
    Members(Vec<UserId>),
    Number(Private<PhoneNumber>),
    /// The messages of a user who is away.
    Messages(UserId),
    Nobody,
}

fn held(library: &Library, holder: Option<Holder>) -> Meant {
    match holder {
        Some(Holder::User(user)) => Meant::User(user),
        Some(Holder::Group(group)) => members(library, Some(group)),
        None => Meant::Nobody,
    }
}

fn members(library: &Library, group: Option<GroupId>) -> Meant {
    let members = group.and_then(|group| library.groups.get(&group));
    match members.map(|group| group.members.iter().copied().collect::<Vec<_>>()) {
        Some(members) if !members.is_empty() => Meant::Members(members),
        Some(_) | None => Meant::Nobody,
    }
}

/// Says whom a target means now.
pub(super) fn target(scene: &Scene<'_>, target: &Target, inputs: &mut Inputs) -> Meant {
    match target {
        Target::User(to) => user(scene, &to.user, inputs).map_or(Meant::Nobody, Meant::User),
        Target::Group(to) => members(scene.library, group(scene, &to.group, inputs)),
        Target::Number(to) => {
            let number = number(scene, &to.number, inputs);
            number.map_or(Meant::Nobody, |number| {
                Meant::Number(Private::new(scene.person(), number))
            })
        }
        Target::Extension(to) => {
            let extension = pick(scene, &to.extension, inputs, |_| None);
            let holder = extension.and_then(|extension| scene.library.holder(&extension.to_string()));
            held(scene.library, holder)
        }
        Target::Dialled(_) => held(scene.library, dialled(scene)),
    }
}

/// Says whom a target rings: who is away has calls to them go elsewhere, and is left out where a group is rung.
/// Whoever stands in is rung whether they are away or not.
pub(super) fn rung(scene: &Scene<'_>, wanted: &Target, inputs: &mut Inputs) -> Meant {
    // As it was when the step began, so that nobody else rings from one moment to the next.
    let since = scene.state.step.since.unwrap_or(scene.now);
    let users = &scene.library.users;
    let divert = |user: &UserId| users.get(user)?.divert.as_ref()?.at(since);
    match target(scene, wanted, inputs) {
        Meant::User(user) => match divert(&user) {
            None => Meant::User(user),
            Some(to) => {
                inputs.plain("out_of_office", &user.to_string());
                elsewhere(scene, user, to, inputs)
            }
        },
        Meant::Members(members) => {
            let (away, there): (Vec<_>, Vec<_>) =
                members.into_iter().partition(|user| divert(user).is_some());
            if !away.is_empty() {
                inputs.plain("members_out_of_office", &away.len().to_string());
            }
            Meant::Members(there)
        }
        meant @ (Meant::Number(_) | Meant::Messages(_) | Meant::Nobody) => meant,
    }
}

fn elsewhere(scene: &Scene<'_>, user: UserId, to: &DivertTo, inputs: &mut Inputs) -> Meant {
    match to {
        DivertTo::Voicemail => {
            inputs.plain("diverted_to", "voicemail");
            Meant::Messages(user)
        }
        DivertTo::User(other) if scene.library.users.contains_key(other) => {
            inputs.plain("diverted_to", &other.to_string());
            Meant::User(*other)
        }
        DivertTo::Number(number) if number.reveal().is_some() => {
            inputs.plain("diverted_to", "a number of their own");
            Meant::Number(number.clone())
        }
        // Whoever stood in has left, or the number was erased.
        DivertTo::User(_) | DivertTo::Number(_) => {
            inputs.plain("diverted_to", "voicemail");
            Meant::Messages(user)
        }
    }
}

impl Meant {
    /// Returns who is rung, each on a leg of their own.
    pub(super) fn parties(&self) -> Vec<Party> {
        match self {
            Self::User(user) => vec![agent(*user)],
            Self::Members(users) => users.iter().copied().map(agent).collect(),
            Self::Number(number) => vec![Party::Number {
                number: number.clone(),
            }],
            Self::Messages(_) | Self::Nobody => vec![],
        }
    }

    /// Returns the users who are meant.
    pub(super) fn users(&self) -> Vec<UserId> {
        match self {
            Self::User(user) => vec![*user],
            Self::Members(users) => users.clone(),
            Self::Number(_) | Self::Messages(_) | Self::Nobody => vec![],
        }
    }
}

fn agent(user: UserId) -> Party {
    Party::Agent {
        agent: user.into(),
        device: None,
    }
}

/// Says which number is shown to who is rung. A number that the policy set stands in for the caller's own, and for no
/// other: what is to be hidden stays hidden.
pub(super) fn shown(scene: &Scene<'_>, caller_id: &CallerId) -> Option<PhoneNumber> {
    match caller_id {
        CallerId::Caller(_) => {
            let set = scene.state.settings.caller_id.as_ref();
            set.or_else(|| scene.caller_number()).cloned()
        }
        CallerId::Called(_) => scene.called_number().cloned(),
        CallerId::Account(_) => scene.library.account.number.clone(),
        CallerId::Number(to) => number(scene, &to.number, &mut Inputs::default()),
        CallerId::Withheld(_) => None,
    }
}

/// Says whose mailbox is meant.
pub(super) fn mailbox(scene: &Scene<'_>, wanted: &Box, inputs: &mut Inputs) -> Option<Mailbox> {
    let of = |holder| match holder {
        Holder::User(user) => Mailbox::User { user },
        Holder::Group(group) => Mailbox::Group { group },
    };
    match wanted {
        Box::User(to) => user(scene, &to.user, inputs).map(|user| Mailbox::User { user }),
        Box::Group(to) => group(scene, &to.group, inputs).map(|group| Mailbox::Group { group }),
        Box::Policy(_) => {
            let policy = scene.state.within.as_ref()?.policy;
            Some(Mailbox::Policy { policy })
        }
        Box::Dialled(_) => dialled(scene).map(of),
    }
}
