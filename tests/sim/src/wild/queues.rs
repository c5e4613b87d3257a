//! Queues of a plan that is made to break things: each setting is drawn by itself.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use domain_model::Millis;
use domain_model::agent::WrapUp;
use domain_model::few::Few;
use domain_model::ids::{CalendarId, SoundId};
use domain_model::queue::{
    Ageing, Announcements, Callbacks, Comfort, ExitKey, LastAgent, Offers, Overflow, Settings, Strategy,
    Tier, Told, Waiting,
};
use domain_model::tenant::hours::Hours;
use serde_json::json;

use crate::chance::Chance;
use crate::plan::{group, numbered, plain_queue, queue};

const STRATEGIES: [Strategy; 10] = [
    Strategy::LongestIdle,
    Strategy::LongestIdleInQueue,
    Strategy::RoundRobin,
    Strategy::TopDown,
    Strategy::FewestContacts,
    Strategy::LeastTalkTime,
    Strategy::LeastOccupied,
    Strategy::Random,
    Strategy::MostSkilled,
    Strategy::RingAll,
];

/// The keys that lead out of queues, where any do. Those who wait press one of the first three.
const KEYS: [char; 2] = ['0', '#'];

/// Returns the calendar that a queue has in some plans.
pub(super) fn calendar(n: u64) -> CalendarId {
    CalendarId::new(numbered(20, n))
}

/// Returns hours of Mondays: open from nine, or soon after, for some minutes or for hours.
pub(super) fn hours(chance: Chance) -> Hours {
    let opens = chance.about("opens", 0).below(4).saturating_sub(1);
    let closes = match chance.about("closes", 0).below(4) {
        0 => "17:00".to_owned(),
        _ => format!("09:{:02}", opens + 2 + chance.about("for", 0).below(7)),
    };
    let week = [json!({ "day": "monday", "from": format!("09:{opens:02}"), "until": closes })];
    let hours = json!({ "name": "Some hours", "zone": "UTC", "week": week, "days": [] });
    serde_json::from_value(hours).expect("opening hours")
}

#[derive(Clone, Copy)]
struct Draw(Chance);

impl Draw {
    fn yes(self, word: &str, times: u64) -> bool {
        self.0.about(word, 0).per_mille(times)
    }

    fn seconds(self, word: &str, from: u64, to: u64) -> Millis {
        Millis(1000 * (from + self.0.about(word, 1).below(to - from)))
    }
}

pub(super) fn settings(chance: Chance, n: u64, queues: u64) -> Settings {
    let mut settings = plain_queue(&format!("Queue {n}"), group(n));
    let draw = Draw(chance);
    let place = usize::try_from(chance.about("strategy", 0).below(STRATEGIES.len() as u64)).unwrap_or(0);
    settings.strategy = STRATEGIES[place];
    if draw.yes("tiers", 400) {
        settings.tiers = Few::first([
            Tier {
                groups: [group(n)].into(),
                after_ms: Millis(0),
            },
            Tier {
                groups: [group(n + 1)].into(),
                after_ms: draw.seconds("tier", 5, 40),
            },
        ]);
    }
    settings.hours = draw.yes("hours", 150).then(|| calendar(n));
    draw.offers(&mut settings.offers);
    draw.waiting(&mut settings.waiting);
    settings.waiting.overflow = (queues > 1 && draw.yes("overflow", 300)).then(|| Overflow {
        to: chance
            .about("overflow-to", 0)
            .per_mille(700)
            .then_some(queue((n + 1) % queues)),
        after_ms: draw.seconds("overflow", 10, 50),
    });
    draw.told(&mut settings.told);
    settings
}

impl Draw {
    fn offers(self, offers: &mut Offers) {
        offers.ring_ms = self.seconds("ring", 4, 25);
        let notes = WrapUp {
            length_ms: self.seconds("notes", 2, 30),
            code_required: self.yes("code", 400),
        };
        offers.wrap_up = self.yes("wrap-up", 500).then_some(notes);
        offers.cooldown_ms = self.yes("cooldown", 500).then(|| self.seconds("cooldown", 2, 30));
        offers.last_agent = self.yes("last-agent", 300).then(|| LastAgent {
            within_ms: Millis::from_secs(3_600),
            wait_ms: self.seconds("last-agent", 1, 40),
        });
        offers.set_aside_after = self
            .yes("aside", 400)
            .then_some(NonZeroU16::MIN.saturating_add(1));
    }

    fn waiting(self, waiting: &mut Waiting) {
        waiting.ageing = self.yes("ageing", 300).then(|| Ageing {
            every_ms: self.seconds("every", 5, 30),
            by: NonZeroU8::MIN.saturating_add(4),
        });
        waiting.max_length = self
            .yes("length", 200)
            .then_some(NonZeroU32::MIN.saturating_add(3));
        waiting.max_wait_ms = self
            .yes("max-wait", 300)
            .then(|| self.seconds("max-wait", 61, 200));
        waiting.callback = self.yes("callback", 400).then(|| Callbacks {
            offer_after_ms: Millis::from_secs(60),
            attempts: NonZeroU8::MIN.saturating_add(u8::from(self.yes("attempts", 500))),
            retry_ms: self.seconds("retry", 60, 200),
        });
        waiting.leave_when_nobody_logged_in = self.yes("logged-in", 150);
        waiting.leave_when_nobody_available = self.yes("available", 150);
        let keys = KEYS.map(|key| ExitKey::new(key).expect("a key"));
        waiting.exit_keys = keys.into_iter().filter(|_| self.yes("exit-keys", 400)).collect();
    }

    fn told(self, told: &mut Told) {
        let (position, estimated_wait) = (self.yes("position", 700), self.yes("estimate", 700));
        let says = self.yes("announcements", 400) && (position || estimated_wait);
        told.announcements = says.then(|| Announcements {
            position,
            estimated_wait,
            first_after_ms: self.seconds("first", 0, 20),
            every_ms: self.seconds("again", 10, 40),
        });
        let sounds = (0..2).map(|n| SoundId::new(numbered(21, n)));
        told.comfort = self.yes("comfort", 300).then(|| Comfort {
            sounds: Few::first(sounds),
            every_ms: self.seconds("comfort", 5, 40),
        });
    }
}
