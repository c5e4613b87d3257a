//! Waiting in queues, and being offered to agents.

crate::events_part! {
    $ waiting {
        /// The caller began to wait in a queue. Each time is an entry of its own.
        Queued {
            /// The entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// How urgent the caller is; none is as the queue's settings say.
            priority: Option<Priority>,
            /// The skills that they need.
            skills: SkillRequests,
            /// The agent whom they had last, if that is known.
            last_agent: Option<AgentId>,
            /// What they are told meanwhile; none is as the queue's settings say.
            told: Option<PolicyTold>,
            /// The entry, of this call or of the one before it, whose place they keep.
            keeps_place_of: Option<EntryId>,
            /// Since when they count as waiting; earlier than `at` if they keep a place.
            waiting_since: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller became more or less urgent.
        PriorityChanged {
            /// The entry.
            entry: EntryId,
            /// How urgent they are now.
            priority: Priority,
            /// Who changed it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller was told something.
        AnnouncementPlayed {
            /// The entry.
            entry: EntryId,
            /// How many announcements this entry had heard.
            nth: Nth,
            /// What they were told.
            announcement: Announcement,
            /// When it ended.
            at: Timestamp,
        },
        /// The caller's time in a queue is over. Each entry leaves exactly once.
        LeftQueue {
            /// The entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// Why.
            reason: LeaveReason,
            /// When.
            at: Timestamp,
        },
        /// A waiting caller was offered to an agent, whose devices are to ring. Each offer ends exactly once.
        AgentOffered {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The queue.
            queue: QueueId,
            /// The agent.
            agent: AgentId,
            /// How long they have to answer.
            ring_ms: Millis,
            /// Until when they have to answer.
            until: Timestamp,
            /// The rule by which the queue chose: `longest_idle`.
            strategy: Key,
            /// The hash of the queue's settings at that moment.
            settings: ContentHash,
            /// Who could have been chosen, best first, the chosen one among them.
            candidates: Few<Candidate, CANDIDATES_MAX>,
            /// When.
            at: Timestamp,
        },
        /// A device of the agent rings.
        OfferRang {
            /// The offer.
            offer: OfferId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The agent took the caller. At most one offer of an entry is ever accepted.
        OfferAccepted {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The agent turned the caller down.
        OfferRejected {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why, where they said.
            reason: Option<Key>,
            /// When.
            at: Timestamp,
        },
        /// The agent's devices rang, and nobody answered in time.
        OfferMissed {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// The caller was gone before the agent answered; nobody is to blame.
        OfferCallerGone {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// When.
            at: Timestamp,
        },
        /// No device of the agent could be reached: they heard nothing, and did not miss the caller.
        OfferUnreachable {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why not.
            why: Unreached,
            /// When.
            at: Timestamp,
        },
        /// The offer was taken back before the agent answered.
        OfferWithdrawn {
            /// The offer.
            offer: OfferId,
            /// The caller's entry.
            entry: EntryId,
            /// The agent.
            agent: AgentId,
            /// Why.
            why: Withdrawal,
            /// When.
            at: Timestamp,
        },
    }
}
