//! The policies that come with the platform: for what no other policy takes, and for what all calls and messages pass.

use super::super::document::Document;
use crate::ids::RoutingPolicyId;
use crate::text::Name;

/// A policy that comes with the platform. It can be changed, not retired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemPolicy {
    /// Brings a call to whoever has the number or extension that was called. It begins with the direct numbers.
    DirectCalls,
    /// Takes a call that no other policy begins with, at the destination `default-inbound`.
    DefaultInbound,
    /// Takes each call that we place, at the destination `default-outbound`: the place to record them all. It runs beside
    /// the call: who placed it rings its people.
    DefaultOutbound,
    /// Brings a caller on whom an agent hands to a group or a mailbox, at the destinations `handed-to-group`,
    /// `handed-to-group-mailbox` and `handed-to-user-mailbox`; the custom property `HandedTo` names which.
    HandedOn,
    /// Takes each message that comes in, at the destination `inbound-message`.
    InboundMessage,
    /// Takes each message that goes out, at the destination `outbound-message`.
    OutboundMessage,
}

impl SystemPolicy {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::DirectCalls,
        Self::DefaultInbound,
        Self::DefaultOutbound,
        Self::HandedOn,
        Self::InboundMessage,
        Self::OutboundMessage,
    ];

    /// Returns the id that it comes with: the same for every tenant.
    #[must_use]
    pub fn id(self) -> RoutingPolicyId {
        let word = match self {
            Self::DirectCalls => "direct-calls",
            Self::DefaultInbound => "default-inbound",
            Self::DefaultOutbound => "default-outbound",
            Self::HandedOn => "handed-on",
            Self::InboundMessage => "inbound-message",
            Self::OutboundMessage => "outbound-message",
        };
        let platform = RoutingPolicyId::new(uuid::Uuid::nil());
        RoutingPolicyId::new(platform.derive(&format!("system/{word}")))
    }

    /// Returns the name that it comes with.
    #[must_use]
    pub fn name(self) -> Name {
        let name = match self {
            Self::DirectCalls => "Direct calls",
            Self::DefaultInbound => "Default inbound",
            Self::DefaultOutbound => "Default outbound",
            Self::HandedOn => "Handed on",
            Self::InboundMessage => "Inbound message",
            Self::OutboundMessage => "Outbound message",
        };
        Name::new(name).expect("a few visible characters")
    }

    /// Returns the document that it comes with.
    #[must_use]
    pub fn document(self) -> Document {
        let text = match self {
            Self::DirectCalls => include_str!("../../../policies/system/direct-calls.json"),
            Self::DefaultInbound => include_str!("../../../policies/system/default-inbound.json"),
            Self::DefaultOutbound => include_str!("../../../policies/system/default-outbound.json"),
            Self::HandedOn => include_str!("../../../policies/system/handed-on.json"),
            Self::InboundMessage => include_str!("../../../policies/system/inbound-message.json"),
            Self::OutboundMessage => include_str!("../../../policies/system/outbound-message.json"),
        };
        Document::new(text).expect("a test reads each of them")
    }
}
