//! The tenant, whose calendars queues follow.

use domain_model::ids::TenantRoot;
use domain_model::process::AnyCommand;
use domain_model::tenant::settings::Region;
use domain_model::tenant::zone::ZoneName;
use domain_model::tenant::{Command, calendars};
use domain_model::text::Name;

use super::Stage;
use crate::plan::Plan;

impl Stage<'_> {
    /// Writes down the opening hours of a plan that has some.
    pub(super) fn open_account(&mut self, plan: &Plan) {
        if plan.calendars.is_empty() {
            return;
        }
        let create = Command::Create {
            name: Name::new("Simulated").expect("a short name"),
            home: Region::London,
            country: "GB".parse().expect("a country"),
            zone: ZoneName::new("Europe/London").expect("a zone"),
        };
        self.by_person("tenant", AnyCommand::Tenant(TenantRoot, create));
        for (calendar, hours) in &plan.calendars {
            let (calendar, hours) = (*calendar, hours.clone());
            let create = calendars::Command::Create { calendar, hours };
            self.by_person(
                "calendar",
                AnyCommand::Tenant(TenantRoot, Command::Calendars(create)),
            );
        }
    }
}
