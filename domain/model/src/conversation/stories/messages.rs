//! What is said in a conversation, told.

use super::{ANN, archived, opened, pair, sms};
use crate::Decider as _;
use crate::Private;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::conversation::channel::{Channel, Pair};
use crate::conversation::content::{Body, Content, ProviderRef};
use crate::conversation::message::{MessageCommand, Report, Stage};
use crate::conversation::permission::{Basis, BlockReason, Permission, Refusal};
use crate::conversation::{Command, Conversation, Event, Rejection};
use crate::few::Few;
use crate::ids::{MessageId, StepId};
use crate::testing::given;
use crate::testing::sample::{at, id, person, text};

const ASKED: MessageId = MessageId::new(id(20));
const ANSWER: MessageId = MessageId::new(id(21));

fn content(words: &str) -> Content {
    Content {
        body: Some(Body::Inline {
            text: Private::new(person(1), text(words)),
        }),
        attachments: Few::none(),
    }
}

fn provider(name: &str) -> ProviderRef {
    ProviderRef::new(person(1), &text("twilio"), text(name))
}

fn receive(message: MessageId, pair: Pair, provider_id: &str) -> Command {
    Command::Message(MessageCommand::Receive {
        message,
        pair,
        content: content("Where is my order?"),
        provider: provider(provider_id),
        sent_at: None,
        at: at(40),
    })
}

fn received(message: MessageId, channel: Channel, provider_id: &str) -> Event {
    Event::MessageReceived {
        message,
        channel,
        content: content("Where is my order?"),
        provider: provider(provider_id),
        sent_at: None,
        at: at(40),
    }
}

fn composed() -> Event {
    Event::MessageComposed {
        message: ANSWER,
        channel: Channel::Sms,
        author: Actor::Agent(ANN),
        content: content("On its way."),
        template: None,
        at: at(50),
    }
}

fn cleared() -> Event {
    Event::MessageCleared {
        message: ANSWER,
        basis: Basis::ConsentGiven,
        at: at(51),
    }
}

fn clear(permission: Permission) -> Command {
    Command::Message(MessageCommand::Clear {
        message: ANSWER,
        permission,
        at: at(51),
    })
}

fn report(message: MessageId, report: Report) -> Command {
    Command::Message(MessageCommand::Report {
        message,
        report,
        at: at(60),
    })
}

fn failed() -> Report {
    Report::Failed {
        reason: text("30003"),
        retryable: true,
    }
}

#[test]
fn the_same_provider_message_is_recorded_once_whatever_the_command() {
    let again = MessageId::new(id(29));
    given::<Conversation>([opened(), received(ASKED, Channel::Sms, "SM1")])
        .when(receive(again, sms(), "SM1"))
        .nothing();
    given::<Conversation>([opened(), received(ASKED, Channel::Sms, "SM1"), archived()])
        .when(receive(again, sms(), "SM1"))
        .nothing();
}

#[test]
fn the_next_message_after_archiving_opens_a_new_conversation() {
    given::<Conversation>([opened(), archived()])
        .when(receive(ASKED, sms(), "SM1"))
        .rejected(Rejection::Archived { at: at(90) });
}

#[test]
fn a_customer_who_writes_from_elsewhere_takes_the_conversation_along() {
    let mail = pair(Channel::Email, "help@acme.example", "carol@customer.example");
    given::<Conversation>([opened()])
        .when(receive(ASKED, mail.clone(), "M1"))
        .then([
            Event::ChannelSwitched {
                from: Channel::Sms,
                to: mail,
                by: Actor::Customer,
                at: at(40),
            },
            received(ASKED, Channel::Email, "M1"),
        ]);
}

#[test]
fn without_permission_a_message_is_blocked_and_says_why() {
    let refusal = Refusal::ConsentWithdrawn;
    given::<Conversation>([opened(), composed()])
        .when(clear(Permission::Refused { refusal }))
        .then([Event::MessageBlocked {
            message: ANSWER,
            reason: BlockReason::NotPermitted { refusal },
            at: at(51),
        }]);
}

