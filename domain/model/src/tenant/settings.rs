//! Where a tenant is at home, and the settings that hold for all of it.

use serde::{Deserialize, Serialize};

use crate::PhoneNumber;
use crate::ids::SoundId;
use crate::phone::Country;
use crate::routing_policy::graph::words::Language;
use crate::text::{Key, Line, Name};

use super::event::Event;
use super::numbers::Capability;
use super::rejection::{Decision, Rejection, Thing, change, invalid};
use super::wrap_up::Direction;
use super::zone::ZoneName;
use super::{Root, State};

/// The language of what callers hear, until the tenant chooses one.
pub const LANGUAGE: &str = "en";
/// What callers hear whose routing policy goes round in circles, until the tenant words it.
pub const APOLOGY: &str = "We are sorry. Please try again later.";

/// A region where calls are handled and data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Region {
    /// In the west of the USA; paired with Ohio.
    #[serde(rename = "us-west-2")]
    Oregon,
    /// In the east of the USA; paired with Oregon.
    #[serde(rename = "us-east-2")]
    Ohio,
    /// In the United Kingdom; paired with Frankfurt.
    #[serde(rename = "eu-west-2")]
    London,
    /// In the European Union; paired with London.
    #[serde(rename = "eu-central-1")]
    Frankfurt,
    /// In Asia; without a pair.
    #[serde(rename = "ap-southeast-1")]
    Singapore,
}

impl Region {
    /// Returns the region that takes over when this one fails; Singapore stands alone.
    #[must_use]
    pub const fn pair(self) -> Option<Self> {
        match self {
            Self::Oregon => Some(Self::Ohio),
            Self::Ohio => Some(Self::Oregon),
            Self::London => Some(Self::Frankfurt),
            Self::Frankfurt => Some(Self::London),
            Self::Singapore => None,
        }
    }
}

/// What called people see as the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "shows", content = "number", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum CallerId {
    /// Nothing.
    Withheld,
    /// One of the tenant's numbers.
    Number(PhoneNumber),
    /// The tenant's local-presence number nearest to the called one; this number where there is none.
    Nearest(PhoneNumber),
}

impl CallerId {
    /// Returns the number of the tenant's that it rests on.
    #[must_use]
    pub const fn number(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Withheld => None,
            Self::Number(number) | Self::Nearest(number) => Some(number),
        }
    }
}

/// Which recordings or voicemails users hear without being a manager.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Access {
    /// Those of their own calls.
    #[default]
    Own,
    /// None.
    Nothing,
}

/// Whether an agent has to choose a wrap-up code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum WrapUpRule {
    /// They may.
    #[default]
    Optional,
    /// They must, before the next call.
    Mandatory,
}

/// How many hours one line of the interaction report covers; 1 to 48.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct ReportingHours(u8);

/// The number was no reporting interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a reporting interval of {given} hours was given: 1 to 48 are possible")]
pub struct InvalidReportingHours {
    /// What was given.
    pub given: u8,
}

/// One setting and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "setting", content = "value", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Setting {
    /// What people call the tenant.
    Name(Name),
    /// How numbers without a country code are read.
    Country(Country),
    /// The time zone of its reports and of users without one of their own.
    Zone(ZoneName),
    /// What called people see, unless the user has a caller ID of their own.
    CallerId(CallerId),
    /// What callers on hold and in queues hear; the platform's own music if none is named.
    HoldMusic(Option<SoundId>),
    /// The voice that reads texts aloud, by the name that the speech service gives it.
    Voice(Key),
    /// The language of what callers hear, unless a routing policy says another, as BCP 47 writes it: `en`, `fr-CA`.
    Language(Key),
    /// What callers hear whose routing policy goes round in circles.
    Apology(Line),
    /// Which recordings users hear without being a manager.
    RecordingAccess(Access),
    /// Which voicemails users hear without being a manager.
    VoicemailAccess(Access),
    /// How many hours one line of the interaction report covers.
    ReportingInterval(ReportingHours),
    /// Whether an inbound call needs a wrap-up code.
    InboundWrapUp(WrapUpRule),
    /// Whether an outbound call needs a wrap-up code.
    OutboundWrapUp(WrapUpRule),
}

/// A tenant's settings as they stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// What people call the tenant.
    pub name: Name,
    /// How numbers without a country code are read.
    pub country: Country,
    /// The time zone of its reports and of users without one of their own.
    pub zone: ZoneName,
    /// What called people see; withheld until a number is chosen.
    pub caller_id: CallerId,
    /// What callers on hold and in queues hear; the platform's own music if none.
    pub hold_music: Option<SoundId>,
    /// The voice that reads texts aloud.
    pub voice: Key,
    /// The language of what callers hear; English.
    pub language: Key,
    /// What callers hear whose routing policy goes round in circles.
    pub apology: Line,
    /// Which recordings users hear without being a manager; their own.
    pub recording_access: Access,
    /// Which voicemails users hear without being a manager; their own.
    pub voicemail_access: Access,
    /// How many hours one line of the interaction report covers; 24.
    pub reporting_interval: ReportingHours,
    /// Whether an inbound call needs a wrap-up code; it does not.
    pub inbound_wrap_up: WrapUpRule,
    /// Whether an outbound call needs a wrap-up code; it does not.
    pub outbound_wrap_up: WrapUpRule,
}

