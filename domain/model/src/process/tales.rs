//! Tales of one caller and two agents with all processes at work, and the page that is written from them.

use std::path::Path;

use super::together::{Platform, QUEUE, at_work};
use super::{AnyCommand, AnyEvent};
use crate::agent::Obstacle;
use crate::agent::{self, Activity, Chooser, StateCommand, WrapUpCommand};
use crate::call::parties::{Caller, Entrance, Party};
use crate::call::reasons::{LegCause, Unreached};
use crate::call::{self, bridge, leg, life, offer, wrap_up};
use crate::contact::Contact;
use crate::context::Actor;
use crate::few::Few;
use crate::ids::{AgentId, BridgeId, CallId, EntryId, JourneyId, LegId, OfferId, WrapUpCodeId};
use crate::queue::{self, OwnerCommand, Proposal};
use crate::testing::sample::{at, id, number, text};

const ANN: CallId = CallId::new(id(500));
const ENTRY: EntryId = EntryId::new(id(501));
const CALLER: LegId = LegId::new(id(502));
const DESK: LegId = LegId::new(id(503));
const BRIDGE: BridgeId = BridgeId::new(id(504));
const FIRST: OfferId = OfferId::new(id(505));
const SECOND: OfferId = OfferId::new(id(506));
const BOB: AgentId = AgentId::new(uuid::Uuid::from_u128(1));
const DAN: AgentId = AgentId::new(uuid::Uuid::from_u128(2));

struct Tale {
    platform: Platform,
    told_from: usize,
}

// Ann rings and is answered; a node owns the queue.
fn ann_rings() -> Tale {
    let mut platform = Platform::with(at_work());
    let acquire = queue::Command::Acquire {
        node: text("node-1"),
        until: at(-1).plus(queue::LEASE_MS_MAX),
        at: at(-1),
    };
    platform.say("owner", at(-1), AnyCommand::Queue(QUEUE, acquire));
    let offer = life::Command::Offer {
        leg: CALLER,
        caller: Caller::Withheld,
        entrance: Entrance::Number {
            number: number("+442079460000"),
        },
        journey: JourneyId::new(id(5)),
        previous: None,
        at: at(0),
    };
    let mut tale = Tale {
        told_from: 0,
        platform,
    };
    tale.call("gateway", 0, call::Command::Life(offer));
    tale.leg(
        1,
        leg::Command::Answer {
            leg: CALLER,
            at: at(1),
        },
    );
    tale.join(CALLER, 1);
    tale.told_from = tale.platform.world.log.len();
    tale
}

// Ann waits, and the queue wants Bob to have her.
fn bob_is_rung() -> Tale {
    let mut tale = ann_rings();
    tale.wait();
    tale.decide(&[(FIRST, BOB)], 30);
    tale.ring(DESK, (FIRST, BOB), 31);
    tale
}

impl Tale {
    fn call(&mut self, who: &'static str, second: i64, command: call::Command) {
        self.platform.say(who, at(second), AnyCommand::Call(ANN, command));
    }

    fn leg(&mut self, second: i64, command: leg::Command) {
        self.call("gateway", second, call::Command::Leg(command));
    }

    fn join(&mut self, leg: LegId, second: i64) {
        let (bridge, at) = (BRIDGE, at(second));
        let join = bridge::Command::Join { bridge, leg, at };
        self.call("gateway", second, call::Command::Bridge(join));
    }

    fn offer(&mut self, second: i64, command: offer::Command) {
        self.call("agent", second, call::Command::Offer(command));
    }

    fn agent(&mut self, agent: AgentId, second: i64, command: impl Into<agent::Command>) {
        let command = AnyCommand::Agent(agent, command.into());
        self.platform.say("agent", at(second), command);
    }

