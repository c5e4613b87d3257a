//! Who follows the log: telephones, processes, owners of queues.

use domain_model::ids::{JourneyId, TenantId};
use domain_model::process::AnyCommand;
use domain_model::{Timestamp, process};

use crate::follower::{Follower, following};
use crate::owner::Owner;
use crate::router::Router;
use crate::telephones::Telephones;

/// Somebody who follows the log.
pub(super) struct Reader {
    pub(super) role: Role,
    pub(super) seen: u64,
    // Sleeps until then: it is behind, or cut off.
    pub(super) asleep: Option<Timestamp>,
    // It slept, and hears everything now.
    pub(super) awoken: bool,
    // Everything that is due was said and refused: only news wake it.
    pub(super) stuck: bool,
    // It has just begun anew, and looks at what is to be done without being told anything.
    pub(super) begins: bool,
}

pub(super) enum Role {
    Telephones(Box<Telephones>),
    Process(Box<dyn Follower>),
    Router(Box<Router>),
    Owner(Box<Owner>, u64),
}

impl Reader {
    pub(super) fn due(&self) -> Option<Timestamp> {
        match &self.role {
            Role::Telephones(_) => None,
            Role::Process(follower) => follower.due(),
            Role::Router(router) => router.due(),
            Role::Owner(owner, _) => owner.due(),
        }
    }

    pub(super) fn name(&self) -> String {
        match &self.role {
            Role::Telephones(_) => "telephones".to_owned(),
            Role::Process(follower) => follower.name().to_owned(),
            Role::Router(_) => "the router".to_owned(),
            Role::Owner(owner, _) => format!("the owner of {}", owner.queue()),
        }
    }
}

/// Returns every process that calls and queues have to do with.
pub(super) fn processes() -> Vec<Box<dyn Follower>> {
    vec![
        following::<process::queue_hours::QueueHours>(),
        following::<process::waiting::Waiting>(),
        following::<process::offering::Offering>(),
        following::<process::callbacks::Callbacks>(),
        following::<process::handing_on::HandingOn>(),
        following::<process::in_hand::InHand>(),
        following::<process::monitors::Monitors>(),
        following::<process::offer_timeout::OfferTimeout>(),
        following::<process::call_deadlines::CallDeadlines>(),
        following::<process::lapse::AgentLapse>(),
        following::<process::lapse::QueueLapse>(),
    ]
}

pub(super) fn tenant() -> TenantId {
    TenantId::new("sim").expect("a short name")
}

/// Returns the journey that a command belongs to.
pub(super) fn journey(what: &AnyCommand) -> Option<JourneyId> {
    match what {
        AnyCommand::Call(call, _) => Some(JourneyId::new(call.uuid())),
        AnyCommand::Conversation(conversation, _) => Some(JourneyId::new(conversation.uuid())),
        AnyCommand::Queue(..)
        | AnyCommand::Agent(..)
        | AnyCommand::Consent(..)
        | AnyCommand::RoutingPolicy(..)
        | AnyCommand::Retention(..)
        | AnyCommand::Tenant(..) => None,
    }
}
