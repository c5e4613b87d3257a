//! Settings that a user has of their own, over those of the tenant.

use serde::{Deserialize, Serialize};

use crate::ids::{AssociatedNumberId, ProfileId, UserId};
use crate::{PhoneNumber, Private, Timestamp};

use super::State;
use super::event::Event;
use super::rejection::{Decision, Rejection, Thing, change, invalid};
use super::settings::{Access, CallerId, check_caller_id};
use super::users::{User, own_data};
use super::zone::ZoneName;

/// What called people see when this user rings them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", content = "caller_id", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum UserCallerId {
    /// What the tenant shows.
    #[default]
    Tenant,
    /// What is said here.
    Own(CallerId),
    /// One of the user's associated numbers.
    Associated(AssociatedNumberId),
}

/// Where a user's calls go while they are away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub struct Divert {
    /// The first moment of the absence.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
    /// Where the calls go.
    pub to: DivertTo,
}

/// Where diverted calls go. What rings there is not diverted again, so that no two users divert to each other for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", content = "target", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum DivertTo {
    /// To the user's voicemail.
    Voicemail,
    /// To a colleague.
    User(UserId),
    /// To an outside number of the user's own.
    Number(Private<PhoneNumber>),
}

/// What a user is sent when somebody left them a voicemail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum VoicemailNotice {
    /// Nothing.
    Nothing,
    /// An email that says so.
    #[default]
    Email,
    /// An email with the message attached.
    EmailWithAudio,
}

/// One setting of a user and its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "setting", content = "value", rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum UserSetting {
    /// Their time zone; the tenant's if none.
    Zone(Option<ZoneName>),
    /// What called people see.
    CallerId(UserCallerId),
    /// The availability profile from which they choose a state, if they take part in that.
    Profile(Option<ProfileId>),
    /// Which recordings they hear without being a manager; as the tenant says if not set.
    RecordingAccess(Option<Access>),
    /// Which voicemails they hear without being a manager; as the tenant says if not set.
    VoicemailAccess(Option<Access>),
    /// What they are sent when somebody left a voicemail.
    VoicemailNotice(VoicemailNotice),
    /// Where their calls go while they are away.
    Divert(Option<Divert>),
}

/// A user's settings as they stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct UserSettings {
    /// Their time zone; the tenant's if none.
    pub zone: Option<ZoneName>,
    /// What called people see.
    pub caller_id: UserCallerId,
    /// The availability profile from which they choose a state.
    pub profile: Option<ProfileId>,
    /// Which recordings they hear without being a manager; as the tenant says if not set.
    pub recording_access: Option<Access>,
    /// Which voicemails they hear without being a manager; as the tenant says if not set.
    pub voicemail_access: Option<Access>,
    /// What they are sent when somebody left a voicemail.
    pub voicemail_notice: VoicemailNotice,
    /// Where their calls go while they are away.
    pub divert: Option<Divert>,
}

impl UserCallerId {
    /// Returns the number of the tenant's that it names, if it names one.
    pub(super) const fn number(&self) -> Option<&PhoneNumber> {
        match self {
            Self::Own(caller_id) => caller_id.number(),
            Self::Tenant | Self::Associated(_) => None,
        }
    }
}

impl Divert {
    /// Returns where calls go at a moment, if not to the user.
    #[must_use]
    pub fn at(&self, moment: Timestamp) -> Option<&DivertTo> {
        (self.from <= moment && moment < self.until).then_some(&self.to)
    }
}

impl UserSettings {
    /// Returns how a setting stands that `like` is another value of.
    fn now(&self, like: &UserSetting) -> UserSetting {
        match like {
            UserSetting::Zone(_) => UserSetting::Zone(self.zone.clone()),
            UserSetting::CallerId(_) => UserSetting::CallerId(self.caller_id.clone()),
            UserSetting::Profile(_) => UserSetting::Profile(self.profile),
            UserSetting::RecordingAccess(_) => UserSetting::RecordingAccess(self.recording_access),
            UserSetting::VoicemailAccess(_) => UserSetting::VoicemailAccess(self.voicemail_access),
            UserSetting::VoicemailNotice(_) => UserSetting::VoicemailNotice(self.voicemail_notice),
            UserSetting::Divert(_) => UserSetting::Divert(self.divert.clone()),
        }
    }

    pub(super) fn set(&mut self, setting: &UserSetting) {
        match setting.clone() {
            UserSetting::Zone(zone) => self.zone = zone,
            UserSetting::CallerId(caller_id) => self.caller_id = caller_id,
            UserSetting::Profile(profile) => self.profile = profile,
            UserSetting::RecordingAccess(access) => self.recording_access = access,
            UserSetting::VoicemailAccess(access) => self.voicemail_access = access,
            UserSetting::VoicemailNotice(notice) => self.voicemail_notice = notice,
            UserSetting::Divert(divert) => self.divert = divert,
        }
    }

