//! A believable business: hours that are busy and hours that are not, lunch, a flood of calls and an outage; most
//! customers ring, and some write.

mod writing;

use std::num::{NonZeroU8, NonZeroU16};
use std::sync::Arc;

use domain_model::agent::WrapUp;
use domain_model::few::Few;
use domain_model::ids::AgentId;
use domain_model::process::AnyCommand;
use domain_model::queue::{Ageing, Announcements, Callbacks, LastAgent, Overflow, Priority, Settings, Tier};
use domain_model::skills::SkillLevel;
use domain_model::{Millis, PhoneNumber, Timestamp};

use crate::chance::{Chance, scaled};
use crate::plan::{
    Caller, Faults, HandsOn, How, Moment, Person, Plan, Then, What, agent, founding, group, plain_queue,
    queue, ready_person, skill,
};
use crate::policies::{MAIN_NUMBER, main_document, main_library, main_line, main_number, open_from};

/// The most hours that are played at once.
pub const HOURS_MAX: u32 = 24 * 366;
/// How long people stay for those who called last.
const LAST_CALLS: Millis = Millis::from_secs(30 * 60);

/// The queue of those who want to buy.
pub const SALES: u64 = 0;
/// The queue of those who need help.
pub const SUPPORT: u64 = 1;

/// The queue of those who write.
pub const MESSAGES: u64 = 2;

const AGENTS: u64 = 34;
/// The first so many take calls.
const AT_TELEPHONES: u64 = 30;
const HOUR: Millis = Millis::from_secs(3600);
const MINUTE: Millis = Millis::from_secs(60);
/// The mean time between two calls in the busiest hour.
const GAP: Millis = Millis::from_secs(12);

/// How busy each hour of a day is, in hundredths of the busiest, from midnight on.
const BUSY: [u64; 24] = [
    0, 0, 0, 0, 0, 0, 0, 20, 55, 90, 100, 95, 70, 75, 90, 85, 70, 45, 15, 0, 0, 0, 0, 0,
];

/// Makes the plan of so many hours from eight in the morning of a Monday on.
///
/// # Panics
/// Never: the moment is right.
#[must_use]
pub fn plan(seed: u64, hours: u32) -> Plan {
    plan_from(seed, "2026-11-23T08:00:00Z".parse().expect("a moment"), hours)
}

/// Makes the plan of so many hours from a moment on, which to the business is eight in the morning.
///
/// Each day has lunch in turns, a flood of calls for a quarter of an hour and an outage of five minutes in which every
/// third agent has no network and the node that owns a queue is cut off. After the last day there is a morning for the
/// callbacks that are left.
///
/// # Panics
/// Never: the moment is right.
#[must_use]
pub fn plan_from(seed: u64, begins: Timestamp, hours: u32) -> Plan {
    let queues = [
        (SALES, sales()),
        (SUPPORT, support()),
        (MESSAGES, writing::messages()),
    ];
    let library = main_library(
        open_from(begins),
        queues.iter().map(|(n, settings)| (*n, settings)),
    );
    let mut plan = Plan::empty(seed, begins, Arc::new(library));
    plan.faults = Faults {
        nodes: 2,
        ..Faults::NONE
    };
    plan.queues
        .extend(queues.map(|(n, settings)| (queue(n), settings)));
    for n in 0..AGENTS {
        plan.agents
            .insert(agent(n), person(plan.chance.about("person", n), n));
    }
    plan.founding = found(&plan);
    let ends = begins.plus(Millis(HOUR.0 * u64::from(hours.min(HOURS_MAX))));
    let days = u64::from(hours.min(HOURS_MAX)).div_ceil(24);
    for day in 0..days {
        let morning = begins.plus(Millis(day * 24 * HOUR.0));
        let chance = plan.chance.about("day", day);
        plan.moments.extend(shifts(chance, morning));
        plan.moments.extend(outage(chance, morning));
    }
    // Nobody stays at their desk for the night, nor for hours in which nobody calls any more.
    plan.moments
        .retain(|moment| moment.at <= ends || matches!(moment.what, What::SignOut(_)));
    let last = ends.plus(LAST_CALLS);
    for moment in &mut plan.moments {
        moment.at = moment.at.min(last);
    }
    plan.moments.extend(calls(plan.chance, begins, ends));
    plan.moments.extend(writing::writers(plan.chance, begins, ends));
    plan.moments
        .extend(morning_after(begins.plus(Millis(days * 24 * HOUR.0))));
    plan.sort();
    plan
}

