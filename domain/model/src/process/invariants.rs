//! What holds of every process whatever happens: restarts change nothing, and what is due gets done once.

use proptest::collection::vec;
use proptest::prelude::*;

use super::consent_expiry::ConsentExpiry;
use super::offer_timeout::OfferTimeout;
use super::scheduled_publish::ScheduledPublish;
use super::world::live_through;
use super::{AnyCommand, Order, Process};
use crate::Timestamp;
use crate::context::Actor;
use crate::conversation::assignment::AssignmentCommand;
use crate::conversation::channel::Pair;
use crate::conversation::offer::OfferCommand;
use crate::ids::{ConsentId, ConversationId, JourneyId, RoutingPolicyId};
use crate::routing_policy::document::Document;
use crate::routing_policy::start::PolicyKind;
use crate::testing::sample::{at, id, text};
use crate::{consent, conversation, routing_policy};

fn about_consents() -> impl Strategy<Value = AnyCommand> {
    (any::<ConsentId>(), any::<consent::Command>())
        .prop_map(|(consent, command)| AnyCommand::Consent(consent, command))
}

// One conversation and one policy each: what processes must not mix up are its offers and its revisions.
fn about_offers() -> impl Strategy<Value = AnyCommand> {
    use conversation::Command;
    let open = any::<Pair>().prop_map(|pair| Command::Open {
        journey: JourneyId::new(id(1)),
        pair,
        by: Actor::Customer,
        at: at(0),
    });
    prop_oneof![
        1 => open,
        8 => any::<OfferCommand>().prop_map(Command::Offer),
        2 => any::<AssignmentCommand>().prop_map(Command::Assignment),
        1 => any::<Command>(),
    ]
    .prop_map(|command| AnyCommand::Conversation(ConversationId::new(id(1)), command))
}

fn about_policies() -> impl Strategy<Value = AnyCommand> {
    use routing_policy::Command;
    let by = || Actor::Customer;
    let create = Just(Command::Create {
        name: text("Main line"),
        kind: PolicyKind::Call,
        by: by(),
        at: at(0),
    });
    let save = (0_u32..6, any::<Document>(), any::<Timestamp>()).prop_map(move |(based_on, document, at)| {
        Command::Save {
            based_on,
            document,
            by: by(),
            at,
        }
    });
    let schedule =
        (0_u32..6, any::<Timestamp>(), any::<Timestamp>()).prop_map(move |(revision, publish_at, at)| {
            Command::Schedule {
                revision,
                publish_at,
                comment: None,
                by: by(),
                at,
            }
        });
    prop_oneof![2 => create, 4 => save, 4 => schedule, 3 => any::<Command>()]
        .prop_map(|command| AnyCommand::RoutingPolicy(RoutingPolicyId::new(id(1)), command))
}

fn at_moments(
    command: impl Strategy<Value = AnyCommand>,
) -> impl Strategy<Value = Vec<(AnyCommand, Timestamp)>> {
    vec((command, any::<Timestamp>()), 0..40)
}

proptest! {
    #[test]
    fn every_implied_consent_runs_out_once(said in at_moments(about_consents())) {
        live_through::<ConsentExpiry>(said);
    }

    #[test]
    fn every_schedule_comes_to_its_end(said in at_moments(about_policies())) {
        live_through::<ScheduledPublish>(said);
    }

    #[test]
    fn every_offer_comes_to_its_end(said in at_moments(about_offers())) {
        live_through::<OfferTimeout>(said);
    }

    #[test]
    fn processes_look_past_what_is_not_theirs(said in at_moments(prop_oneof![about_consents(), about_policies(), about_offers()])) {
        live_through::<ConsentExpiry>(said.clone());
        live_through::<ScheduledPublish>(said.clone());
        live_through::<OfferTimeout>(said);
    }
}

#[test]
fn every_process_has_a_name_of_its_own_that_is_a_key() {
    fn name<P: Process>() -> String {
        let cause = super::world::happened("acme", 1, {
            let consent = ConsentId::new(id(2));
            super::AnyEvent::Consent(consent, consent::Event::Expired { at: at(0) })
        })
        .cause;
        let what = AnyCommand::Consent(ConsentId::new(id(2)), consent::Command::Expire { at: at(0) });
        Order::new::<P>(&cause, what).by.to_string()
    }
    let mut names = vec![
        name::<ConsentExpiry>(),
        name::<OfferTimeout>(),
        name::<ScheduledPublish>(),
    ];
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
