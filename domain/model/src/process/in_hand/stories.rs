//! Stories of what Bob has in hand.

use super::*;
use crate::agent::{self, Chooser, Outcome, WorkCommand, WrapUpCommand, WrapUpEnd};
use crate::call::parties::Party;
use crate::call::reasons::{LegCause, WrapUpFailure};
use crate::call::{self, wrap_up};
use crate::conversation::channel::{Channel, Pair};
use crate::few::Few;
use crate::ids::{CallbackId, OfferId};
use crate::process::AnyCommand;
use crate::process::world::{fold, happened};
use crate::testing::sample::{at, id, person, text};
use crate::{Actor, Private, conversation};

const ANN: CallId = CallId::new(id(2));
const BOB: AgentId = AgentId::new(id(30));
const DAN: AgentId = AgentId::new(id(31));
const CALLER: LegId = LegId::new(id(10));
const DESK: LegId = LegId::new(id(11));
const MOBILE: LegId = LegId::new(id(12));
const CHAT: ConversationId = ConversationId::new(id(20));
const SOLD: WrapUpCodeId = WrapUpCodeId::new(id(50));

fn of_ann(event: call::Event) -> AnyEvent {
    AnyEvent::Call(ANN, event)
}

fn of_bob(event: agent::Event) -> AnyEvent {
    AnyEvent::Agent(BOB, event)
}

fn created(leg: LegId, party: Party) -> AnyEvent {
    of_ann(call::Event::LegCreated {
        leg,
        number: 1,
        party,
        offer: None,
        hunt: None,
        at: at(0),
    })
}

fn rung(leg: LegId) -> AnyEvent {
    let (agent, device) = (BOB, None);
    created(leg, Party::Agent { agent, device })
}

fn answered(leg: LegId, second: i64) -> AnyEvent {
    of_ann(call::Event::LegAnswered { leg, at: at(second) })
}

fn hung_up(leg: LegId, second: i64) -> AnyEvent {
    of_ann(call::Event::LegEnded {
        leg,
        cause: LegCause::HungUp,
        at: at(second),
    })
}

fn begun() -> AnyEvent {
    of_bob(agent::Event::Begun {
        contact: Contact::Call(ANN),
        channel: WorkChannel::Voice,
        units: std::num::NonZeroU16::MIN,
        terms: agent::Terms {
            wrap_up: None,
            cooldown_ms: None,
            set_aside_after: None,
        },
        at: at(1),
    })
}

fn notes(second: i64) -> AnyEvent {
    of_bob(agent::Event::WrapUpStarted {
        contact: Contact::Call(ANN),
        until: at(second + 30),
        code_required: true,
        at: at(second),
    })
}

fn notes_over(how: WrapUpEnd) -> AnyEvent {
    of_bob(agent::Event::WrapUpEnded {
        contact: Contact::Call(ANN),
        how,
        at: at(50),
    })
}

fn call_notes() -> AnyEvent {
    of_ann(call::Event::WrapUpStarted {
        leg: DESK,
        agent: BOB,
        until: None,
        at: at(20),
    })
}

fn joined(leg: LegId, with: &[LegId]) -> AnyEvent {
    of_ann(call::Event::LegJoined {
        bridge: crate::ids::BridgeId::new(id(15)),
        leg,
        number: 2,
        with: with.to_vec(),
        at: at(1),
    })
}

// Bob answered at his desk, talked to Ann and hung up.
fn talked() -> Vec<AnyEvent> {
    let talks = joined(DESK, &[CALLER]);
    vec![rung(DESK), answered(DESK, 1), begun(), talks, hung_up(DESK, 20)]
}

fn told(what: impl IntoIterator<Item = AnyEvent>) -> InHand {
    let log = (1..).zip(what).map(|(n, what)| happened("acme", n, what));
    fold(&log.collect::<Vec<Happened>>())
}

fn said(what: impl IntoIterator<Item = AnyEvent>) -> Vec<AnyCommand> {
    let orders = told(what).orders(at(0));
    orders.into_iter().map(|order| order.what).collect()
}

fn to_bob(command: impl Into<agent::Command>) -> AnyCommand {
    AnyCommand::Agent(BOB, command.into())
}

fn end(second: i64) -> AnyCommand {
    let contact = Contact::Call(ANN);
    to_bob(WorkCommand::End {
        contact,
        holding: Holding::Begun(at(1)),
        at: at(second),
    })
}

fn give_up(second: i64) -> AnyCommand {
    let contact = Contact::Call(ANN);
    to_bob(WorkCommand::GiveUp {
        contact,
        holding: Holding::Begun(at(1)),
        at: at(second),
    })
}

fn to_ann(command: wrap_up::Command) -> AnyCommand {
    AnyCommand::Call(ANN, call::Command::WrapUp(command))
}

#[test]
fn a_call_that_nobody_offered_is_in_hand_from_the_answer_on() {
    assert_eq!(said([rung(DESK)]), [], "ringing is not talking");
    let [AnyCommand::Agent(BOB, agent::Command::Work(work))] = &said([rung(DESK), answered(DESK, 1)])[..]
    else {
        panic!("one order, to Bob");
    };
    assert!(
        matches!(work, WorkCommand::Begin { contact: Contact::Call(ANN), at: from, .. } if *from == at(1))
    );
}

