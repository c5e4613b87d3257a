//! What a routing policy does with messages: hand them to somebody, attach records, stop or rewrite them.

use crate::ids::{InboxId, QueueId};
use crate::routing_policy::graph::declare::{choice, object, outlets, words};
use crate::routing_policy::graph::known::{AtLeastOne, Pick};
use crate::routing_policy::graph::shape::Reading;
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::ApiName;
use crate::text::Name;

use super::ring::ToUser;

object! {
    /// Hands the conversation to a user or an inbox.
    pub struct DigitalConnect {
        /// To whom.
        to: DigitalTarget,
        /// Where it leads.
        outlets: DigitalOutlets = DigitalOutlets::default(),
    }
}

choice! {
    /// Who gets a conversation.
    pub enum DigitalTarget by "is" {
        /// A user.
        User "user" (ToUser),
        /// An inbox that agents share.
        Inbox "inbox" (ToInbox),
        /// A queue.
        Queue "queue" (ToQueue),
    }
}

object! {
    /// An inbox.
    pub struct ToInbox {
        /// The inbox.
        inbox: Pick<InboxId>,
    }
}

object! {
    /// A queue.
    pub struct ToQueue {
        /// The queue.
        queue: Pick<QueueId>,
    }
}

outlets! {
    /// The outlets of a hand-over of a conversation.
    pub struct DigitalOutlets {
        /// It has a home.
        connected ends,
        /// There is no such user, inbox or queue.
        unavailable falls,
    }
}

object! {
    /// Attaches records of the CRM to the conversation.
    pub struct AssignRecords {
        /// The records: at most 5 persons and 5 others.
        records: AtLeastOne<AssignRecord, 10>,
    }
    check |assign: &AssignRecords, at: &mut Reading| {
        for side in RecordIs::ALL {
            if assign.records.iter().filter(|record| record.relation == *side).count() > 5 {
                at.fault_in("records", format!("more than 5 records are {}", side.word()));
            }
        }
    }
}

object! {
    /// A record that is attached.
    pub struct AssignRecord {
        /// The object.
        object: ApiName,
        /// The id of the record.
        record: Template,
        /// What it is to the conversation.
        relation: RecordIs = RecordIs::Person,
    }
}

words! {
    /// What a record is to a conversation.
    pub enum RecordIs {
        /// The person who writes.
        Person "person",
        /// What it is about.
        RelatedTo "related_to",
    }
}

object! {
    /// Stops the delivery of the message.
    pub struct BlockMessage {
        /// Why, for reports and for whoever wrote it here.
        reason: Name,
    }
}

object! {
    /// Rewrites the message before it is delivered.
    pub struct UpdateMessage {
        /// What it says from here on.
        text: Template,
    }
}
