//! Start blocks: what begins a routing policy, and where it goes from there.

use super::declare::{choice, object, words};
use super::known::Plain;
use super::shape::Reading;
use super::words::{ApiName, Count, NodeKey, Pattern};
use crate::conversation::channel::{Address, Channel};
use crate::phone::Country;
use crate::routing_policy::start::{PolicyKind, Start};
use crate::text::{Key, Name};
use crate::{Event as _, PhoneNumber};

object! {
    /// A start block.
    pub struct StartBlock {
        /// Its id.
        id: NodeKey,
        /// What people call it.
        title: Option<Name>,
        /// Where it is on the canvas.
        at: Option<super::containers::Place>,
        /// What begins here.
        start: Begin,
        /// The container that comes first.
        next: Option<NodeKey>,
    }
    node true
}

choice! {
    /// What begins at a start block.
    pub enum Begin by "is" {
        /// A call to a number of ours.
        Number "number" (AtNumber),
        /// A call to an extension.
        Extension "extension" (AtExtension),
        /// A call to a destination that other policies and devices name.
        Destination "destination" (AtDestination),
        /// A call over a SIP trunk.
        Trunk "trunk" (AtTrunk),
        /// A call to a user's or group's own number or extension.
        DirectNumbers "direct_numbers" (Plain),
        /// A message to an address of ours.
        Address "address" (AtAddress),
        /// Any message, in either direction.
        Message "message" (Plain),
        /// An event of the platform.
        Event "event" (AtEvent),
        /// Another routing policy hands over.
        FromPolicy "from_policy" (FromPolicy),
    }
}

object! {
    /// A number of ours, and how calls to it are taken.
    pub struct AtNumber {
        /// The number.
        number: PhoneNumber,
        /// How often it rings before the call is answered.
        rings: Count<0, 20> = Count::nearest(0),
        /// Which ringing tone the caller hears.
        ringtone: Ringtone = Ringtone::ByCaller,
        /// The country by which numbers without a country code are read that keys or macros give as whom to ring or as
        /// what to show; without it such numbers are none.
        country: Option<Country>,
        /// What phones show instead of the caller's name, unless the policy sets one. `$(CallerName)` does not hold it.
        caller_name: Option<Name>,
        /// What people call the number.
        label: Option<Name>,
    }
}

words! {
    /// Which ringing tone a caller hears.
    pub enum Ringtone {
        /// That of the caller's country.
        ByCaller "by_caller",
        /// The United Kingdom's.
        Uk "uk",
        /// Australia's.
        Au "au",
        /// France's.
        Fr "fr",
        /// India's.
        In "in",
        /// Thailand's.
        Th "th",
        /// The United States'.
        Us "us",
        /// A gong.
        Gong "gong",
    }
}

object! {
    /// An extension, or all that are as a pattern says.
    pub struct AtExtension {
        /// The extension, or a pattern of extensions such as `8xxx`. Of several patterns that fit, in one policy or in
        /// several, the one counts that the fewest extensions fit.
        pattern: Pattern,
    }
}

object! {
    /// A destination that others name.
    pub struct AtDestination {
        /// Its name.
        name: Key,
    }
}

object! {
    /// A SIP trunk.
    pub struct AtTrunk {
        /// Its name.
        trunk: Key,
    }
}

object! {
    /// An address of ours.
    pub struct AtAddress {
        /// The channel.
        channel: Channel,
        /// The address.
        address: Address,
    }
}

object! {
    /// An event of the platform.
    pub struct AtEvent {
        /// Its kind: one that a call records, such as `CallEnded`, but for what policies themselves do.
        kind: ApiName,
    }
    check |event: &AtEvent, at: &mut Reading| {
        if event.kind.as_str().len() > 64 {
            at.fault_in("kind", "no kind of event has a name as long as that");
        }
    }
}

object! {
    /// Where calls come in that another policy hands over.
    pub struct FromPolicy {
        /// The name by which the other policy chooses this start; without one it is where all others go.
        entry: Option<Key>,
    }
}

/// What calls record that begins no policy: what policies themselves do, or they would never end.
const OF_POLICIES: [&str; 9] = [
    "CallPropertiesSet",
    "CallPolicyEntered",
    "CallStepDecided",
    "CallSkillsRequested",
    "CallPromptPlayed",
    "CallDigitsCollected",
    "CallLookupRequested",
    "CallLookupAnswered",
    "CallLookupTimedOut",
];

/// Returns the kinds of events that can begin a policy: what calls record, in the order of their catalogue.
///
/// A policy that an event begins runs in the stream of its call, so that nothing else can begin one.
pub fn beginning_kinds() -> impl Iterator<Item = &'static str> {
    let kinds = crate::call::Event::CATALOGUE.iter().map(|doc| doc.kind);
    kinds.filter(|kind| !OF_POLICIES.contains(kind))
}

impl Begin {
    /// Returns it as what is bound to the policy; none for what another policy hands over, which needs no binding.
    #[must_use]
    pub fn bound(&self) -> Option<Start> {
        Some(match self {
            Self::Number(at) => Start::Number {
                number: at.number.clone(),
            },
            Self::Extension(at) => Start::Extension {
                pattern: key(at.pattern.as_str()),
            },
            Self::Destination(at) => Start::Destination {
                name: at.name.clone(),
            },
            Self::Trunk(at) => Start::Trunk {
                trunk: at.trunk.clone(),
            },
            Self::DirectNumbers(Plain) => Start::DirectNumbers,
            Self::Address(at) => Start::Address {
                channel: at.channel,
                address: at.address.clone(),
            },
            Self::Message(Plain) => Start::Message,
            Self::Event(at) => Start::Event {
                kind: key(at.kind.as_str()),
            },
            Self::FromPolicy(_) => return None,
        })
    }

    /// Returns the number of ours that it is, with how calls to it are taken.
    #[must_use]
    pub const fn number(&self) -> Option<&AtNumber> {
        match self {
            Self::Number(at) => Some(at),
            Self::Extension(_)
            | Self::Destination(_)
            | Self::Trunk(_)
            | Self::DirectNumbers(_)
            | Self::Address(_)
            | Self::Message(_)
            | Self::Event(_)
            | Self::FromPolicy(_) => None,
        }
    }

    /// Says whether a policy of some kind can begin with this.
    #[must_use]
    pub fn begins(&self, kind: PolicyKind) -> bool {
        self.bound().map_or_else(
            || match kind {
                PolicyKind::Call | PolicyKind::System | PolicyKind::DataAnalytics => true,
                PolicyKind::Digital => false,
            },
            |start| start.begins(kind),
        )
    }
}

fn key(text: &str) -> Key {
    Key::new(text).expect("1 to 64 visible characters were checked when it was read")
}
