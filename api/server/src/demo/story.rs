//! One invented call, from the ring to the wrap-up.

use std::sync::atomic::AtomicU32;
use std::time::Duration;

use domain_model::call::facts::{
    Beep, Candidate, Collected, Input, Nth, Prompt, RecordedLegs, RecordingRights, RecordingStart, Value,
};
use domain_model::call::parties::{Caller, Entrance, Party};
use domain_model::call::reasons::{EndCause, LegCause};
use domain_model::call::{
    Command, bridge, hold, leg, life, offer, prompt, queue, recording, routing, wrap_up,
};
use domain_model::content_hash::ContentHash;
use domain_model::few::Few;
use domain_model::ids::{
    AgentId, BridgeId, CallId, EntryId, JourneyId, LegId, OfferId, RecordingId, StepId, WrapUpCodeId,
};
use domain_model::queue::Priority;
use domain_model::text::Line as Sentence;
use domain_model::{Actor, Millis, PhoneNumber, Private};
use rand::RngExt as _;
use uuid::Uuid;

use super::{Demo, Line, invented, key, now};

const RING: Millis = Millis::from_secs(20);
/// A caller's patience, in seconds: few give up before somebody is free.
const PATIENCE: std::ops::Range<u64> = 8..40;
/// What the demo's routing policy and its queue's settings come to; their documents are not drawn here.
const POLICY: &[u8] = b"{\"demo\":\"menu, then queue\"}";
const QUEUE: &[u8] = b"{\"demo\":\"longest idle\"}";
const TALK: std::ops::Range<u64> = 4..18;

/// Tells one call.
pub(super) async fn tell(demo: &Demo) -> anyhow::Result<()> {
    let line = Line {
        demo,
        call: CallId::new(Uuid::now_v7()),
        journey: JourneyId::new(Uuid::now_v7()),
        recorded: AtomicU32::new(0),
    };
    let caller = LegId::new(Uuid::now_v7());
    ring(&line, caller).await?;
    choose(&line, caller).await?;
    let entry = EntryId::new(Uuid::now_v7());
    join(&line, entry).await?;
    match wait_for_an_agent(&line, entry).await? {
        Some((agent, desk)) => {
            let talked = talk(&line, caller, agent, desk).await;
            demo.idle().insert(agent);
            talked
        }
        None => hang_up(&line).await,
    }
}

fn chance(of_hundred: u32) -> bool {
    rand::rng().random_range(0..100) < of_hundred
}

async fn pause(seconds: std::ops::Range<u64>) {
    let length = rand::rng().random_range(seconds.start * 1000..seconds.end * 1000);
    tokio::time::sleep(Duration::from_millis(length)).await;
}

fn system() -> Actor {
    Actor::System(key("demo"))
}

async fn ring(line: &Line<'_>, leg: LegId) -> anyhow::Result<()> {
    let number: PhoneNumber = format!("+4420794600{:02}", rand::rng().random_range(0..40)).parse()?;
    let vault = std::sync::Arc::clone(line.demo.ledger.codec().vault());
    let (tenant, handle) = (line.demo.tenant.clone(), number.clone());
    let person =
        tokio::task::spawn_blocking(move || vault.person_for(&tenant, "phone", handle.as_str().as_bytes()))
            .await??;
    let caller = Caller::Number {
        number: Private::new(person, number),
    };
    let entrance = Entrance::Number {
        number: "+442079460999".parse()?,
    };
    let offer = life::Command::Offer {
        leg,
        caller,
        entrance,
        journey: line.journey,
        previous: None,
        at: now(),
    };
    line.say(Actor::Customer, Command::Life(offer)).await?;
    pause(0..1).await;
    line.say(system(), Command::Leg(leg::Command::Answer { leg, at: now() }))
        .await
}

