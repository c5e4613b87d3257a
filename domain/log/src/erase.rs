//! Erasing a person from a log in which nothing changes, and proving it.
//!
//! Erasing destroys the person's keys in the vault; their events stay where they are, and the log's chain of hashes with
//! them. The [`Proof`] says which keys were destroyed and which events that touched. It holds nothing personal, so whoever
//! asked for the erasure may have it, and it outlives every backup: [`verify`] checks it against the log and the vault at
//! any time, and [`erase_again`] repeats it in a vault that was restored from before.
//!
//! Whether somebody may be erased now (a legal hold, a contract that runs) is the caller's to know and to record; so are
//! the views, exports and copies in outside systems, which follow from the caller's event.

use std::sync::Arc;

use domain_model::Timestamp;
use domain_model::ids::{EventId, PersonId, TenantId};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::codec::{Fault, SealedField, sealed_fields};
use crate::ledger::{CHUNK_EVENTS, aside};
use crate::vault::{DestroyError, Destroyed, KeyId, UnsealError, Unsealed, VaultFailure};
use crate::{Filter, Ledger, Position, Range, ReadError, Recorded};

/// The proof of an erasure, as a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What was done.
    pub erasure: Erasure,
    /// SHA-256, in hexadecimal, of `erasure` as JSON without white space, its fields in the order in which they stand here.
    pub sha256: String,
}

/// What was done to erase a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub person: PersonId,
    /// Every key that the person ever had, all destroyed, in order of their ids.
    pub keys: Vec<KeyId>,
    /// When they were destroyed.
    pub at: Timestamp,
    /// The id of the log.
    pub log: String,
    /// The log's last position after that; none if it was empty.
    pub tail: Option<Position>,
    /// How many events up to there hold sealed data of the person.
    pub events: u64,
    /// SHA-256, in hexadecimal, over their positions in order: 16 bytes each, the commit half and the prepare half, the
    /// most significant byte first.
    pub positions_sha256: String,
}

/// What a proof was found to hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Events with data of the person up to the erasure. None of it opens.
    pub events: u64,
    /// Events recorded since that were sealed before the keys were gone. None of their data opens either.
    pub later: u64,
}

/// Why a person was not erased, or there is no proof of it.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The keys are as they were.
    #[error("nothing was erased")]
    Destroy(#[from] DestroyError),
    /// The keys are destroyed, and the proof could not be written; erasing again gives it.
    #[error("the person is erased, but the log could not be searched for the proof")]
    Search(#[from] SearchError),
}

/// Why the log could not be searched for a person's events.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Read(#[from] ReadError),
    /// An event that names the person cannot be understood.
    #[error("the event at position {position} cannot be searched")]
    Event {
        /// Its position.
        position: Position,
        /// What is wrong with it.
        source: Fault,
    },
}

