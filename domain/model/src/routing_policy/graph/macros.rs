//! The built-in macros: what texts can say about a contact, a moment, a message or an event.

use crate::routing_policy::start::PolicyKind;

/// What a macro holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// Any text.
    Text,
    /// A whole number.
    Number,
    /// A number in E.164.
    PhoneNumber,
    /// A date: `2026-11-22`.
    Date,
    /// A time of day: `17:30`.
    Time,
    /// A moment: `2026-11-22T17:30:00Z`.
    Moment,
    /// An id.
    Id,
}

/// What a macro is about: the heading under which people pick it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// Who calls, and whom.
    Call,
    /// The date and the time.
    Moment,
    /// The queue that the caller waits or waited in.
    Queue,
    /// The agent who took the call.
    Agent,
    /// What the caller pressed and where they came by.
    Way,
    /// The message.
    Message,
}

/// A built-in macro, as people pick it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Macro {
    /// Which one.
    pub is: Builtin,
    /// Its name; a text says `$(Name)`.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub about: &'static str,
    /// What kind of thing it holds.
    pub holds: Holding,
    /// What it is about.
    pub category: Category,
}

macro_rules! builtins {
    ($($(#[doc = $about:literal])* $Name:ident $Holding:ident $Category:ident),* $(,)?) => {
        /// A built-in macro.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Builtin { $($(#[doc = $about])* $Name),* }

        /// Every built-in macro, in the order in which people pick them.
        pub const MACROS: &[Macro] = &[$(Macro {
            is: Builtin::$Name,
            name: stringify!($Name),
            about: concat!($($about),*),
            holds: Holding::$Holding,
            category: Category::$Category,
        }),*];
    };
}

builtins! {
    /// The caller's number; nothing if withheld.
    CallerNumber PhoneNumber Call,
    /// The caller's name as a policy set it in this call, or a colleague's own; not what phones show for a number of ours.
    CallerName Text Call,
    /// The country of the caller's number, such as GB.
    CallerCountry Text Call,
    /// The number that was called.
    CalledNumber PhoneNumber Call,
    /// The extension that was called.
    CalledExtension Text Call,
    /// The id of the call.
    CallId Id Call,
    /// The id of the customer's story across calls and messages.
    JourneyId Id Call,
    /// in or out.
    Direction Text Call,
    /// The language of what is said, such as en.
    Language Text Call,
    /// How many seconds the call has lasted.
    CallSeconds Number Call,
    /// Why the call ended.
    EndCause Text Call,
    /// When an outside recorder answered, in milliseconds since 1970; nothing if none did.
    ActiveRecAnswerEpochMS Number Call,
    /// Whether an outside recorder got the sound: yes or no; nothing if none answered.
    ActiveRecAudio Text Call,
    /// The number that an outside recorder is shown; nothing if none answered.
    ActiveRecCLI PhoneNumber Call,
    /// The date, in the account's time zone.
    Date Date Moment,
    /// The time of day, in the account's time zone.
    Time Time Moment,
    /// The day of the week, such as monday.
    Weekday Text Moment,
    /// The moment in UTC.
    Now Moment Moment,
    /// The seconds since 1970 in UTC.
    EpochSeconds Number Moment,
    /// The name of the queue that the caller waits or waited in last.
    QueueName Text Queue,
    /// The caller's place in the queue, from 1.
    QueuePosition Number Queue,
    /// How many seconds the caller has waited or waited in queues.
    WaitSeconds Number Queue,
    /// How many more seconds the caller will probably wait.
    ExpectedWaitSeconds Number Queue,
    /// The key with which the caller left the queue.
    ExitKey Text Queue,
    /// The name of the agent who took the call last.
    AgentName Text Agent,
    /// The id of the agent who took the call last.
    AgentId Id Agent,
    /// The extension of the agent who took the call last.
    AgentExtension Text Agent,
    /// How many seconds caller and agents talked.
    TalkSeconds Number Agent,
    /// The keys that the caller pressed last, unless they are secret.
    LastDigits Text Way,
    /// The name of the routing policy.
    PolicyName Text Way,
    /// The version of the routing policy.
    PolicyVersion Number Way,
    /// The milestone that the contact passed last.
    LastMilestone Text Way,
    /// The id of the conversation.
    ConversationId Id Message,
    /// The channel of the message, such as sms.
    Channel Text Message,
    /// in or out.
    MessageDirection Text Message,
    /// What the message says.
    MessageText Text Message,
    /// The address that the message comes from.
    FromAddress Text Message,
    /// The address that the message goes to.
    ToAddress Text Message,
}

/// The result set that holds what an event says, where one began the policy.
pub const EVENT_SET: &str = "Payload_Event";

/// Finds a built-in macro by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Macro> {
    MACROS.iter().find(|known| known.name == name)
}

impl Macro {
    /// Says whether it can hold something in a policy of some kind.
    #[must_use]
    pub const fn usable_in(&self, kind: PolicyKind) -> bool {
        match (self.category, kind) {
            (Category::Moment | Category::Way, _)
            | (
                Category::Call | Category::Queue | Category::Agent,
                PolicyKind::Call | PolicyKind::DataAnalytics | PolicyKind::System,
            )
            | (Category::Message, PolicyKind::DataAnalytics | PolicyKind::Digital | PolicyKind::System) => {
                true
            }
            (Category::Call | Category::Queue | Category::Agent, PolicyKind::Digital)
            | (Category::Message, PolicyKind::Call) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_macro_has_a_name_of_its_own_and_a_sentence() {
        for (place, one) in MACROS.iter().enumerate() {
            assert_eq!(find(one.name).map(|found| found.is), Some(one.is));
            assert!(one.about.trim().ends_with('.'), "{}", one.name);
            assert_eq!(
                MACROS.iter().position(|other| other.name == one.name),
                Some(place)
            );
        }
    }
}