impl Settings {
    pub(super) fn new(name: Name, country: Country, zone: ZoneName) -> Self {
        Self {
            name,
            country,
            zone,
            caller_id: CallerId::Withheld,
            hold_music: None,
            voice: Key::new("amy").expect("a short word is a key"),
            language: Key::new(LANGUAGE).expect("a short word is a key"),
            apology: Line::new(APOLOGY).expect("a short sentence"),
            recording_access: Access::default(),
            voicemail_access: Access::default(),
            reporting_interval: ReportingHours(24),
            inbound_wrap_up: WrapUpRule::default(),
            outbound_wrap_up: WrapUpRule::default(),
        }
    }

    /// Returns how a setting stands that `like` is another value of.
    fn now(&self, like: &Setting) -> Setting {
        match like {
            Setting::Name(_) => Setting::Name(self.name.clone()),
            Setting::Country(_) => Setting::Country(self.country),
            Setting::Zone(_) => Setting::Zone(self.zone.clone()),
            Setting::CallerId(_) => Setting::CallerId(self.caller_id.clone()),
            Setting::HoldMusic(_) => Setting::HoldMusic(self.hold_music),
            Setting::Voice(_) => Setting::Voice(self.voice.clone()),
            Setting::Language(_) => Setting::Language(self.language.clone()),
            Setting::Apology(_) => Setting::Apology(self.apology.clone()),
            Setting::RecordingAccess(_) => Setting::RecordingAccess(self.recording_access),
            Setting::VoicemailAccess(_) => Setting::VoicemailAccess(self.voicemail_access),
            Setting::ReportingInterval(_) => Setting::ReportingInterval(self.reporting_interval),
            Setting::InboundWrapUp(_) => Setting::InboundWrapUp(self.inbound_wrap_up),
            Setting::OutboundWrapUp(_) => Setting::OutboundWrapUp(self.outbound_wrap_up),
        }
    }

    pub(super) fn set(&mut self, setting: &Setting) {
        match setting.clone() {
            Setting::Name(name) => self.name = name,
            Setting::Country(country) => self.country = country,
            Setting::Zone(zone) => self.zone = zone,
            Setting::CallerId(caller_id) => self.caller_id = caller_id,
            Setting::HoldMusic(sound) => self.hold_music = sound,
            Setting::Voice(voice) => self.voice = voice,
            Setting::Language(language) => self.language = language,
            Setting::Apology(apology) => self.apology = apology,
            Setting::RecordingAccess(access) => self.recording_access = access,
            Setting::VoicemailAccess(access) => self.voicemail_access = access,
            Setting::ReportingInterval(hours) => self.reporting_interval = hours,
            Setting::InboundWrapUp(rule) => self.inbound_wrap_up = rule,
            Setting::OutboundWrapUp(rule) => self.outbound_wrap_up = rule,
        }
    }

    /// Returns whether a call in this direction needs a wrap-up code.
    #[must_use]
    pub const fn wrap_up_rule(&self, direction: Direction) -> WrapUpRule {
        match direction {
            Direction::Inbound => self.inbound_wrap_up,
            Direction::Outbound => self.outbound_wrap_up,
        }
    }
}

pub(super) fn create(state: &State, wanted: &Root) -> Decision {
    super::rejection::create(state.root.as_ref(), wanted, Thing::Tenant, || {
        Ok(vec![Event::Created {
            name: wanted.settings.name.clone(),
            home: wanted.home,
            country: wanted.settings.country,
            zone: wanted.settings.zone.clone(),
        }])
    })
}

pub(super) fn decide(state: &State, setting: Setting) -> Decision {
    let root = state.root.as_ref().ok_or(Rejection::NotCreated)?;
    let was = root.settings.now(&setting);
    change(&was, &setting, || {
        check(state, &setting)?;
        Ok(vec![Event::SettingChanged {
            was: was.clone(),
            now: setting.clone(),
        }])
    })
}

fn check(state: &State, setting: &Setting) -> Result<(), Rejection> {
    match setting {
        Setting::CallerId(caller_id) => check_caller_id(state, caller_id, "setting.caller_id"),
        Setting::HoldMusic(Some(sound)) => {
            let field = "setting.hold_music";
            let sound = state.sounds.known(sound, field, Thing::Sound)?;
            let playable = sound.latest.is_some();
            let silent = || invalid(field, "nothing was uploaded for this sound yet");
            playable.then_some(()).ok_or_else(silent)
        }
        Setting::Language(language) => Language::new(language.as_str())
            .map(drop)
            .map_err(|reason| invalid("setting.language", reason)),
        Setting::InboundWrapUp(rule) => check_wrap_up(state, *rule, Direction::Inbound),
        Setting::OutboundWrapUp(rule) => check_wrap_up(state, *rule, Direction::Outbound),
        Setting::Name(_)
        | Setting::Country(_)
        | Setting::Zone(_)
        | Setting::HoldMusic(None)
        | Setting::Voice(_)
        | Setting::Apology(_)
        | Setting::RecordingAccess(_)
        | Setting::VoicemailAccess(_)
        | Setting::ReportingInterval(_) => Ok(()),
    }
}

