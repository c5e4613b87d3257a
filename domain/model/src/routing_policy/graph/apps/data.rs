//! What a routing policy does beside leading on: recording, telling people, properties, skills, milestones, tasks.

use crate::call::facts::{Beep, RecordingStart};
use crate::few::Few;
use crate::ids::SkillId;
use crate::queue::Priority;
use crate::routing_policy::graph::declare::{choice, object, words};
use crate::routing_policy::graph::known::AtLeastOne;
use crate::routing_policy::graph::shape::Reading;
use crate::routing_policy::graph::template::Template;
use crate::routing_policy::graph::words::{Language, LastsMs, PropertyName};
use crate::skills::{RELAXATIONS_MAX, Relaxation, RequestedSkill, SKILLS_MAX, SkillLevel, SkillRequest};
use crate::text::Key;

use super::ring::Target;

object! {
    /// Records the call from here on; of several on the way the last counts.
    pub struct Record {
        /// Which sides.
        legs: Legs = Legs::Both,
        /// When it begins.
        start: RecordingStart = RecordingStart::OnConnect,
        /// Whether an agent may pause it.
        may_pause: bool = true,
        /// Whether an agent may stop it.
        may_stop: bool = false,
        /// Who hears that it is recorded.
        beep: Beep = Beep::Off,
        /// Whether it is analysed afterwards.
        analyse: bool = false,
        /// Whether it is kept in the archive.
        archive: bool = true,
    }
    check |record: &Record, at: &mut Reading| {
        if record.analyse && record.start == RecordingStart::Now {
            at.fault_in("start", "what is analysed cannot begin before the parties hear each other");
        }
    }
}

words! {
    /// Which sides of a call are recorded.
    pub enum Legs {
        /// The caller's.
        This "this",
        /// Those whom the caller hears.
        Other "other",
        /// Both.
        Both "both",
    }
}

object! {
    /// Tells people something, without holding up the contact.
    pub struct Notify {
        /// When.
        when: NotifyWhen = NotifyWhen::Now,
        /// What is sent, to whom.
        send: AtLeastOne<Notice, 16>,
    }
}

words! {
    /// When people are told.
    pub enum NotifyWhen {
        /// At once.
        Now "now",
        /// When the call ends.
        AtCallEnd "at_call_end",
    }
}

choice! {
    /// What is sent.
    pub enum Notice by "is" {
        /// An email.
        Email "email" (Email),
        /// A text message.
        Sms "sms" (Sms),
        /// A post in the CRM.
        Chatter "chatter" (Chatter),
        /// A note on the desk of whoever it is for.
        Desk "desk" (Desk),
    }
}

object! {
    /// An email.
    pub struct Email {
        /// The mailboxes, each an address or a macro.
        to: AtLeastOne<Template, 16>,
        /// What it is about.
        subject: Template,
        /// What it says.
        body: Template,
    }
}

object! {
    /// A text message.
    pub struct Sms {
        /// The number that it comes from; the account's if left out.
        from: Option<Template>,
        /// The number that it goes to.
        to: Template,
        /// What it says.
        text: Template,
    }
}

object! {
    /// A post in the CRM.
    pub struct Chatter {
        /// The id of the record, user or group that it is posted to.
        to: Template,
        /// What it says.
        text: Template,
    }
}

object! {
    /// A note on a desk.
    pub struct Desk {
        /// For whom; whoever takes the call if left out.
        to: Option<Target>,
        /// What it says.
        text: Template,
    }
}

object! {
    /// Sets what the contact carries.
    pub struct Properties {
        /// Custom properties.
        set: Few<SetProperty, 32>,
        /// What the agent reads as soon as it rings.
        whisper: Option<Template>,
        /// The number that is shown to those who are rung, in the place of the caller's own.
        caller_id: Option<Template>,
        /// The caller's name, which is shown to those who are rung. `$(CallerName)` holds it until the call ends.
        caller_name: Option<Template>,
        /// The language of what is said from here on.
        language: Option<Template>,
        /// How urgent the contact is from here on in queues for which nothing else is said: 1, the most urgent, to 100.
        priority: Option<Template>,
    }
    check |all: &Properties, at: &mut Reading| {
        let texts = [&all.whisper, &all.caller_id, &all.caller_name, &all.language, &all.priority];
        if all.set.is_empty() && texts.iter().all(|text| text.is_none()) {
            at.fault("nothing is set");
        }
    }
}

