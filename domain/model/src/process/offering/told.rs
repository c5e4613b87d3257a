//! Who is to be told what of an offer, from how far it has come at each of the three.

use super::{Decided, Offer, Offering, Stage};
use crate::agent::{self, Holding, Obstacle, QueuePlace, Refusal, WorkCommand};
use crate::call::reasons::{Recall, Unreached};
use crate::contact::Contact;
use crate::conversation::offer::{MissReason, WithdrawReason};
use crate::few::Few;
use crate::ids::{CallId, ConversationId, EntryId, OfferId};
use crate::process::{AnyCommand, AnyRejection, Fact, Order, Process};
use crate::queue::{Departure, EntryCommand, OfferEnd, OfferFailure, REPORT_MS, RING_MS_MIN};
use crate::text::Key;
use crate::{Actor, Millis, Timestamp, call, conversation, queue};

/// What follows for one offer, each with the moment since when it is due.
pub(super) fn orders(id: OfferId, offer: &Offer, now: Timestamp) -> Vec<(Timestamp, Order)> {
    let told = [
        to_agent(id, offer, now),
        to_contact(id, offer, now),
        to_queue(id, offer, now),
    ];
    told.into_iter()
        .flatten()
        .map(|(fact, word, what)| {
            let order = Order::about::<Offering>(&fact.cause, &format!("{id}/{word}"), what);
            (fact.at, order)
        })
        .collect()
}

type Told<'a> = Option<(&'a Fact, &'static str, AnyCommand)>;

fn to_agent(id: OfferId, offer: &Offer, now: Timestamp) -> Told<'_> {
    let (word, fact, command): (_, _, agent::Command) =
        match (&offer.at_agent, &offer.at_contact, &offer.at_queue) {
            (Stage::Unknown, Stage::Unknown, Stage::Open(fact)) => {
                let (queue, decided) = (offer.queue?, offer.decided.as_deref()?);
                if decided.is_too_late(now) {
                    return None;
                }
                let place = QueuePlace {
                    queue,
                    entry: offer.entry,
                };
                ("reserve", fact, reserve(id, offer.contact, place, decided, now))
            }
            (Stage::Open(_), Stage::Accepted(fact) | Stage::Over(OfferEnd::Answered, fact), _) => {
                let accept = agent::OfferCommand::Accept {
                    offer: id,
                    at: fact.at,
                };
                ("accept", fact, accept.into())
            }
            (Stage::Open(_), Stage::Over(how, fact), _) | (Stage::Open(_), _, Stage::Over(how, fact)) => {
                let release = agent::OfferCommand::Release {
                    offer: id,
                    refusal: refusal_of(how),
                    at: fact.at,
                };
                ("release", fact, release.into())
            }
            // Nobody was connected, so there is nothing that goes on, and nothing to write notes about.
            (Stage::Accepted(_), Stage::Over(how, fact), _)
                if *how != OfferEnd::Answered && !offer.contact.is_callback() =>
            {
                ("give-up", fact, give_up(id, offer.contact, fact.at))
            }
            // The queue gave the callback up before a call was placed for it.
            (Stage::Accepted(_), Stage::Unknown, Stage::Over(how, fact))
                if *how != OfferEnd::Answered && offer.contact.is_callback() =>
            {
                ("give-up", fact, give_up(id, offer.contact, fact.at))
            }
            (Stage::Unknown | Stage::Open(_) | Stage::Accepted(_) | Stage::Over(..), _, _) => return None,
        };
    Some((fact, word, AnyCommand::Agent(offer.agent, command)))
}

fn give_up(offer: OfferId, contact: Contact, at: Timestamp) -> agent::Command {
    let holding = Holding::Offered(offer);
    WorkCommand::GiveUp { contact, holding, at }.into()
}

fn reserve(
    offer: OfferId,
    contact: Contact,
    place: QueuePlace,
    decided: &Decided,
    at: Timestamp,
) -> agent::Command {
    let reserve = agent::OfferCommand::Reserve {
        offer,
        contact,
        ask: decided.ask.clone(),
        from: Some(place),
        terms: decided.terms.clone(),
        until: decided.until,
        at,
    };
    reserve.into()
}

