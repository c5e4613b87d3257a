//! Who takes part: the call as it begins, its legs, and who hears whom.

crate::events_part! {
    $ legs {
        /// Somebody rings us. Whether and how the call is answered is the routing policy's to say.
        Offered {
            /// The caller's leg.
            leg: LegId,
            /// Who rings.
            caller: Caller,
            /// Where the call came in.
            entrance: Entrance,
            /// The journey it belongs to.
            journey: JourneyId,
            /// The call that it follows, such as the one that asked to be rung back.
            previous: Option<CallId>,
            /// When.
            at: Timestamp,
        },
        /// We are about to ring a customer.
        Placed {
            /// Whom we ring.
            to: Private<PhoneNumber>,
            /// The number of ours that they see, unless we hide it.
            presenting: Option<PhoneNumber>,
            /// Who wants the call.
            by: Actor,
            /// The agent who is to talk, where it is known already.
            agent: Option<AgentId>,
            /// The journey it belongs to.
            journey: JourneyId,
            /// The call that it follows.
            previous: Option<CallId>,
            /// The promise to ring back that it keeps.
            callback: Option<CallbackId>,
            /// When.
            at: Timestamp,
        },
        /// Custom properties were set; those not named stay as they are.
        PropertiesSet {
            /// The properties that changed, with their new values.
            properties: Few<Property, PROPERTIES_MAX>,
            /// When.
            at: Timestamp,
        },
        /// A telephone or browser became part of the call and is to be rung, unless it rings us.
        LegCreated {
            /// The leg.
            leg: LegId,
            /// Its number in this call, from 1 in the order of creation; it never changes.
            number: u32,
            /// Who is at its far end.
            party: Party,
            /// The offer that it rings for.
            offer: Option<OfferId>,
            /// Whom it rings together with, the first of whom wins.
            hunt: Option<Hunt>,
            /// When.
            at: Timestamp,
        },
        /// The far end rings.
        LegRang {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end sends sound before it answers: a ringing tone of its own, an announcement.
        LegEarlyMedia {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end answered, or we answered who rings us.
        LegAnswered {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// A leg is over, and with it its mute and its hold.
        LegEnded {
            /// The leg.
            leg: LegId,
            /// Why.
            cause: LegCause,
            /// When.
            at: Timestamp,
        },
        /// A leg is no longer heard by the others.
        LegMuted {
            /// The leg.
            leg: LegId,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A leg is heard again.
        LegUnmuted {
            /// The leg.
            leg: LegId,
            /// Who wanted it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Keys were sent to the far end of a leg, for instance to get through another company's menu.
        DtmfSent {
            /// The leg.
            leg: LegId,
            /// How many times keys were sent on this leg.
            nth: Nth,
            /// The keys; none where they are secret, such as a card's number.
            digits: Option<Private<Digits>>,
            /// Who sent them.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// How well a leg was heard became known. It may come after the call's end.
        LegMeasured {
            /// The leg.
            leg: LegId,
            /// The summary.
            quality: Quality,
            /// When.
            at: Timestamp,
        },
        /// A leg hears the others of a bridge, and they hear it.
        LegJoined {
            /// The bridge.
            bridge: BridgeId,
            /// The leg.
            leg: LegId,
            /// The number of this joining in the call, from 1. With a leg of `with` it names one conversation between
            /// two parties for ever.
            number: u32,
            /// Who was there already, in the order of their leg numbers.
            with: Vec<LegId>,
            /// When.
            at: Timestamp,
        },
        /// A leg left a bridge.
        LegLeft {
            /// The bridge.
            bridge: BridgeId,
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
    }
}