// The queues' teams have the queues' names.
fn found(plan: &Plan) -> Vec<AnyCommand> {
    let teams = [SALES, SUPPORT, MESSAGES].map(|n| (group(n), plan.queues[&queue(n)].name.as_str()));
    let calendars = plan.library.calendars.iter();
    let number = PhoneNumber::read(MAIN_NUMBER, None).expect("a number");
    let mut all = vec![founding::tenant()];
    all.extend(calendars.map(|(calendar, hours)| founding::calendar(*calendar, hours.clone())));
    all.extend(founding::teams(teams));
    all.push(founding::skill(skill(0), "Technician"));
    for (agent, person) in &plan.agents {
        all.extend(founding::user(*agent, person));
    }
    all.extend(founding::line(
        &number,
        main_line(),
        &main_document(),
        plan.begins,
    ));
    all
}

fn sales() -> Settings {
    let mut settings = plain_queue("Sales", group(SALES));
    let waiting = &mut settings.waiting;
    waiting.priority = Priority::new(40).expect("within 1 to 100");
    waiting.overflow = Some(Overflow {
        to: Some(queue(SUPPORT)),
        after_ms: Millis(5 * MINUTE.0),
    });
    settings.offers.last_agent = Some(LastAgent {
        within_ms: Millis(8 * HOUR.0),
        wait_ms: Millis::from_secs(15),
    });
    with_offers(settings)
}

fn support() -> Settings {
    let mut settings = plain_queue("Support", group(SUPPORT));
    settings.tiers = Few::first([
        Tier {
            groups: [group(SUPPORT)].into(),
            after_ms: Millis(0),
        },
        Tier {
            groups: [group(SALES)].into(),
            after_ms: Millis::from_secs(90),
        },
    ]);
    settings.waiting.ageing = Some(Ageing {
        every_ms: MINUTE,
        by: NonZeroU8::MIN,
    });
    settings.waiting.max_wait_ms = Some(Millis(20 * MINUTE.0));
    settings.waiting.callback = Some(Callbacks {
        offer_after_ms: Millis(2 * MINUTE.0),
        attempts: NonZeroU8::MIN.saturating_add(2),
        retry_ms: Millis(10 * MINUTE.0),
    });
    settings.told.announcements = Some(Announcements {
        position: true,
        estimated_wait: true,
        first_after_ms: Millis::from_secs(15),
        every_ms: MINUTE,
    });
    with_offers(settings)
}

fn with_offers(mut settings: Settings) -> Settings {
    settings.offers.wrap_up = Some(WrapUp {
        length_ms: Millis::from_secs(45),
        code_required: false,
    });
    settings.offers.cooldown_ms = Some(Millis::from_secs(10));
    settings.offers.set_aside_after = NonZeroU16::new(3);
    settings
}

fn person(chance: Chance, n: u64) -> Person {
    let mut person = ready_person(group(if n < AT_TELEPHONES / 3 { SALES } else { SUPPORT }));
    person.answers_in = Millis::from_secs(4);
    person.notes = Millis::from_secs(25);
    person.rejects = 10;
    person.misses = 15 + chance.about("misses", 0).below(20);
    person.unreachable = 5;
    if n.is_multiple_of(3) {
        person.skills.insert(skill(0), SkillLevel::ADVANCED);
    }
    writing::give_messages(&mut person, n);
    person
}

// Whoever was promised a call and not reached by the evening is rung in the morning.
fn morning_after(morning: Timestamp) -> Vec<Moment> {
    let at_work = (0..AGENTS).map(|n| (morning, What::SignIn(agent(n))));
    let home = morning.plus(Millis(2 * HOUR.0));
    let at_home = (0..AGENTS).map(|n| (home, What::SignOut(agent(n))));
    let moments = at_work.chain(at_home);
    moments.map(|(at, what)| Moment { at, what }).collect()
}

// Shifts overlap: a third begins an hour later and goes an hour later. Lunch is taken in four turns.
fn shifts(chance: Chance, morning: Timestamp) -> Vec<Moment> {
    let mut moments = Vec::new();
    for n in 0..AGENTS {
        let late = chance.about("late", n).below(5 * MINUTE.0);
        let shift = Millis(if n.is_multiple_of(3) { HOUR.0 } else { 0 } + late);
        let lunch = Millis(4 * HOUR.0 + (n % 4) * 30 * MINUTE.0 + late);
        let agent = agent(n);
        let mut then = |after: Millis, what: What| {
            let at = morning.plus(after);
            moments.push(Moment { at, what });
        };
        then(shift, What::SignIn(agent));
        then(lunch, What::Away(agent));
        then(Millis(lunch.0 + 30 * MINUTE.0), What::Back(agent));
        then(Millis(shift.0 + 10 * HOUR.0), What::SignOut(agent));
    }
    moments
}

fn outage(chance: Chance, morning: Timestamp) -> Vec<Moment> {
    let begins = morning.plus(Millis(6 * HOUR.0 + chance.about("outage", 0).below(HOUR.0)));
    let during = Millis(5 * MINUTE.0);
    let hit = (0..AGENTS).filter(|n| n.is_multiple_of(3)).map(agent);
    let hit: Vec<AgentId> = hit.collect();
    let lost = hit.iter().map(|agent| (begins, What::DeviceLost(*agent)));
    let back = hit
        .iter()
        .map(|agent| (begins.plus(during), What::DeviceBack(*agent)));
    let frozen = [0, 1].map(|node| (begins, What::Freeze { node, during }));
    let moments = lost.chain(back).chain(frozen);
    moments.map(|(at, what)| Moment { at, what }).collect()
}

