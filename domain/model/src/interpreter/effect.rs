//! What a routing policy wants done by whoever holds the media and the outside systems.
//!
//! Effects are plain data. The same effect comes again after a restart unless the log says that it was done; each says
//! by what a driver knows the repeat.

use crate::call::facts::{Collected, Nth};
use crate::call::parties::{Mailbox, Party};
use crate::ids::{EntryId, LegId, QueueId, RecordingId, SoundId, StepId, UserId, VoicemailId};
use crate::routing_policy::graph::apps::data::Level;
use crate::routing_policy::graph::apps::records::{Answer, Method, Order, Together};
use crate::routing_policy::graph::apps::rule::Operator;
use crate::routing_policy::graph::starts::Ringtone;
use crate::routing_policy::graph::words::{ApiName, Pattern};
use crate::text::Key;
use crate::{Millis, PhoneNumber, Timestamp};

/// What a routing policy wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Answer the caller; report it as the answer of their leg. The leg names it.
    Answer {
        /// The caller's leg.
        leg: LegId,
        /// How often it rings first, counted from the beginning of the call.
        rings: u8,
        /// Which ringing tone they hear.
        ringtone: Ringtone,
    },
    /// Play something; report it as heard, also where nothing could be played. Step and count name it.
    Play {
        /// The step that plays.
        step: StepId,
        /// Its place among what the step plays. What was asked for at once is played in this order; a key that cuts
        /// one short cuts short what was asked for with it.
        nth: Nth,
        /// Who hears it.
        leg: LegId,
        /// What.
        say: Say,
        /// The voice; the account's if none.
        voice: Option<Key>,
        /// The language.
        language: String,
        /// Whether a key cuts it short.
        interruptible: bool,
    },
    /// Collect keys once what was asked for before is played; report how it ended. Step and count name it.
    Collect {
        /// The step that asks.
        step: StepId,
        /// How many times it asks.
        nth: Nth,
        /// Who presses.
        leg: LegId,
        /// What is asked for.
        keys: AskedKeys,
    },
    /// Ask an outside system; report the answer. Step and deadline name it. An answer after the deadline is of no use.
    Ask {
        /// The step that asks.
        step: StepId,
        /// What.
        question: Question,
        /// Until when the answer counts.
        deadline: Timestamp,
    },
    /// Ring the far end of a leg that was created for it; report ringing, answer and end. The leg names it.
    Ring {
        /// The step that rings.
        step: StepId,
        /// The leg.
        leg: LegId,
        /// Who is rung.
        party: Party,
        /// The number that they see.
        shows: Option<PhoneNumber>,
        /// The name that they see.
        name: Option<String>,
        /// What an agent reads as soon as it rings.
        whisper: Option<String>,
        /// Until when it rings.
        until: Timestamp,
    },
    /// Let the caller hear something while others are rung, until one answers or the step is over. The step names it.
    Camp {
        /// The step that rings.
        step: StepId,
        /// The caller's leg.
        leg: LegId,
        /// What they hear.
        hears: Hears,
    },
    /// Look after a caller who waits, as the policy says instead of the queue's settings. The entry names it.
    Attend {
        /// The step that lets them wait.
        step: StepId,
        /// The caller's entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// What [`Announcement::Speech`](crate::call::facts::Announcement::Speech) says, by its place. When it is said the
        /// queue decides.
        speeches: Vec<Speaking>,
        /// The music, if not the queue's.
        music: Option<SoundId>,
        /// What the agent hears before, if not as the queue's settings say.
        screening: Option<Screen>,
        /// What the agent reads as soon as it rings.
        whisper: Option<String>,
    },
    /// Say of a recording what its request does not. The recording names it.
    Record {
        /// The step that records.
        step: StepId,
        /// The recording.
        recording: RecordingId,
        /// Whether it is analysed afterwards.
        analyse: bool,
        /// Whether it is kept in the archive.
        archive: bool,
    },
    /// Take a message; report that it was left, or that none was. The message names it.
    TakeMessage {
        /// The step that takes it.
        step: StepId,
        /// The message.
        voicemail: VoicemailId,
        /// The caller's leg.
        leg: LegId,
        /// Whose mailbox it goes to.
        mailbox: Mailbox,
        /// Whether the mailbox's own greeting is played first, since the policy says none.
        greet: bool,
        /// Its longest length.
        max: Millis,
        /// Whether a beep says when to speak.
        beep: bool,
        /// Whether it is written down as text.
        transcribe: bool,
    },
    /// Tell people something. No event says that it was done: step and count name it, so that it is told once.
    Notify {
        /// The step that tells.
        step: StepId,
        /// Its place among what the step tells.
        nth: Nth,
        /// What, to whom.
        notice: Message,
    },
    /// Give somebody the task to ring back. No event says that it was done: the step names it.
    Remind {
        /// The step that gives it.
        step: StepId,
        /// For whom.
        to: Vec<UserId>,
        /// What it is about.
        subject: String,
        /// What else there is to know.
        note: Option<String>,
        /// The number to ring.
        number: Option<String>,
        /// The record of the CRM that it is about.
        record: Option<String>,
        /// By when.
        due: Timestamp,
    },
    /// Tell whoever looks for a mistake what macros hold. No event says that it was done: the step names it.
    Debug {
        /// The step that tells.
        step: StepId,
        /// The mailboxes.
        to: Vec<String>,
        /// The macros as they were written, and what they hold.
        shown: Vec<(String, String)>,
        /// Which runs are told; this one is.
        level: Level,
        /// Whether each repeat of a failure is told.
        every_retry: bool,
    },
}

