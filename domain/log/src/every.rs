//! Every aggregate of the model by name, for the tests that none may be missing from.

use domain_model::{Decider, Event};

use crate::codec::{self, Fault};
use crate::upcast::Form;

/// Calls a macro with every aggregate: a name for its tests, and its decider.
macro_rules! every_aggregate {
    ($then:ident) => {
        $then! {
            consent: domain_model::consent::Consent,
            conversation: domain_model::conversation::Conversation,
            routing_policy: domain_model::routing_policy::RoutingPolicy,
            call: domain_model::call::Call,
            queue: domain_model::queue::Queue,
            agent: domain_model::agent::Agent,
            tenant: domain_model::tenant::Tenant,
            retention: domain_model::retention::Retention,
            crm_link: domain_model::crm_link::CrmLink,
        }
    };
}
pub(crate) use every_aggregate;

macro_rules! readers {
    ($($name:ident: $Decider:ty),* $(,)?) => {
        /// Reads a form of today as an event of whichever aggregate it belongs to.
        pub(crate) fn reads(form: Form) -> Result<(), Fault> {
            $(
                if <$Decider as Decider>::Event::CATALOGUE.iter().any(|doc| doc.kind == form.kind) {
                    return codec::from_form::<<$Decider as Decider>::Event>(form).map(drop);
                }
            )*
            panic!("{} belongs to no aggregate of every_aggregate!", form.kind)
        }

        #[test]
        fn no_aggregate_is_missing() {
            let mut listed: Vec<&str> = [$(<$Decider as Decider>::Event::CATALOGUE),*]
                .into_iter()
                .flatten()
                .map(|doc| doc.kind)
                .collect();
            let mut all: Vec<&str> = domain_model::catalogue().iter().map(|doc| doc.kind).collect();
            listed.sort_unstable();
            all.sort_unstable();
            assert_eq!(listed, all, "add the aggregate to every_aggregate!");
        }
    };
}

every_aggregate!(readers);
