//! What a tenant has that routing policies use: published graphs, calendars, the block list, people, queues.
//!
//! [`shelf`] fills it from the log.

pub mod shelf;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::PhoneNumber;
use crate::call::parties::Entrance;
use crate::content_hash::ContentHash;
use crate::ids::{CalendarId, GroupId, QueueId, RoutingPolicyId, UserId};
use crate::routing_policy::document::Document;
use crate::routing_policy::graph::starts::{Begin, StartBlock};
use crate::routing_policy::graph::words::{Pattern, most_exact};
use crate::routing_policy::graph::{Fault, Graph};
use crate::routing_policy::start::Start;
use crate::tenant::extension::{Extension, Holder};
use crate::tenant::hours::Hours;
use crate::tenant::user_settings::Divert;
use crate::tenant::zone::ZoneName;
use crate::text::{Key, Name};

use super::inputs::key;
use super::state::Via;

/// The destination that calls come to which begin no other policy.
pub const DEFAULT_INBOUND: &str = "default-inbound";

/// The destination that calls pass which we place.
pub const DEFAULT_OUTBOUND: &str = "default-outbound";

/// One published version of a routing policy, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The routing policy.
    pub policy: RoutingPolicyId,
    /// What people call it.
    pub name: Name,
    /// Its version.
    pub version: u32,
    /// The hash of its document.
    pub hash: ContentHash,
    /// The document, read.
    pub graph: Arc<Graph>,
}

/// A user, as far as routing policies know them.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Their name.
    pub name: Name,
    /// Their extension.
    pub extension: Extension,
    /// The numbers of ours that ring them directly.
    pub numbers: BTreeSet<PhoneNumber>,
    /// Where calls to them go while they are away, if they said so.
    pub divert: Option<Divert>,
}

/// A group, as far as routing policies know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    /// Its name.
    pub name: Name,
    /// Its extension, if it has one.
    pub extension: Option<Extension>,
    /// The numbers of ours that ring it directly.
    pub numbers: BTreeSet<PhoneNumber>,
    /// Its members.
    pub members: BTreeSet<UserId>,
}

/// What holds for the whole account.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Its time zone.
    pub zone: ZoneName,
    /// The language of what is said, unless something else is chosen.
    pub language: String,
    /// The number that it shows; none is shown if left out.
    pub number: Option<PhoneNumber>,
    /// What a caller hears whose routing policy goes round in circles.
    pub apology: String,
}

/// What a tenant has that routing policies use.
///
/// It holds the newest version of each policy and those older ones that calls in progress, or calls that are played
/// again, entered.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// What holds for the whole account.
    pub account: Account,
    /// Opening hours.
    pub calendars: BTreeMap<CalendarId, Hours>,
    /// Callers who are not let through.
    pub blocked: BTreeSet<PhoneNumber>,
    /// Users.
    pub users: BTreeMap<UserId, Person>,
    /// Groups.
    pub groups: BTreeMap<GroupId, Team>,
    /// Queues.
    pub queues: BTreeMap<QueueId, Name>,
    /// The opening hours of those queues that follow some: callers come to a queue without any at all times.
    pub queue_hours: BTreeMap<QueueId, CalendarId>,
    policies: BTreeMap<RoutingPolicyId, Vec<Published>>,
    // Those that no call enters any more, of which only older versions are needed.
    closed: BTreeSet<RoutingPolicyId>,
    starts: BTreeMap<Start, RoutingPolicyId>,
    // All policies that an event begins, by its kind.
    events: BTreeMap<Key, BTreeSet<RoutingPolicyId>>,
}

impl Published {
    /// Reads a published document.
    ///
    /// # Errors
    /// What [`Graph::read`] finds wrong with it.
    pub fn new(
        policy: RoutingPolicyId,
        name: Name,
        version: u32,
        document: &Document,
    ) -> Result<Self, Vec<Fault>> {
        Ok(Self {
            policy,
            name,
            version,
            hash: document.hash(),
            graph: Arc::new(Graph::read(document)?),
        })
    }
}

