//! Consent: what one pair of numbers (ours, a customer's) may send by text message.
//!
//! An explicit yes or no rules over everything; without one, a customer who wrote to us lately may be answered for a
//! while. The pair itself is personal and stays out of the log: the id stands for it, the key vault resolves it.

use serde::{Deserialize, Serialize};

use crate::context::Actor;
use crate::ids::{ConsentId, MessageId};
use crate::{Decider, Millis, Timestamp};

/// The consent aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Consent;

/// How a customer, or somebody for them, said yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Means {
    /// A keyword such as STOP or START.
    Keyword,
    /// A form on a web page.
    Form,
    /// Told to an agent.
    Spoken,
    /// Set by an admin or the CRM.
    Administered,
}

crate::events! {
    /// What happened to a consent.
    pub enum Event of "Consent" {
        /// The customer wrote to us, which lets us answer for a while.
        Implied {
            /// The message that implies it.
            message: MessageId,
            /// Until when we may write without an explicit yes.
            until: Timestamp,
            /// When the message came in.
            at: Timestamp,
        },
        /// The time after the customer's last message ran out.
        Expired {
            /// When it ran out.
            at: Timestamp,
        },
        /// The customer said yes.
        Given {
            /// How.
            means: Means,
            /// Who recorded it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
        /// The customer said no: nothing may be sent until they say yes.
        Withdrawn {
            /// How.
            means: Means,
            /// Who recorded it.
            by: Actor,
            /// When.
            at: Timestamp,
        },
    }
}

/// What somebody wants of a consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(any(test, feature = "contract"), derive(proptest_derive::Arbitrary))]
pub enum Command {
    /// Takes note that the customer wrote.
    HearFrom {
        /// Their message.
        message: MessageId,
        /// How long it lets us answer.
        valid_for_ms: Millis,
        /// When it came in.
        at: Timestamp,
    },
    /// Lets an implied consent run out, if its time has come.
    Expire {
        /// The moment it is.
        at: Timestamp,
    },
    /// Records a yes.
    Give {
        /// How it was said.
        means: Means,
        /// Who records it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Records a no.
    Withdraw {
        /// How it was said.
        means: Means,
        /// Who records it.
        by: Actor,
        /// When.
        at: Timestamp,
    },
}

/// Where a consent stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum State {
    /// The customer never wrote and never said.
    #[default]
    Unknown,
    /// The customer wrote; answering is allowed for a while.
    Implied {
        /// The last message that implied it.
        message: MessageId,
        /// The end of the while.
        until: Timestamp,
    },
    /// The while is over.
    Expired {
        /// The last message that implied it.
        message: Option<MessageId>,
    },
    /// The customer said yes.
    Given,
    /// The customer said no.
    Withdrawn,
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// The implied consent still holds.
    #[error("the customer's last message allows an answer until {until}")]
    NotYet {
        /// Until when.
        until: Timestamp,
    },
}

impl State {
    /// Says whether a message may be sent at a moment.
    #[must_use]
    pub fn allows(&self, at: Timestamp) -> bool {
        match self {
            Self::Given => true,
            Self::Implied { until, .. } => at < *until,
            Self::Unknown | Self::Expired { .. } | Self::Withdrawn => false,
        }
    }
}

impl Decider for Consent {
    const CATEGORY: &'static str = "consent";
    type Id = ConsentId;
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::HearFrom {
                message,
                valid_for_ms,
                at,
            } => Ok(hear_from(state, message, at.plus(valid_for_ms), at)),
            Command::Expire { at } => match state {
                State::Implied { until, .. } if at < *until => Err(Rejection::NotYet { until: *until }),
                State::Implied { .. } => Ok(vec![Event::Expired { at }]),
                State::Unknown | State::Expired { .. } | State::Given | State::Withdrawn => Ok(vec![]),
            },
            Command::Give { means, by, at } => match state {
                State::Given => Ok(vec![]),
                State::Unknown | State::Implied { .. } | State::Expired { .. } | State::Withdrawn => {
                    Ok(vec![Event::Given { means, by, at }])
                }
            },
            Command::Withdraw { means, by, at } => match state {
                State::Withdrawn => Ok(vec![]),
                State::Unknown | State::Implied { .. } | State::Expired { .. } | State::Given => {
                    Ok(vec![Event::Withdrawn { means, by, at }])
                }
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match event {
            Event::Implied { message, until, .. } => State::Implied {
                message: *message,
                until: *until,
            },
            Event::Expired { .. } => State::Expired {
                message: state.last_message(),
            },
            Event::Given { .. } => State::Given,
            Event::Withdrawn { .. } => State::Withdrawn,
        }
    }
}

impl State {
    fn last_message(&self) -> Option<MessageId> {
        match self {
            Self::Implied { message, .. } => Some(*message),
            Self::Expired { message } => *message,
            Self::Unknown | Self::Given | Self::Withdrawn => None,
        }
    }
}

// An explicit answer outlasts any message, and a message that came late shortens nothing.
fn hear_from(state: &State, message: MessageId, until: Timestamp, at: Timestamp) -> Vec<Event> {
    match state {
        State::Given | State::Withdrawn => vec![],
        State::Implied { until: longer, .. } if *longer >= until => vec![],
        State::Expired { message: Some(last) } if *last == message => vec![],
        State::Unknown | State::Implied { .. } | State::Expired { .. } => {
            vec![Event::Implied { message, until, at }]
        }
    }
}

#[cfg(any(test, feature = "contract"))]
/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    use crate::testing::sample::{at, id};
    vec![
        Event::Implied {
            message: MessageId::new(id(1)),
            until: at(86_400),
            at: at(0),
        },
        Event::Expired { at: at(86_400) },
        Event::Given {
            means: Means::Keyword,
            by: Actor::Customer,
            at: at(1),
        },
        Event::Withdrawn {
            means: Means::Spoken,
            by: Actor::Agent(crate::ids::AgentId::new(id(2))),
            at: at(2),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample::{at, id};
    use crate::testing::{fold_and_read_back, given, golden, play};
    use proptest::prelude::*;

    fn wrote() -> Event {
        Event::Implied {
            message: MessageId::new(id(1)),
            until: at(60),
            at: at(0),
        }
    }

    fn withdrew() -> Event {
        Event::Withdrawn {
            means: Means::Keyword,
            by: Actor::Customer,
            at: at(5),
        }
    }

    fn write_again(second: i64) -> Command {
        Command::HearFrom {
            message: MessageId::new(id(2)),
            valid_for_ms: Millis::from_secs(60),
            at: at(second),
        }
    }

    #[test]
    fn a_message_allows_an_answer_for_a_while() {
        let state = Consent::fold(&[wrote()]);
        assert!(state.allows(at(59)));
        assert!(!state.allows(at(60)));
    }

    #[test]
    fn a_no_outlasts_further_messages() {
        given::<Consent>([wrote(), withdrew()])
            .when(write_again(10))
            .nothing();
        assert!(!Consent::fold(&[wrote(), withdrew()]).allows(at(6)));
    }

    #[test]
    fn a_later_message_extends_the_while() {
        given::<Consent>([wrote()])
            .when(write_again(10))
            .then([Event::Implied {
                message: MessageId::new(id(2)),
                until: at(70),
                at: at(10),
            }]);
    }

    #[test]
    fn it_does_not_expire_before_its_time() {
        given::<Consent>([wrote()])
            .when(Command::Expire { at: at(59) })
            .rejected(Rejection::NotYet { until: at(60) });
        given::<Consent>([wrote()])
            .when(Command::Expire { at: at(60) })
            .then([Event::Expired { at: at(60) }]);
    }

    #[test]
    fn samples_are_what_the_golden_files_hold() {
        golden::<Consent>("consent", &samples());
    }

    proptest! {
        #[test]
        fn any_commands_can_be_said_twice(commands: Vec<Command>) {
            fold_and_read_back::<Consent>(&play::<Consent>(commands));
        }

        #[test]
        fn any_events_fold_and_read_back(events: Vec<Event>) {
            fold_and_read_back::<Consent>(&events);
        }
    }
}
