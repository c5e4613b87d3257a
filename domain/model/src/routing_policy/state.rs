//! What a routing policy's events so far mean for the next decision.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Rejection;
use super::document::Document;
use super::event::{Event, Findings};
use super::start::{PolicyKind, Start};
use crate::Timestamp;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::text::{Line, Name};

/// A saved content: the draft's, or a version's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Its revision.
    pub revision: u32,
    /// Its content hash.
    pub hash: ContentHash,
}

/// What was saved and is not live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) saved: Saved,
    pub(super) document: Document,
}

/// A publication that waits for its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scheduled {
    pub(super) draft: Draft,
    pub(super) publish_at: Timestamp,
    pub(super) comment: Option<Line>,
    pub(super) by: Actor,
}

/// Where a routing policy stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    pub(super) kind: Option<PolicyKind>,
    pub(super) name: Option<Name>,
    // The last revision given out; the draft's own may be lower once it was discarded or published.
    pub(super) revision: u32,
    pub(super) draft: Option<Draft>,
    pub(super) versions: BTreeMap<u32, Saved>,
    pub(super) scheduled: Option<Scheduled>,
    // Every document ever saved, with what was recorded of its last check.
    pub(super) checked: BTreeMap<ContentHash, Option<Findings>>,
    pub(super) starts: BTreeSet<Start>,
    pub(super) retired: Option<Timestamp>,
}

impl State {
    /// Returns the live version's number and content, unless nothing was ever published.
    #[must_use]
    pub fn live(&self) -> Option<(u32, Saved)> {
        self.versions
            .last_key_value()
            .map(|(version, saved)| (*version, *saved))
    }

    /// Returns what the next save begins from: the draft, or what is live.
    #[must_use]
    pub fn head(&self) -> Option<Saved> {
        let draft = self.draft.as_ref().map(|draft| draft.saved);
        draft.or(self.live().map(|(_, saved)| saved))
    }

    pub(super) fn live_hash(&self) -> Option<ContentHash> {
        self.live().map(|(_, saved)| saved.hash)
    }

    pub(super) fn next_version(&self) -> u32 {
        self.live().map_or(0, |(version, _)| version).saturating_add(1)
    }

    pub(super) fn created(&self) -> Result<PolicyKind, Rejection> {
        self.kind.ok_or(Rejection::NotCreated)
    }

    pub(super) fn in_use(&self) -> Result<PolicyKind, Rejection> {
        match self.retired {
            Some(at) => Err(Rejection::Retired { at }),
            None => self.created(),
        }
    }

    /// Returns what was recorded of a document's last check.
    pub(super) fn recorded(&self, hash: &ContentHash) -> Option<Findings> {
        self.checked.get(hash).copied().flatten()
    }

    pub(super) fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Created { name, kind, .. } => {
                self.kind = self.kind.or(Some(*kind));
                self.name = Some(name.clone());
            }
            Event::Renamed { name, .. } => self.name = Some(name.clone()),
            Event::Drafted {
                revision,
                hash,
                document,
                ..
            } => {
                self.revision = self.revision.max(*revision);
                let saved = Saved {
                    revision: *revision,
                    hash: *hash,
                };
                let document = document.clone();
                self.draft = Some(Draft { saved, document });
                self.checked.entry(*hash).or_default();
            }
            Event::DraftDiscarded { .. } => self.draft = None,
            Event::Linted { hash, findings, .. } => {
                self.checked.insert(*hash, Some(*findings));
            }
            Event::Published {
                version,
                revision,
                hash,
                ..
            } => self.publish(*version, *revision, *hash),
            Event::RolledBack {
                version,
                revision,
                hash,
                ..
            } => {
                let saved = Saved {
                    revision: *revision,
                    hash: *hash,
                };
                self.versions.insert(*version, saved);
            }
            Event::PublishScheduled {
                publish_at,
                comment,
                by,
                ..
            } => {
                // What is scheduled is what is the draft at that moment.
                self.scheduled = self.draft.clone().map(|draft| Scheduled {
                    draft,
                    publish_at: *publish_at,
                    comment: comment.clone(),
                    by: by.clone(),
                });
            }
            Event::ScheduleCancelled { .. } => self.scheduled = None,
            Event::StartBound { start, .. } => {
                self.starts.insert(start.clone());
            }
            Event::StartUnbound { start, .. } => {
                self.starts.remove(start);
            }
            Event::Retired { at, .. } => self.retired = self.retired.or(Some(*at)),
        }
        self
    }

    // A draft that was published is one no longer; a later one stays.
    fn publish(&mut self, version: u32, revision: u32, hash: ContentHash) {
        self.versions.insert(version, Saved { revision, hash });
        self.draft.take_if(|draft| draft.saved.revision == revision);
        self.scheduled = None;
    }
}