impl Library {
    /// Makes a library without anything in it.
    #[must_use]
    pub const fn new(account: Account) -> Self {
        Self {
            account,
            calendars: BTreeMap::new(),
            blocked: BTreeSet::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            queues: BTreeMap::new(),
            queue_hours: BTreeMap::new(),
            policies: BTreeMap::new(),
            closed: BTreeSet::new(),
            starts: BTreeMap::new(),
            events: BTreeMap::new(),
        }
    }

    /// Adds a published version. The one added last is what new calls enter; its starts take the place of the earlier
    /// version's, and of another policy's that begins with the same; an event begins all policies that name it.
    pub fn publish(&mut self, published: Published) {
        let policy = published.policy;
        self.starts.retain(|_, of| *of != policy);
        self.events.retain(|_, of| {
            of.remove(&policy);
            !of.is_empty()
        });
        let starts = published.graph.starts.iter();
        for start in starts.filter_map(|block| block.start.bound()) {
            if let Start::Event { kind } = start {
                self.events.entry(kind).or_default().insert(policy);
            } else {
                self.starts.insert(start, policy);
            }
        }
        let versions = self.policies.entry(policy).or_default();
        versions.retain(|known| known.hash != published.hash || known.version != published.version);
        versions.push(published);
        self.closed.remove(&policy);
    }

    /// Returns the version of a policy that new calls enter.
    #[must_use]
    pub fn newest(&self, policy: RoutingPolicyId) -> Option<&Published> {
        let versions = self.policies.get(&policy)?;
        versions.last().filter(|_| !self.closed.contains(&policy))
    }

    /// Returns the version of a policy with a hash.
    #[must_use]
    pub fn version(&self, policy: RoutingPolicyId, hash: ContentHash) -> Option<&Published> {
        let versions = self.policies.get(&policy)?;
        versions.iter().rev().find(|known| known.hash == hash)
    }

    /// Returns the policy that begins with what a call came in by.
    #[must_use]
    pub fn begun_by(&self, entrance: &Entrance) -> Option<&Published> {
        let policy = match entrance {
            Entrance::Number { number } => {
                let start = Start::Number {
                    number: number.clone(),
                };
                self.starts.get(&start).copied().or_else(|| self.direct(entrance))
            }
            Entrance::Extension { extension } => self
                .by_extension(extension.as_str())
                .or_else(|| self.direct(entrance)),
            Entrance::Trunk { trunk, .. } => {
                let start = Start::Trunk { trunk: trunk.clone() };
                self.starts.get(&start).copied()
            }
            Entrance::Destination { name } => self.destination(name),
            Entrance::Event { event } => return self.begun_by_event(event).next(),
        };
        let any_call = || match entrance {
            Entrance::Number { .. } | Entrance::Extension { .. } | Entrance::Trunk { .. } => {
                self.destination(&key(DEFAULT_INBOUND))
            }
            Entrance::Destination { .. } | Entrance::Event { .. } => None,
        };
        self.newest(policy.or_else(any_call)?)
    }

    /// Returns the policies that an event begins, by its kind.
    pub(super) fn begun_by_event(&self, kind: &Key) -> impl Iterator<Item = &Published> {
        let policies = self.events.get(kind).into_iter().flatten();
        policies.filter_map(|policy| self.newest(*policy))
    }

    /// Returns the policy in which a destination is.
    pub(super) fn destination(&self, name: &Key) -> Option<RoutingPolicyId> {
        let start = Start::Destination { name: name.clone() };
        self.starts.get(&start).copied()
    }

    // Of several patterns the most exact counts, whichever policies they are of.
    fn by_extension(&self, dialled: &str) -> Option<RoutingPolicyId> {
        let extensions = self.starts.iter().filter_map(|(start, policy)| match start {
            Start::Extension { pattern } => Some((Pattern::new(pattern.as_str()).ok()?, *policy)),
            Start::Number { .. }
            | Start::Destination { .. }
            | Start::Trunk { .. }
            | Start::DirectNumbers
            | Start::Address { .. }
            | Start::Message
            | Start::Event { .. } => None,
        });
        most_exact(extensions, dialled)
    }

    fn direct(&self, entrance: &Entrance) -> Option<RoutingPolicyId> {
        self.dialled(entrance)?;
        self.starts.get(&Start::DirectNumbers).copied()
    }

