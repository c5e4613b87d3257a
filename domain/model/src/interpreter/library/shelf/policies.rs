//! What the events of routing policies mean for a library: which version is live, and what begins which policy.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Published, Shelf, Unreadable};
use crate::content_hash::ContentHash;
use crate::ids::RoutingPolicyId;
use crate::routing_policy::Event;
use crate::routing_policy::document::Document;
use crate::routing_policy::graph::Fault;
use crate::routing_policy::graph::system::SystemPolicy;
use crate::routing_policy::start::Start;
use crate::tenant::numbers::Assignment;
use crate::text::{Key, Name};

/// The version under which a policy runs that came with the platform: those of the tenant's own begin with 1.
const AS_SHIPPED: u32 = 0;

/// What each policy that new calls enter begins with.
pub(super) type Begins = BTreeMap<RoutingPolicyId, BTreeSet<Start>>;

/// A routing policy, as far as a library needs to know it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Drawn {
    name: Option<Name>,
    // The draft, what is scheduled, and all that was published: each may go live.
    documents: BTreeMap<ContentHash, Document>,
    draft: Option<ContentHash>,
    scheduled: Option<ContentHash>,
    versions: BTreeMap<u32, ContentHash>,
    bound: BTreeSet<Start>,
    unbound: BTreeSet<Start>,
    retired: bool,
    // Which publication of all of the tenant's was its last.
    published: u64,
    // How many calls hold a version.
    pub(super) entered: BTreeMap<u32, u64>,
}

impl Shelf {
    pub(super) fn fold_policy(&mut self, id: RoutingPolicyId, event: &Event) {
        let drawn = self.memory.policies.entry(id).or_default();
        match event {
            Event::Created { name, .. } | Event::Renamed { name, .. } => {
                drawn.name = Some(name.clone());
                self.read(id);
            }
            Event::Drafted { hash, document, .. } => {
                drawn.documents.entry(*hash).or_insert_with(|| document.clone());
                let before = drawn.draft.replace(*hash);
                drawn.clear_out(before);
                // No log tells of a version before its document, but what is told so is read all the same.
                if drawn.versions.values().any(|version| version == hash) {
                    self.read(id);
                }
            }
            Event::DraftDiscarded { .. } => {
                let before = drawn.draft.take();
                drawn.clear_out(before);
            }
            Event::PublishScheduled { hash, .. } => {
                let before = drawn.scheduled.replace(*hash);
                drawn.clear_out(before);
            }
            Event::ScheduleCancelled { .. } => {
                let before = drawn.scheduled.take();
                drawn.clear_out(before);
            }
            Event::Published { version, hash, .. } => {
                drawn.draft = drawn.draft.filter(|draft| draft != hash);
                let scheduled = drawn.scheduled.take();
                self.go_live(id, *version, *hash, scheduled);
            }
            Event::RolledBack { version, hash, .. } => self.go_live(id, *version, *hash, None),
            Event::StartBound { start, .. } => {
                drawn.bound.insert(start.clone());
                drawn.unbound.remove(start);
                self.begin(id);
            }
            Event::StartUnbound { start, .. } => {
                drawn.bound.remove(start);
                drawn.unbound.insert(start.clone());
                self.begin(id);
            }
            Event::Retired { .. } => {
                drawn.retired = true;
                self.read(id);
            }
            Event::Linted { .. } => {}
        }
    }

    fn go_live(
        &mut self,
        id: RoutingPolicyId,
        version: u32,
        hash: ContentHash,
        overtaken: Option<ContentHash>,
    ) {
        let drawn = self.memory.policies.entry(id).or_default();
        let known = drawn.versions.insert(version, hash) == Some(hash);
        drawn.clear_out(overtaken);
        if known {
            return;
        }
        self.memory.published += 1;
        drawn.published = self.memory.published;
        self.read(id);
    }

    /// Reads every policy, those that come with the platform first.
    pub(super) fn read_all(&mut self) {
        let system = SystemPolicy::ALL.iter().map(|policy| policy.id());
        let ids: Vec<_> = system.chain(self.memory.policies.keys().copied()).collect();
        for id in ids {
            self.read(id);
        }
    }

    /// Puts the versions of a policy that can be needed into the library, the one last that new calls enter.
    pub(super) fn read(&mut self, id: RoutingPolicyId) {
        let none = Drawn::default();
        let drawn = self.memory.policies.get(&id).unwrap_or(&none);
        let known = self.library.policies.get(&id).map_or(&[][..], Vec::as_slice);
        let (live, unreadable) = drawn.newest(id, known);
        let mut versions = vec![];
        versions.extend(drawn.held(id, known, live.as_ref()));
        let shipped = shipped(id, known);
        let open = live.is_some() || shipped.is_some();
        versions.extend(shipped);
        versions.extend(live);
        match unreadable {
            Some(unreadable) => self.unreadable.insert(id, unreadable),
            None => self.unreadable.remove(&id),
        };
        let closed = !open && !versions.is_empty();
        if known != versions.as_slice() || self.library.closed.contains(&id) != closed {
            let library = Arc::make_mut(&mut self.library);
            if closed {
                library.closed.insert(id);
            } else {
                library.closed.remove(&id);
            }
            if versions.is_empty() {
                library.policies.remove(&id);
            } else {
                library.policies.insert(id, versions);
            }
        }
        self.begin(id);
    }

