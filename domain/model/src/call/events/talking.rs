//! What happens while people talk: hold, consult, transfer and conference.

crate::events_part! {
    $ talking {
        /// Somebody wants a leg to wait and hear music.
        HoldRequested {
            /// The leg that is to wait.
            leg: LegId,
            /// Who wants it.
            by: Actor,
            /// The music, unless the tenant's.
            music: Option<SoundId>,
            /// When.
            at: Timestamp,
        },
        /// A leg waits and hears music; it and the others hear each other no more.
        Held {
            /// The leg that waits.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end or a part of ours refused to hold.
        HoldRefused {
            /// The leg that goes on.
            leg: LegId,
            /// Why.
            reason: Key,
            /// When.
            at: Timestamp,
        },
        /// Somebody wants to end the hold.
        ResumeRequested {
            /// The leg that waits.
            leg: LegId,
            /// Who wants it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A leg waits no more.
        Resumed {
            /// The leg.
            leg: LegId,
            /// When.
            at: Timestamp,
        },
        /// The far end or a part of ours refused to resume.
        ResumeRefused {
            /// The leg that still waits.
            leg: LegId,
            /// Why.
            reason: Key,
            /// When.
            at: Timestamp,
        },
        /// An agent wants to ask somebody while the caller waits: a new leg rings, and the two get a bridge of their own.
        ConsultStarted {
            /// The bridge for the two; it names the consult.
            consult: BridgeId,
            /// The bridge that the agent comes from.
            main: BridgeId,
            /// The agent's leg.
            leg: LegId,
            /// The leg of who is asked.
            target: LegId,
            /// Who is asked.
            to: Callee,
            /// When.
            at: Timestamp,
        },
        /// A consult ended, and the agent keeps the caller.
        ConsultEnded {
            /// The consult.
            consult: BridgeId,
            /// Why.
            why: ConsultEnd,
            /// When.
            at: Timestamp,
        },
        /// A consult became a conference: the agent, who was asked and the caller all hear each other.
        Merged {
            /// The consult.
            consult: BridgeId,
            /// The bridge that they are all in from now on.
            bridge: BridgeId,
            /// When.
            at: Timestamp,
        },
        /// An agent wants to hand the caller on without asking first.
        TransferRequested {
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// Who wants it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The caller was handed on; the agent's leg ends.
        Transferred {
            /// Whether somebody was asked first.
            kind: TransferKind,
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// The leg that takes over, after a consult.
            target: Option<LegId>,
            /// When.
            at: Timestamp,
        },
        /// The caller could not be handed on and stays with the agent.
        TransferFailed {
            /// The agent's leg.
            leg: LegId,
            /// Where to.
            to: Destination,
            /// Why.
            cause: LegCause,
            /// When.
            at: Timestamp,
        },
    }
}
