//! Callbacks: customers who hang up and keep their place, and calls that are placed to keep the promise.

use domain_model::agent::{OfferCommand, Refusal};
use domain_model::call::facts::{Announcement, Nth};
use domain_model::call::parties::Party;
use domain_model::call::reasons::LegCause;
use domain_model::call::{self, callback, leg};
use domain_model::ids::{AgentId, CallId, CallbackId, EntryId, LegId, OfferId, PersonId};
use domain_model::{Millis, PhoneNumber, Private, Timestamp};

use super::{Deed, Line, Reaction, Telephones, device_of};

/// How long a customer's telephone rings before it is given up.
const RINGS: Millis = Millis::from_secs(20);

impl Telephones {
    /// Tells a caller something on the line.
    pub(crate) fn announce(
        &self,
        entry: EntryId,
        nth: Nth,
        announcement: Announcement,
        at: Timestamp,
    ) -> Reaction {
        let mut does = Reaction::default();
        if let Some(call) = self.waiting.get(&entry) {
            let told = call::queue::Command::Announce {
                entry,
                nth,
                announcement,
                at,
            };
            does.call("announce", *call, call::Command::Queue(told));
        }
        does
    }

    /// Asks a caller whether they would rather be rung back; those who would hang up a moment later.
    pub(crate) fn offer_callback(&mut self, entry: EntryId, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let Some(call) = self.waiting.get(&entry).copied() else {
            return does;
        };
        let callback = CallbackId::new(entry.derive("callback"));
        let offer = callback::Command::Offer {
            callback,
            waits: callback::Waits::In { entry },
            at,
        };
        does.call("offer-callback", call, call::Command::Callback(offer));
        let Some(line) = self
            .lines
            .get(&call)
            .filter(|line| line.caller.callback.is_some())
        else {
            return does;
        };
        self.promised.insert(callback, line.caller.clone());
        let person = PersonId::new(call.derive("person"));
        let number = PhoneNumber::read("+442079460123", None).expect("a number");
        let accept = callback::Command::Accept {
            callback,
            number: Private::new(person, number),
            due: None,
            at,
        };
        does.call("accept-callback", call, call::Command::Callback(accept));
        let leg = line.leg;
        does.later
            .push((at.plus(Millis::from_secs(2)), Deed::HangUp { call, leg }));
        does
    }

    /// An agent is offered a callback, which rings no telephone: it is shown at their desk.
    pub(super) fn shown(&self, agent: AgentId, offer: OfferId, at: Timestamp, does: &mut Reaction) {
        let Some(person) = self.people.get(&agent) else {
            return;
        };
        let chance = self.chance.about("shown", offer.uuid().as_u64_pair().1);
        let when = at.plus(chance.about("hand", 0).exponential(person.answers_in));
        let mood = chance.about("mood", 0).below(1000);
        if mood < person.rejects || mood >= person.rejects + person.misses {
            let takes = mood >= person.rejects;
            does.later.push((when, Deed::TakeTask { agent, offer, takes }));
        }
    }

    pub(super) fn take_task(agent: AgentId, offer: OfferId, takes: bool, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let command = if takes {
            OfferCommand::Accept { offer, at }
        } else {
            let refusal = Refusal::Rejected;
            OfferCommand::Release { offer, refusal, at }
        };
        does.agent("task", agent, command);
        does
    }

    /// A call is placed: the agent's telephone rings first, and is answered at once.
    pub(super) fn placed(
        &mut self,
        call: CallId,
        (agent, callback): (AgentId, CallbackId),
        at: Timestamp,
        does: &mut Reaction,
    ) {
        let Some(caller) = self.promised.get(&callback).cloned() else {
            return;
        };
        let leg = LegId::new(call.derive("customer"));
        self.lines.insert(call, Line::outbound(caller, leg));
        let theirs = LegId::new(call.derive("agent"));
        let created = leg::Command::Create {
            leg: theirs,
            party: Party::Agent {
                agent,
                device: Some(device_of(agent)),
            },
            offer: None,
            hunt: None,
            at,
        };
        does.call("agent-leg", call, call::Command::Leg(created));
        if self.without_network.contains(&agent) {
            let cause = LegCause::MediaLost;
            let lost = leg::Command::End {
                leg: theirs,
                cause,
                at,
            };
            does.call("no-agent", call, call::Command::Leg(lost));
            return;
        }
        let when = at.plus(Millis::from_secs(1));
        does.later.push((when, Deed::Answer { call, leg: theirs }));
    }

    /// The agent is on the line, so the customer's telephone rings.
    pub(super) fn ring_customer(&self, call: CallId, line: &Line, at: Timestamp, does: &mut Reaction) {
        let leg = line.leg;
        let created = leg::Command::Create {
            leg,
            party: Party::Customer { number: None },
            offer: None,
            hunt: None,
            at,
        };
        does.call("customer-leg", call, call::Command::Leg(created));
        does.call(
            "customer-rings",
            call,
            call::Command::Leg(leg::Command::Ring { leg, at }),
        );
        let chance = self.chance.about("reached", call.uuid().as_u64_pair().1);
        let answers = chance.per_mille(line.caller.callback.unwrap_or(0));
        let after = if answers {
            chance.about("after", 0).exponential(Millis::from_secs(6))
        } else {
            RINGS
        };
        let when = at.plus(after.min(RINGS));
        does.later
            .push((when, Deed::CustomerAnswers { call, leg, answers }));
    }

    pub(super) fn customer_answers(call: CallId, leg: LegId, answers: bool, at: Timestamp) -> Reaction {
        let mut does = Reaction::default();
        let command = if answers {
            leg::Command::Answer { leg, at }
        } else {
            let cause = LegCause::NoAnswer;
            leg::Command::End { leg, cause, at }
        };
        does.call("customer", call, call::Command::Leg(command));
        does
    }
}