/// Refuses a caller ID that rests on a number which the tenant does not have or cannot call from.
pub(super) fn check_caller_id(
    state: &State,
    caller_id: &CallerId,
    field: &'static str,
) -> Result<(), Rejection> {
    let Some(number) = caller_id.number() else {
        return Ok(());
    };
    let number = state.numbers.known(number, field, Thing::Number)?;
    if number.details.capabilities.contains(&Capability::Voice) {
        Ok(())
    } else {
        Err(invalid(field, "the number carries no voice"))
    }
}

// A code that must be chosen from an empty list would hold every agent in wrap-up.
fn check_wrap_up(state: &State, rule: WrapUpRule, direction: Direction) -> Result<(), Rejection> {
    match rule {
        WrapUpRule::Mandatory if state.wrap_up.in_order(direction).is_empty() => Err(invalid(
            "setting.wrap_up",
            "there is no wrap-up code to choose in this direction",
        )),
        WrapUpRule::Mandatory | WrapUpRule::Optional => Ok(()),
    }
}

impl ReportingHours {
    /// Checks and takes an interval.
    ///
    /// # Errors
    /// [`InvalidReportingHours`] outside 1 to 48.
    pub const fn new(given: u8) -> Result<Self, InvalidReportingHours> {
        if 1 <= given && given <= 48 {
            Ok(Self(given))
        } else {
            Err(InvalidReportingHours { given })
        }
    }
}

impl TryFrom<u8> for ReportingHours {
    type Error = InvalidReportingHours;

    fn try_from(given: u8) -> Result<Self, InvalidReportingHours> {
        Self::new(given)
    }
}

impl From<ReportingHours> for u8 {
    fn from(hours: ReportingHours) -> Self {
        hours.0
    }
}

#[cfg(any(test, feature = "contract"))]
impl proptest::arbitrary::Arbitrary for ReportingHours {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;
        (1_u8..=48).prop_map(Self).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::stories::*;
    use crate::tenant::{Command, Tenant};
    use crate::testing::given;
    use crate::testing::sample::{number, text};

    #[test]
    fn nothing_is_done_with_a_tenant_that_is_not_created() {
        given::<Tenant>([])
            .when(Command::ChangeSetting(Setting::Name(text("Acme"))))
            .rejected(Rejection::NotCreated);
    }

    #[test]
    fn the_home_region_never_changes() {
        given::<Tenant>([created()])
            .when(create_at(Region::London))
            .nothing();
        given::<Tenant>([created()])
            .when(create_at(Region::Ohio))
            .rejected(Rejection::Exists { thing: Thing::Tenant });
    }

    #[test]
    fn regions_stand_in_for_each_other_in_pairs() {
        for region in [Region::Oregon, Region::Ohio, Region::London, Region::Frankfurt] {
            assert_eq!(region.pair().and_then(Region::pair), Some(region));
        }
        assert_eq!(Region::Singapore.pair(), None);
    }

    #[test]
    fn a_setting_changes_from_what_it_was() {
        let was = Setting::ReportingInterval(ReportingHours(24));
        let now = Setting::ReportingInterval(ReportingHours(1));
        given::<Tenant>([created()])
            .when(Command::ChangeSetting(was.clone()))
            .nothing();
        given::<Tenant>([created()])
            .when(Command::ChangeSetting(now.clone()))
            .then([Event::SettingChanged { was, now }]);
    }

    #[test]
    fn only_a_number_of_the_tenants_own_is_shown_as_its_caller_id() {
        let foreign = CallerId::Number(number("+442079460099"));
        given::<Tenant>([created(), allocated(LONDON)])
            .when(Command::ChangeSetting(Setting::CallerId(foreign)))
            .rejected(Rejection::Unknown {
                field: "setting.caller_id",
                thing: Thing::Number,
            });
    }

    #[test]
    fn a_language_is_written_as_speech_services_know_it() {
        let language = |tag| Setting::Language(text(tag));
        given::<Tenant>([created()])
            .when(Command::ChangeSetting(language("fr-CA")))
            .then([Event::SettingChanged {
                was: language("en"),
                now: language("fr-CA"),
            }]);
        given::<Tenant>([created()])
            .when(Command::ChangeSetting(language("French")))
            .rejected(invalid(
                "setting.language",
                "a language is expected, such as en or fr-CA",
            ));
    }

    #[test]
    fn a_wrap_up_code_is_not_demanded_from_an_empty_list() {
        let demand = Command::ChangeSetting(Setting::InboundWrapUp(WrapUpRule::Mandatory));
        given::<Tenant>([created()]).when(demand).rejected(invalid(
            "setting.wrap_up",
            "there is no wrap-up code to choose in this direction",
        ));
    }
}