/// Why a proof does not hold.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not the document that was written.
    #[error("the proof was altered: its SHA-256 is {found}, not {stated}")]
    Altered {
        /// What it says.
        stated: String,
        /// What it is.
        found: String,
    },
    /// It speaks of another log.
    #[error("the proof is about log {stated}, and this is log {found}")]
    OtherLog {
        /// The log it is about.
        stated: String,
        /// The log at hand.
        found: String,
    },
    /// The vault still has keys of the person, or handles that lead to them.
    #[error(
        "the vault knows the person: {keys} keys and {handles} handles are there, and {missing} of the proof's keys are not marked as destroyed"
    )]
    NotErased {
        /// Keys that are there.
        keys: usize,
        /// Handles that lead to the person.
        handles: u64,
        /// Keys of the proof without a tombstone.
        missing: usize,
    },
    /// Data of the person can still be read.
    #[error("data of the person at position {position}, {path}, still opens")]
    Opens {
        /// The event's position.
        position: Position,
        /// The JSON pointer of the data.
        path: String,
    },
    /// Data of the person neither opens nor is accounted for.
    #[error(
        "data of the person at position {position}, {path}, does not open, and not because it was erased"
    )]
    Unclear {
        /// The event's position.
        position: Position,
        /// The JSON pointer of the data.
        path: String,
        /// What it is instead.
        source: UnsealError,
    },
    /// The log up to the erasure has other events of the person than the proof says.
    #[error(
        "the log has {found} events with data of the person, the proof says {stated}, and their positions must agree"
    )]
    OtherEvents {
        /// How many the proof says.
        stated: u64,
        /// How many there are.
        found: u64,
    },
    /// The log could not be searched.
    #[error("the log could not be searched")]
    Search(#[from] SearchError),
    /// Something below the vault broke.
    #[error("the vault could not be asked")]
    Vault(#[from] VaultFailure),
}

/// Erases a person for ever: destroys every key of theirs and every handle that leads to them, and proves it.
///
/// Reads the tenant's whole log for the proof. Repeating it, after an error or at any time, gives a proof of the same
/// erasure with what the log holds then.
/// # Errors
/// [`EraseError`], which says whether the keys are gone.
pub async fn erase(
    ledger: &Ledger,
    tenant: &TenantId,
    person: PersonId,
    at: Timestamp,
) -> Result<Proof, EraseError> {
    let vault = Arc::clone(ledger.codec().vault());
    let whose = tenant.clone();
    let destroyed = aside(ledger.codec().vault(), move || vault.destroy(&whose, person, at)).await?;
    Ok(prove(ledger, tenant, person, destroyed).await?)
}

/// Erases a person again in a vault that was restored from a backup made before the erasure.
///
/// # Errors
/// [`VerifyError::Altered`], [`VerifyError::Vault`].
pub async fn erase_again(ledger: &Ledger, proof: &Proof) -> Result<(), VerifyError> {
    proof.check_unaltered()?;
    let vault = Arc::clone(ledger.codec().vault());
    let erasure = proof.erasure.clone();
    aside(ledger.codec().vault(), move || {
        let earlier = Destroyed {
            keys: erasure.keys,
            at: erasure.at,
        };
        vault.destroy_again(&erasure.tenant, erasure.person, &earlier)
    })
    .await?;
    Ok(())
}

/// Checks a proof against the log and the vault: that no data of the person opens anywhere in the log, that their keys and
/// handles are gone, and that the log up to the erasure is the one that the proof was written about.
///
/// # Errors
/// [`VerifyError`] with the first thing that does not hold.
pub async fn verify(ledger: &Ledger, proof: &Proof) -> Result<Verified, VerifyError> {
    proof.check_unaltered()?;
    let erasure = &proof.erasure;
    let log = ledger.log().log_metadata().await.map_err(SearchError::Read)?;
    if log.id != erasure.log {
        return Err(VerifyError::OtherLog {
            stated: erasure.log.clone(),
            found: log.id,
        });
    }
    check_vault(ledger, erasure).await?;
    let mut verified = Verified { events: 0, later: 0 };
    let mut digest = Sha256::new();
    let mut search = Search::begin(ledger, &erasure.tenant, erasure.person);
    while let Some(found) = search.next().await? {
        for event in &found {
            if Some(event.position) <= erasure.tail {
                verified.events += 1;
                digest.update(position_bytes(event.position));
            } else {
                verified.later += 1;
            }
        }
        check_closed(ledger, erasure, found).await?;
    }
    if verified.events != erasure.events || hex(&digest.finalize()) != erasure.positions_sha256 {
        return Err(VerifyError::OtherEvents {
            stated: erasure.events,
            found: verified.events,
        });
    }
    Ok(verified)
}

async fn prove(
    ledger: &Ledger,
    tenant: &TenantId,
    person: PersonId,
    destroyed: Destroyed,
) -> Result<Proof, SearchError> {
    let log = ledger.log().log_metadata().await?.id;
    let tail = ledger.log().tail().await?;
    let mut events = 0;
    let mut digest = Sha256::new();
    let mut search = Search::begin(ledger, tenant, person);
    while let Some(found) = search.next().await? {
        for event in found.iter().filter(|event| Some(event.position) <= tail) {
            events += 1;
            digest.update(position_bytes(event.position));
        }
    }
    Ok(Proof::of(Erasure {
        tenant: tenant.clone(),
        person,
        keys: destroyed.keys,
        at: destroyed.at,
        log,
        tail,
        events,
        positions_sha256: hex(&digest.finalize()),
    }))
}

async fn check_vault(ledger: &Ledger, erasure: &Erasure) -> Result<(), VerifyError> {
    let vault = Arc::clone(ledger.codec().vault());
    let (tenant, person) = (erasure.tenant.clone(), erasure.person);
    let standing = aside(ledger.codec().vault(), move || vault.standing(&tenant, person)).await?;
    let buried = standing.destroyed.map_or(vec![], |destroyed| destroyed.keys);
    let missing = erasure.keys.iter().filter(|key| !buried.contains(key)).count();
    if standing.keys.is_empty() && standing.handles == 0 && missing == 0 {
        Ok(())
    } else {
        Err(VerifyError::NotErased {
            keys: standing.keys.len(),
            handles: standing.handles,
            missing,
        })
    }
}

async fn check_closed(ledger: &Ledger, erasure: &Erasure, found: Vec<Found>) -> Result<(), VerifyError> {
    let vault = Arc::clone(ledger.codec().vault());
    let (tenant, person) = (erasure.tenant.clone(), erasure.person);
    aside(ledger.codec().vault(), move || {
        for event in found {
            for field in event.fields {
                let place = field.place(event.id);
                let opened = vault.unseal(&tenant, person, &place, &field.sealed);
                let (position, path) = (event.position, field.path);
                match opened {
                    Ok(Unsealed::Erased) => {}
                    Ok(Unsealed::Plain(_)) => return Err(VerifyError::Opens { position, path }),
                    Err(UnsealError::Failed(failure)) => return Err(VerifyError::Vault(failure)),
                    Err(
                        source @ (UnsealError::Missing { .. }
                        | UnsealError::Displaced { .. }
                        | UnsealError::TooShort { .. }),
                    ) => {
                        return Err(VerifyError::Unclear {
                            position,
                            path,
                            source,
                        });
                    }
                }
            }
        }
        Ok(())
    })
    .await
}

impl Proof {
    fn of(erasure: Erasure) -> Self {
        let sha256 = erasure.sha256();
        Self { erasure, sha256 }
    }

    fn check_unaltered(&self) -> Result<(), VerifyError> {
        let found = self.erasure.sha256();
        if found == self.sha256 {
            Ok(())
        } else {
            Err(VerifyError::Altered {
                stated: self.sha256.clone(),
                found,
            })
        }
    }
}

impl Erasure {
    fn sha256(&self) -> String {
        let text = serde_json::to_vec(self).expect("ids, numbers and texts are JSON");
        hex(&Sha256::digest(text))
    }
}

/// A person's events, out of a tenant's whole log in its order.
struct Search {
    chunks: BoxStream<'static, Vec<Result<Recorded, ReadError>>>,
    person: PersonId,
}

struct Found {
    position: Position,
    id: EventId,
    fields: Vec<SealedField>,
}

impl Search {
    fn begin(ledger: &Ledger, tenant: &TenantId, person: PersonId) -> Self {
        let filter = Filter {
            tenant: Some(tenant.clone()),
            ..Filter::default()
        };
        let events = ledger
            .log()
            .read_all(Range::Forwards { after: None }, filter, usize::MAX);
        Self {
            chunks: events.ready_chunks(CHUNK_EVENTS).boxed(),
            person,
        }
    }

    /// Returns the next events that hold sealed data of the person, none after the last.
    async fn next(&mut self) -> Result<Option<Vec<Found>>, SearchError> {
        while let Some(chunk) = self.chunks.next().await {
            let mut found = Vec::new();
            for recorded in chunk {
                found.extend(self.look(recorded?)?);
            }
            if !found.is_empty() {
                return Ok(Some(found));
            }
            // A long log that is all in memory would never let anybody else run.
            tokio::task::yield_now().await;
        }
        Ok(None)
    }

    fn look(&self, recorded: Recorded) -> Result<Option<Found>, SearchError> {
        let name = self.person.to_string();
        let named = std::str::from_utf8(&recorded.data).is_ok_and(|data| data.contains(&name));
        if !named {
            return Ok(None);
        }
        let mut fields = sealed_fields(&recorded.data).map_err(|source| SearchError::Event {
            position: recorded.position,
            source,
        })?;
        fields.retain(|field| field.person == self.person);
        Ok((!fields.is_empty()).then_some(Found {
            position: recorded.position,
            id: recorded.id,
            fields,
        }))
    }
}

fn position_bytes(position: Position) -> [u8; 16] {
    let halves = u128::from(position.commit()) << 64 | u128::from(position.prepare());
    halves.to_be_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
