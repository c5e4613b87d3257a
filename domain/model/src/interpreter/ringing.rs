//! Connect a Call and Hunt Group: ring, let who answers choose, connect, and go on when they hang up.

use std::collections::{BTreeMap, BTreeSet};

use super::effect::{AskedKeys, Effect, Hears};
use super::inputs::Inputs;
use super::outbound;
use super::pick::{self, Meant};
use super::scene::Scene;
use super::speech::{Line, say, speaking};
use super::state::Leg;
use super::waiting;
use super::want;
use super::wants::{Verdict, Wants};
use crate::Millis;
use crate::call::facts::{self, Collected, Nth};
use crate::call::parties::Party;
use crate::call::reasons::{LeaveReason, LegCause};
use crate::call::{Command, bridge, leg};
use crate::ids::{BridgeId, LegId};
use crate::routing_policy::graph::apps::App;
use crate::routing_policy::graph::apps::ring::{CallerId, Camp, Connect, Hunt, HuntGroup, Screening, Target};

/// What both apps have in common.
struct Ringing<'a> {
    app: &'a App,
    pattern: Hunt,
    rings: Millis,
    step: Millis,
    caller_id: &'a CallerId,
    camp: &'a Camp,
    screening: Option<&'a Screening>,
    // What the app calls it when all were busy, turned the caller down, or could not be rung.
    busy: &'static str,
    rejected: &'static str,
    unreachable: &'static str,
}

pub(super) fn hunt(scene: &Scene<'_>, app: &App, hunt: &HuntGroup, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    let ringing = Ringing {
        app,
        pattern: hunt.pattern,
        rings: hunt.ring_ms.get(),
        step: hunt.step_ms.get(),
        caller_id: &hunt.caller_id,
        camp: &hunt.camp,
        screening: hunt.screening.as_ref(),
        busy: "busy",
        rejected: "no_answer",
        unreachable: "failed",
    };
    ringing.run(scene, &hunt.targets, out);
}

pub(super) fn connect(scene: &Scene<'_>, app: &App, connect: &Connect, out: &mut Wants) {
    if outbound::passes(scene, out) {
        return;
    }
    // Whoever is rung already is not on their way out.
    let mut ours = scene
        .state
        .legs
        .values()
        .filter(|leg| leg.hunt == Some(scene.step()));
    let mut inputs = Inputs::default();
    if ours.next().is_none()
        && let Meant::Messages(user) = pick::rung(scene, &connect.to, &mut inputs)
    {
        waiting::for_away(scene, app, user, inputs, out);
        return;
    }
    let ringing = Ringing {
        app,
        pattern: Hunt::Parallel,
        rings: connect.ring_ms.get(),
        step: Millis(0),
        caller_id: &connect.caller_id,
        camp: &connect.camp,
        screening: connect.screening.as_ref(),
        busy: "busy",
        rejected: "rejected",
        unreachable: "unreachable",
    };
    ringing.run(scene, std::slice::from_ref(&connect.to), out);
}

/// The legs of one target, in the order of its members.
type Slot = Vec<(LegId, Party)>;