/// The caller hears a menu and presses a key.
async fn choose(line: &Line<'_>, leg: LegId) -> anyhow::Result<()> {
    let step = |name: &str| StepId::new(line.call.derive(name));
    let enter = routing::Command::EnterPolicy {
        step: step("policy"),
        policy: line.demo.policy,
        version: 1,
        hash: ContentHash::of(POLICY),
        start: None,
        rests_on: line.recorded(),
        at: now(),
    };
    line.say(system(), Command::Routing(enter)).await?;
    pause(1..4).await;
    let speech = Sentence::new("Thank you for calling. For sales press 1, for support press 2.")?;
    let heard = prompt::Command::Play {
        step: step("menu"),
        nth: Nth(1),
        leg,
        prompt: Prompt::Speech {
            text: Value::Plain(speech),
        },
        heard_ms: Millis(3_100),
        interrupted: chance(30),
        at: now(),
    };
    line.say(system(), Command::Prompt(heard)).await?;
    let pressed = prompt::Command::Collect {
        step: step("menu"),
        nth: Nth(1),
        outcome: Collected::Matched,
        digits: None,
        at: now(),
    };
    line.say(Actor::Customer, Command::Prompt(pressed)).await?;
    let decide = routing::Command::Decide {
        step: step("choice"),
        node: key("menu"),
        app: key("switchboard"),
        branch: key("support"),
        hash: ContentHash::of(POLICY),
        inputs: Few::new(vec![Input {
            name: key("pressed"),
            value: Value::Plain(Sentence::new("2")?),
        }])?,
        reason: Sentence::new("the caller pressed 2")?,
        rests_on: line.recorded(),
        at: now(),
    };
    line.say(system(), Command::Routing(decide)).await
}

async fn join(line: &Line<'_>, entry: EntryId) -> anyhow::Result<()> {
    let join = queue::Command::Join {
        entry,
        queue: line.demo.queue,
        priority: chance(10).then_some(Priority::HIGHEST),
        skills: Few::default(),
        last_agent: None,
        told: None,
        keeps_place_of: None,
        waiting_since: now(),
        at: now(),
    };
    line.say(system(), Command::Queue(join)).await
}