    /// Returns the settings that are not as a new user's, and how these would be.
    pub(super) fn changed(&self) -> Vec<(UserSetting, UserSetting)> {
        let fresh = Self::default();
        let defaults = [
            UserSetting::Zone(fresh.zone),
            UserSetting::CallerId(fresh.caller_id),
            UserSetting::Profile(fresh.profile),
            UserSetting::RecordingAccess(fresh.recording_access),
            UserSetting::VoicemailAccess(fresh.voicemail_access),
            UserSetting::VoicemailNotice(fresh.voicemail_notice),
            UserSetting::Divert(fresh.divert),
        ];
        let pairs = defaults.into_iter().map(|fresh| (self.now(&fresh), fresh));
        pairs.filter(|(now, fresh)| now != fresh).collect()
    }

    pub(super) fn diverts_to(&self, user: UserId) -> bool {
        let to = self.divert.as_ref().map(|divert| &divert.to);
        to == Some(&DivertTo::User(user))
    }
}

pub(super) fn decide(state: &State, user: UserId, setting: UserSetting) -> Decision {
    let entry = state.user(&user, "user")?;
    let was = entry.settings.now(&setting);
    change(&was, &setting, || {
        check(state, user, entry, &setting)?;
        Ok(vec![Event::UserSettingChanged {
            user,
            was: was.clone(),
            now: setting.clone(),
        }])
    })
}

fn check(state: &State, id: UserId, user: &User, setting: &UserSetting) -> Result<(), Rejection> {
    match setting {
        UserSetting::CallerId(UserCallerId::Own(caller_id)) => {
            check_caller_id(state, caller_id, "setting.caller_id")
        }
        UserSetting::CallerId(UserCallerId::Associated(associated)) => {
            let (field, thing) = ("setting.caller_id", Thing::AssociatedNumber);
            let entry = state.associated.known(associated, field, thing)?;
            let not_theirs = Rejection::Taken {
                field,
                thing: Thing::User,
            };
            (entry.owner == id).then_some(()).ok_or(not_theirs)
        }
        UserSetting::Profile(Some(profile)) => {
            let (field, thing) = ("setting.profile", Thing::Profile);
            state.profiles.known(profile, field, thing).map(drop)
        }
        UserSetting::Divert(Some(divert)) => check_divert(state, id, user, divert),
        UserSetting::Zone(_)
        | UserSetting::CallerId(UserCallerId::Tenant)
        | UserSetting::Profile(None)
        | UserSetting::RecordingAccess(_)
        | UserSetting::VoicemailAccess(_)
        | UserSetting::VoicemailNotice(_)
        | UserSetting::Divert(None) => Ok(()),
    }
}

fn check_divert(state: &State, id: UserId, user: &User, divert: &Divert) -> Result<(), Rejection> {
    if divert.until <= divert.from {
        return Err(invalid("setting.divert.until", "it is not after from"));
    }
    let field = "setting.divert.to";
    match &divert.to {
        DivertTo::Voicemail => Ok(()),
        DivertTo::User(other) if *other == id => Err(invalid(field, "a user cannot stand in for themselves")),
        DivertTo::User(other) => state.user(other, field).map(drop),
        DivertTo::Number(number) => own_data(user, number, field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::stories::*;
    use crate::tenant::{Command, Tenant, users};
    use crate::testing::given;
    use crate::testing::sample::at;

    #[test]
    fn calls_go_elsewhere_while_a_user_is_away_and_not_a_moment_longer() {
        let settings = UserSettings {
            divert: Some(Divert {
                from: at(10),
                until: at(20),
                to: DivertTo::Voicemail,
            }),
            ..UserSettings::default()
        };
        let places =
            [9, 10, 19, 20].map(|second| settings.divert.as_ref().and_then(|divert| divert.at(at(second))));
        assert_eq!(
            places,
            [None, Some(&DivertTo::Voicemail), Some(&DivertTo::Voicemail), None]
        );
        given::<Tenant>([created(), joined(ANN, 2000)])
            .when(Command::Users(users::Command::ChangeSetting {
                user: ANN,
                setting: UserSetting::Divert(Some(Divert {
                    from: at(0),
                    until: at(3600),
                    to: DivertTo::User(BOB),
                })),
            }))
            .rejected(Rejection::Unknown {
                field: "setting.divert.to",
                thing: Thing::User,
            });
    }
}