impl Ringing<'_> {
    fn run(&self, scene: &Scene<'_>, targets: &[Target], out: &mut Wants) {
        let mut inputs = Inputs::default();
        let slots = slots(scene, targets, &mut inputs);
        // Whoever answered and was connected decides what follows; nobody else is rung any more.
        if ours(scene).any(|(_, leg)| leg.talked) {
            if scene.state.caller_alone() {
                self.go_on(scene, inputs, out);
            }
            return;
        }
        let live: BTreeMap<_, _> = ours(scene).filter(|(_, leg)| leg.ended.is_none()).collect();
        let answered = live.iter().filter(|(_, leg)| leg.answered);
        if let Some((winner, _)) = answered.min_by_key(|(_, leg)| leg.answered_after) {
            // Until somebody takes the caller the others ring on.
            if self.asks() {
                self.ring(scene, &slots, out);
            }
            self.take(scene, **winner, out);
            return;
        }
        let started = self.ring(scene, &slots, out);
        let all_over = live.is_empty() && !started;
        if all_over {
            self.give_up(scene, inputs, out);
        } else if !live.is_empty() {
            self.camp(scene, out);
        }
    }

    // Whether whoever answers takes the caller by a key, or not.
    fn asks(&self) -> bool {
        self.screening.is_some_and(|screening| screening.accept.is_some())
    }

    // Rings what is to ring by now, and says whether something is to ring that does not yet.
    fn ring(&self, scene: &Scene<'_>, slots: &[Slot], out: &mut Wants) -> bool {
        // Whoever is meant no more, because they left the group meanwhile, rings on for as long as they may, and is waited
        // for like any other.
        let meant: BTreeSet<LegId> = slots.iter().flatten().map(|(id, _)| *id).collect();
        let live = || ours(scene).filter(|(_, leg)| leg.ended.is_none());
        let left = live().filter(|(id, _)| !meant.contains(*id));
        let mut before = left.map(|(_, leg)| leg.created).max().map(|since| (since, true));
        let mut shown = BTreeSet::new();
        let mut wanted = false;
        for slot in slots.iter().filter(|slot| !slot.is_empty()) {
            let turn = match (before, self.pattern) {
                (None, _) | (_, Hunt::Parallel) | (Some((_, false)), _) => true,
                (Some((_, true)), Hunt::Sequential) => false,
                (Some((since, true)), Hunt::Staggered) => {
                    let next = since.plus(self.step);
                    if scene.now < next {
                        out.look_at(next);
                    }
                    next <= scene.now
                }
            };
            let known = slot.iter().filter_map(|(id, _)| scene.state.legs.get(id));
            let since = known.map(|leg| leg.created).min();
            if !turn && since.is_none() {
                break;
            }
            let mut rings = false;
            for (id, party) in slot {
                match scene.state.legs.get(id) {
                    None => {
                        self.create(scene, *id, party, out);
                        (wanted, rings) = (true, true);
                    }
                    Some(leg) if leg.ended.is_none() => {
                        self.show(scene, *id, leg, out);
                        shown.insert(*id);
                        rings = true;
                    }
                    Some(_) => {}
                }
            }
            let earlier = before.is_some_and(|(_, rings)| rings);
            before = Some((since.unwrap_or(scene.now), rings || earlier));
        }
        for (id, leg) in live().filter(|(id, _)| !shown.contains(*id)) {
            self.show(scene, *id, leg, out);
        }
        wanted
    }

    fn create(&self, scene: &Scene<'_>, id: LegId, party: &Party, out: &mut Wants) {
        let create = leg::Command::Create {
            leg: id,
            party: party.clone(),
            offer: None,
            hunt: Some(facts::Hunt {
                step: scene.step(),
                screened: self.asks(),
            }),
            at: scene.now,
        };
        out.command(format!("create/{id}"), Command::Leg(create));
    }

    fn show(&self, scene: &Scene<'_>, id: LegId, leg: &Leg, out: &mut Wants) {
        if leg.answered {
            return;
        }
        let until = leg.created.plus(self.rings);
        want::stop_ringing(scene, id, leg.created, self.rings, out);
        if leg.rang || until <= scene.now {
            return;
        }
        let ring = Effect::Ring {
            step: scene.step(),
            leg: id,
            party: leg.party.clone(),
            shows: pick::shown(scene, self.caller_id),
            name: scene.state.settings.caller_name.clone(),
            whisper: scene.state.settings.whisper.clone(),
            until,
        };
        out.effect(format!("ring/{id}"), ring);
    }

    // A caller who is not answered yet hears their own network's ringing tone.
    fn camp(&self, scene: &Scene<'_>, out: &mut Wants) {
        let hears = match self.camp {
            Camp::Ringing(_) if !scene.state.caller_hears() => return,
            Camp::Ringing(_) => Hears::Ringing,
            Camp::Music(_) => Hears::Music,
            Camp::Sound(part) => Hears::Sound(part.sound),
            Camp::Speech(speech) => Hears::Speech(speaking(scene, speech)),
        };
        if let Some(leg) = want::answered(scene, out) {
            let step = scene.step();
            out.effect("camp", Effect::Camp { step, leg, hears });
        }
    }

    // Somebody answered: they hear what they are to hear and choose, then caller and they hear each other.
    fn take(&self, scene: &Scene<'_>, winner: LegId, out: &mut Wants) {
        match self
            .screening
            .map_or(Choice::Taken, |screening| choice(scene, screening, winner, out))
        {
            Choice::Open => {}
            Choice::TurnedDown => {
                let end = leg::Command::End {
                    leg: winner,
                    cause: LegCause::Rejected,
                    at: scene.now,
                };
                out.command(format!("reject/{winner}"), Command::Leg(end));
            }
            Choice::Taken => {
                let Some(caller) = want::answered(scene, out) else {
                    return;
                };
                let to = BridgeId::new(scene.made("bridge"));
                for id in [caller, winner] {
                    let there = scene.state.legs.get(&id).and_then(|leg| leg.bridge);
                    if there != Some(to) {
                        let join = bridge::Command::Join {
                            bridge: to,
                            leg: id,
                            at: scene.now,
                        };
                        out.command(format!("join/{id}"), Command::Bridge(join));
                    }
                }
            }
        }
    }

    // Whoever talked to the caller is gone, or a queue that they handed the caller on to did not bring anybody.
    fn go_on(&self, scene: &Scene<'_>, mut inputs: Inputs, out: &mut Wants) {
        let wait = scene.state.step.wait.as_ref().filter(|wait| !wait.kept);
        let left = wait.and_then(|wait| Some((wait, wait.left?)));
        let left = left.filter(|(_, left)| !matches!(left, LeaveReason::Answered { .. }));
        let (branch, reason) = if let Some((wait, left)) = left {
            let Some((_, why)) = waiting::way_out(left) else {
                return;
            };
            waiting::note(scene, wait, left, &mut inputs);
            // Whoever is to be rung back waits for nobody any more.
            let is_rung_back = matches!(left, LeaveReason::Callback { .. });
            let branch = if is_rung_back { "after" } else { "no_answer" };
            let reason = format!("who answered handed the caller on to a queue: {why}");
            (branch, reason)
        } else {
            let reason = "who answered hung up and the caller is still there";
            ("after", reason.to_owned())
        };
        want::leave_bridge(scene, out);
        self.decide(scene, branch, (inputs, reason), out);
    }

    fn give_up(&self, scene: &Scene<'_>, inputs: Inputs, out: &mut Wants) {
        let causes = || ours(scene).filter_map(|(_, leg)| leg.ended.as_ref());
        let (branch, reason) = if ours(scene).next().is_none() {
            (self.unreachable, "there is nobody to ring")
        } else if causes().any(|cause| heard(cause) == Heard::Ringing) {
            ("no_answer", "nobody answered in time")
        } else if causes().any(|cause| heard(cause) == Heard::No) {
            (self.rejected, "who was rung turned the caller down")
        } else if causes().any(|cause| heard(cause) == Heard::Busy) {
            (self.busy, "who was rung is on another call")
        } else {
            (self.unreachable, "nobody could be rung")
        };
        self.decide(scene, branch, (inputs, reason.to_owned()), out);
    }

    fn decide(
        &self,
        scene: &Scene<'_>,
        branch: &str,
        (mut inputs, reason): (Inputs, String),
        out: &mut Wants,
    ) {
        inputs.plain("rung", &ours(scene).count().to_string());
        let verdict = Verdict {
            node: &self.app.id,
            app: self.app.does.word(),
            branch,
            inputs,
            reason,
        };
        out.decide(scene, verdict);
    }
}

