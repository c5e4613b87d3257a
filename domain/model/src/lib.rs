//! What may happen on the platform: commands, events, and the pure deciders and processes between them.
//!
//! This crate never reads a clock, makes an id, draws a random number, or touches a socket or a file: time, ids
//! and chance are arguments. That is what makes the simulator, the policy time machine and replay exact.
//!
//! Reading order: [`decider`] (the one shape all aggregates share), [`event`] (how events are declared and
//! catalogued), [`ids`], [`time`], [`text`], [`few`], [`phone`], [`content_hash`], [`skills`] and [`private`]
//! (the words events are made of), [`context`] (who asks, when and why), then one module per aggregate, smallest
//! first: [`consent`], [`crm_link`], [`retention`], [`routing_policy`], [`conversation`], [`queue`], [`agent`], [`tenant`],
//! [`call`]; then what runs between them: [`process`], the [`matcher`] of queues and the [`interpreter`] of routing
//! policies; and last what planners ask: [`staffing`].

pub mod agent;
pub mod call;
pub mod consent;
pub mod contact;
pub mod content_hash;
pub mod context;
pub mod conversation;
pub mod crm_link;
pub mod decider;
mod draft;
pub mod event;
pub mod few;
pub mod ids;
pub mod interpreter;
pub mod matcher;
pub mod phone;
pub mod private;
pub mod process;
pub mod queue;
pub mod retention;
pub mod routing_policy;
pub mod skills;
pub mod staffing;
pub mod tenant;
pub mod text;
pub mod time;

#[cfg(any(test, feature = "contract"))]
pub mod docs;
#[cfg(any(test, feature = "contract"))]
pub mod testing;

pub use context::{Actor, Context};
pub use decider::Decider;
pub use event::{Event, EventDoc};
pub use phone::PhoneNumber;
pub use private::Private;
pub use text::Text;
pub use time::{Millis, Timestamp};

/// Every event the platform can record, in the order of `docs/events.md`.
#[must_use]
pub fn catalogue() -> Vec<&'static EventDoc> {
    [
        consent::Event::CATALOGUE,
        call::Event::CATALOGUE,
        queue::Event::CATALOGUE,
        agent::Event::CATALOGUE,
        conversation::Event::CATALOGUE,
        routing_policy::Event::CATALOGUE,
        tenant::Event::CATALOGUE,
        retention::Event::CATALOGUE,
        crm_link::Event::CATALOGUE,
    ]
    .into_iter()
    .flatten()
    .collect()
}
