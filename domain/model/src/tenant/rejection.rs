//! How the tenant says no, and the few answers that all its decisions share.

use std::fmt;

use super::event::Event;
use super::licences::{Licence, Seats};

/// What a part of the tenant decides.
pub(super) type Decision = Result<Vec<Event>, Rejection>;

/// Something that a tenant has; a rejection names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// The tenant itself.
    Tenant,
    /// A setting of the tenant.
    Setting,
    /// One of its telephone numbers.
    Number,
    /// A user.
    User,
    /// A user's phone or browser.
    Device,
    /// An outside number of a user.
    AssociatedNumber,
    /// A group of users.
    Group,
    /// A skill.
    Skill,
    /// An availability profile.
    Profile,
    /// A state of an availability profile.
    AvailabilityState,
    /// Opening hours.
    Calendar,
    /// A wrap-up code.
    WrapUpCode,
    /// An entry of the block list.
    Block,
    /// A sound.
    Sound,
    /// A routing policy.
    RoutingPolicy,
    /// An API key.
    ApiKey,
    /// A wallboard's link.
    ShareLink,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tenant => "tenant",
            Self::Setting => "setting",
            Self::Number => "number",
            Self::User => "user",
            Self::Device => "device",
            Self::AssociatedNumber => "associated number",
            Self::Group => "group",
            Self::Skill => "skill",
            Self::Profile => "availability profile",
            Self::AvailabilityState => "availability state",
            Self::Calendar => "calendar",
            Self::WrapUpCode => "wrap-up code",
            Self::Block => "block-list entry",
            Self::Sound => "sound",
            Self::RoutingPolicy => "routing policy",
            Self::ApiKey => "API key",
            Self::ShareLink => "share link",
        })
    }
}

/// Why a command was refused. Each names the field or the thing, and the reason.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// Nothing can be done with a tenant before it is created.
    #[error("this tenant has not been created")]
    NotCreated,
    /// The id is taken by something else.
    #[error("there is another {thing} with this id already")]
    Exists {
        /// What it is.
        thing: Thing,
    },
    /// A reference leads nowhere.
    #[error("{field}: there is no such {thing}")]
    Unknown {
        /// Where the reference stood.
        field: &'static str,
        /// What it should have led to.
        thing: Thing,
    },
    /// Somebody or something else has what only one may have.
    #[error("{field}: another {thing} has it")]
    Taken {
        /// What was asked for.
        field: &'static str,
        /// What has it.
        thing: Thing,
    },
    /// It cannot go while something leads to it.
    #[error("the {thing} is still used by at least one {by}")]
    InUse {
        /// What was to go.
        thing: Thing,
        /// What leads to it.
        by: Thing,
    },
    /// A value has the wrong shape.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field's name, with its place in a list: `hours.week[3].until`.
        field: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No extension is left.
    #[error("extension: all from 2000 to 7999 are taken")]
    NoExtensionFree,
    /// Somebody has to be able to undo this.
    #[error("user: the last active admin stays an admin")]
    LastAdmin,
    /// All that were bought are in use.
    #[error("{licence}: none of the {purchased} purchased is free")]
    NoLicenceFree {
        /// What was to be granted.
        licence: Licence,
        /// How many there are.
        purchased: Seats,
    },
    /// Two licences that one user cannot have together.
    #[error("{licence}: the user has {other}, which excludes it")]
    Excluded {
        /// What was to be granted.
        licence: Licence,
        /// What stands against it.
        other: Licence,
    },
    /// Fewer would be left than are in use.
    #[error("{field}: {in_use} are in use")]
    FewerThanInUse {
        /// What was to be lowered.
        field: &'static str,
        /// How many there must be at least.
        in_use: Seats,
    },
    /// The tenant has as many numbers as it may have.
    #[error("number: all {allowed} that were ordered are allocated")]
    NoNumberAllowed {
        /// How many there may be.
        allowed: Seats,
    },
}

/// Makes the rejection of a value.
pub(super) fn invalid(field: impl Into<String>, reason: &'static str) -> Rejection {
    Rejection::Invalid {
        field: field.into(),
        reason,
    }
}

/// Decides about something new: nothing if just this is there, refused if its id is taken by something else.
pub(super) fn create<T: PartialEq>(
    there: Option<&T>,
    wanted: &T,
    thing: Thing,
    fresh: impl FnOnce() -> Decision,
) -> Decision {
    match there {
        None => fresh(),
        Some(there) if there == wanted => Ok(vec![]),
        Some(_) => Err(Rejection::Exists { thing }),
    }
}

/// Decides about a change: nothing if it is so already.
pub(super) fn change<T: PartialEq + ?Sized>(
    there: &T,
    wanted: &T,
    changed: impl FnOnce() -> Decision,
) -> Decision {
    if there == wanted { Ok(vec![]) } else { changed() }
}