#[test]
fn the_last_telephone_to_be_put_down_ends_it() {
    let two = [
        rung(DESK),
        rung(MOBILE),
        answered(DESK, 1),
        begun(),
        answered(MOBILE, 5),
        hung_up(DESK, 6),
    ];
    assert_eq!(said(two.clone()), []);
    let talks = joined(MOBILE, &[CALLER]);
    assert_eq!(said(two.into_iter().chain([talks, hung_up(MOBILE, 9)])), [end(9)]);
}

#[test]
fn a_call_over_before_it_was_known_is_begun_and_then_ended() {
    let short = [rung(DESK), answered(DESK, 1), hung_up(DESK, 2)];
    assert_eq!(said(short.clone()).len(), 1);
    assert_eq!(said(short.into_iter().chain([begun()])), [give_up(2)]);
}

#[test]
fn who_talked_to_nobody_writes_no_notes() {
    let recorder = created(MOBILE, Party::Recorder);
    let alone = [
        rung(DESK),
        recorder,
        answered(DESK, 1),
        begun(),
        joined(DESK, &[MOBILE]),
    ];
    assert_eq!(said(alone.into_iter().chain([hung_up(DESK, 20)])), [give_up(20)]);
}

#[test]
fn who_is_asked_or_added_and_never_answers_has_nothing_in_hand() {
    let never = [rung(DESK), hung_up(DESK, 20)];
    assert_eq!(told(never.clone()).due(), None);
    let over = of_ann(call::Event::Ended {
        cause: call::reasons::EndCause::CallerHungUp,
        at: at(60),
    });
    let process = told(never.into_iter().chain([over]));
    let tenant = process.tenants.values().next().expect("acme");
    assert!(tenant.agents.is_empty() && tenant.holders.is_empty());
}

const LATER: CallbackId = CallbackId::new(id(60));
const OFFER: OfferId = OfferId::new(id(61));

fn took_callback() -> Vec<AnyEvent> {
    let contact = Contact::Callback(LATER);
    let reserved = agent::Event::Reserved {
        offer: OFFER,
        contact,
        ask: agent::Ask {
            channel: WorkChannel::Voice,
            units: std::num::NonZeroU16::MIN,
            groups: BTreeSet::new(),
            skills: BTreeMap::new(),
        },
        from: None,
        terms: agent::Terms {
            wrap_up: None,
            cooldown_ms: None,
            set_aside_after: None,
        },
        until: at(30),
        at: at(0),
    };
    let accepted = agent::Event::Accepted {
        offer: OFFER,
        contact,
        at: at(5),
    };
    vec![of_bob(reserved), of_bob(accepted)]
}

fn placed() -> AnyEvent {
    of_ann(call::Event::Placed {
        to: Private::new(person(1), crate::testing::sample::number("+442079460000")),
        presenting: None,
        by: Actor::System(text("callbacks")),
        agent: Some(BOB),
        journey: crate::ids::JourneyId::new(id(1)),
        previous: None,
        callback: Some(LATER),
        at: at(6),
    })
}

#[test]
fn a_callback_in_hand_becomes_the_call_and_ends_with_it() {
    assert_eq!(said(took_callback()), [], "nothing is placed yet");
    let log = took_callback().into_iter().chain([placed()]);
    let ring_back = WorkCommand::RingBack {
        callback: LATER,
        holding: Holding::Offered(OFFER),
        call: ANN,
        at: at(6),
    };
    assert_eq!(said(log.clone()), [to_bob(ring_back)]);
    let rang_back = of_bob(agent::Event::RangBack {
        callback: LATER,
        call: ANN,
        at: at(6),
    });
    let on = log.chain([rang_back, rung(DESK), answered(DESK, 9)]);
    assert_eq!(said(on.clone()), [], "it is in hand already");
    let (contact, holding) = (Contact::Call(ANN), Holding::Offered(OFFER));
    let busy = on.clone().chain([hung_up(DESK, 20)]);
    let give_up = WorkCommand::GiveUp {
        contact,
        holding,
        at: at(20),
    };
    assert_eq!(said(busy), [to_bob(give_up)]);
    let talked = on.chain([joined(DESK, &[CALLER]), hung_up(DESK, 20)]);
    let end = WorkCommand::End {
        contact,
        holding,
        at: at(20),
    };
    assert_eq!(said(talked), [to_bob(end)]);
}

#[test]
fn a_callback_called_off_before_a_call_was_placed_is_put_down() {
    let off = of_ann(call::Event::CallbackCancelled {
        callback: LATER,
        why: call::reasons::CallbackEnd::Asked,
        by: Actor::Customer,
        at: at(7),
    });
    let give_up = WorkCommand::GiveUp {
        contact: Contact::Callback(LATER),
        holding: Holding::Offered(OFFER),
        at: at(7),
    };
    assert_eq!(said(took_callback().into_iter().chain([off])), [to_bob(give_up)]);
}

