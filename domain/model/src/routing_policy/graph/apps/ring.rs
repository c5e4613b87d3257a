//! Whom a caller is brought to: a queue, several in a pattern, one, or a mailbox.

use crate::PhoneNumber;
use crate::few::Few;
use crate::ids::{GroupId, QueueId, SoundId, UserId};
use crate::queue::{ExitKey, Priority};
use crate::routing_policy::graph::declare::{choice, object, outlets, words};
use crate::routing_policy::graph::known::{AtLeastOne, Pick, Plain};
use crate::routing_policy::graph::shape::Reading;
use crate::routing_policy::graph::words::LastsMs;
use crate::tenant::extension::Extension;

use super::speech::Speech;

/// The most targets of a hunt group.
pub const TARGETS_MAX: usize = 32;

/// How long something rings: a second to ten minutes.
pub type Rings = LastsMs<1_000, 600_000>;

object! {
    /// Puts the caller into a queue.
    pub struct CallQueue {
        /// The queue.
        queue: Pick<QueueId>,
        /// How urgent the caller is, whatever was set before; if left out, as properties were set, else as the queue's settings
        /// say.
        priority: Option<Priority>,
        /// What the caller is told of the wait, instead of what the queue's settings say.
        announcements: Option<Announce>,
        /// The music, instead of the queue's.
        music: Option<SoundId>,
        /// What the agent hears before the caller is connected, instead of what the queue's settings say.
        screening: Option<Screening>,
        /// Where it leads.
        outlets: QueueOutlets = QueueOutlets::default(),
    }
}

object! {
    /// What a waiting caller is told.
    pub struct Announce {
        /// Whether they are told how many are before them.
        position: bool = true,
        /// Whether they are told how long it may take.
        estimated_wait: bool = true,
        /// The time before the first announcement.
        first_after_ms: LastsMs<1_000, 3_600_000> = LastsMs::nearest(15_000),
        /// The time between two.
        every_ms: LastsMs<10_000, 3_600_000> = LastsMs::nearest(60_000),
        /// What else is said, one each time, in turn. Macros hold what they hold when the caller begins to wait or comes back.
        comfort: Few<Speech, 16>,
    }
}

outlets! {
    /// The outlets of a queue: the ways out of it. The caller hanging up is none.
    pub struct QueueOutlets {
        /// The agent hung up and the caller is still there, for instance for a survey.
        after ends,
        /// Another queue was to help out.
        overflow falls,
        /// The caller pressed a key that leads out.
        exit_key falls,
        /// The caller waited as long as callers may.
        max_wait falls,
        /// Nobody is logged in or available, and the queue is set not to wait for them.
        no_agents falls,
        /// The queue is full.
        full falls,
        /// The queue is closed.
        closed falls,
        /// The caller chose to be rung back.
        callback ends,
        /// The queue could not take the caller, or does not exist any more.
        failed falls,
    }
}

object! {
    /// Rings several in a pattern, without a queue.
    pub struct HuntGroup {
        /// Who is rung, in this order.
        targets: AtLeastOne<Target, TARGETS_MAX>,
        /// In which pattern.
        pattern: Hunt = Hunt::Sequential,
        /// How long each rings.
        ring_ms: Rings = Rings::nearest(20_000),
        /// In a staggered pattern, how long until the next rings as well.
        step_ms: LastsMs<1_000, 120_000> = LastsMs::nearest(5_000),
        /// What those who are rung see as the caller's number. What properties were set to takes the place of `caller` only.
        caller_id: CallerId = CallerId::Caller(Plain),
        /// What the caller hears meanwhile.
        camp: Camp = Camp::Ringing(Plain),
        /// What who answers hears before the caller is connected.
        screening: Option<Screening>,
        /// Where it leads.
        outlets: HuntOutlets = HuntOutlets::default(),
    }
}

words! {
    /// In which pattern several are rung.
    pub enum Hunt {
        /// All at once.
        Parallel "parallel",
        /// One after the other.
        Sequential "sequential",
        /// One after the other, while those before ring on.
        Staggered "staggered",
    }
}

outlets! {
    /// The outlets of a hunt group.
    pub struct HuntOutlets {
        /// Who answered hung up and the caller is still there.
        after ends,
        /// Nobody answered, or nobody took the caller in a queue that who answered handed them on to.
        no_answer falls,
        /// Everybody was busy.
        busy falls,
        /// Nobody could be rung.
        failed falls,
    }
}