/// The legs that the step rings or rang.
fn ours<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (&'a LegId, &'a Leg)> {
    let step = scene.step();
    let legs = scene.state.legs.iter();
    legs.filter(move |(_, leg)| leg.hunt == Some(step))
}

fn slots(scene: &Scene<'_>, targets: &[Target], inputs: &mut Inputs) -> Vec<Slot> {
    let meant: Vec<Meant> = targets
        .iter()
        .map(|target| pick::rung(scene, target, inputs))
        .collect();
    let slot = |(place, meant): (usize, &Meant)| {
        let parties = meant.parties().into_iter();
        parties
            .map(|party| {
                let made = format!("leg/{place}/{}", name(&party));
                (LegId::new(scene.made(&made)), party)
            })
            .collect()
    };
    meant.iter().enumerate().map(slot).collect()
}

// Who joins or leaves a group while it rings changes nothing for the others. Of each target one number rings at most;
// it is not part of the name, since ids outlive numbers that are erased.
fn name(party: &Party) -> String {
    match party {
        Party::Agent { agent, .. } => agent.to_string(),
        Party::Supervisor { user, .. } => user.to_string(),
        Party::Number { .. } | Party::Customer { .. } | Party::Recorder => "number".to_owned(),
    }
}

/// What somebody who is rung made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Ringing,
    No,
    Busy,
    Nothing,
}