const fn refusal_of(how: &OfferEnd) -> Refusal {
    match how {
        OfferEnd::Rejected => Refusal::Rejected,
        OfferEnd::Missed => Refusal::Missed,
        OfferEnd::CallerGone => Refusal::CallerGone,
        OfferEnd::DeviceUnreachable => Refusal::DeviceUnreachable,
        OfferEnd::Away => Refusal::Away,
        OfferEnd::Lapsed => Refusal::Lapsed,
        OfferEnd::Answered
        | OfferEnd::AnotherWasFirst
        | OfferEnd::Withdrawn
        | OfferEnd::NotReached { .. }
        | OfferEnd::Unavailable { .. } => Refusal::Withdrawn,
    }
}

fn to_contact(id: OfferId, offer: &Offer, now: Timestamp) -> Told<'_> {
    let (fact, word, command) = match (&offer.at_contact, &offer.at_queue, &offer.at_agent) {
        (Stage::Unknown, Stage::Open(_), Stage::Open(fact)) => {
            let decided = offer
                .decided
                .as_deref()
                .filter(|decided| !decided.is_too_late(now))?;
            (fact, "make", make(id, offer, decided, now)?)
        }
        (Stage::Open(_), _, Stage::Over(how, fact)) => {
            let recall = if *how == OfferEnd::Away {
                Recall::AgentUnavailable
            } else {
                Recall::Cancelled
            };
            (fact, "end", take_back(id, offer.contact, how, recall, fact.at)?)
        }
        (Stage::Open(_), Stage::Over(how, fact), _) => {
            let recall = Recall::Cancelled;
            (fact, "end", take_back(id, offer.contact, how, recall, fact.at)?)
        }
        // Connecting took too long: the entry is to be offered again, and this agent is no longer waited for.
        (Stage::Accepted(_), Stage::Over(_, fact), _) => {
            let Contact::Call(call) = offer.contact else {
                return None;
            };
            let (offer, at) = (id, fact.at);
            let fail = call::offer::Command::FailToConnect { offer, at };
            (fact, "fail", to_call(call, fail))
        }
        (Stage::Unknown | Stage::Open(_) | Stage::Accepted(_) | Stage::Over(..), _, _) => return None,
    };
    Some((fact, word, command))
}

const fn to_call(call: CallId, command: call::offer::Command) -> AnyCommand {
    AnyCommand::Call(call, call::Command::Offer(command))
}

const fn to_conversation(id: ConversationId, command: conversation::offer::OfferCommand) -> AnyCommand {
    AnyCommand::Conversation(id, conversation::Command::Offer(command))
}

fn make(id: OfferId, offer: &Offer, decided: &Decided, at: Timestamp) -> Option<AnyCommand> {
    // The reservation ends by itself, and nothing rings for longer than can be reported before.
    let ring_ms: Millis = decided.ring_ms.min(decided.rings_until().since(at));
    match offer.contact {
        Contact::Call(call) => {
            let make = call::offer::Command::Make {
                offer: id,
                entry: offer.entry,
                agent: offer.agent,
                ring_ms,
                strategy: Key::new(decided.strategy.name()).expect("a strategy's name is a key"),
                settings: decided.settings,
                candidates: decided.candidates.clone(),
                at,
            };
            Some(to_call(call, make))
        }
        Contact::Conversation(conversation) => {
            let make = conversation::offer::OfferCommand::Make {
                offer: id,
                agent: offer.agent,
                entry: Some(offer.entry),
                ring_ms,
                at,
            };
            Some(to_conversation(conversation, make))
        }
        Contact::Callback(_) => None,
    }
}