impl Properties {
    /// Reads a language as whoever draws or a macro gives it.
    pub(crate) fn read_language(text: &str) -> Option<Language> {
        Language::new(text.trim()).ok()
    }

    /// Reads a priority as whoever draws or a macro gives it.
    pub(crate) fn read_priority(text: &str) -> Option<Priority> {
        let number = text.trim().parse().ok()?;
        Priority::new(number).ok()
    }
}

object! {
    /// A custom property and what it is to hold.
    pub struct SetProperty {
        /// Its name.
        name: PropertyName,
        /// What it holds from here on; nothing if left out. Macros in it hold what they held before anything was set here.
        value: Option<Template>,
    }
}

object! {
    /// Asks the next queue for agents with skills. It takes the place of what was asked for before.
    pub struct Skills {
        /// The skills, all of which are needed.
        need: AtLeastOne<Need, SKILLS_MAX>,
    }
    check |skills: &Skills, at: &mut Reading| {
        for (place, need) in skills.need.iter().enumerate() {
            if skills.need[..place].iter().any(|other| other.skill == need.skill) {
                at.fault_in(&format!("need[{place}].skill"), "the skill is named twice");
            }
        }
    }
}

object! {
    /// A skill that is needed, and how the need gives way.
    pub struct Need {
        /// The skill.
        skill: SkillId,
        /// The level that an agent has to have at first.
        at_least: SkillLevel,
        /// How the need gives way: later steps wait longer and ask for less.
        relax: Few<Relax, RELAXATIONS_MAX>,
    }
    check |need: &Need, at: &mut Reading| {
        if let Err(refused) = SkillRequest::new(need.parts()) {
            at.fault_in("relax", refused.to_string());
        }
    }
}

object! {
    /// One step by which a need gives way.
    pub struct Relax {
        /// How long the caller has waited when it begins to hold.
        after_ms: LastsMs<1_000, 86_400_000>,
        /// The level from then on; without one the skill is needed no more.
        at_least: Option<SkillLevel>,
    }
}

impl Need {
    fn parts(&self) -> RequestedSkill {
        let relax = self.relax.iter().map(|step| Relaxation {
            after_ms: step.after_ms.get(),
            at_least: step.at_least,
        });
        RequestedSkill {
            skill: self.skill,
            at_least: self.at_least,
            relax: Few::first(relax),
        }
    }

    /// Returns the need as queues know it.
    #[must_use]
    pub fn request(&self) -> SkillRequest {
        SkillRequest::new(self.parts()).expect("its steps were checked when it was read")
    }
}

object! {
    /// Marks that the contact passed here, for reports.
    pub struct Gate {
        /// The milestone's name.
        milestone: Key,
        /// What is noted beside it.
        value: Option<Template>,
    }
}

object! {
    /// Gives somebody the task to ring the customer back.
    pub struct CallbackTask {
        /// For whom.
        to: Target,
        /// What it is about.
        subject: Template,
        /// What else there is to know.
        note: Option<Template>,
        /// The number to ring; the caller's if left out.
        number: Option<Template>,
        /// The record of the CRM that it is about.
        record: Option<Template>,
        /// By when: this long from now.
        due_in_ms: LastsMs<60_000, 2_678_400_000> = LastsMs::nearest(86_400_000),
    }
}

object! {
    /// Sends what macros hold to whoever looks for a mistake.
    pub struct Debug {
        /// The mailboxes.
        to: AtLeastOne<Template, 16>,
        /// The macros.
        show: AtLeastOne<Template, 64>,
        /// Which runs are told.
        level: Level = Level::Error,
        /// Whether each repeat of a failure is told, or the first only.
        every_retry: bool = false,
    }
}

words! {
    /// Which runs are told.
    pub enum Level {
        /// None.
        None "none",
        /// Those in which something failed.
        Error "error",
        /// All.
        All "all",
    }
}