    fn wait(&mut self) {
        let at = at(2);
        let join = call::queue::Command::Join {
            entry: ENTRY,
            queue: QUEUE,
            priority: None,
            skills: Few::none(),
            last_agent: None,
            told: None,
            keeps_place_of: None,
            waiting_since: at,
            at,
        };
        self.call("routing-policy", 2, call::Command::Queue(join));
    }

    fn decision(&self, chosen: &[(OfferId, AgentId)], second: i64) -> AnyCommand {
        let queue = &self.platform.world.queues[&QUEUE];
        let (settings, _) = queue.settings().expect("it has settings");
        let proposal = Proposal {
            until: settings.offer_until(at(second)),
            ..queue::tests::proposal(ENTRY, chosen, second)
        };
        let decide = queue::Command::Owner {
            token: queue::FencingToken(1),
            command: OwnerCommand::Reserve(proposal),
            at: at(second),
        };
        AnyCommand::Queue(QUEUE, decide)
    }

    fn decide(&mut self, chosen: &[(OfferId, AgentId)], second: i64) {
        let decide = self.decision(chosen, second);
        self.platform.say("owner", at(second), decide);
    }

    fn ring(&mut self, leg: LegId, (offer, agent): (OfferId, AgentId), second: i64) {
        let at = at(second);
        let create = leg::Command::Create {
            leg,
            party: Party::Agent { agent, device: None },
            offer: Some(offer),
            hunt: None,
            at,
        };
        self.leg(second, create);
        self.leg(second, leg::Command::Ring { leg, at });
    }

    fn answer(&mut self, second: i64) {
        let at = at(second);
        self.leg(second, leg::Command::Answer { leg: DESK, at });
        self.join(DESK, second);
    }

    fn hang_up(&mut self, leg: LegId, second: i64) {
        let (cause, at) = (LegCause::HungUp, at(second));
        self.leg(second, leg::Command::End { leg, cause, at });
    }

    fn pass(&mut self, second: i64) {
        self.platform.pass(at(second));
    }

    fn doing(&self, agent: AgentId) -> Vec<Activity> {
        let doing = self.platform.world.agents[&agent].activities();
        doing.map(|(_, activity)| activity).collect()
    }

    fn kinds(&self) -> Vec<&'static str> {
        let log = self.platform.world.log[self.told_from..].iter();
        log.map(|happened| happened.what.kind()).collect()
    }

    // What was recorded of what, and by whose order.
    fn table(&self) -> String {
        let mut page = String::from("| recorded of | event | by order of |\n|---|---|---|\n");
        for (happened, who) in self.platform.told().skip(self.told_from) {
            let of = match &happened.what {
                AnyEvent::Call(..) => "call",
                AnyEvent::Queue(..) => "queue",
                AnyEvent::Agent(agent, _) if *agent == DAN => "agent Dan",
                AnyEvent::Agent(..) => "agent Bob",
                AnyEvent::Conversation(..)
                | AnyEvent::Consent(..)
                | AnyEvent::RoutingPolicy(..)
                | AnyEvent::Retention(..)
                | AnyEvent::Tenant(..) => "nothing of this",
            };
            page += &format!("| {of} | `{}` | {who} |\n", happened.what.kind());
        }
        page
    }
}

fn it_is_answered() -> Tale {
    let mut tale = bob_is_rung();
    tale.answer(35);
    tale.hang_up(CALLER, 95);
    tale.give_code(100);
    let (contact, by, at) = (Contact::Call(ANN), Chooser::Agent, at(110));
    tale.agent(BOB, 110, WrapUpCommand::End { contact, by, at });
    tale
}

impl Tale {
    fn give_code(&mut self, second: i64) {
        let codes = wrap_up::Command::Disposition {
            leg: DESK,
            codes: Few::first([WrapUpCodeId::new(id(600))]),
            by: Actor::Agent(BOB),
            at: at(second),
        };
        self.call("agent", second, call::Command::WrapUp(codes));
    }
}