fn heard(cause: &LegCause) -> Heard {
    use crate::call::reasons::Unreached;
    match cause {
        LegCause::NoAnswer | LegCause::Cancelled | LegCause::AnsweredElsewhere => Heard::Ringing,
        LegCause::Rejected | LegCause::HungUp => Heard::No,
        LegCause::Busy | LegCause::Unreachable { why: Unreached::Busy } => Heard::Busy,
        LegCause::Unreachable {
            why: Unreached::NotRegistered | Unreached::NoReply | Unreached::NoRoute | Unreached::Failed,
        }
        | LegCause::Released
        | LegCause::CallerGone
        | LegCause::Transferred
        | LegCause::Blocked { .. }
        | LegCause::MediaLost
        | LegCause::Failed { .. }
        | LegCause::NodeLost
        | LegCause::CallEnded => Heard::Nothing,
    }
}

/// What who answered chose.
enum Choice {
    Open,
    Taken,
    TurnedDown,
}

fn choice(scene: &Scene<'_>, screening: &Screening, winner: LegId, out: &mut Wants) -> Choice {
    // What each hears and is asked is numbered by who answered before them, whatever became of those who answered since.
    let after = scene.state.legs.get(&winner).map_or(0, |leg| leg.answered_after);
    let before = ours(scene).filter(|(_, leg)| leg.answered && leg.answered_after < after);
    let before = u32::try_from(before.count()).unwrap_or(u32::MAX);
    let parts = u32::try_from(screening.prompt.say.len()).unwrap_or(u32::MAX);
    let line = Line::of(
        &screening.prompt,
        before.saturating_mul(parts),
        winner,
        screening.accept.is_some(),
    );
    let Some(accept) = screening.accept else {
        return if say(scene, &line, out) {
            Choice::Taken
        } else {
            Choice::Open
        };
    };
    let nth = before.saturating_add(1);
    if let Some(keys) = scene.state.step.keys.get(&nth) {
        let pressed = keys.digits.as_ref().and_then(|digits| digits.reveal());
        let took = keys.outcome == Collected::Matched
            && pressed.is_some_and(|digits| digits.as_str() == accept.to_string());
        return if took { Choice::Taken } else { Choice::TurnedDown };
    }
    say(scene, &line, out);
    let collect = Effect::Collect {
        step: scene.step(),
        nth: Nth(nth),
        leg: winner,
        keys: AskedKeys {
            one_of: [Some(accept), screening.reject]
                .into_iter()
                .flatten()
                .map(char::from)
                .collect(),
            min: 1,
            max: 1,
            finish: None,
            pattern: None,
            first: CHOICE,
            next: CHOICE,
            barge_in: true,
            secret: false,
        },
    };
    out.effect(format!("collect/{nth}"), collect);
    Choice::Open
}

/// How long who answered has to choose; an answering machine never does.
const CHOICE: Millis = Millis(10_000);