    /// Says anew what begins a policy.
    fn begin(&mut self, id: RoutingPolicyId) {
        let newest = self.library.newest(id);
        let blocks = newest.into_iter().flat_map(|newest| newest.graph.starts.iter());
        let unbound = self.memory.policies.get(&id).map(|drawn| &drawn.unbound);
        let begins: BTreeSet<Start> = blocks
            .filter_map(|block| block.start.bound())
            .filter(|start| unbound.is_none_or(|unbound| !unbound.contains(start)))
            .collect();
        let before = if begins.is_empty() {
            self.begins.remove(&id)
        } else {
            self.begins.insert(id, begins.clone())
        };
        // What it begins with no more may begin another.
        for start in before.unwrap_or_default().union(&begins) {
            self.give_out(start);
        }
    }

    /// Gives a start to the policy that has the best claim to it; an event to all that begin with it.
    pub(super) fn give_out(&mut self, start: &Start) {
        if let Start::Event { kind } = start {
            self.give_out_event(kind, start);
            return;
        }
        let best = self.claimed_by(start);
        if self.library.starts.get(start).copied() == best {
            return;
        }
        let starts = &mut Arc::make_mut(&mut self.library).starts;
        match best {
            Some(policy) => starts.insert(start.clone(), policy),
            None => starts.remove(start),
        };
    }

    fn give_out_event(&mut self, kind: &Key, start: &Start) {
        let claims = self.begins.iter().filter(|(_, begins)| begins.contains(start));
        let claims: BTreeSet<RoutingPolicyId> = claims.map(|(id, _)| *id).collect();
        if self
            .library
            .events
            .get(kind)
            .map_or(claims.is_empty(), |known| *known == claims)
        {
            return;
        }
        let events = &mut Arc::make_mut(&mut self.library).events;
        if claims.is_empty() {
            events.remove(kind);
        } else {
            events.insert(kind.clone(), claims);
        }
    }

    fn claimed_by(&self, start: &Start) -> Option<RoutingPolicyId> {
        let assigned = match self.assigned(start) {
            Assignment::User(_) => return None,
            Assignment::RoutingPolicy(policy) => Some(policy),
            Assignment::Nobody | Assignment::Organisation => None,
        };
        let claims = self.begins.iter().filter(|(_, begins)| begins.contains(start));
        let claims = claims.map(|(id, _)| {
            let drawn = self.memory.policies.get(id);
            let bound = drawn.is_some_and(|drawn| drawn.bound.contains(start));
            let published = drawn.map_or(0, |drawn| drawn.published);
            // Of two that come with the platform, which begin with different things, the first would do.
            (assigned == Some(*id), bound, published, Reverse(*id))
        });
        claims.max().map(|(.., Reverse(id))| id)
    }

    fn assigned(&self, start: &Start) -> Assignment {
        match start {
            Start::Number { number } => {
                let known = self.memory.tenant.numbers.get(number);
                known.map(|known| known.assignment).unwrap_or_default()
            }
            Start::Extension { .. }
            | Start::Destination { .. }
            | Start::Trunk { .. }
            | Start::DirectNumbers
            | Start::Address { .. }
            | Start::Message
            | Start::Event { .. } => Assignment::Nobody,
        }
    }
}

impl Drawn {
    // A draft that was thrown away or drawn anew goes live no more.
    fn clear_out(&mut self, before: Option<ContentHash>) {
        let Some(hash) = before else { return };
        let waits = [self.draft, self.scheduled].contains(&before);
        if !waits && self.versions.values().all(|known| *known != hash) {
            self.documents.remove(&hash);
        }
    }

    /// Says whether a version was published with a hash.
    pub(super) fn has(&self, version: u32, hash: ContentHash) -> bool {
        self.versions.get(&version) == Some(&hash)
    }

    /// Returns the newest version that can be read, and what is wrong with the newest of all if that is another one.
    fn newest(&self, id: RoutingPolicyId, known: &[Published]) -> (Option<Published>, Option<Unreadable>) {
        let mut unreadable = None;
        if self.retired {
            return (None, None);
        }
        for (version, hash) in self.versions.iter().rev() {
            match self.version(id, *version, *hash, known) {
                Ok(published) => return (Some(published), unreadable),
                Err(faults) => {
                    unreadable.get_or_insert(Unreadable {
                        policy: id,
                        version: *version,
                        faults,
                    });
                }
            }
        }
        (None, unreadable)
    }

    fn held(
        &self,
        id: RoutingPolicyId,
        known: &[Published],
        live: Option<&Published>,
    ) -> impl Iterator<Item = Published> {
        let live = live.map(|live| live.version);
        let held = self.entered.keys().filter(move |version| Some(**version) != live);
        held.filter_map(move |version| {
            let hash = self.versions.get(version)?;
            self.version(id, *version, *hash, known).ok()
        })
    }

    // What was read before is not read again.
    fn version(
        &self,
        id: RoutingPolicyId,
        version: u32,
        hash: ContentHash,
        known: &[Published],
    ) -> Result<Published, Vec<Fault>> {
        let missing = |what: &str| {
            vec![Fault {
                node: None,
                field: String::new(),
                reason: format!("the {what} of this version was never recorded"),
            }]
        };
        let name = self.name.clone().ok_or_else(|| missing("name"))?;
        let mut known = known.iter();
        if let Some(known) = known.find(|known| known.version == version && known.hash == hash) {
            let known = known.clone();
            return Ok(Published { name, ..known });
        }
        let document = self.documents.get(&hash).ok_or_else(|| missing("document"))?;
        Published::new(id, name, version, document)
    }
}

fn shipped(id: RoutingPolicyId, known: &[Published]) -> Option<Published> {
    let policy = SystemPolicy::ALL.iter().find(|policy| policy.id() == id)?;
    let mut known = known.iter();
    let read = || {
        let document = policy.document();
        Published::new(id, policy.name(), AS_SHIPPED, &document).expect("a test reads each of them")
    };
    let known = known.find(|known| known.version == AS_SHIPPED);
    Some(known.cloned().unwrap_or_else(read))
}
