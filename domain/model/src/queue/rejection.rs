//! Why a command about a queue was refused.

use super::outcome::OfferEnd;
use super::settings::WrongSetting;
use super::values::{ExitKey, FencingToken, Strategy};
use crate::Timestamp;
use crate::contact::{WorkChannel, WrongChannel};
use crate::ids::{AgentId, EntryId, OfferId};
use crate::text::{Key, Line};

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// Nobody made this queue.
    #[error("there is no such queue")]
    NotConfigured,
    /// The queue was retired.
    #[error("the queue was retired")]
    Retired,
    /// Some settings are wrong, each named.
    #[error("wrong settings: {}", listed(wrong))]
    WrongSettings {
        /// Everything that is wrong.
        wrong: Vec<WrongSetting>,
    },
    /// A queue is retired once nobody waits in it.
    #[error("{entries} still wait in the queue")]
    StillWaiting {
        /// How many.
        entries: usize,
    },
    /// The queue was closed by hand.
    #[error("the queue is closed: {reason}")]
    Closed {
        /// Why.
        reason: Line,
    },
    /// As many wait as may.
    #[error("the queue is full: {max} wait")]
    Full {
        /// How many may.
        max: u32,
    },
    /// The queue takes nothing from this channel.
    #[error("the queue takes nothing from the channel {channel}")]
    ChannelNotTaken {
        /// The channel.
        channel: WorkChannel,
    },
    /// No such contact goes over this channel.
    #[error(transparent)]
    WrongChannel(#[from] WrongChannel),
    /// The contact waits here already.
    #[error("it waits in the queue already, as the entry {entry}")]
    WaitsAlready {
        /// Its entry.
        entry: EntryId,
    },
    /// The entry left, and an entry leaves once.
    #[error("the entry {entry} has left the queue")]
    EntryOver {
        /// The entry.
        entry: EntryId,
    },
    /// The entry was never here, or so long ago that nobody remembers.
    #[error("the queue has no entry {entry}")]
    UnknownEntry {
        /// The entry.
        entry: EntryId,
    },
    /// The entry is being offered, and one decision at a time is enough.
    #[error("the entry {entry} is being offered")]
    BeingOffered {
        /// The entry.
        entry: EntryId,
    },
    /// This key does not lead out of the queue.
    #[error("the key {key} does not lead out of the queue")]
    NoExitKey {
        /// The key.
        key: ExitKey,
    },
    /// The queue's settings have no such way out, or no callback.
    #[error("the queue's settings do not provide for this")]
    NotProvided,
    /// The queue's settings provide for this later.
    #[error("the queue's settings provide for this from {from} on")]
    NotYet {
        /// From when.
        from: Timestamp,
    },
    /// The entry is offered to nobody yet.
    #[error("the entry {entry} is offered to nobody before {from}")]
    NotBefore {
        /// The entry.
        entry: EntryId,
        /// From when on it is.
        from: Timestamp,
    },
    /// A callback holds the place, and whoever waits for one has hung up and is held to no limit.
    #[error("a callback holds the place of the entry {entry}")]
    PlaceKept {
        /// The entry.
        entry: EntryId,
    },
    /// No callback holds the place.
    #[error("no callback holds the place of the entry {entry}")]
    NoCallback {
        /// The entry.
        entry: EntryId,
    },
    /// Another callback holds the place.
    #[error("another callback holds the place of the entry {entry}")]
    OtherCallback {
        /// The entry.
        entry: EntryId,
    },
    /// Another node is the owner.
    #[error("{node} owns the queue until {until}")]
    Owned {
        /// One run of one node.
        node: Key,
        /// Until when.
        until: Timestamp,
    },
    /// A lease must end after it begins, and soon enough that another node can take over.
    #[error("a lease made now must end after now and by {latest}, not at {until}")]
    LeaseDeadline {
        /// The end that was given.
        until: Timestamp,
        /// The latest that is allowed.
        latest: Timestamp,
    },
    /// The lease under which it was wanted is not, or no longer, the queue's.
    #[error("the lease {given} does not hold; the last one given was {last}")]
    StaleToken {
        /// The lease that was named.
        given: FencingToken,
        /// The last one given.
        last: FencingToken,
    },
    /// The lease holds no longer, even if nobody took over yet.
    #[error("the lease {token} ended at {until}")]
    LeaseOver {
        /// The lease.
        token: FencingToken,
        /// When it ended.
        until: Timestamp,
    },
    /// The decision was made by settings that have changed since.
    #[error("the decision was made by version {given} of the settings, which are at version {now}")]
    OldSettings {
        /// The version that was named.
        given: u32,
        /// The version now.
        now: u32,
    },
    /// The decision chose nobody.
    #[error("the decision chooses nobody")]
    NobodyChosen,
    /// The strategy rings one agent at a time.
    #[error("the strategy {strategy:?} rings one agent at a time, {chosen} are chosen")]
    OneAtATime {
        /// The strategy.
        strategy: Strategy,
        /// How many were chosen.
        chosen: usize,
    },
    /// The decision names an agent twice.
    #[error("the decision names the agent {agent} twice")]
    AgentTwice {
        /// The agent.
        agent: AgentId,
    },
    /// The candidates do not bear out the decision: each chosen one must be among them as a winner, each other lose for a reason.
    #[error("the candidates do not bear out what was decided about the agent {agent}")]
    NotBorneOut {
        /// The agent.
        agent: AgentId,
    },
    /// An offer would begin anew or be made twice.
    #[error("the offer {offer} is not new")]
    OfferNotNew {
        /// The offer.
        offer: OfferId,
    },
    /// The offers would end before they begin, or hold agents for too long.
    #[error("an offer made now must end after now and by {latest}, not at {until}")]
    OfferDeadline {
        /// The end that was given.
        until: Timestamp,
        /// The latest that is allowed.
        latest: Timestamp,
    },
    /// The offer is over.
    #[error("the offer {offer} is over: {how}")]
    OfferOver {
        /// The offer.
        offer: OfferId,
        /// How it ended.
        how: OfferEnd,
    },
    /// The offer was never made, or so long ago that nobody remembers.
    #[error("the queue made no offer {offer}")]
    UnknownOffer {
        /// The offer.
        offer: OfferId,
    },
    /// The agent did not accept the offer yet.
    #[error("the offer {offer} was not accepted")]
    NotAccepted {
        /// The offer.
        offer: OfferId,
    },
}

fn listed(wrong: &[WrongSetting]) -> String {
    let words: Vec<String> = wrong.iter().map(WrongSetting::to_string).collect();
    words.join("; ")
}