fn the_agent_cannot() -> Tale {
    let mut tale = ann_rings();
    tale.agent(
        BOB,
        2,
        StateCommand::SignOut {
            by: Chooser::Agent,
            at: at(2),
        },
    );
    tale.told_from = tale.platform.world.log.len();
    tale.wait();
    tale.decide(&[(FIRST, BOB)], 30);
    tale
}

fn the_agent_says_no() -> Tale {
    let mut tale = bob_is_rung();
    let (offer, reason, at) = (FIRST, None, at(33));
    tale.offer(33, offer::Command::Reject { offer, reason, at });
    tale
}

fn nobody_answers() -> Tale {
    let mut tale = bob_is_rung();
    tale.pass(50);
    tale
}

fn the_caller_hangs_up() -> Tale {
    let mut tale = bob_is_rung();
    tale.hang_up(CALLER, 33);
    tale
}

fn the_agent_goes_away() -> Tale {
    let mut tale = bob_is_rung();
    let (state, by, at) = (agent::tests::lunch(), Chooser::Agent, at(33));
    tale.agent(BOB, 33, StateCommand::Choose { state, by, at });
    tale
}

fn no_device_is_reached() -> Tale {
    let mut tale = ann_rings();
    tale.wait();
    tale.decide(&[(FIRST, BOB)], 30);
    let unreached = offer::Command::ReportUnreachable {
        offer: FIRST,
        why: Unreached::NoReply,
        at: at(32),
    };
    tale.call("gateway", 32, call::Command::Offer(unreached));
    tale
}

fn another_is_first() -> Tale {
    let mut tale = ann_rings();
    tale.wait();
    tale.decide(&[(FIRST, BOB), (SECOND, DAN)], 30);
    tale.ring(DESK, (FIRST, BOB), 31);
    tale.answer(33);
    tale
}

fn connecting_fails() -> Tale {
    let mut tale = ann_rings();
    tale.wait();
    tale.decide(&[(FIRST, BOB)], 30);
    tale.offer(
        33,
        offer::Command::Accept {
            offer: FIRST,
            at: at(33),
        },
    );
    tale.pass(93);
    tale
}

fn it_gets_through_too_late() -> Tale {
    let mut tale = ann_rings();
    tale.wait();
    let decide = tale.decision(&[(FIRST, BOB)], 30);
    tale.platform.hear("owner", decide).expect("it is decided");
    tale.pass(49);
    tale
}

const INTRODUCTION: &str = "# The life of an offer

One caller, one queue, and the agents whom it wants to have her: what is recorded, in this order, and who orders it. A
[process](../domain/model/src/process.rs) is named as in its orders; `owner` is the node that owns the queue, `gateway`
whoever carries the sound. Why it is so says
[decision 11](adr/0011-the-queue-decides-the-agent-reserves-the-contact-says-how-it-ended.md), what each event says
[events.md](events.md).

Each table is what a test saw, which compares this page with it (`process/tales.rs`); `make docs` writes it anew.
";

type Told = (&'static str, &'static str, fn() -> Tale);

const TALES: [Told; 10] = [
    (
        "It is answered",
        "Capacity is kept before anything rings. The call says that the agent took it and when the two were connected; the\nagent keeps the time for notes, and the call follows.",
        it_is_answered,
    ),
    (
        "The agent cannot",
        "Bob went home a moment before. His refusal names what stands in the way, and becomes the end of the offer at the queue;\nthe caller's side never heard of it, and the next agent is asked.",
        the_agent_cannot,
    ),
    (
        "The agent says no",
        "The caller waits on, in the same place.",
        the_agent_says_no,
    ),
    (
        "Nobody answers",
        "The call says so when the ringing is over, before the reservations end by themselves. So many times in a row, and the\nagent is set aside.",
        nobody_answers,
    ),
    ("The caller hangs up", "Nobody is to blame.", the_caller_hangs_up),
    (
        "The agent goes away while it rings",
        "By choosing a state that takes no contacts, by going home, or set aside. The ringing stops at once, and nothing was\nmissed.",
        the_agent_goes_away,
    ),
    (
        "No device is reached",
        "They heard nothing, and did not miss the caller.",
        no_device_is_reached,
    ),
    (
        "Another is first",
        "Two were rung. The first to accept has the caller, and the other one's ringing stops.",
        another_is_first,
    ),
    (
        "Connecting fails",
        "The agent took the caller at the desk, and no telephone of theirs was connected in a minute. There are no notes to\nwrite. The caller waits again, in the same place, as another entry.",
        connecting_fails,
    ),
    (
        "It gets through too late",
        "The processes stood still for a while. Less than the shortest ringing is left, so nothing rings, and nobody is blamed.",
        it_gets_through_too_late,
    ),
];