#[test]
fn the_ground_on_which_a_message_passes_is_kept() {
    let basis = Basis::SessionOpen { until: at(600) };
    given::<Conversation>([opened(), composed()])
        .when(clear(Permission::Granted { basis }))
        .then([Event::MessageCleared {
            message: ANSWER,
            basis,
            at: at(51),
        }]);
}

#[test]
fn a_message_that_nobody_cleared_cannot_have_been_sent() {
    given::<Conversation>([opened(), composed()])
        .when(report(
            ANSWER,
            Report::Sent {
                provider: provider("SM2"),
            },
        ))
        .rejected(Rejection::NotCleared { stage: Stage::New });
}

#[test]
fn receipts_that_come_out_of_order_never_move_a_message_back() {
    let delivered = Event::MessageDelivered {
        message: ANSWER,
        at: at(55),
    };
    given::<Conversation>([opened(), composed(), cleared(), delivered.clone()])
        .when(report(
            ANSWER,
            Report::Sent {
                provider: provider("SM2"),
            },
        ))
        .nothing();
    given::<Conversation>([opened(), composed(), cleared(), delivered])
        .when(report(ANSWER, failed()))
        .nothing();
}

#[test]
fn a_message_given_up_may_turn_out_to_be_delivered() {
    given::<Conversation>([
        opened(),
        composed(),
        cleared(),
        Event::MessageFailed {
            message: ANSWER,
            reason: text("timeout"),
            retryable: true,
            at: at(55),
        },
    ])
    .when(report(ANSWER, Report::Delivered))
    .then([Event::MessageDelivered {
        message: ANSWER,
        at: at(60),
    }]);
}

#[test]
fn a_cleared_message_may_be_on_its_way_and_is_not_changed() {
    given::<Conversation>([opened(), composed(), cleared()])
        .when(Command::Message(MessageCommand::Rewrite {
            message: ANSWER,
            step: StepId::new(id(42)),
            rule: text("hide card numbers"),
            content: content("***"),
            at: at(52),
        }))
        .rejected(Rejection::TooLate {
            stage: Stage::Cleared,
        });
}

#[test]
fn a_deleted_message_is_not_sent() {
    given::<Conversation>([
        opened(),
        composed(),
        Event::MessageDeleted {
            message: ANSWER,
            by: Actor::Agent(ANN),
            at: at(51),
        },
    ])
    .when(clear(Permission::Granted {
        basis: Basis::ConsentGiven,
    }))
    .rejected(Rejection::MessageDeleted);
}

#[test]
fn receipts_are_still_heard_after_archiving() {
    given::<Conversation>([opened(), composed(), cleared(), archived()])
        .when(report(ANSWER, Report::Read { by: Actor::Customer }))
        .then([Event::MessageRead {
            message: ANSWER,
            by: Actor::Customer,
            at: at(60),
        }]);
}

#[test]
fn a_receipt_finds_its_message_by_the_providers_id() {
    let sent = Event::MessageSent {
        message: ANSWER,
        provider: provider("SM2"),
        at: at(52),
    };
    let state = Conversation::fold(&[opened(), composed(), cleared(), sent]);
    assert_eq!(state.message_of(&provider("SM2").key), Some(ANSWER));
    assert_eq!(state.message_of(&ContentHash::of(b"another")), None);
    assert_eq!(state.stage(ANSWER), Some(Stage::Sent));
}

#[test]
fn a_message_with_nothing_in_it_is_refused() {
    given::<Conversation>([opened()])
        .when(Command::Message(MessageCommand::Compose {
            message: ANSWER,
            author: Actor::Agent(ANN),
            content: Content {
                body: None,
                attachments: Few::none(),
            },
            template: None,
            at: at(50),
        }))
        .rejected(Rejection::EmptyMessage);
}