fn take_back(
    offer: OfferId,
    contact: Contact,
    how: &OfferEnd,
    recall: Recall,
    at: Timestamp,
) -> Option<AnyCommand> {
    match contact {
        Contact::Call(call) => {
            use call::offer::Command;
            let reason = None;
            let command = match how {
                OfferEnd::Rejected => Command::Reject { offer, reason, at },
                OfferEnd::DeviceUnreachable => Command::ReportUnreachable {
                    offer,
                    why: Unreached::NotRegistered,
                    at,
                },
                OfferEnd::Answered
                | OfferEnd::AnotherWasFirst
                | OfferEnd::Missed
                | OfferEnd::CallerGone
                | OfferEnd::Withdrawn
                | OfferEnd::Away
                | OfferEnd::Lapsed
                | OfferEnd::NotReached { .. }
                | OfferEnd::Unavailable { .. } => Command::Withdraw {
                    offer,
                    why: recall,
                    at,
                },
            };
            Some(to_call(call, command))
        }
        Contact::Conversation(conversation) => {
            use conversation::offer::OfferCommand as Command;
            let withdraw = |reason| Command::Withdraw { offer, reason, at };
            let command = match how {
                OfferEnd::Rejected => Command::Reject {
                    offer,
                    reason: None,
                    at,
                },
                OfferEnd::DeviceUnreachable => Command::Miss {
                    offer,
                    reason: MissReason::DeviceUnreachable,
                    at,
                },
                OfferEnd::Away => Command::Miss {
                    offer,
                    reason: MissReason::Away,
                    at,
                },
                OfferEnd::AnotherWasFirst => withdraw(WithdrawReason::Taken),
                OfferEnd::CallerGone => withdraw(WithdrawReason::CustomerGone),
                OfferEnd::Answered
                | OfferEnd::Missed
                | OfferEnd::Withdrawn
                | OfferEnd::Lapsed
                | OfferEnd::NotReached { .. }
                | OfferEnd::Unavailable { .. } => withdraw(WithdrawReason::Recalled),
            };
            Some(to_conversation(conversation, command))
        }
        Contact::Callback(_) => None,
    }
}

fn to_queue(id: OfferId, offer: &Offer, now: Timestamp) -> Told<'_> {
    let queue = offer.queue?;
    let outcome = offer.outcome();
    // Whichever came first says how it ended; both say the same unless they crossed.
    let ended = match (outcome, &offer.at_agent) {
        (Stage::Over(how, fact), _) if *how != OfferEnd::Answered => Some((how, fact)),
        // Whoever takes part in ringing back may be gone while it rings: the call that is placed says how it ends.
        (Stage::Open(_), Stage::Over(..)) if offer.contact.is_callback() => None,
        (Stage::Unknown | Stage::Open(_), Stage::Over(how, fact)) => Some((how, fact)),
        (Stage::Unknown | Stage::Open(_) | Stage::Accepted(_) | Stage::Over(..), _) => None,
    };
    let (fact, word, command): (_, _, queue::Command) = match (&offer.at_queue, outcome, ended) {
        (Stage::Open(_), Stage::Accepted(fact) | Stage::Over(OfferEnd::Answered, fact), _) => {
            let accept = queue::OfferCommand::Accept {
                offer: id,
                at: fact.at,
            };
            (fact, "accept", accept.into())
        }
        (Stage::Accepted(_), Stage::Over(OfferEnd::Answered, fact), _) => {
            let connect = queue::OfferCommand::Connect {
                offer: id,
                at: fact.at,
            };
            (fact, "connect", connect.into())
        }
        (Stage::Open(_) | Stage::Accepted(_), _, Some((how, fact))) => {
            let end = queue::OfferCommand::End {
                offer: id,
                failure: failure_of(how),
                at: fact.at,
            };
            (fact, "end", end.into())
        }
        // So much time went by that nobody could answer any more, which is nobody's fault.
        (Stage::Open(fact), Stage::Unknown | Stage::Open(_), None) if offer.is_too_late(now) => {
            let end = queue::OfferCommand::End {
                offer: id,
                failure: OfferFailure::Lapsed,
                at: now,
            };
            (fact, "late", end.into())
        }
        // The queue gave up a moment too soon; nobody is to be rung for a customer who is being served.
        (Stage::Over(end, _), Stage::Over(OfferEnd::Answered, fact), _)
            if *end != OfferEnd::Answered && !offer.left =>
        {
            (fact, "leave", leave(offer.entry, fact.at).into())
        }
        (Stage::Unknown | Stage::Open(_) | Stage::Accepted(_) | Stage::Over(..), _, _) => return None,
    };
    Some((fact, word, AnyCommand::Queue(queue, command)))
}

fn leave(entry: EntryId, at: Timestamp) -> EntryCommand {
    let by = Actor::System(Key::new(Offering::NAME).expect("a process's name is a key"));
    let why = Departure::Removed { by };
    EntryCommand::Leave { entry, why, at }
}

fn failure_of(how: &OfferEnd) -> OfferFailure {
    match how {
        OfferEnd::Rejected => OfferFailure::Rejected,
        OfferEnd::Missed => OfferFailure::Missed,
        OfferEnd::CallerGone => OfferFailure::CallerGone,
        OfferEnd::DeviceUnreachable => OfferFailure::DeviceUnreachable,
        OfferEnd::Away => OfferFailure::Away,
        OfferEnd::Lapsed => OfferFailure::Lapsed,
        OfferEnd::NotReached { again_from } => OfferFailure::NotReached {
            again_from: *again_from,
        },
        OfferEnd::Unavailable { obstacles } => OfferFailure::Unavailable {
            obstacles: obstacles.clone(),
        },
        OfferEnd::Answered | OfferEnd::AnotherWasFirst | OfferEnd::Withdrawn => OfferFailure::Withdrawn,
    }
}