fn calls(chance: Chance, begins: Timestamp, ends: Timestamp) -> Vec<Moment> {
    let mut moments = Vec::new();
    let (mut at, mut number) = (begins, 0);
    // Three times the busiest rate, of which the hour lets through its share.
    let gap = scaled(GAP, 1.0 / 3.0);
    loop {
        let chance = chance.about("call", number);
        at = at.plus(chance.about("gap", 0).exponential(gap));
        number += 1;
        if at > ends {
            return moments;
        }
        if chance.about("comes", 0).below(300) < busy(begins, at) {
            let what = What::Ring(caller(chance, number));
            moments.push(Moment { at, what });
        }
    }
}

// At two in the afternoon something is on television.
fn busy(begins: Timestamp, at: Timestamp) -> u64 {
    let minutes = at.since(begins).0 / MINUTE.0 + 8 * 60;
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    let usual = BUSY[usize::try_from(hour).unwrap_or(0)];
    if hour == 14 && (30..45).contains(&minute) {
        usual * 3
    } else {
        usual
    }
}

fn caller(chance: Chance, number: u64) -> Caller {
    let sells = chance.about("queue", 0).per_mille(350);
    let talk = Millis::from_secs(if sells { 260 } else { 200 });
    let tier = match chance.about("tier", 0).below(1_000) {
        0..50 => Some("gold"),
        50..600 => Some("silver"),
        _ => None,
    };
    Caller {
        number,
        customer: chance.about("customer", 0).below(600),
        dials: main_number(),
        keys: keys(chance, sells),
        tier,
        patience: Some(chance.about("patience", 0).exponential(Millis(4 * MINUTE.0))),
        way_out: None,
        talk: chance.about("talk", 0).talk(talk),
        callback: chance.about("callback", 0).per_mille(400).then_some(800),
        hands_on: chance
            .about("hands-on", 0)
            .per_mille(80)
            .then(|| hands_on(chance)),
        heard_after: chance
            .about("heard", 0)
            .per_mille(20)
            .then_some(Millis::from_secs(30)),
    }
}

// Mostly a colleague is asked first, or the caller turns out to be in the wrong queue.
fn hands_on(chance: Chance) -> HandsOn {
    let colleague = agent(chance.about("colleague", 0).below(AT_TELEPHONES));
    let how = match chance.about("how", 0).below(10) {
        0..3 => How::Queue(queue(chance.about("to", 0).below(2))),
        3 => How::Colleague(colleague),
        4 => How::Mailbox(group(SUPPORT)),
        5 => How::Outside,
        n => How::Asks {
            colleague,
            then: match n {
                6 => Then::Keeps,
                7 => Then::BringsTogether,
                _ => Then::HandsOver,
            },
        },
    };
    HandsOn {
        after: Millis::from_secs(40),
        how,
    }
}

// Some do not know what to press, and some press what is not offered; half say how it was.
fn keys(chance: Chance, sells: bool) -> Vec<String> {
    let choice = match chance.about("choice", 0).below(1_000) {
        0..40 => "",
        40..60 => "9",
        _ if sells => "1",
        60..160 => "3",
        _ => "2",
    };
    let tries = if matches!(choice, "1" | "2" | "3") {
        vec![choice]
    } else {
        vec![choice, if sells { "1" } else { "2" }]
    };
    let rates = chance.about("rates", 0).per_mille(500);
    let rating = (1 + chance.about("rating", 0).below(5)).to_string();
    let tries = tries.into_iter().map(str::to_owned);
    tries.chain(rates.then_some(rating)).collect()
}

#[cfg(test)]
mod tests {
    use domain_model::context::{Actor, Context};
    use domain_model::ids::{CommandId, TenantId};
    use domain_model::text::Key;

    use super::*;
    use crate::plan::numbered;
    use crate::platform::Platform;

    #[test]
    fn a_business_is_founded_and_no_step_is_refused_or_in_vain() {
        let (plan, mut platform) = (plan(1, 1), Platform::default());
        for (n, what) in (0..).zip(&plan.founding) {
            let context = Context {
                command: CommandId::new(numbered(0, n)),
                tenant: TenantId::new("new").expect("a short name"),
                actor: Actor::System(Key::new("admin").expect("a short name")),
                time: plan.begins,
                journey: None,
                cause: None,
            };
            let count = platform.say(&context, what.clone());
            assert!(
                count.as_ref().is_ok_and(|count| *count > 0),
                "{what:?}: {count:?}"
            );
        }
    }
}
