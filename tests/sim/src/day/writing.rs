//! Those who write on a believable day: about a quarter as many as ring, and busy in the same hours.

use std::num::NonZeroU16;

use domain_model::agent::Capacity;
use domain_model::contact::WorkChannel;
use domain_model::conversation::channel::Channel;
use domain_model::queue::{Goals, LastAgent, Settings};
use domain_model::{Millis, Timestamp};

use super::{AGENTS, AT_TELEPHONES, HOUR, MESSAGES, MINUTE, busy, with_offers};
use crate::chance::{Chance, scaled};
use crate::plan::writing::{PassedOn, Returns, To, Whom, Writer};
use crate::plan::{Moment, Person, What, agent, group, plain_queue, queue};

/// The mean time between two who begin to write in the busiest hour.
const GAP: Millis = Millis::from_secs(40);

/// Returns the settings of the queue of those who write.
pub(super) fn messages() -> Settings {
    let mut settings = plain_queue("Messages", group(MESSAGES));
    settings.channels = [WorkChannel::Chat, WorkChannel::Sms].into();
    settings.offers.last_agent = Some(LastAgent {
        within_ms: Millis(8 * HOUR.0),
        wait_ms: Millis::from_secs(30),
    });
    settings.goals = Goals {
        answer_within_ms: MINUTE,
        short_abandon_ms: Millis::from_secs(10),
    };
    let mut settings = with_offers(settings);
    settings.offers.set_aside_after = NonZeroU16::new(4);
    settings
}

/// Says what somebody has to do with messages: a few have up to three at once and no calls; every fourth of those who
/// help by telephone has up to two, and none that is new beside a call.
pub(super) fn give_messages(person: &mut Person, n: u64) {
    if n >= AT_TELEPHONES {
        person.groups = [(group(MESSAGES), 1)].into();
        person.capacity = with_chats(3);
    } else if n >= AT_TELEPHONES / 3 && n.is_multiple_of(4) {
        person.groups.insert(group(MESSAGES), 2);
        person.capacity = with_chats(2);
    }
}

fn with_chats(most: u16) -> Capacity {
    let chats = [WorkChannel::Chat, WorkChannel::Sms];
    let mut capacity = Capacity::default();
    capacity.limits.extend(chats.map(|channel| (channel, most)));
    capacity.shuts_out.insert(WorkChannel::Voice, chats.into());
    capacity
}

/// Returns who writes when.
pub(super) fn writers(chance: Chance, begins: Timestamp, ends: Timestamp) -> Vec<Moment> {
    let mut moments = Vec::new();
    let (mut at, mut number) = (begins, 0);
    // Three times the busiest rate, of which the hour lets through its share.
    let gap = scaled(GAP, 1.0 / 3.0);
    loop {
        let chance = chance.about("chat", number);
        at = at.plus(chance.about("gap", 0).exponential(gap));
        number += 1;
        if at > ends {
            return moments;
        }
        if chance.about("comes", 0).below(300) < busy(begins, at) {
            let what = What::Write(writer(chance, number));
            moments.push(Moment { at, what });
        }
    }
}

// Some write again in the same conversation after a while, some begin another; few are passed on.
fn writer(chance: Chance, number: u64) -> Writer {
    let returns = match chance.about("returns", 0).below(100) {
        0..15 => Some(To::TheSame),
        15..22 => Some(To::Another),
        _ => None,
    };
    let after = chance.about("after", 0).exponential(Millis(20 * MINUTE.0));
    let colleague = AT_TELEPHONES + chance.about("colleague", 0).below(AGENTS - AT_TELEPHONES);
    let whom = if chance.about("to-queue", 0).per_mille(500) {
        Whom::Queue(queue(MESSAGES))
    } else {
        Whom::Colleague(agent(colleague))
    };
    Writer {
        number,
        customer: chance.about("customer", 0).below(600),
        channel: if chance.about("sms", 0).per_mille(250) {
            Channel::Sms
        } else {
            Channel::Chat
        },
        queue: queue(MESSAGES),
        patience: Some(chance.about("patience", 0).exponential(Millis(8 * MINUTE.0))),
        talk: chance.about("talk", 0).talk(Millis(7 * MINUTE.0)),
        returns: returns.map(|to| Returns { after, to }),
        passed_on: chance.about("passed-on", 0).per_mille(40).then_some(PassedOn {
            after: Millis(2 * MINUTE.0),
            whom,
        }),
    }
}
