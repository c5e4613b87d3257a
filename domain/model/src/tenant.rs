//! A tenant: a customer organisation with its settings, numbers, people, groups and everything else an admin keeps.
//!
//! All of it is one aggregate, because its rules cross every part of it: an extension is a user's or a group's, a
//! number leads to a user who is there, no more licences are granted than were bought. It changes by the minute, not
//! by the call, so that one stream carries it.
//!
//! Who asked for a change, and when, stands in the metadata of its events and not in the events: nothing here is
//! decided by it. To take away what is not there is no error, for then it is already so. What others lead to is
//! either kept until they do not, or goes together with what leads to it, each by an event of its own in the same
//! decision; that each reference within the tenant leads somewhere always holds.
//!
//! Reading order: [`settings`], [`numbers`], [`extension`], [`people`], [`users`], [`user_settings`], [`devices`],
//! [`licences`], [`groups`], [`skills`], [`availability`], [`clock`], [`zone`], [`hours`], [`calendars`],
//! [`wrap_up`], [`blocks`], [`sounds`], [`access`]; [`register`] holds each kind's entries.

pub mod access;
pub mod availability;
pub mod blocks;
pub mod calendars;
pub mod clock;
pub mod devices;
mod event;
pub mod extension;
mod fold;
pub mod groups;
pub mod hours;
mod leaving;
pub mod licences;
pub mod numbers;
mod opening;
pub mod people;
pub mod register;
mod rejection;
#[cfg(any(test, feature = "contract"))]
mod samples;
pub mod settings;
pub mod skills;
pub mod sounds;
pub mod user_settings;
pub mod users;
pub mod wrap_up;
pub mod zone;

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod stories;

use serde::{Deserialize, Serialize};

pub use event::Event;
pub use rejection::{Rejection, Thing};
#[cfg(any(test, feature = "contract"))]
pub use samples::samples;

use crate::ids::{
    ApiKeyId, AssociatedNumberId, BlockId, CalendarId, DeviceId, GroupId, ProfileId, ShareLinkId, SkillId,
    SoundId, StateId, TenantRoot, UserId,
};
use crate::phone::Country;
use crate::text::Name;
use crate::{Decider, PhoneNumber};
use access::{ApiKey, ShareLink};
use availability::AvailabilityState;
use blocks::Block;
use devices::{AssociatedNumber, DeviceDetails};
use groups::Group;
use hours::Hours;
use licences::{Licence, Seats};
use numbers::Number;
use register::Register;
use settings::{Region, Setting, Settings};
use skills::SkillDetails;
use sounds::Sound;
use users::User;
use wrap_up::WrapUpCodes;
use zone::ZoneName;

/// The tenant aggregate. There is one per tenant.
#[derive(Debug, Clone, Copy)]
pub struct Tenant;

/// What somebody wants of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Takes a customer organisation on board.
    Create {
        /// What people call it.
        name: Name,
        /// Where its calls are handled and its data is kept, for good.
        home: Region,
        /// How numbers without a country code are read.
        country: Country,
        /// The time zone of its reports and of users without one of their own.
        zone: ZoneName,
    },
    /// Changes a setting of the whole tenant.
    ChangeSetting(Setting),
    /// Is about its numbers.
    Numbers(numbers::Command),
    /// Is about its users.
    Users(users::Command),
    /// Is about what rings for its users.
    Devices(devices::Command),
    /// Is about what its users may do.
    Licences(licences::Command),
    /// Is about its groups.
    Groups(groups::Command),
    /// Is about what its users can.
    Skills(skills::Command),
    /// Is about the states that its agents choose from.
    Availability(availability::Command),
    /// Is about its opening hours.
    Calendars(calendars::Command),
    /// Is about its wrap-up codes.
    WrapUp(wrap_up::Command),
    /// Is about callers who are not let through.
    Blocks(blocks::Command),
    /// Is about its greetings and music.
    Sounds(sounds::Command),
    /// Is about its API keys and share links.
    Access(access::Command),
}

/// A tenant as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Its home and settings; none before it is created.
    pub root: Option<Root>,
    /// How many numbers it may have.
    pub number_allowance: Seats,
    /// Its numbers.
    pub numbers: Register<PhoneNumber, Number>,
    /// Its users, also those who left.
    pub users: Register<UserId, User>,
    /// Its users' devices.
    pub devices: Register<DeviceId, DeviceDetails>,
    /// Its users' outside numbers.
    pub associated: Register<AssociatedNumberId, AssociatedNumber>,
    /// How many of each licence were bought.
    pub purchases: Register<Licence, Seats>,
    /// Its groups.
    pub groups: Register<GroupId, Group>,
    /// Its skills.
    pub skills: Register<SkillId, SkillDetails>,
    /// The names of its availability profiles.
    pub profiles: Register<ProfileId, Name>,
    /// The states of all its availability profiles.
    pub states: Register<StateId, AvailabilityState>,
    /// Its opening hours.
    pub calendars: Register<CalendarId, Hours>,
    /// Its wrap-up codes.
    pub wrap_up: WrapUpCodes,
    /// Its block list.
    pub blocks: Register<BlockId, Block>,
    /// Its sounds.
    pub sounds: Register<SoundId, Sound>,
    /// Its API keys, also those that were revoked.
    pub api_keys: Register<ApiKeyId, ApiKey>,
    /// Its share links.
    pub share_links: Register<ShareLinkId, ShareLink>,
}

/// What a tenant has from its first event on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Root {
    /// Where its calls are handled and its data is kept.
    pub home: Region,
    /// Its settings.
    pub settings: Settings,
}

impl Decider for Tenant {
    const CATEGORY: &'static str = "tenant";
    type Id = TenantRoot;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        if state.root.is_none() && !matches!(command, Command::Create { .. }) {
            return Err(Rejection::NotCreated);
        }
        match command {
            Command::Create {
                name,
                home,
                country,
                zone,
            } => {
                let settings = Settings::new(name, country, zone);
                settings::create(state, &Root { home, settings })
            }
            Command::ChangeSetting(setting) => settings::decide(state, setting),
            Command::Numbers(command) => numbers::decide(state, command),
            Command::Users(command) => users::decide(state, command),
            Command::Devices(command) => devices::decide(state, command),
            Command::Licences(command) => licences::decide(state, command),
            Command::Groups(command) => groups::decide(state, command),
            Command::Skills(command) => skills::decide(state, command),
            Command::Availability(command) => availability::decide(state, command),
            Command::Calendars(command) => calendars::decide(state, command),
            Command::WrapUp(command) => wrap_up::decide(state, command),
            Command::Blocks(command) => blocks::decide(state, command),
            Command::Sounds(command) => sounds::decide(state, command),
            Command::Access(command) => access::decide(state, command),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        fold::evolve(state, event)
    }
}