    /// Returns who has the number or extension that was called.
    #[must_use]
    pub fn dialled(&self, entrance: &Entrance) -> Option<Holder> {
        match entrance {
            Entrance::Number { number } => {
                let user = self.users.iter().find(|(_, user)| user.numbers.contains(number));
                let group = || {
                    let mut groups = self.groups.iter();
                    groups.find(|(_, group)| group.numbers.contains(number))
                };
                user.map(|(id, _)| Holder::User(*id))
                    .or_else(|| group().map(|(id, _)| Holder::Group(*id)))
            }
            Entrance::Extension { extension } => self.holder(extension.as_str()),
            Entrance::Trunk { .. } | Entrance::Destination { .. } | Entrance::Event { .. } => None,
        }
    }

    /// Returns who has an extension.
    #[must_use]
    pub fn holder(&self, extension: &str) -> Option<Holder> {
        let wanted: Extension = extension
            .parse()
            .ok()
            .and_then(|number: u16| Extension::new(number).ok())?;
        let user = self.users.iter().find(|(_, user)| user.extension == wanted);
        let group = || {
            let mut groups = self.groups.iter();
            groups.find(|(_, group)| group.extension == Some(wanted))
        };
        user.map(|(id, _)| Holder::User(*id))
            .or_else(|| group().map(|(id, _)| Holder::Group(*id)))
    }
}

impl Published {
    /// Finds the start block by which a call comes in.
    pub(super) fn start(&self, via: &Via) -> Option<&StartBlock> {
        let mut starts = self.graph.starts.iter();
        match via {
            Via::Entrance(entrance) => self.start_at(entrance),
            Via::Entry(entry) => starts.find(|block| from_policy(&block.start, entry.as_ref())),
            Via::Destination(name) => {
                let wanted = Start::Destination { name: name.clone() };
                starts.find(|block| block.start.bound().as_ref() == Some(&wanted))
            }
        }
    }

    fn start_at(&self, entrance: &Entrance) -> Option<&StartBlock> {
        let wanted = match entrance {
            Entrance::Number { number } => Start::Number {
                number: number.clone(),
            },
            Entrance::Extension { extension } => return self.start_at_extension(extension.as_str()),
            Entrance::Trunk { trunk, .. } => Start::Trunk { trunk: trunk.clone() },
            Entrance::Destination { name } => Start::Destination { name: name.clone() },
            Entrance::Event { event } => Start::Event { kind: event.clone() },
        };
        self.bound_to(&wanted).or_else(|| self.start_of_others())
    }

    // Whoever has the number comes before whoever takes every call.
    fn start_of_others(&self) -> Option<&StartBlock> {
        let any_call = Start::Destination {
            name: key(DEFAULT_INBOUND),
        };
        self.bound_to(&Start::DirectNumbers)
            .or_else(|| self.bound_to(&any_call))
    }

    fn start_at_extension(&self, dialled: &str) -> Option<&StartBlock> {
        let of = |block: &StartBlock| match &block.start {
            Begin::Extension(at) => Some(at.pattern.clone()),
            Begin::Number(_)
            | Begin::Destination(_)
            | Begin::Trunk(_)
            | Begin::DirectNumbers(_)
            | Begin::Address(_)
            | Begin::Message(_)
            | Begin::Event(_)
            | Begin::FromPolicy(_) => None,
        };
        let starts = self.graph.starts.iter();
        most_exact(starts.filter_map(|block| Some((of(block)?, block))), dialled)
            .or_else(|| self.start_of_others())
    }

    fn bound_to(&self, wanted: &Start) -> Option<&StartBlock> {
        let mut starts = self.graph.starts.iter();
        starts.find(|block| block.start.bound().as_ref() == Some(wanted))
    }
}

fn from_policy(begin: &Begin, wanted: Option<&Key>) -> bool {
    match begin {
        Begin::FromPolicy(from) => from.entry.as_ref() == wanted,
        Begin::Number(_)
        | Begin::Extension(_)
        | Begin::Destination(_)
        | Begin::Trunk(_)
        | Begin::DirectNumbers(_)
        | Begin::Address(_)
        | Begin::Message(_)
        | Begin::Event(_) => false,
    }
}