impl Decided {
    // Until when anything rings for it, so that there is time to report how that ended.
    fn rings_until(&self) -> Timestamp {
        self.until.minus(REPORT_MS)
    }

    // Whether no time is left in which somebody could answer.
    fn is_too_late(&self, now: Timestamp) -> bool {
        self.rings_until().since(now) < RING_MS_MIN
    }
}

impl Offer {
    // Of what rings or is shown already, the call or conversation says how it ends.
    fn is_too_late(&self, now: Timestamp) -> bool {
        let rings = self.contact.is_callback() && matches!(self.at_agent, Stage::Open(_));
        let decided = self.decided.as_deref().filter(|_| !rings);
        decided.is_some_and(|decided| decided.is_too_late(now))
    }
}

/// What follows instead of an order that was refused: the queue hears why, and the next agent is asked.
pub(super) fn instead<'a>(
    order: &Order,
    why: &AnyRejection,
    find: impl Fn(OfferId) -> Option<&'a Offer>,
) -> Option<Order> {
    use call::offer::Command as CallOffer;
    use conversation::offer::OfferCommand as ConversationOffer;
    let (id, failure, at) = match &order.what {
        AnyCommand::Agent(_, agent::Command::Offer(agent::OfferCommand::Reserve { offer, at, .. })) => {
            (*offer, Some(agent_failure(why)), *at)
        }
        AnyCommand::Call(_, call::Command::Offer(CallOffer::Make { offer, at, .. }))
        | AnyCommand::Conversation(
            _,
            conversation::Command::Offer(ConversationOffer::Make { offer, at, .. }),
        ) => (*offer, (!is_over(why)).then_some(OfferFailure::Withdrawn), *at),
        AnyCommand::Consent(..)
        | AnyCommand::Call(..)
        | AnyCommand::Queue(..)
        | AnyCommand::Agent(..)
        | AnyCommand::Conversation(..)
        | AnyCommand::RoutingPolicy(..)
        | AnyCommand::Retention(..)
        | AnyCommand::Tenant(..) => return None,
    };
    let offer = find(id)?;
    let command: queue::Command = match failure {
        Some(failure) => queue::OfferCommand::End {
            offer: id,
            failure,
            at,
        }
        .into(),
        // Nobody is there to be offered, to this agent or another.
        None => leave(offer.entry, at).into(),
    };
    let what = AnyCommand::Queue(offer.queue?, command);
    Some(Order::about::<Offering>(
        &order.cause,
        &format!("{id}/refused"),
        what,
    ))
}

fn agent_failure(why: &AnyRejection) -> OfferFailure {
    if let AnyRejection::Agent(agent::Rejection::Unavailable { obstacles }) = why {
        let obstacles = Few::first(obstacles.iter().cloned());
        OfferFailure::Unavailable { obstacles }
    } else if let AnyRejection::Agent(agent::Rejection::InHand { .. }) = why {
        // Whoever is not told what stands in the way chooses the same agent again at once.
        let obstacles = Few::first([Obstacle::InHand]);
        OfferFailure::Unavailable { obstacles }
    } else if let AnyRejection::Agent(agent::Rejection::OfferDeadline { .. }) = why {
        OfferFailure::Lapsed
    } else {
        OfferFailure::Withdrawn
    }
}

// Whether what was to be offered waits no more, or can be offered to nobody, whatever the queue still thinks.
const fn is_over(why: &AnyRejection) -> bool {
    matches!(
        why,
        AnyRejection::Call(
            call::Rejection::NotBegun
                | call::Rejection::CallOver
                | call::Rejection::CallerGone
                | call::Rejection::NoSuchEntry { .. }
                | call::Rejection::EntryOver { .. }
                | call::Rejection::TooMany { .. }
        ) | AnyRejection::Conversation(
            conversation::Rejection::NotOpened
                | conversation::Rejection::Archived { .. }
                | conversation::Rejection::Taken { .. }
                | conversation::Rejection::TooMany { .. }
        )
    )
}
