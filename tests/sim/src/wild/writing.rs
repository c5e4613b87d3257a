//! Those who write in a plan that is made to break things.

use domain_model::agent::Capacity;
use domain_model::contact::WorkChannel;
use domain_model::conversation::channel::Channel;
use domain_model::queue::Settings;
use domain_model::{Millis, Timestamp};

use super::LENGTH;
use crate::chance::Chance;
use crate::plan::writing::{PassedOn, Returns, To, Whom, Writer};
use crate::plan::{Moment, What, agent, queue};

const CHANNELS: [Channel; 2] = [Channel::Chat, Channel::Sms];

/// Returns the customers who write; in two plans of five there are some.
pub(super) fn writers(chance: Chance, (queues, agents): (u64, u64), begins: Timestamp) -> Vec<Moment> {
    let chance = chance.about("writers", 0);
    if !chance.about("any", 0).per_mille(400) {
        return Vec::new();
    }
    let writes = |n| {
        let chance = chance.about("writer", n);
        Moment {
            at: begins.plus(Millis(chance.about("at", 0).below(LENGTH.0))),
            what: What::Write(writer(chance, n, queues, agents)),
        }
    };
    (0..1 + chance.about("how-many", 0).below(5))
        .map(writes)
        .collect()
}

fn writer(chance: Chance, number: u64, queues: u64, agents: u64) -> Writer {
    let some = |word, times| chance.about(word, 0).per_mille(times);
    let up_to = |word, limit| Millis(chance.about(word, 1).below(limit));
    let returns = Returns {
        after: up_to("returns", 60_000),
        to: if some("the-same", 500) {
            To::TheSame
        } else {
            To::Another
        },
    };
    let passed_on = PassedOn {
        after: up_to("passes-on", 40_000),
        whom: if some("to-queue", 500) {
            Whom::Queue(queue(chance.about("to", 0).below(queues)))
        } else {
            Whom::Colleague(agent(chance.about("colleague", 0).below(agents)))
        },
    };
    Writer {
        number,
        customer: chance.about("customer", 0).below(5),
        channel: if some("sms", 200) {
            Channel::Sms
        } else {
            Channel::Chat
        },
        queue: queue(chance.about("queue", 0).below(queues)),
        patience: Some(Millis(
            1000 + chance.about("patience", 0).exponential(Millis(120_000)).0,
        )),
        talk: Millis(1000 + chance.about("talk", 0).talk(Millis(60_000)).0),
        returns: some("returns", 400).then_some(returns),
        passed_on: some("passed-on", 300).then_some(passed_on),
    }
}

/// Lets a queue take messages beside calls; one in ten still takes calls alone.
pub(super) fn take_messages(settings: &mut Settings, chance: Chance) {
    if chance.per_mille(900) {
        settings.channels.extend(CHANNELS.map(WorkChannel::from));
    }
}

/// Returns how much somebody has in hand at once: a call, up to three chats, and one beside the other or not.
pub(super) fn capacity(chance: Chance) -> Capacity {
    let mut capacity = Capacity::default();
    for (n, channel) in (0..).zip(CHANNELS) {
        let limit = u16::try_from(chance.about("limit", n).below(4)).unwrap_or(0);
        capacity.limits.insert(channel.into(), limit);
    }
    if chance.about("call-alone", 0).per_mille(500) {
        let chats = CHANNELS.map(WorkChannel::from);
        capacity.shuts_out.insert(WorkChannel::Voice, chats.into());
    }
    if chance.about("chat-alone", 0).per_mille(300) {
        capacity
            .shuts_out
            .insert(WorkChannel::Chat, [WorkChannel::Voice].into());
    }
    capacity
}