#[test]
fn who_puts_the_caller_on_hold_is_seen_to() {
    let customer = created(CALLER, Party::Customer { number: None });
    let held = of_ann(call::Event::Held {
        leg: CALLER,
        at: at(5),
    });
    let log = [customer, rung(DESK), answered(DESK, 1), begun(), held];
    let holding = Holding::Begun(at(1));
    let hold = WorkCommand::Hold {
        call: ANN,
        holding,
        at: at(5),
    };
    assert_eq!(said(log.clone()), [to_bob(hold)]);
    let known = of_bob(agent::Event::Held { call: ANN, at: at(5) });
    let resumed = of_ann(call::Event::Resumed {
        leg: CALLER,
        at: at(9),
    });
    let resume = WorkCommand::Resume {
        call: ANN,
        holding,
        at: at(9),
    };
    assert_eq!(said(log.into_iter().chain([known, resumed])), [to_bob(resume)]);
}

#[test]
fn the_calls_wrap_up_follows_the_agents_and_has_no_clock_of_its_own() {
    let log = talked().into_iter().chain([notes(20)]);
    let start = wrap_up::Command::Start {
        leg: DESK,
        limit_ms: None,
        at: at(20),
    };
    assert_eq!(said(log.clone()), [to_ann(start)]);
    let by_bob = notes_over(WrapUpEnd::Ended(Chooser::Agent));
    let done = wrap_up::Command::End {
        leg: DESK,
        by: Actor::Agent(BOB),
        at: at(50),
    };
    assert_eq!(said(log.chain([call_notes(), by_bob])), [to_ann(done)]);
}

#[test]
fn notes_that_end_without_their_code_have_failed() {
    let past = of_bob(agent::Event::WrapUpFailed {
        contact: Contact::Call(ANN),
        at: at(50),
    });
    let log = talked().into_iter().chain([notes(20), call_notes(), past]);
    assert_eq!(said(log.clone()), [], "the code may still be given");
    let home = notes_over(WrapUpEnd::SignedOut);
    let fail = wrap_up::Command::Fail {
        leg: DESK,
        why: WrapUpFailure::AgentGone,
        at: at(50),
    };
    assert_eq!(said(log.chain([home])), [to_ann(fail)]);
}

#[test]
fn the_first_code_chosen_on_the_call_is_the_agents() {
    let chosen = of_ann(call::Event::Dispositioned {
        leg: DESK,
        codes: Few::first([SOLD]),
        by: Actor::Agent(BOB),
        at: at(25),
    });
    let log = talked().into_iter().chain([notes(20), call_notes(), chosen]);
    let (contact, code) = (Contact::Call(ANN), SOLD);
    let dispose = WrapUpCommand::Dispose {
        contact,
        holding: Holding::Begun(at(1)),
        code,
        at: at(25),
    };
    assert_eq!(said(log.clone()), [to_bob(dispose)]);
    let known = of_bob(agent::Event::Dispositioned {
        contact,
        code,
        at: at(25),
    });
    assert_eq!(said(log.chain([known])), []);
}

#[test]
fn a_chat_taken_over_moves_from_hand_to_hand() {
    let pair = Pair {
        channel: Channel::Chat,
        ours: text("shop"),
        theirs: Private::new(person(1), text("visitor")),
    };
    let by = Actor::Agent(DAN);
    let log = [
        conversation::Event::Opened {
            journey: crate::ids::JourneyId::new(id(1)),
            pair,
            by: Actor::Customer,
            at: at(0),
        },
        conversation::Event::Assigned {
            agent: BOB,
            how: conversation::assignment::How::Picked,
            by: by.clone(),
            at: at(1),
        },
        conversation::Event::TakenOver {
            agent: DAN,
            from: BOB,
            by,
            at: at(5),
        },
    ];
    let log = log.map(|event| AnyEvent::Conversation(CHAT, event));
    let to: Vec<String> = told(log)
        .orders(at(9))
        .iter()
        .map(|order| order.what.target())
        .collect();
    assert_eq!(to, [format!("agent-{BOB}"), format!("agent-{DAN}")]);
}

#[test]
fn what_is_over_leaves_memory() {
    let over = [
        notes(20),
        call_notes(),
        notes_over(WrapUpEnd::TimeUp),
        of_bob(agent::Event::Released {
            contact: Contact::Call(ANN),
            offer: None,
            outcome: Outcome::Finished,
            at: at(50),
        }),
        of_ann(call::Event::WrapUpEnded {
            leg: DESK,
            agent: BOB,
            by: Actor::Agent(BOB),
            at: at(50),
        }),
        of_ann(call::Event::Ended {
            cause: call::reasons::EndCause::CallerHungUp,
            at: at(60),
        }),
    ];
    let process = told(talked().into_iter().chain(over));
    let tenant = process.tenants.values().next().expect("acme");
    assert_eq!((tenant.agents.len(), tenant.calls.len()), (0, 0));
}
