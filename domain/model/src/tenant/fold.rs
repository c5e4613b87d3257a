//! What each event means for a tenant's state.

use super::access::{ApiKey, Validity};
use super::devices::DeviceDetails;
use super::event::Event as E;
use super::groups::Group;
use super::numbers::Number;
use super::settings::{Region, Settings};
use super::sounds::Sound;
use super::users::{Standing, User};
use super::{Root, State};
use crate::ids::DeviceId;

pub(super) fn evolve(mut state: State, event: &E) -> State {
    let s = &mut state;
    match event {
        E::Created {
            name,
            home,
            country,
            zone,
        } => s.created(*home, Settings::new(name.clone(), *country, zone.clone())),
        E::SettingChanged { now, .. } => s.root.iter_mut().for_each(|root| root.settings.set(now)),
        E::NumberAllowanceChanged { now, .. } => s.number_allowance = *now,
        E::NumberAllocated { number, details } => s.numbers.put(number, Number::new(details.clone())),
        E::NumberReleased { number } => s.numbers.remove(number),
        E::NumberLabelled { number, now, .. } => s.numbers.edit(number, |n| n.label.clone_from(now)),
        E::NumberAssigned { number, now, .. } => s.numbers.edit(number, |n| n.assignment = *now),
        E::NumberLocalPresenceSet { number, now } => s.numbers.edit(number, |n| n.local_presence = *now),
        E::UserCreated { user, account } => s.users.put(user, User::new(account.clone())),
        E::UserIdentified { user, identity } => s.users.edit(user, |u| u.account.identity = identity.clone()),
        E::UserDeactivated { user } => s.users.edit(user, |u| u.standing = Standing::Inactive),
        E::UserReactivated { user, extension } => s.users.edit(user, |u| u.come_back(*extension)),
        E::UserRoleChanged { user, now, .. } => s.users.edit(user, |u| u.account.role = *now),
        E::UserExtensionChanged { user, now, .. } => s.users.edit(user, |u| u.account.extension = *now),
        E::UserPinSet { user, pin } => s.users.edit(user, |u| u.pin = Some(pin.clone())),
        E::UserPinCleared { user } => s.users.edit(user, |u| u.pin = None),
        E::UserSettingChanged { user, now, .. } => s.users.edit(user, |u| u.settings.set(now)),
        E::DeviceAdded { device, details } => s.device_added(*device, details),
        E::DeviceRemoved { device } => s.device_removed(*device),
        E::RingOrderChanged { user, now, .. } => s.users.edit(user, |u| u.ring_order = now.to_vec()),
        E::AssociatedNumberAdded { associated, details } => s.associated.put(associated, details.clone()),
        E::AssociatedNumberRemoved { associated } => s.associated.remove(associated),
        E::LicencesPurchased { licence, now, .. } => s.purchases.put(licence, *now),
        E::LicenceGranted { user, licence } => s.users.edit(user, |u| u.license(*licence)),
        E::LicenceRevoked { user, licence } => s.users.edit(user, |u| u.unlicense(*licence)),
        E::GroupCreated { group, details } => s.groups.put(group, Group::new(details.clone())),
        E::GroupChanged { group, details } => s.groups.edit(group, |g| g.details = details.clone()),
        E::GroupRemoved { group } => s.groups.remove(group),
        E::GroupMemberAdded { group, user, place } => s.groups.edit(group, |g| g.seat(*user, *place)),
        E::GroupMemberMoved { group, user, place } => s.groups.edit(group, |g| g.seat(*user, *place)),
        E::GroupMemberRemoved { group, user } => s.groups.edit(group, |g| g.remove(*user)),
        E::SkillCreated { skill, details } => s.skills.put(skill, details.clone()),
        E::SkillChanged { skill, details } => s.skills.edit(skill, |x| x.clone_from(details)),
        E::SkillRetired { skill } => s.skills.remove(skill),
        E::SkillAssigned { user, skill, level } => s.users.edit(user, |u| u.learn(*skill, *level)),
        E::SkillUnassigned { user, skill } => s.users.edit(user, |u| u.unlearn(*skill)),
        E::ProfileCreated { profile, name } => s.profiles.put(profile, name.clone()),
        E::ProfileRenamed { profile, name } => s.profiles.edit(profile, |x| x.clone_from(name)),
        E::ProfileRemoved { profile } => s.profiles.remove(profile),
        E::StateAdded { state, details } => s.states.put(state, details.clone()),
        E::StateChanged { state, details } => s.states.edit(state, |x| x.clone_from(details)),
        E::StateRemoved { state } => s.states.remove(state),
        E::CalendarCreated { calendar, hours } => s.calendars.put(calendar, hours.clone()),
        E::CalendarChanged { calendar, hours } => s.calendars.edit(calendar, |x| x.clone_from(hours)),
        E::CalendarRemoved { calendar } => s.calendars.remove(calendar),
        E::WrapUpCodeAdded { code, details } => s.wrap_up.add(*code, details),
        E::WrapUpCodeChanged { code, details } => s.wrap_up.codes.edit(code, |c| c.clone_from(details)),
        E::WrapUpCodeRetired { code } => s.wrap_up.retire(*code),
        E::WrapUpCodesOrdered { direction, order } => s.wrap_up.order(*direction, order),
        E::CallerBlocked { block, details } => s.blocks.put(block, details.clone()),
        E::CallerUnblocked { block } => s.blocks.remove(block),
        E::SoundCreated { sound, name } => s.sounds.put(sound, Sound::new(name.clone())),
        E::SoundRenamed { sound, name } => s.sounds.edit(sound, |x| x.name = name.clone()),
        E::SoundUploaded { sound, version } => s.sounds.edit(sound, |x| x.latest = Some(*version)),
        E::SoundRemoved { sound } => s.sounds.remove(sound),
        E::ApiKeyCreated { key, details } => s.api_keys.put(key, ApiKey::new(details.clone())),
        E::ApiKeyRevoked { key } => s.api_keys.edit(key, |k| k.validity = Validity::Revoked),
        E::ShareLinkCreated { link, details } => s.share_links.put(link, details.clone()),
        E::ShareLinkRevoked { link } => s.share_links.remove(link),
    }
    state
}

impl State {
    fn created(&mut self, home: Region, settings: Settings) {
        self.root = Some(Root { home, settings });
    }

    fn device_added(&mut self, device: DeviceId, details: &DeviceDetails) {
        self.devices.put(&device, details.clone());
        self.users
            .edit(&details.owner, |user| user.ring_order.push(device));
    }

    fn device_removed(&mut self, device: DeviceId) {
        let owner = self.devices.get(&device).map(|details| details.owner);
        self.devices.remove(&device);
        if let Some(owner) = owner {
            self.users
                .edit(&owner, |user| user.ring_order.retain(|other| *other != device));
        }
    }
}
