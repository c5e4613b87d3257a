//! Who is to be told what of an agent's share in a contact.

use std::num::NonZeroU16;

use super::{CallNotes, Fact, Hand, InHand, Notes, Part, Share};
use crate::agent::{self, Chooser, Terms, WorkCommand, WrapUpCommand, WrapUpEnd};
use crate::call::reasons::WrapUpFailure;
use crate::call::{self, wrap_up};
use crate::contact::Contact;
use crate::ids::{AgentId, LegId};
use crate::process::{AnyCommand, Order};
use crate::text::Key;
use crate::{Actor, Timestamp};

// What nobody offered comes with no terms: no queue says that there are notes to write or a code to give.
const NO_TERMS: Terms = Terms {
    wrap_up: None,
    cooldown_ms: None,
    set_aside_after: None,
};

/// What follows for one share, each with the moment since when it is due.
pub(super) fn orders(agent: AgentId, share: &Share) -> Vec<(Timestamp, Order)> {
    let told = [
        to_agent(share).map(|(fact, word, command)| (fact, word, AnyCommand::Agent(agent, command))),
        to_call(agent, share),
    ];
    told.into_iter()
        .flatten()
        .map(|(fact, word, what)| {
            let word = format!("{agent}/{}/{word}", share.contact);
            (fact.at, Order::about::<InHand>(&fact.cause, &word, what))
        })
        .collect()
}

fn to_agent(share: &Share) -> Option<(&Fact, &'static str, agent::Command)> {
    let contact = share.contact;
    match (&share.part, share.hand) {
        // However short it was: what was begun on its way here is ended after.
        (Part::Takes(from) | Part::Took { from, .. }, Hand::Empty) => {
            let begin = WorkCommand::Begin {
                contact,
                channel: share.channel,
                units: NonZeroU16::MIN,
                terms: NO_TERMS,
                at: from.at,
            };
            Some((from, "begin", begin.into()))
        }
        (Part::None | Part::Takes(_) | Part::Took { .. }, Hand::Busy | Hand::Notes)
            if share.code.is_some() =>
        {
            let (code, fact) = share.code.as_ref()?;
            let (code, at) = (*code, fact.at);
            let holding = share.holding?;
            let dispose = WrapUpCommand::Dispose {
                contact,
                holding,
                code,
                at,
            };
            Some((fact, "dispose", dispose.into()))
        }
        (Part::None | Part::Takes(_) | Part::Took { .. }, Hand::Busy) if share.placed.is_some() => {
            let ((call, fact), Contact::Callback(callback)) = (share.placed.as_ref()?, contact) else {
                return None;
            };
            let (call, holding, at) = (*call, share.holding?, fact.at);
            let ring_back = WorkCommand::RingBack {
                callback,
                holding,
                call,
                at,
            };
            Some((fact, "ring-back", ring_back.into()))
        }
        (Part::Took { until, .. }, Hand::Busy) => {
            let (holding, at) = (share.holding?, until.at);
            let (word, command) = if share.talked {
                ("end", WorkCommand::End { contact, holding, at })
            } else {
                ("give-up", WorkCommand::GiveUp { contact, holding, at })
            };
            Some((until, word, command.into()))
        }
        (Part::Takes(_), Hand::Busy) => {
            let (Some((waits, fact)), Contact::Call(call)) = (&share.waits, contact) else {
                return None;
            };
            let (holding, at) = (share.holding?, fact.at);
            let (word, command) = if *waits {
                ("hold", WorkCommand::Hold { call, holding, at })
            } else {
                ("resume", WorkCommand::Resume { call, holding, at })
            };
            (*waits != share.on_hold).then(|| (fact, word, command.into()))
        }
        (
            Part::None | Part::Takes(_) | Part::Took { .. },
            Hand::Empty | Hand::Offered | Hand::Comes | Hand::Busy | Hand::Notes | Hand::Done,
        ) => None,
    }
}

fn to_call(agent: AgentId, share: &Share) -> Option<(&Fact, &'static str, AnyCommand)> {
    let Contact::Call(call) = share.contact else {
        return None;
    };
    let (fact, word, command) = match (&share.notes, share.call_notes) {
        (
            Notes::Begun {
                from, leg: Some(leg), ..
            }
            | Notes::Ended {
                from, leg: Some(leg), ..
            },
            CallNotes::None,
        ) if share.is_off(*leg) => {
            // The agent keeps the time.
            let (leg, limit_ms, at) = (*leg, None, from.at);
            (from, "wrap-up", wrap_up::Command::Start { leg, limit_ms, at })
        }
        (
            Notes::Ended {
                leg: Some(leg),
                how,
                without_code,
                until,
                ..
            },
            CallNotes::Begun,
        ) => {
            let end = end(agent, *leg, how, *without_code, until);
            (until, "wrap-up-end", end)
        }
        (Notes::None | Notes::Begun { .. } | Notes::Ended { .. }, _) => return None,
    };
    let command = call::Command::WrapUp(command);
    Some((fact, word, AnyCommand::Call(call, command)))
}

impl Share {
    // A wrap-up follows a leg that is over.
    fn is_off(&self, leg: LegId) -> bool {
        matches!(self.part, Part::Took { .. }) || self.over == Some(leg)
    }
}

fn end(agent: AgentId, leg: LegId, how: &WrapUpEnd, without_code: bool, until: &Fact) -> wrap_up::Command {
    let at = until.at;
    if without_code {
        let why = match how {
            WrapUpEnd::SignedOut => WrapUpFailure::AgentGone,
            WrapUpEnd::Ended(_) | WrapUpEnd::TimeUp => WrapUpFailure::NotDispositioned,
        };
        return wrap_up::Command::Fail { leg, why, at };
    }
    let by = match how {
        WrapUpEnd::Ended(chooser) => actor(agent, chooser),
        WrapUpEnd::SignedOut => Actor::Agent(agent),
        WrapUpEnd::TimeUp => system("agent-lapse"),
    };
    wrap_up::Command::End { leg, by, at }
}

fn actor(agent: AgentId, chooser: &Chooser) -> Actor {
    match chooser {
        Chooser::Agent => Actor::Agent(agent),
        Chooser::Supervisor(user) => Actor::User(*user),
        Chooser::RoutingPolicy(_) => system("routing-policy"),
        Chooser::Process(name) => Actor::System(name.clone()),
        Chooser::Crm(link) => Actor::Crm(link.clone()),
        Chooser::Api(key) => Actor::Api(key.clone()),
    }
}

fn system(name: &str) -> Actor {
    Actor::System(Key::new(name).expect("the name is a key"))
}