object! {
    /// Brings the caller to one number, user or group.
    pub struct Connect {
        /// To whom.
        to: Target,
        /// What who is rung sees as the caller's number. What properties were set to takes the place of `caller` only.
        caller_id: CallerId = CallerId::Caller(Plain),
        /// What who answers hears before the caller is connected.
        screening: Option<Screening>,
        /// What the caller hears meanwhile.
        camp: Camp = Camp::Ringing(Plain),
        /// How long it rings.
        ring_ms: Rings = Rings::nearest(25_000),
        /// Where it leads.
        outlets: ConnectOutlets = ConnectOutlets::default(),
    }
}

outlets! {
    /// The outlets of a connection.
    pub struct ConnectOutlets {
        /// Who answered hung up and the caller is still there, for instance for a survey; or who was called is away, and the
        /// caller left them a message.
        after ends,
        /// Nobody answered in time, or nobody took the caller in a queue that who answered handed them on to; or who was
        /// called is away, and the caller left no message.
        no_answer falls,
        /// Who was rung is on another call.
        busy falls,
        /// Who was rung turned the caller down.
        rejected falls,
        /// Nothing could be rung.
        unreachable falls,
    }
}

choice! {
    /// Whom to ring.
    pub enum Target by "is" {
        /// A user, on their devices in their order.
        User "user" (ToUser),
        /// A group, all together.
        Group "group" (ToGroup),
        /// A number outside.
        Number "number" (ToNumber),
        /// Whoever has an extension: a user or a group.
        Extension "extension" (ToExtension),
        /// Whoever has the number or extension that was called.
        Dialled "dialled" (Plain),
    }
}

object! {
    /// A user.
    pub struct ToUser {
        /// The user.
        user: Pick<UserId>,
    }
}

object! {
    /// A group.
    pub struct ToGroup {
        /// The group.
        group: Pick<GroupId>,
    }
}

object! {
    /// A number outside.
    pub struct ToNumber {
        /// The number in E.164.
        number: Pick<PhoneNumber>,
    }
}

object! {
    /// An extension.
    pub struct ToExtension {
        /// The extension.
        extension: Pick<Extension>,
    }
}

choice! {
    /// Which number is shown.
    pub enum CallerId by "is" {
        /// The caller's own, or what properties were set to.
        Caller "caller" (Plain),
        /// The number that was called.
        Called "called" (Plain),
        /// The account's.
        Account "account" (Plain),
        /// This one.
        Number "number" (ToNumber),
        /// None.
        Withheld "withheld" (Plain),
    }
}

choice! {
    /// What a caller hears while others are rung.
    pub enum Camp by "is" {
        /// The ringing tone.
        Ringing "ringing" (Plain),
        /// The account's music.
        Music "music" (Plain),
        /// A sound, again and again.
        Sound "sound" (super::speech::SoundPart),
        /// Something said, then the ringing tone.
        Speech "speech" (Speech),
    }
}

object! {
    /// What who answers hears before the caller is connected, and the choice they have.
    pub struct Screening {
        /// What they hear.
        prompt: Speech,
        /// The key that takes the caller; without one the caller is connected when the prompt is over.
        accept: Option<ExitKey>,
        /// The key that turns the caller down.
        reject: Option<ExitKey>,
    }
    check |screening: &Screening, at: &mut Reading| {
        if screening.reject.is_some() && screening.accept.is_none() {
            at.fault_in("accept", "a key that takes the caller is needed beside the one that turns them down");
        }
        if screening.reject.is_some() && screening.accept == screening.reject {
            at.fault_in("reject", "one key cannot take the caller and turn them down");
        }
    }
}

object! {
    /// Lets the caller leave a message.
    pub struct Voicemail {
        /// Whose mailbox it goes to.
        mailbox: Mailbox,
        /// What the caller hears first; the mailbox's own greeting if left out.
        greeting: Option<Speech>,
        /// The longest message.
        max_ms: LastsMs<5_000, 1_800_000> = LastsMs::nearest(180_000),
        /// Whether it is written down as text.
        transcribe: bool = false,
        /// Whether a beep says when to speak.
        beep: bool = true,
        /// Where it leads.
        outlets: VoicemailOutlets = VoicemailOutlets::default(),
    }
}

choice! {
    /// Whose mailbox a message goes to.
    pub enum Mailbox by "is" {
        /// A user's.
        User "user" (ToUser),
        /// A group's.
        Group "group" (ToGroup),
        /// The routing policy's own.
        Policy "policy" (Plain),
        /// That of whoever has the number or extension that was called.
        Dialled "dialled" (Plain),
    }
}

outlets! {
    /// The outlets of voicemail.
    pub struct VoicemailOutlets {
        /// A message was left, and the caller is still there.
        left ends,
        /// Nothing was said.
        nothing falls,
    }
}