/// Offers the caller to whoever is free until somebody answers, or the caller has enough.
async fn wait_for_an_agent(line: &Line<'_>, entry: EntryId) -> anyhow::Result<Option<(AgentId, LegId)>> {
    let patience = rand::rng().random_range(PATIENCE);
    for _ in 0..patience {
        let chosen = line.demo.idle().pop_first();
        if let Some(agent) = chosen {
            match offer(line, entry, agent).await {
                Ok(Some(desk)) => return Ok(Some((agent, desk))),
                Ok(None) => {
                    line.demo.idle().insert(agent);
                }
                Err(failed) => {
                    line.demo.idle().insert(agent);
                    return Err(failed);
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(None)
}

/// Rings one agent; returns their leg if they answer.
async fn offer(line: &Line<'_>, entry: EntryId, agent: AgentId) -> anyhow::Result<Option<LegId>> {
    let offer = OfferId::new(Uuid::now_v7());
    let candidates = line.demo.agents.iter().map(|other| Candidate {
        agent: *other,
        score: i64::from(*other == agent),
        passed_over: (*other != agent && !line.demo.idle().contains(other)).then(|| key("on a call")),
    });
    let make = offer::Command::Make {
        offer,
        entry,
        agent,
        ring_ms: RING,
        strategy: key("longest idle"),
        settings: ContentHash::of(QUEUE),
        candidates: Few::first(candidates),
        at: now(),
    };
    line.say(system(), Command::Offer(make)).await?;
    let desk = LegId::new(Uuid::now_v7());
    let party = Party::Agent { agent, device: None };
    let create = leg::Command::Create {
        leg: desk,
        party,
        offer: Some(offer),
        hunt: None,
        at: now(),
    };
    line.say(system(), Command::Leg(create)).await?;
    line.say(
        system(),
        Command::Leg(leg::Command::Ring { leg: desk, at: now() }),
    )
    .await?;
    pause(1..5).await;
    if chance(15) {
        let reason = Some(key("not now"));
        line.say(
            Actor::Agent(agent),
            Command::Offer(offer::Command::Reject {
                offer,
                reason,
                at: now(),
            }),
        )
        .await?;
        return Ok(None);
    }
    line.say(
        Actor::Agent(agent),
        Command::Leg(leg::Command::Answer { leg: desk, at: now() }),
    )
    .await?;
    Ok(Some(desk))
}

async fn talk(line: &Line<'_>, caller: LegId, agent: AgentId, desk: LegId) -> anyhow::Result<()> {
    let bridge = BridgeId::new(Uuid::now_v7());
    for leg in [caller, desk] {
        line.say(
            system(),
            Command::Bridge(bridge::Command::Join {
                bridge,
                leg,
                at: now(),
            }),
        )
        .await?;
    }
    record(line, desk).await?;
    pause(TALK).await;
    if chance(35) {
        wait_on_hold(line, caller, agent).await?;
        pause(TALK).await;
    }
    let cause = if chance(60) {
        EndCause::CallerHungUp
    } else {
        let cause = LegCause::HungUp;
        let hung_up = leg::Command::End {
            leg: desk,
            cause,
            at: now(),
        };
        line.say(Actor::Agent(agent), Command::Leg(hung_up)).await?;
        EndCause::AgentHungUp { agent }
    };
    line.say(system(), Command::Life(life::Command::End { cause, at: now() }))
        .await?;
    wrap_up(line, agent, desk).await
}

async fn record(line: &Line<'_>, desk: LegId) -> anyhow::Result<()> {
    let recording = RecordingId::new(Uuid::now_v7());
    let request = recording::Command::Request {
        recording,
        legs: RecordedLegs::Both { leg: desk },
        start: RecordingStart::OnConnect,
        beep: Beep::Calling,
        rights: RecordingRights {
            pause: true,
            stop: false,
        },
        reason: key("quality"),
        by: system(),
        at: now(),
    };
    line.say(system(), Command::Recording(request)).await?;
    let start = recording::Command::Start { recording, at: now() };
    line.say(system(), Command::Recording(start)).await
}

async fn wait_on_hold(line: &Line<'_>, caller: LegId, agent: AgentId) -> anyhow::Result<()> {
    let by = Actor::Agent(agent);
    let request = hold::Command::Request {
        leg: caller,
        by: by.clone(),
        music: None,
        at: now(),
    };
    line.say(by.clone(), Command::Hold(request)).await?;
    line.say(
        system(),
        Command::Hold(hold::Command::Confirm {
            leg: caller,
            at: now(),
        }),
    )
    .await?;
    pause(2..6).await;
    let resume = hold::Command::RequestResume {
        leg: caller,
        by: by.clone(),
        at: now(),
    };
    line.say(by, Command::Hold(resume)).await?;
    line.say(
        system(),
        Command::Hold(hold::Command::ConfirmResume {
            leg: caller,
            at: now(),
        }),
    )
    .await
}

async fn wrap_up(line: &Line<'_>, agent: AgentId, desk: LegId) -> anyhow::Result<()> {
    let by = Actor::Agent(agent);
    let limit_ms = Some(Millis::from_secs(30));
    line.say(
        system(),
        Command::WrapUp(wrap_up::Command::Start {
            leg: desk,
            limit_ms,
            at: now(),
        }),
    )
    .await?;
    pause(2..6).await;
    let code = ["resolved", "call back", "escalated"][rand::rng().random_range(0..3)];
    let codes = Few::new(vec![WrapUpCodeId::new(invented(&format!("code/{code}")))])?;
    let chosen = wrap_up::Command::Disposition {
        leg: desk,
        codes,
        by: by.clone(),
        at: now(),
    };
    line.say(by.clone(), Command::WrapUp(chosen)).await?;
    line.say(
        by.clone(),
        Command::WrapUp(wrap_up::Command::End {
            leg: desk,
            by,
            at: now(),
        }),
    )
    .await
}

async fn hang_up(line: &Line<'_>) -> anyhow::Result<()> {
    let end = life::Command::End {
        cause: EndCause::CallerHungUp,
        at: now(),
    };
    line.say(Actor::Customer, Command::Life(end)).await
}
