//! What the routing policy did: its steps, lookups, prompts and digits.

crate::events_part! {
    $ routing {
        /// The call entered a routing policy.
        PolicyEntered {
            /// The step that this is.
            step: StepId,
            /// The routing policy.
            policy: RoutingPolicyId,
            /// Its published version.
            version: u32,
            /// The hash of that version's graph.
            hash: ContentHash,
            /// The start of that graph at which it was entered; none if it had none for this call.
            start: Option<Key>,
            /// When.
            at: Timestamp,
        },
        /// An app of the routing policy decided how the call goes on.
        StepDecided {
            /// The step that this is.
            step: StepId,
            /// The node of the graph.
            node: Key,
            /// The kind of app.
            app: Key,
            /// The outlet that was taken: `matched`, `timed_out`.
            branch: Key,
            /// The hash of the routing policy's graph that decided.
            hash: ContentHash,
            /// What the decision was based on.
            inputs: Few<Input, INPUTS_MAX>,
            /// Why, in a sentence for an admin.
            reason: Line,
            /// When.
            at: Timestamp,
        },
        /// An outside system was asked something; the call goes on without it at the deadline.
        LookupRequested {
            /// The step that asks.
            step: StepId,
            /// What was asked: the lookup's name in the routing policy.
            what: Key,
            /// Until when the answer counts.
            deadline: Timestamp,
            /// When.
            at: Timestamp,
        },
        /// The outside system answered in time.
        LookupAnswered {
            /// The step that asked.
            step: StepId,
            /// The answer.
            outcome: LookupOutcome,
            /// When.
            at: Timestamp,
        },
        /// The outside system did not answer in time.
        LookupTimedOut {
            /// The step that asked.
            step: StepId,
            /// When.
            at: Timestamp,
        },
        /// Somebody heard a prompt.
        PromptPlayed {
            /// The step that played it.
            step: StepId,
            /// How many prompts the step had played.
            nth: Nth,
            /// Who heard it.
            leg: LegId,
            /// What they heard.
            prompt: Prompt,
            /// How much of it they heard.
            heard_ms: Millis,
            /// Whether they cut it short, by a key or by speaking.
            interrupted: bool,
            /// When it ended.
            at: Timestamp,
        },
        /// Keys were asked for.
        DigitsCollected {
            /// The step that asked.
            step: StepId,
            /// How many times the step had asked.
            nth: Nth,
            /// How it ended.
            outcome: Collected,
            /// The keys; none where there were none, or where they are secret.
            digits: Option<Private<Digits>>,
            /// When it ended.
            at: Timestamp,
        },
        /// The routing policy asked for skills, which the next queue is to look for.
        SkillsRequested {
            /// The step that asked.
            step: StepId,
            /// The skills; they replace those asked for before.
            skills: SkillRequests,
            /// When.
            at: Timestamp,
        },
    }
}
