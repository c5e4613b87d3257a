//! One of each kind, as the golden files hold them.

use super::Event;
use super::assignment::{How, UnassignReason};
use super::channel::{Channel, Inbox, Pair};
use super::content::{Attachment, Body, Content, Placeholder, ProviderRef, TemplateUse};
use super::filing::{Record, Role};
use super::offer::{MissReason, WithdrawReason};
use super::permission::{Basis, BlockReason, ConsentOutcome, Refusal};
use super::routing::{Candidate, Decision, Input, Target, Value};
use crate::call::reasons::Exit;
use crate::content_hash::ContentHash;
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{
    AgentId, ConsentId, CrmLinkId, EntryId, InboxId, JourneyId, MessageId, NoteId, OfferId, QueueId,
    RoutingPolicyId, StepId, TemplateId, WrapUpCodeId, WrapUpId,
};
use crate::testing::sample::{at, id, person, text};
use crate::{Millis, Private};

/// One of each kind, as the golden files hold them.
#[must_use]
pub fn samples() -> Vec<Event> {
    let mut samples = places();
    samples.extend(offers());
    samples.extend(assignments());
    samples.extend(messages());
    samples.extend(reports());
    samples.extend(filings());
    samples
}

const ANN: AgentId = AgentId::new(id(10));
const BOB: AgentId = AgentId::new(id(11));
const MESSAGE: MessageId = MessageId::new(id(20));
const OFFER: OfferId = OfferId::new(id(30));

fn content(words: &str) -> Content {
    Content {
        body: Some(Body::Inline {
            text: Private::new(person(1), text(words)),
        }),
        attachments: Few::none(),
    }
}

fn places() -> Vec<Event> {
    vec![
        Event::Opened {
            journey: JourneyId::new(id(1)),
            pair: Pair {
                channel: Channel::Sms,
                ours: text("+442079460000"),
                theirs: Private::new(person(1), text("+442079460001")),
            },
            by: Actor::Customer,
            at: at(0),
        },
        Event::ChannelSwitched {
            from: Channel::Sms,
            to: Pair {
                channel: Channel::Email,
                ours: text("help@acme.example"),
                theirs: Private::new(person(1), text("carol@customer.example")),
            },
            by: Actor::Customer,
            at: at(100),
        },
        Event::Routed {
            decision: decision(),
            at: at(1),
        },
        Event::InboxSet {
            inbox: Inbox::Shared {
                inbox: InboxId::new(id(2)),
            },
            by: Actor::System(text("routing")),
            at: at(2),
        },
        Event::LeftQueue {
            entry: EntryId::new(id(50)),
            queue: QueueId::new(id(51)),
            why: Exit::MaxWait,
            at: at(200),
        },
    ]
}

fn decision() -> Decision {
    Decision {
        step: StepId::new(id(40)),
        policy: RoutingPolicyId::new(id(41)),
        hash: ContentHash::of(b"{}"),
        node: text("connect-1"),
        inputs: Few::first([
            Input {
                name: text("OwnerId"),
                value: Value::Absent,
            },
            Input {
                name: text("Topic"),
                value: Value::Plain {
                    text: text("billing"),
                },
            },
            Input {
                name: text("CustomerName"),
                value: Value::Personal {
                    text: Private::new(person(1), text("Carol Jones")),
                },
            },
        ]),
        branch: text("connected"),
        candidates: Few::first([
            Candidate {
                target: Target::Agent(BOB),
                score: 90,
                passed_over: Some(text("at_capacity")),
            },
            Candidate {
                target: Target::Inbox(InboxId::new(id(2))),
                score: 50,
                passed_over: None,
            },
        ]),
        chosen: Some(Target::Inbox(InboxId::new(id(2)))),
    }
}

fn offers() -> Vec<Event> {
    vec![
        Event::Offered {
            offer: OFFER,
            agent: ANN,
            entry: Some(EntryId::new(id(31))),
            ring_ms: Millis::from_secs(30),
            at: at(3),
        },
        Event::OfferAccepted {
            offer: OFFER,
            agent: ANN,
            at: at(10),
        },
        Event::OfferRejected {
            offer: OFFER,
            agent: ANN,
            reason: Some(text("wrong_language")),
            at: at(10),
        },
        Event::OfferMissed {
            offer: OFFER,
            agent: ANN,
            reason: MissReason::Unanswered,
            at: at(33),
        },
        Event::OfferWithdrawn {
            offer: OFFER,
            agent: ANN,
            reason: WithdrawReason::Taken,
            at: at(9),
        },
    ]
}