#[test]
fn the_page_on_offers_tells_what_happens() {
    let mut page = INTRODUCTION.to_owned();
    for (title, why, tale) in TALES {
        page += &format!("\n## {title}\n\n{why}\n\n{}", tale().table());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/life-of-an-offer.md");
    if std::env::var_os("LEDGERLINE_GOLDEN").is_some_and(|v| v == "write") {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let stored = std::fs::read_to_string(&path).expect("the page is there; `make docs` writes it");
    assert_eq!(stored, page, "docs/life-of-an-offer.md is not what happens");
}

#[test]
fn an_agent_who_misses_one_offer_after_another_is_set_aside_until_somebody_is_there() {
    let mut tale = ann_rings();
    tale.wait();
    let nth = |n: u128| OfferId::new(id(700 + n));
    for (n, second) in [(0, 5), (1, 40), (2, 75)] {
        let acquire = queue::Command::Owner {
            token: queue::FencingToken(1),
            command: OwnerCommand::Renew {
                until: at(second).plus(queue::LEASE_MS_MAX),
            },
            at: at(second),
        };
        tale.platform
            .say("owner", at(second), AnyCommand::Queue(QUEUE, acquire));
        tale.decide(&[(nth(n), BOB)], second);
        tale.pass(second + 20);
        // The cooldown is over when they are offered the next.
        tale.pass(second + 31);
    }
    let missed = tale
        .kinds()
        .iter()
        .filter(|kind| **kind == "CallOfferMissed")
        .count();
    assert_eq!(missed, 3);
    assert!(tale.kinds().contains(&"AgentSetAside"), "{:?}", tale.kinds());
    let bob = &tale.platform.world.agents[&BOB];
    let ask = tale.platform.world.queues[&QUEUE]
        .ask(ENTRY, at(110))
        .expect("she waits");
    assert_eq!(bob.obstacles(&ask, at(110)), [Obstacle::SetAside { misses: 3 }]);
    let (state, by) = (agent::tests::ready(), Chooser::Agent);
    tale.agent(
        BOB,
        111,
        StateCommand::Choose {
            state,
            by,
            at: at(111),
        },
    );
    let bob = &tale.platform.world.agents[&BOB];
    assert_eq!(bob.obstacles(&ask, at(112)), []);
}

#[test]
fn a_wrap_up_without_its_code_has_failed_and_ends_when_the_code_is_given() {
    let mut tale = bob_is_rung();
    tale.answer(35);
    tale.hang_up(CALLER, 50);
    assert_eq!(tale.doing(BOB), [Activity::WrapUp]);
    tale.pass(80);
    assert_eq!(
        tale.doing(BOB),
        [Activity::WrapUpFailed],
        "its capacity stays taken"
    );
    tale.give_code(90);
    assert_eq!(tale.doing(BOB), []);
    let ended = [
        "AgentDispositioned",
        "AgentWrapUpEnded",
        "AgentReleased",
        "CallWrapUpEnded",
    ];
    assert!(
        ended.iter().all(|kind| tale.kinds().contains(kind)),
        "{:?}",
        tale.kinds()
    );
}
