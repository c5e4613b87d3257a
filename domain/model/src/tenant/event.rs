//! What happens to a tenant, as it is stored.

use crate::few::Few;
use crate::ids::{
    ApiKeyId, AssociatedNumberId, BlockId, CalendarId, DeviceId, GroupId, ProfileId, ShareLinkId, SkillId,
    SoundId, StateId, UserId, WrapUpCodeId,
};
use crate::phone::Country;
use crate::skills::SkillLevel;
use crate::text::Name;
use crate::{PhoneNumber, Private};

use super::access::{ApiKeyDetails, ShareLink};
use super::availability::AvailabilityState;
use super::blocks::Block;
use super::devices::{AssociatedNumber, DEVICES_MAX, DeviceDetails};
use super::extension::Extension;
use super::groups::GroupDetails;
use super::hours::Hours;
use super::licences::{Licence, Seats};
use super::numbers::{Assignment, LocalPresence, NumberDetails};
use super::people::{Identity, PinHash, Role};
use super::settings::{Region, Setting};
use super::skills::SkillDetails;
use super::sounds::SoundVersion;
use super::user_settings::UserSetting;
use super::users::Account;
use super::wrap_up::{CODES_MAX, Direction, WrapUpCode};
use super::zone::ZoneName;

crate::events! {
    /// What happened to a tenant. Who did it, and when, is in each event's metadata.
    pub enum Event of "Tenant" {
        /// A customer organisation came on board.
        Created {
            /// What people call it.
            name: Name,
            /// Where its calls are handled and its data is kept; this never changes.
            home: Region,
            /// How numbers without a country code are read.
            country: Country,
            /// The time zone of its reports and of users without one of their own.
            zone: ZoneName,
        },
        /// A setting of the whole tenant got another value.
        SettingChanged {
            /// The setting and its value before.
            was: Setting,
            /// The same setting and its value from now on.
            now: Setting,
        },
        /// More or fewer numbers were ordered.
        NumberAllowanceChanged {
            /// How many the tenant could have before.
            was: Seats,
            /// How many it may have from now on.
            now: Seats,
        },
        /// The tenant got a number from the stock. It leads nowhere yet.
        NumberAllocated {
            /// The number.
            number: PhoneNumber,
            /// What the stock knows of it.
            details: NumberDetails,
        },
        /// The tenant gave a number back to the stock.
        NumberReleased {
            /// The number.
            number: PhoneNumber,
        },
        /// A number got a name, or lost it.
        NumberLabelled {
            /// The number.
            number: PhoneNumber,
            /// What it was called.
            was: Option<Name>,
            /// What it is called from now on.
            now: Option<Name>,
        },
        /// Calls and messages to a number go elsewhere.
        NumberAssigned {
            /// The number.
            number: PhoneNumber,
            /// Where it led.
            was: Assignment,
            /// Where it leads from now on.
            now: Assignment,
        },
        /// It was settled whether a number may be shown because it is near the called one.
        NumberLocalPresenceSet {
            /// The number.
            number: PhoneNumber,
            /// Whether it may, from now on.
            now: LocalPresence,
        },
        /// A person got an account.
        UserCreated {
            /// The user.
            user: UserId,
            /// What they are to the tenant.
            account: Account,
        },
        /// A user's name or address changed.
        UserIdentified {
            /// The user.
            user: UserId,
            /// Who they are from now on.
            identity: Identity,
        },
        /// A user left. Events before this one took back all that they had; their extension is free.
        UserDeactivated {
            /// The user.
            user: UserId,
        },
        /// A user came back, with an account as new.
        UserReactivated {
            /// The user.
            user: UserId,
            /// Their extension from now on.
            extension: Extension,
        },
        /// A user's role changed.
        UserRoleChanged {
            /// The user.
            user: UserId,
            /// What they were.
            was: Role,
            /// What they are from now on.
            now: Role,
        },
        /// A user's extension changed.
        UserExtensionChanged {
            /// The user.
            user: UserId,
            /// What colleagues dialled.
            was: Extension,
            /// What they dial from now on.
            now: Extension,
        },
        /// A user's PIN was set.
        UserPinSet {
            /// The user.
            user: UserId,
            /// What a PIN is checked against from now on; never the PIN.
            pin: Private<PinHash>,
        },
        /// A user's PIN was taken away.
        UserPinCleared {
            /// The user.
            user: UserId,
        },
        /// One of a user's own settings got another value.
        UserSettingChanged {
            /// The user.
            user: UserId,
            /// The setting and its value before.
            was: UserSetting,
            /// The same setting and its value from now on.
            now: UserSetting,
        },
        /// A user got a device; it rings after those that they had.
        DeviceAdded {
            /// The device.
            device: DeviceId,
            /// Whose it is, and what.
            details: DeviceDetails,
        },
        /// A device was taken away; it rings no more.
        DeviceRemoved {
            /// The device.
            device: DeviceId,
        },
        /// A user's devices ring in another order.
        RingOrderChanged {
            /// The user.
            user: UserId,
            /// The order before.
            was: Few<DeviceId, DEVICES_MAX>,
            /// The order from now on; a device that is left out does not ring.
            now: Few<DeviceId, DEVICES_MAX>,
        },
        /// An outside number of a user was taken down.
        AssociatedNumberAdded {
            /// Its id.
            associated: AssociatedNumberId,
            /// Whose it is, and what.
            details: AssociatedNumber,
        },
        /// An outside number of a user was forgotten.
        AssociatedNumberRemoved {
            /// Its id.
            associated: AssociatedNumberId,
        },
        /// More or fewer of a licence were bought.
        LicencesPurchased {
            /// The licence.
            licence: Licence,
            /// How many there were.
            was: Seats,
            /// How many there are from now on.
            now: Seats,
        },
        /// A user got a licence.
        LicenceGranted {
            /// The user.
            user: UserId,
            /// The licence.
            licence: Licence,
        },
        /// A user lost a licence.
        LicenceRevoked {
            /// The user.
            user: UserId,
            /// The licence.
            licence: Licence,
        },
        /// A group was made, without members at first.
        GroupCreated {
            /// The group.
            group: GroupId,
            /// What it is.
            details: GroupDetails,
        },
        /// A group's name, purposes, extension or pickup code changed.
        GroupChanged {
            /// The group.
            group: GroupId,
            /// What it is from now on.
            details: GroupDetails,
        },
        /// A group ended. Its memberships ended by events before this one.
        GroupRemoved {
            /// The group.
            group: GroupId,
        },
        /// A user became a member of a group.
        GroupMemberAdded {
            /// The group.
            group: GroupId,
            /// The user.
            user: UserId,
            /// Their place: a lower number is asked first.
            place: u16,
        },
        /// A member of a group got another place.
        GroupMemberMoved {
            /// The group.
            group: GroupId,
            /// The user.
            user: UserId,
            /// Their place from now on: a lower number is asked first.
            place: u16,
        },
        /// A user is no longer a member of a group.
        GroupMemberRemoved {
            /// The group.
            group: GroupId,
            /// The user.
            user: UserId,
        },
        /// A skill was defined.
        SkillCreated {
            /// The skill.
            skill: SkillId,
            /// What it is.
            details: SkillDetails,
        },
        /// A skill's name, description or default level changed.
        SkillChanged {
            /// The skill.
            skill: SkillId,
            /// What it is from now on.
            details: SkillDetails,
        },
        /// A skill was given up. Users lost it by events before this one.
        SkillRetired {
            /// The skill.
            skill: SkillId,
        },
        /// A user got a skill, or another level of it.
        SkillAssigned {
            /// The user.
            user: UserId,
            /// The skill.
            skill: SkillId,
            /// How well they have it from now on.
            level: SkillLevel,
        },
        /// A user no longer has a skill.
        SkillUnassigned {
            /// The user.
            user: UserId,
            /// The skill.
            skill: SkillId,
        },
        /// An availability profile was made, without states at first.
        ProfileCreated {
            /// The profile.
            profile: ProfileId,
            /// What people call it.
            name: Name,
        },
        /// An availability profile got another name.
        ProfileRenamed {
            /// The profile.
            profile: ProfileId,
            /// What people call it from now on.
            name: Name,
        },
        /// An availability profile ended. Its states ended by events before this one.
        ProfileRemoved {
            /// The profile.
            profile: ProfileId,
        },
        /// Agents can choose another state.
        StateAdded {
            /// The state.
            state: StateId,
            /// What it is, and of which profile.
            details: AvailabilityState,
        },
        /// A state means something else for whoever chooses it from now on.
        StateChanged {
            /// The state.
            state: StateId,
            /// What it is from now on.
            details: AvailabilityState,
        },
        /// A state can be chosen no more.
        StateRemoved {
            /// The state.
            state: StateId,
        },
        /// Opening hours were written down.
        CalendarCreated {
            /// The calendar.
            calendar: CalendarId,
            /// When it is open.
            hours: Hours,
        },
        /// Opening hours changed.
        CalendarChanged {
            /// The calendar.
            calendar: CalendarId,
            /// When it is open from now on.
            hours: Hours,
        },
        /// Opening hours were struck out.
        CalendarRemoved {
            /// The calendar.
            calendar: CalendarId,
        },
        /// A wrap-up code was added at the end of its direction's list.
        WrapUpCodeAdded {
            /// The code.
            code: WrapUpCodeId,
            /// What it is.
            details: WrapUpCode,
        },
        /// A wrap-up code's label, number or place in the tree changed.
        WrapUpCodeChanged {
            /// The code.
            code: WrapUpCodeId,
            /// What it is from now on.
            details: WrapUpCode,
        },
        /// A wrap-up code can be chosen no more. What was filed under it stays.
        WrapUpCodeRetired {
            /// The code.
            code: WrapUpCodeId,
        },
        /// The wrap-up codes of a direction were put in another order.
        WrapUpCodesOrdered {
            /// The direction.
            direction: Direction,
            /// All of its codes, first to be shown first.
            order: Few<WrapUpCodeId, CODES_MAX>,
        },
        /// A caller was put on the block list.
        CallerBlocked {
            /// The entry.
            block: BlockId,
            /// Whom it keeps out, and why.
            details: Block,
        },
        /// A caller was taken off the block list.
        CallerUnblocked {
            /// The entry.
            block: BlockId,
        },
        /// A sound was made, silent at first.
        SoundCreated {
            /// The sound.
            sound: SoundId,
            /// What people call it.
            name: Name,
        },
        /// A sound got another name.
        SoundRenamed {
            /// The sound.
            sound: SoundId,
            /// What people call it from now on.
            name: Name,
        },
        /// A sound has new content; it is played from now on.
        SoundUploaded {
            /// The sound.
            sound: SoundId,
            /// The version and its content.
            version: SoundVersion,
        },
        /// A sound was struck out.
        SoundRemoved {
            /// The sound.
            sound: SoundId,
        },
        /// A program got a key.
        ApiKeyCreated {
            /// The key.
            key: ApiKeyId,
            /// What it opens, and the hash of its secret.
            details: ApiKeyDetails,
        },
        /// A program's key was made worthless.
        ApiKeyRevoked {
            /// The key.
            key: ApiKeyId,
        },
        /// A wallboard was shared by a link.
        ShareLinkCreated {
            /// The link.
            link: ShareLinkId,
            /// What it shows, and the hash of its secret.
            details: ShareLink,
        },
        /// A link to a wallboard was made worthless.
        ShareLinkRevoked {
            /// The link.
            link: ShareLinkId,
        },
    }
}