fn assignments() -> Vec<Event> {
    vec![
        Event::Assigned {
            agent: ANN,
            how: How::Accepted { offer: OFFER },
            by: Actor::Agent(ANN),
            at: at(10),
        },
        Event::TakenOver {
            agent: BOB,
            from: ANN,
            by: Actor::Agent(BOB),
            at: at(60),
        },
        Event::Unassigned {
            agent: BOB,
            reason: UnassignReason::Transferred,
            by: Actor::Agent(BOB),
            at: at(70),
        },
    ]
}

fn messages() -> Vec<Event> {
    vec![
        Event::MessageReceived {
            message: MESSAGE,
            channel: Channel::Whatsapp,
            content: Content {
                body: None,
                attachments: Few::first([Attachment {
                    hash: ContentHash::of(b"a picture"),
                    media_type: text("image/png"),
                    length_bytes: 48_213,
                }]),
            },
            provider: ProviderRef::new(person(1), &text("meta"), text("wamid.HBgMNDQy")),
            sent_at: Some(at(-1)),
            at: at(0),
        },
        Event::MessageComposed {
            message: MESSAGE,
            channel: Channel::Sms,
            author: Actor::Agent(ANN),
            content: content("Hello Carol, your order is on its way."),
            template: Some(TemplateUse {
                template: TemplateId::new(id(21)),
                version: 3,
                placeholders: Few::first([Placeholder {
                    name: text("FirstName"),
                    value: Private::new(person(1), text("Carol")),
                }]),
            }),
            at: at(20),
        },
        Event::MessageRewritten {
            message: MESSAGE,
            step: StepId::new(id(42)),
            rule: text("hide card numbers"),
            content: Content {
                body: Some(Body::Kept {
                    hash: ContentHash::of(b"a long mail"),
                    length_bytes: 20_480,
                }),
                attachments: Few::none(),
            },
            at: at(21),
        },
        Event::MessageCleared {
            message: MESSAGE,
            basis: Basis::ConsentImplied { until: at(86_400) },
            at: at(22),
        },
        Event::MessageBlocked {
            message: MESSAGE,
            reason: BlockReason::NotPermitted {
                refusal: Refusal::SessionClosed,
            },
            at: at(22),
        },
    ]
}

fn reports() -> Vec<Event> {
    vec![
        Event::MessageSent {
            message: MESSAGE,
            provider: ProviderRef::new(person(1), &text("twilio"), text("SM0123456789abcdef")),
            at: at(23),
        },
        Event::MessageDelivered {
            message: MESSAGE,
            at: at(24),
        },
        Event::MessageFailed {
            message: MESSAGE,
            reason: text("30003"),
            retryable: true,
            at: at(24),
        },
        Event::MessageRead {
            message: MESSAGE,
            by: Actor::Customer,
            at: at(25),
        },
        Event::MessageDeleted {
            message: MESSAGE,
            by: Actor::Agent(ANN),
            at: at(26),
        },
        Event::ConsentNoted {
            message: MESSAGE,
            consent: ConsentId::new(id(22)),
            outcome: ConsentOutcome::Implied { until: at(86_400) },
            at: at(1),
        },
    ]
}

fn filings() -> Vec<Event> {
    let record = Record {
        link: CrmLinkId::new(id(50)),
        object: text("Contact"),
        id: text("0035g00000ABCDeAAH"),
    };
    let by = Actor::Agent(ANN);
    let wrap_up = WrapUpId::new(id(51));
    let code = WrapUpCodeId::new(id(52));
    vec![
        Event::RecordAssigned {
            record: record.clone(),
            role: Role::Person,
            by: by.clone(),
            at: at(30),
        },
        Event::RecordRemoved {
            record,
            by: by.clone(),
            at: at(31),
        },
        Event::WrapUpAdded {
            wrap_up,
            code,
            note: Some(Private::new(person(1), text("Asked for a refund."))),
            by: by.clone(),
            at: at(32),
        },
        Event::WrapUpEdited {
            wrap_up,
            code,
            note: None,
            by: by.clone(),
            at: at(33),
        },
        Event::WrapUpRemoved {
            wrap_up,
            by: by.clone(),
            at: at(34),
        },
        Event::HandOverSummarised {
            note: NoteId::new(id(53)),
            summary: Private::new(person(1), text("Carol wants to know when her order comes.")),
            by: Actor::System(text("assistant")),
            at: at(3),
        },
        Event::Archived { by, at: at(35) },
    ]
}