/// What is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say {
    /// A text, read out by a synthetic voice.
    Text(String),
    /// A sound of the library.
    Sound(SoundId),
    /// Speech markup.
    Markup(String),
}

/// What keys are asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedKeys {
    /// The keys, one of which is pressed; any digits if there are none.
    pub one_of: Vec<char>,
    /// The fewest.
    pub min: u8,
    /// The most; with them it is over.
    pub max: u8,
    /// The key that ends them, which is not one of them.
    pub finish: Option<char>,
    /// What they have to be like.
    pub pattern: Option<Pattern>,
    /// How long the first may take once all is played.
    pub first: Millis,
    /// How long each further one may take.
    pub next: Millis,
    /// Whether a key that is pressed while something is played cuts it short and counts.
    pub barge_in: bool,
    /// Whether the keys are reported to nobody.
    pub secret: bool,
}

impl AskedKeys {
    /// Says how asking ended, by the keys that were pressed, the finish key left out.
    #[must_use]
    pub fn judge(&self, pressed: &str) -> Collected {
        if pressed.is_empty() {
            return Collected::Nothing;
        }
        let fits = if self.one_of.is_empty() {
            let count = pressed.chars().count();
            (usize::from(self.min)..=usize::from(self.max)).contains(&count)
                && self
                    .pattern
                    .as_ref()
                    .is_none_or(|pattern| pattern.matches(pressed))
        } else {
            let mut keys = pressed.chars();
            keys.next().is_some_and(|key| self.one_of.contains(&key)) && keys.next().is_none()
        };
        if fits {
            Collected::Matched
        } else {
            Collected::Invalid
        }
    }
}

/// A question to an outside system, with all macros filled in.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Find records that conditions hold for.
    Find {
        /// The object.
        object: ApiName,
        /// The conditions.
        conditions: Vec<(ApiName, Operator, Option<String>)>,
        /// Whether all of them have to hold or any.
        together: Together,
        /// The fields that are asked for.
        fields: Vec<ApiName>,
        /// The order of the records.
        order: Vec<Order>,
        /// The most records.
        limit: u64,
    },
    /// Find records by SOQL; what macros held is quoted.
    Soql {
        /// The query.
        query: String,
    },
    /// Create a record; the answer brings its `Id`. Step and deadline tell a repeat, so that it is created once.
    Create {
        /// The object.
        object: ApiName,
        /// What its fields hold; none is emptied.
        values: Vec<(ApiName, Option<String>)>,
    },
    /// Change a record.
    Update {
        /// The object.
        object: ApiName,
        /// The record's id.
        record: String,
        /// What its fields hold; none is emptied.
        values: Vec<(ApiName, Option<String>)>,
    },
    /// Ask a web service.
    Http {
        /// How.
        method: Method,
        /// The address; what macros held is escaped.
        url: String,
        /// What is added to the address, or sent as a form.
        params: Vec<(Key, String)>,
        /// What is sent instead of a form.
        body: Option<String>,
        /// How the answer is read.
        answer: Answer,
        /// The fields that are used; any if there are none.
        fields: Vec<String>,
    },
}

/// What a caller hears while others are rung.
#[derive(Debug, Clone, PartialEq)]
pub enum Hears {
    /// The ringing tone.
    Ringing,
    /// The account's music.
    Music,
    /// A sound, again and again.
    Sound(SoundId),
    /// Something said, then the ringing tone.
    Speech(Speaking),
}

/// Something said, with all macros filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaking {
    /// The parts, in order.
    pub say: Vec<Say>,
    /// The voice; the account's if none.
    pub voice: Option<Key>,
    /// The language.
    pub language: String,
}

/// What an agent hears before a caller from a queue is connected, and the choice they have.
#[derive(Debug, Clone, PartialEq)]
pub struct Screen {
    /// What they hear.
    pub prompt: Speaking,
    /// The key that takes the caller.
    pub accept: Option<char>,
    /// The key that turns the caller down.
    pub reject: Option<char>,
}

/// What people are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// An email.
    Email {
        /// The mailboxes.
        to: Vec<String>,
        /// What it is about.
        subject: String,
        /// What it says.
        body: String,
    },
    /// A text message.
    Sms {
        /// The number that it comes from; the account's if none.
        from: Option<String>,
        /// The number that it goes to.
        to: String,
        /// What it says.
        text: String,
    },
    /// A post in the CRM.
    Chatter {
        /// What it is posted to.
        to: String,
        /// What it says.
        text: String,
    },
    /// A note on desks.
    Desk {
        /// Whose; whoever takes the call if none are named.
        to: Option<Vec<UserId>>,
        /// What it says.
        text: String,
    },
}
