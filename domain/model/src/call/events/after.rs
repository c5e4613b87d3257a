//! How a call ends and what follows: callbacks, supervision, wrap-up, notes and survey.

crate::events_part! {
    $ after {
        /// The caller may choose to be rung back.
        CallbackOffered {
            /// The promise.
            callback: CallbackId,
            /// The entry whose place they would keep; none if they do not wait.
            entry: Option<EntryId>,
            /// The queue in which the callback would wait.
            queue: QueueId,
            /// When.
            at: Timestamp,
        },
        /// The caller asked to be rung back.
        CallbackAccepted {
            /// The promise.
            callback: CallbackId,
            /// The number to ring.
            number: Private<PhoneNumber>,
            /// The entry whose place they keep; none if they did not wait.
            entry: Option<EntryId>,
            /// The queue in which the callback waits.
            queue: QueueId,
            /// Since when they count as waiting.
            waiting_since: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The moment to ring back was set.
        CallbackScheduled {
            /// The promise.
            callback: CallbackId,
            /// Not before this moment.
            due: Timestamp,
            /// Who set it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A call is placed to keep the promise.
        CallbackAttempted {
            /// The promise.
            callback: CallbackId,
            /// The new call.
            call: CallId,
            /// How many calls were placed to keep it, this one included.
            attempt: u32,
            /// When.
            at: Timestamp,
        },
        /// A call that was placed to keep the promise ended, and the customer talked to nobody.
        CallbackFailed {
            /// The promise.
            callback: CallbackId,
            /// The call.
            call: CallId,
            /// Why it ended.
            why: EndCause,
            /// From when on the next call is placed; none if this was the last one.
            again_from: Option<Timestamp>,
            /// When.
            at: Timestamp,
        },
        /// The promise was kept: the customer was reached and talks to an agent.
        CallbackCompleted {
            /// The promise.
            callback: CallbackId,
            /// The call that kept it.
            call: CallId,
            /// When.
            at: Timestamp,
        },
        /// The promise ended without being kept.
        CallbackCancelled {
            /// The promise.
            callback: CallbackId,
            /// Why.
            why: CallbackEnd,
            /// Who called it off.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part.
        SupervisionStarted {
            /// The supervision.
            supervision: SupervisionId,
            /// The supervisor.
            by: UserId,
            /// Their leg.
            leg: LegId,
            /// How they take part.
            mode: SupervisionMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part in another way.
        SupervisionModeChanged {
            /// The supervision.
            supervision: SupervisionId,
            /// How they take part from now on.
            mode: SupervisionMode,
            /// When.
            at: Timestamp,
        },
        /// A supervisor takes part no more.
        SupervisionEnded {
            /// The supervision.
            supervision: SupervisionId,
            /// Why.
            why: StopReason,
            /// When.
            at: Timestamp,
        },
        /// The call is over. All that was open ended in the same decision, just before this.
        Ended {
            /// Why.
            cause: EndCause,
            /// When.
            at: Timestamp,
        },
        /// An agent's work after their part of the call began.
        WrapUpStarted {
            /// The leg on which they had talked; it names the wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Until when it may last; without end if none.
            until: Option<Timestamp>,
            /// When.
            at: Timestamp,
        },
        /// An agent got more time.
        WrapUpExtended {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Until when it may last now.
            until: Timestamp,
            /// Who gave it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// An agent is done with the call.
        WrapUpEnded {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Who ended it; a process where the time ran out.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The wrap-up ended without what had to be done.
        WrapUpFailed {
            /// The wrap-up.
            leg: LegId,
            /// The agent.
            agent: AgentId,
            /// Why.
            why: WrapUpFailure,
            /// When.
            at: Timestamp,
        },
        /// Somebody said what came of an agent's part of the call.
        Dispositioned {
            /// The leg on which the agent had talked.
            leg: LegId,
            /// The wrap-up codes, each once; they replace those chosen before.
            codes: Few<WrapUpCodeId, CODES_MAX>,
            /// Who chose them.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// Somebody wrote a note on the call, or wrote it anew.
        NoteSaved {
            /// The note.
            note: NoteId,
            /// How many times it was written.
            nth: Nth,
            /// What it says.
            text: Private<Body>,
            /// Who wrote it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The customer answered a question about the call. The first answer to each question stands.
        SurveyAnswered {
            /// The survey.
            survey: Key,
            /// The question.
            question: Key,
            /// The answer.
            answer: SurveyAnswer,
            /// When.
            at: Timestamp,
        },
    }
}
